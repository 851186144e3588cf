/* Network simplex: optimality conditions and brute force on small random networks, known optima, refusals. */
#include <stdlib.h>
#include <string.h>

#include "engine/flow.h"
#include "tap.h"

#define NODES 5
#define ARCS 7

/* Bellman-Ford successive shortest paths, an independent method: the cheapest cost, or false when infeasible. Costs >= 0, low =
 * 0. */
static bool reference(int nodes, const int64_t *supply, const struct flow_arc *arcs, int count, int64_t *ret)
{
    int64_t left[32], flow[64] = { 0 }, cost = 0;
    memcpy(left, supply, (size_t)nodes * sizeof *left);
    for (;;) {
        int64_t best[32];
        int via[32], source = -1;
        for (int i = 0; i < nodes; i++) {
            source = left[i] > 0 ? i : source;
        }
        if (source < 0) {
            break;
        }
        for (int i = 0; i < nodes; i++) {
            best[i] = i == source ? 0 : INT64_MAX / 4;
            via[i] = -1;
        }
        for (int round = 0; round < nodes; round++) {
            for (int a = 0; a < count; a++) {
                int from = arcs[a].from, to = arcs[a].to;
                if (flow[a] < arcs[a].cap && best[from] + arcs[a].cost < best[to]) {
                    best[to] = best[from] + arcs[a].cost;
                    via[to] = a;
                }
                if (flow[a] > 0 && best[to] - arcs[a].cost < best[from]) {
                    best[from] = best[to] - arcs[a].cost;
                    via[from] = count + a;
                }
            }
        }
        int sink = -1;
        for (int i = 0; i < nodes; i++) {
            if (left[i] < 0 && best[i] < INT64_MAX / 8 && (sink < 0 || best[i] < best[sink])) {
                sink = i;
            }
        }
        if (sink < 0) {
            return false;
        }
        for (int at = sink; at != source;) { /* one unit at a time keeps it simple */
            int a = via[at] % count;
            bool forward = via[at] < count;
            flow[a] += forward ? 1 : -1;
            cost += forward ? arcs[a].cost : -arcs[a].cost;
            at = forward ? arcs[a].from : arcs[a].to;
        }
        left[source]--;
        left[sink]++;
    }
    *ret = cost;
    return true;
}

/* Balance at every node, bounds, and complementary slackness with the potentials: together these prove an optimum. */
static bool proves_optimal(int nodes, const int64_t *supply, const struct flow_arc *arcs, int count, const int64_t *potential)
{
    int64_t net[32];
    memcpy(net, supply, (size_t)nodes * sizeof *net);
    for (int i = 0; i < count; i++) {
        const struct flow_arc *a = &arcs[i];
        net[a->from] -= a->flow;
        net[a->to] += a->flow;
        int64_t reduced = a->cost + potential[a->from] - potential[a->to];
        if (a->flow < a->low || a->flow > a->cap || (reduced > 0 && a->flow != a->low) || (reduced < 0 && a->flow != a->cap)) {
            return false;
        }
    }
    for (int i = 0; i < nodes; i++) {
        if (net[i] != 0) {
            return false;
        }
    }
    return true;
}

static void random_networks(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 7, 0);
    int solved = 0, infeasible = 0, wrong = 0;
    for (int round = 0; round < 4000; round++) {
        struct flow_arc arcs[ARCS];
        int64_t supply[NODES] = { 0 }, potential[NODES], want;
        for (int i = 0; i < ARCS; i++) {
            arcs[i] = (struct flow_arc){ .from = (int32_t)bg_random_below(&env, NODES),
                                         .to = (int32_t)bg_random_below(&env, NODES),
                                         .cap = (int64_t)bg_random_below(&env, 9),
                                         .cost = (int64_t)bg_random_below(&env, 12) };
        }
        for (int i = 0; i < 3; i++) {
            int64_t move = (int64_t)bg_random_below(&env, 4);
            supply[bg_random_below(&env, NODES)] += move;
            supply[bg_random_below(&env, NODES)] -= move;
        }
        struct flow_result result;
        bool possible = reference(NODES, supply, arcs, ARCS, &want);
        bg_err e = flow_solve(NODES, supply, arcs, ARCS, potential, &result);
        if (!possible) {
            infeasible++;
            wrong += e.code != BG_FLOW_INFEASIBLE;
        } else {
            solved++;
            wrong += bg_failed(e) || result.cost != want || !proves_optimal(NODES, supply, arcs, ARCS, potential);
        }
    }
    OK(wrong == 0 && solved > 500 && infeasible > 500,
       "%d random networks equal to successive shortest paths, %d infeasible, %d wrong", solved, infeasible, wrong);
}

static void bounds_and_negative_costs(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 11, 0);
    int proved = 0, refused = 0, wrong = 0;
    for (int round = 0; round < 4000; round++) {
        struct flow_arc arcs[20];
        int64_t supply[6] = { 0 }, potential[6];
        for (int i = 0; i < 20; i++) {
            int64_t low = (int64_t)bg_random_below(&env, 5) - 2;
            arcs[i] = (struct flow_arc){ .from = (int32_t)bg_random_below(&env, 6),
                                         .to = (int32_t)bg_random_below(&env, 6),
                                         .low = low,
                                         .cap = low + (int64_t)bg_random_below(&env, 9),
                                         .cost = (int64_t)bg_random_below(&env, 21) - 10 };
        }
        struct flow_result result;
        bg_err e = flow_solve(6, supply, arcs, 20, potential, &result);
        proved += !bg_failed(e);
        refused += e.code == BG_FLOW_INFEASIBLE;
        wrong += bg_failed(e) ? e.code != BG_FLOW_INFEASIBLE : !proves_optimal(6, supply, arcs, 20, potential);
    }
    OK(wrong == 0 && proved > 500, "%d networks with lower bounds and negative costs proved optimal, %d infeasible", proved,
       refused);
}

static void refusals(void)
{
    struct flow_result result;
    struct flow_arc loop[2] = { { 0, 1, 0, FLOW_INFINITE, -1, 0 }, { 1, 0, 0, FLOW_INFINITE, 0, 0 } };
    int64_t none[2] = { 0, 0 }, uneven[2] = { 3, -2 };
    OK(flow_solve(2, none, loop, 2, NULL, &result).code == BG_FLOW_UNBOUNDED, "an endless negative cycle is unbounded");
    bg_err e = flow_solve(2, uneven, loop, 2, NULL, &result);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "supply") == 0, "supplies that do not add up are refused by name");
    loop[0].to = 9;
    e = flow_solve(2, none, loop, 2, NULL, &result);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "arc") == 0, "an arc to nowhere is refused by name");
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    struct flow_problem p;
    OK(!bg_failed(flow_parse_dimacs(BG_STR("c x\np min 2 1\nn 1 4\nn 2 -4\na 1 2 0 9 3\n"), arena, &p)) &&
           !bg_failed(flow_solve(p.nodes, p.supply, p.arcs, p.count, NULL, &result)) && result.cost == 12,
       "a DIMACS file is read and solved");
    e = flow_parse_dimacs(BG_STR("p min 2 1\na 1 3 0 9 3\n"), arena, &p);
    OK(e.code == BG_BAD_INPUT && strstr(e.facts, "\"line\":2") != NULL, "a bad DIMACS line is named");
    OK(bg_failed(flow_parse_dimacs(BG_STR("p min 2 2\na 1 2 0 9 3\n"), arena, &p)), "a file that lacks arcs is refused");
}

/* Supplies, capacities and costs change again and again; each answer is held against one from scratch. */
static void restarts(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 13, 0);
    int solved = 0, infeasible = 0, wrong = 0;
    int64_t warm = 0, cold = 0;
    for (int round = 0; round < 60; round++) {
        struct flow_arc arcs[200], again[200];
        int64_t supply[24] = { 0 }, potential[24];
        struct flow *flow;
        struct flow_result kept, fresh;
        for (int i = 0; i < 200; i++) {
            arcs[i] = (struct flow_arc){ .from = (int32_t)bg_random_below(&env, 24), .to = (int32_t)bg_random_below(&env, 24) };
        }
        if (bg_failed(flow_open(24, arcs, 200, &flow))) {
            wrong++;
            continue;
        }
        for (int step = 0; step < 60; step++) {
            for (int i = 0; i < 200; i++) {
                if (step == 0 || bg_random_below(&env, 40) == 0) {
                    arcs[i].low = (int64_t)bg_random_below(&env, 3) - 1;
                    arcs[i].cap = bg_random_below(&env, 30) == 0 && arcs[i].cost >= 0 ? FLOW_INFINITE
                                                                                      : arcs[i].low + (int64_t)bg_random_below(&env, 9);
                    arcs[i].cost = arcs[i].cap == FLOW_INFINITE ? (int64_t)bg_random_below(&env, 20)
                                                                : (int64_t)bg_random_below(&env, 30) - 6;
                }
            }
            int64_t move = (int64_t)bg_random_below(&env, 5);
            supply[bg_random_below(&env, 24)] += move;
            supply[bg_random_below(&env, 24)] -= move;
            memcpy(again, arcs, sizeof again);
            bg_err e = flow_run(flow, supply, arcs, potential, &kept), f = flow_solve(24, supply, again, 200, NULL, &fresh);
            if (bg_failed(e) || bg_failed(f)) {
                infeasible++;
                wrong += e.code != f.code;
                continue;
            }
            solved++;
            warm += kept.pivots;
            cold += fresh.pivots;
            wrong += kept.cost != fresh.cost || !proves_optimal(24, supply, arcs, 200, potential);
        }
        flow_close(flow);
    }
    OK(wrong == 0 && solved > 1000 && infeasible > 100, "%d changed networks as from scratch, %d infeasible alike, %d wrong", solved,
       infeasible, wrong);
    OK(warm * 2 < cold, "the kept tree saves pivots: %lld instead of %lld", (long long)warm, (long long)cold);
}

int main(void)
{
    restarts();
    random_networks();
    bounds_and_negative_costs();
    refusals();
    return TAP_DONE();
}
