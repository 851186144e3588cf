/* The positive list: bundles, greedy choice by loss avoided a pass, exchanges; all lists where they are few. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cascade_impl.h"
#include "engine/positive.h"

#define BUNDLE_MAX 24
#define EXACT_LISTS_MAX 50000
#define EXACT_POOL_MAX 64
#define SOLE_SHARE 0.5 /* a supplier of this share of an essential input can not be done without */

struct search {
    const struct positive_problem *p;
    struct cascade *c;
    double *shock, *down, *up; /* [firms] */
    bool *listed, *best; /* [firms] */
    int32_t *pool; /* candidates looked at, best score first */
    int32_t pool_count;
    double *gain; /* [pool] last known loss avoided a pass */
    int64_t passes, tries, until; /* tries at which this part of the search ends */
    double all_weight, loss, best_loss;
};

static bg_err loss_of(struct search *s, const bool *listed, double *ret)
{
    const struct positive_problem *p = s->p;
    struct cascade_index index;
    double sum = 0;
    for (int32_t i = 0; i < s->c->firms; i++) {
        s->shock[i] = listed[i] || p->state[i] == POSITIVE_EXEMPT ? 0 : 1 - p->flow;
    }
    BG_TRY(cascade_scenario(s->c, s->shock, &index, s->down, s->up, NULL));
    for (int32_t i = 0; i < s->c->firms; i++) {
        sum += p->weight[i] * (1 - fmin(s->down[i], s->up[i]));
    }
    s->tries++;
    *ret = s->all_weight > 0 ? sum / s->all_weight : 0;
    return BG_DONE;
}

static bool over(const struct search *s)
{
    return s->tries >= s->until || (s->p->stop != NULL && s->p->stop(s->p->ctx));
}

static bool may_list(const struct search *s, int32_t firm)
{
    return !s->listed[firm] && s->p->state[firm] == POSITIVE_CANDIDATE;
}

/* The firm with the candidates it can not do without, and theirs, also beyond firms that ship anyway; returns the count,
 * *ret_passes what they need. */
static int32_t bundle(const struct search *s, int32_t firm, int32_t list[BUNDLE_MAX], int64_t *ret_passes)
{
    const struct cascade *c = s->c;
    int32_t seen[BUNDLE_MAX] = { firm }, count = 1, taken = 1;
    int64_t passes = s->p->passes[firm];
    list[0] = firm;
    for (int32_t at = 0; at < count; at++) {
        for (int64_t e = c->in_start[seen[at]]; e < c->in_start[seen[at] + 1] && count < BUNDLE_MAX; e++) {
            int32_t supplier = c->in[e].supplier;
            bool ships = s->listed[supplier] || s->p->state[supplier] == POSITIVE_EXEMPT;
            bool wanted = c->in[e].essential && c->in[e].weight >= SOLE_SHARE && (ships || may_list(s, supplier));
            for (int32_t k = 0; k < count && wanted; k++) {
                wanted = seen[k] != supplier;
            }
            if (wanted) {
                seen[count++] = supplier;
            }
            if (wanted && !ships) {
                list[taken++] = supplier;
                passes += s->p->passes[supplier];
            }
        }
    }
    *ret_passes = passes;
    return taken;
}

/* Loss avoided a pass by a firm with (or without) its bundle; -INFINITY when the passes do not suffice. */
static bg_err try_bundle(struct search *s, int32_t firm, bool alone, int64_t limit, double *ret_rate, double *ret_saved)
{
    int32_t list[BUNDLE_MAX] = { firm };
    int64_t passes = s->p->passes[firm];
    int32_t count = alone ? 1 : bundle(s, firm, list, &passes);
    double loss;
    *ret_rate = *ret_saved = -INFINITY;
    if (s->passes + passes > limit) {
        return BG_DONE;
    }
    for (int32_t k = 0; k < count; k++) {
        s->listed[list[k]] = true;
    }
    bg_err e = loss_of(s, s->listed, &loss);
    for (int32_t k = 0; k < count; k++) {
        s->listed[list[k]] = false;
    }
    BG_TRY(e);
    *ret_saved = s->loss - loss;
    *ret_rate = *ret_saved / (double)passes;
    return BG_DONE;
}

static bg_err better_of(struct search *s, int32_t firm, int64_t limit, double *ret_rate, bool *ret_alone)
{
    int32_t list[BUNDLE_MAX];
    int64_t passes;
    double alone, saved, together = -INFINITY;
    BG_TRY(try_bundle(s, firm, true, limit, &alone, &saved));
    if (bundle(s, firm, list, &passes) > 1) {
        BG_TRY(try_bundle(s, firm, false, limit, &together, &saved));
    }
    *ret_alone = alone >= together;
    *ret_rate = fmax(alone, together);
    return BG_DONE;
}

static bg_err take(struct search *s, int32_t firm, bool alone)
{
    int32_t list[BUNDLE_MAX] = { firm };
    int64_t passes = s->p->passes[firm];
    int32_t count = alone ? 1 : bundle(s, firm, list, &passes);
    for (int32_t k = 0; k < count; k++) {
        s->listed[list[k]] = true;
    }
    s->passes += passes;
    return loss_of(s, s->listed, &s->loss);
}

/* Lazy greedy: what a firm last gained bounds its gain closely enough to ask the most promising first. */
static bg_err greedy(struct search *s)
{
    while (!over(s)) {
        int32_t best = -1, asked = 0;
        double best_rate = 0;
        bool best_alone = true;
        /* the pool is kept by falling last gain; ask until a fresh gain beats all last gains behind it (or half as many again) */
        for (int32_t n = 0; n < s->pool_count && !over(s); n++) {
            double rate;
            bool alone;
            if (!may_list(s, s->pool[n])) {
                continue;
            }
            if (best >= 0 && best_rate >= s->gain[n] && asked >= 8) {
                break;
            }
            BG_TRY(better_of(s, s->pool[n], s->p->limit, &rate, &alone));
            asked++;
            s->gain[n] = rate;
            if (rate > best_rate) {
                best_rate = rate;
                best = s->pool[n];
                best_alone = alone;
            }
        }
        if (best < 0) {
            break;
        }
        BG_TRY(take(s, best, best_alone));
        for (int32_t n = 1; n < s->pool_count; n++) { /* insertion: nearly sorted */
            int32_t firm = s->pool[n];
            double gain = s->gain[n];
            int32_t at = n;
            for (; at > 0 && s->gain[at - 1] < gain; at--) {
                s->gain[at] = s->gain[at - 1];
                s->pool[at] = s->pool[at - 1];
            }
            s->gain[at] = gain;
            s->pool[at] = firm;
        }
    }
    return BG_DONE;
}

/* Firms of the pool in order of `gain`, rising; insertion, because the order changes little. */
static void sort_rising(struct search *s)
{
    for (int32_t n = 1; n < s->pool_count; n++) {
        int32_t firm = s->pool[n], at = n;
        double gain = s->gain[n];
        for (; at > 0 && s->gain[at - 1] > gain; at--) {
            s->gain[at] = s->gain[at - 1];
            s->pool[at] = s->pool[at - 1];
        }
        s->gain[at] = gain;
        s->pool[at] = firm;
    }
}

/* The other way round: everybody is listed, and who is missed least a pass leaves until the passes suffice. Complements do not
 * stall it. Past the tries, by what is known. */
static bg_err shrink(struct search *s)
{
    for (int32_t n = 0; n < s->pool_count; n++) {
        s->listed[s->pool[n]] = true;
        s->passes += s->p->passes[s->pool[n]];
        s->gain[n] = 0; /* never asked */
    }
    BG_TRY(loss_of(s, s->listed, &s->loss));
    while (s->passes > s->p->limit) {
        int32_t best = -1, asked = 0;
        double least = INFINITY;
        for (int32_t n = 0; n < s->pool_count; n++) {
            double loss;
            if (!s->listed[s->pool[n]]) {
                continue;
            }
            if (best >= 0 && (over(s) || (least <= s->gain[n] && asked >= 8))) {
                break;
            }
            if (!over(s)) {
                s->listed[s->pool[n]] = false;
                BG_TRY(loss_of(s, s->listed, &loss));
                s->listed[s->pool[n]] = true;
                asked++;
                s->gain[n] = (loss - s->loss) / s->p->passes[s->pool[n]];
            }
            if (s->gain[n] < least) {
                least = s->gain[n];
                best = n;
            }
        }
        s->listed[s->pool[best]] = false;
        s->passes -= s->p->passes[s->pool[best]];
        s->gain[best] = INFINITY;
        BG_TRY(loss_of(s, s->listed, &s->loss));
        sort_rising(s);
    }
    return BG_DONE;
}

/* Takes the first exchange of a listed firm for another that lowers the loss. */
static bg_err exchange(struct search *s, bool *ret_better)
{
    *ret_better = false;
    for (int32_t out = 0; out < s->c->firms && !*ret_better; out++) {
        if (!s->listed[out] || s->p->state[out] != POSITIVE_CANDIDATE) {
            continue;
        }
        s->listed[out] = false;
        s->passes -= s->p->passes[out];
        double kept = s->loss;
        for (int32_t n = 0; n < s->pool_count && !over(s); n++) {
            int32_t in = s->pool[n];
            double loss;
            if (in == out || !may_list(s, in) || s->passes + s->p->passes[in] > s->p->limit) {
                continue;
            }
            s->listed[in] = true;
            BG_TRY(loss_of(s, s->listed, &loss));
            if (loss < kept - 1e-9) {
                s->passes += s->p->passes[in];
                s->loss = loss;
                *ret_better = true;
                break;
            }
            s->listed[in] = false;
        }
        if (!*ret_better) {
            s->listed[out] = true;
            s->passes += s->p->passes[out];
        }
    }
    return BG_DONE;
}

/* Exchanges until none helps. */
static bg_err settle(struct search *s)
{
    for (bool better = true; better && !over(s);) {
        BG_TRY(exchange(s, &better));
    }
    return BG_DONE;
}

static void fill(struct search *s, uint64_t *state)
{
    for (int32_t k = 0; k < 4 * s->pool_count; k++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        int32_t firm = s->pool[(*state >> 33) % (uint64_t)s->pool_count];
        if (may_list(s, firm) && s->passes + s->p->passes[firm] <= s->p->limit) {
            s->listed[firm] = true;
            s->passes += s->p->passes[firm];
        }
    }
}

#define SHAKES 300 /* attempts; a fixed seed, so the same input gives the same list */

/* Complements leave exchanges of one firm stuck: drop two to six, fill up with others, exchange again; keep what is better. */
static bg_err shake(struct search *s)
{
    uint64_t state = 20220108;
    size_t bytes = (size_t)s->c->firms * sizeof *s->best;
    for (int round = 0; round < SHAKES && s->pool_count > 3 && !over(s); round++) {
        int64_t passes = s->passes;
        double loss = s->loss;
        memcpy(s->best, s->listed, bytes);
        for (int32_t k = 0, dropped = 0; k < 8 * s->pool_count && dropped < 2 + round % 5; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            int32_t firm = s->pool[(state >> 33) % (uint64_t)s->pool_count];
            if (s->listed[firm]) {
                s->listed[firm] = false;
                s->passes -= s->p->passes[firm];
                dropped++;
            }
        }
        fill(s, &state);
        BG_TRY(loss_of(s, s->listed, &s->loss));
        BG_TRY(settle(s));
        if (s->loss >= loss) {
            memcpy(s->listed, s->best, bytes);
            s->passes = passes;
            s->loss = loss;
        }
    }
    return BG_DONE;
}

/* Every list to which nothing more fits: a list that could still grow is never better than the grown one. */
static bg_err every(struct search *s, int32_t n, int64_t *left)
{
    if (n == s->pool_count) {
        for (int32_t k = 0; k < s->pool_count; k++) {
            if (!s->listed[s->pool[k]] && s->passes + s->p->passes[s->pool[k]] <= s->p->limit) {
                return BG_DONE;
            }
        }
        double loss;
        --*left;
        BG_TRY(loss_of(s, s->listed, &loss));
        if (loss < s->best_loss - 1e-12) {
            s->best_loss = loss;
            memcpy(s->best, s->listed, (size_t)s->c->firms * sizeof *s->best);
        }
        return BG_DONE;
    }
    if (*left <= 0) {
        return BG_DONE;
    }
    int32_t firm = s->pool[n];
    if (s->passes + s->p->passes[firm] <= s->p->limit) {
        s->listed[firm] = true;
        s->passes += s->p->passes[firm];
        bg_err e = every(s, n + 1, left);
        s->listed[firm] = false;
        s->passes -= s->p->passes[firm];
        BG_TRY(e);
    }
    return every(s, n + 1, left);
}

/* How many subsets of the pool fit, at most, by firms that need one pass each; past the bound it does not matter how many. */
static bool few_lists(const struct search *s)
{
    double lists = 1, all = 1;
    int64_t room = s->p->limit - s->passes;
    for (int64_t k = 1; k <= room && k <= s->pool_count; k++) {
        all = all * (double)(s->pool_count - k + 1) / (double)k;
        lists += all;
        if (lists > EXACT_LISTS_MAX) {
            return false;
        }
    }
    return true;
}

static bg_err check(const struct positive_problem *p)
{
    int64_t mandatory = 0;
    if (!(p->flow >= 0 && p->flow <= 1) || p->limit < 0 || p->tries < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, p->limit < 0 ? "limit" : "flow");
    }
    for (int32_t i = 0; i < p->network->firms; i++) {
        if (p->passes[i] < 1 || p->state[i] > POSITIVE_EXEMPT || !(p->weight[i] >= 0) || isinf(p->weight[i])) {
            return BG_FAIL_AT(BG_BAD_INPUT, p->passes[i] < 1 ? "passes" : "weight");
        }
        mandatory += p->state[i] == POSITIVE_MANDATORY ? p->passes[i] : 0;
    }
    return mandatory > p->limit ? BG_FAIL_AT(BG_POSITIVE_LIMIT, "limit") : BG_DONE;
}

struct scored {
    double score;
    int32_t firm;
};
static int by_score(const void *left, const void *right)
{
    const struct scored *a = left, *b = right;
    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }
    return a->firm < b->firm ? -1 : 1;
}

/* Candidates by own weight and that of buyers who need them, a pass; the first `most` of them. */
static bg_err make_pool(struct search *s, int32_t most, bool *ret_all)
{
    const struct cascade *c = s->c;
    struct scored *list = bg_heap_get((size_t)c->firms * sizeof *list);
    double *score = bg_heap_get((size_t)c->firms * sizeof *score);
    int32_t count = 0;
    if (list == NULL || score == NULL) {
        bg_heap_free(list);
        bg_heap_free(score);
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t j = 0; j < c->firms; j++) {
        score[j] += s->p->weight[j];
        for (int64_t e = c->in_start[j]; e < c->in_start[j + 1]; e++) {
            score[c->in[e].supplier] += s->p->weight[j] * c->in[e].weight;
        }
    }
    for (int32_t j = 0; j < c->firms; j++) {
        if (s->p->state[j] == POSITIVE_CANDIDATE) {
            list[count++] = (struct scored){ score[j] / s->p->passes[j], j };
        }
    }
    qsort(list, (size_t)count, sizeof *list, by_score);
    s->pool_count = count < most ? count : most;
    *ret_all = s->pool_count == count;
    for (int32_t n = 0; n < s->pool_count; n++) {
        s->pool[n] = list[n].firm;
        s->gain[n] = INFINITY; /* never asked */
    }
    bg_heap_free(list);
    bg_heap_free(score);
    return BG_DONE;
}

static bg_err prices(struct search *s, double *ret_price)
{
    for (int32_t i = 0; i < s->c->firms; i++) {
        ret_price[i] = NAN;
    }
    for (int32_t i = 0; i < s->c->firms; i++) {
        if (s->listed[i] && !(s->p->stop != NULL && s->p->stop(s->p->ctx))) {
            double loss;
            s->listed[i] = false;
            BG_TRY(loss_of(s, s->listed, &loss));
            s->listed[i] = true;
            ret_price[i] = loss - s->loss;
        }
    }
    for (int32_t n = 0; n < s->pool_count; n++) {
        if (may_list(s, s->pool[n]) && !(s->p->stop != NULL && s->p->stop(s->p->ctx))) {
            double rate, alone, together;
            BG_TRY(try_bundle(s, s->pool[n], true, INT64_MAX / 2, &rate, &alone));
            BG_TRY(try_bundle(s, s->pool[n], false, INT64_MAX / 2, &rate, &together));
            ret_price[s->pool[n]] = fmax(0, fmax(alone, together));
        }
    }
    return BG_DONE;
}

/* Nobody but the mandatory; everybody who may be. */
static bg_err ends(struct search *s, struct positive_result *r)
{
    for (int32_t i = 0; i < s->c->firms; i++) {
        s->best[i] = s->p->state[i] == POSITIVE_MANDATORY || s->p->state[i] == POSITIVE_CANDIDATE;
        s->listed[i] = s->p->state[i] == POSITIVE_MANDATORY;
        s->passes += s->listed[i] ? s->p->passes[i] : 0;
    }
    BG_TRY(loss_of(s, s->best, &r->loss_all));
    BG_TRY(loss_of(s, s->listed, &r->loss_none));
    s->loss = r->loss_none;
    return BG_DONE;
}

static bg_err choose(struct search *s, struct positive_result *r)
{
    if (r->all_looked_at && s->pool_count <= EXACT_POOL_MAX && few_lists(s)) {
        int64_t left = EXACT_LISTS_MAX;
        s->best_loss = INFINITY;
        BG_TRY(every(s, 0, &left));
        memcpy(s->listed, s->best, (size_t)s->c->firms * sizeof *s->listed);
        s->passes = 0;
        for (int32_t i = 0; i < s->c->firms; i++) {
            s->passes += s->listed[i] ? s->p->passes[i] : 0;
        }
        s->loss = s->best_loss;
        r->exact = left > 0;
        return BG_DONE;
    }
    int64_t mandatory = s->passes, forward;
    double loss_forward;
    s->until = s->p->tries / 3;
    BG_TRY(greedy(s));
    forward = s->passes;
    loss_forward = s->loss;
    memcpy(s->best, s->listed, (size_t)s->c->firms * sizeof *s->best);
    for (int32_t i = 0; i < s->c->firms; i++) {
        s->listed[i] = s->p->state[i] == POSITIVE_MANDATORY;
    }
    s->passes = mandatory;
    s->until = 2 * s->p->tries / 3;
    BG_TRY(shrink(s));
    if (loss_forward <= s->loss) {
        memcpy(s->listed, s->best, (size_t)s->c->firms * sizeof *s->listed);
        s->passes = forward;
        s->loss = loss_forward;
    }
    s->until = s->p->tries;
    BG_TRY(settle(s));
    return shake(s);
}

static bg_err run(struct search *s, struct positive_result *r, double *ret_price)
{
    int64_t most = s->p->tries / 4 > INT32_MAX ? INT32_MAX : s->p->tries / 4;
    s->until = s->p->tries;
    BG_TRY(ends(s, r));
    BG_TRY(make_pool(s, (int32_t)most, &r->all_looked_at));
    BG_TRY(choose(s, r));
    r->stopped = over(s);
    if (ret_price != NULL) {
        BG_TRY(prices(s, ret_price));
    }
    r->loss = s->loss;
    r->passes = s->passes;
    r->tries = s->tries;
    return BG_DONE;
}

static void search_free(struct search *s)
{
    bg_heap_free(s->shock);
    bg_heap_free(s->listed);
    bg_heap_free(s->pool);
    bg_heap_free(s->gain);
    cascade_close(s->c);
}

static bg_err search_make(struct search *s)
{
    size_t firms = (size_t)s->p->network->firms;
    BG_TRY(cascade_open(s->p->network, &s->c));
    s->shock = bg_heap_get(3 * firms * sizeof *s->shock);
    s->listed = bg_heap_get(2 * firms * sizeof *s->listed);
    s->pool = bg_heap_get(firms * sizeof *s->pool);
    s->gain = bg_heap_get(firms * sizeof *s->gain);
    if (s->shock == NULL || s->listed == NULL || s->pool == NULL || s->gain == NULL) {
        search_free(s);
        return BG_FAIL(BG_NO_MEMORY);
    }
    s->down = s->shock + firms;
    s->up = s->down + firms;
    s->best = s->listed + firms;
    for (size_t i = 0; i < firms; i++) {
        s->all_weight += s->p->weight[i];
    }
    return BG_DONE;
}

bg_err positive_list(const struct positive_problem *problem, struct positive_result *ret, bool *ret_listed, double *ret_price)
{
    struct positive_problem p = *problem;
    BG_TRY(check(&p));
    if (p.tries == 0) {
        p.tries = (int64_t)(3e8 / (double)(p.network->count + p.network->firms + 1));
        p.tries = p.tries < 200 ? 200 : p.tries;
    }
    struct search s = { .p = &p };
    struct positive_result r = { 0 };
    BG_TRY(search_make(&s));
    bg_err e = run(&s, &r, ret_price);
    if (!bg_failed(e)) {
        memcpy(ret_listed, s.listed, (size_t)p.network->firms * sizeof *ret_listed);
        *ret = r;
    }
    search_free(&s);
    return e;
}

bg_err positive_loss(const struct positive_problem *p, const struct cascade *cascade, const bool *listed, double *ret)
{
    size_t firms = (size_t)p->network->firms;
    struct search s = { .p = p };
    s.shock = bg_heap_get(3 * firms * sizeof *s.shock);
    BG_TRY(bg_need(s.shock));
    s.down = s.shock + firms;
    s.up = s.down + firms;
    s.c = (struct cascade *)(uintptr_t)cascade;
    for (size_t i = 0; i < firms; i++) {
        s.all_weight += p->weight[i];
    }
    bg_err e = loss_of(&s, listed, ret);
    bg_heap_free(s.shock);
    return e;
}
