/* Replays the first twelve days of past outbreaks: four ways to set what is ordered, the same start, the same suppliers, the
 * same needs. */
#include "cli/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "engine/forecast.h"
#include "engine/standard.h"

#define PATHS 4000
#define PLAN_DAYS 14 /* the engine looks two weeks ahead */
#define SHARE 0.95 /* of residents sampled in a round, as the engine expects it */
#define TRIED_PATHS 400 /* of them, on which orders are tried */
#define TRIED_ORDERS 60 /* sizes of order tried an item */
#define MODEL_CITY 10000000 /* residents of the city in which the other outbreaks are replayed */

const char *const replay_items[REPLAY_ITEMS] = { "FH01", "FH02", "FH03", "FH04", "FH05", "FH07", "FH08",
                                                 "FH09", "FH11", "CY01", "CY04", "XD01", "XD04", "XD09" };

/* What stays the same for all outbreaks. */
struct world {
    struct bg_arena *arena;
    struct tables *tables;
    struct demand_model model[REPLAY_USES]; /* what happens: low, middle, high, without doubt */
    struct demand_driver *driver[REPLAY_USES];
    struct demand_model belief[2]; /* what the engine thinks, in doubt: of Tianjin on 8 January, of the others */
    struct demand_driver *belief_driver[2];
    struct replay_city tianjin, city;
};

static int driver_of(const struct world *w, const char *name)
{
    return tables_find_driver(w->tables, bg_str_of(name));
}

/* Amounts and caps of the drivers for one place. */
static bg_err place_drivers(const struct world *w, struct demand_driver *driver, double residents)
{
    double *cells = bg_arena_array(w->arena, 2 * (size_t)w->tables->drivers, sizeof *cells);
    BG_TRY(bg_need(cells));
    for (int k = 0; k < w->tables->drivers; k++) {
        cells[2 * k] = k == driver_of(w, "resident") ? residents : (k == driver_of(w, "post") ? residents / 4000 : 0);
        cells[2 * k + 1] = w->tables->driver[k].by_residents ? residents : 1e12;
        driver[k].amount = &cells[2 * k];
        driver[k].cap = &cells[2 * k + 1];
    }
    return BG_DONE;
}

/* --- the city's fixed standards and suppliers, from the example city --- */
static double fixed_level(const struct demo_table *t, const char *item, const char *level, double residents, double quiet)
{
    double sum = 0;
    for (size_t r = 0; r < t->rows; r++) {
        double value = (double)demo_int(t, r, level);
        if (!bg_str_is(demo_cell(t, r, "item"), item) || bg_str_is(demo_cell(t, r, "scope"), "area")) {
            continue;
        }
        if (bg_str_is(demo_cell(t, r, "basis"), "per_100k")) {
            sum += value * residents / 100000;
        } else {
            sum += bg_str_is(demo_cell(t, r, "basis"), "days") ? value * quiet : value;
        }
    }
    return sum;
}

static double makers_output(const struct demo_table *t, const char *item)
{
    double sum = 0;
    for (size_t r = 0; r < t->rows; r++) {
        bg_str products = demo_cell(t, r, "products"), outputs = demo_cell(t, r, "daily_output");
        while (products.len > 0) {
            int64_t output;
            bg_str product = demo_word(&products), text = demo_word(&outputs);
            if (bg_str_is(product, item) && bg_str_int(text, &output)) {
                sum += (double)output;
            }
        }
    }
    return sum;
}

static double quiet_day(const struct world *w, int item, double residents)
{
    struct demand_coefficient c = demand_coefficient(&w->model[TABLES_MIDDLE], driver_of(w, "resident"), item);
    struct demand_coefficient p = demand_coefficient(&w->model[TABLES_MIDDLE], driver_of(w, "post"), item);
    return (c.kit + c.direct) * residents + (p.kit + p.direct) * residents / 4000;
}

static bg_err make_cities(struct world *w)
{
    struct demo_table standards, makers, districts;
    BG_TRY(demo_table_read("standards.csv", w->arena, &standards));
    BG_TRY(demo_table_read("makers.csv", w->arena, &makers));
    BG_TRY(demo_table_read("districts.csv", w->arena, &districts));
    struct replay_city *t = &w->tianjin;
    for (size_t r = 0; r < districts.rows; r++) {
        t->residents += (double)demo_int(&districts, r, "population");
    }
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        t->item[i] = tables_find_item(w->tables, bg_str_of(replay_items[i]));
        if (t->item[i] < 0) {
            return BG_FAIL_AT(BG_NOT_FOUND, replay_items[i]);
        }
        t->quiet[i] = quiet_day(w, t->item[i], t->residents);
        t->start[i] = fixed_level(&standards, replay_items[i], "level4", t->residents, t->quiet[i]);
        t->fixed[i] = fixed_level(&standards, replay_items[i], "level3", t->residents, t->quiet[i]);
        t->supply[i] = makers_output(&makers, replay_items[i]);
    }
    w->city = *t;
    double share = MODEL_CITY / t->residents;
    w->city.residents = MODEL_CITY;
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        w->city.quiet[i] *= share;
        w->city.start[i] *= share;
        w->city.fixed[i] *= share;
        w->city.supply[i] *= share;
    }
    return BG_DONE;
}

/* --- what happened --- */
/* Recorded drivers of Tianjin over the computed ones: people in quarantine and sampled; day 1 is 9 January. */
static bg_err recorded(const struct world *w, double *x)
{
    struct demo_table rounds, districts, operations;
    int drivers = w->tables->drivers, quarantine = driver_of(w, "quarantine"), sampling = driver_of(w, "sampling");
    BG_TRY(demo_table_read("rounds.csv", w->arena, &rounds));
    BG_TRY(demo_table_read("districts.csv", w->arena, &districts));
    BG_TRY(demo_table_read("operations.csv", w->arena, &operations));
    bg_date zero, at, before_day = 0;
    BG_TRY(bg_date_of(2022, 1, 8, &zero));
    for (int t = 0; t < REPLAY_DAYS; t++) {
        x[t * drivers + sampling] = 0;
    }
    for (size_t r = 0; r < rounds.rows; r++) {
        bg_str where = demo_cell(&rounds, r, "districts");
        double people = 0;
        at = demo_date(&rounds, r, "date");
        for (size_t d = 0; d < districts.rows; d++) {
            bg_str list = where, code = demo_cell(&districts, d, "code");
            bool hit = bg_str_is(where, "*");
            while (list.len > 0 && !hit) {
                hit = bg_str_eq(demo_word(&list), code);
            }
            people += hit ? (double)demo_int(&districts, d, "population") : 0;
        }
        if (at > zero && at <= zero + REPLAY_DAYS) {
            x[(at - zero - 1) * drivers + sampling] += people * (double)demo_int(&rounds, r, "share_permille") / 1000;
        }
    }
    double before = 0;
    for (size_t r = 0; r < operations.rows; r++) { /* under observation, on a straight line between the days published */
        if (!bg_str_is(demo_cell(&operations, r, "what"), "close contacts under observation")) {
            continue;
        }
        double now = (double)demo_int(&operations, r, "value");
        at = demo_date(&operations, r, "date");
        for (int t = 1; t <= REPLAY_DAYS && before_day > 0; t++) {
            bg_date day = zero + t;
            if (day > before_day && day <= at) {
                x[(t - 1) * drivers + quarantine] = before + (now - before) * (day - before_day) / (at - before_day);
            }
        }
        before = now;
        before_day = at;
    }
    return BG_DONE;
}

/* Rounds by rule: at days 1, 4 and 7, then every third day as long as there were new cases in the three days before. */
static void ruled_rounds(const int32_t *cases, double residents, double *sampled)
{
    for (int t = 1; t <= REPLAY_DAYS; t += 3) {
        int64_t recent = 0;
        for (int back = 0; back < 3 && t - back >= 0; back++) {
            recent += cases[t - back];
        }
        sampled[t - 1] = t <= 7 || recent > 0 ? 0.857 * residents : 0;
    }
}

/* Drivers of one place for one column of values, from the cases of day 0 and the twelve days after. */
static bg_err happened(const struct world *w, const struct replay_city *city, const int32_t *cases, int use, double *x)
{
    static const int step[1] = { REPLAY_DAYS };
    double sampled[REPLAY_DAYS] = { 0 }, weight = 1, first = cases[0];
    BG_TRY(place_drivers(w, w->driver[use], city->residents));
    ruled_rounds(cases, city->residents, sampled);
    struct demand_input in = { .model = &w->model[use],
                               .places = 1,
                               .days = REPLAY_DAYS,
                               .paths = 1,
                               .cases = cases + 1,
                               .past = 1,
                               .history = &first,
                               .scenarios = 1,
                               .weight = &weight,
                               .sampled = sampled,
                               .steps = 1,
                               .step = step,
                               .threads = 1 };
    return demand_drivers(&in, 0, 0, x);
}

/* Needs from drivers: followers of a driver that was recorded follow it. */
static void needs(const struct world *w, const struct replay_city *city, double *x, int use,
                  double need[REPLAY_DAYS][REPLAY_ITEMS])
{
    int drivers = w->tables->drivers;
    for (int t = 0; t < REPLAY_DAYS; t++) {
        for (int k = 0; k < drivers; k++) {
            const struct demand_driver *d = &w->driver[use][k];
            if (d->rule == DEMAND_AFTER && t >= d->days) {
                x[t * drivers + k] = d->rate * x[(t - d->days) * drivers + d->of];
            }
        }
        for (int i = 0; i < REPLAY_ITEMS; i++) {
            need[t][i] = 0;
            for (int k = 0; k < drivers; k++) {
                struct demand_coefficient c = demand_coefficient(&w->model[use], k, city->item[i]);
                need[t][i] += (c.kit + c.direct) * x[t * drivers + k];
            }
        }
    }
}

/* --- what the engine knows on the evening of day 0 --- */
/* Past outbreaks but those of the same province. */
static bg_err others(const struct world *w, const char *name, struct forecast_library *ret)
{
    const struct forecast_library *all = forecast_library_shipped();
    struct forecast_curve *curves = bg_arena_array(w->arena, (size_t)all->count, sizeof *curves);
    const char *blank = strrchr(name, ' ');
    size_t province = blank != NULL ? (size_t)(blank - name) + 1 : strlen(name);
    BG_TRY(bg_need(curves));
    *ret = (struct forecast_library){ .curves = curves };
    for (int c = 0; c < all->count; c++) {
        if (strncmp(all->curves[c].name, name, province) != 0) {
            curves[ret->count++] = all->curves[c];
        }
    }
    return BG_DONE;
}

/* Three, four or five rounds, each taking three days as the guide of 2021 gives a large city. */
static void expected_rounds(double residents, double *sampled)
{
    static const int rounds[3] = { 3, 4, 5 };
    for (int s = 0; s < 3; s++) {
        for (int r = 0; r < rounds[s] && 3 * r < PLAN_DAYS; r++) {
            sampled[s * PLAN_DAYS + 3 * r] = SHARE * residents;
        }
    }
}

struct sums {
    int items;
    float *at; /* [items of the tables][days + 1][PATHS] need since the start */
};
struct belief {
    float *wanted; /* [REPLAY_ITEMS][PATHS] worst shortfalls, ascending */
    struct sums sums;
};

static void keep_sums(void *ctx, int place, int step, int item, const struct demand_values *values)
{
    struct sums *s = ctx;
    if (place == 1) { /* the city, here of one place */
        memcpy(&s->at[((size_t)item * (PLAN_DAYS + 1) + (size_t)step + 1) * PATHS], values->at, PATHS * sizeof *s->at);
    }
}

/* Worst shortfall of a path against what makers deliver at full capacity from the third morning on. */
static float worst_shortfall(const float *need, double supply)
{
    double most = 0;
    for (int day = 1; day <= PLAN_DAYS; day++) {
        most = fmax(most, (double)need[(size_t)day * PATHS] - supply * (day >= REPLAY_LEAD ? day - REPLAY_LEAD + 1 : 0));
    }
    return (float)most;
}

/* What day 0's knowledge says of each item: worst shortfalls and whole paths. The caller frees ret->sums.at, also after a
 * failure. */
static bg_err believe(const struct world *w, const struct replay_city *city, const char *name, double first, struct belief *ret)
{
    static const double weight[3] = { 0.5, 0.3, 0.2 };
    int step[PLAN_DAYS];
    double *sampled = bg_arena_array(w->arena, 3 * PLAN_DAYS, sizeof *sampled);
    int32_t *cases = bg_arena_array(w->arena, (size_t)PATHS * PLAN_DAYS, sizeof *cases);
    float *wanted = bg_arena_array(w->arena, (size_t)REPLAY_ITEMS * PATHS, sizeof *wanted);
    struct sums sums = { w->tables->items, bg_heap_get(sizeof(float) * (size_t)w->tables->items * (PLAN_DAYS + 1) * PATHS) };
    struct forecast_library library;
    struct forecast *forecast;
    int which = city == &w->tianjin ? 0 : 1;
    float *room = bg_arena_array(w->arena, PATHS, sizeof *room);
    if (room == NULL || sampled == NULL || cases == NULL || wanted == NULL || sums.at == NULL) {
        bg_heap_free(sums.at);
        return BG_FAIL(BG_NO_MEMORY);
    }
    BG_TRY(others(w, name, &library));
    BG_TRY(forecast_open(
        &(struct forecast_input){
            .districts = 1, .days = 1, .cases = &first, .seed = 8, .horizon = PLAN_DAYS, .library = &library },
        &forecast));
    bg_err e = forecast_run(forecast, PATHS, 1, cases);
    forecast_close(forecast);
    BG_TRY(e);
    expected_rounds(city->residents, sampled);
    BG_TRY(place_drivers(w, w->belief_driver[which], city->residents));
    for (int t = 0; t < PLAN_DAYS; t++) {
        step[t] = t + 1;
    }
    struct demand_input in = { .model = &w->belief[which],
                               .places = 1,
                               .days = PLAN_DAYS,
                               .paths = PATHS,
                               .cases = cases,
                               .past = 1,
                               .history = &first,
                               .scenarios = 3,
                               .weight = weight,
                               .sampled = sampled,
                               .steps = PLAN_DAYS,
                               .step = step,
                               .seed = 8,
                               .threads = 1 };
    e = demand_run(&in, keep_sums, &sums, NULL);
    for (int i = 0; i < REPLAY_ITEMS && !bg_failed(e); i++) {
        for (int n = 0; n < PATHS; n++) {
            wanted[i * PATHS + n] =
                worst_shortfall(&sums.at[(size_t)city->item[i] * (PLAN_DAYS + 1) * PATHS + (size_t)n], city->supply[i]);
        }
        standard_sort(&wanted[i * PATHS], room, PATHS);
    }
    *ret = (struct belief){ wanted, sums };
    return e;
}

static double worth(const struct world *w, const struct replay_city *city, const double *pieces)
{
    double sum = 0;
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        sum += pieces[i] * w->tables->item[city->item[i]].price;
    }
    return sum;
}

/* One item through the days: what is ordered on the first evening comes at once by the backstop channel, later orders
 * make up the position within what makers deliver a day. hand[t] is told each evening; returns the pieces on order at the end. */
static double live_item(double start, double target, double supply, const double *need, double *hand, double *met, int days)
{
    double here = start, coming[PLAN_DAYS + REPLAY_LEAD + 1] = { 0 }, on_order = 0;
    hand[0] = here;
    for (int t = 0; t <= days; t++) { /* t = 0 is the evening of day 0: only an order */
        here += coming[t];
        on_order -= coming[t];
        if (t > 0) {
            met[t - 1] = fmin(here, need[t - 1]);
            here -= met[t - 1];
        }
        double order = fmax(0, target - here - on_order);
        order = t > 0 ? fmin(order, supply) : order;
        coming[t + REPLAY_LEAD] += order;
        on_order += order;
        hand[t] = here;
    }
    return on_order;
}

/* Expected days short of one item for an order of so many pieces on the first evening. */
static double days_short(const struct replay_city *city, const struct belief *b, int i, double order)
{
    const float *need = &b->sums.at[(size_t)city->item[i] * (PLAN_DAYS + 1) * PATHS];
    int count = 0;
    for (size_t n = 0; n < PATHS; n += PATHS / TRIED_PATHS) {
        double day[PLAN_DAYS], hand[PLAN_DAYS + 1], met[PLAN_DAYS];
        for (size_t t = 0; t < PLAN_DAYS; t++) {
            day[t] = (double)need[(t + 1) * PATHS + n] - (double)need[t * PATHS + n];
        }
        (void)live_item(city->start[i], city->start[i] + order, city->supply[i], day, hand, met, PLAN_DAYS);
        for (int t = 0; t < PLAN_DAYS; t++) {
            count += met[t] < day[t] * (1 - 1e-9) - 0.5;
        }
    }
    return (double)count / TRIED_PATHS;
}

/* Spends a budget so that the expected days short of all items together become as few as it can buy: items do not depend on each
 * other, so steps are taken along each item's lower hull of days short against money, the steepest first. */
static void spend(const struct world *w, const struct replay_city *city, const struct belief *b, double budget, double *target)
{
    static const double most = 0.999;
    double curve[REPLAY_ITEMS][TRIED_ORDERS + 1], step[REPLAY_ITEMS];
    int at[REPLAY_ITEMS] = { 0 };
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        double pack = (double)w->tables->item[city->item[i]].pack;
        double highest = fmax(0, standard_quantile(&b->wanted[i * PATHS], PATHS, most) - city->start[i]);
        step[i] = ceil(highest / TRIED_ORDERS / pack) * pack;
        for (int j = 0; j <= TRIED_ORDERS; j++) {
            curve[i][j] = days_short(city, b, i, j * step[i]);
        }
    }
    for (;;) {
        int item = -1, to = 0;
        double best = 0;
        for (int i = 0; i < REPLAY_ITEMS; i++) {
            double price = step[i] * w->tables->item[city->item[i]].price;
            for (int j = at[i] + 1; j <= TRIED_ORDERS && price > 0; j++) {
                double cost = (j - at[i]) * price, drop = curve[i][at[i]] - curve[i][j];
                if (cost <= budget && drop / cost > best) {
                    best = drop / cost;
                    item = i;
                    to = j;
                }
            }
        }
        if (item < 0) {
            break;
        }
        budget -= (to - at[item]) * step[item] * w->tables->item[city->item[item]].price;
        at[item] = to;
    }
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        target[i] = city->start[i] + at[i] * step[i];
    }
}

/* With the money that raising the fixed standard from level 4 to 3 costs; and the engine's own standard at 95 %. */
static void decide(const struct world *w, const struct replay_city *city, const struct belief *b, struct replay_run *run)
{
    spend(w, city, b, worth(w, city, city->fixed) - worth(w, city, city->start), run->target[REPLAY_MONEY]);
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        run->target[REPLAY_FULL][i] = fmax(city->start[i], standard_quantile(&b->wanted[i * PATHS], PATHS, 0.95));
    }
}

/* --- twelve days --- */
static void live(const struct world *w, const struct replay_city *city, struct replay_run *run, int use, int policy)
{
    struct replay_result *r = &run->result[use][policy];
    double needed = 0, missed = 0;
    *r = (struct replay_result){ 0 };
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        const struct tables_item *item = &w->tables->item[city->item[i]];
        double need[REPLAY_DAYS], hand[REPLAY_DAYS + 1], met[REPLAY_DAYS];
        for (int t = 0; t < REPLAY_DAYS; t++) {
            need[t] = run->need[use][t][i];
        }
        double on_order = live_item(run->start[policy][i], run->target[policy][i], city->supply[i], need, hand, met, REPLAY_DAYS);
        for (int t = 0; t < REPLAY_DAYS; t++) {
            r->short_days += met[t] < need[t] * (1 - 1e-9) - 0.5;
            needed += need[t] * item->price;
            missed += (need[t] - met[t]) * item->price;
            r->stock += hand[t + 1] * item->price / REPLAY_DAYS;
        }
        for (int t = 0; t <= REPLAY_DAYS; t++) {
            run->hand[use][policy][t][i] = hand[t];
        }
        double left = hand[REPLAY_DAYS] + on_order;
        double later = item->shelf_days > 0 ? city->quiet[i] * item->shelf_days : INFINITY;
        r->ordered += fmax(0, run->target[policy][i] - run->start[policy][i]) * item->price;
        r->left += left * item->price;
        r->waste += fmax(0, left - later) * item->price;
    }
    r->unmet = needed > 0 ? missed / needed : 0;
}

static bg_err replay_one(const struct world *w, const struct replay_city *city, const char *name, const int32_t *cases,
                         bool tianjin, struct replay_run *run)
{
    struct belief belief = { 0 };
    double *x = bg_arena_array(w->arena, (size_t)REPLAY_DAYS * (size_t)w->tables->drivers, sizeof *x);
    BG_TRY(bg_need(x));
    run->name = name;
    for (int t = 1; t <= REPLAY_DAYS; t++) {
        run->cases += cases[t];
    }
    for (int use = 0; use < REPLAY_USES; use++) {
        BG_TRY(happened(w, city, cases, use, x));
        BG_TRY(tianjin ? recorded(w, x) : BG_DONE);
        needs(w, city, x, use, run->need[use]);
    }
    bg_err e = believe(w, city, name, cases[0], &belief);
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        run->target[REPLAY_FIXED][i] = city->fixed[i];
        run->target[REPLAY_PLUS40][i] = 1.4 * city->fixed[i];
        for (int policy = 0; policy < REPLAY_POLICIES; policy++) {
            run->start[policy][i] = policy == REPLAY_PLUS40 ? 1.4 * city->start[i] : city->start[i];
        }
    }
    if (!bg_failed(e)) {
        decide(w, city, &belief, run);
    }
    bg_heap_free(belief.sums.at);
    BG_TRY(e);
    for (int use = 0; use < REPLAY_USES; use++) {
        for (int policy = 0; policy < REPLAY_POLICIES; policy++) {
            live(w, city, run, use, policy);
        }
    }
    return BG_DONE;
}

/* Local cases of 8 to 20 January as published. */
static bg_err tianjin_cases(const struct world *w, int32_t *ret)
{
    struct demo_table t;
    bg_date zero;
    BG_TRY(bg_date_of(2022, 1, 8, &zero));
    BG_TRY(demo_table_read("cases.csv", w->arena, &t));
    for (size_t r = 0; r < t.rows; r++) {
        bg_date day = demo_date(&t, r, "date");
        if (day >= zero && day <= zero + REPLAY_DAYS) {
            ret[day - zero] = (int32_t)demo_int(&t, r, "local_confirmed");
        }
    }
    return BG_DONE;
}

static bool measured_there(const struct world *w, int driver)
{
    static const char *const names[] = { "quarantine", "sealed", "controlled", "newly" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (driver == driver_of(w, names[i])) {
            return true;
        }
    }
    return w->tables->driver[driver].of >= 0 && measured_there(w, w->tables->driver[driver].of);
}

/* What the tables measured in Tianjin itself was not known on 8 January: contacts and zones at their low values, in great doubt.
 */
static void forget(struct world *w)
{
    struct demand_model *m = &w->belief[0];
    struct demand_row *row = (struct demand_row *)(uintptr_t)m->row;
    struct demand_direct *direct = (struct demand_direct *)(uintptr_t)m->direct;
    for (int k = 0; k < m->drivers; k++) {
        if (measured_there(w, k)) {
            w->belief_driver[0][k].rate = w->tables->driver[k].rate[TABLES_LOW];
        }
    }
    for (int r = 0; r < m->rows; r++) {
        row[r].shape = measured_there(w, row[r].driver) ? 1 : row[r].shape;
    }
    for (int j = 0; j < m->directs; j++) {
        direct[j].shape = measured_there(w, direct[j].driver) ? 1 : direct[j].shape;
    }
}

static bg_err world_open(struct bg_arena *arena, struct tables *tables, struct world *w)
{
    *w = (struct world){ .arena = arena, .tables = tables };
    BG_TRY(tables_shipped(arena, tables));
    for (int use = 0; use < REPLAY_USES; use++) {
        BG_TRY(tables_model(tables, (enum tables_use)use, false, arena, &w->model[use], &w->driver[use]));
    }
    for (int i = 0; i < 2; i++) {
        BG_TRY(tables_model(tables, TABLES_MIDDLE, true, arena, &w->belief[i], &w->belief_driver[i]));
    }
    forget(w);
    return make_cities(w);
}

bg_err replay_all(struct bg_arena *arena, struct tables *tables, struct replay_run **ret, int *ret_count)
{
    struct world w;
    const struct forecast_library *all = forecast_library_shipped();
    struct replay_run *runs = bg_arena_array(arena, (size_t)all->count + 1, sizeof *runs);
    int32_t cases[REPLAY_DAYS + 1] = { 0 };
    int count = 0;
    BG_TRY(bg_need(runs));
    BG_TRY(world_open(arena, tables, &w));
    BG_TRY(tianjin_cases(&w, cases));
    BG_TRY(replay_one(&w, &w.tianjin, "Tianjin 2022-01-08", cases, true, &runs[count++]));
    for (int c = 0; c < all->count; c++) {
        const struct forecast_curve *curve = &all->curves[c];
        if (curve->days <= REPLAY_DAYS) {
            continue;
        }
        for (int t = 0; t <= REPLAY_DAYS; t++) {
            cases[t] = curve->cases[t] > 0 ? curve->cases[t] : 0; /* corrections of earlier days are not days with cases */
        }
        BG_TRY(replay_one(&w, &w.city, curve->name, cases, false, &runs[count++]));
    }
    *ret = runs;
    *ret_count = count;
    return BG_DONE;
}
