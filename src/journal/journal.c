/* Opening and closing, watchers, the journal's own small writes, and on PostgreSQL the thread that gives positions. */
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "journal/private.h"

#define POLL_MS 200

/* --- small writes --- */

struct task {
    struct journal *journal;
    task_fn run;
    void *arg;
};

static bg_err tasks_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct task *task = jobs[i]->in;
        BG_TRY(task->run(task->journal, tx, task->arg));
    }
    return BG_DONE;
}

static const struct store_class task_class = { "journal.task", false, tasks_run, NULL };

bg_err task_run(struct journal *journal, task_fn run, void *arg)
{
    const struct task task = { journal, run, arg };
    return store_write(journal->store, &task_class, &task, NULL, journal);
}

/* --- watchers --- */

bg_err journal_watch(struct journal *journal, journal_watcher watcher, void *ctx)
{
    bg_err err = BG_DONE;
    pthread_mutex_lock(&journal->watching);
    if (journal->watcher_count == WATCHERS_MAX) {
        err = BG_FAIL(BG_INTERNAL);
    } else {
        journal->watchers[journal->watcher_count++] = (struct watcher){ watcher, ctx };
    }
    pthread_mutex_unlock(&journal->watching);
    return err;
}

void journal_unwatch(struct journal *journal, journal_watcher watcher, void *ctx)
{
    pthread_mutex_lock(&journal->watching);
    for (size_t i = 0; i < journal->watcher_count; i++) {
        if (journal->watchers[i].call == watcher && journal->watchers[i].ctx == ctx) {
            journal->watchers[i] = journal->watchers[--journal->watcher_count];
            break;
        }
    }
    pthread_mutex_unlock(&journal->watching);
}

void head_moved(struct journal *journal, int64_t head)
{
    int64_t before = atomic_load(&journal->head);
    do {
        if (head <= before) {
            return;
        }
    } while (!atomic_compare_exchange_weak(&journal->head, &before, head));
    /* Held while they are called, so that one who leaves is not called any more. */
    pthread_mutex_lock(&journal->watching);
    for (size_t i = 0; i < journal->watcher_count; i++) {
        journal->watchers[i].call(journal->watchers[i].ctx, head);
    }
    pthread_mutex_unlock(&journal->watching);
}

int64_t journal_head_position(struct journal *journal)
{
    return atomic_load(&journal->head);
}

/* --- the sequencer --- */

/* Looks for new positions of other processes, and whether anything waits. */
static bg_err look(struct journal *journal, int64_t *ret_waiting)
{
    struct edge edge;
    int64_t waiting;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(journal->store, 0, &tx));
    BG_TRY(edge_get(tx, &edge));
    BG_TRY(store_get_int(tx, SQL_JOURNAL_PENDING_COUNT, NO_ARGS, &waiting, NULL));
    store_read_end(tx);
    tx = NULL;
    head_moved(journal, edge.frontier.size);
    *ret_waiting = waiting;
    return BG_DONE;
}

bg_err journal_sequence(struct journal *journal)
{
    int64_t waiting = 0;
    if (!journal->postgres) {
        return BG_DONE;
    }
    BG_TRY(look(journal, &waiting));
    size_t given = WAITING_MAX;
    while (waiting > 0 && given == WAITING_MAX) {
        BG_TRY(append_waiting(journal, &given));
    }
    return BG_DONE;
}

static void rest(struct journal *journal)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += POLL_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&journal->lock);
    int waited = 0;
    while (!journal->stop && !journal->stirred && waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&journal->wake, &journal->lock, &until);
    }
    journal->stirred = false;
    pthread_mutex_unlock(&journal->lock);
}

static bool stopping(struct journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    bool stop = journal->stop;
    pthread_mutex_unlock(&journal->lock);
    return stop;
}

static void *sequencer(void *ctx)
{
    struct journal *journal = ctx;
    bool failing = false;
    while (!stopping(journal)) {
        bg_err err = journal_sequence(journal);
        if (bg_failed(err) && !failing && journal->opts.log != NULL) {
            bg_log_error(journal->opts.log, BG_WARN, "journal.sequence", err);
        }
        failing = bg_failed(err);
        rest(journal);
    }
    bg_ignore(journal_sequence(journal)); /* what the last changes left; another process or the next start would do it too */
    return NULL;
}

/* --- opening --- */

static bg_err begin_journal(struct journal *journal, struct store_tx *tx, void *arg)
{
    (void)arg;
    uint8_t log[16], zero[32] = { 0 };
    int hash = journal->opts.hash == JOURNAL_SM3 ? JOURNAL_SM3 : JOURNAL_SHA256;
    bg_random(journal->env, log, sizeof log);
    return store_run(tx, SQL_JOURNAL_STATE_BEGIN,
                     ARGS(V_BYTES(log, sizeof log), V_INT(hash), V_BYTES(zero, sizeof zero), V_BYTES("", 0)), NULL);
}

static bg_err read_edge(struct journal *journal, struct edge *ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(journal->store, 0, &tx));
    return edge_get(tx, ret);
}

static bg_err open_edge(struct journal *journal)
{
    struct edge edge;
    bg_err err = read_edge(journal, &edge);
    if (err.code == BG_NOT_FOUND) {
        BG_TRY(task_run(journal, begin_journal, NULL));
        err = read_edge(journal, &edge);
    }
    BG_TRY(err);
    journal->hash = edge.hash;
    memcpy(journal->log, edge.log, sizeof journal->log);
    atomic_store(&journal->head, edge.frontier.size);
    return merkle_hasher_open(edge.hash, &journal->hasher);
}

static bg_err start(struct journal *journal)
{
    BG_TRY(open_edge(journal));
    BG_TRY(key_open(journal));
    BG_TRY(key_register(journal));
    if (journal->postgres && !journal->opts.no_thread) {
        if (pthread_create(&journal->thread, NULL, sequencer, journal) != 0) {
            return BG_FAIL(BG_NO_MEMORY);
        }
        journal->thread_started = true;
    }
    return BG_DONE;
}

bg_err journal_open(const struct journal_opts *opts, struct journal **ret)
{
    assert(opts->store != NULL && opts->env != NULL && opts->ids != NULL);
    struct journal *journal = bg_heap_get(sizeof *journal);
    BG_TRY(bg_need(journal));
    journal->opts = *opts;
    journal->store = opts->store;
    journal->env = opts->env;
    journal->ids = opts->ids;
    journal->postgres = store_is_postgres(opts->store);
    pthread_mutex_init(&journal->watching, NULL);
    pthread_mutex_init(&journal->lock, NULL);
    pthread_mutex_init(&journal->pos_lock, NULL);
    pthread_cond_init(&journal->wake, NULL);
    journal->lease_owner = bg_id_next(opts->ids);
    bg_err err = start(journal);
    if (bg_failed(err)) {
        journal_close(journal);
        return err;
    }
    *ret = journal;
    return BG_DONE;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL) {
        return;
    }
    if (journal->thread_started) {
        pthread_mutex_lock(&journal->lock);
        journal->stop = true;
        pthread_cond_signal(&journal->wake);
        pthread_mutex_unlock(&journal->lock);
        pthread_join(journal->thread, NULL);
    }
    while (journal->spares != NULL) {
        struct change_tx *tx = journal->spares;
        journal->spares = tx->next;
        bg_arena_close(tx->arena);
        bg_buf_done(&tx->bodies);
        bg_heap_free(tx->entries);
        bg_heap_free(tx);
    }
    merkle_hasher_close(journal->hasher);
    sodium_memzero(journal->secret_key, sizeof journal->secret_key);
    pthread_cond_destroy(&journal->wake);
    pthread_mutex_destroy(&journal->pos_lock);
    pthread_mutex_destroy(&journal->lock);
    pthread_mutex_destroy(&journal->watching);
    bg_heap_free(journal);
}

struct store *journal_store(struct journal *journal)
{
    return journal->store;
}

const struct bg_env *journal_env(const struct journal *journal)
{
    return journal->env;
}
