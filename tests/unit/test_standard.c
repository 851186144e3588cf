/* Graded standards: brute force on small cases, monotone in service, horizon and lead time, floors, packs and split, the same
 * bits on two threads, orders by enumeration, filling, and the level machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/standard.h"
#include "tap.h"

enum { PLACES = 2, DAYS = 14, PATHS = 400, ITEMS = 2, LEVELS = 4 };

static int32_t cases[PATHS * PLACES * DAYS];
static struct demand_driver driver[2] = { { .rule = DEMAND_STAY, .rate = 1, .days = 14 }, { .rule = DEMAND_ROUND, .rate = 1 } };
static struct demand_row row[2] = { { 0, 0, 1.5, 0 }, { 1, 0, 0.008, 0 } };
static double kit[ITEMS] = { 1, 2 }, weight[2] = { 1, 1 }, sampled[2 * PLACES * DAYS], inflow[DAYS];
static int step[DAYS];
static struct demand_model model = {
    .drivers = 2, .rows = 2, .levels = 1, .items = ITEMS, .driver = driver, .row = row, .kit = kit, .use = 1
};
static struct demand_input demand;
static struct standard_level levels[LEVELS];
static struct standard_item items[ITEMS];
static const double trial[3] = { 0, 800, 1500 };
static const double lot[2] = { 300, 500 };
static const int lot_day[2] = { 3, 8 };

static void world(void)
{
    uint64_t x = 5;
    for (int n = 0; n < PATHS * PLACES * DAYS; n++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        cases[n] = (int32_t)((x >> 40) % (uint64_t)(3 + n / (PLACES * DAYS) % 17));
    }
    memset(sampled, 0, sizeof sampled);
    for (int p = 0; p < PLACES; p++) {
        sampled[p * DAYS + 2] = 40000;
        sampled[(PLACES + p) * DAYS + 2] = 40000;
        sampled[(PLACES + p) * DAYS + 6] = 40000;
    }
    for (int t = 0; t < DAYS; t++) {
        step[t] = t + 1;
        inflow[t] = 40 * t;
    }
    demand = (struct demand_input){ .model = &model,
                                    .places = PLACES,
                                    .days = DAYS,
                                    .paths = PATHS,
                                    .cases = cases,
                                    .scenarios = 2,
                                    .weight = weight,
                                    .sampled = sampled,
                                    .steps = DAYS,
                                    .step = step,
                                    .seed = 9,
                                    .threads = 1 };
    static const int horizon[LEVELS] = { 7, 10, 14, 14 };
    static const double service[LEVELS] = { .9, .9, .9, .975 };
    for (int g = 0; g < LEVELS; g++) {
        levels[g] = (struct standard_level){ .horizon = horizon[g], .service = service[g] };
    }
    for (int i = 0; i < ITEMS; i++) {
        items[i] = (struct standard_item){ .pack = 50,
                                           .round_need = 640,
                                           .baseline = 10,
                                           .local = 0.5,
                                           .inflow = inflow,
                                           .trials = 3,
                                           .trial = trial,
                                           .shelf_days = 30,
                                           .lots = 2,
                                           .lot = lot,
                                           .lot_day = lot_day };
    }
}

/* Need since the start by double arithmetic. */
static double need_at(int path, int place, int item, int day)
{
    static double x[DAYS * 2];
    double sum = 0;
    bg_ignore(demand_drivers(&demand, path, place, x));
    for (int t = 0; t < day; t++) {
        sum += kit[item] * (1.5 * x[2 * t] + 0.008 * x[2 * t + 1]);
    }
    return sum;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double brute_worst(int path, int item, int horizon)
{
    double worst = 0;
    for (int t = 1; t <= horizon; t++) {
        worst = fmax(worst, need_at(path, 0, item, t) + need_at(path, 1, item, t) - inflow[t - 1]);
    }
    return worst;
}

static void test_brute(struct bg_arena *arena)
{
    struct standard_result r;
    world();
    OK(!bg_failed(standard_run(&demand, levels, LEVELS, items, arena, &r)), "runs");
    double off = 0, service_off = 0, unmet_off = 0;
    bool packs = true;
    for (int g = 0; g < LEVELS; g++) {
        double m[PATHS], served = 0, lost = 0;
        for (int n = 0; n < PATHS; n++) {
            m[n] = brute_worst(n, 1, levels[g].horizon);
            served += m[n] <= trial[1];
            lost += fmax(0, m[n] - trial[1]);
        }
        qsort(m, PATHS, sizeof *m, by_value);
        const struct standard_cell *cell = &r.cell[g * ITEMS + 1];
        double want = m[(int)ceil(levels[g].service * PATHS - 1e-9) - 1];
        off = fmax(off, fabs(cell->quantile - want) / want);
        service_off = fmax(service_off, fabs(r.trial[STANDARD_TRIALS_MAX + 1].service[g] - served / PATHS));
        unmet_off = fmax(unmet_off, fabs(r.trial[STANDARD_TRIALS_MAX + 1].unmet[g] - lost / PATHS) / (1 + lost / PATHS));
        int64_t parts = cell->pooled;
        for (int p = 0; p < PLACES; p++) {
            parts += cell->part[p];
            packs = packs && cell->part[p] >= 0 && cell->part[p] % 50 == 0;
        }
        packs = packs && parts == cell->standard && cell->standard % 50 == 0 && cell->pooled >= 0;
        packs = packs && (double)cell->standard >= cell->quantile - 1e-6 && (double)cell->standard < cell->quantile + 50;
    }
    OK(off < 1e-6, "quantiles of the worst shortfall by brute force (%.2g)", off);
    OK(service_off < 1e-9 && unmet_off < 1e-6, "service and unmet need of a given stock (%.2g)", unmet_off);
    OK(packs, "packs are whole; districts and pool add up");
    OK(r.cell[0].separate >= r.cell[0].quantile * 0.99, "keeping it apart takes more (%.0f against %.0f)", r.cell[0].separate,
       r.cell[0].quantile);
    const struct standard_trial *none = &r.trial[0], *some = &r.trial[1], *more = &r.trial[2];
    bool ordered = true;
    for (int t = 0; t < DAYS; t++) {
        ordered = ordered && none->out[t] >= some->out[t] && some->out[t] >= more->out[t] &&
                  (t == 0 || some->out[t] >= some->out[t - 1]);
    }
    OK(ordered && more->waste >= some->waste, "more stock is out later and wastes more");
    double waste = 0;
    for (int n = 0; n < PATHS; n++) {
        double d3 = need_at(n, 0, 0, 3) + need_at(n, 1, 0, 3), d8 = need_at(n, 0, 0, 8) + need_at(n, 1, 0, 8);
        waste += fmax(fmax(0, 300 - d3), 800 - d8) / PATHS;
    }
    OK(fabs(waste - r.lot_waste[0]) < 1e-3 * (1 + waste), "lots that expire (%.3f)", waste);
}

static void test_monotone(struct bg_arena *arena)
{
    struct standard_result r, later;
    world();
    for (int g = 0; g < LEVELS; g++) {
        levels[g].horizon = 10;
        levels[g].service = 0.5 + 0.12 * g;
    }
    bg_ignore(standard_run(&demand, levels, LEVELS, items, arena, &r));
    OK(r.cell[0].standard <= r.cell[2].standard && r.cell[2].standard <= r.cell[4].standard &&
           r.cell[4].standard <= r.cell[6].standard && r.cell[0].standard < r.cell[6].standard,
       "rises with service");
    for (int g = 0; g < LEVELS; g++) {
        levels[g].horizon = 2 + 4 * g;
        levels[g].service = 0.9;
    }
    bg_ignore(standard_run(&demand, levels, LEVELS, items, arena, &r));
    OK(r.cell[0].standard <= r.cell[2].standard && r.cell[2].standard <= r.cell[4].standard &&
           r.cell[4].standard <= r.cell[6].standard,
       "rises with the horizon");
    for (int t = DAYS - 1; t >= 0; t--) {
        inflow[t] = t >= 4 ? inflow[t - 4] : 0; /* everything four days later */
    }
    bg_ignore(standard_run(&demand, levels, LEVELS, items, arena, &later));
    bool rises = true;
    for (int c = 0; c < LEVELS * ITEMS; c++) {
        rises = rises && later.cell[c].standard >= r.cell[c].standard;
    }
    OK(rises, "rises with the lead time");
    levels[0].floor_rounds = 2;
    levels[0].floor_days = 3;
    demand.cases = NULL;
    demand.scenarios = 0;
    bg_ignore(standard_run(&demand, levels, LEVELS, items, arena, &r));
    OK(r.cell[0].by_floor && r.cell[0].standard == 1350 && r.cell[2].standard == 0, "no demand: the floor, in packs (%lld)",
       (long long)r.cell[0].standard);
}

static void test_threads(struct bg_arena *arena)
{
    struct standard_result one, two;
    world();
    row[0].shape = 4;
    bg_ignore(standard_run(&demand, levels, LEVELS, items, arena, &one));
    demand.threads = 2;
    bg_ignore(standard_run(&demand, levels, LEVELS, items, arena, &two));
    bool same = memcmp(one.shortfall, two.shortfall, sizeof(float) * LEVELS * ITEMS * PATHS) == 0;
    for (int c = 0; c < LEVELS * ITEMS; c++) {
        same = same && one.cell[c].standard == two.cell[c].standard && one.cell[c].separate == two.cell[c].separate;
    }
    row[0].shape = 0;
    OK(same, "the same bits on one thread and on two");
}

static void test_calibration(void)
{
    double residual[19];
    bool certified;
    for (int i = 0; i < 19; i++) {
        residual[i] = log(1 + 0.1 * (18 - i));
    }
    OK(fabs(standard_calibrate(99, 0.95, residual, 19, &certified) - (100 * 2.8 - 1)) < 1e-9 && certified,
       "19 residuals certify 95 %%");
    OK(fabs(standard_calibrate(99, 0.99, residual, 19, &certified) - 279) < 1e-9 && !certified, "but not 99 %%");
    OK(standard_calibrate(99, 0.5, NULL, 0, &certified) == 99 && !certified, "without residuals nothing is changed");
    OK(fabs(standard_worth(20, 1) - 0.952380952) < 1e-9, "newsvendor: 20 to 1 is 95.2 %%");
    const double out[5] = { 0, 0.05, 0.1, 0.4, 1 };
    OK(standard_cover(out, 5, 0.9) == 4 && standard_cover(out, 5, 0.5) == 5 && standard_cover(out, 5, 0.95) == 3 &&
           standard_cover(out, 4, 0.5) == 5,
       "days of cover at a probability");
}

static double lost(const float *m, int paths, double stock)
{
    double sum = 0;
    for (int n = 0; n < paths; n++) {
        sum += fmax(0, (double)m[n] - stock);
    }
    return sum / paths;
}

static void test_order(void)
{
    static float a[50], b[50], c[50];
    for (int n = 0; n < 50; n++) {
        a[n] = (float)(n * 2);
        b[n] = (float)(n * n / 20);
        c[n] = (float)(n < 40 ? 0 : 60);
    }
    struct standard_need needs[3] = { { a, 10, 1, 1, 10, 100 }, { b, 0, 1, 2, 10, 100 }, { c, 0, 1, 1, 10, 100 } };
    struct standard_order got[3];
    double worst = 0;
    for (int budget = 0; budget <= 300; budget += 10) {
        bg_ignore(standard_order(needs, 3, 50, budget, got));
        double best = 1e9, spent = 0, value = 0;
        for (int i = 0; i <= budget / 10; i++) {
            for (int j = 0; i + j <= budget / 10; j++) {
                int k = budget / 10 - i - j;
                best = fmin(best, lost(a, 50, 10 + 10 * i) + 2 * lost(b, 50, 10 * j) + lost(c, 50, 10 * k));
            }
        }
        for (int i = 0; i < 3; i++) {
            spent += (double)got[i].packs * 10;
            value += needs[i].weight * got[i].after;
        }
        worst = fmax(worst, spent <= budget ? value - best : 1e9);
    }
    OK(worst < 1e-9, "orders equal enumeration at every budget (%.2g)", worst);
    needs[0].price = 0;
    OK(strcmp(standard_order(needs, 3, 50, 10, got).field, "price") == 0, "a price of nothing is refused");
}

static void test_fill(void)
{
    struct standard_maker maker[2] = { { 100, 100, 0, 1 }, { 50, 150, 5, 0.5 } };
    double by[30], faster[30];
    struct standard_fill fill = { .maker = maker,
                                  .makers = 1,
                                  .gap = 1000,
                                  .inspect_least = 2,
                                  .inspect_most = 2,
                                  .dock = 1e9,
                                  .deadline = 12,
                                  .days = 30,
                                  .draws = 500,
                                  .seed = 3 };
    bg_ignore(standard_fill(&fill, by));
    OK(by[10] == 0 && fabs(by[11] - 1) < 1e-9, "100 a day and two days of inspection fill 1,000 on day 12");
    fill.dock = 50;
    bg_ignore(standard_fill(&fill, by));
    OK(by[20] == 0 && fabs(by[21] - 1) < 1e-9, "the dock binds");
    fill.dock = 1e9;
    fill.makers = 2;
    fill.ramp_cv = 0.5;
    fill.inspect_most = 4;
    bg_ignore(standard_fill(&fill, by));
    maker[1].works = 0.9;
    bg_ignore(standard_fill(&fill, faster));
    bool rises = true, better = true;
    for (int t = 0; t < 30; t++) {
        rises = rises && (t == 0 || by[t] >= by[t - 1]) && by[t] <= 1 + 1e-9;
        better = better && faster[t] >= by[t] - 1e-9;
    }
    OK(rises && better, "probability of filling rises with days and with surer makers");
    fill.deadline = 31;
    OK(strcmp(standard_fill(&fill, by).field, "deadline") == 0, "a deadline behind the horizon is refused");
}

/* Days of any constant input: the level must settle and stay. */
static int changes_after(const struct standard_day *day, int start, int settle, int days)
{
    struct standard_rules rules = standard_rules_default();
    struct standard_state state = { .level = start };
    struct standard_proposal p;
    int changes = 0;
    for (int t = 0; t < days; t++) {
        if (bg_failed(standard_propose(&rules, day, &state, &p))) {
            return -1;
        }
        changes += t >= settle && p.level != state.level;
        standard_enter(&state, p.level);
    }
    return changes;
}

static void test_levels(void)
{
    struct standard_rules rules = standard_rules_default();
    struct standard_state state = { .level = 4 };
    struct standard_proposal p;
    struct standard_day calm = { .shortage = false },
                        first = { .value = { [STANDARD_CASES_28] = 3, [STANDARD_CASES_7] = 3, [STANDARD_DISTRICTS] = 1 } };
    struct standard_day grave = { .value = { [STANDARD_CASES_28] = 2000, [STANDARD_CASES_7] = 1200, [STANDARD_DISTRICTS] = 9 } };
    bg_ignore(standard_propose(&rules, &calm, &state, &p));
    OK(p.level == 4, "calm: level 4");
    bg_ignore(standard_propose(&rules, &first, &state, &p));
    OK(p.level == 3 && rules.trigger[p.trigger].signal == STANDARD_CASES_28, "the first local case: level 3 at once");
    bg_ignore(standard_propose(&rules, &grave, &state, &p));
    OK(p.level == 1, "a grave day jumps levels");
    standard_enter(&state, 1);
    int down[4] = { 0 }, at = 0;
    for (int t = 1; t <= 60; t++) {
        bg_ignore(standard_propose(&rules, &calm, &state, &p));
        if (p.level != state.level) {
            down[at++] = t;
            standard_enter(&state, p.level);
        }
    }
    OK(at == 3 && down[0] == 14 && down[1] == 28 && down[2] == 42 && state.level == 4,
       "down one level after each 14 quiet days (%d, %d, %d)", down[0], down[1], down[2]);
    struct standard_day soon = { .soon = { 0, 0, 0.4, 0.4 } };
    bg_ignore(standard_propose(&rules, &soon, &state, &p));
    int first_run = p.level;
    bg_ignore(standard_propose(&rules, &soon, &state, &p));
    OK(first_run == 4 && p.level == 2 && p.by_forecast, "a forecast raises on its second run");
    uint64_t x = 11;
    int flaps = 0;
    for (int n = 0; n < 20000; n++) {
        struct standard_day day = { .shortage = false };
        for (int i = 0; i < STANDARD_SIGNALS + 7; i++) {
            x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            double u = (double)(x >> 40) / 16777216.0;
            double scale[] = { 2, 1500, 4, 100000, 4, 12, 2, 0.6 };
            if (i < STANDARD_SIGNALS) {
                day.value[i] = u < 0.5 ? 0 : u * scale[i];
            } else if (i < STANDARD_SIGNALS + 3) {
                day.soon[i - STANDARD_SIGNALS + 1] = u < 0.6 ? 0 : u;
            } else if (i < STANDARD_SIGNALS + 6) {
                day.again[i - STANDARD_SIGNALS - 2] = u < 0.6 ? 0 : u;
            } else {
                day.shortage = u < 0.2;
            }
        }
        flaps += changes_after(&day, 1 + n % 4, 60, 200) != 0;
    }
    OK(flaps == 0, "20,000 constant inputs: settled within 60 days, then still for 140");
    state.level = 5;
    OK(strcmp(standard_propose(&rules, &calm, &state, &p).field, "level") == 0, "a level that does not exist is refused");
}

static void test_refusals(struct bg_arena *arena)
{
    struct standard_result r;
    world();
    items[0].pack = 0;
    OK(strcmp(standard_run(&demand, levels, LEVELS, items, arena, &r).field, "pack") == 0, "a pack of nothing");
    world();
    levels[1].horizon = DAYS + 1;
    OK(strcmp(standard_run(&demand, levels, LEVELS, items, arena, &r).field, "horizon") == 0, "a horizon beyond the paths");
    world();
    levels[1].service = 1;
    OK(strcmp(standard_run(&demand, levels, LEVELS, items, arena, &r).field, "service") == 0, "certainty");
    world();
    inflow[3] = 0;
    OK(strcmp(standard_run(&demand, levels, LEVELS, items, arena, &r).field, "inflow") == 0, "an inflow that falls");
    world();
    demand.steps = 3;
    OK(strcmp(standard_run(&demand, levels, LEVELS, items, arena, &r).field, "steps") == 0, "days left out");
    world();
    struct bg_arena *small = bg_arena_open(10000);
    bg_err e = standard_run(&demand, levels, LEVELS, items, small, &r);
    OK(e.code == BG_NO_MEMORY, "memory is bounded by the arena");
    bg_arena_close(small);
}

int main(void)
{
    struct bg_arena *arena = bg_arena_open(256u << 20);
    test_brute(arena);
    test_monotone(arena);
    test_threads(arena);
    test_calibration();
    test_order();
    test_fill();
    test_levels();
    test_refusals(arena);
    bg_arena_close(arena);
    return TAP_DONE();
}
