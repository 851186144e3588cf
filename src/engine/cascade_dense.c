/* Dense sweeps over the whole network: one scenario with any number of firms shocked. Single firms touch few others and go by the
 * frontier of cascade_screen.c instead. */
#include <string.h>

#include "engine/cascade_impl.h"

#define STEPS_MAX 1000000

struct sweep {
    const double *shock; /* [firms] */
    double *down, *up; /* losses now; `down` owns the block of all five */
    double *next_down, *next_up;
    double *passed; /* a supplier's loss x its weight in its market */
    double *block;
};

static bg_err sweep_make(struct sweep *s, const double *shock, int64_t firms)
{
    double *block = bg_heap_get(5 * (size_t)firms * sizeof *block);
    BG_TRY(bg_need(block));
    *s = (struct sweep){ .shock = shock,
                         .block = block,
                         .down = block,
                         .up = block + firms,
                         .next_down = block + 2 * firms,
                         .next_up = block + 3 * firms,
                         .passed = block + 4 * firms };
    memcpy(s->down, shock, (size_t)firms * sizeof *shock);
    memcpy(s->up, shock, (size_t)firms * sizeof *shock);
    return BG_DONE;
}

/* What each supplier's loss means to its buyers now: with the market term, min(1, out / what its market still makes) times the
 * loss. */
static void weigh_markets(const struct cascade *c, struct sweep *s)
{
    for (int32_t k = 0; k < c->sectors; k++) {
        double made = 0;
        for (int32_t m = c->market_start[k]; m < c->market_start[k + 1]; m++) {
            made += c->out[c->market_firm[m]] * (1 - s->down[c->market_firm[m]]);
        }
        for (int32_t m = c->market_start[k]; m < c->market_start[k + 1]; m++) {
            int32_t i = c->market_firm[m];
            bool whole = !c->market || made <= CASCADE_MARKET_EMPTY || c->out[i] >= made;
            s->passed[i] = whole ? s->down[i] : s->down[i] * c->out[i] / made;
        }
    }
}

static double loss_of_inputs(const struct cascade *c, const struct sweep *s, int32_t buyer)
{
    double worst = 0, spread = 0, group = 0;
    for (int64_t e = c->in_start[buyer]; e < c->in_start[buyer + 1]; e++) {
        const struct cascade_in *in = &c->in[e];
        if (!in->essential) {
            spread += in->weight * s->passed[in->supplier];
            continue;
        }
        group += in->weight * s->passed[in->supplier];
        if (in->last) {
            worst = group > worst ? group : worst;
            group = 0;
        }
    }
    return worst > spread ? worst : spread;
}

/* One Jacobi step of both directions; the largest growth of a loss. */
static double step(const struct cascade *c, struct sweep *s)
{
    double change = 0;
    weigh_markets(c, s);
    for (int32_t j = 0; j < c->firms; j++) {
        double down = cascade_clamp(loss_of_inputs(c, s, j), s->shock[j]), up = 0;
        for (int64_t e = c->out_start[j]; e < c->out_start[j + 1]; e++) {
            up += c->out_edge[e].share * s->up[c->out_edge[e].buyer];
        }
        up = cascade_clamp(up, s->shock[j]);
        change = down - s->down[j] > change ? down - s->down[j] : change;
        change = up - s->up[j] > change ? up - s->up[j] : change;
        s->next_down[j] = down;
        s->next_up[j] = up;
    }
    double *swap = s->down;
    s->down = s->next_down;
    s->next_down = swap;
    swap = s->up;
    s->up = s->next_up;
    s->next_up = swap;
    return change;
}

static void note_steps(const struct cascade *c, const struct sweep *s, int32_t number, int32_t *steps)
{
    for (int32_t i = 0; i < c->firms; i++) {
        if (steps[i] < 0 && (s->down[i] > c->eps || s->up[i] > c->eps)) {
            steps[i] = number;
        }
    }
}

static void read_levels(const struct cascade *c, const struct sweep *s, struct cascade_index *ret, double *ret_down,
                        double *ret_up)
{
    double both = 0, down = 0, up = 0, all = c->all_out > 0 ? c->all_out : 1;
    for (int32_t i = 0; i < c->firms; i++) {
        down += c->out[i] * s->down[i];
        up += c->out[i] * s->up[i];
        both += c->out[i] * (s->down[i] > s->up[i] ? s->down[i] : s->up[i]);
        if (ret_down != NULL) {
            ret_down[i] = 1 - s->down[i];
        }
        if (ret_up != NULL) {
            ret_up[i] = 1 - s->up[i];
        }
    }
    *ret = (struct cascade_index){ .index = both / all, .down = down / all, .up = up / all };
}

bg_err cascade_scenario(const struct cascade *c, const double *shock, struct cascade_index *ret, double *ret_down, double *ret_up,
                        int32_t *ret_step)
{
    for (int32_t i = 0; i < c->firms; i++) {
        if (!(shock[i] >= 0 && shock[i] <= 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "shock");
        }
    }
    struct sweep s;
    BG_TRY(sweep_make(&s, shock, c->firms));
    for (int32_t i = 0; ret_step != NULL && i < c->firms; i++) {
        ret_step[i] = shock[i] > c->eps ? 0 : -1;
    }
    double change = 1;
    for (int32_t number = 1; change > c->eps && number < STEPS_MAX; number++) {
        change = step(c, &s);
        if (ret_step != NULL) {
            note_steps(c, &s, number, ret_step);
        }
    }
    read_levels(c, &s, ret, ret_down, ret_up);
    bg_heap_free(s.block);
    return BG_DONE;
}
