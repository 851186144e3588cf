/* The forecaster and the baselines it is held against, each as quantiles of the sums of the next days. */
#include <math.h>
#include <string.h>

#include "engine/backtest_impl.h"
#include "engine/forecast_impl.h"

#define FITTED_DAYS 7

static uint64_t seed_for(const struct backtest_settings *settings, int days)
{
    return settings->seed + (uint64_t)days * 0x9E3779B97F4A7C15u;
}

/* Quantiles of path sums for each horizon. */
static void from_paths(struct backtest_scratch *scratch, int paths, struct backtest_row ret[BACKTEST_HORIZONS])
{
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        for (int i = 0; i < paths; i++) {
            const int32_t *path = scratch->paths + (size_t)i * BACKTEST_REACH;
            double sum = 0;
            for (int day = 0; day < backtest_horizons[h]; day++) {
                sum += path[day];
            }
            scratch->sums[i] = sum;
        }
        score_sort(scratch->sums, scratch->sums + paths, paths);
        for (int k = 0; k < SCORE_LEVELS; k++) {
            ret[h].q[k] = fmax(score_quantile(scratch->sums, paths, score_levels[k]), 0);
        }
    }
}

static bg_err by_renewal(const double *known, int days, const struct forecast_params *params,
                         const struct backtest_settings *settings, struct backtest_scratch *scratch,
                         struct backtest_row ret[BACKTEST_HORIZONS])
{
    struct forecast_input input = { .districts = 1,
                                    .days = days,
                                    .cases = known,
                                    .scenario = FORECAST_CONTROLLED,
                                    .seed = seed_for(settings, days),
                                    .horizon = BACKTEST_REACH,
                                    .params = params };
    struct forecast *forecast;
    BG_TRY(forecast_open(&input, &forecast));
    forecast_paths(forecast, 0, settings->paths, scratch->paths);
    forecast_close(forecast);
    from_paths(scratch, settings->paths, ret);
    return BG_DONE;
}

static struct forecast_params constant_params(void)
{
    struct forecast_params params = forecast_params_default();
    params.phi = 1;
    params.sigma = 0;
    params.arrivals = 0;
    params.window = FITTED_DAYS;
    return params;
}

static void by_flat(const double *known, int days, int first, const struct backtest_settings *settings,
                    struct backtest_scratch *scratch, struct backtest_row ret[BACKTEST_HORIZONS])
{
    uint64_t seed = seed_for(settings, days);
    const uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };
    int steps = days - first - 1;
    for (int i = 0; i < settings->paths; i++) {
        double level = known[days - 1];
        for (int day = 0; day < BACKTEST_REACH; day++) {
            uint32_t words[2];
            forecast_random(key, (uint32_t)i, (uint32_t)day, words);
            int at = steps > 0 ? first + 1 + (int)(((uint64_t)words[0] * (uint64_t)steps) >> 32) : 0;
            double step = steps > 0 ? known[at] - known[at - 1] : 0;
            level += words[1] & 1 ? step : -step;
            scratch->paths[(size_t)i * BACKTEST_REACH + (size_t)day] = (int32_t)fmin(fmax(level, 0), FORECAST_DAILY_MAX);
        }
    }
    from_paths(scratch, settings->paths, ret);
}

static void by_burn(const double *known, int days, struct backtest_row ret[BACKTEST_HORIZONS])
{
    int n = days < FITTED_DAYS ? days : FITTED_DAYS;
    double sum = 0;
    for (int t = days - n; t < days; t++) {
        sum += known[t];
    }
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        for (int k = 0; k < SCORE_LEVELS; k++) {
            ret[h].q[k] = sum / n * backtest_horizons[h];
        }
    }
}

/* The normal deviate by bisection on the error function: slow and plain, a few hundred calls in all. */
static double deviate(double p)
{
    double low = -9, high = 9;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(0.5 * erfc(-middle * M_SQRT1_2) < p ? &low : &high) = middle;
    }
    return low;
}

static void by_loglinear(const double *known, int days, struct backtest_row ret[BACKTEST_HORIZONS])
{
    int n = days < FITTED_DAYS ? days : FITTED_DAYS;
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < n; i++) {
        double x = i - (n - 1), y = log1p(known[days - n + i]);
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    double spread = n * sxx - sx * sx, slope = spread > 0 ? (n * sxy - sx * sy) / spread : 0, level = (sy - slope * sx) / n,
           left = 0;
    for (int i = 0; i < n; i++) {
        double miss = log1p(known[days - n + i]) - level - slope * (i - (n - 1));
        left += miss * miss;
    }
    double sd = n > 2 ? sqrt(left / (n - 2)) : 0.5;
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        double sum = 0, middle = (backtest_horizons[h] + 1) / 2.0 - sx / n;
        for (int day = 1; day <= backtest_horizons[h]; day++) {
            sum += fmax(expm1(fmin(level + slope * day, 18)), 0);
        }
        double error = sd * sqrt(1 + 1.0 / n + (spread > 0 ? n * middle * middle / spread : 0));
        for (int k = 0; k < SCORE_LEVELS; k++) {
            ret[h].q[k] = fmin(fmax(expm1(log1p(sum) + error * deviate(score_levels[k])), 0), 1e12);
        }
    }
}

bg_err backtest_quantiles(enum backtest_model model, const double *known, int days, int first,
                          const struct backtest_settings *settings, struct backtest_scratch *scratch,
                          struct backtest_row ret[BACKTEST_HORIZONS])
{
    struct forecast_params constant = constant_params();
    switch (model) {
    case BACKTEST_RENEWAL: return by_renewal(known, days, settings->params, settings, scratch, ret);
    case BACKTEST_CONSTANT: return by_renewal(known, days, &constant, settings, scratch, ret);
    case BACKTEST_FLAT: by_flat(known, days, first, settings, scratch, ret); return BG_DONE;
    case BACKTEST_BURN: by_burn(known, days, ret); return BG_DONE;
    case BACKTEST_LOGLINEAR: by_loglinear(known, days, ret); return BG_DONE;
    case BACKTEST_MODELS: break;
    }
    return BG_FAIL_AT(BG_BAD_INPUT, "model");
}
