/* Sharing out one item in a shortage (分配方案): many depots with lots, many needs, several days. Exact, in integers.
 *
 * A lot may serve a need when a route leads from its depot to the receiver, the goods can be there on the day of the need (lot.day +
 * lead <= need.day) and still have the least remaining life (lot.expiry - need.day >= need.life_min). No depot goes below its own
 * standard: on every day, what has arrived minus what was drawn from it is at least `keep`, as far as it ever was.
 *
 * The rule is a list of steps, each exact within what the steps before it left open; allocate_steps[] is the table that the engine
 * runs and from which the published text is printed:
 *   floors   tier by tier, raise the lowest share of the floor first (lexicographic max-min of min(got, floor) / floor)
 *   fill     tier by tier, raise the lowest fill rate first (lexicographic max-min of got / asked)
 *   share    what the depots give, as a share of what each has above its own standard: lower the highest first (min-max)
 *   cost     the cheapest transport
 *   expiry   the earliest expiry dates leave first
 * Rates are compared as fractions, never as decimals. Rounding: a unit that can not be divided goes to the lowest rate; among equal
 * rates to the one that it raises most (for floors, then to the lower fill rate); then to the smaller `order`. The amounts a network
 * can bring to its receivers form a polymatroid, so that raising the lowest rate step by step reaches the lexicographic optimum
 * (Megiddo, "Optimal flows in networks with multiple sources and sinks", Math. Programming 7, 1974; Federgruen and Groenevelt,
 * "The greedy procedure for resource allocation problems", Operations Research 34, 1986). Levels are found by cuts as in Dinkelbach's
 * method; costs by network simplex (flow.h).
 *
 * `order` (an id, or the moment of the request) must differ within each list. The answer depends on it and not on the order of the
 * rows. Memory: about 60 bytes for each pair of lot and need that may meet, 200 a row. */
#ifndef BG_ENGINE_ALLOCATE_H
#define BG_ENGINE_ALLOCATE_H

#include "base/base.h"

#define ALLOCATE_DEPOTS_MAX 5000
#define ALLOCATE_RECEIVERS_MAX 50000
#define ALLOCATE_ROUTES_MAX 4000000 /* depots x receivers */
#define ALLOCATE_LOTS_MAX 100000
#define ALLOCATE_NEEDS_MAX 200000
#define ALLOCATE_PAIRS_MAX 8000000 /* lots x needs that may meet */
#define ALLOCATE_TOTAL_MAX INT64_C(1000000000000) /* sum of all lots; sum of all asked */
#define ALLOCATE_COST_MAX 1000000 /* a unit */
#define ALLOCATE_DAYS_MAX 36500
#define ALLOCATE_TIERS_MAX 99
#define ALLOCATE_NO_ROUTE INT64_C(-1)
#define ALLOCATE_NO_EXPIRY INT32_MAX

struct allocate_depot {
    int64_t order;
    int64_t keep; /* its own standard, >= 0 */
};
struct allocate_lot {
    int64_t order;
    int32_t depot;
    int32_t day; /* in the depot from this day, >= 0 */
    int32_t expiry; /* last day of use, counted like `day`; may lie in the past; ALLOCATE_NO_EXPIRY */
    int64_t quantity; /* usable and free, >= 0 */
};
struct allocate_need {
    int64_t order;
    int32_t receiver;
    int32_t day; /* wanted on this day, >= 0 */
    int32_t tier; /* 1 comes first */
    int32_t life_min; /* days of life left on `day`, >= 0 */
    int64_t asked; /* >= 0 */
    int64_t floor; /* 0 <= floor <= asked */
};

enum allocate_kind { ALLOCATE_FLOORS, ALLOCATE_FILL, ALLOCATE_SHARE, ALLOCATE_COST, ALLOCATE_EXPIRY, ALLOCATE_KINDS };

struct allocate_problem {
    int32_t depots, receivers, lots, needs;
    const struct allocate_depot *depot;
    const struct allocate_lot *lot;
    const struct allocate_need *need;
    const int64_t *cost; /* [depots x receivers] a unit, or ALLOCATE_NO_ROUTE; NULL: every route is open and costs nothing */
    const int32_t *lead; /* [depots x receivers] days on the way; NULL: 0 */
    const enum allocate_kind *step; /* the rule, in rising order of kind, starting with floors or fill */
    int32_t steps; /* 0: floors, fill, cost, expiry */
    bool (*stop)(void *ctx); /* asked between levels: time is the caller's business; NULL: never */
    void *ctx;
};

struct allocate_move {
    int32_t lot, need;
    int64_t quantity;
};
struct allocate_result {
    int64_t *got; /* [needs] */
    int64_t *given; /* [depots] */
    int64_t *free; /* [depots] what it could give above its own standard */
    struct allocate_move *move; /* each pair once, by order of need, then of lot */
    int64_t moves;
    int64_t cost; /* of all moves */
};

/* Arrays of the result are in the arena. BG_BAD_INPUT names the field; BG_TOO_LARGE with field "pairs"; BG_ENGINE_TIME
 * when told to stop (a share half made is no answer); BG_NO_MEMORY. */
bg_err allocate_solve(const struct allocate_problem *problem, struct bg_arena *arena, struct allocate_result *ret);

/* --- why not more --- */
/* A bound that may keep a need from getting more; each can be lifted for this need alone. */
enum allocate_bound {
    ALLOCATE_BY_ROUTE, /* depots from which no route is open */
    ALLOCATE_BY_LIFE, /* lots without the least remaining life */
    ALLOCATE_BY_DAY, /* goods that come too late */
    ALLOCATE_BY_KEEP, /* the depots' own standards */
    ALLOCATE_BY_HIGHER, /* needs of higher tiers, and floors that come first */
    ALLOCATE_BY_EQUAL, /* needs of the same tier with which it shares */
    ALLOCATE_BY_STOCK, /* there are not enough goods */
    ALLOCATE_BOUNDS
};
struct allocate_why {
    enum allocate_bound bound;
    int64_t would; /* what the need gets with this bound lifted and all else as it is; more than it got */
};
/* Solves again with each bound lifted, and lists those that bind (at most ALLOCATE_BOUNDS, most specific first; the list is never
 * empty for a need that got less than it asked). By STOCK, the missing quantity is added to the depot with the cheapest open route. */
bg_err allocate_explain(const struct allocate_problem *problem, const struct allocate_result *result, int32_t need,
                        struct allocate_why *ret, int *ret_count);

/* --- the published rule --- */
struct allocate_step {
    const char *code;
    const char *zh, *en; /* the sentence of the rule */
};
extern const struct allocate_step allocate_steps[ALLOCATE_KINDS];
struct allocate_bound_text {
    const char *code;
    const char *zh, *en; /* the reason */
};
extern const struct allocate_bound_text allocate_bounds[ALLOCATE_BOUNDS];
/* The text of a rule (step NULL or steps 0: the rule by default), numbered, a sentence a line. */
void allocate_rule_text(const enum allocate_kind *step, int32_t steps, bool english, struct bg_buf *out);

#endif
