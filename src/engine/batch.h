/* Batches (划拨批次): deliveries onto vehicles by capacity and time window. First fit in the order of closing time, each delivery at its
 * cheapest place in the vehicle's round; a delivery larger than the room of any vehicle is split; then each round is shortened by 2-opt
 * (Croes, Operations Research 6, 1958). A heuristic: rounds are short, never late and never too heavy; no claim of an optimum is made.
 * Travel: the straight line times 1.3 at the given pace, in whole minutes, rounded up. Deterministic; the order of rows does not matter. */
#ifndef BG_ENGINE_BATCH_H
#define BG_ENGINE_BATCH_H

#include "base/base.h"

#define BATCH_DROPS_MAX 20000
#define BATCH_VEHICLES_MAX 2000
#define BATCH_STOPS_MAX 60 /* in one round */
#define BATCH_METRES_MAX 10000000
#define BATCH_MINUTES_MAX 10080
#define BATCH_LOAD_MAX INT64_C(1000000000000)

struct batch_place {
    int64_t x, y; /* metres on any flat grid, |x|, |y| <= BATCH_METRES_MAX */
};
struct batch_drop {
    int64_t order; /* distinct */
    int32_t depot, receiver;
    int64_t load; /* > 0, in the unit of the vehicles' capacity */
    int32_t open, close; /* minutes of the day between which it may be handed over */
    int32_t serve; /* minutes to unload */
};
struct batch_vehicle {
    int64_t order; /* distinct; earlier ones are filled first */
    int32_t depot;
    int64_t capacity; /* > 0 */
    int32_t from, until; /* minutes: leaves not before, is back not after */
};
struct batch_problem {
    int32_t depots, receivers, drops, vehicles;
    const struct batch_place *depot, *receiver;
    const struct batch_drop *drop;
    const struct batch_vehicle *vehicle;
    int32_t pace; /* metres a minute, > 0 */
};

struct batch_stop {
    int32_t vehicle, drop;
    int64_t load;
    int32_t arrive; /* minute of the hand-over's start */
};
enum batch_reason { BATCH_NO_ROOM, BATCH_NO_TIME, BATCH_NO_VEHICLE };
struct batch_left {
    int32_t drop;
    int64_t load;
    enum batch_reason reason; /* room: all full; time: there is room, but no round keeps the windows; none at its depot */
};
struct batch_result {
    struct batch_stop *stop; /* by vehicle, in the order of the round */
    int32_t stops;
    struct batch_left *left; /* what no vehicle takes */
    int32_t lefts;
};
/* Arrays in the arena. BG_BAD_INPUT names the field. */
bg_err batch_solve(const struct batch_problem *problem, struct bg_arena *arena, struct batch_result *ret);

#endif
