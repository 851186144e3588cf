/* Every method of src/solve on any document: the first line names the method. The answer, when there is one, is JSON. */
#include <stdlib.h>

#include "solve/solve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    json_init();
    return setenv("BAOGONG_COIN", "off", 1); /* a fuzzer starts no processes: documents are read and programs built, not solved */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_str text = { (const char *)data, size };
    size_t line = bg_str_find(text, '\n');
    const struct solve_method *method = solve_find(bg_str_cut(text, 0, line));
    if (method == NULL) {
        return 0;
    }
    BG_SCOPED_ARENA arena = bg_arena_open(64u << 20);
    BG_SCOPED_BUF out = bg_buf_init(16u << 20);
    json_t *answer;
    if (bg_failed(solve_run(method, bg_str_cut(text, line + 1, text.len), 0.2, arena, &out))) {
        return 0;
    }
    BG_SCOPED_ARENA again = bg_arena_open(64u << 20);
    if (bg_failed(json_read(bg_buf_str(&out), again, &answer))) {
        abort();
    }
    return 0;
}
