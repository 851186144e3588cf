/* The fan's engine: blocks of 256 paths side by side, drivers day by day as sums since the start, items only at the steps wanted.
 * Places are shared out between two lanes, even and odd, whose city sums are added at the end: the same bits on one thread or
 * two. */
#include <pthread.h>
#include <string.h>

#include "engine/demand_plan.h"

#define LANES 256
#define GROUPS 2

typedef float vec __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t mask __attribute__((vector_size(32), aligned(4), may_alias));
#define VEC 8
#define FAR 3e38F

struct group { /* what one lane of places works in */
    struct run *run;
    int index;
    float *store, *city; /* [steps][streams][padded] sums since the start of the present place; of all places of the group */
    float *values; /* [items][padded] */
    float *cum; /* [days + 1][LANES] cases since the start */
    float *x, *sum, *waiting; /* [drivers][LANES] */
    float *earlier; /* [drivers][days + 1][LANES], where a driver follows another with a lag */
    float *peak, *used; /* [streams][LANES], of reusable items */
    float *need; /* [LANES] */
    struct demand_values *total; /* [items] */
};

struct run {
    const struct demand_input *in;
    const struct demand_plan *plan;
    demand_sink *sink;
    void *ctx;
    double *driver_mean;
    size_t padded;
    float *theta; /* [doubts][padded] */
    float *mean_case; /* [places][days] where the virus is held, else NULL */
    uint8_t *scenario; /* [padded] */
    struct group group[GROUPS];
};

static size_t padded_of(const struct demand_input *in)
{
    return ((size_t)in->paths + LANES - 1) / LANES * LANES;
}

static bool lagging(const struct demand_model *m)
{
    for (int k = 0; k < m->drivers; k++) {
        if (m->driver[k].rule == DEMAND_AFTER && m->driver[k].days > 0) {
            return true;
        }
    }
    return false;
}

/* Streams are at most: levels + rows (when something is learned) + directs + reusable items. */
static size_t streams_bound(const struct demand_model *m)
{
    size_t directs = 0, learned = 0, reusables = 0;
    for (int j = 0; j < m->directs; j++) {
        bool first = true;
        learned += m->direct[j].learned;
        for (int b = 0; b < j && first && !m->direct[j].learned; b++) {
            first =
                m->direct[b].learned || m->direct[b].driver != m->direct[j].driver || m->direct[b].shape != m->direct[j].shape;
        }
        directs += first;
    }
    for (int i = 0; i < m->items && m->reusable != NULL; i++) {
        reusables += m->reusable[i];
    }
    return (size_t)m->levels + (learned > 0 ? (size_t)m->rows : 0) + directs + reusables;
}

size_t demand_bytes(const struct demand_input *in)
{
    const struct demand_model *m = in->model;
    size_t padded = padded_of(in), days = (size_t)in->days + 1, drivers = (size_t)m->drivers, streams = streams_bound(m);
    size_t group = 2 * (size_t)in->steps * streams * padded + (size_t)m->items * padded +
                   LANES * (days + 3 * drivers + (lagging(m) ? drivers * days : 0) + 2 * streams + 1);
    size_t shared = padded * ((size_t)m->rows + (size_t)m->directs + 1) + (size_t)in->places * days;
    return sizeof(float) * (GROUPS * group + shared);
}

static bg_err floats(size_t count, float **ret)
{
    *ret = bg_heap_get((count + 1) * sizeof **ret);
    return bg_need(*ret);
}

static bg_err group_open(struct run *run, int index)
{
    const struct demand_input *in = run->in;
    struct group *g = &run->group[index];
    size_t days = (size_t)in->days + 1, drivers = (size_t)in->model->drivers, streams = (size_t)run->plan->count;
    size_t cells = (size_t)in->steps * streams * run->padded;
    g->run = run;
    g->index = index;
    g->total = bg_heap_get((size_t)in->model->items * sizeof *g->total);
    BG_TRY(bg_need(g->total));
    BG_TRY(floats(cells, &g->store));
    BG_TRY(floats(cells, &g->city));
    BG_TRY(floats((size_t)in->model->items * run->padded, &g->values));
    BG_TRY(floats(days * LANES, &g->cum));
    BG_TRY(floats(drivers * LANES, &g->x));
    BG_TRY(floats(drivers * LANES, &g->sum));
    BG_TRY(floats(drivers * LANES, &g->waiting));
    if (lagging(in->model)) {
        BG_TRY(floats(drivers * days * LANES, &g->earlier));
    }
    BG_TRY(floats(streams * LANES, &g->peak));
    BG_TRY(floats(streams * LANES, &g->used));
    return floats(LANES, &g->need);
}

static void group_close(struct group *g)
{
    float *const all[] = {
        g->store, g->city, g->values, g->cum, g->x, g->sum, g->waiting, g->earlier, g->peak, g->used, g->need
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bg_heap_free(all[i]);
    }
    bg_heap_free(g->total);
}

/* --- one block of paths at one place --- */
/* Sums of the cases since the start, eight paths side by side so that the writes stay together. */
static void load_cases(struct group *g, int place, int block)
{
    const struct demand_input *in = g->run->in;
    size_t days = (size_t)in->days, row = (size_t)in->places * days;
    const float *mean = g->run->mean_case != NULL ? &g->run->mean_case[(size_t)place * days] : NULL;
    memset(g->cum, 0, LANES * sizeof *g->cum);
    for (size_t lane = 0; lane < LANES; lane += VEC) {
        size_t path = (size_t)block * LANES + lane;
        const int32_t *from =
            in->cases != NULL && path < (size_t)in->paths ? &in->cases[path * row + (size_t)place * days] : NULL;
        size_t live = from == NULL ? 0 : (path + VEC <= (size_t)in->paths ? VEC : (size_t)in->paths - path);
        float sum[VEC] = { 0 };
        for (size_t t = 0; t < days; t++) {
            for (size_t j = 0; j < VEC; j++) {
                sum[j] += mean != NULL ? mean[t] : (j < live ? (float)from[j * row + t] : 0);
            }
            memcpy(&g->cum[(t + 1) * LANES + lane], sum, sizeof sum);
        }
    }
}

static float past_cases(const struct demand_input *in, int place, int days)
{
    double sum = 0;
    for (int day = 0; day < days && day < in->past; day++) {
        sum += in->history[(size_t)place * (size_t)in->past + (size_t)(in->past - 1 - day)];
    }
    return (float)sum;
}

static void fill(float *restrict x, float value)
{
    for (int i = 0; i < LANES; i++) {
        x[i] = value;
    }
}

static void from_cases(float *restrict x, const float *restrict now, const float *restrict before, float past, float rate,
                       float cap)
{
    for (int i = 0; i < LANES; i++) {
        float v = rate * (now[i] - before[i] + past);
        x[i] = v < cap ? v : cap;
    }
}

static void from_other(float *restrict x, float *restrict waiting, const float *restrict other, float rate, float cap)
{
    for (int i = 0; i < LANES; i++) {
        float v = waiting[i] + rate * other[i];
        x[i] = v < cap ? v : cap;
        waiting[i] = v - x[i];
    }
}

static void from_rounds(struct group *g, const struct demand_driver *d, int place, int block, int day, float *restrict x,
                        float cap)
{
    float amount[DEMAND_SCENARIOS_MAX] = { 0 };
    bool any = false;
    for (int s = 0; s < g->run->in->scenarios; s++) {
        amount[s] = (float)(d->rate * demand_sampled(g->run->in, s, place, day));
        amount[s] = amount[s] < cap ? amount[s] : cap;
        any = any || amount[s] > 0;
    }
    const uint8_t *scenario = &g->run->scenario[(size_t)block * LANES];
    for (int i = 0; i < LANES; i++) {
        x[i] = any ? amount[scenario[i]] : 0;
    }
}

static void step_driver(struct group *g, int k, int place, int block, int day)
{
    const struct demand_input *in = g->run->in;
    const struct demand_driver *d = &in->model->driver[k];
    float *x = &g->x[k * LANES];
    const float *now = &g->cum[(size_t)day * LANES];
    float cap = d->cap != NULL ? (float)d->cap[place] : 3e38f, rate = (float)d->rate;
    int since = day - d->days > 0 ? day - d->days : 0;
    switch (d->rule) {
    case DEMAND_FIXED:
        fill(x, !demand_active(d, day) ? 0 : (d->amount[place] < (double)cap ? (float)d->amount[place] : cap));
        break;
    case DEMAND_NEW: from_cases(x, now, now - LANES, 0, rate, cap); break;
    case DEMAND_STAY: from_cases(x, now, &g->cum[(size_t)since * LANES], past_cases(in, place, d->days - day), rate, cap); break;
    case DEMAND_TOTAL: from_cases(x, now, g->cum, past_cases(in, place, in->past), rate, cap); break;
    case DEMAND_ROUND: from_rounds(g, d, place, block, day, x, cap); break;
    case DEMAND_AFTER: {
        size_t row = (size_t)in->days + 1;
        const float *other = d->days == 0 ? &g->x[d->of * LANES]
                                          : &g->earlier[((size_t)d->of * row + (size_t)since) * LANES]; /* day 0 is always 0 */
        from_other(x, &g->waiting[k * LANES], other, rate, cap);
        break;
    }
    case DEMAND_RULES: break;
    }
    if (g->earlier != NULL) {
        memcpy(&g->earlier[((size_t)k * ((size_t)in->days + 1) + (size_t)day) * LANES], x, LANES * sizeof *x);
    }
    float *restrict sum = &g->sum[k * LANES];
    for (int i = 0; i < LANES; i++) {
        sum[i] += x[i];
    }
}

/* to = rate x doubt x from */
static void set_part(const struct run *run, const struct demand_part *part, int block, const float *from, float *restrict to)
{
    const float *restrict f = &from[part->driver * LANES];
    if (part->doubt < 0) {
        for (int i = 0; i < LANES; i++) {
            to[i] = part->rate * f[i];
        }
        return;
    }
    const float *restrict theta = &run->theta[(size_t)part->doubt * run->padded + (size_t)block * LANES];
    for (int i = 0; i < LANES; i++) {
        to[i] = part->rate * theta[i] * f[i];
    }
}

/* acc += rate x doubt x from */
static void add_part(const struct run *run, const struct demand_part *part, int block, const float *from, float *restrict acc)
{
    const float *restrict f = &from[part->driver * LANES];
    if (part->doubt < 0) {
        for (int i = 0; i < LANES; i++) {
            acc[i] += part->rate * f[i];
        }
        return;
    }
    const float *restrict theta = &run->theta[(size_t)part->doubt * run->padded + (size_t)block * LANES];
    for (int i = 0; i < LANES; i++) {
        acc[i] += part->rate * theta[i] * f[i];
    }
}

static void step_reusable(struct group *g, int s, int block)
{
    const struct demand_stream *stream = &g->run->plan->streams[s];
    float *restrict peak = &g->peak[s * LANES], *restrict used = &g->used[s * LANES], *restrict need = g->need;
    fill(need, 0);
    for (int q = stream->first; q < stream->last; q++) {
        add_part(g->run, &g->run->plan->part[q], block, g->x, need);
    }
    for (int i = 0; i < LANES; i++) {
        peak[i] = need[i] > peak[i] ? need[i] : peak[i];
        used[i] += need[i];
    }
}

static void write_streams(struct group *g, int step, int place, int block)
{
    const struct demand_model *m = g->run->in->model;
    const struct demand_plan *plan = g->run->plan;
    for (int s = 0; s < plan->count; s++) {
        const struct demand_stream *stream = &plan->streams[s];
        size_t at = ((size_t)step * (size_t)plan->count + (size_t)s) * g->run->padded + (size_t)block * LANES;
        float *restrict out = &g->store[at];
        if (stream->item >= 0) {
            float fielded = m->fielded != NULL ? (float)m->fielded[(size_t)place * (size_t)m->items + (size_t)stream->item] : 0;
            float loss = m->loss != NULL ? (float)m->loss[stream->item] : 0;
            const float *restrict peak = &g->peak[s * LANES], *restrict used = &g->used[s * LANES];
            for (int i = 0; i < LANES; i++) {
                float more = peak[i] - fielded;
                out[i] = (more > 0 ? more : 0) + loss * used[i];
            }
        } else {
            if (stream->first == stream->last) {
                fill(out, 0);
            } else {
                set_part(g->run, &plan->part[stream->first], block, g->sum, out);
            }
            for (int q = stream->first + 1; q < stream->last; q++) {
                add_part(g->run, &plan->part[q], block, g->sum, out);
            }
        }
        float *restrict city = &g->city[at];
        for (int i = 0; i < LANES; i++) {
            city[i] += out[i];
        }
    }
}

static void add_means(struct group *g, int place, int step, int block)
{
    const struct demand_input *in = g->run->in;
    int lanes = in->paths - block * LANES < LANES ? in->paths - block * LANES : LANES;
    for (int k = 0; k < in->model->drivers; k++) {
        double acc[VEC] = { 0 };
        const float *sum = &g->sum[k * LANES];
        int i = 0;
        for (; i + VEC <= lanes; i += VEC) {
            for (int j = 0; j < VEC; j++) {
                acc[j] += (double)sum[i + j];
            }
        }
        for (; i < lanes; i++) {
            acc[0] += (double)sum[i];
        }
        double all = ((acc[0] + acc[1]) + (acc[2] + acc[3])) + ((acc[4] + acc[5]) + (acc[6] + acc[7]));
        g->run->driver_mean[((size_t)place * (size_t)in->steps + (size_t)step) * (size_t)in->model->drivers + (size_t)k] +=
            all / in->paths;
    }
}

BG_WIDE static void run_block(struct group *g, int place, int block)
{
    const struct demand_input *in = g->run->in;
    const struct demand_plan *plan = g->run->plan;
    size_t drivers = (size_t)in->model->drivers * LANES * sizeof *g->sum, streams = (size_t)plan->count * LANES * sizeof *g->peak;
    load_cases(g, place, block);
    memset(g->sum, 0, drivers);
    memset(g->waiting, 0, drivers);
    memset(g->peak, 0, streams);
    memset(g->used, 0, streams);
    int step = 0;
    for (int day = 1; day <= in->step[in->steps - 1]; day++) {
        for (int k = 0; k < in->model->drivers; k++) {
            step_driver(g, k, place, block, day);
        }
        for (int s = plan->count - plan->reusables; s < plan->count; s++) {
            step_reusable(g, s, block);
        }
        if (day == in->step[step]) {
            write_streams(g, step, place, block);
            if (g->run->driver_mean != NULL) {
                add_means(g, place, step, block);
            }
            step++;
        }
    }
}

/* --- items --- */
static inline void raise(vec *high, const vec *a)
{
    mask pick = *a > *high;
    *high = (vec)((pick & (mask)*a) | (~pick & (mask)*high));
}

static inline void lower(vec *low, const vec *a)
{
    mask pick = *a < *low;
    *low = (vec)((pick & (mask)*a) | (~pick & (mask)*low));
}

/* One item on LANES paths: four vectors at a time stay in registers over all its terms; with their sum, smallest and
 * largest value. */
static void item_block(const struct demand_term *term, int terms, const float *store, size_t padded, float *out,
                       struct demand_values *total)
{
    vec sum = { 0 }, high = { 0 }, low = { FAR, FAR, FAR, FAR, FAR, FAR, FAR, FAR };
    for (int i = 0; i < LANES; i += 4 * VEC) {
        vec a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
        for (int t = 0; t < terms; t++) {
            const float *s = &store[(size_t)term[t].stream * padded + (size_t)i];
            float w = term[t].coefficient;
            a += w * *(const vec *)s;
            b += w * *(const vec *)(s + VEC);
            c += w * *(const vec *)(s + 2 * VEC);
            d += w * *(const vec *)(s + 3 * VEC);
        }
        *(vec *)(out + i) = a;
        *(vec *)(out + i + VEC) = b;
        *(vec *)(out + i + 2 * VEC) = c;
        *(vec *)(out + i + 3 * VEC) = d;
        sum += (a + b) + (c + d);
        vec least = a;
        lower(&least, &b);
        lower(&least, &c);
        lower(&least, &d);
        lower(&low, &least);
        raise(&a, &b);
        raise(&c, &d);
        raise(&a, &c);
        raise(&high, &a);
    }
    for (int j = 0; j < VEC; j++) {
        total->sum += (double)sum[j];
        total->high = high[j] > total->high ? high[j] : total->high;
        total->low = low[j] < total->low ? low[j] : total->low;
    }
}

/* The last block may hold fewer paths than lanes: its totals leave the others out. */
static void add_rest(const float *values, size_t from, size_t paths, struct demand_values *total)
{
    for (size_t n = from; n < paths; n++) {
        total->sum += (double)values[n];
        total->high = values[n] > total->high ? values[n] : total->high;
        total->low = values[n] < total->low ? values[n] : total->low;
    }
}

/* All items of one step, block by block, so that the streams are read from the nearest cache. */
BG_WIDE static void step_items(struct group *g, const float *sums)
{
    const struct run *run = g->run;
    const struct demand_plan *plan = run->plan;
    int items = run->in->model->items;
    size_t paths = (size_t)run->in->paths;
    for (int i = 0; i < items; i++) {
        g->total[i] = (struct demand_values){ .low = FAR };
    }
    for (size_t at = 0; at < run->padded; at += LANES) {
        for (int i = 0; i < items; i++) {
            struct demand_values rest = { .low = FAR };
            float *values = &g->values[(size_t)i * run->padded];
            int first = plan->item_start[i], terms = plan->item_start[i + 1] - first;
            bool whole = at + LANES <= paths;
            item_block(&plan->term[first], terms, sums + at, run->padded, values + at, whole ? &g->total[i] : &rest);
            if (!whole) {
                add_rest(values, at, paths, &g->total[i]);
            }
        }
    }
}

static void tell(struct group *g, int place, const float *store)
{
    const struct demand_input *in = g->run->in;
    const struct demand_plan *plan = g->run->plan;
    for (int step = 0; step < in->steps; step++) {
        const float *sums = &store[(size_t)step * (size_t)plan->count * g->run->padded];
        step_items(g, sums);
        for (int i = 0; i < in->model->items; i++) {
            g->total[i].at = &g->values[(size_t)i * g->run->padded];
            g->run->sink(g->run->ctx, place, step, i, &g->total[i]);
        }
    }
}

static void *run_group(void *at)
{
    struct group *g = at;
    const struct demand_input *in = g->run->in;
    for (int place = g->index; place < in->places; place += GROUPS) {
        for (int block = 0; (size_t)block * LANES < g->run->padded; block++) {
            run_block(g, place, block);
        }
        tell(g, place, g->store);
    }
    return NULL;
}

static void run_city(struct run *run)
{
    const struct demand_input *in = run->in;
    struct group *a = &run->group[0], *b = &run->group[1];
    size_t cells = (size_t)in->steps * (size_t)run->plan->count * run->padded;
    for (size_t i = 0; i < cells; i++) {
        a->city[i] += b->city[i];
    }
    tell(a, in->places, a->city);
    size_t row = (size_t)in->steps * (size_t)in->model->drivers;
    for (size_t i = 0; run->driver_mean != NULL && i < row; i++) {
        for (int place = 0; place < in->places; place++) {
            run->driver_mean[(size_t)in->places * row + i] += run->driver_mean[(size_t)place * row + i];
        }
    }
}

static bg_err mean_cases(struct run *run)
{
    const struct demand_input *in = run->in;
    if ((in->hold & DEMAND_HOLD_VIRUS) == 0 || in->cases == NULL) {
        return BG_DONE;
    }
    size_t cells = (size_t)in->places * (size_t)in->days;
    BG_TRY(floats(cells, &run->mean_case));
    for (size_t i = 0; i < cells; i++) {
        double sum = 0;
        for (int n = 0; n < in->paths; n++) {
            sum += in->cases[(size_t)n * cells + i];
        }
        run->mean_case[i] = (float)(sum / in->paths);
    }
    return BG_DONE;
}

static bg_err prepare(struct run *run)
{
    const struct demand_input *in = run->in;
    BG_TRY(floats((size_t)run->plan->doubts * run->padded, &run->theta));
    run->scenario = bg_heap_get(run->padded);
    BG_TRY(bg_need(run->scenario));
    for (int d = 0; d < run->plan->doubts; d++) {
        for (size_t n = 0; n < run->padded; n++) {
            run->theta[(size_t)d * run->padded + n] =
                (float)demand_gamma(in->seed, DEMAND_STREAM_DOUBT + (uint64_t)d, n, run->plan->shape[d]);
        }
    }
    for (size_t n = 0; n < run->padded && in->scenarios > 0; n++) {
        run->scenario[n] = (uint8_t)demand_scenario(in, (int)n);
    }
    BG_TRY(mean_cases(run));
    for (int i = 0; i < GROUPS; i++) {
        BG_TRY(group_open(run, i));
    }
    return BG_DONE;
}

bg_err demand_run(const struct demand_input *in, demand_sink *sink, void *ctx, double *ret_driver)
{
    struct demand_plan plan;
    BG_TRY(demand_check(in));
    struct run run = { .in = in, .plan = &plan, .sink = sink, .ctx = ctx, .driver_mean = ret_driver, .padded = padded_of(in) };
    bg_err e = demand_plan_open(in, &plan);
    if (!bg_failed(e)) {
        e = prepare(&run);
    }
    if (!bg_failed(e)) {
        pthread_t other;
        size_t means = ((size_t)in->places + 1) * (size_t)in->steps * (size_t)in->model->drivers;
        if (ret_driver != NULL) {
            memset(ret_driver, 0, means * sizeof *ret_driver);
        }
        bool two = in->threads == 2 && pthread_create(&other, NULL, run_group, &run.group[1]) == 0;
        (void)run_group(&run.group[0]);
        if (two) {
            (void)pthread_join(other, NULL);
        } else {
            (void)run_group(&run.group[1]);
        }
        run_city(&run);
    }
    for (int i = 0; i < GROUPS; i++) {
        group_close(&run.group[i]);
    }
    bg_heap_free(run.theta);
    bg_heap_free(run.mean_case);
    bg_heap_free(run.scenario);
    demand_plan_close(&plan);
    return e;
}
