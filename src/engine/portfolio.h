/* The resource backstop (资源托底): how much own stock, own production, reserved capacity and framework quantity to commit to
 * before an outbreak, with the spot market in crisis as last resort, over demand scenarios, at least cost and waste under a bound
 * on unmet need. min  sum_j fee_j X_j + sum_s p_s sum_k Q_ks(X)     s.t.  CVaR_a( sum_k weight_k U_ks(X) ) <= bound,  sum_j fee_j
 * X_j <= budget Q_ks: cheapest way to serve item k in scenario s: source j releases profile_jt X_j units on day t, each kept
 * until used; use costs price_j, a released unit left at the end costs unused_j, spot costs its price and has a daily cap, a unit
 * not served costs `shortage`, at least as much as the dearest source: whatever can be served is served (有货必供). U_ks: units
 * not served, each day's need lost. Because holding is paid in the fee, serving each day from the cheapest units released so far
 * is optimal (exchange argument, see docs/methods/portfolio.md), so Q and its subgradients cost days x sources steps. Over all
 * scenarios the plan is found by cutting planes (L-shaped method: Van Slyke, Wets 1969; CVaR: Rockafellar, Uryasev 2000; options
 * as portfolio: Martinez-de-Albeniz, Simchi-Levi 2005); the lower bound comes from the last linear program and is proved by our
 * own arithmetic. */
#ifndef BG_ENGINE_PORTFOLIO_H
#define BG_ENGINE_PORTFOLIO_H

#include "engine/linear.h"

#define PORTFOLIO_ITEMS_MAX 200
#define PORTFOLIO_SOURCES_MAX 2000
#define PORTFOLIO_ITEM_SOURCES_MAX 64
#define PORTFOLIO_DAYS_MAX 400
#define PORTFOLIO_SCENARIOS_MAX 5000
#define PORTFOLIO_NEEDS_MAX 10000000 /* items x scenarios x days */
#define PORTFOLIO_POINTS_MAX 20

struct portfolio_source {
    int32_t item;
    double fee; /* a unit of commitment, >= 0 */
    double price; /* a unit used, >= 0 */
    double unused; /* a unit released and not used, >= 0 */
    double min, max; /* commitment */
    const double *profile; /* [days] units released a day by a unit of commitment, >= 0 */
};
struct portfolio_item {
    double shortage; /* a unit not served */
    double weight; /* of a unit not served in the bound, for example 1 / mean daily need: days of unmet need */
};
struct portfolio_problem {
    int32_t items, sources, scenarios, days;
    const struct portfolio_item *item;
    const struct portfolio_source *source; /* sorted by item */
    const double *probability; /* [scenarios], > 0, sum 1 */
    const double *need; /* [items x scenarios x days] */
    const double *spot_price, *spot_cap; /* [items x scenarios] a unit; units a day */
    const int32_t *spot_from; /* [items] first day that spot goods arrive */
    double level; /* of the CVaR, for example 0.95 */
    double budget; /* on all fees; INFINITY: none */
};

struct portfolio_cost { /* expectation over the scenarios */
    double fees, use, waste, shortage, total; /* yuan; waste: of units left; total includes shortage at its price */
    double cvar, mean_unmet, chance; /* weighted unmet need: tail mean, mean; probability of any */
    double left; /* units of sources with unused > 0 left at the end */
};

struct portfolio_point {
    double bound_cvar; /* what was asked; INFINITY: nothing */
    double *commit; /* [sources] */
    double *reduced; /* [sources] how much a unit's fee is too dear to be bought, 0 where it is bought between its bounds */
    struct portfolio_cost cost;
    double bound, gap; /* proved: no plan under bound_cvar costs less than bound */
    double price; /* yuan that one unit of CVaR less costs here, by the dual */
    double price_checked; /* the same by solving again for a little less; NAN where nothing less is possible */
    int32_t rounds;
};

struct portfolio_source_view { /* at one point */
    double yuan_cvar, yuan_cost; /* what one more yuan of this fee changes, by evaluating again; NAN at fee 0 or at max */
    double enter; /* fee below which it would be bought, by the dual; the fee itself where it is bought */
    int32_t dominated_by; /* a source of the same item that never costs more and never comes later; -1: none */
};

struct portfolio; /* a problem in work: cuts are kept from point to point */
bg_err portfolio_open(const struct portfolio_problem *problem, const struct linear_solver *solver, struct bg_arena *arena,
                      struct portfolio **ret);
void portfolio_close(struct portfolio *portfolio);
/* Smallest CVaR that any plan within bounds and budget reaches. */
bg_err portfolio_least_cvar(struct portfolio *portfolio, double *ret);
/* Cheapest plan with CVaR <= bound; BG_PORTFOLIO_RISK when there is none. `gap` 0: 1e-4; rounds_max 0: 400. `check`: also by a
 * little less, for price_checked. */
bg_err portfolio_plan(struct portfolio *portfolio, double bound_cvar, double gap, bool check, struct portfolio_point *ret);
/* The same with the max of one source or the budget (source -1) raised by `more`: the value of loosening, by solving again. */
bg_err portfolio_loosened(struct portfolio *portfolio, double bound_cvar, double gap, int32_t source, double more,
                          double *ret_total);
bg_err portfolio_view(struct portfolio *portfolio, const struct portfolio_point *point,
                      struct portfolio_source_view *ret_sources);
/* What a plan costs, exactly. */
bg_err portfolio_cost(const struct portfolio_problem *problem, const double *commit, struct bg_arena *arena,
                      struct portfolio_cost *ret);

#endif
