/* Commands about the database as a whole: backup, restore, doctor. Where a server holds the file they work through its socket. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/admin.h"
#include "cli/commands.h"
#include "cli/data.h"

#define DEFAULT_DB "baogong.db"
#define ANSWER_MAX_BYTES (1u << 20)

static const struct cli_option backup_options[] = {
    { "--db", "FILE", "数据库文件，默认 baogong.db", "database file; baogong.db" },
    { 0 },
};

enum { O_DB, O_AT };
static const struct cli_option restore_options[] = {
    [O_DB] = { "--db", "FILE", "恢复到的数据库文件，默认 baogong.db", "the database file to restore into; baogong.db" },
    [O_AT] = { "--at", "TIME", "恢复到这一刻（须有连续归档）", "restore to this moment (needs an archive of the log)" },
    { 0 },
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

static bg_err backup_here(struct cli *cli, const char *db, const char *to)
{
    const struct store_opts opts = { .address = db, .env = cli->env, .log = cli->log, .no_migrate = true };
    struct store *store = NULL;
    if (access(db, F_OK) != 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, db); /* opening would make an empty one */
    }
    BG_TRY(store_open(&opts, &store));
    bg_err err = store_backup(store, to);
    store_close(store);
    return err;
}

static int backup_run(struct cli *cli)
{
    const char *db;
    if (!cli_options(cli, backup_options, &db) || cli->argc != 1) {
        return cli_usage("backup");
    }
    db = db != NULL ? db : DEFAULT_DB;
    BG_SCOPED_BUF target = bg_buf_init(16384);
    BG_SCOPED_BUF answer = bg_buf_init(ANSWER_MAX_BYTES);
    int status = 0;
    bool found = false;
    bg_buf_add(&target, BG_STR("/backup?to="));
    bool named = put_absolute(&target, cli->argv[0]);
    bg_buf_byte(&target, '\0');
    bg_err err = named ? admin_post(db, target.at, &answer, &status, &found) : BG_FAIL_AT(BG_BAD_INPUT, "FILE");
    if (!bg_failed(err) && found) {
        return print_answer(&answer, status);
    }
    if (!bg_failed(err)) {
        err = backup_here(cli, db, cli->argv[0]);
    }
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    bg_json_object(&answer);
    bg_json_put_bool(&answer, "ok", true);
    bg_json_put_str(&answer, "file", bg_str_of(cli->argv[0]));
    bg_json_object_end(&answer);
    cli_print(&answer);
    return CLI_GOOD;
}

/* --- restore --- */

/* The lock every server takes: while we hold it nobody opens the file. */
static bg_err lock_hold(const char *db, int *ret_fd)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s.lock", db) >= (int)sizeof path) {
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return BG_FAIL_AT(BG_STORE_LOCKED, "db");
    }
    *ret_fd = fd;
    return BG_DONE;
}

static bool copy_bytes(int from, int to)
{
    char part[1 << 16];
    ssize_t got;
    while ((got = read(from, part, sizeof part)) > 0) {
        for (ssize_t at = 0; at < got;) {
            ssize_t put = write(to, part + at, (size_t)(got - at));
            if (put <= 0) {
                return false;
            }
            at += put;
        }
    }
    return got == 0 && fsync(to) == 0;
}

static bg_err copy_file(const char *from, const char *to)
{
    (void)unlink(to); /* what an interrupted restore left */
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool good = out >= 0 && copy_bytes(in, out);
    good = (out < 0 || close(out) == 0) && good;
    if (in >= 0) {
        (void)close(in);
    }
    if (!good) {
        (void)unlink(to);
        return BG_FAIL_AT(BG_RESTORE_COPY, from);
    }
    return BG_DONE;
}

static bg_err sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    int len = slash != NULL ? (int)(slash - path) : 0;
    (void)snprintf(folder, sizeof folder, "%.*s", len > 0 ? len : 1, slash == NULL ? "." : len == 0 ? "/" : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_RESTORE_COPY, "db");
}

/* Puts the old database aside, log and all, so that nothing is lost by restoring the wrong file. */
static bg_err put_aside(const char *db, const char *aside)
{
    static const char *const endings[] = { "-wal", "-shm", "" };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char from[4096], to[4096];
        (void)snprintf(from, sizeof from, "%s%s", db, endings[i]);
        (void)snprintf(to, sizeof to, "%s%s", aside, endings[i]);
        if (rename(from, to) != 0 && errno != ENOENT) {
            return BG_FAIL_AT(BG_RESTORE_COPY, "db");
        }
    }
    return BG_DONE;
}

/* True when the copy is a good database of ours; of an older version it is good as well, the next start migrates it. */
static bg_err check_copy(struct cli *cli, const char *path, struct bg_buf *found, bool *ret_ok)
{
    const struct store_opts opts = { .address = path, .env = cli->env, .log = cli->log, .read_only = true };
    struct store *store = NULL;
    bg_err err = store_open(&opts, &store);
    if (err.code == BG_STORE_OLD) {
        *ret_ok = true;
        return BG_DONE;
    }
    BG_TRY(err);
    err = store_check(store, false, found, ret_ok);
    store_close(store);
    return err;
}

static bg_err restore_locked(struct cli *cli, const char *from, const char *db, struct bg_buf *out, bool *ret_ok)
{
    char fresh[4096], aside[4096], at[25];
    BG_SCOPED_BUF found = bg_buf_init(ANSWER_MAX_BYTES);
    bg_time_text(bg_now(cli->env), at);
    (void)snprintf(fresh, sizeof fresh, "%s.restoring", db);
    (void)snprintf(aside, sizeof aside, "%s.before-%s", db, at);
    BG_TRY(copy_file(from, fresh));
    bg_err err = check_copy(cli, fresh, &found, ret_ok);
    if (bg_failed(err) || !*ret_ok) {
        (void)unlink(fresh);
        return err;
    }
    bool had = access(db, F_OK) == 0;
    BG_TRY(put_aside(db, aside));
    if (rename(fresh, db) != 0) {
        return BG_FAIL_AT(BG_RESTORE_COPY, "db");
    }
    BG_TRY(sync_folder(db));
    bg_json_object(out);
    bg_json_put_bool(out, "ok", true);
    bg_json_put_str(out, "file", bg_str_of(db));
    bg_json_key(out, "kept");
    if (had) {
        bg_json_str(out, bg_str_of(aside));
    } else {
        bg_json_null(out);
    }
    bg_json_object_end(out);
    return BG_DONE;
}

static int restore_run(struct cli *cli)
{
    const char *values[2];
    if (!cli_options(cli, restore_options, values) || cli->argc != 1) {
        return cli_usage("restore");
    }
    const char *from = cli->argv[0], *db = values[O_DB] != NULL ? values[O_DB] : DEFAULT_DB;
    char path[4096], socket[108];
    struct stat stat_;
    bg_err err = BG_DONE;
    int lock = -1;
    bool ok = false;
    BG_SCOPED_BUF out = bg_buf_init(ANSWER_MAX_BYTES);
    if (values[O_AT] != NULL) {
        err = BG_FAIL_AT(BG_RESTORE_ARCHIVE, "--at");
    } else if (!admin_path(db, socket)) {
        err = BG_FAIL_AT(BG_STORE_UNSUPPORTED, "--db");
    } else if (snprintf(path, sizeof path, "%s-wal", from) > 0 && stat(path, &stat_) == 0 && stat_.st_size > 0) {
        err = BG_FAIL_AT(BG_RESTORE_LIVE, from);
    } else {
        err = lock_hold(db, &lock);
    }
    if (!bg_failed(err)) {
        err = restore_locked(cli, from, db, &out, &ok);
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    if (bg_failed(err)) {
        int code = cli_fail(err);
        return err.code == BG_STORE_DAMAGED || err.code == BG_STORE_FOREIGN ? CLI_BAD : code;
    }
    if (!ok) {
        (void)cli_fail(BG_FAIL_AT(BG_STORE_DAMAGED, from));
        return CLI_BAD;
    }
    cli_print(&out);
    return CLI_GOOD;
}

const struct cli_command cli_commands_data[] = {
    { .name = "backup",
      .usage = "FILE [--db FILE]",
      .zh = "备份到新文件；服务运行时也可以",
      .en = "copy the database into a new file, while the server runs too",
      .options = backup_options,
      .run = backup_run },
    { .name = "restore",
      .usage = "FILE [--db FILE] [--at TIME]",
      .zh = "用备份恢复；原数据库改名保留",
      .en = "restore a backup; the database that was there is kept under another name",
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
