/* What the files of the frame share. Private to api. */
#ifndef BG_API_INNER_H
#define BG_API_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/api.h"

#define API_BODY_MAX_BYTES (1u << 20)
#define API_SMALL_MAX_BYTES (16u << 10)
#define API_UPLOAD_MAX_BYTES (32u << 20)
#define API_READ_BUDGET_MS 2000
#define API_SLOW_BUDGET_MS 10000
#define API_HEADS_MAX 16

/* --- input.c: values by schema --- */
/* Reads a JSON body against `fields` (NULL: no field is known). */
bg_err input_body(bg_str body, const struct api_field *fields, struct bg_arena *arena, const struct api_value **ret);
/* Reads a query string, still encoded. API_LIST adds cursor and limit. */
bg_err input_query(bg_str query, const struct api_field *fields, struct bg_arena *arena, const struct api_value **ret);
size_t input_count(const struct api_field *fields);
/* Puts the values in canonical form: schema order, type and content; two bodies that mean the same give the same bytes. */
void input_canonical(const struct api_field *fields, const struct api_value *values, struct bg_buf *out);

/* --- router.c --- */
struct router;
struct route_match {
    const struct api_route *route; /* NULL: none */
    char allow[64];                /* methods of the path, when it is known but the method is not: "GET, POST" */
    bg_str param[API_PARAM_MAX];   /* still encoded */
    int param_count;
};
bg_err router_open(const struct api_route *const *arrays, struct router **ret);
void router_close(struct router *router);
struct route_match router_find(const struct router *router, bg_str method, bg_str path);
/* Calls `visit` for every route in the table's order. */
void router_each(const struct api_route *const *arrays, void (*visit)(void *ctx, const struct api_route *route), void *ctx);
/* Names of the path's parameters, NUL-terminated in `out`; the count. */
int route_params(const struct api_route *route, char out[API_PARAM_MAX][32]);
static inline bool route_writes(const struct api_route *route)
{
    return route->write != NULL || (route->flags & API_WRITES) != 0;
}
static inline int route_status(const struct api_route *route)
{
    return route->status != 0 ? route->status : 200;
}

/* --- limit.c: token buckets --- */
struct limits;
struct limits *limits_open(size_t slots);
void limits_close(struct limits *limits);
/* Takes one token of the bucket of `key`, filled at `rate` a second up to `burst`; false: none left, *ret_wait_s until there is one. */
bool limits_take(struct limits *limits, uint64_t key, int64_t rate, int64_t burst, int64_t now_us, int *ret_wait_s);

/* --- pool.c: the report pool --- */
struct pool;
bg_err pool_open(int threads, size_t queue_max, struct pool **ret);
bg_err pool_add(struct pool *pool, void (*run)(void *arg), void *arg);
/* Runs what is queued, then stops. Accepts NULL. */
void pool_close(struct pool *pool);

/* --- events.c: the hub of live streams --- */
struct hub;
bg_err hub_open(struct app *app, struct hub **ret);
void hub_close(struct hub *hub); /* accepts NULL */

/* --- the frame --- */
struct api {
    struct app *app;
    struct router *router;
    struct limits *limits;
    struct pool *pool;
    struct hub *hub;
    struct import_desk *desk;
    struct http_assets assets;
    struct http_server *http; /* for the metrics; NULL before it listens */
    bg_ms started_at;
    _Atomic bool stopping;
};

/* One request as the frame keeps it; `rq` first, so that handlers' pointers lead back. */
struct call {
    struct api_request rq;
    char id[24];                     /* of the request, decimal */
    struct http_head heads[API_HEADS_MAX];
    size_t head_count;
    size_t at_from, at_to;           /* the "at" value in the reply, left out of the ETag; at_to 0: none */
    struct change change;            /* writes */
    void (*job)(struct api_request *rq);
    bool waits;
    bool by_cookie;                  /* no bearer token came along: a browser, and cookies count */
    bool web;                        /* a page or asset, not the API */
    struct route_match match;
};
static inline struct call *call_of(struct api_request *rq)
{
    return (struct call *)rq;
}
/* Sends what stands in the reply buffer. */
void call_reply(struct call *call, int status, const char *media);
void call_error(struct call *call, bg_err err);
bool call_head(struct call *call, const char *name, const char *value);
/* Static pages and assets (web.c). */
bg_err web_open(struct api *api);
void web_answer(struct call *call);
/* Security headers of JSON answers and of pages. */
void heads_json(struct call *call);

#endif
