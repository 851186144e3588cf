/* XLSX (Office Open XML workbooks): read row by row in constant memory (shared strings apart), and written.
 *
 * A row's cells come as text, as a person reads them: numbers with at most 15 significant digits and never an exponent; dates as
 * 2022-01-08, with a clock as 2022-01-08T09:30:00, clocks alone as 09:30:00, by the cell's number format, 1900 and 1904 systems;
 * TRUE and FALSE as true and false; formulas as the value last computed; errors as they stand (#N/A).
 *
 * Nothing outside the file is ever read, a document type definition is refused, and these limits hold: 256 MiB unpacked over all
 * parts read, 100 times the packed size (once above 1 MiB), 4,096 entries, XML 64 deep, 1,000 columns, 1 MiB a cell, 5 million
 * shared strings. */
#ifndef BG_CODEC_XLSX_H
#define BG_CODEC_XLSX_H

#include "codec/csv.h"
#include "codec/input.h"

#define XLSX_UNPACKED_MAX (256u << 20)
#define XLSX_RATIO_MAX 100
#define XLSX_ENTRIES_MAX 4096
#define XLSX_DEPTH_MAX 64
#define XLSX_STRINGS_MAX 5000000
#define XLSX_SHEETS_MAX 256

struct xlsx;
/* Opens the workbook and reads its shared strings and styles. Errors: BG_XLSX_OLD (.xls or encrypted), BG_XLSX_BAD,
 * BG_XLSX_LARGE, BG_XLSX_DOCTYPE. `input` must outlive the reader. */
bg_err xlsx_open(struct input *input, struct xlsx **ret);
void xlsx_close(struct xlsx *xlsx); /* accepts NULL */
size_t xlsx_sheet_count(const struct xlsx *xlsx);
bg_str xlsx_sheet_name(const struct xlsx *xlsx, size_t sheet);
/* Begins a sheet; an empty name takes the first one that is not hidden. BG_XLSX_SHEET. */
bg_err xlsx_begin(struct xlsx *xlsx, bg_str name);
/* The next row that is not empty; row.line is the sheet's row number. Also BG_TABLE_FIELD, BG_TABLE_COLUMNS, BG_TABLE_ROWS. */
bg_err xlsx_next(struct xlsx *xlsx, struct csv_row *ret, bool *ret_more);
int64_t xlsx_line(const struct xlsx *xlsx);

/* A workbook of one sheet, written row by row into the file `path`. */
struct xlsx_writer;
bg_err xlsx_writer_open(const char *path, const char *sheet, struct xlsx_writer **ret);
/* Texts become text cells, never formulas; `numbers[i]` true writes field i as a number (at most 15 digits, else it stays text).
 * The first row is written bold and stays in sight. `numbers` may be NULL. */
bg_err xlsx_writer_row(struct xlsx_writer *writer, const bg_str *fields, const bool *numbers, size_t count);
/* Finishes the file; BG_XLSX_WRITE. The writer is gone either way. */
bg_err xlsx_writer_close(struct xlsx_writer *writer);

#endif
