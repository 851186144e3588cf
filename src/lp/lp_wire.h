/* What parent and child say to each other. One request, one reply; arrays follow the head in the order of its comment. Private to
 * lp. */
#ifndef BG_LP_WIRE_H
#define BG_LP_WIRE_H

#include <stdint.h>

#define LP_CHILD_ARG "solver-child"
#define LP_CHILD_FD 3
#define LP_MAGIC 0x6c70424fu
enum lp_exit { LP_EXIT_DONE = 0, LP_EXIT_ABSENT = 10, LP_EXIT_BAD = 11, LP_EXIT_MEMORY = 12 };

/* Then: cost, low, high [columns]; row_low, row_high [rows]; row_start [rows - known_rows + 1] counted from 0; column, value
 * [entries]; whole [columns] when known_rows is -1 */
struct lp_request {
    uint32_t magic;
    int32_t columns, rows;
    int32_t known_rows; /* rows that the child holds; -1: a new model */
    int32_t wholes;
    int32_t nodes_max;
    int64_t entries; /* of the rows that follow */
    double gap, seconds;
};
/* Then: x [columns] when has_x; price [rows] when has_price; ray [ray_size] */
struct lp_reply {
    uint32_t magic;
    int32_t status;
    int32_t has_x, has_price;
    int32_t ray_size;
    int32_t reserved;
    int64_t iterations, nodes;
    double bound;
};

#endif
