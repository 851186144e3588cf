/* Production start: the linear program. */
#include <math.h>

#include "engine/activation_impl.h"

static bool all_good(const double *list, int64_t count, bool infinite)
{
    for (int64_t i = 0; i < count; i++) {
        if (!(list[i] >= 0) || (!infinite && isinf(list[i]))) {
            return false;
        }
    }
    return true;
}

static bg_err check_lists(const struct activation_problem *p)
{
    int64_t f = p->firms, r = p->products, m = p->materials, d = p->days;
    const struct {
        const double *list;
        int64_t count;
        bool infinite;
        const char *name;
    } lists[] = {
        { p->value, r, false, "value" },
        { p->line_hours, f * r, false, "line_hours" },
        { p->crew_hours, f * r, false, "crew_hours" },
        { p->line, f, false, "line" },
        { p->crew, f, true, "crew" },
        { p->hire, f, false, "hire" },
        { p->crew_max, f, true, "crew_max" },
        { p->bom, r * m, false, "bom" },
        { p->stock, f * m, false, "stock" },
        { p->supply, m * d, true, "supply" },
        { p->load_material, m, false, "load" },
        { p->load_product, r, false, "load" },
        { p->trucks, d, true, "trucks" },
        { p->steril, r, false, "steril" },
        { p->steril_day, d, true, "steril" },
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (!all_good(lists[i].list, lists[i].count, lists[i].infinite)) {
            return BG_FAIL_AT(BG_BAD_INPUT, lists[i].name);
        }
    }
    for (int32_t i = 0; i < p->firms; i++) {
        if (p->open[i] < 0 || p->open[i] > p->days) {
            return BG_FAIL_AT(BG_BAD_INPUT, "open");
        }
    }
    return BG_DONE;
}

bg_err activation_check(const struct activation_problem *p, const struct activation_step *steps, int32_t count)
{
    if (p->firms < 1 || p->products < 1 || p->materials < 0 || p->days < 1 || p->days > 1000 ||
        ((int64_t)p->products + 2 * (int64_t)p->materials) * p->firms * p->days > ACTIVATION_COLUMNS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "firms");
    }
    if (!(p->early >= 0 && p->early * p->days < 0.5) || !(p->full > 0 && p->full <= 1)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "full");
    }
    BG_TRY(check_lists(p));
    if (count < 0 || count > ACTIVATION_STEPS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "steps");
    }
    for (int32_t a = 0; a < count; a++) {
        const struct activation_step *s = &steps[a];
        bool of_firm = s->kind == ACTIVATION_LINE || s->kind == ACTIVATION_CREW || s->kind == ACTIVATION_STOCK ||
                       s->kind == ACTIVATION_PERMIT;
        bool of_material = s->kind == ACTIVATION_MATERIAL || s->kind == ACTIVATION_STOCK;
        if (s->kind < 0 || s->kind >= ACTIVATION_KINDS || s->firm < -1 || s->firm >= p->firms || (of_firm && s->firm < 0) ||
            (of_material && (s->material < 0 || s->material >= p->materials)) || s->from < 0 || s->from >= p->days ||
            !(s->amount >= 0) || isinf(s->amount) || !(s->cost >= 0) || isinf(s->cost)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "steps");
        }
    }
    return BG_DONE;
}

/* What step `a` adds to the right side of a firm's row on day t. */
static void widen(struct activation_program *g, enum activation_kind kind, int32_t firm, int32_t material, int32_t day)
{
    for (int32_t a = 0; a < g->steps_count; a++) {
        const struct activation_step *s = &g->steps[a];
        double add = 0;
        if (kind == ACTIVATION_LINE && s->kind == ACTIVATION_PERMIT && s->firm == firm) {
            int32_t open = g->p->open[firm];
            add = day < open && day >= open - s->amount ? g->p->line[firm] : 0;
        } else if (s->kind == ACTIVATION_STOCK) {
            add = kind == ACTIVATION_STOCK && s->firm == firm && s->material == material && s->from == day ? s->amount : 0;
        } else if (s->kind == ACTIVATION_MATERIAL && s->material == material && day >= s->from && s->firm == firm) {
            add = kind == ACTIVATION_STOCK || kind == ACTIVATION_MATERIAL ? s->amount : 0;
        } else if (s->kind == kind && kind != ACTIVATION_MATERIAL && (firm < 0 || s->firm == firm)) {
            add = day >= s->from ? s->amount : 0;
        }
        linear_add(&g->model, g->step + a, -add);
    }
}

static void add_columns(struct activation_program *g, int32_t *b, int32_t *stock)
{
    const struct activation_problem *p = g->p;
    for (int32_t f = 0; f < p->firms; f++) {
        for (int32_t r = 0; r < p->products; r++) {
            for (int32_t t = 0; t < p->days; t++) {
                int64_t at = ((int64_t)f * p->products + r) * p->days + t;
                bool makes = p->line_hours[(int64_t)f * p->products + r] > 0;
                g->x[at] = makes ? linear_column(&g->model, -p->value[r] * (1 - p->early * t), 0, INFINITY) : -1;
            }
        }
        for (int64_t k = (int64_t)f * p->materials * p->days; k < ((int64_t)f + 1) * p->materials * p->days; k++) {
            b[k] = linear_column(&g->model, 0, 0, INFINITY);
            stock[k] = linear_column(&g->model, 0, 0, INFINITY);
        }
    }
    g->step = g->model.columns;
    for (int32_t a = 0; a < g->steps_count; a++) {
        (void)linear_column(&g->model, 0, 0, 0);
    }
}

/* Adds weight[f, r] x for all that firms [from, to) make on day t. */
static void add_output(struct activation_program *g, int32_t from, int32_t to, int32_t t, const double *by_firm,
                       const double *by_product)
{
    const struct activation_problem *p = g->p;
    for (int32_t f = from; f < to; f++) {
        for (int32_t r = 0; r < p->products; r++) {
            int32_t x = g->x[((int64_t)f * p->products + r) * p->days + t];
            if (x >= 0) {
                linear_add(&g->model, x, by_firm != NULL ? by_firm[(int64_t)f * p->products + r] : by_product[r]);
            }
        }
    }
}

static void add_firm_rows(struct activation_program *g, int32_t f, const int32_t *b, const int32_t *stock)
{
    const struct activation_problem *p = g->p;
    for (int32_t t = 0; t < p->days; t++) {
        g->line[f * p->days + t] = linear_row(&g->model, -INFINITY, t >= p->open[f] ? p->line[f] : 0);
        add_output(g, f, f + 1, t, p->line_hours, NULL);
        widen(g, ACTIVATION_LINE, f, -1, t);
        g->crew[f * p->days + t] = linear_row(&g->model, -INFINITY, fmin(p->crew_max[f], p->crew[f] + p->hire[f] * t));
        add_output(g, f, f + 1, t, p->crew_hours, NULL);
        widen(g, ACTIVATION_CREW, f, -1, t);
    }
    for (int32_t m = 0; m < p->materials; m++) {
        for (int32_t t = 0; t < p->days; t++) {
            int64_t at = ((int64_t)f * p->materials + m) * p->days + t;
            double first = t == 0 ? p->stock[(int64_t)f * p->materials + m] : 0;
            g->stock[at] = linear_row(&g->model, first, first);
            linear_add(&g->model, stock[at], 1);
            linear_add(&g->model, b[at], -1);
            if (t > 0) {
                linear_add(&g->model, stock[at - 1], -1);
            }
            for (int32_t r = 0; r < p->products; r++) {
                int32_t x = g->x[((int64_t)f * p->products + r) * p->days + t];
                if (x >= 0) {
                    linear_add(&g->model, x, p->bom[(int64_t)r * p->materials + m]);
                }
            }
            widen(g, ACTIVATION_STOCK, f, m, t);
        }
    }
}

static void add_shared_rows(struct activation_program *g, const int32_t *b)
{
    const struct activation_problem *p = g->p;
    for (int32_t t = 0; t < p->days; t++) {
        for (int32_t m = 0; m < p->materials; m++) {
            g->supply[(int64_t)m * p->days + t] = linear_row(&g->model, -INFINITY, p->supply[(int64_t)m * p->days + t]);
            for (int32_t f = 0; f < p->firms; f++) {
                linear_add(&g->model, b[((int64_t)f * p->materials + m) * p->days + t], 1);
            }
            widen(g, ACTIVATION_MATERIAL, -1, m, t);
        }
        g->trucks[t] = linear_row(&g->model, -INFINITY, p->trucks[t]);
        for (int32_t f = 0; f < p->firms; f++) {
            for (int32_t m = 0; m < p->materials; m++) {
                linear_add(&g->model, b[((int64_t)f * p->materials + m) * p->days + t], p->load_material[m]);
            }
        }
        add_output(g, 0, p->firms, t, NULL, p->load_product);
        widen(g, ACTIVATION_TRUCKS, -1, -1, t);
        g->steril[t] = linear_row(&g->model, -INFINITY, p->steril_day[t]);
        add_output(g, 0, p->firms, t, NULL, p->steril);
        widen(g, ACTIVATION_STERIL, -1, -1, t);
    }
    g->city = g->model.rows;
    for (int32_t t = 0; t < p->days; t++) {
        linear_row(&g->model, -INFINITY, INFINITY);
        add_output(g, 0, p->firms, t, p->line_hours, NULL);
    }
    g->budget = linear_row(&g->model, -INFINITY, INFINITY);
    for (int32_t a = 0; a < g->steps_count; a++) {
        linear_add(&g->model, g->step + a, g->steps[a].cost);
    }
}

bg_err activation_build(const struct activation_problem *p, const struct activation_step *steps, int32_t count,
                        struct bg_arena *arena, struct activation_program *ret)
{
    int64_t firm_days = (int64_t)p->firms * p->days;
    *ret = (struct activation_program){ .p = p, .steps = steps, .steps_count = count };
    int32_t *block = bg_arena_array(
        arena, (size_t)(firm_days * (p->products + 3 * p->materials + 2) + (int64_t)p->days * (p->materials + 2)) + 1,
        sizeof *block);
    BG_TRY(bg_need(block));
    ret->x = block;
    ret->line = ret->x + firm_days * p->products;
    ret->crew = ret->line + firm_days;
    ret->stock = ret->crew + firm_days;
    int32_t *b = ret->stock + firm_days * p->materials, *stock = b + firm_days * p->materials;
    ret->supply = stock + firm_days * p->materials;
    ret->trucks = ret->supply + (int64_t)p->materials * p->days;
    ret->steril = ret->trucks + p->days;
    linear_open(&ret->model);
    add_columns(ret, b, stock);
    for (int32_t f = 0; f < p->firms; f++) {
        add_firm_rows(ret, f, b, stock);
    }
    add_shared_rows(ret, b);
    bg_err e = linear_check_model(&ret->model);
    if (bg_failed(e)) {
        linear_close(&ret->model);
    }
    return e;
}

bg_err activation_model(const struct activation_problem *p, struct bg_arena *arena, struct linear_model *ret)
{
    struct activation_program g;
    BG_TRY(activation_check(p, NULL, 0));
    BG_TRY(activation_build(p, NULL, 0, arena, &g));
    *ret = g.model;
    return BG_DONE;
}
