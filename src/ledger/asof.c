/* The seven numbers, now and as of any moment on both time axes.
 *
 * total_day holds, for each cell (place, item, status, owner), its net change by date of occurrence and date of record. What was
 * true at the end of day D as known at the end of day E is the sum of the changes with day <= D and known day <= E. A monthly
 * snapshot S holds the sum of day < S and known day < S and never changes, so the sum is: the newest snapshot S <= D + 1; plus the
 * days from S to D; plus what happened before S and became known from S on (bounded by the longest delay the city has seen).
 * Moments inside a day add the movements of that part of the day. */
#include <assert.h>
#include <string.h>

#include "ledger/catalogue.h"
#include "ledger/image.h"

/* --- the definition --- */

struct ledger_seven ledger_seven_of(const struct ledger_cell *cell)
{
    struct ledger_seven seven = { .usable = cell->by_status[LEDGER_USABLE], .allocated = cell->held,
                                  .on_hold = cell->by_status[LEDGER_HOLD] + cell->by_status[LEDGER_RECALLED],
                                  .in_transit = cell->by_status[LEDGER_TRANSIT] };
    for (int status = 1; status < LEDGER_STATUS_COUNT; status++) {
        seven.on_hand += ledger_status_present(status) ? cell->by_status[status] : 0;
    }
    seven.available = seven.usable - seven.allocated;
    int64_t open = cell->required - seven.available - seven.in_transit;
    seven.deficit = open > 0 ? open : 0;
    return seven;
}

void ledger_seven_json(const struct ledger_cell *cell, struct bg_buf *out)
{
    const struct ledger_seven seven = ledger_seven_of(cell);
    bg_json_put_int(out, "on_hand", seven.on_hand);
    bg_json_put_int(out, "usable", seven.usable);
    bg_json_put_int(out, "allocated", seven.allocated);
    bg_json_put_int(out, "on_hold", seven.on_hold);
    bg_json_put_int(out, "in_transit", seven.in_transit);
    bg_json_put_int(out, "available", seven.available);
    bg_json_put_int(out, "deficit", seven.deficit);
    bg_json_put_int(out, "required", cell->required);
    bg_json_key(out, "by_status");
    bg_json_object(out);
    for (int status = 1; status < LEDGER_STATUS_COUNT; status++) {
        if (cell->by_status[status] != 0) {
            bg_json_put_int(out, ledger_slug(ledger_statuses, status), cell->by_status[status]);
        }
    }
    bg_json_object_end(out);
}

/* --- gathering --- */

struct cell_entry {
    int64_t key[3]; /* item, place, owner (0 unless by_owner) */
    struct ledger_cell cell;
};

struct gather {
    struct store_tx *tx;
    const struct ledger_cells *which;
    struct table cells;
};

static bool owner_counts(const struct ledger_cells *which, int64_t owner)
{
    if (which->owners == NULL) {
        return true;
    }
    for (size_t i = 0; i < which->owner_count; i++) {
        if (which->owners[i] == owner) {
            return true;
        }
    }
    return false;
}

static bg_err cell_of(struct gather *g, int64_t item, int64_t place, int64_t owner, struct ledger_cell **ret)
{
    struct cell_entry *entry;
    BG_TRY(table_need(&g->cells, (const int64_t[]){ item, place, owner }, sizeof *entry, &entry, NULL));
    entry->cell.item = item;
    entry->cell.place = place;
    entry->cell.owner = owner;
    *ret = &entry->cell;
    return BG_DONE;
}

/* Adds rows of item, place, status, owner, quantity, held. */
static bg_err add_rows(struct gather *g, enum sql_id sql, const struct store_val *args, size_t count, bool with_held)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(g->tx, sql, args, count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct ledger_cell *cell;
        int64_t status = store_int(rows, 2);
        if (owner_counts(g->which, store_int(rows, 3)) && status > 0 && status < LEDGER_STATUS_COUNT) {
            BG_TRY(cell_of(g, store_int(rows, 0), store_int(rows, 1), g->which->by_owner ? store_int(rows, 3) : 0, &cell));
            cell->by_status[status] += store_int(rows, 4);
            cell->held += with_held ? store_int(rows, 5) : 0;
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err gather_now(struct gather *g)
{
    const struct ledger_cells *w = g->which;
    const struct store_val city = V_INT(w->city), item = V_INT(w->item), place = V_INT(w->place);
    if (w->item != 0 && w->place != 0) {
        BG_TRY(add_rows(g, SQL_TOTAL_CELL, ARGS(city, item, place), true));
    } else if (w->item != 0) {
        BG_TRY(add_rows(g, SQL_TOTAL_ITEM, ARGS(city, item), true));
    } else if (w->place != 0) {
        BG_TRY(add_rows(g, SQL_TOTAL_PLACE, ARGS(city, place), true));
    } else {
        BG_TRY(add_rows(g, SQL_TOTAL_CITY, ARGS(city), true));
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(g->tx, SQL_REQUIREMENT_LIST, ARGS(city, item, place), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct ledger_cell *cell;
        BG_TRY(cell_of(g, store_int(rows, 0), store_int(rows, 1), 0, &cell));
        cell->required = store_int(rows, 2);
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

/* --- as of --- */

struct moment {
    bg_ms at, known_at;   /* known_at INT64_MAX: everything known now */
    bg_date day;          /* the last whole day counted */
    bg_date known;        /* the last whole day of knowledge; INT32_MAX: all */
    bool part, known_part; /* and a part of the day behind it */
    int offset_min;
    int64_t late_max;
};

static bool ends_day(bg_ms at, int offset_min)
{
    return bg_date_at(at + 1, offset_min) != bg_date_at(at, offset_min);
}

static bg_err moment_of(struct store_tx *tx, const struct ledger_cells *which, struct moment *ret)
{
    struct ledger_city city;
    BG_TRY(ledger_city_get(tx, which->city, &city));
    struct moment m = { .at = which->at, .known_at = which->known_at == BG_TIME_NONE ? INT64_MAX : which->known_at,
                        .offset_min = city.offset_min, .late_max = city.late_max_days };
    if (m.at == BG_TIME_NONE || m.at > m.known_at) {
        m.at = m.known_at; /* nothing is known before it happens */
    }
    m.part = !ends_day(m.at, m.offset_min);
    m.day = bg_date_at(m.at, m.offset_min) - m.part;
    m.known = INT32_MAX;
    if (m.known_at != INT64_MAX) {
        m.known_part = !ends_day(m.known_at, m.offset_min);
        m.known = bg_date_at(m.known_at, m.offset_min) - m.known_part;
    }
    *ret = m;
    return BG_DONE;
}

static bg_err add_snapshot(struct gather *g, bg_date snap)
{
    const struct ledger_cells *w = g->which;
    const struct store_val city = V_INT(w->city), item = V_INT(w->item), place = V_INT(w->place), day = V_INT(snap);
    if (w->item != 0 && w->place != 0) {
        return add_rows(g, SQL_SNAP_CELL, ARGS(city, day, place, item), false);
    }
    if (w->place != 0) {
        return add_rows(g, SQL_SNAP_PLACE, ARGS(city, day, place), false);
    }
    return add_rows(g, SQL_SNAP_CITY, ARGS(city, day, item), false);
}

static bg_err add_days(struct gather *g, bg_date from, bg_date to, bg_date known)
{
    const struct ledger_cells *w = g->which;
    const struct store_val city = V_INT(w->city), item = V_INT(w->item), place = V_INT(w->place);
    if (from > to) {
        return BG_DONE;
    }
    if (w->item != 0 && w->place != 0) {
        return add_rows(g, SQL_DAYS_CELL, ARGS(city, V_INT(from), V_INT(to), place, item, V_INT(known)), false);
    }
    if (w->place != 0) {
        return add_rows(g, SQL_DAYS_PLACE, ARGS(city, V_INT(from), V_INT(to), place, V_INT(known)), false);
    }
    return add_rows(g, SQL_DAYS_CITY, ARGS(city, V_INT(from), V_INT(to), V_INT(known), item), false);
}

/* What happened before the snapshot and became known from it on. */
static bg_err add_late(struct gather *g, bg_date snap, const struct moment *m)
{
    const struct ledger_cells *w = g->which;
    const struct store_val city = V_INT(w->city), item = V_INT(w->item), place = V_INT(w->place), from = V_INT(snap);
    int64_t last = (int64_t)snap - 1 + m->late_max;
    last = last < m->known ? last : m->known;
    if (last < snap) {
        return BG_DONE;
    }
    if (w->item != 0 && w->place != 0) {
        return add_rows(g, SQL_LATE_CELL, ARGS(city, place, from, V_INT(last), item), false);
    }
    if (w->place != 0) {
        return add_rows(g, SQL_LATE_PLACE, ARGS(city, place, from, V_INT(last)), false);
    }
    return add_rows(g, SQL_LATE_CITY, ARGS(city, from, V_INT(last), item), false);
}

static bg_err add_parts(struct gather *g, const struct moment *m)
{
    const struct ledger_cells *w = g->which;
    const struct store_val city = V_INT(w->city), item = V_INT(w->item), place = V_INT(w->place);
    if (m->part) {
        const struct store_val from = V_INT(bg_date_start(m->day + 1, m->offset_min)), to = V_INT(m->at), known = V_INT(m->known_at);
        if (w->item != 0 && w->place != 0) {
            BG_TRY(add_rows(g, SQL_PART_CELL, ARGS(city, place, item, from, to, known), false));
        } else {
            BG_TRY(add_rows(g, SQL_PART_CITY, ARGS(city, from, to, known, item, place), false));
        }
    }
    if (m->known_part) {
        const struct store_val from = V_INT(bg_date_start(m->known + 1, m->offset_min)), to = V_INT(m->known_at);
        const struct store_val before = V_INT(bg_date_start(m->day + 1, m->offset_min));
        BG_TRY(add_rows(g, SQL_PART_KNOWN, ARGS(city, from, to, before, item, place), false));
    }
    return BG_DONE;
}

static bg_err gather_then(struct gather *g)
{
    struct moment m;
    int64_t start;
    bool found;
    BG_TRY(moment_of(g->tx, g->which, &m));
    BG_TRY(store_get_int(g->tx, SQL_SNAP_BEFORE, ARGS(V_INT(g->which->city), V_INT((int64_t)m.day + 1)), &start, &found));
    if (found) {
        BG_TRY(add_snapshot(g, (bg_date)start));
        BG_TRY(add_late(g, (bg_date)start, &m));
    } else {
        BG_TRY(store_get_int(g->tx, SQL_DAY_FIRST, ARGS(V_INT(g->which->city)), &start, &found));
        if (!found) {
            return BG_DONE; /* nothing was ever posted */
        }
    }
    BG_TRY(add_days(g, (bg_date)start, m.day, m.known));
    return add_parts(g, &m);
}

static bool empty(const struct ledger_cell *cell)
{
    for (int status = 1; status < LEDGER_STATUS_COUNT; status++) {
        if (cell->by_status[status] != 0) {
            return false;
        }
    }
    return cell->held == 0 && cell->required == 0;
}

bg_err ledger_cell_list(struct store_tx *tx, const struct ledger_cells *which, struct bg_arena *arena, struct ledger_cell **ret,
                        size_t *ret_count)
{
    struct gather g = { .tx = tx, .which = which, .cells = table_init(arena, 3) };
    bool now = which->at == BG_TIME_NONE && which->known_at == BG_TIME_NONE;
    BG_TRY(now ? gather_now(&g) : gather_then(&g));
    table_sort(&g.cells);
    struct ledger_cell *cells = bg_arena_array(arena, g.cells.count, sizeof *cells);
    size_t count = 0;
    BG_TRY(bg_need(cells));
    for (size_t i = 0; i < g.cells.count; i++) {
        const struct cell_entry *entry = g.cells.all[i];
        if (!empty(&entry->cell)) {
            cells[count++] = entry->cell;
        }
    }
    *ret = cells;
    *ret_count = count;
    return BG_DONE;
}

/* --- series --- */

bg_err ledger_use_days(struct store_tx *tx, int64_t city, int64_t item, int64_t place, bg_date from, bg_date to, int64_t *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    const struct store_val used = V_INT(LEDGER_USED);
    if (to < from) {
        return BG_FAIL_AT(BG_BAD_INPUT, "from");
    }
    memset(ret, 0, (size_t)(to - from + 1) * sizeof *ret);
    if (place != 0) {
        BG_TRY(store_query(tx, SQL_USE_DAYS, ARGS(V_INT(city), V_INT(from), V_INT(to), V_INT(place), V_INT(item), used), &rows));
    } else {
        BG_TRY(store_query(tx, SQL_USE_DAYS_CITY, ARGS(V_INT(city), V_INT(from), V_INT(to), V_INT(item), used), &rows));
    }
    BG_TRY(store_next(rows, &more));
    while (more) {
        ret[store_int(rows, 0) - from] += store_int(rows, 1);
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

bg_err ledger_closing_days(struct store_tx *tx, int64_t city, int64_t item, int64_t place, int status, bg_date from, bg_date to,
                           int64_t *ret)
{
    struct ledger_city settings;
    struct ledger_cell *cells;
    size_t count;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 20);
    BG_TRY(bg_need(arena));
    if (to < from || status <= 0 || status >= LEDGER_STATUS_COUNT) {
        return BG_FAIL_AT(BG_BAD_INPUT, "from");
    }
    BG_TRY(ledger_city_get(tx, city, &settings));
    const struct ledger_cells before = { .city = city, .item = item, .place = place, .known_at = BG_TIME_NONE,
                                         .at = bg_date_start(from, settings.offset_min) - 1 };
    BG_TRY(ledger_cell_list(tx, &before, arena, &cells, &count));
    memset(ret, 0, (size_t)(to - from + 1) * sizeof *ret);
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_DAYS_CELL, ARGS(V_INT(city), V_INT(from), V_INT(to), V_INT(place), V_INT(item), V_INT(INT32_MAX)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        ret[store_int(rows, 5) - from] += store_int(rows, 2) == status ? store_int(rows, 4) : 0;
        BG_TRY(store_next(rows, &more));
    }
    int64_t closing = count > 0 ? cells[0].by_status[status] : 0;
    for (bg_date day = from; day <= to; day++) {
        closing += ret[day - from];
        ret[day - from] = closing;
    }
    return BG_DONE;
}

/* --- requirements --- */

bg_err ledger_require(struct change_tx *tx, int64_t city, int64_t item, int64_t place, int64_t qty, bg_str basis)
{
    if (qty < 0 || qty > BG_QTY_MAX) {
        return BG_FAIL_AT(BG_QTY_RANGE, "required");
    }
    if (qty == 0) {
        return store_run(change_store(tx), SQL_REQUIREMENT_DROP, ARGS(V_INT(city), V_INT(item), V_INT(place)), NULL);
    }
    return store_run(change_store(tx), SQL_REQUIREMENT_PUT,
                     ARGS(V_INT(city), V_INT(item), V_INT(place), V_INT(qty), V_TEXT(basis), V_INT(change_now(tx))), NULL);
}
