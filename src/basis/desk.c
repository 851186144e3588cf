/* The workers: they take runs from the queue, compute and write the answer down. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "basis/inner.h"

#define LOOK_SECONDS 5 /* another process may have queued a run; on SQLite nobody waits for this */
#define LEASE_MORE_MS 60000 /* beyond the time granted */
#define NICENESS 10 /* requests come first */

bg_err basis_open(const struct basis_opts *opts, struct basis **ret)
{
    struct basis *basis = bg_heap_get(sizeof *basis);
    BG_TRY(bg_need(basis));
    basis->journal = opts->journal;
    basis->log = opts->log;
    basis->version = opts->version;
    (void)pthread_mutex_init(&basis->lock, NULL);
    (void)pthread_cond_init(&basis->signal, NULL);
    *ret = basis;
    return BG_DONE;
}

/* --- the claim: a write of its own, in no journal, since it decides nothing --- */

enum claim { CLAIM_TAKE, CLAIM_GIVE_BACK, CLAIM_FREE };
struct claim_in {
    enum claim what;
    int64_t city, id;
    bg_ms now, until;
};

static bg_err claim_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    const struct claim_in *in = jobs[0]->in;
    int64_t changed = 0;
    switch (in->what) {
    case CLAIM_TAKE:
        BG_TRY(
            store_run(tx, SQL_BASIS_RUN_CLAIM, ARGS(V_INT(in->city), V_INT(in->id), V_INT(in->now), V_INT(in->until)), &changed));
        break;
    case CLAIM_GIVE_BACK: BG_TRY(store_run(tx, SQL_BASIS_RUN_RELEASE, ARGS(V_INT(in->city), V_INT(in->id)), &changed)); break;
    case CLAIM_FREE: BG_TRY(store_run(tx, SQL_BASIS_RUN_FREE, NO_ARGS, &changed)); break;
    }
    *(int64_t *)jobs[0]->ret = changed;
    return BG_DONE;
}
static const struct store_class claim_class = { .name = "basis.claim", .rare = true, .run = claim_run };

static bg_err claim(struct basis *basis, const struct claim_in *in, bool *ret_taken)
{
    int64_t changed = 0;
    BG_TRY(store_write(journal_store(basis->journal), &claim_class, in, &changed, NULL));
    *ret_taken = changed > 0;
    return BG_DONE;
}

/* --- one run --- */

struct job {
    int64_t city;
    struct basis_run run;
    bg_str input;
};

/* The next run that waits, taken by us; *ret_found false: none. */
static bg_err take(struct basis *basis, struct bg_arena *arena, struct job *ret, bool *ret_found)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bg_ms now = bg_now(journal_env(basis->journal));
    int64_t keys[8][2];
    int count = 0;
    *ret_found = false;
    BG_TRY(store_read_begin(journal_store(basis->journal), 2000, &tx));
    BG_TRY(store_query(tx, SQL_BASIS_QUEUE_FIRST, ARGS(V_INT(now)), &rows));
    for (bool more = true; count < 8; count++) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        keys[count][0] = store_int(rows, 0);
        keys[count][1] = store_int(rows, 1);
    }
    store_rows_done(rows);
    rows = NULL;
    for (int i = 0; i < count && !*ret_found; i++) {
        ret->city = keys[i][0];
        BG_TRY(basis_run_get(tx, ret->city, keys[i][1], arena, &ret->run));
        BG_TRY(basis_document_get(tx, ret->city, keys[i][1], BASIS_INPUT, arena, &ret->input));
        BG_TRY(claim(basis,
                     &(struct claim_in){ CLAIM_TAKE, ret->city, keys[i][1], now, now + ret->run.seconds_ms + LEASE_MORE_MS },
                     ret_found));
    }
    return BG_DONE;
}

static struct basis_slot *slot_take(struct basis *basis, const struct job *job)
{
    struct basis_slot *slot = NULL;
    (void)pthread_mutex_lock(&basis->lock);
    for (int i = 0; i < BASIS_THREADS_MAX && slot == NULL; i++) {
        slot = basis->slots[i].id == 0 ? &basis->slots[i] : NULL;
    }
    if (slot != NULL) { /* always: there are as many as threads */
        slot->city = job->city;
        slot->id = job->run.id;
        atomic_store(&slot->stop, basis->closing);
    }
    (void)pthread_mutex_unlock(&basis->lock);
    return slot;
}

static void slot_give(struct basis *basis, struct basis_slot *slot)
{
    (void)pthread_mutex_lock(&basis->lock);
    slot->id = 0;
    (void)pthread_mutex_unlock(&basis->lock);
}

void basis_stop(struct basis *basis, int64_t city, int64_t id)
{
    (void)pthread_mutex_lock(&basis->lock);
    for (int i = 0; i < BASIS_THREADS_MAX; i++) {
        if (basis->slots[i].id == id && basis->slots[i].city == city) {
            atomic_store(&basis->slots[i].stop, true);
        }
    }
    (void)pthread_mutex_unlock(&basis->lock);
}

/* What the row tells of the answer, read back from it so that the two agree. */
static bg_err summarise(bg_str answer, struct bg_arena *arena, struct basis_end *end)
{
    json_t *json;
    BG_TRY(json_read(answer, arena, &json));
    const json_t *seed = json_object_get(json, "seed"), *gap = json_object_get(json, "gap");
    const char *solver = json_string_value(json_object_get(json, "solver"));
    end->solver = bg_arena_copy(arena, bg_str_of(solver));
    end->seeded = json_is_integer(seed);
    end->seed = json_integer_value(seed);
    end->gap_known = json_is_number(gap);
    end->gap_nano = (int64_t)(json_number_value(gap) * 1e9 + 0.5);
    end->used_us = (int64_t)(json_number_value(json_object_get(json, "seconds")) * 1e6 + 0.5);
    return bg_need(end->solver.at);
}

static bg_err compute(const struct job *job, struct basis_slot *slot, struct bg_arena *arena, struct bg_buf *out)
{
    const struct solve_method *method = solve_find(job->run.method);
    if (method == NULL) { /* asked of a newer version */
        return BG_FAIL_AT(BG_BAD_INPUT, "method");
    }
    if (job->run.tries >= BASIS_TRIES_MAX) {
        return BG_FAIL(BG_BASIS_BROKEN);
    }
    return solve_run_until(method, job->input, (double)job->run.seconds_ms * 1e-3, &slot->stop, arena, out);
}

static bg_err write_end(struct basis *basis, const struct job *job, const struct basis_end *end)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)16 << 20);
    BG_TRY(bg_need(arena));
    struct change change = { .kind = &basis_run_ending,
                             .in = end,
                             .arena = arena,
                             .op = bg_op_id_make(journal_env(basis->journal)),
                             .city = job->city,
                             .actor = work_actor(),
                             .occurred_at = BG_TIME_NONE,
                             .reply = bg_buf_init(4096) };
    bg_err err = change_run(basis->journal, &change);
    bg_buf_done(&change.reply);
    return err;
}

static bool is_closing(struct basis *basis)
{
    (void)pthread_mutex_lock(&basis->lock);
    bool closing = basis->closing;
    (void)pthread_mutex_unlock(&basis->lock);
    return closing;
}

static bg_err run_job(struct basis *basis, const struct job *job)
{
    BG_SCOPED_ARENA arena = bg_arena_open(BASIS_MEMORY_MAX);
    BG_SCOPED_BUF out = bg_buf_init(BASIS_ANSWER_MAX);
    struct basis_end end = {
        .id = job->run.id, .state = BASIS_ANSWERED, .part = BASIS_ANSWER, .solver = BG_STR(""), .used_us = -1
    };
    struct basis_slot *slot = slot_take(basis, job);
    BG_TRY(bg_need(slot));
    bg_err err = arena == NULL ? BG_FAIL(BG_NO_MEMORY) : compute(job, slot, arena, &out);
    bool stopped = atomic_load(&slot->stop);
    slot_give(basis, slot);
    if (stopped && is_closing(basis)) {
        bool given;
        return claim(basis, &(struct claim_in){ .what = CLAIM_GIVE_BACK, .city = job->city, .id = job->run.id }, &given);
    }
    if (stopped) {
        return BG_DONE; /* cancelled: the row says so already */
    }
    if (!bg_failed(err)) {
        err = summarise(bg_buf_str(&out), arena, &end);
    }
    if (bg_failed(err)) {
        end.state = BASIS_REFUSED;
        end.part = BASIS_REFUSAL;
        bg_buf_clear(&out);
        basis_problem(err, &out);
    }
    end.content = bg_buf_str(&out);
    return write_end(basis, job, &end);
}

static bg_err take_and_run(struct basis *basis, bool *ret_found)
{
    struct job job;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)8 << 20);
    BG_TRY(bg_need(arena));
    BG_TRY(take(basis, arena, &job, ret_found));
    return *ret_found ? run_job(basis, &job) : BG_DONE;
}

bg_err basis_step(struct basis *basis, size_t *ret_done)
{
    size_t done = 0;
    for (bool found = true; found; done += found) {
        BG_TRY(take_and_run(basis, &found));
    }
    if (ret_done != NULL) {
        *ret_done = done;
    }
    return BG_DONE;
}

/* --- threads --- */

static void wait_for_work(struct basis *basis)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LOOK_SECONDS;
    (void)pthread_mutex_lock(&basis->lock);
    if (!basis->closing && !basis->poked) {
        (void)pthread_cond_timedwait(&basis->signal, &basis->lock, &until);
    }
    basis->poked = false;
    (void)pthread_mutex_unlock(&basis->lock);
}

static void *work_main(void *ctx)
{
    struct basis *basis = ctx;
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICENESS); /* Linux: of this thread alone */
    while (!is_closing(basis)) {
        bool found = false;
        bg_err err = take_and_run(basis, &found);
        if (bg_failed(err)) {
            bg_log_error(basis->log, BG_WARN, "basis.work", err);
        }
        if (!found || bg_failed(err)) {
            wait_for_work(basis);
        }
    }
    return NULL;
}

/* After a commit: only one that queued a run wakes the workers. */
static void watch(void *ctx, int64_t head)
{
    struct basis *basis = ctx;
    (void)head;
    if (atomic_exchange(&basis->asked, false)) {
        (void)pthread_mutex_lock(&basis->lock);
        basis->poked = true;
        (void)pthread_cond_broadcast(&basis->signal);
        (void)pthread_mutex_unlock(&basis->lock);
    }
}

bg_err basis_start(struct basis *basis, int threads)
{
    bool freed;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = threads > 0 ? threads : cores > 0 ? (int)cores : 1;
    if (!store_is_postgres(journal_store(basis->journal))) {
        BG_TRY(claim(basis, &(struct claim_in){ .what = CLAIM_FREE }, &freed));
    }
    BG_TRY(journal_watch(basis->journal, watch, basis));
    basis->watching = true;
    for (int i = 0; i < wanted && i < BASIS_THREADS_MAX; i++) {
        if (pthread_create(&basis->threads[i], NULL, work_main, basis) != 0) {
            return BG_FAIL(BG_NO_MEMORY);
        }
        basis->started++;
    }
    return BG_DONE;
}

void basis_close(struct basis *basis)
{
    if (basis == NULL) {
        return;
    }
    if (basis->watching) {
        journal_unwatch(basis->journal, watch, basis);
    }
    (void)pthread_mutex_lock(&basis->lock);
    basis->closing = true;
    for (int i = 0; i < BASIS_THREADS_MAX; i++) {
        atomic_store(&basis->slots[i].stop, true);
    }
    (void)pthread_cond_broadcast(&basis->signal);
    (void)pthread_mutex_unlock(&basis->lock);
    for (int i = 0; i < basis->started; i++) {
        (void)pthread_join(basis->threads[i], NULL);
    }
    (void)pthread_cond_destroy(&basis->signal);
    (void)pthread_mutex_destroy(&basis->lock);
    bg_heap_free(basis);
}

/* --- what if --- */

bg_err basis_what_if(bg_str method, bg_str input, struct bg_arena *arena, struct bg_buf *out)
{
    const struct solve_method *found = solve_find(method);
    json_t *json;
    if (found == NULL) {
        return BG_FAIL_AT(BG_BAD_INPUT, "method");
    }
    BG_TRY(json_read(input, arena, &json));
    const json_t *paths = json_object_get(json, "paths");
    if (paths != NULL && json_number_value(paths) > BASIS_WHAT_IF_PATHS) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "input.paths", bg_arena_text(arena, "\"most\":%d", BASIS_WHAT_IF_PATHS));
    }
    return solve_run(found, input, BASIS_WHAT_IF_SECONDS, arena, out);
}
