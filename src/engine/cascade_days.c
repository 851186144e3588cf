/* Time to survive: the downward cascade by days with stocks of inputs. */
#include <math.h>
#include <string.h>

#include "engine/cascade_impl.h"

struct days {
    const struct cascade *c;
    double *loss, *next; /* [firms] */
    double *passed; /* [firms] loss x weight in the market */
    double *stock; /* [links] days left of an essential input, kept at its last link */
    double *rest; /* [firms] days left of all other inputs together */
    double *made; /* [sectors] */
};

static void weigh(struct days *d)
{
    const struct cascade *c = d->c;
    memset(d->made, 0, (size_t)c->sectors * sizeof *d->made);
    for (int32_t i = 0; i < c->firms; i++) {
        d->made[c->sector[i]] += c->out[i] * (1 - d->loss[i]);
    }
    for (int32_t i = 0; i < c->firms; i++) {
        double made = d->made[c->sector[i]];
        bool whole = !c->market || made <= CASCADE_MARKET_EMPTY || c->out[i] >= made;
        d->passed[i] = whole ? d->loss[i] : d->loss[i] * c->out[i] / made;
    }
}

/* Takes a day's shortfall from a stock; what the stock does not cover is the loss. */
static double draw(double *stock, double short_of)
{
    double covered = fmin(*stock, short_of);
    *stock -= covered;
    return short_of - covered;
}

static double loss_today(struct days *d, int32_t buyer)
{
    const struct cascade *c = d->c;
    double worst = 0, spread = 0, group = 0;
    for (int64_t e = c->in_start[buyer]; e < c->in_start[buyer + 1]; e++) {
        const struct cascade_in *in = &c->in[e];
        double part = in->weight * d->passed[in->supplier];
        if (!in->essential) {
            spread += part;
            continue;
        }
        group += part;
        if (in->last) {
            worst = fmax(worst, draw(&d->stock[e], fmin(group, 1)));
            group = 0;
        }
    }
    return fmax(worst, draw(&d->rest[buyer], fmin(spread, 1)));
}

static void live(struct days *d, const double *shock, double stop, int32_t days, int32_t *ret_day)
{
    const struct cascade *c = d->c;
    for (int32_t t = 0; t < days; t++) {
        if (t > 0) {
            weigh(d);
        }
        for (int32_t i = 0; i < c->firms; i++) {
            double now = t == 0 ? shock[i] : cascade_clamp(loss_today(d, i), shock[i]);
            d->next[i] = now;
            if (ret_day[i] < 0 && 1 - now < stop) {
                ret_day[i] = t;
            }
        }
        double *swap = d->loss;
        d->loss = d->next;
        d->next = swap;
    }
}

bg_err cascade_days(const struct cascade *c, const double *shock, const double *buffer, double stop, int32_t days,
                    int32_t *ret_day, double *ret_level)
{
    if (days < 1 || days > 10000 || !(stop > 0 && stop <= 1)) {
        return BG_FAIL_AT(BG_BAD_INPUT, days < 1 || days > 10000 ? "days" : "stop");
    }
    for (int32_t i = 0; i < c->firms; i++) {
        if (!(shock[i] >= 0 && shock[i] <= 1) || !(buffer[i] >= 0)) {
            return BG_FAIL_AT(BG_BAD_INPUT, buffer[i] >= 0 ? "shock" : "buffer");
        }
    }
    size_t firms = (size_t)c->firms, links = (size_t)c->in_start[c->firms];
    double *block = bg_heap_get((4 * firms + links + (size_t)c->sectors + 1) * sizeof *block);
    BG_TRY(bg_need(block));
    struct days d = { .c = c,
                      .loss = block,
                      .next = block + firms,
                      .passed = block + 2 * firms,
                      .rest = block + 3 * firms,
                      .stock = block + 4 * firms,
                      .made = block + 4 * firms + links };
    for (int32_t i = 0; i < c->firms; i++) {
        ret_day[i] = -1;
        d.rest[i] = buffer[i];
        for (int64_t e = c->in_start[i]; e < c->in_start[i + 1]; e++) {
            d.stock[e] = buffer[i];
        }
    }
    live(&d, shock, stop, days, ret_day);
    for (int32_t i = 0; ret_level != NULL && i < c->firms; i++) {
        ret_level[i] = 1 - d.loss[i];
    }
    bg_heap_free(block);
    return BG_DONE;
}
