/* Settling reviews: what the ledger could not explain gets its explanation, as movements from or to the account under review. */
#include "auth/auth.h"
#include "ledger/catalogue.h"

static bool touches(const struct ledger_key *key, const struct ledger_key *account)
{
    return key->place == account->place && key->item == account->item && key->lot == account->lot && key->owner == account->owner &&
           key->status == account->status;
}

static bg_err check_lines(const struct change *change, const struct ledger_review *review, const struct ledger_settle *in, int64_t *ret_sum)
{
    int64_t sum = 0;
    for (size_t i = 0; i < in->count; i++) {
        const struct ledger_line *line = &in->lines[i];
        if (line->hold != 0) {
            return BG_FAIL_AT(BG_LINE_INVALID, "hold");
        }
        if (touches(&line->from, &review->key) == touches(&line->to, &review->key)) {
            return BG_FAIL_WITH(BG_LINE_INVALID, "lines",
                                bg_arena_text(change->arena, "\"line\":%zu,\"rule\":\"one side is the account under review\"", i + 1));
        }
        if (line->qty < 1 || line->qty > BG_QTY_MAX || __builtin_add_overflow(sum, line->qty, &sum)) {
            return BG_FAIL_AT(BG_QTY_RANGE, "qty");
        }
    }
    if (sum > review->qty - review->settled) {
        return BG_FAIL_WITH(BG_QTY_RANGE, "qty", bg_arena_text(change->arena, "\"open\":%lld,\"settled\":%lld",
                                                               (long long)(review->qty - review->settled), (long long)sum));
    }
    *ret_sum = sum;
    return BG_DONE;
}

/* Missing goods of a shipment are settled on its line, too; with nothing left it is closed. */
static bg_err settle_shipment(struct change_tx *tx, const struct change *change, const struct ledger_review *review, int64_t qty)
{
    struct store_tx *store = change_store(tx);
    struct ledger_document document;
    int64_t rest;
    BG_TRY(ledger_document_get(store, change->city, review->document, change_arena(tx), &document));
    BG_TRY(store_run(store, SQL_SHIPMENT_SETTLE,
                     ARGS(V_INT(change->city), V_INT(document.shipment), V_INT(review->key.item), V_INT(review->key.lot),
                          V_INT(review->key.owner), V_INT(qty)), NULL));
    BG_TRY(store_get_int(store, SQL_SHIPMENT_REST, ARGS(V_INT(change->city), V_INT(document.shipment)), &rest, NULL));
    if (rest > 0) {
        return BG_DONE;
    }
    return store_run(store, SQL_LEDGER_SHIPMENT_CHANGE,
                     ARGS(V_INT(change->city), V_INT(document.shipment), V_INT(LEDGER_SHIPMENT_CLOSED), V_INT(change_now(tx))), NULL);
}

static bg_err decide_settle(struct change_tx *tx, struct change *change)
{
    const struct ledger_settle *in = change->in;
    struct store_tx *store = change_store(tx);
    struct ledger_review review;
    int64_t sum = 0, document;
    BG_TRY(ledger_review_get(store, change->city, in->review, change_arena(tx), &review));
    if (review.state != 1) {
        return BG_FAIL_WITH(BG_BAD_MOVE, "review", "\"from\":\"closed\"");
    }
    BG_TRY(check_text(change, "note", in->note, in->count == 0 ? 1 : 0, 400));
    BG_TRY(check_lines(change, &review, in, &sum));
    if (in->count == 0 && review.kind == LEDGER_REVIEW_MISSING) { /* what stands in transit has to go somewhere */
        return BG_FAIL_WITH(BG_LINE_INVALID, "lines", "\"rule\":\"missing goods are moved out of transit\"");
    }
    if (in->count > 0) {
        const struct ledger_post post = { .kind = LEDGER_KIND_SETTLE, .reason = LEDGER_REASON_CORRECTION, .note = in->note,
                                          .lines = in->lines, .count = in->count };
        BG_TRY(ledger_post_in(tx, change, &post, change->occurred_at, &document));
    }
    if (review.kind == LEDGER_REVIEW_MISSING) {
        BG_TRY(settle_shipment(tx, change, &review, sum));
    }
    bool closes = in->count == 0 || review.settled + sum == review.qty;
    BG_TRY(store_run(store, SQL_REVIEW_SETTLE,
                     ARGS(V_INT(change->city), V_INT(in->review), V_INT(sum), V_INT(closes ? 2 : 1),
                          closes ? V_INT(change_now(tx)) : V_NULL, V_INT(closes ? change->actor.account : 0),
                          V_TEXT(in->note.len > 0 ? in->note : review.note)), NULL));
    BG_TRY(ledger_review_get(store, change->city, in->review, change_arena(tx), &review));
    ledger_review_json(&review, &change->reply);
    return change_record(tx, change, &(struct journal_entry){ .kind = closes ? "review.closed" : "review.settled", .object = "review",
                                                              .id = review.id, .city = change->city,
                                                              .after = bg_buf_str(&change->reply) });
}
const struct change_kind ledger_settling = { .name = "ledger.settle", .decide = decide_settle, .recheck = auth_recheck };
