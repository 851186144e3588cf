/* Production start: the plan, the days of full capacity, what binds, what removing it gains, and the best choice within a budget.
 */
#include <math.h>
#include <string.h>

#include "engine/activation_impl.h"

struct run {
    struct activation_program g;
    const struct linear_solver *solver;
    struct activation_result *r;
    double *price; /* [rows] of the plan */
};

static bg_err solve(struct run *run, struct linear_answer *a)
{
    run->r->solves++;
    return run->solver->solve(run->solver->ctx, &run->g.model, &(struct linear_options){ .gap = 1e-4, .nodes_max = 20000 }, a);
}

static double useful(const struct run *run, const double *x)
{
    const struct activation_problem *p = run->g.p;
    double sum = 0;
    for (int64_t at = 0; at < (int64_t)p->firms * p->products * p->days; at++) {
        sum += run->g.x[at] >= 0 ? p->value[at / p->days % p->products] * x[run->g.x[at]] : 0;
    }
    return sum;
}

static bg_err plan(struct run *run, struct bg_arena *arena)
{
    const struct activation_problem *p = run->g.p;
    struct activation_result *r = run->r;
    struct linear_answer a;
    BG_TRY(solve(run, &a));
    if (a.status != LINEAR_OPTIMAL) { /* every output may be 0 and lines are finite: only the solver can fail here */
        return BG_FAIL(BG_LP_WRONG);
    }
    r->gap = a.gap;
    r->value = useful(run, a.x);
    run->price = bg_arena_array(arena, (size_t)run->g.model.rows + 1, sizeof *run->price);
    BG_TRY(bg_need(run->price));
    memcpy(run->price, a.price, (size_t)run->g.model.rows * sizeof *run->price);
    for (int64_t at = 0; at < (int64_t)p->firms * p->products * p->days; at++) {
        double made = run->g.x[at] >= 0 ? a.x[run->g.x[at]] : 0;
        r->output[at] = made > 1e-9 ? made : 0;
        r->use[at / p->days / p->products * p->days + at % p->days] += r->output[at] * p->line_hours[at / p->days];
    }
    return BG_DONE;
}

/* Asks that firms [from, to) run at full capacity from day `day` on (days: nothing is asked). */
static void ask_full(struct run *run, int32_t from, int32_t to, int32_t day)
{
    const struct activation_problem *p = run->g.p;
    for (int32_t f = from; f < to; f++) {
        for (int32_t t = 0; t < p->days; t++) {
            int32_t row = run->g.line[f * p->days + t];
            run->g.model.row_low[row] = t >= day ? p->full * p->line[f] : -INFINITY;
        }
    }
}

static void ask_city(struct run *run, int32_t day)
{
    const struct activation_problem *p = run->g.p;
    double all = 0;
    for (int32_t f = 0; f < p->firms; f++) {
        all += p->line[f];
    }
    for (int32_t t = 0; t < p->days; t++) {
        run->g.model.row_low[run->g.city + t] = t >= day ? p->full * all : -INFINITY;
    }
}

/* First day from which what is asked can last, by bisection; -1: none. `firm` -1: every firm, -2: the sum of all. */
static bg_err first_full_day(struct run *run, int32_t firm, int32_t *ret)
{
    const struct activation_problem *p = run->g.p;
    int32_t low = firm >= 0 ? p->open[firm] : 0,
            high = p->days; /* possible at `high` (asking nothing), first possible in [low, high] */
    while (low < high) {
        int32_t middle = (low + high) / 2;
        struct linear_answer a;
        bool closed = false; /* a row before the firm's opening would ask for more than it may: no program at all */
        for (int32_t f = firm >= 0 ? firm : 0; f < (firm >= 0 ? firm + 1 : p->firms) && firm != -2; f++) {
            closed = closed || middle < p->open[f];
        }
        if (!closed) {
            if (firm == -2) {
                ask_city(run, middle);
            } else {
                ask_full(run, firm >= 0 ? firm : 0, firm >= 0 ? firm + 1 : p->firms, middle);
            }
            bg_err e = solve(run, &a);
            ask_full(run, firm >= 0 ? firm : 0, firm >= 0 ? firm + 1 : p->firms, p->days);
            ask_city(run, p->days);
            BG_TRY(e);
            run->r->unproved += a.status == LINEAR_INFEASIBLE && !a.proved;
        }
        if (!closed && a.status == LINEAR_OPTIMAL) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *ret = high < p->days ? high : -1;
    return BG_DONE;
}

/* Useful output gained by taking step `a`. */
static bg_err gain_of(struct run *run, int32_t a, double *ret)
{
    struct linear_model *m = &run->g.model;
    struct linear_answer answer;
    m->low[run->g.step + a] = m->high[run->g.step + a] = 1;
    bg_err e = solve(run, &answer);
    m->low[run->g.step + a] = m->high[run->g.step + a] = 0;
    BG_TRY(e);
    double gain = answer.status == LINEAR_OPTIMAL ? useful(run, answer.x) - run->r->value : 0;
    *ret = gain > 1e-7 * fmax(1, run->r->value) ? gain : 0;
    return BG_DONE;
}

/* First day on which the row that `s` widens has a price. */
static int32_t binds_from(const struct run *run, const struct activation_step *s)
{
    const struct activation_program *g = &run->g;
    int32_t days = g->p->days;
    for (int32_t t = 0; t < days; t++) {
        int32_t row = -1;
        switch (s->kind) {
        case ACTIVATION_LINE:
        case ACTIVATION_PERMIT: row = g->line[s->firm * days + t]; break;
        case ACTIVATION_CREW: row = g->crew[s->firm * days + t]; break;
        case ACTIVATION_MATERIAL:
        case ACTIVATION_STOCK:
            row = s->firm >= 0 ? g->stock[((int64_t)s->firm * g->p->materials + s->material) * days + t]
                               : g->supply[(int64_t)s->material * days + t];
            break;
        case ACTIVATION_TRUCKS: row = g->trucks[t]; break;
        case ACTIVATION_STERIL: row = g->steril[t]; break;
        case ACTIVATION_KINDS:
        default: break;
        }
        if (row >= 0 && fabs(run->price[row]) > 1e-9) {
            return t;
        }
    }
    return -1;
}

static void keep_best(struct activation_bind *best, int32_t count, const struct activation_bind *one)
{
    for (int32_t k = 0; k < count; k++) {
        if (one->gain > best[k].gain) {
            memmove(&best[k + 1], &best[k], (size_t)(count - k - 1) * sizeof *best);
            best[k] = *one;
            return;
        }
    }
}

/* Most of material m that firm f uses on a full day. */
static double full_use(const struct activation_problem *p, int32_t f, int32_t m)
{
    double most = 0;
    for (int32_t r = 0; r < p->products; r++) {
        double hours = p->line_hours[(int64_t)f * p->products + r];
        most = hours > 0 ? fmax(most, p->bom[(int64_t)r * p->materials + m] * p->line[f] / hours) : most;
    }
    return most;
}

static double full_crew(const struct activation_problem *p, int32_t f)
{
    double most = 0;
    for (int32_t r = 0; r < p->products; r++) {
        double hours = p->line_hours[(int64_t)f * p->products + r];
        most = hours > 0 ? fmax(most, p->crew_hours[(int64_t)f * p->products + r] * p->line[f] / hours) : most;
    }
    return most;
}

/* The tries: for each firm a tenth more line, crew and material and one day's earlier opening, for the city a tenth more of what
 * is shared. Behind the caller's own steps. */
static int32_t add_probes(const struct activation_problem *p, struct activation_step *steps, int32_t at)
{
    for (int32_t f = 0; f < p->firms; f++) {
        steps[at++] = (struct activation_step){ .kind = ACTIVATION_LINE, .firm = f, .material = -1, .amount = p->line[f] / 10 };
        steps[at++] =
            (struct activation_step){ .kind = ACTIVATION_CREW, .firm = f, .material = -1, .amount = full_crew(p, f) / 10 };
        if (p->open[f] > 0) {
            steps[at++] = (struct activation_step){ .kind = ACTIVATION_PERMIT, .firm = f, .material = -1, .amount = 1 };
        }
        for (int32_t m = 0; m < p->materials; m++) {
            double use = full_use(p, f, m);
            if (use > 0) {
                steps[at++] =
                    (struct activation_step){ .kind = ACTIVATION_MATERIAL, .firm = f, .material = m, .amount = use / 10 };
            }
        }
    }
    double loads = 0, steril = 0;
    for (int32_t t = 0; t < p->days; t++) {
        loads += isfinite(p->trucks[t]) ? p->trucks[t] / p->days : 0;
        steril += isfinite(p->steril_day[t]) ? p->steril_day[t] / p->days : 0;
    }
    steps[at++] = (struct activation_step){ .kind = ACTIVATION_TRUCKS, .firm = -1, .material = -1, .amount = loads / 10 };
    steps[at++] = (struct activation_step){ .kind = ACTIVATION_STERIL, .firm = -1, .material = -1, .amount = steril / 10 };
    for (int32_t m = 0; m < p->materials; m++) {
        double supply = 0;
        for (int32_t t = 0; t < p->days; t++) {
            double one = p->supply[(int64_t)m * p->days + t];
            supply += isfinite(one) ? one / p->days : 0;
        }
        steps[at++] = (struct activation_step){ .kind = ACTIVATION_MATERIAL, .firm = -1, .material = m, .amount = supply / 10 };
    }
    return at;
}

static bg_err try_all(struct run *run, int32_t own)
{
    struct activation_result *r = run->r;
    for (int32_t a = 0; a < run->g.steps_count; a++) {
        struct activation_bind one = { .step = run->g.steps[a], .from = binds_from(run, &run->g.steps[a]) };
        /* A row that has no price on any day gains nothing by being widened: weak duality, and our own check of the plan. */
        if (a < own || one.from >= 0) {
            BG_TRY(gain_of(run, a, &one.gain));
        }
        if (a < own) {
            r->gain[a].value = one.gain;
        } else if (one.step.firm >= 0) {
            keep_best(r->bind + (int64_t)one.step.firm * ACTIVATION_BINDS, ACTIVATION_BINDS, &one);
        } else {
            keep_best(r->shared, 3, &one);
        }
    }
    return BG_DONE;
}

static bg_err choose(struct run *run, int32_t own, double budget)
{
    struct linear_model *m = &run->g.model;
    struct linear_answer a;
    m->row_high[run->g.budget] = budget;
    for (int32_t s = 0; s < own; s++) {
        m->high[run->g.step + s] = run->r->gain[s].value > 0 ? 1 : 0;
        m->whole[run->g.step + s] = 1;
    }
    m->wholes = own;
    BG_TRY(solve(run, &a));
    if (!a.point) {
        return BG_FAIL(BG_LP_TIME);
    }
    run->r->budget_value = useful(run, a.x);
    run->r->budget_gap = a.gap;
    for (int32_t s = 0; s < own; s++) {
        run->r->gain[s].chosen = a.x[run->g.step + s] > 0.5;
    }
    return BG_DONE;
}

static bg_err solve_all(struct run *run, int32_t own, double budget, struct bg_arena *arena)
{
    const struct activation_problem *p = run->g.p;
    BG_TRY(plan(run, arena));
    for (int32_t f = 0; f < p->firms; f++) {
        BG_TRY(first_full_day(run, f, &run->r->full_day[f]));
    }
    BG_TRY(first_full_day(run, -2, &run->r->city_day));
    BG_TRY(first_full_day(run, -1, &run->r->all_day));
    BG_TRY(try_all(run, own));
    return budget >= 0 && own > 0 ? choose(run, own, budget) : BG_DONE;
}

bg_err activation_solve(const struct activation_problem *p, const struct activation_step *steps, int32_t count, double budget,
                        const struct linear_solver *solver, struct bg_arena *arena, struct activation_result *ret)
{
    struct activation_result r = { .city_day = -1, .all_day = -1 };
    BG_TRY(activation_check(p, steps, count));
    size_t firm_days = (size_t)p->firms * (size_t)p->days;
    size_t probes = (size_t)count + (size_t)p->firms * (3 + (size_t)p->materials) + 2 + (size_t)p->materials;
    struct activation_step *all = bg_arena_array(arena, probes, sizeof *all);
    r.output = bg_arena_array(arena, firm_days * (size_t)p->products, sizeof *r.output);
    r.use = bg_arena_array(arena, firm_days, sizeof *r.use);
    r.full_day = bg_arena_array(arena, (size_t)p->firms, sizeof *r.full_day);
    r.bind = bg_arena_array(arena, (size_t)p->firms * ACTIVATION_BINDS, sizeof *r.bind);
    r.gain = bg_arena_array(arena, (size_t)count + 1, sizeof *r.gain);
    if (all == NULL || r.output == NULL || r.use == NULL || r.full_day == NULL || r.bind == NULL || r.gain == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    if (count > 0) {
        memcpy(all, steps, (size_t)count * sizeof *all);
    }
    struct run run = { .solver = solver, .r = &r };
    BG_TRY(activation_build(p, all, add_probes(p, all, count), arena, &run.g));
    bg_err e = solve_all(&run, count, budget, arena);
    linear_close(&run.g.model);
    BG_TRY(e);
    *ret = r;
    return BG_DONE;
}
