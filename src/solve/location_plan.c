/* `location-plan`: where to open forward depots (前置库), from a document, with what each decision costs, solved again. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "engine/location.h"
#include "solve/inner.h"
#include "solve/why.h"

#define SITES_MAX 500
#define PLACES_MAX 5000
#define PAIRS_MAX 1000000
#define SHARE_LEAST 1e-9

static const char *const states[] = { "candidate", "open", "closed", NULL };
enum state { CANDIDATE, MUST, NEVER };

struct input {
    struct location_problem p; /* cost: INFINITY where the cap on time forbids it */
    struct solve_names *sites, *places;
    double *fixed, *capacity, *demand, *cost, *plain; /* plain: costs without the cap */
    double *site_x, *site_y, *place_x, *place_y;
    double *minutes; /* [sites x places] or NULL */
    double minutes_max, total_demand, total_fixed;
    uint8_t *state;
    bool capped;
};

static bg_err doubles(struct solve_at at, size_t count, double **ret)
{
    *ret = bg_arena_array(at.arena, count + 1, sizeof **ret);
    return bg_need(*ret);
}

static bg_err read_sites(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "name", "fixed", "capacity", "x", "y", "state", NULL };
    struct solve_at list, row;
    size_t count;
    BG_TRY(solve_array(at, "sites", 1, SITES_MAX, &list, &count));
    BG_TRY(solve_names_open(at.arena, count, &in->sites));
    BG_TRY(doubles(at, count, &in->fixed));
    BG_TRY(doubles(at, count, &in->capacity));
    BG_TRY(doubles(at, count, &in->site_x));
    BG_TRY(doubles(at, count, &in->site_y));
    in->state = bg_arena_array(at.arena, count, sizeof *in->state);
    BG_TRY(bg_need(in->state));
    for (size_t i = 0; i < count; i++) {
        int32_t index;
        int state;
        BG_TRY(solve_item(list, i, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->sites, row, "name", &index));
        BG_TRY(solve_number(row, "fixed", 0, 1e12, &in->fixed[i]));
        BG_TRY(solve_number(row, "capacity", 1e-6, 1e12, &in->capacity[i]));
        BG_TRY(solve_number_or(row, "x", 0, -1e8, 1e8, &in->site_x[i]));
        BG_TRY(solve_number_or(row, "y", 0, -1e8, 1e8, &in->site_y[i]));
        BG_TRY(solve_choice_or(row, "state", states, CANDIDATE, &state));
        in->state[i] = (uint8_t)state;
        in->total_fixed += in->fixed[i];
    }
    in->p.sites = (int32_t)count;
    return BG_DONE;
}

static bg_err read_places(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "name", "demand", "x", "y", NULL };
    struct solve_at list, row;
    size_t count;
    BG_TRY(solve_array(at, "places", 1, PLACES_MAX, &list, &count));
    if (count * (size_t)in->p.sites > PAIRS_MAX) {
        return solve_bad(at, "places", "候选库点数乘需求点数不得超过一百万", "sites times places may be a million at most");
    }
    BG_TRY(solve_names_open(at.arena, count, &in->places));
    BG_TRY(doubles(at, count, &in->demand));
    BG_TRY(doubles(at, count, &in->place_x));
    BG_TRY(doubles(at, count, &in->place_y));
    for (size_t j = 0; j < count; j++) {
        int32_t index;
        BG_TRY(solve_item(list, j, &row));
        BG_TRY(solve_fields(row, fields));
        BG_TRY(solve_names_add(in->places, row, "name", &index));
        BG_TRY(solve_number(row, "demand", 1e-6, 1e12, &in->demand[j]));
        BG_TRY(solve_number_or(row, "x", 0, -1e8, 1e8, &in->place_x[j]));
        BG_TRY(solve_number_or(row, "y", 0, -1e8, 1e8, &in->place_y[j]));
        in->total_demand += in->demand[j];
    }
    in->p.customers = (int32_t)count;
    return BG_DONE;
}

/* A row a site, a number a place. */
static bg_err read_matrix(struct solve_at at, const struct input *in, const char *name, double max, double *ret)
{
    struct solve_at list, row;
    size_t count, sites = (size_t)in->p.sites, places = (size_t)in->p.customers;
    BG_TRY(solve_array(at, name, sites, sites, &list, &count));
    for (size_t i = 0; i < sites; i++) {
        BG_TRY(solve_item(list, i, &row));
        if (!json_is_array(row.value) || json_array_size(row.value) != places) {
            return solve_bad(row, NULL, "每行应与需求点一样多", "a row has one number for each place");
        }
        for (size_t j = 0; j < places; j++) {
            const json_t *value = json_array_get(row.value, j);
            ret[i * places + j] = json_number_value(value);
            if (!json_is_number(value) || !(json_number_value(value) >= 0 && json_number_value(value) <= max)) {
                struct solve_at item;
                BG_TRY(solve_item(row, j, &item));
                BG_TRY(solve_value_number(item, 0, max, &ret[i * places + j]));
            }
        }
    }
    return BG_DONE;
}

/* Kilometres from a matrix or by the coordinates, then the cost and the minutes of every pair. */
static bg_err read_pairs(struct solve_at at, struct input *in)
{
    size_t places = (size_t)in->p.customers, all = (size_t)in->p.sites * places;
    double carry, detour, speed, *km;
    BG_TRY(solve_number_or(at, "cost_per_km", 1, 0, 1e9, &carry));
    BG_TRY(solve_number_or(at, "detour", 1.3, 1, 10, &detour));
    BG_TRY(solve_number_or(at, "speed_kmh", 30, 1, 200, &speed));
    BG_TRY(solve_number_or(at, "minutes_max", 0, 0.1, 100000, &in->minutes_max));
    in->capped = in->minutes_max > 0;
    BG_TRY(doubles(at, all, &km));
    BG_TRY(doubles(at, all, &in->cost));
    BG_TRY(doubles(at, all, &in->plain));
    BG_TRY(doubles(at, all, &in->minutes));
    if (solve_has(at, "km")) {
        BG_TRY(read_matrix(at, in, "km", 1e5, km));
    } else {
        for (size_t a = 0; a < all; a++) {
            size_t i = a / places, j = a % places;
            km[a] = detour / 1000 * hypot(in->site_x[i] - in->place_x[j], in->site_y[i] - in->place_y[j]);
        }
    }
    bool unit = solve_has(at, "unit_cost"), minutes = solve_has(at, "minutes");
    if (unit) {
        BG_TRY(read_matrix(at, in, "unit_cost", 1e9, in->plain));
    }
    if (minutes) {
        BG_TRY(read_matrix(at, in, "minutes", 1e6, in->minutes));
    }
    for (size_t a = 0; a < all; a++) {
        in->plain[a] = in->demand[a % places] * (unit ? in->plain[a] : carry * km[a]);
        in->minutes[a] = minutes ? in->minutes[a] : km[a] / speed * 60;
        in->cost[a] = in->capped && in->minutes[a] > in->minutes_max ? INFINITY : in->plain[a];
    }
    in->p.fixed = in->fixed;
    in->p.capacity = in->capacity;
    in->p.demand = in->demand;
    in->p.cost = in->cost;
    return BG_DONE;
}

static bg_err read_input(struct solve_at at, struct input *in)
{
    static const char *const fields[] = { "sites",   "places",    "km",          "unit_cost", "minutes", "cost_per_km",
                                          "detour",  "speed_kmh", "minutes_max", NULL };
    BG_TRY(solve_fields(at, fields));
    BG_TRY(read_sites(at, in));
    BG_TRY(read_places(at, in));
    return read_pairs(at, in);
}

/* --- solving --- */
struct plan {
    double cost, bound;
    bool *open; /* [sites] */
    double *share; /* [sites x places] */
};

/* One search gets its part of the time that is granted. */
struct turn {
    struct solve_report *report;
    double until;
};

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool turn_over(void *ctx)
{
    const struct turn *turn = ctx;
    return now_seconds() > turn->until || solve_past(turn->report);
}

/* The sites of one search: those allowed, with what they cost in it. */
struct search {
    struct location_problem p;
    double *fixed, *capacity, *cost, *share;
    int32_t *site; /* of the search -> of the document */
    bool *open;
    double paid; /* for sites that are open whatever is chosen */
    double priciest; /* a unit, among pairs allowed */
};

static bg_err search_open(const struct input *in, const uint8_t *state, struct bg_arena *arena, struct search *s)
{
    size_t places = (size_t)in->p.customers, sites = (size_t)in->p.sites;
    *s = (struct search){ .p = { .customers = in->p.customers, .demand = in->demand } };
    s->fixed = bg_arena_array(arena, sites, sizeof *s->fixed);
    s->capacity = bg_arena_array(arena, sites, sizeof *s->capacity);
    s->cost = bg_arena_array(arena, sites * places, sizeof *s->cost);
    s->share = bg_arena_array(arena, sites * places, sizeof *s->share);
    s->site = bg_arena_array(arena, sites, sizeof *s->site);
    s->open = bg_arena_array(arena, sites, sizeof *s->open);
    if (s->fixed == NULL || s->capacity == NULL || s->cost == NULL || s->share == NULL || s->site == NULL || s->open == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < sites; i++) {
        if (state[i] == NEVER) {
            continue;
        }
        s->fixed[s->p.sites] = state[i] == MUST ? 0 : in->fixed[i];
        s->paid += state[i] == MUST ? in->fixed[i] : 0;
        s->capacity[s->p.sites] = in->capacity[i];
        s->site[s->p.sites++] = (int32_t)i;
        for (size_t j = 0; j < places; j++) {
            double c = in->p.cost[i * places + j] / in->demand[j];
            s->priciest = isfinite(c) && c > s->priciest ? c : s->priciest;
        }
    }
    s->p.fixed = s->fixed;
    s->p.capacity = s->capacity;
    s->p.cost = s->cost;
    return BG_DONE;
}

/* Pairs that are forbidden cost `penalty` a unit; true when the plan found uses none of them. */
static bg_err search_at(const struct input *in, struct search *s, double penalty, struct turn *turn, struct location_result *ret,
                        bool *ret_clean)
{
    size_t places = (size_t)in->p.customers;
    for (size_t k = 0; k < (size_t)s->p.sites; k++) {
        for (size_t j = 0; j < places; j++) {
            double c = in->p.cost[(size_t)s->site[k] * places + j];
            s->cost[k * places + j] = isfinite(c) ? c : penalty * in->demand[j];
        }
    }
    BG_TRY(location_solve(&s->p, &(struct location_limits){ .stop = turn_over, .ctx = turn }, ret, s->open, s->share));
    *ret_clean = true;
    for (size_t a = 0; a < (size_t)s->p.sites * places; a++) {
        size_t k = a / places, j = a % places;
        *ret_clean = *ret_clean && (s->share[a] <= SHARE_LEAST || isfinite(in->p.cost[(size_t)s->site[k] * places + j]));
    }
    return BG_DONE;
}

/* Solves with the sites in these states; BG_LOCATION_SMALL when they can not serve everyone. The penalties make the bound that of a
 * relaxed problem, so it holds; the transport of the plan is worked out again over the pairs that are allowed. */
static bg_err solve_states(const struct input *in, const uint8_t *state, struct turn *turn, struct bg_arena *arena, struct plan *ret)
{
    struct search s;
    struct location_result r;
    bool clean = false;
    BG_TRY(search_open(in, state, arena, &s));
    if (s.p.sites == 0) {
        return BG_FAIL(BG_LOCATION_SMALL);
    }
    for (int32_t i = 0; i < in->p.sites; i++) {
        ret->open[i] = state[i] != NEVER;
    }
    BG_TRY(location_assign(&in->p, ret->open, &ret->cost, ret->share)); /* all of them: possible at all? */
    double penalty = 4 * s.priciest + 1 + 10 * in->total_fixed / in->total_demand;
    for (int round = 0; round < 4 && !clean; round++, penalty *= 50) {
        BG_TRY(search_at(in, &s, penalty, turn, &r, &clean));
        ret->bound = round == 0 ? r.bound : fmax(ret->bound, r.bound);
    }
    if (clean) {
        for (int32_t i = 0; i < in->p.sites; i++) {
            ret->open[i] = state[i] == MUST;
        }
        for (int32_t k = 0; k < s.p.sites; k++) {
            ret->open[s.site[k]] = ret->open[s.site[k]] || s.open[k];
        }
        BG_TRY(location_assign(&in->p, ret->open, &ret->cost, ret->share));
    }
    /* The flow rounds costs a unit to 1e-9 of the dearest: so much less is proved. */
    double rounding = in->total_demand * (in->capped ? penalty / 50 : s.priciest) * 1e-9;
    ret->bound = fmin(ret->bound + s.paid - (in->capped ? rounding : 0), ret->cost);
    ret->bound = fmax(ret->bound, 0);
    return BG_DONE;
}

/* --- what each decision costs --- */
struct effects {
    double *without, *with; /* [sites] whole cost with an open one closed, a closed one opened; NAN: not worked out; INFINITY: impossible */
    double uncapped; /* cost without the cap on time; NAN */
    int32_t best; /* the closed site that is best to open, solved in full; -1 */
};

static bg_err plan_open(const struct input *in, struct bg_arena *arena, struct plan *ret)
{
    size_t sites = (size_t)in->p.sites;
    ret->open = bg_arena_array(arena, sites, sizeof *ret->open);
    ret->share = bg_arena_array(arena, sites * (size_t)in->p.customers, sizeof *ret->share);
    BG_TRY(bg_need(ret->open));
    return bg_need(ret->share);
}

/* Solved again with one site in another state; a dearer world than possible reads INFINITY. A cheaper plan than the one we have is kept. */
static bg_err again(const struct input *in, int32_t site, enum state as, double seconds, struct solve_report *report, struct plan *best,
                    double *ret)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
    BG_TRY(bg_need(arena));
    struct plan other = { 0 };
    BG_TRY(plan_open(in, arena, &other));
    uint8_t *state = bg_arena_array(arena, (size_t)in->p.sites, sizeof *state);
    BG_TRY(bg_need(state));
    memcpy(state, in->state, (size_t)in->p.sites);
    state[site] = (uint8_t)as;
    struct turn turn = { report, now_seconds() + seconds };
    bg_err e = solve_states(in, state, &turn, arena, &other);
    if (e.code == BG_LOCATION_SMALL) {
        *ret = INFINITY;
        return BG_DONE;
    }
    BG_TRY(e);
    *ret = other.cost;
    bool allowed = in->state[site] == CANDIDATE;
    if (allowed && other.cost < best->cost) { /* only where the first search ran out of time */
        memcpy(best->open, other.open, (size_t)in->p.sites * sizeof *best->open);
        memcpy(best->share, other.share, (size_t)in->p.sites * (size_t)in->p.customers * sizeof *best->share);
        best->cost = other.cost;
    }
    return BG_DONE;
}

/* The closed sites, each opened besides the others: one transport each; then the best of them solved in full. */
static bg_err openings(const struct input *in, double seconds, struct solve_report *report, struct plan *best, struct effects *f)
{
    for (int32_t i = 0; i < in->p.sites && !solve_past(report); i++) {
        if (best->open[i] || in->state[i] != CANDIDATE) {
            continue;
        }
        best->open[i] = true;
        bg_err e = location_assign(&in->p, best->open, &f->with[i], NULL);
        best->open[i] = false;
        BG_TRY(e);
        f->best = f->best < 0 || f->with[i] < f->with[f->best] ? i : f->best;
    }
    return f->best >= 0 && !solve_past(report) ? again(in, f->best, MUST, seconds, report, best, &f->with[f->best]) : BG_DONE;
}

static bg_err explain(const struct input *in, double seconds, struct solve_report *report, struct plan *best, struct effects *f)
{
    f->best = -1;
    f->uncapped = NAN;
    for (int32_t i = 0; i < in->p.sites; i++) {
        f->without[i] = f->with[i] = NAN;
    }
    for (int32_t i = 0; i < in->p.sites && !solve_past(report); i++) {
        if (best->open[i]) {
            BG_TRY(again(in, i, NEVER, seconds, report, best, &f->without[i]));
        }
    }
    BG_TRY(openings(in, seconds, report, best, f));
    if (in->capped && !solve_past(report)) {
        BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
        BG_TRY(bg_need(arena));
        struct input loose = *in;
        struct plan other = { 0 };
        loose.p.cost = in->plain;
        loose.capped = false;
        struct turn turn = { report, now_seconds() + seconds };
        BG_TRY(plan_open(&loose, arena, &other));
        BG_TRY(solve_states(&loose, in->state, &turn, arena, &other));
        f->uncapped = other.cost;
    }
    return BG_DONE;
}

/* --- the answer --- */
static void put_assigned(struct bg_buf *out, const struct input *in, const struct plan *plan, int32_t i)
{
    double load = 0, carry = 0, slowest = 0;
    bg_json_key(out, "serves");
    bg_json_array(out);
    for (int32_t j = 0; j < in->p.customers; j++) {
        size_t a = (size_t)i * (size_t)in->p.customers + (size_t)j;
        if (plan->share[a] <= SHARE_LEAST) {
            continue;
        }
        load += plan->share[a] * in->demand[j];
        carry += plan->share[a] * in->p.cost[a];
        slowest = fmax(slowest, in->minutes[a]);
        bg_json_object(out);
        bg_json_put_str(out, "place", solve_names_at(in->places, j));
        bg_json_put_double(out, "quantity", plan->share[a] * in->demand[j]);
        bg_json_put_double(out, "minutes", in->minutes[a]);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_put_double(out, "load", load);
    bg_json_put_double(out, "capacity", in->capacity[i]);
    bg_json_put_double(out, "fixed", in->fixed[i]);
    bg_json_put_double(out, "carry", carry);
    bg_json_put_double(out, "slowest_minutes", slowest);
}

/* The reason in words of one decision; "would" is the whole cost without it. */
static bg_err put_site_why(struct solve_report *report, const struct plan *plan, bg_str name, bool open, double would, bool told)
{
    if (isnan(would)) {
        bg_json_put_bool(report->out, "explained", false);
        return BG_DONE;
    }
    bg_json_put_bool(report->out, "explained", true);
    if (!isfinite(would)) {
        bg_json_put_bool(report->out, "needed", true);
        return told ? solve_reason_format(report, "“%.*s”不能不开：没有它，其余库点在条件内供应不了全部需求（已重新计算）。",
                                          "\"%.*s\" has to be open: without it the others can not serve everyone within the conditions "
                                          "(solved again).",
                                          BG_STR_FMT(name))
                    : BG_DONE;
    }
    const char *zh = bg_arena_text(report->arena, open ? "“%.*s”开设" : "“%.*s”不开设", BG_STR_FMT(name));
    const char *en = bg_arena_text(report->arena, open ? "\"%.*s\" is opened" : "\"%.*s\" is left closed", BG_STR_FMT(name));
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    struct solve_why why = { open ? "open" : "closed", zh, en, llround(plan->cost), llround(would) };
    bg_json_put_double(report->out, open ? "closing_adds" : "opening_adds", would - plan->cost);
    bg_json_key(report->out, "why");
    solve_put_why(report->out, &why);
    return told ? solve_reason_why(report, "总费用", "Whole cost", &why) : BG_DONE;
}

static bg_err put_sites(struct solve_report *report, const struct input *in, const struct plan *plan, const struct effects *f)
{
    for (int open = 1; open >= 0; open--) {
        bg_json_key(report->out, open ? "open" : "closed");
        bg_json_array(report->out);
        for (int32_t i = 0; i < in->p.sites; i++) {
            if (plan->open[i] != open) {
                continue;
            }
            bg_str name = solve_names_at(in->sites, i);
            bg_json_object(report->out);
            bg_json_put_str(report->out, "site", name);
            bg_json_put_str(report->out, "state", bg_str_of(states[in->state[i]]));
            if (open) {
                put_assigned(report->out, in, plan, i);
            }
            BG_TRY(put_site_why(report, plan, name, open, open ? f->without[i] : f->with[i], open || i == f->best));
            bg_json_object_end(report->out);
        }
        bg_json_array_end(report->out);
    }
    return BG_DONE;
}

static bg_err reasons(struct solve_report *report, const struct input *in, const struct plan *plan, const struct effects *f)
{
    double gap = plan->cost > 0 ? (plan->cost - plan->bound) / plan->cost : 0;
    int32_t open = 0;
    for (int32_t i = 0; i < in->p.sites; i++) {
        open += plan->open[i];
    }
    BG_TRY(solve_reason_format(report, "开设 %d 处，总费用 %.2f；任何方案不会低于 %.2f（已证明，差距 %.4f%%）。",
                               "%d sites are opened at a cost of %.2f; no plan can cost less than %.2f (proved; gap %.4f%%).", open,
                               plan->cost, plan->bound, 100 * gap));
    if (!in->capped || isnan(f->uncapped)) {
        return BG_DONE;
    }
    const char *zh = bg_arena_text(report->arena, "响应时限 %.0f 分钟", in->minutes_max);
    const char *en = bg_arena_text(report->arena, "the cap of %.0f minutes on the response", in->minutes_max);
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    struct solve_why why = { "minutes_max", zh, en, llround(plan->cost), llround(f->uncapped) };
    bg_json_key(report->out, "cap");
    solve_put_why(report->out, &why);
    return solve_reason_why(report, "总费用", "Whole cost", &why);
}

/* A place that no site reaches within the cap is named. */
static bg_err check_reach(struct solve_at at, const struct input *in)
{
    for (int32_t j = 0; j < in->p.customers; j++) {
        bool reached = false;
        for (int32_t i = 0; i < in->p.sites && !reached; i++) {
            reached = in->state[i] != NEVER && isfinite(in->p.cost[(size_t)i * (size_t)in->p.customers + (size_t)j]);
        }
        if (!reached) {
            bg_str name = solve_names_at(in->places, j);
            return solve_infeasible(at, bg_arena_text(at.arena, "“%.*s”在响应时限内没有可用库点，请放宽 minutes_max 或增加库点",
                                                      BG_STR_FMT(name)),
                                    bg_arena_text(at.arena, "no site reaches \"%.*s\" within the cap; raise minutes_max or add a site",
                                                  BG_STR_FMT(name)));
        }
    }
    return BG_DONE;
}

bg_err solve_do_location_plan(struct solve_at input, struct solve_report *report)
{
    struct input in = { 0 };
    struct plan plan = { 0 };
    struct effects f;
    BG_TRY(read_input(input, &in));
    BG_TRY(check_reach(input, &in));
    BG_TRY(plan_open(&in, report->arena, &plan));
    BG_TRY(doubles(input, (size_t)in.p.sites, &f.without));
    BG_TRY(doubles(input, (size_t)in.p.sites, &f.with));
    struct turn turn = { report, now_seconds() + report->seconds_max / 2 };
    BG_TRY(solve_states(&in, in.state, &turn, report->arena, &plan));
    int32_t searches = 3;
    for (int32_t i = 0; i < in.p.sites; i++) {
        searches += plan.open[i];
    }
    double before, each = report->seconds_max / 2 / searches;
    do { /* once more when an explanation found a cheaper plan */
        before = plan.cost;
        BG_TRY(explain(&in, each, report, &plan, &f));
    } while (plan.cost < before && !solve_past(report));
    plan.bound = fmin(plan.bound, plan.cost);
    report->solver = "Lagrangian bound, branch and bound, network simplex";
    report->gap_known = true;
    report->gap = plan.cost > 0 ? (plan.cost - plan.bound) / plan.cost : 0;
    bg_json_put_double(report->out, "cost", plan.cost);
    bg_json_put_double(report->out, "bound", plan.bound);
    BG_TRY(reasons(report, &in, &plan, &f));
    return put_sites(report, &in, &plan, &f);
}
