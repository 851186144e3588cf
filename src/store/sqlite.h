/* The SQLite engine, private to the store: sqlite.c opens and closes, sqlite_sql.c runs statements, sqlite_care.c checkpoints, checks
 * and copies. */
#ifndef BG_STORE_SQLITE_H
#define BG_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/backend.h"

#define LITE_APPLICATION_ID 0x42474B44 /* "BGKD": bao gong, ku (库) */
#define LITE_CHECKPOINT_MS 200
#define LITE_CHECKPOINT_FRAMES 1000 /* where the writer itself checkpoints */

struct lite_archive; /* sqlite_archive.h */

enum lite_role { LITE_WRITER, LITE_READER, LITE_CHECKPOINTER };

struct lite_slot {
    sqlite3_stmt *statement;
    bool taken; /* a result is being read from it */
};

/* A connection, with a statement of the catalogue prepared at first use. */
struct lite {
    struct store_tx tx; /* first */
    sqlite3 *db;
    enum lite_role role;
    struct lite_slot *slots; /* by enum */
    sqlite3_stmt *begin, *commit, *rollback, *mark, *unmark, *undo;
    int64_t deadline_us; /* 0: none */
    /* Reader: its last snapshot is still open, and what `commits` of the file was when it was taken. */
    bool kept;
    int64_t kept_at;
};

/* What a file has besides connections. */
struct lite_file {
    char *path; /* without "file:" and parameters */
    int lock_fd;
    bool unclean; /* the last stop was a crash */
    bool opened;  /* sound, and the schema is ours */
    struct lite *writer; /* opened first, lent to the lane */
    /* the checkpoint thread */
    struct lite *checkpointer;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex; /* held while anybody checkpoints */
    pthread_mutex_t wake_mutex;
    pthread_cond_t wake;
    bool sleeping, closing;
    _Atomic bool dirty; /* committed since the last checkpoint */
    /* Even: so many half commits are whole; odd: one is under way, and what it wrote may be seen already or not yet. */
    _Atomic int64_t commits;
    _Atomic int64_t wal_bytes;
    struct lite_archive *archive; /* NULL: none */
    bool thread_checkpoints;      /* the thread may; else it only archives */
    int64_t wal_limit; /* where the writer next tries to reset the log */
    int page_size;
};

static inline struct lite *lite_of(struct store_tx *tx)
{
    return (struct lite *)(void *)tx;
}
static inline struct lite_file *lite_file(const struct store *store)
{
    return store->own;
}

bg_err lite_connect(struct store *store, enum lite_role role, struct lite **ret);
void lite_disconnect(struct lite *lite);
/* The error for a result code; logs what is not an ordinary refusal; halts on a failed write of the writer or the checkpointer. */
bg_err lite_error(struct lite *lite, int rc, const char *what);
/* Runs SQL text without parameters, all statements of it. */
bg_err lite_exec(struct lite *lite, const char *sql);
/* First column of the first row of a query without parameters; *ret untouched when there is no row. */
bg_err lite_pragma_int(struct lite *lite, const char *sql, int64_t *ret);
/* A query past it is interrupted; 0: none. */
void lite_set_budget(struct lite *lite, int budget_ms);
/* Steps a prepared statement without rows to its end. */
bg_err lite_step(struct lite *lite, sqlite3_stmt **slot, const char *sql);

/* sqlite_sql.c */
bg_err lite_run(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, int64_t *ret_changed);
bg_err lite_query(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, struct store_rows **ret);
bg_err lite_next(struct store_rows *rows, bool *ret_more);
size_t lite_key(const struct store_rows *rows);
int64_t lite_int(const struct store_rows *rows, int column);
bg_str lite_text(const struct store_rows *rows, int column);
bool lite_is_null(const struct store_rows *rows, int column);
void lite_done(struct store_rows *rows);
int lite_prepare(struct store_tx *tx, const struct sql_statement *statement, const char **ret_message);
void lite_free_rows(struct lite *lite);

/* sqlite_care.c */
bg_err lite_save_log(struct lite *lite); /* after a crash, before anything is written */
bool lite_wal_is_sound(void); /* the library has no WAL-reset bug */
bg_err lite_checkpointer_start(struct store *store);
void lite_checkpointer_stop(struct store *store);
void lite_boundary(struct store_tx *tx, bool idle);
bool lite_last_checkpoint(struct lite *lite); /* when closing: all into the file, the log emptied; false when it could not be */
int lite_wal_grew(void *arg, sqlite3 *db, const char *name, int frames);
int lite_commit_begun(void *arg);       /* before anything of a commit can be seen */
void lite_commit_over(struct lite_file *file); /* when all of it can, or nothing ever will; before anybody is answered */
/* Ends the snapshot that an idle reader has kept, if it has. */
void lite_end_kept(struct lite *lite);
bg_err lite_quick_check(struct lite *lite, int budget_ms);
bg_err lite_check(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok);
bg_err lite_backup(struct store *store, const char *path, struct store_position *ret_place);
bg_err lite_upkeep(struct store *store);
void lite_sizes(struct store *store, struct store_stats *stats);

#endif
