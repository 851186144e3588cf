/* Deciding on the image: pure, one change after another, each all or nothing. What the ledger can not explain about a fact is
 * taken from the place's discrepancy account; what an intent asks beyond stock is refused with the figures that prove it. */
#include <assert.h>
#include <string.h>

#include "ledger/image.h"

/* --- accounts --- */

/* Adds to a balance on a day: now, and to every closing from that day on. */
static bg_err account_add(struct image *image, struct image_account *account, int64_t delta, bg_date day, bg_date today)
{
    int64_t qty;
    if (__builtin_add_overflow(account->qty, delta, &qty)) {
        return BG_FAIL_AT(BG_QTY_RANGE, "qty");
    }
    BG_TRY(image_set(image, &account->qty, qty));
    BG_TRY(image_set(image, &account->changes, account->changes + 1));
    if (account->closings != NULL) {
        for (bg_date d = day > account->days_from ? day : account->days_from; d <= today; d++) {
            int64_t *closing = &account->closings[d - account->days_from];
            BG_TRY(image_set(image, closing, *closing + delta));
        }
    }
    return BG_DONE;
}

static bg_err account_hold(struct image *image, struct image_account *account, int64_t delta)
{
    BG_TRY(image_set(image, &account->held, account->held + delta));
    return image_set(image, &account->changes, account->changes + 1);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The lowest closing of the days from `day` up to yesterday, and which day that is. */
static int64_t lowest_closing(const struct image_account *account, bg_date day, bg_date today, bg_date *ret_day)
{
    int64_t lowest = INT64_MAX;
    assert(account->closings != NULL && account->days_from <= day);
    for (bg_date d = day; d < today; d++) {
        int64_t closing = account->closings[d - account->days_from];
        if (closing < lowest) {
            lowest = closing;
            *ret_day = d;
        }
    }
    return lowest;
}

static void id_fact(struct bg_buf *out, const char *key, int64_t id)
{
    bg_buf_print(out, ",\"%s\":\"%lld\"", key, (long long)id);
}

static bg_err short_of(const struct image_ask *ask, size_t i, const struct image_line *line, int64_t now, int64_t past, bg_date past_day)
{
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    const struct ledger_key key = image_key(line->from);
    bool today = now < line->qty;
    bg_buf_print(&facts, "\"line\":%zu,\"available\":%lld,\"wanted\":%lld,\"on_hand\":%lld,\"held\":%lld", i + 1,
                 (long long)(today ? now : past), (long long)line->qty, (long long)line->from->qty, (long long)line->from->held);
    id_fact(&facts, "place", key.place);
    id_fact(&facts, "item", key.item);
    id_fact(&facts, "lot", key.lot);
    bg_buf_print(&facts, ",\"status\":\"%s\"", ledger_slug(ledger_statuses, key.status));
    if (!today) {
        char day[11];
        bg_date_text(past_day, day);
        bg_buf_print(&facts, ",\"day\":\"%s\"", day);
    }
    bg_str text = bg_arena_copy(ask->change->arena, bg_buf_str(&facts));
    return today ? BG_FAIL_WITH(BG_STOCK_SHORT, "qty", text.at) : BG_FAIL_WITH(BG_STOCK_PAST, "qty", text.at);
}

/* --- documents --- */

static bg_err add_movement(struct image *image, struct image_ask *ask, struct image_document *document, const struct image_line *line,
                           struct image_account *from, int64_t qty, struct image_movement **ret)
{
    struct image_movement *movement = bg_arena_get(image->arena, sizeof *movement);
    BG_TRY(bg_need(movement));
    *movement = (struct image_movement){ .from = from, .to = line->to, .qty = qty, .reverses = line->reverses, .reason = line->reason,
                                         .paid = line->paid, .note = line->note, .id = change_id(image->tx) };
    if (from != line->from && line->from_key.status == LEDGER_TRANSIT) {
        movement->reason = LEDGER_REASON_EXTRA;
    }
    BG_TRY(account_add(image, from, -qty, ask->day, ask->city_row->today));
    BG_TRY(account_add(image, line->to, qty, ask->day, ask->city_row->today));
    document->first = document->lines == 0 ? movement->id : document->first;
    document->last = movement->id;
    document->lines++;
    *document->movements_end = movement;
    document->movements_end = &movement->next;
    *ret = movement;
    return BG_DONE;
}

static bg_err add_review(struct image *image, const struct image_ask *ask, struct image_document *document, int kind,
                         struct image_account *account, int64_t movement, int64_t qty)
{
    struct image_review *review = bg_arena_get(image->arena, sizeof *review);
    BG_TRY(bg_need(review));
    *review = (struct image_review){ .city = ask->city, .id = change_id(image->tx), .document = document->id, .movement = movement,
                                     .qty = qty, .account = account, .kind = kind, .opened_at = image->now,
                                     .due_at = image->now + (int64_t)ask->city_row->city.review_hours * 3600000 };
    *document->reviews_end = review;
    document->reviews_end = &review->next;
    document->review_count++;
    return BG_DONE;
}

/* Uses up `qty` of a hold, or what is left of it. */
static bg_err use_hold(struct image *image, struct image_hold *hold, int64_t qty)
{
    int64_t part = least(qty, hold->qty - hold->posted);
    BG_TRY(account_hold(image, hold->account, -part));
    BG_TRY(image_set(image, &hold->changes, hold->changes + 1));
    return image_set(image, &hold->posted, hold->posted + part);
}

/* What `from` can give to this line. */
static int64_t can_give(const struct image_ask *ask, const struct image_line *line, int64_t *ret_past, bg_date *ret_past_day)
{
    const struct image_account *from = line->from;
    int64_t now = from->qty - from->held;
    *ret_past = INT64_MAX;
    if (ask->late) {
        *ret_past = lowest_closing(from, ask->day, ask->city_row->today, ret_past_day);
    }
    if (ask->shipment != NULL) { /* an arrival takes only what its own sending put on the way */
        const struct image_shipment_line *shipped = line->shipped;
        now = least(now, shipped == NULL ? 0 : shipped->sent - shipped->arrived - shipped->missing);
    }
    return now > 0 ? now : 0;
}

static bg_err decide_line(struct image *image, struct image_ask *ask, size_t i, struct image_document *document)
{
    struct image_line *line = &ask->lines[i];
    struct image_movement *movement = NULL;
    int64_t take = line->qty;
    if (line->hold != NULL) {
        if (line->hold->state != LEDGER_HOLD_OPEN && line->gap == NULL) {
            return BG_FAIL_AT(BG_HOLD_CLOSED, "hold");
        }
        if (line->hold->state == LEDGER_HOLD_OPEN) {
            int64_t left = line->hold->qty - line->hold->posted;
            if (line->qty > left && line->gap == NULL) {
                return short_of(ask, i, line, left, INT64_MAX, 0);
            }
            BG_TRY(use_hold(image, line->hold, line->qty));
        }
    }
    if (!ledger_status_outside(line->from_key.status)) {
        int64_t past;
        bg_date past_day = ask->day;
        int64_t now = can_give(ask, line, &past, &past_day);
        past = past > 0 ? past : 0;
        take = least(take, least(now, past));
        if (take < line->qty && line->gap == NULL) {
            return short_of(ask, i, line, now, past, past_day);
        }
    }
    if (take > 0) {
        BG_TRY(add_movement(image, ask, document, line, line->from, take, &movement));
        if (line->shipped != NULL) {
            BG_TRY(image_set(image, &line->shipped->arrived, line->shipped->arrived + take));
        }
    }
    if (take < line->qty && line->gap != line->to) {
        BG_TRY(add_movement(image, ask, document, line, line->gap, line->qty - take, &movement));
    } else if (take < line->qty) { /* written off to discrepancy without being there: nothing moves, but somebody must look */
        BG_TRY(image_set(image, &line->gap->changes, line->gap->changes + 1));
    }
    if (take < line->qty) {
        BG_TRY(add_review(image, ask, document, ask->shipment != NULL ? LEDGER_REVIEW_EXTRA : LEDGER_REVIEW_SHORT, line->gap,
                          movement != NULL ? movement->id : 0, line->qty - take));
    }
    if (line->remark != 0) {
        struct image_account *concerned = line->from_key.status == LEDGER_DISCREPANCY ? line->from : line->to;
        BG_TRY(add_review(image, ask, document, line->remark, concerned, movement != NULL ? movement->id : 0, line->qty));
    }
    return BG_DONE;
}

/* A partial post gives the rest of the hold back. */
static bg_err close_holds(struct image *image, struct image_ask *ask)
{
    for (size_t i = 0; i < ask->count; i++) {
        struct image_hold *hold = ask->lines[i].hold;
        if (hold == NULL || hold->state != LEDGER_HOLD_OPEN) {
            continue;
        }
        BG_TRY(account_hold(image, hold->account, hold->posted - hold->qty));
        BG_TRY(image_set(image, &hold->state, LEDGER_HOLD_POSTED));
        BG_TRY(image_set(image, &hold->closed_at, image->now));
    }
    return BG_DONE;
}

/* --- shipments --- */

static bg_err send_line(struct image *image, struct image_shipment *shipment, const struct ledger_key *key, int64_t qty)
{
    struct image_shipment_line **at = &shipment->lines;
    while (*at != NULL && ((*at)->item != key->item || (*at)->lot != key->lot || (*at)->owner != key->owner)) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        struct image_shipment_line *line = bg_arena_get(image->arena, sizeof *line);
        BG_TRY(bg_need(line));
        *line = (struct image_shipment_line){ .item = key->item, .lot = key->lot, .owner = key->owner };
        *at = line;
    }
    (*at)->sent += qty; /* of a shipment made by this very document: nothing to undo */
    return BG_DONE;
}

static bg_err open_shipment(struct image *image, struct image_ask *ask, const struct image_document *document)
{
    struct image_shipment *shipment;
    BG_TRY(image_shipment_new(image, ask->city, document->id, &shipment));
    shipment->origin = ask->lines[0].from_key.place;
    shipment->target = ask->lines[0].to_key.place;
    shipment->sent_at = ask->occurred_at;
    for (const struct image_movement *movement = document->movements; movement != NULL; movement = movement->next) {
        const struct ledger_key key = image_key(movement->to);
        BG_TRY(send_line(image, shipment, &key, movement->qty));
    }
    BG_TRY(image_set(image, &shipment->changes, 1));
    return image_set(image, &shipment->state, LEDGER_SHIPMENT_SENT);
}

static bg_err miss_rest(struct image *image, struct image_ask *ask, struct image_document *document)
{
    struct image_shipment *shipment = ask->shipment;
    for (struct image_shipment_line *line = shipment->lines; line != NULL; line = line->next) {
        int64_t left = line->sent - line->arrived - line->missing;
        if (left == 0) {
            continue;
        }
        struct image_account *transit;
        const struct ledger_key key = { .place = shipment->target, .owner = line->owner, .item = line->item, .lot = line->lot,
                                        .status = LEDGER_TRANSIT };
        BG_TRY(image_account(image, ask->city, &key, &transit));
        BG_TRY(image_set(image, &line->missing, line->missing + left));
        BG_TRY(add_review(image, ask, document, LEDGER_REVIEW_MISSING, transit, 0, left));
    }
    return BG_DONE;
}

static bg_err update_shipment(struct image *image, struct image_ask *ask, struct image_document *document)
{
    struct image_shipment *shipment = ask->shipment;
    if (ask->post->final) {
        BG_TRY(miss_rest(image, ask, document));
    }
    int64_t left = 0, disputed = 0;
    for (const struct image_shipment_line *line = shipment->lines; line != NULL; line = line->next) {
        left += line->sent - line->arrived - line->missing;
        disputed += line->missing - line->settled;
    }
    int state = left > 0 ? LEDGER_SHIPMENT_SENT : disputed > 0 ? LEDGER_SHIPMENT_DISPUTED : LEDGER_SHIPMENT_CLOSED;
    BG_TRY(image_set(image, &shipment->changes, shipment->changes + 1));
    BG_TRY(image_set(image, &shipment->state, state));
    return image_set(image, &shipment->closed_at, state == LEDGER_SHIPMENT_CLOSED ? image->now : 0);
}

/* --- the whole document --- */

static bg_err begin_document(struct image *image, struct image_ask *ask, struct image_document **ret)
{
    struct image_document *document = bg_arena_get(image->arena, sizeof *document);
    BG_TRY(bg_need(document));
    const struct ledger_post *post = ask->post;
    *document = (struct image_document){
        .city = ask->city, .id = change_id(image->tx), .kind = post != NULL ? post->kind : LEDGER_KIND_REVERSE, .year = ask->city_row->year,
        .reversed_kind = ask->reversed_kind, .occurred_at = ask->occurred_at,
        .recorded_at = image->now, .stated_at = ask->stated_at, .actor = ask->change->actor.account,
        .op = ask->change->op, .note = post != NULL ? post->note : ask->reverse->note, .movements_end = &document->movements,
        .reviews_end = &document->reviews,
    };
    const struct image_line *line = ask->count > 0 ? &ask->lines[0] : NULL;
    int64_t none = ask->shipment != NULL ? ask->shipment->target : post != NULL ? post->place : 0;
    int64_t from = line != NULL ? line->from_key.place : none, to = line != NULL ? line->to_key.place : none;
    bool entering = document->kind == LEDGER_KIND_RECEIVE || document->kind == LEDGER_KIND_MAKE || document->kind == LEDGER_KIND_ARRIVE;
    document->place = entering ? to : from;
    document->other = from == to ? 0 : entering ? from : to;
    if (post != NULL) {
        document->reference = post->reference;
        document->place = post->place != 0 ? post->place : document->place;
        document->other = post->other != 0 ? post->other : document->other;
        document->shipment = post->kind == LEDGER_KIND_ARRIVE ? post->shipment : 0;
    }
    *ret = document;
    return BG_DONE;
}

static struct image_reversed *reversed_of(const struct image *image, const struct image_ask *ask, size_t line)
{
    return ask->reverse == NULL ? NULL : table_find(&image->reversed, (const int64_t[]){ ask->city, ask->lines[line].reverses });
}

/* Another change of this batch may have been quicker. */
static bg_err check_reversed(const struct image *image, const struct image_ask *ask)
{
    for (size_t i = 0; i < ask->count; i++) {
        const struct image_reversed *reversed = reversed_of(image, ask, i);
        if (reversed != NULL && reversed->by != 0) {
            return image_reversed_by(ask, reversed->key[1], reversed->by);
        }
    }
    return BG_DONE;
}

static bg_err decide_all(struct image *image, struct image_ask *ask, struct image_document *document)
{
    if (ask->shipment != NULL && ask->shipment->state == LEDGER_SHIPMENT_CLOSED) {
        return BG_FAIL_AT(BG_SHIPMENT_CLOSED, "shipment");
    }
    BG_TRY(check_reversed(image, ask));
    for (size_t i = 0; i < ask->count; i++) {
        struct image_reversed *reversed = reversed_of(image, ask, i);
        BG_TRY(decide_line(image, ask, i, document));
        if (reversed != NULL) {
            BG_TRY(image_set(image, &reversed->by, document->last));
        }
    }
    BG_TRY(close_holds(image, ask));
    if (document->kind == LEDGER_KIND_SEND) {
        BG_TRY(open_shipment(image, ask, document));
    } else if (ask->shipment != NULL) {
        BG_TRY(update_shipment(image, ask, document));
    }
    if (ask->stated_at != BG_TIME_NONE && document->movements != NULL) {
        const struct image_movement *movement = document->movements;
        BG_TRY(add_review(image, ask, document, LEDGER_REVIEW_PERIOD, movement->to, movement->id, movement->qty));
    }
    BG_TRY(image_set(image, &ask->counter->last, ask->counter->last + 1));
    BG_TRY(image_set(image, &ask->counter->changes, ask->counter->changes + 1));
    document->number = ask->counter->last;
    int64_t late = ask->city_row->today - ask->day;
    return image_set(image, &ask->city_row->late_max, late > ask->city_row->late_max ? late : ask->city_row->late_max);
}

bg_err decide_document(struct image *image, struct image_ask *ask, struct image_document **ret)
{
    struct image_document *document;
    if (bg_failed(ask->err)) {
        return ask->err;
    }
    if (ask->use != NULL) {
        BG_TRY(use_lines(image, ask));
    }
    BG_TRY(begin_document(image, ask, &document));
    bg_err err = decide_all(image, ask, document);
    if (bg_failed(err)) {
        image_undo(image);
        return err;
    }
    image_keep(image);
    *image->documents_end = document;
    image->documents_end = &document->next;
    *ret = document;
    return BG_DONE;
}

/* --- holds --- */

static bg_err reserve_line(struct image *image, struct image_ask *ask, size_t i, struct image_hold **ret)
{
    const struct image_line *line = &ask->lines[i];
    struct image_account *account = line->from;
    int64_t available = account->qty - account->held;
    if (line->qty > available) {
        return short_of(ask, i, line, available > 0 ? available : 0, INT64_MAX, 0);
    }
    struct image_hold *hold;
    BG_TRY(image_hold_new(image, ask->city, change_id(image->tx), &hold));
    hold->account = account;
    hold->account_key = line->from_key;
    hold->qty = line->qty;
    hold->due_at = ask->reserve->due_at == BG_TIME_NONE ? INT64_MAX : ask->reserve->due_at;
    hold->made = ask->reserve;
    hold->actor = ask->change->actor.account;
    hold->state = LEDGER_HOLD_OPEN;
    BG_TRY(image_set(image, &hold->changes, 1));
    *ret = hold;
    return account_hold(image, account, line->qty);
}

static bg_err release_one(struct image *image, const struct image_ask *ask, size_t i, struct image_hold **ret)
{
    int64_t id = ask->release->holds[i];
    struct image_hold *hold = table_find(&image->holds, (const int64_t[]){ ask->city, id });
    *ret = NULL;
    if (hold == NULL || !hold->found) {
        return BG_FAIL_AT(BG_NOT_FOUND, "hold");
    }
    if (ask->release->lapse && (hold->state != LEDGER_HOLD_OPEN || hold->due_at > image->now)) {
        return BG_DONE; /* somebody was quicker, or it was prolonged */
    }
    if (hold->state != LEDGER_HOLD_OPEN) {
        return BG_FAIL_WITH(BG_HOLD_CLOSED, "hold",
                            bg_arena_text(ask->change->arena, "\"hold\":\"%lld\",\"state\":\"%s\"", (long long)id,
                                          ledger_slug(ledger_hold_states, (int)hold->state)));
    }
    BG_TRY(account_hold(image, hold->account, hold->posted - hold->qty));
    BG_TRY(image_set(image, &hold->changes, hold->changes + 1));
    BG_TRY(image_set(image, &hold->closed_at, image->now));
    *ret = hold;
    return image_set(image, &hold->state, ask->release->lapse ? LEDGER_HOLD_LAPSED : LEDGER_HOLD_VOIDED);
}

static bg_err decide_holds(struct image *image, struct image_ask *ask, size_t count, struct image_hold ***ret)
{
    struct image_hold **holds = bg_arena_array(image->arena, count + 1, sizeof *holds);
    size_t made = 0;
    BG_TRY(bg_need(holds));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(ask->reserve != NULL ? reserve_line(image, ask, i, &holds[made]) : release_one(image, ask, i, &holds[made]));
        made += holds[made] != NULL;
    }
    *ret = holds;
    return BG_DONE;
}

bg_err decide_holding(struct image *image, struct image_ask *ask, struct image_hold ***ret)
{
    if (bg_failed(ask->err)) {
        return ask->err;
    }
    bg_err err = decide_holds(image, ask, ask->reserve != NULL ? ask->count : ask->release->count, ret);
    if (bg_failed(err)) {
        image_undo(image);
        return err;
    }
    image_keep(image);
    return BG_DONE;
}
