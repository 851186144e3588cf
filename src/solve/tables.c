/* Reading the tables of the demand model. */
#include "solve/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/csv.h"

#define ROWS_MAX 5000

#define SHIPPED(name) extern const char solve_table_##name[], solve_table_##name##_end[]
SHIPPED(drivers);
SHIPPED(staffing);
SHIPPED(kits);
SHIPPED(direct);
SHIPPED(items);

struct sheet {
    const char *name; /* "tables.staffing" */
    struct bg_arena *arena;
    size_t columns, rows;
    bg_str *header, *cells;
};

static bg_err refuse(const struct sheet *s, size_t row, const char *column, bg_str value, const char *zh, const char *en)
{
    BG_SCOPED_BUF facts = bg_buf_init(2000);
    bg_json_put_int(&facts, "row", (int64_t)row + 2);
    bg_json_put_str(&facts, "column", bg_str_of(column));
    bg_json_put_str(&facts, "value", bg_str_cut(value, 0, 60));
    bg_json_put_str(&facts, "reason", bg_str_of(zh));
    bg_json_put_str(&facts, "reason_en", bg_str_of(en));
    return BG_FAIL_WITH(BG_BAD_INPUT, s->name, bg_arena_copy(s->arena, bg_buf_str(&facts)).at);
}

static bg_err keep_row(struct sheet *s, const struct csv_row *row)
{
    if (s->columns == 0) {
        s->columns = row->count;
        s->header = bg_arena_array(s->arena, row->count + 1, sizeof *s->header);
        s->cells = bg_arena_array(s->arena, row->count * ROWS_MAX, sizeof *s->cells);
        BG_TRY(bg_need(s->header));
        BG_TRY(bg_need(s->cells));
        for (size_t c = 0; c < row->count; c++) {
            s->header[c] = bg_arena_copy(s->arena, row->fields[c]);
            BG_TRY(bg_need(s->header[c].at));
        }
        return BG_DONE;
    }
    if (row->count != s->columns || s->rows >= ROWS_MAX) {
        return refuse(s, s->rows, "", BG_STR(""), "列数与表头不符，或行数超过 5000",
                      "not the header's columns, or more than 5,000 rows");
    }
    for (size_t c = 0; c < row->count; c++) {
        bg_str copy = bg_arena_copy(s->arena, bg_str_trim(row->fields[c]));
        BG_TRY(bg_need(copy.at));
        s->cells[s->rows * s->columns + c] = copy;
    }
    s->rows++;
    return BG_DONE;
}

static bg_err sheet_read(const char *name, bg_str text, struct bg_arena *arena, struct sheet *ret)
{
    struct input *input;
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    *ret = (struct sheet){ .name = name, .arena = arena };
    BG_TRY(input_open_bytes(text, &input));
    bg_err e = csv_open(input, &(struct csv_opts){ .encoding = TEXT_UTF8, .delimiter = ',' }, &csv);
    while (!bg_failed(e) && more) {
        e = csv_next(csv, &row, &more);
        if (!bg_failed(e) && more) {
            e = row.count > 40 ? refuse(ret, 0, "", BG_STR(""), "列数超过 40", "more than 40 columns") : keep_row(ret, &row);
        }
    }
    csv_close(csv);
    input_close(input);
    if (!bg_failed(e) && ret->columns == 0) {
        return refuse(ret, 0, "", BG_STR(""), "表是空的", "the table is empty");
    }
    if (bg_failed(e) && e.field == NULL) {
        e.field = name;
    }
    return e;
}

static bg_err cell(const struct sheet *s, size_t row, const char *column, bg_str *ret)
{
    for (size_t c = 0; c < s->columns; c++) {
        if (bg_str_is(s->header[c], column)) {
            *ret = s->cells[row * s->columns + c];
            return BG_DONE;
        }
    }
    return refuse(s, 0, column, BG_STR(""), "缺少该列", "the column is missing");
}

/* An empty cell is `empty`; NaN there: it must be given. */
static bg_err number(const struct sheet *s, size_t row, const char *column, double min, double max, double empty, double *ret)
{
    bg_str text;
    char *end;
    BG_TRY(cell(s, row, column, &text));
    double value = text.len > 0 ? strtod(text.at, &end) : empty;
    if (isnan(value) || (text.len > 0 && (size_t)(end - text.at) != text.len) || value < min || value > max) {
        return refuse(s, row, column, text, bg_arena_text(s->arena, "应为 %.15g 至 %.15g 的数", min, max),
                      bg_arena_text(s->arena, "a number from %.15g to %.15g is wanted", min, max));
    }
    *ret = value;
    return BG_DONE;
}

static bg_err three(const struct sheet *s, size_t row, double max, double ret[3])
{
    BG_TRY(number(s, row, "low", 0, max, (double)NAN, &ret[0]));
    BG_TRY(number(s, row, "middle", 0, max, (double)NAN, &ret[1]));
    BG_TRY(number(s, row, "high", 0, max, (double)NAN, &ret[2]));
    bg_str text;
    BG_TRY(cell(s, row, "middle", &text));
    return ret[0] <= ret[1] && ret[1] <= ret[2]
               ? BG_DONE
               : refuse(s, row, "middle", text, "应不小于低值、不大于高值", "low, middle and high must rise");
}

static bg_err cv_of(const struct sheet *s, size_t row, double *ret)
{
    BG_TRY(number(s, row, "cv", 0, 4, 0.5, ret));
    bg_str text;
    BG_TRY(cell(s, row, "cv", &text));
    return *ret == 0 || *ret >= 0.0001 ? BG_DONE : refuse(s, row, "cv", text, "应为 0 或不小于 0.0001", "0, or 0.0001 and more");
}

static bg_err find_driver(const struct sheet *s, size_t row, const char *column, const struct tables *t, int *ret)
{
    bg_str text;
    BG_TRY(cell(s, row, column, &text));
    *ret = tables_find_driver(t, text);
    return *ret >= 0 ? BG_DONE : refuse(s, row, column, text, "驱动量表中没有", "not in the table of drivers");
}

static bg_err find_item(const struct sheet *s, size_t row, const struct tables *t, int *ret)
{
    bg_str text;
    BG_TRY(cell(s, row, "item", &text));
    *ret = tables_find_item(t, text);
    return *ret >= 0 ? BG_DONE : refuse(s, row, "item", text, "物资表中没有", "not in the table of items");
}

static bg_err find_level(const struct sheet *s, size_t row, struct tables *t, bool add, int *ret)
{
    bg_str text;
    BG_TRY(cell(s, row, "level", &text));
    for (int l = 0; l < t->levels; l++) {
        if (bg_str_eq(t->level[l], text)) {
            *ret = l;
            return BG_DONE;
        }
    }
    if (!add || text.len == 0 || t->levels >= DEMAND_LEVELS_MAX) {
        return refuse(s, row, "level", text, "没有这个防护级别，或级别过多", "no such level of protection, or too many");
    }
    t->level[t->levels] = text;
    *ret = t->levels++;
    return BG_DONE;
}

static bg_err words(const struct sheet *s, size_t row, bg_str *zh, bg_str *en, const char *zh_name, const char *en_name,
                    bg_str *source)
{
    BG_TRY(cell(s, row, zh_name, zh));
    BG_TRY(cell(s, row, en_name, en));
    return cell(s, row, "source", source);
}

static bg_err read_driver(const struct sheet *s, size_t row, struct tables *t)
{
    static const char *const rules[] = { "fixed", "new", "stay", "total", "round", "after" };
    struct tables_driver *d = &t->driver[t->drivers];
    bg_str rule, text;
    double days;
    BG_TRY(cell(s, row, "driver", &d->name));
    if (d->name.len == 0 || tables_find_driver(t, d->name) >= 0) {
        return refuse(s, row, "driver", d->name, "名称为空或重复", "empty, or there already");
    }
    BG_TRY(words(s, row, &d->zh, &d->en, "name_zh", "name_en", &d->source));
    BG_TRY(cell(s, row, "unit_zh", &d->unit_zh));
    BG_TRY(cell(s, row, "unit_en", &d->unit_en));
    BG_TRY(cell(s, row, "rule", &rule));
    int at = 0;
    while (at < DEMAND_RULES && !bg_str_is(rule, rules[at])) {
        at++;
    }
    if (at == DEMAND_RULES) {
        return refuse(s, row, "rule", rule, "应为 fixed、new、stay、total、round、after 之一",
                      "one of fixed, new, stay, total, round, after");
    }
    d->rule = (enum demand_rule)at;
    BG_TRY(three(s, row, 1e6, d->rate));
    BG_TRY(number(s, row, "days", d->rule == DEMAND_STAY ? 1 : 0, d->rule == DEMAND_AFTER ? 60 : 365,
                  d->rule == DEMAND_STAY ? 14 : 0, &days));
    d->days = (int)days;
    d->of = -1;
    if (d->rule == DEMAND_AFTER) {
        BG_TRY(find_driver(s, row, "of", t, &d->of));
    }
    BG_TRY(cell(s, row, "cap", &text));
    d->by_residents = bg_str_is(text, "population") || bg_str_is(text, "residents");
    d->cap = d->by_residents ? BG_STR("") : text;
    t->drivers++;
    return BG_DONE;
}

static bg_err read_item(const struct sheet *s, size_t row, struct tables *t)
{
    struct tables_item *i = &t->item[t->items];
    double pack, reusable;
    BG_TRY(cell(s, row, "item", &i->name));
    if (i->name.len == 0 || tables_find_item(t, i->name) >= 0) {
        return refuse(s, row, "item", i->name, "名称为空或重复", "empty, or there already");
    }
    BG_TRY(words(s, row, &i->zh, &i->en, "name_zh", "name_en", &i->source));
    BG_TRY(cell(s, row, "unit_zh", &i->unit_zh));
    BG_TRY(cell(s, row, "unit_en", &i->unit_en));
    BG_TRY(number(s, row, "pack", 1, 1e6, 1, &pack));
    BG_TRY(number(s, row, "waste", 0, 1, 0, &i->waste));
    BG_TRY(number(s, row, "reusable", 0, 1, 0, &reusable));
    BG_TRY(number(s, row, "loss", 0, 1, 0, &i->loss));
    BG_TRY(number(s, row, "shelf_days", 0, 36500, 0, &i->shelf_days));
    BG_TRY(number(s, row, "price", 0, 1e8, 0, &i->price));
    i->pack = (int64_t)pack;
    i->reusable = reusable >= 0.5;
    t->items++;
    return BG_DONE;
}

static bg_err read_row(const struct sheet *s, size_t row, struct tables *t)
{
    struct tables_row *r = &t->row[t->rows];
    BG_TRY(find_driver(s, row, "driver", t, &r->driver));
    BG_TRY(find_level(s, row, t, true, &r->level));
    BG_TRY(words(s, row, &r->zh, &r->en, "role_zh", "role_en", &r->source));
    BG_TRY(three(s, row, 1e6, r->shifts));
    BG_TRY(number(s, row, "shift_hours", 0.1, 48, (double)NAN, &r->shift_hours));
    BG_TRY(number(s, row, "wear_hours", 0.1, 720, (double)NAN, &r->wear_hours));
    BG_TRY(cv_of(s, row, &r->cv));
    t->rows++;
    return BG_DONE;
}

static bg_err read_kit(const struct sheet *s, size_t row, struct tables *t)
{
    struct tables_kit *k = &t->kit[t->kits];
    BG_TRY(find_level(s, row, t, true, &k->level));
    BG_TRY(find_item(s, row, t, &k->item));
    BG_TRY(number(s, row, "pieces", 0, 1000, (double)NAN, &k->pieces));
    BG_TRY(cell(s, row, "source", &k->source));
    t->kits++;
    return BG_DONE;
}

static bg_err read_direct(const struct sheet *s, size_t row, struct tables *t)
{
    struct tables_direct *d = &t->direct[t->directs];
    BG_TRY(find_driver(s, row, "driver", t, &d->driver));
    BG_TRY(find_item(s, row, t, &d->item));
    BG_TRY(three(s, row, 1e6, d->rate));
    BG_TRY(cv_of(s, row, &d->cv));
    BG_TRY(cell(s, row, "source", &d->source));
    t->directs++;
    return BG_DONE;
}

int tables_find_driver(const struct tables *t, bg_str name)
{
    for (int k = 0; k < t->drivers; k++) {
        if (bg_str_eq(t->driver[k].name, name)) {
            return k;
        }
    }
    return -1;
}

int tables_find_item(const struct tables *t, bg_str name)
{
    for (int i = 0; i < t->items; i++) {
        if (bg_str_eq(t->item[i].name, name)) {
            return i;
        }
    }
    return -1;
}

struct plan { /* one table: where its text is and how a row is read */
    const char *name, *path;
    const char *from, *to;
    bg_err (*read)(const struct sheet *sheet, size_t row, struct tables *tables);
    size_t size, max;
};

static void **place_of(struct tables *t, int table)
{
    void **const at[] = { (void **)&t->driver, (void **)&t->item, (void **)&t->row, (void **)&t->kit, (void **)&t->direct };
    return at[table];
}

static bg_err read_all(struct solve_at texts, bool given, struct bg_arena *arena, struct tables *ret)
{
    const struct plan plans[] = {
        { "drivers", "tables.drivers", solve_table_drivers, solve_table_drivers_end, read_driver, sizeof *ret->driver,
          DEMAND_DRIVERS_MAX },
        { "items", "tables.items", solve_table_items, solve_table_items_end, read_item, sizeof *ret->item, DEMAND_ITEMS_MAX },
        { "staffing", "tables.staffing", solve_table_staffing, solve_table_staffing_end, read_row, sizeof *ret->row,
          DEMAND_ROWS_MAX },
        { "kits", "tables.kits", solve_table_kits, solve_table_kits_end, read_kit, sizeof *ret->kit, ROWS_MAX },
        { "direct", "tables.direct", solve_table_direct, solve_table_direct_end, read_direct, sizeof *ret->direct,
          DEMAND_DIRECTS_MAX },
    };
    *ret = (struct tables){ 0 };
    for (int p = 0; p < (int)(sizeof plans / sizeof *plans); p++) {
        bg_str text = { plans[p].from, (size_t)(plans[p].to - plans[p].from) };
        struct sheet sheet;
        if (given) {
            BG_TRY(solve_text_or(texts, plans[p].name, text, 4u << 20, &text));
        }
        BG_TRY(sheet_read(plans[p].path, text, arena, &sheet));
        if (sheet.rows > plans[p].max) {
            return refuse(&sheet, plans[p].max, "", BG_STR(""), "行数过多", "too many rows");
        }
        *place_of(ret, p) = bg_arena_array(arena, sheet.rows + 1, plans[p].size);
        BG_TRY(bg_need(*place_of(ret, p)));
        for (size_t row = 0; row < sheet.rows; row++) {
            BG_TRY(plans[p].read(&sheet, row, ret));
        }
    }
    return BG_DONE;
}

bg_err tables_read(struct solve_at input, struct tables *ret)
{
    static const char *const names[] = { "drivers", "staffing", "kits", "direct", "items", NULL };
    struct solve_at texts = input;
    bool given = solve_has(input, "tables");
    if (given) {
        BG_TRY(solve_object(input, "tables", &texts));
        BG_TRY(solve_fields(texts, names));
    }
    return read_all(texts, given, input.arena, ret);
}

bg_err tables_shipped(struct bg_arena *arena, struct tables *ret)
{
    return read_all((struct solve_at){ .path = "", .arena = arena }, false, arena, ret);
}

static double shape_of(double cv, bool doubt)
{
    return doubt && cv > 0 ? 1 / (cv * cv) : 0;
}

bg_err tables_model(const struct tables *t, enum tables_use use, bool doubt, struct bg_arena *arena, struct demand_model *ret,
                    struct demand_driver **ret_driver)
{
    size_t items = (size_t)t->items;
    struct demand_driver *driver = bg_arena_array(arena, (size_t)t->drivers + 1, sizeof *driver);
    struct demand_row *row = bg_arena_array(arena, (size_t)t->rows + 1, sizeof *row);
    struct demand_direct *direct = bg_arena_array(arena, (size_t)t->directs + 1, sizeof *direct);
    double *kit = bg_arena_array(arena, (size_t)t->levels * items + 1, sizeof *kit),
           *waste = bg_arena_array(arena, items + 1, sizeof *waste);
    double *loss = bg_arena_array(arena, items + 1, sizeof *loss);
    bool *reusable = bg_arena_array(arena, items + 1, sizeof *reusable);
    if (driver == NULL || row == NULL || direct == NULL || kit == NULL || waste == NULL || loss == NULL || reusable == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int k = 0; k < t->drivers; k++) {
        driver[k] = (struct demand_driver){
            .rule = t->driver[k].rule, .rate = t->driver[k].rate[use], .days = t->driver[k].days, .of = t->driver[k].of
        };
    }
    for (int r = 0; r < t->rows; r++) {
        const struct tables_row *from = &t->row[r];
        row[r] = (struct demand_row){ from->driver, from->level, from->shifts[use] * from->shift_hours / from->wear_hours,
                                      shape_of(from->cv, doubt) };
    }
    for (int k = 0; k < t->kits; k++) {
        kit[(size_t)t->kit[k].level * items + (size_t)t->kit[k].item] += t->kit[k].pieces;
    }
    for (int j = 0; j < t->directs; j++) {
        direct[j] = (struct demand_direct){ t->direct[j].driver, t->direct[j].item, t->direct[j].rate[use],
                                            shape_of(t->direct[j].cv, doubt), false };
    }
    for (int i = 0; i < t->items; i++) {
        waste[i] = t->item[i].waste;
        loss[i] = t->item[i].loss;
        reusable[i] = t->item[i].reusable;
    }
    *ret = (struct demand_model){ .drivers = t->drivers,
                                  .rows = t->rows,
                                  .levels = t->levels,
                                  .items = t->items,
                                  .directs = t->directs,
                                  .driver = driver,
                                  .row = row,
                                  .kit = kit,
                                  .direct = direct,
                                  .waste = waste,
                                  .reusable = reusable,
                                  .loss = loss,
                                  .use = 1 };
    *ret_driver = driver;
    return BG_DONE;
}

/* --- for those who make documents --- */
const char *const solve_table_names[] = { "drivers", "staffing", "kits", "direct", "items", NULL };

bg_str solve_table(const char *name)
{
    static const struct {
        const char *name, *at, *end;
    } all[] = { { "drivers", solve_table_drivers, solve_table_drivers_end },
                { "staffing", solve_table_staffing, solve_table_staffing_end },
                { "kits", solve_table_kits, solve_table_kits_end },
                { "direct", solve_table_direct, solve_table_direct_end },
                { "items", solve_table_items, solve_table_items_end } };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].name, name) == 0) {
            return (bg_str){ all[i].at, (size_t)(all[i].end - all[i].at) };
        }
    }
    return BG_STR("");
}

bool solve_item_known(bg_str code)
{
    for (bg_str rest = solve_table("items"); rest.len > 0;) {
        size_t end = bg_str_find(rest, '\n');
        bg_str line = bg_str_cut(rest, 0, end);
        if (code.len > 0 && bg_str_eq(bg_str_cut(line, 0, bg_str_find(line, ',')), code)) {
            return true;
        }
        rest = bg_str_cut(rest, end + 1, rest.len);
    }
    return false;
}
