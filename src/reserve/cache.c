/* The view of the whole city, kept until something is recorded: many screens ask for the same picture after each change. */
#include <pthread.h>

#include "reserve/impl.h"

#define VIEW_MEMORY ((size_t)256 << 20)
#define KEPT 4
#define READ_BUDGET_MS 10000

struct reserve_shared {
    int64_t city, position;
    int level;
    bool key_only;
    bg_date date;
    int users; /* requests that read it now */
    bool stale; /* nobody may take it any more */
    struct bg_arena *arena;
    struct reserve_view view;
};

struct reserve_cache {
    struct journal *journal;
    pthread_mutex_t lock; /* also held while a view is made: the others wait for that one instead of making it again */
    struct reserve_shared *kept[KEPT];
    int next;
};

bg_err reserve_cache_open(struct journal *journal, struct reserve_cache **ret)
{
    struct reserve_cache *cache = bg_heap_get(sizeof *cache);
    BG_TRY(bg_need(cache));
    cache->journal = journal;
    (void)pthread_mutex_init(&cache->lock, NULL);
    *ret = cache;
    return BG_DONE;
}

static void free_shared(struct reserve_shared *shared)
{
    bg_arena_close(shared->arena);
    bg_heap_free(shared);
}

void reserve_cache_close(struct reserve_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (int i = 0; i < KEPT; i++) {
        if (cache->kept[i] != NULL) {
            free_shared(cache->kept[i]);
        }
    }
    (void)pthread_mutex_destroy(&cache->lock);
    bg_heap_free(cache);
}

static bool fits(const struct reserve_shared *s, const struct reserve_which *which, int64_t position)
{
    /* Dates change at midnight without any record; an hour's offset of the clock is no matter, the date is compared. */
    return s->city == which->city && s->level == which->level && s->key_only == which->key_only && s->position == position &&
           bg_date_at(which->now, s->view.offset_min) == s->date;
}

/* Takes the place of an older view; that one goes when its last reader has ended. */
static void keep(struct reserve_cache *cache, struct reserve_shared *fresh)
{
    struct reserve_shared *old = cache->kept[cache->next];
    if (old != NULL) {
        old->stale = true;
        if (old->users == 0) {
            free_shared(old);
        }
    }
    cache->kept[cache->next] = fresh;
    cache->next = (cache->next + 1) % KEPT;
}

/* On a snapshot of its own that begins after `position` was read, so that a kept view is never older than its position says. */
static bg_err make(struct store *store, const struct reserve_which *which, int64_t position, struct reserve_shared **ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(store, READ_BUDGET_MS, &tx));
    struct reserve_shared *fresh = bg_heap_get(sizeof *fresh);
    BG_TRY(bg_need(fresh));
    *fresh = (struct reserve_shared){ .city = which->city,
                                      .position = position,
                                      .level = which->level,
                                      .key_only = which->key_only,
                                      .arena = bg_arena_open(VIEW_MEMORY) };
    bg_err e = fresh->arena == NULL ? BG_FAIL(BG_NO_MEMORY) : reserve_view_get(tx, which, fresh->arena, &fresh->view);
    if (bg_failed(e)) {
        free_shared(fresh);
        return e;
    }
    fresh->date = fresh->view.date;
    *ret = fresh;
    return BG_DONE;
}

bg_err reserve_cache_take(struct reserve_cache *cache, const struct reserve_which *which, struct reserve_shared **ret,
                          const struct reserve_view **ret_view)
{
    struct reserve_shared *shared = NULL;
    bg_err e = BG_DONE;
    (void)pthread_mutex_lock(&cache->lock);
    int64_t position = journal_head_position(cache->journal);
    for (int i = 0; i < KEPT && shared == NULL; i++) {
        if (cache->kept[i] != NULL && fits(cache->kept[i], which, position)) {
            shared = cache->kept[i];
        }
    }
    if (shared == NULL) {
        e = make(journal_store(cache->journal), which, position, &shared);
        if (!bg_failed(e)) {
            keep(cache, shared);
        }
    }
    if (!bg_failed(e)) {
        shared->users++;
        *ret = shared;
        *ret_view = &shared->view;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return e;
}

void reserve_cache_give(struct reserve_cache *cache, struct reserve_shared *shared)
{
    if (shared == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&cache->lock);
    if (--shared->users == 0 && shared->stale) {
        free_shared(shared);
    }
    (void)pthread_mutex_unlock(&cache->lock);
}
