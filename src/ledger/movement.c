/* Reading movements and documents: single ones, and lists by any filter, newest first. */
#include <stdlib.h>
#include <string.h>

#include "ledger/catalogue.h"

#define ACCOUNTS_MAX 64     /* up to so many accounts are read one by one and merged; beyond, the city's movements are walked */
#define LOOK_MAX 20000      /* movements looked at for one page */

static struct ledger_key key_at(const struct store_rows *rows, int column)
{
    return (struct ledger_key){ .place = store_int(rows, column), .bin = store_int(rows, column + 1), .owner = store_int(rows, column + 2),
                                .item = store_int(rows, column + 3), .lot = store_int(rows, column + 4),
                                .status = (int)store_int(rows, column + 5) };
}

static bg_err read_movement(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_movement *m = entry;
    *m = (struct ledger_movement){
        .id = store_int(rows, 0), .document = store_int(rows, 1), .line = store_int(rows, 2), .from_account = store_int(rows, 3),
        .to_account = store_int(rows, 4), .qty = store_int(rows, 5), .reason = (int)store_int(rows, 6), .occurred_at = store_int(rows, 7),
        .recorded_at = store_int(rows, 8), .late = store_int(rows, 9) != 0, .actor = store_int(rows, 10), .paid = (int)store_int(rows, 11),
        .reverses = store_int(rows, 12), .note = store_is_null(rows, 13) ? (bg_str){ "", 0 } : arena_text(arena, rows, 13),
        .from = key_at(rows, 14), .to = key_at(rows, 20),
    };
    return bg_need(m->note.at);
}

/* Which of these were taken back, and by what. */
static bg_err find_reversals(struct store_tx *tx, int64_t city, struct bg_arena *arena, struct ledger_movement *movements, size_t count)
{
    struct store_val *keys = bg_arena_array(arena, count * 2, sizeof *keys);
    BG_TRY(bg_need(keys));
    if (count == 0) {
        return BG_DONE;
    }
    for (size_t i = 0; i < count; i++) {
        keys[i * 2] = V_INT(city);
        keys[i * 2 + 1] = V_INT(movements[i].id);
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_many(tx, SQL_LEDGER_REVERSED_BY, keys, 2, count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        movements[store_key(rows)].reversed_by = store_int(rows, 0);
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

/* --- lists --- */

struct page {
    struct store_tx *tx;
    const struct ledger_movements *which;
    struct bg_arena *arena;
    struct ledger_movement *rows;
    size_t count, room;
    bg_ms before_at;         /* where to go on */
    int64_t before_id;
};

static bool side_fits(const struct ledger_movements *w, const struct ledger_key *key)
{
    return (w->place == 0 || key->place == w->place) && (w->lot == 0 || key->lot == w->lot) && (w->status == 0 || key->status == w->status);
}

static bool fits(const struct ledger_movements *w, const struct ledger_movement *m)
{
    return (w->item == 0 || m->from.item == w->item) && (w->reason == 0 || m->reason == w->reason) &&
           (w->document == 0 || m->document == w->document) &&
           (w->account == 0 || m->from_account == w->account || m->to_account == w->account) &&
           (w->until == BG_TIME_NONE || m->occurred_at <= w->until) && (side_fits(w, &m->from) || side_fits(w, &m->to));
}

static bg_err keep(struct page *page, const struct ledger_movement *m)
{
    if (page->count == page->room) {
        page->room = page->room == 0 ? 64 : page->room * 2;
        struct ledger_movement *more = bg_arena_array(page->arena, page->room, sizeof *more);
        BG_TRY(bg_need(more));
        if (page->count > 0) {
            memcpy(more, page->rows, page->count * sizeof *more);
        }
        page->rows = more;
    }
    page->rows[page->count++] = *m;
    return BG_DONE;
}

static int newest_first(const void *a, const void *b)
{
    const struct ledger_movement *x = a, *y = b;
    if (x->occurred_at != y->occurred_at) {
        return x->occurred_at > y->occurred_at ? -1 : 1;
    }
    return x->id > y->id ? -1 : x->id < y->id;
}

/* Where a side was cut off: nothing older than this may be shown before the rest of that side was read. */
struct cut {
    bool any;
    bg_ms at;
    int64_t id;
};

static void note_cut(struct cut *cut, const struct ledger_movement *last)
{
    if (!cut->any || last->occurred_at > cut->at || (last->occurred_at == cut->at && last->id > cut->id)) {
        *cut = (struct cut){ true, last->occurred_at, last->id };
    }
}

/* Reads the newest `most` movements of each account on one side. */
static bg_err read_sides(struct page *page, enum sql_id sql, const int64_t *accounts, size_t count, int64_t most, struct cut *cut)
{
    const struct ledger_movements *w = page->which;
    struct store_val *keys = bg_arena_array(page->arena, count * 6, sizeof *keys);
    int64_t *got = bg_arena_array(page->arena, count, sizeof *got);
    if (keys == NULL || got == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        const struct store_val key[] = { V_INT(w->city), V_INT(accounts[i]), V_INT(w->since == BG_TIME_NONE ? 0 : w->since),
                                         V_INT(page->before_at), V_INT(page->before_id), V_INT(most) };
        memcpy(keys + i * 6, key, sizeof key);
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_many(page->tx, sql, keys, 6, count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct ledger_movement m;
        BG_TRY(read_movement(rows, page->arena, &m));
        BG_TRY(keep(page, &m));
        if (++got[store_key(rows)] == most) {
            note_cut(cut, &m);
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bool beyond(const struct cut *cut, const struct ledger_movement *m)
{
    return cut->any && (m->occurred_at < cut->at || (m->occurred_at == cut->at && m->id < cut->id));
}

/* Merges the sides: newest first, none twice, only what fits and lies before every cut; at most one more than a page. */
static void merge(struct page *page, const struct cut *cut)
{
    size_t kept = 0;
    if (page->count > 1) {
        qsort(page->rows, page->count, sizeof *page->rows, newest_first);
    }
    for (size_t i = 0; i < page->count && kept <= page->which->max && !beyond(cut, &page->rows[i]); i++) {
        if ((kept == 0 || page->rows[kept - 1].id != page->rows[i].id) && fits(page->which, &page->rows[i])) {
            page->rows[kept++] = page->rows[i];
        }
    }
    page->count = kept;
}

static bg_err list_accounts(struct page *page, const int64_t *accounts, size_t count, bool *ret_more)
{
    const struct ledger_movements *w = page->which;
    struct cut cut = { 0 };
    bool sieve = w->reason != 0 || w->status != 0 || w->item != 0;
    int64_t most = sieve ? (int64_t)(LOOK_MAX / (2 * count)) : (int64_t)w->max + 1; /* a sieve may throw most of them away */
    BG_TRY(read_sides(page, SQL_MOVEMENT_FROM, accounts, count, most, &cut));
    BG_TRY(read_sides(page, SQL_MOVEMENT_INTO, accounts, count, most, &cut));
    merge(page, &cut);
    bool full = page->count > w->max;
    page->count = full ? w->max : page->count;
    if (full) {
        page->before_at = page->rows[page->count - 1].occurred_at;
        page->before_id = page->rows[page->count - 1].id;
    } else if (cut.any) {
        page->before_at = cut.at;
        page->before_id = cut.id;
    }
    *ret_more = full || cut.any;
    return BG_DONE;
}

/* Walks the city's movements in growing steps until the page is full or enough was looked at. */
static bg_err list_walk(struct page *page, bool *ret_more)
{
    const struct ledger_movements *w = page->which;
    int64_t step = (int64_t)w->max * 2 + 50, looked = 0;
    *ret_more = true;
    while (page->count < w->max && looked < LOOK_MAX && *ret_more) {
        STORE_SCOPED_ROWS rows = NULL;
        bool more;
        int64_t got = 0;
        BG_TRY(store_query(page->tx, SQL_MOVEMENT_SCAN,
                           ARGS(V_INT(w->city), V_INT(w->since == BG_TIME_NONE ? 0 : w->since), V_INT(page->before_at),
                                V_INT(page->before_id), V_INT(step)), &rows));
        BG_TRY(store_next(rows, &more));
        while (more && page->count < w->max) {
            struct ledger_movement m;
            BG_TRY(read_movement(rows, page->arena, &m));
            page->before_at = m.occurred_at;
            page->before_id = m.id;
            got++;
            if (fits(w, &m)) {
                BG_TRY(keep(page, &m));
            }
            BG_TRY(store_next(rows, &more));
        }
        looked += got;
        *ret_more = more || got == step;
        step *= 4;
    }
    return BG_DONE;
}

/* How far back a stretch of so many movements reaches; false: to the beginning. */
static bg_err reach_back(struct page *page, int64_t most, bg_ms *ret_at, int64_t *ret_id, bool *ret_found)
{
    const struct ledger_movements *w = page->which;
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(page->tx, SQL_MOVEMENT_BACK,
                       ARGS(V_INT(w->city), V_INT(w->since == BG_TIME_NONE ? 0 : w->since), V_INT(page->before_at), V_INT(page->before_id),
                            V_INT(most - 1)), &rows));
    BG_TRY(store_next(rows, ret_found));
    *ret_at = *ret_found ? store_int(rows, 0) : w->since == BG_TIME_NONE ? 0 : w->since;
    *ret_id = *ret_found ? store_int(rows, 1) : 0;
    return BG_DONE;
}

/* The same walk for a place of many accounts: stretch by stretch, but what does not touch the place stays in the database. */
static bg_err list_place(struct page *page, bool *ret_more)
{
    const struct ledger_movements *w = page->which;
    int64_t step = (int64_t)w->max * 2 + 50, looked = 0;
    *ret_more = true;
    while (page->count < w->max && looked < LOOK_MAX && *ret_more) {
        STORE_SCOPED_ROWS rows = NULL;
        bg_ms end_at;
        int64_t end_id;
        bool more, behind;
        BG_TRY(reach_back(page, step, &end_at, &end_id, &behind));
        BG_TRY(store_query(page->tx, SQL_MOVEMENT_SCAN_PLACE,
                           ARGS(V_INT(w->city), V_INT(end_at), V_INT(page->before_at), V_INT(page->before_id), V_INT(end_id),
                                V_INT(w->place), V_INT(step)), &rows));
        BG_TRY(store_next(rows, &more));
        while (more && page->count < w->max) {
            struct ledger_movement m;
            BG_TRY(read_movement(rows, page->arena, &m));
            page->before_at = m.occurred_at;
            page->before_id = m.id;
            if (fits(w, &m)) {
                BG_TRY(keep(page, &m));
            }
            BG_TRY(store_next(rows, &more));
        }
        if (!more && behind) {
            page->before_at = end_at;
            page->before_id = end_id;
        }
        *ret_more = more || behind;
        looked += step;
        step *= 4;
    }
    return BG_DONE;
}

static bg_err read_id(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    *(int64_t *)entry = store_int(rows, 0);
    return BG_DONE;
}

/* The accounts that a filter means, when they are few enough; else *ret_count is above ACCOUNTS_MAX or `any` stays false. */
static bg_err accounts_of(struct page *page, int64_t **ret, size_t *ret_count, bool *ret_any)
{
    const struct ledger_movements *w = page->which;
    const struct store_val city = V_INT(w->city), place = V_INT(w->place), lot = V_INT(w->lot), max = V_INT(ACCOUNTS_MAX + 1);
    *ret_any = true;
    if (w->account != 0) {
        *ret = bg_arena_get(page->arena, sizeof **ret);
        BG_TRY(bg_need(*ret));
        **ret = w->account;
        *ret_count = 1;
        return BG_DONE;
    }
    if (w->lot != 0) {
        return read_rows(page->tx, SQL_ACCOUNT_IDS_LOT, ARGS(city, lot, place, max), page->arena, sizeof **ret, read_id, ret, ret_count);
    }
    if (w->place != 0 && w->item != 0) {
        return read_rows(page->tx, SQL_ACCOUNT_IDS_CELL, ARGS(city, place, V_INT(w->item), lot, max), page->arena, sizeof **ret, read_id,
                         ret, ret_count);
    }
    if (w->place != 0) {
        return read_rows(page->tx, SQL_ACCOUNT_IDS_PLACE, ARGS(city, place, max), page->arena, sizeof **ret, read_id, ret, ret_count);
    }
    *ret_any = false;
    return BG_DONE;
}

static bg_err list_document(struct page *page, bool *ret_more)
{
    const struct ledger_movements *w = page->which;
    struct ledger_document document;
    struct ledger_movement *rows;
    size_t count;
    *ret_more = false;
    bg_err err = ledger_document_get(page->tx, w->city, w->document, page->arena, &document);
    if (err.code == BG_NOT_FOUND) {
        return BG_DONE;
    }
    BG_TRY(err);
    BG_TRY(read_rows(page->tx, SQL_MOVEMENT_DOCUMENT,
                     ARGS(V_INT(w->city), V_INT(w->document), V_INT(document.first_movement), V_INT(document.last_movement)), page->arena,
                     sizeof *rows, read_movement, &rows, &count));
    for (size_t i = count; i > 0; i--) {
        const struct ledger_movement *m = &rows[i - 1];
        bool after = m->occurred_at < page->before_at || (m->occurred_at == page->before_at && m->id < page->before_id);
        if (after && fits(w, m) && page->count < w->max) {
            BG_TRY(keep(page, m));
            page->before_at = m->occurred_at;
            page->before_id = m->id;
            *ret_more = i > 1;
        }
    }
    return BG_DONE;
}

bg_err ledger_movement_list(struct store_tx *tx, const struct ledger_movements *which, struct bg_arena *arena, struct ledger_movement **ret,
                            size_t *ret_count, bg_ms *ret_before_at, int64_t *ret_before_id)
{
    struct page page = { .tx = tx, .which = which, .arena = arena, .before_at = which->before_at, .before_id = which->before_id };
    int64_t *accounts = NULL;
    size_t count = 0;
    bool any, more;
    if (which->before_at == BG_TIME_NONE) {
        page.before_at = which->until == BG_TIME_NONE ? INT64_MAX : which->until;
        page.before_id = INT64_MAX;
    }
    if (which->document != 0) {
        BG_TRY(list_document(&page, &more));
    } else {
        BG_TRY(accounts_of(&page, &accounts, &count, &any));
        if (any && count == 0) {
            more = false;
        } else if (any && count <= ACCOUNTS_MAX) {
            BG_TRY(list_accounts(&page, accounts, count, &more));
        } else {
            BG_TRY(which->place != 0 ? list_place(&page, &more) : list_walk(&page, &more));
        }
    }
    BG_TRY(find_reversals(tx, which->city, arena, page.rows, page.count));
    *ret = page.rows;
    *ret_count = page.count;
    *ret_before_at = more ? page.before_at : 0;
    *ret_before_id = more ? page.before_id : 0;
    return BG_DONE;
}

bg_err ledger_movement_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_movement *ret)
{
    struct ledger_movement *rows;
    size_t count;
    int64_t document;
    bool found;
    BG_TRY(store_get_int(tx, SQL_MOVEMENT_ITS_DOCUMENT, ARGS(V_INT(city), V_INT(id)), &document, &found));
    if (!found) {
        return BG_FAIL_AT(BG_NOT_FOUND, "movement");
    }
    BG_TRY(read_rows(tx, SQL_MOVEMENT_DOCUMENT, ARGS(V_INT(city), V_INT(document), V_INT(id), V_INT(id)), arena, sizeof *rows,
                     read_movement, &rows, &count));
    if (count != 1) {
        return BG_FAIL_AT(BG_NOT_FOUND, "movement");
    }
    BG_TRY(find_reversals(tx, city, arena, rows, 1));
    *ret = rows[0];
    return BG_DONE;
}

bg_err ledger_movement_after(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena,
                             struct ledger_movement **ret, size_t *ret_count)
{
    return read_rows(tx, SQL_MOVEMENT_AFTER, ARGS(V_INT(city), V_INT(after), V_INT((int64_t)max)), arena, sizeof **ret, read_movement,
                     ret, ret_count);
}

/* --- JSON --- */

void ledger_key_json(const struct ledger_key *key, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "place", key->place);
    put_id_or_null(out, "bin", key->bin);
    bg_json_put_id(out, "owner", key->owner);
    bg_json_put_id(out, "item", key->item);
    put_id_or_null(out, "lot", key->lot);
    bg_json_put_str(out, "status", bg_str_of(ledger_slug(ledger_statuses, key->status)));
    bg_json_object_end(out);
}

void ledger_movement_json(const struct ledger_movement *movement, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", movement->id);
    bg_json_put_id(out, "document", movement->document);
    bg_json_put_int(out, "line", movement->line);
    bg_json_put_id(out, "from_account", movement->from_account);
    bg_json_key(out, "from");
    ledger_key_json(&movement->from, out);
    bg_json_put_id(out, "to_account", movement->to_account);
    bg_json_key(out, "to");
    ledger_key_json(&movement->to, out);
    bg_json_put_int(out, "qty", movement->qty);
    bg_json_put_str(out, "reason", bg_str_of(ledger_slug(ledger_reasons, movement->reason)));
    bg_json_key(out, "terms");
    if (movement->paid != LEDGER_PAID_NONE) {
        bg_json_str(out, bg_str_of(ledger_slug(ledger_paids, movement->paid)));
    } else {
        bg_json_null(out);
    }
    put_time_at(out, "occurred_at", movement->occurred_at);
    put_time_at(out, "recorded_at", movement->recorded_at);
    bg_json_put_bool(out, "late", movement->late);
    put_id_or_null(out, "actor", movement->actor);
    put_id_or_null(out, "reverses", movement->reverses);
    put_id_or_null(out, "reversed_by", movement->reversed_by);
    bg_json_put_str(out, "note", movement->note);
    bg_json_object_end(out);
}

/* --- documents --- */

static bg_err read_document(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    struct ledger_document *d = entry;
    *d = (struct ledger_document){
        .id = store_int(rows, 0), .kind = (int)store_int(rows, 1), .year = (int)store_int(rows, 2), .number = store_int(rows, 3),
        .reference = arena_text(arena, rows, 4), .place = store_int(rows, 5), .other = store_int(rows, 6), .shipment = store_int(rows, 7),
        .lines = store_int(rows, 8), .first_movement = store_int(rows, 9), .last_movement = store_int(rows, 10),
        .occurred_at = store_int(rows, 11), .recorded_at = store_int(rows, 12),
        .stated_at = store_is_null(rows, 13) ? BG_TIME_NONE : store_int(rows, 13), .actor = store_int(rows, 14),
        .note = arena_text(arena, rows, 15),
    };
    return bg_need(d->note.at);
}

bg_err ledger_document_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_document *ret)
{
    struct ledger_document *rows;
    size_t count;
    BG_TRY(read_rows(tx, SQL_DOCUMENT_GET, ARGS(V_INT(city), V_INT(id)), arena, sizeof *rows, read_document, &rows, &count));
    if (count == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "document");
    }
    *ret = rows[0];
    return BG_DONE;
}

void ledger_document_json(const struct ledger_document *document, struct bg_buf *out)
{
    char number[32];
    ledger_number_text(document->kind, document->year, document->number, number);
    bg_json_object(out);
    bg_json_put_id(out, "id", document->id);
    bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_kinds, document->kind)));
    bg_json_put_str(out, "number", bg_str_of(number));
    bg_json_put_id(out, "place", document->place);
    put_id_or_null(out, "other", document->other);
    put_id_or_null(out, "shipment", document->shipment);
    bg_json_put_int(out, "lines", document->lines);
    bg_json_put_str(out, "reference", document->reference);
    bg_json_put_str(out, "note", document->note);
    put_time_at(out, "occurred_at", document->occurred_at);
    put_time_at(out, "recorded_at", document->recorded_at);
    put_time_at(out, "stated_at", document->stated_at);
    put_id_or_null(out, "actor", document->actor);
    bg_json_object_end(out);
}
