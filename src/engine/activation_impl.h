/* What the files of the activation engine share. Private to it. */
#ifndef BG_ENGINE_ACTIVATION_IMPL_H
#define BG_ENGINE_ACTIVATION_IMPL_H

#include "engine/activation.h"

/* Where things stand in the program. Every intervention is a column u, fixed at 0, that widens rows when it is 1. */
struct activation_program {
    const struct activation_problem *p;
    struct linear_model model;
    int32_t *x; /* [firms x products x days] column or -1 */
    int32_t *line, *crew; /* [firms x days] row */
    int32_t *stock; /* [firms x materials x days] row or -1 */
    int32_t *supply; /* [materials x days] row or -1 */
    int32_t *trucks, *steril; /* [days] row or -1 */
    int32_t city; /* first of [days] rows: all line hours of the day; free until asked */
    int32_t budget; /* row */
    int32_t step; /* first column of the steps */
    const struct activation_step *steps;
    int32_t steps_count;
};

bg_err activation_build(const struct activation_problem *p, const struct activation_step *steps, int32_t count,
                        struct bg_arena *arena, struct activation_program *ret);
bg_err activation_check(const struct activation_problem *p, const struct activation_step *steps, int32_t count);

#endif
