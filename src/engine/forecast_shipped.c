/* The shipped outbreaks: as a library of curves, and as windows to calibrate on and to score. */
#include "engine/backtest.h"

#define OUTBREAK(number, named, column, from, to, history, zh, ...) static const int32_t cases_##number[] = { __VA_ARGS__ };
#include "engine/outbreaks.def"
#undef OUTBREAK

static const struct backtest_outbreak outbreaks[] = {
#define OUTBREAK(number, named, column, from, to, history, zh, ...)                                                              \
    { column, zh, from, to, named, history, cases_##number, (int)(sizeof cases_##number / sizeof *cases_##number) },
#include "engine/outbreaks.def"
#undef OUTBREAK
};

static const struct forecast_curve curves[] = {
#define OUTBREAK(number, named, column, from, to, history, zh, ...)                                                              \
    { column " " from, cases_##number + (history), (int)(sizeof cases_##number / sizeof *cases_##number) - (history) },
#include "engine/outbreaks.def"
#undef OUTBREAK
};

const struct forecast_library *forecast_library_shipped(void)
{
    static const struct forecast_library library = { curves, (int)(sizeof curves / sizeof *curves) };
    return &library;
}

const struct backtest_outbreak *backtest_outbreaks(int *ret_count)
{
    *ret_count = (int)(sizeof outbreaks / sizeof *outbreaks);
    return outbreaks;
}

struct backtest_window backtest_outbreak_window(const struct backtest_outbreak *outbreak, double *cases)
{
    for (int t = 0; t < outbreak->days; t++) {
        cases[t] = outbreak->cases[t];
    }
    return (struct backtest_window){ cases, outbreak->days, outbreak->history };
}
