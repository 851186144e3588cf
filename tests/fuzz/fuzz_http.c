/* What strangers put into a request line: the target's path against the router, its query against a schema, percent-encoding. */
#include <stdlib.h>
#include <string.h>

#include "api/inner.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bg_err none(struct api_request *rq)
{
    (void)rq;
    return BG_DONE;
}

#define ROUTE(m, p)                                                                                                              \
    {                                                                                                                            \
        .method = (m), .path = (p), .own = none                                                                                  \
    }
static const struct api_route table[] = {
    ROUTE("GET", "/api/v1/items"),
    ROUTE("GET", "/api/v1/items/{id}"),
    ROUTE("GET", "/api/v1/items/search"),
    ROUTE("GET", "/api/v1/items/{id}/lots"),
    ROUTE("POST", "/api/v1/places/{place_id}/bins/{code}"),
    { 0 },
};
static const struct api_route *const arrays[] = { table, NULL };
static const char *const words[] = { "usable", "hold", NULL };
static const struct api_field fields[] = {
    API_F("q", API_TEXT, .max = 100),
    API_F("limit", API_INT, .min = 1, .max = 500),
    API_F("place_id", API_ID),
    API_F("open", API_BOOL),
    API_F("day", API_DATE),
    API_F("at", API_TIME),
    API_F("status", API_TEXT, .words = words),
    API_F("cursor", API_TEXT, .max = 200),
    API_F_END,
};

/* Encoding every byte must decode to the same text. */
static void check_encoding(bg_str text, struct bg_arena *arena)
{
    static const char digits[] = "0123456789ABCDEF";
    char *coded = bg_arena_get(arena, text.len * 3 + 1);
    bg_str again;
    if (coded == NULL) {
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        coded[3 * i] = '%';
        coded[3 * i + 1] = digits[(unsigned char)text.at[i] >> 4];
        coded[3 * i + 2] = digits[(unsigned char)text.at[i] & 15];
    }
    if (!http_decode((bg_str){ coded, text.len * 3 }, true, arena, &again) || !bg_str_eq(again, text)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4u << 20);
    struct router *router = NULL;
    bg_str target = { (const char *)data, size }, decoded;
    if (bg_failed(router_open(arrays, &router))) {
        return 0;
    }
    size_t mark = bg_str_find(target, '?');
    bg_str path = bg_str_cut(target, 0, mark), query = bg_str_cut(target, mark + 1, size);
    struct route_match match = router_find(router, BG_STR("GET"), path);
    for (int i = 0; match.route != NULL && i < match.param_count; i++) {
        if (match.param[i].len == 0 || bg_str_find(match.param[i], '/') != match.param[i].len) {
            abort(); /* a parameter is one segment and not empty */
        }
    }
    const struct api_value *values = NULL;
    if (!bg_failed(input_query(query, fields, arena, &values)) && values[1].given && (values[1].i < 1 || values[1].i > 500)) {
        abort();
    }
    if (values != NULL) {
        const struct api_request rq = { .query = { .fields = fields, .values = values } };
        int64_t keys[3];
        bool given;
        for (size_t count = 1; count <= 3; count++) { /* a token stands for one number of keys only */
            bool good = !bg_failed(api_cursor(&rq, keys, count, &given));
            if (good && given && api_text(&rq.query, "cursor").len < 16 * count - 4 * count) {
                abort();
            }
        }
    }
    if (http_decode(path, false, arena, &decoded)) {
        if (!bg_utf8_valid(decoded) || memchr(decoded.at, '\0', decoded.len) != NULL) {
            abort();
        }
        check_encoding(decoded, arena);
    }
    router_close(router);
    return 0;
}
