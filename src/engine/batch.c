/* Batches: first fit, cheapest insertion, 2-opt. */
#include "engine/batch.h"

#include <math.h>
#include <stdlib.h>

struct round {
    int32_t drop[BATCH_STOPS_MAX];
    int64_t load[BATCH_STOPS_MAX];
    int32_t arrive[BATCH_STOPS_MAX];
    int32_t count;
    int64_t room;
};
struct batching {
    const struct batch_problem *p;
    struct round *rounds; /* [vehicles] */
    int32_t *drops, *vehicles; /* in order */
};

static bool within(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

static bool places_good(const struct batch_place *list, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        if (!within(list[i].x, -BATCH_METRES_MAX, BATCH_METRES_MAX) || !within(list[i].y, -BATCH_METRES_MAX, BATCH_METRES_MAX)) {
            return false;
        }
    }
    return true;
}

static bg_err check(const struct batch_problem *p)
{
    if (!within(p->drops, 0, BATCH_DROPS_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "drops");
    }
    if (!within(p->vehicles, 0, BATCH_VEHICLES_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "vehicles");
    }
    if (!within(p->pace, 1, BATCH_METRES_MAX)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "pace");
    }
    if (!places_good(p->depot, p->depots) || !places_good(p->receiver, p->receivers)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "place");
    }
    for (int32_t i = 0; i < p->drops; i++) {
        const struct batch_drop *d = &p->drop[i];
        if (!within(d->depot, 0, p->depots - 1) || !within(d->receiver, 0, p->receivers - 1) || !within(d->load, 1, BATCH_LOAD_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "drop");
        }
        if (!within(d->open, 0, BATCH_MINUTES_MAX) || !within(d->close, d->open, BATCH_MINUTES_MAX) ||
            !within(d->serve, 0, BATCH_MINUTES_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "window");
        }
    }
    for (int32_t i = 0; i < p->vehicles; i++) {
        const struct batch_vehicle *v = &p->vehicle[i];
        if (!within(v->depot, 0, p->depots - 1) || !within(v->capacity, 1, BATCH_LOAD_MAX) || !within(v->from, 0, BATCH_MINUTES_MAX) ||
            !within(v->until, v->from, BATCH_MINUTES_MAX)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "vehicle");
        }
    }
    return BG_DONE;
}

static int by_close(const void *left, const void *right, void *ctx)
{
    const struct batch_problem *p = ctx;
    const struct batch_drop *a = &p->drop[*(const int32_t *)left], *b = &p->drop[*(const int32_t *)right];
    if (a->close != b->close) {
        return a->close < b->close ? -1 : 1;
    }
    if (a->load != b->load) {
        return a->load > b->load ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static int by_vehicle(const void *left, const void *right, void *ctx)
{
    const struct batch_problem *p = ctx;
    int64_t a = p->vehicle[*(const int32_t *)left].order, b = p->vehicle[*(const int32_t *)right].order;
    return (a > b) - (a < b);
}

static int32_t minutes_between(const struct batch_problem *p, struct batch_place a, struct batch_place b)
{
    double line = sqrt((double)((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)));
    return (int32_t)ceil(line * 1.3 / p->pace - 1e-9);
}

/* The minute of return, and the arrivals; -1 when a window or the vehicle's hours are missed. */
static int32_t time_round(const struct batch_problem *p, const struct batch_vehicle *v, struct round *r)
{
    int32_t now = v->from;
    struct batch_place at = p->depot[v->depot];
    for (int32_t i = 0; i < r->count; i++) {
        const struct batch_drop *d = &p->drop[r->drop[i]];
        now += minutes_between(p, at, p->receiver[d->receiver]);
        now = now < d->open ? d->open : now;
        if (now > d->close) {
            return -1;
        }
        r->arrive[i] = now;
        now += d->serve;
        at = p->receiver[d->receiver];
    }
    now += minutes_between(p, at, p->depot[v->depot]);
    return now <= v->until ? now : -1;
}

static void insert_at(struct round *r, int32_t place, int32_t drop, int64_t load)
{
    for (int32_t i = r->count; i > place; i--) {
        r->drop[i] = r->drop[i - 1];
        r->load[i] = r->load[i - 1];
    }
    r->drop[place] = drop;
    r->load[place] = load;
    r->count++;
    r->room -= load;
}

/* Puts the load where the vehicle is back earliest; false when no place keeps all windows. */
static bool fit(const struct batch_problem *p, const struct batch_vehicle *v, struct round *r, int32_t drop, int64_t load)
{
    struct round best = { 0 };
    int32_t earliest = -1;
    for (int32_t place = 0; place <= r->count && r->count < BATCH_STOPS_MAX; place++) {
        struct round trial = *r;
        insert_at(&trial, place, drop, load);
        int32_t back = time_round(p, v, &trial);
        if (back >= 0 && (earliest < 0 || back < earliest)) {
            earliest = back;
            best = trial;
        }
    }
    if (earliest >= 0) {
        *r = best;
    }
    return earliest >= 0;
}

static void turn(struct round *r, int32_t i, int32_t k)
{
    for (; i < k; i++, k--) {
        int32_t drop = r->drop[i];
        int64_t load = r->load[i];
        r->drop[i] = r->drop[k];
        r->load[i] = r->load[k];
        r->drop[k] = drop;
        r->load[k] = load;
    }
}

static void shorten(const struct batch_problem *p, const struct batch_vehicle *v, struct round *r)
{
    int32_t back = time_round(p, v, r);
    for (bool better = true; better;) {
        better = false;
        for (int32_t i = 0; i < r->count; i++) {
            for (int32_t k = i + 1; k < r->count; k++) {
                struct round trial = *r;
                turn(&trial, i, k);
                int32_t then = time_round(p, v, &trial);
                if (then >= 0 && then < back) {
                    *r = trial;
                    back = then;
                    better = true;
                }
            }
        }
    }
}

/* First a vehicle that takes all of it, then pieces in whatever room there is. Returns what is left. */
static int64_t place_drop(struct batching *b, int32_t drop, enum batch_reason *ret_reason)
{
    const struct batch_drop *d = &b->p->drop[drop];
    int64_t left = d->load;
    *ret_reason = BATCH_NO_VEHICLE;
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t i = 0; i < b->p->vehicles && left > 0; i++) {
            const struct batch_vehicle *v = &b->p->vehicle[b->vehicles[i]];
            struct round *r = &b->rounds[b->vehicles[i]];
            if (v->depot != d->depot) {
                continue;
            }
            *ret_reason = *ret_reason == BATCH_NO_VEHICLE ? BATCH_NO_ROOM : *ret_reason;
            int64_t part = left < r->room ? left : r->room;
            if (part == 0 || (pass == 0 && part < left)) {
                continue;
            }
            if (fit(b->p, v, r, drop, part)) {
                left -= part;
            } else {
                *ret_reason = BATCH_NO_TIME;
            }
        }
    }
    return left;
}

static bg_err open_rounds(struct batching *b, struct bg_arena *arena)
{
    const struct batch_problem *p = b->p;
    b->rounds = bg_arena_array(arena, (size_t)p->vehicles + 1, sizeof *b->rounds);
    b->drops = bg_arena_array(arena, (size_t)p->drops + 1, sizeof *b->drops);
    b->vehicles = bg_arena_array(arena, (size_t)p->vehicles + 1, sizeof *b->vehicles);
    if (b->rounds == NULL || b->drops == NULL || b->vehicles == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t i = 0; i < p->drops; i++) {
        b->drops[i] = i;
    }
    for (int32_t i = 0; i < p->vehicles; i++) {
        b->vehicles[i] = i;
        b->rounds[i].room = p->vehicle[i].capacity;
    }
    qsort_r(b->drops, (size_t)p->drops, sizeof *b->drops, by_close, (void *)(uintptr_t)p);
    qsort_r(b->vehicles, (size_t)p->vehicles, sizeof *b->vehicles, by_vehicle, (void *)(uintptr_t)p);
    return BG_DONE;
}

bg_err batch_solve(const struct batch_problem *problem, struct bg_arena *arena, struct batch_result *ret)
{
    struct batching b = { .p = problem };
    struct batch_result result = { 0 };
    size_t stops = 0;
    BG_TRY(check(problem));
    BG_TRY(open_rounds(&b, arena));
    result.left = bg_arena_array(arena, (size_t)problem->drops + 1, sizeof *result.left);
    BG_TRY(bg_need(result.left));
    for (int32_t i = 0; i < problem->drops; i++) {
        enum batch_reason reason;
        int64_t left = place_drop(&b, b.drops[i], &reason);
        if (left > 0) {
            result.left[result.lefts++] = (struct batch_left){ b.drops[i], left, reason };
        }
    }
    for (int32_t i = 0; i < problem->vehicles; i++) {
        shorten(problem, &problem->vehicle[i], &b.rounds[i]);
        (void)time_round(problem, &problem->vehicle[i], &b.rounds[i]);
        stops += (size_t)b.rounds[i].count;
    }
    result.stop = bg_arena_array(arena, stops + 1, sizeof *result.stop);
    BG_TRY(bg_need(result.stop));
    for (int32_t i = 0; i < problem->vehicles; i++) {
        int32_t vehicle = b.vehicles[i];
        const struct round *r = &b.rounds[vehicle];
        for (int32_t k = 0; k < r->count; k++) {
            result.stop[result.stops++] = (struct batch_stop){ vehicle, r->drop[k], r->load[k], r->arrive[k] };
        }
    }
    *ret = result;
    return BG_DONE;
}
