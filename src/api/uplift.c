/* Routes of uplifts: proposing one, proposing its end, the list. */
#include "api/people.h"
#include "api/proposal.h"
#include "api/routes.h"

#define MODULE "reserve"

static const struct api_field uplift_body[] = {
    { "places", API_ARRAY, .required = true, .min = 1, .max = 100, .of = API_ID, .zh = "库点", .en = "places" },
    { "items", API_ARRAY, .required = true, .min = 1, .max = 500, .of = API_ID, .zh = "品种", .en = "items" },
    { "factor_permille", API_INT, .required = true, .min = 1001, .max = RESERVE_FACTOR_MAX, .zh = "倍数（千分之一），1400 即上浮 40%",
      .en = "factor in thousandths: 1400 is 40 % more" },
    { "from", API_DATE, .required = true, .zh = "起始日期", .en = "from" },
    { "due", API_DATE, .required = true, .zh = "到位期限", .en = "to be met by" },
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { "legal_basis", API_TEXT, .max = 200, .zh = "依据文号", .en = "document it rests on" },
    API_ORDER_FIELDS,
    { 0 },
};
static const struct api_field end_body[] = {
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { "legal_basis", API_TEXT, .max = 200, .zh = "依据文号", .en = "document it rests on" },
    API_ORDER_FIELDS,
    { 0 },
};
static const struct api_field uplift_row[] = {
    { "id", API_ID, .zh = "编号", .en = "id" },
    { "factor_permille", API_INT, .zh = "倍数（千分之一）", .en = "factor in thousandths" },
    { "from", API_DATE, .zh = "起始日期", .en = "from" },
    { "due", API_DATE, .zh = "到位期限", .en = "to be met by" },
    { "why", API_TEXT, .zh = "理由", .en = "why" },
    { "recorded_at", API_TIME, .zh = "生效时间", .en = "in effect since" },
    { "ended_at", API_TIME, .null = true, .zh = "结束时间", .en = "ended at" },
    { "items", API_INT, .zh = "品种数", .en = "number of items" },
    { "places", API_INT, .zh = "库点数", .en = "number of places" },
    { 0 },
};

static bg_err get_uplifts(struct api_request *rq, struct bg_buf *reply)
{
    int64_t before[1], limit = api_limit(rq), last = 0;
    bool given;
    struct reserve_uplift *list;
    size_t count;
    BG_TRY(api_cursor(rq, before, 1, &given));
    BG_TRY(reserve_uplift_list(rq->tx, rq->city, given ? before[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        bg_json_object(reply);
        bg_json_put_id(reply, "id", list[i].id);
        bg_json_put_int(reply, "factor_permille", list[i].factor_permille);
        api_put_date(reply, "from", list[i].from);
        api_put_date(reply, "due", list[i].due);
        bg_json_put_str(reply, "why", list[i].why);
        api_put_time(reply, "recorded_at", list[i].recorded_at);
        api_put_time(reply, "ended_at", list[i].ended_at == 0 ? BG_TIME_NONE : list[i].ended_at);
        bg_json_put_int(reply, "items", list[i].items);
        bg_json_put_int(reply, "places", list[i].places);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

static bg_err post_uplift(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_LEVEL_CHANGE, &(struct auth_target){ .city = rq->city }, rq->arena));
    const struct api_value *places = api_get(&rq->body, "places"), *items = api_get(&rq->body, "items");
    size_t count = 0;
    if (places->count * items->count > RESERVE_LINES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "items");
    }
    struct reserve_uplift_cell *cells = bg_arena_array(rq->arena, places->count * items->count, sizeof *cells);
    BG_TRY(bg_need(cells));
    for (size_t p = 0; p < places->count; p++) {
        for (size_t i = 0; i < items->count; i++) {
            cells[count++] = (struct reserve_uplift_cell){ .item = items->at[i].i, .place = places->at[p].i };
        }
    }
    return proposal_write(rq,
                          &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_UPLIFT,
                                                      .factor_permille = api_int(&rq->body, "factor_permille", 0),
                                                      .from = (bg_date)api_int(&rq->body, "from", 0),
                                                      .due = (bg_date)api_int(&rq->body, "due", 0),
                                                      .cells = cells,
                                                      .cell_count = count },
                          ret_kind, ret_in);
}

static bg_err post_end(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_LEVEL_CHANGE, &(struct auth_target){ .city = rq->city }, rq->arena));
    return proposal_write(rq, &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_UPLIFT_END, .object = rq->param_id[0] }, ret_kind,
                          ret_in);
}

const struct api_route api_routes_uplift[] = {
    { "GET", "/api/v1/uplifts", AUTH_RIGHT_STANDARD_READ, API_LIST, NULL, NULL, uplift_row, .read = get_uplifts,
      .zh = "上浮记录", .en = "uplifts", .module = MODULE },
    { "POST", "/api/v1/uplifts", AUTH_RIGHT_LEVEL_CHANGE, API_WRITES, NULL, uplift_body, proposal_row, .status = 201,
      .write = post_uplift, .zh = "提请上浮储备标准（须另一人批准）", .en = "propose to raise standards; another person approves",
      .module = MODULE },
    { "POST", "/api/v1/uplifts/{id}/end", AUTH_RIGHT_LEVEL_CHANGE, API_WRITES, NULL, end_body, proposal_row, .status = 201,
      .write = post_end, .zh = "提请结束一项上浮", .en = "propose to end an uplift", .module = MODULE },
    { 0 },
};
