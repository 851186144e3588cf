/* The hub of live streams. One thread reads new journal entries once and hands them to every screen: an event says what changed,
 * never the new figures, which the screen asks for with its own rights. Under a flood of changes the events of a tick are told as
 * one a kind, so that a thousand screens cost a bounded amount whatever the load.
 *
 * A screen that was away resumes from its Last-Event-ID; one that was away too long is told to ask for everything again. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/inner.h"
#include "api/routes.h"

#define TICK_MS 100 /* between two hand-outs */
#define IDLE_TICK_MS 500 /* sessions are looked at this often */
#define BEAT_US 15000000
#define READ_MAX 1000 /* entries read in one go */
#define SINGLE_MAX 50 /* more than these in a tick are told as one a kind */
#define RESUME_MAX 10000 /* a screen further behind than this starts anew */
#define STREAM_ROOM_BYTES (64u << 10)
#define SCREENS_MAX 4096
#define ARENA_MAX_BYTES (16u << 20)
#define KINDS_MAX 64
#define MESSAGES_MAX 256

/* Which right lets one hear of which records; everything else needs the right to read the journal. */
static const struct {
    const char *object;
    enum auth_right right;
} audience[] = {
    { "item", AUTH_RIGHT_ITEM_READ },         { "owner", AUTH_RIGHT_ITEM_READ },        { "place", AUTH_RIGHT_PLACE_READ },
    { "bin", AUTH_RIGHT_PLACE_READ },         { "lot", AUTH_RIGHT_ITEM_READ },          { "document", AUTH_RIGHT_STOCK_READ },
    { "hold", AUTH_RIGHT_STOCK_READ },        { "count", AUTH_RIGHT_STOCK_READ },       { "review", AUTH_RIGHT_STOCK_READ },
    { "ledger", AUTH_RIGHT_STOCK_READ },      { "standard", AUTH_RIGHT_STANDARD_READ }, { "level", AUTH_RIGHT_STANDARD_READ },
    { "organisation", AUTH_RIGHT_CITY_READ }, { "district", AUTH_RIGHT_CITY_READ },     { "city", AUTH_RIGHT_CITY_READ },
    { "policy", AUTH_RIGHT_CITY_READ },       { "account", AUTH_RIGHT_ACCOUNT_READ },   { "grant", AUTH_RIGHT_ACCOUNT_READ },
    { "session", AUTH_RIGHT_ACCOUNT_READ },   { "device", AUTH_RIGHT_ACCOUNT_READ },    { "key", AUTH_RIGHT_ACCOUNT_READ },
    { "approval", AUTH_RIGHT_APPROVAL_READ }, { "import", AUTH_RIGHT_IMPORT },          { "run", AUTH_RIGHT_RUN_READ },
    { "figure", AUTH_RIGHT_FIGURE_READ },     { "round", AUTH_RIGHT_FIGURE_READ },
    { "proposal", AUTH_RIGHT_STANDARD_READ }, { "uplift", AUTH_RIGHT_STANDARD_READ },
};
#define AUDIENCE_COUNT (sizeof audience / sizeof audience[0])

enum hears { HEARS_NOTHING, HEARS_KIND, HEARS_ALL }; /* KIND: in one's scope or not is unknown, so no id is told */

struct screen {
    struct screen *next;
    struct http_stream *stream;
    struct bg_arena *arena;
    struct auth_session session;
    enum hears hears[AUDIENCE_COUNT + 1];
    int64_t position; /* everything up to here is told */
    int64_t beat_us;
};

/* Something to tell that is in no journal: how far a long job is. */
struct message {
    struct message *next;
    int64_t city, account; /* account 0: everybody in the city */
    size_t len;
    char text[];
};

struct hub {
    struct app *app;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* the three below, for moments only: the writer takes it */
    pthread_cond_t signal;
    struct screen *incoming;
    struct message *messages, **messages_end;
    int message_count;
    int64_t head;
    bool closing;
    _Atomic int screens;
    struct screen *list; /* the hub's thread only */
    int64_t position; /* read up to here */
};

/* On the writer's thread. */
static void hub_hear(void *ctx, int64_t head)
{
    struct hub *hub = ctx;
    pthread_mutex_lock(&hub->lock);
    if (head > hub->head) {
        hub->head = head;
        (void)pthread_cond_signal(&hub->signal);
    }
    pthread_mutex_unlock(&hub->lock);
}

/* --- who hears what --- */

static size_t audience_of(bg_str object)
{
    size_t i = 0;
    while (i < AUDIENCE_COUNT && !bg_str_is(object, audience[i].object)) {
        i++;
    }
    return i;
}

static bg_err learn_hearing(struct screen *screen)
{
    for (size_t i = 0; i <= AUDIENCE_COUNT; i++) {
        enum auth_right right = i < AUDIENCE_COUNT ? audience[i].right : AUTH_RIGHT_JOURNAL_READ;
        struct auth_filter filter = { 0 };
        if (!auth_may_somewhere(&screen->session, right, NULL)) {
            continue;
        }
        BG_TRY(auth_filter(&screen->session, right, screen->arena, &filter));
        bool anywhere = auth_right_infos[right].reach != AUTH_REACH_SCOPED;
        screen->hears[i] = filter.everything || anywhere ? HEARS_ALL : HEARS_KIND;
    }
    return BG_DONE;
}

static void put_event(struct bg_buf *out, const struct journal_event *event, enum hears hears)
{
    char at[25];
    bg_time_text(event->at, at);
    bg_buf_print(out, "id: %lld\ndata: ", (long long)event->position);
    out->comma = false;
    bg_json_object(out);
    bg_json_put_str(out, "kind", event->kind);
    bg_json_put_str(out, "object", event->object);
    if (hears == HEARS_ALL) {
        bg_json_put_id(out, "id", event->id);
    }
    bg_json_put_str(out, "at", bg_str_of(at));
    bg_json_object_end(out);
    bg_buf_add(out, BG_STR("\n\n"));
}

/* One event a kind, with how many; the last carries the position so that resuming starts behind all of them. */
static void put_kinds(struct bg_buf *out, const struct screen *screen, const struct journal_event *events, size_t count)
{
    const struct journal_event *kinds[KINDS_MAX];
    int64_t times[KINDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (events[i].city != screen->session.city || screen->hears[audience_of(events[i].object)] == HEARS_NOTHING) {
            continue;
        }
        size_t k = 0;
        while (k < n && !bg_str_eq(kinds[k]->kind, events[i].kind)) {
            k++;
        }
        if (k == n && n < KINDS_MAX) {
            kinds[n] = &events[i];
            times[n++] = 0;
        }
        times[k < n ? k : n - 1]++;
    }
    for (size_t k = 0; k < n; k++) {
        if (k + 1 == n) {
            bg_buf_print(out, "id: %lld\n", (long long)events[count - 1].position);
        }
        bg_buf_add(out, BG_STR("data: "));
        out->comma = false;
        bg_json_object(out);
        bg_json_put_str(out, "kind", kinds[k]->kind);
        bg_json_put_str(out, "object", kinds[k]->object);
        bg_json_put_int(out, "count", times[k]);
        bg_json_object_end(out);
        bg_buf_add(out, BG_STR("\n\n"));
    }
}

/* False: the screen has left, or reads too slowly. */
static bool tell(struct screen *screen, const struct journal_event *events, size_t count, struct bg_buf *scratch)
{
    bg_buf_clear(scratch);
    if (count > SINGLE_MAX) {
        put_kinds(scratch, screen, events, count);
    } else {
        for (size_t i = 0; i < count; i++) {
            enum hears hears = screen->hears[audience_of(events[i].object)];
            if (events[i].city == screen->session.city && hears != HEARS_NOTHING) {
                put_event(scratch, &events[i], hears);
            }
        }
    }
    screen->position = events[count - 1].position;
    return scratch->len == 0 || http_stream_send(screen->stream, bg_buf_str(scratch));
}

static void screen_free(struct hub *hub, struct screen *screen)
{
    http_stream_close(screen->stream);
    bg_arena_close(screen->arena);
    bg_heap_free(screen);
    (void)atomic_fetch_sub(&hub->screens, 1);
}

/* --- the hub's thread --- */

static bg_err read_after(struct hub *hub, int64_t position, struct bg_arena *arena, struct journal_event **ret, size_t *ret_count)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(hub->app->store, API_READ_BUDGET_MS, &tx));
    return journal_after(tx, position, READ_MAX, arena, ret, ret_count);
}

/* Hands what is new to the screens that have heard everything before it. */
static void hand_out(struct hub *hub, struct bg_arena *arena, struct bg_buf *scratch)
{
    struct journal_event *events = NULL;
    size_t count = 0;
    bg_arena_reset(arena);
    if (bg_failed(read_after(hub, hub->position, arena, &events, &count)) || count == 0) {
        return;
    }
    int64_t before = hub->position;
    hub->position = events[count - 1].position;
    for (struct screen **at = &hub->list; *at != NULL;) {
        struct screen *screen = *at;
        if (screen->position == before && !tell(screen, events, count, scratch)) {
            *at = screen->next;
            screen_free(hub, screen);
        } else {
            at = &screen->next;
        }
    }
}

/* A screen that resumes reads by itself until it has caught up, as fast as it takes the bytes. */
static bool catch_up(struct hub *hub, struct screen *screen, struct bg_arena *arena, struct bg_buf *scratch)
{
    if (hub->position - screen->position > RESUME_MAX) {
        char text[96];
        int len = snprintf(text, sizeof text, "id: %lld\ndata: {\"kind\":\"events.reset\"}\n\n", (long long)hub->position);
        screen->position = hub->position;
        return http_stream_send(screen->stream, (bg_str){ text, (size_t)len });
    }
    int64_t free_bytes = http_stream_free(screen->stream);
    if (free_bytes < (int64_t)STREAM_ROOM_BYTES / 2) {
        return free_bytes >= 0;
    }
    struct journal_event *events = NULL;
    size_t count = 0;
    bg_arena_reset(arena);
    if (bg_failed(read_after(hub, screen->position, arena, &events, &count)) || count == 0) {
        return true;
    }
    while (count > 0 && events[count - 1].position > hub->position) {
        count--; /* those come with the next hand-out */
    }
    for (size_t i = 0; i < count; i += SINGLE_MAX) {
        size_t part = count - i < SINGLE_MAX ? count - i : SINGLE_MAX;
        if (http_stream_free(screen->stream) < (int64_t)STREAM_ROOM_BYTES / 2) {
            return http_stream_free(screen->stream) >= 0;
        }
        if (!tell(screen, events + i, part, scratch)) {
            return false;
        }
    }
    return true;
}

/* True while some screen still lags. */
static bool look_after(struct hub *hub, struct bg_arena *arena, struct bg_buf *scratch)
{
    int64_t now = hub->app->env.monotonic_us(hub->app->env.ctx);
    bool lags = false;
    for (struct screen **at = &hub->list; *at != NULL;) {
        struct screen *screen = *at;
        bool good = auth_alive(hub->app->auth, &screen->session);
        if (good && screen->position < hub->position) {
            good = catch_up(hub, screen, arena, scratch);
            lags = lags || screen->position < hub->position;
        }
        if (good && now - screen->beat_us >= BEAT_US) {
            screen->beat_us = now;
            good = http_stream_send(screen->stream, BG_STR(":\n\n"));
        }
        if (good) {
            at = &screen->next;
        } else {
            *at = screen->next;
            screen_free(hub, screen);
        }
    }
    return lags;
}

static void wait_until(struct hub *hub, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&hub->signal, &hub->lock, &until);
}

static void take_incoming(struct hub *hub)
{
    while (hub->incoming != NULL) {
        struct screen *screen = hub->incoming;
        hub->incoming = screen->next;
        if (screen->position < 0 || screen->position > hub->position) {
            screen->position = hub->position;
        }
        screen->next = hub->list;
        hub->list = screen;
    }
}

/* Under the lock: takes what there is to tell. */
static struct message *take_messages(struct hub *hub)
{
    struct message *list = hub->messages;
    hub->messages = NULL;
    hub->messages_end = &hub->messages;
    hub->message_count = 0;
    return list;
}

static void tell_messages(struct hub *hub, struct message *list)
{
    for (struct message *next; list != NULL; list = next) {
        next = list->next;
        for (struct screen *screen = hub->list; screen != NULL; screen = screen->next) {
            bool concerns =
                screen->session.city == list->city && (list->account == 0 || screen->session.account == list->account);
            /* One that has left or lags is looked after by look_after. */
            if (concerns && http_stream_free(screen->stream) > (int64_t)list->len) {
                (void)http_stream_send(screen->stream, (bg_str){ list->text, list->len });
            }
        }
        bg_heap_free(list);
    }
}

void api_tell(struct app *app, int64_t city, int64_t account, bg_str json)
{
    struct hub *hub = app->api != NULL ? app->api->hub : NULL;
    if (hub == NULL || atomic_load(&hub->screens) == 0) {
        return;
    }
    struct message *message = bg_heap_get(sizeof *message + json.len + 16);
    if (message == NULL) {
        return;
    }
    message->city = city;
    message->account = account;
    message->len = (size_t)snprintf(message->text, json.len + 16, "data: %.*s\n\n", BG_STR_FMT(json));
    pthread_mutex_lock(&hub->lock);
    bool full = hub->message_count >= MESSAGES_MAX || hub->closing;
    if (!full) {
        *hub->messages_end = message;
        hub->messages_end = &message->next;
        hub->message_count++;
        (void)pthread_cond_signal(&hub->signal);
    }
    pthread_mutex_unlock(&hub->lock);
    if (full) {
        bg_heap_free(message); /* progress: the next message says more */
    }
}

static void *hub_main(void *ctx)
{
    struct hub *hub = ctx;
    struct bg_arena *arena = bg_arena_open(ARENA_MAX_BYTES);
    struct bg_buf scratch = bg_buf_init(STREAM_ROOM_BYTES);
    bool lags = false;
    pthread_mutex_lock(&hub->lock);
    while (!hub->closing && arena != NULL) {
        if (hub->head <= hub->position && hub->incoming == NULL && hub->messages == NULL) {
            if (hub->list == NULL) {
                (void)pthread_cond_wait(&hub->signal, &hub->lock);
            } else {
                wait_until(hub, lags ? TICK_MS : IDLE_TICK_MS);
            }
        }
        take_incoming(hub);
        struct message *messages = take_messages(hub);
        int64_t head = hub->head;
        bool idle = hub->list == NULL;
        pthread_mutex_unlock(&hub->lock);
        if (idle) {
            hub->position = head;
        } else if (head > hub->position) {
            hand_out(hub, arena, &scratch);
        }
        tell_messages(hub, messages);
        lags = look_after(hub, arena, &scratch);
        if (!idle) {
            (void)nanosleep(&(struct timespec){ .tv_nsec = TICK_MS * 1000000 }, NULL);
        }
        pthread_mutex_lock(&hub->lock);
    }
    take_incoming(hub);
    struct message *rest = take_messages(hub);
    pthread_mutex_unlock(&hub->lock);
    tell_messages(hub, rest);
    while (hub->list != NULL) {
        struct screen *screen = hub->list;
        hub->list = screen->next;
        screen_free(hub, screen);
    }
    bg_buf_done(&scratch);
    bg_arena_close(arena);
    return NULL;
}

bg_err hub_open(struct app *app, struct hub **ret)
{
    struct hub *hub = bg_heap_get(sizeof *hub);
    BG_TRY(bg_need(hub));
    hub->app = app;
    hub->messages_end = &hub->messages;
    (void)pthread_mutex_init(&hub->lock, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&hub->signal, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    hub->head = journal_head_position(app->journal);
    hub->position = hub->head;
    *ret = hub;
    BG_TRY(journal_watch(app->journal, hub_hear, hub));
    hub->runs = pthread_create(&hub->thread, NULL, hub_main, hub) == 0;
    return hub->runs ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
}

void hub_close(struct hub *hub)
{
    if (hub == NULL) {
        return;
    }
    pthread_mutex_lock(&hub->lock);
    hub->closing = true;
    (void)pthread_cond_signal(&hub->signal);
    pthread_mutex_unlock(&hub->lock);
    if (hub->runs) {
        (void)pthread_join(hub->thread, NULL);
    }
    journal_unwatch(hub->app->journal, hub_hear, hub);
    (void)pthread_cond_destroy(&hub->signal);
    (void)pthread_mutex_destroy(&hub->lock);
    bg_heap_free(hub);
}

/* --- the route --- */

/* The stream outlives the request, so it keeps its own copy of who listens. */
static bg_err copy_session(const struct auth_session *from, struct bg_arena *arena, struct auth_session *ret)
{
    *ret = *from;
    struct auth_grant *grants = bg_arena_array(arena, from->grant_count, sizeof *grants);
    ret->login = bg_arena_copy(arena, from->login);
    ret->name = bg_arena_copy(arena, from->name);
    ret->origin = bg_arena_copy(arena, from->origin);
    BG_TRY(bg_need(grants));
    BG_TRY(bg_need(ret->login.at));
    BG_TRY(bg_need(ret->name.at));
    BG_TRY(bg_need(ret->origin.at));
    if (from->grant_count > 0) {
        memcpy(grants, from->grants, from->grant_count * sizeof *grants);
    }
    ret->grants = grants;
    return BG_DONE;
}

static bg_err screen_open(struct api_request *rq, struct screen *screen)
{
    BG_TRY(bg_need(screen->arena = bg_arena_open(1u << 20)));
    BG_TRY(copy_session(rq->session, screen->arena, &screen->session));
    BG_TRY(learn_hearing(screen));
    screen->beat_us = rq->app->env.monotonic_us(rq->app->env.ctx);
    bg_str last = http_header(rq->http, "Last-Event-ID");
    screen->position = api_int(&rq->query, "last_event_id", -1);
    int64_t position;
    if (bg_str_int(last, &position) && position >= 0) {
        screen->position = position;
    }
    static const struct http_head heads[] = { { "X-Content-Type-Options", "nosniff" } };
    BG_TRY(http_stream_open(rq->http, heads, 1, STREAM_ROOM_BYTES, &screen->stream));
    /* Tells the browser how long to wait before it comes back, and makes the connection's first bytes flow. */
    (void)http_stream_send(screen->stream, BG_STR("retry: 2000\n\n"));
    return BG_DONE;
}

static bg_err events_get(struct api_request *rq)
{
    struct hub *hub = rq->app->api->hub;
    if (hub == NULL || atomic_fetch_add(&hub->screens, 1) >= SCREENS_MAX) {
        if (hub != NULL) {
            (void)atomic_fetch_sub(&hub->screens, 1);
        }
        return BG_FAIL(BG_BUSY);
    }
    struct screen *screen = bg_heap_get(sizeof *screen);
    bg_err err = bg_need(screen);
    if (!bg_failed(err)) {
        err = screen_open(rq, screen);
    }
    if (bg_failed(err)) {
        if (screen != NULL) {
            bg_arena_close(screen->arena);
        }
        bg_heap_free(screen);
        (void)atomic_fetch_sub(&hub->screens, 1);
        return err;
    }
    pthread_mutex_lock(&hub->lock);
    screen->next = hub->incoming;
    hub->incoming = screen;
    (void)pthread_cond_signal(&hub->signal);
    pthread_mutex_unlock(&hub->lock);
    return BG_DONE;
}

static const struct api_field events_query[] = {
    API_F("last_event_id", API_INT, .max = INT64_MAX, .zh = "上次收到的事件号（同请求头 Last-Event-ID）",
          .en = "position of the last event received, as the header Last-Event-ID"),
    API_F_END,
};

const struct api_route api_routes_events[] = {
    { .method = "GET",
      .path = "/api/v1/events",
      .right = AUTH_RIGHT_EVENTS,
      .query = events_query,
      .media = "text/event-stream",
      .own = events_get,
      .module = "system",
      .zh = "实时事件流：每个事件说明什么变了；事件号即日志位置，可断点续传",
      .en = "live events: each says what changed; ids are journal positions, so a stream can be resumed" },
    { 0 },
};
