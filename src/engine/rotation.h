/* Rotation of perishable stock (轮换): which lots leave for routine use at which receivers on which day, so that the least is written
 * off and no depot falls below its standard. One item, a plan of `days` days.
 *
 * A lot may be issued while it has `life_min` days of life left, that is up to day expiry - life_min; what has less is written off for
 * the plan and does not count towards the standard. A receiver uses `use[day]` a day from whatever source and takes up to `ahead` days
 * of use in advance. The plan is a minimum-cost flow over time (flow.h): for each depot and day a pool, whose carry to the next day is
 * at least the standard (as far as it can be held at all) and at most what has not passed its last day of issue; for each receiver and
 * day a store. Cost of a written-off unit: `value`; of a moved unit: the route's cost. Within a depot the earliest last day of
 * issue leaves first (FEFO), which no other order can beat.
 * With lots whose later arrivals expire later (the usual case) the plan is an exact optimum. Otherwise the pool lets an early lot stand
 * in for a later one; then the plan is made with shortened lives, which can be carried out, and `bound` is what no plan can beat.
 * Source: own formulation on the time-expanded network of Ford and Fulkerson (1958). */
#ifndef BG_ENGINE_ROTATION_H
#define BG_ENGINE_ROTATION_H

#include "base/base.h"

#define ROTATION_DEPOTS_MAX 1000
#define ROTATION_RECEIVERS_MAX 5000
#define ROTATION_LOTS_MAX 100000
#define ROTATION_DAYS_MAX 3660
#define ROTATION_NODES_MAX 4000000 /* (depots + receivers) x days */
#define ROTATION_ARCS_MAX 16000000 /* open routes x days, and three a node */
#define ROTATION_TOTAL_MAX INT64_C(1000000000000)
#define ROTATION_VALUE_MAX 1000000 /* a unit */
#define ROTATION_NO_ROUTE INT64_C(-1)

struct rotation_lot {
    int64_t order; /* distinct; settles ties */
    int32_t depot, day; /* there from this day, >= 0 */
    int32_t expiry; /* last day of use; INT32_MAX: none */
    int64_t quantity;
};
struct rotation_problem {
    int32_t days, depots, receivers, lots;
    int32_t life_min; /* >= 0 */
    const int64_t *keep; /* [depots] the standard */
    const struct rotation_lot *lot;
    const int64_t *use; /* [receivers x days] routine use */
    const int32_t *ahead; /* [receivers] days of use that may be taken in advance, >= 0; at most life_min */
    const int64_t *cost; /* [depots x receivers] a unit, or ROTATION_NO_ROUTE; NULL: open and free */
    int64_t value; /* of a written-off unit, disposal included, in the currency's smallest unit */
};

struct rotation_move {
    int32_t lot, receiver, day;
    int64_t quantity;
};
struct rotation_loss {
    int32_t lot, day; /* written off at the end of this day */
    int64_t quantity;
};
struct rotation_low {
    int32_t depot, day; /* the first day on which the standard can not be held even when nothing leaves */
    int64_t lacking; /* on its worst day */
};
struct rotation_result {
    struct rotation_move *move; /* by depot, day, receiver, lot */
    int64_t moves;
    struct rotation_loss *loss;
    int64_t losses;
    struct rotation_low *low;
    int64_t lows;
    int64_t lost_before, lost; /* units written off within the plan: when nothing is issued; by the plan */
    int64_t route_cost; /* of the moves */
    int64_t cost; /* lost x value + route_cost */
    int64_t bound; /* no plan costs less */
};

/* Arrays of the result are in the arena. BG_BAD_INPUT names the field; BG_TOO_LARGE; BG_NO_MEMORY. Memory: about 120 bytes a node and
 * 90 an arc. Lots that passed their last day of issue before they are there count as written off on that day in both figures. */
bg_err rotation_solve(const struct rotation_problem *problem, struct bg_arena *arena, struct rotation_result *ret);

/* What the plan would lose with one condition lifted: why not more is saved. */
enum rotation_bound { ROTATION_BY_KEEP, ROTATION_BY_USE, ROTATION_BY_LIFE, ROTATION_BY_ROUTE, ROTATION_BY_COST, ROTATION_BOUNDS };
struct rotation_bound_text {
    const char *code;
    const char *zh, *en;
};
extern const struct rotation_bound_text rotation_bounds[ROTATION_BOUNDS];
struct rotation_why {
    enum rotation_bound bound;
    int64_t would; /* units lost with it lifted, fewer than now */
};
bg_err rotation_explain(const struct rotation_problem *problem, const struct rotation_result *result, struct rotation_why *ret,
                        int *ret_count);

#endif
