/* The XLSX writer: libxlsxwriter in its constant-memory mode. */
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "codec/xlsx.h"

struct xlsx_writer {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *head;
    lxw_row_t row;
    struct bg_buf text; /* one field with its NUL */
};

bg_err xlsx_writer_open(const char *path, const char *sheet, struct xlsx_writer **ret)
{
    struct xlsx_writer *writer = bg_heap_get(sizeof *writer);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    BG_TRY(bg_need(writer));
    writer->text = bg_buf_init(2 * CSV_FIELD_MAX);
    writer->book = workbook_new_opt(path, &options);
    writer->sheet = writer->book != NULL ? workbook_add_worksheet(writer->book, sheet) : NULL;
    writer->head = writer->sheet != NULL ? workbook_add_format(writer->book) : NULL;
    if (writer->head == NULL) {
        bg_ignore(xlsx_writer_close(writer));
        return BG_FAIL(BG_XLSX_WRITE);
    }
    format_set_bold(writer->head);
    worksheet_freeze_panes(writer->sheet, 1, 0);
    *ret = writer;
    return BG_DONE;
}

/* "_x0041_" would be read as "A": its first underscore is written as its own escape. libxlsxwriter escapes control characters
 * only. */
static void put_escaped(struct bg_buf *out, bg_str field)
{
    for (size_t i = 0; i < field.len; i++) {
        uint8_t unit[2];
        bool escape = field.at[i] == '_' && field.len - i >= 7 && field.at[i + 1] == 'x' && field.at[i + 6] == '_';
        if (escape && bg_str_hex((bg_str){ field.at + i + 2, 4 }, unit, 2)) {
            bg_buf_add(out, BG_STR("_x005F"));
        }
        bg_buf_byte(out, field.at[i]);
    }
}

/* A number that a spreadsheet keeps exactly: at most 15 digits, no leading zero that would be lost. */
static bool is_exact_number(bg_str field)
{
    size_t digits = 0, points = 0, from = field.len > 0 && field.at[0] == '-';
    for (size_t i = from; i < field.len; i++) {
        digits += field.at[i] >= '0' && field.at[i] <= '9';
        points += field.at[i] == '.';
        if (field.at[i] != '.' && (field.at[i] < '0' || field.at[i] > '9')) {
            return false;
        }
    }
    bool leading = field.len > from + 1 && field.at[from] == '0' && field.at[from + 1] != '.';
    return digits > 0 && digits <= 15 && points <= 1 && !leading && field.at[field.len - 1] != '.' && field.at[from] != '.' &&
           !(points == 1 && field.at[field.len - 1] == '0') && !bg_str_is(field, "-0");
}

bg_err xlsx_writer_row(struct xlsx_writer *writer, const bg_str *fields, const bool *numbers, size_t count)
{
    lxw_format *format = writer->row == 0 ? writer->head : NULL;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].len == 0) {
            continue;
        }
        bg_buf_clear(&writer->text);
        put_escaped(&writer->text, fields[i]);
        bg_buf_byte(&writer->text, '\0');
        BG_TRY(bg_buf_check(&writer->text));
        bool number = numbers != NULL && numbers[i] && is_exact_number(fields[i]);
        lxw_error error =
            number ? worksheet_write_number(writer->sheet, writer->row, (lxw_col_t)i, strtod(writer->text.at, NULL), format)
                   : worksheet_write_string(writer->sheet, writer->row, (lxw_col_t)i, writer->text.at, format);
        if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED) {
            return BG_FAIL(BG_TABLE_FIELD);
        }
        if (error != LXW_NO_ERROR) {
            return BG_FAIL(error == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE ? BG_TABLE_ROWS : BG_XLSX_WRITE);
        }
    }
    writer->row++;
    return BG_DONE;
}

bg_err xlsx_writer_close(struct xlsx_writer *writer)
{
    if (writer == NULL) {
        return BG_DONE;
    }
    lxw_error error = writer->book != NULL ? workbook_close(writer->book) : LXW_ERROR_MEMORY_MALLOC_FAILED;
    bg_buf_done(&writer->text);
    bg_heap_free(writer);
    return error == LXW_NO_ERROR ? BG_DONE : BG_FAIL(BG_XLSX_WRITE);
}
