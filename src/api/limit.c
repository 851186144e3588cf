/* Token buckets: one a key (an address, a session) in a table of fixed size. A bucket that has filled up again is as good as unknown, so
 * its slot may be taken over; when every slot a key may use is busy, the key shares the last one, which errs on the strict side. */
#include <string.h>

#include "api/inner.h"

#define PROBES 4
#define LOCKS 64
#define TOKEN 1000000 /* a token in millionths, so that slow rates add up exactly */

struct bucket {
    uint64_t key;
    int64_t level; /* millionths of a token */
    int64_t at_us;
};

struct limits {
    size_t slots;
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[];
};

struct limits *limits_open(size_t slots)
{
    struct limits *limits = bg_heap_get(sizeof *limits + slots * sizeof limits->buckets[0]);
    if (limits == NULL) {
        return NULL;
    }
    limits->slots = slots;
    for (size_t i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_init(&limits->locks[i], NULL);
    }
    return limits;
}

void limits_close(struct limits *limits)
{
    for (size_t i = 0; limits != NULL && i < LOCKS; i++) {
        (void)pthread_mutex_destroy(&limits->locks[i]);
    }
    bg_heap_free(limits);
}

static void refill(struct bucket *bucket, int64_t rate, int64_t burst, int64_t now_us)
{
    int64_t passed = now_us - bucket->at_us;
    int64_t full = burst * TOKEN;
    if (passed > 0) {
        /* rate tokens a second are `rate` millionths a microsecond; a long pause fills it without overflowing. */
        bucket->level = passed > full / rate ? full : bucket->level + passed * rate;
        bucket->level = bucket->level > full ? full : bucket->level;
        bucket->at_us = now_us;
    }
}

bool limits_take(struct limits *limits, uint64_t key, int64_t rate, int64_t burst, int64_t now_us, int *ret_wait_s)
{
    key |= 1; /* 0 marks a free slot */
    uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t group = (size_t)(mixed >> 32) % (limits->slots / PROBES) * PROBES;
    pthread_mutex_t *lock = &limits->locks[group / PROBES % LOCKS];
    pthread_mutex_lock(lock);
    struct bucket *bucket = NULL;
    for (size_t i = 0; i < PROBES && bucket == NULL; i++) {
        bucket = limits->buckets[group + i].key == key ? &limits->buckets[group + i] : NULL;
    }
    for (size_t i = 0; i < PROBES && bucket == NULL; i++) {
        struct bucket *candidate = &limits->buckets[group + i];
        if (candidate->key != 0) {
            refill(candidate, rate, burst, now_us);
        }
        if (candidate->key == 0 || candidate->level >= burst * TOKEN) {
            *candidate = (struct bucket){ .key = key, .level = burst * TOKEN, .at_us = now_us };
            bucket = candidate;
        }
    }
    bucket = bucket != NULL ? bucket : &limits->buckets[group + PROBES - 1];
    refill(bucket, rate, burst, now_us);
    bool good = bucket->level >= TOKEN;
    if (good) {
        bucket->level -= TOKEN;
    } else {
        *ret_wait_s = (int)((TOKEN - bucket->level) / rate / 1000000) + 1;
    }
    pthread_mutex_unlock(lock);
    return good;
}
