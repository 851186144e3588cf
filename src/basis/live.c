/* The input documents of a live plan (测算依据), made from what the city has recorded: stock that counts, standards and level in
 * force, what is on its way, cases by day, residents, rounds that are ordered or planned. The same moment gives the same
 * document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basis/inner.h"

#define PAST_DAYS 60 /* of cases */
#define STALE_DAYS 7 /* older figures say nothing of today */
#define PLACES_MAX 200
#define ROUNDS_MAX 40
#define LEAD_INSPECTING 3 /* days until goods under inspection count; docs/planner.md */
#define SHARE_USUAL 857 /* of the residents, in thousandths: round 1 of January 2022 */

struct place {
    int64_t district; /* 0: the city as a whole */
    int64_t residents;
    int64_t cases[PAST_DAYS];
};

struct live {
    struct store_tx *tx;
    struct bg_arena *arena;
    const struct basis_live *which;
    bg_date today, date; /* date: last day with cases */
    bool known, by_district, stale;
    int past;
    struct place place[PLACES_MAX];
    int places;
    struct place *district; /* those with residents, also where the document has the city as one place */
    int districts;
    int64_t residents, recent; /* recent: cases of the last seven days */
    struct reserve_round *round[ROUNDS_MAX];
    int rounds;
    struct reserve_view view;
    struct bg_buf *out;
};

static struct place *place_of(struct live *live, int64_t district)
{
    for (int i = 0; i < live->places; i++) {
        if (live->place[i].district == district) {
            return &live->place[i];
        }
    }
    if (live->places == PLACES_MAX) {
        return NULL;
    }
    live->place[live->places] = (struct place){ .district = district };
    return &live->place[live->places++];
}

/* The last day for which anybody entered cases, and whether by district. */
static void look(struct live *live, const struct reserve_figure *list, size_t count)
{
    live->date = BG_DATE_NONE;
    for (size_t i = 0; i < count; i++) {
        if (list[i].kind == RESERVE_FIGURE_CASES) {
            live->date = list[i].day > live->date ? list[i].day : live->date;
            live->by_district = live->by_district || (list[i].district != 0 && list[i].value > 0);
        }
    }
    live->stale = live->date != BG_DATE_NONE && live->today - live->date > STALE_DAYS;
    live->known = live->date != BG_DATE_NONE && !live->stale;
    live->date = live->known ? live->date : live->today;
}

static void add_cases(struct live *live, const struct reserve_figure *list, size_t count)
{
    bg_date first = live->date;
    for (size_t i = 0; i < count; i++) {
        const struct reserve_figure *f = &list[i];
        int64_t district = live->by_district ? f->district : 0;
        int at = PAST_DAYS - 1 - (live->date - f->day);
        if (f->kind != RESERVE_FIGURE_CASES || (f->district != 0) != live->by_district || at < 0 || at >= PAST_DAYS) {
            continue;
        }
        struct place *place = place_of(live, district);
        if (place != NULL && f->value > 0) {
            place->cases[at] += f->value;
            first = f->day < first ? f->day : first;
            live->recent += live->date - f->day < 7 ? f->value : 0;
        }
    }
    live->past = live->date - first + 1;
}

static bg_err read_figures(struct live *live)
{
    struct reserve_figure *list, *residents;
    size_t count, people;
    BG_TRY(reserve_figure_list(live->tx, live->which->city, RESERVE_FIGURE_CASES, live->today - PAST_DAYS + 1, live->today,
                               BG_TIME_NONE, live->arena, &list, &count));
    BG_TRY(reserve_figure_list(live->tx, live->which->city, RESERVE_FIGURE_RESIDENTS, BG_DATE_NONE, live->today, BG_TIME_NONE,
                               live->arena, &residents, &people));
    look(live, list, count);
    int64_t whole = 0;
    for (size_t i = 0; i < people; i++) { /* by district and day: the last day counts */
        bool last = i + 1 == people || residents[i + 1].district != residents[i].district;
        struct place *place = last && residents[i].district != 0 ? place_of(live, residents[i].district) : NULL;
        whole = last && residents[i].district == 0 ? residents[i].value : whole;
        if (place != NULL) {
            place->residents = residents[i].value;
            live->residents += residents[i].value;
        }
    }
    live->residents = live->residents > 0 ? live->residents : whole;
    BG_TRY(bg_need(live->district = bg_arena_array(live->arena, PLACES_MAX, sizeof *live->district)));
    memcpy(live->district, live->place, (size_t)live->places * sizeof *live->district);
    live->districts = live->places;
    if (!live->by_district) {
        live->places = 0;
        struct place *city = place_of(live, 0);
        city->residents = live->residents;
    }
    if (live->known) {
        add_cases(live, list, count);
    }
    return BG_DONE;
}

static bg_err read_rounds(struct live *live)
{
    struct reserve_round *list;
    size_t count;
    BG_TRY(reserve_round_list(live->tx, live->which->city, BG_TIME_NONE, live->arena, &list, &count));
    for (size_t i = 0; i < count && live->rounds < ROUNDS_MAX; i++) {
        bool to_come = list[i].state == RESERVE_ROUND_PLANNED || list[i].state == RESERVE_ROUND_ORDERED;
        if (to_come && list[i].day > live->date && list[i].day - live->date <= live->which->days) {
            live->round[live->rounds++] = &list[i];
        }
    }
    return BG_DONE;
}

/* --- writing --- */

static const char *code_of(struct live *live, int64_t district)
{
    return district == 0 ? "city" : bg_arena_text(live->arena, "%06lld", (long long)district);
}

static void put_places(struct live *live)
{
    struct bg_buf *out = live->out;
    bg_json_key(out, "places");
    bg_json_array(out);
    for (int p = 0; p < live->places; p++) {
        const struct place *place = &live->place[p];
        bg_json_object(out);
        bg_json_put_str(out, "code", bg_str_of(code_of(live, place->district)));
        bg_json_put_int(out, "residents", place->residents);
        if (live->past > 0) {
            bg_json_key(out, "cases");
            bg_json_array(out);
            for (int t = PAST_DAYS - live->past; t < PAST_DAYS; t++) {
                bg_json_int(out, place->cases[t]);
            }
            bg_json_array_end(out);
        }
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

/* Share of the residents of the city that a round of some districts samples, where the document has one place only. */
static double share_of(const struct live *live, const struct reserve_round *round)
{
    double share = (double)round->share_permille / 1000;
    int64_t people = 0, district;
    if (round->districts.len == 0 || live->by_district || live->residents == 0) {
        return share;
    }
    for (bg_str rest = round->districts; rest.len > 0;) {
        size_t end = bg_str_find(rest, ' ');
        for (int i = 0; bg_str_int(bg_str_cut(rest, 0, end), &district) && i < live->districts; i++) {
            people += live->district[i].district == district ? live->district[i].residents : 0;
        }
        rest = bg_str_trim(bg_str_cut(rest, end, rest.len));
    }
    return people > 0 && people < live->residents ? share * (double)people / (double)live->residents : share;
}

static void put_round(struct live *live, int day, double share, bg_str districts)
{
    struct bg_buf *out = live->out;
    bg_json_object(out);
    bg_json_put_int(out, "day", day);
    bg_json_put_double(out, "share", share);
    if (districts.len > 0 && live->by_district) {
        bg_json_key(out, "places");
        bg_json_array(out);
        for (bg_str rest = districts; rest.len > 0;) {
            size_t end = bg_str_find(rest, ' ');
            bg_json_str(out, bg_str_cut(rest, 0, end));
            rest = bg_str_trim(bg_str_cut(rest, end, rest.len));
        }
        bg_json_array_end(out);
    }
    bg_json_object_end(out);
}

/* One course that measures may take: what is ordered and planned, and `more` rounds behind it, three days apart. */
static void put_scenario(struct live *live, const char *name, int weight, int more)
{
    struct bg_buf *out = live->out;
    int last = 0;
    bg_json_object(out);
    bg_json_put_str(out, "name", bg_str_of(name));
    bg_json_put_int(out, "weight", weight);
    bg_json_key(out, "rounds");
    bg_json_array(out);
    for (int r = 0; r < live->rounds; r++) {
        last = live->round[r]->day - live->date;
        put_round(live, last, share_of(live, live->round[r]), live->round[r]->districts);
    }
    for (int i = 0; i < more; i++) {
        last += 3;
        if (last <= live->which->days) {
            put_round(live, last, (double)SHARE_USUAL / 1000, BG_STR(""));
        }
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static void put_rounds(struct live *live)
{
    if (live->rounds == 0 && live->recent == 0) {
        return;
    }
    bg_json_key(live->out, "rounds");
    bg_json_array(live->out);
    put_scenario(live, "as-ordered", 2, 0);
    put_scenario(live, "one-more", 1, 1);
    put_scenario(live, "two-more", 1, 2);
    bg_json_array_end(live->out);
}

/* Depots whose stock the city's plan counts on. */
static bool counts(const struct ledger_place *place)
{
    return place != NULL && (place->kind == LEDGER_PLACE_RESERVE || place->kind == LEDGER_PLACE_DISTRICT ||
                             place->kind == LEDGER_PLACE_AREA || place->kind == LEDGER_PLACE_FORWARD);
}

struct sum {
    int64_t stock, standard, soon, inspecting, producing, lead;
};

static struct sum sum_of(const struct live *live, int64_t item)
{
    struct sum sum = { .lead = RESERVE_LEAD_DAYS };
    for (size_t i = 0; i < live->view.cell_count; i++) {
        const struct reserve_cell *cell = &live->view.cells[i];
        if (cell->stock.item != item || !counts(reserve_view_place(&live->view, cell->stock.place))) {
            continue;
        }
        sum.stock += cell->counted;
        sum.standard += cell->standard > 0 ? cell->standard : 0;
        sum.soon += cell->stock.by_status[LEDGER_RECEIVING] + ledger_seven_of(&cell->stock).in_transit;
        sum.inspecting += cell->stock.by_status[LEDGER_INSPECTING];
        sum.producing += cell->stock.by_status[LEDGER_PRODUCING];
        sum.lead = cell->lead_days > 0 && cell->lead_days < sum.lead ? cell->lead_days : sum.lead;
    }
    return sum;
}

static void put_inflow(struct live *live, const struct sum *sum)
{
    int64_t lead = sum->lead > 0 ? sum->lead : RESERVE_LEAD_DAYS;
    if (sum->soon + sum->inspecting + sum->producing == 0) {
        return;
    }
    bg_json_key(live->out, "inflow");
    bg_json_array(live->out);
    for (int64_t day = 1; day <= live->which->days; day++) {
        bg_json_int(live->out, (day == 1 ? sum->soon : 0) + (day == LEAD_INSPECTING ? sum->inspecting : 0) +
                                   (day == lead ? sum->producing : 0));
    }
    bg_json_array_end(live->out);
}

static bool wanted(const struct ledger_item *item)
{
    return item->key_item && item->active && solve_item_known(item->code);
}

static int put_items(struct live *live)
{
    struct bg_buf *out = live->out;
    int count = 0;
    bg_json_key(out, "items");
    bg_json_array(out);
    for (size_t i = 0; i < live->view.item_count; i++) {
        if (wanted(&live->view.items[i])) {
            bg_json_str(out, live->view.items[i].code);
            count++;
        }
    }
    bg_json_array_end(out);
    return count;
}

static void put_stocks(struct live *live)
{
    struct bg_buf *out = live->out;
    bg_json_key(out, "stocks");
    bg_json_array(out);
    for (size_t i = 0; i < live->view.item_count; i++) {
        const struct ledger_item *item = &live->view.items[i];
        if (!wanted(item)) {
            continue;
        }
        struct sum sum = sum_of(live, item->id);
        bg_json_object(out);
        bg_json_put_str(out, "item", item->code);
        bg_json_put_int(out, "stock", sum.stock);
        bg_json_put_int(out, "base", sum.standard > 0 ? sum.standard : sum.stock);
        put_inflow(live, &sum);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_run(struct live *live)
{
    struct bg_buf *out = live->out;
    char date[11];
    bg_date_text(live->date, date);
    bg_json_put_str(out, "date", bg_str_of(date));
    bg_json_put_int(out, "days", live->which->days);
    bg_json_put_int(out, "paths", live->which->paths);
    bg_json_put_int(out, "seed", 1);
    bg_json_put_str(out, "mode", BG_STR("normal"));
    if (live->past > 0) {
        bg_json_put_str(out, "scenario", BG_STR("controlled"));
    }
}

/* The city's own versions stand in the document, so that it says what was computed with; shipped ones need not. */
static bg_err put_tables(struct live *live)
{
    bool any = false, own;
    bg_str content;
    for (const char *const *name = solve_table_names; *name != NULL; name++) {
        BG_TRY(basis_table_get(live->tx, live->which->city, *name, live->arena, &content, &own));
        if (own && !any) {
            bg_json_key(live->out, "tables");
            bg_json_object(live->out);
            any = true;
        }
        if (own) {
            bg_json_put_str(live->out, *name, content);
        }
    }
    if (any) {
        bg_json_object_end(live->out);
    }
    return BG_DONE;
}

/* The document of one method, and how many items it has. */
static bg_err put_document(struct live *live, bool standard, int *ret_items)
{
    bg_json_object(live->out);
    put_run(live);
    BG_TRY(put_tables(live));
    put_places(live);
    put_rounds(live);
    *ret_items = put_items(live);
    if (standard) {
        bg_json_put_int(live->out, "level", live->view.level.level);
        put_stocks(live);
        bg_json_key(live->out, "uplifts_percent");
        bg_json_raw(live->out, BG_STR("[0,20,40,60,100,200]"));
    } else {
        bg_json_key(live->out, "horizons");
        bg_json_array(live->out);
        for (int day = 1; day <= live->which->days; day++) {
            bg_json_int(live->out, day);
        }
        bg_json_array_end(live->out);
    }
    bg_json_object_end(live->out);
    return BG_DONE;
}

static void put_meta(struct live *live, int items)
{
    struct bg_buf *out = live->out;
    char text[11];
    bg_json_put_int(out, "items", items);
    bg_json_put_int(out, "level", live->view.level.level);
    bg_date_text(live->today, text);
    bg_json_put_str(out, "today", bg_str_of(text));
    bg_date_text(live->date, text);
    bg_json_put_str(out, "date", bg_str_of(text));
    bg_json_put_str(out, "cases", !live->known ? BG_STR("none") : live->by_district ? BG_STR("districts") : BG_STR("city"));
    bg_json_put_bool(out, "stale", live->stale);
    bg_json_put_int(out, "cases_7", live->recent);
    bg_json_put_int(out, "residents", live->residents);
    bg_json_put_int(out, "rounds", live->rounds);
    bg_json_key(out, "stocks");
    bg_json_array(out);
    for (size_t i = 0; i < live->view.item_count; i++) {
        const struct ledger_item *item = &live->view.items[i];
        if (wanted(item)) {
            struct sum sum = sum_of(live, item->id);
            bg_json_object(out);
            bg_json_put_id(out, "id", item->id);
            bg_json_put_str(out, "code", item->code);
            bg_json_put_str(out, "name_zh", item->name_zh);
            bg_json_put_str(out, "name_en", item->name_en);
            bg_json_put_str(out, "unit", item->unit);
            bg_json_put_int(out, "stock", sum.stock);
            bg_json_put_int(out, "standard", sum.standard);
            bg_json_put_int(out, "receiving", sum.soon);
            bg_json_put_int(out, "inspecting", sum.inspecting);
            bg_json_put_int(out, "producing", sum.producing);
            bg_json_put_int(out, "lead_days", sum.lead);
            bg_json_object_end(out);
        }
    }
    bg_json_array_end(out);
}

bg_err basis_live_get(struct store_tx *tx, const struct basis_live *which, struct bg_arena *arena, struct bg_buf *out)
{
    struct live *live = bg_arena_get(arena, sizeof *live);
    BG_TRY(bg_need(live));
    *live = (struct live){ .tx = tx, .arena = arena, .which = which, .out = out };
    const struct reserve_which whole = { .city = which->city, .at = BG_TIME_NONE, .known_at = BG_TIME_NONE, .now = which->now };
    BG_TRY(reserve_view_get(tx, &whole, arena, &live->view));
    live->today = live->view.date;
    BG_TRY(read_figures(live));
    BG_TRY(read_rounds(live));
    bg_json_key(out, "standard");
    int items;
    BG_TRY(put_document(live, true, &items));
    bg_json_key(out, "demand");
    BG_TRY(put_document(live, false, &items));
    put_meta(live, items);
    return bg_buf_check(out);
}
