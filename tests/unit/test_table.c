/* Tables: headers in two languages and by rules, cells of every type, all errors of a row, error files that import once
 * corrected. */
#include "codec/table.h"

#include <string.h>

#include "codec/json.h"
#include "tap.h"

static const struct table_word kinds[] = { { 1, "reserve", "储备库", "reserve depot" },
                                           { 5, "hospital", "医院", "hospital" },
                                           { 0 } };
static const struct table_column columns[] = {
    { .name = "code", .zh = "编码", .en = "code", .aliases = "物资编码|item code", .required = true, .max = 40 },
    { .name = "name_zh", .zh = "名称", .en = "Chinese name", .required = true },
    { .name = "qty", .zh = "数量", .en = "quantity", .type = TABLE_INT },
    { .name = "life", .zh = "差额", .en = "difference", .type = TABLE_INT, .min = -10, .max = 10 },
    { .name = "expiry", .zh = "有效期", .en = "expiry", .type = TABLE_DATE },
    { .name = "at", .zh = "时间", .en = "time", .type = TABLE_TIME },
    { .name = "active", .zh = "启用", .en = "active", .type = TABLE_BOOL },
    { .name = "kind", .zh = "类型", .en = "kind", .type = TABLE_WORD, .words = kinds },
    { .name = NULL },
};
enum { CODE, NAME, QTY, LIFE, EXPIRY, AT, ACTIVE, KIND };

static struct bg_arena *arena;

/* Binds the first line and reads the second, both parted by '|'. */
static bg_err read_row(const char *header, const char *line, const struct table_rules *rules, struct table_binding *binding,
                       struct table_cell *cells, struct table_errors *errors)
{
    static bg_str fields[2][64];
    const char *const lines[2] = { header, line };
    struct csv_row rows[2];
    for (int k = 0; k < 2; k++) {
        bg_str rest = bg_str_of(lines[k]);
        size_t count = 0;
        for (bool more = true; more; count++) {
            size_t len = bg_str_find(rest, '|');
            fields[k][count] = bg_str_cut(rest, 0, len);
            more = len < rest.len;
            rest = bg_str_cut(rest, len + 1, rest.len);
        }
        rows[k] = (struct csv_row){ .fields = fields[k], .count = count, .line = k + 1 };
    }
    errors->count = 0;
    BG_TRY(table_bind(columns, rules, BG_CITY_OFFSET_MIN, &rows[0], arena, binding));
    return table_row_read(binding, &rows[1], arena, cells, errors);
}

static void test_headers(void)
{
    struct table_binding b;
    struct table_cell cells[8];
    struct table_errors errors;
    OK(!bg_failed(read_row("物资编码|名称|数量", "A1|口罩|12", NULL, &b, cells, &errors)) && cells[QTY].i == 12 &&
           bg_str_is(cells[CODE].s, "A1"),
       "Chinese headers and an alias");
    OK(!bg_failed(read_row("Item_Code *|Chinese Name (required)|QUANTITY", "A1|口罩|12", NULL, &b, cells, &errors)) &&
           cells[QTY].i == 12,
       "English headers however they are written");
    bg_err err = read_row("code|name_zh|colour|size", "A1|x|y|z", NULL, &b, cells, &errors);
    OK(err.code == BG_TABLE_HEADER && strcmp(err.facts, "\"headers\":[\"colour\",\"size\"]") == 0,
       "unknown headers are named, all of them");
    err = read_row("code|编码|name_zh", "A1|A1|x", NULL, &b, cells, &errors);
    OK(err.code == BG_TABLE_TWICE && strcmp(err.field, "code") == 0, "one column twice");
    err = read_row("code|qty", "A1|1", NULL, &b, cells, &errors);
    OK(err.code == BG_TABLE_MISSING && strcmp(err.field, "name_zh") == 0, "a required column that is missing");
    const struct table_pair map[] = { { BG_STR("item number"), BG_STR("code") }, { BG_STR("desc"), BG_STR("name_zh") } };
    const struct table_pair fixed[] = { { BG_STR("kind"), BG_STR("医院") }, { BG_STR("qty"), BG_STR("5") } };
    const struct table_word_rule words[] = { { BG_STR("kind"), BG_STR("WH"), BG_STR("reserve") } };
    struct table_rules rules = {
        .columns = map, .column_count = 2, .fixed = fixed, .fixed_count = 2, .words = words, .word_count = 1, .ignore_rest = true
    };
    OK(!bg_failed(read_row("Item Number|Desc|colour|kind", "A1|x|red|", &rules, &b, cells, &errors)) && errors.count == 0 &&
           bg_str_is(cells[CODE].s, "A1") && cells[KIND].i == 5 && cells[QTY].i == 5,
       "a mapping with fixed values, the rest left out");
    rules.ignore_rest = false;
    OK(!bg_failed(read_row("Item Number|Desc|kind|qty", "A1|x|WH|7", &rules, &b, cells, &errors)) && errors.count == 0 &&
           cells[KIND].i == 1 && cells[QTY].i == 7,
       "words of the file, and a cell goes before a fixed value");
    const struct table_pair same[] = { { BG_STR("name_zh"), BG_STR("code") } };
    rules = (struct table_rules){ .same = same, .same_count = 1 };
    OK(!bg_failed(read_row("code", "A1", &rules, &b, cells, &errors)) && errors.count == 0 && bg_str_is(cells[NAME].s, "A1"),
       "a column that takes what another has");
    const struct table_pair wrong[] = { { BG_STR("a"), BG_STR("colour") } };
    rules = (struct table_rules){ .columns = wrong, .column_count = 1 };
    OK(read_row("code|name_zh", "A1|x", &rules, &b, cells, &errors).code == BG_TABLE_RULES,
       "a mapping to a column that there is not");
}

/* Reads one cell below "code|name_zh|COLUMN"; *ret its number. */
static enum bg_code cell(const char *column, const char *text, const char *date, int64_t *ret)
{
    struct table_binding b;
    struct table_cell cells[8];
    struct table_errors errors;
    char header[64], line[512];
    const struct table_rules rules = { .date = bg_str_of(date) };
    (void)snprintf(header, sizeof header, "code|name_zh|%s", column);
    (void)snprintf(line, sizeof line, "A|B|%s", text);
    bg_err err = read_row(header, line, &rules, &b, cells, &errors);
    if (bg_failed(err)) {
        return err.code;
    }
    for (int i = QTY; i <= KIND; i++) {
        if (strcmp(columns[i].name, column) == 0) {
            *ret = cells[i].given ? cells[i].i : -99;
        }
    }
    return errors.count > 0 ? errors.at[0].err.code : BG_OK;
}

static bool is(const char *column, const char *text, const char *date, int64_t expected)
{
    int64_t got = -1;
    enum bg_code code = cell(column, text, date, &got);
    if (code != BG_OK || got != expected) {
        printf("# %s \"%s\": %s %lld\n", column, text, code != BG_OK ? bg_errors[code].slug : "ok", (long long)got);
    }
    return code == BG_OK && got == expected;
}

static bool refused(const char *column, const char *text, enum bg_code expected)
{
    int64_t got = 0;
    return cell(column, text, "", &got) == expected;
}

static void test_cells(void)
{
    bg_date day;
    bg_ms at;
    bg_ignore(bg_date_of(2022, 1, 8, &day));
    bg_ignore(bg_time_parse(BG_STR("2022-01-08T01:30:00Z"), 0, &at));
    OK(is("qty", "1200", "", 1200) && is("qty", " 1,200 ", "", 1200) && is("qty", "1,234,567.00", "", 1234567) &&
           is("qty", "１２００", "", 1200) && is("qty", "0", "", 0) && is("qty", "", "", -99) && is("life", "-10", "", -10) &&
           is("life", "'-7", "", -7),
       "whole numbers");
    static const char *const bad[] = { "1.5", "12,00", "1,2,3", ",1",  "1,",  "1.",
                                       ".",   "-1",    "abc",   "1e3", "3万", "10000000000000001",
                                       "1 2", "--1" };
    int wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wrong += !refused("qty", bad[i], BG_TABLE_NUMBER);
    }
    OK(wrong == 0 && refused("life", "11", BG_TABLE_NUMBER), "and what is none");
    OK(is("expiry", "2022-01-08", "", day) && is("expiry", "2022/1/8", "", day) && is("expiry", "2022.01.08", "", day) &&
           is("expiry", "20220108", "", day) && is("expiry", "2022年1月8日", "", day) &&
           is("expiry", "２０２２－０１－０８", "", day) && is("expiry", "2022-01-08T00:00:00", "", day),
       "dates as they are written in China");
    OK(is("expiry", "01/08/2022", "MM/dd/yyyy", day) && is("expiry", "8.1.22", "d.M.yy", day) &&
           is("expiry", "2022-01-08", "MM/dd/yyyy", day),
       "dates by the pattern of the rules");
    OK(refused("expiry", "2022-02-30", BG_BAD_TIME) && refused("expiry", "01/08/2022", BG_BAD_TIME) &&
           refused("expiry", "2022-1", BG_BAD_TIME) && refused("expiry", "2022-01-08x", BG_BAD_TIME) &&
           refused("expiry", "2022-01-08T09:30:00", BG_BAD_TIME) && refused("expiry", "44569", BG_BAD_TIME),
       "and what is none");
    OK(is("at", "2022-01-08T01:30:00Z", "", at) && is("at", "2022-01-08 09:30", "", at) && is("at", "2022/1/8 9:30:00", "", at) &&
           is("at", "2022-01-08T09:30:00", "", at) && is("at", "2022-01-08 09:30:00.48", "", at + 480) &&
           is("at", "2022-01-08", "", at - 9 * 3600000 - 1800000),
       "moments");
    OK(refused("at", "2022-01-08 25:00", BG_BAD_TIME) && refused("at", "2022-01-08 9", BG_BAD_TIME) &&
           refused("at", "x", BG_BAD_TIME),
       "and what is none");
    OK(is("active", "是", "", 1) && is("active", "TRUE", "", 1) && is("active", "否", "", 0) && is("active", "n", "", 0) &&
           refused("active", "maybe", BG_TABLE_WORD_BAD),
       "yes and no");
    OK(is("kind", "医院", "", 5) && is("kind", "Reserve Depot", "", 1) && is("kind", "HOSPITAL", "", 5) &&
           refused("kind", "school", BG_TABLE_WORD_BAD),
       "words");
    struct table_binding b;
    struct table_cell cells[8];
    struct table_errors errors;
    OK(!bg_failed(read_row("code|name_zh", "'=1| x ", NULL, &b, cells, &errors)) && bg_str_is(cells[CODE].s, "=1") &&
           bg_str_is(cells[NAME].s, " x "),
       "texts stay as they stand, less the guard");
}

static void test_errors(void)
{
    struct table_binding b;
    struct table_cell cells[8];
    struct table_errors errors;
    OK(!bg_failed(read_row("编码|名称|数量|有效期|类型", "|口\xEF\xBF\xBD罩|x|2022-02-30|学校", NULL, &b, cells, &errors)) &&
           errors.count == 5 && errors.at[0].err.code == BG_TABLE_DAMAGED && errors.at[4].err.code == BG_TABLE_EMPTY,
       "every error of a row at once");
    OK(strcmp(errors.at[1].err.facts, "\"value\":\"x\"") == 0 && strstr(errors.at[3].err.facts, "\"hospital\"") != NULL,
       "with the value, and the words that would do");
    OK(!bg_failed(read_row("code|name_zh", "A|B||", NULL, &b, cells, &errors)) && errors.count == 0 &&
           !bg_failed(read_row("code|name_zh", "A|B||C", NULL, &b, cells, &errors)) && errors.count == 1 &&
           errors.at[0].err.code == BG_TABLE_RAGGED,
       "cells behind the header are errors when something stands in them");
    char longer[64];
    memset(longer, 'a', 41);
    memcpy(longer + 41, "|x", 3);
    OK(!bg_failed(read_row("code|name_zh", longer, NULL, &b, cells, &errors)) && errors.count == 1 &&
           errors.at[0].err.code == BG_TABLE_LONG,
       "too long a text");
    OK(!bg_failed(read_row("code|name_zh", "a\nb|x", NULL, &b, cells, &errors)) && errors.count == 1 &&
           errors.at[0].err.code == BG_TABLE_CONTROL,
       "a line break in a code");
}

/* An error file: its own columns are left out when it comes back, and a second one has them once only. */
static void test_error_file(void)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    BG_SCOPED_BUF again = bg_buf_init(1u << 20);
    bg_str header[3] = { BG_STR("编码"), BG_STR("名称"), BG_STR("数量") },
           cells_in[3] = { BG_STR("A,1"), BG_STR("'=x"), BG_STR("many") };
    struct csv_row head = { .fields = header, .count = 3, .line = 1 }, bad = { .fields = cells_in, .count = 3, .line = 7 };
    struct table_binding b;
    struct table_cell cells[8];
    struct table_errors errors = { .count = 0 };
    bg_ignore(table_bind(columns, NULL, 480, &head, arena, &b));
    bg_ignore(table_row_read(&b, &bad, arena, cells, &errors));
    table_error_header_write(&b, &out);
    table_error_row_write(&b, &bad, &errors, &out);
    struct input *input = NULL;
    struct table *table = NULL;
    struct csv_row row;
    bool more = false;
    bg_ignore(input_open_bytes(bg_buf_str(&out), &input));
    bg_ignore(table_open(input, &(struct table_opts){ .delimiter = 0 }, &table));
    bg_err err = table_next(table, &row, &more);
    OK(!bg_failed(err) && more && row.count == 6 && !bg_failed(table_bind(columns, NULL, 480, &row, arena, &b)),
       "an error file binds again");
    err = table_next(table, &row, &more);
    errors.count = 0;
    OK(!bg_failed(err) && more && bg_str_is(row.fields[0], "7") && bg_str_is(row.fields[1], "数量") &&
           !bg_failed(table_row_read(&b, &row, arena, cells, &errors)) && errors.count == 1 && bg_str_is(cells[CODE].s, "A,1") &&
           bg_str_is(cells[NAME].s, "=x"),
       "its rows read as they stood");
    table_error_header_write(&b, &again);
    table_error_row_write(&b, &row, &errors, &again);
    OK(bg_str_find(bg_buf_str(&again), '\n') == bg_str_find(bg_buf_str(&out), '\n'),
       "and a second error file has the same header");
    table_close(table);
    input_close(input);
}

static void test_rules(void)
{
    struct table_rules rules = { .skip = 0 };
    bg_err err =
        table_rules_read(BG_STR("{\"columns\":{\"item code\":\"code\"},\"fixed\":{\"name_zh\":\"x\"},\"words\":{\"kind\":{\"WH\":"
                                "\"reserve\"}},\"ignore\":[\"a\",\"b\"],\"ignore_rest\":true,\"date\":\"MM/dd/yyyy\",\"skip\":1,"
                                "\"sheet\":\"库存\",\"encoding\":\"GBK\",\"delimiter\":\";\"}"),
                         arena, &rules);
    OK(!bg_failed(err) && rules.column_count == 1 && bg_str_is(rules.columns[0].to, "code") && rules.fixed_count == 1 &&
           rules.word_count == 1 && bg_str_is(rules.words[0].column, "kind") && rules.ignore_count == 2 && rules.ignore_rest &&
           rules.skip == 1 && bg_str_is(rules.opts.sheet, "库存") && rules.opts.encoding == TEXT_GB18030 &&
           rules.opts.delimiter == ';',
       "a mapping file");
    static const char *const bad[] = { "[]",
                                       "{\"colums\":{}}",
                                       "{\"columns\":{\"a\":1}}",
                                       "{\"words\":{\"kind\":\"x\"}}",
                                       "{\"skip\":-1}",
                                       "{\"encoding\":\"ebcdic\"}",
                                       "{\"delimiter\":\"ab\"}",
                                       "{\"ignore\":\"a\"}",
                                       "{\"ignore_rest\":1}" };
    int wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wrong += table_rules_read(bg_str_of(bad[i]), arena, &rules).code != BG_TABLE_RULES;
    }
    OK(wrong == 0 && bg_failed(table_rules_read(BG_STR("{"), arena, &rules)), "and what is none");
}

static void test_kinds(void)
{
    struct input *input = NULL;
    struct table *table = NULL;
    bg_ignore(input_open_bytes(BG_STR("%PDF-1.7"), &input));
    OK(table_open(input, &(struct table_opts){ .delimiter = 0 }, &table).code == BG_TABLE_KIND, "a PDF is no table");
    input_close(input);
    bg_ignore(input_open_bytes(BG_STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), &input));
    OK(table_open(input, &(struct table_opts){ .delimiter = 0 }, &table).code == BG_XLSX_OLD,
       "an old .xls is refused with a hint");
    input_close(input);
}

int main(void)
{
    json_init();
    arena = bg_arena_open(16u << 20);
    test_headers();
    test_cells();
    test_errors();
    test_error_file();
    test_rules();
    test_kinds();
    bg_arena_close(arena);
    return TAP_DONE();
}
