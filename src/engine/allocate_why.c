/* Why a need did not get more: each bound is lifted for it alone and the shares are computed again. */

#include "engine/allocate_impl.h"

const struct allocate_bound_text allocate_bounds[ALLOCATE_BOUNDS] = {
    [ALLOCATE_BY_ROUTE] = { "route", "部分库与该单位之间没有开通的调运线路", "no route is open to it from some depots" },
    [ALLOCATE_BY_LIFE] = { "life", "部分批号的剩余效期短于该单位的最低要求", "some lots have less life left than it must have" },
    [ALLOCATE_BY_DAY] = { "day", "部分物资在需用日之前到不了", "some goods come after the day on which they are wanted" },
    [ALLOCATE_BY_KEEP] = { "keep", "各库须保留本库储备标准", "depots keep their own standards" },
    [ALLOCATE_BY_HIGHER] = { "higher", "优先级更高的单位和保底数量先得到满足", "higher tiers and floors come first" },
    [ALLOCATE_BY_EQUAL] = { "equal", "与同级单位按满足率均分", "it shares with its own tier at equal rates" },
    [ALLOCATE_BY_STOCK] = { "stock", "可用库存不足", "there are not enough goods" },
};

/* What the need gets when the bound is lifted. */
static bg_err would_get(const struct allocate_problem *p, int32_t need, int bound, int64_t *ret)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
    struct allocation a;
    bool floors = p->steps == 0 || p->step[0] == ALLOCATE_FLOORS;
    bool fill = p->steps == 0 || p->step[0] == ALLOCATE_FILL || (p->steps > 1 && p->step[1] == ALLOCATE_FILL);
    BG_TRY(bg_need(arena));
    BG_TRY(allocate_prepare(&a, p, arena, &(struct allocate_lift){ .bound = bound, .need = need }));
    BG_TRY(allocate_fill(&a, floors, fill));
    *ret = a.got[need];
    return BG_DONE;
}

/* The depot with the cheapest open route (first by order), -1 when there is none. */
static int32_t cheapest_depot(const struct allocate_problem *p, int32_t receiver, bool any)
{
    int32_t best = -1;
    int64_t least = 0;
    for (int32_t k = 0; k < p->depots; k++) {
        int64_t cost = p->cost != NULL ? p->cost[(int64_t)k * p->receivers + receiver] : 0;
        if (cost < 0 && !any) {
            continue;
        }
        if (best < 0 || cost < least || (cost == least && p->depot[k].order < p->depot[best].order)) {
            best = k;
            least = cost;
        }
    }
    return best;
}

/* The same with the missing quantity added to a depot; `bound` is lifted as well. */
static bg_err would_get_with_stock(const struct allocate_problem *p, const struct allocate_result *result, int32_t need, int bound,
                                   int32_t depot, int64_t *ret)
{
    struct allocate_problem more = *p;
    int64_t extra = 0, there = 0, order = 0;
    int32_t lead = p->lead != NULL ? p->lead[(int64_t)depot * p->receivers + p->need[need].receiver] : 0;
    struct allocate_lot *lots = bg_heap_get(((size_t)p->lots + 1) * sizeof *lots);
    BG_TRY(bg_need(lots));
    for (int32_t j = 0; j < p->needs; j++) {
        extra += p->need[j].asked - result->got[j];
    }
    for (int32_t i = 0; i < p->lots; i++) {
        lots[i] = p->lot[i];
        there += p->lot[i].depot == depot ? p->lot[i].quantity : 0;
        order = p->lot[i].order >= order ? p->lot[i].order + 1 : order;
    }
    int64_t lacking = p->depot[depot].keep > there ? p->depot[depot].keep - there : 0;
    lots[p->lots] = (struct allocate_lot){ .order = order,
                                           .depot = depot,
                                           .day = p->need[need].day - lead < 0 ? p->need[need].day - lead : 0,
                                           .expiry = ALLOCATE_NO_EXPIRY,
                                           .quantity = extra + lacking };
    more.lot = lots;
    more.lots++;
    bg_err e = would_get(&more, need, bound, ret);
    bg_heap_free(lots);
    return e;
}

static void add_bound(struct allocate_why *list, int *count, enum allocate_bound bound, int64_t would)
{
    list[(*count)++] = (struct allocate_why){ bound, would };
}

bg_err allocate_explain(const struct allocate_problem *p, const struct allocate_result *result, int32_t need,
                        struct allocate_why *ret, int *ret_count)
{
    int count = 0;
    int64_t got, would;
    if (need < 0 || need >= p->needs) {
        return BG_FAIL_AT(BG_BAD_INPUT, "need");
    }
    got = result->got[need];
    if (got >= p->need[need].asked) {
        *ret_count = 0;
        return BG_DONE;
    }
    for (int bound = ALLOCATE_BY_ROUTE; bound < ALLOCATE_BY_STOCK; bound++) {
        if ((bound == ALLOCATE_BY_ROUTE && p->cost == NULL) || (bound == ALLOCATE_BY_LIFE && p->need[need].life_min == 0)) {
            continue;
        }
        BG_TRY(would_get(p, need, bound, &would));
        if (would > got) {
            add_bound(ret, &count, (enum allocate_bound)bound, would);
        }
    }
    int32_t depot = cheapest_depot(p, p->need[need].receiver, false);
    bool closed = depot < 0;
    if (closed && (depot = cheapest_depot(p, p->need[need].receiver, true)) >= 0) {
        /* No route at all: only a route and goods together help. */
        BG_TRY(would_get_with_stock(p, result, need, ALLOCATE_BY_ROUTE, depot, &would));
        if (count == 0 && would > got) {
            add_bound(ret, &count, ALLOCATE_BY_ROUTE, would);
        }
    } else if (depot >= 0) {
        BG_TRY(would_get_with_stock(p, result, need, -1, depot, &would));
        if (would > got) {
            add_bound(ret, &count, ALLOCATE_BY_STOCK, would);
        }
    }
    if (count == 0) {
        add_bound(ret, &count, ALLOCATE_BY_STOCK, p->need[need].asked); /* there is no depot at all */
    }
    *ret_count = count;
    return BG_DONE;
}
