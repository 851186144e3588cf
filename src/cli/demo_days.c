/* The days of the example city, one after another: what happens at which minute, and the reports of use in the evening. */
#include "cli/demo.h"

#include <assert.h>

#define MOMENTS_MAX 64
#define LATE 31 /* one report in so many comes the next day */
#define GAP 60 /* one is missing altogether */

/* What happens at one minute of a day. */
struct moment {
    int minute;
    bg_err (*run)(struct demo *demo, bg_date day, size_t row);
    size_t row; /* of batches.csv or timeline.csv */
};

/* --- use --- */

/* Thousandths to whole pieces: with 20 % of chance either way, and the rest rounded by chance, so that little use happens some
 * days. */
static int64_t used_today(const struct demo *demo, size_t place, size_t item, bg_date day)
{
    int64_t milli = demo_need_milli(demo, place, item, day);
    uint64_t hash = demo_hash(demo->opts.seed, place, item, (uint64_t)day);
    return milli == 0 ? 0 : (milli * (800 + demo_below(hash, 401)) / 1000 + demo_below(hash + 1, 1000)) / 1000;
}

/* What a place will report of an item. The forward depot gives what it has; its district's depot does the rest of the work. */
static int64_t use_of(struct demo *demo, size_t place, size_t item, bg_date day)
{
    struct demo_days *days = demo->days;
    int64_t need = used_today(demo, place, item, day), have = demo_have(demo, place, item);
    if (place == demo->forward) {
        int64_t given = need < have ? need : have;
        days->forward_left[item] = need - given;
        return given;
    }
    need += place == demo->jinnan ? days->forward_left[item] : 0;
    if (have < need) {
        demo->shortages++;
    }
    return need < have ? need : have;
}

static bg_err report_use(struct demo *demo, size_t place, bg_date day)
{
    uint64_t hash = demo_hash(demo->opts.seed, 0x757365, place, (uint64_t)day);
    bool outbreak = day >= demo->days->outbreak, late = demo_below(hash, LATE) == 0;
    struct demo_doc *doc = NULL;
    if (!outbreak && demo_below(hash + 1, GAP) == 0) {
        return BG_DONE;
    }
    for (size_t i = 0; i < demo->item_count; i++) {
        int64_t use = use_of(demo, place, i, day), taken;
        if (use == 0) {
            continue;
        }
        if (doc == NULL) {
            BG_TRY(late ? demo_doc_kept(demo, LEDGER_KIND_USE, LEDGER_REASON_USE, place, &doc)
                        : demo_doc(demo, LEDGER_KIND_USE, LEDGER_REASON_USE, place, NULL, &doc));
            demo_doc_at(doc, demo_at(demo, day, 20 * 60 + (int)demo_below(hash + 2, 110)));
        }
        const struct ledger_line line = { .to = { .status = LEDGER_USED } };
        BG_TRY(demo_take(demo, doc, place, i, use, line, NULL, NULL, &taken));
    }
    return BG_DONE;
}

static bg_err evening(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    BG_TRY(report_use(demo, demo->forward, day));
    for (size_t p = 0; p < demo->place_count; p++) {
        unsigned flags = ledger_place_flags(demo->places[p].kind);
        if ((flags & LEDGER_CAN_USE) != 0 && p != demo->forward) {
            BG_TRY(report_use(demo, p, day));
        }
    }
    return demo_flush(demo);
}

/* --- the moments of every day --- */

static bg_err night(struct demo *demo, bg_date day, size_t row)
{
    int year, month, date;
    (void)row;
    BG_TRY(demo_release(demo));
    if (day >= demo->source || bg_date_weekday(day) == 1) { /* in a longer history once a week: it takes time */
        BG_TRY(demo_night_upkeep(demo));
    }
    demo_expire(demo, day);
    bg_date_parts(demo_shifted(demo, day), &year, &month, &date);
    if (date != 1) {
        return BG_DONE;
    }
    BG_TRY(journal_seal_months(demo->app->journal));
    return journal_forget(demo->app->journal);
}

static bg_err snapshot(struct demo *demo, bg_date day, size_t row)
{
    int year, month, date;
    (void)row;
    bg_date_parts(demo_shifted(demo, day), &year, &month, &date);
    return date == 1 ? demo_month_upkeep(demo) : BG_DONE;
}

static bg_err counting(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    return demo->days->counts != BG_DATE_NONE ? demo_count_day(demo, day - demo->days->counts) : BG_DONE;
}

static bg_err morning(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    BG_TRY(demo_arrive(demo, day, 8 * 60));
    return demo_flush(demo);
}

static bg_err forenoon(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    BG_TRY(demo_buy(demo, day));
    return demo_flush(demo);
}

static bg_err making(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    if (demo->days->uplifted) {
        BG_TRY(demo_order(demo));
    }
    BG_TRY(demo_make(demo, day));
    return demo_flush(demo);
}

static bg_err sites(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    BG_TRY(demo_send_sites(demo, day));
    return demo_flush(demo);
}

static bg_err accepting(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    BG_TRY(demo_accept(demo, day));
    return demo_flush(demo);
}

static bg_err shipping(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    BG_TRY(demo_ship_made(demo, day));
    return demo_flush(demo);
}

static bg_err arriving(struct demo *demo, bg_date day, size_t row)
{
    BG_TRY(demo_arrive(demo, day, (int)row));
    return demo_flush(demo);
}

/* --- single events --- */

static const struct demo_calendar *calendar_of(const struct demo *demo)
{
    return demo->days->calendar;
}

static bg_err batch(struct demo *demo, bg_date day, size_t row)
{
    (void)day;
    BG_TRY(demo_batch(demo, &calendar_of(demo)->batches, row));
    return demo_flush(demo);
}

/* Events that concern what has a level or a whole depot. */
static bg_err large_event(struct demo *demo, const struct demo_table *timeline, size_t row, bg_str what)
{
    struct demo_days *days = demo->days;
    bg_str why = demo_cell(timeline, row, "text_zh");
    int64_t level;
    if (bg_str_is(what, "uplift")) {
        days->uplifted = true;
        BG_TRY(demo_order(demo));
        return demo_uplift(demo, timeline);
    }
    if (bg_str_is(what, "prepare") || bg_str_is(what, "level")) {
        bool read = bg_str_int(demo_cell(timeline, row, "subject"), &level);
        assert(read && level >= 1 && level <= 4);
        days->level = (int)level;
        return demo_level_set(demo, (int)level, bg_str_is(what, "level"), why);
    }
    if (bg_str_is(what, "count")) {
        days->counts = demo->today;
    }
    return BG_DONE;
}

static bg_err event(struct demo *demo, bg_date day, size_t row)
{
    const struct demo_table *timeline = &calendar_of(demo)->timeline;
    bg_str what = demo_cell(timeline, row, "event"), subject = demo_cell(timeline, row, "subject");
    int64_t value = demo_int(timeline, row, "value");
    (void)day;
    if (bg_str_is(what, "block") || bg_str_is(what, "recall")) {
        return demo_block(demo, demo_item_of(demo, subject), bg_str_is(what, "recall"));
    }
    if (bg_str_is(what, "short-use")) {
        return demo_short_use(demo, demo_item_of(demo, subject), value);
    }
    if (bg_str_is(what, "settle")) {
        return demo_settle(demo, demo_place_of(demo, subject), value);
    }
    if (bg_str_is(what, "recount")) {
        return demo_recount(demo, demo_place_of(demo, subject));
    }
    if (bg_str_is(what, "reserve")) {
        return demo_reserve(demo, demo_item_of(demo, subject), value);
    }
    return large_event(demo, timeline, row, what);
}

/* --- a day --- */

static void add(struct moment *moments, size_t *count, int minute, bg_err (*run)(struct demo *, bg_date, size_t), size_t row)
{
    size_t at = (*count)++;
    assert(*count <= MOMENTS_MAX);
    for (; at > 0 && moments[at - 1].minute > minute; at--) {
        moments[at] = moments[at - 1];
    }
    moments[at] = (struct moment){ minute, run, row };
}

static void add_events(const struct demo *demo, bg_date day, struct moment *moments, size_t *count)
{
    const struct demo_calendar *calendar = calendar_of(demo);
    for (size_t i = 0; i < calendar->timeline.rows; i++) {
        if (demo_date(&calendar->timeline, i, "at") == day) {
            add(moments, count, demo_minute(demo_cell(&calendar->timeline, i, "at")), event, i);
        }
    }
    for (size_t i = 0; i < calendar->batches.rows; i++) {
        if (demo_date(&calendar->batches, i, "at") == day) {
            int minute = demo_minute(demo_cell(&calendar->batches, i, "at"));
            add(moments, count, minute, batch, i);
            add(moments, count, minute + 90, arriving, (size_t)(minute + 90));
        }
    }
}

static bg_err figures(struct demo *demo, bg_date day, size_t row)
{
    (void)row;
    return day >= demo->source ? demo_figures(demo, day) : BG_DONE;
}

static bg_err live_day(struct demo *demo, bg_date day)
{
    struct moment moments[MOMENTS_MAX];
    size_t count = 0;
    add(moments, &count, 5, night, 0);
    add(moments, &count, 62, snapshot, 0);
    add(moments, &count, 8 * 60, morning, 0);
    add(moments, &count, 11 * 60, counting, 0);
    add(moments, &count, 9 * 60, forenoon, 0);
    add(moments, &count, 10 * 60 + 30, making, 0);
    add(moments, &count, 14 * 60, sites, 0);
    add(moments, &count, 15 * 60, accepting, 0);
    add(moments, &count, 16 * 60, shipping, 0);
    add(moments, &count, 21 * 60, figures, 0);
    add(moments, &count, 22 * 60, evening, 0);
    add_events(demo, day, moments, &count);
    for (size_t i = 0; i < count; i++) {
        demo_set_clock(demo, day + moments[i].minute / 1440, moments[i].minute % 1440);
        BG_TRY(moments[i].run(demo, day, moments[i].row));
    }
    return BG_DONE;
}

static bg_err live_all(struct demo *demo)
{
    struct demo_calendar calendar;
    BG_TRY(demo_table_read("batches.csv", demo->arena, &calendar.batches));
    BG_TRY(demo_table_read("timeline.csv", demo->arena, &calendar.timeline));
    demo->days->calendar = &calendar;
    demo_set_clock(demo, demo->begin, 0);
    demo->days->counts = BG_DATE_NONE;
    BG_TRY(demo_opening(demo));
    BG_TRY(demo_standards(demo));
    BG_TRY(demo_residents(demo));
    for (bg_date day = demo->begin; day <= demo->end; day++) {
        BG_TRY(live_day(demo, day));
    }
    return BG_DONE;
}

bg_err demo_live(struct demo *demo, const struct app_config *config, const struct bg_log *log)
{
    BG_TRY(demo_clock_open(&demo->clock));
    struct bg_env env = demo_clock_env(demo->clock);
    demo_set_clock(demo, demo->begin - 1, 7 * 60);
    bg_err err = app_open(config, &env, log, &demo->app);
    err = bg_failed(err) ? err : demo_post_open(demo);
    err = bg_failed(err) ? err : demo_stock_open(demo);
    err = bg_failed(err) ? err : demo_load(demo);
    err = bg_failed(err) ? err : demo_supply_open(demo);
    err = bg_failed(err) ? err : live_all(demo);
    demo_supply_close(demo);
    demo_stock_close(demo);
    demo_post_close(demo);
    app_close(demo->app);
    demo->app = NULL;
    demo_clock_close(demo->clock);
    demo->clock = NULL;
    return err;
}
