/* What to order first, and whether it will be there in time. */
#include <math.h>
#include <string.h>

#include "engine/demand_impl.h"
#include "engine/standard.h"

/* --- expected unmet need as a function of the stock --- */
struct curve {
    const struct standard_need *need;
    const double *above; /* [paths + 1] sums of the shortfalls from n on */
    int paths;
};

static int first_above(const float *sorted, int count, double stock)
{
    int low = 0, high = count;
    while (low < high) {
        int mid = (low + high) / 2;
        if ((double)sorted[mid] > stock) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return low;
}

static double unmet(const struct curve *c, double packs)
{
    double stock = c->need->stock + packs * (double)c->need->pack;
    int at = first_above(c->need->shortfall, c->paths, stock);
    return (c->above[at] - stock * (c->paths - at)) / c->paths;
}

/* Weighted drop of unmet need a yuan of one more pack after `packs`. */
static double gain(const struct curve *c, int64_t packs)
{
    double drop = unmet(c, (double)packs) - unmet(c, (double)packs + 1);
    return fmax(0, drop) * c->need->weight / ((double)c->need->pack * c->need->price);
}

/* Packs whose gain is at least `least` (or above it, where `strict`). */
static int64_t packs_at(const struct curve *c, double least, bool strict)
{
    int64_t low = 0, high = c->need->packs_max;
    while (low < high) {
        int64_t mid = low + (high - low) / 2;
        double g = gain(c, mid);
        if (g > least || (!strict && g >= least)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static double cost_of(const struct curve *curves, int count, double least, bool strict)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += (double)packs_at(&curves[i], least, strict) * (double)curves[i].need->pack * curves[i].need->price;
    }
    return sum;
}

/* Spends what is left pack by pack, but a run of packs of the same gain at once. */
static void spend_rest(const struct curve *curves, int count, double left, struct standard_order *ret)
{
    for (int turn = 0; turn < 100000; turn++) {
        int best = -1;
        double most = 0;
        for (int i = 0; i < count; i++) {
            double price = (double)curves[i].need->pack * curves[i].need->price, g = gain(&curves[i], ret[i].packs);
            if (ret[i].packs < curves[i].need->packs_max && price <= left && g > most) {
                most = g;
                best = i;
            }
        }
        if (best < 0) {
            return;
        }
        double price = (double)curves[best].need->pack * curves[best].need->price;
        int64_t run = packs_at(&curves[best], most * (1 - 1e-9), false) - ret[best].packs,
                afford = (int64_t)fmin(left / price, 1e15);
        run = run < 1 ? 1 : run;
        run = run > afford ? afford : run;
        ret[best].packs += run;
        left -= (double)run * price;
    }
}

static bg_err check_needs(const struct standard_need *needs, int count, int paths, double budget)
{
    if (count < 1 || count > DEMAND_ITEMS_MAX || paths < 1 || paths > DEMAND_PATHS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "items");
    }
    if (!(budget >= 0 && budget <= 1e15)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "budget");
    }
    for (int i = 0; i < count; i++) {
        const struct standard_need *n = &needs[i];
        if (!(n->price > 0 && n->price <= 1e9)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "price");
        }
        if (!(n->weight > 0 && n->weight <= 1e9)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "weight");
        }
        if (n->pack < 1 || n->pack > 1000000000 || n->packs_max < 0 || n->packs_max > 1000000000) {
            return BG_FAIL_AT(BG_BAD_INPUT, "pack");
        }
        if (!(n->stock >= 0 && n->stock <= DEMAND_AMOUNT_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "stock");
        }
    }
    return BG_DONE;
}

bg_err standard_order(const struct standard_need *needs, int count, int paths, double budget, struct standard_order *ret)
{
    BG_TRY(check_needs(needs, count, paths, budget));
    struct curve *curves = bg_heap_get((size_t)count * sizeof *curves);
    double *sums = bg_heap_get((size_t)count * ((size_t)paths + 1) * sizeof *sums);
    if (curves == NULL || sums == NULL) {
        bg_heap_free(curves);
        bg_heap_free(sums);
        return BG_FAIL(BG_NO_MEMORY);
    }
    double high = 0, low = 0;
    for (int i = 0; i < count; i++) {
        double *above = &sums[(size_t)i * ((size_t)paths + 1)];
        for (int n = paths - 1; n >= 0; n--) {
            above[n] = above[n + 1] + (double)needs[i].shortfall[n];
        }
        curves[i] = (struct curve){ &needs[i], above, paths };
        high = fmax(high, gain(&curves[i], 0));
    }
    for (int round = 0; round < 100 && cost_of(curves, count, 0, true) > budget; round++) {
        double mid = (low + high) / 2;
        if (cost_of(curves, count, mid, true) > budget) {
            low = mid;
        } else {
            high = mid;
        }
    }
    bool all = cost_of(curves, count, 0, true) <= budget;
    double left = budget;
    for (int i = 0; i < count; i++) {
        ret[i] = (struct standard_order){ .packs = packs_at(&curves[i], all ? 0 : high, true), .before = unmet(&curves[i], 0) };
        left -= (double)ret[i].packs * (double)needs[i].pack * needs[i].price;
    }
    spend_rest(curves, count, left, ret);
    for (int i = 0; i < count; i++) {
        ret[i].after = unmet(&curves[i], (double)ret[i].packs);
        ret[i].gain = gain(&curves[i], ret[i].packs);
    }
    bg_heap_free(curves);
    bg_heap_free(sums);
    return BG_DONE;
}

/* --- filling --- */
static bg_err check_fill(const struct standard_fill *f)
{
    if (f->makers < 0 || f->makers > 10000) {
        return BG_FAIL_AT(BG_BAD_INPUT, "makers");
    }
    for (int m = 0; m < f->makers; m++) {
        const struct standard_maker *k = &f->maker[m];
        if (!(k->now >= 0 && k->now <= k->most && k->most <= DEMAND_AMOUNT_MAX) || !(k->ramp_days >= 0 && k->ramp_days <= 3660) ||
            !(k->works >= 0 && k->works <= 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "makers");
        }
    }
    if (!(f->gap >= 0 && f->gap <= DEMAND_AMOUNT_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "gap");
    }
    if (f->inspect_least < 0 || f->inspect_most < f->inspect_least || f->inspect_most > 60) {
        return BG_FAIL_AT(BG_BAD_INPUT, "inspect");
    }
    if (!(f->reject >= 0 && f->reject < 1)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "reject");
    }
    if (!(f->dock > 0 && f->dock <= DEMAND_AMOUNT_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "dock");
    }
    if (!(f->ramp_cv >= 0 && f->ramp_cv <= 4)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "ramp_cv");
    }
    if (f->days < 1 || f->days > DEMAND_DAYS_MAX || f->deadline < 1 || f->deadline > f->days) {
        return BG_FAIL_AT(BG_BAD_INPUT, "deadline");
    }
    return f->draws >= 1 && f->draws <= DEMAND_PATHS_MAX ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "draws");
}

/* What one draw of fate makes on each day: made[days]. */
static void make(const struct standard_fill *f, uint64_t draw, double *made)
{
    memset(made, 0, (size_t)f->days * sizeof *made);
    for (int m = 0; m < f->makers; m++) {
        const struct standard_maker *k = &f->maker[m];
        uint64_t stream = DEMAND_STREAM_DOUBT + 2 * (uint64_t)m;
        if (demand_uniform(f->seed, stream, draw, 0) >= k->works) {
            continue;
        }
        double ramp =
            k->ramp_days * (f->ramp_cv > 0 ? demand_gamma(f->seed, stream + 1, draw, 1 / (f->ramp_cv * f->ramp_cv)) : 1);
        for (int t = 0; t < f->days; t++) {
            double risen = ramp > 0 ? 1 - exp(-(t + 1) / ramp) : 1;
            made[t] += (k->now + (k->most - k->now) * risen) * (1 - f->reject);
        }
    }
}

bg_err standard_fill(const struct standard_fill *f, double *ret_by)
{
    BG_TRY(check_fill(f));
    double made[DEMAND_DAYS_MAX];
    memset(ret_by, 0, (size_t)f->days * sizeof *ret_by);
    for (int n = 0; n < f->draws; n++) {
        make(f, (uint64_t)n, made);
        double u = demand_uniform(f->seed, DEMAND_STREAM_ROUNDS, (uint64_t)n, 1), waiting = 0, received = 0;
        int inspect = f->inspect_least + (int)(u * (f->inspect_most - f->inspect_least + 1));
        for (int t = 0; t < f->days; t++) {
            waiting += t >= inspect ? made[t - inspect] : 0;
            double taken = fmin(waiting, f->dock);
            waiting -= taken;
            received += taken;
            if (received >= f->gap * (1 - 1e-12)) {
                for (int later = t; later < f->days; later++) {
                    ret_by[later] += 1.0 / f->draws;
                }
                break;
            }
        }
    }
    return BG_DONE;
}
