/* Stepping sixteen paths of one district through the horizon at once. The vector types are the compiler's own (GCC and clang), so
 * the same text serves any machine; where AVX2 is there, a second copy is compiled for it. No fused multiply-add: both copies
 * give the same bits. Polynomials were fitted for this file (Chebyshev nodes); their largest errors stand beside them. */
#include <string.h>

#include "engine/forecast_impl.h"

#define INLINE static inline __attribute__((always_inline))

#define WIDTH (FORECAST_LANES / 2)
typedef float vf __attribute__((vector_size(4 * WIDTH)));
typedef int32_t vi __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t vu __attribute__((vector_size(4 * WIDTH)));

#define EXACT_BELOW 60.0f
#define INFECTED_FROM 0.02f

INLINE vf vf_all(float x)
{
    return (vf){ 0 } + x;
}

INLINE vf vf_pick(vi mask, vf yes, vf no)
{
    return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

INLINE vf vf_min(vf a, vf b)
{
    return vf_pick(a < b, a, b);
}

INLINE vf vf_max(vf a, vf b)
{
    return vf_pick(a > b, a, b);
}

INLINE bool vi_any(vi mask)
{
    int64_t words[WIDTH / 2], all = 0;
    memcpy(words, &mask, sizeof words);
    for (int i = 0; i < WIDTH / 2; i++) {
        all |= words[i];
    }
    return all != 0;
}

#define ROUND(r)                                                                                                                 \
    do {                                                                                                                         \
        a += b;                                                                                                                  \
        b = b << (r) | b >> (32 - (r));                                                                                          \
        b ^= a;                                                                                                                  \
    } while (0)
#define FOUR_ROUNDS(r0, r1, r2, r3, k0, k1, n)                                                                                   \
    do {                                                                                                                         \
        ROUND(r0);                                                                                                               \
        ROUND(r1);                                                                                                               \
        ROUND(r2);                                                                                                               \
        ROUND(r3);                                                                                                               \
        a += (k0);                                                                                                               \
        b += (k1) + (n);                                                                                                         \
    } while (0)
/* Threefry-2x32-13 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11). */
#define THREEFRY(key)                                                                                                            \
    do {                                                                                                                         \
        uint32_t third = 0x1BD11BDAu ^ (key)[0] ^ (key)[1];                                                                      \
        a += (key)[0];                                                                                                           \
        b += (key)[1];                                                                                                           \
        FOUR_ROUNDS(13, 15, 26, 6, (key)[1], third, 1u);                                                                         \
        FOUR_ROUNDS(17, 29, 16, 24, third, (key)[0], 2u);                                                                        \
        FOUR_ROUNDS(13, 15, 26, 6, (key)[0], (key)[1], 3u);                                                                      \
        ROUND(17);                                                                                                               \
    } while (0)

void forecast_random(const uint32_t key[2], uint32_t counter0, uint32_t counter1, uint32_t ret[2])
{
    uint32_t a = counter0, b = counter1;
    THREEFRY(key);
    ret[0] = a;
    ret[1] = b;
}

INLINE void random_words(const uint32_t key[2], const vu *path, uint32_t counter1, vu *ret_a, vu *ret_b)
{
    vu a = *path, b = (vu){ 0 } + counter1;
    THREEFRY(key);
    *ret_a = a;
    *ret_b = b;
}

/* A word as a tail probability in (0, 1/2), exact in a float; its first bit is the side. */
INLINE vf word_tail(vu word)
{
    return (__builtin_convertvector((vi)((word & 0x7fffffffu) >> 8), vf) + 0.5f) * 0x1p-24f;
}

INLINE vi word_upper(vu word)
{
    return (vi)word < 0;
}

/* ln v for v > 0, absolute error below 1e-6. */
INLINE vf vf_log(vf v)
{
    vi bits = (vi)v;
    vi e = ((bits - 0x3f3504f3) >> 23);
    vf f = (vf)(bits - (e << 23)) - 1.0f;
    vf p = 0.161262479f - 0.0989535073f * f;
    p = -0.172782061f + p * f;
    p = 0.199133479f + p * f;
    p = -0.24968907f + p * f;
    p = 0.33334606f + p * f;
    p = -0.500003751f + p * f;
    p = 0.999999968f + p * f;
    return p * f + __builtin_convertvector(e, vf) * 0.693147181f;
}

/* 2^x for -126 <= x <= 126, relative error below 2e-7. */
INLINE vf vf_exp2(vf x)
{
    x = vf_min(vf_max(x, vf_all(-126.0f)), vf_all(126.0f));
    vf shifted = x + 0x1.8p23f; /* rounds to the nearest whole number */
    vi whole = (vi)shifted - 0x4b400000;
    vf f = x - (shifted - 0x1.8p23f);
    vf p = 0.00967603192f + 0.00133908634f * f;
    p = 0.0555035711f + p * f;
    p = 0.240221075f + p * f;
    p = 0.693147188f + p * f;
    p = 1.0f + p * f;
    return (vf)((vi)p + (whole << 23));
}

/* x times 1/sqrt(x), the latter by three Newton steps from its exponent: relative error below 1e-6; 0 for 0. */
INLINE vf vf_sqrt(vf x)
{
    vf y = (vf)(vi)(0x5f3759dfu - (vu)((vi)x >> 1)), half = 0.5f * x; /* without a sign: lanes that are not wanted may be negative */
    y *= 1.5f - half * y * y;
    y *= 1.5f - half * y * y;
    y *= 1.5f - half * y * y;
    return x * y;
}

/* The normal deviate of a word: with w = -ln(4 t (1 - t)) the quantile is -(1 - 2t) g(w), g smooth; error below 1e-5. */
INLINE vf word_normal(vu word)
{
    vf t = word_tail(word);
    vf w = -vf_log(4.0f * t * (1.0f - t));
    vf x = w - 2.5f;
    vf g = -4.4877881e-06f + 5.03715779e-07f * x;
    g = -6.41128474e-06f + g * x;
    g = 0.000307195459f + g * x;
    g = -0.00177240301f + g * x;
    g = -0.00590574539f + g * x;
    g = 0.348802182f + g * x;
    g = 2.1233131f + g * x;
    vi far = w > 5.0f;
    if (vi_any(far)) {
        vf s = vf_sqrt(w) - 3.0f;
        vf h = -0.00499848453f + 0.00133619644f * s;
        h = 0.00850050839f + h * s;
        h = -0.010847808f + h * s;
        h = 0.0132604399f + h * s;
        h = 1.41658499f + h * s;
        h = 4.00643777f + h * s;
        g = vf_pick(far, h, g);
    }
    vf z = (1.0f - 2.0f * t) * g;
    return vf_pick(word_upper(word), z, -z);
}

static const float reciprocal[] = {
#define R1(n) 1.0f / ((n) + 1)
#define R8(n) R1(n), R1(n + 1), R1(n + 2), R1(n + 3), R1(n + 4), R1(n + 5), R1(n + 6), R1(n + 7)
#define R64(n) R8(n), R8(n + 8), R8(n + 16), R8(n + 24), R8(n + 32), R8(n + 40), R8(n + 48), R8(n + 56)
    R64(0), R64(64), R64(128), R64(192), R64(256), R64(320), R64(384), R64(448),
};
#define COUNT_MAX ((int)(sizeof reciprocal / sizeof *reciprocal))

/* The Gamma-Poisson count (negative binomial, variance f x mean) of a word by inversion. The probabilities follow from each
 * other, p(k+1) = p(k) (mean / f + k (f-1) / f) / (k + 1), and what is left of the word's uniform only falls: the count is how
 * often it is still above 0. Two vectors at once, because each step waits for the one before. A mean of 0 gives 0. */
INLINE void word_counts(const vu word[2], const vf mean[2], float f, vf ret[2])
{
    float ratio = (f - 1) / f, zero = __builtin_log2f(f) / (f - 1);
    vf t0 = word_tail(word[0]), t1 = word_tail(word[1]);
    vf p0 = vf_exp2(mean[0] * -zero), p1 = vf_exp2(mean[1] * -zero);
    vf left0 = vf_pick(word_upper(word[0]), 0x1.fffffep-1f - t0, t0) - p0, step0 = mean[0] * (1 / f);
    vf left1 = vf_pick(word_upper(word[1]), 0x1.fffffep-1f - t1, t1) - p1, step1 = mean[1] * (1 / f);
    vi count0 = left0 > 0.0f, count1 = left1 > 0.0f; /* a true lane is -1 */
    for (int k = 0; k < COUNT_MAX && vi_any((left0 > 0.0f) | (left1 > 0.0f)); k += 4) {
        for (int i = k; i < k + 4; i++) {
            p0 *= step0 * reciprocal[i];
            p1 *= step1 * reciprocal[i];
            step0 += ratio;
            step1 += ratio;
            left0 -= p0;
            left1 -= p1;
            count0 += left0 > 0.0f;
            count1 += left1 > 0.0f;
        }
    }
    ret[0] = __builtin_convertvector(-count0, vf);
    ret[1] = __builtin_convertvector(-count1, vf);
}

/* Above the exact range: a normal with the same mean and variance, rounded. */
INLINE vf word_many(vu word, vf mean, float f)
{
    vf y = mean + vf_sqrt(mean * f) * word_normal(word) + 0.5f;
    y = vf_min(vf_max(y, vf_all(0)), vf_all((float)FORECAST_DAILY_MAX));
    return __builtin_convertvector(__builtin_convertvector(y, vi), vf);
}

INLINE void word_cases(const vu word[2], vf mean[2], float f, vf ret[2])
{
    vi few0 = mean[0] < EXACT_BELOW, few1 = mean[1] < EXACT_BELOW;
    ret[0] = ret[1] = vf_all(0);
    if (vi_any(few0 | few1)) {
        const vf exact[2] = { vf_pick(few0, mean[0], vf_all(0)), vf_pick(few1, mean[1], vf_all(0)) };
        word_counts(word, exact, f, ret);
    }
    if (vi_any(~few0)) {
        ret[0] = vf_pick(few0, ret[0], word_many(word[0], mean[0], f));
    }
    if (vi_any(~few1)) {
        ret[1] = vf_pick(few1, ret[1], word_many(word[1], mean[1], f));
    }
}

INLINE vu path_numbers(uint32_t first)
{
    vu path;
    for (int i = 0; i < WIDTH; i++) {
        path[i] = first + (uint32_t)i;
    }
    return path;
}

/* log R_0 from the district's table, at least what the scenario says, less where R goes. */
INLINE vf start_trend(const struct forecast *forecast, const struct forecast_place *place, vu word)
{
    vf z = word_normal(word);
    vf at = vf_min(vf_max((z + (float)START_REACH) * (float)((START_POINTS - 1) / (2 * START_REACH)), vf_all(0)),
                   vf_all((float)START_POINTS - 1.001f));
    vi index = __builtin_convertvector(at, vi);
    vf low, high;
    for (int i = 0; i < WIDTH; i++) {
        low[i] = place->start[index[i]];
        high[i] = place->start[index[i] + 1];
    }
    vf root = low + (high - low) * (at - __builtin_convertvector(index, vf));
    float least = forecast->from_end && place->log_end > forecast->start_least ? place->log_end : forecast->start_least;
    return vf_max(3.0f * vf_log(vf_max(root, vf_all(1e-3f))), vf_all(least)) - place->log_end;
}

/* The mean of a day: R x infectiousness of the simulated and of the real past, less who has been infected already, plus imports.
 */
INLINE vf day_mean(const struct forecast *forecast, const struct forecast_place *place, int day, vf log_r, vf total,
                   const vf *cases)
{
    vf force = vf_all(place->force[day]);
    for (int k = day < LAGS - 1 ? day : LAGS - 1; k >= 1; k--) {
        force += forecast->serial[k] * cases[(day - k) * 2];
    }
    vf mean = force * vf_exp2(log_r * 1.44269504f);
    if (place->residents > 0) {
        vf left = 1.0f - total * (1 / place->residents);
        left = vf_max(vf_pick(left > 1.0f - INFECTED_FROM, vf_all(1), left), vf_all(0));
        mean = vf_min(mean * left, vf_max(place->residents - total, vf_all(0)));
    }
    return vf_min(mean + place->imports, vf_all((float)FORECAST_DAILY_MAX));
}

INLINE void step_body(const struct forecast *forecast, int district, uint32_t first, const vf *common, vf *cases)
{
    const struct forecast_place *place = &forecast->places[district];
    const vu path[2] = { path_numbers(first), path_numbers(first + WIDTH) };
    uint32_t counter = FORECAST_COUNTER(district + 1, 0);
    vu word_a[2], word_b[2];
    vf trend[2], noise[2], total[2], mean[2];
    for (int g = 0; g < 2; g++) {
        random_words(forecast->key, &path[g], counter, &word_a[g], &word_b[g]);
        trend[g] = start_trend(forecast, place, word_a[g]);
        noise[g] = vf_all(0);
        total[g] = vf_all(place->past);
    }
    for (int day = 0; day < forecast->horizon; day++) {
        for (int g = 0; g < 2; g++) {
            random_words(forecast->key, &path[g], counter + (uint32_t)day + 1, &word_a[g], &word_b[g]);
            vf z = forecast->own * word_normal(word_a[g]) + forecast->common * common[day * 2 + g];
            trend[g] *= forecast->pace;
            noise[g] = forecast->phi * noise[g] + forecast->sigma * z;
            mean[g] = day_mean(forecast, place, day, place->log_end + trend[g] + noise[g], total[g], cases + g);
        }
        word_cases(word_b, mean, place->dispersion, cases + day * 2);
        total[0] += cases[day * 2];
        total[1] += cases[day * 2 + 1];
    }
}

INLINE void common_body(const struct forecast *forecast, uint32_t first, vf *common)
{
    for (int day = 0; day < forecast->horizon; day++) {
        for (int g = 0; g < 2; g++) {
            vu path = path_numbers(first + (uint32_t)g * WIDTH), word_a, word_b;
            random_words(forecast->key, &path, FORECAST_COUNTER(0, day + 1), &word_a, &word_b);
            common[day * 2 + g] = word_normal(word_a);
        }
    }
}

static void step_any(const struct forecast *forecast, int district, uint32_t first, const float *common, float *cases)
{
    step_body(forecast, district, first, (const vf *)common, (vf *)cases);
}

static void common_any(const struct forecast *forecast, uint32_t first, float *common)
{
    common_body(forecast, first, (vf *)common);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void step_avx2(const struct forecast *forecast, int district, uint32_t first,
                                                      const float *common, float *cases)
{
    step_body(forecast, district, first, (const vf *)common, (vf *)cases);
}

__attribute__((target("avx2"))) static void common_avx2(const struct forecast *forecast, uint32_t first, float *common)
{
    common_body(forecast, first, (vf *)common);
}
#endif

void forecast_common(const struct forecast *forecast, uint32_t first, float *common)
{
#ifdef __x86_64__
    if (!forecast->plain && __builtin_cpu_supports("avx2")) {
        common_avx2(forecast, first, common);
        return;
    }
#endif
    common_any(forecast, first, common);
}

void forecast_step(const struct forecast *forecast, int district, uint32_t first, const float *common, float *cases)
{
#ifdef __x86_64__
    if (!forecast->plain && __builtin_cpu_supports("avx2")) {
        step_avx2(forecast, district, first, common, cases);
        return;
    }
#endif
    step_any(forecast, district, first, common, cases);
}
