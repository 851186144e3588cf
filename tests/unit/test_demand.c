/* The demand engine against its own arithmetic in double precision, and its properties: linear and monotone in drivers and
 * coefficients, the same bits on one thread and two, every bad input refused by name, learning by the Gamma update. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/demand.h"
#include "tap.h"

enum { PLACES = 3, DAYS = 20, PATHS = 300, PAST = 5, DRIVERS = 8, ROWS = 6, LEVELS = 3, ITEMS = 7, DIRECTS = 6, SCENARIOS = 2 };

struct world {
    struct demand_driver driver[DRIVERS];
    struct demand_row row[ROWS];
    struct demand_direct direct[DIRECTS];
    double kit[LEVELS * ITEMS], waste[ITEMS], loss[ITEMS], fielded[PLACES * ITEMS], cap[PLACES], amount[PLACES],
        weight[SCENARIOS];
    double history[PLACES * PAST], sampled[SCENARIOS * PLACES * DAYS];
    bool reusable[ITEMS];
    int32_t cases[PATHS * PLACES * DAYS];
    int step[DAYS];
    struct demand_model model;
    struct demand_input input;
};

static uint64_t state = 7;
static double chance(double high)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(state >> 40) / 16777216.0 * high;
}

static void world_drivers(struct world *w)
{
    static const struct demand_driver kinds[DRIVERS] = {
        { .rule = DEMAND_STAY, .rate = 1, .days = 14 },
        { .rule = DEMAND_STAY, .rate = 400, .days = 7 },
        { .rule = DEMAND_TOTAL, .rate = 1053 },
        { .rule = DEMAND_NEW, .rate = 2 },
        { .rule = DEMAND_ROUND, .rate = 1 },
        { .rule = DEMAND_AFTER, .rate = 0.11, .of = 4, .days = 0 },
        { .rule = DEMAND_AFTER, .rate = 1, .of = 5, .days = 1 },
        { .rule = DEMAND_FIXED, .rate = 1, .first = 3, .last = 9 },
    };
    for (int k = 0; k < DRIVERS; k++) {
        w->driver[k] = kinds[k];
        w->driver[k].amount = w->amount;
        w->driver[k].cap = k == 1 || k == 6 ? w->cap : NULL;
    }
}

static void world_make(struct world *w, double shape)
{
    memset(w, 0, sizeof *w);
    world_drivers(w);
    for (int p = 0; p < PLACES; p++) {
        w->cap[p] = 3000 + 1000 * p;
        w->amount[p] = 10 * p;
        for (int t = 0; t < PAST; t++) {
            w->history[p * PAST + t] = floor(chance(4));
        }
        for (int s = 0; s < SCENARIOS; s++) {
            w->sampled[(s * PLACES + p) * DAYS + 1 + 4 * s] = 50000;
            w->sampled[(s * PLACES + p) * DAYS + 8] = 60000;
        }
    }
    for (int r = 0; r < ROWS; r++) {
        w->row[r] = (struct demand_row){ r % DRIVERS, r % LEVELS, 0.01 + chance(0.5), shape };
    }
    for (int i = 0; i < LEVELS * ITEMS; i++) {
        w->kit[i] = floor(chance(3));
    }
    for (int i = 0; i < ITEMS; i++) {
        w->waste[i] = 0.01 * i;
    }
    for (int j = 0; j < DIRECTS; j++) {
        w->direct[j] = (struct demand_direct){ (j * 3) % DRIVERS, j % ITEMS, chance(2), shape, false };
    }
    for (int n = 0; n < PATHS * PLACES * DAYS; n++) {
        w->cases[n] = (int32_t)chance(12);
    }
    for (int t = 0; t < DAYS; t++) {
        w->step[t] = t + 1;
    }
    w->weight[0] = 1;
    w->weight[1] = 3;
    w->model = (struct demand_model){ .drivers = DRIVERS,
                                      .rows = ROWS,
                                      .levels = LEVELS,
                                      .items = ITEMS,
                                      .directs = DIRECTS,
                                      .driver = w->driver,
                                      .row = w->row,
                                      .kit = w->kit,
                                      .direct = w->direct,
                                      .waste = w->waste,
                                      .use = 1 };
    w->input = (struct demand_input){ .model = &w->model,
                                      .places = PLACES,
                                      .days = DAYS,
                                      .paths = PATHS,
                                      .cases = w->cases,
                                      .past = PAST,
                                      .history = w->history,
                                      .scenarios = SCENARIOS,
                                      .weight = w->weight,
                                      .sampled = w->sampled,
                                      .steps = DAYS,
                                      .step = w->step,
                                      .seed = 42,
                                      .threads = 1 };
}

static float *got; /* [places + 1][steps][items][paths] */
static void keep(void *ctx, int place, int step, int item, const struct demand_values *values)
{
    const struct demand_input *in = ctx;
    size_t at = (((size_t)place * (size_t)in->steps + (size_t)step) * ITEMS + (size_t)item) * PATHS;
    memcpy(&got[at], values->at, (size_t)in->paths * sizeof *got);
}
static size_t got_size(void)
{
    return sizeof(float) * (PLACES + 1) * DAYS * ITEMS * PATHS;
}
static double got_at(int place, int step, int item, int path)
{
    return (double)got[(((size_t)place * DAYS + (size_t)step) * ITEMS + (size_t)item) * PATHS + (size_t)path];
}

/* The same need by double arithmetic, day by day; ret[days] sums since the start. */
static void oracle(const struct world *w, int path, int place, int item, double *ret)
{
    static double x[DAYS * DRIVERS];
    double sum = 0, peak = 0, used = 0;
    bg_ignore(demand_drivers(&w->input, path, place, x));
    for (int t = 0; t < DAYS; t++) {
        double need = 0;
        for (int k = 0; k < DRIVERS; k++) {
            struct demand_coefficient c = demand_coefficient(&w->model, k, item);
            need += x[t * DRIVERS + k] * (c.kit + c.direct);
        }
        sum += need;
        peak = fmax(peak, need);
        used += need;
        bool reusable = w->model.reusable != NULL && w->reusable[item];
        ret[t] = reusable ? fmax(0, peak - w->fielded[place * ITEMS + item]) + w->loss[item] * used : sum;
    }
}

/* Largest relative difference between the fan and the oracle. */
static double largest_miss(const struct world *w)
{
    double worst = 0, want[DAYS];
    static double city[DAYS];
    bg_ignore(demand_run(&w->input, keep, (void *)(uintptr_t)&w->input, NULL));
    for (int n = 0; n < PATHS; n += 37) {
        for (int i = 0; i < ITEMS; i++) {
            memset(city, 0, sizeof city);
            for (int p = 0; p < PLACES; p++) {
                oracle(w, n, p, i, want);
                for (int t = 0; t < DAYS; t++) {
                    city[t] += want[t];
                    worst = fmax(worst, fabs(got_at(p, t, i, n) - want[t]) / fmax(1, want[t]));
                }
            }
            for (int t = 0; t < DAYS; t++) {
                worst = fmax(worst, fabs(got_at(PLACES, t, i, n) - city[t]) / fmax(1, city[t]));
            }
        }
    }
    return worst;
}

static void test_oracle(struct world *w)
{
    world_make(w, 0);
    double worst = largest_miss(w);
    OK(worst < 1e-5, "the fan is the arithmetic of its definition (%.2g relative)", worst);
    w->direct[2].learned = true;
    w->direct[2].rate = 3.5;
    worst = largest_miss(w);
    OK(worst < 1e-5, "a learned coefficient replaces the driver's others (%.2g)", worst);
    w->model.reusable = w->reusable;
    w->model.loss = w->loss;
    w->model.fielded = w->fielded;
    w->reusable[1] = w->reusable[2] = true;
    w->loss[1] = 0.02;
    for (int i = 0; i < PLACES * ITEMS; i++) {
        w->fielded[i] = 100;
    }
    worst = largest_miss(w);
    OK(worst < 1e-5, "reusable items: peak less what is fielded, plus losses (%.2g)", worst);
}

static void test_linear(struct world *w)
{
    static double once[DAYS], twice[DAYS];
    world_make(w, 0);
    for (int k = 0; k < DRIVERS; k++) {
        w->driver[k].cap = NULL;
    }
    double worst = 0;
    bool monotone = true;
    for (int i = 0; i < ITEMS; i++) {
        oracle(w, 3, 1, i, once);
        for (int k = 0; k < DRIVERS; k++) {
            w->driver[k].rate *= w->driver[k].rule == DEMAND_AFTER ? 1 : 2;
        }
        for (int p = 0; p < PLACES; p++) {
            w->amount[p] *= 2;
        }
        oracle(w, 3, 1, i, twice);
        for (int t = 0; t < DAYS; t++) {
            worst = fmax(worst, fabs(twice[t] - 2 * once[t]) / fmax(1, once[t]));
        }
        for (int k = 0; k < DRIVERS; k++) {
            w->driver[k].rate /= w->driver[k].rule == DEMAND_AFTER ? 1 : 2;
        }
        for (int p = 0; p < PLACES; p++) {
            w->amount[p] /= 2;
        }
        int32_t *cell = &w->cases[(3 * PLACES + 1) * DAYS + 4];
        *cell += 5;
        oracle(w, 3, 1, i, twice);
        *cell -= 5;
        for (int t = 0; t < DAYS; t++) {
            monotone = monotone && twice[t] >= once[t] - 1e-9;
        }
    }
    OK(worst < 1e-12, "need is linear in its drivers (%.2g)", worst);
    OK(monotone, "more cases never need less");
    w->row[0].rate *= 1.5;
    bool more = true;
    for (int i = 0; i < ITEMS; i++) {
        w->row[0].rate /= 1.5;
        oracle(w, 3, 1, i, once);
        w->row[0].rate *= 1.5;
        oracle(w, 3, 1, i, twice);
        more = more && twice[DAYS - 1] >= once[DAYS - 1];
    }
    OK(more, "a larger coefficient never needs less");
}

static void test_threads(struct world *w)
{
    static double means[2][(PLACES + 1) * DAYS * DRIVERS];
    world_make(w, 4);
    bg_ignore(demand_run(&w->input, keep, &w->input, means[0]));
    float *one = malloc(got_size());
    memcpy(one, got, got_size());
    memset(got, 0, got_size());
    w->input.threads = 2;
    bg_ignore(demand_run(&w->input, keep, &w->input, means[1]));
    OK(memcmp(one, got, got_size()) == 0 && memcmp(means[0], means[1], sizeof means[0]) == 0,
       "the same bits on one thread and on two");
    w->input.seed = 43;
    bg_ignore(demand_run(&w->input, keep, &w->input, NULL));
    OK(memcmp(one, got, got_size()) != 0, "another seed, other doubts");
    free(one);
    double worst = 0;
    for (int k = 0; k < DRIVERS; k++) {
        double sum = 0, x[DAYS * DRIVERS];
        for (int n = 0; n < PATHS; n++) {
            bg_ignore(demand_drivers(&w->input, n, 2, x));
            for (int t = 0; t < DAYS; t++) {
                sum += x[t * DRIVERS + k];
            }
        }
        double mean = means[0][(2 * DAYS + DAYS - 1) * DRIVERS + k];
        worst = w->driver[k].rule == DEMAND_ROUND || w->driver[k].rule == DEMAND_AFTER
                    ? worst
                    : fmax(worst, fabs(mean - sum / PATHS) / fmax(1, mean)); /* rounds: the seed differs above */
    }
    OK(worst < 1e-5, "mean drivers (%.2g)", worst);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static void test_quantiles(struct world *w)
{
    static const double levels[5] = { .05, .25, .5, .75, .95 };
    static float quantile[(PLACES + 1) * ITEMS * DAYS * 5], mean[(PLACES + 1) * ITEMS * DAYS];
    world_make(w, 4);
    bg_ignore(demand_run(&w->input, keep, &w->input, NULL));
    OK(!bg_failed(demand_fan(&w->input, levels, 5, quantile, mean)), "fan");
    double worst = 0, off = 0;
    for (int i = 0; i < ITEMS; i++) {
        for (int t = 0; t < DAYS; t++) {
            float *sorted = &got[(((size_t)PLACES * DAYS + (size_t)t) * ITEMS + (size_t)i) * PATHS];
            double sum = 0;
            qsort(sorted, PATHS, sizeof *sorted, by_value);
            for (int n = 0; n < PATHS; n++) {
                sum += (double)sorted[n];
            }
            size_t cell = ((size_t)PLACES * ITEMS + (size_t)i) * DAYS + (size_t)t;
            off = fmax(off, fabs(sum / PATHS - (double)mean[cell]) / fmax(1, (double)mean[cell]));
            for (int q = 0; q < 5; q++) {
                double low = (double)sorted[(int)floor(levels[q] * (PATHS - 1))],
                       high = (double)sorted[(int)ceil(levels[q] * (PATHS - 1))];
                double value = (double)quantile[cell * 5 + (size_t)q];
                worst = fmax(worst, fmax(low * 0.992 - value, value - high * 1.008) / fmax(1, high));
            }
        }
    }
    OK(worst <= 1e-6, "quantiles within a bin of 0.8 %% of the order statistics (%.2g)", worst);
    OK(off < 1e-5, "means (%.2g)", off);
}

static void test_split(struct world *w)
{
    struct demand_split split[ITEMS];
    world_make(w, 4);
    OK(!bg_failed(demand_variance(&w->input, split)), "variance is split");
    bool good = true;
    for (int i = 0; i < ITEMS; i++) {
        double sum = split[i].virus + split[i].measures + split[i].coefficients;
        good = good && (fabs(sum - 1) < 1e-9 || sum == 0) && split[i].variance >= 0;
    }
    OK(good, "shares sum to one");
    world_make(w, 0);
    bg_ignore(demand_variance(&w->input, split));
    good = true;
    for (int i = 0; i < ITEMS; i++) {
        good = good && split[i].coefficients < 1e-6;
    }
    OK(good, "certain coefficients carry no variance");
    w->input.scenarios = 0;
    w->input.cases = NULL;
    bg_ignore(demand_variance(&w->input, split));
    OK(split[0].variance < 1e-3, "nothing in doubt, no variance");
}

static const char *refused(const struct world *w)
{
    bg_err e = demand_check(&w->input);
    return bg_failed(e) ? e.field : "";
}

static void test_refusals(struct world *w)
{
    world_make(w, 4);
    OK(strcmp(refused(w), "") == 0, "a good input passes");
    w->input.paths = 0;
    OK(strcmp(refused(w), "paths") == 0, "no path");
    world_make(w, 4);
    w->input.places = DEMAND_PLACES_MAX + 1;
    OK(strcmp(refused(w), "places") == 0, "too many places");
    world_make(w, 4);
    w->cases[17] = -1;
    OK(strcmp(refused(w), "cases") == 0, "negative cases");
    world_make(w, 4);
    w->kit[3] = (double)NAN;
    OK(strcmp(refused(w), "kit") == 0, "NaN in a kit");
    world_make(w, 4);
    w->driver[5].of = 5;
    OK(strcmp(refused(w), "driver") == 0, "a driver that follows itself");
    world_make(w, 4);
    w->row[0].driver = 99;
    OK(strcmp(refused(w), "row") == 0, "a row of no driver");
    world_make(w, 4);
    w->step[3] = 1;
    OK(strcmp(refused(w), "steps") == 0, "steps that do not rise");
    world_make(w, 4);
    w->model.use = 0;
    OK(strcmp(refused(w), "use") == 0, "no use at all");
    world_make(w, 4);
    w->input.paths = DEMAND_PATHS_MAX;
    w->input.cases = NULL;
    w->model.levels = 32;
    w->input.steps = DAYS;
    OK(demand_bytes(&w->input) > DEMAND_BYTES_MAX ? strcmp(refused(w), "paths") == 0 : true, "memory is bounded (%zu MB asked)",
       demand_bytes(&w->input) >> 20);
    world_make(w, 4);
    for (uint64_t n = 1; n < 30; n++) {
        bg_heap_fail_after(n);
        bg_err e = demand_run(&w->input, keep, &w->input, NULL);
        bg_heap_fail_after(0);
        if (bg_failed(e) && e.code != BG_NO_MEMORY) {
            OK(false, "allocation %llu", (unsigned long long)n);
        }
    }
    OK(true, "each allocation may fail once");
}

static void test_learning(void)
{
    struct demand_belief prior = demand_prior(8, 0.5), b = prior;
    OK(fabs(b.alpha - 4) < 1e-12 && fabs(b.alpha / b.beta - 8) < 1e-12, "prior: mean of the source, CV 0.5 is alpha 4");
    OK(!bg_failed(demand_learn(&b, 500, 100, 1)) && fabs(b.alpha / b.beta - 504 / 100.5) < 1e-12, "Gamma-Poisson update");
    demand_fade(&b, prior, 0.98, 100000);
    OK(fabs(b.alpha - prior.alpha) < 1e-9, "what was learned fades to the source");
    for (int day = 0; day < 400; day++) {
        demand_fade(&b, prior, 0.98, 1);
        bg_ignore(demand_learn(&b, 30, 10, 2));
    }
    OK(fabs(b.alpha / b.beta - 3) < 0.15, "after 400 days of 3 a unit the coefficient is %.3f", b.alpha / b.beta);
    struct demand_belief two[2] = { demand_prior(1, 0.5), demand_prior(3, 0.5) };
    double exposure[2] = { 100, 100 };
    bg_ignore(demand_learn_shared(two, 2, exposure, 800, 1));
    OK(fabs(two[0].alpha - 204) < 1e-9 && fabs(two[1].alpha - 604) < 1e-9, "one issue for two drivers is shared by expectation");
    OK(strcmp(demand_learn(&b, -1, 1, 1).field, "issued") == 0 && strcmp(demand_learn(&b, 1, 1, 0.5).field, "dispersion") == 0,
       "bad issues are refused by name");
}

int main(void)
{
    struct world *w = malloc(sizeof *w);
    got = malloc(got_size());
    if (w == NULL || got == NULL) {
        return 1;
    }
    test_oracle(w);
    test_linear(w);
    test_threads(w);
    test_quantiles(w);
    test_split(w);
    test_refusals(w);
    test_learning();
    free(w);
    free(got);
    return TAP_DONE();
}
