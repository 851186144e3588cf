/* What the files of the forecaster share. Private to engine. */
#ifndef BG_ENGINE_FORECAST_IMPL_H
#define BG_ENGINE_FORECAST_IMPL_H

#include "engine/forecast.h"

#define LAGS 20 /* days of the serial interval, from k = 0 */
#define START_POINTS 65
#define START_REACH 5.5 /* the table of R_0 covers this many standard deviations each way */

/* One district, ready to step. */
struct forecast_place {
    float start[START_POINTS]; /* cube roots of the quantiles of R_0 at equal steps of the normal deviate */
    float dispersion; /* f >= 1 */
    float residents; /* 0: unknown */
    float past; /* cumulative cases before the start */
    float imports;
    float log_end; /* log R_end of this district */
    float share; /* of the city's cases, while the library is used */
    float force[FORECAST_HORIZON_MAX]; /* infectiousness left by the days before the start */
};

struct forecast {
    int districts, horizon;
    uint32_t key[2];
    float phi, sigma;
    float pace, start_least; /* what is left of log R_0 - log R_end after a day; log R_0 is raised to start_least */
    float own, common; /* weights of a district's own noise and of the city's */
    float serial[LAGS];
    bool library, from_end; /* from_end: log R_0 is raised to the district's log R_end */
    bool plain; /* tests: without AVX2 */
    int curves, since; /* since: day of the outbreak, from its first detection, on the first forecast day */
    struct forecast_pick {
        double upto; /* cumulative weight */
        int32_t *cases;
        int days;
    } * picks;
    struct forecast_place *places;
};

/* Two 32-bit words for a counter, keyed by the seed. */
void forecast_random(const uint32_t key[2], uint32_t counter0, uint32_t counter1, uint32_t ret[2]);
/* counter0 is the path; counter1 the district (0: the city, else index + 1) and the day (0: the start). */
#define FORECAST_COUNTER(district, day) ((uint32_t)(district)*256u + (uint32_t)(day))

/* Arrays of the step are [horizon][FORECAST_LANES], aligned to 64 bytes. */
#define FORECAST_LANES 16
#define FORECAST_STEP_FLOATS (FORECAST_HORIZON_MAX * FORECAST_LANES)
/* The city's noise of sixteen paths from `first`; then one district's new cases by the renewal equation. */
void forecast_common(const struct forecast *forecast, uint32_t first, float *common);
void forecast_step(const struct forecast *forecast, int district, uint32_t first, const float *common, float *cases);
/* The same from the library, all districts of one path: [districts][horizon]. */
void forecast_library_path(const struct forecast *forecast, uint32_t path, int32_t *ret);

#endif
