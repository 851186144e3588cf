/* Growable buffer and JSON writer. */
#include "base/buf.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct bg_buf bg_buf_init(size_t max)
{
    return (struct bg_buf){ .max = max };
}

void bg_buf_done(struct bg_buf *buf)
{
    bg_heap_free(buf->at);
    *buf = (struct bg_buf){ .max = buf->max };
}

void bg_buf_clear(struct bg_buf *buf)
{
    buf->len = 0;
    buf->failed = buf->starved = false;
    buf->comma = false;
}

bg_err bg_buf_check(const struct bg_buf *buf)
{
    return !buf->failed ? BG_DONE : buf->starved ? BG_FAIL(BG_NO_MEMORY) : BG_FAIL(BG_TOO_LARGE);
}

bg_str bg_buf_str(const struct bg_buf *buf)
{
    return (bg_str){ buf->at != NULL ? buf->at : "", buf->len };
}

/* Room for `more` bytes, or sticky failure. */
static bool grow(struct bg_buf *buf, size_t more)
{
    if (buf->failed) {
        return false;
    }
    if (more <= buf->room - buf->len) {
        return true;
    }
    if (more > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t room = buf->room < 256 ? 256 : buf->room + buf->room / 2;
    room = room < buf->len + more ? buf->len + more : room;
    room = room > buf->max ? buf->max : room;
    char *at = bg_heap_resize(buf->at, room);
    if (at == NULL) {
        buf->failed = buf->starved = true;
        return false;
    }
    buf->at = at;
    buf->room = room;
    return true;
}

void bg_buf_add(struct bg_buf *buf, bg_str s)
{
    if (s.len > 0 && grow(buf, s.len)) {
        memcpy(buf->at + buf->len, s.at, s.len);
        buf->len += s.len;
    }
}

void bg_buf_byte(struct bg_buf *buf, char byte)
{
    if (grow(buf, 1)) {
        buf->at[buf->len++] = byte;
    }
}

void bg_buf_print(struct bg_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* One byte more than the text: vsnprintf ends it with NUL, which is not counted. */
    if (len < 0) {
        buf->failed = true;
    } else if (grow(buf, (size_t)len + 1)) {
        (void)vsnprintf(buf->at + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

/* Decimal digits ending before `end`; where they begin. */
static char *put_int(char *end, int64_t value)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--end = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) {
        *--end = '-';
    }
    return end;
}

void bg_buf_int(struct bg_buf *buf, int64_t value)
{
    char digits[20];
    char *end = digits + sizeof digits, *at = put_int(end, value);
    bg_buf_add(buf, (bg_str){ at, (size_t)(end - at) });
}

void bg_buf_hex(struct bg_buf *buf, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        bg_buf_byte(buf, digits[bytes[i] >> 4]);
        bg_buf_byte(buf, digits[bytes[i] & 15]);
    }
}

static void json_comma(struct bg_buf *buf)
{
    if (buf->comma) {
        bg_buf_byte(buf, ',');
    }
    buf->comma = true;
}

void bg_json_object(struct bg_buf *buf)
{
    json_comma(buf);
    bg_buf_byte(buf, '{');
    buf->comma = false;
}

void bg_json_object_end(struct bg_buf *buf)
{
    bg_buf_byte(buf, '}');
    buf->comma = true;
}

void bg_json_array(struct bg_buf *buf)
{
    json_comma(buf);
    bg_buf_byte(buf, '[');
    buf->comma = false;
}

void bg_json_array_end(struct bg_buf *buf)
{
    bg_buf_byte(buf, ']');
    buf->comma = true;
}

void bg_json_key(struct bg_buf *buf, const char *key)
{
    /* In one go: answers are made of thousands of keys. */
    size_t len = strlen(key);
    if (grow(buf, len + 4)) {
        char *at = buf->at + buf->len;
        if (buf->comma) {
            *at++ = ',';
        }
        *at++ = '"';
        memcpy(at, key, len);
        at += len;
        *at++ = '"';
        *at++ = ':';
        buf->len = (size_t)(at - buf->at);
    }
    buf->comma = false;
}

/* Bytes that may stand in a JSON text as they are: everything but controls, quote and backslash, up to the next non-ASCII byte.
 */
static size_t plain_run(bg_str s, size_t from)
{
    size_t i = from;
    while (i < s.len) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7F) {
            break;
        }
        i++;
    }
    return i;
}

static void json_escape(struct bg_buf *buf, unsigned char c)
{
    switch (c) {
    case '"': bg_buf_add(buf, BG_STR("\\\"")); break;
    case '\\': bg_buf_add(buf, BG_STR("\\\\")); break;
    case '\n': bg_buf_add(buf, BG_STR("\\n")); break;
    case '\r': bg_buf_add(buf, BG_STR("\\r")); break;
    case '\t': bg_buf_add(buf, BG_STR("\\t")); break;
    default: bg_buf_print(buf, "\\u%04x", c); break;
    }
}

static void json_text(struct bg_buf *buf, bg_str s)
{
    bg_buf_byte(buf, '"');
    size_t i = 0;
    while (i < s.len) {
        size_t run = plain_run(s, i);
        bg_buf_add(buf, bg_str_cut(s, i, run));
        i = run;
        if (i == s.len) {
            break;
        }
        if ((unsigned char)s.at[i] < 0x80) {
            json_escape(buf, (unsigned char)s.at[i++]);
            continue;
        }
        size_t start = i;
        if (bg_utf8_next(s, &i) < 0) {
            bg_buf_add(buf, BG_STR("\xEF\xBF\xBD"));
        } else {
            bg_buf_add(buf, bg_str_cut(s, start, i));
        }
    }
    bg_buf_byte(buf, '"');
}

void bg_json_key_str(struct bg_buf *buf, bg_str key)
{
    json_comma(buf);
    json_text(buf, key);
    bg_buf_byte(buf, ':');
    buf->comma = false;
}

void bg_json_str(struct bg_buf *buf, bg_str s)
{
    json_comma(buf);
    json_text(buf, s);
}

void bg_json_int(struct bg_buf *buf, int64_t value)
{
    json_comma(buf);
    bg_buf_int(buf, value);
}

void bg_json_id(struct bg_buf *buf, int64_t id)
{
    char text[22];
    char *end = text + sizeof text;
    *--end = '"';
    char *at = put_int(end, id);
    *--at = '"';
    json_comma(buf);
    bg_buf_add(buf, (bg_str){ at, (size_t)(text + sizeof text - at) });
}

void bg_json_bool(struct bg_buf *buf, bool value)
{
    json_comma(buf);
    bg_buf_add(buf, value ? BG_STR("true") : BG_STR("false"));
}

void bg_json_null(struct bg_buf *buf)
{
    json_comma(buf);
    bg_buf_add(buf, BG_STR("null"));
}

void bg_json_double(struct bg_buf *buf, double value)
{
    if (!isfinite(value)) {
        bg_json_null(buf);
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    json_comma(buf);
    bg_buf_add(buf, bg_str_of(text));
}

void bg_json_raw(struct bg_buf *buf, bg_str json)
{
    json_comma(buf);
    bg_buf_add(buf, json);
}

void bg_json_put_str(struct bg_buf *buf, const char *key, bg_str s)
{
    bg_json_key(buf, key);
    bg_json_str(buf, s);
}

void bg_json_put_int(struct bg_buf *buf, const char *key, int64_t value)
{
    bg_json_key(buf, key);
    bg_json_int(buf, value);
}

void bg_json_put_id(struct bg_buf *buf, const char *key, int64_t id)
{
    bg_json_key(buf, key);
    bg_json_id(buf, id);
}

void bg_json_put_bool(struct bg_buf *buf, const char *key, bool value)
{
    bg_json_key(buf, key);
    bg_json_bool(buf, value);
}

void bg_json_put_double(struct bg_buf *buf, const char *key, double value)
{
    bg_json_key(buf, key);
    bg_json_double(buf, value);
}
