/* The queue of jobs and the thread that owns the writing connection. It takes what is queued, with no artificial wait, runs it in one
 * durable transaction and then answers everybody: group commit. */
#include <assert.h>
#include <semaphore.h>
#include <time.h>

#include "store/backend.h"

const struct store_class store_outside_class = { .name = "store.outside", .rare = true };

/* --- one unit: the groups that share a transaction --- */

static void answer_all(const struct group *group, bg_err err)
{
    for (size_t i = 0; i < group->count; i++) {
        group->jobs[i]->err = err;
    }
}

static void fail_unit(struct group *groups, size_t count, bg_err err)
{
    for (size_t i = 0; i < count; i++) {
        groups[i].refused = true;
        answer_all(&groups[i], err);
    }
}

static void close_rows(struct store_tx *tx)
{
    while (tx->open != NULL) {
        store_rows_done(tx->open);
    }
}

/* Runs one group; true when what it did stays. `marked`: its effects can be undone apart from the others'. */
static bool run_group(struct store_tx *tx, struct group *group, bool marked)
{
    const struct backend *backend = tx->store->backend;
    group->err = marked ? backend->mark(tx) : BG_DONE;
    if (bg_failed(group->err)) {
        tx->lost = true;
        bg_ignore(store_spoil(tx, group->err));
        return false;
    }
    bg_err err = group->class->run(tx, group->jobs, group->count);
    close_rows(tx);
    if (!bg_failed(err)) {
        err = tx->err; /* a failed statement fails the group, also when `run` passed over it */
    }
    bool refused = group->class->rare && bg_failed(group->jobs[0]->err);
    if (!bg_failed(err) && !refused) {
        err = marked ? backend->unmark(tx) : BG_DONE;
        tx->lost |= bg_failed(err);
        group->err = err;
        return !bg_failed(err);
    }
    group->refused = true;
    group->err = refused ? BG_DONE : err;
    if (marked && !tx->soft && !tx->lost) {
        bg_err undone = backend->undo(tx);
        if (bg_failed(undone)) {
            tx->lost = true;
            group->err = undone;
        }
    }
    return false;
}

/* One try at a unit. *ret_soft: it may run again. The error is that of the transaction as a whole. */
static bg_err try_unit(struct store_tx *tx, struct group *groups, size_t count, bool *ret_soft)
{
    const struct backend *backend = tx->store->backend;
    tx->err = BG_DONE;
    tx->soft = tx->lost = false;
    *ret_soft = false;
    bool rare = groups[0].class->rare;
    bg_err err = backend->begin(tx, rare);
    if (bg_failed(err)) {
        *ret_soft = tx->soft;
        return err;
    }
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        groups[i].refused = false;
        answer_all(&groups[i], BG_DONE);
        any |= run_group(tx, &groups[i], count > 1);
        if (tx->soft || tx->lost) {
            err = bg_failed(tx->err) ? tx->err : bg_failed(groups[i].err) ? groups[i].err : BG_FAIL(BG_BUSY);
            *ret_soft = tx->soft && !tx->lost;
            backend->rollback(tx);
            return err;
        }
    }
    if (!any) {
        backend->rollback(tx);
        return BG_DONE;
    }
    int64_t mark;
    err = store_ids_keep(tx, &mark);
    err = bg_failed(err) ? err : backend->commit(tx);
    if (bg_failed(err)) {
        *ret_soft = tx->soft && !tx->lost;
        backend->rollback(tx);
        return err;
    }
    store_ids_kept(tx->store, mark);
    atomic_fetch_add(&tx->store->commits, 1);
    return BG_DONE;
}

/* A random pause that doubles its bound: 2, 4, 8 … ms. */
static void pause_for(const struct store *store, int attempt)
{
    int64_t us = (int64_t)bg_random_below(store->opts.env, (uint64_t)1000 << (attempt + 1)) + 200;
    struct timespec rest = { .tv_sec = 0, .tv_nsec = (long)(us * 1000) };
    (void)nanosleep(&rest, NULL);
}

static void run_unit(struct lane *lane, struct group *groups, size_t count)
{
    bool soft = false;
    bg_err err = BG_FAIL(BG_STORE_CLOSED);
    for (int attempt = 0; attempt <= STORE_RETRIES && !atomic_load(&lane->store->halted); attempt++) {
        if (attempt > 0) {
            pause_for(lane->store, attempt);
        }
        err = try_unit(lane->tx, groups, count, &soft);
        if (!bg_failed(err) || !soft) {
            break;
        }
    }
    if (bg_failed(err) || atomic_load(&lane->store->halted)) {
        fail_unit(groups, count, bg_failed(err) ? err : BG_FAIL(BG_STORE_CLOSED));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (bg_failed(groups[i].err)) {
            answer_all(&groups[i], groups[i].err);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!groups[i].refused && groups[i].class->committed != NULL) {
            groups[i].class->committed(groups[i].jobs, groups[i].count);
        }
    }
}

/* --- from the queue to units --- */

static bool is_outside(const struct store_job *job)
{
    return job->class == &store_outside_class;
}

/* How many of the jobs from `first` on share a transaction. */
static size_t unit_length(const struct lane *lane, size_t first, size_t count)
{
    bool alone = lane->store->backend->rare_alone;
    if (is_outside(lane->jobs[first]) || (alone && lane->jobs[first]->class->rare)) {
        return 1;
    }
    size_t at = first + 1;
    while (at < count && !is_outside(lane->jobs[at]) && !(alone && lane->jobs[at]->class->rare)) {
        at++;
    }
    return at - first;
}

/* Groups the jobs [first, first+length): a rare job is a group of its own; between two rare jobs all jobs of a batch class are one group,
 * in queue order. Returns the number of groups. */
static size_t make_groups(struct lane *lane, size_t first, size_t length)
{
    struct group *groups = lane->groups;
    size_t count = 0, segment = 0;
    for (size_t i = 0; i < length; i++) {
        const struct store_class *class = lane->jobs[first + i]->class;
        size_t g = class->rare ? count : segment;
        while (g < count && groups[g].class != class) {
            g++;
        }
        if (g == count) {
            groups[count++] = (struct group){ .class = class };
        }
        groups[g].count++;
        lane->group_of[i] = (unsigned short)g;
        segment = class->rare ? count : segment;
    }
    struct store_job **at = lane->sorted;
    for (size_t g = 0; g < count; g++) {
        groups[g].jobs = at;
        at += groups[g].count;
        groups[g].count = 0;
    }
    for (size_t i = 0; i < length; i++) {
        struct group *group = &groups[lane->group_of[i]];
        group->jobs[group->count++] = lane->jobs[first + i];
    }
    return count;
}

static void run_outside(struct lane *lane, struct store_job *job)
{
    const struct store_outside *outside = job->in;
    job->err = atomic_load(&lane->store->halted) ? BG_FAIL(BG_STORE_CLOSED) : outside->run(lane->tx, outside->ctx);
}

static void run_batch(struct lane *lane, size_t count)
{
    for (size_t first = 0, length; first < count; first += length) {
        length = unit_length(lane, first, count);
        if (is_outside(lane->jobs[first])) {
            run_outside(lane, lane->jobs[first]);
        } else {
            run_unit(lane, lane->groups, make_groups(lane, first, length));
        }
        atomic_fetch_add(&lane->store->jobs, (int64_t)length);
        for (size_t i = first; i < first + length; i++) {
            lane->jobs[i]->done(lane->jobs[i]); /* the job may be gone after this */
        }
    }
}

/* Waits for jobs and takes up to a batch of them; 0 when closing and empty. */
static size_t take_jobs(struct lane *lane, bool *ret_idle)
{
    size_t count = 0;
    pthread_mutex_lock(&lane->mutex);
    while (lane->head == NULL && !lane->closing) {
        lane->sleeping = true;
        pthread_cond_wait(&lane->wake, &lane->mutex);
        lane->sleeping = false;
    }
    while (lane->head != NULL && count < STORE_BATCH_MAX) {
        lane->jobs[count++] = lane->head;
        lane->head = lane->head->next;
    }
    lane->waiting -= (int)count;
    *ret_idle = lane->head == NULL;
    pthread_mutex_unlock(&lane->mutex);
    return count;
}

static void *lane_main(void *arg)
{
    struct lane *lane = arg;
    size_t count;
    bool idle;
    while ((count = take_jobs(lane, &idle)) > 0) {
        run_batch(lane, count);
        if (!atomic_load(&lane->store->halted)) {
            lane->store->backend->boundary(lane->tx, idle);
        }
    }
    return NULL;
}

/* --- starting, stopping, submitting --- */

bg_err store_lanes_start(struct store *store)
{
    store->lanes = bg_heap_get(sizeof *store->lanes * (size_t)store->lane_count);
    BG_TRY(bg_need(store->lanes));
    for (int i = 0; i < store->lane_count; i++) {
        struct lane *lane = &store->lanes[i];
        lane->store = store;
        pthread_mutex_init(&lane->mutex, NULL);
        store_cond_init(&lane->wake);
    }
    for (int i = 0; i < store->lane_count; i++) {
        struct lane *lane = &store->lanes[i];
        BG_TRY(store->backend->lane_open(store, &lane->tx));
        if (pthread_create(&lane->thread, NULL, lane_main, lane) != 0) {
            return BG_FAIL(BG_NO_MEMORY);
        }
        lane->started = true;
    }
    return BG_DONE;
}

void store_lanes_stop(struct store *store)
{
    for (int i = 0; store->lanes != NULL && i < store->lane_count; i++) {
        struct lane *lane = &store->lanes[i];
        pthread_mutex_lock(&lane->mutex);
        lane->closing = true;
        pthread_cond_signal(&lane->wake);
        pthread_mutex_unlock(&lane->mutex);
        if (lane->started) {
            pthread_join(lane->thread, NULL);
        }
        if (lane->tx != NULL) {
            store->backend->tx_close(lane->tx);
            lane->tx = NULL;
        }
    }
}

void store_lanes_free(struct store *store)
{
    for (int i = 0; store->lanes != NULL && i < store->lane_count; i++) {
        pthread_cond_destroy(&store->lanes[i].wake);
        pthread_mutex_destroy(&store->lanes[i].mutex);
    }
    bg_heap_free(store->lanes);
}

/* Spreads neighbouring lane values (city ids) over the lanes. */
static struct lane *lane_of(struct store *store, uint64_t value)
{
    return &store->lanes[store->lane_count == 1 ? 0 : (value * 0x9E3779B97F4A7C15u >> 32) % (uint64_t)store->lane_count];
}

bg_err store_submit(struct store *store, struct store_job *job)
{
    assert(job->class != NULL && job->done != NULL);
    if (store->lanes == NULL || atomic_load(&store->halted)) {
        return BG_FAIL(BG_STORE_CLOSED);
    }
    struct lane *lane = lane_of(store, job->lane);
    bg_err err = BG_DONE;
    job->next = NULL;
    job->err = BG_DONE;
    pthread_mutex_lock(&lane->mutex);
    if (lane->closing) {
        err = BG_FAIL(BG_STORE_CLOSED);
    } else if (lane->waiting >= store->opts.queue_max) {
        err = BG_FAIL(BG_BUSY);
    } else {
        if (lane->head == NULL) {
            lane->head = job;
        } else {
            lane->tail->next = job;
        }
        lane->tail = job;
        lane->waiting++;
        if (lane->sleeping) {
            pthread_cond_signal(&lane->wake);
        }
    }
    pthread_mutex_unlock(&lane->mutex);
    return err;
}

struct waiter {
    struct store_job job;
    sem_t answered;
};

static void wake_waiter(struct store_job *job)
{
    sem_post(&((struct waiter *)(void *)job)->answered); /* the job comes first in the waiter */
}

static bg_err submit_and_wait(struct store *store, struct waiter *waiter)
{
    for (int i = 0; store->lanes != NULL && i < store->lane_count; i++) {
        assert(!store->lanes[i].started || !pthread_equal(store->lanes[i].thread, pthread_self())); /* it would wait for itself */
    }
    waiter->job.done = wake_waiter;
    sem_init(&waiter->answered, 0, 0);
    bg_err err = store_submit(store, &waiter->job);
    if (!bg_failed(err)) {
        while (sem_wait(&waiter->answered) != 0) {
            /* a signal came; wait on */
        }
        err = waiter->job.err;
    }
    sem_destroy(&waiter->answered);
    return err;
}

bg_err store_write(struct store *store, const struct store_class *class, const void *in, void *ret, void *ctx)
{
    return submit_and_wait(store, &(struct waiter){ .job = { .class = class, .in = in, .ret = ret, .ctx = ctx } });
}

bg_err store_outside(struct store *store, bg_err (*run)(struct store_tx *tx, void *ctx), void *ctx)
{
    struct store_outside outside = { run, ctx };
    return store_write(store, &store_outside_class, &outside, NULL, NULL);
}
