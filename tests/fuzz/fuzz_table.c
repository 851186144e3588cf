/* A whole import without a database: mapping file and table, parted by byte 1; bad rows go into an error file, which must bind
 * again. */
#include <stdlib.h>

#include "codec/json.h"
#include "codec/table.h"

static const struct table_word kinds[] = { { 1, "reserve", "储备库", "reserve depot" },
                                           { 5, "hospital", "医院", "hospital" },
                                           { 0 } };
static const struct table_column columns[] = {
    { .name = "code", .zh = "编码", .en = "code", .aliases = "物资编码|item code", .required = true, .max = 40 },
    { .name = "name_zh", .zh = "名称", .en = "Chinese name" },
    { .name = "qty", .zh = "数量", .en = "quantity", .type = TABLE_INT },
    { .name = "expiry", .zh = "有效期", .en = "expiry", .type = TABLE_DATE },
    { .name = "at", .zh = "时间", .en = "time", .type = TABLE_TIME },
    { .name = "active", .zh = "启用", .en = "active", .type = TABLE_BOOL },
    { .name = "kind", .zh = "类型", .en = "kind", .type = TABLE_WORD, .words = kinds },
    { .name = NULL },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    json_init();
    return 0;
}

/* Binds and reads; the rows with errors go into `out`. *ret_bad: how many. False: refused as a whole. */
static bool import(bg_str bytes, const struct table_rules *rules, struct bg_arena *arena, struct bg_buf *out, int *ret_bad)
{
    struct input *input;
    struct table *table = NULL;
    struct csv_row row;
    struct table_binding binding;
    bool more = true, bound = false;
    *ret_bad = 0;
    bg_err err = input_open_bytes(bytes, &input);
    if (bg_failed(err)) {
        return false;
    }
    err = table_open(input, &rules->opts, &table);
    while (!bg_failed(err) && more) {
        struct table_cell cells[8];
        struct table_errors errors = { .count = 0 };
        err = table_next(table, &row, &more);
        if (bg_failed(err) || !more) {
            break;
        }
        if (!bound) {
            err = table_bind(columns, rules, BG_CITY_OFFSET_MIN, &row, arena, &binding);
            bound = !bg_failed(err);
            if (bound) {
                table_error_header_write(&binding, out);
            }
            continue;
        }
        err = table_row_read(&binding, &row, arena, cells, &errors);
        if (errors.count > 0) {
            table_error_row_write(&binding, &row, &errors, out);
            *ret_bad += 1;
        }
    }
    table_close(table);
    input_close(input);
    return !bg_failed(err) && bound;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BG_SCOPED_ARENA arena = bg_arena_open(32u << 20);
    BG_SCOPED_BUF first = bg_buf_init(64u << 20);
    BG_SCOPED_BUF second = bg_buf_init(64u << 20);
    bg_str in = { (const char *)data, size };
    struct table_rules rules = { .skip = 0 };
    size_t at = bg_str_find(in, 1);
    int bad, again;
    if (at < in.len && bg_failed(table_rules_read(bg_str_cut(in, 0, at), arena, &rules))) {
        return 0;
    }
    if (!import(bg_str_cut(in, at < in.len ? at + 1 : 0, in.len), &rules, arena, &first, &bad) || first.failed) {
        return 0;
    }
    rules.opts = (struct table_opts){ .encoding = TEXT_UTF8, .delimiter = ',' };
    if (!import(bg_buf_str(&first), &rules, arena, &second, &again) || again != bad) {
        abort();
    }
    return 0;
}
