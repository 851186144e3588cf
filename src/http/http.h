/* HTTP/1.1 transport over libmicrohttpd: sockets, TLS, limits, static assets and live streams. It knows no route: the caller's handlers
 * decide. Requests run on epoll threads; a handler that must wait says so and is resumed from any thread.
 *
 * Refused before any handler, with the connection closed: Transfer-Encoding (411: bodies carry a Content-Length); two Content-Length or
 * Host, no Host, a header name that is no token, a control byte, a line ended by a bare LF or continued on the next (400); a head above
 * 16 KiB or of more than 100 headers (431); a target above 8 KiB (414); methods other than GET, HEAD, POST, PUT, PATCH, DELETE (405). The
 * first head must be complete within 30 s, later ones within 75 s of the answer before; a body may pause 10 s at most.
 *
 * Life of a request: `begin` (head is there: answer, or say how much body is welcome), `handle` (body is there: answer, stream or wait),
 * `done` (the answer has gone out or the client has left; the last call for it). One thread at a time touches a request. */
#ifndef BG_HTTP_H
#define BG_HTTP_H

#include "base/base.h"

struct http_server;
struct http_stream;

struct http_request {
    bg_str method;             /* "HEAD" is shown as "GET"; the body of its answer is left out */
    bg_str path, query;        /* as sent, percent-encoded; query without '?' */
    bg_str peer;               /* numeric address of the client, or of the one a trusted proxy names; "local" on a unix socket */
    bool secure;               /* TLS here, or at a trusted proxy */
    bg_str body;               /* in `handle`: whole; NUL-terminated */
    size_t body_max;           /* `begin` sets it: 0 (default) refuses a body with 413 */
    struct bg_arena *arena;    /* of this request; reset afterwards */
    struct bg_buf *reply;      /* of this connection, empty at `begin`, for http_reply */
    void *user;                /* the handler's own */
};

struct http_handlers {
    void *ctx;
    void (*begin)(void *ctx, struct http_request *rq);  /* may answer; NULL: body_max 0 */
    void (*handle)(void *ctx, struct http_request *rq); /* must answer, stream, or call http_wait first and have it answered later */
    void (*done)(void *ctx, struct http_request *rq);   /* may be NULL */
};

/* Header of the request, or empty text; several of the same name: the first. */
bg_str http_header(const struct http_request *rq, const char *name);
/* Value of one cookie, or empty. */
bg_str http_cookie(const struct http_request *rq, const char *name);

/* --- answering: exactly one of these a request --- */
struct http_head {             /* a header of an answer */
    const char *name, *value;  /* NUL-terminated; read before the call returns */
};
/* Answers with rq->reply as the body (not copied: it must not change until `done`). */
void http_reply(struct http_request *rq, int status, const char *media, const struct http_head *heads, size_t count);
/* The same with bytes that live for ever (static text). */
void http_reply_static(struct http_request *rq, int status, const char *media, bg_str body, const struct http_head *heads, size_t count);
/* The problem document of an error (RFC 9457), in both languages, into `out`; `id` is the request's. */
void http_problem(bg_err err, bg_str id, struct bg_buf *out);
/* True when the client already has the version with this entity tag (If-None-Match), quotes included: answer 304. */
bool http_unchanged(const struct http_request *rq, bg_str tag);
/* The answer comes later. Call it in `handle`, before the request is handed to another thread; then answer from any thread, once. */
void http_wait(struct http_request *rq);
/* Wakes a waiting request: `answer` is called on the connection's own thread and must answer. For a thread that must not spend its time
 * on making answers (the writer). */
void http_wake(struct http_request *rq, void (*answer)(struct http_request *rq));

/* --- static assets --- */
struct http_asset {
    const char *path;          /* "/assets/app-3f2a.js" */
    const char *media;
    const char *etag;          /* first 16 hex digits of the SHA-256 of the plain file */
    const uint8_t *br, *gz;    /* compressed; gz is always there */
    size_t br_size, gz_size, size; /* size: plain */
    bool immutable;            /* the name holds a hash of the content: may be kept for a year */
};
struct http_assets {
    const struct http_asset *list; /* ordered by path (byte order) */
    size_t count;
    const char *dir;           /* not NULL: read files from this folder instead (development) */
};
/* Answers with the asset at `path` ("/index.html"), with ETag, 304, br or gzip as the client accepts; false when there is none and nothing
 * was answered. `heads` are added. */
bool http_reply_asset(struct http_request *rq, const struct http_assets *assets, bg_str path, const struct http_head *heads, size_t count);

/* --- live streams (text/event-stream) --- */
/* Answers with an open stream holding at most `room` unsent bytes. The caller owns the handle and must http_stream_close it. */
bg_err http_stream_open(struct http_request *rq, const struct http_head *heads, size_t count, size_t room, struct http_stream **ret);
/* Adds bytes; any thread, never waits. False when the client has left or is `room` bytes behind: then close it. */
bool http_stream_send(struct http_stream *stream, bg_str bytes);
/* Bytes it would take now; -1 when the client has left. */
int64_t http_stream_free(struct http_stream *stream);
/* Ends it (after what is unsent, when the client still reads); the handle is gone. Accepts NULL. */
void http_stream_close(struct http_stream *stream);

/* --- server --- */
struct http_opts {
    const char *listen;        /* "127.0.0.1:8080", "[::1]:0", ":8080" (every address), or "unix:/path" (mode 0600) */
    const char *tls_cert, *tls_key; /* PEM files; TLS 1.2 and 1.3 */
    const char *trusted_proxy; /* numeric address, or NULL */
    int threads;               /* 0: one a core, at most 4 */
    int connections_max;       /* 0: 8192 */
    int per_ip_max;            /* 0: 2048 (a whole office may sit behind one address) */
    size_t arena_max;          /* memory of one request; 0: 4 MiB */
    size_t reply_max;          /* 0: 64 MiB */
    size_t bodies_max;         /* all bodies being received together; above: 503. 0: 256 MiB */
    const struct bg_env *env;
    struct http_handlers handlers;
};
/* Listens and serves. BG_HTTP_LISTEN names the address; BG_HTTP_TLS the file. */
bg_err http_open(const struct http_opts *opts, struct http_server **ret);
/* Where it listens: "http://127.0.0.1:43121", owned by the server. */
const char *http_url(const struct http_server *server);
/* Stops accepting, asks clients to close, ends streams, and waits until no request is under way, at most `wait_ms`; from then on new
 * requests on live connections are refused (503). True when none is left under way. */
bool http_drain(struct http_server *server, int wait_ms);
/* Drains if need be and stops. Requests that are still waiting must have been answered before, and every stream closed by who opened it.
 * Accepts NULL. */
void http_close(struct http_server *server);

struct http_stats {
    int64_t requests, refused, connections, streams, waiting, bytes_out;
    int64_t by_class[6];       /* answers 1xx…5xx at [1]…[5] */
    int64_t time_us[12];       /* answers by duration: at most 100 µs, 250, 500, 1 ms, 2.5, 5, 10, 25, 100, 500 ms, 2.5 s, more */
    int64_t time_sum_us;
};
struct http_stats http_stats(const struct http_server *server);

/* --- text of URLs --- */
/* Decodes %XX (and '+' as blank when `form`) into the arena; false for a bad escape, NUL or text that is not UTF-8. */
bool http_decode(bg_str s, bool form, struct bg_arena *arena, bg_str *ret);
/* Next name=value of a query string, still encoded; false at the end. */
bool http_query_next(bg_str *rest, bg_str *ret_name, bg_str *ret_value);

#endif
