/* `baogong epidemic rt`: R by the renewal equation from two CSV files, one row a window. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/series.h"
#include "engine/outbreak.h"

#define ROWS_MAX 100000

static const struct cli_option epidemic_options[] = {
    { "--incidence", "FILE", "每日新发：标签列和病例列", "cases a day: a label column and a count column" },
    { "--si", "FILE", "序列间隔分布：k,w，k 从 0 起", "serial interval: k,w from k = 0" },
    { "--window", "DAYS", "窗口天数，默认 7", "days of a window, 7 by default" },
    { 0 },
};
enum { OPTION_INCIDENCE, OPTION_SI, OPTION_WINDOW, OPTION_COUNT };

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

static int epidemic_run(struct cli *cli)
{
    const char *value[OPTION_COUNT];
    if (!cli_options(cli, epidemic_options, value)) {
        return CLI_USAGE;
    }
    int64_t window = 7;
    bool known = cli->argc == 1 && strcmp(cli->argv[0], "rt") == 0 && value[OPTION_INCIDENCE] != NULL && value[OPTION_SI] != NULL;
    if (!known || (value[OPTION_WINDOW] != NULL &&
                   (!bg_str_int(bg_str_of(value[OPTION_WINDOW]), &window) || window < 1 || window > 1000))) {
        return cli_usage("epidemic");
    }
    BG_SCOPED_ARENA arena = bg_arena_open(256u << 20);
    bg_err e =
        arena == NULL ? BG_FAIL(BG_NO_MEMORY) : print_windows(arena, value[OPTION_INCIDENCE], value[OPTION_SI], (int)window);
    if (!bg_failed(e)) {
        return CLI_GOOD;
    }
    (void)cli_fail(e);
    return e.code == BG_BAD_INPUT ? CLI_BAD : CLI_FAILED;
}

const struct cli_command cli_commands_epidemic[] = {
    { "epidemic", "rt --incidence FILE --si FILE [--window 7]", "由发病序列估计实时再生数（与 EpiEstim 一致）",
      "estimate R from incidence, equal to EpiEstim", epidemic_options, epidemic_run },
    { 0 },
};
