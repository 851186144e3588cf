/* The transport against raw sockets: what is refused, how bodies are bounded, waiting answers, streams, assets, drain. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "tap.h"

/* The machine's clock, and how far the tests have moved it on. */
static int64_t ahead_us;

static int64_t moved_us(void *ctx)
{
    (void)ctx;
    return bg_env_real.monotonic_us(bg_env_real.ctx) + __atomic_load_n(&ahead_us, __ATOMIC_RELAXED);
}

struct rig {
    struct http_server *server;
    struct http_stream *stream;
    struct http_request *later;
    int port, begun, done, begun_slow;
};

static void rig_begin(void *ctx, struct http_request *rq)
{
    struct rig *rig = ctx;
    rig->begun++;
    rig->begun_slow += bg_str_is(rq->path, "/slow");
    rq->body_max = 1000;
    if (bg_str_is(rq->path, "/early")) {
        http_reply_static(rq, 401, "text/plain", BG_STR("who are you"), NULL, 0);
    }
}

static void *answer_later(void *ctx)
{
    struct http_request *rq = ctx;
    bg_buf_add(rq->reply, BG_STR("later"));
    http_reply(rq, 200, "text/plain", NULL, 0);
    return NULL;
}

static void woken_answer(struct http_request *rq)
{
    bg_buf_add(rq->reply, BG_STR("woken"));
    http_reply(rq, 200, "text/plain", NULL, 0);
}

static void *wake_later(void *ctx)
{
    http_wake(ctx, woken_answer);
    return NULL;
}

static const uint8_t plain_gz[] = { 0x1f, 0x8b, 8, 0, 0,    0,    0,    0,    2, 3, 0xcb, 0x48, 0xcd,
                                    0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0,    0 };
static const struct http_asset asset_list[] = {
    { .path = "/app.js",
      .media = "text/javascript",
      .etag = "0123456789abcdef",
      .gz = plain_gz,
      .gz_size = sizeof plain_gz,
      .size = 5,
      .immutable = true },
    { .path = "/index.html",
      .media = "text/html",
      .etag = "fedcba9876543210",
      .gz = plain_gz,
      .gz_size = sizeof plain_gz,
      .size = 5 },
};
static const struct http_assets assets = { .list = asset_list, .count = 2 };

static void rig_handle(void *ctx, struct http_request *rq)
{
    struct rig *rig = ctx;
    pthread_t thread;
    if (bg_str_is(rq->path, "/wait") || bg_str_is(rq->path, "/wake")) {
        http_wait(rq);
        (void)pthread_create(&thread, NULL, bg_str_is(rq->path, "/wake") ? wake_later : answer_later, rq);
        (void)pthread_detach(thread);
    } else if (bg_str_is(rq->path, "/hold")) {
        http_wait(rq);
        rig->later = rq;
    } else if (bg_str_is(rq->path, "/stream")) {
        bg_ignore(http_stream_open(rq, NULL, 0, 64, &rig->stream));
    } else if (bg_str_is(rq->path, "/nothing")) {
        return;
    } else if (!http_reply_asset(rq, &assets, rq->path, NULL, 0)) {
        bg_buf_print(rq->reply, "%.*s|%.*s|%.*s|%.*s|%zu", BG_STR_FMT(rq->method), BG_STR_FMT(rq->path), BG_STR_FMT(rq->query),
                     BG_STR_FMT(rq->body), rq->body.len);
        http_reply(rq, 200, "text/plain", NULL, 0);
    }
}

static void rig_done(void *ctx, struct http_request *rq)
{
    (void)rq;
    ((struct rig *)ctx)->done++;
}

static int dial(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 5 };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? fd : -1;
}

static void say(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
}

static void tell(int fd, const char *text)
{
    say(fd, text, strlen(text));
}

/* Reads until `end` was seen or the peer closed; the text is kept in a static buffer. */
static const char *hear(int fd, const char *end)
{
    static char text[1 << 16];
    size_t len = 0;
    text[0] = '\0';
    while (len + 1 < sizeof text) {
        ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        text[len] = '\0';
        if (end != NULL && strstr(text, end) != NULL) {
            break;
        }
    }
    return text;
}

/* Sends bytes on a fresh connection and hears until it is closed or `end` comes. */
static const char *ask_bytes(struct rig *rig, const char *bytes, size_t size, const char *end)
{
    int fd = dial(rig->port);
    say(fd, bytes, size);
    const char *text = hear(fd, end);
    (void)close(fd);
    return text;
}

static const char *ask(struct rig *rig, const char *bytes, const char *end)
{
    return ask_bytes(rig, bytes, strlen(bytes), end);
}

static int status_of(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

static void test_plain(struct rig *rig)
{
    const char *got = ask(rig, "GET /a%2Fb?x=1&y=%20 HTTP/1.1\r\nHost: h\r\n\r\n", "|0");
    OK(status_of(got) == 200 && strstr(got, "GET|/a%2Fb|x=1&y=%20||0") != NULL, "path and query arrive as they were sent");
    got = ask(rig, "HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    OK(status_of(got) == 200 && strstr(got, "Content-Length: 10") != NULL && strstr(got, "GET|") == NULL,
       "HEAD has the head of GET and no body");
    got = ask(rig, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", "|5");
    OK(strstr(got, "POST|/p||hello|5") != NULL, "a body arrives whole");
    int fd = dial(rig->port);
    const char *parts = "POST /split HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    for (size_t i = 0; parts[i] != '\0'; i++) {
        say(fd, parts + i, 1);
    }
    OK(strstr(hear(fd, "|3"), "POST|/split||abc|3") != NULL, "split at every byte it reads the same");
    tell(fd, "GET /one HTTP/1.1\r\nHost: h\r\n\r\nGET /two HTTP/1.1\r\nHost: h\r\n\r\n");
    got = hear(fd, "/two");
    OK(strstr(got, "/one") != NULL && strstr(got, "/two") != NULL, "two requests sent together are answered in order");
    (void)close(fd);
    got = ask(rig, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n", "later");
    OK(status_of(got) == 200 && strstr(got, "later") != NULL, "an answer may come later from another thread");
    got = ask(rig, "GET /wake HTTP/1.1\r\nHost: h\r\n\r\n", "woken");
    OK(status_of(got) == 200 && strstr(got, "woken") != NULL, "or be made on its own thread after another woke it");
    got = ask(rig, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", "}");
    OK(status_of(got) == 500 && strstr(got, "base.internal") != NULL, "a handler that forgets to answer gives 500, not silence");
}

static void test_refusals(struct rig *rig)
{
    static const struct {
        const char *bytes;
        int status;
        const char *name;
    } cases[] = {
        { "GET / HTTP/1.1\r\n\r\n", 400, "no Host" },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "two Hosts" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "CL and TE" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "chunked" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 411, "an odd coding" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, "two lengths" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, "two equal lengths" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nhello", 400, "a list of lengths" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello", 400, "a signed length" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nhello", 400, "a blank before the colon" },
        { "GET / HTTP/1.1\r\nHost: h\nX: 1\r\n\r\n", 400, "a bare LF after Host" },
        { "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, "a bare LF after the first line" },
        { "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, "a bare LF as the empty line" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400, "a folded line" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX\x01: 1\r\n\r\n", 400, "a control in a name" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
          "b\r\n\r\n",
          400, "a control in a value" },
        { "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "an absolute target" },
        { "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "TRACE" },
        { "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "CONNECT" },
        { "get / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "a method in small letters" },
    };
    int begun = rig->begun;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = ask(rig, cases[i].bytes, NULL); /* NULL: the connection must be closed */
        OK(status_of(got) == cases[i].status, "%s is refused with %d and the connection closed (%d)", cases[i].name,
           cases[i].status, status_of(got));
    }
    const char nul[] = "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n";
    OK(status_of(ask_bytes(rig, nul, sizeof nul - 1, NULL)) == 400, "a NUL in a value is refused");
    OK(rig->begun == begun, "no handler saw any of them");
}

static void test_sizes(struct rig *rig)
{
    static char big[40000];
    int len = snprintf(big, sizeof big, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
    memset(big + len, 'a', 17000);
    memcpy(big + len + 17000, "\r\n\r\n", 5);
    OK(status_of(ask(rig, big, NULL)) == 431, "a head above 16 KiB is refused");
    len = snprintf(big, sizeof big, "GET /");
    memset(big + len, 'a', 9000);
    (void)snprintf(big + len + 9000, sizeof big - 9100, " HTTP/1.1\r\nHost: h\r\n\r\n");
    OK(status_of(ask(rig, big, NULL)) == 414, "a target above 8 KiB is refused");
    len = snprintf(big, sizeof big, "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 101; i++) {
        len += snprintf(big + len, sizeof big - (size_t)len, "X-%d: 1\r\n", i);
    }
    (void)snprintf(big + len, sizeof big - (size_t)len, "\r\n");
    OK(status_of(ask(rig, big, NULL)) == 431, "more than 100 headers are refused");
    len = snprintf(big, sizeof big, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
    memset(big + len, 'x', 1001);
    int fd = dial(rig->port);
    say(fd, big, (size_t)len + 1001);
    OK(status_of(hear(fd, "}")) == 413, "a body above what the handler welcomes is refused");
    tell(fd, "GET /still HTTP/1.1\r\nHost: h\r\n\r\n");
    OK(strstr(hear(fd, "|0"), "/still") != NULL, "after a small refused body the connection lives on");
    (void)close(fd);
    OK(status_of(ask(rig, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n", NULL)) == 413,
       "a body of 1 GB is refused before it is sent");
    fd = dial(rig->port);
    tell(fd, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcdGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    const char *got = hear(fd, "/next");
    OK(status_of(got) == 401 && strstr(got, "GET|/next") != NULL,
       "an early answer throws the body away and the next request is read");
    (void)close(fd);
    OK(status_of(ask(rig, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab", "|2")) == 100,
       "100 Continue comes when the body is welcome");
}

static void test_assets(struct rig *rig)
{
    const char *got = ask(rig, "GET /app.js HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, br\r\n\r\n", "\r\n\r\n");
    OK(strstr(got, "Content-Encoding: gzip") != NULL && strstr(got, "ETag: \"0123456789abcdef-gz\"") != NULL &&
           strstr(got, "immutable") != NULL,
       "an asset is sent compressed, with its tag");
    got = ask(rig, "GET /index.html HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0\r\n\r\n", "hello");
    OK(strstr(got, "hello") != NULL && strstr(got, "no-cache") != NULL, "a client without gzip gets plain bytes");
    got = ask(rig,
              "GET /app.js HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\", "
              "W/\"0123456789abcdef-gz\"\r\nConnection: close\r\n\r\n",
              NULL);
    OK(status_of(got) == 304, "a known tag answers 304");
}

static void test_stream(struct rig *rig)
{
    int fd = dial(rig->port);
    tell(fd, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    const char *got = hear(fd, "\r\n\r\n");
    OK(strstr(got, "text/event-stream") != NULL, "a stream opens at once");
    bool sent = true;
    for (int i = 0; i < 5; i++) {
        char event[16];
        int len = snprintf(event, sizeof event, "data: %d\n\n", i);
        sent = sent && http_stream_send(rig->stream, (bg_str){ event, (size_t)len });
        OK(strstr(hear(fd, event), event) != NULL, "event %d arrives", i);
    }
    OK(sent, "sends are accepted");
    OK(!http_stream_send(rig->stream, BG_STR("0123456789012345678901234567890123456789012345678901234567890123456789")),
       "more than the room is refused");
    http_stream_close(rig->stream);
    OK(strstr(hear(fd, "0\r\n\r\n"), "0\r\n\r\n") != NULL, "closing ends the body");
    (void)close(fd);
    fd = dial(rig->port);
    tell(fd, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    (void)hear(fd, "\r\n\r\n");
    (void)close(fd);
    bool gone = false;
    for (int i = 0; i < 500 && !gone; i++) {
        gone = !http_stream_send(rig->stream, BG_STR(":\n\n"));
        (void)usleep(2000);
    }
    OK(gone, "a client that left is noticed");
    http_stream_close(rig->stream);
}

/* Slow clients: a head that never ends, a body that pauses, and one that keeps moving. */
static void test_reaper(struct rig *rig)
{
    int head = dial(rig->port), body = dial(rig->port), idle = dial(rig->port);
    tell(head, "GET / HTTP/1.1\r\nHost: h\r\nX-");
    tell(idle, "GET /idle HTTP/1.1\r\nHost: h\r\n\r\n");
    (void)hear(idle, "|0");
    tell(body, "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n123");
    for (int i = 0; i < 500 && rig->begun_slow == 0; i++) {
        (void)usleep(2000);
    }
    (void)__atomic_fetch_add(&ahead_us, 11000000, __ATOMIC_RELAXED);
    OK(hear(body, NULL)[0] == '\0', "a body that pauses for more than 10 s is cut");
    tell(idle, "GET /idle HTTP/1.1\r\nHost: h\r\n\r\n");
    OK(strstr(hear(idle, "|0"), "/idle") != NULL, "a connection that is idle for 11 s is not");
    (void)__atomic_fetch_add(&ahead_us, 20000000, __ATOMIC_RELAXED);
    OK(hear(head, NULL)[0] == '\0', "a head that takes more than 30 s is cut");
    (void)__atomic_fetch_add(&ahead_us, 60000000, __ATOMIC_RELAXED);
    OK(hear(idle, NULL)[0] == '\0', "a connection that is idle for more than 75 s is cut");
    (void)close(head);
    (void)close(body);
    (void)close(idle);
}

static void test_drain(struct rig *rig)
{
    int held = dial(rig->port), stream = dial(rig->port), kept = dial(rig->port);
    tell(kept, "GET /kept HTTP/1.1\r\nHost: h\r\n\r\n");
    (void)hear(kept, "|0");
    tell(stream, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    (void)hear(stream, "\r\n\r\n");
    tell(held, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 500 && http_stats(rig->server).waiting == 0; i++) {
        (void)usleep(2000);
    }
    OK(!http_drain(rig->server, 20), "drain tells that a request is still waiting");
    OK(dial(rig->port) < 0, "nobody new is accepted");
    OK(strstr(hear(stream, "0\r\n\r\n"), "0\r\n\r\n") != NULL, "the stream has ended");
    tell(kept, "GET /again HTTP/1.1\r\nHost: h\r\n\r\n");
    OK(strstr(hear(kept, NULL), "Connection: close") != NULL, "a live connection is still answered, and asked to close");
    answer_later(rig->later);
    OK(strstr(hear(held, NULL), "later") != NULL, "the waiting request gets its answer");
    OK(http_drain(rig->server, 5000), "then nothing is under way");
    http_stream_close(rig->stream);
    (void)close(held);
    (void)close(stream);
    (void)close(kept);
}

static void test_text(void)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4096);
    bg_str out;
    OK(http_decode(BG_STR("a%20b+c"), true, arena, &out) && bg_str_is(out, "a b c"), "a form blank");
    OK(http_decode(BG_STR("%E5%8F%A3%e7%bd%a9"), false, arena, &out) && bg_str_is(out, "口罩"), "Chinese");
    OK(!http_decode(BG_STR("%"), false, arena, &out) && !http_decode(BG_STR("%4"), false, arena, &out) &&
           !http_decode(BG_STR("%zz"), false, arena, &out),
       "bad escapes");
    OK(!http_decode(BG_STR("%00"), false, arena, &out) && !http_decode(BG_STR("%ff"), false, arena, &out) &&
           !http_decode(BG_STR("%c0%af"), false, arena, &out),
       "NUL and broken UTF-8");
    bg_str rest = BG_STR("&a=1&&b&c=%3D=2"), name, value;
    OK(http_query_next(&rest, &name, &value) && bg_str_is(name, "a") && bg_str_is(value, "1"), "first pair");
    OK(http_query_next(&rest, &name, &value) && bg_str_is(name, "b") && value.len == 0, "a name alone");
    OK(http_query_next(&rest, &name, &value) && bg_str_is(name, "c") && bg_str_is(value, "%3D=2"), "the first = divides");
    OK(!http_query_next(&rest, &name, &value), "the end");
}

int main(void)
{
    struct rig rig = { 0 };
    struct bg_env env = bg_env_real;
    env.monotonic_us = moved_us;
    struct http_opts opts = { .listen = "127.0.0.1:0", .env = &env, .handlers = { &rig, rig_begin, rig_handle, rig_done } };
    bg_err err = http_open(&opts, &rig.server);
    OK(!bg_failed(err), "the server starts");
    rig.port = (int)strtol(strrchr(http_url(rig.server), ':') + 1, NULL, 10);
    struct http_server *second;
    opts.listen = "127.0.0.1:x";
    OK(http_open(&opts, &second).code == BG_HTTP_LISTEN, "a bad address is named");
    test_text();
    test_plain(&rig);
    test_refusals(&rig);
    test_sizes(&rig);
    test_assets(&rig);
    test_stream(&rig);
    test_reaper(&rig);
    test_drain(&rig);
    http_close(rig.server);
    OK(rig.done == rig.begun, "every request that began was done");
    return TAP_DONE();
}
