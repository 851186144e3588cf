/* `activation`: emergency production start (快速启动) from a document: plan, days of full capacity, what holds each firm back,
 * interventions. */
#include <math.h>
#include <string.h>

#include "engine/activation.h"
#include "lp/lp.h"
#include "solve/inner.h"

#define AMOUNT_MAX 1e12
#define DAYS_MAX 400
#define FIRMS_MAX 5000
#define THINGS_MAX 500

static const char *const kinds[] = { "line", "crew", "material", "stock", "trucks", "sterile", "permit", NULL };

struct input {
    struct activation_problem p;
    double *value, *line_hours, *crew_hours, *line, *crew, *hire, *crew_max, *bom, *stock, *supply, *load_material, *load_product,
        *trucks, *steril, *steril_day;
    int32_t *open;
    struct activation_step *steps;
    int32_t steps_count;
    double budget; /* -1: none */
    struct solve_names *firms, *products, *materials, *interventions;
};

static bg_err doubles(struct solve_at at, size_t count, double **ret)
{
    *ret = bg_arena_array(at.arena, count + 1, sizeof **ret);
    return bg_need(*ret);
}

/* A number for every day, an array of one a day, or nothing: as much as wanted. */
static bg_err read_series(struct solve_at at, const char *name, int32_t days, double *ret)
{
    double one = INFINITY, *list;
    size_t count;
    if (solve_has(at, name) && json_is_array(json_object_get(at.value, name))) {
        BG_TRY(solve_numbers(at, name, (size_t)days, (size_t)days, 0, AMOUNT_MAX, &list, &count));
        memcpy(ret, list, count * sizeof *ret);
        return BG_DONE;
    }
    BG_TRY(solve_number_or(at, name, INFINITY, 0, AMOUNT_MAX, &one));
    for (int32_t t = 0; t < days; t++) {
        ret[t] = one;
    }
    return BG_DONE;
}

static bg_err read_products(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "id", "value", "load", "sterile", NULL };
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "products", 1, THINGS_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->products));
    in->p.products = (int32_t)count;
    BG_TRY(doubles(at, count, &in->value));
    BG_TRY(doubles(at, count, &in->load_product));
    BG_TRY(doubles(at, count, &in->steril));
    for (size_t r = 0; r < count; r++) {
        int32_t index;
        BG_TRY(solve_item(list, r, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->products, item, "id", &index));
        BG_TRY(solve_number_or(item, "value", 1, 0, 1e9, &in->value[r]));
        BG_TRY(solve_number_or(item, "load", 0, 0, 1e9, &in->load_product[r]));
        BG_TRY(solve_number_or(item, "sterile", 0, 0, 1e9, &in->steril[r]));
    }
    return BG_DONE;
}

static bg_err read_materials(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "id", "load", "supply", NULL };
    static const char *const bom_fields[] = { "product", "material", "amount", NULL };
    struct solve_at list, item;
    size_t count, lines;
    BG_TRY(solve_array(at, "materials", 0, THINGS_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->materials));
    in->p.materials = (int32_t)count;
    BG_TRY(doubles(at, count, &in->load_material));
    BG_TRY(doubles(at, count * (size_t)in->p.days, &in->supply));
    BG_TRY(doubles(at, count * (size_t)in->p.products, &in->bom));
    for (size_t m = 0; m < count; m++) {
        int32_t index;
        BG_TRY(solve_item(list, m, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->materials, item, "id", &index));
        BG_TRY(solve_number_or(item, "load", 0, 0, 1e9, &in->load_material[m]));
        BG_TRY(read_series(item, "supply", in->p.days, in->supply + m * (size_t)in->p.days));
    }
    BG_TRY(solve_array(at, "bom", 0, THINGS_MAX * THINGS_MAX, &list, &lines));
    for (size_t i = 0; i < lines; i++) {
        int32_t product, material;
        double amount;
        BG_TRY(solve_item(list, i, &item));
        BG_TRY(solve_fields(item, bom_fields));
        BG_TRY(solve_names_find(in->products, item, "product", &product));
        BG_TRY(solve_names_find(in->materials, item, "material", &material));
        BG_TRY(solve_number(item, "amount", 0, 1e9, &amount));
        in->bom[product * in->p.materials + material] += amount;
    }
    return BG_DONE;
}

static bg_err read_makes(struct solve_at at, struct input *in, int32_t firm)
{
    static const char *const fields[] = { "product", "line_hours", "crew_hours", NULL };
    static const char *const stock_fields[] = { "material", "amount", NULL };
    struct solve_at list, item;
    size_t count;
    int32_t other;
    BG_TRY(solve_array(at, "makes", 1, (size_t)in->p.products, &list, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_find(in->products, item, "product", &other));
        BG_TRY(solve_number(item, "line_hours", 1e-9, 1e6, &in->line_hours[firm * in->p.products + other]));
        BG_TRY(solve_number_or(item, "crew_hours", 0, 0, 1e6, &in->crew_hours[firm * in->p.products + other]));
    }
    if (!solve_has(at, "stock")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(at, "stock", 0, (size_t)in->p.materials, &list, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &item));
        BG_TRY(solve_fields(item, stock_fields));
        BG_TRY(solve_names_find(in->materials, item, "material", &other));
        BG_TRY(solve_number(item, "amount", 0, AMOUNT_MAX, &in->stock[firm * in->p.materials + other]));
    }
    return BG_DONE;
}

static bg_err read_firms(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "id",       "line_hours", "open_day", "crew_hours", "crew_a_day",
                                          "crew_max", "makes",      "stock",    NULL };
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "firms", 1, FIRMS_MAX, &list, &count));
    if (count * (size_t)(in->p.products + 2 * in->p.materials) * (size_t)in->p.days > ACTIVATION_COLUMNS_MAX) {
        return solve_bad(at, "firms", "企业×（产品＋2×原料）×天数超过上限",
                         "firms x (products + 2 materials) x days are too many");
    }
    BG_TRY(solve_names_open(at.arena, count, &in->firms));
    in->p.firms = (int32_t)count;
    BG_TRY(doubles(at, count * (size_t)in->p.products, &in->line_hours));
    BG_TRY(doubles(at, count * (size_t)in->p.products, &in->crew_hours));
    BG_TRY(doubles(at, count * (size_t)in->p.materials, &in->stock));
    BG_TRY(doubles(at, count, &in->line));
    BG_TRY(doubles(at, count, &in->crew));
    BG_TRY(doubles(at, count, &in->hire));
    BG_TRY(doubles(at, count, &in->crew_max));
    in->open = bg_arena_array(at.arena, count, sizeof *in->open);
    BG_TRY(bg_need(in->open));
    for (size_t f = 0; f < count; f++) {
        int32_t index;
        int64_t open;
        BG_TRY(solve_item(list, f, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_add(in->firms, item, "id", &index));
        BG_TRY(solve_number(item, "line_hours", 0, 1e6, &in->line[f]));
        BG_TRY(solve_int_or(item, "open_day", 0, 0, in->p.days, &open));
        BG_TRY(solve_number_or(item, "crew_hours", INFINITY, 0, 1e9, &in->crew[f]));
        BG_TRY(solve_number_or(item, "crew_a_day", 0, 0, 1e9, &in->hire[f]));
        BG_TRY(solve_number_or(item, "crew_max", INFINITY, 0, 1e9, &in->crew_max[f]));
        in->open[f] = (int32_t)open;
        BG_TRY(read_makes(item, in, (int32_t)f));
    }
    return BG_DONE;
}

static bg_err read_step(struct solve_at at, struct input *in, struct activation_step *ret)
{
    static const char *const fields[] = { "id", "kind", "firm", "material", "amount", "from_day", "cost", NULL };
    int32_t index;
    int kind;
    int64_t from;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_names_add(in->interventions, at, "id", &index));
    BG_TRY(solve_choice(at, "kind", kinds, &kind));
    ret->kind = (enum activation_kind)kind;
    ret->firm = ret->material = -1;
    bool of_firm = kind == ACTIVATION_LINE || kind == ACTIVATION_CREW || kind == ACTIVATION_STOCK || kind == ACTIVATION_PERMIT;
    bool of_material = kind == ACTIVATION_MATERIAL || kind == ACTIVATION_STOCK;
    if (of_firm || (of_material && solve_has(at, "firm"))) {
        BG_TRY(solve_names_find(in->firms, at, "firm", &ret->firm));
    } else if (solve_has(at, "firm")) {
        return solve_bad(at, "firm", "该类措施不针对单个企业", "this kind is not of one firm");
    }
    if (of_material) {
        BG_TRY(solve_names_find(in->materials, at, "material", &ret->material));
    } else if (solve_has(at, "material")) {
        return solve_bad(at, "material", "该类措施不涉及原料", "this kind has no material");
    }
    BG_TRY(solve_number(at, "amount", 0, AMOUNT_MAX, &ret->amount));
    BG_TRY(solve_int_or(at, "from_day", 0, 0, in->p.days - 1, &from));
    BG_TRY(solve_number_or(at, "cost", 0, 0, AMOUNT_MAX, &ret->cost));
    ret->from = (int32_t)from;
    return BG_DONE;
}

static bg_err read_steps(struct solve_at at, struct input *in)
{
    struct solve_at list, item;
    size_t count = 0;
    in->budget = -1;
    if (solve_has(at, "budget")) {
        BG_TRY(solve_number(at, "budget", 0, 1e15, &in->budget));
    }
    if (!solve_has(at, "interventions")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(at, "interventions", 0, ACTIVATION_STEPS_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->interventions));
    in->steps = bg_arena_array(at.arena, count + 1, sizeof *in->steps);
    BG_TRY(bg_need(in->steps));
    for (size_t a = 0; a < count; a++) {
        BG_TRY(solve_item(list, a, &item));
        BG_TRY(read_step(item, in, &in->steps[a]));
    }
    in->steps_count = (int32_t)count;
    return BG_DONE;
}

static bg_err read_input(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "days", "full_share", "early",  "budget",  "products",      "materials",
                                          "bom",  "firms",      "trucks", "sterile", "interventions", NULL };
    int64_t days;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_int(at, "days", 1, DAYS_MAX, &days));
    in->p.days = (int32_t)days;
    BG_TRY(solve_number_or(at, "full_share", 0.95, 0.01, 1, &in->p.full));
    BG_TRY(solve_number_or(at, "early", 0.001, 0, 0.49 / (double)days, &in->p.early));
    BG_TRY(read_products(at, in));
    BG_TRY(read_materials(at, in));
    BG_TRY(read_firms(at, in));
    BG_TRY(doubles(at, (size_t)days, &in->trucks));
    BG_TRY(doubles(at, (size_t)days, &in->steril_day));
    BG_TRY(read_series(at, "trucks", in->p.days, in->trucks));
    BG_TRY(read_series(at, "sterile", in->p.days, in->steril_day));
    BG_TRY(read_steps(at, in));
    in->p.value = in->value;
    in->p.line_hours = in->line_hours;
    in->p.crew_hours = in->crew_hours;
    in->p.line = in->line;
    in->p.open = in->open;
    in->p.crew = in->crew;
    in->p.hire = in->hire;
    in->p.crew_max = in->crew_max;
    in->p.bom = in->bom;
    in->p.stock = in->stock;
    in->p.supply = in->supply;
    in->p.load_material = in->load_material;
    in->p.load_product = in->load_product;
    in->p.trucks = in->trucks;
    in->p.steril = in->steril;
    in->p.steril_day = in->steril_day;
    return BG_DONE;
}

/* --- the answer --- */
static void put_day(struct bg_buf *out, const char *key, int32_t day)
{
    bg_json_key(out, key);
    if (day >= 0) {
        bg_json_int(out, day);
    } else {
        bg_json_null(out);
    }
}

/* What a lump is, in words of both languages. */
static void say_step(const struct input *in, const struct activation_step *s, struct bg_arena *arena, const char **ret_zh,
                     const char **ret_en)
{
    bg_str m = s->material >= 0 ? solve_names_at(in->materials, s->material) : BG_STR("");
    const char *zh = NULL, *en = NULL;
    switch (s->kind) {
    case ACTIVATION_LINE:
        zh = bg_arena_text(arena, "生产线每天增加 %.1f 小时", s->amount);
        en = bg_arena_text(arena, "%.1f line hours a day more", s->amount);
        break;
    case ACTIVATION_CREW:
        zh = bg_arena_text(arena, "人员每天增加 %.1f 工时", s->amount);
        en = bg_arena_text(arena, "%.1f crew hours a day more", s->amount);
        break;
    case ACTIVATION_MATERIAL:
        zh = bg_arena_text(arena, "原料“%.*s”每天增加 %.1f", BG_STR_FMT(m), s->amount);
        en = bg_arena_text(arena, "%.1f more of \"%.*s\" a day", s->amount, BG_STR_FMT(m));
        break;
    case ACTIVATION_STOCK:
        zh = bg_arena_text(arena, "原料“%.*s”一次增加 %.1f", BG_STR_FMT(m), s->amount);
        en = bg_arena_text(arena, "%.1f of \"%.*s\" once", s->amount, BG_STR_FMT(m));
        break;
    case ACTIVATION_TRUCKS:
        zh = bg_arena_text(arena, "运力每天增加 %.1f 车", s->amount);
        en = bg_arena_text(arena, "%.1f truck loads a day more", s->amount);
        break;
    case ACTIVATION_STERIL:
        zh = bg_arena_text(arena, "灭菌能力每天增加 %.1f", s->amount);
        en = bg_arena_text(arena, "%.1f more sterilisation a day", s->amount);
        break;
    case ACTIVATION_PERMIT:
        zh = bg_arena_text(arena, "提前 %.0f 天开工", s->amount);
        en = bg_arena_text(arena, "opening %.0f days earlier", s->amount);
        break;
    case ACTIVATION_KINDS:
    default: break;
    }
    *ret_zh = zh;
    *ret_en = en;
}

static bg_err put_bind(struct solve_report *report, const struct input *in, const struct activation_bind *bind)
{
    const char *zh, *en;
    say_step(in, &bind->step, report->arena, &zh, &en);
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    bg_json_object(report->out);
    bg_json_put_str(report->out, "kind", bg_str_of(kinds[bind->step.kind]));
    if (bind->step.material >= 0) {
        bg_json_put_str(report->out, "material", solve_names_at(in->materials, bind->step.material));
    }
    put_day(report->out, "from_day", bind->from);
    bg_json_put_double(report->out, "tried", bind->step.amount);
    bg_json_put_double(report->out, "gain", bind->gain);
    bg_json_put_double(report->out, "gain_a_day", bind->gain / in->p.days);
    bg_json_put_str(report->out, "zh", bg_str_of(zh));
    bg_json_put_str(report->out, "en", bg_str_of(en));
    bg_json_object_end(report->out);
    return BG_DONE;
}

static void put_output(struct bg_buf *out, const struct input *in, const struct activation_result *r, int32_t firm)
{
    bg_json_key(out, "output");
    bg_json_array(out);
    for (int32_t p = 0; p < in->p.products; p++) {
        if (in->line_hours[firm * in->p.products + p] <= 0) {
            continue;
        }
        const double *days = r->output + ((int64_t)firm * in->p.products + p) * in->p.days;
        double sum = 0;
        bg_json_object(out);
        bg_json_put_str(out, "product", solve_names_at(in->products, p));
        bg_json_key(out, "days");
        bg_json_array(out);
        for (int32_t t = 0; t < in->p.days; t++) {
            bg_json_double(out, days[t]);
            sum += days[t];
        }
        bg_json_array_end(out);
        bg_json_put_double(out, "total", sum);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static bg_err put_firms(struct solve_report *report, const struct input *in, const struct activation_result *r)
{
    bg_json_key(report->out, "firms");
    bg_json_array(report->out);
    for (int32_t f = 0; f < in->p.firms; f++) {
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", solve_names_at(in->firms, f));
        put_day(report->out, "full_day", r->full_day[f]);
        put_output(report->out, in, r, f);
        bg_json_key(report->out, "binds");
        bg_json_array(report->out);
        for (int32_t k = 0; k < ACTIVATION_BINDS; k++) {
            const struct activation_bind *bind = &r->bind[f * ACTIVATION_BINDS + k];
            if (bind->gain > 0) {
                BG_TRY(put_bind(report, in, bind));
            }
        }
        bg_json_array_end(report->out);
        bg_json_object_end(report->out);
    }
    bg_json_array_end(report->out);
    return BG_DONE;
}

static bg_err put_steps(struct solve_report *report, const struct input *in, const struct activation_result *r)
{
    int32_t *order = bg_arena_array(report->arena, (size_t)in->steps_count + 1, sizeof *order);
    BG_TRY(bg_need(order));
    for (int32_t a = 0; a < in->steps_count; a++) { /* by gain for the effort, then as given */
        int32_t at = a;
        double rate = r->gain[a].value / fmax(in->steps[a].cost, 1e-9);
        while (at > 0 && r->gain[order[at - 1]].value / fmax(in->steps[order[at - 1]].cost, 1e-9) < rate) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = a;
    }
    bg_json_key(report->out, "interventions");
    bg_json_array(report->out);
    for (int32_t i = 0; i < in->steps_count; i++) {
        int32_t a = order[i];
        bg_json_object(report->out);
        bg_json_put_str(report->out, "id", solve_names_at(in->interventions, a));
        bg_json_put_double(report->out, "gain", r->gain[a].value);
        bg_json_put_double(report->out, "gain_a_day", r->gain[a].value / in->p.days);
        bg_json_put_double(report->out, "gain_for_cost", in->steps[a].cost > 0 ? r->gain[a].value / in->steps[a].cost : NAN);
        bg_json_put_bool(report->out, "chosen", r->gain[a].chosen);
        bg_json_object_end(report->out);
    }
    bg_json_array_end(report->out);
    if (in->budget >= 0 && in->steps_count > 0) {
        bg_json_put_double(report->out, "value_within_budget", r->budget_value);
        bg_json_put_double(report->out, "budget_gap", r->budget_gap);
        BG_TRY(solve_reason_format(report, "预算 %.0f 以内选定的措施使产出由 %.0f 增至 %.0f。",
                                   "Within the budget of %.0f the chosen interventions raise output from %.0f to %.0f.",
                                   in->budget, r->value, r->budget_value));
    }
    return BG_DONE;
}

static bg_err say_bind(struct solve_report *report, const struct input *in, const struct activation_bind *bind,
                       const char *who_zh, const char *who_en)
{
    const char *zh, *en;
    BG_TRY(bg_need(who_zh));
    say_step(in, &bind->step, report->arena, &zh, &en);
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    return solve_reason(report,
                        bg_arena_text(report->arena, "%s：第 %d 天起受限；%s，产出增加 %.0f，每天 %.0f（重新求解）。", who_zh,
                                      bind->from, zh, bind->gain, bind->gain / in->p.days),
                        bg_arena_text(report->arena,
                                      "%s: bound from day %d; %s gives %.0f more output, %.0f a day (solved again).", who_en,
                                      bind->from, en, bind->gain, bind->gain / in->p.days));
}

/* The strongest of what the firms lack, and what the city lacks. */
static bg_err reasons(struct solve_report *report, const struct input *in, const struct activation_result *r)
{
    for (int round = 0, last = -1; round < 2; round++) {
        int32_t best = -1;
        for (int32_t f = 0; f < in->p.firms; f++) {
            double gain = r->bind[f * ACTIVATION_BINDS].gain;
            best = gain > 0 && f != last && (best < 0 || gain > r->bind[best * ACTIVATION_BINDS].gain) ? f : best;
        }
        if (best >= 0) {
            bg_str name = solve_names_at(in->firms, best);
            const char *who = bg_arena_text(report->arena, "%.*s", BG_STR_FMT(name));
            BG_TRY(say_bind(report, in, &r->bind[best * ACTIVATION_BINDS], who, who));
        }
        last = best;
    }
    if (r->shared[0].gain > 0) {
        BG_TRY(say_bind(report, in, &r->shared[0], "全市", "the city"));
    }
    if (r->city_day >= 0) {
        return solve_reason_format(report, "全部企业合计最早第 %d 天达到并保持 %.0f%% 产能。",
                                   "From day %d at the earliest all firms together can keep %.0f%% of capacity.", r->city_day,
                                   100 * in->p.full);
    }
    return solve_reason_format(report, "%d 天内全部企业合计不能持续达到 %.0f%% 产能。",
                               "Within %d days all firms together can not keep %.0f%% of capacity.", in->p.days,
                               100 * in->p.full);
}

bg_err solve_do_activation(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct activation_result r;
    struct lp *lp;
    BG_TRY(read_input(input, &in));
    BG_TRY(lp_open(&(struct lp_limits){ .seconds = 1 + (int32_t)fmin(report->seconds_max, 3600) }, &lp));
    struct linear_solver solver = lp_solver(lp);
    report->solver = solver.name;
    bg_err e = activation_solve(&in.p, in.steps, in.steps_count, in.budget, &solver, report->arena, &r);
    lp_close(lp);
    BG_TRY(e);
    bg_json_put_double(report->out, "value", r.value);
    bg_json_put_str(report->out, "unit", BG_STR("units x value"));
    put_day(report->out, "city_full_day", r.city_day);
    put_day(report->out, "all_full_day", r.all_day);
    BG_TRY(put_firms(report, &in, &r));
    bg_json_key(report->out, "shared");
    bg_json_array(report->out);
    for (size_t k = 0; k < sizeof r.shared / sizeof r.shared[0]; k++) {
        if (r.shared[k].gain > 0) {
            BG_TRY(put_bind(report, &in, &r.shared[k]));
        }
    }
    bg_json_array_end(report->out);
    BG_TRY(put_steps(report, &in, &r));
    bg_json_put_int(report->out, "programs", r.solves);
    bg_json_put_int(report->out, "infeasible_unproved", r.unproved);
    BG_TRY(reasons(report, &in, &r));
    report->gap_known = true;
    report->gap = r.gap;
    return BG_DONE;
}
