/* Prepositioning: the mixed-integer program, its plan, and what each depot is worth. */
#include <math.h>
#include <string.h>

#include "engine/preposition.h"

/* Numbers of the first columns. */
struct places {
    int32_t y, r, second, eta, u;
    int32_t per; /* columns of a scenario: x [items x links], z, w [sites x items] */
};

static struct places places_of(const struct preposition_problem *p)
{
    struct places at = { .r = p->sites * p->sizes };
    at.second = at.r + p->sites * p->items;
    at.per = p->items * (p->links + 2 * p->sites);
    at.eta = at.second + at.per * p->scenarios;
    at.u = at.eta + 1;
    return at;
}

static bool good(const double *list, int64_t count, double most)
{
    for (int64_t i = 0; i < count; i++) {
        if (!(list[i] >= 0 && list[i] <= most)) {
            return false;
        }
    }
    return true;
}

static bg_err check(const struct preposition_problem *p)
{
    if (p->sites < 1 || p->sizes < 1 || p->items < 1 || p->links < 0 || p->scenarios < 1 || p->sites > 10000 || p->sizes > 100 ||
        p->items > 1000 || p->links > 1000000 || p->scenarios > 10000 ||
        ((int64_t)p->items * (p->links + 2 * (int64_t)p->sites) + 1) * p->scenarios > PREPOSITION_COLUMNS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "sites");
    }
    double sum = 0;
    for (int32_t s = 0; s < p->scenarios; s++) {
        sum += p->probability[s];
    }
    const char *bad = NULL;
    bad = good(p->room, p->sizes, 1e15) && good(p->fixed, p->sizes, 1e15) ? bad : "sizes";
    bad = good(p->volume, p->items, 1e9) && good(p->cost, p->items, 1e12) && good(p->carry, p->items, 1e9) &&
                  good(p->unused, p->items, 1e12) && good(p->shortage, p->items, 1e12)
              ? bad
              : "items";
    bad = good(p->probability, p->scenarios, 1) && fabs(sum - 1) < 1e-9 ? bad : "probability";
    bad = good(p->need, (int64_t)p->scenarios * p->sites * p->items, 1e12) ? bad : "need";
    bad = good(p->survives, (int64_t)p->scenarios * p->sites, 1) ? bad : "survives";
    bad = p->level >= 0 && p->level < 1 && p->cvar_max >= 0 ? bad : "cvar_max";
    for (int32_t a = 0; a < p->links; a++) {
        const struct preposition_link *l = &p->link[a];
        bool fine =
            l->from >= 0 && l->from < p->sites && l->to >= 0 && l->to < p->sites && l->from != l->to && l->km >= 0 && l->km < 1e6;
        bad = fine ? bad : "links";
    }
    return bad != NULL ? BG_FAIL_AT(BG_BAD_INPUT, bad) : BG_DONE;
}

static void add_columns(const struct preposition_problem *p, struct linear_model *m)
{
    for (int32_t i = 0; i < p->sites * p->sizes; i++) {
        (void)linear_whole(m, p->fixed[i % p->sizes], 0, 1);
    }
    for (int32_t i = 0; i < p->sites * p->items; i++) {
        (void)linear_column(m, p->cost[i % p->items], 0, INFINITY);
    }
    for (int32_t s = 0; s < p->scenarios; s++) {
        double share = p->probability[s];
        for (int32_t k = 0; k < p->items; k++) {
            for (int32_t a = 0; a < p->links; a++) {
                bool closed = p->closed[(int64_t)s * p->links + a] != 0;
                (void)linear_column(m, share * p->carry[k] * p->link[a].km, 0, closed ? 0 : INFINITY);
            }
        }
        for (int32_t i = 0; i < 2 * p->sites * p->items; i++) {
            (void)linear_column(m, share * (i < p->sites * p->items ? p->unused : p->shortage)[i % p->items], 0, INFINITY);
        }
    }
    (void)linear_column(m, 0, 0, INFINITY);
    for (int32_t s = 0; s < p->scenarios; s++) {
        (void)linear_column(m, 0, 0, INFINITY);
    }
}

static void add_balance(const struct preposition_problem *p, struct linear_model *m, int32_t s, const int32_t *first,
                        const int32_t *next)
{
    struct places at = places_of(p);
    int32_t base = at.second + s * at.per, z = base + p->items * p->links, w = z + p->sites * p->items;
    for (int32_t i = 0; i < p->sites; i++) {
        for (int32_t k = 0; k < p->items; k++) {
            double need = p->need[((int64_t)s * p->sites + i) * p->items + k];
            linear_row(m, need, need);
            linear_add(m, at.r + i * p->items + k, p->survives[(int64_t)s * p->sites + i]);
            for (int32_t e = first[i]; e >= 0; e = next[e]) { /* e = 2 link + (0 goes out, 1 comes in) */
                linear_add(m, base + k * p->links + e / 2, e % 2 != 0 ? 1 : -1);
            }
            linear_add(m, z + i * p->items + k, -1);
            linear_add(m, w + i * p->items + k, 1);
        }
    }
    if (isfinite(p->cvar_max)) { /* u >= sum shortage w - eta */
        linear_row(m, 0, INFINITY);
        linear_add(m, at.u + s, 1);
        linear_add(m, at.eta, 1);
        for (int32_t i = 0; i < p->sites * p->items; i++) {
            linear_add(m, w + i, -p->shortage[i % p->items]);
        }
    }
}

static bg_err build(const struct preposition_problem *p, struct linear_model *m)
{
    struct places at = places_of(p);
    int32_t *first = bg_heap_get(((size_t)p->sites + 2 * (size_t)p->links) * sizeof *first);
    BG_TRY(bg_need(first));
    int32_t *next = first + p->sites;
    for (int32_t i = 0; i < p->sites; i++) {
        first[i] = -1;
    }
    for (int32_t e = 2 * p->links - 1; e >= 0; e--) {
        int32_t site = e % 2 != 0 ? p->link[e / 2].to : p->link[e / 2].from;
        next[e] = first[site];
        first[site] = e;
    }
    linear_open(m);
    add_columns(p, m);
    for (int32_t i = 0; i < p->sites; i++) {
        linear_row(m, -INFINITY, 0);
        for (int32_t k = 0; k < p->items; k++) {
            linear_add(m, at.r + i * p->items + k, p->volume[k]);
        }
        for (int32_t l = 0; l < p->sizes; l++) {
            linear_add(m, i * p->sizes + l, -p->room[l]);
        }
        linear_row(m, -INFINITY, 1);
        for (int32_t l = 0; l < p->sizes; l++) {
            linear_add(m, i * p->sizes + l, 1);
        }
    }
    for (int32_t s = 0; s < p->scenarios; s++) {
        add_balance(p, m, s, first, next);
    }
    if (isfinite(p->cvar_max)) {
        linear_row(m, -INFINITY, p->cvar_max);
        linear_add(m, at.eta, 1);
        for (int32_t s = 0; s < p->scenarios; s++) {
            linear_add(m, at.u + s, p->probability[s] / (1 - p->level));
        }
    }
    bg_heap_free(first);
    bg_err e = linear_check_model(m);
    if (bg_failed(e)) {
        linear_close(m);
    }
    return e;
}

bg_err preposition_model(const struct preposition_problem *p, struct linear_model *ret)
{
    BG_TRY(check(p));
    return build(p, ret);
}

static void read_plan(const struct preposition_problem *p, const double *x, struct preposition_result *r)
{
    struct places at = places_of(p);
    for (int32_t i = 0; i < p->sites; i++) {
        r->size[i] = -1;
        for (int32_t l = 0; l < p->sizes; l++) {
            if (x[i * p->sizes + l] > 0.5) {
                r->size[i] = l;
                r->fixed += p->fixed[l];
            }
        }
        for (int32_t k = 0; k < p->items; k++) {
            double kept = x[at.r + i * p->items + k];
            r->keep[i * p->items + k] = kept > 1e-7 ? kept : 0;
            r->stock += p->cost[k] * kept;
        }
    }
    for (int32_t s = 0; s < p->scenarios; s++) {
        int32_t base = at.second + s * at.per, z = base + p->items * p->links, w = z + p->sites * p->items;
        double need = 0, missed = 0;
        for (int32_t c = 0; c < p->items * p->links; c++) {
            r->carry += p->probability[s] * p->carry[c / p->links] * p->link[c % p->links].km * x[base + c];
        }
        for (int32_t i = 0; i < p->sites * p->items; i++) {
            r->unused += p->probability[s] * p->unused[i % p->items] * x[z + i];
            r->shortage += p->probability[s] * p->shortage[i % p->items] * x[w + i];
            need += p->need[(int64_t)s * p->sites * p->items + i];
            missed += x[w + i];
        }
        r->fill[s] = need > 0 ? 1 - missed / need : 1;
    }
}

/* Depots stand as in the plan but for one site; goods are kept and moved anew. */
static bg_err again(const struct preposition_problem *p, struct linear_model *m, const struct linear_solver *solver, int32_t site,
                    int32_t size, const struct preposition_result *r, double *ret_cost)
{
    struct linear_answer a;
    for (int32_t i = 0; i < p->sites; i++) {
        for (int32_t l = 0; l < p->sizes; l++) {
            m->low[i * p->sizes + l] = m->high[i * p->sizes + l] = (i == site ? size : r->size[i]) == l ? 1 : 0;
        }
    }
    BG_TRY(solver->solve(solver->ctx, m, NULL, &a));
    *ret_cost = a.status == LINEAR_OPTIMAL ? a.objective : INFINITY;
    return BG_DONE;
}

static bg_err worths(const struct preposition_problem *p, struct linear_model *m, const struct linear_solver *solver,
                     bool (*stop)(void *), void *ctx, struct preposition_result *r)
{
    double plan, cost;
    memset(m->whole, 0, (size_t)m->columns);
    m->wholes = 0;
    BG_TRY(again(p, m, solver, -1, -1, r, &plan));
    for (int32_t i = 0; i < p->sites; i++) {
        r->without[i] = r->with[i] = NAN;
    }
    for (int32_t i = 0; i < p->sites; i++) {
        if (stop != NULL && stop(ctx)) {
            break;
        }
        if (r->size[i] >= 0) {
            BG_TRY(again(p, m, solver, i, -1, r, &cost));
            r->without[i] = cost - plan;
            continue;
        }
        double best = INFINITY;
        for (int32_t l = 0; l < p->sizes; l++) {
            BG_TRY(again(p, m, solver, i, l, r, &cost));
            best = fmin(best, cost);
        }
        r->with[i] = plan - best;
    }
    return BG_DONE;
}

static bg_err solve_in(const struct preposition_problem *p, double gap, struct linear_model *m,
                       const struct linear_solver *solver, bool (*stop)(void *), void *ctx, struct preposition_result *r)
{
    struct linear_answer a;
    BG_TRY(solver->solve(solver->ctx, m, &(struct linear_options){ .gap = gap > 0 ? gap : 1e-3, .nodes_max = 200000 }, &a));
    if (a.status == LINEAR_INFEASIBLE) { /* needs may go short at a price, so only the bound on risk can fail */
        return BG_FAIL_AT(BG_PREPOSITION_RISK, "cvar_max");
    }
    if (!a.point) {
        return BG_FAIL(BG_LP_TIME);
    }
    r->cost = a.objective;
    r->bound = a.bound;
    r->gap = a.gap;
    r->nodes = a.nodes;
    read_plan(p, a.x, r);
    return worths(p, m, solver, stop, ctx, r);
}

bg_err preposition_solve(const struct preposition_problem *p, double gap, const struct linear_solver *solver,
                         bool (*stop)(void *), void *ctx, struct bg_arena *arena, struct preposition_result *ret)
{
    struct preposition_result r = { 0 };
    struct linear_model m;
    BG_TRY(check(p));
    r.size = bg_arena_array(arena, (size_t)p->sites, sizeof *r.size);
    r.keep = bg_arena_array(arena, (size_t)p->sites * (size_t)p->items, sizeof *r.keep);
    r.fill = bg_arena_array(arena, (size_t)p->scenarios, sizeof *r.fill);
    r.without = bg_arena_array(arena, (size_t)p->sites, sizeof *r.without);
    r.with = bg_arena_array(arena, (size_t)p->sites, sizeof *r.with);
    if (r.size == NULL || r.keep == NULL || r.fill == NULL || r.without == NULL || r.with == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    BG_TRY(build(p, &m));
    bg_err e = solve_in(p, gap, &m, solver, stop, ctx, &r);
    linear_close(&m);
    BG_TRY(e);
    *ret = r;
    return BG_DONE;
}
