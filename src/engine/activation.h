/* Emergency production start (快速启动): the most useful output of many makers over the first days, the day each reaches full
 * capacity, what holds each back, and what removing an obstacle gains - found by solving again with the obstacle removed, because
 * prices of a linear program are ambiguous where several things bind and wrong for lumps. max  sum_t (1 - early t) sum_fp value_p
 * x_fpt line    sum_p line_hours_fp x_fpt <= line_f (0 before open_f)
 *   crew    sum_p crew_hours_fp x_fpt <= min(crew_max,
 * crew_0 + hire t) stock   I_fmt = I_fm,t-1 + b_fmt - sum_p bom_pm x_fpt >= 0           supply  sum_f b_fmt <= supply_mt trucks
 * sum_fm load_m b_fmt + sum_fp load_p x_fpt <= trucks_t        sterilisation  sum_fp steril_p x_fpt <= steril_t Full capacity:
 * the lines run at `full` of their hours on every day from then on; the first such day by bisection over feasibility. */
#ifndef BG_ENGINE_ACTIVATION_H
#define BG_ENGINE_ACTIVATION_H

#include "engine/linear.h"

#define ACTIVATION_COLUMNS_MAX 400000 /* firms x (products + 2 materials) x days at most */
#define ACTIVATION_STEPS_MAX 2000

struct activation_problem {
    int32_t firms, products, materials, days;
    double early; /* how much less a day later counts, 0…0.01 a day */
    double full; /* share of the line's hours that counts as full capacity, for example 0.95 */
    const double *value; /* [products] what a unit counts */
    const double *line_hours, *crew_hours; /* [firms x products] for a unit; line 0: the firm does not make it */
    const double *line; /* [firms] line hours a day */
    const int32_t *open; /* [firms] first day it may work, 0…days */
    const double *crew, *hire, *crew_max; /* [firms] crew hours on day 0, more each day, at most */
    const double *bom; /* [products x materials] material for a unit */
    const double *stock; /* [firms x materials] at the start */
    const double *supply; /* [materials x days] what reaches the city; INFINITY: as much as wanted */
    const double *load_material, *load_product; /* truck loads a unit */
    const double *trucks; /* [days] loads; INFINITY: no limit */
    const double *steril; /* [products] sterilisation a unit */
    const double *steril_day; /* [days]; INFINITY: no limit */
};

enum activation_kind {
    ACTIVATION_LINE, /* hours a day more for a firm */
    ACTIVATION_CREW, /* crew hours a day more for a firm */
    ACTIVATION_MATERIAL, /* units a day more: of the city's supply, or brought to one firm */
    ACTIVATION_STOCK, /* units once, on day `from`, to one firm */
    ACTIVATION_TRUCKS, /* loads a day more */
    ACTIVATION_STERIL, /* sterilisation a day more */
    ACTIVATION_PERMIT, /* `amount` days earlier open */
    ACTIVATION_KINDS
};
struct activation_step { /* an intervention */
    enum activation_kind kind;
    int32_t firm; /* -1: the city's */
    int32_t material;
    int32_t from; /* first day */
    double amount, cost;
};
struct activation_gain {
    double value; /* more useful output over all days, found by solving again */
    bool chosen; /* by the plan within the budget */
};
struct activation_bind { /* what holds a firm back; gain 0: nothing does */
    struct activation_step step; /* the lump that was tried */
    double gain; /* found by solving again */
    int32_t from; /* first day on which it binds in the plan, -1: its price is 0 throughout */
};
#define ACTIVATION_BINDS 2

struct activation_result {
    double value; /* of the plan: sum of value x output */
    double *output; /* [firms x products x days] */
    double *use; /* [firms x days] line hours used */
    int32_t *full_day; /* [firms] first day of lasting full capacity if the firm comes first, -1: not within the horizon */
    int32_t city_day; /* the same for the hours of all firms together */
    int32_t all_day; /* the same for every firm at once */
    struct activation_bind *bind; /* [firms x ACTIVATION_BINDS] strongest first */
    struct activation_bind shared[3]; /* trucks, sterilisation, the scarcest material: gain of a tenth more */
    struct activation_gain *gain; /* [steps] */
    double budget_value, budget_gap; /* useful output with the chosen steps; proven gap of the choice, later days counting less */
    double gap; /* of the plan, proved */
    int32_t solves, unproved; /* infeasible verdicts without a proof of ours */
};

/* `budget` < 0: no choice is made. Arrays in the arena. BG_BAD_INPUT names the field; errors of the solver. */
bg_err activation_solve(const struct activation_problem *problem, const struct activation_step *steps, int32_t count,
                        double budget, const struct linear_solver *solver, struct bg_arena *arena, struct activation_result *ret);
/* The plan's program alone, to hold against other solvers. */
bg_err activation_model(const struct activation_problem *problem, struct bg_arena *arena, struct linear_model *ret);

#endif
