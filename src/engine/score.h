/* Proper scores of quantile forecasts.
 * Weighted interval score: Bracher, Ray, Gneiting, Reich, "Evaluating epidemic forecasts in an interval format", PLOS
 * Computational Biology 17(2), 2021; on the log scale: Bosse et al., "Scoring epidemiological forecasts on transformed scales",
 * the same 19(8), 2023. */
#ifndef BG_ENGINE_SCORE_H
#define BG_ENGINE_SCORE_H

#include "base/base.h"

#define SCORE_LEVELS 23
/* 0.01, 0.025, 0.05, 0.10 … 0.95, 0.975, 0.99: the levels of the forecast hubs. */
extern const double score_levels[SCORE_LEVELS];

enum score_variant {
    SCORE_BRACHER, /* the median weighs one half: equal to the mean of twice the pinball loss */
    SCORE_HUB /* covidHubUtils: the median counts as an interval of its own, the mean over intervals including it */
};

/* Twice the pinball loss of a quantile q at level p when y came. */
double score_pinball(double p, double q, double y);
/* WIS of quantiles q[count] at levels[count] (ascending, symmetric about 1/2, the median among them) when y came. */
double score_wis(enum score_variant variant, const double *levels, const double *q, int count, double y);
/* The same on log(1 + x); q and y >= 0. */
double score_log_wis(const double *levels, const double *q, int count, double y);
/* Sorts values ascending in place; `room` has the same size. NaN is not allowed. */
void score_sort(double *values, double *room, int count);
/* Quantile of ascending values, linear between order statistics (type 7); count >= 1, 0 <= p <= 1. */
double score_quantile(const double *sorted, int count, double p);

#endif
