/* The solver's functions as loaded in the child, and the job in hand. Private to lp. */
#ifndef BG_LP_COIN_H
#define BG_LP_COIN_H

#include "base/base.h"
#include "lp/lp_wire.h"

struct lp_job {
    struct lp_request request;
    double *cost, *low, *high, *row_low, *row_high;
    int *start; /* rows that came with this request */
    int32_t *column;
    double *value;
    uint8_t *whole;
    void *model; /* CLP's, kept between requests */
};

struct lp_clp;
struct lp_cbc;
struct lp_coin {
    struct lp_clp *clp;
    struct lp_cbc *cbc;
};

/* False when the libraries are not here or were left out of the build. */
bool lp_coin_load(struct lp_coin *ret);
bool lp_run_clp(struct lp_coin *coin, struct lp_job *job);
bool lp_run_cbc(struct lp_coin *coin, struct lp_job *job);

bool lp_receive(void *at, size_t size);
bool lp_reply(const struct lp_job *job, struct lp_reply *reply, const double *x, const double *price, const double *ray);

#endif
