/* `demand`: needs from an outbreak, with the fan, what drives them, what is in doubt, and how each figure comes about. With
 * "esft" the profile of WHO's tool instead. */
#include <math.h>
#include <string.h>

#include "engine/esft.h"
#include "solve/inner.h"
#include "solve/need.h"

#define QUANTILES 7
static const double levels[QUANTILES] = { .025, .1, .25, .5, .75, .9, .975 };

struct answer {
    struct solve_at input;
    struct solve_report *report;
    struct need *need;
    int steps;
    int *step;
    float *quantile, *mean; /* [places + 1][items][steps] (x QUANTILES) */
    double *driver; /* [places + 1][steps][drivers] */
    struct demand_split *split;
    double *without; /* [items] mean at the last step without the item's largest driver; NaN: not solved */
    int *largest; /* [items] */
};

static size_t cell(const struct answer *a, int place, int item, int step)
{
    return ((size_t)place * (size_t)a->need->model.items + (size_t)item) * (size_t)a->steps + (size_t)step;
}

/* Days at which sums are wanted: those of "horizons", or the usual ones within the days. */
static bg_err read_steps(struct answer *a)
{
    static const int usual[] = { 1, 2, 3, 5, 7, 10, 14, 21, 28, 35, 45, 60, 90, 120, 180 };
    int days = a->need->input.days;
    BG_TRY(bg_need(a->step = bg_arena_array(a->report->arena, (size_t)days + 1, sizeof *a->step)));
    if (solve_has(a->input, "horizons")) {
        int64_t *list;
        size_t count;
        BG_TRY(solve_ints(a->input, "horizons", 1, (size_t)days, 1, days, &list, &count));
        for (size_t i = 0; i < count; i++) {
            if (i > 0 && list[i] <= list[i - 1]) {
                return solve_bad(a->input, "horizons", "须递增", "they must rise");
            }
            a->step[a->steps++] = (int)list[i];
        }
        return BG_DONE;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual && usual[i] < days; i++) {
        a->step[a->steps++] = usual[i];
    }
    a->step[a->steps++] = days;
    return BG_DONE;
}

static double share_of(const struct answer *a, int item, int driver)
{
    struct demand_coefficient c = demand_coefficient(&a->need->model, driver, item);
    size_t row = (size_t)a->need->input.places * (size_t)a->steps + (size_t)(a->steps - 1);
    return (c.kit + c.direct) * a->driver[row * (size_t)a->need->model.drivers + (size_t)driver];
}

static void find_largest(struct answer *a)
{
    for (int i = 0; i < a->need->model.items; i++) {
        double most = 0;
        a->largest[i] = -1;
        a->without[i] = (double)NAN;
        for (int k = 0; k < a->need->model.drivers; k++) {
            double share = share_of(a, i, k);
            if (share > most) {
                most = share;
                a->largest[i] = k;
            }
        }
    }
}

/* Solves again without a driver (its cap is nothing), and keeps the means of the items that it drives most. */
static bg_err solve_without(struct answer *a, int driver, const double *nothing, const struct demand_input *in)
{
    size_t cells = ((size_t)in->places + 1) * (size_t)in->model->items;
    float *quantile = bg_arena_array(a->report->arena, cells, sizeof *quantile),
          *mean = bg_arena_array(a->report->arena, cells, sizeof *mean);
    BG_TRY(bg_need(quantile));
    BG_TRY(bg_need(mean));
    const double *cap = a->need->driver[driver].cap, middle = 0.5;
    a->need->driver[driver].cap = nothing;
    bg_err e = demand_fan(in, &middle, 1, quantile, mean);
    a->need->driver[driver].cap = cap;
    BG_TRY(e);
    for (int i = 0; i < in->model->items; i++) {
        if (a->largest[i] == driver) {
            a->without[i] = (double)mean[(size_t)in->places * (size_t)in->model->items + (size_t)i];
        }
    }
    return BG_DONE;
}

/* Up to six runs: enough for what drives the items of a city. */
static bg_err check_drivers(struct answer *a)
{
    struct demand_input in = a->need->input;
    double *nothing = bg_arena_array(a->report->arena, (size_t)in.places, sizeof *nothing);
    BG_TRY(bg_need(nothing));
    in.steps = 1;
    in.step = &a->step[a->steps - 1];
    int done = 0;
    for (int k = 0; k < a->need->model.drivers && done < 6; k++) {
        bool wanted = false;
        for (int s = 0; s < a->need->shown_count; s++) {
            wanted = wanted || a->largest[a->need->shown[s]] == k;
        }
        if (wanted && !solve_past(a->report)) {
            BG_TRY(solve_without(a, k, nothing, &in));
            done++;
        }
    }
    return BG_DONE;
}

static void no_sink(void *ctx, int place, int step, int item, const struct demand_values *values)
{
    (void)ctx;
    (void)place;
    (void)step;
    (void)item;
    (void)values;
}

static bg_err compute(struct answer *a)
{
    struct demand_input in = a->need->input;
    size_t places = (size_t)in.places + 1, items = (size_t)a->need->model.items, steps = (size_t)a->steps;
    struct bg_arena *arena = a->report->arena;
    BG_TRY(need_afford(a->input, a->report, &in, 12));
    in.steps = a->steps;
    in.step = a->step;
    BG_TRY(bg_need(a->quantile = bg_arena_array(arena, places * items * steps * QUANTILES, sizeof *a->quantile)));
    BG_TRY(bg_need(a->mean = bg_arena_array(arena, places * items * steps, sizeof *a->mean)));
    BG_TRY(bg_need(a->driver = bg_arena_array(arena, places * steps * (size_t)a->need->model.drivers + 1, sizeof *a->driver)));
    BG_TRY(bg_need(a->split = bg_arena_array(arena, items, sizeof *a->split)));
    BG_TRY(bg_need(a->without = bg_arena_array(arena, items, sizeof *a->without)));
    BG_TRY(bg_need(a->largest = bg_arena_array(arena, items, sizeof *a->largest)));
    BG_TRY(demand_fan(&in, levels, QUANTILES, a->quantile, a->mean));
    BG_TRY(demand_run(&in, no_sink, NULL, a->driver));
    BG_TRY(demand_variance(&in, a->split));
    find_largest(a);
    return check_drivers(a);
}

/* --- writing --- */
static void put_horizons(const struct answer *a, int place, int item)
{
    struct bg_buf *out = a->report->out;
    bg_json_key(out, "horizons");
    bg_json_array(out);
    for (int s = 0; s < a->steps; s++) {
        bg_json_object(out);
        need_put_day(out, a->need, a->step[s]);
        bg_json_put_double(out, "mean", (double)a->mean[cell(a, place, item, s)]);
        bg_json_key(out, "quantiles");
        bg_json_array(out);
        for (int q = 0; q < QUANTILES; q++) {
            bg_json_double(out, (double)a->quantile[cell(a, place, item, s) * QUANTILES + (size_t)q]);
        }
        bg_json_array_end(out);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_source(struct bg_buf *out, const char *role_zh, const char *role_en, double pieces, bg_str source)
{
    bg_json_object(out);
    bg_json_put_str(out, "zh", bg_str_of(role_zh));
    bg_json_put_str(out, "en", bg_str_of(role_en));
    bg_json_put_double(out, "pieces", pieces);
    bg_json_put_str(out, "source", source);
    bg_json_object_end(out);
}

/* How pieces a unit of the driver come about, row by row of the tables, each with its source. */
static void put_sources(const struct answer *a, int item, int driver)
{
    struct bg_buf *out = a->report->out;
    struct bg_arena *arena = a->report->arena;
    const struct tables *t = &a->need->tables;
    const struct demand_model *m = &a->need->model;
    bg_json_key(out, "from");
    bg_json_array(out);
    bool learned = false;
    for (int j = t->directs; j < m->directs; j++) { /* learned ones stand behind the table's */
        if (m->direct[j].driver == driver && m->direct[j].item == item) {
            put_source(out, "由领用学习", "learned from issues", m->direct[j].rate, BG_STR("issues given"));
            learned = true;
        }
    }
    for (int r = 0; r < m->rows && !learned; r++) {
        double kit = m->kit[(size_t)m->row[r].level * (size_t)m->items + (size_t)item];
        if (m->row[r].driver == driver && kit > 0) {
            const char *zh =
                bg_arena_text(arena, "%.*s：%.4g 次穿戴 × %.3g 件（%.*s），模式系数 %.2g，损耗 %.2g%%", BG_STR_FMT(t->row[r].zh),
                              m->row[r].rate, kit, BG_STR_FMT(t->level[m->row[r].level]), m->use, 100 * m->waste[item]);
            const char *en = bg_arena_text(arena, "%.*s: %.4g dressings x %.3g pieces (%.*s), mode %.2g, waste %.2g%%",
                                           BG_STR_FMT(t->row[r].en), m->row[r].rate, kit, BG_STR_FMT(t->level[m->row[r].level]),
                                           m->use, 100 * m->waste[item]);
            put_source(out, zh, en, m->row[r].rate * kit * m->use * (1 + m->waste[item]), t->row[r].source);
        }
    }
    for (int j = 0; j < t->directs && !learned; j++) {
        if (m->direct[j].driver == driver && m->direct[j].item == item) {
            put_source(out, "直接用品", "direct item", m->direct[j].rate, t->direct[j].source);
        }
    }
    bg_json_array_end(out);
}

static void put_contributions(const struct answer *a, int item)
{
    struct bg_buf *out = a->report->out;
    const struct tables *t = &a->need->tables;
    double mean = (double)a->mean[cell(a, a->need->input.places, item, a->steps - 1)];
    bg_json_key(out, "contributions");
    bg_json_array(out);
    for (int k = 0; k < t->drivers; k++) {
        double pieces = share_of(a, item, k);
        if (!(pieces > 0)) {
            continue;
        }
        struct demand_coefficient c = demand_coefficient(&a->need->model, k, item);
        size_t row = (size_t)a->need->input.places * (size_t)a->steps + (size_t)(a->steps - 1);
        bg_json_object(out);
        bg_json_put_str(out, "driver", t->driver[k].name);
        bg_json_put_str(out, "name_zh", t->driver[k].zh);
        bg_json_put_str(out, "name_en", t->driver[k].en);
        bg_json_put_double(out, "amount", a->driver[row * (size_t)t->drivers + (size_t)k]);
        bg_json_put_str(out, "unit_zh", t->driver[k].unit_zh);
        bg_json_put_str(out, "unit_en", t->driver[k].unit_en);
        bg_json_put_double(out, "pieces_a_unit", c.kit + c.direct);
        bg_json_put_double(out, "pieces", pieces);
        bg_json_put_double(out, "share", mean > 0 ? pieces / mean : 0);
        bg_json_put_str(out, "driver_source", t->driver[k].source);
        put_sources(a, item, k);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_places(const struct answer *a, int item)
{
    struct bg_buf *out = a->report->out;
    bg_json_key(out, "places");
    bg_json_array(out);
    for (int p = 0; p < a->need->input.places; p++) {
        size_t at = cell(a, p, item, a->steps - 1);
        bg_json_object(out);
        bg_json_put_str(out, "code", a->need->place[p].code);
        bg_json_put_double(out, "mean", (double)a->mean[at]);
        bg_json_put_double(out, "median", (double)a->quantile[at * QUANTILES + 3]);
        bg_json_put_double(out, "q90", (double)a->quantile[at * QUANTILES + 5]);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_item(const struct answer *a, int item)
{
    struct bg_buf *out = a->report->out;
    const struct tables_item *t = &a->need->tables.item[item];
    const struct demand_split *s = &a->split[item];
    bg_json_object(out);
    bg_json_put_str(out, "item", t->name);
    bg_json_put_str(out, "name_zh", t->zh);
    bg_json_put_str(out, "name_en", t->en);
    bg_json_put_str(out, "unit_zh", t->unit_zh);
    bg_json_put_str(out, "unit_en", t->unit_en);
    put_horizons(a, a->need->input.places, item);
    put_contributions(a, item);
    bg_json_key(out, "variance");
    bg_json_object(out);
    bg_json_put_double(out, "sd", sqrt(s->variance));
    bg_json_put_double(out, "virus", s->virus);
    bg_json_put_double(out, "measures", s->measures);
    bg_json_put_double(out, "coefficients", s->coefficients);
    bg_json_object_end(out);
    if (!isnan(a->without[item])) {
        bg_json_key(out, "without_largest");
        bg_json_object(out);
        bg_json_put_str(out, "driver", a->need->tables.driver[a->largest[item]].name);
        bg_json_put_double(out, "mean", a->without[item]);
        bg_json_object_end(out);
    }
    put_places(a, item);
    bg_json_object_end(out);
}

static bg_err reason_of(const struct answer *a, int item)
{
    struct bg_arena *arena = a->report->arena;
    const struct tables_item *t = &a->need->tables.item[item];
    const struct demand_split *s = &a->split[item];
    int last = a->step[a->steps - 1], k = a->largest[item];
    size_t at = cell(a, a->need->input.places, item, a->steps - 1);
    const char *low = need_number(arena, (double)a->quantile[at * QUANTILES + 1]),
               *high = need_number(arena, (double)a->quantile[at * QUANTILES + 5]);
    const char *mean = need_number(arena, (double)a->mean[at]);
    if (k < 0 || isnan(a->without[item])) {
        return solve_reason(a->report,
                            bg_arena_text(arena, "%.*s：%d 天共需约 %s %.*s（八成可能在 %s 至 %s 之间）。", BG_STR_FMT(t->zh),
                                          last, mean, BG_STR_FMT(t->unit_zh), low, high),
                            bg_arena_text(arena, "%.*s: about %s %.*ss in %d days (80 %% sure of %s to %s).", BG_STR_FMT(t->en),
                                          mean, BG_STR_FMT(t->unit_en), last, low, high));
    }
    const struct tables_driver *d = &a->need->tables.driver[k];
    const char *without = need_number(arena, a->without[item]);
    return solve_reason(a->report,
                        bg_arena_text(arena,
                                      "%.*s：%d 天共需约 %s %.*s（八成可能在 %s 至 %s 之间）；主要来自%.*s，若没有这一项为 "
                                      "%s（已重新计算）。不确定性：疫情 %.0f%%，措施 "
                                      "%.0f%%，系数 %.0f%%。",
                                      BG_STR_FMT(t->zh), last, mean, BG_STR_FMT(t->unit_zh), low, high, BG_STR_FMT(d->zh),
                                      without, 100 * s->virus, 100 * s->measures, 100 * s->coefficients),
                        bg_arena_text(arena,
                                      "%.*s: about %s %.*ss in %d days (80 %% sure of %s to %s); mostly for %.*s, without which "
                                      "it would be %s (solved again). "
                                      "Doubt: virus %.0f %%, measures %.0f %%, coefficients %.0f %%.",
                                      BG_STR_FMT(t->en), mean, BG_STR_FMT(t->unit_en), last, low, high, BG_STR_FMT(d->en),
                                      without, 100 * s->virus, 100 * s->measures, 100 * s->coefficients));
}

static bg_err put_answer(const struct answer *a)
{
    struct bg_buf *out = a->report->out;
    bg_json_put_int(out, "paths", a->need->input.paths);
    bg_json_put_bool(out, "library", a->need->library);
    bg_json_key(out, "levels");
    bg_json_array(out);
    for (int q = 0; q < QUANTILES; q++) {
        bg_json_double(out, levels[q]);
    }
    bg_json_array_end(out);
    bg_json_key(out, "items");
    bg_json_array(out);
    for (int s = 0; s < a->need->shown_count; s++) {
        put_item(a, a->need->shown[s]);
        BG_TRY(reason_of(a, a->need->shown[s]));
    }
    bg_json_array_end(out);
    return BG_DONE;
}

/* --- the profile of WHO's tool --- */
static void put_week(struct bg_buf *out, const struct esft_week *w, int week)
{
    bg_json_object(out);
    bg_json_put_int(out, "week", week);
    bg_json_put_double(out, "severe_beds", w->severe_beds);
    bg_json_put_double(out, "critical_beds", w->critical_beds);
    bg_json_put_double(out, "staff", w->staff_inpatient);
    bg_json_key(out, "items");
    bg_json_array(out);
    for (int i = 0; i < ESFT_ITEMS; i++) {
        bg_json_object(out);
        bg_json_put_str(out, "item", bg_str_of(esft_items[i].name));
        bg_json_put_str(out, "unit", bg_str_of(esft_items[i].unit));
        bg_json_put_double(out, "total", w->need[i].total);
        bg_json_put_double(out, "staff", w->need[i].staff);
        bg_json_put_double(out, "patient", w->need[i].patient);
        bg_json_put_double(out, "isolation", w->need[i].isolation);
        bg_json_put_double(out, "screening", w->need[i].screening);
        bg_json_put_double(out, "laboratory", w->need[i].laboratory);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static bg_err run_esft(struct solve_at input, struct solve_report *report)
{
    static const char *const outer[] = { "esft", NULL };
    static const char *const fields[] = { "weekly_cases",        "first", "beds", "staff", "labs", "share_severe_beds",
                                          "share_critical_beds", NULL };
    struct solve_at at;
    double *cases;
    size_t weeks;
    int64_t first;
    struct esft_input in = { 0 };
    BG_TRY(solve_fields(input, outer));
    BG_TRY(solve_object(input, "esft", &at));
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_numbers(at, "weekly_cases", 1, ESFT_WEEKS_MAX, 0, 1e9, &cases, &weeks));
    BG_TRY(solve_int_or(at, "first", 0, 0, (int64_t)weeks - 1, &first));
    BG_TRY(solve_number(at, "beds", 0, 1e9, &in.beds));
    BG_TRY(solve_number(at, "staff", 0, 1e9, &in.staff));
    BG_TRY(solve_number_or(at, "labs", 0, 0, 1e6, &in.labs));
    BG_TRY(solve_number_or(at, "share_severe_beds", 0.55, 0, 1, &in.share_severe_beds));
    BG_TRY(solve_number_or(at, "share_critical_beds", 0.05, 0, 1, &in.share_critical_beds));
    in.weeks = (int)weeks;
    in.cases = cases;
    in.first = (int)first;
    struct esft_week *week = bg_arena_array(report->arena, weeks, sizeof *week);
    BG_TRY(bg_need(week));
    BG_TRY(esft_run(&in, week));
    report->solver = "WHO ESFT profile (mrc-ide/esft)";
    bg_json_key(report->out, "weeks");
    bg_json_array(report->out);
    for (int w = 0; w < in.weeks - in.first; w++) {
        put_week(report->out, &week[w], in.first + w);
    }
    bg_json_array_end(report->out);
    return solve_reason(report, "按世卫组织 ESFT 计算：不含大规模检测、封控区和口岸，不计库存，无不确定性。",
                        "By WHO's ESFT: without mass testing, sealed zones and ports, without stock, without doubt.");
}

bg_err solve_do_demand(struct solve_at input, struct solve_report *report)
{
    static const char *const fields[] = { NEED_FIELDS, "horizons", NULL };
    struct need need;
    struct answer a = { .input = input, .report = report, .need = &need };
    if (solve_has(input, "esft")) {
        return run_esft(input, report);
    }
    BG_TRY(solve_fields(input, fields));
    BG_TRY(need_read(input, report, &need));
    BG_TRY(read_steps(&a));
    BG_TRY(compute(&a));
    report->solver =
        need.library ? "library of past outbreaks, drivers x shifts x kits" : "renewal paths, drivers x shifts x kits";
    return put_answer(&a);
}
