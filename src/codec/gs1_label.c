/* From elements to labels: text with brackets, element strings, human readable text, what a symbol carries. */
#include "codec/gs1_in.h"

#include <string.h>

#define MAX_TEXT (4 * GS1_MAX_BYTES)

/* The buffer's text, kept in the arena. */
static bg_err keep(struct bg_arena *arena, struct bg_buf *out, bg_str *ret)
{
    BG_TRY(bg_buf_check(out));
    *ret = bg_arena_copy(arena, bg_buf_str(out));
    return bg_need(ret->at);
}

bg_err gs1_write_brackets(struct bg_arena *arena, const struct gs1 *gs1, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(MAX_TEXT);
    for (size_t i = 0; i < gs1->count; i++) {
        bg_str value = gs1->element[i].value;
        bg_buf_print(&out, "(%.*s)", BG_STR_FMT(gs1->element[i].ai));
        for (size_t j = 0; j < value.len; j++) {
            if (value.at[j] == '(') {
                bg_buf_byte(&out, '\\');
            }
            bg_buf_byte(&out, value.at[j]);
        }
    }
    return keep(arena, &out, ret);
}

static void write_elements(struct bg_buf *out, const struct gs1_element *element, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gs1_row *row = gs1_row_find(element[i].ai);
        bg_buf_add(out, element[i].ai);
        bg_buf_add(out, element[i].value);
        if (row != NULL && row->separator && i + 1 < count) {
            bg_buf_byte(out, GS1_SEPARATOR);
        }
    }
}

bg_err gs1_write_elements(struct bg_arena *arena, const struct gs1 *gs1, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(MAX_TEXT);
    write_elements(&out, gs1->element, gs1->count);
    return keep(arena, &out, ret);
}

bg_err gs1_write_text(struct bg_arena *arena, const struct gs1 *gs1, enum gs1_names names, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(MAX_TEXT);
    for (size_t i = 0; i < gs1->count; i++) {
        const struct gs1_element *element = &gs1->element[i];
        bg_str en, zh;
        if (i > 0) {
            bg_buf_byte(&out, '\n');
        }
        if (names != GS1_NO_NAMES && gs1_title(element->ai, &en, &zh)) {
            bg_buf_add(&out, names == GS1_NAMES_ZH ? zh : en);
            bg_buf_byte(&out, ' ');
        }
        bg_buf_print(&out, "(%.*s) %.*s", BG_STR_FMT(element->ai), BG_STR_FMT(element->value));
    }
    return keep(arena, &out, ret);
}

/* Codewords of Data Matrix in ASCII encodation: a pair of digits, another character and FNC1 are one each (ISO/IEC 16022). */
static size_t codewords(bg_str data)
{
    size_t count = 0;
    for (size_t i = 0; i < data.len; i++, count++) {
        if (i + 1 < data.len && gs1_all_digits(bg_str_cut(data, i, i + 2))) {
            i++;
        }
    }
    return count;
}

bg_err gs1_write_symbol(struct bg_arena *arena, const struct gs1 *gs1, enum gs1_symbol symbol, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(MAX_TEXT);
    struct gs1_element ordered[GS1_MAX_AIS + 1];
    size_t count = 0;
    for (int separator = 0; separator <= 1; separator++) {
        for (size_t i = 0; i < gs1->count; i++) {
            const struct gs1_row *row = gs1_row_find(gs1->element[i].ai);
            if (row != NULL && row->separator == (separator == 1)) {
                ordered[count++] = gs1->element[i];
            }
        }
    }
    if (count == 0) {
        return BG_FAIL_AT(BG_GS1_EMPTY, "label");
    }
    write_elements(&out, ordered, count);
    BG_TRY(bg_buf_check(&out));
    bg_str data = bg_buf_str(&out);
    /* The leading FNC1 of a Data Matrix is a codeword of its own. */
    size_t needed = symbol == GS1_128 ? data.len : codewords(data) + 1, room = symbol == GS1_128 ? 48 : 1558;
    if (needed > room) {
        return BG_FAIL_WITH(BG_GS1_SYMBOL_FULL, "label", bg_arena_text(arena, "\"needed\":%zu,\"most\":%zu", needed, room));
    }
    return keep(arena, &out, ret);
}
