/* `portfolio`: the resource backstop (资源托底) from a document: frontier of cost and unmet need, the plan, what each contract is
 * worth. */
#include <math.h>

#include "engine/portfolio.h"
#include "lp/lp.h"
#include "solve/inner.h"

#define MONEY_MAX 1e12
#define AMOUNT_MAX 1e12

enum kind { STOCK, PRODUCTION, RESERVED, FRAMEWORK };
static const char *const kinds[] = { "stock", "production", "reserved", "framework", NULL };

struct input {
    struct portfolio_problem p;
    struct portfolio_item *item;
    struct portfolio_source *source;
    double *probability, *need, *spot_price, *spot_cap;
    int32_t *spot_from;
    int *kind; /* [sources] */
    int32_t *place; /* [sources] name index of the source at this place of the sorted array */
    struct solve_names *items, *sources, *scenarios;
    double cvar_max; /* INFINITY: not given */
    double gap;
    int64_t points;
};

static bg_err read_items(struct solve_at at, struct input *in, double *spot_price, double *spot_cap)
{
    static const char *const fields[] = { "id", "shortage_cost", "mean_need", "spot_price", "spot_cap", "spot_from", NULL };
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "items", 1, PORTFOLIO_ITEMS_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->items));
    in->p.items = (int32_t)count;
    in->item = bg_arena_array(at.arena, count, sizeof *in->item);
    in->spot_from = bg_arena_array(at.arena, count, sizeof *in->spot_from);
    BG_TRY(bg_need(in->item));
    BG_TRY(bg_need(in->spot_from));
    for (size_t k = 0; k < count; k++) {
        int32_t index;
        int64_t from;
        double mean;
        BG_TRY(solve_item(list, k, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->items, item, "id", &index));
        BG_TRY(solve_number(item, "shortage_cost", 0, MONEY_MAX, &in->item[k].shortage));
        BG_TRY(solve_number_or(item, "mean_need", 0, 1e-6, AMOUNT_MAX, &mean));
        in->item[k].weight = mean > 0 ? 1 / mean : 0;
        BG_TRY(solve_number_or(item, "spot_price", 0, 0, in->item[k].shortage, &spot_price[k]));
        BG_TRY(solve_number_or(item, "spot_cap", 0, 0, AMOUNT_MAX, &spot_cap[k]));
        BG_TRY(solve_int_or(item, "spot_from", 0, 0, PORTFOLIO_DAYS_MAX, &from));
        in->spot_from[k] = (int32_t)from;
    }
    return BG_DONE;
}

/* Units that one unit of commitment releases on each day. */
static bg_err read_profile(struct solve_at at, int32_t days, enum kind kind, double **ret)
{
    int64_t lead, ramp, over;
    double *profile = bg_arena_array(at.arena, (size_t)days, sizeof *profile);
    BG_TRY(bg_need(profile));
    BG_TRY(solve_int_or(at, "lead_days", 0, 0, PORTFOLIO_DAYS_MAX, &lead));
    BG_TRY(solve_int_or(at, "ramp_days", 1, 1, PORTFOLIO_DAYS_MAX, &ramp));
    BG_TRY(solve_int_or(at, "deliver_days", 1, 1, PORTFOLIO_DAYS_MAX, &over));
    for (int32_t t = (int32_t)lead; t < days; t++) {
        double since = (double)(t - lead) + 1;
        if (kind == PRODUCTION || kind == RESERVED) {
            profile[t] = since < (double)ramp ? since / (double)ramp : 1;
        } else {
            profile[t] = since <= (double)over ? 1 / (double)over : 0;
        }
    }
    *ret = profile;
    return BG_DONE;
}

static bg_err read_source(struct solve_at at, struct input *in, int32_t index, struct portfolio_source *ret, int *ret_kind)
{
    static const char *const fields[] = { "id",  "item", "kind",      "fee",       "price",        "unused",
                                          "min", "max",  "lead_days", "ramp_days", "deliver_days", NULL };
    double *profile;
    int32_t own;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_names_add(in->sources, at, "id", &own));
    BG_TRY(solve_names_find(in->items, at, "item", &ret->item));
    BG_TRY(solve_choice(at, "kind", kinds, ret_kind));
    BG_TRY(solve_number(at, "fee", 0, MONEY_MAX, &ret->fee));
    BG_TRY(solve_number_or(at, "price", 0, 0, MONEY_MAX, &ret->price));
    BG_TRY(solve_number_or(at, "unused", 0, 0, MONEY_MAX, &ret->unused));
    BG_TRY(solve_number_or(at, "min", 0, 0, AMOUNT_MAX, &ret->min));
    BG_TRY(solve_number(at, "max", ret->min, AMOUNT_MAX, &ret->max));
    if (ret->price - ret->unused > in->item[ret->item].shortage) {
        return solve_bad(at, "price", "高于该品种的缺货代价 shortage_cost，缺货反而更省",
                         "dearer than the item's shortage_cost: being short would be cheaper");
    }
    BG_TRY(read_profile(at, in->p.days, (enum kind) * ret_kind, &profile));
    ret->profile = profile;
    return own == index ? BG_DONE : solve_bad(at, "id", "名称重复", "this name is there already");
}

static bg_err read_sources(struct solve_at at, struct input *in)
{
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "sources", 1, PORTFOLIO_SOURCES_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->sources));
    struct portfolio_source *read = bg_arena_array(at.arena, count, sizeof *read);
    int *kind = bg_arena_array(at.arena, count, sizeof *kind);
    in->source = bg_arena_array(at.arena, count, sizeof *in->source);
    in->kind = bg_arena_array(at.arena, count, sizeof *in->kind);
    in->place = bg_arena_array(at.arena, count, sizeof *in->place);
    if (read == NULL || kind == NULL || in->source == NULL || in->kind == NULL || in->place == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t j = 0; j < count; j++) {
        BG_TRY(solve_item(list, j, &item));
        BG_TRY(read_source(item, in, (int32_t)j, &read[j], &kind[j]));
    }
    int32_t at_place = 0;
    for (int32_t k = 0; k < in->p.items; k++) {
        int32_t first = at_place;
        for (size_t j = 0; j < count; j++) {
            if (read[j].item == k) {
                in->source[at_place] = read[j];
                in->kind[at_place] = kind[j];
                in->place[at_place++] = (int32_t)j;
            }
        }
        if (at_place - first > PORTFOLIO_ITEM_SOURCES_MAX) {
            return solve_bad(at, "sources", "同一品种的来源超过 64 个", "more than 64 sources of one item");
        }
    }
    in->p.sources = (int32_t)count;
    return BG_DONE;
}

static bg_err read_needs(struct solve_at at, struct input *in, int32_t scenario)
{
    static const char *const fields[] = { "item", "need", "spot_price", "spot_cap", NULL };
    struct solve_at list, one;
    size_t count, days;
    BG_TRY(solve_array(at, "needs", 0, (size_t)in->p.items, &list, &count));
    for (size_t i = 0; i < count; i++) {
        int32_t item;
        double *need;
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(solve_fields(one, fields));
        BG_TRY(solve_names_find(in->items, one, "item", &item));
        BG_TRY(solve_numbers(one, "need", 0, (size_t)in->p.days, 0, AMOUNT_MAX, &need, &days));
        int64_t place = (int64_t)item * in->p.scenarios + scenario;
        for (size_t t = 0; t < days; t++) {
            in->need[place * in->p.days + (int64_t)t] = need[t];
        }
        BG_TRY(solve_number_or(one, "spot_price", in->spot_price[place], 0, in->item[item].shortage, &in->spot_price[place]));
        BG_TRY(solve_number_or(one, "spot_cap", in->spot_cap[place], 0, AMOUNT_MAX, &in->spot_cap[place]));
    }
    return BG_DONE;
}

static bg_err read_scenarios(struct solve_at at, struct input *in, const double *spot_price, const double *spot_cap)
{
    static const char *const fields[] = { "id", "probability", "needs", NULL };
    struct solve_at list, item;
    size_t count;
    double sum = 0;
    BG_TRY(solve_array(at, "scenarios", 1, PORTFOLIO_SCENARIOS_MAX, &list, &count));
    size_t cells = count * (size_t)in->p.items;
    if (cells * (size_t)in->p.days > PORTFOLIO_NEEDS_MAX) {
        return solve_bad(at, "scenarios", "品种×情景×天数超过一千万", "items x scenarios x days exceed ten million");
    }
    BG_TRY(solve_names_open(at.arena, count, &in->scenarios));
    in->p.scenarios = (int32_t)count;
    in->probability = bg_arena_array(at.arena, count, sizeof *in->probability);
    in->need = bg_arena_array(at.arena, cells * (size_t)in->p.days, sizeof *in->need);
    in->spot_price = bg_arena_array(at.arena, cells, sizeof *in->spot_price);
    in->spot_cap = bg_arena_array(at.arena, cells, sizeof *in->spot_cap);
    if (in->probability == NULL || in->need == NULL || in->spot_price == NULL || in->spot_cap == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < cells; i++) {
        in->spot_price[i] = spot_price[i / count];
        in->spot_cap[i] = spot_cap[i / count];
    }
    for (size_t s = 0; s < count; s++) {
        int32_t index;
        BG_TRY(solve_item(list, s, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->scenarios, item, "id", &index));
        BG_TRY(solve_number_or(item, "probability", 1.0 / (double)count, 1e-12, 1, &in->probability[s]));
        BG_TRY(read_needs(item, in, (int32_t)s));
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

/* Unmet need is counted in days of an item's mean need, unless the document says another mean. */
static void weigh_items(struct input *in)
{
    for (int32_t k = 0; k < in->p.items; k++) {
        double mean = 0;
        for (int32_t s = 0; s < in->p.scenarios; s++) {
            for (int32_t t = 0; t < in->p.days; t++) {
                mean += in->probability[s] * in->need[((int64_t)k * in->p.scenarios + s) * in->p.days + t] / in->p.days;
            }
        }
        if (in->item[k].weight == 0) {
            in->item[k].weight = mean > 1e-9 ? 1 / mean : 1;
        }
    }
}

static bg_err read_input(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "days",     "items",  "sources", "scenarios", "level",
                                          "cvar_max", "budget", "points",  "gap",       NULL };
    int64_t days;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_int(at, "days", 1, PORTFOLIO_DAYS_MAX, &days));
    in->p.days = (int32_t)days;
    BG_TRY(solve_number_or(at, "level", 0.95, 0, 0.9999, &in->p.level));
    BG_TRY(solve_number_or(at, "cvar_max", INFINITY, 0, 1e9, &in->cvar_max));
    BG_TRY(solve_number_or(at, "budget", INFINITY, 0, 1e15, &in->p.budget));
    BG_TRY(solve_int_or(at, "points", 6, 0, PORTFOLIO_POINTS_MAX, &in->points));
    BG_TRY(solve_number_or(at, "gap", 1e-4, 1e-8, 0.1, &in->gap));
    double *spot_price = bg_arena_array(at.arena, PORTFOLIO_ITEMS_MAX, sizeof *spot_price);
    double *spot_cap = bg_arena_array(at.arena, PORTFOLIO_ITEMS_MAX, sizeof *spot_cap);
    BG_TRY(bg_need(spot_price));
    BG_TRY(bg_need(spot_cap));
    BG_TRY(read_items(at, in, spot_price, spot_cap));
    BG_TRY(read_sources(at, in));
    BG_TRY(read_scenarios(at, in, spot_price, spot_cap));
    weigh_items(in);
    in->p.item = in->item;
    in->p.source = in->source;
    in->p.probability = in->probability;
    in->p.need = in->need;
    in->p.spot_price = in->spot_price;
    in->p.spot_cap = in->spot_cap;
    in->p.spot_from = in->spot_from;
    return BG_DONE;
}

static bg_str source_name(const struct input *in, int32_t j)
{
    return solve_names_at(in->sources, in->place[j]);
}

static void put_point(struct bg_buf *out, const struct input *in, const struct portfolio_point *point)
{
    const struct portfolio_cost *c = &point->cost;
    bg_json_object(out);
    bg_json_put_double(out, "cvar", c->cvar);
    bg_json_put_double(out, "cvar_max", point->bound_cvar);
    bg_json_put_double(out, "total", c->total);
    bg_json_put_double(out, "fees", c->fees);
    bg_json_put_double(out, "use", c->use);
    bg_json_put_double(out, "waste", c->waste);
    bg_json_put_double(out, "shortage", c->shortage);
    bg_json_put_double(out, "unmet_mean", c->mean_unmet);
    bg_json_put_double(out, "unmet_chance", c->chance);
    bg_json_put_double(out, "left", c->left);
    bg_json_put_double(out, "yuan_a_day", point->price);
    bg_json_put_double(out, "yuan_a_day_checked", point->price_checked);
    bg_json_put_double(out, "bound", point->bound);
    bg_json_put_double(out, "gap", point->gap);
    bg_json_key(out, "commit");
    bg_json_array(out);
    for (int32_t j = 0; j < in->p.sources; j++) {
        bg_json_object(out);
        bg_json_put_str(out, "source", source_name(in, j));
        bg_json_put_double(out, "amount", point->commit[j]);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static void put_sources(struct bg_buf *out, const struct input *in, const struct portfolio_point *plan,
                        const struct portfolio_source_view *view, const bool *used)
{
    bg_json_key(out, "sources");
    bg_json_array(out);
    for (int32_t j = 0; j < in->p.sources; j++) {
        bg_json_object(out);
        bg_json_put_str(out, "id", source_name(in, j));
        bg_json_put_str(out, "item", solve_names_at(in->items, in->source[j].item));
        bg_json_put_str(out, "kind", bg_str_of(kinds[in->kind[j]]));
        bg_json_put_double(out, "amount", plan->commit[j]);
        bg_json_put_double(out, "fees", plan->commit[j] * in->source[j].fee);
        bg_json_put_double(out, "yuan_cvar", view[j].yuan_cvar);
        bg_json_put_double(out, "yuan_cost", view[j].yuan_cost);
        bg_json_put_double(out, "enter_fee", view[j].enter);
        bg_json_put_bool(out, "never_used", !used[j]);
        if (view[j].dominated_by >= 0) {
            bg_json_put_str(out, "dominated_by", source_name(in, view[j].dominated_by));
        }
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

/* The contract whose larger ceiling saves most, and the budget: each by solving again. */
static bg_err reason_limits(struct solve_report *report, struct portfolio *pf, const struct input *in,
                            const struct portfolio_point *plan)
{
    int32_t best = -1;
    double saved = 0, total;
    for (int32_t j = 0; j < in->p.sources && !solve_past(report); j++) {
        if (in->source[j].max > 0 && plan->commit[j] >= in->source[j].max * (1 - 1e-9)) {
            BG_TRY(portfolio_loosened(pf, plan->bound_cvar, in->gap / 10, j, in->source[j].max / 10, &total));
            if (plan->cost.total - total > saved + in->gap * plan->cost.total) {
                saved = plan->cost.total - total;
                best = j;
            }
        }
    }
    if (best >= 0) {
        bg_str name = source_name(in, best);
        BG_TRY(solve_reason_format(report, "来源“%.*s”已用到上限 %.0f；上限提高一成，总费用减少 %.0f 元（重新求解）。",
                                   "Source \"%.*s\" stands at its ceiling of %.0f; a tenth more saves %.0f yuan (solved again).",
                                   BG_STR_FMT(name), in->source[best].max, saved));
    }
    if (isfinite(in->p.budget) && plan->cost.fees >= in->p.budget * (1 - 1e-6) && !solve_past(report)) {
        BG_TRY(portfolio_loosened(pf, plan->bound_cvar, in->gap / 10, -1, in->p.budget / 100, &total));
        BG_TRY(
            solve_reason_format(report, "预算 %.0f 元已用完；增加百分之一（%.0f 元），总费用变化 %.0f 元（重新求解）。",
                                "The budget of %.0f yuan is spent; one per cent more (%.0f yuan) changes the total by %.0f yuan "
                                "(solved again).",
                                in->p.budget, in->p.budget / 100, total - plan->cost.total));
    }
    return BG_DONE;
}

static bg_err reason_risk(struct solve_report *report, const struct input *in, const struct portfolio_point *plan)
{
    const struct portfolio_cost *c = &plan->cost;
    BG_TRY(
        solve_reason_format(report, "最坏的 %.1f%% 情景平均缺 %.2f 天用量，出现缺口的概率 %.1f%%。",
                            "In the worst %.1f%% of scenarios %.2f days of need go unmet on average; some need goes unmet with "
                            "probability %.1f%%.",
                            100 * (1 - in->p.level), c->cvar, 100 * c->chance));
    if (isfinite(plan->bound_cvar) && plan->price > 0) {
        BG_TRY(solve_reason_format(
            report, "缺口风险上限 %.2f 天起作用：每再降低 1 天约需多花 %.0f 元（重新求解：%.0f 元）；多花 1 元降低 %.3g 天。",
            "The bound of %.2f days on unmet need binds: a day less costs about %.0f yuan (solved again: %.0f); one "
            "more yuan lowers it by %.3g days.",
            plan->bound_cvar, plan->price, isnan(plan->price_checked) ? plan->price : plan->price_checked, 1 / plan->price));
    }
    return BG_DONE;
}

static bg_err reason_never(struct solve_report *report, const struct input *in, const struct portfolio_source_view *view,
                           const bool *used)
{
    for (int32_t j = 0; j < in->p.sources; j++) {
        bg_str name = source_name(in, j);
        if (view[j].dominated_by >= 0 && !used[j]) {
            bg_str other = source_name(in, view[j].dominated_by);
            BG_TRY(solve_reason_format(report, "合同“%.*s”不值得签：“%.*s”到货不晚、价格不高。",
                                       "Contract \"%.*s\" is not worth signing: \"%.*s\" is never later and never dearer.",
                                       BG_STR_FMT(name), BG_STR_FMT(other)));
        }
    }
    return BG_DONE;
}

/* From the cheapest plan to the one of least risk. */
static bg_err put_frontier(struct solve_report *report, struct portfolio *pf, const struct input *in, bool *used)
{
    struct portfolio_point point;
    double least, most;
    BG_TRY(portfolio_least_cvar(pf, &least));
    BG_TRY(portfolio_plan(pf, INFINITY, in->gap, false, &point));
    most = point.cost.cvar;
    bg_json_put_double(report->out, "cvar_least", least);
    bg_json_key(report->out, "frontier");
    bg_json_array(report->out);
    bool line = most > least + 1e-4; /* else one plan is cheapest and safest */
    for (int64_t i = in->points - 1; i >= 0; i--) {
        if (i < in->points - 1) {
            if (!line || solve_past(report)) {
                break;
            }
            BG_TRY(portfolio_plan(pf, least + (most - least) * (double)i / (double)(in->points - 1), in->gap, false, &point));
        }
        put_point(report->out, in, &point);
        for (int32_t j = 0; j < in->p.sources; j++) {
            used[j] = used[j] || point.commit[j] > 1e-6 * (1 + in->source[j].min);
        }
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

static bg_err answer(struct solve_report *report, struct portfolio *pf, const struct input *in)
{
    struct portfolio_point plan;
    size_t sources = (size_t)in->p.sources;
    struct portfolio_source_view *view = bg_arena_array(report->arena, sources, sizeof *view);
    bool *used = bg_arena_array(report->arena, sources, sizeof *used);
    BG_TRY(bg_need(view));
    BG_TRY(bg_need(used));
    BG_TRY(portfolio_plan(pf, in->cvar_max, in->gap, true, &plan));
    BG_TRY(portfolio_view(pf, &plan, view));
    bg_json_put_double(report->out, "value", plan.cost.total);
    bg_json_put_str(report->out, "unit", BG_STR("yuan"));
    bg_json_key(report->out, "plan");
    put_point(report->out, in, &plan);
    for (int32_t j = 0; j < in->p.sources; j++) {
        used[j] = plan.commit[j] > 1e-6 * (1 + in->source[j].min);
    }
    BG_TRY(reason_risk(report, in, &plan));
    BG_TRY(reason_limits(report, pf, in, &plan));
    if (in->points > 0) {
        BG_TRY(put_frontier(report, pf, in, used));
    }
    put_sources(report->out, in, &plan, view, used);
    BG_TRY(reason_never(report, in, view, used));
    report->gap_known = true;
    report->gap = plan.gap;
    return BG_DONE;
}

bg_err solve_do_portfolio(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct portfolio *pf = NULL;
    struct lp *lp;
    BG_TRY(read_input(input, &in));
    BG_TRY(lp_open(&(struct lp_limits){ .seconds = 1 + (int32_t)fmin(report->seconds_max, 3600) }, &lp));
    struct linear_solver solver = lp_solver(lp);
    report->solver = "cutting planes; COIN-OR CLP 1.17";
    bg_err e = portfolio_open(&in.p, &solver, report->arena, &pf);
    if (!bg_failed(e)) {
        e = answer(report, pf, &in);
    }
    portfolio_close(pf);
    lp_close(lp);
    return e;
}
