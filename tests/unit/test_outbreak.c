/* R estimates against EpiEstim's own output (tests/vectors/outbreak): within 1e-9. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/gamma.h"
#include "engine/outbreak.h"
#include "tap.h"

#define MAX_ROWS 400

/* Second column of a CSV with a header; rows read. */
static int read_column(const char *name, double *out)
{
    char path[256], line[512];
    (void)snprintf(path, sizeof path, "tests/vectors/outbreak/%s", name);
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return 0;
    }
    int count = 0;
    while (fgets(line, sizeof line, in) != NULL && count < MAX_ROWS) {
        const char *comma = strchr(line, ',');
        char *end;
        double value = comma != NULL ? strtod(comma + 1, &end) : 0;
        if (comma != NULL && end != comma + 1) {
            out[count++] = value;
        }
    }
    (void)fclose(in);
    return count;
}

/* The columns of one line; NA becomes NaN. */
static void read_row(char *line, double want[11])
{
    char *at = line;
    for (int i = 0; i < 11; i++) {
        want[i] = strncmp(at, "NA", 2) == 0 ? (double)NAN : strtod(at, NULL);
        char *comma = strchr(at, ',');
        at = comma != NULL ? comma + 1 : at;
    }
}

static double row_miss(const struct outbreak_rt *r, const double want[11])
{
    if (r->t_start != (int)want[0] || r->t_end != (int)want[1] || r->estimable == (isnan(want[2]) != 0)) {
        return INFINITY;
    }
    const double got[5] = { r->mean, r->sd, r->q025, r->median, r->q975 };
    const int column[5] = { 2, 3, 4, 7, 10 };
    double worst = 0;
    for (int i = 0; r->estimable && i < 5; i++) {
        worst = fmax(worst, fabs(got[i] - want[column[i]]));
    }
    return worst;
}

/* Largest difference over all windows; rows that differ in being estimable count as infinite. */
static double largest_miss(const char *name, const struct outbreak_rt *rows, int count)
{
    char path[256], line[1024];
    (void)snprintf(path, sizeof path, "tests/vectors/outbreak/%s", name);
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return INFINITY;
    }
    double worst = 0, want[11];
    int row = -1;
    while (fgets(line, sizeof line, in) != NULL) {
        row++;
        if (row > 0 && row <= count) {
            read_row(line, want);
            worst = fmax(worst, row_miss(&rows[row - 1], want));
        }
    }
    (void)fclose(in);
    return row == count ? worst : (double)INFINITY;
}

static void compare(const char *incidence, const char *serial, const char *want)
{
    static double cases[MAX_ROWS], weights[MAX_ROWS];
    static struct outbreak_rt rows[MAX_ROWS];
    int days = read_column(incidence, cases), lags = 40, count = 0;
    if (serial != NULL) {
        lags = read_column(serial, weights);
    } else {
        bg_ignore(outbreak_serial(2.6, 1.5, lags, weights));
    }
    bg_err e = outbreak_rt(cases, days, weights, lags, 7, rows, &count);
    double miss = largest_miss(want, rows, count);
    OK(!bg_failed(e) && count > 10 && miss < 1e-9, "%s: %d windows, largest difference %.1e", want, count, miss);
}

int main(void)
{
    compare("flu2009_incidence.csv", "flu2009_si.csv", "epiestim_flu2009_nonparam.csv");
    compare("flu2009_incidence.csv", NULL, "epiestim_flu2009_param26_15.csv");
    compare("Flu1918_inc.csv", "Flu1918_si.csv", "epiestim_Flu1918.csv");
    compare("SARS2003_inc.csv", "SARS2003_si.csv", "epiestim_SARS2003.csv");
    double worst = 0;
    for (double shape = 0.5; shape < 5000; shape *= 1.7) {
        for (double p = 0.001; p < 1; p += 0.037) {
            worst = fmax(worst, fabs(gamma_cdf(shape, gamma_quantile(shape, p)) - p));
        }
    }
    OK(worst < 1e-11, "gamma quantile inverts the distribution function: largest miss %.1e", worst);
    double bad[10] = { 1, -1, 2, 3, 4, 5, 6, 7, 8, 9 }, si[3] = { 0, 0.5, 0.5 };
    struct outbreak_rt rows[10];
    int count;
    bg_err e = outbreak_rt(bad, 10, si, 3, 7, rows, &count);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "incidence") == 0, "a negative day is refused by name");
    bad[1] = 2;
    e = outbreak_rt(bad, 10, si, 3, 10, rows, &count);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "window") == 0, "a window as long as the series is refused");
    return TAP_DONE();
}
