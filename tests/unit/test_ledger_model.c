/* Thousands of random operations of all kinds on the real ledger and on a naive model: same answers, same balances, on both engines. */
#include "ledger_model.h"

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
