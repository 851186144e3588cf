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
    double price; /* a unit of cost in the flow's whole numbers */
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
            dearest = c > dearest && isfinite(c) ? c : dearest;
        }
    }
    double price = dearest > 0 ? COSTS / dearest : 1;
    t->price = price;
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
            if (isfinite(c)) {
                t->arcs[t->count++] =
                    (struct flow_arc){ .from = i, .to = p->sites + j, .cap = FLOW_INFINITE, .cost = llround(c * price) };
            }
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
        if (best >= 0 && isfinite(p->cost[(int64_t)best * p->customers + j])) {
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
        e = flow_solve(t.nodes, t.supply, t.arcs, t.count, l->potential, &result);
    }
    for (int32_t i = 0; !bg_failed(e) && l->potential != NULL && i < p->sites; i++) {
        l->room_price[i] = open[i] ? (double)(l->potential[i] - l->potential[p->sites + p->customers]) * unit / t.price : 0;
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

bg_err location_assign(const struct location_problem *problem, const bool *open, double *ret_cost, double *ret_share)
{
    static const struct location_limits none = { 0 };
    struct location l = { .p = problem, .limits = &none };
    double cost;
    BG_TRY(location_serve(&l, open, ret_share, &cost));
    if (!isfinite(cost)) {
        return BG_FAIL(BG_LOCATION_SMALL);
    }
    *ret_cost = cost;
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

/* --- a better set nearby --- */
struct move {
    double bound; /* no plan with the set after the move costs less */
    int32_t out, in; /* sites; -1: none */
};
struct descent {
    struct location *l;
    bool *open, *trial; /* [sites] */
    double cost, capacity;
    double *near, *next; /* [customers] least and second cost of an open site with the price of its room */
    int32_t *near_site; /* [customers] */
    struct move *moves;
    int64_t count;
};

static int by_bound(const void *left, const void *right)
{
    const struct move *a = left, *b = right;
    if (a->bound != b->bound) {
        return a->bound < b->bound ? -1 : 1;
    }
    return a->out != b->out ? (a->out > b->out) - (a->out < b->out) : (a->in > b->in) - (a->in < b->in);
}

/* Each set is worked out once: sets seen are remembered by a hash (a collision only skips a set). */
static bool seen_before(struct location *l, const bool *open)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int32_t i = 0; i < l->p->sites; i++) {
        h = (h ^ (uint64_t)(open[i] ? i + 1 : 0)) * 0x100000001b3u;
        h ^= open[i] ? h >> 29 : 0;
    }
    uint64_t *slot = &l->seen[h % LOCATION_SEEN];
    bool seen = *slot == h;
    *slot = h;
    return seen;
}

static void find_near(struct descent *d)
{
    const struct location_problem *p = d->l->p;
    for (int32_t j = 0; j < p->customers; j++) {
        d->near[j] = d->next[j] = INFINITY;
        d->near_site[j] = -1;
    }
    d->capacity = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        d->capacity += d->open[i] ? p->capacity[i] : 0;
        for (int32_t j = 0; d->open[i] && j < p->customers; j++) {
            double c = p->cost[(int64_t)i * p->customers + j] + d->l->room_price[i] * p->demand[j];
            if (c < d->near[j]) {
                d->next[j] = d->near[j];
                d->near[j] = c;
                d->near_site[j] = i;
            } else if (c < d->next[j]) {
                d->next[j] = c;
            }
        }
    }
}

/* The Lagrangian bound of the set after the move, at the prices of room of the set before it. */
static double bound_move(const struct descent *d, double base, int32_t out, int32_t in)
{
    const struct location_problem *p = d->l->p;
    const double *cost = in >= 0 ? p->cost + (int64_t)in * p->customers : NULL;
    double sum = base;
    sum -= out >= 0 ? p->fixed[out] - d->l->room_price[out] * p->capacity[out] : 0;
    sum += in >= 0 ? p->fixed[in] : 0;
    for (int32_t j = 0; j < p->customers; j++) {
        double c = d->near_site[j] == out ? d->next[j] : d->near[j];
        sum += cost != NULL && cost[j] < c ? cost[j] : c;
    }
    return sum;
}

static void add_move(struct descent *d, double base, int32_t out, int32_t in)
{
    const struct location_problem *p = d->l->p;
    double capacity = d->capacity - (out >= 0 ? p->capacity[out] : 0) + (in >= 0 ? p->capacity[in] : 0);
    if (capacity < d->l->total_demand || (out >= 0 && d->l->state[out] == SITE_OPEN) || (in >= 0 && d->l->state[in] == SITE_CLOSED)) {
        return;
    }
    double bound = bound_move(d, base, out, in);
    if (bound < d->cost) {
        d->moves[d->count++] = (struct move){ bound, out, in };
    }
}

/* All flips and swaps whose bound is below the cost now. */
static void find_moves(struct descent *d)
{
    const struct location_problem *p = d->l->p;
    double base = 0;
    find_near(d);
    for (int32_t i = 0; i < p->sites; i++) {
        base += d->open[i] ? p->fixed[i] - d->l->room_price[i] * p->capacity[i] : 0;
    }
    d->count = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        if (!d->open[i]) {
            add_move(d, base, -1, i);
            continue;
        }
        add_move(d, base, i, -1);
        for (int32_t k = 0; k < p->sites && !location_stopped(d->l); k++) {
            if (!d->open[k]) {
                add_move(d, base, i, k);
            }
        }
    }
    qsort(d->moves, (size_t)d->count, sizeof *d->moves, by_bound);
}

static bg_err value_set(struct location *l, const bool *open, double *ret)
{
    BG_TRY(location_serve(l, open, NULL, ret));
    if (*ret < l->best_cost - 1e-9 * fabs(l->best_cost) || !isfinite(l->best_cost)) {
        l->best_cost = *ret;
        memcpy(l->best_open, open, (size_t)l->p->sites * sizeof *open);
    }
    return BG_DONE;
}

/* Goes to better neighbours, the most promising first, at most `most` tries a step. */
static bg_err descend(struct descent *d, int64_t most)
{
    size_t m = (size_t)d->l->p->sites;
    for (bool better = true; better;) {
        better = false;
        BG_TRY(value_set(d->l, d->open, &d->cost)); /* sets the prices of room */
        if (!isfinite(d->cost) || location_stopped(d->l)) {
            return BG_DONE;
        }
        find_moves(d);
        for (int64_t k = 0; k < d->count && k < most && !better && !location_stopped(d->l); k++) {
            double cost;
            memcpy(d->trial, d->open, m * sizeof *d->trial);
            if (d->moves[k].out >= 0) {
                d->trial[d->moves[k].out] = false;
            }
            if (d->moves[k].in >= 0) {
                d->trial[d->moves[k].in] = true;
            }
            if (seen_before(d->l, d->trial)) {
                continue;
            }
            BG_TRY(value_set(d->l, d->trial, &cost));
            if (cost < d->cost - 1e-9 * fabs(d->cost)) {
                memcpy(d->open, d->trial, m * sizeof *d->open);
                better = true;
            }
        }
    }
    return BG_DONE;
}

bg_err location_improve(struct location *l, const bool *open, bool thorough)
{
    size_t m = (size_t)l->p->sites, n = (size_t)l->p->customers;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
    BG_TRY(bg_need(arena));
    struct descent d = { .l = l };
    d.open = bg_arena_array(arena, m, sizeof *d.open);
    d.trial = bg_arena_array(arena, m, sizeof *d.trial);
    d.near = bg_arena_array(arena, n, sizeof *d.near);
    d.next = bg_arena_array(arena, n, sizeof *d.next);
    d.near_site = bg_arena_array(arena, n, sizeof *d.near_site);
    d.moves = bg_arena_array(arena, m * (m + 1) / 4 + m + 2, sizeof *d.moves);
    if (d.open == NULL || d.trial == NULL || d.near == NULL || d.next == NULL || d.near_site == NULL || d.moves == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    memcpy(d.open, open, m * sizeof *d.open);
    make_feasible(l, d.open);
    if (seen_before(l, d.open)) {
        return BG_DONE;
    }
    return descend(&d, thorough ? 400 : 40);
}

bg_err location_take(struct location *l, const bool *open)
{
    double cost;
    return value_set(l, open, &cost);
}
