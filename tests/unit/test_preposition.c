/* Prepositioning: a case solved by hand, the form of the published case against GLPK, properties. */
#include <time.h>

#include "engine/preposition.h"
#include "lp_bed.h"
#include "tap.h"

static struct bg_arena *arena;
static struct lp *lp;
static struct linear_solver solver;

static uint64_t seed = 30;
static double chance(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Two sites 10 km apart, one depot of 100 costs 50; either site needs 60 with probability 1/2. A unit costs 1, 0.1 a km,
 * short 10. Open one (50), keep 60 (60), half the time carry 60 x 10 x 0.1 = 60: 50 + 60 + 30 = 140; two depots: 100 + 120 = 220
 * and less with sharing: keep 60 in all, 100 + 60 + 0.5 x carrying half = 175; nothing: 600. Losing the site of the depot half
 * the time changes it. */
static void by_hand(void)
{
    double room[] = { 100 }, fixed[] = { 50 }, one[] = { 1 }, tenth[] = { 0.1 }, ten[] = { 10 }, none[] = { 0 };
    struct preposition_link link[] = { { 0, 1, 10 }, { 1, 0, 10 } };
    double probability[] = { 0.5, 0.5 }, need[] = { 60, 0, 0, 60 }, survives[] = { 1, 1, 1, 1 };
    uint8_t closed[4] = { 0 };
    struct preposition_problem p = { 2,    1,   1,    2,           2,    room,     fixed,  one, one,     tenth,
                                     none, ten, link, probability, need, survives, closed, 0.9, INFINITY };
    struct preposition_result r;
    bg_err e = preposition_solve(&p, 1e-9, &solver, NULL, NULL, arena, &r);
    OK(!bg_failed(e) && fabs(r.cost - 140) < 1e-6 && r.fixed == 50 && fabs(r.stock - 60) < 1e-6 && fabs(r.carry - 30) < 1e-6,
       "one depot, 60 kept, carried half the time: 140");
    int at = r.size[0] == 0 ? 0 : 1;
    OK(fabs(r.without[at] - 460) < 1e-6 && isnan(r.without[1 - at]), "without it everything is short: 460 more");
    OK(r.with[1 - at] < 0 && fabs(r.with[1 - at] + 50) < 1e-6,
       "a second one costs its 50: more stock saves no more carrying than it costs");
    closed[0] = closed[1] = closed[2] = closed[3] = 1;
    e = preposition_solve(&p, 1e-9, &solver, NULL, NULL, arena, &r);
    OK(!bg_failed(e) && fabs(r.cost - 220) < 1e-6, "with the roads closed both have their own: 220");
    p.cvar_max = 0;
    e = preposition_solve(&p, 1e-9, &solver, NULL, NULL, arena, &r);
    OK(!bg_failed(e) && r.fill[0] == 1 && r.fill[1] == 1, "no risk is allowed: every scenario is filled");
    survives[0] = 0;
    e = preposition_solve(&p, 1e-9, &solver, NULL, NULL, arena, &r);
    OK(e.code == BG_PREPOSITION_RISK, "a stock that is lost where it is needed, roads closed: no plan keeps that");
    p.cvar_max = INFINITY;
    link[0].to = 7;
    e = preposition_solve(&p, 1e-9, &solver, NULL, NULL, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "links") == 0, "a link to nowhere is refused");
}

enum { SITES = 10, SIZES = 3, ITEMS = 3, LINKS = 36, SCENARIOS = 6 };

static void published_form(void)
{
    static double need[SCENARIOS * SITES * ITEMS], survives[SCENARIOS * SITES], probability[SCENARIOS];
    static struct preposition_link link[LINKS];
    static uint8_t closed[SCENARIOS * LINKS];
    double room[] = { 36.4, 408.2, 780 }, fixed[] = { 19.6, 188.4, 300 }, volume[] = { 0.1445, 0.08333, 0.00016 };
    double cost[] = { 0.6477, 0.142, 0.0140 }, carry[] = { 0.0003, 0.00004, 0.0000058 }, unused[] = { 0.16, 0.035, 0.0035 },
           shortage[] = { 6.477, 1.42, 0.14 };
    double x[SITES], y[SITES];
    for (int i = 0; i < SITES; i++) {
        x[i] = chance() * 1000;
        y[i] = chance() * 600;
    }
    for (int a = 0; a < LINKS; a += 2) { /* a ring, then chords */
        int i = a / 2 < SITES ? a / 2 : (int)(chance() * SITES),
            j = a / 2 < SITES ? (i + 1) % SITES : (i + 2 + (int)(chance() * (SITES - 4))) % SITES;
        double km = hypot(x[i] - x[j], y[i] - y[j]);
        link[a] = (struct preposition_link){ i, j, km };
        link[a + 1] = (struct preposition_link){ j, i, km };
    }
    for (int s = 0; s < SCENARIOS; s++) {
        probability[s] = 1.0 / SCENARIOS;
        double cx = chance() * 1000, cy = chance() * 600, force = 50 + 150 * chance();
        for (int i = 0; i < SITES; i++) {
            double near = exp(-hypot(x[i] - cx, y[i] - cy) / force);
            survives[s * SITES + i] = near > 0.6 ? 0 : (near > 0.4 ? 0.5 : 1);
            for (int k = 0; k < ITEMS; k++) {
                need[(s * SITES + i) * ITEMS + k] = near > 0.3 ? floor(near * 1000 * (k + 1) * chance()) : 0;
            }
        }
        for (int a = 0; a < LINKS; a++) {
            closed[s * LINKS + a] = chance() < 0.05;
        }
    }
    struct preposition_problem p = { SITES,  SIZES,    ITEMS, LINKS,       SCENARIOS, room,     fixed,  volume, cost,    carry,
                                     unused, shortage, link,  probability, need,      survives, closed, 0.95,   INFINITY };
    for (int risk = 0; risk < 2; risk++) {
        struct preposition_result r;
        struct linear_model m;
        struct linear_answer a;
        struct timespec from, to;
        bg_err e = preposition_model(&p, &m);
        OK(!bg_failed(e), "10 sites, 3 sizes, 3 items, 6 scenarios%s: %d columns, %d rows", risk ? ", CVaR" : "", m.columns,
           m.rows);
        (void)clock_gettime(CLOCK_MONOTONIC, &from);
        e = solver.solve(solver.ctx, &m, &(struct linear_options){ .gap = 1e-3 }, &a);
        (void)clock_gettime(CLOCK_MONOTONIC, &to);
        double ours = bg_failed(e) ? NAN : a.objective, bound = bg_failed(e) ? NAN : a.bound;
        printf("# CBC %.2f s, %.6f, bound %.6f, %ld nodes\n",
               (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec), ours, bound,
               bg_failed(e) ? 0 : (long)a.nodes);
        OK(!bg_failed(e) && a.point && a.gap <= 1.1e-3, "a plan, checked, within a thousandth of its bound");
        if (lp_bed_has_glpsol()) {
            double theirs = lp_bed_glpsol(&m, 0.001);
            OK(theirs >= bound * (1 - 1e-6) && fabs(theirs - ours) <= 2.1e-3 * fabs(ours),
               "GLPK's plan within the two gaps: %.6f", theirs);
        } else {
            SKIP("no glpsol here");
        }
        linear_close(&m);
        e = preposition_solve(&p, 1e-3, &solver, NULL, NULL, arena, &r);
        double parts = r.fixed + r.stock + r.carry + r.unused + r.shortage;
        OK(!bg_failed(e) && fabs(parts - r.cost) <= 1e-6 * r.cost, "the parts add up to the cost: %.3f", parts);
        bool sound = !bg_failed(e);
        for (int i = 0; i < SITES && sound; i++) {
            sound = r.size[i] >= 0 ? r.without[i] >= -2e-3 * r.cost : r.with[i] <= 2e-3 * r.cost;
        }
        OK(sound, "no single depot more or less is better beyond the gap");
        p.cvar_max = r.shortage * 1.5; /* a worst scenario costs more than that where any is short */
    }
}

int main(int argc, char **argv)
{
    LP_CHILD(argc, argv);
    if (lp_bed_absent()) {
        SKIP("no solver here");
        return TAP_DONE();
    }
    arena = bg_arena_open(256u << 20);
    bg_ignore(lp_open(&(struct lp_limits){ .seconds = 400 }, &lp));
    solver = lp_solver(lp);
    by_hand();
    published_form();
    lp_close(lp);
    bg_arena_close(arena);
    return TAP_DONE();
}
