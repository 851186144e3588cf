/* Writes today's standards into the ledger's requirements, so that "deficit" means the same on every screen. */
#include "reserve/impl.h"

bg_err reserve_require_all(struct change_tx *tx, int64_t city, int64_t *ret_count)
{
    struct reserve_view view;
    struct reserve_which which = { .city = city, .at = BG_TIME_NONE, .known_at = BG_TIME_NONE, .now = change_now(tx) };
    BG_SCOPED_ARENA arena = bg_arena_open(256u << 20);
    BG_TRY(bg_need(arena));
    BG_TRY(reserve_view_get(change_store(tx), &which, arena, &view));
    int64_t count = 0;
    for (size_t i = 0; i < view.cell_count; i++) {
        const struct reserve_cell *cell = &view.cells[i];
        int64_t wanted = cell->standard > 0 ? cell->standard : 0;
        if (wanted != cell->stock.required) {
            BG_TRY(ledger_require(tx, city, cell->stock.item, cell->stock.place, wanted, BG_STR("standard")));
        }
        count += wanted > 0;
    }
    if (ret_count != NULL) {
        *ret_count = count;
    }
    return BG_DONE;
}

static bg_err decide_require(struct change_tx *tx, struct change *change)
{
    int64_t count;
    BG_TRY(reserve_require_all(tx, change->city, &count));
    bg_json_object(&change->reply);
    bg_json_put_int(&change->reply, "required", count);
    bg_json_object_end(&change->reply);
    change->status = 200;
    return BG_DONE;
}
const struct change_kind reserve_requiring = { .name = "standard.require", .decide = decide_require };

bg_err reserve_register(struct work *work)
{
    BG_TRY(reserve_register_chase(work));
    return ledger_register_daily(work, "reserve.require", &reserve_requiring, 10);
}
