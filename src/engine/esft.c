/* The ESFT profile: arithmetic in the order of the R package, so that the golden run is met to the last digits. */
#include "engine/esft.h"

#include <math.h>

#define DAYS_A_WEEK 7

/* Hours a patient-day, summed over the professions that the tool counts as health workers or cleaners (table hwfe). */
#define HOURS_SEVERE 18.224181819
#define HOURS_CRITICAL 32.689375
#define HOURS_SCREENING 0.8
#define HOURS_CLEANER_SEVERE 0.5
#define HOURS_CLEANER_CRITICAL 0.75
#define HOURS_SHIFT 8
#define CLEANER_FACTOR 10 /* stands in the tool */

const struct esft_item esft_items[ESFT_ITEMS] = {
    { "Chlorine, HTH 70%", "Kg", false, 3.5 },
    { "Alcohol-based hand rub", "Lt", false, 8.3 },
    { "Liquid soap", "Lt", false, 0.9 },
    { "Bio-hazardous bag", "Each", false, 0.185 },
    { "Gown, protective", "Each", false, 1.549 },
    { "Scrubs, tops", "Each", true, 2.6 },
    { "Scrubs, pants", "Each", true, 2.6 },
    { "Apron, disposable", "Each", false, 0.216 },
    { "Gloves, examination", "Pair", false, 0.114 },
    { "Gloves, surgical", "Pair", false, 0.352 },
    { "Goggles, protective", "Each", true, 1.955 },
    { "Face shield", "Each", false, 0.647 },
    { "Respirator", "Each", false, 0.335 },
    { "Mask, medical / surgical for healthworker", "Each", false, 0.03 },
    { "Mask, medical / surgical for patient", "Each", false, 0.03 },
};

/* Pieces a person and day (table equipment). */
struct use {
    double staff, cleaner, carer, ambulance, engineer, patient, home_carer, home_patient, screener, screened, lab, lab_cleaner;
};
static const struct use uses[ESFT_ITEMS] = {
    { .cleaner = 0.03, .ambulance = 0.03, .engineer = 0.03, .lab = 0.1, .lab_cleaner = 0.03 },
    { 1.0 / 30, 1.0 / 30, 0, 1.0 / 30, 1.0 / 30, 0, 1.0 / 30, 0.01, 0.03, 0.01, 0.03, 0.03 },
    { 1.0 / 60, 1.0 / 60, 0.01, 1.0 / 60, 1.0 / 60, 0, 0, 0, 0.02, 0.01, 0.02, 0.02 },
    { .staff = 0.5, .cleaner = 0.5, .ambulance = 0.5, .engineer = 0.5, .screener = 0.5, .lab = 0.4, .lab_cleaner = 0.5 },
    { 1, 1, 1, 1, 1, 0, 0, 0, 2, 0, 2, 1 },
    { .staff = 1.0 / 30, .cleaner = 1.0 / 30, .engineer = 0.03, .screener = 0.03 },
    { .staff = 1.0 / 30, .cleaner = 1.0 / 30, .engineer = 0.03, .screener = 0.03 },
    { .staff = 1 },
    { .staff = 24, .carer = 4, .ambulance = 4, .engineer = 2, .home_carer = 4, .screener = 8, .lab = 8 },
    { .staff = 1 },
    { .staff = 0.1, .cleaner = 0.1, .ambulance = 0.1, .screener = 0.1, .lab = 1.0 / 15 },
    { .staff = 1, .cleaner = 1, .engineer = 1, .lab = 2 },
    { .staff = 1 },
    { .staff = 4, .cleaner = 4, .carer = 2, .ambulance = 4, .engineer = 1, .home_carer = 2, .screener = 4, .lab = 4 },
    { .patient = 2, .home_patient = 1, .screened = 1 },
};

struct esft_params esft_params_default(void)
{
    return (struct esft_params){ .mild = 0.4,
                                 .moderate = 0.4,
                                 .severe = 0.15,
                                 .critical = 0.05,
                                 .stay_mild = 2,
                                 .stay_moderate = 2,
                                 .stay_severe = 1,
                                 .stay_critical = 2,
                                 .staff_elsewhere = 0.4,
                                 .ambulance = 0.06,
                                 .engineers = 0.02,
                                 .carers_home = 1,
                                 .negatives = 10,
                                 .lab_staff = 3,
                                 .lab_cleaners = 1 };
}

static bool within(double value, double max)
{
    return value >= 0 && value <= max; /* false for NaN */
}

static bool stay_good(int weeks)
{
    return weeks >= 1 && weeks <= 52;
}

static bg_err check(const struct esft_input *in, const struct esft_params *p)
{
    if (in->weeks < 1 || in->weeks > ESFT_WEEKS_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "cases");
    }
    for (int w = 0; w < in->weeks; w++) {
        if (!within(in->cases[w], 1e9)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "cases");
        }
    }
    if (in->first < 0 || in->first >= in->weeks) {
        return BG_FAIL_AT(BG_BAD_INPUT, "first");
    }
    if (!within(in->beds, 1e9) || !within(in->share_severe_beds, 1) || !within(in->share_critical_beds, 1)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "beds");
    }
    if (!within(in->staff, 1e9) || !within(in->labs, 1e6)) {
        return BG_FAIL_AT(BG_BAD_INPUT, !within(in->staff, 1e9) ? "staff" : "labs");
    }
    const double shares[] = { p->mild, p->moderate, p->severe, p->critical, p->staff_elsewhere };
    const double rates[] = { p->ambulance, p->engineers, p->carers_hospital, p->carers_home,
                             p->negatives, p->lab_staff, p->lab_cleaners };
    bool good = fabs(p->mild + p->moderate + p->severe + p->critical - 1) < 1e-9 && p->severe + p->critical > 0;
    good = good && stay_good(p->stay_mild) && stay_good(p->stay_moderate) && stay_good(p->stay_severe) &&
           stay_good(p->stay_critical);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        good = good && within(shares[i], 1);
    }
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        good = good && within(rates[i], 1000);
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "params");
}

static double round5(double value)
{
    return nearbyint(value * 1e5) / 1e5;
}

/* People in bed or at home at the end of week w: the cases of the last `stay` weeks. */
static double in_stay(const struct esft_input *in, int w, int stay, double share)
{
    double sum = 0;
    for (int k = w; k >= 0 && k > w - stay; k--) {
        sum += in->cases[k] * share;
    }
    return sum;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double head_count(double coefficient, double people)
{
    return coefficient > 0 ? people : 0;
}

/* Disposable: coefficient x 7 x people. Reusable: the head-count of those who need it, once. */
static struct esft_need need_of(const struct esft_week *w, const struct esft_params *p, int item, double mild, double moderate)
{
    const struct use *u = &uses[item];
    double beds = w->severe_beds + w->critical_beds, carers = beds * p->carers_hospital;
    double home = mild + moderate, home_carers = home * p->carers_home;
    struct esft_need n;
    if (esft_items[item].reusable) {
        n.staff = head_count(u->staff, w->staff_inpatient) + head_count(u->cleaner, w->cleaners) + head_count(u->carer, carers) +
                  head_count(u->ambulance, w->ambulance) + head_count(u->engineer, w->engineers);
        n.isolation = head_count(u->home_carer, home_carers) + head_count(u->home_patient, home);
        n.screening = head_count(u->screener, w->screening) + head_count(u->screened, home);
        n.laboratory = head_count(u->lab, w->lab_staff) + head_count(u->lab_cleaner, w->lab_cleaners);
        n.patient = beds * u->patient;
    } else {
        const double d = DAYS_A_WEEK;
        n.staff = u->staff * d * w->staff_inpatient + w->cleaners * (u->cleaner * d) + carers * (u->carer * d) +
                  w->ambulance * (u->ambulance * d) + w->engineers * (u->engineer * d);
        n.isolation = home_carers * (u->home_carer * d) * p->stay_mild + mild * p->stay_mild * (u->home_patient * d) +
                      moderate * p->stay_moderate * (u->home_patient * d);
        n.screening = w->screening * (u->screener * d) + moderate * (u->screened * d) * p->stay_moderate +
                      mild * (u->screened * d) * p->stay_mild;
        n.laboratory = w->lab_staff * (u->lab * d) + w->lab_cleaners * (u->lab_cleaner * d);
        n.patient = beds * (u->patient * d);
    }
    n.total = n.isolation + n.laboratory + n.screening + n.patient + n.staff;
    return n;
}

/* Shares of the health workers: inpatients first, by the ratio of hours, rounded as the tool does. */
static void caps(const struct esft_input *in, const struct esft_params *p, double staff_per_bed, double *inpatient,
                 double *screening)
{
    double hospital = p->severe + p->critical, outside = p->mild + p->moderate;
    double per_outpatient = round5(1 / (HOURS_SHIFT / HOURS_SCREENING));
    double ratio = round5(hospital * staff_per_bed / (hospital * staff_per_bed + outside * per_outpatient));
    double treating = round5(ratio * (1 - p->staff_elsewhere));
    *inpatient = round5(treating * in->staff);
    *screening = round5(round5(1 - p->staff_elsewhere - treating) * in->staff);
}

bg_err esft_run(const struct esft_input *in, struct esft_week *ret)
{
    struct esft_params defaults = esft_params_default();
    const struct esft_params *p = in->params != NULL ? in->params : &defaults;
    BG_TRY(check(in, p));
    double severe_cap = nearbyint(in->beds * in->share_severe_beds), critical_cap = nearbyint(in->beds * in->share_critical_beds);
    double severe_sum = 0, critical_sum = 0;
    for (int w = in->first; w < in->weeks; w++) {
        struct esft_week *week = &ret[w - in->first];
        week->severe_beds = least(in_stay(in, w, p->stay_severe, p->severe), severe_cap);
        week->critical_beds = least(in_stay(in, w, p->stay_critical, p->critical), critical_cap);
        severe_sum += week->severe_beds;
        critical_sum += week->critical_beds;
    }
    double all = severe_sum + critical_sum;
    double severe_share = all > 0 ? severe_sum / all : 0, critical_share = all > 0 ? critical_sum / all : 0;
    double staff_per_bed = HOURS_SEVERE / HOURS_SHIFT * severe_share + HOURS_CRITICAL / HOURS_SHIFT * critical_share;
    double cleaners_per_bed = HOURS_CLEANER_SEVERE / HOURS_SHIFT * severe_share * CLEANER_FACTOR +
                              HOURS_CLEANER_CRITICAL / HOURS_SHIFT * critical_share * CLEANER_FACTOR;
    double inpatient_cap, screening_cap;
    caps(in, p, staff_per_bed, &inpatient_cap, &screening_cap);
    for (int w = in->first; w < in->weeks; w++) {
        struct esft_week *week = &ret[w - in->first];
        double beds = week->severe_beds + week->critical_beds, hospital = p->severe + p->critical;
        double sick = in->cases[w] * p->severe + in->cases[w] * p->critical;
        double moderate = sick * p->moderate / hospital, mild = sick * p->mild / hospital;
        week->suspected = (mild + moderate + sick) * p->negatives;
        week->tests_mild_moderate = mild + moderate;
        week->staff_inpatient = least(beds * staff_per_bed, inpatient_cap);
        week->cleaners = least(beds * cleaners_per_bed, in->beds * cleaners_per_bed);
        week->ambulance = nearbyint(beds * p->ambulance);
        week->engineers = nearbyint(beds * p->engineers);
        week->screening =
            least((week->suspected + mild + moderate) / (DAYS_A_WEEK * (HOURS_SHIFT / HOURS_SCREENING)), screening_cap);
        week->lab_staff = ceil(in->labs * p->lab_staff);
        week->lab_cleaners = ceil(in->labs * p->lab_cleaners);
        for (int i = 0; i < ESFT_ITEMS; i++) {
            week->need[i] = need_of(week, p, i, mild, moderate);
        }
    }
    return BG_DONE;
}
