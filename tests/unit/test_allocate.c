/* Allocation: every plan of small random cases is enumerated and held against the rule, step by step; the order of rows is shuffled;
 * reasons are checked; refusals. */
#include <stdlib.h>
#include <string.h>

#include "engine/allocate.h"
#include "tap.h"

#define DEPOTS 2
#define LOTS 3
#define NEEDS 3
#define PARTS 32

struct sample {
    struct allocate_depot depot[DEPOTS];
    struct allocate_lot lot[LOTS];
    struct allocate_need need[NEEDS];
    int64_t cost[DEPOTS * NEEDS];
    int32_t lead[DEPOTS * NEEDS];
    struct allocate_problem p;
};
static const enum allocate_kind pooling[] = { ALLOCATE_FLOORS, ALLOCATE_FILL, ALLOCATE_SHARE, ALLOCATE_COST, ALLOCATE_EXPIRY };

static int64_t pick(const struct bg_env *env, uint64_t below)
{
    return (int64_t)bg_random_below(env, below);
}

static void make(struct sample *s, const struct bg_env *env)
{
    memset(s, 0, sizeof *s);
    bool days = pick(env, 2) == 1, keeps = pick(env, 2) == 1, floors = pick(env, 2) == 1, closed = pick(env, 2) == 1;
    for (int k = 0; k < DEPOTS; k++) {
        s->depot[k] = (struct allocate_depot){ .order = 10 + k, .keep = keeps ? pick(env, 4) : 0 };
    }
    for (int i = 0; i < LOTS; i++) {
        s->lot[i] = (struct allocate_lot){ .order = 20 + i,
                                           .depot = (int32_t)pick(env, DEPOTS),
                                           .day = days ? (int32_t)pick(env, 3) : 0,
                                           .expiry = (int32_t)pick(env, 7),
                                           .quantity = pick(env, 5) };
    }
    for (int j = 0; j < NEEDS; j++) {
        int64_t asked = pick(env, 6);
        s->need[j] = (struct allocate_need){ .order = 30 + j,
                                             .receiver = j,
                                             .day = days ? (int32_t)pick(env, 4) : 0,
                                             .tier = 1 + (int32_t)pick(env, 2),
                                             .life_min = (int32_t)pick(env, 3),
                                             .asked = asked,
                                             .floor = floors ? pick(env, (uint64_t)asked + 1) : 0 };
        for (int k = 0; k < DEPOTS; k++) {
            s->cost[k * NEEDS + j] = closed && pick(env, 4) == 0 ? ALLOCATE_NO_ROUTE : pick(env, 5);
            s->lead[k * NEEDS + j] = days ? (int32_t)pick(env, 2) : 0;
        }
    }
    s->p = (struct allocate_problem){ .depots = DEPOTS, .receivers = NEEDS, .lots = LOTS, .needs = NEEDS, .depot = s->depot,
                                      .lot = s->lot, .need = s->need, .cost = s->cost, .lead = s->lead };
    if (pick(env, 2) == 1) {
        s->p.step = pooling;
        s->p.steps = 5;
    }
}

/* --- the oracle: one plan and how the rule sees it --- */
struct plan {
    int64_t x[LOTS][NEEDS];
    int64_t got[NEEDS], given[DEPOTS], cost, expiry;
};
struct rate {
    int64_t part, whole;
};

static int compare(struct rate a, struct rate b)
{
    int64_t left = a.part * b.whole, right = b.part * a.whole;
    return left < right ? -1 : left > right;
}

static int rising(const void *a, const void *b)
{
    return compare(*(const struct rate *)a, *(const struct rate *)b);
}

static bool meets(const struct sample *s, int i, int j)
{
    int64_t route = s->lot[i].depot * NEEDS + s->need[j].receiver;
    return s->cost[route] >= 0 && s->lot[i].day + s->lead[route] <= s->need[j].day &&
           s->lot[i].expiry - s->need[j].day >= s->need[j].life_min;
}

/* Measures the plan; false when it breaks a bound. */
static bool measure(const struct sample *s, struct plan *p)
{
    memset(p->got, 0, sizeof p->got);
    memset(p->given, 0, sizeof p->given);
    p->cost = p->expiry = 0;
    for (int i = 0; i < LOTS; i++) {
        for (int j = 0; j < NEEDS; j++) {
            if (p->x[i][j] > 0 && !meets(s, i, j)) {
                return false;
            }
            p->got[j] += p->x[i][j];
            p->given[s->lot[i].depot] += p->x[i][j];
            p->cost += p->x[i][j] * s->cost[s->lot[i].depot * NEEDS + j];
            p->expiry += p->x[i][j] * s->lot[i].expiry;
        }
    }
    for (int j = 0; j < NEEDS; j++) {
        if (p->got[j] > s->need[j].asked) {
            return false;
        }
    }
    for (int k = 0; k < DEPOTS; k++) { /* on every day what is left of what arrived is the standard, as far as it ever was */
        for (int day = 0; day < 4; day++) {
            int64_t arrived = 0, drawn = 0;
            for (int i = 0; i < LOTS; i++) {
                bool there = s->lot[i].depot == k && s->lot[i].day <= day;
                arrived += there ? s->lot[i].quantity : 0;
                for (int j = 0; there && j < NEEDS; j++) {
                    drawn += p->x[i][j];
                }
            }
            if (drawn > 0 && arrived - drawn < s->depot[k].keep) {
                return false;
            }
        }
    }
    return true;
}

/* Rates in the order in which the rule compares them; larger is better. */
static int fills(const struct sample *s, const struct plan *p, struct rate *out)
{
    int count = 0;
    for (int stage = 0; stage < 2; stage++) {
        for (int tier = 1; tier <= 2; tier++) {
            int first = count;
            for (int j = 0; j < NEEDS; j++) {
                int64_t whole = stage == 0 ? s->need[j].floor : s->need[j].asked;
                if (s->need[j].tier == tier && whole > 0) {
                    out[count++] = (struct rate){ p->got[j] < whole ? p->got[j] : whole, whole };
                }
            }
            qsort(out + first, (size_t)(count - first), sizeof *out, rising);
        }
    }
    return count;
}

/* Shares given, the highest first; smaller is better. */
static int shares(const struct sample *s, const struct plan *p, struct rate *out)
{
    int count = 0;
    for (int k = 0; k < DEPOTS; k++) {
        int64_t free = -s->depot[k].keep;
        for (int i = 0; i < LOTS; i++) {
            free += s->lot[i].depot == k ? s->lot[i].quantity : 0;
        }
        if (free > 0) {
            out[count++] = (struct rate){ -p->given[k], free };
        }
    }
    qsort(out, (size_t)count, sizeof *out, rising);
    return count;
}

static int compare_all(const struct rate *a, const struct rate *b, int count)
{
    for (int i = 0; i < count; i++) {
        int order = compare(a[i], b[i]);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

struct oracle {
    const struct sample *s;
    struct plan ours, trial;
    bool share;
    int64_t plans, better_fill, better_share, better_cost, better_expiry;
};

static void judge(struct oracle *o)
{
    struct rate ours[PARTS], theirs[PARTS];
    if (!measure(o->s, &o->trial)) {
        return;
    }
    o->plans++;
    int count = fills(o->s, &o->ours, ours);
    (void)fills(o->s, &o->trial, theirs);
    if (compare_all(theirs, ours, count) > 0) {
        o->better_fill++;
    }
    if (memcmp(o->trial.got, o->ours.got, sizeof o->ours.got) != 0) {
        return;
    }
    count = shares(o->s, &o->ours, ours);
    (void)shares(o->s, &o->trial, theirs);
    o->better_share += o->share && compare_all(theirs, ours, count) > 0;
    if (o->share && memcmp(o->trial.given, o->ours.given, sizeof o->ours.given) != 0) {
        return;
    }
    o->better_cost += o->trial.cost < o->ours.cost;
    o->better_expiry += o->trial.cost == o->ours.cost && o->trial.expiry < o->ours.expiry;
}

static void enumerate(struct oracle *o, int cell, int64_t left)
{
    if (cell == LOTS * NEEDS) {
        judge(o);
        return;
    }
    int i = cell / NEEDS, j = cell % NEEDS;
    left = j == 0 ? o->s->lot[i].quantity : left;
    int64_t most = meets(o->s, i, j) ? (left < o->s->need[j].asked ? left : o->s->need[j].asked) : 0;
    for (int64_t x = 0; x <= most; x++) {
        o->trial.x[i][j] = x;
        enumerate(o, cell + 1, left - x);
    }
    o->trial.x[i][j] = 0;
}

static bool read_plan(const struct sample *s, const struct allocate_result *r, struct plan *ret)
{
    memset(ret, 0, sizeof *ret);
    for (int64_t i = 0; i < r->moves; i++) {
        ret->x[r->move[i].lot][r->move[i].need] += r->move[i].quantity;
    }
    for (int i = 0; i < LOTS; i++) {
        int64_t sum = 0;
        for (int j = 0; j < NEEDS; j++) {
            sum += ret->x[i][j];
        }
        if (sum > s->lot[i].quantity) {
            return false;
        }
    }
    return measure(s, ret) && memcmp(ret->got, r->got, sizeof ret->got) == 0 && memcmp(ret->given, r->given, sizeof ret->given) == 0 &&
           ret->cost == r->cost;
}

static void against_all_plans(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 5, 0);
    struct oracle sum = { 0 };
    int broken = 0, rounds = 1500, short_cases = 0;
    for (int round = 0; round < rounds; round++) {
        struct sample s;
        struct allocate_result r;
        BG_SCOPED_ARENA arena = bg_arena_open(1 << 22);
        make(&s, &env);
        struct oracle o = { .s = &s, .share = s.p.steps == 5 };
        if (bg_failed(allocate_solve(&s.p, arena, &r)) || !read_plan(&s, &r, &o.ours)) {
            broken++;
            continue;
        }
        for (int j = 0; j < NEEDS; j++) {
            short_cases += r.got[j] < s.need[j].asked && r.got[j] > 0;
        }
        enumerate(&o, 0, 0);
        sum.plans += o.plans;
        sum.better_fill += o.better_fill > 0;
        sum.better_share += o.better_share > 0;
        sum.better_cost += o.better_cost > 0;
        sum.better_expiry += o.better_expiry > 0;
    }
    OK(broken == 0 && short_cases > 300, "%d random cases give plans that keep every bound (%d broken, %d partly served)", rounds, broken,
       short_cases);
    OK(sum.better_fill == 0, "among all %lld plans none fills better by the rule (%lld cases)", (long long)sum.plans,
       (long long)sum.better_fill);
    OK(sum.better_share == 0, "none lets the depots give more fairly (%lld cases)", (long long)sum.better_share);
    OK(sum.better_cost == 0, "none with the same shares is cheaper (%lld cases)", (long long)sum.better_cost);
    OK(sum.better_expiry == 0, "none of equal cost ships earlier expiry dates (%lld cases)", (long long)sum.better_expiry);
}

/* --- rows in another order --- */
static void rows_shuffled(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 9, 0);
    int differ = 0;
    for (int round = 0; round < 1000; round++) {
        struct sample s, t;
        struct allocate_result a, b;
        BG_SCOPED_ARENA arena = bg_arena_open(1 << 22);
        make(&s, &env);
        t = s;
        t.p.depot = t.depot, t.p.lot = t.lot, t.p.need = t.need, t.p.cost = t.cost, t.p.lead = t.lead;
        for (int j = 0; j < NEEDS; j++) { /* needs and lots turned round, depots exchanged */
            t.need[j] = s.need[NEEDS - 1 - j];
        }
        for (int i = 0; i < LOTS; i++) {
            t.lot[i] = s.lot[LOTS - 1 - i];
            t.lot[i].depot = DEPOTS - 1 - t.lot[i].depot;
        }
        for (int k = 0; k < DEPOTS; k++) {
            t.depot[k] = s.depot[DEPOTS - 1 - k];
            memcpy(t.cost + k * NEEDS, s.cost + (DEPOTS - 1 - k) * NEEDS, sizeof s.cost / DEPOTS);
            memcpy(t.lead + k * NEEDS, s.lead + (DEPOTS - 1 - k) * NEEDS, sizeof s.lead / DEPOTS);
        }
        if (bg_failed(allocate_solve(&s.p, arena, &a)) || bg_failed(allocate_solve(&t.p, arena, &b)) || a.moves != b.moves) {
            differ++;
            continue;
        }
        bool same = true;
        for (int64_t i = 0; i < a.moves; i++) {
            same = same && a.move[i].lot == LOTS - 1 - b.move[i].lot && a.move[i].need == NEEDS - 1 - b.move[i].need &&
                   a.move[i].quantity == b.move[i].quantity;
        }
        differ += !same;
    }
    OK(differ == 0, "the order of the rows changes nothing, not even the moves (%d of 1000 differ)", differ);
}

/* --- reasons --- */
static bool binds(const struct sample *s, const struct allocate_result *r, int32_t need, enum allocate_bound first, int64_t would)
{
    struct allocate_why why[ALLOCATE_BOUNDS];
    int count = 0;
    return !bg_failed(allocate_explain(&s->p, r, need, why, &count)) && count > 0 && why[0].bound == first && why[0].would == would;
}

/* Two depots, one lot each of 10; needs ask 10, 10, 10. */
static void plain(struct sample *s)
{
    memset(s, 0, sizeof *s);
    for (int k = 0; k < DEPOTS; k++) {
        s->depot[k].order = k;
        s->lot[k] = (struct allocate_lot){ .order = k, .depot = k, .expiry = 100, .quantity = 10 };
    }
    s->lot[2] = (struct allocate_lot){ .order = 2, .depot = 0, .expiry = 100, .quantity = 0 };
    for (int j = 0; j < NEEDS; j++) {
        s->need[j] = (struct allocate_need){ .order = j, .receiver = j, .tier = 1, .asked = 10 };
    }
    s->p = (struct allocate_problem){ .depots = DEPOTS, .receivers = NEEDS, .lots = LOTS, .needs = NEEDS, .depot = s->depot,
                                      .lot = s->lot, .need = s->need, .cost = s->cost, .lead = s->lead };
}

static void reasons(void)
{
    struct sample s;
    struct allocate_result r;
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 24);
    plain(&s);
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[0] == 7 && r.got[1] == 7 && r.got[2] == 6 &&
           binds(&s, &r, 2, ALLOCATE_BY_EQUAL, 10),
       "20 among three equals: 7, 7, 6, the odd units to the earlier requests; the reason is equal sharing");
    s.need[2].tier = 2;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[0] == 10 && r.got[1] == 10 && r.got[2] == 0 &&
           binds(&s, &r, 2, ALLOCATE_BY_HIGHER, 10),
       "the second tier gets what the first leaves; the reason is the higher tier");
    s.need[2].floor = 4;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 4 && r.got[0] == 8 && r.got[1] == 8, "its floor comes first");
    plain(&s);
    s.need[0].asked = s.need[1].asked = 0;
    s.need[2].asked = 20;
    s.cost[1 * NEEDS + 2] = ALLOCATE_NO_ROUTE;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 10 && binds(&s, &r, 2, ALLOCATE_BY_ROUTE, 20), "a closed route");
    s.cost[1 * NEEDS + 2] = 0;
    s.lot[1].expiry = 5;
    s.need[2].life_min = 6;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 10 && binds(&s, &r, 2, ALLOCATE_BY_LIFE, 20),
       "remaining life of 5 days where 6 are wanted");
    s.need[2].life_min = 5;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 20, "remaining life of exactly 5 days where 5 are wanted");
    s.lot[1].day = 1;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 10 && binds(&s, &r, 2, ALLOCATE_BY_DAY, 20), "goods a day late");
    s.lot[1].day = 0;
    s.depot[1].keep = 3;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 17 && binds(&s, &r, 2, ALLOCATE_BY_KEEP, 20), "a depot's own standard");
    s.depot[1].keep = 0;
    s.need[2].asked = 25;
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 20 && binds(&s, &r, 2, ALLOCATE_BY_STOCK, 25), "too few goods");
    for (int k = 0; k < DEPOTS; k++) {
        s.cost[k * NEEDS + 2] = ALLOCATE_NO_ROUTE;
    }
    OK(!bg_failed(allocate_solve(&s.p, arena, &r)) && r.got[2] == 0 && binds(&s, &r, 2, ALLOCATE_BY_ROUTE, 20), "no route at all");
}

/* 35,000 door sensors from 15 districts, each above its own standard. */
static void pooled(void)
{
    struct allocate_depot depot[15];
    struct allocate_lot lot[15];
    struct allocate_need need = { .receiver = 0, .tier = 1, .asked = 35000 };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 24);
    struct allocate_result r;
    int64_t free = 0;
    for (int k = 0; k < 15; k++) {
        depot[k] = (struct allocate_depot){ .order = k, .keep = 500 + 10 * k };
        lot[k] = (struct allocate_lot){ .order = k, .depot = k, .expiry = ALLOCATE_NO_EXPIRY, .quantity = 1000 + 400 * k };
        free += lot[k].quantity - depot[k].keep;
    }
    struct allocate_problem p = { .depots = 15, .receivers = 1, .lots = 15, .needs = 1, .depot = depot, .lot = lot, .need = &need,
                                  .step = pooling, .steps = 5 };
    bool good = !bg_failed(allocate_solve(&p, arena, &r)) && r.got[0] == 35000;
    for (int k = 0; good && k < 15; k++) { /* within one unit of the same share */
        good = r.given[k] <= r.free[k] && llabs(r.given[k] * free - 35000 * r.free[k]) <= free;
    }
    OK(good, "35,000 pieces from 15 districts, each within one piece of the same share of what it can spare");
}

static bool at_once(void *ctx)
{
    (void)ctx;
    return true;
}

static void refusals(void)
{
    struct sample s;
    struct allocate_result r;
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 24);
    plain(&s);
    s.need[1].floor = 11;
    bg_err e = allocate_solve(&s.p, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "floor") == 0, "a floor above what is asked is refused by name");
    plain(&s);
    s.need[1].order = 0;
    e = allocate_solve(&s.p, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "order") == 0, "two rows of the same order are refused");
    plain(&s);
    s.lot[0].quantity = ALLOCATE_TOTAL_MAX + 1;
    e = allocate_solve(&s.p, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "quantity") == 0, "more than can be counted is refused");
    plain(&s);
    s.p.stop = at_once;
    OK(allocate_solve(&s.p, arena, &r).code == BG_ENGINE_TIME, "told to stop, it gives no share half made");
    struct allocate_problem none = { 0 };
    OK(!bg_failed(allocate_solve(&none, arena, &r)) && r.moves == 0, "nothing to share is no error");
    BG_SCOPED_BUF text = bg_buf_init(1 << 16);
    allocate_rule_text(NULL, 0, true, &text);
    allocate_rule_text(pooling, 5, false, &text);
    OK(bg_str_find(bg_buf_str(&text), '5') < bg_buf_str(&text).len, "the rule prints itself from its table");
}

int main(void)
{
    against_all_plans();
    rows_shuffled();
    reasons();
    pooled();
    refusals();
    return TAP_DONE();
}
