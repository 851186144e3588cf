/* Clock and randomness are injected, so that a simulated day is deterministic and a seed replays any failure. */
#ifndef BG_BASE_ENV_H
#define BG_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t bg_ms; /* milliseconds since 1970-01-01T00:00:00Z */

struct bg_env {
    bg_ms (*now)(void *ctx);                               /* wall clock */
    int64_t (*monotonic_us)(void *ctx);                    /* for durations and deadlines */
    void (*random)(void *ctx, void *out, size_t size);     /* cryptographic in the real one */
    void *ctx;
};

/* The machine's clock and getrandom(2). */
extern const struct bg_env bg_env_real;

/* A seeded environment for tests and the simulator: the clock stands at `start` and moves only when the owner moves it. */
struct bg_env_sim {
    bg_ms now;
    uint64_t state[2];
};
struct bg_env bg_env_seeded(struct bg_env_sim *sim, uint64_t seed, bg_ms start); /* `sim` must outlive the result */

static inline bg_ms bg_now(const struct bg_env *env)
{
    return env->now(env->ctx);
}
static inline void bg_random(const struct bg_env *env, void *out, size_t size)
{
    env->random(env->ctx, out, size);
}
/* Uniform in [0, bound); bound > 0. */
uint64_t bg_random_below(const struct bg_env *env, uint64_t bound);

#endif
