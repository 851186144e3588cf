/* Turns the model into streams: sums over rows that items share, so that fifty items cost little more than the kits they are made
 * of. */
#include "engine/demand_plan.h"

#include <math.h>

double demand_gamma(uint64_t seed, uint64_t stream, uint64_t path, double shape)
{
    /* Marsaglia and Tsang, "A simple method for generating gamma variables" (2000); below 1 by the power of a uniform. */
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d), value = d;
    for (uint64_t draw = 1; draw < 62; draw += 3) {
        double u = demand_uniform(seed, stream, path, draw), a = demand_uniform(seed, stream, path, draw + 1);
        double z = sqrt(-2 * log(u)) * cos(2 * M_PI * a), v = 1 + c * z;
        v = v * v * v;
        if (v > 0 && log(demand_uniform(seed, stream, path, draw + 2)) < 0.5 * z * z + d - d * v + d * log(v)) {
            value = d * v;
            break;
        }
    }
    return (shape < 1 ? value * pow(demand_uniform(seed, stream, path, 0), 1 / shape) : value) / shape;
}

static bool item_learned(const struct demand_model *m, int driver, int item)
{
    for (int j = 0; j < m->directs; j++) {
        if (m->direct[j].learned && m->direct[j].item == item && (driver < 0 || m->direct[j].driver == driver)) {
            return true;
        }
    }
    return false;
}

static bool is_reusable(const struct demand_model *m, int item)
{
    return m->reusable != NULL && m->reusable[item];
}

static int doubt_add(struct demand_plan *p, double shape)
{
    if (shape == 0 || p->hold_doubt) {
        return -1;
    }
    p->shape[p->doubts] = shape;
    return p->doubts++;
}

static void part_add(struct demand_plan *p, int driver, int doubt, double rate)
{
    p->part[p->parts++] = (struct demand_part){ driver, doubt, (float)rate };
    p->streams[p->count].last = p->parts;
}

static int stream_open(struct demand_plan *p)
{
    p->streams[p->count] = (struct demand_stream){ .first = p->parts, .last = p->parts, .item = -1 };
    return p->count;
}

static void term_add(struct demand_plan *p, int stream, double coefficient)
{
    p->term[p->terms++] = (struct demand_term){ stream, (float)coefficient };
}

/* One stream a level, and one a row where a learned item must leave a driver out. */
static void row_streams(struct demand_plan *p, const struct demand_model *m)
{
    for (int r = 0; r < m->rows; r++) {
        p->row_doubt[r] = doubt_add(p, m->row[r].shape);
        p->row_stream[r] = -1;
    }
    for (int l = 0; l < m->levels; l++) {
        p->level_stream[l] = stream_open(p);
        for (int r = 0; r < m->rows; r++) {
            if (m->row[r].level == l) {
                part_add(p, m->row[r].driver, p->row_doubt[r], m->row[r].rate);
            }
        }
        p->count++;
    }
    bool any = false;
    for (int j = 0; j < m->directs; j++) {
        any = any || m->direct[j].learned;
    }
    for (int r = 0; r < m->rows && any; r++) {
        p->row_stream[r] = stream_open(p);
        part_add(p, m->row[r].driver, p->row_doubt[r], m->row[r].rate);
        p->count++;
    }
}

/* Direct items of one driver with one shape share their doubt; a learned one has its own. */
static void direct_streams(struct demand_plan *p, const struct demand_model *m)
{
    for (int j = 0; j < m->directs; j++) {
        const struct demand_direct *d = &m->direct[j];
        p->direct_stream[j] = -1;
        for (int b = 0; b < j && !d->learned && p->direct_stream[j] < 0; b++) {
            const struct demand_direct *o = &m->direct[b];
            if (!o->learned && o->driver == d->driver && o->shape == d->shape) {
                p->direct_stream[j] = p->direct_stream[b];
            }
        }
        if (p->direct_stream[j] < 0) {
            p->direct_stream[j] = stream_open(p);
            part_add(p, d->driver, doubt_add(p, d->shape), 1);
            p->count++;
        }
    }
}

static void item_terms(struct demand_plan *p, const struct demand_model *m, int item)
{
    double factor = (1 + (m->waste != NULL ? m->waste[item] : 0)) * m->use;
    bool expand = item_learned(m, -1, item);
    for (int l = 0; l < m->levels && !expand; l++) {
        double kit = m->kit[(size_t)l * (size_t)m->items + (size_t)item];
        const struct demand_stream *s = &p->streams[p->level_stream[l]];
        if (kit > 0 && s->last > s->first) {
            term_add(p, p->level_stream[l], factor * kit);
        }
    }
    for (int r = 0; r < m->rows && expand; r++) {
        double kit = m->kit[(size_t)m->row[r].level * (size_t)m->items + (size_t)item];
        if (kit > 0 && !item_learned(m, m->row[r].driver, item)) {
            term_add(p, p->row_stream[r], factor * kit);
        }
    }
    for (int j = 0; j < m->directs; j++) {
        const struct demand_direct *d = &m->direct[j];
        if (d->item == item && d->rate > 0 && (d->learned || !item_learned(m, d->driver, item))) {
            term_add(p, p->direct_stream[j], d->rate);
        }
    }
}

/* A reusable item is a stream of its own, made day by day from the terms it would have had. */
static void reusable_item(struct demand_plan *p, int item, int first_term)
{
    int first = p->parts;
    for (int t = first_term; t < p->terms; t++) {
        struct demand_term term = p->term[t];
        for (int q = p->streams[term.stream].first; q < p->streams[term.stream].last; q++) {
            struct demand_part part = p->part[q];
            p->part[p->parts++] = (struct demand_part){ part.driver, part.doubt, part.rate * term.coefficient };
        }
    }
    p->terms = first_term;
    p->streams[p->count] = (struct demand_stream){ .first = first, .last = p->parts, .item = item };
    term_add(p, p->count++, 1);
    p->reusables++;
}

static bg_err allocate(struct demand_plan *p, const struct demand_model *m)
{
    size_t rows = (size_t)m->rows, directs = (size_t)m->directs, items = (size_t)m->items, levels = (size_t)m->levels;
    size_t streams = rows + directs + items + levels + 1;
    size_t parts = 2 * rows + directs + items * (rows + directs) + 1, terms = items * (rows + levels + 1) + directs + 1;
    p->arena = bg_arena_open((size_t)256 << 20);
    BG_TRY(bg_need(p->arena));
    BG_TRY(bg_need(p->streams = bg_arena_array(p->arena, streams, sizeof *p->streams)));
    BG_TRY(bg_need(p->part = bg_arena_array(p->arena, parts, sizeof *p->part)));
    BG_TRY(bg_need(p->term = bg_arena_array(p->arena, terms, sizeof *p->term)));
    BG_TRY(bg_need(p->item_start = bg_arena_array(p->arena, items + 1, sizeof *p->item_start)));
    BG_TRY(bg_need(p->shape = bg_arena_array(p->arena, rows + directs + 1, sizeof *p->shape)));
    BG_TRY(bg_need(p->row_doubt = bg_arena_array(p->arena, rows + 1, sizeof *p->row_doubt)));
    BG_TRY(bg_need(p->row_stream = bg_arena_array(p->arena, rows + 1, sizeof *p->row_stream)));
    return bg_need(p->direct_stream = bg_arena_array(p->arena, directs + 1, sizeof *p->direct_stream));
}

bg_err demand_plan_open(const struct demand_input *in, struct demand_plan *p)
{
    const struct demand_model *m = in->model;
    *p = (struct demand_plan){ .hold_doubt = (in->hold & DEMAND_HOLD_COEFFICIENTS) != 0 };
    BG_TRY(allocate(p, m));
    row_streams(p, m);
    direct_streams(p, m);
    for (int i = 0; i < m->items; i++) {
        p->item_start[i] = p->terms;
        item_terms(p, m, i);
        if (is_reusable(m, i)) {
            reusable_item(p, i, p->item_start[i]);
        }
    }
    p->item_start[m->items] = p->terms;
    return BG_DONE;
}

void demand_plan_close(struct demand_plan *p)
{
    bg_arena_close(p->arena);
}
