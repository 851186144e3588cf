/* The model of the example city: every reference file read into arrays, cross-references resolved, and the city scaled. */
#include "cli/demo.h"

#include <assert.h>
#include <string.h>

#define SOURCE_MOVEMENTS 74000 /* of the city at scale 1 … */
#define QUIET_MOVEMENTS 590 /* … and of one of its quiet days; six in ten are of places that are copied */

/* Micro-degrees of "39.117"; the files are ours. */
static int64_t degrees(bg_str text)
{
    int64_t whole = 0, part = 0;
    size_t dot = bg_str_find(text, '.');
    bool read = bg_str_int(bg_str_cut(text, 0, dot), &whole) &&
                (dot == text.len || bg_str_int(bg_str_cut(text, dot + 1, text.len), &part));
    assert(read && (dot == text.len || text.len - dot == 4));
    return whole * 1000000 + part * 1000;
}

static bg_date source_date(const char *text)
{
    bg_date date = 0;
    bool read = !bg_failed(bg_date_parse(bg_str_of(text), &date));
    assert(read);
    return date;
}

size_t demo_item_of(const struct demo *demo, bg_str code)
{
    for (size_t i = 0; i < demo->item_count; i++) {
        if (bg_str_eq(demo->items[i].code, code)) {
            return i;
        }
    }
    assert(false && "an item of items.csv");
    return 0;
}

size_t demo_place_of(const struct demo *demo, bg_str code)
{
    for (size_t i = 0; i < demo->place_count; i++) {
        if (bg_str_eq(demo->places[i].code, code)) {
            return i;
        }
    }
    assert(false && "a place of places.csv or makers.csv");
    return 0;
}

const struct demo_district *demo_district_of(const struct demo *demo, int64_t code)
{
    for (size_t i = 0; i < demo->district_count; i++) {
        if (demo->districts[i].code == code) {
            return &demo->districts[i];
        }
    }
    return NULL;
}

static size_t owner_of(const struct demo *demo, bg_str code)
{
    for (size_t i = 0; i < demo->owner_count; i++) {
        if (bg_str_eq(demo->owners[i].code, code)) {
            return i;
        }
    }
    return 0; /* outside places: the city, which never comes to matter */
}

/* --- single files --- */

static bg_err read_items(struct demo *demo)
{
    struct demo_table t;
    BG_TRY(demo_table_read("items.csv", demo->arena, &t));
    demo->items = bg_arena_array(demo->arena, t.rows, sizeof *demo->items);
    BG_TRY(bg_need(demo->items));
    assert(t.rows <= sizeof demo->coefficient[0] / sizeof demo->coefficient[0][0]);
    for (size_t i = 0; i < t.rows; i++) {
        demo->items[i] = (struct demo_item){
            .code = demo_cell(&t, i, "code"),
            .name_zh = demo_cell(&t, i, "name_zh"),
            .name_en = demo_cell(&t, i, "name_en"),
            .spec = demo_cell(&t, i, "spec"),
            .unit = demo_cell(&t, i, "unit"),
            .category = demo_cell(&t, i, "category"),
            .storage = demo_cell(&t, i, "storage"),
            .gtin = demo_cell(&t, i, "gtin"),
            .pack_name = { demo_cell(&t, i, "pack1"), demo_cell(&t, i, "pack2") },
            .pack = { demo_int(&t, i, "pack1_units"), demo_int(&t, i, "pack2_units") },
            .shelf_days = demo_int(&t, i, "shelf_life_days"),
            .order_min = demo_int(&t, i, "order_min"),
            .lotted = demo_int(&t, i, "lotted") != 0,
            .key = demo_int(&t, i, "key") != 0,
        };
    }
    demo->item_count = t.rows;
    return BG_DONE;
}

static bg_err read_districts(struct demo *demo)
{
    struct demo_table t;
    BG_TRY(demo_table_read("districts.csv", demo->arena, &t));
    demo->districts = bg_arena_array(demo->arena, t.rows, sizeof *demo->districts);
    BG_TRY(bg_need(demo->districts));
    assert(t.rows <= sizeof demo->course.district_cases / sizeof demo->course.district_cases[0]);
    for (size_t i = 0; i < t.rows; i++) {
        demo->districts[i] = (struct demo_district){
            .name_zh = demo_cell(&t, i, "name_zh"),
            .name_en = demo_cell(&t, i, "name_en"),
            .code = demo_int(&t, i, "code"),
            .population = demo_int(&t, i, "population"),
            .lat_udeg = degrees(demo_cell(&t, i, "lat")),
            .lon_udeg = degrees(demo_cell(&t, i, "lon")),
            .area = bg_str_is(demo_cell(&t, i, "kind"), "area"),
        };
    }
    demo->district_count = t.rows;
    return BG_DONE;
}

static bg_err read_owners(struct demo *demo)
{
    struct demo_table t;
    BG_TRY(demo_table_read("owners.csv", demo->arena, &t));
    demo->owners = bg_arena_array(demo->arena, t.rows, sizeof *demo->owners);
    BG_TRY(bg_need(demo->owners));
    for (size_t i = 0; i < t.rows; i++) {
        demo->owners[i] = (struct demo_owner){
            .code = demo_cell(&t, i, "code"),
            .name_zh = demo_cell(&t, i, "name_zh"),
            .name_en = demo_cell(&t, i, "name_en"),
            .kind = ledger_word_of(ledger_owner_kinds, demo_cell(&t, i, "kind")),
            .district = demo_int(&t, i, "district"),
        };
        assert(demo->owners[i].kind != 0);
    }
    demo->owner_count = t.rows;
    return BG_DONE;
}

/* Copies of a place for a larger city: "H01-2", "… 2 部". Places that are unique stay so. */
static bg_err copy_place(struct demo *demo, const struct demo_place *place, int64_t number)
{
    struct demo_place *copy = &demo->places[demo->place_count++];
    *copy = *place;
    copy->code = bg_str_of(bg_arena_text(demo->arena, "%.*s-%lld", BG_STR_FMT(place->code), (long long)number));
    copy->name_zh = bg_str_of(bg_arena_text(demo->arena, "%.*s %lld 部", BG_STR_FMT(place->name_zh), (long long)number));
    copy->name_en = bg_str_of(bg_arena_text(demo->arena, "%.*s, branch %lld", BG_STR_FMT(place->name_en), (long long)number));
    copy->designated = false;
    BG_TRY(bg_need(copy->code.at));
    BG_TRY(bg_need(copy->name_zh.at));
    return bg_need(copy->name_en.at);
}

static void read_place(struct demo *demo, const struct demo_table *t, size_t i)
{
    struct demo_place *place = &demo->places[demo->place_count++];
    bg_str lat = demo_cell(t, i, "lat"), lon = demo_cell(t, i, "lon");
    *place = (struct demo_place){
        .code = demo_cell(t, i, "code"),
        .name_zh = demo_cell(t, i, "name_zh"),
        .name_en = demo_cell(t, i, "name_en"),
        .organisation = demo_cell(t, i, "organisation"),
        .kind = ledger_word_of(ledger_place_kinds, demo_cell(t, i, "kind")),
        .district = demo_int(t, i, "district"),
        .lat_udeg = degrees(lat),
        .lon_udeg = degrees(lon),
        .size = demo_int(t, i, "size"),
        .owner = owner_of(demo, demo_cell(t, i, "owner")),
        .depot = SIZE_MAX,
        .opens = BG_DATE_NONE,
        .designated = bg_str_starts(demo_cell(t, i, "note"), BG_STR("designated")),
    };
    assert(place->kind != 0);
}

static bg_err read_places(struct demo *demo)
{
    struct demo_table t, makers, distributors;
    BG_TRY(demo_table_read("places.csv", demo->arena, &t));
    BG_TRY(demo_table_read("makers.csv", demo->arena, &makers));
    BG_TRY(demo_table_read("distributors.csv", demo->arena, &distributors));
    demo->places = bg_arena_array(demo->arena, t.rows * (size_t)demo->copies + makers.rows, sizeof *demo->places);
    BG_TRY(bg_need(demo->places));
    for (size_t i = 0; i < t.rows; i++) {
        read_place(demo, &t, i);
        const struct demo_place *place = &demo->places[demo->place_count - 1];
        bool many = place->kind == LEDGER_PLACE_HOSPITAL || (place->kind == LEDGER_PLACE_SITE && place->size > 0);
        for (int64_t n = 2; many && n <= demo->copies; n++) {
            BG_TRY(copy_place(demo, place, n));
        }
    }
    for (size_t i = 0; i < distributors.rows; i++) {
        demo->places[demo_place_of(demo, demo_cell(&distributors, i, "code"))].credit_code =
            demo_cell(&distributors, i, "credit_code");
    }
    return BG_DONE;
}

static bg_err read_makers(struct demo *demo)
{
    struct demo_table t;
    BG_TRY(demo_table_read("makers.csv", demo->arena, &t));
    demo->makers = bg_arena_array(demo->arena, t.rows, sizeof *demo->makers);
    BG_TRY(bg_need(demo->makers));
    for (size_t i = 0; i < t.rows; i++) {
        struct demo_maker *maker = &demo->makers[i];
        *maker = (struct demo_maker){
            .code = demo_cell(&t, i, "code"),
            .name_zh = demo_cell(&t, i, "name_zh"),
            .name_en = demo_cell(&t, i, "name_en"),
            .credit_code = demo_cell(&t, i, "credit_code"),
            .key = demo_int(&t, i, "key") != 0,
            .place = demo->place_count,
        };
        bg_str products = demo_cell(&t, i, "products"), daily = demo_cell(&t, i, "daily_output");
        for (bg_str word = demo_word(&products); word.len > 0; word = demo_word(&products)) {
            assert(maker->products < sizeof maker->item / sizeof maker->item[0]);
            size_t item = demo_item_of(demo, word);
            bool read = bg_str_int(demo_word(&daily), &maker->daily[maker->products]);
            assert(read && maker->daily[maker->products] > 0);
            demo->items[item].daily += maker->daily[maker->products];
            maker->item[maker->products++] = item;
        }
        demo->places[demo->place_count++] = (struct demo_place){
            .code = maker->code,
            .name_zh = maker->name_zh,
            .name_en = maker->name_en,
            .organisation = BG_STR("enterprise"),
            .credit_code = maker->credit_code,
            .kind = LEDGER_PLACE_MAKER,
            .district = demo_int(&t, i, "district"),
            .lat_udeg = degrees(demo_cell(&t, i, "lat")),
            .lon_udeg = degrees(demo_cell(&t, i, "lon")),
            .owner = owner_of(demo, BG_STR("FIRM")),
            .depot = SIZE_MAX,
            .opens = BG_DATE_NONE,
        };
    }
    demo->maker_count = t.rows;
    return BG_DONE;
}

static bg_err read_standards(struct demo *demo)
{
    struct demo_table t;
    BG_TRY(demo_table_read("standards.csv", demo->arena, &t));
    demo->standards = bg_arena_array(demo->arena, t.rows, sizeof *demo->standards);
    BG_TRY(bg_need(demo->standards));
    for (size_t i = 0; i < t.rows; i++) {
        bg_str scope = demo_cell(&t, i, "scope"), basis = demo_cell(&t, i, "basis");
        demo->standards[i] = (struct demo_standard){
            .item = demo_item_of(demo, demo_cell(&t, i, "item")),
            .scope = bg_str_is(scope, "airport")    ? DEMO_AIRPORT
                     : bg_str_is(scope, "district") ? DEMO_EACH_DISTRICT
                                                    : DEMO_EACH_AREA,
            .basis = bg_str_is(basis, "qty")    ? DEMO_QTY
                     : bg_str_is(basis, "days") ? DEMO_DAYS
                                                : DEMO_PER_100K,
            .level = { 0, demo_int(&t, i, "level1"), demo_int(&t, i, "level2"), demo_int(&t, i, "level3"),
                       demo_int(&t, i, "level4") },
        };
    }
    demo->standard_count = t.rows;
    return BG_DONE;
}

static bg_err read_people(struct demo *demo)
{
    struct demo_table t;
    BG_TRY(demo_table_read("people.csv", demo->arena, &t));
    demo->people = bg_arena_array(demo->arena, t.rows, sizeof *demo->people);
    BG_TRY(bg_need(demo->people));
    for (size_t i = 0; i < t.rows; i++) {
        demo->people[i] = (struct demo_person){
            .login = demo_cell(&t, i, "login"),
            .name = demo_cell(&t, i, "name"),
            .role = demo_cell(&t, i, "role"),
            .scope = demo_cell(&t, i, "scope"),
            .scope_ref = demo_cell(&t, i, "scope_ref"),
            .organisation_kind = demo_cell(&t, i, "organisation_kind"),
        };
    }
    demo->person_count = t.rows;
    return BG_DONE;
}

static bg_err read_coefficients(struct demo *demo)
{
    static const char *const columns[] = { "low", "middle", "high" };
    struct demo_table drivers, t;
    BG_TRY(demo_table_read("drivers.csv", demo->arena, &drivers));
    BG_TRY(demo_table_read("coefficients.csv", demo->arena, &t));
    assert(drivers.rows == DEMO_DRIVERS);
    for (size_t d = 0; d < drivers.rows; d++) { /* the rows stand in the order of enum demo_driver */
        demo->per[d] = demo_int(&drivers, d, "per");
        for (size_t i = 0; i < t.rows; i++) {
            if (bg_str_eq(demo_cell(&t, i, "driver"), demo_cell(&drivers, d, "driver"))) {
                demo->coefficient[d][demo_item_of(demo, demo_cell(&t, i, "item"))] = demo_int(&t, i, columns[demo->opts.level]);
            }
        }
    }
    return BG_DONE;
}

/* --- the course of the outbreak --- */

static void read_fact(struct demo *demo, const struct demo_table *t, size_t i)
{
    struct demo_course *course = &demo->course;
    bg_str what = demo_cell(t, i, "what");
    const struct demo_point point = { demo_date(t, i, "date"), demo_int(t, i, "value") };
    if (bg_str_is(what, "close contacts under observation")) {
        course->observed[course->observed_count++] = point;
    } else if (bg_str_is(what, "imported cases in hospital")) {
        course->imported[course->imported_count++] = point;
    } else if (bg_str_starts(what, BG_STR("local cases in ")) && bg_str_ends(what, BG_STR(" cumulative"))) {
        bg_str name = bg_str_cut(what, BG_STR("local cases in ").len, what.len - BG_STR(" cumulative").len);
        for (size_t d = 0; d < demo->district_count; d++) {
            if (bg_str_eq(demo->districts[d].name_en, name)) {
                course->district_cases[d] = point.value;
                course->district_cases_all += point.value;
            }
        }
    }
}

static bg_err read_course(struct demo *demo)
{
    struct demo_course *course = &demo->course;
    struct demo_table cases, facts, rounds;
    int64_t sum = 0;
    BG_TRY(demo_table_read("cases.csv", demo->arena, &cases));
    BG_TRY(demo_table_read("operations.csv", demo->arena, &facts));
    BG_TRY(demo_table_read("rounds.csv", demo->arena, &rounds));
    assert(cases.rows <= 40 && rounds.rows <= 16);
    for (size_t i = 0; i < cases.rows; i++) {
        sum += demo_int(&cases, i, "local_confirmed");
        course->cases[course->case_count++] = (struct demo_point){ demo_date(&cases, i, "date"), sum };
    }
    for (size_t i = 0; i < facts.rows; i++) {
        read_fact(demo, &facts, i);
    }
    for (size_t i = 0; i < rounds.rows; i++) {
        course->rounds[course->round_count++] =
            (struct demo_round){ demo_date(&rounds, i, "date"), demo_cell(&rounds, i, "districts"),
                                 demo_int(&rounds, i, "share_permille") };
    }
    assert(course->observed_count > 1 && course->observed_count <= 12 && course->imported_count <= 8 &&
           course->district_cases_all > 0);
    return BG_DONE;
}

/* --- the whole --- */

/* Who supplies whom: isolation sites their district's depot, all others themselves. The second and later sites of a district open
 * with the outbreak. */
static void link_places(struct demo *demo)
{
    demo->airport = demo_place_of(demo, BG_STR("R01"));
    demo->forward = demo_place_of(demo, BG_STR("F01"));
    demo->jinnan = demo_place_of(demo, BG_STR("D09"));
    demo->channel = demo_place_of(demo, BG_STR("V01"));
    demo->waste = demo_place_of(demo, BG_STR("X01"));
    demo->places[demo->forward].opens = source_date("2022-01-10");
    int64_t last_district = 0;
    for (size_t p = 0; p < demo->place_count; p++) {
        struct demo_place *place = &demo->places[p];
        if (place->kind != LEDGER_PLACE_SITE) {
            continue;
        }
        if (place->size == 0) {
            demo->laboratories++;
            continue;
        }
        for (size_t d = 0; d < demo->place_count; d++) {
            if (demo->places[d].kind == LEDGER_PLACE_DISTRICT && demo->places[d].district == place->district) {
                place->depot = d;
            }
        }
        assert(place->depot != SIZE_MAX);
        if (place->district == last_district) {
            place->opens = source_date("2022-01-09");
        } else {
            demo->sites_first += place->size;
        }
        demo->sites_all += place->size;
        last_district = place->district;
    }
}

/* Splits the scale into copies of hospitals and isolation sites, near its square root, and an earlier beginning, no earlier than
 * ids reach back (2020). Estimates from the city at scale 1; docs/example-city.md has the true counts. */
static void split_scale(struct demo *demo)
{
    int64_t copies = 1, most = demo->begin + demo->shift - source_date("2020-01-03"), days;
    while (copies * copies < demo->opts.scale) {
        copies++;
    }
    for (;; copies++) {
        int64_t a_day = QUIET_MOVEMENTS * (4 + 6 * copies) / 10, source = SOURCE_MOVEMENTS * (4 + 6 * copies) / 10;
        days = (demo->opts.scale * SOURCE_MOVEMENTS - source) / a_day;
        if (days <= most) {
            break;
        }
    }
    demo->copies = copies;
    demo->begin -= (bg_date)(days > 0 ? days : 0);
}

bg_err demo_model_open(const struct demo_opts *opts, struct bg_arena *arena, struct demo *ret)
{
    struct demo demo = { .opts = *opts, .arena = arena, .begin = source_date("2021-12-01"), .end = source_date("2022-01-20") };
    demo.shift = opts->until - demo.end;
    demo.source = demo.begin;
    split_scale(&demo);
    BG_TRY(read_items(&demo));
    BG_TRY(read_districts(&demo));
    BG_TRY(read_owners(&demo));
    BG_TRY(read_places(&demo));
    BG_TRY(read_makers(&demo));
    BG_TRY(read_standards(&demo));
    BG_TRY(read_people(&demo));
    BG_TRY(read_coefficients(&demo));
    BG_TRY(read_course(&demo));
    link_places(&demo);
    *ret = demo;
    return BG_DONE;
}

void demo_model_close(struct demo *demo)
{
    bg_heap_free(demo->lots);
    demo->lots = NULL;
}
