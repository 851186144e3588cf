/* Readiness: joins stock, standards, draw and expiry of all cells from one snapshot. */
#include <stdlib.h>
#include <string.h>

#include "reserve/impl.h"

#define DAY_MS INT64_C(86400000)
#define CATALOGUE_MAX 200000 /* rows of a city's items, places or owners; memory is taken for those there are */

const char *const reserve_state_slugs[] = { "unreported", "ok", "low", "critical" };

bg_err reserve_grow(struct bg_arena *arena, void **list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return BG_DONE;
    }
    size_t more = *room == 0 ? 64 : *room * 2;
    void *wider = bg_arena_array(arena, more, size);
    BG_TRY(bg_need(wider));
    if (count > 0) {
        memcpy(wider, *list, count * size);
    }
    *list = wider;
    *room = more;
    return BG_DONE;
}

/* What is being put together. Cells are found by (item, place) through an open-addressed table of indexes. */
struct making {
    struct store_tx *tx;
    const struct reserve_which *which;
    struct bg_arena *arena;
    struct reserve_view *view;
    struct ledger_owner *owners;
    size_t owner_count;
    bool past; /* as of a moment before now */
    bg_ms known;
    size_t room;
    uint32_t *slots; /* index + 1; 0: free */
    size_t slot_count; /* a power of two */
};

static size_t slot_of(const struct making *m, int64_t item, int64_t place)
{
    uint64_t mixed = ((uint64_t)item * 0x9E3779B97F4A7C15u) ^ ((uint64_t)place * 0xC2B2AE3D27D4EB4Fu);
    return (size_t)((mixed ^ (mixed >> 29)) & (m->slot_count - 1));
}

static void fill_slots(struct making *m)
{
    for (size_t i = 0; i < m->view->cell_count; i++) {
        size_t at = slot_of(m, m->view->cells[i].stock.item, m->view->cells[i].stock.place);
        while (m->slots[at] != 0) {
            at = (at + 1) & (m->slot_count - 1);
        }
        m->slots[at] = (uint32_t)(i + 1);
    }
}

static struct reserve_cell *find_cell(const struct making *m, int64_t item, int64_t place)
{
    for (size_t at = slot_of(m, item, place); m->slot_count > 0 && m->slots[at] != 0; at = (at + 1) & (m->slot_count - 1)) {
        struct reserve_cell *cell = &m->view->cells[m->slots[at] - 1];
        if (cell->stock.item == item && cell->stock.place == place) {
            return cell;
        }
    }
    return NULL;
}

/* The cell of an item at a place, made when there is none. */
static bg_err need_cell(struct making *m, int64_t item, int64_t place, struct reserve_cell **ret)
{
    *ret = find_cell(m, item, place);
    if (*ret != NULL) {
        return BG_DONE;
    }
    if ((m->view->cell_count + 1) * 2 > m->slot_count) {
        m->slot_count = m->slot_count == 0 ? 256 : m->slot_count * 2;
        m->slots = bg_arena_array(m->arena, m->slot_count, sizeof *m->slots);
        BG_TRY(bg_need(m->slots));
        fill_slots(m);
    }
    BG_TRY(reserve_grow(m->arena, (void **)&m->view->cells, m->view->cell_count, &m->room, sizeof *m->view->cells));
    *ret = &m->view->cells[m->view->cell_count];
    **ret = (struct reserve_cell){ .stock = { .item = item, .place = place },
                                   .standard = -1,
                                   .ratio_ppm = -1,
                                   .cover_milli = -1,
                                   .stockout = BG_DATE_NONE,
                                   .lead_days = RESERVE_LEAD_DAYS };
    m->view->cell_count++;
    size_t at = slot_of(m, item, place);
    while (m->slots[at] != 0) {
        at = (at + 1) & (m->slot_count - 1);
    }
    m->slots[at] = (uint32_t)m->view->cell_count;
    return BG_DONE;
}

/* --- catalogue --- */
static bg_err load_catalogue(struct making *m)
{
    struct reserve_view *v = m->view;
    BG_TRY(ledger_item_list(m->tx, m->which->city, 0, CATALOGUE_MAX, m->arena, &v->items, &v->item_count));
    BG_TRY(ledger_place_list(m->tx, m->which->city, 0, CATALOGUE_MAX, m->arena, &v->places, &v->place_count));
    return ledger_owner_list(m->tx, m->which->city, 0, CATALOGUE_MAX, m->arena, &m->owners, &m->owner_count);
}

const struct ledger_item *reserve_view_item(const struct reserve_view *view, int64_t id)
{
    size_t low = 0, high = view->item_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (view->items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < view->item_count && view->items[low].id == id ? &view->items[low] : NULL;
}

const struct ledger_place *reserve_view_place(const struct reserve_view *view, int64_t id)
{
    size_t low = 0, high = view->place_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (view->places[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < view->place_count && view->places[low].id == id ? &view->places[low] : NULL;
}

/* May the authority that decides over a place use goods of this owner there? */
static bool owner_counts(const struct making *m, int64_t owner, const struct ledger_place *place)
{
    for (size_t i = 0; i < m->owner_count; i++) {
        if (m->owners[i].id == owner) {
            return m->owners[i].kind == LEDGER_OWNER_DISTRICT ? place->district != 0 && m->owners[i].district == place->district
                                                              : m->owners[i].kind != LEDGER_OWNER_NATION;
        }
    }
    return true; /* goods without a named owner belong to the place */
}

static bool item_wanted(const struct making *m, int64_t id)
{
    const struct ledger_item *item = reserve_view_item(m->view, id);
    return item != NULL && (!m->which->key_only || item->key_item);
}

/* --- what goes into a cell --- */
static bg_err load_stock(struct making *m)
{
    struct ledger_cell *cells;
    size_t count;
    struct ledger_cells which = { .city = m->which->city,
                                  .item = m->which->item,
                                  .place = m->which->place,
                                  .by_owner = true,
                                  .at = m->past ? m->which->at : BG_TIME_NONE,
                                  .known_at = m->which->known_at };
    BG_TRY(ledger_cell_list(m->tx, &which, m->arena, &cells, &count));
    for (size_t i = 0; i < count; i++) {
        const struct ledger_place *place = reserve_view_place(m->view, cells[i].place);
        if (place == NULL || (place->flags & LEDGER_CAN_STORE) == 0 || !item_wanted(m, cells[i].item)) {
            continue;
        }
        struct reserve_cell *cell;
        BG_TRY(need_cell(m, cells[i].item, cells[i].place, &cell));
        for (int s = 0; s < LEDGER_STATUS_COUNT; s++) {
            cell->stock.by_status[s] += cells[i].by_status[s];
        }
        cell->stock.held += cells[i].held;
        cell->stock.required = cells[i].required > cell->stock.required ? cells[i].required : cell->stock.required;
        if (owner_counts(m, cells[i].owner, place)) {
            cell->counted += cells[i].by_status[LEDGER_USABLE];
        }
    }
    return BG_DONE;
}

static bg_err load_standards(struct making *m, int level)
{
    struct reserve_standard *list;
    size_t count;
    BG_TRY(reserve_standards_in_force(m->tx, m->which, level, m->view->date, m->known, m->arena, &list, &count));
    for (size_t i = 0; i < count; i++) {
        if ((list[i].basis == RESERVE_QUANTITY && list[i].qty == 0) || reserve_view_place(m->view, list[i].place) == NULL ||
            !item_wanted(m, list[i].item)) {
            continue;
        }
        struct reserve_cell *cell;
        BG_TRY(need_cell(m, list[i].item, list[i].place, &cell));
        cell->basis = list[i].basis;
        cell->standard = list[i].basis == RESERVE_QUANTITY
                             ? list[i].qty
                             : list[i].cover_milli; /* turned into a quantity when the draw is known */
        cell->standard_id = list[i].id;
        cell->lead_days = list[i].lead_days == 0 ? RESERVE_LEAD_DAYS : list[i].lead_days;
    }
    return BG_DONE;
}

static bg_err load_uplifts(struct making *m)
{
    struct reserve_uplift_cell *list;
    size_t count;
    BG_TRY(reserve_uplifts_in_force(m->tx, m->which, m->view->date, m->view->at, m->known, m->arena, &list, &count));
    for (size_t i = 0; i < count; i++) {
        struct reserve_cell *cell = find_cell(m, list[i].item, list[i].place);
        if (cell != NULL) {
            __int128 ppm = (__int128)(cell->uplift_ppm == 0 ? 1000000 : cell->uplift_ppm) * list[i].factor_permille / 1000;
            cell->uplift_ppm = ppm > INT32_MAX ? INT32_MAX : (int64_t)ppm;
        }
    }
    return BG_DONE;
}

/* The last n <= 7 days on which a place recorded any draw, as a bit set of days before `date` (bit k: date - 1 - k). */
struct reported {
    int64_t place;
    uint32_t days, used;
    int64_t first_gap_span, count;
};

static int by_place(const void *left, const void *right)
{
    const struct reported *a = left, *b = right;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Keeps the newest seven of the marked days. */
static void choose_days(struct reported *r)
{
    int64_t oldest = -1;
    for (int k = 0; k < RESERVE_LOOK_BACK_DAYS && r->count < RESERVE_DRAW_DAYS; k++) {
        if ((r->days & (UINT32_C(1) << k)) != 0) {
            r->used |= UINT32_C(1) << k;
            r->count++;
            oldest = k;
        }
    }
    r->first_gap_span = oldest + 1 - r->count; /* days from the oldest used one up to yesterday that have no record */
}

/* The draw of days [from, to] of one place (0: all), joined to what was read before. */
struct drawn {
    struct ledger_draw *list;
    size_t count, room;
};

static bg_err read_draw(struct making *m, int64_t place, bg_date from, bg_date to, struct drawn *drawn)
{
    struct ledger_draw *part;
    size_t count;
    struct ledger_draws which = {
        .city = m->which->city, .place = place, .from = from, .to = to, .known_at = m->which->known_at
    };
    BG_TRY(ledger_draw_list(m->tx, &which, m->arena, &part, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(reserve_grow(m->arena, (void **)&drawn->list, drawn->count, &drawn->room, sizeof *drawn->list));
        drawn->list[drawn->count++] = part[i];
    }
    return BG_DONE;
}

static struct reported *report_of(const struct making *m, struct reported *reports, int64_t place)
{
    return bsearch(&(struct reported){ .place = place }, reports, m->view->place_count, sizeof *reports, by_place);
}

static void mark_days(const struct making *m, struct reported *reports, const struct drawn *drawn, size_t from)
{
    for (size_t i = from; i < drawn->count; i++) {
        struct reported *r = report_of(m, reports, drawn->list[i].place);
        if (r != NULL) {
            r->days |= UINT32_C(1) << (m->view->date - 1 - drawn->list[i].day);
        }
    }
}

/* The last seven days of all places in one reading; older days only of the places that did not record all seven. */
static bg_err read_reports(struct making *m, struct reported *reports, struct drawn *drawn)
{
    bg_date date = m->view->date;
    BG_TRY(read_draw(m, m->which->place, date - RESERVE_DRAW_DAYS, date - 1, drawn));
    mark_days(m, reports, drawn, 0);
    for (size_t i = 0; i < m->view->place_count; i++) {
        const struct ledger_place *place = &m->view->places[i];
        bool asked = m->which->place == 0 || m->which->place == place->id;
        if (asked && (place->flags & LEDGER_CAN_STORE) != 0 && __builtin_popcount(reports[i].days) < RESERVE_DRAW_DAYS) {
            size_t before = drawn->count;
            BG_TRY(read_draw(m, place->id, date - RESERVE_LOOK_BACK_DAYS, date - RESERVE_DRAW_DAYS - 1, drawn));
            mark_days(m, reports, drawn, before);
        }
        choose_days(&reports[i]);
    }
    return BG_DONE;
}

static bg_err load_draw(struct making *m)
{
    struct drawn drawn = { 0 };
    struct reported *reports = bg_arena_array(m->arena, m->view->place_count, sizeof *reports);
    BG_TRY(bg_need(reports));
    for (size_t i = 0; i < m->view->place_count; i++) {
        reports[i].place = m->view->places[i].id;
    }
    BG_TRY(read_reports(m, reports, &drawn));
    for (size_t i = 0; i < drawn.count; i++) {
        const struct ledger_draw *draw = &drawn.list[i];
        const struct reported *r = report_of(m, reports, draw->place);
        struct reserve_cell *cell = find_cell(m, draw->item, draw->place);
        if (r != NULL && cell != NULL && (r->used & (UINT32_C(1) << (m->view->date - 1 - draw->day))) != 0) {
            cell->draw_sum += draw->qty;
        }
    }
    for (size_t i = 0; i < m->view->cell_count; i++) {
        struct reserve_cell *cell = &m->view->cells[i];
        const struct reported *r = report_of(m, reports, cell->stock.place);
        cell->draw_days = r != NULL ? r->count : 0;
        cell->draw_gaps = r != NULL && r->count > 0 ? r->first_gap_span : 0;
    }
    return BG_DONE;
}

static bg_err load_expiring(struct making *m)
{
    struct ledger_expiry *list;
    size_t count;
    bg_date date = m->view->date;
    BG_TRY(ledger_expiry_list(m->tx,
                              &(struct ledger_expiries){ .city = m->which->city,
                                                         .item = m->which->item,
                                                         .place = m->which->place,
                                                         .until = date + 365,
                                                         .at = m->past ? m->which->at : BG_TIME_NONE,
                                                         .known_at = m->which->known_at },
                              m->arena, &list, &count));
    for (size_t i = 0; i < count; i++) {
        struct reserve_cell *cell = find_cell(m, list[i].item, list[i].place);
        if (cell == NULL) {
            continue;
        }
        bg_date left = list[i].expiry - date;
        cell->expiring_30 += left <= 30 ? list[i].qty : 0;
        cell->expiring_90 += left <= 90 ? list[i].qty : 0;
        cell->expiring_lead += left <= cell->lead_days ? list[i].qty : 0;
    }
    return BG_DONE;
}

/* --- the formulas --- */
/* ceil(a x b / c) for non-negative a, b and positive c; saturates at BG_QTY_MAX. */
static int64_t scale_up(int64_t a, int64_t b, int64_t c)
{
    __int128 product = (__int128)a * b + c - 1;
    __int128 result = product / c;
    return result > BG_QTY_MAX ? BG_QTY_MAX : (int64_t)result;
}

static void find_order(struct reserve_cell *cell, const struct ledger_item *item, int64_t available)
{
    int64_t lead_draw = cell->draw_days > 0 ? scale_up(cell->draw_sum, cell->lead_days, cell->draw_days) : 0;
    int64_t order = cell->standard + lead_draw + cell->expiring_lead - available - cell->pipeline;
    if (cell->standard < 0 || order <= 0) {
        return;
    }
    int64_t least = item != NULL && item->order_min > 1 ? item->order_min : 1;
    cell->order_qty = (order + least - 1) / least * least;
}

static void find_state(struct reserve_cell *cell)
{
    bool known = cell->standard >= 0 || cell->draw_days > 0;
    bool below = cell->standard > 0 && cell->counted < cell->standard;
    bool half = cell->standard > 0 && cell->counted * 2 < cell->standard;
    bool soon = cell->cover_milli >= 0 && cell->cover_milli < RESERVE_LOW_COVER_DAYS * 1000;
    bool now = cell->cover_milli >= 0 && cell->cover_milli < RESERVE_CRITICAL_COVER_DAYS * 1000;
    cell->state = !known ? RESERVE_UNREPORTED : (half || now ? RESERVE_CRITICAL : (below || soon ? RESERVE_LOW : RESERVE_OK));
}

static void finish_cell(const struct making *m, struct reserve_cell *cell)
{
    struct ledger_seven seven = ledger_seven_of(&cell->stock);
    const int64_t *s = cell->stock.by_status;
    cell->pipeline = s[LEDGER_PRODUCING] + s[LEDGER_INSPECTING] + s[LEDGER_RECEIVING] + seven.in_transit;
    if (cell->standard >= 0 && cell->basis == RESERVE_COVER) {
        cell->standard = cell->draw_days > 0 ? scale_up(cell->standard, cell->draw_sum, 1000 * cell->draw_days) : -1;
    }
    cell->base = cell->standard;
    if (cell->standard > 0 && cell->uplift_ppm != 0) {
        cell->standard = scale_up(cell->standard, cell->uplift_ppm, 1000000);
    }
    if (cell->standard > 0) {
        __int128 ratio = (__int128)cell->counted * 1000000 / cell->standard;
        cell->ratio_ppm = ratio > INT32_MAX ? INT32_MAX : (int64_t)ratio;
        cell->gap = cell->counted < cell->standard ? cell->standard - cell->counted : 0;
    } else if (cell->standard == 0) {
        cell->ratio_ppm = 1000000;
    }
    if (cell->draw_sum > 0 && cell->draw_days > 0) {
        __int128 cover = (__int128)seven.available * 1000 * cell->draw_days / cell->draw_sum;
        cell->cover_milli = cover > 3650000 ? 3650000 : (int64_t)cover; /* ten years and more are said as ten years */
        cell->stockout = m->view->date + (bg_date)(cell->cover_milli / 1000);
    }
    find_order(cell, reserve_view_item(m->view, cell->stock.item), seven.available);
    find_state(cell);
}

static int by_item(const void *left, const void *right)
{
    const struct reserve_cell *a = left, *b = right;
    if (a->stock.item != b->stock.item) {
        return a->stock.item < b->stock.item ? -1 : 1;
    }
    return a->stock.place < b->stock.place ? -1 : a->stock.place > b->stock.place;
}

bg_err reserve_view_get(struct store_tx *tx, const struct reserve_which *which, struct bg_arena *arena, struct reserve_view *ret)
{
    struct reserve_view view = { .at = which->at == BG_TIME_NONE ? which->now : which->at };
    struct making m = { .tx = tx,
                        .which = which,
                        .arena = arena,
                        .view = &view,
                        .past = which->at != BG_TIME_NONE && which->at < which->now,
                        .known = which->known_at == BG_TIME_NONE ? INT64_MAX : which->known_at };
    struct ledger_city city;
    BG_TRY(ledger_city_get(tx, which->city, &city));
    view.offset_min = city.offset_min;
    view.date = bg_date_at(view.at, city.offset_min);
    BG_TRY(reserve_level_get(tx, which->city, view.at, which->known_at, arena, &view.level, &view.prepared));
    BG_TRY(load_catalogue(&m));
    BG_TRY(load_stock(&m));
    BG_TRY(load_standards(&m, which->level != 0 ? which->level : view.level.level));
    BG_TRY(load_uplifts(&m));
    BG_TRY(load_draw(&m));
    BG_TRY(load_expiring(&m));
    size_t kept = 0;
    for (size_t i = 0; i < view.cell_count; i++) {
        const struct ledger_place *place = reserve_view_place(&view, view.cells[i].stock.place);
        /* What lies at a maker is on its way to somebody: it is judged only where a standard says so (goods held on contract). */
        if ((place->flags & LEDGER_CAN_MAKE) == 0 || view.cells[i].standard >= 0) {
            view.cells[kept] = view.cells[i];
            finish_cell(&m, &view.cells[kept++]);
        }
    }
    view.cell_count = kept;
    if (view.cell_count > 0) {
        qsort(view.cells, view.cell_count, sizeof *view.cells, by_item);
    }
    *ret = view;
    return BG_DONE;
}
