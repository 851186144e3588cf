/* Reasons in words that were checked by solving again: which bound, what the figure is, what it would be without the bound. Used by
 * allocation, rotation and location. Private to solve. */
#ifndef BG_SOLVE_WHY_H
#define BG_SOLVE_WHY_H

#include "solve/solve.h"

struct solve_why {
    const char *code; /* of the bound */
    const char *zh, *en; /* the bound in words, without a full stop */
    int64_t now, then; /* the figure with the bound, and solved again without it */
};
/* Writes {"bound","would","zh","en"}: "<bound>；若无此限制为 N（已重新计算）。" */
void solve_put_why(struct bg_buf *out, const struct solve_why *why);
/* Adds "<who>：<what> <now>；<bound>；若无此限制为 <then>（已重新计算）。" to the reasons of the answer. */
bg_err solve_reason_why(struct solve_report *report, const char *who_zh, const char *who_en, const struct solve_why *why);

#endif
