/* Thousands of random operations of all kinds on the real ledger and on a naive model: same answers, same balances, on both engines. */
#include "ledger_model.h"

/* Everything that was ever true, as known at any time, with monthly snapshots in between. */
static void past(struct duel *d, int questions)
{
    int64_t cells = 0, accounts = 0, snapshots = bed_int(d->lb, "SELECT COUNT(*) FROM total_snap_day");
    for (int i = 0; i < questions; i++) {
        cells += duel_past(d);
        accounts += duel_past_accounts(d);
    }
    OK(cells == 0, "%d questions as of random moments on both axes, %lld snapshots", questions, (long long)snapshots);
    OK(accounts == 0, "and lot by lot");
}

static void pages(struct duel *d)
{
    const bg_ms day = d->lb->sim.now - 9 * BED_DAY;
    const struct ledger_movements filters[] = {
        { .since = BG_TIME_NONE, .until = BG_TIME_NONE },
        { .place = d->lb->airport, .item = d->items[0], .since = BG_TIME_NONE, .until = BG_TIME_NONE },
        { .place = d->lb->hospital, .since = BG_TIME_NONE, .until = BG_TIME_NONE },
        { .item = d->items[1], .since = day, .until = BG_TIME_NONE },
        { .lot = d->lots[2].id, .since = BG_TIME_NONE, .until = day },
        { .place = d->lb->jinnan, .item = d->items[1], .status = LEDGER_HOLD, .since = BG_TIME_NONE, .until = BG_TIME_NONE },
        { .lot = d->lots[5].id, .place = d->lb->airport, .status = LEDGER_DISCREPANCY, .since = BG_TIME_NONE, .until = BG_TIME_NONE },
        { .document = d->model.documents[d->model.document_count / 2].id, .since = BG_TIME_NONE, .until = BG_TIME_NONE },
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        int64_t got = duel_pages(d, filters[i]), want = duel_expected(d, &filters[i]);
        OK(got == want, "pages of filter %zu: %lld of %lld movements, newest first", i, (long long)got, (long long)want);
    }
}

static void verified(struct ledger_bed *lb)
{
    struct ledger_report report;
    bed_must("verify", ledger_verify(lb->store, &report));
    OK(report.differences == 0 && report.movements == bed_int(lb, "SELECT COUNT(*) FROM movement") &&
           report.entries == report.documents,
       "verify: %lld movements, %lld accounts, %lld documents, %lld entries, %lld differences %s %s %s",
       (long long)report.movements, (long long)report.accounts, (long long)report.documents, (long long)report.entries,
       (long long)report.differences, report.table, report.key, report.kind);
}

static void suite(enum bed_kind kind, uint64_t seed, int ops)
{
    struct ledger_bed *lb = bed_ledger(kind, seed);
    struct duel d;
    int64_t differences = 0;
    duel_begin(&d, lb, seed);
    for (int i = 0; i < ops && d.wrong == 0; i++) {
        duel_step(&d);
        if (i % 250 == 249) {
            differences += duel_compare(&d);
            bed_must("snapshot", bed_change(lb, &ledger_snapshotting, NULL, BG_TIME_NONE, NULL));
        }
    }
    differences += duel_compare(&d);
    OK(d.wrong == 0, "%s, seed %llu: %lld made, %lld refused, %lld sent twice, all as expected", lb->bed.name,
       (unsigned long long)seed, (long long)d.made, (long long)d.refused, (long long)d.replayed);
    for (int code = 0; code < BG_CODE_COUNT; code++) {
        if (d.by_code[code] > 0) {
            printf("# %s: %lld\n", code == 0 ? "ok" : bg_errors[code].slug, (long long)d.by_code[code]);
        }
    }
    for (int k = 0; k < LEDGER_KINDS_COUNT + 2; k++) {
        if (d.by_kind[k] > 0) {
            printf("# made %s: %lld\n",
                   k < LEDGER_KINDS_COUNT    ? ledger_slug(ledger_kinds, k)
                   : k == LEDGER_KINDS_COUNT ? "reserve"
                                             : "release",
                   (long long)d.by_kind[k]);
        }
    }
    OK(differences == 0, "no balance or hold differs");
    OK(bed_int(lb, "SELECT COUNT(*) FROM movement") == (int64_t)d.model.movement_count, "%zu movements on both sides",
       d.model.movement_count);
    OK(bed_int(lb, "SELECT COUNT(*) FROM (SELECT city, place, item, status, owner FROM stock_total EXCEPT SELECT city, place, "
                   "item, status, owner FROM stock_account) x") == 0 &&
           bed_int(lb, "SELECT COUNT(*) FROM stock_total t WHERE qty <> (SELECT SUM(qty) FROM stock_account a WHERE a.city = "
                       "t.city AND a.place = t.place AND a.item = t.item AND a.status = t.status AND a.owner = t.owner)") == 0,
       "totals are the sums of their accounts");
    OK(bed_int(lb, "SELECT COUNT(*) FROM stock_total t WHERE qty <> (SELECT COALESCE(SUM(delta), 0) FROM total_day a WHERE a.city "
                   "= t.city AND a.place = t.place AND a.item = t.item AND a.status = t.status AND a.owner = t.owner)") == 0,
       "and of their days");
    past(&d, ops / 10);
    pages(&d);
    verified(lb);
    bed_must("sequence", journal_sequence(lb->journal));
    verified(lb);
    duel_end(&d);
    bed_ledger_done(lb);
}

int main(int argc, char **argv)
{
    int ops = argc > 1 ? atoi(argv[1]) : 2500;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    suite(BED_SQLITE, seed, ops);
    suite(BED_SQLITE, seed + 1, ops);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES, seed + 2, ops / 5);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
