/* For tests of linear programs: starting the solver's child from a test program, random models, and glpsol as a second opinion.
 */
#ifndef BG_LP_BED_H
#define BG_LP_BED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lp/lp.h"

/* First line of main: the test's own image is the solver's child too. */
#define LP_CHILD(argc, argv)                                                                                                     \
    do {                                                                                                                         \
        int code_;                                                                                                               \
        if (lp_child((argc), (argv), &code_)) {                                                                                  \
            return code_;                                                                                                        \
        }                                                                                                                        \
    } while (0)

static inline bool lp_bed_absent(void)
{
    struct lp *lp;
    struct linear_model m;
    struct linear_answer a;
    linear_open(&m);
    (void)linear_column(&m, 1, 0, 1);
    bool absent = true;
    if (!bg_failed(lp_open(NULL, &lp))) {
        struct linear_solver s = lp_solver(lp);
        absent = s.solve(s.ctx, &m, NULL, &a).code == BG_LP_ABSENT;
        lp_close(lp);
    }
    linear_close(&m);
    return absent;
}

static inline bool lp_bed_has_glpsol(void)
{
    return system("command -v glpsol >/dev/null 2>&1") == 0;
}

/* GLPK's optimum of the model; NAN when it says that there is none or does not answer in time. */
static inline double lp_bed_glpsol(const struct linear_model *m, double gap)
{
    char model[] = "/tmp/lp-XXXXXX", command[400], line[256];
    double found = NAN;
    bool optimal = false;
    int fd = mkstemp(model);
    BG_SCOPED_BUF text = bg_buf_init((size_t)1 << 30);
    linear_write(m, &text);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL || bg_failed(bg_buf_check(&text)) || fwrite(text.at, 1, text.len, out) != text.len || fclose(out) != 0) {
        return NAN;
    }
    (void)snprintf(command, sizeof command, "timeout 200 glpsol --lp %s --mipgap %g -o %s.out >/dev/null 2>&1", model, gap,
                   model);
    int code = system(command);
    (void)snprintf(command, sizeof command, "%s.out", model);
    FILE *in = code == 0 ? fopen(command, "r") : NULL;
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        if (strncmp(line, "Status:", 7) == 0) {
            /* GLPK calls a plan within the gap that was asked for "non-optimal" */
            optimal = strstr(line, "OPTIMAL") != NULL && (gap > 0 || strstr(line, "NON") == NULL);
            optimal = optimal && strstr(line, "UNDEFINED") == NULL;
        } else if (strncmp(line, "Objective:", 10) == 0 && strchr(line, '=') != NULL) {
            found = strtod(strchr(line, '=') + 1, NULL);
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    (void)unlink(model);
    (void)unlink(command);
    return optimal ? found : NAN;
}

#endif
