/* Recomputes everything that the ledger keeps beside its movements: balances, reserved quantities, totals, days, snapshots, numbers,
 * shipments. The movements are read once, in the order in which they happened; memory holds the accounts and one day. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/table.h"
#include "ledger/verify.h"

#define PAGE 20000
#define RUN_BYTES ((size_t)8 << 30)
#define PIECE_BYTES ((size_t)1 << 30)

struct vaccount {
    int64_t key[1]; /* id */
    int64_t place, item, status, owner;
    int64_t qty, held, sum, reserved;
    bool outside;
};
struct vtotal {
    int64_t key[4]; /* item, place, status, owner */
    int64_t qty, held;
};
struct vday {
    int64_t key[5]; /* place, item, status, owner, known day */
    int64_t delta;
};

struct walk {
    struct verify *v;
    struct table accounts;
    struct table day;
    bg_date date;      /* of `day`; BG_DATE_NONE before the first */
};

void verify_damage(struct verify *v, const char *table, const char *kind, const char *key, ...)
{
    struct ledger_report *report = v->report;
    if (report->differences++ == 0) {
        char tail[64];
        va_list args;
        va_start(args, key);
        vsnprintf(tail, sizeof tail, key, args);
        va_end(args);
        snprintf(report->table, sizeof report->table, "%s", table);
        snprintf(report->key, sizeof report->key, "city=%lld,%s", (long long)v->city, tail);
        snprintf(report->kind, sizeof report->kind, "%s", kind);
    }
}

bg_err verify_settings(struct verify *v)
{
    if (v->settings_of != v->city) {
        BG_TRY(ledger_city_get(v->tx, v->city, &v->settings));
        v->settings_of = v->city;
    }
    return BG_DONE;
}

/* --- accounts --- */

static bg_err read_accounts_page(struct walk *w, int64_t *after, size_t *ret_count)
{
    struct verify *v = w->v;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    *ret_count = 0;
    BG_TRY(store_query(v->tx, SQL_VERIFY_ACCOUNTS, ARGS(V_INT(v->city), V_INT(*after), V_INT(PAGE)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct vaccount *account;
        *after = store_int(rows, 0);
        BG_TRY(table_need(&w->accounts, after, sizeof *account, &account, NULL));
        *account = (struct vaccount){ .key = { *after }, .place = store_int(rows, 1), .item = store_int(rows, 2),
                                      .status = store_int(rows, 3), .owner = store_int(rows, 4), .outside = store_int(rows, 5) != 0,
                                      .qty = store_int(rows, 6), .held = store_int(rows, 7) };
        v->report->accounts++;
        (*ret_count)++;
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err read_accounts(struct walk *w)
{
    int64_t after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        BG_TRY(read_accounts_page(w, &after, &count));
    }
    return BG_DONE;
}

static bg_err read_holds(struct walk *w)
{
    struct verify *v = w->v;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_VERIFY_HOLDS, ARGS(V_INT(v->city)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const int64_t id = store_int(rows, 0);
        struct vaccount *account = table_find(&w->accounts, &id);
        if (account == NULL) {
            verify_damage(v, "hold", "unknown-account", "account=%lld", (long long)id);
        } else {
            account->reserved = store_int(rows, 1);
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static void check_account(struct verify *v, const struct vaccount *account)
{
    if (account->qty != account->sum) {
        verify_damage(v, "stock_account", "balance", "id=%lld", (long long)account->key[0]);
    } else if (account->held != account->reserved) {
        verify_damage(v, "stock_account", "held", "id=%lld", (long long)account->key[0]);
    } else if (account->outside != ledger_status_outside((int)account->status) || (!account->outside && account->qty < 0) ||
               account->held < 0 || (account->held > 0 && account->held > account->qty)) {
        verify_damage(v, "stock_account", "bounds", "id=%lld", (long long)account->key[0]);
    }
}

/* --- totals --- */

static bg_err sum_totals(struct walk *w, struct table *totals)
{
    for (size_t i = 0; i < w->accounts.count; i++) {
        const struct vaccount *account = w->accounts.all[i];
        const int64_t key[] = { account->item, account->place, account->status, account->owner };
        struct vtotal *total;
        BG_TRY(table_need(totals, key, sizeof *total, &total, NULL));
        total->qty += account->sum;
        total->held += account->reserved;
    }
    return BG_DONE;
}

static bg_err check_totals(struct walk *w)
{
    struct verify *v = w->v;
    struct table totals = table_init(v->piece, 4);
    BG_TRY(sum_totals(w, &totals));
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_VERIFY_TOTALS, ARGS(V_INT(v->city)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const int64_t key[] = { store_int(rows, 0), store_int(rows, 1), store_int(rows, 2), store_int(rows, 3) };
        struct vtotal *total;
        BG_TRY(table_need(&totals, key, sizeof *total, &total, NULL));
        total->qty -= store_int(rows, 4);
        total->held -= store_int(rows, 5);
        BG_TRY(store_next(rows, &more));
    }
    for (size_t i = 0; i < totals.count; i++) {
        const struct vtotal *total = totals.all[i];
        if (total->qty != 0 || total->held != 0) {
            verify_damage(v, "stock_total", total->qty != 0 ? "qty" : "held", "item=%lld,place=%lld", (long long)total->key[0],
                          (long long)total->key[1]);
        }
    }
    return BG_DONE;
}

/* --- days --- */

static bg_err add_day(struct walk *w, const struct vaccount *account, bg_date known, int64_t delta)
{
    const int64_t key[] = { account->place, account->item, account->status, account->owner, known };
    struct vday *day;
    BG_TRY(table_need(&w->day, key, sizeof *day, &day, NULL));
    day->delta += delta;
    return BG_DONE;
}

/* The day in hand is complete: hold it against what is stored for it, and see that nothing is stored for the empty days before `next`. */
static bg_err close_day(struct walk *w, int64_t next)
{
    struct verify *v = w->v;
    int64_t stray, from = w->date == BG_DATE_NONE ? INT32_MIN : w->date;
    bool more, found;
    if (w->date != BG_DATE_NONE) {
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(store_query(v->tx, SQL_VERIFY_DAY, ARGS(V_INT(v->city), V_INT(w->date)), &rows));
        BG_TRY(store_next(rows, &more));
        while (more) {
            const int64_t key[] = { store_int(rows, 0), store_int(rows, 1), store_int(rows, 2), store_int(rows, 3), store_int(rows, 4) };
            struct vday *day;
            BG_TRY(table_need(&w->day, key, sizeof *day, &day, NULL));
            day->delta -= store_int(rows, 5);
            BG_TRY(store_next(rows, &more));
        }
    }
    for (size_t i = 0; i < w->day.count; i++) {
        const struct vday *day = w->day.all[i];
        if (day->delta != 0) {
            verify_damage(v, "total_day", "delta", "day=%d,place=%lld,item=%lld", w->date, (long long)day->key[0], (long long)day->key[1]);
        }
    }
    BG_TRY(store_get_int(v->tx, SQL_VERIFY_DAY_NEXT, ARGS(V_INT(v->city), V_INT(from), V_INT(next)), &stray, &found));
    if (found) {
        verify_damage(v, "total_day", "without-movement", "day=%lld", (long long)stray);
    }
    bg_arena_reset(v->piece);
    w->day = table_init(v->piece, 5);
    return BG_DONE;
}

/* --- movements --- */

struct vmovement {
    int64_t id, from, to, qty;
    bg_ms occurred_at, recorded_at;
    bool late;
};

static bg_err take_movement(struct walk *w, const struct vmovement *m)
{
    struct verify *v = w->v;
    struct vaccount *from = table_find(&w->accounts, &m->from), *to = table_find(&w->accounts, &m->to);
    bg_date day = bg_date_at(m->occurred_at, v->settings.offset_min), known = bg_date_at(m->recorded_at, v->settings.offset_min);
    v->report->movements++;
    if (from == NULL || to == NULL) {
        verify_damage(v, "movement", "unknown-account", "id=%lld", (long long)m->id);
        return BG_DONE;
    }
    if (from->item != to->item) { /* an item would gain what another loses */
        verify_damage(v, "movement", "sum-of-item", "id=%lld", (long long)m->id);
    }
    if (m->qty <= 0 || m->occurred_at > m->recorded_at || m->late != (day < known)) {
        verify_damage(v, "movement", "bounds", "id=%lld", (long long)m->id);
    }
    from->sum -= m->qty;
    to->sum += m->qty;
    if (day != w->date) {
        BG_TRY(close_day(w, day));
        w->date = day;
    }
    BG_TRY(add_day(w, from, known, -m->qty));
    return add_day(w, to, known, m->qty);
}

static bg_err read_movements_page(struct walk *w, bg_ms *at, int64_t *id, size_t *ret_count)
{
    struct verify *v = w->v;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    *ret_count = 0;
    BG_TRY(store_query(v->tx, SQL_VERIFY_MOVEMENTS, ARGS(V_INT(v->city), V_INT(*at), V_INT(*id), V_INT(PAGE)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const struct vmovement m = { .id = store_int(rows, 0), .from = store_int(rows, 1), .to = store_int(rows, 2),
                                     .qty = store_int(rows, 3), .occurred_at = store_int(rows, 4), .recorded_at = store_int(rows, 5),
                                     .late = store_int(rows, 6) != 0 };
        *at = m.occurred_at;
        *id = m.id;
        (*ret_count)++;
        BG_TRY(take_movement(w, &m));
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err read_movements(struct walk *w)
{
    bg_ms at = INT64_MIN;
    int64_t id = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        BG_TRY(read_movements_page(w, &at, &id, &count));
    }
    return close_day(w, INT32_MAX);
}

/* --- snapshots, numbers, shipments: one query each that finds the first difference --- */

static bg_err check_query(struct verify *v, enum sql_id sql, const struct store_val *args, size_t count, const char *table,
                          const char *kind)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, sql, args, count, &rows));
    BG_TRY(store_next(rows, &more));
    if (more) {
        verify_damage(v, table, kind, "%lld,%lld", (long long)store_int(rows, 0), (long long)store_int(rows, 1));
    }
    return BG_DONE;
}

static bg_err check_snapshots(struct verify *v)
{
    int64_t from, days[1024];
    size_t count = 0;
    bool found, more;
    BG_TRY(store_get_int(v->tx, SQL_DAY_FIRST, ARGS(V_INT(v->city)), &from, &found));
    {
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(store_query(v->tx, SQL_VERIFY_SNAPS, ARGS(V_INT(v->city)), &rows));
        BG_TRY(store_next(rows, &more));
        while (more && count < sizeof days / sizeof *days) {
            days[count++] = store_int(rows, 0);
            BG_TRY(store_next(rows, &more));
        }
    }
    for (size_t i = 0; i < count && found; i++) {
        if (from > days[i]) {
            from = days[i]; /* taken before anything older became known: then only what was known counts */
        }
        BG_TRY(check_query(v, SQL_VERIFY_SNAP, ARGS(V_INT(v->city), V_INT(from), V_INT(days[i])), "total_snap", "qty"));
        from = days[i];
    }
    return BG_DONE;
}

static bg_err verify_city(struct verify *v)
{
    struct walk w = { .v = v, .accounts = table_init(v->arena, 1), .date = BG_DATE_NONE };
    const struct store_val city = V_INT(v->city);
    BG_TRY(verify_settings(v));
    w.day = table_init(v->piece, 5);
    BG_TRY(read_accounts(&w));
    BG_TRY(read_holds(&w));
    BG_TRY(read_movements(&w));
    for (size_t i = 0; i < w.accounts.count; i++) {
        check_account(v, w.accounts.all[i]);
    }
    BG_TRY(check_totals(&w));
    bg_arena_reset(v->piece);
    BG_TRY(check_snapshots(v));
    BG_TRY(check_query(v, SQL_VERIFY_NUMBERS, ARGS(city), "ledger_document", "number"));
    BG_TRY(check_query(v, SQL_VERIFY_SHIPMENTS, ARGS(city), "shipment_line", "transit"));
    bg_arena_reset(v->arena);
    return BG_DONE;
}

static bg_err verify_cities(struct verify *v)
{
    int64_t cities[4096];
    size_t count = 0;
    bool more;
    {
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(store_query(v->tx, SQL_VERIFY_CITIES, NO_ARGS, &rows));
        BG_TRY(store_next(rows, &more));
        while (more && count < sizeof cities / sizeof *cities) {
            cities[count++] = store_int(rows, 0);
            BG_TRY(store_next(rows, &more));
        }
    }
    for (size_t i = 0; i < count; i++) {
        v->city = cities[i];
        BG_TRY(verify_city(v));
    }
    return BG_DONE;
}

bg_err ledger_verify(struct store *store, struct ledger_report *ret)
{
    struct ledger_report report = { 0 };
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_ARENA arena = bg_arena_open(RUN_BYTES);
    BG_SCOPED_ARENA piece = bg_arena_open(PIECE_BYTES);
    if (arena == NULL || piece == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    BG_TRY(store_read_begin(store, 0, &tx));
    struct verify v = { .tx = tx, .report = &report, .arena = arena, .piece = piece };
    BG_TRY(verify_journal(&v)); /* first, so that what is named first is the cause and not its consequence */
    BG_TRY(verify_cities(&v));
    *ret = report;
    return BG_DONE;
}
