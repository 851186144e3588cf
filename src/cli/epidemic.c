/* `baogong epidemic`: rt, R by the renewal equation from two CSV files, one row a window; backtest and forecast in their own
 * files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/epidemic.h"
#include "cli/series.h"
#include "engine/outbreak.h"

#define ROWS_MAX 100000

static const struct cli_option epidemic_options[] = {
    { "--incidence", "FILE", "rt：每日新发，标签列和病例列", "rt: cases a day, a label column and a count column" },
    { "--si", "FILE", "rt：序列间隔分布 k,w，k 从 0 起", "rt: serial interval, k,w from k = 0" },
    { "--window", "DAYS", "rt：窗口天数，默认 7", "rt: days of a window, 7 by default" },
    { "--series", "FILE", "backtest、forecast：首列为日期的每日病例",
      "backtest, forecast: daily cases, dates in the first column" },
    { "--column", "NAME", "序列所在的列", "the column of the series" },
    { "--from", "DATE", "疫情起始日，默认首日", "first day of the outbreak, the first of the file by default" },
    { "--to", "DATE", "截止日，默认末日", "last day, the last of the file by default" },
    { "--train", "FILE", "用于校准的序列文件（自动排除被评分的列）；默认用内置疫情",
      "series to calibrate on, without the scored column; shipped by default" },
    { "--scenario", "NAME", "forecast：controlled、delayed 或 fails，默认 controlled", "forecast: controlled, delayed or fails" },
    { "--days", "N", "forecast：预测天数，默认 28", "forecast: days ahead, 28 by default" },
    { "--paths", "N", "模拟路径数，默认 2000", "simulated paths, 2,000 by default" },
    { "--seed", "N", "随机种子，默认 1", "random seed, 1 by default" },
    { "--raw", NULL, "不作校准", "without calibration" },
    { "--csv", NULL, "forecast：输出 CSV", "forecast: write CSV" },
    { "--all", NULL, "backtest：全部内置疫情", "backtest: every shipped outbreak" },
    { "--markdown", NULL, "backtest --all：输出 docs/backtest.md", "backtest --all: write docs/backtest.md" },
    { 0 },
};
enum {
    OPTION_INCIDENCE,
    OPTION_SI,
    OPTION_WINDOW,
    OPTION_SERIES,
    OPTION_COLUMN,
    OPTION_FROM,
    OPTION_TO,
    OPTION_TRAIN,
    OPTION_SCENARIO,
    OPTION_DAYS,
    OPTION_PATHS,
    OPTION_SEED,
    OPTION_RAW,
    OPTION_CSV,
    OPTION_ALL,
    OPTION_MARKDOWN,
    OPTION_COUNT
};

/* The second column as numbers. */
static bg_err read_counts(const char *path, struct bg_arena *arena, double **ret, int *ret_count)
{
    struct series_table table;
    BG_TRY(series_read(path, ROWS_MAX, arena, &table));
    if (table.columns < 2) {
        return BG_FAIL_AT(BG_BAD_INPUT, "columns");
    }
    double *values = bg_arena_array(arena, table.rows + 1, sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < table.rows; i++) {
        BG_TRY(series_number(&table, i, 1, arena, &values[i]));
    }
    *ret = values;
    *ret_count = (int)table.rows;
    return BG_DONE;
}

/* The serial interval by its own k, so that rows may stand in any order and lags may be left out. */
static bg_err read_serial(const char *path, struct bg_arena *arena, double **ret, int *ret_count)
{
    struct series_table table;
    BG_TRY(series_read(path, 10000, arena, &table));
    if (table.columns < 2) {
        return BG_FAIL_AT(BG_BAD_INPUT, "columns");
    }
    double *weights = bg_arena_array(arena, 10001, sizeof *weights);
    BG_TRY(bg_need(weights));
    int count = 0;
    for (size_t i = 0; i < table.rows; i++) {
        double k, w;
        BG_TRY(series_number(&table, i, 0, arena, &k));
        BG_TRY(series_number(&table, i, 1, arena, &w));
        if (k < 0 || k > 10000 || k != (double)(int)k) {
            return BG_FAIL_AT(BG_BAD_INPUT, "k");
        }
        weights[(int)k] = w;
        count = (int)k + 1 > count ? (int)k + 1 : count;
    }
    *ret = weights;
    *ret_count = count;
    return BG_DONE;
}

static void print_number(struct bg_buf *out, double value)
{
    bg_buf_print(out, ",%.15g", value);
}

static bg_err print_windows(struct bg_arena *arena, const char *incidence, const char *serial, int window)
{
    double *cases, *weights;
    int days, lags, count;
    BG_TRY(read_counts(incidence, arena, &cases, &days));
    BG_TRY(read_serial(serial, arena, &weights, &lags));
    struct outbreak_rt *rows = bg_arena_array(arena, (size_t)days + 1, sizeof *rows);
    BG_TRY(bg_need(rows));
    BG_TRY(outbreak_rt(cases, days, weights, lags, window, rows, &count));
    BG_SCOPED_BUF out = bg_buf_init(64u << 20);
    bg_buf_add(&out, BG_STR("t_start,t_end,mean,sd,q025,median,q975\n"));
    for (int i = 0; i < count; i++) {
        bg_buf_print(&out, "%d,%d", rows[i].t_start, rows[i].t_end);
        if (rows[i].estimable) {
            print_number(&out, rows[i].mean);
            print_number(&out, rows[i].sd);
            print_number(&out, rows[i].q025);
            print_number(&out, rows[i].median);
            print_number(&out, rows[i].q975);
        } else {
            bg_buf_add(&out, BG_STR(",NA,NA,NA,NA,NA"));
        }
        bg_buf_byte(&out, '\n');
    }
    BG_TRY(bg_buf_check(&out));
    (void)fwrite(out.at, 1, out.len, stdout);
    return BG_DONE;
}

/* A whole number of an option within bounds; `otherwise` when absent. */
static bool number(const char *text, int64_t otherwise, int64_t least, int64_t most, int64_t *ret)
{
    *ret = otherwise;
    return text == NULL || (bg_str_int(bg_str_of(text), ret) && *ret >= least && *ret <= most);
}

static bool gather(const char *const value[OPTION_COUNT], struct epidemic_options *ret)
{
    *ret = (struct epidemic_options){ .series = value[OPTION_SERIES],
                                      .column = value[OPTION_COLUMN],
                                      .from = value[OPTION_FROM],
                                      .to = value[OPTION_TO],
                                      .train = value[OPTION_TRAIN],
                                      .scenario = value[OPTION_SCENARIO] != NULL ? value[OPTION_SCENARIO] : "controlled",
                                      .raw = value[OPTION_RAW] != NULL,
                                      .csv = value[OPTION_CSV] != NULL,
                                      .markdown = value[OPTION_MARKDOWN] != NULL };
    return number(value[OPTION_DAYS], 28, 1, 180, &ret->days) && number(value[OPTION_PATHS], 2000, 100, 100000, &ret->paths) &&
           number(value[OPTION_SEED], 1, 0, INT64_MAX, &ret->seed);
}

/* The named one of the commands; *ret_known false: usage. */
static bg_err run_one(const char *name, const char *const value[OPTION_COUNT], struct bg_arena *arena, bool *ret_known)
{
    struct epidemic_options options;
    int64_t window;
    *ret_known = gather(value, &options) && number(value[OPTION_WINDOW], 7, 1, 1000, &window);
    if (*ret_known && strcmp(name, "rt") == 0 && value[OPTION_INCIDENCE] != NULL && value[OPTION_SI] != NULL) {
        return print_windows(arena, value[OPTION_INCIDENCE], value[OPTION_SI], (int)window);
    }
    BG_SCOPED_BUF out = bg_buf_init(64u << 20);
    bool series = *ret_known && options.series != NULL && options.column != NULL;
    bg_err e = BG_DONE;
    if (*ret_known && strcmp(name, "backtest") == 0 && value[OPTION_ALL] != NULL) {
        e = epidemic_backtest_all(&options, arena, &out);
    } else if (series && strcmp(name, "backtest") == 0) {
        e = epidemic_backtest(&options, arena, &out);
    } else if (series && strcmp(name, "forecast") == 0) {
        e = epidemic_forecast(&options, arena, &out);
    } else {
        *ret_known = false;
    }
    if (!bg_failed(e) && out.len > 0) {
        (void)fwrite(out.at, 1, out.len, stdout);
        if (out.at[out.len - 1] != '\n') {
            (void)putc('\n', stdout);
        }
    }
    return e;
}

static int epidemic_run(struct cli *cli)
{
    const char *value[OPTION_COUNT];
    if (!cli_options(cli, epidemic_options, value)) {
        return CLI_USAGE;
    }
    BG_SCOPED_ARENA arena = bg_arena_open(256u << 20);
    bool known = cli->argc == 1;
    bg_err e = arena == NULL ? BG_FAIL(BG_NO_MEMORY) : known ? run_one(cli->argv[0], value, arena, &known) : BG_DONE;
    if (!known) {
        return cli_usage("epidemic");
    }
    if (!bg_failed(e)) {
        return CLI_GOOD;
    }
    (void)cli_fail(e);
    return e.code == BG_BAD_INPUT || e.code == BG_TOO_LARGE ? CLI_BAD : CLI_FAILED;
}

const struct cli_command cli_commands_epidemic[] = {
    { "epidemic",
      "rt --incidence FILE --si FILE [--window 7] | backtest --series FILE --column NAME [--train FILE] | backtest --all | "
      "forecast --series FILE --column NAME [--scenario controlled|delayed|fails]",
      "估计实时再生数（与 EpiEstim 一致）；回测；预测新发病例", "estimate R, equal to EpiEstim; back-test; forecast new cases",
      epidemic_options, epidemic_run },
    { 0 },
};
