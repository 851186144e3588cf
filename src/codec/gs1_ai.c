/* The table of application identifiers and how to find a row. */
#include "codec/gs1_in.h"

#include <string.h>

enum { FIXED = 0, UNTIL_FNC1 = 1, NO_ATTRIBUTE = 0, ATTRIBUTE = 1 };

#define MUST(set_, min_, max_, ...) { .set = RULE_##set_, .min = (min_), .max = (max_), .rule = { __VA_ARGS__ } },
#define MAY(set_, min_, max_, ...) { .set = RULE_##set_, .min = (min_), .max = (max_), .optional = true, .rule = { __VA_ARGS__ } },
#define GS1_AI(first_, last_, end_, attribute_, key_, need_, never_, title_, title_zh_, ...) \
    { .first = first_, .last = last_, .separator = (end_) == UNTIL_FNC1, .attribute = (attribute_) == ATTRIBUTE, .key = key_, \
      .need = need_, .never = never_, .title = title_, .title_zh = title_zh_, .part = { __VA_ARGS__ } },

static const struct gs1_row rows[] = {
#include "codec/gs1_ai.def"
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

const struct gs1_row *gs1_row_number(size_t index)
{
    return index < ROW_COUNT ? &rows[index] : NULL;
}

/* <0 when ai lies before the row, 0 inside, >0 behind. Same length only. */
static int row_order(bg_str ai, const struct gs1_row *row)
{
    if (memcmp(ai.at, row->first, ai.len) < 0) {
        return -1;
    }
    return memcmp(ai.at, row->last, ai.len) > 0 ? 1 : 0;
}

const struct gs1_row *gs1_row_find(bg_str ai)
{
    size_t from = 0, to = ROW_COUNT;
    if (ai.len < 2 || ai.len > 4 || !gs1_all_digits(ai)) {
        return NULL;
    }
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct gs1_row *row = &rows[middle];
        size_t len = strlen(row->first);
        int order = len == ai.len ? row_order(ai, row) : strncmp(ai.at, row->first, len < ai.len ? len : ai.len);
        if (order == 0) {
            /* AIs are free of prefixes: one that begins another is none. */
            return len == ai.len ? row : NULL;
        }
        if (order < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

const struct gs1_row *gs1_row_at(bg_str data, size_t *ret_ai_len)
{
    for (size_t len = 2; len <= 4 && len <= data.len; len++) {
        const struct gs1_row *row = gs1_row_find(bg_str_cut(data, 0, len));
        if (row != NULL) {
            *ret_ai_len = len;
            return row;
        }
    }
    return NULL;
}

void gs1_row_length(const struct gs1_row *row, size_t *ret_min, size_t *ret_max)
{
    *ret_min = *ret_max = 0;
    for (const struct gs1_part *part = row->part; part->set != RULE_NONE; part++) {
        *ret_min += part->optional ? 0 : part->min;
        *ret_max += part->max;
    }
}

bool gs1_row_is_key(const struct gs1_row *row)
{
    return strcmp(row->key, "-") != 0;
}

bool gs1_title(bg_str ai, bg_str *ret_en, bg_str *ret_zh)
{
    const struct gs1_row *row = gs1_row_find(ai);
    if (row == NULL) {
        return false;
    }
    *ret_en = bg_str_of(row->title);
    *ret_zh = bg_str_of(row->title_zh);
    return true;
}
