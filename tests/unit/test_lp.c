/* Linear programs: hand-solved cases, random ones against GLPK, warm starts, certificates that catch a lie, and a solver's child
 * that crashes, hangs, talks nonsense or runs out of memory. */
#include <sys/stat.h>

#include "lp_bed.h"
#include "tap.h"

static uint64_t seed = 20220108;
static double chance(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static struct lp *fresh(void)
{
    struct lp *lp = NULL;
    bg_ignore(lp_open(&(struct lp_limits){ .seconds = 60 }, &lp));
    return lp;
}

/* max 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18: (2, 6), 36, prices 0, 1.5, 1 (the Wyndor example of the textbooks). */
static void test_textbook(void)
{
    struct lp *lp = fresh();
    struct linear_solver s = lp_solver(lp);
    struct linear_model m;
    struct linear_answer a;
    linear_open(&m);
    int32_t x = linear_column(&m, -3, 0, INFINITY), y = linear_column(&m, -5, 0, INFINITY);
    linear_row(&m, -INFINITY, 4);
    linear_add(&m, x, 1);
    linear_row(&m, -INFINITY, 12);
    linear_add(&m, y, 2);
    linear_row(&m, -INFINITY, 18);
    linear_add(&m, x, 3);
    linear_add(&m, y, 2);
    bg_err e = s.solve(s.ctx, &m, NULL, &a);
    OK(!bg_failed(e) && a.status == LINEAR_OPTIMAL && a.proved && fabs(a.objective + 36) < 1e-9,
       "textbook example: optimum, proved");
    OK(fabs(a.x[0] - 2) < 1e-9 && fabs(a.x[1] - 6) < 1e-9, "its plan");
    OK(fabs(a.price[0]) < 1e-9 && fabs(a.price[1] + 1.5) < 1e-9 && fabs(a.price[2] + 1) < 1e-9, "its prices");
    m.row_high[1] = 14;
    e = s.solve(s.ctx, &m, NULL, &a);
    OK(!bg_failed(e) && fabs(a.objective + 39) < 1e-9, "two more units of the second row at 1.5 each, from the last basis");
    linear_row(&m, -INFINITY, 5);
    linear_add(&m, y, 1);
    e = s.solve(s.ctx, &m, NULL, &a);
    OK(!bg_failed(e) && a.proved && fabs(a.objective + (3 * 8.0 / 3 + 25)) < 1e-9, "a row added to a solved model");
    linear_row(&m, 9, INFINITY);
    linear_add(&m, y, 1);
    e = s.solve(s.ctx, &m, NULL, &a);
    OK(!bg_failed(e) && a.status == LINEAR_INFEASIBLE && a.proved, "infeasible, and the ray proves it");
    linear_close(&m);
    linear_open(&m);
    x = linear_column(&m, -1, 0, INFINITY);
    y = linear_column(&m, 0, 0, INFINITY);
    linear_row(&m, -INFINITY, 1);
    linear_add(&m, x, 1);
    linear_add(&m, y, -1);
    e = s.solve(s.ctx, &m, NULL, &a);
    OK(!bg_failed(e) && a.status == LINEAR_UNBOUNDED && a.proved, "unbounded, and the ray proves it");
    linear_close(&m);
    lp_close(lp);
}

static void random_model(struct linear_model *m, int columns, int rows, bool whole)
{
    double at[64]; /* a point that satisfies every row */
    linear_open(m);
    for (int j = 0; j < columns; j++) {
        double high = 1 + floor(chance() * 9);
        at[j] = floor(chance() * (high + 1));
        (void)(whole && j % 2 == 0 ? linear_whole(m, chance() * 4 - 2, 0, high) : linear_column(m, chance() * 4 - 2, 0, high));
    }
    for (int i = 0; i < rows; i++) {
        double entries[64] = { 0 }, sum = 0;
        for (int j = 0; j < columns; j++) {
            entries[j] = chance() < 0.3 ? round(chance() * 20 - 8) : 0;
            sum += entries[j] * at[j];
        }
        double slack = floor(chance() * 5), kind = chance();
        linear_row(m, kind < 0.6 ? -INFINITY : sum - slack, kind < 0.7 ? sum + slack : (kind < 0.8 ? sum : INFINITY));
        if (kind >= 0.7 && kind < 0.8) {
            m->row_low[i] = sum;
        }
        for (int j = 0; j < columns; j++) {
            linear_add(m, j, entries[j]);
        }
    }
}

static void test_random(bool whole)
{
    int agreed = 0, compared = 0, proved = 0, runs = whole ? 12 : 25;
    bool referee = lp_bed_has_glpsol();
    struct lp *lp = fresh();
    struct linear_solver s = lp_solver(lp);
    for (int i = 0; i < runs; i++) {
        struct linear_model m;
        struct linear_answer a;
        random_model(&m, 12 + i % 10, 8 + i % 7, whole);
        bg_err e = s.solve(s.ctx, &m, NULL, &a);
        if (!bg_failed(e) && a.status == LINEAR_OPTIMAL && a.point) {
            proved += whole ? a.gap < 1e-5 : a.proved;
            double other = referee ? lp_bed_glpsol(&m, 0) : NAN;
            compared += !isnan(other);
            agreed += !isnan(other) && fabs(other - a.objective) <= 1e-5 * fmax(1, fabs(other));
        }
        linear_close(&m);
    }
    lp_close(lp);
    OK(proved == runs, "%s: %d of %d random programs solved and proved", whole ? "whole numbers" : "linear", proved, runs);
    if (referee) {
        OK(compared == runs && agreed == runs, "GLPK finds the same optimum in %d of %d", agreed, runs);
    } else {
        SKIP("no glpsol here");
    }
}

/* Warm and cold give the same optimum. */
static void test_warm(void)
{
    struct lp *warm = fresh();
    struct linear_solver ws = lp_solver(warm);
    struct linear_model m;
    random_model(&m, 40, 30, false);
    int same = 0, tried = 0;
    for (int i = 0; i < 20; i++) {
        struct linear_answer a, b;
        struct lp *cold = fresh();
        struct linear_solver cs = lp_solver(cold);
        m.high[i % 40] += 1;
        m.cost[(i * 7) % 40] += 0.25;
        bg_err e = ws.solve(ws.ctx, &m, NULL, &a);
        double first = bg_failed(e) ? NAN : a.objective;
        uint64_t tag = m.tag;
        m.tag = 0;
        e = cs.solve(cs.ctx, &m, NULL, &b);
        m.tag = tag;
        tried++;
        same += !bg_failed(e) && fabs(first - b.objective) < 1e-6;
        lp_close(cold);
    }
    OK(same == tried, "warm and cold starts agree in %d of %d", same, tried);
    linear_close(&m);
    lp_close(warm);
}

static void test_lies(void)
{
    struct linear_model m;
    linear_open(&m);
    int32_t x = linear_column(&m, 1, 0, 10), y = linear_column(&m, 2, 0, 10);
    linear_row(&m, 3, INFINITY);
    linear_add(&m, x, 1);
    linear_add(&m, y, 1);
    double good[] = { 3, 0 }, short_of[] = { 2, 0 }, dear[] = { 0, 3 }, price[] = { 1 }, none[] = { 0 }, wrong[] = { -1 };
    struct linear_answer a = { .status = LINEAR_OPTIMAL, .x = good, .price = price };
    OK(!bg_failed(linear_judge(&m, -INFINITY, &a)) && a.proved && a.objective == 3 && a.bound == 3, "a true answer passes");
    a = (struct linear_answer){ .status = LINEAR_OPTIMAL, .x = short_of, .price = price };
    OK(linear_judge(&m, -INFINITY, &a).code == BG_LP_WRONG, "an infeasible plan does not");
    a = (struct linear_answer){ .status = LINEAR_OPTIMAL, .x = dear, .price = price };
    OK(linear_judge(&m, -INFINITY, &a).code == BG_LP_WRONG, "nor a plan that is not the best");
    a = (struct linear_answer){ .status = LINEAR_OPTIMAL, .x = good, .price = none };
    OK(linear_judge(&m, -INFINITY, &a).code == BG_LP_WRONG, "nor prices that prove nothing");
    double bound;
    OK(!bg_failed(linear_bound(&m, wrong, 1e-7, NULL, &bound)) && bound == 0, "a price of the wrong sign counts as none");
    double ray[] = { 1 };
    bool proves = true;
    OK(!bg_failed(linear_proves_infeasible(&m, ray, &proves)) && !proves, "a ray that proves nothing");
    m.row_low[0] = 21;
    OK(!bg_failed(linear_proves_infeasible(&m, ray, &proves)) && proves, "one that does");
    linear_close(&m);
}

/* Solves a small program by a child that is a script. */
static enum bg_code by_script(const char *script, int seconds)
{
    char path[] = "/tmp/lp-child-XXXXXX";
    int fd = mkstemp(path);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL || fprintf(out, "#!/bin/sh\n%s\n", script) < 0 || fclose(out) != 0 || chmod(path, 0700) != 0) {
        return BG_OK;
    }
    struct lp *lp;
    struct linear_model m;
    struct linear_answer a;
    linear_open(&m);
    (void)linear_column(&m, 1, 0, 1);
    enum bg_code code = BG_OK;
    if (!bg_failed(lp_open(&(struct lp_limits){ .seconds = seconds, .program = path }, &lp))) {
        struct linear_solver s = lp_solver(lp);
        code = s.solve(s.ctx, &m, NULL, &a).code;
        lp_close(lp);
    }
    linear_close(&m);
    (void)unlink(path);
    return code;
}

static void test_bad_children(void)
{
    OK(by_script("kill -ABRT $$", 20) == BG_LP_CRASHED, "a child that aborts");
    OK(by_script("exit 0", 20) == BG_LP_CRASHED, "a child that leaves at once");
    OK(by_script("exec sleep 60", 1) == BG_LP_TIME, "a child that hangs");
    OK(by_script("head -c 100 /dev/zero >&3; exec sleep 60", 20) == BG_LP_CRASHED, "a child that talks nonsense");
    OK(by_script("head -c 8 <&3 >/dev/null; kill -SEGV $$", 20) == BG_LP_CRASHED, "a child that dies while reading");
    OK(by_script("exit 10", 20) == BG_LP_ABSENT, "a child that has no solver");
    struct lp *lp;
    struct linear_answer a;
    struct linear_model m;
    linear_open(&m);
    OK(!bg_failed(lp_open(&(struct lp_limits){ .program = "/nowhere/at/all" }, &lp)), "a program that is not there");
    struct linear_solver s = lp_solver(lp);
    OK(s.solve(s.ctx, &m, NULL, &a).code == BG_LP_CRASHED, "is an error when first needed");
    lp_close(lp);
    linear_close(&m);
}

/* A child without the memory for the model dies; the next one with enough solves it. */
static void test_memory(void)
{
#if defined(__SANITIZE_ADDRESS__)
    SKIP("the sanitizer takes the address space");
#else
    struct linear_model m;
    struct linear_answer a;
    struct lp *lp;
    linear_open(&m);
    for (int j = 0; j < 200000; j++) {
        (void)linear_column(&m, 1 + chance(), 0, 10);
    }
    for (int i = 0; i < 20000; i++) {
        linear_row(&m, 1, INFINITY);
        for (int k = 0; k < 20; k++) {
            linear_add(&m, i * 10 + k < 200000 ? i * 10 + k : k, 1 + chance());
        }
    }
    bg_err e = lp_open(&(struct lp_limits){ .memory_mb = 90 }, &lp);
    struct linear_solver s = lp_solver(lp);
    e = s.solve(s.ctx, &m, NULL, &a);
    OK(e.code == BG_LP_CRASHED || e.code == BG_LP_ABSENT, "a child without enough memory is an error (%s)",
       bg_errors[e.code].slug);
    lp_close(lp);
    linear_close(&m);
#endif
}

static void test_models(void)
{
    struct linear_model m;
    linear_open(&m);
    (void)linear_column(&m, NAN, 0, 1);
    OK(linear_check_model(&m).code == BG_BAD_INPUT, "a cost that is no number");
    m.cost[0] = 1;
    m.low[0] = 2;
    OK(linear_check_model(&m).code == BG_BAD_INPUT, "a low bound above the high one");
    m.low[0] = 0;
    linear_row(&m, 0, 1);
    linear_add(&m, 7, 1);
    OK(linear_check_model(&m).code == BG_BAD_INPUT, "a column that does not exist");
    linear_close(&m);
    int failed = 0, rounds = 0;
    for (uint64_t n = 1; n < 14; n++, rounds++) {
        bg_heap_fail_after(n);
        linear_open(&m);
        (void)linear_column(&m, 1, 0, 1);
        linear_row(&m, 0, 1);
        linear_add(&m, 0, 1);
        bg_heap_fail_after(0);
        failed += linear_check_model(&m).code == BG_NO_MEMORY;
        linear_close(&m);
    }
    OK(failed == 10, "each allocation that fails is told: %d of %d", failed, rounds);
}

int main(int argc, char **argv)
{
    LP_CHILD(argc, argv);
    test_models();
    test_lies();
    test_bad_children();
    if (lp_bed_absent()) {
        SKIP("no solver here");
        return TAP_DONE();
    }
    test_textbook();
    test_random(false);
    test_random(true);
    test_warm();
    test_memory();
    return TAP_DONE();
}
