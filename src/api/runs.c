/* Routes of calculations: methods, runs, what-ifs, decisions. */
#include "api/people.h"
#include "api/routes.h"
#include "basis/basis.h"
#include "codec/json.h"

#define MODULE "basis"
#define LOOK_ARENA_MAX ((size_t)64 << 20) /* to read and order an input */
#define WHAT_IF_ARENA_MAX ((size_t)512 << 20)

/* --- what goes in and out --- */

static const struct api_field person_reply[] = {
    API_F("id", API_ID, .zh = "账号，0 为系统", .en = "account; 0 the system"),
    API_F("name", API_TEXT, .zh = "姓名", .en = "name"),
    API_F_END,
};
static const struct api_field run_row[] = {
    API_F("id", API_ID, .zh = "测算编号", .en = "id of the run"),
    API_F("method", API_TEXT, .zh = "方法", .en = "method"),
    API_F("method_zh", API_TEXT, .zh = "方法中文名", .en = "the method in Chinese"),
    API_F("method_en", API_TEXT, .zh = "方法英文名", .en = "the method in English"),
    API_F("title", API_TEXT, .zh = "题目", .en = "what it is about"),
    API_F("state", API_TEXT, .zh = "状态：排队、计算中、完成、拒绝、取消", .en = "queued, running, done, refused or cancelled"),
    API_F("inputs", API_TEXT, .zh = "输入的 SHA-256", .en = "SHA-256 of the canonical input"),
    API_F("version", API_TEXT, .zh = "程序版本", .en = "version of the program"),
    API_F("solver", API_TEXT, .zh = "求解器", .en = "solver; empty before"),
    API_F("seed", API_INT, .null = true, .zh = "随机种子", .en = "seed, where chance is used"),
    API_F("gap", API_REAL, .null = true, .zh = "已证明的差距", .en = "proven gap, where one is known"),
    API_F("seconds", API_REAL, .null = true, .zh = "用时（秒）", .en = "seconds it took"),
    API_F("seconds_granted", API_INT, .zh = "给定时间（秒）", .en = "seconds granted"),
    API_F("base", API_ID, .null = true, .zh = "由哪次测算修改而来", .en = "the run it varies"),
    API_F("tries", API_INT, .zh = "开始次数", .en = "how often it was begun"),
    API_F("decisions", API_INT, .zh = "已作决定数", .en = "how many decisions there are on it"),
    API_F("asked_by", API_OBJECT, .fields = person_reply, .zh = "发起人", .en = "who asked"),
    API_F("asked_at", API_TIME, .zh = "发起时间", .en = "when"),
    API_F("started_at", API_TIME, .null = true, .zh = "开始时间", .en = "when it was begun"),
    API_F("ended_at", API_TIME, .null = true, .zh = "结束时间", .en = "when it ended"),
    API_F_END,
};
static const struct api_field decision_row[] = {
    API_F("id", API_ID, .zh = "决定编号", .en = "id of the decision"),
    API_F("run", API_ID, .zh = "测算编号", .en = "the run"),
    API_F("part", API_TEXT, .zh = "结果的哪一部分，空为全部", .en = "which part of the answer; empty: all"),
    API_F("verdict", API_TEXT, .words = basis_verdict_slugs, .zh = "采纳或否决", .en = "adopted or rejected"),
    API_F("use", API_TEXT, .words = basis_use_slugs, .zh = "用途：无、订货建议、标准草案、标准",
          .en = "none, order proposal, draft standard or standard"),
    API_F("item", API_ID, .null = true, .zh = "物资", .en = "item"),
    API_F("place", API_ID, .null = true, .zh = "库点", .en = "place"),
    API_F("level", API_INT, .zh = "储备级别，0 为无", .en = "reserve level; 0 none"),
    API_F("quantity", API_INT, .zh = "数量", .en = "quantity"),
    API_F("date", API_DATE, .null = true, .zh = "到货或起始日期", .en = "by when, or in force from"),
    API_F("reason", API_TEXT, .zh = "理由", .en = "why"),
    API_F("by", API_OBJECT, .fields = person_reply, .zh = "决定人", .en = "who decided"),
    API_F("at", API_TIME, .zh = "决定时间", .en = "when"),
    API_F_END,
};
static const struct api_field run_reply[] = {
    API_F("run", API_OBJECT, .fields = run_row, .zh = "测算", .en = "the run"),
    API_F("input", API_JSON, .zh = "输入", .en = "its input"),
    API_F("answer", API_JSON, .null = true, .zh = "结果", .en = "its answer"),
    API_F("refusal", API_JSON, .null = true, .zh = "拒绝的原因", .en = "why it was refused"),
    API_F("decisions", API_ARRAY, .of = API_OBJECT, .fields = decision_row, .zh = "决定", .en = "decisions on it"),
    API_F_END,
};
static const struct api_field method_row[] = {
    API_F("name", API_TEXT, .zh = "方法", .en = "name"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F("doc", API_TEXT, .zh = "说明文件", .en = "where it is described"),
    API_F_END,
};
static const struct api_field methods_reply[] = {
    API_F("methods", API_ARRAY, .of = API_OBJECT, .fields = method_row, .zh = "方法", .en = "methods"),
    API_F_END,
};
static const struct api_field ask_query[] = {
    API_F("method", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "方法", .en = "method"),
    API_F("title", API_TEXT, .max = 200, .zh = "题目", .en = "what it is about"),
    API_F("seconds", API_INT, .min = 1, .max = BASIS_SECONDS_MAX, .zh = "给定时间（秒），默认 60", .en = "seconds granted; 60"),
    API_F("base", API_ID, .zh = "由哪次测算修改而来", .en = "the run it varies"),
    API_F("again", API_BOOL, .zh = "即使有相同输入的结果也重新计算", .en = "compute even if an answer to the same input is kept"),
    API_F_END,
};
static const struct api_field what_if_query[] = {
    API_F("method", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "方法", .en = "method"),
    API_F_END,
};
static const struct api_field list_query[] = {
    API_F("method", API_TEXT, .max = 40, .zh = "只看此方法", .en = "only this method"),
    API_F("state", API_TEXT, .words = basis_state_slugs, .zh = "只看此状态", .en = "only in this state"),
    API_F("mine", API_BOOL, .zh = "只看我发起的", .en = "only those I asked for"),
    API_F_END,
};
static const struct api_field decisions_query[] = {
    API_F("use", API_TEXT, .words = basis_use_slugs, .zh = "只看此用途", .en = "only for this use"),
    API_F_END,
};
static const struct api_field decision_body[] = {
    API_F("part", API_TEXT, .max = 200, .zh = "结果的哪一部分，空为全部", .en = "which part of the answer; empty: all"),
    API_F("verdict", API_TEXT, .required = true, .words = basis_verdict_slugs, .zh = "采纳或否决", .en = "adopted or rejected"),
    API_F("use", API_TEXT, .words = basis_use_slugs, .zh = "采纳的用途，默认无", .en = "what it is adopted as; none"),
    API_F("item", API_ID, .zh = "物资（有用途时）", .en = "item, with a use"),
    API_F("place", API_ID, .zh = "库点（有用途时）", .en = "place, with a use"),
    API_F("level", API_INT, .min = 1, .max = 4, .zh = "储备级别（标准）", .en = "reserve level, of a standard"),
    API_F("quantity", API_INT, .min = 1, .max = BG_QTY_MAX, .zh = "数量（有用途时）", .en = "quantity, with a use"),
    API_F("date", API_DATE, .zh = "到货或起始日期（有用途时）", .en = "by when, or in force from"),
    API_F("reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why"),
    API_F_END,
};

static int word_of(const char *const *words, bg_str word, int absent)
{
    for (int i = 0; words[i] != NULL && word.len > 0; i++) {
        if (bg_str_is(word, words[i])) {
            return i;
        }
    }
    return absent;
}

/* Calculations are the city's as a whole. */
static bg_err need(struct api_request *rq, enum auth_right right)
{
    return auth_need(rq->session, right, &(struct auth_target){ .city = rq->city }, rq->arena);
}

/* --- methods --- */

static bg_err methods_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_json_object(reply);
    bg_json_key(reply, "methods");
    bg_json_array(reply);
    for (const struct solve_method *m = solve_methods; m->name != NULL; m++) {
        const char *doc = bg_arena_text(rq->arena, "docs/methods/%s.md", m->name);
        bg_json_object(reply);
        bg_json_put_str(reply, "name", bg_str_of(m->name));
        bg_json_put_str(reply, "name_zh", bg_str_of(m->zh));
        bg_json_put_str(reply, "name_en", bg_str_of(m->en));
        bg_json_put_str(reply, "doc", bg_str_of(doc));
        bg_json_object_end(reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- asking --- */

/* The body as canonical JSON, in the request's arena. */
static bg_err canonical_body(struct api_request *rq, bg_str *ret)
{
    BG_SCOPED_ARENA arena = bg_arena_open(LOOK_ARENA_MAX);
    BG_SCOPED_BUF out = bg_buf_init(BASIS_INPUT_MAX);
    json_t *json;
    BG_TRY(bg_need(arena));
    bg_err err = json_read(rq->http->body, arena, &json);
    if (bg_failed(err)) { /* its facts lie in the arena that closes */
        err.facts = err.facts != NULL ? bg_arena_copy(rq->arena, bg_str_of(err.facts)).at : NULL;
        return err;
    }
    if (bg_failed(json_canonical(json, &out))) {
        return BG_FAIL_WITH(BG_TOO_LARGE, "input", bg_arena_text(rq->arena, "\"most_bytes\":%zu", BASIS_INPUT_MAX));
    }
    *ret = bg_arena_copy(rq->arena, bg_buf_str(&out));
    return bg_need(ret->at);
}

static bg_err ask(struct api_request *rq)
{
    struct basis_ask *in = bg_arena_get(rq->arena, sizeof *in);
    BG_TRY(bg_need(in));
    BG_TRY(need(rq, AUTH_RIGHT_RUN_ASK));
    *in = (struct basis_ask){ .basis = rq->app->basis,
                              .method = api_text(&rq->query, "method"),
                              .title = api_text(&rq->query, "title"),
                              .seconds_ms = api_int(&rq->query, "seconds", 0) * 1000,
                              .base = api_int(&rq->query, "base", 0),
                              .again = api_int(&rq->query, "again", 0) != 0 };
    BG_TRY(canonical_body(rq, &in->input));
    api_change(rq, &basis_run_asking, in);
    return BG_DONE;
}

static void ask_pool(struct api_request *rq)
{
    bg_err err = ask(rq);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
}

static bg_err ask_own(struct api_request *rq)
{
    return people_pool(rq, ask_pool);
}

static void what_if_pool(struct api_request *rq)
{
    BG_SCOPED_ARENA arena = bg_arena_open(WHAT_IF_ARENA_MAX);
    BG_SCOPED_BUF out = bg_buf_init(BASIS_ANSWER_MAX);
    bg_err err = need(rq, AUTH_RIGHT_RUN_ASK);
    if (!bg_failed(err)) {
        err = bg_need(arena);
    }
    if (!bg_failed(err)) {
        err = basis_what_if(api_text(&rq->query, "method"), rq->http->body, arena, &out);
    }
    if (!bg_failed(err)) {
        api_answer(rq, 200, NULL, bg_buf_str(&out));
        return;
    }
    err.facts = err.facts != NULL ? bg_arena_copy(rq->arena, bg_str_of(err.facts)).at : NULL;
    err.field = err.field != NULL ? bg_arena_copy(rq->arena, bg_str_of(err.field)).at : NULL;
    api_answer_error(rq, err);
}

static bg_err what_if_own(struct api_request *rq)
{
    return people_pool(rq, what_if_pool);
}

static bg_err cancel_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    const struct auth_target city = { .city = rq->city };
    struct basis_cancel in = { .basis = rq->app->basis,
                               .id = rq->param_id[0],
                               .any = auth_may(rq->session, AUTH_RIGHT_RUN_DECIDE, &city, NULL) };
    BG_TRY(need(rq, AUTH_RIGHT_RUN_ASK));
    *ret_kind = &basis_run_cancelling;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* --- the live plan --- */

static const struct api_field live_query[] = {
    API_F("days", API_INT, .min = 3, .max = 60, .zh = "看多少天，默认 14", .en = "days looked ahead; 14"),
    API_F("paths", API_INT, .min = 100, .max = 20000, .zh = "路径数，默认 2000", .en = "paths; 2,000"),
    API_F_END,
};
static const struct api_field live_stock[] = {
    API_F("id", API_ID, .zh = "物资", .en = "item"),
    API_F("code", API_TEXT, .zh = "编码", .en = "code"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "Chinese name"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "English name"),
    API_F("unit", API_TEXT, .zh = "基本单位", .en = "base unit"),
    API_F("stock", API_INT, .zh = "计入的可用库存", .en = "usable stock that counts"),
    API_F("standard", API_INT, .zh = "现行标准合计", .en = "standards in force, summed"),
    API_F("receiving", API_INT, .zh = "待入库和在途", .en = "under receipt and in transit"),
    API_F("inspecting", API_INT, .zh = "检验中", .en = "under inspection"),
    API_F("producing", API_INT, .zh = "生产中", .en = "producing"),
    API_F("lead_days", API_INT, .zh = "到货天数", .en = "days to arrive"),
    API_F_END,
};
static const struct api_field live_reply[] = {
    API_F("standard", API_JSON, .zh = "standard 方法的输入", .en = "input of the method standard"),
    API_F("demand", API_JSON, .zh = "demand 方法的输入", .en = "input of the method demand"),
    API_F("items", API_INT, .zh = "品种数", .en = "items"),
    API_F("level", API_INT, .zh = "储备级别", .en = "reserve level"),
    API_F("today", API_DATE, .zh = "今天", .en = "today"),
    API_F("date", API_DATE, .zh = "病例截至", .en = "last day with cases"),
    API_F("cases", API_TEXT, .zh = "病例口径：none、city、districts", .en = "cases known: none, of the city, by districts"),
    API_F("stale", API_BOOL, .zh = "病例数据过期，未采用", .en = "figures of cases are too old and not used"),
    API_F("cases_7", API_INT, .zh = "近七日本土病例", .en = "local cases of the last seven days"),
    API_F("residents", API_INT, .zh = "常住人口", .en = "residents"),
    API_F("rounds", API_INT, .zh = "已定大筛轮数", .en = "rounds ordered or planned"),
    API_F("stocks", API_ARRAY, .of = API_OBJECT, .fields = live_stock, .zh = "重点物资", .en = "key items"),
    API_F("tables", API_JSON, .zh = "参数表（CSV）", .en = "tables of coefficients, as CSV"),
    API_F("at", API_TIME, .zh = "数据时间", .en = "data time"),
    API_F_END,
};

static bg_err live_read(struct api_request *rq, struct bg_buf *reply)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)256 << 20);
    BG_TRY(bg_need(arena));
    BG_TRY(need(rq, AUTH_RIGHT_RUN_READ));
    const struct basis_live which = { .city = rq->city,
                                      .now = rq->now,
                                      .days = (int)api_int(&rq->query, "days", BASIS_DAYS),
                                      .paths = (int)api_int(&rq->query, "paths", BASIS_WHAT_IF_PATHS) };
    bg_json_object(reply);
    BG_TRY(basis_live_get(rq->tx, &which, arena, reply));
    bg_json_key(reply, "tables");
    bg_json_object(reply);
    for (const char *const *name = solve_table_names; *name != NULL; name++) {
        bg_str content;
        bool own;
        BG_TRY(basis_table_get(rq->tx, rq->city, *name, arena, &content, &own));
        bg_json_put_str(reply, *name, content);
    }
    bg_json_object_end(reply);
    api_put_at(rq, reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- tables --- */

static const struct api_field table_row[] = {
    API_F("id", API_ID, .zh = "版本", .en = "version"),
    API_F("name", API_TEXT, .zh = "表名", .en = "name of the table"),
    API_F("content", API_TEXT, .zh = "内容（CSV，每行有来源）", .en = "content as CSV, each row with its source"),
    API_F("reason", API_TEXT, .zh = "理由", .en = "why"),
    API_F("by", API_OBJECT, .fields = person_reply, .zh = "修改人", .en = "who changed it"),
    API_F("at", API_TIME, .zh = "修改时间", .en = "when"),
    API_F_END,
};
static const struct api_field table_body[] = {
    API_F("content", API_TEXT, .required = true, .min = 1, .max = BASIS_TABLE_MAX, .zh = "内容（CSV）", .en = "content as CSV"),
    API_F("reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由和来源", .en = "why, and the source"),
    API_F_END,
};

static bg_err table_read(struct api_request *rq, struct bg_buf *reply)
{
    struct basis_table *list;
    size_t count;
    int64_t next = 0;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)64 << 20);
    BG_TRY(bg_need(arena));
    BG_TRY(need(rq, AUTH_RIGHT_RUN_READ));
    BG_TRY(basis_table_list(rq->tx, rq->city, rq->param[0], (size_t)api_limit(rq), arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        basis_table_json(&list[i], reply);
    }
    api_list_end(rq, reply, &next, 0);
    return BG_DONE;
}

static bg_err table_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct basis_table in = { .name = rq->param[0], .content = api_text(&rq->body, "content") };
    BG_TRY(need(rq, AUTH_RIGHT_STANDARD_WRITE));
    *ret_kind = &basis_table_putting;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* --- reading --- */

static bg_err runs_read(struct api_request *rq, struct bg_buf *reply)
{
    int64_t before[1], last = 0;
    bool given;
    struct basis_run *list;
    size_t count;
    BG_TRY(need(rq, AUTH_RIGHT_RUN_READ));
    BG_TRY(api_cursor(rq, before, 1, &given));
    const struct basis_which which = { .method = api_text(&rq->query, "method"),
                                       .state = word_of(basis_state_slugs, api_text(&rq->query, "state"), -1) + 1,
                                       .person = api_int(&rq->query, "mine", 0) != 0 ? rq->session->account : 0,
                                       .before = given ? before[0] : 0,
                                       .max = (size_t)api_limit(rq) };
    BG_TRY(basis_run_list(rq->tx, rq->city, &which, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        bg_json_object(reply);
        basis_run_members(&list[i], reply);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, &last, count == which.max ? 1 : 0);
    return BG_DONE;
}

static bg_err put_document(struct api_request *rq, const char *key, enum basis_part part, struct bg_arena *arena,
                           struct bg_buf *reply)
{
    bg_str content;
    bg_err err = basis_document_get(rq->tx, rq->city, rq->param_id[0], part, arena, &content);
    bg_json_key(reply, key);
    if (err.code == BG_NOT_FOUND) {
        bg_json_null(reply);
        return BG_DONE;
    }
    BG_TRY(err);
    bg_json_raw(reply, content);
    return BG_DONE;
}

static bg_err put_decisions(struct api_request *rq, struct bg_buf *reply)
{
    struct basis_decision *list;
    size_t count;
    BG_TRY(basis_decision_list(rq->tx, rq->city, rq->param_id[0], -1, 0, 500, rq->arena, &list, &count));
    bg_json_key(reply, "decisions");
    bg_json_array(reply);
    for (size_t i = 0; i < count; i++) {
        basis_decision_json(&list[i], reply);
    }
    bg_json_array_end(reply);
    return BG_DONE;
}

static bg_err run_read(struct api_request *rq, struct bg_buf *reply)
{
    struct basis_run run;
    BG_SCOPED_ARENA arena = bg_arena_open(BASIS_INPUT_MAX + 2 * BASIS_ANSWER_MAX);
    BG_TRY(bg_need(arena));
    BG_TRY(need(rq, AUTH_RIGHT_RUN_READ));
    BG_TRY(basis_run_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &run));
    bg_json_object(reply);
    bg_json_key(reply, "run");
    bg_json_object(reply);
    basis_run_members(&run, reply);
    bg_json_object_end(reply);
    BG_TRY(put_document(rq, "input", BASIS_INPUT, arena, reply));
    BG_TRY(put_document(rq, "answer", BASIS_ANSWER, arena, reply));
    BG_TRY(put_document(rq, "refusal", BASIS_REFUSAL, arena, reply));
    BG_TRY(put_decisions(rq, reply));
    bg_json_object_end(reply);
    return BG_DONE;
}

/* The input alone, byte for byte what the hash is of: a file for `baogong solve METHOD FILE.json`. */
static bg_err run_input_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_str content;
    BG_TRY(need(rq, AUTH_RIGHT_RUN_READ));
    BG_TRY(basis_document_get(rq->tx, rq->city, rq->param_id[0], BASIS_INPUT, rq->arena, &content));
    bg_buf_add(reply, content);
    return BG_DONE;
}

/* --- deciding --- */

static bg_err decision_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct basis_decision in = { .run = rq->param_id[0],
                                 .part = api_text(&rq->body, "part"),
                                 .verdict =
                                     (enum basis_verdict)(word_of(basis_verdict_slugs, api_text(&rq->body, "verdict"), 0) + 1),
                                 .use = (enum basis_use)word_of(basis_use_slugs, api_text(&rq->body, "use"), BASIS_NO_USE),
                                 .item = api_int(&rq->body, "item", 0),
                                 .place = api_int(&rq->body, "place", 0),
                                 .level = (int)api_int(&rq->body, "level", 0),
                                 .qty = api_int(&rq->body, "quantity", 0),
                                 .day = (bg_date)api_int(&rq->body, "date", BG_DATE_NONE) };
    BG_TRY(need(rq, AUTH_RIGHT_RUN_DECIDE));
    if (in.use == BASIS_STANDARD) {
        BG_TRY(need(rq, AUTH_RIGHT_STANDARD_WRITE));
    }
    *ret_kind = &basis_deciding;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err decisions_read(struct api_request *rq, struct bg_buf *reply)
{
    int64_t before[1], last = 0;
    bool given;
    struct basis_decision *list;
    size_t count, max = (size_t)api_limit(rq);
    BG_TRY(need(rq, AUTH_RIGHT_RUN_READ));
    BG_TRY(api_cursor(rq, before, 1, &given));
    BG_TRY(basis_decision_list(rq->tx, rq->city, 0, word_of(basis_use_slugs, api_text(&rq->query, "use"), -1),
                               given ? before[0] : 0, max, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        basis_decision_json(&list[i], reply);
    }
    api_list_end(rq, reply, &last, count == max ? 1 : 0);
    return BG_DONE;
}

#define ROW(method_, path_, right_, ...)                                                                                         \
    {                                                                                                                            \
        .method = method_, .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__                               \
    }
const struct api_route api_routes_runs[] = {
    ROW("GET", "/methods", AUTH_RIGHT_RUN_READ, .reply = methods_reply, .read = methods_read, .zh = "测算方法",
        .en = "methods of calculation"),
    ROW("POST", "/runs", AUTH_RIGHT_RUN_ASK, .flags = API_WRITES | API_UPLOAD, .query = ask_query, .reply = run_row,
        .own = ask_own, .zh = "发起测算（202 排队），请求体为输入文件；相同输入给出已有结果（200）",
        .en =
            "ask for a calculation (202: it waits), the body is its input; 200 with the answer that is kept for the same input"),
    ROW("GET", "/runs", AUTH_RIGHT_RUN_READ, .flags = API_LIST, .query = list_query, .reply = run_row, .read = runs_read,
        .zh = "测算列表，最新在前", .en = "calculations, newest first"),
    ROW("GET", "/runs/{id}", AUTH_RIGHT_RUN_READ, .reply = run_reply, .read = run_read, .zh = "一次测算：输入、结果、理由、决定",
        .en = "a calculation: input, answer, reasons, decisions"),
    ROW("GET", "/runs/{id}/input", AUTH_RIGHT_RUN_READ, .read = run_input_read, .zh = "输入文件，供 baogong solve 复算",
        .en = "its input as a file, for baogong solve to compute it again"),
    ROW("POST", "/runs/{id}/cancel", AUTH_RIGHT_RUN_ASK, .reply = run_row, .write = cancel_write, .zh = "取消测算",
        .en = "cancel a calculation"),
    ROW("POST", "/runs/{id}/decisions", AUTH_RIGHT_RUN_DECIDE, .body = decision_body, .reply = decision_row, .status = 201,
        .write = decision_write, .zh = "采纳或否决测算结果", .en = "adopt or reject a part of the answer"),
    ROW("GET", "/decisions", AUTH_RIGHT_RUN_READ, .flags = API_LIST, .query = decisions_query, .reply = decision_row,
        .read = decisions_read, .zh = "对测算的决定，最新在前", .en = "decisions on calculations, newest first"),
    ROW("POST", "/what-if", AUTH_RIGHT_RUN_ASK, .flags = API_UPLOAD | API_NO_KEY, .query = what_if_query, .own = what_if_own,
        .zh = "情景推演：立即计算一个小规模测算，不保存", .en = "what if: a small calculation at once, kept nowhere"),
    ROW("GET", "/basis", AUTH_RIGHT_RUN_READ, .flags = API_SLOW, .query = live_query, .reply = live_reply, .read = live_read,
        .zh = "测算依据：由本市数据生成的输入文件、库存、参数表",
        .en = "basis of the live plan: input documents made from the city's own data, stock, tables"),
    ROW("GET", "/tables/{name}", AUTH_RIGHT_RUN_READ, .flags = API_LIST, .reply = table_row, .read = table_read,
        .zh = "本市修改过的参数表版本，最新在前", .en = "the city's versions of a table of coefficients, newest first"),
    ROW("PUT", "/tables/{name}", AUTH_RIGHT_STANDARD_WRITE, .body = table_body, .reply = table_row, .status = 201,
        .write = table_write, .zh = "修改参数表：drivers、staffing、kits、direct、items",
        .en = "change a table: drivers, staffing, kits, direct, items"),
    { 0 },
};
