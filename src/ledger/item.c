/* Items with their packs and codes. */
#include "auth/auth.h"
#include "codec/codec.h"
#include "ledger/catalogue.h"

static const char *const schemes[] = { "gtin", "ma", "ahm", "other", NULL };

/* --- items --- */

static bg_err read_item(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_item *item = entry;
    *item = (struct ledger_item){
        .id = store_int(rows, 0), .code = arena_text(arena, rows, 1), .name_zh = arena_text(arena, rows, 2),
        .name_en = arena_text(arena, rows, 3), .spec = arena_text(arena, rows, 4), .unit = arena_text(arena, rows, 5),
        .category = arena_text(arena, rows, 6), .class_code = arena_text(arena, rows, 7), .storage = arena_text(arena, rows, 8),
        .shelf_life_days = store_int(rows, 9), .order_min = store_int(rows, 10), .lotted = store_int(rows, 11) != 0,
        .key_item = store_int(rows, 12) != 0, .active = store_int(rows, 13) != 0, .version = store_int(rows, 14),
    };
    return bg_need(item->storage.at);
}

bg_err ledger_item_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_item *ret)
{
    struct ledger_item *items;
    size_t count;
    BG_TRY(read_rows(tx, SQL_ITEM_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *items, read_item, &items, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "item");
    }
    *ret = items[0];
    return BG_DONE;
}

bg_err ledger_item_find(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found)
{
    return store_get_int(tx, SQL_ITEM_FIND, ARGS(V_INT(city), V_TEXT(code)), ret_id, ret_found);
}

bg_err ledger_item_list(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena, struct ledger_item **ret,
                        size_t *ret_count)
{
    return read_rows(tx, SQL_ITEM_LIST, ARGS(V_INT(city), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret, read_item, ret,
                     ret_count);
}

void ledger_item_json(const struct ledger_item *item, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", item->id);
    bg_json_put_str(out, "code", item->code);
    bg_json_put_str(out, "name_zh", item->name_zh);
    bg_json_put_str(out, "name_en", item->name_en);
    bg_json_put_str(out, "spec", item->spec);
    bg_json_put_str(out, "unit", item->unit);
    bg_json_put_str(out, "category", item->category);
    bg_json_put_str(out, "class_code", item->class_code);
    bg_json_put_str(out, "storage", item->storage);
    bg_json_put_int(out, "shelf_life_days", item->shelf_life_days);
    bg_json_put_int(out, "order_min", item->order_min);
    bg_json_put_bool(out, "lotted", item->lotted);
    bg_json_put_bool(out, "key_item", item->key_item);
    bg_json_put_bool(out, "active", item->active);
    bg_json_put_int(out, "version", item->version);
    bg_json_object_end(out);
}

static bg_err show_item(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version)
{
    struct ledger_item item;
    BG_TRY(ledger_item_get(tx, city, id, arena, &item));
    ledger_item_json(&item, out);
    *ret_version = item.version;
    return BG_DONE;
}

static bg_err write_item(struct store_tx *tx, int64_t city, int64_t id, const void *row)
{
    const struct ledger_item *item = row;
    return store_run(tx, SQL_ITEM_PUT,
                     ARGS(V_INT(city), V_INT(id), V_TEXT(item->code), V_TEXT(item->name_zh), V_TEXT(item->name_en), V_TEXT(item->spec),
                          V_TEXT(item->unit), V_TEXT(item->category), V_TEXT(item->class_code), V_TEXT(item->storage),
                          V_INT(item->shelf_life_days), V_INT(item->order_min), V_INT(item->lotted), V_INT(item->key_item),
                          V_INT(item->active)), NULL);
}

static bool seven_digits(bg_str code)
{
    int64_t number;
    return code.len == 7 && bg_str_int(code, &number) && number >= 0;
}

static bg_err check_item(struct store_tx *store, const struct change *change, struct bg_arena *arena, const struct ledger_item *item)
{
    BG_TRY(check_text(change, "code", item->code, 1, 64));
    BG_TRY(check_text(change, "name_zh", item->name_zh, 1, 200));
    BG_TRY(check_text(change, "name_en", item->name_en, 0, 200));
    BG_TRY(check_text(change, "spec", item->spec, 0, 200));
    BG_TRY(check_text(change, "unit", item->unit, 1, 16));
    BG_TRY(check_text(change, "category", item->category, 0, 64));
    if (item->class_code.len > 0 && !seven_digits(item->class_code)) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "class_code", "\"digits\":7");
    }
    BG_TRY(check_word(change, "storage", item->storage, storage_words));
    BG_TRY(check_range(change, "shelf_life_days", item->shelf_life_days, 0, 36500));
    BG_TRY(check_range(change, "order_min", item->order_min, 0, BG_QTY_MAX));
    int64_t other = 0, one;
    bool found;
    BG_TRY(ledger_item_find(store, change->city, item->code, &other, &found));
    if (found && other != item->id) {
        return BG_FAIL_WITH(BG_CONFLICT, "code", bg_arena_text(change->arena, "\"item\":\"%lld\"", (long long)other));
    }
    if (item->id == 0) {
        return BG_DONE;
    }
    struct ledger_item was;
    BG_TRY(ledger_item_get(store, change->city, item->id, arena, &was));
    BG_TRY(store_get_int(store, SQL_ITEM_MOVED, ARGS(V_INT(change->city), V_INT(item->id)), &one, &found));
    if (found && !bg_str_eq(was.unit, item->unit)) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "unit", "\"rule\":\"the base unit stays once anything was posted\"");
    }
    return BG_DONE;
}

static bg_err put_item(struct change_tx *tx, const struct change *change, const struct ledger_item *in, int64_t if_version,
                       struct bg_buf *reply, int64_t *ret_id)
{
    struct ledger_item item = *in;
    if (item.storage.len == 0) {
        item.storage = BG_STR("normal");
    }
    BG_TRY(check_item(change_store(tx), change, change_arena(tx), &item));
    return put_row(tx, change, &(struct put_row){ .object = "item", .id = item.id, .if_version = if_version, .show = show_item,
                                                  .write = write_item, .row = &item }, reply, ret_id);
}

bg_err ledger_item_put_in(struct change_tx *tx, const struct change *change, const struct ledger_item *item, int64_t *ret_id)
{
    return put_item(tx, change, item, -1, NULL, ret_id);
}

static bg_err decide_item(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    int64_t id;
    change->status = put->item.id == 0 ? 201 : 200;
    return put_item(tx, change, &put->item, put->if_version, &change->reply, &id);
}
const struct change_kind ledger_item_put = { .name = "ledger.item", .decide = decide_item, .recheck = auth_recheck };

/* --- packs --- */

static bg_err read_pack(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_pack *pack = entry;
    *pack = (struct ledger_pack){ .item = store_int(rows, 0), .unit = arena_text(arena, rows, 1), .units = store_int(rows, 2) };
    return bg_need(pack->unit.at);
}

bg_err ledger_pack_list(struct store_tx *tx, int64_t city, int64_t item, struct bg_arena *arena, struct ledger_pack **ret,
                        size_t *ret_count)
{
    return read_rows(tx, SQL_ITEM_PACK_LIST, ARGS(V_INT(city), V_INT(item)), arena, sizeof **ret, read_pack, ret, ret_count);
}

static void pack_json(const struct ledger_pack *pack, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "item", pack->item);
    bg_json_put_str(out, "unit", pack->unit);
    bg_json_put_int(out, "units", pack->units);
    bg_json_object_end(out);
}

bg_err ledger_pack_put_in(struct change_tx *tx, const struct change *change, const struct ledger_pack *pack)
{
    struct store_tx *store = change_store(tx);
    struct ledger_item item;
    BG_SCOPED_BUF after = bg_buf_init(4096);
    BG_TRY(check_text(change, "unit", pack->unit, 1, 16));
    BG_TRY(check_range(change, "units", pack->units, 0, 1000000000));
    BG_TRY(check_reference(change, "item", ledger_item_get(store, change->city, pack->item, change_arena(tx), &item)));
    if (pack->units == 0) {
        BG_TRY(store_run(store, SQL_ITEM_PACK_DROP, ARGS(V_INT(change->city), V_INT(pack->item), V_TEXT(pack->unit)), NULL));
    } else {
        BG_TRY(store_run(store, SQL_ITEM_PACK_PUT, ARGS(V_INT(change->city), V_INT(pack->item), V_TEXT(pack->unit), V_INT(pack->units)),
                         NULL));
    }
    pack_json(pack, &after);
    BG_TRY(bg_buf_check(&after));
    return change_record(tx, change, &(struct journal_entry){ .kind = "item.pack", .object = "item", .id = pack->item, .city = change->city,
                                                              .after = bg_buf_str(&after) });
}

static bg_err decide_pack(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    BG_TRY(ledger_pack_put_in(tx, change, &put->pack));
    pack_json(&put->pack, &change->reply);
    return BG_DONE;
}
const struct change_kind ledger_pack_put = { .name = "ledger.pack", .decide = decide_pack, .recheck = auth_recheck };

/* --- codes --- */

static bg_err read_code(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_code *code = entry;
    *code = (struct ledger_code){ .scheme = arena_text(arena, rows, 0), .code = arena_text(arena, rows, 1),
                                  .original = arena_text(arena, rows, 2), .item = store_int(rows, 3), .units = store_int(rows, 4) };
    return bg_need(code->original.at);
}

bg_err ledger_code_list(struct store_tx *tx, int64_t city, int64_t item, struct bg_arena *arena, struct ledger_code **ret,
                        size_t *ret_count)
{
    return read_rows(tx, SQL_ITEM_CODE_LIST, ARGS(V_INT(city), V_INT(item)), arena, sizeof **ret, read_code, ret, ret_count);
}

static bg_err get_code(struct store_tx *tx, int64_t city, bg_str scheme, bg_str code, struct bg_arena *arena, struct ledger_code *ret,
                       bool *ret_found)
{
    struct ledger_code *codes;
    size_t count;
    BG_TRY(read_rows(tx, SQL_ITEM_CODE_GET, ARGS(V_INT(city), V_TEXT(scheme), V_TEXT(code)), arena, sizeof *codes, read_code, &codes,
                     &count));
    *ret_found = count > 0;
    if (count > 0) {
        *ret = codes[0];
    }
    return BG_DONE;
}

bg_err ledger_code_find(struct store_tx *tx, int64_t city, bg_str code, struct bg_arena *arena, struct ledger_code *ret, bool *ret_found)
{
    char normal[19];
    *ret_found = false;
    if (!bg_failed(gs1_key_read(GS1_GTIN, code, normal))) {
        BG_TRY(get_code(tx, city, BG_STR("gtin"), bg_str_of(normal), arena, ret, ret_found));
    }
    for (size_t i = 1; schemes[i] != NULL && !*ret_found; i++) {
        BG_TRY(get_code(tx, city, bg_str_of(schemes[i]), code, arena, ret, ret_found));
    }
    return BG_DONE;
}

void ledger_code_json(const struct ledger_code *code, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_str(out, "scheme", code->scheme);
    bg_json_put_str(out, "code", code->code);
    bg_json_put_str(out, "original", code->original);
    bg_json_put_id(out, "item", code->item);
    bg_json_put_int(out, "units", code->units);
    bg_json_object_end(out);
}

/* A GTIN has 14 digits and a right check digit; others are kept as they are. */
static bg_err normalise(struct change_tx *tx, const struct change *change, struct ledger_code *code)
{
    char normal[19];
    BG_TRY(check_word(change, "scheme", code->scheme, schemes));
    BG_TRY(check_text(change, "code", code->original, 1, 128));
    code->code = code->original;
    if (bg_str_is(code->scheme, "gtin")) {
        bg_err err = gs1_key_read(GS1_GTIN, bg_str_trim(code->original), normal);
        if (bg_failed(err)) {
            err.field = "code";
            return err;
        }
        code->code = bg_arena_copy(change_arena(tx), bg_str_of(normal));
    }
    return BG_DONE;
}

static bg_err record_code(struct change_tx *tx, const struct change *change, const struct ledger_code *before,
                          const struct ledger_code *after)
{
    BG_SCOPED_BUF was = bg_buf_init(4096);
    BG_SCOPED_BUF is = bg_buf_init(4096);
    if (before != NULL) {
        ledger_code_json(before, &was);
    }
    if (after != NULL) {
        ledger_code_json(after, &is);
    }
    BG_TRY(bg_buf_check(&is));
    BG_TRY(bg_buf_check(&was));
    return change_record(tx, change, &(struct journal_entry){ .kind = "item.code", .object = "item",
                                                              .id = after != NULL ? after->item : before->item, .city = change->city,
                                                              .before = bg_buf_str(&was), .after = bg_buf_str(&is) });
}

static bg_err put_code(struct change_tx *tx, const struct change *change, const struct ledger_code *in, struct ledger_code *ret)
{
    struct store_tx *store = change_store(tx);
    struct ledger_code code = *in, was;
    struct ledger_item item;
    bool found;
    if (code.original.len == 0) {
        code.original = code.code;
    }
    if (code.units == 0) {
        code.units = 1;
    }
    BG_TRY(normalise(tx, change, &code));
    BG_TRY(check_range(change, "units", code.units, 1, 1000000000));
    BG_TRY(check_reference(change, "item", ledger_item_get(store, change->city, code.item, change_arena(tx), &item)));
    BG_TRY(get_code(store, change->city, code.scheme, code.code, change_arena(tx), &was, &found));
    if (found && was.item != code.item) { /* a code never moves silently from one item to another */
        return BG_FAIL_WITH(BG_CONFLICT, "code", bg_arena_text(change->arena, "\"item\":\"%lld\"", (long long)was.item));
    }
    BG_TRY(store_run(store, SQL_ITEM_CODE_PUT,
                     ARGS(V_INT(change->city), V_TEXT(code.scheme), V_TEXT(code.code), V_INT(code.item), V_TEXT(code.original),
                          V_INT(code.units)), NULL));
    *ret = code;
    return record_code(tx, change, found ? &was : NULL, &code);
}

bg_err ledger_code_put_in(struct change_tx *tx, const struct change *change, const struct ledger_code *code)
{
    struct ledger_code made;
    return put_code(tx, change, code, &made);
}

static bg_err decide_code(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    struct ledger_code made;
    BG_TRY(put_code(tx, change, &put->code, &made));
    ledger_code_json(&made, &change->reply);
    change->status = 201;
    return BG_DONE;
}
const struct change_kind ledger_code_put = { .name = "ledger.code", .decide = decide_code, .recheck = auth_recheck };

static bg_err decide_code_drop(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    struct store_tx *store = change_store(tx);
    struct ledger_code was;
    bool found;
    BG_TRY(get_code(store, change->city, put->code.scheme, put->code.code, change_arena(tx), &was, &found));
    if (!found) {
        return BG_FAIL_AT(BG_NOT_FOUND, "code");
    }
    BG_TRY(store_run(store, SQL_ITEM_CODE_DROP, ARGS(V_INT(change->city), V_TEXT(was.scheme), V_TEXT(was.code)), NULL));
    ledger_code_json(&was, &change->reply);
    return record_code(tx, change, &was, NULL);
}
const struct change_kind ledger_code_drop = { .name = "ledger.code.drop", .decide = decide_code_drop, .recheck = auth_recheck };
