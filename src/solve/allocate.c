/* `allocate`: sharing out an item in a shortage, with the published rule and checked reasons, from a document. */
#include "engine/allocate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "solve/batches.h"
#include "solve/inner.h"
#include "solve/why.h"

#define EXPLAIN_DEFAULT 100

struct input {
    struct solve_days days;
    struct solve_names *depots, *receivers, *lots, *needs;
    int32_t *receiver_tier, *receiver_life;
    struct allocate_depot *depot;
    struct allocate_lot *lot;
    struct allocate_need *need;
    int64_t *cost;
    int32_t *lead;
    enum allocate_kind step[ALLOCATE_KINDS];
    struct allocate_problem p;
    struct solve_batches batches;
    int64_t explain_max;
    bg_str item;
};

/* --- reading --- */
static const char *const root_fields[] = { "item",  "start",  "rule",          "depots",      "lots",     "receivers", "needs",
                                           "routes", "default_route", "explain_max", "vehicles", "pace", "unit_load", NULL };

/* Rows are ordered by "order" (default 0) and then by name, so that their order in the document does not matter. */
struct ranked {
    int64_t order;
    bg_str name;
    int32_t row;
};

static int by_rank(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    return bg_str_order(a->name, b->name);
}

static bg_err read_depots(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "name", "keep", "order", "x", "y", NULL };
    struct solve_at list, row;
    size_t count;
    int32_t index;
    BG_TRY(solve_array(root, "depots", 1, ALLOCATE_DEPOTS_MAX, &list, &count));
    BG_TRY(solve_names_open(arena, count, &in->depots));
    in->depot = bg_arena_array(arena, count, sizeof *in->depot);
    struct ranked *ranks = bg_arena_array(arena, count, sizeof *ranks);
    BG_TRY(bg_need(in->depot));
    BG_TRY(bg_need(ranks));
    BG_TRY(solve_batches_open(arena, (int32_t)count, &in->batches));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->depots, row, "name", &index));
        BG_TRY(solve_int_or(row, "keep", 0, 0, ALLOCATE_TOTAL_MAX, &in->depot[i].keep));
        BG_TRY(solve_batches_place(row, &in->batches.depot[i]));
        BG_TRY(solve_int_or(row, "order", 0, -BG_QTY_MAX, BG_QTY_MAX, &ranks[i].order));
        ranks[i].name = solve_names_at(in->depots, index);
        ranks[i].row = index;
    }
    qsort(ranks, count, sizeof *ranks, by_rank);
    for (size_t i = 0; i < count; i++) {
        in->depot[ranks[i].row].order = (int64_t)i;
    }
    in->p.depots = (int32_t)count;
    return BG_DONE;
}

static bg_err read_lots(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "name", "depot", "quantity", "expiry", "day", "order", NULL };
    struct solve_at list, row;
    size_t count;
    int32_t index;
    int64_t total = 0;
    BG_TRY(solve_array(root, "lots", 0, ALLOCATE_LOTS_MAX, &list, &count));
    BG_TRY(solve_names_open(arena, count, &in->lots));
    in->lot = bg_arena_array(arena, count + 1, sizeof *in->lot);
    struct ranked *ranks = bg_arena_array(arena, count + 1, sizeof *ranks);
    BG_TRY(bg_need(in->lot));
    BG_TRY(bg_need(ranks));
    for (size_t i = 0; i < count; i++) {
        struct allocate_lot *l = &in->lot[i];
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->lots, row, "name", &index));
        BG_TRY(solve_names_find(in->depots, row, "depot", &l->depot));
        BG_TRY(solve_int(row, "quantity", 0, ALLOCATE_TOTAL_MAX, &l->quantity));
        BG_TRY(solve_day_or(row, "expiry", &in->days, -SOLVE_DAY_MAX, ALLOCATE_NO_EXPIRY, &l->expiry));
        BG_TRY(solve_day_or(row, "day", &in->days, 0, 0, &l->day));
        BG_TRY(solve_int_or(row, "order", 0, -BG_QTY_MAX, BG_QTY_MAX, &ranks[i].order));
        ranks[i].name = solve_names_at(in->lots, index);
        ranks[i].row = index;
        total += l->quantity;
        if (total > ALLOCATE_TOTAL_MAX) {
            return solve_bad(row, "quantity", "全部批号合计不得超过 10^12，请换用更大的单位",
                             "all lots together may be 10^12 at most; use a larger unit");
        }
    }
    qsort(ranks, count, sizeof *ranks, by_rank);
    for (size_t i = 0; i < count; i++) {
        in->lot[ranks[i].row].order = (int64_t)i;
    }
    in->p.lots = (int32_t)count;
    return BG_DONE;
}

/* A need as it stands in its own row, or in the row of its receiver. */
static bg_err read_need(struct solve_at row, struct input *in, int32_t receiver, struct allocate_need *need)
{
    int64_t tier, life;
    need->receiver = receiver;
    BG_TRY(solve_int_or(row, "tier", in->receiver_tier[receiver], 1, ALLOCATE_TIERS_MAX, &tier));
    BG_TRY(solve_int_or(row, "life_min", in->receiver_life[receiver], 0, ALLOCATE_DAYS_MAX, &life));
    BG_TRY(solve_day_or(row, "day", &in->days, 0, 0, &need->day));
    BG_TRY(solve_int(row, "asked", 0, ALLOCATE_TOTAL_MAX, &need->asked));
    BG_TRY(solve_int_or(row, "floor", 0, 0, need->asked, &need->floor));
    need->tier = (int32_t)tier;
    need->life_min = (int32_t)life;
    return BG_DONE;
}

struct needs_room {
    struct solve_at receivers, needs;
    size_t receiver_count, need_count;
    struct ranked *ranks;
    int64_t total;
};

static bg_err add_need(struct solve_at row, const char *name, struct input *in, int32_t receiver, struct needs_room *room)
{
    int32_t index;
    BG_TRY(solve_names_add(in->needs, row, name, &index));
    BG_TRY(read_need(row, in, receiver, &in->need[index]));
    BG_TRY(solve_int_or(row, "order", 0, -BG_QTY_MAX, BG_QTY_MAX, &room->ranks[index].order));
    room->ranks[index].name = solve_names_at(in->needs, index);
    room->ranks[index].row = index;
    room->total += in->need[index].asked;
    if (room->total > ALLOCATE_TOTAL_MAX) {
        return solve_bad(row, "asked", "全部申请合计不得超过 10^12，请换用更大的单位",
                         "all requests together may be 10^12 at most; use a larger unit");
    }
    in->p.needs++;
    return BG_DONE;
}

static bg_err read_receivers(struct input *in, struct needs_room *room)
{
    static const char *const fields[] = { "name", "tier", "life_min", "asked", "floor", "day",   "order",
                                          "x",    "y",    "open",     "close", "serve", NULL };
    struct solve_at row;
    for (size_t i = 0; i < room->receiver_count; i++) {
        int32_t index;
        int64_t tier, life;
        BG_TRY(solve_item(room->receivers, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->receivers, row, "name", &index));
        BG_TRY(solve_int_or(row, "tier", 1, 1, ALLOCATE_TIERS_MAX, &tier));
        BG_TRY(solve_int_or(row, "life_min", 0, 0, ALLOCATE_DAYS_MAX, &life));
        in->receiver_tier[index] = (int32_t)tier;
        in->receiver_life[index] = (int32_t)life;
        BG_TRY(solve_batches_place(row, &in->batches.receiver[index]));
        BG_TRY(solve_batches_window(row, &in->batches, index));
        if (solve_has(row, "asked")) {
            BG_TRY(add_need(row, "name", in, index, room));
        } else if (solve_has(row, "floor")) {
            return solve_bad(row, "floor", "有保底数量时须给出申请数量 asked", "a floor needs \"asked\" beside it");
        }
    }
    return BG_DONE;
}

static bg_err read_needs(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "name", "receiver", "day", "asked", "floor", "tier", "life_min", "order", NULL };
    struct needs_room room = { 0 };
    struct solve_at row;
    BG_TRY(solve_array(root, "receivers", 1, ALLOCATE_RECEIVERS_MAX, &room.receivers, &room.receiver_count));
    if (solve_has(root, "needs")) {
        BG_TRY(solve_array(root, "needs", 0, ALLOCATE_NEEDS_MAX - ALLOCATE_RECEIVERS_MAX, &room.needs, &room.need_count));
    }
    size_t most = room.receiver_count + room.need_count;
    BG_TRY(solve_names_open(arena, room.receiver_count, &in->receivers));
    BG_TRY(solve_names_open(arena, most, &in->needs));
    in->receiver_tier = bg_arena_array(arena, room.receiver_count, sizeof *in->receiver_tier);
    in->receiver_life = bg_arena_array(arena, room.receiver_count, sizeof *in->receiver_life);
    in->need = bg_arena_array(arena, most, sizeof *in->need);
    room.ranks = bg_arena_array(arena, most, sizeof *room.ranks);
    if (in->receiver_tier == NULL || in->receiver_life == NULL || in->need == NULL || room.ranks == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    BG_TRY(solve_batches_receivers(arena, (int32_t)room.receiver_count, &in->batches));
    BG_TRY(read_receivers(in, &room));
    for (size_t i = 0; i < room.need_count; i++) {
        int32_t receiver;
        BG_TRY(solve_item(room.needs, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_find(in->receivers, row, "receiver", &receiver));
        BG_TRY(add_need(row, "name", in, receiver, &room));
    }
    qsort(room.ranks, (size_t)in->p.needs, sizeof *room.ranks, by_rank);
    for (int32_t i = 0; i < in->p.needs; i++) {
        in->need[room.ranks[i].row].order = i;
    }
    in->p.receivers = (int32_t)room.receiver_count;
    return BG_DONE;
}

static bg_err read_route(struct solve_at row, int64_t *ret_cost, int32_t *ret_lead)
{
    bool open;
    int64_t lead;
    BG_TRY(solve_flag_or(row, "open", true, &open));
    BG_TRY(solve_int_or(row, "cost", 0, 0, ALLOCATE_COST_MAX, ret_cost));
    BG_TRY(solve_int_or(row, "lead", 0, 0, ALLOCATE_DAYS_MAX, &lead));
    *ret_cost = open ? *ret_cost : ALLOCATE_NO_ROUTE;
    *ret_lead = (int32_t)lead;
    return BG_DONE;
}

/* Routes not named follow "default_route", which is open and free of cost where it is absent. */
static bg_err read_routes(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "depot", "receiver", "cost", "lead", "open", NULL };
    static const char *const default_fields[] = { "cost", "lead", "open", NULL };
    struct solve_at list, row;
    size_t count = 0, all = (size_t)in->p.depots * (size_t)in->p.receivers;
    int64_t cost = 0;
    int32_t lead = 0;
    if (all > ALLOCATE_ROUTES_MAX) {
        return solve_bad(root, "depots", "库点数乘接收单位数不得超过 4000000，请分批测算",
                         "depots times receivers may be 4000000 at most; split the plan");
    }
    if (solve_has(root, "default_route")) {
        BG_TRY(solve_object(root, "default_route", &row));
        BG_TRY(solve_fields(row, default_fields));
        BG_TRY(read_route(row, &cost, &lead));
    }
    in->cost = bg_arena_array(arena, all + 1, sizeof *in->cost);
    in->lead = bg_arena_array(arena, all + 1, sizeof *in->lead);
    bool *named = bg_arena_array(arena, all + 1, sizeof *named);
    if (in->cost == NULL || in->lead == NULL || named == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < all; i++) {
        in->cost[i] = cost;
        in->lead[i] = lead;
    }
    if (solve_has(root, "routes")) {
        BG_TRY(solve_array(root, "routes", 0, all, &list, &count));
    }
    for (size_t i = 0; i < count; i++) {
        int32_t depot, receiver;
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_find(in->depots, row, "depot", &depot));
        BG_TRY(solve_names_find(in->receivers, row, "receiver", &receiver));
        size_t at = (size_t)depot * (size_t)in->p.receivers + (size_t)receiver;
        if (named[at]) {
            return solve_bad(row, "receiver", "这条线路已经给出", "this route is there already");
        }
        named[at] = true;
        BG_TRY(read_route(row, &in->cost[at], &in->lead[at]));
    }
    return BG_DONE;
}

static bg_err read_rule(struct solve_at root, struct input *in)
{
    struct solve_at list, row;
    size_t count = 0;
    if (!solve_has(root, "rule")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(root, "rule", 1, ALLOCATE_KINDS, &list, &count));
    for (size_t i = 0; i < count; i++) {
        bg_str code;
        int kind = 0;
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_value_text(row, 20, &code));
        while (kind < ALLOCATE_KINDS && !bg_str_is(code, allocate_steps[kind].code)) {
            kind++;
        }
        if (kind == ALLOCATE_KINDS || (i == 0 && kind > ALLOCATE_FILL) || (i > 0 && kind <= (int)in->step[i - 1])) {
            return solve_bad(row, NULL, "步骤应取自 floors、fill、share、cost、expiry，按此先后，以 floors 或 fill 开头",
                             "steps are floors, fill, share, cost, expiry, in this order, the first of them floors or fill");
        }
        in->step[i] = (enum allocate_kind)kind;
    }
    in->p.steps = (int32_t)count;
    in->p.step = in->step;
    return BG_DONE;
}

static bg_err read_input(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    BG_TRY(solve_fields(root, root_fields));
    BG_TRY(solve_text_or(root, "item", BG_STR("物资"), 200, &in->item));
    BG_TRY(solve_days_read(root, &in->days));
    BG_TRY(solve_int_or(root, "explain_max", EXPLAIN_DEFAULT, 0, ALLOCATE_NEEDS_MAX, &in->explain_max));
    BG_TRY(read_rule(root, in));
    BG_TRY(read_depots(root, arena, in));
    BG_TRY(read_lots(root, arena, in));
    BG_TRY(read_needs(root, arena, in));
    BG_TRY(read_routes(root, arena, in));
    BG_TRY(solve_batches_read(root, arena, in->depots, &in->batches));
    in->p.depot = in->depot;
    in->p.lot = in->lot;
    in->p.need = in->need;
    in->p.cost = in->cost;
    in->p.lead = in->lead;
    return BG_DONE;
}

/* --- writing --- */
static void put_rule(struct bg_buf *out, const struct allocate_problem *p)
{
    BG_SCOPED_BUF text = bg_buf_init(1 << 16);
    bg_json_key(out, "rule");
    bg_json_object(out);
    allocate_rule_text(p->step, p->steps, false, &text);
    bg_json_put_str(out, "zh", bg_buf_str(&text));
    bg_buf_clear(&text);
    allocate_rule_text(p->step, p->steps, true, &text);
    bg_json_put_str(out, "en", bg_buf_str(&text));
    bg_json_object_end(out);
}

static void put_reached(struct bg_buf *out, int64_t part, int64_t whole)
{
    bg_json_put_double(out, "rate", whole > 0 ? (double)part / (double)whole : 1);
}

/* The bounds of one need; its first becomes a reason of the answer. Past the time granted, needs are told as not explained. */
static bg_err put_whys(struct solve_report *report, const struct input *in, const struct allocate_result *r, int32_t need)
{
    struct allocate_why why[ALLOCATE_BOUNDS];
    int count = 0;
    bg_err e = solve_past(report) ? BG_FAIL(BG_ENGINE_TIME) : allocate_explain(&in->p, r, need, why, &count);
    bg_json_put_bool(report->out, "explained", !bg_failed(e));
    if (bg_failed(e)) {
        return e.code == BG_ENGINE_TIME ? BG_DONE : e;
    }
    bg_json_key(report->out, "why");
    bg_json_array(report->out);
    for (int i = 0; i < count; i++) {
        const struct allocate_bound_text *text = &allocate_bounds[why[i].bound];
        struct solve_why shown = { text->code, text->zh, text->en, r->got[need], why[i].would };
        solve_put_why(report->out, &shown);
        if (i == 0) {
            bg_str name = solve_names_at(in->needs, need);
            int64_t asked = in->p.need[need].asked;
            const char *zh = bg_arena_text(report->arena, "%.*s申请 %" PRId64 "、分得", BG_STR_FMT(name), asked);
            const char *en = bg_arena_text(report->arena, "%.*s asked for %" PRId64 " and gets", BG_STR_FMT(name), asked);
            BG_TRY(solve_reason_why(report, zh, en, &shown));
        }
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

static bg_err put_needs(struct solve_report *report, const struct input *in, const struct allocate_result *r,
                        const int32_t *order)
{
    struct bg_buf *out = report->out;
    int64_t explained = 0;
    bg_json_key(out, "needs");
    bg_json_array(out);
    for (int32_t k = 0; k < in->p.needs; k++) {
        int32_t j = order[k];
        const struct allocate_need *n = &in->need[j];
        bg_json_object(out);
        bg_json_put_str(out, "name", solve_names_at(in->needs, j));
        bg_json_put_str(out, "receiver", solve_names_at(in->receivers, n->receiver));
        solve_put_day(out, "day", &in->days, n->day);
        bg_json_put_int(out, "tier", n->tier);
        bg_json_put_int(out, "asked", n->asked);
        bg_json_put_int(out, "floor", n->floor);
        bg_json_put_int(out, "got", r->got[j]);
        bg_json_put_int(out, "short", n->asked - r->got[j]);
        put_reached(out, r->got[j], n->asked);
        if (r->got[j] < n->asked) {
            if (explained++ < in->explain_max) {
                BG_TRY(put_whys(report, in, r, j));
            } else {
                bg_json_put_bool(out, "explained", false);
            }
        }
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    return BG_DONE;
}

static void put_moves(struct bg_buf *out, const struct input *in, const struct allocate_result *r)
{
    bg_json_key(out, "moves");
    bg_json_array(out);
    for (int64_t i = 0; i < r->moves; i++) {
        const struct allocate_move *m = &r->move[i];
        const struct allocate_need *n = &in->need[m->need];
        int32_t depot = in->lot[m->lot].depot;
        int64_t route = (int64_t)depot * in->p.receivers + n->receiver;
        bg_json_object(out);
        bg_json_put_str(out, "depot", solve_names_at(in->depots, depot));
        bg_json_put_str(out, "lot", solve_names_at(in->lots, m->lot));
        bg_json_put_str(out, "need", solve_names_at(in->needs, m->need));
        bg_json_put_str(out, "receiver", solve_names_at(in->receivers, n->receiver));
        solve_put_day(out, "ship", &in->days, n->day - in->lead[route]);
        solve_put_day(out, "arrive", &in->days, n->day);
        bg_json_put_int(out, "quantity", m->quantity);
        bg_json_put_int(out, "cost", m->quantity * (in->cost[route] < 0 ? 0 : in->cost[route]));
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_depots(struct bg_buf *out, const struct input *in, const struct allocate_result *r, const int32_t *order)
{
    bg_json_key(out, "depots");
    bg_json_array(out);
    for (int32_t k = 0; k < in->p.depots; k++) {
        int32_t depot = order[k];
        bg_json_object(out);
        bg_json_put_str(out, "name", solve_names_at(in->depots, depot));
        bg_json_put_int(out, "keep", in->depot[depot].keep);
        bg_json_put_int(out, "free", r->free[depot]);
        bg_json_put_int(out, "given", r->given[depot]);
        put_reached(out, r->given[depot], r->free[depot]);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static bg_err by_order(struct bg_arena *arena, const struct input *in, int32_t **ret_needs, int32_t **ret_depots)
{
    *ret_needs = bg_arena_array(arena, (size_t)in->p.needs + 1, sizeof **ret_needs);
    *ret_depots = bg_arena_array(arena, (size_t)in->p.depots + 1, sizeof **ret_depots);
    BG_TRY(bg_need(*ret_needs));
    BG_TRY(bg_need(*ret_depots));
    for (int32_t j = 0; j < in->p.needs; j++) {
        (*ret_needs)[in->need[j].order] = j;
    }
    for (int32_t k = 0; k < in->p.depots; k++) {
        (*ret_depots)[in->depot[k].order] = k;
    }
    return BG_DONE;
}

static bg_err put_batches(struct solve_report *report, const struct input *in, const struct allocate_result *r)
{
    if (in->batches.names == NULL) {
        return BG_DONE;
    }
    struct solve_drop *drops = bg_arena_array(report->arena, (size_t)r->moves + 1, sizeof *drops);
    BG_TRY(bg_need(drops));
    for (int64_t i = 0; i < r->moves; i++) {
        const struct allocate_move *m = &r->move[i];
        int32_t depot = in->lot[m->lot].depot, receiver = in->need[m->need].receiver;
        int32_t lead = in->lead[(int64_t)depot * in->p.receivers + receiver];
        drops[i] = (struct solve_drop){ depot, receiver, in->need[m->need].day - lead, m->quantity };
    }
    return solve_batches_put(report, &in->batches, in->depots, in->receivers, &in->days, drops, r->moves);
}

bg_err solve_do_allocate(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct allocate_result r;
    int32_t *needs, *depots;
    int64_t asked = 0, got = 0;
    BG_TRY(read_input(input, report->arena, &in));
    in.p.stop = solve_past;
    in.p.ctx = report;
    BG_TRY(allocate_solve(&in.p, report->arena, &r));
    BG_TRY(by_order(report->arena, &in, &needs, &depots));
    for (int32_t j = 0; j < in.p.needs; j++) {
        asked += in.need[j].asked;
        got += r.got[j];
    }
    report->solver = "lexicographic max-min by cuts, network simplex";
    report->gap_known = true; /* every step is exact */
    BG_TRY(solve_reason_format(report, "申请合计 %" PRId64 "，分配合计 %" PRId64 "。",
                               "Asked in all: %" PRId64 "; shared out: %" PRId64 ".", asked, got));
    bg_json_put_str(report->out, "item", in.item);
    bg_json_put_int(report->out, "asked", asked);
    bg_json_put_int(report->out, "got", got);
    bg_json_put_int(report->out, "cost", r.cost);
    put_rule(report->out, &in.p);
    BG_TRY(put_needs(report, &in, &r, needs));
    put_moves(report->out, &in, &r);
    put_depots(report->out, &in, &r, depots);
    return put_batches(report, &in, &r);
}
