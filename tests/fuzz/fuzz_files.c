/* Files of the commands of the engines, by the first byte: DIMACS minimum-cost flow, OR-Library "cap", series and tables in CSV (incidence,
 * serial intervals, firms, links, essential inputs). What is accepted is within its bounds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/series.h"
#include "engine/flow.h"
#include "engine/location.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void try_flow(bg_str text, struct bg_arena *arena)
{
    struct flow_problem problem;
    if (bg_failed(flow_parse_dimacs(text, arena, &problem))) {
        return;
    }
    check(problem.nodes >= 0 && problem.count >= 0);
    for (int64_t i = 0; i < problem.count; i++) {
        const struct flow_arc *arc = &problem.arcs[i];
        check(arc->from >= 0 && arc->from < problem.nodes && arc->to >= 0 && arc->to < problem.nodes);
    }
}

static void try_location(bg_str text, struct bg_arena *arena)
{
    struct location_problem problem;
    if (bg_failed(location_parse(text, 100, arena, &problem))) {
        return;
    }
    /* What the numbers may be is checked by who solves; here they are numbers, as many as announced. */
    for (int32_t i = 0; i < problem.sites; i++) {
        check(isfinite(problem.capacity[i]) && isfinite(problem.fixed[i]));
    }
    for (int32_t i = 0; i < problem.customers; i++) {
        check(isfinite(problem.demand[i]));
    }
    for (int64_t i = 0; i < (int64_t)problem.sites * problem.customers; i++) {
        check(isfinite(problem.cost[i]));
    }
}

static void try_series(bg_str text, struct bg_arena *arena)
{
    static const char *const names[] = { "amount", "I", "w", NULL };
    struct series_table table;
    char path[40];
    int fd = memfd_create("series", MFD_CLOEXEC);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool good = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len && !bg_failed(series_read(path, 1000, arena, &table));
    (void)close(fd);
    if (!good) {
        return;
    }
    check(table.rows <= 1000 && table.columns >= 1 && series_column(&table, names) < (int)table.columns);
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        double number = 0;
        check(bg_utf8_valid(table.cells[i]));
        bg_err err = series_number(&table, i / table.columns, i % table.columns, arena, &number);
        check(bg_failed(err) || isfinite(number));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(bg_str text, struct bg_arena *arena) = { try_flow, try_location, try_series };
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)64 << 20);
    /* A text is ended by NUL, as the commands read it. */
    char *text = size > 0 && size < 65536 ? bg_arena_get(arena, size) : NULL;
    if (text != NULL) {
        memcpy(text, data + 1, size - 1);
        tries[data[0] % 3]((bg_str){ text, size - 1 }, arena);
    }
    return 0;
}
