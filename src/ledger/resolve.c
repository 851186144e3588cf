/* From the lines of a document to accounts: defaults, references, the rules of each kind of document, lots, and the time axis. Finds
 * what can be refused without looking at balances. */
#include <assert.h>
#include <string.h>

#include "ledger/image.h"

#define CLOCK_AHEAD_MS INT64_C(300000) /* a device's clock may be five minutes ahead; such a moment is taken as now */

#define S(status) (1u << LEDGER_##status)
#define INSIDE (S(PRODUCING) | S(INSPECTING) | S(RECEIVING) | S(USABLE) | S(HOLD) | S(DAMAGED) | S(EXPIRED) | S(RECALLED))

/* What the lines of a kind may do. `from_can` and `to_can`: flags of which the place needs one. */
struct rule {
    unsigned from, to;         /* statuses */
    enum { ANY_PLACE, SAME_PLACE, OTHER_PLACE } places;
    unsigned from_can, to_can;
    int from_status, to_status; /* when the line names none */
    bool fact;                  /* always a fact */
    bool same_status;
    const char *words;          /* the rule, for the person whose line breaks it */
};

static const struct rule rules[LEDGER_KINDS_COUNT] = {
    [LEDGER_KIND_RECEIVE] = { S(SOURCE), S(INSPECTING) | S(RECEIVING) | S(USABLE) | S(HOLD) | S(DAMAGED), ANY_PLACE, 0,
                              LEDGER_CAN_RECEIVE | LEDGER_CAN_MAKE, LEDGER_SOURCE, LEDGER_USABLE, true, false,
                              "source -> inspecting, receiving, usable, hold, damaged" },
    [LEDGER_KIND_MAKE] = { S(SOURCE), S(PRODUCING) | S(INSPECTING) | S(USABLE), SAME_PLACE, 0, LEDGER_CAN_MAKE, LEDGER_SOURCE,
                           LEDGER_PRODUCING, true, false, "source -> producing, inspecting, usable at a maker" },
    [LEDGER_KIND_ISSUE] = { INSIDE & ~S(PRODUCING), S(USED) | S(LOST) | S(SOURCE) | S(USABLE) | S(RECEIVING), ANY_PLACE,
                            LEDGER_CAN_ISSUE, 0, LEDGER_USABLE, LEDGER_USABLE, false, false,
                            "stock -> usable or receiving elsewhere, used, lost, source" },
    [LEDGER_KIND_TRANSFER] = { INSIDE & ~S(PRODUCING), INSIDE & ~S(PRODUCING), ANY_PLACE, 0, 0, LEDGER_USABLE, 0, false, true,
                               "stock -> another bin or place, same status" },
    [LEDGER_KIND_SEND] = { S(USABLE), S(TRANSIT), OTHER_PLACE, LEDGER_CAN_ISSUE, LEDGER_CAN_RECEIVE | LEDGER_CAN_STORE, LEDGER_USABLE,
                           LEDGER_TRANSIT, false, false, "usable -> transit to one other place" },
    [LEDGER_KIND_ARRIVE] = { S(TRANSIT), S(RECEIVING) | S(INSPECTING) | S(USABLE) | S(HOLD) | S(DAMAGED), ANY_PLACE, 0, 0, LEDGER_TRANSIT,
                             LEDGER_USABLE, true, false, "transit -> receiving, inspecting, usable, hold, damaged" },
    [LEDGER_KIND_STATUS] = { INSIDE, INSIDE, SAME_PLACE, 0, 0, 0, 0, false, false, "a step of the status table, at the same place" },
    [LEDGER_KIND_ADJUST] = { INSIDE | S(LOST) | S(DISCREPANCY), INSIDE | S(LOST) | S(DISCREPANCY), SAME_PLACE, 0, 0, 0, 0, false, false,
                             "stock <-> lost or discrepancy, or another lot, at the same place" },
    [LEDGER_KIND_USE] = { S(USABLE) | S(RECEIVING) | S(USED), S(USED) | S(USABLE), ANY_PLACE, LEDGER_CAN_USE, 0, LEDGER_USABLE, LEDGER_USED,
                          true, false, "usable or receiving -> used" },
    [LEDGER_KIND_OWNER] = { INSIDE, INSIDE, SAME_PLACE, 0, 0, LEDGER_USABLE, 0, false, true, "the same goods, another owner" },
    [LEDGER_KIND_COUNT] = { INSIDE | S(DISCREPANCY) | S(LOST), INSIDE | S(DISCREPANCY) | S(LOST), SAME_PLACE, 0, 0, 0, 0, true, false,
                            "stock <-> discrepancy or lost" },
    [LEDGER_KIND_RECALL] = { INSIDE, S(HOLD) | S(RECALLED), SAME_PLACE, 0, 0, 0, 0, false, false, "stock -> hold or recalled" },
    [LEDGER_KIND_EXPIRE] = { INSIDE, S(EXPIRED), SAME_PLACE, 0, 0, 0, LEDGER_EXPIRED, false, false, "stock -> expired" },
    [LEDGER_KIND_SETTLE] = { INSIDE | S(DISCREPANCY) | S(TRANSIT) | S(LOST) | S(SOURCE) | S(USED),
                             INSIDE | S(DISCREPANCY) | S(LOST) | S(SOURCE) | S(USED), ANY_PLACE, 0, 0, 0,
                             0, false, false, "from or to the account under review" },
};

/* The steps of the pipeline; what leaves a blocking status goes through `hold` first. */
static const unsigned status_steps[LEDGER_STATUS_COUNT] = {
    [LEDGER_PRODUCING] = S(INSPECTING) | S(RECEIVING) | S(USABLE) | S(DAMAGED),
    [LEDGER_INSPECTING] = S(RECEIVING) | S(USABLE) | S(HOLD) | S(DAMAGED),
    [LEDGER_RECEIVING] = S(INSPECTING) | S(USABLE) | S(HOLD) | S(DAMAGED),
    [LEDGER_USABLE] = S(INSPECTING) | S(HOLD) | S(DAMAGED) | S(EXPIRED) | S(RECALLED),
    [LEDGER_HOLD] = S(INSPECTING) | S(USABLE) | S(DAMAGED) | S(EXPIRED) | S(RECALLED),
    [LEDGER_DAMAGED] = S(HOLD),
    [LEDGER_EXPIRED] = S(HOLD) | S(DAMAGED),
    [LEDGER_RECALLED] = S(HOLD) | S(DAMAGED),
};

/* --- refusals --- */

bg_err resolve_refuse(const struct image_ask *ask, size_t line, enum bg_code code, const char *field, const char *words)
{
    return BG_FAIL_WITH(code, field, bg_arena_text(ask->change->arena, "\"line\":%zu,\"rule\":\"%s\"", line + 1, words));
}

static bg_err refuse_reference(const struct image_ask *ask, size_t line, const char *what, int64_t id)
{
    return BG_FAIL_WITH(BG_REFERENCE_UNKNOWN, what,
                        bg_arena_text(ask->change->arena, "\"line\":%zu,\"what\":\"%s\",\"id\":\"%lld\"", line + 1, what, (long long)id));
}

/* --- lookups --- */

static void *row(const struct table *table, int64_t city, int64_t id)
{
    return id == 0 ? NULL : table_find(table, (const int64_t[]){ city, id });
}

static struct image_place *place_of(const struct image *image, int64_t city, int64_t id)
{
    struct image_place *place = row(&image->places, city, id);
    return place != NULL && place->found ? place : NULL;
}

/* --- time --- */

/* When the document happened, and whether that day may still be written to. */
bg_err resolve_time(struct image *image, struct image_ask *ask, bg_ms at, bool fact)
{
    const struct image_city *city = ask->city_row;
    ask->stated_at = BG_TIME_NONE;
    if (at == BG_TIME_NONE) {
        at = image->now;
    }
    if (at > image->now + CLOCK_AHEAD_MS) {
        char now[25];
        bg_time_text(image->now, now);
        return BG_FAIL_WITH(BG_TIME_AHEAD, "occurred_at", bg_arena_text(ask->change->arena, "\"now\":\"%s\"", now));
    }
    if (at > image->now) {
        at = image->now;
    }
    if (at < city->open_since && !fact) {
        char since[25];
        bg_time_text(city->open_since, since);
        return BG_FAIL_WITH(BG_PERIOD_CLOSED, "occurred_at", bg_arena_text(ask->change->arena, "\"open_since\":\"%s\"", since));
    }
    if (at < city->open_since) { /* a fact is recorded at the first open moment; what was stated is kept beside it, and reviewed */
        ask->stated_at = at;
        at = city->open_since < image->now ? city->open_since : image->now;
    }
    ask->occurred_at = at;
    ask->day = bg_date_at(at, city->city.offset_min);
    ask->late = ask->day < city->today;
    return BG_DONE;
}

/* --- defaults --- */

static void default_places(struct ledger_key *from, struct ledger_key *to, const struct rule *rule)
{
    if (from->place == 0 && (rule->places == SAME_PLACE || rule->from == S(SOURCE))) {
        from->place = to->place;
    }
    if (to->place == 0 && (rule->places == SAME_PLACE || rule->to_status == LEDGER_USED)) {
        to->place = from->place;
    }
}

static int default_status(const struct image_place *place, int given, int standard)
{
    int fixed = place != NULL ? ledger_place_status(place->kind) : 0;
    return given != 0 ? given : fixed != 0 ? fixed : standard;
}

/* What comes from outside comes as the taker's; stock belongs, unless said, to the owner that its place stands for. */
static void default_owner(const struct image *image, int64_t city, struct ledger_key *from, struct ledger_key *to)
{
    const struct image_place *giver = place_of(image, city, from->place), *taker = place_of(image, city, to->place);
    const int64_t standard = giver != NULL && giver->owner != 0 ? giver->owner : taker != NULL ? taker->owner : 0;
    if (from->owner == 0) {
        bool outside = ledger_status_outside(from->status);
        from->owner = outside && to->owner != 0 ? to->owner : outside && taker != NULL && taker->owner != 0 ? taker->owner : standard;
    }
    if (from->owner == 0) {
        from->owner = to->owner;
    }
    if (to->owner == 0) {
        to->owner = from->owner;
    }
}

static bool binless(int status)
{
    return ledger_status_outside(status) || status == LEDGER_TRANSIT;
}

static void default_line(const struct image *image, const struct image_ask *ask, const struct rule *rule, struct image_line *line)
{
    struct ledger_key *from = &line->from_key, *to = &line->to_key;
    if (line->hold != NULL && line->hold->found && from->place == 0) {
        *from = line->hold->account_key;
    }
    if (ask->post->kind == LEDGER_KIND_ARRIVE && ask->shipment != NULL && from->place == 0) {
        from->place = ask->shipment->target;
    }
    if (ask->post->kind == LEDGER_KIND_ARRIVE && ask->shipment != NULL && to->place == 0) {
        to->place = ask->shipment->target;
    }
    default_places(from, to, rule);
    from->status = default_status(place_of(image, ask->city, from->place), from->status, rule->from_status);
    to->status = default_status(place_of(image, ask->city, to->place), to->status, rule->to_status);
    if (to->status == 0 && rule->same_status) {
        to->status = from->status;
    }
    if (to->item == 0) {
        to->item = from->item;
    }
    if (from->item == 0) {
        from->item = to->item;
    }
    if (to->lot == 0) {
        to->lot = from->lot;
    }
    if (from->lot == 0 && ask->post->kind != LEDGER_KIND_ADJUST && ask->post->kind != LEDGER_KIND_SETTLE) {
        from->lot = to->lot;
    }
    default_owner(image, ask->city, from, to);
    if (to->bin == 0 && from->place == to->place && rule->places == SAME_PLACE) {
        to->bin = from->bin;
    }
    from->bin = binless(from->status) ? 0 : from->bin;
    to->bin = binless(to->status) ? 0 : to->bin;
}

/* --- checks --- */

static bg_err check_key(const struct image *image, const struct image_ask *ask, size_t line, const struct ledger_key *key, bool arrives)
{
    const struct image_place *place = place_of(image, ask->city, key->place);
    if (place == NULL || (arrives && !place->active && !ledger_status_outside(key->status))) {
        return refuse_reference(ask, line, "place", key->place);
    }
    int fixed = ledger_place_status(place->kind);
    if (key->status <= 0 || key->status >= LEDGER_STATUS_COUNT || (fixed != 0 && key->status != fixed)) {
        return resolve_refuse(ask, line, BG_LINE_INVALID, "status", "an outside place has accounts of its own kind only");
    }
    const struct image_owner *owner = row(&image->owners, ask->city, key->owner);
    if (owner == NULL || !owner->found || (arrives && !owner->active)) {
        return refuse_reference(ask, line, "owner", key->owner);
    }
    const struct image_bin *bin = row(&image->bins, ask->city, key->bin);
    if (key->bin != 0 && (bin == NULL || !bin->found || bin->place != key->place || (arrives && !bin->active))) {
        return refuse_reference(ask, line, "bin", key->bin);
    }
    if (key->bin == 0 && arrives && (place->flags & LEDGER_BINNED) != 0 && !binless(key->status)) {
        return resolve_refuse(ask, line, BG_LINE_INVALID, "bin", "stock of this place needs a bin");
    }
    const struct image_lot *lot = row(&image->lots, ask->city, key->lot);
    if (key->lot != 0 && (lot == NULL || !lot->found || lot->item != key->item)) {
        return refuse_reference(ask, line, "lot", key->lot);
    }
    return BG_DONE;
}

static bool can(const struct image *image, int64_t city, int64_t place_id, unsigned flags)
{
    const struct image_place *place = place_of(image, city, place_id);
    return flags == 0 || (place != NULL && ((place->flags & flags) != 0 || (place->flags & LEDGER_OUTSIDE) != 0));
}

static bg_err check_special(const struct image_ask *ask, size_t i, const struct image_line *line)
{
    const struct ledger_key *from = &line->from_key, *to = &line->to_key;
    bool other_lot = from->lot != to->lot;
    int kind = ask->post->kind;
    if (kind == LEDGER_KIND_STATUS && ((status_steps[from->status] & (1u << to->status)) == 0)) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "status", "no such step of the status table");
    }
    if (kind == LEDGER_KIND_OWNER && from->owner == to->owner) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "owner", "the owner must change");
    }
    bool correction = line->reason == LEDGER_REASON_CORRECTION &&
                      (kind == LEDGER_KIND_SETTLE || (kind == LEDGER_KIND_ADJUST && from->status == to->status));
    if (other_lot && !correction) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "lot", "only an adjustment or settlement with reason correction changes the lot");
    }
    bool from_stock = (INSIDE >> from->status & 1) != 0, to_stock = (INSIDE >> to->status & 1) != 0;
    if ((kind == LEDGER_KIND_ADJUST || kind == LEDGER_KIND_COUNT) && !other_lot && from_stock == to_stock) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "status", "one side is stock, the other lost or discrepancy");
    }
    if (kind == LEDGER_KIND_ISSUE && to_stock && (from->place == to->place || from->status != LEDGER_USABLE)) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "to", "only usable stock is handed over, to another place");
    }
    if (kind == LEDGER_KIND_USE && (from->status == LEDGER_USED) == (to->status == LEDGER_USED)) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "status", "one side is used, the other is stock");
    }
    if (from->owner != to->owner && line->paid != LEDGER_PAID && line->paid != LEDGER_FREE) {
        return resolve_refuse(ask, i, BG_OWNER_TERMS, "paid", "paid or free");
    }
    return BG_DONE;
}

static bg_err check_rule(const struct image *image, const struct image_ask *ask, size_t i, const struct rule *rule,
                         const struct image_line *line)
{
    const struct ledger_key *from = &line->from_key, *to = &line->to_key;
    bool same = from->place == to->place;
    if ((rule->from >> from->status & 1) == 0 || (rule->to >> to->status & 1) == 0 || (rule->places == SAME_PLACE && !same) ||
        (rule->places == OTHER_PLACE && same && from->status == to->status) || (rule->same_status && from->status != to->status)) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "lines", rule->words);
    }
    bool moves = !same && ask->post->kind == LEDGER_KIND_TRANSFER;
    if (!can(image, ask->city, from->place, moves ? LEDGER_CAN_ISSUE : from->status == LEDGER_USED ? 0 : rule->from_can) ||
        !can(image, ask->city, to->place, moves ? LEDGER_CAN_RECEIVE | LEDGER_CAN_STORE : rule->to_can)) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "place", "the place is not set up for this");
    }
    return check_special(ask, i, line);
}

/* Goods of a blocked, recalled or expired lot. Facts are recorded and reviewed, or land in the status that the lot has; intents are refused
 * unless overridden. */
static bg_err check_lot(const struct image *image, struct image_ask *ask, size_t i, struct image_line *line)
{
    const struct image_lot *lot = row(&image->lots, ask->city, line->to_key.lot);
    int kind = ask->post->kind, to = line->to_key.status, from = line->from_key.status;
    if (lot == NULL) {
        return BG_DONE;
    }
    bool fact = ask->post->fact || rules[kind].fact;
    bool free_to = to == LEDGER_USABLE || to == LEDGER_RECEIVING || to == LEDGER_INSPECTING;
    bool enters = free_to && from != LEDGER_USED && (from != to || line->from_key.place != line->to_key.place);
    if (enters && lot->state != LEDGER_LOT_OPEN && fact) {
        line->to_key.status = lot->state == LEDGER_LOT_RECALLED ? LEDGER_RECALLED : LEDGER_HOLD;
        return BG_DONE;
    }
    bool leaves = (kind == LEDGER_KIND_ISSUE || kind == LEDGER_KIND_SEND || kind == LEDGER_KIND_USE) && from == LEDGER_USABLE &&
                  to != LEDGER_LOST && to != LEDGER_SOURCE;
    bool expired = lot->expiry != BG_DATE_NONE && lot->expiry < ask->day;
    bool bad = (enters && lot->state != LEDGER_LOT_OPEN) || (leaves && (expired || lot->state != LEDGER_LOT_OPEN)) ||
               (kind == LEDGER_KIND_STATUS && to == LEDGER_USABLE && expired);
    if (!bad || ask->post->override) {
        return BG_DONE;
    }
    if (fact) {
        line->remark = LEDGER_REVIEW_EXPIRED;
        return BG_DONE;
    }
    char expiry[11] = "";
    if (lot->expiry != BG_DATE_NONE) {
        bg_date_text(lot->expiry, expiry);
    }
    return BG_FAIL_WITH(BG_LOT_NOT_FREE, "lot",
                        bg_arena_text(ask->change->arena, "\"line\":%zu,\"lot\":\"%lld\",\"state\":\"%s\",\"expiry\":\"%s\"", i + 1,
                                      (long long)lot->key[1], ledger_slug(ledger_lot_states, lot->state), expiry));
}

static bg_err check_item(const struct image *image, const struct image_ask *ask, size_t i, const struct image_line *line)
{
    const struct image_item *item = row(&image->items, ask->city, line->from_key.item);
    bool enters = line->from_key.status == LEDGER_SOURCE;
    if (item == NULL || !item->found || line->from_key.item != line->to_key.item || (enters && !item->active)) {
        return refuse_reference(ask, i, "item", line->from_key.item);
    }
    if (item->lotted && line->to_key.lot == 0) {
        return resolve_refuse(ask, i, BG_LOT_NEEDED, "lot", "every movement of this item names a lot");
    }
    if (line->qty < 1 || line->qty > BG_QTY_MAX) {
        return BG_FAIL_WITH(BG_QTY_RANGE, "qty",
                            bg_arena_text(ask->change->arena, "\"line\":%zu,\"qty\":%lld", i + 1, (long long)line->qty));
    }
    if (line->reason <= 0 || line->reason >= LEDGER_REASONS_COUNT) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "reason", "a line or its document gives a reason");
    }
    return BG_DONE;
}

/* --- accounts --- */

bg_err resolve_account(struct image *image, const struct image_ask *ask, const struct ledger_key *key, struct image_account **ret)
{
    BG_TRY(image_account(image, ask->city, key, ret));
    struct image_account *account = *ret;
    if (ask->late && !ledger_status_outside(key->status)) {
        account->days_from = account->want_days && account->days_from < ask->day ? account->days_from : ask->day;
        account->want_days = true;
    }
    return BG_DONE;
}

static bg_err want_line_accounts(struct image *image, const struct image_ask *ask, struct image_line *line, bool fact)
{
    BG_TRY(resolve_account(image, ask, &line->from_key, &line->from));
    BG_TRY(resolve_account(image, ask, &line->to_key, &line->to));
    if (fact && !ledger_status_outside(line->from_key.status)) {
        struct ledger_key gap = line->from_key;
        gap.bin = 0;
        gap.status = LEDGER_DISCREPANCY;
        gap.place = line->from_key.place;
        if (line->from_key.status == LEDGER_TRANSIT) {
            gap.place = line->to_key.place; /* what arrived beyond what was sent is unexplained where it arrived */
        }
        BG_TRY(resolve_account(image, ask, &gap, &line->gap));
    }
    return BG_DONE;
}

static struct image_shipment_line *shipped_line(const struct image_shipment *shipment, const struct ledger_key *key)
{
    struct image_shipment_line *line = shipment->lines;
    while (line != NULL && (line->item != key->item || line->lot != key->lot || line->owner != key->owner)) {
        line = line->next;
    }
    return line;
}

static bg_err resolve_shipment(struct image *image, struct image_ask *ask)
{
    if (ask->post->kind != LEDGER_KIND_ARRIVE) {
        return BG_DONE;
    }
    struct image_shipment *shipment = row(&image->shipments, ask->city, ask->post->shipment);
    if (shipment == NULL || !shipment->found) {
        return BG_FAIL_AT(BG_NOT_FOUND, "shipment");
    }
    const struct ledger_post *post = ask->post;
    if (post->place != 0 && post->place != shipment->target && post->place != shipment->origin) {
        return resolve_refuse(ask, 0, BG_LINE_INVALID, "place", "a sending is answered where it goes, or where it came from");
    }
    ask->shipment = shipment;
    for (const struct image_shipment_line *line = shipment->lines; line != NULL; line = line->next) {
        struct image_account *transit;
        const struct ledger_key key = { .place = shipment->target, .owner = line->owner, .item = line->item, .lot = line->lot,
                                        .status = LEDGER_TRANSIT };
        BG_TRY(resolve_account(image, ask, &key, &transit));
    }
    return BG_DONE;
}

static bg_err check_arrival(const struct image_ask *ask, size_t i, struct image_line *line)
{
    const struct image_shipment *shipment = ask->shipment;
    if (line->from_key.place != shipment->target || (line->to_key.place != shipment->target && line->to_key.place != shipment->origin)) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "place", "goods arrive at the target of the sending, or come back to its origin");
    }
    line->shipped = shipped_line(shipment, &line->from_key);
    return BG_DONE;
}

static bg_err resolve_line(struct image *image, struct image_ask *ask, size_t i, const struct ledger_line *in, struct image_line *line)
{
    const struct ledger_post *post = ask->post;
    const struct rule *rule = &rules[post->kind];
    *line = (struct image_line){ .from_key = in->from, .to_key = in->to, .qty = in->qty, .paid = in->paid, .note = in->note,
                                 .reason = in->reason != 0 ? in->reason : post->reason };
    if (in->hold != 0) {
        line->hold = row(&image->holds, ask->city, in->hold);
        if (line->hold == NULL || !line->hold->found) {
            return refuse_reference(ask, i, "hold", in->hold);
        }
    }
    default_line(image, ask, rule, line);
    BG_TRY(check_item(image, ask, i, line));
    BG_TRY(check_key(image, ask, i, &line->from_key, false));
    BG_TRY(check_key(image, ask, i, &line->to_key, line->from_key.status != LEDGER_LOST && line->from_key.place != line->to_key.place));
    BG_TRY(check_rule(image, ask, i, rule, line));
    if (line->from_key.owner == line->to_key.owner) {
        line->paid = LEDGER_PAID_NONE;
    }
    if (ask->shipment != NULL) {
        BG_TRY(check_arrival(ask, i, line));
    }
    BG_TRY(check_lot(image, ask, i, line));
    if (memcmp(&line->from_key, &line->to_key, sizeof line->from_key) == 0) {
        return resolve_refuse(ask, i, BG_LINE_INVALID, "to", "from and to are the same account");
    }
    if (line->hold != NULL) {
        struct image_account *held = line->hold->account;
        struct image_account *from;
        BG_TRY(resolve_account(image, ask, &line->from_key, &from));
        if (held != from) {
            return resolve_refuse(ask, i, BG_LINE_INVALID, "hold", "the hold is on another account");
        }
    }
    return want_line_accounts(image, ask, line, post->fact || rule->fact);
}

/* A document is posted at one place: what leaves leaves it, what comes in comes to it. So the right to act there is enough to judge it. */
static bool acts_at(const struct ledger_post *post, const struct image_line *line)
{
    bool entering = post->kind == LEDGER_KIND_RECEIVE || post->kind == LEDGER_KIND_MAKE || post->kind == LEDGER_KIND_ARRIVE;
    return post->place == 0 || (entering ? line->to_key.place : line->from_key.place) == post->place;
}

static bg_err resolve_post(struct image *image, struct image_ask *ask)
{
    const struct ledger_post *post = ask->post;
    if (post->kind <= 0 || post->kind >= LEDGER_KINDS_COUNT || rules[post->kind].words == NULL) {
        return BG_FAIL_AT(BG_BAD_INPUT, "kind");
    }
    bool empty_final = post->kind == LEDGER_KIND_ARRIVE && post->final;
    if (post->count > LEDGER_LINES_MAX || (post->count == 0 && !empty_final)) {
        return BG_FAIL_WITH(BG_LINE_INVALID, "lines", bg_arena_text(ask->change->arena, "\"count\":%zu,\"max\":%d", post->count,
                                                                     LEDGER_LINES_MAX));
    }
    BG_TRY(resolve_time(image, ask, ask->at, post->fact || rules[post->kind].fact));
    BG_TRY(resolve_shipment(image, ask));
    ask->lines = bg_arena_array(image->arena, post->count, sizeof *ask->lines);
    BG_TRY(bg_need(ask->lines));
    ask->count = post->count;
    for (size_t i = 0; i < post->count; i++) {
        BG_TRY(resolve_line(image, ask, i, &post->lines[i], &ask->lines[i]));
        if (!acts_at(post, &ask->lines[i])) {
            return resolve_refuse(ask, i, BG_LINE_INVALID, "place", "every line is of the place that posts the document");
        }
        if (post->kind == LEDGER_KIND_SEND && (ask->lines[i].to_key.place != ask->lines[0].to_key.place ||
                                               ask->lines[i].from_key.place != ask->lines[0].from_key.place)) {
            return resolve_refuse(ask, i, BG_LINE_INVALID, "place", rules[LEDGER_KIND_SEND].words);
        }
    }
    return BG_DONE;
}

/* A reversal is dated like what it takes back while that day is open, so that the past is put right; else now. */
static bg_err resolve_reverse(struct image *image, struct image_ask *ask)
{
    bg_ms original = ask->occurred_at, at = ask->at;
    if (at == BG_TIME_NONE) {
        at = original >= ask->city_row->open_since ? original : BG_TIME_NONE;
    } else if (at < original) {
        return resolve_refuse(ask, 0, BG_LINE_INVALID, "occurred_at", "a reversal is not dated before what it takes back");
    }
    BG_TRY(resolve_time(image, ask, at, false));
    if (ask->count > LEDGER_LINES_MAX * 2) {
        return BG_FAIL_AT(BG_TOO_LARGE, "document");
    }
    for (size_t i = 0; i < ask->count; i++) {
        BG_TRY(want_line_accounts(image, ask, &ask->lines[i], false));
    }
    return BG_DONE;
}

static bg_err resolve_reserve(struct image *image, struct image_ask *ask)
{
    const struct ledger_reserve *reserve = ask->reserve;
    if (reserve->count == 0 || reserve->count > LEDGER_LINES_MAX) {
        return BG_FAIL_AT(BG_LINE_INVALID, "lines");
    }
    BG_TRY(resolve_time(image, ask, BG_TIME_NONE, false));
    if (reserve->due_at != BG_TIME_NONE && reserve->due_at <= image->now) {
        return BG_FAIL_AT(BG_BAD_INPUT, "due_at");
    }
    if (reserve->target != 0 && place_of(image, ask->city, reserve->target) == NULL) {
        return refuse_reference(ask, 0, "place", reserve->target);
    }
    ask->lines = bg_arena_array(image->arena, reserve->count, sizeof *ask->lines);
    BG_TRY(bg_need(ask->lines));
    ask->count = reserve->count;
    for (size_t i = 0; i < ask->count; i++) {
        struct image_line *line = &ask->lines[i];
        *line = (struct image_line){ .from_key = reserve->lines[i].account, .qty = reserve->lines[i].qty };
        struct ledger_key *key = &line->from_key, same = *key;
        default_owner(image, ask->city, key, &same);
        key->status = key->status == 0 ? LEDGER_USABLE : key->status;
        if (line->qty < 1 || line->qty > BG_QTY_MAX) {
            return BG_FAIL_AT(BG_QTY_RANGE, "qty");
        }
        if (key->status != LEDGER_USABLE) {
            return resolve_refuse(ask, i, BG_LINE_INVALID, "status", "only usable stock is reserved");
        }
        BG_TRY(check_key(image, ask, i, key, false));
        const struct image_lot *lot = row(&image->lots, ask->city, key->lot);
        if (lot != NULL && (lot->state != LEDGER_LOT_OPEN || (lot->expiry != BG_DATE_NONE && lot->expiry < ask->city_row->today))) {
            return resolve_refuse(ask, i, BG_LOT_NOT_FREE, "lot", "blocked, recalled or expired");
        }
        BG_TRY(resolve_account(image, ask, key, &line->from));
    }
    return BG_DONE;
}

bg_err image_resolve(struct image *image, struct image_ask *ask)
{
    if (bg_failed(ask->err)) {
        return BG_DONE;
    }
    bg_err err = ask->use != NULL       ? use_resolve(image, ask)
                 : ask->post != NULL    ? resolve_post(image, ask)
                 : ask->reverse != NULL ? resolve_reverse(image, ask)
                 : ask->reserve != NULL ? resolve_reserve(image, ask)
                                        : resolve_time(image, ask, BG_TIME_NONE, false);
    if (bg_failed(err) && bg_errors[err.code].status >= 500) {
        return err;
    }
    ask->err = err;
    return BG_DONE;
}
