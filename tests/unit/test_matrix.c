/* The matrix of role × route × owner, made from THE table of routes: for each route and each role, in each scope it may have,
 * once inside the scope of what is asked for, once outside, once in another city; and for nobody, and for one whose grant was
 * taken away. Requests are made from the schemas of the rows, so a new route is in the matrix as soon as it is in the table. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

#include "api/api.h"
#include "auth/inside.h"
#include "codec/json.h"
#include "store_bed.h"
#include "tap.h"

#define MARK "甲甲" /* stands in the name of everything that belongs to side A */
#define MARK_URL "%E7%94%B2%E7%94%B2"
#define SUBJECTS_MAX 80

enum side { SIDE_A, SIDE_B, SIDE_CITY, SIDE_OTHER_CITY, SIDE_NOBODY, SIDE_ENDED };
static const char *const side_names[] = { "inside", "outside", "city", "other city", "nobody", "grant ended" };

struct subject {
    int role; /* -1: none */
    enum auth_scope scope;
    enum side side;
    int64_t account;
    char cookie[100];
};

struct rig {
    struct bed bed;
    struct app *app;
    struct http_server *server;
    int port;
    struct bg_arena *arena;
    int64_t city, other_city;
    int64_t district[2], place[2], org[2][AUTH_SCOPE_COUNT];
    int64_t item, lot, owner, document, movement, hold, count, account, grant, session, device, key, file, approval;
    struct subject subjects[SUBJECTS_MAX];
    size_t subject_count;
    char answer[1 << 18];
    int status;
    const char *body;
    int counter;
};

/* --- calling --- */

static int call(struct rig *rig, const char *cookie, const char *method, const char *target, const char *media, const char *body)
{
    static char request[1 << 16];
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)rig->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 20 };
    char key[37];
    bool stream = strncmp(target, "/api/v1/events", 14) == 0;
    size_t len = 0;
    bg_op_id_text(bg_op_id_make(&bg_env_real), key);
    int size = snprintf(request, sizeof request,
                        "%s %s HTTP/1.1\r\nHost: city.test\r\nConnection: close\r\nCookie: sid=%s\r\nIdempotency-Key: %s\r\n",
                        method, target, cookie, key);
    if (body != NULL) {
        size += snprintf(request + size, sizeof request - (size_t)size, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                         media, strlen(body), body);
    } else {
        size += snprintf(request + size, sizeof request - (size_t)size, "\r\n");
    }
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    rig->status = 0;
    rig->answer[0] = '\0';
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 && send(fd, request, (size_t)size, MSG_NOSIGNAL) == size) {
        ssize_t got;
        while (len + 1 < sizeof rig->answer && (got = recv(fd, rig->answer + len, sizeof rig->answer - 1 - len, 0)) > 0) {
            len += (size_t)got;
            rig->answer[len] = '\0';
            if (stream && strstr(rig->answer, "\r\n\r\n") != NULL) {
                break;
            }
        }
    }
    (void)close(fd);
    rig->status = strncmp(rig->answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(rig->answer + 9, NULL, 10) : 0;
    rig->body = strstr(rig->answer, "\r\n\r\n");
    rig->body = rig->body != NULL ? rig->body + 4 : "";
    return rig->status;
}

static bool says(const struct rig *rig, const char *text)
{
    return strstr(rig->answer, text) != NULL;
}

/* The number behind "key":" in the last answer. */
static int64_t id_in(const struct rig *rig, const char *key)
{
    char name[64];
    (void)snprintf(name, sizeof name, "\"%s\":\"", key);
    const char *at = strstr(rig->body, name);
    return at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10);
}

/* --- people --- */

static bg_err run_as(struct rig *rig, const struct auth_session *session, const struct change_kind *kind, const void *in,
                     int64_t *ret_id)
{
    BG_SCOPED_BUF reply = bg_buf_init(1 << 16);
    bool replayed;
    struct auth_run_in run = {
        .kind = kind, .in = in, .session = session, .op = bg_op_id_make(&bg_env_real), .body = BG_STR("x"), .reason = BG_STR("")
    };
    bg_err err = auth_run(rig->app->auth, &run, rig->arena, &reply, &replayed);
    if (bg_failed(err)) {
        printf("# %s: %s %s %s\n", kind->name, bg_errors[err.code].slug, err.field == NULL ? "" : err.field,
               err.facts == NULL ? "" : err.facts);
    }
    const char *at = reply.at == NULL ? NULL : memmem(reply.at, reply.len, "\"id\":\"", 6);
    if (ret_id != NULL) {
        *ret_id = at == NULL ? 0 : strtoll(at + 6, NULL, 10);
    }
    return err;
}

static bg_err text_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BG_TRY(store_run_text(tx, jobs[i]->in, NO_ARGS, NULL));
    }
    return BG_DONE;
}
static const struct store_class text_class = { .name = "test.text", .rare = true, .run = text_run };

/* An account with one grant (role < 0: none) and a session; nobody signs in, so no password is hashed. */
static int64_t person(struct rig *rig, int64_t city, int role, enum auth_scope scope, int64_t scope_id, int side,
                      char cookie[100], int64_t *ret_grant)
{
    struct auth_session system = auth_system(city, bg_now(&bg_env_real));
    struct auth_by by = { rig->app->auth, &system };
    struct auth_opened opened;
    int64_t account = 0, grant = 0;
    struct auth_account_in in = { .by = by,
                                  .login = bg_str_of(bg_arena_text(rig->arena, "person%d", ++rig->counter)),
                                  .name = bg_str_of(
                                      bg_arena_text(rig->arena, "%s person %d", side == SIDE_A ? MARK : "someone", rig->counter)),
                                  .phone = BG_STR("13800000000"),
                                  .district = side == SIDE_A ? rig->district[0] : 0 };
    bg_err err = run_as(rig, &system, &auth_account_open, &in, &account);
    if (!bg_failed(err) && role >= 0) {
        struct auth_grant_in give = { .by = by,
                                      .account = account,
                                      .role = (enum auth_role)role,
                                      .scope = scope,
                                      .scope_id = scope_id,
                                      .from = BG_TIME_NONE,
                                      .to = BG_TIME_NONE,
                                      .reason = BG_STR("") };
        err = run_as(rig, &system, &auth_grant_open, &give, &grant);
    }
    if (!bg_failed(err)) {
        err = store_write(rig->app->store, &text_class, "UPDATE account SET state = 'active'", NULL, NULL);
    }
    if (!bg_failed(err)) {
        struct session_new session = { .account = account,
                                       .epoch = -1,
                                       .factor_step = -1,
                                       .how = "test",
                                       .origin = BG_STR("127.0.0.1"),
                                       .agent = BG_STR("test") };
        err = session_open(rig->app->auth, city, &session, BG_STR("test"), rig->arena, &opened);
    }
    (void)snprintf(cookie, 100, "%s", bg_failed(err) ? "" : opened.token);
    if (ret_grant != NULL) {
        *ret_grant = grant;
    }
    return bg_failed(err) ? 0 : account;
}

static int64_t scope_id_of(const struct rig *rig, enum auth_scope scope, int side)
{
    return scope == AUTH_CITY       ? rig->city
           : scope == AUTH_DISTRICT ? rig->district[side]
           : scope == AUTH_PLACE    ? rig->place[side]
                                    : rig->org[side][scope];
}

static void add_subject(struct rig *rig, int role, enum auth_scope scope, enum side side)
{
    struct subject *subject = &rig->subjects[rig->subject_count++];
    int64_t city = side == SIDE_OTHER_CITY ? rig->other_city : rig->city, grant;
    int64_t id = side == SIDE_OTHER_CITY ? city : scope_id_of(rig, scope, side == SIDE_B ? 1 : 0);
    *subject = (struct subject){ .role = role, .scope = scope, .side = side };
    subject->account = person(rig, city, role, scope, id, side == SIDE_B || side == SIDE_OTHER_CITY ? SIDE_B : SIDE_CITY,
                              subject->cookie, &grant);
    if (side == SIDE_ENDED) {
        struct auth_session system = auth_system(city, bg_now(&bg_env_real));
        struct auth_id_in end = { .by = { rig->app->auth, &system }, .id = grant };
        bg_ignore(run_as(rig, &system, &auth_grant_end, &end, NULL));
    }
}

/* --- the world --- */

static void make_city(struct rig *rig)
{
    struct auth_first first = { BG_STR("120000"), BG_STR("天津"), BG_STR("Tianjin"), 480 };
    struct auth_first second = { BG_STR("110000"), BG_STR("北京"), BG_STR("Beijing"), 480 };
    int failed = bg_failed(auth_city_open(rig->app->auth, &first, &rig->city)) +
                 bg_failed(auth_city_open(rig->app->auth, &second, &rig->other_city));
    const int64_t cities[] = { rig->city, rig->other_city };
    for (int i = 0; i < 2; i++) {
        struct auth_session system = auth_system(cities[i], bg_now(&bg_env_real));
        struct auth_policy_in policy = {
            .by = { rig->app->auth, &system }, .idle_min = 30, .device_idle_min = 480, .session_min = 720
        };
        failed += bg_failed(run_as(rig, &system, &auth_policy_put, &policy, NULL));
    }
    struct auth_session system = auth_system(rig->city, bg_now(&bg_env_real));
    struct auth_by by = { rig->app->auth, &system };
    rig->district[0] = 120112;
    rig->district[1] = 120101;
    for (int side = 0; side < 2; side++) {
        struct auth_district_in district = {
            .by = by, .id = rig->district[side], .name_zh = BG_STR("区"), .name_en = BG_STR("district")
        };
        failed += bg_failed(run_as(rig, &system, &auth_district_put, &district, NULL));
        for (int scope = AUTH_RECEIVER; scope < AUTH_SCOPE_COUNT; scope++) {
            struct auth_organisation_in org = { .by = by,
                                                .kind = bg_str_of(auth_scope_infos[scope].slug),
                                                .name_zh = BG_STR("机构"),
                                                .name_en = { "", 0 },
                                                .credit_code = { "", 0 },
                                                .district = rig->district[side] };
            failed += bg_failed(run_as(rig, &system, &auth_organisation_put, &org, &rig->org[side][scope]));
        }
    }
    OK(failed == 0, "%s: a city and another", rig->bed.name);
}

static int64_t posted(struct rig *rig, const char *cookie, const char *target, const char *body, const char *key)
{
    int status = call(rig, cookie, "POST", target, "application/json", body);
    if (status < 200 || status > 299) {
        printf("# POST %s: %d %s\n", target, status, rig->body);
    }
    return id_in(rig, key);
}

static bg_err ask_decide(struct change_tx *tx, struct change *change)
{
    struct auth_approval approval = { .kind = "level.change",
                                      .object = "level",
                                      .object_id = 1,
                                      .summary_zh = BG_STR(MARK),
                                      .summary_en = BG_STR(MARK),
                                      .needed = 2,
                                      .ends_at = BG_TIME_NONE };
    (void)change->in;
    BG_TRY(auth_approval_open(tx, change, &approval));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "id", approval.id);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

static void make_things(struct rig *rig, const char *planner, const char *admin, const char *depot)
{
    char body[1000], victim[100];
    static const struct change_kind ask = { .name = "test.ask", .decide = ask_decide };
    struct auth_session system = auth_system(rig->city, bg_now(&bg_env_real));
    rig->owner = posted(rig, planner, "/api/v1/owners", "{\"code\":\"O1\",\"name_zh\":\"市级\",\"kind\":\"city\"}", "id");
    for (int side = 0; side < 2; side++) {
        (void)snprintf(body, sizeof body,
                       "{\"code\":\"P%d\",\"name_zh\":\"%s库\",\"kind\":\"reserve\",\"division\":\"%lld\",\"organisation\":\"%"
                       "lld\",\"owner\":\"%lld\"}",
                       side, side == 0 ? MARK : "B", (long long)rig->district[side], (long long)rig->org[side][AUTH_RECEIVER],
                       (long long)rig->owner);
        rig->place[side] = posted(rig, planner, "/api/v1/places", body, "id");
    }
    rig->item =
        posted(rig, planner, "/api/v1/items", "{\"code\":\"I1\",\"name_zh\":\"口罩\",\"unit\":\"个\",\"lotted\":true}", "id");
    (void)snprintf(body, sizeof body, "{\"item\":\"%lld\",\"batch\":\"L1\"}", (long long)rig->item);
    rig->lot = posted(rig, planner, "/api/v1/lots", body, "id");
    rig->account = person(rig, rig->city, AUTH_ROLE_KEEPER, AUTH_PLACE, rig->place[0], SIDE_A, victim, &rig->grant);
    (void)call(rig, victim, "GET", "/api/v1/me", "", NULL);
    rig->session = strstr(rig->body, "\"session\"") == NULL
                       ? 0
                       : strtoll(strstr(strstr(rig->body, "\"session\""), "\"id\":\"") + 6, NULL, 10);
    (void)snprintf(body, sizeof body,
                   "{\"account\":\"%lld\",\"name\":\"%s\",\"rights\":[\"stock.read\"],\"ends_at\":\"%lld-01-01T00:00:00Z\"}",
                   (long long)rig->account, MARK, (long long)(1970 + (time(NULL) + 86400 * 200) / 31557600) + 0);
    rig->key = posted(rig, admin, "/api/v1/keys", body, "id");
    (void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"place\":\"%lld\"}", MARK, (long long)rig->place[0]);
    (void)posted(rig, admin, "/api/v1/devices", body, "id");
    const char *code = strstr(rig->body, "bgl_");
    if (code != NULL) {
        (void)snprintf(body, sizeof body, "{\"code\":\"%.*s\"}", (int)strcspn(code, "\""), code);
        (void)call(rig, "", "POST", "/api/v1/devices/accept", "application/json", body);
    }
    (void)call(rig, admin, "GET", "/api/v1/devices", "", NULL);
    rig->device = id_in(rig, "id");
    (void)depot;
    bg_ignore(run_as(rig, &system, &ask, rig, &rig->approval));
}

static void make_stock(struct rig *rig, const char *planner, const char *depot)
{
    char body[1000], target[200];
    (void)snprintf(body, sizeof body,
                   "{\"kind\":\"receive\",\"reason\":\"purchase\",\"place\":\"%lld\",\"note\":\"%s\",\"lines\":[{\"from\":{"
                   "\"place\":\"%lld\",\"item\":\"%lld\","
                   "\"lot\":\"%lld\",\"status\":\"source\"},\"to\":{\"place\":\"%lld\",\"item\":\"%lld\",\"lot\":\"%lld\","
                   "\"status\":\"usable\"},\"qty\":100}]}",
                   (long long)rig->place[0], MARK, (long long)rig->place[0], (long long)rig->item, (long long)rig->lot,
                   (long long)rig->place[0], (long long)rig->item, (long long)rig->lot);
    rig->document = posted(rig, depot, "/api/v1/documents", body, "id");
    (void)snprintf(target, sizeof target, "/api/v1/movements?place=%lld", (long long)rig->place[0]);
    (void)call(rig, depot, "GET", target, "", NULL);
    rig->movement = id_in(rig, "id");
    (void)snprintf(body, sizeof body,
                   "{\"purpose\":\"%s\",\"lines\":[{\"place\":\"%lld\",\"item\":\"%lld\",\"lot\":\"%lld\",\"qty\":5}]}", MARK,
                   (long long)rig->place[0], (long long)rig->item, (long long)rig->lot);
    rig->hold = posted(rig, depot, "/api/v1/holds", body, "id");
    (void)snprintf(body, sizeof body, "{\"place\":\"%lld\",\"title\":\"%s\"}", (long long)rig->place[0], MARK);
    rig->count = posted(rig, depot, "/api/v1/counts", body, "id");
    struct timespec pause = { .tv_nsec = 200000000 };
    (void)snprintf(target, sizeof target, "/api/v1/files?kind=place&object=%lld&name=%s.pdf", (long long)rig->place[0], MARK_URL);
    for (int i = 0; i < 40 && rig->file == 0; i++) { /* the record is entered for search within a second or so */
        if (call(rig, planner, "POST", target, "application/pdf", "%PDF-1.7 paper") < 300) {
            rig->file = id_in(rig, "id");
        } else {
            (void)nanosleep(&pause, NULL);
        }
    }
}

/* --- requests from schemas --- */

static int64_t id_named(const struct rig *rig, const char *name)
{
    static const char *const names[] = { "item",     "lot",      "owner",    "account", "organisation", "org",
                                         "district", "division", "scope_id", "key",     "device" };
    const int64_t ids[] = { rig->item,
                            rig->lot,
                            rig->owner,
                            rig->account,
                            rig->org[0][AUTH_RECEIVER],
                            rig->org[0][AUTH_RECEIVER],
                            rig->district[0],
                            rig->district[0],
                            rig->place[0],
                            rig->key,
                            rig->device };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return ids[i];
        }
    }
    return rig->place[0];
}

static void put_object(struct rig *rig, const struct api_field *fields, struct bg_buf *out);

static const char *text_for(struct rig *rig, const struct api_field *field)
{
    if (field->words != NULL) {
        return strcmp(field->name, "scope_kind") == 0 ? "place" : field->words[0];
    }
    static const char *const known[][2] = { { "role", "keeper" }, { "right", "stock.read" }, { "rights", "stock.read" },
                                            { "kind", "place" },  { "scheme", "gtin" },      { "token", "bgl_x" },
                                            { "q", MARK_URL },    { "code", "ZC" } };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(field->name, known[i][0]) == 0 && strcmp(field->name, "code") != 0) {
            return known[i][1];
        }
    }
    return bg_arena_text(rig->arena, "x%05d-and-some-more", ++rig->counter);
}

static void put_value(struct rig *rig, const struct api_field *field, enum api_type type, struct bg_buf *out)
{
    switch (type) {
    case API_TEXT: {
        bg_str text = bg_str_of(text_for(rig, field));
        bg_json_str(out, bg_str_cut(text, 0, field->max > 0 ? (size_t)field->max : text.len));
        break;
    }
    case API_INT: bg_json_int(out, field->min > 1 ? field->min : 1); break;
    case API_ID: bg_json_id(out, id_named(rig, field->name)); break;
    case API_BOOL: bg_json_bool(out, true); break;
    case API_DATE: bg_json_str(out, BG_STR("2022-01-08")); break;
    case API_TIME: bg_json_str(out, BG_STR("2022-01-08T01:30:00Z")); break;
    case API_REAL: bg_json_double(out, 39.1); break;
    case API_ARRAY:
        bg_json_array(out);
        if (field->of == API_OBJECT) {
            put_object(rig, field->fields, out);
        } else {
            put_value(rig, field, field->of, out);
        }
        bg_json_array_end(out);
        break;
    case API_OBJECT: put_object(rig, field->fields, out); break;
    case API_JSON:
        bg_json_object(out);
        bg_json_object_end(out);
        break;
    }
}

/* What has to be given, and every id that may be. */
static void put_object(struct rig *rig, const struct api_field *fields, struct bg_buf *out)
{
    bg_json_object(out);
    for (; fields->name != NULL; fields++) {
        if (fields->required || (fields->type == API_ID && strcmp(fields->name, "version") != 0)) {
            bg_json_key(out, fields->name);
            put_value(rig, fields, fields->type, out);
        }
    }
    bg_json_object_end(out);
}

/* The id that stands behind this part of a path. */
static int64_t path_id(const struct rig *rig, bg_str before)
{
    const struct {
        const char *part;
        int64_t id;
    } parts[] = {
        { "/items/", rig->item },
        { "/places/", rig->place[0] },
        { "/owners/", rig->owner },
        { "/lots/", rig->lot },
        { "/movements/", rig->movement },
        { "/documents/", rig->document },
        { "/holds/", rig->hold },
        { "/counts/", rig->count },
        { "/accounts/", rig->account },
        { "/organisations/", rig->org[0][AUTH_RECEIVER] },
        { "/districts/", rig->district[0] },
        { "/grants/", rig->grant },
        { "/sessions/", rig->session },
        { "/devices/", rig->device },
        { "/keys/", rig->key },
        { "/files/", rig->file },
        { "/approvals/", rig->approval },
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (bg_str_ends(before, bg_str_of(parts[i].part))) {
            return parts[i].id;
        }
    }
    return 1;
}

static const char *target_of(struct rig *rig, const struct api_route *route)
{
    BG_SCOPED_BUF out = bg_buf_init(4096);
    bg_str rest = bg_str_of(route->path), path = rest;
    while (rest.len > 0) {
        size_t open = bg_str_find(rest, '{');
        bg_buf_add(&out, bg_str_cut(rest, 0, open));
        if (open < rest.len) {
            bg_str before = bg_str_cut(path, 0, (size_t)(rest.at - path.at) + open);
            bg_buf_int(&out, path_id(rig, before));
            size_t close = bg_str_find(rest, '}');
            rest = bg_str_cut(rest, close + 1, rest.len);
        } else {
            rest = bg_str_cut(rest, open, open);
        }
    }
    char sign = '?';
    for (const struct api_field *field = route->query; field != NULL && field->name != NULL; field++) {
        bool place =
            strcmp(field->name, "place") == 0 || strcmp(field->name, "object") == 0 || strcmp(field->name, "account") == 0;
        if (field->required || place) {
            BG_SCOPED_BUF value = bg_buf_init(4096);
            put_value(rig, field, field->type, &value);
            bg_str text = bg_buf_str(&value);
            text = text.len > 1 && text.at[0] == '"' ? bg_str_cut(text, 1, text.len - 1) : text;
            bg_buf_print(&out, "%c%s=%.*s", sign, field->name, BG_STR_FMT(text));
            sign = '&';
        }
    }
    return bg_arena_copy(rig->arena, bg_buf_str(&out)).at;
}

static bool is_write(const struct api_route *route)
{
    return route->write != NULL || (route->flags & API_WRITES) != 0;
}

static void request(struct rig *rig, const struct api_route *route, const char *cookie)
{
    BG_SCOPED_BUF body = bg_buf_init(1 << 15);
    const char *target = target_of(rig, route), *text = NULL;
    if ((route->flags & API_UPLOAD) != 0) {
        text = "%PDF-1.7 paper";
    } else if (strcmp(route->method, "GET") != 0 && route->body != NULL) {
        put_object(rig, route->body, &body);
        text = bg_arena_copy(rig->arena, bg_buf_str(&body)).at;
    }
    (void)call(rig, cookie, route->method, target, (route->flags & API_UPLOAD) != 0 ? "application/pdf" : "application/json",
               text);
}

/* --- the cells --- */

/* Catalogues belong to the city: who may write them anywhere does so for all. */
static bool shared_object(const struct api_route *route)
{
    static const char *const prefixes[] = { "/api/v1/items",  "/api/v1/districts", "/api/v1/lots",
                                            "/api/v1/owners", "/api/v1/scan",      "/api/v1/password",
                                            "/api/v1/totp",   "/api/v1/session",   "/api/v1/journal" };
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(route->path, prefixes[i], len) == 0 && (route->path[len] == '\0' || route->path[len] == '/')) {
            return true;
        }
    }
    return false;
}

/* Asks for side A by its path or its body. */
static bool names_side_a(const struct api_route *route)
{
    bool named = strchr(route->path, '{') != NULL;
    for (const struct api_field *field = route->body; field != NULL && field->name != NULL; field++) {
        named |= field->type == API_ID || field->type == API_ARRAY;
    }
    return named && !shared_object(route);
}

/* The ids in the body, at any depth. Without one (figures of a district, by its code) what is written is the writer's own city's. */
static bool holds_id(const struct api_field *field)
{
    for (; field != NULL && field->name != NULL; field++) {
        if (field->type == API_ID || (field->type == API_ARRAY && field->of == API_ID) || holds_id(field->fields)) {
            return true;
        }
    }
    return false;
}

static bool skipped(const struct api_route *route, const struct subject *subject)
{
    bool ends = strcmp(route->path, "/api/v1/session") == 0;
    bool hashes = strcmp(route->path, "/api/v1/password") == 0 || strcmp(route->path, "/api/v1/totp/remove") == 0 ||
                  strcmp(route->path, "/api/v1/invitations/accept") == 0;
    return (ends || hashes) && subject->side != SIDE_NOBODY;
}

/* An answer that speaks of side A: by its mark, or by the id of something there. */
static bool shows_side_a(const struct rig *rig)
{
    const int64_t ids[] = { rig->place[0], rig->account, rig->document, rig->movement, rig->hold,    rig->count,
                            rig->session,  rig->device,  rig->key,      rig->file,     rig->approval };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "\"%lld\"", (long long)ids[i]);
        if (rig->status < 300 && strstr(rig->body, text) != NULL) {
            return true;
        }
    }
    return strstr(rig->body, MARK) != NULL;
}

/* NULL, or what is wrong with the answer. */
static const char *judge(const struct rig *rig, const struct api_route *route, const struct subject *subject)
{
    bool good = rig->status >= 200 && rig->status < 300;
    if (rig->status == 0 || rig->status >= 500) {
        return "no answer, or a fault of ours";
    }
    if (subject->side == SIDE_NOBODY) {
        return route->right == API_PUBLIC ? NULL : rig->status == 401 ? NULL : "nobody was let in";
    }
    if (rig->status == 401 && route->right != API_PUBLIC) {
        return "a good session was refused";
    }
    if (route->right >= 0 && auth_right_infos[route->right].reach != AUTH_REACH_SELF) {
        bool has = subject->side != SIDE_ENDED && (auth_right_infos[route->right].roles >> subject->role & 1) != 0;
        if (!has && !(rig->status == 403 && strstr(rig->body, "auth.denied") != NULL)) {
            return "a role without the right was let through";
        }
        if (has && strstr(rig->body, "\"reason\":\"no-role\"") != NULL &&
            strstr(rig->body, auth_right_infos[route->right].slug) != NULL) {
            return "a role with the right was refused";
        }
    }
    bool outside = subject->side == SIDE_B || subject->side == SIDE_OTHER_CITY || subject->side == SIDE_ENDED;
    /* Files and search results have the rights of their records: here of places. */
    bool by_record = strncmp(route->path, "/api/v1/files", 13) == 0 || strcmp(route->path, "/api/v1/search") == 0;
    int read = by_record ? (int)AUTH_RIGHT_PLACE_READ : route->right;
    bool catalogue = read >= 0 && auth_right_infos[read].reach == AUTH_REACH_ANYWHERE && subject->side != SIDE_OTHER_CITY &&
                     subject->side != SIDE_ENDED && (auth_right_infos[read].roles >> subject->role & 1) != 0;
    if (outside && !catalogue && shows_side_a(rig)) {
        return "something of another's was shown";
    }
    bool own_city = subject->side == SIDE_OTHER_CITY && strchr(route->path, '{') == NULL && !holds_id(route->body);
    if (outside && good && is_write(route) && names_side_a(route) && !own_city && route->right != API_PUBLIC) {
        return "something of another's was changed";
    }
    return NULL;
}

struct tally {
    int cells, wrong, good;
};

static void run_row(struct rig *rig, const struct api_route *route, struct subject *subject, struct tally *tally)
{
    if (skipped(route, subject)) {
        return;
    }
    request(rig, route, subject->cookie);
    const char *wrong = judge(rig, route, subject);
    tally->cells++;
    tally->good += rig->status >= 200 && rig->status < 300;
    if (wrong != NULL) {
        tally->wrong++;
        printf("# %s %s as %s in %s, %s: %d: %s: %.300s\n", route->method, route->path,
               subject->role < 0 ? "nobody" : auth_role_infos[subject->role].slug, auth_scope_infos[subject->scope].slug,
               side_names[subject->side], rig->status, wrong, rig->body);
    }
}

static struct tally run_side(struct rig *rig, enum side side)
{
    struct tally tally = { 0 };
    for (size_t s = 0; s < rig->subject_count; s++) {
        for (size_t m = 0; rig->subjects[s].side == side && api_route_arrays[m] != NULL; m++) {
            for (const struct api_route *route = api_route_arrays[m]; route->method != NULL; route++) {
                run_row(rig, route, &rig->subjects[s], &tally);
            }
        }
    }
    OK(tally.wrong == 0 && tally.cells > 0, "%s: %s: %d cells as the table of rights says (%d answered well)", rig->bed.name,
       side_names[side], tally.cells, tally.good);
    return tally;
}

static void make_subjects(struct rig *rig)
{
    for (int role = 0; role < AUTH_ROLE_COUNT; role++) {
        for (int scope = 0; scope < AUTH_SCOPE_COUNT; scope++) {
            if ((auth_role_infos[role].scopes >> scope & 1) == 0) {
                continue;
            }
            add_subject(rig, role, (enum auth_scope)scope, scope == AUTH_CITY ? SIDE_CITY : SIDE_A);
            if (scope == AUTH_CITY) {
                add_subject(rig, role, (enum auth_scope)scope, SIDE_OTHER_CITY);
            } else {
                add_subject(rig, role, (enum auth_scope)scope, SIDE_B);
            }
        }
    }
    add_subject(rig, AUTH_ROLE_KEEPER, AUTH_PLACE, SIDE_ENDED);
    add_subject(rig, AUTH_ROLE_PLANNER, AUTH_CITY, SIDE_ENDED);
    rig->subjects[rig->subject_count++] = (struct subject){ .role = -1, .side = SIDE_NOBODY };
}

static void suite(enum bed_kind kind)
{
    static const struct bg_log silent = { .fd = -1, .env = &bg_env_real };
    struct rig *rig = bg_heap_get(sizeof *rig);
    char planner[100], admin[100], depot[100];
    rig->bed = bed_make(kind);
    rig->arena = bg_arena_open(256u << 20);
    char files[400];
    (void)snprintf(files, sizeof files, "%s/files", rig->bed.folder);
    const struct app_config config = {
        .db = rig->bed.address, .keys = rig->bed.folder, .files = files, .rate_address = -1, .rate_session = -1
    };
    bg_err err = app_open(&config, &bg_env_real, &silent, &rig->app);
    if (!bg_failed(err)) {
        err = api_open(rig->app);
    }
    const struct http_opts opts = { .listen = "127.0.0.1:0", .env = &bg_env_real, .handlers = api_handlers(rig->app) };
    if (!bg_failed(err)) {
        err = http_open(&opts, &rig->server);
    }
    if (!bg_failed(err)) {
        err = work_start(rig->app->work);
    }
    if (bg_failed(err)) {
        printf("Bail out! %s\n", bg_errors[err.code].slug);
        abort();
    }
    rig->port = (int)strtol(strrchr(http_url(rig->server), ':') + 1, NULL, 10);
    make_city(rig);
    (void)person(rig, rig->city, AUTH_ROLE_PLANNER, AUTH_CITY, rig->city, SIDE_CITY, planner, NULL);
    (void)person(rig, rig->city, AUTH_ROLE_ADMIN, AUTH_CITY, rig->city, SIDE_CITY, admin, NULL);
    (void)person(rig, rig->city, AUTH_ROLE_DEPOT, AUTH_DISTRICT, rig->district[0], SIDE_CITY, depot, NULL);
    make_things(rig, planner, admin, depot);
    make_stock(rig, planner, depot);
    OK(rig->place[0] && rig->place[1] && rig->item && rig->lot && rig->account && rig->session && rig->key && rig->device &&
           rig->document && rig->movement && rig->hold && rig->count && rig->file && rig->approval,
       "%s: things of side A to ask for", rig->bed.name);
    make_subjects(rig);
    (void)run_side(rig, SIDE_NOBODY);
    (void)run_side(rig, SIDE_ENDED);
    (void)run_side(rig, SIDE_OTHER_CITY);
    (void)run_side(rig, SIDE_B);
    struct tally inside = run_side(rig, SIDE_A);
    struct tally city = run_side(rig, SIDE_CITY);
    OK(inside.good > 150 && city.good > 250, "%s: requests made from the schemas are real ones", rig->bed.name);
    OK(says(rig, ""), "%s: the server still answers", rig->bed.name);
    (void)http_drain(rig->server, 2000);
    api_close(rig->app); /* first: it holds streams of the server */
    http_close(rig->server);
    app_close(rig->app);
    bg_arena_close(rig->arena);
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
        SKIP("BAOGONG_TEST_PG is not set: PostgreSQL was not tried");
    }
    return TAP_DONE();
}
