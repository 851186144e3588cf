/* baogong sim: a random city on the real store, journal and ledger, held against the naive ledger of model.h, with faults under
 * it. sim.c the command, sim_city.c opening, closing and the city's catalogue, sim_batch.c operations in batches and their
 * answers, sim_check.c the invariants, sim_fault.c faults and what comes after them, sim_plant.c defects planted to see them
 * caught.
 *
 * One seed draws everything: the city, its clock, the operations, the faults, what a power cut leaves. The writer's thread and
 * the simulator's take turns (sim_park), so that the same seed goes the same way on every run. Private to cli. */
#ifndef BG_CLI_SIM_H
#define BG_CLI_SIM_H

#include <semaphore.h>
#include <sodium.h>

#include "cli/model.h"

#define SIM_CITY INT64_C(12)
#define SIM_BATCH_MAX 12
#define SIM_HISTORY 48
#define SIM_PLANTS 10
#define SIM_PLANT_LYING_DISK 7
#define SIM_DAY INT64_C(86400000)
#define SIM_START INT64_C(1641605400000) /* 2022-01-08T01:30:00Z, 09:30 in the city */

enum sim_fault { SIM_CRASH = 1, SIM_FULL = 2, SIM_FSYNC = 4, SIM_IO = 8, SIM_CLOCK = 16, SIM_RESTART = 32 };
#define SIM_FAULTS_COUNT 6

/* What a run is asked for. */
struct sim_opts {
    uint64_t seed;
    int64_t ops;
    unsigned faults;
    int plant; /* 0: none */
    const char *db; /* NULL: SQLite on a disk in memory */
    const struct bg_log *log; /* may be NULL */
};

/* What an operation of a batch is. */
enum sim_role {
    SIM_FRESH,
    SIM_AGAIN, /* one of the history, sent again: the same answer, no effect */
    SIM_TWIN, /* one of the same batch, sent again */
    SIM_OTHER, /* the id of one of the history with another body: refused */
    SIM_ROLES_COUNT,
};

struct sim_op {
    enum sim_role role;
    struct model_op op;
    struct model_answer answer;
    size_t of; /* index into the batch (TWIN) */
    enum bg_code past_code; /* AGAIN: what was answered the first time */
    int past_status;
    uint8_t past_reply[32];
    struct change change;
    bg_err submitted;
};

/* An operation that was answered, to be sent again. */
struct sim_past {
    struct model_op op;
    bg_op_id id;
    uint8_t body[32], reply[32]; /* hashes */
    enum bg_code code;
    int status;
};

/* The store's work is done by its own thread; it stops (is parked) in the answer to the last change of a batch. */
struct sim_turn {
    sem_t parked, go;
    int left; /* answers to come before it parks */
    bool is_parked;
};

struct sim_counts {
    int64_t ops, refused, cuts, faults[SIM_FAULTS_COUNT], recovered, checks, queries;
    int64_t by_kind[MODEL_WHAT_COUNT][LEDGER_KINDS_COUNT], by_role[SIM_ROLES_COUNT];
};

struct sim {
    const struct sim_opts *opts;
    struct bg_env_sim clock, dice_state, disk_state;
    struct bg_env env, dice, disk_env; /* the product's; the simulator's; the disk's */
    struct bg_log log;
    struct bg_idgen ids;
    char address[1200];
    struct store_disk *disk; /* NULL: a real engine */
    struct store *store;
    struct journal *journal;
    struct sim_turn turn;
    struct store_job gate; /* parks the writer when no change does */
    bool halted; /* the store met a failed write and would have ended the process */
    /* the city */
    struct model model;
    int64_t depots[3], users[2], items[3], owners[3], bins[2];
    struct model_lot lots[3 * 4];
    char batches[3 * 4][64]; /* the lots' batch numbers */
    /* the batch in hand */
    struct sim_op batch[SIM_BATCH_MAX];
    size_t batch_count;
    struct bg_arena *arena;
    struct model_mark mark; /* the model before the batch; taken when something may go wrong */
    /* the past */
    struct sim_past history[SIM_HISTORY];
    size_t history_count;
    int replays_due; /* after a start: so many operations are sent again first */
    /* faults */
    int64_t fault_at; /* the next one, by the count of operations */
    unsigned armed; /* enum sim_fault that waits to strike */
    int armed_batches;
    /* defects */
    bool planted; /* it has been done */
    /* outcome */
    struct sim_counts counts;
    crypto_hash_sha256_state digest;
    char broken[4096]; /* the first broken invariant; empty: none */
};

/* Runs one seed. An error: could not run at all. Broken invariants are told in sim->broken. */
bg_err sim_run(const struct sim_opts *opts, struct sim *sim, uint8_t ret_digest[32]);

/* Notes a broken invariant; the first counts. */
void sim_break(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline bool sim_broken(const struct sim *sim)
{
    return sim->broken[0] != '\0';
}
static inline size_t sim_below(const struct sim *sim, size_t bound)
{
    return (size_t)bg_random_below(&sim->dice, bound);
}
static inline bool sim_chance(const struct sim *sim, size_t percent)
{
    return sim_below(sim, 100) < percent;
}

/* sim_city.c */
bg_err sim_place(struct sim *sim); /* where the database is: a disk in memory, a file or a schema of its own */
void sim_leave(struct sim *sim); /* nothing is left of it, unless an invariant broke */
bg_err sim_open(struct sim *sim); /* store and journal, on what is there */
void sim_close(struct sim *sim); /* as a clean stop; after a halt as the end of the process */
bg_err sim_found(struct sim *sim); /* the city's catalogue, and the model of it */
/* A lot put once more, with another last day of use. */
void sim_lot_again(struct sim *sim, size_t lot, struct model_op *ret);
void sim_answered(struct change *change); /* change->done of a batch; change->user is the simulator */
void sim_wait_parked(struct sim *sim); /* until turn.left answers have come */
void sim_park(struct sim *sim); /* the writer waits; does nothing when it does already */
void sim_unpark(struct sim *sim); /* before anything that waits for the writer itself */
/* Runs SQL in a write of its own, around the product: for defects. */
bg_err sim_run_text(struct sim *sim, const char *sql, const struct store_val *args, size_t count, int64_t *ret_changed);
/* One change by itself; the reply's first id in *ret_id. */
bg_err sim_change(struct sim *sim, const struct change_kind *kind, const void *in, int64_t *ret_id);

/* sim_batch.c */
bg_err sim_batch(struct sim *sim); /* draws, sends and judges the next operations */
bg_err sim_again(struct sim *sim); /* some of the history once more: nothing may change */
void sim_send(struct sim *sim); /* the batch in hand, once more or for the first time; returns when all is answered */
bg_err sim_expect(struct sim *sim); /* what the model expects of the batch in hand, from its present state */
bg_err sim_judge(struct sim *sim, bool replayed); /* holds the answers against what was expected */

/* sim_check.c */
bg_err sim_check(struct sim *sim); /* balances, totals, days, holds, sizes, zero sums */
bg_err sim_query(struct sim *sim); /* random questions: the seven numbers now and as of, picks, recalls */
bg_err sim_verify(struct sim *sim, bool whole); /* the product's own verification */
bg_err sim_digest(struct sim *sim, uint8_t ret[32]); /* with the final state */

/* sim_fault.c */
/* A read error that waits is meant for the store, not for the look that comes now. */
void sim_spare_reads(struct sim *sim);
bg_err sim_fault(struct sim *sim); /* perhaps lets something go wrong now or soon */
bg_err sim_recover(struct sim *sim); /* after a batch that failed: starts again if need be, finds what became of it, goes on */
bg_err sim_restart(struct sim *sim, bool cut); /* `cut`: the power went; else a clean stop */

/* sim_plant.c; each does nothing unless its defect was asked for */
bg_err sim_plant_after(struct sim *sim, const struct sim_op *op); /* an operation was answered and judged */
bg_err sim_plant_start(struct sim *sim); /* the store was opened again */
bg_ms sim_plant_at(struct sim *sim, bg_ms at); /* a question is asked as of `at` */

#endif
