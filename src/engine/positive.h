/* The positive list (正面清单) under a limit of passes: which firms' transport to keep running so that the cascade of missing
 * inputs and orders (cascade.h) costs least. Firms not listed ship only the share `flow`. Loss of a list S: L(S) = sum_i weight_i
 * (1 - level_i) / sum_i weight_i,   shock_i = 1 - flow for i not in S Inputs are complements, so adding firms one by one can
 * stall: candidates are taken with the suppliers they can not do without (a bundle), greedily by loss avoided a pass; from the
 * other end, firms that are missed least leave a list of all; the better of both is improved by exchanges. Where the lists are
 * few enough all are tried. */
#ifndef BG_ENGINE_POSITIVE_H
#define BG_ENGINE_POSITIVE_H

#include "engine/cascade.h"

enum positive_state {
    POSITIVE_CANDIDATE,
    POSITIVE_MANDATORY, /* listed in any case; uses passes */
    POSITIVE_EXCLUDED, /* may not be listed */
    POSITIVE_EXEMPT /* ships without a pass */
};

struct positive_problem {
    const struct cascade_network *network;
    double flow; /* share an unlisted firm still ships, 0…1 */
    const double *weight; /* [firms] >= 0 */
    const int32_t *passes; /* [firms] >= 1 */
    const uint8_t *state; /* [firms] enum positive_state */
    int64_t limit; /* passes */
    int64_t tries; /* lists that may be evaluated; 0: as many as 3e8 visits of links and firms allow, at least 200 */
    bool (*stop)(void *ctx); /* asked between tries: time is the caller's business; NULL: never */
    void *ctx;
};

struct positive_result {
    double loss, loss_none, loss_all; /* with the list; with nobody listed but the mandatory; with everybody who may be */
    int64_t passes, tries;
    bool exact; /* every list that matters was tried */
    bool all_looked_at; /* false: candidates beyond the first by weight and dependents were left out */
    bool stopped;
};

/* ret_listed[firms]; ret_price[firms] (NAN where not evaluated): for a listed firm what the loss would grow by without it, for
 * another what it would fall by with it and its bundle: the price of its exclusion. BG_BAD_INPUT names the field;
 * BG_POSITIVE_LIMIT when the mandatory firms alone need more passes. */
bg_err positive_list(const struct positive_problem *problem, struct positive_result *ret, bool *ret_listed, double *ret_price);

/* L of a given list. */
bg_err positive_loss(const struct positive_problem *problem, const struct cascade *cascade, const bool *listed, double *ret);

#endif
