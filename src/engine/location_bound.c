/* The Lagrangian bound: demand rows relaxed, a continuous knapsack for each site, and the knapsack of total capacity over the
 * sites. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/location_impl.h"

static int by_key(const void *left, const void *right, void *ctx)
{
    const double *key = ctx;
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    if (key[a] != key[b]) {
        return key[a] < key[b] ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

/* The cheapest use of one open site at multipliers u: its fixed cost plus its best customers by reduced cost a unit of demand.
 * With `take`, adds what it serves to l->served. */
static double site_value(struct location *l, int32_t site, bool take)
{
    const struct location_problem *p = l->p;
    const double *cost = p->cost + (int64_t)site * p->customers;
    int32_t count = 0;
    double value = p->fixed[site], left = p->capacity[site];
    for (int32_t j = 0; j < p->customers; j++) {
        double reduced = cost[j] - l->u[j];
        if (reduced >= 0) {
            continue;
        }
        if (p->demand[j] <= 0) {
            value += reduced; /* takes no room */
            l->served[j] += take ? 1 : 0;
            continue;
        }
        l->key[j] = reduced / p->demand[j];
        l->order[count++] = j;
    }
    qsort_r(l->order, (size_t)count, sizeof *l->order, by_key, l->key);
    for (int32_t k = 0; k < count && left > 0; k++) {
        int32_t j = l->order[k];
        double share = p->demand[j] <= left ? 1 : left / p->demand[j];
        value += share * (cost[j] - l->u[j]);
        left -= share * p->demand[j];
        l->served[j] += take ? share : 0;
    }
    return value;
}

/* Opens the sites of the relaxed plan: those decided, those that pay, and then the cheapest a unit of capacity until all demand
 * fits; the last of them counts in part only, which keeps the sum a lower bound. */
static double open_sites(struct location *l)
{
    const struct location_problem *p = l->p;
    double sum = 0, capacity = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        l->value[i] = l->state[i] == SITE_CLOSED ? INFINITY : site_value(l, i, false);
        l->relaxed[i] = l->state[i] == SITE_OPEN || (l->state[i] == SITE_FREE && l->value[i] < 0);
        if (l->relaxed[i]) {
            sum += l->value[i];
            capacity += p->capacity[i];
        }
    }
    int32_t count = 0;
    for (int32_t i = 0; i < p->sites; i++) {
        if (!l->relaxed[i] && l->state[i] == SITE_FREE) {
            l->key[i] = l->value[i] / p->capacity[i];
            l->order[count++] = i;
        }
    }
    qsort_r(l->order, (size_t)count, sizeof *l->order, by_key, l->key);
    for (int32_t k = 0; k < count && capacity < l->total_demand; k++) {
        int32_t i = l->order[k];
        double lacking = l->total_demand - capacity;
        /* With equal capacities a site opens whole: half a site more is one site more. */
        bool equal = p->capacity[l->order[count - 1]] == p->capacity[i] && p->capacity[l->order[0]] == p->capacity[i];
        sum += lacking < p->capacity[i] && !equal ? l->value[i] * lacking / p->capacity[i] : l->value[i];
        capacity += p->capacity[i];
        l->relaxed[i] = true;
    }
    return sum;
}

double location_bound(struct location *l, int steps, double enough)
{
    const struct location_problem *p = l->p;
    double best = -INFINITY, scale = 2;
    int stalled = 0, taken = 0;
    memset(l->often, 0, (size_t)p->sites * sizeof *l->often);
    memcpy(l->best_u, l->u, (size_t)p->customers * sizeof *l->u);
    for (int step = 0; step < steps && scale > 1e-4 && (step == 0 || !location_stopped(l)); step++) {
        double bound = open_sites(l), square = 0;
        for (int32_t j = 0; j < p->customers; j++) {
            bound += l->u[j];
            l->served[j] = 0;
        }
        taken++;
        for (int32_t i = 0; i < p->sites; i++) {
            if (l->relaxed[i]) {
                (void)site_value(l, i, true);
                l->often[i]++;
            }
        }
        stalled = bound > best ? 0 : stalled + 1;
        if (bound > best) {
            best = bound;
            memcpy(l->best_u, l->u, (size_t)p->customers * sizeof *l->u);
        }
        if (best >= enough) {
            break;
        }
        if (stalled >= 15) {
            scale /= 2;
            stalled = 0;
        }
        for (int32_t j = 0; j < p->customers; j++) {
            square += (1 - l->served[j]) * (1 - l->served[j]);
        }
        if (square < 1e-12) {
            break;
        }
        double target = isfinite(l->best_cost) ? l->best_cost : fabs(best) * 1.1 + 1;
        double length = scale * (1.002 * target - bound) / square;
        for (int32_t j = 0; j < p->customers; j++) {
            l->u[j] += length * (1 - l->served[j]);
            l->u[j] = l->u[j] < 0 ? 0 : l->u[j]; /* serving a customer never pays less than nothing */
        }
    }
    memcpy(l->u, l->best_u, (size_t)p->customers * sizeof *l->u);
    for (int32_t i = 0; i < p->sites; i++) {
        l->often[i] /= taken > 0 ? taken : 1;
    }
    /* What rounding may have added is taken off, so that the bound stays one. */
    return best - 1e-11 * fabs(best);
}
