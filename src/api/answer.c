/* Answers: security headers, problem documents, lists and cursors, the API's forms of time and id. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "api/inner.h"

bool call_head(struct call *call, const char *name, const char *value)
{
    if (call->head_count == API_HEADS_MAX || value == NULL) {
        return false;
    }
    call->heads[call->head_count++] = (struct http_head){ name, value };
    return true;
}

/* Id of the request: for the problem document, the log and the person on the telephone. */
static const char *call_id(struct call *call)
{
    if (call->id[0] == '\0') {
        (void)snprintf(call->id, sizeof call->id, "%lld", (long long)bg_id_next(&call->rq.app->ids));
    }
    return call->id;
}

/* JSON is data: nothing in it may run, be framed, be guessed at or be kept. */
void heads_json(struct call *call)
{
    (void)call_head(call, "Cache-Control", "no-store");
    (void)call_head(call, "X-Content-Type-Options", "nosniff");
    (void)call_head(call, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (call->rq.http->secure) {
        (void)call_head(call, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    }
}

void call_reply(struct call *call, int status, const char *media)
{
    heads_json(call);
    http_reply(call->rq.http, status,
               status == 304 || status == 204 ? NULL
               : media != NULL                ? media
                                              : "application/json",
               call->heads, call->head_count);
}

/* What the operator should know of: faults of ours, and refused rights (an attack, or a missing grant). */
static void log_error(struct call *call, bg_err err, int status)
{
    const struct bg_log *log = &call->rq.app->log;
    if (status < 500 && status != 403) {
        return;
    }
    char account[24] = "0";
    if (call->rq.session != NULL) {
        (void)snprintf(account, sizeof account, "%lld", (long long)call->rq.session->account);
    }
    const char *path = bg_arena_text(call->rq.arena, "%.*s %.200s", BG_STR_FMT(call->rq.http->method),
                                     call->rq.route != NULL ? call->rq.route->path : "?");
    bg_log_line(log, status < 500 ? BG_INFO : BG_WARN, status < 500 ? "request.denied" : "request.failed", "id", call_id(call), "route",
                path != NULL ? path : "", "code", bg_errors[err.code].slug, "account", account, "file", err.file != NULL ? err.file : "",
                "facts", err.facts != NULL ? err.facts : "", NULL);
}

void call_error(struct call *call, bg_err err)
{
    struct http_request *http = call->rq.http;
    int status = bg_errors[err.code].status;
    log_error(call, err, status);
    bg_buf_done(http->reply);
    if (status >= 500) {
        err.facts = status == 500 ? NULL : err.facts; /* the insides of a fault are for the log */
    }
    http_problem(err, bg_str_of(call_id(call)), http->reply);
    if (status == 401) {
        (void)call_head(call, "WWW-Authenticate", "Bearer realm=\"baogong\"");
    } else if (status == 503) {
        (void)call_head(call, "Retry-After", "2");
    }
    heads_json(call);
    http_reply(http, status, "application/problem+json", call->heads, call->head_count);
}

/* --- own handlers --- */

void api_answer(struct api_request *rq, int status, const char *media, bg_str body)
{
    bg_buf_clear(rq->http->reply);
    bg_buf_add(rq->http->reply, body);
    call_reply(call_of(rq), status, media);
}

void api_answer_error(struct api_request *rq, bg_err err)
{
    call_error(call_of(rq), err);
}

void api_header(struct api_request *rq, const char *name, bg_str value)
{
    bg_str kept = bg_arena_copy(rq->arena, value);
    (void)call_head(call_of(rq), name, kept.at);
}

/* --- lists --- */

int64_t api_limit(const struct api_request *rq)
{
    return api_int(&rq->query, "limit", 50);
}

/* A cursor is the keys of the last row in base64url, with a check so that a mistyped one is told from a good one. It is no secret: a
 * handler applies the caller's scope to every page. */
#define CURSOR_KEYS_MAX 8

static uint32_t cursor_check(const int64_t *keys, size_t count)
{
    static const unsigned char key[crypto_shorthash_KEYBYTES] = "baogong cursor";
    unsigned char out[crypto_shorthash_BYTES];
    (void)crypto_shorthash(out, (const unsigned char *)keys, count * sizeof *keys, key);
    uint32_t check;
    memcpy(&check, out, sizeof check);
    return check;
}

bg_err api_cursor(const struct api_request *rq, int64_t *ret, size_t count, bool *ret_given)
{
    assert(count <= CURSOR_KEYS_MAX);
    bg_str text = api_text(&rq->query, "cursor");
    if (text.len == 0) {
        for (size_t i = 0; i < count; i++) {
            ret[i] = INT64_MIN;
        }
        *ret_given = false;
        return BG_DONE;
    }
    unsigned char bytes[CURSOR_KEYS_MAX * 8 + 4];
    int64_t keys[CURSOR_KEYS_MAX];
    uint32_t check = 0;
    size_t got = 0;
    bool good =
        sodium_base642bin(bytes, sizeof bytes, text.at, text.len, NULL, &got, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
        got == count * 8 + 4;
    if (good) {
        memcpy(keys, bytes, count * 8);
        memcpy(&check, bytes + count * 8, 4);
        good = check == cursor_check(keys, count);
    }
    if (!good) {
        return BG_FAIL_AT(BG_API_CURSOR, "cursor");
    }
    memcpy(ret, keys, count * 8);
    *ret_given = true;
    return BG_DONE;
}

void api_list_begin(struct bg_buf *reply)
{
    bg_json_object(reply);
    bg_json_key(reply, "rows");
    bg_json_array(reply);
}

void api_list_end(struct api_request *rq, struct bg_buf *reply, const int64_t *next, size_t count)
{
    bg_json_array_end(reply);
    bg_json_key(reply, "next");
    if (count == 0) {
        bg_json_null(reply);
    } else {
        unsigned char bytes[CURSOR_KEYS_MAX * 8 + 4];
        char text[sodium_base64_ENCODED_LEN(sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
        assert(count <= CURSOR_KEYS_MAX);
        uint32_t check = cursor_check(next, count);
        memcpy(bytes, next, count * 8);
        memcpy(bytes + count * 8, &check, 4);
        (void)sodium_bin2base64(text, sizeof text, bytes, count * 8 + 4, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        bg_json_str(reply, bg_str_of(text));
    }
    api_put_at(rq, reply);
    bg_json_object_end(reply);
}

void api_put_at(struct api_request *rq, struct bg_buf *reply)
{
    struct call *call = call_of(rq);
    bg_json_key(reply, "at");
    call->at_from = reply->len;
    char text[25];
    bg_time_text(rq->now, text);
    bg_json_str(reply, bg_str_of(text));
    call->at_to = reply->len;
}

void api_put_time(struct bg_buf *reply, const char *key, bg_ms at)
{
    bg_json_key(reply, key);
    if (at == BG_TIME_NONE) {
        bg_json_null(reply);
        return;
    }
    char text[25];
    bg_time_text(at, text);
    bg_json_str(reply, bg_str_of(text));
}

void api_put_date(struct bg_buf *reply, const char *key, bg_date date)
{
    bg_json_key(reply, key);
    if (date == BG_DATE_NONE) {
        bg_json_null(reply);
        return;
    }
    char text[11];
    bg_date_text(date, text);
    bg_json_str(reply, bg_str_of(text));
}

void api_put_id(struct bg_buf *reply, const char *key, int64_t id)
{
    bg_json_key(reply, key);
    if (id == 0) {
        bg_json_null(reply);
    } else {
        bg_json_id(reply, id);
    }
}
