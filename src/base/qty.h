/* Quantities are checked integers in the item's base unit (piece, millilitre, gram). 万 and 亿 exist on screens only. */
#ifndef BG_BASE_QTY_H
#define BG_BASE_QTY_H

#include <stdint.h>

#include "base/error.h"

typedef struct bg_qty {
    int64_t units;
} bg_qty;

/* Far below int64, so that sums over every account of a nation cannot overflow; an input above it is refused. */
#define BG_QTY_MAX INT64_C(1000000000000000) /* 10^15 */

static inline bg_qty bg_qty_of(int64_t units)
{
    return (bg_qty){ units };
}

/* *ret = a + b; BG_QTY_RANGE on overflow, *ret untouched. */
static inline bg_err bg_qty_add(bg_qty a, bg_qty b, bg_qty *ret)
{
    int64_t sum;
    if (__builtin_add_overflow(a.units, b.units, &sum)) {
        return BG_FAIL(BG_QTY_RANGE);
    }
    ret->units = sum;
    return BG_DONE;
}

static inline bg_err bg_qty_sub(bg_qty a, bg_qty b, bg_qty *ret)
{
    int64_t difference;
    if (__builtin_sub_overflow(a.units, b.units, &difference)) {
        return BG_FAIL(BG_QTY_RANGE);
    }
    ret->units = difference;
    return BG_DONE;
}

static inline bg_err bg_qty_times(bg_qty a, int64_t factor, bg_qty *ret)
{
    int64_t product;
    if (__builtin_mul_overflow(a.units, factor, &product)) {
        return BG_FAIL(BG_QTY_RANGE);
    }
    ret->units = product;
    return BG_DONE;
}

#endif
