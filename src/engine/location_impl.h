/* What the files of the location engine share. Private to it. */
#ifndef BG_ENGINE_LOCATION_IMPL_H
#define BG_ENGINE_LOCATION_IMPL_H

#include "engine/location.h"

#define LOCATION_SEEN 65536

enum site_state { SITE_FREE, SITE_OPEN, SITE_CLOSED };

struct location {
    const struct location_problem *p;
    const struct location_limits *limits;
    double total_demand;
    double *u, *best_u; /* [customers] multipliers */
    double *value; /* [sites] least reduced cost of opening the site */
    double *served; /* [customers] how often served in the relaxed plan */
    bool *relaxed; /* [sites] opened by the relaxed plan */
    double *often; /* [sites] share of steps in which it was */
    int32_t *order; /* scratch [max(sites, customers)] */
    double *key; /* scratch, like order */
    #define LOCATION_SEEN 65536

enum site_state *state; /* [sites] */
    bool *best_open, *trial; /* [sites] */
    double best_cost;
    double *best_share; /* [sites x customers] or NULL */
    int64_t *potential; /* [sites + customers + 1] of the last plan worked out; NULL: not wanted */
    double *room_price; /* [sites] what one more unit of capacity would save in that plan */
    uint64_t *seen; /* [LOCATION_SEEN] sets already worked out */
    int64_t nodes;
};

/* Time to end with what is proved? */
static inline bool location_stopped(const struct location *l)
{
    return l->limits->stop != NULL && l->limits->stop(l->limits->ctx);
}

/* Lower bound of the current node by at most `steps` subgradient steps from l->u; keeps the multipliers. Stops early above
 * `enough`. */
double location_bound(struct location *l, int steps, double enough);
/* Cost of serving everyone from the sites in `open`, INFINITY when they cannot; share may be NULL. */
bg_err location_serve(struct location *l, const bool *open, double *share, double *ret);
/* Tries a set of sites and its neighbours; keeps the best plan found. */
bg_err location_improve(struct location *l, const bool *open, bool thorough);
/* Works this very set out, and keeps it when it is the best. */
bg_err location_take(struct location *l, const bool *open);

#endif
