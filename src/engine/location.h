/* Where to open depots: the capacitated facility location problem with divisible demand.
 *   min  sum_i f_i y_i + sum_ij c_ij x_ij
 *   s.t. sum_i x_ij = 1,  sum_j d_j x_ij <= s_i y_i,  0 <= x_ij <= y_i,  y binary
 * Bound: Lagrangian relaxation of the demand rows with a continuous knapsack a site and the total-capacity knapsack over sites
 * (Beasley, "Lagrangean heuristics for location problems", EJOR 65, 1993), improved by subgradient steps; branch and bound on the
 * sites; upper bounds by exact transportation flows (flow.h) over the sites that the bound opens, with one-flip and swap moves.
 * The answer never claims more than it proved. */
#ifndef BG_ENGINE_LOCATION_H
#define BG_ENGINE_LOCATION_H

#include "base/base.h"

#define LOCATION_SITES_MAX 2000
#define LOCATION_CUSTOMERS_MAX 20000

struct location_problem {
    int32_t sites, customers;
    const double *capacity; /* [sites], > 0 */
    const double *fixed; /* [sites] cost of opening, >= 0 */
    const double *demand; /* [customers], >= 0 */
    const double *cost; /* [sites x customers] of serving all of a customer's demand from a site, >= 0 */
};
struct location_limits {
    int64_t nodes_max; /* of the branch and bound; 0: 200000 */
    double gap; /* stop when proven within this share of the cost; 0: 1e-9 */
    bool (*stop)(void *ctx); /* asked between nodes: time is the caller's business; NULL: never */
    void *ctx;
};
struct location_result {
    double cost, bound; /* cost of the plan; no plan can cost less than bound */
    int64_t nodes;
    int32_t open_count;
};
/* ret_open[sites]: which sites to open; ret_share[sites x customers] (may be NULL): x_ij. BG_BAD_INPUT names the field;
 * BG_LOCATION_SMALL when all capacity is less than all demand. Deterministic. */
bg_err location_solve(const struct location_problem *problem, const struct location_limits *limits, struct location_result *ret,
                      bool *ret_open, double *ret_share);

/* The exact cost of serving everyone from the sites in `open` (fixed costs included), and ret_share (may be NULL) as above. Here a cost
 * may be INFINITY: that site can not serve that customer. BG_LOCATION_SMALL when these sites can not serve everyone. */
bg_err location_assign(const struct location_problem *problem, const bool *open, double *ret_cost, double *ret_share);

/* Reads an OR-Library "cap" file: "m n", then m lines "capacity fixed", then for each customer its demand and m costs. A capacity
 * that is no number (the large files say "capacity") is taken from `capacity`, > 0. Arrays in the arena. */
bg_err location_parse(bg_str text, double capacity, struct bg_arena *arena, struct location_problem *ret);

#endif
