/* Picking, recall, counts while stock moves, settlements, expiry, lapses, deficits, days of use; and damage that verify must
 * name. */
#include <libpq-fe.h>
#include <sqlite3.h>

#include "ledger_bed.h"
#include "work/work.h"

/* --- picking --- */

struct picked {
    struct ledger_pick_line *lines;
    size_t count;
    int64_t *shorts;
};

static struct picked pick(struct ledger_bed *lb, const struct ledger_pick *in)
{
    struct picked picked;
    STORE_SCOPED_READ tx = NULL;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("pick", ledger_pick_list(tx, in, lb->arena, &picked.lines, &picked.count, &picked.shorts));
    return picked;
}

static void picking(struct ledger_bed *lb)
{
    bg_date today = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN); /* lots expire 100, 200, 300, 400 days from today */
    for (int i = 0; i < 3; i++) {
        bed_must("receive", bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[i], 100, BG_TIME_NONE));
    }
    bed_must("receive", bed_receive(lb, lb->airport, lb->glove, 0, 30, BG_TIME_NONE));
    struct ledger_pick_want wants[] = { { lb->mask, 150 }, { lb->glove, 40 }, { lb->mask, 100 } };
    struct ledger_pick in = { .city = BED_CITY, .place = lb->airport, .arrives = today, .wants = wants, .count = 3 };
    struct picked p = pick(lb, &in);
    OK(p.count == 5 && p.lines[0].key.lot == lb->mask_lots[0] && p.lines[0].qty == 100 &&
           p.lines[1].key.lot == lb->mask_lots[1] && p.lines[1].qty == 50,
       "first expiry first: 100 of the first lot, 50 of the second");
    OK(p.shorts[0] == 0 && p.shorts[1] == 10 && p.lines[2].qty == 30, "30 gloves of 40: 10 are short");
    OK(p.lines[3].key.lot == lb->mask_lots[1] && p.lines[3].qty == 50 && p.lines[4].key.lot == lb->mask_lots[2] &&
           p.shorts[2] == 0,
       "a second line of the same item goes on where the first ended");
    in.count = 1;
    const int64_t first[] = { lb->mask_lots[0], lb->mask_lots[0], lb->mask_lots[1] };
    for (int i = 0; i < 3; i++) { /* 99, 100, 101 days of the 100 that the first lot has */
        in.life_min_days = 99 + i;
        p = pick(lb, &in);
        OK(p.lines[0].key.lot == first[i], "%lld days of life at arrival: lot %d first", (long long)in.life_min_days,
           i < 2 ? 1 : 2);
    }
    in.life_min_days = 0;
    in.arrives = today + 100;
    OK(pick(lb, &in).lines[0].key.lot == lb->mask_lots[0], "on its last day a lot is still usable");
    in.arrives = today + 101;
    OK(pick(lb, &in).lines[0].key.lot == lb->mask_lots[1], "a day later it is not");
    in.arrives = today;
    struct ledger_hold_line hold = { bed_key(lb->airport, lb->mask, lb->mask_lots[0], 0), 70 };
    bed_must("reserve",
             bed_change(lb, &ledger_reserving, &(struct ledger_reserve){ .lines = &hold, .count = 1, .due_at = BG_TIME_NONE },
                        BG_TIME_NONE, NULL));
    p = pick(lb, &in);
    OK(p.lines[0].qty == 30, "what is reserved is not proposed");
    const int64_t owners[] = { lb->nation_owner };
    in.owners = owners;
    in.owner_count = 1;
    p = pick(lb, &in);
    OK(p.count == 0 && p.shorts[0] == 150, "nor what belongs to others");
}

/* --- numbers --- */

static struct ledger_cell cell_now(struct ledger_bed *lb, int64_t item, int64_t place)
{
    struct ledger_cell *cells, none = { 0 };
    size_t count;
    STORE_SCOPED_READ tx = NULL;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    const struct ledger_cells which = {
        .city = BED_CITY, .item = item, .place = place, .at = BG_TIME_NONE, .known_at = BG_TIME_NONE
    };
    bed_must("cells", ledger_cell_list(tx, &which, lb->arena, &cells, &count));
    return count == 1 ? cells[0] : none;
}

static bg_err require_decide(struct change_tx *tx, struct change *change)
{
    const int64_t *in = change->in;
    return ledger_require(tx, change->city, in[0], in[1], in[2], BG_STR("test"));
}
static const struct change_kind require_kind = { .name = "test.require", .decide = require_decide };

static void numbers(struct ledger_bed *lb)
{
    const int64_t need[] = { lb->mask, lb->airport, 400 };
    bed_must("require", bed_change(lb, &require_kind, need, BG_TIME_NONE, NULL));
    const struct ledger_line hold = { .from = bed_key(lb->airport, lb->mask, lb->mask_lots[2], LEDGER_USABLE),
                                      .to = bed_key(0, 0, 0, LEDGER_HOLD),
                                      .qty = 20 };
    bed_must("status", bed_post_lines(lb, LEDGER_KIND_STATUS, LEDGER_REASON_QUARANTINE, false, &hold, 1, BG_TIME_NONE));
    const struct ledger_line send = { .from = bed_key(lb->airport, lb->mask, lb->mask_lots[1], LEDGER_USABLE),
                                      .to = bed_key(lb->jinnan, 0, 0, 0),
                                      .qty = 25 };
    bed_must("send", bed_post_lines(lb, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, false, &send, 1, BG_TIME_NONE));
    const struct ledger_cell cell = cell_now(lb, lb->mask, lb->airport);
    const struct ledger_seven seven = ledger_seven_of(&cell);
    OK(seven.on_hand == 275 && seven.usable == 255 && seven.allocated == 70 && seven.on_hold == 20 && seven.in_transit == 0 &&
           seven.available == 185 && seven.deficit == 215,
       "the seven numbers: %lld %lld %lld %lld %lld %lld %lld", (long long)seven.on_hand, (long long)seven.usable,
       (long long)seven.allocated, (long long)seven.on_hold, (long long)seven.in_transit, (long long)seven.available,
       (long long)seven.deficit);
    const struct ledger_cell there = cell_now(lb, lb->mask, lb->jinnan);
    OK(ledger_seven_of(&there).in_transit == 25 && ledger_seven_of(&there).on_hand == 0,
       "what is on its way is in transit where it goes");
}

static void series(struct ledger_bed *lb)
{
    bg_date today = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN);
    int64_t days[8], closings[8];
    bed_must("receive", bed_receive(lb, lb->hospital, lb->gown, lb->gown_lots[0], 100, lb->sim.now - 6 * BED_DAY));
    for (int i = 0; i < 3; i++) {
        const struct ledger_line use = { .from = bed_key(lb->hospital, lb->gown, lb->gown_lots[0], LEDGER_USABLE),
                                         .qty = 10 + i };
        bed_must("use",
                 bed_post_lines(lb, LEDGER_KIND_USE, LEDGER_REASON_USE, true, &use, 1, lb->sim.now - (5 - 2 * i) * BED_DAY));
    }
    STORE_SCOPED_READ tx = NULL;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("use", ledger_use_days(tx, BED_CITY, lb->gown, lb->hospital, today - 7, today, days));
    OK(days[0] == 0 && days[2] == 10 && days[4] == 11 && days[6] == 12 && days[7] == 0, "use per day, gaps shown as 0");
    bed_must("use", ledger_use_days(tx, BED_CITY, lb->gown, 0, today - 7, today, days));
    OK(days[2] == 10 && days[6] == 12, "and of the whole city");
    bed_must("closings", ledger_closing_days(tx, BED_CITY, lb->gown, lb->hospital, LEDGER_USABLE, today - 7, today, closings));
    OK(closings[0] == 0 && closings[1] == 100 && closings[2] == 90 && closings[3] == 90 && closings[4] == 79 && closings[7] == 67,
       "closing balances per day");
}

/* --- recall --- */

static void recalls(struct ledger_bed *lb)
{
    const int64_t lot = lb->mask_lots[0]; /* 100 at the airport, of them 70 reserved */
    const struct ledger_line send = { .from = bed_key(lb->airport, lb->mask, lot, LEDGER_USABLE),
                                      .to = bed_key(lb->jinnan, 0, 0, 0),
                                      .qty = 10 };
    bed_must("send", bed_post_lines(lb, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, false, &send, 1, BG_TIME_NONE));
    int64_t shipment = bed_id_of(lb, "id");
    bed_must("issue", bed_issue(lb, lb->airport, lb->hospital, lb->mask, lot, 12, false, BG_TIME_NONE));
    const struct ledger_line use = { .from = bed_key(lb->hospital, lb->mask, lot, LEDGER_USABLE), .qty = 5 };
    bed_must("use", bed_post_lines(lb, LEDGER_KIND_USE, LEDGER_REASON_USE, true, &use, 1, BG_TIME_NONE));
    struct ledger_recall recall = { .lot = lot, .state = LEDGER_LOT_RECALLED, .why = BG_STR("不合格") };
    OK(!bg_failed(bed_change(lb, &ledger_recalling, &recall, BG_TIME_NONE, NULL)), "recall: %s", lb->reply);
    OK(strstr(lb->reply, "\"entered\":100,\"left\":85,\"in_transit\":10,\"used\":5,") != NULL,
       "one answer says where all 100 are");
    OK(bed_qty(lb, lb->airport, lb->mask, lot, LEDGER_RECALLED) == 78 &&
           bed_qty(lb, lb->hospital, lb->mask, lot, LEDGER_RECALLED) == 7,
       "everything usable is out of use at every place");
    OK(bed_int(lb, "SELECT SUM(held) FROM stock_account") == 0, "and reserved no more");
    const struct ledger_line in = { .to = bed_key(0, lb->mask, lot, LEDGER_USABLE), .qty = 10 };
    const struct ledger_post arrive = {
        .kind = LEDGER_KIND_ARRIVE, .reason = LEDGER_REASON_ALLOCATION, .shipment = shipment, .lines = &in, .count = 1
    };
    bed_must("arrive", bed_change(lb, &ledger_posting, &arrive, BG_TIME_NONE, NULL));
    OK(bed_qty(lb, lb->jinnan, lb->mask, lot, LEDGER_RECALLED) == 10, "what was on its way is out of use where it arrives: %s",
       lb->reply);
    recall.state = LEDGER_LOT_OPEN;
    OK(bed_change(lb, &ledger_recalling, &recall, BG_TIME_NONE, NULL).code == BG_BAD_MOVE, "a recall is for good");
    recall = (struct ledger_recall){ .lot = lb->gown_lots[0], .state = LEDGER_LOT_BLOCKED, .why = BG_STR("待检") };
    bed_must("block", bed_change(lb, &ledger_recalling, &recall, BG_TIME_NONE, NULL));
    const struct ledger_line free = { .from = bed_key(lb->hospital, lb->gown, lb->gown_lots[0], LEDGER_HOLD),
                                      .to = bed_key(0, 0, 0, LEDGER_USABLE),
                                      .qty = 1 };
    OK(bed_post_lines(lb, LEDGER_KIND_STATUS, LEDGER_REASON_RELEASE, false, &free, 1, BG_TIME_NONE).code == BG_LOT_NOT_FREE,
       "a blocked lot is not released piece by piece");
    recall.state = LEDGER_LOT_OPEN;
    bed_must("open", bed_change(lb, &ledger_recalling, &recall, BG_TIME_NONE, NULL));
    OK(!bg_failed(bed_post_lines(lb, LEDGER_KIND_STATUS, LEDGER_REASON_RELEASE, false, &free, 1, BG_TIME_NONE)),
       "once it is open again it is");
}

/* --- counts --- */

static bg_err scan(struct ledger_bed *lb, int64_t sheet, int64_t lot, int64_t counted, bg_ms at, bool recount, int reason)
{
    const struct ledger_count_scan line = { .key = bed_key(0, lb->mask, lot, LEDGER_USABLE),
                                            .counted = counted,
                                            .counted_at = at,
                                            .recount = recount,
                                            .reason = reason };
    lb->actor = 501;
    bg_err err = bed_change(lb, &ledger_count_scanning,
                            &(struct ledger_count_scans){ .sheet = sheet, .lines = &line, .count = 1 }, BG_TIME_NONE, NULL);
    lb->actor = 0;
    return err;
}

static bg_err move_count(struct ledger_bed *lb, int64_t sheet, int to, int64_t actor)
{
    lb->actor = actor;
    bg_err err =
        bed_change(lb, &ledger_count_moving, &(struct ledger_count_move){ .sheet = sheet, .to = to }, BG_TIME_NONE, NULL);
    lb->actor = 0;
    return err;
}

static void counts(struct ledger_bed *lb)
{
    const int64_t one = lb->mask_lots[2], two = lb->mask_lots[3];
    bed_must("receive", bed_receive(lb, lb->jinnan, lb->mask, one, 100, BG_TIME_NONE));
    bed_must("receive", bed_receive(lb, lb->jinnan, lb->mask, two, 50, BG_TIME_NONE));
    bed_must("open", bed_change(lb, &ledger_count_opening, &(struct ledger_count_open){ .place = lb->jinnan, .blind = true },
                                BG_TIME_NONE, NULL));
    int64_t sheet = bed_id_of(lb, "id");
    lb->sim.now += 60000;
    bg_ms scanned = lb->sim.now;
    OK(!bg_failed(scan(lb, sheet, one, 97, BG_TIME_NONE, false, 0)) && strstr(lb->reply, "expected") == NULL,
       "a blind count does not show the ledger: %s", lb->reply);
    lb->sim.now += 60000;
    bed_must("issue",
             bed_issue(lb, lb->jinnan, lb->hospital, lb->mask, one, 30, false, BG_TIME_NONE)); /* stock moves meanwhile */
    lb->sim.now += 60000;
    bed_must("receive",
             bed_receive(lb, lb->jinnan, lb->mask, one, 4, scanned - 30000)); /* a receipt before the scan, booked late */
    bed_must("scan", scan(lb, sheet, two, 58, BG_TIME_NONE, false, 0));
    bed_must("scan", scan(lb, sheet, two, 48, BG_TIME_NONE, true, LEDGER_REASON_LOSS));
    OK(bed_int(lb, "SELECT COUNT(*) FROM count_line") == 3, "a recount is a round of its own");
    OK(move_count(lb, sheet, LEDGER_COUNT_POSTED, 501).code == BG_BAD_MOVE, "a count is reviewed before it is posted: %s",
       lb->reply);
    bed_must("review", move_count(lb, sheet, LEDGER_COUNT_REVIEW, 501));
    OK(scan(lb, sheet, two, 1, BG_TIME_NONE, false, 0).code == BG_BAD_MOVE, "nothing is counted during the review");
    OK(move_count(lb, sheet, LEDGER_COUNT_POSTED, 501).code == BG_COUNT_OWN, "who counted does not review");
    OK(!bg_failed(move_count(lb, sheet, LEDGER_COUNT_POSTED, 502)), "somebody else does: %s", lb->reply);
    OK(bed_qty(lb, lb->jinnan, lb->mask, one, LEDGER_USABLE) == 67 &&
           bed_qty(lb, lb->jinnan, lb->mask, one, LEDGER_DISCREPANCY) == 7,
       "97 counted of 104 at the moment of the scan: 7 are missing, whatever moved since");
    OK(bed_qty(lb, lb->jinnan, lb->mask, two, LEDGER_USABLE) == 48 && bed_qty(lb, lb->jinnan, lb->mask, two, LEDGER_LOST) == 2,
       "the recount counts, and its reason says lost");
}

/* --- reviews --- */

static void settlements(struct ledger_bed *lb)
{
    const int64_t lot = lb->gown_lots[1];
    bed_must("receive", bed_receive(lb, lb->airport, lb->gown, lot, 10, BG_TIME_NONE));
    bed_must("issue", bed_issue(lb, lb->airport, lb->hospital, lb->gown, lot, 16, true, BG_TIME_NONE));
    int64_t review = strtoll(strstr(lb->reply, "\"reviews\":[{\"id\":\"") + strlen("\"reviews\":[{\"id\":\""), NULL, 10);
    struct ledger_key gap = bed_key(lb->airport, lb->gown, lot, LEDGER_DISCREPANCY), from = gap;
    gap.owner = from.owner = lb->city_owner;
    from.status = LEDGER_SOURCE;
    struct ledger_line line = { .from = from, .to = gap, .qty = 4 };
    struct ledger_settle settle = { .review = review, .lines = &line, .count = 1, .note = BG_STR("补登入库") };
    OK(!bg_failed(bed_change(lb, &ledger_settling, &settle, BG_TIME_NONE, NULL)) && strstr(lb->reply, "\"settled\":4") != NULL &&
           strstr(lb->reply, "\"open\":true") != NULL,
       "4 of 6 were a receipt nobody had booked: %s", lb->reply);
    line.qty = 3;
    OK(bed_change(lb, &ledger_settling, &settle, BG_TIME_NONE, NULL).code == BG_QTY_RANGE, "no more than is open");
    line.qty = 2;
    line.from.status = LEDGER_LOST;
    OK(!bg_failed(bed_change(lb, &ledger_settling, &settle, BG_TIME_NONE, NULL)) && strstr(lb->reply, "\"open\":false") != NULL,
       "the rest closes it");
    OK(bed_qty(lb, lb->airport, lb->gown, lot, LEDGER_DISCREPANCY) == 0, "nothing is unexplained any more");
    OK(bed_change(lb, &ledger_settling, &settle, BG_TIME_NONE, NULL).code == BG_BAD_MOVE, "a closed review stays closed");
    const struct ledger_line send = { .from = bed_key(lb->airport, lb->mask, lb->mask_lots[1], LEDGER_USABLE),
                                      .to = bed_key(lb->jinnan, 0, 0, 0),
                                      .qty = 9 };
    bed_must("send", bed_post_lines(lb, LEDGER_KIND_SEND, LEDGER_REASON_ALLOCATION, false, &send, 1, BG_TIME_NONE));
    const struct ledger_post none = {
        .kind = LEDGER_KIND_ARRIVE, .reason = LEDGER_REASON_ALLOCATION, .shipment = bed_id_of(lb, "id"), .final = true
    };
    OK(!bg_failed(bed_change(lb, &ledger_posting, &none, BG_TIME_NONE, NULL)), "nothing of a sending arrived: %s", lb->reply);
    settle.review = strtoll(strstr(lb->reply, "\"reviews\":[{\"id\":\"") + strlen("\"reviews\":[{\"id\":\""), NULL, 10);
    line = (struct ledger_line){ .from = bed_key(lb->jinnan, lb->mask, lb->mask_lots[1], LEDGER_TRANSIT), .qty = 9 };
    line.from.owner = lb->city_owner;
    line.to = line.from;
    line.to.status = LEDGER_LOST;
    OK(!bg_failed(bed_change(lb, &ledger_settling, &settle, BG_TIME_NONE, NULL)), "it was lost: %s", lb->reply);
    char sql[120];
    (void)snprintf(sql, sizeof sql, "SELECT state FROM shipment WHERE id = %lld", (long long)none.shipment);
    OK(bed_int(lb, sql) == LEDGER_SHIPMENT_CLOSED, "and the sending is closed");
}

/* --- upkeep --- */

static void upkeep(struct ledger_bed *lb)
{
    struct work *work = NULL;
    size_t done = 0;
    bed_must("work", work_open(&(struct work_opts){ .journal = lb->journal, .no_thread = true }, &work));
    bed_must("register", ledger_register(work));
    bed_must("receive", bed_receive(lb, lb->jinnan, lb->gown, lb->gown_lots[2], 10, BG_TIME_NONE));
    struct ledger_hold_line hold = { bed_key(lb->jinnan, lb->gown, lb->gown_lots[2], 0), 6 };
    bed_must("reserve", bed_change(lb, &ledger_reserving,
                                   &(struct ledger_reserve){ .lines = &hold, .count = 1, .due_at = lb->sim.now + 60000 },
                                   BG_TIME_NONE, NULL));
    bed_must("step", work_step(work, NULL));
    OK(bed_int(lb, "SELECT SUM(held) FROM stock_account") == 6, "a hold is kept until its time");
    lb->sim.now += 60001;
    bed_must("step", work_step(work, &done));
    OK(bed_int(lb, "SELECT SUM(held) FROM stock_account") == 0, "then it lapses by itself");
    bed_must("reserve",
             bed_change(lb, &ledger_reserving, &(struct ledger_reserve){ .lines = &hold, .count = 1, .due_at = BG_TIME_NONE },
                        BG_TIME_NONE, NULL));
    bed_must("issue", bed_issue(lb, lb->jinnan, lb->hospital, lb->gown, lb->gown_lots[3], 2, true, BG_TIME_NONE));
    lb->sim.now += 301 * BED_DAY;
    bed_must("step", work_step(work, &done));
    bed_must("step", work_step(work, &done));
    OK(bed_qty(lb, lb->jinnan, lb->gown, lb->gown_lots[2], LEDGER_EXPIRED) == 10 &&
           bed_int(lb, "SELECT SUM(held) FROM stock_account") == 0,
       "what has expired is set aside at night, holds and all");
    OK(bed_qty(lb, lb->hospital, lb->gown, lb->gown_lots[3], LEDGER_USABLE) == 2, "what has not is not");
    OK(bed_int(lb, "SELECT COUNT(*) FROM total_snap_day") == 10, "the months that passed have their snapshots");
    bed_must("sequence", journal_sequence(lb->journal));
    OK(bed_int(lb, "SELECT COUNT(*) FROM journal_entry WHERE kind = 'review.overdue'") > 0, "late reviews were told of");
    OK(bed_issue(lb, lb->hospital, lb->site, lb->gown, lb->gown_lots[2], 1, false, BG_TIME_NONE).code == BG_LINE_INVALID,
       "(a hospital does not issue)");
    work_close(work);
}

/* --- damage --- */

static void by_hand(struct ledger_bed *lb, const char *sql)
{
    if (lb->bed.kind == BED_POSTGRES) {
        PGconn *pg = PQconnectdb(lb->bed.address);
        PGresult *result = PQexec(pg, sql);
        if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
            printf("# %s\n", PQerrorMessage(pg));
        }
        PQclear(result);
        PQfinish(pg);
        return;
    }
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(lb->bed.address, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        printf("# %s\n", message != NULL ? message : "cannot open");
    }
    sqlite3_free(message);
    sqlite3_close(db);
}

#define SOME "(SELECT MIN(id) FROM movement WHERE document = (SELECT MAX(id) FROM ledger_document WHERE lines > 0 AND kind = 2))"
static const struct plant {
    const char *what, *plant, *undo, *table, *kind;
} plants[] = {
    { "a changed balance", "UPDATE stock_account SET qty = qty + 1 WHERE id = (SELECT MAX(id) FROM stock_account)",
      "UPDATE stock_account SET qty = qty - 1 WHERE id = (SELECT MAX(id) FROM stock_account)", "stock_account", "balance" },
    { "a changed total", "UPDATE stock_total SET held = held + 1 WHERE status = 5",
      "UPDATE stock_total SET held = held - 1 WHERE status = 5", "stock_total", "held" },
    { "a changed day", "UPDATE total_day SET delta = delta + 1 WHERE day = (SELECT MAX(day) FROM total_day)",
      "UPDATE total_day SET delta = delta - 1 WHERE day = (SELECT MAX(day) FROM total_day)", "total_day", "delta" },
    { "a changed draw", "UPDATE draw_day SET qty = qty + 1 WHERE day = (SELECT MAX(day) FROM draw_day)",
      "UPDATE draw_day SET qty = qty - 1 WHERE day = (SELECT MAX(day) FROM draw_day)", "draw_day", "qty" },
    { "a changed snapshot", "UPDATE total_snap SET qty = qty + 1 WHERE day = (SELECT MAX(day) FROM total_snap)",
      "UPDATE total_snap SET qty = qty - 1 WHERE day = (SELECT MAX(day) FROM total_snap)", "total_snap", "qty" },
    { "a changed quantity with matching balances",
      "UPDATE movement SET qty = qty + 1 WHERE id = " SOME ";"
      "UPDATE stock_account SET qty = qty - 1 WHERE id = (SELECT from_account FROM movement WHERE id = " SOME ");"
      "UPDATE stock_account SET qty = qty + 1 WHERE id = (SELECT to_account FROM movement WHERE id = " SOME ")",
      "UPDATE movement SET qty = qty - 1 WHERE id = " SOME ";"
      "UPDATE stock_account SET qty = qty + 1 WHERE id = (SELECT from_account FROM movement WHERE id = " SOME ");"
      "UPDATE stock_account SET qty = qty - 1 WHERE id = (SELECT to_account FROM movement WHERE id = " SOME ")",
      "movement", "altered" },
    { "a changed reason", "UPDATE movement SET reason = reason + 1 WHERE id = " SOME,
      "UPDATE movement SET reason = reason - 1 WHERE id = " SOME, "movement", "altered" },
    { "a changed person", "UPDATE movement SET actor = actor + 1 WHERE id = " SOME,
      "UPDATE movement SET actor = actor - 1 WHERE id = " SOME, "movement", "altered" },
    { "a changed note", "UPDATE ledger_document SET note = 'x' WHERE id = (SELECT MAX(id) FROM ledger_document)",
      "UPDATE ledger_document SET note = '' WHERE id = (SELECT MAX(id) FROM ledger_document)", "ledger_document", "altered" },
    { "a changed number", "UPDATE ledger_document SET number = 999 WHERE number = 1 AND kind = 2",
      "UPDATE ledger_document SET number = 1 WHERE number = 999 AND kind = 2", "ledger_document", "altered" },
    { "a hold nobody keeps", "UPDATE hold SET state = 1 WHERE id = (SELECT MIN(id) FROM hold WHERE state = 4 AND posted < qty)",
      "UPDATE hold SET state = 4 WHERE id = (SELECT MIN(id) FROM hold WHERE state = 1)", "stock_account", "held" },
    { "a deleted document",
      "DELETE FROM movement WHERE document = (SELECT MAX(id) FROM ledger_document);"
      "DELETE FROM ledger_document WHERE id = (SELECT MAX(id) FROM ledger_document)",
      "", "ledger_document", "missing" },
};

static void damage(struct ledger_bed *lb)
{
    struct ledger_report report;
    bed_must("verify", ledger_verify(lb->store, &report));
    OK(report.differences == 0, "verify: %lld movements, 0 differences %s %s %s", (long long)report.movements, report.table,
       report.key, report.kind);
    for (size_t i = 0; i < sizeof plants / sizeof *plants; i++) {
        by_hand(lb, plants[i].plant);
        bed_must("verify", ledger_verify(lb->store, &report));
        OK(report.differences > 0 && strcmp(report.table, plants[i].table) == 0 && strcmp(report.kind, plants[i].kind) == 0,
           "%s: %s %s %s", plants[i].what, report.table, report.key, report.kind);
        by_hand(lb, plants[i].undo);
    }
}

static void suite(enum bed_kind kind)
{
    struct ledger_bed *lb = bed_ledger(kind, 7);
    OK(1, "%s", lb->bed.name);
    picking(lb);
    numbers(lb);
    series(lb);
    recalls(lb);
    counts(lb);
    settlements(lb);
    upkeep(lb);
    damage(lb);
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
