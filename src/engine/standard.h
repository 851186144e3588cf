/* Graded reserve standards (四级储备标准) from the paths of the demand engine. For path n and day h, D_n(h) is the need since the
 * start and I(h) what is guaranteed to arrive (makers, backstop); the worst cumulative shortfall over a level's horizon H is
 *
 *   M_n = max(0, max over h <= H of D_n(h) - I(h)),      standard = p-quantile of M over paths, calibrated, at least the floor,
 * in packs.
 *
 * Stock s meets path n wholly when M_n <= s; what is lost without it is (M_n - s)+ (needs that can not wait). So service,
 * expected unmet need, day of stock-out, rounds covered and fill rate all come from the same paths. docs/methods/standard.md has
 * the mathematics. */
#ifndef BG_ENGINE_STANDARD_H
#define BG_ENGINE_STANDARD_H

#include "engine/demand.h"

#define STANDARD_LEVELS_MAX 8
#define STANDARD_TRIALS_MAX 16
#define STANDARD_LOTS_MAX 1000

struct standard_level {
    int horizon; /* days, at most the input's */
    double service; /* p in (0,1) */
    double floor_rounds, floor_days; /* at least this many test rounds and days of baseline */
    const double *residual; /* log((M + 1) / (q_p + 1)) of past outbreaks against this level's forecast; NULL: none */
    int residuals;
};

struct standard_item {
    int64_t pack; /* >= 1 */
    double round_need; /* pieces one full test round uses */
    double baseline; /* pieces a quiet day */
    double local; /* service that each district's own part gives, in (0,1); 0: nothing is kept in districts */
    const double *inflow; /* [days] guaranteed since the start, never falling; NULL: none */
    int trials;
    const double *trial; /* [trials] stocks to be judged: the present one, uplifts … */
    double shelf_days; /* life of what is bought now, 0: does not expire */
    int lots; /* present lots, by expiry */
    const double *lot; /* [lots] pieces */
    const int *lot_day; /* [lots] last day of use, ascending, from 1 */
};

struct standard_cell { /* one level and item */
    double quantile; /* of M, as the paths have it */
    double calibrated; /* after the residuals of past outbreaks */
    bool certified; /* enough residuals for this p: n + 1 >= 1 / (1 - p) */
    double floor;
    int64_t standard; /* packs made whole */
    bool by_floor; /* the floor binds */
    int day; /* on which the shortfall of the deciding path is largest */
    int scenario; /* of rounds, of the deciding path; -1: none */
    int64_t pooled; /* city part; the districts' parts add up to the rest */
    int64_t *part; /* [places]; districts do not count on the inflow, which comes to the city's depot */
    double separate; /* sum of the districts' own p-quantiles: the stock without pooling and without inflow */
};
struct standard_trial { /* one stock of one item */
    double *out; /* [days] probability that it is out by the end of the day */
    double *service; /* [levels] P(M <= stock) over the level's horizon */
    double *unmet; /* [levels] expected pieces lost */
    double waste; /* expected pieces that expire unused, were the whole stock bought now */
};
struct standard_result {
    struct standard_cell *cell; /* [levels][items] */
    struct standard_trial *trial; /* [items][STANDARD_TRIALS_MAX] */
    float *shortfall; /* [levels][items][paths], ascending M of the city */
    double *mean; /* [levels][items] mean need over the horizon */
    double *lot_waste; /* [items] expected pieces of the present lots that expire unused, first expiry first used */
};

/* Runs the demand (its steps must be every day from 1) and judges each level and item. All results in the arena. BG_BAD_INPUT
 * names "steps", "levels", "horizon", "service", "pack", "local", "inflow", "trial", "lots" …, or what demand_check names. */
bg_err standard_run(const struct demand_input *demand, const struct standard_level *levels, int level_count,
                    const struct standard_item *items, struct bg_arena *arena, struct standard_result *ret);

/* Days of cover at a probability: the first day on which P(out) exceeds 1 - p; days + 1 when there is none. */
int standard_cover(const double *out, int days, double p);
/* Smallest value with at least the share p of the ascending values at or below it. */
double standard_quantile(const float *sorted, int count, double p);
/* Conformal correction of a quantile q: (q + 1) exp(r) - 1 with r the ceil((n + 1) p)-th smallest residual; *ret_certified false
 * when n is too small for p, and then the largest is used. */
double standard_calibrate(double q, double p, const double *residual, int count, bool *ret_certified);
/* Newsvendor: the service worth having when a missing piece costs `shortage` and one too many `holding`. */
double standard_worth(double shortage, double holding);
/* Ascending by a radix sort; `room` of the same size; values >= 0. */
void standard_sort(float *values, float *room, int count);

/* --- orders: the largest drop of expected unmet need for each yuan --- */
struct standard_need {
    const float *shortfall; /* [paths] ascending M */
    double stock, price; /* price > 0, a piece */
    double weight; /* importance of a missing piece, > 0 */
    int64_t pack, packs_max;
};
struct standard_order {
    int64_t packs;
    double before, after; /* expected unmet pieces */
    double gain; /* weighted drop a yuan of the next pack */
};
/* Greedy over packs: exact while packs are small against the budget, since expected unmet need is convex in the stock. */
bg_err standard_order(const struct standard_need *needs, int count, int paths, double budget, struct standard_order *ret);

/* --- will it be there in time? --- */
struct standard_maker {
    double now, most; /* pieces a day today and at full capacity */
    double ramp_days; /* time constant: now + (most - now)(1 - exp(-t / ramp)) */
    double works; /* probability that it delivers at all */
};
struct standard_fill {
    const struct standard_maker *maker;
    int makers;
    double gap; /* pieces wanted */
    int inspect_least, inspect_most; /* days, any whole number between equally likely */
    double reject; /* share refused */
    double dock; /* pieces a day that can be received */
    double ramp_cv; /* doubt of the ramps */
    int deadline, days, draws; /* days at most DEMAND_DAYS_MAX */
    uint64_t seed;
};
/* ret_by[days]: probability that the gap is filled by the end of each day. BG_BAD_INPUT: "makers", "gap", "inspect", "reject",
 * "dock", "ramp_cv", "deadline", "draws". */
bg_err standard_fill(const struct standard_fill *fill, double *ret_by);

/* --- which level: proposals with hysteresis. Level 4 is the quietest, 1 the gravest --- */
enum standard_signal {
    STANDARD_CASES_28, /* local cases in 28 days */
    STANDARD_CASES_7, /* … in 7 days */
    STANDARD_DISTRICTS, /* districts with cases in 14 days */
    STANDARD_SEALED, /* residents of sealed zones */
    STANDARD_ROUNDS, /* test rounds ordered in this outbreak */
    STANDARD_R_DAYS, /* days in a row with the lower quarter of R above 1 */
    STANDARD_OUTS, /* key items whose 10 % stock-out day comes before resupply */
    STANDARD_P_FIRST, /* probability of a first case within 14 days */
    STANDARD_SIGNALS
};
const char *standard_signal_name(enum standard_signal signal);
struct standard_trigger {
    int level; /* 1 … 3: at this value or above, at least this grave */
    enum standard_signal signal;
    double threshold; /* > 0 */
};
struct standard_rules {
    const struct standard_trigger *trigger;
    int triggers;
    double quiet_share; /* 0.5: quiet below this share of the thresholds */
    int quiet_days, dwell_days; /* 14, 7 */
    double forecast_up, forecast_again; /* 0.3 within the lead time, twice in a row; 0.05 within 14 days */
};
struct standard_rules standard_rules_default(void);
struct standard_day {
    double value[STANDARD_SIGNALS];
    double soon[5]; /* [level 1 … 3] probability that the level's thresholds are met within the lead time */
    double again[5]; /* [level 1 … 3] … within 14 days */
    bool shortage; /* an open shortage */
};
struct standard_state {
    int level;
    int dwell, quiet; /* days at this level; days in a row quiet enough to step down */
    int soon[5]; /* runs in a row with a high forecast */
};
struct standard_proposal {
    int level; /* proposed; equal to the state's: stay */
    int trigger; /* index of what raises it; -1: none */
    bool by_forecast; /* raised by `soon` */
    int quiet_left; /* days of quiet still wanted before a step down, at level 4: 0 */
    bool quiet; /* today counts as quiet */
};
/* Takes one more day into the counters and proposes. Up at once and by any number of levels; down by one after quiet_days quiet
 * days in a row and dwell_days at the level. People decide: the level itself changes by standard_enter. BG_BAD_INPUT: "level",
 * "trigger", "signal". */
bg_err standard_propose(const struct standard_rules *rules, const struct standard_day *day, struct standard_state *state,
                        struct standard_proposal *ret);
void standard_enter(struct standard_state *state, int level);

#endif
