/* baogong restore: a backup, or a moment out of the archive, in the place of the database, which is kept under another name. Nothing is
 * moved before what takes its place has been found sound. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/admin.h"
#include "cli/data.h"
#include "ledger/ledger.h"

#define DEFAULT_DB "baogong.db"
#define ANSWER_MAX_BYTES (1u << 20)
#define PATH_BYTES 4096

enum { O_DB, O_AT, O_ARCHIVE, O_KEYS, O_FILES, O_PASSPHRASE, O_COUNT };
const struct cli_option restore_options[] = {
    [O_DB] = { "--db", "FILE", "恢复到的数据库文件，默认 baogong.db", "the database file to restore into; baogong.db" },
    [O_AT] = { "--at", "TIME", "恢复到这一刻（须有连续归档）", "restore to this moment (needs an archive of the log)" },
    [O_ARCHIVE] = { "--archive", "DIR", "归档目录，默认为数据库所用者", "the archive; the one the database uses" },
    [O_KEYS] = { "--keys", "DIR", "私钥目录，默认与数据库同处", "folder of the private keys; beside the database" },
    [O_FILES] = { "--files", "DIR", "附件目录，默认 DB.files", "folder of attached files; DB.files" },
    [O_PASSPHRASE] = { "--passphrase-file", "FILE", "解开加密私钥的口令文件", "file whose first line opens the sealed keys" },
    [O_COUNT] = { 0 },
};

struct restore {
    struct cli *cli;
    const char *from;          /* a backup, or the archive's folder */
    struct app_config config;  /* where to */
    const char *passphrase;
    bool moment;
    bg_ms at;
    char archive[PATH_BYTES];
    char base[PATH_BYTES];     /* the file that is copied */
    struct backup_manifest manifest;
    struct store_position place;
    struct store_moment found;
    char name[25];             /* of what is kept: the time */
    bool known;                /* the copy is, byte for byte, what was found sound when it was made */
    struct bg_buf words;       /* what a check found */
};

/* --- the place --- */

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

/* --- the copy --- */

/* What a killed server had not archived yet goes into the archive first; a database that cannot be opened stays as it is. */
static void catch_up(const struct restore *r)
{
    char archive[PATH_BYTES];
    struct store *store = NULL;
    if (access(r->config.db, F_OK) != 0 || !store_archive_of(r->config.db, archive, sizeof archive)) {
        return;
    }
    const struct store_opts opts = { .address = r->config.db, .env = r->cli->env, .log = r->cli->log, .no_migrate = true };
    if (!bg_failed(store_open(&opts, &store))) {
        store_close(store);
    }
}

/* Which file to start from and where it stands in the archive. */
static bg_err choose_base(struct restore *r, bool folder)
{
    if (folder) {
        return store_archive_base(r->archive, r->at, r->base, sizeof r->base, &r->place, &r->found);
    }
    r->place = r->manifest.place;
    if (r->place.chain == 0) {
        return BG_FAIL_AT(BG_RESTORE_ARCHIVE, "FILE");
    }
    return BG_DONE;
}

/* The copy is a good database of ours; of an older version it is good as well, the next start migrates it. A copy that has been brought
 * on is read thoroughly, the journal and the ledger with it. */
static bg_err check_copy(struct restore *r, const char *path, bool *ret_ok)
{
    const struct store_opts opts = { .address = path, .env = r->cli->env, .log = r->cli->log, .read_only = true };
    struct store *store = NULL;
    struct journal_report journal = { .intact = true };
    struct ledger_report ledger = { 0 };
    *ret_ok = true;
    bg_err err = store_open(&opts, &store);
    if (err.code == BG_STORE_OLD) {
        return BG_DONE;
    }
    BG_TRY(err);
    err = r->known ? BG_DONE : store_check(store, r->moment, &r->words, ret_ok);
    if (!bg_failed(err) && *ret_ok && r->moment) {
        err = journal_verify(store, NULL, &journal);
        err = bg_failed(err) ? err : ledger_verify(store, &ledger);
        *ret_ok = journal.intact && ledger.differences == 0;
    }
    store_close(store);
    return err;
}

static bg_err make_copy(struct restore *r, const char *fresh, bool *ret_ok)
{
    uint8_t hash[32];
    BG_TRY(backup_copy(r->base, fresh, hash));
    bool listed = r->manifest.there && r->base[0] != '\0' && strcmp(r->base, r->from) == 0;
    if (listed && memcmp(hash, r->manifest.hash, sizeof hash) != 0) {
        *ret_ok = false;
        return BG_DONE;
    }
    r->known = listed && !r->moment;
    if (r->moment) {
        BG_TRY(store_archive_replay(r->archive, &r->place, fresh, r->at, &r->found));
    }
    return check_copy(r, fresh, ret_ok);
}

/* --- all of it --- */

static void put_answer(const struct restore *r, bool had, const char *aside, struct bg_buf *out)
{
    char text[25];
    bg_json_object(out);
    bg_json_put_bool(out, "ok", true);
    bg_json_put_str(out, "file", bg_str_of(r->config.db));
    bg_json_key(out, "kept");
    if (had) {
        bg_json_str(out, bg_str_of(aside));
    } else {
        bg_json_null(out);
    }
    if (r->moment) {
        bg_time_text(r->found.at, text);
        bg_json_put_str(out, "at", bg_str_of(text));
        bg_json_put_int(out, "commits", r->found.commits);
        bg_json_put_int(out, "pages", r->found.frames);
    }
}

static bg_err restore_locked(struct restore *r, struct bg_buf *out, bool *ret_ok)
{
    char fresh[PATH_BYTES], aside[PATH_BYTES];
    const char *db = r->config.db;
    (void)snprintf(fresh, sizeof fresh, "%s.restoring", db);
    (void)snprintf(aside, sizeof aside, "%s.before-%s", db, r->name);
    bg_err err = make_copy(r, fresh, ret_ok);
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
    put_answer(r, had, aside, out);
    BG_TRY(backup_put(r->from, &r->manifest, &r->config, r->passphrase, r->name, out));
    bg_json_object_end(out);
    return BG_DONE;
}

/* What can be known before anything is touched. */
static bg_err prepare(struct restore *r, const char *archive)
{
    char path[PATH_BYTES], socket[108];
    struct stat info;
    bool folder = stat(r->from, &info) == 0 && S_ISDIR(info.st_mode);
    if (!admin_path(r->config.db, socket)) {
        return BG_FAIL_AT(r->moment ? BG_RESTORE_SERVER : BG_STORE_UNSUPPORTED, "--db");
    }
    if (folder && !r->moment) {
        return BG_FAIL_AT(BG_RESTORE_MOMENT, "--at");
    }
    if (r->moment && r->at > bg_now(r->cli->env)) {
        return BG_FAIL_AT(BG_RESTORE_FUTURE, "--at");
    }
    if (snprintf(path, sizeof path, "%s-wal", r->from) > 0 && stat(path, &info) == 0 && info.st_size > 0) {
        return BG_FAIL_AT(BG_RESTORE_LIVE, r->from);
    }
    (void)snprintf(r->base, sizeof r->base, "%s", r->from);
    if (!folder) {
        BG_TRY(backup_read(r->from, &r->manifest));
        BG_TRY(backup_try_keys(r->from, &r->manifest, r->passphrase));
    }
    if (!r->moment) {
        return BG_DONE;
    }
    if (folder || archive != NULL) {
        (void)snprintf(r->archive, sizeof r->archive, "%s", folder ? r->from : archive);
    } else if (!store_archive_of(r->config.db, r->archive, sizeof r->archive)) {
        return BG_FAIL_AT(BG_RESTORE_ARCHIVE, "--archive");
    }
    catch_up(r);
    return choose_base(r, folder);
}

static bg_err restore_all(struct restore *r, const char *archive, struct bg_buf *out, bool *ret_ok)
{
    int lock = -1;
    BG_TRY(prepare(r, archive));
    BG_TRY(lock_hold(r->config.db, &lock));
    bg_err err = restore_locked(r, out, ret_ok);
    (void)close(lock);
    return err;
}

int restore_run(struct cli *cli)
{
    const char *values[O_COUNT];
    struct restore restore, *r = &restore;
    if (!cli_options(cli, restore_options, values) || cli->argc != 1) {
        return cli_usage("restore");
    }
    *r = (struct restore){ .cli = cli, .from = cli->argv[0], .passphrase = values[O_PASSPHRASE], .moment = values[O_AT] != NULL,
                           .config = { .db = values[O_DB] != NULL ? values[O_DB] : DEFAULT_DB, .keys = values[O_KEYS],
                                       .files = values[O_FILES] },
                           .words = bg_buf_init(ANSWER_MAX_BYTES) };
    bg_time_text(bg_now(cli->env), r->name);
    bool ok = false;
    BG_SCOPED_BUF out = bg_buf_init(ANSWER_MAX_BYTES);
    bg_err err = r->moment ? bg_time_parse(bg_str_of(values[O_AT]), BG_CITY_OFFSET_MIN, &r->at) : BG_DONE;
    err = bg_failed(err) ? err : restore_all(r, values[O_ARCHIVE], &out, &ok);
    bg_buf_done(&r->words);
    if (bg_failed(err)) {
        int code = cli_fail(err);
        return err.code == BG_STORE_DAMAGED || err.code == BG_STORE_FOREIGN || err.code == BG_STORE_ARCHIVE_DAMAGED ? CLI_BAD : code;
    }
    if (!ok) {
        (void)cli_fail(BG_FAIL_AT(BG_STORE_DAMAGED, r->from));
        return CLI_BAD;
    }
    cli_print(&out);
    return CLI_GOOD;
}
