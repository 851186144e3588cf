/* Places, bins and owners. */
#include "auth/auth.h"
#include "ledger/catalogue.h"

/* --- places --- */

static bg_err read_place(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_place *place = entry;
    *place = (struct ledger_place){
        .id = store_int(rows, 0), .code = arena_text(arena, rows, 1), .name_zh = arena_text(arena, rows, 2),
        .name_en = arena_text(arena, rows, 3), .address = arena_text(arena, rows, 4), .kind = (int)store_int(rows, 5),
        .flags = (unsigned)store_int(rows, 6), .parent = store_int(rows, 7), .district = store_int(rows, 8), .org = store_int(rows, 9),
        .owner = store_int(rows, 10), .lat_udeg = store_int(rows, 11), .lon_udeg = store_int(rows, 12), .active = store_int(rows, 13) != 0,
        .version = store_int(rows, 14),
    };
    return bg_need(place->address.at);
}

bg_err ledger_place_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_place *ret)
{
    struct ledger_place *places;
    size_t count;
    BG_TRY(read_rows(tx, SQL_PLACE_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *places, read_place, &places, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "place");
    }
    *ret = places[0];
    return BG_DONE;
}

bg_err ledger_place_find(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found)
{
    return store_get_int(tx, SQL_PLACE_FIND, ARGS(V_INT(city), V_TEXT(code)), ret_id, ret_found);
}

bg_err ledger_place_list(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena, struct ledger_place **ret,
                         size_t *ret_count)
{
    return read_rows(tx, SQL_PLACE_LIST, ARGS(V_INT(city), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret, read_place, ret,
                     ret_count);
}

static const struct {
    unsigned flag;
    const char *slug;
} can_words[] = {
    { LEDGER_CAN_STORE, "store" }, { LEDGER_CAN_RECEIVE, "receive" }, { LEDGER_CAN_ISSUE, "issue" }, { LEDGER_CAN_COUNT, "count" },
    { LEDGER_CAN_USE, "use" }, { LEDGER_CAN_MAKE, "make" }, { LEDGER_OUTSIDE, "outside" }, { LEDGER_BINNED, "binned" },
};

unsigned ledger_flag_of(bg_str slug)
{
    for (size_t i = 0; i < sizeof can_words / sizeof *can_words; i++) {
        if (bg_str_is(slug, can_words[i].slug)) {
            return can_words[i].flag;
        }
    }
    return 0;
}

void ledger_place_json(const struct ledger_place *place, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", place->id);
    bg_json_put_str(out, "code", place->code);
    bg_json_put_str(out, "name_zh", place->name_zh);
    bg_json_put_str(out, "name_en", place->name_en);
    bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_place_kinds, place->kind)));
    bg_json_key(out, "can");
    bg_json_array(out);
    for (size_t i = 0; i < sizeof can_words / sizeof *can_words; i++) {
        if ((place->flags & can_words[i].flag) != 0) {
            bg_json_str(out, bg_str_of(can_words[i].slug));
        }
    }
    bg_json_array_end(out);
    put_id_or_null(out, "parent", place->parent);
    bg_json_put_int(out, "district", place->district);
    put_id_or_null(out, "org", place->org);
    put_id_or_null(out, "owner", place->owner);
    bg_json_put_int(out, "lat_udeg", place->lat_udeg);
    bg_json_put_int(out, "lon_udeg", place->lon_udeg);
    bg_json_put_str(out, "address", place->address);
    bg_json_put_bool(out, "active", place->active);
    bg_json_put_int(out, "version", place->version);
    bg_json_object_end(out);
}

static bg_err show_place(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version)
{
    struct ledger_place place;
    BG_TRY(ledger_place_get(tx, city, id, arena, &place));
    ledger_place_json(&place, out);
    *ret_version = place.version;
    return BG_DONE;
}

static bg_err write_place(struct store_tx *tx, int64_t city, int64_t id, const void *row)
{
    const struct ledger_place *place = row;
    return store_run(tx, SQL_PLACE_PUT,
                     ARGS(V_INT(city), V_INT(id), V_TEXT(place->code), V_TEXT(place->name_zh), V_TEXT(place->name_en),
                          V_TEXT(place->address), V_INT(place->kind), V_INT(place->flags), V_INT(place->parent), V_INT(place->district),
                          V_INT(place->org), V_INT(place->owner), V_INT(place->lat_udeg), V_INT(place->lon_udeg), V_INT(place->active)),
                     NULL);
}

static bg_err check_parent(struct store_tx *store, const struct change *change, struct bg_arena *arena, const struct ledger_place *place)
{
    int64_t at = place->parent;
    for (int depth = 0; at != 0; depth++) {
        struct ledger_place parent;
        if (at == place->id || depth == 16) {
            return BG_FAIL_WITH(BG_BAD_INPUT, "parent", "\"rule\":\"a place may not lie within itself\"");
        }
        BG_TRY(check_reference(change, "parent", ledger_place_get(store, change->city, at, arena, &parent)));
        at = parent.parent;
    }
    return BG_DONE;
}

/* A place with stock keeps its kind, so that no account turns outside or inside under its goods, and is not closed over them. */
static bg_err check_stocked(struct store_tx *store, const struct change *change, struct bg_arena *arena, const struct ledger_place *place)
{
    struct ledger_place was;
    int64_t one;
    bool stocked;
    BG_TRY(ledger_place_get(store, change->city, place->id, arena, &was));
    BG_TRY(store_get_int(store, SQL_PLACE_STOCKED, ARGS(V_INT(change->city), V_INT(place->id)), &one, &stocked));
    if (ledger_place_status(was.kind) != ledger_place_status(place->kind)) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "kind", "\"rule\":\"an inside place stays inside\"");
    }
    if (stocked && was.active && !place->active) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "active", "\"rule\":\"a place is closed when it is empty\"");
    }
    return BG_DONE;
}

static bg_err check_place(struct store_tx *store, const struct change *change, struct bg_arena *arena, const struct ledger_place *place)
{
    BG_TRY(check_text(change, "code", place->code, 1, 64));
    BG_TRY(check_text(change, "name_zh", place->name_zh, 1, 200));
    BG_TRY(check_text(change, "name_en", place->name_en, 0, 200));
    BG_TRY(check_text(change, "address", place->address, 0, 400));
    BG_TRY(check_word(change, "kind", bg_str_of(ledger_slug(ledger_place_kinds, place->kind)), ledger_place_slugs));
    BG_TRY(check_range(change, "lat_udeg", place->lat_udeg, -90000000, 90000000));
    BG_TRY(check_range(change, "lon_udeg", place->lon_udeg, -180000000, 180000000));
    BG_TRY(check_range(change, "district", place->district, 0, INT64_MAX));
    BG_TRY(check_parent(store, change, arena, place));
    if (place->owner != 0) {
        struct ledger_owner owner;
        BG_TRY(check_reference(change, "owner", ledger_owner_get(store, change->city, place->owner, arena, &owner)));
    }
    int64_t other = 0;
    bool found;
    BG_TRY(ledger_place_find(store, change->city, place->code, &other, &found));
    if (found && other != place->id) {
        return BG_FAIL_WITH(BG_CONFLICT, "code", bg_arena_text(change->arena, "\"place\":\"%lld\"", (long long)other));
    }
    return place->id == 0 ? BG_DONE : check_stocked(store, change, arena, place);
}

static bg_err put_place(struct change_tx *tx, const struct change *change, const struct ledger_place *in, int64_t if_version,
                        struct bg_buf *reply, int64_t *ret_id)
{
    struct ledger_place place = *in;
    unsigned standard = ledger_place_flags(place.kind);
    place.flags = place.flags == 0 ? standard : (place.flags & ~(unsigned)LEDGER_OUTSIDE) | (standard & LEDGER_OUTSIDE);
    BG_TRY(check_place(change_store(tx), change, change_arena(tx), &place));
    return put_row(tx, change, &(struct put_row){ .object = "place", .id = place.id, .if_version = if_version, .show = show_place,
                                                  .write = write_place, .row = &place }, reply, ret_id);
}

bg_err ledger_place_put_in(struct change_tx *tx, const struct change *change, const struct ledger_place *place, int64_t *ret_id)
{
    return put_place(tx, change, place, -1, NULL, ret_id);
}

static bg_err decide_place(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    int64_t id;
    change->status = put->place.id == 0 ? 201 : 200;
    return put_place(tx, change, &put->place, put->if_version, &change->reply, &id);
}
const struct change_kind ledger_place_put = { .name = "ledger.place", .decide = decide_place, .recheck = auth_recheck };

/* --- bins --- */

static bg_err read_bin(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_bin *bin = entry;
    *bin = (struct ledger_bin){ .id = store_int(rows, 0), .place = store_int(rows, 1), .code = arena_text(arena, rows, 2),
                                .name = arena_text(arena, rows, 3), .storage = arena_text(arena, rows, 4),
                                .active = store_int(rows, 5) != 0, .version = store_int(rows, 6) };
    return bg_need(bin->storage.at);
}

bg_err ledger_bin_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_bin *ret)
{
    struct ledger_bin *bins;
    size_t count;
    BG_TRY(read_rows(tx, SQL_BIN_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *bins, read_bin, &bins, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "bin");
    }
    *ret = bins[0];
    return BG_DONE;
}

bg_err ledger_bin_find(struct store_tx *tx, int64_t city, int64_t place, bg_str code, int64_t *ret_id, bool *ret_found)
{
    return store_get_int(tx, SQL_BIN_FIND, ARGS(V_INT(city), V_INT(place), V_TEXT(code)), ret_id, ret_found);
}

bg_err ledger_bin_list(struct store_tx *tx, int64_t city, int64_t place, int64_t after, size_t max, struct bg_arena *arena,
                       struct ledger_bin **ret, size_t *ret_count)
{
    return read_rows(tx, SQL_BIN_LIST, ARGS(V_INT(city), V_INT(place), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret, read_bin,
                     ret, ret_count);
}

void ledger_bin_json(const struct ledger_bin *bin, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", bin->id);
    bg_json_put_id(out, "place", bin->place);
    bg_json_put_str(out, "code", bin->code);
    bg_json_put_str(out, "name", bin->name);
    bg_json_put_str(out, "storage", bin->storage);
    bg_json_put_bool(out, "active", bin->active);
    bg_json_put_int(out, "version", bin->version);
    bg_json_object_end(out);
}

static bg_err show_bin(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version)
{
    struct ledger_bin bin;
    BG_TRY(ledger_bin_get(tx, city, id, arena, &bin));
    ledger_bin_json(&bin, out);
    *ret_version = bin.version;
    return BG_DONE;
}

static bg_err write_bin(struct store_tx *tx, int64_t city, int64_t id, const void *row)
{
    const struct ledger_bin *bin = row;
    return store_run(tx, SQL_BIN_PUT,
                     ARGS(V_INT(city), V_INT(id), V_INT(bin->place), V_TEXT(bin->code), V_TEXT(bin->name), V_TEXT(bin->storage),
                          V_INT(bin->active)), NULL);
}

static bg_err put_bin(struct change_tx *tx, const struct change *change, const struct ledger_bin *in, int64_t if_version,
                      struct bg_buf *reply, int64_t *ret_id)
{
    struct store_tx *store = change_store(tx);
    struct ledger_bin bin = *in, was;
    struct ledger_place place;
    int64_t other = 0;
    bool found;
    if (bin.storage.len == 0) {
        bin.storage = BG_STR("normal");
    }
    BG_TRY(check_text(change, "code", bin.code, 1, 64));
    BG_TRY(check_text(change, "name", bin.name, 0, 200));
    BG_TRY(check_word(change, "storage", bin.storage, storage_words));
    if (bin.id != 0) {
        BG_TRY(ledger_bin_get(store, change->city, bin.id, change_arena(tx), &was));
        bin.place = was.place; /* a bin stays where it is */
    }
    BG_TRY(check_reference(change, "place", ledger_place_get(store, change->city, bin.place, change_arena(tx), &place)));
    BG_TRY(ledger_bin_find(store, change->city, bin.place, bin.code, &other, &found));
    if (found && other != bin.id) {
        return BG_FAIL_WITH(BG_CONFLICT, "code", bg_arena_text(change->arena, "\"bin\":\"%lld\"", (long long)other));
    }
    return put_row(tx, change, &(struct put_row){ .object = "bin", .id = bin.id, .if_version = if_version, .show = show_bin,
                                                  .write = write_bin, .row = &bin }, reply, ret_id);
}

bg_err ledger_bin_put_in(struct change_tx *tx, const struct change *change, const struct ledger_bin *bin, int64_t *ret_id)
{
    return put_bin(tx, change, bin, -1, NULL, ret_id);
}

static bg_err decide_bin(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    int64_t id;
    change->status = put->bin.id == 0 ? 201 : 200;
    return put_bin(tx, change, &put->bin, put->if_version, &change->reply, &id);
}
const struct change_kind ledger_bin_put = { .name = "ledger.bin", .decide = decide_bin, .recheck = auth_recheck };

/* --- owners --- */

static bg_err read_owner(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_owner *owner = entry;
    *owner = (struct ledger_owner){ .id = store_int(rows, 0), .code = arena_text(arena, rows, 1), .name_zh = arena_text(arena, rows, 2),
                                    .name_en = arena_text(arena, rows, 3), .kind = (int)store_int(rows, 4), .district = store_int(rows, 5),
                                    .org = store_int(rows, 6), .active = store_int(rows, 7) != 0, .version = store_int(rows, 8) };
    return bg_need(owner->name_en.at);
}

bg_err ledger_owner_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_owner *ret)
{
    struct ledger_owner *owners;
    size_t count;
    BG_TRY(read_rows(tx, SQL_OWNER_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *owners, read_owner, &owners, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "owner");
    }
    *ret = owners[0];
    return BG_DONE;
}

bg_err ledger_owner_find(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found)
{
    return store_get_int(tx, SQL_OWNER_FIND, ARGS(V_INT(city), V_TEXT(code)), ret_id, ret_found);
}

bg_err ledger_owner_list(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena, struct ledger_owner **ret,
                         size_t *ret_count)
{
    return read_rows(tx, SQL_OWNER_LIST, ARGS(V_INT(city), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret, read_owner, ret,
                     ret_count);
}

void ledger_owner_json(const struct ledger_owner *owner, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", owner->id);
    bg_json_put_str(out, "code", owner->code);
    bg_json_put_str(out, "name_zh", owner->name_zh);
    bg_json_put_str(out, "name_en", owner->name_en);
    bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_owner_kinds, owner->kind)));
    bg_json_put_int(out, "district", owner->district);
    put_id_or_null(out, "org", owner->org);
    bg_json_put_bool(out, "active", owner->active);
    bg_json_put_int(out, "version", owner->version);
    bg_json_object_end(out);
}

static bg_err show_owner(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version)
{
    struct ledger_owner owner;
    BG_TRY(ledger_owner_get(tx, city, id, arena, &owner));
    ledger_owner_json(&owner, out);
    *ret_version = owner.version;
    return BG_DONE;
}

static bg_err write_owner(struct store_tx *tx, int64_t city, int64_t id, const void *row)
{
    const struct ledger_owner *owner = row;
    return store_run(tx, SQL_OWNER_PUT,
                     ARGS(V_INT(city), V_INT(id), V_TEXT(owner->code), V_TEXT(owner->name_zh), V_TEXT(owner->name_en), V_INT(owner->kind),
                          V_INT(owner->district), V_INT(owner->org), V_INT(owner->active)), NULL);
}

static bg_err put_owner(struct change_tx *tx, const struct change *change, const struct ledger_owner *owner, int64_t if_version,
                        struct bg_buf *reply, int64_t *ret_id)
{
    int64_t other = 0;
    bool found;
    BG_TRY(check_text(change, "code", owner->code, 1, 64));
    BG_TRY(check_text(change, "name_zh", owner->name_zh, 1, 200));
    BG_TRY(check_text(change, "name_en", owner->name_en, 0, 200));
    BG_TRY(check_word(change, "kind", bg_str_of(ledger_slug(ledger_owner_kinds, owner->kind)), ledger_owner_slugs));
    BG_TRY(check_range(change, "district", owner->district, 0, INT64_MAX));
    BG_TRY(ledger_owner_find(change_store(tx), change->city, owner->code, &other, &found));
    if (found && other != owner->id) {
        return BG_FAIL_WITH(BG_CONFLICT, "code", bg_arena_text(change->arena, "\"owner\":\"%lld\"", (long long)other));
    }
    return put_row(tx, change, &(struct put_row){ .object = "owner", .id = owner->id, .if_version = if_version, .show = show_owner,
                                                  .write = write_owner, .row = owner }, reply, ret_id);
}

bg_err ledger_owner_put_in(struct change_tx *tx, const struct change *change, const struct ledger_owner *owner, int64_t *ret_id)
{
    return put_owner(tx, change, owner, -1, NULL, ret_id);
}

static bg_err decide_owner(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    int64_t id;
    change->status = put->owner.id == 0 ? 201 : 200;
    return put_owner(tx, change, &put->owner, put->if_version, &change->reply, &id);
}
const struct change_kind ledger_owner_put = { .name = "ledger.owner", .decide = decide_owner, .recheck = auth_recheck };
