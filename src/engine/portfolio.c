/* The portfolio over all scenarios by cutting planes; what loosening a bound is worth. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/portfolio_impl.h"

#define GROUPS_MAX                                                                                                               \
    10 /* scenarios share a cost column in groups of like size: fewer cuts a round than one each, fewer rounds than one */

struct portfolio {
    const struct portfolio_problem *p;
    const struct linear_solver *solver;
    struct bg_arena *arena;
    struct linear_model m;
    struct portfolio_recourse *recourse; /* [items] */
    int32_t groups;
    int32_t *group; /* [scenarios] */
    int32_t theta, u, eta, z, c; /* first columns; source j is column j */
    int32_t row_z, row_cvar, row_budget;
    double *commit, *best; /* [sources] */
    double *slope; /* [groups x ITEM_SOURCES_MAX] */
    double *constant, *value; /* [groups] */
    double *unmet; /* [scenarios] weighted */
    double *units; /* [items x scenarios] */
    int32_t *worst; /* [items x scenarios] day */
    double least; /* smallest CVaR, NAN: not asked yet */
};

void portfolio_close(struct portfolio *pf)
{
    if (pf != NULL) {
        linear_close(&pf->m);
    }
}

struct ranked {
    double value;
    int32_t index;
};
static int by_value(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return a->index < b->index ? -1 : 1;
}

/* Groups of scenarios of like total need. */
static bg_err make_groups(struct portfolio *pf)
{
    const struct portfolio_problem *p = pf->p;
    struct ranked *list = bg_heap_get((size_t)p->scenarios * sizeof *list);
    BG_TRY(bg_need(list));
    for (int32_t s = 0; s < p->scenarios; s++) {
        list[s].index = s;
        for (int32_t k = 0; k < p->items; k++) {
            for (int32_t t = 0; t < p->days; t++) {
                list[s].value += p->item[k].weight * p->need[((int64_t)k * p->scenarios + s) * p->days + t];
            }
        }
    }
    qsort(list, (size_t)p->scenarios, sizeof *list, by_value);
    pf->groups = p->scenarios < GROUPS_MAX ? p->scenarios : GROUPS_MAX;
    for (int32_t i = 0; i < p->scenarios; i++) {
        pf->group[list[i].index] = (int32_t)((int64_t)i * pf->groups / p->scenarios);
    }
    bg_heap_free(list);
    return BG_DONE;
}

static void build(struct portfolio *pf)
{
    const struct portfolio_problem *p = pf->p;
    struct linear_model *m = &pf->m;
    linear_open(m);
    for (int32_t j = 0; j < p->sources; j++) {
        (void)linear_column(m, p->source[j].fee, p->source[j].min, p->source[j].max);
    }
    pf->theta = m->columns;
    for (int32_t i = 0; i < p->items * pf->groups; i++) {
        (void)linear_column(m, 1, 0, INFINITY);
    }
    pf->u = m->columns;
    for (int64_t i = 0; i < (int64_t)p->items * p->scenarios; i++) {
        (void)linear_column(m, 0, 0, INFINITY);
    }
    pf->eta = linear_column(m, 0, 0, INFINITY);
    pf->z = m->columns;
    for (int32_t s = 0; s < p->scenarios; s++) {
        (void)linear_column(m, 0, 0, INFINITY);
    }
    pf->c = linear_column(m, 0, 0, INFINITY);
    pf->row_z = m->rows;
    for (int32_t s = 0; s < p->scenarios; s++) { /* z >= unmet - eta */
        linear_row(m, 0, INFINITY);
        linear_add(m, pf->z + s, 1);
        linear_add(m, pf->eta, 1);
        for (int32_t k = 0; k < p->items; k++) {
            linear_add(m, pf->u + k * p->scenarios + s, -p->item[k].weight);
        }
    }
    pf->row_cvar = linear_row(m, -INFINITY, 0); /* eta + sum p z / (1 - level) <= c */
    linear_add(m, pf->eta, 1);
    linear_add(m, pf->c, -1);
    for (int32_t s = 0; s < p->scenarios; s++) {
        linear_add(m, pf->z + s, p->probability[s] / (1 - p->level));
    }
    pf->row_budget = linear_row(m, -INFINITY, p->budget);
    for (int32_t j = 0; j < p->sources; j++) {
        linear_add(m, j, p->source[j].fee);
    }
}

bg_err portfolio_open(const struct portfolio_problem *p, const struct linear_solver *solver, struct bg_arena *arena,
                      struct portfolio **ret)
{
    BG_TRY(portfolio_check(p));
    struct portfolio *pf = bg_arena_get(arena, sizeof *pf);
    BG_TRY(bg_need(pf));
    *pf = (struct portfolio){ .p = p, .solver = solver, .arena = arena, .least = NAN };
    size_t items = (size_t)p->items, scenarios = (size_t)p->scenarios, sources = (size_t)p->sources;
    pf->recourse = bg_arena_array(arena, items, sizeof *pf->recourse);
    pf->group = bg_arena_array(arena, scenarios, sizeof *pf->group);
    pf->commit = bg_arena_array(arena, sources, sizeof *pf->commit);
    pf->best = bg_arena_array(arena, sources, sizeof *pf->best);
    pf->slope = bg_arena_array(arena, (size_t)GROUPS_MAX * PORTFOLIO_ITEM_SOURCES_MAX, sizeof *pf->slope);
    pf->constant = bg_arena_array(arena, GROUPS_MAX, sizeof *pf->constant);
    pf->value = bg_arena_array(arena, GROUPS_MAX, sizeof *pf->value);
    pf->unmet = bg_arena_array(arena, scenarios, sizeof *pf->unmet);
    pf->units = bg_arena_array(arena, items * scenarios, sizeof *pf->units);
    pf->worst = bg_arena_array(arena, items * scenarios, sizeof *pf->worst);
    if (pf->recourse == NULL || pf->group == NULL || pf->commit == NULL || pf->best == NULL || pf->slope == NULL ||
        pf->constant == NULL || pf->value == NULL || pf->unmet == NULL || pf->units == NULL || pf->worst == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t k = 0; k < p->items; k++) {
        BG_TRY(portfolio_recourse_make(p, k, arena, &pf->recourse[k]));
    }
    BG_TRY(make_groups(pf));
    build(pf);
    bg_err e = linear_check_model(&pf->m);
    if (bg_failed(e)) {
        linear_close(&pf->m);
        return e;
    }
    *ret = pf;
    return BG_DONE;
}

/* What is served in all scenarios at pf->commit, with the cost cuts that the answer's theta falls short of by more than `slack`.
 */
static double serve_all(struct portfolio *pf, const double *x, double slack)
{
    const struct portfolio_problem *p = pf->p;
    double total = 0;
    memset(pf->unmet, 0, (size_t)p->scenarios * sizeof *pf->unmet);
    for (int32_t j = 0; j < p->sources; j++) {
        total += p->source[j].fee * pf->commit[j];
    }
    for (int32_t k = 0; k < p->items; k++) {
        struct portfolio_recourse *r = &pf->recourse[k];
        memset(pf->slope, 0, (size_t)GROUPS_MAX * PORTFOLIO_ITEM_SOURCES_MAX * sizeof *pf->slope);
        memset(pf->constant, 0, GROUPS_MAX * sizeof *pf->constant);
        memset(pf->value, 0, GROUPS_MAX * sizeof *pf->value);
        for (int32_t s = 0; s < p->scenarios; s++) {
            struct portfolio_value v;
            int32_t g = pf->group[s];
            portfolio_serve(r, s, pf->commit, &v, pf->slope + (size_t)g * PORTFOLIO_ITEM_SOURCES_MAX, &pf->constant[g]);
            pf->value[g] += p->probability[s] * (v.use + v.waste + v.shortage);
            pf->units[(int64_t)k * p->scenarios + s] = v.unmet;
            pf->worst[(int64_t)k * p->scenarios + s] = v.worst_day;
            pf->unmet[s] += p->item[k].weight * v.unmet;
        }
        for (int32_t g = 0; g < pf->groups; g++) {
            int32_t theta = pf->theta + k * pf->groups + g;
            total += pf->value[g];
            if (pf->value[g] - x[theta] > slack) {
                linear_row(&pf->m, pf->constant[g], INFINITY);
                linear_add(&pf->m, theta, 1);
                for (int32_t i = 0; i < r->count; i++) {
                    linear_add(&pf->m, r->first + i, -pf->slope[(size_t)g * PORTFOLIO_ITEM_SOURCES_MAX + (size_t)i]);
                }
            }
        }
    }
    return total;
}

/* u_ks >= need - releases up to the worst day. */
static void cut_unmet(struct portfolio *pf, int32_t k, int32_t s)
{
    const struct portfolio_problem *p = pf->p;
    int64_t at = (int64_t)k * p->scenarios + s;
    int32_t day = pf->worst[at];
    double need = 0;
    for (int32_t t = 0; t <= day; t++) {
        need += p->need[at * p->days + t] - (t >= p->spot_from[k] ? p->spot_cap[at] : 0);
    }
    linear_row(&pf->m, need, INFINITY);
    linear_add(&pf->m, pf->u + (int32_t)at, 1);
    const struct portfolio_recourse *r = &pf->recourse[k];
    for (int32_t i = 0; i < r->count; i++) {
        double sum = 0;
        for (int32_t t = 0; t <= day; t++) {
            sum += p->source[r->first + i].profile[t];
        }
        linear_add(&pf->m, r->first + i, sum);
    }
}

/* Cuts for the scenarios whose unmet need the program underrates. */
static void cut_tail(struct portfolio *pf, const double *x, double slack)
{
    const struct portfolio_problem *p = pf->p;
    for (int32_t s = 0; s < p->scenarios; s++) {
        if (pf->unmet[s] - x[pf->eta] - x[pf->z + s] <= slack) {
            continue;
        }
        for (int32_t k = 0; k < p->items; k++) {
            int64_t at = (int64_t)k * p->scenarios + s;
            if (pf->worst[at] >= 0 && p->item[k].weight * (pf->units[at] - x[pf->u + at]) > slack / p->items) {
                cut_unmet(pf, k, s);
            }
        }
    }
}

static bg_err ask(struct portfolio *pf, struct linear_answer *a)
{
    BG_TRY(pf->solver->solve(pf->solver->ctx, &pf->m, NULL, a));
    if (a->status == LINEAR_INFEASIBLE) {
        return BG_FAIL(BG_PORTFOLIO_RISK);
    }
    if (a->status != LINEAR_OPTIMAL) {
        return BG_FAIL(BG_LP_WRONG);
    }
    for (int32_t j = 0; j < pf->p->sources; j++) { /* the solver may be beyond a bound by its tolerance */
        pf->commit[j] = fmin(fmax(a->x[j], pf->m.low[j]), pf->m.high[j]);
        pf->commit[j] =
            pf->commit[j] < 1e-9 * fmax(1, pf->m.high[j] < 1e12 ? pf->m.high[j] : 1) && pf->m.low[j] == 0 ? 0 : pf->commit[j];
    }
    return BG_DONE;
}

static double tail(const struct portfolio *pf)
{
    return portfolio_tail(pf->unmet, pf->p->probability, pf->p->scenarios, pf->p->level);
}

#define RISK_SLACK 1e-6 /* weighted units: a thousandth of a thousandth of a day */

bg_err portfolio_least_cvar(struct portfolio *pf, double *ret)
{
    const struct portfolio_problem *p = pf->p;
    struct linear_answer a;
    bg_err e = BG_DONE;
    if (isnan(pf->least)) {
        memset(pf->m.cost, 0, (size_t)pf->m.columns * sizeof *pf->m.cost);
        pf->m.cost[pf->c] = 1;
        pf->m.high[pf->c] = INFINITY;
        double reached = INFINITY;
        for (int32_t round = 0; round < 400 && !bg_failed(e); round++) {
            e = ask(pf, &a);
            if (!bg_failed(e)) {
                (void)serve_all(pf, a.x, INFINITY);
                reached = fmin(reached, tail(pf));
                if (reached <= a.bound + RISK_SLACK) {
                    break;
                }
                cut_tail(pf, a.x, RISK_SLACK / 10);
            }
        }
        for (int32_t j = 0; j < p->sources; j++) {
            pf->m.cost[j] = p->source[j].fee;
        }
        for (int32_t i = 0; i < p->items * pf->groups; i++) {
            pf->m.cost[pf->theta + i] = 1;
        }
        pf->m.cost[pf->c] = 0;
        BG_TRY(e);
        pf->least = reached;
    }
    *ret = pf->least;
    return BG_DONE;
}

struct found {
    double total, cvar, bound, price;
    int32_t rounds;
};

/* Cutting planes until the best plan found is within `gap` of the bound; the plan is left in pf->best. */
static bg_err search(struct portfolio *pf, double bound_cvar, double gap, double *reduced, struct found *ret)
{
    struct linear_answer a;
    struct found f = { .total = INFINITY, .bound = -INFINITY };
    double worth = 1;
    pf->m.high[pf->c] = bound_cvar;
    while (f.rounds < 400) {
        BG_TRY(ask(pf, &a));
        f.rounds++;
        f.bound = fmax(f.bound, a.bound);
        double slack = gap * worth / (4.0 * pf->p->items * pf->groups);
        int32_t rows = pf->m.rows;
        double total = serve_all(pf, a.x, f.rounds == 1 ? 0 : slack), cvar = tail(pf);
        if (cvar <= bound_cvar + 2 * RISK_SLACK && total < f.total) {
            f.total = total;
            f.cvar = cvar;
            memcpy(pf->best, pf->commit, (size_t)pf->p->sources * sizeof *pf->best);
        }
        worth = fmax(1, fmin(total, f.total));
        f.price = -a.reduced[pf->c] > 0 ? -a.reduced[pf->c] : 0;
        if (reduced != NULL) {
            memcpy(reduced, a.reduced, (size_t)pf->p->sources * sizeof *reduced);
        }
        if (isfinite(f.total) && f.total - f.bound <= gap * fmax(1, f.total)) {
            break;
        }
        if (isfinite(bound_cvar)) {
            cut_tail(pf, a.x, RISK_SLACK / 10);
        }
        if (pf->m.rows == rows) { /* nothing left to learn at this precision */
            break;
        }
    }
    if (isinf(f.total)) {
        return BG_FAIL(BG_LP_TIME);
    }
    *ret = f;
    return BG_DONE;
}

bg_err portfolio_plan(struct portfolio *pf, double bound_cvar, double gap, bool check, struct portfolio_point *ret)
{
    struct found f, less;
    struct portfolio_point point = { .bound_cvar = bound_cvar, .price_checked = NAN };
    size_t size = (size_t)pf->p->sources * sizeof(double);
    gap = gap > 0 ? gap : 1e-4;
    point.commit = bg_arena_get(pf->arena, size);
    point.reduced = bg_arena_get(pf->arena, size);
    if (point.commit == NULL || point.reduced == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    double least = 0;
    if (isfinite(bound_cvar)) {
        BG_TRY(portfolio_least_cvar(pf, &least));
        if (bound_cvar < least - 2 * RISK_SLACK) {
            return BG_FAIL(BG_PORTFOLIO_RISK);
        }
        bound_cvar = fmax(bound_cvar, least);
    }
    BG_TRY(search(pf, bound_cvar, gap, point.reduced, &f));
    memcpy(point.commit, pf->best, size);
    point.bound = f.bound;
    point.gap = fmax(0, (f.total - f.bound) / fmax(1, fabs(f.total)));
    point.price = f.price;
    point.rounds = f.rounds;
    BG_TRY(portfolio_cost(pf->p, point.commit, pf->arena, &point.cost));
    double step = 0.01 * (point.cost.cvar - least);
    if (check && isfinite(bound_cvar) && step > 100 * RISK_SLACK) {
        /* the difference of two plans needs them closer than the step is worth */
        double fine = fmin(gap, 0.05 * f.price * step / fmax(1, f.total));
        fine = fmax(fine, 1e-8);
        struct found same;
        BG_TRY(search(pf, bound_cvar, fine, NULL, &same));
        BG_TRY(search(pf, bound_cvar - step, fine, NULL, &less));
        point.price_checked = (less.total - same.total) / step;
    }
    *ret = point;
    return BG_DONE;
}

bg_err portfolio_loosened(struct portfolio *pf, double bound_cvar, double gap, int32_t source, double more, double *ret_total)
{
    double *bound = source >= 0 ? &pf->m.high[source] : &pf->m.row_high[pf->row_budget];
    double kept = *bound, least = pf->least;
    struct found f;
    *bound = kept + more;
    bg_err e = search(pf, bound_cvar, gap > 0 ? gap : 1e-4, NULL, &f);
    *(source >= 0 ? &pf->m.high[source] : &pf->m.row_high[pf->row_budget]) = kept;
    pf->least = least;
    BG_TRY(e);
    *ret_total = f.total;
    return BG_DONE;
}

/* The least factor c for which c units of `one` have always released at least as much as a unit of `other`; INFINITY: none.
 * ret_same: and no more in all. */
static double covers(const struct portfolio_problem *p, int32_t one, int32_t other, bool *ret_same)
{
    double a = 0, b = 0, factor = 0;
    for (int32_t t = 0; t < p->days; t++) {
        a += p->source[one].profile[t];
        b += p->source[other].profile[t];
        if (b > 0) {
            factor = a > 0 ? fmax(factor, b / a) : INFINITY;
        }
    }
    *ret_same = factor * a <= b * (1 + 1e-12);
    return factor;
}

static int32_t dominated_by(const struct portfolio_problem *p, int32_t j, const double *commit)
{
    const struct portfolio_source *b = &p->source[j];
    for (int32_t i = 0; i < p->sources; i++) {
        const struct portfolio_source *a = &p->source[i];
        bool same;
        if (i == j || a->item != b->item || commit[i] >= a->max) {
            continue;
        }
        double factor = covers(p, i, j, &same);
        /* one that is dearer in nothing, whatever is used of it; with everything equal the first of the two stands */
        bool never_dearer =
            a->fee * factor <= b->fee && a->price <= b->price && (a->unused == 0 || (same && a->unused <= b->unused));
        bool better = a->fee * factor < b->fee || a->price < b->price || a->unused < b->unused || i < j;
        if (isfinite(factor) && never_dearer && better) {
            return i;
        }
    }
    return -1;
}

bg_err portfolio_view(struct portfolio *pf, const struct portfolio_point *point, struct portfolio_source_view *ret)
{
    const struct portfolio_problem *p = pf->p;
    memcpy(pf->commit, point->commit, (size_t)p->sources * sizeof *pf->commit);
    for (int32_t j = 0; j < p->sources; j++) {
        const struct portfolio_source *s = &p->source[j];
        bool bought = point->commit[j] > s->min + 1e-9 * fmax(1, s->min);
        ret[j] = (struct portfolio_source_view){ .yuan_cvar = NAN, .yuan_cost = NAN };
        ret[j].enter = bought ? s->fee : s->fee - fmax(0, point->reduced[j]);
        ret[j].dominated_by = bought ? -1 : dominated_by(p, j, point->commit);
        double more = s->fee > 0 ? fmin(1 / s->fee, s->max - point->commit[j]) : 0;
        if (more > 0) {
            struct bg_arena *scratch = bg_arena_open((size_t)64 << 20);
            struct portfolio_cost cost;
            BG_TRY(bg_need(scratch));
            pf->commit[j] += more;
            bg_err e = portfolio_cost(p, pf->commit, scratch, &cost);
            pf->commit[j] = point->commit[j];
            bg_arena_close(scratch);
            BG_TRY(e);
            ret[j].yuan_cvar = (cost.cvar - point->cost.cvar) / (more * s->fee);
            ret[j].yuan_cost = (cost.total - point->cost.total) / (more * s->fee);
        }
    }
    return BG_DONE;
}
