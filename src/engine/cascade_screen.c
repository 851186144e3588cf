/* Sweeps by frontier: a step touches only firms next to a loss that grew, instead of all. With tau 0 that is exact; with tau > 0
 * a loss is passed on only once it has grown by more than tau since it was last passed on, and the firms that matter are computed
 * again exactly. */
#include <stdlib.h>
#include <string.h>

#include "engine/cascade_impl.h"

/* A list of firms without repeats. */
struct marked {
    int32_t *list, count;
    bool *is;
};

struct front {
    double *down, *up; /* losses now */
    double *told_down, *told_up; /* losses as last passed on */
    double *shock;
    double *made; /* [sectors] output lost in each market, as passed on */
    double *market; /* [sectors] output of each market */
    struct marked down_next, up_next, touched, grown_down, grown_up, markets;
};

static void mark(struct marked *m, int32_t item)
{
    if (!m->is[item]) {
        m->is[item] = true;
        m->list[m->count++] = item;
    }
}

static void unmark_all(struct marked *m)
{
    for (int32_t i = 0; i < m->count; i++) {
        m->is[m->list[i]] = false;
    }
    m->count = 0;
}

static bool marked_make(struct marked *m, int32_t size)
{
    m->list = bg_heap_get((size_t)size * sizeof *m->list);
    m->is = bg_heap_get((size_t)size * sizeof *m->is);
    return m->list != NULL && m->is != NULL;
}

static void marked_free(struct marked *m)
{
    bg_heap_free(m->list);
    bg_heap_free(m->is);
}

static void front_free(struct front *f)
{
    bg_heap_free(f->down);
    bg_heap_free(f->made);
    marked_free(&f->down_next);
    marked_free(&f->up_next);
    marked_free(&f->touched);
    marked_free(&f->grown_down);
    marked_free(&f->grown_up);
    marked_free(&f->markets);
}

static bg_err front_make(const struct cascade *c, struct front *f)
{
    int64_t firms = c->firms;
    *f = (struct front){ 0 };
    f->down = bg_heap_get(5 * (size_t)firms * sizeof *f->down);
    f->made = bg_heap_get(2 * (size_t)c->sectors * sizeof *f->made);
    bool ok = f->down != NULL && f->made != NULL;
    ok = marked_make(&f->down_next, c->firms) && ok;
    ok = marked_make(&f->up_next, c->firms) && ok;
    ok = marked_make(&f->touched, c->firms) && ok;
    ok = marked_make(&f->grown_down, c->firms) && ok;
    ok = marked_make(&f->grown_up, c->firms) && ok;
    ok = marked_make(&f->markets, c->sectors) && ok;
    if (!ok) {
        front_free(f);
        return BG_FAIL(BG_NO_MEMORY);
    }
    f->up = f->down + firms;
    f->told_down = f->down + 2 * firms;
    f->told_up = f->down + 3 * firms;
    f->shock = f->down + 4 * firms;
    f->market = f->made + c->sectors;
    for (int32_t i = 0; i < c->firms; i++) {
        f->market[c->sector[i]] += c->out[i];
    }
    return BG_DONE;
}

static double passed(const struct cascade *c, const struct front *f, int32_t supplier)
{
    double loss = f->told_down[supplier];
    if (!c->market || loss == 0) {
        return loss;
    }
    int32_t k = c->sector[supplier];
    double rest = f->market[k] - f->made[k];
    return rest <= CASCADE_MARKET_EMPTY || c->out[supplier] >= rest ? loss : loss * c->out[supplier] / rest;
}

static double loss_of_inputs(const struct cascade *c, const struct front *f, int32_t buyer)
{
    double worst = 0, spread = 0, group = 0;
    for (int64_t e = c->in_start[buyer]; e < c->in_start[buyer + 1]; e++) {
        const struct cascade_in *in = &c->in[e];
        double loss = in->weight * passed(c, f, in->supplier);
        if (!in->essential) {
            spread += loss;
            continue;
        }
        group += loss;
        if (in->last) {
            worst = group > worst ? group : worst;
            group = 0;
        }
    }
    return worst > spread ? worst : spread;
}

static double loss_of_orders(const struct cascade *c, const struct front *f, int32_t supplier)
{
    double loss = 0;
    for (int64_t e = c->out_start[supplier]; e < c->out_start[supplier + 1]; e++) {
        loss += c->out_edge[e].share * f->told_up[c->out_edge[e].buyer];
    }
    return loss;
}

/* Tells the neighbours of firms whose loss grew; a grown market loss also concerns the buyers of its other losing members. */
static void tell(const struct cascade *c, struct front *f)
{
    for (int32_t g = 0; g < f->grown_down.count; g++) {
        int32_t i = f->grown_down.list[g];
        f->made[c->sector[i]] += c->out[i] * (f->down[i] - f->told_down[i]);
        f->told_down[i] = f->down[i];
        mark(&f->markets, c->sector[i]);
        for (int64_t e = c->out_start[i]; e < c->out_start[i + 1]; e++) {
            mark(&f->down_next, c->out_edge[e].buyer);
        }
    }
    for (int32_t m = 0; c->market && m < f->markets.count; m++) {
        int32_t k = f->markets.list[m];
        for (int32_t at = c->market_start[k]; at < c->market_start[k + 1]; at++) {
            int32_t i = c->market_firm[at];
            for (int64_t e = c->out_start[i]; f->told_down[i] > 0 && e < c->out_start[i + 1]; e++) {
                mark(&f->down_next, c->out_edge[e].buyer);
            }
        }
    }
    for (int32_t g = 0; g < f->grown_up.count; g++) {
        int32_t i = f->grown_up.list[g];
        f->told_up[i] = f->up[i];
        for (int64_t e = c->in_start[i]; e < c->in_start[i + 1]; e++) {
            mark(&f->up_next, c->in[e].supplier);
        }
    }
    unmark_all(&f->grown_down);
    unmark_all(&f->grown_up);
    unmark_all(&f->markets);
}

/* Recomputes the firms that were told; the largest growth of a loss. */
static double advance(const struct cascade *c, struct front *f, double tau)
{
    double change = 0;
    for (int32_t n = 0; n < f->down_next.count; n++) {
        int32_t i = f->down_next.list[n];
        double loss = cascade_clamp(loss_of_inputs(c, f, i), f->shock[i]);
        change = loss - f->down[i] > change ? loss - f->down[i] : change;
        f->down[i] = loss > f->down[i] ? loss : f->down[i];
        mark(&f->touched, i);
        if (f->down[i] - f->told_down[i] > tau) {
            mark(&f->grown_down, i);
        }
    }
    for (int32_t n = 0; n < f->up_next.count; n++) {
        int32_t i = f->up_next.list[n];
        double loss = cascade_clamp(loss_of_orders(c, f, i), f->shock[i]);
        change = loss - f->up[i] > change ? loss - f->up[i] : change;
        f->up[i] = loss > f->up[i] ? loss : f->up[i];
        mark(&f->touched, i);
        if (f->up[i] - f->told_up[i] > tau) {
            mark(&f->grown_up, i);
        }
    }
    unmark_all(&f->down_next);
    unmark_all(&f->up_next);
    return change;
}

static void read_and_clear(const struct cascade *c, struct front *f, struct cascade_index *ret)
{
    double both = 0, down = 0, up = 0, all = c->all_out > 0 ? c->all_out : 1;
    for (int32_t n = 0; n < f->touched.count; n++) {
        int32_t i = f->touched.list[n];
        down += c->out[i] * f->down[i];
        up += c->out[i] * f->up[i];
        both += c->out[i] * (f->down[i] > f->up[i] ? f->down[i] : f->up[i]);
        f->down[i] = f->up[i] = f->told_down[i] = f->told_up[i] = 0;
        f->made[c->sector[i]] = 0;
    }
    unmark_all(&f->touched);
    unmark_all(&f->down_next);
    unmark_all(&f->up_next);
    unmark_all(&f->grown_down);
    unmark_all(&f->grown_up);
    *ret = (struct cascade_index){ .index = both / all, .down = down / all, .up = up / all };
}

static void sweep_firm(const struct cascade *c, struct front *f, int32_t firm, double tau, struct cascade_index *ret)
{
    f->shock[firm] = f->down[firm] = f->up[firm] = 1;
    mark(&f->touched, firm);
    mark(&f->grown_down, firm);
    mark(&f->grown_up, firm);
    double change; /* the last step's; the published rule stops on it */
    do {
        tell(c, f);
        change = advance(c, f, tau);
    } while (change > c->eps);
    read_and_clear(c, f, ret);
    f->shock[firm] = 0;
}

bg_err cascade_firms(const struct cascade *c, const int32_t *firms, int32_t count, struct cascade_index *ret)
{
    for (int32_t i = 0; i < count; i++) {
        if (firms[i] < 0 || firms[i] >= c->firms) {
            return BG_FAIL_AT(BG_BAD_INPUT, "firm");
        }
    }
    struct front f;
    BG_TRY(front_make(c, &f));
    for (int32_t i = 0; i < count; i++) {
        sweep_firm(c, &f, firms[i], 0, &ret[i]);
    }
    front_free(&f);
    return BG_DONE;
}

struct ranked {
    double index;
    int32_t firm;
};
static int by_index(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->index != b->index) {
        return a->index > b->index ? -1 : 1;
    }
    return a->firm < b->firm ? -1 : (a->firm > b->firm ? 1 : 0);
}

/* The `exact` highest again, exactly. */
static bg_err refine(const struct cascade *c, int32_t exact, struct cascade_index *ret)
{
    exact = exact > c->firms ? c->firms : exact;
    struct ranked *order = bg_heap_get((size_t)c->firms * sizeof *order);
    int32_t *firms = bg_heap_get((size_t)exact * sizeof *firms);
    struct cascade_index *again = bg_heap_get((size_t)exact * sizeof *again);
    bg_err e = order != NULL && firms != NULL && again != NULL ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
    if (!bg_failed(e)) {
        for (int32_t i = 0; i < c->firms; i++) {
            order[i] = (struct ranked){ ret[i].index, i };
        }
        qsort(order, (size_t)c->firms, sizeof *order, by_index);
        for (int32_t i = 0; i < exact; i++) {
            firms[i] = order[i].firm;
        }
        e = cascade_firms(c, firms, exact, again);
        for (int32_t i = 0; !bg_failed(e) && i < exact; i++) {
            ret[firms[i]] = again[i];
        }
    }
    bg_heap_free(order);
    bg_heap_free(firms);
    bg_heap_free(again);
    return e;
}

bg_err cascade_screen(const struct cascade *c, double tau, int32_t exact, struct cascade_index *ret)
{
    if (!(tau >= 0 && tau < 1)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "screen");
    }
    struct front f;
    BG_TRY(front_make(c, &f));
    for (int32_t i = 0; i < c->firms; i++) {
        sweep_firm(c, &f, i, tau, &ret[i]);
    }
    front_free(&f);
    return refine(c, exact, ret);
}
