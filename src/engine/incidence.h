/* Daily case series as they really come: negative days, days without a report, late reports, back-reported spikes. What is done
 * about each is told, day by day. Nothing is looked up ahead: a series cut at a day is repaired as it would have been on that
 * day. */
#ifndef BG_ENGINE_INCIDENCE_H
#define BG_ENGINE_INCIDENCE_H

#include "base/base.h"

#define INCIDENCE_DAYS_MAX 4000
#define INCIDENCE_DAILY_MAX 100000000 /* more new cases a day than this is an error, not an outbreak */

enum incidence_kind {
    INCIDENCE_NEGATIVE, /* 负数订正: a correction of earlier days; counted as 0 */
    INCIDENCE_GAP, /* 缺报: no value; shares the next day's report when that is large, else the mean of its neighbours */
    INCIDENCE_DUMP, /* 集中补报: zero, or up to three zeros, after more than 15 a day: the next report is spread over these days
                     */
    INCIDENCE_LATE, /* 尚未报: such a zero, or a gap, at the end of the series: the mean of the three days before */
    INCIDENCE_SPIKE, /* 突增补报: four times what came before and twice what came after: set to the mean of its neighbours */
    INCIDENCE_KINDS
};

struct incidence_repair {
    int day; /* from 0 */
    enum incidence_kind kind;
    double before, after; /* before is NaN for a gap */
};

/* Repairs values[days] in place (NaN: no report). ret[days] takes the repairs in order of days; *ret_count says how many.
 * `spikes`: also smooth spikes, which loses cases; without it the sum of reported cases is kept but for negative days, gaps and
 * late days. BG_BAD_INPUT "cases" for an infinite value or one above INCIDENCE_DAILY_MAX, "days" for a series too long or empty.
 */
bg_err incidence_repair(double *values, int days, bool spikes, struct incidence_repair *ret, int *ret_count);
/* "negative", "gap", "dump", "late", "spike". */
const char *incidence_kind_name(enum incidence_kind kind);

#endif
