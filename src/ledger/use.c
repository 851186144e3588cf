/* Reports of use: somebody knows how much of an item was used, or how much remains, but not of which lot. The lots are found here, first
 * expiry first, on the image as it stands when the report's turn comes. */
#include <stdlib.h>
#include <string.h>

#include "ledger/image.h"

/* An account that may give, with where its use and its shortage are booked. */
struct giver {
    struct image_account *account, *used, *gap;
    bg_date expiry;
    int64_t taken;
};
struct use_line {
    struct giver *givers;
    size_t count;
    struct image_account *lost_used, *lost_gap; /* for what no account has; NULL when an owner is missing */
};

static const struct image_lot *lot_of(const struct image *image, int64_t city, int64_t lot)
{
    return lot == 0 ? NULL : table_find(&image->lots, (const int64_t[]){ city, lot });
}

static bool may_give(const struct image_ask *ask, const struct ledger_use_line *line, const struct image_account *account)
{
    return account->key[ACCOUNT_CITY] == ask->city && account->key[ACCOUNT_PLACE] == ask->use->place &&
           account->key[ACCOUNT_ITEM] == line->item && account->key[ACCOUNT_STATUS] == LEDGER_USABLE &&
           (line->lot == 0 || account->key[ACCOUNT_LOT] == line->lot) && (line->owner == 0 || account->key[ACCOUNT_OWNER] == line->owner);
}

/* --- loading --- */

static bg_err want_item(struct image *image, const struct image_ask *ask, const struct ledger_use_line *line)
{
    const struct store_val key[] = { V_INT(ask->city), V_INT(ask->use->place), V_INT(line->item) };
    const struct ledger_key named = { .place = ask->use->place, .item = line->item, .lot = line->lot, .owner = line->owner };
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(image_want_key(image, ask->city, &named));
    BG_TRY(store_query_many(change_store(image->tx), SQL_USE_ACCOUNTS, key, 3, 1, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct image_account *account;
        const struct ledger_key at = { .place = ask->use->place, .item = line->item, .lot = store_int(rows, 0), .owner = store_int(rows, 1),
                                       .bin = store_int(rows, 2), .status = LEDGER_USABLE };
        BG_TRY(image_want_key(image, ask->city, &at));
        BG_TRY(image_account(image, ask->city, &at, &account));
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

bg_err use_candidates(struct image *image, struct image_ask *ask)
{
    const struct ledger_use *use = ask->use;
    if (use == NULL) {
        return BG_DONE;
    }
    struct ledger_post *post = bg_arena_get(image->arena, sizeof *post);
    BG_TRY(bg_need(post));
    *post = (struct ledger_post){ .kind = LEDGER_KIND_USE, .fact = true, .reason = LEDGER_REASON_USE, .reference = use->reference,
                                  .note = use->note, .place = use->place };
    ask->post = post;
    for (size_t i = 0; i < use->count && i < LEDGER_LINES_MAX; i++) {
        BG_TRY(want_item(image, ask, &use->lines[i]));
    }
    return BG_DONE;
}

/* --- resolving --- */

static int first_expiry(const void *a, const void *b)
{
    const struct giver *x = a, *y = b;
    bg_date ex = x->expiry == BG_DATE_NONE ? INT32_MAX : x->expiry, ey = y->expiry == BG_DATE_NONE ? INT32_MAX : y->expiry;
    if (ex != ey) {
        return ex < ey ? -1 : 1;
    }
    return memcmp(x->account->key, y->account->key, sizeof x->account->key);
}

static bg_err outside_account(struct image *image, const struct image_ask *ask, const struct ledger_key *like, int status,
                              struct image_account **ret)
{
    struct ledger_key key = *like;
    key.bin = 0;
    key.status = status;
    return resolve_account(image, ask, &key, ret);
}

/* What nobody has is used all the same: by the owner named, or the place's, of the lot named, or of none. */
static bg_err resolve_lost(struct image *image, const struct image_ask *ask, const struct ledger_use_line *in, struct use_line *line)
{
    const struct image_place *place = table_find(&image->places, (const int64_t[]){ ask->city, ask->use->place });
    const struct ledger_key key = { .place = ask->use->place, .item = in->item, .lot = in->lot,
                                    .owner = in->owner != 0 ? in->owner : place->owner };
    if (key.owner == 0) {
        return BG_DONE;
    }
    BG_TRY(outside_account(image, ask, &key, LEDGER_USED, &line->lost_used));
    return outside_account(image, ask, &key, LEDGER_DISCREPANCY, &line->lost_gap);
}

static bg_err resolve_givers(struct image *image, const struct image_ask *ask, const struct ledger_use_line *in, struct use_line *line)
{
    size_t known = image->accounts.count; /* grows below */
    line->givers = bg_arena_array(image->arena, known, sizeof *line->givers);
    BG_TRY(bg_need(line->givers));
    for (size_t i = 0; i < known; i++) {
        struct image_account *account = image->accounts.all[i];
        if (!may_give(ask, in, account)) {
            continue;
        }
        const struct ledger_key key = image_key(account);
        const struct image_lot *lot = lot_of(image, ask->city, key.lot);
        struct giver *giver = &line->givers[line->count++];
        giver->expiry = lot != NULL && lot->found ? lot->expiry : BG_DATE_NONE;
        BG_TRY(resolve_account(image, ask, &key, &giver->account));
        BG_TRY(outside_account(image, ask, &key, LEDGER_USED, &giver->used));
        BG_TRY(outside_account(image, ask, &key, LEDGER_DISCREPANCY, &giver->gap));
    }
    if (line->count > 1) {
        qsort(line->givers, line->count, sizeof *line->givers, first_expiry);
    }
    return resolve_lost(image, ask, in, line);
}

static bg_err check_use(const struct image *image, const struct image_ask *ask, size_t i)
{
    const struct ledger_use *use = ask->use;
    const struct ledger_use_line *line = &use->lines[i];
    const struct image_item *item = table_find(&image->items, (const int64_t[]){ ask->city, line->item });
    const struct image_lot *lot = lot_of(image, ask->city, line->lot);
    const struct image_owner *owner = line->owner == 0 ? NULL : table_find(&image->owners, (const int64_t[]){ ask->city, line->owner });
    if (item == NULL || !item->found) {
        return resolve_refuse(ask, i, BG_REFERENCE_UNKNOWN, "item", "no such item");
    }
    if (line->lot != 0 && (lot == NULL || !lot->found || lot->item != line->item)) {
        return resolve_refuse(ask, i, BG_REFERENCE_UNKNOWN, "lot", "no such lot of this item");
    }
    if (line->owner != 0 && (owner == NULL || !owner->found)) {
        return resolve_refuse(ask, i, BG_REFERENCE_UNKNOWN, "owner", "no such owner");
    }
    if (line->qty < (use->snapshot ? 0 : 1) || line->qty > BG_QTY_MAX) {
        return resolve_refuse(ask, i, BG_QTY_RANGE, "qty", "used: at least 1; remaining: at least 0");
    }
    for (size_t j = 0; use->snapshot && j < i; j++) { /* what remains of the same thing can be said once only */
        if (use->lines[j].item == line->item && (use->lines[j].lot == line->lot || use->lines[j].lot == 0 || line->lot == 0)) {
            return resolve_refuse(ask, i, BG_LINE_INVALID, "item", "an item and lot once");
        }
    }
    return BG_DONE;
}

bg_err use_resolve(struct image *image, struct image_ask *ask)
{
    const struct ledger_use *use = ask->use;
    const struct image_place *place = use->place == 0 ? NULL : table_find(&image->places, (const int64_t[]){ ask->city, use->place });
    if (use->count == 0 || use->count > LEDGER_LINES_MAX) {
        return BG_FAIL_AT(BG_LINE_INVALID, "lines");
    }
    if (place == NULL || !place->found) {
        return resolve_refuse(ask, 0, BG_REFERENCE_UNKNOWN, "place", "no such place");
    }
    if ((place->flags & LEDGER_CAN_USE) == 0) {
        return resolve_refuse(ask, 0, BG_LINE_INVALID, "place", "the place is not set up for this");
    }
    BG_TRY(resolve_time(image, ask, ask->at, true));
    if (use->snapshot && ask->late) {
        return resolve_refuse(ask, 0, BG_LINE_INVALID, "occurred_at", "a report of what remains is made on its day");
    }
    ask->used = bg_arena_array(image->arena, use->count, sizeof *ask->used);
    BG_TRY(bg_need(ask->used));
    for (size_t i = 0; i < use->count; i++) {
        BG_TRY(check_use(image, ask, i));
        BG_TRY(resolve_givers(image, ask, &use->lines[i], &ask->used[i]));
    }
    return BG_DONE;
}

/* --- lines, when its turn has come --- */

static bg_err add_line(struct image *image, struct image_ask *ask, struct image_account *from, struct image_account *to, int64_t qty,
                       bg_str note, int remark)
{
    struct image_line *line = &ask->lines[ask->count++];
    (void)image;
    *line = (struct image_line){ .from_key = image_key(from), .to_key = image_key(to), .from = from, .to = to, .qty = qty,
                                 .reason = LEDGER_REASON_USE, .note = note, .remark = remark };
    return BG_DONE;
}

/* What an account can give now, and could on every day since the report's own. */
static int64_t can_give(const struct image_ask *ask, const struct giver *giver)
{
    int64_t free = giver->account->qty - giver->account->held - giver->taken;
    for (bg_date day = ask->day; ask->late && day < ask->city_row->today; day++) {
        int64_t closing = giver->account->closings[day - giver->account->days_from] - giver->taken;
        free = closing < free ? closing : free;
    }
    return free > 0 ? free : 0;
}

static int64_t on_hand(const struct use_line *line)
{
    int64_t sum = 0;
    for (size_t i = 0; i < line->count; i++) {
        sum += line->givers[i].account->qty - line->givers[i].taken;
    }
    return sum;
}

/* Givers of two lines may be the same account: what one line took is not there for the next. */
static void note_taken(struct image_ask *ask, const struct image_account *account, int64_t qty)
{
    for (size_t i = 0; i < ask->use->count; i++) {
        for (size_t g = 0; g < ask->used[i].count; g++) {
            ask->used[i].givers[g].taken += ask->used[i].givers[g].account == account ? qty : 0;
        }
    }
}

static bg_err lines_of_use(struct image *image, struct image_ask *ask, size_t i, int64_t qty, bg_str note)
{
    const struct use_line *line = &ask->used[i];
    for (size_t g = 0; g < line->count && qty > 0; g++) {
        const struct giver *giver = &line->givers[g];
        int64_t free = can_give(ask, giver), take = free < qty ? free : qty;
        bool expired = giver->expiry != BG_DATE_NONE && giver->expiry < ask->day;
        if (take > 0) {
            BG_TRY(add_line(image, ask, giver->account, giver->used, take, note, expired ? LEDGER_REVIEW_EXPIRED : 0));
            note_taken(ask, giver->account, take);
            qty -= take;
        }
    }
    if (qty == 0) {
        return BG_DONE;
    }
    const struct giver *last = line->count > 0 ? &line->givers[line->count - 1] : NULL;
    struct image_account *gap = last != NULL ? last->gap : line->lost_gap, *used = last != NULL ? last->used : line->lost_used;
    if (gap == NULL) {
        return resolve_refuse(ask, i, BG_REFERENCE_UNKNOWN, "owner", "nothing of the item is there, and the place names no owner");
    }
    return add_line(image, ask, gap, used, qty, note, LEDGER_REVIEW_SHORT);
}

/* More remains than the ledger has. */
static bg_err lines_of_found(struct image *image, struct image_ask *ask, size_t i, int64_t qty, bg_str note)
{
    const struct use_line *line = &ask->used[i];
    const struct giver *last = line->count > 0 ? &line->givers[line->count - 1] : NULL;
    if (last == NULL) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "qty", "the ledger has none of it there: receive it with its lot instead");
    }
    return add_line(image, ask, last->gap, last->account, qty, note, LEDGER_REVIEW_EXTRA);
}

bg_err use_lines(struct image *image, struct image_ask *ask)
{
    const struct ledger_use *use = ask->use;
    size_t room = 0;
    for (size_t i = 0; i < use->count; i++) {
        room += ask->used[i].count + 1;
        for (size_t g = 0; g < ask->used[i].count; g++) {
            ask->used[i].givers[g].taken = 0;
        }
    }
    ask->lines = bg_arena_array(image->arena, room, sizeof *ask->lines);
    BG_TRY(bg_need(ask->lines));
    ask->count = 0;
    for (size_t i = 0; i < use->count; i++) {
        const char *words = bg_arena_text(image->arena, "%s %lld", use->snapshot ? "remaining" : "used", (long long)use->lines[i].qty);
        BG_TRY(bg_need(words));
        int64_t used = use->snapshot ? on_hand(&ask->used[i]) - use->lines[i].qty : use->lines[i].qty;
        if (used > 0) {
            BG_TRY(lines_of_use(image, ask, i, used, bg_str_of(words)));
        } else if (used < 0) {
            BG_TRY(lines_of_found(image, ask, i, -used, bg_str_of(words)));
        }
    }
    return BG_DONE;
}
