/* The XLSX reader: opens the package and pulls one row after the other out of a sheet, by suspending the parser behind each. */
#include "codec/xlsx.h"

#include <string.h>

#include "codec/xlsx_in.h"

#define ARENA_MAX (8u << 20)

static bg_err xlsx_open_zip(struct xlsx *xlsx)
{
    zip_error_t error;
    zip_error_init(&error);
    const char *path = input_path(xlsx->input);
    bg_str bytes = input_bytes(xlsx->input);
    zip_source_t *source =
        path != NULL ? zip_source_file_create(path, 0, -1, &error) : zip_source_buffer_create(bytes.at, bytes.len, 0, &error);
    if (source != NULL) {
        xlsx->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
        if (xlsx->zip == NULL) {
            zip_source_free(source);
        }
    }
    zip_error_fini(&error);
    if (xlsx->zip == NULL || zip_get_num_entries(xlsx->zip, 0) > XLSX_ENTRIES_MAX) {
        return BG_FAIL_AT(BG_XLSX_BAD, "file");
    }
    return BG_DONE;
}

static bg_err xlsx_start(struct xlsx *xlsx)
{
    enum input_kind kind;
    BG_TRY(input_kind(xlsx->input, &kind));
    if (kind == INPUT_OLE) {
        return BG_FAIL_AT(BG_XLSX_OLD, "file");
    }
    if (kind != INPUT_ZIP) {
        return BG_FAIL_AT(BG_XLSX_BAD, "file");
    }
    xlsx->arena = bg_arena_open(ARENA_MAX);
    BG_TRY(bg_need(xlsx->arena));
    xlsx->sheets = bg_arena_array(xlsx->arena, XLSX_SHEETS_MAX, sizeof *xlsx->sheets);
    BG_TRY(bg_need(xlsx->sheets));
    BG_TRY(xlsx_open_zip(xlsx));
    return xlsx_read_parts(xlsx);
}

bg_err xlsx_open(struct input *input, struct xlsx **ret)
{
    struct xlsx *xlsx = bg_heap_get(sizeof *xlsx);
    BG_TRY(bg_need(xlsx));
    xlsx->input = input;
    xlsx->strings = bg_buf_init(XLSX_UNPACKED_MAX);
    xlsx->row = bg_buf_init(CSV_ROW_MAX);
    bg_err err = xlsx_start(xlsx);
    if (bg_failed(err)) {
        xlsx_close(xlsx);
        return err;
    }
    *ret = xlsx;
    return BG_DONE;
}

void xlsx_close(struct xlsx *xlsx)
{
    if (xlsx == NULL) {
        return;
    }
    xlsx_part_close(&xlsx->sheet);
    if (xlsx->zip != NULL) {
        zip_discard(xlsx->zip);
    }
    bg_heap_free(xlsx->formats);
    bg_heap_free(xlsx->styles);
    bg_heap_free(xlsx->string_ends);
    bg_buf_done(&xlsx->strings);
    bg_buf_done(&xlsx->row);
    bg_arena_close(xlsx->arena);
    bg_heap_free(xlsx);
}

size_t xlsx_sheet_count(const struct xlsx *xlsx)
{
    return xlsx->sheet_count;
}

bg_str xlsx_sheet_name(const struct xlsx *xlsx, size_t sheet)
{
    return xlsx->sheets[sheet].name;
}

/* "BC12" → column 54; -1 when it is no cell reference. */
static int64_t column_of(const char *reference)
{
    int64_t column = 0;
    size_t i = 0;
    for (; reference[i] >= 'A' && reference[i] <= 'Z' && i < 4; i++) {
        column = column * 26 + (reference[i] - 'A' + 1);
    }
    return i > 0 && reference[i] >= '0' && reference[i] <= '9' ? column - 1 : -1;
}

static void row_start(struct xlsx_part *part, const char **attributes)
{
    struct xlsx *xlsx = part->xlsx;
    const char *number = xlsx_attribute(attributes, "r");
    int64_t written = 0;
    if (number != NULL && !bg_str_int(bg_str_of(number), &written)) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_BAD));
        return;
    }
    xlsx->row_number = written > 0 ? written : xlsx->row_number + 1;
    xlsx->in_row = true;
    xlsx->width = 0;
    bg_buf_clear(&xlsx->row);
}

static char cell_type(const char *type)
{
    static const struct {
        const char *name;
        char type;
    } types[] = { { "s", 's' }, { "inlineStr", 'i' }, { "str", 'f' }, { "b", 'b' }, { "e", 'e' }, { "d", 'd' }, { "n", 'n' } };
    for (size_t i = 0; type != NULL && i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, type) == 0) {
            return types[i].type;
        }
    }
    return 'n';
}

static void cell_start(struct xlsx_part *part, const char **attributes)
{
    struct xlsx *xlsx = part->xlsx;
    const char *reference = xlsx_attribute(attributes, "r"), *style = xlsx_attribute(attributes, "s");
    int64_t column = reference != NULL ? column_of(reference) : (int64_t)xlsx->width;
    if (column < (int64_t)xlsx->width) { /* unreadable, or going back */
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_BAD));
        return;
    }
    xlsx->cell =
        (struct xlsx_cell){ .type = cell_type(xlsx_attribute(attributes, "t")), .column = (size_t)column, .from = xlsx->row.len };
    if (style == NULL || !bg_str_int(bg_str_of(style), &xlsx->cell.style)) {
        xlsx->cell.style = -1;
    }
}

static void sheet_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct xlsx *xlsx = part->xlsx;
    struct xlsx_cell *cell = &xlsx->cell;
    if (strcmp(name, "row") == 0) {
        row_start(part, attributes);
    } else if (!xlsx->in_row) {
        return;
    } else if (strcmp(name, "c") == 0) {
        cell_start(part, attributes);
    } else if (cell->skip > 0 || strcmp(name, "rPh") == 0) {
        cell->skip++;
    } else {
        cell->collecting = strcmp(name, cell->type == 'i' ? "t" : "v") == 0;
    }
}

static void sheet_text(struct xlsx_part *part, bg_str text)
{
    struct xlsx *xlsx = part->xlsx;
    if (xlsx->in_row && xlsx->cell.collecting) {
        bg_buf_add(&xlsx->row, text);
        if (xlsx->row.failed || xlsx->row.len - xlsx->cell.from > CSV_FIELD_MAX) {
            xlsx_part_fail(part, BG_FAIL(BG_TABLE_FIELD));
        }
    }
}

static bg_str shared_string(const struct xlsx *xlsx, size_t index)
{
    return bg_str_cut(bg_buf_str(&xlsx->strings), index > 0 ? xlsx->string_ends[index - 1] : 0, xlsx->string_ends[index]);
}

/* Replaces the raw text of the cell by what it means. False: the index of a shared string that is not there. */
static bool cell_value(struct xlsx *xlsx)
{
    struct xlsx_cell *cell = &xlsx->cell;
    bg_str raw = bg_str_cut(bg_buf_str(&xlsx->row), cell->from, xlsx->row.len);
    char text[64];
    int64_t index;
    if (raw.len == 0) {
        return true;
    }
    switch (cell->type) {
    case 's':
        if (!bg_str_int(bg_str_trim(raw), &index) || index < 0 || index >= (int64_t)xlsx->string_count) {
            return false;
        }
        xlsx->row.len = cell->from;
        bg_buf_add(&xlsx->row, shared_string(xlsx, (size_t)index));
        return true;
    case 'i':
    case 'f': xlsx->row.len = cell->from + xlsx_unescape(xlsx->row.at + cell->from, raw.len); return true;
    case 'b':
        index = bg_str_is(bg_str_trim(raw), "1") || bg_str_is(bg_str_trim(raw), "true");
        xlsx->row.len = cell->from;
        bg_buf_add(&xlsx->row, index ? BG_STR("true") : BG_STR("false"));
        return true;
    case 'n': {
        bool styled = cell->style >= 0 && cell->style < (int64_t)xlsx->style_count;
        enum xlsx_show show = styled ? (enum xlsx_show)xlsx->styles[cell->style] : XLSX_SHOW_NUMBER;
        if (xlsx_number_text(raw, show, xlsx->date1904, text)) {
            xlsx->row.len = cell->from;
            bg_buf_add(&xlsx->row, bg_str_of(text));
        }
        return true;
    }
    default: /* errors and ISO dates stay as they stand */ return true;
    }
}

static void cell_end(struct xlsx_part *part)
{
    struct xlsx *xlsx = part->xlsx;
    if (!cell_value(xlsx)) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_BAD));
        return;
    }
    if (xlsx->row.len == xlsx->cell.from) {
        return; /* an empty cell with a style only */
    }
    if (xlsx->cell.column >= CSV_COLUMNS_MAX) {
        xlsx_part_fail(part, BG_FAIL(BG_TABLE_COLUMNS));
        return;
    }
    for (size_t i = xlsx->width; i < xlsx->cell.column; i++) {
        xlsx->spans[i].from = xlsx->spans[i].to = 0;
    }
    xlsx->spans[xlsx->cell.column].from = xlsx->cell.from;
    xlsx->spans[xlsx->cell.column].to = xlsx->row.len;
    xlsx->width = xlsx->cell.column + 1;
}

static void sheet_end(struct xlsx_part *part, const char *name)
{
    struct xlsx *xlsx = part->xlsx;
    if (!xlsx->in_row) {
        return;
    }
    xlsx->cell.collecting = false;
    if (xlsx->cell.skip > 0) {
        xlsx->cell.skip--;
    }
    if (strcmp(name, "c") == 0) {
        cell_end(part);
    } else if (strcmp(name, "row") == 0) {
        xlsx->in_row = false;
        if (xlsx->width > 0) {
            xlsx->row_ready = true;
            (void)XML_StopParser(part->parser, XML_TRUE);
        }
    }
}

bg_err xlsx_begin(struct xlsx *xlsx, bg_str name)
{
    bool found;
    xlsx_part_close(&xlsx->sheet);
    for (size_t i = 0; i < xlsx->sheet_count; i++) {
        const struct xlsx_sheet *sheet = &xlsx->sheets[i];
        if (sheet->path.len == 0 || (name.len == 0 ? sheet->hidden : !bg_str_eq(sheet->name, name))) {
            continue;
        }
        xlsx->sheet = (struct xlsx_part){ .start = sheet_start, .end = sheet_end, .text = sheet_text };
        xlsx->row_number = xlsx->rows = 0;
        xlsx->in_row = xlsx->row_ready = false;
        BG_TRY(xlsx_part_open(xlsx, sheet->path, &xlsx->sheet, &found));
        return found ? BG_DONE : BG_FAIL_AT(BG_XLSX_BAD, "file");
    }
    return BG_FAIL_AT(BG_XLSX_SHEET, "sheet");
}

bg_err xlsx_next(struct xlsx *xlsx, struct csv_row *ret, bool *ret_more)
{
    xlsx->row_ready = false;
    BG_TRY(xlsx->sheet.failed);
    if (xlsx->sheet.parser == NULL) {
        return BG_FAIL(BG_XLSX_SHEET);
    }
    XML_ParsingStatus status;
    XML_GetParsingStatus(xlsx->sheet.parser, &status);
    if (status.parsing != XML_FINISHED) {
        xlsx->sheet.failed = xlsx_part_run(&xlsx->sheet);
        BG_TRY(xlsx->sheet.failed);
    }
    *ret_more = xlsx->row_ready;
    if (!xlsx->row_ready) {
        return BG_DONE;
    }
    if (++xlsx->rows > CSV_ROWS_MAX) {
        return BG_FAIL(BG_TABLE_ROWS);
    }
    bg_str row = bg_buf_str(&xlsx->row);
    for (size_t i = 0; i < xlsx->width; i++) {
        xlsx->fields[i] = bg_str_cut(row, xlsx->spans[i].from, xlsx->spans[i].to);
    }
    *ret = (struct csv_row){ .fields = xlsx->fields, .count = xlsx->width, .line = xlsx->row_number };
    return BG_DONE;
}

int64_t xlsx_line(const struct xlsx *xlsx)
{
    return xlsx->row_number;
}
