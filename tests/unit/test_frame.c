/* The frame of the API over a table of its own: sign-in, rights, input, idempotency, problems, tags, live events, stopping under
 * load; on both engines, over real sockets. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "api/inner.h"
#include "api/routes.h"
#include "codec/json.h"
#include "store_bed.h"
#include "tap.h"

#define PASSWORD "seven boxes of masks"

struct rig {
    struct bed bed;
    struct app *app;
    struct http_server *server;
    int port;
    char cookie[128];
    int64_t city;
    char answer[1 << 17]; /* of the last call */
    int status;
    const char *body;
};

/* --- the table under test --- */

struct note_in {
    int64_t qty;
    bg_str text;
};

static bg_err note_decide(struct change_tx *tx, struct change *change)
{
    const struct note_in *in = change->in;
    if (in->qty > 10) {
        return BG_FAIL_WITH(BG_CONFLICT, "qty", "\"available\":10");
    }
    BG_SCOPED_BUF after = bg_buf_init(1000);
    int64_t id = change_id(tx);
    bg_json_object(&after);
    bg_json_put_int(&after, "qty", in->qty);
    bg_json_object_end(&after);
    BG_TRY(
        change_record(tx, change,
                      &(struct journal_entry){
                          .kind = "note.made", .object = "item", .id = id, .city = change->city, .after = bg_buf_str(&after) }));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "id", id);
    bg_json_put_str(&change->reply, "reason", change->reason);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

static const struct change_kind note_kind = { .name = "note.make", .decide = note_decide, .recheck = auth_recheck };

static bg_err note_post(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct note_in *in = bg_arena_get(rq->arena, sizeof *in);
    BG_TRY(bg_need(in));
    *in = (struct note_in){ .qty = api_int(&rq->body, "qty", 0), .text = api_text(&rq->body, "text") };
    *ret_kind = &note_kind;
    *ret_in = in;
    return BG_DONE;
}

static bg_err echo_get(struct api_request *rq, struct bg_buf *reply)
{
    bg_json_object(reply);
    bg_json_put_id(reply, "id", rq->param_id[0]);
    bg_json_put_str(reply, "q", api_text(&rq->query, "q"));
    bg_json_put_id(reply, "account", rq->session->account);
    api_put_at(rq, reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* The numbers 1…100, in pages. */
static bg_err list_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t from[1];
    bool given;
    BG_TRY(api_cursor(rq, from, 1, &given));
    int64_t at = given ? from[0] : 0, end = at + api_limit(rq);
    api_list_begin(reply);
    while (at < end && at < 100) {
        bg_json_object(reply);
        bg_json_put_int(reply, "n", ++at);
        bg_json_object_end(reply);
    }
    api_list_end(rq, reply, &at, at < 100 ? 1 : 0);
    return BG_DONE;
}

static bg_err open_post(struct api_request *rq)
{
    api_header(rq, "Set-Cookie", BG_STR("a=b"));
    api_answer(rq, 200, NULL, BG_STR("{\"hello\":true}"));
    return BG_DONE;
}

static bg_err upload_post(struct api_request *rq)
{
    BG_SCOPED_BUF out = bg_buf_init(100);
    bg_buf_print(&out, "{\"bytes\":%zu}", rq->http->body.len);
    api_answer(rq, 202, NULL, bg_buf_str(&out));
    return BG_DONE;
}

static const struct api_field note_body[] = {
    API_F("qty", API_INT, .required = true, .min = 1, .max = 1000),
    API_F("text", API_TEXT, .max = 100),
    API_F("reason", API_TEXT, .max = 100),
    API_F_END,
};
static const struct api_field echo_query[] = { API_F("q", API_TEXT, .max = 20), API_F_END };
static const struct api_field number_reply[] = { API_F("n", API_INT), API_F_END };

static const struct api_route table[] = {
    { .method = "GET", .path = "/api/v1/echo/{id}", .right = API_SIGNED_IN, .query = echo_query, .read = echo_get },
    { .method = "GET",
      .path = "/api/v1/slow/{id}",
      .right = API_SIGNED_IN,
      .query = echo_query,
      .read = echo_get,
      .flags = API_SLOW },
    { .method = "GET",
      .path = "/api/v1/numbers",
      .right = AUTH_RIGHT_CITY_READ,
      .reply = number_reply,
      .read = list_get,
      .flags = API_LIST },
    { .method = "POST",
      .path = "/api/v1/notes",
      .right = AUTH_RIGHT_CITY_WRITE,
      .body = note_body,
      .status = 201,
      .write = note_post },
    { .method = "POST", .path = "/api/v1/stock", .right = AUTH_RIGHT_LEDGER_POST, .body = note_body, .write = note_post },
    { .method = "POST", .path = "/api/v1/open", .right = API_PUBLIC, .flags = API_WRITES | API_NO_KEY, .own = open_post },
    { .method = "POST", .path = "/api/v1/files", .right = API_SIGNED_IN, .flags = API_WRITES | API_UPLOAD, .own = upload_post },
    { 0 },
};
static const struct api_route *const tables[] = { table, api_routes_events, NULL };

/* --- calling --- */

static int dial(const struct rig *rig)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)rig->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 10 };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? fd : -1;
}

static void say(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        text += sent;
        len -= (size_t)sent;
    }
}

/* Reads until `end` or the close of the connection; the length. */
static size_t hear(int fd, char *text, size_t room, const char *end)
{
    size_t len = 0;
    text[0] = '\0';
    while (len + 1 < room) {
        ssize_t got = recv(fd, text + len, room - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        text[len] = '\0';
        if (end != NULL && strstr(text, end) != NULL) {
            break;
        }
    }
    return len;
}

/* One call on a connection of its own; `heads` are whole lines ended by CRLF. */
static int call(struct rig *rig, const char *method, const char *target, const char *heads, const char *body)
{
    static char request[1 << 16];
    int fd = dial(rig);
    int len = snprintf(request, sizeof request, "%s /api/v1%s HTTP/1.1\r\nHost: city.test\r\nConnection: close\r\n%s", method,
                       target, heads);
    if (body != NULL) {
        len += snprintf(request + len, sizeof request - (size_t)len, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    } else {
        len += snprintf(request + len, sizeof request - (size_t)len, "\r\n");
    }
    say(fd, request, (size_t)len);
    (void)hear(fd, rig->answer, sizeof rig->answer, NULL);
    (void)close(fd);
    rig->status = strncmp(rig->answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(rig->answer + 9, NULL, 10) : 0;
    rig->body = strstr(rig->answer, "\r\n\r\n");
    rig->body = rig->body != NULL ? rig->body + 4 : "";
    return rig->status;
}

static const char *signed_in(const struct rig *rig, const char *more)
{
    static char heads[1024];
    (void)snprintf(heads, sizeof heads, "Cookie: %s\r\n%s", rig->cookie, more);
    return heads;
}

static const char *write_heads(const struct rig *rig, const char *key, const char *more)
{
    static char text[600];
    (void)snprintf(text, sizeof text, "Content-Type: application/json\r\nIdempotency-Key: %s\r\n%s", key, more);
    return signed_in(rig, text);
}

static bool says(const struct rig *rig, const char *text)
{
    return strstr(rig->answer, text) != NULL;
}

/* --- tests --- */

static void test_admission(struct rig *rig)
{
    OK(call(rig, "GET", "/nowhere", "", NULL) == 404 && says(rig, "\"api.no-route\"") && says(rig, "没有这个接口"),
       "no route: a problem in both languages");
    OK(call(rig, "PUT", "/notes", "", NULL) == 405 && says(rig, "Allow: POST"),
       "a known path with another method tells what is allowed");
    OK(call(rig, "GET", "/numbers", "", NULL) == 401 && says(rig, "WWW-Authenticate"), "not signed in");
    OK(call(rig, "GET", "/numbers", "Cookie: sid=bgs_0_AAAA\r\n", NULL) == 401, "a session that is not ours");
    OK(call(rig, "GET", "/numbers", signed_in(rig, ""), NULL) == 200, "signed in by cookie");
    OK(call(rig, "POST", "/stock", write_heads(rig, "00000000-0000-7000-8000-00000000ff01", ""), "{\"qty\":1}") == 403 &&
           says(rig, "auth.denied"),
       "a right that the role has not");
    OK(call(rig, "POST", "/open", "", "") == 200 && says(rig, "Set-Cookie: a=b"), "a public route needs nobody");
    OK(call(rig, "POST", "/open", "Cookie: sid=bgs_0_AAAA\r\n", "") == 200, "and works with a session that has ended");
}

static void test_cross_site(struct rig *rig)
{
    const char *key = "00000000-0000-7000-8000-00000000aa01", *body = "{\"qty\":1}";
    OK(call(rig, "POST", "/notes", write_heads(rig, key, "Origin: https://evil.test\r\n"), body) == 403 &&
           says(rig, "api.cross-site"),
       "a foreign Origin");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, "Origin: null\r\n"), body) == 403, "no origin's Origin");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, "Sec-Fetch-Site: cross-site\r\n"), body) == 403,
       "the browser says cross-site");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, "Sec-Fetch-Site: same-site\r\n"), body) == 403,
       "same site is not the same origin");
    OK(call(rig, "POST", "/open", "Origin: https://evil.test\r\n", "") == 403, "signing in from a foreign page as well");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, "Origin: http://city.test\r\nSec-Fetch-Site: same-origin\r\n"), body) ==
           201,
       "our own page may");
}

static void test_input(struct rig *rig)
{
    const char *key = "00000000-0000-7000-8000-00000000bb01";
    OK(call(rig, "POST", "/notes", signed_in(rig, "Content-Type: application/json\r\n"), "{\"qty\":1}") == 400 &&
           says(rig, "journal.op-missing"),
       "a write without Idempotency-Key");
    OK(call(rig, "POST", "/notes", write_heads(rig, "not-a-uuid", ""), "{\"qty\":1}") == 400, "a key that is no UUID");
    OK(call(rig, "POST", "/notes", signed_in(rig, "Content-Type: text/plain\r\n"), "{\"qty\":1}") != 201 &&
           call(rig, "POST", "/notes",
                signed_in(rig, "Content-Type: text/plain\r\nIdempotency-Key: 00000000-0000-7000-8000-00000000bb02\r\n"),
                "{\"qty\":1}") == 415,
       "another content type");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":1,\"qty_on_hand\":5}") == 400 &&
           says(rig, "\"field\":\"qty_on_hand\""),
       "an unknown field is named");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":0}") == 400 && says(rig, "\"min\":1"),
       "a value out of range shows the range");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":") == 400 && says(rig, "json.syntax"), "broken JSON");
    OK(call(rig, "GET", "/echo/7?q=%E5%8F%A3%E7%BD%A9", signed_in(rig, ""), NULL) == 200 && says(rig, "\"id\":\"7\"") &&
           says(rig, "\"q\":\"口罩\""),
       "path and query arrive");
    OK(call(rig, "GET", "/echo/seven", signed_in(rig, ""), NULL) == 404, "a path id that is none");
    OK(call(rig, "GET", "/echo/7?x=1", signed_in(rig, ""), NULL) == 400, "an unknown query parameter");
    OK(call(rig, "GET", "/echo/7", signed_in(rig, "Content-Type: application/json\r\n"), "{}") == 413, "a GET with a body");
    OK(call(rig, "POST", "/files",
            signed_in(rig, "Content-Type: text/csv\r\nIdempotency-Key: 00000000-0000-7000-8000-00000000bb03\r\n"),
            "a,b\n") == 202 &&
           says(rig, "\"bytes\":4"),
       "an upload takes any content type");
    static char big[17000];
    memset(big, ' ', sizeof big - 1);
    OK(call(rig, "POST", "/open", "Content-Type: application/json\r\n", big) == 413, "a public route takes 16 KiB at most");
    OK(call(rig, "GET", "/slow/8", signed_in(rig, ""), NULL) == 200 && says(rig, "\"id\":\"8\""),
       "a slow route is answered from the pool");
}

static void test_lists(struct rig *rig)
{
    int pages = 0, rows = 0;
    char cursor[200] = "";
    do {
        char target[300];
        (void)snprintf(target, sizeof target, "/numbers?limit=30%s%s", cursor[0] != '\0' ? "&cursor=" : "", cursor);
        OK(call(rig, "GET", target, signed_in(rig, ""), NULL) == 200, "page %d", ++pages);
        for (const char *at = rig->body; (at = strstr(at, "{\"n\":")) != NULL; at++) {
            rows++;
        }
        const char *next = strstr(rig->body, "\"next\":\"");
        cursor[0] = '\0';
        if (next != NULL) {
            (void)snprintf(cursor, sizeof cursor, "%.*s", (int)strcspn(next + 8, "\""), next + 8);
        }
    } while (cursor[0] != '\0' && pages < 10);
    OK(pages == 4 && rows == 100, "four pages hold each row once");
    OK(call(rig, "GET", "/numbers?cursor=AAAA", signed_in(rig, ""), NULL) == 400 && says(rig, "api.cursor"),
       "a cursor that is not ours");
    OK(call(rig, "GET", "/numbers?limit=501", signed_in(rig, ""), NULL) == 400, "more than 500 rows");
    char tag[64] = "", heads[200];
    (void)call(rig, "GET", "/numbers", signed_in(rig, ""), NULL);
    const char *at = strstr(rig->answer, "ETag: ");
    (void)snprintf(tag, sizeof tag, "%.*s", at != NULL ? (int)strcspn(at + 6, "\r") : 0, at != NULL ? at + 6 : "");
    (void)snprintf(heads, sizeof heads, "If-None-Match: %s\r\n", tag);
    OK(tag[0] == 'W' && call(rig, "GET", "/numbers", signed_in(rig, heads), NULL) == 304 && rig->body[0] == '\0',
       "the same data again: 304");
    OK(call(rig, "GET", "/numbers?limit=3", signed_in(rig, heads), NULL) == 200, "other data: 200");
}

/* PostgreSQL's sequencer gives positions within a second; until then an entry is on its way. */
static void settle(const struct rig *rig)
{
    if (rig->bed.kind == BED_POSTGRES) {
        (void)usleep(1500000);
    }
}

static int64_t count_entries(struct rig *rig)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    bg_err err = store_read_begin(rig->app->store, 5000, &tx);
    if (!bg_failed(err)) {
        err = store_query_text(tx, "SELECT count(*) FROM journal_entry WHERE kind = 'note.made'", NULL, 0, &rows);
    }
    if (!bg_failed(err)) {
        err = store_next(rows, &more);
    }
    return !bg_failed(err) && more ? store_int(rows, 0) : -1;
}

static void test_idempotency(struct rig *rig)
{
    const char *key = "00000000-0000-7000-8000-00000000cc01";
    settle(rig);
    int64_t before = count_entries(rig);
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":3,\"reason\":\"练习\"}") == 201 && says(rig, "练习"),
       "a write");
    char first[400];
    (void)snprintf(first, sizeof first, "%s", rig->body);
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), " {\"reason\":\"练习\", \"qty\":3}") == 201 &&
           strcmp(first, rig->body) == 0 && says(rig, "Idempotency-Replayed: true"),
       "the same key and meaning: the same answer, byte for byte");
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":4,\"reason\":\"练习\"}") == 422 &&
           says(rig, "journal.op-reused"),
       "the same key, another body");
    key = "00000000-0000-7000-8000-00000000cc02";
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":11}") == 409 &&
           says(rig, "\"facts\":{\"available\":10}") && says(rig, "application/problem+json"),
       "a refusal carries its proof");
    (void)snprintf(first, sizeof first, "%s", rig->body);
    OK(call(rig, "POST", "/notes", write_heads(rig, key, ""), "{\"qty\":11}") == 409 && strcmp(first, rig->body) == 0,
       "and is replayed as it was");
    settle(rig);
    int64_t after = count_entries(rig);
    OK(after == before + 1, "one entry was written (%lld)", (long long)(after - before));
}

static void test_events(struct rig *rig)
{
    static char text[1 << 16];
    char request[400];
    int fd = dial(rig);
    int len =
        snprintf(request, sizeof request, "GET /api/v1/events HTTP/1.1\r\nHost: city.test\r\nCookie: %s\r\n\r\n", rig->cookie);
    say(fd, request, (size_t)len);
    (void)hear(fd, text, sizeof text, "retry: 2000");
    OK(strstr(text, "text/event-stream") != NULL, "the stream opens");
    (void)usleep(300000); /* the hub takes it in */
    OK(call(rig, "POST", "/notes", write_heads(rig, "00000000-0000-7000-8000-00000000dd01", ""), "{\"qty\":1}") == 201,
       "a change");
    (void)hear(fd, text, sizeof text, "note.made");
    const char *at = strstr(text, "id: ");
    OK(strstr(text, "\"object\":\"item\"") != NULL && at != NULL, "is told");
    long long position = at != NULL ? strtoll(at + 4, NULL, 10) : 0;
    OK(position > 0, "under its journal position");
    (void)close(fd);
    OK(call(rig, "POST", "/notes", write_heads(rig, "00000000-0000-7000-8000-00000000dd02", ""), "{\"qty\":2}") == 201,
       "a change while nobody listens");
    for (int i = 0; i < 400 && journal_head_position(rig->app->journal) <= position; i++) {
        (void)usleep(5000);
    }
    fd = dial(rig);
    len = snprintf(request, sizeof request,
                   "GET /api/v1/events HTTP/1.1\r\nHost: city.test\r\nCookie: %s\r\nLast-Event-ID: %lld\r\n\r\n", rig->cookie,
                   position);
    say(fd, request, (size_t)len);
    (void)hear(fd, text, sizeof text, "note.made");
    char want[64];
    (void)snprintf(want, sizeof want, "id: %lld\n", position + 1);
    OK(strstr(text, want) != NULL, "resuming tells what was missed");
    /* Ending the session ends the stream. */
    struct auth_session session;
    struct auth_credentials with = { .session = { rig->cookie + 4, strlen(rig->cookie) - 4 }, .origin = BG_STR("127.0.0.1") };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 16);
    bg_err err = auth_check(rig->app->auth, &with, arena, &session);
    OK(!bg_failed(err) && !bg_failed(auth_logout(rig->app->auth, &session)), "the session is ended");
    size_t rest = hear(fd, text, sizeof text, "0\r\n\r\n");
    OK(rest > 0 && strstr(text, "0\r\n\r\n") != NULL, "and the stream with it");
    (void)close(fd);
    OK(call(rig, "GET", "/numbers", signed_in(rig, ""), NULL) == 401, "and everything else");
}

/* --- stopping under load --- */

#define CLIENTS 8

struct client {
    struct rig *rig;
    int number, acknowledged;
    bool stop;
};

static void *client_main(void *ctx)
{
    struct client *client = ctx;
    static _Thread_local char text[1 << 14];
    int fd = dial(client->rig);
    for (int i = 0; fd >= 0; i++) {
        char request[600];
        const char *body = "{\"qty\":1}";
        int len = snprintf(request, sizeof request,
                           "POST /api/v1/notes HTTP/1.1\r\nHost: city.test\r\nCookie: %s\r\nContent-Type: application/json\r\n"
                           "Idempotency-Key: 00000000-0000-7000-8%03d-0000%08d\r\nContent-Length: %zu\r\n\r\n%s",
                           client->rig->cookie, client->number, i, strlen(body), body);
        say(fd, request, (size_t)len);
        if (hear(fd, text, sizeof text, "}") == 0) {
            break;
        }
        client->acknowledged += strncmp(text, "HTTP/1.1 201", 12) == 0;
        if (strstr(text, "Connection: close") != NULL) {
            break;
        }
    }
    (void)close(fd);
    return NULL;
}

static void test_stop(struct rig *rig)
{
    struct client clients[CLIENTS];
    pthread_t threads[CLIENTS];
    settle(rig);
    int64_t before = count_entries(rig);
    char request[400];
    static char text[1 << 16];
    int stream = dial(rig);
    int len =
        snprintf(request, sizeof request, "GET /api/v1/events HTTP/1.1\r\nHost: city.test\r\nCookie: %s\r\n\r\n", rig->cookie);
    say(stream, request, (size_t)len);
    (void)hear(stream, text, sizeof text, "retry: 2000");
    (void)usleep(300000);
    api_tell(rig->app, rig->city, 0, BG_STR("{\"kind\":\"job.progress\",\"done\":1}"));
    (void)hear(stream, text, sizeof text, "job.progress");
    OK(strstr(text, "job.progress") != NULL, "a message outside the journal is told");
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){ .rig = rig, .number = i };
        (void)pthread_create(&threads[i], NULL, client_main, &clients[i]);
    }
    (void)usleep(300000);
    OK(http_drain(rig->server, 10000), "the server drains under load, with a stream open");
    (void)close(stream);
    int64_t acknowledged = 0;
    for (int i = 0; i < CLIENTS; i++) {
        (void)pthread_join(threads[i], NULL);
        acknowledged += clients[i].acknowledged;
    }
    settle(rig);
    int64_t written = count_entries(rig) - before;
    OK(acknowledged > 0 && written == acknowledged, "what was acknowledged was written, and nothing else (%lld of %lld)",
       (long long)written, (long long)acknowledged);
}

/* --- set-up --- */

static const struct bg_log silent = { .fd = -1, .env = &bg_env_real };

static void rig_sign_in(struct rig *rig)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    struct auth_opened opened;
    char link[72] = "";
    const struct auth_first first = { BG_STR("120000"), BG_STR("天津"), BG_STR("Tianjin"), 480 };
    bg_err err = auth_first_run(rig->app->auth, &first, link);
    if (!bg_failed(err)) {
        const struct auth_login_in from = { .origin = BG_STR("127.0.0.1"), .agent = BG_STR("test"), .code = { "", 0 } };
        err = auth_link_accept(rig->app->auth, bg_str_of(link), BG_STR(PASSWORD), &from, arena, &opened);
    }
    OK(!bg_failed(err), "the first administrator signs in (%s)", bg_errors[err.code].slug);
    (void)snprintf(rig->cookie, sizeof rig->cookie, "sid=%s", opened.token);
}

/* The administrator's role waits for a second factor; the tests' city asks for none. */
static void rig_no_factor(struct rig *rig)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    BG_SCOPED_BUF reply = bg_buf_init(10000);
    struct auth_session session = auth_system(0, bg_now(&rig->app->env));
    STORE_SCOPED_READ tx = NULL;
    bg_err err = store_read_begin(rig->app->store, 1000, &tx);
    if (!bg_failed(err)) {
        err = auth_city_only(tx, &session.city);
    }
    bool replayed;
    const struct auth_policy_in policy = {
        .by = { rig->app->auth, &session }, .idle_min = 30, .device_idle_min = 480, .session_min = 720
    };
    if (!bg_failed(err)) {
        err = auth_run(rig->app->auth,
                       &(struct auth_run_in){ .kind = &auth_policy_put,
                                              .in = &policy,
                                              .session = &session,
                                              .op = bg_op_id_make(&rig->app->env),
                                              .body = BG_STR("policy"),
                                              .reason = BG_STR("") },
                       arena, &reply, &replayed);
    }
    rig->city = session.city;
    OK(!bg_failed(err), "the tests' city asks for no second factor (%s %s)", bg_errors[err.code].slug,
       err.field != NULL ? err.field : "");
}

static void suite(enum bed_kind kind)
{
    struct rig *rig = bg_heap_get(sizeof *rig);
    rig->bed = bed_make(kind);
    const struct app_config config = { .db = rig->bed.address, .keys = rig->bed.folder, .rate_address = -1, .rate_session = -1 };
    bg_err err = app_open(&config, &bg_env_real, &silent, &rig->app);
    if (!bg_failed(err)) {
        err = api_open_table(rig->app, tables);
    }
    OK(!bg_failed(err), "%s: everything opens (%s)", rig->bed.name, bg_errors[err.code].slug);
    const struct http_opts opts = { .listen = "127.0.0.1:0", .env = &bg_env_real, .handlers = api_handlers(rig->app) };
    OK(!bg_failed(http_open(&opts, &rig->server)), "and listens");
    rig->port = (int)strtol(strrchr(http_url(rig->server), ':') + 1, NULL, 10);
    rig_sign_in(rig);
    rig_no_factor(rig);
    test_admission(rig);
    test_cross_site(rig);
    test_input(rig);
    test_lists(rig);
    test_idempotency(rig);
    test_events(rig);
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    struct auth_opened opened;
    err = auth_login(rig->app->auth,
                     &(struct auth_login_in){ .login = BG_STR("admin"),
                                              .password = BG_STR(PASSWORD),
                                              .code = { "", 0 },
                                              .device = { "", 0 },
                                              .origin = BG_STR("127.0.0.1"),
                                              .agent = BG_STR("test") },
                     arena, &opened);
    OK(!bg_failed(err), "signing in again (%s)", bg_errors[err.code].slug);
    (void)snprintf(rig->cookie, sizeof rig->cookie, "sid=%s", opened.token);
    test_stop(rig);
    api_close(rig->app);
    http_close(rig->server);
    app_close(rig->app);
    bed_done(&rig->bed);
    bg_heap_free(rig);
}

int main(void)
{
    json_init();
    suite(BED_SQLITE);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
