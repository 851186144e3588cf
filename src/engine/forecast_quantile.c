/* Quantiles over paths. */
#include <math.h>

#include "engine/forecast.h"
#include "engine/score.h"

static bg_err check(int count, int districts, int horizon, int district, const double *levels, int level_count)
{
    if (count < 1 || count > FORECAST_PATHS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "paths");
    }
    if (districts < 1 || districts > FORECAST_DISTRICTS_MAX || district < -1 || district >= districts) {
        return BG_FAIL_AT(BG_BAD_INPUT, "districts");
    }
    if (horizon < 1 || horizon > FORECAST_HORIZON_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "horizon");
    }
    for (int i = 0; i < level_count; i++) {
        if (!(levels[i] > 0 && levels[i] < 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "levels");
        }
    }
    return BG_DONE;
}

static double day_sum(const int32_t *path, int districts, int horizon, int district, int day)
{
    if (district >= 0) {
        return path[district * horizon + day];
    }
    double sum = 0;
    for (int d = 0; d < districts; d++) {
        sum += path[d * horizon + day];
    }
    return sum;
}

bg_err forecast_quantiles(const int32_t *paths, int count, int districts, int horizon, int district, bool cumulative,
                          const double *levels, int level_count, double *ret)
{
    BG_TRY(check(count, districts, horizon, district, levels, level_count));
    double *sums = bg_heap_get(3 * (size_t)count * sizeof *sums);
    BG_TRY(bg_need(sums));
    double *sorted = sums + count, *room = sorted + count;
    size_t row = (size_t)districts * (size_t)horizon;
    for (int day = 0; day < horizon; day++) {
        for (int i = 0; i < count; i++) {
            double now = day_sum(paths + (size_t)i * row, districts, horizon, district, day);
            sums[i] = cumulative ? sums[i] + now : now;
            sorted[i] = sums[i];
        }
        score_sort(sorted, room, count);
        for (int k = 0; k < level_count; k++) {
            ret[(size_t)day * (size_t)level_count + (size_t)k] = score_quantile(sorted, count, levels[k]);
        }
    }
    bg_heap_free(sums);
    return BG_DONE;
}
