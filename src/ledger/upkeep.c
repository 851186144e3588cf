/* What the scheduler does for the ledger: monthly snapshots, expiry, lapsing holds, clocks of reviews. Each may run twice without harm. */
#include "ledger/catalogue.h"
#include "ledger/gather.h"
#include "work/work.h"

#define SETTLED_MS INT64_C(3600000) /* a snapshot waits an hour, so that no transaction of the month is still under way */
#define EXPIRE_MAX 500

/* --- snapshots --- */

static bg_date month_after(bg_date day)
{
    int year, month, of_month;
    bg_date next = day;
    bg_date_parts(day, &year, &month, &of_month);
    bg_ignore(bg_date_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, &next));
    return next;
}

static bg_err take_snapshot(struct change_tx *tx, const struct change *change, bg_date from, bg_date day)
{
    struct store_tx *store = change_store(tx);
    int64_t cells = 0;
    BG_TRY(store_run(store, SQL_SNAP_TAKE, ARGS(V_INT(change->city), V_INT(from), V_INT(day)), &cells));
    return store_run(store, SQL_SNAP_MARK, ARGS(V_INT(change->city), V_INT(day), V_INT(cells), V_INT(change_now(tx))), NULL);
}

static bg_err decide_snapshot(struct change_tx *tx, struct change *change)
{
    struct store_tx *store = change_store(tx);
    struct ledger_city city;
    int64_t from, taken = 0;
    bool found;
    BG_TRY(ledger_city_get(store, change->city, &city));
    BG_TRY(store_get_int(store, SQL_SNAP_NEWEST, ARGS(V_INT(change->city)), &from, &found));
    if (!found) {
        BG_TRY(store_get_int(store, SQL_DAY_FIRST, ARGS(V_INT(change->city)), &from, &found));
    }
    bg_ms settled = change_now(tx) - SETTLED_MS;
    while (found && bg_date_start(month_after((bg_date)from), city.offset_min) <= settled) {
        bg_date day = month_after((bg_date)from);
        BG_TRY(take_snapshot(tx, change, (bg_date)from, day));
        from = day;
        taken++;
    }
    bg_json_object(&change->reply);
    bg_json_put_int(&change->reply, "taken", taken);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}
const struct change_kind ledger_snapshotting = { .name = "ledger.snapshot", .decide = decide_snapshot };

/* --- expiry --- */

static bg_err decide_expire(struct change_tx *tx, struct change *change)
{
    struct ledger_city city;
    struct gathered *accounts;
    size_t count;
    BG_TRY(ledger_city_get(change_store(tx), change->city, &city));
    bg_date today = bg_date_at(change_now(tx), city.offset_min);
    BG_TRY(read_rows(change_store(tx), SQL_EXPIRE_STOCK, ARGS(V_INT(change->city), V_INT(today), V_INT(EXPIRE_MAX)), change_arena(tx),
                     sizeof *accounts, gather_account, &accounts, &count));
    BG_TRY(gathered_move(tx, change, accounts, count, LEDGER_KIND_EXPIRE, LEDGER_REASON_EXPIRY, LEDGER_EXPIRED));
    bg_json_object(&change->reply);
    bg_json_put_int(&change->reply, "expired", (int64_t)count);
    bg_json_put_bool(&change->reply, "more", count == EXPIRE_MAX);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}
const struct change_kind ledger_expiring = { .name = "ledger.expire", .decide = decide_expire };

/* --- clocks of reviews --- */

/* Tells whoever listens that a review is late; nothing in the ledger changes. */
static bg_err decide_overdue(struct change_tx *tx, struct change *change)
{
    const int64_t *id = change->in;
    struct ledger_review review;
    BG_TRY(ledger_review_get(change_store(tx), change->city, *id, change_arena(tx), &review));
    if (review.state != 1) {
        return BG_DONE;
    }
    ledger_review_json(&review, &change->reply);
    return change_record(tx, change, &(struct journal_entry){ .kind = "review.overdue", .object = "review", .id = review.id,
                                                              .city = change->city, .after = bg_buf_str(&change->reply) });
}
static const struct change_kind overdue = { .name = "ledger.overdue", .decide = decide_overdue };

/* --- items of work --- */

static bg_err run_as_system(struct work *work, const struct change_kind *kind, const void *in, int64_t city, bg_op_id op,
                            struct bg_arena *arena, bool *ret_more)
{
    struct change change = { .kind = kind, .in = in, .arena = arena, .op = op, .city = city, .actor = work_actor(),
                             .occurred_at = BG_TIME_NONE, .reply = bg_buf_init(1 << 20) };
    bg_err err = change_run(work_journal(work), &change);
    bg_str reply = bg_buf_str(&change.reply);
    *ret_more = reply.len > 12 && bg_str_ends(reply, BG_STR("\"more\":true}"));
    bg_buf_done(&change.reply);
    return err;
}

static bg_err read_city(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    *(int64_t *)entry = store_int(rows, 0);
    return BG_DONE;
}

/* Runs a kind in every city, again while there is more. */
static bg_err every_city(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    const struct change_kind *kind = ctx;
    int64_t *cities;
    size_t count;
    int n = 0;
    {
        STORE_SCOPED_READ tx = NULL;
        BG_TRY(store_read_begin(journal_store(work_journal(work)), 0, &tx));
        BG_TRY(read_rows(tx, SQL_LEDGER_CITIES, NO_ARGS, arena, sizeof *cities, read_city, &cities, &count));
    }
    for (size_t i = 0; i < count; i++) {
        bool more = true;
        while (more) {
            BG_TRY(run_as_system(work, kind, NULL, cities[i], work_op(item, n++), arena, &more));
        }
    }
    return BG_DONE;
}

static bg_err lapse(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)ctx;
    bool more;
    const struct ledger_release release = { .holds = &item->id, .count = 1, .lapse = true };
    bg_err err = run_as_system(work, &ledger_releasing, &release, item->city, work_op(item, 0), arena, &more);
    return err.code == BG_NOT_FOUND ? BG_DONE : err;
}

static bg_err review_due(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)ctx;
    bool more;
    return run_as_system(work, &overdue, &item->id, item->city, work_op(item, 0), arena, &more);
}

bg_err ledger_register_daily(struct work *work, const char *name, const struct change_kind *kind, int daily_min)
{
    /* The context is const; work hands the pointer back untouched. */
    return work_register(work, &(struct work_kind){ .name = name, .run = every_city, .ctx = (void *)(uintptr_t)kind, .daily = true,
                                                    .daily_min = daily_min });
}

bg_err ledger_register(struct work *work)
{
    BG_TRY(ledger_register_daily(work, "ledger.snapshot", &ledger_snapshotting, 65));
    BG_TRY(ledger_register_daily(work, "ledger.expire", &ledger_expiring, 5));
    BG_TRY(work_register(work, &(struct work_kind){ .name = LEDGER_WORK_LAPSE, .run = lapse }));
    return work_register(work, &(struct work_kind){ .name = LEDGER_WORK_REVIEW, .run = review_due });
}
