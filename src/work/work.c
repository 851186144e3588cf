/* Opening and closing, the thread, operation ids. */
#include "work/work.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "work/private.h"

#define POLL_MS 1000 /* items and entries of other processes are seen this late at most */
#define COALESCE_MS 20 /* entries under load are handed out in lots */

/* --- small writes --- */

struct task {
    struct work *work;
    work_task_fn run;
    void *arg;
};

static bg_err tasks_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct task *task = jobs[i]->in;
        BG_TRY(task->run(task->work, tx, task->arg));
    }
    return BG_DONE;
}

static const struct store_class task_class = { "work.task", false, tasks_run, NULL };

bg_err work_task(struct work *work, work_task_fn run, void *arg)
{
    const struct task task = { work, run, arg };
    return store_write(work->store, &task_class, &task, NULL, NULL);
}

bg_ms work_pause(int failures, bg_ms most_ms)
{
    bg_ms pause = failures < 1 ? 1000 : failures > 20 ? most_ms : INT64_C(1000) << (failures - 1);
    return pause < most_ms ? pause : most_ms;
}

void work_log(struct work *work, const char *event, bg_err err)
{
    if (work->opts.log != NULL) {
        bg_log_error(work->opts.log, BG_WARN, event, err);
    }
}

/* --- operation ids: a digest of what is run, ordered by the moment it was due --- */

static bg_op_id op_of(const struct bg_buf *text, bg_ms at)
{
    uint8_t digest[32];
    int done = EVP_Digest(text->at, text->len, digest, NULL, EVP_sha256(), NULL);
    assert(done && !text->failed);
    bg_op_id op;
    memcpy(op.bytes, digest, sizeof op.bytes);
    for (int i = 0; i < 6; i++) {
        op.bytes[i] = (uint8_t)((uint64_t)at >> (40 - 8 * i));
    }
    op.bytes[6] = (uint8_t)((op.bytes[6] & 0x0F) | 0x80); /* UUID version 8: of our own making (RFC 9562) */
    op.bytes[8] = (uint8_t)((op.bytes[8] & 0x3F) | 0x80);
    return op;
}

bg_op_id work_op(const struct work_item *item, int n)
{
    BG_SCOPED_BUF text = bg_buf_init(4096);
    bg_buf_print(&text, "work %lld %.*s %lld %lld %d", (long long)item->city, BG_STR_FMT(item->kind), (long long)item->id,
                 (long long)item->due_at, n);
    return op_of(&text, item->due_at);
}

bg_op_id work_event_op(const char *subscription, int64_t position, int n)
{
    BG_SCOPED_BUF text = bg_buf_init(4096);
    bg_buf_print(&text, "event %s %lld %d", subscription, (long long)position, n);
    return op_of(&text, position);
}

struct journal_actor work_actor(void)
{
    return (struct journal_actor){ .name = BG_STR("system"), .origin = BG_STR("work") };
}

/* --- the thread --- */

static bool must_stop(struct work *work)
{
    pthread_mutex_lock(&work->lock);
    bool stop = work->stop;
    pthread_mutex_unlock(&work->lock);
    return stop;
}

static void wait_until(struct work *work, bg_ms ms, bool stirrable)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&work->lock);
    int waited = 0;
    while (!work->stop && !(stirrable && work->stirred) && waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&work->wake, &work->lock, &until);
    }
    if (stirrable) {
        work->stirred = false;
    }
    pthread_mutex_unlock(&work->lock);
}

static bg_ms time_to_rest(struct work *work)
{
    bg_ms next;
    if (bg_failed(work_next(work, &next)) || next == BG_TIME_NONE) {
        return POLL_MS;
    }
    bg_ms rest = next - bg_now(work->env);
    return rest < 1 ? 1 : rest > POLL_MS ? POLL_MS : rest;
}

static void *work_main(void *ctx)
{
    struct work *work = ctx;
    int failures = 0;
    while (!must_stop(work)) {
        size_t done = 0;
        bg_err err = work_step(work, &done);
        failures = bg_failed(err) ? failures + 1 : 0;
        if (failures == 1) {
            work_log(work, "work.step", err);
        }
        wait_until(work, COALESCE_MS, false);
        if (done == 0) {
            wait_until(work, failures > 0 ? work_pause(failures, 10000) : time_to_rest(work), failures == 0);
        }
    }
    events_settle(work);
    return NULL;
}

static void stirred(void *ctx, int64_t head)
{
    (void)head;
    struct work *work = ctx;
    pthread_mutex_lock(&work->lock);
    work->stirred = true;
    pthread_cond_signal(&work->wake);
    pthread_mutex_unlock(&work->lock);
}

/* --- opening --- */

static void cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

bg_err work_open(const struct work_opts *opts, struct work **ret)
{
    struct work *work = bg_heap_get(sizeof *work);
    BG_TRY(bg_need(work));
    work->opts = *opts;
    work->opts.offset_min = opts->offset_min != 0 ? opts->offset_min : BG_CITY_OFFSET_MIN;
    work->journal = opts->journal;
    work->store = journal_store(opts->journal);
    work->env = journal_env(opts->journal);
    bg_random(work->env, &work->owner, sizeof work->owner);
    work->owner = (work->owner & INT64_MAX) | 1;
    pthread_mutex_init(&work->lock, NULL);
    cond_init(&work->wake);
    bg_err err = builtin_register(work);
    if (bg_failed(err)) {
        work_close(work);
        return err;
    }
    *ret = work;
    return BG_DONE;
}

bg_err work_start(struct work *work)
{
    assert(!work->started && !work->opts.no_thread);
    if (work->subscription_count > 0) {
        BG_TRY(journal_watch(work->journal, stirred, work));
    }
    if (pthread_create(&work->thread, NULL, work_main, work) != 0) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    work->started = true;
    return BG_DONE;
}

void work_close(struct work *work)
{
    if (work == NULL) {
        return;
    }
    if (work->started) {
        pthread_mutex_lock(&work->lock);
        work->stop = true;
        pthread_cond_signal(&work->wake);
        pthread_mutex_unlock(&work->lock);
        pthread_join(work->thread, NULL);
    } else {
        events_settle(work);
    }
    journal_unwatch(work->journal, stirred, work);
    pthread_cond_destroy(&work->wake);
    pthread_mutex_destroy(&work->lock);
    bg_heap_free(work);
}

struct journal *work_journal(struct work *work)
{
    return work->journal;
}

bg_err work_register(struct work *work, const struct work_kind *kind)
{
    assert(!work->started && kind->run != NULL && kind->name != NULL);
    if (work->kind_count == KINDS_MAX) {
        return BG_FAIL(BG_INTERNAL);
    }
    work->kinds[work->kind_count++] = *kind;
    return kind->every_ms > 0 || kind->daily ? items_plan(work, kind) : BG_DONE;
}

bg_err work_step(struct work *work, size_t *ret_done)
{
    size_t done = 0;
    bg_err err = items_run(work, &done);
    if (!bg_failed(err)) {
        err = events_run(work, &done);
    }
    if (ret_done != NULL) {
        *ret_done = done;
    }
    return err;
}
