/* Proposals as rows: reading them back, and as the API's rows. */
#include "reserve/impl.h"

const char *const reserve_proposal_kind_slugs[] = { "level", "uplift", "uplift_end", "standards", NULL };
const char *const reserve_proposal_state_slugs[] = { "proposed", "done", "refused", "withdrawn", "owed", NULL };

static bg_err read_proposal(const struct store_rows *rows, struct bg_arena *arena, struct reserve_proposal *ret)
{
    *ret = (struct reserve_proposal){ .id = store_int(rows, 0),
                                      .kind = (enum reserve_proposal_kind)store_int(rows, 1),
                                      .state = (enum reserve_proposal_state)store_int(rows, 2),
                                      .approval = store_int(rows, 3),
                                      .object = store_int(rows, 4),
                                      .factor_permille = store_int(rows, 9),
                                      .from = (bg_date)store_int(rows, 10),
                                      .due = (bg_date)store_int(rows, 11),
                                      .level = (int)store_int(rows, 5),
                                      .step = (enum reserve_level_state)store_int(rows, 6),
                                      .why = bg_arena_copy(arena, store_text(rows, 12)),
                                      .legal_basis = bg_arena_copy(arena, store_text(rows, 13)),
                                      .requested_by = store_int(rows, 14),
                                      .requested_name = bg_arena_copy(arena, store_text(rows, 15)),
                                      .requested_at = store_int(rows, 16),
                                      .leader = bg_arena_copy(arena, store_text(rows, 17)),
                                      .papers_due_at = store_int(rows, 18),
                                      .paper = bg_arena_copy(arena, store_text(rows, 19)),
                                      .decided_by = store_int(rows, 20),
                                      .decided_name = bg_arena_copy(arena, store_text(rows, 21)),
                                      .decided_at = store_int(rows, 22),
                                      .note = bg_arena_copy(arena, store_text(rows, 23)),
                                      .made = store_int(rows, 24),
                                      .chased = store_int(rows, 25),
                                      .line_count = store_int(rows, 26) };
    BG_TRY(bg_need(ret->why.at));
    return bg_need(ret->note.at);
}

bg_err reserve_proposal_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct reserve_proposal *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_RESERVE_PROPOSAL_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? read_proposal(rows, arena, ret) : BG_FAIL_AT(BG_NOT_FOUND, "id");
}

bg_err reserve_proposal_list(struct store_tx *tx, int64_t city, int kind, bool open, int64_t before, size_t max, struct bg_arena *arena,
                             struct reserve_proposal **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(tx, SQL_RESERVE_PROPOSAL_LIST,
                       ARGS(V_INT(city), V_INT(before == 0 ? INT64_MAX : before), V_INT(kind), V_INT(open), V_INT((int64_t)max)), &rows));
    struct reserve_proposal *list = bg_arena_array(arena, max, sizeof *list);
    BG_TRY(bg_need(list));
    size_t count = 0;
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_proposal(rows, arena, &list[count++]));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

static void put_moment(struct bg_buf *out, const char *key, bg_ms at)
{
    char text[25];
    bg_json_key(out, key);
    if (at == 0) {
        bg_json_null(out);
    } else {
        bg_time_text(at, text);
        bg_json_str(out, bg_str_of(text));
    }
}

static void put_person(struct bg_buf *out, const char *id_key, int64_t id, const char *name_key, bg_str name)
{
    bg_json_key(out, id_key);
    if (id == 0) {
        bg_json_null(out);
    } else {
        bg_json_id(out, id);
    }
    bg_json_put_str(out, name_key, name);
}

static void put_what(const struct reserve_proposal *p, struct bg_buf *out)
{
    bg_json_key(out, "level");
    if (p->kind == RESERVE_PROPOSE_LEVEL) {
        bg_json_int(out, p->level);
        bg_json_put_str(out, "step", bg_str_of(reserve_level_state_slugs[p->step - 1]));
    } else {
        bg_json_null(out);
        bg_json_key(out, "step");
        bg_json_null(out);
    }
    bool uplift = p->kind == RESERVE_PROPOSE_UPLIFT;
    bg_json_key(out, "uplift");
    if (p->kind == RESERVE_PROPOSE_UPLIFT_END || (uplift && p->made != 0)) {
        bg_json_id(out, uplift ? p->made : p->object);
    } else {
        bg_json_null(out);
    }
    if (uplift) {
        char from[11], due[11];
        bg_date_text(p->from, from);
        bg_date_text(p->due, due);
        bg_json_put_int(out, "factor_permille", p->factor_permille);
        bg_json_put_str(out, "from", bg_str_of(from));
        bg_json_put_str(out, "due", bg_str_of(due));
    }
}

void reserve_proposal_json(const struct reserve_proposal *p, bg_ms now, struct bg_buf *out)
{
    bg_ms ends_at = p->requested_at + RESERVE_PROPOSAL_DAYS * INT64_C(86400000);
    bool lapsed = p->state == RESERVE_PROPOSED && ends_at <= now;
    bg_json_object(out);
    bg_json_put_id(out, "id", p->id);
    bg_json_put_str(out, "kind", bg_str_of(reserve_proposal_kind_slugs[p->kind - 1]));
    bg_json_put_str(out, "state", lapsed ? BG_STR("lapsed") : bg_str_of(reserve_proposal_state_slugs[p->state - 1]));
    bg_json_put_id(out, "approval", p->approval);
    put_what(p, out);
    bg_json_put_int(out, "lines", p->line_count);
    bg_json_put_str(out, "why", p->why);
    bg_json_put_str(out, "legal_basis", p->legal_basis);
    put_person(out, "requested_by", p->requested_by, "requested_name", p->requested_name);
    put_moment(out, "requested_at", p->requested_at);
    put_moment(out, "ends_at", p->state == RESERVE_PROPOSED ? ends_at : 0);
    bg_json_put_str(out, "leader", p->leader);
    put_moment(out, "papers_due_at", p->papers_due_at);
    bg_json_put_bool(out, "overdue", p->state == RESERVE_OWED && p->papers_due_at <= now);
    bg_json_put_int(out, "chased", p->chased);
    bg_json_put_str(out, "paper", p->paper);
    put_person(out, "decided_by", p->decided_by, "decided_name", p->decided_name);
    put_moment(out, "decided_at", p->decided_at);
    bg_json_put_str(out, "note", p->note);
    bg_json_object_end(out);
}
