/* XLSX: workbooks made part by part with libzip, so that every form of cell, limit and attack is there; then written and read
 * back. */
#include "codec/xlsx.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "codec/xlsx_in.h"
#include "tap.h"

#define NAMESPACE "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
static const char rels[] =
    "<Relationships><Relationship Id=\"rId1\" Type=\"" RELATIONS "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char book_rels[] =
    "<Relationships><Relationship Id=\"rId1\" Type=\"" RELATIONS "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"rId2\" Type=\"" RELATIONS "/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"" RELATIONS "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"" RELATIONS "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char book[] =
    "<workbook " NAMESPACE
    " xmlns:r=\"x\"><workbookPr/><sheets><sheet name=\"说明\" sheetId=\"1\" state=\"hidden\" r:id=\"rId2\"/>"
    "<sheet name=\"库存\" sheetId=\"2\" r:id=\"rId1\"/></sheets></workbook>";
static const char styles[] =
    "<styleSheet " NAMESPACE
    "><numFmts><numFmt numFmtId=\"176\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
    "<numFmt numFmtId=\"177\" formatCode=\"[$-804]yyyy/m/d\\ h:mm\"/><numFmt numFmtId=\"178\" formatCode=\"[h]:mm\"/></numFmts>"
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"176\"/>"
    "<xf numFmtId=\"177\"/><xf numFmtId=\"21\"/><xf numFmtId=\"178\"/><xf numFmtId=\"2\"/></cellXfs></styleSheet>";
static const char strings[] =
    "<sst " NAMESPACE
    "><si><t>名称</t></si><si><r><t>防护</t></r><r><rPr/><t xml:space=\"preserve\">服 </t></r><rPh><t>fanghufu</t></rPh></si>"
    "<si><t/></si><si><t>a_x000D_b_x005F_x0041_</t></si></sst>";

struct part {
    const char *name;
    bg_str text;
};

/* A zip of the parts, in `path`. */
static void pack(const char *path, const struct part *parts, size_t count)
{
    int error;
    (void)unlink(path);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
    for (size_t i = 0; i < count; i++) {
        (void)zip_file_add(zip, parts[i].name, zip_source_buffer(zip, parts[i].text.at, parts[i].text.len, 0), ZIP_FL_OVERWRITE);
    }
    (void)zip_close(zip);
}

/* Rows as in test_csv, each with its number in front. */
static void read_file(const char *path, bg_str sheet, struct bg_buf *out)
{
    struct input *input = NULL;
    struct xlsx *xlsx = NULL;
    bool more = true;
    bg_buf_clear(out);
    bg_err err = input_open_file(path, &input);
    if (!bg_failed(err)) {
        err = xlsx_open(input, &xlsx);
    }
    if (!bg_failed(err)) {
        err = xlsx_begin(xlsx, sheet);
    }
    while (!bg_failed(err) && more) {
        struct csv_row row;
        err = xlsx_next(xlsx, &row, &more);
        if (!bg_failed(err) && more) {
            bg_buf_print(out, "%d:", (int)row.line);
            for (size_t i = 0; i < row.count; i++) {
                bg_buf_add(out, row.fields[i]);
                bg_buf_byte(out, i + 1 < row.count ? '|' : '/');
            }
        }
    }
    if (bg_failed(err)) {
        bg_buf_print(out, "!%s", bg_errors[err.code].slug);
    }
    xlsx_close(xlsx);
    input_close(input);
}

static char path[] = "/tmp/test_xlsx.XXXXXX";

/* Reads a workbook whose first sheet is `sheet`. */
static bool reads(const char *workbook, const char *sheet, const char *expected)
{
    struct part parts[] = { { "[Content_Types].xml", BG_STR("<Types/>") },
                            { "_rels/.rels", bg_str_of(rels) },
                            { "xl/workbook.xml", bg_str_of(workbook) },
                            { "xl/_rels/workbook.xml.rels", bg_str_of(book_rels) },
                            { "xl/styles.xml", bg_str_of(styles) },
                            { "xl/sharedStrings.xml", bg_str_of(strings) },
                            { "xl/worksheets/sheet1.xml", bg_str_of(sheet) },
                            { "xl/worksheets/sheet2.xml",
                              BG_STR("<worksheet><sheetData><row><c><v>7</v></c></row></sheetData></worksheet>") } };
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    pack(path, parts, sizeof parts / sizeof *parts);
    read_file(path, BG_STR(""), &out);
    bool same = bg_str_is(bg_buf_str(&out), expected);
    if (!same) {
        printf("# expected %s\n# got      %.*s\n", expected, BG_STR_FMT(bg_buf_str(&out)));
    }
    return same;
}

#define SHEET(rows)                                                                                                              \
    "<?xml version=\"1.0\"?><worksheet " NAMESPACE "><dimension ref=\"A1\"/><sheetData>" rows "</sheetData></worksheet>"

static void test_cells(void)
{
    OK(reads(book,
             SHEET("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" "
                   "t=\"s\"><v>3</v></c></row>"),
             "1:名称|防护服 |a\rb_x0041_/"),
       "shared strings: runs joined, readings left out, escapes undone");
    OK(reads(book,
             SHEET("<row r=\"2\"><c r=\"B2\" t=\"inlineStr\"><is><r><t>在</t></r><r><t>线</t></r><rPh><t>x</t></rPh></is></c>"
                   "<c r=\"D2\" t=\"str\"><f>A1&amp;\"x\"</f><v>算 &lt;值&gt;</v></c><c r=\"E2\" t=\"b\"><v>1</v></c>"
                   "<c r=\"F2\" t=\"b\"><v>0</v></c><c r=\"G2\" t=\"e\"><v>#N/A</v></c><c r=\"H2\" "
                   "t=\"d\"><v>2022-01-08</v></c></row>"),
             "2:|在线||算 <值>|true|false|#N/A|2022-01-08/"),
       "inline strings, formula values, booleans, errors, ISO dates, gaps");
    OK(reads(book,
             SHEET("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row r=\"5\"><c s=\"1\"/><c "
                   "t=\"s\"><v>2</v></c></row><row><c><v>3</v></c></row>"),
             "1:1|2/6:3/"),
       "cells and rows without references; empty rows are left out");
    OK(reads(book,
             SHEET("<row><c><v>1200</v></c><c><v>-7</v></c><c><v>0.1</v></c><c><v>4.9000000000000004</v></"
                   "c><c><v>1.2345678901234E+17</v></c>"
                   "<c><v>1E-3</v></c><c><v>6901234567892</v></c><c><v>-2.5E-7</v></c><c "
                   "s=\"6\"><v>3</v></c><c><v>abc</v></c></row>"),
             "1:1200|-7|0.1|4.9|123456789012340000|0.001|6901234567892|-0.00000025|3|abc/"),
       "numbers as people read them");
    OK(reads(book,
             SHEET("<row><c s=\"1\"><v>44569</v></c><c s=\"2\"><v>44569.75</v></c><c s=\"3\"><v>44569.395833333336</v></c><c "
                   "s=\"4\"><v>0.5</v></c>"
                   "<c s=\"5\"><v>1.5</v></c><c s=\"1\"><v>59</v></c><c s=\"1\"><v>60</v></c><c s=\"1\"><v>61</v></c><c "
                   "s=\"1\"><v>1</v></c>"
                   "<c s=\"3\"><v>44569.999999999</v></c></row>"),
             "1:2022-01-08|2022-01-08|2022-01-08T09:30:00|12:00:00|1.5|1900-02-28|60|1900-03-01|1900-01-01|2022-01-09T00:00:00/"),
       "dates and clocks by format; the day that never was stays a number");
    OK(reads("<workbook xmlns:r=\"x\"><workbookPr date1904=\"1\"/><sheets><sheet name=\"a\" r:id=\"rId1\"/></sheets></workbook>",
             SHEET("<row><c s=\"1\"><v>43107</v></c><c s=\"1\"><v>0</v></c></row>"), "1:2022-01-08|1904-01-01/"),
       "the calendar of 1904");
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    read_file(path, BG_STR("a"), &out);
    OK(bg_str_starts(bg_buf_str(&out), BG_STR("1:2022")), "a sheet by its name");
    read_file(path, BG_STR("b"), &out);
    OK(bg_str_is(bg_buf_str(&out), "!xlsx.no-sheet"), "and one that is not there");
}

static void test_refused(void)
{
    OK(reads(book, SHEET("<row><c t=\"s\"><v>4</v></c></row>"), "!xlsx.bad") &&
           reads(book, SHEET("<row><c t=\"s\"><v>-1</v></c></row>"), "!xlsx.bad"),
       "a shared string that is not there");
    OK(reads(book, SHEET("<row><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>"), "!xlsx.bad"), "cells that go back");
    OK(reads(book, SHEET("<row><c r=\"ALM1\"><v>1</v></c></row>"), "!table.columns"), "column 1,001");
    OK(reads(book, "<worksheet><sheetData><row><c><v>1</v></c></row>", "1:1/!xlsx.bad"), "a cut-off sheet");
    OK(reads(book,
             "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><worksheet><sheetData><row><c "
             "t=\"str\"><v>&a;</v></c></row></sheetData></worksheet>",
             "!xlsx.doctype"),
       "an external entity");
    OK(reads(book, "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><worksheet>&b;</worksheet>",
             "!xlsx.doctype"),
       "a billion laughs");
    BG_SCOPED_BUF deep = bg_buf_init(1u << 20);
    for (int i = 0; i < 70; i++) {
        bg_buf_add(&deep, BG_STR("<a>"));
    }
    bg_buf_byte(&deep, '\0');
    OK(reads(book, deep.at, "!xlsx.bad"), "elements 70 deep");
    BG_SCOPED_BUF bomb = bg_buf_init(64u << 20);
    bg_buf_add(&bomb, BG_STR("<worksheet><sheetData>"));
    for (int i = 0; i < 300000; i++) {
        bg_buf_add(&bomb, BG_STR("<row><c t=\"str\"><v></v></c></row>"));
    }
    bg_buf_byte(&bomb, '\0');
    OK(reads(book, bomb.at, "!xlsx.too-large"), "10 MB that pack to almost nothing");
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    struct part ods[] = { { "mimetype", BG_STR("application/vnd.oasis.opendocument.spreadsheet") },
                          { "content.xml", BG_STR("<x/>") } };
    pack(path, ods, 2);
    read_file(path, BG_STR(""), &out);
    OK(bg_str_is(bg_buf_str(&out), "!xlsx.bad"), "another format in a zip");
    FILE *file = fopen(path, "w");
    (void)fwrite("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old", 1, 12, file);
    (void)fclose(file);
    read_file(path, BG_STR(""), &out);
    OK(bg_str_is(bg_buf_str(&out), "!xlsx.old"), "an old .xls");
    file = fopen(path, "w");
    (void)fwrite("PK\x03\x04 nothing", 1, 12, file);
    (void)fclose(file);
    read_file(path, BG_STR(""), &out);
    OK(bg_str_is(bg_buf_str(&out), "!xlsx.bad"), "a zip in name only");
}

static void test_formats(void)
{
    static const struct {
        const char *code;
        enum xlsx_show show;
    } cases[] = {
        { "General", XLSX_SHOW_NUMBER },  { "0.00", XLSX_SHOW_NUMBER },      { "#,##0;[Red]-#,##0", XLSX_SHOW_NUMBER },
        { "yyyy-mm-dd", XLSX_SHOW_DATE }, { "m/d/yy h:mm", XLSX_SHOW_BOTH }, { "hh:mm:ss", XLSX_SHOW_CLOCK },
        { "mm:ss", XLSX_SHOW_CLOCK },     { "\"day\" 0", XLSX_SHOW_NUMBER }, { "0\\d", XLSX_SHOW_NUMBER },
        { "_d0_m", XLSX_SHOW_NUMBER },    { "[h]:mm:ss", XLSX_SHOW_NUMBER }, { "[$-804]yyyy\"年\"m\"月\"", XLSX_SHOW_DATE },
        { "mmm", XLSX_SHOW_DATE },        { "0.00E+00", XLSX_SHOW_NUMBER },  { "@", XLSX_SHOW_NUMBER },
        { "0;yyyy", XLSX_SHOW_NUMBER },   { "\"", XLSX_SHOW_NUMBER },        { "[", XLSX_SHOW_NUMBER }
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wrong += xlsx_format_show(bg_str_of(cases[i].code)) != cases[i].show;
    }
    OK(wrong == 0, "number formats are told from dates and clocks");
    /* Every date of the calendar through its serial. */
    char text[64], date[11];
    for (int serial = 61; serial < 401769; serial += 13) {
        char raw[16];
        (void)snprintf(raw, sizeof raw, "%d", serial);
        bg_date_text(serial - 25569, date);
        wrong += !xlsx_number_text(bg_str_of(raw), XLSX_SHOW_DATE, false, text) || strcmp(text, date) != 0;
    }
    OK(wrong == 0, "serial numbers to the year 2999");
    static const char *const bad[] = { "", "1e400", "nan", "inf", "0x10", "1,5", "12a", "1e41", "--1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wrong += xlsx_number_text(bg_str_of(bad[i]), XLSX_SHOW_NUMBER, false, text);
    }
    OK(wrong == 0, "what is no number stays as it stands");
}

static void test_written(void)
{
    static const char *const texts[] = { "名称",     "=1+1",    "'=1+1", " 两端空格 ", "第一行\n第二行",
                                         "a\r\nb",   "_x0041_", "0012",  "<&>\"",      "6901234567892",
                                         "\x01\x02", "😀",       "-5",    "1e5",        "\t",
                                         "true",     "#N/A",    "x",     "12.50",      "123456789012345678" };
    BG_SCOPED_BUF out = bg_buf_init(64u << 20);
    BG_SCOPED_BUF expected = bg_buf_init(64u << 20);
    struct xlsx_writer *writer = NULL;
    bool numbers[20] = { false };
    numbers[7] = numbers[9] = numbers[12] = numbers[13] = numbers[18] = numbers[19] = true;
    int wrong = bg_failed(xlsx_writer_open(path, "导出", &writer));
    for (int r = 0; r < 3; r++) {
        bg_str fields[20];
        bg_buf_print(&expected, "%d:", r + 1);
        for (size_t i = 0; i < 20; i++) {
            fields[i] = bg_str_of(texts[(i + (size_t)r) % 20]);
            bg_buf_add(&expected, fields[i]);
            bg_buf_byte(&expected, i < 19 ? '|' : '/');
        }
        wrong += bg_failed(xlsx_writer_row(writer, fields, numbers, 20));
    }
    wrong += bg_failed(xlsx_writer_close(writer));
    read_file(path, BG_STR("导出"), &out);
    OK(wrong == 0 && bg_str_eq(bg_buf_str(&out), bg_buf_str(&expected)), "texts and numbers come back as they were written");
    if (!bg_str_eq(bg_buf_str(&out), bg_buf_str(&expected))) {
        printf("# expected %.*s\n# got      %.*s\n", BG_STR_FMT(bg_buf_str(&expected)), BG_STR_FMT(bg_buf_str(&out)));
    }
    wrong = bg_failed(xlsx_writer_open(path, "s", &writer));
    for (int r = 0; r < 20000; r++) {
        char number[16], name[32];
        (void)snprintf(number, sizeof number, "%d", r);
        (void)snprintf(name, sizeof name, "批号 %d", r * 7);
        bg_str fields[3] = { bg_str_of(number), bg_str_of(name), BG_STR("同一内容") };
        wrong += bg_failed(xlsx_writer_row(writer, fields, (bool[]){ true, false, false }, 3));
    }
    wrong += bg_failed(xlsx_writer_close(writer));
    read_file(path, BG_STR(""), &out);
    OK(wrong == 0 && bg_str_ends(bg_buf_str(&out), BG_STR("20000:19999|批号 139993|同一内容/")), "20,000 rows");
}

/* Each allocation of ours (the XML parser's among them) failing once: an error or the whole answer, never less. */
static void test_no_memory(void)
{
    BG_SCOPED_BUF whole = bg_buf_init(1u << 20);
    OK(reads(book, SHEET("<row><c t=\"s\"><v>1</v></c><c s=\"1\"><v>44569</v></c></row>"), "1:防护服 |2022-01-08/"),
       "a workbook to fail on");
    read_file(path, BG_STR(""), &whole);
    bool failed = true;
    int wrong = 0, failures = 0;
    for (uint64_t n = 1; failed && n < 5000; n++) {
        BG_SCOPED_BUF out = bg_buf_init(1u << 20);
        bg_buf_add(&out, BG_STR("memory of its own"));
        bg_heap_fail_after(n);
        read_file(path, BG_STR(""), &out);
        bg_heap_fail_after(0);
        failed = memchr(out.at, '!', out.len) != NULL;
        wrong += !failed && !bg_str_eq(bg_buf_str(&out), bg_buf_str(&whole));
        failures += failed;
    }
    OK(wrong == 0 && !failed && failures > 20, "each of %d allocations failing is an error", failures);
}

int main(void)
{
    int fd = mkstemp(path);
    if (fd >= 0) {
        (void)close(fd);
    }
    test_cells();
    test_refused();
    test_formats();
    test_written();
    test_no_memory();
    (void)unlink(path);
    return TAP_DONE();
}
