/* Checks of the demand model, one path in double precision, coefficients and what is learned from issues. */
#include "engine/demand_impl.h"

#include <math.h>

static bool within(double value, double max)
{
    return value >= 0 && value <= max; /* false for NaN */
}

static bg_err check_list(const double *list, int64_t count, double max, const char *field)
{
    for (int64_t i = 0; list != NULL && i < count; i++) {
        if (!within(list[i], max)) {
            return BG_FAIL_AT(BG_BAD_INPUT, field);
        }
    }
    return BG_DONE;
}

static bool driver_good(const struct demand_driver *d, int index)
{
    if ((int)d->rule < 0 || d->rule >= DEMAND_RULES || !within(d->rate, DEMAND_AMOUNT_MAX)) {
        return false;
    }
    switch (d->rule) {
    case DEMAND_FIXED: return d->amount != NULL && d->first >= 0 && (d->last >= d->first || d->last == 0);
    case DEMAND_STAY: return d->days >= 1 && d->days <= 365;
    case DEMAND_AFTER: return d->of >= 0 && d->of < index && d->days >= 0 && d->days <= 60;
    case DEMAND_NEW:
    case DEMAND_TOTAL:
    case DEMAND_ROUND:
    case DEMAND_RULES: break;
    }
    return true;
}

static bool shape_good(double shape)
{
    return shape == 0 || (shape >= 0.05 && shape <= 1e9);
}

static bg_err check_model(const struct demand_model *m, int places)
{
    if (m->drivers < 0 || m->drivers > DEMAND_DRIVERS_MAX || m->rows < 0 || m->rows > DEMAND_ROWS_MAX || m->directs < 0 ||
        m->directs > DEMAND_DIRECTS_MAX || m->levels < 0 || m->levels > DEMAND_LEVELS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "model");
    }
    if (m->items < 1 || m->items > DEMAND_ITEMS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "items");
    }
    for (int k = 0; k < m->drivers; k++) {
        if (!driver_good(&m->driver[k], k)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "driver");
        }
        BG_TRY(check_list(m->driver[k].rule == DEMAND_FIXED ? m->driver[k].amount : NULL, places, DEMAND_AMOUNT_MAX, "amount"));
        BG_TRY(check_list(m->driver[k].cap, places, DEMAND_AMOUNT_MAX, "cap"));
    }
    for (int r = 0; r < m->rows; r++) {
        const struct demand_row *row = &m->row[r];
        if (row->driver < 0 || row->driver >= m->drivers || row->level < 0 || row->level >= m->levels ||
            !within(row->rate, DEMAND_AMOUNT_MAX) || !shape_good(row->shape)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "row");
        }
    }
    for (int j = 0; j < m->directs; j++) {
        const struct demand_direct *d = &m->direct[j];
        if (d->driver < 0 || d->driver >= m->drivers || d->item < 0 || d->item >= m->items ||
            !within(d->rate, DEMAND_AMOUNT_MAX) || !shape_good(d->shape)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "direct");
        }
    }
    BG_TRY(check_list(m->kit, (int64_t)m->levels * m->items, 1e6, "kit"));
    BG_TRY(check_list(m->waste, m->items, 10, "waste"));
    BG_TRY(check_list(m->loss, m->items, 1, "loss"));
    BG_TRY(check_list(m->fielded, (int64_t)places * m->items, DEMAND_AMOUNT_MAX, "fielded"));
    return m->use > 0 && m->use <= 100 ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "use");
}

static bg_err check_rounds(const struct demand_input *in)
{
    if (in->scenarios < 0 || in->scenarios > DEMAND_SCENARIOS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "scenarios");
    }
    for (int s = 0; s < in->scenarios; s++) {
        if (!(in->weight[s] > 0 && in->weight[s] <= 1e6)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "weight");
        }
    }
    return check_list(in->scenarios > 0 ? in->sampled : NULL, (int64_t)in->scenarios * in->places * in->days, 1e10, "sampled");
}

bg_err demand_check(const struct demand_input *in)
{
    if (in->places < 1 || in->places > DEMAND_PLACES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "places");
    }
    if (in->days < 1 || in->days > DEMAND_DAYS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "days");
    }
    if (in->paths < 1 || in->paths > DEMAND_PATHS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "paths");
    }
    if (in->threads != 1 && in->threads != 2) {
        return BG_FAIL_AT(BG_BAD_INPUT, "threads");
    }
    if (in->past < 0 || in->past > 4000 || (in->past > 0 && in->history == NULL)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "history");
    }
    BG_TRY(check_model(in->model, in->places));
    BG_TRY(check_list(in->past > 0 ? in->history : NULL, (int64_t)in->places * in->past, 1e8, "history"));
    BG_TRY(check_rounds(in));
    bool rising = in->steps >= 1 && in->steps <= in->days && in->step[0] >= 1 && in->step[in->steps - 1] <= in->days;
    for (int i = 1; rising && i < in->steps; i++) {
        rising = in->step[i] > in->step[i - 1];
    }
    if (!rising) {
        return BG_FAIL_AT(BG_BAD_INPUT, "steps");
    }
    int64_t cells = in->cases != NULL ? (int64_t)in->paths * in->places * in->days : 0;
    for (int64_t i = 0; i < cells; i++) {
        if (in->cases[i] < 0 || in->cases[i] > 100000000) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cases");
        }
    }
    return demand_bytes(in) <= DEMAND_BYTES_MAX ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "paths");
}

struct demand_coefficient demand_coefficient(const struct demand_model *m, int driver, int item)
{
    struct demand_coefficient c = { 0, 0 };
    bool learned = false;
    for (int j = 0; j < m->directs; j++) {
        const struct demand_direct *d = &m->direct[j];
        if (d->driver == driver && d->item == item && d->learned) {
            c.direct = learned ? c.direct + d->rate : d->rate;
            learned = true;
        } else if (d->driver == driver && d->item == item && !learned) {
            c.direct += d->rate;
        }
    }
    double factor = (1 + (m->waste != NULL ? m->waste[item] : 0)) * m->use;
    for (int r = 0; r < m->rows && !learned; r++) {
        if (m->row[r].driver == driver) {
            c.kit += factor * m->row[r].rate * m->kit[(size_t)m->row[r].level * (size_t)m->items + (size_t)item];
        }
    }
    return c;
}

int demand_scenario(const struct demand_input *in, int path)
{
    double sum = 0, at = 0, u = demand_uniform(in->seed, DEMAND_STREAM_ROUNDS, (uint64_t)path, 0);
    for (int s = 0; s < in->scenarios; s++) {
        sum += in->weight[s];
    }
    for (int s = 0; s < in->scenarios; s++) {
        at += in->weight[s];
        if (u * sum < at) {
            return s;
        }
    }
    return in->scenarios - 1;
}

double demand_sampled(const struct demand_input *in, int scenario, int place, int day)
{
    if (in->scenarios == 0) {
        return 0;
    }
    if ((in->hold & DEMAND_HOLD_MEASURES) == 0) {
        return in->sampled[((size_t)scenario * (size_t)in->places + (size_t)place) * (size_t)in->days + (size_t)day - 1];
    }
    double sum = 0, weights = 0;
    for (int s = 0; s < in->scenarios; s++) {
        weights += in->weight[s];
        sum += in->weight[s] * in->sampled[((size_t)s * (size_t)in->places + (size_t)place) * (size_t)in->days + (size_t)day - 1];
    }
    return sum / weights;
}

/* Cases of one place up to day t (from 1; 0 and less: history), counted from `window` days before. */
static double cases_since(const struct demand_input *in, const int32_t *future, int place, int t, int window)
{
    double sum = 0;
    for (int day = t; day > t - window; day--) {
        if (day >= 1) {
            sum += future != NULL ? future[day - 1] : 0;
        } else if (-day < in->past) {
            sum += in->history[(size_t)place * (size_t)in->past + (size_t)(in->past - 1 + day)];
        } else {
            break;
        }
    }
    return sum;
}

static double capped(const struct demand_driver *d, int place, double amount)
{
    return d->cap != NULL && amount > d->cap[place] ? d->cap[place] : amount;
}

bg_err demand_drivers(const struct demand_input *in, int path, int place, double *ret)
{
    const struct demand_model *m = in->model;
    BG_TRY(demand_check(in));
    if (path < 0 || path >= in->paths || place < 0 || place >= in->places) {
        return BG_FAIL_AT(BG_BAD_INPUT, path < 0 || path >= in->paths ? "paths" : "places");
    }
    const int32_t *future =
        in->cases != NULL ? &in->cases[((size_t)path * (size_t)in->places + (size_t)place) * (size_t)in->days] : NULL;
    double waiting[DEMAND_DRIVERS_MAX] = { 0 };
    int scenario = in->scenarios > 0 ? demand_scenario(in, path) : 0;
    for (int t = 1; t <= in->days; t++) {
        double *x = &ret[(size_t)(t - 1) * (size_t)m->drivers];
        for (int k = 0; k < m->drivers; k++) {
            const struct demand_driver *d = &m->driver[k];
            double amount = 0;
            if (d->rule == DEMAND_FIXED) {
                amount = demand_active(d, t) ? d->amount[place] : 0;
            } else if (d->rule == DEMAND_ROUND) {
                amount = d->rate * demand_sampled(in, scenario, place, t);
            } else if (d->rule == DEMAND_AFTER) {
                amount = waiting[k] +
                         (t > d->days ? d->rate * ret[(size_t)(t - 1 - d->days) * (size_t)m->drivers + (size_t)d->of] : 0);
            } else {
                int window = d->rule == DEMAND_NEW ? 1 : (d->rule == DEMAND_STAY ? d->days : in->past + t);
                amount = d->rate * cases_since(in, future, place, t, window);
            }
            x[k] = capped(d, place, amount);
            waiting[k] = d->rule == DEMAND_AFTER ? amount - x[k] : 0;
        }
    }
    return BG_DONE;
}

/* --- learning --- */
struct demand_belief demand_prior(double mean, double cv)
{
    return (struct demand_belief){ .alpha = 1 / (cv * cv), .beta = 1 / (cv * cv) / mean };
}

bg_err demand_learn(struct demand_belief *belief, double issued, double exposure, double dispersion)
{
    return demand_learn_shared(belief, 1, &exposure, issued, dispersion);
}

void demand_fade(struct demand_belief *belief, struct demand_belief prior, double keep, double days)
{
    double left = pow(keep, days);
    belief->alpha = prior.alpha + (belief->alpha - prior.alpha) * left;
    belief->beta = prior.beta + (belief->beta - prior.beta) * left;
}

bg_err demand_learn_shared(struct demand_belief *beliefs, int count, const double *exposure, double issued, double dispersion)
{
    if (!within(issued, DEMAND_AMOUNT_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "issued");
    }
    if (!(dispersion >= 1 && dispersion <= 1e6)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "dispersion");
    }
    double expected = 0;
    for (int k = 0; k < count; k++) {
        if (!within(exposure[k], DEMAND_AMOUNT_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "exposure");
        }
        expected += beliefs[k].alpha / beliefs[k].beta * exposure[k];
    }
    if (!(expected > 0)) {
        return issued > 0 ? BG_FAIL_AT(BG_BAD_INPUT, "exposure") : BG_DONE; /* issues that nothing explains teach nothing */
    }
    for (int k = 0; k < count; k++) {
        double share = beliefs[k].alpha / beliefs[k].beta * exposure[k] / expected;
        beliefs[k].alpha += issued * share / dispersion;
        beliefs[k].beta += exposure[k] / dispersion;
    }
    return BG_DONE;
}
