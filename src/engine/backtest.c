/* Forecasts of past outbreaks, their calibration and their scores. */
#include "engine/backtest.h"

#include <math.h>
#include <string.h>

#include "engine/backtest_impl.h"
#include "engine/incidence.h"

const int backtest_horizons[BACKTEST_HORIZONS] = { 3, 7, 14 };

const char *backtest_model_name(enum backtest_model model)
{
    static const char *const names[BACKTEST_MODELS] = { "renewal", "flat", "burn_rate", "log_linear", "constant_r" };
    return (unsigned)model < BACKTEST_MODELS ? names[model] : "";
}

void backtest_table_done(struct backtest_table *table)
{
    bg_heap_free(table->rows);
    *table = (struct backtest_table){ 0 };
}

/* What a day's forecaster sees: the window and what lies before it, cut at the origin and repaired as on that day. */
static bg_err known_on(const struct backtest_window *window, int origin, double *values, struct incidence_repair *repairs)
{
    int count;
    memcpy(values, window->cases, (size_t)(origin + 1) * sizeof *values);
    return incidence_repair(values, origin + 1, true, repairs, &count);
}

struct room {
    double *truth, *known;
    struct incidence_repair *repairs;
    struct backtest_scratch scratch;
};

static bg_err room_get(struct room *room, int days, int paths)
{
    room->truth = bg_heap_get((size_t)days * sizeof *room->truth);
    room->known = bg_heap_get((size_t)days * sizeof *room->known);
    room->repairs = bg_heap_get((size_t)days * sizeof *room->repairs);
    room->scratch.paths = bg_heap_get((size_t)paths * BACKTEST_REACH * sizeof *room->scratch.paths);
    room->scratch.sums = bg_heap_get(2 * (size_t)paths * sizeof *room->scratch.sums);
    bool all = room->truth != NULL && room->known != NULL && room->repairs != NULL && room->scratch.paths != NULL &&
               room->scratch.sums != NULL;
    return all ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
}

static void room_done(struct room *room)
{
    bg_heap_free(room->truth);
    bg_heap_free(room->known);
    bg_heap_free(room->repairs);
    bg_heap_free(room->scratch.paths);
    bg_heap_free(room->scratch.sums);
}

static double sum_of(const double *values, int from, int upto)
{
    double sum = 0;
    for (int t = from; t < upto; t++) {
        sum += values[t];
    }
    return sum;
}

static bg_err forecast_all(enum backtest_model model, const struct backtest_window *window,
                           const struct backtest_settings *settings, struct room *room, struct backtest_table *table)
{
    int count;
    memcpy(room->truth, window->cases, (size_t)window->days * sizeof *room->truth);
    BG_TRY(incidence_repair(room->truth, window->days, false, room->repairs, &count));
    for (int origin = window->first; origin + backtest_horizons[0] < window->days; origin++) {
        if (sum_of(room->truth, window->first, origin + 1) < BACKTEST_CASES) {
            continue;
        }
        BG_TRY(known_on(window, origin, room->known, room->repairs));
        struct backtest_row rows[BACKTEST_HORIZONS] = { 0 };
        BG_TRY(backtest_quantiles(model, room->known, origin + 1, window->first, settings, &room->scratch, rows));
        for (int h = 0; h < BACKTEST_HORIZONS && origin + backtest_horizons[h] < window->days; h++) {
            rows[h].day = origin;
            rows[h].horizon = h;
            rows[h].y = sum_of(room->truth, origin + 1, origin + 1 + backtest_horizons[h]);
            table->rows[table->count++] = rows[h];
        }
    }
    return BG_DONE;
}

bg_err backtest_forecast(enum backtest_model model, const struct backtest_window *window,
                         const struct backtest_settings *settings, struct backtest_table *ret)
{
    if (window->days < 1 || window->days > BACKTEST_DAYS_MAX || window->first < 0 || window->first >= window->days) {
        return BG_FAIL_AT(BG_BAD_INPUT, "days");
    }
    if (settings->paths < 100 || settings->paths > 100000) {
        return BG_FAIL_AT(BG_BAD_INPUT, "paths");
    }
    struct room room = { 0 };
    struct backtest_table table = { .rows = bg_heap_get((size_t)window->days * BACKTEST_HORIZONS * sizeof *table.rows) };
    bg_err e = table.rows != NULL ? room_get(&room, window->days, settings->paths) : BG_FAIL(BG_NO_MEMORY);
    if (!bg_failed(e)) {
        e = forecast_all(model, window, settings, &room, &table);
    }
    room_done(&room);
    if (bg_failed(e)) {
        backtest_table_done(&table);
        return e;
    }
    *ret = table;
    return BG_DONE;
}

/* ---------- calibration ---------- */

struct weighted {
    double value, weight;
};

static void sort_weighted(struct weighted *rows, struct weighted *room, int count)
{
    for (int width = 1; width < count; width *= 2) { /* merge sort */
        for (int from = 0; from < count; from += 2 * width) {
            int middle = from + width < count ? from + width : count, upto = from + 2 * width < count ? from + 2 * width : count;
            for (int i = from, j = middle, at = from; at < upto; at++) {
                room[at] = j >= upto || (i < middle && rows[i].value <= rows[j].value) ? rows[i++] : rows[j++];
            }
        }
        memcpy(rows, room, (size_t)count * sizeof *rows);
    }
}

/* The value below which a share p of all weight lies. */
static double weighted_quantile(const struct weighted *sorted, int count, double p)
{
    double total = 0, sum = 0;
    for (int i = 0; i < count; i++) {
        total += sorted[i].weight;
    }
    for (int i = 0; i < count; i++) {
        double next = sum + sorted[i].weight / total;
        if (next >= p) {
            double low = i > 0 ? sorted[i - 1].value : sorted[i].value, part = (p - sum) / (next - sum);
            return low + part * (sorted[i].value - low);
        }
        sum = next;
    }
    return sorted[count - 1].value;
}

static int rows_of(const struct backtest_table *table, int horizon)
{
    int count = 0;
    for (int i = 0; i < table->count; i++) {
        count += table->rows[i].horizon == horizon;
    }
    return count;
}

static void calibrate_one(const struct backtest_table *const *tables, int count, int horizon, struct weighted *rows,
                          struct weighted *room, struct backtest_shift *shift)
{
    for (int k = 0; k < SCORE_LEVELS; k++) {
        int n = 0;
        for (int t = 0; t < count; t++) {
            double weight = 1.0 / fmax(rows_of(tables[t], horizon), 1);
            for (int i = 0; i < tables[t]->count; i++) {
                const struct backtest_row *row = &tables[t]->rows[i];
                if (row->horizon == horizon) {
                    rows[n++] = (struct weighted){ log1p(row->y) - log1p(row->q[k]), weight };
                }
            }
        }
        shift->origins[horizon] = n;
        sort_weighted(rows, room, n);
        shift->move[horizon][k] = n > 0 ? weighted_quantile(rows, n, score_levels[k]) : 0;
    }
}

bg_err backtest_calibrate(const struct backtest_table *const *tables, int count, struct backtest_shift *ret)
{
    size_t total = 0;
    for (int t = 0; t < count; t++) {
        total += (size_t)tables[t]->count;
    }
    struct weighted *rows = bg_heap_get(2 * (total + 1) * sizeof *rows);
    BG_TRY(bg_need(rows));
    *ret = (struct backtest_shift){ 0 };
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        calibrate_one(tables, count, h, rows, rows + total + 1, ret);
    }
    bg_heap_free(rows);
    return BG_DONE;
}

void backtest_move(const struct backtest_shift *shift, struct backtest_table *table)
{
    for (int i = 0; i < table->count; i++) {
        struct backtest_row *row = &table->rows[i];
        double room[SCORE_LEVELS];
        for (int k = 0; k < SCORE_LEVELS; k++) {
            row->q[k] = fmax(expm1(log1p(row->q[k]) + shift->move[row->horizon][k]), 0);
        }
        score_sort(row->q, room, SCORE_LEVELS);
    }
}

/* ---------- scores ---------- */

enum { AT_025 = 1, AT_25 = 6, AT_75 = 16, AT_95 = 20, AT_975 = 21 };

void backtest_score(const struct backtest_table *table, struct backtest_score ret[BACKTEST_HORIZONS])
{
    memset(ret, 0, BACKTEST_HORIZONS * sizeof *ret);
    for (int i = 0; i < table->count; i++) {
        const struct backtest_row *row = &table->rows[i];
        struct backtest_score *score = &ret[row->horizon];
        score->origins++;
        score->log_wis += score_log_wis(score_levels, row->q, SCORE_LEVELS, row->y);
        score->wis += score_wis(SCORE_BRACHER, score_levels, row->q, SCORE_LEVELS, row->y);
        score->cover50 += row->y >= row->q[AT_25] && row->y <= row->q[AT_75];
        score->cover95 += row->y >= row->q[AT_025] && row->y <= row->q[AT_975];
        score->above95 += row->y > row->q[AT_95];
    }
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        double n = fmax(ret[h].origins, 1);
        ret[h].log_wis /= n;
        ret[h].wis /= n;
        ret[h].cover50 /= n;
        ret[h].cover95 /= n;
        ret[h].above95 /= n;
    }
}

/* ---------- finding outbreaks ---------- */

#define FOUND_DAYS 100
#define FOUND_CASES 100
#define FOUND_TAIL 14

static double week_mean(const double *cases, int day)
{
    return sum_of(cases, day - 6, day + 1) / 7;
}

/* First day, from `day` on, of which the week falls to the end of the outbreak that began on `first`. */
static int end_of_outbreak(const double *cases, int days, int first, int day)
{
    double peak = 0;
    for (; day < days && day - first < FOUND_DAYS; day++) {
        double mean = week_mean(cases, day);
        peak = fmax(peak, mean);
        if (mean < fmax(1.5, 0.07 * peak)) {
            break;
        }
    }
    return day;
}

void backtest_find(const double *cases, int days, struct backtest_span *ret, int room, int *ret_count)
{
    int count = 0;
    for (int day = 7; day < days && count < room; day++) {
        int from = day > 27 ? day - 27 : 0;
        double before = sum_of(cases, from, day - 6) / fmax(day - 6 - from, 1), now = week_mean(cases, day);
        if (now < 3 || now < 3 * before + 1) {
            continue;
        }
        int first = day - 6;
        while (cases[first] <= 0) {
            first++;
        }
        int end = end_of_outbreak(cases, days, first, day);
        int last = end - 1 + FOUND_TAIL < days ? end - 1 + FOUND_TAIL : days - 1;
        if (sum_of(cases, first, end) >= FOUND_CASES && last - first >= 25) {
            ret[count++] = (struct backtest_span){ first, last };
        }
        day = end + 6;
    }
    *ret_count = count;
}
