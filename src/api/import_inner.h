/* What the files of import and export share. Private to api. */
#ifndef BG_API_IMPORT_INNER_H
#define BG_API_IMPORT_INNER_H

#include <stdio.h>

#include "api/import.h"
#include "api/import_map.h"
#include "ledger/ledger.h"

struct importing;
struct exporting;

enum import_outcome {
    IMPORT_UNCHANGED,
    IMPORT_DONE,
    IMPORT_WAITS /* decided by the kind's flush, which counts it */
};

struct import_kind {
    const char *name, *zh, *en;
    const struct table_column *columns;
    bool placed; /* import_kind_placed */
    /* One good row: resolves, compares, applies. What is wrong with it goes to import_refuse; only what ends the whole import
     * (5xx) is returned. */
    bg_err (*row)(struct importing *run, const struct table_cell *cells, enum import_outcome *ret);
    /* Applies what the rows so far left pending; before memory is given back and at the end. May be NULL. */
    bg_err (*flush)(struct importing *run);
    /* Frees run->state behind a pass. May be NULL. */
    void (*done)(struct importing *run);
    /* Gives every record to export_row. */
    bg_err (*list)(struct exporting *run);
};

/* An import while it runs: on the writer's thread, inside the change. */
struct importing {
    const struct import_opts *opts;
    const struct import_kind *kind;
    struct change_tx *tx;
    struct change *change;
    struct store_tx *store;
    int64_t city;
    int offset_min;
    struct bg_arena *arena; /* of the row; emptied by each flush */
    struct bg_arena *file_arena; /* of the file: binding, header */
    struct table_binding binding;
    struct table_errors errors; /* of the row */
    struct csv_row row; /* as read */
    void *state; /* the kind's own; NULL at the start of a pass */
    struct import_result result;
    struct import_map *keys; /* of the rows so far, in this pass */
    int64_t *bad; /* lines that the passes before found bad and that are left out; heap, ascending */
    size_t bad_count, bad_room;
    FILE *errors_file;
};
/* One thing wrong with the row, in the column at that place (-1: the row as a whole). True, so that a condition can end in it. */
bool import_refuse(struct importing *run, int column, bg_err err);
/* Turns what a lower module returned into an error of the row when it is a refusal (4xx): BG_DONE and *ret_refused; else hands it
 * on. */
bg_err import_judge(struct importing *run, int column, bg_err err, bool *ret_refused);
/* Keeps run->row with run->errors as a bad row: in the error file, the count, and the lines that a further pass leaves out. */
bg_err import_keep_bad_row(struct importing *run);
/* Notes that the file has a row with this key, and says whether it is to be put: it `changes` the record, and no row above had
 * the same key. With one above the row is refused: which of the two is meant? */
bg_err import_once(struct importing *run, bool changes, const char *key, enum import_outcome *ret, bool *ret_put);
/* Refuses the row when the place is not within the caller's scope; 0 never is asked for. */
void import_need_place(struct importing *run, int column, int64_t place);
/* Columns whose values the file gives: there, or fixed by the mapping. */
static inline bool import_gives(const struct importing *run, int column)
{
    return run->binding.mapped[column] || run->binding.fixed[column].given;
}

/* The ledger's words as the words of a column. */
_Static_assert(offsetof(struct ledger_word, slug) == offsetof(struct table_word, slug) &&
                   offsetof(struct ledger_word, en) == offsetof(struct table_word, en),
               "a ledger word begins like a table word");
#define LEDGER_WORDS(list)                                                                                                       \
    .type = TABLE_WORD, .words = (const struct table_word *)(const void *)(list), .word_size = sizeof(struct ledger_word)

/* --- export --- */
struct exporting {
    const struct export_opts *opts;
    const struct import_kind *kind;
    struct store_tx *store;
    int64_t city;
    int offset_min;
    struct bg_arena *arena; /* of a page: the list function resets it */
    size_t columns;
    struct bg_buf out;
    FILE *file;
    struct xlsx_writer *xlsx;
    int64_t rows;
};
/* One row: texts in the order of the columns, as they would be written by hand. */
bg_err export_row(struct exporting *run, const bg_str *fields);
/* Values as text, in the arena; empty when memory is out (the row is then refused by its length). */
bg_str export_int(struct exporting *run, int64_t value);
bg_str export_date(struct exporting *run, bg_date date); /* BG_DATE_NONE: empty */
bg_str export_time(struct exporting *run, bg_ms at); /* BG_TIME_NONE: empty */
static inline bg_str export_bool(bool value)
{
    return value ? BG_STR("true") : BG_STR("false");
}

#define EXPORT_PAGE 500

extern const struct import_kind import_items, import_codes, import_packs, import_owners, import_places, import_bins, import_lots,
    import_movements, import_standards;

#endif
