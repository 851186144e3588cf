/* Writing what a batch decided: accounts, documents, movements, totals of both time axes, holds, shipments, reviews. Set-based: one
 * statement a table, rows in key order. */
#include <assert.h>
#include <string.h>

#include "ledger/image.h"
#include "work/work.h"

/* Rows for one `:many` statement. */
struct rows {
    struct store_val *values, *next;
    size_t columns, count, room;
};

static bg_err rows_open(struct image *image, size_t columns, size_t room, struct rows *ret)
{
    *ret = (struct rows){ .columns = columns, .room = room };
    ret->values = ret->next = bg_arena_array(image->arena, room * columns, sizeof *ret->values);
    return bg_need(ret->values);
}

static void put(struct rows *rows, struct store_val value)
{
    assert((size_t)(rows->next - rows->values) < rows->columns * rows->room);
    *rows->next++ = value;
    rows->count = (size_t)(rows->next - rows->values) / rows->columns;
}

static bg_err rows_run(struct image *image, const struct rows *rows, enum sql_id sql)
{
    assert((size_t)(rows->next - rows->values) == rows->count * rows->columns);
    return rows->count == 0 ? BG_DONE : store_run_many(change_store(image->tx), sql, rows->values, rows->columns, rows->count);
}

static struct store_val null_when(int64_t value, int64_t absent)
{
    return value == absent ? V_NULL : V_INT(value);
}

/* --- accounts --- */

static void put_account_key(struct rows *rows, const struct image_account *account)
{
    for (int i = 0; i < ACCOUNT_WIDTH; i++) {
        put(rows, V_INT(account->key[i]));
    }
}

static bg_err insert_accounts(struct image *image, bool postgres)
{
    struct rows rows;
    BG_TRY(rows_open(image, ACCOUNT_WIDTH + 5, image->accounts.count, &rows));
    for (size_t i = 0; i < image->accounts.count; i++) {
        struct image_account *account = image->accounts.all[i];
        if (account->changes == 0 || account->id != 0) {
            continue;
        }
        account->id = change_id(image->tx);
        account->fresh = true;
        put_account_key(&rows, account);
        put(&rows, V_INT(account->id));
        put(&rows, V_INT(ledger_status_outside((int)account->key[ACCOUNT_STATUS])));
        put(&rows, V_INT(postgres ? 0 : account->qty));
        put(&rows, V_INT(postgres ? 0 : account->held));
        put(&rows, V_INT(postgres ? 0 : 1));
    }
    return rows_run(image, &rows, SQL_LEDGER_ACCOUNT_INSERT);
}

/* PostgreSQL: another server may have made the same account a moment ago; its id counts. */
static bg_err reload_ids(struct image *image)
{
    struct rows rows;
    struct image_account **fresh = bg_arena_array(image->arena, image->accounts.count, sizeof *fresh);
    size_t count = 0;
    BG_TRY(bg_need(fresh));
    BG_TRY(rows_open(image, ACCOUNT_WIDTH, image->accounts.count, &rows));
    for (size_t i = 0; i < image->accounts.count; i++) {
        struct image_account *account = image->accounts.all[i];
        if (account->fresh) {
            put_account_key(&rows, account);
            fresh[count++] = account;
        }
    }
    if (count == 0) {
        return BG_DONE;
    }
    STORE_SCOPED_ROWS result = NULL;
    bool more;
    BG_TRY(store_query_many(change_store(image->tx), SQL_LEDGER_ACCOUNT_LOAD, rows.values, ACCOUNT_WIDTH, count, &result));
    BG_TRY(store_next(result, &more));
    while (more) {
        fresh[store_key(result)]->id = store_int(result, 0);
        BG_TRY(store_next(result, &more));
    }
    return BG_DONE;
}

static bg_err change_accounts(struct image *image, bool postgres)
{
    struct rows rows;
    BG_TRY(rows_open(image, ACCOUNT_WIDTH + 2, image->accounts.count, &rows));
    for (size_t i = 0; i < image->accounts.count; i++) {
        const struct image_account *account = image->accounts.all[i];
        if (account->changes == 0 || (account->fresh && !postgres)) {
            continue;
        }
        put_account_key(&rows, account);
        put(&rows, V_INT(account->qty - account->qty_was));
        put(&rows, V_INT(account->held - account->held_was));
    }
    return rows_run(image, &rows, SQL_LEDGER_ACCOUNT_CHANGE);
}

static bg_err apply_accounts(struct image *image)
{
    bool postgres = store_is_postgres(store_of(change_store(image->tx)));
    table_sort(&image->accounts);
    BG_TRY(insert_accounts(image, postgres));
    if (postgres) {
        BG_TRY(reload_ids(image));
    }
    return change_accounts(image, postgres);
}

/* --- documents and movements --- */

static size_t movement_count(const struct image *image)
{
    size_t count = 0;
    for (const struct image_document *document = image->documents; document != NULL; document = document->next) {
        count += (size_t)document->lines;
    }
    return count;
}

static size_t document_count(const struct image *image)
{
    size_t count = 0;
    for (const struct image_document *document = image->documents; document != NULL; document = document->next) {
        count++;
    }
    return count;
}

bg_date image_day(const struct image *image, const struct image_document *document, bg_ms at)
{
    const struct image_city *city = table_find(&image->cities, &document->city);
    return bg_date_at(at, city->city.offset_min);
}

static void put_movements(struct image *image, struct rows *rows, const struct image_document *document)
{
    int64_t line = 0;
    bool late = image_day(image, document, document->occurred_at) < image_day(image, document, document->recorded_at);
    for (const struct image_movement *m = document->movements; m != NULL; m = m->next) {
        put(rows, V_INT(document->city));
        put(rows, V_INT(m->id));
        put(rows, V_INT(document->id));
        put(rows, V_INT(++line));
        put(rows, V_INT(m->from->id));
        put(rows, V_INT(m->to->id));
        put(rows, V_INT(m->qty));
        put(rows, V_INT(m->reason));
        put(rows, V_INT(document->occurred_at));
        put(rows, V_INT(document->recorded_at));
        put(rows, V_INT(late));
        put(rows, V_INT(document->actor));
        put(rows, V_INT(m->paid));
        put(rows, null_when(m->reverses, 0));
        put(rows, m->note.len == 0 ? V_NULL : V_TEXT(m->note));
    }
}

static void put_document(struct rows *rows, const struct image_document *document)
{
    put(rows, V_INT(document->city));
    put(rows, V_INT(document->id));
    put(rows, V_INT(document->kind));
    put(rows, V_INT(document->year));
    put(rows, V_INT(document->number));
    put(rows, V_TEXT(document->reference));
    put(rows, V_INT(document->place));
    put(rows, V_INT(document->other));
    put(rows, V_INT(document->shipment));
    put(rows, V_INT(document->lines));
    put(rows, V_INT(document->first));
    put(rows, V_INT(document->last));
    put(rows, V_INT(document->occurred_at));
    put(rows, V_INT(document->recorded_at));
    put(rows, null_when(document->stated_at, BG_TIME_NONE));
    put(rows, V_INT(document->actor));
    put(rows, V_BYTES(document->op.bytes, sizeof document->op.bytes));
    put(rows, V_TEXT(document->note));
}

static bg_err apply_documents(struct image *image)
{
    struct rows documents, movements;
    BG_TRY(rows_open(image, 18, document_count(image), &documents));
    BG_TRY(rows_open(image, 15, movement_count(image), &movements));
    for (const struct image_document *document = image->documents; document != NULL; document = document->next) {
        put_document(&documents, document);
        put_movements(image, &movements, document);
    }
    BG_TRY(rows_run(image, &documents, SQL_LEDGER_DOCUMENT_INSERT));
    return rows_run(image, &movements, SQL_LEDGER_MOVEMENT_INSERT);
}

/* --- totals --- */

struct total {
    int64_t key[5]; /* city, item, place, status, owner */
    int64_t qty, held;
};

static bg_err apply_totals(struct image *image)
{
    struct table totals = table_init(image->arena, 5);
    struct rows rows;
    for (size_t i = 0; i < image->accounts.count; i++) {
        const struct image_account *account = image->accounts.all[i];
        const int64_t key[] = { account->key[ACCOUNT_CITY], account->key[ACCOUNT_ITEM], account->key[ACCOUNT_PLACE],
                                account->key[ACCOUNT_STATUS], account->key[ACCOUNT_OWNER] };
        struct total *total;
        if (account->changes > 0) {
            BG_TRY(table_need(&totals, key, sizeof *total, &total, NULL));
            total->qty += account->qty - account->qty_was;
            total->held += account->held - account->held_was;
        }
    }
    table_sort(&totals);
    BG_TRY(rows_open(image, 7, totals.count, &rows));
    for (size_t i = 0; i < totals.count; i++) {
        const struct total *total = totals.all[i];
        for (int k = 0; k < 5; k++) {
            put(&rows, V_INT(total->key[k]));
        }
        put(&rows, V_INT(total->qty));
        put(&rows, V_INT(total->held));
    }
    return rows_run(image, &rows, SQL_LEDGER_TOTAL_ADD);
}

struct day_total {
    int64_t key[7]; /* city, day, place, item, status, owner, known_day */
    int64_t delta;
};

static bg_err add_day(struct table *days, const struct image_account *account, bg_date day, bg_date known, int64_t delta)
{
    const int64_t key[] = { account->key[ACCOUNT_CITY], day, account->key[ACCOUNT_PLACE], account->key[ACCOUNT_ITEM],
                            account->key[ACCOUNT_STATUS], account->key[ACCOUNT_OWNER], known };
    struct day_total *total;
    BG_TRY(table_need(days, key, sizeof *total, &total, NULL));
    total->delta += delta;
    return BG_DONE;
}

static bg_err apply_days(struct image *image)
{
    struct table days = table_init(image->arena, 7);
    struct rows rows;
    for (const struct image_document *document = image->documents; document != NULL; document = document->next) {
        bg_date day = image_day(image, document, document->occurred_at), known = image_day(image, document, document->recorded_at);
        for (const struct image_movement *m = document->movements; m != NULL; m = m->next) {
            BG_TRY(add_day(&days, m->from, day, known, -m->qty));
            BG_TRY(add_day(&days, m->to, day, known, m->qty));
        }
    }
    table_sort(&days);
    BG_TRY(rows_open(image, 8, days.count, &rows));
    for (size_t i = 0; i < days.count; i++) {
        const struct day_total *total = days.all[i];
        if (total->delta == 0) {
            continue;
        }
        for (int k = 0; k < 7; k++) {
            put(&rows, V_INT(total->key[k]));
        }
        put(&rows, V_INT(total->delta));
    }
    return rows_run(image, &rows, SQL_LEDGER_DAY_ADD);
}

/* --- holds, shipments, reviews, counters, settings --- */

static bg_err apply_holds(struct image *image)
{
    struct rows made, changed;
    BG_TRY(rows_open(image, 13, image->holds.count, &made));
    BG_TRY(rows_open(image, 5, image->holds.count, &changed));
    for (size_t i = 0; i < image->holds.count; i++) {
        const struct image_hold *hold = image->holds.all[i];
        if (hold->changes == 0) {
            continue;
        }
        if (!hold->fresh) {
            put(&changed, V_INT(hold->key[0]));
            put(&changed, V_INT(hold->key[1]));
            put(&changed, V_INT(hold->posted));
            put(&changed, V_INT(hold->state));
            put(&changed, null_when(hold->closed_at, 0));
            continue;
        }
        put(&made, V_INT(hold->key[0]));
        put(&made, V_INT(hold->key[1]));
        put(&made, V_INT(hold->account->id));
        put(&made, V_INT(hold->qty));
        put(&made, V_INT(hold->posted));
        put(&made, V_INT(hold->state));
        put(&made, V_TEXT(hold->made->purpose));
        put(&made, V_INT(hold->made->purpose_id));
        put(&made, V_INT(hold->made->target));
        put(&made, V_INT(hold->due_at));
        put(&made, V_INT(image->now));
        put(&made, V_INT(hold->actor));
        put(&made, null_when(hold->closed_at, 0));
    }
    BG_TRY(rows_run(image, &made, SQL_LEDGER_HOLD_INSERT));
    return rows_run(image, &changed, SQL_LEDGER_HOLD_CHANGE);
}

static bg_err apply_shipment(struct image *image, const struct image_shipment *shipment)
{
    struct store_tx *store = change_store(image->tx);
    struct store_val closed = null_when(shipment->closed_at, 0);
    if (shipment->fresh) {
        BG_TRY(store_run(store, SQL_LEDGER_SHIPMENT_INSERT,
                         ARGS(V_INT(shipment->key[0]), V_INT(shipment->key[1]), V_INT(shipment->origin), V_INT(shipment->target),
                              V_INT(shipment->state), V_INT(shipment->sent_at), closed), NULL));
    } else {
        BG_TRY(store_run(store, SQL_LEDGER_SHIPMENT_CHANGE,
                         ARGS(V_INT(shipment->key[0]), V_INT(shipment->key[1]), V_INT(shipment->state), closed), NULL));
    }
    for (const struct image_shipment_line *line = shipment->lines; line != NULL; line = line->next) {
        BG_TRY(store_run(store, SQL_LEDGER_SHIPMENT_LINE_PUT,
                         ARGS(V_INT(shipment->key[0]), V_INT(shipment->key[1]), V_INT(line->item), V_INT(line->lot), V_INT(line->owner),
                              V_INT(line->sent), V_INT(line->arrived), V_INT(line->missing), V_INT(line->settled)), NULL));
    }
    return BG_DONE;
}

/* The clocks: holds that lapse, reviews that fall due. */
static bg_err plan_work(struct image *image, int64_t city, int64_t id, const char *kind, bg_ms due_at)
{
    return work_put(change_store(image->tx), &(struct work_put){ .city = city, .id = id, .kind = kind, .due_at = due_at }, 1);
}

static bg_err plan_holds(struct image *image)
{
    for (size_t i = 0; i < image->holds.count; i++) {
        const struct image_hold *hold = image->holds.all[i];
        if (hold->changes > 0 && hold->state == LEDGER_HOLD_OPEN && hold->due_at != INT64_MAX) {
            BG_TRY(plan_work(image, hold->key[0], hold->key[1], LEDGER_WORK_LAPSE, hold->due_at));
        } else if (hold->changes > 0 && !hold->fresh && hold->due_at != INT64_MAX) {
            BG_TRY(work_drop(change_store(image->tx), hold->key[0], LEDGER_WORK_LAPSE, hold->key[1]));
        }
    }
    return BG_DONE;
}

static bg_err apply_reviews(struct image *image)
{
    for (const struct image_document *document = image->documents; document != NULL; document = document->next) {
        for (const struct image_review *review = document->reviews; review != NULL; review = review->next) {
            BG_TRY(store_run(change_store(image->tx), SQL_LEDGER_REVIEW_INSERT,
                             ARGS(V_INT(review->city), V_INT(review->id), V_INT(review->kind), V_INT(review->account->key[ACCOUNT_PLACE]),
                                  V_INT(review->account->id), V_INT(review->document), V_INT(review->movement), V_INT(review->qty),
                                  V_INT(review->opened_at), V_INT(review->due_at), V_TEXT(BG_STR(""))), NULL));
            BG_TRY(plan_work(image, review->city, review->id, LEDGER_WORK_REVIEW, review->due_at));
        }
    }
    return BG_DONE;
}

static bg_err apply_small(struct image *image)
{
    struct store_tx *store = change_store(image->tx);
    for (size_t i = 0; i < image->shipments.count; i++) {
        const struct image_shipment *shipment = image->shipments.all[i];
        if (shipment->changes > 0) {
            BG_TRY(apply_shipment(image, shipment));
        }
    }
    for (size_t i = 0; i < image->counters.count; i++) {
        const struct image_counter *counter = image->counters.all[i];
        if (counter->changes > 0) {
            BG_TRY(store_run(store, SQL_LEDGER_COUNTER_PUT,
                             ARGS(V_INT(counter->key[0]), V_INT(counter->key[1]), V_INT(counter->key[2]), V_INT(counter->last)), NULL));
        }
    }
    for (size_t i = 0; i < image->cities.count; i++) {
        const struct image_city *row = image->cities.all[i];
        if (row->late_max > row->city.late_max_days) {
            BG_TRY(store_run(store, SQL_LEDGER_CITY_LATE,
                             ARGS(V_INT(row->key[0]), V_INT(row->city.offset_min), V_INT(row->city.open_days), V_INT(row->city.open_from),
                                  V_INT(row->city.review_hours), V_INT(row->late_max)), NULL));
        }
    }
    return BG_DONE;
}

bg_err image_apply(struct image *image)
{
    BG_TRY(apply_accounts(image));
    BG_TRY(apply_documents(image));
    BG_TRY(apply_totals(image));
    BG_TRY(apply_days(image));
    BG_TRY(draw_apply(image));
    BG_TRY(apply_holds(image));
    BG_TRY(apply_small(image));
    BG_TRY(plan_holds(image));
    return apply_reviews(image);
}
