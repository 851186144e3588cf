/* ESRI: the authors' 11-firm example in four variants, a plain reading of the published equations on random networks, screening,
 * refusals. */
#include <math.h>
#include <string.h>

#include "engine/cascade.h"
#include "tap.h"

static const struct cascade_link example_links[] = { { 1, 0, 1 },  { 1, 2, 1 },  { 2, 6, 1 }, { 5, 6, 1 }, { 6, 3, 1 },
                                                     { 6, 10, 1 }, { 7, 10, 1 }, { 8, 4, 1 }, { 8, 9, 1 }, { 9, 6, 1 } };
static const int32_t example_sector[] = { 0, 1, 0, 2, 3, 1, 3, 0, 1, 2, 4 };

static void example(enum cascade_function function, bool market, const double want[11], const char *name)
{
    struct cascade_network n = { .firms = 11,
                                 .sectors = 5,
                                 .sector = example_sector,
                                 .links = example_links,
                                 .count = 10,
                                 .function = function,
                                 .market = market,
                                 .eps = 1e-2 };
    struct cascade *c;
    struct cascade_index got[11], screened[11];
    int32_t firms[11];
    for (int32_t i = 0; i < 11; i++) {
        firms[i] = i;
    }
    bg_err e = cascade_open(&n, &c);
    double worst = INFINITY, apart = INFINITY;
    if (!bg_failed(e) && !bg_failed(cascade_firms(c, firms, 11, got)) && !bg_failed(cascade_screen(c, 0, 0, screened))) {
        worst = apart = 0;
        for (int i = 0; i < 11; i++) {
            double shock[11] = { 0 };
            shock[i] = 1;
            bg_ignore(cascade_scenario(c, shock, &screened[i], NULL, NULL, NULL));
            worst = fmax(worst, fabs(got[i].index - want[i]));
            apart = fmax(apart, fabs(got[i].index - screened[i].index));
        }
        cascade_close(c);
    }
    OK(worst < 1e-6, "11 firms, %s: largest difference %.1e", name, worst);
    OK(apart < 1e-12, "11 firms, %s: the frontier equals the dense sweep", name);
}

#define FIRMS 40
#define LINKS 160
#define SECTORS 6

/* The published equations as they stand, with levels instead of losses and without any ordering of links. */
static double plain(const struct cascade_network *n, int shocked)
{
    double out[FIRMS] = { 0 }, in[FIRMS] = { 0 }, by_sector[FIRMS][SECTORS] = { { 0 } };
    double d[FIRMS], u[FIRMS], d2[FIRMS], u2[FIRMS], all = 0, drop;
    for (int e = 0; e < n->count; e++) {
        const struct cascade_link *l = &n->links[e];
        out[l->supplier] += l->amount;
        in[l->buyer] += l->amount;
        by_sector[l->buyer][n->sector[l->supplier]] += l->amount;
    }
    for (int i = 0; i < n->firms; i++) {
        d[i] = u[i] = i == shocked ? 0 : 1;
        all += out[i];
    }
    do {
        drop = 0;
        for (int j = 0; j < n->firms; j++) {
            double pi[SECTORS] = { 0 }, least = 1, spread = 0;
            for (int e = 0; e < n->count; e++) {
                const struct cascade_link *l = &n->links[e];
                if (l->buyer != j) {
                    continue;
                }
                int k = n->sector[l->supplier];
                int kind = n->essential[k * n->sectors + n->sector[j]];
                double made = 0;
                for (int m = 0; m < n->firms; m++) {
                    made += n->sector[m] == k ? out[m] * d[m] : 0;
                }
                double sigma = !n->market || made <= 1e-10 ? 1 : fmin(1, out[l->supplier] / made);
                pi[k] += kind == 2 ? sigma * l->amount / by_sector[j][k] * (1 - d[l->supplier]) : 0;
                spread += kind == 1 ? sigma * l->amount / in[j] * (1 - d[l->supplier]) : 0;
            }
            for (int k = 0; k < n->sectors; k++) {
                least = fmin(least, 1 - pi[k]);
            }
            d2[j] = fmax(0, fmin(fmin(least, 1 - spread), j == shocked ? 0 : 1));
            double orders = 0;
            for (int e = 0; e < n->count; e++) {
                orders += n->links[e].supplier == j ? n->links[e].amount / out[j] * (1 - u[n->links[e].buyer]) : 0;
            }
            u2[j] = fmax(0, fmin(1 - orders, j == shocked ? 0 : 1));
            drop = fmax(drop, fmax(d[j] - d2[j], u[j] - u2[j]));
        }
        memcpy(d, d2, sizeof d);
        memcpy(u, u2, sizeof u);
    } while (drop > n->eps);
    double lost = 0;
    for (int i = 0; i < n->firms; i++) {
        lost += out[i] / all * (1 - fmin(d[i], u[i]));
    }
    return lost;
}

static void random_networks(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 3, 0);
    double worst = 0, apart = 0;
    for (int round = 0; round < 40; round++) {
        struct cascade_link links[LINKS];
        int32_t sector[FIRMS], firms[FIRMS];
        uint8_t essential[SECTORS * SECTORS];
        for (int i = 0; i < FIRMS; i++) {
            sector[i] = (int32_t)bg_random_below(&env, SECTORS);
            firms[i] = i;
        }
        for (int i = 0; i < SECTORS * SECTORS; i++) {
            essential[i] = (uint8_t)bg_random_below(&env, 3);
        }
        for (int e = 0; e < LINKS; e++) {
            links[e] = (struct cascade_link){ (int32_t)bg_random_below(&env, FIRMS), (int32_t)bg_random_below(&env, FIRMS),
                                              1 + (double)bg_random_below(&env, 1000) };
        }
        struct cascade_network n = { .firms = FIRMS,
                                     .sectors = SECTORS,
                                     .sector = sector,
                                     .links = links,
                                     .count = LINKS,
                                     .essential = essential,
                                     .function = CASCADE_MIXED,
                                     .market = round % 2 == 0,
                                     .eps = 1e-2 };
        struct cascade *c;
        struct cascade_index got[FIRMS], screened[FIRMS];
        if (bg_failed(cascade_open(&n, &c)) || bg_failed(cascade_firms(c, firms, FIRMS, got)) ||
            bg_failed(cascade_screen(c, 0, 5, screened))) {
            worst = INFINITY;
            break;
        }
        for (int i = 0; i < FIRMS; i++) {
            worst = fmax(worst, fabs(got[i].index - plain(&n, i)));
            apart = fmax(apart, fabs(got[i].index - screened[i].index));
        }
        cascade_close(c);
    }
    OK(worst < 1e-8, "1,600 cascades equal to the published equations: largest difference %.1e", worst);
    OK(apart < 1e-8, "screening with tau 0 equals the dense sweep: %.1e", apart);
}

static void refusals(void)
{
    struct cascade_link bad[1] = { { 0, 12, 1 } };
    struct cascade_network n = { .firms = 11, .sectors = 5, .sector = example_sector, .links = bad, .count = 1, .eps = 1e-2 };
    struct cascade *c;
    bg_err e = cascade_open(&n, &c);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "links") == 0, "a link to nowhere is refused by name");
    bad[0] = (struct cascade_link){ 0, 1, -4 };
    e = cascade_open(&n, &c);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "amount") == 0, "a negative amount is refused by name");
    n.count = 0;
    struct cascade_index got;
    int32_t firm = 3;
    OK(!bg_failed(cascade_open(&n, &c)) && !bg_failed(cascade_firms(c, &firm, 1, &got)) && got.index == 0,
       "a network without links has no output to lose");
    cascade_close(c);
}

int main(void)
{
    static const double linear_on[11] = { .1, .3, .266666667, .35, .1, .116666667, .7, .1, .311111111, .266666667, .45 };
    static const double linear_off[11] = { .1, .366666667, .266666667, .35, .1, .166666667, .7, .1, .366666667, .266666667, .45 };
    static const double leontief_on[11] = { .1, .366666667, .4, .35, .1, .15, .7, .1, .4, .4, .45 };
    static const double leontief_off[11] = { .1, .5, .4, .35, .1, .3, .7, .1, .5, .4, .45 };
    example(CASCADE_LINEAR, true, linear_on, "linear, market on");
    example(CASCADE_LINEAR, false, linear_off, "linear, market off");
    example(CASCADE_LEONTIEF, true, leontief_on, "Leontief, market on");
    example(CASCADE_LEONTIEF, false, leontief_off, "Leontief, market off");
    random_networks();
    refusals();
    return TAP_DONE();
}
