/* First expiry, first out (FEFO): proposals for many lines at once. Reads only; reserving what was proposed is another step. */
#include <stdlib.h>

#include "ledger/catalogue.h"
#include "ledger/table.h"

struct candidate {
    int64_t key[1];          /* account */
    int64_t lot, owner, bin, free, item;
    bg_str batch;
    bg_date expiry;
    int state;
    size_t preference;       /* of the owner: its place in the caller's list */
};

struct picking {
    const struct ledger_pick *pick;
    struct bg_arena *arena;
    struct table candidates; /* all accounts seen */
    struct ledger_pick_line *lines;
    size_t count, room;
};

static bool preference_of(const struct ledger_pick *pick, int64_t owner, size_t *ret)
{
    *ret = 0;
    if (pick->owners == NULL) {
        return true;
    }
    for (size_t i = 0; i < pick->owner_count; i++) {
        if (pick->owners[i] == owner) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* Usable on the day it arrives and for `life_min_days` after it: the last day of use may not come before arrival + life_min_days. */
static bool lives(const struct ledger_pick *pick, const struct candidate *c)
{
    return c->state == LEDGER_LOT_OPEN &&
           (c->expiry == BG_DATE_NONE || (int64_t)c->expiry >= (int64_t)pick->arrives + pick->life_min_days);
}

static int first_expiry(const void *a, const void *b)
{
    const struct candidate *x = *(const struct candidate *const *)a, *y = *(const struct candidate *const *)b;
    bg_date ex = x->expiry == BG_DATE_NONE ? INT32_MAX : x->expiry, ey = y->expiry == BG_DATE_NONE ? INT32_MAX : y->expiry;
    if (ex != ey) {
        return ex < ey ? -1 : 1;
    }
    if (x->preference != y->preference) {
        return x->preference < y->preference ? -1 : 1;
    }
    if (x->free != y->free) {
        return x->free < y->free ? -1 : 1;
    }
    return x->key[0] < y->key[0] ? -1 : x->key[0] > y->key[0];
}

static bg_err load(struct store_tx *tx, struct picking *p)
{
    const struct ledger_pick *pick = p->pick;
    struct store_val *keys = bg_arena_array(p->arena, pick->count * 3, sizeof *keys);
    BG_TRY(bg_need(keys));
    for (size_t i = 0; i < pick->count; i++) {
        keys[i * 3] = V_INT(pick->city);
        keys[i * 3 + 1] = V_INT(pick->place);
        keys[i * 3 + 2] = V_INT(pick->wants[i].item);
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_many(tx, SQL_PICK_ACCOUNTS, keys, 3, pick->count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const int64_t account = store_int(rows, 0);
        struct candidate *c;
        bool fresh;
        BG_TRY(table_need(&p->candidates, &account, sizeof *c, &c, &fresh));
        if (fresh) {
            *c = (struct candidate){ .key = { account }, .lot = store_int(rows, 1), .owner = store_int(rows, 2), .bin = store_int(rows, 3),
                                     .free = store_int(rows, 4), .item = pick->wants[store_key(rows)].item,
                                     .batch = arena_text(p->arena, rows, 5), .expiry = date_at(rows, 6), .state = (int)store_int(rows, 7) };
            BG_TRY(bg_need(c->batch.at));
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err add_line(struct picking *p, size_t want, const struct candidate *c, int64_t qty)
{
    if (p->count == p->room) {
        size_t room = p->room == 0 ? 64 : p->room * 2;
        struct ledger_pick_line *more = bg_arena_array(p->arena, room, sizeof *more);
        BG_TRY(bg_need(more));
        for (size_t i = 0; i < p->count; i++) {
            more[i] = p->lines[i];
        }
        p->lines = more;
        p->room = room;
    }
    p->lines[p->count++] = (struct ledger_pick_line){
        .want = (int64_t)want, .account = c->key[0], .qty = qty, .batch = c->batch, .expiry = c->expiry,
        .key = { .place = p->pick->place, .bin = c->bin, .owner = c->owner, .item = c->item, .lot = c->lot, .status = LEDGER_USABLE },
    };
    return BG_DONE;
}

static bg_err serve(struct picking *p, struct candidate **order, size_t count, int64_t *shorts)
{
    for (size_t i = 0; i < p->pick->count; i++) {
        int64_t left = p->pick->wants[i].qty;
        for (size_t c = 0; c < count && left > 0; c++) {
            if (order[c]->item != p->pick->wants[i].item || order[c]->free == 0) {
                continue;
            }
            int64_t take = order[c]->free < left ? order[c]->free : left;
            order[c]->free -= take;
            left -= take;
            BG_TRY(add_line(p, i, order[c], take));
        }
        shorts[i] = left;
    }
    return BG_DONE;
}

bg_err ledger_pick_list(struct store_tx *tx, const struct ledger_pick *pick, struct bg_arena *arena, struct ledger_pick_line **ret,
                        size_t *ret_count, int64_t **ret_short)
{
    struct picking p = { .pick = pick, .arena = arena, .candidates = table_init(arena, 1) };
    if (pick->count == 0 || pick->count > LEDGER_LINES_MAX) {
        return BG_FAIL_AT(BG_LINE_INVALID, "wants");
    }
    for (size_t i = 0; i < pick->count; i++) {
        if (pick->wants[i].qty < 1 || pick->wants[i].qty > BG_QTY_MAX) {
            return BG_FAIL_AT(BG_QTY_RANGE, "qty");
        }
    }
    BG_TRY(load(tx, &p));
    struct candidate **order = bg_arena_array(arena, p.candidates.count, sizeof *order);
    int64_t *shorts = bg_arena_array(arena, pick->count, sizeof *shorts);
    size_t count = 0;
    if (order == NULL || shorts == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < p.candidates.count; i++) {
        struct candidate *c = p.candidates.all[i];
        if (lives(pick, c) && preference_of(pick, c->owner, &c->preference)) {
            order[count++] = c;
        }
    }
    if (count > 1) {
        qsort(order, count, sizeof(struct candidate *), first_expiry);
    }
    BG_TRY(serve(&p, order, count, shorts));
    *ret = p.lines;
    *ret_count = p.count;
    *ret_short = shorts;
    return BG_DONE;
}
