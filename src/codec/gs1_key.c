/* Check digits and keys that stand alone: GTIN, SSCC, GLN, GSIN. */
#include "codec/gs1_in.h"

#include <string.h>

char gs1_check_digit(bg_str body)
{
    unsigned sum = 0;
    if (body.len == 0 || !gs1_all_digits(body)) {
        return 0;
    }
    for (size_t i = 0; i < body.len; i++) {
        unsigned weight = (body.len - i) % 2 == 1 ? 3 : 1;
        sum = (sum + weight * (unsigned)(body.at[i] - '0')) % 10;
    }
    return (char)('0' + (10 - sum) % 10);
}

bool gs1_check_digit_right(bg_str digits)
{
    if (digits.len < 2 || !gs1_all_digits(digits)) {
        return false;
    }
    return gs1_check_digit(bg_str_cut(digits, 0, digits.len - 1)) == digits.at[digits.len - 1];
}

static bool length_right(enum gs1_key key, size_t len)
{
    switch (key) {
    case GS1_GTIN: return len == 8 || (len >= 12 && len <= 14);
    case GS1_SSCC: return len == 18;
    case GS1_GLN: return len == 13;
    case GS1_GSIN: return len == 17;
    }
    return false;
}

static const char *const wanted_lengths[] = { [GS1_GTIN] = "[8,12,13,14]", [GS1_SSCC] = "[18]", [GS1_GLN] = "[13]", [GS1_GSIN] = "[17]" };

bg_err gs1_key_parse(struct bg_arena *arena, enum gs1_key key, bg_str text, bg_str *ret_normal)
{
    size_t at;
    if (!gs1_rule_holds(RULE_N, text, &at)) {
        return BG_FAIL_WITH(BG_GS1_CHARACTER, "value", bg_arena_text(arena, "\"at\":%zu", at));
    }
    if (!length_right(key, text.len)) {
        return BG_FAIL_WITH(BG_GS1_LENGTH, "value", bg_arena_text(arena, "\"length\":%zu,\"wanted\":%s", text.len, wanted_lengths[key]));
    }
    if (!gs1_check_digit_right(text)) {
        char wanted = gs1_check_digit(bg_str_cut(text, 0, text.len - 1));
        return BG_FAIL_WITH(BG_GS1_CHECK, "value", bg_arena_text(arena, "\"check_digit\":\"%c\",\"wanted\":\"%c\"",
                                                                text.at[text.len - 1], wanted));
    }
    size_t len = key == GS1_GTIN ? 14 : text.len;
    char *normal = bg_arena_get(arena, len + 1);
    BG_TRY(bg_need(normal));
    memset(normal, '0', len - text.len);
    memcpy(normal + (len - text.len), text.at, text.len);
    *ret_normal = (bg_str){ normal, len };
    return BG_DONE;
}
