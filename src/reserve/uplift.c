/* Uplifts: records that multiply the standards of items in depots until they are ended. */
#include "reserve/impl.h"

bg_err reserve_uplift_check(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p)
{
    struct ledger_item item;
    struct ledger_place place;
    int64_t open;
    if (p->kind == RESERVE_PROPOSE_UPLIFT_END) {
        BG_TRY(store_get_int(change_store(tx), SQL_RESERVE_UPLIFT_OPEN, ARGS(V_INT(change->city), V_INT(p->object)), &open, NULL));
        return open == 1 ? BG_DONE : BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    if (p->factor_permille < 1001 || p->factor_permille > RESERVE_FACTOR_MAX) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "factor_permille",
                            bg_arena_text(change_arena(tx), "\"value\":%lld", (long long)p->factor_permille));
    }
    if (p->due < p->from) {
        return BG_FAIL_AT(BG_BAD_INPUT, "due");
    }
    if (p->cell_count < 1 || p->cell_count > RESERVE_LINES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "items");
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        if (ledger_item_get(change_store(tx), change->city, p->cells[i].item, change_arena(tx), &item).code == BG_NOT_FOUND) {
            return BG_FAIL_AT(BG_BAD_INPUT, "items");
        }
        bg_err found = ledger_place_get(change_store(tx), change->city, p->cells[i].place, change_arena(tx), &place);
        if (found.code == BG_NOT_FOUND || (!bg_failed(found) && (place.flags & LEDGER_CAN_STORE) == 0)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "places");
        }
        BG_TRY(found);
        for (size_t k = 0; k < i; k++) {
            if (p->cells[k].item == p->cells[i].item && p->cells[k].place == p->cells[i].place) {
                return BG_FAIL_AT(BG_BAD_INPUT, "items"); /* named twice */
            }
        }
    }
    return BG_DONE;
}

bg_err reserve_uplift_draft(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p)
{
    for (size_t i = 0; i < p->cell_count; i++) {
        BG_TRY(store_run(change_store(tx), SQL_RESERVE_UPLIFT_LINE_INSERT,
                         ARGS(V_INT(change->city), V_INT(p->id), V_INT(change_id(tx)), V_INT(p->cells[i].item), V_INT(p->cells[i].place)),
                         NULL));
    }
    return BG_DONE;
}

bg_err reserve_uplift_cells(struct store_tx *tx, int64_t city, int64_t proposal, struct bg_arena *arena, struct reserve_proposal *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct reserve_uplift_cell *list = NULL;
    size_t count = 0, room = 0;
    BG_TRY(store_query(tx, SQL_RESERVE_UPLIFT_LINE_OF, ARGS(V_INT(city), V_INT(proposal)), &rows));
    for (bool more = true; more;) {
        BG_TRY(store_next(rows, &more));
        if (more) {
            BG_TRY(reserve_grow(arena, (void **)&list, count, &room, sizeof *list));
            list[count++] = (struct reserve_uplift_cell){ .item = store_int(rows, 0), .place = store_int(rows, 1) };
        }
    }
    ret->cells = list;
    ret->cell_count = count;
    return BG_DONE;
}

static bg_err record(struct change_tx *tx, const struct change *change, const char *kind, const struct reserve_proposal *p, int64_t id)
{
    BG_SCOPED_BUF after = bg_buf_init(65536);
    bg_json_object(&after);
    bg_json_put_id(&after, "uplift", id);
    bg_json_put_id(&after, "proposal", p->id);
    bg_json_put_int(&after, "factor_permille", p->factor_permille);
    bg_json_put_int(&after, "cells", (int64_t)p->cell_count);
    bg_json_put_str(&after, "why", p->why);
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    return change_record(tx, change,
                         &(struct journal_entry){ .kind = kind, .object = "uplift", .id = id, .city = change->city,
                                                  .after = bg_buf_str(&after) });
}

bg_err reserve_uplift_begin_in(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p, int64_t *ret_id)
{
    int64_t id = change_id(tx);
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_UPLIFT_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_INT(p->factor_permille), V_INT(p->from), V_INT(p->due), V_TEXT(p->why),
                          V_INT(change_now(tx)), V_INT(change->actor.account)),
                     NULL));
    for (size_t i = 0; i < p->cell_count; i++) {
        BG_TRY(store_run(change_store(tx), SQL_RESERVE_UPLIFT_CELL_INSERT,
                         ARGS(V_INT(change->city), V_INT(id), V_INT(p->cells[i].item), V_INT(p->cells[i].place)), NULL));
    }
    BG_TRY(record(tx, change, "uplift.begun", p, id));
    *ret_id = id;
    return reserve_require_all(tx, change->city, NULL);
}

bg_err reserve_uplift_end_in(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p, int64_t *ret_id)
{
    BG_TRY(reserve_uplift_check(tx, change, p));
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_UPLIFT_END_INSERT,
                     ARGS(V_INT(change->city), V_INT(p->object), V_INT(change_now(tx)), V_TEXT(p->why), V_INT(change->actor.account)),
                     NULL));
    BG_TRY(record(tx, change, "uplift.ended", p, p->object));
    *ret_id = p->id; /* the uplift keeps the proposal that began it */
    return reserve_require_all(tx, change->city, NULL);
}

bg_err reserve_uplifts_in_force(struct store_tx *tx, const struct reserve_which *which, bg_date date, bg_ms at, bg_ms known_at,
                                struct bg_arena *arena, struct reserve_uplift_cell **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct reserve_uplift_cell *list = NULL;
    size_t count = 0, room = 0;
    BG_TRY(store_query(
        tx, SQL_RESERVE_UPLIFT_IN_FORCE,
        ARGS(V_INT(which->city), V_INT(date), V_INT(at), V_INT(known_at), V_INT(which->item), V_INT(which->place)), &rows));
    for (bool more = true; more;) {
        BG_TRY(store_next(rows, &more));
        if (more) {
            BG_TRY(reserve_grow(arena, (void **)&list, count, &room, sizeof *list));
            list[count] = (struct reserve_uplift_cell){ .item = store_int(rows, 0),
                                                        .place = store_int(rows, 1),
                                                        .uplift = store_int(rows, 2),
                                                        .factor_permille = store_int(rows, 3),
                                                        .due = (bg_date)store_int(rows, 4),
                                                        .why = bg_arena_copy(arena, store_text(rows, 5)) };
            BG_TRY(bg_need(list[count++].why.at));
        }
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

bg_err reserve_uplift_list(struct store_tx *tx, int64_t city, int64_t before, size_t max, struct bg_arena *arena,
                           struct reserve_uplift **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    size_t count = 0;
    struct reserve_uplift *list = bg_arena_array(arena, max, sizeof *list);
    BG_TRY(bg_need(list));
    BG_TRY(store_query(tx, SQL_RESERVE_UPLIFT_LIST, ARGS(V_INT(city), V_INT(before == 0 ? INT64_MAX : before), V_INT((int64_t)max)),
                       &rows));
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        list[count] = (struct reserve_uplift){ .id = store_int(rows, 0),
                                               .factor_permille = store_int(rows, 1),
                                               .from = (bg_date)store_int(rows, 2),
                                               .due = (bg_date)store_int(rows, 3),
                                               .why = bg_arena_copy(arena, store_text(rows, 4)),
                                               .recorded_at = store_int(rows, 5),
                                               .ended_at = store_int(rows, 6),
                                               .items = store_int(rows, 7),
                                               .places = store_int(rows, 8) };
        BG_TRY(bg_need(list[count++].why.at));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}
