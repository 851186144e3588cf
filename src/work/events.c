/* Subscriptions: cursors over the journal. */
#include <assert.h>

#include "work/private.h"

#define PIECE 256
#define PIECES_MAX 16 /* a step gives other work its turn */
#define BEHIND_MAX 1000 /* entries passed over before the cursor is stored */
#define PAUSE_MAX_MS 60000

struct cursor_call {
    struct subscription *subscription;
    int64_t position;
    bg_ms until;
    bool mine;
};

static bg_err begin_cursor(struct work *work, struct store_tx *tx, void *arg)
{
    (void)work;
    const struct cursor_call *call = arg;
    return store_run(tx, SQL_WORK_CURSOR_BEGIN, ARGS(V_TEXT(bg_str_of(call->subscription->what.name)), V_INT(call->position)),
                     NULL);
}

bg_err work_subscribe(struct work *work, const struct work_subscription *what)
{
    assert(!work->started && what->run != NULL && what->name != NULL && what->prefix != NULL);
    if (work->subscription_count == SUBSCRIPTIONS_MAX) {
        return BG_FAIL(BG_INTERNAL);
    }
    struct subscription *subscription = &work->subscriptions[work->subscription_count];
    *subscription = (struct subscription){ .what = *what };
    struct cursor_call call = { .subscription = subscription,
                                .position = what->from_start ? 0 : journal_head_position(work->journal) };
    BG_TRY(work_task(work, begin_cursor, &call));
    work->subscription_count++;
    return BG_DONE;
}

static bg_err read_cursor(struct store_tx *tx, bg_str name, int64_t *ret_position, int64_t *ret_owner, bg_ms *ret_until)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_WORK_CURSOR_FIND, ARGS(V_TEXT(name)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL(BG_NOT_FOUND);
    }
    *ret_position = store_int(rows, 0);
    *ret_owner = store_int(rows, 1);
    *ret_until = store_int(rows, 2);
    return BG_DONE;
}

static bg_err take_cursor(struct work *work, struct store_tx *tx, void *arg)
{
    struct cursor_call *call = arg;
    bg_str name = bg_str_of(call->subscription->what.name);
    bg_ms now = bg_now(work->env), until;
    int64_t taken, owner;
    call->until = now + LEASE_MS;
    BG_TRY(store_run(tx, SQL_WORK_CURSOR_TAKE, ARGS(V_TEXT(name), V_INT(work->owner), V_INT(call->until), V_INT(now)), &taken));
    call->mine = taken > 0;
    return read_cursor(tx, name, &call->position, &owner, &until);
}

/* Whether the cursor is ours or free, without writing. */
static bg_err may_take(struct work *work, const struct subscription *subscription, bool *ret)
{
    int64_t position, owner;
    bg_ms until;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(work->store, 0, &tx));
    BG_TRY(read_cursor(tx, bg_str_of(subscription->what.name), &position, &owner, &until));
    *ret = owner == work->owner || until < bg_now(work->env);
    return BG_DONE;
}

/* Ours for at least half a lease to come? */
static bg_err hold_lease(struct work *work, struct subscription *subscription, bool *ret)
{
    bg_ms now = bg_now(work->env);
    *ret = subscription->lease_until - now > LEASE_MS / 2;
    if (*ret) {
        return BG_DONE;
    }
    bool may = false;
    BG_TRY(may_take(work, subscription, &may));
    if (!may) {
        return BG_DONE;
    }
    struct cursor_call call = { .subscription = subscription };
    BG_TRY(work_task(work, take_cursor, &call));
    if (!call.mine) {
        subscription->lease_until = 0;
        return BG_DONE;
    }
    if (subscription->lease_until < now) { /* another process may have gone on from there */
        subscription->position = call.position;
    }
    subscription->stored = call.position;
    subscription->lease_until = call.until;
    *ret = true;
    return BG_DONE;
}

static bg_err move_cursor(struct work *work, struct store_tx *tx, void *arg)
{
    const struct subscription *subscription = arg;
    return store_run(tx, SQL_WORK_CURSOR_MOVE,
                     ARGS(V_TEXT(bg_str_of(subscription->what.name)), V_INT(work->owner), V_INT(subscription->position)), NULL);
}

static bg_err store_cursor(struct work *work, struct subscription *subscription)
{
    if (subscription->position > subscription->stored) {
        BG_TRY(work_task(work, move_cursor, subscription));
        subscription->stored = subscription->position;
    }
    return BG_DONE;
}

void events_settle(struct work *work)
{
    for (size_t i = 0; i < work->subscription_count; i++) {
        if (work->subscriptions[i].lease_until > bg_now(work->env)) {
            bg_ignore(store_cursor(work, &work->subscriptions[i])); /* the entries passed over are looked at once more */
        }
    }
}

/* Whether the kind begins with any of the prefixes, parted by '|'. */
static bool wanted(bg_str prefixes, bg_str kind)
{
    for (;;) {
        size_t end = bg_str_find(prefixes, '|');
        if (bg_str_starts(kind, bg_str_cut(prefixes, 0, end))) {
            return true;
        }
        if (end == prefixes.len) {
            return false;
        }
        prefixes = bg_str_cut(prefixes, end + 1, prefixes.len);
    }
}

/* A failure to be tried again later: false, and the subscription rests for a while. */
static bool passed(struct work *work, struct subscription *subscription, bg_err err)
{
    if (bg_failed(err)) {
        work_log(work, "work.event", err);
    }
    if (bg_failed(err) && bg_errors[err.code].status >= 500) {
        subscription->failures++;
        subscription->paused_until = bg_now(work->env) + work_pause(subscription->failures, PAUSE_MAX_MS);
        return false;
    }
    subscription->failures = 0;
    return true;
}

/* Hands one entry out; false when it must be tried again later. */
static bool hand_out(struct work *work, struct subscription *subscription, const struct journal_event *event, struct bg_arena *arena,
                     size_t *done)
{
    if (!wanted(bg_str_of(subscription->what.prefix), event->kind)) {
        return true;
    }
    (*done)++;
    return passed(work, subscription, subscription->what.run(work, event, arena, subscription->what.ctx));
}

static bg_err read_piece(struct work *work, int64_t position, struct bg_arena *arena, struct journal_event **ret, size_t *ret_count)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(work->store, 0, &tx));
    return journal_after(tx, position, PIECE, arena, ret, ret_count);
}

/* One piece of the journal; *ret_more: there may be more to hand out now. */
static bg_err hand_out_piece(struct work *work, struct subscription *subscription, size_t *done, bool *ret_more)
{
    BG_SCOPED_ARENA events_arena = bg_arena_open(ARENA_BYTES);
    BG_SCOPED_ARENA arena = bg_arena_open(ARENA_BYTES);
    struct journal_event *events;
    size_t count, before = *done;
    int64_t from = subscription->position;
    BG_TRY(bg_need(events_arena));
    BG_TRY(bg_need(arena));
    BG_TRY(read_piece(work, subscription->position, events_arena, &events, &count));
    *ret_more = count == PIECE;
    for (size_t i = 0; i < count; i++) {
        if (!hand_out(work, subscription, &events[i], arena, done)) {
            *ret_more = false;
            break;
        }
        subscription->position = events[i].position;
        bg_arena_reset(arena);
    }
    if (subscription->what.flush != NULL && *done > before &&
        !passed(work, subscription, subscription->what.flush(work, arena, subscription->what.ctx))) {
        subscription->position = from;
        *ret_more = false;
        return BG_DONE;
    }
    bool store = *done > before || subscription->position - subscription->stored > BEHIND_MAX;
    return store ? store_cursor(work, subscription) : BG_DONE;
}

static bg_err run_subscription(struct work *work, struct subscription *subscription, size_t *done)
{
    bool more = subscription->paused_until <= bg_now(work->env);
    for (int i = 0; more && i < PIECES_MAX; i++) {
        bool mine = false;
        BG_TRY(hold_lease(work, subscription, &mine));
        if (!mine) {
            return BG_DONE;
        }
        if (subscription->position >= journal_head_position(work->journal)) {
            return BG_DONE;
        }
        BG_TRY(hand_out_piece(work, subscription, done, &more));
    }
    return BG_DONE;
}

bg_err events_run(struct work *work, size_t *done)
{
    for (size_t i = 0; i < work->subscription_count; i++) {
        BG_TRY(run_subscription(work, &work->subscriptions[i], done));
    }
    return BG_DONE;
}
