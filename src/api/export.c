/* Rows of a kind into a file: CSV, XLSX, or JSON lines; from one snapshot. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/import_inner.h"
#include "codec/xlsx.h"

#define OUT_MAX ((size_t)16 << 20)
#define OUT_WRITE ((size_t)1 << 18)
#define PAGE_ARENA_MAX ((size_t)256 << 20)

static bg_err write_out(struct exporting *run)
{
    BG_TRY(bg_buf_check(&run->out));
    bool written = fwrite(run->out.at, 1, run->out.len, run->file) == run->out.len;
    bg_buf_clear(&run->out);
    return written ? BG_DONE : BG_FAIL_AT(BG_EXPORT_WRITE, "file");
}

bg_str export_int(struct exporting *run, int64_t value)
{
    const char *text = bg_arena_text(run->arena, "%lld", (long long)value);
    return text != NULL ? bg_str_of(text) : BG_STR("");
}

bg_str export_date(struct exporting *run, bg_date date)
{
    char text[11] = "";
    if (date != BG_DATE_NONE) {
        bg_date_text(date, text);
    }
    return bg_arena_copy(run->arena, bg_str_of(text));
}

bg_str export_time(struct exporting *run, bg_ms at)
{
    char text[25] = "";
    if (at != BG_TIME_NONE) {
        bg_time_text(at, text);
    }
    return bg_arena_copy(run->arena, bg_str_of(text));
}

static void json_row(struct exporting *run, const bg_str *fields)
{
    struct bg_buf *out = &run->out;
    out->comma = false;
    bg_json_object(out);
    for (size_t i = 0; i < run->columns; i++) {
        const struct table_column *column = &run->kind->columns[i];
        int64_t number;
        bg_json_key(out, column->name);
        if (fields[i].len == 0 && column->type != TABLE_TEXT) {
            bg_json_null(out);
        } else if (column->type == TABLE_INT && bg_str_int(fields[i], &number)) {
            bg_json_int(out, number);
        } else if (column->type == TABLE_BOOL) {
            bg_json_bool(out, bg_str_is(fields[i], "true"));
        } else {
            bg_json_str(out, fields[i]);
        }
    }
    bg_json_object_end(out);
    bg_buf_byte(out, '\n');
}

/* Texts are guarded against being run as formulas; what the columns know to be numbers, dates or words is not text. */
static bg_err guarded(struct exporting *run, const bg_str *fields, bg_str *ret)
{
    for (size_t i = 0; i < run->columns; i++) {
        if (run->kind->columns[i].type == TABLE_TEXT) {
            BG_TRY(csv_guard(run->arena, fields[i], &ret[i]));
        } else {
            ret[i] = fields[i];
        }
    }
    return BG_DONE;
}

bg_err export_row(struct exporting *run, const bg_str *fields)
{
    bg_str cells[TABLE_COLUMNS_MAX];
    bool numbers[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < run->columns; i++) {
        BG_TRY(bg_need(fields[i].at));
        numbers[i] = run->kind->columns[i].type == TABLE_INT;
    }
    run->rows++;
    if (run->opts->format == EXPORT_JSON) {
        json_row(run, fields);
    } else {
        BG_TRY(guarded(run, fields, cells));
        if (run->opts->format == EXPORT_XLSX) {
            return xlsx_writer_row(run->xlsx, cells, numbers, run->columns);
        }
        csv_write_row(&run->out, cells, run->columns);
    }
    return run->out.len >= OUT_WRITE ? write_out(run) : BG_DONE;
}

static bg_err write_header(struct exporting *run)
{
    bg_str cells[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < run->columns; i++) {
        const struct table_column *column = &run->kind->columns[i];
        cells[i] = bg_str_of(run->opts->headers == EXPORT_ZH   ? column->zh
                             : run->opts->headers == EXPORT_EN ? column->en
                                                               : column->name);
    }
    if (run->opts->format == EXPORT_XLSX) {
        return xlsx_writer_row(run->xlsx, cells, NULL, run->columns);
    }
    if (run->opts->format == EXPORT_CSV) {
        if (run->opts->mark) {
            bg_buf_add(&run->out, BG_STR("\xEF\xBB\xBF"));
        }
        csv_write_row(&run->out, cells, run->columns);
    }
    return BG_DONE;
}

static bg_err write_rows(struct exporting *run)
{
    struct ledger_city city;
    BG_TRY(ledger_city_get(run->store, run->city, &city));
    run->offset_min = city.offset_min;
    BG_TRY(write_header(run));
    BG_TRY(run->kind->list(run));
    return run->file != NULL ? write_out(run) : BG_DONE;
}

static bg_err open_file(struct exporting *run)
{
    if (run->opts->format == EXPORT_XLSX) {
        return xlsx_writer_open(run->opts->path, run->kind->zh, &run->xlsx);
    }
    run->file = fopen(run->opts->path, "w");
    return run->file != NULL ? BG_DONE : BG_FAIL_AT(BG_EXPORT_WRITE, "file");
}

bg_err export_table(struct app *app, const struct export_opts *opts, struct export_result *ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_ARENA arena = bg_arena_open(PAGE_ARENA_MAX);
    BG_TRY(bg_need(arena));
    struct exporting run = { .opts = opts, .kind = opts->kind, .city = opts->city, .arena = arena, .out = bg_buf_init(OUT_MAX) };
    while (opts->kind->columns[run.columns].name != NULL) {
        run.columns++;
    }
    BG_TRY(store_read_begin(app->store, 0, &tx));
    run.store = tx;
    bg_err err = open_file(&run);
    if (!bg_failed(err)) {
        err = write_rows(&run);
    }
    bg_buf_done(&run.out);
    if (run.file != NULL && fclose(run.file) != 0 && !bg_failed(err)) {
        err = BG_FAIL_AT(BG_EXPORT_WRITE, "file");
    }
    bg_err closed = xlsx_writer_close(run.xlsx);
    BG_TRY(err);
    BG_TRY(closed);
    ret->rows = run.rows;
    return BG_DONE;
}
