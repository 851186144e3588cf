/* Tables that go on over pages, with their heads on each. */
#include "print/inner.h"

#define PAD_MM 1.2
#define RULE_MM 0.15

static double row_height(struct print *print, const struct print_column *column, size_t columns, double size_pt,
                         const bg_str *cell)
{
    double height = 0;
    for (size_t c = 0; c < columns; c++) {
        double h = print_height(print, column[c].width_mm - 2 * PAD_MM, size_pt, column[c].style, cell[c]);
        height = h > height ? h : height;
    }
    return height + 2 * PAD_MM;
}

static double put_row(struct print *print, double x, double y, double size_pt, const struct print_column *column, size_t columns,
                      const bg_str *cell, unsigned more)
{
    double height = row_height(print, column, columns, size_pt, cell), at = x;
    for (size_t c = 0; c < columns; c++) {
        (void)print_text(print, at + PAD_MM, y + PAD_MM, column[c].width_mm - 2 * PAD_MM, size_pt, column[c].style | more,
                         cell[c]);
        print_box(print, at, y, column[c].width_mm, height, RULE_MM);
        at += column[c].width_mm;
    }
    return y + height;
}

static double put_heads(struct print *print, double x, double y, double size_pt, const struct print_column *column,
                        size_t columns)
{
    bg_str heads[32];
    for (size_t c = 0; c < columns; c++) {
        heads[c] = column[c].head;
    }
    return put_row(print, x, y, size_pt, column, columns, heads, PRINT_BOLD);
}

double print_table(struct print *print, double x_mm, double y_mm, double top_mm, double bottom_mm, double size_pt,
                   const struct print_column *column, size_t columns, const bg_str *cell, size_t rows)
{
    if (columns == 0 || columns > 32) {
        print_fail(print, BG_FAIL_AT(BG_BAD_INPUT, "columns"));
        return y_mm;
    }
    double y = put_heads(print, x_mm, y_mm, size_pt, column, columns);
    for (size_t r = 0; r < rows && !bg_failed(print->error); r++) {
        const bg_str *row = cell + r * columns;
        if (y + row_height(print, column, columns, size_pt, row) > bottom_mm) {
            print_page(print);
            y = put_heads(print, x_mm, top_mm, size_pt, column, columns);
        }
        y = put_row(print, x_mm, y, size_pt, column, columns, row, PRINT_NORMAL);
    }
    return y;
}
