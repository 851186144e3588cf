/* The SQLite engine: connections, the lock file, transactions. One connection commits; the others only read. */
#include "store/sqlite_archive.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* --- errors --- */

static enum bg_code code_of(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return BG_CONFLICT;
    case SQLITE_IOERR_NOMEM:
        return BG_NO_MEMORY;
    case SQLITE_IOERR_SHMSIZE: /* no room for the log's index */
        return BG_STORE_FULL;
    default:
        break;
    }
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_AUTH: /* a row of a table that may only grow */
        return BG_STORE_CHECK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return BG_BUSY;
    case SQLITE_INTERRUPT:
        return BG_STORE_SLOW;
    case SQLITE_FULL:
        return BG_STORE_FULL;
    case SQLITE_NOMEM:
        return BG_NO_MEMORY;
    case SQLITE_TOOBIG:
        return BG_TOO_LARGE;
    case SQLITE_CORRUPT:
        return BG_STORE_DAMAGED;
    case SQLITE_NOTADB:
        return BG_STORE_FOREIGN;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return BG_STORE_OPEN;
    default:
        return BG_STORE_FAILED;
    }
}

bg_err lite_error(struct lite *lite, int rc, const char *what)
{
    enum bg_code code = code_of(rc);
    const char *message = lite->db != NULL ? sqlite3_errmsg(lite->db) : sqlite3_errstr(rc);
    if (code != BG_CONFLICT && code != BG_STORE_SLOW) {
        store_log(lite->tx.store, code == BG_STORE_CHECK ? BG_INFO : BG_WARN, "store.error", what, message);
    }
    if (lite->tx.writes && sqlite3_get_autocommit(lite->db)) {
        lite->tx.lost = true;
    }
    if ((rc & 0xff) == SQLITE_IOERR && code == BG_STORE_FAILED && lite->role != LITE_READER) {
        lite->tx.lost = true;
        store_halt(lite->tx.store, what, message);
    }
    return BG_FAIL(code);
}

bg_err lite_exec(struct lite *lite, const char *sql)
{
    int rc = sqlite3_exec(lite->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? BG_DONE : lite_error(lite, rc, sql);
}

bg_err lite_pragma_int(struct lite *lite, const char *sql, int64_t *ret)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(lite->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
            *ret = sqlite3_column_int64(statement, 0);
        }
        (void)sqlite3_finalize(statement);
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? BG_DONE : lite_error(lite, rc, sql);
}

bg_err lite_step(struct lite *lite, sqlite3_stmt **slot, const char *sql)
{
    int rc = *slot != NULL ? SQLITE_OK : sqlite3_prepare_v3(lite->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(*slot);
        (void)sqlite3_reset(*slot); /* repeats the step's code */
    }
    return rc == SQLITE_DONE ? BG_DONE : lite_error(lite, rc, sql);
}

/* --- connections --- */

static int out_of_time(void *arg)
{
    const struct lite *lite = arg;
    const struct bg_env *env = lite->tx.store->opts.env;
    return env->monotonic_us(env->ctx) > lite->deadline_us;
}

void lite_set_budget(struct lite *lite, int budget_ms)
{
    const struct bg_env *env = lite->tx.store->opts.env;
    lite->deadline_us = budget_ms > 0 ? env->monotonic_us(env->ctx) + (int64_t)budget_ms * 1000 : 0;
    sqlite3_progress_handler(lite->db, budget_ms > 0 ? 1000 : 0, budget_ms > 0 ? out_of_time : NULL, lite);
}

/* What every connection is told before its first look at the file. */
static bg_err configure(struct lite *lite)
{
    static const struct {
        int option, value;
    } options[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },      { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 }, { SQLITE_DBCONFIG_DQS_DDL, 0 },
        { SQLITE_DBCONFIG_DQS_DML, 0 },        { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
        { SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 }, { SQLITE_DBCONFIG_ENABLE_QPSG, 1 },
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int rc = sqlite3_db_config(lite->db, options[i].option, options[i].value, NULL);
        if (rc != SQLITE_OK) {
            return lite_error(lite, rc, "db_config");
        }
    }
    (void)sqlite3_limit(lite->db, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_busy_timeout(lite->db, lite->role == LITE_WRITER ? 5000 : lite->role == LITE_READER ? 1000 : 0);
    (void)sqlite3_wal_autocheckpoint(lite->db, 0);
    return BG_DONE;
}

/* What needs the file's header. */
static bg_err tune(struct lite *lite)
{
    BG_TRY(lite_exec(lite, "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
                           "PRAGMA journal_size_limit = 67108864;"));
    switch (lite->role) {
    case LITE_WRITER:
        /* What is deleted (the body of an entry that named a person) is overwritten where the page is written anyway. */
        return lite_exec(lite, "PRAGMA cache_size = -48000; PRAGMA secure_delete = FAST");
    case LITE_READER:
        return lite_exec(lite, "PRAGMA cache_size = -8000; PRAGMA query_only = ON");
    case LITE_CHECKPOINTER:
    default:
        return lite_exec(lite, "PRAGMA cache_size = -200; PRAGMA query_only = ON");
    }
}

bg_err lite_connect(struct store *store, enum lite_role role, struct lite **ret)
{
    const struct store_opts *opts = &store->opts;
    struct lite *lite = bg_heap_get(sizeof *lite);
    BG_TRY(bg_need(lite));
    lite->tx.store = store;
    lite->role = role;
    lite->slots = bg_heap_get(sizeof *lite->slots * (store->catalogue->statement_count + 1));
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (opts->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    flags |= role == LITE_WRITER && !opts->read_only ? SQLITE_OPEN_CREATE : 0;
    flags |= bg_str_starts(bg_str_of(opts->address), BG_STR("file:")) ? SQLITE_OPEN_URI : 0;
    int rc = lite->slots == NULL ? SQLITE_NOMEM : sqlite3_open_v2(opts->address, &lite->db, flags, opts->vfs);
    bg_err err = rc == SQLITE_OK ? configure(lite) : lite_error(lite, rc, "open");
    if (!bg_failed(err) && role != LITE_WRITER) {
        err = tune(lite);
    }
    if (bg_failed(err)) {
        lite_disconnect(lite);
        return err;
    }
    *ret = lite;
    return BG_DONE;
}

void lite_disconnect(struct lite *lite)
{
    if (lite == NULL) {
        return;
    }
    lite_free_rows(lite);
    for (size_t i = 0; lite->slots != NULL && i < lite->tx.store->catalogue->statement_count; i++) {
        (void)sqlite3_finalize(lite->slots[i].statement);
    }
    sqlite3_stmt *fixed[] = { lite->begin, lite->commit, lite->rollback, lite->mark, lite->unmark, lite->undo };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        (void)sqlite3_finalize(fixed[i]);
    }
    int rc = sqlite3_close(lite->db);
    assert(rc == SQLITE_OK); /* else a statement was not finalised */
    (void)rc;
    bg_heap_free(lite->slots);
    bg_heap_free(lite);
}

/* --- the file --- */

/* The path in an address: itself, or what stands between "file:" and "?". */
static bg_err path_of(const char *address, char **ret)
{
    bg_str s = bg_str_of(address);
    if (bg_str_starts(s, BG_STR("file:"))) {
        s = bg_str_cut(s, 5, s.len);
        s = bg_str_starts(s, BG_STR("//")) ? bg_str_cut(s, 2, s.len) : s;
        s = bg_str_cut(s, 0, bg_str_find(s, '?'));
    }
    char *path = bg_heap_get(s.len + 1);
    BG_TRY(bg_need(path));
    memcpy(path, s.at, s.len);
    *ret = path;
    return BG_DONE;
}

/* Takes FILE.lock. It holds the process's id while the store is open and nothing after a clean stop, so that words found in it tell of a
 * crash. It is never deleted: two processes must not lock two files of one name. */
static bg_err take_lock(struct lite_file *file)
{
    BG_SCOPED_BUF name = bg_buf_init(8192);
    bg_buf_print(&name, "%s.lock", file->path);
    bg_buf_byte(&name, '\0');
    BG_TRY(bg_buf_check(&name));
    int fd = open(name.at, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        bool held = errno == EWOULDBLOCK;
        close(fd);
        return held ? BG_FAIL_AT(BG_STORE_LOCKED, "db") : BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    file->lock_fd = fd;
    char mark[32];
    file->unclean = read(fd, mark, 1) == 1;
    int len = snprintf(mark, sizeof mark, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, mark, (size_t)len, 0) != len) {
        return BG_FAIL_AT(BG_STORE_FULL, "db");
    }
    return BG_DONE;
}

static void drop_lock(struct lite_file *file, bool clean)
{
    if (file->lock_fd >= 0) {
        if (clean && ftruncate(file->lock_fd, 0) != 0) {
            /* the next start checks the file once more than it had to */
        }
        close(file->lock_fd);
        file->lock_fd = -1;
    }
}

/* Ours, new, or somebody else's? Nothing is written before this is known. */
static bg_err identify(struct lite *lite, bool *ret_new)
{
    int64_t id = 0, tables = 0, version = 0;
    BG_TRY(lite_pragma_int(lite, "PRAGMA application_id", &id));
    BG_TRY(lite_pragma_int(lite, "PRAGMA user_version", &version));
    BG_TRY(lite_pragma_int(lite, "SELECT count(*) FROM sqlite_schema", &tables));
    *ret_new = id == 0 && tables == 0;
    if (id != LITE_APPLICATION_ID && !*ret_new) {
        return BG_FAIL_AT(BG_STORE_FOREIGN, "db");
    }
    return version > (int64_t)lite->tx.store->catalogue->migration_count ? BG_FAIL_AT(BG_STORE_FUTURE, "db") : BG_DONE;
}

static bg_err use_wal(struct lite *lite)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(lite->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    bool wal = false;
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
        const void *mode = rc == SQLITE_ROW ? sqlite3_column_blob(statement, 0) : NULL;
        wal = mode != NULL && bg_str_is((bg_str){ mode, (size_t)sqlite3_column_bytes(statement, 0) }, "wal");
        (void)sqlite3_finalize(statement);
    }
    if (rc != SQLITE_ROW) {
        return lite_error(lite, rc, "journal_mode");
    }
    return wal ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "db"); /* a file system that cannot: not a local disk */
}

/* Identity, log, check after a crash, schema: all on the connection that will be the writer's. */
static bg_err prepare_file(struct store *store)
{
    struct lite_file *file = lite_file(store);
    struct lite *lite = file->writer;
    bool new_file;
    int64_t page_size = 4096;
    BG_TRY(identify(lite, &new_file));
    if (store->opts.read_only) {
        BG_TRY(tune(lite));
        return store_migrate_check(&lite->tx);
    }
    if (new_file) {
        char words[64];
        (void)snprintf(words, sizeof words, "PRAGMA application_id = %d", LITE_APPLICATION_ID);
        BG_TRY(lite_exec(lite, words));
    }
    BG_TRY(use_wal(lite));
    BG_TRY(tune(lite));
    BG_TRY(lite_pragma_int(lite, "PRAGMA page_size", &page_size));
    file->page_size = (int)page_size;
    BG_TRY(lite_save_log(lite));
    (void)sqlite3_wal_hook(lite->db, lite_wal_grew, store);
    (void)sqlite3_commit_hook(lite->db, lite_commit_begun, store);
    if (file->archive != NULL) {
        BG_TRY(lite_archive_start(store, lite));
    }
    if (file->unclean) {
        store_log(store, BG_WARN, "store.unclean", store->opts.address, "the last stop was not clean: recovered, checking");
        BG_TRY(lite_quick_check(lite, 300));
    }
    return store->opts.no_migrate ? store_migrate_check(&lite->tx) : store_migrate(&lite->tx);
}

/* A new file is readable by its owner only; the log files take after it. */
static void make_private(const struct store_opts *opts, const char *path)
{
    if (opts->vfs == NULL && !opts->read_only) {
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0) {
            close(fd);
        }
    }
}

static bg_err sqlite_open(struct store *store)
{
    (void)snprintf(store->engine, sizeof store->engine, "SQLite %s", sqlite3_libversion());
    struct lite_file *file = bg_heap_get(sizeof *file);
    BG_TRY(bg_need(file));
    file->lock_fd = -1;
    file->wal_limit = store->opts.wal_max_bytes;
    pthread_mutex_init(&file->mutex, NULL);
    pthread_mutex_init(&file->wake_mutex, NULL);
    store_cond_init(&file->wake);
    store->own = file;
    BG_TRY(path_of(store->opts.address, &file->path));
    if (!store->opts.read_only && !store->opts.no_lock_file) {
        BG_TRY(take_lock(file));
    }
    make_private(&store->opts, file->path);
    BG_TRY(lite_archive_choose(store));
    BG_TRY(lite_connect(store, LITE_WRITER, &file->writer));
    BG_TRY(prepare_file(store));
    file->opened = true;
    file->thread_checkpoints = !store->opts.read_only && !store->opts.writer_checkpoints && lite_wal_is_sound();
    return file->thread_checkpoints || file->archive != NULL ? lite_checkpointer_start(store) : BG_DONE;
}

static void sqlite_close(struct store *store)
{
    struct lite_file *file = lite_file(store);
    if (file == NULL) {
        return;
    }
    lite_checkpointer_stop(store);
    bool ready = file->page_size > 0 && !store->opts.read_only;
    if (ready && !atomic_load(&store->halted)) {
        lite_archive_ending(store);
        lite_archive_stop(store, lite_last_checkpoint(file->writer));
    }
    lite_archive_free(file->archive);
    lite_disconnect(file->writer);
    drop_lock(file, (file->opened || !file->unclean) && !atomic_load(&store->halted));
    pthread_cond_destroy(&file->wake);
    pthread_mutex_destroy(&file->wake_mutex);
    pthread_mutex_destroy(&file->mutex);
    bg_heap_free(file->path);
    bg_heap_free(file);
}

/* Movements, entries and the like are never changed or deleted: the statement is refused when it is prepared. */
static int authorise(void *arg, int action, const char *first, const char *second, const char *database, const char *trigger)
{
    (void)second;
    (void)database;
    (void)trigger;
    const struct store *store = arg;
    bool changes = action == SQLITE_UPDATE || action == SQLITE_DELETE || action == SQLITE_DROP_TABLE;
    return changes && store_append_only(store->catalogue, first) ? SQLITE_DENY : SQLITE_OK;
}

static bg_err sqlite_lane_open(struct store *store, struct store_tx **ret)
{
    struct lite *writer = lite_file(store)->writer;
    if (!store->opts.unguarded) {
        (void)sqlite3_set_authorizer(writer->db, authorise, store);
    }
    *ret = &writer->tx;
    return BG_DONE;
}

static bg_err sqlite_reader_open(struct store *store, struct store_tx **ret)
{
    struct lite *lite;
    BG_TRY(lite_connect(store, LITE_READER, &lite));
    *ret = &lite->tx;
    return BG_DONE;
}

static void sqlite_tx_close(struct store_tx *tx)
{
    if (lite_of(tx)->role == LITE_READER) {
        lite_disconnect(lite_of(tx)); /* the writer is closed with the file */
    }
}

/* --- transactions --- */

static bg_err sqlite_migrated(struct store_tx *tx)
{
    char words[64];
    (void)snprintf(words, sizeof words, "PRAGMA user_version = %zu", tx->store->catalogue->migration_count);
    return lite_exec(lite_of(tx), words);
}

static bg_err sqlite_begin(struct store_tx *tx, bool rare)
{
    (void)rare; /* there is one writer: every transaction is serial */
    struct lite *lite = lite_of(tx);
    bg_err err = lite_step(lite, &lite->begin, "BEGIN IMMEDIATE");
    tx->writes = !bg_failed(err);
    tx->soft = err.code == BG_BUSY; /* another program holds the file for a moment */
    return err;
}

static bg_err sqlite_commit(struct store_tx *tx)
{
    struct lite *lite = lite_of(tx);
    lite_archive_lock(tx->store);
    bg_err err = lite_step(lite, &lite->commit, "COMMIT");
    lite_archive_unlock(tx->store);
    lite_commit_over(lite_file(tx->store)); /* the log's hook is silent when nothing was changed or when it failed */
    tx->writes = bg_failed(err) && tx->writes;
    return err;
}

static void sqlite_rollback(struct store_tx *tx)
{
    struct lite *lite = lite_of(tx);
    tx->writes = false;
    if (!sqlite3_get_autocommit(lite->db)) {
        bg_ignore(lite_step(lite, &lite->rollback, "ROLLBACK"));
    }
}

static bg_err sqlite_mark(struct store_tx *tx)
{
    struct lite *lite = lite_of(tx);
    return lite_step(lite, &lite->mark, "SAVEPOINT mark");
}

static bg_err sqlite_unmark(struct store_tx *tx)
{
    struct lite *lite = lite_of(tx);
    return lite_step(lite, &lite->unmark, "RELEASE mark");
}

static bg_err sqlite_undo(struct store_tx *tx)
{
    struct lite *lite = lite_of(tx);
    BG_TRY(lite_step(lite, &lite->undo, "ROLLBACK TO mark"));
    tx->err = BG_DONE;
    return sqlite_unmark(tx);
}

void lite_end_kept(struct lite *lite)
{
    if (lite->kept) {
        lite->kept = false;
        bg_ignore(lite_step(lite, &lite->rollback, "ROLLBACK"));
    }
}

/* A snapshot stays open behind its reader, and while nothing is committed the next one is the same: beginning and ending, a tenth of what
 * a small read costs in all, are left out. While a commit is under way nothing is kept or taken up, so that nobody who saw it sees an older
 * state afterwards. Checkpoints end what is kept. */
static bg_err sqlite_read_begin(struct store_tx *tx, int budget_ms)
{
    struct lite *lite = lite_of(tx);
    if (budget_ms > 0) {
        lite_set_budget(lite, budget_ms);
    }
    int64_t commits = atomic_load(&lite_file(tx->store)->commits);
    /* Who takes all the time it needs (verify among them) reads the file as it is now, also what another program did to it. */
    if (budget_ms > 0 && lite->kept && lite->kept_at == commits && (commits & 1) == 0) {
        lite->kept = false;
        return BG_DONE;
    }
    lite_end_kept(lite);
    lite->kept_at = commits; /* before the snapshot is taken: it may hold more than this, never less */
    return lite_step(lite, &lite->begin, "BEGIN");
}

static void sqlite_read_end(struct store_tx *tx)
{
    struct lite *lite = lite_of(tx);
    if (lite->deadline_us != 0) {
        lite_set_budget(lite, 0);
    }
    if (sqlite3_get_autocommit(lite->db)) {
        return;
    }
    /* Of a file that others write (read only here) nobody tells us the commits. */
    bool same = lite->kept_at == atomic_load(&lite_file(tx->store)->commits) && (lite->kept_at & 1) == 0;
    lite->kept = true;
    if (tx->store->opts.read_only || bg_failed(tx->err) || !same) {
        lite_end_kept(lite);
    }
}

const struct backend store_sqlite = {
    .open = sqlite_open,
    .close = sqlite_close,
    .lane_open = sqlite_lane_open,
    .reader_open = sqlite_reader_open,
    .tx_close = sqlite_tx_close,
    .migrated = sqlite_migrated,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .mark = sqlite_mark,
    .unmark = sqlite_unmark,
    .undo = sqlite_undo,
    .boundary = lite_boundary,
    .read_begin = sqlite_read_begin,
    .read_end = sqlite_read_end,
    .run = lite_run,
    .query = lite_query,
    .next = lite_next,
    .key = lite_key,
    .as_int = lite_int,
    .as_text = lite_text,
    .is_null = lite_is_null,
    .done = lite_done,
    .prepare = lite_prepare,
    .check = lite_check,
    .backup = lite_backup,
    .upkeep = lite_upkeep,
    .sizes = lite_sizes,
};
