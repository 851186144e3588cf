/* Plans: the exact cost of a set of open sites by a transportation flow, and better sets nearby. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/flow.h"
#include "engine/location_impl.h"

#define UNITS 1e6 /* the flow counts demand in whole numbers: so many for the largest */
#define COSTS 1e9 /* and costs a unit likewise */

/* Whole demands stay whole; others are scaled. */
static double unit_of(const struct location_problem *p)
{
    double most = 0;
    bool whole = true;
    for (int32_t j = 0; j < p->customers; j++) {
        most = p->demand[j] > most ? p->demand[j] : most;
        whole = whole && p->demand[j] == floor(p->demand[j]);
    }
    return whole && most < 1e9 ? 1 : UNITS / (most > 0 ? most : 1);
}

struct transport {
    int64_t *supply;
    struct flow_arc *arcs;
    int64_t count;
    int32_t nodes;
};

/* Sites are nodes 0…m-1, customers m…m+n-1, and one more node takes what stays in the sites. */
static bg_err build(const struct location *l, const bool *open, double unit, struct transport *t)
{
    const struct location_problem *p = l->p;
    int64_t total = 0, capacity = 0;
    double dearest = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        for (int32_t j = 0; open[i] && j < p->customers; j++) {
            double c = p->demand[j] > 0 ? p->cost[(int64_t)i * p->customers + j] / (p->demand[j] * unit) : 0;
            dearest = c > dearest ? c : dearest;
        }
    }
    double price = dearest > 0 ? COSTS / dearest : 1;
    for (int32_t j = 0; j < p->customers; j++) {
        t->supply[p->sites + j] = -llround(p->demand[j] * unit);
        total += llround(p->demand[j] * unit);
    }
    for (int32_t i = 0; i < p->sites; i++) {
        int64_t room = (int64_t)fmin(floor(p->capacity[i] * unit + 0.5), 4e15);
        room = room > total ? total : room;
        t->supply[i] = open[i] ? room : 0;
        capacity += t->supply[i];
        if (!open[i]) {
            continue;
        }
        for (int32_t j = 0; j < p->customers; j++) {
            double c = p->demand[j] > 0 ? p->cost[(int64_t)i * p->customers + j] / (p->demand[j] * unit) : 0;
            t->arcs[t->count++] =
                (struct flow_arc){ .from = i, .to = p->sites + j, .cap = FLOW_INFINITE, .cost = llround(c * price) };
        }
        t->arcs[t->count++] = (struct flow_arc){ .from = i, .to = p->sites + p->customers, .cap = FLOW_INFINITE };
    }
    t->supply[p->sites + p->customers] = total - capacity;
    return capacity < total ? BG_FAIL(BG_FLOW_INFEASIBLE) : BG_DONE;
}

static double read_cost(const struct location *l, const bool *open, double unit, const struct transport *t, double *share)
{
    const struct location_problem *p = l->p;
    double cost = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        cost += open[i] ? p->fixed[i] : 0;
    }
    for (int64_t a = 0; a < t->count; a++) {
        int32_t i = t->arcs[a].from, j = t->arcs[a].to - p->sites;
        if (j == p->customers || t->arcs[a].flow == 0) {
            continue;
        }
        double part = (double)t->arcs[a].flow / (double)-t->supply[p->sites + j];
        cost += part * p->cost[(int64_t)i * p->customers + j];
        if (share != NULL) {
            share[(int64_t)i * p->customers + j] = part;
        }
    }
    (void)unit;
    return cost;
}

/* Customers without demand go to their cheapest open site. */
static double serve_idle(const struct location *l, const bool *open, double *share)
{
    const struct location_problem *p = l->p;
    double cost = 0;
    for (int32_t j = 0; j < p->customers; j++) {
        int32_t best = -1;
        for (int32_t i = 0; p->demand[j] <= 0 && i < p->sites; i++) {
            if (open[i] && (best < 0 || p->cost[(int64_t)i * p->customers + j] < p->cost[(int64_t)best * p->customers + j])) {
                best = i;
            }
        }
        if (best >= 0) {
            cost += p->cost[(int64_t)best * p->customers + j];
            if (share != NULL) {
                share[(int64_t)best * p->customers + j] = 1;
            }
        }
    }
    return cost;
}

bg_err location_serve(struct location *l, const bool *open, double *share, double *ret)
{
    const struct location_problem *p = l->p;
    size_t nodes = (size_t)p->sites + (size_t)p->customers + 1, used = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        used += open[i];
    }
    struct transport t = { .nodes = (int32_t)nodes };
    t.supply = bg_heap_get(nodes * sizeof *t.supply);
    t.arcs = bg_heap_get(used * ((size_t)p->customers + 1) * sizeof *t.arcs + sizeof *t.arcs);
    if (share != NULL) {
        memset(share, 0, (size_t)p->sites * (size_t)p->customers * sizeof *share);
    }
    double unit = unit_of(p);
    struct flow_result result;
    bg_err e = t.supply == NULL || t.arcs == NULL ? BG_FAIL(BG_NO_MEMORY) : build(l, open, unit, &t);
    if (!bg_failed(e)) {
        e = flow_solve(t.nodes, t.supply, t.arcs, t.count, NULL, &result);
    }
    if (!bg_failed(e)) {
        *ret = read_cost(l, open, unit, &t, share) + serve_idle(l, open, share);
    } else if (e.code == BG_FLOW_INFEASIBLE) {
        *ret = INFINITY;
        e = BG_DONE;
    }
    bg_heap_free(t.supply);
    bg_heap_free(t.arcs);
    return e;
}

static bg_err try_plan(struct location *l, const bool *open, bool *ret_better)
{
    double cost;
    BG_TRY(location_serve(l, open, NULL, &cost));
    *ret_better = cost < l->best_cost - 1e-9 * fabs(l->best_cost);
    if (*ret_better || (!isfinite(l->best_cost) && isfinite(cost))) {
        l->best_cost = cost;
        memmove(l->best_open, open, (size_t)l->p->sites * sizeof *open);
    }
    return BG_DONE;
}

/* Opens the free sites cheapest a unit of capacity until the demand fits. */
static void make_feasible(const struct location *l, bool *open)
{
    double capacity = 0;
    for (int32_t i = 0; i < l->p->sites; i++) {
        capacity += open[i] ? l->p->capacity[i] : 0;
    }
    while (capacity < l->total_demand) {
        int32_t best = -1;
        for (int32_t i = 0; i < l->p->sites; i++) {
            if (!open[i] && (best < 0 || l->p->fixed[i] / l->p->capacity[i] < l->p->fixed[best] / l->p->capacity[best])) {
                best = i;
            }
        }
        if (best < 0) {
            return;
        }
        open[best] = true;
        capacity += l->p->capacity[best];
    }
}

/* One site flipped, or one open and one closed site swapped, as long as that helps. */
static bg_err local_search(struct location *l, bool swaps)
{
    int32_t m = l->p->sites;
    bool *open = bg_heap_get((size_t)m * sizeof *open);
    BG_TRY(bg_need(open));
    bg_err e = BG_DONE;
    bool better = true;
    for (int round = 0; better && round < 50 && !bg_failed(e); round++) {
        better = false;
        for (int32_t i = 0; i < m && !bg_failed(e) && !location_stopped(l); i++) {
            bool found;
            memcpy(open, l->best_open, (size_t)m * sizeof *open);
            open[i] = !open[i];
            e = try_plan(l, open, &found);
            better = better || found;
        }
        for (int32_t i = 0; swaps && i < m && !bg_failed(e); i++) {
            for (int32_t k = 0; k < m && !bg_failed(e) && !location_stopped(l); k++) {
                bool found = false;
                memcpy(open, l->best_open, (size_t)m * sizeof *open);
                if (open[i] && !open[k]) {
                    open[i] = false;
                    open[k] = true;
                    e = try_plan(l, open, &found);
                }
                better = better || found;
            }
        }
    }
    bg_heap_free(open);
    return e;
}

bg_err location_improve(struct location *l, const bool *open, bool thorough)
{
    bool better;
    bool *plan = bg_heap_get((size_t)l->p->sites * sizeof *plan);
    BG_TRY(bg_need(plan));
    memcpy(plan, open, (size_t)l->p->sites * sizeof *plan);
    make_feasible(l, plan);
    bg_err e = try_plan(l, plan, &better);
    bg_heap_free(plan);
    BG_TRY(e);
    if (!better && !thorough) {
        return BG_DONE;
    }
    return local_search(l, thorough && (int64_t)l->p->sites * l->p->customers < 10000);
}
