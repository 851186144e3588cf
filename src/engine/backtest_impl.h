/* What the files of the back-test share. Private to engine. */
#ifndef BG_ENGINE_BACKTEST_IMPL_H
#define BG_ENGINE_BACKTEST_IMPL_H

#include "engine/backtest.h"

#define BACKTEST_REACH 14 /* the longest horizon */

struct backtest_scratch {
    int32_t *paths; /* [paths][BACKTEST_REACH] */
    double *sums; /* [2][paths] */
};
/* The quantiles of one model for the three horizons from the last day of known[days]; the window begins on day `first`. */
bg_err backtest_quantiles(enum backtest_model model, const double *known, int days, int first,
                          const struct backtest_settings *settings, struct backtest_scratch *scratch,
                          struct backtest_row ret[BACKTEST_HORIZONS]);

#endif
