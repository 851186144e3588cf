/* Bodies against a schema with every type: what is accepted is within its bounds, and its canonical form does not depend on how
 * the JSON was written. */
#include <stdlib.h>
#include <string.h>

#include "api/inner.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char *const words[] = { "red", "green", NULL };
static const struct api_field lines[] = {
    API_F("item_id", API_ID, .required = true),
    API_F("qty", API_INT, .required = true, .min = 1, .max = 1000),
    API_F_END,
};
static const struct api_field fields[] = {
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 10),
    API_F("note", API_TEXT, .null = true),
    API_F("word", API_TEXT, .words = words),
    API_F("qty", API_INT),
    API_F("id", API_ID),
    API_F("open", API_BOOL),
    API_F("day", API_DATE),
    API_F("at", API_TIME),
    API_F("lon", API_REAL),
    API_F("lines", API_ARRAY, .of = API_OBJECT, .fields = lines, .max = 3),
    API_F("tags", API_ARRAY, .of = API_TEXT),
    API_F("one", API_OBJECT, .fields = lines),
    API_F("any", API_JSON),
    API_F_END,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    json_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BG_SCOPED_ARENA arena = bg_arena_open(16u << 20);
    BG_SCOPED_BUF first = bg_buf_init(4u << 20);
    BG_SCOPED_BUF second = bg_buf_init(4u << 20);
    BG_SCOPED_BUF again = bg_buf_init(4u << 20);
    struct api_object got = { .fields = fields };
    bg_str body = { (const char *)data, size };
    bg_err err = input_body(body, fields, arena, &got.values);
    if (bg_failed(err)) {
        /* The facts are JSON members: a problem document made of them must be JSON. */
        json_t *problem;
        http_problem(err, BG_STR("1"), &again);
        if (bg_failed(json_read(bg_buf_str(&again), arena, &problem))) {
            abort();
        }
        return 0;
    }
    for (size_t i = 0; i < api_get(&got, "lines")->count; i++) {
        struct api_object line = api_inside(&got, "lines", i);
        if (api_int(&line, "qty", 0) < 1 || api_int(&line, "qty", 0) > 1000 || api_int(&line, "item_id", 0) < 1) {
            abort();
        }
    }
    json_t *value;
    const struct api_value *values = NULL;
    input_canonical(fields, got.values, &first);
    if (bg_failed(json_read(body, arena, &value)) || bg_failed(json_canonical(value, &again)) ||
        bg_failed(input_body(bg_buf_str(&again), fields, arena, &values))) {
        abort();
    }
    input_canonical(fields, values, &second);
    if (!bg_str_eq(bg_buf_str(&first), bg_buf_str(&second))) {
        abort();
    }
    return 0;
}
