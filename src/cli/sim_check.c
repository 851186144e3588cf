/* The invariants: what the database holds against what the model adds up. */
#include <stdio.h>
#include <string.h>

#include "cli/sim.h"

#define ARENA_BYTES ((size_t)64 << 20)

/* --- sums by cell --- */

/* A cell of totals or days with what the model has in it. Open addressing; key[0] is a place, never 0. */
struct cell {
    int64_t key[6];
    int64_t qty, held;
    bool seen;
};
struct cells {
    struct cell *at;
    size_t size, count; /* size: a power of two */
};

static bg_err cells_open(struct cells *cells, size_t most, struct bg_arena *arena)
{
    *cells = (struct cells){ .size = 64 };
    while (cells->size < most * 2) {
        cells->size *= 2;
    }
    cells->at = bg_arena_array(arena, cells->size, sizeof *cells->at);
    return bg_need(cells->at);
}

static struct cell *cell_of(struct cells *cells, const int64_t key[6])
{
    uint64_t hash = 0;
    for (int i = 0; i < 6; i++) {
        hash = (hash ^ (uint64_t)key[i]) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    size_t slot = (size_t)hash & (cells->size - 1);
    while (cells->at[slot].key[0] != 0 && memcmp(cells->at[slot].key, key, sizeof cells->at[slot].key) != 0) {
        slot = (slot + 1) & (cells->size - 1);
    }
    if (cells->at[slot].key[0] == 0) {
        memcpy(cells->at[slot].key, key, sizeof cells->at[slot].key);
        cells->count++;
    }
    return &cells->at[slot];
}

/* What the model has and the database does not. */
static void cells_unseen(struct sim *sim, const struct cells *cells, const char *what)
{
    for (size_t i = 0; i < cells->size; i++) {
        const struct cell *cell = &cells->at[i];
        if (cell->key[0] != 0 && !cell->seen && (cell->qty != 0 || cell->held != 0)) {
            sim_break(sim, "%s of place %lld item %lld status %lld owner %lld day %lld known %lld is missing: expected %lld",
                      what, (long long)cell->key[0], (long long)cell->key[1], (long long)cell->key[2], (long long)cell->key[3],
                      (long long)cell->key[4], (long long)cell->key[5], (long long)cell->qty);
        }
    }
}

/* --- the tables --- */

static bg_err check_accounts(struct sim *sim, struct store_tx *tx)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    size_t there = 0, expected = 0;
    BG_TRY(store_query(tx, SQL_SIM_ACCOUNT_LIST, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const struct ledger_key key = { store_int(rows, 0), store_int(rows, 1), store_int(rows, 2),
                                        store_int(rows, 3), store_int(rows, 4), (int)store_int(rows, 5) };
        int64_t qty = model_balance(&sim->model, &key, BG_TIME_NONE, BG_TIME_NONE), held = model_held(&sim->model, &key);
        if (qty != store_int(rows, 6) || held != store_int(rows, 7)) {
            sim_break(sim,
                      "balance of place %lld bin %lld owner %lld item %lld lot %lld %s is %lld, %lld held; expected %lld, %lld",
                      (long long)key.place, (long long)key.bin, (long long)key.owner, (long long)key.item, (long long)key.lot,
                      ledger_slug(ledger_statuses, key.status), (long long)store_int(rows, 6), (long long)store_int(rows, 7),
                      (long long)qty, (long long)held);
        }
        if (!ledger_status_outside(key.status) && store_int(rows, 6) < 0) {
            sim_break(sim, "a balance of %s is below zero", ledger_slug(ledger_statuses, key.status));
        }
        there += qty != 0;
        BG_TRY(store_next(rows, &more));
    }
    for (size_t i = 0; i < sim->model.account_count; i++) {
        expected += model_balance(&sim->model, &sim->model.accounts[i].key, BG_TIME_NONE, BG_TIME_NONE) != 0;
    }
    if (there != expected) {
        sim_break(sim, "%zu accounts have a balance; expected %zu", there, expected);
    }
    return BG_DONE;
}

static bg_err check_totals(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    struct cells cells;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(cells_open(&cells, sim->model.account_count + 256, arena));
    for (size_t i = 0; i < sim->model.account_count; i++) {
        const struct ledger_key *key = &sim->model.accounts[i].key;
        struct cell *cell = cell_of(&cells, (const int64_t[]){ key->place, key->item, key->status, key->owner, 0, 0 });
        cell->qty += model_balance(&sim->model, key, BG_TIME_NONE, BG_TIME_NONE);
        cell->held += model_held(&sim->model, key);
    }
    BG_TRY(store_query(tx, SQL_SIM_TOTAL_LIST, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const int64_t key[] = { store_int(rows, 0), store_int(rows, 1), store_int(rows, 2), store_int(rows, 3), 0, 0 };
        struct cell *cell = cell_of(&cells, key);
        cell->seen = true;
        if (cell->qty != store_int(rows, 4) || cell->held != store_int(rows, 5)) {
            sim_break(sim, "total of place %lld item %lld %s owner %lld is %lld, %lld held; expected %lld, %lld",
                      (long long)key[0], (long long)key[1], ledger_slug(ledger_statuses, (int)key[2]), (long long)key[3],
                      (long long)store_int(rows, 4), (long long)store_int(rows, 5), (long long)cell->qty, (long long)cell->held);
        }
        BG_TRY(store_next(rows, &more));
    }
    cells_unseen(sim, &cells, "total");
    return BG_DONE;
}

static void add_day(struct cells *cells, const struct ledger_key *key, const struct model_movement *m, int64_t qty)
{
    cell_of(cells,
            (const int64_t[]){ key->place, key->item, key->status, key->owner, bg_date_at(m->occurred_at, BG_CITY_OFFSET_MIN),
                               bg_date_at(m->recorded_at, BG_CITY_OFFSET_MIN) })
        ->qty += qty;
}

static bg_err check_days(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    struct cells cells;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(cells_open(&cells, sim->model.movement_count * 2 + 256, arena));
    for (size_t i = 0; i < sim->model.movement_count; i++) {
        const struct model_movement *m = &sim->model.movements[i];
        add_day(&cells, &m->from, m, -m->qty);
        add_day(&cells, &m->to, m, m->qty);
    }
    BG_TRY(store_query(tx, SQL_SIM_DAY_LIST, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const int64_t key[] = { store_int(rows, 0), store_int(rows, 1), store_int(rows, 2),
                                store_int(rows, 3), store_int(rows, 4), store_int(rows, 5) };
        struct cell *cell = cell_of(&cells, key);
        cell->seen = true;
        if (cell->qty != store_int(rows, 6)) {
            sim_break(sim, "day %lld known %lld of place %lld item %lld %s owner %lld changed by %lld; expected %lld",
                      (long long)key[4], (long long)key[5], (long long)key[0], (long long)key[1],
                      ledger_slug(ledger_statuses, (int)key[2]), (long long)key[3], (long long)store_int(rows, 6),
                      (long long)cell->qty);
        }
        BG_TRY(store_next(rows, &more));
    }
    cells_unseen(sim, &cells, "day");
    return BG_DONE;
}

static const struct model_hold *hold_find(const struct sim *sim, int64_t id)
{
    for (size_t i = 0; i < sim->model.hold_count; i++) {
        if (sim->model.holds[i].id == id) {
            return &sim->model.holds[i];
        }
    }
    return NULL;
}

static bg_err check_holds(struct sim *sim, struct store_tx *tx)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    size_t count = 0;
    BG_TRY(store_query(tx, SQL_SIM_HOLD_LIST, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const struct model_hold *hold = hold_find(sim, store_int(rows, 0));
        if (hold == NULL || hold->qty != store_int(rows, 1) || hold->posted != store_int(rows, 2) ||
            hold->state != store_int(rows, 3)) {
            sim_break(sim, "hold %lld of %lld has %lld posted and is %s; expected %lld of %lld, %s",
                      (long long)store_int(rows, 0), (long long)store_int(rows, 1), (long long)store_int(rows, 2),
                      ledger_slug(ledger_hold_states, (int)store_int(rows, 3)), hold != NULL ? (long long)hold->posted : 0,
                      hold != NULL ? (long long)hold->qty : 0,
                      hold != NULL ? ledger_slug(ledger_hold_states, hold->state) : "none");
        }
        count++;
        BG_TRY(store_next(rows, &more));
    }
    if (count != sim->model.hold_count) {
        sim_break(sim, "%zu holds; expected %zu", count, sim->model.hold_count);
    }
    return BG_DONE;
}

/* Nothing doubled, nothing lost, all accounts together zero, an entry of the journal for each document. */
static bg_err check_sizes(struct sim *sim, struct store_tx *tx)
{
    int64_t expected = 0, entries = 0;
    bool more;
    for (size_t i = 0; i < sim->model.movement_count; i++) {
        expected += sim->model.movements[i].qty;
    }
    {
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(store_query(tx, SQL_SIM_ZERO_SUM, ARGS(V_INT(SIM_CITY)), &rows));
        BG_TRY(store_next(rows, &more));
        if (more) {
            sim_break(sim, "the accounts of item %lld add up to %lld, not to zero", (long long)store_int(rows, 0),
                      (long long)store_int(rows, 1));
        }
    }
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(tx, SQL_SIM_SIZE, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    BG_TRY(store_get_int(tx, SQL_SIM_ENTRY_COUNT, ARGS(V_INT(SIM_CITY), V_TEXT(BG_STR("document.posted"))), &entries, NULL));
    if (store_int(rows, 0) != (int64_t)sim->model.movement_count || store_int(rows, 1) != expected) {
        sim_break(sim, "%lld movements of %lld in all; expected %zu of %lld", (long long)store_int(rows, 0),
                  (long long)store_int(rows, 1), sim->model.movement_count, (long long)expected);
    }
    if (store_int(rows, 2) != (int64_t)sim->model.document_count || entries != (int64_t)sim->model.document_count) {
        sim_break(sim, "%lld documents and %lld entries of documents; expected %zu", (long long)store_int(rows, 2),
                  (long long)entries, sim->model.document_count);
    }
    int64_t settled = 0, open = 0;
    for (size_t i = 0; i < sim->model.review_count; i++) {
        settled += sim->model.reviews[i].settled;
        open += !sim->model.reviews[i].closed;
    }
    if (store_int(rows, 3) != (int64_t)sim->model.review_count || store_int(rows, 4) != settled || store_int(rows, 5) != open) {
        sim_break(sim, "%lld reviews, %lld settled, %lld open; expected %zu, %lld, %lld", (long long)store_int(rows, 3),
                  (long long)store_int(rows, 4), (long long)store_int(rows, 5), sim->model.review_count, (long long)settled,
                  (long long)open);
    }
    return BG_DONE;
}

static const struct model_shipment *shipment_find(const struct sim *sim, int64_t id)
{
    for (size_t i = 0; i < sim->model.shipment_count; i++) {
        if (sim->model.shipments[i].id == id) {
            return &sim->model.shipments[i];
        }
    }
    return NULL;
}

static bg_err check_shipments(struct sim *sim, struct store_tx *tx)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    size_t count = 0;
    BG_TRY(store_query(tx, SQL_SIM_SHIPMENT_LIST, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        const struct model_shipment *shipment = shipment_find(sim, store_int(rows, 0));
        struct model_shipped sum = { 0 };
        for (size_t i = 0; shipment != NULL && i < shipment->count; i++) {
            sum.sent += shipment->lines[i].sent;
            sum.arrived += shipment->lines[i].arrived;
            sum.missing += shipment->lines[i].missing;
            sum.settled += shipment->lines[i].settled;
        }
        if (shipment == NULL || sum.sent != store_int(rows, 2) || sum.arrived != store_int(rows, 3) ||
            sum.missing != store_int(rows, 4) || sum.settled != store_int(rows, 5) ||
            shipment->closed != (store_int(rows, 1) == LEDGER_SHIPMENT_CLOSED)) {
            sim_break(
                sim,
                "shipment %lld: sent %lld, arrived %lld, missing %lld, settled %lld, %s; expected %lld, %lld, %lld, %lld, %s",
                (long long)store_int(rows, 0), (long long)store_int(rows, 2), (long long)store_int(rows, 3),
                (long long)store_int(rows, 4), (long long)store_int(rows, 5),
                ledger_slug(ledger_shipment_states, (int)store_int(rows, 1)), (long long)sum.sent, (long long)sum.arrived,
                (long long)sum.missing, (long long)sum.settled, shipment != NULL && shipment->closed ? "closed" : "open");
        }
        count++;
        BG_TRY(store_next(rows, &more));
    }
    if (count != sim->model.shipment_count) {
        sim_break(sim, "%zu shipments; expected %zu", count, sim->model.shipment_count);
    }
    return BG_DONE;
}

static bg_err check_all(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    BG_TRY(check_accounts(sim, tx));
    BG_TRY(check_totals(sim, tx, arena));
    BG_TRY(check_holds(sim, tx));
    BG_TRY(check_sizes(sim, tx));
    BG_TRY(check_shipments(sim, tx));
    return check_days(sim, tx, arena);
}

bg_err sim_check(struct sim *sim)
{
    BG_SCOPED_ARENA arena = bg_arena_open(ARENA_BYTES);
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(arena));
    sim_park(sim);
    sim_spare_reads(sim);
    sim->counts.checks++;
    BG_TRY(store_read_begin(sim->store, 0, &tx));
    return check_all(sim, tx, arena);
}

/* --- questions --- */

/* A moment of the past, exact or the end of a day. */
static bg_ms random_moment(struct sim *sim)
{
    bg_ms at = sim->clock.now - (bg_ms)sim_below(sim, sim_chance(sim, 50) ? (size_t)(3 * SIM_DAY) : (size_t)(120 * SIM_DAY));
    return sim_chance(sim, 50) ? at : bg_date_start(bg_date_at(at, BG_CITY_OFFSET_MIN) + 1, BG_CITY_OFFSET_MIN) - 1;
}

static int64_t any_place(struct sim *sim)
{
    const struct model_world *w = &sim->model.world;
    return sim_chance(sim, 70) ? w->depots[sim_below(sim, w->depot_count)] : w->users[sim_below(sim, w->user_count)];
}

static bg_err ask_cells(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    const struct model_world *w = &sim->model.world;
    struct ledger_cells which = { .city = SIM_CITY,
                                  .item = w->items[sim_below(sim, w->item_count)],
                                  .place = any_place(sim),
                                  .at = BG_TIME_NONE,
                                  .known_at = BG_TIME_NONE };
    struct ledger_cell *cells, none = { 0 };
    size_t count;
    bool past = sim_chance(sim, 70);
    bg_ms at = past ? random_moment(sim) : BG_TIME_NONE;
    which.known_at = past && sim_chance(sim, 50) ? random_moment(sim) : BG_TIME_NONE;
    which.at = sim_plant_at(sim, at);
    BG_TRY(ledger_cell_list(tx, &which, arena, &cells, &count));
    const struct ledger_cell *cell = count > 0 ? &cells[0] : &none;
    int64_t held = 0;
    for (int status = 1; status < LEDGER_STATUS_COUNT; status++) {
        int64_t expected = model_total(&sim->model, which.place, which.item, 0, status, at, which.known_at);
        if (cell->by_status[status] != expected) {
            sim_break(sim, "%s of place %lld item %lld as of %lld known at %lld is %lld; expected %lld",
                      ledger_slug(ledger_statuses, status), (long long)which.place, (long long)which.item, (long long)at,
                      (long long)which.known_at, (long long)cell->by_status[status], (long long)expected);
        }
    }
    for (size_t i = 0; !past && i < sim->model.hold_count; i++) {
        const struct model_hold *hold = &sim->model.holds[i];
        bool counts = hold->state == LEDGER_HOLD_OPEN && hold->key.place == which.place && hold->key.item == which.item;
        held += counts ? hold->qty - hold->posted : 0;
    }
    if (cell->held != held) {
        sim_break(sim, "reserved of place %lld item %lld is %lld; expected %lld", (long long)which.place, (long long)which.item,
                  (long long)cell->held, (long long)held);
    }
    return BG_DONE;
}

static bg_err ask_accounts(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    const struct model_world *w = &sim->model.world;
    struct ledger_accounts which = { .city = SIM_CITY,
                                     .place = any_place(sim),
                                     .item = w->items[sim_below(sim, w->item_count)],
                                     .outside = true,
                                     .max = 1000,
                                     .known_at = BG_TIME_NONE };
    struct ledger_account *accounts;
    size_t count;
    bg_ms at = random_moment(sim);
    which.at = sim_plant_at(sim, at);
    which.known_at = sim_chance(sim, 50) ? random_moment(sim) : BG_TIME_NONE;
    BG_TRY(ledger_account_list(tx, &which, arena, &accounts, &count));
    for (size_t i = 0; i < count; i++) {
        int64_t expected = model_balance(&sim->model, &accounts[i].key, at, which.known_at);
        if (accounts[i].qty != expected) {
            sim_break(sim, "lot %lld %s of place %lld as of %lld known at %lld is %lld; expected %lld",
                      (long long)accounts[i].key.lot, ledger_slug(ledger_statuses, accounts[i].key.status),
                      (long long)which.place, (long long)at, (long long)which.known_at, (long long)accounts[i].qty,
                      (long long)expected);
        }
    }
    return BG_DONE;
}

static const struct model_lot *lot_find(const struct sim *sim, int64_t id)
{
    size_t i = 0;
    while (sim->model.lots[i].id != id) {
        i++;
    }
    return &sim->model.lots[i];
}

/* What a pick may draw on: usable, not reserved, of a lot that lives long enough. */
static int64_t pickable(const struct sim *sim, const struct ledger_pick *pick)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sim->model.account_count; i++) {
        const struct ledger_key *key = &sim->model.accounts[i].key;
        if (key->place != pick->place || key->item != pick->wants[0].item || key->status != LEDGER_USABLE) {
            continue;
        }
        const struct model_lot *lot = lot_find(sim, key->lot);
        if (lot->state == LEDGER_LOT_OPEN &&
            (lot->expiry == BG_DATE_NONE || lot->expiry >= pick->arrives + pick->life_min_days)) {
            sum += model_balance(&sim->model, key, BG_TIME_NONE, BG_TIME_NONE) - model_held(&sim->model, key);
        }
    }
    return sum;
}

static bg_err ask_pick(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    const struct model_world *w = &sim->model.world;
    const struct ledger_pick_want want = { w->items[sim_below(sim, w->item_count)], 1 + (int64_t)sim_below(sim, 300) };
    const struct ledger_pick pick = { .city = SIM_CITY,
                                      .place = any_place(sim),
                                      .wants = &want,
                                      .count = 1,
                                      .arrives = bg_date_at(sim->clock.now, BG_CITY_OFFSET_MIN) + 1,
                                      .life_min_days = (int64_t)sim_below(sim, 30) };
    struct ledger_pick_line *lines;
    size_t count;
    int64_t *shorts, free = pickable(sim, &pick), taken = 0;
    BG_TRY(ledger_pick_list(tx, &pick, arena, &lines, &count, &shorts));
    for (size_t i = 0; i < count; i++) {
        taken += lines[i].qty;
        if (i > 0 && lines[i - 1].expiry != BG_DATE_NONE && lines[i].expiry != BG_DATE_NONE &&
            lines[i - 1].expiry > lines[i].expiry) {
            sim_break(sim, "a pick takes what expires later first");
        }
    }
    int64_t expected = free < want.qty ? free : want.qty;
    if (taken != expected || shorts[0] != want.qty - expected) {
        sim_break(sim, "a pick of %lld of item %lld at place %lld takes %lld and is %lld short; %lld are free",
                  (long long)want.qty, (long long)want.item, (long long)pick.place, (long long)taken, (long long)shorts[0],
                  (long long)free);
    }
    return BG_DONE;
}

static bg_err ask_recall(struct sim *sim, struct store_tx *tx, struct bg_arena *arena)
{
    const struct model_lot *lot = &sim->model.lots[sim_below(sim, sim->model.world.item_count * sim->model.world.lots)];
    struct ledger_recall_report report;
    int64_t entered = 0, left = 0, used = 0;
    BG_TRY(ledger_recall_get(tx, SIM_CITY, lot->id, arena, &report));
    for (size_t i = 0; i < sim->model.account_count; i++) {
        const struct ledger_key *key = &sim->model.accounts[i].key;
        if (key->lot == lot->id) {
            int64_t qty = model_balance(&sim->model, key, BG_TIME_NONE, BG_TIME_NONE);
            entered -= key->status == LEDGER_SOURCE ? qty : 0;
            left += ledger_status_present(key->status) ? qty : 0;
            used += key->status == LEDGER_USED ? qty : 0;
        }
    }
    if (report.entered != entered || report.left != left || report.used != used) {
        sim_break(sim, "lot %lld entered %lld, %lld left, %lld used; expected %lld, %lld, %lld", (long long)lot->id,
                  (long long)report.entered, (long long)report.left, (long long)report.used, (long long)entered, (long long)left,
                  (long long)used);
    }
    return BG_DONE;
}

bg_err sim_query(struct sim *sim)
{
    BG_SCOPED_ARENA arena = bg_arena_open(ARENA_BYTES);
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(arena));
    sim_park(sim);
    BG_TRY(store_read_begin(sim->store, 0, &tx));
    sim->counts.queries++;
    size_t draw = sim_below(sim, 10);
    return draw < 5   ? ask_cells(sim, tx, arena)
           : draw < 7 ? ask_accounts(sim, tx, arena)
           : draw < 9 ? ask_pick(sim, tx, arena)
                      : ask_recall(sim, tx, arena);
}

/* --- the product's own verification --- */

bg_err sim_verify(struct sim *sim, bool whole)
{
    struct journal_report journal;
    struct ledger_report ledger;
    sim_unpark(sim);
    BG_TRY(journal_sequence(sim->journal));
    sim_park(sim);
    BG_TRY(whole ? journal_verify(sim->store, NULL, &journal) : journal_verify_recent(sim->store, NULL, &journal));
    if (!journal.intact) {
        sim_break(sim, "journal: %s %s %s", journal.table, journal.key, journal.kind);
    }
    if (whole) {
        BG_TRY(ledger_verify(sim->store, &ledger));
        if (ledger.differences != 0) {
            sim_break(sim, "verify: %lld differences, the first %s %s %s", (long long)ledger.differences, ledger.table,
                      ledger.key, ledger.kind);
        }
    }
    return BG_DONE;
}

/* --- the digest --- */

static bg_err digest_rows(struct sim *sim, struct store_tx *tx, enum sql_id sql, int columns)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, sql, ARGS(V_INT(SIM_CITY)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        int64_t values[8];
        for (int i = 0; i < columns; i++) {
            values[i] = store_int(rows, i);
        }
        (void)crypto_hash_sha256_update(&sim->digest, (const unsigned char *)values, (size_t)columns * sizeof *values);
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

bg_err sim_digest(struct sim *sim, uint8_t ret[32])
{
    STORE_SCOPED_READ tx = NULL;
    sim_park(sim);
    BG_TRY(store_read_begin(sim->store, 0, &tx));
    BG_TRY(digest_rows(sim, tx, SQL_SIM_ACCOUNT_LIST, 8));
    BG_TRY(digest_rows(sim, tx, SQL_SIM_TOTAL_LIST, 6));
    BG_TRY(digest_rows(sim, tx, SQL_SIM_HOLD_LIST, 4));
    BG_TRY(digest_rows(sim, tx, SQL_SIM_SIZE, 6));
    (void)crypto_hash_sha256_final(&sim->digest, ret);
    return BG_DONE;
}
