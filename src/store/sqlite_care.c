/* Care of a SQLite file: checkpoints, checks, copies. A library older than 3.51.3 (or 3.50.7, 3.44.6 in their lines) can damage a WAL
 * file when two connections commit or checkpoint at the same moment; with such a one the writer alone does both. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_archive.h"

#define BACKUP_STEP_PAGES 1024
#define ARCHIVE_REST_MS 60000
#define LITE_BUSY_MS 5 /* between parts of a base */
#define WAL_STEP (INT64_C(32) << 20) /* the next try when readers kept the log from being reset */

/* --- the log after a crash --- */

#define LOG_HEAD 32
#define FRAME_HEAD 24
#define COPY_BYTES 65536

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Where the last transaction of the log begins and where the frames of this round of the log end. */
static int last_transaction(sqlite3_file *log, const uint8_t head[LOG_HEAD], sqlite3_int64 size, sqlite3_int64 *ret_from,
                            sqlite3_int64 *ret_end)
{
    sqlite3_int64 frame = FRAME_HEAD + (sqlite3_int64)big_endian(head + 8), at = LOG_HEAD, commit = LOG_HEAD;
    uint8_t words[FRAME_HEAD];
    int rc = SQLITE_OK;
    *ret_from = LOG_HEAD;
    while (frame > FRAME_HEAD && at + frame <= size) {
        rc = log->pMethods->xRead(log, words, FRAME_HEAD, at);
        if (rc != SQLITE_OK || memcmp(words + 8, head + 16, 8) != 0) { /* of an earlier round */
            break;
        }
        at += frame;
        if (big_endian(words + 4) != 0) { /* commits */
            *ret_from = commit;
            commit = at;
        }
    }
    *ret_end = at;
    return rc;
}

static int write_again(sqlite3_file *log, sqlite3_int64 from, sqlite3_int64 end)
{
    uint8_t *bytes = bg_heap_get(COPY_BYTES);
    int rc = bytes == NULL ? SQLITE_NOMEM : SQLITE_OK;
    while (from < end && rc == SQLITE_OK) {
        int part = end - from < COPY_BYTES ? (int)(end - from) : COPY_BYTES;
        rc = log->pMethods->xRead(log, bytes, part, from);
        if (rc == SQLITE_OK) {
            rc = log->pMethods->xWrite(log, bytes, part, from);
        }
        from += part;
    }
    bg_heap_free(bytes);
    return rc;
}

/* After a failed fsync Linux counts what it could not write as written: a later fsync succeeds and leaves the hole, and everything behind
 * it in the log would be lost with the power. So before anything is added the head of the log and its last transaction, which alone can be
 * so, are written once more. A log that is not empty at the start tells of a crash. */
bg_err lite_save_log(struct lite *lite)
{
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0, from, end;
    uint8_t head[LOG_HEAD];
    int rc = sqlite3_file_control(lite->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (rc != SQLITE_OK || log == NULL || log->pMethods == NULL) {
        return rc == SQLITE_OK ? BG_DONE : lite_error(lite, rc, "log");
    }
    rc = log->pMethods->xFileSize(log, &size);
    if (rc == SQLITE_OK && size < LOG_HEAD) {
        return BG_DONE;
    }
    rc = rc != SQLITE_OK ? rc : log->pMethods->xRead(log, head, LOG_HEAD, 0);
    rc = rc != SQLITE_OK ? rc : last_transaction(log, head, size, &from, &end);
    rc = rc != SQLITE_OK ? rc : log->pMethods->xWrite(log, head, LOG_HEAD, 0);
    rc = rc != SQLITE_OK ? rc : write_again(log, from, end);
    rc = rc != SQLITE_OK ? rc : log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    return rc == SQLITE_OK ? BG_DONE : lite_error(lite, rc, "log");
}

/* --- checkpoints --- */

bool lite_wal_is_sound(void)
{
    int version = sqlite3_libversion_number();
    return version >= 3051003 || (version >= 3050007 && version < 3051000) || (version >= 3044006 && version < 3045000);
}

int lite_commit_begun(void *arg)
{
    (void)atomic_fetch_or(&lite_file(arg)->commits, 1);
    return 0;
}

void lite_commit_over(struct lite_file *file)
{
    if ((atomic_load(&file->commits) & 1) != 0) {
        (void)atomic_fetch_add(&file->commits, 1);
    }
}

int lite_wal_grew(void *arg, sqlite3 *db, const char *name, int frames)
{
    (void)db;
    (void)name;
    struct lite_file *file = lite_file(arg);
    lite_commit_over(file);
    atomic_store(&file->wal_bytes, 32 + (int64_t)frames * (file->page_size + 24));
    if (file->archive != NULL && file->archive->started) {
        lite_archive_committed(file->archive, frames);
    }
    if (!atomic_exchange(&file->dirty, true)) {
        pthread_mutex_lock(&file->wake_mutex);
        if (file->sleeping) {
            pthread_cond_signal(&file->wake);
        }
        pthread_mutex_unlock(&file->wake_mutex);
    }
    return SQLITE_OK;
}

/* Ends the snapshots that idle readers have kept: they would be in the way of the checkpoint, or of starting the log anew after it. */
static void end_kept(struct store *store)
{
    pthread_mutex_lock(&store->pool_mutex);
    for (struct store_tx *tx = store->idle; tx != NULL; tx = tx->next) {
        lite_end_kept(lite_of(tx));
    }
    pthread_mutex_unlock(&store->pool_mutex);
}

/* Busy is no failure: a reader is in the way, the next one will do. */
static bg_err checkpoint(struct lite *lite, int mode)
{
    struct lite_file *file = lite_file(lite->tx.store);
    struct lite_archive *a = file->archive;
    /* By the writer, while nobody commits: then all is archived. The thread's go as far as the pin. */
    bool round = a != NULL && (mode != SQLITE_CHECKPOINT_PASSIVE || !file->thread_checkpoints);
    if (round && pthread_mutex_trylock(&a->rounds) != 0) {
        return BG_FAIL(BG_BUSY);
    }
    end_kept(lite->tx.store);
    if (round) {
        lite_archive_ahead(a);
    }
    pthread_mutex_lock(&file->mutex);
    bool may = a == NULL || a->hold != ARCHIVE_HELD;
    if (round) {
        lite_archive_let_go(a);
    }
    int rc = may ? sqlite3_wal_checkpoint_v2(lite->db, NULL, mode, NULL, NULL) : SQLITE_BUSY;
    if (round && a->hold == ARCHIVE_SAFE) {
        a->hold = ARCHIVE_HELD; /* until the next round pins the log again */
    }
    pthread_mutex_unlock(&file->mutex);
    if (round) {
        pthread_mutex_unlock(&a->rounds);
    }
    end_kept(lite->tx.store);
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) {
        return BG_FAIL(BG_BUSY);
    }
    return rc == SQLITE_OK ? BG_DONE : lite_error(lite, rc, "checkpoint");
}

/* What the thread does when its time has come; *ret_busy: there is more to do soon. */
static void take_turn(struct store *store, bool *ret_busy)
{
    struct lite_file *file = lite_file(store);
    struct lite_archive *a = file->archive;
    *ret_busy = false;
    if (atomic_load(&store->halted)) {
        return;
    }
    if (a != NULL) {
        pthread_mutex_lock(&a->rounds);
        lite_archive_ahead(a);
        lite_archive_tend(a, ret_busy);
        pthread_mutex_unlock(&a->rounds);
    }
    if (file->thread_checkpoints) {
        bg_ignore(checkpoint(file->checkpointer, SQLITE_CHECKPOINT_PASSIVE)); /* a full disk was logged; the log keeps the data */
        if (a != NULL) {
            pthread_mutex_lock(&a->rounds);
            lite_archive_rest(a);
            pthread_mutex_unlock(&a->rounds);
        }
    }
}

static int turn_ms(const struct store *store)
{
    int64_t every = store->opts.archive_every_ms;
    return lite_file(store)->archive == NULL ? LITE_CHECKPOINT_MS : every > 0 ? (int)every : ARCHIVE_EVERY_MS;
}

static void *checkpoint_main(void *arg)
{
    struct store *store = arg;
    struct lite_file *file = lite_file(store);
    bool busy = file->archive != NULL; /* a base may be due */
    pthread_mutex_lock(&file->wake_mutex);
    while (!file->closing) {
        if (!atomic_load(&file->dirty) && !busy && (file->archive == NULL || !atomic_load(&file->archive->failing))) {
            struct timespec rest = store_deadline(ARCHIVE_REST_MS); /* old segments go though nothing happens */
            file->sleeping = true;
            busy = pthread_cond_timedwait(&file->wake, &file->wake_mutex, &rest) != 0 && file->archive != NULL;
            file->sleeping = false;
            continue;
        }
        struct timespec until = store_deadline(busy ? LITE_BUSY_MS : turn_ms(store));
        while (!file->closing && pthread_cond_timedwait(&file->wake, &file->wake_mutex, &until) == 0) {
            /* woken early: only closing counts */
        }
        if (file->closing) {
            break;
        }
        pthread_mutex_unlock(&file->wake_mutex);
        atomic_store(&file->dirty, !file->thread_checkpoints); /* the writer, too, asks whether there is something to do */
        take_turn(store, &busy);
        pthread_mutex_lock(&file->wake_mutex);
    }
    pthread_mutex_unlock(&file->wake_mutex);
    return NULL;
}

bg_err lite_checkpointer_start(struct store *store)
{
    struct lite_file *file = lite_file(store);
    BG_TRY(lite_connect(store, LITE_CHECKPOINTER, &file->checkpointer));
    if (pthread_create(&file->thread, NULL, checkpoint_main, store) != 0) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    file->started = true;
    return BG_DONE;
}

void lite_checkpointer_stop(struct store *store)
{
    struct lite_file *file = lite_file(store);
    if (file->started) {
        pthread_mutex_lock(&file->wake_mutex);
        file->closing = true;
        pthread_cond_signal(&file->wake);
        pthread_mutex_unlock(&file->wake_mutex);
        pthread_join(file->thread, NULL);
    }
    lite_disconnect(file->checkpointer);
}

/* A log past its limit is brought to its start again, so that the next commits write over it. Under unbroken load the checkpoint thread
 * alone never gets there: only the writer can, when it does not write. */
static void reset_wal(struct lite *lite)
{
    struct lite_file *file = lite_file(lite->tx.store);
    (void)sqlite3_busy_timeout(lite->db, 100);
    bg_err err = checkpoint(lite, SQLITE_CHECKPOINT_RESTART);
    (void)sqlite3_busy_timeout(lite->db, 5000);
    file->wal_limit = bg_failed(err) ? atomic_load(&file->wal_bytes) + WAL_STEP : lite->tx.store->opts.wal_max_bytes;
    if (!bg_failed(err)) {
        atomic_store(&file->wal_bytes, 0);
    }
}

void lite_boundary(struct store_tx *tx, bool idle)
{
    (void)idle;
    struct lite *lite = lite_of(tx);
    struct lite_file *file = lite_file(tx->store);
    int64_t bytes = atomic_load(&file->wal_bytes);
    if (bytes > file->wal_limit) {
        reset_wal(lite);
    } else if (!file->thread_checkpoints && bytes > (int64_t)LITE_CHECKPOINT_FRAMES * file->page_size &&
               atomic_exchange(&file->dirty, false)) {
        bg_ignore(checkpoint(lite, SQLITE_CHECKPOINT_PASSIVE));
    }
}

bool lite_last_checkpoint(struct lite *lite)
{
    return !bg_failed(checkpoint(lite, SQLITE_CHECKPOINT_TRUNCATE)); /* what stays in the log is read back at the next start */
}

static bg_err tend(struct store_tx *tx, void *ctx)
{
    (void)ctx;
    struct lite *lite = lite_of(tx);
    bg_err err = checkpoint(lite, SQLITE_CHECKPOINT_PASSIVE);
    if (bg_failed(err) && err.code != BG_BUSY) {
        return err;
    }
    lite_archive_lock(tx->store);
    err = lite_exec(lite, "PRAGMA analysis_limit = 400; PRAGMA optimize");
    lite_archive_unlock(tx->store);
    return err;
}

bg_err lite_upkeep(struct store *store)
{
    return store->opts.read_only ? BG_DONE : store_outside(store, tend, NULL);
}

void lite_sizes(struct store *store, struct store_stats *stats)
{
    struct lite_file *file = lite_file(store);
    struct stat info;
    stats->wal_bytes = atomic_load(&file->wal_bytes);
    stats->db_bytes = store->opts.vfs == NULL && stat(file->path, &info) == 0 ? (int64_t)info.st_size : 0;
    stats->unclean = file->unclean;
    if (file->archive != NULL) {
        stats->archive = true;
        stats->archive_failing = atomic_load(&file->archive->failing);
        stats->archived_at = atomic_load(&file->archive->archived_at);
        stats->archive_breaks = atomic_load(&file->archive->breaks);
    }
}

/* --- checks --- */

static bg_str text_at(sqlite3_stmt *statement, int column)
{
    const void *at = sqlite3_column_blob(statement, column);
    return at != NULL ? (bg_str){ at, (size_t)sqlite3_column_bytes(statement, column) } : BG_STR("");
}

static void report(struct bg_buf *out, const char *check, bg_str table, bg_str detail)
{
    bg_json_object(out);
    bg_json_put_str(out, "check", bg_str_of(check));
    if (table.len > 0) {
        bg_json_put_str(out, "table", table);
    }
    bg_json_put_str(out, "detail", detail);
    bg_json_object_end(out);
}

#define NO_MEMORY_WORDS "error code=7" /* as SQLite's checks write SQLITE_NOMEM */

/* Runs integrity_check or quick_check; what it says other than "ok" goes to `out`. An interrupted check is BG_STORE_SLOW. */
static bg_err check_pages(struct lite *lite, const char *pragma, struct bg_buf *out, bool *ok)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(lite->db, pragma, -1, &statement, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
        bg_str words = rc == SQLITE_ROW ? text_at(statement, 0) : BG_STR("ok");
        if (memmem(words.at, words.len, NO_MEMORY_WORDS, sizeof NO_MEMORY_WORDS - 1) != NULL) {
            rc = SQLITE_NOMEM; /* the check could not read a page, which says nothing about the page */
        } else if (!bg_str_is(words, "ok")) {
            *ok = false;
            report(out, "pages", BG_STR(""), words);
        }
    }
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
        *ok = false;
        report(out, "pages", BG_STR(""), bg_str_of(sqlite3_errmsg(lite->db)));
        rc = SQLITE_DONE;
    }
    bg_err err = rc == SQLITE_DONE ? BG_DONE : lite_error(lite, rc, pragma);
    (void)sqlite3_finalize(statement);
    return err;
}

static bg_err check_keys(struct lite *lite, struct bg_buf *out, bool *ok)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(lite->db, "PRAGMA foreign_key_check", -1, &statement, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
            *ok = false;
            report(out, "foreign key", text_at(statement, 0), text_at(statement, 2));
        }
    }
    bg_err err = rc == SQLITE_DONE ? BG_DONE : lite_error(lite, rc, "foreign_key_check");
    (void)sqlite3_finalize(statement);
    return err;
}

/* After an unclean stop: within the budget, so that a large file does not keep the city waiting. store_check goes over it all. */
bg_err lite_quick_check(struct lite *lite, int budget_ms)
{
    BG_SCOPED_BUF words = bg_buf_init(65536);
    bool ok = true;
    bg_err err = lite_step(lite, &lite->begin, "BEGIN");
    if (!bg_failed(err)) {
        (void)sqlite3_finalize(lite->begin); /* the writer's own begins otherwise */
        lite->begin = NULL;
        lite_set_budget(lite, budget_ms);
        err = check_pages(lite, "PRAGMA quick_check(10)", &words, &ok);
        lite_set_budget(lite, 0);
        bg_ignore(lite_exec(lite, "COMMIT"));
    }
    if (err.code == BG_STORE_SLOW) {
        store_log(lite->tx.store, BG_INFO, "store.check", "quick_check", "the file is large: only its beginning was checked");
        return BG_DONE;
    }
    if (!bg_failed(err) && !ok) {
        bg_buf_byte(&words, '\0');
        store_log(lite->tx.store, BG_ALERT, "store.damaged", "quick_check", words.failed ? "" : words.at);
        return BG_FAIL_AT(BG_STORE_DAMAGED, "db");
    }
    return err;
}

bg_err lite_check(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok)
{
    struct lite *lite;
    bool ok = true;
    BG_TRY(lite_connect(store, LITE_READER, &lite));
    bg_err err = lite_step(lite, &lite->begin, "BEGIN");
    if (!bg_failed(err)) {
        err = check_pages(lite, thorough ? "PRAGMA integrity_check" : "PRAGMA quick_check", out, &ok);
    }
    if (!bg_failed(err) && ok) {
        err = check_keys(lite, out, &ok);
    }
    bg_err schema = !bg_failed(err) && ok ? store_migrate_check(&lite->tx) : BG_DONE;
    if (schema.code == BG_NO_MEMORY) {
        err = schema;
    } else if (bg_failed(schema)) {
        ok = false;
        report(out, "schema", BG_STR("schema_migration"), BG_STR("the schema is not the one of this program"));
    }
    lite_disconnect(lite);
    BG_TRY(err);
    *ret_ok = ok;
    return bg_buf_check(out);
}

/* --- copies --- */

/* Copies all pages of the snapshot that `from` is in. The source only reads, so it cannot race the writer or a checkpoint. */
static bg_err copy_pages(struct lite *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from->db, "main");
    int rc = backup == NULL ? sqlite3_extended_errcode(to) : SQLITE_OK;
    while (rc == SQLITE_OK && !atomic_load(&from->tx.store->halted)) {
        rc = sqlite3_backup_step(backup, BACKUP_STEP_PAGES);
    }
    int ended = backup == NULL ? rc : sqlite3_backup_finish(backup);
    if (rc == SQLITE_DONE && ended == SQLITE_OK) {
        return BG_DONE;
    }
    store_log(from->tx.store, BG_WARN, "store.backup", "copy", sqlite3_errmsg(to));
    int why = rc & 0xff;
    return BG_FAIL(why == SQLITE_FULL ? BG_STORE_FULL : why == SQLITE_NOMEM ? BG_NO_MEMORY : BG_STORE_FAILED);
}

/* The copy stands alone: no log beside it. Then it is read whole and found sound. */
static bg_err finish_copy(struct store *store, sqlite3 *to)
{
    struct lite copy = { .tx = { .store = store }, .db = to, .role = LITE_READER };
    BG_SCOPED_BUF words = bg_buf_init(65536);
    bool ok = true;
    BG_TRY(lite_exec(&copy, "PRAGMA journal_mode = DELETE"));
    BG_TRY(check_pages(&copy, "PRAGMA integrity_check(10)", &words, &ok));
    if (!ok) {
        bg_buf_byte(&words, '\0');
        store_log(store, BG_ALERT, "store.damaged", "backup", words.failed ? "" : words.at);
        return BG_FAIL(BG_STORE_DAMAGED);
    }
    return BG_DONE;
}

static bg_err open_copy(struct store *store, const char *path, int flags, sqlite3 **ret)
{
    int rc = sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, store->opts.vfs);
    return rc == SQLITE_OK ? BG_DONE : (rc & 0xff) == SQLITE_NOMEM ? BG_FAIL(BG_NO_MEMORY) : BG_FAIL_AT(BG_STORE_OPEN, "path");
}

static bg_err write_copy(struct store *store, struct lite *from, const char *path, struct store_position *ret_place)
{
    sqlite3 *to = NULL;
    bg_err err = lite_archive_snapshot(store, from, ret_place);
    if (!bg_failed(err)) {
        err = open_copy(store, path, SQLITE_OPEN_CREATE, &to);
    }
    if (!bg_failed(err)) {
        err = copy_pages(from, to);
    }
    (void)sqlite3_close(to);
    to = NULL;
    if (!bg_failed(err)) {
        err = open_copy(store, path, 0, &to); /* anew, so that it sees the copied header */
    }
    if (!bg_failed(err)) {
        err = finish_copy(store, to);
    }
    (void)sqlite3_close(to);
    return err;
}

static bg_err sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, "path");
    }
    int failed = fsync(fd);
    close(fd);
    return failed == 0 ? BG_DONE : BG_FAIL_AT(BG_STORE_FAILED, "path");
}

/* Gives the finished copy its name, durably, and never another file's. */
static bg_err name_copy(const char *partial, const char *path)
{
    BG_TRY(sync_path(partial, O_RDONLY));
    if (renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE) != 0) {
        return errno == EEXIST ? BG_FAIL_AT(BG_CONFLICT, "path") : BG_FAIL_AT(BG_STORE_OPEN, "path");
    }
    bg_str folder = bg_str_of(path);
    while (folder.len > 0 && folder.at[folder.len - 1] != '/') {
        folder.len--;
    }
    BG_SCOPED_BUF name = bg_buf_init(8192);
    bg_buf_add(&name, folder.len > 0 ? folder : BG_STR("."));
    bg_buf_byte(&name, '\0');
    BG_TRY(bg_buf_check(&name));
    return sync_path(name.at, O_RDONLY | O_DIRECTORY);
}

bg_err lite_backup(struct store *store, const char *path, struct store_position *ret_place)
{
    struct lite *from;
    BG_SCOPED_BUF partial = bg_buf_init(8192);
    bool plain = store->opts.vfs == NULL; /* else the VFS has its own files */
    bg_buf_print(&partial, plain ? "%s.partial" : "%s", path);
    bg_buf_byte(&partial, '\0');
    BG_TRY(bg_buf_check(&partial));
    if (plain && access(path, F_OK) == 0) {
        return BG_FAIL_AT(BG_CONFLICT, "path");
    }
    if (plain) {
        int fd = open(partial.at, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0) {
            return BG_FAIL_AT(BG_STORE_OPEN, "path");
        }
        close(fd);
    }
    BG_TRY(lite_connect(store, LITE_READER, &from));
    bg_err err = write_copy(store, from, partial.at, ret_place);
    lite_disconnect(from);
    if (!bg_failed(err) && plain) {
        err = name_copy(partial.at, path);
    }
    if (bg_failed(err) && plain) {
        (void)unlink(partial.at);
    }
    return err;
}
