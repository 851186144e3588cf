/* XLSX: the input is either a whole package ("PK…"), or the text of a sheet, of the shared strings and of the styles, parted by
 * byte 1, which the harness packs into an intact package, so that the fuzzer works on the XML and not on the zip. */
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "codec/xlsx.h"

#define RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
static const char rels[] = "<a><Relationship Type=\"" RELATIONS "/officeDocument\" Target=\"xl/workbook.xml\"/></a>";
static const char book[] = "<a><sheets><sheet name=\"s\" id=\"r1\"/></sheets></a>";
static const char book_rels[] = "<a><Relationship Id=\"r1\" Type=\"" RELATIONS "/worksheet\" Target=\"sheet1.xml\"/>"
                                "<Relationship Type=\"" RELATIONS "/sharedStrings\" Target=\"s.xml\"/>"
                                "<Relationship Type=\"" RELATIONS "/styles\" Target=\"t.xml\"/></a>";

static void add(zip_t *zip, const char *name, bg_str text)
{
    zip_int64_t index = zip_file_add(zip, name, zip_source_buffer(zip, text.at, text.len, 0), ZIP_FL_OVERWRITE);
    (void)zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0);
}

/* The package as bytes in `out`. */
static void pack(bg_str parts, struct bg_buf *out)
{
    static const char *const names[] = { "xl/sheet1.xml", "xl/s.xml", "xl/t.xml" };
    zip_error_t error;
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    add(zip, "_rels/.rels", bg_str_of(rels));
    add(zip, "xl/workbook.xml", bg_str_of(book));
    add(zip, "xl/_rels/workbook.xml.rels", bg_str_of(book_rels));
    for (int i = 0; i < 3; i++) {
        size_t len = bg_str_find(parts, 1);
        add(zip, names[i], bg_str_cut(parts, 0, len));
        parts = bg_str_cut(parts, len + 1, parts.len);
    }
    (void)zip_close(zip);
    (void)zip_source_open(source);
    char piece[4096];
    zip_int64_t len;
    while ((len = zip_source_read(source, piece, sizeof piece)) > 0) {
        bg_buf_add(out, (bg_str){ piece, (size_t)len });
    }
    (void)zip_source_close(source);
    zip_source_free(source);
}

static void read_all(bg_str bytes)
{
    struct input *input;
    struct xlsx *xlsx;
    struct csv_row row;
    bool more = true;
    if (bg_failed(input_open_bytes(bytes, &input))) {
        return;
    }
    if (!bg_failed(xlsx_open(input, &xlsx))) {
        bg_err err = xlsx_begin(xlsx, BG_STR(""));
        while (!bg_failed(err) && more) {
            err = xlsx_next(xlsx, &row, &more);
            for (size_t i = 0; !bg_failed(err) && more && i < row.count; i++) {
                if (!bg_utf8_valid(row.fields[i]) || row.fields[i].len > CSV_FIELD_MAX) {
                    abort();
                }
            }
        }
        xlsx_close(xlsx);
    }
    input_close(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_str in = { (const char *)data, size };
    if (bg_str_starts(in, BG_STR("PK"))) {
        read_all(in);
        return 0;
    }
    BG_SCOPED_BUF out = bg_buf_init(16u << 20);
    pack(in, &out);
    read_all(bg_buf_str(&out));
    return 0;
}
