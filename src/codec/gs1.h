/* GS1: what a scanner hands over becomes a checked list of application identifiers (AI, 应用标识符) and values, and the way back to labels.
 *
 * The rules are those of the GS1 Barcode Syntax Dictionary, release 2026-01-27, and of the GS1 Barcode Syntax Engine in its default
 * settings: every check of content, every pairing that is required or forbidden, repeated AIs only with the same value, unknown AIs
 * refused. The table is gs1_ai.def. Two things go beyond the engine: digits without a symbology identifier that are a whole
 * GTIN-8/12/13/14 with a right check digit are read as AI 01 (a shop scanner sends nothing else), and so are EAN/UPC symbols (]E0, ]E4).
 *
 * Memory: results and the facts of errors live in the arena given. All text is bytes; only ASCII passes the checks of an AI value.
 * Errors: one of BG_GS1_… with facts {"ai", "rule", "at", …}, or BG_TOO_LARGE, BG_NO_MEMORY. */
#ifndef BG_CODEC_GS1_H
#define BG_CODEC_GS1_H

#include "base/base.h"

#define GS1_MAX_BYTES 8191 /* of one scan */
#define GS1_MAX_AIS 64     /* of one scan, ignored query parameters of a link included */
#define GS1_SEPARATOR '\x1D' /* FNC1 as scanners transmit it (GS) */

/* --- reading --- */

enum gs1_form {
    GS1_PLAIN,    /* text without AIs in a QR Code, Data Matrix or DotCode: see `plain` */
    GS1_ELEMENTS, /* element string, with or without brackets */
    GS1_LINK,     /* GS1 Digital Link URI */
    GS1_PRIMARY   /* EAN/UPC, or a bare GTIN: the first AI is 01, padded to 14 digits */
};

struct gs1_element {
    bg_str ai;    /* 2…4 digits */
    bg_str value; /* as checked; never empty */
};

struct gs1 {
    enum gs1_form form;
    char symbology[3];  /* "C1" of "]C1"; "" without an identifier */
    size_t count;
    size_t path_count;  /* GS1_LINK: so many elements at the front stood in the path, key first */
    bg_str plain;       /* GS1_PLAIN */
    struct gs1_element element[GS1_MAX_AIS + 1]; /* in the order of the scan; one more for the GTIN of an EAN/UPC */
};

/* Reads one scan: with a symbology identifier (]C1 GS1-128, ]e0 DataBar and composite, ]d2 Data Matrix, ]Q3 QR, ]J1 DotCode; ]d1 ]Q1 ]J0
 * plain text or a link; ]E0 EAN-13/UPC, ]E4 EAN-8, each with an optional composite part), or without one: a Digital Link URI, text
 * with brackets, a bare GTIN, or an element string with or without a leading FNC1. */
bg_err gs1_parse(struct bg_arena *arena, bg_str scan, struct gs1 *ret);
/* Reads "(01)09521234543213(10)ABC": a bracket inside a value is written "\("; a "|" parts a composite symbol. */
bg_err gs1_parse_brackets(struct bg_arena *arena, bg_str text, struct gs1 *ret);
/* Reads a GS1 Digital Link URI. */
bg_err gs1_parse_link(struct bg_arena *arena, bg_str uri, struct gs1 *ret);
/* Judges a list of elements as if it had been scanned; fills `ret` with it. */
bg_err gs1_of_elements(struct bg_arena *arena, const struct gs1_element *element, size_t count, struct gs1 *ret);
/* The scan with every `sent_as` turned into the separator, for scanners that send "{GS}", "<GS>" or the four characters \x1D. */
bg_err gs1_restore_separator(struct bg_arena *arena, bg_str scan, bg_str sent_as, bg_str *ret);
/* The value of an AI ("01"), or the empty span. */
bg_str gs1_find(const struct gs1 *gs1, const char *ai);
/* The name of an AI: "BATCH/LOT", "批号". False for an unknown AI. */
bool gs1_title(bg_str ai, bg_str *ret_en, bg_str *ret_zh);

/* --- writing --- */

/* "(01)09521234543213(10)ABC", brackets in values escaped: gs1_parse_brackets reads it back. */
bg_err gs1_write_brackets(struct bg_arena *arena, const struct gs1 *gs1, bg_str *ret);
/* "010952123454321310ABC" with the separator only where it is needed, as it follows "]C1": gs1_parse reads it back. */
bg_err gs1_write_elements(struct bg_arena *arena, const struct gs1 *gs1, bg_str *ret);
/* Human readable text (人可读字符), one AI a line: "(10) ABC", or "批号 (10) ABC" with the names. */
enum gs1_names { GS1_NO_NAMES, GS1_NAMES_ZH, GS1_NAMES_EN };
bg_err gs1_write_text(struct bg_arena *arena, const struct gs1 *gs1, enum gs1_names names, bg_str *ret);
/* The canonical Digital Link URI below `stem` ("https://example.com", a trailing "/" is dropped): the first key among the elements and as
 * many of its qualifiers as are there go into the path, in the order of the dictionary; the rest into the query, fixed length first.
 * Errors: BG_GS1_STEM, BG_GS1_NO_KEY, BG_GS1_ATTRIBUTE. */
bg_err gs1_write_link(struct bg_arena *arena, const struct gs1 *gs1, bg_str stem, bg_str *ret);
/* True when `stem` may stand before a Digital Link: http or https, a domain, at most a path. */
bool gs1_stem_right(bg_str stem);
/* What a symbol has to carry behind its leading FNC1: fixed lengths first, separators where needed, and within what the symbol can hold: 48
 * characters for GS1-128, 1,558 codewords for GS1 DataMatrix (two digits are one). Errors: BG_GS1_SYMBOL_FULL. */
enum gs1_symbol { GS1_128, GS1_DATAMATRIX };
bg_err gs1_write_symbol(struct bg_arena *arena, const struct gs1 *gs1, enum gs1_symbol symbol, bg_str *ret);

/* --- keys --- */

enum gs1_key { GS1_GTIN, GS1_SSCC, GS1_GLN, GS1_GSIN };
/* The check digit '0'…'9' behind `body`, all digits: weights 3, 1, 3, … from the right, 3 on the digit next to the check digit
 * (GS1 General Specifications 7.9.1). 0 when body is empty or not all digits. */
char gs1_check_digit(bg_str body);
/* True when `digits` are two or more digits and the last one is the check digit of the others. */
bool gs1_check_digit_right(bg_str digits);
/* A key typed or sent alone: GTIN of 8, 12, 13 or 14 digits (normal form: 14, padded with zeros), SSCC 18, GLN 13, GSIN 17 digits, and
 * nothing else around it. Does not allocate. Errors, without facts: BG_GS1_LENGTH, BG_GS1_CHARACTER, BG_GS1_CHECK. */
bg_err gs1_key_read(enum gs1_key key, bg_str text, char ret_normal[19]);

/* --- what a scan says about goods --- */

/* Empty spans, BG_DATE_NONE and -1 mean that the scan does not say. */
struct gs1_candidate {
    bg_str gtin;         /* 14 digits: AI 01, else 02 (what is inside the logistic unit) */
    bg_str item_code;    /* of a label printed here for goods without a GTIN: 91 behind "BG" */
    bg_str lot;          /* 批号: 10 */
    bg_str serial;       /* 序列号: 21 */
    bg_str sscc;         /* 00 */
    bg_str gln;          /* 414, the place itself */
    bg_date made;        /* 生产日期: 11, else 8008 */
    bg_date best_before; /* 15 */
    bg_date expiry;      /* 有效期: 17, else 7003 */
    int64_t count;       /* 37, else 30 */
};

/* Reads the goods out of a scan. `today` settles the century: a year 51 or more ahead belongs to the last century, 50 or more back to the
 * next (GS1 General Specifications 7.12). Day 00 is the last day of the month. */
void gs1_candidate_of(const struct gs1 *gs1, bg_date today, struct gs1_candidate *ret);
/* True for a label printed here for goods without a GTIN: GS1's AIs for internal use, 91 "BG" and the item's code, 92 lot, 93 expiry,
 * 94 count. */
bool gs1_own_label(const struct gs1 *gs1);
/* Takes the second code of the same pack into `into`: what is known stays when the other is silent; what both know must agree, else
 * BG_GS1_CONFLICT with field and both values, and `into` is as it was. */
bg_err gs1_candidate_merge(struct bg_arena *arena, struct gs1_candidate *into, const struct gs1_candidate *from);
/* The elements of a label that says this: 00, 01 (or 02 with 37 when there is an SSCC), 11, 15, 17, 10, 21, 30, 414. Judged like a scan. */
bg_err gs1_of_candidate(struct bg_arena *arena, const struct gs1_candidate *candidate, struct gs1 *ret);
/* YYMMDD with the century rule above. False when it is no date; day 00 only with `day_zero`. */
bool gs1_date(bg_str yymmdd, bg_date today, bool day_zero, bg_date *ret);

#endif
