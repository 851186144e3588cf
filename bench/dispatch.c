/* dispatch: min-cost flow of a city's day, cold and after one change, and the whole allocation. Prints one JSON object. One reserve and
 * 20 depots with 50 lots, 600 receivers x 14 days: about 200,000 arcs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/allocate.h"
#include "engine/flow.h"

#define DEPOTS 21
#define LOTS 50
#define POINTS 600
#define DAYS 14

static double cpu(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static uint64_t state = 1;

static int64_t below(int64_t bound)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((state >> 33) % (uint64_t)bound);
}

struct city {
    struct allocate_depot depot[DEPOTS];
    struct allocate_lot lot[LOTS];
    struct allocate_need need[POINTS * DAYS];
    int64_t cost[DEPOTS * POINTS];
};

static void make(struct city *c, struct allocate_problem *p)
{
    for (int k = 0; k < DEPOTS; k++) {
        c->depot[k] = (struct allocate_depot){ .order = k, .keep = k == 0 ? 20000 : 500 };
    }
    for (int i = 0; i < LOTS; i++) {
        c->lot[i] = (struct allocate_lot){ .order = i, .depot = i < 20 ? 0 : (int32_t)below(DEPOTS), .day = (int32_t)below(10),
                                           .expiry = 30 + (int32_t)below(700), .quantity = i < 20 ? 20000 : 3000 };
    }
    for (int h = 0; h < POINTS; h++) {
        for (int k = 0; k < DEPOTS; k++) {
            c->cost[k * POINTS + h] = k > 0 && below(2) == 0 ? ALLOCATE_NO_ROUTE : 10 + below(500);
        }
        for (int t = 0; t < DAYS; t++) {
            int64_t asked = 20 + below(80);
            c->need[h * DAYS + t] = (struct allocate_need){ .order = h * DAYS + t, .receiver = h, .day = t, .tier = 1 + (int32_t)below(3),
                                                            .life_min = 30 * (int32_t)below(3), .asked = asked, .floor = asked / 4 };
        }
    }
    *p = (struct allocate_problem){ .depots = DEPOTS, .receivers = POINTS, .lots = LOTS, .needs = POINTS * DAYS, .depot = c->depot,
                                    .lot = c->lot, .need = c->need, .cost = c->cost };
}

/* The transport part alone: lots to needs, with a node that takes what stays and one that tells what is short. */
static int64_t network(const struct city *c, struct flow_arc *arcs, int64_t *supply)
{
    int64_t count = 0, stock = 0, asked = 0;
    int32_t rest = LOTS + POINTS * DAYS, lack = rest + 1;
    for (int i = 0; i < LOTS; i++) {
        supply[i] = c->lot[i].quantity;
        stock += c->lot[i].quantity;
        arcs[count++] = (struct flow_arc){ .from = i, .to = rest, .cap = FLOW_INFINITE };
        for (int j = 0; j < POINTS * DAYS; j++) {
            int64_t cost = c->cost[c->lot[i].depot * POINTS + c->need[j].receiver];
            if (cost >= 0 && c->lot[i].day <= c->need[j].day && c->lot[i].expiry - c->need[j].day >= c->need[j].life_min) {
                arcs[count++] = (struct flow_arc){ .from = i, .to = LOTS + j, .cap = FLOW_INFINITE, .cost = cost };
            }
        }
    }
    for (int j = 0; j < POINTS * DAYS; j++) {
        supply[LOTS + j] = -c->need[j].asked;
        asked += c->need[j].asked;
        arcs[count++] = (struct flow_arc){ .from = lack, .to = LOTS + j, .cap = FLOW_INFINITE, .cost = 100000 / c->need[j].tier };
    }
    arcs[count++] = (struct flow_arc){ .from = lack, .to = rest, .cap = FLOW_INFINITE };
    supply[lack] = asked;
    supply[rest] = -stock;
    return count;
}

int main(void)
{
    static struct city c;
    static int64_t supply[LOTS + POINTS * DAYS + 2];
    struct allocate_problem p;
    struct flow *flow;
    struct flow_result cold, warm, fresh;
    make(&c, &p);
    struct flow_arc *arcs = malloc(sizeof *arcs * (LOTS + 1) * (POINTS * DAYS + 2));
    int64_t count = network(&c, arcs, supply);
    int32_t nodes = LOTS + POINTS * DAYS + 2;
    double start = cpu();
    bool good = !bg_failed(flow_open(nodes, arcs, count, &flow)) && !bg_failed(flow_run(flow, supply, arcs, NULL, &cold));
    double cold_seconds = cpu() - start, worst = 0;
    for (int k = 0; good && k < 10; k++) { /* a lot is found spoilt, a request grows */
        supply[k] -= 1500;
        supply[LOTS + POINTS * DAYS] += 1500;
        supply[LOTS + 97 * k] -= 60;
        supply[LOTS + POINTS * DAYS + 1] += 60;
        start = cpu();
        good = !bg_failed(flow_run(flow, supply, arcs, NULL, &warm));
        worst = cpu() - start > worst ? cpu() - start : worst;
    }
    good = good && !bg_failed(flow_solve(nodes, supply, arcs, count, NULL, &fresh)) && fresh.cost == warm.cost;
    struct bg_arena *arena = bg_arena_open((size_t)2 << 30);
    struct allocate_result r;
    start = cpu();
    good = good && !bg_failed(allocate_solve(&p, arena, &r));
    printf("{\"good\":%s,\"arcs\":%ld,\"cold\":%.4f,\"again\":%.4f,\"allocation\":%.4f}\n", good ? "true" : "false", (long)count,
           cold_seconds, worst, cpu() - start);
    flow_close(flow);
    bg_arena_close(arena);
    free(arcs);
    return good ? 0 : 1;
}
