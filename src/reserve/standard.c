/* Versions of standards: recording them and reading them back. */
#include "reserve/impl.h"

const char *const reserve_basis_slugs[] = { "quantity", "cover", NULL };

static bg_err line_error(struct change_tx *tx, size_t line, const char *field, int64_t value)
{
    return BG_FAIL_WITH(BG_BAD_INPUT, field,
                        bg_arena_text(change_arena(tx), "\"line\":%zu,\"value\":%lld", line + 1, (long long)value));
}

static bg_err check_line(struct change_tx *tx, int64_t city, size_t i, const struct reserve_standard *line)
{
    struct ledger_item item;
    struct ledger_place place;
    bg_err found = ledger_item_get(change_store(tx), city, line->item, change_arena(tx), &item);
    if (found.code == BG_NOT_FOUND) {
        return line_error(tx, i, "item", line->item);
    }
    BG_TRY(found);
    found = ledger_place_get(change_store(tx), city, line->place, change_arena(tx), &place);
    if (found.code == BG_NOT_FOUND || (!bg_failed(found) && (place.flags & LEDGER_CAN_STORE) == 0)) {
        return line_error(tx, i, "place", line->place);
    }
    BG_TRY(found);
    if (line->level < 1 || line->level > RESERVE_LEVELS) {
        return line_error(tx, i, "level", line->level);
    }
    if (line->basis == RESERVE_QUANTITY ? line->qty < 0 || line->qty > BG_QTY_MAX : line->basis != RESERVE_COVER) {
        return line_error(tx, i, line->basis == RESERVE_QUANTITY ? "quantity" : "basis", line->qty);
    }
    if (line->basis == RESERVE_COVER && (line->cover_milli < 1 || line->cover_milli > 3650000)) {
        return line_error(tx, i, "cover_milli", line->cover_milli);
    }
    if (line->lead_days < 0 || line->lead_days > 365) {
        return line_error(tx, i, "lead_days", line->lead_days);
    }
    return line->from == BG_DATE_NONE ? line_error(tx, i, "from", 0) : BG_DONE;
}

bg_err reserve_standard_check(struct change_tx *tx, const struct change *change, const struct reserve_standard *lines, size_t count)
{
    if (count < 1 || count > RESERVE_LINES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "standards");
    }
    for (size_t i = 0; i < count; i++) {
        BG_TRY(check_line(tx, change->city, i, &lines[i]));
    }
    return BG_DONE;
}

bg_err reserve_standard_draft(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p)
{
    for (size_t i = 0; i < p->draft_count; i++) {
        const struct reserve_standard *line = &p->drafts[i];
        BG_TRY(store_run(change_store(tx), SQL_RESERVE_STANDARD_DRAFT_INSERT,
                         ARGS(V_INT(change->city), V_INT(p->id), V_INT(change_id(tx)), V_INT(line->item), V_INT(line->place),
                              V_INT(line->level), V_INT(line->from), V_INT(line->basis),
                              V_INT(line->basis == RESERVE_QUANTITY ? line->qty : 0),
                              V_INT(line->basis == RESERVE_COVER ? line->cover_milli : 0), V_INT(line->lead_days), V_TEXT(line->note)),
                         NULL));
    }
    return BG_DONE;
}

static bg_err read_standard(const struct store_rows *rows, struct bg_arena *arena, struct reserve_standard *ret);

bg_err reserve_standard_drafts(struct store_tx *tx, int64_t city, int64_t proposal, struct bg_arena *arena,
                               struct reserve_proposal *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct reserve_standard *list = NULL;
    size_t count = 0, room = 0;
    BG_TRY(store_query(tx, SQL_RESERVE_STANDARD_DRAFT_OF, ARGS(V_INT(city), V_INT(proposal)), &rows));
    for (bool more = true; more;) {
        BG_TRY(store_next(rows, &more));
        if (more) {
            BG_TRY(reserve_grow(arena, (void **)&list, count, &room, sizeof *list));
            BG_TRY(read_standard(rows, arena, &list[count]));
            list[count++].level = (int)store_int(rows, 9);
        }
    }
    ret->drafts = list;
    ret->draft_count = count;
    return BG_DONE;
}

static void line_json(const struct reserve_standard *line, int64_t id, struct bg_buf *out)
{
    char from[11];
    bg_date_text(line->from, from);
    bg_json_object(out);
    bg_json_put_id(out, "id", id);
    bg_json_put_id(out, "item", line->item);
    bg_json_put_id(out, "place", line->place);
    bg_json_put_int(out, "level", line->level);
    bg_json_put_str(out, "from", bg_str_of(from));
    bg_json_put_str(out, "basis", bg_str_of(reserve_basis_slugs[line->basis - 1]));
    bg_json_put_int(out, line->basis == RESERVE_QUANTITY ? "quantity" : "cover_milli",
                    line->basis == RESERVE_QUANTITY ? line->qty : line->cover_milli);
    bg_json_put_int(out, "lead_days", line->lead_days);
    bg_json_put_str(out, "note", line->note);
    bg_json_object_end(out);
}

static bg_err insert_line(struct change_tx *tx, const struct change *change, const struct reserve_standard *line, int64_t id)
{
    return store_run(change_store(tx), SQL_RESERVE_STANDARD_INSERT,
                     ARGS(V_INT(change->city), V_INT(line->item), V_INT(line->place), V_INT(line->level), V_INT(line->from),
                          V_INT(id), V_INT(line->basis), V_INT(line->basis == RESERVE_QUANTITY ? line->qty : 0),
                          V_INT(line->basis == RESERVE_COVER ? line->cover_milli : 0), V_INT(line->lead_days), V_TEXT(line->note),
                          V_INT(change_now(tx)), V_INT(change->actor.account)),
                     NULL);
}

bg_err reserve_standard_put_in(struct change_tx *tx, const struct change *change, const struct reserve_standards *in)
{
    if (in->count < 1 || in->count > RESERVE_LINES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "standards");
    }
    BG_SCOPED_BUF after = bg_buf_init(4 << 20);
    bg_json_object(&after);
    bg_json_key(&after, "standards");
    bg_json_array(&after);
    for (size_t i = 0; i < in->count; i++) {
        BG_TRY(check_line(tx, change->city, i, &in->lines[i]));
        int64_t id = change_id(tx);
        BG_TRY(insert_line(tx, change, &in->lines[i], id));
        line_json(&in->lines[i], id, &after);
    }
    bg_json_array_end(&after);
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    BG_TRY(change_record(tx, change,
                         &(struct journal_entry){ .kind = "standard.set",
                                                  .object = "standard",
                                                  .id = in->lines[0].item,
                                                  .city = change->city,
                                                  .after = bg_buf_str(&after) }));
    return reserve_require_all(tx, change->city, NULL);
}

static bg_err decide_put(struct change_tx *tx, struct change *change)
{
    const struct reserve_standards *in = change->in;
    BG_TRY(reserve_standard_put_in(tx, change, in));
    bg_json_object(&change->reply);
    bg_json_put_int(&change->reply, "standards", (int64_t)in->count);
    bg_json_object_end(&change->reply);
    change->status = 201;
    return BG_DONE;
}
const struct change_kind reserve_standard_putting = { .name = "standard.put", .decide = decide_put };

static bg_err read_standard(const struct store_rows *rows, struct bg_arena *arena, struct reserve_standard *ret)
{
    *ret = (struct reserve_standard){ .item = store_int(rows, 0),
                                      .place = store_int(rows, 1),
                                      .from = (bg_date)store_int(rows, 2),
                                      .id = store_int(rows, 3),
                                      .basis = (enum reserve_basis)store_int(rows, 4),
                                      .qty = store_int(rows, 5),
                                      .cover_milli = store_int(rows, 6),
                                      .lead_days = store_int(rows, 7),
                                      .note = bg_arena_copy(arena, store_text(rows, 8)) };
    return bg_need(ret->note.at);
}

bg_err reserve_standards_in_force(struct store_tx *tx, const struct reserve_which *which, int level, bg_date date, bg_ms known_at,
                                  struct bg_arena *arena, struct reserve_standard **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(
        tx, SQL_RESERVE_STANDARD_IN_FORCE,
        ARGS(V_INT(which->city), V_INT(level), V_INT(date), V_INT(known_at), V_INT(which->item), V_INT(which->place)), &rows));
    struct reserve_standard *list = NULL;
    size_t count = 0, room = 0;
    for (bool more = true; more;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        struct reserve_standard line;
        BG_TRY(read_standard(rows, arena, &line));
        line.level = level;
        /* Later versions of the same cell come later: the last one wins. */
        if (count > 0 && list[count - 1].item == line.item && list[count - 1].place == line.place) {
            list[count - 1] = line;
        } else {
            BG_TRY(reserve_grow(arena, (void **)&list, count, &room, sizeof *list));
            list[count++] = line;
        }
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

bg_err reserve_standard_list(struct store_tx *tx, int64_t city, int64_t item, int64_t place, int64_t after, size_t max,
                             struct bg_arena *arena, struct reserve_standard **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(tx, SQL_RESERVE_STANDARD_HISTORY,
                       ARGS(V_INT(city), V_INT(item), V_INT(place), V_INT(after), V_INT((int64_t)max)), &rows));
    struct reserve_standard *list = bg_arena_array(arena, max, sizeof *list);
    BG_TRY(bg_need(list));
    size_t count = 0;
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_standard(rows, arena, &list[count]));
        list[count].level = (int)store_int(rows, 9);
        list[count].recorded_at = store_int(rows, 10);
        list[count++].recorded_by = store_int(rows, 11);
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}
