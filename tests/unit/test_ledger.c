/* The ledger, case by case, on both engines: documents, facts and intents, reversals, holds, shipments, the two time axes. */
#include "ledger_bed.h"

static void receipts_and_issues(struct ledger_bed *lb)
{
    OK(!bg_failed(bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[0], 50, BG_TIME_NONE)) && lb->status == 201,
       "receive 50: %s", lb->reply);
    OK(bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_USABLE) == 50, "50 are usable");
    OK(bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_SOURCE) == -50, "the source gave 50");
    OK(bed_issue(lb, lb->airport, lb->hospital, lb->mask, lb->mask_lots[0], 51, false, BG_TIME_NONE).code == BG_STOCK_SHORT &&
           strstr(lb->reply, "\"available\":50") != NULL && strstr(lb->reply, "\"wanted\":51") != NULL,
       "51 are refused: %s", lb->reply);
    OK(!bg_failed(bed_issue(lb, lb->airport, lb->hospital, lb->mask, lb->mask_lots[0], 20, false, BG_TIME_NONE)),
       "20 go to the hospital");
    OK(bed_qty(lb, lb->hospital, lb->mask, 0, LEDGER_USABLE) == 20 && bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_USABLE) == 30,
       "and are there");
    OK(!bg_failed(bed_issue(lb, lb->airport, lb->site, lb->mask, lb->mask_lots[0], 5, false, BG_TIME_NONE)),
       "5 to a point of consumption");
    OK(bed_qty(lb, lb->site, lb->mask, 0, LEDGER_USED) == 5, "count as used there");
    OK(bed_int(lb, "SELECT SUM(qty) FROM stock_total") == 0 && bed_int(lb, "SELECT SUM(qty) FROM stock_account") == 0,
       "all sums are zero");
    OK(bed_int(lb, "SELECT COUNT(*) FROM ledger_document") == 3 && bed_int(lb, "SELECT MAX(number) FROM ledger_document") == 2,
       "three documents, numbered without gaps within their kind");
}

static void facts(struct ledger_bed *lb)
{
    int64_t before = bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_USABLE);
    OK(!bg_failed(bed_issue(lb, lb->airport, lb->hospital, lb->mask, lb->mask_lots[0], before + 7, true, BG_TIME_NONE)),
       "a hand-over that happened is recorded: %s", lb->reply);
    OK(bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_USABLE) == 0 &&
           bed_qty(lb, lb->airport, lb->mask, 0, LEDGER_DISCREPANCY) == -7,
       "what the ledger lacks is a discrepancy of the place");
    OK(strstr(lb->reply, "\"kind\":\"short\"") != NULL && bed_int(lb, "SELECT qty FROM ledger_review WHERE state = 1") == 7,
       "and a review with a clock");
}

static void rules(struct ledger_bed *lb)
{
    struct ledger_line line = { .from = bed_key(lb->airport, lb->mask, lb->mask_lots[0], LEDGER_USABLE),
                                .to = bed_key(lb->hospital, 0, 0, LEDGER_USABLE),
                                .qty = 1 };
    OK(bed_post_lines(lb, LEDGER_KIND_TRANSFER, LEDGER_REASON_MOVE, false, NULL, 0, BG_TIME_NONE).code == BG_LINE_INVALID,
       "no lines");
    line.to.lot = lb->mask_lots[1];
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_LINE_INVALID,
       "a lot does not change");
    line.to.lot = 0;
    line.to.item = lb->gown;
    OK(bg_failed(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE)),
       "nor does an item: %s", lb->reply);
    line.to.item = 0;
    line.from.lot = lb->gown_lots[0];
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_REFERENCE_UNKNOWN,
       "a lot belongs to its item: %s", lb->reply);
    line.from.lot = 0;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_LOT_NEEDED,
       "a lotted item needs a lot");
    line.from.lot = lb->mask_lots[0];
    line.to.owner = lb->nation_owner;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_OWNER_TERMS,
       "another owner: paid or free?");
    line.to.owner = 0;
    line.qty = 0;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_QTY_RANGE,
       "nothing is no quantity");
    line.qty = BG_QTY_MAX + 1;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, true, &line, 1, BG_TIME_NONE).code == BG_QTY_RANGE,
       "too much is none either");
    line.qty = 1;
    line.from.status = LEDGER_SOURCE;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_LINE_INVALID,
       "an issue does not start at a source: %s", lb->reply);
    line.from.status = LEDGER_USABLE;
    line.from.place = lb->hospital;
    line.to.place = lb->airport;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_LINE_INVALID,
       "a hospital does not issue");
    line.from.place = 999;
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &line, 1, BG_TIME_NONE).code == BG_REFERENCE_UNKNOWN,
       "an unknown place");
    OK(bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[0], 1, lb->sim.now + 600000).code == BG_TIME_AHEAD,
       "ten minutes from now is refused");
    OK(!bg_failed(bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[0], 1, lb->sim.now + 60000)),
       "a clock one minute ahead is forgiven");
}

static int64_t entries_of(struct ledger_bed *lb)
{
    bed_must("sequence", journal_sequence(lb->journal));
    return bed_int(lb, "SELECT COUNT(*) FROM journal_entry");
}

static void all_or_nothing(struct ledger_bed *lb)
{
    int64_t movements = bed_int(lb, "SELECT COUNT(*) FROM movement"), entries = entries_of(lb);
    int64_t numbers = bed_int(lb, "SELECT SUM(last) FROM ledger_counter");
    bed_must("receive", bed_receive(lb, lb->airport, lb->gown, lb->gown_lots[0], 10, BG_TIME_NONE));
    const struct ledger_line lines[] = {
        { .from = bed_key(lb->airport, lb->gown, lb->gown_lots[0], LEDGER_USABLE),
          .to = bed_key(lb->hospital, 0, 0, 0),
          .qty = 6 },
        { .from = bed_key(lb->airport, lb->gown, lb->gown_lots[0], LEDGER_USABLE),
          .to = bed_key(lb->hospital, 0, 0, 0),
          .qty = 5 },
    };
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, lines, 2, BG_TIME_NONE).code == BG_STOCK_SHORT &&
           strstr(lb->reply, "\"line\":2") != NULL,
       "6 and 5 of 10: the second line is short: %s", lb->reply);
    OK(bed_qty(lb, lb->airport, lb->gown, 0, LEDGER_USABLE) == 10, "the first is undone with it");
    OK(bed_int(lb, "SELECT COUNT(*) FROM movement") == movements + 1 && entries_of(lb) == entries + 1 &&
           bed_int(lb, "SELECT SUM(last) FROM ledger_counter") == numbers + 1,
       "no movement, no entry, no number is used up");
}

static void reversals(struct ledger_bed *lb)
{
    bed_must("receive", bed_receive(lb, lb->jinnan, lb->gown, lb->gown_lots[1], 10, BG_TIME_NONE));
    int64_t document = bed_id_of(lb, "id"), movement;
    const char *at = strstr(lb->reply, "\"movements\":[{\"id\":\"");
    movement = strtoll(at + strlen("\"movements\":[{\"id\":\""), NULL, 10);
    bed_must("issue", bed_issue(lb, lb->jinnan, lb->hospital, lb->gown, lb->gown_lots[1], 4, false, BG_TIME_NONE));
    struct ledger_reverse reverse = { .document = document };
    OK(bed_change(lb, &ledger_reversing, &reverse, BG_TIME_NONE, NULL).code == BG_STOCK_SHORT,
       "what has left can not be taken back: %s", lb->reply);
    bed_must("receive", bed_receive(lb, lb->jinnan, lb->gown, lb->gown_lots[1], 4, BG_TIME_NONE));
    OK(!bg_failed(bed_change(lb, &ledger_reversing, &reverse, BG_TIME_NONE, NULL)), "with 4 more it can: %s", lb->reply);
    OK(bed_qty(lb, lb->jinnan, lb->gown, 0, LEDGER_USABLE) == 0, "the 10 are gone again");
    OK(bed_change(lb, &ledger_reversing, &reverse, BG_TIME_NONE, NULL).code == BG_REVERSED, "but only once: %s", lb->reply);
    reverse = (struct ledger_reverse){ .movement = movement };
    OK(bed_change(lb, &ledger_reversing, &reverse, BG_TIME_NONE, NULL).code == BG_REVERSED, "by its movement neither");
    reverse = (struct ledger_reverse){ .movement = 12345 };
    OK(bed_change(lb, &ledger_reversing, &reverse, BG_TIME_NONE, NULL).code == BG_NOT_FOUND, "an unknown movement");
}

static void holds(struct ledger_bed *lb)
{
    bed_must("receive", bed_receive(lb, lb->jinnan, lb->mask, lb->mask_lots[2], 100, BG_TIME_NONE));
    struct ledger_hold_line line = { bed_key(lb->jinnan, lb->mask, lb->mask_lots[2], 0), 60 };
    struct ledger_reserve reserve = { .lines = &line, .count = 1, .purpose = BG_STR("test"), .due_at = lb->sim.now + 3600000 };
    OK(!bg_failed(bed_change(lb, &ledger_reserving, &reserve, BG_TIME_NONE, NULL)) && lb->status == 201, "reserve 60 of 100: %s",
       lb->reply);
    int64_t hold = bed_id_of(lb, "id");
    OK(bed_change(lb, &ledger_reserving, &reserve, BG_TIME_NONE, NULL).code == BG_STOCK_SHORT, "60 more are not there: %s",
       lb->reply);
    OK(bed_issue(lb, lb->jinnan, lb->hospital, lb->mask, lb->mask_lots[2], 41, false, BG_TIME_NONE).code == BG_STOCK_SHORT,
       "nor 41 to issue");
    OK(!bg_failed(bed_issue(lb, lb->jinnan, lb->hospital, lb->mask, lb->mask_lots[2], 40, false, BG_TIME_NONE)), "40 are");
    struct ledger_line take = { .to = bed_key(lb->hospital, 0, 0, 0), .qty = 61, .hold = hold };
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &take, 1, BG_TIME_NONE).code == BG_STOCK_SHORT,
       "a hold gives no more than it has");
    take.qty = 45;
    OK(!bg_failed(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &take, 1, BG_TIME_NONE)),
       "45 of the 60 are posted: %s", lb->reply);
    OK(bed_int(lb, "SELECT SUM(held) FROM stock_account") == 0 &&
           bed_qty(lb, lb->jinnan, lb->mask, lb->mask_lots[2], LEDGER_USABLE) == 15,
       "the rest is given back");
    OK(bed_post_lines(lb, LEDGER_KIND_ISSUE, LEDGER_REASON_HANDOVER, false, &take, 1, BG_TIME_NONE).code == BG_HOLD_CLOSED,
       "a posted hold is closed");
    line.qty = 10;
    bed_must("reserve", bed_change(lb, &ledger_reserving, &reserve, BG_TIME_NONE, NULL));
    hold = bed_id_of(lb, "id");
    struct ledger_release release = { .holds = &hold, .count = 1, .lapse = true };
    OK(!bg_failed(bed_change(lb, &ledger_releasing, &release, BG_TIME_NONE, NULL)) &&
           bed_int(lb, "SELECT SUM(held) FROM stock_total") == 10,
       "nothing lapses before its time: %s", lb->reply);
    lb->sim.now += 3600001;
    OK(!bg_failed(bed_change(lb, &ledger_releasing, &release, BG_TIME_NONE, NULL)) &&
           bed_int(lb, "SELECT SUM(held) FROM stock_total") == 0,
       "then it does: %s", lb->reply);
    release.lapse = false;
    OK(bed_change(lb, &ledger_releasing, &release, BG_TIME_NONE, NULL).code == BG_HOLD_CLOSED, "and can not be voided any more");
    bed_must("reserve",
             bed_change(lb, &ledger_reserving, &(struct ledger_reserve){ .lines = &line, .count = 1, .due_at = BG_TIME_NONE },
                        BG_TIME_NONE, NULL));
    hold = bed_id_of(lb, "id");
    OK(!bg_failed(bed_change(lb, &ledger_releasing, &release, BG_TIME_NONE, NULL)), "a hold is voided: %s", lb->reply);
    OK(!bg_failed(bed_issue(lb, lb->jinnan, lb->hospital, lb->mask, lb->mask_lots[2], 15, false, BG_TIME_NONE)),
       "and its stock is free");
}

static void shipments(struct ledger_bed *lb)
{
    bed_must("receive", bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[3], 100, BG_TIME_NONE));
    bed_must("receive", bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[1], 50, BG_TIME_NONE));
    const struct ledger_line out[] = {
        { .from = bed_key(lb->airport, lb->mask, lb->mask_lots[3], LEDGER_USABLE),
          .to = bed_key(lb->jinnan, 0, 0, 0),
          .qty = 80 },
        { .from = bed_key(lb->airport, lb->mask, lb->mask_lots[1], LEDGER_USABLE),
          .to = bed_key(lb->jinnan, 0, 0, 0),
          .qty = 30 },
    };
    OK(!bg_failed(bed_post_lines(lb, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, false, out, 2, BG_TIME_NONE)),
       "send 80 and 30: %s", lb->reply);
    int64_t shipment = bed_id_of(lb, "id");
    OK(bed_qty(lb, lb->jinnan, lb->mask, 0, LEDGER_TRANSIT) == 110, "110 are on their way");
    const struct ledger_line in[] = {
        { .to = bed_key(0, lb->mask, lb->mask_lots[3], LEDGER_USABLE), .qty = 70 },
        { .to = bed_key(0, lb->mask, lb->mask_lots[3], LEDGER_DAMAGED), .qty = 4 },
        { .to = bed_key(0, lb->mask, lb->mask_lots[1], LEDGER_USABLE), .qty = 33 },
    };
    struct ledger_post arrive = { .kind = LEDGER_KIND_ARRIVE,
                                  .reason = LEDGER_REASON_ALLOCATION,
                                  .shipment = shipment,
                                  .lines = in,
                                  .count = 3,
                                  .final = true };
    OK(!bg_failed(bed_change(lb, &ledger_posting, &arrive, BG_TIME_NONE, NULL)), "74 and 33 arrive: %s", lb->reply);
    OK(bed_qty(lb, lb->jinnan, lb->mask, 0, LEDGER_TRANSIT) == 6, "6 are missing and stay in transit");
    OK(bed_qty(lb, lb->jinnan, lb->mask, 0, LEDGER_DISCREPANCY) == -3, "3 too many are a discrepancy");
    OK(bed_int(lb, "SELECT state FROM shipment") == LEDGER_SHIPMENT_DISPUTED, "the shipment is disputed");
    OK(bed_int(lb, "SELECT COUNT(*) FROM ledger_review WHERE kind IN (2, 3) AND state = 1") == 2, "two reviews are open");
    OK(bed_change(lb, &ledger_reversing, &(struct ledger_reverse){ .document = shipment }, BG_TIME_NONE, NULL).code ==
           BG_NOT_REVERSIBLE,
       "a sending is not reversed");
    bed_must("send", bed_post_lines(lb, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, false, out + 1, 1, BG_TIME_NONE).code ==
                             BG_STOCK_SHORT
                         ? BG_DONE
                         : BG_FAIL(BG_INTERNAL));
    struct ledger_line back[] = { out[1] };
    back[0].qty = 20;
    bed_must("send", bed_post_lines(lb, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, false, back, 1, BG_TIME_NONE));
    arrive.shipment = bed_id_of(lb, "id");
    const struct ledger_line home = { .to = bed_key(lb->airport, lb->mask, lb->mask_lots[1], LEDGER_USABLE), .qty = 20 };
    arrive.lines = &home;
    arrive.count = 1;
    arrive.final = false;
    OK(!bg_failed(bed_change(lb, &ledger_posting, &arrive, BG_TIME_NONE, NULL)), "a sending may come back to where it left: %s",
       lb->reply);
    OK(bed_change(lb, &ledger_posting, &arrive, BG_TIME_NONE, NULL).code == BG_SHIPMENT_CLOSED, "and is closed then");
}

static void back_dating(struct ledger_bed *lb)
{
    const int64_t lot = lb->gown_lots[2];
    bg_ms now = lb->sim.now;
    bed_must("receive", bed_receive(lb, lb->airport, lb->gown, lot, 10, now - 10 * BED_DAY));
    bed_must("issue", bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 8, false, now - 6 * BED_DAY));
    bed_must("receive", bed_receive(lb, lb->airport, lb->gown, lot, 20, now - 2 * BED_DAY));
    OK(bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 3, false, now - 8 * BED_DAY).code == BG_STOCK_PAST &&
           strstr(lb->reply, "\"available\":2") != NULL && strstr(lb->reply, "\"day\":\"2022-01-02\"") != NULL,
       "3 eight days ago would have left 2 - 3 six days ago: %s", lb->reply);
    OK(!bg_failed(bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 2, false, now - 8 * BED_DAY)), "2 are possible");
    OK(bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 1, false, now - 3 * BED_DAY).code == BG_STOCK_PAST,
       "then nothing was left until the 20 came");
    OK(!bg_failed(bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 20, false, now - BED_DAY)), "yesterday all 20 may go");
    OK(!bg_failed(bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 4, true, now - 9 * BED_DAY)),
       "a fact is recorded whatever it does to the past: %s", lb->reply);
    OK(bed_qty(lb, lb->airport, lb->gown, lot, LEDGER_USABLE) == 0 &&
           bed_qty(lb, lb->airport, lb->gown, lot, LEDGER_DISCREPANCY) == -4,
       "through the discrepancy account");
    OK(bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 1, false, now - 40 * BED_DAY).code == BG_PERIOD_CLOSED,
       "40 days ago is closed: %s", lb->reply);
    OK(!bg_failed(bed_receive(lb, lb->airport, lb->gown, lot, 1, now - 40 * BED_DAY)) &&
           strstr(lb->reply, "\"stated_at\":\"2021-11-29") != NULL,
       "a fact of that day is recorded at the first open moment: %s", lb->reply);
    OK(bed_int(lb, "SELECT late_max_days FROM ledger_city") == 31, "the longest delay is known");
}

static bg_err report_use(struct ledger_bed *lb, bool snapshot, int64_t item, int64_t lot, int64_t qty, bg_ms at)
{
    const struct ledger_use_line line = { .item = item, .lot = lot, .qty = qty };
    return bed_change(lb, &ledger_using,
                      &(struct ledger_use){ .place = lb->hospital, .snapshot = snapshot, .lines = &line, .count = 1 }, at, NULL);
}

static void uses(struct ledger_bed *lb)
{
    const int64_t early = lb->gown_lots[0], late = lb->gown_lots[3];
    int64_t before = bed_qty(lb, lb->hospital, lb->gown, 0, LEDGER_USABLE);
    OK(!bg_failed(report_use(lb, true, lb->gown, 0, 0, BG_TIME_NONE)) && strstr(lb->reply, "\"note\":\"remaining 0\"") != NULL,
       "nothing remains: all %lld were used", (long long)before);
    OK(bed_qty(lb, lb->hospital, lb->gown, 0, LEDGER_USABLE) == 0, "whatever the lots");
    bed_must("receive", bed_receive(lb, lb->hospital, lb->gown, late, 30, BG_TIME_NONE));
    bed_must("receive", bed_receive(lb, lb->hospital, lb->gown, early, 20, BG_TIME_NONE));
    OK(!bg_failed(report_use(lb, false, lb->gown, 0, 25, BG_TIME_NONE)) && strstr(lb->reply, "\"note\":\"used 25\"") != NULL,
       "25 used, lots unknown: %s", lb->reply);
    OK(bed_qty(lb, lb->hospital, lb->gown, early, LEDGER_USABLE) == 0 &&
           bed_qty(lb, lb->hospital, lb->gown, late, LEDGER_USABLE) == 25,
       "the lot that expires first is used first");
    OK(!bg_failed(report_use(lb, true, lb->gown, 0, 10, BG_TIME_NONE)) &&
           bed_qty(lb, lb->hospital, lb->gown, 0, LEDGER_USABLE) == 10,
       "10 remain: 15 more were used");
    OK(!bg_failed(report_use(lb, true, lb->gown, 0, 10, BG_TIME_NONE)) && strstr(lb->reply, "\"movements\":[]") != NULL,
       "10 remain still: nothing moved, and the report is kept: %s", lb->reply);
    OK(!bg_failed(report_use(lb, true, lb->gown, late, 12, BG_TIME_NONE)) && strstr(lb->reply, "\"kind\":\"extra\"") != NULL &&
           bed_qty(lb, lb->hospital, lb->gown, 0, LEDGER_USABLE) == 12,
       "12 remain of 10: 2 come from discrepancy, with a review: %s", lb->reply);
    OK(!bg_failed(report_use(lb, false, lb->gown, 0, 20, BG_TIME_NONE)) && strstr(lb->reply, "\"kind\":\"short\"") != NULL &&
           bed_qty(lb, lb->hospital, lb->gown, 0, LEDGER_USABLE) == 0,
       "20 used of 12: 8 are unexplained");
    OK(report_use(lb, true, lb->gown, 0, 5, BG_TIME_NONE).code == BG_LINE_INVALID,
       "5 remain of nothing: it was never received: %s", lb->reply);
    OK(report_use(lb, true, lb->gown, 0, 0, lb->sim.now - BED_DAY).code == BG_LINE_INVALID,
       "what remains is reported on its day");
    OK(report_use(lb, false, lb->gown, lb->mask_lots[0], 1, BG_TIME_NONE).code == BG_REFERENCE_UNKNOWN,
       "a lot belongs to its item");
    bed_must("receive", bed_receive(lb, lb->hospital, lb->gown, early, 9, lb->sim.now - 2 * BED_DAY));
    OK(!bg_failed(report_use(lb, false, lb->gown, 0, 6, lb->sim.now - BED_DAY)) && strstr(lb->reply, "reviews") == NULL,
       "yesterday's use of what came the day before");
}

static void one_place(struct ledger_bed *lb)
{
    const struct ledger_line lines[] = {
        { .to = bed_key(lb->airport, lb->glove, 0, LEDGER_USABLE), .qty = 1 },
        { .to = bed_key(lb->jinnan, lb->glove, 0, LEDGER_USABLE), .qty = 1 },
    };
    struct ledger_post post = {
        .kind = LEDGER_KIND_RECEIVE, .reason = LEDGER_REASON_PURCHASE, .place = lb->airport, .lines = lines, .count = 2
    };
    OK(bed_change(lb, &ledger_posting, &post, BG_TIME_NONE, NULL).code == BG_LINE_INVALID &&
           strstr(lb->reply, "\"line\":2") != NULL,
       "a document posted at one place does not receive at another: %s", lb->reply);
    post.count = 1;
    OK(!bg_failed(bed_change(lb, &ledger_posting, &post, BG_TIME_NONE, NULL)), "only there");
    struct ledger_hold_line hold = { bed_key(lb->airport, lb->glove, 0, 0), 1 };
    bed_must("reserve",
             bed_change(lb, &ledger_reserving, &(struct ledger_reserve){ .lines = &hold, .count = 1, .due_at = BG_TIME_NONE },
                        BG_TIME_NONE, NULL));
    const struct ledger_line take = { .to = bed_key(lb->hospital, 0, 0, 0), .qty = 1, .hold = bed_id_of(lb, "id") };
    post = (struct ledger_post){
        .kind = LEDGER_KIND_ISSUE, .reason = LEDGER_REASON_HANDOVER, .place = lb->jinnan, .lines = &take, .count = 1
    };
    OK(bed_change(lb, &ledger_posting, &post, BG_TIME_NONE, NULL).code == BG_LINE_INVALID,
       "nor take what another place reserved");
}

static void replays(struct ledger_bed *lb)
{
    bg_op_id op = bg_op_id_make(&lb->env);
    const struct ledger_line line = { .to = bed_key(lb->jinnan, lb->glove, 0, LEDGER_USABLE), .qty = 5 };
    const struct ledger_post post = { .kind = LEDGER_KIND_RECEIVE, .reason = LEDGER_REASON_DONATION, .lines = &line, .count = 1 };
    static char first[sizeof lb->reply];
    bed_must("receive", bed_change(lb, &ledger_posting, &post, BG_TIME_NONE, &op));
    memcpy(first, lb->reply, sizeof first);
    bed_must("receive", bed_change(lb, &ledger_posting, &post, BG_TIME_NONE, &op));
    OK(lb->replayed && strcmp(first, lb->reply) == 0 && bed_qty(lb, lb->jinnan, lb->glove, 0, LEDGER_USABLE) == 5,
       "the same id, the same answer, once");
}

static void suite(enum bed_kind kind)
{
    struct ledger_bed *lb = bed_ledger(kind, 1);
    OK(1, "%s", lb->bed.name);
    receipts_and_issues(lb);
    facts(lb);
    rules(lb);
    all_or_nothing(lb);
    reversals(lb);
    holds(lb);
    shipments(lb);
    back_dating(lb);
    uses(lb);
    one_place(lb);
    replays(lb);
    OK(bed_int(lb, "SELECT SUM(qty) FROM stock_account") == 0, "all accounts together are zero");
    bed_ledger_done(lb);
}

int main(void)
{
    suite(BED_SQLITE);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
