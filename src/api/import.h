/* Import and export: whole kinds of records as tables, for the command line and the API.
 *
 * An import is one change: all rows or none. Every error of every row is found in one go and written into an error file, which
 * imports unchanged once corrected. A row that says what is there already changes nothing, so an export imports without effect
 * and a file may be imported again. A column that is not in the file leaves its values alone; an empty cell of a column that is
 * there empties the value.
 *
 * What identifies a row: the code of items, places and owners; place and code of bins; item, batch and maker of lots; scheme and
 * code of codes; item and unit of packs; of a movement its id (as exported), else its `ref`, else its content and how many same
 * rows stand above it in the file. Movements are facts of the past and are posted as such, in documents of rows that follow one
 * another and agree in document number, kind, moment and reference. */
#ifndef BG_API_IMPORT_H
#define BG_API_IMPORT_H

#include "api/app.h"
#include "codec/table.h"

/* A kind of record that goes in and out as a table. */
struct import_kind;
extern const struct import_kind *const import_kinds[]; /* NULL-ended, in the order in which a whole city is imported */
const struct import_kind *import_kind_find(bg_str name); /* "items"; NULL when there is none */
const char *import_kind_name(const struct import_kind *kind);
const struct table_column *import_kind_columns(const struct import_kind *kind);
/* The kind with its names and columns as JSON: what a screen needs to explain a file. */
void import_kind_json(const struct import_kind *kind, struct bg_buf *out);

/* Places a caller may touch; everything: all of the city. */
struct import_scope {
    bool everything;
    const int64_t *places; /* ascending */
    size_t count;
};
static inline bool import_scope_has(const struct import_scope *scope, int64_t place)
{
    size_t low = 0, high = scope->everything ? 0 : scope->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scope->places[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return scope->everything || (low < scope->count && scope->places[low] == place);
}
/* True for kinds whose rows belong to places (bins, movements, standards): they are imported within a scope, and exported within
 * one; all others are the whole city's to import and anybody's with the right to export. */
bool import_kind_placed(const struct import_kind *kind);

struct import_opts {
    const struct import_kind *kind;
    struct input *input; /* stays the caller's */
    const struct table_rules *rules; /* NULL: none */
    int64_t city;
    struct journal_actor actor;
    bg_op_id op; /* the same file under the same id is imported once */
    bg_str reason;
    struct import_scope scope; /* rows of other places are refused; kinds that are not placed need everything */
    bool dry; /* find errors and count, change nothing */
    bool skip_bad; /* leave bad rows out instead of refusing the file */
    const char *errors_path; /* where to write the error file; NULL: nowhere. Removed when there are no errors */
    struct bg_buf *errors; /* the error file in memory, as much as fits; NULL: nowhere */
    void (*progress)(void *ctx, int64_t rows); /* now and then, on the writer's thread; may be NULL */
    void *ctx;
};
struct import_result {
    int64_t rows, imported, unchanged, errors; /* imported: created or changed; errors: bad rows */
    bg_err first; /* of the first bad row; facts in the arena */
    int64_t first_line;
    int64_t ms; /* how long it took */
    bool replayed; /* the operation id was known: the answer of the first time */
    bg_str report; /* members about the file ("format":"csv",…), in the arena */
};
/* Runs an import and waits for it. BG_DONE with result->errors > 0 and not skip_bad: nothing was imported. Errors: of the file as
 * a whole (header, encoding, workbook), with the line in facts where there is one. */
bg_err import_table(struct app *app, const struct import_opts *opts, struct bg_arena *arena, struct import_result *ret);
/* {"kind","rows","imported","unchanged","errors","seconds",…} */
void import_result_json(const struct import_opts *opts, const struct import_result *result, struct bg_buf *out);

enum export_format { EXPORT_CSV, EXPORT_XLSX, EXPORT_JSON };
struct export_opts {
    const struct import_kind *kind;
    struct import_scope scope; /* rows of other places are left out, where the kind is placed */
    enum export_format format;
    enum { EXPORT_NAMES, EXPORT_ZH, EXPORT_EN } headers; /* CSV and XLSX */
    bool mark; /* CSV: a byte order mark, for spreadsheets on Windows */
    int64_t city;
    const char *path; /* where to write */
};
struct export_result {
    int64_t rows;
};
/* Writes every row of the kind from one snapshot. JSON is one object a line. BG_EXPORT_WRITE. */
bg_err export_table(struct app *app, const struct export_opts *opts, struct export_result *ret);

bool export_format_parse(bg_str name, enum export_format *ret); /* "csv" (also empty), "xlsx", "json" */

/* --- by paths: what the command line asks for, in its own process or of the server that holds the database --- */
struct import_file {
    const char *kind, *path;
    const char *map, *encoding, *sheet, *city; /* NULL: none; the city by its code, else the only one, made when there is none */
    bool dry, skip_bad;
};
/* Imports; bad rows go into PATH.errors.csv. The summary into `out`; *ret_good false when rows were bad. The error's texts are in
 * `keep`. */
bg_err import_file_run(struct app *app, const struct import_file *file, struct bg_arena *keep, struct bg_buf *out,
                       bool *ret_good);
struct export_file {
    const char *kind, *path;
    const char *format, *names, *city; /* NULL: csv, the columns' own names, the only city */
    bool mark;
};
bg_err export_file_run(struct app *app, const struct export_file *file, struct bg_buf *out);

#endif
