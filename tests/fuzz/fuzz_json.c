/* The strict JSON reader: what it accepts is UTF-8, written canonically it reads back the same. */
#include <stdlib.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

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
    BG_SCOPED_BUF first = bg_buf_init(16u << 20);
    BG_SCOPED_BUF second = bg_buf_init(16u << 20);
    json_t *value, *again;
    bg_str text = { (const char *)data, size };
    if (bg_failed(json_read(text, arena, &value))) {
        return 0;
    }
    if (!bg_utf8_valid(text) || bg_failed(json_canonical(value, &first)) ||
        bg_failed(json_read(bg_buf_str(&first), arena, &again)) || bg_failed(json_canonical(again, &second)) ||
        !bg_str_eq(bg_buf_str(&first), bg_buf_str(&second))) {
        abort();
    }
    return 0;
}
