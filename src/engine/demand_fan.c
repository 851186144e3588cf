/* Quantiles of the fan by histogram, and the variance that each source of doubt carries. */
#include <math.h>
#include <string.h>

#include "engine/demand_impl.h"

#define BINS 2048
#define BIN_SHIFT 16 /* of the bits of a float: 7 bits of the mantissa are left, bins of 0.8 % */

struct fan {
    const struct demand_input *in;
    const double *levels;
    int count;
    float *quantile, *mean;
};

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Counters of two kinds in turn, so that equal neighbours do not wait for each other. Only those from the smallest value's on are
 * used. */
struct bins {
    int base, first;
    uint32_t even[BINS], odd[BINS];
};

/* Counts by the leading bits of the float, counted down from the largest; bin 0 takes all that is 16 octaves smaller. */
static void count_bins(const struct demand_values *values, int paths, struct bins *bins)
{
    int base = (int)(bits_of(values->high) >> BIN_SHIFT) - (BINS - 1), n = 0;
    base = base > 0 ? base : 0;
    int first = (int)(bits_of(values->low) >> BIN_SHIFT) - base;
    bins->base = base;
    bins->first = first > 0 ? first : 0;
    memset(&bins->even[bins->first], 0, (size_t)(BINS - bins->first) * sizeof *bins->even);
    memset(&bins->odd[bins->first], 0, (size_t)(BINS - bins->first) * sizeof *bins->odd);
    for (; n + 2 <= paths; n += 2) {
        int a = (int)(bits_of(values->at[n]) >> BIN_SHIFT) - base, b = (int)(bits_of(values->at[n + 1]) >> BIN_SHIFT) - base;
        bins->even[a > 0 ? a : 0]++;
        bins->odd[b > 0 ? b : 0]++;
    }
    if (n < paths) {
        int a = (int)(bits_of(values->at[n]) >> BIN_SHIFT) - base;
        bins->even[a > 0 ? a : 0]++;
    }
}

BG_WIDE static void quantiles(const struct demand_values *values, int paths, const double *levels, int count, float *ret)
{
    struct bins bins;
    int q = 0;
    count_bins(values, paths, &bins);
    double below = 0;
    for (int at = bins.first; at < BINS && q < count; at++) {
        uint32_t here = bins.even[at] + bins.odd[at];
        double upto = below + here;
        while (q < count && levels[q] * (paths - 1) + 1 <= upto) {
            double part = (levels[q] * (paths - 1) + 1 - below) / here; /* place within the bin, in (0,1] */
            float low = at > 0 ? float_of((uint32_t)(at + bins.base) << BIN_SHIFT) : 0;
            float top = float_of((uint32_t)(at + bins.base + 1) << BIN_SHIFT);
            low = low > values->low ? low : values->low;
            top = top < values->high ? top : values->high;
            ret[q++] = low + (float)part * (top - low);
        }
        below = upto;
    }
    for (; q < count; q++) {
        ret[q] = values->high;
    }
}

static void fan_sink(void *ctx, int place, int step, int item, const struct demand_values *values)
{
    struct fan *f = ctx;
    size_t cell = ((size_t)place * (size_t)f->in->model->items + (size_t)item) * (size_t)f->in->steps + (size_t)step;
    quantiles(values, f->in->paths, f->levels, f->count, &f->quantile[cell * (size_t)f->count]);
    if (f->mean != NULL) {
        f->mean[cell] = (float)(values->sum / f->in->paths);
    }
}

bg_err demand_fan(const struct demand_input *in, const double *levels, int count, float *ret_quantile, float *ret_mean)
{
    if (count < 1 || count > DEMAND_QUANTILES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "quantiles");
    }
    for (int q = 0; q < count; q++) {
        if (!(levels[q] > 0 && levels[q] < 1) || (q > 0 && levels[q] <= levels[q - 1])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "quantiles");
        }
    }
    struct fan fan = { in, levels, count, ret_quantile, ret_mean };
    return demand_run(in, fan_sink, &fan, NULL);
}

/* --- variance --- */
struct spread {
    const struct demand_input *in;
    double *mean, *variance;
};

static void spread_sink(void *ctx, int place, int step, int item, const struct demand_values *values)
{
    struct spread *s = ctx;
    if (place != s->in->places || step != s->in->steps - 1) {
        return;
    }
    double square = 0, mean = values->sum / s->in->paths;
    for (int n = 0; n < s->in->paths; n++) {
        square += ((double)values->at[n] - mean) * ((double)values->at[n] - mean);
    }
    s->mean[item] = mean;
    s->variance[item] = s->in->paths > 1 ? square / (s->in->paths - 1) : 0;
}

bg_err demand_variance(const struct demand_input *in, struct demand_split *ret)
{
    static const unsigned holds[4] = { 0, DEMAND_HOLD_VIRUS, DEMAND_HOLD_MEASURES, DEMAND_HOLD_COEFFICIENTS };
    size_t items = (size_t)(in->model->items > 0 ? in->model->items : 0);
    double *room = bg_heap_get((8 * items + 1) * sizeof *room);
    BG_TRY(bg_need(room));
    bg_err e = BG_DONE;
    int last = in->steps > 0 ? in->step[in->steps - 1] : 0;
    for (int k = 0; k < 4 && !bg_failed(e); k++) {
        struct demand_input held = *in;
        held.hold |= holds[k];
        held.steps = 1;
        held.step = &last;
        struct spread spread = { &held, room + (size_t)k * 2 * items, room + (size_t)k * 2 * items + items };
        e = demand_run(&held, spread_sink, &spread, NULL);
    }
    for (size_t i = 0; i < items && !bg_failed(e); i++) {
        double all = room[items + i], part[3], sum = 0;
        for (size_t k = 0; k < 3; k++) {
            part[k] = fmax(0, all - room[(k + 1) * 2 * items + items + i]);
            sum += part[k];
        }
        ret[i] = (struct demand_split){ .mean = room[i], .variance = all };
        if (sum > 0) {
            ret[i].virus = part[0] / sum;
            ret[i].measures = part[1] / sum;
            ret[i].coefficients = part[2] / sum;
        }
    }
    bg_heap_free(room);
    return e;
}
