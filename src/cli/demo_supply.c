/* Goods on the move between places: the stock of the first morning, what places buy, sendings and arrivals. */
#include "cli/demo.h"

#include <assert.h>
#include <string.h>

#define QUIET_DAYS 20 /* a place that buys keeps so many days of quiet use */
#define ORDER_DAYS 15 /* and orders below so many */
#define SITE_DAYS 5
#define SAMPLING BG_STR("采样检测")

/* --- opening and closing --- */

/* The need of a quiet day and of the last screening round, of every place and item: what targets are made of. */
static bg_err measure(struct demo *demo)
{
    struct demo_days *days = demo->days;
    size_t cells = demo->place_count * demo->item_count;
    days->quiet_milli = bg_arena_array(demo->arena, cells, sizeof *days->quiet_milli);
    days->round_milli = bg_arena_array(demo->arena, cells, sizeof *days->round_milli);
    BG_TRY(bg_need(days->quiet_milli));
    BG_TRY(bg_need(days->round_milli));
    bg_date round = days->outbreak;
    for (size_t i = 0; i < demo->course.round_count; i++) {
        if (bg_str_is(demo->course.rounds[i].districts, "*") && demo->course.rounds[i].share_permille > 800) {
            round = demo->course.rounds[i].day;
        }
    }
    for (size_t p = 0; p < demo->place_count; p++) {
        for (size_t i = 0; i < demo->item_count; i++) {
            days->quiet_milli[p * demo->item_count + i] = demo_need_milli(demo, p, i, days->outbreak - 1);
            days->round_milli[p * demo->item_count + i] = demo_need_milli(demo, p, i, round);
        }
    }
    for (size_t p = 0; p < demo->place_count; p++) { /* a depot also buys for the isolation sites that it supplies */
        for (size_t i = 0; i < demo->item_count && demo->places[p].depot != SIZE_MAX; i++) {
            size_t site = p * demo->item_count + i, depot = demo->places[p].depot * demo->item_count + i;
            days->quiet_milli[depot] += days->quiet_milli[site];
            days->round_milli[depot] += SITE_DAYS * days->round_milli[site];
        }
    }
    for (size_t i = 0; i < demo->item_count; i++) { /* and for the half of its district's work that the forward depot does */
        days->round_milli[demo->jinnan * demo->item_count + i] += days->round_milli[demo->forward * demo->item_count + i];
    }
    return BG_DONE;
}

bg_err demo_supply_open(struct demo *demo)
{
    demo->days = bg_arena_get(demo->arena, sizeof *demo->days);
    BG_TRY(bg_need(demo->days));
    demo->days->level = 4;
    demo->days->outbreak = demo->course.cases[0].day + 1; /* the series begins with the last day without a case */
    return measure(demo);
}

static void transit_free(struct demo_transit *transit)
{
    bg_heap_free(transit->parts);
    bg_heap_free(transit->items);
    bg_heap_free(transit);
}

void demo_supply_close(struct demo *demo)
{
    struct demo_days *days = demo->days;
    if (days != NULL) {
        for (size_t i = 0; i < days->transit_count; i++) {
            transit_free(days->transits[i]);
        }
        bg_heap_free(days->transits);
        bg_heap_free(days->runs);
        demo->days = NULL;
    }
}

int64_t demo_standard_of(const struct demo *demo, size_t place, size_t item, int level)
{
    int64_t qty = 0;
    for (size_t s = 0; s < demo->standard_count; s++) {
        const struct demo_standard *standard = &demo->standards[s];
        int64_t asks = standard->item == item ? demo_standard_qty(demo, standard, place, level) : -1;
        if (asks >= 0) {
            qty += standard->basis == DEMO_DAYS ? asks * demo->days->quiet_milli[place * demo->item_count + item] / 1000 : asks;
        }
    }
    return qty;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool is_depot(const struct demo_place *place)
{
    return place->kind == LEDGER_PLACE_DISTRICT || place->kind == LEDGER_PLACE_AREA;
}

/* Depots, laboratories and the designated hospital buy every day of the outbreak. */
static bool is_daily(const struct demo *demo, size_t index)
{
    const struct demo_place *place = &demo->places[index];
    bool laboratory = (place->kind == LEDGER_PLACE_SITE && place->size == 0) || bg_str_is(place->code, "G01");
    return is_depot(place) || laboratory || place->designated;
}

/* What a place wants to have. */
static int64_t target(const struct demo *demo, size_t place, size_t item, bg_date day)
{
    const struct demo_days *days = demo->days;
    int64_t quiet = days->quiet_milli[place * demo->item_count + item],
            round = days->round_milli[place * demo->item_count + item];
    bool outbreak = day >= days->outbreak;
    int64_t standard = is_depot(&demo->places[place]) ? demo_standard_of(demo, place, item, days->level) : 0;
    int64_t own = quiet * QUIET_DAYS / 1000;
    if (outbreak) { /* who buys daily: ten quiet days and a round; who buys weekly: what a week of it takes */
        own = is_daily(demo, place) ? (quiet * QUIET_DAYS / 2 + round * 18 / 10) / 1000 : most(own, round * 10 / 1000);
    }
    uint64_t hash = demo_hash(demo->opts.seed, 0x676f616c, place, 0);
    return most(standard, own) * (outbreak ? 750 + demo_below(hash, 600) : 1000) / 1000; /* some are better at it than others */
}

static int64_t in_packs(const struct demo_item *item, int64_t qty)
{
    int64_t pack = item->pack[0] > 0 ? item->pack[0] : 1;
    return (qty + pack - 1) / pack * pack;
}

/* --- the first morning --- */

/* Lots that were there before: fresh ones, one at half of its life, and a small one that expires while the data last or soon
 * after. */
static bg_err old_lot(struct demo *demo, size_t item, int variant, size_t *ret)
{
    const struct demo_item *it = &demo->items[item];
    uint64_t hash = demo_hash(demo->opts.seed, 0x6f6c64, item, (uint64_t)variant);
    int64_t age = variant == 3   ? it->shelf_days - 20 - demo_below(hash, 80)
                  : variant == 2 ? it->shelf_days / 2
                                 : 25 + demo_below(hash, it->shelf_days > 200 ? 120 : 20);
    size_t maker = SIZE_MAX;
    for (size_t tried = 0, m = (size_t)demo_below(hash, (int64_t)demo->maker_count);
         tried < demo->maker_count && maker == SIZE_MAX; tried++) {
        for (size_t p = 0; p < demo->makers[(m + tried) % demo->maker_count].products; p++) {
            maker = demo->makers[(m + tried) % demo->maker_count].item[p] == item ? (m + tried) % demo->maker_count : maker;
        }
    }
    return demo_lot_make(demo, item, maker, demo->begin - (bg_date)most(age, 20), ret);
}

static bg_err open_line(struct demo *demo, struct demo_doc *doc, size_t place, size_t item, size_t lot, size_t owner, int64_t qty)
{
    const struct ledger_line line = {
        .from = { .place = demo->places[demo->channel].id, .owner = demo->owners[owner].id },
        .to = demo_key(demo, place, item, lot, owner, LEDGER_USABLE),
        .qty = qty,
    };
    if (qty == 0) {
        return BG_DONE;
    }
    BG_TRY(demo_doc_line(demo, doc, &line));
    bool blocked = lot != DEMO_NO_LOT && demo->lots[lot].blocked;
    return blocked ? BG_DONE : demo_put(demo, place, item, lot, owner, qty);
}

static bg_err open_item(struct demo *demo, struct demo_doc *doc, size_t place, size_t item, int64_t qty, const size_t lots[4])
{
    static const struct {
        int percent;
        int variant;
        const char *owner;
    } shares[] = { { 62, 0, NULL }, { 25, 1, NULL }, { 8, 2, "NATION" }, { 6, 1, "DONOR" }, { 7, 3, NULL } };
    size_t own = demo->places[place].owner;
    bool lotted = demo->items[item].lotted;
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
        size_t owner = own;
        for (size_t o = 0; place == demo->airport && shares[s].owner != NULL && o < demo->owner_count; o++) {
            owner = bg_str_is(demo->owners[o].code, shares[s].owner) ? o : owner;
        }
        size_t lot = lotted ? lots[place == demo->airport || s != 2 ? shares[s].variant : 1] : DEMO_NO_LOT;
        BG_TRY(open_line(demo, doc, place, item, lot, owner, in_packs(&demo->items[item], qty * shares[s].percent / 100)));
    }
    return BG_DONE;
}

/* A key maker holds some days of output for the city on contract (代储). */
static bg_err open_makers(struct demo *demo, size_t (*lots)[4])
{
    for (size_t m = 0; m < demo->maker_count; m++) {
        const struct demo_maker *maker = &demo->makers[m];
        struct demo_doc *doc;
        if (!maker->key) {
            continue;
        }
        BG_TRY(demo_doc(demo, LEDGER_KIND_RECEIVE, LEDGER_REASON_OPENING, maker->place, NULL, &doc));
        for (size_t p = 0; p < maker->products; p++) {
            size_t item = maker->item[p];
            size_t lot = demo->items[item].lotted ? lots[item][0] : DEMO_NO_LOT;
            BG_TRY(open_line(demo, doc, maker->place, item, lot, demo->places[maker->place].owner,
                             in_packs(&demo->items[item], maker->daily[p] * 3)));
        }
    }
    return BG_DONE;
}

static int64_t opening_qty(const struct demo *demo, size_t place, size_t item)
{
    uint64_t hash = demo_hash(demo->opts.seed, 0x6f70656e, place, item);
    if (place == demo->airport) { /* at the standard; what has none: a week of the makers' output */
        int64_t standard = demo_standard_of(demo, place, item, 4);
        return standard > 0 ? standard * (1000 + demo_below(hash, 100)) / 1000 : demo->items[item].daily * 7 + 20;
    }
    return target(demo, place, item, demo->begin) *
           (is_depot(&demo->places[place]) ? 950 + demo_below(hash, 200) : 600 + demo_below(hash, 500)) / 1000;
}

bg_err demo_opening(struct demo *demo)
{
    size_t(*lots)[4] = bg_arena_array(demo->arena, demo->item_count, sizeof *lots);
    BG_TRY(bg_need(lots));
    for (size_t i = 0; i < demo->item_count; i++) {
        for (int v = 0; v < 4 && demo->items[i].lotted; v++) {
            BG_TRY(old_lot(demo, i, v, &lots[i][v]));
        }
    }
    for (size_t p = 0; p < demo->place_count; p++) {
        struct demo_doc *doc;
        int kind = demo->places[p].kind;
        if (kind == LEDGER_PLACE_MAKER || p == demo->forward || ledger_place_status(kind) != 0) {
            continue;
        }
        BG_TRY(demo_doc(demo, LEDGER_KIND_RECEIVE, LEDGER_REASON_OPENING, p, NULL, &doc));
        for (size_t i = 0; i < demo->item_count; i++) {
            int64_t qty = opening_qty(demo, p, i);
            if (qty > 0) {
                BG_TRY(open_item(demo, doc, p, i, qty, lots[i]));
            }
        }
    }
    BG_TRY(open_makers(demo, lots));
    return demo_flush(demo);
}

/* --- buying --- */

static bool buys_today(const struct demo *demo, size_t index, bg_date day)
{
    const struct demo_place *place = &demo->places[index];
    int weekday = bg_date_weekday(day);
    bool outbreak = day >= demo->days->outbreak;
    bool open = place->opens == BG_DATE_NONE || day >= place->opens;
    if (!open || index == demo->forward) {
        return false;
    }
    if (is_depot(place)) {
        return outbreak || weekday == 1 || weekday == 4;
    }
    bool buys = place->kind == LEDGER_PLACE_HOSPITAL || place->kind == LEDGER_PLACE_RECEIVER ||
                (place->kind == LEDGER_PLACE_SITE && place->size == 0);
    return buys && ((outbreak && is_daily(demo, index)) || weekday == 1 + (int)(index % 5));
}

static int64_t wants(const struct demo *demo, size_t place, size_t item, bg_date day)
{
    int64_t goal = target(demo, place, item, day), have = demo_have(demo, place, item);
    bool depot = is_depot(&demo->places[place]);
    if (goal == 0 || (!depot && have * QUIET_DAYS >= goal * ORDER_DAYS) || have >= goal) {
        return 0;
    }
    return goal - have;
}

/* What the market has of an item on a day, for all who buy themselves: the makers' free output and what comes from outside the
 * city. */
static int64_t market(const struct demo *demo, size_t item, bg_date day)
{
    const struct demo_days *days = demo->days;
    int64_t daily = demo->items[item].daily;
    if (day < days->outbreak) {
        return daily * 3;
    }
    int64_t ramp = least(1000, 450 + 50 * (day - days->outbreak)); /* permille of full capacity */
    int64_t outside = bg_str_eq(demo->items[item].category, SAMPLING) ? 5000 : 2400;
    return daily * (ramp * 6 / 10 + outside) / 1000 * demo->copies;
}

static bg_err buy_item(struct demo *demo, bg_date day, size_t item, struct demo_doc **docs, int64_t *want)
{
    int64_t total = 0, free = market(demo, item, day);
    for (size_t p = 0; p < demo->place_count; p++) {
        want[p] = buys_today(demo, p, day) ? wants(demo, p, item, day) : 0;
        total += want[p];
    }
    for (size_t p = 0; p < demo->place_count; p++) {
        int64_t share = total > free ? (int64_t)((__int128)want[p] * free / total) : want[p];
        int64_t qty = in_packs(&demo->items[item], share);
        size_t lot;
        if (qty == 0) {
            continue;
        }
        if (docs[p] == NULL) {
            BG_TRY(demo_doc(demo, LEDGER_KIND_RECEIVE, LEDGER_REASON_PURCHASE, p, NULL, &docs[p]));
        }
        BG_TRY(demo_lot_sold(demo, item, day, demo_hash(demo->opts.seed, p, item, 0x627579), &lot));
        BG_TRY(open_line(demo, docs[p], p, item, lot, demo->places[p].owner, qty));
    }
    return BG_DONE;
}

bg_err demo_buy(struct demo *demo, bg_date day)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 28);
    BG_TRY(bg_need(arena));
    struct demo_doc **docs = bg_arena_array(arena, demo->place_count, sizeof *docs);
    int64_t *want = bg_arena_array(arena, demo->place_count, sizeof *want);
    BG_TRY(bg_need(docs));
    BG_TRY(bg_need(want));
    for (size_t i = 0; i < demo->item_count; i++) {
        BG_TRY(buy_item(demo, day, i, docs, want));
    }
    return BG_DONE;
}

/* --- sending and arriving --- */

bg_err demo_send(struct demo *demo, size_t from, size_t to, bg_date due, int minute, int status, struct demo_doc **ret_doc,
                 struct demo_transit **ret)
{
    struct demo_days *days = demo->days;
    if (days->transit_count == days->transit_room) {
        size_t room = days->transit_room == 0 ? 64 : 2 * days->transit_room;
        struct demo_transit **list = bg_heap_resize(days->transits, room * sizeof *list);
        BG_TRY(bg_need(list));
        days->transits = list;
        days->transit_room = room;
    }
    struct demo_transit *transit = bg_heap_get(sizeof *transit);
    BG_TRY(bg_need(transit));
    *transit = (struct demo_transit){ .from = from, .to = to, .due = due, .minute = minute, .status = status };
    days->transits[days->transit_count++] = transit;
    *ret = transit;
    return demo_doc(demo, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, from, &transit->shipment, ret_doc);
}

static bg_err keep_part(void *ctx, size_t item, size_t lot, size_t owner, int64_t qty)
{
    struct demo_transit *transit = ctx;
    if (transit->count == transit->room) {
        size_t room = transit->room == 0 ? 16 : 2 * transit->room;
        struct demo_part *parts = bg_heap_resize(transit->parts, room * sizeof *parts);
        BG_TRY(bg_need(parts));
        transit->parts = parts;
        size_t *items = bg_heap_resize(transit->items, room * sizeof *items);
        BG_TRY(bg_need(items));
        transit->items = items;
        transit->room = room;
    }
    transit->items[transit->count] = item;
    transit->parts[transit->count++] = (struct demo_part){ lot, owner, qty };
    return BG_DONE;
}

bg_err demo_send_line(struct demo *demo, struct demo_doc *doc, struct demo_transit *transit, size_t item, int64_t qty)
{
    int64_t taken;
    const struct ledger_line line = { .to = { .place = demo->places[transit->to].id, .status = LEDGER_TRANSIT } };
    return demo_take(demo, doc, transit->from, item, qty, line, keep_part, transit, &taken);
}

bg_err demo_send_run(struct demo *demo, struct demo_doc *doc, struct demo_transit *transit, const struct demo_run *run)
{
    size_t owner = demo->places[demo->airport].owner;
    const struct ledger_line line = {
        .from = demo_key(demo, transit->from, run->item, run->lot, owner, LEDGER_USABLE),
        .to = { .place = demo->places[transit->to].id, .status = LEDGER_TRANSIT },
        .qty = run->qty,
    };
    BG_TRY(demo_doc_line(demo, doc, &line));
    return keep_part(transit, run->item, run->lot, owner, run->qty);
}

static bg_err arrive_one(struct demo *demo, struct demo_transit *transit)
{
    struct demo_doc *doc;
    size_t own = demo->places[transit->to].owner;
    BG_TRY(demo_doc(demo, LEDGER_KIND_ARRIVE, LEDGER_REASON_HANDOVER, transit->to, NULL, &doc));
    demo_doc_answers(doc, transit->shipment, true);
    for (size_t i = 0; i < transit->count; i++) {
        const struct demo_part *part = &transit->parts[i];
        int64_t qty = part->qty - (i == 0 ? transit->missing : 0);
        size_t item = transit->items[i], owner = transit->handed_over ? own : part->owner;
        const struct ledger_line line = {
            .from = demo_key(demo, transit->to, item, part->lot, part->owner, LEDGER_TRANSIT),
            .to = demo_key(demo, transit->to, item, part->lot, owner, transit->status),
            .qty = qty,
            .paid = owner != part->owner ? LEDGER_FREE : LEDGER_PAID_NONE,
        };
        BG_TRY(demo_doc_line(demo, doc, &line));
        bool blocked = part->lot != DEMO_NO_LOT && demo->lots[part->lot].blocked;
        if (transit->status == LEDGER_USABLE && !blocked) {
            BG_TRY(demo_put(demo, transit->to, item, part->lot, owner, qty));
        }
    }
    return BG_DONE;
}

bg_err demo_arrive(struct demo *demo, bg_date day, int minute)
{
    struct demo_days *days = demo->days;
    size_t kept = 0;
    bg_err err = BG_DONE;
    for (size_t i = 0; i < days->transit_count; i++) {
        struct demo_transit *transit = days->transits[i];
        bool due = transit->due < day || (transit->due == day && transit->minute <= minute);
        if (!due || bg_failed(err)) {
            days->transits[kept++] = transit;
            continue;
        }
        if (transit->count > 0) {
            err = arrive_one(demo, transit);
        }
        transit_free(transit);
    }
    days->transit_count = kept;
    return err;
}

bg_err demo_send_sites(struct demo *demo, bg_date day)
{
    bool outbreak = day >= demo->days->outbreak;
    int weekday = bg_date_weekday(day);
    if (!outbreak && weekday != 2 && weekday != 5) {
        return BG_DONE;
    }
    for (size_t p = 0; p < demo->place_count; p++) {
        const struct demo_place *site = &demo->places[p];
        struct demo_doc *doc = NULL;
        struct demo_transit *transit = NULL;
        if (site->depot == SIZE_MAX || (site->opens != BG_DATE_NONE && day < site->opens)) {
            continue;
        }
        for (size_t i = 0; i < demo->item_count; i++) {
            int64_t need = demo_need_milli(demo, p, i, day) * SITE_DAYS / 1000, have = demo_have(demo, p, i);
            int64_t qty = need > 0 && have * 10 < need * 6
                              ? least(in_packs(&demo->items[i], need - have), demo_have(demo, site->depot, i))
                              : 0;
            if (qty == 0) {
                continue;
            }
            if (doc == NULL) {
                BG_TRY(demo_send(demo, site->depot, p, day + 1, 8 * 60, LEDGER_USABLE, &doc, &transit));
            }
            BG_TRY(demo_send_line(demo, doc, transit, i, qty));
        }
    }
    return BG_DONE;
}
