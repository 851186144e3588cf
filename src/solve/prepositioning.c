/* `prepositioning`: where to open depots and what to keep there before it is known which scenario comes, from a document. */
#include <math.h>

#include "engine/preposition.h"
#include "lp/lp.h"
#include "solve/inner.h"

#define SITES_MAX 1000
#define SIZES_MAX 20
#define ITEMS_MAX 100
#define LINKS_MAX 20000
#define SCENARIOS_MAX 1000

struct input {
    struct preposition_problem p;
    double *room, *fixed, *volume, *cost, *carry, *unused, *shortage, *probability, *need, *survives;
    struct preposition_link *link;
    uint8_t *closed;
    struct solve_names *sites, *sizes, *items, *scenarios;
    double gap;
};

static bg_err doubles(struct solve_at at, size_t count, double **ret)
{
    *ret = bg_arena_array(at.arena, count + 1, sizeof **ret);
    return bg_need(*ret);
}

static bg_err read_places(struct solve_at at, struct input *in)
{
    static const char *const site_fields[] = { "id", NULL };
    static const char *const size_fields[] = { "id", "room", "fixed", NULL };
    struct solve_at list, item;
    size_t count;
    int32_t index;
    BG_TRY(solve_array(at, "sites", 1, SITES_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->sites));
    in->p.sites = (int32_t)count;
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &item));
        BG_TRY(solve_fields(item, site_fields));
        BG_TRY(solve_names_add(in->sites, item, "id", &index));
    }
    BG_TRY(solve_array(at, "sizes", 1, SIZES_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->sizes));
    in->p.sizes = (int32_t)count;
    BG_TRY(doubles(at, count, &in->room));
    BG_TRY(doubles(at, count, &in->fixed));
    for (size_t l = 0; l < count; l++) {
        BG_TRY(solve_item(list, l, &item));
        BG_TRY(solve_fields(item, size_fields));
        BG_TRY(solve_names_add(in->sizes, item, "id", &index));
        BG_TRY(solve_number(item, "room", 0, 1e12, &in->room[l]));
        BG_TRY(solve_number(item, "fixed", 0, 1e12, &in->fixed[l]));
    }
    return BG_DONE;
}

static bg_err read_items(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "id", "volume", "cost", "carry", "unused", "shortage", NULL };
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "items", 1, ITEMS_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->items));
    in->p.items = (int32_t)count;
    BG_TRY(doubles(at, count, &in->volume));
    BG_TRY(doubles(at, count, &in->cost));
    BG_TRY(doubles(at, count, &in->carry));
    BG_TRY(doubles(at, count, &in->unused));
    BG_TRY(doubles(at, count, &in->shortage));
    for (size_t k = 0; k < count; k++) {
        int32_t index;
        BG_TRY(solve_item(list, k, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->items, item, "id", &index));
        BG_TRY(solve_number(item, "volume", 0, 1e9, &in->volume[k]));
        BG_TRY(solve_number(item, "cost", 0, 1e9, &in->cost[k]));
        BG_TRY(solve_number_or(item, "carry", 0, 0, 1e6, &in->carry[k]));
        BG_TRY(solve_number_or(item, "unused", 0, 0, 1e9, &in->unused[k]));
        BG_TRY(solve_number(item, "shortage", 0, 1e9, &in->shortage[k]));
    }
    return BG_DONE;
}

/* Each link of the document goes both ways. */
static bg_err read_links(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "from", "to", "km", NULL };
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "links", 0, LINKS_MAX, &list, &count));
    in->link = bg_arena_array(at.arena, 2 * count + 1, sizeof *in->link);
    BG_TRY(bg_need(in->link));
    for (size_t a = 0; a < count; a++) {
        struct preposition_link *l = &in->link[2 * a];
        BG_TRY(solve_item(list, a, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_find(in->sites, item, "from", &l->from));
        BG_TRY(solve_names_find(in->sites, item, "to", &l->to));
        BG_TRY(solve_number(item, "km", 0, 1e5, &l->km));
        if (l->from == l->to) {
            return solve_bad(item, "to", "起点与终点相同", "from and to are the same");
        }
        l[1] = (struct preposition_link){ l->to, l->from, l->km };
    }
    in->p.links = (int32_t)(2 * count);
    return BG_DONE;
}

static bg_err read_needs(struct solve_at at, struct input *in, size_t s)
{
    static const char *const fields[] = { "site", "item", "amount", NULL };
    static const char *const share_fields[] = { "site", "share", NULL };
    struct solve_at list, one;
    size_t count;
    int32_t site, item;
    BG_TRY(solve_array(at, "needs", 0, (size_t)in->p.sites * (size_t)in->p.items, &list, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(solve_fields(one, fields));
        BG_TRY(solve_names_find(in->sites, one, "site", &site));
        BG_TRY(solve_names_find(in->items, one, "item", &item));
        BG_TRY(solve_number(one, "amount", 0, 1e12,
                            &in->need[(s * (size_t)in->p.sites + (size_t)site) * (size_t)in->p.items + (size_t)item]));
    }
    if (!solve_has(at, "survives")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(at, "survives", 0, (size_t)in->p.sites, &list, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(solve_fields(one, share_fields));
        BG_TRY(solve_names_find(in->sites, one, "site", &site));
        BG_TRY(solve_number(one, "share", 0, 1, &in->survives[s * (size_t)in->p.sites + (size_t)site]));
    }
    return BG_DONE;
}

static bg_err read_closed(struct solve_at at, struct input *in, size_t s)
{
    static const char *const fields[] = { "from", "to", NULL };
    struct solve_at list, one;
    size_t count;
    if (!solve_has(at, "closed")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(at, "closed", 0, LINKS_MAX, &list, &count));
    for (size_t i = 0; i < count; i++) {
        int32_t from, to;
        bool found = false;
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(solve_fields(one, fields));
        BG_TRY(solve_names_find(in->sites, one, "from", &from));
        BG_TRY(solve_names_find(in->sites, one, "to", &to));
        for (int32_t a = 0; a < in->p.links; a++) {
            if ((in->link[a].from == from && in->link[a].to == to) || (in->link[a].from == to && in->link[a].to == from)) {
                in->closed[s * (size_t)in->p.links + (size_t)a] = 1;
                found = true;
            }
        }
        if (!found) {
            return solve_bad(one, "to", "没有这条道路", "there is no such link");
        }
    }
    return BG_DONE;
}

static bg_err read_scenarios(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "id", "probability", "needs", "survives", "closed", NULL };
    struct solve_at list, item;
    size_t count, sites = (size_t)in->p.sites;
    double sum = 0;
    BG_TRY(solve_array(at, "scenarios", 1, SCENARIOS_MAX, &list, &count));
    if (((size_t)in->p.items * ((size_t)in->p.links + 2 * sites) + 1) * count > PREPOSITION_COLUMNS_MAX) {
        return solve_bad(at, "scenarios", "品种×（道路×2＋地点×2）×情景超过一百万",
                         "items x (2 links + 2 sites) x scenarios exceed a million");
    }
    BG_TRY(solve_names_open(at.arena, count, &in->scenarios));
    in->p.scenarios = (int32_t)count;
    BG_TRY(doubles(at, count, &in->probability));
    BG_TRY(doubles(at, count * sites * (size_t)in->p.items, &in->need));
    BG_TRY(doubles(at, count * sites, &in->survives));
    in->closed = bg_arena_array(at.arena, count * (size_t)in->p.links + 1, sizeof *in->closed);
    BG_TRY(bg_need(in->closed));
    for (size_t i = 0; i < count * sites; i++) {
        in->survives[i] = 1;
    }
    for (size_t s = 0; s < count; s++) {
        int32_t index;
        BG_TRY(solve_item(list, s, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->scenarios, item, "id", &index));
        BG_TRY(solve_number_or(item, "probability", 1.0 / (double)count, 1e-12, 1, &in->probability[s]));
        BG_TRY(read_needs(item, in, s));
        BG_TRY(read_closed(item, in, s));
        sum += in->probability[s];
    }
    if (fabs(sum - 1) > 1e-6) {
        return solve_bad(at, "scenarios", "各情景概率之和应为 1", "the probabilities of the scenarios must add up to 1");
    }
    for (size_t s = 0; s < count; s++) {
        in->probability[s] /= sum;
    }
    return BG_DONE;
}

static bg_err read_input(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "sites", "sizes", "items", "links", "scenarios", "level", "cvar_max", "gap", NULL };
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_number_or(at, "level", 0.95, 0, 0.9999, &in->p.level));
    BG_TRY(solve_number_or(at, "cvar_max", INFINITY, 0, 1e15, &in->p.cvar_max));
    BG_TRY(solve_number_or(at, "gap", 1e-3, 1e-9, 0.5, &in->gap));
    BG_TRY(read_places(at, in));
    BG_TRY(read_items(at, in));
    BG_TRY(read_links(at, in));
    BG_TRY(read_scenarios(at, in));
    in->p.room = in->room;
    in->p.fixed = in->fixed;
    in->p.volume = in->volume;
    in->p.cost = in->cost;
    in->p.carry = in->carry;
    in->p.unused = in->unused;
    in->p.shortage = in->shortage;
    in->p.link = in->link;
    in->p.probability = in->probability;
    in->p.need = in->need;
    in->p.survives = in->survives;
    in->p.closed = in->closed;
    return BG_DONE;
}

static void put_depots(struct bg_buf *out, const struct input *in, const struct preposition_result *r)
{
    bg_json_key(out, "depots");
    bg_json_array(out);
    for (int32_t i = 0; i < in->p.sites; i++) {
        if (r->size[i] < 0) {
            continue;
        }
        bg_json_object(out);
        bg_json_put_str(out, "site", solve_names_at(in->sites, i));
        bg_json_put_str(out, "size", solve_names_at(in->sizes, r->size[i]));
        bg_json_put_double(out, "without", r->without[i]);
        bg_json_key(out, "keep");
        bg_json_array(out);
        for (int32_t k = 0; k < in->p.items; k++) {
            if (r->keep[i * in->p.items + k] > 0) {
                bg_json_object(out);
                bg_json_put_str(out, "item", solve_names_at(in->items, k));
                bg_json_put_double(out, "amount", r->keep[i * in->p.items + k]);
                bg_json_object_end(out);
            }
        }
        bg_json_array_end(out);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_key(out, "shut");
    bg_json_array(out);
    for (int32_t i = 0; i < in->p.sites; i++) {
        if (r->size[i] < 0) {
            bg_json_object(out);
            bg_json_put_str(out, "site", solve_names_at(in->sites, i));
            bg_json_put_double(out, "saves_if_opened", r->with[i]);
            bg_json_object_end(out);
        }
    }
    bg_json_array_end(out);
}

static bg_err reasons(struct solve_report *report, const struct input *in, const struct preposition_result *r)
{
    int32_t dear = -1, next = -1, worst = 0;
    for (int32_t i = 0; i < in->p.sites; i++) {
        dear = r->size[i] >= 0 && !isnan(r->without[i]) && (dear < 0 || r->without[i] > r->without[dear]) ? i : dear;
        next = r->size[i] < 0 && !isnan(r->with[i]) && (next < 0 || r->with[i] > r->with[next]) ? i : next;
    }
    for (int32_t s = 0; s < in->p.scenarios; s++) {
        worst = r->fill[s] < r->fill[worst] ? s : worst;
    }
    if (dear >= 0) {
        bg_str name = solve_names_at(in->sites, dear);
        BG_TRY(solve_reason_format(report, "最不可少的是“%.*s”：不开它，期望总费用增加 %.2f（重新求解）。",
                                   "\"%.*s\" can least be missed: without it the expected cost grows by %.2f (solved again).",
                                   BG_STR_FMT(name), r->without[dear]));
    }
    if (next >= 0) {
        bg_str name = solve_names_at(in->sites, next);
        BG_TRY(solve_reason_format(
            report, "再多开一处，最合适的是“%.*s”，期望总费用变化 %.2f（重新求解）。",
            "If one more were opened, \"%.*s\" would be the best, and the expected cost changes by %.2f (solved again).",
            BG_STR_FMT(name), -r->with[next]));
    }
    bg_str name = solve_names_at(in->scenarios, worst);
    return solve_reason_format(report, "最难的情景是“%.*s”，满足 %.1f%% 的需求。",
                               "The hardest scenario is \"%.*s\": %.1f%% of its need is met.", BG_STR_FMT(name),
                               100 * r->fill[worst]);
}

bg_err solve_do_prepositioning(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct preposition_result r;
    struct lp *lp;
    BG_TRY(read_input(input, &in));
    BG_TRY(lp_open(&(struct lp_limits){ .seconds = 1 + (int32_t)fmin(report->seconds_max, 3600) }, &lp));
    struct linear_solver solver = lp_solver(lp);
    bg_err e = preposition_solve(&in.p, in.gap, &solver, solve_past, report, report->arena, &r);
    lp_close(lp);
    BG_TRY(e);
    bg_json_put_double(report->out, "value", r.cost);
    bg_json_put_str(report->out, "unit", BG_STR("cost units of the document"));
    bg_json_put_double(report->out, "bound", r.bound);
    bg_json_put_double(report->out, "fixed", r.fixed);
    bg_json_put_double(report->out, "stock", r.stock);
    bg_json_put_double(report->out, "carry", r.carry);
    bg_json_put_double(report->out, "unused", r.unused);
    bg_json_put_double(report->out, "shortage", r.shortage);
    put_depots(report->out, &in, &r);
    bg_json_key(report->out, "scenarios");
    bg_json_array(report->out);
    for (int32_t s = 0; s < in.p.scenarios; s++) {
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", solve_names_at(in.scenarios, s));
        bg_json_put_double(report->out, "filled", r.fill[s]);
        bg_json_object_end(report->out);
    }
    bg_json_array_end(report->out);
    BG_TRY(reasons(report, &in, &r));
    report->solver = solver.name;
    report->gap_known = true;
    report->gap = r.gap;
    return BG_DONE;
}
