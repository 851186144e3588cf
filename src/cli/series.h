/* Small CSV tables of numbers for the engine commands: read whole, with limits. Private to cli. */
#ifndef BG_CLI_SERIES_H
#define BG_CLI_SERIES_H

#include "base/base.h"

struct series_table {
    size_t columns; /* of the header */
    bg_str *header;
    size_t rows;
    bg_str *cells; /* rows x columns, row-major */
};
/* Reads a CSV file with a header row; at most `rows_max` rows. All in the arena. Every row must have the header's columns. */
bg_err series_read(const char *path, size_t rows_max, struct bg_arena *arena, struct series_table *ret);
/* Index of the column with one of these names (ends with NULL), or -1. */
int series_column(const struct series_table *table, const char *const *names);
/* The cell as a finite number; BG_BAD_INPUT with field, line and value else. */
bg_err series_number(const struct series_table *table, size_t row, size_t column, struct bg_arena *arena, double *ret);

#endif
