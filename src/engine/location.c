/* Branch and bound over the sites. */
#include "engine/location.h"

#include <math.h>
#include <string.h>

#include "engine/location_impl.h"

#define NODES_MAX 200000
#define ROOT_STEPS 600
#define NODE_STEPS 60

static bg_err check(const struct location_problem *p)
{
    if (p->sites < 1 || p->sites > LOCATION_SITES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "sites");
    }
    if (p->customers < 1 || p->customers > LOCATION_CUSTOMERS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "customers");
    }
    double capacity = 0, demand = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        if (!(p->capacity[i] > 0) || !isfinite(p->capacity[i])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "capacity");
        }
        if (!(p->fixed[i] >= 0) || !isfinite(p->fixed[i])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "fixed");
        }
        capacity += p->capacity[i];
    }
    for (int32_t j = 0; j < p->customers; j++) {
        if (!(p->demand[j] >= 0) || !isfinite(p->demand[j])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "demand");
        }
        demand += p->demand[j];
    }
    for (int64_t k = 0; k < (int64_t)p->sites * p->customers; k++) {
        if (!(p->cost[k] >= 0) || !isfinite(p->cost[k])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cost");
        }
    }
    return capacity < demand ? BG_FAIL(BG_LOCATION_SMALL) : BG_DONE;
}

/* One block for everything. */
static bg_err allocate(struct location *l, struct bg_arena *arena)
{
    size_t m = (size_t)l->p->sites, n = (size_t)l->p->customers, most = m > n ? m : n;
    l->u = bg_arena_array(arena, n, sizeof *l->u);
    l->best_u = bg_arena_array(arena, n, sizeof *l->best_u);
    l->value = bg_arena_array(arena, m, sizeof *l->value);
    l->served = bg_arena_array(arena, n, sizeof *l->served);
    l->relaxed = bg_arena_array(arena, m, sizeof *l->relaxed);
    l->often = bg_arena_array(arena, m, sizeof *l->often);
    l->order = bg_arena_array(arena, most, sizeof *l->order);
    l->key = bg_arena_array(arena, most, sizeof *l->key);
    l->state = bg_arena_array(arena, m, sizeof *l->state);
    l->best_open = bg_arena_array(arena, m, sizeof *l->best_open);
    l->trial = bg_arena_array(arena, m, sizeof *l->trial);
    l->potential = bg_arena_array(arena, m + n + 1, sizeof *l->potential);
    l->room_price = bg_arena_array(arena, m, sizeof *l->room_price);
    l->seen = bg_arena_array(arena, LOCATION_SEEN, sizeof *l->seen);
    BG_TRY(bg_need(l->potential));
    BG_TRY(bg_need(l->room_price));
    BG_TRY(bg_need(l->seen));
    return bg_need(l->u != NULL && l->best_u != NULL && l->value != NULL && l->served != NULL && l->relaxed != NULL &&
                           l->often != NULL && l->order != NULL && l->key != NULL && l->state != NULL && l->best_open != NULL
                       ? l->trial
                       : NULL);
}

/* The free site on which the relaxed plans disagreed most; -1: all sites are decided. */
static int32_t choose_site(const struct location *l)
{
    int32_t best = -1;
    double closest = 2;
    for (int32_t i = 0; i < l->p->sites; i++) {
        double away = fabs(l->often[i] - 0.5);
        if (l->state[i] == SITE_FREE && away < closest) {
            closest = away;
            best = i;
        }
    }
    return best;
}

static bool can_serve(const struct location *l)
{
    double capacity = 0;
    for (int32_t i = 0; i < l->p->sites; i++) {
        capacity += l->state[i] != SITE_CLOSED ? l->p->capacity[i] : 0;
    }
    return capacity >= l->total_demand;
}

/* What is shared by the whole search. */
struct search {
    struct location *l;
    int64_t nodes_max;
    double gap;
    double open_bound; /* least bound of the nodes given up */
    bool stopped;
};

static double cut(const struct search *s)
{
    return s->l->best_cost - s->gap * fabs(s->l->best_cost);
}

/* A node left unexplored limits what has been proved. */
static void give_up(struct search *s, double bound)
{
    s->stopped = true;
    s->open_bound = bound < s->open_bound ? bound : s->open_bound;
}

static bg_err explore(struct search *s, int depth, double inherited)
{
    struct location *l = s->l;
    if (!can_serve(l)) {
        return BG_DONE;
    }
    if (s->stopped || l->nodes >= s->nodes_max || location_stopped(l)) {
        give_up(s, inherited);
        return BG_DONE;
    }
    l->nodes++;
    double bound = location_bound(l, depth == 0 ? ROOT_STEPS : NODE_STEPS, cut(s));
    bound = bound > inherited ? bound : inherited;
    if (bound >= cut(s)) {
        return BG_DONE;
    }
    if (depth < 12 || l->nodes % 16 == 0) {
        memcpy(l->trial, l->relaxed, (size_t)l->p->sites * sizeof *l->trial);
        BG_TRY(location_improve(l, l->trial, depth == 0));
    }
    int32_t site = choose_site(l);
    if (site < 0) {
        for (int32_t i = 0; i < l->p->sites; i++) {
            l->trial[i] = l->state[i] == SITE_OPEN;
        }
        return location_take(l, l->trial); /* all decided: its exact cost is the answer of this leaf */
    }
    /* The side the relaxed plans preferred first; each side starts from this node's multipliers. */
    double *kept = bg_heap_get((size_t)l->p->customers * sizeof *kept);
    BG_TRY(bg_need(kept));
    memcpy(kept, l->u, (size_t)l->p->customers * sizeof *kept);
    bool open_first = l->often[site] >= 0.5;
    bg_err e = BG_DONE;
    for (int side = 0; side < 2 && !bg_failed(e); side++) {
        l->state[site] = (side == 0) == open_first ? SITE_OPEN : SITE_CLOSED;
        memcpy(l->u, kept, (size_t)l->p->customers * sizeof *kept);
        e = explore(s, depth + 1, bound);
    }
    l->state[site] = SITE_FREE;
    bg_heap_free(kept);
    return e;
}

static bg_err solve(struct location *l, struct location_result *ret, bool *ret_open, double *ret_share)
{
    struct search s = { .l = l,
                        .nodes_max = l->limits->nodes_max > 0 ? l->limits->nodes_max : NODES_MAX,
                        .gap = l->limits->gap > 0 ? l->limits->gap : 1e-9,
                        .open_bound = INFINITY };
    for (int32_t j = 0; j < l->p->customers; j++) {
        double least = INFINITY;
        for (int32_t i = 0; i < l->p->sites; i++) {
            double c = l->p->cost[(int64_t)i * l->p->customers + j];
            least = c < least ? c : least;
        }
        l->u[j] = least;
    }
    memset(l->trial, 0, (size_t)l->p->sites * sizeof *l->trial);
    BG_TRY(location_improve(l, l->trial, false)); /* some plan to begin with */
    BG_TRY(explore(&s, 0, 0));
    if (!isfinite(l->best_cost)) {
        return BG_FAIL(BG_LOCATION_SMALL);
    }
    double cost;
    BG_TRY(location_serve(l, l->best_open, ret_share, &cost));
    *ret = (struct location_result){ .cost = cost, .bound = s.open_bound < cost ? s.open_bound : cost, .nodes = l->nodes };
    for (int32_t i = 0; i < l->p->sites; i++) {
        ret_open[i] = l->best_open[i];
        ret->open_count += l->best_open[i];
    }
    return BG_DONE;
}

bg_err location_solve(const struct location_problem *problem, const struct location_limits *limits, struct location_result *ret,
                      bool *ret_open, double *ret_share)
{
    static const struct location_limits none = { 0 };
    BG_TRY(check(problem));
    BG_SCOPED_ARENA arena = bg_arena_open(1u << 30);
    BG_TRY(bg_need(arena));
    struct location l = { .p = problem, .limits = limits != NULL ? limits : &none, .best_cost = INFINITY };
    for (int32_t j = 0; j < problem->customers; j++) {
        l.total_demand += problem->demand[j];
    }
    BG_TRY(allocate(&l, arena));
    return solve(&l, ret, ret_open, ret_share);
}
