/* Routes that read the ledger: the seven numbers, balances, days, movements, documents, picking, recall, shipments, reviews, what
 * a code means. */
#include "api/routes.h"
#include "api/sight.h"
#include "codec/gs1.h"

#define MODULE "stock"
#define DAYS_MAX 400

#define AS_OF_FIELDS                                                                                                             \
    { "at", API_TIME, .zh = "截至何时的事实", .en = "what was true then" },                                                      \
    {                                                                                                                            \
        "known_at", API_TIME, .zh = "以何时所知为准", .en = "as known then"                                                      \
    }

static void put_ref(struct bg_buf *reply, const char *key, int64_t id)
{
    api_put_id(reply, key, id);
}

/* --- the seven numbers --- */
static const struct api_field stock_query[] = {
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "owner", API_ID, .zh = "权属", .en = "owner" },
    AS_OF_FIELDS,
    { 0 },
};
#define SEVEN_FIELDS                                                                                                             \
    { "on_hand", API_INT, .zh = "在库", .en = "on hand" }, { "usable", API_INT, .zh = "可用", .en = "usable" },                  \
        { "allocated", API_INT, .zh = "已分配", .en = "allocated" }, { "on_hold", API_INT, .zh = "冻结", .en = "on hold" },      \
        { "in_transit", API_INT, .zh = "在途", .en = "in transit" },                                                             \
        { "available", API_INT, .zh = "可调拨", .en = "available" },                                                             \
    {                                                                                                                            \
        "deficit", API_INT, .zh = "缺口", .en = "deficit"                                                                        \
    }
static const struct api_field stock_reply[] = {
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    SEVEN_FIELDS,
    { 0 },
};

static bg_err stock_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[2], left = api_limit(rq), next[2] = { 0, 0 }, owner = api_int(&rq->query, "owner", 0);
    bool given, full = false;
    struct sight sight;
    struct ledger_cell *cells;
    size_t count;
    struct ledger_cells which = { .city = rq->city,
                                  .item = api_int(&rq->query, "item", 0),
                                  .place = api_int(&rq->query, "place", 0),
                                  .owners = owner != 0 ? &owner : NULL,
                                  .owner_count = owner != 0,
                                  .at = api_int(&rq->query, "at", BG_TIME_NONE),
                                  .known_at = api_int(&rq->query, "known_at", BG_TIME_NONE) };
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, after, 2, &given));
    BG_TRY(ledger_cell_list(rq->tx, &which, rq->arena, &cells, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count && !full; i++) {
        bool behind = given && (cells[i].item < after[0] || (cells[i].item == after[0] && cells[i].place <= after[1]));
        if (behind || !sight_has(&sight, cells[i].place)) {
            continue;
        }
        full = left-- == 0;
        if (full) {
            break;
        }
        next[0] = cells[i].item;
        next[1] = cells[i].place;
        bg_json_object(reply);
        put_ref(reply, "item", cells[i].item);
        put_ref(reply, "place", cells[i].place);
        ledger_seven_json(&cells[i], reply);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, next, full ? 2 : 0);
    return BG_DONE;
}

/* --- balances of accounts --- */
static const struct api_field balances_query[] = {
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "lot", API_ID, .zh = "批号", .en = "lot" },
    { "status", API_TEXT, .words = ledger_status_slugs, .zh = "状态", .en = "status" },
    { "outside", API_BOOL, .zh = "也列外部账户", .en = "outside accounts too" },
    AS_OF_FIELDS,
    { 0 },
};
static const struct api_field balance_reply[] = {
    { "id", API_ID, .zh = "账户", .en = "account" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "bin", API_ID, .null = true, .zh = "货位", .en = "bin" },
    { "owner", API_ID, .null = true, .zh = "权属", .en = "owner" },
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "lot", API_ID, .null = true, .zh = "批号", .en = "lot" },
    { "status", API_TEXT, .zh = "状态", .en = "status" },
    { "qty", API_INT, .min = INT64_MIN, .zh = "数量", .en = "quantity" },
    { "held", API_INT, .zh = "其中已预占", .en = "of it reserved" },
    { "version", API_INT, .zh = "变动次数", .en = "number of changes" },
    { "batch", API_TEXT, .zh = "批号文本", .en = "batch" },
    { "expiry", API_DATE, .null = true, .zh = "有效期至", .en = "last day of use" },
    { 0 },
};

static void key_json(struct bg_buf *reply, const struct ledger_key *key)
{
    put_ref(reply, "place", key->place);
    put_ref(reply, "bin", key->bin);
    put_ref(reply, "owner", key->owner);
    put_ref(reply, "item", key->item);
    put_ref(reply, "lot", key->lot);
    bg_json_put_str(reply, "status", bg_str_of(ledger_slug(ledger_statuses, key->status)));
}

static void account_json(struct bg_buf *reply, const struct ledger_account *account)
{
    bg_json_object(reply);
    bg_json_put_id(reply, "id", account->id);
    key_json(reply, &account->key);
    bg_json_put_int(reply, "qty", account->qty);
    bg_json_put_int(reply, "held", account->held);
    bg_json_put_int(reply, "version", account->version);
    bg_json_put_str(reply, "batch", account->batch);
    api_put_date(reply, "expiry", account->expiry);
    bg_json_object_end(reply);
}

static bg_err balances_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t cursor[6], limit = api_limit(rq), next[6] = { 0 };
    bool given;
    struct sight sight;
    struct ledger_account *list;
    size_t count;
    struct ledger_key after;
    struct ledger_accounts which = { .city = rq->city,
                                     .item = api_int(&rq->query, "item", 0),
                                     .place = api_int(&rq->query, "place", 0),
                                     .lot = api_int(&rq->query, "lot", 0),
                                     .status = ledger_word_of(ledger_statuses, api_text(&rq->query, "status")),
                                     .outside = api_int(&rq->query, "outside", 0) != 0,
                                     .at = api_int(&rq->query, "at", BG_TIME_NONE),
                                     .known_at = api_int(&rq->query, "known_at", BG_TIME_NONE),
                                     .max = (size_t)limit };
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, cursor, 6, &given));
    if (given) {
        after = (struct ledger_key){ .place = cursor[0],
                                     .item = cursor[1],
                                     .status = (int)cursor[2],
                                     .lot = cursor[3],
                                     .owner = cursor[4],
                                     .bin = cursor[5] };
        which.after = &after;
    }
    BG_TRY(ledger_account_list(rq->tx, &which, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        const struct ledger_key *k = &list[i].key;
        const int64_t here[6] = { k->place, k->item, k->status, k->lot, k->owner, k->bin };
        for (int n = 0; n < 6; n++) {
            next[n] = here[n];
        }
        if (sight_has(&sight, k->place)) {
            account_json(reply, &list[i]);
        }
    }
    api_list_end(rq, reply, next, count == (size_t)limit ? 6 : 0);
    return BG_DONE;
}

/* --- stock and use by day --- */
static const struct api_field days_query[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "place", API_ID, .zh = "库点，缺省为可见的全部", .en = "place; all that may be seen when absent" },
    { "from", API_DATE, .required = true, .zh = "起", .en = "from" },
    { "to", API_DATE, .required = true, .zh = "止", .en = "to" },
    { 0 },
};
static const struct api_field days_reply[] = {
    { "date", API_DATE, .zh = "日期", .en = "date" },
    { "closing", API_INT, .zh = "日终可用", .en = "usable at the end of the day" },
    { "used", API_INT, .zh = "当日使用", .en = "used on the day" },
    { 0 },
};

static bg_err add_days(struct api_request *rq, int64_t item, int64_t place, bg_date from, bg_date to, int64_t *closing,
                       int64_t *used)
{
    size_t days = (size_t)(to - from) + 1;
    int64_t *part = bg_arena_array(rq->arena, 2 * days, sizeof *part);
    BG_TRY(bg_need(part));
    BG_TRY(ledger_closing_days(rq->tx, rq->city, item, place, LEDGER_USABLE, from, to, part));
    BG_TRY(ledger_use_days(rq->tx, rq->city, item, place, from, to, part + days));
    for (size_t i = 0; i < days; i++) {
        closing[i] += part[i];
        used[i] += part[days + i];
    }
    return BG_DONE;
}

static bg_err days_get(struct api_request *rq, struct bg_buf *reply)
{
    bg_date from = (bg_date)api_int(&rq->query, "from", 0), to = (bg_date)api_int(&rq->query, "to", 0);
    int64_t item = api_int(&rq->query, "item", 0), place = api_int(&rq->query, "place", 0);
    struct sight sight;
    struct ledger_cell *cells;
    size_t count;
    if (to < from || to - from >= DAYS_MAX) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "to", bg_arena_text(rq->arena, "\"days_max\":%d", DAYS_MAX));
    }
    size_t days = (size_t)(to - from) + 1;
    int64_t *closing = bg_arena_array(rq->arena, days, sizeof *closing), *used = bg_arena_array(rq->arena, days, sizeof *used);
    BG_TRY(bg_need(closing));
    BG_TRY(bg_need(used));
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(ledger_cell_list(
        rq->tx,
        &(struct ledger_cells){ .city = rq->city, .item = item, .place = place, .at = BG_TIME_NONE, .known_at = BG_TIME_NONE },
        rq->arena, &cells, &count));
    for (size_t i = 0; i < count; i++) {
        if (sight_has(&sight, cells[i].place)) {
            BG_TRY(add_days(rq, item, cells[i].place, from, to, closing, used));
        }
    }
    api_list_begin(reply);
    for (size_t i = 0; i < days; i++) {
        bg_json_object(reply);
        api_put_date(reply, "date", from + (bg_date)i);
        bg_json_put_int(reply, "closing", closing[i]);
        bg_json_put_int(reply, "used", used[i]);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, NULL, 0);
    return BG_DONE;
}

/* --- movements and documents --- */
static const struct api_field movements_query[] = {
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "lot", API_ID, .zh = "批号", .en = "lot" },
    { "document", API_ID, .zh = "单据", .en = "document" },
    { "account", API_ID, .zh = "账户", .en = "account" },
    { "reason", API_TEXT, .words = ledger_reason_slugs, .zh = "原因", .en = "reason" },
    { "status", API_TEXT, .words = ledger_status_slugs, .zh = "任一侧的状态", .en = "status of either side" },
    { "since", API_TIME, .zh = "发生不早于", .en = "occurred not before" },
    { "until", API_TIME, .zh = "发生不晚于", .en = "occurred not after" },
    { 0 },
};
static const struct api_field movement_reply[] = {
    { "id", API_ID, .zh = "流水号", .en = "id" },
    { "document", API_ID, .zh = "单据", .en = "document" },
    { "qty", API_INT, .zh = "数量", .en = "quantity" },
    { "reason", API_TEXT, .zh = "原因", .en = "reason" },
    { "occurred_at", API_TIME, .zh = "发生时间", .en = "occurred at" },
    { "recorded_at", API_TIME, .zh = "记录时间", .en = "recorded at" },
    { 0 },
};

static bool movement_seen(struct sight *sight, const struct ledger_movement *m)
{
    return sight_has(sight, m->from.place) || sight_has(sight, m->to.place);
}

static bg_err movements_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t cursor[2], next[2] = { 0, 0 };
    bool given;
    struct sight sight;
    struct ledger_movement *list;
    size_t count;
    const struct api_object *q = &rq->query;
    struct ledger_movements which = { .city = rq->city,
                                      .place = api_int(q, "place", 0),
                                      .item = api_int(q, "item", 0),
                                      .lot = api_int(q, "lot", 0),
                                      .document = api_int(q, "document", 0),
                                      .account = api_int(q, "account", 0),
                                      .reason = ledger_word_of(ledger_reasons, api_text(q, "reason")),
                                      .status = ledger_word_of(ledger_statuses, api_text(q, "status")),
                                      .since = api_int(q, "since", BG_TIME_NONE),
                                      .until = api_int(q, "until", BG_TIME_NONE),
                                      .before_at = BG_TIME_NONE,
                                      .max = (size_t)api_limit(rq) };
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, cursor, 2, &given));
    if (given) {
        which.before_at = cursor[0];
        which.before_id = cursor[1];
    }
    BG_TRY(ledger_movement_list(rq->tx, &which, rq->arena, &list, &count, &next[0], &next[1]));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        if (movement_seen(&sight, &list[i])) {
            ledger_movement_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, next, next[1] != 0 ? 2 : 0);
    return BG_DONE;
}

static bg_err movement_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_movement movement;
    struct sight sight;
    BG_TRY(ledger_movement_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &movement));
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    if (!movement_seen(&sight, &movement)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "movement");
    }
    ledger_movement_json(&movement, reply);
    return BG_DONE;
}

static const struct api_field document_reply[] = {
    { "id", API_ID, .zh = "单据", .en = "document" },
    { "kind", API_TEXT, .zh = "类型", .en = "kind" },
    { "number", API_TEXT, .zh = "单号", .en = "number" },
    { "occurred_at", API_TIME, .zh = "发生时间", .en = "occurred at" },
    { "recorded_at", API_TIME, .zh = "记录时间", .en = "recorded at" },
    { 0 },
};

static bg_err document_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_document document;
    struct ledger_movement *list;
    struct sight sight;
    size_t count;
    bg_ms before_at;
    int64_t before_id;
    BG_TRY(ledger_document_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &document));
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    if (!sight_has(&sight, document.place) && !(document.other != 0 && sight_has(&sight, document.other))) {
        return BG_FAIL_AT(BG_NOT_FOUND, "document");
    }
    struct ledger_movements which = { .city = rq->city,
                                      .document = document.id,
                                      .since = BG_TIME_NONE,
                                      .until = BG_TIME_NONE,
                                      .before_at = BG_TIME_NONE,
                                      .max = LEDGER_LINES_MAX };
    BG_TRY(ledger_movement_list(rq->tx, &which, rq->arena, &list, &count, &before_at, &before_id));
    bg_json_object(reply);
    bg_json_key(reply, "document");
    ledger_document_json(&document, reply);
    bg_json_key(reply, "movements");
    bg_json_array(reply);
    for (size_t i = count; i > 0; i--) { /* listed newest first; shown in the order of the paper */
        ledger_movement_json(&list[i - 1], reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- picking --- */
static const struct api_field pick_want[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "quantity", API_INT, .required = true, .min = 1, .max = BG_QTY_MAX, .zh = "数量", .en = "quantity" },
    { 0 },
};
static const struct api_field pick_body[] = {
    { "place", API_ID, .required = true, .zh = "库点", .en = "place" },
    { "arrives", API_DATE, .zh = "送达日期，缺省为今天", .en = "day of arrival, today when absent" },
    { "life_min_days", API_INT, .max = 36500, .zh = "送达时至少剩余有效天数", .en = "days of life left on arrival" },
    { "wants", API_ARRAY, .required = true, .min = 1, .max = 500, .of = API_OBJECT, .fields = pick_want, .zh = "需要",
      .en = "what is wanted" },
    { 0 },
};

static bg_err pick_wants(struct api_request *rq, struct ledger_pick *pick)
{
    const struct api_value *wants = api_get(&rq->body, "wants");
    struct ledger_pick_want *list = bg_arena_array(rq->arena, wants->count, sizeof *list);
    BG_TRY(bg_need(list));
    for (size_t i = 0; i < wants->count; i++) {
        struct api_object want = api_inside(&rq->body, "wants", i);
        list[i] = (struct ledger_pick_want){ .item = api_int(&want, "item", 0), .qty = api_int(&want, "quantity", 0) };
    }
    pick->wants = list;
    pick->count = wants->count;
    return BG_DONE;
}

static bg_err pick_post(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_city city;
    struct ledger_pick_line *lines;
    size_t count;
    int64_t *shortfall;
    BG_TRY(sight_need(rq, api_int(&rq->body, "place", 0), AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_STOCK_READ, NULL));
    BG_TRY(ledger_city_get(rq->tx, rq->city, &city));
    struct ledger_pick pick = { .city = rq->city,
                                .place = api_int(&rq->body, "place", 0),
                                .arrives = (bg_date)api_int(&rq->body, "arrives", bg_date_at(rq->now, city.offset_min)),
                                .life_min_days = api_int(&rq->body, "life_min_days", 0) };
    BG_TRY(pick_wants(rq, &pick));
    BG_TRY(ledger_pick_list(rq->tx, &pick, rq->arena, &lines, &count, &shortfall));
    bg_json_object(reply);
    bg_json_key(reply, "lines");
    bg_json_array(reply);
    for (size_t i = 0; i < count; i++) {
        bg_json_object(reply);
        bg_json_put_int(reply, "want", lines[i].want);
        bg_json_put_id(reply, "account", lines[i].account);
        key_json(reply, &lines[i].key);
        bg_json_put_int(reply, "qty", lines[i].qty);
        bg_json_put_str(reply, "batch", lines[i].batch);
        api_put_date(reply, "expiry", lines[i].expiry);
        bg_json_object_end(reply);
    }
    bg_json_array_end(reply);
    bg_json_key(reply, "short");
    bg_json_array(reply);
    for (size_t i = 0; i < pick.count; i++) {
        bg_json_int(reply, shortfall[i]);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- where a lot is --- */
static bg_err recall_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_recall_report report;
    struct sight sight;
    BG_TRY(ledger_recall_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &report));
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    bg_json_object(reply);
    bg_json_key(reply, "lot");
    ledger_lot_json(&report.lot, reply);
    bg_json_put_int(reply, "entered", report.entered);
    bg_json_put_int(reply, "left", report.left);
    bg_json_put_int(reply, "transit", report.transit);
    bg_json_put_int(reply, "used", report.used);
    bg_json_put_int(reply, "lost", report.lost);
    bg_json_put_int(reply, "unexplained", report.unexplained);
    bg_json_key(reply, "places");
    bg_json_array(reply);
    for (size_t i = 0; i < report.count; i++) {
        const struct ledger_recall_place *p = &report.places[i];
        if (!sight_has(&sight, p->place)) {
            continue;
        }
        bg_json_object(reply);
        put_ref(reply, "place", p->place);
        bg_json_put_int(reply, "left", p->left);
        bg_json_put_int(reply, "transit", p->transit);
        bg_json_put_int(reply, "used", p->used);
        bg_json_put_int(reply, "lost", p->lost);
        bg_json_put_int(reply, "unexplained", p->unexplained);
        bg_json_put_int(reply, "produced", p->produced);
        bg_json_object_end(reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- shipments --- */
static const struct api_field shipments_query[] = {
    { "origin", API_ID, .zh = "发出库点", .en = "from" },
    { "target", API_ID, .zh = "送达库点", .en = "to" },
    { 0 },
};
static const struct api_field shipment_reply[] = {
    { "id", API_ID, .zh = "发运单", .en = "sending document" }, { "origin", API_ID, .zh = "发出库点", .en = "from" },
    { "target", API_ID, .zh = "送达库点", .en = "to" },         { "state", API_TEXT, .zh = "状态", .en = "state" },
    { "sent_at", API_TIME, .zh = "发出时间", .en = "sent at" }, { 0 },
};

static void shipment_json(struct bg_buf *reply, const struct ledger_shipment *s)
{
    bg_json_object(reply);
    bg_json_put_id(reply, "id", s->id);
    put_ref(reply, "origin", s->origin);
    put_ref(reply, "target", s->target);
    bg_json_put_str(reply, "state", bg_str_of(ledger_slug(ledger_shipment_states, s->state)));
    api_put_time(reply, "sent_at", s->sent_at);
    api_put_time(reply, "closed_at", s->closed_at);
    bg_json_key(reply, "lines");
    bg_json_array(reply);
    for (size_t i = 0; i < s->count; i++) {
        bg_json_object(reply);
        put_ref(reply, "item", s->lines[i].item);
        put_ref(reply, "lot", s->lines[i].lot);
        put_ref(reply, "owner", s->lines[i].owner);
        bg_json_put_int(reply, "sent", s->lines[i].sent);
        bg_json_put_int(reply, "arrived", s->lines[i].arrived);
        bg_json_put_int(reply, "missing", s->lines[i].missing);
        bg_json_put_int(reply, "settled", s->lines[i].settled);
        bg_json_object_end(reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
}

static bg_err shipments_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], limit = api_limit(rq), last = 0;
    bool given;
    struct sight sight;
    struct ledger_shipment *list;
    size_t count;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, after, 1, &given));
    BG_TRY(ledger_shipment_list(rq->tx, rq->city, api_int(&rq->query, "origin", 0), api_int(&rq->query, "target", 0),
                                given ? after[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        if (sight_has(&sight, list[i].origin) || sight_has(&sight, list[i].target)) {
            shipment_json(reply, &list[i]);
        }
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

/* --- reviews --- */
static const char *const review_words[] = { "open", "closed", NULL };
static const struct api_field reviews_query[] = {
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "state", API_TEXT, .words = review_words, .zh = "状态", .en = "state" },
    { 0 },
};
static const struct api_field review_reply[] = {
    { "id", API_ID, .zh = "差异单", .en = "review" },
    { "kind", API_TEXT, .zh = "类型", .en = "kind" },
    { "qty", API_INT, .zh = "数量", .en = "quantity" },
    { "due_at", API_TIME, .zh = "期限", .en = "due at" },
    { 0 },
};

static bg_err reviews_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], limit = api_limit(rq), last = 0;
    bool given;
    struct sight sight;
    struct ledger_review *list;
    size_t count;
    bg_str state = api_text(&rq->query, "state");
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, after, 1, &given));
    BG_TRY(ledger_review_list(rq->tx, rq->city, api_int(&rq->query, "place", 0),
                              bg_str_is(state, "open") ? 1 : (bg_str_is(state, "closed") ? 2 : 0), given ? after[0] : 0,
                              (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        if (sight_has(&sight, list[i].place)) {
            ledger_review_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

/* --- what a code means --- */
static const struct api_field scan_query[] = {
    { "code", API_TEXT, .required = true, .min = 1, .max = 1000, .zh = "扫描或键入的内容，GS 可写作 \\x1D",
      .en = "as scanned or typed; GS may be written \\x1D" },
    { 0 },
};

static bg_err scan_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_code code = { 0 };
    struct gs1 gs1;
    bg_str scan = api_text(&rq->query, "code"), wanted = scan;
    bool found = false;
    BG_TRY(gs1_restore_separator(rq->arena, scan, BG_STR("\\x1D"), &scan));
    bg_err parsed = gs1_parse(rq->arena, scan, &gs1);
    for (size_t i = 0; !bg_failed(parsed) && i < gs1.count; i++) {
        if (bg_str_is(gs1.element[i].ai, "01") || bg_str_is(gs1.element[i].ai, "02")) {
            wanted = gs1.element[i].value;
        }
    }
    BG_TRY(ledger_code_find(rq->tx, rq->city, wanted, rq->arena, &code, &found));
    bg_str own = bg_failed(parsed) ? BG_STR("") : gs1_find(&gs1, "91");
    own = bg_str_starts(own, BG_STR("BG")) ? bg_str_cut(own, 2, own.len) : found ? BG_STR("") : wanted;
    if (!found && own.len > 0) { /* a label printed here, or the item's own code typed */
        BG_TRY(ledger_item_find(rq->tx, rq->city, own, &code.item, &found));
        code.units = 1;
    }
    bg_json_object(reply);
    bg_json_key(reply, "item");
    if (found) {
        struct ledger_item item;
        BG_TRY(ledger_item_get(rq->tx, rq->city, code.item, rq->arena, &item));
        ledger_item_json(&item, reply);
    } else {
        bg_json_null(reply);
    }
    bg_json_put_int(reply, "units", found ? code.units : 0);
    bg_json_key(reply, "ai");
    bg_json_array(reply);
    for (size_t i = 0; !bg_failed(parsed) && i < gs1.count; i++) {
        bg_json_array(reply);
        bg_json_str(reply, gs1.element[i].ai);
        bg_json_str(reply, gs1.element[i].value);
        bg_json_array_end(reply);
    }
    bg_json_array_end(reply);
    bg_json_key(reply, "problem");
    if (bg_failed(parsed)) {
        bg_json_str(reply, bg_str_of(bg_errors[parsed.code].slug));
    } else {
        bg_json_null(reply);
    }
    bg_json_object_end(reply);
    return BG_DONE;
}

#define ROW(method_, path_, right_, ...)                                                                                         \
    {                                                                                                                            \
        .method = method_, .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__                               \
    }
const struct api_route api_routes_stock[] = {
    ROW("GET", "/stock", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED | API_SLOW, .query = stock_query,
        .reply = stock_reply, .read = stock_get, .zh = "七个数，按品种和库点，可查任意时点",
        .en = "the seven numbers by item and place, as of any moment"),
    ROW("GET", "/stock/days", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED | API_SLOW, .query = days_query,
        .reply = days_reply, .read = days_get, .zh = "逐日可用与使用", .en = "usable stock and use by day"),
    ROW("GET", "/balances", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED, .query = balances_query,
        .reply = balance_reply, .read = balances_get, .zh = "账户余额", .en = "balances of accounts"),
    ROW("GET", "/movements", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED, .query = movements_query,
        .reply = movement_reply, .read = movements_get, .zh = "流水", .en = "movements"),
    ROW("GET", "/movements/{id}", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .reply = movement_reply, .read = movement_get,
        .zh = "一笔流水", .en = "one movement"),
    ROW("GET", "/documents/{id}", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .reply = document_reply, .read = document_get,
        .zh = "一张单据及其流水", .en = "a document with its movements"),
    ROW("POST", "/pick", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED | API_NO_KEY, .body = pick_body, .read = pick_post,
        .zh = "先到期先出的拣货建议", .en = "what to pick, first expiry first"),
    ROW("GET", "/lots/{id}/places", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .read = recall_get,
        .zh = "一个批号在哪里、用了多少", .en = "where a lot is and was"),
    ROW("GET", "/shipments", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED, .query = shipments_query,
        .reply = shipment_reply, .read = shipments_get, .zh = "在途", .en = "shipments on their way"),
    ROW("GET", "/reviews", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED, .query = reviews_query, .reply = review_reply,
        .read = reviews_get, .zh = "差异单", .en = "reviews"),
    ROW("GET", "/scan", AUTH_RIGHT_ITEM_READ, .query = scan_query, .read = scan_get, .zh = "扫描内容是什么品种",
        .en = "what a code means"),
    { 0 },
};
