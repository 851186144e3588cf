/* R by the renewal equation. */
#include "engine/outbreak.h"

#include <math.h>

#include "engine/gamma.h"

#define PRIOR_SHAPE 1.0
#define PRIOR_SCALE 5.0

static bg_err check_series(const double *values, int count, const char *field)
{
    for (int i = 0; i < count; i++) {
        if (!isfinite(values[i]) || values[i] < 0) {
            return BG_FAIL_AT(BG_BAD_INPUT, field);
        }
    }
    return BG_DONE;
}

static bg_err check_serial(const double *serial, int lags)
{
    BG_TRY(check_series(serial, lags, "serial"));
    double sum = 0;
    for (int k = 0; k < lags; k++) {
        sum += serial[k];
    }
    if (lags < 2 || serial[0] != 0 || fabs(sum - 1) > 0.01) {
        return BG_FAIL_AT(BG_BAD_INPUT, "serial");
    }
    return BG_DONE;
}

/* Total infectiousness on day t (from 0): sum over lags of serial[k] x incidence[t - k]. */
static double infectiousness(const double *incidence, const double *serial, int lags, int t)
{
    double sum = 0;
    for (int k = 1; k < lags && k <= t; k++) {
        sum += serial[k] * incidence[t - k];
    }
    return sum;
}

bg_err outbreak_rt(const double *incidence, int days, const double *serial, int lags, int window, struct outbreak_rt *ret,
                   int *ret_count)
{
    BG_TRY(check_series(incidence, days, "incidence"));
    BG_TRY(check_serial(serial, lags));
    if (window < 1 || window >= days) {
        return BG_FAIL_AT(BG_BAD_INPUT, "window");
    }
    double mean_serial = 0;
    for (int k = 0; k < lags; k++) {
        mean_serial += k * serial[k];
    }
    int count = 0;
    for (int first = 1; first + window <= days; first++) {
        struct outbreak_rt *row = &ret[count++];
        *row = (struct outbreak_rt){ .t_start = first + 1, .t_end = first + window };
        row->estimable = row->t_end > mean_serial;
        if (!row->estimable) {
            continue;
        }
        double cases = 0, force = 0;
        for (int t = first; t < first + window; t++) {
            cases += incidence[t];
            force += infectiousness(incidence, serial, lags, t);
        }
        double shape = PRIOR_SHAPE + cases, scale = 1 / (1 / PRIOR_SCALE + force);
        row->mean = shape * scale;
        row->sd = sqrt(shape) * scale;
        row->q025 = gamma_quantile(shape, 0.025) * scale;
        row->median = gamma_quantile(shape, 0.5) * scale;
        row->q975 = gamma_quantile(shape, 0.975) * scale;
    }
    *ret_count = count;
    return BG_DONE;
}

bg_err outbreak_serial(double mean, double sd, int lags, double *ret)
{
    if (!(mean > 1) || !isfinite(mean) || !(sd > 0) || !isfinite(sd) || lags < 2) {
        return BG_FAIL_AT(BG_BAD_INPUT, "serial");
    }
    double shape = (mean - 1) * (mean - 1) / (sd * sd), scale = sd * sd / (mean - 1);
    for (int k = 0; k < lags; k++) {
        double a = k / scale, b = (k - 1) / scale, c = (k - 2) / scale;
        double w = k * gamma_cdf(shape, a) + (k - 2) * gamma_cdf(shape, c) - 2 * (k - 1) * gamma_cdf(shape, b) +
                   shape * scale * (2 * gamma_cdf(shape + 1, b) - gamma_cdf(shape + 1, c) - gamma_cdf(shape + 1, a));
        ret[k] = w > 0 ? w : 0;
    }
    return BG_DONE;
}
