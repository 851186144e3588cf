/* The catalogue as tables: owners, items with their packs and codes. Places, bins and lots are in import_place.c. */
#include "api/import_catalogue.h"

#include <string.h>

#include "codec/gs1.h"

/* --- shared --- */

void import_text(const struct importing *run, const struct table_cell *cells, int column, bg_str *value)
{
    if (import_gives(run, column)) {
        *value = cells[column].given ? cells[column].s : BG_STR("");
    }
}

void import_int(const struct importing *run, const struct table_cell *cells, int column, int64_t absent, int64_t *value)
{
    if (import_gives(run, column)) {
        *value = cells[column].given ? cells[column].i : absent;
    }
}

void import_bool(const struct importing *run, const struct table_cell *cells, int column, bool absent, bool *value)
{
    if (import_gives(run, column)) {
        *value = cells[column].given ? cells[column].i != 0 : absent;
    }
}

/* Finds by `find`; what is not there is an error of the row. */
bg_err import_refer(struct importing *run, const struct table_cell *cells, int column, import_find find, int64_t *value,
                    bool *ret_refused)
{
    bool found = false;
    int64_t id = 0;
    *ret_refused = false;
    if (!import_gives(run, column)) {
        return BG_DONE;
    }
    if (cells[column].given) {
        BG_TRY(find(run->store, run->city, cells[column].s, &id, &found));
        if (!found) {
            BG_SCOPED_BUF facts = bg_buf_init(16384);
            bg_json_put_str(&facts, "code", cells[column].s);
            const char *text = bg_arena_copy(run->arena, bg_buf_str(&facts)).at;
            *ret_refused = import_refuse(run, column, BG_FAIL_WITH(BG_IMPORT_REFERENCE, run->binding.columns[column].name, text));
            return BG_DONE;
        }
    }
    *value = id;
    return BG_DONE;
}

/* The slug of a word column's value. */
const char *import_slug(const struct table_word *words, int64_t number)
{
    for (; words->number != 0; words++) {
        if (words->number == number) {
            return words->slug;
        }
    }
    return "";
}

int64_t import_number(const struct table_word *words, bg_str slug)
{
    for (; words->number != 0; words++) {
        if (bg_str_is(slug, words->slug)) {
            return words->number;
        }
    }
    return 0;
}

const struct table_word import_storage[] = {
    { 1, "normal", "常温", "normal" },
    { 2, "cool", "阴凉", "cool" },
    { 3, "cold", "冷藏", "cold" },
    { 4, "frozen", "冷冻", "frozen" },
    { 5, "flammable", "易燃", "flammable" },
    { 6, "controlled", "管制", "controlled" },
    { 0 },
};

/* --- owners --- */

enum { OWNER_CODE, OWNER_NAME_ZH, OWNER_NAME_EN, OWNER_KIND, OWNER_DISTRICT, OWNER_ACTIVE };
static const struct table_column owner_columns[] = {
    { .name = "code", .zh = "权属编码", .en = "owner code", .aliases = "编码", .required = true, .max = 64 },
    { .name = "name_zh", .zh = "中文名称", .en = "Chinese name", .aliases = "名称", .max = 200 },
    { .name = "name_en", .zh = "英文名称", .en = "English name", .aliases = "name", .max = 200 },
    { .name = "kind", .zh = "权属", .en = "kind", .aliases = "类型", LEDGER_WORDS(ledger_owner_kinds) },
    { .name = "district", .zh = "行政区划代码", .en = "division code", .aliases = "区划", .type = TABLE_INT, .max = 999999999 },
    { .name = "active", .zh = "启用", .en = "active", .type = TABLE_BOOL },
    { .name = NULL },
};

static bool owner_same(const struct ledger_owner *a, const struct ledger_owner *b)
{
    return bg_str_eq(a->code, b->code) && bg_str_eq(a->name_zh, b->name_zh) && bg_str_eq(a->name_en, b->name_en) &&
           a->kind == b->kind && a->district == b->district && a->org == b->org && a->active == b->active;
}

static bg_err owner_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_owner was = { .id = 0 }, owner = { .code = cells[OWNER_CODE].s, .active = true };
    bool found, put, refused;
    BG_TRY(ledger_owner_find(run->store, run->city, owner.code, &owner.id, &found));
    if (found) {
        BG_TRY(ledger_owner_get(run->store, run->city, owner.id, run->arena, &was));
        owner = was;
    }
    int64_t kind = owner.kind;
    import_text(run, cells, OWNER_NAME_ZH, &owner.name_zh);
    import_text(run, cells, OWNER_NAME_EN, &owner.name_en);
    import_int(run, cells, OWNER_KIND, 0, &kind);
    import_int(run, cells, OWNER_DISTRICT, 0, &owner.district);
    import_bool(run, cells, OWNER_ACTIVE, true, &owner.active);
    owner.kind = (int)kind;
    BG_TRY(import_once(run, !found || !owner_same(&owner, &was), owner.code.at, ret, &put));
    return put ? import_judge(run, -1, ledger_owner_put_in(run->tx, run->change, &owner, &owner.id), &refused) : BG_DONE;
}

static bg_err owner_list(struct exporting *run)
{
    struct ledger_owner *owners;
    size_t count = EXPORT_PAGE;
    for (int64_t after = 0; count == EXPORT_PAGE;) {
        bg_arena_reset(run->arena);
        BG_TRY(ledger_owner_list(run->store, run->city, after, EXPORT_PAGE, run->arena, &owners, &count));
        for (size_t i = 0; i < count; i++) {
            const struct ledger_owner *owner = &owners[i];
            after = owner->id;
            const bg_str fields[] = { owner->code,
                                      owner->name_zh,
                                      owner->name_en,
                                      bg_str_of(ledger_slug(ledger_owner_kinds, owner->kind)),
                                      owner->district != 0 ? export_int(run, owner->district) : BG_STR(""),
                                      export_bool(owner->active) };
            BG_TRY(export_row(run, fields));
        }
    }
    return BG_DONE;
}

const struct import_kind import_owners = {
    .name = "owners", .zh = "权属", .en = "owners", .columns = owner_columns, .row = owner_row, .list = owner_list
};

/* --- items --- */

enum {
    ITEM_CODE,
    ITEM_NAME_ZH,
    ITEM_NAME_EN,
    ITEM_SPEC,
    ITEM_UNIT,
    ITEM_CATEGORY,
    ITEM_CLASS,
    ITEM_STORAGE,
    ITEM_LIFE,
    ITEM_ORDER_MIN,
    ITEM_LOTTED,
    ITEM_KEY,
    ITEM_ACTIVE,
    ITEM_GTIN,
};
static const struct table_column item_columns[] = {
    { .name = "code", .zh = "物资编码", .en = "item code", .aliases = "编码|物资代码", .required = true, .max = 64 },
    { .name = "name_zh", .zh = "物资名称", .en = "Chinese name", .aliases = "名称|中文名称|品名", .max = 200 },
    { .name = "name_en", .zh = "英文名称", .en = "English name", .aliases = "name|item name", .max = 200 },
    { .name = "spec", .zh = "规格型号", .en = "specification", .aliases = "规格|型号", .max = 200 },
    { .name = "unit", .zh = "基本单位", .en = "base unit", .aliases = "单位|计量单位", .max = 16 },
    { .name = "category", .zh = "类别", .en = "category", .aliases = "分类", .max = 64 },
    { .name = "class_code", .zh = "分类编码", .en = "classification code", .aliases = "应急物资分类编码", .max = 7 },
    { .name = "storage", .zh = "储存条件", .en = "storage class", .type = TABLE_WORD, .words = import_storage },
    { .name = "shelf_life_days",
      .zh = "保质期天数",
      .en = "shelf life in days",
      .aliases = "有效期天数",
      .type = TABLE_INT,
      .max = 36500 },
    { .name = "order_min", .zh = "最小订货量", .en = "smallest order", .type = TABLE_INT },
    { .name = "lotted", .zh = "管批号", .en = "kept by lot", .aliases = "批号管理", .type = TABLE_BOOL },
    { .name = "key_item", .zh = "重点物资", .en = "key item", .type = TABLE_BOOL },
    { .name = "active", .zh = "启用", .en = "active", .type = TABLE_BOOL },
    { .name = "gtin", .zh = "商品条码", .en = "GTIN", .aliases = "条码|barcode", .max = 1000 },
    { .name = NULL },
};

static bool item_same(const struct ledger_item *a, const struct ledger_item *b)
{
    return bg_str_eq(a->code, b->code) && bg_str_eq(a->name_zh, b->name_zh) && bg_str_eq(a->name_en, b->name_en) &&
           bg_str_eq(a->spec, b->spec) && bg_str_eq(a->unit, b->unit) && bg_str_eq(a->category, b->category) &&
           bg_str_eq(a->class_code, b->class_code) && bg_str_eq(a->storage, b->storage) &&
           a->shelf_life_days == b->shelf_life_days && a->order_min == b->order_min && a->lotted == b->lotted &&
           a->key_item == b->key_item && a->active == b->active;
}

/* Adds the GTINs of a cell ("06901234567892;6901234567908") that the item does not have yet; one scan stands for one base unit.
 */
static bg_err item_gtins(struct importing *run, int64_t item, bg_str list, enum import_outcome *ret)
{
    while (list.len > 0) {
        size_t len = bg_str_find(list, ';');
        bg_str text = bg_str_trim(bg_str_cut(list, 0, len));
        struct ledger_code code = { .item = 0 };
        bool found, refused;
        list = bg_str_cut(list, len + 1, list.len);
        if (text.len == 0) {
            continue;
        }
        BG_TRY(ledger_code_find(run->store, run->city, text, run->arena, &code, &found));
        if (found && code.item == item) {
            continue;
        }
        code = (struct ledger_code){ .scheme = BG_STR("gtin"), .code = text, .original = text, .item = item, .units = 1 };
        BG_TRY(import_judge(run, ITEM_GTIN, ledger_code_put_in(run->tx, run->change, &code), &refused));
        *ret = IMPORT_DONE;
    }
    return BG_DONE;
}

static bg_err item_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_item was = { .id = 0 }, item = { .code = cells[ITEM_CODE].s, .storage = BG_STR("normal"), .active = true };
    bool found, put, refused = false;
    BG_TRY(ledger_item_find(run->store, run->city, item.code, &item.id, &found));
    if (found) {
        BG_TRY(ledger_item_get(run->store, run->city, item.id, run->arena, &was));
        item = was;
    }
    import_text(run, cells, ITEM_NAME_ZH, &item.name_zh);
    import_text(run, cells, ITEM_NAME_EN, &item.name_en);
    import_text(run, cells, ITEM_SPEC, &item.spec);
    import_text(run, cells, ITEM_UNIT, &item.unit);
    import_text(run, cells, ITEM_CATEGORY, &item.category);
    import_text(run, cells, ITEM_CLASS, &item.class_code);
    int64_t storage = import_number(import_storage, item.storage);
    import_int(run, cells, ITEM_STORAGE, 1, &storage);
    item.storage = bg_str_of(import_slug(import_storage, storage));
    import_int(run, cells, ITEM_LIFE, 0, &item.shelf_life_days);
    import_int(run, cells, ITEM_ORDER_MIN, 0, &item.order_min);
    import_bool(run, cells, ITEM_LOTTED, false, &item.lotted);
    import_bool(run, cells, ITEM_KEY, false, &item.key_item);
    import_bool(run, cells, ITEM_ACTIVE, true, &item.active);
    BG_TRY(import_once(run, !found || !item_same(&item, &was), item.code.at, ret, &put));
    if (put) {
        BG_TRY(import_judge(run, -1, ledger_item_put_in(run->tx, run->change, &item, &item.id), &refused));
    }
    return refused || run->errors.count > 0 || !cells[ITEM_GTIN].given ? BG_DONE
                                                                       : item_gtins(run, item.id, cells[ITEM_GTIN].s, ret);
}

/* The GTINs of an item that stand for one base unit, parted by ';'. */
static bg_err item_gtin_text(struct exporting *run, int64_t item, bg_str *ret)
{
    struct ledger_code *codes;
    size_t count;
    BG_SCOPED_BUF out = bg_buf_init(65536);
    BG_TRY(ledger_code_list(run->store, run->city, item, run->arena, &codes, &count));
    for (size_t i = 0; i < count; i++) {
        if (bg_str_is(codes[i].scheme, "gtin") && codes[i].units == 1) {
            bg_buf_print(&out, "%s%.*s", out.len > 0 ? ";" : "", BG_STR_FMT(codes[i].code));
        }
    }
    BG_TRY(bg_buf_check(&out));
    *ret = bg_arena_copy(run->arena, bg_buf_str(&out));
    return bg_need(ret->at);
}

static bg_err item_list(struct exporting *run)
{
    struct ledger_item *items;
    size_t count = EXPORT_PAGE;
    for (int64_t after = 0; count == EXPORT_PAGE;) {
        bg_arena_reset(run->arena);
        BG_TRY(ledger_item_list(run->store, run->city, after, EXPORT_PAGE, run->arena, &items, &count));
        for (size_t i = 0; i < count; i++) {
            const struct ledger_item *item = &items[i];
            bg_str gtin;
            after = item->id;
            BG_TRY(item_gtin_text(run, item->id, &gtin));
            const bg_str fields[] = { item->code,
                                      item->name_zh,
                                      item->name_en,
                                      item->spec,
                                      item->unit,
                                      item->category,
                                      item->class_code,
                                      item->storage,
                                      export_int(run, item->shelf_life_days),
                                      export_int(run, item->order_min),
                                      export_bool(item->lotted),
                                      export_bool(item->key_item),
                                      export_bool(item->active),
                                      gtin };
            BG_TRY(export_row(run, fields));
        }
    }
    return BG_DONE;
}

const struct import_kind import_items = {
    .name = "items", .zh = "物资品种", .en = "items", .columns = item_columns, .row = item_row, .list = item_list
};

/* --- packs --- */

enum { PACK_ITEM, PACK_UNIT, PACK_UNITS };
static const struct table_column pack_columns[] = {
    { .name = "item", .zh = "物资编码", .en = "item code", .required = true, .max = 64 },
    { .name = "unit", .zh = "包装单位", .en = "pack", .aliases = "单位", .required = true, .max = 16 },
    { .name = "units",
      .zh = "含基本单位数",
      .en = "base units in it",
      .aliases = "数量",
      .type = TABLE_INT,
      .required = true,
      .max = 1000000000 },
    { .name = NULL },
};

static bg_err pack_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_pack pack = { .unit = cells[PACK_UNIT].s, .units = cells[PACK_UNITS].i }, *packs;
    size_t count;
    bool refused;
    BG_TRY(import_refer(run, cells, PACK_ITEM, ledger_item_find, &pack.item, &refused));
    if (refused) {
        return BG_DONE;
    }
    BG_TRY(ledger_pack_list(run->store, run->city, pack.item, run->arena, &packs, &count));
    bool same = false, put;
    for (size_t i = 0; i < count; i++) {
        same = same || (bg_str_eq(packs[i].unit, pack.unit) && packs[i].units == pack.units);
    }
    const char *key = bg_arena_text(run->arena, "%lld %.*s", (long long)pack.item, BG_STR_FMT(pack.unit));
    BG_TRY(import_once(run, !same, key, ret, &put));
    return put ? import_judge(run, -1, ledger_pack_put_in(run->tx, run->change, &pack), &refused) : BG_DONE;
}

/* Calls `each` for every item of the city, with its code. */
static bg_err each_item(struct exporting *run, bg_err (*each)(struct exporting *run, const struct ledger_item *item))
{
    struct ledger_item *items;
    size_t count = EXPORT_PAGE;
    for (int64_t after = 0; count == EXPORT_PAGE;) {
        bg_arena_reset(run->arena);
        BG_TRY(ledger_item_list(run->store, run->city, after, EXPORT_PAGE, run->arena, &items, &count));
        for (size_t i = 0; i < count; i++) {
            after = items[i].id;
            BG_TRY(each(run, &items[i]));
        }
    }
    return BG_DONE;
}

static bg_err pack_each(struct exporting *run, const struct ledger_item *item)
{
    struct ledger_pack *packs;
    size_t count;
    BG_TRY(ledger_pack_list(run->store, run->city, item->id, run->arena, &packs, &count));
    for (size_t i = 0; i < count; i++) {
        const bg_str fields[] = { item->code, packs[i].unit, export_int(run, packs[i].units) };
        BG_TRY(export_row(run, fields));
    }
    return BG_DONE;
}

static bg_err pack_list(struct exporting *run)
{
    return each_item(run, pack_each);
}

const struct import_kind import_packs = {
    .name = "packs", .zh = "包装", .en = "packs", .columns = pack_columns, .row = pack_row, .list = pack_list
};

/* --- codes --- */

static const struct table_word code_schemes[] = {
    { 1, "gtin", "商品条码", "GTIN" },
    { 2, "ma", "MA 码", "MA" },
    { 3, "ahm", "AHM 码", "AHM" },
    { 4, "other", "其他", "other" },
    { 0 },
};
enum { CODE_ITEM, CODE_SCHEME, CODE_CODE, CODE_UNITS };
static const struct table_column code_columns[] = {
    { .name = "item", .zh = "物资编码", .en = "item code", .required = true, .max = 64 },
    { .name = "scheme", .zh = "码制", .en = "scheme", .type = TABLE_WORD, .required = true, .words = code_schemes },
    { .name = "code", .zh = "标识码", .en = "code", .aliases = "条码|GTIN", .required = true, .max = 200 },
    { .name = "units", .zh = "含基本单位数", .en = "base units", .type = TABLE_INT, .min = 1, .max = 1000000000 },
    { .name = NULL },
};

static bg_err code_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct ledger_code code = { .scheme = bg_str_of(import_slug(code_schemes, cells[CODE_SCHEME].i)),
                                .code = cells[CODE_CODE].s,
                                .original = cells[CODE_CODE].s,
                                .units = cells[CODE_UNITS].given ? cells[CODE_UNITS].i : 1 };
    struct ledger_code was;
    bool found, refused;
    BG_TRY(import_refer(run, cells, CODE_ITEM, ledger_item_find, &code.item, &refused));
    if (refused) {
        return BG_DONE;
    }
    BG_TRY(ledger_code_find(run->store, run->city, code.code, run->arena, &was, &found));
    bool same = found && was.item == code.item && was.units == code.units && bg_str_eq(was.scheme, code.scheme);
    bool put;
    BG_TRY(import_once(run, !same, bg_arena_text(run->arena, "%s %.*s", code.scheme.at, BG_STR_FMT(code.code)), ret, &put));
    return put ? import_judge(run, -1, ledger_code_put_in(run->tx, run->change, &code), &refused) : BG_DONE;
}

static bg_err code_each(struct exporting *run, const struct ledger_item *item)
{
    struct ledger_code *codes;
    size_t count;
    BG_TRY(ledger_code_list(run->store, run->city, item->id, run->arena, &codes, &count));
    for (size_t i = 0; i < count; i++) {
        const bg_str fields[] = { item->code, codes[i].scheme, codes[i].original, export_int(run, codes[i].units) };
        BG_TRY(export_row(run, fields));
    }
    return BG_DONE;
}

static bg_err code_list(struct exporting *run)
{
    return each_item(run, code_each);
}

const struct import_kind import_codes = {
    .name = "codes", .zh = "标识码", .en = "codes", .columns = code_columns, .row = code_row, .list = code_list
};
