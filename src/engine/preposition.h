/* Prepositioning (预置): where to open depots of which size and what to keep there, before it is known which scenario comes; then
 * goods move along the links that are still open. Two stages, after Rawls and Turnquist, "Pre-positioning of emergency supplies
 * for disaster response", Transportation Research Part B 44 (2010): min sum_il fixed_l y_il + sum_ik cost_k r_ik + sum_s p_s [
 * sum_ka carry_k km_a x_kas + sum_ik unused_k z_iks + shortage_k w_iks ] sum_k volume_k r_ik <= sum_l room_l y_il,  sum_l y_il <=
 * 1,  y binary survives_is r_ik + in x - out x - z_iks + w_iks = need_iks,  x = 0 on closed links and where asked CVaR_level(
 * sum_ik shortage_k w_iks ) <= cvar_max */
#ifndef BG_ENGINE_PREPOSITION_H
#define BG_ENGINE_PREPOSITION_H

#include "engine/linear.h"

#define PREPOSITION_COLUMNS_MAX 1000000

struct preposition_link {
    int32_t from, to;
    double km;
};
struct preposition_problem {
    int32_t sites, sizes, items, links, scenarios;
    const double *room, *fixed; /* [sizes] */
    const double *volume, *cost, *carry, *unused, *shortage; /* [items] a unit; carry: a unit and kilometre */
    const struct preposition_link *link; /* one way */
    const double *probability; /* [scenarios], sum 1 */
    const double *need; /* [scenarios x sites x items] */
    const double *survives; /* [scenarios x sites] share of what is kept that is still there */
    const uint8_t *closed; /* [scenarios x links] */
    double level, cvar_max; /* INFINITY: not asked */
};
struct preposition_result {
    double cost, bound, gap; /* the bound on whole numbers is the solver's */
    double fixed, stock, carry, unused, shortage; /* parts of the cost */
    int32_t *size; /* [sites] size opened, -1: none */
    double *keep; /* [sites x items] */
    double *fill; /* [scenarios] share of the need that is met */
    double *without; /* [sites] what the cost grows by when only this depot stays shut, goods kept anew; NAN where none is open */
    double *with; /* [sites] what it falls by when a depot of the best size is opened here as well (< 0: it grows) */
    int64_t nodes;
};

/* The program alone, to hold against other solvers. */
bg_err preposition_model(const struct preposition_problem *problem, struct linear_model *ret);
/* BG_BAD_INPUT names the field; BG_PREPOSITION_RISK when no plan keeps cvar_max. Arrays in the arena. `stop` (may be NULL) is
 * asked before each of the later solves of `without` and `with`; what is left then is NAN. gap 0: 0.001. */
bg_err preposition_solve(const struct preposition_problem *problem, double gap, const struct linear_solver *solver,
                         bool (*stop)(void *), void *ctx, struct bg_arena *arena, struct preposition_result *ret);

#endif
