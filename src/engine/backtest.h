/* How good the forecasts would have been: past outbreaks forecast again from every day on which twenty cases were known, each
 * time with what was known on that day, and scored against what came; beside the baselines that a user would otherwise have.
 *
 * Target: the sum of new cases of the next 3, 7 and 14 days. Origins: every day from cumulative >= 20 (counted from the window's
 * first day) whose target lies within the window. Scores: 23 quantiles, weighted interval score on log(1 + x), mean over origins;
 * the ratio is to that of the flat baseline on the same origins. Calibration never sees the scored outbreak: the caller leaves it
 * out. */
#ifndef BG_ENGINE_BACKTEST_H
#define BG_ENGINE_BACKTEST_H

#include "engine/forecast.h"
#include "engine/score.h"

#define BACKTEST_HORIZONS 3
extern const int backtest_horizons[BACKTEST_HORIZONS]; /* 3, 7, 14 days */
#define BACKTEST_CASES 20
#define BACKTEST_DAYS_MAX 1500

enum backtest_model {
    BACKTEST_RENEWAL, /* forecast.h, scenario controlled */
    BACKTEST_FLAT, /* 持平: a random walk without drift from the last day, steps drawn from the window's differences, both signs
                    */
    BACKTEST_BURN, /* 日均消耗: the mean of the last seven days goes on, as a point */
    BACKTEST_LOGLINEAR, /* 对数线性外推: a line through log(1 + x) of the last seven days, with its prediction error */
    BACKTEST_CONSTANT, /* R 不变: R of the last seven days goes on, cases scattered as measured */
    BACKTEST_MODELS
};
/* "renewal", "flat", "burn_rate", "log_linear", "constant_r". */
const char *backtest_model_name(enum backtest_model model);

/* An outbreak as reported: NaN is a day without report. `first` is the day the outbreak's window begins; days before it are
 * history that the renewal equation may see, never targets. */
struct backtest_window {
    const double *cases; /* [days] */
    int days, first;
};

struct backtest_row {
    int day; /* the origin: last day known */
    int horizon; /* index into backtest_horizons */
    double y; /* what came */
    double q[SCORE_LEVELS];
};
struct backtest_table {
    struct backtest_row *rows; /* owned; by day, then horizon */
    int count;
};
void backtest_table_done(struct backtest_table *table);

struct backtest_settings {
    const struct forecast_params *params; /* NULL: the defaults */
    uint64_t seed;
    int paths; /* of renewal, flat and constant R; 2,000 is enough */
};
/* Forecasts of one model at every origin. BG_BAD_INPUT: "days", "cases" or "paths". No origin is not an error: count is 0. */
bg_err backtest_forecast(enum backtest_model model, const struct backtest_window *window,
                         const struct backtest_settings *settings, struct backtest_table *ret);

/* Conformal calibration: how far, in log(1 + x), each quantile has to be moved so that it had its level on past origins. */
struct backtest_shift {
    double move[BACKTEST_HORIZONS][SCORE_LEVELS];
    int origins[BACKTEST_HORIZONS]; /* behind it; 0: nothing moves */
};
/* From the tables of past outbreaks; every outbreak weighs the same. */
bg_err backtest_calibrate(const struct backtest_table *const *tables, int count, struct backtest_shift *ret);
/* Moves the quantiles of a table and puts them in order again. */
void backtest_move(const struct backtest_shift *shift, struct backtest_table *table);

/* A shipped outbreak (outbreaks.def): repaired, with `history` days before its window. */
struct backtest_outbreak {
    const char *column, *name_zh, *from, *to; /* from, to: YYYY-MM-DD */
    bool named; /* one of those on which the bars are set; the others were found by backtest_find */
    int history;
    const int32_t *cases; /* [days], from `history` days before `from` */
    int days;
};
const struct backtest_outbreak *backtest_outbreaks(int *ret_count);

/* Finds outbreaks in a repaired series: a week with three cases a day or more and three times (plus one) the mean of the three
 * weeks before begins one; it ends when the weekly mean falls below 7 % of its peak (or 1.5 a day), after 100 days at most; 14
 * more days belong to the window. At least 100 cases and 26 days. ret[room] takes first and last day; *ret_count says how many.
 */
struct backtest_span {
    int first, last;
};
void backtest_find(const double *cases, int days, struct backtest_span *ret, int room, int *ret_count);

struct backtest_score {
    int origins;
    double log_wis, wis; /* means */
    double cover50, cover95; /* shares inside the central intervals */
    double above95; /* share above the quantile 0.95 */
};
void backtest_score(const struct backtest_table *table, struct backtest_score ret[BACKTEST_HORIZONS]);

/* Everything about one outbreak. */
struct backtest_report {
    struct backtest_score model[BACKTEST_MODELS][BACKTEST_HORIZONS];
    struct backtest_score calibrated[BACKTEST_HORIZONS]; /* the renewal equation, moved; what is published */
};
/* `shift` comes from other outbreaks; NULL: nothing is moved. About 60 ms of CPU for 50 origins with 2,000 paths. */
bg_err backtest_report(const struct backtest_window *window, const struct backtest_shift *shift,
                       const struct backtest_settings *settings, struct backtest_report *ret);
/* One report for each shipped outbreak, ret[backtest_outbreaks], each calibrated on the outbreaks of all other provinces.
 * Seconds. */
bg_err backtest_report_shipped(const struct backtest_settings *settings, struct backtest_report *ret);
/* The window of a shipped outbreak; `cases` has room for BACKTEST_DAYS_MAX. */
struct backtest_window backtest_outbreak_window(const struct backtest_outbreak *outbreak, double *cases);

#endif
