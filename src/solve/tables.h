/* The tables of the demand model: three small ones that people edit (staff, kits, direct items) and two lists (drivers, items),
 * as CSV with a header row. The shipped ones (data/demand) are inside the program; a document may bring its own text for any of
 * them. */
#ifndef BG_SOLVE_TABLES_H
#define BG_SOLVE_TABLES_H

#include "engine/demand.h"
#include "solve/solve.h"

enum tables_use { TABLES_LOW, TABLES_MIDDLE, TABLES_HIGH };

struct tables_driver {
    bg_str name, zh, en, unit_zh, unit_en, source;
    enum demand_rule rule;
    double rate[3];
    int days, of; /* of: -1 where the rule follows no other driver */
    bool by_residents; /* capped by the residents of the place */
    bg_str cap; /* else the name of a cap that each place may give; empty: none */
};
struct tables_row {
    int driver, level;
    bg_str zh, en, source;
    double shifts[3], shift_hours, wear_hours, cv;
};
struct tables_kit {
    int level, item;
    double pieces;
    bg_str source;
};
struct tables_direct {
    int driver, item;
    double rate[3], cv;
    bg_str source;
};
struct tables_item {
    bg_str name, zh, en, unit_zh, unit_en, source;
    int64_t pack;
    double waste, loss, shelf_days, price;
    bool reusable;
};
struct tables {
    int drivers, rows, kits, directs, items, levels;
    struct tables_driver *driver;
    struct tables_row *row;
    struct tables_kit *kit;
    struct tables_direct *direct;
    struct tables_item *item;
    bg_str level[DEMAND_LEVELS_MAX];
};

/* Reads field "tables" of a document (an object of CSV texts; NULL value or absent: the shipped ones). BG_BAD_INPUT names the
 * table, and in its facts row, column and value. All in the arena. */
bg_err tables_read(struct solve_at input, struct tables *ret);
/* The shipped tables alone. */
bg_err tables_shipped(struct bg_arena *arena, struct tables *ret);
/* Index of a name, or -1. */
int tables_find_driver(const struct tables *tables, bg_str name);
int tables_find_item(const struct tables *tables, bg_str name);

/* The engine's arrays for one column of values. `doubt`: with the tables' coefficients of variation. Amounts, caps and what is in
 * the field are the caller's to set on the drivers ([drivers] in ret_driver). */
bg_err tables_model(const struct tables *tables, enum tables_use use, bool doubt, struct bg_arena *arena,
                    struct demand_model *ret, struct demand_driver **ret_driver);

#endif
