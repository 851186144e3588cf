/* `baogong epidemic backtest`: JSON for one series, JSON or Markdown for all shipped outbreaks. */
#include <math.h>

#include "cli/epidemic.h"
#include "cli/epidemic_train.h"
#include "engine/incidence.h"

static void put_score(struct bg_buf *out, const struct backtest_score *score, const struct backtest_score *flat)
{
    bg_json_put_double(out, "log_wis", score->log_wis);
    bg_json_put_double(out, "ratio", flat->log_wis > 0 ? score->log_wis / flat->log_wis : NAN);
    bg_json_put_double(out, "wis", score->wis);
    bg_json_put_double(out, "coverage_50", score->cover50);
    bg_json_put_double(out, "coverage_95", score->cover95);
    bg_json_put_double(out, "above_q95", score->above95);
}

static void put_horizons(struct bg_buf *out, const struct backtest_report *report)
{
    bg_json_key(out, "horizons");
    bg_json_array(out);
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        const struct backtest_score *flat = &report->model[BACKTEST_FLAT][h];
        bg_json_object(out);
        bg_json_put_int(out, "horizon", backtest_horizons[h]);
        bg_json_put_int(out, "origins", report->calibrated[h].origins);
        put_score(out, &report->calibrated[h], flat);
        bg_json_key(out, "baselines");
        bg_json_object(out);
        for (int m = BACKTEST_RENEWAL; m < BACKTEST_MODELS; m++) {
            bg_json_key(out, m == BACKTEST_RENEWAL ? "renewal_uncalibrated" : backtest_model_name((enum backtest_model)m));
            bg_json_object(out);
            put_score(out, &report->model[m][h], flat);
            bg_json_object_end(out);
        }
        bg_json_object_end(out);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_date(struct bg_buf *out, const char *key, bg_date date)
{
    char text[11];
    bg_date_text(date, text);
    bg_json_put_str(out, key, bg_str_of(text));
}

static void put_repairs(struct bg_buf *out, const struct incidence_repair *repairs, int count, bg_date first)
{
    bg_json_key(out, "repairs");
    bg_json_array(out);
    for (int i = 0; i < count; i++) {
        bg_json_object(out);
        put_date(out, "date", first + repairs[i].day);
        bg_json_put_str(out, "kind", bg_str_of(incidence_kind_name(repairs[i].kind)));
        bg_json_put_double(out, "before", repairs[i].before);
        bg_json_put_double(out, "after", repairs[i].after);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

/* What was repaired in a stretch of a series. */
static bg_err list_repairs(const double *cases, int days, struct bg_arena *arena, struct incidence_repair **ret, int *ret_count)
{
    double *copy = bg_arena_array(arena, (size_t)days, sizeof *copy);
    struct incidence_repair *repairs = bg_arena_array(arena, (size_t)days, sizeof *repairs);
    BG_TRY(bg_need(copy));
    BG_TRY(bg_need(repairs));
    for (int t = 0; t < days; t++) {
        copy[t] = cases[t];
    }
    BG_TRY(incidence_repair(copy, days, true, repairs, ret_count));
    *ret = repairs;
    return BG_DONE;
}

bg_err epidemic_backtest(const struct epidemic_options *options, struct bg_arena *arena, struct bg_buf *out)
{
    struct case_file file;
    const struct case_series *series;
    int from, to, count;
    BG_TRY(case_file_read(options->series, arena, &file));
    BG_TRY(case_file_find(&file, bg_str_of(options->column), &series));
    BG_TRY(case_series_day(series, options->from, 0, "from", &from));
    BG_TRY(case_series_day(series, options->to, series->days - 1, "to", &to));
    if (to < from || to - from >= BACKTEST_DAYS_MAX - 60) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "to",
                            bg_arena_text(arena, "\"days\":%d,\"most\":%d", to - from + 1, BACKTEST_DAYS_MAX - 60));
    }
    struct epidemic_training training;
    BG_TRY(epidemic_train(options->train, series, arena, &training));
    int start = from > 60 ? from - 60 : 0;
    struct backtest_window window = { series->cases + start, to - start + 1, from - start };
    struct backtest_settings settings = { .seed = (uint64_t)options->seed, .paths = (int)options->paths };
    struct backtest_report report;
    BG_TRY(backtest_report(&window, options->raw ? NULL : &training.shift, &settings, &report));
    struct incidence_repair *repairs;
    BG_TRY(list_repairs(series->cases + from, to - from + 1, arena, &repairs, &count));
    bg_json_object(out);
    bg_json_put_str(out, "column", series->column);
    put_date(out, "from", series->first + from);
    put_date(out, "to", series->first + to);
    bg_json_put_bool(out, "calibrated", !options->raw && training.outbreaks > 0);
    bg_json_put_int(out, "trained_on", training.outbreaks);
    bg_json_put_int(out, "left_out", training.left_out);
    put_horizons(out, &report);
    put_repairs(out, repairs, count, series->first + from);
    bg_json_object_end(out);
    return bg_buf_check(out);
}

/* ---------- every shipped outbreak ---------- */

struct mean {
    double log_ratio, cover50, cover95, above95;
    int outbreaks, origins;
};

static void mean_add(struct mean *mean, const struct backtest_score *score, const struct backtest_score *flat)
{
    if (score->origins > 0 && score->log_wis > 0 && flat->log_wis > 0) {
        mean->log_ratio += log(score->log_wis / flat->log_wis);
        mean->outbreaks++;
    }
    mean->cover50 += score->cover50 * score->origins;
    mean->cover95 += score->cover95 * score->origins;
    mean->above95 += score->above95 * score->origins;
    mean->origins += score->origins;
}

static double mean_ratio(const struct mean *mean)
{
    return mean->outbreaks > 0 ? exp(mean->log_ratio / mean->outbreaks) : 1;
}

/* model -1: the calibrated forecast. */
static const struct backtest_score *score_of(const struct backtest_report *report, int model, int horizon)
{
    return model < 0 ? &report->calibrated[horizon] : &report->model[model][horizon];
}

static void markdown_models(struct bg_buf *out, const struct backtest_outbreak *outbreaks, const struct backtest_report *reports,
                            int count, bool named)
{
    static const char *const titles[BACKTEST_MODELS + 1] = { "**再生方程，校准后 renewal, calibrated**",
                                                             "再生方程，未校准 renewal, as simulated",
                                                             "**持平 flat line**",
                                                             "日均消耗 burn rate",
                                                             "对数线性外推 log-linear",
                                                             "R 不变 constant R" };
    bg_buf_print(
        out,
        "| 方法 method | log-WIS ÷ 持平 flat, 3 / 7 / 14 d | 50 %% | 95 %% | P(y > q95) |\n| --- | --- | --- | --- | --- |\n");
    for (int m = -1; m < BACKTEST_MODELS; m++) {
        struct mean mean[BACKTEST_HORIZONS] = { 0 };
        for (int i = 0; i < count; i++) {
            for (int h = 0; h < BACKTEST_HORIZONS && outbreaks[i].named == named; h++) {
                mean_add(&mean[h], score_of(&reports[i], m, h), &reports[i].model[BACKTEST_FLAT][h]);
            }
        }
        bg_buf_print(out, "| %s |", titles[m + 1]);
        for (int h = 0; h < BACKTEST_HORIZONS; h++) {
            bg_buf_print(out, " %.2f%s", mean_ratio(&mean[h]), h + 1 < BACKTEST_HORIZONS ? " /" : " |");
        }
        for (int column = 0; column < 3; column++) {
            for (int h = 0; h < BACKTEST_HORIZONS; h++) {
                double sum = column == 0 ? mean[h].cover50 : column == 1 ? mean[h].cover95 : mean[h].above95;
                bg_buf_print(out, " %.*f%s", column == 2 ? 3 : 2, sum / fmax(mean[h].origins, 1),
                             h + 1 < BACKTEST_HORIZONS ? " /" : " |");
            }
        }
        bg_buf_byte(out, '\n');
    }
}

static void markdown_outbreaks(struct bg_buf *out, const struct backtest_outbreak *outbreaks,
                               const struct backtest_report *reports, int count, bool named)
{
    bg_buf_print(out,
                 "\n| 疫情 outbreak | 起报日 origins | log-WIS ÷ 持平 flat, 3 / 7 / 14 d | P(y > q95) | 不胜持平 not better |\n"
                 "| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < count; i++) {
        if (outbreaks[i].named != named) {
            continue;
        }
        bg_buf_print(out, "| %s %s, %s – %s | %d |", outbreaks[i].name_zh, outbreaks[i].column, outbreaks[i].from,
                     outbreaks[i].to, reports[i].calibrated[0].origins);
        bool lost[BACKTEST_HORIZONS];
        for (int h = 0; h < BACKTEST_HORIZONS; h++) {
            double ratio = reports[i].calibrated[h].log_wis / fmax(reports[i].model[BACKTEST_FLAT][h].log_wis, 1e-12);
            lost[h] = ratio >= 0.995;
            bg_buf_print(out, " %.2f%s", ratio, h + 1 < BACKTEST_HORIZONS ? " /" : " |");
        }
        for (int h = 0; h < BACKTEST_HORIZONS; h++) {
            bg_buf_print(out, " %.2f%s", reports[i].calibrated[h].above95, h + 1 < BACKTEST_HORIZONS ? " /" : " |");
        }
        for (int h = 0; h < BACKTEST_HORIZONS; h++) {
            if (lost[h]) {
                bg_buf_print(out, " %d d", backtest_horizons[h]);
            }
        }
        bg_buf_print(out, " |\n");
    }
}

static void markdown(struct bg_buf *out, const struct backtest_outbreak *outbreaks, const struct backtest_report *reports,
                     int count)
{
    bg_buf_print(
        out,
        "# 预测回测 Back-test of the outbreak forecast\n\n"
        "由 `baogong epidemic backtest --all --markdown`（`make backtest`）生成，请勿手改。方法见 methods/forecast.md。\n"
        "Made by that command; do not edit. The method is described in methods/forecast.md.\n\n"
        "每一起报日只用当日及以前的数据，预测其后 3、7、14 天的新增合计；校准不使用被评分省份的任何疫情。评分为 log(1+x) 上的 "
        "WIS，"
        "与持平线之比低于 1 为优；各疫情之比取几何平均。\n"
        "Every origin sees only what was known on its day and forecasts the sum of the next 3, 7 and 14 days; calibration uses "
        "no "
        "outbreak of the scored province. Scores are WIS on log(1+x); a ratio to the flat line below 1 is better; the mean over "
        "outbreaks is geometric.\n\n");
    static const char *const heads[2] = {
        "## 由规则找到的其余疫情 All other outbreaks, found by rule\n\n"
        "这里有许多长期低水平或放开期间的疫情，14 天预测并不总是优于持平线。\n"
        "Many of these simmered for months, or met a policy that was being given up; at 14 days the flat line "
        "is often as good.\n\n",
        "## 设限疫情 The outbreaks with bars\n\n"
    };
    for (int named = 1; named >= 0; named--) {
        bg_buf_print(out, "%s", heads[named]);
        markdown_models(out, outbreaks, reports, count, named != 0);
        markdown_outbreaks(out, outbreaks, reports, count, named != 0);
        bg_buf_byte(out, '\n');
    }
    bg_buf_print(
        out,
        "数据 data: JHU CSSE COVID-19 Data Repository, CC BY 4.0; 含境外输入 imported cases included; 终版而非当日版 final, not "
        "real-time, figures.\n");
}

bg_err epidemic_backtest_all(const struct epidemic_options *options, struct bg_arena *arena, struct bg_buf *out)
{
    int count;
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    struct backtest_report *reports = bg_arena_array(arena, (size_t)count, sizeof *reports);
    BG_TRY(bg_need(reports));
    struct backtest_settings settings = { .seed = (uint64_t)options->seed, .paths = (int)options->paths };
    BG_TRY(backtest_report_shipped(&settings, reports));
    if (options->markdown) {
        markdown(out, outbreaks, reports, count);
        return bg_buf_check(out);
    }
    bg_json_object(out);
    bg_json_key(out, "outbreaks");
    bg_json_array(out);
    for (int i = 0; i < count; i++) {
        bg_json_object(out);
        bg_json_put_str(out, "column", bg_str_of(outbreaks[i].column));
        bg_json_put_str(out, "name_zh", bg_str_of(outbreaks[i].name_zh));
        bg_json_put_str(out, "from", bg_str_of(outbreaks[i].from));
        bg_json_put_str(out, "to", bg_str_of(outbreaks[i].to));
        bg_json_put_bool(out, "named", outbreaks[i].named);
        put_horizons(out, &reports[i]);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
    return bg_buf_check(out);
}
