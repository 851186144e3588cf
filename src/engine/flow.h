/* Minimum-cost flow in integers, exact: the network simplex method (Ahuja, Magnanti, Orlin, "Network Flows", 1993, chapter 11) on
 * strongly feasible spanning trees (Cunningham 1976), which cannot cycle. Deterministic: the same input gives the same flow. */
#ifndef BG_ENGINE_FLOW_H
#define BG_ENGINE_FLOW_H

#include "base/base.h"

#define FLOW_NODES_MAX 8000000
#define FLOW_ARCS_MAX 64000000
#define FLOW_VALUE_MAX INT64_C(1000000000000) /* |supply|, capacity and |cost| at most */
#define FLOW_INFINITE INT64_MAX /* capacity without bound */

struct flow_arc {
    int32_t from, to; /* nodes from 0 */
    int64_t low, cap; /* low <= flow <= cap */
    int64_t cost; /* a unit */
    int64_t flow; /* set by flow_solve */
};

struct flow_result {
    int64_t cost; /* sum of flow x cost */
    int64_t pivots;
};

/* Finds the cheapest flow that meets every supply (> 0 gives, < 0 takes; the sum must be 0). Sets arcs[].flow, and
 * potential[node] (room for `nodes`, or NULL): an arc strictly between its bounds has cost + potential[from] - potential[to] = 0;
 * the price of one more unit at a node. Errors: BG_BAD_INPUT with field "supply", "arc", "capacity" or "cost";
 * BG_FLOW_INFEASIBLE; BG_FLOW_UNBOUNDED; BG_NO_MEMORY. Nothing of arcs is changed on failure. Memory: 48 bytes a node and
 * 33 an arc during the call. */
bg_err flow_solve(int32_t nodes, const int64_t *supply, struct flow_arc *arcs, int64_t count, int64_t *potential,
                  struct flow_result *ret);

/* The same, again and again: the tree of the last answer is kept, so that a changed supply, capacity or cost is answered in a small
 * part of the time. From and to of every arc stay as they were when it was opened. Errors as above, also the first time; after a
 * failure it may be run again with other figures. The answer is an optimum each time; among several optima it may be another one
 * than flow_solve gives. Not shared between threads at the same moment. */
struct flow;
bg_err flow_open(int32_t nodes, const struct flow_arc *arcs, int64_t count, struct flow **ret);
bg_err flow_run(struct flow *flow, const int64_t *supply, struct flow_arc *arcs, int64_t *potential, struct flow_result *ret);
void flow_close(struct flow *flow); /* accepts NULL */

/* Reads a DIMACS minimum-cost flow file ("p min", "n", "a"); arrays in the arena. The error's facts name the line. */
struct flow_problem {
    int32_t nodes;
    int64_t *supply;
    struct flow_arc *arcs;
    int64_t count;
};
bg_err flow_parse_dimacs(bg_str text, struct bg_arena *arena, struct flow_problem *ret);

#endif
