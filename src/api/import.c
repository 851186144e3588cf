/* An import as one change: the file is read row by row inside the transaction, each row judged and applied by its kind; the first
 * bad row turns the run into a search for all other bad rows, and the transaction is undone at its end. */
#include "api/import_inner.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "codec/json.h"

#define FLUSH_ROWS 500
#define ROW_ARENA_MAX ((size_t)64 << 20)
#define FILE_ARENA_MAX ((size_t)8 << 20)
#define CHANGE_ARENA_MAX ((size_t)64 << 20)
#define PASSES_MAX 5

const struct import_kind *const import_kinds[] = {
    &import_owners, &import_items, &import_packs,     &import_codes,     &import_places,
    &import_bins,   &import_lots,  &import_movements, &import_standards, NULL,
};

const struct import_kind *import_kind_find(bg_str name)
{
    for (size_t i = 0; import_kinds[i] != NULL; i++) {
        if (bg_str_is(name, import_kinds[i]->name)) {
            return import_kinds[i];
        }
    }
    return NULL;
}

const char *import_kind_name(const struct import_kind *kind)
{
    return kind->name;
}

bool import_kind_placed(const struct import_kind *kind)
{
    return kind->placed;
}

const struct table_column *import_kind_columns(const struct import_kind *kind)
{
    return kind->columns;
}

void import_kind_json(const struct import_kind *kind, struct bg_buf *out)
{
    static const char *const types[] = { "text", "integer", "date", "time", "yes-no", "word" };
    bg_json_object(out);
    bg_json_put_str(out, "kind", bg_str_of(kind->name));
    bg_json_put_str(out, "name_zh", bg_str_of(kind->zh));
    bg_json_put_str(out, "name_en", bg_str_of(kind->en));
    bg_json_key(out, "columns");
    bg_json_array(out);
    for (const struct table_column *column = kind->columns; column->name != NULL; column++) {
        bg_json_object(out);
        bg_json_put_str(out, "name", bg_str_of(column->name));
        bg_json_put_str(out, "name_zh", bg_str_of(column->zh));
        bg_json_put_str(out, "name_en", bg_str_of(column->en));
        bg_json_put_str(out, "type", bg_str_of(types[column->type]));
        bg_json_put_bool(out, "required", column->required);
        if (column->type == TABLE_WORD) {
            bg_json_key(out, "words");
            bg_json_array(out);
            for (const struct table_word *word = column->words; word->number != 0; word = table_word_next(column, word)) {
                bg_json_object(out);
                bg_json_put_str(out, "word", bg_str_of(word->slug));
                bg_json_put_str(out, "name_zh", bg_str_of(word->zh));
                bg_json_put_str(out, "name_en", bg_str_of(word->en));
                bg_json_object_end(out);
            }
            bg_json_array_end(out);
        }
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

/* --- errors of rows --- */

bool import_refuse(struct importing *run, int column, bg_err err)
{
    if (column < 0 && err.field != NULL) { /* lower modules name the field; columns have the same names */
        for (int i = 0; i < (int)run->binding.column_count; i++) {
            if (strcmp(run->binding.columns[i].name, err.field) == 0) {
                column = i;
            }
        }
    }
    table_error_add(&run->errors, column >= 0 ? table_header_of(&run->binding, (size_t)column) : BG_STR(""), err);
    return true;
}

bg_err import_judge(struct importing *run, int column, bg_err err, bool *ret_refused)
{
    *ret_refused = bg_failed(err);
    if (bg_failed(err)) {
        if (bg_errors[err.code].status >= 500) {
            return err;
        }
        (void)import_refuse(run, column, err);
    }
    return BG_DONE;
}

bg_err import_once(struct importing *run, bool changes, const char *key, enum import_outcome *ret, bool *ret_put)
{
    bool fresh;
    BG_TRY(bg_need(key));
    if (run->keys == NULL) {
        BG_TRY(import_map_open(&bg_env_real, &run->keys));
    }
    BG_TRY(bg_need(import_map_at(run->keys, bg_str_of(key), &fresh)));
    *ret_put = changes && fresh;
    *ret = *ret_put ? IMPORT_DONE : IMPORT_UNCHANGED;
    if (changes && !fresh) {
        (void)import_refuse(run, 0, BG_FAIL_AT(BG_IMPORT_TWICE, run->binding.columns[0].name));
    }
    return BG_DONE;
}

void import_need_place(struct importing *run, int column, int64_t place)
{
    if (place != 0 && !import_scope_has(&run->opts->scope, place)) {
        (void)import_refuse(run, column, BG_FAIL_AT(BG_AUTH_DENIED, run->binding.columns[column].name));
    }
}

/* One more row of the error file, with the header in front of the first. */
static bg_err write_bad_row(struct importing *run)
{
    const struct import_opts *opts = run->opts;
    BG_SCOPED_BUF out = bg_buf_init(2 * CSV_ROW_MAX);
    if (run->result.errors == 1) {
        table_error_header_write(&run->binding, &out);
    }
    table_error_row_write(&run->binding, &run->row, &run->errors, &out);
    BG_TRY(bg_buf_check(&out));
    if (opts->errors != NULL && opts->errors->len + out.len <= opts->errors->max) {
        bg_buf_add(opts->errors, bg_buf_str(&out));
    }
    if (opts->errors_path == NULL) {
        return BG_DONE;
    }
    if (run->errors_file == NULL) {
        run->errors_file = fopen(opts->errors_path, "w");
    }
    bool written = run->errors_file != NULL && fwrite(out.at, 1, out.len, run->errors_file) == out.len;
    return written ? BG_DONE : BG_FAIL_AT(BG_EXPORT_WRITE, "errors");
}

bg_err import_keep_bad_row(struct importing *run)
{
    struct import_result *result = &run->result;
    if (result->errors++ == 0) {
        const bg_err *first = &run->errors.at[0].err;
        result->first = *first;
        result->first.facts = first->facts != NULL ? bg_arena_copy(run->file_arena, bg_str_of(first->facts)).at : NULL;
        result->first_line = run->row.line;
    }
    if (run->bad_count == run->bad_room) {
        size_t room = run->bad_room == 0 ? 256 : run->bad_room * 2;
        int64_t *bad = bg_heap_resize(run->bad, room * sizeof *bad);
        BG_TRY(bg_need(bad));
        run->bad = bad;
        run->bad_room = room;
    }
    run->bad[run->bad_count++] = run->row.line;
    return run->opts->errors_path != NULL || run->opts->errors != NULL ? write_bad_row(run) : BG_DONE;
}

static int order_lines(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static bool known_bad(const struct importing *run, size_t before, int64_t line)
{
    return before > 0 && bsearch(&line, run->bad, before, sizeof line, order_lines) != NULL;
}

/* --- rows --- */

/* Applies what is pending and gives the memory of the rows back. */
static bg_err give_back(struct importing *run)
{
    if (run->kind->flush != NULL) {
        BG_TRY(run->kind->flush(run));
    }
    BG_TRY(change_flush(run->tx));
    bg_arena_reset(run->arena);
    bg_arena_reset(run->change->arena);
    return BG_DONE;
}

static bg_err take_row(struct importing *run)
{
    struct table_cell cells[TABLE_COLUMNS_MAX];
    enum import_outcome outcome = IMPORT_UNCHANGED;
    run->errors.count = 0;
    BG_TRY(table_row_read(&run->binding, &run->row, run->arena, cells, &run->errors));
    if (run->errors.count == 0) {
        BG_TRY(run->kind->row(run, cells, &outcome));
    }
    run->result.rows++;
    if (run->errors.count > 0) {
        return import_keep_bad_row(run);
    }
    run->result.imported += outcome == IMPORT_DONE;
    run->result.unchanged += outcome == IMPORT_UNCHANGED;
    return BG_DONE;
}

/* An error of the file as a whole gets the line where it was noticed. */
static bg_err at_line(struct importing *run, struct table *table, bg_err err)
{
    if (bg_failed(err) && bg_errors[err.code].status < 500 && err.facts == NULL && table != NULL) {
        err.facts = bg_arena_text(run->file_arena, "\"line\":%lld", (long long)table_line(table));
        err.field = err.field != NULL ? err.field : "file";
    }
    return err;
}

static bg_err read_header(struct importing *run, struct table *table)
{
    const struct table_rules *rules = run->opts->rules;
    bool more = true;
    for (int64_t skip = rules != NULL ? rules->skip : 0; skip >= 0 && more; skip--) {
        BG_TRY(table_next(table, &run->row, &more));
    }
    if (!more) {
        return BG_FAIL_AT(BG_TABLE_NO_HEADER, "file");
    }
    return table_bind(run->kind->columns, rules, run->offset_min, &run->row, run->file_arena, &run->binding);
}

static bg_err read_rows(struct importing *run, struct table *table)
{
    size_t before = run->bad_count; /* bad rows of earlier passes, in order */
    bool more = true;
    for (int64_t n = 1; more; n++) {
        BG_TRY(table_next(table, &run->row, &more));
        if (more && known_bad(run, before, run->row.line)) {
            continue;
        }
        if (more) {
            BG_TRY(take_row(run));
        }
        if (n % FLUSH_ROWS == 0 || !more) {
            BG_TRY(give_back(run));
            if (run->opts->progress != NULL) {
                run->opts->progress(run->opts->ctx, run->result.rows);
            }
        }
    }
    if (run->bad_count > before) {
        qsort(run->bad, run->bad_count, sizeof *run->bad, order_lines);
    }
    return BG_DONE;
}

/* The whole file once, from its first byte. */
static bg_err pass(struct importing *run)
{
    struct table *table = NULL;
    static const struct table_opts standard;
    const struct table_opts *opts = run->opts->rules != NULL ? &run->opts->rules->opts : &standard;
    run->state = NULL;
    run->result.rows = run->result.imported = run->result.unchanged = 0;
    bg_err err = table_open(run->opts->input, opts, &table);
    if (!bg_failed(err)) {
        err = read_header(run, table);
    }
    if (!bg_failed(err)) {
        err = read_rows(run, table);
    }
    err = at_line(run, table, err);
    if (!bg_failed(err) && run->result.report.len == 0) {
        BG_SCOPED_BUF report = bg_buf_init(4096);
        table_report_json(table, &report);
        run->result.report = bg_arena_copy(run->file_arena, bg_buf_str(&report));
    }
    table_close(table);
    if (run->kind->done != NULL) {
        run->kind->done(run);
    }
    import_map_close(run->keys);
    run->keys = NULL;
    return err;
}

static bg_err pass_attempt(struct store_tx *store, void *ctx)
{
    (void)store;
    struct importing *run = ctx;
    size_t before = run->bad_count;
    BG_TRY(pass(run));
    return run->bad_count > before ? BG_FAIL(BG_IMPORT_ROWS) : BG_DONE;
}

/* Bad rows may only show once others are gone, so passes go on until one is clean. */
static bg_err passes(struct importing *run)
{
    if (!run->opts->skip_bad) {
        BG_TRY(pass(run));
        return run->result.errors > 0 ? BG_FAIL_AT(BG_IMPORT_ROWS, "file") : BG_DONE;
    }
    for (int n = 0; n < PASSES_MAX; n++) {
        bg_err err = store_attempt(run->store, pass_attempt, run);
        if (err.code != BG_IMPORT_ROWS) {
            run->result.rows += run->result.errors;
            return err;
        }
    }
    return BG_FAIL_AT(BG_IMPORT_ROWS, "file");
}

/* --- the change --- */

struct import_in {
    const struct import_opts *opts;
    struct bg_arena *arena; /* the caller's: what the result points to */
    struct import_result result;
};

/* `would`: counted only, nothing was written. */
static void result_members(const struct import_result *result, bool would, struct bg_buf *out)
{
    bg_json_put_int(out, "rows", result->rows);
    bg_json_put_int(out, "imported", would ? 0 : result->imported);
    if (would) {
        bg_json_put_int(out, "would_import", result->imported);
    }
    bg_json_put_int(out, "unchanged", result->unchanged);
    bg_json_put_int(out, "errors", result->errors);
}

static bg_err decide_run(struct importing *run, struct change *change)
{
    struct ledger_city city;
    if (!run->kind->placed && !run->opts->scope.everything) {
        return BG_FAIL(BG_AUTH_DENIED);
    }
    BG_TRY(ledger_city_get(run->store, run->city, &city));
    run->offset_min = city.offset_min;
    bg_err err = passes(run);
    if (run->errors_file != NULL && fclose(run->errors_file) != 0 && !bg_failed(err)) {
        err = BG_FAIL_AT(BG_EXPORT_WRITE, "errors");
    }
    BG_TRY(err);
    if (run->opts->dry) {
        return BG_FAIL(BG_IMPORT_DRY);
    }
    BG_SCOPED_BUF after = bg_buf_init(4096);
    bg_json_object(&after);
    bg_json_put_str(&after, "kind", bg_str_of(run->kind->name));
    result_members(&run->result, false, &after);
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    bg_buf_add(&change->reply, bg_buf_str(&after));
    change->status = 200;
    return change_record(
        run->tx, change,
        &(struct journal_entry){ .kind = "import.done", .object = "import", .city = change->city, .after = bg_buf_str(&after) });
}

static bg_err decide(struct change_tx *tx, struct change *change)
{
    struct import_in *in = (struct import_in *)(uintptr_t)change->in; /* the result is for the caller, who waits */
    struct importing run = { .opts = in->opts,
                             .kind = in->opts->kind,
                             .tx = tx,
                             .change = change,
                             .store = change_store(tx),
                             .city = change->city,
                             .file_arena = in->arena };
    run.arena = bg_arena_open(ROW_ARENA_MAX);
    BG_TRY(bg_need(run.arena));
    if (in->opts->errors != NULL) { /* a change may be decided again */
        bg_buf_clear(in->opts->errors);
    }
    bg_err err = decide_run(&run, change);
    in->result = run.result;
    bg_heap_free(run.bad);
    bg_arena_close(run.arena);
    return err;
}

static const struct change_kind import_change = { .name = "import", .decide = decide, .recheck = auth_recheck };

/* SHA-256 of what is asked for, the bytes of the file included. */
static bg_err digest(const struct import_opts *opts, uint8_t ret[32])
{
    static const char head[] = "import\n";
    crypto_hash_sha256_state state;
    char piece[65536];
    size_t len;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)head, sizeof head);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)opts->kind->name, strlen(opts->kind->name) + 1);
    const unsigned char flags[2] = { opts->dry, opts->skip_bad };
    (void)crypto_hash_sha256_update(&state, flags, sizeof flags);
    BG_TRY(input_rewind(opts->input));
    do {
        BG_TRY(input_read(opts->input, piece, sizeof piece, &len));
        (void)crypto_hash_sha256_update(&state, (const unsigned char *)piece, len);
    } while (len > 0);
    (void)crypto_hash_sha256_final(&state, ret);
    return BG_DONE;
}

/* What the stored answer of the first time says. */
static void read_reply(struct bg_arena *arena, bg_str reply, struct import_result *result)
{
    json_t *value;
    result->replayed = true;
    if (!bg_failed(json_read(reply, arena, &value))) {
        result->rows = json_integer_value(json_object_get(value, "rows"));
        result->imported = json_integer_value(json_object_get(value, "imported"));
        result->unchanged = json_integer_value(json_object_get(value, "unchanged"));
        result->errors = json_integer_value(json_object_get(value, "errors"));
    }
}

bg_err import_table(struct app *app, const struct import_opts *opts, struct bg_arena *arena, struct import_result *ret)
{
    BG_SCOPED_ARENA change_arena = bg_arena_open(CHANGE_ARENA_MAX);
    BG_TRY(bg_need(change_arena));
    struct import_in in = { .opts = opts, .arena = arena };
    struct change change = { .kind = &import_change,
                             .in = &in,
                             .arena = change_arena,
                             .op = opts->op,
                             .city = opts->city,
                             .actor = opts->actor,
                             .occurred_at = BG_TIME_NONE,
                             .reason = opts->reason,
                             .reply = bg_buf_init(65536) };
    int64_t start_us = app->env.monotonic_us(app->env.ctx);
    bg_err err = digest(opts, change.body_hash);
    if (opts->errors_path != NULL) {
        (void)unlink(opts->errors_path);
    }
    if (!bg_failed(err)) {
        err = change_run(app->journal, &change);
    }
    if (change.replayed && !bg_failed(err)) {
        read_reply(arena, bg_buf_str(&change.reply), &in.result);
    }
    bg_buf_done(&change.reply);
    in.result.ms = (app->env.monotonic_us(app->env.ctx) - start_us) / 1000;
    if (bg_failed(err) && err.code != BG_IMPORT_DRY && err.code != BG_IMPORT_ROWS) {
        err.facts = err.facts != NULL ? bg_arena_copy(arena, bg_str_of(err.facts)).at : NULL;
        err.field = err.field != NULL ? bg_arena_copy(arena, bg_str_of(err.field)).at : NULL;
        return err;
    }
    *ret = in.result;
    return BG_DONE;
}

void import_result_json(const struct import_opts *opts, const struct import_result *result, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_str(out, "kind", bg_str_of(opts->kind->name));
    result_members(result, opts->dry || (result->errors > 0 && !opts->skip_bad), out);
    if (opts->dry) {
        bg_json_put_bool(out, "dry_run", true);
    }
    if (result->replayed) {
        bg_json_put_bool(out, "replayed", true);
    }
    bg_json_put_double(out, "seconds", (double)result->ms / 1000);
    if (result->report.len > 0) {
        bg_json_key(out, "file");
        bg_json_object(out);
        bg_buf_add(out, result->report);
        bg_json_object_end(out);
    }
    if (result->errors > 0 && bg_failed(result->first)) {
        bg_json_key(out, "first_error");
        bg_json_object(out);
        bg_json_put_int(out, "line", result->first_line);
        bg_json_put_str(out, "code", bg_str_of(bg_errors[result->first.code].slug));
        bg_json_put_str(out, "title", bg_str_of(bg_errors[result->first.code].zh));
        bg_json_put_str(out, "title_en", bg_str_of(bg_errors[result->first.code].en));
        if (result->first.field != NULL) {
            bg_json_put_str(out, "field", bg_str_of(result->first.field));
        }
        if (result->first.facts != NULL) {
            bg_json_key(out, "facts");
            bg_json_object(out);
            bg_buf_add(out, bg_str_of(result->first.facts));
            bg_json_object_end(out);
        }
        bg_json_object_end(out);
    }
    bg_json_object_end(out);
}
