/* The profile of WHO's COVID-19 Essential Supplies Forecasting Tool (ESFT) as the R package mrc-ide/esft (MIT, 2023) computes it:
 * weekly cases -> patients (beds, capped) -> staff -> protective equipment and hygiene. No measures, no doubt, no stock: kept for
 * comparison with plans of other cities and countries, and equal to the package within 1e-9. */
#ifndef BG_ENGINE_ESFT_H
#define BG_ENGINE_ESFT_H

#include "base/base.h"

#define ESFT_WEEKS_MAX 520

struct esft_params {
    double mild, moderate, severe, critical; /* shares of cases, sum 1 */
    int stay_mild, stay_moderate, stay_severe, stay_critical; /* weeks */
    double staff_elsewhere; /* share of health workers not on COVID-19 */
    double ambulance, engineers; /* per bed in use */
    double carers_hospital, carers_home; /* per patient */
    double negatives; /* suspected cases that are negative, per case */
    double lab_staff, lab_cleaners; /* per laboratory */
};
struct esft_params esft_params_default(void);

struct esft_input {
    int weeks;
    const double *cases; /* [weeks] new cases of each week, the weeks before the wanted ones included (stays look back) */
    int first; /* first week wanted, from 0 */
    double beds, staff, labs;
    double share_severe_beds, share_critical_beds; /* of beds; 0.6 of beds are for COVID-19 by default */
    const struct esft_params *params; /* NULL: defaults */
};

struct esft_item {
    const char *name, *unit; /* as in the tool */
    bool reusable;
    double price; /* US dollars */
};
enum { ESFT_ITEMS = 15 };
extern const struct esft_item esft_items[ESFT_ITEMS];

struct esft_need {
    double staff, patient, isolation, screening, laboratory, total;
};
struct esft_week {
    double severe_beds, critical_beds, staff_inpatient, cleaners, ambulance, engineers, screening, lab_staff, lab_cleaners;
    double suspected, tests_mild_moderate;
    struct esft_need need[ESFT_ITEMS];
};
/* ret[weeks - first]. BG_BAD_INPUT: "cases", "first", "beds", "staff", "labs" or "params". */
bg_err esft_run(const struct esft_input *input, struct esft_week *ret);

#endif
