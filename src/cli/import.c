/* `baogong import KIND FILE` and `baogong export KIND`. Where a server holds the database they work through its socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/admin.h"
#include "cli/commands.h"

#define DEFAULT_DB "baogong.db"
#define ANSWER_MAX ((size_t)1 << 20)

enum { I_DB, I_DRY, I_MAP, I_SKIP, I_ENCODING, I_SHEET, I_CITY, I_COUNT };
static const struct cli_option import_options[] = {
    [I_DB] = { "--db", "FILE|URL", "数据库，默认 baogong.db", "database; baogong.db" },
    [I_DRY] = { "--dry-run", NULL, "只检查，不写入", "find errors, write nothing" },
    [I_MAP] = { "--map", "FILE", "列对应表（JSON）", "mapping of headers and words (JSON)" },
    [I_SKIP] = { "--skip-bad", NULL, "略过不合格的行，导入其余", "leave bad rows out and import the others" },
    [I_ENCODING] = { "--encoding", "NAME", "CSV 编码，默认自动判断", "encoding of a CSV; found out when not given" },
    [I_SHEET] = { "--sheet", "NAME", "XLSX 工作表，默认第一个", "sheet of an XLSX; the first" },
    [I_CITY] = { "--city", "CODE", "城市代码，库中有多个城市时必填", "code of the city, where there are several" },
    [I_COUNT] = { 0 },
};

enum { E_DB, E_FORMAT, E_OUTPUT, E_NAMES, E_BOM, E_CITY, E_COUNT };
static const struct cli_option export_options[] = {
    [E_DB] = { "--db", "FILE|URL", "数据库，默认 baogong.db", "database; baogong.db" },
    [E_FORMAT] = { "--format", "csv|xlsx|json", "格式，默认 csv", "format; csv" },
    [E_OUTPUT] = { "--output", "FILE", "写到文件，默认标准输出", "write to this file; standard output" },
    [E_NAMES] = { "--names", "zh|en", "表头用中文或英文，默认用列名", "headers in Chinese or English; the columns' own names" },
    [E_BOM] = { "--bom", NULL, "CSV 加字节顺序标记（供 Excel）", "byte order mark in front of a CSV (for Excel)" },
    [E_CITY] = { "--city", "CODE", "城市代码，库中有多个城市时必填", "code of the city, where there are several" },
    [E_COUNT] = { 0 },
};

/* --- asking the server --- */

static void put_value(struct bg_buf *out, const char *name, const char *value, bool path)
{
    char folder[4096];
    if (value == NULL) {
        return;
    }
    bg_buf_print(out, "%s%s=", out->len > 0 && out->at[out->len - 1] == '?' ? "" : "&", name);
    if (path && value[0] != '/' && getcwd(folder, sizeof folder) != NULL) { /* the server works in its own folder */
        admin_put_encoded(out, bg_str_of(folder));
        bg_buf_byte(out, '/');
    }
    admin_put_encoded(out, bg_str_of(value));
}

/* Asks the server that holds the database. False: there is none. */
static bool ask_server(const char *db, struct bg_buf *target, struct bg_buf *out, int *ret_code)
{
    int status = 0;
    bool found = false, good = true;
    bg_buf_byte(target, '\0');
    bg_err err = bg_buf_check(target);
    if (!bg_failed(err)) {
        err = admin_post(db, target->at, out, &status, &found);
    }
    if (!bg_failed(err) && !found) {
        return false;
    }
    if (bg_failed(err)) {
        *ret_code = cli_fail(err);
    } else if (status >= 400) {
        (void)fprintf(stderr, "%.*s\n", BG_STR_FMT(bg_buf_str(out)));
        *ret_code = status < 500 ? CLI_BAD : CLI_FAILED;
    } else {
        good = status == 200;
        cli_print(out);
        *ret_code = good ? CLI_GOOD : CLI_BAD;
    }
    return true;
}

/* --- import --- */

/* A refusal of the file itself is judged input; what kept us from reading or running is not. */
static int fail_code(bg_err err)
{
    (void)cli_fail(err);
    bool judged = bg_errors[err.code].status < 500 && err.code != BG_INPUT_OPEN && err.code != BG_STORE_LOCKED;
    return judged ? CLI_BAD : CLI_FAILED;
}

static int import_here(struct cli *cli, const char *db, const struct import_file *file)
{
    const struct app_config config = { .db = db };
    struct app *app = NULL;
    bool good = true;
    BG_SCOPED_ARENA keep = bg_arena_open(1u << 20);
    BG_SCOPED_BUF out = bg_buf_init(ANSWER_MAX);
    bg_err err = app_open(&config, cli->env, cli->log, &app);
    if (!bg_failed(err)) {
        err = import_file_run(app, file, keep, &out, &good);
    }
    app_close(app);
    if (bg_failed(err)) {
        return fail_code(err);
    }
    cli_print(&out);
    return good ? CLI_GOOD : CLI_BAD;
}

/* The kinds, for somebody who asked for another one. */
static int list_kinds(const char *command)
{
    (void)cli_usage(command);
    (void)fputs("KIND:", stderr);
    for (size_t i = 0; import_kinds[i] != NULL; i++) {
        (void)fprintf(stderr, " %s", import_kind_name(import_kinds[i]));
    }
    (void)fputc('\n', stderr);
    return CLI_USAGE;
}

static int import_run(struct cli *cli)
{
    const char *values[I_COUNT];
    if (!cli_options(cli, import_options, values) || cli->argc != 2) {
        return cli_usage("import");
    }
    if (import_kind_find(bg_str_of(cli->argv[0])) == NULL) {
        return list_kinds("import");
    }
    const struct import_file file = { .kind = cli->argv[0],
                                      .path = cli->argv[1],
                                      .map = values[I_MAP],
                                      .encoding = values[I_ENCODING],
                                      .sheet = values[I_SHEET],
                                      .city = values[I_CITY],
                                      .dry = values[I_DRY] != NULL,
                                      .skip_bad = values[I_SKIP] != NULL };
    const char *db = values[I_DB] != NULL ? values[I_DB] : DEFAULT_DB;
    BG_SCOPED_BUF target = bg_buf_init(32768);
    BG_SCOPED_BUF out = bg_buf_init(ANSWER_MAX);
    int code;
    bg_buf_add(&target, BG_STR("/import?"));
    put_value(&target, "kind", file.kind, false);
    put_value(&target, "path", file.path, true);
    put_value(&target, "map", file.map, true);
    put_value(&target, "encoding", file.encoding, false);
    put_value(&target, "sheet", file.sheet, false);
    put_value(&target, "city", file.city, false);
    put_value(&target, "dry", file.dry ? "1" : NULL, false);
    put_value(&target, "skip_bad", file.skip_bad ? "1" : NULL, false);
    return ask_server(db, &target, &out, &code) ? code : import_here(cli, db, &file);
}

/* --- export --- */

static bg_err export_here(struct cli *cli, const char *db, const struct export_file *file, struct bg_buf *out)
{
    const struct app_config config = { .db = db, .read_only = true };
    struct app *app = NULL;
    bg_err err = app_open(&config, cli->env, cli->log, &app);
    if (!bg_failed(err)) {
        err = export_file_run(app, file, out);
    }
    app_close(app);
    return err;
}

static bool print_file(const char *path)
{
    char piece[65536];
    size_t len;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    while ((len = fread(piece, 1, sizeof piece, file)) > 0) {
        (void)fwrite(piece, 1, len, stdout);
    }
    bool good = ferror(file) == 0;
    (void)fclose(file);
    return good;
}

static int export_to(struct cli *cli, const char *db, const struct export_file *file)
{
    BG_SCOPED_BUF target = bg_buf_init(32768);
    BG_SCOPED_BUF out = bg_buf_init(ANSWER_MAX);
    int status = 0;
    bool found = false;
    bg_buf_add(&target, BG_STR("/export?"));
    put_value(&target, "kind", file->kind, false);
    put_value(&target, "path", file->path, true);
    put_value(&target, "format", file->format, false);
    put_value(&target, "names", file->names, false);
    put_value(&target, "city", file->city, false);
    put_value(&target, "bom", file->mark ? "1" : NULL, false);
    bg_buf_byte(&target, '\0');
    bg_err err = admin_post(db, target.at, &out, &status, &found);
    if (!bg_failed(err) && !found) {
        err = export_here(cli, db, file, &out);
    }
    if (!bg_failed(err) && found && status != 200) {
        (void)fprintf(stderr, "%.*s\n", BG_STR_FMT(bg_buf_str(&out)));
        return CLI_FAILED;
    }
    return bg_failed(err) ? cli_fail(err) : CLI_GOOD;
}

static int export_run(struct cli *cli)
{
    const char *values[E_COUNT];
    enum export_format format;
    char temporary[] = "/tmp/baogong-export.XXXXXX";
    if (!cli_options(cli, export_options, values) || cli->argc != 1 ||
        (values[E_FORMAT] != NULL && !export_format_parse(bg_str_of(values[E_FORMAT]), &format))) {
        return cli_usage("export");
    }
    if (import_kind_find(bg_str_of(cli->argv[0])) == NULL) {
        return list_kinds("export");
    }
    struct export_file file = { .kind = cli->argv[0],
                                .path = values[E_OUTPUT],
                                .format = values[E_FORMAT],
                                .names = values[E_NAMES],
                                .city = values[E_CITY],
                                .mark = values[E_BOM] != NULL };
    if (file.path == NULL) { /* a workbook is written with seeking, so it goes through a file of its own */
        int fd = mkstemp(temporary);
        if (fd < 0) {
            return cli_fail(BG_FAIL_AT(BG_EXPORT_WRITE, temporary));
        }
        (void)close(fd);
        file.path = temporary;
    }
    int code = export_to(cli, values[E_DB] != NULL ? values[E_DB] : DEFAULT_DB, &file);
    if (file.path == temporary) {
        code = code == CLI_GOOD && !print_file(temporary) ? cli_fail(BG_FAIL_AT(BG_EXPORT_WRITE, temporary)) : code;
        (void)unlink(temporary);
    }
    return code;
}

const struct cli_command cli_commands_import[] = {
    { .name = "import",
      .usage = "KIND FILE [--dry-run] [--map MAP] [--skip-bad] [--encoding NAME] [--sheet NAME] [--city CODE] [--db …]",
      .zh = "导入 CSV 或 XLSX；不合格的行写入 FILE.errors.csv，改正后可原样再导入",
      .en = "import CSV or XLSX; bad rows go into FILE.errors.csv, which imports once corrected",
      .options = import_options,
      .run = import_run },
    { .name = "export",
      .usage = "KIND [--format csv|xlsx|json] [--output FILE] [--names zh|en] [--bom] [--city CODE] [--db …]",
      .zh = "导出；再导入不改变任何内容",
      .en = "export; importing it again changes nothing",
      .options = export_options,
      .run = export_run },
    { 0 },
};
