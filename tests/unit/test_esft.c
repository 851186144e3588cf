/* The ESFT profile against a golden run of mrc-ide/esft (tests/vectors/outbreak/esft_gold_100perday.csv): within 1e-9. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/esft.h"
#include "tap.h"

static double cases[20];

static struct esft_input golden(void)
{
    for (int i = 0; i < 20; i++) {
        cases[i] = 700;
    }
    return (struct esft_input){ .weeks = 10,
                                .cases = cases,
                                .first = 6,
                                .beds = 50000,
                                .staff = 100000,
                                .labs = 10,
                                .share_severe_beds = 0.55,
                                .share_critical_beds = 0.05 };
}

/* The item whose quoted name stands in the line, and what follows the unit. */
static int item_of(char *line, double want[6])
{
    for (int i = 0; i < ESFT_ITEMS; i++) {
        char quoted[100];
        (void)snprintf(quoted, sizeof quoted, "\"%s\",\"%s\",", esft_items[i].name, esft_items[i].unit);
        char *at = strstr(line, quoted);
        if (at == NULL) {
            continue;
        }
        at += strlen(quoted);
        for (int j = 0; j < 6; j++) {
            want[j] = strtod(at, &at);
            at += *at == ',';
        }
        return i;
    }
    return -1;
}

static double miss(const struct esft_need *n, const double want[6])
{
    const double got[6] = { n->total, n->staff, n->patient, n->isolation, n->screening, n->laboratory };
    double worst = 0;
    for (int j = 0; j < 6; j++) {
        worst = fmax(worst, fabs(got[j] - want[j]));
    }
    return worst;
}

static void test_golden(void)
{
    struct esft_week weeks[4];
    struct esft_input in = golden();
    char line[500];
    double worst = 0, want[6];
    int rows = 0, seen[ESFT_ITEMS] = { 0 };
    OK(!bg_failed(esft_run(&in, weeks)), "runs");
    FILE *file = fopen("tests/vectors/outbreak/esft_gold_100perday.csv", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        int item = item_of(line, want);
        if (item >= 0) {
            rows++;
            worst = fmax(worst, miss(&weeks[seen[item]++ % 4].need[item], want));
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    OK(rows == 60 && worst < 1e-9, "%d rows of the golden run, largest difference %.3g (at most 1e-9)", rows, worst);
    OK(weeks[1].severe_beds == 105 && weeks[1].critical_beds == 70 && weeks[1].ambulance == 10 && weeks[1].engineers == 4 &&
           weeks[1].screening == 108 && weeks[1].lab_staff == 30 && fabs(weeks[1].staff_inpatient - 525.22441746) < 1e-3,
       "beds and staff of the golden run (%.6f inpatient staff)", weeks[1].staff_inpatient);
}

static void test_rules(void)
{
    struct esft_week few[20], more[20];
    struct esft_input in = golden();
    bool monotone = true;
    bg_ignore(esft_run(&in, few));
    cases[7] = 900;
    bg_ignore(esft_run(&in, more));
    for (int w = 0; w < 4; w++) {
        for (int i = 0; i < ESFT_ITEMS; i++) {
            monotone = monotone && more[w].need[i].total >= few[w].need[i].total - 1e-9 * few[w].need[i].total - 100;
        }
    }
    OK(monotone, "more cases never need clearly less");
    in.beds = 100;
    bg_ignore(esft_run(&in, more));
    OK(more[0].severe_beds == 55 && more[0].critical_beds == 5, "beds bind");
    memset(cases, 0, sizeof cases);
    OK(!bg_failed(esft_run(&in, few)) && few[0].need[4].staff == 0 && isfinite(few[0].need[4].total), "no case: no patient need");
    in.cases = (const double[10]){ -1 };
    OK(bg_failed(esft_run(&in, few)) && strcmp(esft_run(&in, few).field, "cases") == 0, "negative cases are refused by name");
    in = golden();
    in.first = 10;
    OK(strcmp(esft_run(&in, few).field, "first") == 0, "no week wanted is refused");
    struct esft_params p = esft_params_default();
    p.mild = 0.5;
    in = golden();
    in.params = &p;
    OK(strcmp(esft_run(&in, few).field, "params") == 0, "shares that do not sum to 1 are refused");
    in.params = NULL;
    in.staff = (double)NAN;
    OK(strcmp(esft_run(&in, few).field, "staff") == 0, "NaN is refused");
}

int main(void)
{
    test_golden();
    test_rules();
    return TAP_DONE();
}
