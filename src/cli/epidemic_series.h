/* One column of a daily case file for the outbreak commands. Private to cli. */
#ifndef BG_CLI_EPIDEMIC_SERIES_H
#define BG_CLI_EPIDEMIC_SERIES_H

#include "base/base.h"

struct case_series {
    bg_str column;
    bg_date first; /* date of the first day */
    int days;
    double *cases; /* [days], as reported; NaN: no row or an empty cell */
};
struct case_file {
    int count;
    struct case_series *series; /* one a column behind the first */
};
/* Reads a file: dates in the first column, ascending, days may be missing; numbers or empty cells in the others. All in the
 * arena. BG_BAD_INPUT names "date" or the column, with row and value; BG_TOO_LARGE for more than 4,000 days or 5,000 rows. */
bg_err case_file_read(const char *path, struct bg_arena *arena, struct case_file *ret);
/* The series of a column; BG_BAD_INPUT "column" when there is none. */
bg_err case_file_find(const struct case_file *file, bg_str column, const struct case_series **ret);
/* Index of a date given on the command line; `otherwise` when NULL. BG_BAD_INPUT with `field` when it is no date of the series.
 */
bg_err case_series_day(const struct case_series *series, const char *date, int otherwise, const char *field, int *ret);

#endif
