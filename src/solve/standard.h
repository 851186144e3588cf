/* What `standard` has read and computed, between its two files. Private to solve. */
#ifndef BG_SOLVE_STANDARD_H
#define BG_SOLVE_STANDARD_H

#include "engine/standard.h"
#include "solve/need.h"

#define PLAN_UPLIFTS_MAX (STANDARD_TRIALS_MAX - 1)

struct plan_stock { /* of one item */
    bool given, filled;
    double stock, base, price, weight, local, space;
    const double *inflow; /* [days] since the start */
    int lots;
    const double *lot;
    const int *lot_day;
    struct standard_fill fill; /* without the gap */
};
struct plan {
    struct solve_report *report;
    struct bg_arena *arena;
    struct need need;
    int levels, force; /* force: index of the level in force */
    int level[STANDARD_LEVELS_MAX];
    bool by_cost[STANDARD_LEVELS_MAX];
    struct standard_level rule[STANDARD_LEVELS_MAX];
    struct plan_stock *stock; /* [items] */
    struct standard_item *item;
    int uplifts;
    double uplift[PLAN_UPLIFTS_MAX];
    bool ordered, proposed;
    double budget;
    struct standard_result result, no_rounds,
        no_inflow; /* the latter two solved again; empty where there is nothing to leave out */
    struct standard_order *order; /* by order_of[item], -1: none */
    int *order_of;
    struct standard_state state;
    struct standard_proposal proposal;
};

bg_err plan_write(struct plan *plan);

#endif
