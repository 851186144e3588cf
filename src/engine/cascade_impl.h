/* The prepared network, shared by the dense and the screened sweeps. Private to the cascade engine. */
#ifndef BG_ENGINE_CASCADE_IMPL_H
#define BG_ENGINE_CASCADE_IMPL_H

#include "engine/cascade.h"

#define CASCADE_MARKET_EMPTY 1e-10 /* a market that makes less has no rest to share: each member counts in full */

struct cascade_in { /* one input link of a buyer */
    int32_t supplier;
    bool essential, last; /* last link of its input sector */
    double weight;
};
struct cascade_out {
    int32_t buyer;
    double share; /* of the supplier's output */
};
struct cascade {
    int32_t firms, sectors;
    bool market;
    double eps, all_out;
    int64_t *in_start; /* [firms + 1] into in, by buyer and then input sector */
    struct cascade_in *in;
    int64_t *out_start; /* [firms + 1] into out_edge */
    struct cascade_out *out_edge;
    int32_t *sector;
    double *out; /* output of each firm */
    int32_t *market_start; /* [sectors + 1] into market_firm */
    int32_t *market_firm;
};

/* A firm loses at least its shock and at most everything. */
static inline double cascade_clamp(double loss, double shock)
{
    loss = loss > shock ? loss : shock;
    return loss > 1 ? 1 : loss;
}

#endif
