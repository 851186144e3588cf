/* Who stops when a firm stops: the Economic Systemic Risk Index (ESRI) of Diem, Borsos, Reisch, Kertész, Thurner, "Quantifying
 * firm-level economic systemic risk from nation-wide supply networks", Scientific Reports 12, 7719 (2022), with the market-share
 * term of the authors' published method. Losses spread down to buyers (missing inputs) and up to suppliers (missing orders) until
 * nothing changes by more than eps. */
#ifndef BG_ENGINE_CASCADE_H
#define BG_ENGINE_CASCADE_H

#include "base/base.h"

#define CASCADE_FIRMS_MAX 1000000
#define CASCADE_LINKS_MAX 20000000

struct cascade_link {
    int32_t supplier, buyer;
    double amount; /* yearly sales, > 0; repeated links add up */
};

enum cascade_essential { CASCADE_NEGLIGIBLE = 0, CASCADE_SUBSTITUTABLE = 1, CASCADE_ESSENTIAL = 2 };

struct cascade_network {
    int32_t firms, sectors;
    const int32_t *sector; /* [firms], 0…sectors-1 */
    const double *out; /* [firms] total output where known and larger than the observed sales; NULL: the observed sales */
    const struct cascade_link *links;
    int64_t count;
    const uint8_t *essential; /* [sectors x sectors], input sector x buyer sector; NULL: `function` says */
    enum cascade_function {
        CASCADE_LINEAR,
        CASCADE_LEONTIEF,
        CASCADE_MIXED
    } function; /* linear: every input substitutable; Leontief: essential */
    bool market; /* losses of an input weigh as the supplier's share of what its market still makes */
    double eps; /* stop when no firm drops by more in a step; > 0, for example 1e-2 */
};

struct cascade;
/* Prepares the network (copies what it needs). BG_BAD_INPUT names "firms", "links", "amount", "sector", "essential" or "eps". */
bg_err cascade_open(const struct cascade_network *network, struct cascade **ret);
void cascade_close(struct cascade *cascade); /* accepts NULL */

struct cascade_index {
    double index; /* output lost / all output, the worse of both directions for each firm */
    double down, up; /* by missing inputs alone, by missing orders alone */
};

/* Index of each firm listed, exactly. */
bg_err cascade_firms(const struct cascade *cascade, const int32_t *firms, int32_t count, struct cascade_index *ret);
/* One scenario: shock[firms] in [0,1] is the share of output each firm loses at the start. ret_down, ret_up (may be NULL): the
 * final level 1 - loss of every firm in each direction; ret_step (may be NULL): the step in which a firm first lost more than
 * eps, -1: never. */
bg_err cascade_scenario(const struct cascade *cascade, const double *shock, struct cascade_index *ret, double *ret_down,
                        double *ret_up, int32_t *ret_step);
/* All firms, screened: losses below `tau` are not passed on, then the `exact` firms with the highest screened index are computed
 * again exactly. */
bg_err cascade_screen(const struct cascade *cascade, double tau, int32_t exact, struct cascade_index *ret);

/* Who stops when: goods lost by a supplier are missed by its buyers the day after; a buyer lives on its stock of each essential input
 * (and of all others together) for `buffer[firm]` days of normal use, a partial loss empties it in proportion; then the loss passes on.
 * shock[firms] lasts from day 0 on. ret_day[firms]: first day a firm's level is below `stop`, -1: not within `days`; ret_level (may be
 * NULL): levels on the last day. Orders lost upwards are left out: they cost output, they stop nobody. With all buffers 0 day t is
 * step t of cascade_scenario's downward direction. */
bg_err cascade_days(const struct cascade *cascade, const double *shock, const double *buffer, double stop, int32_t days,
                    int32_t *ret_day, double *ret_level);

#endif
