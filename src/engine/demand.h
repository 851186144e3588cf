/* From an outbreak to needs: drivers (people in beds, in quarantine, in sealed zones, sampled, on posts …) x staff-shifts a unit
 * x changes of dress a shift x kit of the protection level, plus direct items. For item i, place d, day t and path n
 *
 *   need = (1 + waste_i) x use x sum over rows r of rate_r doubt_r(n) X_driver(r),d,t(n) kit_level(r),i
 *          + sum over direct items of rate doubt(n) X_k,d,t(n)
 *
 * `use` is the mode (normal 1, extended use 0.6, crisis 0.35; set by the health authority). Doubts are gamma with mean 1, drawn
 * once a path, so that not knowing a coefficient enters the fan like not knowing the virus. A reusable item needs max(0, largest
 * daily requirement so far - pieces in the field) + loss a day x requirements so far  (the rule of WHO's ESFT, with loss).
 * docs/methods/demand.md has the mathematics and the sources of every default.
 *
 * Random numbers are a function of (seed, doubt, path) alone: the same bits on one thread or two. Cost and memory:
 * demand_bytes(). */
#ifndef BG_ENGINE_DEMAND_H
#define BG_ENGINE_DEMAND_H

#include "base/base.h"

#define DEMAND_DRIVERS_MAX 64
#define DEMAND_ROWS_MAX 512
#define DEMAND_DIRECTS_MAX 4096
#define DEMAND_LEVELS_MAX 32
#define DEMAND_ITEMS_MAX 1000
#define DEMAND_PLACES_MAX 1000
#define DEMAND_DAYS_MAX 180
#define DEMAND_PATHS_MAX 200000
#define DEMAND_SCENARIOS_MAX 100
#define DEMAND_QUANTILES_MAX 32
#define DEMAND_AMOUNT_MAX 1e12 /* any amount, rate or coefficient */
#define DEMAND_BYTES_MAX ((size_t)2 << 30)

/* How a driver's amount of a day follows from the cases and the measures. */
enum demand_rule {
    DEMAND_FIXED, /* amount[place] on each day from `first` to `last`: posts, customs, baseline, help to others */
    DEMAND_NEW, /* rate x new cases of the day: transfers, disinfection */
    DEMAND_STAY, /* rate x cases of the last `days` days: beds, quarantine, sealed zones */
    DEMAND_TOTAL, /* rate x all cases so far: controlled zones */
    DEMAND_ROUND, /* rate x people sampled that day by the scenario of rounds */
    DEMAND_AFTER, /* rate x another driver, `days` days before; above the cap the rest waits (laboratories) */
    DEMAND_RULES
};

struct demand_driver {
    enum demand_rule rule;
    double rate; /* >= 0 */
    int days; /* STAY: 1 … 365; AFTER: lag, 0 … 60 */
    int of; /* AFTER: an earlier driver */
    int first, last; /* FIXED: days counted from 1; 0, 0: always */
    const double *amount; /* FIXED: [places] */
    const double *cap; /* [places] at most this on a day; NULL: no cap */
};

/* Staff in protective dress: dressings (staff-shifts x changes a shift) a unit of the driver. */
struct demand_row {
    int driver, level;
    double rate;
    double shape; /* of the gamma doubt, 1 / CV^2; 0: certain */
};

/* An item used by the unit of the driver itself: tubes, swabs, reagents, bags. Doubt is drawn once for a driver and a shape. */
struct demand_direct {
    int driver, item;
    double rate, shape;
    bool learned; /* from issues: replaces all else that this driver needs of this item */
};

struct demand_model {
    int drivers, rows, levels, items, directs;
    const struct demand_driver *driver;
    const struct demand_row *row;
    const double *kit; /* [levels][items] pieces a dressing */
    const struct demand_direct *direct;
    const double *waste; /* [items] share; NULL: none */
    const bool *reusable; /* [items]; NULL: none */
    const double *loss; /* [items] of reusable ones, share a day; NULL: none */
    const double *fielded; /* [places][items] pieces of reusable ones in use already; NULL: none */
    double use; /* > 0 */
};

/* Pieces of an item a unit of a driver: by kit and by direct use, mode and waste included. A learned value is direct. */
struct demand_coefficient {
    double kit, direct;
};
struct demand_coefficient demand_coefficient(const struct demand_model *model, int driver, int item);

enum demand_hold { DEMAND_HOLD_VIRUS = 1, DEMAND_HOLD_MEASURES = 2, DEMAND_HOLD_COEFFICIENTS = 4 };

struct demand_input {
    const struct demand_model *model;
    int places, days, paths;
    const int32_t *cases; /* [paths][places][days] new cases; NULL: none */
    int past; /* days of history, 0 … 4000 */
    const double *history; /* [places][past] new cases, the last is the day before day 1; NULL with past 0 */
    int scenarios; /* of rounds; 0: none */
    const double *weight; /* [scenarios] > 0 */
    const double *sampled; /* [scenarios][places][days] people */
    int steps;
    const int *step; /* [steps] days, ascending, at which sums since the start are wanted */
    uint64_t seed;
    int threads; /* 1 or 2: same bits */
    unsigned hold; /* DEMAND_HOLD_…: the virus at its mean path, measures at their mean, coefficients at theirs */
};

/* Bytes that demand_run takes besides its input; at most DEMAND_BYTES_MAX, or BG_BAD_INPUT "paths". */
size_t demand_bytes(const struct demand_input *input);
/* BG_BAD_INPUT names what is wrong: "places", "days", "paths", "steps", "driver", "row", "direct", "kit", "waste", "use" … */
bg_err demand_check(const struct demand_input *input);

/* The sums since the start of one item on all paths. */
struct demand_values {
    const float *at; /* [paths] */
    float low, high; /* the smallest and the largest */
    double sum; /* of all */
};
/* Is told each item at each place, step after step; `place` == places is the whole city, which comes last. Two places may be told
 * at the same moment by two threads. */
typedef void demand_sink(void *ctx, int place, int step, int item, const struct demand_values *values);
/* ret_driver (may be NULL): [places + 1][steps][drivers], mean sum of each driver since the start. */
bg_err demand_run(const struct demand_input *input, demand_sink *sink, void *ctx, double *ret_driver);

/* The fan: quantiles (levels ascending in (0,1)) and means. ret_quantile[places + 1][items][steps][count], from a histogram of
 * 2,048 bins of 0.8 % with interpolation: for screens; standards use exact order statistics. ret_mean[places + 1][items][steps],
 * may be NULL. */
bg_err demand_fan(const struct demand_input *input, const double *levels, int count, float *ret_quantile, float *ret_mean);

/* Variance of the city's need, and what of it each source of doubt carries: share = (V - V with it held at its mean) / sum of
 * these. */
struct demand_split {
    double mean, variance;
    double virus, measures, coefficients; /* sum to 1, all 0 when nothing is in doubt */
};
/* At the last step; ret[items]. Four runs. */
bg_err demand_variance(const struct demand_input *input, struct demand_split *ret);

/* One path in double precision, day by day: ret[days][drivers] for one place. The oracle of the fan, and what a derivation shows.
 */
bg_err demand_drivers(const struct demand_input *input, int path, int place, double *ret);

/* --- learning coefficients from issues: a ~ Gamma(alpha, rate beta), mean alpha / beta --- */
struct demand_belief {
    double alpha, beta;
};
/* A source's value with this coefficient of variation (0.5 where the source gives none). Both > 0. */
struct demand_belief demand_prior(double mean, double cv);
/* `issued` pieces over `exposure` units of the driver, with over-dispersion f >= 1. Gamma-Poisson:
 * alpha += issued / f, beta += exposure / f. */
bg_err demand_learn(struct demand_belief *belief, double issued, double exposure, double dispersion);
/* Lets `days` days pass: what was learned fades by `keep` (0.98) a day towards the prior. */
void demand_fade(struct demand_belief *belief, struct demand_belief prior, double keep, double days);
/* One issue for several drivers at once: split by expected shares (the thinning of a Poisson sum), then learned by each. */
bg_err demand_learn_shared(struct demand_belief *beliefs, int count, const double *exposure, double issued, double dispersion);

#endif
