/* What the files of the allocation share. Private to it. */
#ifndef BG_ENGINE_ALLOCATE_IMPL_H
#define BG_ENGINE_ALLOCATE_IMPL_H

#include "engine/allocate.h"

/* A network for filling claims: arcs in pairs, arc ^ 1 is its reverse. Node 0 is the base, from which goods come, node 1 the end, to
 * which claims lead. */
#define FILL_BASE 0
#define FILL_END 1
struct fill_net {
    int32_t nodes;
    int64_t arcs, room; /* counted with the reverses */
    const struct allocate_problem *p; /* whom to ask whether to stop */
    int32_t *to;
    int64_t *left; /* room left on the arc */
    int64_t *next, *head; /* lists of a node's arcs */
    /* scratch */
    int64_t *cursor, *kept, *path;
    int32_t *level, *queue;
};
/* A claim is one node with an arc to the end; its amount is what flows on that arc. */
struct fill_claim {
    int32_t node;
    int64_t arc; /* node -> end */
    int64_t amount; /* now */
    int64_t limit; /* rates are amount / limit; never more than this */
    int64_t second; /* 0, or what a tie is judged by: amount / second */
    bool stuck; /* can not grow any more */
};

bg_err fill_net_open(struct bg_arena *arena, int32_t nodes, int64_t arcs, struct fill_net *ret);
int64_t fill_net_arc(struct fill_net *net, int32_t from, int32_t to, int64_t cap); /* its index */
/* Raises the claims: the lowest rate first when `lowest`, else so that the highest rates stay lowest, as far as goods reach. Claims
 * stand in the order that settles ties. */
bg_err fill_claims(struct fill_net *net, struct fill_claim *claims, int32_t count, bool lowest);

/* What is changed to find out why; bound < 0: nothing. */
struct allocate_lift {
    int bound;
    int32_t need;
};

/* The problem in canonical order, and what the steps decide. */
struct allocation {
    const struct allocate_problem *p;
    struct allocate_lift lift;
    struct bg_arena *arena;
    int32_t *depots, *lots, *needs; /* indexes of the problem in canonical order: by `order`; lots by depot, day, expiry, order */
    int32_t *lot_first; /* [depots + 1] places in lots, by canonical place of the depot */
    int64_t pairs; /* of lot and need that may meet */
    int64_t *free; /* [depots] as in the problem */
    int64_t *got; /* [needs] as in the problem */
    int64_t *given; /* [depots] as in the problem; NULL: not fixed */
    struct allocate_move *move;
    int64_t moves, cost;
};

/* One arc of the network base -> depots -> lots -> needs. Nodes: 0 base, 1 end, then depots, lots' gates, lots, needs, each in
 * canonical order. A gate joins the lots that were there before to a lot, so that early days keep the depot's standard. */
struct allocate_edge {
    int32_t from, to;
    int64_t cap; /* INT64_MAX: no bound */
    int32_t depot, lot, need; /* canonical places; -1 where it is not about one */
};
typedef void (*allocate_take)(void *ctx, const struct allocate_edge *edge);
void allocate_edges(const struct allocation *a, allocate_take take, void *ctx);
int32_t allocate_nodes(const struct allocation *a);
int64_t allocate_edge_count(const struct allocation *a); /* at most */
int32_t allocate_depot_node(const struct allocation *a, int32_t place);
int32_t allocate_need_node(const struct allocation *a, int32_t place);

int64_t allocate_asked(const struct allocation *a, int32_t need); /* as the lift leaves it */
int64_t allocate_floor(const struct allocation *a, int32_t need);
int64_t allocate_price(const struct allocation *a, int32_t depot, int32_t receiver);

bg_err allocate_prepare(struct allocation *a, const struct allocate_problem *problem, struct bg_arena *arena,
                        const struct allocate_lift *lift);
bg_err allocate_fill(struct allocation *a, bool floors, bool fill); /* sets got */
bg_err allocate_share(struct allocation *a); /* sets given */
/* Sets move and cost: the cheapest plan when `cost`, and among those left the one that ships the earliest expiry when `expiry`. */
bg_err allocate_route(struct allocation *a, bool cost, bool expiry);

#endif
