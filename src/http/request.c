/* A request from its first line to the end of its answer: what libmicrohttpd calls, in the order it calls it. */
#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "http/inner.h"

static int64_t now_us(const struct http_server *server)
{
    return server->env.monotonic_us(server->env.ctx);
}

static void count(_Atomic int64_t *counter, int64_t by)
{
    (void)atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static struct conn *conn_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* --- connection --- */

static void conn_open(struct http_server *server, struct MHD_Connection *mhd, void **socket_context)
{
    struct conn *conn = bg_heap_get(sizeof *conn);
    *socket_context = conn;
    if (conn == NULL) {
        return;
    }
    conn->server = server;
    conn->mhd = mhd;
    conn->reply = bg_buf_init(server->opts.reply_max);
    conn->body = bg_buf_init(SIZE_MAX / 2);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    conn->fd = info != NULL ? info->connect_fd : -1;
    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    address_text(info != NULL ? info->client_addr : NULL, conn->peer);
    atomic_store(&conn->deadline_us, now_us(server) + HEAD_WAIT_US);
    pthread_mutex_lock(&server->lock);
    conn->next = server->conns;
    if (conn->next != NULL) {
        conn->next->prev = conn;
    }
    server->conns = conn;
    pthread_mutex_unlock(&server->lock);
    count(&server->connections, 1);
}

static void conn_free(struct conn *conn)
{
    struct http_server *server = conn->server;
    pthread_mutex_lock(&server->lock);
    if (conn->prev != NULL) {
        conn->prev->next = conn->next;
    } else {
        server->conns = conn->next;
    }
    if (conn->next != NULL) {
        conn->next->prev = conn->prev;
    }
    pthread_mutex_unlock(&server->lock);
    bg_arena_close(conn->rq.arena);
    bg_buf_done(&conn->reply);
    bg_buf_done(&conn->body);
    bg_heap_free(conn);
    count(&server->connections, -1);
}

void conn_notify(void *ctx, struct MHD_Connection *mhd, void **socket_context, enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        conn_open(ctx, mhd, socket_context);
    } else if (*socket_context != NULL) {
        conn_free(*socket_context);
        *socket_context = NULL;
    }
}

/* --- head --- */

size_t keep_path(void *ctx, struct MHD_Connection *mhd, char *text)
{
    (void)ctx;
    (void)mhd;
    return strlen(text);
}

/* The first line has come. libmicrohttpd is about to cut the target into pieces, so it is copied as it was sent. */
void *conn_target(void *ctx, const char *uri, struct MHD_Connection *mhd)
{
    struct http_server *server = ctx;
    struct conn *conn = conn_of(mhd);
    if (conn == NULL) {
        return NULL;
    }
    if (conn->rq.arena == NULL) {
        conn->rq.arena = bg_arena_open(server->opts.arena_max);
    }
    bg_str target = bg_str_of(uri);
    conn->target = NULL;
    if (conn->rq.arena != NULL) {
        conn->target = bg_arena_copy(conn->rq.arena, target).at;
    }
    /* It would now split and unescape the query, parameter by parameter, which we do ourselves: so the query is cut off in its
     * buffer. */
    size_t mark = bg_str_find(target, '?');
    if (mark + 1 < target.len) {
        union {
            const char *in;
            char *out;
        } at = { .in = uri + mark + 1 };
        *at.out = '\0';
    }
    return conn;
}

/* The address behind a proxy we trust: what that proxy itself appended, the last of the list. */
static bg_str peer_of(struct conn *conn)
{
    bg_str list = http_header(&conn->rq, "X-Forwarded-For");
    size_t from = list.len;
    while (from > 0 && list.at[from - 1] != ',') {
        from--;
    }
    bg_str last = bg_str_trim(bg_str_cut(list, from, list.len));
    char text[INET6_ADDRSTRLEN];
    if (last.len == 0 || last.len >= sizeof text) {
        return bg_str_of(conn->peer);
    }
    memcpy(text, last.at, last.len);
    text[last.len] = '\0';
    unsigned char binary[16];
    bool numeric = inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
    return numeric ? last : bg_str_of(conn->peer);
}

static void fill_request(struct conn *conn, const char *method)
{
    struct http_request *rq = &conn->rq;
    const struct http_server *server = conn->server;
    conn->head_only = strcmp(method, "HEAD") == 0;
    rq->method = conn->head_only ? BG_STR("GET") : bg_str_of(method);
    bg_str target = bg_str_of(conn->target);
    size_t mark = bg_str_find(target, '?');
    rq->path = bg_str_cut(target, 0, mark);
    rq->query = bg_str_cut(target, mark + 1, target.len);
    rq->body = (bg_str){ "", 0 };
    rq->body_max = 0;
    rq->reply = &conn->reply;
    rq->user = NULL;
    rq->peer = bg_str_of(conn->peer);
    rq->secure = server->tls;
    if (server->opts.trusted_proxy != NULL && strcmp(server->opts.trusted_proxy, conn->peer) == 0) {
        rq->peer = peer_of(conn);
        rq->secure = rq->secure || bg_str_is(http_header(rq, "X-Forwarded-Proto"), "https");
    }
}

bg_str http_header(const struct http_request *rq, const char *name)
{
    const struct conn *conn = (const struct conn *)rq;
    const char *value = NULL;
    size_t size = 0;
    if (MHD_lookup_connection_value_n(conn->mhd, MHD_HEADER_KIND, name, strlen(name), &value, &size) != MHD_YES ||
        value == NULL) {
        return (bg_str){ "", 0 };
    }
    return (bg_str){ value, size };
}

/* --- answer --- */

static enum MHD_Result queue_answer(struct conn *conn)
{
    struct http_server *server = conn->server;
    if (conn->response == NULL) {
        return MHD_NO; /* not even memory for an answer: the connection ends */
    }
    if (conn->close_after || atomic_load_explicit(&server->draining, memory_order_relaxed)) {
        (void)MHD_add_response_header(conn->response, "Connection", "close");
    }
    enum MHD_Result queued = MHD_queue_response(conn->mhd, (unsigned)conn->status, conn->response);
    MHD_destroy_response(conn->response);
    conn->response = NULL;
    conn->state = CONN_QUEUED;
    count(&server->by_class[conn->status / 100 < 6 ? conn->status / 100 : 5], 1);
    return queued;
}

static enum MHD_Result run_handler(struct conn *conn)
{
    struct http_server *server = conn->server;
    conn->state = CONN_HANDLED;
    server->opts.handlers.handle(server->opts.handlers.ctx, &conn->rq);
    if (conn->state == CONN_WAITING) {
        return MHD_YES; /* from here on the answering thread owns it */
    }
    if (!conn->answered) {
        conn_refuse(conn, BG_FAIL(BG_INTERNAL));
    }
    return queue_answer(conn);
}

void http_wait(struct http_request *rq)
{
    struct conn *conn = (struct conn *)rq;
    assert(conn->state == CONN_HANDLED);
    conn->state = CONN_WAITING;
    count(&conn->server->waiting, 1);
    MHD_suspend_connection(conn->mhd);
}

void http_wake(struct http_request *rq, void (*answer)(struct http_request *rq))
{
    struct conn *conn = (struct conn *)rq;
    assert(conn->state == CONN_WAITING && !conn->answered);
    conn->on_wake = answer;
    count(&conn->server->waiting, -1);
    MHD_resume_connection(conn->mhd);
}

/* Back on its own thread. */
static enum MHD_Result woken(struct conn *conn)
{
    conn->state = CONN_HANDLED;
    if (conn->on_wake != NULL) {
        conn->on_wake(&conn->rq);
        conn->on_wake = NULL;
        if (!conn->answered) {
            conn_refuse(conn, BG_FAIL(BG_INTERNAL));
        }
    }
    return queue_answer(conn);
}

/* Any thread. A waiting connection is woken and queues its answer itself. */
void conn_answer(struct conn *conn, int status, struct MHD_Response *response)
{
    assert(!conn->answered);
    conn->answered = true;
    conn->status = status;
    conn->response = response;
    if (conn->state == CONN_WAITING) {
        count(&conn->server->waiting, -1);
        MHD_resume_connection(conn->mhd);
    }
}

/* --- body --- */

static void body_done(struct conn *conn)
{
    count(&conn->server->body_bytes, -(int64_t)conn->body.len);
    if (conn->body.room > KEEP_REPLY_BYTES) {
        bg_buf_done(&conn->body);
    }
    bg_buf_clear(&conn->body);
}

static void body_deadline(struct conn *conn)
{
    int64_t now = now_us(conn->server);
    int64_t whole = conn->body_from_us + HEAD_WAIT_US + (int64_t)(conn->length / BODY_RATE_BYTES) * 1000000;
    int64_t pause = now + BODY_PAUSE_US;
    atomic_store_explicit(&conn->deadline_us, pause < whole ? pause : whole, memory_order_relaxed);
}

static void body_add(struct conn *conn, const char *bytes, size_t size)
{
    struct http_server *server = conn->server;
    int64_t together = atomic_fetch_add(&server->body_bytes, (int64_t)size) + (int64_t)size;
    bg_buf_add(&conn->body, (bg_str){ bytes, size });
    if (conn->body.failed) {
        count(&server->body_bytes, -(int64_t)size);
    }
    if (conn->body.failed || together > (int64_t)server->opts.bodies_max) {
        body_done(conn);
        conn->state = CONN_DISCARD;
        conn_refuse(conn, BG_FAIL(BG_BUSY));
    }
    body_deadline(conn);
}

static enum MHD_Result body_whole(struct conn *conn)
{
    if (!conn->has_body) {
        return run_handler(conn);
    }
    bg_buf_byte(&conn->body, '\0');
    if (conn->body.failed) {
        conn_refuse(conn, BG_FAIL(BG_NO_MEMORY));
        return queue_answer(conn);
    }
    conn->body.len--; /* the NUL stands behind the span */
    conn->rq.body = bg_buf_str(&conn->body);
    atomic_store_explicit(&conn->deadline_us, 0, memory_order_relaxed);
    return run_handler(conn);
}

/* Answered before the body: a small body is thrown away first so that the connection lives on; with a large one it ends.
 * libmicrohttpd 0.9.75 closes every connection whose answer is queued in the first call for a request, so even an answer to a
 * request without body waits for the second call, which follows at once. */
static enum MHD_Result answer_early(struct conn *conn)
{
    if (conn->length <= DISCARD_MAX_BYTES && http_header(&conn->rq, "Expect").len == 0 && !conn->close_after) {
        conn->state = CONN_DISCARD;
        body_deadline(conn);
        return MHD_YES;
    }
    conn->close_after = true;
    return queue_answer(conn);
}

/* --- in order --- */

static enum MHD_Result head_whole(struct conn *conn, const char *method, const char *version)
{
    struct http_server *server = conn->server;
    conn->state = CONN_BEGUN;
    conn->began_us = now_us(server);
    conn->body_from_us = conn->began_us;
    conn->close_after = false;
    atomic_store_explicit(&conn->deadline_us, 0, memory_order_relaxed);
    count(&server->requests, 1);
    /* Counted first, then looked at: either http_drain sees this request, or this request sees that the server is shut. */
    (void)atomic_fetch_add(&server->under_way, 1);
    bg_err err = atomic_load(&server->shut) ? BG_FAIL(BG_STORE_CLOSED) : head_check(conn, method, version);
    if (bg_failed(err)) {
        conn->close_after = true;
        conn->has_body = false;
        conn_refuse(conn, err);
        return queue_answer(conn);
    }
    fill_request(conn, method);
    conn->seen = true;
    if (server->opts.handlers.begin != NULL) {
        server->opts.handlers.begin(server->opts.handlers.ctx, &conn->rq);
    }
    if (!conn->answered && conn->length > conn->rq.body_max) {
        conn_refuse(conn, BG_FAIL(BG_TOO_LARGE));
    }
    if (conn->answered) {
        return answer_early(conn);
    }
    if (conn->has_body) {
        body_deadline(conn);
    }
    return MHD_YES;
}

enum MHD_Result conn_access(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
                            const char *upload, size_t *upload_size, void **con_cls)
{
    (void)ctx;
    (void)mhd;
    (void)url;
    struct conn *conn = *con_cls;
    if (conn == NULL) {
        return MHD_NO; /* no memory for the connection */
    }
    size_t size = *upload_size;
    *upload_size = 0;
    switch (conn->state) {
    case CONN_IDLE: return head_whole(conn, method, version);
    case CONN_BEGUN:
        if (size == 0) {
            return body_whole(conn);
        }
        body_add(conn, upload, size);
        return MHD_YES;
    case CONN_DISCARD:
        if (size == 0) {
            return queue_answer(conn);
        }
        body_deadline(conn);
        return MHD_YES;
    case CONN_WAITING: return woken(conn);
    case CONN_HANDLED:
    case CONN_QUEUED: break;
    }
    return MHD_NO;
}

static void count_time(struct http_server *server, int64_t us)
{
    static const int64_t bounds[] = { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 500000, 2500000 };
    size_t i = 0;
    while (i < sizeof bounds / sizeof bounds[0] && us > bounds[i]) {
        i++;
    }
    count(&server->time_us[i], 1);
    count(&server->time_sum_us, us);
}

void conn_completed(void *ctx, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode why)
{
    struct http_server *server = ctx;
    struct conn *conn = *con_cls;
    (void)mhd;
    (void)why;
    if (conn == NULL) {
        return;
    }
    *con_cls = NULL;
    bool counted = conn->state != CONN_IDLE && conn->stream == NULL;
    if (conn->stream != NULL) {
        stream_gone(conn->stream);
        conn->stream = NULL;
    }
    if (conn->seen && server->opts.handlers.done != NULL) {
        server->opts.handlers.done(server->opts.handlers.ctx, &conn->rq);
    }
    if (conn->response != NULL) {
        MHD_destroy_response(conn->response);
        conn->response = NULL;
    }
    int64_t now = now_us(server);
    if (counted) {
        count_time(server, now - conn->began_us);
        count(&server->bytes_out, (int64_t)conn->reply.len);
    }
    conn->seen = false;
    conn->answered = false;
    body_done(conn);
    if (conn->reply.room > KEEP_REPLY_BYTES) {
        bg_buf_done(&conn->reply);
    }
    bg_buf_clear(&conn->reply);
    if (conn->rq.arena != NULL) {
        bg_arena_reset(conn->rq.arena);
    }
    conn->state = CONN_IDLE;
    atomic_store_explicit(&conn->deadline_us, now + IDLE_WAIT_US, memory_order_relaxed);
    if (counted) {
        (void)atomic_fetch_sub(&server->under_way, 1);
    }
}
