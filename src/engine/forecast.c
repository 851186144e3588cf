/* Preparing a forecast: the posterior of R_0, what the past still infects, the over-dispersion; and running it on threads. */
#include "engine/forecast.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "engine/forecast_impl.h"
#include "engine/gamma.h"
#include "engine/outbreak.h"

#define PRIOR_SHAPE 1.0
#define PRIOR_SCALE 2.0 /* mean and deviation 2: says little, and nothing once ten cases are there */
#define CITY_SHAPE 3.0 /* a district's prior of R: the city's mean with the weight of three cases */
#define DISPERSION_DAYS 10
#define DISPERSION_LEAST 1.2
#define DISPERSION_MOST 100.0
#define THREADS_MAX 64
#define SLOW_DAYS 21
#define SLOW_AGE 28 /* days with a busy week behind them, after which params.learn has its full weight */
#define SLOW_BUSY 5.0 /* cases in a week */
#define SLOW_PRIOR 2.0
#define FLOOR_DAYS 28

struct forecast_params forecast_params_default(void)
{
    return (struct forecast_params){ .r_end = 0.70,
                                     .learn = 0.7,
                                     .arrivals = 0.15,
                                     .phi = 0.78,
                                     .sigma = 0.36,
                                     .phi_delayed = 0.92,
                                     .share = 0.5,
                                     .serial_mean = 3.0,
                                     .serial_sd = 2.0,
                                     .dispersion = 1.2,
                                     .window = 3 };
}

static bool within(double x, double low, double high)
{
    return x >= low && x <= high; /* false for NaN */
}

static bg_err check_params(const struct forecast_params *p)
{
    bool good = within(p->r_end, 0.01, 20) && within(p->learn, 0, 1) && within(p->arrivals, 0, 1) && within(p->phi, 0, 1) &&
                within(p->sigma, 0, 3) && within(p->phi_delayed, 0, 1) && within(p->share, 0, 1) &&
                within(p->serial_mean, 1.01, 15) && within(p->serial_sd, 0.1, 15) && within(p->dispersion, 0.01, 100) &&
                p->window >= 1 && p->window <= 60;
    return good ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "params");
}

static bg_err check_range(const double *values, size_t count, double least, double most, const char *field)
{
    for (size_t i = 0; values != NULL && i < count; i++) {
        if (!within(values[i], least, most)) {
            return BG_FAIL_AT(BG_BAD_INPUT, field);
        }
    }
    return BG_DONE;
}

static bg_err check_library(const struct forecast_library *library)
{
    for (int i = 0; i < library->count; i++) {
        const struct forecast_curve *curve = &library->curves[i];
        if (curve->days < 1 || curve->days > FORECAST_HISTORY_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "library");
        }
        for (int day = 0; day < curve->days; day++) {
            if (curve->cases[day] < 0 || curve->cases[day] > FORECAST_DAILY_MAX) {
                return BG_FAIL_AT(BG_BAD_INPUT, "library");
            }
        }
    }
    return library->count >= 0 ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "library");
}

static bg_err check_input(const struct forecast_input *in)
{
    if (in->districts < 1 || in->districts > FORECAST_DISTRICTS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "districts");
    }
    if (in->days < 1 || in->days > FORECAST_HISTORY_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "days");
    }
    if (in->horizon < 1 || in->horizon > FORECAST_HORIZON_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "horizon");
    }
    if ((unsigned)in->scenario >= FORECAST_SCENARIOS) {
        return BG_FAIL_AT(BG_BAD_INPUT, "scenario");
    }
    size_t districts = (size_t)in->districts;
    BG_TRY(check_range(in->cases, districts * (size_t)in->days, 0, FORECAST_DAILY_MAX, "cases"));
    BG_TRY(check_range(in->residents, districts, 0, 1e10, "residents"));
    return check_range(in->imports, districts, 0, FORECAST_DAILY_MAX, "imports");
}

/* ---------- over-dispersion, posterior, infectiousness ---------- */

static double mean_of(const double *x, int from, int upto)
{
    double sum = 0;
    for (int i = from; i < upto; i++) {
        sum += x[i];
    }
    return sum / (upto - from);
}

/* Variance over mean around the three-day mean (centred; at the edge of what is there). */
static double dispersion_of(const double *cases, int days, double factor)
{
    int first = days > DISPERSION_DAYS ? days - DISPERSION_DAYS : 0;
    double sum = 0;
    int count = 0;
    for (int t = first; t < days; t++) {
        double m = mean_of(cases, t > 0 ? t - 1 : 0, t + 2 < days ? t + 2 : days);
        if (m > 0) {
            sum += (cases[t] - m) * (cases[t] - m) / m;
            count++;
        }
    }
    double f = count > 0 ? factor * sum / count : DISPERSION_LEAST;
    return fmin(fmax(f, DISPERSION_LEAST), DISPERSION_MOST);
}

struct posterior {
    double shape, scale;
};

/* Shape and scale of R at the end of the series. */
static struct posterior posterior_of(const double *cases, int days, const double *serial, int window, double f,
                                     struct posterior prior)
{
    double sum = 0, force = 0;
    for (int t = days > window ? days - window : 0; t < days; t++) {
        sum += cases[t];
        for (int k = 1; k < LAGS && k <= t; k++) {
            force += serial[k] * cases[t - k];
        }
    }
    return (struct posterior){ prior.shape + sum / f, 1 / (1 / prior.scale + force / f) };
}

/* What this outbreak has shown over three weeks, at most 1, mixed in as it grows older: a plateau is not about to end. */
static double end_of(const double *cases, int days, const double *serial, const struct forecast_params *p)
{
    struct posterior slow =
        posterior_of(cases, days, serial, SLOW_DAYS, 1, (struct posterior){ SLOW_PRIOR * p->r_end, 1 / SLOW_PRIOR });
    int age = 0;
    while (age < SLOW_AGE && age < days && mean_of(cases, days - age > 7 ? days - age - 7 : 0, days - age) * 7 >= SLOW_BUSY) {
        age++;
    }
    double weight = p->learn * age / SLOW_AGE, own = fmin(fmax(slow.shape * slow.scale, 0.3), 1);
    return (1 - weight) * log(p->r_end) + weight * log(own);
}

/* The lowest weekly mean of the last four weeks. */
static double floor_of(const double *cases, int days)
{
    double least = INFINITY;
    for (int t = days - FLOOR_DAYS < 7 ? 7 : days - FLOOR_DAYS; t <= days; t++) {
        least = fmin(least, mean_of(cases, t - 7, t));
    }
    return isinf(least) ? 0 : least;
}

/* The cube root of a gamma quantile is nearly linear in the normal deviate (Wilson and Hilferty), so few points do. */
static void start_table(struct posterior r, float table[START_POINTS])
{
    for (int i = 0; i < START_POINTS; i++) {
        double z = START_REACH * (2.0 * i / (START_POINTS - 1) - 1);
        table[i] = (float)cbrt(gamma_quantile(r.shape, 0.5 * erfc(-z * M_SQRT1_2)) * r.scale);
    }
}

static void force_left(const double *cases, int days, const double *serial, int horizon, float *force)
{
    for (int h = 0; h < horizon; h++) {
        double sum = 0;
        for (int k = h + 1; k < LAGS && k - h <= days; k++) {
            sum += serial[k] * cases[days + h - k];
        }
        force[h] = (float)sum;
    }
}

/* ---------- the library ---------- */

/* Curves that had, on the same day of their outbreak, about as many cases in all weigh more: a normal kernel of deviation 1 in
 * logs. */
static bg_err pick_curves(struct forecast *forecast, const struct forecast_library *library, double total)
{
    forecast->picks = bg_heap_get((size_t)(library->count + 1) * sizeof *forecast->picks);
    BG_TRY(bg_need(forecast->picks));
    double sum = 0;
    for (int i = 0; i < library->count; i++) {
        const struct forecast_curve *curve = &library->curves[i];
        double had = 0;
        for (int day = 0; day < forecast->since && day < curve->days; day++) {
            had += curve->cases[day];
        }
        double apart = log1p(had) - log1p(total);
        sum += exp(-0.5 * apart * apart) + 1e-6;
        int32_t *copy = bg_heap_get((size_t)curve->days * sizeof *copy);
        BG_TRY(bg_need(copy));
        memcpy(copy, curve->cases, (size_t)curve->days * sizeof *copy);
        forecast->picks[forecast->curves++] = (struct forecast_pick){ sum, copy, curve->days };
    }
    return BG_DONE;
}

static bg_err prepare_library(struct forecast *forecast, const struct forecast_input *in, const double *city)
{
    int first = 0;
    double total = 0, residents = 0;
    while (first < in->days && city[first] <= 0) {
        first++;
    }
    for (int t = 0; t < in->days; t++) {
        total += city[t];
    }
    forecast->since = in->days - first;
    for (int d = 0; in->residents != NULL && d < in->districts; d++) {
        residents += in->residents[d];
    }
    for (int d = 0; d < in->districts; d++) {
        struct forecast_place *place = &forecast->places[d];
        double prior = residents > 0 ? in->residents[d] / residents : 1.0 / in->districts;
        place->share = (float)((place->past + 3 * prior) / (total + 3));
    }
    const struct forecast_library *library = in->library != NULL ? in->library : forecast_library_shipped();
    BG_TRY(check_library(library));
    return library->count > 0 ? pick_curves(forecast, library, total) : BG_FAIL_AT(BG_BAD_INPUT, "library");
}

/* ---------- open, close ---------- */

static void set_scenario(struct forecast *forecast, const struct forecast_params *p, enum forecast_scenario scenario)
{
    forecast->phi = (float)p->phi;
    forecast->sigma = (float)p->sigma;
    forecast->pace = (float)p->phi;
    forecast->start_least = -20;
    if (scenario == FORECAST_DELAYED) {
        forecast->pace = (float)fmax(p->phi_delayed, p->phi);
        forecast->from_end = true;
    } else if (scenario == FORECAST_FAILS) {
        forecast->pace = 1;
        forecast->start_least = 0;
        forecast->from_end = true;
    }
}

/* Days and districts added up into ret[days]. */
static void add_up(const struct forecast_input *in, double *ret)
{
    for (int t = 0; t < in->days; t++) {
        ret[t] = 0;
        for (int d = 0; d < in->districts; d++) {
            ret[t] += in->cases[(size_t)d * (size_t)in->days + (size_t)t];
        }
    }
}

static bg_err prepare(struct forecast *forecast, const struct forecast_input *in, const struct forecast_params *p, double *city)
{
    double serial[LAGS], total = 0;
    BG_TRY(outbreak_serial(p->serial_mean, p->serial_sd, LAGS, serial));
    add_up(in, city);
    for (int k = 0; k < LAGS; k++) {
        forecast->serial[k] = (float)serial[k];
    }
    struct posterior prior = { PRIOR_SHAPE, PRIOR_SCALE };
    if (in->districts > 1) {
        struct posterior all =
            posterior_of(city, in->days, serial, p->window, dispersion_of(city, in->days, p->dispersion), prior);
        prior = (struct posterior){ CITY_SHAPE, all.shape * all.scale / CITY_SHAPE };
    }
    for (int d = 0; d < in->districts; d++) {
        struct forecast_place *place = &forecast->places[d];
        const double *cases = in->cases + (size_t)d * (size_t)in->days;
        double f = dispersion_of(cases, in->days, p->dispersion);
        place->dispersion = (float)f;
        place->residents = in->residents != NULL ? (float)in->residents[d] : 0;
        place->imports = (float)(in->imports != NULL ? in->imports[d] : p->arrivals * floor_of(cases, in->days));
        place->log_end = (float)end_of(cases, in->days, serial, p);
        double past = mean_of(cases, 0, in->days) * in->days;
        place->past = (float)past;
        total += past;
        start_table(posterior_of(cases, in->days, serial, p->window, f, prior), place->start);
        force_left(cases, in->days, serial, in->horizon, place->force);
    }
    forecast->library = total < FORECAST_LIBRARY_BELOW - 1e-9;
    return forecast->library ? prepare_library(forecast, in, city) : BG_DONE;
}

bg_err forecast_open(const struct forecast_input *in, struct forecast **ret)
{
    BG_TRY(check_input(in));
    struct forecast_params params = in->params != NULL ? *in->params : forecast_params_default();
    BG_TRY(check_params(&params));
    struct forecast *forecast = bg_heap_get(sizeof *forecast);
    BG_TRY(bg_need(forecast));
    forecast->districts = in->districts;
    forecast->horizon = in->horizon;
    forecast->key[0] = (uint32_t)in->seed;
    forecast->key[1] = (uint32_t)(in->seed >> 32);
    double share = in->districts > 1 ? params.share : 0;
    forecast->own = (float)sqrt(1 - share);
    forecast->common = (float)sqrt(share);
    set_scenario(forecast, &params, in->scenario);
    forecast->places = bg_heap_get((size_t)in->districts * sizeof *forecast->places);
    double *city = bg_heap_get((size_t)in->days * sizeof *city);
    bg_err e = forecast->places != NULL && city != NULL ? prepare(forecast, in, &params, city) : BG_FAIL(BG_NO_MEMORY);
    bg_heap_free(city);
    if (bg_failed(e)) {
        forecast_close(forecast);
        return e;
    }
    *ret = forecast;
    return BG_DONE;
}

void forecast_close(struct forecast *forecast)
{
    if (forecast == NULL) {
        return;
    }
    for (int i = 0; i < forecast->curves; i++) {
        bg_heap_free(forecast->picks[i].cases);
    }
    bg_heap_free(forecast->picks);
    bg_heap_free(forecast->places);
    bg_heap_free(forecast);
}

bool forecast_is_library(const struct forecast *forecast)
{
    return forecast->library;
}

/* ---------- paths ---------- */

/* Lanes to rows: cases[horizon][FORECAST_LANES] of one district into `count` paths. */
static void put_lanes(const struct forecast *forecast, const float *cases, int district, int count, int32_t *ret)
{
    size_t row = (size_t)forecast->districts * (size_t)forecast->horizon;
    for (int lane = 0; lane < count; lane++) {
        int32_t *to = ret + (size_t)lane * row + (size_t)district * (size_t)forecast->horizon;
        for (int day = 0; day < forecast->horizon; day++) {
            to[day] = (int32_t)cases[day * FORECAST_LANES + lane];
        }
    }
}

void forecast_paths(const struct forecast *forecast, int first, int count, int32_t *ret)
{
    _Alignas(64) float common[FORECAST_STEP_FLOATS], cases[FORECAST_STEP_FLOATS];
    size_t row = (size_t)forecast->districts * (size_t)forecast->horizon;
    for (int i = 0; forecast->library && i < count; i++) {
        forecast_library_path(forecast, (uint32_t)(first + i), ret + (size_t)i * row);
    }
    for (int i = 0; !forecast->library && i < count; i += FORECAST_LANES) {
        int lanes = count - i < FORECAST_LANES ? count - i : FORECAST_LANES;
        if (forecast->common > 0) {
            forecast_common(forecast, (uint32_t)(first + i), common);
        } else {
            memset(common, 0, (size_t)forecast->horizon * FORECAST_LANES * sizeof *common);
        }
        for (int d = 0; d < forecast->districts; d++) {
            forecast_step(forecast, d, (uint32_t)(first + i), common, cases);
            put_lanes(forecast, cases, d, lanes, ret + (size_t)i * row);
        }
    }
}

struct part {
    const struct forecast *forecast;
    int first, count;
    int32_t *ret;
};

static void *part_run(void *at)
{
    const struct part *part = at;
    forecast_paths(part->forecast, part->first, part->count, part->ret);
    return NULL;
}

bg_err forecast_run(const struct forecast *forecast, int paths, int threads, int32_t *ret)
{
    if (paths < 1 || paths > FORECAST_PATHS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "paths");
    }
    if (threads < 1 || threads > THREADS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "threads");
    }
    struct part parts[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    bool started[THREADS_MAX] = { false };
    size_t row = (size_t)forecast->districts * (size_t)forecast->horizon;
    for (int i = 0; i < threads; i++) {
        int first = (int)((int64_t)paths * i / threads), next = (int)((int64_t)paths * (i + 1) / threads);
        parts[i] = (struct part){ forecast, first, next - first, ret + (size_t)first * row };
        started[i] = i > 0 && pthread_create(&ids[i], NULL, part_run, &parts[i]) == 0;
    }
    for (int i = 0; i < threads; i++) {
        if (started[i]) {
            (void)pthread_join(ids[i], NULL);
        } else {
            (void)part_run(&parts[i]); /* the first part, and any for which no thread could be had */
        }
    }
    return BG_DONE;
}
