/* Rows of a table, whatever file it came in, and the binding of its header. */
#include "codec/table.h"

#include <string.h>

#include "codec/xlsx.h"

struct table {
    struct csv *csv;
    struct xlsx *xlsx;
};

const char *const table_error_headers[3] = { "错误行 error_line", "错误列 error_column", "错误 error" };

static bg_err table_start(struct table *table, struct input *input, const struct table_opts *opts)
{
    enum input_kind kind;
    BG_TRY(input_kind(input, &kind));
    switch (kind) {
    case INPUT_ZIP: BG_TRY(xlsx_open(input, &table->xlsx)); return xlsx_begin(table->xlsx, opts->sheet);
    case INPUT_OLE: return BG_FAIL_AT(BG_XLSX_OLD, "file");
    case INPUT_PDF: return BG_FAIL_AT(BG_TABLE_KIND, "file");
    case INPUT_TEXT: break;
    }
    const struct csv_opts csv = { .encoding = opts->encoding, .delimiter = opts->delimiter, .rows_max = opts->rows_max };
    return csv_open(input, &csv, &table->csv);
}

bg_err table_open(struct input *input, const struct table_opts *opts, struct table **ret)
{
    struct table *table = bg_heap_get(sizeof *table);
    BG_TRY(bg_need(table));
    bg_err err = table_start(table, input, opts);
    if (bg_failed(err)) {
        table_close(table);
        return err;
    }
    *ret = table;
    return BG_DONE;
}

void table_close(struct table *table)
{
    if (table != NULL) {
        csv_close(table->csv);
        xlsx_close(table->xlsx);
        bg_heap_free(table);
    }
}

bg_err table_next(struct table *table, struct csv_row *ret, bool *ret_more)
{
    return table->xlsx != NULL ? xlsx_next(table->xlsx, ret, ret_more) : csv_next(table->csv, ret, ret_more);
}

int64_t table_line(const struct table *table)
{
    return table->xlsx != NULL ? xlsx_line(table->xlsx) : csv_line(table->csv);
}

void table_report_json(const struct table *table, struct bg_buf *out)
{
    if (table->xlsx != NULL) {
        bg_json_put_str(out, "format", BG_STR("xlsx"));
        return;
    }
    struct text_report report = csv_encoding(table->csv);
    char delimiter = csv_delimiter(table->csv);
    bg_json_put_str(out, "format", BG_STR("csv"));
    bg_json_put_str(out, "encoding", bg_str_of(text_encoding_name(report.encoding)));
    bg_json_put_bool(out, "certain", report.certain);
    bg_json_put_str(out, "delimiter", (bg_str){ &delimiter, 1 });
}

/* --- header --- */

/* A header for comparison: lower case, no blanks, underscores, hyphens, asterisks; what stands in brackets at its end is a
 * remark. */
static void header_plain(bg_str header, char out[128])
{
    size_t pos = 0, len = 0;
    while (pos < header.len) {
        int32_t point = bg_utf8_next(header, &pos);
        char bytes[4];
        if (point >= 0xFF01 && point <= 0xFF5E) {
            point -= 0xFEE0;
        }
        if ((point == '(' || point == '[') && len > 0) {
            break;
        }
        if (point < 0 || point == ' ' || point == '\t' || point == '\n' || point == '\r' || point == '_' || point == '-' ||
            point == '*' || point == 0x3000 || point == 0xA0 || point == 0xFEFF || point == '/') {
            continue;
        }
        if (point >= 'A' && point <= 'Z') {
            point += 'a' - 'A';
        }
        size_t size = bg_utf8_put(point, bytes);
        if (len + size >= 128) {
            break;
        }
        memcpy(out + len, bytes, size);
        len += size;
    }
    out[len] = '\0';
}

static bool header_same(const char *plain, bg_str name)
{
    char other[128];
    header_plain(name, other);
    return strcmp(plain, other) == 0;
}

static bool column_has_header(const struct table_column *column, const char *plain)
{
    const char *const names[] = { column->name, column->zh, column->en };
    for (size_t i = 0; i < 3; i++) {
        if (header_same(plain, bg_str_of(names[i]))) {
            return true;
        }
    }
    bg_str rest = bg_str_of(column->aliases);
    while (rest.len > 0) {
        size_t len = bg_str_find(rest, '|');
        if (header_same(plain, bg_str_cut(rest, 0, len))) {
            return true;
        }
        rest = bg_str_cut(rest, len + 1, rest.len);
    }
    return false;
}

int table_column_of(const struct table_binding *binding, bg_str name)
{
    for (size_t i = 0; i < binding->column_count; i++) {
        if (bg_str_is(name, binding->columns[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

static bool is_error_header(bg_str header)
{
    for (size_t i = 0; i < 3; i++) {
        if (bg_str_is(header, table_error_headers[i])) {
            return true;
        }
    }
    return false;
}

enum { HEADER_UNKNOWN = -2, HEADER_LEFT_OUT = -1 };

/* Which column a header is: first by the rules, then by the names of the columns. */
static int header_find(const struct table_binding *binding, bg_str header)
{
    const struct table_rules *rules = binding->rules;
    char plain[128];
    header_plain(header, plain);
    if (is_error_header(header)) {
        return HEADER_LEFT_OUT;
    }
    for (size_t i = 0; i < rules->column_count; i++) {
        if (header_same(plain, rules->columns[i].from)) {
            return table_column_of(binding, rules->columns[i].to);
        }
    }
    for (size_t i = 0; i < rules->ignore_count; i++) {
        if (header_same(plain, rules->ignore[i])) {
            return HEADER_LEFT_OUT;
        }
    }
    if (rules->ignore_rest || plain[0] == '\0') {
        return HEADER_LEFT_OUT;
    }
    for (size_t i = 0; i < binding->column_count; i++) {
        if (column_has_header(&binding->columns[i], plain)) {
            return (int)i;
        }
    }
    return HEADER_UNKNOWN;
}

/* {"headers":[…]} with one or more names, as facts in the arena. */
static const char *header_facts(struct bg_arena *arena, const bg_str *names, size_t count)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 16);
    bg_json_key(&out, "headers");
    bg_json_array(&out);
    for (size_t i = 0; i < count && i < 20; i++) {
        bg_json_str(&out, names[i]);
    }
    bg_json_array_end(&out);
    return bg_failed(bg_buf_check(&out)) ? NULL : bg_arena_copy(arena, bg_buf_str(&out)).at;
}

static bg_err bind_headers(struct table_binding *binding, struct bg_arena *arena)
{
    bg_str unknown[20];
    size_t unknown_count = 0;
    for (size_t i = 0; i < binding->width; i++) {
        int column = header_find(binding, binding->headers[i]);
        binding->of[i] = (int16_t)(column < 0 ? HEADER_LEFT_OUT : column);
        if (column == HEADER_UNKNOWN && unknown_count < 20) {
            unknown[unknown_count++] = binding->headers[i];
        }
        if (column >= 0 && binding->mapped[column]) {
            return BG_FAIL_WITH(BG_TABLE_TWICE, binding->columns[column].name, header_facts(arena, &binding->headers[i], 1));
        }
        if (column >= 0) {
            binding->mapped[column] = true;
        }
    }
    return unknown_count > 0 ? BG_FAIL_WITH(BG_TABLE_HEADER, "file", header_facts(arena, unknown, unknown_count)) : BG_DONE;
}

bg_str table_header_of(const struct table_binding *binding, size_t column)
{
    for (size_t i = 0; i < binding->width; i++) {
        if (binding->of[i] == (int)column) {
            return binding->headers[i];
        }
    }
    return bg_str_of(binding->columns[column].name);
}

void table_binding_json(const struct table_binding *binding, struct bg_buf *out)
{
    bg_json_key(out, "headers");
    bg_json_array(out);
    for (size_t i = 0; i < binding->width; i++) {
        bg_json_str(out, binding->headers[i]);
    }
    bg_json_array_end(out);
    bg_json_key(out, "columns");
    bg_json_array(out);
    for (size_t i = 0; i < binding->width; i++) {
        if (binding->of[i] < 0) {
            bg_json_null(out);
        } else {
            bg_json_str(out, bg_str_of(binding->columns[binding->of[i]].name));
        }
    }
    bg_json_array_end(out);
}

static bg_err bind_fixed(struct table_binding *binding, struct bg_arena *arena)
{
    const struct table_rules *rules = binding->rules;
    for (size_t i = 0; i < rules->fixed_count; i++) {
        int column = table_column_of(binding, rules->fixed[i].from);
        if (column < 0) {
            return BG_FAIL_WITH(BG_TABLE_RULES, "fixed", header_facts(arena, &rules->fixed[i].from, 1));
        }
        BG_TRY(table_cell_read(binding, (size_t)column, rules->fixed[i].to, arena, &binding->fixed[column]));
    }
    for (size_t i = 0; i < rules->same_count; i++) {
        int to = table_column_of(binding, rules->same[i].from), from = table_column_of(binding, rules->same[i].to);
        if (to < 0 || from < 0 || binding->columns[to].type != binding->columns[from].type) {
            return BG_FAIL_WITH(BG_TABLE_RULES, "same", header_facts(arena, &rules->same[i].from, 1));
        }
        binding->mapped[to] = binding->mapped[to] || binding->mapped[from];
    }
    for (size_t i = 0; i < rules->column_count; i++) {
        if (table_column_of(binding, rules->columns[i].to) < 0) {
            return BG_FAIL_WITH(BG_TABLE_RULES, "columns", header_facts(arena, &rules->columns[i].to, 1));
        }
    }
    return BG_DONE;
}

bg_err table_bind(const struct table_column *columns, const struct table_rules *rules, int offset_min,
                  const struct csv_row *header, struct bg_arena *arena, struct table_binding *ret)
{
    static const struct table_rules none;
    *ret = (struct table_binding){ .columns = columns, .rules = rules != NULL ? rules : &none, .offset_min = offset_min };
    while (columns[ret->column_count].name != NULL && ret->column_count < TABLE_COLUMNS_MAX) {
        ret->column_count++;
    }
    bg_str *headers = bg_arena_array(arena, header->count, sizeof *headers);
    BG_TRY(bg_need(headers));
    for (size_t i = 0; i < header->count; i++) {
        headers[i] = bg_arena_copy(arena, csv_unguard(header->fields[i]));
        BG_TRY(bg_need(headers[i].at));
    }
    ret->headers = headers;
    ret->width = header->count;
    BG_TRY(bind_headers(ret, arena));
    BG_TRY(bind_fixed(ret, arena));
    for (size_t i = 0; i < ret->column_count; i++) {
        if (columns[i].required && !ret->mapped[i] && !ret->fixed[i].given) {
            bg_str name = bg_str_of(columns[i].zh);
            return BG_FAIL_WITH(BG_TABLE_MISSING, columns[i].name, header_facts(arena, &name, 1));
        }
    }
    return BG_DONE;
}

/* --- error files --- */

void table_error_add(struct table_errors *errors, bg_str column, bg_err err)
{
    if (errors->count < TABLE_ERRORS_MAX) {
        errors->at[errors->count++] = (struct table_error){ column, err };
    }
}

void table_errors_text(const struct table_errors *errors, struct bg_buf *out)
{
    for (size_t i = 0; i < errors->count; i++) {
        const struct table_error *error = &errors->at[i];
        const struct bg_error_info *info = &bg_errors[error->err.code];
        bg_buf_print(out, "%s%.*s%s", i > 0 ? "\n" : "", BG_STR_FMT(error->column), error->column.len > 0 ? "：" : "");
        bg_buf_print(out, "%s；%s %s; %s", info->zh, info->remedy_zh, info->en, info->remedy_en);
        if (error->err.facts != NULL) {
            bg_buf_print(out, " {%s}", error->err.facts);
        }
    }
}

void table_error_header_write(const struct table_binding *binding, struct bg_buf *out)
{
    for (size_t i = 0; i < 3; i++) {
        csv_write_field(out, bg_str_of(table_error_headers[i]));
        bg_buf_byte(out, ',');
    }
    bool first = true;
    for (size_t i = 0; i < binding->width; i++) {
        if (!is_error_header(binding->headers[i])) {
            if (!first) {
                bg_buf_byte(out, ',');
            }
            csv_write_text(out, binding->headers[i]);
            first = false;
        }
    }
    bg_buf_add(out, BG_STR("\r\n"));
}

void table_error_row_write(const struct table_binding *binding, const struct csv_row *row, const struct table_errors *errors,
                           struct bg_buf *out)
{
    BG_SCOPED_BUF text = bg_buf_init(1u << 16);
    bg_buf_print(out, "%lld,", (long long)row->line);
    for (size_t i = 0; i < errors->count; i++) {
        bg_buf_print(&text, "%s%.*s", i > 0 ? "；" : "", BG_STR_FMT(errors->at[i].column));
    }
    csv_write_text(out, bg_buf_str(&text));
    bg_buf_byte(out, ',');
    bg_buf_clear(&text);
    table_errors_text(errors, &text);
    csv_write_text(out, bg_buf_str(&text));
    size_t width =
        row->count > binding->width ? row->count : binding->width; /* cells behind the header are kept: they are the error */
    for (size_t i = 0; i < width; i++) {
        if (i >= binding->width || !is_error_header(binding->headers[i])) {
            bg_buf_byte(out, ',');
            csv_write_text(out, i < row->count ? csv_unguard(row->fields[i]) : BG_STR(""));
        }
    }
    bg_buf_add(out, BG_STR("\r\n"));
}
