/* Cells into values. */
#include <stdio.h>
#include <string.h>

#include "codec/table.h"

/* Blanks at the ends off, full width made half: what a number, date or word is read from. Cut to 80 bytes: none is longer. */
static bg_str cell_plain(bg_str cell, char out[88])
{
    size_t pos = 0, len = 0;
    while (pos < cell.len && len < 80) {
        int32_t point = bg_utf8_next(cell, &pos);
        char bytes[4];
        if (point >= 0xFF01 && point <= 0xFF5E) {
            point -= 0xFEE0;
        } else if (point == 0x3000 || point == 0xA0) {
            point = ' ';
        }
        size_t size = bg_utf8_put(point, bytes);
        memcpy(out + len, bytes, size);
        len += size;
    }
    return bg_str_trim((bg_str){ out, len });
}

/* 1200, 1,200, 1200.0, 1,200.00: digits, grouped by threes or not at all, a fraction of zeros only. */
static bool read_int(bg_str text, int64_t *ret)
{
    char digits[32];
    size_t len = 0, group = 0, i = 0;
    bool grouped = false;
    if (text.len > 0 && text.at[0] == '-') {
        digits[len++] = '-';
        i = 1;
    }
    size_t first = i;
    for (; i < text.len && text.at[i] != '.'; i++) {
        if (text.at[i] == ',') {
            if (i == first || (grouped ? group != 3 : group > 3)) {
                return false;
            }
            grouped = true;
            group = 0;
            continue;
        }
        if (len >= sizeof digits - 1) {
            return false;
        }
        digits[len++] = text.at[i];
        group++;
    }
    if (grouped && group != 3) {
        return false;
    }
    if (i < text.len && i + 1 == text.len) {
        return false;
    }
    for (i++; i < text.len; i++) {
        if (text.at[i] != '0') {
            return false;
        }
    }
    return bg_str_int((bg_str){ digits, len }, ret);
}

/* Digits at *pos, at most `max`; -1 when there are none. */
static int take_number(bg_str text, size_t *pos, size_t max)
{
    int value = 0;
    size_t count = 0;
    while (count < max && *pos < text.len && text.at[*pos] >= '0' && text.at[*pos] <= '9') {
        value = value * 10 + (text.at[(*pos)++] - '0');
        count++;
    }
    return count > 0 ? value : -1;
}

static bool take(bg_str text, size_t *pos, const char *literal)
{
    bg_str want = bg_str_of(literal);
    if (!bg_str_starts(bg_str_cut(text, *pos, text.len), want)) {
        return false;
    }
    *pos += want.len;
    return true;
}

/* 2022-01-08, 2022/1/8, 2022.1.8, 2022年1月8日, 20220108; moves *pos behind it. */
static bool take_date(bg_str text, size_t *pos, bg_date *ret)
{
    size_t start = *pos;
    int year = take_number(text, pos, 4), month, day;
    if (year < 0 || *pos - start != 4) {
        return false;
    }
    if (*pos < text.len && text.at[*pos] >= '0' && text.at[*pos] <= '9') {
        month = take_number(text, pos, 2);
        day = take_number(text, pos, 2);
        return *pos - start == 8 && !bg_failed(bg_date_of(year, month, day, ret));
    }
    const char *after = take(text, pos, "-")    ? "-"
                        : take(text, pos, "/")  ? "/"
                        : take(text, pos, ".")  ? "."
                        : take(text, pos, "年") ? "月"
                                                : NULL;
    if (after == NULL) {
        return false;
    }
    month = take_number(text, pos, 2);
    if (!take(text, pos, after)) {
        return false;
    }
    day = take_number(text, pos, 2);
    if (strcmp(after, "月") == 0) {
        (void)(take(text, pos, "日") || take(text, pos, "号"));
    }
    return !bg_failed(bg_date_of(year, month, day, ret));
}

/* A date by a pattern of yyyy, MM or M, dd or d, and other characters as they stand. */
static bool take_pattern(bg_str text, size_t *pos, bg_str pattern, bg_date *ret)
{
    int year = -1, month = -1, day = -1;
    for (size_t i = 0; i < pattern.len;) {
        char letter = pattern.at[i];
        size_t run = 1;
        while (i + run < pattern.len && pattern.at[i + run] == letter) {
            run++;
        }
        if (letter == 'y') {
            year = take_number(text, pos, 4);
            year = year >= 0 && year < 100 && run == 2 ? year + 2000 : year;
        } else if (letter == 'M') {
            month = take_number(text, pos, 2);
        } else if (letter == 'd') {
            day = take_number(text, pos, 2);
        } else {
            if (*pos >= text.len || text.at[*pos] != letter) {
                return false;
            }
            *pos += 1;
            run = 1;
        }
        i += run;
    }
    return !bg_failed(bg_date_of(year, month, day, ret));
}

static bool take_any_date(const struct table_binding *binding, bg_str text, size_t *pos, bg_date *ret)
{
    size_t start = *pos;
    if (binding->rules->date.len > 0 && take_pattern(text, pos, binding->rules->date, ret)) {
        return true;
    }
    *pos = start;
    return take_date(text, pos, ret);
}

static bool read_date(const struct table_binding *binding, bg_str text, int64_t *ret)
{
    size_t pos = 0;
    bg_date date;
    if (!take_any_date(binding, text, &pos, &date) || pos != text.len) {
        bg_ms at; /* a spreadsheet may show a date with a clock at midnight */
        if (bg_failed(bg_time_parse(text, binding->offset_min, &at)) || text.len <= 10) {
            return false;
        }
        date = bg_date_at(at, binding->offset_min);
        if (bg_date_start(date, binding->offset_min) != at) {
            return false;
        }
    }
    *ret = date;
    return true;
}

/* RFC 3339, or a date in any form with an optional clock H:MM or H:MM:SS in city time. */
static bool read_time(const struct table_binding *binding, bg_str text, int64_t *ret)
{
    bg_ms at;
    if (!bg_failed(bg_time_parse(text, binding->offset_min, &at))) {
        *ret = at;
        return true;
    }
    size_t pos = 0;
    bg_date date;
    if (!take_any_date(binding, text, &pos, &date)) {
        return false;
    }
    int hour = 0, minute = 0, second = 0;
    if (pos < text.len) {
        if (!take(text, &pos, " ") && !take(text, &pos, "T")) {
            return false;
        }
        hour = take_number(text, &pos, 2);
        minute = take(text, &pos, ":") ? take_number(text, &pos, 2) : -1;
        second = take(text, &pos, ":") ? take_number(text, &pos, 2) : 0;
        if (take(text, &pos, ".")) { /* a fraction of a second is cut off */
            (void)take_number(text, &pos, 9);
        }
    }
    if (pos != text.len || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return false;
    }
    *ret = bg_date_start(date, binding->offset_min) + ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
    return true;
}

static bool same_word(bg_str text, const char *word)
{
    bg_str other = bg_str_of(word);
    if (text.len != other.len) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char a = text.at[i], b = other.at[i];
        a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a;
        b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
        if (a != b) {
            return false;
        }
    }
    return true;
}

static bool read_bool(bg_str text, int64_t *ret)
{
    static const char *const yes[] = { "true", "yes", "y", "1", "是", "有", "√" };
    static const char *const no[] = { "false", "no", "n", "0", "否", "无", "×" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (same_word(text, yes[i]) || same_word(text, no[i])) {
            *ret = same_word(text, yes[i]);
            return true;
        }
    }
    return false;
}

const struct table_word *table_word_next(const struct table_column *column, const struct table_word *word)
{
    size_t size = column->word_size != 0 ? column->word_size : sizeof *word;
    return (const struct table_word *)(const void *)((const char *)word + size);
}

static bool read_word(const struct table_column *column, bg_str text, int64_t *ret)
{
    for (const struct table_word *word = column->words; word->number != 0; word = table_word_next(column, word)) {
        if (same_word(text, word->slug) || same_word(text, word->zh) || same_word(text, word->en)) {
            *ret = word->number;
            return true;
        }
    }
    return false;
}

/* {"value":"…"} and, for a word, the words that would do. */
static const char *value_facts(struct bg_arena *arena, const struct table_column *column, bg_str value)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 16);
    bg_json_put_str(&out, "value", bg_str_cut(value, 0, 200));
    if (column->type == TABLE_WORD) {
        bg_json_key(&out, "words");
        bg_json_array(&out);
        for (const struct table_word *word = column->words; word->number != 0; word = table_word_next(column, word)) {
            bg_json_str(&out, bg_str_of(word->slug));
        }
        bg_json_array_end(&out);
    }
    return bg_failed(bg_buf_check(&out)) ? NULL : bg_arena_copy(arena, bg_buf_str(&out)).at;
}

static bg_err read_text(const struct table_column *column, bg_str text, struct bg_arena *arena, struct table_cell *ret)
{
    int64_t characters = 0, max = column->max > 0 ? column->max : 2000;
    for (size_t pos = 0; pos < text.len; characters++) {
        int32_t point = bg_utf8_next(text, &pos);
        bool control = point < 0x20 && !((point == '\n' || point == '\t') && max > 200);
        if (point < 0 || point == 0xFFFD) {
            return BG_FAIL_WITH(BG_TABLE_DAMAGED, column->name, value_facts(arena, column, text));
        }
        if (control || point == 0x7F) {
            return BG_FAIL_WITH(BG_TABLE_CONTROL, column->name, value_facts(arena, column, text));
        }
    }
    if (characters > max) {
        const char *facts = bg_arena_text(arena, "\"characters\":%lld,\"most\":%lld", (long long)characters, (long long)max);
        return BG_FAIL_WITH(BG_TABLE_LONG, column->name, facts);
    }
    ret->s = bg_arena_copy(arena, text);
    return bg_need(ret->s.at);
}

bg_err table_cell_read(const struct table_binding *binding, size_t index, bg_str cell, struct bg_arena *arena,
                       struct table_cell *ret)
{
    const struct table_column *column = &binding->columns[index];
    const struct table_rules *rules = binding->rules;
    char buffer[88];
    bg_str text = csv_unguard(cell), plain = cell_plain(text, buffer);
    for (size_t i = 0; i < rules->word_count; i++) {
        if (bg_str_is(rules->words[i].column, column->name) && bg_str_eq(bg_str_trim(text), rules->words[i].from)) {
            text = rules->words[i].to;
            plain = cell_plain(text, buffer);
            break;
        }
    }
    *ret = (struct table_cell){ .given = column->type == TABLE_TEXT ? text.len > 0 : plain.len > 0 };
    if (!ret->given) {
        return BG_DONE;
    }
    bool good = true;
    enum bg_code code = BG_BAD_TIME;
    switch (column->type) {
    case TABLE_TEXT: return read_text(column, text, arena, ret);
    case TABLE_INT: {
        bool any = column->min == 0 && column->max == 0;
        code = BG_TABLE_NUMBER;
        good = read_int(plain, &ret->i) && ret->i >= column->min && ret->i <= (any ? BG_QTY_MAX : column->max);
        break;
    }
    case TABLE_DATE: good = read_date(binding, plain, &ret->i); break;
    case TABLE_TIME: good = read_time(binding, plain, &ret->i); break;
    case TABLE_BOOL:
        code = BG_TABLE_WORD_BAD;
        good = read_bool(plain, &ret->i);
        break;
    case TABLE_WORD:
        code = BG_TABLE_WORD_BAD;
        good = read_word(column, plain, &ret->i);
        break;
    }
    return good ? BG_DONE : BG_FAIL_WITH(code, column->name, value_facts(arena, column, text));
}

bg_err table_row_read(const struct table_binding *binding, const struct csv_row *row, struct bg_arena *arena,
                      struct table_cell *ret_cells, struct table_errors *errors)
{
    memcpy(ret_cells, binding->fixed, binding->column_count * sizeof *ret_cells);
    for (size_t i = 0; i < row->count; i++) {
        if (i >= binding->width) {
            if (row->fields[i].len > 0) {
                table_error_add(errors, BG_STR(""), BG_FAIL(BG_TABLE_RAGGED));
                break;
            }
            continue;
        }
        if (binding->of[i] < 0) {
            continue;
        }
        struct table_cell cell = { .given = false };
        bg_err err = table_cell_read(binding, (size_t)binding->of[i], row->fields[i], arena, &cell);
        if (err.code == BG_NO_MEMORY) {
            return err;
        }
        if (bg_failed(err)) {
            table_error_add(errors, binding->headers[i], err);
        }
        if (cell.given) {
            ret_cells[binding->of[i]] = cell;
        }
    }
    for (size_t i = 0; i < binding->rules->same_count; i++) {
        struct table_cell *to = &ret_cells[table_column_of(binding, binding->rules->same[i].from)];
        if (!to->given) {
            *to = ret_cells[table_column_of(binding, binding->rules->same[i].to)];
        }
    }
    for (size_t i = 0; i < binding->column_count; i++) {
        if (binding->columns[i].required && !ret_cells[i].given) {
            table_error_add(errors, table_header_of(binding, i), BG_FAIL_AT(BG_TABLE_EMPTY, binding->columns[i].name));
        }
    }
    return BG_DONE;
}
