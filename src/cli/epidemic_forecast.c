/* `baogong epidemic forecast`: the quantiles of the sums of the coming days. */
#include <math.h>
#include <string.h>

#include "cli/epidemic.h"
#include "cli/epidemic_train.h"
#include "engine/incidence.h"

#define LEVELS 7
static const double levels[LEVELS] = { 0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975 };
static const char *const level_names[LEVELS] = { "q025", "q10", "q25", "q50", "q75", "q90", "q975" };

struct fan {
    double daily[FORECAST_HORIZON_MAX * LEVELS], total[FORECAST_HORIZON_MAX * LEVELS];
    bool library;
};

static bg_err scenario_of(const char *name, enum forecast_scenario *ret)
{
    static const char *const names[FORECAST_SCENARIOS] = { "controlled", "delayed", "fails" };
    for (int i = 0; i < FORECAST_SCENARIOS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret = (enum forecast_scenario)i;
            return BG_DONE;
        }
    }
    return BG_FAIL_WITH(BG_BAD_INPUT, "scenario", "\"allowed\":[\"controlled\",\"delayed\",\"fails\"]");
}

static bg_err simulate(const struct epidemic_options *options, const double *cases, int days, struct fan *fan)
{
    struct forecast_input input = {
        .districts = 1, .days = days, .cases = cases, .seed = (uint64_t)options->seed, .horizon = (int)options->days
    };
    BG_TRY(scenario_of(options->scenario, &input.scenario));
    struct forecast *forecast;
    BG_TRY(forecast_open(&input, &forecast));
    fan->library = forecast_is_library(forecast);
    int paths = (int)options->paths;
    int32_t *all = bg_heap_get((size_t)paths * (size_t)input.horizon * sizeof *all);
    bg_err e = bg_need(all);
    if (!bg_failed(e)) {
        e = forecast_run(forecast, paths, 2, all);
    }
    if (!bg_failed(e)) {
        e = forecast_quantiles(all, paths, 1, input.horizon, 0, false, levels, LEVELS, fan->daily);
    }
    if (!bg_failed(e)) {
        e = forecast_quantiles(all, paths, 1, input.horizon, 0, true, levels, LEVELS, fan->total);
    }
    bg_heap_free(all);
    forecast_close(forecast);
    return e;
}

/* The move of a level on a day: between the calibrated horizons in proportion, the last one from there on, none on day 0. */
static double move_of(const struct backtest_shift *shift, double level, int day)
{
    int k = 0, before = 0;
    while (k + 1 < SCORE_LEVELS && score_levels[k] < level - 1e-9) {
        k++;
    }
    double low = 0;
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        double high = shift->move[h][k];
        if (day <= backtest_horizons[h]) {
            return low + (high - low) * (day - before) / (backtest_horizons[h] - before);
        }
        low = high;
        before = backtest_horizons[h];
    }
    return low;
}

static void calibrate(struct fan *fan, const struct backtest_shift *shift, int days)
{
    for (int day = 0; day < days; day++) {
        double *total = fan->total + (size_t)day * LEVELS;
        for (int k = 0; k < LEVELS; k++) {
            double moved = fmax(expm1(log1p(total[k]) + move_of(shift, levels[k], day + 1)), 0);
            double before = day > 0 ? total[k - LEVELS] : 0; /* a sum never falls, nor do its quantiles cross */
            total[k] = fmax(moved, fmax(before, k > 0 ? total[k - 1] : 0));
        }
    }
}

static void put_row(struct bg_buf *out, const char *key, const double *values)
{
    bg_json_key(out, key);
    bg_json_object(out);
    for (int k = 0; k < LEVELS; k++) {
        bg_json_put_double(out, level_names[k], round(values[k] * 100) / 100);
    }
    bg_json_object_end(out);
}

static void put_csv(struct bg_buf *out, const struct fan *fan, bg_date first, int days)
{
    bg_buf_print(out, "date,kind");
    for (int k = 0; k < LEVELS; k++) {
        bg_buf_print(out, ",%s", level_names[k]);
    }
    bg_buf_byte(out, '\n');
    for (int day = 0; day < days; day++) {
        char date[11];
        bg_date_text(first + day, date);
        for (int kind = 0; kind < 2; kind++) {
            const double *values = (kind == 0 ? fan->daily : fan->total) + (size_t)day * LEVELS;
            bg_buf_print(out, "%s,%s", date, kind == 0 ? "daily" : "cumulative");
            for (int k = 0; k < LEVELS; k++) {
                bg_buf_print(out, ",%.2f", values[k]);
            }
            bg_buf_byte(out, '\n');
        }
    }
}

static void put_json(struct bg_buf *out, const struct epidemic_options *options, const struct fan *fan, bg_date first,
                     bool calibrated)
{
    bg_json_object(out);
    bg_json_put_str(out, "column", bg_str_of(options->column));
    bg_json_put_str(out, "scenario", bg_str_of(options->scenario));
    bg_json_put_str(out, "source", fan->library ? BG_STR("library") : BG_STR("renewal"));
    bg_json_put_bool(out, "calibrated", calibrated);
    bg_json_put_int(out, "seed", options->seed);
    bg_json_put_int(out, "paths", options->paths);
    bg_json_key(out, "days");
    bg_json_array(out);
    for (int day = 0; day < (int)options->days; day++) {
        char date[11];
        bg_date_text(first + day, date);
        bg_json_object(out);
        bg_json_put_str(out, "date", bg_str_of(date));
        put_row(out, "daily", fan->daily + (size_t)day * LEVELS);
        put_row(out, "cumulative", fan->total + (size_t)day * LEVELS);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

bg_err epidemic_forecast(const struct epidemic_options *options, struct bg_arena *arena, struct bg_buf *out)
{
    struct case_file file;
    const struct case_series *series;
    int from, to, count;
    BG_TRY(case_file_read(options->series, arena, &file));
    BG_TRY(case_file_find(&file, bg_str_of(options->column), &series));
    BG_TRY(case_series_day(series, options->from, 0, "from", &from));
    BG_TRY(case_series_day(series, options->to, series->days - 1, "to", &to));
    if (to < from) {
        return BG_FAIL_AT(BG_BAD_INPUT, "to");
    }
    int days = to - from + 1;
    double *cases = bg_arena_array(arena, (size_t)days, sizeof *cases);
    struct incidence_repair *repairs = bg_arena_array(arena, (size_t)days, sizeof *repairs);
    struct fan *fan = bg_arena_get(arena, sizeof *fan);
    BG_TRY(bg_need(cases));
    BG_TRY(bg_need(repairs));
    BG_TRY(bg_need(fan));
    memcpy(cases, series->cases + from, (size_t)days * sizeof *cases);
    BG_TRY(incidence_repair(cases, days, true, repairs, &count));
    BG_TRY(simulate(options, cases, days, fan));
    /* Past outbreaks say how far the model was wrong under control: they calibrate that scenario alone. */
    bool calibrated = !options->raw && !fan->library && strcmp(options->scenario, "controlled") == 0;
    if (calibrated) {
        struct epidemic_training training;
        BG_TRY(epidemic_train(options->train, series, arena, &training));
        calibrated = training.outbreaks > 0;
        calibrate(fan, &training.shift, (int)options->days);
    }
    bg_date first = series->first + to + 1;
    if (options->csv) {
        put_csv(out, fan, first, (int)options->days);
    } else {
        put_json(out, options, fan, first, calibrated);
        bg_buf_byte(out, '\n');
    }
    return bg_buf_check(out);
}
