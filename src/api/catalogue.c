/* Routes of the catalogue: items with their codes and packs, places with their bins, owners, lots, the city's ledger settings. */
#include "api/routes.h"
#include "api/sight.h"

#define MODULE "catalogue"

static const char *const storage_words[] = { "normal", "cool", "cold", "frozen", "flammable", "controlled", NULL };
static const char *const scheme_words[] = { "gtin", "ma", "ahm", "other", NULL };
static const char *const lot_words[] = { "open", "blocked", "recalled", NULL };

/* Every put: a fresh input in the request's arena; "version", when sent, is what the caller saw. */
static bg_err put_begin(struct api_request *rq, struct ledger_put **ret)
{
    *ret = bg_arena_get(rq->arena, sizeof **ret);
    BG_TRY(bg_need(*ret));
    (*ret)->if_version = api_int(&rq->body, "version", -1);
    return BG_DONE;
}

static bg_err city_right(struct api_request *rq, enum auth_right right)
{
    return auth_need(rq->session, right, &(struct auth_target){ .city = rq->city }, rq->arena);
}

/* Does a row match what was typed? Code, names and anything else given, without regard to the case of ASCII letters. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool text_has(bg_str text, bg_str part)
{
    for (size_t at = 0; at + part.len <= text.len; at++) {
        size_t i = 0;
        while (i < part.len && lower(text.at[at + i]) == lower(part.at[i])) {
            i++;
        }
        if (i == part.len) {
            return true;
        }
    }
    return false;
}

static bool typed(struct api_request *rq, const bg_str *texts, size_t count)
{
    bg_str wanted = bg_str_trim(api_text(&rq->query, "q"));
    for (size_t i = 0; i < count && wanted.len > 0; i++) {
        if (text_has(texts[i], wanted)) {
            return true;
        }
    }
    return wanted.len == 0;
}

/* --- items --- */
#define Q_FIELD                                                                                                                  \
    {                                                                                                                            \
        "q", API_TEXT, .max = 100, .zh = "代码或名称的一部分", .en = "part of the code or a name"                                \
    }
static const struct api_field q_query[] = { Q_FIELD, { 0 } };

#define VERSION_FIELD                                                                                                            \
    {                                                                                                                            \
        "version", API_INT, .zh = "看到的版本；不同则拒绝", .en = "the version seen; refused when it has changed"                \
    }
#define REASON_FIELD                                                                                                             \
    {                                                                                                                            \
        "reason", API_TEXT, .max = 2000, .zh = "理由", .en = "why"                                                               \
    }
#define NAME_FIELDS                                                                                                              \
    { "code", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "代码", .en = "code" },                                     \
        { "name_zh", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "中文名", .en = "Chinese name" },                   \
    {                                                                                                                            \
        "name_en", API_TEXT, .max = 200, .zh = "英文名", .en = "English name"                                                    \
    }
#define ID_FIELD                                                                                                                 \
    {                                                                                                                            \
        "id", API_ID, .zh = "编号", .en = "id"                                                                                   \
    }

static const struct api_field item_body[] = {
    NAME_FIELDS,
    { "spec", API_TEXT, .max = 200, .zh = "规格型号", .en = "specification" },
    { "unit", API_TEXT, .required = true, .min = 1, .max = 20, .zh = "基本单位", .en = "base unit" },
    { "category", API_TEXT, .max = 60, .zh = "类别", .en = "category" },
    { "class_code", API_TEXT, .max = 7, .zh = "分类代码（七位）", .en = "classification code of seven digits" },
    { "storage", API_TEXT, .words = storage_words, .zh = "储存类别", .en = "storage class" },
    { "shelf_life_days", API_INT, .max = 36500, .zh = "有效期天数", .en = "shelf life in days" },
    { "order_min", API_INT, .zh = "最小订量", .en = "smallest order" },
    { "lotted", API_BOOL, .zh = "按批号管理", .en = "kept by lot" },
    { "key_item", API_BOOL, .zh = "重点物资", .en = "key item" },
    { "active", API_BOOL, .zh = "在用", .en = "in use" },
    VERSION_FIELD,
    REASON_FIELD,
    { 0 },
};
static const struct api_field item_reply[] = {
    ID_FIELD,
    NAME_FIELDS,
    { "spec", API_TEXT, .zh = "规格型号", .en = "specification" },
    { "unit", API_TEXT, .zh = "基本单位", .en = "base unit" },
    { "category", API_TEXT, .zh = "类别", .en = "category" },
    { "class_code", API_TEXT, .zh = "分类代码", .en = "classification code" },
    { "storage", API_TEXT, .zh = "储存类别", .en = "storage class" },
    { "shelf_life_days", API_INT, .zh = "有效期天数", .en = "shelf life in days" },
    { "order_min", API_INT, .zh = "最小订量", .en = "smallest order" },
    { "lotted", API_BOOL, .zh = "按批号管理", .en = "kept by lot" },
    { "key_item", API_BOOL, .zh = "重点物资", .en = "key item" },
    { "active", API_BOOL, .zh = "在用", .en = "in use" },
    { "version", API_INT, .zh = "版本", .en = "version" },
    { 0 },
};

/* Pages through a list in the order of ids, keeping rows that match what was typed; looks at this many at a time. */
#define CHUNK 500

static bg_err items_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], left = api_limit(rq), last = 0;
    bool given, more = true;
    BG_TRY(api_cursor(rq, after, 1, &given));
    last = given ? after[0] : 0;
    api_list_begin(reply);
    while (more && left > 0) {
        struct ledger_item *list;
        size_t count;
        BG_TRY(ledger_item_list(rq->tx, rq->city, last, CHUNK, rq->arena, &list, &count));
        more = count == CHUNK;
        for (size_t i = 0; i < count && left > 0; i++) {
            const bg_str texts[] = { list[i].code, list[i].name_zh, list[i].name_en, list[i].spec };
            last = list[i].id;
            if (typed(rq, texts, 4)) {
                ledger_item_json(&list[i], reply);
                left--;
                more = left > 0 ? more : true;
            }
        }
    }
    api_list_end(rq, reply, &last, more ? 1 : 0);
    return BG_DONE;
}

static bg_err item_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_item item;
    BG_TRY(ledger_item_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &item));
    ledger_item_json(&item, reply);
    return BG_DONE;
}

static bg_err item_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put;
    BG_TRY(city_right(rq, AUTH_RIGHT_ITEM_WRITE));
    BG_TRY(put_begin(rq, &put));
    const struct api_object *b = &rq->body;
    bg_str storage = api_text(b, "storage");
    put->item = (struct ledger_item){ .id = rq->param_count > 0 ? rq->param_id[0] : 0,
                                      .code = api_text(b, "code"),
                                      .name_zh = api_text(b, "name_zh"),
                                      .name_en = api_text(b, "name_en"),
                                      .spec = api_text(b, "spec"),
                                      .unit = api_text(b, "unit"),
                                      .category = api_text(b, "category"),
                                      .class_code = api_text(b, "class_code"),
                                      .storage = storage.len > 0 ? storage : BG_STR("normal"),
                                      .shelf_life_days = api_int(b, "shelf_life_days", 0),
                                      .order_min = api_int(b, "order_min", 0),
                                      .lotted = api_int(b, "lotted", 1) != 0,
                                      .key_item = api_int(b, "key_item", 0) != 0,
                                      .active = api_int(b, "active", 1) != 0 };
    *ret_kind = &ledger_item_put;
    *ret_in = put;
    return BG_DONE;
}

/* --- codes and packs of an item --- */
static const struct api_field code_body[] = {
    { "scheme", API_TEXT, .required = true, .words = scheme_words, .zh = "编码体系", .en = "scheme" },
    { "code", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "编码", .en = "code" },
    { "units", API_INT, .min = 1, .max = BG_QTY_MAX, .zh = "一次扫描代表的基本单位数", .en = "base units one scan stands for" },
    REASON_FIELD,
    { 0 },
};
static const struct api_field code_reply[] = {
    { "scheme", API_TEXT, .zh = "编码体系", .en = "scheme" },     { "code", API_TEXT, .zh = "编码", .en = "code" },
    { "original", API_TEXT, .zh = "原样", .en = "as given" },     { "item", API_ID, .zh = "品种", .en = "item" },
    { "units", API_INT, .zh = "基本单位数", .en = "base units" }, { 0 },
};

static bg_err codes_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_code *list;
    size_t count;
    BG_TRY(ledger_code_list(rq->tx, rq->city, rq->param_id[0], rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        ledger_code_json(&list[i], reply);
    }
    api_list_end(rq, reply, NULL, 0);
    return BG_DONE;
}

static bg_err code_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put = bg_arena_get(rq->arena, sizeof *put);
    BG_TRY(bg_need(put));
    BG_TRY(city_right(rq, AUTH_RIGHT_ITEM_WRITE));
    put->if_version = -1;
    put->code = (struct ledger_code){ .scheme = api_text(&rq->body, "scheme"),
                                      .code = api_text(&rq->body, "code"),
                                      .original = api_text(&rq->body, "code"),
                                      .item = rq->param_id[0],
                                      .units = api_int(&rq->body, "units", 1) };
    *ret_kind = &ledger_code_put;
    *ret_in = put;
    return BG_DONE;
}

static const struct api_field code_query[] = {
    { "scheme", API_TEXT, .required = true, .words = scheme_words, .zh = "编码体系", .en = "scheme" },
    { "code", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "编码", .en = "code" },
    { 0 },
};
static bg_err code_drop(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put = bg_arena_get(rq->arena, sizeof *put);
    BG_TRY(bg_need(put));
    BG_TRY(city_right(rq, AUTH_RIGHT_ITEM_WRITE));
    put->if_version = -1;
    put->code = (struct ledger_code){ .scheme = api_text(&rq->query, "scheme"),
                                      .code = api_text(&rq->query, "code"),
                                      .item = rq->param_id[0] };
    *ret_kind = &ledger_code_drop;
    *ret_in = put;
    return BG_DONE;
}

static const struct api_field pack_body[] = {
    { "unit", API_TEXT, .required = true, .min = 1, .max = 20, .zh = "包装名称", .en = "name of the pack" },
    { "units", API_INT, .required = true, .zh = "含基本单位数，0 删除", .en = "base units in it, 0 removes it" },
    REASON_FIELD,
    { 0 },
};
static const struct api_field pack_reply[] = {
    { "unit", API_TEXT, .zh = "包装名称", .en = "name of the pack" },
    { "units", API_INT, .zh = "含基本单位数", .en = "base units in it" },
    { 0 },
};

static bg_err packs_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_pack *list;
    size_t count;
    BG_TRY(ledger_pack_list(rq->tx, rq->city, rq->param_id[0], rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        bg_json_object(reply);
        bg_json_put_str(reply, "unit", list[i].unit);
        bg_json_put_int(reply, "units", list[i].units);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, NULL, 0);
    return BG_DONE;
}

static bg_err pack_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put = bg_arena_get(rq->arena, sizeof *put);
    BG_TRY(bg_need(put));
    BG_TRY(city_right(rq, AUTH_RIGHT_ITEM_WRITE));
    put->if_version = -1;
    put->pack = (struct ledger_pack){ .item = rq->param_id[0],
                                      .unit = api_text(&rq->body, "unit"),
                                      .units = api_int(&rq->body, "units", 0) };
    *ret_kind = &ledger_pack_put;
    *ret_in = put;
    return BG_DONE;
}

/* --- places --- */
static const struct api_field place_body[] = {
    NAME_FIELDS,
    { "kind", API_TEXT, .required = true, .words = ledger_place_slugs, .zh = "类型", .en = "kind" },
    { "division", API_TEXT, .max = 12, .zh = "区划代码，市级留空", .en = "division code, empty for the city's own" },
    { "address", API_TEXT, .max = 300, .zh = "地址", .en = "address" },
    { "parent", API_ID, .zh = "上级库点", .en = "parent place" },
    { "organisation", API_ID, .zh = "所属机构", .en = "organisation" },
    { "owner", API_ID, .zh = "默认权属", .en = "default owner" },
    { "lat_udeg", API_INT, .min = -90000000, .max = 90000000, .zh = "纬度（百万分之一度）", .en = "latitude in micro-degrees" },
    { "lon_udeg", API_INT, .min = -180000000, .max = 180000000, .zh = "经度（百万分之一度）",
      .en = "longitude in micro-degrees" },
    { "binned", API_BOOL, .zh = "按货位管理", .en = "stock needs a bin" },
    { "active", API_BOOL, .zh = "在用", .en = "in use" },
    VERSION_FIELD,
    REASON_FIELD,
    { 0 },
};
static const struct api_field place_reply[] = {
    ID_FIELD,
    NAME_FIELDS,
    { "kind", API_TEXT, .zh = "类型", .en = "kind" },
    { "version", API_INT, .zh = "版本", .en = "version" },
    { 0 },
};
static const struct api_field places_query[] = {
    Q_FIELD,
    { "kind", API_TEXT, .words = ledger_place_slugs, .zh = "类型", .en = "kind" },
    { "division", API_TEXT, .max = 12, .zh = "区划代码", .en = "division code" },
    { 0 },
};

/* A division code as the ledger keeps it; the city's own schemes are numbers too. */
static bg_err division_of(struct api_request *rq, bg_str text, int64_t *ret)
{
    *ret = 0;
    if (text.len > 0 && (!bg_str_int(text, ret) || *ret < 0)) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "division", bg_arena_text(rq->arena, "\"value\":\"%.*s\"", BG_STR_FMT(text)));
    }
    return BG_DONE;
}

static bg_err places_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], left = api_limit(rq), last = 0, division;
    bool given, more = true;
    struct sight sight;
    int kind = ledger_word_of(ledger_place_kinds, api_text(&rq->query, "kind"));
    BG_TRY(division_of(rq, api_text(&rq->query, "division"), &division));
    BG_TRY(sight_of(rq, AUTH_RIGHT_PLACE_READ, &sight));
    BG_TRY(api_cursor(rq, after, 1, &given));
    last = given ? after[0] : 0;
    api_list_begin(reply);
    while (more && left > 0) {
        struct ledger_place *list;
        size_t count;
        BG_TRY(ledger_place_list(rq->tx, rq->city, last, CHUNK, rq->arena, &list, &count));
        more = count == CHUNK;
        for (size_t i = 0; i < count && left > 0; i++) {
            const bg_str texts[] = { list[i].code, list[i].name_zh, list[i].name_en };
            last = list[i].id;
            if (typed(rq, texts, 3) && (kind == 0 || list[i].kind == kind) && (division == 0 || list[i].district == division) &&
                sight_has(&sight, list[i].id)) {
                ledger_place_json(&list[i], reply);
                left--;
                more = left > 0 ? more : true;
            }
        }
    }
    api_list_end(rq, reply, &last, more ? 1 : 0);
    return BG_DONE;
}

static bg_err place_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_place place;
    BG_TRY(sight_need(rq, rq->param_id[0], AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_PLACE_READ, &place));
    ledger_place_json(&place, reply);
    return BG_DONE;
}

static bg_err place_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put;
    int64_t division;
    const struct api_object *b = &rq->body;
    BG_TRY(city_right(rq, AUTH_RIGHT_PLACE_WRITE));
    BG_TRY(put_begin(rq, &put));
    BG_TRY(division_of(rq, api_text(b, "division"), &division));
    int kind = ledger_word_of(ledger_place_kinds, api_text(b, "kind"));
    unsigned flags = api_int(b, "binned", 0) != 0 ? ledger_place_flags(kind) | LEDGER_BINNED : 0;
    put->place = (struct ledger_place){ .id = rq->param_count > 0 ? rq->param_id[0] : 0,
                                        .code = api_text(b, "code"),
                                        .name_zh = api_text(b, "name_zh"),
                                        .name_en = api_text(b, "name_en"),
                                        .address = api_text(b, "address"),
                                        .kind = kind,
                                        .flags = flags,
                                        .parent = api_int(b, "parent", 0),
                                        .district = division,
                                        .org = api_int(b, "organisation", 0),
                                        .owner = api_int(b, "owner", 0),
                                        .lat_udeg = api_int(b, "lat_udeg", 0),
                                        .lon_udeg = api_int(b, "lon_udeg", 0),
                                        .active = api_int(b, "active", 1) != 0 };
    *ret_kind = &ledger_place_put;
    *ret_in = put;
    return BG_DONE;
}

/* --- bins --- */
static const struct api_field bin_body[] = {
    { "code", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "货位号", .en = "code" },
    { "name", API_TEXT, .max = 200, .zh = "名称", .en = "name" },
    { "storage", API_TEXT, .words = storage_words, .zh = "储存类别", .en = "storage class" },
    { "active", API_BOOL, .zh = "在用", .en = "in use" },
    VERSION_FIELD,
    REASON_FIELD,
    { 0 },
};
static const struct api_field bin_reply[] = {
    ID_FIELD,
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "code", API_TEXT, .zh = "货位号", .en = "code" },
    { "name", API_TEXT, .zh = "名称", .en = "name" },
    { "version", API_INT, .zh = "版本", .en = "version" },
    { 0 },
};

static bg_err bins_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], limit = api_limit(rq), last = 0;
    bool given;
    struct ledger_bin *list;
    size_t count;
    BG_TRY(sight_need(rq, rq->param_id[0], AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_PLACE_READ, NULL));
    BG_TRY(api_cursor(rq, after, 1, &given));
    BG_TRY(ledger_bin_list(rq->tx, rq->city, rq->param_id[0], given ? after[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        ledger_bin_json(&list[i], reply);
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

/* POST /places/{id}/bins makes one; PUT /places/{id}/bins/{bin_id} replaces it. */
static bg_err bin_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put;
    bg_str storage = api_text(&rq->body, "storage");
    BG_TRY(sight_need(rq, rq->param_id[0], AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_PLACE_WRITE, NULL));
    BG_TRY(put_begin(rq, &put));
    put->bin = (struct ledger_bin){ .id = rq->param_count > 1 ? rq->param_id[1] : 0,
                                    .place = rq->param_id[0],
                                    .code = api_text(&rq->body, "code"),
                                    .name = api_text(&rq->body, "name"),
                                    .storage = storage.len > 0 ? storage : BG_STR("normal"),
                                    .active = api_int(&rq->body, "active", 1) != 0 };
    *ret_kind = &ledger_bin_put;
    *ret_in = put;
    return BG_DONE;
}

/* --- owners --- */
static const struct api_field owner_body[] = {
    NAME_FIELDS,
    { "kind", API_TEXT, .required = true, .words = ledger_owner_slugs, .zh = "类型", .en = "kind" },
    { "division", API_TEXT, .max = 12, .zh = "区级权属的区划代码", .en = "division code of a district's own reserve" },
    { "organisation", API_ID, .zh = "所属机构", .en = "organisation" },
    { "active", API_BOOL, .zh = "在用", .en = "in use" },
    VERSION_FIELD,
    REASON_FIELD,
    { 0 },
};
static const struct api_field owner_reply[] = {
    ID_FIELD,
    NAME_FIELDS,
    { "kind", API_TEXT, .zh = "类型", .en = "kind" },
    { "version", API_INT, .zh = "版本", .en = "version" },
    { 0 },
};

static bg_err owners_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], limit = api_limit(rq), last = 0;
    bool given;
    struct ledger_owner *list;
    size_t count;
    BG_TRY(api_cursor(rq, after, 1, &given));
    BG_TRY(ledger_owner_list(rq->tx, rq->city, given ? after[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        const bg_str texts[] = { list[i].code, list[i].name_zh, list[i].name_en };
        last = list[i].id;
        if (typed(rq, texts, 3)) {
            ledger_owner_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

static bg_err owner_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_owner owner;
    BG_TRY(ledger_owner_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &owner));
    ledger_owner_json(&owner, reply);
    return BG_DONE;
}

static bg_err owner_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put;
    int64_t division;
    const struct api_object *b = &rq->body;
    BG_TRY(city_right(rq, AUTH_RIGHT_PLACE_WRITE));
    BG_TRY(put_begin(rq, &put));
    BG_TRY(division_of(rq, api_text(b, "division"), &division));
    put->owner = (struct ledger_owner){ .id = rq->param_count > 0 ? rq->param_id[0] : 0,
                                        .code = api_text(b, "code"),
                                        .name_zh = api_text(b, "name_zh"),
                                        .name_en = api_text(b, "name_en"),
                                        .kind = ledger_word_of(ledger_owner_kinds, api_text(b, "kind")),
                                        .district = division,
                                        .org = api_int(b, "organisation", 0),
                                        .active = api_int(b, "active", 1) != 0 };
    *ret_kind = &ledger_owner_put;
    *ret_in = put;
    return BG_DONE;
}

/* --- lots --- */
static const struct api_field lot_body[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "batch", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "批号", .en = "batch" },
    { "maker", API_TEXT, .max = 200, .zh = "生产企业", .en = "maker" },
    { "made", API_DATE, .null = true, .zh = "生产日期", .en = "made" },
    { "expiry", API_DATE, .null = true, .zh = "有效期至", .en = "last day of use" },
    { "certificate", API_TEXT, .max = 100, .zh = "检验报告号", .en = "certificate" },
    { "state", API_TEXT, .words = lot_words, .zh = "状态", .en = "state" },
    { "state_note", API_TEXT, .max = 500, .zh = "状态说明", .en = "why it has that state" },
    VERSION_FIELD,
    REASON_FIELD,
    { 0 },
};
static const struct api_field lot_reply[] = {
    ID_FIELD,
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "batch", API_TEXT, .zh = "批号", .en = "batch" },
    { "expiry", API_DATE, .null = true, .zh = "有效期至", .en = "last day of use" },
    { "state", API_TEXT, .zh = "状态", .en = "state" },
    { "version", API_INT, .zh = "版本", .en = "version" },
    { 0 },
};
static const struct api_field lots_query[] = {
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "batch", API_TEXT, .max = 60, .zh = "批号", .en = "batch" },
    { 0 },
};

static bg_err lots_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], left = api_limit(rq), last = 0;
    bool given, more = true;
    bg_str batch = bg_str_trim(api_text(&rq->query, "batch"));
    BG_TRY(api_cursor(rq, after, 1, &given));
    last = given ? after[0] : 0;
    api_list_begin(reply);
    while (more && left > 0) {
        struct ledger_lot *list;
        size_t count;
        BG_TRY(ledger_lot_list(rq->tx, rq->city, api_int(&rq->query, "item", 0), last, CHUNK, rq->arena, &list, &count));
        more = count == CHUNK;
        for (size_t i = 0; i < count && left > 0; i++) {
            last = list[i].id;
            if (batch.len == 0 || bg_str_eq(batch, list[i].batch)) {
                ledger_lot_json(&list[i], reply);
                left--;
                more = left > 0 ? more : true;
            }
        }
    }
    api_list_end(rq, reply, &last, more ? 1 : 0);
    return BG_DONE;
}

static bg_err lot_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_lot lot;
    BG_TRY(ledger_lot_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &lot));
    ledger_lot_json(&lot, reply);
    return BG_DONE;
}

static bg_err lot_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_put *put;
    const struct api_object *b = &rq->body;
    BG_TRY(auth_need_somewhere(rq->session, AUTH_RIGHT_LOT_WRITE, rq->arena));
    BG_TRY(put_begin(rq, &put));
    int state = ledger_word_of(ledger_lot_states, api_text(b, "state"));
    put->lot = (struct ledger_lot){ .id = rq->param_count > 0 ? rq->param_id[0] : 0,
                                    .item = api_int(b, "item", 0),
                                    .batch = api_text(b, "batch"),
                                    .maker = api_text(b, "maker"),
                                    .certificate = api_text(b, "certificate"),
                                    .state_note = api_text(b, "state_note"),
                                    .made = (bg_date)api_int(b, "made", BG_DATE_NONE),
                                    .expiry = (bg_date)api_int(b, "expiry", BG_DATE_NONE),
                                    .state = state == 0 ? LEDGER_LOT_OPEN : state };
    *ret_kind = &ledger_lot_put;
    *ret_in = put;
    return BG_DONE;
}

#define ROW(method_, path_, right_, ...)                                                                                         \
    {                                                                                                                            \
        .method = method_, .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__                               \
    }
const struct api_route api_routes_catalogue[] = {
    ROW("GET", "/items", AUTH_RIGHT_ITEM_READ, .flags = API_LIST, .query = q_query, .reply = item_reply, .read = items_get,
        .zh = "物资目录", .en = "items"),
    ROW("GET", "/items/{id}", AUTH_RIGHT_ITEM_READ, .reply = item_reply, .read = item_get, .zh = "一个品种", .en = "one item"),
    ROW("POST", "/items", AUTH_RIGHT_ITEM_WRITE, .body = item_body, .reply = item_reply, .status = 201, .write = item_put,
        .zh = "新增品种", .en = "add an item"),
    ROW("PUT", "/items/{id}", AUTH_RIGHT_ITEM_WRITE, .body = item_body, .reply = item_reply, .write = item_put, .zh = "更正品种",
        .en = "correct an item"),
    ROW("GET", "/items/{id}/codes", AUTH_RIGHT_ITEM_READ, .flags = API_LIST, .reply = code_reply, .read = codes_get,
        .zh = "品种的条码", .en = "codes of an item"),
    ROW("POST", "/items/{id}/codes", AUTH_RIGHT_ITEM_WRITE, .body = code_body, .reply = code_reply, .status = 201,
        .write = code_put, .zh = "登记条码", .en = "register a code"),
    ROW("DELETE", "/items/{id}/codes", AUTH_RIGHT_ITEM_WRITE, .query = code_query, .write = code_drop, .zh = "取消条码",
        .en = "drop a code"),
    ROW("GET", "/items/{id}/packs", AUTH_RIGHT_ITEM_READ, .flags = API_LIST, .reply = pack_reply, .read = packs_get,
        .zh = "包装规格", .en = "packs of an item"),
    ROW("PUT", "/items/{id}/packs", AUTH_RIGHT_ITEM_WRITE, .body = pack_body, .write = pack_put, .zh = "设定包装",
        .en = "set a pack"),
    ROW("GET", "/places", AUTH_RIGHT_PLACE_READ, .flags = API_LIST | API_SCOPED, .query = places_query, .reply = place_reply,
        .read = places_get, .zh = "库点", .en = "places"),
    ROW("GET", "/places/{id}", AUTH_RIGHT_PLACE_READ, .reply = place_reply, .read = place_get, .zh = "一个库点",
        .en = "one place"),
    ROW("POST", "/places", AUTH_RIGHT_PLACE_WRITE, .body = place_body, .reply = place_reply, .status = 201, .write = place_put,
        .zh = "新增库点", .en = "add a place"),
    ROW("PUT", "/places/{id}", AUTH_RIGHT_PLACE_WRITE, .body = place_body, .reply = place_reply, .write = place_put,
        .zh = "更正库点", .en = "correct a place"),
    ROW("GET", "/places/{id}/bins", AUTH_RIGHT_PLACE_READ, .flags = API_LIST, .reply = bin_reply, .read = bins_get, .zh = "货位",
        .en = "bins of a place"),
    ROW("POST", "/places/{id}/bins", AUTH_RIGHT_PLACE_WRITE, .body = bin_body, .reply = bin_reply, .status = 201,
        .write = bin_put, .zh = "新增货位", .en = "add a bin"),
    ROW("PUT", "/places/{id}/bins/{bin_id}", AUTH_RIGHT_PLACE_WRITE, .body = bin_body, .reply = bin_reply, .write = bin_put,
        .zh = "更正货位", .en = "correct a bin"),
    ROW("GET", "/owners", AUTH_RIGHT_ITEM_READ, .flags = API_LIST, .query = q_query, .reply = owner_reply, .read = owners_get,
        .zh = "权属", .en = "owners"),
    ROW("GET", "/owners/{id}", AUTH_RIGHT_ITEM_READ, .reply = owner_reply, .read = owner_get, .zh = "一个权属",
        .en = "one owner"),
    ROW("POST", "/owners", AUTH_RIGHT_PLACE_WRITE, .body = owner_body, .reply = owner_reply, .status = 201, .write = owner_put,
        .zh = "新增权属", .en = "add an owner"),
    ROW("PUT", "/owners/{id}", AUTH_RIGHT_PLACE_WRITE, .body = owner_body, .reply = owner_reply, .write = owner_put,
        .zh = "更正权属", .en = "correct an owner"),
    ROW("GET", "/lots", AUTH_RIGHT_ITEM_READ, .flags = API_LIST, .query = lots_query, .reply = lot_reply, .read = lots_get,
        .zh = "批号", .en = "lots"),
    ROW("GET", "/lots/{id}", AUTH_RIGHT_ITEM_READ, .reply = lot_reply, .read = lot_get, .zh = "一个批号", .en = "one lot"),
    ROW("POST", "/lots", AUTH_RIGHT_LOT_WRITE, .body = lot_body, .reply = lot_reply, .status = 201, .write = lot_put,
        .zh = "登记批号", .en = "register a lot"),
    ROW("PUT", "/lots/{id}", AUTH_RIGHT_LOT_WRITE, .body = lot_body, .reply = lot_reply, .write = lot_put, .zh = "更正批号",
        .en = "correct a lot"),
    { 0 },
};
