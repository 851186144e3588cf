/* Network simplex on strongly feasible trees: big-M start, block pricing, first-child / next-sibling tree. */
#include "engine/flow.h"

#include <assert.h>
#include <math.h>

enum arc_state { AT_UPPER = -1, IN_TREE = 0, AT_LOWER = 1 };

struct node {
    int64_t potential;
    int64_t pred; /* arc to the parent */
    int32_t parent, child, next, prev; /* tree; next and prev are siblings; -1: none */
    int32_t depth;
    bool up; /* pred points from this node to its parent */
};

struct arc {
    int32_t from, to;
    int64_t cost, flow; /* flow above the lower bound */
    int64_t cap; /* room above the lower bound */
    int64_t state;
};

struct simplex {
    struct node *nodes;
    struct arc *arcs;
    int32_t root;
    int64_t real, all; /* arcs of the problem; with the artificial ones */
    int64_t block, cursor; /* pricing */
    /* the pivot */
    int64_t entering;
    int32_t first, second; /* the entering arc pushes from first to second */
    int32_t apex, leaving; /* leaving: the node whose pred arc leaves; -1: the entering arc itself */
    bool leaves_on_first; /* which side of the apex the leaving arc is on */
    int64_t delta;
};

static bg_err check_input(int32_t nodes, const int64_t *supply, const struct flow_arc *arcs, int64_t count)
{
    if (nodes < 1 || nodes > FLOW_NODES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "nodes");
    }
    if (count < 0 || count > FLOW_ARCS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "arc");
    }
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
        if (a->from < 0 || a->from >= nodes || a->to < 0 || a->to >= nodes) {
            return BG_FAIL_AT(BG_BAD_INPUT, "arc");
        }
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

static void unlink_child(struct simplex *s, int32_t node)
{
    struct node *n = &s->nodes[node];
    if (n->prev >= 0) {
        s->nodes[n->prev].next = n->next;
    } else {
        s->nodes[n->parent].child = n->next;
    }
    if (n->next >= 0) {
        s->nodes[n->next].prev = n->prev;
    }
}

static void link_child(struct simplex *s, int32_t node, int32_t parent)
{
    struct node *n = &s->nodes[node];
    n->parent = parent;
    n->prev = -1;
    n->next = s->nodes[parent].child;
    if (n->next >= 0) {
        s->nodes[n->next].prev = node;
    }
    s->nodes[parent].child = node;
}

/* Artificial arcs join every node to the root; what the lower bounds leave to be supplied flows on them at first. */
static bg_err start(struct simplex *s, int32_t nodes, const int64_t *supply, const struct flow_arc *arcs)
{
    int64_t dearest = 0;
    for (int32_t i = 0; i <= nodes; i++) {
        s->nodes[i] = (struct node){ .parent = -1, .child = -1, .next = -1, .prev = -1, .pred = -1 };
        if (i < nodes) {
            s->arcs[s->real + i].flow = supply[i]; /* borrowed: the net supply of the node */
        }
    }
    for (int64_t i = 0; i < s->real; i++) {
        const struct flow_arc *a = &arcs[i];
        s->arcs[i] =
            (struct arc){ a->from, a->to, a->cost, 0, a->cap == FLOW_INFINITE ? FLOW_INFINITE : a->cap - a->low, AT_LOWER };
        int64_t magnitude = a->cost < 0 ? -a->cost : a->cost;
        dearest = magnitude > dearest ? magnitude : dearest;
        if (__builtin_sub_overflow(s->arcs[s->real + a->from].flow, a->low, &s->arcs[s->real + a->from].flow) ||
            __builtin_add_overflow(s->arcs[s->real + a->to].flow, a->low, &s->arcs[s->real + a->to].flow)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "capacity");
        }
    }
    int64_t big;
    if (__builtin_mul_overflow(dearest + 1, (int64_t)nodes + 1, &big) || big > INT64_MAX / 4) {
        return BG_FAIL_AT(BG_BAD_INPUT, "cost");
    }
    for (int32_t i = 0; i < nodes; i++) {
        struct arc *a = &s->arcs[s->real + i];
        int64_t net = a->flow;
        struct node *n = &s->nodes[i];
        n->up = net >= 0;
        *a = (struct arc){ n->up ? i : s->root, n->up ? s->root : i, big, net < 0 ? -net : net, FLOW_INFINITE, IN_TREE };
        n->pred = s->real + i;
        n->depth = 1;
        n->potential = n->up ? -big : big;
        link_child(s, i, s->root);
    }
    return BG_DONE;
}

/* Negative when pushing along the arc (or back, at its upper bound) saves cost. Potentials: reduced cost = cost + pi[from] -
 * pi[to]. */
static int64_t violation(const struct simplex *s, const struct arc *a)
{
    return a->state * (a->cost + s->nodes[a->from].potential - s->nodes[a->to].potential);
}

/* The worst arc of the first block that has one. */
static bool price(struct simplex *s)
{
    int64_t worst = 0, left = s->block, at = s->cursor;
    for (int64_t seen = 0; seen < s->all; seen++) {
        int64_t v = violation(s, &s->arcs[at]);
        if (v < worst) {
            worst = v;
            s->entering = at;
        }
        at = at + 1 == s->all ? 0 : at + 1;
        if (--left == 0) {
            if (worst < 0) {
                break;
            }
            left = s->block;
        }
    }
    s->cursor = at;
    return worst < 0;
}

static void find_apex(struct simplex *s)
{
    const struct arc *a = &s->arcs[s->entering];
    s->first = a->state == AT_LOWER ? a->from : a->to;
    s->second = a->state == AT_LOWER ? a->to : a->from;
    int32_t u = s->first, v = s->second;
    while (u != v) {
        if (s->nodes[u].depth >= s->nodes[v].depth) {
            u = s->nodes[u].parent;
        } else {
            v = s->nodes[v].parent;
        }
    }
    s->apex = u;
}

/* Room on a node's pred arc for flow going down from its parent (down) or up to it. */
static int64_t room(const struct simplex *s, int32_t node, bool down)
{
    const struct node *n = &s->nodes[node];
    const struct arc *a = &s->arcs[n->pred];
    if (n->up == down) {
        return a->flow; /* against the arc: take flow away */
    }
    return a->cap == FLOW_INFINITE ? FLOW_INFINITE : a->cap - a->flow;
}

/* The last blocking arc met when the cycle is walked along the push from the apex keeps the tree strongly feasible. */
static void find_leaving(struct simplex *s)
{
    s->delta = s->arcs[s->entering].cap;
    s->leaving = -1;
    s->leaves_on_first = true;
    for (int32_t u = s->first; u != s->apex; u = s->nodes[u].parent) {
        int64_t r = room(s, u, true);
        if (r < s->delta) {
            s->delta = r;
            s->leaving = u;
        }
    }
    for (int32_t v = s->second; v != s->apex; v = s->nodes[v].parent) {
        int64_t r = room(s, v, false);
        if (r <= s->delta) {
            s->delta = r;
            s->leaving = v;
            s->leaves_on_first = false;
        }
    }
}

static void push(struct simplex *s)
{
    if (s->delta == 0) {
        return;
    }
    struct arc *e = &s->arcs[s->entering];
    e->flow += e->state * s->delta;
    for (int32_t u = s->first; u != s->apex; u = s->nodes[u].parent) {
        s->arcs[s->nodes[u].pred].flow += s->nodes[u].up ? -s->delta : s->delta;
    }
    for (int32_t v = s->second; v != s->apex; v = s->nodes[v].parent) {
        s->arcs[s->nodes[v].pred].flow += s->nodes[v].up ? s->delta : -s->delta;
    }
}

/* Hangs the subtree below the leaving arc onto the entering arc: turns the path from the joint up to the leaving node over. */
static void rehang(struct simplex *s)
{
    int32_t joint = s->leaves_on_first ? s->first : s->second;
    int32_t anchor = s->leaves_on_first ? s->second : s->first;
    int32_t node = joint, above = anchor;
    int64_t arc = s->entering;
    bool up = s->arcs[arc].from == joint;
    for (;;) {
        struct node *n = &s->nodes[node];
        int32_t old_parent = n->parent;
        int64_t old_arc = n->pred;
        bool old_up = n->up;
        unlink_child(s, node);
        link_child(s, node, above);
        n->pred = arc;
        n->up = up;
        if (node == s->leaving) {
            break;
        }
        above = node;
        node = old_parent;
        arc = old_arc;
        up = !old_up;
    }
    /* The whole subtree moves by one step in potential and gets new depths. */
    const struct arc *e = &s->arcs[s->entering];
    int64_t reduced = e->cost + s->nodes[e->from].potential - s->nodes[e->to].potential;
    int64_t shift = e->from == joint ? -reduced : reduced;
    int32_t at = joint;
    for (;;) {
        struct node *n = &s->nodes[at];
        n->potential += shift;
        n->depth = s->nodes[n->parent].depth + 1;
        if (n->child >= 0) {
            at = n->child;
            continue;
        }
        while (at != joint && s->nodes[at].next < 0) {
            at = s->nodes[at].parent;
        }
        if (at == joint) {
            return;
        }
        at = s->nodes[at].next;
    }
}

static bg_err optimise(struct simplex *s, int64_t *ret_pivots)
{
    while (price(s)) {
        find_apex(s);
        find_leaving(s);
        if (s->delta == FLOW_INFINITE) {
            return BG_FAIL(BG_FLOW_UNBOUNDED);
        }
        push(s);
        struct arc *e = &s->arcs[s->entering];
        if (s->leaving < 0) {
            e->state = -e->state;
        } else {
            struct arc *out = &s->arcs[s->nodes[s->leaving].pred];
            out->state = out->flow == 0 ? AT_LOWER : AT_UPPER;
            e->state = IN_TREE;
            rehang(s);
        }
        (*ret_pivots)++;
    }
    for (int64_t i = s->real; i < s->all; i++) {
        if (s->arcs[i].flow != 0) {
            return BG_FAIL(BG_FLOW_INFEASIBLE);
        }
    }
    return BG_DONE;
}

static bg_err total_cost(const struct simplex *s, const struct flow_arc *arcs, int64_t *ret)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < s->real; i++) {
        int64_t part;
        if (__builtin_mul_overflow(s->arcs[i].flow + arcs[i].low, arcs[i].cost, &part) ||
            __builtin_add_overflow(sum, part, &sum)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cost");
        }
    }
    *ret = sum;
    return BG_DONE;
}

static bg_err solve(struct simplex *s, int32_t nodes, const int64_t *supply, struct flow_arc *arcs, int64_t *potential,
                    struct flow_result *ret)
{
    struct flow_result result = { 0 };
    BG_TRY(start(s, nodes, supply, arcs));
    BG_TRY(optimise(s, &result.pivots));
    BG_TRY(total_cost(s, arcs, &result.cost));
    for (int64_t i = 0; i < s->real; i++) {
        arcs[i].flow = s->arcs[i].flow + arcs[i].low;
    }
    for (int32_t i = 0; potential != NULL && i < nodes; i++) {
        potential[i] = s->nodes[i].potential;
    }
    *ret = result;
    return BG_DONE;
}

bg_err flow_solve(int32_t nodes, const int64_t *supply, struct flow_arc *arcs, int64_t count, int64_t *potential,
                  struct flow_result *ret)
{
    BG_TRY(check_input(nodes, supply, arcs, count));
    struct simplex s = { .root = nodes, .real = count, .all = count + nodes };
    s.block = (int64_t)(sqrt((double)s.all)) + 10;
    s.nodes = bg_heap_get(((size_t)nodes + 1) * sizeof *s.nodes);
    s.arcs = bg_heap_get((size_t)s.all * sizeof *s.arcs);
    bg_err e = s.nodes == NULL || s.arcs == NULL ? BG_FAIL(BG_NO_MEMORY) : solve(&s, nodes, supply, arcs, potential, ret);
    bg_heap_free(s.nodes);
    bg_heap_free(s.arcs);
    return e;
}
