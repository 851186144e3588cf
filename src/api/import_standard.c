/* Standards of the reserve as a table: what a place should hold of an item at a level, from a date on. Versions are never
 * changed. */
#include <stdio.h>
#include <string.h>

#include "api/import_catalogue.h"
#include "reserve/reserve.h"

static const struct table_word bases[] = { { RESERVE_QUANTITY, "quantity", "数量", "quantity" },
                                           { RESERVE_COVER, "cover", "保障天数", "days of cover" },
                                           { 0 } };
enum { ITEM, PLACE, LEVEL, FROM, BASIS, QTY, DAYS, LEAD, NOTE };
static const struct table_column columns[] = {
    { .name = "item", .zh = "物资编码", .en = "item code", .required = true, .max = 64 },
    { .name = "place", .zh = "地点编码", .en = "place code", .required = true, .max = 64 },
    { .name = "level",
      .zh = "储备级别",
      .en = "reserve level",
      .aliases = "级别",
      .type = TABLE_INT,
      .required = true,
      .min = 1,
      .max = RESERVE_LEVELS },
    { .name = "from", .zh = "生效日期", .en = "in force from", .aliases = "日期|date", .type = TABLE_DATE, .required = true },
    { .name = "basis", .zh = "依据", .en = "basis", .type = TABLE_WORD, .words = bases },
    { .name = "qty", .zh = "标准数量", .en = "quantity", .aliases = "数量|标准", .type = TABLE_INT },
    { .name = "days", .zh = "保障天数", .en = "days of cover", .aliases = "天数", .max = 12 },
    { .name = "lead_days", .zh = "到货天数", .en = "lead time in days", .type = TABLE_INT, .max = 365 },
    { .name = "note", .zh = "说明", .en = "note", .aliases = "备注", .max = 400 },
    { .name = NULL },
};

/* "7", "2.5", "0.125" days in thousandths. */
static bool read_milli(bg_str text, int64_t *ret)
{
    text = bg_str_trim(text);
    size_t point = bg_str_find(text, '.');
    int64_t whole, part = 0, unit = 100;
    if (point > 6 || !bg_str_int(bg_str_cut(text, 0, point), &whole) || whole < 0) {
        return false;
    }
    for (size_t i = point + 1; i < text.len; i++, unit /= 10) {
        if (text.at[i] < '0' || text.at[i] > '9' || unit == 0) {
            return false;
        }
        part += (text.at[i] - '0') * unit;
    }
    *ret = whole * 1000 + part;
    return true;
}

/* The version that the file's row says is there already. */
static bool same(const struct reserve_standard *a, const struct reserve_standard *b)
{
    return a->level == b->level && a->from == b->from && a->basis == b->basis && a->qty == b->qty &&
           a->cover_milli == b->cover_milli && a->lead_days == b->lead_days && bg_str_eq(a->note, b->note);
}

/* The newest version for this level and date is the one that counts. */
static bg_err known(struct importing *run, const struct reserve_standard *wanted, bool *ret)
{
    struct reserve_standard *list;
    size_t count;
    *ret = false;
    BG_TRY(reserve_standard_list(run->store, run->city, wanted->item, wanted->place, 0, 10000, run->arena, &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (list[i].level == wanted->level && list[i].from == wanted->from) {
            *ret = same(&list[i], wanted);
        }
    }
    return BG_DONE;
}

static void read_amount(struct importing *run, const struct table_cell *cells, struct reserve_standard *line)
{
    bool cover = cells[BASIS].given ? cells[BASIS].i == RESERVE_COVER : !cells[QTY].given;
    line->basis = cover ? RESERVE_COVER : RESERVE_QUANTITY;
    if (cover && !cells[DAYS].given) {
        (void)import_refuse(run, cells[BASIS].given ? DAYS : QTY, BG_FAIL_AT(BG_TABLE_EMPTY, "qty"));
    } else if (cover && !read_milli(cells[DAYS].s, &line->cover_milli)) {
        (void)import_refuse(run, DAYS, BG_FAIL_AT(BG_TABLE_NUMBER, "days"));
    } else if (!cover && !cells[QTY].given) {
        (void)import_refuse(run, QTY, BG_FAIL_AT(BG_TABLE_EMPTY, "qty"));
    } else if (!cover) {
        line->qty = cells[QTY].i;
    }
}

static bg_err standard_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct reserve_standard line = { .level = (int)cells[LEVEL].i,
                                     .from = (bg_date)cells[FROM].i,
                                     .lead_days = cells[LEAD].given ? cells[LEAD].i : 0,
                                     .note = cells[NOTE].given ? cells[NOTE].s : BG_STR("") };
    const struct reserve_standards in = { .lines = &line, .count = 1 };
    bool refused, there;
    BG_TRY(import_refer(run, cells, ITEM, ledger_item_find, &line.item, &refused));
    BG_TRY(import_refer(run, cells, PLACE, ledger_place_find, &line.place, &refused));
    import_need_place(run, PLACE, line.place);
    read_amount(run, cells, &line);
    if (run->errors.count > 0) {
        return BG_DONE;
    }
    BG_TRY(known(run, &line, &there));
    const char *key =
        bg_arena_text(run->arena, "%lld %lld %d %d", (long long)line.item, (long long)line.place, line.level, line.from);
    bool put;
    BG_TRY(import_once(run, !there, key, ret, &put));
    return put ? import_judge(run, -1, reserve_standard_put_in(run->tx, run->change, &in), &refused) : BG_DONE;
}

static bg_str milli_text(struct exporting *run, int64_t milli)
{
    const char *text = milli % 1000 == 0
                           ? bg_arena_text(run->arena, "%lld", (long long)(milli / 1000))
                           : bg_arena_text(run->arena, "%lld.%03lld", (long long)(milli / 1000), (long long)(milli % 1000));
    return text != NULL ? bg_str_of(text) : BG_STR("");
}

static bg_err standard_write(struct exporting *run, const struct reserve_standard *line)
{
    struct ledger_item item;
    struct ledger_place place;
    bool cover = line->basis == RESERVE_COVER;
    BG_TRY(ledger_item_get(run->store, run->city, line->item, run->arena, &item));
    BG_TRY(ledger_place_get(run->store, run->city, line->place, run->arena, &place));
    const bg_str fields[] = { item.code,
                              place.code,
                              export_int(run, line->level),
                              export_date(run, line->from),
                              bg_str_of(import_slug(bases, line->basis)),
                              cover ? BG_STR("") : export_int(run, line->qty),
                              cover ? milli_text(run, line->cover_milli) : BG_STR(""),
                              line->lead_days != 0 ? export_int(run, line->lead_days) : BG_STR(""),
                              line->note };
    return export_row(run, fields);
}

/* A later version for the same level and date has taken the place of this one. */
static bg_err overtaken(struct exporting *run, const struct reserve_standard *line, bool *ret)
{
    struct reserve_standard *later;
    size_t count;
    *ret = false;
    BG_TRY(reserve_standard_list(run->store, run->city, line->item, line->place, line->id, 10000, run->arena, &later, &count));
    for (size_t i = 0; i < count; i++) {
        *ret = *ret || (later[i].level == line->level && later[i].from == line->from);
    }
    return BG_DONE;
}

static bg_err standard_list(struct exporting *run)
{
    struct reserve_standard *list;
    size_t count = EXPORT_PAGE;
    for (int64_t after = 0; count == EXPORT_PAGE;) {
        bg_arena_reset(run->arena);
        BG_TRY(reserve_standard_list(run->store, run->city, 0, 0, after, EXPORT_PAGE, run->arena, &list, &count));
        for (size_t i = 0; i < count; i++) {
            bool old;
            after = list[i].id;
            BG_TRY(overtaken(run, &list[i], &old));
            if (!old && import_scope_has(&run->opts->scope, list[i].place)) {
                BG_TRY(standard_write(run, &list[i]));
            }
        }
    }
    return BG_DONE;
}

const struct import_kind import_standards = { .name = "standards",
                                              .zh = "储备标准",
                                              .en = "standards",
                                              .columns = columns,
                                              .placed = true,
                                              .row = standard_row,
                                              .list = standard_list };
