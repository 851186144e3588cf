/* Changes on both engines: same id same answer, refusals kept, failures not, one poison harms no other, 10,000 replays change
 * nothing. */
#include "toy.h"

static void same_id_same_answer(struct toy_world *w)
{
    char first[256], second[256];
    bg_err err = toy_run(w, &toy_hot, (struct toy_in){ .id = 1, .add = 5 }, 1, first);
    OK(!bg_failed(err) && strcmp(first, "{\"qty\":5}") == 0, "a change is answered: %s", first);
    err = toy_run(w, &toy_hot, (struct toy_in){ .id = 1, .add = 5 }, 1, second);
    OK(!bg_failed(err) && strcmp(first, second) == 0, "again, byte for byte: %s", second);
    OK(toy_int(w, "SELECT qty FROM toy WHERE id = 1") == 5, "and done once");
    err = toy_run(w, &toy_hot, (struct toy_in){ .id = 1, .add = 6 }, 1, second);
    OK(err.code == BG_OP_REUSED, "another body under the same id is refused");
    err = toy_run(w, &toy_hot, (struct toy_in){ .id = 1, .add = 5 }, 1, second);
    OK(!bg_failed(err) && strcmp(first, second) == 0, "which does not change the first answer");
    OK(toy_int(w, "SELECT count(*) FROM op") == 1, "one answer is kept");
}

static void refusals(struct toy_world *w)
{
    char first[256], second[256];
    bg_err err = toy_run(w, &toy_hot, (struct toy_in){ .id = 2, .add = -1 }, 10, first);
    OK(err.code == BG_BAD_MOVE && strstr(first, "\"available\":0") != NULL, "a refusal says why: %s", first);
    OK(!bg_failed(toy_run(w, &toy_hot, (struct toy_in){ .id = 2, .add = 9 }, 11, NULL)), "now there is enough");
    err = toy_run(w, &toy_hot, (struct toy_in){ .id = 2, .add = -1 }, 10, second);
    OK(err.code == BG_BAD_MOVE && strcmp(first, second) == 0, "the refusal stays the answer of its id");
    err = toy_run(w, &toy_hot, (struct toy_in){ .id = 2, .add = 1, .fail = BG_BUSY }, 12, second);
    OK(err.code == BG_BUSY && second[0] == '\0', "a failure (503) has no kept answer");
    err = toy_run(w, &toy_hot, (struct toy_in){ .id = 2, .add = 1 }, 12, second);
    OK(!bg_failed(err) && strcmp(second, "{\"qty\":10}") == 0, "so the same id may be tried again");
}

static void rare(struct toy_world *w)
{
    char text[256], again[256];
    OK(!bg_failed(toy_run(w, &toy_rare, (struct toy_in){ .id = 3, .add = 4 }, 20, text)), "a rare change: %s", text);
    bg_err err = toy_run(w, &toy_rare, (struct toy_in){ .id = 3, .add = -9 }, 21, text);
    OK(err.code == BG_BAD_MOVE && toy_int(w, "SELECT qty FROM toy WHERE id = 3") == 4, "a refused one is undone");
    err = toy_run(w, &toy_rare, (struct toy_in){ .id = 3, .add = -9 }, 21, again);
    OK(err.code == BG_BAD_MOVE && strcmp(text, again) == 0, "and its answer kept all the same");
    err = toy_run(w, &toy_rare, (struct toy_in){ .id = 3, .add = 1000000 }, 22, text);
    OK(err.code == BG_STORE_CHECK && toy_int(w, "SELECT qty FROM toy WHERE id = 3") == 4, "a constraint refuses it too");
    err = toy_run(w, &toy_rare, (struct toy_in){ .id = 3, .add = 1, .fail = BG_INTERNAL }, 23, text);
    OK(err.code == BG_INTERNAL, "a failure is told");
    OK(!bg_failed(toy_run(w, &toy_rare, (struct toy_in){ .id = 3, .add = 1 }, 23, text)), "and may be tried again: %s", text);
}

/* --- many in one batch --- */

#define CROWD 200

struct crowd {
    struct change changes[CROWD];
    struct toy_in in[CROWD];
    struct bg_arena *arena;
    sem_t done;
};

static void crowd_done(struct change *change)
{
    sem_post(&((struct crowd *)change->user)->done);
}

static sem_t gate;

static bg_err gate_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)tx;
    (void)jobs;
    (void)count;
    while (sem_wait(&gate) != 0) {
    }
    sem_post(&gate); /* stays open: the transaction may run again */
    return BG_DONE;
}
static const struct store_class gate_class = { "toy.gate", true, gate_run, NULL };

static void gate_done(struct store_job *job)
{
    (void)job;
}

/* Holds the writer until all are queued, so that they make one batch. Same lane as city 1. */
static void crowd_run(struct toy_world *w, struct crowd *crowd, size_t count)
{
    struct store_job job = { .class = &gate_class, .lane = 1, .done = gate_done };
    sem_init(&gate, 0, 0);
    sem_init(&crowd->done, 0, 0);
    int failed = bg_failed(store_submit(w->store, &job));
    for (size_t i = 0; i < count; i++) {
        crowd->changes[i].done = crowd_done;
        crowd->changes[i].user = crowd;
        crowd->changes[i].arena = crowd->arena;
        failed += bg_failed(change_submit(w->journal, &crowd->changes[i]));
    }
    sem_post(&gate);
    for (size_t i = 0; i < count; i++) {
        while (sem_wait(&crowd->done) != 0) {
        }
    }
    OK(failed == 0, "%d changes queued together", (int)count);
}

static void twins(struct toy_world *w, struct crowd *crowd)
{
    for (size_t i = 0; i < 20; i++) { /* ten operations, each twice; one pair with another body */
        crowd->in[i] = (struct toy_in){ .id = 4, .add = i == 19 ? 2 : 1 };
        toy_change(&crowd->changes[i], &toy_hot, &crowd->in[i], 100 + i % 10);
    }
    crowd_run(w, crowd, 20);
    int same = 0, replayed = 0;
    for (size_t i = 0; i < 10; i++) {
        same += bg_str_eq(bg_buf_str(&crowd->changes[i].reply), bg_buf_str(&crowd->changes[i + 10].reply));
        replayed += crowd->changes[i + 10].replayed;
    }
    OK(same == 9 && replayed == 9, "the same id twice in one batch is done once (%d)", same);
    OK(crowd->changes[19].err.code == BG_OP_REUSED, "with another body it is refused");
    OK(toy_int(w, "SELECT qty FROM toy WHERE id = 4") == 10, "ten were done");
    for (size_t i = 0; i < 20; i++) {
        bg_buf_done(&crowd->changes[i].reply);
    }
}

static void poison(struct toy_world *w, struct crowd *crowd)
{
    int64_t entries = toy_int(w, "SELECT count(*) FROM op");
    for (size_t i = 0; i < CROWD; i++) { /* number 77 breaks the table's CHECK, which no decision foresees */
        crowd->in[i] = (struct toy_in){ .id = i == 77 ? 6 : 5, .add = i == 77 ? 5000000 : 1 };
        toy_change(&crowd->changes[i], &toy_hot, &crowd->in[i], 200 + i);
    }
    crowd_run(w, crowd, CROWD);
    int done = 0;
    for (size_t i = 0; i < CROWD; i++) {
        done += !bg_failed(crowd->changes[i].err);
        bg_buf_done(&crowd->changes[i].reply);
    }
    OK(done == CROWD - 1 && crowd->changes[77].err.code == BG_STORE_CHECK,
       "one change that can not be applied harms no other (%d)", done);
    OK(toy_int(w, "SELECT qty FROM toy WHERE id = 5") == CROWD - 1, "each of the others was done once");
    OK(toy_int(w, "SELECT count(*) FROM op") == entries + CROWD - 1, "and their answers kept");
}

/* --- 10,000 replays --- */

#define OPS 300
#define REPLAYS 10000
#define THREADS 4

struct replayer {
    struct toy_world *w;
    uint64_t seed;
    char (*replies)[64];
    const struct toy_in *in;
    int wrong;
};

static void *replay_some(void *ctx)
{
    struct replayer *r = ctx;
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, r->seed, 0);
    for (int i = 0; i < REPLAYS / THREADS; i++) {
        char text[256];
        uint64_t n = bg_random_below(&env, OPS);
        bg_ignore(toy_run(r->w, n % 7 == 0 ? &toy_rare : &toy_hot, r->in[n], 1000 + n, text));
        r->wrong += strncmp(text, r->replies[n], 63) != 0;
    }
    return NULL;
}

static void replays(struct toy_world *w)
{
    static char replies[OPS][64];
    static struct toy_in in[OPS];
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 11, 0);
    int refused = 0;
    for (size_t n = 0; n < OPS; n++) {
        char text[256];
        in[n] = (struct toy_in){ .id = 10 + (int64_t)bg_random_below(&env, 5), .add = (int64_t)bg_random_below(&env, 21) - 10 };
        refused += bg_failed(toy_run(w, n % 7 == 0 ? &toy_rare : &toy_hot, in[n], 1000 + n, text));
        memcpy(replies[n], text, 63);
    }
    bg_ignore(journal_sequence(w->journal));
    int64_t sum = toy_int(w, "SELECT sum(qty * id) FROM toy"), ops = toy_int(w, "SELECT count(*) FROM op");
    int64_t entries = toy_int(w, "SELECT count(*) FROM journal_entry") + toy_int(w, "SELECT count(*) FROM journal_pending");
    pthread_t threads[THREADS];
    struct replayer parts[THREADS];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        parts[i] = (struct replayer){ w, (uint64_t)i + 1, replies, in, 0 };
        pthread_create(&threads[i], NULL, replay_some, &parts[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += parts[i].wrong;
    }
    OK(wrong == 0, "%d replays of %d requests (%d refused) in random order give the first answers", REPLAYS, OPS, refused);
    OK(toy_int(w, "SELECT sum(qty * id) FROM toy") == sum && toy_int(w, "SELECT count(*) FROM op") == ops, "and change nothing");
    bg_ignore(journal_sequence(w->journal));
    OK(toy_int(w, "SELECT count(*) FROM journal_entry") + toy_int(w, "SELECT count(*) FROM journal_pending") == entries,
       "nor add to the journal (%lld entries)", (long long)entries);
}

/* --- forgetting --- */

static bg_err run_numbered(struct toy_world *w, uint64_t op, int64_t number)
{
    BG_SCOPED_ARENA arena = bg_arena_open(65536);
    const struct toy_in in = { .id = 20, .add = 1 };
    struct change change;
    toy_change(&change, &toy_hot, &in, op);
    change.arena = arena;
    change.actor.device = 77;
    change.device_seq = number;
    bg_err err = change_run(w->journal, &change);
    bg_buf_done(&change.reply);
    return err;
}

static void forgetting(struct toy_world *w)
{
    OK(!bg_failed(run_numbered(w, 5001, 1)) && !bg_failed(run_numbered(w, 5002, 2)), "a device numbers its operations");
    w->sim.now += INT64_C(29) * 86400000;
    int64_t before = toy_int(w, "SELECT count(*) FROM op");
    OK(!bg_failed(journal_forget(w->journal)) && toy_int(w, "SELECT count(*) FROM op") == before, "29 days later all is known");
    OK(!bg_failed(run_numbered(w, 5003, 3)), "the third");
    w->sim.now += INT64_C(2) * 86400000;
    OK(!bg_failed(journal_forget(w->journal)) && toy_int(w, "SELECT count(*) FROM op") == 1, "31 days later only the third");
    OK(!bg_failed(run_numbered(w, 5003, 3)), "which is replayed");
    OK(run_numbered(w, 5002, 2).code == BG_OP_PAST, "the second is refused and not done twice");
    OK(!bg_failed(run_numbered(w, 5004, 4)), "the fourth is new");
    OK(toy_int(w, "SELECT qty FROM toy WHERE id = 20") == 4, "four were done");
}

static void on_engine(const char *server)
{
    struct toy_world w;
    static struct crowd crowd;
    bool begun = toy_begin(&w, server);
    OK(begun, "%s opens", server == NULL ? "SQLite" : "PostgreSQL");
    if (begun) {
        crowd.arena = bg_arena_open(1 << 20);
        same_id_same_answer(&w);
        refusals(&w);
        rare(&w);
        twins(&w, &crowd);
        poison(&w, &crowd);
        replays(&w);
        forgetting(&w);
        struct journal_report report = { 0 };
        bg_ignore(journal_sequence(w.journal));
        OK(!bg_failed(journal_verify(w.store, NULL, &report)) && report.intact && report.waiting == 0,
           "intact: %lld entries %s %s %s", (long long)report.entries, report.table, report.key, report.kind);
        bg_arena_close(crowd.arena);
    }
    toy_end(&w);
}

int main(void)
{
    on_engine(NULL);
    if (getenv("BAOGONG_TEST_PG") != NULL) {
        on_engine(getenv("BAOGONG_TEST_PG"));
    } else {
        SKIP("PostgreSQL: BAOGONG_TEST_PG is not set");
    }
    return TAP_DONE();
}
