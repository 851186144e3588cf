/* Reads the common part of `demand` and `standard`. */
#include "solve/need.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/forecast.h"

#define CELLS_MAX 60000000 /* paths x places x days */
#define WORK_A_SECOND 2e8 /* values of drivers and items a second, with room to spare */

const char *need_number(struct bg_arena *arena, double value)
{
    char digits[40], *out = bg_arena_get(arena, 64);
    if (out == NULL) {
        return NULL;
    }
    int len = snprintf(digits, sizeof digits, "%.0f", fabs(value) < 1e18 ? value : 0), at = 0;
    for (int i = 0; i < len; i++) {
        out[at++] = digits[i];
        int left = len - 1 - i;
        if (left > 0 && left % 3 == 0 && digits[i] != '-') {
            out[at++] = ',';
        }
    }
    return out;
}

static bg_date later(const struct need *need, int day)
{
    return need->date + day;
}

const char *need_day_zh(const struct need *need, struct bg_arena *arena, int day)
{
    if (!need->dated) {
        return bg_arena_text(arena, "第 %d 天", day);
    }
    char text[11];
    bg_date_text(later(need, day), text);
    return bg_arena_text(arena, "%s", text);
}

const char *need_day_en(const struct need *need, struct bg_arena *arena, int day)
{
    return need->dated ? need_day_zh(need, arena, day) : bg_arena_text(arena, "day %d", day);
}

void need_put_day(struct bg_buf *out, const struct need *need, int day)
{
    bg_json_put_int(out, "day", day);
    if (need->dated) {
        char text[11];
        bg_date_text(later(need, day), text);
        bg_json_put_str(out, "date", bg_str_of(text));
    }
}

bg_err need_afford(struct solve_at input, const struct solve_report *report, const struct demand_input *in, double runs)
{
    double work = runs * in->paths * (in->places + 1.0) * in->days * (in->model->drivers + 3.0 * in->model->items);
    if (work > report->seconds_max * WORK_A_SECOND || demand_bytes(in) > ((size_t)512 << 20)) {
        return solve_bad(input, "paths", "计算量超过允许的时间或内存：请减少路径、天数、地点或物资",
                         "more work than the time or memory granted: fewer paths, days, places or items");
    }
    return BG_DONE;
}

/* --- places --- */
static bg_err read_amounts(struct solve_at place, int p, struct need *need, double **amount)
{
    struct solve_at amounts;
    const char *key;
    json_t *value;
    if (!solve_has(place, "amounts")) {
        return BG_DONE;
    }
    BG_TRY(solve_object(place, "amounts", &amounts));
    json_object_foreach((json_t *)(uintptr_t)amounts.value, key, value)
    {
        int k = tables_find_driver(&need->tables, bg_str_of(key));
        if (k < 0 || need->driver[k].rule != DEMAND_FIXED) {
            return solve_bad(place, "amounts", "含有不存在的或不是固定量的驱动量",
                             "names a driver that is unknown or has no fixed amount");
        }
        BG_TRY(solve_number(amounts, need->tables.driver[k].name.at, 0, 1e10, &amount[k][p]));
    }
    return BG_DONE;
}

static bg_err read_caps(struct solve_at place, int p, struct need *need, double **cap)
{
    static const char *const none[] = { NULL };
    struct solve_at caps = place;
    bool given = solve_has(place, "caps");
    if (given) {
        BG_TRY(solve_object(place, "caps", &caps));
        size_t known = 0;
        for (int k = 0; k < need->tables.drivers; k++) {
            known += need->tables.driver[k].cap.len > 0 && solve_has(caps, need->tables.driver[k].cap.at);
        }
        if (known < json_object_size(caps.value)) {
            BG_TRY(known == 0 ? solve_fields(caps, none) : BG_DONE);
            return solve_bad(place, "caps", "含有驱动量表中没有的上限", "names a cap that the table of drivers does not have");
        }
    }
    for (int k = 0; k < need->tables.drivers; k++) {
        const struct tables_driver *d = &need->tables.driver[k];
        if (d->by_residents) {
            cap[k][p] = need->place[p].residents > 0 ? need->place[p].residents : 1e12;
        } else if (d->cap.len > 0 && given) {
            BG_TRY(solve_number_or(caps, d->cap.at, 1e12, 0, 1e12, &cap[k][p]));
        } else {
            cap[k][p] = 1e12;
        }
    }
    return BG_DONE;
}

static bg_err read_place(struct solve_at at, int p, struct need *need, double *history, double **amount, double **cap)
{
    static const char *const fields[] = { "code", "name_zh", "name_en", "residents", "cases", "amounts", "caps", NULL };
    struct need_place *place = &need->place[p];
    double *cases;
    size_t count = 0;
    BG_TRY(solve_fields(at, fields));
    BG_TRY(solve_text(at, "code", 60, &place->code));
    BG_TRY(solve_text_or(at, "name_zh", place->code, 200, &place->zh));
    BG_TRY(solve_text_or(at, "name_en", place->code, 200, &place->en));
    BG_TRY(solve_number_or(at, "residents", 0, 0, 1e9, &place->residents));
    for (int q = 0; q < p; q++) {
        if (bg_str_eq(need->place[q].code, place->code)) {
            return solve_bad(at, "code", "编码重复", "this code is there already");
        }
    }
    if (solve_has(at, "cases")) {
        BG_TRY(solve_numbers(at, "cases", 0, 1000, 0, 1e8, &cases, &count));
    }
    if (p > 0 && (int)count != need->input.past) {
        return solve_bad(at, "cases", "各地点的天数须相同", "as many days as at the other places are wanted");
    }
    need->input.past = (int)count;
    for (size_t t = 0; t < count; t++) {
        history[(size_t)p * 1000 + t] = cases[t];
    }
    need->residents += place->residents;
    BG_TRY(read_amounts(at, p, need, amount));
    return read_caps(at, p, need, cap);
}

static bg_err read_places(struct solve_at input, struct need *need)
{
    struct solve_at list, at;
    size_t count;
    BG_TRY(solve_array(input, "places", 1, 200, &list, &count));
    size_t drivers = (size_t)need->tables.drivers;
    need->place = bg_arena_array(input.arena, count, sizeof *need->place);
    double *history = bg_arena_array(input.arena, count * 1000, sizeof *history);
    double **amount = bg_arena_array(input.arena, drivers + 1, sizeof *amount),
           **cap = bg_arena_array(input.arena, drivers + 1, sizeof *cap);
    double *cells = bg_arena_array(input.arena, 2 * count * drivers + 1, sizeof *cells);
    if (need->place == NULL || history == NULL || amount == NULL || cap == NULL || cells == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t k = 0; k < drivers; k++) {
        need->driver[k].amount = amount[k] = &cells[2 * k * count];
        need->driver[k].cap = cap[k] = &cells[(2 * k + 1) * count];
    }
    need->input.places = (int)count;
    for (size_t p = 0; p < count; p++) {
        BG_TRY(solve_item(list, p, &at));
        BG_TRY(read_place(at, (int)p, need, history, amount, cap));
        for (size_t k = 0; k < drivers; k++) { /* everyday work goes with the residents unless said otherwise */
            if (need->driver[k].rule == DEMAND_FIXED && amount[k][p] == 0 && bg_str_is(need->tables.driver[k].name, "resident")) {
                amount[k][p] = need->place[p].residents;
            }
        }
    }
    size_t past = (size_t)need->input.past;
    for (size_t p = 0; p < count; p++) {
        memmove(&history[p * past], &history[p * 1000], past * sizeof *history);
    }
    need->input.history = past > 0 ? history : NULL;
    return BG_DONE;
}

/* --- rounds --- */
static bg_err read_where(struct solve_at at, const struct need *need, bool *where)
{
    struct solve_at list, item;
    size_t count;
    bg_str code;
    if (!solve_has(at, "places")) {
        memset(where, 1, (size_t)need->input.places * sizeof *where);
        return BG_DONE;
    }
    memset(where, 0, (size_t)need->input.places * sizeof *where);
    BG_TRY(solve_array(at, "places", 1, 200, &list, &count));
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        BG_TRY(solve_item(list, i, &item));
        BG_TRY(solve_value_text(item, 60, &code));
        for (int p = 0; p < need->input.places; p++) {
            bool same = bg_str_eq(need->place[p].code, code);
            where[p] = where[p] || same;
            known = known || same;
        }
        if (!known) {
            return solve_bad(item, NULL, "没有这个地点", "no such place");
        }
    }
    return BG_DONE;
}

static bg_err read_scenario(struct solve_at at, int s, struct need *need, double *sampled, double *weight)
{
    static const char *const fields[] = { "name", "weight", "rounds", NULL }, *const round_fields[] = { "day", "share", "places",
                                                                                                        NULL };
    struct solve_at list, round;
    size_t count;
    bool where[200];
    BG_TRY(solve_fields(at, fields));
    struct need_scenario *scenario = &need->scenario[s];
    BG_TRY(solve_text_or(at, "name", BG_STR("rounds"), 100, &scenario->name));
    BG_TRY(solve_number_or(at, "weight", 1, 1e-6, 1e6, &weight[s]));
    BG_TRY(solve_array(at, "rounds", 0, 60, &list, &count));
    scenario->weight = weight[s];
    for (size_t r = 0; r < count; r++) {
        int64_t day;
        double share;
        BG_TRY(solve_item(list, r, &round));
        BG_TRY(solve_fields(round, round_fields));
        BG_TRY(solve_int(round, "day", 1, 366, &day));
        BG_TRY(solve_number_or(round, "share", 0.857, 0, 1, &share));
        BG_TRY(read_where(round, need, where));
        scenario->day[scenario->rounds++] = (int)day;
        for (int p = 0; p < need->input.places && day <= need->input.days; p++) {
            sampled[((size_t)s * (size_t)need->input.places + (size_t)p) * (size_t)need->input.days + (size_t)day - 1] +=
                where[p] ? share * need->place[p].residents : 0;
        }
    }
    return BG_DONE;
}

static bg_err read_rounds(struct solve_at input, struct need *need)
{
    struct solve_at list, at;
    size_t count;
    if (!solve_has(input, "rounds")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(input, "rounds", 1, DEMAND_SCENARIOS_MAX, &list, &count));
    double *sampled = bg_arena_array(input.arena, count * (size_t)need->input.places * (size_t)need->input.days, sizeof *sampled);
    double *weight = bg_arena_array(input.arena, count, sizeof *weight);
    need->scenario = bg_arena_array(input.arena, count, sizeof *need->scenario);
    if (sampled == NULL || weight == NULL || need->scenario == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t s = 0; s < count; s++) {
        BG_TRY(solve_item(list, s, &at));
        BG_TRY(read_scenario(at, (int)s, need, sampled, weight));
    }
    need->input.scenarios = (int)count;
    need->input.weight = weight;
    need->input.sampled = sampled;
    return BG_DONE;
}

/* --- cases to come --- */
static bg_err read_given(struct solve_at input, struct need *need)
{
    struct solve_at paths, places, one;
    size_t count, size, days;
    BG_TRY(solve_array(input, "cases_to_come", 1, 20000, &paths, &count));
    need->input.paths = (int)count;
    size_t row = (size_t)need->input.days, all = count * (size_t)need->input.places * row;
    if (all > CELLS_MAX) {
        return solve_bad(input, "cases_to_come", "数据过多", "too many values");
    }
    BG_TRY(bg_need(need->cases = bg_arena_array(input.arena, all, sizeof *need->cases)));
    for (size_t n = 0; n < count; n++) {
        BG_TRY(solve_item(paths, n, &places));
        size = json_array_size(places.value);
        if (!json_is_array(places.value) || size != (size_t)need->input.places) {
            return solve_bad(places, NULL, "应为每个地点一个数组", "an array for each place is wanted");
        }
        for (size_t p = 0; p < size; p++) {
            BG_TRY(solve_item(places, p, &one));
            days = json_array_size(one.value);
            if (!json_is_array(one.value) || days != row) {
                return solve_bad(one, NULL, "应为每天一个整数", "an integer for each day is wanted");
            }
            for (size_t t = 0; t < days; t++) {
                struct solve_at value;
                int64_t number;
                BG_TRY(solve_item(one, t, &value));
                BG_TRY(solve_value_int(value, 0, 100000000, &number));
                need->cases[(n * size + p) * row + t] = (int32_t)number;
            }
        }
    }
    return BG_DONE;
}

/* Shares of the three scenarios of control: a name, or an object of weights. */
static bg_err read_control(struct solve_at input, double share[FORECAST_SCENARIOS])
{
    static const char *const names[] = { "controlled", "delayed", "fails", NULL };
    const json_t *value = json_object_get(input.value, "scenario");
    struct solve_at mix;
    int one;
    share[FORECAST_CONTROLLED] = 1;
    share[FORECAST_DELAYED] = share[FORECAST_FAILS] = 0;
    if (json_is_object(value)) {
        double sum = 0;
        BG_TRY(solve_object(input, "scenario", &mix));
        BG_TRY(solve_fields(mix, names));
        for (int i = 0; i < FORECAST_SCENARIOS; i++) {
            BG_TRY(solve_number_or(mix, names[i], 0, 0, 1, &share[i]));
            sum += share[i];
        }
        return fabs(sum - 1) < 1e-6 ? BG_DONE : solve_bad(mix, NULL, "各情景的份额之和应为 1", "the shares must sum to 1");
    }
    BG_TRY(solve_choice_or(input, "scenario", names, 0, &one));
    for (int i = 0; i < FORECAST_SCENARIOS; i++) {
        share[i] = i == one;
    }
    return BG_DONE;
}

static bg_err forecast_cases(struct solve_at input, struct need *need)
{
    double share[FORECAST_SCENARIOS], done = 0;
    double *residents = bg_arena_array(input.arena, (size_t)need->input.places, sizeof *residents);
    size_t row = (size_t)need->input.places * (size_t)need->input.days;
    BG_TRY(read_control(input, share));
    if ((size_t)need->input.paths * row > CELLS_MAX) {
        return solve_bad(input, "paths", "路径、地点、天数的乘积过大", "paths x places x days is too large");
    }
    BG_TRY(bg_need(residents));
    BG_TRY(bg_need(need->cases = bg_arena_array(input.arena, (size_t)need->input.paths * row, sizeof *need->cases)));
    for (int p = 0; p < need->input.places; p++) {
        residents[p] = need->place[p].residents > 0 ? need->place[p].residents : 1e12;
    }
    for (int c = 0; c < FORECAST_SCENARIOS; c++) {
        int first = (int)lround(done * need->input.paths), count;
        done += share[c];
        count = (int)lround(done * need->input.paths) - first;
        if (count <= 0) {
            continue;
        }
        struct forecast_input f = { .districts = need->input.places,
                                    .days = need->input.past,
                                    .cases = need->input.history,
                                    .residents = residents,
                                    .scenario = (enum forecast_scenario)c,
                                    .seed = need->input.seed,
                                    .horizon = need->input.days };
        struct forecast *forecast;
        BG_TRY(forecast_open(&f, &forecast));
        need->library = forecast_is_library(forecast);
        forecast_paths(forecast, first, count, &need->cases[(size_t)first * row]);
        forecast_close(forecast);
    }
    need->forecast = true;
    return BG_DONE;
}

static bg_err read_cases(struct solve_at input, struct need *need)
{
    double known = 0;
    for (int i = 0; i < need->input.places * need->input.past; i++) {
        known += need->input.history[i];
    }
    if (solve_has(input, "cases_to_come")) {
        BG_TRY(read_given(input, need));
    } else if (known > 0) {
        BG_TRY(forecast_cases(input, need));
    }
    need->input.cases = need->cases;
    return BG_DONE;
}

/* --- the rest --- */
static bg_err read_mode(struct solve_at input, double *ret)
{
    static const char *const names[] = { "normal", "extended", "crisis", NULL };
    static const double use[] = { 1, 0.6, 0.35 };
    int mode;
    if (json_is_number(json_object_get(input.value, "mode"))) {
        return solve_number(input, "mode", 0.01, 10, ret);
    }
    BG_TRY(solve_choice_or(input, "mode", names, 0, &mode));
    *ret = use[mode];
    return BG_DONE;
}

/* Learned coefficients: the table's value as prior, issues as evidence, faded by their age. */
static bg_err read_learned(struct solve_at input, struct need *need)
{
    static const char *const fields[] = { "driver", "item", "issued", "exposure", "dispersion", "age_days", NULL };
    struct solve_at list, at;
    size_t count;
    if (!solve_has(input, "learned")) {
        return BG_DONE;
    }
    BG_TRY(solve_array(input, "learned", 1, 1000, &list, &count));
    struct demand_direct *direct = bg_arena_array(input.arena, (size_t)need->model.directs + count + 1, sizeof *direct);
    BG_TRY(bg_need(direct));
    memcpy(direct, need->model.direct, (size_t)need->model.directs * sizeof *direct);
    for (size_t i = 0; i < count; i++) {
        bg_str driver, item;
        double issued, exposure, dispersion, age;
        BG_TRY(solve_item(list, i, &at));
        BG_TRY(solve_fields(at, fields));
        BG_TRY(solve_text(at, "driver", 100, &driver));
        BG_TRY(solve_text(at, "item", 100, &item));
        BG_TRY(solve_number(at, "issued", 0, 1e12, &issued));
        BG_TRY(solve_number(at, "exposure", 1e-9, 1e12, &exposure));
        BG_TRY(solve_number_or(at, "dispersion", 2, 1, 1e6, &dispersion));
        BG_TRY(solve_number_or(at, "age_days", 0, 0, 3660, &age));
        int k = tables_find_driver(&need->tables, driver), m = tables_find_item(&need->tables, item);
        if (k < 0 || m < 0) {
            return solve_bad(at, k < 0 ? "driver" : "item", "表中没有", "not in the tables");
        }
        struct demand_coefficient c = demand_coefficient(&need->model, k, m);
        struct demand_belief prior = demand_prior(c.kit + c.direct > 0 ? c.kit + c.direct : issued / exposure + 1e-9, 0.5),
                             belief = prior;
        BG_TRY(demand_learn(&belief, issued, exposure, dispersion));
        demand_fade(&belief, prior, 0.98, age);
        direct[need->model.directs + (int)i] =
            (struct demand_direct){ k, m, belief.alpha / belief.beta, fmin(belief.alpha, 1e9), true };
    }
    need->model.direct = direct;
    need->model.directs += (int)count;
    return BG_DONE;
}

static bg_err read_shown(struct solve_at input, struct need *need)
{
    struct solve_at list, at;
    size_t count = 0;
    bg_str name;
    BG_TRY(bg_need(need->shown = bg_arena_array(input.arena, (size_t)need->model.items + 1, sizeof *need->shown)));
    if (!solve_has(input, "items")) {
        for (int i = 0; i < need->model.items; i++) {
            need->shown[need->shown_count++] = i;
        }
        return BG_DONE;
    }
    BG_TRY(solve_array(input, "items", 1, (size_t)need->model.items, &list, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(solve_item(list, i, &at));
        BG_TRY(solve_value_text(at, 100, &name));
        int item = tables_find_item(&need->tables, name);
        if (item < 0) {
            return solve_bad(at, NULL, "物资表中没有", "not in the table of items");
        }
        need->shown[need->shown_count++] = item;
    }
    return BG_DONE;
}

static bg_err read_run(struct solve_at input, struct need *need)
{
    int64_t days, paths, seed, threads;
    need->dated = solve_has(input, "date");
    if (need->dated) {
        BG_TRY(solve_date(input, "date", &need->date));
    }
    BG_TRY(solve_int_or(input, "days", 14, 1, DEMAND_DAYS_MAX, &days));
    BG_TRY(solve_int_or(input, "paths", 2000, 1, 20000, &paths));
    BG_TRY(solve_int_or(input, "seed", 1, 0, INT64_C(9007199254740991), &seed));
    BG_TRY(solve_int_or(input, "threads", 1, 1, 2, &threads));
    need->input =
        (struct demand_input){ .days = (int)days, .paths = (int)paths, .seed = (uint64_t)seed, .threads = (int)threads };
    BG_TRY(bg_need(need->step = bg_arena_array(input.arena, (size_t)days, sizeof *need->step)));
    for (int t = 0; t < days; t++) {
        need->step[t] = t + 1;
    }
    need->input.steps = (int)days;
    need->input.step = need->step;
    return BG_DONE;
}

bg_err need_read(struct solve_at input, struct solve_report *report, struct need *ret)
{
    static const char *const uses[] = { "low", "middle", "high", NULL };
    int use;
    bool doubt;
    double mode;
    *ret = (struct need){ 0 };
    BG_TRY(read_run(input, ret));
    BG_TRY(tables_read(input, &ret->tables));
    BG_TRY(solve_choice_or(input, "coefficients", uses, TABLES_MIDDLE, &use));
    BG_TRY(solve_flag_or(input, "doubt", true, &doubt));
    BG_TRY(read_mode(input, &mode));
    BG_TRY(tables_model(&ret->tables, (enum tables_use)use, doubt, input.arena, &ret->model, &ret->driver));
    ret->model.use = mode;
    if (ret->model.items < 1) {
        return solve_bad(input, "tables", "物资表是空的", "the table of items is empty");
    }
    BG_TRY(read_places(input, ret));
    BG_TRY(read_rounds(input, ret));
    BG_TRY(read_learned(input, ret));
    BG_TRY(read_shown(input, ret));
    ret->input.model = &ret->model;
    BG_TRY(need_afford(input, report, &ret->input, 1));
    BG_TRY(read_cases(input, ret));
    report->seeded = true;
    report->seed = ret->input.seed;
    return BG_DONE;
}
