/* The forecaster: same bits on any number of threads and for any range, moments of the counts against theory, order of the
 * scenarios, the library before twenty cases, hostile input. */
#include <math.h>
#include <string.h>

#include "engine/forecast.h"
#include "engine/forecast_impl.h"
#include "engine/gamma.h"
#include "tap.h"

#define DISTRICTS 5
#define DAYS 30
#define HORIZON 40
#define PATHS 1003

static struct forecast *open_for(const double *cases, int districts, int days, int horizon, enum forecast_scenario scenario,
                                 uint64_t seed)
{
    struct forecast *forecast = NULL;
    struct forecast_input input = {
        .districts = districts, .days = days, .cases = cases, .scenario = scenario, .seed = seed, .horizon = horizon
    };
    bg_err e = forecast_open(&input, &forecast);
    return bg_failed(e) ? NULL : forecast;
}

static void fill(double *cases, double level)
{
    for (int d = 0; d < DISTRICTS; d++) {
        for (int t = 0; t < DAYS; t++) {
            cases[d * DAYS + t] = floor(level * (1 + d % 3) * (0.5 + t / 30.0)) + (t * 7 + d * 3) % 4;
        }
    }
}

static int64_t sum_of(const int32_t *at, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += at[i];
    }
    return sum;
}

static void test_random(void)
{
    /* Known answers of Random123 for threefry2x32 with 13 rounds. */
    const uint32_t zero[2] = { 0, 0 }, ones[2] = { 0xffffffff, 0xffffffff }, pi[2] = { 0x13198a2e, 0x03707344 };
    uint32_t a[2], b[2], c[2];
    forecast_random(zero, 0, 0, a);
    forecast_random(ones, 0xffffffff, 0xffffffff, b);
    forecast_random(pi, 0x243f6a88, 0x85a308d3, c);
    OK(a[0] == 0x9d1c5ec6 && a[1] == 0x8bd50731, "threefry2x32-13 of zeros");
    OK(b[0] == 0xfd36d048 && b[1] == 0x2d17272c, "threefry2x32-13 of ones");
    OK(c[0] == 0xba3e4725 && c[1] == 0xf27d669e, "threefry2x32-13 of pi");
}

static void test_same_bits(void)
{
    static int32_t one[PATHS * DISTRICTS * HORIZON], two[PATHS * DISTRICTS * HORIZON];
    double cases[DISTRICTS * DAYS];
    fill(cases, 10);
    struct forecast *forecast = open_for(cases, DISTRICTS, DAYS, HORIZON, FORECAST_CONTROLLED, 42);
    bg_ignore(forecast_run(forecast, PATHS, 1, one));
    bool same = true;
    for (int threads = 2; threads <= 7; threads++) {
        memset(two, 0xff, sizeof two);
        bg_ignore(forecast_run(forecast, PATHS, threads, two));
        same = same && memcmp(one, two, sizeof one) == 0;
    }
    OK(same, "1 to 7 threads give the same bits");
    size_t row = (size_t)DISTRICTS * HORIZON;
    forecast_paths(forecast, 501, 37, two);
    OK(memcmp(two, one + 501 * row, 37 * row * sizeof *one) == 0, "any range of paths is the same as within the whole");
    forecast->plain = true;
    bg_ignore(forecast_run(forecast, PATHS, 1, two));
    OK(memcmp(one, two, sizeof one) == 0, "the copy without AVX2 gives the same bits");
    forecast_close(forecast);
    forecast = open_for(cases, DISTRICTS, DAYS, HORIZON, FORECAST_CONTROLLED, 43);
    bg_ignore(forecast_run(forecast, PATHS, 1, two));
    OK(memcmp(one, two, sizeof one) != 0, "another seed gives other paths");
    forecast_close(forecast);
}

/* Without noise of R, with no serial link (imports only), a day's count is Gamma-Poisson with mean `imports` and variance f x
 * imports. */
static void test_counts(double mean, double tolerance)
{
    enum { N = 40000 };
    static int32_t paths[N * 4];
    double cases[12];
    for (int t = 0; t < 12; t++) {
        cases[t] = t == 0 ? 30 : 0;
    }
    struct forecast_params params = forecast_params_default();
    struct forecast_input input = {
        .districts = 1, .days = 12, .cases = cases, .imports = &mean, .seed = 5, .horizon = 4, .params = &params
    };
    params.serial_mean = 1.5;
    params.serial_sd = 0.2;
    struct forecast *forecast = NULL;
    bg_err e = forecast_open(&input, &forecast);
    OK(!bg_failed(e), "opens");
    forecast->places[0].log_end = -20; /* nobody infects anybody */
    forecast->places[0].dispersion = 2;
    forecast_paths(forecast, 0, N, paths);
    forecast_close(forecast);
    double sum = 0, squares = 0, zeros = 0;
    for (int i = 0; i < N; i++) {
        double y = paths[i * 4 + 1];
        sum += y;
        squares += y * y;
        zeros += y < 0.5 ? 1 : 0;
    }
    double got = sum / N, variance = squares / N - got * got, want_zero = pow(2, -mean);
    OK(fabs(got - mean) < tolerance * sqrt(2 * mean / N) && fabs(variance / (2 * mean) - 1) < 0.05,
       "counts of mean %g: mean %.3f, variance %.3f", mean, got, variance);
    OK(fabs(zeros / N - want_zero) < 4 * sqrt(want_zero * (1 - want_zero) / N) + 1e-4, "share of zeros %.4f, exact %.4f",
       zeros / N, want_zero);
}

static void test_scenarios(void)
{
    enum { N = 2000, H = 30 };
    static int32_t paths[N * DISTRICTS * H];
    for (int level = 0; level < 3; level++) {
        double cases[DISTRICTS * DAYS], mean[3];
        fill(cases, level == 0 ? 2 : level == 1 ? 20 : 200);
        for (int s = 0; s < 3; s++) {
            struct forecast *forecast = open_for(cases, DISTRICTS, DAYS, H, (enum forecast_scenario)s, 9);
            bg_ignore(forecast_run(forecast, N, 2, paths));
            mean[s] = (double)sum_of(paths, sizeof paths / sizeof *paths) / N;
            forecast_close(forecast);
        }
        OK(mean[0] < mean[1] && mean[1] < mean[2], "controlled %.0f < delayed %.0f < fails %.0f cases", mean[0], mean[1],
           mean[2]);
    }
}

static void test_library(void)
{
    enum { N = 2000, H = 30 };
    static int32_t paths[N * 2 * H];
    double cases[2 * 4] = { 0, 0, 1, 3, 0, 0, 0, 1 };
    struct forecast *forecast = open_for(cases, 2, 4, H, FORECAST_CONTROLLED, 1);
    OK(forecast != NULL && forecast_is_library(forecast), "5 cases: paths come from the library");
    bg_ignore(forecast_run(forecast, N, 1, paths));
    double q[H * 3];
    const double levels[3] = { 0.05, 0.5, 0.95 };
    bg_ignore(forecast_quantiles(paths, N, 2, H, -1, true, levels, 3, q));
    const double *last = q + (size_t)(H - 1) * 3;
    OK(last[0] >= 0 && last[0] < last[1] && last[1] < last[2], "30 days on: %.0f, %.0f, %.0f", last[0], last[1], last[2]);
    forecast_close(forecast);
    cases[0] = 15;
    forecast = open_for(cases, 2, 4, H, FORECAST_CONTROLLED, 1);
    OK(forecast != NULL && !forecast_is_library(forecast), "20 cases: the renewal equation");
    forecast_close(forecast);
}

static void test_refusals(void)
{
    double cases[4] = { 30, 10, 10, 10 };
    struct forecast_params params = forecast_params_default();
    struct forecast_input good = { .districts = 1, .days = 4, .cases = cases, .horizon = 10, .params = &params };
    struct forecast *forecast = NULL;
    static const struct {
        double value;
        const char *name;
    } hostile[] = { { -1, "negative" }, { NAN, "not a number" }, { INFINITY, "infinite" }, { 1e9, "huge" } };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        cases[2] = hostile[i].value;
        bg_err e = forecast_open(&good, &forecast);
        OK(e.code == BG_BAD_INPUT && strcmp(e.field, "cases") == 0 && forecast == NULL, "cases %s: refused by name",
           hostile[i].name);
    }
    cases[2] = 10;
    struct forecast_input bad = good;
    bad.horizon = FORECAST_HORIZON_MAX + 1;
    bg_err e = forecast_open(&bad, &forecast);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "horizon") == 0, "a horizon past the bound is refused");
    bad = good;
    bad.districts = 0;
    e = forecast_open(&bad, &forecast);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "districts") == 0, "no district is refused");
    params.phi = NAN;
    e = forecast_open(&good, &forecast);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "params") == 0, "a parameter that is no number is refused");
    params = forecast_params_default();
    for (int t = 0; t < 4; t++) {
        cases[t] = FORECAST_DAILY_MAX;
    }
    static int32_t paths[64 * 10];
    e = forecast_open(&good, &forecast);
    OK(!bg_failed(e), "the largest counts are taken");
    bg_ignore(forecast_run(forecast, 64, 2, paths));
    bool within = true;
    for (int i = 0; i < 64 * 10; i++) {
        within = within && paths[i] >= 0 && paths[i] <= FORECAST_DAILY_MAX;
    }
    OK(within, "and no path leaves the bound");
    e = forecast_run(forecast, 0, 1, paths);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "paths") == 0, "no paths are refused");
    forecast_close(forecast);
}

int main(void)
{
    test_random();
    test_same_bits();
    test_counts(0.5, 4);
    test_counts(12, 4);
    test_counts(55, 4);
    test_counts(400, 4);
    test_scenarios();
    test_library();
    test_refusals();
    return TAP_DONE();
}
