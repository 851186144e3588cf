/* What the city itself does: orders goods for its dedicated depot through producing, inspecting, receiving and usable, and issues
 * batches. */
#include "cli/demo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define UPLIFT_PERMILLE 1400 /* 2021-12-16: the standards of the key items of the dedicated depot raised by 40 % */
#define ROAD_MINUTES 90 /* of a batch */
#define SHORT_BATCH 5 /* arrives with some pieces missing, for a review */
#define SHORT_PIECES 100
#define EXTRA_BATCH 9 /* arrives with some more than was sent */
#define EXTRA_PIECES 20
#define MADE_DAYS 3 /* producing, inspecting, on the road: usable on the third day */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- orders --- */

static int64_t under_way(const struct demo *demo, size_t item)
{
    const struct demo_days *days = demo->days;
    int64_t qty = days->order[item];
    for (size_t i = 0; i < days->run_count; i++) {
        qty += days->runs[i].item == item ? days->runs[i].qty : 0;
    }
    return qty;
}

bg_err demo_order(struct demo *demo)
{
    struct demo_days *days = demo->days;
    for (size_t i = 0; i < demo->item_count; i++) {
        int64_t standard = demo_standard_of(demo, demo->airport, i, days->level);
        if (standard == 0) {
            continue;
        }
        if (days->uplifted && demo->items[i].key) {
            standard = standard * UPLIFT_PERMILLE / 1000;
        }
        int64_t missing = standard - demo_have(demo, demo->airport, i) - under_way(demo, i);
        if (missing * 200 > standard || (missing > 0 && days->order[i] == 0 && demo->today < days->outbreak)) {
            int64_t pack = demo->items[i].pack[0] > 0 ? demo->items[i].pack[0] : 1;
            days->order[i] += (missing + pack - 1) / pack * pack;
        }
    }
    return BG_DONE;
}

/* --- makers --- */

static bg_err run_new(struct demo *demo, size_t item, size_t maker, bg_date day, int64_t qty)
{
    struct demo_days *days = demo->days;
    if (days->run_count == days->run_room) {
        size_t room = days->run_room == 0 ? 64 : 2 * days->run_room;
        struct demo_run *runs = bg_heap_resize(days->runs, room * sizeof *runs);
        BG_TRY(bg_need(runs));
        days->runs = runs;
        days->run_room = room;
    }
    size_t lot;
    BG_TRY(demo_lot_make(demo, item, maker, day, &lot));
    days->runs[days->run_count++] = (struct demo_run){ .item = item, .maker = maker, .lot = lot, .qty = qty };
    return BG_DONE;
}

static struct ledger_key run_key(const struct demo *demo, const struct demo_run *run, int status)
{
    return demo_key(demo, demo->makers[run->maker].place, run->item, run->lot, demo->places[demo->airport].owner, status);
}

/* Moves a run at its maker's, from `source` when it begins. */
static bg_err run_line(struct demo *demo, struct demo_doc *doc, const struct demo_run *run, int from, int to, int64_t qty,
                       int reason)
{
    const struct ledger_line line = {
        .from = run_key(demo, run, from), .to = run_key(demo, run, to), .qty = qty, .reason = reason
    };
    return qty == 0 ? BG_DONE : demo_doc_line(demo, doc, &line);
}

/* Runs that are already there go one step on. */
static bg_err step_runs(struct demo *demo, size_t maker)
{
    struct demo_doc *doc = NULL;
    for (size_t i = 0; i < demo->days->run_count; i++) {
        struct demo_run *run = &demo->days->runs[i];
        if (run->maker != maker || run->stage > 1) {
            continue;
        }
        if (doc == NULL) {
            BG_TRY(demo_doc(demo, LEDGER_KIND_STATUS, LEDGER_REASON_ACCEPTED, demo->makers[maker].place, NULL, &doc));
        }
        if (run->stage == 0) {
            BG_TRY(run_line(demo, doc, run, LEDGER_PRODUCING, LEDGER_INSPECTING, run->qty, LEDGER_REASON_PRODUCTION));
        } else { /* one inspection in seven finds something */
            uint64_t hash = demo_hash(demo->opts.seed, run->item, run->maker, (uint64_t)demo->today);
            int64_t bad = demo_below(hash, 7) == 0 ? run->qty * (1 + demo_below(hash + 1, 8)) / 1000 : 0;
            BG_TRY(run_line(demo, doc, run, LEDGER_INSPECTING, LEDGER_DAMAGED, bad, LEDGER_REASON_REJECTED));
            BG_TRY(run_line(demo, doc, run, LEDGER_INSPECTING, LEDGER_USABLE, run->qty - bad, LEDGER_REASON_ACCEPTED));
            run->qty -= bad;
        }
        run->stage++;
    }
    return BG_DONE;
}

/* Begins what the maker can do for the city today. */
static bg_err begin_runs(struct demo *demo, size_t m, bg_date day)
{
    const struct demo_maker *maker = &demo->makers[m];
    struct demo_days *days = demo->days;
    struct demo_doc *doc = NULL;
    int64_t permille = day < days->outbreak ? 900 : least(500, 350 + 15 * (day - days->outbreak));
    for (size_t p = 0; p < maker->products; p++) {
        size_t item = maker->item[p];
        int64_t qty = least(days->order[item], maker->daily[p] * permille / 1000);
        if (qty <= 0) {
            continue;
        }
        if (doc == NULL) {
            BG_TRY(demo_doc(demo, LEDGER_KIND_MAKE, LEDGER_REASON_PRODUCTION, maker->place, NULL, &doc));
        }
        days->order[item] -= qty;
        BG_TRY(run_new(demo, item, m, day, qty));
        BG_TRY(run_line(demo, doc, &days->runs[days->run_count - 1], LEDGER_SOURCE, LEDGER_PRODUCING, qty, 0));
    }
    return BG_DONE;
}

bg_err demo_make(struct demo *demo, bg_date day)
{
    for (size_t m = 0; m < demo->maker_count; m++) {
        BG_TRY(step_runs(demo, m));
        BG_TRY(begin_runs(demo, m, day));
    }
    return BG_DONE;
}

bg_err demo_ship_made(struct demo *demo, bg_date day)
{
    struct demo_days *days = demo->days;
    for (size_t m = 0; m < demo->maker_count; m++) {
        struct demo_doc *doc = NULL;
        struct demo_transit *transit = NULL;
        for (size_t i = 0; i < days->run_count; i++) {
            struct demo_run *run = &days->runs[i];
            if (run->maker != m || run->stage != 2) {
                continue;
            }
            if (doc == NULL) {
                BG_TRY(demo_send(demo, demo->makers[m].place, demo->airport, day + 1, 8 * 60, LEDGER_RECEIVING, &doc, &transit));
            }
            BG_TRY(demo_send_run(demo, doc, transit, run));
            run->stage = MADE_DAYS;
        }
    }
    return BG_DONE;
}

/* What left the makers yesterday and came this morning. */
bg_err demo_accept(struct demo *demo, bg_date day)
{
    struct demo_days *days = demo->days;
    struct demo_doc *doc = NULL;
    size_t kept = 0, owner = demo->places[demo->airport].owner;
    (void)day;
    for (size_t i = 0; i < days->run_count; i++) {
        const struct demo_run run = days->runs[i];
        if (run.stage != MADE_DAYS) {
            days->runs[kept++] = run;
            continue;
        }
        if (doc == NULL) {
            BG_TRY(demo_doc(demo, LEDGER_KIND_STATUS, LEDGER_REASON_ACCEPTED, demo->airport, NULL, &doc));
        }
        const struct ledger_line line = {
            .from = demo_key(demo, demo->airport, run.item, run.lot, owner, LEDGER_RECEIVING),
            .to = demo_key(demo, demo->airport, run.item, run.lot, owner, LEDGER_USABLE),
            .qty = run.qty,
        };
        BG_TRY(demo_doc_line(demo, doc, &line));
        BG_TRY(demo_put(demo, demo->airport, run.item, run.lot, owner, run.qty));
    }
    days->run_count = kept;
    return BG_DONE;
}

/* --- issue batches --- */

static bg_err batch_lines(struct demo *demo, bg_str lines, struct demo_doc *doc, struct demo_transit *transit)
{
    for (bg_str word = demo_word(&lines); word.len > 0; word = demo_word(&lines)) {
        size_t colon = bg_str_find(word, ':');
        int64_t qty;
        bool read = bg_str_int(bg_str_cut(word, colon + 1, word.len), &qty);
        assert(read && qty > 0);
        BG_TRY(demo_send_line(demo, doc, transit, demo_item_of(demo, bg_str_cut(word, 0, colon)), qty));
    }
    return BG_DONE;
}

bg_err demo_batch(struct demo *demo, const struct demo_table *batches, size_t row)
{
    size_t to = demo_place_of(demo, demo_cell(batches, row, "receiver"));
    int64_t number = demo_int(batches, row, "number");
    int minute = demo_minute(demo_cell(batches, row, "at")) + ROAD_MINUTES;
    char reference[32], note[64];
    struct demo_doc *doc;
    struct demo_transit *transit;
    (void)snprintf(reference, sizeof reference, "DB2022-%03lld", (long long)number);
    (void)snprintf(note, sizeof note, "第 %lld 批调拨", (long long)number);
    BG_TRY(demo_send(demo, demo->airport, to, demo->today + minute / 1440, minute % 1440, LEDGER_USABLE, &doc, &transit));
    BG_TRY(demo_doc_words(demo, doc, bg_str_of(reference), bg_str_of(note)));
    transit->handed_over = true;
    transit->missing = number == SHORT_BATCH ? SHORT_PIECES : number == EXTRA_BATCH ? -EXTRA_PIECES : 0;
    return batch_lines(demo, demo_cell(batches, row, "lines"), doc, transit);
}
