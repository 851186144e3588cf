/* Test rounds: planned, ordered, done or called off; every version is kept. */
#include "reserve/impl.h"

const char *const reserve_round_slugs[] = { "planned", "ordered", "done", "off", NULL };

static void put_known(struct bg_buf *out, const char *key, int64_t value)
{
    bg_json_key(out, key);
    if (value < 0) {
        bg_json_null(out);
    } else {
        bg_json_int(out, value);
    }
}

static void put_districts(bg_str districts, struct bg_buf *out)
{
    bg_json_key(out, "districts");
    bg_json_array(out);
    for (bg_str rest = bg_str_trim(districts); rest.len > 0;) {
        size_t end = bg_str_find(rest, ' ');
        bg_json_str(out, bg_str_cut(rest, 0, end));
        rest = bg_str_trim(bg_str_cut(rest, end, rest.len));
    }
    bg_json_array_end(out);
}

void reserve_round_json(const struct reserve_round *round, struct bg_buf *out)
{
    char day[11], at[25];
    bg_date_text(round->day, day);
    bg_time_text(round->recorded_at, at);
    bg_json_object(out);
    bg_json_put_id(out, "round", round->round);
    bg_json_put_id(out, "id", round->id);
    bg_json_put_str(out, "name", round->name);
    bg_json_put_str(out, "date", bg_str_of(day));
    bg_json_put_str(out, "state", bg_str_of(reserve_round_slugs[round->state - 1]));
    bg_json_put_int(out, "share_permille", round->share_permille);
    put_districts(round->districts, out);
    put_known(out, "sampled", round->sampled);
    put_known(out, "positive", round->positive);
    bg_json_put_str(out, "mark", bg_str_of(reserve_mark_slugs[round->mark - 1]));
    bg_json_put_str(out, "note", round->note);
    bg_json_put_str(out, "recorded_at", bg_str_of(at));
    bg_json_object_end(out);
}

static bg_err read_round(const struct store_rows *rows, struct bg_arena *arena, struct reserve_round *ret)
{
    *ret = (struct reserve_round){ .round = store_int(rows, 0),
                                   .id = store_int(rows, 1),
                                   .name = bg_arena_copy(arena, store_text(rows, 2)),
                                   .day = (bg_date)store_int(rows, 3),
                                   .state = (enum reserve_round_state)store_int(rows, 4),
                                   .share_permille = (int)store_int(rows, 5),
                                   .districts = bg_arena_copy(arena, store_text(rows, 6)),
                                   .sampled = store_int(rows, 7),
                                   .positive = store_int(rows, 8),
                                   .mark = (enum reserve_figure_mark)store_int(rows, 9),
                                   .note = bg_arena_copy(arena, store_text(rows, 10)),
                                   .recorded_at = store_int(rows, 11),
                                   .recorded_by = store_int(rows, 12) };
    BG_TRY(bg_need(ret->name.at));
    return bg_need(ret->note.at);
}

static int by_day(const void *left, const void *right)
{
    const struct reserve_round *a = left, *b = right;
    return a->day != b->day ? (a->day > b->day) - (a->day < b->day) : (a->round > b->round) - (a->round < b->round);
}

bg_err reserve_round_list(struct store_tx *tx, int64_t city, bg_ms known_at, struct bg_arena *arena, struct reserve_round **ret,
                          size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct reserve_round *list = NULL;
    size_t count = 0, room = 0;
    BG_TRY(store_query(tx, SQL_RESERVE_ROUND_KNOWN, ARGS(V_INT(city), V_INT(known_at == BG_TIME_NONE ? INT64_MAX : known_at)),
                       &rows));
    for (bool more = true; more;) {
        struct reserve_round round;
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_round(rows, arena, &round));
        if (count > 0 && list[count - 1].round == round.round) {
            list[count - 1] = round;
        } else {
            BG_TRY(reserve_grow(arena, (void **)&list, count, &room, sizeof *list));
            list[count++] = round;
        }
    }
    if (count > 1) {
        qsort(list, count, sizeof *list, by_day);
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

static bg_err check_round(const struct reserve_round *r)
{
    bool state = r->state >= RESERVE_ROUND_PLANNED && r->state <= RESERVE_ROUND_OFF;
    bool share = r->share_permille >= 1 && r->share_permille <= 1000,
         mark = r->mark >= RESERVE_REPORTED && r->mark <= RESERVE_RECALLED;
    bool counts = r->sampled >= -1 && r->positive >= -1 && r->sampled <= BG_QTY_MAX && r->positive <= BG_QTY_MAX;
    if (state && share && mark && counts && r->day != BG_DATE_NONE) {
        return BG_DONE;
    }
    return BG_FAIL_AT(BG_BAD_INPUT, !state ? "state" : !share ? "share_permille" : !mark ? "mark" : !counts ? "sampled" : "date");
}

/* The version before, for the journal; a round that is not there is refused. */
static bg_err before_of(struct change_tx *tx, const struct change *change, int64_t round, struct bg_buf *out)
{
    struct reserve_round *list;
    size_t count;
    BG_TRY(reserve_round_list(change_store(tx), change->city, BG_TIME_NONE, change_arena(tx), &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (list[i].round == round) {
            reserve_round_json(&list[i], out);
            return BG_DONE;
        }
    }
    return BG_FAIL_AT(BG_NOT_FOUND, "round");
}

bg_err reserve_round_put_in(struct change_tx *tx, const struct change *change, const struct reserve_round *in, int64_t *ret_round)
{
    struct reserve_round r = *in;
    BG_SCOPED_BUF before = bg_buf_init(1 << 20);
    BG_SCOPED_BUF after = bg_buf_init(1 << 20);
    BG_TRY(check_round(in));
    if (r.round != 0) {
        BG_TRY(before_of(tx, change, r.round, &before));
    }
    r.id = change_id(tx);
    r.round = r.round != 0 ? r.round : r.id;
    r.recorded_at = change_now(tx);
    r.recorded_by = change->actor.account;
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_ROUND_INSERT,
                     ARGS(V_INT(change->city), V_INT(r.round), V_INT(r.id), V_TEXT(r.name), V_INT(r.day), V_INT(r.state),
                          V_INT(r.share_permille), V_TEXT(r.districts), V_INT(r.sampled), V_INT(r.positive), V_INT(r.mark),
                          V_TEXT(r.note), V_INT(r.recorded_at), V_INT(r.recorded_by)),
                     NULL));
    reserve_round_json(&r, &after);
    BG_TRY(bg_buf_check(&after));
    *ret_round = r.round;
    return change_record(tx, change,
                         &(struct journal_entry){ .kind = "round.set",
                                                  .object = "round",
                                                  .id = r.round,
                                                  .city = change->city,
                                                  .before = bg_buf_str(&before),
                                                  .after = bg_buf_str(&after) });
}

static bg_err decide_round(struct change_tx *tx, struct change *change)
{
    int64_t id;
    struct reserve_round *list;
    size_t count;
    BG_TRY(reserve_round_put_in(tx, change, change->in, &id));
    BG_TRY(reserve_round_list(change_store(tx), change->city, BG_TIME_NONE, change_arena(tx), &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (list[i].round == id) {
            reserve_round_json(&list[i], &change->reply);
        }
    }
    change->status = 201;
    return BG_DONE;
}
const struct change_kind reserve_round_putting = { .name = "round.put", .decide = decide_round, .recheck = auth_recheck };
