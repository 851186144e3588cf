/* The naive ledger: every question is answered by adding up all movements. */
#include <assert.h>
#include <string.h>

#include "cli/model.h"

#define DAY INT64_C(86400000)

void model_open(struct model *model, const struct model_world *world)
{
    *model = (struct model){ .world = *world };
}

void model_close(struct model *model)
{
    bg_heap_free(model->movements);
    bg_heap_free(model->documents);
    bg_heap_free(model->holds);
    bg_heap_free(model->shipments);
    *model = (struct model){ 0 };
}

static bg_err need_room(void *at, size_t *room, size_t count, size_t size)
{
    if (count < *room) {
        return BG_DONE;
    }
    size_t more = *room == 0 ? 256 : *room * 2;
    void *grown = bg_heap_resize(*(void **)at, more * size);
    BG_TRY(bg_need(grown));
    *(void **)at = grown;
    *room = more;
    return BG_DONE;
}

/* --- adding up --- */

static bool same(const struct ledger_key *a, const struct ledger_key *b)
{
    return a->place == b->place && a->bin == b->bin && a->owner == b->owner && a->item == b->item && a->lot == b->lot &&
           a->status == b->status;
}

static bool within(const struct model_movement *m, bg_ms at, bg_ms known_at)
{
    return (at == BG_TIME_NONE || m->occurred_at <= at) && (known_at == BG_TIME_NONE || m->recorded_at <= known_at);
}

int64_t model_balance(const struct model *model, const struct ledger_key *key, bg_ms at, bg_ms known_at)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model->movement_count; i++) {
        const struct model_movement *m = &model->movements[i];
        if (within(m, at, known_at)) {
            sum += (same(&m->to, key) ? m->qty : 0) - (same(&m->from, key) ? m->qty : 0);
        }
    }
    return sum;
}

static bool in_total(const struct ledger_key *key, int64_t place, int64_t item, int64_t owner, int status)
{
    return key->place == place && key->item == item && key->status == status && (owner == 0 || key->owner == owner);
}

int64_t model_total(const struct model *model, int64_t place, int64_t item, int64_t owner, int status, bg_ms at, bg_ms known_at)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model->movement_count; i++) {
        const struct model_movement *m = &model->movements[i];
        if (within(m, at, known_at)) {
            sum += in_total(&m->to, place, item, owner, status) ? m->qty : 0;
            sum -= in_total(&m->from, place, item, owner, status) ? m->qty : 0;
        }
    }
    return sum;
}

int64_t model_held(const struct model *model, const struct ledger_key *key)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model->hold_count; i++) {
        const struct model_hold *hold = &model->holds[i];
        if (hold->state == LEDGER_HOLD_OPEN && same(&hold->key, key)) {
            sum += hold->qty - hold->posted;
        }
    }
    return sum;
}

static bg_date date_of(const struct model *model, bg_ms at)
{
    return bg_date_at(at, model->world.offset_min);
}

/* The lowest balance at the end of the days from the day of `at` up to yesterday; INT64_MAX when that day is today. */
static int64_t lowest_past(const struct model *model, const struct ledger_key *key, bg_ms at)
{
    int64_t lowest = INT64_MAX;
    for (bg_date day = date_of(model, at); day < date_of(model, model->now); day++) {
        int64_t closing = model_balance(model, key, bg_date_start(day + 1, model->world.offset_min) - 1, BG_TIME_NONE);
        lowest = closing < lowest ? closing : lowest;
    }
    return lowest;
}

/* --- posting --- */

static bool outside(int status)
{
    return status >= LEDGER_SOURCE;
}

static bool is_fact(const struct ledger_post *post)
{
    return post->fact || post->kind == LEDGER_KIND_RECEIVE || post->kind == LEDGER_KIND_ARRIVE || post->kind == LEDGER_KIND_USE ||
           post->kind == LEDGER_KIND_MAKE;
}

/* When it counts as having happened; the code of a refusal otherwise. */
static enum bg_code time_of(const struct model *model, bg_ms at, bool fact, bg_ms *ret, bool *ret_moved)
{
    bg_ms open = bg_date_start(date_of(model, model->now) - model->world.open_days, model->world.offset_min);
    *ret = at == BG_TIME_NONE ? model->now : at;
    *ret_moved = false;
    if (*ret < open && !fact) {
        return BG_PERIOD_CLOSED;
    }
    if (*ret < open) {
        *ret = open;
        *ret_moved = true;
    }
    return BG_OK;
}

static bg_err add_movement(struct model *model, const struct ledger_key *from, const struct ledger_key *to, int64_t qty, bg_ms at)
{
    BG_TRY(need_room(&model->movements, &model->movement_room, model->movement_count, sizeof *model->movements));
    model->movements[model->movement_count++] = (struct model_movement){ .from = *from, .to = *to, .qty = qty, .occurred_at = at,
                                                                         .recorded_at = model->now, .document = model->document_count };
    return BG_DONE;
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

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

struct posting {
    const struct ledger_post *post;
    struct model_shipment *shipment;
    bg_ms at;
    bool fact;
};

static enum bg_code post_line(struct model *model, const struct posting *p, const struct ledger_line *line, struct model_answer *answer,
                              bg_err *ret_err)
{
    int64_t take = line->qty;
    struct model_hold *hold = line->hold != 0 ? hold_by_id(model, line->hold) : NULL;
    if (hold != NULL && hold->state != LEDGER_HOLD_OPEN && !p->fact) {
        return BG_HOLD_CLOSED;
    }
    if (hold != NULL && hold->state == LEDGER_HOLD_OPEN) {
        if (line->qty > hold->qty - hold->posted && !p->fact) {
            return BG_STOCK_SHORT;
        }
        hold->posted += least(line->qty, hold->qty - hold->posted);
    }
    if (!outside(line->from.status)) {
        int64_t now = model_balance(model, &line->from, BG_TIME_NONE, BG_TIME_NONE) - model_held(model, &line->from);
        int64_t past = lowest_past(model, &line->from, p->at);
        struct model_shipped *shipped = p->shipment != NULL ? shipped_of(p->shipment, &line->from) : NULL;
        if (p->shipment != NULL) {
            now = least(now, shipped != NULL ? shipped->sent - shipped->arrived - shipped->missing : 0);
        }
        now = now < 0 ? 0 : now;
        past = past < 0 ? 0 : past;
        take = least(take, least(now, past));
        if (take < line->qty && !p->fact) {
            return now < line->qty ? BG_STOCK_SHORT : BG_STOCK_PAST;
        }
        if (shipped != NULL) {
            shipped->arrived += take;
        }
    }
    if (take > 0) {
        *ret_err = add_movement(model, &line->from, &line->to, take, p->at);
    }
    if (take < line->qty && !bg_failed(*ret_err)) {
        struct ledger_key gap = line->from;
        gap.place = line->from.status == LEDGER_TRANSIT ? line->to.place : line->from.place;
        gap.bin = 0;
        gap.status = LEDGER_DISCREPANCY;
        if (!same(&gap, &line->to)) {
            *ret_err = add_movement(model, &gap, &line->to, line->qty - take, p->at);
        }
        answer->reviews++;
    }
    return BG_OK;
}

static bg_err make_shipment(struct model *model, const struct ledger_post *post)
{
    BG_TRY(need_room(&model->shipments, &model->shipment_room, model->shipment_count, sizeof *model->shipments));
    struct model_shipment *shipment = &model->shipments[model->shipment_count++];
    *shipment = (struct model_shipment){ .origin = post->lines[0].from.place, .target = post->lines[0].to.place };
    for (size_t i = 0; i < post->count; i++) {
        struct model_shipped *line = shipped_of(shipment, &post->lines[i].to);
        if (line == NULL) {
            line = &shipment->lines[shipment->count++];
            *line = (struct model_shipped){ post->lines[i].to.item, post->lines[i].to.lot, post->lines[i].to.owner, 0, 0, 0 };
        }
        line->sent += post->lines[i].qty;
    }
    return BG_DONE;
}

static void settle_shipment(const struct posting *p, struct model_answer *answer)
{
    int64_t left = 0, missing = 0;
    for (size_t i = 0; i < p->shipment->count; i++) {
        struct model_shipped *line = &p->shipment->lines[i];
        int64_t rest = line->sent - line->arrived - line->missing;
        if (p->post->final && rest > 0) {
            line->missing += rest;
            answer->reviews++;
            rest = 0;
        }
        left += rest;
        missing += line->missing;
    }
    p->shipment->closed = left == 0 && missing == 0;
}

static void close_holds(struct model *model, const struct ledger_post *post)
{
    for (size_t i = 0; i < post->count; i++) {
        struct model_hold *hold = post->lines[i].hold != 0 ? hold_by_id(model, post->lines[i].hold) : NULL;
        if (hold != NULL && hold->state == LEDGER_HOLD_OPEN) {
            hold->state = LEDGER_HOLD_POSTED;
        }
    }
}

static bg_err end_document(struct model *model, int kind, size_t first, size_t shipment)
{
    BG_TRY(need_room(&model->documents, &model->document_room, model->document_count, sizeof *model->documents));
    model->documents[model->document_count++] = (struct model_document){ .kind = kind, .first = first, .shipment = shipment,
                                                                         .count = model->movement_count - first };
    return BG_DONE;
}

static bg_err apply_post(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    struct posting p = { .post = &op->post, .fact = is_fact(&op->post) };
    bool moved;
    bg_err err = BG_DONE;
    ret->code = time_of(model, op->at, p.fact, &p.at, &moved);
    if (ret->code == BG_OK && op->post.kind == LEDGER_KIND_ARRIVE) {
        p.shipment = shipment_by_id(model, op->post.shipment);
        ret->code = p.shipment == NULL ? BG_NOT_FOUND : p.shipment->closed ? BG_SHIPMENT_CLOSED : BG_OK;
    }
    for (size_t i = 0; i < op->post.count && ret->code == BG_OK && !bg_failed(err); i++) {
        ret->code = post_line(model, &p, &op->post.lines[i], ret, &err);
    }
    if (ret->code != BG_OK || bg_failed(err)) {
        return err;
    }
    ret->reviews += moved && model->movement_count > ret->movement_first;
    close_holds(model, &op->post);
    if (op->post.kind == LEDGER_KIND_SEND) {
        BG_TRY(make_shipment(model, &op->post));
    }
    if (p.shipment != NULL) {
        settle_shipment(&p, ret);
    }
    return end_document(model, op->post.kind, ret->movement_first, op->post.kind == LEDGER_KIND_SEND ? model->shipment_count : 0);
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
        if (lowest_past(model, &m.to, at) < m.qty) {
            return BG_STOCK_PAST;
        }
    }
    *ret_err = add_movement(model, &m.to, &m.from, m.qty, at);
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

static bg_err apply_reverse(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    const struct model_document *found = document_by_id(model, op->reverse.document);
    assert(found != NULL);
    const struct model_document document = *found;
    bg_err err = BG_DONE;
    bool moved;
    bg_ms at;
    if (document.count == 0) {
        ret->code = BG_NOT_FOUND; /* nothing to take back */
        return BG_DONE;
    }
    if (document.kind == LEDGER_KIND_SEND || document.kind == LEDGER_KIND_ARRIVE || document.kind == LEDGER_KIND_REVERSE) {
        ret->code = BG_NOT_REVERSIBLE;
        return BG_DONE;
    }
    for (size_t i = document.first; i < document.first + document.count; i++) {
        ret->code = model->movements[i].reversed ? BG_REVERSED : ret->code;
    }
    bg_ms original = model->movements[document.first].occurred_at;
    if (time_of(model, original, false, &at, &moved) == BG_PERIOD_CLOSED) {
        at = model->now;
    }
    for (size_t i = document.first; i < document.first + document.count && ret->code == BG_OK && !bg_failed(err); i++) {
        ret->code = reverse_one(model, i, at, &err);
    }
    if (ret->code != BG_OK || bg_failed(err)) {
        return err;
    }
    for (size_t i = document.first; i < document.first + document.count; i++) {
        model->movements[i].reversed = true;
    }
    return end_document(model, LEDGER_KIND_REVERSE, ret->movement_first, 0);
}

/* --- holds --- */

static bg_err apply_reserve(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    for (size_t i = 0; i < op->reserve.count; i++) {
        const struct ledger_hold_line *line = &op->reserve.lines[i];
        if (line->qty > model_balance(model, &line->account, BG_TIME_NONE, BG_TIME_NONE) - model_held(model, &line->account)) {
            ret->code = BG_STOCK_SHORT;
            return BG_DONE;
        }
        BG_TRY(need_room(&model->holds, &model->hold_room, model->hold_count, sizeof *model->holds));
        model->holds[model->hold_count++] = (struct model_hold){ .key = line->account, .qty = line->qty, .state = LEDGER_HOLD_OPEN,
                                                                 .due_at = op->reserve.due_at };
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
        hold->state = op->release.lapse ? LEDGER_HOLD_LAPSED : LEDGER_HOLD_VOIDED;
    }
}

/* --- all --- */

/* What a refusal has to leave as it was. */
struct before {
    size_t movements, holds, shipments;
    struct model_hold *hold_copy;
    struct model_shipment *shipment_copy;
};

static bg_err remember(const struct model *model, struct before *ret)
{
    *ret = (struct before){ .movements = model->movement_count, .holds = model->hold_count, .shipments = model->shipment_count };
    ret->hold_copy = bg_heap_get(model->hold_count * sizeof *ret->hold_copy + 1);
    ret->shipment_copy = bg_heap_get(model->shipment_count * sizeof *ret->shipment_copy + 1);
    if (ret->hold_copy == NULL || ret->shipment_copy == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    if (model->hold_count > 0) {
        memcpy(ret->hold_copy, model->holds, model->hold_count * sizeof *ret->hold_copy);
    }
    if (model->shipment_count > 0) {
        memcpy(ret->shipment_copy, model->shipments, model->shipment_count * sizeof *ret->shipment_copy);
    }
    return BG_DONE;
}

static void restore(struct model *model, const struct before *before)
{
    model->movement_count = before->movements;
    model->hold_count = before->holds;
    model->shipment_count = before->shipments;
    if (before->holds > 0) {
        memcpy(model->holds, before->hold_copy, before->holds * sizeof *model->holds);
    }
    if (before->shipments > 0) {
        memcpy(model->shipments, before->shipment_copy, before->shipments * sizeof *model->shipments);
    }
}

bg_err model_apply(struct model *model, const struct model_op *op, struct model_answer *ret)
{
    struct before before;
    bg_err err = remember(model, &before);
    *ret = (struct model_answer){ .movement_first = model->movement_count, .hold_first = model->hold_count };
    if (!bg_failed(err)) {
        switch (op->what) {
        case MODEL_POST: err = apply_post(model, op, ret); break;
        case MODEL_REVERSE: err = apply_reverse(model, op, ret); break;
        case MODEL_RESERVE: err = apply_reserve(model, op, ret); break;
        case MODEL_RELEASE: apply_release(model, op, ret); break;
        case MODEL_WHAT_COUNT: break;
        }
    }
    if (!bg_failed(err) && ret->code != BG_OK) {
        restore(model, &before);
        ret->reviews = 0;
    }
    ret->movement_count = model->movement_count - ret->movement_first;
    ret->hold_count = model->hold_count - ret->hold_first;
    bg_heap_free(before.hold_copy);
    bg_heap_free(before.shipment_copy);
    return err;
}

void model_learn(struct model *model, const struct model_answer *answer, int64_t document, const int64_t *movements, const int64_t *holds)
{
    for (size_t i = 0; i < answer->movement_count; i++) {
        model->movements[answer->movement_first + i].id = movements[i];
    }
    for (size_t i = 0; i < answer->hold_count; i++) {
        model->holds[answer->hold_first + i].id = holds[i];
    }
    if (document != 0) {
        struct model_document *made = &model->documents[model->document_count - 1];
        made->id = document;
        if (made->shipment != 0) {
            model->shipments[made->shipment - 1].id = document;
        }
    }
}
