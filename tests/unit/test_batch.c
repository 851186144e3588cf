/* Batches: bounds hold on random cases, whatever the order of rows; splitting; what no vehicle takes is told with its reason. */
#include <string.h>

#include "engine/batch.h"
#include "tap.h"

#define DROPS 25
#define VEHICLES 5

static void random_rounds(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 21, 0);
    int wrong = 0, placed = 0, left = 0, differ = 0;
    for (int round = 0; round < 300; round++) {
        struct batch_place depot[2], receiver[DROPS];
        struct batch_drop drop[DROPS], turned[DROPS];
        struct batch_vehicle vehicle[VEHICLES];
        struct batch_result r, again;
        BG_SCOPED_ARENA arena = bg_arena_open(1 << 22);
        for (int i = 0; i < 2; i++) {
            depot[i] = (struct batch_place){ (int64_t)bg_random_below(&env, 20000), (int64_t)bg_random_below(&env, 20000) };
        }
        for (int i = 0; i < DROPS; i++) {
            int32_t open = (int32_t)bg_random_below(&env, 300);
            receiver[i] = (struct batch_place){ (int64_t)bg_random_below(&env, 20000), (int64_t)bg_random_below(&env, 20000) };
            drop[i] = (struct batch_drop){ i, (int32_t)bg_random_below(&env, 2), i, 1 + (int64_t)bg_random_below(&env, 40), open,
                                           open + 60 + (int32_t)bg_random_below(&env, 200), 10 };
        }
        for (int i = 0; i < DROPS; i++) {
            turned[i] = drop[DROPS - 1 - i];
        }
        for (int i = 0; i < VEHICLES; i++) {
            vehicle[i] = (struct batch_vehicle){ i, i % 2, 100, 0, 600 };
        }
        struct batch_problem p = { 2, DROPS, DROPS, VEHICLES, depot, receiver, drop, vehicle, 500 };
        struct batch_problem q = { 2, DROPS, DROPS, VEHICLES, depot, receiver, turned, vehicle, 500 };
        if (bg_failed(batch_solve(&p, arena, &r)) || bg_failed(batch_solve(&q, arena, &again))) {
            wrong++;
            continue;
        }
        int64_t sum[DROPS] = { 0 }, load[VEHICLES] = { 0 };
        for (int i = 0; i < r.stops; i++) {
            const struct batch_stop *s = &r.stop[i];
            sum[s->drop] += s->load;
            load[s->vehicle] += s->load;
            wrong += s->arrive < drop[s->drop].open || s->arrive > drop[s->drop].close ||
                     drop[s->drop].depot != vehicle[s->vehicle].depot;
            wrong += i > 0 && r.stop[i - 1].vehicle == s->vehicle && r.stop[i - 1].arrive + 10 > s->arrive;
            differ += i >= again.stops || again.stop[i].drop != DROPS - 1 - s->drop || again.stop[i].arrive != s->arrive;
        }
        for (int i = 0; i < r.lefts; i++) {
            sum[r.left[i].drop] += r.left[i].load;
        }
        for (int i = 0; i < DROPS; i++) {
            wrong += sum[i] != drop[i].load;
        }
        for (int i = 0; i < VEHICLES; i++) {
            wrong += load[i] > 100;
        }
        placed += r.stops;
        left += r.lefts;
    }
    OK(wrong == 0 && placed > 3000, "%d stops keep windows and capacity, %d deliveries are told as left", placed, left);
    OK(differ == 0, "the order of rows changes nothing");
}

static void split_and_left(void)
{
    struct batch_place depot = { 0, 0 }, receiver[2] = { { 1000, 0 }, { 900000, 0 } };
    struct batch_drop drop[2] = { { 0, 0, 0, 25, 0, 600, 5 }, { 1, 0, 1, 5, 0, 60, 5 } };
    struct batch_vehicle vehicle[3] = { { 0, 0, 10, 0, 600 }, { 1, 0, 10, 0, 600 }, { 2, 0, 10, 0, 600 } };
    struct batch_problem p = { 1, 2, 2, 3, &depot, receiver, drop, vehicle, 500 };
    struct batch_result r;
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    OK(!bg_failed(batch_solve(&p, arena, &r)) && r.stops == 3 && r.stop[0].load == 10 && r.stop[2].load == 5 && r.stop[0].arrive == 3,
       "25 for vehicles of 10 are split over three; 1,300 metres at 500 a minute take 3 minutes");
    OK(r.lefts == 1 && r.left[0].drop == 1 && r.left[0].reason == BATCH_NO_TIME, "a place too far for its window is left, with the reason");
    p.vehicles = 2;
    OK(!bg_failed(batch_solve(&p, arena, &r)) && r.lefts == 2 && r.left[1].load == 5 && r.left[1].reason == BATCH_NO_ROOM,
       "what exceeds all vehicles is left");
    p.pace = 0;
    bg_err e = batch_solve(&p, arena, &r);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "pace") == 0, "no pace is refused");
}

int main(void)
{
    random_rounds();
    split_and_left();
    return TAP_DONE();
}
