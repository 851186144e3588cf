/* The rules of content of GS1 values: characters, check digits, dates and small forms. Each works on any bytes of any length. */
#include "codec/gs1_in.h"

#include <string.h>

const struct gs1_rule_info gs1_rules[RULE_COUNT] = {
    [RULE_NONE] = { BG_GS1_VALUE, "", "", "" },
#define RULE(name, code_, slug_, zh_, en_) [RULE_##name] = { code_, slug_, zh_, en_ },
    GS1_RULES(RULE)
#undef RULE
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_word(char c) /* of base64url and of importer indices */
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* GS1 character set 82, in the order of its weights for the pair of check characters (General Specifications 7.11, 7.13). */
static const char set_82[] = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

static bool is_82(char c)
{
    return c != '\0' && strchr(set_82, c) != NULL;
}

static bool is_39(char c)
{
    return is_digit(c) || is_upper(c) || c == '#' || c == '-' || c == '/';
}

static bool all(bg_str text, bool (*is)(char c), size_t *ret_at)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is(text.at[i])) {
            *ret_at = i;
            return false;
        }
    }
    return true;
}

bool gs1_all_digits(bg_str text)
{
    size_t at;
    return all(text, is_digit, &at);
}

static int two(bg_str text, size_t at)
{
    return (text.at[at] - '0') * 10 + (text.at[at + 1] - '0');
}

static bool holds_z(bg_str text, size_t *ret_at)
{
    size_t padding = 0;
    while (padding < text.len && text.at[text.len - padding - 1] == '=') {
        padding++;
    }
    *ret_at = text.len - padding;
    if (padding > 2 || (padding > 0 && text.len % 3 != 0)) {
        return false;
    }
    return all(bg_str_cut(text, 0, text.len - padding), is_word, ret_at);
}

static bool holds_csum(bg_str text, size_t *ret_at)
{
    if (!all(text, is_digit, ret_at)) {
        return false;
    }
    *ret_at = text.len > 0 ? text.len - 1 : 0;
    /* One digit alone is its own check digit when it is 0. */
    return text.len == 1 ? text.at[0] == '0' : gs1_check_digit_right(text);
}

/* Values of the characters times rising primes from the right, modulo 1021, as two characters of 5 bits (General Specifications 7.9.5). */
static bool holds_csumalpha(bg_str text, size_t *ret_at)
{
    static const char set_32[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    uint32_t sum = 0, prime = 2;
    *ret_at = text.len >= 2 ? text.len - 2 : 0;
    if (text.len < 2 || text.len > 99) {
        return false;
    }
    for (size_t i = text.len - 2; i-- > 0;) {
        const char *place = text.at[i] != '\0' ? strchr(set_82, text.at[i]) : NULL;
        if (place == NULL) {
            *ret_at = i;
            return false;
        }
        sum = (sum + (uint32_t)(place - set_82) * prime) % 1021;
        for (bool found = false; !found;) {
            prime++;
            found = true;
            for (uint32_t d = 2; d * d <= prime && found; d++) {
                found = prime % d != 0;
            }
        }
    }
    return text.at[text.len - 2] == set_32[sum >> 5] && text.at[text.len - 1] == set_32[sum & 31];
}

/* ISO 13616: the first four characters moved behind, letters as 10…35, modulo 97 is 1. */
static bool holds_iban(bg_str text, size_t *ret_at)
{
    unsigned sum = 0;
    *ret_at = 0;
    if (text.len < 4 || !gs1_code_listed(RULE_ISO3166ALPHA2, bg_str_cut(text, 0, 2)) || text.len > 34 || text.len <= 10) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        size_t at = (i + 4) % text.len;
        char c = text.at[at];
        if (is_digit(c)) {
            sum = sum * 10 + (unsigned)(c - '0');
        } else if (is_upper(c)) {
            sum = sum * 100 + (unsigned)(c - 'A') + 10;
        } else {
            *ret_at = at;
            return false;
        }
        sum %= 97;
    }
    *ret_at = 2;
    return sum == 1;
}

static bool holds_prefix(bg_str text, size_t from, size_t *ret_at)
{
    *ret_at = 0;
    if (text.len < from + 4) {
        return false;
    }
    for (size_t i = from; i < from + 4; i++) {
        if (!is_digit(text.at[i])) {
            *ret_at = i;
            return false;
        }
    }
    return true;
}

/* `year` digits of year, then MMDD. Two digits of year mean 1972…2071: only 2000 could matter for the leap day, and it is a leap year. */
static bool holds_date(bg_str text, size_t year, bool day_zero, size_t *ret_at)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    *ret_at = 0;
    if (text.len != year + 4 || !all(text, is_digit, ret_at)) {
        return false;
    }
    int yyyy = year == 2 ? 2000 + two(text, 0) : two(text, 0) * 100 + two(text, 2);
    int month = two(text, year), day = two(text, year + 2);
    *ret_at = year;
    if (month < 1 || month > 12) {
        return false;
    }
    *ret_at = year + 2;
    bool leap = (yyyy % 4 == 0 && yyyy % 100 != 0) || yyyy % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap) && (day > 0 || day_zero);
}

static bool holds_below(bg_str text, int limit, size_t *ret_at)
{
    *ret_at = 0;
    return text.len == 2 && all(text, is_digit, ret_at) && two(text, 0) < limit;
}

static bool holds_hhmi(bg_str text, size_t *ret_at)
{
    *ret_at = 0;
    if (text.len != 4 || !holds_below(bg_str_cut(text, 0, 2), 24, ret_at)) {
        return false;
    }
    bool right = holds_below(bg_str_cut(text, 2, 4), 60, ret_at);
    *ret_at += 2;
    return right;
}

static bool holds_percent(bg_str text, size_t *ret_at)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte;
        if (text.at[i] != '%') {
            continue;
        }
        *ret_at = i;
        if (i + 2 >= text.len || !bg_str_hex(bg_str_cut(text, i + 1, i + 3), &byte, 1)) {
            return false;
        }
        i += 2;
    }
    return true;
}

static bool is_all(bg_str text, char c)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != c) {
            return false;
        }
    }
    return true;
}

static bool is_zero(bg_str text)
{
    return is_all(text, '0');
}

static bool holds_piece(bg_str text, size_t *ret_at)
{
    if (!all(text, is_digit, ret_at)) {
        return false;
    }
    *ret_at = 0;
    if (text.len == 0 || text.len % 2 != 0) {
        return false;
    }
    bg_str piece = bg_str_cut(text, 0, text.len / 2), total = bg_str_cut(text, text.len / 2, text.len);
    if (!is_zero(piece) && is_zero(total)) {
        *ret_at = text.len / 2;
    }
    return !is_zero(piece) && !is_zero(total) && memcmp(piece.at, total.at, piece.len) <= 0;
}

static bool holds_position(bg_str text, size_t *ret_at)
{
    size_t slash = bg_str_find(text, '/');
    bg_str position = bg_str_cut(text, 0, slash), end = bg_str_cut(text, slash + 1, text.len);
    *ret_at = 0;
    if (slash >= text.len || position.len == 0 || end.len == 0 || !gs1_all_digits(position) || !gs1_all_digits(end)) {
        return false;
    }
    if (position.at[0] != '0' && end.at[0] == '0') {
        *ret_at = slash + 1;
    }
    if (position.at[0] == '0' || end.at[0] == '0') {
        return false;
    }
    return position.len < end.len || (position.len == end.len && memcmp(position.at, end.at, end.len) <= 0);
}

static bool holds_one_of(bg_str text, const char *choices, size_t *ret_at)
{
    *ret_at = 0;
    return text.len == 1 && text.at[0] != '\0' && strchr(choices, text.at[0]) != NULL;
}

static bool holds_degrees(bg_str text, int64_t limit, size_t *ret_at)
{
    int64_t value = 0;
    *ret_at = 0;
    return text.len == 10 && all(text, is_digit, ret_at) && bg_str_int(text, &value) && value <= limit;
}

/* The rules on dates, times and lists of codes. */
static bool holds_coded(enum gs1_rule rule, bg_str text, size_t *ret_at)
{
    *ret_at = 0;
    if (rule == RULE_YYMMD0 || rule == RULE_YYMMDD) {
        return holds_date(text, 2, rule == RULE_YYMMD0, ret_at);
    }
    if (rule == RULE_YYYYMMD0 || rule == RULE_YYYYMMDD) {
        return holds_date(text, 4, rule == RULE_YYYYMMD0, ret_at);
    }
    if (rule == RULE_HH) {
        return holds_below(text, 24, ret_at);
    }
    if (rule == RULE_MI || rule == RULE_SS) {
        return holds_below(text, 60, ret_at);
    }
    if (rule == RULE_HHMI) {
        return holds_hhmi(text, ret_at);
    }
    if (rule == RULE_COUPONCODE) {
        return gs1_coupon_holds(text, ret_at);
    }
    if (rule == RULE_COUPONPOSOFFER) {
        return gs1_coupon_offer_holds(text, ret_at);
    }
    if (rule == RULE_ISO3166999) {
        return bg_str_is(text, "999") || gs1_code_listed(RULE_ISO3166, text);
    }
    return gs1_code_listed(rule, text);
}

static bool holds_small(enum gs1_rule rule, bg_str text, size_t *ret_at)
{
    *ret_at = 0;
    switch ((int)rule) {
    case RULE_ISO5218: return holds_one_of(text, "0129", ret_at);
    case RULE_YESNO: return holds_one_of(text, "01", ret_at);
    case RULE_WINDING: return holds_one_of(text, "019", ret_at);
    case RULE_IMPORTERIDX: return text.len == 1 && is_word(text.at[0]);
    case RULE_HYPHEN: return text.len > 0 && is_all(text, '-');
    case RULE_NONZERO: return all(text, is_digit, ret_at) && !is_zero(text);
    case RULE_ZERO: return text.len > 0 && is_zero(text);
    case RULE_NOZEROPREFIX: return !(text.len > 0 && text.at[0] == '0') && all(text, is_digit, ret_at);
    case RULE_HASNONDIGIT: return !gs1_all_digits(text);
    case RULE_LATITUDE: return holds_degrees(text, 1800000000, ret_at);
    case RULE_LONGITUDE: return holds_degrees(text, 3600000000, ret_at);
    case RULE_PCENC: return holds_percent(text, ret_at);
    case RULE_PIECEOFTOTAL: return holds_piece(text, ret_at);
    case RULE_POSINSEQSLASH: return holds_position(text, ret_at);
    default: return holds_coded(rule, text, ret_at);
    }
}

bool gs1_rule_holds(enum gs1_rule rule, bg_str text, size_t *ret_at)
{
    *ret_at = 0;
    switch ((int)rule) {
    case RULE_NONE: return true;
    case RULE_N: return all(text, is_digit, ret_at);
    case RULE_X: return all(text, is_82, ret_at);
    case RULE_Y: return all(text, is_39, ret_at);
    case RULE_Z: return holds_z(text, ret_at);
    case RULE_CSUM: return holds_csum(text, ret_at);
    case RULE_CSUMALPHA: return holds_csumalpha(text, ret_at);
    case RULE_IBAN: return holds_iban(text, ret_at);
    case RULE_GCPPOS1: return holds_prefix(text, 0, ret_at);
    case RULE_GCPPOS2: return holds_prefix(text, 1, ret_at);
    default: return holds_small(rule, text, ret_at);
    }
}
