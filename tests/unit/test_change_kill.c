/* Processes killed (kill -9) while eight threads run changes, on both engines: after each, every acknowledged operation is there
 * once, what was under way is there whole or not at all, and the journal is intact. BAOGONG_KILLS tells how many (10). */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "toy.h"

#define THREADS 8

/* Shared with the child. */
struct score {
    _Atomic uint64_t acked[THREADS]; /* operations 1 … acked were answered */
    _Atomic int ready;
};

struct runner {
    struct toy_world *w;
    struct score *score;
    int number;
};

static uint64_t op_of(int thread, uint64_t n)
{
    return (uint64_t)(thread + 1) * 1000000 + n;
}

static void *run_on(void *ctx)
{
    struct runner *r = ctx;
    for (uint64_t n = atomic_load(&r->score->acked[r->number]) + 1;; n++) {
        const struct change_kind *kind = n % 16 == 0 ? &toy_rare : &toy_hot;
        bg_err err = toy_run(r->w, kind, (struct toy_in){ .id = r->number, .add = 1 }, op_of(r->number, n), NULL);
        if (bg_failed(err)) {
            _exit(3);
        }
        atomic_store(&r->score->acked[r->number], n);
        atomic_fetch_add(&r->score->ready, 1);
    }
    return NULL;
}

static void open_both(struct toy_world *w, bool threads)
{
    bg_err err = store_open(&(struct store_opts){ .address = w->address, .env = &w->env }, &w->store);
    err = bg_failed(err) ? err
                         : journal_open(
                               &(struct journal_opts){
                                   .store = w->store, .env = &w->env, .ids = &w->ids, .key_path = w->key, .no_thread = !threads },
                               &w->journal);
    if (bg_failed(err)) {
        printf("# %s %s:%d\n", bg_errors[err.code].slug, err.file, err.line);
        _exit(4);
    }
}

static void close_both(struct toy_world *w)
{
    journal_close(w->journal);
    store_close(w->store);
    w->journal = NULL;
    w->store = NULL;
}

static void child(struct toy_world *w, struct score *score)
{
    static struct runner runners[THREADS];
    pthread_t thread;
    w->env = bg_env_real;
    open_both(w, true);
    for (int i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){ w, score, i };
        if (pthread_create(&thread, NULL, run_on, &runners[i]) != 0) {
            _exit(5);
        }
    }
    for (;;) {
        (void)pause();
    }
}

/* What is wrong after a kill: acknowledged operations lost, doubled or halved effects, damage. */
static int check(struct toy_world *w, struct score *score)
{
    int wrong = 0;
    struct journal_report report = { 0 };
    open_both(w, false);
    for (int i = 0; i < THREADS; i++) {
        char sql[160];
        (void)snprintf(sql, sizeof sql, "SELECT coalesce(sum(qty), 0) FROM toy WHERE id = %d", i);
        int64_t done = toy_int(w, sql), acked = (int64_t)atomic_load(&score->acked[i]);
        wrong += done < acked || done > acked + 1; /* one may be under way */
    }
    int64_t sum = toy_int(w, "SELECT coalesce(sum(qty), 0) FROM toy"), ops = toy_int(w, "SELECT count(*) FROM op");
    int64_t entries = toy_int(w, "SELECT (SELECT count(*) FROM journal_entry) + (SELECT count(*) FROM journal_pending)");
    wrong += sum != ops || ops != entries;
    wrong += bg_failed(journal_verify(w->store, NULL, &report)) || !report.intact;
    if (wrong > 0) {
        printf("# %lld done, %lld answers, %lld entries; %s %s %s\n", (long long)sum, (long long)ops, (long long)entries,
               report.table, report.key, report.kind);
    }
    close_both(w);
    return wrong;
}

static void kill_one(struct toy_world *w, struct score *score, const struct bg_env *dice)
{
    atomic_store(&score->ready, 0);
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        child(w, score);
    }
    int status;
    for (int i = 0; i < 2000 && atomic_load(&score->ready) < THREADS && waitpid(pid, &status, WNOHANG) == 0; i++) {
        (void)usleep(5000);
    }
    (void)usleep((useconds_t)(bg_random_below(dice, 60000)));
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
}

static void on_engine(const char *server, int kills)
{
    struct toy_world w;
    struct bg_env_sim sim;
    struct bg_env dice = bg_env_seeded(&sim, 99, 0);
    struct score *score = mmap(NULL, sizeof *score, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool begun = score != MAP_FAILED && toy_begin(&w, server);
    OK(begun, "%s opens", server == NULL ? "SQLite" : "PostgreSQL");
    if (!begun) {
        return;
    }
    close_both(&w);
    int wrong = 0;
    for (int i = 0; i < kills && wrong == 0; i++) {
        kill_one(&w, score, &dice);
        w.env = bg_env_seeded(&w.sim, 7, bg_env_real.now(NULL) + 60000); /* behind every lease */
        wrong += check(&w, score);
    }
    uint64_t acked = 0;
    for (int i = 0; i < THREADS; i++) {
        acked += atomic_load(&score->acked[i]);
    }
    OK(wrong == 0 && acked > 0, "%d kills, %llu acknowledged operations: none lost, none doubled, journal intact", kills,
       (unsigned long long)acked);
    w.env = bg_env_seeded(&w.sim, 7, bg_env_real.now(NULL) + 60000);
    open_both(&w, false);
    struct journal_report report = { 0 };
    bg_ignore(journal_sequence(w.journal));
    OK(!bg_failed(journal_verify(w.store, NULL, &report)) && report.intact && report.waiting == 0 &&
           report.entries == toy_int(&w, "SELECT count(*) FROM op"),
       "every operation has its position");
    toy_end(&w);
    (void)munmap(score, sizeof *score);
}

int main(void)
{
    const char *words = getenv("BAOGONG_KILLS");
    int64_t kills = 10;
    if (words != NULL && (!bg_str_int(bg_str_of(words), &kills) || kills < 1 || kills > 100000)) {
        return 2;
    }
    on_engine(NULL, (int)kills);
    if (getenv("BAOGONG_TEST_PG") != NULL) {
        on_engine(getenv("BAOGONG_TEST_PG"), (int)kills);
    } else {
        SKIP("PostgreSQL: BAOGONG_TEST_PG is not set");
    }
    return TAP_DONE();
}
