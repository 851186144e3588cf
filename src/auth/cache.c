/* Who is calling: sessions and keys in memory, and how they are forgotten at once.
 *
 * Each city counts an epoch, which grows in the transaction of every change that ends a session early or changes somebody's rights. A
 * cached session is good while the epoch is the one it was read at; else it is read again. A change announces the
 * epoch it is about to make, and until that one is seen (or the change came to nothing) every request of this process looks for it; other
 * processes' changes are looked for every half second. Writes look inside their transaction. */
#include "auth/inside.h"

#include <sodium.h>
#include <string.h>

struct cached {
    struct cached *next;
    uint8_t hash[32];
    struct auth_session session; /* its texts and grants stand behind this struct */
    int64_t idle_ms;             /* 0: no idle limit (keys) */
    _Atomic bg_ms seen_at, written_at;
    struct auth_grant grants[];
};

static struct cached **bucket_of(struct auth *auth, const uint8_t hash[32])
{
    uint32_t slot;
    memcpy(&slot, hash, sizeof slot);
    return &auth->buckets[slot % CACHE_BUCKETS];
}

void cache_close(struct auth *auth)
{
    for (size_t i = 0; i < CACHE_BUCKETS; i++) {
        for (struct cached *at = auth->buckets[i], *next; at != NULL; at = next) {
            next = at->next;
            bg_heap_free(at);
        }
    }
    bg_heap_free(auth->cities);
}

/* --- epochs --- */

static struct city_epoch *city_find(struct auth *auth, int64_t city)
{
    size_t from = 0, to = auth->city_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (auth->cities[middle].city < city) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from < auth->city_count && auth->cities[from].city == city ? &auth->cities[from] : NULL;
}

/* With the lock held for writing: the city's place in the list, ordered by city. NULL when memory is out. */
static struct city_epoch *city_place(struct auth *auth, int64_t city)
{
    struct city_epoch *found = city_find(auth, city);
    if (found != NULL) {
        return found;
    }
    struct city_epoch *grown = bg_heap_resize(auth->cities, (auth->city_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    auth->cities = grown;
    size_t at = auth->city_count++;
    while (at > 0 && grown[at - 1].city > city) {
        grown[at] = grown[at - 1];
        at--;
    }
    grown[at] = (struct city_epoch){ .city = city, .checked_us = INT64_MIN / 2, .coming_us = INT64_MIN / 2 };
    return &grown[at];
}

static int64_t clock_us(const struct auth *auth)
{
    return auth->env->monotonic_us(auth->env->ctx);
}

/* The city's epoch as far as it may matter; false when it has to be asked for. With the lock held. */
static bool epoch_known(struct auth *auth, int64_t city, int64_t *ret)
{
    const struct city_epoch *found = city_find(auth, city);
    int64_t now_us = clock_us(auth);
    if (found == NULL || now_us - found->checked_us > EPOCH_FRESH_US ||
        (found->epoch < found->coming && now_us - found->coming_us < EPOCH_COMING_US)) {
        return false;
    }
    *ret = found->epoch;
    return true;
}

static bg_err epoch_ask(struct auth *auth, struct store_tx *tx, int64_t city, int64_t *ret)
{
    int64_t epoch, asked_us = clock_us(auth);
    BG_TRY(store_get_int(tx, SQL_AUTH_EPOCH_GET, ARGS(V_INT(city)), &epoch, NULL));
    pthread_rwlock_wrlock(&auth->cache_lock);
    struct city_epoch *place = city_place(auth, city);
    if (place != NULL && epoch >= place->epoch) {
        place->epoch = epoch;
        place->checked_us = asked_us;
    }
    pthread_rwlock_unlock(&auth->cache_lock);
    *ret = epoch;
    return bg_need(place);
}

bg_err epoch_bump(struct change_tx *tx, struct auth *auth, int64_t city, int64_t *ret)
{
    int64_t epoch;
    BG_TRY(store_run(change_store(tx), SQL_AUTH_EPOCH_BUMP, ARGS(V_INT(city)), NULL));
    BG_TRY(store_get_int(change_store(tx), SQL_AUTH_EPOCH_GET, ARGS(V_INT(city)), &epoch, NULL));
    pthread_rwlock_wrlock(&auth->cache_lock);
    struct city_epoch *place = city_place(auth, city);
    if (place != NULL) {
        place->coming = epoch;
        place->coming_us = clock_us(auth);
    }
    pthread_rwlock_unlock(&auth->cache_lock);
    *ret = epoch;
    return bg_need(place);
}

/* --- cached sessions --- */

static char *put_text(char *at, bg_str from, bg_str *ret)
{
    memcpy(at, from.at == NULL ? "" : from.at, from.len);
    at[from.len] = '\0';
    *ret = (bg_str){ at, from.len };
    return at + from.len + 1;
}

static size_t texts_size(const struct auth_session *session)
{
    return session->login.len + session->name.len + session->origin.len + 3;
}

static void copy_session(const struct auth_session *from, struct auth_grant *grants, char *texts, struct auth_session *ret)
{
    *ret = *from;
    if (from->grant_count > 0) {
        memcpy(grants, from->grants, from->grant_count * sizeof *grants);
    }
    ret->grants = grants;
    texts = put_text(texts, from->login, &ret->login);
    texts = put_text(texts, from->name, &ret->name);
    put_text(texts, from->origin, &ret->origin);
}

static void drop(struct auth *auth, struct cached **link)
{
    struct cached *gone = *link;
    *link = gone->next;
    auth->cached_count--;
    bg_heap_free(gone);
}

static struct cached **find_link(struct auth *auth, const uint8_t hash[32])
{
    struct cached **link = bucket_of(auth, hash);
    while (*link != NULL && memcmp((*link)->hash, hash, 32) != 0) {
        link = &(*link)->next;
    }
    return link;
}

static bg_err cache_put(struct auth *auth, const uint8_t hash[32], const struct auth_session *session, bg_ms now, bg_ms written_at,
                        int64_t idle_ms)
{
    size_t grants = session->grant_count * sizeof(struct auth_grant);
    struct cached *made = bg_heap_get(sizeof *made + grants + texts_size(session));
    BG_TRY(bg_need(made));
    memcpy(made->hash, hash, sizeof made->hash);
    copy_session(session, made->grants, (char *)made->grants + grants, &made->session);
    made->idle_ms = idle_ms;
    atomic_init(&made->seen_at, now);
    atomic_init(&made->written_at, written_at);
    pthread_rwlock_wrlock(&auth->cache_lock);
    struct cached **link = find_link(auth, hash);
    if (*link != NULL) {
        drop(auth, link);
    } else if (auth->cached_count >= CACHE_MAX && *bucket_of(auth, hash) != NULL) {
        drop(auth, bucket_of(auth, hash));
    }
    struct cached **head = bucket_of(auth, hash);
    made->next = *head;
    *head = made;
    auth->cached_count++;
    pthread_rwlock_unlock(&auth->cache_lock);
    return BG_DONE;
}

static void cache_drop(struct auth *auth, const uint8_t hash[32])
{
    pthread_rwlock_wrlock(&auth->cache_lock);
    struct cached **link = find_link(auth, hash);
    if (*link != NULL) {
        drop(auth, link);
    }
    pthread_rwlock_unlock(&auth->cache_lock);
}

/* --- last seen --- */

struct touch {
    struct store_job job;
    int64_t city, id, at;
};

static bg_err touch_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    struct store_val rows[3 * 256];
    for (size_t i = 0; i < count && i < 256; i++) {
        const struct touch *touch = jobs[i]->in;
        rows[3 * i] = V_INT(touch->city);
        rows[3 * i + 1] = V_INT(touch->id);
        rows[3 * i + 2] = V_INT(touch->at);
    }
    return store_run_many(tx, SQL_AUTH_SESSION_TOUCH, rows, 3, count < 256 ? count : 256);
}

static void touch_done(struct store_job *job)
{
    bg_heap_free(job->ctx);
}

static const struct store_class touch_class = { .name = "auth.touch", .run = touch_run };

/* Written to the store at most once a minute; a lost one only makes the session end a minute early. */
static void touch(struct auth *auth, const struct auth_session *session, bg_ms at)
{
    struct touch *touch = bg_heap_get(sizeof *touch);
    if (touch == NULL) {
        return;
    }
    *touch = (struct touch){ .city = session->city, .id = session->id, .at = at };
    touch->job =
        (struct store_job){ .class = &touch_class, .in = touch, .ctx = touch, .lane = (uint64_t)session->city, .done = touch_done };
    if (bg_failed(store_submit(auth->store, &touch->job))) {
        bg_heap_free(touch);
    }
}

/* --- check --- */

enum found { FOUND_NONE, FOUND_GOOD, FOUND_OVER };

/* Looks into memory; a good one is copied into the arena. */
static enum found cache_look(struct auth *auth, const struct token *token, bg_ms now, struct bg_arena *arena, struct auth_session *ret,
                             bool *ret_touch)
{
    enum found found = FOUND_NONE;
    int64_t epoch;
    pthread_rwlock_rdlock(&auth->cache_lock);
    struct cached *at = epoch_known(auth, token->city, &epoch) ? *find_link(auth, token->hash) : NULL;
    if (at != NULL && at->session.version == epoch) {
        bg_ms seen_at = atomic_load(&at->seen_at);
        found = now >= at->session.ends_at ? FOUND_OVER : at->idle_ms > 0 && now - seen_at >= at->idle_ms ? FOUND_NONE : FOUND_GOOD;
    }
    if (found == FOUND_GOOD) {
        struct auth_grant *grants = bg_arena_array(arena, at->session.grant_count, sizeof *grants);
        char *texts = bg_arena_get(arena, texts_size(&at->session));
        if (grants == NULL || texts == NULL) {
            found = FOUND_NONE;
        } else {
            copy_session(&at->session, grants, texts, ret);
            atomic_store(&at->seen_at, now);
            *ret_touch = at->idle_ms > 0 && now - atomic_load(&at->written_at) >= TOUCH_MS;
            if (*ret_touch) {
                atomic_store(&at->written_at, now);
            }
        }
    }
    pthread_rwlock_unlock(&auth->cache_lock);
    return found;
}

/* What may have changed about a session or key since it was checked. */
struct standing {
    bool alive;
    int64_t epoch; /* of the account */
    bg_ms seen_at, ends_at;
    int64_t idle_ms;
};

static bg_err standing_get(struct store_tx *tx, int64_t city, int64_t id, struct standing *ret)
{
    STORE_SCOPED_ROWS session = NULL;
    STORE_SCOPED_ROWS key = NULL;
    *ret = (struct standing){ .alive = false };
    BG_TRY(store_query(tx, SQL_AUTH_SESSION_ALIVE, ARGS(V_INT(city), V_INT(id)), &session));
    BG_TRY(store_next(session, &ret->alive));
    if (ret->alive) {
        ret->epoch = store_int(session, 0);
        ret->seen_at = store_int(session, 1);
        ret->idle_ms = store_int(session, 2);
        ret->ends_at = store_int(session, 3);
        return BG_DONE;
    }
    BG_TRY(store_query(tx, SQL_AUTH_KEY_ALIVE, ARGS(V_INT(city), V_INT(id)), &key));
    BG_TRY(store_next(key, &ret->alive));
    if (ret->alive) {
        ret->epoch = store_int(key, 0);
        ret->ends_at = store_int(key, 1);
    }
    return BG_DONE;
}

/* The epoch grew, but perhaps because of somebody else: one look by key instead of reading everything again. True when `ret` is good. */
static bg_err revive(struct auth *auth, struct store_tx *tx, const struct token *token, int64_t epoch, bool *ret_good)
{
    int64_t id = 0, version = 0;
    struct standing standing;
    *ret_good = false;
    pthread_rwlock_rdlock(&auth->cache_lock);
    const struct cached *at = *find_link(auth, token->hash);
    if (at != NULL) {
        id = at->session.id;
        version = at->session.version;
    }
    pthread_rwlock_unlock(&auth->cache_lock);
    if (id == 0 || version == epoch) {
        *ret_good = id != 0;
        return BG_DONE;
    }
    BG_TRY(standing_get(tx, token->city, id, &standing));
    if (!standing.alive || standing.epoch > version) {
        return BG_DONE;
    }
    pthread_rwlock_wrlock(&auth->cache_lock);
    struct cached *entry = *find_link(auth, token->hash);
    if (entry != NULL && entry->session.version == version) {
        entry->session.version = epoch;
        *ret_good = true;
    }
    pthread_rwlock_unlock(&auth->cache_lock);
    return BG_DONE;
}

static bg_err check_store(struct auth *auth, const struct token *token, bg_ms now, struct bg_arena *arena, struct auth_session *ret,
                          bool *ret_touch)
{
    STORE_SCOPED_READ tx = NULL;
    bg_ms seen_at;
    int64_t idle_ms, epoch;
    bool good;
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    bg_err err = epoch_ask(auth, tx, token->city, &epoch);
    if (err.code == BG_NOT_FOUND) {
        return BG_FAIL(BG_AUTH_ENDED); /* a token of a city that is not here */
    }
    BG_TRY(err);
    BG_TRY(revive(auth, tx, token, epoch, &good));
    if (good && cache_look(auth, token, now, arena, ret, ret_touch) == FOUND_GOOD) {
        return BG_DONE;
    }
    err = session_load(auth, tx, token, arena, ret, &seen_at, &idle_ms);
    if (err.code == BG_AUTH_ENDED) {
        cache_drop(auth, token->hash);
    }
    BG_TRY(err);
    if (now >= ret->ends_at || (idle_ms > 0 && now - seen_at >= idle_ms)) {
        return BG_FAIL(BG_AUTH_ENDED);
    }
    *ret_touch = idle_ms > 0 && now - seen_at >= TOUCH_MS;
    return cache_put(auth, token->hash, ret, now, *ret_touch ? now : seen_at, idle_ms);
}

bg_err auth_check(struct auth *auth, const struct auth_credentials *credentials, struct bg_arena *arena, struct auth_session *ret)
{
    struct token token;
    struct auth_session session;
    bool must_touch = false;
    bg_str text = credentials->bearer.len > 0 ? credentials->bearer : credentials->session;
    if (text.len == 0) {
        return BG_FAIL(BG_AUTH_NONE);
    }
    if (!token_parse(text, &token) || (token.kind != TOKEN_SESSION && token.kind != TOKEN_KEY)) {
        return BG_FAIL(BG_AUTH_ENDED);
    }
    bg_ms now = bg_now(auth->env);
    switch (cache_look(auth, &token, now, arena, &session, &must_touch)) {
    case FOUND_OVER:
        return BG_FAIL(BG_AUTH_ENDED);
    case FOUND_NONE:
        BG_TRY(check_store(auth, &token, now, arena, &session, &must_touch));
        break;
    case FOUND_GOOD:
        break;
    }
    session.now = now;
    if (must_touch) {
        touch(auth, &session, now);
    }
    session.origin = bg_arena_copy(arena, credentials->origin);
    BG_TRY(bg_need(session.origin.at));
    *ret = session;
    return BG_DONE;
}

struct journal_actor auth_actor(const struct auth_session *session)
{
    return (struct journal_actor){ .account = session->account, .session = session->id, .device = session->device,
                                   .rights = session->version, .name = session->name, .origin = session->origin };
}

/* --- again, later --- */

struct recheck_memo {
    int64_t city, epoch;
};

bg_err auth_recheck(struct change_tx *tx, const struct change *change)
{
    static const char owner;
    if (change->actor.account == 0) {
        return BG_DONE;
    }
    void **slot = change_memo(tx, &owner);
    struct recheck_memo *memo = *slot;
    if (memo == NULL || memo->city != change->city) {
        memo = bg_arena_get(change_arena(tx), sizeof *memo);
        BG_TRY(bg_need(memo));
        memo->city = change->city;
        BG_TRY(store_get_int(change_store(tx), SQL_AUTH_EPOCH_GET, ARGS(V_INT(change->city)), &memo->epoch, NULL));
        *slot = memo;
    }
    if (memo->epoch == change->actor.rights) {
        return BG_DONE;
    }
    struct standing standing;
    BG_TRY(standing_get(change_store(tx), change->city, change->actor.session, &standing));
    if (!standing.alive) {
        return BG_FAIL(BG_AUTH_ENDED);
    }
    return standing.epoch > change->actor.rights ? BG_FAIL(BG_AUTH_CHANGED) : BG_DONE;
}

/* Memory's opinion of a session: good, over, or not known well enough. */
static enum found alive_look(struct auth *auth, const struct auth_session *session, bg_ms now, bg_ms *ret_seen_at)
{
    enum found found = FOUND_NONE;
    int64_t epoch;
    pthread_rwlock_rdlock(&auth->cache_lock);
    const struct cached *at = *find_link(auth, session->hash);
    bool same = epoch_known(auth, session->city, &epoch) && epoch == session->version;
    if (at != NULL) {
        *ret_seen_at = atomic_load(&at->seen_at);
        if (same && at->session.version == epoch && (at->idle_ms == 0 || now - *ret_seen_at < at->idle_ms)) {
            found = FOUND_GOOD;
        }
    }
    pthread_rwlock_unlock(&auth->cache_lock);
    return found;
}

bool auth_alive(struct auth *auth, struct auth_session *session)
{
    bg_ms now = bg_now(auth->env), seen_at = BG_TIME_NONE;
    int64_t epoch;
    struct standing standing;
    if (now >= session->ends_at) {
        return false;
    }
    if (alive_look(auth, session, now, &seen_at) == FOUND_GOOD) {
        return true;
    }
    STORE_SCOPED_READ tx = NULL;
    bg_err err = store_read_begin(auth->store, 1000, &tx);
    if (!bg_failed(err)) {
        err = epoch_ask(auth, tx, session->city, &epoch);
    }
    if (!bg_failed(err)) {
        err = standing_get(tx, session->city, session->id, &standing);
    }
    if (bg_failed(err) || !standing.alive || standing.epoch > session->version) {
        return false; /* also when the store can not be asked: rather end a stream than show what may no longer be seen */
    }
    seen_at = standing.seen_at > seen_at ? standing.seen_at : seen_at;
    session->version = epoch;
    return standing.idle_ms == 0 || now - seen_at < standing.idle_ms;
}
