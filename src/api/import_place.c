/* Places, bins and lots as tables. */
#include <stdio.h>
#include <string.h>

#include "api/import_catalogue.h"

/* --- places --- */

static const struct {
    unsigned flag;
    const char *slug, *zh;
} cans[] = {
    { LEDGER_CAN_STORE, "store", "存储" }, { LEDGER_CAN_RECEIVE, "receive", "收货" }, { LEDGER_CAN_ISSUE, "issue", "发货" },
    { LEDGER_CAN_COUNT, "count", "盘点" }, { LEDGER_CAN_USE, "use", "使用" },         { LEDGER_CAN_MAKE, "make", "生产" },
    { LEDGER_BINNED, "binned", "分货位" },
};
#define CAN_COUNT (sizeof cans / sizeof *cans)

enum {
    PLACE_CODE,
    PLACE_NAME_ZH,
    PLACE_NAME_EN,
    PLACE_KIND,
    PLACE_PARENT,
    PLACE_OWNER,
    PLACE_DISTRICT,
    PLACE_ADDRESS,
    PLACE_LATITUDE,
    PLACE_LONGITUDE,
    PLACE_CAN,
    PLACE_ACTIVE,
};
static const struct table_column place_columns[] = {
    { .name = "code", .zh = "地点编码", .en = "place code", .aliases = "编码|库点编码", .required = true, .max = 64 },
    { .name = "name_zh", .zh = "地点名称", .en = "Chinese name", .aliases = "名称|中文名称", .max = 200 },
    { .name = "name_en", .zh = "英文名称", .en = "English name", .aliases = "name", .max = 200 },
    { .name = "kind", .zh = "地点类型", .en = "kind", .aliases = "类型", LEDGER_WORDS(ledger_place_kinds) },
    { .name = "parent", .zh = "上级地点编码", .en = "parent", .aliases = "上级", .max = 64 },
    { .name = "owner", .zh = "权属编码", .en = "owner", .aliases = "权属", .max = 64 },
    { .name = "district", .zh = "行政区划代码", .en = "division code", .aliases = "区划", .type = TABLE_INT, .max = 999999999 },
    { .name = "address", .zh = "地址", .en = "address", .max = 400 },
    { .name = "latitude", .zh = "纬度", .en = "latitude", .aliases = "lat", .max = 20 },
    { .name = "longitude", .zh = "经度", .en = "longitude", .aliases = "lon|lng", .max = 20 },
    { .name = "can", .zh = "功能", .en = "capabilities", .max = 200 },
    { .name = "active", .zh = "启用", .en = "active", .type = TABLE_BOOL },
    { .name = NULL },
};

/* "39.084158" or "-15.05" in micro-degrees; further digits are cut off. */
static bool read_degrees(bg_str text, int64_t limit, int64_t *ret)
{
    text = bg_str_trim(text);
    bool negative = text.len > 0 && text.at[0] == '-';
    bg_str rest = bg_str_cut(text, negative, text.len);
    size_t point = bg_str_find(rest, '.');
    int64_t whole, part = 0;
    if (point > 3 || rest.len == 0 || rest.at[0] == '-' || !bg_str_int(bg_str_cut(rest, 0, point), &whole)) {
        return false;
    }
    int64_t unit = 100000;
    for (size_t i = point + 1; i < rest.len; i++, unit /= 10) {
        if (rest.at[i] < '0' || rest.at[i] > '9') {
            return false;
        }
        part += (rest.at[i] - '0') * unit;
    }
    int64_t value = whole * 1000000 + part;
    if (value > limit * 1000000) {
        return false;
    }
    *ret = negative ? -value : value;
    return true;
}

static bg_str degrees_text(struct exporting *run, int64_t value)
{
    const char *text =
        bg_arena_text(run->arena, "%s%lld.%06lld", value < 0 ? "-" : "", (long long)((value < 0 ? -value : value) / 1000000),
                      (long long)((value < 0 ? -value : value) % 1000000));
    return text != NULL ? bg_str_of(text) : BG_STR("");
}

/* "store|receive", "存储、收货": parted by bar, comma or blank in either width. False: a word that is none. */
static bool read_cans(bg_str text, unsigned *ret)
{
    unsigned flags = 0;
    size_t pos = 0;
    while (pos < text.len) {
        size_t start = pos, end = pos;
        while (pos < text.len) {
            end = pos;
            int32_t point = bg_utf8_next(text, &pos);
            if (point == '|' || point == ',' || point == ';' || point == ' ' || point == 0x3001 || point == 0xFF0C ||
                point == 0xFF1B) {
                break;
            }
            end = pos;
        }
        bg_str word = bg_str_trim(bg_str_cut(text, start, end));
        bool known = word.len == 0;
        for (size_t i = 0; i < CAN_COUNT; i++) {
            if (bg_str_is(word, cans[i].slug) || bg_str_is(word, cans[i].zh)) {
                flags |= cans[i].flag;
                known = true;
            }
        }
        if (!known) {
            return false;
        }
    }
    *ret = flags;
    return true;
}

static bg_str cans_text(struct exporting *run, unsigned flags)
{
    BG_SCOPED_BUF out = bg_buf_init(1024);
    for (size_t i = 0; i < CAN_COUNT; i++) {
        if ((flags & cans[i].flag) != 0) {
            bg_buf_print(&out, "%s%s", out.len > 0 ? "|" : "", cans[i].slug);
        }
    }
    return bg_arena_copy(run->arena, bg_buf_str(&out));
}

static bool place_same(const struct ledger_place *a, const struct ledger_place *b)
{
    unsigned flags_a = a->flags != 0 ? a->flags : ledger_place_flags(a->kind), flags_b = b->flags;
    return bg_str_eq(a->code, b->code) && bg_str_eq(a->name_zh, b->name_zh) && bg_str_eq(a->name_en, b->name_en) &&
           bg_str_eq(a->address, b->address) && a->kind == b->kind && ((flags_a ^ flags_b) & ~(unsigned)LEDGER_OUTSIDE) == 0 &&
           a->parent == b->parent && a->district == b->district && a->owner == b->owner && a->lat_udeg == b->lat_udeg &&
           a->lon_udeg == b->lon_udeg && a->active == b->active;
}

/* Coordinates and capabilities: cells that are texts in the file and something else in the place. */
static void place_special(struct importing *run, const struct table_cell *cells, struct ledger_place *place)
{
    bg_str latitude = BG_STR(""), longitude = BG_STR(""), can = BG_STR("");
    import_text(run, cells, PLACE_LATITUDE, &latitude);
    import_text(run, cells, PLACE_LONGITUDE, &longitude);
    import_text(run, cells, PLACE_CAN, &can);
    if (import_gives(run, PLACE_LATITUDE)) {
        place->lat_udeg = 0;
    }
    if (import_gives(run, PLACE_LONGITUDE)) {
        place->lon_udeg = 0;
    }
    if (latitude.len > 0 && !read_degrees(latitude, 90, &place->lat_udeg)) {
        (void)import_refuse(run, PLACE_LATITUDE, BG_FAIL_AT(BG_TABLE_NUMBER, "latitude"));
    }
    if (longitude.len > 0 && !read_degrees(longitude, 180, &place->lon_udeg)) {
        (void)import_refuse(run, PLACE_LONGITUDE, BG_FAIL_AT(BG_TABLE_NUMBER, "longitude"));
    }
    if (import_gives(run, PLACE_CAN) && !read_cans(can, &place->flags)) {
        (void)import_refuse(run, PLACE_CAN,
                            BG_FAIL_WITH(BG_TABLE_WORD_BAD, "can", "\"words\":\"store|receive|issue|count|use|make|binned\""));
    }
}

static bg_err place_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_place was = { .id = 0 }, place = { .code = cells[PLACE_CODE].s, .active = true };
    bool found, put, refused[3] = { false };
    BG_TRY(ledger_place_find(run->store, run->city, place.code, &place.id, &found));
    if (found) {
        BG_TRY(ledger_place_get(run->store, run->city, place.id, run->arena, &was));
        place = was;
    }
    int64_t kind = place.kind;
    import_text(run, cells, PLACE_NAME_ZH, &place.name_zh);
    import_text(run, cells, PLACE_NAME_EN, &place.name_en);
    import_int(run, cells, PLACE_KIND, 0, &kind);
    place.kind = (int)kind;
    BG_TRY(import_refer(run, cells, PLACE_PARENT, ledger_place_find, &place.parent, &refused[0]));
    BG_TRY(import_refer(run, cells, PLACE_OWNER, ledger_owner_find, &place.owner, &refused[1]));
    import_int(run, cells, PLACE_DISTRICT, 0, &place.district);
    import_text(run, cells, PLACE_ADDRESS, &place.address);
    import_bool(run, cells, PLACE_ACTIVE, true, &place.active);
    place_special(run, cells, &place);
    if (run->errors.count > 0) {
        return BG_DONE;
    }
    BG_TRY(import_once(run, !found || !place_same(&place, &was), place.code.at, ret, &put));
    return put ? import_judge(run, -1, ledger_place_put_in(run->tx, run->change, &place, &place.id), &refused[2]) : BG_DONE;
}

/* Places by id, so that codes of parents can be written and parents come before what lies in them. */
struct place_table {
    struct ledger_place *at;
    size_t count;
};

static const struct ledger_place *place_by_id(const struct place_table *table, int64_t id)
{
    size_t low = 0, high = table->count; /* the list comes in the order of ids */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->at[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < table->count && table->at[low].id == id ? &table->at[low] : NULL;
}

static int place_depth(const struct place_table *table, const struct ledger_place *place)
{
    int depth = 0;
    while (place != NULL && place->parent != 0 && depth < 32) {
        place = place_by_id(table, place->parent);
        depth++;
    }
    return depth;
}

static bg_err owner_code(struct exporting *run, int64_t id, bg_str *ret)
{
    struct ledger_owner owner = { .code = BG_STR("") };
    if (id != 0) {
        BG_TRY(ledger_owner_get(run->store, run->city, id, run->arena, &owner));
    }
    *ret = owner.code;
    return BG_DONE;
}

static bg_err place_write(struct exporting *run, const struct place_table *table, const struct ledger_place *place)
{
    const struct ledger_place *parent = place->parent != 0 ? place_by_id(table, place->parent) : NULL;
    bool located = place->lat_udeg != 0 || place->lon_udeg != 0;
    bg_str owner;
    BG_TRY(owner_code(run, place->owner, &owner));
    const bg_str fields[] = { place->code,
                              place->name_zh,
                              place->name_en,
                              bg_str_of(ledger_slug(ledger_place_kinds, place->kind)),
                              parent != NULL ? parent->code : BG_STR(""),
                              owner,
                              place->district != 0 ? export_int(run, place->district) : BG_STR(""),
                              place->address,
                              located ? degrees_text(run, place->lat_udeg) : BG_STR(""),
                              located ? degrees_text(run, place->lon_udeg) : BG_STR(""),
                              cans_text(run, place->flags),
                              export_bool(place->active) };
    return export_row(run, fields);
}

static bg_err place_list(struct exporting *run)
{
    struct place_table table = { .count = 0 };
    bg_arena_reset(run->arena);
    BG_TRY(ledger_place_list(run->store, run->city, 0, SIZE_MAX / 2, run->arena, &table.at, &table.count));
    for (int depth = 0, left = (int)table.count; left > 0 && depth <= 32; depth++) {
        for (size_t i = 0; i < table.count; i++) {
            if (place_depth(&table, &table.at[i]) == depth) {
                BG_TRY(place_write(run, &table, &table.at[i]));
                left--;
            }
        }
    }
    return BG_DONE;
}

const struct import_kind import_places = {
    .name = "places", .zh = "地点", .en = "places", .columns = place_columns, .row = place_row, .list = place_list
};

/* --- bins --- */

enum { BIN_PLACE, BIN_CODE, BIN_NAME, BIN_STORAGE, BIN_ACTIVE };
static const struct table_column bin_columns[] = {
    { .name = "place", .zh = "地点编码", .en = "place code", .required = true, .max = 64 },
    { .name = "code", .zh = "货位编码", .en = "bin code", .aliases = "货位", .required = true, .max = 64 },
    { .name = "name", .zh = "货位名称", .en = "bin name", .aliases = "名称", .max = 200 },
    { .name = "storage", .zh = "储存条件", .en = "storage class", .type = TABLE_WORD, .words = import_storage },
    { .name = "active", .zh = "启用", .en = "active", .type = TABLE_BOOL },
    { .name = NULL },
};

static bg_err bin_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_bin was = { .id = 0 }, bin = { .storage = BG_STR("normal"), .active = true };
    bool found, refused;
    int64_t place = 0;
    BG_TRY(import_refer(run, cells, BIN_PLACE, ledger_place_find, &place, &refused));
    import_need_place(run, BIN_PLACE, place);
    if (run->errors.count > 0) {
        return BG_DONE;
    }
    BG_TRY(ledger_bin_find(run->store, run->city, place, cells[BIN_CODE].s, &bin.id, &found));
    if (found) {
        BG_TRY(ledger_bin_get(run->store, run->city, bin.id, run->arena, &was));
        bin = was;
    }
    bin.place = place;
    bin.code = cells[BIN_CODE].s;
    int64_t storage = import_number(import_storage, bin.storage);
    import_text(run, cells, BIN_NAME, &bin.name);
    import_int(run, cells, BIN_STORAGE, 1, &storage);
    bin.storage = bg_str_of(import_slug(import_storage, storage));
    import_bool(run, cells, BIN_ACTIVE, true, &bin.active);
    bool same = found && bg_str_eq(bin.name, was.name) && bg_str_eq(bin.storage, was.storage) && bin.active == was.active, put;
    BG_TRY(import_once(run, !same, bg_arena_text(run->arena, "%lld %.*s", (long long)place, BG_STR_FMT(bin.code)), ret, &put));
    return put ? import_judge(run, -1, ledger_bin_put_in(run->tx, run->change, &bin, &bin.id), &refused) : BG_DONE;
}

static bg_err bin_list(struct exporting *run)
{
    struct ledger_place *places;
    size_t place_count;
    BG_SCOPED_ARENA outer = bg_arena_open((size_t)256 << 20);
    BG_TRY(bg_need(outer));
    BG_TRY(ledger_place_list(run->store, run->city, 0, SIZE_MAX / 2, outer, &places, &place_count));
    for (size_t p = 0; p < place_count; p++) {
        if (!import_scope_has(&run->opts->scope, places[p].id)) {
            continue;
        }
        struct ledger_bin *bins;
        size_t count = EXPORT_PAGE;
        for (int64_t after = 0; count == EXPORT_PAGE;) {
            bg_arena_reset(run->arena);
            BG_TRY(ledger_bin_list(run->store, run->city, places[p].id, after, EXPORT_PAGE, run->arena, &bins, &count));
            for (size_t i = 0; i < count; i++) {
                after = bins[i].id;
                const bg_str fields[] = { places[p].code, bins[i].code, bins[i].name, bins[i].storage,
                                          export_bool(bins[i].active) };
                BG_TRY(export_row(run, fields));
            }
        }
    }
    return BG_DONE;
}

const struct import_kind import_bins = {
    .name = "bins", .placed = true, .zh = "货位", .en = "bins", .columns = bin_columns, .row = bin_row, .list = bin_list
};

/* --- lots --- */

static const struct table_word lot_states[] = { { LEDGER_LOT_OPEN, "open", "正常", "open" },
                                                { LEDGER_LOT_BLOCKED, "blocked", "冻结", "blocked" },
                                                { LEDGER_LOT_RECALLED, "recalled", "召回", "recalled" },
                                                { 0 } };
enum { LOT_ITEM, LOT_BATCH, LOT_MAKER, LOT_MADE, LOT_EXPIRY, LOT_CERTIFICATE, LOT_STATE, LOT_NOTE };
static const struct table_column lot_columns[] = {
    { .name = "item", .zh = "物资编码", .en = "item code", .required = true, .max = 64 },
    { .name = "batch", .zh = "批号", .en = "batch", .aliases = "lot|lot number|生产批号", .required = true, .max = 64 },
    { .name = "maker", .zh = "生产企业", .en = "maker", .aliases = "manufacturer|厂家", .max = 128 },
    { .name = "made", .zh = "生产日期", .en = "made", .aliases = "manufacture date", .type = TABLE_DATE },
    { .name = "expiry",
      .zh = "有效期至",
      .en = "expiry",
      .aliases = "有效期|失效日期|expiration date|expiry date",
      .type = TABLE_DATE },
    { .name = "certificate", .zh = "检验证书号", .en = "certificate", .aliases = "合格证号", .max = 128 },
    { .name = "state", .zh = "批次状态", .en = "state", .type = TABLE_WORD, .words = lot_states },
    { .name = "state_note", .zh = "状态说明", .en = "state note", .max = 400 },
    { .name = NULL },
};

/* The state of a lot is changed by recall and release alone: a file may say it, and must then be right. */
static void lot_state(struct importing *run, const struct table_cell *cells, const struct ledger_lot *lot)
{
    if (cells[LOT_STATE].given && cells[LOT_STATE].i != lot->state) {
        (void)import_refuse(run, LOT_STATE, BG_FAIL_AT(BG_IMPORT_LOT_STATE, "state"));
    }
}

static bg_err lot_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_lot was = { .id = 0 }, lot = { .made = BG_DATE_NONE, .expiry = BG_DATE_NONE, .state = LEDGER_LOT_OPEN };
    bool found, refused;
    int64_t item = 0;
    BG_TRY(import_refer(run, cells, LOT_ITEM, ledger_item_find, &item, &refused));
    if (refused) {
        return BG_DONE;
    }
    bg_str maker = cells[LOT_MAKER].given ? cells[LOT_MAKER].s : BG_STR("");
    BG_TRY(ledger_lot_find(run->store, run->city, item, cells[LOT_BATCH].s, maker, &lot.id, &found));
    if (found) {
        BG_TRY(ledger_lot_get(run->store, run->city, lot.id, run->arena, &was));
        lot = was;
    }
    lot.item = item;
    lot.batch = cells[LOT_BATCH].s;
    lot.maker = maker;
    import_text(run, cells, LOT_CERTIFICATE, &lot.certificate);
    if (cells[LOT_MADE].given) { /* an empty date says nothing: expiry may have been worked out from the shelf life */
        lot.made = (bg_date)cells[LOT_MADE].i;
    }
    if (cells[LOT_EXPIRY].given) {
        lot.expiry = (bg_date)cells[LOT_EXPIRY].i;
    }
    lot_state(run, cells, &lot);
    bool same = found && bg_str_eq(lot.certificate, was.certificate) && lot.made == was.made && lot.expiry == was.expiry;
    if (run->errors.count > 0) {
        return BG_DONE;
    }
    const char *key = bg_arena_text(run->arena, "%lld %.*s\x1f%.*s", (long long)item, BG_STR_FMT(lot.batch), BG_STR_FMT(maker));
    bool put;
    BG_TRY(import_once(run, !same, key, ret, &put));
    return put ? import_judge(run, -1, ledger_lot_put_in(run->tx, run->change, &lot, &lot.id), &refused) : BG_DONE;
}

static bg_err lot_list(struct exporting *run)
{
    struct ledger_lot *lots;
    size_t count = EXPORT_PAGE;
    for (int64_t after = 0; count == EXPORT_PAGE;) {
        bg_arena_reset(run->arena);
        BG_TRY(ledger_lot_list(run->store, run->city, 0, after, EXPORT_PAGE, run->arena, &lots, &count));
        for (size_t i = 0; i < count; i++) {
            const struct ledger_lot *lot = &lots[i];
            struct ledger_item item;
            after = lot->id;
            BG_TRY(ledger_item_get(run->store, run->city, lot->item, run->arena, &item));
            const bg_str fields[] = { item.code,
                                      lot->batch,
                                      lot->maker,
                                      export_date(run, lot->made),
                                      export_date(run, lot->expiry),
                                      lot->certificate,
                                      bg_str_of(import_slug(lot_states, lot->state)),
                                      lot->state_note };
            BG_TRY(export_row(run, fields));
        }
    }
    return BG_DONE;
}

const struct import_kind import_lots = {
    .name = "lots", .zh = "批次", .en = "lots", .columns = lot_columns, .row = lot_row, .list = lot_list
};
