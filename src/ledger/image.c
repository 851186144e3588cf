/* Loading the image of a batch: settings, counters, references, holds, shipments, then accounts in key order. */
#include <assert.h>
#include <string.h>

#include "ledger/image.h"

#define IMAGE_LINES_MAX 20000 /* of one batch; above it the journal runs the changes one by one */

bg_err image_open(struct change_tx *tx, struct image **ret)
{
    struct bg_arena *arena = change_arena(tx);
    struct image *image = bg_arena_get(arena, sizeof *image);
    BG_TRY(bg_need(image));
    image->tx = tx;
    image->arena = arena;
    image->now = change_now(tx);
    image->cities = table_init(arena, 1);
    image->asks = table_init(arena, 1);
    image->counters = table_init(arena, 3);
    image->items = table_init(arena, 2);
    image->places = table_init(arena, 2);
    image->bins = table_init(arena, 2);
    image->owners = table_init(arena, 2);
    image->lots = table_init(arena, 2);
    image->holds = table_init(arena, 2);
    image->shipments = table_init(arena, 2);
    image->reversed = table_init(arena, 2);
    image->accounts = table_init(arena, ACCOUNT_WIDTH);
    image->documents_end = &image->documents;
    *ret = image;
    return BG_DONE;
}

/* --- undo --- */

bg_err image_set(struct image *image, int64_t *where, int64_t value)
{
    struct image_undo *undo = bg_arena_get(image->arena, sizeof *undo);
    BG_TRY(bg_need(undo));
    *undo = (struct image_undo){ image->undo, where, *where };
    image->undo = undo;
    *where = value;
    return BG_DONE;
}

void image_keep(struct image *image)
{
    image->undo = NULL;
}

void image_undo(struct image *image)
{
    for (struct image_undo *undo = image->undo; undo != NULL; undo = undo->next) {
        *undo->where = undo->was;
    }
    image->undo = NULL;
}

/* --- wanting --- */

static bg_err want(struct table *table, size_t size, int64_t city, int64_t id)
{
    void *entry;
    return id == 0 ? BG_DONE : table_need(table, (const int64_t[]){ city, id }, size, &entry, NULL);
}

bg_err image_want_key(struct image *image, int64_t city, const struct ledger_key *key)
{
    BG_TRY(want(&image->items, sizeof(struct image_item), city, key->item));
    BG_TRY(want(&image->places, sizeof(struct image_place), city, key->place));
    BG_TRY(want(&image->bins, sizeof(struct image_bin), city, key->bin));
    BG_TRY(want(&image->owners, sizeof(struct image_owner), city, key->owner));
    return want(&image->lots, sizeof(struct image_lot), city, key->lot);
}

static bg_err want_post(struct image *image, int64_t city, const struct ledger_post *post)
{
    for (size_t i = 0; i < post->count && i < LEDGER_LINES_MAX; i++) {
        BG_TRY(image_want_key(image, city, &post->lines[i].from));
        BG_TRY(image_want_key(image, city, &post->lines[i].to));
        BG_TRY(want(&image->holds, sizeof(struct image_hold), city, post->lines[i].hold));
    }
    return want(&image->shipments, sizeof(struct image_shipment), city, post->shipment);
}

bg_err image_want(struct image *image, const struct image_ask *ask)
{
    struct image_ask *mine;
    void *city;
    BG_TRY(table_need(&image->asks, (const int64_t[]){ (int64_t)(intptr_t)ask->change }, sizeof *mine, &mine, NULL));
    *mine = *ask;
    mine->key[0] = (int64_t)(intptr_t)ask->change;
    mine->city = ask->change->city;
    mine->err = BG_DONE;
    BG_TRY(table_need(&image->cities, &mine->city, sizeof(struct image_city), &city, NULL));
    if (ask->use != NULL) {
        image->line_count += ask->use->count * 4;
        return BG_DONE; /* use_candidates */
    }
    if (ask->post != NULL) {
        image->line_count += ask->post->count;
        return want_post(image, mine->city, ask->post);
    }
    if (ask->reserve != NULL) {
        image->line_count += ask->reserve->count;
        for (size_t i = 0; i < ask->reserve->count && i < LEDGER_LINES_MAX; i++) {
            BG_TRY(image_want_key(image, mine->city, &ask->reserve->lines[i].account));
        }
        return want(&image->places, sizeof(struct image_place), mine->city, ask->reserve->target);
    }
    if (ask->release != NULL) {
        for (size_t i = 0; i < ask->release->count; i++) {
            BG_TRY(want(&image->holds, sizeof(struct image_hold), mine->city, ask->release->holds[i]));
        }
    }
    return BG_DONE;
}

struct image_ask *image_ask_of(const struct image *image, const struct change *change)
{
    struct image_ask *ask = table_find(&image->asks, (const int64_t[]){ (int64_t)(intptr_t)change });
    assert(ask != NULL);
    return ask;
}

bg_err image_account(struct image *image, int64_t city, const struct ledger_key *key, struct image_account **ret)
{
    const int64_t at[ACCOUNT_WIDTH] = { city, key->place, key->item, key->status, key->lot, key->owner, key->bin };
    return table_need(&image->accounts, at, sizeof **ret, ret, NULL);
}

bg_err image_hold_new(struct image *image, int64_t city, int64_t id, struct image_hold **ret)
{
    BG_TRY(table_need(&image->holds, (const int64_t[]){ city, id }, sizeof **ret, ret, NULL));
    (*ret)->fresh = true;
    (*ret)->found = true;
    return BG_DONE;
}

bg_err image_shipment_new(struct image *image, int64_t city, int64_t id, struct image_shipment **ret)
{
    BG_TRY(table_need(&image->shipments, (const int64_t[]){ city, id }, sizeof **ret, ret, NULL));
    (*ret)->fresh = true;
    (*ret)->found = true;
    return BG_DONE;
}

/* --- loading --- */

typedef bg_err (*read_row)(struct image *image, void *entry, struct store_rows *rows);

/* Runs a `:many` query for every entry of a table in key order; rows are read into their entries. */
static bg_err load_table(struct image *image, struct table *table, enum sql_id sql, size_t columns, read_row read)
{
    if (table->count == 0) {
        return BG_DONE;
    }
    table_sort(table);
    struct store_val *keys = bg_arena_array(image->arena, table->count * columns, sizeof *keys);
    BG_TRY(bg_need(keys));
    for (size_t i = 0; i < table->count; i++) {
        for (size_t c = 0; c < columns; c++) {
            keys[i * columns + c] = V_INT(((const int64_t *)table->all[i])[c]);
        }
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_many(change_store(image->tx), sql, keys, columns, table->count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        BG_TRY(read(image, table->all[store_key(rows)], rows));
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err read_item(struct image *image, void *entry, struct store_rows *rows)
{
    (void)image;
    struct image_item *item = entry;
    item->found = true;
    item->active = store_int(rows, 0) != 0;
    item->lotted = store_int(rows, 1) != 0;
    return BG_DONE;
}

static bg_err read_place(struct image *image, void *entry, struct store_rows *rows)
{
    struct image_place *place = entry;
    place->found = true;
    place->active = store_int(rows, 0) != 0;
    place->kind = (int)store_int(rows, 1);
    place->flags = (unsigned)store_int(rows, 2);
    place->owner = store_int(rows, 3);
    return want(&image->owners, sizeof(struct image_owner), place->key[0], place->owner);
}

static bg_err read_bin(struct image *image, void *entry, struct store_rows *rows)
{
    (void)image;
    struct image_bin *bin = entry;
    bin->found = true;
    bin->active = store_int(rows, 0) != 0;
    bin->place = store_int(rows, 1);
    return BG_DONE;
}

static bg_err read_owner(struct image *image, void *entry, struct store_rows *rows)
{
    (void)image;
    struct image_owner *owner = entry;
    owner->found = true;
    owner->active = store_int(rows, 0) != 0;
    return BG_DONE;
}

static bg_err read_lot(struct image *image, void *entry, struct store_rows *rows)
{
    (void)image;
    struct image_lot *lot = entry;
    lot->found = true;
    lot->item = store_int(rows, 0);
    lot->expiry = store_is_null(rows, 1) ? BG_DATE_NONE : (bg_date)store_int(rows, 1);
    lot->state = (int)store_int(rows, 2);
    return BG_DONE;
}

static struct ledger_key key_at(const struct store_rows *rows, int column)
{
    return (struct ledger_key){ .place = store_int(rows, column), .bin = store_int(rows, column + 1), .owner = store_int(rows, column + 2),
                                .item = store_int(rows, column + 3), .lot = store_int(rows, column + 4),
                                .status = (int)store_int(rows, column + 5) };
}

static bg_err read_hold(struct image *image, void *entry, struct store_rows *rows)
{
    struct image_hold *hold = entry;
    hold->found = true;
    hold->qty = store_int(rows, 0);
    hold->posted = store_int(rows, 1);
    hold->state = store_int(rows, 2);
    hold->due_at = store_int(rows, 3);
    hold->account_key = key_at(rows, 4);
    BG_TRY(image_want_key(image, hold->key[0], &hold->account_key));
    return image_account(image, hold->key[0], &hold->account_key, &hold->account);
}

static bg_err read_shipment(struct image *image, void *entry, struct store_rows *rows)
{
    struct image_shipment *shipment = entry;
    shipment->found = true;
    shipment->origin = store_int(rows, 0);
    shipment->target = store_int(rows, 1);
    shipment->state = store_int(rows, 2);
    BG_TRY(want(&image->places, sizeof(struct image_place), shipment->key[0], shipment->origin));
    return want(&image->places, sizeof(struct image_place), shipment->key[0], shipment->target);
}

static bg_err read_shipment_line(struct image *image, void *entry, struct store_rows *rows)
{
    struct image_shipment *shipment = entry;
    struct image_shipment_line **end = &shipment->lines, *line = bg_arena_get(image->arena, sizeof *line);
    BG_TRY(bg_need(line));
    *line = (struct image_shipment_line){ NULL, store_int(rows, 0), store_int(rows, 1), store_int(rows, 2), store_int(rows, 3),
                                          store_int(rows, 4), store_int(rows, 5), store_int(rows, 6) };
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = line;
    return BG_DONE;
}

static bg_err read_account(struct image *image, void *entry, struct store_rows *rows)
{
    (void)image;
    struct image_account *account = entry;
    account->id = store_int(rows, 0);
    account->qty = account->qty_was = store_int(rows, 1);
    account->held = account->held_was = store_int(rows, 2);
    account->version = store_int(rows, 3);
    return BG_DONE;
}

static bg_err load_cities(struct image *image)
{
    for (size_t i = 0; i < image->cities.count; i++) {
        struct image_city *row = image->cities.all[i];
        int month, day;
        BG_TRY(ledger_city_get(change_store(image->tx), row->key[0], &row->city));
        row->today = bg_date_at(image->now, row->city.offset_min);
        bg_date_parts(row->today, &row->year, &month, &day);
        bg_date since = row->today - row->city.open_days;
        if (row->city.open_from != BG_DATE_NONE && row->city.open_from > since) {
            since = row->city.open_from;
        }
        row->open_since = bg_date_start(since, row->city.offset_min);
        row->late_max = row->city.late_max_days;
    }
    return BG_DONE;
}

/* The number that the next document of an ask's kind gets, taken for this transaction. */
static bg_err want_counter(struct image *image, struct image_ask *ask)
{
    int kind = ask->reverse != NULL ? LEDGER_KIND_REVERSE : ask->use != NULL ? LEDGER_KIND_USE : ask->post != NULL ? ask->post->kind : 0;
    if (kind == 0) {
        return BG_DONE;
    }
    const int64_t key[] = { ask->city, kind, ask->city_row->year };
    return table_need(&image->counters, key, sizeof *ask->counter, &ask->counter, NULL);
}

static bg_err load_counters(struct image *image)
{
    struct store_tx *store = change_store(image->tx);
    table_sort(&image->counters);
    for (size_t i = 0; i < image->counters.count; i++) {
        struct image_counter *counter = image->counters.all[i];
        const struct store_val key[] = { V_INT(counter->key[0]), V_INT(counter->key[1]), V_INT(counter->key[2]) };
        bool found;
        BG_TRY(store_get_int(store, SQL_LEDGER_COUNTER_LOAD, key, 3, &counter->last, &found));
        if (!found) {
            BG_TRY(store_run(store, SQL_LEDGER_COUNTER_NEED, key, 3, NULL));
            BG_TRY(store_get_int(store, SQL_LEDGER_COUNTER_LOAD, key, 3, &counter->last, NULL));
        }
    }
    return BG_DONE;
}

/* --- reversals --- */

#define REVERSE_KIND_COLUMN 4

static bg_err read_reversal(struct image *image, struct image_ask *ask, struct store_rows *rows, size_t *room)
{
    if (ask->count == *room) {
        *room = *room == 0 ? 8 : *room * 2;
        struct image_line *more = bg_arena_array(image->arena, *room, sizeof *more);
        BG_TRY(bg_need(more));
        if (ask->count > 0) {
            memcpy(more, ask->lines, ask->count * sizeof *more);
        }
        ask->lines = more;
    }
    struct image_line *line = &ask->lines[ask->count++];
    *line = (struct image_line){ .reverses = store_int(rows, 0), .qty = store_int(rows, 1), .paid = (int)store_int(rows, 2),
                                 .reason = LEDGER_REASON_REVERSAL, .note = ask->reverse->note, .from_key = key_at(rows, 11),
                                 .to_key = key_at(rows, 5) };
    ask->occurred_at = store_int(rows, 3);
    int kind = (int)store_int(rows, REVERSE_KIND_COLUMN);
    ask->reversed_kind = kind;
    if (kind == LEDGER_KIND_SEND || kind == LEDGER_KIND_ARRIVE || kind == LEDGER_KIND_REVERSE || kind == LEDGER_KIND_SETTLE) {
        ask->err = BG_FAIL_AT(BG_NOT_REVERSIBLE, "document");
    }
    return BG_DONE;
}

static bg_err load_reversals(struct image *image)
{
    for (size_t i = 0; i < image->asks.count; i++) {
        struct image_ask *ask = image->asks.all[i];
        if (ask->reverse == NULL) {
            continue;
        }
        bool single = ask->reverse->movement != 0;
        const struct store_val key[] = { V_INT(ask->city), V_INT(single ? ask->reverse->movement : ask->reverse->document) };
        STORE_SCOPED_ROWS rows = NULL;
        bool more;
        size_t room = 0;
        BG_TRY(store_query_many(change_store(image->tx), single ? SQL_LEDGER_REVERSE_MOVEMENT : SQL_LEDGER_REVERSE_DOCUMENT, key, 2, 1,
                                &rows));
        BG_TRY(store_next(rows, &more));
        while (more) {
            BG_TRY(read_reversal(image, ask, rows, &room));
            BG_TRY(store_next(rows, &more));
        }
        if (ask->count == 0) {
            ask->err = BG_FAIL_AT(BG_NOT_FOUND, single ? "movement" : "document");
        }
    }
    return BG_DONE;
}

bg_err image_reversed_by(const struct image_ask *ask, int64_t movement, int64_t by)
{
    return BG_FAIL_WITH(BG_REVERSED, "movement",
                        bg_arena_text(ask->change->arena, "\"movement\":\"%lld\",\"reversed_by\":\"%lld\"", (long long)movement,
                                      (long long)by));
}

/* After the accounts are locked, so that two reversals of the same movement meet here and not at the unique index. Those of one batch meet
 * in image->reversed. */
static bg_err check_reversals(struct image *image)
{
    for (size_t i = 0; i < image->asks.count; i++) {
        struct image_ask *ask = image->asks.all[i];
        for (size_t l = 0; ask->reverse != NULL && l < ask->count && !bg_failed(ask->err); l++) {
            const struct store_val key[] = { V_INT(ask->city), V_INT(ask->lines[l].reverses) };
            struct image_reversed *reversed;
            STORE_SCOPED_ROWS rows = NULL;
            bool more;
            BG_TRY(table_need(&image->reversed, (const int64_t[]){ ask->city, ask->lines[l].reverses }, sizeof *reversed, &reversed, NULL));
            BG_TRY(store_query_many(change_store(image->tx), SQL_LEDGER_REVERSED_BY, key, 2, 1, &rows));
            BG_TRY(store_next(rows, &more));
            if (more) {
                ask->err = image_reversed_by(ask, ask->lines[l].reverses, store_int(rows, 0));
            }
        }
    }
    return BG_DONE;
}

/* --- closings of past days --- */

struct days_key {
    struct image_account *account;
    struct image_city *city;
};

static bg_err fill_closings(struct image *image, struct image_account *account, const struct image_city *city)
{
    size_t days = (size_t)(city->today - account->days_from) + 1;
    account->closings = bg_arena_array(image->arena, days, sizeof *account->closings);
    return bg_need(account->closings);
}

/* Turns net changes per day into closings, going back from today's balance. */
static void sum_closings(struct image_account *account, const struct image_city *city)
{
    int64_t closing = account->qty;
    for (bg_date day = city->today; day >= account->days_from; day--) {
        int64_t delta = account->closings[day - account->days_from];
        account->closings[day - account->days_from] = closing;
        closing -= delta;
    }
}

static bg_err load_closings(struct image *image)
{
    struct store_val *keys = bg_arena_array(image->arena, image->accounts.count * 4, sizeof *keys);
    struct days_key *wanted = bg_arena_array(image->arena, image->accounts.count, sizeof *wanted);
    size_t count = 0;
    if (keys == NULL || wanted == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < image->accounts.count; i++) {
        struct image_account *account = image->accounts.all[i];
        if (!account->want_days) {
            continue;
        }
        struct image_city *city = table_find(&image->cities, account->key);
        assert(city != NULL);
        BG_TRY(fill_closings(image, account, city));
        if (account->id != 0) {
            int offset = city->city.offset_min;
            keys[count * 4] = V_INT(account->key[ACCOUNT_CITY]);
            keys[count * 4 + 1] = V_INT(account->id);
            keys[count * 4 + 2] = V_INT(bg_date_start(account->days_from, offset));
            keys[count * 4 + 3] = V_INT((int64_t)offset * 60000);
            wanted[count++] = (struct days_key){ account, city };
        }
    }
    if (count == 0) {
        return BG_DONE;
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_many(change_store(image->tx), SQL_LEDGER_ACCOUNT_DAYS, keys, 4, count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const struct days_key *key = &wanted[store_key(rows)];
        int64_t day = store_int(rows, 0);
        /* A clock that was set back leaves movements of days to come; like today's they are no part of any past closing. */
        day = day < key->city->today ? day : key->city->today;
        if (day >= key->account->days_from) {
            key->account->closings[day - key->account->days_from] += store_int(rows, 1);
        }
        BG_TRY(store_next(rows, &more));
    }
    for (size_t i = 0; i < count; i++) {
        sum_closings(wanted[i].account, wanted[i].city);
    }
    return BG_DONE;
}

static bg_err load_references(struct image *image)
{
    BG_TRY(load_table(image, &image->places, SQL_LEDGER_PLACE_LOAD, 2, read_place));
    BG_TRY(load_table(image, &image->items, SQL_LEDGER_ITEM_LOAD, 2, read_item));
    BG_TRY(load_table(image, &image->bins, SQL_LEDGER_BIN_LOAD, 2, read_bin));
    BG_TRY(load_table(image, &image->owners, SQL_LEDGER_OWNER_LOAD, 2, read_owner));
    return load_table(image, &image->lots, SQL_LEDGER_LOT_LOAD, 2, read_lot);
}

bg_err image_load(struct image *image)
{
    if (image->line_count > IMAGE_LINES_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "lines");
    }
    BG_TRY(load_cities(image));
    for (size_t i = 0; i < image->asks.count; i++) {
        struct image_ask *ask = image->asks.all[i];
        ask->city_row = table_find(&image->cities, &ask->city);
        BG_TRY(want_counter(image, ask));
    }
    BG_TRY(load_counters(image));
    BG_TRY(load_table(image, &image->holds, SQL_LEDGER_HOLD_LOAD, 2, read_hold));
    BG_TRY(load_table(image, &image->shipments, SQL_LEDGER_SHIPMENT_LOAD, 2, read_shipment));
    BG_TRY(load_table(image, &image->shipments, SQL_LEDGER_SHIPMENT_LINES_LOAD, 2, read_shipment_line));
    for (size_t i = 0; i < image->asks.count; i++) {
        BG_TRY(use_candidates(image, image->asks.all[i]));
    }
    BG_TRY(load_references(image));
    BG_TRY(load_reversals(image));
    for (size_t i = 0; i < image->asks.count; i++) {
        BG_TRY(image_resolve(image, image->asks.all[i]));
    }
    BG_TRY(load_table(image, &image->accounts, SQL_LEDGER_ACCOUNT_LOAD, ACCOUNT_WIDTH, read_account));
    BG_TRY(check_reversals(image));
    return load_closings(image);
}
