/* `positive-list`: the positive list (正面清单) from a document: who is listed, what each exclusion costs, who stops when. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/positive.h"
#include "solve/inner.h"
#include "solve/links.h"

#define SHOWN_MAX 200 /* firms that are not listed, dearest first */

static const char *const states[] = { "candidate", "mandatory", "excluded", "exempt", NULL };

struct input {
    struct positive_problem p;
    struct solve_links net;
    int32_t *passes;
    double *weight, *buffer;
    uint8_t *state;
    int64_t days;
    double stop;
};

static bg_err read_firm(struct solve_at at, struct input *in, size_t i)
{
    static const char *const fields[] = { "id", "sector", "out", "weight", "passes", "state", "buffer_days", NULL };
    int64_t passes;
    int state;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_links_firm(at, &in->net));
    BG_TRY(solve_number_or(at, "weight", -1, 0, 1e15, &in->weight[i]));
    BG_TRY(solve_int_or(at, "passes", 1, 1, 1000000, &passes));
    BG_TRY(solve_choice_or(at, "state", states, POSITIVE_CANDIDATE, &state));
    BG_TRY(solve_number_or(at, "buffer_days", 0, 0, 10000, &in->buffer[i]));
    in->passes[i] = (int32_t)passes;
    in->state[i] = (uint8_t)state;
    return BG_DONE;
}

static bg_err read_firms(struct solve_at at, struct input *in)
{
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "firms", 1, SOLVE_LINKS_FIRMS_MAX, &list, &count));
    BG_TRY(solve_links_open(at.arena, count, &in->net));
    in->passes = bg_arena_array(at.arena, count, sizeof *in->passes);
    in->weight = bg_arena_array(at.arena, count, sizeof *in->weight);
    in->buffer = bg_arena_array(at.arena, count, sizeof *in->buffer);
    in->state = bg_arena_array(at.arena, count, sizeof *in->state);
    if (in->passes == NULL || in->weight == NULL || in->buffer == NULL || in->state == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &item));
        BG_TRY(read_firm(item, in, i));
    }
    return BG_DONE;
}

/* A firm without a weight weighs as its output, or its sales where no output is given. */
static void weigh(struct input *in)
{
    for (int64_t e = 0; e < in->net.network.count; e++) {
        int32_t i = in->net.links[e].supplier;
        if (in->weight[i] < 0 && in->net.out[i] <= 0) {
            in->weight[i] -= in->net.links[e].amount; /* gathered below -1, turned over after */
        }
    }
    for (int32_t i = 0; i < in->net.network.firms; i++) {
        if (in->weight[i] < 0) {
            in->weight[i] = in->net.out[i] > 0 ? in->net.out[i] : -(in->weight[i] + 1);
        }
    }
}

static bg_err read_input(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "firms", "links", "essential", "function", "market", "eps",
                                          "flow",  "limit", "tries",     "days",     "stop",   NULL };
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_int(at, "limit", 0, INT64_C(1000000000), &in->p.limit));
    BG_TRY(solve_number_or(at, "flow", 0, 0, 1, &in->p.flow));
    BG_TRY(solve_int_or(at, "tries", 0, 0, 100000000, &in->p.tries));
    BG_TRY(solve_int_or(at, "days", 30, 1, 1000, &in->days));
    BG_TRY(solve_number_or(at, "stop", 0.5, 0.001, 1, &in->stop));
    BG_TRY(read_firms(at, in));
    BG_TRY(solve_links_read(at, &in->net));
    weigh(in);
    in->p.network = &in->net.network;
    in->p.weight = in->weight;
    in->p.passes = in->passes;
    in->p.state = in->state;
    return BG_DONE;
}

/* --- the answer --- */
struct found {
    struct positive_result r;
    bool *listed;
    double *price;
    int32_t *order; /* firms by falling price */
    int32_t *day; /* first day each firm stops with the list; -1 */
    int32_t *day_none; /* and without it */
};

static int by_price(const void *left, const void *right, void *ctx)
{
    const double *price = ctx;
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    double pa = isnan(price[a]) ? -1 : price[a], pb = isnan(price[b]) ? -1 : price[b];
    if (pa != pb) {
        return pa > pb ? -1 : 1;
    }
    return a < b ? -1 : (a > b ? 1 : 0);
}

static void put_firms(struct bg_buf *out, const struct input *in, const struct found *f, bool listed, const char *key)
{
    int32_t shown = 0;
    bg_json_key(out, key);
    bg_json_array(out);
    for (int32_t n = 0; n < in->net.network.firms; n++) {
        int32_t i = f->order[n];
        if (f->listed[i] != listed ||
            (!listed && (in->state[i] != POSITIVE_CANDIDATE || isnan(f->price[i]) || shown >= SHOWN_MAX))) {
            continue;
        }
        shown++;
        bg_json_object(out);
        bg_json_put_str(out, "id", solve_names_at(in->net.firms, i));
        bg_json_put_double(out, "price", f->price[i]);
        bg_json_put_int(out, "passes", in->passes[i]);
        if (listed && in->state[i] == POSITIVE_MANDATORY) {
            bg_json_put_bool(out, "mandatory", true);
        }
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_stops(struct bg_buf *out, const struct input *in, const struct found *f)
{
    int32_t shown = 0;
    bg_json_key(out, "stops");
    bg_json_array(out);
    for (int64_t day = 0; day < in->days && shown < SHOWN_MAX; day++) {
        for (int32_t i = 0; i < in->net.network.firms && shown < SHOWN_MAX; i++) {
            if (f->day[i] == day) {
                shown++;
                bg_json_object(out);
                bg_json_put_str(out, "id", solve_names_at(in->net.firms, i));
                bg_json_put_int(out, "day", day);
                bg_json_object_end(out);
            }
        }
    }
    bg_json_array_end(out);
}

static int32_t count_stops(const struct input *in, const int32_t *day)
{
    int32_t count = 0;
    for (int32_t i = 0; i < in->net.network.firms; i++) {
        count += day[i] >= 0;
    }
    return count;
}

static bg_err reasons(struct solve_report *report, const struct input *in, const struct found *f)
{
    double avoided = f->r.loss_none - f->r.loss;
    BG_TRY(solve_reason_format(
        report, "清单使产出损失由 %.2f%% 降到 %.2f%%，少损失 %.2f 个百分点；全部列入也只能降到 %.2f%%。",
        "The list lowers the loss of output from %.2f%% to %.2f%%, by %.2f points; listing everybody would leave "
        "%.2f%%.",
        100 * f->r.loss_none, 100 * f->r.loss, 100 * avoided, 100 * f->r.loss_all));
    bool in_done = false, out_done = false;
    for (int32_t n = 0; n < in->net.network.firms && !(in_done && out_done); n++) {
        int32_t i = f->order[n];
        bg_str name = solve_names_at(in->net.firms, i);
        if (f->listed[i] && !in_done && f->price[i] > 0) {
            in_done = true;
            BG_TRY(solve_reason_format(report, "最关键的是“%.*s”：拿掉它，损失增加 %.3f 个百分点（重新计算）。",
                                       "\"%.*s\" matters most: without it the loss grows by %.3f points (computed again).",
                                       BG_STR_FMT(name), 100 * f->price[i]));
        } else if (!f->listed[i] && !out_done && in->state[i] == POSITIVE_CANDIDATE && f->price[i] > 0) {
            out_done = true;
            BG_TRY(solve_reason_format(
                report, "上限之外最可惜的是“%.*s”：连同离不开的供应商列入，损失再少 %.3f 个百分点（重新计算）。",
                "The dearest exclusion is \"%.*s\": listed with the suppliers it can not do without, the loss falls by "
                "another %.3f points (computed again).",
                BG_STR_FMT(name), 100 * f->price[i]));
        }
    }
    return solve_reason_format(report, "%d 天内停产（低于 %.0f%%）的企业：不设清单 %d 家，按此清单 %d 家。",
                               "Within %d days firms below %.0f%% stop: %d without a list, %d with it.", (int)in->days,
                               100 * in->stop, count_stops(in, f->day_none), count_stops(in, f->day));
}

/* Who stops when, under the list or under the mandatory firms alone. */
static bg_err stops(const struct input *in, const struct cascade *c, const bool *listed, double *shock, int32_t *ret_day)
{
    for (int32_t i = 0; i < in->net.network.firms; i++) {
        bool ships = in->state[i] == POSITIVE_EXEMPT || (listed != NULL ? listed[i] : in->state[i] == POSITIVE_MANDATORY);
        shock[i] = ships ? 0 : 1 - in->p.flow;
    }
    return cascade_days(c, shock, in->buffer, in->stop, (int32_t)in->days, ret_day, NULL);
}

static bg_err all_stops(const struct input *in, struct found *f, double *shock)
{
    struct cascade *c;
    BG_TRY(cascade_open(&in->net.network, &c));
    bg_err e = stops(in, c, f->listed, shock, f->day);
    if (!bg_failed(e)) {
        e = stops(in, c, NULL, shock, f->day_none);
    }
    cascade_close(c);
    return e;
}

bg_err solve_do_positive_list(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct found f = { 0 };
    BG_TRY(read_input(input, &in));
    size_t firms = (size_t)in.net.network.firms;
    f.listed = bg_arena_array(report->arena, firms, sizeof *f.listed);
    f.price = bg_arena_array(report->arena, firms, sizeof *f.price);
    f.order = bg_arena_array(report->arena, firms, sizeof *f.order);
    f.day = bg_arena_array(report->arena, firms, sizeof *f.day);
    f.day_none = bg_arena_array(report->arena, firms, sizeof *f.day_none);
    double *shock = bg_arena_array(report->arena, firms, sizeof *shock);
    if (f.listed == NULL || f.price == NULL || f.order == NULL || f.day == NULL || f.day_none == NULL || shock == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    in.p.stop = solve_past;
    in.p.ctx = report;
    BG_TRY(positive_list(&in.p, &f.r, f.listed, f.price));
    BG_TRY(all_stops(&in, &f, shock));
    for (int32_t i = 0; i < in.net.network.firms; i++) {
        f.order[i] = i;
    }
    qsort_r(f.order, firms, sizeof *f.order, by_price, f.price);
    bg_json_put_double(report->out, "value", f.r.loss);
    bg_json_put_str(report->out, "unit", BG_STR("share of weighted output lost"));
    bg_json_put_double(report->out, "loss_without", f.r.loss_none);
    bg_json_put_double(report->out, "loss_everybody", f.r.loss_all);
    bg_json_put_int(report->out, "passes", f.r.passes);
    bg_json_put_bool(report->out, "exact", f.r.exact);
    bg_json_put_bool(report->out, "all_looked_at", f.r.all_looked_at);
    bg_json_put_bool(report->out, "stopped_early", f.r.stopped);
    bg_json_put_int(report->out, "lists_tried", f.r.tries);
    put_firms(report->out, &in, &f, true, "listed");
    put_firms(report->out, &in, &f, false, "not_listed");
    put_stops(report->out, &in, &f);
    BG_TRY(reasons(report, &in, &f));
    report->solver = f.r.exact ? "every list" : "bundles from both ends, exchanges";
    report->gap_known = f.r.exact;
    return BG_DONE;
}
