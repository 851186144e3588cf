/* Where a standard comes from (测算依据): the version, the draw, the uplifts, and the formula in words. */
#include <string.h>

#include "reserve/impl.h"

/* 1234567 as 1,234,567. */
static void put_number(struct bg_buf *out, int64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)value);
    for (int i = 0; i < len; i++) {
        bg_buf_byte(out, digits[i]);
        if ((len - 1 - i) % 3 == 0 && i != len - 1) {
            bg_buf_byte(out, ',');
        }
    }
}

/* Thousandths without needless noughts: 1400 as 1.4. */
static void put_milli(struct bg_buf *out, int64_t milli)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%lld.%03lld", (long long)(milli / 1000), (long long)(milli % 1000));
    while (len > 0 && text[len - 1] == '0') {
        len--;
    }
    len -= text[len - 1] == '.' ? 1 : 0;
    bg_buf_add(out, (bg_str){ text, (size_t)len });
}

static void put_formula(const struct reserve_cell *cell, const struct reserve_standard *row, const struct reserve_uplift_cell *uplifts,
                        size_t count, struct bg_buf *out)
{
    BG_SCOPED_BUF text = bg_buf_init(4096);
    if (row->basis == RESERVE_COVER) {
        put_milli(&text, row->cover_milli);
        bg_buf_add(&text, BG_STR(" × "));
        put_number(&text, cell->draw_sum);
        bg_buf_add(&text, BG_STR(" ÷ "));
        put_number(&text, cell->draw_days);
    } else {
        put_number(&text, row->qty);
    }
    for (size_t i = 0; i < count && i < 20; i++) {
        bg_buf_add(&text, BG_STR(" × "));
        put_milli(&text, uplifts[i].factor_permille);
    }
    if (row->basis == RESERVE_COVER || count > 0) {
        bg_buf_add(&text, BG_STR(" = "));
        put_number(&text, cell->standard);
    }
    bg_json_put_str(out, "formula", bg_buf_str(&text));
}

static void put_row(const struct reserve_standard *row, struct bg_buf *out)
{
    char from[11];
    bg_date_text(row->from, from);
    bg_json_key(out, "standard");
    bg_json_object(out);
    bg_json_put_id(out, "id", row->id);
    bg_json_put_int(out, "level", row->level);
    bg_json_put_str(out, "from", bg_str_of(from));
    bg_json_put_str(out, "basis", bg_str_of(reserve_basis_slugs[row->basis - 1]));
    bg_json_put_int(out, row->basis == RESERVE_COVER ? "cover_milli" : "quantity",
                    row->basis == RESERVE_COVER ? row->cover_milli : row->qty);
    bg_json_put_str(out, "note", row->note);
    bg_json_object_end(out);
}

static void put_uplifts(const struct reserve_uplift_cell *uplifts, size_t count, struct bg_buf *out)
{
    bg_json_key(out, "uplifts");
    bg_json_array(out);
    for (size_t i = 0; i < count; i++) {
        char due[11];
        bg_date_text(uplifts[i].due, due);
        bg_json_object(out);
        bg_json_put_id(out, "id", uplifts[i].uplift);
        bg_json_put_int(out, "factor_permille", uplifts[i].factor_permille);
        bg_json_put_str(out, "due", bg_str_of(due));
        bg_json_put_str(out, "why", uplifts[i].why);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

bg_err reserve_basis_json(struct store_tx *tx, const struct reserve_which *which, struct bg_arena *arena, struct bg_buf *out)
{
    struct reserve_view view;
    struct reserve_standard *rows;
    struct reserve_uplift_cell *uplifts;
    size_t row_count, count;
    BG_SCOPED_ARENA room = bg_arena_open((size_t)64 << 20);
    BG_TRY(bg_need(room));
    BG_TRY(reserve_view_get(tx, which, room, &view));
    int level = which->level != 0 ? which->level : view.level.level;
    bg_ms known = which->known_at == BG_TIME_NONE ? INT64_MAX : which->known_at;
    BG_TRY(reserve_standards_in_force(tx, which, level, view.date, known, arena, &rows, &row_count));
    BG_TRY(reserve_uplifts_in_force(tx, which, view.date, view.at, known, arena, &uplifts, &count));
    const struct reserve_cell *cell = NULL;
    for (size_t i = 0; i < view.cell_count; i++) {
        cell = view.cells[i].stock.item == which->item && view.cells[i].stock.place == which->place ? &view.cells[i] : cell;
    }
    if (cell == NULL || row_count != 1 || cell->standard_id != rows[0].id) {
        return BG_FAIL_AT(BG_NOT_FOUND, "item");
    }
    bg_json_object(out);
    bg_json_put_id(out, "item", which->item);
    bg_json_put_id(out, "place", which->place);
    bg_json_put_int(out, "level", level);
    put_row(&rows[0], out);
    bg_json_put_int(out, "draw_sum", cell->draw_sum);
    bg_json_put_int(out, "draw_days", cell->draw_days);
    put_uplifts(uplifts, count, out);
    bg_json_key(out, "quantity");
    if (cell->standard < 0) {
        bg_json_null(out); /* days of cover of a draw that nobody has recorded */
    } else {
        bg_json_int(out, cell->standard);
        put_formula(cell, &rows[0], uplifts, count, out);
    }
    bg_json_object_end(out);
    return BG_DONE;
}
