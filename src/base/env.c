/* The real and the seeded environment. */
#include "base/env.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static bg_ms real_now(void *ctx)
{
    (void)ctx;
    struct timespec at;
    (void)clock_gettime(CLOCK_REALTIME, &at);
    return (bg_ms)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static int64_t real_monotonic(void *ctx)
{
    (void)ctx;
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static void real_random(void *ctx, void *out, size_t size)
{
    (void)ctx;
    char *at = out;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
}

const struct bg_env bg_env_real = { real_now, real_monotonic, real_random, NULL };

static bg_ms sim_now(void *ctx)
{
    return ((struct bg_env_sim *)ctx)->now;
}

static int64_t sim_monotonic(void *ctx)
{
    return ((struct bg_env_sim *)ctx)->now * 1000;
}

static uint64_t rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

/* xoroshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018). */
static uint64_t sim_next(struct bg_env_sim *sim)
{
    uint64_t a = sim->state[0], b = sim->state[1], out = a + b;
    b ^= a;
    sim->state[0] = rotate(a, 24) ^ b ^ (b << 16);
    sim->state[1] = rotate(b, 37);
    return out;
}

static void sim_random(void *ctx, void *out, size_t size)
{
    char *at = out;
    while (size > 0) {
        uint64_t word = sim_next(ctx);
        size_t part = size < sizeof word ? size : sizeof word;
        memcpy(at, &word, part);
        at += part;
        size -= part;
    }
}

/* splitmix64, to spread a small seed over the state. */
static uint64_t spread(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

struct bg_env bg_env_seeded(struct bg_env_sim *sim, uint64_t seed, bg_ms start)
{
    sim->now = start;
    sim->state[0] = spread(&seed);
    sim->state[1] = spread(&seed);
    return (struct bg_env){ sim_now, sim_monotonic, sim_random, sim };
}

uint64_t bg_random_below(const struct bg_env *env, uint64_t bound)
{
    assert(bound > 0);
    /* Rejects the short last interval, so that every value is equally likely. */
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t word;
    do {
        bg_random(env, &word, sizeof word);
    } while (word >= limit);
    return word % bound;
}
