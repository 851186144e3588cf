/* Reading single accounts (with their past), holds, shipments and reviews. */
#include <string.h>

#include "ledger/catalogue.h"

static struct ledger_key key_at(const struct store_rows *rows, int column)
{
    return (struct ledger_key){ .place = store_int(rows, column), .bin = store_int(rows, column + 1), .owner = store_int(rows, column + 2),
                                .item = store_int(rows, column + 3), .lot = store_int(rows, column + 4),
                                .status = (int)store_int(rows, column + 5) };
}

static bg_ms time_at(const struct store_rows *rows, int column)
{
    return store_is_null(rows, column) ? BG_TIME_NONE : store_int(rows, column);
}

/* --- accounts --- */

static bg_err balance_then(struct store_tx *tx, const struct ledger_accounts *which, struct ledger_account *account)
{
    bg_ms at = which->at == BG_TIME_NONE ? which->known_at : which->at;
    int64_t gained;
    if (which->known_at != BG_TIME_NONE) {
        return store_get_int(tx, SQL_ACCOUNT_KNOWN, ARGS(V_INT(which->city), V_INT(account->id), V_INT(at), V_INT(which->known_at)),
                             &account->qty, NULL);
    }
    BG_TRY(store_get_int(tx, SQL_ACCOUNT_AFTER, ARGS(V_INT(which->city), V_INT(account->id), V_INT(at)), &gained, NULL));
    account->qty -= gained;
    return BG_DONE;
}

/* Accounts after a key, a stretch at a time: *ret_step rows mean that there may be more behind the last. */
static bg_err open_accounts(struct store_tx *tx, const struct ledger_accounts *w, const struct ledger_key *after, struct store_rows **ret,
                            size_t *ret_step)
{
    const struct ledger_key none = { 0 }, *a = after != NULL ? after : &none;
    const struct store_val city = V_INT(w->city), place = V_INT(w->place), item = V_INT(a->item), status = V_INT(a->status),
                           lot = V_INT(a->lot), owner = V_INT(a->owner), bin = V_INT(a->bin), behind = V_INT(a->place);
    *ret_step = SIZE_MAX; /* of a cell or a lot the accounts are few: all in one go */
    if (w->place != 0 && w->item != 0 && w->lot != 0 && w->status != 0) {
        bool later = a->place != 0; /* a page of one balance: owners and bins alone decide where it goes on */
        return store_query(tx, SQL_ACCOUNT_LIST_ONE,
                           ARGS(city, place, V_INT(w->item), V_INT(w->status), V_INT(w->lot), later ? owner : V_INT(-1),
                                later ? bin : V_INT(-1)), ret);
    }
    /* Of a cell the lots are few; of a lot the places may be many. */
    if (w->lot != 0 && (w->place == 0 || w->item == 0)) {
        return store_query(tx, SQL_ACCOUNT_LIST_LOT, ARGS(city, V_INT(w->lot), behind, item, status, lot, owner, bin), ret);
    }
    if (w->place != 0 && w->item != 0) {
        return store_query(tx, SQL_ACCOUNT_LIST_CELL, ARGS(city, place, V_INT(w->item), status, lot, owner, bin), ret);
    }
    /* Of the past every account may count, also one that is empty now. */
    bool past = w->at != BG_TIME_NONE || w->known_at != BG_TIME_NONE;
    *ret_step = w->max;
    const struct store_val which = V_INT(w->status), outside = V_INT(w->outside), empty = V_INT(past), most = V_INT((int64_t)w->max);
    if (w->place != 0) {
        return store_query(tx, SQL_ACCOUNT_LIST_PLACE, ARGS(city, place, item, status, lot, owner, bin, which, outside, empty, most), ret);
    }
    return store_query(tx, SQL_ACCOUNT_LIST_CITY,
                       ARGS(city, behind, item, status, lot, owner, bin, V_INT(w->item), which, outside, empty, most), ret);
}

static bool account_fits(const struct ledger_accounts *w, const struct ledger_key *key)
{
    return (w->place == 0 || key->place == w->place) && (w->item == 0 || key->item == w->item) &&
           (w->lot == 0 || key->lot == w->lot) && (w->status == 0 || key->status == w->status) &&
           (w->outside || !ledger_status_outside(key->status));
}

/* One row into the list, if it belongs there. */
static bg_err take_account(struct store_tx *tx, const struct ledger_accounts *which, struct store_rows *rows, struct bg_arena *arena,
                           struct ledger_account *account, bool *ret_kept)
{
    bool past = which->at != BG_TIME_NONE || which->known_at != BG_TIME_NONE;
    *account = (struct ledger_account){ .id = store_int(rows, 0), .key = key_at(rows, 1), .qty = store_int(rows, 7),
                                        .held = store_int(rows, 8), .version = store_int(rows, 9), .expiry = date_at(rows, 11) };
    *ret_kept = account_fits(which, &account->key);
    if (*ret_kept && past) {
        account->held = 0;
        BG_TRY(balance_then(tx, which, account));
    }
    *ret_kept = *ret_kept && (account->qty != 0 || account->held != 0);
    if (*ret_kept) {
        account->batch = arena_text(arena, rows, 10); /* only of what is kept: the rows passed over may be millions */
        BG_TRY(bg_need(account->batch.at));
    }
    return BG_DONE;
}

bg_err ledger_account_list(struct store_tx *tx, const struct ledger_accounts *which, struct bg_arena *arena, struct ledger_account **ret,
                           size_t *ret_count)
{
    struct ledger_account *accounts = bg_arena_array(arena, which->max, sizeof *accounts);
    size_t count = 0, step, got;
    struct ledger_key last;
    const struct ledger_key *after = which->after;
    BG_TRY(bg_need(accounts));
    do {
        STORE_SCOPED_ROWS rows = NULL;
        bool more, kept;
        got = 0;
        BG_TRY(open_accounts(tx, which, after, &rows, &step));
        BG_TRY(store_next(rows, &more));
        while (more && count < which->max) {
            got++;
            BG_TRY(take_account(tx, which, rows, arena, &accounts[count], &kept));
            last = accounts[count].key;
            count += kept;
            BG_TRY(store_next(rows, &more));
        }
        after = &last;
    } while (got == step && count < which->max);
    *ret = accounts;
    *ret_count = count;
    return BG_DONE;
}

/* --- holds --- */

static bg_err read_hold(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_hold *hold = entry;
    *hold = (struct ledger_hold){
        .id = store_int(rows, 0), .account = store_int(rows, 1), .qty = store_int(rows, 2), .posted = store_int(rows, 3),
        .state = (int)store_int(rows, 4), .purpose = arena_text(arena, rows, 5), .purpose_id = store_int(rows, 6),
        .target = store_int(rows, 7), .due_at = store_int(rows, 8) == INT64_MAX ? BG_TIME_NONE : store_int(rows, 8),
        .made_at = store_int(rows, 9), .made_by = store_int(rows, 10), .closed_at = time_at(rows, 11), .key = key_at(rows, 12),
    };
    return bg_need(hold->purpose.at);
}

bg_err ledger_hold_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_hold *ret)
{
    struct ledger_hold *holds;
    size_t count;
    BG_TRY(read_rows(tx, SQL_HOLD_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *holds, read_hold, &holds, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "hold");
    }
    *ret = holds[0];
    return BG_DONE;
}

static bg_err read_id(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    *(int64_t *)entry = store_int(rows, 0);
    return BG_DONE;
}

bg_err ledger_hold_due(struct store_tx *tx, int64_t city, bg_ms now, size_t max, struct bg_arena *arena, int64_t **ret,
                       size_t *ret_count)
{
    return read_rows(tx, SQL_HOLD_DUE, ARGS(V_INT(city), V_INT(now), V_INT((int64_t)max)), arena, sizeof **ret, read_id, ret, ret_count);
}

bg_err ledger_hold_list(struct store_tx *tx, const struct ledger_holds *which, struct bg_arena *arena, struct ledger_hold **ret,
                        size_t *ret_count)
{
    const struct store_val city = V_INT(which->city), after = V_INT(which->after), max = V_INT((int64_t)which->max);
    if (which->purpose_id != 0) {
        return read_rows(tx, SQL_HOLD_PURPOSE, ARGS(city, V_INT(which->purpose_id), after, max), arena, sizeof **ret, read_hold, ret,
                         ret_count);
    }
    return read_rows(tx, SQL_HOLD_LIST, ARGS(city, after, V_INT(which->place), V_INT(which->item), max), arena, sizeof **ret, read_hold,
                     ret, ret_count);
}

void ledger_hold_json(const struct ledger_hold *hold, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", hold->id);
    bg_json_key(out, "account");
    ledger_key_json(&hold->key, out);
    bg_json_put_int(out, "qty", hold->qty);
    bg_json_put_int(out, "posted", hold->posted);
    bg_json_put_str(out, "state", bg_str_of(ledger_slug(ledger_hold_states, hold->state)));
    bg_json_put_str(out, "purpose", hold->purpose);
    put_id_or_null(out, "purpose_id", hold->purpose_id);
    put_id_or_null(out, "target", hold->target);
    put_time_at(out, "due_at", hold->due_at);
    put_time_at(out, "made_at", hold->made_at);
    put_id_or_null(out, "made_by", hold->made_by);
    put_time_at(out, "closed_at", hold->closed_at);
    bg_json_object_end(out);
}

/* --- shipments --- */

static bg_err read_shipment(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    struct ledger_shipment *shipment = entry;
    *shipment = (struct ledger_shipment){ .id = store_int(rows, 0), .origin = store_int(rows, 1), .target = store_int(rows, 2),
                                          .state = (int)store_int(rows, 3), .sent_at = store_int(rows, 4), .closed_at = time_at(rows, 5) };
    return BG_DONE;
}

static bg_err read_shipment_line(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    struct ledger_shipment_line *line = entry;
    *line = (struct ledger_shipment_line){ store_int(rows, 0), store_int(rows, 1), store_int(rows, 2), store_int(rows, 3),
                                           store_int(rows, 4), store_int(rows, 5), store_int(rows, 6) };
    return BG_DONE;
}

static bg_err read_lines(struct store_tx *tx, int64_t city, struct bg_arena *arena, struct ledger_shipment *shipments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BG_TRY(read_rows(tx, SQL_SHIPMENT_LINES, ARGS(V_INT(city), V_INT(shipments[i].id)), arena, sizeof *shipments[i].lines,
                         read_shipment_line, &shipments[i].lines, &shipments[i].count));
    }
    return BG_DONE;
}

bg_err ledger_shipment_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_shipment *ret)
{
    struct ledger_shipment *shipments;
    size_t count;
    BG_TRY(read_rows(tx, SQL_SHIPMENT_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *shipments, read_shipment, &shipments, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "shipment");
    }
    BG_TRY(read_lines(tx, city, arena, shipments, 1));
    *ret = shipments[0];
    return BG_DONE;
}

bg_err ledger_shipment_list(struct store_tx *tx, int64_t city, int64_t origin, int64_t target, int64_t after, size_t max,
                            struct bg_arena *arena, struct ledger_shipment **ret, size_t *ret_count)
{
    BG_TRY(read_rows(tx, SQL_SHIPMENT_OPEN, ARGS(V_INT(city), V_INT(after), V_INT(origin), V_INT(target), V_INT((int64_t)max)), arena,
                     sizeof **ret, read_shipment, ret, ret_count));
    return read_lines(tx, city, arena, *ret, *ret_count);
}

void ledger_shipment_json(const struct ledger_shipment *shipment, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", shipment->id);
    bg_json_put_id(out, "origin", shipment->origin);
    bg_json_put_id(out, "target", shipment->target);
    bg_json_put_str(out, "state", bg_str_of(ledger_slug(ledger_shipment_states, shipment->state)));
    put_time_at(out, "sent_at", shipment->sent_at);
    put_time_at(out, "closed_at", shipment->closed_at);
    bg_json_key(out, "lines");
    bg_json_array(out);
    for (size_t i = 0; i < shipment->count; i++) {
        const struct ledger_shipment_line *line = &shipment->lines[i];
        bg_json_object(out);
        bg_json_put_id(out, "item", line->item);
        put_id_or_null(out, "lot", line->lot);
        bg_json_put_id(out, "owner", line->owner);
        bg_json_put_int(out, "sent", line->sent);
        bg_json_put_int(out, "arrived", line->arrived);
        bg_json_put_int(out, "missing", line->missing);
        bg_json_put_int(out, "settled", line->settled);
        bg_json_put_int(out, "on_the_way", line->sent - line->arrived - line->missing);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

/* --- reviews --- */

static bg_err read_review(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_review *review = entry;
    *review = (struct ledger_review){
        .id = store_int(rows, 0), .kind = (int)store_int(rows, 1), .place = store_int(rows, 2), .account = store_int(rows, 3),
        .document = store_int(rows, 4), .movement = store_int(rows, 5), .qty = store_int(rows, 6), .settled = store_int(rows, 7),
        .opened_at = store_int(rows, 8), .due_at = store_int(rows, 9), .state = (int)store_int(rows, 10), .closed_at = time_at(rows, 11),
        .closed_by = store_int(rows, 12), .note = arena_text(arena, rows, 13), .key = key_at(rows, 14),
    };
    return bg_need(review->note.at);
}

bg_err ledger_review_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_review *ret)
{
    struct ledger_review *reviews;
    size_t count;
    BG_TRY(read_rows(tx, SQL_REVIEW_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *reviews, read_review, &reviews, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "review");
    }
    *ret = reviews[0];
    return BG_DONE;
}

bg_err ledger_review_list(struct store_tx *tx, int64_t city, int64_t place, int state, int64_t after, size_t max, struct bg_arena *arena,
                          struct ledger_review **ret, size_t *ret_count)
{
    const struct store_val most = V_INT((int64_t)max);
    if (place != 0) {
        return read_rows(tx, SQL_REVIEW_LIST_PLACE, ARGS(V_INT(city), V_INT(place), V_INT(after), V_INT(state), most), arena, sizeof **ret,
                         read_review, ret, ret_count);
    }
    return read_rows(tx, SQL_REVIEW_LIST, ARGS(V_INT(city), V_INT(after), V_INT(0), V_INT(state), most), arena, sizeof **ret, read_review,
                     ret, ret_count);
}

void ledger_review_json(const struct ledger_review *review, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", review->id);
    bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_review_kinds, review->kind)));
    bg_json_put_id(out, "place", review->place);
    bg_json_key(out, "account");
    ledger_key_json(&review->key, out);
    bg_json_put_id(out, "document", review->document);
    put_id_or_null(out, "movement", review->movement);
    bg_json_put_int(out, "qty", review->qty);
    bg_json_put_int(out, "settled", review->settled);
    put_time_at(out, "opened_at", review->opened_at);
    put_time_at(out, "due_at", review->due_at);
    bg_json_put_bool(out, "open", review->state == 1);
    put_time_at(out, "closed_at", review->closed_at);
    put_id_or_null(out, "closed_by", review->closed_by);
    bg_json_put_str(out, "note", review->note);
    bg_json_object_end(out);
}
