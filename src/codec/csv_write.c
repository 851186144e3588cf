/* The CSV writer, and the guard against formulas. */
#include <string.h>

#include "codec/csv.h"

static void write_quoted(struct bg_buf *out, bg_str field, bool guard)
{
    bg_buf_add(out, guard ? BG_STR("\"'") : BG_STR("\""));
    size_t from = 0;
    while (from < field.len) {
        size_t run = bg_str_find(bg_str_cut(field, from, field.len), '"');
        bg_buf_add(out, bg_str_cut(field, from, from + run));
        from += run;
        if (from < field.len) {
            bg_buf_add(out, BG_STR("\"\""));
            from++;
        }
    }
    bg_buf_byte(out, '"');
}

void csv_write_field(struct bg_buf *out, bg_str field)
{
    bool quote = false;
    for (size_t i = 0; i < field.len && !quote; i++) {
        char c = field.at[i];
        quote = c == '"' || c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r';
    }
    quote = quote || (field.len > 0 && (field.at[0] == ' ' || field.at[field.len - 1] == ' '));
    if (!quote) {
        bg_buf_add(out, field);
        return;
    }
    write_quoted(out, field, false);
}

void csv_write_row(struct bg_buf *out, const bg_str *fields, size_t count)
{
    if (count == 1 && fields[0].len == 0) { /* an empty line would be skipped by every reader */
        bg_buf_add(out, BG_STR("\"\"\r\n"));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            bg_buf_byte(out, ',');
        }
        csv_write_field(out, fields[i]);
    }
    bg_buf_add(out, BG_STR("\r\n"));
}

/* True when a spreadsheet would run the text as a formula. */
static bool text_runs(bg_str text)
{
    static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (bg_str_starts(text, bg_str_of(starts[i]))) {
            return true;
        }
    }
    return false;
}

/* Apostrophes, then something that runs: exactly the texts that the guard lengthens, closed under adding one more apostrophe. */
static bool text_is_guarded(bg_str text)
{
    size_t marks = 0;
    while (marks < text.len && text.at[marks] == '\'') {
        marks++;
    }
    return text_runs(bg_str_cut(text, marks, text.len));
}

bg_err csv_guard(struct bg_arena *arena, bg_str text, bg_str *ret)
{
    if (!text_is_guarded(text)) {
        *ret = text;
        return BG_DONE;
    }
    char *copy = bg_arena_get(arena, text.len + 1);
    BG_TRY(bg_need(copy));
    copy[0] = '\'';
    memcpy(copy + 1, text.at, text.len);
    *ret = (bg_str){ copy, text.len + 1 };
    return BG_DONE;
}

bg_str csv_unguard(bg_str cell)
{
    return cell.len > 0 && cell.at[0] == '\'' && text_is_guarded(cell) ? bg_str_cut(cell, 1, cell.len) : cell;
}

void csv_write_text(struct bg_buf *out, bg_str text)
{
    if (text_is_guarded(text)) {
        write_quoted(out, text, true);
    } else {
        csv_write_field(out, text);
    }
}
