/* The reproduction number from incidence: the renewal equation with a gamma prior (Cori, Ferguson, Fraser, Cauchemez, "A new
 * framework and software to estimate time-varying reproduction numbers during epidemics", Am. J. Epidemiology 178(9), 2013), as
 * EpiEstim computes it. */
#ifndef BG_ENGINE_OUTBREAK_H
#define BG_ENGINE_OUTBREAK_H

#include "base/base.h"

struct outbreak_rt {
    int t_start, t_end; /* days counted from 1, both within the window */
    bool estimable; /* false: the window ends before one mean serial interval has passed; the figures below are not set */
    double mean, sd, q025, median, q975;
};

/* Posterior R for every window of `window` days that starts on day 2 or later.
 *   incidence[days]  new cases a day, >= 0
 *   serial[lags]     probability that the serial interval is k days, from k = 0; sums to 1 within 0.01, serial[0] = 0
 * Prior: gamma with mean 5 and standard deviation 5 (shape 1, scale 5). ret[] has room for days - window entries; *ret_count says
 * how many. BG_BAD_INPUT names the field: "incidence", "serial" or "window". */
bg_err outbreak_rt(const double *incidence, int days, const double *serial, int lags, int window, struct outbreak_rt *ret,
                   int *ret_count);

/* Discretised serial interval: a gamma with this mean (> 1) and sd, shifted by one day (Cori et al. 2013, web appendix 11). */
bg_err outbreak_serial(double mean, double sd, int lags, double *ret);

#endif
