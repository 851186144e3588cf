/* Routes of the ledger for reports of use, single holds, shipments and reviews, and the settings of a city's ledger. */
#include "api/routes.h"
#include "api/sight.h"

#define MODULE "ledger"

/* --- use --- */
static const struct api_field use_line_fields[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "lot", API_ID, .zh = "批号；缺省为先到期先用", .en = "lot; first expiry first when absent" },
    { "owner", API_ID, .zh = "权属；缺省不限", .en = "owner; any when absent" },
    { "qty", API_INT, .required = true, .max = BG_QTY_MAX, .zh = "使用数或剩余数", .en = "quantity used, or remaining" },
    { 0 },
};
static const struct api_field use_body[] = {
    { "place", API_ID, .required = true, .zh = "使用单位", .en = "place that used it" },
    { "remaining", API_BOOL, .zh = "所报为现有剩余数；否则为使用数",
      .en = "the quantities are what remains now; else what was used" },
    { "reference", API_TEXT, .max = 60, .zh = "纸质单号", .en = "the paper's own number" },
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { "occurred_at", API_TIME, .zh = "使用日期，缺省为现在", .en = "when it was used; now when absent" },
    { "lines", API_ARRAY, .required = true, .min = 1, .max = LEDGER_LINES_MAX, .of = API_OBJECT, .fields = use_line_fields,
      .zh = "明细", .en = "lines" },
    { 0 },
};
static const struct api_field document_reply[] = {
    { "document", API_JSON, .zh = "单据", .en = "the document" },
    { "movements", API_JSON, .zh = "流水", .en = "its movements" },
    { "reviews", API_JSON, .zh = "差异单", .en = "reviews it opened" },
    { 0 },
};

static bg_err use_post(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    const struct api_object *b = &rq->body;
    const struct api_value *value = api_get(b, "lines");
    struct ledger_use *in = bg_arena_get(rq->arena, sizeof *in);
    struct ledger_use_line *lines = bg_arena_array(rq->arena, value->count, sizeof *lines);
    BG_TRY(bg_need(in));
    BG_TRY(bg_need(lines));
    BG_TRY(sight_need(rq, api_int(b, "place", 0), AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_USE_REPORT, NULL));
    for (size_t i = 0; i < value->count; i++) {
        struct api_object l = api_inside(b, "lines", i);
        lines[i] = (struct ledger_use_line){ .item = api_int(&l, "item", 0),
                                             .lot = api_int(&l, "lot", 0),
                                             .owner = api_int(&l, "owner", 0),
                                             .qty = api_int(&l, "qty", 0) };
    }
    *in = (struct ledger_use){ .place = api_int(b, "place", 0),
                               .snapshot = api_int(b, "remaining", 0) != 0,
                               .reference = api_text(b, "reference"),
                               .note = api_text(b, "note"),
                               .lines = lines,
                               .count = value->count };
    *ret_kind = &ledger_using;
    *ret_in = in;
    return BG_DONE;
}

/* --- holds --- */
static const struct api_field holds_query[] = {
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "for", API_ID, .zh = "所为的记录（含已结束的）", .en = "the record they are for (ended ones too)" },
    { 0 },
};
static const struct api_field hold_reply[] = {
    { "id", API_ID, .zh = "预占", .en = "hold" },
    { "account", API_JSON, .zh = "账户", .en = "account" },
    { "qty", API_INT, .zh = "预占数", .en = "reserved" },
    { "posted", API_INT, .zh = "已出库", .en = "posted of it" },
    { "state", API_TEXT, .zh = "状态", .en = "state" },
    { "due_at", API_TIME, .null = true, .zh = "到期自动释放", .en = "lapses at" },
    { 0 },
};

static bg_err holds_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], limit = api_limit(rq), last = 0;
    bool given;
    struct sight sight;
    struct ledger_hold *list;
    size_t count;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, after, 1, &given));
    const struct ledger_holds which = { .city = rq->city,
                                        .place = api_int(&rq->query, "place", 0),
                                        .item = api_int(&rq->query, "item", 0),
                                        .purpose_id = api_int(&rq->query, "for", 0),
                                        .after = given ? after[0] : 0,
                                        .max = (size_t)limit };
    BG_TRY(ledger_hold_list(rq->tx, &which, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        if (sight_has(&sight, list[i].key.place)) {
            ledger_hold_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

/* One record of a place: what may not be seen does not exist. */
static bg_err must_see(struct api_request *rq, int64_t place, int64_t other)
{
    struct sight sight;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    return sight_has(&sight, place) || (other != 0 && sight_has(&sight, other)) ? BG_DONE : BG_FAIL_AT(BG_NOT_FOUND, "id");
}

static bg_err hold_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_hold hold;
    BG_TRY(ledger_hold_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &hold));
    BG_TRY(must_see(rq, hold.key.place, 0));
    ledger_hold_json(&hold, reply);
    return BG_DONE;
}

static bg_err shipment_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_shipment shipment;
    BG_TRY(ledger_shipment_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &shipment));
    BG_TRY(must_see(rq, shipment.target, shipment.origin));
    ledger_shipment_json(&shipment, reply);
    return BG_DONE;
}

static bg_err review_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_review review;
    BG_TRY(ledger_review_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &review));
    BG_TRY(must_see(rq, review.place, 0));
    ledger_review_json(&review, reply);
    return BG_DONE;
}

/* --- settings --- */
static const struct api_field settings_reply[] = {
    { "offset_min", API_INT, .zh = "城市时间早于 UTC 的分钟数", .en = "minutes that the city's time is ahead of UTC" },
    { "open_days", API_INT, .zh = "可补记的天数", .en = "days that a movement may be dated back" },
    { "open_from", API_DATE, .null = true, .zh = "结账后首日：更早的不可补记",
      .en = "first open date: nothing may be dated before it" },
    { "review_hours", API_INT, .zh = "差异单处理时限（小时）", .en = "hours to settle a review" },
    { "version", API_INT, .zh = "版本", .en = "version" },
    { 0 },
};
static const struct api_field settings_body[] = {
    { "open_days", API_INT, .required = true, .max = 36500, .zh = "可补记的天数",
      .en = "days that a movement may be dated back" },
    { "open_from", API_DATE, .null = true, .zh = "结账后首日", .en = "first open date" },
    { "review_hours", API_INT, .required = true, .min = 1, .max = 8760, .zh = "差异单处理时限（小时）",
      .en = "hours to settle a review" },
    { "version", API_INT, .zh = "读到的版本", .en = "the version that was read" },
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { 0 },
};

static bg_err settings_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_city city;
    BG_TRY(ledger_city_get(rq->tx, rq->city, &city));
    ledger_city_json(&city, reply);
    return BG_DONE;
}

static bg_err settings_put(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    const struct api_object *b = &rq->body;
    struct ledger_put *put = bg_arena_get(rq->arena, sizeof *put);
    struct ledger_city was;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(put));
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_CITY_WRITE, &(struct auth_target){ .city = rq->city }, rq->arena));
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(ledger_city_get(tx, rq->city, &was));
    *put = (struct ledger_put){ .if_version = api_int(b, "version", -1) };
    put->city = (struct ledger_city){ .offset_min = was.offset_min,
                                      .open_days = (int)api_int(b, "open_days", 31),
                                      .open_from = (bg_date)api_int(b, "open_from", BG_DATE_NONE),
                                      .review_hours = (int)api_int(b, "review_hours", 24) };
    *ret_kind = &ledger_city_put;
    *ret_in = put;
    return BG_DONE;
}

#define ROW(method_, path_, right_, ...)                                                                                         \
    {                                                                                                                            \
        .method = method_, .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__                               \
    }
const struct api_route api_routes_hold[] = {
    ROW("POST", "/uses", AUTH_RIGHT_USE_REPORT, .body = use_body, .reply = document_reply, .status = 201, .write = use_post,
        .zh = "上报使用量或剩余量，不必知道批号", .en = "report use, or what remains, without knowing lots"),
    ROW("GET", "/holds", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED, .query = holds_query, .reply = hold_reply,
        .read = holds_get, .zh = "预占", .en = "holds"),
    ROW("GET", "/holds/{id}", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .reply = hold_reply, .read = hold_get, .zh = "一项预占",
        .en = "one hold"),
    ROW("GET", "/shipments/{id}", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .read = shipment_get, .zh = "一张发运单及其在途",
        .en = "one sending and what is still on its way"),
    ROW("GET", "/reviews/{id}", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .read = review_get, .zh = "一张差异单",
        .en = "one review"),
    ROW("GET", "/ledger", AUTH_RIGHT_ITEM_READ, .reply = settings_reply, .read = settings_get, .zh = "账务设置：可补记期间等",
        .en = "settings of the ledger: the open period and others"),
    ROW("PUT", "/ledger", AUTH_RIGHT_CITY_WRITE, .body = settings_body, .reply = settings_reply, .write = settings_put,
        .zh = "更改账务设置（结账）", .en = "change the settings of the ledger (close a period)"),
    { 0 },
};
