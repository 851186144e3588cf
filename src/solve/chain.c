/* `chain`: firms or districts are sealed: what is lost, who stops when, and whose stop costs how much, from a document. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/inner.h"
#include "solve/links.h"

#define DISTRICTS_MAX 10000
#define INDEX_EXACT 2000 /* so many firms are all indexed exactly, more are screened */
#define SCREEN 1e-3

struct input {
    struct solve_links net;
    struct solve_names *districts;
    int32_t *district; /* [firms], -1: none */
    double *buffer, *shock, *sales;
    double all_sales, stop;
    int64_t days, top, explain_max;
    bool index, sealed;
};

/* --- reading --- */
static bg_err read_firms(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "id", "sector", "out", "district", "buffer_days", NULL };
    struct solve_at list, row;
    size_t count;
    BG_TRY(solve_array(at, "firms", 1, SOLVE_LINKS_FIRMS_MAX, &list, &count));
    BG_TRY(solve_links_open(at.arena, count, &in->net));
    BG_TRY(solve_names_open(at.arena, DISTRICTS_MAX, &in->districts));
    in->district = bg_arena_array(at.arena, count, sizeof *in->district);
    in->buffer = bg_arena_array(at.arena, count, sizeof *in->buffer);
    in->shock = bg_arena_array(at.arena, count, sizeof *in->shock);
    in->sales = bg_arena_array(at.arena, count, sizeof *in->sales);
    if (in->district == NULL || in->buffer == NULL || in->shock == NULL || in->sales == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        int32_t district = -1;
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_links_firm(row, &in->net));
        BG_TRY(solve_number_or(row, "buffer_days", 0, 0, 10000, &in->buffer[i]));
        if (solve_has(row, "district") && bg_failed(solve_names_find(in->districts, row, "district", &district))) {
            BG_TRY(solve_names_add(in->districts, row, "district", &district));
        }
        in->district[i] = district;
    }
    return BG_DONE;
}

/* "sealed": [{"district" or "firm", "stopped" 1}]; of several that touch a firm the largest counts. */
static bg_err read_sealed(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "district", "firm", "stopped", NULL };
    struct solve_at list, row;
    size_t count = 0;
    in->sealed = solve_has(at, "sealed");
    if (in->sealed) {
        BG_TRY(solve_array(at, "sealed", 0, SOLVE_LINKS_FIRMS_MAX, &list, &count));
    }
    for (size_t e = 0; e < count; e++) {
        double stopped;
        int32_t firm = -1, district = -1;
        BG_TRY(solve_item(list, e, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_number_or(row, "stopped", 1, 0, 1, &stopped));
        if (solve_has(row, "firm") == solve_has(row, "district")) {
            return solve_bad(row, NULL, "应给出 firm 或 district 之一", "one of firm and district is wanted");
        }
        if (solve_has(row, "firm")) {
            BG_TRY(solve_names_find(in->net.firms, row, "firm", &firm));
            in->shock[firm] = fmax(in->shock[firm], stopped);
            continue;
        }
        BG_TRY(solve_names_find(in->districts, row, "district", &district));
        for (int32_t i = 0; i < in->net.network.firms; i++) {
            in->shock[i] = in->district[i] == district ? fmax(in->shock[i], stopped) : in->shock[i];
        }
    }
    return BG_DONE;
}

static bg_err read_input(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "firms", "links", "essential", "function", "market", "eps", "sealed",
                                          "days",  "stop",  "top",       "index",    "explain_max", NULL };
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_int_or(at, "days", 30, 1, 1000, &in->days));
    BG_TRY(solve_number_or(at, "stop", 0.5, 0.001, 1, &in->stop));
    BG_TRY(solve_int_or(at, "top", 20, 1, 2000, &in->top));
    BG_TRY(solve_int_or(at, "explain_max", 200, 0, 100000, &in->explain_max));
    BG_TRY(read_firms(at, in));
    BG_TRY(solve_links_read(at, &in->net));
    BG_TRY(read_sealed(at, in));
    BG_TRY(solve_flag_or(at, "index", !in->sealed, &in->index));
    for (int64_t e = 0; e < in->net.network.count; e++) {
        in->sales[in->net.links[e].supplier] += in->net.links[e].amount;
    }
    for (int32_t i = 0; i < in->net.network.firms; i++) {
        in->sales[i] = fmax(in->sales[i], in->net.out[i]);
        in->all_sales += in->sales[i];
    }
    return BG_DONE;
}

/* --- the answer --- */
struct ranked {
    double key;
    int32_t index;
};

static int by_key(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->key != b->key) {
        return a->key > b->key ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

static bg_err put_index(struct solve_report *report, const struct input *in, const struct cascade *c)
{
    int32_t firms = in->net.network.firms;
    bool exact = firms <= INDEX_EXACT;
    struct cascade_index *index = bg_arena_array(report->arena, (size_t)firms, sizeof *index);
    struct ranked *rank = bg_arena_array(report->arena, (size_t)firms, sizeof *rank);
    int32_t *all = bg_arena_array(report->arena, (size_t)firms, sizeof *all);
    if (index == NULL || rank == NULL || all == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t i = 0; i < firms; i++) {
        all[i] = i;
    }
    BG_TRY(exact ? cascade_firms(c, all, firms, index) : cascade_screen(c, SCREEN, (int32_t)in->top, index));
    for (int32_t i = 0; i < firms; i++) {
        rank[i] = (struct ranked){ index[i].index, i };
    }
    qsort(rank, (size_t)firms, sizeof *rank, by_key);
    bg_json_key(report->out, "index");
    bg_json_array(report->out);
    for (int32_t n = 0; n < firms && n < in->top; n++) {
        int32_t i = rank[n].index;
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", solve_names_at(in->net.firms, i));
        bg_json_put_double(report->out, "index", index[i].index);
        bg_json_put_double(report->out, "down", index[i].down);
        bg_json_put_double(report->out, "up", index[i].up);
        bg_json_put_double(report->out, "own_share", in->all_sales > 0 ? in->sales[i] / in->all_sales : 0);
        bg_json_object_end(report->out);
    }
    bg_json_array_end(report->out);
    int32_t first = rank[0].index;
    return solve_reason_format(report, "最要害的企业是“%.*s”：它一家停产，全链损失 %.3f%% 的产出，其自身产出占 %.3f%%。",
                               "\"%.*s\" matters most: its stop alone costs %.3f%% of all output; its own share is %.3f%%.",
                               BG_STR_FMT(solve_names_at(in->net.firms, first)), 100 * index[first].index,
                               in->all_sales > 0 ? 100 * in->sales[first] / in->all_sales : 0);
}

static bg_err put_stops(struct solve_report *report, const struct input *in, const struct cascade *c)
{
    int32_t firms = in->net.network.firms, shown = 0, stopped = 0, at_once = 0;
    int32_t *day = bg_arena_array(report->arena, (size_t)firms, sizeof *day);
    BG_TRY(bg_need(day));
    BG_TRY(cascade_days(c, in->shock, in->buffer, in->stop, (int32_t)in->days, day, NULL));
    struct ranked *rank = bg_arena_array(report->arena, (size_t)firms, sizeof *rank);
    BG_TRY(bg_need(rank));
    for (int32_t i = 0; i < firms; i++) {
        at_once += day[i] == 0;
        if (day[i] >= 0) {
            rank[stopped++] = (struct ranked){ -(double)day[i], i };
        }
    }
    qsort(rank, (size_t)stopped, sizeof *rank, by_key);
    bg_json_key(report->out, "stops");
    bg_json_array(report->out);
    for (; shown < stopped && shown < 50 * in->top; shown++) {
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", solve_names_at(in->net.firms, rank[shown].index));
        bg_json_put_int(report->out, "day", day[rank[shown].index]);
        bg_json_object_end(report->out);
    }
    bg_json_array_end(report->out);
    bg_json_put_int(report->out, "stopped", stopped);
    return solve_reason_format(report, "%d 天内低于 %.0f%% 的企业 %d 家，其中当天停产 %d 家，其余因断料停产。",
                               "Within %d days firms below %.0f%%: %d, of them %d from the first day; the others for want of inputs.",
                               (int)in->days, 100 * in->stop, stopped, at_once);
}

/* The firms that lose most output, in the worse direction. */
static bg_err put_losses(struct solve_report *report, const struct input *in, const double *down, const double *up, const int32_t *step)
{
    int32_t firms = in->net.network.firms;
    struct ranked *rank = bg_arena_array(report->arena, (size_t)firms, sizeof *rank);
    BG_TRY(bg_need(rank));
    for (int32_t i = 0; i < firms; i++) {
        rank[i] = (struct ranked){ in->sales[i] * (1 - fmin(down[i], up[i])), i };
    }
    qsort(rank, (size_t)firms, sizeof *rank, by_key);
    bg_json_key(report->out, "losses");
    bg_json_array(report->out);
    for (int32_t n = 0; n < firms && n < in->top && rank[n].key > 0; n++) {
        int32_t i = rank[n].index;
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", solve_names_at(in->net.firms, i));
        bg_json_put_double(report->out, "lost", rank[n].key);
        bg_json_put_double(report->out, "share", 1 - fmin(down[i], up[i]));
        bool own = rank[n].key <= in->sales[i] * in->shock[i] * (1 + 1e-9);
        bg_str passed = down[i] <= up[i] ? BG_STR("inputs") : BG_STR("orders");
        bg_json_put_str(report->out, "cause", own ? BG_STR("sealed") : passed);
        bg_json_put_int(report->out, "step", step[i]);
        bg_json_object_end(report->out);
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

/* The loss with some firms spared: those of a district, or one alone. */
static bg_err spare(const struct input *in, const struct cascade *c, int32_t district, int32_t firm, double *shock, double *ret)
{
    struct cascade_index r;
    for (int32_t i = 0; i < in->net.network.firms; i++) {
        bool spared = i == firm || (district >= 0 && in->district[i] == district);
        shock[i] = spared ? 0 : in->shock[i];
    }
    BG_TRY(cascade_scenario(c, shock, &r, NULL, NULL, NULL));
    *ret = r.index;
    return BG_DONE;
}

struct spares {
    struct ranked *row; /* key: the loss avoided */
    int32_t count, left; /* worked out; not worked out */
};

static bg_err put_spares(struct solve_report *report, const struct input *in, struct spares *s, const struct solve_names *names,
                         const char *key, double loss)
{
    qsort(s->row, (size_t)s->count, sizeof *s->row, by_key);
    bg_json_key(report->out, key);
    bg_json_array(report->out);
    for (int32_t n = 0; n < s->count && n < in->top; n++) {
        bg_str name = solve_names_at(names, s->row[n].index);
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", name);
        bg_json_put_double(report->out, "loss_without", loss - s->row[n].key);
        bg_json_put_double(report->out, "saves", s->row[n].key);
        bg_json_object_end(report->out);
        if (n < 3) {
            BG_TRY(solve_reason_format(report, "全链损失 %.3f%%；若“%.*s”不停，为 %.3f%%（已重新计算）。",
                                       "%.3f%% of all output is lost; if \"%.*s\" went on it would be %.3f%% (solved again).",
                                       100 * loss, BG_STR_FMT(name), 100 * (loss - s->row[n].key)));
        }
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

/* What sparing each sealed firm, and each district, would save: each solved again. Firms by output, until explain_max or the time. */
static bg_err explain(struct solve_report *report, const struct input *in, const struct cascade *c, double loss)
{
    int32_t firms = in->net.network.firms, districts = solve_names_count(in->districts);
    struct spares one = { 0 }, area = { 0 };
    double without, *shock = bg_arena_array(report->arena, (size_t)firms, sizeof *shock);
    bool *touched = bg_arena_array(report->arena, (size_t)districts + 1, sizeof *touched);
    one.row = bg_arena_array(report->arena, (size_t)firms, sizeof *one.row);
    area.row = bg_arena_array(report->arena, (size_t)districts + 1, sizeof *area.row);
    if (shock == NULL || touched == NULL || one.row == NULL || area.row == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t i = 0; i < firms; i++) {
        if (in->shock[i] > 0) {
            one.row[one.left++] = (struct ranked){ in->sales[i] * in->shock[i], i };
            touched[in->district[i] < 0 ? districts : in->district[i]] = true;
        }
    }
    for (int32_t d = 0; d < districts; d++) {
        if (touched[d] && !solve_past(report) && area.count < in->explain_max) {
            BG_TRY(spare(in, c, d, -1, shock, &without));
            area.row[area.count++] = (struct ranked){ loss - without, d };
        }
    }
    qsort(one.row, (size_t)one.left, sizeof *one.row, by_key);
    for (; one.left > 0 && one.count < in->explain_max && !solve_past(report); one.left--) {
        BG_TRY(spare(in, c, -1, one.row[one.count].index, shock, &without));
        one.row[one.count++].key = loss - without;
    }
    bg_json_put_int(report->out, "not_explained", one.left);
    BG_TRY(put_spares(report, in, &area, in->districts, "spared_districts", loss));
    return put_spares(report, in, &one, in->net.firms, "spared_firms", loss);
}

static bg_err put_scenario(struct solve_report *report, const struct input *in, const struct cascade *c)
{
    size_t firms = (size_t)in->net.network.firms;
    double direct = 0, *down = bg_arena_array(report->arena, firms, sizeof *down);
    double *up = bg_arena_array(report->arena, firms, sizeof *up);
    int32_t *step = bg_arena_array(report->arena, firms, sizeof *step);
    struct cascade_index r;
    if (down == NULL || up == NULL || step == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    BG_TRY(cascade_scenario(c, in->shock, &r, down, up, step));
    for (size_t i = 0; i < firms; i++) {
        direct += in->sales[i] * in->shock[i];
    }
    direct = in->all_sales > 0 ? direct / in->all_sales : 0;
    bg_json_put_double(report->out, "loss", r.index);
    bg_json_put_double(report->out, "down", r.down);
    bg_json_put_double(report->out, "up", r.up);
    bg_json_put_double(report->out, "direct", direct);
    BG_TRY(solve_reason_format(report, "全链损失 %.3f%% 的产出，其中封控企业自身 %.3f%%，其余由断料和断单传导。",
                               "%.3f%% of all output is lost, %.3f%% by the sealed firms themselves, the rest passed on by missing "
                               "inputs and orders.",
                               100 * r.index, 100 * direct));
    BG_TRY(put_losses(report, in, down, up, step));
    BG_TRY(put_stops(report, in, c));
    return explain(report, in, c, r.index);
}

bg_err solve_do_chain(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct cascade *c;
    BG_TRY(read_input(input, &in));
    BG_TRY(cascade_open(&in.net.network, &c));
    bg_err e = in.sealed ? put_scenario(report, &in, c) : BG_DONE;
    if (!bg_failed(e) && in.index) {
        e = put_index(report, &in, c);
    }
    cascade_close(c);
    report->solver = "Jacobi steps";
    return e;
}
