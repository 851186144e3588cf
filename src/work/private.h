/* Private to work: what its files share. */
#ifndef BG_WORK_PRIVATE_H
#define BG_WORK_PRIVATE_H

#include <pthread.h>

#include "work/work.h"

#define KINDS_MAX 64
#define SUBSCRIPTIONS_MAX 32
#define LEASE_MS 60000
#define ARENA_BYTES ((size_t)32 << 20)

struct subscription {
    struct work_subscription what;
    int64_t position; /* handled or passed over by this process */
    int64_t stored; /* the cursor in the table, which may lie behind by entries that needed no handling */
    bg_ms lease_until; /* ours; 0: not ours */
    bg_ms paused_until; /* after a failure */
    int failures; /* in a row */
};

struct work {
    struct work_opts opts;
    struct journal *journal;
    struct store *store;
    const struct bg_env *env;
    int64_t owner; /* of leases: this process */
    struct work_kind kinds[KINDS_MAX];
    size_t kind_count;
    struct subscription subscriptions[SUBSCRIPTIONS_MAX];
    size_t subscription_count;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* of the two below */
    pthread_cond_t wake;
    bool stop, stirred;
};

/* --- small writes (work.c) --- */
typedef bg_err (*work_task_fn)(struct work *work, struct store_tx *tx, void *arg);
bg_err work_task(struct work *work, work_task_fn run, void *arg);
/* 1, 2, 4 … s, at most `most_ms`. */
bg_ms work_pause(int failures, bg_ms most_ms);
void work_log(struct work *work, const char *event, bg_err err);

/* Runs what is due now (items.c); hands out events (events.c). Both add to *done what they ran. */
bg_err items_run(struct work *work, size_t *done);
bg_err items_plan(struct work *work, const struct work_kind *kind);
bg_err events_run(struct work *work, size_t *done);
/* Stores the cursors that lie behind. */
void events_settle(struct work *work);
bg_err builtin_register(struct work *work);

#endif
