/* The whole test framework: prints TAP for prove(1). */
#ifndef BG_TAP_H
#define BG_TAP_H

#include <stdio.h>

static int tap_run_count, tap_fail_count;

#define OK(condition, ...)                                                                           \
    do {                                                                                             \
        int ok_ = (condition) ? 1 : 0;                                                               \
        tap_fail_count += !ok_;                                                                      \
        printf("%s %d - ", ok_ ? "ok" : "not ok", ++tap_run_count);                                  \
        printf(__VA_ARGS__);                                                                         \
        printf("\n");                                                                                \
        if (!ok_) {                                                                                  \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);                                 \
        }                                                                                            \
        fflush(stdout);                                                                              \
    } while (0)

/* One test that can not run here: counted, with the reason. */
#define SKIP(reason) printf("ok %d # SKIP %s\n", ++tap_run_count, (reason))

#define TAP_DONE() (printf("1..%d\n", tap_run_count), tap_fail_count != 0)

#endif
