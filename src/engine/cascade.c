/* ESRI: preparing the network. Losses (1 - level) are stored instead of levels, so that an untouched firm is an exact zero. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cascade_impl.h"

static bg_err check(const struct cascade_network *n)
{
    if (n->firms < 1 || n->firms > CASCADE_FIRMS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "firms");
    }
    if (n->count < 0 || n->count > CASCADE_LINKS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "links");
    }
    if (!(n->eps > 0) || !isfinite(n->eps)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "eps");
    }
    for (int32_t i = 0; i < n->firms; i++) {
        if (n->sector[i] < 0 || n->sector[i] >= n->sectors) {
            return BG_FAIL_AT(BG_BAD_INPUT, "sector");
        }
        if (n->out != NULL && !(isfinite(n->out[i]) && n->out[i] >= 0)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "out");
        }
    }
    for (int64_t e = 0; e < n->count; e++) {
        const struct cascade_link *l = &n->links[e];
        if (l->supplier < 0 || l->supplier >= n->firms || l->buyer < 0 || l->buyer >= n->firms) {
            return BG_FAIL_AT(BG_BAD_INPUT, "links");
        }
        if (!(l->amount > 0) || !isfinite(l->amount)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "amount");
        }
    }
    for (int64_t i = 0; n->essential != NULL && i < (int64_t)n->sectors * n->sectors; i++) {
        if (n->essential[i] > CASCADE_ESSENTIAL) {
            return BG_FAIL_AT(BG_BAD_INPUT, "essential");
        }
    }
    return BG_DONE;
}

static uint8_t essential_of(const struct cascade_network *n, int32_t input, int32_t buyer)
{
    if (n->function == CASCADE_LINEAR) {
        return CASCADE_SUBSTITUTABLE;
    }
    if (n->function == CASCADE_LEONTIEF || n->essential == NULL) {
        return CASCADE_ESSENTIAL;
    }
    return n->essential[(int64_t)n->sectors * input + buyer];
}

/* qsort_r order: by buyer, then the supplier's sector, then the supplier: one group is one input of one buyer. */
struct order_ctx {
    const struct cascade_network *network;
};
static int by_buyer(const void *left, const void *right, void *ctx)
{
    const struct cascade_network *n = ((const struct order_ctx *)ctx)->network;
    const struct cascade_link *a = &n->links[*(const int64_t *)left], *b = &n->links[*(const int64_t *)right];
    if (a->buyer != b->buyer) {
        return a->buyer < b->buyer ? -1 : 1;
    }
    int32_t sa = n->sector[a->supplier], sb = n->sector[b->supplier];
    if (sa != sb) {
        return sa < sb ? -1 : 1;
    }
    return a->supplier < b->supplier ? -1 : (a->supplier > b->supplier ? 1 : 0);
}

static bool allocate(struct cascade *c, int64_t links)
{
    size_t firms = (size_t)c->firms;
    c->in_start = bg_heap_get((firms + 1) * sizeof *c->in_start);
    c->in = bg_heap_get((size_t)links * sizeof *c->in);
    c->out_start = bg_heap_get((firms + 1) * sizeof *c->out_start);
    c->out_edge = bg_heap_get((size_t)links * sizeof *c->out_edge);
    c->sector = bg_heap_get(firms * sizeof *c->sector);
    c->out = bg_heap_get(firms * sizeof *c->out);
    c->market_start = bg_heap_get(((size_t)c->sectors + 1) * sizeof *c->market_start);
    c->market_firm = bg_heap_get(firms * sizeof *c->market_firm);
    return c->in_start != NULL && c->in != NULL && c->out_start != NULL && c->out_edge != NULL && c->sector != NULL &&
           c->out != NULL && c->market_start != NULL && c->market_firm != NULL;
}

/* Weights of one buyer's inputs [from, to) in sorted order: shares of the sector for essential ones, of all purchases for the
 * others. */
static void weigh_inputs(struct cascade *c, const struct cascade_network *n, const int64_t *order, int64_t from, int64_t to)
{
    double all = 0;
    for (int64_t e = from; e < to; e++) {
        all += n->links[order[e]].amount;
    }
    for (int64_t group = from; group < to;) {
        int32_t k = n->sector[n->links[order[group]].supplier];
        double sum = 0;
        int64_t end = group;
        while (end < to && n->sector[n->links[order[end]].supplier] == k) {
            sum += n->links[order[end++]].amount;
        }
        for (int64_t e = group; e < end; e++) {
            const struct cascade_link *l = &n->links[order[e]];
            uint8_t kind = essential_of(n, k, n->sector[l->buyer]);
            double weight = kind == CASCADE_ESSENTIAL ? l->amount / sum : (kind == CASCADE_SUBSTITUTABLE ? l->amount / all : 0);
            c->in[e] = (struct cascade_in){
                .supplier = l->supplier, .essential = kind == CASCADE_ESSENTIAL, .last = e + 1 == end, .weight = weight
            };
        }
        group = end;
    }
}

/* Counting sort of the links by supplier, with each link's share of the supplier's output. */
static void fill_outputs(struct cascade *c, const struct cascade_network *n)
{
    for (int64_t e = 0; e < n->count; e++) {
        c->out_start[n->links[e].supplier + 1]++;
    }
    for (int32_t i = 0; i < c->firms; i++) {
        c->out_start[i + 1] += c->out_start[i];
    }
    /* in_start is free at this moment and serves as the cursor. */
    memcpy(c->in_start, c->out_start, ((size_t)c->firms + 1) * sizeof *c->in_start);
    for (int64_t e = 0; e < n->count; e++) {
        const struct cascade_link *l = &n->links[e];
        c->out_edge[c->in_start[l->supplier]++] =
            (struct cascade_out){ .buyer = l->buyer, .share = l->amount / c->out[l->supplier] };
    }
}

static void fill_inputs(struct cascade *c, const struct cascade_network *n, const int64_t *order)
{
    memset(c->in_start, 0, ((size_t)c->firms + 1) * sizeof *c->in_start);
    for (int64_t e = 0; e < n->count; e++) {
        c->in_start[n->links[e].buyer + 1]++;
    }
    for (int32_t i = 0; i < c->firms; i++) {
        c->in_start[i + 1] += c->in_start[i];
        weigh_inputs(c, n, order, c->in_start[i], c->in_start[i + 1]);
    }
}

static void fill_markets(struct cascade *c)
{
    for (int32_t i = 0; i < c->firms; i++) {
        c->market_start[c->sector[i] + 1]++;
    }
    for (int32_t k = 0; k < c->sectors; k++) {
        c->market_start[k + 1] += c->market_start[k];
    }
    for (int32_t i = c->firms - 1; i >= 0; i--) {
        c->market_firm[--c->market_start[c->sector[i] + 1]] = i;
    }
    /* Filling moved every start down to the one before it; market_start[k + 1] is now where sector k begins. */
    memmove(c->market_start, c->market_start + 1, (size_t)c->sectors * sizeof *c->market_start);
    c->market_start[c->sectors] = c->firms;
}

static bg_err prepare(struct cascade *c, const struct cascade_network *n)
{
    for (int32_t i = 0; i < c->firms; i++) {
        c->sector[i] = n->sector[i];
    }
    for (int64_t e = 0; e < n->count; e++) {
        c->out[n->links[e].supplier] += n->links[e].amount;
    }
    for (int32_t i = 0; i < c->firms; i++) {
        c->out[i] = n->out != NULL && n->out[i] > c->out[i] ? n->out[i] : c->out[i];
        c->all_out += c->out[i];
    }
    int64_t *order = bg_heap_get((size_t)n->count * sizeof *order);
    BG_TRY(bg_need(order));
    for (int64_t e = 0; e < n->count; e++) {
        order[e] = e;
    }
    qsort_r(order, (size_t)n->count, sizeof *order, by_buyer, &(struct order_ctx){ n });
    fill_outputs(c, n);
    fill_inputs(c, n, order);
    fill_markets(c);
    bg_heap_free(order);
    return BG_DONE;
}

bg_err cascade_open(const struct cascade_network *network, struct cascade **ret)
{
    BG_TRY(check(network));
    struct cascade *c = bg_heap_get(sizeof *c);
    BG_TRY(bg_need(c));
    c->firms = network->firms;
    c->sectors = network->sectors;
    c->market = network->market;
    c->eps = network->eps;
    bg_err e = allocate(c, network->count) ? prepare(c, network) : BG_FAIL(BG_NO_MEMORY);
    if (bg_failed(e)) {
        cascade_close(c);
        return e;
    }
    *ret = c;
    return BG_DONE;
}

void cascade_close(struct cascade *c)
{
    if (c == NULL) {
        return;
    }
    bg_heap_free(c->in_start);
    bg_heap_free(c->in);
    bg_heap_free(c->out_start);
    bg_heap_free(c->out_edge);
    bg_heap_free(c->sector);
    bg_heap_free(c->out);
    bg_heap_free(c->market_start);
    bg_heap_free(c->market_firm);
    bg_heap_free(c);
}
