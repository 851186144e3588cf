/* Routes of the reserve: standards, level, readiness, situation, today's orders. */
#include "reserve/reserve.h"

#include "api/proposal.h"
#include "api/routes.h"
#include "api/sight.h"

#define MODULE "reserve"

static bool may_see(void *ctx, const struct ledger_place *place)
{
    return sight_has(ctx, place->id);
}

/* --- readiness --- */
static const struct api_field view_query[] = {
    { "item", API_ID, .zh = "只看一个品种", .en = "one item only" },
    { "place", API_ID, .zh = "只看一个库点", .en = "one place only" },
    { "level", API_INT, .min = 1, .max = 4, .zh = "假设执行此级别", .en = "as if this level were in force" },
    { "at", API_TIME, .zh = "截至何时的事实", .en = "what was true then" },
    { "known_at", API_TIME, .zh = "以何时所知为准", .en = "as known then" },
    { "key", API_BOOL, .zh = "只看重点物资", .en = "key items only" },
    { 0 },
};

static const struct api_field item_reply[] = {
    { "id", API_ID, .zh = "编号", .en = "id" },
    { "code", API_TEXT, .zh = "代码", .en = "code" },
    { "name_zh", API_TEXT, .zh = "中文名", .en = "Chinese name" },
    { "name_en", API_TEXT, .zh = "英文名", .en = "English name" },
    { "unit", API_TEXT, .zh = "基本单位", .en = "base unit" },
    { 0 },
};
static const struct api_field place_reply[] = {
    { "id", API_ID, .zh = "编号", .en = "id" },
    { "code", API_TEXT, .zh = "代码", .en = "code" },
    { "name_zh", API_TEXT, .zh = "中文名", .en = "Chinese name" },
    { "name_en", API_TEXT, .zh = "英文名", .en = "English name" },
    { "kind", API_TEXT, .zh = "类型", .en = "kind" },
    { "division", API_TEXT, .zh = "区划代码，市级为空", .en = "division code, empty for the city's own" },
    { 0 },
};
static const struct api_field readiness_reply[] = {
    { "item", API_OBJECT, .fields = item_reply, .zh = "品种", .en = "item" },
    { "place", API_OBJECT, .fields = place_reply, .zh = "库点", .en = "place" },
    { "on_hand", API_INT, .zh = "在库", .en = "on hand" },
    { "usable", API_INT, .zh = "可用", .en = "usable" },
    { "allocated", API_INT, .zh = "已分配", .en = "allocated" },
    { "on_hold", API_INT, .zh = "冻结", .en = "on hold" },
    { "in_transit", API_INT, .zh = "在途", .en = "in transit" },
    { "available", API_INT, .zh = "可调拨", .en = "available" },
    { "deficit", API_INT, .zh = "缺口（对照要求）", .en = "deficit against the requirement" },
    { "counted", API_INT, .zh = "计入达标的可用量", .en = "usable stock that counts" },
    { "standard", API_INT, .null = true, .zh = "储备标准", .en = "standard" },
    { "base", API_INT, .null = true, .zh = "上浮前的标准", .en = "standard before uplifts" },
    { "uplift_ppm", API_INT, .null = true, .zh = "上浮倍数（百万分之一）", .en = "factor of the uplifts in force, in millionths" },
    { "basis", API_TEXT, .null = true, .zh = "标准的依据：数量或天数", .en = "basis of the standard: quantity or cover" },
    { "ratio_ppm", API_INT, .null = true, .zh = "达标率（百万分之一）", .en = "readiness in millionths" },
    { "gap", API_INT, .zh = "与标准的差", .en = "gap to the standard" },
    { "lead_days", API_INT, .zh = "到货天数", .en = "days to arrive" },
    { "use_per_day_milli", API_INT, .null = true, .zh = "日均出库（千分之一单位）",
      .en = "mean draw a day in thousandths of a unit" },
    { "use_days", API_INT, .zh = "有记录的天数", .en = "recorded days" },
    { "use_gaps", API_INT, .zh = "其间无记录的天数", .en = "days between them without a record" },
    { "days_cover_milli", API_INT, .null = true, .zh = "可支撑天数（千分之一天）", .en = "days of cover in thousandths" },
    { "stockout_date", API_DATE, .null = true, .zh = "预计用尽日期", .en = "stock-out date" },
    { "expiring_30", API_INT, .zh = "30 天内到期", .en = "expiring in 30 days" },
    { "expiring_90", API_INT, .zh = "90 天内到期", .en = "expiring in 90 days" },
    { "pipeline", API_INT, .zh = "在途及待入库", .en = "on the way" },
    { "order", API_INT, .zh = "今日应订数量", .en = "to order today" },
    { "state", API_TEXT, .zh = "状态", .en = "state" },
    { 0 },
};

/* A view of a whole city is larger than what one request may hold. The one of now is shared by all who ask; any other lives in an
 * arena of its own until the reply is written. */
#define VIEW_MEMORY ((size_t)256 << 20)

struct viewing {
    struct app *app;
    struct reserve_shared *shared;
    struct bg_arena *arena;
    struct reserve_view own;
    const struct reserve_view *view;
};

static void viewing_done(struct viewing *viewing)
{
    if (viewing->app != NULL) {
        reserve_cache_give(viewing->app->reserve, viewing->shared);
    }
    bg_arena_close(viewing->arena);
}
#define SCOPED_VIEWING __attribute__((cleanup(viewing_done))) struct viewing

static bg_err view_of(struct api_request *rq, bool key_only, struct viewing *viewing)
{
    struct reserve_which which = { .city = rq->city,
                                   .item = api_int(&rq->query, "item", 0),
                                   .place = api_int(&rq->query, "place", 0),
                                   .level = (int)api_int(&rq->query, "level", 0),
                                   .at = api_int(&rq->query, "at", BG_TIME_NONE),
                                   .known_at = api_int(&rq->query, "known_at", BG_TIME_NONE),
                                   .now = rq->now,
                                   .key_only = key_only };
    viewing->app = rq->app;
    bool whole = which.item == 0 && which.place == 0 && which.at == BG_TIME_NONE && which.known_at == BG_TIME_NONE;
    if (whole && rq->app->reserve != NULL) {
        return reserve_cache_take(rq->app->reserve, &which, &viewing->shared, &viewing->view);
    }
    viewing->arena = bg_arena_open(VIEW_MEMORY);
    viewing->view = &viewing->own;
    BG_TRY(bg_need(viewing->arena));
    return reserve_view_get(rq->tx, &which, viewing->arena, &viewing->own);
}

static bg_err get_readiness(struct api_request *rq, struct bg_buf *reply)
{
    SCOPED_VIEWING viewing = { 0 };
    struct sight sight;
    int64_t after[2];
    bool given;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STANDARD_READ, &sight));
    BG_TRY(api_cursor(rq, after, 2, &given));
    BG_TRY(view_of(rq, api_int(&rq->query, "key", 0) != 0, &viewing));
    const struct reserve_view *view = viewing.view;
    int64_t left = api_limit(rq), next[2] = { 0, 0 };
    bool full = false;
    api_list_begin(reply);
    for (size_t i = 0; i < view->cell_count; i++) {
        const struct reserve_cell *cell = &view->cells[i];
        bool behind = given && (cell->stock.item < after[0] || (cell->stock.item == after[0] && cell->stock.place <= after[1]));
        if (behind || !may_see(&sight, reserve_view_place(view, cell->stock.place))) {
            continue;
        }
        if (left-- == 0) {
            full = true;
            break;
        }
        next[0] = cell->stock.item;
        next[1] = cell->stock.place;
        reserve_cell_json(view, cell, reply);
    }
    api_list_end(rq, reply, next, full ? 2 : 0);
    return BG_DONE;
}

static bg_err get_situation(struct api_request *rq, struct bg_buf *reply)
{
    SCOPED_VIEWING viewing = { 0 };
    struct sight sight;
    BG_TRY(sight_of(rq, AUTH_RIGHT_SITUATION_READ, &sight));
    BG_TRY(view_of(rq, api_int(&rq->query, "key", 1) != 0, &viewing));
    const struct reserve_view *view = viewing.view;
    bg_json_object(reply);
    api_put_time(reply, "as_of", view->at);
    reserve_situation_json(view, may_see, &sight, reply);
    api_put_at(rq, reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

static bg_err get_orders(struct api_request *rq, struct bg_buf *reply)
{
    SCOPED_VIEWING viewing = { 0 };
    struct sight sight;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STANDARD_READ, &sight));
    BG_TRY(view_of(rq, api_int(&rq->query, "key", 0) != 0, &viewing));
    const struct reserve_view *view = viewing.view;
    bg_json_object(reply);
    bg_json_key(reply, "rows");
    reserve_orders_json(view, may_see, &sight, reply);
    bg_json_key(reply, "next");
    bg_json_null(reply);
    api_put_at(rq, reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- standards --- */
static const struct api_field standards_query[] = {
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    { 0 },
};
static const struct api_field standard_fields[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "place", API_ID, .required = true, .zh = "库点", .en = "place" },
    { "level", API_INT, .required = true, .min = 1, .max = 4, .zh = "储备级别", .en = "reserve level" },
    { "from", API_DATE, .required = true, .zh = "起始日期", .en = "in force from" },
    { "basis", API_TEXT, .required = true, .words = reserve_basis_slugs, .zh = "依据", .en = "basis" },
    { "quantity", API_INT, .zh = "数量（依据为数量时）", .en = "quantity, with basis quantity" },
    { "cover_milli", API_INT, .min = 1, .max = 3650000, .zh = "可支撑天数（千分之一天）",
      .en = "days of cover in thousandths, with basis cover" },
    { "lead_days", API_INT, .max = 365, .zh = "到货天数", .en = "days to arrive" },
    { "note", API_TEXT, .max = 2000, .zh = "测算依据", .en = "basis of calculation" },
    { 0 },
};
static const struct api_field standards_body[] = {
    { "standards", API_ARRAY, .required = true, .min = 1, .max = 1000, .of = API_OBJECT, .fields = standard_fields, .zh = "标准",
      .en = "standards" },
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { "legal_basis", API_TEXT, .max = 200, .zh = "依据文号", .en = "document it rests on" },
    API_ORDER_FIELDS,
    { 0 },
};
static const struct api_field standard_row[] = {
    { "id", API_ID, .zh = "版本", .en = "version" },
    { "item", API_ID, .zh = "品种", .en = "item" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "level", API_INT, .zh = "储备级别", .en = "reserve level" },
    { "from", API_DATE, .zh = "起始日期", .en = "in force from" },
    { "basis", API_TEXT, .zh = "依据", .en = "basis" },
    { "quantity", API_INT, .zh = "数量", .en = "quantity" },
    { "cover_milli", API_INT, .zh = "可支撑天数（千分之一天）", .en = "days of cover in thousandths" },
    { "lead_days", API_INT, .zh = "到货天数", .en = "days to arrive" },
    { "note", API_TEXT, .zh = "测算依据", .en = "basis of calculation" },
    { "recorded_at", API_TIME, .zh = "记录时间", .en = "recorded at" },
    { "recorded_by", API_ID, .null = true, .zh = "记录人", .en = "recorded by" },
    { 0 },
};

static bg_err get_standards(struct api_request *rq, struct bg_buf *reply)
{
    int64_t after[1], limit = api_limit(rq), last = 0;
    bool given;
    struct sight sight;
    struct reserve_standard *list;
    size_t count;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STANDARD_READ, &sight));
    BG_TRY(api_cursor(rq, after, 1, &given));
    BG_TRY(reserve_standard_list(rq->tx, rq->city, api_int(&rq->query, "item", 0), api_int(&rq->query, "place", 0),
                                 given ? after[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        struct ledger_place place;
        const struct reserve_standard *line = &list[i];
        last = line->id;
        BG_TRY(ledger_place_get(rq->tx, rq->city, line->place, rq->arena, &place));
        if (!may_see(&sight, &place)) {
            continue;
        }
        bg_json_object(reply);
        bg_json_put_id(reply, "id", line->id);
        bg_json_put_id(reply, "item", line->item);
        bg_json_put_id(reply, "place", line->place);
        bg_json_put_int(reply, "level", line->level);
        api_put_date(reply, "from", line->from);
        bg_json_put_str(reply, "basis", bg_str_of(reserve_basis_slugs[line->basis - 1]));
        bg_json_put_int(reply, "quantity", line->qty);
        bg_json_put_int(reply, "cover_milli", line->cover_milli);
        bg_json_put_int(reply, "lead_days", line->lead_days);
        bg_json_put_str(reply, "note", line->note);
        api_put_time(reply, "recorded_at", line->recorded_at);
        api_put_id(reply, "recorded_by", line->recorded_by);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

static const struct api_field basis_query[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "place", API_ID, .required = true, .zh = "库点", .en = "place" },
    { "level", API_INT, .min = 1, .max = 4, .zh = "储备级别，缺省为现行级别", .en = "reserve level; the one in force when not given" },
    { 0 },
};

static bg_err get_basis(struct api_request *rq, struct bg_buf *reply)
{
    struct sight sight;
    struct reserve_which which = { .city = rq->city,
                                   .item = api_int(&rq->query, "item", 0),
                                   .place = api_int(&rq->query, "place", 0),
                                   .level = (int)api_int(&rq->query, "level", 0),
                                   .at = BG_TIME_NONE,
                                   .known_at = BG_TIME_NONE,
                                   .now = rq->now };
    BG_TRY(sight_of(rq, AUTH_RIGHT_STANDARD_READ, &sight));
    if (!sight_has(&sight, which.place)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "place");
    }
    return reserve_basis_json(rq->tx, &which, rq->arena, reply);
}

static bg_err put_standards(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_STANDARD_WRITE, &(struct auth_target){ .city = rq->city }, rq->arena));
    const struct api_value *value = api_get(&rq->body, "standards");
    struct reserve_standard *lines = bg_arena_array(rq->arena, value->count, sizeof *lines);
    BG_TRY(bg_need(lines));
    for (size_t i = 0; i < value->count; i++) {
        struct api_object line = api_inside(&rq->body, "standards", i);
        bool cover = bg_str_is(api_text(&line, "basis"), "cover");
        const char *needed = cover ? "cover_milli" : "quantity";
        if (!api_given(&line, needed)) {
            return BG_FAIL_WITH(BG_BAD_INPUT, needed, bg_arena_text(rq->arena, "\"line\":%zu", i + 1));
        }
        lines[i] = (struct reserve_standard){ .item = api_int(&line, "item", 0),
                                              .place = api_int(&line, "place", 0),
                                              .level = (int)api_int(&line, "level", 0),
                                              .from = (bg_date)api_int(&line, "from", BG_DATE_NONE),
                                              .basis = cover ? RESERVE_COVER : RESERVE_QUANTITY,
                                              .qty = api_int(&line, "quantity", 0),
                                              .cover_milli = api_int(&line, "cover_milli", 0),
                                              .lead_days = api_int(&line, "lead_days", 0),
                                              .note = api_text(&line, "note") };
    }
    return proposal_write(
        rq, &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_STANDARDS, .drafts = lines, .draft_count = value->count }, ret_kind,
        ret_in);
}

/* --- levels --- */
static const struct api_field level_body[] = {
    { "level", API_INT, .required = true, .min = 1, .max = 4, .zh = "储备级别", .en = "reserve level" },
    { "state", API_TEXT, .required = true, .words = reserve_level_state_slugs, .zh = "准备或执行", .en = "prepared or in force" },
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { "legal_basis", API_TEXT, .max = 200, .zh = "依据文号", .en = "document it rests on" },
    API_ORDER_FIELDS,
    { 0 },
};
static const struct api_field level_reply[] = {
    { "id", API_ID, .null = true, .zh = "编号", .en = "id" },
    { "level", API_INT, .zh = "储备级别", .en = "reserve level" },
    { "state", API_TEXT, .zh = "状态", .en = "state" },
    { "from", API_TIME, .null = true, .zh = "起始时间", .en = "from" },
    { "why", API_TEXT, .zh = "理由", .en = "why" },
    { "legal_basis", API_TEXT, .zh = "依据文号", .en = "document it rests on" },
    { "proposal", API_ID, .null = true, .zh = "来自哪项提请", .en = "the proposal it came from" },
    { "requested_name", API_TEXT, .null = true, .zh = "提请人", .en = "who asked" },
    { "decided_name", API_TEXT, .null = true, .zh = "批准人", .en = "who approved" },
    { "leader", API_TEXT, .null = true, .zh = "电话指令的带班领导", .en = "leader who gave the order by telephone" },
    { "paper", API_TEXT, .null = true, .zh = "补办文号", .en = "document number supplied afterwards" },
    { 0 },
};

static bg_err get_levels(struct api_request *rq, struct bg_buf *reply)
{
    int64_t before[1], limit = api_limit(rq), last = 0;
    bool given;
    struct reserve_level *list;
    size_t count;
    BG_TRY(api_cursor(rq, before, 1, &given));
    BG_TRY(reserve_level_list(rq->tx, rq->city, given ? before[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        reserve_level_json(&list[i], reply);
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

static bg_err post_level(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_LEVEL_CHANGE, &(struct auth_target){ .city = rq->city }, rq->arena));
    bool prepared = bg_str_is(api_text(&rq->body, "state"), "prepared");
    return proposal_write(rq,
                          &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_LEVEL,
                                                      .level = (int)api_int(&rq->body, "level", 0),
                                                      .step = prepared ? RESERVE_PREPARED : RESERVE_IN_FORCE },
                          ret_kind, ret_in);
}

const struct api_route api_routes_reserve[] = {
    { "GET", "/api/v1/readiness", AUTH_RIGHT_STANDARD_READ, API_LIST | API_SCOPED | API_SLOW, view_query, NULL, readiness_reply,
      .read = get_readiness, .zh = "各库点各品种的达标情况，可查任意时点",
      .en = "readiness of every item at every place, as of any moment", .module = MODULE },
    { "GET", "/api/v1/situation", AUTH_RIGHT_SITUATION_READ, API_SCOPED | API_SLOW, view_query, NULL, NULL, .read = get_situation,
      .zh = "态势：级别、关键数字、各区、矩阵、用尽排名、今日应订",
      .en = "the situation: level, key figures, districts, matrix, ranking, orders", .module = MODULE },
    { "GET", "/api/v1/orders-today", AUTH_RIGHT_STANDARD_READ, API_SCOPED | API_SLOW, view_query, NULL, NULL, .read = get_orders,
      .zh = "今日应订及理由", .en = "what to order today, and why", .module = MODULE },
    { "GET", "/api/v1/standards", AUTH_RIGHT_STANDARD_READ, API_LIST | API_SCOPED, standards_query, NULL, standard_row,
      .read = get_standards, .zh = "储备标准的各版本", .en = "versions of the standards", .module = MODULE },
    { "GET", "/api/v1/standards/basis", AUTH_RIGHT_STANDARD_READ, API_SCOPED | API_SLOW, basis_query, NULL, NULL, .read = get_basis,
      .zh = "一个标准的测算依据：来自哪个版本、出库、哪些上浮，及算式",
      .en = "where a standard comes from: version, draw, uplifts, and the formula", .module = MODULE },
    { "POST", "/api/v1/standards", AUTH_RIGHT_STANDARD_WRITE, API_WRITES, NULL, standards_body, proposal_row, .status = 201,
      .write = put_standards, .zh = "提请制定储备标准（另一人批准后生效）",
      .en = "propose standards; another person approves", .module = MODULE },
    { "GET", "/api/v1/levels", AUTH_RIGHT_STANDARD_READ, API_LIST, NULL, NULL, level_reply, .read = get_levels,
      .zh = "储备级别的历史", .en = "history of the reserve level", .module = MODULE },
    { "POST", "/api/v1/levels", AUTH_RIGHT_LEVEL_CHANGE, API_WRITES, NULL, level_body, proposal_row, .status = 201,
      .write = post_level, .zh = "提请准备或执行一个储备级别（须另一人批准；电话指令先行）",
      .en = "propose to prepare a reserve level or put it in force; another approves (a telephone order acts at once)", .module = MODULE },
    { 0 },
};
