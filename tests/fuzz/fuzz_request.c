/* Whole requests as bytes on a socket: the head as libmicrohttpd and head.c read it together, cookies, headers, bodies, live streams.
 * Whatever comes, the server answers HTTP or nothing, and goes on. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct http_server *server;
static char path[64];

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void begin(void *ctx, struct http_request *rq)
{
    (void)ctx;
    rq->body_max = bg_str_is(rq->path, "/body") ? 1000 : 0;
}

static bool is_plain(bg_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\0') {
            return false;
        }
    }
    return true;
}

static void handle(void *ctx, struct http_request *rq)
{
    static const char *const names[] = { "Last-Event-ID", "Cookie", "Idempotency-Key", "Content-Type", "Origin", "X-Forwarded-For" };
    struct http_stream *stream;
    bg_str rest = rq->query, name, value, decoded;
    (void)ctx;
    check(rq->body.len <= rq->body_max && is_plain(http_cookie(rq, "sid")) && is_plain(rq->path) && rq->path.len <= 8192);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        check(is_plain(http_header(rq, names[i])));
    }
    for (int i = 0; i < 100 && http_query_next(&rest, &name, &value); i++) {
        (void)http_decode(value, true, rq->arena, &decoded);
    }
    (void)http_unchanged(rq, BG_STR("\"abc\""));
    if (bg_str_is(rq->path, "/events") && !bg_failed(http_stream_open(rq, NULL, 0, 4096, &stream))) {
        (void)http_stream_send(stream, BG_STR("data: 1\n\n"));
        http_stream_close(stream);
        return;
    }
    bg_json_object(rq->reply);
    bg_json_put_str(rq->reply, "sid", http_cookie(rq, "sid"));
    bg_json_object_end(rq->reply);
    http_reply(rq, 200, "application/json", NULL, 0);
}

static void done(void *ctx, struct http_request *rq)
{
    (void)ctx;
    (void)rq;
}

static void leave(void)
{
    http_close(server);
    (void)unlink(path + 5);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    (void)snprintf(path, sizeof path, "unix:/tmp/fuzz_request.%ld", (long)getpid());
    const struct http_opts opts = {
        .listen = path, .threads = 1, .env = &bg_env_real, .handlers = { .begin = begin, .handle = handle, .done = done }
    };
    check(!bg_failed(http_open(&opts, &server)));
    return atexit(leave);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    char answer[65536];
    size_t len = 0, sent = 0;
    if (size > 60000) {
        return 0;
    }
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", path + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    while (sent < size) {
        ssize_t part = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
        if (part <= 0) {
            break;
        }
        sent += (size_t)part;
    }
    (void)shutdown(fd, SHUT_WR);
    struct pollfd waits = { .fd = fd, .events = POLLIN };
    /* Not for ever: a body that does not come is waited for, as it may. */
    for (ssize_t part; len < sizeof answer && poll(&waits, 1, 100) == 1 && (part = recv(fd, answer + len, sizeof answer - len, 0)) > 0;) {
        len += (size_t)part;
    }
    (void)close(fd);
    check(len == 0 || (len > 9 && memcmp(answer, "HTTP/1.1 ", 9) == 0) || memcmp(answer, "HTTP/1.0 ", 9) == 0);
    return 0;
}
