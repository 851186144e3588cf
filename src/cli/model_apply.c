/* What the naive ledger expects of each operation. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/model_inner.h"

#define AHEAD_MS INT64_C(300000)

/* --- posting --- */

static bool outside(int status)
{
    return status >= LEDGER_SOURCE;
}

static bool is_fact(const struct ledger_post *post)
{
    return post->fact || post->kind == LEDGER_KIND_RECEIVE || post->kind == LEDGER_KIND_ARRIVE || post->kind == LEDGER_KIND_USE ||
           post->kind == LEDGER_KIND_MAKE || post->kind == LEDGER_KIND_COUNT;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When it counts as having happened; the code of a refusal otherwise. */
static enum bg_code time_of(const struct model *model, bg_ms at, bool fact, bg_ms *ret, bool *ret_moved)
{
    bg_ms open = bg_date_start(model_date(model, model->now) - model->world.open_days, model->world.offset_min);
    *ret = at == BG_TIME_NONE ? model->now : at;
    *ret_moved = false;
    if (*ret > model->now + AHEAD_MS) {
        return BG_TIME_AHEAD;
    }
    *ret = least(*ret, model->now);
    if (*ret < open && !fact) {
        return BG_PERIOD_CLOSED;
    }
    if (*ret < open) {
        *ret = open;
        *ret_moved = true;
    }
    return BG_OK;
}

static struct model_hold *hold_by_id(const struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->hold_count; i++) {
        if (model->holds[i].id == id) {
            return &model->holds[i];
        }
    }
    return NULL;
}

static struct model_shipment *shipment_by_id(const struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->shipment_count; i++) {
        if (model->shipments[i].id == id) {
            return &model->shipments[i];
        }
    }
    return NULL;
}

static struct model_shipped *shipped_of(struct model_shipment *shipment, const struct ledger_key *key)
{
    for (size_t i = 0; i < shipment->count; i++) {
        struct model_shipped *line = &shipment->lines[i];
        if (line->item == key->item && line->lot == key->lot && line->owner == key->owner) {
            return line;
        }
    }
    return NULL;
}

struct posting {
    const struct ledger_post *post;
    struct ledger_line lines[MODEL_LINES];
    bool odd[MODEL_LINES]; /* goods that should not have left: a review */
    struct model_shipment *shipment;
    bg_ms at;
    bool fact;
};

/* Goods of a blocked, recalled or expired lot: refused, or recorded and reviewed, or recorded in the status of the lot. */
static enum bg_code look_at_lot(const struct model *model, struct posting *p, size_t i)
{
    struct ledger_line *line = &p->lines[i];
    const struct model_lot *lot = model_lot(model, line->to.lot);
    int kind = p->post->kind, from = line->from.status, to = line->to.status;
    if (lot == NULL) {
        return BG_OK;
    }
    bool closed = lot->state != LEDGER_LOT_OPEN;
    bool expired = lot->expiry != BG_DATE_NONE && lot->expiry < model_date(model, p->at);
    bool free_now = to == LEDGER_USABLE || to == LEDGER_RECEIVING || to == LEDGER_INSPECTING;
    bool enters = free_now && from != LEDGER_USED && (from != to || line->from.place != line->to.place);
    bool leaves = (kind == LEDGER_KIND_ISSUE || kind == LEDGER_KIND_SEND || kind == LEDGER_KIND_USE) && from == LEDGER_USABLE &&
                  to != LEDGER_LOST && to != LEDGER_SOURCE;
    if (enters && closed && p->fact) {
        line->to.status = lot->state == LEDGER_LOT_RECALLED ? LEDGER_RECALLED : LEDGER_HOLD;
        return BG_OK;
    }
    bool bad =
        (enters && closed) || (leaves && (expired || closed)) || (kind == LEDGER_KIND_STATUS && to == LEDGER_USABLE && expired);
    p->odd[i] = bad && !p->post->override && p->fact;
    return bad && !p->post->override && !p->fact ? BG_LOT_NOT_FREE : BG_OK;
}

/* What is there for the line: now, and on the poorest of the days since. An arrival takes only what its own sending put on the
 * way. */
static int64_t there_is(const struct model *model, const struct posting *p, const struct ledger_line *line,
                        const struct model_shipped *shipped, int64_t *ret_past)
{
    int64_t now = model_balance(model, &line->from, BG_TIME_NONE, BG_TIME_NONE) - model_held(model, &line->from);
    int64_t past = model_lowest(model, &line->from, p->at);
    if (p->shipment != NULL) {
        now = least(now, shipped != NULL ? shipped->sent - shipped->arrived - shipped->missing : 0);
    }
    *ret_past = past < 0 ? 0 : past;
    return now < 0 ? 0 : now;
}

static bg_err post_gap(struct model *model, const struct posting *p, const struct ledger_line *line, int64_t qty)
{
    struct ledger_key gap = line->from;
    gap.place = line->from.status == LEDGER_TRANSIT ? line->to.place : line->from.place;
    gap.bin = 0;
    gap.status = LEDGER_DISCREPANCY;
    if (!model_same(&gap, &line->to)) {
        BG_TRY(model_move(model, &gap, &line->to, qty, p->at, 0));
    }
    return model_add_review(model, p->shipment != NULL ? LEDGER_REVIEW_EXTRA : LEDGER_REVIEW_SHORT, &gap, qty, 0);
}

static enum bg_code use_hold(struct model *model, const struct posting *p, const struct ledger_line *line)
{
    struct model_hold *hold = line->hold != 0 ? hold_by_id(model, line->hold) : NULL;
    if (hold != NULL && hold->state != LEDGER_HOLD_OPEN && !p->fact) {
        return BG_HOLD_CLOSED;
    }
    if (hold != NULL && hold->state == LEDGER_HOLD_OPEN) {
        if (line->qty > hold->qty - hold->posted && !p->fact) {
            return BG_STOCK_SHORT;
        }
        MODEL_KEEP(holds, hold->posted);
        hold->posted += least(line->qty, hold->qty - hold->posted);
    }
    return BG_OK;
}

static enum bg_code post_line(struct model *model, struct posting *p, size_t i, bg_err *ret_err)
{
    const struct ledger_line *line = &p->lines[i];
    int64_t take = line->qty;
    enum bg_code code = use_hold(model, p, line);
    if (code != BG_OK) {
        return code;
    }
    if (!outside(line->from.status)) {
        struct model_shipped *shipped = p->shipment != NULL ? shipped_of(p->shipment, &line->from) : NULL;
        int64_t past, now = there_is(model, p, line, shipped, &past);
        take = least(take, least(now, past));
        if (take < line->qty && !p->fact) {
            return now < line->qty ? BG_STOCK_SHORT : BG_STOCK_PAST;
        }
        if (shipped != NULL) {
            MODEL_KEEP(shipments, shipped->arrived);
            shipped->arrived += take;
        }
    }
    if (take > 0) {
        *ret_err = model_move(model, &line->from, &line->to, take, p->at, 0);
    }
    if (take < line->qty && !bg_failed(*ret_err)) {
        *ret_err = post_gap(model, p, line, line->qty - take);
    }
    if (p->odd[i] && !bg_failed(*ret_err)) {
        *ret_err = model_add_review(model, LEDGER_REVIEW_EXPIRED, &line->to, line->qty, 0);
    }
    return BG_OK;
}

/* The order in which the ledger reads the lines of a shipment. */
static int by_goods(const void *a, const void *b)
{
    const struct model_shipped *x = a, *y = b;
    const int64_t left[] = { x->item, x->lot, x->owner }, right[] = { y->item, y->lot, y->owner };
    for (size_t i = 0; i < 3; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

static bg_err make_shipment(struct model *model, const struct ledger_post *post)
{
    BG_TRY(model_room(&model->shipments, &model->shipment_room, model->shipment_count, sizeof *model->shipments));
    struct model_shipment *shipment = &model->shipments[model->shipment_count++];
    *shipment = (struct model_shipment){ .origin = post->lines[0].from.place, .target = post->lines[0].to.place };
    for (size_t i = 0; i < post->count; i++) {
        struct model_shipped *line = shipped_of(shipment, &post->lines[i].to);
        if (line == NULL) {
            line = &shipment->lines[shipment->count++];
            *line = (struct model_shipped){ post->lines[i].to.item, post->lines[i].to.lot, post->lines[i].to.owner, 0, 0, 0, 0 };
        }
        line->sent += post->lines[i].qty;
    }
    qsort(shipment->lines, shipment->count, sizeof *shipment->lines, by_goods);
    return BG_DONE;
}

bool model_shipment_closed(const struct model_shipment *shipment)
{
    int64_t rest = 0;
    for (size_t i = 0; i < shipment->count; i++) {
        rest += shipment->lines[i].sent - shipment->lines[i].arrived - shipment->lines[i].settled;
    }
    return rest == 0;
}

static bg_err settle_shipment(struct model *model, const struct posting *p)
{
    struct model_shipment *shipment = p->shipment;
    for (size_t i = 0; i < shipment->count && p->post->final; i++) {
        struct model_shipped *line = &shipment->lines[i];
        int64_t rest = line->sent - line->arrived - line->missing;
        const struct ledger_key transit = {
            .place = shipment->target, .owner = line->owner, .item = line->item, .lot = line->lot, .status = LEDGER_TRANSIT
        };
        if (rest > 0) {
            MODEL_KEEP(shipments, line->missing);
            line->missing += rest;
            BG_TRY(model_add_review(model, LEDGER_REVIEW_MISSING, &transit, rest, (size_t)(shipment - model->shipments) + 1));
        }
    }
    MODEL_KEEP(shipments, shipment->closed);
    shipment->closed = model_shipment_closed(shipment);
    return BG_DONE;
}

static void close_holds(struct model *model, const struct ledger_post *post)
{
    for (size_t i = 0; i < post->count; i++) {
        struct model_hold *hold = post->lines[i].hold != 0 ? hold_by_id(model, post->lines[i].hold) : NULL;
        if (hold != NULL && hold->state == LEDGER_HOLD_OPEN) {
            MODEL_KEEP(holds, hold->state);
            hold->state = LEDGER_HOLD_POSTED;
        }
    }
}

bg_err model_end_document(struct model *model, int kind, size_t first, size_t shipment)
{
    BG_TRY(model_room(&model->documents, &model->document_room, model->document_count, sizeof *model->documents));
    model->documents[model->document_count++] =
        (struct model_document){ .kind = kind, .first = first, .shipment = shipment, .count = model->movement_count - first };
    return BG_DONE;
}

bg_err model_add_review(struct model *model, int kind, const struct ledger_key *key, int64_t qty, size_t shipment)
{
    BG_TRY(model_room(&model->reviews, &model->review_room, model->review_count, sizeof *model->reviews));
    model->reviews[model->review_count++] = (struct model_review){ .kind = kind, .key = *key, .qty = qty, .shipment = shipment };
    return BG_DONE;
}

/* What is refused without a look at any balance. */
static enum bg_code look_at_post(struct model *model, bg_ms at, struct posting *p, bool *ret_moved)
{
    enum bg_code code = time_of(model, at, p->fact, &p->at, ret_moved);
    if (code == BG_OK && p->post->kind == LEDGER_KIND_ARRIVE) {
        p->shipment = shipment_by_id(model, p->post->shipment);
        code = p->shipment == NULL ? BG_NOT_FOUND : BG_OK;
    }
    for (size_t i = 0; i < p->post->count && code == BG_OK; i++) {
        p->lines[i] = p->post->lines[i];
        code = look_at_lot(model, p, i);
    }
    return code == BG_OK && p->shipment != NULL && p->shipment->closed ? BG_SHIPMENT_CLOSED : code;
}

static bg_err finish_post(struct model *model, const struct posting *p, size_t first, bool moved)
{
    bool send = p->post->kind == LEDGER_KIND_SEND;
    close_holds(model, p->post);
    if (send) {
        BG_TRY(make_shipment(model, p->post));
    }
    if (p->shipment != NULL) {
        BG_TRY(settle_shipment(model, p));
    }
    if (moved && model->movement_count > first) {
        const struct model_movement m = model->movements[first];
        BG_TRY(model_add_review(model, LEDGER_REVIEW_PERIOD, &m.to, m.qty, 0));
    }
    return model_end_document(model, p->post->kind, first, send ? model->shipment_count : 0);
}

enum bg_code model_post(struct model *model, const struct ledger_post *post, bg_ms at, bg_err *ret_err)
{
    struct posting p = { .post = post, .fact = is_fact(post) };
    size_t first = model->movement_count;
    bool moved = false;
    enum bg_code code = look_at_post(model, at, &p, &moved);
    for (size_t i = 0; i < post->count && code == BG_OK && !bg_failed(*ret_err); i++) {
        code = post_line(model, &p, i, ret_err);
    }
    if (code == BG_OK && !bg_failed(*ret_err)) {
        *ret_err = finish_post(model, &p, first, moved);
    }
    return code;
}

/* --- reversing --- */

static enum bg_code reverse_one(struct model *model, size_t index, bg_ms at, bg_err *ret_err)
{
    const struct model_movement m = model->movements[index];
    if (!outside(m.to.status)) {
        int64_t now = model_balance(model, &m.to, BG_TIME_NONE, BG_TIME_NONE) - model_held(model, &m.to);
        if (now < m.qty) {
            return BG_STOCK_SHORT;
        }
        if (model_lowest(model, &m.to, at) < m.qty) {
            return BG_STOCK_PAST;
        }
    }
    MODEL_KEEP(movements, model->movements[index].reversed);
    model->movements[index].reversed = true;
    *ret_err = model_move(model, &m.to, &m.from, m.qty, at, index + 1);
    return BG_OK;
}

static const struct model_document *document_by_id(const struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->document_count; i++) {
        if (model->documents[i].id == id) {
            return &model->documents[i];
        }
    }
    return NULL;
}

static enum bg_code look_at_reversal(const struct model *model, const struct model_document *document, bg_ms *ret_at)
{
    bool moved;
    if (document->count == 0) {
        return BG_NOT_FOUND; /* nothing to take back */
    }
    if (document->kind == LEDGER_KIND_SEND || document->kind == LEDGER_KIND_ARRIVE || document->kind == LEDGER_KIND_REVERSE ||
        document->kind == LEDGER_KIND_SETTLE) {
        return BG_NOT_REVERSIBLE;
    }
    bg_ms original = model->movements[document->first].occurred_at;
    enum bg_code code = time_of(model, original, false, ret_at, &moved);
    if (code == BG_PERIOD_CLOSED) {
        *ret_at = model->now;
        code = BG_OK;
    }
    for (size_t i = document->first; i < document->first + document->count && code == BG_OK; i++) {
        code = model->movements[i].reversed ? BG_REVERSED : BG_OK;
    }
    return code;
}

static bg_err apply_reverse(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    const struct model_document *found = document_by_id(model, op->reverse.document);
    assert(found != NULL);
    const struct model_document document = *found;
    bg_err err = BG_DONE;
    bg_ms at;
    ret->code = look_at_reversal(model, &document, &at);
    for (size_t i = document.first; i < document.first + document.count && ret->code == BG_OK && !bg_failed(err); i++) {
        ret->code = reverse_one(model, i, at, &err);
    }
    if (ret->code != BG_OK || bg_failed(err)) {
        return err;
    }
    return model_end_document(model, LEDGER_KIND_REVERSE, ret->movement_first, 0);
}

/* --- holds --- */

static bg_err apply_reserve(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    for (size_t i = 0; i < op->reserve.count && ret->code == BG_OK; i++) {
        const struct model_lot *lot = model_lot(model, op->reserve.lines[i].account.lot);
        bool expired = lot != NULL && lot->expiry != BG_DATE_NONE && lot->expiry < model_date(model, model->now);
        ret->code = lot != NULL && (lot->state != LEDGER_LOT_OPEN || expired) ? BG_LOT_NOT_FREE : BG_OK;
    }
    for (size_t i = 0; i < op->reserve.count && ret->code == BG_OK; i++) {
        const struct ledger_hold_line *line = &op->reserve.lines[i];
        if (line->qty > model_balance(model, &line->account, BG_TIME_NONE, BG_TIME_NONE) - model_held(model, &line->account)) {
            ret->code = BG_STOCK_SHORT;
            return BG_DONE;
        }
        BG_TRY(model_room(&model->holds, &model->hold_room, model->hold_count, sizeof *model->holds));
        model->holds[model->hold_count++] = (struct model_hold){
            .key = line->account, .qty = line->qty, .state = LEDGER_HOLD_OPEN, .due_at = op->reserve.due_at
        };
    }
    return BG_DONE;
}

static void apply_release(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    for (size_t i = 0; i < op->release.count; i++) {
        struct model_hold *hold = hold_by_id(model, op->release.holds[i]);
        assert(hold != NULL);
        if (op->release.lapse && (hold->state != LEDGER_HOLD_OPEN || hold->due_at == BG_TIME_NONE || hold->due_at > model->now)) {
            continue;
        }
        if (hold->state != LEDGER_HOLD_OPEN) {
            ret->code = BG_HOLD_CLOSED;
            return;
        }
        MODEL_KEEP(holds, hold->state);
        hold->state = op->release.lapse ? LEDGER_HOLD_LAPSED : LEDGER_HOLD_VOIDED;
    }
}

/* --- all --- */

static bg_err apply(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    bg_err err = BG_DONE;
    switch (op->what) {
    case MODEL_POST: ret->code = op->wrong != BG_OK ? op->wrong : model_post(model, &op->post, op->at, &err); return err;
    case MODEL_REVERSE: return apply_reverse(model, op, ret);
    case MODEL_RESERVE: return apply_reserve(model, op, ret);
    case MODEL_RELEASE: apply_release(model, op, ret); return BG_DONE;
    case MODEL_SNAPSHOT:
    case MODEL_LOT:
    case MODEL_EXPIRE:
    case MODEL_RECALL:
    case MODEL_COUNT_OPEN:
    case MODEL_COUNT_SCAN:
    case MODEL_COUNT_MOVE:
    case MODEL_SETTLE:
    case MODEL_WHAT_COUNT: break;
    }
    return model_apply_rare(model, op, ret);
}

bg_err model_apply(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    const struct model_mark before = model_mark(model);
    *ret = (struct model_answer){ .document_first = model->document_count,
                                  .movement_first = model->movement_count,
                                  .hold_first = model->hold_count,
                                  .review_first = model->review_count };
    bg_err err = apply(model, op, ret);
    if (model->no_memory) {
        err = BG_FAIL(BG_NO_MEMORY);
    }
    if (!bg_failed(err) && ret->code != BG_OK) {
        model_back(model, &before);
    }
    ret->sheet = model->sheet_count > before.sheets ? model->sheet_count : 0;
    ret->document_count = model->document_count - ret->document_first;
    ret->movement_count = model->movement_count - ret->movement_first;
    ret->hold_count = model->hold_count - ret->hold_first;
    ret->review_count = model->review_count - ret->review_first;
    return err;
}
