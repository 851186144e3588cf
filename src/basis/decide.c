/* What people decide on a run, and what is made of it in the same change. */
#include <stdio.h>

#include "basis/inner.h"

const char *const basis_verdict_slugs[] = { "adopted", "rejected", NULL };
const char *const basis_use_slugs[] = { "none", "order", "draft", "standard", NULL };

static bg_err read_decision(const struct store_rows *rows, struct bg_arena *arena, struct basis_decision *ret)
{
    int64_t day = store_int(rows, 9);
    *ret = (struct basis_decision){ .id = store_int(rows, 0),
                                    .run = store_int(rows, 1),
                                    .part = bg_arena_copy(arena, store_text(rows, 2)),
                                    .verdict = (enum basis_verdict)store_int(rows, 3),
                                    .use = (enum basis_use)store_int(rows, 4),
                                    .item = store_int(rows, 5),
                                    .place = store_int(rows, 6),
                                    .level = (int)store_int(rows, 7),
                                    .qty = store_int(rows, 8),
                                    .day = day == 0 ? BG_DATE_NONE : (bg_date)day,
                                    .why = bg_arena_copy(arena, store_text(rows, 10)),
                                    .decided_by = store_int(rows, 11),
                                    .decided_name = bg_arena_copy(arena, store_text(rows, 12)),
                                    .decided_at = store_int(rows, 13) };
    BG_TRY(bg_need(ret->why.at));
    return bg_need(ret->decided_name.at);
}

bg_err basis_decision_list(struct store_tx *tx, int64_t city, int64_t run, int use, int64_t before, size_t max,
                           struct bg_arena *arena, struct basis_decision **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    if (run != 0) {
        BG_TRY(store_query(tx, SQL_BASIS_DECISION_OF, ARGS(V_INT(city), V_INT(run)), &rows));
    } else {
        BG_TRY(store_query(tx, SQL_BASIS_DECISION_LIST,
                           ARGS(V_INT(city), V_INT(before == 0 ? INT64_MAX : before), V_INT(use), V_INT((int64_t)max)), &rows));
    }
    struct basis_decision *list = bg_arena_array(arena, max + 1, sizeof *list);
    BG_TRY(bg_need(list));
    size_t count = 0;
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_decision(rows, arena, &list[count++]));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

static void put_id_or_null(struct bg_buf *out, const char *key, int64_t id)
{
    bg_json_key(out, key);
    if (id != 0) {
        bg_json_id(out, id);
    } else {
        bg_json_null(out);
    }
}

void basis_decision_json(const struct basis_decision *decision, struct bg_buf *out)
{
    char day[11];
    bg_json_object(out);
    bg_json_put_id(out, "id", decision->id);
    bg_json_put_id(out, "run", decision->run);
    bg_json_put_str(out, "part", decision->part);
    bg_json_put_str(out, "verdict", bg_str_of(basis_verdict_slugs[decision->verdict - 1]));
    bg_json_put_str(out, "use", bg_str_of(basis_use_slugs[decision->use]));
    put_id_or_null(out, "item", decision->item);
    put_id_or_null(out, "place", decision->place);
    bg_json_put_int(out, "level", decision->level);
    bg_json_put_int(out, "quantity", decision->qty);
    bg_json_key(out, "date");
    if (decision->day == BG_DATE_NONE) {
        bg_json_null(out);
    } else {
        bg_date_text(decision->day, day);
        bg_json_str(out, bg_str_of(day));
    }
    bg_json_put_str(out, "reason", decision->why);
    bg_json_key(out, "by");
    bg_json_object(out);
    bg_json_put_id(out, "id", decision->decided_by);
    bg_json_put_str(out, "name", decision->decided_name);
    bg_json_object_end(out);
    basis_put_time(out, "at", decision->decided_at);
    bg_json_object_end(out);
}

/* An adopted quantity names what it is a quantity of. */
static bg_err check(struct change_tx *tx, const struct change *change, const struct basis_decision *in)
{
    struct ledger_item item;
    struct ledger_place place;
    if (in->verdict == BASIS_REJECTED) {
        return in->use == BASIS_NO_USE ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "use");
    }
    if (in->use == BASIS_NO_USE) {
        return BG_DONE;
    }
    if (in->qty < 1 || in->qty > BG_QTY_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "quantity");
    }
    if (ledger_item_get(change_store(tx), change->city, in->item, change_arena(tx), &item).code == BG_NOT_FOUND) {
        return BG_FAIL_AT(BG_BAD_INPUT, "item");
    }
    if (ledger_place_get(change_store(tx), change->city, in->place, change_arena(tx), &place).code == BG_NOT_FOUND) {
        return BG_FAIL_AT(BG_BAD_INPUT, "place");
    }
    bool leveled = in->use == BASIS_DRAFT || in->use == BASIS_STANDARD;
    if (leveled && (in->level < 1 || in->level > RESERVE_LEVELS)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "level");
    }
    return in->day == BG_DATE_NONE ? BG_FAIL_AT(BG_BAD_INPUT, "date") : BG_DONE;
}

static bg_err put_standard(struct change_tx *tx, const struct change *change, const struct basis_decision *d)
{
    const char *note = bg_arena_text(change_arena(tx), "测算 run %lld %.*s", (long long)d->run, BG_STR_FMT(d->part));
    BG_TRY(bg_need(note));
    const struct reserve_standard line = { .item = d->item,
                                           .place = d->place,
                                           .level = d->level,
                                           .from = d->day,
                                           .basis = RESERVE_QUANTITY,
                                           .qty = d->qty,
                                           .note = bg_str_of(note) };
    return reserve_standard_put_in(tx, change, &(struct reserve_standards){ .lines = &line, .count = 1 });
}

static bg_err insert(struct change_tx *tx, const struct change *change, const struct basis_decision *d)
{
    return store_run(change_store(tx), SQL_BASIS_DECISION_INSERT,
                     ARGS(V_INT(change->city), V_INT(d->run), V_INT(d->id), V_TEXT(d->part), V_INT(d->verdict), V_INT(d->use),
                          V_INT(d->item), V_INT(d->place), V_INT(d->level), V_INT(d->qty),
                          V_INT(d->day == BG_DATE_NONE ? 0 : d->day), V_TEXT(d->why), V_INT(d->decided_by),
                          V_TEXT(d->decided_name), V_INT(d->decided_at)),
                     NULL);
}

static bg_err decide(struct change_tx *tx, struct change *change)
{
    const struct basis_decision *in = change->in;
    struct basis_run run;
    struct basis_decision made = *in;
    BG_TRY(basis_run_get(change_store(tx), change->city, in->run, change_arena(tx), &run));
    if (run.state != BASIS_ANSWERED) {
        return BG_FAIL_WITH(BG_CONFLICT, "state",
                            bg_arena_text(change_arena(tx), "\"state\":\"%s\"", basis_state_slugs[run.state - 1]));
    }
    if (bg_str_trim(change->reason).len == 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "reason");
    }
    BG_TRY(check(tx, change, in));
    made.id = change_id(tx);
    made.why = change->reason;
    made.decided_by = change->actor.account;
    made.decided_name = change->actor.name;
    made.decided_at = change_now(tx);
    BG_TRY(insert(tx, change, &made));
    basis_decision_json(&made, &change->reply);
    change->status = 201;
    BG_SCOPED_BUF after = bg_buf_init(65536);
    basis_decision_json(&made, &after);
    BG_TRY(bg_buf_check(&after));
    BG_TRY(change_record(
        tx, change,
        &(struct journal_entry){
            .kind = "run.decided", .object = "run", .id = in->run, .city = change->city, .after = bg_buf_str(&after) }));
    return made.use == BASIS_STANDARD ? put_standard(tx, change, &made) : BG_DONE;
}
const struct change_kind basis_deciding = { .name = "run.decide", .decide = decide, .recheck = auth_recheck };
