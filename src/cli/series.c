/* Reading number tables for the engine commands. */
#include "cli/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/csv.h"

static bg_err copy_row(struct bg_arena *arena, const struct csv_row *row, bg_str *cells)
{
    for (size_t i = 0; i < row->count; i++) {
        cells[i] = bg_arena_copy(arena, bg_str_trim(row->fields[i]));
        BG_TRY(bg_need(cells[i].at));
    }
    return BG_DONE;
}

static bg_err wrong_width(struct bg_arena *arena, const struct csv_row *row, size_t columns)
{
    return BG_FAIL_WITH(
        BG_BAD_INPUT, "columns",
        bg_arena_text(arena, "\"line\":%lld,\"expected\":%zu,\"found\":%zu", (long long)row->line, columns, row->count));
}

static bg_err read_rows(struct csv *csv, size_t rows_max, struct bg_arena *arena, struct series_table *table)
{
    struct csv_row row;
    bool more;
    do { /* notes above the header */
        BG_TRY(csv_next(csv, &row, &more));
        if (!more) {
            return BG_FAIL_AT(BG_BAD_INPUT, "header");
        }
    } while (bg_str_starts(row.fields[0], BG_STR("#")));
    table->columns = row.count;
    table->header = bg_arena_array(arena, row.count, sizeof *table->header);
    BG_TRY(bg_need(table->header));
    BG_TRY(copy_row(arena, &row, table->header));
    size_t room = 0;
    for (;;) {
        BG_TRY(csv_next(csv, &row, &more));
        if (!more) {
            return BG_DONE;
        }
        if (row.count != table->columns) {
            return wrong_width(arena, &row, table->columns);
        }
        if (table->rows == rows_max) {
            return BG_FAIL_AT(BG_TOO_LARGE, "rows");
        }
        if (table->rows == room) {
            room = room == 0 ? 256 : room * 2;
            bg_str *wider = bg_arena_array(arena, room * table->columns, sizeof *wider);
            BG_TRY(bg_need(wider));
            if (table->rows > 0) {
                memcpy(wider, table->cells, table->rows * table->columns * sizeof *wider);
            }
            table->cells = wider;
        }
        BG_TRY(copy_row(arena, &row, table->cells + table->rows * table->columns));
        table->rows++;
    }
}

bg_err series_read(const char *path, size_t rows_max, struct bg_arena *arena, struct series_table *ret)
{
    struct input *input;
    struct csv *csv;
    BG_TRY(input_open_file(path, &input));
    struct series_table table = { 0 };
    bg_err e = csv_open(input, &(struct csv_opts){ 0 }, &csv);
    if (!bg_failed(e)) {
        e = read_rows(csv, rows_max, arena, &table);
        csv_close(csv);
    }
    input_close(input);
    BG_TRY(e);
    *ret = table;
    return BG_DONE;
}

int series_column(const struct series_table *table, const char *const *names)
{
    for (size_t n = 0; names[n] != NULL; n++) {
        for (size_t i = 0; i < table->columns; i++) {
            if (bg_str_is(table->header[i], names[n])) {
                return (int)i;
            }
        }
    }
    return -1;
}

bg_err series_number(const struct series_table *table, size_t row, size_t column, struct bg_arena *arena, double *ret)
{
    bg_str cell = table->cells[row * table->columns + column];
    char *end = NULL;
    double value = cell.len > 0 ? strtod(cell.at, &end) : 0;
    bool hex = bg_str_find(cell, 'x') < cell.len || bg_str_find(cell, 'X') < cell.len;
    if (cell.len == 0 || hex || end != cell.at + cell.len || !isfinite(value)) {
        BG_SCOPED_BUF facts = bg_buf_init(1024);
        bg_json_put_int(&facts, "row", (int64_t)row + 2);
        bg_json_put_str(&facts, "value", bg_str_cut(cell, 0, 60));
        const char *field = bg_arena_copy(arena, table->header[column]).at;
        return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_copy(arena, bg_buf_str(&facts)).at);
    }
    *ret = value;
    return BG_DONE;
}
