/* Server ids never come twice: processes that start one after the other with the clock set back, with and without a clean stop, on both
 * engines, against the set of all ids that were ever committed. */
#include "store_bed.h"
#include "tap.h"

#define RUNS 40
#define IDS_MAX 20000

struct ids_world {
    struct bg_env_sim clock, dice;
    struct bg_env env, die;
    struct bg_idgen ids;
    int64_t given[IDS_MAX];
    size_t count;
};

/* Makes some ids in a transaction, as a change does. */
static bg_err make_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    struct ids_world *w = jobs[0]->ctx;
    (void)count;
    size_t wanted = 1 + bg_random_below(&w->die, 200);
    for (size_t i = 0; i < wanted && w->count < IDS_MAX; i++) {
        w->given[w->count++] = bg_id_next(&w->ids);
    }
    return store_run_text(tx, "UPDATE id_mark SET last = last", NO_ARGS, NULL);
}
static const struct store_class make_class = { .name = "make", .rare = true, .run = make_run };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* One process: its clock may have been set back by up to an hour, and may step while it runs. */
static bool one_run(struct bed *bed, struct ids_world *w)
{
    struct store *store = NULL;
    bg_idgen_init(&w->ids, &w->env, 3);
    struct store_opts opts = { .address = bed->address, .env = &w->env, .ids = &w->ids };
    if (bg_failed(store_open(&opts, &store))) {
        return false;
    }
    bool good = true;
    for (uint64_t i = bg_random_below(&w->die, 6); i > 0 && good; i--) {
        good = !bg_failed(store_write(store, &make_class, NULL, NULL, w));
        w->clock.now += (bg_ms)bg_random_below(&w->die, 4000) - (bg_random_below(&w->die, 4) == 0 ? 600000 : 0);
    }
    store_close(store);
    w->clock.now -= (bg_ms)bg_random_below(&w->die, 3600000);
    return good;
}

static void suite(enum bed_kind kind)
{
    static struct ids_world worlds[2];
    struct ids_world *w = &worlds[kind];
    struct bed bed = bed_make(kind);
    w->env = bg_env_seeded(&w->clock, 7, INT64_C(1642000000000));
    w->die = bg_env_seeded(&w->dice, 99, 0);
    bool good = true;
    for (int i = 0; i < RUNS && good; i++) {
        good = one_run(&bed, w);
    }
    OK(good, "%s: %d starts, the clock set back between them", bed.name, RUNS);
    bool grows = true;
    for (size_t i = 1; i < w->count; i++) {
        grows = grows && w->given[i] > w->given[i - 1];
    }
    OK(grows && w->count > 1000, "%s: %zu ids, each above all before it", bed.name, w->count);
    qsort(w->given, w->count, sizeof w->given[0], by_value);
    size_t twice = 0;
    for (size_t i = 1; i < w->count; i++) {
        twice += w->given[i] == w->given[i - 1];
    }
    OK(twice == 0, "%s: none came twice", bed.name);
    bed_done(&bed);
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
