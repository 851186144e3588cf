/* Texts of HTTP: percent-encoding, query strings, cookies. All over bytes of strangers. */
#include <string.h>

#include "http/http.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool http_decode(bg_str s, bool form, struct bg_arena *arena, bg_str *ret)
{
    char *out = bg_arena_get(arena, s.len + 1);
    if (out == NULL) {
        return false;
    }
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '%') {
            int high = s.len - i > 2 ? hex_digit(s.at[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(s.at[i + 2]) : -1;
            if (low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        if (c == '\0') {
            return false;
        }
        out[len++] = c;
    }
    bg_str decoded = { out, len };
    if (!bg_utf8_valid(decoded)) {
        return false;
    }
    *ret = decoded;
    return true;
}

bool http_query_next(bg_str *rest, bg_str *ret_name, bg_str *ret_value)
{
    while (rest->len > 0) {
        size_t end = bg_str_find(*rest, '&');
        bg_str pair = bg_str_cut(*rest, 0, end);
        *rest = bg_str_cut(*rest, end + 1, rest->len);
        if (pair.len == 0) {
            continue;
        }
        size_t equals = bg_str_find(pair, '=');
        *ret_name = bg_str_cut(pair, 0, equals);
        *ret_value = bg_str_cut(pair, equals + 1, pair.len);
        return true;
    }
    return false;
}

bg_str http_cookie(const struct http_request *rq, const char *name)
{
    bg_str rest = http_header(rq, "Cookie");
    size_t name_len = strlen(name);
    while (rest.len > 0) {
        size_t end = bg_str_find(rest, ';');
        bg_str pair = bg_str_trim(bg_str_cut(rest, 0, end));
        rest = bg_str_cut(rest, end + 1, rest.len);
        if (pair.len > name_len && pair.at[name_len] == '=' && memcmp(pair.at, name, name_len) == 0) {
            return bg_str_cut(pair, name_len + 1, pair.len);
        }
    }
    return (bg_str){ "", 0 };
}
