/* `standard`: graded reserve standards from the paths of the demand engine, with what binds them, when stock runs out, what an
 * uplift buys, whether it can be filled in time, what to order first, and which level to propose. */
#include "engine/standard.h"

#include <math.h>
#include <string.h>

#include "solve/inner.h"
#include "solve/need.h"
#include "solve/standard.h"

/* The defaults of the four levels; horizons are cut to the days of the run. */
static const struct {
    int level;
    struct standard_level rule;
} defaults[] = {
    { 4, { .horizon = 7, .service = .90, .floor_days = 30 } },
    { 3, { .horizon = 10, .service = .95, .floor_rounds = 1 } },
    { 2, { .horizon = 14, .service = .975, .floor_rounds = 2 } },
    { 1, { .horizon = 21, .service = .99, .floor_rounds = 3 } },
};

static bg_err read_level(struct solve_at at, struct plan *p, int g)
{
    static const char *const fields[] = { "level",      "horizon",   "service", "shortage_cost", "holding_cost", "floor_rounds",
                                          "floor_days", "residuals", NULL };
    struct standard_level *rule = &p->rule[g];
    int64_t level, horizon;
    double shortage, holding, *residual = NULL;
    size_t residuals = 0;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_int(at, "level", 1, 9, &level));
    BG_TRY(solve_int(at, "horizon", 1, p->need.input.days, &horizon));
    if (solve_has(at, "shortage_cost")) {
        BG_TRY(solve_number(at, "shortage_cost", 1e-9, 1e12, &shortage));
        BG_TRY(solve_number(at, "holding_cost", 1e-9, 1e12, &holding));
        rule->service = fmin(fmax(standard_worth(shortage, holding), 1e-6), 1 - 1e-6);
        p->by_cost[g] = true;
    }
    BG_TRY(p->by_cost[g] ? BG_DONE : solve_number(at, "service", 0.01, 0.9999, &rule->service));
    BG_TRY(solve_number_or(at, "floor_rounds", 0, 0, 100, &rule->floor_rounds));
    BG_TRY(solve_number_or(at, "floor_days", 0, 0, 3660, &rule->floor_days));
    if (solve_has(at, "residuals")) {
        BG_TRY(solve_numbers(at, "residuals", 1, 2000, -50, 50, &residual, &residuals));
    }
    rule->horizon = (int)horizon;
    rule->residual = residual;
    rule->residuals = (int)residuals;
    p->level[g] = (int)level;
    for (int i = 0; i < g; i++) {
        if (p->level[i] == p->level[g]) {
            return solve_bad(at, "level", "级别重复", "this level is there already");
        }
    }
    return BG_DONE;
}

static bg_err read_levels(struct solve_at input, struct plan *p)
{
    struct solve_at list, at;
    size_t count;
    int64_t force;
    if (solve_has(input, "levels")) {
        BG_TRY(solve_array(input, "levels", 1, STANDARD_LEVELS_MAX, &list, &count));
        for (p->levels = 0; p->levels < (int)count; p->levels++) {
            BG_TRY(solve_item(list, (size_t)p->levels, &at));
            BG_TRY(read_level(at, p, p->levels));
        }
    } else {
        for (size_t g = 0; g < sizeof defaults / sizeof *defaults; g++) {
            p->rule[g] = defaults[g].rule;
            p->rule[g].horizon = p->rule[g].horizon < p->need.input.days ? p->rule[g].horizon : p->need.input.days;
            p->level[g] = defaults[g].level;
        }
        p->levels = sizeof defaults / sizeof *defaults;
    }
    BG_TRY(solve_int_or(input, "level", p->level[p->levels > 1 ? 1 : 0], 1, 9, &force));
    p->force = -1;
    for (int g = 0; g < p->levels; g++) {
        p->force = p->level[g] == force ? g : p->force;
    }
    return p->force >= 0 ? BG_DONE : solve_bad(input, "level", "levels 中没有这个级别", "not among the levels");
}

/* --- stock of one item --- */
static bg_err read_lots(struct solve_at at, struct plan *p, struct plan_stock *s)
{
    static const char *const fields[] = { "quantity", "day", NULL };
    struct solve_at list, one;
    size_t count;
    if (!solve_has(at, "lots")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(at, "lots", 1, STANDARD_LOTS_MAX, &list, &count));
    double *quantity = bg_arena_array(p->arena, count, sizeof *quantity);
    int *day = bg_arena_array(p->arena, count, sizeof *day);
    BG_TRY(bg_need(quantity));
    BG_TRY(bg_need(day));
    for (size_t i = 0; i < count; i++) {
        int64_t last;
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(solve_fields(one, fields));
        BG_TRY(solve_number(one, "quantity", 0, 1e12, &quantity[i]));
        BG_TRY(solve_int(one, "day", i > 0 ? day[i - 1] : 1, 36600, &last));
        day[i] = (int)last;
    }
    s->lots = (int)count;
    s->lot = quantity;
    s->lot_day = day;
    return BG_DONE;
}

static bg_err read_fill(struct solve_at at, struct plan *p, struct plan_stock *s)
{
    static const char *const fields[] = {
        "makers", "inspect_least", "inspect_most", "reject", "dock", "ramp_cv", "deadline", NULL
    };
    static const char *const maker_fields[] = { "now", "most", "ramp_days", "works", NULL };
    struct solve_at fill, list, one;
    size_t count;
    int64_t least, most, deadline;
    if (!solve_has(at, "fill")) {
        return BG_DONE;
    }
    BG_TRY(solve_object(at, "fill", &fill));
    BG_TRY(solve_fields(fill, fields));
    BG_TRY(solve_array(fill, "makers", 1, 500, &list, &count));
    struct standard_maker *maker = bg_arena_array(p->arena, count, sizeof *maker);
    BG_TRY(bg_need(maker));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(solve_fields(one, maker_fields));
        BG_TRY(solve_number(one, "now", 0, 1e9, &maker[i].now));
        BG_TRY(solve_number_or(one, "most", maker[i].now, maker[i].now, 1e9, &maker[i].most));
        BG_TRY(solve_number_or(one, "ramp_days", 5, 0, 3660, &maker[i].ramp_days));
        BG_TRY(solve_number_or(one, "works", 1, 0, 1, &maker[i].works));
    }
    BG_TRY(solve_int_or(fill, "inspect_least", 0, 0, 60, &least));
    BG_TRY(solve_int_or(fill, "inspect_most", least, least, 60, &most));
    BG_TRY(solve_int(fill, "deadline", 1, DEMAND_DAYS_MAX, &deadline));
    BG_TRY(solve_number_or(fill, "reject", 0, 0, 0.99, &s->fill.reject));
    BG_TRY(solve_number_or(fill, "dock", 1e12, 1e-3, 1e12, &s->fill.dock));
    BG_TRY(solve_number_or(fill, "ramp_cv", 0.5, 0, 4, &s->fill.ramp_cv));
    s->fill.maker = maker;
    s->fill.makers = (int)count;
    s->fill.inspect_least = (int)least;
    s->fill.inspect_most = (int)most;
    s->fill.deadline = (int)deadline;
    s->fill.days = (int)deadline > 60 ? (int)deadline : 60;
    s->fill.draws = 1000;
    s->fill.seed = p->need.input.seed;
    s->filled = true;
    return BG_DONE;
}

static bg_err read_inflow(struct solve_at at, struct plan *p, struct plan_stock *s)
{
    double *daily;
    size_t count;
    if (!solve_has(at, "inflow")) {
        return BG_DONE;
    }
    BG_TRY(solve_numbers(at, "inflow", 1, (size_t)p->need.input.days, 0, 1e11, &daily, &count));
    double *sum = bg_arena_array(p->arena, (size_t)p->need.input.days, sizeof *sum);
    BG_TRY(bg_need(sum));
    for (int t = 0; t < p->need.input.days; t++) {
        sum[t] = (t > 0 ? sum[t - 1] : 0) + ((size_t)t < count ? daily[t] : 0);
    }
    s->inflow = sum;
    return BG_DONE;
}

static bg_err read_stock(struct solve_at at, struct plan *p)
{
    static const char *const fields[] = { "item",   "stock", "base", "price", "weight", "local",
                                          "inflow", "lots",  "fill", "space", NULL };
    bg_str name;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_text(at, "item", 100, &name));
    int item = tables_find_item(&p->need.tables, name);
    if (item < 0) {
        return solve_bad(at, "item", "物资表中没有", "not in the table of items");
    }
    struct plan_stock *s = &p->stock[item];
    if (s->given) {
        return solve_bad(at, "item", "物资重复", "this item is there already");
    }
    s->given = true;
    BG_TRY(solve_number(at, "stock", 0, 1e12, &s->stock));
    BG_TRY(solve_number_or(at, "base", s->stock, 0, 1e12, &s->base));
    BG_TRY(solve_number_or(at, "price", p->need.tables.item[item].price, 0, 1e8, &s->price));
    BG_TRY(solve_number_or(at, "weight", 1, 1e-6, 1e6, &s->weight));
    BG_TRY(solve_number_or(at, "local", 0.5, 0, 0.99, &s->local));
    BG_TRY(solve_number_or(at, "space", 0, 0, 1e6, &s->space));
    BG_TRY(read_inflow(at, p, s));
    BG_TRY(read_lots(at, p, s));
    return read_fill(at, p, s);
}

static bg_err read_stocks(struct solve_at input, struct plan *p)
{
    struct solve_at list, at;
    size_t count;
    int64_t *lift = NULL;
    BG_TRY(bg_need(p->stock = bg_arena_array(p->arena, (size_t)p->need.model.items, sizeof *p->stock)));
    for (int i = 0; i < p->need.model.items; i++) {
        p->stock[i].local = 0.5;
    }
    if (solve_has(input, "stocks")) {
        BG_TRY(solve_array(input, "stocks", 1, (size_t)p->need.model.items, &list, &count));
        for (size_t i = 0; i < count; i++) {
            BG_TRY(solve_item(list, i, &at));
            BG_TRY(read_stock(at, p));
        }
    }
    if (solve_has(input, "uplifts_percent")) {
        size_t lifts;
        BG_TRY(solve_ints(input, "uplifts_percent", 1, PLAN_UPLIFTS_MAX, -99, 10000, &lift, &lifts));
        p->uplifts = (int)lifts;
        for (size_t u = 0; u < lifts; u++) {
            p->uplift[u] = (double)lift[u] / 100;
        }
    }
    p->ordered = solve_has(input, "budget");
    return p->ordered ? solve_number(input, "budget", 0, 1e15, &p->budget) : BG_DONE;
}

/* --- engine's items --- */
/* Pieces that one full round over all residents uses, and those of a quiet day: the fixed drivers alone. */
static double round_need(const struct need *n, int item)
{
    double sum = 0;
    double amount[DEMAND_DRIVERS_MAX] = { 0 };
    for (int k = 0; k < n->model.drivers; k++) {
        const struct demand_driver *d = &n->driver[k];
        amount[k] =
            d->rule == DEMAND_ROUND ? d->rate * 0.857 * n->residents : (d->rule == DEMAND_AFTER ? d->rate * amount[d->of] : 0);
        struct demand_coefficient c = demand_coefficient(&n->model, k, item);
        sum += (c.kit + c.direct) * amount[k];
    }
    return fmin(sum, DEMAND_AMOUNT_MAX);
}

static double quiet_need(const struct need *n, int item)
{
    double sum = 0;
    for (int k = 0; k < n->model.drivers; k++) {
        struct demand_coefficient c = demand_coefficient(&n->model, k, item);
        for (int p = 0; p < n->input.places && n->driver[k].rule == DEMAND_FIXED; p++) {
            sum += (c.kit + c.direct) * n->driver[k].amount[p];
        }
    }
    return fmin(sum, DEMAND_AMOUNT_MAX);
}

static bg_err make_items(struct plan *p)
{
    int items = p->need.model.items;
    BG_TRY(bg_need(p->item = bg_arena_array(p->arena, (size_t)items, sizeof *p->item)));
    for (int i = 0; i < items; i++) {
        const struct plan_stock *s = &p->stock[i];
        double *trial = bg_arena_array(p->arena, STANDARD_TRIALS_MAX, sizeof *trial);
        BG_TRY(bg_need(trial));
        trial[0] = s->stock;
        for (int u = 0; u < p->uplifts; u++) {
            trial[u + 1] = fmin(s->base * (1 + p->uplift[u]), DEMAND_AMOUNT_MAX);
        }
        p->item[i] = (struct standard_item){ .pack = p->need.tables.item[i].pack,
                                             .round_need = round_need(&p->need, i),
                                             .baseline = quiet_need(&p->need, i),
                                             .local = s->local,
                                             .inflow = s->inflow,
                                             .trials = s->given ? 1 + p->uplifts : 0,
                                             .trial = trial,
                                             .shelf_days = p->need.tables.item[i].shelf_days,
                                             .lots = s->lots,
                                             .lot = s->lot,
                                             .lot_day = s->lot_day };
    }
    return BG_DONE;
}

/* Solves again without rounds, and without what is to arrive: what the words claim is what a run says. */
static bg_err solve_again(struct plan *p)
{
    struct demand_input in = p->need.input;
    if (in.scenarios > 0) {
        in.scenarios = 0;
        BG_TRY(standard_run(&in, p->rule, p->levels, p->item, p->arena, &p->no_rounds));
    }
    bool any = false;
    for (int i = 0; i < p->need.model.items; i++) {
        any = any || p->item[i].inflow != NULL;
        p->item[i].inflow = NULL;
    }
    if (any) {
        BG_TRY(standard_run(&p->need.input, p->rule, p->levels, p->item, p->arena, &p->no_inflow));
    }
    return BG_DONE;
}

static bg_err order(struct plan *p)
{
    int count = 0, items = p->need.model.items;
    struct standard_need *needs = bg_arena_array(p->arena, (size_t)items, sizeof *needs);
    BG_TRY(bg_need(needs));
    BG_TRY(bg_need(p->order = bg_arena_array(p->arena, (size_t)items, sizeof *p->order)));
    BG_TRY(bg_need(p->order_of = bg_arena_array(p->arena, (size_t)items, sizeof *p->order_of)));
    for (int i = 0; i < items; i++) {
        const struct plan_stock *s = &p->stock[i];
        p->order_of[i] = -1;
        if (s->given && s->price > 0) {
            int64_t pack = p->need.tables.item[i].pack;
            const float *m = &p->result.shortfall[((size_t)p->force * (size_t)items + (size_t)i) * (size_t)p->need.input.paths];
            needs[count] = (struct standard_need){ m, s->stock, s->price, s->weight, pack, 1000000000 };
            p->order_of[i] = count++;
        }
    }
    return count > 0 ? standard_order(needs, count, p->need.input.paths, p->budget, p->order) : BG_DONE;
}

/* --- which level --- */
static bg_err read_day(struct solve_at at, struct standard_day *day)
{
    static const char *const fields[] = { "cases_28", "cases_7", "districts", "sealed", "rounds",   "r_days",
                                          "outs",     "p_first", "soon",      "again",  "shortage", NULL };
    static const char *const names[] = { "soon", "again" };
    BG_TRY(solve_fields(at, fields));
    for (int i = 0; i < STANDARD_SIGNALS; i++) {
        BG_TRY(solve_number_or(at, standard_signal_name((enum standard_signal)i), 0, 0, 1e12, &day->value[i]));
    }
    for (int w = 0; w < 2; w++) {
        double *list, *to = w == 0 ? day->soon : day->again;
        size_t count;
        if (solve_has(at, names[w])) { /* of levels 3, 2, 1 */
            BG_TRY(solve_numbers(at, names[w], 3, 3, 0, 1, &list, &count));
            for (int g = 0; g < 3; g++) {
                to[3 - g] = list[g];
            }
        }
    }
    return solve_flag_or(at, "shortage", false, &day->shortage);
}

static bg_err propose(struct solve_at input, struct plan *p)
{
    static const char *const fields[] = { "level", "dwell", "quiet", "days", NULL };
    struct solve_at at, list, one;
    size_t count;
    int64_t level, dwell, quiet;
    struct standard_rules rules = standard_rules_default();
    if (!solve_has(input, "proposal")) {
        return BG_DONE;
    }
    BG_TRY(solve_object(input, "proposal", &at));
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_int(at, "level", 1, 4, &level));
    BG_TRY(solve_int_or(at, "dwell", 0, 0, 100000, &dwell));
    BG_TRY(solve_int_or(at, "quiet", 0, 0, 100000, &quiet));
    BG_TRY(solve_array(at, "days", 1, 400, &list, &count));
    p->state = (struct standard_state){ .level = (int)level, .dwell = (int)dwell, .quiet = (int)quiet };
    for (size_t i = 0; i < count; i++) {
        struct standard_day day = { .shortage = false };
        BG_TRY(solve_item(list, i, &one));
        BG_TRY(read_day(one, &day));
        BG_TRY(standard_propose(&rules, &day, &p->state, &p->proposal));
    }
    p->proposed = true;
    return BG_DONE;
}

bg_err solve_do_standard(struct solve_at input, struct solve_report *report)
{
    static const char *const fields[] = {
        NEED_FIELDS, "levels", "level", "stocks", "uplifts_percent", "budget", "proposal", NULL
    };
    struct plan *p = bg_arena_get(report->arena, sizeof *p);
    BG_TRY(bg_need(p));
    p->report = report;
    p->arena = report->arena;
    BG_TRY(solve_fields(input, fields));
    BG_TRY(need_read(input, report, &p->need));
    BG_TRY(read_levels(input, p));
    BG_TRY(read_stocks(input, p));
    BG_TRY(need_afford(input, report, &p->need.input, 6));
    BG_TRY(make_items(p));
    BG_TRY(standard_run(&p->need.input, p->rule, p->levels, p->item, p->arena, &p->result));
    BG_TRY(p->ordered ? order(p) : BG_DONE);
    BG_TRY(propose(input, p));
    BG_TRY(solve_again(p));
    report->solver = "order statistics of the worst shortfall";
    return plan_write(p);
}
