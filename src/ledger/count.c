/* Counts (盘点) while stock moves. A line keeps what was found and the moment of the scan. The difference is taken against what the ledger
 * has for that moment, as known when the difference is posted: movements before the scan that were recorded later still count, movements
 * after the scan do not disturb. */
#include <stdlib.h>

#include "auth/auth.h"
#include "ledger/catalogue.h"

#define CLOCK_AHEAD_MS INT64_C(300000)

static const struct bg_state count_states[] = {
    { "none", "无", "none", 0 },
    { "counting", "盘点中", "counting", BG_BIT(LEDGER_COUNT_REVIEW) | BG_BIT(LEDGER_COUNT_DROPPED) },
    { "review", "待复核", "to be reviewed", BG_BIT(LEDGER_COUNT_OPEN) | BG_BIT(LEDGER_COUNT_POSTED) | BG_BIT(LEDGER_COUNT_DROPPED) },
    { "posted", "已入账", "posted", 0 },
    { "dropped", "已作废", "dropped", 0 },
};
const struct bg_machine ledger_count_machine = { "count", count_states, 5, LEDGER_COUNT_OPEN };

/* --- reading --- */

static bg_err read_sheet(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_count *count = entry;
    *count = (struct ledger_count){
        .id = store_int(rows, 0), .place = store_int(rows, 1), .state = (int)store_int(rows, 2), .blind = store_int(rows, 3) != 0,
        .title = arena_text(arena, rows, 4), .opened_at = store_int(rows, 5), .opened_by = store_int(rows, 6),
        .closed_at = store_is_null(rows, 7) ? BG_TIME_NONE : store_int(rows, 7), .reviewed_by = store_int(rows, 8),
        .document = store_int(rows, 9), .note = arena_text(arena, rows, 10), .version = store_int(rows, 11),
    };
    return bg_need(count->note.at);
}

bg_err ledger_count_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_count *ret)
{
    struct ledger_count *sheets;
    size_t count;
    BG_TRY(read_rows(tx, SQL_COUNT_SHEET_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *sheets, read_sheet, &sheets, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "count");
    }
    *ret = sheets[0];
    return BG_DONE;
}

bg_err ledger_count_list(struct store_tx *tx, int64_t city, int64_t place, int64_t before, size_t max, struct bg_arena *arena,
                         struct ledger_count **ret, size_t *ret_count)
{
    return read_rows(tx, SQL_COUNT_SHEET_LIST,
                     ARGS(V_INT(city), V_INT(place), V_INT(before == 0 ? INT64_MAX : before), V_INT((int64_t)max)), arena, sizeof **ret,
                     read_sheet, ret, ret_count);
}

void ledger_count_json(const struct ledger_count *count, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", count->id);
    bg_json_put_id(out, "place", count->place);
    bg_json_put_str(out, "state", bg_str_of(ledger_slug(ledger_count_states, count->state)));
    bg_json_key(out, "moves");
    bg_machine_choices(&ledger_count_machine, count->state, out);
    bg_json_put_bool(out, "blind", count->blind);
    bg_json_put_str(out, "title", count->title);
    put_time_at(out, "opened_at", count->opened_at);
    put_id_or_null(out, "opened_by", count->opened_by);
    put_time_at(out, "closed_at", count->closed_at);
    put_id_or_null(out, "reviewed_by", count->reviewed_by);
    put_id_or_null(out, "document", count->document);
    bg_json_put_str(out, "note", count->note);
    bg_json_put_int(out, "version", count->version);
    bg_json_object_end(out);
}

struct line_row {
    struct ledger_count_line line;
    int64_t qty, account;
};

static bg_err read_line(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct line_row *row = entry;
    *row = (struct line_row){
        .line = { .key = { .item = store_int(rows, 0), .lot = store_int(rows, 1), .owner = store_int(rows, 2), .bin = store_int(rows, 3),
                           .status = (int)store_int(rows, 4) },
                  .round = (int)store_int(rows, 5), .counted = store_int(rows, 6), .counted_at = store_int(rows, 7),
                  .counted_by = store_int(rows, 8), .expected = store_int(rows, 9), .account_version = store_int(rows, 10),
                  .reason = (int)store_int(rows, 11), .note = arena_text(arena, rows, 12), .last = true },
        .qty = store_int(rows, 13), .account = store_int(rows, 14),
    };
    return bg_need(row->line.note.at);
}

/* What an account had at a moment, as known now. */
static bg_err balance_at(struct store_tx *tx, int64_t city, int64_t account, int64_t qty, bg_ms at, int64_t *ret)
{
    int64_t gained = 0;
    if (account != 0) {
        BG_TRY(store_get_int(tx, SQL_ACCOUNT_AFTER, ARGS(V_INT(city), V_INT(account), V_INT(at)), &gained, NULL));
    }
    *ret = qty - gained;
    return BG_DONE;
}

static bool same_account(const struct ledger_key *a, const struct ledger_key *b)
{
    return a->item == b->item && a->lot == b->lot && a->owner == b->owner && a->bin == b->bin && a->status == b->status;
}

bg_err ledger_count_lines(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_count_line **ret,
                          size_t *ret_count)
{
    struct ledger_count sheet;
    struct line_row *rows;
    size_t count;
    BG_TRY(ledger_count_get(tx, city, id, arena, &sheet));
    BG_TRY(read_rows(tx, SQL_COUNT_LINE_LIST, ARGS(V_INT(city), V_INT(id), V_INT(sheet.place)), arena, sizeof *rows, read_line, &rows,
                     &count));
    struct ledger_count_line *lines = bg_arena_array(arena, count, sizeof *lines);
    BG_TRY(bg_need(lines));
    for (size_t i = 0; i < count; i++) {
        lines[i] = rows[i].line;
        lines[i].key.place = sheet.place;
        BG_TRY(balance_at(tx, city, rows[i].account, rows[i].qty, lines[i].counted_at, &lines[i].expected_now));
        if (i > 0 && same_account(&lines[i].key, &lines[i - 1].key)) {
            lines[i - 1].last = false;
        }
    }
    *ret = lines;
    *ret_count = count;
    return BG_DONE;
}

void ledger_count_line_json(const struct ledger_count_line *line, bool blind, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_key(out, "account");
    ledger_key_json(&line->key, out);
    bg_json_put_int(out, "round", line->round);
    bg_json_put_int(out, "counted", line->counted);
    put_time_at(out, "counted_at", line->counted_at);
    put_id_or_null(out, "counted_by", line->counted_by);
    bg_json_key(out, "reason");
    if (line->reason != 0) {
        bg_json_str(out, bg_str_of(ledger_slug(ledger_reasons, line->reason)));
    } else {
        bg_json_null(out);
    }
    bg_json_put_bool(out, "last", line->last);
    bg_json_put_str(out, "note", line->note);
    if (!blind) {
        bg_json_put_int(out, "expected", line->expected_now);
        bg_json_put_int(out, "difference", line->counted - line->expected_now);
    }
    bg_json_object_end(out);
}

/* --- opening and scanning --- */

static bg_err record_sheet(struct change_tx *tx, struct change *change, int64_t id, const char *kind)
{
    struct ledger_count sheet;
    BG_SCOPED_BUF after = bg_buf_init(16384);
    BG_TRY(ledger_count_get(change_store(tx), change->city, id, change_arena(tx), &sheet));
    ledger_count_json(&sheet, &after);
    BG_TRY(bg_buf_check(&after));
    bg_buf_add(&change->reply, bg_buf_str(&after));
    return change_record(tx, change, &(struct journal_entry){ .kind = kind, .object = "count", .id = id, .city = change->city,
                                                              .after = bg_buf_str(&after) });
}

static bg_err decide_open(struct change_tx *tx, struct change *change)
{
    const struct ledger_count_open *in = change->in;
    struct ledger_place place;
    int64_t id = change_id(tx);
    BG_TRY(check_text(change, "title", in->title, 0, 200));
    BG_TRY(check_reference(change, "place", ledger_place_get(change_store(tx), change->city, in->place, change_arena(tx), &place)));
    if ((place.flags & LEDGER_CAN_COUNT) == 0) {
        return BG_FAIL_WITH(BG_LINE_INVALID, "place", "\"rule\":\"the place is not set up for counts\"");
    }
    BG_TRY(store_run(change_store(tx), SQL_COUNT_SHEET_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_INT(in->place), V_INT(in->blind), V_TEXT(in->title), V_INT(change_now(tx)),
                          V_INT(change->actor.account)), NULL));
    change->status = 201;
    return record_sheet(tx, change, id, "count.opened");
}
const struct change_kind ledger_count_opening = { .name = "ledger.count.open", .decide = decide_open, .recheck = auth_recheck };

/* The account counted exists in the catalogue, is of the sheet's place and is stock. */
static bg_err check_scan(struct change_tx *tx, const struct change *change, const struct ledger_place *place,
                         struct ledger_count_scan *scan)
{
    struct store_tx *store = change_store(tx);
    struct bg_arena *arena = change_arena(tx);
    struct ledger_item item;
    struct ledger_lot lot;
    struct ledger_bin bin;
    struct ledger_owner owner;
    scan->key.place = place->id;
    scan->key.owner = scan->key.owner == 0 ? place->owner : scan->key.owner;
    scan->key.status = scan->key.status == 0 ? LEDGER_USABLE : scan->key.status;
    BG_TRY(check_range(change, "counted", scan->counted, 0, BG_QTY_MAX));
    BG_TRY(check_text(change, "note", scan->note, 0, 400));
    if (!ledger_status_present(scan->key.status)) {
        return BG_FAIL_WITH(BG_LINE_INVALID, "status", "\"rule\":\"only what is physically there is counted\"");
    }
    BG_TRY(check_reference(change, "item", ledger_item_get(store, change->city, scan->key.item, arena, &item)));
    BG_TRY(check_reference(change, "owner", ledger_owner_get(store, change->city, scan->key.owner, arena, &owner)));
    if (item.lotted && scan->key.lot == 0) {
        return BG_FAIL_AT(BG_LOT_NEEDED, "lot");
    }
    if (scan->key.lot != 0) {
        BG_TRY(check_reference(change, "lot", ledger_lot_get(store, change->city, scan->key.lot, arena, &lot)));
    }
    if (scan->key.bin != 0) {
        BG_TRY(check_reference(change, "bin", ledger_bin_get(store, change->city, scan->key.bin, arena, &bin)));
    }
    if ((scan->key.lot != 0 && lot.item != item.id) || (scan->key.bin != 0 && bin.place != place->id)) {
        return BG_FAIL_WITH(BG_REFERENCE_UNKNOWN, "account", "\"rule\":\"the lot is of the item, the bin of the place\"");
    }
    bg_ms now = change_now(tx);
    scan->counted_at = scan->counted_at == BG_TIME_NONE ? now : scan->counted_at;
    if (scan->counted_at > now + CLOCK_AHEAD_MS) {
        return BG_FAIL_AT(BG_TIME_AHEAD, "counted_at");
    }
    scan->counted_at = scan->counted_at > now ? now : scan->counted_at;
    return BG_DONE;
}

static bg_err put_scan(struct change_tx *tx, const struct change *change, int64_t sheet, const struct ledger_count_scan *scan,
                       struct ledger_count_line *ret)
{
    struct store_tx *store = change_store(tx);
    const struct ledger_key *key = &scan->key;
    const struct store_val city = V_INT(change->city), item = V_INT(key->item), lot = V_INT(key->lot), owner = V_INT(key->owner),
                           bin = V_INT(key->bin), status = V_INT(key->status);
    int64_t round = 0, account = 0, qty = 0, version = 0;
    bool more;
    {
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(store_query(store, SQL_COUNT_ACCOUNT, ARGS(city, V_INT(key->place), item, status, lot, owner, bin), &rows));
        BG_TRY(store_next(rows, &more));
        account = more ? store_int(rows, 0) : 0;
        qty = more ? store_int(rows, 1) : 0;
        version = more ? store_int(rows, 2) : 0;
    }
    BG_TRY(store_get_int(store, SQL_COUNT_ROUND, ARGS(city, V_INT(sheet), item, lot, owner, bin, status), &round, NULL));
    round = round == 0 ? 1 : round + scan->recount;
    *ret = (struct ledger_count_line){ .key = *key, .round = (int)round, .reason = scan->reason, .counted = scan->counted,
                                       .counted_by = change->actor.account, .account_version = version, .counted_at = scan->counted_at,
                                       .last = true, .note = scan->note };
    BG_TRY(balance_at(store, change->city, account, qty, scan->counted_at, &ret->expected));
    ret->expected_now = ret->expected;
    return store_run(store, SQL_COUNT_LINE_PUT,
                     ARGS(city, V_INT(sheet), item, lot, owner, bin, status, V_INT(round), V_INT(scan->counted), V_INT(scan->counted_at),
                          V_INT(change->actor.account), V_INT(change_now(tx)), V_INT(ret->expected), V_INT(version), V_INT(scan->reason),
                          V_TEXT(scan->note)), NULL);
}

static bg_err decide_scan(struct change_tx *tx, struct change *change)
{
    const struct ledger_count_scans *in = change->in;
    struct ledger_count sheet;
    struct ledger_place place;
    BG_TRY(ledger_count_get(change_store(tx), change->city, in->sheet, change_arena(tx), &sheet));
    if (sheet.state != LEDGER_COUNT_OPEN) {
        return BG_FAIL_WITH(BG_BAD_MOVE, "state", bg_arena_text(change->arena, "\"from\":\"%s\",\"needed\":\"counting\"",
                                                                ledger_slug(ledger_count_states, sheet.state)));
    }
    if (in->count == 0 || in->count > LEDGER_LINES_MAX) {
        return BG_FAIL_AT(BG_LINE_INVALID, "lines");
    }
    BG_TRY(ledger_place_get(change_store(tx), change->city, sheet.place, change_arena(tx), &place));
    BG_SCOPED_BUF after = bg_buf_init((size_t)1 << 20);
    struct bg_buf *reply = &change->reply;
    bg_json_object(&after);
    bg_json_key(&after, "lines");
    bg_json_array(&after);
    bg_json_object(reply);
    bg_json_key(reply, "lines");
    bg_json_array(reply);
    for (size_t i = 0; i < in->count; i++) {
        struct ledger_count_scan scan = in->lines[i];
        struct ledger_count_line line;
        BG_TRY(check_scan(tx, change, &place, &scan));
        BG_TRY(put_scan(tx, change, in->sheet, &scan, &line));
        ledger_count_line_json(&line, false, &after);
        ledger_count_line_json(&line, sheet.blind, reply);
    }
    bg_json_array_end(&after);
    bg_json_object_end(&after);
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    BG_TRY(bg_buf_check(&after));
    return change_record(tx, change, &(struct journal_entry){ .kind = "count.scanned", .object = "count", .id = in->sheet,
                                                              .city = change->city, .after = bg_buf_str(&after) });
}
const struct change_kind ledger_count_scanning = { .name = "ledger.count.scan", .decide = decide_scan, .recheck = auth_recheck };

/* --- reviewing and posting --- */

static bool lost_reason(int reason)
{
    return reason == LEDGER_REASON_LOSS || reason == LEDGER_REASON_DAMAGE || reason == LEDGER_REASON_DISPOSAL;
}

static struct ledger_line difference_line(const struct ledger_count_line *count)
{
    int64_t difference = count->counted - count->expected_now;
    struct ledger_line line = { .from = count->key, .to = count->key, .qty = llabs(difference), .note = count->note,
                                .reason = count->reason != 0 ? count->reason : LEDGER_REASON_COUNT };
    struct ledger_key *other = difference > 0 ? &line.from : &line.to;
    other->bin = 0;
    other->status = difference < 0 && lost_reason(count->reason) ? LEDGER_LOST : LEDGER_DISCREPANCY;
    return line;
}

struct posting {
    struct ledger_line *lines;
    size_t count;
    bg_ms at;
    int64_t document;
};

static bg_err post_lines(struct change_tx *tx, const struct change *change, struct posting *p)
{
    int64_t document;
    const struct ledger_post post = { .kind = LEDGER_KIND_COUNT, .fact = true, .reason = LEDGER_REASON_COUNT, .lines = p->lines,
                                      .count = p->count };
    if (p->count == 0) {
        return BG_DONE;
    }
    BG_TRY(ledger_post_in(tx, change, &post, p->at, &document));
    p->document = p->document == 0 ? document : p->document;
    p->count = 0;
    p->at = BG_TIME_NONE;
    return BG_DONE;
}

static int by_moment(const void *a, const void *b)
{
    const struct ledger_count_line *x = a, *y = b;
    return x->counted_at < y->counted_at ? -1 : x->counted_at > y->counted_at;
}

/* One document for each city date of scanning, dated by the last scan of that day. */
static bg_err post_differences(struct change_tx *tx, const struct change *change, int64_t sheet, int64_t *ret_document)
{
    struct ledger_city city;
    struct ledger_count_line *lines;
    size_t count;
    struct posting p = { .lines = bg_arena_array(change_arena(tx), LEDGER_LINES_MAX, sizeof *p.lines), .at = BG_TIME_NONE };
    BG_TRY(bg_need(p.lines));
    BG_TRY(ledger_city_get(change_store(tx), change->city, &city));
    BG_TRY(ledger_count_lines(change_store(tx), change->city, sheet, change_arena(tx), &lines, &count));
    if (count > 1) {
        qsort(lines, count, sizeof *lines, by_moment);
    }
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].last || lines[i].counted == lines[i].expected_now) {
            continue;
        }
        bool other_day = p.count > 0 && bg_date_at(p.at, city.offset_min) != bg_date_at(lines[i].counted_at, city.offset_min);
        if (other_day || p.count == LEDGER_LINES_MAX) {
            BG_TRY(post_lines(tx, change, &p));
        }
        p.lines[p.count++] = difference_line(&lines[i]);
        p.at = lines[i].counted_at;
    }
    BG_TRY(post_lines(tx, change, &p));
    *ret_document = p.document;
    return BG_DONE;
}

static bg_err check_reviewer(struct change_tx *tx, const struct change *change, const struct ledger_count *sheet)
{
    int64_t one;
    bool own;
    BG_TRY(store_get_int(change_store(tx), SQL_COUNT_OWN, ARGS(V_INT(change->city), V_INT(sheet->id), V_INT(change->actor.account)), &one,
                         &own));
    return own ? BG_FAIL_AT(BG_COUNT_OWN, "reviewed_by") : BG_DONE;
}

static bg_err decide_move(struct change_tx *tx, struct change *change)
{
    const struct ledger_count_move *in = change->in;
    struct ledger_count sheet;
    BG_TRY(ledger_count_get(change_store(tx), change->city, in->sheet, change_arena(tx), &sheet));
    BG_TRY(check_text(change, "note", in->note, 0, 400));
    BG_TRY(bg_machine_move(&ledger_count_machine, sheet.state, in->to, change->arena));
    int64_t document = 0, reviewer = sheet.reviewed_by;
    if (in->to == LEDGER_COUNT_POSTED) {
        BG_TRY(check_reviewer(tx, change, &sheet));
        BG_TRY(post_differences(tx, change, in->sheet, &document));
        reviewer = change->actor.account;
    }
    bool ends = in->to == LEDGER_COUNT_POSTED || in->to == LEDGER_COUNT_DROPPED;
    BG_TRY(store_run(change_store(tx), SQL_COUNT_SHEET_MOVE,
                     ARGS(V_INT(change->city), V_INT(in->sheet), V_INT(in->to), ends ? V_INT(change_now(tx)) : V_NULL, V_INT(reviewer),
                          V_INT(document), V_TEXT(in->note.len > 0 ? in->note : sheet.note)), NULL));
    return record_sheet(tx, change, in->sheet, "count.moved");
}
const struct change_kind ledger_count_moving = { .name = "ledger.count.move", .decide = decide_move, .recheck = auth_recheck };
