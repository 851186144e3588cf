/* The situation as JSON: what a commander reads in ten seconds, and the rows behind every number. */
#include <stdio.h>
#include <stdlib.h>

#include "reserve/impl.h"

#define RANKING_MAX 20

static void put_date(struct bg_buf *out, const char *key, bg_date date)
{
    char text[11];
    bg_json_key(out, key);
    if (date == BG_DATE_NONE) {
        bg_json_null(out);
    } else {
        bg_date_text(date, text);
        bg_json_str(out, bg_str_of(text));
    }
}

static void put_known(struct bg_buf *out, const char *key, int64_t value)
{
    bg_json_key(out, key);
    if (value < 0) {
        bg_json_null(out);
    } else {
        bg_json_int(out, value);
    }
}

static void put_item(struct bg_buf *out, const struct ledger_item *item)
{
    bg_json_key(out, "item");
    bg_json_object(out);
    bg_json_put_id(out, "id", item->id);
    bg_json_put_str(out, "code", item->code);
    bg_json_put_str(out, "name_zh", item->name_zh);
    bg_json_put_str(out, "name_en", item->name_en);
    bg_json_put_str(out, "unit", item->unit);
    bg_json_object_end(out);
}

static void put_place(struct bg_buf *out, const struct ledger_place *place)
{
    char division[24];
    (void)snprintf(division, sizeof division, "%06lld", (long long)place->district);
    bg_json_key(out, "place");
    bg_json_object(out);
    bg_json_put_id(out, "id", place->id);
    bg_json_put_str(out, "code", place->code);
    bg_json_put_str(out, "name_zh", place->name_zh);
    bg_json_put_str(out, "name_en", place->name_en);
    bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_place_kinds, place->kind)));
    bg_json_put_str(out, "division", place->district == 0 ? BG_STR("") : bg_str_of(division));
    bg_json_object_end(out);
}

/* Thousandths of a unit a day; -1 unknown. */
static int64_t mean_draw_milli(const struct reserve_cell *cell)
{
    return cell->draw_days > 0 ? (int64_t)((__int128)cell->draw_sum * 1000 / cell->draw_days) : -1;
}

void reserve_cell_json(const struct reserve_view *view, const struct reserve_cell *cell, struct bg_buf *out)
{
    bg_json_object(out);
    put_item(out, reserve_view_item(view, cell->stock.item));
    put_place(out, reserve_view_place(view, cell->stock.place));
    ledger_seven_json(&cell->stock, out);
    bg_json_put_int(out, "counted", cell->counted);
    put_known(out, "standard", cell->standard);
    put_known(out, "base", cell->base);
    put_known(out, "uplift_ppm", cell->uplift_ppm == 0 ? -1 : cell->uplift_ppm);
    bg_json_key(out, "basis");
    if (cell->standard_id == 0) {
        bg_json_null(out);
    } else {
        bg_json_str(out, bg_str_of(reserve_basis_slugs[cell->basis - 1]));
    }
    put_known(out, "ratio_ppm", cell->ratio_ppm);
    bg_json_put_int(out, "gap", cell->gap);
    bg_json_put_int(out, "lead_days", cell->lead_days);
    put_known(out, "use_per_day_milli", mean_draw_milli(cell));
    bg_json_put_int(out, "use_days", cell->draw_days);
    bg_json_put_int(out, "use_gaps", cell->draw_gaps);
    put_known(out, "days_cover_milli", cell->cover_milli);
    put_date(out, "stockout_date", cell->stockout);
    bg_json_put_int(out, "expiring_30", cell->expiring_30);
    bg_json_put_int(out, "expiring_90", cell->expiring_90);
    bg_json_put_int(out, "pipeline", cell->pipeline);
    bg_json_put_int(out, "order", cell->order_qty);
    bg_json_put_str(out, "state", bg_str_of(reserve_state_slugs[cell->state]));
    bg_json_object_end(out);
}

static bool may_see(const struct reserve_view *view, reserve_may may, void *ctx, const struct reserve_cell *cell)
{
    return may == NULL || may(ctx, reserve_view_place(view, cell->stock.place));
}

/* Indexes of the visible cells. */
struct picked {
    const struct reserve_cell **cells;
    size_t count;
};

static struct picked pick(const struct reserve_view *view, reserve_may may, void *ctx)
{
    struct picked p = { bg_heap_get((view->cell_count + 1) * sizeof(struct reserve_cell *)), 0 };
    for (size_t i = 0; p.cells != NULL && i < view->cell_count; i++) {
        if (may_see(view, may, ctx, &view->cells[i])) {
            p.cells[p.count++] = &view->cells[i];
        }
    }
    return p;
}

/* Soonest stock-out first, unknown last; then the worse state; then ids, so that the order is the same every time. */
static int by_urgency(const void *left, const void *right)
{
    const struct reserve_cell *a = *(const struct reserve_cell *const *)left, *b = *(const struct reserve_cell *const *)right;
    int64_t a_cover = a->cover_milli < 0 ? INT64_MAX : a->cover_milli, b_cover = b->cover_milli < 0 ? INT64_MAX : b->cover_milli;
    if (a_cover != b_cover) {
        return a_cover < b_cover ? -1 : 1;
    }
    if (a->ratio_ppm != b->ratio_ppm) {
        return a->ratio_ppm < b->ratio_ppm ? -1 : 1;
    }
    if (a->stock.item != b->stock.item) {
        return a->stock.item < b->stock.item ? -1 : 1;
    }
    return a->stock.place < b->stock.place ? -1 : a->stock.place > b->stock.place;
}

/* The matrix is about the reserve: depots, and any other place that has a standard. Receivers stand in the ranking. */
static bool in_matrix(const struct reserve_view *view, const struct reserve_cell *cell)
{
    return cell->standard >= 0 || (reserve_view_place(view, cell->stock.place)->flags & LEDGER_CAN_ISSUE) != 0;
}

/* Sums over cells: how much of the standards is there, the worst state, who is short. */
struct sum {
    int64_t counted, standard, available, draw_sum_milli, short_cells, in_transit;
    enum reserve_state state;
    bg_date stockout;
};

static void sum_add(struct sum *sum, const struct reserve_view *view, const struct reserve_cell *cell)
{
    struct ledger_seven seven = ledger_seven_of(&cell->stock);
    if (cell->standard > 0) {
        /* More than the standard at one place does not make up for a gap at another. */
        sum->counted += cell->counted < cell->standard ? cell->counted : cell->standard;
        sum->standard += cell->standard;
        sum->short_cells += cell->counted < cell->standard;
    }
    sum->available += seven.available;
    sum->in_transit += seven.in_transit;
    sum->draw_sum_milli += mean_draw_milli(cell) > 0 ? mean_draw_milli(cell) : 0;
    /* A receiver that runs low stands in the ranking; the colour of a district or an item is that of its reserve. */
    if (in_matrix(view, cell) && cell->state > sum->state) {
        sum->state = cell->state;
    }
    if (cell->stockout != BG_DATE_NONE && (sum->stockout == 0 || cell->stockout < sum->stockout)) {
        sum->stockout = cell->stockout;
    }
}

static int64_t sum_ppm(const struct sum *sum)
{
    return sum->standard > 0 ? (int64_t)((__int128)sum->counted * 1000000 / sum->standard) : -1;
}

static void put_key_figures(const struct reserve_view *view, const struct picked *p, struct bg_buf *out)
{
    struct sum all = { 0 };
    int64_t items_short = 0, places_short = 0, item = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct reserve_cell *cell = p->cells[i];
        sum_add(&all, view, cell);
        if (cell->gap > 0 && cell->stock.item != item) { /* cells are sorted by item */
            item = cell->stock.item;
            items_short++;
        }
    }
    for (size_t k = 0; k < view->place_count; k++) {
        bool is_short = false;
        for (size_t i = 0; i < p->count && !is_short; i++) {
            is_short = p->cells[i]->stock.place == view->places[k].id && p->cells[i]->gap > 0;
        }
        places_short += is_short;
    }
    bg_json_key(out, "kpis");
    bg_json_object(out);
    bg_json_put_int(out, "items_short", items_short);
    bg_json_put_int(out, "places_short", places_short);
    bg_json_put_int(out, "in_transit", all.in_transit);
    put_known(out, "readiness_ppm", sum_ppm(&all));
    const struct reserve_cell *first = NULL;
    for (size_t i = 0; i < p->count; i++) {
        if (p->cells[i]->cover_milli >= 0 && (first == NULL || by_urgency(&p->cells[i], &first) < 0)) {
            first = p->cells[i];
        }
    }
    bg_json_key(out, "first_stockout");
    if (first == NULL) {
        bg_json_null(out);
    } else {
        bg_json_object(out);
        put_item(out, reserve_view_item(view, first->stock.item));
        put_place(out, reserve_view_place(view, first->stock.place));
        put_date(out, "date", first->stockout);
        put_known(out, "days_cover_milli", first->cover_milli);
        bg_json_object_end(out);
    }
    bg_json_object_end(out);
}

struct division {
    int64_t code;
    struct sum sum;
};

static void put_districts(const struct reserve_view *view, const struct picked *p, struct bg_buf *out)
{
    struct division *list = bg_heap_get((view->place_count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; list != NULL && i < p->count; i++) {
        int64_t code = reserve_view_place(view, p->cells[i]->stock.place)->district;
        size_t at = 0;
        while (at < count && list[at].code != code) {
            at++;
        }
        if (at == count) {
            list[count++] = (struct division){ .code = code };
        }
        sum_add(&list[at].sum, view, p->cells[i]);
    }
    bg_json_key(out, "districts");
    bg_json_array(out);
    for (size_t i = 0; i < count; i++) {
        char code[24];
        (void)snprintf(code, sizeof code, "%06lld", (long long)list[i].code);
        bg_json_object(out);
        bg_json_put_str(out, "division", list[i].code == 0 ? BG_STR("") : bg_str_of(code));
        bg_json_put_str(out, "state", bg_str_of(reserve_state_slugs[list[i].sum.state]));
        put_known(out, "readiness_ppm", sum_ppm(&list[i].sum));
        bg_json_put_int(out, "items_short", list[i].sum.short_cells);
        put_date(out, "stockout_date", list[i].sum.stockout == 0 ? BG_DATE_NONE : list[i].sum.stockout);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_heap_free(list);
}

static void put_items(const struct reserve_view *view, const struct picked *p, struct bg_buf *out)
{
    bg_json_key(out, "items");
    bg_json_array(out);
    for (size_t i = 0; i < p->count;) {
        struct sum sum = { 0 };
        int64_t item = p->cells[i]->stock.item;
        while (i < p->count && p->cells[i]->stock.item == item) {
            sum_add(&sum, view, p->cells[i++]);
        }
        bg_json_object(out);
        put_item(out, reserve_view_item(view, item));
        put_known(out, "readiness_ppm", sum_ppm(&sum));
        bg_json_put_int(out, "available", sum.available);
        bg_json_put_int(out, "use_per_day_milli", sum.draw_sum_milli);
        put_known(out, "days_cover_milli",
                  sum.draw_sum_milli > 0 ? (int64_t)((__int128)sum.available * 1000000 / sum.draw_sum_milli) : -1);
        put_date(out, "stockout_date", sum.stockout == 0 ? BG_DATE_NONE : sum.stockout);
        bg_json_put_int(out, "places_short", sum.short_cells);
        bg_json_put_str(out, "state", bg_str_of(reserve_state_slugs[sum.state]));
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_matrix(const struct reserve_view *view, const struct picked *p, struct bg_buf *out)
{
    bg_json_key(out, "matrix");
    bg_json_array(out);
    for (size_t i = 0; i < p->count; i++) {
        const struct reserve_cell *cell = p->cells[i];
        if (!in_matrix(view, cell)) {
            continue;
        }
        bg_json_object(out);
        bg_json_put_id(out, "item_id", cell->stock.item);
        bg_json_put_id(out, "place_id", cell->stock.place);
        bg_json_put_str(out, "state", bg_str_of(reserve_state_slugs[cell->state]));
        put_known(out, "ratio_ppm", cell->ratio_ppm);
        put_known(out, "days_cover_milli", cell->cover_milli);
        bg_json_put_int(out, "usable", cell->stock.by_status[LEDGER_USABLE]);
        put_known(out, "standard", cell->standard);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_places(const struct reserve_view *view, const struct picked *p, struct bg_buf *out)
{
    bg_json_key(out, "places");
    bg_json_array(out);
    for (size_t k = 0; k < view->place_count; k++) {
        bool seen = false;
        for (size_t i = 0; i < p->count && !seen; i++) {
            seen = p->cells[i]->stock.place == view->places[k].id && in_matrix(view, p->cells[i]);
        }
        if (seen) {
            bg_json_object(out);
            put_place(out, &view->places[k]);
            bg_json_put_int(out, "lat_udeg", view->places[k].lat_udeg);
            bg_json_put_int(out, "lon_udeg", view->places[k].lon_udeg);
            bg_json_object_end(out);
        }
    }
    bg_json_array_end(out);
}

static void put_ranking(const struct reserve_view *view, struct picked *p, struct bg_buf *out)
{
    bg_json_key(out, "ranking");
    bg_json_array(out);
    for (size_t i = 0; i < p->count && i < RANKING_MAX && p->cells[i]->cover_milli >= 0; i++) {
        reserve_cell_json(view, p->cells[i], out);
    }
    bg_json_array_end(out);
}

static void put_order_reasons(const struct reserve_view *view, const struct reserve_cell *cell, struct bg_buf *out)
{
    struct ledger_seven seven = ledger_seven_of(&cell->stock);
    char out_date[11] = "";
    if (cell->stockout != BG_DATE_NONE) {
        bg_date_text(cell->stockout, out_date);
    }
    int64_t draw = cell->draw_days > 0 ? (cell->draw_sum + cell->draw_days / 2) / cell->draw_days : 0;
    BG_SCOPED_BUF zh = bg_buf_init(1024);
    BG_SCOPED_BUF en = bg_buf_init(1024);
    bg_buf_print(&zh, "标准 %lld，可调拨 %lld，在途及待入库 %lld", (long long)cell->standard, (long long)seven.available,
                 (long long)cell->pipeline);
    bg_buf_print(&en, "standard %lld, available %lld, on the way %lld", (long long)cell->standard, (long long)seven.available,
                 (long long)cell->pipeline);
    if (cell->draw_days > 0) {
        bg_buf_print(&zh, "；近 %lld 个有记录的日子日均出库 %lld，到货需 %lld 天", (long long)cell->draw_days, (long long)draw,
                     (long long)cell->lead_days);
        bg_buf_print(&en, "; %lld a day over the last %lld recorded days, %lld days to arrive", (long long)draw,
                     (long long)cell->draw_days, (long long)cell->lead_days);
    }
    if (cell->expiring_lead > 0) {
        bg_buf_print(&zh, "；到货前过期 %lld", (long long)cell->expiring_lead);
        bg_buf_print(&en, "; %lld expire before that", (long long)cell->expiring_lead);
    }
    if (out_date[0] != '\0') {
        bg_buf_print(&zh, "；预计 %s 用尽", out_date);
        bg_buf_print(&en, "; runs out on %s", out_date);
    }
    (void)view;
    bg_json_put_str(out, "reason_zh", bg_buf_str(&zh));
    bg_json_put_str(out, "reason_en", bg_buf_str(&en));
}

static void put_order(const struct reserve_view *view, const struct reserve_cell *cell, struct bg_buf *out)
{
    bg_json_object(out);
    put_item(out, reserve_view_item(view, cell->stock.item));
    put_place(out, reserve_view_place(view, cell->stock.place));
    bg_json_put_int(out, "quantity", cell->order_qty);
    put_date(out, "by_date", view->date + (bg_date)cell->lead_days);
    put_date(out, "stockout_date", cell->stockout);
    bg_json_put_bool(out, "late", cell->stockout != BG_DATE_NONE && cell->stockout < view->date + (bg_date)cell->lead_days);
    bg_json_put_str(out, "state", bg_str_of(reserve_state_slugs[cell->state]));
    put_order_reasons(view, cell, out);
    bg_json_object_end(out);
}

/* `p` sorted by urgency. */
static void put_orders(const struct reserve_view *view, const struct picked *p, struct bg_buf *out)
{
    bg_json_array(out);
    for (size_t i = 0; i < p->count; i++) {
        if (p->cells[i]->order_qty > 0) {
            put_order(view, p->cells[i], out);
        }
    }
    bg_json_array_end(out);
}

static void sort_by_urgency(struct picked *p)
{
    if (p->count > 0) {
        qsort(p->cells, p->count, sizeof *p->cells, by_urgency);
    }
}

void reserve_orders_json(const struct reserve_view *view, reserve_may may, void *ctx, struct bg_buf *out)
{
    struct picked p = pick(view, may, ctx);
    sort_by_urgency(&p);
    put_orders(view, &p, out);
    bg_heap_free(p.cells);
}

void reserve_situation_json(const struct reserve_view *view, reserve_may may, void *ctx, struct bg_buf *out)
{
    struct picked p = pick(view, may, ctx);
    bg_json_key(out, "level");
    reserve_level_json(&view->level, out);
    bg_json_key(out, "prepared");
    if (view->prepared.level == 0) {
        bg_json_null(out);
    } else {
        reserve_level_json(&view->prepared, out);
    }
    put_date(out, "date", view->date);
    put_key_figures(view, &p, out);
    put_districts(view, &p, out);
    put_places(view, &p, out);
    put_items(view, &p, out);
    put_matrix(view, &p, out);
    sort_by_urgency(&p);
    put_ranking(view, &p, out);
    bg_json_key(out, "orders");
    put_orders(view, &p, out);
    bg_heap_free(p.cells);
}
