/* Network simplex on strongly feasible trees: block pricing over arrays of their own, and a tree kept in preorder ("thread"), so that a
 * pivot touches the subtree that moves and the cycle, and nothing else. */
#include "engine/flow.h"

#include <math.h>
#include <string.h>

enum arc_state { AT_UPPER = -1, IN_TREE = 0, AT_LOWER = 1 };

struct flow {
    int32_t n, root, real; /* root = n; arcs of the problem, then an artificial arc for each node to the root */
    bool warm; /* the tree is of an earlier answer */
    /* arcs, in mixed order: arcs of one node stand apart, which evens out the blocks of pricing */
    int32_t *from, *to;
    int64_t *cost, *cap, *flow; /* above the lower bound */
    int8_t *state;
    /* the tree */
    int64_t *pi; /* reduced cost = cost + pi[from] - pi[to] */
    int32_t *parent, *pred, *thread, *back, *size, *last; /* thread: next in preorder; last: of the subtree */
    bool *up; /* pred points from the node to its parent */
    int64_t *excess; /* scratch */
    int32_t *first, *sibling; /* scratch */
    int32_t block, cursor, stride;
    /* the pivot */
    int32_t entering, tail, head, apex, leaving; /* pushes from tail to head; leaving: the node whose pred leaves, -1: none */
    bool on_tail;
    int64_t delta;
};

static bg_err check_arcs(int32_t nodes, const struct flow_arc *arcs, int64_t count)
{
    if (nodes < 1 || nodes > FLOW_NODES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "nodes");
    }
    if (count < 0 || count > FLOW_ARCS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "arc");
    }
    for (int64_t i = 0; i < count; i++) {
        if (arcs[i].from < 0 || arcs[i].from >= nodes || arcs[i].to < 0 || arcs[i].to >= nodes) {
            return BG_FAIL_AT(BG_BAD_INPUT, "arc");
        }
    }
    return BG_DONE;
}

static bg_err check_figures(int32_t nodes, const int64_t *supply, const struct flow_arc *arcs, int64_t count)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < nodes; i++) {
        if (supply[i] > FLOW_VALUE_MAX || supply[i] < -FLOW_VALUE_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "supply");
        }
        sum += supply[i];
    }
    if (sum != 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "supply");
    }
    for (int64_t i = 0; i < count; i++) {
        const struct flow_arc *a = &arcs[i];
        bool endless = a->cap == FLOW_INFINITE;
        if (a->low < -FLOW_VALUE_MAX || a->low > a->cap || (!endless && a->cap > FLOW_VALUE_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "capacity");
        }
        if (a->cost > FLOW_VALUE_MAX || a->cost < -FLOW_VALUE_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cost");
        }
    }
    return BG_DONE;
}

/* Calls for each arc of the problem its place in the mixed order: place = mixed(f, &walk). */
struct walk {
    int32_t at, row;
};

static int32_t mixed(const struct flow *f, struct walk *w)
{
    int32_t place = w->at;
    w->at += f->stride;
    if (w->at >= f->real) {
        w->at = ++w->row;
    }
    return place;
}

/* --- the tree from its parents --- */
/* Thread, sizes and potentials, from parent, pred and up. */
static void build_tree(struct flow *f)
{
    for (int32_t v = 0; v <= f->n; v++) {
        f->first[v] = -1;
        f->size[v] = 1;
    }
    for (int32_t v = f->n - 1; v >= 0; v--) {
        f->sibling[v] = f->first[f->parent[v]];
        f->first[f->parent[v]] = v;
    }
    int32_t before = f->root, at = f->first[f->root];
    f->pi[f->root] = 0;
    while (at >= 0) { /* preorder */
        int32_t e = f->pred[at];
        f->pi[at] = f->up[at] ? f->pi[f->parent[at]] - f->cost[e] : f->pi[f->parent[at]] + f->cost[e];
        f->thread[before] = at;
        f->back[at] = before;
        before = at;
        if (f->first[at] >= 0) {
            at = f->first[at];
            continue;
        }
        while (at != f->root && f->sibling[at] < 0) {
            at = f->parent[at];
        }
        at = at != f->root ? f->sibling[at] : -1;
    }
    f->thread[before] = f->root;
    f->back[f->root] = before;
    for (int32_t v = 0; v <= f->n; v++) {
        f->last[v] = v;
    }
    for (int32_t v = before; v != f->root; v = f->back[v]) { /* children before their parents; the last child comes first */
        int32_t p = f->parent[v];
        f->size[p] += f->size[v];
        f->last[p] = f->last[p] == p ? f->last[v] : f->last[p];
    }
}

/* Hangs a node directly on the root by its artificial arc, which then carries `amount` (negative: from the root). */
static void hang_on_root(struct flow *f, int32_t v, int64_t amount, int64_t big)
{
    int32_t e = f->real + v;
    f->parent[v] = f->root;
    f->pred[v] = e;
    f->up[v] = amount >= 0;
    f->from[e] = amount >= 0 ? v : f->root;
    f->to[e] = amount >= 0 ? f->root : v;
    f->flow[e] = amount >= 0 ? amount : -amount;
    f->cost[e] = big;
    f->state[e] = IN_TREE;
}

/* Flows on the tree's arcs from what every node must send; where a bound or strong feasibility does not hold any more, the node's
 * subtree is cut off and hung on the root. */
static void settle_tree(struct flow *f, int64_t big)
{
    int32_t v = f->back[f->root];
    while (v != f->root) {
        int32_t before = f->back[v], p = f->parent[v], e = f->pred[v];
        int64_t send = f->excess[v], most = f->cap[e];
        int64_t amount = f->up[v] ? send : -send;
        if (e >= f->real) {
            hang_on_root(f, v, send, big);
        } else if (amount < 0 || amount > most || (f->up[v] ? amount == most : amount == 0)) {
            int64_t kept = amount < 0 ? 0 : (amount > most ? most : amount);
            f->flow[e] = kept;
            f->state[e] = kept == 0 ? AT_LOWER : AT_UPPER;
            int64_t sent = f->up[v] ? kept : -kept;
            f->excess[p] += sent;
            hang_on_root(f, v, send - sent, big);
        } else {
            f->flow[e] = amount;
            f->excess[p] += send;
        }
        v = before;
    }
}

/* Takes over the figures, and makes the tree (the old one, or all nodes on the root) a feasible one again. */
static bg_err start(struct flow *f, const int64_t *supply, const struct flow_arc *arcs)
{
    int64_t dearest = 0, big;
    struct walk w = { 0 };
    memcpy(f->excess, supply, (size_t)f->n * sizeof *supply);
    f->excess[f->root] = 0;
    for (int32_t i = 0; i < f->real; i++) {
        const struct flow_arc *a = &arcs[i];
        int32_t e = mixed(f, &w);
        f->cost[e] = a->cost;
        f->cap[e] = a->cap == FLOW_INFINITE ? FLOW_INFINITE : a->cap - a->low;
        if (f->state[e] == AT_UPPER && a->cap == FLOW_INFINITE) {
            f->state[e] = AT_LOWER;
        }
        f->flow[e] = f->state[e] == AT_UPPER ? f->cap[e] : 0;
        int64_t magnitude = a->cost < 0 ? -a->cost : a->cost, moved = a->low + f->flow[e];
        dearest = magnitude > dearest ? magnitude : dearest;
        if (__builtin_sub_overflow(f->excess[a->from], moved, &f->excess[a->from]) ||
            __builtin_add_overflow(f->excess[a->to], moved, &f->excess[a->to])) {
            f->warm = false;
            return BG_FAIL_AT(BG_BAD_INPUT, "capacity");
        }
    }
    if (__builtin_mul_overflow(dearest + 1, (int64_t)f->n + 1, &big) || big > INT64_MAX / 4) {
        return BG_FAIL_AT(BG_BAD_INPUT, "cost");
    }
    if (f->warm) {
        settle_tree(f, big);
    } else {
        for (int32_t v = 0; v < f->n; v++) {
            hang_on_root(f, v, f->excess[v], big);
        }
    }
    build_tree(f);
    return BG_DONE;
}

/* --- pivots --- */
/* The worst arc of the first block that has one that saves cost. */
static bool price(struct flow *f)
{
    const int8_t *state = f->state;
    const int64_t *cost = f->cost, *pi = f->pi;
    const int32_t *from = f->from, *to = f->to;
    int64_t worst = 0;
    int32_t at = f->cursor, found = -1;
    for (int32_t seen = 0; seen < f->real;) {
        int32_t end = f->real - at < f->block ? f->real : at + f->block;
        seen += end - at;
        for (int32_t e = at; e < end; e++) {
            int64_t saves = state[e] * (cost[e] + pi[from[e]] - pi[to[e]]);
            if (saves < worst) {
                worst = saves;
                found = e;
            }
        }
        at = end == f->real ? 0 : end;
        if (found >= 0) {
            break;
        }
    }
    f->cursor = at;
    f->entering = found;
    return found >= 0;
}

static void find_apex(struct flow *f)
{
    int32_t e = f->entering;
    f->tail = f->state[e] == AT_LOWER ? f->from[e] : f->to[e];
    f->head = f->state[e] == AT_LOWER ? f->to[e] : f->from[e];
    int32_t u = f->tail, v = f->head;
    while (u != v) {
        if (f->size[u] < f->size[v]) {
            u = f->parent[u];
        } else {
            v = f->parent[v];
        }
    }
    f->apex = u;
}

/* The last blocking arc met when the cycle is walked along the push from the apex keeps the tree strongly feasible. */
static void find_leaving(struct flow *f)
{
    f->delta = f->cap[f->entering];
    f->leaving = -1;
    f->on_tail = true;
    for (int32_t u = f->tail; u != f->apex; u = f->parent[u]) {
        int32_t e = f->pred[u];
        int64_t room = f->up[u] ? f->flow[e] : (f->cap[e] == FLOW_INFINITE ? FLOW_INFINITE : f->cap[e] - f->flow[e]);
        if (room < f->delta) {
            f->delta = room;
            f->leaving = u;
        }
    }
    for (int32_t u = f->head; u != f->apex; u = f->parent[u]) {
        int32_t e = f->pred[u];
        int64_t room = !f->up[u] ? f->flow[e] : (f->cap[e] == FLOW_INFINITE ? FLOW_INFINITE : f->cap[e] - f->flow[e]);
        if (room <= f->delta) {
            f->delta = room;
            f->leaving = u;
            f->on_tail = false;
        }
    }
}

static void push(struct flow *f)
{
    if (f->delta == 0) {
        return;
    }
    f->flow[f->entering] += f->state[f->entering] * f->delta;
    for (int32_t u = f->tail; u != f->apex; u = f->parent[u]) {
        f->flow[f->pred[u]] += f->up[u] ? -f->delta : f->delta;
    }
    for (int32_t u = f->head; u != f->apex; u = f->parent[u]) {
        f->flow[f->pred[u]] += f->up[u] ? f->delta : -f->delta;
    }
}

static void join(struct flow *f, int32_t before, int32_t after)
{
    f->thread[before] = after;
    f->back[after] = before;
}

/* Takes the subtree of the leaving node out of thread, sizes and ends. */
static void cut_off(struct flow *f)
{
    int32_t node = f->leaving, before = f->back[node], end = f->last[node], size = f->size[node];
    join(f, before, f->thread[end]);
    for (int32_t u = f->parent[node]; u >= 0 && f->last[u] == end; u = f->parent[u]) {
        f->last[u] = before;
    }
    for (int32_t u = f->parent[node]; u != f->apex; u = f->parent[u]) {
        f->size[u] -= size;
    }
}

/* Turns the path from the joint up to the leaving node over, so that the joint becomes the root of the cut subtree: behind its own
 * block come what is left of its parent's block, and so on. Returns the end of the new thread of the subtree. */
static int32_t turn_over(struct flow *f, int32_t joint, int32_t anchor)
{
    int32_t whole = f->size[f->leaving], end = f->last[joint], child_last = end, child_back = f->back[joint];
    int32_t child = joint, above = anchor, arc = f->entering, taken = 0, rest = f->thread[end]; /* what followed the child's block */
    bool up = f->from[arc] == joint;
    for (;;) {
        int32_t p = f->parent[child], old_arc = f->pred[child], old_size = f->size[child];
        bool old_up = f->up[child];
        f->parent[child] = above;
        f->pred[child] = arc;
        f->up[child] = up;
        f->size[child] = whole - taken;
        taken = old_size;
        if (child == f->leaving) {
            break;
        }
        int32_t p_last = f->last[p], p_back = f->back[p];
        join(f, end, p);
        end = child_back;
        if (child_last != p_last) {
            join(f, end, rest);
            end = p_last;
            rest = f->thread[p_last];
        }
        child_last = p_last;
        child_back = p_back;
        above = child;
        child = p;
        arc = old_arc;
        up = !old_up;
    }
    for (int32_t u = f->leaving; u != anchor; u = f->parent[u]) {
        f->last[u] = end;
    }
    return end;
}

/* Moves the subtree below the leaving arc onto the entering arc. */
static void rehang(struct flow *f)
{
    int32_t joint = f->on_tail ? f->tail : f->head, anchor = f->on_tail ? f->head : f->tail, e = f->entering;
    int64_t reduced = f->cost[e] + f->pi[f->from[e]] - f->pi[f->to[e]];
    int64_t shift = f->from[e] == joint ? -reduced : reduced;
    cut_off(f);
    int32_t size = f->size[f->leaving];
    int32_t end = turn_over(f, joint, anchor);
    int32_t after = f->thread[anchor];
    join(f, anchor, joint);
    join(f, end, after);
    for (int32_t u = anchor; u >= 0 && f->last[u] == anchor; u = f->parent[u]) {
        f->last[u] = end;
    }
    for (int32_t u = anchor; u != f->apex; u = f->parent[u]) {
        f->size[u] += size;
    }
    for (int32_t u = joint; u != after; u = f->thread[u]) { /* the whole subtree moves by one step in potential */
        f->pi[u] += shift;
    }
}

static bg_err pivot(struct flow *f, int64_t *pivots)
{
    find_apex(f);
    find_leaving(f);
    if (f->delta == FLOW_INFINITE) {
        return BG_FAIL(BG_FLOW_UNBOUNDED);
    }
    push(f);
    if (f->leaving < 0) {
        f->state[f->entering] = (int8_t)-f->state[f->entering];
    } else {
        int32_t out = f->pred[f->leaving];
        f->state[out] = f->flow[out] == 0 ? AT_LOWER : AT_UPPER;
        f->state[f->entering] = IN_TREE;
        rehang(f);
    }
    (*pivots)++;
    return BG_DONE;
}

/* A cold tree first takes the cheapest arc into every node that lacks something. */
static bg_err first_pivots(struct flow *f, int64_t *pivots)
{
    for (int32_t v = 0; v < f->n; v++) {
        f->first[v] = -1;
    }
    for (int32_t e = 0; e < f->real; e++) {
        int32_t v = f->to[e];
        if (f->excess[v] < 0 && f->cap[e] > 0 && (f->first[v] < 0 || f->cost[e] < f->cost[f->first[v]])) {
            f->first[v] = e;
        }
    }
    for (int32_t v = 0; v < f->n; v++) {
        int32_t e = f->first[v];
        if (e >= 0 && f->state[e] * (f->cost[e] + f->pi[f->from[e]] - f->pi[f->to[e]]) < 0) {
            f->entering = e;
            BG_TRY(pivot(f, pivots));
        }
    }
    return BG_DONE;
}

static bg_err optimise(struct flow *f, int64_t *pivots)
{
    if (!f->warm) {
        BG_TRY(first_pivots(f, pivots));
    }
    while (price(f)) {
        BG_TRY(pivot(f, pivots));
    }
    for (int32_t e = f->real; e < f->real + f->n; e++) {
        if (f->flow[e] != 0 && f->state[e] == IN_TREE) {
            return BG_FAIL(BG_FLOW_INFEASIBLE);
        }
    }
    return BG_DONE;
}

static bg_err total_cost(const struct flow *f, const struct flow_arc *arcs, int64_t *ret)
{
    struct walk w = { 0 };
    int64_t sum = 0;
    for (int32_t i = 0; i < f->real; i++) {
        int64_t part;
        if (__builtin_mul_overflow(f->flow[mixed(f, &w)] + arcs[i].low, arcs[i].cost, &part) ||
            __builtin_add_overflow(sum, part, &sum)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cost");
        }
    }
    *ret = sum;
    return BG_DONE;
}

/* --- the handle --- */
static bg_err get_memory(struct flow *f)
{
    size_t m = (size_t)f->real + (size_t)f->n, n = (size_t)f->n + 1;
    f->from = bg_heap_get(m * sizeof *f->from);
    f->to = bg_heap_get(m * sizeof *f->to);
    f->cost = bg_heap_get(m * sizeof *f->cost);
    f->cap = bg_heap_get(m * sizeof *f->cap);
    f->flow = bg_heap_get(m * sizeof *f->flow);
    f->state = bg_heap_get(m * sizeof *f->state);
    f->pi = bg_heap_get(n * sizeof *f->pi);
    f->excess = bg_heap_get(n * sizeof *f->excess);
    f->up = bg_heap_get(n * sizeof *f->up);
    int32_t **lists[] = { &f->parent, &f->pred, &f->thread, &f->back, &f->size, &f->last, &f->first, &f->sibling };
    bool good = f->from != NULL && f->to != NULL && f->cost != NULL && f->cap != NULL && f->flow != NULL && f->state != NULL &&
                f->pi != NULL && f->excess != NULL && f->up != NULL;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        *lists[i] = bg_heap_get(n * sizeof **lists[i]);
        good = good && *lists[i] != NULL;
    }
    return good ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
}

bg_err flow_open(int32_t nodes, const struct flow_arc *arcs, int64_t count, struct flow **ret)
{
    BG_TRY(check_arcs(nodes, arcs, count));
    struct flow *f = bg_heap_get(sizeof *f);
    BG_TRY(bg_need(f));
    f->n = f->root = nodes;
    f->real = (int32_t)count;
    f->stride = (int32_t)sqrt((double)count) > 10 ? (int32_t)sqrt((double)count) : 10;
    f->block = 2 * f->stride;
    bg_err e = get_memory(f);
    if (bg_failed(e)) {
        flow_close(f);
        return e;
    }
    struct walk w = { 0 };
    for (int32_t i = 0; i < f->real; i++) {
        int32_t place = mixed(f, &w);
        f->from[place] = arcs[i].from;
        f->to[place] = arcs[i].to;
        f->state[place] = AT_LOWER;
    }
    for (int32_t v = 0; v < f->n; v++) {
        f->cap[f->real + v] = FLOW_INFINITE;
    }
    f->parent[f->root] = -1;
    *ret = f;
    return BG_DONE;
}

void flow_close(struct flow *f)
{
    if (f == NULL) {
        return;
    }
    void *const all[] = { f->from, f->to,  f->cost,   f->cap,  f->flow,   f->state, f->pi,    f->excess,  f->up,
                          f->parent, f->pred, f->thread, f->back, f->size, f->last,  f->first, f->sibling, f };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        bg_heap_free(all[i]);
    }
}

/* After a failure the tree can not be trusted to be one of an optimum: the next run starts cold. */
static void cool(struct flow *f)
{
    f->warm = false;
    for (int32_t e = 0; e < f->real; e++) {
        f->state[e] = AT_LOWER;
    }
}

bg_err flow_run(struct flow *f, const int64_t *supply, struct flow_arc *arcs, int64_t *potential, struct flow_result *ret)
{
    struct flow_result result = { 0 };
    struct walk w = { 0 };
    BG_TRY(check_figures(f->n, supply, arcs, f->real));
    for (int32_t i = 0; i < f->real; i++) {
        int32_t place = mixed(f, &w);
        if (arcs[i].from != f->from[place] || arcs[i].to != f->to[place]) {
            return BG_FAIL_AT(BG_BAD_INPUT, "arc");
        }
    }
    bg_err e = start(f, supply, arcs);
    e = bg_failed(e) ? e : optimise(f, &result.pivots);
    e = bg_failed(e) ? e : total_cost(f, arcs, &result.cost);
    if (bg_failed(e)) {
        cool(f);
        return e;
    }
    f->warm = true;
    w = (struct walk){ 0 };
    for (int32_t i = 0; i < f->real; i++) {
        arcs[i].flow = f->flow[mixed(f, &w)] + arcs[i].low;
    }
    if (potential != NULL) {
        memcpy(potential, f->pi, (size_t)f->n * sizeof *potential);
    }
    *ret = result;
    return BG_DONE;
}

bg_err flow_solve(int32_t nodes, const int64_t *supply, struct flow_arc *arcs, int64_t count, int64_t *potential,
                  struct flow_result *ret)
{
    struct flow *f;
    BG_TRY(flow_open(nodes, arcs, count, &f));
    bg_err e = flow_run(f, supply, arcs, potential, ret);
    flow_close(f);
    return e;
}
