/* Scores of quantile forecasts. */
#include "engine/score.h"

#include <math.h>
#include <string.h>

const double score_levels[SCORE_LEVELS] = { 0.01, 0.025, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40,  0.45, 0.50,
                                            0.55, 0.60,  0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95, 0.975, 0.99 };

double score_pinball(double p, double q, double y)
{
    return 2 * (y < q ? (1 - p) * (q - y) : p * (y - q));
}

/* Interval score of level a: its width and the penalties outside. */
static double interval_score(double a, double low, double high, double y)
{
    double score = high - low;
    score += y < low ? 2 / a * (low - y) : 0;
    score += y > high ? 2 / a * (y - high) : 0;
    return score;
}

double score_wis(enum score_variant variant, const double *levels, const double *q, int count, double y)
{
    int pairs = count / 2;
    double sum = 0, miss = fabs(y - q[pairs]);
    for (int i = 0; i < pairs; i++) {
        double a = 2 * levels[i];
        sum += a / 2 * interval_score(a, q[i], q[count - 1 - i], y);
    }
    return variant == SCORE_BRACHER ? (sum + miss / 2) / (pairs + 0.5) : (sum + miss) / (pairs + 1);
}

double score_log_wis(const double *levels, const double *q, int count, double y)
{
    double logs[64];
    count = count > 64 ? 64 : count;
    for (int i = 0; i < count; i++) {
        logs[i] = log1p(q[i]);
    }
    return score_wis(SCORE_BRACHER, levels, logs, count, log1p(y));
}

/* Bits of a double in an order that agrees with <. */
static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | 1ull << 63;
}

void score_sort(double *values, double *room, int count)
{
    double *from = values, *to = room;
    uint64_t differ = 0, first = count > 0 ? key_of(values[0]) : 0;
    for (int i = 1; i < count; i++) {
        differ |= key_of(values[i]) ^ first;
    }
    for (int shift = 0; shift < 64; shift += 8) { /* radix sort, bytes that are all equal left out */
        int starts[257] = { 0 };
        if ((differ >> shift & 0xff) == 0) {
            continue;
        }
        for (int i = 0; i < count; i++) {
            starts[(key_of(from[i]) >> shift & 0xff) + 1]++;
        }
        for (int b = 0; b < 256; b++) {
            starts[b + 1] += starts[b];
        }
        for (int i = 0; i < count; i++) {
            to[starts[key_of(from[i]) >> shift & 0xff]++] = from[i];
        }
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != values && count > 0) {
        memcpy(values, from, (size_t)count * sizeof *values);
    }
}

double score_quantile(const double *sorted, int count, double p)
{
    double at = p * (count - 1);
    int low = (int)at;
    low = low > count - 1 ? count - 1 : low;
    int high = low + 1 < count ? low + 1 : low;
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}
