/* What the files of http share: a connection, the server, a stream. Private. */
#ifndef BG_HTTP_INNER_H
#define BG_HTTP_INNER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/http.h"

#define HEAD_MAX_BYTES (16u * 1024)
#define HEADS_MAX 100
#define TARGET_MAX_BYTES (8u * 1024)
#define POOL_BYTES (20u * 1024)      /* libmicrohttpd's memory of a connection: head of the request and of the answer */
#define DISCARD_MAX_BYTES (256u * 1024) /* a refused body up to this size is read and thrown away, so that the connection lives on */
#define HEAD_WAIT_US 30000000        /* for the first head */
#define IDLE_WAIT_US 75000000        /* from an answer to the next whole head */
#define BODY_PAUSE_US 10000000       /* without a byte of the body */
#define BODY_RATE_BYTES (16u * 1024) /* a body must come at this rate a second on average, after the first 30 s */
#define KEEP_REPLY_BYTES (64u * 1024) /* a larger reply buffer is given back after the answer */

enum conn_state {
    CONN_IDLE,      /* between requests, or receiving a head */
    CONN_BEGUN,     /* head checked, `begin` called; body may follow */
    CONN_DISCARD,   /* answered in `begin`; a small body is being thrown away first */
    CONN_HANDLED,   /* `handle` called; an answer is made or will come */
    CONN_WAITING,   /* suspended until someone answers */
    CONN_QUEUED,    /* the answer is libmicrohttpd's */
};

struct conn {
    struct http_request rq;      /* first: http_request * is conn * */
    struct http_server *server;
    struct MHD_Connection *mhd;
    int fd;
    enum conn_state state;
    bool head_only;              /* HEAD */
    bool close_after;
    char peer[48];
    struct bg_buf reply;
    struct bg_buf body;
    struct MHD_Response *response;
    void (*on_wake)(struct http_request *rq);
    bool answered;
    int status;
    uint64_t length;             /* Content-Length */
    bool has_body;
    bool seen;                   /* `begin` was called, so `done` must be */
    int64_t began_us;            /* head complete */
    int64_t body_from_us;
    _Atomic int64_t deadline_us; /* past it the reaper cuts the connection; 0: none */
    struct http_stream *stream;  /* the stream that answers this request */
    const char *target;          /* as sent; in the arena */
    struct conn *next, *prev;    /* the server's list */
};

struct http_stream {
    pthread_mutex_t lock;
    _Atomic int holders;         /* the caller and libmicrohttpd's response */
    struct conn *conn;           /* NULL: the client has left */
    struct bg_buf unsent;
    size_t sent;                 /* bytes of `unsent` already given away */
    size_t room;
    bool suspended, ended;
    struct http_server *server;
    struct http_stream *next, *prev; /* the server's list, under its lock; for drain */
};

struct http_server {
    struct http_opts opts;
    struct bg_env env;
    struct MHD_Daemon *daemon;
    int listen_fd;
    bool tls, local;             /* local: unix socket */
    char url[128];
    char unix_path[108];
    pthread_mutex_t lock;        /* lists of connections and streams */
    struct conn *conns;
    struct http_stream *streams;
    pthread_t reaper;
    bool reaper_runs;
    pthread_mutex_t stop_lock;
    pthread_cond_t stop_signal;
    bool stopping;
    _Atomic bool draining;
    _Atomic bool shut;           /* drained: whoever still asks on a connection kept alive is refused */
    _Atomic int64_t under_way;   /* requests between head and the end of their answer, streams left out */
    _Atomic int64_t body_bytes;
    _Atomic int64_t requests, refused, connections, stream_count, waiting, bytes_out;
    _Atomic int64_t by_class[6], time_us[12], time_sum_us;
};

/* request.c: what libmicrohttpd calls */
/* Instead of libmicrohttpd's own unescaping: leaves the path as it was sent. */
size_t keep_path(void *ctx, struct MHD_Connection *mhd, char *text);
void *conn_target(void *ctx, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result conn_access(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
                            const char *upload, size_t *upload_size, void **con_cls);
void conn_completed(void *ctx, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode why);
void conn_notify(void *ctx, struct MHD_Connection *mhd, void **socket_context, enum MHD_ConnectionNotificationCode code);

/* reply.c */
void conn_answer(struct conn *conn, int status, struct MHD_Response *response);
/* A refusal by the transport itself: problem document, connection closed. */
void conn_refuse(struct conn *conn, bg_err err);
struct MHD_Response *response_add(struct MHD_Response *response, const char *media, const struct http_head *heads, size_t count);

/* stream.c */
void stream_gone(struct http_stream *stream);
void stream_end_all(struct http_server *server);

/* head.c: refuses a head that could be read in two ways */
bg_err head_check(struct conn *conn, const char *method, const char *version);

/* address.c */
bg_err address_listen(const char *listen, bool tls, int *ret_fd, char *url, size_t url_size, char unix_path[108]);
void address_text(const struct sockaddr *address, char out[48]);

#endif
