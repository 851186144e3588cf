/* The answer of `standard`, in figures and in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "solve/inner.h"
#include "solve/standard.h"

static const struct standard_cell *cell_of(const struct plan *p, int g, int item)
{
    return &p->result.cell[g * p->need.model.items + item];
}

static void put_level(const struct plan *p, int g, int item)
{
    struct bg_buf *out = p->report->out;
    const struct standard_cell *c = cell_of(p, g, item);
    size_t at = (size_t)g * (size_t)p->need.model.items + (size_t)item;
    bg_json_object(out);
    bg_json_put_int(out, "level", p->level[g]);
    bg_json_put_int(out, "standard", c->standard);
    bg_json_put_double(out, "service", p->rule[g].service);
    bg_json_put_int(out, "horizon", p->rule[g].horizon);
    bg_json_put_double(out, "quantile", c->quantile);
    bg_json_put_double(out, "calibrated", c->calibrated);
    bg_json_put_bool(out, "certified", c->certified);
    bg_json_put_double(out, "floor", c->floor);
    bg_json_put_str(out, "binds", c->by_floor ? BG_STR("floor") : BG_STR("quantile"));
    bg_json_put_int(out, "binding_day", c->day);
    if (c->scenario >= 0) {
        bg_json_put_str(out, "binding_scenario", p->need.scenario[c->scenario].name);
    }
    bg_json_put_double(out, "mean_need", p->result.mean[at]);
    if (p->no_rounds.cell != NULL) {
        bg_json_put_int(out, "without_rounds", p->no_rounds.cell[at].standard);
    }
    if (p->no_inflow.cell != NULL && p->stock[item].inflow != NULL) {
        bg_json_put_int(out, "without_inflow", p->no_inflow.cell[at].standard);
    }
    bg_json_put_int(out, "pooled", c->pooled);
    bg_json_put_double(out, "separate", c->separate);
    bg_json_key(out, "parts");
    bg_json_array(out);
    for (int place = 0; place < p->need.input.places; place++) {
        bg_json_object(out);
        bg_json_put_str(out, "code", p->need.place[place].code);
        bg_json_put_int(out, "quantity", c->part[place]);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static void put_cover(const struct plan *p, const char *key, int day)
{
    struct bg_buf *out = p->report->out;
    bg_json_key(out, key);
    if (day > p->need.input.days) {
        bg_json_null(out);
        return;
    }
    bg_json_object(out);
    need_put_day(out, &p->need, day);
    bg_json_object_end(out);
}

/* Rounds of the likeliest scenario met with this probability, counted until the first that is not; *ret_all: how many there are.
 */
static int rounds_covered(const struct plan *p, const double *out, double service, int *ret_all)
{
    const struct need_scenario *s = NULL;
    int met = 0;
    bool open = true;
    *ret_all = 0;
    for (int i = 0; i < p->need.input.scenarios; i++) {
        s = s == NULL || p->need.scenario[i].weight > s->weight ? &p->need.scenario[i] : s;
    }
    for (int r = 0; s != NULL && r < s->rounds; r++) {
        if (s->day[r] <= p->need.input.days) {
            *ret_all += 1;
            open = open && out[s->day[r] - 1] <= 1 - service + 1e-12;
            met += open;
        }
    }
    return met;
}

static void put_trial(const struct plan *p, int item, int trial, bool long_form)
{
    struct bg_buf *out = p->report->out;
    const struct standard_trial *t = &p->result.trial[item * STANDARD_TRIALS_MAX + trial];
    int days = p->need.input.days, all;
    double mean = p->result.mean[(size_t)p->force * (size_t)p->need.model.items + (size_t)item];
    bg_json_put_double(out, "stock", p->item[item].trial[trial]);
    bg_json_put_double(out, "service", t->service[p->force]);
    bg_json_put_double(out, "unmet", t->unmet[p->force]);
    bg_json_put_double(out, "fill_rate", mean > 0 ? fmax(0, 1 - t->unmet[p->force] / mean) : 1);
    put_cover(p, "out_half_sure", standard_cover(t->out, days, 0.5));
    put_cover(p, "enough_until_90", standard_cover(t->out, days, 0.9));
    bg_json_put_int(out, "rounds_covered_90", rounds_covered(p, t->out, 0.9, &all));
    bg_json_put_int(out, "rounds_to_come", all);
    bg_json_put_double(out, "expires_unused", t->waste);
    if (long_form) {
        bg_json_key(out, "out_by_day");
        bg_json_array(out);
        for (int d = 0; d < days; d++) {
            bg_json_double(out, t->out[d]);
        }
        bg_json_array_end(out);
        bg_json_put_double(out, "lots_expire_unused", p->result.lot_waste[item]);
    }
}

static void put_uplifts(const struct plan *p, int item)
{
    struct bg_buf *out = p->report->out;
    const struct plan_stock *s = &p->stock[item];
    bg_json_key(out, "uplifts");
    bg_json_array(out);
    for (int u = 0; u < p->uplifts; u++) {
        double more = s->base * p->uplift[u];
        bg_json_object(out);
        bg_json_put_double(out, "uplift", p->uplift[u]);
        put_trial(p, item, u + 1, false);
        bg_json_put_double(out, "money", more * s->price);
        bg_json_put_double(out, "space", more * s->space);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static bg_err put_fill(const struct plan *p, int item)
{
    struct bg_buf *out = p->report->out;
    struct standard_fill fill = p->stock[item].fill;
    double by[DEMAND_DAYS_MAX];
    fill.gap = fmax(0, (double)cell_of(p, p->force, item)->standard - p->stock[item].stock);
    BG_TRY(standard_fill(&fill, by));
    int half = standard_cover(by, fill.days, 0.5), sure = standard_cover(by, fill.days, 0.1);
    bg_json_key(out, "filling");
    bg_json_object(out);
    bg_json_put_double(out, "gap", fill.gap);
    bg_json_key(out, "deadline");
    bg_json_object(out);
    need_put_day(out, &p->need, fill.deadline);
    bg_json_object_end(out);
    bg_json_put_double(out, "by_deadline", by[fill.deadline - 1]);
    bg_json_put_int(out, "day_half_sure", half > fill.days ? -1 : half);
    bg_json_put_int(out, "day_90", sure > fill.days ? -1 : sure);
    bg_json_object_end(out);
    const struct tables_item *t = &p->need.tables.item[item];
    return solve_reason(p->report,
                        bg_arena_text(p->arena, "%.*s：缺口 %s，%s 前补齐的概率为 %.0f%%。", BG_STR_FMT(t->zh),
                                      need_number(p->arena, fill.gap), need_day_zh(&p->need, p->arena, fill.deadline),
                                      100 * by[fill.deadline - 1]),
                        bg_arena_text(p->arena, "%.*s: the gap of %s is filled by %s with a probability of %.0f %%.",
                                      BG_STR_FMT(t->en), need_number(p->arena, fill.gap),
                                      need_day_en(&p->need, p->arena, fill.deadline), 100 * by[fill.deadline - 1]));
}

static bg_err reason_outlook(const struct plan *p, int item)
{
    const struct tables_item *t = &p->need.tables.item[item];
    const struct standard_trial *trial = &p->result.trial[item * STANDARD_TRIALS_MAX];
    struct bg_arena *arena = p->arena;
    int days = p->need.input.days, half = standard_cover(trial->out, days, 0.5), sure = standard_cover(trial->out, days, 0.9),
        all;
    int met = rounds_covered(p, trial->out, 0.9, &all);
    const char *zh, *en;
    if (sure > days) {
        zh = bg_arena_text(arena, "%.*s：%d 天内够用（九成把握）", BG_STR_FMT(t->zh), days);
        en = bg_arena_text(arena, "%.*s: enough for all %d days (90 %% sure)", BG_STR_FMT(t->en), days);
    } else if (half > days) {
        zh = bg_arena_text(arena, "%.*s：多半够用到最后一天，但九成把握只到 %s", BG_STR_FMT(t->zh),
                           need_day_zh(&p->need, arena, sure - 1));
        en = bg_arena_text(arena, "%.*s: probably enough to the last day, but 90 %% sure only until %s", BG_STR_FMT(t->en),
                           need_day_en(&p->need, arena, sure - 1));
    } else {
        zh = bg_arena_text(arena, "%.*s：可用到 %s（九成把握到 %s）", BG_STR_FMT(t->zh), need_day_zh(&p->need, arena, half - 1),
                           need_day_zh(&p->need, arena, sure - 1));
        en = bg_arena_text(arena, "%.*s: enough until %s (90 %% sure until %s)", BG_STR_FMT(t->en),
                           need_day_en(&p->need, arena, half - 1), need_day_en(&p->need, arena, sure - 1));
    }
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    if (all > 0) {
        const char *rounds_zh = bg_arena_text(arena, "%s；%d 轮大筛中可保障 %d 轮。", zh, all, met);
        const char *rounds_en = bg_arena_text(arena, "%s; %d of the next %d test rounds covered.", en, met, all);
        return solve_reason(p->report, rounds_zh, rounds_en);
    }
    return solve_reason(p->report, bg_arena_text(arena, "%s。", zh), bg_arena_text(arena, "%s.", en));
}

static bg_err reason_standard(const struct plan *p, int item)
{
    const struct tables_item *t = &p->need.tables.item[item];
    const struct standard_cell *c = cell_of(p, p->force, item);
    struct bg_arena *arena = p->arena;
    size_t at = (size_t)p->force * (size_t)p->need.model.items + (size_t)item;
    const char *standard = need_number(arena, (double)c->standard), *zh, *en;
    if (c->by_floor) {
        zh = bg_arena_text(arena, "由下限决定（%.3g 轮大筛、%.3g 天日常）", p->rule[p->force].floor_rounds,
                           p->rule[p->force].floor_days);
        en = bg_arena_text(arena, "set by the floor (%.3g test rounds, %.3g days of everyday use)",
                           p->rule[p->force].floor_rounds, p->rule[p->force].floor_days);
    } else {
        zh = bg_arena_text(arena, "%d 天内缺口的 %.4g%% 分位数，最紧在 %s", p->rule[p->force].horizon,
                           100 * p->rule[p->force].service, need_day_zh(&p->need, arena, c->day));
        en = bg_arena_text(arena, "the %.4g %% quantile of the shortfall in %d days, tightest on %s",
                           100 * p->rule[p->force].service, p->rule[p->force].horizon, need_day_en(&p->need, arena, c->day));
    }
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    if (p->no_rounds.cell != NULL && p->no_rounds.cell[at].standard != c->standard) {
        const char *without = need_number(arena, (double)p->no_rounds.cell[at].standard);
        zh = bg_arena_text(arena, "%s；没有大筛时为 %s（已重新计算）", zh, without);
        en = bg_arena_text(arena, "%s; without test rounds it would be %s (solved again)", en, without);
        BG_TRY(bg_need(zh));
        BG_TRY(bg_need(en));
    }
    if (p->no_inflow.cell != NULL && p->stock[item].inflow != NULL && p->no_inflow.cell[at].standard != c->standard) {
        const char *without = need_number(arena, (double)p->no_inflow.cell[at].standard);
        zh = bg_arena_text(arena, "%s；不计到货时为 %s（已重新计算）", zh, without);
        en = bg_arena_text(arena, "%s; without arrivals it would be %s (solved again)", en, without);
        BG_TRY(bg_need(zh));
        BG_TRY(bg_need(en));
    }
    return solve_reason(
        p->report, bg_arena_text(arena, "%.*s：%d 级标准 %s，%s。", BG_STR_FMT(t->zh), p->level[p->force], standard, zh),
        bg_arena_text(arena, "%.*s: the standard of level %d is %s, %s.", BG_STR_FMT(t->en), p->level[p->force], standard, en));
}

static bg_err put_order(const struct plan *p, int item)
{
    struct bg_buf *out = p->report->out;
    int at = p->ordered ? p->order_of[item] : -1;
    if (at < 0) {
        return BG_DONE;
    }
    const struct standard_order *o = &p->order[at];
    const struct tables_item *t = &p->need.tables.item[item];
    double pieces = (double)o->packs * (double)t->pack;
    bg_json_key(out, "order");
    bg_json_object(out);
    bg_json_put_double(out, "quantity", pieces);
    bg_json_put_double(out, "money", pieces * p->stock[item].price);
    bg_json_put_double(out, "unmet_before", o->before);
    bg_json_put_double(out, "unmet_after", o->after);
    bg_json_put_double(out, "gain_a_yuan", o->gain);
    bg_json_object_end(out);
    if (o->packs == 0) {
        return BG_DONE;
    }
    const char *quantity = need_number(p->arena, pieces), *before = need_number(p->arena, o->before),
               *after = need_number(p->arena, o->after);
    return solve_reason(
        p->report, bg_arena_text(p->arena, "%.*s：订 %s，预计缺口由 %s 降到 %s。", BG_STR_FMT(t->zh), quantity, before, after),
        bg_arena_text(p->arena, "%.*s: order %s, which lowers the expected shortfall from %s to %s.", BG_STR_FMT(t->en), quantity,
                      before, after));
}

static bg_err put_item(const struct plan *p, int item)
{
    struct bg_buf *out = p->report->out;
    const struct tables_item *t = &p->need.tables.item[item];
    bg_json_object(out);
    bg_json_put_str(out, "item", t->name);
    bg_json_put_str(out, "name_zh", t->zh);
    bg_json_put_str(out, "name_en", t->en);
    bg_json_put_int(out, "pack", t->pack);
    bg_json_put_double(out, "round_need", p->item[item].round_need);
    bg_json_put_double(out, "quiet_day", p->item[item].baseline);
    bg_json_key(out, "levels");
    bg_json_array(out);
    for (int g = 0; g < p->levels; g++) {
        put_level(p, g, item);
    }
    bg_json_array_end(out);
    BG_TRY(reason_standard(p, item));
    if (p->stock[item].given) {
        bg_json_key(out, "outlook");
        bg_json_object(out);
        put_trial(p, item, 0, true);
        bg_json_object_end(out);
        put_uplifts(p, item);
        BG_TRY(reason_outlook(p, item));
    }
    BG_TRY(p->stock[item].filled ? put_fill(p, item) : BG_DONE);
    BG_TRY(put_order(p, item));
    bg_json_object_end(out);
    return BG_DONE;
}

static bg_err put_proposal(const struct plan *p)
{
    struct bg_buf *out = p->report->out;
    struct standard_rules rules = standard_rules_default();
    const struct standard_proposal *q = &p->proposal;
    if (!p->proposed) {
        return BG_DONE;
    }
    bg_json_key(out, "proposal");
    bg_json_object(out);
    bg_json_put_int(out, "from", p->state.level);
    bg_json_put_int(out, "to", q->level);
    bg_json_put_bool(out, "by_forecast", q->by_forecast);
    if (q->trigger >= 0) {
        bg_json_put_str(out, "signal", bg_str_of(standard_signal_name(rules.trigger[q->trigger].signal)));
        bg_json_put_double(out, "threshold", rules.trigger[q->trigger].threshold);
    }
    bg_json_put_bool(out, "quiet", q->quiet);
    bg_json_put_int(out, "quiet_days_left", q->quiet_left);
    bg_json_put_int(out, "dwell", p->state.dwell);
    bg_json_put_int(out, "quiet_days", p->state.quiet);
    bg_json_object_end(out);
    if (q->level < p->state.level) {
        const char *by = q->trigger >= 0 ? standard_signal_name(rules.trigger[q->trigger].signal) : "forecast";
        return solve_reason_format(p->report, "建议由 %d 级升到 %d 级：%s 达到阈值。",
                                   "Raise from level %d to %d: %s has reached its threshold.", p->state.level, q->level, by);
    }
    if (q->level > p->state.level) {
        return solve_reason_format(p->report, "建议由 %d 级降到 %d 级：已连续平静 %d 天，须经批准。",
                                   "Lower from level %d to %d: quiet for %d days in a row; needs approval.", p->state.level,
                                   q->level, p->state.quiet);
    }
    return solve_reason_format(p->report, "维持 %d 级；再平静 %d 天方可降级。",
                               "Stay at level %d; %d more quiet days before a step down.", p->state.level, q->quiet_left);
}

bg_err plan_write(struct plan *p)
{
    struct bg_buf *out = p->report->out;
    bg_json_put_int(out, "paths", p->need.input.paths);
    bg_json_put_bool(out, "library", p->need.library);
    bg_json_put_int(out, "level", p->level[p->force]);
    bg_json_key(out, "items");
    bg_json_array(out);
    for (int s = 0; s < p->need.shown_count; s++) {
        BG_TRY(put_item(p, p->need.shown[s]));
    }
    bg_json_array_end(out);
    return put_proposal(p);
}
