/* What the epidemic officer of the example city enters: residents, the published cases and zones of each day, test rounds. */
#include "cli/demo.h"
#include "reserve/reserve.h"

#define LINES_MAX 64

struct lines {
    struct reserve_figure list[LINES_MAX];
    size_t count;
};

/* V stated by a bulletin, D derived, R from memory. */
static enum reserve_figure_mark mark_of(bg_str status)
{
    return bg_str_is(status, "V") ? RESERVE_REPORTED : bg_str_is(status, "D") ? RESERVE_DERIVED : RESERVE_RECALLED;
}

static void add(const struct demo *demo, struct lines *lines, enum reserve_figure_kind kind, int64_t district, bg_date day,
                int64_t value, bg_str status, bg_str note)
{
    if (lines->count < LINES_MAX) {
        lines->list[lines->count++] = (struct reserve_figure){ .kind = kind,
                                                               .district = district,
                                                               .day = demo_shifted(demo, day),
                                                               .name = BG_STR(""),
                                                               .value = value,
                                                               .mark = mark_of(status),
                                                               .note = note };
    }
}

static bg_err enter(struct demo *demo, const struct change_kind *kind, const void *in)
{
    for (size_t i = 0; i < demo->person_count; i++) {
        if (bg_str_is(demo->people[i].login, "gao")) {
            return demo_change(demo, kind, in, demo->people[i].id, demo->people[i].name, BG_STR(""), NULL);
        }
    }
    return demo_change(demo, kind, in, 0, BG_STR(""), BG_STR(""), NULL);
}

static bg_err enter_lines(struct demo *demo, const struct lines *lines)
{
    const struct reserve_figures in = { .lines = lines->list, .count = lines->count };
    return lines->count > 0 ? enter(demo, &reserve_figure_putting, &in) : BG_DONE;
}

bg_err demo_residents(struct demo *demo)
{
    struct lines lines = { .count = 0 };
    for (size_t d = 0; d < demo->district_count; d++) {
        const struct demo_district *district = &demo->districts[d];
        if (!district->area) {
            add(demo, &lines, RESERVE_FIGURE_RESIDENTS, district->code, demo->begin, district->population, BG_STR("V"),
                BG_STR("第七次全国人口普查（2020-11-01）"));
        }
    }
    return enter_lines(demo, &lines);
}

static bg_err add_cases(const struct demo *demo, bg_date day, struct lines *lines)
{
    struct demo_table t;
    BG_TRY(demo_table_read("cases.csv", demo->arena, &t));
    for (size_t i = 0; i < t.rows; i++) {
        if (demo_date(&t, i, "date") == day) {
            bg_str status = demo_cell(&t, i, "status"), source = demo_cell(&t, i, "source");
            add(demo, lines, RESERVE_FIGURE_CASES, 0, day, demo_int(&t, i, "local_confirmed"), status, source);
            add(demo, lines, RESERVE_FIGURE_IMPORTED, 0, day, demo_int(&t, i, "imported_confirmed"), status, source);
        }
    }
    return BG_DONE;
}

/* Those zones whose residents were published. */
static bg_err add_zones(const struct demo *demo, bg_date day, struct lines *lines)
{
    struct demo_table t;
    BG_TRY(demo_table_read("zones.csv", demo->arena, &t));
    for (size_t i = 0; i < t.rows; i++) {
        bg_str zone = demo_cell(&t, i, "zone");
        bool sealed = bg_str_is(zone, "sealed"), known = sealed || bg_str_is(zone, "controlled");
        if (known && demo_date(&t, i, "date") == day && demo_cell(&t, i, "residents").len > 0) {
            add(demo, lines, sealed ? RESERVE_FIGURE_SEALED : RESERVE_FIGURE_CONTROLLED, demo_int(&t, i, "district"), day,
                demo_int(&t, i, "residents"), demo_cell(&t, i, "status"), demo_cell(&t, i, "source"));
        }
    }
    return BG_DONE;
}

static bg_err add_contacts(const struct demo *demo, bg_date day, struct lines *lines)
{
    for (size_t i = 0; i < demo->course.observed_count; i++) {
        if (demo->course.observed[i].day == day) {
            add(demo, lines, RESERVE_FIGURE_CONTACTS, 0, day, demo->course.observed[i].value, BG_STR("V"),
                BG_STR("市卫生健康委通报"));
        }
    }
    return BG_DONE;
}

/* A round is ordered the evening before: rows of rounds.csv for the next day. */
static bg_err order_rounds(struct demo *demo, bg_date day)
{
    struct demo_table t;
    BG_TRY(demo_table_read("rounds.csv", demo->arena, &t));
    for (size_t i = 0; i < t.rows; i++) {
        if (demo_date(&t, i, "date") != day + 1) {
            continue;
        }
        bg_str number = demo_cell(&t, i, "round"), districts = demo_cell(&t, i, "districts");
        const char *name =
            bg_str_is(number, "key") ? "重点区域筛查" : bg_arena_text(demo->arena, "第 %.*s 轮大筛", BG_STR_FMT(number));
        BG_TRY(bg_need(name));
        const struct reserve_round in = { .name = bg_str_of(name),
                                          .day = demo_shifted(demo, day + 1),
                                          .state = RESERVE_ROUND_ORDERED,
                                          .share_permille = (int)demo_int(&t, i, "share_permille"),
                                          .districts = bg_str_is(districts, "*") ? BG_STR("") : districts,
                                          .sampled = -1,
                                          .positive = -1,
                                          .mark = mark_of(demo_cell(&t, i, "status")),
                                          .note = demo_cell(&t, i, "source") };
        BG_TRY(enter(demo, &reserve_round_putting, &in));
    }
    return BG_DONE;
}

bg_err demo_figures(struct demo *demo, bg_date day)
{
    struct lines lines = { .count = 0 };
    BG_TRY(add_cases(demo, day, &lines));
    BG_TRY(add_zones(demo, day, &lines));
    BG_TRY(add_contacts(demo, day, &lines));
    BG_TRY(enter_lines(demo, &lines));
    return order_rounds(demo, day);
}
