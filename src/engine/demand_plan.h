/* The model as streams. Private to the demand engine. */
#ifndef BG_ENGINE_DEMAND_PLAN_H
#define BG_ENGINE_DEMAND_PLAN_H

#include "engine/demand_impl.h"

struct demand_part { /* rate x doubt x sum of a driver */
    int driver, doubt; /* doubt -1: certain */
    float rate;
};
struct demand_stream {
    int first, last; /* parts */
    int item; /* of a reusable item, else -1 */
};
struct demand_term {
    int stream;
    float coefficient;
};
struct demand_plan {
    struct bg_arena *arena;
    int count, parts, terms, doubts, reusables;
    bool hold_doubt;
    struct demand_stream *streams;
    struct demand_part *part;
    struct demand_term *term;
    int *item_start; /* [items + 1] into term */
    double *shape; /* [doubts] */
    int *row_doubt, *row_stream, *direct_stream;
    int level_stream[DEMAND_LEVELS_MAX];
};
/* Always close, also after a failure. */
bg_err demand_plan_open(const struct demand_input *in, struct demand_plan *ret);
void demand_plan_close(struct demand_plan *plan);

#endif
