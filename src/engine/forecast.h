/* Forecasting new cases: the renewal equation with a reproduction number that returns to its controlled value, whole daily paths
 * out.
 *
 *   R_0            ~ Gamma(1 + S_I / f, 1 / (1/2 + S_L / f)), sums over the last `window` days: the posterior of Cori et al.
 * (2013) with a weaker prior and the cases counted as S_I / f independent ones log R_h        = log R_end + phi (log R_(h-1) -
 * log R_end) + sigma z mean_h         = R_h x sum over k of serial[k] x cases_(h-k)  [x the share of residents not yet infected,
 * from 2 % on] + imports cases_h        ~ Gamma-Poisson with this mean and variance f x mean: exact below a mean of 60, a rounded
 * normal above
 *
 * f is the over-dispersion of the last ten days around their three-day mean. Before 20 cases in all no such model knows anything:
 * paths are then drawn from a library of past outbreaks, aligned at the day of first detection. docs/methods/forecast.md has the
 * mathematics.
 *
 * Random numbers are a function of (seed, district, path, day) alone, so any range of paths can be computed by any thread: same
 * bits. */
#ifndef BG_ENGINE_FORECAST_H
#define BG_ENGINE_FORECAST_H

#include "base/base.h"

#define FORECAST_DISTRICTS_MAX 1000
#define FORECAST_HISTORY_MAX 4000
#define FORECAST_HORIZON_MAX 180
#define FORECAST_PATHS_MAX 200000
#define FORECAST_DAILY_MAX 100000000 /* no path ever has more new cases on a day */
#define FORECAST_LIBRARY_BELOW 20 /* cumulative cases from which the renewal equation is used */

/* With one seed the paths of the three are ordered, R on every day and so the cases but for rounding: the noise is the same.
 * While the library is used they do not differ: past outbreaks hold all three. */
enum forecast_scenario {
    FORECAST_CONTROLLED, /* 控制有效: R returns to R_end at the pace fitted on past outbreaks (phi) */
    FORECAST_DELAYED, /* 控制滞后: more slowly (phi_delayed), and from R_end at least */
    FORECAST_FAILS, /* 控制失效: R stays around where it is, and around 1 at least */
    FORECAST_SCENARIOS
};

/* What was fitted on past outbreaks; forecast_params_default() gives the shipped values with their source. */
struct forecast_params {
    double r_end; /* value to which control brings R, before this outbreak has been seen for long */
    double learn; /* weight in it, reached after 28 days, of the outbreak's own R of the last 21 days (at most 1); 0…1 */
    double arrivals; /* imported cases a day, as a share of the lowest weekly mean of the last 28 days; 0…1 */
    double phi; /* share of the distance (in logs) that is left after a day */
    double sigma; /* daily noise of log R */
    double phi_delayed; /* phi of FORECAST_DELAYED */
    double share; /* 0…1: correlation of that noise between districts; an assumption, not fitted */
    double serial_mean, serial_sd; /* days; discretised shifted gamma over 20 days */
    double dispersion; /* factor on the measured over-dispersion */
    int window; /* days behind R_0 */
};
struct forecast_params forecast_params_default(void);

/* One past outbreak, from the day of its first case. */
struct forecast_curve {
    const char *name;
    const int32_t *cases; /* [days] */
    int days;
};
struct forecast_library {
    const struct forecast_curve *curves;
    int count;
};

/* The outbreaks of the shipped series file (data/outbreak), see outbreaks.def. */
const struct forecast_library *forecast_library_shipped(void);

struct forecast_input {
    int districts, days;
    const double *cases; /* [districts][days] new cases a day, >= 0, cleaned (see incidence.h); the last is the day before the
                            first forecast */
    const double *residents; /* [districts]; NULL: unknown, the susceptible share is then taken as 1 */
    const double *imports; /* [districts] expected imported cases a day; NULL: params.arrivals of the lowest recent week */
    enum forecast_scenario scenario;
    uint64_t seed;
    int horizon; /* days to forecast */
    const struct forecast_params *params; /* NULL: the defaults */
    const struct forecast_library *library; /* NULL: the shipped outbreaks */
};

struct forecast;
/* Checks and prepares (copies what it needs; about 20 KiB a district). BG_BAD_INPUT names "districts", "days", "cases",
 * "residents", "imports", "scenario", "horizon", "params" or "library". */
bg_err forecast_open(const struct forecast_input *input, struct forecast **ret);
void forecast_close(struct forecast *forecast); /* accepts NULL */
/* True: before 20 cases, the paths come from the library. */
bool forecast_is_library(const struct forecast *forecast);

/* Paths first … first + count - 1 into ret[count][districts][horizon], new cases a day. Cannot fail; any thread, any range, same
 * bits. */
void forecast_paths(const struct forecast *forecast, int first, int count, int32_t *ret);
/* Paths 0 … paths - 1 on up to `threads` threads. `ret` is the caller's, paths x districts x horizon x 4 bytes: 41 MB for
 * 10,000 x 17 x 60. BG_BAD_INPUT: "paths" or "threads". */
bg_err forecast_run(const struct forecast *forecast, int paths, int threads, int32_t *ret);

/* Quantiles over paths, exact (order statistics with linear interpolation, type 7), for one district or all together (district
 * -1): of new cases on each day, or of the sum since the start when `cumulative`. ret[horizon][levels]; levels in (0,1). */
bg_err forecast_quantiles(const int32_t *paths, int count, int districts, int horizon, int district, bool cumulative,
                          const double *levels, int level_count, double *ret);

#endif
