/* The local listener: health, readiness and metrics for the machine that runs the server; and, on the unix socket beside the database,
 * which only its owner can open, the errands of the command line (backup, check, import, export). */
#include <stdio.h>
#include <string.h>

#include "api/inner.h"

#define ARCHIVE_STALE_MS 180000 /* a round is made once a minute even when nothing happens */

/* One errand that takes its time: runs in the report pool. */
struct errand {
    struct api *api;
    struct http_request *http;
    void (*run)(struct errand *errand);
    bg_str to;
};

static void answer_json(struct http_request *http, int status)
{
    http_reply(http, status, "application/json", NULL, 0);
}

static void answer_problem(struct http_request *http, bg_err err)
{
    bg_buf_done(http->reply);
    http_problem(err, BG_STR(""), http->reply);
    http_reply(http, bg_errors[err.code].status, "application/problem+json", NULL, 0);
}

/* Ready: not stopping, and the database answers. */
static bg_err ready(struct api *api)
{
    if (atomic_load(&api->stopping)) {
        return BG_FAIL(BG_STORE_CLOSED);
    }
    STORE_SCOPED_READ tx = NULL;
    return store_read_begin(api->app->store, 1000, &tx);
}

/* --- metrics --- */

static void gauge(struct bg_buf *out, const char *name, const char *kind, const char *help, int64_t value)
{
    bg_buf_print(out, "# HELP baogong_%s %s\n# TYPE baogong_%s %s\nbaogong_%s %lld\n", name, help, name, kind, name, (long long)value);
}

static void put_times(struct bg_buf *out, const struct http_stats *stats)
{
    static const char *const bounds[] = { "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005",
                                          "0.01",   "0.025",   "0.1",    "0.5",   "2.5",    "+Inf" };
    int64_t sum = 0;
    bg_buf_add(out, BG_STR("# HELP baogong_http_seconds Time from the whole head to the end of the answer.\n"
                           "# TYPE baogong_http_seconds histogram\n"));
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        sum += stats->time_us[i];
        bg_buf_print(out, "baogong_http_seconds_bucket{le=\"%s\"} %lld\n", bounds[i], (long long)sum);
    }
    bg_buf_print(out, "baogong_http_seconds_sum %lld.%06lld\nbaogong_http_seconds_count %lld\n", (long long)(stats->time_sum_us / 1000000),
                 (long long)(stats->time_sum_us % 1000000), (long long)sum);
}

static void put_metrics(struct api *api, struct bg_buf *out)
{
    struct app *app = api->app;
    struct store_stats store = store_stats(app->store);
    if (api->http != NULL) {
        struct http_stats http = http_stats(api->http);
        gauge(out, "http_requests_total", "counter", "Requests with a whole head.", http.requests);
        gauge(out, "http_refused_total", "counter", "Refused by the transport itself.", http.refused);
        gauge(out, "http_connections", "gauge", "Open connections.", http.connections);
        gauge(out, "http_streams", "gauge", "Open event streams.", http.streams);
        gauge(out, "http_waiting", "gauge", "Requests waiting for the writer or the report pool.", http.waiting);
        gauge(out, "http_sent_bytes_total", "counter", "Bytes of answers before compression.", http.bytes_out);
        bg_buf_add(out,
                   BG_STR("# HELP baogong_http_answers_total Answers by class of status.\n# TYPE baogong_http_answers_total counter\n"));
        for (int i = 2; i < 6; i++) {
            bg_buf_print(out, "baogong_http_answers_total{class=\"%dxx\"} %lld\n", i, (long long)http.by_class[i]);
        }
        put_times(out, &http);
    }
    gauge(out, "store_waiting", "gauge", "Changes waiting for the writer.", store.waiting);
    gauge(out, "store_changes_total", "counter", "Changes written.", store.jobs);
    gauge(out, "store_commits_total", "counter", "Commits; fewer than changes because changes share them.", store.commits);
    gauge(out, "store_wal_bytes", "gauge", "Size of the write-ahead log.", store.wal_bytes);
    gauge(out, "store_bytes", "gauge", "Size of the database.", store.db_bytes);
    gauge(out, "archive_on", "gauge", "1: the database's log is archived.", store.archive);
    if (store.archive) {
        gauge(out, "archive_failing", "gauge", "1: nothing can be archived just now.", store.archive_failing);
        gauge(out, "archive_breaks_total", "counter", "Times the archive lost its thread and began anew.", store.archive_breaks);
        gauge(out, "archived_seconds", "gauge", "All committed before is archived; since 1970.", store.archived_at / 1000);
    }
    if (app->journal != NULL) {
        gauge(out, "journal_position", "gauge", "Newest position of the journal.", journal_head_position(app->journal));
    }
    gauge(out, "start_seconds", "gauge", "When the server started, in seconds since 1970.", api->started_at / 1000);
}

/* --- errands --- */

/* The value of a query parameter, NUL-terminated in the arena; NULL when it is not there. */
static const char *query_text(struct http_request *http, const char *wanted)
{
    bg_str rest = http->query, name, value, decoded;
    while (http_query_next(&rest, &name, &value)) {
        if (bg_str_is(name, wanted) && http_decode(value, false, http->arena, &decoded)) {
            return bg_arena_copy(http->arena, decoded).at;
        }
    }
    return NULL;
}

static void backup_run(struct errand *errand)
{
    struct http_request *http = errand->http;
    const struct backup_opts opts = { .to = errand->to.at, .no_keys = query_text(http, "no_keys") != NULL,
                                      .passphrase = query_text(http, "passphrase") };
    bg_err err = backup_make(errand->api->app->store, &errand->api->app->config, &opts, http->reply);
    if (bg_failed(err)) {
        answer_problem(http, err);
    } else {
        answer_json(http, 200);
    }
}

static void check_run(struct errand *errand)
{
    struct store *store = errand->api->app->store;
    struct bg_buf *reply = errand->http->reply;
    BG_SCOPED_BUF found = bg_buf_init(1u << 20);
    BG_SCOPED_BUF schema = bg_buf_init(1u << 20);
    bool ok = false;
    bg_err err = store_check(store, false, &found, &ok);
    if (!bg_failed(err)) {
        err = store_schema(store, &schema);
    }
    if (bg_failed(err)) {
        answer_problem(errand->http, err);
        return;
    }
    bg_json_object(reply);
    bg_json_put_bool(reply, "ok", ok);
    bg_json_put_str(reply, "engine", bg_str_of(store_engine(store)));
    bg_json_put_str(reply, "found", bg_buf_str(&found));
    struct store_stats stats = store_stats(store);
    const struct api *api = errand->api;
    bg_ms since = stats.archived_at > api->started_at ? stats.archived_at : api->started_at;
    bool stale = bg_now(&api->app->env) - since > ARCHIVE_STALE_MS;
    bg_json_put_str(reply, "archive", bg_str_of(!stats.archive ? "off" : stats.archive_failing ? "failing" : stale ? "stale" : "good"));
    bg_json_key(reply, "schema");
    bg_json_raw(reply, schema.len > 0 ? bg_buf_str(&schema) : BG_STR("null"));
    bg_json_object_end(reply);
    answer_json(errand->http, 200);
}

/* 200: everything is in; 207: rows were bad. */
static void import_errand(struct errand *errand)
{
    struct http_request *http = errand->http;
    const struct import_file file = { .kind = query_text(http, "kind"), .path = query_text(http, "path"), .map = query_text(http, "map"),
                                      .encoding = query_text(http, "encoding"), .sheet = query_text(http, "sheet"),
                                      .city = query_text(http, "city"), .dry = query_text(http, "dry") != NULL,
                                      .skip_bad = query_text(http, "skip_bad") != NULL };
    bool good = true;
    bg_err err = file.path != NULL ? import_file_run(errand->api->app, &file, http->arena, http->reply, &good)
                                   : BG_FAIL_AT(BG_BAD_INPUT, "path");
    if (bg_failed(err)) {
        answer_problem(http, err);
    } else {
        answer_json(http, good ? 200 : 207);
    }
}

static void export_errand(struct errand *errand)
{
    struct http_request *http = errand->http;
    const struct export_file file = { .kind = query_text(http, "kind"), .path = query_text(http, "path"),
                                      .format = query_text(http, "format"), .names = query_text(http, "names"),
                                      .city = query_text(http, "city"), .mark = query_text(http, "bom") != NULL };
    bg_err err = file.path != NULL ? export_file_run(errand->api->app, &file, http->reply) : BG_FAIL_AT(BG_BAD_INPUT, "path");
    if (bg_failed(err)) {
        answer_problem(http, err);
    } else {
        answer_json(http, 200);
    }
}

static void errand_run(void *arg)
{
    struct errand *errand = arg;
    errand->run(errand);
}

static void errand_start(struct api *api, struct http_request *http, void (*run)(struct errand *errand), bg_str to)
{
    struct errand *errand = bg_arena_get(http->arena, sizeof *errand);
    if (errand == NULL) {
        answer_problem(http, BG_FAIL(BG_NO_MEMORY));
        return;
    }
    *errand = (struct errand){ .api = api, .http = http, .run = run, .to = to };
    http_wait(http);
    bg_err err = pool_add(api->pool, errand_run, errand);
    if (bg_failed(err)) {
        answer_problem(http, err);
    }
}

/* The value of `to` in the query. */
static bg_err errand_target(struct http_request *http, bg_str *ret)
{
    bg_str rest = http->query, name, value;
    while (http_query_next(&rest, &name, &value)) {
        if (bg_str_is(name, "to") && value.len > 0 && http_decode(value, false, http->arena, ret)) {
            return BG_DONE;
        }
    }
    return BG_FAIL_AT(BG_BAD_INPUT, "to");
}

static void local_handle(void *ctx, struct http_request *http)
{
    struct api *api = ctx;
    if (!bg_str_is(http->method, "GET")) {
        answer_problem(http, BG_FAIL(BG_HTTP_METHOD));
    } else if (bg_str_is(http->path, "/healthz")) {
        http_reply_static(http, 200, "text/plain", BG_STR("ok\n"), NULL, 0);
    } else if (bg_str_is(http->path, "/readyz")) {
        bg_err err = ready(api);
        if (bg_failed(err)) {
            answer_problem(http, err);
        } else {
            http_reply_static(http, 200, "text/plain", BG_STR("ready\n"), NULL, 0);
        }
    } else if (bg_str_is(http->path, "/metrics")) {
        put_metrics(api, http->reply);
        http_reply(http, 200, "text/plain; version=0.0.4; charset=utf-8", NULL, 0);
    } else {
        answer_problem(http, BG_FAIL(BG_API_NO_ROUTE));
    }
}

static void admin_handle(void *ctx, struct http_request *http)
{
    struct api *api = ctx;
    bg_str to;
    if (!bg_str_is(http->method, "POST")) {
        local_handle(ctx, http);
    } else if (bg_str_is(http->path, "/backup")) {
        bg_err err = errand_target(http, &to);
        if (bg_failed(err)) {
            answer_problem(http, err);
        } else {
            errand_start(api, http, backup_run, to);
        }
    } else if (bg_str_is(http->path, "/check")) {
        errand_start(api, http, check_run, BG_STR(""));
    } else if (bg_str_is(http->path, "/import")) {
        errand_start(api, http, import_errand, BG_STR(""));
    } else if (bg_str_is(http->path, "/export")) {
        errand_start(api, http, export_errand, BG_STR(""));
    } else {
        answer_problem(http, BG_FAIL(BG_API_NO_ROUTE));
    }
}

struct http_handlers api_local_handlers(struct app *app, bool admin)
{
    return (struct http_handlers){ .ctx = app->api, .handle = admin ? admin_handle : local_handle };
}

void api_serving(struct app *app, struct http_server *server)
{
    app->api->http = server;
}

void api_stopping(struct app *app)
{
    atomic_store(&app->api->stopping, true);
}
