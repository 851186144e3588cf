/* Commands about the database as a whole: backup (restore and doctor have files of their own). Where a server holds the file they work
 * through its socket. */
#include <stdio.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/admin.h"
#include "cli/commands.h"
#include "cli/data.h"

#define DEFAULT_DB "baogong.db"
#define ANSWER_MAX_BYTES (1u << 20)

enum { B_DB, B_KEYS, B_FILES, B_NO_KEYS, B_PASSPHRASE, B_COUNT };
static const struct cli_option backup_options[] = {
    [B_DB] = { "--db", "FILE", "数据库文件，默认 baogong.db", "database file; baogong.db" },
    [B_KEYS] = { "--keys", "DIR", "私钥目录（服务未运行时）", "folder of the private keys, when no server runs" },
    [B_FILES] = { "--files", "DIR", "附件目录（服务未运行时）", "folder of attached files, when no server runs" },
    [B_NO_KEYS] = { "--no-keys", NULL, "不含私钥", "leave the private keys out" },
    [B_PASSPHRASE] = { "--passphrase-file", "FILE", "用该文件首行的口令加密私钥",
                       "seal the private keys with the first line of this file" },
    [B_COUNT] = { 0 },
};

/* --- backup --- */

/* An answer of the server's socket: printed as it is; a problem goes to standard error. */
static int print_answer(struct bg_buf *answer, int status)
{
    if (status == 200) {
        cli_print(answer);
        return CLI_GOOD;
    }
    (void)fprintf(stderr, "%.*s\n", (int)answer->len, answer->at != NULL ? answer->at : "");
    return CLI_FAILED;
}

/* The server works in its own folder, so the path it is told is absolute. */
static bool put_absolute(struct bg_buf *out, const char *path)
{
    char folder[4096];
    if (path[0] != '/') {
        if (getcwd(folder, sizeof folder) == NULL) {
            return false;
        }
        admin_put_encoded(out, bg_str_of(folder));
        bg_buf_byte(out, '/');
    }
    admin_put_encoded(out, bg_str_of(path));
    return true;
}

static bg_err backup_here(struct cli *cli, const struct app_config *config, const struct backup_opts *wanted, struct bg_buf *reply)
{
    const char *db = config->db;
    const struct store_opts opts = { .address = db, .env = cli->env, .log = cli->log, .no_migrate = true };
    struct store *store = NULL;
    if (access(db, F_OK) != 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, db); /* opening would make an empty one */
    }
    BG_TRY(store_open(&opts, &store));
    bg_err err = backup_make(store, config, wanted, reply);
    store_close(store);
    return err;
}

static bool put_target(struct bg_buf *out, const struct backup_opts *wanted)
{
    bg_buf_add(out, BG_STR("/backup?to="));
    bool named = put_absolute(out, wanted->to);
    if (wanted->no_keys) {
        bg_buf_add(out, BG_STR("&no_keys=1"));
    }
    if (wanted->passphrase != NULL) {
        bg_buf_add(out, BG_STR("&passphrase="));
        named = put_absolute(out, wanted->passphrase) && named;
    }
    bg_buf_byte(out, '\0');
    return named;
}

static int backup_run(struct cli *cli)
{
    const char *values[B_COUNT];
    if (!cli_options(cli, backup_options, values) || cli->argc != 1) {
        return cli_usage("backup");
    }
    const struct app_config config = { .db = values[B_DB] != NULL ? values[B_DB] : DEFAULT_DB, .keys = values[B_KEYS],
                                       .files = values[B_FILES] };
    const struct backup_opts wanted = { .to = cli->argv[0], .no_keys = values[B_NO_KEYS] != NULL, .passphrase = values[B_PASSPHRASE] };
    BG_SCOPED_BUF target = bg_buf_init(32768);
    BG_SCOPED_BUF answer = bg_buf_init(ANSWER_MAX_BYTES);
    int status = 0;
    bool found = false;
    bg_err err = put_target(&target, &wanted) ? admin_post(config.db, target.at, &answer, &status, &found)
                                              : BG_FAIL_AT(BG_BAD_INPUT, "FILE");
    if (!bg_failed(err) && found) {
        return print_answer(&answer, status);
    }
    if (!bg_failed(err)) {
        err = backup_here(cli, &config, &wanted, &answer);
    }
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    cli_print(&answer);
    return CLI_GOOD;
}

const struct cli_command cli_commands_data[] = {
    { .name = "backup",
      .usage = "FILE [--db FILE] [--no-keys | --passphrase-file FILE]",
      .zh = "备份数据库、附件与私钥到新文件 FILE 及其旁；服务运行时也可以",
      .en = "copy the database into a new FILE, files and keys beside it, while the server runs too",
      .options = backup_options,
      .run = backup_run },
    { .name = "restore",
      .usage = "FILE|ARCHIVE [--db FILE] [--at TIME [--archive DIR]]",
      .zh = "用备份恢复，或恢复到某一时刻；原数据库改名保留",
      .en = "restore a backup, or a moment; the database that was there is kept under another name",
      .options = restore_options,
      .run = restore_run },
    { .name = "doctor",
      .usage = "[--db FILE|postgresql://…]",
      .zh = "检查程序、数据库与本机环境",
      .en = "look over program, database and machine",
      .options = doctor_options,
      .run = doctor_run },
    { 0 },
};
