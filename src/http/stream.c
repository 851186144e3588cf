/* Live streams: a bounded buffer between whoever sends (any thread) and the connection, which sleeps while there is nothing to say. */
#include <assert.h>
#include <string.h>

#include "http/inner.h"

#define STREAM_BLOCK_BYTES 2048

static void stream_list(struct http_stream *stream)
{
    struct http_server *server = stream->server;
    pthread_mutex_lock(&server->lock);
    stream->next = server->streams;
    if (stream->next != NULL) {
        stream->next->prev = stream;
    }
    server->streams = stream;
    pthread_mutex_unlock(&server->lock);
    (void)atomic_fetch_add(&server->stream_count, 1);
}

static void stream_unlist(struct http_stream *stream)
{
    struct http_server *server = stream->server;
    pthread_mutex_lock(&server->lock);
    if (stream->prev != NULL) {
        stream->prev->next = stream->next;
    } else {
        server->streams = stream->next;
    }
    if (stream->next != NULL) {
        stream->next->prev = stream->prev;
    }
    pthread_mutex_unlock(&server->lock);
    (void)atomic_fetch_sub(&server->stream_count, 1);
}

/* The caller and libmicrohttpd's response each hold the stream; the last one frees it. */
static void stream_drop(void *ctx)
{
    struct http_stream *stream = ctx;
    if (atomic_fetch_sub(&stream->holders, 1) == 1) {
        stream_unlist(stream);
        bg_buf_done(&stream->unsent);
        pthread_mutex_destroy(&stream->lock);
        bg_heap_free(stream);
    }
}

/* libmicrohttpd wants bytes. */
static ssize_t stream_read(void *ctx, uint64_t position, char *out, size_t max)
{
    struct http_stream *stream = ctx;
    (void)position;
    pthread_mutex_lock(&stream->lock);
    size_t waiting = stream->unsent.len - stream->sent;
    ssize_t given = 0;
    if (waiting > 0) {
        size_t part = waiting < max ? waiting : max;
        memcpy(out, stream->unsent.at + stream->sent, part);
        stream->sent += part;
        if (stream->sent == stream->unsent.len) {
            bg_buf_clear(&stream->unsent);
            stream->sent = 0;
        }
        given = (ssize_t)part;
    } else if (stream->ended || stream->conn == NULL) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->suspended = true;
        MHD_suspend_connection(stream->conn->mhd);
    }
    pthread_mutex_unlock(&stream->lock);
    return given;
}

/* Under the stream's lock. */
static void stream_wake(struct http_stream *stream)
{
    if (stream->suspended && stream->conn != NULL) {
        stream->suspended = false;
        MHD_resume_connection(stream->conn->mhd);
    }
}

bg_err http_stream_open(struct http_request *rq, const struct http_head *heads, size_t count, size_t room, struct http_stream **ret)
{
    static const struct http_head own[] = { { "Cache-Control", "no-store" }, { "X-Accel-Buffering", "no" } };
    struct conn *conn = (struct conn *)rq;
    struct http_stream *stream = bg_heap_get(sizeof *stream);
    if (stream == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    (void)pthread_mutex_init(&stream->lock, NULL);
    atomic_store(&stream->holders, 2);
    stream->conn = conn;
    stream->server = conn->server;
    stream->room = room;
    stream->unsent = bg_buf_init(room);
    stream_list(stream);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read, stream, stream_drop);
    if (response == NULL) {
        stream_drop(stream);
        stream_drop(stream);
        return BG_FAIL(BG_NO_MEMORY);
    }
    response = response_add(response, "text/event-stream", own, 2);
    conn->stream = stream;
    /* Not under way any more: a stream may last for days, and http_drain ends it itself. */
    (void)atomic_fetch_sub(&conn->server->under_way, 1);
    *ret = stream;
    conn_answer(conn, 200, response_add(response, NULL, heads, count));
    return BG_DONE;
}

bool http_stream_send(struct http_stream *stream, bg_str bytes)
{
    pthread_mutex_lock(&stream->lock);
    bool good = stream->conn != NULL && !stream->ended;
    if (good && stream->unsent.len + bytes.len > stream->room && stream->sent > 0) {
        memmove(stream->unsent.at, stream->unsent.at + stream->sent, stream->unsent.len - stream->sent);
        stream->unsent.len -= stream->sent;
        stream->sent = 0;
    }
    if (good) {
        bg_buf_add(&stream->unsent, bytes);
        good = !stream->unsent.failed;
        stream_wake(stream);
    }
    pthread_mutex_unlock(&stream->lock);
    return good;
}

int64_t http_stream_free(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    bool good = stream->conn != NULL && !stream->ended;
    int64_t free_bytes = good ? (int64_t)(stream->room - (stream->unsent.len - stream->sent)) : -1;
    pthread_mutex_unlock(&stream->lock);
    return free_bytes;
}

static void stream_end(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->ended = true;
    stream_wake(stream);
    pthread_mutex_unlock(&stream->lock);
}

void http_stream_close(struct http_stream *stream)
{
    if (stream != NULL) {
        stream_end(stream);
        stream_drop(stream);
    }
}

/* The connection is over; later sends are told so. */
void stream_gone(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->conn = NULL;
    stream->suspended = false;
    pthread_mutex_unlock(&stream->lock);
}

void stream_end_all(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next) {
        stream_end(stream);
    }
    pthread_mutex_unlock(&server->lock);
}
