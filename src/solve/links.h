/* Networks of firms in documents: read alike by the positive list and the chain. Private to solve. */
#ifndef BG_SOLVE_LINKS_H
#define BG_SOLVE_LINKS_H

#include "engine/cascade.h"
#include "solve/solve.h"

#define SOLVE_LINKS_FIRMS_MAX 200000

struct solve_links {
    struct cascade_network network;
    struct solve_names *firms, *sectors;
    int32_t *sector; /* [firms] */
    double *out; /* [firms], 0 where not given */
    struct cascade_link *links;
    uint8_t *essential;
};
bg_err solve_links_open(struct bg_arena *arena, size_t firms, struct solve_links *ret);
/* The fields "id", "sector" and "out" of the next firm's row. */
bg_err solve_links_firm(struct solve_at row, struct solve_links *links);
/* After the firms: "links", "essential", "function", "market" and "eps" of the document. */
bg_err solve_links_read(struct solve_at at, struct solve_links *links);

#endif
