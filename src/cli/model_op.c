/* Random operations of all kinds, drawn so that most are possible and many are not. */
#include <assert.h>

#include "cli/model.h"

static size_t below(const struct bg_env *env, size_t bound)
{
    return (size_t)bg_random_below(env, bound);
}

static bool chance(const struct bg_env *env, size_t percent)
{
    return below(env, 100) < percent;
}

static const int inside_statuses[] = { LEDGER_INSPECTING, LEDGER_RECEIVING, LEDGER_USABLE, LEDGER_HOLD, LEDGER_DAMAGED };

/* An account of stock somewhere; usable more often than not. */
static struct ledger_key stock_key(const struct model *model, const struct bg_env *env, int64_t place, int status)
{
    const struct model_world *w = &model->world;
    size_t item = below(env, w->item_count);
    struct ledger_key key = { .place = place,
                              .item = w->items[item],
                              .lot = w->lot[item * w->lots + below(env, w->lots)].id,
                              .owner = w->owners[chance(env, 80) ? 0 : below(env, w->owner_count)],
                              .status = status };
    if (place == w->depots[0] && w->bin_count > 0 && chance(env, 30)) {
        key.bin = w->bins[below(env, w->bin_count)];
    }
    return key;
}

static int64_t any_depot(const struct model *model, const struct bg_env *env)
{
    return model->world.depots[below(env, model->world.depot_count)];
}

static int64_t any_user(const struct model *model, const struct bg_env *env)
{
    return model->world.users[below(env, model->world.user_count)];
}

static int64_t other_place(const struct model *model, const struct bg_env *env, int64_t not )
{
    int64_t place = chance(env, 50) ? any_depot(model, env) : any_user(model, env);
    return place != not ? place : model->world.users[0] != not ? model->world.users[0] : model->world.depots[0];
}

/* About what is there, sometimes more. */
static int64_t some_qty(const struct model *model, const struct bg_env *env, const struct ledger_key *key)
{
    int64_t there = model_balance(model, key, BG_TIME_NONE, BG_TIME_NONE);
    int64_t bound = there > 0 && chance(env, 85) ? there : there + 20;
    return 1 + (int64_t)below(env, bound > 0 ? (size_t)bound : 20);
}

static void line_receive(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    line->to = stock_key(model, env, any_depot(model, env), inside_statuses[chance(env, 60) ? 2 : below(env, 5)]);
    line->from = line->to;
    line->from.place = chance(env, 50) ? model->world.supplier : line->to.place;
    line->from.status = LEDGER_SOURCE;
    line->from.bin = 0;
    line->qty = 1 + (int64_t)below(env, 60);
}

static void line_make(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    line->to = stock_key(model, env, model->world.maker, chance(env, 70) ? LEDGER_PRODUCING : LEDGER_USABLE);
    line->from = line->to;
    line->from.status = LEDGER_SOURCE;
    line->qty = 1 + (int64_t)below(env, 60);
}

static void line_issue(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    line->from = stock_key(model, env, any_depot(model, env), LEDGER_USABLE);
    line->to = line->from;
    line->to.bin = 0;
    size_t way = below(env, 10);
    line->to.place = way < 7 ? other_place(model, env, line->from.place) : way < 9 ? model->world.site : line->from.place;
    line->to.status = way < 7 ? LEDGER_USABLE : way < 9 ? LEDGER_USED : LEDGER_LOST;
    line->qty = some_qty(model, env, &line->from);
}

static void line_transfer(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    const struct model_world *w = &model->world;
    line->from = stock_key(model, env, w->depots[0], inside_statuses[1 + below(env, 4)]);
    line->to = line->from;
    line->to.bin = line->from.bin == 0 ? w->bins[0] : 0;
    line->qty = some_qty(model, env, &line->from);
}

static void line_send(struct model *model, const struct bg_env *env, struct ledger_line *line, const struct ledger_line *first)
{
    line->from = stock_key(model, env, first == line ? any_depot(model, env) : first->from.place, LEDGER_USABLE);
    line->to = line->from;
    line->to.bin = 0;
    line->to.status = LEDGER_TRANSIT;
    line->to.place = first == line ? other_place(model, env, line->from.place) : first->to.place;
    line->qty = some_qty(model, env, &line->from);
}

static void line_status(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    static const int steps[][2] = {
        { LEDGER_INSPECTING, LEDGER_USABLE }, { LEDGER_RECEIVING, LEDGER_USABLE },     { LEDGER_RECEIVING, LEDGER_HOLD },
        { LEDGER_USABLE, LEDGER_HOLD },       { LEDGER_USABLE, LEDGER_DAMAGED },       { LEDGER_HOLD, LEDGER_USABLE },
        { LEDGER_DAMAGED, LEDGER_HOLD },      { LEDGER_PRODUCING, LEDGER_INSPECTING },
    };
    size_t step = below(env, sizeof steps / sizeof *steps);
    int64_t place = chance(env, 80) ? any_depot(model, env) : any_user(model, env);
    place = steps[step][0] == LEDGER_PRODUCING && model->world.maker != 0 ? model->world.maker : place;
    line->from = stock_key(model, env, place, steps[step][0]);
    line->to = line->from;
    line->to.status = steps[step][1];
    line->qty = some_qty(model, env, &line->from);
}

static void line_adjust(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    line->from = stock_key(model, env, any_depot(model, env), inside_statuses[2 + below(env, 3)]);
    line->to = line->from;
    line->to.status = chance(env, 50) ? LEDGER_LOST : LEDGER_DISCREPANCY;
    line->to.bin = 0;
    line->qty = some_qty(model, env, &line->from);
    if (chance(env, 50)) { /* found */
        struct ledger_key swap = line->from;
        line->from = line->to;
        line->to = swap;
    }
}

static void line_use(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    line->from = stock_key(model, env, any_user(model, env), LEDGER_USABLE);
    line->to = line->from;
    line->to.status = LEDGER_USED;
    line->qty = some_qty(model, env, &line->from);
}

static void line_owner(struct model *model, const struct bg_env *env, struct ledger_line *line)
{
    const struct model_world *w = &model->world;
    line->from = stock_key(model, env, any_depot(model, env), LEDGER_USABLE);
    line->to = line->from;
    line->to.owner = line->from.owner == w->owners[0] ? w->owners[1] : w->owners[0];
    line->paid = chance(env, 50) ? LEDGER_PAID : LEDGER_FREE;
    line->qty = some_qty(model, env, &line->from);
}

/* Lines that answer a sending: right, wrong lot, too many, too few. */
static bool lines_arrive(struct model *model, const struct bg_env *env, struct model_op *op)
{
    if (model->shipment_known == 0) {
        return false;
    }
    const struct model_shipment *shipment = &model->shipments[below(env, model->shipment_known)];
    op->post.shipment = shipment->id;
    op->post.final = chance(env, 30);
    op->post.count = 0;
    for (size_t i = 0; i < shipment->count; i++) {
        const struct model_shipped *sent = &shipment->lines[i];
        int64_t left = sent->sent - sent->arrived - sent->missing;
        if (left <= 0 && chance(env, 80)) {
            continue;
        }
        struct ledger_line *line = &op->lines[op->post.count++];
        line->from = (struct ledger_key){
            .place = shipment->target, .owner = sent->owner, .item = sent->item, .lot = sent->lot, .status = LEDGER_TRANSIT
        };
        line->to = line->from;
        line->to.place = chance(env, 90) ? shipment->target : shipment->origin;
        line->to.status = inside_statuses[chance(env, 80) ? 2 : below(env, 5)];
        line->qty = chance(env, 70) && left > 0 ? left : 1 + (int64_t)below(env, (size_t)(left > 0 ? left + 3 : 3));
    }
    return op->post.count > 0 || op->post.final;
}

static bool lines_hold(struct model *model, const struct bg_env *env, struct model_op *op)
{
    if (model->hold_known == 0) {
        return false;
    }
    const struct model_hold *hold = &model->holds[below(env, model->hold_known)];
    struct ledger_line *line = &op->lines[0];
    line->from = hold->key;
    line->to = hold->key;
    line->to.bin = 0;
    line->to.place = other_place(model, env, hold->key.place);
    line->hold = hold->id;
    line->qty = 1 + (int64_t)below(env, (size_t)hold->qty + 2);
    op->post.count = 1;
    return true;
}

static const struct {
    int kind, reason;
    void (*line)(struct model *model, const struct bg_env *env, struct ledger_line *line);
    size_t weight, fact; /* per cent */
} kinds[] = {
    { LEDGER_KIND_RECEIVE, LEDGER_REASON_PURCHASE, line_receive, 21, 0 },
    { LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, line_issue, 22, 30 },
    { LEDGER_KIND_TRANSFER, LEDGER_REASON_MOVE, line_transfer, 6, 10 },
    { LEDGER_KIND_STATUS, LEDGER_REASON_ACCEPTED, line_status, 10, 0 },
    { LEDGER_KIND_ADJUST, LEDGER_REASON_LOSS, line_adjust, 5, 20 },
    { LEDGER_KIND_USE, LEDGER_REASON_USE, line_use, 10, 0 },
    { LEDGER_KIND_OWNER, LEDGER_REASON_OWNERSHIP, line_owner, 4, 0 },
    { LEDGER_KIND_MAKE, LEDGER_REASON_PRODUCTION, line_make, 3, 0 },
};

static void op_post(struct model *model, const struct bg_env *env, struct model_op *op)
{
    size_t draw = below(env, 100), lines = chance(env, 70) ? 1 : 2 + below(env, MODEL_LINES - 2);
    op->what = MODEL_POST;
    op->post = (struct ledger_post){ .count = lines, .lines = op->lines };
    if (chance(env, 40)) { /* days late, now and then from a closed period */
        size_t days = chance(env, 95) ? (size_t)model->world.open_days : 60;
        op->at = model->now - (int64_t)below(env, days) * 86400000 - (int64_t)below(env, 80000000);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (draw < kinds[i].weight) {
            op->post.kind = kinds[i].kind;
            op->post.reason = kinds[i].reason;
            op->post.fact = chance(env, kinds[i].fact);
            op->post.override = chance(env, 10);
            for (size_t l = 0; l < lines; l++) {
                kinds[i].line(model, env, &op->lines[l]);
            }
            return;
        }
        draw -= kinds[i].weight;
    }
    op->post.reason = LEDGER_REASON_ALLOCATION;
    op->post.kind = LEDGER_KIND_ARRIVE;
    if (draw < 10 && lines_arrive(model, env, op)) {
        return;
    }
    op->post.kind = LEDGER_KIND_ISSUE;
    op->post.fact = chance(env, 30);
    op->at = BG_TIME_NONE;
    if (draw < 14 && lines_hold(model, env, op)) {
        return;
    }
    op->post.kind = LEDGER_KIND_SEND;
    op->post.fact = false;
    op->post.final = false;
    op->post.shipment = 0;
    op->post.count = lines;
    for (size_t l = 0; l < lines; l++) {
        op->lines[l] = (struct ledger_line){ 0 };
        line_send(model, env, &op->lines[l], &op->lines[0]);
    }
}

static void op_reserve(struct model *model, const struct bg_env *env, struct model_op *op)
{
    op->what = MODEL_RESERVE;
    op->reserve = (struct ledger_reserve){ .lines = op->hold_lines,
                                           .count = 1 + below(env, 3),
                                           .purpose = BG_STR("sim"),
                                           .due_at = model->now + 60000 + (int64_t)below(env, 172800000) };
    for (size_t i = 0; i < op->reserve.count; i++) {
        op->hold_lines[i].account = stock_key(model, env, any_depot(model, env), LEDGER_USABLE);
        op->hold_lines[i].qty = some_qty(model, env, &op->hold_lines[i].account);
    }
}

static bool op_release(struct model *model, const struct bg_env *env, struct model_op *op)
{
    if (model->hold_known == 0) {
        return false;
    }
    op->what = MODEL_RELEASE;
    op->release = (struct ledger_release){ .holds = op->holds, .count = 1 + below(env, 2), .lapse = chance(env, 60) };
    for (size_t i = 0; i < op->release.count; i++) {
        op->holds[i] = model->holds[model->hold_known - 1 - below(env, model->hold_known < 8 ? model->hold_known : 8)].id;
    }
    return true;
}

/* Input that is refused whatever the stock: what is wrong comes first in the first line, so that it is what is told. */
static void spoil(struct model *model, const struct bg_env *env, struct model_op *op)
{
    struct ledger_line *line = &op->lines[0];
    op->at = BG_TIME_NONE;
    switch (below(env, 5)) {
    case 0:
        line->qty = chance(env, 50) ? 0 : BG_QTY_MAX + 1;
        op->wrong = BG_QTY_RANGE;
        break;
    case 1:
        line->from.item = line->to.item = line->from.lot; /* an id, but of a lot */
        op->wrong = BG_REFERENCE_UNKNOWN;
        break;
    case 2:
        line->from.lot = line->to.lot = 0;
        op->wrong = BG_LOT_NEEDED;
        break;
    case 3:
        op->at = model->now + 3600000 + (int64_t)below(env, 1000000);
        op->wrong = BG_TIME_AHEAD;
        break;
    default:
        op->post.count = 0;
        op->wrong = BG_LINE_INVALID;
        break;
    }
}

void model_op_random(struct model *model, const struct bg_env *env, struct model_op *ret)
{
    *ret = (struct model_op){ .at = BG_TIME_NONE };
    size_t draw = below(env, 100);
    if (draw < 6 && model->document_known > 0) {
        ret->what = MODEL_REVERSE;
        ret->reverse = (struct ledger_reverse){ .document = model->documents[below(env, model->document_known)].id };
        const struct model_document *newest = &model->documents[model->document_known - 1];
        if (newest->count > 0 && below(env, 2) == 0) {
            ret->reverse.document = newest->id;
        }
        for (size_t i = 0; i < model->document_known; i++) {
            const struct model_document *document = &model->documents[i];
            if (document->id == ret->reverse.document && document->kind == LEDGER_KIND_EXPIRE && document->count > 1) {
                op_reserve(model, env, ret); /* which of its lines is refused first the ledger leaves open */
            }
        }
    } else if (draw < 12) {
        op_reserve(model, env, ret);
    } else if (draw >= 18 || !op_release(model, env, ret)) {
        op_post(model, env, ret);
        if (chance(env, 3) && ret->post.kind != LEDGER_KIND_ARRIVE && ret->lines[0].hold == 0) {
            spoil(model, env, ret);
        }
    }
}

/* --- what is rarer --- */

static void op_recall(struct model *model, const struct bg_env *env, struct model_op *op)
{
    static const int states[] = { LEDGER_LOT_BLOCKED, LEDGER_LOT_OPEN, LEDGER_LOT_OPEN, LEDGER_LOT_BLOCKED, LEDGER_LOT_RECALLED };
    const struct model_world *w = &model->world;
    size_t alive = 0;
    for (size_t i = 0; i < w->item_count * w->lots; i++) {
        alive += model->lots[i].state != LEDGER_LOT_RECALLED;
    }
    op->what = MODEL_RECALL;
    op->recall = (struct ledger_recall){ .lot = w->lot[below(env, w->item_count * w->lots)].id,
                                         .state = states[below(env, alive > 1 ? 5 : 4)], /* a recall is for good */
                                         .why = BG_STR("simulated") };
}

static bool op_scan(struct model *model, const struct bg_env *env, struct model_op *op)
{
    static const int reasons[] = { 0, 0, LEDGER_REASON_LOSS, LEDGER_REASON_DAMAGE };
    const struct model_sheet *sheet =
        &model->sheets[model->sheet_known - 1 - below(env, model->sheet_known < 3 ? model->sheet_known : 3)];
    if (sheet->count > 5) {
        return false;
    }
    op->what = MODEL_COUNT_SCAN;
    op->actor = 1;
    op->scans = (struct ledger_count_scans){ .sheet = sheet->id, .lines = op->scan_lines, .count = 1 + below(env, 3) };
    for (size_t i = 0; i < op->scans.count; i++) {
        struct ledger_count_scan *scan = &op->scan_lines[i];
        scan->key = stock_key(model, env, sheet->place, inside_statuses[chance(env, 70) ? 2 : below(env, 5)]);
        if (sheet->count > 0 && chance(env, 30)) {
            scan->key = sheet->lines[below(env, sheet->count)].key;
        }
        int64_t there = model_balance(model, &scan->key, BG_TIME_NONE, BG_TIME_NONE);
        scan->counted = there < 0 || chance(env, 55) ? (int64_t)below(env, 30) : there;
        scan->counted_at = chance(env, 60) ? BG_TIME_NONE : model->now - (bg_ms)below(env, 100000000);
        scan->reason = reasons[below(env, 4)];
        scan->recount = chance(env, 30);
    }
    return true;
}

static void op_count_move(struct model *model, const struct bg_env *env, struct model_op *op)
{
    const struct model_sheet *sheet =
        &model->sheets[model->sheet_known - 1 - below(env, model->sheet_known < 3 ? model->sheet_known : 3)];
    bool counting = sheet->state == LEDGER_COUNT_OPEN;
    int to = counting ? LEDGER_COUNT_REVIEW : chance(env, 75) ? LEDGER_COUNT_POSTED : LEDGER_COUNT_OPEN;
    op->what = MODEL_COUNT_MOVE;
    op->actor = to == LEDGER_COUNT_POSTED && chance(env, 85) ? 2 : 1;
    op->count_move = (struct ledger_count_move){ .sheet = sheet->id,
                                                 .to = chance(env, 90) ? to : 1 + (int)below(env, 4),
                                                 .note = BG_STR("simulated") };
}

/* An explanation of what a review asks: goods that stood elsewhere, were lost, or came after all. */
static void op_settle(struct model *model, const struct bg_env *env, struct model_op *op)
{
    const struct model_review *review = &model->reviews[below(env, model->review_known)];
    struct ledger_line *line = &op->lines[0];
    int64_t rest = review->qty - review->settled;
    op->what = MODEL_SETTLE;
    op->settle = (struct ledger_settle){ .review = review->id, .lines = op->lines, .note = BG_STR("simulated") };
    if (review->kind == LEDGER_REVIEW_PERIOD || review->kind == LEDGER_REVIEW_EXPIRED || chance(env, 15)) {
        return;
    }
    op->settle.count = 1;
    line->from = line->to = review->key;
    line->qty = chance(env, 60) && rest > 0 ? rest : 1 + (int64_t)below(env, (size_t)(rest > 0 ? rest + 2 : 3));
    if (review->kind == LEDGER_REVIEW_MISSING) {
        line->to.status = chance(env, 50) ? LEDGER_LOST : LEDGER_USABLE;
    } else {
        line->from.status = chance(env, 50) ? LEDGER_LOST : LEDGER_USABLE;
    }
}

void model_op_rare(struct model *model, const struct bg_env *env, struct model_op *ret)
{
    size_t draw = below(env, 100);
    *ret = (struct model_op){ .at = BG_TIME_NONE, .what = MODEL_LOT };
    if (draw < 18) {
        ret->what = MODEL_SNAPSHOT;
    } else if (draw < 28) {
        ret->what = MODEL_EXPIRE;
    } else if (draw < 35) {
        op_recall(model, env, ret);
    } else if (draw < 41) {
        ret->what = MODEL_COUNT_OPEN;
        ret->actor = 1;
        ret->count_open = (struct ledger_count_open){ .place = chance(env, 60) ? any_depot(model, env) : any_user(model, env),
                                                      .blind = chance(env, 50),
                                                      .title = BG_STR("simulated") };
    } else if (draw < 58 && model->sheet_known > 0) {
        if (!op_scan(model, env, ret)) {
            op_count_move(model, env, ret);
        }
    } else if (draw < 74 && model->sheet_known > 0) {
        op_count_move(model, env, ret);
    } else if (draw < 84 && model->review_known > 0) {
        op_settle(model, env, ret);
    }
}

void model_op_copy(const struct model_op *op, struct model_op *ret)
{
    *ret = *op;
    ret->post.lines = ret->lines;
    ret->reserve.lines = ret->hold_lines;
    ret->release.holds = ret->holds;
    ret->scans.lines = ret->scan_lines;
    ret->settle.lines = ret->lines;
}

const char *model_op_name(const struct model_op *op)
{
    switch (op->what) {
    case MODEL_POST: return ledger_slug(ledger_kinds, op->post.kind);
    case MODEL_REVERSE: return "reverse";
    case MODEL_RESERVE: return "reserve";
    case MODEL_RELEASE: return "release";
    case MODEL_SNAPSHOT: return "snapshot";
    case MODEL_LOT: return "lot";
    case MODEL_EXPIRE: return "expire";
    case MODEL_RECALL: return "recall";
    case MODEL_COUNT_OPEN: return "count-open";
    case MODEL_COUNT_SCAN: return "count-scan";
    case MODEL_COUNT_MOVE: return "count-move";
    case MODEL_SETTLE: return "settle";
    case MODEL_WHAT_COUNT: break;
    }
    return "";
}
