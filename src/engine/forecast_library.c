/* Paths before twenty cases: whole curves of past outbreaks, aligned at the day of first detection. */
#include <math.h>

#include "engine/forecast_impl.h"

#define LIBRARY_DISPERSION 2.0

static double uniform_of(const uint32_t key[2], uint32_t path, uint32_t counter, uint32_t *ret_other)
{
    uint32_t words[2];
    forecast_random(key, path, counter, words);
    *ret_other = words[1];
    return ((double)words[0] + 0.5) * 0x1p-32;
}

/* Gamma-Poisson by inversion, variance LIBRARY_DISPERSION x mean; above the exact range a normal by the Box-Muller transform. */
static int32_t draw(double mean, double u, double other)
{
    const double f = LIBRARY_DISPERSION;
    if (mean >= 60) {
        double z = sqrt(-2 * log(u)) * cos(2 * M_PI * other);
        return (int32_t)fmin(fmax(mean + sqrt(f * mean) * z + 0.5, 0), FORECAST_DAILY_MAX);
    }
    double p = exp(-mean * log(f) / (f - 1)), left = u - p;
    int32_t count = 0;
    while (left > 0 && count < 1000) {
        p *= (mean / f + count * (f - 1) / f) / (count + 1);
        left -= p;
        count++;
    }
    return count;
}

static const struct forecast_pick *pick_of(const struct forecast *forecast, uint32_t path)
{
    uint32_t other;
    double at = uniform_of(forecast->key, path, FORECAST_COUNTER(0, 0), &other) * forecast->picks[forecast->curves - 1].upto;
    int i = 0;
    while (i + 1 < forecast->curves && forecast->picks[i].upto < at) {
        i++;
    }
    return &forecast->picks[i];
}

void forecast_library_path(const struct forecast *forecast, uint32_t path, int32_t *ret)
{
    const struct forecast_pick *pick = pick_of(forecast, path);
    for (int d = 0; d < forecast->districts; d++) {
        const struct forecast_place *place = &forecast->places[d];
        for (int day = 0; day < forecast->horizon; day++) {
            int at = forecast->since + day;
            double mean = at < pick->days ? pick->cases[at] * (double)place->share : 0;
            uint32_t other;
            double u = uniform_of(forecast->key, path, FORECAST_COUNTER(d + 1, day + 1), &other);
            ret[d * forecast->horizon + day] = mean > 0 ? draw(mean, u, ((double)other + 0.5) * 0x1p-32) : 0;
        }
    }
}
