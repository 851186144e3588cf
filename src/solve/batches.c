/* Vehicles for an allocation. */
#include "solve/batches.h"

#include <inttypes.h>
#include <stdlib.h>

#include "solve/inner.h"

bg_err solve_batches_open(struct bg_arena *arena, int32_t depots, struct solve_batches *ret)
{
    ret->depot = bg_arena_array(arena, (size_t)depots + 1, sizeof *ret->depot);
    return bg_need(ret->depot);
}

bg_err solve_batches_receivers(struct bg_arena *arena, int32_t receivers, struct solve_batches *b)
{
    b->receiver = bg_arena_array(arena, (size_t)receivers + 1, sizeof *b->receiver);
    b->open = bg_arena_array(arena, (size_t)receivers + 1, sizeof *b->open);
    b->close = bg_arena_array(arena, (size_t)receivers + 1, sizeof *b->close);
    b->serve = bg_arena_array(arena, (size_t)receivers + 1, sizeof *b->serve);
    bool good = b->receiver != NULL && b->open != NULL && b->close != NULL;
    return bg_need(good ? b->serve : NULL);
}

bg_err solve_batches_place(struct solve_at row, struct batch_place *ret)
{
    BG_TRY(solve_int_or(row, "x", 0, -BATCH_METRES_MAX, BATCH_METRES_MAX, &ret->x));
    return solve_int_or(row, "y", 0, -BATCH_METRES_MAX, BATCH_METRES_MAX, &ret->y);
}

bg_err solve_batches_window(struct solve_at row, struct solve_batches *b, int32_t receiver)
{
    int64_t open, close, serve;
    BG_TRY(solve_int_or(row, "open", 0, 0, BATCH_MINUTES_MAX, &open));
    BG_TRY(solve_int_or(row, "close", BATCH_MINUTES_MAX, open, BATCH_MINUTES_MAX, &close));
    BG_TRY(solve_int_or(row, "serve", 15, 0, BATCH_MINUTES_MAX, &serve));
    b->open[receiver] = (int32_t)open;
    b->close[receiver] = (int32_t)close;
    b->serve[receiver] = (int32_t)serve;
    return BG_DONE;
}

bg_err solve_batches_read(struct solve_at root, struct bg_arena *arena, const struct solve_names *depots, struct solve_batches *b)
{
    static const char *const fields[] = { "name", "depot", "capacity", "from", "until", NULL };
    struct solve_at list, row;
    size_t count;
    int64_t pace;
    BG_TRY(solve_int_or(root, "pace", 500, 1, BATCH_METRES_MAX, &pace));
    BG_TRY(solve_int_or(root, "unit_load", 1, 1, 1000000, &b->unit_load));
    b->pace = (int32_t)pace;
    if (!solve_has(root, "vehicles")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(root, "vehicles", 0, BATCH_VEHICLES_MAX, &list, &count));
    BG_TRY(solve_names_open(arena, count, &b->names));
    b->vehicle = bg_arena_array(arena, count + 1, sizeof *b->vehicle);
    BG_TRY(bg_need(b->vehicle));
    for (size_t i = 0; i < count; i++) {
        struct batch_vehicle *v = &b->vehicle[i];
        int32_t index;
        int64_t from, until;
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(b->names, row, "name", &index));
        BG_TRY(solve_names_find(depots, row, "depot", &v->depot));
        BG_TRY(solve_int(row, "capacity", 1, BATCH_LOAD_MAX, &v->capacity));
        BG_TRY(solve_int_or(row, "from", 0, 0, BATCH_MINUTES_MAX, &from));
        BG_TRY(solve_int_or(row, "until", BATCH_MINUTES_MAX, from, BATCH_MINUTES_MAX, &until));
        v->order = (int64_t)i;
        v->from = (int32_t)from;
        v->until = (int32_t)until;
    }
    b->vehicles = (int32_t)count;
    return BG_DONE;
}

struct names {
    const struct solve_names *depots, *receivers;
};

/* By day and names, so that the order of rows does not matter. */
static int by_day(const void *left, const void *right, void *ctx)
{
    const struct solve_drop *a = left, *b = right;
    const struct names *names = ctx;
    if (a->ship != b->ship) {
        return a->ship < b->ship ? -1 : 1;
    }
    int order = bg_str_order(solve_names_at(names->depots, a->depot), solve_names_at(names->depots, b->depot));
    return order != 0 ? order : bg_str_order(solve_names_at(names->receivers, a->receiver), solve_names_at(names->receivers, b->receiver));
}

/* Joins the drops of one day, depot and receiver; returns how many remain. */
static int64_t join(struct solve_drop *drops, int64_t count, struct names names)
{
    int64_t kept = 0;
    qsort_r(drops, (size_t)count, sizeof *drops, by_day, &names);
    for (int64_t i = 0; i < count; i++) {
        if (kept > 0 && by_day(&drops[kept - 1], &drops[i], &names) == 0) {
            drops[kept - 1].quantity += drops[i].quantity;
        } else {
            drops[kept++] = drops[i];
        }
    }
    return kept;
}

struct writing {
    struct bg_buf *out;
    struct bg_buf left; /* ready JSON of the second list */
    const struct solve_batches *b;
    const struct solve_names *depots, *receivers;
    const struct solve_days *days;
};

static const char *const left_codes[] = { [BATCH_NO_ROOM] = "room", [BATCH_NO_TIME] = "time", [BATCH_NO_VEHICLE] = "vehicle" };
static const char *const left_zh[] = { "车辆已装满", "有空位但赶不上时间窗", "该库没有车辆" };
static const char *const left_en[] = { "all vehicles are full", "there is room, but no round keeps the time windows",
                                       "no vehicle at this depot" };

static void put_stops(struct writing *w, const struct batch_result *r, const struct batch_drop *drops, int32_t day)
{
    for (int32_t i = 0; i < r->stops; i++) {
        const struct batch_stop *s = &r->stop[i];
        if (i == 0 || r->stop[i - 1].vehicle != s->vehicle) {
            bg_json_object(w->out);
            solve_put_day(w->out, "ship", w->days, day);
            bg_json_put_str(w->out, "vehicle", solve_names_at(w->b->names, s->vehicle));
            bg_json_put_str(w->out, "depot", solve_names_at(w->depots, w->b->vehicle[s->vehicle].depot));
            bg_json_key(w->out, "stops");
            bg_json_array(w->out);
        }
        bg_json_object(w->out);
        bg_json_put_str(w->out, "receiver", solve_names_at(w->receivers, drops[s->drop].receiver));
        bg_json_put_int(w->out, "load", s->load);
        bg_json_put_int(w->out, "minute", s->arrive);
        bg_json_object_end(w->out);
        if (i + 1 == r->stops || r->stop[i + 1].vehicle != s->vehicle) {
            bg_json_array_end(w->out);
            bg_json_object_end(w->out);
        }
    }
    for (int32_t i = 0; i < r->lefts; i++) {
        const struct batch_left *left = &r->left[i];
        bg_json_object(&w->left);
        solve_put_day(&w->left, "ship", w->days, day);
        bg_json_put_str(&w->left, "depot", solve_names_at(w->depots, drops[left->drop].depot));
        bg_json_put_str(&w->left, "receiver", solve_names_at(w->receivers, drops[left->drop].receiver));
        bg_json_put_int(&w->left, "load", left->load);
        bg_json_put_str(&w->left, "bound", bg_str_of(left_codes[left->reason]));
        bg_json_put_str(&w->left, "zh", bg_str_of(left_zh[left->reason]));
        bg_json_put_str(&w->left, "en", bg_str_of(left_en[left->reason]));
        bg_json_object_end(&w->left);
    }
}

static bg_err put_day_of(struct writing *w, struct bg_arena *arena, const struct solve_drop *drops, int64_t count)
{
    const struct solve_batches *b = w->b;
    struct batch_result r;
    if (count > BATCH_DROPS_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "vehicles");
    }
    struct batch_drop *list = bg_arena_array(arena, (size_t)count, sizeof *list);
    BG_TRY(bg_need(list));
    for (int64_t i = 0; i < count; i++) {
        int64_t load;
        if (__builtin_mul_overflow(drops[i].quantity, b->unit_load, &load) || load > BATCH_LOAD_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "unit_load");
        }
        list[i] = (struct batch_drop){ .order = i,
                                       .depot = drops[i].depot,
                                       .receiver = drops[i].receiver,
                                       .load = load,
                                       .open = b->open[drops[i].receiver],
                                       .close = b->close[drops[i].receiver],
                                       .serve = b->serve[drops[i].receiver] };
    }
    struct batch_problem p = { .depots = solve_names_count(w->depots), .receivers = solve_names_count(w->receivers),
                               .drops = (int32_t)count, .vehicles = b->vehicles, .depot = b->depot, .receiver = b->receiver,
                               .drop = list, .vehicle = b->vehicle, .pace = b->pace };
    BG_TRY(batch_solve(&p, arena, &r));
    put_stops(w, &r, list, drops[0].ship);
    return BG_DONE;
}

bg_err solve_batches_put(struct solve_report *report, const struct solve_batches *b, const struct solve_names *depots,
                         const struct solve_names *receivers, const struct solve_days *days, struct solve_drop *drops, int64_t count)
{
    struct writing w = { .out = report->out, .left = bg_buf_init(report->out->max), .b = b, .depots = depots, .receivers = receivers,
                         .days = days };
    bg_err e = BG_DONE;
    count = join(drops, count, (struct names){ depots, receivers });
    bg_json_key(report->out, "batches");
    bg_json_array(report->out);
    bg_json_array(&w.left);
    for (int64_t first = 0, end = 0; first < count && !bg_failed(e); first = end) {
        while (end < count && drops[end].ship == drops[first].ship) {
            end++;
        }
        e = put_day_of(&w, report->arena, drops + first, end - first);
    }
    bg_json_array_end(report->out);
    bg_json_array_end(&w.left);
    bg_json_key(report->out, "left");
    bg_json_raw(report->out, bg_buf_str(&w.left));
    e = bg_failed(e) ? e : bg_buf_check(&w.left);
    bg_buf_done(&w.left);
    return e;
}
