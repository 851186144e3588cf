/* The disk in memory that the simulator puts under SQLite, what the store makes of its failures, the naive ledger's way back, and short
 * simulated cities. The long runs are tests/flow/sim.sh. */
#include <string.h>

#include "cli/sim.h"
#include "store_bed.h"
#include "store_catalogue.h"
#include "tap.h"

static const struct bg_log silent = { .fd = -1, .least = BG_ALERT, .env = &bg_env_real };

/* --- a small store on the disk --- */

struct rig {
    struct bg_env_sim sim;
    struct bg_env env;
    struct store_disk *disk;
    struct store *store;
    bool halted;
};

static void halt(void *ctx)
{
    *(bool *)ctx = true;
}

static bool rig_open(struct rig *rig)
{
    rig->halted = false;
    const struct store_opts opts = {
        .address = "x.db", .env = &bg_env_real, .log = &silent, .catalogue = &test_catalogue, .vfs = store_disk_name(rig->disk),
        .no_lock_file = true, .writer_checkpoints = true, .halt = halt, .halt_ctx = &rig->halted,
    };
    return !bg_failed(store_open(&opts, &rig->store));
}

static void rig_begin(struct rig *rig, uint64_t seed)
{
    *rig = (struct rig){ 0 };
    rig->env = bg_env_seeded(&rig->sim, seed, 0);
    if (bg_failed(store_disk_open(&rig->env, &rig->disk)) || !rig_open(rig)) {
        abort();
    }
}

static void rig_end(struct rig *rig)
{
    store_close(rig->store);
    store_disk_close(rig->disk);
}

static bg_err insert_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BG_TRY(store_run(tx, TSQL(T_ENTRY), ARGS(V_INT(1), V_INT(*(const int64_t *)jobs[i]->in), V_TEXT(BG_STR("words"))), NULL));
    }
    return BG_DONE;
}
static const struct store_class insert_class = { .name = "insert", .run = insert_run };

static enum bg_code insert(struct rig *rig, int64_t id)
{
    return store_write(rig->store, &insert_class, &id, NULL, NULL).code;
}

static int64_t count(struct rig *rig)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    if (bg_failed(store_read_begin(rig->store, 0, &tx)) || bg_failed(store_query_text(tx, "SELECT count(*) FROM entry", NO_ARGS, &rows)) ||
        bg_failed(store_next(rows, &more)) || !more) {
        return -1;
    }
    return store_int(rows, 0);
}

/* The power goes while the store is open: it never gets to write again. */
static bool rig_cut(struct rig *rig, int64_t after)
{
    store_disk_faults(rig->disk)->cut_in = after;
    (void)insert(rig, 1000000);
    store_close(rig->store);
    rig->store = NULL;
    store_disk_power(rig->disk);
    return rig_open(rig);
}

static void power_cuts(void)
{
    int lost = 0, failed = 0, more = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rig rig;
        rig_begin(&rig, seed);
        int64_t done = 0;
        for (int64_t id = 1; id <= 20; id++) {
            done += insert(&rig, id) == BG_OK;
        }
        failed += !rig_cut(&rig, 1 + (int64_t)(seed % 6));
        int64_t there = rig.store != NULL ? count(&rig) : -1;
        lost += there < done;
        more += there > done;
        rig_end(&rig);
    }
    OK(lost == 0 && failed == 0, "60 power cuts: nothing that was acknowledged is lost");
    OK(more > 0 && more < 60, "what was on its way is there after some (%d) and not after others", more);
}

static void lying_disk(void)
{
    int lost = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rig rig;
        rig_begin(&rig, seed);
        store_disk_faults(rig.disk)->no_sync = true;
        int64_t done = 0;
        for (int64_t id = 1; id <= 20; id++) {
            done += insert(&rig, id) == BG_OK;
        }
        lost += !rig_cut(&rig, 1 + (int64_t)(seed % 6)) || count(&rig) < done;
        rig_end(&rig);
    }
    OK(lost > 10, "a disk that only says it has synced loses something in %d of 60 cuts: the test sees it", lost);
}

/* The fsync of a commit fails, the process stops and comes back, and finds the commit in the log although a part of it never reached the
 * platter. What is committed behind it must survive the next power cut all the same. */
static void failed_sync(void)
{
    int lost = 0, unnoticed = 0, kept = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rig rig;
        rig_begin(&rig, seed);
        (void)insert(&rig, 1);
        store_disk_faults(rig.disk)->sync_fail_in = 1;
        unnoticed += insert(&rig, 2) == BG_OK || !rig.halted || insert(&rig, 3) != BG_STORE_CLOSED;
        store_close(rig.store);
        rig.store = NULL;
        int64_t before = rig_open(&rig) ? count(&rig) : -1;
        kept += before == 2;
        int64_t done = before + (insert(&rig, 4) == BG_OK) + (insert(&rig, 5) == BG_OK);
        lost += before < 1 || !rig_cut(&rig, 1 + (int64_t)(seed % 6)) || count(&rig) < done;
        rig_end(&rig);
    }
    OK(unnoticed == 0, "a failed sync stops the store, 60 times");
    OK(kept > 0, "the commit is found again after %d of them", kept);
    OK(lost == 0, "and nothing is lost by a power cut later");
}

static void full_disk(void)
{
    struct rig rig;
    int64_t id = 1;
    rig_begin(&rig, 5);
    store_disk_faults(rig.disk)->room_bytes = 60000;
    while (insert(&rig, id) == BG_OK) {
        id++;
    }
    OK(insert(&rig, id) == BG_STORE_FULL && count(&rig) == id - 1, "a full disk refuses and what is there can be read");
    store_disk_faults(rig.disk)->room_bytes = -1;
    OK(insert(&rig, id) == BG_OK && count(&rig) == id, "with room again it goes on");
    OK(store_disk_stats(rig.disk).writes > 0 && store_disk_stats(rig.disk).syncs > 0, "the disk counts");
    struct store_disk *copy = NULL;
    store_close(rig.store);
    OK(!bg_failed(store_disk_open(&rig.env, &copy)) && !bg_failed(store_disk_copy(copy, rig.disk)), "a disk can be copied");
    store_disk_close(rig.disk);
    rig.disk = copy;
    OK(rig_open(&rig) && count(&rig) == id, "and the copy opens");
    rig_end(&rig);
}

/* --- whole cities --- */

static void cities(void)
{
    struct sim *sim = bg_heap_get(sizeof *sim);
    uint8_t first[32], second[32];
    for (uint64_t seed = 1; seed <= 12; seed++) {
        const struct sim_opts opts = { .seed = seed, .ops = 250, .faults = seed % 4 == 0 ? 0 : 63, .log = &silent };
        bg_err err = sim_run(&opts, sim, first);
        OK(!bg_failed(err) && !sim_broken(sim), "seed %d: %lld operations, %lld refused, %lld power cuts %s", (int)seed,
           (long long)sim->counts.ops, (long long)sim->counts.refused, (long long)sim->counts.cuts, sim->broken);
    }
    const struct sim_opts opts = { .seed = 12, .ops = 250, .faults = 0, .log = &silent };
    OK(!bg_failed(sim_run(&opts, sim, second)) && memcmp(first, second, 32) == 0, "the same seed gives the same digest");
    for (int plant = 1; plant <= SIM_PLANTS; plant++) {
        const struct sim_opts planted = { .seed = 3, .ops = 200, .faults = 63, .plant = plant, .log = &silent };
        OK(!bg_failed(sim_run(&planted, sim, second)) && sim_broken(sim), "defect %d is caught: %.80s", plant, sim->broken);
    }
    bg_heap_free(sim);
}

int main(void)
{
    power_cuts();
    lying_disk();
    failed_sync();
    full_disk();
    cities();
    return TAP_DONE();
}
