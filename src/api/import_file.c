/* An import or export as the command line asks for it, by paths: in its own process, or in the server that holds the database. */
#include "api/import.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "auth/auth.h"

#define ARENA_MAX ((size_t)64 << 20)
#define MAP_MAX ((size_t)1 << 20)

/* The whole of a small file, in the arena. */
static bg_err read_small(const char *path, struct bg_arena *arena, bg_str *ret)
{
    struct input *input;
    BG_TRY(input_open_file(path, &input));
    int64_t size = input_size(input);
    char *at = size <= (int64_t)MAP_MAX ? bg_arena_get(arena, (size_t)size + 1) : NULL;
    size_t len = 0, got = 1;
    bg_err err = at != NULL ? BG_DONE : BG_FAIL_AT(BG_TOO_LARGE, "map");
    while (!bg_failed(err) && got > 0 && len < (size_t)size) {
        err = input_read(input, at + len, (size_t)size - len, &got);
        len += got;
    }
    input_close(input);
    BG_TRY(err);
    *ret = (bg_str){ at, len };
    return BG_DONE;
}

static bg_err city_of(struct app *app, bg_str code, bool make, int64_t *ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(app->store, 0, &tx));
    if (code.len > 0) {
        return auth_city_by_code(tx, code, ret);
    }
    bg_err err = auth_city_only(tx, ret);
    if (err.code != BG_NOT_FOUND || !make) {
        return err;
    }
    store_read_end(tx);
    tx = NULL;
    const struct auth_first first = {
        .city_code = BG_STR("000000"), .name_zh = BG_STR("本市"), .name_en = BG_STR("The city"), .offset_min = BG_CITY_OFFSET_MIN
    };
    return auth_city_open(app->auth, &first, ret);
}

static bg_err rules_of(const struct import_file *file, struct bg_arena *arena, struct table_rules *ret)
{
    if (file->map != NULL) {
        bg_str json;
        BG_TRY(read_small(file->map, arena, &json));
        BG_TRY(table_rules_read(json, arena, ret));
    }
    if (file->encoding != NULL && !text_encoding_parse(bg_str_of(file->encoding), &ret->opts.encoding)) {
        return BG_FAIL_AT(BG_TEXT_ENCODING, "encoding");
    }
    if (file->sheet != NULL) {
        ret->opts.sheet = bg_str_of(file->sheet);
    }
    return BG_DONE;
}

/* The same error with its texts in `keep`. */
static bg_err err_keep(bg_err err, struct bg_arena *keep)
{
    err.facts = err.facts != NULL ? bg_arena_copy(keep, bg_str_of(err.facts)).at : NULL;
    err.field = err.field != NULL ? bg_arena_copy(keep, bg_str_of(err.field)).at : NULL;
    return err;
}

bg_err import_file_run(struct app *app, const struct import_file *file, struct bg_arena *keep, struct bg_buf *out, bool *ret_good)
{
    BG_SCOPED_ARENA arena = bg_arena_open(ARENA_MAX);
    BG_TRY(bg_need(arena));
    struct table_rules rules = { .skip = 0 };
    struct import_result result;
    const char *errors = bg_arena_text(arena, "%s.errors.csv", file->path);
    BG_TRY(bg_need(errors));
    struct import_opts opts = { .scope = { .everything = true },
                                .kind = import_kind_find(bg_str_of(file->kind)),
                                .rules = &rules,
                                .dry = file->dry,
                                .skip_bad = file->skip_bad,
                                .errors_path = errors,
                                .actor = { .name = BG_STR("system"), .origin = BG_STR("cli") },
                                .reason = BG_STR("") };
    if (opts.kind == NULL) {
        return BG_FAIL_AT(BG_BAD_INPUT, "kind");
    }
    bg_err err = rules_of(file, arena, &rules);
    if (bg_failed(err)) {
        return err_keep(err, keep);
    }
    BG_TRY(city_of(app, bg_str_of(file->city), true, &opts.city));
    bg_random(&app->env, &opts.op, sizeof opts.op);
    BG_TRY(input_open_file(file->path, &opts.input));
    err = import_table(app, &opts, arena, &result);
    input_close(opts.input);
    if (bg_failed(err)) { /* its facts live in an arena that ends here */
        return err_keep(err, keep);
    }
    import_result_json(&opts, &result, out);
    *ret_good = result.errors == 0;
    return BG_DONE;
}

bg_err export_file_run(struct app *app, const struct export_file *file, struct bg_buf *out)
{
    struct export_result result;
    struct export_opts opts = {
        .scope = { .everything = true }, .kind = import_kind_find(bg_str_of(file->kind)), .mark = file->mark, .path = file->path
    };
    if (opts.kind == NULL) {
        return BG_FAIL_AT(BG_BAD_INPUT, "kind");
    }
    if (!export_format_parse(bg_str_of(file->format), &opts.format)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "format");
    }
    bg_str names = bg_str_of(file->names);
    opts.headers = bg_str_is(names, "zh") ? EXPORT_ZH : bg_str_is(names, "en") ? EXPORT_EN : EXPORT_NAMES;
    BG_TRY(city_of(app, bg_str_of(file->city), false, &opts.city));
    BG_TRY(export_table(app, &opts, &result));
    bg_json_object(out);
    bg_json_put_str(out, "kind", bg_str_of(file->kind));
    bg_json_put_int(out, "rows", result.rows);
    bg_json_put_str(out, "file", bg_str_of(file->path));
    bg_json_object_end(out);
    return BG_DONE;
}

bool export_format_parse(bg_str name, enum export_format *ret)
{
    if (name.len == 0 || bg_str_is(name, "csv")) {
        *ret = EXPORT_CSV;
    } else if (bg_str_is(name, "xlsx")) {
        *ret = EXPORT_XLSX;
    } else if (bg_str_is(name, "json")) {
        *ret = EXPORT_JSON;
    } else {
        return false;
    }
    return true;
}
