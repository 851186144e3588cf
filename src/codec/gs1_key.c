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

bg_err gs1_key_read(enum gs1_key key, bg_str text, char ret_normal[19])
{
    if (!gs1_all_digits(text)) {
        return BG_FAIL_AT(BG_GS1_CHARACTER, "value");
    }
    if (!length_right(key, text.len)) {
        return BG_FAIL_AT(BG_GS1_LENGTH, "value");
    }
    if (!gs1_check_digit_right(text)) {
        return BG_FAIL_AT(BG_GS1_CHECK, "value");
    }
    size_t len = key == GS1_GTIN ? 14 : text.len;
    memset(ret_normal, '0', len);
    memcpy(ret_normal + (len - text.len), text.at, text.len);
    ret_normal[len] = '\0';
    return BG_DONE;
}
