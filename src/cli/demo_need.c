/* What the city needs on a day: amounts of the drivers times stated coefficients (data/tianjin-2022/drivers.csv,
 * coefficients.csv). Simulated, not what happened. */
#include "cli/demo.h"

#include <assert.h>

#define OUTBREAK_DAY 19000 /* 2022-01-08, days since 1970-01-01 */
#define SEALED_A_CASE 400 /* Jinnan, 19 January 2022: 136,000 residents of sealed zones, 340 cases */
#define CONTROLLED_A_CASE 1053 /* … 358,000 of controlled ones */
#define HOSPITAL_DAYS 14

/* The last value on or before a day; before the first, `before`. */
static int64_t step(const struct demo_point *points, size_t count, bg_date day, int64_t before)
{
    int64_t value = before;
    for (size_t i = 0; i < count && points[i].day <= day; i++) {
        value = points[i].value;
    }
    return value;
}

/* On a straight line between known days; the first value before them, the last behind. */
static int64_t between(const struct demo_point *points, size_t count, bg_date day)
{
    for (size_t i = 0; i + 1 < count; i++) {
        const struct demo_point *a = &points[i], *b = &points[i + 1];
        if (day < b->day) {
            return day <= a->day ? a->value : a->value + (b->value - a->value) * (day - a->day) / (b->day - a->day);
        }
    }
    return points[count - 1].value;
}

int64_t demo_cases(const struct demo *demo, bg_date day)
{
    return step(demo->course.cases, demo->course.case_count, day, 0);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool names(bg_str codes, int64_t district)
{
    int64_t code;
    for (bg_str word = demo_word(&codes); word.len > 0; word = demo_word(&codes)) {
        if (bg_str_is(word, "*") || (bg_str_int(word, &code) && code == district)) {
            return true;
        }
    }
    return false;
}

static int64_t sampled(const struct demo *demo, const struct demo_district *district, bg_date day)
{
    int64_t people = 0;
    for (size_t i = 0; i < demo->course.round_count; i++) {
        const struct demo_round *round = &demo->course.rounds[i];
        if (round->day == day && names(round->districts, district->code)) {
            people += district->population * round->share_permille / 1000;
        }
    }
    return people;
}

static int64_t sampled_everywhere(const struct demo *demo, bg_date day)
{
    int64_t people = 0;
    for (size_t d = 0; d < demo->district_count; d++) {
        people += sampled(demo, &demo->districts[d], day);
    }
    return people;
}

/* Residents under a measure that covers `a_case` of them for each case. */
static int64_t covered(const struct demo *demo, const struct demo_district *district, int64_t a_case, bg_date day)
{
    size_t index = (size_t)(district - demo->districts);
    int64_t cases = demo_cases(demo, day) * demo->course.district_cases[index] / demo->course.district_cases_all;
    return least(district->population, a_case * cases);
}

static int64_t district_amount(const struct demo *demo, enum demo_driver driver, const struct demo_district *district,
                               bg_date day)
{
    switch ((int)driver) {
    case DEMO_RESIDENT: return district->population;
    case DEMO_SEALED: return covered(demo, district, SEALED_A_CASE, day);
    case DEMO_CONTROLLED: return covered(demo, district, CONTROLLED_A_CASE, day);
    case DEMO_NEWLY: return covered(demo, district, SEALED_A_CASE, day) - covered(demo, district, SEALED_A_CASE, day - 1);
    case DEMO_SCREENING: return sampled(demo, district, day);
    default: return 0;
    }
}

/* A forward depot takes half of the work of its district. */
static int64_t depot_amount(const struct demo *demo, enum demo_driver driver, size_t place, bg_date day)
{
    const struct demo_place *forward = &demo->places[demo->forward];
    const struct demo_district *district = demo_district_of(demo, demo->places[place].district);
    int64_t amount = district_amount(demo, driver, district, day);
    bool shared = driver != DEMO_RESIDENT && day >= forward->opens && district->code == forward->district;
    if (place == demo->forward) {
        return shared ? amount / 2 : 0;
    }
    return shared ? amount - amount / 2 : amount;
}

static int64_t site_amount(const struct demo *demo, enum demo_driver driver, const struct demo_place *place, bg_date day)
{
    if (driver == DEMO_LABORATORY && place->size == 0) {
        return sampled_everywhere(demo, day) * 7 / (10 * demo->laboratories);
    }
    if (driver == DEMO_QUARANTINE && place->size > 0) {
        int64_t rooms = day < OUTBREAK_DAY + 1 ? demo->sites_first : demo->sites_all;
        return between(demo->course.observed, demo->course.observed_count, day) * place->size / rooms;
    }
    return 0;
}

static int64_t receiver_amount(const struct demo *demo, enum demo_driver driver, const struct demo_place *place, bg_date day)
{
    bool police = bg_str_is(place->code, "G03");
    if (driver == DEMO_POST && police) {
        return day < OUTBREAK_DAY ? 600 : least(3600, 600 + 300 * (day - OUTBREAK_DAY + 1));
    }
    if (driver == DEMO_AGENCY && !police) {
        return place->size * (day < OUTBREAK_DAY ? 10 : 25) / 100;
    }
    if (driver == DEMO_LABORATORY && bg_str_is(place->code, "G01")) {
        return sampled_everywhere(demo, day) * 3 / 10;
    }
    return 0;
}

int64_t demo_amount(const struct demo *demo, enum demo_driver driver, size_t index, bg_date day)
{
    const struct demo_place *place = &demo->places[index];
    if (day < place->opens && place->opens != BG_DATE_NONE) {
        return 0;
    }
    switch (place->kind) {
    case LEDGER_PLACE_DISTRICT:
    case LEDGER_PLACE_FORWARD: return depot_amount(demo, driver, index, day);
    case LEDGER_PLACE_AREA: return driver == DEMO_AREA ? 1 : 0;
    case LEDGER_PLACE_SITE: return site_amount(demo, driver, place, day);
    case LEDGER_PLACE_RECEIVER: return receiver_amount(demo, driver, place, day);
    case LEDGER_PLACE_HOSPITAL:
        if (driver == DEMO_INPATIENT && place->designated) {
            return between(demo->course.imported, demo->course.imported_count, day) + demo_cases(demo, day) -
                   demo_cases(demo, day - HOSPITAL_DAYS);
        }
        return driver == DEMO_BED ? place->size : 0;
    default: return 0;
    }
}

int64_t demo_need_milli(const struct demo *demo, size_t place, size_t item, bg_date day)
{
    int64_t need = 0;
    for (int driver = 0; driver < DEMO_DRIVERS; driver++) {
        int64_t coefficient = demo->coefficient[driver][item];
        if (coefficient > 0) {
            need += demo_amount(demo, (enum demo_driver)driver, place, day) * coefficient * 1000 / demo->per[driver];
        }
    }
    return need;
}

int64_t demo_standard_qty(const struct demo *demo, const struct demo_standard *standard, size_t index, int level)
{
    const struct demo_place *place = &demo->places[index];
    bool speaks = standard->scope == DEMO_AIRPORT         ? index == demo->airport
                  : standard->scope == DEMO_EACH_DISTRICT ? place->kind == LEDGER_PLACE_DISTRICT
                                                          : place->kind == LEDGER_PLACE_AREA;
    assert(level >= 1 && level <= 4);
    if (!speaks) {
        return -1;
    }
    if (standard->basis != DEMO_PER_100K) {
        return standard->level[level];
    }
    const struct demo_item *item = &demo->items[standard->item];
    int64_t pack = item->pack[0] > 0 ? item->pack[0] : 1, people = demo_district_of(demo, place->district)->population;
    return (standard->level[level] * people / 100000 + pack - 1) / pack * pack;
}
