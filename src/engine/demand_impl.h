/* What the files of the demand engine share: its random numbers and the choice of a scenario. Private to it. */
#ifndef BG_ENGINE_DEMAND_IMPL_H
#define BG_ENGINE_DEMAND_IMPL_H

#include "engine/demand.h"

#define DEMAND_STREAM_ROUNDS 1
#define DEMAND_STREAM_DOUBT 1000 /* + number of the doubt */

/* Hot loops are built twice, for AVX2 and for any x86-64, and chosen when the program starts. Neither fuses nor reorders
 * arithmetic: the same bits. Not under the sanitizers, whose run time is not ready when the choice is made. */
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&           \
    !defined(__clang__)
#define BG_WIDE __attribute__((target_clones("avx2", "default"), flatten))
#else
#define BG_WIDE
#endif

/* A counter-based generator: the finaliser of SplitMix64 (Steele, Lea, Flood 2014) over a keyed counter, twice. */
static inline uint64_t demand_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform in (0,1), a function of its arguments alone. */
static inline double demand_uniform(uint64_t seed, uint64_t stream, uint64_t path, uint64_t draw)
{
    uint64_t key = demand_mix(seed + UINT64_C(0x9e3779b97f4a7c15) * (stream + 1));
    uint64_t z = demand_mix(key + UINT64_C(0x9e3779b97f4a7c15) * (path * 64 + draw + 1));
    return ((double)(z >> 12) + 0.5) / 4503599627370496.0;
}

static inline bool demand_active(const struct demand_driver *d, int day)
{
    return day >= d->first && (d->last == 0 || day <= d->last);
}

/* Scenario of rounds of a path, by weight. */
int demand_scenario(const struct demand_input *in, int path);
/* People sampled on a day (from 1); the mean of the scenarios where measures are held. */
double demand_sampled(const struct demand_input *in, int scenario, int place, int day);
/* Gamma with mean 1 and this shape. */
double demand_gamma(uint64_t seed, uint64_t stream, uint64_t path, double shape);

#endif
