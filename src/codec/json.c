/* Jansson with an arena behind it. */
#include "codec/json.h"

#include <string.h>

/* The arena of the json_read that is running on this thread. */
static _Thread_local struct bg_arena *current;

/* Before each piece stands whether the heap gave it; 16 bytes, to keep it aligned. */
#define MARK 16

static void *piece_get(size_t size)
{
    char *at;
    if (size > SIZE_MAX - MARK) {
        return NULL;
    }
    at = current != NULL ? bg_arena_get(current, size + MARK) : bg_heap_get(size + MARK);
    if (at == NULL) {
        return NULL;
    }
    at[0] = current == NULL;
    return at + MARK;
}

static void piece_free(void *at)
{
    char *piece = at;
    if (piece != NULL && piece[-MARK] != 0) {
        bg_heap_free(piece - MARK);
    }
}

void json_init(void)
{
    json_set_alloc_funcs(piece_get, piece_free);
}

/* Jansson itself goes 2,048 deep; we stop earlier, before it is called. */
static bool too_deep(bg_str text)
{
    size_t depth = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (inside) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                inside = false;
            }
        } else if (c == '"') {
            inside = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX) {
                return true;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

bg_err json_read(bg_str text, struct bg_arena *arena, json_t **ret)
{
    if (too_deep(text)) {
        return BG_FAIL_WITH(BG_JSON_SYNTAX, NULL, "\"reason\":\"nested too deeply\"");
    }
    if (text.len > 0 && memchr(text.at, '\0', text.len) != NULL) { /* Jansson takes a NUL behind a number for the end */
        return BG_FAIL_WITH(BG_JSON_SYNTAX, NULL, "\"reason\":\"NUL byte\"");
    }
    json_error_t error;
    current = arena;
    json_t *value = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    current = NULL;
    if (value != NULL) {
        *ret = value;
        return BG_DONE;
    }
    if (json_error_code(&error) == json_error_out_of_memory || error.text[0] == '\0') { /* some failed allocations say nothing */
        return BG_FAIL(BG_NO_MEMORY);
    }
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    facts.comma = false;
    bg_json_put_str(&facts, "reason", bg_str_of(error.text));
    bg_json_put_int(&facts, "line", error.line);
    bg_json_put_int(&facts, "column", error.column);
    bg_str kept = bg_arena_copy(arena, bg_buf_str(&facts));
    return BG_FAIL_WITH(BG_JSON_SYNTAX, NULL, kept.at);
}

static int add(const char *bytes, size_t size, void *ctx)
{
    struct bg_buf *out = ctx;
    bg_buf_add(out, (bg_str){ bytes, size });
    return out->failed ? -1 : 0;
}

bg_err json_canonical(const json_t *value, struct bg_buf *out)
{
    return json_dump_callback(value, add, out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) == 0 ? BG_DONE : BG_FAIL(BG_TOO_LARGE);
}
