/* The HTTP API: one table of routes, and the frame that does for every route what must not be forgotten.
 *
 * A row of the table declares method, whole path, right, body, query and reply schema, handler and summary. Router, rights check, OpenAPI,
 * TypeScript types, documentation and the test "every route has a test" read that row; nothing about a route lives elsewhere. Each module
 * of handlers has its own file (src/api/ledger.c) with its own array, ended by an empty row; routes.c lists the arrays.
 *
 * Before a handler runs the frame has: found the route (404, 405), checked limits, signed the caller in (cookie, API key or device token),
 * refused cross-site writes (Origin, Sec-Fetch-Site), checked the right, read and checked the body against the schema (unknown, missing,
 * doubled and ill-typed fields are named), and read path and query parameters. What it gives a handler is therefore well-formed: a handler
 * checks meaning only. The frame answers: problem documents in both languages, ETag and 304 for reads, security headers, request id.
 *
 * Three kinds of handler:
 *   read   writes the reply into `reply` from the snapshot rq->tx. Answer 200, or rq->status when set.
 *   write  makes the input of a change in rq->arena and names its kind; the frame fills operation id, body hash, actor and reason, submits
 *          it to the journal, suspends the connection and answers what the change decided, or what it decided the first time.
 *   own    does everything itself (login, event stream, uploads, downloads): ends in api_answer, api_answer_error or a stream, now or
 *          later from another thread. */
#ifndef BG_API_H
#define BG_API_H

#include "api/app.h"
#include "auth/auth.h"

enum api_type {
    API_TEXT,   /* UTF-8; min and max count characters (0, 0: 0…2000); no control characters but line feed where max > 200 */
    API_INT,    /* min…max (0, 0: 0…BG_QTY_MAX) */
    API_ID,     /* "123": a positive 64-bit id as decimal string */
    API_BOOL,
    API_DATE,   /* "2022-01-08"; value.i is a bg_date */
    API_TIME,   /* RFC 3339; value.i is a bg_ms */
    API_REAL,   /* a number that is no quantity (coordinates); value.real; min and max are not looked at */
    API_ARRAY,  /* min…max items (0, 0: 0…1000) of `of`; of API_OBJECT: of `fields` */
    API_OBJECT, /* of `fields` */
    API_JSON,   /* any JSON, kept as canonical text in value.s (at most 64 KiB) */
};

/* One field of a body, a query or a reply. Arrays of fields end with an empty row (name NULL). */
struct api_field {
    const char *name;
    enum api_type type;
    bool required;              /* in a body or query; a reply's fields are always there unless `null` */
    bool null;                  /* may be null (reply), or may be given as null meaning "clear it" (body) */
    int64_t min, max;
    const char *const *words;   /* API_TEXT: the allowed values, NULL-ended; NULL: any */
    enum api_type of;           /* API_ARRAY: type of the items */
    const struct api_field *fields;
    const char *zh, *en;        /* what it is, in a few words */
};

/* API_F("qty", API_INT, .required = true, .min = 1, .zh = "数量", .en = "quantity") */
#define API_F(name_, type_, ...) { .name = (name_), .type = (type_), __VA_ARGS__ }
#define API_F_END { .name = NULL }

/* A value as read. Absent: given = false and everything zero. */
struct api_value {
    bool given;
    bool is_null;
    int64_t i;                  /* INT, ID, BOOL, DATE, TIME */
    double real;
    bg_str s;                   /* TEXT, JSON: in the request's arena, NUL-terminated */
    size_t count;               /* ARRAY: items */
    struct api_value *at;       /* OBJECT: the values of its fields in schema order; ARRAY: the items; items that are objects have at */
};

/* Values with the fields they belong to: a body, a query, or an object inside. */
struct api_object {
    const struct api_field *fields;
    const struct api_value *values;
};

struct api_request;
typedef bg_err (*api_read_fn)(struct api_request *rq, struct bg_buf *reply);
typedef bg_err (*api_write_fn)(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in);
typedef bg_err (*api_own_fn)(struct api_request *rq);

/* Instead of an auth_right: */
enum { API_PUBLIC = -1, API_SIGNED_IN = -2 };

enum api_flag {
    API_WRITES = 1,     /* changes something: Idempotency-Key needed, Origin checked. Implied by `write` */
    API_SLOW = 2,       /* may need more than 2 ms: runs in the report pool, with a time budget of 10 s */
    API_UPLOAD = 4,     /* the body is a file (any content type, at most 32 MiB): rq->http->body */
    API_LIST = 8,       /* query parameters cursor and limit are added; the reply is {"rows":[reply…],"next":…,"at":…} */
    API_NO_KEY = 16,    /* a write without Idempotency-Key (sign in, sign out) */
    API_NO_ETAG = 32,   /* the reply changes without the data changing */
    API_SCOPED = 64,    /* for the documentation: rows are limited to the caller's scope by the handler */
    API_SMALL = 128,    /* the body is at most 16 KiB (public routes always) */
};

struct api_route {
    const char *method, *path;      /* "POST", "/api/v1/items/{id}"; a parameter named id or …_id must be an id, others are text */
    int right;                      /* enum auth_right, API_PUBLIC or API_SIGNED_IN */
    unsigned flags;
    const struct api_field *query, *body, *reply;
    int status;                     /* on success; 0: 200 */
    const char *media;              /* of the reply when it is not application/json */
    api_read_fn read;               /* exactly one of the three */
    api_write_fn write;
    api_own_fn own;
    const char *zh, *en;            /* summary */
    const char *module;             /* "ledger": groups the documentation */
};

#define API_PARAM_MAX 4

struct api_request {
    struct app *app;
    const struct api_route *route;
    struct http_request *http;      /* method, headers, raw body */
    struct bg_arena *arena;         /* the request's; bounded */
    struct store_tx *tx;            /* read handlers: a snapshot */
    const struct auth_session *session; /* who asks; NULL on public routes without credentials */
    int64_t city;                   /* the caller's */
    struct api_object query, body;
    bg_str param[API_PARAM_MAX];    /* in the order of the path */
    int64_t param_id[API_PARAM_MAX];
    int param_count;
    bg_str reason;                  /* body field "reason" when the schema has one, else empty; goes into the journal */
    bg_ms now;                      /* when the request came in */
    int status;                     /* read handlers may set it */
    bg_op_id op;                    /* writes: the Idempotency-Key */
};

/* --- what was sent --- (asserts that the schema has the field) */
const struct api_value *api_get(const struct api_object *object, const char *name);
static inline bool api_given(const struct api_object *object, const char *name)
{
    return api_get(object, name)->given;
}
static inline bg_str api_text(const struct api_object *object, const char *name)
{
    return api_get(object, name)->s;
}
/* INT, ID, BOOL, DATE and TIME; `absent` when not given. */
static inline int64_t api_int(const struct api_object *object, const char *name, int64_t absent)
{
    const struct api_value *value = api_get(object, name);
    return value->given && !value->is_null ? value->i : absent;
}
/* The object inside, or item `i` of an array of objects. */
struct api_object api_inside(const struct api_object *object, const char *name, size_t i);

/* --- lists --- */
/* Rows asked for: `limit`, 50 when not given, at most 500. */
int64_t api_limit(const struct api_request *rq);
/* The cursor's integers (what api_list_end was given); BG_API_CURSOR for a cursor that is not ours. Not given: all INT64_MIN and
 * *ret_given false. */
bg_err api_cursor(const struct api_request *rq, int64_t *ret, size_t count, bool *ret_given);
/* {"rows":[ … then the rows … and "next","at"}. `count` 0 keys: no further page. Data time: the moment of the snapshot. */
void api_list_begin(struct bg_buf *reply);
void api_list_end(struct api_request *rq, struct bg_buf *reply, const int64_t *next, size_t count);
/* "at": the data time. Its value does not enter the ETag. */
void api_put_at(struct api_request *rq, struct bg_buf *reply);
/* JSON of the API's forms. */
void api_put_time(struct bg_buf *reply, const char *key, bg_ms at);       /* BG_TIME_NONE: null */
void api_put_date(struct bg_buf *reply, const char *key, bg_date date);   /* BG_DATE_NONE: null */
void api_put_id(struct bg_buf *reply, const char *key, int64_t id);       /* 0: null */

/* --- own handlers --- */
/* Answers with `body` (copied). `media` NULL: JSON. Any thread; exactly once a request. */
void api_answer(struct api_request *rq, int status, const char *media, bg_str body);
void api_answer_error(struct api_request *rq, bg_err err);
/* One more header of the answer; before answering. Both are copied. */
void api_header(struct api_request *rq, const char *name, bg_str value);
/* Says that the answer comes later, perhaps from another thread; rq lives until it came. Before handing rq to that thread. */
void api_later(struct api_request *rq);
/* Ends an own handler with a change, as a write handler does: the frame submits it and answers. From `own` or from a pool thread. */
void api_change(struct api_request *rq, const struct change_kind *kind, const void *in);
/* Runs `job` in the report pool (after api_later); BG_BUSY when its queue is full. */
bg_err api_pool(struct api_request *rq, void (*job)(struct api_request *rq));

/* Tells live screens something that is in no journal, such as how far a long job is: those of one account, or with 0 all of the city.
 * `json` is one object with a "kind"; it has no position and is not told again. From any thread; may be lost. */
void api_tell(struct app *app, int64_t city, int64_t account, bg_str json);

/* --- frame --- */
extern const struct api_route *const api_route_arrays[]; /* routes.c; NULL-ended */
/* Starts limits, pool and live streams. */
bg_err api_open(struct app *app);
/* The same over another table of routes: for tests of the frame. */
bg_err api_open_table(struct app *app, const struct api_route *const *arrays);
/* After http_drain and before http_close: it holds streams, which are the server's. */
void api_close(struct app *app);
/* What the HTTP server calls. */
struct http_handlers api_handlers(struct app *app);
/* The local listener (/healthz, /readyz, /metrics), and with `admin` the unix socket (POST /backup?to=FILE, POST /check). */
struct http_handlers api_local_handlers(struct app *app, bool admin);
/* The server whose figures are in the metrics; and that it is about to stop, so that /readyz says no. */
void api_serving(struct app *app, struct http_server *server);
void api_stopping(struct app *app);

/* From the file VERSION. */
const char *api_version(void);
/* Documents made from the table. */
void api_openapi(struct bg_buf *out);
void api_typescript(struct bg_buf *out);
void api_markdown(struct bg_buf *out);

#include "api/backup.h"
#include "api/import.h"

#endif
