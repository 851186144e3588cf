/* Vehicles for an allocation: places, windows and vehicles of the document, and its batches in the answer. Private to solve. */
#ifndef BG_SOLVE_BATCHES_H
#define BG_SOLVE_BATCHES_H

#include "engine/batch.h"
#include "solve/day.h"

struct solve_batches {
    struct batch_place *depot, *receiver;
    int32_t *open, *close, *serve; /* of receivers */
    struct solve_names *names; /* of vehicles; NULL: no batches are wanted */
    struct batch_vehicle *vehicle;
    int32_t vehicles, pace;
    int64_t unit_load;
};
/* One delivery of the plan. */
struct solve_drop {
    int32_t depot, receiver, ship; /* day */
    int64_t quantity;
};
/* Room for so many; "vehicles", "pace" and "unit_load" are read when there are vehicles. */
bg_err solve_batches_open(struct bg_arena *arena, int32_t depots, struct solve_batches *ret);
bg_err solve_batches_receivers(struct bg_arena *arena, int32_t receivers, struct solve_batches *b);
bg_err solve_batches_place(struct solve_at row, struct batch_place *ret); /* "x", "y" */
bg_err solve_batches_window(struct solve_at row, struct solve_batches *b, int32_t receiver); /* "open", "close", "serve" */
bg_err solve_batches_read(struct solve_at root, struct bg_arena *arena, const struct solve_names *depots, struct solve_batches *b);
/* Writes "batches" and "left". The drops are put in order of day, depot, receiver; those of one are joined. */
bg_err solve_batches_put(struct solve_report *report, const struct solve_batches *b, const struct solve_names *depots,
                         const struct solve_names *receivers, const struct solve_days *days, struct solve_drop *drops, int64_t count);

#endif
