/* Inside of the XLSX reader: parts of the package read as XML under limits, and how numbers become text. */
#ifndef BG_CODEC_XLSX_IN_H
#define BG_CODEC_XLSX_IN_H

#include <expat.h>
#include <zip.h>

#include "codec/xlsx.h"

/* How a style shows a number. */
enum xlsx_show { XLSX_SHOW_NUMBER = 0, XLSX_SHOW_DATE = 1, XLSX_SHOW_CLOCK = 2, XLSX_SHOW_BOTH = 3 };

struct xlsx_sheet {
    bg_str name;
    bg_str relation; /* r:id */
    bg_str path; /* inside the package; empty until the relations are read */
    bool hidden;
};

struct xlsx_format {
    int64_t id;
    enum xlsx_show show;
};

/* One part being read. `failed` is what a handler or the limits found. */
struct xlsx_part {
    struct xlsx *xlsx;
    zip_file_t *file;
    XML_Parser parser;
    int64_t packed, unpacked;
    int depth;
    bool ended;
    bg_err failed;
    /* the handlers of the part; local names without prefix */
    void (*start)(struct xlsx_part *part, const char *name, const char **attributes);
    void (*end)(struct xlsx_part *part, const char *name);
    void (*text)(struct xlsx_part *part, bg_str text);
};

struct xlsx_cell {
    char type; /* of t=: n number, s shared, i inline, f formula text, b boolean, e error, d date */
    int64_t style;
    size_t column;
    bool collecting; /* inside v or is/t */
    int skip; /* inside rPh: how deep */
    size_t from; /* where its raw text begins in the row's buffer */
};

struct xlsx {
    struct input *input;
    zip_t *zip;
    int64_t unpacked; /* over all parts */
    struct bg_arena *arena; /* names, paths, formats */
    struct xlsx_sheet *sheets;
    size_t sheet_count;
    bool date1904;
    struct xlsx_format *formats; /* number formats of the workbook's own */
    size_t format_count, format_room;
    uint8_t *styles; /* enum xlsx_show of each cell style; heap */
    size_t style_count, style_room;
    bool in_cell_styles;
    struct bg_buf strings; /* shared strings one behind the other */
    uint32_t *string_ends; /* heap */
    size_t string_count, string_room;
    bool collecting; /* shared strings: inside t */
    int skip;
    bg_str base; /* relations: the folder they are relative to */
    bg_str workbook; /* path of the workbook part */
    bg_str shared_path, styles_path;

    struct xlsx_part sheet; /* the sheet being read */
    bool sheet_open;
    struct xlsx_cell cell;
    bool in_row, row_ready;
    int64_t row_number, rows;
    struct bg_buf row; /* texts of the cells */
    struct {
        size_t from, to;
    } spans[CSV_COLUMNS_MAX];
    bg_str fields[CSV_COLUMNS_MAX];
    size_t width;
};

/* Opens a part under the limits; *ret_found false (and nothing opened) when the package has none of that name. */
bg_err xlsx_part_open(struct xlsx *xlsx, bg_str path, struct xlsx_part *part, bool *ret_found);
/* Reads on until the part ends or a handler suspends the parser. */
bg_err xlsx_part_run(struct xlsx_part *part);
void xlsx_part_close(struct xlsx_part *part);
/* A handler's failure: stops the parser. */
void xlsx_part_fail(struct xlsx_part *part, bg_err err);
/* The value of an attribute by local name, or NULL. */
const char *xlsx_attribute(const char **attributes, const char *name);

/* Reads relations, workbook, shared strings and styles. */
bg_err xlsx_read_parts(struct xlsx *xlsx);
/* Turns _x000D_ and its like into the characters they stand for, in place; returns the new length. */
size_t xlsx_unescape(char *at, size_t len);

/* How a number format shows numbers: "yyyy\-mm\-dd" is a date. */
enum xlsx_show xlsx_format_show(bg_str code);
enum xlsx_show xlsx_builtin_show(int64_t id);
/* A raw number ("44569.5", "1E-3") as people read it; false when it is none. */
bool xlsx_number_text(bg_str raw, enum xlsx_show show, bool date1904, char out[64]);

#endif
