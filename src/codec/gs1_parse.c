/* Reading scans: symbology identifiers, element strings, text with brackets. */
#include "codec/gs1_in.h"

#include <string.h>

static const bg_str composite = { "|]e0", 4 };

/* What a symbology identifier says of the data behind it (ISO/IEC 15424). */
enum mode { MODE_UNKNOWN, MODE_ELEMENTS, MODE_PLAIN, MODE_EAN13, MODE_EAN8 };

static enum mode mode_of(bg_str identifier)
{
    static const struct {
        const char *identifier;
        enum mode mode;
    } modes[] = {
        { "C1", MODE_ELEMENTS }, { "e0", MODE_ELEMENTS }, { "d2", MODE_ELEMENTS }, { "Q3", MODE_ELEMENTS }, { "J1", MODE_ELEMENTS },
        { "d1", MODE_PLAIN },    { "Q1", MODE_PLAIN },    { "J0", MODE_PLAIN },    { "E0", MODE_EAN13 },    { "E4", MODE_EAN8 },
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (bg_str_is(identifier, modes[i].identifier)) {
            return modes[i].mode;
        }
    }
    return MODE_UNKNOWN;
}

/* An element string behind its leading FNC1. One separator behind a value is passed over even where none is needed. */
static bg_err read_elements(struct bg_arena *arena, bg_str data, struct gs1 *gs1, size_t *used)
{
    if (data.len == 0) {
        return BG_FAIL_AT(BG_GS1_EMPTY, "scan");
    }
    while (data.len > 0) {
        size_t ai_len, min, max;
        const struct gs1_row *row = gs1_row_at(data, &ai_len);
        if (row == NULL) {
            return gs1_fail_ai(arena, BG_GS1_UNKNOWN_AI, data);
        }
        bg_str ai = bg_str_cut(data, 0, ai_len);
        data = bg_str_cut(data, ai_len, data.len);
        size_t end = bg_str_find(data, GS1_SEPARATOR);
        gs1_row_length(row, &min, &max);
        if (!row->separator && end > max) {
            end = max;
        }
        bg_str value = bg_str_cut(data, 0, end);
        BG_TRY(gs1_value_check(arena, row, ai, value));
        BG_TRY(gs1_append(arena, gs1, used, ai, value));
        data = bg_str_cut(data, end, data.len);
        if (data.len > 0 && data.at[0] == GS1_SEPARATOR) {
            data = bg_str_cut(data, 1, data.len);
        }
    }
    return BG_DONE;
}

static bg_err read_gtin(struct bg_arena *arena, bg_str digits, bg_str *ret)
{
    char normal[19];
    bg_err err = gs1_key_read(GS1_GTIN, digits, normal);
    if (bg_failed(err)) {
        return gs1_fail_ai(arena, err.code, BG_STR("01"));
    }
    *ret = bg_arena_copy(arena, bg_str_of(normal));
    return bg_need(ret->at);
}

/* Before all other elements. */
static void put_gtin(struct gs1 *gs1, bg_str gtin)
{
    memmove(&gs1->element[1], &gs1->element[0], gs1->count * sizeof gs1->element[0]);
    gs1->element[0] = (struct gs1_element){ BG_STR("01"), gtin };
    gs1->count++;
    gs1->form = GS1_PRIMARY;
}

/* EAN/UPC: exactly `size` digits, then perhaps a composite part, which is judged by itself. */
static bg_err read_primary(struct bg_arena *arena, bg_str data, size_t size, struct gs1 *gs1)
{
    bg_str digits = bg_str_cut(data, 0, size), rest = bg_str_cut(data, size, data.len);
    size_t used = 0;
    if (digits.len < size || (rest.len > 0 && !bg_str_starts(rest, composite))) {
        return BG_FAIL_WITH(BG_GS1_LENGTH, "scan", bg_arena_text(arena, "\"ai\":\"01\",\"length\":%zu,\"wanted\":[%zu]", data.len, size));
    }
    bg_str gtin;
    BG_TRY(read_gtin(arena, digits, &gtin));
    if (rest.len > 0) {
        BG_TRY(read_elements(arena, bg_str_cut(rest, composite.len, rest.len), gs1, &used));
        BG_TRY(gs1_pairs_check(arena, gs1));
    }
    put_gtin(gs1, gtin);
    return BG_DONE;
}

static bool is_link(bg_str text)
{
    return bg_str_starts(text, BG_STR("https://")) || bg_str_starts(text, BG_STR("HTTPS://")) || bg_str_starts(text, BG_STR("http://")) ||
           bg_str_starts(text, BG_STR("HTTP://"));
}

/* Behind a symbology identifier. */
static bg_err read_identified(struct bg_arena *arena, bg_str scan, struct gs1 *ret)
{
    struct gs1 gs1 = { .form = GS1_ELEMENTS };
    enum mode mode = mode_of(bg_str_cut(scan, 1, 3));
    bg_str data = bg_str_cut(scan, 3, scan.len);
    size_t used = 0;
    if (scan.len < 3 || mode == MODE_UNKNOWN) {
        return BG_FAIL_AT(BG_GS1_SYMBOLOGY, "scan");
    }
    if (mode == MODE_PLAIN && is_link(data)) {
        BG_TRY(gs1_parse_link(arena, data, &gs1));
    } else if (mode == MODE_PLAIN) {
        gs1.form = GS1_PLAIN;
        gs1.plain = data;
    } else if (mode == MODE_ELEMENTS) {
        BG_TRY(read_elements(arena, data, &gs1, &used));
        BG_TRY(gs1_pairs_check(arena, &gs1));
    } else {
        BG_TRY(read_primary(arena, data, mode == MODE_EAN13 ? 13 : 8, &gs1));
    }
    memcpy(gs1.symbology, scan.at + 1, 2);
    *ret = gs1;
    return BG_DONE;
}

static bool is_bare_gtin(bg_str scan)
{
    return (scan.len == 8 || (scan.len >= 12 && scan.len <= 14)) && gs1_check_digit_right(scan);
}

static bg_err copy_scan(struct bg_arena *arena, bg_str scan, bg_str *ret)
{
    if (scan.len > GS1_MAX_BYTES) {
        return BG_FAIL_WITH(BG_TOO_LARGE, "scan", bg_arena_text(arena, "\"length\":%zu,\"most\":%d", scan.len, GS1_MAX_BYTES));
    }
    if (scan.len == 0) {
        return BG_FAIL_AT(BG_GS1_EMPTY, "scan");
    }
    *ret = bg_arena_copy(arena, scan);
    return bg_need(ret->at);
}

bg_err gs1_parse(struct bg_arena *arena, bg_str scan, struct gs1 *ret)
{
    struct gs1 gs1 = { .form = GS1_ELEMENTS };
    size_t used = 0;
    BG_TRY(copy_scan(arena, scan, &scan));
    if (scan.at[0] == ']') {
        return read_identified(arena, scan, ret);
    }
    if (scan.at[0] == '(') {
        return gs1_parse_brackets(arena, scan, ret);
    }
    if (memmem(scan.at, scan.len, "://", 3) != NULL) {
        return gs1_parse_link(arena, scan, ret);
    }
    if (is_bare_gtin(scan)) {
        bg_str gtin;
        BG_TRY(read_gtin(arena, scan, &gtin));
        put_gtin(&gs1, gtin);
    } else {
        if (scan.at[0] == GS1_SEPARATOR) { /* the leading FNC1, sent by some scanners in place of an identifier */
            scan = bg_str_cut(scan, 1, scan.len);
        }
        BG_TRY(read_elements(arena, scan, &gs1, &used));
        BG_TRY(gs1_pairs_check(arena, &gs1));
    }
    *ret = gs1;
    return BG_DONE;
}

static bool escapes(bg_str text, size_t at)
{
    return text.at[at] == '\\' && at + 1 < text.len && text.at[at + 1] == '(';
}

/* The value at the front of `text`, up to the next "(" that has no backslash before it; *ret_rest begins with that "(". */
static bg_err read_bracket_value(struct bg_arena *arena, bg_str text, bg_str *ret_value, bg_str *ret_rest)
{
    size_t end = 0, len = 0;
    while (end < text.len && text.at[end] != '(') {
        end += escapes(text, end) ? 2 : 1;
    }
    char *out = bg_arena_get(arena, end + 1);
    BG_TRY(bg_need(out));
    for (size_t i = 0; i < end; i++) {
        i += escapes(text, i) ? 1 : 0;
        out[len++] = text.at[i];
    }
    *ret_value = (bg_str){ out, len };
    *ret_rest = bg_str_cut(text, end, text.len);
    return BG_DONE;
}

/* One half of a composite, or the whole. */
static bg_err read_brackets(struct bg_arena *arena, bg_str text, struct gs1 *gs1, size_t *used)
{
    if (text.len == 0) {
        return BG_FAIL_AT(BG_GS1_EMPTY, "scan");
    }
    while (text.len > 0) {
        size_t close = bg_str_find(text, ')');
        bg_str value;
        if (text.at[0] != '(' || close == text.len) {
            return BG_FAIL_AT(BG_GS1_BRACKETS, "scan");
        }
        bg_str ai = bg_str_cut(text, 1, close);
        const struct gs1_row *row = gs1_row_find(ai);
        if (row == NULL) {
            return gs1_fail_ai(arena, BG_GS1_UNKNOWN_AI, ai);
        }
        BG_TRY(read_bracket_value(arena, bg_str_cut(text, close + 1, text.len), &value, &text));
        BG_TRY(gs1_value_check(arena, row, ai, value));
        BG_TRY(gs1_append(arena, gs1, used, ai, value));
    }
    return BG_DONE;
}

bg_err gs1_parse_brackets(struct bg_arena *arena, bg_str text, struct gs1 *ret)
{
    struct gs1 gs1 = { .form = GS1_ELEMENTS };
    size_t used = 0;
    BG_TRY(copy_scan(arena, text, &text));
    size_t bar = bg_str_find(text, '|');
    BG_TRY(read_brackets(arena, bg_str_cut(text, 0, bar), &gs1, &used));
    if (bar < text.len) {
        if (used >= GS1_MAX_AIS) {
            return BG_FAIL_WITH(BG_GS1_TOO_MANY, "scan", bg_arena_text(arena, "\"most\":%d", GS1_MAX_AIS));
        }
        used++; /* the bar takes a place */
        BG_TRY(read_brackets(arena, bg_str_cut(text, bar + 1, text.len), &gs1, &used));
    }
    BG_TRY(gs1_pairs_check(arena, &gs1));
    *ret = gs1;
    return BG_DONE;
}

bg_err gs1_restore_separator(struct bg_arena *arena, bg_str scan, bg_str sent_as, bg_str *ret)
{
    char *out = bg_arena_get(arena, scan.len + 1);
    size_t len = 0;
    BG_TRY(bg_need(out));
    for (size_t i = 0; i < scan.len;) {
        if (sent_as.len > 0 && bg_str_starts(bg_str_cut(scan, i, scan.len), sent_as)) {
            out[len++] = GS1_SEPARATOR;
            i += sent_as.len;
        } else {
            out[len++] = scan.at[i++];
        }
    }
    *ret = (bg_str){ out, len };
    return BG_DONE;
}
