/* Building linear programs, and writing them as text. */
#include <math.h>

#include "engine/linear.h"

void linear_open(struct linear_model *ret)
{
    *ret = (struct linear_model){ 0 };
    ret->row_start = bg_heap_get(sizeof *ret->row_start);
    ret->failed = ret->row_start == NULL;
}

void linear_close(struct linear_model *m)
{
    bg_heap_free(m->cost);
    bg_heap_free(m->low);
    bg_heap_free(m->high);
    bg_heap_free(m->whole);
    bg_heap_free(m->row_low);
    bg_heap_free(m->row_high);
    bg_heap_free(m->row_start);
    bg_heap_free(m->column);
    bg_heap_free(m->value);
    *m = (struct linear_model){ 0 };
}

/* Makes room for `count` items of `size` bytes; false and the model failed when it can not. */
static bool grow(struct linear_model *m, void *list, size_t count, size_t size)
{
    void **at = list;
    void *more = bg_heap_resize(*at, count * size);
    if (more == NULL) {
        m->failed = true;
        return false;
    }
    *at = more;
    return true;
}

static bool room_for_column(struct linear_model *m)
{
    if (m->failed || m->columns >= LINEAR_COLUMNS_MAX) {
        m->failed = true;
        return false;
    }
    if (m->columns == m->columns_room) {
        size_t room = m->columns_room > 0 ? 2 * (size_t)m->columns_room : 64;
        if (!grow(m, &m->cost, room, sizeof *m->cost) || !grow(m, &m->low, room, sizeof *m->low) ||
            !grow(m, &m->high, room, sizeof *m->high) || !grow(m, &m->whole, room, sizeof *m->whole)) {
            return false;
        }
        m->columns_room = (int32_t)room;
    }
    return true;
}

int32_t linear_column(struct linear_model *m, double cost, double low, double high)
{
    if (!room_for_column(m)) {
        return 0;
    }
    m->cost[m->columns] = cost;
    m->low[m->columns] = low;
    m->high[m->columns] = high;
    m->whole[m->columns] = 0;
    return m->columns++;
}

int32_t linear_whole(struct linear_model *m, double cost, double low, double high)
{
    int32_t column = linear_column(m, cost, low, high);
    if (!m->failed) {
        m->whole[column] = 1;
        m->wholes++;
    }
    return column;
}

int32_t linear_row(struct linear_model *m, double low, double high)
{
    if (m->failed || m->rows >= LINEAR_ROWS_MAX) {
        m->failed = true;
        return 0;
    }
    if (m->rows == m->rows_room) {
        size_t room = m->rows_room > 0 ? 2 * (size_t)m->rows_room : 64;
        if (!grow(m, &m->row_low, room, sizeof *m->row_low) || !grow(m, &m->row_high, room, sizeof *m->row_high) ||
            !grow(m, &m->row_start, room + 1, sizeof *m->row_start)) {
            return 0;
        }
        m->rows_room = (int32_t)room;
    }
    m->row_low[m->rows] = low;
    m->row_high[m->rows] = high;
    m->row_start[m->rows + 1] = m->entries;
    return m->rows++;
}

void linear_add(struct linear_model *m, int32_t column, double value)
{
    if (m->failed || m->rows == 0 || m->entries >= LINEAR_ENTRIES_MAX) {
        m->failed = true;
        return;
    }
    if (value == 0) {
        return;
    }
    if (m->entries == m->entries_room) {
        size_t room = m->entries_room > 0 ? 2 * (size_t)m->entries_room : 256;
        if (!grow(m, &m->column, room, sizeof *m->column) || !grow(m, &m->value, room, sizeof *m->value)) {
            return;
        }
        m->entries_room = (int64_t)room;
    }
    m->column[m->entries] = column;
    m->value[m->entries++] = value;
    m->row_start[m->rows] = m->entries;
}

static bool bounds_good(double low, double high)
{
    return !isnan(low) && !isnan(high) && low <= high && low < INFINITY && high > -INFINITY;
}

bg_err linear_check_model(const struct linear_model *m)
{
    if (m->failed) {
        bool full = m->columns >= LINEAR_COLUMNS_MAX || m->rows >= LINEAR_ROWS_MAX || m->entries >= LINEAR_ENTRIES_MAX;
        return full ? BG_FAIL_AT(BG_TOO_LARGE, "model") : BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t j = 0; j < m->columns; j++) {
        if (!isfinite(m->cost[j]) || !bounds_good(m->low[j], m->high[j])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "model");
        }
    }
    for (int32_t i = 0; i < m->rows; i++) {
        if (!bounds_good(m->row_low[i], m->row_high[i])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "model");
        }
    }
    for (int64_t e = 0; e < m->entries; e++) {
        if (m->column[e] < 0 || m->column[e] >= m->columns || !isfinite(m->value[e])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "model");
        }
    }
    return BG_DONE;
}

static void write_row(const struct linear_model *m, int32_t row, struct bg_buf *out)
{
    for (int64_t e = m->row_start[row]; e < m->row_start[row + 1]; e++) {
        bg_buf_print(out, " %+.17g x%d%s", m->value[e], m->column[e], (e - m->row_start[row]) % 8 == 7 ? "\n" : "");
    }
    if (m->row_start[row] == m->row_start[row + 1]) {
        bg_buf_print(out, " 0 x0");
    }
}

void linear_write(const struct linear_model *m, struct bg_buf *out)
{
    bg_buf_print(out, "Minimize\n cost:");
    for (int32_t j = 0; j < m->columns; j++) {
        if (m->cost[j] != 0 || j == 0) {
            bg_buf_print(out, " %+.17g x%d%s", m->cost[j], j, j % 8 == 7 ? "\n" : "");
        }
    }
    bg_buf_print(out, "\nSubject To\n");
    for (int32_t i = 0; i < m->rows; i++) {
        bool same = m->row_low[i] == m->row_high[i];
        if (isfinite(m->row_low[i])) {
            bg_buf_print(out, " a%d:", i);
            write_row(m, i, out);
            bg_buf_print(out, " %s %.17g\n", same ? "=" : ">=", m->row_low[i]);
        }
        if (isfinite(m->row_high[i]) && !same) {
            bg_buf_print(out, " b%d:", i);
            write_row(m, i, out);
            bg_buf_print(out, " <= %.17g\n", m->row_high[i]);
        }
    }
    bg_buf_print(out, "Bounds\n");
    for (int32_t j = 0; j < m->columns; j++) {
        if (isinf(m->low[j]) && isinf(m->high[j])) {
            bg_buf_print(out, " x%d free\n", j);
            continue;
        }
        if (isinf(m->low[j])) {
            bg_buf_print(out, " -inf <= x%d", j);
        } else {
            bg_buf_print(out, " %.17g <= x%d", m->low[j], j);
        }
        if (isfinite(m->high[j])) {
            bg_buf_print(out, " <= %.17g", m->high[j]);
        }
        bg_buf_print(out, "\n");
    }
    bg_buf_print(out, "%s", m->wholes > 0 ? "Generals\n" : "");
    for (int32_t j = 0; j < m->columns; j++) {
        if (m->whole[j]) {
            bg_buf_print(out, " x%d\n", j);
        }
    }
    bg_buf_print(out, "End\n");
}
