/* The steps of an allocation on its network: who gets how much, which depots give, and which lots go where. */
#include "engine/allocate_impl.h"
#include "engine/flow.h"

/* --- who gets how much --- */
struct fill_build {
    struct fill_net net;
    bool backwards; /* from the needs to the depots */
};

static void take_fill(void *ctx, const struct allocate_edge *edge)
{
    struct fill_build *b = ctx;
    if (!b->backwards) {
        (void)fill_net_arc(&b->net, edge->from, edge->to, edge->cap);
    } else if (edge->from != FILL_BASE) {
        (void)fill_net_arc(&b->net, edge->to, edge->from, edge->cap);
    }
}

/* Fills one tier up to its floors or to what it asked. */
static bg_err fill_tier(struct allocation *a, struct fill_net *net, const int64_t *arc, int32_t tier, bool floors,
                        struct fill_claim *claims)
{
    int32_t count = 0;
    for (int32_t j = 0; j < a->p->needs; j++) {
        int32_t need = a->needs[j];
        int64_t asked = allocate_asked(a, need), limit = floors ? allocate_floor(a, need) : asked;
        if (a->p->need[need].tier == tier && limit > 0) {
            claims[count++] = (struct fill_claim){
                .node = allocate_need_node(a, j), .arc = arc[j], .limit = limit, .second = floors ? asked : 0
            };
        }
    }
    return count > 0 ? fill_claims(net, claims, count, true) : BG_DONE;
}

bg_err allocate_fill(struct allocation *a, bool floors, bool fill)
{
    struct fill_build b = { 0 };
    int32_t tiers = 0;
    int64_t *arc = bg_arena_array(a->arena, (size_t)a->p->needs + 1, sizeof *arc);
    struct fill_claim *claims = bg_arena_array(a->arena, (size_t)a->p->needs + 1, sizeof *claims);
    BG_TRY(bg_need(arc));
    BG_TRY(bg_need(claims));
    BG_TRY(fill_net_open(a->arena, allocate_nodes(a), allocate_edge_count(a), &b.net));
    b.net.p = a->p;
    allocate_edges(a, take_fill, &b);
    for (int32_t j = 0; j < a->p->needs; j++) {
        arc[j] = fill_net_arc(&b.net, allocate_need_node(a, j), FILL_END, 0);
        tiers = a->p->need[a->needs[j]].tier > tiers ? a->p->need[a->needs[j]].tier : tiers;
    }
    for (int32_t tier = 1; floors && tier <= tiers; tier++) {
        BG_TRY(fill_tier(a, &b.net, arc, tier, true, claims));
    }
    for (int32_t tier = 1; fill && tier <= tiers; tier++) {
        BG_TRY(fill_tier(a, &b.net, arc, tier, false, claims));
    }
    for (int32_t j = 0; j < a->p->needs; j++) {
        a->got[a->needs[j]] = b.net.left[arc[j] ^ 1];
    }
    return BG_DONE;
}

/* --- what the depots give --- */
bg_err allocate_share(struct allocation *a)
{
    struct fill_build b = { .backwards = true };
    struct fill_claim *claims = bg_arena_array(a->arena, (size_t)a->p->depots + 1, sizeof *claims);
    int64_t *given = bg_arena_array(a->arena, (size_t)a->p->depots + 1, sizeof *given);
    BG_TRY(bg_need(claims));
    BG_TRY(bg_need(given));
    BG_TRY(fill_net_open(a->arena, allocate_nodes(a), allocate_edge_count(a) + a->p->depots, &b.net));
    b.net.p = a->p;
    allocate_edges(a, take_fill, &b);
    for (int32_t j = 0; j < a->p->needs; j++) {
        (void)fill_net_arc(&b.net, FILL_BASE, allocate_need_node(a, j), a->got[a->needs[j]]);
    }
    int32_t count = 0;
    for (int32_t place = 0; place < a->p->depots; place++) {
        int32_t node = allocate_depot_node(a, place);
        int64_t arc = fill_net_arc(&b.net, node, FILL_END, 0);
        if (a->free[a->depots[place]] > 0) {
            claims[count++] = (struct fill_claim){ .node = node, .arc = arc, .limit = a->free[a->depots[place]] };
        }
    }
    BG_TRY(fill_claims(&b.net, claims, count, false));
    for (int32_t i = 0; i < count; i++) {
        given[a->depots[claims[i].node - 2]] = b.net.left[claims[i].arc ^ 1];
    }
    a->given = given;
    return BG_DONE;
}

/* --- which lots go where --- */
struct route_build {
    const struct allocation *a;
    struct flow_arc *arcs;
    int64_t count;
};

static void take_route(void *ctx, const struct allocate_edge *edge)
{
    struct route_build *b = ctx;
    const struct allocation *a = b->a;
    if (edge->need >= 0 && a->got[a->needs[edge->need]] == 0) {
        return;
    }
    struct flow_arc arc = {
        .from = edge->from, .to = edge->to, .cap = edge->cap == INT64_MAX ? FLOW_INFINITE : edge->cap
    };
    if (edge->need >= 0) {
        arc.cost = allocate_price(a, a->p->lot[a->lots[edge->lot]].depot, a->p->need[a->needs[edge->need]].receiver);
    }
    if (edge->from == FILL_BASE && a->given != NULL) {
        arc.low = edge->cap;
    }
    b->arcs[b->count++] = arc;
}

/* Keeps only plans that cost as little: complementary slackness with the potentials of a cheapest one. */
static void stay_cheapest(struct route_build *b, const int64_t *potential)
{
    for (int64_t i = 0; i < b->count; i++) {
        struct flow_arc *arc = &b->arcs[i];
        int64_t reduced = arc->cost + potential[arc->from] - potential[arc->to];
        if (reduced > 0) {
            arc->cap = arc->low;
        } else if (reduced < 0) {
            arc->low = arc->cap;
        }
    }
}

/* A unit costs the rank of its lot's expiry date, so that the earliest leave first. */
static void price_expiry(struct route_build *b)
{
    const struct allocation *a = b->a;
    int32_t lots = 2 + a->p->depots + a->p->lots;
    for (int64_t i = 0; i < b->count; i++) {
        struct flow_arc *arc = &b->arcs[i];
        int32_t place = arc->to - lots;
        bool leaves = place >= 0 && place < a->p->lots;
        int64_t expiry = leaves ? a->p->lot[a->lots[place]].expiry : 0;
        arc->cost = expiry > 100000 ? 100000 : (expiry < -100000 ? -100000 : expiry);
    }
}

static bg_err read_moves(struct allocation *a, const struct route_build *b)
{
    int32_t lots = 2 + a->p->depots + a->p->lots, needs = lots + a->p->lots;
    int64_t count = 0;
    for (int64_t i = 0; i < b->count; i++) {
        count += b->arcs[i].to >= needs && b->arcs[i].flow > 0;
    }
    a->move = bg_arena_array(a->arena, (size_t)count + 1, sizeof *a->move);
    BG_TRY(bg_need(a->move));
    for (int64_t i = 0; i < b->count; i++) {
        const struct flow_arc *arc = &b->arcs[i];
        if (arc->to >= needs && arc->flow > 0) {
            struct allocate_move m = { a->lots[arc->from - lots], a->needs[arc->to - needs], arc->flow };
            a->cost += m.quantity * allocate_price(a, a->p->lot[m.lot].depot, a->p->need[m.need].receiver);
            a->move[a->moves++] = m;
        }
    }
    return BG_DONE;
}

bg_err allocate_route(struct allocation *a, bool cost, bool expiry)
{
    struct route_build b = { .a = a };
    struct flow_result result;
    int32_t nodes = allocate_nodes(a);
    int64_t *supply = bg_arena_array(a->arena, (size_t)nodes, sizeof *supply);
    int64_t *potential = bg_arena_array(a->arena, (size_t)nodes, sizeof *potential);
    b.arcs = bg_arena_array(a->arena, (size_t)allocate_edge_count(a) + 1, sizeof *b.arcs);
    if (supply == NULL || potential == NULL || b.arcs == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t j = 0; j < a->p->needs; j++) {
        supply[allocate_need_node(a, j)] = -a->got[a->needs[j]];
        supply[FILL_BASE] += a->got[a->needs[j]];
    }
    allocate_edges(a, take_route, &b);
    for (int64_t i = 0; !cost && i < b.count; i++) {
        b.arcs[i].cost = 0;
    }
    BG_TRY(flow_solve(nodes, supply, b.arcs, b.count, potential, &result));
    if (expiry) {
        stay_cheapest(&b, potential);
        price_expiry(&b);
        BG_TRY(flow_solve(nodes, supply, b.arcs, b.count, NULL, &result));
    }
    return read_moves(a, &b);
}
