/* Scores against scoringutils and covidHubUtils; repairs of dirty series; the shipped outbreaks against their file; and the bars
 * of the forecast: calibrated on the outbreaks of other provinces it beats the flat line by what is promised. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/backtest.h"
#include "engine/incidence.h"
#include "tap.h"

#define PATHS 400

static void test_scores(void)
{
    static const double levels[5] = { 0.1, 0.25, 0.5, 0.75, 0.9 };
    static const double y[3] = { 1, -15, 22 };
    static const double q[3][5] = { { -1, 0, 1, 2, 3 }, { -2, 1, 2, 2, 4 }, { -2, 0, 3, 3, 4 } };
    static const double bracher[3] = { 0.36, 15.34, 19.14 }, hub[3] = { 0.3, 15.6166667, 19.1166667 };
    for (int i = 0; i < 3; i++) {
        double a = score_wis(SCORE_BRACHER, levels, q[i], 5, y[i]), b = score_wis(SCORE_HUB, levels, q[i], 5, y[i]), pinball = 0;
        for (int k = 0; k < 5; k++) {
            pinball += score_pinball(levels[k], q[i][k], y[i]) / 5;
        }
        OK(fabs(a - bracher[i]) < 1e-12, "WIS of Bracher %.10g", a);
        OK(fabs(b - hub[i]) < 1e-7, "WIS of covidHubUtils %.10g", b);
        OK(fabs(a - pinball) < 1e-12, "and the mean of twice the pinball loss is the first");
    }
    double zero[SCORE_LEVELS] = { 0 };
    OK(score_log_wis(score_levels, zero, SCORE_LEVELS, 0) < 1e-15, "a certain and right forecast scores 0");
}

static void test_sort(void)
{
    enum { N = 1000 };
    double values[N], room[N];
    uint64_t state = 1;
    for (int i = 0; i < N; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = ((double)(state >> 40) - 8e6) * (i % 7 == 0 ? 1e-9 : 1e3);
    }
    score_sort(values, room, N);
    bool sorted = true;
    for (int i = 1; i < N; i++) {
        sorted = sorted && values[i - 1] <= values[i];
    }
    OK(sorted, "the sort holds for negative, small and large numbers");
    const double few[4] = { 1, 2, 4, 8 };
    OK(fabs(score_quantile(few, 4, 0.5) - 3) < 1e-15 && score_quantile(few, 4, 1) == 8 && score_quantile(few, 1, 0.3) == 1,
       "quantiles are linear between order statistics");
}

static int repair(double *values, int days, bool spikes, struct incidence_repair *rows)
{
    int count = -1;
    bg_err e = incidence_repair(values, days, spikes, rows, &count);
    return bg_failed(e) ? -1 : count;
}

static void test_repairs(void)
{
    struct incidence_repair rows[16];
    double negative[4] = { 5, -3, 4, 6 };
    OK(repair(negative, 4, true, rows) == 1 && negative[1] == 0 && rows[0].kind == INCIDENCE_NEGATIVE && rows[0].before == -3,
       "a negative day becomes 0 and is told");
    double dump[6] = { 20, 30, 25, 0, 60, 28 };
    OK(repair(dump, 6, true, rows) == 2 && dump[3] == 30 && dump[4] == 30 && rows[0].kind == INCIDENCE_DUMP && rows[1].day == 4,
       "zero and then double: spread over both days");
    double triple[7] = { 300, 280, 560, 0, 0, 1683, 1007 };
    OK(repair(triple, 7, true, rows) == 3 && triple[3] == 561 && triple[4] == 561 && triple[5] == 561,
       "two zeros and then triple");
    double late[5] = { 20, 30, 25, 27, 0 };
    OK(repair(late, 5, true, rows) == 1 && fabs(late[4] - 82.0 / 3) < 1e-12 && rows[0].kind == INCIDENCE_LATE,
       "a zero at the end is a report to come");
    double quiet[5] = { 2, 1, 0, 3, 0 };
    OK(repair(quiet, 5, true, rows) == 0, "zeros among few cases are zeros");
    double gap[6] = { 4, 6, NAN, NAN, 30, 8 };
    OK(repair(gap, 6, true, rows) == 3 && gap[2] == 10 && gap[4] == 10 && isnan(rows[0].before),
       "a gap shares the report behind it");
    double hole[4] = { 10, 10, NAN, 12 };
    OK(repair(hole, 4, true, rows) == 1 && fabs(hole[2] - 11) < 1e-12, "or takes the mean of its neighbours");
    double spike[8] = { 100, 120, 110, 130, 900, 140, 150, 160 };
    double kept[8];
    memcpy(kept, spike, sizeof kept);
    OK(repair(spike, 8, true, rows) == 1 && fabs(spike[4] - 130) < 1e-12 && rows[0].kind == INCIDENCE_SPIKE,
       "a spike is smoothed");
    OK(repair(kept, 8, false, rows) == 0 && kept[4] == 900, "and kept where sums must stay");
    double dead[9] = { 30, 30, 30, 0, 0, 0, 0, 0, 0 };
    OK(repair(dead, 9, true, rows) == 0, "more than three zeros: it is over");
    double wild[3] = { 1, INFINITY, 2 };
    OK(repair(wild, 3, true, rows) == -1, "infinity is refused");
    double none[2] = { NAN, NAN };
    OK(repair(none, 2, true, rows) == 2 && none[0] == 0 && none[1] == 0, "a series without any report is all zero, and told");
}

/* ---------- the shipped outbreaks against the file ---------- */

#define FILE_DAYS 450
static double file_cases[40][FILE_DAYS];
static char file_names[40][32], file_dates[FILE_DAYS][11];

static int read_file(int *ret_columns)
{
    static char line[4096];
    FILE *in = fopen("data/outbreak/jhu_china_province_new.csv", "r");
    int rows = 0, columns = 0;
    while (in != NULL && rows < FILE_DAYS && fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        char *at = line;
        int column = -1;
        for (char *cell = strsep(&at, ","); cell != NULL && column < 40; cell = strsep(&at, ",")) {
            if (columns == 0 || column < 0) {
                (void)snprintf(column < 0 ? file_dates[rows > 0 ? rows - 1 : 0] : file_names[column], column < 0 ? 11 : 32, "%s",
                               cell);
            } else {
                file_cases[column][rows - 1] = strtod(cell, NULL);
            }
            column++;
        }
        columns = columns == 0 ? column : columns;
        rows++;
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    *ret_columns = columns;
    return rows - 1;
}

static int date_index(const char *date, int days)
{
    for (int i = 0; i < days; i++) {
        if (strcmp(file_dates[i], date) == 0) {
            return i;
        }
    }
    return -1;
}

static bool same_as_file(const struct backtest_outbreak *outbreak, int columns, int days)
{
    static double values[FILE_DAYS];
    static struct incidence_repair rows[FILE_DAYS];
    int column = 0, from = date_index(outbreak->from, days) - outbreak->history, to = date_index(outbreak->to, days);
    while (column < columns && strcmp(file_names[column], outbreak->column) != 0) {
        column++;
    }
    if (column == columns || from < 0 || to - from + 1 != outbreak->days) {
        return false;
    }
    memcpy(values, file_cases[column] + from, (size_t)outbreak->days * sizeof *values);
    if (repair(values, outbreak->days, false, rows) < 0) {
        return false;
    }
    bool same = true;
    for (int t = 0; t < outbreak->days; t++) {
        same = same && fabs(values[t] - outbreak->cases[t]) < 0.51;
    }
    return same;
}

static void test_shipped(void)
{
    int columns, days = read_file(&columns), count, same = 0;
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    if (days < 100) {
        SKIP("data/outbreak is not here");
        return;
    }
    for (int i = 0; i < count; i++) {
        same += same_as_file(&outbreaks[i], columns, days);
    }
    OK(same == count && count > 50, "%d of %d shipped outbreaks are those of the file, repaired", same, count);
}

/* ---------- the bars ---------- */

struct bars {
    double log_ratio, cover95, above95;
    int outbreaks, origins;
};

static void add(struct bars *bars, const struct backtest_score *got, const struct backtest_score *flat)
{
    bars->log_ratio += log(got->log_wis / flat->log_wis);
    bars->outbreaks++;
    bars->cover95 += got->cover95 * got->origins;
    bars->above95 += got->above95 * got->origins;
    bars->origins += got->origins;
}

static bool score_outbreak(const struct backtest_outbreak *outbreaks, const struct backtest_table *tables, int count, int which,
                           struct bars bars[BACKTEST_HORIZONS])
{
    const struct backtest_table *others[100];
    static double cases[BACKTEST_DAYS_MAX];
    struct backtest_settings settings = { .seed = 1, .paths = PATHS };
    struct backtest_shift shift;
    struct backtest_report report;
    int n = 0;
    for (int j = 0; j < count; j++) {
        if (strcmp(outbreaks[j].column, outbreaks[which].column) != 0) {
            others[n++] = &tables[j];
        }
    }
    struct backtest_window window = backtest_outbreak_window(&outbreaks[which], cases);
    if (bg_failed(backtest_calibrate(others, n, &shift)) || bg_failed(backtest_report(&window, &shift, &settings, &report))) {
        return false;
    }
    double sum = 0;
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        add(&bars[h], &report.calibrated[h], &report.model[BACKTEST_FLAT][h]);
        sum += log(report.calibrated[h].log_wis / report.model[BACKTEST_FLAT][h].log_wis) / BACKTEST_HORIZONS;
    }
    OK(exp(sum) <= 1.05, "%s %s: %.2f of the flat line over the three horizons", outbreaks[which].column, outbreaks[which].from,
       exp(sum));
    return true;
}

static void test_bars(void)
{
    static const double most[BACKTEST_HORIZONS] = { 0.83, 0.79, 0.78 };
    static struct backtest_table tables[100];
    static double cases[BACKTEST_DAYS_MAX];
    int count;
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    struct backtest_settings settings = { .seed = 2, .paths = PATHS };
    struct bars bars[BACKTEST_HORIZONS] = { 0 };
    bool good = true;
    for (int i = 0; i < count; i++) {
        struct backtest_window window = backtest_outbreak_window(&outbreaks[i], cases);
        good = good && !bg_failed(backtest_forecast(BACKTEST_RENEWAL, &window, &settings, &tables[i]));
    }
    for (int i = 0; i < count && good; i++) {
        good = !outbreaks[i].named || score_outbreak(outbreaks, tables, count, i, bars);
    }
    OK(good, "every shipped outbreak is forecast again");
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        double ratio = exp(bars[h].log_ratio / bars[h].outbreaks), n = bars[h].origins;
        OK(ratio <= most[h], "%d days: log-WIS %.3f of the flat line, at most %.2f", backtest_horizons[h], ratio, most[h]);
        OK(bars[h].cover95 / n >= 0.92 && bars[h].cover95 / n <= 0.98, "95 %% intervals hold %.3f", bars[h].cover95 / n);
        OK(bars[h].above95 / n >= 0.03 && bars[h].above95 / n <= 0.07, "quantile 0.95 is exceeded by %.3f", bars[h].above95 / n);
    }
    for (int i = 0; i < count; i++) {
        backtest_table_done(&tables[i]);
    }
}

/* What is known on a day does not depend on later days. */
static void test_no_foresight(void)
{
    int count;
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    static double cases[BACKTEST_DAYS_MAX];
    struct backtest_table whole = { 0 }, cut = { 0 };
    struct backtest_settings settings = { .seed = 3, .paths = 200 };
    struct backtest_window window = backtest_outbreak_window(&outbreaks[0], cases);
    bg_err e = backtest_forecast(BACKTEST_RENEWAL, &window, &settings, &whole);
    OK(!bg_failed(e) && whole.count > 60, "forecasts at %d origins and horizons", whole.count);
    for (int t = window.days - 20; t < window.days; t++) {
        cases[t] = 100000;
    }
    e = backtest_forecast(BACKTEST_RENEWAL, &window, &settings, &cut);
    bool same = !bg_failed(e) && cut.count == whole.count;
    for (int i = 0; same && i < whole.count; i++) {
        same = whole.rows[i].day >= window.days - 20 || memcmp(whole.rows[i].q, cut.rows[i].q, sizeof cut.rows[i].q) == 0;
    }
    OK(same, "a forecast does not change with what comes after its day");
    backtest_table_done(&whole);
    backtest_table_done(&cut);
    window.days = 0;
    e = backtest_forecast(BACKTEST_FLAT, &window, &settings, &cut);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "days") == 0, "an empty window is refused");
}

int main(void)
{
    test_scores();
    test_sort();
    test_repairs();
    test_shipped();
    test_no_foresight();
    test_bars();
    return TAP_DONE();
}
