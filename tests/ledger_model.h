/* Drives the real ledger and the naive model with the same random operations and compares what comes out. */
#ifndef BG_LEDGER_MODEL_TEST_H
#define BG_LEDGER_MODEL_TEST_H

#include "cli/model.h"
#include "ledger_bed.h"

struct duel {
    struct ledger_bed *lb;
    struct model model;
    struct bg_env env; /* draws operations; apart from the ledger's own randomness */
    struct bg_env_sim sim;
    int64_t depots[2], users[2], items[2], owners[3], bins[2];
    struct model_lot lots[2 * BED_LOTS];
    int64_t made, refused, replayed, wrong;
    int64_t by_code[BG_CODE_COUNT], by_kind[LEDGER_KINDS_COUNT + 2];
};

static inline void duel_begin(struct duel *d, struct ledger_bed *lb, uint64_t seed)
{
    *d = (struct duel){ .lb = lb,
                        .depots = { lb->airport, lb->jinnan },
                        .users = { lb->hospital, lb->jinnan },
                        .items = { lb->mask, lb->gown },
                        .owners = { lb->city_owner, lb->nation_owner, lb->firm_owner },
                        .bins = { lb->bin_a, lb->bin_b } };
    for (int i = 0; i < BED_LOTS; i++) { /* as the bed made them */
        bg_date expiry = bg_date_at(BED_START, BG_CITY_OFFSET_MIN) + 100 * (i + 1);
        d->lots[i] = (struct model_lot){ lb->mask_lots[i], lb->mask, expiry, LEDGER_LOT_OPEN };
        d->lots[BED_LOTS + i] = (struct model_lot){ lb->gown_lots[i], lb->gown, expiry, LEDGER_LOT_OPEN };
    }
    d->env = bg_env_seeded(&d->sim, seed, 0);
    bed_must("model", model_open(&d->model, &(struct model_world){ .depots = d->depots,
                                                                   .depot_count = 2,
                                                                   .users = d->users,
                                                                   .user_count = 2,
                                                                   .supplier = lb->supplier,
                                                                   .site = lb->site,
                                                                   .maker = lb->maker,
                                                                   .items = d->items,
                                                                   .item_count = 2,
                                                                   .lots = BED_LOTS,
                                                                   .lot = d->lots,
                                                                   .owners = d->owners,
                                                                   .owner_count = 3,
                                                                   .bins = d->bins,
                                                                   .bin_count = 2,
                                                                   .open_days = 31,
                                                                   .offset_min = BG_CITY_OFFSET_MIN }));
}

static inline void duel_end(struct duel *d)
{
    model_close(&d->model);
}

static inline const struct change_kind *duel_kind(const struct model_op *op, const void **ret_in)
{
    switch (op->what) {
    case MODEL_REVERSE: *ret_in = &op->reverse; return &ledger_reversing;
    case MODEL_RESERVE: *ret_in = &op->reserve; return &ledger_reserving;
    case MODEL_RELEASE: *ret_in = &op->release; return &ledger_releasing;
    case MODEL_POST:
    case MODEL_SNAPSHOT:
    case MODEL_LOT:
    case MODEL_EXPIRE:
    case MODEL_RECALL:
    case MODEL_COUNT_OPEN:
    case MODEL_COUNT_SCAN:
    case MODEL_COUNT_MOVE:
    case MODEL_SETTLE:
    case MODEL_WHAT_COUNT: break;
    }
    *ret_in = &op->post;
    return &ledger_posting;
}

/* The ids in front of `behind` in the answer: {"id":"1","from"… */
static inline size_t duel_ids(const char *reply, const char *behind, int64_t *ret, size_t max)
{
    size_t count = 0;
    for (const char *at = reply; (at = strstr(at, "{\"id\":\"")) != NULL && count < max;) {
        char *end;
        int64_t id = strtoll(at + 7, &end, 10);
        if (strncmp(end, behind, strlen(behind)) == 0) {
            ret[count++] = id;
        }
        at = end;
    }
    return count;
}

static inline void duel_wrong(struct duel *d, const struct model_op *op, const char *what, const struct model_answer *answer)
{
    if (d->wrong++ < 5) {
        printf("# wrong: %s at %s (fact %d, lines %zu): expected %s with %zu movements, got %s %s\n", what, model_op_name(op),
               op->post.fact, op->post.count, answer->code == BG_OK ? "ok" : bg_errors[answer->code].slug, answer->movement_count,
               bg_failed(d->lb->err) ? bg_errors[d->lb->err.code].slug : "ok", d->lb->reply);
    }
}

/* One operation on both sides; now and then sent twice. */
static inline void duel_step(struct duel *d)
{
    static struct model_op op;
    static char first[sizeof d->lb->reply];
    struct model_answer answer;
    int64_t movements[64], holds[64], reviews[64];
    const void *in;
    d->lb->sim.now += (int64_t)bg_random_below(&d->env, 3600000);
    d->model.now = d->lb->sim.now;
    model_op_random(&d->model, &d->env, &op);
    bed_must("model", model_apply(&d->model, &op, &answer));
    const struct change_kind *kind = duel_kind(&op, &in);
    bg_op_id id = bg_op_id_make(&d->lb->env);
    (void)bed_change(d->lb, kind, in, op.at, &id);
    if (d->lb->err.code != answer.code) {
        duel_wrong(d, &op, "code", &answer);
        return;
    }
    d->by_code[answer.code]++;
    if (bg_random_below(&d->env, 10) == 0) {
        memcpy(first, d->lb->reply, sizeof first);
        (void)bed_change(d->lb, kind, in, op.at, &id);
        d->replayed++;
        if (!d->lb->replayed || strcmp(first, d->lb->reply) != 0 || d->lb->err.code != answer.code) {
            duel_wrong(d, &op, "replay", &answer);
        }
    }
    if (answer.code != BG_OK) {
        d->refused++;
        return;
    }
    d->made++;
    d->by_kind[op.what == MODEL_POST      ? op.post.kind
               : op.what == MODEL_REVERSE ? LEDGER_KIND_REVERSE
                                          : LEDGER_KINDS_COUNT + (op.what == MODEL_RELEASE)]++;
    bool document = op.what == MODEL_POST || op.what == MODEL_REVERSE;
    if (duel_ids(d->lb->reply, "\",\"from\"", movements, 64) != answer.movement_count ||
        (op.what == MODEL_RESERVE && duel_ids(d->lb->reply, "\",\"account\"", holds, 64) != answer.hold_count) ||
        (document && duel_ids(d->lb->reply, "\",\"kind\"", reviews, 64) != answer.review_count + 1)) {
        duel_wrong(d, &op, "answer", &answer);
        return;
    }
    const int64_t id_made = document ? bed_id_of(d->lb, "id") : 0; /* the document comes before its reviews */
    model_forget(&d->model);
    model_learn(&d->model, &answer,
                &(struct model_ids){ .documents = &id_made, .movements = movements, .holds = holds, .reviews = reviews + 1 });
}

/* Every account of the database against the model; returns the number of differences. */
static inline int64_t duel_compare(struct duel *d)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t differences = 0, accounts = 0;
    bed_must("read", store_read_begin(d->lb->store, 0, &tx));
    bed_must("accounts",
             store_query_text(tx, "SELECT place, bin, owner, item, lot, status, qty, held FROM stock_account", NO_ARGS, &rows));
    bed_must("next", store_next(rows, &more));
    while (more) {
        const struct ledger_key key = { store_int(rows, 0), store_int(rows, 1), store_int(rows, 2),
                                        store_int(rows, 3), store_int(rows, 4), (int)store_int(rows, 5) };
        int64_t qty = model_balance(&d->model, &key, BG_TIME_NONE, BG_TIME_NONE), held = model_held(&d->model, &key);
        if (qty != store_int(rows, 6) || held != store_int(rows, 7)) {
            differences++;
        }
        accounts++;
        bed_must("next", store_next(rows, &more));
    }
    store_rows_done(rows);
    rows = NULL;
    return differences;
}

/* --- as of --- */

/* Random moments within the last forty days: now and then the end of a day, now and then as it was known at another moment. */
static inline void duel_moments(struct duel *d, bg_ms *ret_at, bg_ms *ret_known)
{
    *ret_at = d->lb->sim.now - (int64_t)bg_random_below(&d->env, 40 * (uint64_t)BED_DAY);
    *ret_known = bg_random_below(&d->env, 2) == 0 ? BG_TIME_NONE
                                                  : d->lb->sim.now - (int64_t)bg_random_below(&d->env, 40 * (uint64_t)BED_DAY);
    if (bg_random_below(&d->env, 3) == 0) {
        *ret_at = bg_date_start(bg_date_at(*ret_at, BG_CITY_OFFSET_MIN), BG_CITY_OFFSET_MIN) - 1;
    }
    if (*ret_known != BG_TIME_NONE && bg_random_below(&d->env, 3) == 0) {
        *ret_known = bg_date_start(bg_date_at(*ret_known, BG_CITY_OFFSET_MIN), BG_CITY_OFFSET_MIN) - 1;
    }
    if (bg_random_below(&d->env, 6) == 0) {
        *ret_at = *ret_known;
    }
}

static inline int64_t duel_cell_differences(struct duel *d, const struct ledger_cells *which, const struct ledger_cell *cells,
                                            size_t count)
{
    int64_t differences = 0;
    const int64_t places[] = { d->lb->airport, d->lb->jinnan, d->lb->hospital, d->lb->supplier, d->lb->site };
    for (size_t p = 0; p < 5; p++) {
        for (size_t i = 0; i < 2; i++) {
            if ((which->place != 0 && which->place != places[p]) || (which->item != 0 && which->item != d->items[i])) {
                continue;
            }
            const struct ledger_cell *cell = NULL;
            for (size_t c = 0; c < count; c++) {
                cell = cells[c].place == places[p] && cells[c].item == d->items[i] ? &cells[c] : cell;
            }
            for (int status = 1; status < LEDGER_STATUS_COUNT; status++) {
                int64_t want = model_total(&d->model, places[p], d->items[i], which->owner_count > 0 ? which->owners[0] : 0,
                                           status, which->at, which->known_at);
                differences += want != (cell != NULL ? cell->by_status[status] : 0);
            }
        }
    }
    return differences;
}

/* One question about the past, in one of four scopes, against the model. */
static inline int64_t duel_past(struct duel *d)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)16 << 20);
    struct ledger_cells which = { .city = BED_CITY };
    struct ledger_cell *cells;
    size_t count, scope = (size_t)bg_random_below(&d->env, 5);
    const int64_t places[] = { d->lb->airport, d->lb->jinnan, d->lb->hospital };
    duel_moments(d, &which.at, &which.known_at);
    which.place = scope < 2 || scope == 4 ? places[bg_random_below(&d->env, 3)] : 0;
    which.item = scope == 0 || scope == 2 || scope == 4 ? d->items[bg_random_below(&d->env, 2)] : 0;
    if (scope == 4) {
        which.owners = d->owners;
        which.owner_count = 1;
    }
    bed_must("read", store_read_begin(d->lb->store, 0, &tx));
    bed_must("cells", ledger_cell_list(tx, &which, arena, &cells, &count));
    return duel_cell_differences(d, &which, cells, count);
}

/* The lots of a cell as of a moment. */
static inline int64_t duel_past_accounts(struct duel *d)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)16 << 20);
    struct ledger_accounts which = {
        .city = BED_CITY, .place = d->lb->airport, .item = d->items[0], .outside = true, .max = 1000
    };
    struct ledger_account *accounts;
    size_t count;
    int64_t differences = 0;
    duel_moments(d, &which.at, &which.known_at);
    if (which.at == BG_TIME_NONE && which.known_at == BG_TIME_NONE) {
        return 0;
    }
    bed_must("read", store_read_begin(d->lb->store, 0, &tx));
    bed_must("accounts", ledger_account_list(tx, &which, arena, &accounts, &count));
    bg_ms at = which.at == BG_TIME_NONE ? which.known_at : which.at;
    for (size_t i = 0; i < count; i++) {
        differences += accounts[i].qty != model_balance(&d->model, &accounts[i].key, at, which.known_at);
    }
    return differences;
}

/* Walks all pages of a filter; returns how many movements came, or -1 when the order is wrong. */
static inline int64_t duel_pages(struct duel *d, struct ledger_movements which)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)256 << 20);
    int64_t total = 0, last_id = INT64_MAX;
    bg_ms last_at = INT64_MAX;
    which.city = BED_CITY;
    which.max = 17;
    which.before_at = BG_TIME_NONE;
    bed_must("read", store_read_begin(d->lb->store, 0, &tx));
    for (int page = 0; page < 100000; page++) {
        struct ledger_movement *rows;
        size_t count;
        bed_must("movements", ledger_movement_list(tx, &which, arena, &rows, &count, &which.before_at, &which.before_id));
        for (size_t i = 0; i < count; i++) {
            if (rows[i].occurred_at > last_at || (rows[i].occurred_at == last_at && rows[i].id >= last_id)) {
                return -1;
            }
            last_at = rows[i].occurred_at;
            last_id = rows[i].id;
        }
        total += (int64_t)count;
        if (which.before_at == 0) {
            return total;
        }
    }
    return -1;
}

static inline bool duel_side(const struct ledger_movements *w, const struct ledger_key *key)
{
    return (w->place == 0 || key->place == w->place) && (w->lot == 0 || key->lot == w->lot) &&
           (w->status == 0 || key->status == w->status);
}

static inline int64_t duel_expected(const struct duel *d, const struct ledger_movements *w)
{
    int64_t count = 0;
    for (size_t i = 0; i < d->model.movement_count; i++) {
        const struct model_movement *m = &d->model.movements[i];
        count += (w->item == 0 || m->from.item == w->item) && (duel_side(w, &m->from) || duel_side(w, &m->to)) &&
                 (w->since == BG_TIME_NONE || m->occurred_at >= w->since) &&
                 (w->until == BG_TIME_NONE || m->occurred_at <= w->until) &&
                 (w->document == 0 || d->model.documents[m->document].id == w->document);
    }
    return count;
}

#endif
