/* Repairing a daily series. */
#include "engine/incidence.h"

#include <math.h>

#define BUSY 15.0 /* mean of three days above which a zero is a missing report */
#define RUN_MAX 3
#define SPIKE_LEAST 50.0

struct repairs {
    double *values;
    int days;
    struct incidence_repair *rows;
    int count;
};

static void put(struct repairs *r, int day, enum incidence_kind kind, double after)
{
    double before = r->values[day];
    r->values[day] = after;
    for (int i = 0; i < r->count; i++) {
        if (r->rows[i].day == day) { /* one row a day: what stood there first, what stands there last */
            r->rows[i].after = after;
            return;
        }
    }
    r->rows[r->count++] = (struct incidence_repair){ day, kind, before, after };
}

/* Mean of the three days before `day`, fewer at the start; 0 without any. */
static double before_mean(const struct repairs *r, int day)
{
    double sum = 0;
    int count = 0;
    for (int t = day - 3 < 0 ? 0 : day - 3; t < day; t++) {
        sum += r->values[t];
        count++;
    }
    return count > 0 ? sum / count : 0;
}

static void spread(struct repairs *r, int from, int upto, enum incidence_kind kind)
{
    double each = r->values[upto] / (upto - from + 1);
    for (int t = from; t <= upto; t++) {
        put(r, t, kind, each);
    }
}

/* A run of days without a value from `day`; its end. */
static int mend_gap(struct repairs *r, int day)
{
    int next = day;
    while (next < r->days && isnan(r->values[next])) {
        next++;
    }
    double mean = before_mean(r, day);
    if (next == r->days) {
        for (int t = day; t < next; t++) {
            put(r, t, INCIDENCE_LATE, mean);
        }
    } else if (day > 0 && r->values[next] > 1.5 * mean && r->values[next] > 5) {
        spread(r, day, next, INCIDENCE_GAP);
    } else {
        double after = fmax(r->values[next], 0), fill = day > 0 ? (mean + after) / 2 : after;
        for (int t = day; t < next; t++) {
            put(r, t, INCIDENCE_GAP, fill);
        }
    }
    return next;
}

/* A run of zeros from `day` in a busy time; its end. */
static int mend_zeros(struct repairs *r, int day)
{
    int next = day;
    while (next < r->days && r->values[next] <= 0 && next - day < RUN_MAX) {
        next++;
    }
    double mean = before_mean(r, day);
    if (next == r->days) {
        for (int t = day; t < next; t++) {
            put(r, t, INCIDENCE_LATE, mean);
        }
    } else if (!isnan(r->values[next]) && r->values[next] > 0) {
        spread(r, day, next, INCIDENCE_DUMP);
    } else {
        return day + 1; /* too many zeros: it is over, or nobody reports any more */
    }
    return next;
}

static void mend_spike(struct repairs *r, int day)
{
    double now = r->values[day], before = before_mean(r, day), after = r->values[day + 1];
    if (now >= SPIKE_LEAST && day >= 3 && now > 4 * before && now > 2 * after && after > 0) {
        put(r, day, INCIDENCE_SPIKE, (before + after) / 2);
    }
}

static bg_err check(const double *values, int days)
{
    if (days < 1 || days > INCIDENCE_DAYS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "days");
    }
    for (int t = 0; t < days; t++) {
        if (isinf(values[t]) || fabs(values[t]) > INCIDENCE_DAILY_MAX) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cases");
        }
    }
    return BG_DONE;
}

static void sort_by_day(struct incidence_repair *rows, int count)
{
    for (int i = 1; i < count; i++) {
        struct incidence_repair row = rows[i];
        int at = i;
        for (; at > 0 && rows[at - 1].day > row.day; at--) {
            rows[at] = rows[at - 1];
        }
        rows[at] = row;
    }
}

bg_err incidence_repair(double *values, int days, bool spikes, struct incidence_repair *ret, int *ret_count)
{
    BG_TRY(check(values, days));
    struct repairs r = { .values = values, .days = days, .rows = ret };
    for (int t = 0; t < days; t++) {
        if (values[t] < 0) {
            put(&r, t, INCIDENCE_NEGATIVE, 0);
        }
    }
    for (int t = 0; t < days;) {
        if (isnan(values[t])) {
            t = mend_gap(&r, t);
        } else if (values[t] <= 0 && t > 0 && before_mean(&r, t) > BUSY) {
            t = mend_zeros(&r, t);
        } else {
            t++;
        }
    }
    for (int t = 0; spikes && t + 1 < days; t++) {
        mend_spike(&r, t);
    }
    sort_by_day(ret, r.count);
    *ret_count = r.count;
    return BG_DONE;
}

const char *incidence_kind_name(enum incidence_kind kind)
{
    static const char *const names[INCIDENCE_KINDS] = { "negative", "gap", "dump", "late", "spike" };
    return (unsigned)kind < INCIDENCE_KINDS ? names[kind] : "";
}
