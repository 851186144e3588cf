/* Production start: a case solved by hand, shared trucks, the city-sized program against GLPK, gains against solving afresh. */
#include <time.h>

#include "engine/activation.h"
#include "lp_bed.h"
#include "tap.h"

static struct bg_arena *arena;
static struct lp *lp;
static struct linear_solver solver;

static uint64_t seed = 8;
static double chance(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

#define NEAR(a, b) (fabs((a) - (b)) < 1e-6)

/* One firm: line 10 a day, crew 6, 7, 8, 9, 10, two of material a unit, 8 in stock and 10 a day: 29 units, by material; the crew
 * allows full capacity on day 4 alone. */
static void by_hand(void)
{
    double one[] = { 1 }, line[] = { 10 }, crew[] = { 6 }, hire[] = { 1 }, most[] = { 20 }, bom[] = { 2 }, stock[] = { 8 };
    double supply[] = { 10, 10, 10, 10, 10 }, none[] = { 0 }, free_day[] = { INFINITY, INFINITY, INFINITY, INFINITY, INFINITY };
    int32_t open[] = { 0 };
    struct activation_problem p = { .firms = 1,
                                    .products = 1,
                                    .materials = 1,
                                    .days = 5,
                                    .early = 0.001,
                                    .full = 0.95,
                                    .value = one,
                                    .line_hours = one,
                                    .crew_hours = one,
                                    .line = line,
                                    .open = open,
                                    .crew = crew,
                                    .hire = hire,
                                    .crew_max = most,
                                    .bom = bom,
                                    .stock = stock,
                                    .supply = supply,
                                    .load_material = none,
                                    .load_product = one,
                                    .trucks = free_day,
                                    .steril = none,
                                    .steril_day = free_day };
    struct activation_step steps[] = { { ACTIVATION_MATERIAL, -1, 0, 0, 4, 5 },
                                       { ACTIVATION_STOCK, 0, 0, 0, 6, 2 },
                                       { ACTIVATION_CREW, 0, -1, 0, 4, 1 } };
    struct activation_result r;
    bg_err e = activation_solve(&p, steps, 3, 5, &solver, arena, &r);
    OK(!bg_failed(e) && NEAR(r.value, 29) && r.gap < 1e-6, "one firm by hand: 29 units, proved");
    OK(r.full_day[0] == 4 && r.city_day == 4 && r.all_day == 4, "full capacity lasts from day 4 on, when the crew is complete");
    OK(NEAR(r.gain[0].value, 10) && NEAR(r.gain[1].value, 3) && r.gain[2].value == 0, "gains: supply 10, stock 3, crew nothing");
    OK(r.gain[0].chosen && !r.gain[1].chosen && NEAR(r.budget_value, 39), "within 5: the supply");
    OK(r.bind[0].step.kind == ACTIVATION_MATERIAL && r.bind[0].gain > 0, "the material holds the firm back");
    e = activation_solve(&p, steps, 3, 7, &solver, arena, &r);
    OK(!bg_failed(e) && r.gain[0].chosen && r.gain[1].chosen && !r.gain[2].chosen && NEAR(r.budget_value, 40),
       "within 7: both, and then the crew binds at 40");
    open[0] = 2;
    struct activation_step earlier[] = { { ACTIVATION_PERMIT, 0, -1, 0, 1, 1 }, { ACTIVATION_PERMIT, 0, -1, 0, 2, 1 } };
    e = activation_solve(&p, earlier, 2, -1, &solver, arena, &r);
    OK(!bg_failed(e) && NEAR(r.value, 27) && NEAR(r.gain[0].value, 2) && NEAR(r.gain[1].value, 2),
       "opening on day 2: 8 + 9 + 10 by the crew; a day earlier gains 2, then the material binds");
    open[0] = 0;
    for (int t = 0; t < 5; t++) {
        free_day[t] = 5;
    }
    e = activation_solve(&p, NULL, 0, -1, &solver, arena, &r);
    OK(!bg_failed(e) && NEAR(r.value, 25) && r.full_day[0] == -1 && r.city_day == -1,
       "five truck loads a day: 25, full capacity never");
    OK(r.shared[0].gain > 0 && r.shared[0].step.kind == ACTIVATION_TRUCKS, "the trucks hold everybody back");
    OK(NEAR(r.shared[0].gain, 2.5), "half a load a day more gains 2.5");
}

static void refusals(void)
{
    double one[] = { 1 }, bad[] = { -1 }, free_day[] = { INFINITY };
    int32_t open[] = { 0 };
    struct activation_problem p = { .firms = 1,
                                    .products = 1,
                                    .materials = 1,
                                    .days = 1,
                                    .early = 0.001,
                                    .full = 0.95,
                                    .value = one,
                                    .line_hours = one,
                                    .crew_hours = one,
                                    .line = one,
                                    .open = open,
                                    .crew = one,
                                    .hire = one,
                                    .crew_max = one,
                                    .bom = one,
                                    .stock = bad,
                                    .supply = one,
                                    .load_material = one,
                                    .load_product = one,
                                    .trucks = free_day,
                                    .steril = one,
                                    .steril_day = free_day };
    struct activation_result r;
    bg_err e = activation_solve(&p, NULL, 0, -1, &solver, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "stock") == 0, "a negative stock is refused by name");
    p.stock = one;
    p.firms = 100000000;
    OK(activation_solve(&p, NULL, 0, -1, &solver, arena, &r).code == BG_BAD_INPUT,
       "a program too large is refused before memory is taken");
    p.firms = 1;
    struct activation_step step = { ACTIVATION_LINE, 3, -1, 0, 1, 1 };
    e = activation_solve(&p, &step, 1, -1, &solver, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "steps") == 0, "a step at a firm that is none");
}

#define F 22
#define R 4
#define M 6
#define D 14
#define STEPS 200

static struct activation_step city_step(int a)
{
    static const enum activation_kind kinds[] = { ACTIVATION_LINE, ACTIVATION_CREW, ACTIVATION_MATERIAL, ACTIVATION_STOCK };
    enum activation_kind kind = kinds[a % 4];
    int32_t firm = kind == ACTIVATION_MATERIAL && a % 8 < 4 ? -1 : (int32_t)(chance() * F);
    return (struct activation_step){
        kind, firm, (int32_t)(chance() * M), (int32_t)(chance() * 5), floor(10 + chance() * 500), 1 + floor(chance() * 9)
    };
}

static void city(void)
{
    static double value[R], line_hours[F * R], crew_hours[F * R], line[F], crew[F], hire[F], most[F], bom[R * M], stock[F * M],
        supply[M * D], load_m[M], load_p[R], trucks[D], steril[R], steril_day[D];
    static int32_t open[F];
    static struct activation_step steps[STEPS];
    for (int r = 0; r < R; r++) {
        value[r] = 1 + r;
        load_p[r] = 0.001;
        steril[r] = r == 0 ? 1 : 0;
        for (int m = 0; m < M; m++) {
            bom[r * M + m] = chance() < 0.5 ? 0.1 + chance() : 0;
        }
    }
    for (int m = 0; m < M; m++) {
        load_m[m] = 0.002;
        for (int t = 0; t < D; t++) {
            supply[m * D + t] = 3000 + 3000 * chance();
        }
    }
    for (int t = 0; t < D; t++) {
        trucks[t] = 60 + t;
        steril_day[t] = 5000;
    }
    for (int f = 0; f < F; f++) {
        line[f] = 160;
        crew[f] = 300 * chance();
        hire[f] = 60 * chance();
        most[f] = 900;
        open[f] = f % 5 == 0 ? 2 : 0;
        for (int r = 0; r < R; r++) {
            line_hours[f * R + r] = chance() < 0.6 ? 0.05 + 0.1 * chance() : 0;
            crew_hours[f * R + r] = 0.1 + 0.3 * chance();
        }
        for (int m = 0; m < M; m++) {
            stock[f * M + m] = 2000 * chance();
        }
    }
    for (int a = 0; a < STEPS; a++) {
        steps[a] = city_step(a);
    }
    struct activation_problem p = { .firms = F,
                                    .products = R,
                                    .materials = M,
                                    .days = D,
                                    .early = 0.001,
                                    .full = 0.95,
                                    .value = value,
                                    .line_hours = line_hours,
                                    .crew_hours = crew_hours,
                                    .line = line,
                                    .open = open,
                                    .crew = crew,
                                    .hire = hire,
                                    .crew_max = most,
                                    .bom = bom,
                                    .stock = stock,
                                    .supply = supply,
                                    .load_material = load_m,
                                    .load_product = load_p,
                                    .trucks = trucks,
                                    .steril = steril,
                                    .steril_day = steril_day };
    struct linear_model m;
    struct linear_answer a;
    bg_err e = activation_model(&p, arena, &m);
    OK(!bg_failed(e), "22 firms, 4 products, 6 materials, 14 days: %d columns, %d rows", m.columns, m.rows);
    e = solver.solve(solver.ctx, &m, NULL, &a);
    double ours = bg_failed(e) ? NAN : a.objective, theirs = lp_bed_has_glpsol() ? lp_bed_glpsol(&m, 0) : NAN;
    OK(!bg_failed(e) && a.proved, "its optimum is proved");
    if (lp_bed_has_glpsol()) {
        OK(fabs(ours - theirs) <= 1e-6 * fabs(ours), "GLPK finds the same: %.6f", theirs);
    } else {
        SKIP("no glpsol here");
    }
    linear_close(&m);
    struct activation_result r;
    struct timespec from, to;
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    e = activation_solve(&p, steps, STEPS, 40, &solver, arena, &r);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    OK(!bg_failed(e), "plan, days of full capacity, 200 interventions and the choice: %d programs", bg_failed(e) ? 0 : r.solves);
    printf("# %.2f s, city day %d, unproved %d, choice %.0f, gap %.1e\n",
           (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec), r.city_day, r.unproved, r.budget_value,
           r.budget_gap);
    double spent = 0, sum = 0;
    bool positive = true;
    for (int s = 0; s < STEPS; s++) {
        spent += r.gain[s].chosen ? steps[s].cost : 0;
        sum += r.gain[s].chosen ? r.gain[s].value : 0;
        positive = positive && r.gain[s].value >= 0;
    }
    OK(positive && spent <= 40 && r.budget_value >= r.value && r.budget_value <= r.value + sum * 3 + 1e-3,
       "the choice keeps its budget");
    double used = 0;
    bool within = true;
    for (int f = 0; f < F; f++) {
        for (int t = 0; t < D; t++) {
            used = r.use[f * D + t];
            within = within && used <= (t >= open[f] ? line[f] : 0) + 1e-6;
        }
    }
    OK(within, "no line runs beyond its hours or before it is open");
    struct activation_result again;
    e = activation_solve(&p, steps, 3, -1, &solver, arena, &again);
    OK(!bg_failed(e) && again.gain[1].value == r.gain[1].value && fabs(again.value - r.value) < 1e-6,
       "the same gains when fewer interventions are asked");
}

int main(int argc, char **argv)
{
    LP_CHILD(argc, argv);
    if (lp_bed_absent()) {
        SKIP("no solver here");
        return TAP_DONE();
    }
    arena = bg_arena_open(512u << 20);
    bg_ignore(lp_open(&(struct lp_limits){ .seconds = 300 }, &lp));
    solver = lp_solver(lp);
    by_hand();
    refusals();
    city();
    lp_close(lp);
    bg_arena_close(arena);
    return TAP_DONE();
}
