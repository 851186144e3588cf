/* CSV by RFC 4180, read strictly and in constant memory, and written so that spreadsheets run nothing of it.
 *
 * Reading: encodings as in text.h; rows end in LF, CR LF or CR; fields may be quoted, "" inside is a quote, line ends inside are
 * kept. Refused, with the line: a quote inside an unquoted field, anything between a closing quote and the next delimiter, a
 * quote that never closes, NUL, too long a field, too many columns or rows. Empty lines are skipped; a row of one empty field is
 * written as "".
 *
 * Formulas: a spreadsheet runs a cell that begins with = + - @ (half or full width), tab or a line end. csv_guard puts one
 * apostrophe before a text that begins with any number of apostrophes (none included) followed by one of these; csv_unguard takes
 * exactly that one off again, so that what was exported comes back byte for byte. Numbers are never guarded. */
#ifndef BG_CODEC_CSV_H
#define BG_CODEC_CSV_H

#include "codec/input.h"
#include "codec/text.h"

#define CSV_FIELD_MAX (1u << 20) /* bytes of UTF-8 */
#define CSV_ROW_MAX (8u << 20)
#define CSV_COLUMNS_MAX 1000
#define CSV_ROWS_MAX 20000000

struct csv_opts {
    enum text_encoding encoding; /* TEXT_DETECT: judged on the whole file */
    char delimiter; /* 0: the most frequent of , ; tab in the first row, outside quotes */
    int64_t rows_max; /* 0: CSV_ROWS_MAX */
};

struct csv_row {
    const bg_str *fields; /* valid until the next call */
    size_t count;
    int64_t line; /* where the row begins, from 1 */
    bool damaged; /* a field holds U+FFFD: bytes that the encoding does not know */
};

struct csv;
/* `input` must outlive the reader. Errors: BG_TEXT_ENCODING, BG_INPUT_READ, BG_NO_MEMORY. */
bg_err csv_open(struct input *input, const struct csv_opts *opts, struct csv **ret);
void csv_close(struct csv *csv); /* accepts NULL */
/* The next row; *ret_more false at the end. Errors: BG_CSV_QUOTE, BG_CSV_OPEN_QUOTE, BG_CSV_NUL, BG_TABLE_FIELD,
 * BG_TABLE_COLUMNS, BG_TABLE_ROWS: after one of them the reader stays failed; csv_line tells the line. */
bg_err csv_next(struct csv *csv, struct csv_row *ret, bool *ret_more);
int64_t csv_line(const struct csv *csv);
struct text_report csv_encoding(const struct csv *csv);
char csv_delimiter(const struct csv *csv);

/* One row into `out`, CR LF behind it, UTF-8; fields are quoted where RFC 4180 needs it. */
void csv_write_row(struct bg_buf *out, const bg_str *fields, size_t count);
/* One field; the caller puts the commas. */
void csv_write_field(struct bg_buf *out, bg_str field);

/* One field that is guarded where it needs to be. */
void csv_write_text(struct bg_buf *out, bg_str text);
/* The text as it is written into a cell: `text` itself, or a copy with an apostrophe in the arena. */
bg_err csv_guard(struct bg_arena *arena, bg_str text, bg_str *ret);
/* The text that a cell means. */
bg_str csv_unguard(bg_str cell);

#endif
