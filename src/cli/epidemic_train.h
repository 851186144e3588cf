/* Past outbreaks to calibrate on, without the scored one. Private to cli. */
#ifndef BG_CLI_EPIDEMIC_TRAIN_H
#define BG_CLI_EPIDEMIC_TRAIN_H

#include "cli/epidemic_series.h"
#include "engine/backtest.h"

struct epidemic_training {
    struct backtest_shift shift;
    int outbreaks; /* behind it; 0: nothing to calibrate on */
    int left_out; /* outbreaks of the scored column, or with its figures under another name */
};
/* From a file of series, or the shipped outbreaks when `path` is NULL. `scored` may be NULL: nothing is left out. */
bg_err epidemic_train(const char *path, const struct case_series *scored, struct bg_arena *arena, struct epidemic_training *ret);

#endif
