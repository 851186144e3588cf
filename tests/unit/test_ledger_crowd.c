/* Many at once: 64 clients ask 5 each of 50 pieces, exactly 10 succeed and the others are told "short"; requests sent again in
 * random order change nothing; two servers on one PostgreSQL share accounts that neither has seen before. */
#include <pthread.h>

#include "ledger_bed.h"

#define CLIENTS 64

struct client {
    struct ledger_bed *lb;
    struct journal *journal;
    struct ledger_line line;
    struct ledger_post post;
    bg_op_id op;
    bg_err err;
    char reply[2048];
    pthread_t thread;
};

static void *ask(void *ctx)
{
    struct client *c = ctx;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 20);
    struct change change = { .kind = &ledger_posting,
                             .in = &c->post,
                             .arena = arena,
                             .op = c->op,
                             .city = BED_CITY,
                             .actor = { .name = BG_STR("crowd"), .origin = BG_STR("cli") },
                             .occurred_at = BG_TIME_NONE,
                             .reply = bg_buf_init(sizeof c->reply) };
    c->err = change_run(c->journal, &change);
    c->err.facts = NULL; /* they go with the arena */
    bg_str reply = bg_buf_str(&change.reply);
    size_t len = reply.len < sizeof c->reply - 1 ? reply.len : sizeof c->reply - 1;
    if (len > 0) {
        memcpy(c->reply, reply.at, len);
    }
    c->reply[len] = '\0';
    bg_buf_done(&change.reply);
    return NULL;
}

static void run(struct client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&clients[i].thread, NULL, ask, &clients[i]) != 0) {
            abort();
        }
    }
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(clients[i].thread, NULL);
    }
}

static void set(struct client *c, struct ledger_bed *lb, struct journal *journal, int kind, struct ledger_line line)
{
    *c = (struct client){ .lb = lb, .journal = journal, .line = line, .op = bg_op_id_make(&lb->env) };
    c->post = (struct ledger_post){ .kind = kind, .reason = LEDGER_REASON_HANDOVER, .lines = &c->line, .count = 1 };
}

static void fifty(struct ledger_bed *lb)
{
    static struct client clients[CLIENTS];
    size_t made = 0, refused = 0, told = 0;
    bed_must("receive", bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[0], 50, BG_TIME_NONE));
    for (size_t i = 0; i < CLIENTS; i++) {
        set(&clients[i], lb, lb->journal, LEDGER_KIND_ISSUE,
            (struct ledger_line){ .from = bed_key(lb->airport, lb->mask, lb->mask_lots[0], LEDGER_USABLE),
                                  .to = bed_key(i % 2 == 0 ? lb->hospital : lb->jinnan, 0, 0, 0),
                                  .qty = 5 });
    }
    run(clients, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        made += !bg_failed(clients[i].err);
        refused += clients[i].err.code == BG_STOCK_SHORT;
        told += strstr(clients[i].reply, "\"wanted\":5") != NULL;
    }
    OK(made == 10 && refused == 54, "%s: 64 clients ask 5 of 50: %zu succeed, %zu are told short", lb->bed.name, made, refused);
    OK(told == 54, "each with the figures, nobody with a lock error");
    OK(bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_USABLE) == 0, "nothing is left");
    int64_t movements = bed_int(lb, "SELECT COUNT(*) FROM movement");
    size_t same = 0;
    static char first[CLIENTS][2048];
    for (size_t i = 0; i < CLIENTS; i++) {
        memcpy(first[i], clients[i].reply, sizeof first[i]);
    }
    for (int round = 0; round < 20; round++) {
        run(clients, CLIENTS);
        for (size_t i = 0; i < CLIENTS; i++) {
            same += strcmp(first[i], clients[i].reply) == 0;
        }
    }
    OK(same == 20 * CLIENTS && bed_int(lb, "SELECT COUNT(*) FROM movement") == movements,
       "%zu requests sent again: same answers, nothing moved", same);
}

/* Requests of all kinds sent again and again, in random order. */
static void replays(struct ledger_bed *lb, int many)
{
    enum { KEPT = 200 };
    static struct client kept[KEPT];
    for (size_t i = 0; i < KEPT; i++) {
        int64_t lot = lb->gown_lots[i % BED_LOTS];
        bool in = i % 3 == 0;
        set(&kept[i], lb, lb->journal, in ? LEDGER_KIND_RECEIVE : LEDGER_KIND_ISSUE,
            in ? (struct ledger_line){ .to = bed_key(lb->airport, lb->gown, lot, LEDGER_USABLE), .qty = 7 }
               : (struct ledger_line){ .from = bed_key(lb->airport, lb->gown, lot, LEDGER_USABLE),
                                       .to = bed_key(lb->hospital, 0, 0, 0),
                                       .qty = 4 });
        (void)ask(&kept[i]);
    }
    int64_t movements = bed_int(lb, "SELECT COUNT(*) FROM movement"),
            accounts = bed_int(lb, "SELECT SUM(version) FROM stock_account");
    int different = 0;
    for (int i = 0; i < many; i++) {
        static char before[2048];
        struct client *c = &kept[bg_random_below(&lb->env, KEPT)];
        enum bg_code code = c->err.code;
        memcpy(before, c->reply, sizeof before);
        (void)ask(c);
        different += c->err.code != code || strcmp(before, c->reply) != 0;
    }
    OK(different == 0 && bed_int(lb, "SELECT COUNT(*) FROM movement") == movements &&
           bed_int(lb, "SELECT SUM(version) FROM stock_account") == accounts,
       "%d replays in random order change nothing", many);
}

/* A second server on the same PostgreSQL. Both post into accounts that do not exist yet, at the same time. */
static void two_servers(struct ledger_bed *lb)
{
    static struct client clients[CLIENTS];
    struct store *store = NULL;
    struct journal *journal = NULL;
    struct bg_idgen ids;
    size_t made = 0;
    bg_idgen_init(&ids, &lb->env, 2);
    bed_must("store", store_open(&(struct store_opts){ .address = lb->bed.address, .env = &lb->env }, &store));
    bed_must("journal",
             journal_open(&(struct journal_opts){ .store = store, .env = &lb->env, .ids = &ids, .no_thread = true }, &journal));
    for (size_t i = 0; i < CLIENTS; i++) {
        int64_t lot = lb->mask_lots[1 + i % 3];
        set(&clients[i], lb, i % 2 == 0 ? lb->journal : journal, LEDGER_KIND_RECEIVE,
            (struct ledger_line){ .to = bed_key(i % 4 < 2 ? lb->jinnan : lb->airport, lb->mask, lot, LEDGER_USABLE), .qty = 3 });
        clients[i].post.reason = LEDGER_REASON_PURCHASE;
    }
    run(clients, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        made += !bg_failed(clients[i].err);
        if (bg_failed(clients[i].err)) {
            printf("# %s\n", bg_errors[clients[i].err.code].slug);
        }
    }
    OK(made == CLIENTS, "two servers: %zu of 64 receipts into fresh accounts", made);
    for (size_t i = 0; i < CLIENTS; i++) {
        int64_t lot = lb->mask_lots[1 + i % 3];
        set(&clients[i], lb, i % 2 == 0 ? lb->journal : journal, LEDGER_KIND_ISSUE,
            (struct ledger_line){
                .from = bed_key(lb->jinnan, lb->mask, lot, LEDGER_USABLE), .to = bed_key(lb->hospital, 0, 0, 0), .qty = 5 });
    }
    int64_t stock = bed_qty(lb, lb->jinnan, lb->mask, 0, LEDGER_USABLE);
    run(clients, CLIENTS);
    made = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        made += !bg_failed(clients[i].err);
        if (bg_failed(clients[i].err) && clients[i].err.code != BG_STOCK_SHORT) {
            printf("# %s\n", bg_errors[clients[i].err.code].slug);
        }
    }
    int64_t left = bed_qty(lb, lb->jinnan, lb->mask, 0, LEDGER_USABLE),
            untouched = bed_qty(lb, lb->jinnan, lb->mask, lb->mask_lots[0], LEDGER_USABLE);
    OK(stock - left == (int64_t)made * 5 && left - untouched < 15,
       "two servers take from the same stock: %lld, %zu times 5, %lld left", (long long)stock, made, (long long)left);
    journal_close(journal);
    store_close(store);
}

static void suite(enum bed_kind kind)
{
    struct ledger_bed *lb = bed_ledger(kind, 3);
    struct ledger_report report;
    fifty(lb);
    replays(lb, kind == BED_SQLITE ? 10000 : 2000);
    if (kind == BED_POSTGRES) {
        two_servers(lb);
    }
    bed_must("verify", ledger_verify(lb->store, &report));
    OK(report.differences == 0, "verify: %lld movements, 0 differences %s %s", (long long)report.movements, report.table,
       report.key);
    bed_ledger_done(lb);
}

int main(void)
{
    suite(BED_SQLITE);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
