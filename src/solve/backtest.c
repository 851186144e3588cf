/* `backtest`: how good the forecasts of the shipped outbreaks would have been, beside the flat line and the other baselines,
 * outbreak by outbreak, also where the flat line wins. */
#include "engine/backtest.h"

#include <math.h>

#include "solve/inner.h"

#define BETTER 0.995 /* a ratio below it counts as better than the flat line */

static double ratio_of(const struct backtest_score *score, const struct backtest_score *flat)
{
    return flat->log_wis > 0 ? score->log_wis / flat->log_wis : 1;
}

static void put_score(struct bg_buf *out, const char *name, const struct backtest_score *score, const struct backtest_score *flat)
{
    bg_json_object(out);
    bg_json_put_str(out, "model", bg_str_of(name));
    bg_json_put_double(out, "ratio", ratio_of(score, flat));
    bg_json_put_double(out, "log_wis", score->log_wis);
    bg_json_put_double(out, "cover50", score->cover50);
    bg_json_put_double(out, "cover95", score->cover95);
    bg_json_put_double(out, "above95", score->above95);
    bg_json_object_end(out);
}

static void put_horizon(struct bg_buf *out, const struct backtest_report *report, int h)
{
    const struct backtest_score *flat = &report->model[BACKTEST_FLAT][h];
    bg_json_object(out);
    bg_json_put_int(out, "days", backtest_horizons[h]);
    bg_json_put_int(out, "origins", flat->origins);
    bg_json_key(out, "models");
    bg_json_array(out);
    put_score(out, "calibrated", &report->calibrated[h], flat);
    for (int m = 0; m < BACKTEST_MODELS; m++) {
        put_score(out, backtest_model_name((enum backtest_model)m), &report->model[m][h], flat);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static void put_outbreak(struct bg_buf *out, const struct backtest_outbreak *outbreak, const struct backtest_report *report)
{
    bg_json_object(out);
    bg_json_put_str(out, "column", bg_str_of(outbreak->column));
    bg_json_put_str(out, "name_zh", bg_str_of(outbreak->name_zh));
    bg_json_put_str(out, "from", bg_str_of(outbreak->from));
    bg_json_put_str(out, "to", bg_str_of(outbreak->to));
    bg_json_put_bool(out, "named", outbreak->named);
    bg_json_key(out, "horizons");
    bg_json_array(out);
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        put_horizon(out, report, h);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

/* Geometric mean over the named outbreaks, and on how many the flat line was not beaten. */
static bg_err put_reasons(struct solve_report *report, const struct backtest_outbreak *outbreaks,
                          const struct backtest_report *reports, int count)
{
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        double sum = 0;
        int named = 0, lost = 0;
        for (int i = 0; i < count; i++) {
            double ratio = ratio_of(&reports[i].calibrated[h], &reports[i].model[BACKTEST_FLAT][h]);
            if (outbreaks[i].named && ratio > 0) {
                sum += log(ratio);
                named++;
                lost += ratio >= BETTER;
            }
        }
        double mean = named > 0 ? exp(sum / named) : 1;
        BG_TRY(solve_reason_format(
            report, "%d 天：误差评分为持平线的 %.0f%%（%d 起疫情的几何平均）；其中 %d 起不胜持平线。",
            "%d days: the score is %.0f %% of the flat line's (geometric mean over %d outbreaks); in %d of them the "
            "flat line was as good.",
            backtest_horizons[h], 100 * mean, named, lost));
    }
    return BG_DONE;
}

bg_err solve_do_backtest(struct solve_at input, struct solve_report *report)
{
    static const char *const fields[] = { "paths", "seed", NULL };
    int64_t paths, seed;
    int count;
    BG_TRY(solve_fields(input, fields));
    BG_TRY(solve_int_or(input, "paths", 1000, 100, 20000, &paths));
    BG_TRY(solve_int_or(input, "seed", 1, 0, INT64_C(9007199254740991), &seed));
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    struct backtest_report *reports = bg_arena_array(report->arena, (size_t)count, sizeof *reports);
    BG_TRY(bg_need(reports));
    const struct backtest_settings settings = { .seed = (uint64_t)seed, .paths = (int)paths };
    BG_TRY(backtest_report_shipped(&settings, reports));
    report->solver = "renewal equation with a returning R, conformal calibration";
    report->seeded = true;
    report->seed = settings.seed;
    bg_json_key(report->out, "outbreaks");
    bg_json_array(report->out);
    for (int i = 0; i < count; i++) {
        put_outbreak(report->out, &outbreaks[i], &reports[i]);
    }
    bg_json_array_end(report->out);
    return put_reasons(report, outbreaks, reports, count);
}
