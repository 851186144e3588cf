/* What the files of the portfolio engine share. Private to it. */
#ifndef BG_ENGINE_PORTFOLIO_IMPL_H
#define BG_ENGINE_PORTFOLIO_IMPL_H

#include "engine/portfolio.h"

/* The sources of one item in the order of use, and room to evaluate one scenario. */
struct portfolio_recourse {
    const struct portfolio_problem *p;
    int32_t item, first, count; /* sources [first, first + count) */
    int32_t *order; /* [count + 1] by price - unused; `count` stands for spot, moved by its price in each scenario */
    double *released; /* [count + 1] units released and not used yet */
    double *price; /* [days] dual of the day's need, from that day on */
};
struct portfolio_value {
    double use, waste, shortage; /* yuan: of units used, of units left, of units not served */
    double left, unmet;
    int32_t worst_day; /* unmet = need - releases up to this day; -1: everything served */
};

bg_err portfolio_recourse_make(const struct portfolio_problem *p, int32_t item, struct bg_arena *arena,
                               struct portfolio_recourse *ret);
/* One scenario. With `slope` [count]: adds probability x subgradient of the cost, and to *ret_constant the constant of the cut
 * cost >= constant + slope X that the duals prove. */
void portfolio_serve(struct portfolio_recourse *r, int32_t scenario, const double *commit, struct portfolio_value *ret,
                     double *slope, double *ret_constant);
/* Mean of the worst (1 - level) of the values, with probabilities. */
double portfolio_tail(const double *value, const double *probability, int32_t count, double level);
bg_err portfolio_check(const struct portfolio_problem *p);

#endif
