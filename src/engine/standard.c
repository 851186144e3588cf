/* Standards from paths: one pass over the days keeps each path's worst shortfall so far; levels read it at their horizons. */
#include "engine/standard.h"

#include <math.h>
#include <string.h>

#include "engine/demand_impl.h"

struct judge { /* what one thread works in; the third is the city's */
    float *worst; /* [items][paths] M so far */
    float *sorted, *room; /* [paths] */
    double *own; /* [levels][items] of the present place */
};

struct standard {
    const struct demand_input *in;
    const struct standard_level *levels;
    const struct standard_item *items;
    int level_count;
    struct standard_result *result;
    struct judge judge[3];
    double *local; /* [levels][items][places] what each district's own part should be */
    double *alone; /* [levels][items][places] its own p-quantile */
    uint8_t *day; /* [items][paths] of the worst shortfall, of the city */
    float *stale; /* [items][paths] pieces of lots expired so far */
};

double standard_quantile(const float *sorted, int count, double p)
{
    double rank = ceil(p * count - 1e-9);
    int at = rank < 1 ? 0 : (rank > count ? count - 1 : (int)rank - 1);
    return (double)sorted[at];
}

void standard_sort(float *values, float *room, int count)
{
    enum { BITS = 11, SLOTS = 1 << BITS };
    float *from = values, *to = room;
    for (int pass = 0; pass < 3; pass++) {
        uint32_t start[SLOTS + 1] = { 0 };
        for (int n = 0; n < count; n++) {
            uint32_t bits;
            memcpy(&bits, &from[n], sizeof bits);
            start[((bits >> (pass * BITS)) & (SLOTS - 1)) + 1]++;
        }
        for (int s = 0; s < SLOTS; s++) {
            start[s + 1] += start[s];
        }
        for (int n = 0; n < count; n++) {
            uint32_t bits;
            memcpy(&bits, &from[n], sizeof bits);
            to[start[(bits >> (pass * BITS)) & (SLOTS - 1)]++] = from[n];
        }
        float *other = from;
        from = to;
        to = other;
    }
    memcpy(values, from, (size_t)count * sizeof *values); /* three passes end in the room */
}

double standard_calibrate(double q, double p, const double *residual, int count, bool *ret_certified)
{
    *ret_certified = false;
    if (residual == NULL || count < 1) {
        return q;
    }
    double rank = ceil((count + 1) * p - 1e-9);
    *ret_certified = rank <= count;
    int at = rank > count ? count - 1 : (rank < 1 ? 0 : (int)rank - 1), below;
    double value = 0;
    for (int i = 0; i < count; i++) { /* the at-th smallest: few residuals, no order assumed */
        int equal = 0;
        below = 0;
        for (int j = 0; j < count; j++) {
            below += residual[j] < residual[i];
            equal += residual[j] == residual[i];
        }
        if (below <= at && at < below + equal) {
            value = residual[i];
            break;
        }
    }
    return fmax(0, (q + 1) * exp(value) - 1);
}

double standard_worth(double shortage, double holding)
{
    return shortage / (shortage + holding);
}

int standard_cover(const double *out, int days, double p)
{
    for (int t = 0; t < days; t++) {
        if (out[t] > 1 - p + 1e-12) {
            return t + 1;
        }
    }
    return days + 1;
}

/* --- one place --- */
static double inflow_at(const struct standard_item *item, int step)
{
    return item->inflow != NULL ? item->inflow[step] : 0;
}

static int64_t cells(const struct standard *s, int level, int item)
{
    return (int64_t)level * s->in->model->items + item;
}

static void judge_item(struct standard *s, struct judge *j, int step, int item, const float *values, uint8_t *day)
{
    float *restrict worst = &j->worst[(size_t)item * (size_t)s->in->paths];
    float inflow = day != NULL ? (float)inflow_at(&s->items[item], step) : 0; /* arrives at the city's depot, not in districts */
    if (step == 0) {
        memset(worst, 0, (size_t)s->in->paths * sizeof *worst);
    }
    if (day == NULL) {
        for (int n = 0; n < s->in->paths; n++) {
            float v = values[n] - inflow;
            worst[n] = v > worst[n] ? v : worst[n];
        }
        return;
    }
    for (int n = 0; n < s->in->paths; n++) {
        float v = values[n] - inflow;
        day[n] = v > worst[n] ? (uint8_t)(step + 1) : day[n];
        worst[n] = v > worst[n] ? v : worst[n];
    }
}

static void place_levels(struct standard *s, struct judge *j, int place, int step, int item)
{
    size_t paths = (size_t)s->in->paths;
    bool sorted = false;
    for (int g = 0; g < s->level_count; g++) {
        if (s->levels[g].horizon != step + 1) {
            continue;
        }
        if (!sorted) {
            memcpy(j->sorted, &j->worst[(size_t)item * paths], paths * sizeof *j->sorted);
            standard_sort(j->sorted, j->room, s->in->paths);
            sorted = true;
        }
        size_t at = (size_t)cells(s, g, item) * (size_t)s->in->places + (size_t)place;
        double local = s->items[item].local;
        s->local[at] = local > 0 ? standard_quantile(j->sorted, s->in->paths, local) : 0;
        s->alone[at] = standard_quantile(j->sorted, s->in->paths, s->levels[g].service);
    }
}

/* --- the city --- */
static void city_trials(struct standard *s, int step, int item, const struct demand_values *values)
{
    const struct standard_item *it = &s->items[item];
    const float *worst = &s->judge[2].worst[(size_t)item * (size_t)s->in->paths];
    bool last = step == s->in->steps - 1;
    for (int t = 0; t < it->trials; t++) {
        struct standard_trial *trial = &s->result->trial[item * STANDARD_TRIALS_MAX + t];
        int out = 0;
        double unmet = 0, waste = 0, later = it->baseline * fmax(0, it->shelf_days - s->in->days);
        float stock = (float)it->trial[t];
        for (int n = 0; n < s->in->paths; n++) {
            float miss = worst[n] - stock;
            out += miss > 0;
            unmet += (double)(miss > 0 ? miss : 0);
        }
        for (int n = 0; last && it->shelf_days > 0 && n < s->in->paths; n++) {
            waste += fmax(0, it->trial[t] - (double)values->at[n] - later);
        }
        trial->out[step] = (double)out / s->in->paths;
        trial->waste = waste / s->in->paths;
        for (int g = 0; g < s->level_count; g++) {
            if (s->levels[g].horizon == step + 1) {
                trial->service[g] = 1 - (double)out / s->in->paths;
                trial->unmet[g] = unmet / s->in->paths;
            }
        }
    }
}

/* First expiry first used: by day e all that expires by e is either used or stale, W(e) = max(W before, Q(e) - D(e)). */
static void city_lots(struct standard *s, int step, int item, const float *values)
{
    const struct standard_item *it = &s->items[item];
    float *stale = &s->stale[(size_t)item * (size_t)s->in->paths];
    double quantity = 0;
    bool last = step == s->in->steps - 1;
    for (int l = 0; l < it->lots; l++) {
        quantity += it->lot[l];
        int beyond = it->lot_day[l] - s->in->days;
        if (it->lot_day[l] != step + 1 && !(last && beyond > 0)) {
            continue;
        }
        float more = (float)(beyond > 0 ? it->baseline * beyond : 0), q = (float)quantity;
        for (int n = 0; n < s->in->paths; n++) {
            float left = q - values[n] - more;
            stale[n] = left > stale[n] ? left : stale[n];
        }
    }
    double sum = 0;
    for (int n = 0; last && n < s->in->paths; n++) {
        sum += (double)stale[n];
    }
    s->result->lot_waste[item] = sum / s->in->paths;
}

/* The path whose shortfall is the quantile: its day and its scenario say what binds. */
static void deciding_path(struct standard *s, struct standard_cell *cell, int item)
{
    const float *worst = &s->judge[2].worst[(size_t)item * (size_t)s->in->paths];
    int best = 0;
    for (int n = 1; n < s->in->paths; n++) {
        if (fabs((double)worst[n] - cell->quantile) < fabs((double)worst[best] - cell->quantile)) {
            best = n;
        }
    }
    cell->day = s->day[(size_t)item * (size_t)s->in->paths + (size_t)best];
    cell->scenario = s->in->scenarios > 0 ? demand_scenario(s->in, best) : -1;
}

static int64_t whole_packs(double quantity, int64_t pack, bool up)
{
    double packs = quantity / (double)pack;
    packs = up ? ceil(packs - 1e-9) : floor(packs + 1e-9);
    return (int64_t)fmin(packs, 9e14 / (double)pack) * pack;
}

/* Districts keep what their own service asks for, scaled down where that is more than the city's; the rest is pooled. */
static void split(const struct standard *s, struct standard_cell *cell, int level, int item)
{
    const double *local = &s->local[cells(s, level, item) * s->in->places],
                 *alone = &s->alone[cells(s, level, item) * s->in->places];
    double sum = 0;
    cell->separate = 0;
    for (int p = 0; p < s->in->places; p++) {
        sum += local[p];
        cell->separate += alone[p];
    }
    double scale = sum > (double)cell->standard ? (double)cell->standard / sum : 1;
    cell->pooled = cell->standard;
    for (int p = 0; p < s->in->places; p++) {
        cell->part[p] = whole_packs(local[p] * scale, s->items[item].pack, false);
        cell->part[p] = cell->part[p] > cell->pooled ? cell->pooled : cell->part[p];
        cell->pooled -= cell->part[p];
    }
}

static void city_level(struct standard *s, int g, int item, const struct demand_values *values)
{
    const struct standard_level *level = &s->levels[g];
    const struct standard_item *it = &s->items[item];
    size_t paths = (size_t)s->in->paths, at = (size_t)cells(s, g, item);
    struct standard_cell *cell = &s->result->cell[at];
    float *sorted = &s->result->shortfall[at * paths];
    memcpy(sorted, &s->judge[2].worst[(size_t)item * paths], paths * sizeof *sorted);
    standard_sort(sorted, s->judge[2].room, s->in->paths);
    cell->quantile = standard_quantile(sorted, s->in->paths, level->service);
    cell->calibrated = standard_calibrate(cell->quantile, level->service, level->residual, level->residuals, &cell->certified);
    cell->floor = level->floor_rounds * it->round_need + level->floor_days * it->baseline;
    cell->by_floor = cell->floor > cell->calibrated;
    cell->standard = whole_packs(fmax(cell->floor, cell->calibrated), it->pack, true);
    s->result->mean[at] = values->sum / s->in->paths;
    deciding_path(s, cell, item);
    split(s, cell, g, item);
}

static void standard_sink(void *ctx, int place, int step, int item, const struct demand_values *values)
{
    struct standard *s = ctx;
    if (place < s->in->places) {
        struct judge *j = &s->judge[place & 1];
        judge_item(s, j, step, item, values->at, NULL);
        place_levels(s, j, place, step, item);
        return;
    }
    judge_item(s, &s->judge[2], step, item, values->at, &s->day[(size_t)item * (size_t)s->in->paths]);
    city_trials(s, step, item, values);
    city_lots(s, step, item, values->at);
    for (int g = 0; g < s->level_count; g++) {
        if (s->levels[g].horizon == step + 1) {
            city_level(s, g, item, values);
        }
    }
}

/* --- checks and memory --- */
static bg_err check_levels(const struct demand_input *in, const struct standard_level *levels, int count)
{
    if (count < 1 || count > STANDARD_LEVELS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "levels");
    }
    for (int g = 0; g < count; g++) {
        const struct standard_level *l = &levels[g];
        if (l->horizon < 1 || l->horizon > in->days) {
            return BG_FAIL_AT(BG_BAD_INPUT, "horizon");
        }
        if (!(l->service > 0 && l->service < 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "service");
        }
        if (!(l->floor_rounds >= 0 && l->floor_rounds <= 1000) || !(l->floor_days >= 0 && l->floor_days <= 3660)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "floor");
        }
        if (l->residuals < 0 || l->residuals > 10000 || (l->residuals > 0 && l->residual == NULL)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "residual");
        }
        for (int r = 0; r < l->residuals; r++) {
            if (!(fabs(l->residual[r]) <= 50)) {
                return BG_FAIL_AT(BG_BAD_INPUT, "residual");
            }
        }
    }
    return BG_DONE;
}

static bool amount_good(double value)
{
    return value >= 0 && value <= DEMAND_AMOUNT_MAX;
}

static bg_err check_item(const struct demand_input *in, const struct standard_item *it)
{
    if (it->pack < 1 || it->pack > 1000000000) {
        return BG_FAIL_AT(BG_BAD_INPUT, "pack");
    }
    if (!amount_good(it->round_need) || !amount_good(it->baseline) || !(it->shelf_days >= 0 && it->shelf_days <= 36600)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "baseline");
    }
    if (!(it->local >= 0 && it->local < 1)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "local");
    }
    for (int t = 0; it->inflow != NULL && t < in->days; t++) {
        if (!amount_good(it->inflow[t]) || (t > 0 && it->inflow[t] < it->inflow[t - 1])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "inflow");
        }
    }
    if (it->trials < 0 || it->trials > STANDARD_TRIALS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "trial");
    }
    for (int t = 0; t < it->trials; t++) {
        if (!amount_good(it->trial[t])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "trial");
        }
    }
    bool lots = it->lots >= 0 && it->lots <= STANDARD_LOTS_MAX;
    for (int l = 0; lots && l < it->lots; l++) {
        lots = amount_good(it->lot[l]) && it->lot_day[l] >= 1 && it->lot_day[l] <= 36600 &&
               (l == 0 || it->lot_day[l] >= it->lot_day[l - 1]);
    }
    return lots ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "lots");
}

static bg_err check(const struct demand_input *in, const struct standard_level *levels, int count,
                    const struct standard_item *items)
{
    BG_TRY(demand_check(in));
    if (in->steps != in->days || in->step[0] != 1) {
        return BG_FAIL_AT(BG_BAD_INPUT, "steps");
    }
    BG_TRY(check_levels(in, levels, count));
    for (int i = 0; i < in->model->items; i++) {
        BG_TRY(check_item(in, &items[i]));
    }
    return BG_DONE;
}

#define GET(what, count) BG_TRY(bg_need((what) = bg_arena_array(arena, (count), sizeof *(what))))

static bg_err allocate(struct standard *s, struct bg_arena *arena, struct standard_result *r)
{
    size_t items = (size_t)s->in->model->items, levels = (size_t)s->level_count, paths = (size_t)s->in->paths;
    size_t places = (size_t)s->in->places, cell_count = items * levels;
    for (int j = 0; j < 3; j++) {
        GET(s->judge[j].worst, items * paths);
        GET(s->judge[j].sorted, paths);
        GET(s->judge[j].room, paths);
    }
    GET(s->day, items * paths);
    GET(s->stale, items * paths);
    GET(s->local, cell_count * places);
    GET(s->alone, cell_count * places);
    GET(r->cell, cell_count);
    GET(r->shortfall, cell_count * paths);
    GET(r->mean, cell_count);
    GET(r->lot_waste, items);
    GET(r->trial, items * STANDARD_TRIALS_MAX);
    for (size_t c = 0; c < cell_count; c++) {
        GET(r->cell[c].part, places);
    }
    for (size_t i = 0; i < items; i++) {
        for (int t = 0; t < s->items[i].trials; t++) {
            struct standard_trial *trial = &r->trial[i * STANDARD_TRIALS_MAX + (size_t)t];
            GET(trial->out, (size_t)s->in->days);
            GET(trial->service, levels);
            GET(trial->unmet, levels);
        }
    }
    return BG_DONE;
}

bg_err standard_run(const struct demand_input *in, const struct standard_level *levels, int level_count,
                    const struct standard_item *items, struct bg_arena *arena, struct standard_result *ret)
{
    BG_TRY(check(in, levels, level_count, items));
    struct standard_result result = { 0 };
    struct standard s = { .in = in, .levels = levels, .items = items, .level_count = level_count, .result = &result };
    BG_TRY(allocate(&s, arena, &result));
    BG_TRY(demand_run(in, standard_sink, &s, NULL));
    *ret = result;
    return BG_DONE;
}
