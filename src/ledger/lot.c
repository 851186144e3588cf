/* Lots, and the settings of a city. */
#include "auth/auth.h"
#include "ledger/catalogue.h"

static bg_err read_lot(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_lot *lot = entry;
    *lot = (struct ledger_lot){
        .id = store_int(rows, 0), .item = store_int(rows, 1), .batch = arena_text(arena, rows, 2), .maker = arena_text(arena, rows, 3),
        .certificate = arena_text(arena, rows, 4), .state_note = arena_text(arena, rows, 5), .made = date_at(rows, 6),
        .expiry = date_at(rows, 7), .state = (int)store_int(rows, 8), .version = store_int(rows, 9),
    };
    return bg_need(lot->state_note.at);
}

bg_err ledger_lot_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_lot *ret)
{
    struct ledger_lot *lots;
    size_t count;
    BG_TRY(read_rows(tx, SQL_LOT_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *lots, read_lot, &lots, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "lot");
    }
    *ret = lots[0];
    return BG_DONE;
}

bg_err ledger_lot_find(struct store_tx *tx, int64_t city, int64_t item, bg_str batch, bg_str maker, int64_t *ret_id, bool *ret_found)
{
    return store_get_int(tx, SQL_LOT_FIND, ARGS(V_INT(city), V_INT(item), V_TEXT(batch), V_TEXT(maker)), ret_id, ret_found);
}

bg_err ledger_lot_list(struct store_tx *tx, int64_t city, int64_t item, int64_t after, size_t max, struct bg_arena *arena,
                       struct ledger_lot **ret, size_t *ret_count)
{
    if (item != 0) {
        return read_rows(tx, SQL_LOT_LIST_ITEM, ARGS(V_INT(city), V_INT(item), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret,
                         read_lot, ret, ret_count);
    }
    return read_rows(tx, SQL_LOT_LIST, ARGS(V_INT(city), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret, read_lot, ret, ret_count);
}

void ledger_lot_json(const struct ledger_lot *lot, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", lot->id);
    bg_json_put_id(out, "item", lot->item);
    bg_json_put_str(out, "batch", lot->batch);
    bg_json_put_str(out, "maker", lot->maker);
    bg_json_put_str(out, "certificate", lot->certificate);
    put_date(out, "made", lot->made);
    put_date(out, "expiry", lot->expiry);
    bg_json_put_str(out, "state", bg_str_of(ledger_slug(ledger_lot_states, lot->state)));
    bg_json_put_str(out, "state_note", lot->state_note);
    bg_json_put_int(out, "version", lot->version);
    bg_json_object_end(out);
}

static bg_err show_lot(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version)
{
    struct ledger_lot lot;
    BG_TRY(ledger_lot_get(tx, city, id, arena, &lot));
    ledger_lot_json(&lot, out);
    *ret_version = lot.version;
    return BG_DONE;
}

static struct store_val date_value(bg_date date)
{
    return date == BG_DATE_NONE ? V_NULL : V_INT(date);
}

static bg_err write_lot(struct store_tx *tx, int64_t city, int64_t id, const void *row)
{
    const struct ledger_lot *lot = row;
    return store_run(tx, SQL_LOT_PUT,
                     ARGS(V_INT(city), V_INT(id), V_INT(lot->item), V_TEXT(lot->batch), V_TEXT(lot->maker), V_TEXT(lot->certificate),
                          V_TEXT(lot->state_note), date_value(lot->made), date_value(lot->expiry), V_INT(lot->state)), NULL);
}

static bg_err check_lot(struct store_tx *store, const struct change *change, struct bg_arena *arena, struct ledger_lot *lot)
{
    struct ledger_item item;
    int64_t other = 0;
    bool found;
    BG_TRY(check_text(change, "batch", lot->batch, 1, 64));
    BG_TRY(check_text(change, "maker", lot->maker, 0, 128));
    BG_TRY(check_text(change, "certificate", lot->certificate, 0, 128));
    BG_TRY(check_text(change, "state_note", lot->state_note, 0, 400));
    BG_TRY(check_reference(change, "item", ledger_item_get(store, change->city, lot->item, arena, &item)));
    if (lot->expiry == BG_DATE_NONE && lot->made != BG_DATE_NONE && item.shelf_life_days > 0) {
        lot->expiry = lot->made + (bg_date)item.shelf_life_days;
    }
    if (lot->made != BG_DATE_NONE && lot->expiry != BG_DATE_NONE && lot->expiry < lot->made) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "expiry", "\"rule\":\"a lot does not expire before it is made\"");
    }
    BG_TRY(ledger_lot_find(store, change->city, lot->item, lot->batch, lot->maker, &other, &found));
    if (found && other != lot->id) {
        return BG_FAIL_WITH(BG_CONFLICT, "batch", bg_arena_text(change->arena, "\"lot\":\"%lld\"", (long long)other));
    }
    return BG_DONE;
}

/* The state of a lot is changed by recall and release only; a put keeps it. */
static bg_err put_lot(struct change_tx *tx, const struct change *change, const struct ledger_lot *in, int64_t if_version,
                      struct bg_buf *reply, int64_t *ret_id)
{
    struct store_tx *store = change_store(tx);
    struct ledger_lot lot = *in, was;
    lot.state = LEDGER_LOT_OPEN;
    lot.state_note = BG_STR("");
    if (lot.id != 0) {
        BG_TRY(ledger_lot_get(store, change->city, lot.id, change_arena(tx), &was));
        lot.item = was.item;
        lot.state = was.state;
        lot.state_note = was.state_note;
    }
    BG_TRY(check_lot(store, change, change_arena(tx), &lot));
    return put_row(tx, change, &(struct put_row){ .object = "lot", .id = lot.id, .if_version = if_version, .show = show_lot,
                                                  .write = write_lot, .row = &lot }, reply, ret_id);
}

bg_err ledger_lot_put_in(struct change_tx *tx, const struct change *change, const struct ledger_lot *lot, int64_t *ret_id)
{
    return put_lot(tx, change, lot, -1, NULL, ret_id);
}

static bg_err decide_lot(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    int64_t id;
    change->status = put->lot.id == 0 ? 201 : 200;
    return put_lot(tx, change, &put->lot, put->if_version, &change->reply, &id);
}
const struct change_kind ledger_lot_put = { .name = "ledger.lot", .decide = decide_lot, .recheck = auth_recheck };

/* Sets state and note; for recall.c. */
bg_err lot_state_put(struct change_tx *tx, const struct change *change, int64_t id, int state, bg_str note)
{
    struct ledger_lot lot;
    int64_t same;
    BG_TRY(ledger_lot_get(change_store(tx), change->city, id, change_arena(tx), &lot));
    lot.state = state;
    lot.state_note = note;
    BG_TRY(check_text(change, "why", note, 1, 400));
    return put_row(tx, change, &(struct put_row){ .object = "lot", .id = id, .if_version = -1, .show = show_lot, .write = write_lot,
                                                  .row = &lot }, NULL, &same);
}
