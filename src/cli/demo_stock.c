/* What is usable where, as the simulation believes: a copy of the ledger's usable balances in memory, so that documents can be
 * made without asking the database; and the lots. The ledger is the judge: a document that asks for more than there is would be
 * refused and end the run. */
#include "cli/demo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define LOOK_BACK 2048 /* lots: some eight weeks */

struct cell {
    struct demo_part *parts; /* heap; first expiry first, unknown expiry last */
    size_t count, room;
};
/* The lot that a maker sells in a week. */
struct sold {
    int64_t week;
    size_t lot;
};

struct demo_stock {
    struct cell *cells; /* place × item */
    size_t cell_count;
    struct sold *sold; /* item × (makers + 1) */
    size_t *makers; /* item × makers: who makes it */
    size_t *maker_counts;
};

bg_err demo_stock_open(struct demo *demo)
{
    struct demo_stock *stock = bg_arena_get(demo->arena, sizeof *stock);
    BG_TRY(bg_need(stock));
    stock->cell_count = demo->place_count * demo->item_count;
    stock->cells = bg_arena_array(demo->arena, stock->cell_count, sizeof *stock->cells);
    stock->sold = bg_arena_array(demo->arena, demo->item_count * (demo->maker_count + 1), sizeof *stock->sold);
    stock->makers = bg_arena_array(demo->arena, demo->item_count * demo->maker_count, sizeof *stock->makers);
    stock->maker_counts = bg_arena_array(demo->arena, demo->item_count, sizeof *stock->maker_counts);
    BG_TRY(bg_need(stock->cells));
    BG_TRY(bg_need(stock->sold));
    BG_TRY(bg_need(stock->makers));
    BG_TRY(bg_need(stock->maker_counts));
    for (size_t m = 0; m < demo->maker_count; m++) {
        for (size_t p = 0; p < demo->makers[m].products; p++) {
            size_t item = demo->makers[m].item[p];
            stock->makers[item * demo->maker_count + stock->maker_counts[item]++] = m;
        }
    }
    demo->stock = stock;
    return BG_DONE;
}

void demo_stock_close(struct demo *demo)
{
    for (size_t i = 0; demo->stock != NULL && i < demo->stock->cell_count; i++) {
        bg_heap_free(demo->stock->cells[i].parts);
    }
    demo->stock = NULL;
}

static struct cell *cell_of(const struct demo *demo, size_t place, size_t item)
{
    assert(place < demo->place_count && item < demo->item_count);
    return &demo->stock->cells[place * demo->item_count + item];
}

static bg_date expiry_of(const struct demo *demo, size_t lot)
{
    bg_date expiry = lot == DEMO_NO_LOT ? BG_DATE_NONE : demo->lots[lot].expiry;
    return expiry == BG_DATE_NONE ? INT32_MAX : expiry;
}

bg_err demo_put(struct demo *demo, size_t place, size_t item, size_t lot, size_t owner, int64_t qty)
{
    struct cell *cell = cell_of(demo, place, item);
    for (size_t i = 0; i < cell->count; i++) {
        if (cell->parts[i].lot == lot && cell->parts[i].owner == owner) {
            cell->parts[i].qty += qty;
            return BG_DONE;
        }
    }
    if (cell->count == cell->room) {
        size_t room = cell->room == 0 ? 4 : 2 * cell->room;
        struct demo_part *parts = bg_heap_resize(cell->parts, room * sizeof *parts);
        BG_TRY(bg_need(parts));
        cell->parts = parts;
        cell->room = room;
    }
    size_t at = cell->count++;
    for (; at > 0 && expiry_of(demo, cell->parts[at - 1].lot) > expiry_of(demo, lot); at--) {
        cell->parts[at] = cell->parts[at - 1];
    }
    cell->parts[at] = (struct demo_part){ lot, owner, qty };
    return BG_DONE;
}

/* The nation's goods are kept here and not used. */
static bool disposable(const struct demo *demo, const struct demo_part *part)
{
    return demo->owners[part->owner].kind != LEDGER_OWNER_NATION;
}

int64_t demo_have(const struct demo *demo, size_t place, size_t item)
{
    const struct cell *cell = cell_of(demo, place, item);
    int64_t qty = 0;
    for (size_t i = 0; i < cell->count; i++) {
        qty += disposable(demo, &cell->parts[i]) ? cell->parts[i].qty : 0;
    }
    return qty;
}

const struct demo_part *demo_parts(const struct demo *demo, size_t place, size_t item, size_t *ret_count)
{
    const struct cell *cell = cell_of(demo, place, item);
    *ret_count = cell->count;
    return cell->parts;
}

void demo_correct(struct demo *demo, size_t place, size_t item, size_t part, int64_t delta)
{
    struct cell *cell = cell_of(demo, place, item);
    assert(part < cell->count && cell->parts[part].qty + delta >= 0);
    cell->parts[part].qty += delta;
}

struct ledger_key demo_key(const struct demo *demo, size_t place, size_t item, size_t lot, size_t owner, int status)
{
    bool binned = place == demo->airport && !ledger_status_outside(status) && status != LEDGER_TRANSIT;
    return (struct ledger_key){
        .place = demo->places[place].id,
        .bin = binned ? demo->items[item].bin : 0,
        .owner = demo->owners[owner].id,
        .item = demo->items[item].id,
        .lot = lot == DEMO_NO_LOT ? 0 : -(int64_t)lot - 1,
        .status = status,
    };
}

/* Drops empty parts in front and behind. */
static void close_up(struct cell *cell)
{
    size_t kept = 0;
    for (size_t i = 0; i < cell->count; i++) {
        if (cell->parts[i].qty > 0) {
            cell->parts[kept++] = cell->parts[i];
        }
    }
    cell->count = kept;
}

bg_err demo_take(struct demo *demo, struct demo_doc *doc, size_t place, size_t item, int64_t qty, struct ledger_line line,
                 demo_taken taken, void *ctx, int64_t *ret_taken)
{
    struct cell *cell = cell_of(demo, place, item);
    int64_t left = qty;
    for (size_t i = 0; i < cell->count && left > 0; i++) {
        struct demo_part *part = &cell->parts[i];
        if (!disposable(demo, part) || part->qty == 0) {
            continue;
        }
        int64_t take = part->qty < left ? part->qty : left;
        struct ledger_line one = line;
        one.from = demo_key(demo, place, item, part->lot, part->owner, LEDGER_USABLE);
        one.to.owner = line.to.owner != 0 ? line.to.owner : one.from.owner;
        one.paid = one.to.owner != one.from.owner ? line.paid : LEDGER_PAID_NONE;
        one.qty = take;
        BG_TRY(demo_doc_line(demo, doc, &one));
        if (taken != NULL) {
            BG_TRY(taken(ctx, item, part->lot, part->owner, take));
        }
        part->qty -= take;
        left -= take;
    }
    close_up(cell);
    *ret_taken = qty - left;
    return BG_DONE;
}

void demo_expire(struct demo *demo, bg_date day)
{
    for (size_t c = 0; c < demo->stock->cell_count; c++) {
        struct cell *cell = &demo->stock->cells[c];
        bool gone = false;
        for (size_t i = 0; i < cell->count; i++) {
            size_t lot = cell->parts[i].lot;
            if (lot != DEMO_NO_LOT && (expiry_of(demo, lot) < day || demo->lots[lot].blocked)) {
                cell->parts[i].qty = 0;
                gone = true;
            }
        }
        if (gone) {
            close_up(cell);
        }
    }
}

/* --- lots --- */

static bg_err lot_new(struct demo *demo, size_t item, size_t maker, bg_date made, size_t *ret)
{
    if (demo->lot_count == demo->lot_room) {
        size_t room = demo->lot_room == 0 ? 1024 : 2 * demo->lot_room;
        struct demo_lot *lots = bg_heap_resize(demo->lots, room * sizeof *lots);
        BG_TRY(bg_need(lots));
        demo->lots = lots;
        demo->lot_room = room;
    }
    struct demo_lot *lot = &demo->lots[demo->lot_count];
    int64_t shelf = demo->items[item].shelf_days;
    int year, month, day;
    bg_date_parts(demo_shifted(demo, made), &year, &month, &day);
    *lot = (struct demo_lot){
        .item = item, .maker = maker, .made = made, .expiry = shelf > 0 ? made + (bg_date)shelf : BG_DATE_NONE
    };
    const char *who = maker == SIZE_MAX ? "EXT" : demo->makers[maker].code.at;
    (void)snprintf(lot->batch, sizeof lot->batch, "%02d%02d%02d-%.4s", year % 100, month, day, who);
    *ret = demo->lot_count++;
    return BG_DONE;
}

bg_err demo_lot_make(struct demo *demo, size_t item, size_t maker, bg_date made, size_t *ret)
{
    if (!demo->items[item].lotted) {
        *ret = DEMO_NO_LOT;
        return BG_DONE;
    }
    for (size_t i = demo->lot_count; i > 0 && i + LOOK_BACK > demo->lot_count; i--) { /* one lot a maker, item and day */
        const struct demo_lot *lot = &demo->lots[i - 1];
        if (lot->item == item && lot->maker == maker && lot->made == made) {
            *ret = i - 1;
            return BG_DONE;
        }
    }
    return lot_new(demo, item, maker, made, ret);
}

bg_err demo_lot_sold(struct demo *demo, size_t item, bg_date day, uint64_t choice, size_t *ret)
{
    struct demo_stock *stock = demo->stock;
    size_t makers = stock->maker_counts[item];
    int64_t week = (day + 3) / 7; /* Mondays begin a week: 1970-01-01 was a Thursday */
    if (!demo->items[item].lotted) {
        *ret = DEMO_NO_LOT;
        return BG_DONE;
    }
    /* One part in five comes from outside the city. */
    size_t slot = makers == 0 || choice % 5 == 0 ? makers : (size_t)demo_below(choice, (int64_t)makers);
    struct sold *sold = &stock->sold[item * (demo->maker_count + 1) + slot];
    if (sold->week != week) {
        size_t maker = slot == makers ? SIZE_MAX : stock->makers[item * demo->maker_count + slot];
        bg_date made = (bg_date)(week * 7 - 3 - 7 - demo_below(demo_hash(demo->opts.seed, item, slot, (uint64_t)week), 7));
        size_t lot;
        BG_TRY(demo_lot_make(demo, item, maker, made, &lot));
        *sold = (struct sold){ week, lot };
    }
    *ret = sold->lot;
    return BG_DONE;
}

struct lots_in {
    struct demo *demo;
    int64_t *ids; /* one place a lot that is new */
};

static bg_err lots_decide(struct change_tx *tx, struct change *change)
{
    const struct lots_in *in = change->in;
    struct demo *demo = in->demo;
    for (size_t i = demo->lots_loaded; i < demo->lot_count; i++) {
        const struct demo_lot *lot = &demo->lots[i];
        char certificate[40];
        (void)snprintf(certificate, sizeof certificate, "JY-%s-%s", lot->batch, demo->items[lot->item].code.at);
        const struct ledger_lot row = {
            .item = demo->items[lot->item].id,
            .batch = bg_str_of(lot->batch),
            .made = demo_shifted(demo, lot->made),
            .maker = lot->maker == SIZE_MAX ? BG_STR("外地采购") : demo->makers[lot->maker].name_zh,
            .expiry = demo_shifted(demo, lot->expiry),
            .state = LEDGER_LOT_OPEN,
            .certificate = bg_str_of(certificate),
        };
        BG_TRY(ledger_lot_put_in(tx, change, &row, &in->ids[i - demo->lots_loaded]));
    }
    change->status = 201;
    bg_json_object(&change->reply);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

bg_err demo_lots_load(struct demo *demo)
{
    static const struct change_kind kind = { .name = "demo.lots", .decide = lots_decide };
    size_t count = demo->lot_count - demo->lots_loaded;
    if (count == 0) {
        return BG_DONE;
    }
    int64_t *ids = bg_heap_get(count * sizeof *ids);
    BG_TRY(bg_need(ids));
    bg_err err = demo_change(demo, &kind, &(struct lots_in){ demo, ids }, 0, BG_STR(""), BG_STR(""), NULL);
    for (size_t i = 0; i < count && !bg_failed(err); i++) {
        demo->lots[demo->lots_loaded + i].id = ids[i];
    }
    demo->lots_loaded += bg_failed(err) ? 0 : count;
    bg_heap_free(ids);
    return err;
}
