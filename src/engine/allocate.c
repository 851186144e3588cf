/* Allocation: the checks, the canonical order, the network, and the table of steps that is both run and printed. */
#include "engine/allocate.h"

#include <stdlib.h>

#include "engine/allocate_impl.h"

/* --- checks --- */
static bool within(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

static bg_err check_lots(const struct allocate_problem *p)
{
    int64_t total = 0;
    for (int32_t i = 0; i < p->depots; i++) {
        if (!within(p->depot[i].keep, 0, ALLOCATE_TOTAL_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "keep");
        }
    }
    for (int32_t i = 0; i < p->lots; i++) {
        const struct allocate_lot *l = &p->lot[i];
        if (!within(l->depot, 0, p->depots - 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "depot");
        }
        if (!within(l->day, 0, ALLOCATE_DAYS_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "day");
        }
        if (!within(l->quantity, 0, ALLOCATE_TOTAL_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "quantity");
        }
        total += l->quantity;
        if (total > ALLOCATE_TOTAL_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "quantity");
        }
    }
    return BG_DONE;
}

static bg_err check_needs(const struct allocate_problem *p)
{
    int64_t total = 0;
    for (int32_t i = 0; i < p->needs; i++) {
        const struct allocate_need *n = &p->need[i];
        if (!within(n->receiver, 0, p->receivers - 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "receiver");
        }
        if (!within(n->day, 0, ALLOCATE_DAYS_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "day");
        }
        if (!within(n->tier, 1, ALLOCATE_TIERS_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "tier");
        }
        if (!within(n->life_min, 0, ALLOCATE_DAYS_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "life_min");
        }
        if (!within(n->asked, 0, ALLOCATE_TOTAL_MAX) || (total += n->asked) > ALLOCATE_TOTAL_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "asked");
        }
        if (!within(n->floor, 0, n->asked)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "floor");
        }
    }
    return BG_DONE;
}

static bg_err check_routes(const struct allocate_problem *p)
{
    if ((int64_t)p->depots * p->receivers > ALLOCATE_ROUTES_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "routes");
    }
    for (int64_t i = 0; i < (int64_t)p->depots * p->receivers; i++) {
        if (p->cost != NULL && !within(p->cost[i], ALLOCATE_NO_ROUTE, ALLOCATE_COST_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cost");
        }
        if (p->lead != NULL && !within(p->lead[i], 0, ALLOCATE_DAYS_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "lead");
        }
    }
    return BG_DONE;
}

static bg_err check(const struct allocate_problem *p)
{
    if (!within(p->depots, 0, ALLOCATE_DEPOTS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "depots");
    }
    if (!within(p->receivers, 0, ALLOCATE_RECEIVERS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "receivers");
    }
    if (!within(p->lots, 0, ALLOCATE_LOTS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "lots");
    }
    if (!within(p->needs, 0, ALLOCATE_NEEDS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "needs");
    }
    bool good = within(p->steps, 0, ALLOCATE_KINDS) && (p->steps == 0 || p->step[0] <= ALLOCATE_FILL);
    for (int32_t i = 0; good && i < p->steps; i++) {
        good = within((int64_t)p->step[i], 0, ALLOCATE_KINDS - 1) && (i == 0 || p->step[i] > p->step[i - 1]);
    }
    if (!good) {
        return BG_FAIL_AT(BG_BAD_INPUT, "rule");
    }
    BG_TRY(check_lots(p));
    BG_TRY(check_needs(p));
    return check_routes(p);
}

/* --- canonical order --- */
static int by_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int depot_order(const void *left, const void *right, void *ctx)
{
    const struct allocate_problem *p = ctx;
    return by_number(p->depot[*(const int32_t *)left].order, p->depot[*(const int32_t *)right].order);
}

static int lot_order(const void *left, const void *right, void *ctx)
{
    const struct allocate_problem *p = ctx;
    const struct allocate_lot *a = &p->lot[*(const int32_t *)left], *b = &p->lot[*(const int32_t *)right];
    int order = by_number(p->depot[a->depot].order, p->depot[b->depot].order);
    order = order != 0 ? order : by_number(a->day, b->day);
    order = order != 0 ? order : by_number(a->expiry, b->expiry);
    return order != 0 ? order : by_number(a->order, b->order);
}

static int need_order(const void *left, const void *right, void *ctx)
{
    const struct allocate_problem *p = ctx;
    return by_number(p->need[*(const int32_t *)left].order, p->need[*(const int32_t *)right].order);
}

static bg_err sorted(struct bg_arena *arena, int32_t count, int (*compare)(const void *, const void *, void *),
                     const struct allocate_problem *p, int32_t **ret)
{
    int32_t *list = bg_arena_array(arena, (size_t)count + 1, sizeof *list);
    BG_TRY(bg_need(list));
    for (int32_t i = 0; i < count; i++) {
        list[i] = i;
    }
    void *ctx = (void *)(uintptr_t)p;
    qsort_r(list, (size_t)count, sizeof *list, compare, ctx);
    for (int32_t i = 1; i < count; i++) {
        if (compare(&list[i - 1], &list[i], ctx) == 0) {
            return BG_FAIL_AT(BG_BAD_INPUT, "order");
        }
    }
    *ret = list;
    return BG_DONE;
}

/* --- what a lift leaves --- */
int64_t allocate_asked(const struct allocation *a, int32_t need)
{
    const struct allocate_need *n = &a->p->need[need], *why = &a->p->need[a->lift.need];
    bool gone = need != a->lift.need && ((a->lift.bound == ALLOCATE_BY_HIGHER && n->tier < why->tier) ||
                                         (a->lift.bound == ALLOCATE_BY_EQUAL && n->tier == why->tier));
    return gone ? 0 : n->asked;
}

int64_t allocate_floor(const struct allocation *a, int32_t need)
{
    bool gone = need != a->lift.need && a->lift.bound == ALLOCATE_BY_HIGHER;
    return gone || allocate_asked(a, need) == 0 ? 0 : a->p->need[need].floor;
}

static int64_t route_at(const struct allocation *a, int32_t depot, int32_t receiver)
{
    return (int64_t)depot * a->p->receivers + receiver;
}

int64_t allocate_price(const struct allocation *a, int32_t depot, int32_t receiver)
{
    int64_t cost = a->p->cost != NULL ? a->p->cost[route_at(a, depot, receiver)] : 0;
    return cost < 0 ? 0 : cost;
}

static bool may_meet(const struct allocation *a, const struct allocate_lot *l, int32_t need)
{
    const struct allocate_need *n = &a->p->need[need];
    int64_t route = route_at(a, l->depot, n->receiver);
    int bound = a->lift.need == need ? a->lift.bound : -1;
    if (l->quantity <= 0 || n->asked <= 0) {
        return false;
    }
    if (a->p->cost != NULL && a->p->cost[route] < 0 && bound != ALLOCATE_BY_ROUTE) {
        return false;
    }
    int64_t there = l->day + (int64_t)(a->p->lead != NULL ? a->p->lead[route] : 0);
    if (there > n->day && bound != ALLOCATE_BY_DAY) {
        return false;
    }
    return (int64_t)l->expiry - n->day >= (bound == ALLOCATE_BY_LIFE ? 0 : n->life_min);
}

/* --- the network --- */
int32_t allocate_nodes(const struct allocation *a)
{
    return 2 + a->p->depots + 2 * a->p->lots + a->p->needs;
}

int64_t allocate_edge_count(const struct allocation *a)
{
    return a->p->depots + 3 * (int64_t)a->p->lots + a->pairs + a->p->needs;
}

int32_t allocate_depot_node(const struct allocation *a, int32_t place)
{
    (void)a;
    return 2 + place;
}

int32_t allocate_need_node(const struct allocation *a, int32_t place)
{
    return 2 + a->p->depots + 2 * a->p->lots + place;
}

static int64_t keep_of(const struct allocation *a, int32_t depot)
{
    return a->lift.bound == ALLOCATE_BY_KEEP ? 0 : a->p->depot[depot].keep;
}

/* From the depot through one gate a lot, the last lot first. */
static void depot_edges(const struct allocation *a, int32_t place, allocate_take take, void *ctx)
{
    int32_t gates = 2 + a->p->depots, lots = gates + a->p->lots;
    int64_t keep = keep_of(a, a->depots[place]), arrived = 0;
    int32_t first = a->lot_first[place], last = a->lot_first[place + 1];
    for (int32_t i = first; i < last; i++) {
        const struct allocate_lot *l = &a->p->lot[a->lots[i]];
        bool another_day = i > first && a->p->lot[a->lots[i - 1]].day != l->day;
        if (i > first) {
            int64_t cap = another_day ? (arrived > keep ? arrived - keep : 0) : INT64_MAX;
            take(ctx, &(struct allocate_edge){ gates + i, gates + i - 1, cap, place, -1, -1 });
        }
        take(ctx, &(struct allocate_edge){ gates + i, lots + i, l->quantity, place, i, -1 });
        arrived += l->quantity;
    }
    int64_t free = arrived > keep ? arrived - keep : 0;
    if (last > first) {
        take(ctx, &(struct allocate_edge){ allocate_depot_node(a, place), gates + last - 1, free, place, -1, -1 });
    }
    int64_t given = a->given != NULL ? a->given[a->depots[place]] : free;
    take(ctx, &(struct allocate_edge){ FILL_BASE, allocate_depot_node(a, place), given, place, -1, -1 });
}

void allocate_edges(const struct allocation *a, allocate_take take, void *ctx)
{
    int32_t lots = 2 + a->p->depots + a->p->lots;
    for (int32_t place = 0; place < a->p->depots; place++) {
        depot_edges(a, place, take, ctx);
    }
    for (int32_t j = 0; j < a->p->needs; j++) {
        for (int32_t i = 0; i < a->p->lots; i++) {
            if (may_meet(a, &a->p->lot[a->lots[i]], a->needs[j])) {
                take(ctx, &(struct allocate_edge){ lots + i, allocate_need_node(a, j), INT64_MAX, -1, i, j });
            }
        }
    }
}

static bg_err count_pairs(struct allocation *a)
{
    if ((int64_t)a->p->lots * a->p->needs > 50 * (int64_t)ALLOCATE_PAIRS_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "pairs");
    }
    for (int32_t j = 0; j < a->p->needs; j++) {
        for (int32_t i = 0; i < a->p->lots; i++) {
            a->pairs += may_meet(a, &a->p->lot[i], j);
        }
    }
    return a->pairs <= ALLOCATE_PAIRS_MAX ? BG_DONE : BG_FAIL_AT(BG_TOO_LARGE, "pairs");
}

bg_err allocate_prepare(struct allocation *a, const struct allocate_problem *problem, struct bg_arena *arena,
                        const struct allocate_lift *lift)
{
    *a = (struct allocation){ .p = problem, .lift = *lift, .arena = arena };
    BG_TRY(sorted(arena, problem->depots, depot_order, problem, &a->depots));
    BG_TRY(sorted(arena, problem->lots, lot_order, problem, &a->lots));
    BG_TRY(sorted(arena, problem->needs, need_order, problem, &a->needs));
    BG_TRY(count_pairs(a));
    a->lot_first = bg_arena_array(arena, (size_t)problem->depots + 1, sizeof *a->lot_first);
    a->free = bg_arena_array(arena, (size_t)problem->depots + 1, sizeof *a->free);
    a->got = bg_arena_array(arena, (size_t)problem->needs + 1, sizeof *a->got);
    if (a->lot_first == NULL || a->free == NULL || a->got == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    int32_t at = 0;
    for (int32_t place = 0; place < problem->depots; place++) {
        int32_t depot = a->depots[place];
        int64_t arrived = 0, keep = keep_of(a, depot);
        a->lot_first[place] = at;
        while (at < problem->lots && problem->lot[a->lots[at]].depot == depot) {
            arrived += problem->lot[a->lots[at++]].quantity;
        }
        a->free[depot] = arrived > keep ? arrived - keep : 0;
    }
    a->lot_first[problem->depots] = at;
    return BG_DONE;
}

/* --- the rule --- */
const struct allocate_step allocate_steps[ALLOCATE_KINDS] = {
    [ALLOCATE_FLOORS] = { "floors",
                          "先保底线：按优先级从高到低，同级中先提高保底满足率最低的，直到各自的保底数量。",
                          "Floors come first: tier by tier, within a tier the lowest share of a floor is raised first, up to each floor." },
    [ALLOCATE_FILL] = { "fill",
                        "再按级满足：按优先级从高到低，同级中先提高满足率（分得÷申请）最低的，直到申请数量；"
                        "不可再分的零头给满足率最低者，相同则给因此提高最多者，再相同则给申请在先者。",
                        "Then tier by tier the lowest fill rate (got / asked) is raised first, up to what was asked; a unit that can "
                        "not be divided goes to the lowest rate, among equal ones to the one it raises most, then to the earlier "
                        "request." },
    [ALLOCATE_SHARE] = { "share",
                         "出库公平：各库只动用高于本库储备标准的部分，先降低动用比例（调出÷可动用）最高的库。",
                         "Depots give fairly: each only what it has above its own standard, and the highest share given (given / "
                         "free) is lowered first." },
    [ALLOCATE_COST] = { "cost", "在以上结果不变的前提下，运输费用最低。", "With all that unchanged, transport costs least." },
    [ALLOCATE_EXPIRY] = { "expiry", "费用相同时，先到期的批号先出。", "Among plans of equal cost the earliest expiry leaves first." },
};

static const enum allocate_kind by_default[] = { ALLOCATE_FLOORS, ALLOCATE_FILL, ALLOCATE_COST, ALLOCATE_EXPIRY };

void allocate_rule_text(const enum allocate_kind *step, int32_t steps, bool english, struct bg_buf *out)
{
    if (steps == 0) {
        step = by_default;
        steps = (int32_t)(sizeof by_default / sizeof by_default[0]);
    }
    for (int32_t i = 0; i < steps; i++) {
        bg_buf_print(out, "%d. %s\n", i + 1, english ? allocate_steps[step[i]].en : allocate_steps[step[i]].zh);
    }
}

/* Runs one step; those of one network are run together with their first. */
static bg_err run_step(struct allocation *a, const enum allocate_kind *step, int32_t steps, int32_t i)
{
    bool more = i + 1 < steps;
    switch (step[i]) {
    case ALLOCATE_FLOORS:
        return allocate_fill(a, true, more && step[i + 1] == ALLOCATE_FILL);
    case ALLOCATE_FILL:
        return i > 0 ? BG_DONE : allocate_fill(a, false, true);
    case ALLOCATE_SHARE:
        return allocate_share(a);
    case ALLOCATE_COST:
        return allocate_route(a, true, more && step[i + 1] == ALLOCATE_EXPIRY);
    case ALLOCATE_EXPIRY:
        return a->move != NULL ? BG_DONE : allocate_route(a, false, true);
    case ALLOCATE_KINDS:
        break;
    }
    return BG_FAIL(BG_INTERNAL);
}

bg_err allocate_solve(const struct allocate_problem *problem, struct bg_arena *arena, struct allocate_result *ret)
{
    struct allocation a;
    BG_TRY(check(problem));
    BG_TRY(allocate_prepare(&a, problem, arena, &(struct allocate_lift){ .bound = -1, .need = 0 }));
    const enum allocate_kind *step = problem->steps > 0 ? problem->step : by_default;
    int32_t steps = problem->steps > 0 ? problem->steps : (int32_t)(sizeof by_default / sizeof by_default[0]);
    for (int32_t i = 0; i < steps; i++) {
        BG_TRY(run_step(&a, step, steps, i));
    }
    if (a.move == NULL) {
        BG_TRY(allocate_route(&a, false, false));
    }
    int64_t *given = bg_arena_array(arena, (size_t)problem->depots + 1, sizeof *given);
    BG_TRY(bg_need(given));
    for (int64_t i = 0; i < a.moves; i++) {
        given[problem->lot[a.move[i].lot].depot] += a.move[i].quantity;
    }
    *ret = (struct allocate_result){
        .got = a.got, .given = given, .free = a.free, .move = a.move, .moves = a.moves, .cost = a.cost
    };
    return BG_DONE;
}
