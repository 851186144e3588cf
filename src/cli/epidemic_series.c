/* Reading daily case files. */
#include "cli/epidemic_series.h"

#include <math.h>

#include "cli/series.h"
#include "engine/incidence.h"

#define ROWS_MAX 5000

static bg_err bad_date(struct bg_arena *arena, const struct series_table *table, size_t row)
{
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    bg_json_put_int(&facts, "row", (int64_t)row + 2);
    bg_json_put_str(&facts, "value", bg_str_cut(table->cells[row * table->columns], 0, 60));
    return BG_FAIL_WITH(BG_BAD_INPUT, "date", bg_arena_copy(arena, bg_buf_str(&facts)).at);
}

/* The day of each row, from the first row's date. */
static bg_err read_dates(const struct series_table *table, struct bg_arena *arena, int32_t *day_of, bg_date *ret_first,
                         int *ret_days)
{
    bg_date first = 0, last = 0;
    for (size_t row = 0; row < table->rows; row++) {
        bg_date date;
        if (bg_failed(bg_date_parse(table->cells[row * table->columns], &date)) || (row > 0 && date <= last)) {
            return bad_date(arena, table, row);
        }
        first = row == 0 ? date : first;
        last = date;
        if (date - first >= INCIDENCE_DAYS_MAX) {
            return BG_FAIL_AT(BG_TOO_LARGE, "days");
        }
        day_of[row] = date - first;
    }
    *ret_first = first;
    *ret_days = last - first + 1;
    return BG_DONE;
}

static bg_err read_column(const struct series_table *table, size_t column, const int32_t *day_of, struct bg_arena *arena,
                          struct case_series *series)
{
    series->column = table->header[column];
    series->cases = bg_arena_array(arena, (size_t)series->days, sizeof *series->cases);
    BG_TRY(bg_need(series->cases));
    for (int t = 0; t < series->days; t++) {
        series->cases[t] = NAN;
    }
    for (size_t row = 0; row < table->rows; row++) {
        bg_str cell = table->cells[row * table->columns + column];
        if (cell.len > 0 && !bg_str_is(cell, "NA")) {
            BG_TRY(series_number(table, row, column, arena, &series->cases[day_of[row]]));
        }
    }
    return BG_DONE;
}

bg_err case_file_read(const char *path, struct bg_arena *arena, struct case_file *ret)
{
    struct series_table table;
    BG_TRY(series_read(path, ROWS_MAX, arena, &table));
    if (table.columns < 2) {
        return BG_FAIL_AT(BG_BAD_INPUT, "columns");
    }
    if (table.rows == 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "rows");
    }
    int32_t *day_of = bg_arena_array(arena, table.rows, sizeof *day_of);
    struct case_series *series = bg_arena_array(arena, table.columns, sizeof *series);
    BG_TRY(bg_need(day_of));
    BG_TRY(bg_need(series));
    bg_date first;
    int days;
    BG_TRY(read_dates(&table, arena, day_of, &first, &days));
    for (size_t column = 1; column < table.columns; column++) {
        series[column - 1] = (struct case_series){ .first = first, .days = days };
        bg_err e = read_column(&table, column, day_of, arena, &series[column - 1]);
        if (bg_failed(e) && e.code != BG_BAD_INPUT) {
            return e;
        }
        if (bg_failed(e)) {
            series[column - 1].cases = NULL; /* text, such as a source: an error only when this column is asked for */
        }
    }
    *ret = (struct case_file){ (int)table.columns - 1, series };
    return BG_DONE;
}

bg_err case_file_find(const struct case_file *file, bg_str column, const struct case_series **ret)
{
    for (int i = 0; i < file->count; i++) {
        if (bg_str_eq(file->series[i].column, column)) {
            if (file->series[i].cases == NULL) {
                return BG_FAIL_WITH(BG_BAD_INPUT, "column", "\"expected\":\"numbers\"");
            }
            *ret = &file->series[i];
            return BG_DONE;
        }
    }
    return BG_FAIL_AT(BG_BAD_INPUT, "column");
}

bg_err case_series_day(const struct case_series *series, const char *date, int otherwise, const char *field, int *ret)
{
    bg_date at;
    if (date == NULL) {
        *ret = otherwise;
        return BG_DONE;
    }
    if (bg_failed(bg_date_parse(bg_str_of(date), &at))) {
        return BG_FAIL_AT(BG_BAD_INPUT, field);
    }
    if (at < series->first || at >= series->first + series->days) {
        return BG_FAIL_WITH(BG_BAD_INPUT, field, "\"reason\":\"outside the series\"");
    }
    *ret = at - series->first;
    return BG_DONE;
}
