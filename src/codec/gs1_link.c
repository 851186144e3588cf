/* GS1 Digital Link URIs, read and written: https://DOMAIN[/stem]/KEY/value{/QUALIFIER/value}[?AI=value&…][#…]. */
#include "codec/gs1_in.h"

#include <string.h>

#define MAX_PATH 8 /* AIs in a path: a key and its qualifiers are four at most */

/* RFC 3986: reserved, unreserved and the percent sign. */
static bool in_uri(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

static bool in_domain(char c)
{
    return in_uri(c) && strchr("_~?#@!$&'()*+,;=%", c) == NULL;
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

struct uri {
    bg_str path, query;
    const char *bad; /* which part is at fault, and where */
    size_t bad_at;
};

static bool fail_uri(struct uri *uri, const char *part, size_t at)
{
    uri->bad = part;
    uri->bad_at = at;
    return false;
}

static bool split_uri(bg_str text, struct uri *ret)
{
    static const char *const schemes[] = { "https://", "HTTPS://", "http://", "HTTP://" };
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!in_uri(text.at[i])) {
            return fail_uri(ret, "character", i);
        }
    }
    for (size_t i = 0; i < 4 && at == 0; i++) {
        at = bg_str_starts(text, bg_str_of(schemes[i])) ? strlen(schemes[i]) : 0;
    }
    if (at == 0) {
        return fail_uri(ret, "scheme", 0);
    }
    size_t domain = at;
    while (at < text.len && text.at[at] != '/') {
        if (!in_domain(text.at[at])) {
            return fail_uri(ret, "domain", at);
        }
        at++;
    }
    if (at == text.len || at == domain) {
        return fail_uri(ret, "domain", at);
    }
    bg_str rest = bg_str_cut(text, at, text.len);
    rest = bg_str_cut(rest, 0, bg_str_find(rest, '#'));
    size_t question = bg_str_find(rest, '?');
    ret->path = bg_str_cut(rest, 0, question);
    ret->query = bg_str_cut(rest, question + 1, rest.len);
    return true;
}

/* Undoes percent encoding; "+" is a blank in the query only; a "%" without two hex digits stands for itself; %00 is refused. */
static bg_err decode(struct bg_arena *arena, bg_str ai, bg_str text, bool query, bg_str *ret)
{
    char *out = bg_arena_get(arena, text.len + 1);
    size_t len = 0;
    BG_TRY(bg_need(out));
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte;
        if (text.at[i] == '%' && i + 2 < text.len && bg_str_hex(bg_str_cut(text, i + 1, i + 3), &byte, 1)) {
            if (byte == 0) {
                return gs1_fail_ai(arena, BG_GS1_CHARACTER, ai);
            }
            out[len++] = (char)byte;
            i += 2;
        } else {
            out[len++] = query && text.at[i] == '+' ? ' ' : text.at[i];
        }
    }
    *ret = (bg_str){ out, len };
    return BG_DONE;
}

static bg_err read_pair(struct bg_arena *arena, struct gs1 *gs1, size_t *used, bg_str ai, bg_str raw, bool query)
{
    bg_str value;
    BG_TRY(decode(arena, ai, raw, query, &value));
    BG_TRY(gs1_value_check(arena, gs1_row_find(ai), ai, value));
    return gs1_append(arena, gs1, used, ai, value);
}

static size_t find_back(bg_str text, size_t end)
{
    while (end > 0 && text.at[end - 1] != '/') {
        end--;
    }
    return end; /* one behind the slash, 0 when there is none */
}

/* Walks back over AI/value pairs to the rightmost key: where its "/" stands, or path.len. */
static size_t find_key(bg_str path)
{
    size_t end = path.len;
    for (;;) {
        size_t value = find_back(path, end);
        if (value <= 1) {
            return path.len;
        }
        size_t ai = find_back(path, value - 1);
        const struct gs1_row *row = gs1_row_find(bg_str_cut(path, ai, value - 1));
        if (row == NULL) {
            return path.len;
        }
        if (gs1_row_is_key(row)) {
            return ai - 1;
        }
        end = ai - 1;
    }
}

static bg_err read_path(struct bg_arena *arena, bg_str path, struct gs1 *gs1, size_t *used)
{
    size_t key = find_key(path);
    if (key == path.len) {
        return BG_FAIL_AT(BG_GS1_NO_KEY, "scan");
    }
    bg_str rest = bg_str_cut(path, key, path.len);
    while (rest.len > 0) {
        rest = bg_str_cut(rest, 1, rest.len);
        size_t slash = bg_str_find(rest, '/');
        bg_str ai = bg_str_cut(rest, 0, slash);
        rest = bg_str_cut(rest, slash + 1, rest.len);
        size_t end = bg_str_find(rest, '/');
        BG_TRY(read_pair(arena, gs1, used, ai, bg_str_cut(rest, 0, end), false));
        rest = bg_str_cut(rest, end, rest.len);
    }
    gs1->path_count = gs1->count;
    return BG_DONE;
}

/* Parameters without "=" and with names that are not all digits are passed over, but take a place. */
static bg_err read_query(struct bg_arena *arena, bg_str query, struct gs1 *gs1, size_t *used)
{
    while (query.len > 0) {
        while (query.len > 0 && query.at[0] == '&') {
            query = bg_str_cut(query, 1, query.len);
        }
        size_t end = bg_str_find(query, '&');
        bg_str parameter = bg_str_cut(query, 0, end);
        query = bg_str_cut(query, end, query.len);
        size_t equals = bg_str_find(parameter, '=');
        bg_str name = bg_str_cut(parameter, 0, equals);
        if (equals == parameter.len || !gs1_all_digits(name)) {
            if (*used >= GS1_MAX_AIS) {
                return BG_FAIL_WITH(BG_GS1_TOO_MANY, "scan", bg_arena_text(arena, "\"most\":%d", GS1_MAX_AIS));
            }
            (*used)++;
            continue;
        }
        if (gs1_row_find(name) == NULL) {
            return gs1_fail_ai(arena, BG_GS1_UNKNOWN_AI, name);
        }
        BG_TRY(read_pair(arena, gs1, used, name, bg_str_cut(parameter, equals + 1, parameter.len), true));
    }
    return BG_DONE;
}

/* Is ais[1…] an ordered choice from one of the alternatives of qualifiers of the key ais[0]? */
static bool sequence_holds(const bg_str *ais, size_t count)
{
    bg_str alternatives = bg_str_of(gs1_row_find(ais[0])->key), alternative;
    if (!gs1_row_is_key(gs1_row_find(ais[0]))) {
        return false;
    }
    if (count == 1) {
        return true;
    }
    while (gs1_token(&alternatives, '|', &alternative)) {
        size_t matched = 1;
        bg_str qualifier;
        while (matched < count && gs1_token(&alternative, ',', &qualifier)) {
            matched += bg_str_eq(qualifier, ais[matched]) ? 1 : 0;
        }
        if (matched == count) {
            return true;
        }
    }
    return false;
}

/* May the AI stand in the query beside this path? Not when it is no attribute, nor when it would be a qualifier in the path. */
static bg_err check_attribute(struct bg_arena *arena, const bg_str *path, size_t count, bg_str ai)
{
    if (!gs1_row_find(ai)->attribute) {
        return gs1_fail_ai(arena, BG_GS1_ATTRIBUTE, ai);
    }
    for (size_t place = 1; place <= count; place++) {
        bg_str tried[MAX_PATH + 1];
        memcpy(tried, path, place * sizeof path[0]);
        tried[place] = ai;
        memcpy(tried + place + 1, path + place, (count - place) * sizeof path[0]);
        if (sequence_holds(tried, count + 1)) {
            return gs1_fail_ai(arena, BG_GS1_IN_PATH, ai);
        }
    }
    return BG_DONE;
}

static bg_err check_link(struct bg_arena *arena, const struct gs1 *gs1)
{
    bg_str path[MAX_PATH];
    if (gs1->path_count > MAX_PATH) {
        return BG_FAIL_AT(BG_GS1_SEQUENCE, "scan");
    }
    for (size_t i = 0; i < gs1->path_count; i++) {
        path[i] = gs1->element[i].ai;
    }
    if (!sequence_holds(path, gs1->path_count)) {
        return BG_FAIL_AT(BG_GS1_SEQUENCE, "scan");
    }
    for (size_t i = 0; i < gs1->count; i++) {
        for (size_t j = i + 1; j < gs1->count; j++) {
            if (bg_str_eq(gs1->element[i].ai, gs1->element[j].ai)) {
                return gs1_fail_ai(arena, BG_GS1_TWICE, gs1->element[i].ai);
            }
        }
    }
    for (size_t i = gs1->path_count; i < gs1->count; i++) {
        BG_TRY(check_attribute(arena, path, gs1->path_count, gs1->element[i].ai));
    }
    return BG_DONE;
}

bg_err gs1_parse_link(struct bg_arena *arena, bg_str uri, struct gs1 *ret)
{
    struct gs1 gs1 = { .form = GS1_LINK };
    struct uri parts;
    size_t used = 0;
    if (uri.len > GS1_MAX_BYTES) {
        return BG_FAIL_WITH(BG_TOO_LARGE, "scan", bg_arena_text(arena, "\"length\":%zu,\"most\":%d", uri.len, GS1_MAX_BYTES));
    }
    uri = bg_arena_copy(arena, uri);
    BG_TRY(bg_need(uri.at));
    if (!split_uri(uri, &parts)) {
        return BG_FAIL_WITH(BG_GS1_URI, "scan", bg_arena_text(arena, "\"part\":\"%s\",\"at\":%zu", parts.bad, parts.bad_at));
    }
    BG_TRY(read_path(arena, parts.path, &gs1, &used));
    BG_TRY(read_query(arena, parts.query, &gs1, &used));
    BG_TRY(check_link(arena, &gs1));
    BG_TRY(gs1_pairs_check(arena, &gs1));
    *ret = gs1;
    return BG_DONE;
}

/* --- writing --- */

bool gs1_stem_right(bg_str stem)
{
    struct uri parts;
    char text[1024];
    if (stem.len + 1 > sizeof text || bg_str_find(stem, '?') < stem.len || bg_str_find(stem, '#') < stem.len) {
        return false;
    }
    memcpy(text, stem.at, stem.len);
    text[stem.len] = '/';
    return split_uri((bg_str){ text, stem.len + 1 }, &parts);
}

static void encode(struct bg_buf *out, bg_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (unreserved(text.at[i])) {
            bg_buf_byte(out, text.at[i]);
        } else {
            bg_buf_print(out, "%%%02X", (unsigned char)text.at[i]);
        }
    }
}

static const struct gs1_element *element_of(const struct gs1 *gs1, bg_str ai)
{
    for (size_t i = 0; i < gs1->count; i++) {
        if (bg_str_eq(gs1->element[i].ai, ai)) {
            return &gs1->element[i];
        }
    }
    return NULL;
}

/* The elements of the path: as read from a link, or the first key and the alternative of qualifiers of which most are there. */
static size_t choose_path(const struct gs1 *gs1, const struct gs1_element **ret_path)
{
    size_t best = 0;
    for (size_t i = 0; i < gs1->path_count && i < MAX_PATH; i++) {
        ret_path[best++] = &gs1->element[i];
    }
    for (size_t i = 0; i < gs1->count && best == 0; i++) {
        const struct gs1_row *row = gs1_row_find(gs1->element[i].ai);
        bg_str alternatives = bg_str_of(row->key), alternative, qualifier;
        if (!gs1_row_is_key(row)) {
            continue;
        }
        ret_path[0] = &gs1->element[i];
        best = 1;
        while (gs1_token(&alternatives, '|', &alternative)) {
            const struct gs1_element *found[MAX_PATH];
            size_t count = 1;
            while (gs1_token(&alternative, ',', &qualifier)) {
                found[count] = element_of(gs1, qualifier);
                count += found[count] != NULL ? 1 : 0;
            }
            if (count > best) {
                memcpy(ret_path + 1, found + 1, (count - 1) * sizeof found[0]);
                best = count;
            }
        }
    }
    return best;
}

static bool in_path(const struct gs1_element *const *path, size_t count, bg_str ai)
{
    for (size_t i = 0; i < count; i++) {
        if (bg_str_eq(path[i]->ai, ai)) {
            return true;
        }
    }
    return false;
}

static bg_err write_query(struct bg_arena *arena, const struct gs1 *gs1, const struct gs1_element *const *path, size_t count,
                          struct bg_buf *out)
{
    char mark = '?';
    for (int separator = 0; separator <= 1; separator++) {
        for (size_t i = 0; i < gs1->count; i++) {
            const struct gs1_element *element = &gs1->element[i];
            const struct gs1_row *row = gs1_row_find(element->ai);
            /* The first of repeated AIs speaks for all: their values are the same. */
            if (row->separator != (separator == 1) || in_path(path, count, element->ai) || element_of(gs1, element->ai) != element) {
                continue;
            }
            if (!row->attribute) {
                return gs1_fail_ai(arena, BG_GS1_ATTRIBUTE, element->ai);
            }
            bg_buf_byte(out, mark);
            bg_buf_add(out, element->ai);
            bg_buf_byte(out, '=');
            encode(out, element->value);
            mark = '&';
        }
    }
    return BG_DONE;
}

bg_err gs1_write_link(struct bg_arena *arena, const struct gs1 *gs1, bg_str stem, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(4 * GS1_MAX_BYTES);
    const struct gs1_element *path[MAX_PATH];
    size_t count = choose_path(gs1, path);
    if (!gs1_stem_right(stem)) {
        return BG_FAIL_AT(BG_GS1_STEM, "stem");
    }
    if (count == 0) {
        return BG_FAIL_AT(BG_GS1_NO_KEY, "scan");
    }
    bg_buf_add(&out, bg_str_cut(stem, 0, stem.len - (bg_str_ends(stem, BG_STR("/")) ? 1 : 0)));
    for (size_t i = 0; i < count; i++) {
        bg_buf_byte(&out, '/');
        bg_buf_add(&out, path[i]->ai);
        bg_buf_byte(&out, '/');
        encode(&out, path[i]->value);
    }
    BG_TRY(write_query(arena, gs1, path, count, &out));
    BG_TRY(bg_buf_check(&out));
    *ret = bg_arena_copy(arena, bg_buf_str(&out));
    return bg_need(ret->at);
}
