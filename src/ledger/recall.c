/* Recall of a lot: where it is and was, in one answer; and everything of it put out of use, in one change. */
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "ledger/catalogue.h"
#include "ledger/gather.h"
#include "ledger/table.h"

struct place_entry {
    int64_t key[1];
    struct ledger_recall_place place;
};

static void add_account(struct ledger_recall_report *report, struct ledger_recall_place *place, int status, int64_t qty)
{
    if (ledger_status_present(status)) {
        place->left += qty;
        report->left += qty;
    } else if (status == LEDGER_PRODUCING) {
        place->produced += qty;
    } else if (status == LEDGER_TRANSIT) {
        place->transit += qty;
        report->transit += qty;
    } else if (status == LEDGER_USED) {
        place->used += qty;
        report->used += qty;
    } else if (status == LEDGER_LOST) {
        place->lost += qty;
        report->lost += qty;
    } else if (status == LEDGER_DISCREPANCY) {
        place->unexplained += qty;
        report->unexplained += qty;
    } else if (status == LEDGER_SOURCE) {
        report->entered -= qty;
    }
}

bg_err ledger_recall_get(struct store_tx *tx, int64_t city, int64_t lot, struct bg_arena *arena, struct ledger_recall_report *ret)
{
    struct ledger_recall_report report = { 0 };
    struct table places = table_init(arena, 1);
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(ledger_lot_get(tx, city, lot, arena, &report.lot));
    BG_TRY(store_query(tx, SQL_RECALL_ACCOUNTS, ARGS(V_INT(city), V_INT(lot)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct place_entry *entry;
        const int64_t place = store_int(rows, 0);
        BG_TRY(table_need(&places, &place, sizeof *entry, &entry, NULL));
        entry->place.place = place;
        add_account(&report, &entry->place, (int)store_int(rows, 1), store_int(rows, 2));
        BG_TRY(store_next(rows, &more));
    }
    table_sort(&places);
    report.places = bg_arena_array(arena, places.count, sizeof *report.places);
    BG_TRY(bg_need(report.places));
    for (size_t i = 0; i < places.count; i++) {
        const struct ledger_recall_place *place = &((const struct place_entry *)places.all[i])->place;
        if ((place->left | place->transit | place->used | place->lost | place->unexplained | place->produced) != 0) {
            report.places[report.count++] = *place;
        }
    }
    *ret = report;
    return BG_DONE;
}

void ledger_recall_json(const struct ledger_recall_report *report, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_key(out, "lot");
    ledger_lot_json(&report->lot, out);
    bg_json_put_int(out, "entered", report->entered);
    bg_json_put_int(out, "left", report->left);
    bg_json_put_int(out, "in_transit", report->transit);
    bg_json_put_int(out, "used", report->used);
    bg_json_put_int(out, "lost", report->lost);
    bg_json_put_int(out, "unexplained", report->unexplained);
    bg_json_key(out, "places");
    bg_json_array(out);
    for (size_t i = 0; i < report->count; i++) {
        const struct ledger_recall_place *place = &report->places[i];
        bg_json_object(out);
        bg_json_put_id(out, "place", place->place);
        bg_json_put_int(out, "left", place->left);
        bg_json_put_int(out, "producing", place->produced);
        bg_json_put_int(out, "in_transit", place->transit);
        bg_json_put_int(out, "used", place->used);
        bg_json_put_int(out, "lost", place->lost);
        bg_json_put_int(out, "unexplained", place->unexplained);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

/* --- moving many accounts to another status (recall.c, upkeep.c) --- */

bg_err gather_account(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    struct gathered *g = entry;
    *g = (struct gathered){ .id = store_int(rows, 0), .qty = store_int(rows, 7), .held = store_int(rows, 8),
                            .key = { .place = store_int(rows, 1), .bin = store_int(rows, 2), .owner = store_int(rows, 3),
                                     .item = store_int(rows, 4), .lot = store_int(rows, 5), .status = (int)store_int(rows, 6) } };
    return BG_DONE;
}

static bg_err read_id(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    *(int64_t *)entry = store_int(rows, 0);
    return BG_DONE;
}

/* What is reserved of goods that go out of use is reserved no more. */
static bg_err void_holds(struct change_tx *tx, const struct change *change, int64_t account)
{
    int64_t *holds;
    size_t count;
    BG_TRY(read_rows(change_store(tx), SQL_HOLD_OF_ACCOUNT, ARGS(V_INT(change->city), V_INT(account)), change_arena(tx), sizeof *holds,
                     read_id, &holds, &count));
    return count == 0 ? BG_DONE : ledger_release_in(tx, change, &(struct ledger_release){ .holds = holds, .count = count });
}

bg_err gathered_move(struct change_tx *tx, const struct change *change, const struct gathered *accounts, size_t count, int kind, int reason,
                     int status)
{
    struct ledger_line *lines = bg_arena_array(change_arena(tx), LEDGER_LINES_MAX, sizeof *lines);
    size_t used = 0;
    BG_TRY(bg_need(lines));
    for (size_t i = 0; i < count; i++) {
        if (accounts[i].held > 0) {
            BG_TRY(void_holds(tx, change, accounts[i].id));
        }
        lines[used] = (struct ledger_line){ .from = accounts[i].key, .to = accounts[i].key, .qty = accounts[i].qty };
        lines[used++].to.status = status;
        if (used == LEDGER_LINES_MAX || i + 1 == count) {
            int64_t document;
            const struct ledger_post post = { .kind = kind, .reason = reason, .lines = lines, .count = used };
            BG_TRY(ledger_post_in(tx, change, &post, change_now(tx), &document));
            used = 0;
        }
    }
    return BG_DONE;
}

static bg_err decide_recall(struct change_tx *tx, struct change *change)
{
    const struct ledger_recall *in = change->in;
    struct ledger_recall_report report;
    struct gathered *accounts;
    size_t count;
    if (in->state < LEDGER_LOT_OPEN || in->state > LEDGER_LOT_RECALLED) {
        return BG_FAIL_AT(BG_BAD_INPUT, "state");
    }
    BG_TRY(ledger_recall_get(change_store(tx), change->city, in->lot, change_arena(tx), &report));
    if (report.lot.state == LEDGER_LOT_RECALLED && in->state != LEDGER_LOT_RECALLED) {
        return BG_FAIL_WITH(BG_BAD_MOVE, "state", "\"from\":\"recalled\",\"allowed\":[\"recalled\"]");
    }
    BG_TRY(lot_state_put(tx, change, in->lot, in->state, in->why));
    if (in->state != LEDGER_LOT_OPEN) {
        bool recall = in->state == LEDGER_LOT_RECALLED;
        BG_TRY(read_rows(change_store(tx), SQL_RECALL_STOCK, ARGS(V_INT(change->city), V_INT(in->lot), V_INT(recall)), change_arena(tx),
                         sizeof *accounts, gather_account, &accounts, &count));
        BG_TRY(gathered_move(tx, change, accounts, count, LEDGER_KIND_RECALL,
                             recall ? LEDGER_REASON_RECALL : LEDGER_REASON_QUARANTINE, recall ? LEDGER_RECALLED : LEDGER_HOLD));
    }
    BG_TRY(ledger_recall_get(change_store(tx), change->city, in->lot, change_arena(tx), &report));
    ledger_recall_json(&report, &change->reply);
    return BG_DONE;
}
const struct change_kind ledger_recalling = { .name = "ledger.recall", .decide = decide_recall, .recheck = auth_recheck };
