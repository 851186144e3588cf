/* What the naive ledger expects of the rarer operations: expiry, recall, counts, settlements. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/model_inner.h"

/* --- goods that go out of use --- */

/* The ledger's order of accounts. */
static int by_key(const void *a, const void *b)
{
    const struct ledger_key *x = a, *y = b;
    const int64_t parts[][2] = { { x->place, y->place }, { x->item, y->item },   { x->status, y->status },
                                 { x->lot, y->lot },     { x->owner, y->owner }, { x->bin, y->bin } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i][0] != parts[i][1]) {
            return parts[i][0] < parts[i][1] ? -1 : 1;
        }
    }
    return 0;
}

static void void_holds(struct model *model, const struct ledger_key *key)
{
    for (size_t i = 0; i < model->hold_count; i++) {
        struct model_hold *hold = &model->holds[i];
        if (hold->state == LEDGER_HOLD_OPEN && model_same(&hold->key, key)) {
            MODEL_KEEP(holds, hold->state);
            hold->state = LEDGER_HOLD_VOIDED;
        }
    }
}

typedef bool (*goes_fn)(const struct model *model, const struct ledger_key *key, const void *ctx);

/* Stock of lots that `goes` says goes out of use moves to another status, at every place; what was reserved of it is reserved no
 * more. */
static bg_err move_stock(struct model *model, int kind, int status, goes_fn goes, const void *ctx, int64_t *ret_count)
{
    size_t first = model->movement_count, count = 0;
    struct ledger_key *keys = bg_heap_get((model->account_count + 1) * sizeof *keys);
    bg_err err = bg_need(keys);
    for (size_t i = 0; i < model->account_count && !bg_failed(err); i++) {
        const struct ledger_key *key = &model->accounts[i].key;
        if (model_balance(model, key, BG_TIME_NONE, BG_TIME_NONE) > 0 && goes(model, key, ctx)) {
            keys[count++] = *key;
        }
    }
    if (count > 1) {
        qsort(keys, count, sizeof *keys, by_key);
    }
    for (size_t i = 0; i < count && !bg_failed(err); i++) {
        struct ledger_key to = keys[i];
        to.status = status;
        void_holds(model, &keys[i]);
        err = model_move(model, &keys[i], &to, model_balance(model, &keys[i], BG_TIME_NONE, BG_TIME_NONE), model->now, 0);
    }
    bg_heap_free(keys);
    *ret_count = (int64_t)count;
    return bg_failed(err) || count == 0 ? err : model_end_document(model, kind, first, 0);
}

static bool has_expired(const struct model *model, const struct ledger_key *key, const void *ctx)
{
    (void)ctx;
    const struct model_lot *lot = model_lot(model, key->lot);
    return lot != NULL && lot->expiry != BG_DATE_NONE && lot->expiry < model_date(model, model->now) &&
           key->status >= LEDGER_INSPECTING && key->status <= LEDGER_HOLD;
}

static bool is_recalled(const struct model *model, const struct ledger_key *key, const void *ctx)
{
    (void)model;
    const struct ledger_recall *recall = ctx;
    return key->lot == recall->lot && key->status >= LEDGER_INSPECTING &&
           key->status <= (recall->state == LEDGER_LOT_RECALLED ? LEDGER_HOLD : LEDGER_USABLE);
}

static bg_err apply_recall(struct model *model, const struct ledger_recall *recall, struct model_answer *ret)
{
    struct model_lot *lot = model_lot(model, recall->lot);
    bool final = recall->state == LEDGER_LOT_RECALLED;
    assert(lot != NULL);
    if (lot->state == LEDGER_LOT_RECALLED && !final) {
        ret->code = BG_BAD_MOVE;
        return BG_DONE;
    }
    MODEL_KEEP(lots, lot->state);
    lot->state = recall->state;
    return recall->state == LEDGER_LOT_OPEN
               ? BG_DONE
               : move_stock(model, LEDGER_KIND_RECALL, final ? LEDGER_RECALLED : LEDGER_HOLD, is_recalled, recall, &ret->number);
}

/* --- counts --- */

static struct model_sheet *sheet_by_id(const struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->sheet_count; i++) {
        if (model->sheets[i].id == id) {
            return &model->sheets[i];
        }
    }
    return NULL;
}

static bg_err apply_count_open(struct model *model, const struct ledger_count_open *open)
{
    BG_TRY(model_room(&model->sheets, &model->sheet_room, model->sheet_count, sizeof *model->sheets));
    model->sheets[model->sheet_count++] = (struct model_sheet){ .place = open->place, .state = LEDGER_COUNT_OPEN };
    return BG_DONE;
}

/* The line of an account's newest round; NULL: not counted yet. */
static struct model_scan *newest_scan(struct model_sheet *sheet, const struct ledger_key *key)
{
    struct model_scan *found = NULL;
    for (size_t i = 0; i < sheet->count; i++) {
        struct model_scan *scan = &sheet->lines[i];
        if (model_same(&scan->key, key) && (found == NULL || scan->round > found->round)) {
            found = scan;
        }
    }
    return found;
}

static void apply_count_scan(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    struct model_sheet *sheet = sheet_by_id(model, op->scans.sheet);
    assert(sheet != NULL);
    if (sheet->state != LEDGER_COUNT_OPEN) {
        ret->code = BG_BAD_MOVE;
        return;
    }
    MODEL_KEEP(sheets, *sheet);
    for (size_t i = 0; i < op->scans.count; i++) {
        const struct ledger_count_scan *in = &op->scans.lines[i];
        bg_ms at = in->counted_at == BG_TIME_NONE ? model->now : in->counted_at;
        at = at > model->now ? model->now : at;
        struct model_scan scan = {
            .key = in->key, .counted = in->counted, .by = op->actor, .at = at, .reason = in->reason, .round = 1
        };
        struct model_scan *last = newest_scan(sheet, &in->key);
        scan.round = last == NULL ? 1 : last->round + in->recount;
        if (last != NULL && !in->recount) {
            *last = scan;
        } else {
            assert(sheet->count < MODEL_SCANS);
            sheet->lines[sheet->count++] = scan;
        }
        ret->expected[i] = model_balance(model, &in->key, at, BG_TIME_NONE);
    }
}

static bool lost_reason(int reason)
{
    return reason == LEDGER_REASON_LOSS || reason == LEDGER_REASON_DAMAGE || reason == LEDGER_REASON_DISPOSAL;
}

struct difference {
    struct ledger_key key;
    struct ledger_line line;
    bg_ms at;
};

static int by_moment(const void *a, const void *b)
{
    const struct difference *x = a, *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    const struct ledger_key *k = &x->key, *l = &y->key; /* the order in which the ledger reads the lines */
    const int64_t parts[][2] = {
        { k->item, l->item }, { k->lot, l->lot }, { k->owner, l->owner }, { k->bin, l->bin }, { k->status, l->status }
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i][0] != parts[i][1]) {
            return parts[i][0] < parts[i][1] ? -1 : 1;
        }
    }
    return 0;
}

/* What was found against what the ledger has for the moment of each scan, as known now. */
static size_t differences(const struct model *model, struct model_sheet *sheet, struct difference *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < sheet->count; i++) {
        const struct model_scan *scan = &sheet->lines[i];
        int64_t more = scan->counted - model_balance(model, &scan->key, scan->at, BG_TIME_NONE);
        if (scan != newest_scan(sheet, &scan->key) || more == 0) {
            continue;
        }
        struct difference *d = &ret[count++];
        *d = (struct difference){ .key = scan->key,
                                  .line = { .from = scan->key, .to = scan->key, .qty = llabs(more) },
                                  .at = scan->at };
        struct ledger_key *other = more > 0 ? &d->line.from : &d->line.to;
        other->bin = 0;
        other->status = more < 0 && lost_reason(scan->reason) ? LEDGER_LOST : LEDGER_DISCREPANCY;
    }
    qsort(ret, count, sizeof *ret, by_moment);
    return count;
}

/* One document for each date of scanning, dated by its last scan. */
static bg_err post_count(struct model *model, struct model_sheet *sheet, struct model_answer *ret)
{
    struct difference all[MODEL_SCANS];
    struct ledger_line lines[MODEL_LINES];
    size_t count = differences(model, sheet, all);
    bg_err err = BG_DONE;
    for (size_t from = 0, end; from < count && ret->code == BG_OK && !bg_failed(err); from = end) {
        struct ledger_post post = { .kind = LEDGER_KIND_COUNT, .fact = true, .reason = LEDGER_REASON_COUNT, .lines = lines };
        for (end = from; end < count && model_date(model, all[end].at) == model_date(model, all[from].at); end++) {
            assert(post.count < MODEL_LINES);
            lines[post.count++] = all[end].line;
        }
        ret->code = model_post(model, &post, all[end - 1].at, &err);
    }
    return err;
}

static bg_err apply_count_move(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    struct model_sheet *sheet = sheet_by_id(model, op->count_move.sheet);
    int to = op->count_move.to;
    assert(sheet != NULL);
    bool allowed = sheet->state == LEDGER_COUNT_OPEN     ? to == LEDGER_COUNT_REVIEW || to == LEDGER_COUNT_DROPPED
                   : sheet->state == LEDGER_COUNT_REVIEW ? to != LEDGER_COUNT_REVIEW
                                                         : false;
    ret->code = allowed ? BG_OK : BG_BAD_MOVE;
    for (size_t i = 0; i < sheet->count && to == LEDGER_COUNT_POSTED && ret->code == BG_OK; i++) {
        ret->code = sheet->lines[i].by == op->actor ? BG_COUNT_OWN : BG_OK;
    }
    if (ret->code != BG_OK) {
        return BG_DONE;
    }
    MODEL_KEEP(sheets, sheet->state);
    sheet->state = to;
    return to == LEDGER_COUNT_POSTED ? post_count(model, sheet, ret) : BG_DONE;
}

/* --- settling reviews --- */

static struct model_review *review_by_id(const struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->review_count; i++) {
        if (model->reviews[i].id == id) {
            return &model->reviews[i];
        }
    }
    return NULL;
}

static void settle_shipped(struct model *model, const struct model_review *review, int64_t qty)
{
    struct model_shipment *shipment = &model->shipments[review->shipment - 1];
    for (size_t i = 0; i < shipment->count; i++) {
        struct model_shipped *line = &shipment->lines[i];
        if (line->item == review->key.item && line->lot == review->key.lot && line->owner == review->key.owner) {
            MODEL_KEEP(shipments, line->settled);
            line->settled += qty;
        }
    }
    if (model_shipment_closed(shipment)) {
        MODEL_KEEP(shipments, shipment->closed);
        shipment->closed = true;
    }
}

static bg_err apply_settle(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    struct model_review *review = review_by_id(model, op->settle.review);
    int64_t sum = 0;
    bg_err err = BG_DONE;
    assert(review != NULL);
    for (size_t i = 0; i < op->settle.count; i++) {
        sum += op->settle.lines[i].qty;
    }
    ret->code = review->closed                                                   ? BG_BAD_MOVE
                : sum > review->qty - review->settled                            ? BG_QTY_RANGE
                : op->settle.count == 0 && review->kind == LEDGER_REVIEW_MISSING ? BG_LINE_INVALID
                                                                                 : BG_OK;
    if (ret->code == BG_OK && op->settle.count > 0) {
        const struct ledger_post post = {
            .kind = LEDGER_KIND_SETTLE, .reason = LEDGER_REASON_CORRECTION, .lines = op->settle.lines, .count = op->settle.count
        };
        ret->code = model_post(model, &post, BG_TIME_NONE, &err);
        review = review_by_id(model, op->settle.review);
    }
    if (ret->code != BG_OK || bg_failed(err)) {
        return err;
    }
    if (review->kind == LEDGER_REVIEW_MISSING) {
        settle_shipped(model, review, sum);
    }
    MODEL_KEEP(reviews, *review);
    review->settled += sum;
    review->closed = op->settle.count == 0 || review->settled == review->qty;
    return BG_DONE;
}

/* --- all --- */

bg_err model_apply_rare(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    switch (op->what) {
    case MODEL_LOT: {
        struct model_lot *lot = model_lot(model, op->put.lot.id);
        MODEL_KEEP(lots, lot->expiry);
        lot->expiry = op->put.lot.expiry;
        return BG_DONE;
    }
    case MODEL_EXPIRE: return move_stock(model, LEDGER_KIND_EXPIRE, LEDGER_EXPIRED, has_expired, NULL, &ret->number);
    case MODEL_RECALL: return apply_recall(model, &op->recall, ret);
    case MODEL_COUNT_OPEN: return apply_count_open(model, &op->count_open);
    case MODEL_COUNT_SCAN: apply_count_scan(model, op, ret); return BG_DONE;
    case MODEL_COUNT_MOVE: return apply_count_move(model, op, ret);
    case MODEL_SETTLE: return apply_settle(model, op, ret);
    case MODEL_POST:
    case MODEL_REVERSE:
    case MODEL_RESERVE:
    case MODEL_RELEASE:
    case MODEL_SNAPSHOT:
    case MODEL_WHAT_COUNT: break;
    }
    return BG_DONE;
}
