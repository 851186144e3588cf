/* Spans of text and strict UTF-8. */
#include "base/str.h"

#include <string.h>

bg_str bg_str_of(const char *text)
{
    return text != NULL ? (bg_str){ text, strlen(text) } : (bg_str){ "", 0 };
}

bool bg_str_eq(bg_str a, bg_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool bg_str_is(bg_str a, const char *literal)
{
    return bg_str_eq(a, bg_str_of(literal));
}

int bg_str_order(bg_str a, bg_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.at, b.at, shared);
    if (order != 0) {
        return order;
    }
    return a.len == b.len ? 0 : (a.len < b.len ? -1 : 1);
}

bool bg_str_starts(bg_str s, bg_str prefix)
{
    return s.len >= prefix.len && bg_str_eq((bg_str){ s.at, prefix.len }, prefix);
}

bool bg_str_ends(bg_str s, bg_str suffix)
{
    return s.len >= suffix.len && bg_str_eq((bg_str){ s.at + (s.len - suffix.len), suffix.len }, suffix);
}

size_t bg_str_find(bg_str s, char byte)
{
    const char *hit = s.len == 0 ? NULL : memchr(s.at, byte, s.len);
    return hit != NULL ? (size_t)(hit - s.at) : s.len;
}

bg_str bg_str_cut(bg_str s, size_t from, size_t to)
{
    to = to > s.len ? s.len : to;
    from = from > to ? to : from;
    return (bg_str){ s.at + from, to - from };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bg_str bg_str_trim(bg_str s)
{
    while (s.len > 0 && is_blank(s.at[0])) {
        s = bg_str_cut(s, 1, s.len);
    }
    while (s.len > 0 && is_blank(s.at[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool bg_str_int(bg_str s, int64_t *ret)
{
    bool negative = s.len > 0 && s.at[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i >= s.len) {
        return false;
    }
    int64_t value = 0;
    for (; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') {
            return false;
        }
        int64_t digit = s.at[i] - '0';
        /* Built on the negative side, which reaches one further. */
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, digit, &value)) {
            return false;
        }
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    *ret = negative ? value : -value;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool bg_str_hex(bg_str s, uint8_t *out, size_t size)
{
    if (s.len != 2 * size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(s.at[2 * i]);
        int low = hex_value(s.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

/* Bytes that a lead byte announces, 0 for one that can not lead. */
static size_t utf8_width(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

int32_t bg_utf8_next(bg_str s, size_t *pos)
{
    static const int32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (*pos >= s.len) {
        return -1;
    }
    unsigned char lead = (unsigned char)s.at[*pos];
    size_t width = utf8_width(lead);
    if (width == 1) {
        (*pos)++;
        return lead;
    }
    if (width == 0 || width > s.len - *pos) {
        (*pos)++;
        return -1;
    }
    int32_t point = lead & (0x7F >> width);
    for (size_t i = 1; i < width; i++) {
        unsigned char next = (unsigned char)s.at[*pos + i];
        if ((next & 0xC0) != 0x80) {
            (*pos)++;
            return -1;
        }
        point = (point << 6) | (next & 0x3F);
    }
    if (point < least[width] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        (*pos)++;
        return -1;
    }
    *pos += width;
    return point;
}

bool bg_utf8_valid(bg_str s)
{
    size_t pos = 0;
    while (pos < s.len) {
        if ((unsigned char)s.at[pos] < 0x80) {
            pos++;
            continue;
        }
        if (bg_utf8_next(s, &pos) < 0) {
            return false;
        }
    }
    return true;
}

size_t bg_utf8_put(int32_t point, char out[4])
{
    if (point < 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        return 0;
    }
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t width = point < 0x800 ? 2 : (point < 0x10000 ? 3 : 4);
    static const unsigned char lead[5] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = width - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)(lead[width] | point);
    return width;
}
