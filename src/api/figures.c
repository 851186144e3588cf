/* Routes of the figures of the outbreak and of test rounds. */
#include "api/people.h"
#include "api/routes.h"
#include "reserve/reserve.h"

#define MODULE "reserve"

static const struct api_field figure_row[] = {
    API_F("id", API_ID, .zh = "版本", .en = "version"),
    API_F("kind", API_TEXT, .words = reserve_figure_slugs, .zh = "种类", .en = "kind of figure"),
    API_F("district", API_TEXT, .zh = "区划代码，空为全市", .en = "division code; empty: the city"),
    API_F("date", API_DATE, .zh = "日期", .en = "date it is of, or from which it holds"),
    API_F("name", API_TEXT, .zh = "小区、隔离点或驱动量名称", .en = "name of zone, site or driver"),
    API_F("value", API_INT, .zh = "人数、例数", .en = "people, cases, samples"),
    API_F("mark", API_TEXT, .words = reserve_mark_slugs, .zh = "来源性质", .en = "reported, derived or recalled"),
    API_F("note", API_TEXT, .zh = "来源或备注", .en = "source or remark"),
    API_F("recorded_at", API_TIME, .zh = "记录时间", .en = "recorded at"),
    API_F("recorded_by", API_ID, .null = true, .zh = "记录人", .en = "recorded by"),
    API_F_END,
};
static const struct api_field figures_query[] = {
    API_F("kind", API_TEXT, .words = reserve_figure_slugs, .zh = "只看此种类", .en = "only this kind"),
    API_F("from", API_DATE, .zh = "起", .en = "from"),
    API_F("to", API_DATE, .zh = "止", .en = "to"),
    API_F("known_at", API_TIME, .zh = "以何时所知为准", .en = "as known then"),
    API_F_END,
};
static const struct api_field history_query[] = {
    API_F("kind", API_TEXT, .words = reserve_figure_slugs, .zh = "只看此种类", .en = "only this kind"),
    API_F_END,
};
static const struct api_field figure_fields[] = {
    API_F("kind", API_TEXT, .required = true, .words = reserve_figure_slugs, .zh = "种类", .en = "kind of figure"),
    API_F("district", API_TEXT, .max = 6, .zh = "区划代码，空为全市", .en = "division code; empty: the city"),
    API_F("date", API_DATE, .required = true, .zh = "日期", .en = "date it is of, or from which it holds"),
    API_F("name", API_TEXT, .max = 100, .zh = "小区、隔离点或驱动量名称", .en = "name of zone, site or driver"),
    API_F("value", API_INT, .required = true, .zh = "人数、例数", .en = "people, cases, samples"),
    API_F("mark", API_TEXT, .words = reserve_mark_slugs, .zh = "来源性质，默认通报",
          .en = "reported (when not given), derived or recalled"),
    API_F("note", API_TEXT, .max = 500, .zh = "来源或备注", .en = "source or remark"),
    API_F_END,
};
static const struct api_field figures_body[] = {
    API_F("figures", API_ARRAY, .required = true, .min = 1, .max = 1000, .of = API_OBJECT, .fields = figure_fields, .zh = "数字",
          .en = "figures"),
    API_F("reason", API_TEXT, .max = 500, .zh = "更正时的理由", .en = "why, of a correction"),
    API_F_END,
};
static const struct api_field figures_reply[] = {
    API_F("figures", API_INT, .zh = "登记条数", .en = "figures entered"),
    API_F_END,
};
static const struct api_field round_row[] = {
    API_F("round", API_ID, .zh = "大筛编号", .en = "id of the round"),
    API_F("id", API_ID, .zh = "版本", .en = "version"),
    API_F("name", API_TEXT, .zh = "名称", .en = "name"),
    API_F("date", API_DATE, .zh = "采样日期", .en = "date on which it is sampled"),
    API_F("state", API_TEXT, .words = reserve_round_slugs, .zh = "状态：计划、已下令、完成、取消",
          .en = "planned, ordered, done or called off"),
    API_F("share_permille", API_INT, .zh = "采样人口比例（千分之一）", .en = "share of the residents, in thousandths"),
    API_F("districts", API_ARRAY, .of = API_TEXT, .zh = "区划代码，空为全市", .en = "division codes; empty: the whole city"),
    API_F("sampled", API_INT, .null = true, .zh = "采样人数", .en = "people sampled"),
    API_F("positive", API_INT, .null = true, .zh = "阳性人数", .en = "positives found"),
    API_F("mark", API_TEXT, .words = reserve_mark_slugs, .zh = "来源性质", .en = "reported, derived or recalled"),
    API_F("note", API_TEXT, .zh = "来源或备注", .en = "source or remark"),
    API_F("recorded_at", API_TIME, .zh = "记录时间", .en = "recorded at"),
    API_F_END,
};
static const struct api_field round_body[] = {
    API_F("round", API_ID, .zh = "更正哪一轮，空为新的一轮", .en = "the round that is corrected; a new one when not given"),
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "名称", .en = "name"),
    API_F("date", API_DATE, .required = true, .zh = "采样日期", .en = "date on which it is sampled"),
    API_F("state", API_TEXT, .required = true, .words = reserve_round_slugs, .zh = "状态", .en = "state"),
    API_F("share_permille", API_INT, .min = 1, .max = 1000, .zh = "采样人口比例（千分之一），默认 857",
          .en = "share of the residents, in thousandths; 857"),
    API_F("districts", API_ARRAY, .max = 200, .of = API_TEXT, .zh = "区划代码，空为全市",
          .en = "division codes; empty: the whole city"),
    API_F("sampled", API_INT, .null = true, .zh = "采样人数", .en = "people sampled"),
    API_F("positive", API_INT, .null = true, .zh = "阳性人数", .en = "positives found"),
    API_F("mark", API_TEXT, .words = reserve_mark_slugs, .zh = "来源性质", .en = "reported, derived or recalled"),
    API_F("note", API_TEXT, .max = 500, .zh = "来源或备注", .en = "source or remark"),
    API_F("reason", API_TEXT, .max = 500, .zh = "理由", .en = "why"),
    API_F_END,
};

/* 1 for the first word of a list; `absent` for none. */
static int word_of(const char *const *words, bg_str word, int absent)
{
    for (int i = 0; words[i] != NULL && word.len > 0; i++) {
        if (bg_str_is(word, words[i])) {
            return i + 1;
        }
    }
    return absent;
}

static bg_err need(struct api_request *rq, enum auth_right right, int64_t district)
{
    return auth_need(rq->session, right, &(struct auth_target){ .city = rq->city, .district = district }, rq->arena);
}

static bool sees(const struct auth_filter *filter, int64_t city, int64_t district)
{
    const struct auth_target target = { .city = city, .district = district };
    return district == 0 || auth_filter_has(filter, &target); /* figures of the whole city are for everybody with the right */
}

/* --- figures --- */

static bg_err figures_read(struct api_request *rq, struct bg_buf *reply)
{
    struct auth_filter filter;
    struct reserve_figure *list;
    size_t count;
    int64_t after[1], next = 0, left = api_limit(rq);
    bool given, full = false;
    BG_TRY(auth_filter(rq->session, AUTH_RIGHT_FIGURE_READ, rq->arena, &filter));
    BG_TRY(api_cursor(rq, after, 1, &given));
    BG_TRY(reserve_figure_list(rq->tx, rq->city, word_of(reserve_figure_slugs, api_text(&rq->query, "kind"), 0),
                               (bg_date)api_int(&rq->query, "from", BG_DATE_NONE),
                               (bg_date)api_int(&rq->query, "to", BG_DATE_NONE), api_int(&rq->query, "known_at", BG_TIME_NONE),
                               rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = given && after[0] > 0 ? (size_t)after[0] : 0; i < count && !full; i++) {
        if (!sees(&filter, rq->city, list[i].district)) {
            continue;
        }
        full = left-- == 0;
        if (!full) {
            next = (int64_t)i + 1;
            reserve_figure_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, &next, full ? 1 : 0);
    return BG_DONE;
}

static bg_err history_read(struct api_request *rq, struct bg_buf *reply)
{
    struct auth_filter filter;
    struct reserve_figure *list;
    size_t count, max = (size_t)api_limit(rq);
    int64_t before[1], last = 0;
    bool given;
    BG_TRY(auth_filter(rq->session, AUTH_RIGHT_FIGURE_READ, rq->arena, &filter));
    BG_TRY(api_cursor(rq, before, 1, &given));
    BG_TRY(reserve_figure_history(rq->tx, rq->city, word_of(reserve_figure_slugs, api_text(&rq->query, "kind"), 0),
                                  given ? before[0] : 0, max, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        if (sees(&filter, rq->city, list[i].district)) {
            reserve_figure_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, &last, count == max ? 1 : 0);
    return BG_DONE;
}

static bg_err read_district(struct api_request *rq, bg_str text, const char *field, int64_t *ret)
{
    *ret = 0;
    if (text.len > 0 && (!bg_str_int(text, ret) || *ret < 1 || *ret > 999999)) {
        return BG_FAIL_WITH(BG_BAD_INPUT, field, "\"wanted\":\"120112\"");
    }
    return need(rq, AUTH_RIGHT_FIGURE_WRITE, *ret);
}

static bg_err figures_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    const struct api_value *value = api_get(&rq->body, "figures");
    struct reserve_figure *lines = bg_arena_array(rq->arena, value->count, sizeof *lines);
    BG_TRY(bg_need(lines));
    for (size_t i = 0; i < value->count; i++) {
        struct api_object line = api_inside(&rq->body, "figures", i);
        lines[i] =
            (struct reserve_figure){ .kind = (enum reserve_figure_kind)word_of(reserve_figure_slugs, api_text(&line, "kind"), 0),
                                     .day = (bg_date)api_int(&line, "date", BG_DATE_NONE),
                                     .name = api_text(&line, "name"),
                                     .value = api_int(&line, "value", 0),
                                     .mark = (enum reserve_figure_mark)word_of(reserve_mark_slugs, api_text(&line, "mark"), 1),
                                     .note = api_text(&line, "note") };
        BG_TRY(read_district(rq, api_text(&line, "district"), "district", &lines[i].district));
    }
    struct reserve_figures in = { .lines = lines, .count = value->count };
    *ret_kind = &reserve_figure_putting;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* --- rounds --- */

static bg_err rounds_read(struct api_request *rq, struct bg_buf *reply)
{
    struct reserve_round *list;
    size_t count;
    int64_t next = 0;
    BG_TRY(auth_need_somewhere(rq->session, AUTH_RIGHT_FIGURE_READ, rq->arena));
    BG_TRY(reserve_round_list(rq->tx, rq->city, BG_TIME_NONE, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        reserve_round_json(&list[i], reply);
    }
    api_list_end(rq, reply, &next, 0);
    return BG_DONE;
}

/* The codes with blanks between them; a round of the whole city is the city's to order. */
static bg_err read_districts(struct api_request *rq, bg_str *ret)
{
    const struct api_value *value = api_get(&rq->body, "districts");
    BG_SCOPED_BUF out = bg_buf_init(4096);
    int64_t district;
    for (size_t i = 0; value->given && i < value->count; i++) {
        BG_TRY(read_district(rq, value->at[i].s, "districts", &district));
        bg_buf_print(&out, "%s%06lld", i > 0 ? " " : "", (long long)district);
    }
    if (out.len == 0) {
        BG_TRY(need(rq, AUTH_RIGHT_FIGURE_WRITE, 0));
    }
    *ret = bg_arena_copy(rq->arena, bg_buf_str(&out));
    return bg_need(ret->at);
}

static bg_err round_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct reserve_round in = { .round = api_int(&rq->body, "round", 0),
                                .name = api_text(&rq->body, "name"),
                                .day = (bg_date)api_int(&rq->body, "date", BG_DATE_NONE),
                                .state = (enum reserve_round_state)word_of(reserve_round_slugs, api_text(&rq->body, "state"), 0),
                                .share_permille = (int)api_int(&rq->body, "share_permille", 857),
                                .sampled = api_int(&rq->body, "sampled", -1),
                                .positive = api_int(&rq->body, "positive", -1),
                                .mark = (enum reserve_figure_mark)word_of(reserve_mark_slugs, api_text(&rq->body, "mark"), 1),
                                .note = api_text(&rq->body, "note") };
    BG_TRY(read_districts(rq, &in.districts));
    *ret_kind = &reserve_round_putting;
    return people_keep(rq, &in, sizeof in, ret_in);
}

#define ROW(method_, path_, right_, ...)                                                                                         \
    {                                                                                                                            \
        .method = method_, .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__                               \
    }
const struct api_route api_routes_figures[] = {
    ROW("GET", "/figures", AUTH_RIGHT_FIGURE_READ, .flags = API_LIST | API_SCOPED, .query = figures_query, .reply = figure_row,
        .read = figures_read, .zh = "疫情数字：病例、三区、隔离点、人口，可查任意时点所知",
        .en = "figures of the outbreak: cases, zones, isolation sites, residents, as known at any moment"),
    ROW("GET", "/figures/history", AUTH_RIGHT_FIGURE_READ, .flags = API_LIST | API_SCOPED, .query = history_query,
        .reply = figure_row, .read = history_read, .zh = "登记记录，含更正，最新在前",
        .en = "everything that was entered, corrections too, newest first"),
    ROW("POST", "/figures", AUTH_RIGHT_FIGURE_WRITE, .flags = API_SCOPED, .body = figures_body, .reply = figures_reply,
        .status = 201, .write = figures_write, .zh = "登记或更正疫情数字", .en = "enter or correct figures"),
    ROW("GET", "/rounds", AUTH_RIGHT_FIGURE_READ, .flags = API_LIST, .reply = round_row, .read = rounds_read, .zh = "大筛轮次",
        .en = "test rounds"),
    ROW("POST", "/rounds", AUTH_RIGHT_FIGURE_WRITE, .flags = API_SCOPED, .body = round_body, .reply = round_row, .status = 201,
        .write = round_write, .zh = "登记、更正或取消一轮大筛", .en = "enter, correct or call off a test round"),
    { 0 },
};
