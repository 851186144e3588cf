/* CSV in any encoding: the first byte chooses encoding and delimiter. What is read is written, read again, and must be the same.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/csv.h"

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Writes every row of `in` into `out`; the number of rows, or -1 when it is refused. */
static int copy(bg_str in, const struct csv_opts *opts, struct bg_buf *out)
{
    struct input *input;
    struct csv *csv;
    struct csv_row row;
    bool more = true;
    int rows = 0;
    check(!bg_failed(input_open_bytes(in, &input)));
    if (bg_failed(csv_open(input, opts, &csv))) {
        input_close(input);
        return -1;
    }
    int64_t line = 0;
    while (more) {
        if (bg_failed(csv_next(csv, &row, &more))) {
            check(bg_failed(csv_next(csv, &row, &more)));
            rows = -1;
            break;
        }
        if (more) {
            check(row.line > line && row.count >= 1 && row.count <= CSV_COLUMNS_MAX);
            line = row.line;
            for (size_t i = 0; i < row.count; i++) {
                check(bg_utf8_valid(row.fields[i]) && row.fields[i].len <= CSV_FIELD_MAX);
            }
            csv_write_row(out, row.fields, row.count);
            rows++;
        }
    }
    csv_close(csv);
    input_close(input);
    return rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = { 0, ',', ';', '\t' };
    if (size == 0) {
        return 0;
    }
    struct csv_opts opts = { .encoding = (enum text_encoding)(data[0] % TEXT_ENCODING_COUNT),
                             .delimiter = delimiters[data[0] / 8 % 4] };
    BG_SCOPED_BUF first = bg_buf_init(64u << 20);
    BG_SCOPED_BUF second = bg_buf_init(64u << 20);
    int rows = copy((bg_str){ (const char *)data + 1, size - 1 }, &opts, &first);
    const struct csv_opts again = { .encoding = TEXT_UTF8, .delimiter = ',' };
    if (rows >= 0 && !bg_str_starts(bg_buf_str(&first), BG_STR("\xEF\xBB\xBF"))) {
        check(copy(bg_buf_str(&first), &again, &second) == rows);
        check(bg_str_eq(bg_buf_str(&first), bg_buf_str(&second)));
    }
    return 0;
}
