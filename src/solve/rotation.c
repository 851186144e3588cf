/* `rotation`: which lots leave for routine use before they expire, above the standard, from a document. */
#include "engine/rotation.h"

#include <inttypes.h>
#include <stdlib.h>

#include "solve/day.h"
#include "solve/inner.h"
#include "solve/why.h"

struct input {
    struct solve_days days;
    struct solve_names *depots, *receivers, *lots;
    bg_str item;
    int64_t *keep, *use, *cost;
    int32_t *ahead;
    struct rotation_lot *lot;
    struct rotation_problem p;
};

/* --- reading --- */
static const char *const root_fields[] = { "item",  "start",  "days", "life_min",  "shelf_days", "last_third",    "value_fen",
                                           "depots", "lots",  "receivers", "routes", "default_route", NULL };

static bg_err read_depots(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "name", "keep", NULL };
    struct solve_at list, row;
    size_t count;
    int32_t index;
    BG_TRY(solve_array(root, "depots", 1, ROTATION_DEPOTS_MAX, &list, &count));
    BG_TRY(solve_names_open(arena, count, &in->depots));
    in->keep = bg_arena_array(arena, count, sizeof *in->keep);
    BG_TRY(bg_need(in->keep));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->depots, row, "name", &index));
        BG_TRY(solve_int_or(row, "keep", 0, 0, ROTATION_TOTAL_MAX, &in->keep[i]));
    }
    in->p.depots = (int32_t)count;
    in->p.keep = in->keep;
    return BG_DONE;
}

struct ranked {
    bg_str name;
    int32_t row;
};

static int by_name(const void *left, const void *right)
{
    return bg_str_order(((const struct ranked *)left)->name, ((const struct ranked *)right)->name);
}

static bg_err read_lots(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "name", "depot", "quantity", "expiry", "day", NULL };
    struct solve_at list, row;
    size_t count;
    int32_t index;
    int64_t total = 0;
    BG_TRY(solve_array(root, "lots", 0, ROTATION_LOTS_MAX, &list, &count));
    BG_TRY(solve_names_open(arena, count, &in->lots));
    in->lot = bg_arena_array(arena, count + 1, sizeof *in->lot);
    struct ranked *ranks = bg_arena_array(arena, count + 1, sizeof *ranks);
    BG_TRY(bg_need(in->lot));
    BG_TRY(bg_need(ranks));
    for (size_t i = 0; i < count; i++) {
        struct rotation_lot *l = &in->lot[i];
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->lots, row, "name", &index));
        BG_TRY(solve_names_find(in->depots, row, "depot", &l->depot));
        BG_TRY(solve_int(row, "quantity", 0, ROTATION_TOTAL_MAX, &l->quantity));
        BG_TRY(solve_day_or(row, "expiry", &in->days, -SOLVE_DAY_MAX, INT32_MAX, &l->expiry));
        BG_TRY(solve_day_or(row, "day", &in->days, 0, 0, &l->day));
        ranks[i] = (struct ranked){ solve_names_at(in->lots, index), index };
        total += l->quantity;
        if (total > ROTATION_TOTAL_MAX) {
            return solve_bad(row, "quantity", "全部批号合计不得超过 10^12，请换用更大的单位",
                             "all lots together may be 10^12 at most; use a larger unit");
        }
    }
    qsort(ranks, count, sizeof *ranks, by_name);
    for (size_t i = 0; i < count; i++) {
        in->lot[ranks[i].row].order = (int64_t)i;
    }
    in->p.lots = (int32_t)count;
    in->p.lot = in->lot;
    return BG_DONE;
}

/* "use": one number for every day, or a number a day. */
static bg_err read_use(struct solve_at row, const struct input *in, int64_t *use)
{
    int64_t *list, every = 0;
    size_t count;
    if (json_is_array(json_object_get(row.value, "use"))) {
        BG_TRY(solve_ints(row, "use", (size_t)in->p.days, (size_t)in->p.days, 0, ROTATION_TOTAL_MAX, &list, &count));
        for (size_t t = 0; t < count; t++) {
            use[t] = list[t];
        }
        return BG_DONE;
    }
    BG_TRY(solve_int(row, "use", 0, ROTATION_TOTAL_MAX, &every));
    for (int32_t t = 0; t < in->p.days; t++) {
        use[t] = every;
    }
    return BG_DONE;
}

static bg_err read_receivers(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "name", "use", "ahead", NULL };
    struct solve_at list, row;
    size_t count;
    int32_t index;
    BG_TRY(solve_array(root, "receivers", 0, ROTATION_RECEIVERS_MAX, &list, &count));
    if (((int64_t)count + in->p.depots) * in->p.days > ROTATION_NODES_MAX) {
        return solve_bad(root, "days", "（库点数＋单位数）×天数不得超过 4000000，请缩短计划期",
                         "(depots + receivers) x days may be 4000000 at most; shorten the plan");
    }
    BG_TRY(solve_names_open(arena, count, &in->receivers));
    in->use = bg_arena_array(arena, count * (size_t)in->p.days + 1, sizeof *in->use);
    in->ahead = bg_arena_array(arena, count + 1, sizeof *in->ahead);
    BG_TRY(bg_need(in->use));
    BG_TRY(bg_need(in->ahead));
    for (size_t i = 0; i < count; i++) {
        int64_t ahead;
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->receivers, row, "name", &index));
        BG_TRY(read_use(row, in, in->use + i * (size_t)in->p.days));
        BG_TRY(solve_int_or(row, "ahead", 0, 0, in->p.life_min, &ahead));
        in->ahead[i] = (int32_t)ahead;
    }
    in->p.receivers = (int32_t)count;
    in->p.use = in->use;
    in->p.ahead = in->ahead;
    return BG_DONE;
}

static bg_err read_route(struct solve_at row, int64_t *ret)
{
    bool open;
    int64_t cost;
    BG_TRY(solve_flag_or(row, "open", true, &open));
    BG_TRY(solve_int_or(row, "cost_fen", 0, 0, ROTATION_VALUE_MAX, &cost));
    *ret = open ? cost : ROTATION_NO_ROUTE;
    return BG_DONE;
}

static bg_err read_routes(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    static const char *const fields[] = { "depot", "receiver", "cost_fen", "open", NULL };
    static const char *const default_fields[] = { "cost_fen", "open", NULL };
    struct solve_at list, row;
    size_t count = 0, all = (size_t)in->p.depots * (size_t)in->p.receivers;
    int64_t cost = 0;
    if (solve_has(root, "default_route")) {
        BG_TRY(solve_object(root, "default_route", &row));
        BG_TRY(solve_fields(row, default_fields));
        BG_TRY(read_route(row, &cost));
    }
    in->cost = bg_arena_array(arena, all + 1, sizeof *in->cost);
    bool *named = bg_arena_array(arena, all + 1, sizeof *named);
    BG_TRY(bg_need(in->cost));
    BG_TRY(bg_need(named));
    for (size_t i = 0; i < all; i++) {
        in->cost[i] = cost;
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
        BG_TRY(read_route(row, &in->cost[at]));
    }
    in->p.cost = in->cost;
    return BG_DONE;
}

static bg_err read_input(struct solve_at root, struct bg_arena *arena, struct input *in)
{
    int64_t days, life, shelf;
    bool third;
    BG_TRY(solve_fields(root, root_fields));
    BG_TRY(solve_text_or(root, "item", BG_STR("物资"), 200, &in->item));
    BG_TRY(solve_days_read(root, &in->days));
    BG_TRY(solve_int(root, "days", 1, ROTATION_DAYS_MAX, &days));
    BG_TRY(solve_int_or(root, "life_min", 0, 0, SOLVE_DAY_MAX, &life));
    BG_TRY(solve_int_or(root, "shelf_days", 0, 0, SOLVE_DAY_MAX, &shelf));
    BG_TRY(solve_flag_or(root, "last_third", false, &third));
    BG_TRY(solve_int(root, "value_fen", 0, ROTATION_VALUE_MAX, &in->p.value));
    if (third && shelf == 0) {
        return solve_bad(root, "last_third", "须同时给出保质期 shelf_days", "\"shelf_days\" is needed beside it");
    }
    life = third && (shelf + 2) / 3 > life ? (shelf + 2) / 3 : life;
    in->p.days = (int32_t)days;
    in->p.life_min = (int32_t)life;
    BG_TRY(read_depots(root, arena, in));
    BG_TRY(read_lots(root, arena, in));
    BG_TRY(read_receivers(root, arena, in));
    return read_routes(root, arena, in);
}

/* --- writing --- */
static void put_moves(struct bg_buf *out, const struct input *in, const struct rotation_result *r)
{
    bg_json_key(out, "moves");
    bg_json_array(out);
    for (int64_t i = 0; i < r->moves; i++) {
        const struct rotation_move *m = &r->move[i];
        bg_json_object(out);
        bg_json_put_str(out, "depot", solve_names_at(in->depots, in->lot[m->lot].depot));
        bg_json_put_str(out, "lot", solve_names_at(in->lots, m->lot));
        bg_json_put_str(out, "receiver", solve_names_at(in->receivers, m->receiver));
        solve_put_day(out, "day", &in->days, m->day);
        bg_json_put_int(out, "quantity", m->quantity);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_losses(struct bg_buf *out, const struct input *in, const struct rotation_result *r)
{
    bg_json_key(out, "losses");
    bg_json_array(out);
    for (int64_t i = 0; i < r->losses; i++) {
        bg_json_object(out);
        bg_json_put_str(out, "lot", solve_names_at(in->lots, r->loss[i].lot));
        solve_put_day(out, "day", &in->days, r->loss[i].day);
        bg_json_put_int(out, "quantity", r->loss[i].quantity);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static bg_err put_lows(struct solve_report *report, const struct input *in, const struct rotation_result *r)
{
    bg_json_key(report->out, "below_standard");
    bg_json_array(report->out);
    for (int64_t i = 0; i < r->lows; i++) {
        bg_str name = solve_names_at(in->depots, r->low[i].depot);
        bg_json_object(report->out);
        bg_json_put_str(report->out, "depot", name);
        solve_put_day(report->out, "from", &in->days, r->low[i].day);
        bg_json_put_int(report->out, "lacking", r->low[i].lacking);
        bg_json_object_end(report->out);
        BG_TRY(solve_reason_format(report, "%.*s：即使不轮出，从第 %d 天起也低于储备标准，最多缺 %" PRId64 "，请补充采购。",
                                   "%.*s: even if nothing leaves, from day %d it is below its standard, by %" PRId64
                                   " at worst; order more.",
                                   BG_STR_FMT(name), r->low[i].day, r->low[i].lacking));
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

static bg_err put_whys(struct solve_report *report, const struct rotation_problem *p, const struct rotation_result *r)
{
    struct rotation_why why[ROTATION_BOUNDS];
    int count = 0;
    if (!solve_past(report)) {
        BG_TRY(rotation_explain(p, r, why, &count));
    }
    bg_json_key(report->out, "why");
    bg_json_array(report->out);
    for (int i = 0; i < count; i++) {
        const struct rotation_bound_text *text = &rotation_bounds[why[i].bound];
        struct solve_why shown = { text->code, text->zh, text->en, r->lost, why[i].would };
        solve_put_why(report->out, &shown);
        BG_TRY(solve_reason_why(report, "计划期内仍报废", "Still written off within the plan:", &shown));
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

bg_err solve_do_rotation(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct rotation_result r;
    BG_TRY(read_input(input, report->arena, &in));
    BG_TRY(rotation_solve(&in.p, report->arena, &r));
    int64_t avoided = (r.lost_before - r.lost) * in.p.value;
    report->solver = "time-expanded network simplex";
    report->gap_known = true;
    report->gap = r.cost > 0 ? (double)(r.cost - r.bound) / (double)r.cost : 0;
    BG_TRY(solve_reason_format(report,
                               "不轮换将报废 %" PRId64 "，按计划报废 %" PRId64 "，少损失 %" PRId64 ".%02" PRId64 " 元，运费 %" PRId64
                               ".%02" PRId64 " 元。",
                               "Without rotation %" PRId64 " would be written off, by the plan %" PRId64 "; saved: %" PRId64 ".%02" PRId64
                               " yuan; transport: %" PRId64 ".%02" PRId64 " yuan.",
                               r.lost_before, r.lost, avoided / 100, avoided % 100, r.route_cost / 100, r.route_cost % 100));
    bg_json_put_str(report->out, "item", in.item);
    bg_json_put_int(report->out, "life_min", in.p.life_min);
    bg_json_put_int(report->out, "lost_before", r.lost_before);
    bg_json_put_int(report->out, "lost", r.lost);
    bg_json_put_int(report->out, "avoided_fen", avoided);
    bg_json_put_int(report->out, "transport_fen", r.route_cost);
    bg_json_put_int(report->out, "cost_fen", r.cost);
    bg_json_put_int(report->out, "bound_fen", r.bound);
    put_moves(report->out, &in, &r);
    put_losses(report->out, &in, &r);
    BG_TRY(put_lows(report, &in, &r));
    return put_whys(report, &in.p, &r);
}
