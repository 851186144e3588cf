/* Standards, level, readiness: the formulas of reserve.h worked by hand, on both engines, now and as of the past. */
#include "reserve/reserve.h"

#include "reserve_bed.h"

static struct reserve_view view_at(struct ledger_bed *lb, int level, bg_ms at)
{
    STORE_SCOPED_READ tx = NULL;
    struct reserve_view view;
    struct reserve_which which = { .city = BED_CITY, .level = level, .at = at, .known_at = BG_TIME_NONE, .now = lb->sim.now };
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("view", reserve_view_get(tx, &which, lb->arena, &view));
    return view;
}

static const struct reserve_cell *cell_of(const struct reserve_view *view, int64_t item, int64_t place)
{
    static const struct reserve_cell none = { .standard = -1, .state = RESERVE_UNREPORTED, .cover_milli = -1, .ratio_ppm = -1 };
    for (size_t i = 0; i < view->cell_count; i++) {
        if (view->cells[i].stock.item == item && view->cells[i].stock.place == place) {
            return &view->cells[i];
        }
    }
    return &none;
}

static bg_err set_standard(struct ledger_bed *lb, struct reserve_standard line)
{
    line.from = line.from == 0 ? bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN) : line.from;
    return bed_change(lb, &reserve_standard_putting, &(struct reserve_standards){ .lines = &line, .count = 1 }, BG_TIME_NONE,
                      NULL);
}

static bg_err set_level(struct ledger_bed *lb, int level, enum reserve_level_state state)
{
    const struct reserve_proposal what = { .kind = RESERVE_PROPOSE_LEVEL, .level = level, .step = state, .why = BG_STR("首例本土病例") };
    return bed_two(lb, &what);
}

static void standards(struct ledger_bed *lb)
{
    const char *e = lb->bed.name;
    bed_must("receive", bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[1], 80000, BG_TIME_NONE));
    struct reserve_view v = view_at(lb, 0, BG_TIME_NONE);
    const struct reserve_cell *c = cell_of(&v, lb->mask, lb->airport);
    OK(v.level.level == 4 && c->standard == -1 && c->state == RESERVE_UNREPORTED && c->counted == 80000,
       "%s: without a standard nothing is judged", e);
    bed_must("standard", set_standard(lb, (struct reserve_standard){ .item = lb->mask,
                                                                     .place = lb->airport,
                                                                     .level = 4,
                                                                     .basis = RESERVE_QUANTITY,
                                                                     .qty = 100000,
                                                                     .note = BG_STR("两轮全员检测") }));
    bed_must("standard", set_standard(lb, (struct reserve_standard){ .item = lb->mask,
                                                                     .place = lb->airport,
                                                                     .level = 3,
                                                                     .basis = RESERVE_QUANTITY,
                                                                     .qty = 200000,
                                                                     .note = BG_STR("") }));
    v = view_at(lb, 0, BG_TIME_NONE);
    c = cell_of(&v, lb->mask, lb->airport);
    OK(c->standard == 100000 && c->ratio_ppm == 800000 && c->gap == 20000 && c->state == RESERVE_LOW,
       "%s: 80,000 of 100,000 is 80 %%, gap 20,000, low", e);
    OK(c->order_qty == 20000, "%s: without a draw the order is the gap", e);
    OK(c->stock.required == 100000 && ledger_seven_of(&c->stock).deficit == 20000,
       "%s: the ledger's deficit follows the standard", e);
    v = view_at(lb, 3, BG_TIME_NONE);
    c = cell_of(&v, lb->mask, lb->airport);
    OK(c->standard == 200000 && c->state == RESERVE_CRITICAL, "%s: what if level 3 were in force: under half, critical", e);
    OK(set_standard(lb,
                    (struct reserve_standard){
                        .item = 4711, .place = lb->airport, .level = 4, .basis = RESERVE_QUANTITY, .note = BG_STR("") })
               .code == BG_BAD_INPUT,
       "%s: a standard of an unknown item is refused", e);
    OK(set_standard(
           lb,
           (struct reserve_standard){
               .item = lb->mask, .place = lb->airport, .level = 5, .basis = RESERVE_QUANTITY, .qty = 1, .note = BG_STR("") })
               .code == BG_BAD_INPUT,
       "%s: level 5 is refused", e);
}

static void owners(struct ledger_bed *lb)
{
    struct ledger_line line = { .to = bed_key(lb->airport, lb->mask, lb->mask_lots[1], LEDGER_USABLE), .qty = 50000 };
    line.to.owner = lb->nation_owner;
    bed_must("nation", bed_post_lines(lb, LEDGER_KIND_RECEIVE, LEDGER_REASON_PURCHASE, true, &line, 1, BG_TIME_NONE));
    line.to.owner = lb->firm_owner;
    line.qty = 5000;
    bed_must("firm", bed_post_lines(lb, LEDGER_KIND_RECEIVE, LEDGER_REASON_PURCHASE, true, &line, 1, BG_TIME_NONE));
    struct reserve_view v = view_at(lb, 0, BG_TIME_NONE);
    const struct reserve_cell *c = cell_of(&v, lb->mask, lb->airport);
    OK(c->counted == 85000 && c->stock.by_status[LEDGER_USABLE] == 135000, "%s: the nation's goods lie there but do not count",
       lb->bed.name);
}

static void levels(struct ledger_bed *lb, bg_ms *ret_before)
{
    const char *e = lb->bed.name;
    *ret_before = lb->sim.now;
    lb->sim.now += 3600000;
    OK(!bg_failed(set_level(lb, 3, RESERVE_PREPARED)), "%s: level 3 is prepared", e);
    struct reserve_view v = view_at(lb, 0, BG_TIME_NONE);
    OK(v.level.level == 4 && v.prepared.level == 3 && cell_of(&v, lb->mask, lb->airport)->standard == 100000,
       "%s: prepared is not in force", e);
    lb->sim.now += 3600000;
    OK(!bg_failed(set_level(lb, 3, RESERVE_IN_FORCE)), "%s: level 3 is put in force", e);
    v = view_at(lb, 0, BG_TIME_NONE);
    const struct reserve_cell *c = cell_of(&v, lb->mask, lb->airport);
    OK(v.level.level == 3 && v.prepared.level == 0 && c->standard == 200000 && c->stock.required == 200000,
       "%s: standard and requirement follow at once", e);
    v = view_at(lb, 0, *ret_before);
    OK(v.level.level == 4 && cell_of(&v, lb->mask, lb->airport)->standard == 100000, "%s: as of before, level 4 was in force", e);
    const struct reserve_propose_in empty = {
        .what = { .kind = RESERVE_PROPOSE_LEVEL, .level = 2, .step = RESERVE_IN_FORCE, .why = BG_STR(" ") }
    };
    OK(bed_change(lb, &reserve_proposing, &empty, BG_TIME_NONE, NULL).code == BG_BAD_INPUT,
       "%s: a level without a reason is refused", e);
}

/* 8 days: 1,000 a day handed over, none on the fourth; then the figures by hand. */
static void draw(struct ledger_bed *lb)
{
    const char *e = lb->bed.name;
    for (int day = 0; day < 8; day++) {
        if (day != 3) {
            bed_must("issue", bed_issue(lb, lb->airport, lb->hospital, lb->mask, lb->mask_lots[1], 1000, true, BG_TIME_NONE));
        }
        lb->sim.now += BED_DAY;
    }
    struct reserve_view v = view_at(lb, 0, BG_TIME_NONE);
    const struct reserve_cell *c = cell_of(&v, lb->mask, lb->airport);
    int64_t available = ledger_seven_of(&c->stock).available;
    OK(c->draw_days == 7 && c->draw_gaps == 1 && c->draw_sum == 7000, "%s: seven recorded days, one gap, 7,000 drawn", e);
    OK(c->cover_milli == available && c->stockout == v.date + (bg_date)(available / 1000),
       "%s: at 1,000 a day %lld last %lld days", e, (long long)available, (long long)(c->cover_milli / 1000));
    OK(c->order_qty == 200000 + 7 * 1000 - available, "%s: the order covers the draw until it arrives", e);
    bed_must("standard", set_standard(lb, (struct reserve_standard){ .item = lb->mask,
                                                                     .place = lb->airport,
                                                                     .level = 3,
                                                                     .basis = RESERVE_COVER,
                                                                     .cover_milli = 10500,
                                                                     .note = BG_STR("") }));
    v = view_at(lb, 0, BG_TIME_NONE);
    OK(cell_of(&v, lb->mask, lb->airport)->standard == 10500, "%s: 10.5 days of cover at 1,000 a day is 10,500", e);
    v = view_at(lb, 0, lb->sim.now - 4 * BED_DAY);
    c = cell_of(&v, lb->mask, lb->airport);
    OK(c->standard == 200000 && c->draw_days == 3, "%s: four days ago the quantity stood, and three days were recorded", e);
    const struct reserve_cell *h = cell_of(&v, lb->mask, lb->hospital);
    OK(h->draw_days == 0 && h->cover_milli == -1, "%s: what was never reported is unknown, not zero", e);
}

static void expiring(struct ledger_bed *lb)
{
    /* Lot 0 runs for 100 days from the start; eight days have passed. */
    bed_must("receive", bed_receive(lb, lb->airport, lb->gown, lb->gown_lots[0], 500, BG_TIME_NONE));
    struct reserve_view v = view_at(lb, 0, BG_TIME_NONE);
    const struct reserve_cell *c = cell_of(&v, lb->gown, lb->airport);
    OK(c->expiring_90 == 0 && c->expiring_30 == 0, "%s: 92 days left: nothing expires in 90", lb->bed.name);
    lb->sim.now += 2 * BED_DAY;
    v = view_at(lb, 0, BG_TIME_NONE);
    OK(cell_of(&v, lb->gown, lb->airport)->expiring_90 == 500, "%s: 90 days left: it does", lb->bed.name);
}

static void documents(struct ledger_bed *lb)
{
    struct reserve_view v = view_at(lb, 0, BG_TIME_NONE);
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    bg_json_object(&out);
    reserve_situation_json(&v, NULL, NULL, &out);
    bg_json_object_end(&out);
    bg_buf_byte(&out, '\0');
    OK(!out.failed && strstr(out.at, "\"first_stockout\":{") != NULL && strstr(out.at, "\"orders\":[") != NULL,
       "%s: the situation is written", lb->bed.name);
    struct reserve_standard *list;
    size_t count;
    STORE_SCOPED_READ tx = NULL;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("list", reserve_standard_list(tx, BED_CITY, lb->mask, 0, 0, 10, lb->arena, &list, &count));
    OK(count == 3 && list[0].id < list[2].id, "%s: every version is kept", lb->bed.name);
    struct reserve_level *levels_list;
    bed_must("levels", reserve_level_list(tx, BED_CITY, 0, 10, lb->arena, &levels_list, &count));
    OK(count == 2 && levels_list[0].state == RESERVE_IN_FORCE && levels_list[1].state == RESERVE_PREPARED,
       "%s: the history of the level, newest first", lb->bed.name);
}

static void figures(struct ledger_bed *lb)
{
    const char *e = lb->bed.name;
    bg_date day = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN);
    struct reserve_figure lines[] = {
        { .kind = RESERVE_FIGURE_CASES, .day = day, .name = BG_STR(""), .value = 3, .mark = RESERVE_REPORTED, .note = BG_STR("") },
        { .kind = RESERVE_FIGURE_SEALED, .district = 120112, .day = day, .name = BG_STR("辛庄镇"), .value = 12000, .mark = RESERVE_REPORTED,
          .note = BG_STR("") },
    };
    bed_must("figures", bed_change(lb, &reserve_figure_putting, &(struct reserve_figures){ lines, 2 }, BG_TIME_NONE, NULL));
    bg_ms known = lb->sim.now;
    lb->sim.now += 60000;
    lines[0].value = 4;
    bed_must("figures", bed_change(lb, &reserve_figure_putting, &(struct reserve_figures){ lines, 1 }, BG_TIME_NONE, NULL));
    STORE_SCOPED_READ tx = NULL;
    struct reserve_figure *list;
    struct reserve_round *rounds;
    size_t count;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("list", reserve_figure_list(tx, BED_CITY, 0, BG_DATE_NONE, day, BG_TIME_NONE, lb->arena, &list, &count));
    OK(count == 2 && list[0].value == 4 && list[1].value == 12000, "%s: a later version of a figure takes the place of the earlier", e);
    bed_must("list", reserve_figure_list(tx, BED_CITY, RESERVE_FIGURE_CASES, day, day, known, lb->arena, &list, &count));
    OK(count == 1 && list[0].value == 3, "%s: as known then", e);
    store_read_end(tx);
    tx = NULL;
    struct reserve_round round = { .name = BG_STR("第一轮"), .day = day + 1, .state = RESERVE_ROUND_ORDERED, .share_permille = 857,
                                   .districts = BG_STR("120112 120104"), .sampled = -1, .positive = -1, .mark = RESERVE_REPORTED,
                                   .note = BG_STR("") };
    bed_must("round", bed_change(lb, &reserve_round_putting, &round, BG_TIME_NONE, NULL));
    round.round = bed_id_of(lb, "round");
    round.state = RESERVE_ROUND_OFF;
    bed_must("round", bed_change(lb, &reserve_round_putting, &round, BG_TIME_NONE, NULL));
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("rounds", reserve_round_list(tx, BED_CITY, BG_TIME_NONE, lb->arena, &rounds, &count));
    OK(count == 1 && rounds[0].state == RESERVE_ROUND_OFF && strstr(lb->reply, "\"districts\":[\"120112\",\"120104\"]") != NULL,
       "%s: a round is called off, its versions kept", e);
    round.share_permille = 1001;
    OK(bed_change(lb, &reserve_round_putting, &round, BG_TIME_NONE, NULL).code == BG_BAD_INPUT, "%s: no more than all residents", e);
}

static void run(enum bed_kind kind)
{
    struct ledger_bed *lb = bed_ledger(kind, 5);
    bg_ms before;
    standards(lb);
    owners(lb);
    levels(lb, &before);
    draw(lb);
    expiring(lb);
    documents(lb);
    figures(lb);
    bed_ledger_done(lb);
}

int main(void)
{
    run(BED_SQLITE);
    if (bed_has_postgres()) {
        run(BED_POSTGRES);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
