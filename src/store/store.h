/* The only code that knows SQLite or libpq. One interface, two engines, chosen by the address:
 *   a file path or file:…         embedded SQLite (WAL, synchronous=FULL): one writer thread owns the only connection that commits,
 *                                 readers are query_only
 *   postgresql://… (or postgres:) PostgreSQL 15+: `lanes` writer connections; the application role may not UPDATE or DELETE movements
 *                                 or journal entries
 *
 * SQL text lives in src/MODULE/MODULE.sql as named statements and is addressed by enum (build/…/gen/sql.h, made by tools/mksql):
 *     -- name: stock_on_hand  Stock on hand at one depot.
 *     SELECT item, qty FROM balance WHERE city = ?1 AND depot = ?2 ORDER BY item;
 *     -- name: stock_on_hand @postgres      (only where PostgreSQL needs another text)
 *     -- name: movement_insert :many  …     (may be used with store_run_many; its @postgres text takes one array a column)
 * Parameters are ?1…?n in both texts; mksql writes $1…$n for PostgreSQL. Migrations: src/MODULE/migrate/NNNN_words.sql, one text for
 * both engines with the types INT, TEXT, BYTES (mksql turns them into INTEGER/BIGINT, TEXT, BLOB/BYTEA), `STRICT` and `WITHOUT ROWID`
 * dropped for PostgreSQL, and blocks between `-- only: sqlite` / `-- only: postgres` and `-- both`. The comment line above a CREATE
 * and the comment behind each column become COMMENT ON; mksql fails when one is missing. A line `-- append-only` above a CREATE TABLE
 * lets its rows only be added: UPDATE, DELETE and SELECT … FOR UPDATE are refused with BG_STORE_CHECK (SQLite: when the statement is
 * prepared; PostgreSQL: by the rights of the role that works). Modules migrate in the order of
 * tools/layers.txt, then by number. No triggers; clock and random values are parameters; `city` leads every primary key and index of
 * transactional tables.
 *
 * Every function is safe from any thread unless it says otherwise; a struct store_tx belongs to one thread at a time. */
#ifndef BG_STORE_H
#define BG_STORE_H

#include "base/base.h"
#include "gen/sql.h" /* enum sql_id: SQL_STOCK_ON_HAND … */

struct store;
struct store_tx;
struct store_rows;
struct sql_catalogue;

struct store_opts {
    const char *address;
    const struct bg_env *env;
    const struct bg_log *log;  /* may be NULL */
    struct bg_idgen *ids;      /* raised above every id committed before, and the mark kept with each commit; NULL: the caller makes none */
    bool read_only;            /* no lock file, no writer, no migration: verify and replicas */
    int readers;               /* 0: 4 */
    int lanes;                 /* PostgreSQL writer connections; 0: 2. SQLite always has 1 */
    int queue_max;             /* waiting jobs before BG_BUSY; 0: 4096 */
    const char *vfs;           /* SQLite: name of a registered VFS (tests, simulator), for every connection; NULL: the default */
    bool no_lock_file;         /* SQLite: for a VFS that keeps its files elsewhere than on the disk; also no check after an unclean stop */
    int64_t wal_max_bytes;     /* SQLite: the writer resets the log past this size; 0: 256 MB */
    bool writer_checkpoints;   /* SQLite: no checkpoint thread; always so with a library that has the WAL-reset bug */
    /* SQLite: folder of the archive of the log, from which every moment of the last seven days can be restored (see "archive" below). It
     * is remembered in FILE.archived: NULL archives where this file was archived before, "" stops archiving it. */
    const char *archive;
    int64_t archive_every_ms, archive_keep_ms, archive_base_ms; /* 0: one second, seven days, one day; for tests */
    bool no_migrate;           /* leave a schema that waits for migrations alone: BG_STORE_OLD */
    bool unguarded;            /* SQLite: rows that may only be added can be changed too: to plant damage in a copy and see it found */
    /* A failed write to disk (fsync, commit): nothing after it can be trusted, so the process ends at once with EX_IOERR and comes back
     * through recovery. A harness that lives on gives `halt`: it is called instead, once or more, and from then on the store refuses
     * everything with BG_STORE_CLOSED and touches the disk no more; close it and open it again. */
    void (*halt)(void *ctx);
    void *halt_ctx;
    const struct sql_catalogue *catalogue; /* NULL: the program's own statements and migrations; tests bring theirs (store/catalogue.h) */
};

/* Opens, takes the lock, recovers, migrates (all that is pending in one transaction), starts the writer. Errors: BG_STORE_OPEN,
 * BG_STORE_LOCKED (another process serves this file), BG_STORE_FUTURE (made by a newer version), BG_STORE_FOREIGN (not our file, or an
 * applied migration differs from ours), BG_STORE_OLD (migrations are pending and may not run), BG_STORE_DAMAGED. */
bg_err store_open(const struct store_opts *opts, struct store **ret);
/* Drains the queue, commits, checkpoints, closes. Accepts NULL. */
void store_close(struct store *store);
bool store_is_postgres(const struct store *store);
/* Version of the engine as text ("SQLite 3.54.1", "PostgreSQL 15.18"), owned by the store. */
const char *store_engine(const struct store *store);

/* --- values --- */
enum store_type { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BYTES };
struct store_val {
    enum store_type type;
    int64_t i;
    bg_str s; /* must stay alive until the call returns */
};
#define V_INT(x) ((struct store_val){ .type = STORE_INT, .i = (x) })
#define V_TEXT(x) ((struct store_val){ .type = STORE_TEXT, .s = (x) })
#define V_BYTES(at_, len_) ((struct store_val){ .type = STORE_BYTES, .s = { (const char *)(at_), (len_) } })
#define V_NULL ((struct store_val){ .type = STORE_NULL })
/* ARGS(V_INT(city), V_TEXT(code)) gives the two arguments `values, count`. */
#define ARGS(...) (const struct store_val[]){ __VA_ARGS__ }, sizeof((const struct store_val[]){ __VA_ARGS__ }) / sizeof(struct store_val)
#define NO_ARGS NULL, 0

/* --- statements inside a transaction or snapshot --- */
/* Runs one statement; *ret_changed (may be NULL) = rows changed. Constraint failures: BG_CONFLICT (unique), BG_STORE_CHECK (CHECK). */
bg_err store_run(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int64_t *ret_changed);
/* Runs a `:many` statement for `rows` rows of `columns` values each (row-major), in order: a loop over the prepared statement on
 * SQLite, one statement with an array a column on PostgreSQL (or a pipeline of single ones where there is no @postgres text). */
bg_err store_run_many(struct store_tx *tx, enum sql_id sql, const struct store_val *values, size_t columns, size_t rows);
/* Opens a result. The rows live until store_rows_done or the end of the transaction; texts until the next store_next. On PostgreSQL a
 * result is fetched whole: read what may be large page by page, by key. */
bg_err store_query(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, struct store_rows **ret);
/* The same for many keys of a `:many` statement in one round trip; store_key tells which key the current row answers. On PostgreSQL the
 * statement's first column is that index (WITH ORDINALITY, from 1), and columns seen by the caller start behind it. */
bg_err store_query_many(struct store_tx *tx, enum sql_id sql, const struct store_val *values, size_t columns, size_t keys,
                        struct store_rows **ret);
bg_err store_next(struct store_rows *rows, bool *ret_more);
size_t store_key(const struct store_rows *rows);
int64_t store_int(const struct store_rows *rows, int column);   /* 0 for NULL */
bg_str store_text(const struct store_rows *rows, int column);   /* text or bytes; empty for NULL */
bool store_is_null(const struct store_rows *rows, int column);
void store_rows_done(struct store_rows *rows);                  /* accepts NULL */
static inline void store_rows_cleanup(struct store_rows **rows)
{
    store_rows_done(*rows);
}
#define STORE_SCOPED_ROWS __attribute__((cleanup(store_rows_cleanup))) struct store_rows *
/* First row's first column as integer; *ret_found (may be NULL: then no row is BG_NOT_FOUND). */
bg_err store_get_int(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int64_t *ret, bool *ret_found);
/* SQL text that is not in a .sql file: schema inspection, generated filters with bound values, maintenance. Never built from input. */
bg_err store_query_text(struct store_tx *tx, const char *sql, const struct store_val *args, size_t count, struct store_rows **ret);
bg_err store_run_text(struct store_tx *tx, const char *sql, const struct store_val *args, size_t count, int64_t *ret_changed);

/* Runs `attempt` inside a savepoint of a write: an error undoes its effects, and only those, and is returned. After any failed statement
 * nothing more runs in the transaction (on both engines, as PostgreSQL has it) but for one that failed inside an attempt. */
bg_err store_attempt(struct store_tx *tx, bg_err (*attempt)(struct store_tx *tx, void *ctx), void *ctx);
/* Asks that the whole transaction run again, as after a soft error, though none came: a job met what another process has just committed.
 * The caller returns an error next. */
void store_again(struct store_tx *tx);

/* --- reading --- */
/* A snapshot: every statement until store_read_end sees the same state. `budget_ms` > 0 interrupts a query past it (BG_STORE_SLOW).
 * Waits for a free reader at most a second, then BG_BUSY. */
bg_err store_read_begin(struct store *store, int budget_ms, struct store_tx **ret);
void store_read_end(struct store_tx *tx); /* accepts NULL */
static inline void store_read_cleanup(struct store_tx **tx)
{
    store_read_end(*tx);
}
#define STORE_SCOPED_READ __attribute__((cleanup(store_read_cleanup))) struct store_tx *
struct store *store_of(const struct store_tx *tx);

/* --- writing --- */
struct store_job;

/* A class of writes. A batch class (`rare` false) is given all waiting jobs of its class, up to 256, in queue order and in one durable
 * transaction (jobs of different batch classes may pass each other; rare jobs pass nobody and nobody passes them), and decides each on its
 * own: job->err is that job's answer, an answer with an error must have had no effects. A rare class is given one job at a time: on SQLite
 * inside a savepoint, on PostgreSQL in a SERIALIZABLE transaction of its own; a job->err rolls it back. The return value is for failures
 * of the whole transaction: it is rolled back, run again on a soft error (40001, 40P01, at most 5 times with jitter), else every job of it
 * fails with that error. `run` may therefore run more than once: inputs are const. */
struct store_class {
    const char *name;
    bool rare;
    bg_err (*run)(struct store_tx *tx, struct store_job **jobs, size_t count);
    /* After the commit is durable and before any `done`; on the writer's thread. May be NULL. */
    void (*committed)(struct store_job **jobs, size_t count);
};

struct store_job {
    const struct store_class *class;
    const void *in;
    void *ret;
    void *ctx;                              /* the submitter's own */
    uint64_t lane;                          /* PostgreSQL: jobs with the same lane value are ordered; use the city */
    bg_err err;                             /* set when done */
    void (*done)(struct store_job *job);    /* on the writer's thread; must be quick (resume a connection, signal a waiter) */
    struct store_job *next;                 /* the queue's */
};

/* Queues a job; `job` stays alive until its `done`. BG_BUSY when the queue is full, BG_STORE_CLOSED once closing. */
bg_err store_submit(struct store *store, struct store_job *job);
/* Submits and waits; returns the job's error. Not from the writer's thread. */
bg_err store_write(struct store *store, const struct store_class *class, const void *in, void *ret, void *ctx);
/* Jobs waiting now, and commits and jobs since start (metrics). */
struct store_stats {
    int64_t waiting, jobs, commits, wal_bytes, db_bytes;
    bool archive, archive_failing; /* SQLite: the log is archived; nothing can be archived just now */
    int64_t archive_breaks;        /* times the archive lost its thread since the start */
    bg_ms archived_at;             /* everything committed before is in the archive; 0: nothing yet */
    bool unclean; /* SQLite: the stop before this start was a crash; the file was recovered and checked */
};
struct store_stats store_stats(struct store *store);

/* --- upkeep --- */
/* Names of failed checks, one JSON object each, into `out`; *ret_ok. SQLite: quick_check or integrity_check, foreign keys, schema;
 * PostgreSQL: reachable, schema. */
bg_err store_check(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok);
/* Where a copy stands in the archive; chain 0: the file was not archived. */
struct store_position {
    uint64_t chain;
    int64_t lsn;
    bg_ms at; /* of the last commit in it */
};
/* A consistent copy in a new SQLite file while the server runs (PostgreSQL: BG_STORE_UNSUPPORTED with the pg_dump command as remedy).
 * *ret_place may be NULL. */
bg_err store_backup(struct store *store, const char *path, struct store_position *ret_place);

/* --- archive: SQLite's log, kept for seven days ---
 * While a store archives, a thread copies what was committed every second (and before any checkpoint) to segments in the archive's folder,
 * each commit with its time, and makes a whole copy (a base) when the chain begins and then once a day or rarer. After a crash the chain
 * goes on without a hole. A full or failing archive disk never delays a commit; it is told in the log, store_stats, metrics and doctor. */
/* The archive that FILE.archived names; false when there is none. */
bool store_archive_of(const char *db, char *ret, size_t size);
struct store_moment {
    bg_ms at;                /* of the last commit at or before the moment */
    int64_t commits, frames; /* replayed */
    char facts[400];         /* of an error: its facts point here */
};
/* The newest base in the folder that stands at or before `at`. BG_STORE_ARCHIVE_RANGE: there is none that old; the facts name the first. */
bg_err store_archive_base(const char *folder, bg_ms at, char *ret_path, size_t size, struct store_position *ret,
                          struct store_moment *moment);
/* Brings a copy that stands at `from` to the last commit at or before `at`. Errors: BG_STORE_ARCHIVE_RANGE (the copy is newer),
 * BG_STORE_ARCHIVE_HOLE (something between is missing: the facts say behind which moment and name the file), BG_STORE_ARCHIVE_DAMAGED
 * (the facts name the segment and the byte). The copy is useless after an error. */
bg_err store_archive_replay(const char *folder, const struct store_position *from, const char *path, bg_ms at, struct store_moment *ret);
/* Prepares every statement of the catalogue, as the reader or writer it will be; one JSON object into `out` for each that fails or has
 * another number of parameters than its text says. For tests and `doctor`. */
bg_err store_prepare_all(struct store *store, struct bg_buf *out, bool *ret_ok);
/* Passive checkpoint and optimise; called by the scheduler when idle. */
bg_err store_upkeep(struct store *store);
/* Schema version per module as JSON. */
bg_err store_schema(struct store *store, struct bg_buf *out);

/* --- a disk in memory, for the simulator and tests --- */
/* Holds SQLite files in memory and keeps apart what is safe on the platter and what was only written: a power cut leaves the safe bytes
 * and any part of the rest, by sectors of 512 bytes, torn and out of order. Give its name as store_opts.vfs, with no_lock_file. Faults are
 * counted down, so that the same run fails at the same place. One disk serves one store; safe from any thread. */
struct store_disk;
struct store_disk_faults {
    int64_t cut_in;      /* the power goes at the n-th write, truncation or sync from now: from then on everything fails; 0: never */
    int64_t sync_fail_in;  /* the n-th sync fails: what it was to save is saved in part and never tried again, as Linux has it; 0: never */
    int64_t write_fail_in; /* the n-th write fails once (I/O error); 0: never */
    int64_t read_fail_in;  /* the n-th read fails once (I/O error); 0: never */
    int64_t room_bytes;  /* how much all files together may still grow before the disk is full; < 0: without bound */
    bool no_sync;        /* syncs succeed and save nothing: a lying disk */
};
/* `env` draws what a cut leaves. */
bg_err store_disk_open(const struct bg_env *env, struct store_disk **ret);
void store_disk_close(struct store_disk *disk); /* no store may be open on it; accepts NULL */
const char *store_disk_name(const struct store_disk *disk);
/* What is armed now; change it only while the store is idle. */
struct store_disk_faults *store_disk_faults(struct store_disk *disk);
bool store_disk_is_cut(struct store_disk *disk);
/* The power comes back (or went, when it was not cut yet): files are what the cut left of them. No store may be open on the disk. */
void store_disk_power(struct store_disk *disk);
/* Makes the files of an empty disk the same as those of another, all safe. */
bg_err store_disk_copy(struct store_disk *disk, struct store_disk *from);
struct store_disk_stats {
    int64_t writes, syncs, bytes, cuts, unsafe_bytes; /* unsafe: written and not synced */
};
struct store_disk_stats store_disk_stats(struct store_disk *disk);

#endif
