/* Draw (what left a place's stock for use, for a receiver or for another place) by day, and usable stock by last day of use. */
#include <stdlib.h>
#include <string.h>

#include "ledger/catalogue.h"
#include "ledger/image.h"

#define PAGE 2000

static bool stocked(int64_t status)
{
    return status == LEDGER_USABLE || status == LEDGER_DISCREPANCY;
}

/* Handing over and sending draw, unless the goods are written off or go back to where they were bought; use draws, and unused goods given
 * back take the draw back. */
static int sign_of(int kind, int64_t from, int64_t to)
{
    if (kind == LEDGER_KIND_USE) {
        return (stocked(from) && to == LEDGER_USED) - (from == LEDGER_USED && stocked(to));
    }
    if (kind == LEDGER_KIND_ISSUE || kind == LEDGER_KIND_SEND) {
        return stocked(from) && to != LEDGER_DISCREPANCY && to != LEDGER_LOST && to != LEDGER_SOURCE;
    }
    return 0;
}

int draw_sign(const struct image_document *document, const struct image_movement *m)
{
    int64_t from = m->from->key[ACCOUNT_STATUS], to = m->to->key[ACCOUNT_STATUS];
    if (document->kind == LEDGER_KIND_REVERSE) { /* the same movement the other way round */
        return -sign_of(document->reversed_kind, to, from);
    }
    return sign_of(document->kind, from, to);
}

struct draw_total {
    int64_t key[5]; /* city, day, place, item, known_day */
    int64_t qty;
};

bg_err draw_apply(struct image *image)
{
    struct table draws = table_init(image->arena, 5);
    for (const struct image_document *document = image->documents; document != NULL; document = document->next) {
        bg_date day = image_day(image, document, document->occurred_at),
                known = image_day(image, document, document->recorded_at);
        for (const struct image_movement *m = document->movements; m != NULL; m = m->next) {
            int sign = draw_sign(document, m);
            const struct image_account *at = sign < 0 ? m->to : m->from;
            const int64_t key[] = { at->key[ACCOUNT_CITY], day, at->key[ACCOUNT_PLACE], at->key[ACCOUNT_ITEM], known };
            struct draw_total *total;
            if (sign != 0) {
                BG_TRY(table_need(&draws, key, sizeof *total, &total, NULL));
                total->qty += sign * m->qty;
            }
        }
    }
    table_sort(&draws);
    struct store_val *values = bg_arena_array(image->arena, draws.count * 6 + 1, sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < draws.count; i++) {
        const struct draw_total *total = draws.all[i];
        for (int k = 0; k < 5; k++) {
            values[i * 6 + (size_t)k] = V_INT(total->key[k]);
        }
        values[i * 6 + 5] = V_INT(total->qty);
    }
    return draws.count == 0 ? BG_DONE : store_run_many(change_store(image->tx), SQL_LEDGER_DRAW_ADD, values, 6, draws.count);
}

static bg_err read_draw(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    *(struct ledger_draw *)entry = (struct ledger_draw){
        .day = (bg_date)store_int(rows, 0), .place = store_int(rows, 1), .item = store_int(rows, 2), .qty = store_int(rows, 3)
    };
    return BG_DONE;
}

bg_err ledger_draw_list(struct store_tx *tx, const struct ledger_draws *which, struct bg_arena *arena, struct ledger_draw **ret,
                        size_t *ret_count)
{
    struct ledger_city city;
    BG_TRY(ledger_city_get(tx, which->city, &city));
    int64_t known = which->known_at == BG_TIME_NONE ? INT32_MAX : bg_date_at(which->known_at, city.offset_min);
    return read_rows(
        tx, SQL_LEDGER_DRAW_LIST,
        ARGS(V_INT(which->city), V_INT(which->from), V_INT(which->to), V_INT(known), V_INT(which->place), V_INT(which->item)),
        arena, sizeof **ret, read_draw, ret, ret_count);
}

/* --- expiry --- */

static bg_err read_expiry(struct store_rows *rows, struct bg_arena *arena, void *entry)
{
    (void)arena;
    *(struct ledger_expiry *)entry = (struct ledger_expiry){
        .item = store_int(rows, 0), .place = store_int(rows, 1), .expiry = (bg_date)store_int(rows, 2), .qty = store_int(rows, 3)
    };
    return BG_DONE;
}

/* As of the past: through the accounts, page by page. */
static bg_err expiry_then(struct store_tx *tx, const struct ledger_expiries *which, struct bg_arena *arena,
                          struct ledger_expiry **ret, size_t *ret_count)
{
    struct ledger_key after;
    struct ledger_accounts page = { .city = which->city,
                                    .item = which->item,
                                    .place = which->place,
                                    .status = LEDGER_USABLE,
                                    .at = which->at,
                                    .known_at = which->known_at,
                                    .max = PAGE };
    struct ledger_expiry *list = NULL;
    size_t count = 0, room = 0, got;
    do {
        struct ledger_account *accounts;
        BG_TRY(ledger_account_list(tx, &page, arena, &accounts, &got));
        if (room - count < got) {
            size_t wider = room * 2 + got;
            struct ledger_expiry *more = bg_arena_array(arena, wider, sizeof *more);
            BG_TRY(bg_need(more));
            if (count > 0) {
                memcpy(more, list, count * sizeof *list);
            }
            list = more;
            room = wider;
        }
        for (size_t i = 0; i < got; i++) {
            const struct ledger_account *a = &accounts[i];
            if (a->expiry != BG_DATE_NONE && a->expiry <= which->until && a->qty > 0) {
                list[count++] =
                    (struct ledger_expiry){ .item = a->key.item, .place = a->key.place, .expiry = a->expiry, .qty = a->qty };
            }
        }
        if (got > 0) {
            after = accounts[got - 1].key;
            page.after = &after;
        }
    } while (got == PAGE);
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

bg_err ledger_expiry_list(struct store_tx *tx, const struct ledger_expiries *which, struct bg_arena *arena,
                          struct ledger_expiry **ret, size_t *ret_count)
{
    if (which->at != BG_TIME_NONE || which->known_at != BG_TIME_NONE) {
        return expiry_then(tx, which, arena, ret, ret_count);
    }
    return read_rows(tx, SQL_LEDGER_EXPIRY_LIST,
                     ARGS(V_INT(which->city), V_INT(which->until), V_INT(which->item), V_INT(which->place)),
                     arena, sizeof **ret, read_expiry, ret, ret_count);
}
