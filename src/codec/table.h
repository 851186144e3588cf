/* Tables from outside, whatever file they come in: rows out of CSV or XLSX, a header bound to the columns that a kind of record
 * has, cells read into values, every error of a row collected with its column. Chinese and English headers are known; a mapping
 * file (struct table_rules) binds any other.
 *
 * How cells are read: TEXT as it stands, less the guard against formulas; everything else without blanks at its ends and with
 * full-width characters made half. INT takes 1200, 1,200 and 1200.0. DATE takes 2022-01-08, 2022/1/8, 2022.1.8, 2022年1月8日 and
 * 20220108, or the pattern of the rules (MM/dd/yyyy). TIME takes RFC 3339, and a date and a clock without offset as city time.
 * BOOL takes true/false, yes/no, y/n, 1/0, 是/否. WORD takes the slug, the Chinese or the English word. An empty cell is "not
 * given". */
#ifndef BG_CODEC_TABLE_H
#define BG_CODEC_TABLE_H

#include "codec/csv.h"

/* --- rows --- */
struct table;
struct table_opts {
    enum text_encoding encoding; /* CSV: TEXT_DETECT judges */
    char delimiter; /* CSV: 0 judges */
    bg_str sheet; /* XLSX: empty: the first that is not hidden */
    int64_t rows_max; /* 0: CSV_ROWS_MAX */
};
/* Looks at the first bytes, not at the name. BG_XLSX_OLD for .xls, BG_TABLE_KIND for PDF and the like. `input` must outlive it.
 */
bg_err table_open(struct input *input, const struct table_opts *opts, struct table **ret);
void table_close(struct table *table); /* accepts NULL */
bg_err table_next(struct table *table, struct csv_row *ret, bool *ret_more);
int64_t table_line(const struct table *table);
/* "format":"csv","encoding":"gb18030","certain":false,"delimiter":";" as members of an open object. */
void table_report_json(const struct table *table, struct bg_buf *out);

/* --- columns --- */
enum table_type { TABLE_TEXT, TABLE_INT, TABLE_DATE, TABLE_TIME, TABLE_BOOL, TABLE_WORD };

struct table_word {
    int number; /* 0 ends a list */
    const char *slug, *zh, *en;
};
struct table_column {
    const char *name; /* as exported, for example "name_zh" */
    const char *zh, *en; /* as shown; also accepted in a header */
    const char *aliases; /* more accepted headers, parted by '|'; NULL: none */
    enum table_type type;
    bool required; /* the column must be there and each cell given */
    int64_t min, max; /* TEXT: at most max characters (0: 2000); INT: range when max > min; INT 0, 0: 0…BG_QTY_MAX */
    const struct table_word *words; /* WORD; elements of a longer type that begins like struct table_word will do: */
    size_t word_size; /* its size; 0: struct table_word */
};
#define TABLE_COLUMNS_MAX 64 /* of a kind */
/* The word behind `word` in a column's list. */
const struct table_word *table_word_next(const struct table_column *column, const struct table_word *word);

struct table_cell {
    bool given;
    int64_t i; /* INT, DATE (bg_date), TIME (bg_ms), BOOL, WORD */
    bg_str s; /* TEXT: in the arena */
};

/* --- mapping --- */
struct table_pair {
    bg_str from, to;
};
struct table_word_rule {
    bg_str column, from, to;
};
struct table_rules {
    const struct table_pair *columns; /* header in the file → name of a column */
    size_t column_count;
    const struct table_pair *fixed; /* name of a column → cell for every row that gives none */
    size_t fixed_count;
    const struct table_pair *same; /* name of a column → name of the column whose cell it takes when it has none itself */
    size_t same_count;
    const struct table_word_rule *words; /* in this column, this cell means that cell */
    size_t word_count;
    const bg_str *ignore; /* headers that are left out */
    size_t ignore_count;
    bool ignore_rest; /* leave out every header that is not mapped */
    bg_str date; /* "MM/dd/yyyy"; empty: the forms above */
    int64_t skip; /* rows before the header */
    struct table_opts opts;
};
/* Reads a mapping file: {"columns":{"item code":"code"},"fixed":{"unit":"个"},"same":{"name_zh":"name_en"},
 * "words":{"status":{"AVAILABLE":"usable"}},"ignore":["x"],"ignore_rest":true,"date":"MM/dd/yyyy","skip":1,
 * "sheet":"…","encoding":"gb18030","delimiter":";"}. BG_TABLE_RULES names the member. */
bg_err table_rules_read(bg_str json, struct bg_arena *arena, struct table_rules *ret);

/* Which column each header of the file is. */
struct table_binding {
    const struct table_column *columns;
    size_t column_count;
    const struct table_rules *rules; /* never NULL */
    int offset_min; /* of the city, for TIME */
    int16_t of[CSV_COLUMNS_MAX]; /* column of each file column; -1: left out */
    size_t width; /* headers in the file */
    bool mapped[TABLE_COLUMNS_MAX];
    const bg_str *headers; /* as they stand, in the arena */
    struct table_cell fixed[TABLE_COLUMNS_MAX];
};
/* Binds the header row. Headers are compared without case, blanks, underscores, hyphens and a trailing "*" or "(…)". Errors, each
 * with
 * {"headers":[…]}: BG_TABLE_HEADER (unknown headers: rename, remove or map them), BG_TABLE_TWICE (two headers for one column),
 * BG_TABLE_MISSING (a required column is not there). `rules` may be NULL. The columns of an error file are known and left out. */
bg_err table_bind(const struct table_column *columns, const struct table_rules *rules, int offset_min,
                  const struct csv_row *header, struct bg_arena *arena, struct table_binding *ret);

/* One cell into a value of the column at that place. BG_TABLE_NUMBER, BG_BAD_TIME, BG_TABLE_WORD_BAD, BG_TABLE_LONG,
 * BG_TABLE_CONTROL, BG_TABLE_DAMAGED (bytes that the encoding does not know), each with {"value"}. */
bg_err table_cell_read(const struct table_binding *binding, size_t index, bg_str cell, struct bg_arena *arena,
                       struct table_cell *ret);

/* One error of a row. */
struct table_error {
    bg_str column; /* header as it stands in the file, or the column's name; may be empty */
    bg_err err;
};
#define TABLE_ERRORS_MAX 32 /* of one row; more are not looked for */
struct table_errors {
    struct table_error at[TABLE_ERRORS_MAX];
    size_t count;
};
void table_error_add(struct table_errors *errors, bg_str column, bg_err err);
/* Reads the cells of a row in the order of the columns; errors are collected, not returned. Texts are in the arena. */
bg_err table_row_read(const struct table_binding *binding, const struct csv_row *row, struct bg_arena *arena,
                      struct table_cell *ret_cells, struct table_errors *errors);
/* "headers":["编码",…],"columns":["code",…] as members of an open object; a header that is left out has null. */
void table_binding_json(const struct table_binding *binding, struct bg_buf *out);
/* The place of a column by its name, or -1. */
int table_column_of(const struct table_binding *binding, bg_str name);
/* The header in the file of a column (by its place among the columns), or its name. */
bg_str table_header_of(const struct table_binding *binding, size_t column);

/* --- error files --- */
/* The three columns that an error file has in front of the columns of the file: line, column, what is wrong. */
extern const char *const table_error_headers[3];
/* The header and one bad row of an error file. Its texts mean what they meant in the file (formulas guarded), so that it imports
 * once corrected. */
void table_error_header_write(const struct table_binding *binding, struct bg_buf *out);
void table_error_row_write(const struct table_binding *binding, const struct csv_row *row, const struct table_errors *errors,
                           struct bg_buf *out);
/* "数量：数量超出可表示范围 quantity out of range {…}", several parted by "；". */
void table_errors_text(const struct table_errors *errors, struct bg_buf *out);

#endif
