/* baogong sim: runs random cities, seed after seed, and tells what came out. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/sim.h"

#define DEFAULT_OPS 1000
#define CHECK_OPS 200 /* a full comparison after about so many operations */

static const char *const fault_words[SIM_FAULTS_COUNT] = { "crash", "full", "fsync", "io", "clock", "restart" };
static const char *const role_words[SIM_ROLES_COUNT] = { "", "again", "twin", "reused" };

void sim_break(struct sim *sim, const char *format, ...)
{
    va_list args;
    if (sim_broken(sim)) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(sim->broken, sizeof sim->broken, format, args);
    va_end(args);
}

/* --- one seed --- */

static bg_err begin(struct sim *sim, const struct sim_opts *opts)
{
    uint64_t seed = opts->seed;
    *sim = (struct sim){ .opts = opts };
    sim->env = bg_env_seeded(&sim->clock, seed * 3 + 1, SIM_START);
    sim->dice = bg_env_seeded(&sim->dice_state, seed * 3 + 2, SIM_START);
    sim->disk_env = bg_env_seeded(&sim->disk_state, seed * 3 + 3, SIM_START);
    (void)crypto_hash_sha256_init(&sim->digest);
    (void)sem_init(&sim->turn.parked, 0, 0);
    (void)sem_init(&sim->turn.go, 0, 0);
    BG_TRY(bg_need(sim->arena = bg_arena_open((size_t)64 << 20)));
    sim->fault_at = 20 + (int64_t)sim_below(sim, 80);
    BG_TRY(sim_place(sim));
    BG_TRY(sim_open(sim));
    BG_TRY(sim_found(sim));
    if (sim->disk != NULL) {
        store_disk_faults(sim->disk)->no_sync = opts->plant == SIM_PLANT_LYING_DISK;
    }
    return BG_DONE;
}

static void end(struct sim *sim)
{
    sim_close(sim);
    sim_leave(sim);
    for (size_t i = 0; i < SIM_BATCH_MAX; i++) {
        bg_buf_done(&sim->batch[i].change.reply);
    }
    model_close(&sim->model);
    bg_arena_close(sim->arena);
    (void)sem_destroy(&sim->turn.parked);
    (void)sem_destroy(&sim->turn.go);
}

/* A defect needs the operation that it is planted behind; a short run goes on until it came. */
static bool plant_waits(const struct sim *sim)
{
    return sim->opts->plant != 0 && !sim->planted && sim->opts->plant != SIM_PLANT_LYING_DISK &&
           sim->counts.ops < sim->opts->ops + 5000;
}

static bg_err go_on(struct sim *sim)
{
    int64_t check_at = CHECK_OPS;
    while ((sim->counts.ops < sim->opts->ops || plant_waits(sim)) && !sim_broken(sim)) {
        BG_TRY(sim_fault(sim));
        if (!sim_broken(sim)) {
            BG_TRY(sim_batch(sim));
        }
        if (!sim_broken(sim) && sim->armed == 0 && sim_chance(sim, 20)) {
            BG_TRY(sim_query(sim));
        }
        if (!sim_broken(sim) && sim->armed == 0 && sim->counts.ops >= check_at) {
            check_at = sim->counts.ops + CHECK_OPS / 2 + (int64_t)sim_below(sim, CHECK_OPS);
            BG_TRY(sim_check(sim));
        }
    }
    return BG_DONE;
}

/* A cut may leave everything where it was: a disk that lies is found out by the next one. */
static bg_err cut_again(struct sim *sim)
{
    for (int i = 0; i < 40 && sim->opts->plant == SIM_PLANT_LYING_DISK && sim->disk != NULL && !sim_broken(sim); i++) {
        BG_TRY(sim_batch(sim));
        if (!sim_broken(sim)) {
            BG_TRY(sim_restart(sim, true));
        }
        if (!sim_broken(sim)) {
            BG_TRY(sim_check(sim));
        }
    }
    return BG_DONE;
}

/* A last restart, so that what was acknowledged is also there for the next start. */
static bg_err finish(struct sim *sim, uint8_t ret_digest[32])
{
    bool cut = (sim->opts->faults & SIM_CRASH) != 0 || sim->opts->plant == SIM_PLANT_LYING_DISK;
    BG_TRY(sim_restart(sim, sim->disk != NULL && cut));
    if (!sim_broken(sim)) {
        BG_TRY(cut_again(sim));
    }
    if (!sim_broken(sim)) {
        BG_TRY(sim_again(sim));
    }
    if (!sim_broken(sim)) {
        BG_TRY(sim_check(sim));
    }
    for (int i = 0; i < (sim->opts->plant == 0 ? 8 : 500) && !sim_broken(sim); i++) {
        BG_TRY(sim_query(sim));
    }
    if (!sim_broken(sim)) {
        BG_TRY(sim_verify(sim, true));
    }
    return sim_broken(sim) ? BG_DONE : sim_digest(sim, ret_digest);
}

bg_err sim_run(const struct sim_opts *opts, struct sim *sim, uint8_t ret_digest[32])
{
    bg_err err = begin(sim, opts);
    bool began = !bg_failed(err);
    if (began) {
        err = go_on(sim);
    }
    if (!bg_failed(err) && !sim_broken(sim)) {
        err = finish(sim, ret_digest);
    }
    if (began && bg_failed(err) && err.code != BG_NO_MEMORY) { /* what fails where nothing is wrong breaks an invariant too */
        sim_break(sim, "%s at %s:%d", bg_errors[err.code].slug, err.file, err.line);
        err = BG_DONE;
    }
    end(sim);
    return err;
}

/* --- the command --- */

enum { O_SEED, O_SEEDS, O_OPS, O_FAULTS, O_PLANT, O_DB, O_LOG, O_COUNT };
static const struct cli_option sim_options[] = {
    [O_SEED] = { "--seed", "N", "随机种子", "seed of the random city" },
    [O_SEEDS] = { "--seeds", "K", "连续运行的种子个数，默认 1", "how many seeds to run, from N on; 1" },
    [O_OPS] = { "--ops", "M", "操作个数，默认 1000", "operations; 1000" },
    [O_FAULTS] = { "--faults", "WORDS", "故障：crash,full,fsync,io,clock,restart 或 none",
                   "crash,full,fsync,io,clock,restart or none; default crash,full,fsync,clock,restart" },
    [O_PLANT] = { "--plant", "K", "埋入第 1…10 号缺陷，须被发现", "plant defect 1…10, which must be found" },
    [O_DB] = { "--db", "FILE|URL", "在此文件或 PostgreSQL 上运行，默认内存磁盘",
               "run on a file or PostgreSQL; default a disk in memory" },
    [O_LOG] = { "--log", NULL, "输出数据库日志", "let the store log to standard error" },
    { 0 },
};

static bool read_faults(const char *text, unsigned *ret)
{
    *ret = SIM_CRASH | SIM_FULL | SIM_FSYNC | SIM_CLOCK | SIM_RESTART;
    if (text == NULL) {
        return true;
    }
    bg_str rest = bg_str_of(text);
    *ret = 0;
    while (!bg_str_is(rest, "none") && rest.len > 0) {
        size_t comma = bg_str_find(rest, ','), i = 0;
        while (i < SIM_FAULTS_COUNT && !bg_str_is(bg_str_cut(rest, 0, comma), fault_words[i])) {
            i++;
        }
        if (i == SIM_FAULTS_COUNT) {
            return false;
        }
        *ret |= 1u << i;
        rest = bg_str_cut(rest, comma + 1, rest.len);
    }
    return true;
}

static bool read_number(const char *text, int64_t least, int64_t most, int64_t standard, int64_t *ret)
{
    *ret = standard;
    return text == NULL || (bg_str_int(bg_str_of(text), ret) && *ret >= least && *ret <= most);
}

static void put_kinds(const struct sim *sim, struct bg_buf *out)
{
    bg_json_key(out, "by_kind");
    bg_json_object(out);
    for (int what = 0; what < MODEL_WHAT_COUNT; what++) {
        for (int kind = 0; kind < LEDGER_KINDS_COUNT; kind++) {
            const struct model_op op = { .what = (enum model_what)what, .post.kind = kind };
            if (sim->counts.by_kind[what][kind] > 0) {
                bg_json_put_int(out, model_op_name(&op), sim->counts.by_kind[what][kind]);
            }
        }
    }
    for (int role = SIM_AGAIN; role < SIM_ROLES_COUNT; role++) {
        bg_json_put_int(out, role_words[role], sim->counts.by_role[role]);
    }
    bg_json_object_end(out);
}

static void put_faults(const struct sim *sim, struct bg_buf *out)
{
    bg_json_key(out, "faults");
    bg_json_object(out);
    for (int i = 0; i < SIM_FAULTS_COUNT; i++) {
        if (sim->counts.faults[i] > 0) {
            bg_json_put_int(out, fault_words[i], sim->counts.faults[i]);
        }
    }
    bg_json_put_int(out, "power_cuts", sim->counts.cuts);
    bg_json_put_int(out, "recovered", sim->counts.recovered);
    bg_json_object_end(out);
}

static void report(const struct sim *sim, const uint8_t digest[32], struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_int(out, "ops", sim->counts.ops);
    bg_json_put_int(out, "refused", sim->counts.refused);
    put_kinds(sim, out);
    if (sim_broken(sim)) {
        bg_json_put_str(out, "broken", bg_str_of(sim->broken));
    } else {
        bg_json_key(out, "digest");
        bg_buf_byte(out, '"');
        bg_buf_hex(out, digest, 32);
        bg_buf_byte(out, '"');
        out->comma = true;
    }
    bg_json_put_int(out, "seed", (int64_t)sim->opts->seed);
    put_faults(sim, out);
    bg_json_object_end(out);
}

static int run_one(struct cli *cli, const struct sim_opts *opts)
{
    struct sim *sim = bg_heap_get(sizeof *sim);
    BG_SCOPED_BUF out = bg_buf_init(1 << 16);
    uint8_t digest[32] = { 0 };
    bg_err err = sim == NULL ? BG_FAIL(BG_NO_MEMORY) : sim_run(opts, sim, digest);
    (void)cli;
    if (bg_failed(err)) {
        (void)fprintf(stderr, "seed %llu: %s:%d\n", (unsigned long long)opts->seed, err.file, err.line);
        bg_heap_free(sim);
        return cli_fail(err);
    }
    report(sim, digest, &out);
    cli_print(&out);
    int code = sim_broken(sim) ? CLI_BAD : CLI_GOOD;
    if (code == CLI_BAD) {
        (void)fprintf(stderr, "种子 %llu 第 %lld 个操作后不成立 / broken with seed %llu after %lld operations: %s\n",
                      (unsigned long long)opts->seed, (long long)sim->counts.ops, (unsigned long long)opts->seed,
                      (long long)sim->counts.ops, sim->broken);
    }
    bg_heap_free(sim);
    return code;
}

static int sim_command(struct cli *cli)
{
    const char *values[O_COUNT];
    int64_t seed, seeds, plant;
    struct sim_opts opts = { 0 };
    if (!cli_options(cli, sim_options, values) || cli->argc != 0 || values[O_SEED] == NULL ||
        !read_number(values[O_SEED], 0, INT64_MAX / 4, 0, &seed) || !read_number(values[O_SEEDS], 1, 10000000, 1, &seeds) ||
        !read_number(values[O_OPS], 1, 100000000, DEFAULT_OPS, &opts.ops) ||
        !read_number(values[O_PLANT], 1, SIM_PLANTS, 0, &plant) || !read_faults(values[O_FAULTS], &opts.faults)) {
        return cli_usage("sim");
    }
    const struct bg_log silent = { .fd = -1, .least = BG_ALERT, .env = cli->env };
    opts.plant = (int)plant;
    opts.db = values[O_DB];
    opts.log = values[O_LOG] != NULL ? cli->log : &silent;
    int code = CLI_GOOD;
    for (int64_t i = 0; i < seeds && code == CLI_GOOD; i++) {
        opts.seed = (uint64_t)(seed + i);
        code = run_one(cli, &opts);
    }
    return code;
}

const struct cli_command cli_commands_sim[] = {
    { .name = "sim",
      .usage = "--seed N [--seeds K] [--ops M] [--faults WORDS] [--plant K] [--db FILE|postgresql://…]",
      .zh = "随机城市对照朴素模型，含断电等故障；不成立时退出码为 1",
      .en = "a random city against a naive model, with power cuts and the like; exit 1 on the first broken invariant",
      .options = sim_options,
      .run = sim_command },
    { 0 },
};
