/* What planners, the scheduler and counters do in the example city: standards and levels, the nights' upkeep, counts, holds on
 * lots, reviews. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cli/demo.h"
#include "reserve/reserve.h"

#define UPLIFT_PERCENT 40
#define COUNT_A_DAY 3 /* depots */
#define COUNT_ITEMS 5 /* key items of each */
#define FOUND_NONE SIZE_MAX

/* --- people --- */

struct who {
    int64_t account;
    bg_str name;
};

static struct who person(const struct demo *demo, const char *login)
{
    for (size_t i = 0; i < demo->person_count; i++) {
        if (bg_str_is(demo->people[i].login, login)) {
            return (struct who){ demo->people[i].id, demo->people[i].name };
        }
    }
    assert(false && "a person of people.csv");
    return (struct who){ 0 };
}

static bg_err change_by(struct demo *demo, const char *login, const struct change_kind *kind, const void *in, bg_str why,
                        struct bg_buf *reply)
{
    const struct who who = person(demo, login);
    return demo_change(demo, kind, in, who.account, who.name, why, reply);
}

static bg_err change_system(struct demo *demo, const struct change_kind *kind, struct bg_buf *reply)
{
    return demo_change(demo, kind, NULL, 0, BG_STR(""), BG_STR(""), reply);
}

/* An account by its true ids; the lot is in the database already. */
static struct ledger_key true_key(const struct demo *demo, size_t place, size_t item, const struct demo_part *part, int status)
{
    struct ledger_key key = demo_key(demo, place, item, part->lot, part->owner, status);
    key.lot = part->lot == DEMO_NO_LOT ? 0 : demo->lots[part->lot].id;
    return key;
}

/* --- standards and levels --- */

static struct reserve_standard standard_line(const struct demo *demo, const struct demo_standard *standard, size_t place,
                                             int level, bg_date from, int percent)
{
    bool days = standard->basis == DEMO_DAYS;
    int64_t qty = demo_standard_qty(demo, standard, place, level) * percent / 100;
    return (struct reserve_standard){
        .item = demo->items[standard->item].id,
        .place = demo->places[place].id,
        .level = level,
        .from = demo_shifted(demo, from),
        .basis = days ? RESERVE_COVER : RESERVE_QUANTITY,
        .qty = days ? 0 : qty,
        .cover_milli = days ? qty * 1000 : 0,
        .lead_days = standard->scope == DEMO_AIRPORT ? 4 : 2,
        .note = percent == 100 ? BG_STR("示例标准") : BG_STR("上浮 40%"),
    };
}

static bg_err put_standards(struct demo *demo, const struct demo_table *uplift)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)64 << 20);
    BG_TRY(bg_need(arena));
    struct reserve_standard *lines = bg_arena_array(arena, RESERVE_LINES_MAX, sizeof *lines);
    BG_TRY(bg_need(lines));
    size_t count = 0;
    for (size_t s = 0; s < demo->standard_count; s++) {
        const struct demo_standard *standard = &demo->standards[s];
        for (size_t p = 0; p < demo->place_count; p++) {
            bool raised = p == demo->airport && demo->items[standard->item].key;
            if (demo_standard_qty(demo, standard, p, 4) < 0 || (uplift != NULL && !raised)) {
                continue;
            }
            for (int level = 1; level <= 4; level++) {
                assert(count < RESERVE_LINES_MAX);
                lines[count++] = standard_line(demo, standard, p, level, uplift != NULL ? demo->today : demo->begin,
                                               uplift != NULL ? 100 + UPLIFT_PERCENT : 100);
            }
        }
    }
    const struct reserve_standards in = { lines, count };
    bg_str why = uplift != NULL ? BG_STR("防范输入风险，空港专库重点品种标准上浮 40%") : BG_STR("四级储备标准（示例数量）");
    return change_by(demo, "chen", &reserve_standard_putting, &in, why, NULL);
}

bg_err demo_standards(struct demo *demo)
{
    return put_standards(demo, NULL);
}

bg_err demo_uplift(struct demo *demo, const struct demo_table *timeline)
{
    return put_standards(demo, timeline);
}

/* The planner proposes, the commander approves: nobody does both. */
static bg_err propose(struct demo *demo, const struct reserve_proposal *what, bg_str why)
{
    BG_SCOPED_BUF reply = bg_buf_init(1 << 16);
    const struct reserve_propose_in in = { .what = *what };
    BG_TRY(change_by(demo, "chen", &reserve_proposing, &in, why, &reply));
    const struct auth_session session = auth_system(demo->city, bg_now(&demo->app->env));
    const struct reserve_decide_in decide = { .by = { demo->app->auth, &session },
                                              .id = demo_reply_id(bg_buf_str(&reply)),
                                              .agrees = true,
                                              .note = BG_STR("同意") };
    return change_by(demo, "zhou", &reserve_deciding, &decide, why, NULL);
}

bg_err demo_level_set(struct demo *demo, int level, bool in_force, bg_str why)
{
    return propose(demo,
                   &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_LEVEL,
                                               .level = level,
                                               .step = in_force ? RESERVE_IN_FORCE : RESERVE_PREPARED,
                                               .why = why,
                                               .legal_basis = BG_STR("应急物资储备预案（示例）") },
                   why);
}

/* --- nights --- */

bg_err demo_night_upkeep(struct demo *demo)
{
    bool more = true;
    while (more) {
        BG_SCOPED_BUF reply = bg_buf_init(4096);
        BG_TRY(change_system(demo, &ledger_expiring, &reply));
        bg_str text = bg_buf_str(&reply), mark = BG_STR("\"more\":true}");
        more = bg_str_ends(text, mark);
    }
    return demo->today >= demo->source ? change_system(demo, &reserve_requiring, NULL) : BG_DONE;
}

bg_err demo_month_upkeep(struct demo *demo)
{
    return change_system(demo, &ledger_snapshotting, NULL);
}

/* --- counts --- */

static bool is_depot(const struct demo *demo, size_t place)
{
    int kind = demo->places[place].kind;
    return place == demo->airport || kind == LEDGER_PLACE_DISTRICT || kind == LEDGER_PLACE_AREA;
}

struct sheet {
    struct demo *demo;
    size_t place;
    struct ledger_count_scan scans[LEDGER_LINES_MAX];
    size_t items[LEDGER_LINES_MAX], parts[LEDGER_LINES_MAX];
    int64_t deltas[LEDGER_LINES_MAX];
    size_t count;
};

/* What is counted of an item: as the ledger has it, but for one part in forty. */
static void scan_item(struct sheet *sheet, size_t item)
{
    struct demo *demo = sheet->demo;
    size_t count;
    const struct demo_part *parts = demo_parts(demo, sheet->place, item, &count);
    for (size_t i = 0; i < count && sheet->count < LEDGER_LINES_MAX; i++) {
        uint64_t hash = demo_hash(demo->opts.seed, 0x636f756e74, sheet->place, item * 64 + i);
        int64_t delta = demo_below(hash, 40) == 0 ? demo_below(hash + 1, 40) - 25 : 0;
        delta = parts[i].qty + delta < 0 ? 0 : delta;
        sheet->items[sheet->count] = item;
        sheet->parts[sheet->count] = i;
        sheet->deltas[sheet->count] = delta;
        sheet->scans[sheet->count++] =
            (struct ledger_count_scan){ .key = true_key(demo, sheet->place, item, &parts[i], LEDGER_USABLE),
                                        .counted = parts[i].qty + delta,
                                        .counted_at = BG_TIME_NONE,
                                        .note = delta != 0 ? BG_STR("复点两次") : BG_STR("") };
    }
}

static bg_err count_move(struct demo *demo, const char *login, int64_t sheet, int to)
{
    const struct ledger_count_move move = { .sheet = sheet, .to = to, .note = BG_STR("") };
    return change_by(demo, login, &ledger_count_moving, &move, BG_STR(""), NULL);
}

/* Counts key items of a depot: an inspector counts, a planner accepts, or leaves it to be reviewed. */
static bg_err count_place(struct demo *demo, size_t place, bool post, bg_str title)
{
    struct sheet *sheet = bg_arena_get(demo->arena, sizeof *sheet);
    BG_SCOPED_BUF reply = bg_buf_init(1 << 20);
    BG_TRY(bg_need(sheet));
    *sheet = (struct sheet){ .demo = demo, .place = place };
    int items = 0;
    for (size_t i = 0; i < demo->item_count && items < COUNT_ITEMS; i++) {
        if (demo->items[i].key && demo_have(demo, place, i) > 0) {
            scan_item(sheet, i);
            items++;
        }
    }
    if (sheet->count == 0) {
        return BG_DONE;
    }
    const struct ledger_count_open open = { .place = demo->places[place].id, .blind = true, .title = title };
    BG_TRY(change_by(demo, "tang", &ledger_count_opening, &open, BG_STR(""), &reply));
    int64_t id = demo_reply_id(bg_buf_str(&reply));
    const struct ledger_count_scans scans = { .sheet = id, .lines = sheet->scans, .count = sheet->count };
    BG_TRY(change_by(demo, "tang", &ledger_count_scanning, &scans, BG_STR(""), NULL));
    BG_TRY(count_move(demo, "tang", id, LEDGER_COUNT_REVIEW));
    if (!post) {
        return BG_DONE;
    }
    BG_TRY(count_move(demo, "fang", id, LEDGER_COUNT_POSTED));
    for (size_t i = 0; i < sheet->count; i++) {
        demo_correct(demo, place, sheet->items[i], sheet->parts[i], sheet->deltas[i]);
    }
    return BG_DONE;
}

bg_err demo_count_day(struct demo *demo, int64_t number)
{
    int64_t at = 0;
    for (size_t p = 0; p < demo->place_count; p++) {
        if (is_depot(demo, p) && at++ / COUNT_A_DAY == number) {
            BG_TRY(count_place(demo, p, true, BG_STR("全覆盖检查盘点")));
        }
    }
    return BG_DONE;
}

bg_err demo_recount(struct demo *demo, size_t place)
{
    return count_place(demo, place, false, BG_STR("战时盘点"));
}

/* --- lots put on hold and recalled --- */

static bool has_lot(const struct demo *demo, size_t place, size_t item, size_t lot)
{
    size_t count;
    const struct demo_part *parts = demo_parts(demo, place, item, &count);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].lot == lot) {
            return true;
        }
    }
    return false;
}

/* The smallest lot at the depot of the largest district, if possible one that the dedicated depot has nothing of. */
static size_t common_lot(const struct demo *demo, size_t item)
{
    size_t place = demo_place_of(demo, BG_STR("D13")), count, best = FOUND_NONE;
    const struct demo_part *parts = demo_parts(demo, place, item, &count);
    for (int shared = 0; shared < 2 && best == FOUND_NONE; shared++) {
        for (size_t i = 0; i < count; i++) {
            bool fits = parts[i].qty > 0 && (shared == 1 || !has_lot(demo, demo->airport, item, parts[i].lot));
            best = fits && (best == FOUND_NONE || parts[i].qty < parts[best].qty) ? i : best;
        }
    }
    return best == FOUND_NONE ? DEMO_NO_LOT : parts[best].lot;
}

bg_err demo_block(struct demo *demo, size_t item, bool recall)
{
    size_t lot = common_lot(demo, item);
    if (lot == DEMO_NO_LOT) {
        return BG_DONE;
    }
    const struct ledger_recall in = { .lot = demo->lots[lot].id,
                                      .state = recall ? LEDGER_LOT_RECALLED : LEDGER_LOT_BLOCKED,
                                      .why = recall ? BG_STR("厂家通知召回（模拟）") : BG_STR("抽检待复检（模拟）") };
    BG_TRY(change_by(demo, recall ? "zhou" : "chen", &ledger_recalling, &in, in.why, NULL));
    demo->lots[lot].blocked = true;
    demo_expire(demo, demo->today);
    return BG_DONE;
}

/* --- what the ledger can not explain --- */

bg_err demo_short_use(struct demo *demo, size_t item, int64_t more)
{
    struct demo_doc *doc;
    size_t count, place = 0;
    while (!demo->places[place].designated) {
        place++;
    }
    const struct demo_part *parts = demo_parts(demo, place, item, &count);
    if (count == 0) {
        return BG_DONE;
    }
    BG_TRY(demo_doc(demo, LEDGER_KIND_USE, LEDGER_REASON_USE, place, NULL, &doc));
    const struct ledger_line line = { .from = demo_key(demo, place, item, parts[0].lot, parts[0].owner, LEDGER_USABLE),
                                      .to = { .status = LEDGER_USED },
                                      .qty = parts[0].qty + more };
    BG_TRY(demo_doc_line(demo, doc, &line));
    demo_correct(demo, place, item, 0, -parts[0].qty);
    return demo_flush(demo);
}

static bg_err find_missing(struct demo *demo, size_t place, struct bg_arena *arena, struct ledger_review *ret, bool *ret_found)
{
    STORE_SCOPED_READ tx = NULL;
    struct ledger_review *reviews;
    size_t count;
    *ret_found = false;
    BG_TRY(store_read_begin(demo->app->store, 0, &tx));
    BG_TRY(ledger_review_list(tx, demo->city, demo->places[place].id, 1, 0, 100, arena, &reviews, &count));
    for (size_t i = 0; i < count && !*ret_found; i++) {
        if (reviews[i].kind == LEDGER_REVIEW_MISSING) {
            *ret = reviews[i];
            *ret_found = true;
        }
    }
    return BG_DONE;
}

/* Of what is missing `found` pieces turn up, the rest is lost. */
bg_err demo_settle(struct demo *demo, size_t place, int64_t found)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    struct ledger_review review;
    bool open;
    BG_TRY(bg_need(arena));
    BG_TRY(find_missing(demo, place, arena, &review, &open));
    if (!open) {
        return BG_DONE;
    }
    struct ledger_line lines[2] = {
        { .from = review.key, .to = review.key, .qty = found, .reason = LEDGER_REASON_FOUND },
        { .from = review.key, .to = review.key, .qty = review.qty - found, .reason = LEDGER_REASON_LOSS }
    };
    lines[0].to.status = LEDGER_USABLE;
    lines[1].to.status = LEDGER_LOST;
    const struct ledger_settle in = {
        .review = review.id, .lines = lines, .count = 2, .note = BG_STR("押运车辆上找到 60 件，其余报损")
    };
    BG_TRY(change_by(demo, "ma", &ledger_settling, &in, BG_STR(""), NULL));
    for (size_t i = 0; i < demo->item_count; i++) {
        for (size_t l = 0; demo->items[i].id == review.key.item && l < demo->lot_count; l++) {
            for (size_t o = 0; demo->lots[l].id == review.key.lot && o < demo->owner_count; o++) {
                if (demo->owners[o].id == review.key.owner) {
                    return demo_put(demo, place, i, l, o, found);
                }
            }
        }
    }
    return BG_DONE;
}

/* --- a reservation that is still open when the data end --- */

bg_err demo_reserve(struct demo *demo, size_t item, int64_t qty)
{
    struct ledger_hold_line lines[8];
    size_t count, used = 0;
    const struct demo_part *parts = demo_parts(demo, demo->airport, item, &count);
    for (size_t i = 0; i < count && used < 8 && qty > 0; i++) {
        if (demo->owners[parts[i].owner].kind != LEDGER_OWNER_NATION) {
            int64_t take = parts[i].qty < qty ? parts[i].qty : qty;
            lines[used++] = (struct ledger_hold_line){ true_key(demo, demo->airport, item, &parts[i], LEDGER_USABLE), take };
            qty -= take;
        }
    }
    const struct ledger_reserve in = { .lines = lines,
                                       .count = used,
                                       .purpose = BG_STR("第 16 批调拨（拟）"),
                                       .target = demo->places[demo->jinnan].id,
                                       .due_at = demo_at(demo, demo->end + 3, 12 * 60) };
    return used == 0 ? BG_DONE : change_by(demo, "chen", &ledger_reserving, &in, BG_STR(""), NULL);
}
