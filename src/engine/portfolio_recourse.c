/* Serving one item in one scenario, its cost and what the cost would change with the commitments. */
#include <math.h>
#include <stdlib.h>

#include "engine/portfolio_impl.h"

static bg_err check_sources(const struct portfolio_problem *p)
{
    for (int32_t j = 0, run = 0; j < p->sources; j++) {
        const struct portfolio_source *s = &p->source[j];
        if (s->item < 0 || s->item >= p->items || (j > 0 && s->item < s[-1].item)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "item");
        }
        run = j > 0 && s->item == s[-1].item ? run + 1 : 1;
        bool good = run <= PORTFOLIO_ITEM_SOURCES_MAX && s->fee >= 0 && s->price >= 0 && s->unused >= 0 && s->min >= 0 &&
                    s->max >= s->min && isfinite(s->fee + s->price + s->unused + s->max);
        for (int32_t t = 0; t < p->days && good; t++) {
            good = s->profile[t] >= 0 && isfinite(s->profile[t]);
        }
        if (!good) {
            return BG_FAIL_AT(BG_BAD_INPUT, "sources");
        }
        if (s->price - s->unused > p->item[s->item].shortage) {
            return BG_FAIL_AT(BG_BAD_INPUT, "shortage");
        }
    }
    return BG_DONE;
}

bg_err portfolio_check(const struct portfolio_problem *p)
{
    if (p->items < 1 || p->items > PORTFOLIO_ITEMS_MAX || p->sources < 1 || p->sources > PORTFOLIO_SOURCES_MAX || p->days < 1 ||
        p->days > PORTFOLIO_DAYS_MAX || p->scenarios < 1 || p->scenarios > PORTFOLIO_SCENARIOS_MAX ||
        (int64_t)p->items * p->scenarios * p->days > PORTFOLIO_NEEDS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "items");
    }
    double sum = 0;
    for (int32_t s = 0; s < p->scenarios; s++) {
        if (!(p->probability[s] > 0 && p->probability[s] <= 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "probability");
        }
        sum += p->probability[s];
    }
    if (fabs(sum - 1) > 1e-9) {
        return BG_FAIL_AT(BG_BAD_INPUT, "probability");
    }
    if (!(p->level >= 0 && p->level < 1) || !(p->budget >= 0)) {
        return BG_FAIL_AT(BG_BAD_INPUT, p->budget >= 0 ? "level" : "budget");
    }
    for (int64_t i = 0; i < (int64_t)p->items * p->scenarios * p->days; i++) {
        if (!(p->need[i] >= 0) || isinf(p->need[i])) {
            return BG_FAIL_AT(BG_BAD_INPUT, "need");
        }
    }
    for (int32_t k = 0; k < p->items; k++) {
        if (!(p->item[k].weight > 0) || isinf(p->item[k].weight) || !(p->item[k].shortage >= 0) || isinf(p->item[k].shortage) ||
            p->spot_from[k] < 0) {
            return BG_FAIL_AT(BG_BAD_INPUT, "items");
        }
        for (int64_t i = (int64_t)k * p->scenarios; i < (int64_t)(k + 1) * p->scenarios; i++) {
            if (!(p->spot_cap[i] >= 0) || isinf(p->spot_cap[i]) || !(p->spot_price[i] >= 0) ||
                p->spot_price[i] > p->item[k].shortage) {
                return BG_FAIL_AT(BG_BAD_INPUT, p->spot_price[i] > p->item[k].shortage ? "shortage" : "spot");
            }
        }
    }
    return check_sources(p);
}

static double use_price(const struct portfolio_recourse *r, int32_t local)
{
    const struct portfolio_source *s = &r->p->source[r->first + local];
    return s->price - s->unused;
}

bg_err portfolio_recourse_make(const struct portfolio_problem *p, int32_t item, struct bg_arena *arena,
                               struct portfolio_recourse *ret)
{
    *ret = (struct portfolio_recourse){ .p = p, .item = item };
    while (ret->first < p->sources && p->source[ret->first].item < item) {
        ret->first++;
    }
    while (ret->first + ret->count < p->sources && p->source[ret->first + ret->count].item == item) {
        ret->count++;
    }
    ret->order = bg_arena_array(arena, (size_t)ret->count + 1, sizeof *ret->order);
    ret->released = bg_arena_array(arena, (size_t)ret->count + 1, sizeof *ret->released);
    ret->price = bg_arena_array(arena, (size_t)p->days, sizeof *ret->price);
    if (ret->order == NULL || ret->released == NULL || ret->price == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t i = 0; i < ret->count; i++) { /* insertion: few sources, stable */
        int32_t at = i;
        while (at > 0 && use_price(ret, ret->order[at - 1]) > use_price(ret, i)) {
            ret->order[at] = ret->order[at - 1];
            at--;
        }
        ret->order[at] = i;
    }
    ret->order[ret->count] = ret->count;
    return BG_DONE;
}

/* Moves spot to its place among the prices. */
static void place_spot(struct portfolio_recourse *r, double price)
{
    int32_t at = 0, count = r->count;
    while (r->order[at] != count) {
        at++;
    }
    for (; at < count && use_price(r, r->order[at + 1]) < price; at++) {
        r->order[at] = r->order[at + 1];
        r->order[at + 1] = count;
    }
    for (; at > 0 && use_price(r, r->order[at - 1]) >= price; at--) {
        r->order[at] = r->order[at - 1];
        r->order[at - 1] = count;
    }
}

/* Serves every day from the cheapest units released so far; r->price[t] becomes the marginal price of day t. */
static void serve_days(struct portfolio_recourse *r, const double *need, const double *commit, double spot_price, double spot_cap,
                       struct portfolio_value *v)
{
    const struct portfolio_problem *p = r->p;
    double behind = 0, shortage = p->item[r->item].shortage;
    for (int32_t t = 0; t < p->days; t++) {
        double wanted = need[t], marginal = -INFINITY;
        for (int32_t i = 0; i < r->count; i++) {
            r->released[i] += p->source[r->first + i].profile[t] * commit[r->first + i];
        }
        r->released[r->count] = (t >= p->spot_from[r->item] ? spot_cap : 0) + r->released[r->count];
        for (int32_t o = 0; o <= r->count && wanted > 0; o++) {
            int32_t i = r->order[o];
            double take = fmin(wanted, r->released[i]), price = i == r->count ? spot_price : use_price(r, i);
            if (take > 0) {
                marginal = fmax(marginal, price);
                r->released[i] -= take;
                wanted -= take;
                v->use += take * (i == r->count ? spot_price : p->source[r->first + i].price);
            }
        }
        if (wanted > 1e-9 * need[t]) {
            marginal = shortage;
            behind += wanted;
            v->worst_day = t;
        }
        r->price[t] = marginal;
    }
    v->unmet = behind;
    v->shortage = behind * shortage;
}

void portfolio_serve(struct portfolio_recourse *r, int32_t scenario, const double *commit, struct portfolio_value *ret,
                     double *slope, double *ret_constant)
{
    const struct portfolio_problem *p = r->p;
    int64_t at = (int64_t)r->item * p->scenarios + scenario;
    const double *need = p->need + at * p->days;
    double spot_price = p->spot_price[at], spot_cap = p->spot_cap[at], probability = p->probability[scenario];
    *ret = (struct portfolio_value){ .worst_day = -1 };
    place_spot(r, spot_price);
    for (int32_t i = 0; i <= r->count; i++) {
        r->released[i] = 0;
    }
    serve_days(r, need, commit, spot_price, spot_cap, ret);
    for (int32_t i = 0; i < r->count; i++) {
        double unused = p->source[r->first + i].unused;
        ret->left += unused > 0 ? r->released[i] : 0;
        ret->waste += unused * r->released[i];
    }
    if (slope == NULL) {
        return;
    }
    /* Duals: a unit on day t is worth what it could replace on any day from t on. Any prices would prove a bound; these are
     * tight. */
    double from_here = -INFINITY, constant = 0;
    for (int32_t t = p->days - 1; t >= 0; t--) {
        from_here = fmax(from_here, r->price[t]);
        constant += need[t] > 0 ? need[t] * from_here : 0;
        constant -= t >= p->spot_from[r->item] && from_here > spot_price ? spot_cap * (from_here - spot_price) : 0;
        for (int32_t i = 0; i < r->count; i++) {
            const struct portfolio_source *s = &p->source[r->first + i];
            double worth = from_here - (s->price - s->unused);
            slope[i] += probability * s->profile[t] * (s->unused - (worth > 0 ? worth : 0));
        }
    }
    *ret_constant += probability * constant;
}

struct ranked {
    double value;
    int32_t index;
};
static int by_value(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }
    return a->index < b->index ? -1 : 1;
}

double portfolio_tail(const double *value, const double *probability, int32_t count, double level)
{
    struct ranked *list = bg_heap_get((size_t)count * sizeof *list);
    double left = 1 - level, sum = 0;
    if (list == NULL) {
        return NAN;
    }
    for (int32_t i = 0; i < count; i++) {
        list[i] = (struct ranked){ value[i], i };
    }
    qsort(list, (size_t)count, sizeof *list, by_value);
    for (int32_t i = 0; i < count && left > 0; i++) {
        double part = fmin(left, probability[list[i].index]);
        sum += part * list[i].value;
        left -= part;
    }
    bg_heap_free(list);
    return sum / (1 - level);
}

bg_err portfolio_cost(const struct portfolio_problem *p, const double *commit, struct bg_arena *arena, struct portfolio_cost *ret)
{
    struct portfolio_cost c = { 0 };
    double *unmet = bg_arena_array(arena, (size_t)p->scenarios, sizeof *unmet);
    BG_TRY(bg_need(unmet));
    for (int32_t j = 0; j < p->sources; j++) {
        c.fees += p->source[j].fee * commit[j];
    }
    for (int32_t k = 0; k < p->items; k++) {
        struct portfolio_recourse r;
        BG_TRY(portfolio_recourse_make(p, k, arena, &r));
        for (int32_t s = 0; s < p->scenarios; s++) {
            struct portfolio_value v;
            portfolio_serve(&r, s, commit, &v, NULL, NULL);
            c.use += p->probability[s] * v.use;
            c.waste += p->probability[s] * v.waste;
            c.shortage += p->probability[s] * v.shortage;
            c.left += p->probability[s] * v.left;
            unmet[s] += p->item[k].weight * v.unmet;
        }
    }
    for (int32_t s = 0; s < p->scenarios; s++) {
        c.mean_unmet += p->probability[s] * unmet[s];
        c.chance += unmet[s] > 1e-9 ? p->probability[s] : 0;
    }
    c.total = c.fees + c.use + c.waste + c.shortage;
    c.cvar = portfolio_tail(unmet, p->probability, p->scenarios, p->level);
    *ret = c;
    return isnan(c.cvar) ? BG_FAIL(BG_NO_MEMORY) : BG_DONE;
}
