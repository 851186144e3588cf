/* What falls due, and what follows from an event.
 *
 * An ITEM of work is a row (city, kind, id) with a moment at which it falls due. A process claims it by a lease, runs the handler
 * of its kind and takes it away or, if it recurs, moves it on. When the process dies meanwhile the lease ends and another (or the
 * next start) runs it again. So a handler may run more than once and must make its changes under operation ids from work_op: then
 * a repeat is answered from the stored answers and does nothing. It runs on a thread of its own, outside any transaction.
 *
 * A SUBSCRIPTION hands the journal's entries to a handler, oldest first, each at least once, with a cursor that survives
 * restarts; of several processes one at a time has it. */
#ifndef BG_WORK_H
#define BG_WORK_H

#include "journal/journal.h"

struct work;

struct work_opts {
    struct journal *journal;
    const struct bg_log *log; /* may be NULL */
    bool no_thread; /* the owner calls work_step (tests, the simulator, short commands) */
    int offset_min; /* of daily kinds from UTC; 0: BG_CITY_OFFSET_MIN */
};
/* Opens with the built-in kinds: journal.forget and journal.seal (daily), journal.head (each minute, when anything was added),
 * store.upkeep (every ten minutes). Nothing runs before work_start. */
bg_err work_open(const struct work_opts *opts, struct work **ret);
/* Starts the thread, once every kind and subscription is registered. */
bg_err work_start(struct work *work);
void work_close(struct work *work); /* accepts NULL; waits for the running handler; before journal_close */
struct journal *work_journal(struct work *work);

/* --- items --- */
struct work_item {
    int64_t city, id;
    bg_str kind, payload;
    bg_ms due_at;
    int tries; /* this one included: 1, 2 … */
};
/* A failure (5xx) is tried again after 1, 2, 4 … s, at most an hour; a refusal (4xx) ten times, then the item is set aside. */
typedef bg_err (*work_fn)(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx);

struct work_kind {
    const char *name; /* "hold.lapse" */
    work_fn run;
    void *ctx;
    bg_ms every_ms; /* > 0: recurs by itself (city 0, id 0), first at the next full interval */
    bool daily; /* recurs by itself at `daily_min` minutes after midnight of the city */
    int daily_min;
};
/* The kind's name must stay alive; at most 64 kinds, before work_start. */
bg_err work_register(struct work *work, const struct work_kind *kind);

struct work_put {
    int64_t city, id; /* id: the caller's, for example the hold's */
    const char *kind;
    bg_ms due_at;
    bg_str payload; /* for the handler; may be empty */
};
/* Creates items or moves them (same city, kind and id) inside a write: change_store(tx) of a rare change, or a family's apply. */
bg_err work_put(struct store_tx *tx, const struct work_put *puts, size_t count);
/* Takes one away that has become needless; none is no error. */
bg_err work_drop(struct store_tx *tx, int64_t city, const char *kind, int64_t id);
/* The operation id of the n-th change that an item's run makes: always the same for the same due moment. */
bg_op_id work_op(const struct work_item *item, int n);
/* The same for an event handled by a subscription. */
bg_op_id work_event_op(const char *subscription, int64_t position, int n);
/* Who the system itself is, for the changes of handlers. */
struct journal_actor work_actor(void);

/* --- subscriptions --- */
/* A failure (5xx) is tried again until it works, and later entries wait; a refusal (4xx) is logged and passed over. */
typedef bg_err (*work_event_fn)(struct work *work, const struct journal_event *event, struct bg_arena *arena, void *ctx);
struct work_subscription {
    const char *name;     /* of the cursor: "case.obstacle" */
    const char *prefix;   /* of the kinds wanted: "case.", "movement.posted", "item.|place." for either, "" for all */
    work_event_fn run;
    /* Called behind a run of at most 256 entries of which any was handed out, before the cursor moves past them: for a handler that only
     * collects in `run`. When it fails with 5xx all of them are handed out again. May be NULL. */
    bg_err (*flush)(struct work *work, struct bg_arena *arena, void *ctx);
    void *ctx;
    bool from_start; /* a new cursor begins at the first entry, else behind the newest */
};
/* The name must stay alive; at most 32, before work_start. */
bg_err work_subscribe(struct work *work, const struct work_subscription *subscription);

/* --- by hand --- */
/* Runs what is due now and hands out events, on this thread; *ret_done (may be NULL): how many handlers ran. For no_thread. */
bg_err work_step(struct work *work, size_t *ret_done);
/* When the next item falls due; BG_TIME_NONE: nothing is planned. */
bg_err work_next(struct work *work, bg_ms *ret);
/* Items set aside after ten refusals, for health and the doctor. */
bg_err work_stuck(struct store_tx *tx, int64_t *ret);

#endif
