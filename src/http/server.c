/* The server: start, the reaper that cuts slow connections, drain, stop. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/inner.h"

#define PEM_MAX_BYTES (256u * 1024)
/* TLS 1.2 and 1.3, authenticated ciphers, forward secrecy. */
#define TLS_PRIORITIES                                                                                                         \
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AEAD:+ECDHE-ECDSA:+ECDHE-RSA:+GROUP-X25519:" \
    "+GROUP-SECP256R1:+GROUP-SECP384R1:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP256R1-SHA256:"                   \
    "+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-EDDSA-ED25519:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-SHA256:" \
    "+SIGN-RSA-SHA384:+COMP-NULL:+CTYPE-X509:%SERVER_PRECEDENCE"

/* Cuts what is past its deadline. The list's lock keeps a connection from being closed, and its number reused, meanwhile. */
static void reap(struct http_server *server)
{
    int64_t now = server->env.monotonic_us(server->env.ctx);
    pthread_mutex_lock(&server->lock);
    for (struct conn *conn = server->conns; conn != NULL; conn = conn->next) {
        int64_t deadline = atomic_load_explicit(&conn->deadline_us, memory_order_relaxed);
        if (deadline != 0 && now > deadline && conn->fd >= 0) {
            (void)shutdown(conn->fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
}

static void *reaper_main(void *ctx)
{
    struct http_server *server = ctx;
    pthread_mutex_lock(&server->stop_lock);
    while (!server->stopping) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += 1;
        (void)pthread_cond_timedwait(&server->stop_signal, &server->stop_lock, &until);
        if (!server->stopping) {
            pthread_mutex_unlock(&server->stop_lock);
            reap(server);
            pthread_mutex_lock(&server->stop_lock);
        }
    }
    pthread_mutex_unlock(&server->stop_lock);
    return NULL;
}

static bg_err read_pem(const char *path, struct bg_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return BG_FAIL_AT(BG_HTTP_TLS, path);
    }
    char part[4096];
    ssize_t got;
    while ((got = read(fd, part, sizeof part)) > 0) {
        bg_buf_add(out, (bg_str){ part, (size_t)got });
    }
    (void)close(fd);
    bg_buf_byte(out, '\0');
    return got < 0 || out->failed || out->len <= 1 ? BG_FAIL_AT(BG_HTTP_TLS, path) : BG_DONE;
}

static int threads_of(const struct http_opts *opts)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    /* One core stays for the writer. */
    int threads = opts->threads > 0 ? opts->threads : cores > 5 ? 4 : (int)cores - 1;
    return threads < 1 ? 1 : threads;
}

/* libmicrohttpd's own messages tell of single bad connections; they are of use only when hunting a fault. */
static void quiet(void *ctx, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static void quiet(void *ctx, const char *format, va_list args)
{
    (void)ctx;
    (void)format;
    (void)args;
}

static bg_err start_daemon(struct http_server *server, const char *cert, const char *key)
{
    const struct http_opts *opts = &server->opts;
    int threads = threads_of(opts);
    unsigned flags = MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem items[20];
    size_t n = 0;
#define OPTION(name, number, pointer) items[n++] = (struct MHD_OptionItem){ MHD_OPTION_##name, (intptr_t)(number), (pointer) }
    OPTION(LISTEN_SOCKET, server->listen_fd, NULL);
    OPTION(CONNECTION_MEMORY_LIMIT, POOL_BYTES, NULL);
    OPTION(CONNECTION_MEMORY_INCREMENT, 4096, NULL);
    OPTION(CONNECTION_LIMIT, opts->connections_max, NULL);
    OPTION(CONNECTION_TIMEOUT, IDLE_WAIT_US / 1000000 + 5, NULL);
    OPTION(STRICT_FOR_CLIENT, 1, NULL);
    if (!server->local) {
        OPTION(PER_IP_CONNECTION_LIMIT, opts->per_ip_max, NULL);
    }
    if (threads > 1) {
        OPTION(THREAD_POOL_SIZE, threads, NULL);
    }
    if (server->tls) {
        flags |= MHD_USE_TLS;
        union {
            const char *in;
            void *out;
        } pem[3] = { { .in = cert }, { .in = key }, { .in = TLS_PRIORITIES } };
        OPTION(HTTPS_MEM_CERT, 0, pem[0].out);
        OPTION(HTTPS_MEM_KEY, 0, pem[1].out);
        OPTION(HTTPS_PRIORITIES, 0, pem[2].out);
    }
    OPTION(END, 0, NULL);
#undef OPTION
    server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, conn_access, server,
                                      MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL, /* first: it hears about the other options */
                                      MHD_OPTION_URI_LOG_CALLBACK, conn_target, server,
                                      MHD_OPTION_UNESCAPE_CALLBACK, keep_path, NULL,
                                      MHD_OPTION_NOTIFY_COMPLETED, conn_completed, server,
                                      MHD_OPTION_NOTIFY_CONNECTION, conn_notify, server,
                                      MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    if (server->daemon == NULL) {
        return BG_FAIL_AT(server->tls ? BG_HTTP_TLS : BG_HTTP_START, server->tls ? "tls" : NULL);
    }
    return BG_DONE;
}

static void defaults(struct http_opts *opts)
{
    opts->connections_max = opts->connections_max > 0 ? opts->connections_max : 8192;
    opts->per_ip_max = opts->per_ip_max > 0 ? opts->per_ip_max : 2048;
    opts->arena_max = opts->arena_max > 0 ? opts->arena_max : (size_t)4 << 20;
    opts->reply_max = opts->reply_max > 0 ? opts->reply_max : (size_t)64 << 20;
    opts->bodies_max = opts->bodies_max > 0 ? opts->bodies_max : (size_t)256 << 20;
}

static bg_err start(struct http_server *server)
{
    BG_SCOPED_BUF cert = bg_buf_init(PEM_MAX_BYTES);
    BG_SCOPED_BUF key = bg_buf_init(PEM_MAX_BYTES);
    if (server->tls) {
        BG_TRY(read_pem(server->opts.tls_cert, &cert));
        BG_TRY(read_pem(server->opts.tls_key, &key));
    }
    BG_TRY(address_listen(server->opts.listen, server->tls, &server->listen_fd, server->url, sizeof server->url, server->unix_path));
    bg_err err = start_daemon(server, cert.at, key.at);
    if (cert.at != NULL && key.at != NULL) {
        explicit_bzero(key.at, key.room);
    }
    BG_TRY(err);
    if (pthread_create(&server->reaper, NULL, reaper_main, server) != 0) {
        return BG_FAIL(BG_HTTP_START);
    }
    server->reaper_runs = true;
    return BG_DONE;
}

bg_err http_open(const struct http_opts *opts, struct http_server **ret)
{
    assert(opts->listen != NULL && opts->env != NULL && opts->handlers.handle != NULL);
    struct http_server *server = bg_heap_get(sizeof *server);
    if (server == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    server->opts = *opts;
    defaults(&server->opts);
    server->env = *opts->env;
    server->listen_fd = -1;
    server->tls = opts->tls_cert != NULL && opts->tls_key != NULL;
    server->local = strncmp(opts->listen, "unix:", 5) == 0;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_mutex_init(&server->stop_lock, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&server->stop_signal, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    bg_err err = start(server);
    if (bg_failed(err)) {
        http_close(server);
        return err;
    }
    *ret = server;
    return BG_DONE;
}

const char *http_url(const struct http_server *server)
{
    return server->url;
}

bool http_drain(struct http_server *server, int wait_ms)
{
    if (!atomic_exchange(&server->draining, true)) {
        /* Nobody new; the socket is ours to close now. */
        MHD_socket fd = MHD_quiesce_daemon(server->daemon);
        if (fd != MHD_INVALID_SOCKET) {
            (void)close(fd);
        }
        server->listen_fd = -1;
    }
    int64_t until = server->env.monotonic_us(server->env.ctx) + (int64_t)wait_ms * 1000;
    while (true) {
        stream_end_all(server);
        bool idle = atomic_load(&server->under_way) == 0;
        bool late = server->env.monotonic_us(server->env.ctx) >= until;
        if (idle || late) {
            atomic_store(&server->shut, true);
            if (late || atomic_load(&server->under_way) == 0) {
                break;
            }
        }
        (void)nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
    }
    return atomic_load(&server->under_way) == 0;
}

static void stop_reaper(struct http_server *server)
{
    pthread_mutex_lock(&server->stop_lock);
    server->stopping = true;
    (void)pthread_cond_broadcast(&server->stop_signal);
    pthread_mutex_unlock(&server->stop_lock);
    if (server->reaper_runs) {
        (void)pthread_join(server->reaper, NULL);
    }
}

void http_close(struct http_server *server)
{
    if (server == NULL) {
        return;
    }
    stop_reaper(server);
    if (server->daemon != NULL) {
        (void)http_drain(server, 0);
        assert(atomic_load(&server->waiting) == 0);
        MHD_stop_daemon(server->daemon);
        assert(server->streams == NULL); /* whoever opened one has closed it */
    }
    if (server->listen_fd >= 0) {
        (void)close(server->listen_fd);
    }
    if (server->unix_path[0] != '\0') {
        (void)unlink(server->unix_path);
    }
    (void)pthread_cond_destroy(&server->stop_signal);
    (void)pthread_mutex_destroy(&server->stop_lock);
    (void)pthread_mutex_destroy(&server->lock);
    bg_heap_free(server);
}

struct http_stats http_stats(const struct http_server *server)
{
    struct http_stats out = {
        .requests = atomic_load(&server->requests),
        .refused = atomic_load(&server->refused),
        .connections = atomic_load(&server->connections),
        .streams = atomic_load(&server->stream_count),
        .waiting = atomic_load(&server->waiting),
        .bytes_out = atomic_load(&server->bytes_out),
        .time_sum_us = atomic_load(&server->time_sum_us),
    };
    for (size_t i = 0; i < sizeof out.by_class / sizeof out.by_class[0]; i++) {
        out.by_class[i] = atomic_load(&server->by_class[i]);
    }
    for (size_t i = 0; i < sizeof out.time_us / sizeof out.time_us[0]; i++) {
        out.time_us[i] = atomic_load(&server->time_us[i]);
    }
    return out;
}
