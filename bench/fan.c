/* CPU time of the demand fan: 10,000 paths, 60 days, 50 items, 17 places with quantiles, and a what-if of 2,000 paths. Prints one
 * JSON line. The cases are made here (a branching walk), so that the figure is the fan's alone; the forecaster has its own. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/demand.h"

#define PLACES 17
#define DAYS 60
#define ITEMS 50
#define DRIVERS 14
#define LEVELS 5

static struct demand_driver drivers[DRIVERS];
static struct demand_row rows[20];
static struct demand_direct directs[60];
static double kit[LEVELS * ITEMS], people[PLACES], posts[PLACES], waste[ITEMS], sampled[3 * PLACES * DAYS],
    weight[3] = { .3, .5, .2 };

static struct demand_model model_make(void)
{
    static const enum demand_rule rules[DRIVERS] = { DEMAND_STAY,  DEMAND_STAY,  DEMAND_STAY,  DEMAND_STAY,  DEMAND_STAY,
                                                     DEMAND_TOTAL, DEMAND_ROUND, DEMAND_AFTER, DEMAND_AFTER, DEMAND_NEW,
                                                     DEMAND_NEW,   DEMAND_FIXED, DEMAND_FIXED, DEMAND_FIXED };
    for (int p = 0; p < PLACES; p++) {
        people[p] = 800000;
        posts[p] = 400;
    }
    for (int k = 0; k < DRIVERS; k++) {
        drivers[k] = (struct demand_driver){
            .rule = rules[k], .rate = 1 + k, .days = rules[k] == DEMAND_AFTER ? 0 : 14, .of = 6, .amount = posts, .cap = people
        };
    }
    for (int r = 0; r < 20; r++) {
        rows[r] = (struct demand_row){ r % DRIVERS, r % LEVELS, 0.01 * (r + 1), 4 };
    }
    for (int i = 0; i < ITEMS; i++) {
        waste[i] = 0.02;
        for (int l = 0; l < LEVELS; l++) {
            kit[l * ITEMS + i] = i < 20 ? 1 + (i + l) % 3 : 0;
        }
    }
    for (int j = 0; j < 60; j++) {
        directs[j] = (struct demand_direct){ j % DRIVERS, (j * 7 + 20) % ITEMS, 0.1 + j, 4, false };
    }
    for (int s = 0; s < 3; s++) {
        for (int p = 0; p < PLACES; p++) {
            for (int round = 0; round < 3 + s; round++) {
                sampled[(s * PLACES + p) * DAYS + round * 3] = 650000;
            }
        }
    }
    return (struct demand_model){ .drivers = DRIVERS,
                                  .rows = 20,
                                  .levels = LEVELS,
                                  .items = ITEMS,
                                  .directs = 60,
                                  .driver = drivers,
                                  .row = rows,
                                  .kit = kit,
                                  .direct = directs,
                                  .waste = waste,
                                  .use = 1 };
}

static double cpu_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double measure(struct demand_input *in, int paths, float *quantile, float *mean)
{
    static const double levels[7] = { .025, .1, .25, .5, .75, .9, .975 };
    double best = 1e9;
    in->paths = paths;
    for (int run = 0; run < 5; run++) {
        double start = cpu_ms();
        if (bg_failed(demand_fan(in, levels, 7, quantile, mean))) {
            exit(1);
        }
        double took = cpu_ms() - start;
        best = took < best ? took : best;
    }
    return best;
}

int main(void)
{
    static const int step[12] = { 1, 2, 3, 5, 7, 10, 14, 21, 28, 35, 45, 60 };
    struct demand_model model = model_make();
    size_t cells = (size_t)10000 * PLACES * DAYS;
    int32_t *cases = malloc(cells * sizeof *cases);
    float *quantile = malloc(sizeof(float) * (PLACES + 1) * ITEMS * 12 * 7),
          *mean = malloc(sizeof(float) * (PLACES + 1) * ITEMS * 12);
    if (cases == NULL || quantile == NULL || mean == NULL) {
        return 1;
    }
    uint64_t x = 1;
    for (size_t i = 0; i < cells; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        cases[i] = (int32_t)((x >> 33) % (i % DAYS == 0 ? 10 : (uint64_t)cases[i - 1] * 2 + 2));
    }
    struct demand_input in = { .model = &model,
                               .places = PLACES,
                               .days = DAYS,
                               .cases = cases,
                               .scenarios = 3,
                               .weight = weight,
                               .sampled = sampled,
                               .steps = 12,
                               .step = step,
                               .seed = 1,
                               .threads = 2 };
    in.paths = 10000;
    size_t bytes = demand_bytes(&in);
    double two = measure(&in, 10000, quantile, mean);
    in.threads = 1;
    double full = measure(&in, 10000, quantile, mean), small = measure(&in, 2000, quantile, mean);
    printf("{\"paths\":10000,\"cpu_ms\":%.1f,\"two_threads_cpu_ms\":%.1f,\"bytes\":%zu,\"what_if_paths\":2000,\"what_if_cpu_ms\":%.1f}\n",
           full, two, bytes, small);
    free(cases);
    free(quantile);
    free(mean);
    return 0;
}
