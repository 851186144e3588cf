/* Routes of import and export: upload a table and look at it, import it when the look is right, fetch its error file; download a
 * kind as a file. Files wait in the database for a week at most. */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/import.h"
#include "api/imports.h"
#include "api/inner.h"
#include "api/people.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/sight.h"
#include "gen/sql.h"

#define WORK_ARENA_MAX ((size_t)64 << 20)
#define ERRORS_MAX ((size_t)16 << 20)
#define PREVIEW_ROWS 50
#define PLACES_MAX 200000
#define KEEP_MS (INT64_C(7) * 86400000)
#define EXPORT_MAX ((size_t)256 << 20)

/* --- progress --- */

#define RUNNING_MAX 16

struct import_desk {
    pthread_mutex_t lock;
    struct {
        int64_t id, rows; /* id 0: free */
    } running[RUNNING_MAX];
};

bg_err import_desk_open(struct import_desk **ret)
{
    struct import_desk *desk = bg_heap_get(sizeof *desk);
    BG_TRY(bg_need(desk));
    (void)pthread_mutex_init(&desk->lock, NULL);
    *ret = desk;
    return BG_DONE;
}

void import_desk_close(struct import_desk *desk)
{
    if (desk != NULL) {
        (void)pthread_mutex_destroy(&desk->lock);
        bg_heap_free(desk);
    }
}

/* Notes how far an import is; rows < 0 takes the note away. */
static void desk_note(struct import_desk *desk, int64_t id, int64_t rows)
{
    (void)pthread_mutex_lock(&desk->lock);
    int at = -1;
    for (int i = 0; i < RUNNING_MAX && at < 0; i++) {
        at = desk->running[i].id == id ? i : -1;
    }
    for (int i = 0; i < RUNNING_MAX && at < 0; i++) {
        at = desk->running[i].id == 0 ? i : -1;
    }
    if (at >= 0) {
        desk->running[at].id = rows < 0 ? 0 : id;
        desk->running[at].rows = rows;
    }
    (void)pthread_mutex_unlock(&desk->lock);
}

/* Rows done of a running import; -1: it does not run. */
static int64_t desk_rows(struct import_desk *desk, int64_t id)
{
    int64_t rows = -1;
    (void)pthread_mutex_lock(&desk->lock);
    for (int i = 0; i < RUNNING_MAX; i++) {
        rows = desk->running[i].id == id ? desk->running[i].rows : rows;
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return rows;
}

/* --- what goes in and out --- */

static const struct api_field kind_query[] = {
    API_F("kind", API_TEXT, .required = true, .max = 40, .zh = "数据种类", .en = "kind of record"),
    API_F("name", API_TEXT, .max = 200, .zh = "文件名", .en = "name of the file"),
    API_F("map", API_TEXT, .max = 20000, .zh = "列对应表（JSON）", .en = "mapping of headers and words (JSON)"),
    API_F_END,
};
static const struct api_field column_row[] = {
    API_F("name", API_TEXT, .zh = "列名", .en = "name of the column"),
    API_F("name_zh", API_TEXT, .zh = "中文列名", .en = "its Chinese name"),
    API_F("name_en", API_TEXT, .zh = "英文列名", .en = "its English name"),
    API_F("type", API_TEXT, .zh = "类型", .en = "text, integer, date, time, yes-no or word"),
    API_F("required", API_BOOL, .zh = "必填", .en = "must be given"),
    API_F("words", API_JSON, .null = true, .zh = "可用的词", .en = "words that may be given"),
    API_F_END,
};
static const struct api_field kind_row[] = {
    API_F("kind", API_TEXT, .zh = "数据种类", .en = "kind of record"),
    API_F("name_zh", API_TEXT, .zh = "中文名称", .en = "Chinese name"),
    API_F("name_en", API_TEXT, .zh = "英文名称", .en = "English name"),
    API_F("columns", API_ARRAY, .of = API_OBJECT, .fields = column_row, .zh = "列", .en = "columns"),
    API_F_END,
};
static const struct api_field kinds_reply[] = {
    API_F("kinds", API_ARRAY, .of = API_OBJECT, .fields = kind_row, .zh = "可导入导出的数据",
          .en = "what can be imported and exported"),
    API_F_END,
};
static const struct api_field job_row[] = {
    API_F("id", API_ID, .zh = "导入编号", .en = "id of the import"),
    API_F("kind", API_TEXT, .zh = "数据种类", .en = "kind of record"),
    API_F("name", API_TEXT, .zh = "文件名", .en = "name of the file"),
    API_F("digest", API_TEXT, .zh = "内容的 SHA-256", .en = "SHA-256 of the content"),
    API_F("state", API_TEXT, .zh = "状态", .en = "ready, running or done"),
    API_F("rows_done", API_INT, .null = true, .zh = "正在导入时已处理的行数", .en = "rows done while it runs"),
    API_F("found", API_JSON, .zh = "检查结果：行数、错误、预览", .en = "what the look at it found: counts, headers, first rows"),
    API_F("result", API_JSON, .null = true, .zh = "导入结果", .en = "what the import did"),
    API_F("has_errors", API_BOOL, .zh = "有错误文件", .en = "there is an error file"),
    API_F("made_at", API_TIME, .zh = "上传时间", .en = "when it was uploaded"),
    API_F_END,
};
static const struct api_field commit_body[] = {
    API_F("digest", API_TEXT, .required = true, .min = 64, .max = 64, .zh = "所检查内容的 SHA-256",
          .en = "SHA-256 of what was looked at"),
    API_F("skip_bad", API_BOOL, .zh = "略过不合格的行", .en = "leave bad rows out"),
    API_F_END,
};
static const char *const formats[] = { "csv", "xlsx", "json", NULL };
static const char *const header_words[] = { "columns", "zh", "en", NULL };
static const struct api_field export_query[] = {
    API_F("format", API_TEXT, .words = formats, .zh = "格式，默认 csv", .en = "format; csv"),
    API_F("headers", API_TEXT, .words = header_words, .zh = "表头，默认中文", .en = "headers; zh"),
    API_F_END,
};

/* --- kinds --- */

static bg_err kinds_read(struct api_request *rq, struct bg_buf *reply)
{
    (void)rq;
    bg_json_object(reply);
    bg_json_key(reply, "kinds");
    bg_json_array(reply);
    for (size_t i = 0; import_kinds[i] != NULL; i++) {
        import_kind_json(import_kinds[i], reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* The places that a filter lets through, ascending, in the request's arena. */
static bg_err filter_places(struct api_request *rq, const struct auth_filter *filter, struct import_scope *ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_ARENA arena = bg_arena_open(WORK_ARENA_MAX);
    struct ledger_place *places;
    size_t count;
    BG_TRY(bg_need(arena));
    BG_TRY(store_read_begin(rq->app->store, 2000, &tx));
    BG_TRY(ledger_place_list(tx, rq->city, 0, PLACES_MAX, arena, &places, &count));
    int64_t *list = bg_arena_array(rq->arena, count + 1, sizeof *list);
    BG_TRY(bg_need(list));
    for (size_t i = 0; i < count; i++) {
        struct auth_target target = sight_target(rq->city, &places[i]);
        if (auth_filter_has(filter, &target)) {
            list[ret->count++] = places[i].id;
        }
    }
    ret->places = list;
    return BG_DONE;
}

/* The places of the city that the right covers. A kind whose rows belong to no place needs the whole city to be imported. */
static bg_err scope_of(struct api_request *rq, enum auth_right right, const struct import_kind *kind, struct import_scope *ret)
{
    struct auth_filter filter;
    if (kind == NULL) {
        return BG_FAIL_AT(BG_BAD_INPUT, "kind");
    }
    if (!import_kind_placed(kind) && right == AUTH_RIGHT_IMPORT) {
        BG_TRY(auth_need(rq->session, right, &(struct auth_target){ .city = rq->city }, rq->arena));
    }
    BG_TRY(auth_filter(rq->session, right, rq->arena, &filter));
    struct import_scope scope = { .everything = filter.everything };
    if (!scope.everything) {
        BG_TRY(filter_places(rq, &filter, &scope));
    }
    *ret = scope;
    return BG_DONE;
}

/* An upload is its owner's business, and that of whoever may import for the whole city. */
static bg_err need_job(struct api_request *rq, int64_t account)
{
    bool own = account == rq->session->account;
    return own ? BG_DONE : auth_need(rq->session, AUTH_RIGHT_IMPORT, &(struct auth_target){ .city = rq->city }, rq->arena);
}

/* The same error, its texts in the request's arena, before the arena they lie in closes. */
static bg_err keep_err(struct api_request *rq, bg_err err)
{
    err.facts = err.facts != NULL ? bg_arena_copy(rq->arena, bg_str_of(err.facts)).at : NULL;
    err.field = err.field != NULL ? bg_arena_copy(rq->arena, bg_str_of(err.field)).at : NULL;
    return err;
}

/* --- upload --- */

struct job_in {
    int64_t id, account;
    bg_str kind, name, rules, digest, content, found, errors;
};

static void job_json(struct bg_buf *out, int64_t id, const struct job_in *job, const char *state, bg_str result, int64_t rows,
                     bg_ms made_at)
{
    char at[25];
    bg_time_text(made_at, at);
    bg_json_object(out);
    bg_json_put_id(out, "id", id);
    bg_json_put_str(out, "kind", job->kind);
    bg_json_put_str(out, "name", job->name);
    bg_json_put_str(out, "digest", job->digest);
    bg_json_put_str(out, "state", bg_str_of(state));
    bg_json_key(out, "rows_done");
    if (rows >= 0) {
        bg_json_int(out, rows);
    } else {
        bg_json_null(out);
    }
    bg_json_key(out, "found");
    bg_json_raw(out, job->found);
    bg_json_key(out, "result");
    bg_json_raw(out, result.len > 0 ? result : BG_STR("null"));
    bg_json_put_bool(out, "has_errors", job->errors.len > 0);
    bg_json_put_str(out, "made_at", bg_str_of(at));
    bg_json_object_end(out);
}

static bg_err upload_decide(struct change_tx *tx, struct change *change)
{
    const struct job_in *job = change->in;
    struct store_tx *store = change_store(tx);
    BG_TRY(store_run(store, SQL_IMPORT_JOB_SWEEP, ARGS(V_INT(change->city), V_INT(change_now(tx) - KEEP_MS)), NULL));
    BG_TRY(store_run(store, SQL_IMPORT_JOB_INSERT,
                     ARGS(V_INT(change->city), V_INT(job->id), V_INT(job->account), V_TEXT(job->kind), V_TEXT(job->name),
                          V_TEXT(job->rules), V_TEXT(job->digest), V_BYTES(job->content.at, job->content.len), V_TEXT(job->found),
                          job->errors.len > 0 ? V_BYTES(job->errors.at, job->errors.len) : V_NULL, V_INT(change_now(tx))),
                     NULL));
    BG_SCOPED_BUF after = bg_buf_init(65536);
    bg_json_object(&after);
    bg_json_put_str(&after, "kind", job->kind);
    bg_json_put_str(&after, "name", job->name);
    bg_json_put_str(&after, "digest", job->digest);
    bg_json_object_end(&after);
    job_json(&change->reply, job->id, job, "ready", BG_STR(""), -1, change_now(tx));
    change->status = 201;
    BG_TRY(bg_buf_check(&after));
    return change_record(
        tx, change,
        &(struct journal_entry){
            .kind = "import.uploaded", .object = "import", .id = job->id, .city = change->city, .after = bg_buf_str(&after) });
}
static const struct change_kind upload_change = { .name = "import.upload", .decide = upload_decide, .recheck = auth_recheck };

/* Headers, which column each is, and the first rows, as members of an open object. */
static bg_err preview(struct input *input, const struct import_opts *opts, struct bg_arena *arena, struct bg_buf *out)
{
    struct table *table = NULL;
    struct table_binding binding;
    struct csv_row row;
    bool more = true;
    BG_TRY(table_open(input, &opts->rules->opts, &table));
    bg_err err = BG_DONE;
    for (int64_t skip = opts->rules->skip; skip >= 0 && more && !bg_failed(err); skip--) {
        err = table_next(table, &row, &more);
    }
    if (!bg_failed(err) && more) {
        err = table_bind(import_kind_columns(opts->kind), opts->rules, BG_CITY_OFFSET_MIN, &row, arena, &binding);
    }
    if (!bg_failed(err) && more) {
        table_binding_json(&binding, out);
    }
    bg_json_key(out, "preview");
    bg_json_array(out);
    for (int n = 0; n < PREVIEW_ROWS && !bg_failed(err) && more; n++) {
        err = table_next(table, &row, &more);
        if (!bg_failed(err) && more) {
            bg_json_object(out);
            bg_json_put_int(out, "line", row.line);
            bg_json_key(out, "cells");
            bg_json_array(out);
            for (size_t i = 0; i < row.count; i++) {
                bg_json_str(out, bg_str_cut(csv_unguard(row.fields[i]), 0, 400));
            }
            bg_json_array_end(out);
            bg_json_object_end(out);
        }
    }
    bg_json_array_end(out);
    table_close(table);
    return err;
}

static void digest_text(bg_str content, char out[65])
{
    uint8_t hash[32];
    (void)crypto_hash_sha256(hash, (const unsigned char *)content.at, content.len);
    (void)sodium_bin2hex(out, 65, hash, sizeof hash);
}

static bg_err look(struct api_request *rq, struct import_opts *opts, struct bg_arena *arena, struct bg_buf *found)
{
    struct import_result result;
    BG_TRY(import_table(rq->app, opts, arena, &result));
    bg_json_object(found);
    bg_json_key(found, "counts");
    import_result_json(opts, &result, found);
    BG_TRY(preview(opts->input, opts, arena, found));
    bg_json_object_end(found);
    return bg_buf_check(found);
}

/* Everything that a commit needs to run the import of these bytes. */
static bg_err opts_of(struct api_request *rq, bg_str kind, bg_str rules_json, struct input *input, struct bg_arena *arena,
                      struct table_rules *rules, struct import_opts *ret)
{
    *rules = (struct table_rules){ .skip = 0 };
    if (rules_json.len > 0) {
        BG_TRY(table_rules_read(rules_json, arena, rules));
    }
    *ret = (struct import_opts){ .kind = import_kind_find(kind),
                                 .input = input,
                                 .rules = rules,
                                 .city = rq->city,
                                 .actor = auth_actor(rq->session),
                                 .reason = rq->reason };
    return scope_of(rq, AUTH_RIGHT_IMPORT, ret->kind, &ret->scope);
}

static bg_err upload(struct api_request *rq, struct input *input, struct bg_arena *arena, struct job_in *job,
                     struct bg_buf *found, struct bg_buf *errors)
{
    struct import_opts opts;
    struct table_rules rules;
    BG_TRY(opts_of(rq, job->kind, job->rules, input, arena, &rules, &opts));
    opts.dry = true;
    opts.errors = errors;
    bg_random(&rq->app->env, &opts.op, sizeof opts.op);
    BG_TRY(look(rq, &opts, arena, found));
    job->found = bg_buf_str(found);
    job->errors = bg_buf_str(errors);
    struct auth_run_in run = { .kind = &upload_change, .in = job, .session = rq->session, .op = rq->op, .reason = rq->reason };
    BG_SCOPED_BUF reply = bg_buf_init((size_t)4 << 20);
    bool replayed;
    BG_TRY(people_op_body(rq, &run.body));
    BG_TRY(auth_run(rq->app->auth, &run, rq->arena, &reply, &replayed));
    api_answer(rq, 201, NULL, bg_buf_str(&reply));
    return BG_DONE;
}

static void upload_pool(struct api_request *rq)
{
    BG_SCOPED_ARENA arena = bg_arena_open(WORK_ARENA_MAX);
    BG_SCOPED_BUF found = bg_buf_init((size_t)4 << 20);
    BG_SCOPED_BUF errors = bg_buf_init(ERRORS_MAX);
    struct input *input = NULL;
    char digest[65];
    digest_text(rq->http->body, digest);
    struct job_in job = { .id = bg_id_next(&rq->app->ids),
                          .account = rq->session->account,
                          .kind = api_text(&rq->query, "kind"),
                          .name = api_text(&rq->query, "name"),
                          .rules = api_text(&rq->query, "map"),
                          .digest = bg_str_of(digest),
                          .content = rq->http->body };
    bg_err err = bg_need(arena);
    if (!bg_failed(err)) {
        err = input_open_bytes(rq->http->body, &input);
    }
    if (!bg_failed(err)) {
        err = upload(rq, input, arena, &job, &found, &errors);
    }
    input_close(input);
    if (bg_failed(err)) {
        api_answer_error(rq, keep_err(rq, err));
    }
}

static bg_err upload_own(struct api_request *rq)
{
    return people_pool(rq, upload_pool);
}

/* --- one job --- */

struct job {
    struct job_in in;
    int state;
    bg_str result;
    bg_ms made_at;
};

static bg_err job_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct job *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_IMPORT_JOB_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "import");
    }
    *ret = (struct job){ .in = { .id = id,
                                 .kind = bg_arena_copy(arena, store_text(rows, 0)),
                                 .name = bg_arena_copy(arena, store_text(rows, 1)),
                                 .rules = bg_arena_copy(arena, store_text(rows, 2)),
                                 .digest = bg_arena_copy(arena, store_text(rows, 3)),
                                 .found = bg_arena_copy(arena, store_text(rows, 4)),
                                 .account = store_int(rows, 8),
                                 .errors = store_int(rows, 9) != 0 ? BG_STR("yes") : BG_STR("") },
                         .state = (int)store_int(rows, 5),
                         .result = bg_arena_copy(arena, store_text(rows, 6)),
                         .made_at = store_int(rows, 7) };
    return bg_need(ret->in.found.at != NULL ? ret->result.at : NULL);
}

static bg_err job_read(struct api_request *rq, struct bg_buf *reply)
{
    struct job job;
    BG_TRY(job_get(rq->tx, rq->city, rq->param_id[0], rq->arena, &job));
    BG_TRY(need_job(rq, job.in.account));
    int64_t rows = desk_rows(rq->app->api->desk, rq->param_id[0]);
    job_json(reply, job.in.id, &job.in, job.state == 2 ? "done" : rows >= 0 ? "running" : "ready", job.result, rows, job.made_at);
    return BG_DONE;
}

/* A BYTES column of the job, copied into the arena. */
static bg_err job_bytes(struct store_tx *tx, enum sql_id sql, int64_t city, int64_t id, struct bg_arena *arena, bg_str *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, sql, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || store_is_null(rows, 0)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "import");
    }
    *ret = bg_arena_copy(arena, store_text(rows, 0));
    return bg_need(ret->at);
}

static void errors_pool(struct api_request *rq)
{
    BG_SCOPED_ARENA arena = bg_arena_open(WORK_ARENA_MAX);
    STORE_SCOPED_READ tx = NULL;
    bg_str errors;
    struct job job;
    bg_err err = bg_need(arena);
    if (!bg_failed(err)) {
        err = store_read_begin(rq->app->store, 2000, &tx);
    }
    if (!bg_failed(err)) {
        err = job_get(tx, rq->city, rq->param_id[0], arena, &job);
    }
    if (!bg_failed(err)) {
        err = need_job(rq, job.in.account);
    }
    if (!bg_failed(err)) {
        err = job_bytes(tx, SQL_IMPORT_JOB_ERRORS, rq->city, rq->param_id[0], arena, &errors);
    }
    if (bg_failed(err)) {
        api_answer_error(rq, keep_err(rq, err));
        return;
    }
    api_header(rq, "Content-Disposition", BG_STR("attachment; filename=\"errors.csv\""));
    api_answer(rq, 200, "text/csv; charset=utf-8", errors);
}

static bg_err errors_own(struct api_request *rq)
{
    return people_pool(rq, errors_pool);
}

/* --- commit --- */

struct done_in {
    int64_t id;
    bg_str result, errors; /* no result: only the errors are kept */
};

static bg_err done_decide(struct change_tx *tx, struct change *change)
{
    const struct done_in *in = change->in;
    struct store_val errors = in->errors.len > 0 ? V_BYTES(in->errors.at, in->errors.len) : V_NULL;
    if (in->result.len > 0) {
        return store_run(change_store(tx), SQL_IMPORT_JOB_DONE,
                         ARGS(V_INT(change->city), V_INT(in->id), V_TEXT(in->result), errors), NULL);
    }
    return store_run(change_store(tx), SQL_IMPORT_JOB_FAILED, ARGS(V_INT(change->city), V_INT(in->id), errors), NULL);
}
static const struct change_kind done_change = { .name = "import.kept", .decide = done_decide };

static void commit_progress(void *ctx, int64_t rows)
{
    struct api_request *rq = ctx;
    desk_note(rq->app->api->desk, rq->param_id[0], rows);
}

static bg_err commit_keep(struct api_request *rq, bg_str result, bg_str errors)
{
    const struct done_in in = { .id = rq->param_id[0], .result = result, .errors = errors };
    struct change change = { .kind = &done_change,
                             .in = &in,
                             .arena = rq->arena,
                             .city = rq->city,
                             .actor = auth_actor(rq->session),
                             .occurred_at = BG_TIME_NONE,
                             .reply = bg_buf_init(1024) };
    bg_random(&rq->app->env, &change.op, sizeof change.op);
    bg_err err = change_run(rq->app->journal, &change);
    bg_buf_done(&change.reply);
    return err;
}

/* Runs the import and answers what it did. */
static bg_err commit_run(struct api_request *rq, const struct job *job, bg_str content, struct bg_arena *arena)
{
    struct import_opts opts;
    struct table_rules rules;
    struct import_result result;
    struct input *input;
    BG_SCOPED_BUF errors = bg_buf_init(ERRORS_MAX);
    BG_SCOPED_BUF out = bg_buf_init((size_t)1 << 20);
    BG_TRY(input_open_bytes(content, &input));
    bg_err err = opts_of(rq, job->in.kind, job->in.rules, input, arena, &rules, &opts);
    opts.op = rq->op;
    opts.errors = &errors;
    opts.skip_bad = api_int(&rq->body, "skip_bad", 0) != 0;
    opts.progress = commit_progress;
    opts.ctx = rq;
    if (!bg_failed(err)) {
        desk_note(rq->app->api->desk, job->in.id, 0);
        err = import_table(rq->app, &opts, arena, &result);
        desk_note(rq->app->api->desk, job->in.id, -1);
    }
    input_close(input);
    BG_TRY(err);
    import_result_json(&opts, &result, &out);
    if (result.errors > 0 && !opts.skip_bad) {
        BG_TRY(commit_keep(rq, BG_STR(""), bg_buf_str(&errors)));
        return BG_FAIL_WITH(
            BG_IMPORT_ROWS, "file",
            bg_arena_text(rq->arena, "\"rows\":%lld,\"errors\":%lld", (long long)result.rows, (long long)result.errors));
    }
    BG_TRY(commit_keep(rq, bg_buf_str(&out), bg_buf_str(&errors)));
    api_answer(rq, 200, NULL, bg_buf_str(&out));
    return BG_DONE;
}

/* Loads the job; one that is done answers what it answered. */
static bg_err commit(struct api_request *rq, struct bg_arena *arena)
{
    struct job job;
    bg_str content = { NULL, 0 };
    {
        STORE_SCOPED_READ tx = NULL;
        BG_TRY(store_read_begin(rq->app->store, 2000, &tx));
        BG_TRY(job_get(tx, rq->city, rq->param_id[0], arena, &job));
        BG_TRY(need_job(rq, job.in.account));
        if (!bg_str_eq(job.in.digest, api_text(&rq->body, "digest"))) {
            return BG_FAIL_AT(BG_IMPORT_DIGEST, "digest");
        }
        if (job.state == 1) {
            BG_TRY(job_bytes(tx, SQL_IMPORT_JOB_CONTENT, rq->city, rq->param_id[0], arena, &content));
        }
    }
    if (job.state != 1) {
        api_answer(rq, 200, NULL, job.result);
        return BG_DONE;
    }
    return commit_run(rq, &job, content, arena);
}

static void commit_pool(struct api_request *rq)
{
    BG_SCOPED_ARENA arena = bg_arena_open(2 * WORK_ARENA_MAX);
    bg_err err = arena != NULL ? commit(rq, arena) : BG_FAIL(BG_NO_MEMORY);
    if (bg_failed(err)) {
        api_answer_error(rq, keep_err(rq, err));
    }
}

static bg_err commit_own(struct api_request *rq)
{
    return people_pool(rq, commit_pool);
}

/* --- export --- */

/* The whole of a file that was just written, as the answer. */
static bg_err send_file(struct api_request *rq, const char *path, enum export_format format)
{
    static const char *const media[] = { "text/csv; charset=utf-8",
                                         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                                         "application/x-ndjson" };
    struct input *input;
    size_t len = 0, got = 1;
    BG_TRY(input_open_file(path, &input));
    size_t size = (size_t)input_size(input);
    char *bytes = size <= EXPORT_MAX ? bg_heap_get(size + 1) : NULL;
    bg_err err = bytes != NULL ? BG_DONE : BG_FAIL(BG_TOO_LARGE);
    while (!bg_failed(err) && got > 0 && len < size) {
        err = input_read(input, bytes + len, size - len, &got);
        len += got;
    }
    input_close(input);
    if (!bg_failed(err)) {
        const char *name =
            bg_arena_text(rq->arena, "attachment; filename=\"%.*s.%s\"", BG_STR_FMT(rq->param[0]), formats[format]);
        api_header(rq, "Content-Disposition", bg_str_of(name));
        api_answer(rq, 200, media[format], (bg_str){ bytes, len });
    }
    bg_heap_free(bytes);
    return err;
}

static bg_err export(struct api_request *rq, const char *path)
{
    struct export_result result;
    bg_str headers = api_text(&rq->query, "headers");
    struct export_opts opts = { .kind = import_kind_find(rq->param[0]),
                                .city = rq->city,
                                .path = path,
                                .mark = true,
                                .headers = bg_str_is(headers, "columns") ? EXPORT_NAMES
                                           : bg_str_is(headers, "en")    ? EXPORT_EN
                                                                         : EXPORT_ZH };
    if (opts.kind == NULL) {
        return BG_FAIL_AT(BG_NOT_FOUND, "kind");
    }
    BG_TRY(scope_of(rq, AUTH_RIGHT_EXPORT, opts.kind, &opts.scope));
    (void)export_format_parse(api_text(&rq->query, "format"), &opts.format);
    BG_TRY(export_table(rq->app, &opts, &result));
    return send_file(rq, path, opts.format);
}

static void export_pool(struct api_request *rq)
{
    char path[] = "/tmp/baogong-export.XXXXXX";
    int fd = mkstemp(path);
    bg_err err = BG_FAIL(BG_EXPORT_WRITE);
    if (fd >= 0) {
        (void)close(fd);
        err = export(rq, path);
        (void)unlink(path);
    }
    if (bg_failed(err)) {
        api_answer_error(rq, keep_err(rq, err));
    }
}

static bg_err export_own(struct api_request *rq)
{
    return people_pool(rq, export_pool);
}

/* clang-format off */
const struct api_route api_routes_imports[] = {
    { .method = "GET", .path = "/api/v1/imports/kinds", .right = API_SIGNED_IN, .reply = kinds_reply, .read = kinds_read,
      .module = "import", .zh = "可导入导出的数据及其列", .en = "kinds that can be imported and exported, with their columns" },
    { .method = "POST", .path = "/api/v1/imports", .right = AUTH_RIGHT_IMPORT, .flags = API_WRITES | API_UPLOAD, .query = kind_query,
      .reply = job_row, .status = 201, .own = upload_own, .module = "import", .zh = "上传表格并检查（请求体为文件内容），不写入数据",
      .en = "upload a table (the body is its content) and look at it; nothing is imported yet" },
    { .method = "GET", .path = "/api/v1/imports/{id}", .right = AUTH_RIGHT_IMPORT, .flags = API_NO_ETAG, .reply = job_row,
      .read = job_read, .module = "import", .zh = "一次导入的状态与进度", .en = "state and progress of an import" },
    { .method = "GET", .path = "/api/v1/imports/{id}/errors", .right = AUTH_RIGHT_IMPORT, .media = "text/csv", .own = errors_own,
      .module = "import", .zh = "错误文件，改正后可原样再上传", .en = "the error file, which can be uploaded again once corrected" },
    { .method = "POST", .path = "/api/v1/imports/{id}/commit", .right = AUTH_RIGHT_IMPORT, .flags = API_WRITES, .body = commit_body,
      .own = commit_own, .module = "import", .zh = "导入所检查的内容", .en = "import what was looked at" },
    { .method = "GET", .path = "/api/v1/exports/{kind}", .right = AUTH_RIGHT_EXPORT, .flags = API_NO_ETAG, .query = export_query,
      .media = "text/csv", .own = export_own, .module = "import", .zh = "导出一类数据", .en = "download a kind of record as a file" },
    { 0 },
};
