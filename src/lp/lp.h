/* Linear and mixed-integer programs (engine/linear.h) solved by COIN-OR CLP and CBC (EPL) in a child process of little power: its
 * own image of this program, bounded memory and processor time, no file it could open, data over a socket with checked lengths.
 * Whatever happens to the solver - an abort, memory out, an endless loop, nonsense - is an error value here and never the
 * server's end. Every answer is checked by our own arithmetic (linear_judge) before anybody sees it. Where the solver is missing
 * the error is BG_LP_ABSENT (also with BAOGONG_COIN=off in the environment): nothing is solved in silence by another method. */
#ifndef BG_LP_H
#define BG_LP_H

#include "base/base.h"
#include "engine/linear.h"

struct lp;

struct lp_limits {
    int32_t memory_mb; /* address space of the child; 0: 2048 */
    int32_t seconds; /* wall and processor time of all solves together; 0: 60 */
    const char *program; /* what to start instead of this very program, for tests; NULL: /proc/self/exe */
};

/* The child starts with the first solve. Not shared between threads. */
bg_err lp_open(const struct lp_limits *limits, struct lp **ret);
void lp_close(struct lp *lp); /* ends the child; accepts NULL */

/* The solver to hand to an engine. A model changed only in bounds, costs and added rows since its last solve starts from its last
 * basis. Errors: BG_LP_ABSENT, BG_LP_CRASHED, BG_LP_TIME, BG_LP_WRONG, BG_NO_MEMORY, those of linear_check_model. After any of
 * them the next solve starts a new child. */
struct linear_solver lp_solver(struct lp *lp);

/* main() calls this before anything else: true when this process was started as the solver's child, which has then done all its
 * work; *ret_exit is its exit code. */
bool lp_child(int argc, char **argv, int *ret_exit);

#endif
