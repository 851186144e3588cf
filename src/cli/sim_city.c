/* The simulated city: opening and closing what is under test, taking turns with the writer, the random catalogue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/sim.h"

#define REPLY_BYTES ((size_t)1 << 20)

/* --- turns --- */

static void pass_turn(struct sim *sim)
{
    if (--sim->turn.left == 0) {
        (void)sem_post(&sim->turn.parked);
        while (sem_wait(&sim->turn.go) != 0) {
            /* a signal came */
        }
    }
}

void sim_answered(struct change *change)
{
    pass_turn(change->user);
}

void sim_wait_parked(struct sim *sim)
{
    while (sem_wait(&sim->turn.parked) != 0) {
        /* a signal came */
    }
    sim->turn.is_parked = true;
}

static bg_err gate_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)tx;
    (void)jobs;
    (void)count;
    return BG_DONE;
}
static const struct store_class gate_class = { .name = "sim.gate", .run = gate_run };

static void gate_done(struct store_job *job)
{
    pass_turn(job->ctx);
}

void sim_park(struct sim *sim)
{
    if (sim->turn.is_parked) {
        return;
    }
    sim->turn.left = 1;
    sim->gate = (struct store_job){ .class = &gate_class, .ctx = sim, .done = gate_done };
    if (!bg_failed(store_submit(sim->store, &sim->gate))) {
        sim_wait_parked(sim);
    }
}

void sim_unpark(struct sim *sim)
{
    if (sim->turn.is_parked) {
        sim->turn.is_parked = false;
        (void)sem_post(&sim->turn.go);
    }
}

/* --- opening and closing --- */

static bool is_server(const char *db)
{
    return bg_str_starts(bg_str_of(db), BG_STR("postgres:")) || bg_str_starts(bg_str_of(db), BG_STR("postgresql:"));
}

bg_err sim_place(struct sim *sim)
{
    const char *db = sim->opts->db;
    unsigned long long seed = (unsigned long long)sim->opts->seed;
    if (db == NULL) {
        (void)snprintf(sim->address, sizeof sim->address, "sim.db");
        return store_disk_open(&sim->disk_env, &sim->disk);
    }
    int len = is_server(db) ? snprintf(sim->address, sizeof sim->address, "%s%coptions=-csearch_path%%3Dsim_%ld_%llu", db,
                                       strchr(db, '?') != NULL ? '&' : '?', (long)getpid(), seed)
                            : snprintf(sim->address, sizeof sim->address, "%s.%llu", db, seed);
    bool taken = !is_server(db) && access(sim->address, F_OK) == 0;
    return len >= (int)sizeof sim->address || taken ? BG_FAIL_AT(BG_CONFLICT, "--db") : BG_DONE;
}

void sim_leave(struct sim *sim)
{
    static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
    char path[1300];
    for (size_t i = 0; sim->opts->db != NULL && !is_server(sim->opts->db) && !sim_broken(sim) && i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s%s", sim->address, endings[i]);
        (void)unlink(path);
    }
    store_disk_close(sim->disk);
    sim->disk = NULL;
}

static void halt(void *ctx)
{
    struct sim *sim = ctx;
    sim->halted = true;
}

bg_err sim_open(struct sim *sim)
{
    static const int64_t wal_sizes[] = { 1 << 16, 1 << 18, 1 << 20, 1 << 22 };
    struct store_opts opts = {
        .address = sim->address,
        .env = &sim->env,
        .ids = &sim->ids,
        .log = sim->opts->log,
        .lanes = 1,
        .readers = 2,
        .halt = halt,
        .halt_ctx = sim,
        .writer_checkpoints = true,
        .wal_max_bytes = wal_sizes[sim_below(sim, sizeof wal_sizes / sizeof *wal_sizes)],
    };
    if (sim->disk != NULL) {
        opts.vfs = store_disk_name(sim->disk);
        opts.no_lock_file = true;
    }
    sim->halted = false;
    bg_idgen_init(&sim->ids, &sim->env, 1); /* as a new process does */
    BG_TRY(store_open(&opts, &sim->store));
    bg_err err = journal_open(
        &(struct journal_opts){ .store = sim->store, .env = &sim->env, .ids = &sim->ids, .no_thread = true }, &sim->journal);
    if (bg_failed(err)) {
        sim_close(sim);
    }
    return err;
}

void sim_close(struct sim *sim)
{
    sim_unpark(sim);
    journal_close(sim->journal);
    store_close(sim->store);
    sim->journal = NULL;
    sim->store = NULL;
}

/* --- around the product --- */

struct text {
    const char *sql;
    const struct store_val *args;
    size_t count;
    int64_t changed;
};

static bg_err text_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct text *text = jobs[i]->in;
        BG_TRY(store_run_text(tx, text->sql, text->args, text->count, jobs[i]->ret));
    }
    return BG_DONE;
}
static const struct store_class text_class = { .name = "sim.text", .run = text_run };

bg_err sim_run_text(struct sim *sim, const char *sql, const struct store_val *args, size_t count, int64_t *ret_changed)
{
    const struct text text = { .sql = sql, .args = args, .count = count };
    int64_t changed = 0;
    sim_unpark(sim);
    BG_TRY(store_write(sim->store, &text_class, &text, &changed, NULL));
    *ret_changed = changed;
    return BG_DONE;
}

/* --- the catalogue --- */

bg_err sim_change(struct sim *sim, const struct change_kind *kind, const void *in, int64_t *ret_id)
{
    struct change change = {
        .kind = kind,
        .in = in,
        .arena = sim->arena,
        .op = bg_op_id_make(&sim->dice),
        .city = SIM_CITY,
        .actor = { .name = BG_STR("sim"), .origin = BG_STR("cli") },
        .occurred_at = BG_TIME_NONE,
        .reply = bg_buf_init(REPLY_BYTES),
    };
    sim_unpark(sim);
    bg_err err = change_run(sim->journal, &change);
    if (!bg_failed(err) && ret_id != NULL) {
        bg_buf_byte(&change.reply, '\0');
        const char *id = change.reply.failed ? NULL : strstr(change.reply.at, "\"id\":\"");
        *ret_id = id == NULL ? 0 : strtoll(id + 6, NULL, 10);
    }
    bg_buf_done(&change.reply);
    return err;
}

static bg_err found(struct sim *sim, const struct change_kind *kind, struct ledger_put put, int64_t *ret_id)
{
    put.if_version = -1;
    return sim_change(sim, kind, &put, ret_id);
}

static bg_err found_place(struct sim *sim, const char *code, int kind, int64_t *ret_id)
{
    const struct ledger_place place = {
        .code = bg_str_of(code),
        .name_zh = bg_str_of(code),
        .kind = kind,
        .active = true,
        .district = 120112,
        .owner = ledger_place_status(kind) == 0 ? sim->owners[0] : 0,
    };
    return found(sim, &ledger_place_put, (struct ledger_put){ .place = place }, ret_id);
}

static bg_err found_owners(struct sim *sim)
{
    static const struct {
        const char *code;
        int kind;
    } owners[] = { { "city", LEDGER_OWNER_CITY }, { "nation", LEDGER_OWNER_NATION }, { "firm", LEDGER_OWNER_FIRM } };
    for (size_t i = 0; i < 3; i++) {
        const struct ledger_owner owner = {
            .code = bg_str_of(owners[i].code), .name_zh = bg_str_of(owners[i].code), .kind = owners[i].kind, .active = true
        };
        BG_TRY(found(sim, &ledger_owner_put, (struct ledger_put){ .owner = owner }, &sim->owners[i]));
    }
    return BG_DONE;
}

static bg_err found_places(struct sim *sim, struct model_world *world)
{
    world->depot_count = 2 + sim_below(sim, 2);
    BG_TRY(found_place(sim, "airport", LEDGER_PLACE_RESERVE, &sim->depots[0]));
    BG_TRY(found_place(sim, "district", LEDGER_PLACE_DISTRICT, &sim->depots[1]));
    BG_TRY(found_place(sim, "forward", LEDGER_PLACE_FORWARD, &sim->depots[2]));
    BG_TRY(found_place(sim, "hospital", LEDGER_PLACE_HOSPITAL, &sim->users[0]));
    sim->users[1] = sim->depots[1];
    BG_TRY(found_place(sim, "maker", LEDGER_PLACE_MAKER, &world->maker));
    BG_TRY(found_place(sim, "supplier", LEDGER_PLACE_SUPPLIER, &world->supplier));
    BG_TRY(found_place(sim, "site", LEDGER_PLACE_CONSUMPTION, &world->site));
    for (size_t i = 0; i < 2; i++) {
        const struct ledger_bin bin = { .place = sim->depots[0],
                                        .code = i == 0 ? BG_STR("A-01") : BG_STR("B-01"),
                                        .active = true };
        BG_TRY(found(sim, &ledger_bin_put, (struct ledger_put){ .bin = bin }, &sim->bins[i]));
    }
    return BG_DONE;
}

/* Some lots never expire, some have, most will while the city is simulated. */
static bg_date random_expiry(struct sim *sim)
{
    bg_date today = bg_date_at(sim->clock.now, BG_CITY_OFFSET_MIN);
    return sim_chance(sim, 20) ? BG_DATE_NONE : today - 10 + (bg_date)sim_below(sim, 200);
}

static struct ledger_lot lot_of(const struct sim *sim, size_t lot, bg_date expiry)
{
    return (struct ledger_lot){ .id = sim->lots[lot].id,
                                .item = sim->lots[lot].item,
                                .batch = bg_str_of(sim->batches[lot]),
                                .made = BG_DATE_NONE,
                                .expiry = expiry };
}

static bg_err found_lots(struct sim *sim, size_t item, size_t lots)
{
    for (size_t i = item * lots; i < (item + 1) * lots; i++) {
        (void)snprintf(sim->batches[i], sizeof sim->batches[i], "B%zu", i);
        sim->lots[i] = (struct model_lot){ .item = sim->items[item], .expiry = random_expiry(sim), .state = LEDGER_LOT_OPEN };
        const struct ledger_put put = { .lot = lot_of(sim, i, sim->lots[i].expiry) };
        BG_TRY(found(sim, &ledger_lot_put, put, &sim->lots[i].id));
    }
    return BG_DONE;
}

void sim_lot_again(struct sim *sim, size_t lot, struct model_op *ret)
{
    ret->put = (struct ledger_put){ .if_version = -1, .lot = lot_of(sim, lot, random_expiry(sim)) };
}

static bg_err found_items(struct sim *sim, struct model_world *world)
{
    world->item_count = 1 + sim_below(sim, 3);
    world->lots = 1 + sim_below(sim, 4);
    for (size_t i = 0; i < world->item_count; i++) {
        char code[64];
        (void)snprintf(code, sizeof code, "item-%zu", i);
        const struct ledger_item item = { .code = bg_str_of(code),
                                          .name_zh = BG_STR("口罩"),
                                          .unit = BG_STR("只"),
                                          .lotted = true,
                                          .key_item = true,
                                          .active = true };
        BG_TRY(found(sim, &ledger_item_put, (struct ledger_put){ .item = item }, &sim->items[i]));
        BG_TRY(found_lots(sim, i, world->lots));
    }
    return BG_DONE;
}

bg_err sim_found(struct sim *sim)
{
    struct model_world world = {
        .depots = sim->depots,
        .users = sim->users,
        .user_count = 2,
        .items = sim->items,
        .lot = sim->lots,
        .owners = sim->owners,
        .owner_count = 3,
        .bins = sim->bins,
        .bin_count = 2,
        .open_days = 31,
        .offset_min = BG_CITY_OFFSET_MIN,
    };
    int64_t changed;
    /* The version of everybody's rights, so that changes can be made by people. */
    BG_TRY(sim_run_text(
        sim, "INSERT INTO city (id, code, name_zh, name_en, offset_min, created_at) VALUES (?1, 'SIM', 'SIM', 'SIM', 480, 0)",
        ARGS(V_INT(SIM_CITY)), &changed));
    BG_TRY(sim_run_text(sim,
                        "INSERT INTO auth_policy (city, password, factor, idle_min, device_idle_min, session_min, epoch) "
                        "VALUES (?1, 'nist', 1, 30, 480, 720, 1)",
                        ARGS(V_INT(SIM_CITY)), &changed));
    BG_TRY(found_owners(sim));
    BG_TRY(found_places(sim, &world));
    BG_TRY(found_items(sim, &world));
    BG_TRY(model_open(&sim->model, &world));
    sim->model.now = sim->clock.now;
    return BG_DONE;
}
