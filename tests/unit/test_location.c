/* Location: brute force over all sets of sites on small random cases; bounds are bounds; parsing and refusals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/location.h"
#include "engine/location_impl.h"
#include "tap.h"

#define SITES 6
#define CUSTOMERS 9

struct sample {
    double capacity[SITES], fixed[SITES], demand[CUSTOMERS], cost[SITES * CUSTOMERS];
    struct location_problem p;
};

static void make(struct sample *c, const struct bg_env *env, bool equal)
{
    for (int i = 0; i < SITES; i++) {
        c->capacity[i] = equal ? 40 : 20 + (double)bg_random_below(env, 50);
        c->fixed[i] = 50 + (double)bg_random_below(env, 200);
    }
    for (int j = 0; j < CUSTOMERS; j++) {
        c->demand[j] = (double)bg_random_below(env, 16);
        for (int i = 0; i < SITES; i++) {
            c->cost[i * CUSTOMERS + j] = (double)bg_random_below(env, 100) + 0.25;
        }
    }
    c->p = (struct location_problem){ SITES, CUSTOMERS, c->capacity, c->fixed, c->demand, c->cost };
}

/* The cheapest of all 2^SITES sets; each set's cost by the transportation flow, which is proved elsewhere. */
static double brute_force(struct sample *c)
{
    static const struct location_limits none = { 0 };
    double best = INFINITY;
    for (unsigned set = 1; set < 1u << SITES; set++) {
        bool open[SITES];
        double cost;
        for (int i = 0; i < SITES; i++) {
            open[i] = (set >> i & 1) != 0;
        }
        struct location l = { .p = &c->p, .limits = &none };
        if (!bg_failed(location_serve(&l, open, NULL, &cost)) && cost < best) {
            best = cost;
        }
    }
    return best;
}

static bool shares_hold(const struct sample *c, const bool *open, const double *share, double cost)
{
    double sum = 0;
    for (int i = 0; i < SITES; i++) {
        double load = 0;
        for (int j = 0; j < CUSTOMERS; j++) {
            double x = share[i * CUSTOMERS + j];
            if (x < 0 || (x > 0 && !open[i])) {
                return false;
            }
            load += x * c->demand[j];
            sum += x * c->cost[i * CUSTOMERS + j];
        }
        sum += open[i] ? c->fixed[i] : 0;
        if (load > c->capacity[i] + 1e-6) {
            return false;
        }
    }
    for (int j = 0; j < CUSTOMERS; j++) {
        double served = 0;
        for (int i = 0; i < SITES; i++) {
            served += share[i * CUSTOMERS + j];
        }
        if (fabs(served - 1) > 1e-9) {
            return false;
        }
    }
    return fabs(sum - cost) < 1e-6 * cost;
}

static void random_cases(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 17, 0);
    int right = 0, plans = 0, too_small = 0, rounds = 300;
    for (int round = 0; round < rounds; round++) {
        struct sample c;
        struct location_result r;
        bool open[SITES];
        double share[SITES * CUSTOMERS];
        make(&c, &env, round % 2 == 0);
        bg_err e = location_solve(&c.p, NULL, &r, open, share);
        double best = brute_force(&c);
        too_small += e.code == BG_LOCATION_SMALL && !isfinite(best);
        if (!bg_failed(e)) {
            right += fabs(r.cost - best) < 1e-6 * best && r.bound <= best * (1 + 1e-9) && r.bound > best * (1 - 1e-6);
            plans += shares_hold(&c, open, share, r.cost);
        }
    }
    OK(right + too_small == rounds && right > 200, "%d random cases equal to brute force, bound proved; %d too small", right,
       too_small);
    OK(plans + too_small == rounds, "every plan serves everyone within capacity at the stated cost");
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

static void limits_and_refusals(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 4, 0);
    struct sample c;
    struct location_result r;
    bool open[SITES];
    make(&c, &env, true);
    double best = brute_force(&c);
    bg_err e = location_solve(&c.p, &(struct location_limits){ .stop = always }, &r, open, NULL);
    OK(!bg_failed(e) && r.bound <= best && r.cost >= best, "stopped at once, the plan stands and the bound is honest");
    c.capacity[2] = -1;
    e = location_solve(&c.p, NULL, &r, open, NULL);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "capacity") == 0, "a negative capacity is refused by name");
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    struct location_problem p;
    OK(!bg_failed(location_parse(BG_STR("2 1\ncapacity 5\n10 7.5\n 4\n 1 2.\n"), 8, arena, &p)) && p.capacity[0] == 8 &&
           p.cost[1] == 2,
       "a cap file is read, with the capacity from outside");
    OK(bg_failed(location_parse(BG_STR("2 1\ncapacity 5\n10 7.5\n 4\n 1 2.\n"), 0, arena, &p)), "without one it is refused");
    OK(bg_failed(location_parse(BG_STR("2 1\n10 5\n10 7.5\n 4\n 1 x\n"), 0, arena, &p)), "a word that is no number is refused");
    OK(bg_failed(location_parse(BG_STR("999999 999999\n"), 0, arena, &p)),
       "a size above the limits is refused before memory is taken");
}

int main(void)
{
    random_cases();
    limits_and_refusals();
    return TAP_DONE();
}
