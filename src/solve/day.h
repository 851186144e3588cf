/* Days of a plan: whole numbers from its start, or dates when the start is given. Private to solve. */
#ifndef BG_SOLVE_DAY_H
#define BG_SOLVE_DAY_H

#include "solve/solve.h"

#define SOLVE_DAY_MAX 36500

struct solve_days {
    bool dated; /* "start" was given */
    bg_date start;
};
bg_err solve_days_read(struct solve_at input, struct solve_days *ret); /* field "start", optional */
/* A day from `min` on; `fallback` where the field is absent. A date needs the plan's start. */
bg_err solve_day_or(struct solve_at at, const char *name, const struct solve_days *days, int32_t min, int32_t fallback, int32_t *ret);
/* The key with the day as number, or as date when the plan has a start. */
void solve_put_day(struct bg_buf *out, const char *key, const struct solve_days *days, int32_t day);

#endif
