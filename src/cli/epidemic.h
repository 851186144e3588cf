/* The outbreak commands behind `baogong epidemic`. Private to cli. */
#ifndef BG_CLI_EPIDEMIC_H
#define BG_CLI_EPIDEMIC_H

#include "base/base.h"

struct epidemic_options {
    const char *series, *column, *from, *to, *train, *scenario;
    int64_t seed, paths, days;
    bool raw; /* not calibrated */
    bool csv, markdown;
};
/* `backtest`: one column against the baselines, calibrated on other outbreaks; or every shipped outbreak. */
bg_err epidemic_backtest(const struct epidemic_options *options, struct bg_arena *arena, struct bg_buf *out);
bg_err epidemic_backtest_all(const struct epidemic_options *options, struct bg_arena *arena, struct bg_buf *out);
/* `forecast`: the quantiles of the days to come. */
bg_err epidemic_forecast(const struct epidemic_options *options, struct bg_arena *arena, struct bg_buf *out);

#endif
