/* A small city for tests of the ledger, on either engine: two depots, a hospital, a maker, a supplier, items with and without
 * lots. The clock stands still until a test moves it. */
#ifndef BG_LEDGER_BED_H
#define BG_LEDGER_BED_H

#include "ledger/ledger.h"
#include "store_bed.h"
#include "tap.h"

#define BED_START INT64_C(1641605400000) /* 2022-01-08T01:30:00Z, 09:30 in the city */
#define BED_DAY INT64_C(86400000)
#define BED_CITY INT64_C(12)
#define BED_LOTS 4

struct ledger_bed {
    struct bed bed;
    struct bg_env_sim sim;
    struct bg_env env;
    struct bg_idgen ids;
    struct store *store;
    struct journal *journal;
    struct bg_arena *arena;
    int64_t mask, gown, glove; /* items: lotted, lotted, without lots */
    int64_t mask_lots[BED_LOTS], gown_lots[BED_LOTS];
    int64_t airport, jinnan, hospital, maker, supplier, site;
    int64_t bin_a, bin_b; /* of the airport depot */
    int64_t city_owner, nation_owner, firm_owner;
    int64_t actor; /* account that the changes are made by; 0 the system */
    bg_err err; /* of the last change */
    int status;
    bool replayed;
    char reply[1 << 17];
};

static inline void bed_stop(const char *what, bg_err err)
{
    (void)fprintf(stderr, "Bail out! %s: %s (%s) %s:%d %s\n", what, bg_errors[err.code].slug, err.field != NULL ? err.field : "",
                  err.file, err.line, err.facts != NULL ? err.facts : "");
    abort();
}

static inline void bed_must(const char *what, bg_err err)
{
    if (bg_failed(err)) {
        bed_stop(what, err);
    }
}

/* Runs one change; its answer is in lb->reply. `op` NULL: a new one. */
static inline bg_err bed_change(struct ledger_bed *lb, const struct change_kind *kind, const void *in, bg_ms at,
                                const bg_op_id *op)
{
    static struct bg_arena *arena;
    if (arena == NULL) {
        arena = bg_arena_open((size_t)16 << 20);
    }
    bg_arena_reset(arena);
    struct change_kind unchecked = *kind; /* persons of the test have no session; rare kinds only, the family knows its kinds by address */
    unchecked.recheck = NULL;
    kind = lb->actor != 0 ? &unchecked : kind;
    struct change change = { .kind = kind,
                             .in = in,
                             .arena = arena,
                             .op = op != NULL ? *op : bg_op_id_make(&lb->env),
                             .city = BED_CITY,
                             .actor = { .account = lb->actor, .name = BG_STR("test"), .origin = BG_STR("cli") },
                             .occurred_at = at,
                             .reply = bg_buf_init(sizeof lb->reply - 1) };
    lb->err = change_run(lb->journal, &change);
    lb->status = change.status;
    lb->replayed = change.replayed;
    bg_str reply = bg_buf_str(&change.reply);
    if (reply.len > 0) {
        memcpy(lb->reply, reply.at, reply.len);
    }
    lb->reply[reply.len] = '\0';
    bg_buf_done(&change.reply);
    return lb->err;
}

/* The first id behind `"key":"` in the last answer; 0 when there is none. */
static inline int64_t bed_id_of(const struct ledger_bed *lb, const char *key)
{
    char pattern[64];
    (void)snprintf(pattern, sizeof pattern, "\"%s\":\"", key);
    const char *at = strstr(lb->reply, pattern);
    return at == NULL ? 0 : strtoll(at + strlen(pattern), NULL, 10);
}

static inline int64_t bed_put(struct ledger_bed *lb, const struct change_kind *kind, struct ledger_put put)
{
    put.if_version = -1;
    bed_must(kind->name, bed_change(lb, kind, &put, BG_TIME_NONE, NULL));
    return bed_id_of(lb, "id");
}

static inline int64_t bed_place(struct ledger_bed *lb, const char *code, int kind, int64_t owner)
{
    return bed_put(lb, &ledger_place_put,
                   (struct ledger_put){ .place = { .code = bg_str_of(code),
                                                   .name_zh = bg_str_of(code),
                                                   .kind = kind,
                                                   .owner = owner,
                                                   .active = true,
                                                   .district = 120112 } });
}

static inline void bed_catalogue(struct ledger_bed *lb)
{
    lb->city_owner =
        bed_put(lb, &ledger_owner_put,
                (struct ledger_put){
                    .owner = { .code = BG_STR("city"), .name_zh = BG_STR("市级"), .kind = LEDGER_OWNER_CITY, .active = true } });
    lb->nation_owner = bed_put(
        lb, &ledger_owner_put,
        (struct ledger_put){
            .owner = { .code = BG_STR("nation"), .name_zh = BG_STR("国家"), .kind = LEDGER_OWNER_NATION, .active = true } });
    lb->firm_owner = bed_put(
        lb, &ledger_owner_put,
        (struct ledger_put){
            .owner = { .code = BG_STR("firm"), .name_zh = BG_STR("代储企业"), .kind = LEDGER_OWNER_FIRM, .active = true } });
    lb->airport = bed_place(lb, "airport", LEDGER_PLACE_RESERVE, lb->city_owner);
    lb->jinnan = bed_place(lb, "jinnan", LEDGER_PLACE_DISTRICT, lb->city_owner);
    lb->hospital = bed_place(lb, "hospital", LEDGER_PLACE_HOSPITAL, lb->city_owner);
    lb->maker = bed_place(lb, "maker", LEDGER_PLACE_MAKER, lb->city_owner);
    lb->supplier = bed_place(lb, "supplier", LEDGER_PLACE_SUPPLIER, 0);
    lb->site = bed_place(lb, "site", LEDGER_PLACE_CONSUMPTION, 0);
    lb->bin_a = bed_put(lb, &ledger_bin_put,
                        (struct ledger_put){ .bin = { .place = lb->airport, .code = BG_STR("A-01"), .active = true } });
    lb->bin_b = bed_put(lb, &ledger_bin_put,
                        (struct ledger_put){ .bin = { .place = lb->airport, .code = BG_STR("B-01"), .active = true } });
    struct ledger_item item = { .code = BG_STR("mask"),
                                .name_zh = BG_STR("医用防护口罩"),
                                .name_en = BG_STR("medical protective mask"),
                                .unit = BG_STR("只"),
                                .lotted = true,
                                .key_item = true,
                                .active = true,
                                .shelf_life_days = 730 };
    lb->mask = bed_put(lb, &ledger_item_put, (struct ledger_put){ .item = item });
    item.code = BG_STR("gown");
    item.name_zh = BG_STR("医用防护服");
    lb->gown = bed_put(lb, &ledger_item_put, (struct ledger_put){ .item = item });
    item.code = BG_STR("glove");
    item.name_zh = BG_STR("手套");
    item.lotted = false;
    lb->glove = bed_put(lb, &ledger_item_put, (struct ledger_put){ .item = item });
    bg_date today = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN);
    for (int i = 0; i < BED_LOTS; i++) {
        char batch[16];
        (void)snprintf(batch, sizeof batch, "B%d", i);
        struct ledger_lot lot = {
            .item = lb->mask, .batch = bg_str_of(batch), .made = BG_DATE_NONE, .expiry = today + 100 * (i + 1)
        };
        lb->mask_lots[i] = bed_put(lb, &ledger_lot_put, (struct ledger_put){ .lot = lot });
        lot.item = lb->gown;
        lb->gown_lots[i] = bed_put(lb, &ledger_lot_put, (struct ledger_put){ .lot = lot });
    }
}

static inline void bed_reopen(struct ledger_bed *lb)
{
    bed_must("store", store_open(&(struct store_opts){ .address = lb->bed.address, .env = &lb->env }, &lb->store));
    bed_must("journal",
             journal_open(&(struct journal_opts){ .store = lb->store, .env = &lb->env, .ids = &lb->ids, .no_thread = true },
                          &lb->journal));
}

static inline struct ledger_bed *bed_ledger(enum bed_kind kind, uint64_t seed)
{
    struct ledger_bed *lb = calloc(1, sizeof *lb);
    if (lb == NULL) {
        abort();
    }
    lb->bed = bed_make(kind);
    lb->env = bg_env_seeded(&lb->sim, seed, BED_START);
    bg_idgen_init(&lb->ids, &lb->env, 1);
    lb->arena = bg_arena_open((size_t)64 << 20);
    bed_reopen(lb);
    bed_catalogue(lb);
    return lb;
}

static inline void bed_ledger_done(struct ledger_bed *lb)
{
    journal_close(lb->journal);
    store_close(lb->store);
    bg_arena_close(lb->arena);
    bed_done(&lb->bed);
    free(lb);
}

/* --- postings --- */

static inline struct ledger_key bed_key(int64_t place, int64_t item, int64_t lot, int status)
{
    return (struct ledger_key){ .place = place, .item = item, .lot = lot, .status = status };
}

static inline bg_err bed_post_lines(struct ledger_bed *lb, int kind, int reason, bool fact, const struct ledger_line *lines,
                                    size_t count, bg_ms at)
{
    const struct ledger_post post = { .kind = kind, .reason = reason, .fact = fact, .lines = lines, .count = count };
    return bed_change(lb, &ledger_posting, &post, at, NULL);
}

/* qty of item and lot into the usable stock of a place. */
static inline bg_err bed_receive(struct ledger_bed *lb, int64_t place, int64_t item, int64_t lot, int64_t qty, bg_ms at)
{
    const struct ledger_line line = { .to = bed_key(place, item, lot, LEDGER_USABLE), .qty = qty };
    return bed_post_lines(lb, LEDGER_KIND_RECEIVE, LEDGER_REASON_PURCHASE, true, &line, 1, at);
}

static inline bg_err bed_issue(struct ledger_bed *lb, int64_t from, int64_t to, int64_t item, int64_t lot, int64_t qty, bool fact,
                               bg_ms at)
{
    const struct ledger_line line = { .from = bed_key(from, item, lot, LEDGER_USABLE), .to = bed_key(to, 0, 0, 0), .qty = qty };
    return bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, fact, &line, 1, at);
}

/* One integer from the database, -999 when there is none. */
static inline int64_t bed_int(struct ledger_bed *lb, const char *sql)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must(sql, store_query_text(tx, sql, NO_ARGS, &rows));
    bed_must(sql, store_next(rows, &more));
    int64_t value = more ? store_int(rows, 0) : -999;
    store_rows_done(rows);
    rows = NULL;
    return value;
}

/* Sum of the balances of a place, item, lot (0: all) and status. */
static inline int64_t bed_qty(struct ledger_bed *lb, int64_t place, int64_t item, int64_t lot, int status)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "SELECT COALESCE(SUM(qty), 0) FROM stock_account WHERE city = %lld AND place = %lld AND item = %lld "
                   "AND (lot = %lld OR %lld = 0) AND status = %d",
                   (long long)BED_CITY, (long long)place, (long long)item, (long long)lot, (long long)lot, status);
    return bed_int(lb, sql);
}

#endif
