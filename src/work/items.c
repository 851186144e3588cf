/* Items: putting, claiming, running, moving on. */
#include <string.h>

#include "work/private.h"

#define CLAIM_MAX 16
#define REFUSALS_MAX 10
#define PAUSE_MAX_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

/* --- putting --- */

#define PUT_COLUMNS 5

bg_err work_put(struct store_tx *tx, const struct work_put *puts, size_t count)
{
    struct store_val values[CLAIM_MAX * PUT_COLUMNS];
    for (size_t from = 0; from < count; from += CLAIM_MAX) {
        size_t part = count - from < CLAIM_MAX ? count - from : CLAIM_MAX;
        for (size_t i = 0; i < part; i++) {
            const struct work_put *put = &puts[from + i];
            struct store_val *row = values + i * PUT_COLUMNS;
            row[0] = V_INT(put->city);
            row[1] = V_TEXT(bg_str_of(put->kind));
            row[2] = V_INT(put->id);
            row[3] = V_INT(put->due_at);
            row[4] = V_TEXT(put->payload);
        }
        BG_TRY(store_run_many(tx, SQL_WORK_PUT, values, PUT_COLUMNS, part));
    }
    return BG_DONE;
}

bg_err work_drop(struct store_tx *tx, int64_t city, const char *kind, int64_t id)
{
    return store_run(tx, SQL_WORK_DROP, ARGS(V_INT(city), V_TEXT(bg_str_of(kind)), V_INT(id)), NULL);
}

bg_err work_stuck(struct store_tx *tx, int64_t *ret)
{
    return store_get_int(tx, SQL_WORK_STUCK, NO_ARGS, ret, NULL);
}

bg_err work_next(struct work *work, bg_ms *ret)
{
    int64_t next = BG_TIME_NONE;
    bool found;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(work->store, 0, &tx));
    BG_TRY(store_get_int(tx, SQL_WORK_NEXT, NO_ARGS, &next, &found));
    *ret = found && next != INT64_MAX ? next : BG_TIME_NONE;
    return BG_DONE;
}

/* --- recurring kinds --- */

/* The first moment after `after` at which the kind recurs. */
static bg_ms recurs_after(const struct work *work, const struct work_kind *kind, bg_ms after)
{
    if (!kind->daily) {
        bg_ms past = after % kind->every_ms;
        return after - (past < 0 ? past + kind->every_ms : past) + kind->every_ms;
    }
    bg_date date = bg_date_at(after, work->opts.offset_min);
    bg_ms at = bg_date_start(date, work->opts.offset_min) + kind->daily_min * INT64_C(60000);
    return at > after ? at : at + DAY_MS;
}

struct plan {
    const char *kind;
    bg_ms due_at;
};

static bg_err plan_item(struct work *work, struct store_tx *tx, void *arg)
{
    (void)work;
    const struct plan *plan = arg;
    return store_run(tx, SQL_WORK_PLAN, ARGS(V_TEXT(bg_str_of(plan->kind)), V_INT(plan->due_at)), NULL);
}

static bg_err is_planned(struct work *work, const char *kind, bool *ret)
{
    int64_t due_at;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(work->store, 0, &tx));
    return store_get_int(tx, SQL_WORK_PLANNED, ARGS(V_TEXT(bg_str_of(kind))), &due_at, ret);
}

bg_err items_plan(struct work *work, const struct work_kind *kind)
{
    bool planned = false;
    BG_TRY(is_planned(work, kind->name, &planned));
    if (planned) {
        return BG_DONE;
    }
    return work_task(work, plan_item, &(struct plan){ kind->name, recurs_after(work, kind, bg_now(work->env)) });
}

/* --- claiming --- */

struct claimed {
    struct work_item item;
    int64_t version;
};

struct claim {
    struct bg_arena *arena;
    struct claimed items[CLAIM_MAX];
    size_t count;
};

static bg_err read_due(struct store_tx *tx, bg_ms now, struct claim *claim)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_WORK_DUE, ARGS(V_INT(now), V_INT(CLAIM_MAX)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more && claim->count < CLAIM_MAX) {
        struct claimed *one = &claim->items[claim->count++];
        one->item = (struct work_item){ .city = store_int(rows, 0),
                                        .kind = bg_arena_copy(claim->arena, store_text(rows, 1)),
                                        .id = store_int(rows, 2),
                                        .due_at = store_int(rows, 3),
                                        .payload = bg_arena_copy(claim->arena, store_text(rows, 4)),
                                        .tries = (int)store_int(rows, 6) + 1 };
        one->version = store_int(rows, 5);
        if (one->item.kind.at == NULL || one->item.payload.at == NULL) {
            return BG_FAIL(BG_NO_MEMORY);
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err claim_due(struct work *work, struct store_tx *tx, void *arg)
{
    struct claim *claim = arg;
    struct store_val values[CLAIM_MAX * 5];
    bg_ms now = bg_now(work->env);
    claim->count = 0;
    BG_TRY(read_due(tx, now, claim));
    for (size_t i = 0; i < claim->count; i++) {
        const struct work_item *item = &claim->items[i].item;
        struct store_val *row = values + 5 * i;
        row[0] = V_INT(item->city);
        row[1] = V_TEXT(item->kind);
        row[2] = V_INT(item->id);
        row[3] = V_INT(now + LEASE_MS);
        row[4] = V_INT(work->owner);
    }
    return claim->count > 0 ? store_run_many(tx, SQL_WORK_CLAIM, values, 5, claim->count) : BG_DONE;
}

/* --- running --- */

static const struct work_kind *kind_of(const struct work *work, bg_str name)
{
    for (size_t i = 0; i < work->kind_count; i++) {
        if (bg_str_is(name, work->kinds[i].name)) {
            return &work->kinds[i];
        }
    }
    return NULL;
}

struct ending {
    const struct claimed *claimed;
    const struct work_kind *kind;
    bg_err err;
};

/* A kind nobody here knows, of a newer version perhaps, waits for one that does. */
static bg_ms next_try(const struct ending *ending, bg_ms now)
{
    if (ending->kind == NULL) {
        return now + PAUSE_MAX_MS;
    }
    bool refused = bg_errors[ending->err.code].status < 500;
    bool recurs = ending->kind->every_ms > 0 || ending->kind->daily;
    if (refused && !recurs && ending->claimed->item.tries >= REFUSALS_MAX) {
        return INT64_MAX;
    }
    return now + work_pause(ending->claimed->item.tries, PAUSE_MAX_MS);
}

static bg_err end_item(struct work *work, struct store_tx *tx, void *arg)
{
    const struct ending *ending = arg;
    const struct work_item *item = &ending->claimed->item;
    const struct work_kind *kind = ending->kind;
    bg_ms now = bg_now(work->env);
    const struct store_val args[] = { V_INT(item->city),
                                      V_TEXT(item->kind),
                                      V_INT(item->id),
                                      V_INT(ending->claimed->version),
                                      V_INT(work->owner),
                                      V_INT(0),
                                      V_TEXT(bg_str_of(bg_errors[ending->err.code].slug)) };
    struct store_val all[7];
    memcpy(all, args, sizeof all);
    if (bg_failed(ending->err)) {
        all[5] = V_INT(next_try(ending, now));
        return store_run(tx, SQL_WORK_FAILED, all, 7, NULL);
    }
    if (kind->every_ms > 0 || kind->daily) {
        all[5] = V_INT(recurs_after(work, kind, now > item->due_at ? now : item->due_at));
        return store_run(tx, SQL_WORK_MOVE_ON, all, 6, NULL);
    }
    return store_run(tx, SQL_WORK_DONE, all, 5, NULL);
}

static bg_err run_one(struct work *work, const struct claimed *claimed, struct bg_arena *arena)
{
    struct ending ending = { claimed, kind_of(work, claimed->item.kind), BG_DONE };
    if (ending.kind == NULL) {
        ending.err = BG_FAIL_AT(BG_NOT_FOUND, "kind");
    } else {
        ending.err = ending.kind->run(work, &claimed->item, arena, ending.kind->ctx);
    }
    if (bg_failed(ending.err)) {
        work_log(work, "work.item", ending.err);
    }
    bg_arena_reset(arena);
    return work_task(work, end_item, &ending);
}

static bg_err run_claimed(struct work *work, const struct claim *claim, size_t *done)
{
    BG_SCOPED_ARENA arena = bg_arena_open(ARENA_BYTES);
    BG_TRY(bg_need(arena));
    for (size_t i = 0; i < claim->count; i++) {
        BG_TRY(run_one(work, &claim->items[i], arena));
        (*done)++;
    }
    return BG_DONE;
}

bg_err items_run(struct work *work, size_t *done)
{
    bg_ms next;
    BG_TRY(work_next(work, &next));
    if (next == BG_TIME_NONE || next > bg_now(work->env)) {
        return BG_DONE;
    }
    BG_SCOPED_ARENA arena = bg_arena_open(ARENA_BYTES);
    BG_TRY(bg_need(arena));
    struct claim claim = { .arena = arena };
    BG_TRY(work_task(work, claim_due, &claim));
    return run_claimed(work, &claim, done);
}
