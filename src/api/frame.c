/* The frame around every handler: what must not be forgotten is done here, once, in this order: find the route, count against the
 * limits, sign in, refuse cross-site writes, check the right, read the input, run the handler, answer. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "api/imports.h"
#include "api/inner.h"

static const struct api_field list_fields[] = {
    API_F("cursor", API_TEXT, .max = 400, .zh = "上一页返回的游标", .en = "the cursor that the page before gave"),
    API_F("limit", API_INT, .min = 1, .max = 500, .zh = "最多行数，默认 50", .en = "most rows wanted; 50 when not given"),
    { 0 },
};

/* --- limits --- */

static bool within(struct call *call, uint64_t key, int rate, int usual)
{
    struct app *app = call->rq.app;
    rate = rate == 0 ? usual : rate;
    if (rate < 0) {
        return true;
    }
    int wait_s = 1;
    int64_t now_us = app->env.monotonic_us(app->env.ctx);
    if (limits_take(app->api->limits, key, rate, (int64_t)rate * 5, now_us, &wait_s)) {
        return true;
    }
    const char *text = bg_arena_text(call->rq.arena, "%d", wait_s);
    (void)call_head(call, "Retry-After", text != NULL ? text : "1");
    return false;
}

static uint64_t address_key(bg_str peer)
{
    static const unsigned char key[crypto_shorthash_KEYBYTES] = "baogong address";
    unsigned char out[crypto_shorthash_BYTES];
    (void)crypto_shorthash(out, (const unsigned char *)peer.at, peer.len, key);
    uint64_t value;
    memcpy(&value, out, sizeof value);
    return value;
}

/* --- admission --- */

static bg_err sign_in(struct call *call)
{
    struct api_request *rq = &call->rq;
    struct auth *auth = rq->app->auth;
    struct auth_credentials with = {
        .session = http_cookie(rq->http, auth_cookie_session(auth)),
        .device = http_cookie(rq->http, auth_cookie_device(auth)),
        .origin = rq->http->peer,
    };
    bg_str header = http_header(rq->http, "Authorization");
    if (bg_str_starts(header, BG_STR("Bearer "))) {
        with.bearer = bg_str_trim(bg_str_cut(header, 7, header.len));
    }
    call->by_cookie = with.bearer.len == 0;
    struct auth_session *session = bg_arena_get(rq->arena, sizeof *session);
    BG_TRY(bg_need(session));
    bg_err err = auth_check(auth, &with, rq->arena, session);
    if (bg_failed(err)) {
        /* A public route works without, and with a session that has ended. */
        bool passed = call->match.route->right == API_PUBLIC && bg_errors[err.code].status == 401;
        return passed ? BG_DONE : err;
    }
    rq->session = session;
    rq->city = session->city;
    return BG_DONE;
}

/* The host part of an origin: "https://city.example:8443" gives "city.example:8443". */
static bg_str host_of(bg_str origin)
{
    for (size_t i = 0; i + 2 < origin.len; i++) {
        if (origin.at[i] == ':' && origin.at[i + 1] == '/' && origin.at[i + 2] == '/') {
            return bg_str_cut(origin, i + 3, origin.len);
        }
    }
    return (bg_str){ "", 0 };
}

/* Browsers say where a request comes from; what comes from elsewhere may not write. Other programs say nothing: they hold no cookie that
 * a foreign page could use. */
static bg_err check_origin(const struct call *call)
{
    const struct http_request *http = call->rq.http;
    if (!call->by_cookie) {
        return BG_DONE;
    }
    bg_str site = http_header(http, "Sec-Fetch-Site");
    if (site.len > 0 && !bg_str_is(site, "same-origin") && !bg_str_is(site, "none")) {
        return BG_FAIL_AT(BG_API_CROSS_SITE, "Sec-Fetch-Site");
    }
    bg_str origin = http_header(http, "Origin");
    if (origin.len == 0) {
        return BG_DONE;
    }
    const char *url = call->rq.app->config.public_url;
    bool own = url != NULL && bg_str_eq(origin, bg_str_of(url));
    bool same = own || bg_str_eq(host_of(origin), http_header(http, "Host"));
    return same ? BG_DONE : BG_FAIL_AT(BG_API_CROSS_SITE, "Origin");
}

/* application/json, with nothing behind it but a charset of UTF-8. */
static bool is_json(bg_str media)
{
    size_t end = bg_str_find(media, ';');
    bg_str type = bg_str_trim(bg_str_cut(media, 0, end)), rest = bg_str_trim(bg_str_cut(media, end + 1, media.len));
    bool plain = rest.len == 0 || bg_str_is(rest, "charset=utf-8") || bg_str_is(rest, "charset=UTF-8");
    return bg_str_is(type, "application/json") && plain;
}

static bg_err check_body_head(struct call *call)
{
    const struct api_route *route = call->match.route;
    struct http_request *http = call->rq.http;
    if (route->flags & API_UPLOAD) {
        http->body_max = API_UPLOAD_MAX_BYTES;
        return BG_DONE;
    }
    if (strcmp(route->method, "GET") == 0) {
        return BG_DONE;
    }
    bool small = route->right == API_PUBLIC || (route->flags & API_SMALL) != 0;
    http->body_max = small ? API_SMALL_MAX_BYTES : API_BODY_MAX_BYTES;
    bg_str length = http_header(http, "Content-Length"), media = http_header(http, "Content-Type");
    bool empty = length.len == 0 || bg_str_is(length, "0");
    return is_json(media) || (empty && media.len == 0) ? BG_DONE : BG_FAIL_AT(BG_API_MEDIA, "Content-Type");
}

static bg_err check_write(struct call *call)
{
    const struct api_route *route = call->match.route;
    if (strcmp(route->method, "GET") == 0 && !route_writes(route)) {
        return BG_DONE;
    }
    BG_TRY(check_origin(call));
    if (!route_writes(route) || (route->flags & API_NO_KEY) != 0) {
        return BG_DONE;
    }
    if (!bg_op_id_parse(http_header(call->rq.http, "Idempotency-Key"), &call->rq.op)) {
        return BG_FAIL_AT(BG_OP_MISSING, "Idempotency-Key");
    }
    return BG_DONE;
}

static bg_err admit(struct api *api, struct call *call)
{
    struct api_request *rq = &call->rq;
    call->match = router_find(api->router, rq->http->method, rq->http->path);
    if (!within(call, address_key(rq->http->peer), api->app->config.rate_address, 2000)) {
        return BG_FAIL(BG_API_RATE);
    }
    if (call->match.route == NULL) {
        if (call->match.allow[0] == '\0') {
            return BG_FAIL(BG_API_NO_ROUTE);
        }
        (void)call_head(call, "Allow", call->match.allow);
        return BG_FAIL(BG_HTTP_METHOD);
    }
    rq->route = call->match.route;
    BG_TRY(sign_in(call));
    if (rq->session != NULL && !within(call, (uint64_t)rq->session->id * 2, api->app->config.rate_session, 200)) {
        return BG_FAIL(BG_API_RATE);
    }
    BG_TRY(check_write(call));
    if (rq->route->right >= 0) {
        BG_TRY(auth_need_somewhere(rq->session, (enum auth_right)rq->route->right, rq->arena));
    }
    return check_body_head(call);
}

static void frame_begin(void *ctx, struct http_request *http)
{
    struct api *api = ctx;
    struct call *call = bg_arena_get(http->arena, sizeof *call);
    if (call == NULL) {
        http_reply_static(http, 503, "application/problem+json", BG_STR("{\"code\":\"base.no-memory\",\"status\":503}"), NULL, 0);
        return;
    }
    http->user = call;
    call->rq = (struct api_request){ .app = api->app, .http = http, .arena = http->arena, .now = bg_now(&api->app->env) };
    call->web = !bg_str_starts(http->path, BG_STR("/api/"));
    if (call->web) {
        if (!bg_str_is(http->method, "GET")) {
            (void)call_head(call, "Allow", "GET");
            call_error(call, BG_FAIL(BG_HTTP_METHOD));
        }
        return;
    }
    bg_err err = admit(api, call);
    if (bg_failed(err)) {
        call_error(call, err);
    }
}

/* --- input --- */

static bool is_id_param(const char *name)
{
    bg_str s = bg_str_of(name);
    return bg_str_is(s, "id") || bg_str_ends(s, BG_STR("_id"));
}

static bg_err read_params(struct call *call)
{
    struct api_request *rq = &call->rq;
    char names[API_PARAM_MAX][32];
    int count = route_params(rq->route, names);
    assert(count == call->match.param_count);
    rq->param_count = count;
    for (int i = 0; i < count; i++) {
        if (!http_decode(call->match.param[i], false, rq->arena, &rq->param[i]) || rq->param[i].len > 200) {
            return BG_FAIL(BG_NOT_FOUND);
        }
        if (is_id_param(names[i]) && !(bg_str_int(rq->param[i], &rq->param_id[i]) && rq->param_id[i] > 0)) {
            return BG_FAIL(BG_NOT_FOUND);
        }
    }
    return BG_DONE;
}

/* A list's own two parameters stand behind those of the row. */
static bg_err query_fields(struct call *call, const struct api_field **ret)
{
    const struct api_route *route = call->rq.route;
    if ((route->flags & API_LIST) == 0) {
        *ret = route->query;
        return BG_DONE;
    }
    size_t own = input_count(route->query);
    struct api_field *fields = bg_arena_array(call->rq.arena, own + 3, sizeof *fields);
    BG_TRY(bg_need(fields));
    if (own > 0) {
        memcpy(fields, route->query, own * sizeof *fields);
    }
    memcpy(fields + own, list_fields, 2 * sizeof *fields);
    *ret = fields;
    return BG_DONE;
}

static bg_err read_inputs(struct call *call)
{
    struct api_request *rq = &call->rq;
    const struct api_route *route = rq->route;
    if (call->match.param_count > 0) {
        BG_TRY(read_params(call));
    }
    if (rq->http->query.len > 0 || route->query != NULL || (route->flags & API_LIST) != 0) {
        BG_TRY(query_fields(call, &rq->query.fields));
        BG_TRY(input_query(rq->http->query, rq->query.fields, rq->arena, &rq->query.values));
    }
    bool has_body = strcmp(route->method, "GET") != 0 && (route->flags & API_UPLOAD) == 0;
    if (has_body && (rq->http->body.len > 0 || route->body != NULL)) {
        rq->body.fields = route->body;
        BG_TRY(input_body(rq->http->body, route->body, rq->arena, &rq->body.values));
        for (size_t i = 0; route->body != NULL && route->body[i].name != NULL; i++) {
            if (strcmp(route->body[i].name, "reason") == 0 && route->body[i].type == API_TEXT) {
                rq->reason = rq->body.values[i].s;
            }
        }
    }
    return BG_DONE;
}

/* --- reads --- */

/* A weak tag over the reply without its data time: the same data is the same tag. */
static bool tag_of(struct call *call, bg_str body, char out[40])
{
    static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = "baogong reply";
    unsigned char digest[2][crypto_shorthash_siphashx24_BYTES];
    size_t from = call->at_to > 0 ? call->at_from : body.len, to = call->at_to > 0 ? call->at_to : body.len;
    (void)crypto_shorthash_siphashx24(digest[0], (const unsigned char *)body.at, from, key);
    (void)crypto_shorthash_siphashx24(digest[1], (const unsigned char *)body.at + to, body.len - to, key);
    size_t at = 0;
    out[at++] = '"';
    for (size_t i = 0; i < 8; i++) {
        static const char digits[] = "0123456789abcdef";
        unsigned char byte = (unsigned char)(digest[0][i] ^ digest[1][i + 8]);
        out[at++] = digits[byte >> 4];
        out[at++] = digits[byte & 15];
    }
    out[at++] = '"';
    out[at] = '\0';
    return true;
}

static void read_finish(struct call *call)
{
    struct api_request *rq = &call->rq;
    struct bg_buf *reply = rq->http->reply;
    int status = rq->status != 0 ? rq->status : route_status(rq->route);
    const char *media = rq->route->media;
    if (reply->failed) {
        call_error(call, bg_buf_check(reply));
        return;
    }
    if (status != 200 || (rq->route->flags & API_NO_ETAG) != 0) {
        call_reply(call, status, media);
        return;
    }
    char *tag = bg_arena_get(rq->arena, 44);
    if (tag != NULL && tag_of(call, bg_buf_str(reply), tag + 2)) {
        tag[0] = 'W';
        tag[1] = '/';
        (void)call_head(call, "ETag", tag);
        if (http_unchanged(rq->http, bg_str_of(tag + 2))) {
            bg_buf_clear(reply);
            status = 304;
        }
    }
    call_reply(call, status, media);
}

static void read_run(struct api_request *rq, int budget_ms)
{
    struct call *call = call_of(rq);
    bg_err err = store_read_begin(rq->app->store, budget_ms, &rq->tx);
    if (!bg_failed(err)) {
        err = rq->route->read(rq, rq->http->reply);
        store_read_end(rq->tx);
        rq->tx = NULL;
    }
    if (bg_failed(err)) {
        call_error(call, err);
    } else {
        read_finish(call);
    }
}

static void read_slow(struct api_request *rq)
{
    read_run(rq, API_SLOW_BUDGET_MS);
}

/* --- writes --- */

static void write_answer(struct http_request *http)
{
    struct call *call = http->user;
    struct change *change = &call->change;
    *http->reply = change->reply;
    change->reply = (struct bg_buf){ 0 };
    if (change->replayed) {
        (void)call_head(call, "Idempotency-Replayed", "true");
    }
    bool refused = bg_failed(change->err);
    if (refused && http->reply->len == 0) {
        call_error(call, change->err); /* 401, 429, 5xx: not kept */
    } else if (refused) {
        call_reply(call, change->status, "application/problem+json");
    } else {
        call_reply(call, change->status != 200 ? change->status : route_status(call->rq.route), NULL);
    }
}

/* On the writer's thread: only wakes the connection, which makes the answer itself. */
static void write_done(struct change *change)
{
    struct call *call = change->user;
    http_wake(call->rq.http, write_answer);
}

/* SHA-256 of method, path and canonical body (of an upload: its bytes). */
static bg_err hash_body(struct call *call, uint8_t out[32])
{
    struct api_request *rq = &call->rq;
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    bg_str parts[] = { rq->http->method, BG_STR(" "), rq->http->path, BG_STR("?"), rq->http->query, BG_STR("\n"), rq->http->body };
    size_t count = sizeof parts / sizeof parts[0];
    BG_SCOPED_BUF canonical = bg_buf_init(4u << 20);
    if (rq->body.values != NULL) {
        input_canonical(rq->body.fields, rq->body.values, &canonical);
        BG_TRY(bg_buf_check(&canonical));
        parts[count - 1] = bg_buf_str(&canonical);
    }
    for (size_t i = 0; i < count; i++) {
        (void)crypto_hash_sha256_update(&state, (const unsigned char *)parts[i].at, parts[i].len);
    }
    (void)crypto_hash_sha256_final(&state, out);
    return BG_DONE;
}

/* When it happened, if the body says so. */
static bg_ms occurred_at(const struct api_object *body)
{
    for (size_t i = 0; body->fields != NULL && body->fields[i].name != NULL; i++) {
        if (strcmp(body->fields[i].name, "occurred_at") == 0 && body->fields[i].type == API_TIME && body->values[i].given) {
            return body->values[i].i;
        }
    }
    return BG_TIME_NONE;
}

/* A device numbers its operations, so that one that was forgotten after its time is refused instead of done twice. */
static int64_t device_sequence(const struct http_request *http)
{
    int64_t number;
    return bg_str_int(http_header(http, "Device-Sequence"), &number) && number > 0 ? number : 0;
}

void api_change(struct api_request *rq, const struct change_kind *kind, const void *in)
{
    struct call *call = call_of(rq);
    struct change *change = &call->change;
    *change = (struct change){
        .kind = kind,
        .in = in,
        .arena = rq->arena,
        .op = rq->op,
        .city = rq->city,
        .occurred_at = occurred_at(&rq->body),
        .reason = rq->reason,
        .device_seq = device_sequence(rq->http),
        .done = write_done,
        .user = call,
    };
    bg_err err = hash_body(call, change->body_hash);
    if (bg_failed(err)) {
        call_error(call, err);
        return;
    }
    if (rq->session != NULL) {
        change->actor = auth_actor(rq->session);
    } else {
        change->actor.origin = rq->http->peer;
    }
    api_later(rq);
    /* The change takes the connection's reply buffer and gives it back with the answer in it. */
    change->reply = *rq->http->reply;
    *rq->http->reply = bg_buf_init(change->reply.max);
    err = change_submit(rq->app->journal, change);
    if (bg_failed(err)) {
        *rq->http->reply = change->reply;
        call_error(call, err);
    }
}

static void write_run(struct call *call)
{
    const struct change_kind *kind = NULL;
    const void *in = NULL;
    bg_err err = call->rq.route->write(&call->rq, &kind, &in);
    if (bg_failed(err)) {
        call_error(call, err);
        return;
    }
    assert(kind != NULL);
    api_change(&call->rq, kind, in);
}

/* --- own handlers --- */

void api_later(struct api_request *rq)
{
    struct call *call = call_of(rq);
    if (!call->waits) {
        call->waits = true;
        http_wait(rq->http);
    }
}

static void pool_run(void *arg)
{
    struct call *call = arg;
    call->job(&call->rq);
}

bg_err api_pool(struct api_request *rq, void (*job)(struct api_request *rq))
{
    struct call *call = call_of(rq);
    call->job = job;
    return pool_add(rq->app->api->pool, pool_run, call);
}

static void own_run(struct call *call)
{
    bg_err err = call->rq.route->own(&call->rq);
    if (bg_failed(err)) {
        call_error(call, err);
    }
}

static void frame_handle(void *ctx, struct http_request *http)
{
    (void)ctx;
    struct call *call = http->user;
    if (call->web) {
        web_answer(call);
        return;
    }
    const struct api_route *route = call->rq.route;
    bg_err err = read_inputs(call);
    if (bg_failed(err)) {
        call_error(call, err);
    } else if (route->write != NULL) {
        write_run(call);
    } else if (route->own != NULL) {
        own_run(call);
    } else if (route->flags & API_SLOW) {
        api_later(&call->rq);
        err = api_pool(&call->rq, read_slow);
        if (bg_failed(err)) {
            call_error(call, err);
        }
    } else {
        read_run(&call->rq, API_READ_BUDGET_MS);
    }
}

struct http_handlers api_handlers(struct app *app)
{
    return (struct http_handlers){ .ctx = app->api, .begin = frame_begin, .handle = frame_handle };
}

/* --- open, close --- */

bg_err api_open(struct app *app)
{
    return api_open_table(app, api_route_arrays);
}

bg_err api_open_table(struct app *app, const struct api_route *const *arrays)
{
    struct api *api = bg_heap_get(sizeof *api);
    BG_TRY(bg_need(api));
    api->app = app;
    app->api = api;
    BG_TRY(router_open(arrays, &api->router));
    BG_TRY(bg_need(api->limits = limits_open(16384)));
    BG_TRY(pool_open(2, 256, &api->pool));
    BG_TRY(import_desk_open(&api->desk));
    api->started_at = bg_now(&app->env);
    BG_TRY(web_open(api));
    return hub_open(app, &api->hub);
}

void api_close(struct app *app)
{
    struct api *api = app->api;
    if (api != NULL) {
        hub_close(api->hub);
        pool_close(api->pool);
        import_desk_close(api->desk);
        limits_close(api->limits);
        router_close(api->router);
        bg_heap_free(api);
        app->api = NULL;
    }
}
