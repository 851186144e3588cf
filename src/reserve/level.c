/* The reserve level: prepared, in force, and its history. */
#include "reserve/impl.h"

const char *const reserve_level_state_slugs[] = { "prepared", "in_force", NULL };

void reserve_level_json(const struct reserve_level *level, struct bg_buf *out)
{
    char at[25];
    bg_json_object(out);
    bg_json_key(out, "id");
    if (level->id == 0) {
        bg_json_null(out); /* the everyday level before anybody recorded one */
    } else {
        bg_json_id(out, level->id);
    }
    bg_json_put_int(out, "level", level->level);
    bg_json_put_str(out, "state", bg_str_of(reserve_level_state_slugs[level->state - 1]));
    bg_json_key(out, "from");
    if (level->from_at == BG_TIME_NONE) {
        bg_json_null(out);
    } else {
        bg_time_text(level->from_at, at);
        bg_json_str(out, bg_str_of(at));
    }
    bg_json_put_str(out, "why", level->why);
    bg_json_put_str(out, "legal_basis", level->legal_basis);
    if (level->proposal != 0) {
        bg_json_put_id(out, "proposal", level->proposal);
        bg_json_put_str(out, "requested_name", level->requested_name);
        bg_json_put_str(out, "decided_name", level->decided_name);
        bg_json_put_str(out, "leader", level->leader);
        bg_json_put_str(out, "paper", level->paper);
    }
    bg_json_object_end(out);
}

bg_err reserve_level_check(struct change_tx *tx, int level, enum reserve_level_state step)
{
    if (level < 1 || level > RESERVE_LEVELS) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "level", bg_arena_text(change_arena(tx), "\"value\":%d,\"allowed\":[1,2,3,4]", level));
    }
    return step == RESERVE_PREPARED || step == RESERVE_IN_FORCE ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "state");
}

bg_err reserve_level_set_in(struct change_tx *tx, const struct change *change, const struct reserve_level *in, int64_t *ret_id)
{
    BG_TRY(reserve_level_check(tx, in->level, in->state));
    struct reserve_level before, prepared, after = *in;
    bg_ms from = change->occurred_at == BG_TIME_NONE ? change_now(tx) : change->occurred_at;
    BG_TRY(reserve_level_get(change_store(tx), change->city, BG_TIME_NONE, BG_TIME_NONE, change_arena(tx), &before, &prepared));
    after.id = change_id(tx);
    after.from_at = from;
    after.recorded_at = change_now(tx);
    after.recorded_by = change->actor.account;
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_LEVEL_INSERT,
                     ARGS(V_INT(change->city), V_INT(after.id), V_INT(after.level), V_INT(after.state), V_INT(from),
                          V_INT(after.recorded_at), V_INT(after.recorded_by), V_TEXT(after.why), V_TEXT(after.legal_basis)),
                     NULL));
    BG_SCOPED_BUF was = bg_buf_init(65536);
    BG_SCOPED_BUF is = bg_buf_init(65536);
    reserve_level_json(&before, &was);
    reserve_level_json(&after, &is);
    BG_TRY(bg_buf_check(&is));
    BG_TRY(bg_buf_check(&was));
    BG_TRY(change_record(tx, change,
                         &(struct journal_entry){ .kind = "level.set",
                                                  .object = "level",
                                                  .id = after.id,
                                                  .city = change->city,
                                                  .before = bg_buf_str(&was),
                                                  .after = bg_buf_str(&is) }));
    *ret_id = after.id;
    return reserve_require_all(tx, change->city, NULL);
}

static bg_err read_level(const struct store_rows *rows, struct bg_arena *arena, struct reserve_level *ret)
{
    *ret = (struct reserve_level){ .id = store_int(rows, 0),
                                   .level = (int)store_int(rows, 1),
                                   .state = (enum reserve_level_state)store_int(rows, 2),
                                   .from_at = store_int(rows, 3),
                                   .recorded_at = store_int(rows, 4),
                                   .recorded_by = store_int(rows, 5),
                                   .why = bg_arena_copy(arena, store_text(rows, 6)),
                                   .legal_basis = bg_arena_copy(arena, store_text(rows, 7)) };
    BG_TRY(bg_need(ret->why.at));
    return bg_need(ret->legal_basis.at);
}

static bg_err level_at(struct store_tx *tx, int64_t city, enum reserve_level_state state, bg_ms at, bg_ms known_at,
                       struct bg_arena *arena, struct reserve_level *ret, bool *ret_found)
{
    STORE_SCOPED_ROWS rows = NULL;
    int64_t until = at == BG_TIME_NONE ? INT64_MAX : at, known = known_at == BG_TIME_NONE ? INT64_MAX : known_at;
    BG_TRY(store_query(tx, SQL_RESERVE_LEVEL_AT, ARGS(V_INT(city), V_INT(state), V_INT(until), V_INT(known)), &rows));
    BG_TRY(store_next(rows, ret_found));
    return *ret_found ? read_level(rows, arena, ret) : BG_DONE;
}

bg_err reserve_level_get(struct store_tx *tx, int64_t city, bg_ms at, bg_ms known_at, struct bg_arena *arena,
                         struct reserve_level *ret, struct reserve_level *ret_prepared)
{
    bool found;
    *ret = (struct reserve_level){ .level = RESERVE_EVERYDAY,
                                   .state = RESERVE_IN_FORCE,
                                   .from_at = BG_TIME_NONE,
                                   .why = BG_STR(""),
                                   .legal_basis = BG_STR("") };
    *ret_prepared = (struct reserve_level){ 0 };
    BG_TRY(level_at(tx, city, RESERVE_IN_FORCE, at, known_at, arena, ret, &found));
    struct reserve_level prepared;
    BG_TRY(level_at(tx, city, RESERVE_PREPARED, at, known_at, arena, &prepared, &found));
    /* What was prepared before the level in force began has been dealt with. */
    if (found && prepared.from_at >= ret->from_at && prepared.id > ret->id) {
        *ret_prepared = prepared;
    }
    return BG_DONE;
}

bg_err reserve_level_list(struct store_tx *tx, int64_t city, int64_t before, size_t max, struct bg_arena *arena,
                          struct reserve_level **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(tx, SQL_RESERVE_LEVEL_HISTORY,
                       ARGS(V_INT(city), V_INT(before == 0 ? INT64_MAX : before), V_INT((int64_t)max)), &rows));
    struct reserve_level *list = bg_arena_array(arena, max, sizeof *list);
    BG_TRY(bg_need(list));
    size_t count = 0;
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        struct reserve_level *level = &list[count++];
        BG_TRY(read_level(rows, arena, level));
        level->proposal = store_int(rows, 8);
        level->requested_name = bg_arena_copy(arena, store_text(rows, 9));
        level->decided_name = bg_arena_copy(arena, store_text(rows, 10));
        level->leader = bg_arena_copy(arena, store_text(rows, 11));
        level->paper = bg_arena_copy(arena, store_text(rows, 12));
        BG_TRY(bg_need(level->paper.at));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}
