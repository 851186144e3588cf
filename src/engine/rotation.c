/* Rotation: pools by depot, the time-expanded flow, and the lots by first expiry. */
#include "engine/rotation.h"

#include <stdlib.h>

#include "engine/flow.h"

const struct rotation_bound_text rotation_bounds[ROTATION_BOUNDS] = {
    [ROTATION_BY_KEEP] = { "keep", "各库须保持储备标准", "depots keep their standards" },
    [ROTATION_BY_USE] = { "use", "接收单位的日常用量有限", "routine use at the receivers is limited" },
    [ROTATION_BY_LIFE] = { "life", "出库时须留有最低剩余效期", "goods must have the least remaining life when they leave" },
    [ROTATION_BY_ROUTE] = { "route", "部分库与单位之间没有开通线路", "no route is open between some depots and receivers" },
    [ROTATION_BY_COST] = { "cost", "运输费用高于挽回的损失", "moving would cost more than it saves" },
};

/* --- checks --- */
static bool within(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

static bg_err check_lots(const struct rotation_problem *p)
{
    int64_t total = 0;
    for (int32_t i = 0; i < p->lots; i++) {
        if (!within(p->lot[i].depot, 0, p->depots - 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "depot");
        }
        if (p->lot[i].day < 0) {
            return BG_FAIL_AT(BG_BAD_INPUT, "day");
        }
        if (!within(p->lot[i].quantity, 0, ROTATION_TOTAL_MAX) || (total += p->lot[i].quantity) > ROTATION_TOTAL_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "quantity");
        }
    }
    return BG_DONE;
}

static bg_err check(const struct rotation_problem *p)
{
    if (!within(p->days, 1, ROTATION_DAYS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "days");
    }
    if (!within(p->depots, 1, ROTATION_DEPOTS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "depots");
    }
    if (!within(p->receivers, 0, ROTATION_RECEIVERS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "receivers");
    }
    if (!within(p->lots, 0, ROTATION_LOTS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "lots");
    }
    if (p->life_min < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "life_min");
    }
    if (!within(p->value, 0, ROTATION_VALUE_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "value");
    }
    if (((int64_t)p->depots + p->receivers) * p->days > ROTATION_NODES_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "days");
    }
    for (int32_t k = 0; k < p->depots; k++) {
        if (!within(p->keep[k], 0, ROTATION_TOTAL_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "keep");
        }
    }
    for (int64_t i = 0; i < (int64_t)p->receivers * p->days; i++) {
        if (!within(p->use[i], 0, ROTATION_TOTAL_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "use");
        }
    }
    for (int32_t h = 0; h < p->receivers; h++) {
        if (!within(p->ahead[h], 0, p->life_min)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "ahead");
        }
    }
    for (int64_t i = 0; p->cost != NULL && i < (int64_t)p->depots * p->receivers; i++) {
        if (!within(p->cost[i], ROTATION_NO_ROUTE, ROTATION_VALUE_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cost");
        }
    }
    return check_lots(p);
}

/* --- pools --- */
/* A pool holds lots of one depot of which the later ones may be issued longer. Pools beyond a depot's first are for lots that come
 * later and expire earlier; each keeps what the ones before it lack of the standard. */
struct pool {
    int32_t depot, first, count; /* into lots */
    int32_t last; /* last day of issue of the lot that joined last */
};
struct rotation {
    const struct rotation_problem *p;
    struct bg_arena *arena;
    int32_t *lots; /* sorted; then by pool, then by last day of issue */
    int32_t *pool_of; /* [lots] */
    struct pool *pools;
    int32_t pool_count;
    int64_t *stay; /* [pools x days] most that can be carried to the next day */
    int64_t *low; /* [pools x days] least */
};

static int32_t last_issue(const struct rotation_problem *p, int32_t lot)
{
    int64_t day = p->lot[lot].expiry == INT32_MAX ? INT32_MAX : (int64_t)p->lot[lot].expiry - p->life_min;
    return day < -1 ? -1 : (int32_t)day;
}

static int by_arrival(const void *left, const void *right, void *ctx)
{
    const struct rotation_problem *p = ctx;
    int32_t i = *(const int32_t *)left, j = *(const int32_t *)right;
    const struct rotation_lot *a = &p->lot[i], *b = &p->lot[j];
    if (a->depot != b->depot) {
        return a->depot < b->depot ? -1 : 1;
    }
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    int32_t x = last_issue(p, i), y = last_issue(p, j);
    return x != y ? (x < y ? -1 : 1) : (a->order > b->order) - (a->order < b->order);
}

static int by_pool(const void *left, const void *right, void *ctx)
{
    const struct rotation *r = ctx;
    int32_t i = *(const int32_t *)left, j = *(const int32_t *)right;
    if (r->pool_of[i] != r->pool_of[j]) {
        return r->pool_of[i] < r->pool_of[j] ? -1 : 1;
    }
    int32_t x = last_issue(r->p, i), y = last_issue(r->p, j);
    if (x != y) {
        return x < y ? -1 : 1;
    }
    return (r->p->lot[i].order > r->p->lot[j].order) - (r->p->lot[i].order < r->p->lot[j].order);
}

/* Every depot has a pool; with `one`, all its lots go there whatever their order. */
static bg_err make_pools(struct rotation *r, bool one)
{
    const struct rotation_problem *p = r->p;
    r->lots = bg_arena_array(r->arena, (size_t)p->lots + 1, sizeof *r->lots);
    r->pool_of = bg_arena_array(r->arena, (size_t)p->lots + 1, sizeof *r->pool_of);
    r->pools = bg_arena_array(r->arena, (size_t)p->depots + (size_t)p->lots, sizeof *r->pools);
    if (r->lots == NULL || r->pool_of == NULL || r->pools == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t i = 0; i < p->lots; i++) {
        r->lots[i] = i;
    }
    qsort_r(r->lots, (size_t)p->lots, sizeof *r->lots, by_arrival, (void *)(uintptr_t)p);
    int32_t at = 0;
    for (int32_t k = 0; k < p->depots; k++) {
        int32_t first = r->pool_count;
        r->pools[r->pool_count++] = (struct pool){ .depot = k, .last = -1 };
        for (; at < p->lots && p->lot[r->lots[at]].depot == k; at++) {
            int32_t pool = first, last = last_issue(p, r->lots[at]);
            while (!one && pool < r->pool_count && r->pools[pool].last > last) {
                pool++;
            }
            if (pool == r->pool_count) {
                r->pools[r->pool_count++] = (struct pool){ .depot = k };
            }
            r->pools[pool].last = last;
            r->pools[pool].count++;
            r->pool_of[r->lots[at]] = pool;
        }
    }
    qsort_r(r->lots, (size_t)p->lots, sizeof *r->lots, by_pool, r);
    for (int32_t pool = 1; pool < r->pool_count; pool++) {
        r->pools[pool].first = r->pools[pool - 1].first + r->pools[pool - 1].count;
    }
    return BG_DONE;
}

/* What each pool can and must carry over each night. */
static bg_err set_bounds(struct rotation *r)
{
    const struct rotation_problem *p = r->p;
    size_t cells = (size_t)r->pool_count * (size_t)p->days;
    if ((int64_t)cells > ROTATION_NODES_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "lots");
    }
    r->stay = bg_arena_array(r->arena, cells + 1, sizeof *r->stay);
    r->low = bg_arena_array(r->arena, cells + 1, sizeof *r->low);
    BG_TRY(bg_need(r->stay));
    BG_TRY(bg_need(r->low));
    for (int32_t i = 0; i < p->lots; i++) {
        int32_t last = last_issue(p, i);
        int64_t *stay = r->stay + (int64_t)r->pool_of[i] * p->days;
        for (int32_t t = p->lot[i].day; t < p->days && t < last; t++) {
            stay[t] += p->lot[i].quantity;
        }
    }
    for (int32_t pool = 0; pool < r->pool_count; pool++) {
        for (int32_t t = 0; t < p->days; t++) {
            int64_t wanted = p->keep[r->pools[pool].depot];
            for (int32_t before = pool - 1; before >= 0 && r->pools[before].depot == r->pools[pool].depot; before--) {
                wanted -= r->low[(int64_t)before * p->days + t];
            }
            int64_t stay = r->stay[(int64_t)pool * p->days + t];
            r->low[(int64_t)pool * p->days + t] = wanted < stay ? wanted : stay;
        }
    }
    return BG_DONE;
}

/* --- the flow --- */
static int64_t price_of(const struct rotation_problem *p, int32_t depot, int32_t receiver)
{
    return p->cost != NULL ? p->cost[(int64_t)depot * p->receivers + receiver] : 0;
}

struct network {
    struct flow_arc *arcs;
    int64_t *supply, count;
    int32_t nodes, sink;
};

/* What a receiver may have in store at night: the use of the days ahead, within the plan. */
static int64_t store_of(const struct rotation_problem *p, int32_t receiver, int32_t t)
{
    int64_t sum = 0;
    for (int32_t d = t + 1; d < p->days && d <= t + p->ahead[receiver] && sum < ROTATION_TOTAL_MAX; d++) {
        sum += p->use[(int64_t)receiver * p->days + d];
    }
    return sum < ROTATION_TOTAL_MAX ? sum : ROTATION_TOTAL_MAX;
}

static void pool_arcs(const struct rotation *r, struct network *net, int32_t pool)
{
    const struct rotation_problem *p = r->p;
    for (int32_t t = 0; t < p->days; t++) {
        int32_t node = pool * p->days + t;
        for (int32_t h = 0; h < p->receivers; h++) {
            int64_t cost = price_of(p, r->pools[pool].depot, h);
            if (cost >= 0) {
                int32_t to = (r->pool_count + h) * p->days + t;
                net->arcs[net->count++] = (struct flow_arc){ .from = node, .to = to, .cap = FLOW_INFINITE, .cost = cost };
            }
        }
        net->arcs[net->count++] = (struct flow_arc){ .from = node,
                                                     .to = t + 1 < p->days ? node + 1 : net->sink,
                                                     .low = r->low[node],
                                                     .cap = r->stay[node] };
        net->arcs[net->count++] = (struct flow_arc){ .from = node, .to = net->sink, .cap = FLOW_INFINITE, .cost = p->value };
    }
}

static void receiver_arcs(const struct rotation *r, struct network *net, int32_t h)
{
    const struct rotation_problem *p = r->p;
    for (int32_t t = 0; t < p->days; t++) {
        int32_t node = (r->pool_count + h) * p->days + t;
        net->arcs[net->count++] =
            (struct flow_arc){ .from = node, .to = net->sink, .cap = p->use[(int64_t)h * p->days + t] };
        if (t + 1 < p->days) {
            net->arcs[net->count++] = (struct flow_arc){ .from = node, .to = node + 1, .cap = store_of(p, h, t) };
        }
    }
}

/* A lot that can never be issued is not in the network. */
static bool issuable(const struct rotation_problem *p, int32_t lot)
{
    return p->lot[lot].day < p->days && last_issue(p, lot) >= p->lot[lot].day;
}

static bg_err build(const struct rotation *r, struct network *net)
{
    const struct rotation_problem *p = r->p;
    int64_t routes = 0;
    for (int32_t pool = 0; pool < r->pool_count; pool++) {
        for (int32_t h = 0; h < p->receivers; h++) {
            routes += price_of(p, r->pools[pool].depot, h) >= 0;
        }
    }
    int64_t nodes = ((int64_t)r->pool_count + p->receivers) * p->days + 1, arcs = (routes + 2 * (r->pool_count + p->receivers)) * p->days;
    if (nodes > ROTATION_NODES_MAX || arcs > ROTATION_ARCS_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "days");
    }
    net->nodes = (int32_t)nodes;
    net->sink = net->nodes - 1;
    net->supply = bg_arena_array(r->arena, (size_t)nodes, sizeof *net->supply);
    net->arcs = bg_arena_array(r->arena, (size_t)arcs + 1, sizeof *net->arcs);
    BG_TRY(bg_need(net->supply));
    BG_TRY(bg_need(net->arcs));
    for (int32_t i = 0; i < p->lots; i++) {
        if (issuable(p, i)) {
            net->supply[r->pool_of[i] * p->days + p->lot[i].day] += p->lot[i].quantity;
            net->supply[net->sink] -= p->lot[i].quantity;
        }
    }
    for (int32_t pool = 0; pool < r->pool_count; pool++) {
        pool_arcs(r, net, pool);
    }
    for (int32_t h = 0; h < p->receivers; h++) {
        receiver_arcs(r, net, h);
    }
    return BG_DONE;
}

/* --- lots by first expiry --- */
struct writer {
    struct rotation_result *ret;
    int64_t move_room, loss_room;
};

static bg_err grow(void **list, int64_t count, int64_t *room, size_t size)
{
    if (count < *room) {
        return BG_DONE;
    }
    int64_t wanted = *room * 2 + 64;
    void *more = bg_heap_resize(*list, (size_t)wanted * size);
    BG_TRY(bg_need(more));
    *list = more;
    *room = wanted;
    return BG_DONE;
}

static bg_err add_move(struct writer *w, struct rotation_move move)
{
    void *list = w->ret->move;
    BG_TRY(grow(&list, w->ret->moves, &w->move_room, sizeof move));
    w->ret->move = list;
    w->ret->move[w->ret->moves++] = move;
    return BG_DONE;
}

static bg_err add_loss(struct writer *w, struct rotation_loss loss)
{
    void *list = w->ret->loss;
    BG_TRY(grow(&list, w->ret->losses, &w->loss_room, sizeof loss));
    w->ret->loss = list;
    w->ret->loss[w->ret->losses++] = loss;
    w->ret->lost += loss.quantity;
    return BG_DONE;
}

/* Takes `wanted` from the lots of a pool on a day, the earliest last day of issue first. */
static bg_err take_first_expiry(const struct rotation *r, const struct pool *pool, int64_t *left, int32_t day, int32_t receiver,
                                int64_t wanted, struct writer *w)
{
    for (int32_t k = pool->first; k < pool->first + pool->count && wanted > 0; k++) {
        int32_t lot = r->lots[k];
        if (left[lot] == 0 || r->p->lot[lot].day > day || last_issue(r->p, lot) < day) {
            continue;
        }
        int64_t part = left[lot] < wanted ? left[lot] : wanted;
        left[lot] -= part;
        wanted -= part;
        w->ret->route_cost += part * price_of(r->p, pool->depot, receiver);
        BG_TRY(add_move(w, (struct rotation_move){ lot, receiver, day, part }));
    }
    return wanted == 0 ? BG_DONE : BG_FAIL(BG_INTERNAL);
}

static bg_err read_plan(const struct rotation *r, const struct network *net, struct writer *w)
{
    const struct rotation_problem *p = r->p;
    int64_t at = 0;
    int64_t *left = bg_arena_array(r->arena, (size_t)p->lots + 1, sizeof *left);
    BG_TRY(bg_need(left));
    for (int32_t i = 0; i < p->lots; i++) {
        left[i] = issuable(p, i) ? p->lot[i].quantity : 0;
    }
    for (int32_t pool = 0; pool < r->pool_count; pool++) {
        for (int32_t t = 0; t < p->days; t++) {
            for (int32_t h = 0; h < p->receivers; h++) { /* arcs stand in the order in which pool_arcs made them */
                if (price_of(p, r->pools[pool].depot, h) >= 0 && net->arcs[at++].flow > 0) {
                    BG_TRY(take_first_expiry(r, &r->pools[pool], left, t, h, net->arcs[at - 1].flow, w));
                }
            }
            at += 2;
        }
    }
    for (int32_t k = 0; k < p->lots; k++) {
        int32_t lot = r->lots[k], last = last_issue(p, lot);
        int64_t lost = issuable(p, lot) ? left[lot] : p->lot[lot].quantity;
        if (last < p->days && p->lot[lot].day < p->days && lost > 0) {
            int32_t day = last > p->lot[lot].day ? last : p->lot[lot].day;
            BG_TRY(add_loss(w, (struct rotation_loss){ lot, day, lost }));
        }
        w->ret->lost_before += last < p->days && p->lot[lot].day < p->days ? p->lot[lot].quantity : 0;
    }
    return BG_DONE;
}

/* Days on which the standard can not be held even when nothing leaves. */
static bg_err find_low(const struct rotation *r, struct rotation_result *ret)
{
    const struct rotation_problem *p = r->p;
    ret->low = bg_arena_array(r->arena, (size_t)p->depots, sizeof *ret->low);
    BG_TRY(bg_need(ret->low));
    for (int32_t k = 0, pool = 0; k < p->depots; k++) {
        struct rotation_low low = { .depot = k, .day = -1 };
        int32_t end = pool;
        while (end < r->pool_count && r->pools[end].depot == k) {
            end++;
        }
        for (int32_t t = 0; t < p->days; t++) {
            int64_t there = 0;
            for (int32_t i = pool; i < end; i++) {
                there += r->stay[(int64_t)i * p->days + t];
            }
            int64_t lacking = p->keep[k] - there;
            low.day = lacking > 0 && low.day < 0 ? t : low.day;
            low.lacking = lacking > low.lacking ? lacking : low.lacking;
        }
        if (low.day >= 0) {
            ret->low[ret->lows++] = low;
        }
        pool = end;
    }
    return BG_DONE;
}

/* The cost that no plan can beat: one pool a depot, whatever the order of arrival and expiry. */
static bg_err find_bound(const struct rotation_problem *p, struct bg_arena *arena, int64_t outside, int64_t *ret)
{
    struct rotation r = { .p = p, .arena = arena };
    struct network net = { 0 };
    struct flow_result result;
    BG_TRY(make_pools(&r, true));
    BG_TRY(set_bounds(&r));
    BG_TRY(build(&r, &net));
    BG_TRY(flow_solve(net.nodes, net.supply, net.arcs, net.count, NULL, &result));
    *ret = result.cost + outside;
    return BG_DONE;
}

static bg_err solve(struct rotation *r, struct writer *w)
{
    const struct rotation_problem *p = r->p;
    struct network net = { 0 };
    struct flow_result result;
    BG_TRY(make_pools(r, false));
    BG_TRY(set_bounds(r));
    BG_TRY(build(r, &net));
    BG_TRY(flow_solve(net.nodes, net.supply, net.arcs, net.count, NULL, &result));
    BG_TRY(read_plan(r, &net, w));
    BG_TRY(find_low(r, w->ret));
    int64_t outside = 0;
    for (int32_t i = 0; i < p->lots; i++) {
        outside += !issuable(p, i) && p->lot[i].day < p->days && last_issue(p, i) < p->days ? p->lot[i].quantity * p->value : 0;
    }
    w->ret->cost = w->ret->lost * p->value + w->ret->route_cost;
    w->ret->bound = w->ret->cost;
    return r->pool_count > p->depots ? find_bound(p, r->arena, outside, &w->ret->bound) : BG_DONE;
}

bg_err rotation_solve(const struct rotation_problem *problem, struct bg_arena *arena, struct rotation_result *ret)
{
    struct rotation r = { .p = problem, .arena = arena };
    struct rotation_result result = { 0 };
    struct writer w = { .ret = &result };
    BG_TRY(check(problem));
    bg_err e = solve(&r, &w);
    struct rotation_move *move = result.move;
    struct rotation_loss *loss = result.loss;
    if (!bg_failed(e)) { /* from the heap into the arena */
        result.move = bg_arena_array(arena, (size_t)result.moves + 1, sizeof *move);
        result.loss = bg_arena_array(arena, (size_t)result.losses + 1, sizeof *loss);
        e = result.move == NULL || result.loss == NULL ? BG_FAIL(BG_NO_MEMORY) : BG_DONE;
    }
    for (int64_t i = 0; !bg_failed(e) && i < result.moves; i++) {
        result.move[i] = move[i];
    }
    for (int64_t i = 0; !bg_failed(e) && i < result.losses; i++) {
        result.loss[i] = loss[i];
    }
    bg_heap_free(move);
    bg_heap_free(loss);
    BG_TRY(e);
    *ret = result;
    return BG_DONE;
}

/* --- why not more --- */
static bg_err lost_with(const struct rotation_problem *problem, int bound, int64_t *ret)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
    struct rotation_problem p = *problem;
    struct rotation_result result;
    size_t routes = (size_t)p.depots * (size_t)p.receivers, uses = (size_t)p.receivers * (size_t)p.days;
    BG_TRY(bg_need(arena));
    int64_t *keep = bg_arena_array(arena, (size_t)p.depots, sizeof *keep);
    int64_t *cost = bg_arena_array(arena, routes + 1, sizeof *cost), *use = bg_arena_array(arena, uses + 1, sizeof *use);
    int32_t *ahead = bg_arena_array(arena, (size_t)p.receivers + 1, sizeof *ahead);
    if (keep == NULL || cost == NULL || use == NULL || ahead == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < routes; i++) {
        bool closed = problem->cost != NULL && problem->cost[i] < 0;
        int64_t now = problem->cost != NULL && !closed ? problem->cost[i] : 0;
        cost[i] = bound == ROTATION_BY_COST ? (closed ? ROTATION_NO_ROUTE : 0) : now;
    }
    for (size_t i = 0; i < uses; i++) {
        use[i] = ROTATION_TOTAL_MAX;
    }
    p.keep = bound == ROTATION_BY_KEEP ? keep : p.keep;
    p.use = bound == ROTATION_BY_USE ? use : p.use;
    p.life_min = bound == ROTATION_BY_LIFE ? 0 : p.life_min;
    p.ahead = bound == ROTATION_BY_LIFE ? ahead : p.ahead;
    p.cost = bound == ROTATION_BY_ROUTE || bound == ROTATION_BY_COST ? cost : p.cost;
    BG_TRY(rotation_solve(&p, arena, &result));
    *ret = result.lost;
    return BG_DONE;
}

bg_err rotation_explain(const struct rotation_problem *problem, const struct rotation_result *result, struct rotation_why *ret,
                        int *ret_count)
{
    int count = 0;
    for (int bound = 0; bound < ROTATION_BOUNDS && result->lost > 0 && problem->receivers > 0; bound++) {
        int64_t lost;
        BG_TRY(lost_with(problem, bound, &lost));
        if (lost < result->lost) {
            ret[count++] = (struct rotation_why){ (enum rotation_bound)bound, lost };
        }
    }
    *ret_count = count;
    return BG_DONE;
}
