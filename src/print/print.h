/* Documents on paper (打印): PDF pages with Chinese and English text, tables that go on over pages, bar codes; and labels as PDF
 * or as a bitmap for label printers. Lengths are millimetres from the upper left corner, sizes of letters are points. Pages are
 * drawn by cairo, text is set by Pango with WenQuanYi Zen Hei (TrueType: a subset of some kilobytes goes into the file), bar
 * codes are made by Zint. Failure is sticky, as in bg_buf: draw freely, ask once at print_close. One document is used by one
 * thread. */
#ifndef BG_PRINT_PRINT_H
#define BG_PRINT_PRINT_H

#include "base/base.h"

#define PRINT_A4_WIDTH_MM 210.0
#define PRINT_A4_HEIGHT_MM 297.0
#define PRINT_PAGES_MAX 500

struct print;

/* An empty document with its first page begun; `title` goes into the file's properties. BG_BAD_INPUT for a page outside 20…1000
 * mm. */
bg_err print_open(double width_mm, double height_mm, bg_str title, struct print **ret);
void print_discard(struct print *print); /* gives everything back; accepts NULL */
/* Ends the page and begins the next. */
void print_page(struct print *print);
/* Says what stands at the foot of every page, left; "n / m" stands right. Labels have none unless this is called. */
void print_footer(struct print *print, bg_str text);

enum print_style { PRINT_NORMAL = 0, PRINT_BOLD = 1, PRINT_CENTRE = 2, PRINT_RIGHT = 4, PRINT_GREY = 8, PRINT_ONE_LINE = 16 };
/* Sets text into a column of this width, wrapped (PRINT_ONE_LINE: cut with an ellipsis); returns the height used. Bytes that are
 * not UTF-8 are replaced. */
double print_text(struct print *print, double x_mm, double y_mm, double width_mm, double size_pt, unsigned style, bg_str text);
void print_line(struct print *print, double x1_mm, double y1_mm, double x2_mm, double y2_mm, double width_mm);
void print_box(struct print *print, double x_mm, double y_mm, double width_mm, double height_mm, double line_mm);

enum print_code {
    PRINT_QR, /* any text, error correction M */
    PRINT_GS1_128, /* "(00)…": bracketed elements */
    PRINT_GS1_DATAMATRIX, /* "(01)…(10)…" */
    PRINT_DATAMATRIX, /* any text */
    PRINT_CODE128 /* ASCII */
};
/* Draws a bar code with its quiet zone into the box, as large as fits; two-dimensional ones stay square. A data error fails the
 * document with BG_PRINT_CODE. */
void print_code(struct print *print, enum print_code code, bg_str data, double x_mm, double y_mm, double width_mm,
                double height_mm);

struct print_column {
    bg_str head;
    double width_mm;
    unsigned style; /* PRINT_RIGHT for numbers */
};
/* A table from y downwards in columns side by side from x: heads, then `rows` x `columns` cells, row-major; goes on over pages
 * (below `top_mm` there, with the heads again) until `bottom_mm`. Returns y below the last row, on the page it ended on. */
double print_table(struct print *print, double x_mm, double y_mm, double top_mm, double bottom_mm, double size_pt,
                   const struct print_column *column, size_t columns, const bg_str *cell, size_t rows);

/* A label for a carton or pack (标签): 100 x 60 mm, what a person reads and a GS1 DataMatrix that reads back as the same. Without
 * a GTIN the code carries our own elements, GS1's AIs for internal use: 91 "BG" and the item's code, 92 lot, 93 expiry as YYMMDD,
 * 94 quantity. */
struct print_label {
    bg_str name_zh, name_en, item_code, spec, unit;
    bg_str gtin; /* 14 digits of what the label stands on, or empty */
    bg_str lot, place;
    bg_date made, expiry; /* BG_DATE_NONE: unknown */
    int64_t qty; /* base units; 0: unknown */
    bg_date printed_on;
};
#define PRINT_LABEL_WIDTH_MM 100.0
#define PRINT_LABEL_HEIGHT_MM 60.0
/* The bracketed elements of the label's code, in the arena. BG_GS1_… when lot or item code hold what a code can not. */
bg_err print_label_elements(const struct print_label *label, struct bg_arena *arena, bg_str *ret);
/* Draws the label on the current page of a document of the label's size. */
bg_err print_label(struct print *print, const struct print_label *label, struct bg_arena *arena);

/* Ends the document and frees it: the PDF's bytes are added to `out`. */
bg_err print_close(struct print *print, struct bg_buf *out);
/* Ends the document and frees it: each page as ZPL (^GFA), for label printers of `dpi` dots an inch (203, 300, 600), black or
 * white. */
bg_err print_close_zpl(struct print *print, int dpi, struct bg_buf *out);

#endif
