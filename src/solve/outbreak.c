/* `outbreak`: R by the renewal equation, as `baogong epidemic rt`, from a document. */
#include "engine/outbreak.h"
#include "solve/inner.h"

#define DAYS_MAX 20000
#define LAGS_MAX 400

/* The serial interval: given as weights from k = 0, or as mean and standard deviation. */
static bg_err read_serial(struct solve_at input, struct bg_arena *arena, double **ret, size_t *ret_lags)
{
    if (solve_has(input, "serial")) {
        return solve_numbers(input, "serial", 2, LAGS_MAX, 0, 1, ret, ret_lags);
    }
    double mean, sd;
    double *weights = bg_arena_array(arena, LAGS_MAX, sizeof *weights);
    BG_TRY(bg_need(weights));
    BG_TRY(solve_number_or(input, "serial_mean", 3.0, 1.01, 100, &mean));
    BG_TRY(solve_number_or(input, "serial_sd", 2.0, 0.01, 100, &sd));
    size_t lags = mean + 8 * sd < 20 ? 20 : (size_t)(mean + 8 * sd);
    lags = lags < LAGS_MAX ? lags : LAGS_MAX;
    BG_TRY(outbreak_serial(mean, sd, (int)lags, weights));
    *ret = weights;
    *ret_lags = lags;
    return BG_DONE;
}

static void put_window(struct bg_buf *out, const struct outbreak_rt *row)
{
    bg_json_object(out);
    bg_json_put_int(out, "t_start", row->t_start);
    bg_json_put_int(out, "t_end", row->t_end);
    bg_json_put_bool(out, "estimable", row->estimable);
    if (row->estimable) {
        bg_json_put_double(out, "mean", row->mean);
        bg_json_put_double(out, "sd", row->sd);
        bg_json_put_double(out, "q025", row->q025);
        bg_json_put_double(out, "median", row->median);
        bg_json_put_double(out, "q975", row->q975);
    }
    bg_json_object_end(out);
}

bg_err solve_do_outbreak(struct solve_at input, struct solve_report *report)
{
    static const char *const fields[] = { "incidence", "serial", "serial_mean", "serial_sd", "window", NULL };
    double *incidence, *serial;
    size_t days, lags;
    int64_t window;
    int count = 0;
    BG_TRY(solve_fields(input, fields));
    BG_TRY(solve_numbers(input, "incidence", 2, DAYS_MAX, 0, 1e12, &incidence, &days));
    BG_TRY(read_serial(input, report->arena, &serial, &lags));
    BG_TRY(solve_int_or(input, "window", 7, 1, 1000, &window));
    struct outbreak_rt *rows = bg_arena_array(report->arena, days + 1, sizeof *rows);
    BG_TRY(bg_need(rows));
    BG_TRY(outbreak_rt(incidence, (int)days, serial, (int)lags, (int)window, rows, &count));
    report->solver = "renewal equation, gamma prior";
    bg_json_key(report->out, "windows");
    bg_json_array(report->out);
    for (int i = 0; i < count; i++) {
        put_window(report->out, &rows[i]);
    }
    bg_json_array_end(report->out);
    if (count > 0 && rows[count - 1].estimable) {
        const struct outbreak_rt *last = &rows[count - 1];
        BG_TRY(solve_reason_format(report, "截至第 %d 天，再生数中位数 %.2f（95%% 区间 %.2f 至 %.2f）。",
                                   "Up to day %d, the median of R is %.2f (95%% interval %.2f to %.2f).", last->t_end, last->median,
                                   last->q025, last->q975));
    }
    return BG_DONE;
}
