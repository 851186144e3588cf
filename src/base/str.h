/* Text is a span: where it starts and how many bytes it has. A span owns nothing and need not end in NUL. */
#ifndef BG_BASE_STR_H
#define BG_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bg_str {
    const char *at;
    size_t len;
} bg_str;

#define BG_STR(literal) ((bg_str){ "" literal, sizeof(literal) - 1 })
#define BG_STR_FMT(s) (int)(s).len, (s).at /* for "%.*s" */

/* A span over NUL-terminated text that we made ourselves (never over input). NULL gives the empty span. */
bg_str bg_str_of(const char *text);
bool bg_str_eq(bg_str a, bg_str b);
bool bg_str_is(bg_str a, const char *literal);
/* Byte order, shorter first on a tie: <0, 0, >0. */
int bg_str_order(bg_str a, bg_str b);
bool bg_str_starts(bg_str s, bg_str prefix);
bool bg_str_ends(bg_str s, bg_str suffix);
/* Index of the first `byte`, or s.len. */
size_t bg_str_find(bg_str s, char byte);
/* The bytes [from, to), both clamped to s. */
bg_str bg_str_cut(bg_str s, size_t from, size_t to);
/* Without ASCII blanks (space, tab, CR, LF) at either end. */
bg_str bg_str_trim(bg_str s);
/* Decimal, optional leading '-', no blanks, no '+', the whole span, within int64: true and *ret set; else false. */
bool bg_str_int(bg_str s, int64_t *ret);
/* Lower-case hex, exactly 2*size digits: true and out filled; else false. Accepts upper case. */
bool bg_str_hex(bg_str s, uint8_t *out, size_t size);

/* UTF-8 by RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. */
bool bg_utf8_valid(bg_str s);
/* Reads the code point at *pos and moves *pos past it; -1 at the end or on a bad byte (then moves one byte). */
int32_t bg_utf8_next(bg_str s, size_t *pos);
/* Writes a code point into out[4]; returns its bytes, 0 when it is not a scalar value. */
size_t bg_utf8_put(int32_t point, char out[4]);

#endif
