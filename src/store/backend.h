/* What the two engines have in common, private to the store: the table of an engine's functions, the queue of jobs, the pool of readers.
 * store.c holds the entry points, writer.c the queue and the batches, migrate.c the schema; sqlite*.c and postgres*.c the engines. */
#ifndef BG_STORE_BACKEND_H
#define BG_STORE_BACKEND_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/catalogue.h"
#include "store/store.h"

#define STORE_BATCH_MAX 256
#define STORE_LANES_MAX 16
#define STORE_RETRIES 5
#define STORE_READ_WAIT_MS 1000

/* A connection while it is in a transaction or snapshot; the engine's own connection begins with it. */
struct store_tx {
    struct store *store;
    struct store_tx *next;   /* the pool's */
    struct store_rows *open; /* results not yet done */
    struct store_rows *spare;
    bg_err err;  /* the first failed statement: nothing more runs before the roll-back, as on PostgreSQL so on SQLite */
    bool writes; /* may change data now */
    bool soft;   /* the failure passes when the whole transaction runs again (serialisation, deadlock) */
    bool lost;   /* the engine has ended the transaction by itself (full disk, connection gone) */
};

/* A result; the engine's own begins with it. Reused, and freed with its connection. */
struct store_rows {
    struct store_tx *tx;
    struct store_rows *next;
    bool live;
};

/* A statement to run: one of the catalogue or free text. */
struct store_sql {
    const struct sql_statement *named; /* NULL: text */
    const char *text;
};

struct store_args {
    const struct store_val *values; /* row-major */
    size_t columns, rows;
};

/* An engine. Every function but open, close and the upkeep runs on the thread that owns the connection. */
struct backend {
    bool rare_alone; /* a rare job needs a transaction of its own */
    bg_err (*open)(struct store *store);
    void (*close)(struct store *store);
    bg_err (*lane_open)(struct store *store, struct store_tx **ret);
    bg_err (*reader_open)(struct store *store, struct store_tx **ret);
    void (*tx_close)(struct store_tx *tx);

    bg_err (*migrated)(struct store_tx *tx); /* last step of the migrating transaction: marks, grants */
    bg_err (*begin)(struct store_tx *tx, bool rare);
    bg_err (*commit)(struct store_tx *tx);
    void (*rollback)(struct store_tx *tx);
    bg_err (*mark)(struct store_tx *tx);   /* a savepoint */
    bg_err (*unmark)(struct store_tx *tx); /* keeps what was done since */
    bg_err (*undo)(struct store_tx *tx);   /* drops what was done since */
    void (*boundary)(struct store_tx *tx, bool idle); /* between transactions; idle: nothing waits */
    bg_err (*read_begin)(struct store_tx *tx, int budget_ms);
    void (*read_end)(struct store_tx *tx);

    bg_err (*run)(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, int64_t *ret_changed);
    bg_err (*query)(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, struct store_rows **ret);
    bg_err (*next)(struct store_rows *rows, bool *ret_more);
    size_t (*key)(const struct store_rows *rows);
    int64_t (*as_int)(const struct store_rows *rows, int column);
    bg_str (*as_text)(const struct store_rows *rows, int column);
    bool (*is_null)(const struct store_rows *rows, int column);
    void (*done)(struct store_rows *rows);

    /* Prepares without running; *ret_message (alive until the next call) when it fails, -1 parameters then. */
    int (*prepare)(struct store_tx *tx, const struct sql_statement *statement, const char **ret_message);
    bg_err (*check)(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok);
    bg_err (*backup)(struct store *store, const char *path, struct store_position *ret_place);
    bg_err (*upkeep)(struct store *store);
    void (*sizes)(struct store *store, struct store_stats *stats);
};

/* Jobs of one class that are run by one call. */
struct group {
    const struct store_class *class;
    struct store_job **jobs;
    size_t count;
    bool refused; /* its effects were undone */
    bg_err err;   /* the answer of all its jobs, when it failed as a whole */
};

/* A queue and the thread that owns one writing connection. */
struct lane {
    struct store *store;
    struct store_tx *tx;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct store_job *head, *tail;
    int waiting;
    bool sleeping, closing;
    /* the batch in hand, and the thread's alone */
    struct store_job *jobs[STORE_BATCH_MAX];
    struct store_job *sorted[STORE_BATCH_MAX];
    struct group groups[STORE_BATCH_MAX];
    unsigned short group_of[STORE_BATCH_MAX];
};

struct store {
    const struct backend *backend;
    const struct sql_catalogue *catalogue;
    struct store_opts opts; /* address and vfs are copies of ours */
    char engine[64];
    void *own; /* the engine's */

    struct lane *lanes;
    int lane_count;

    pthread_mutex_t pool_mutex;
    pthread_cond_t pool_wake;
    struct store_tx *idle;
    int readers; /* opened */

    _Atomic bool halted;
    _Atomic int64_t jobs, commits;
    _Atomic int64_t ids_mark; /* ids up to here are covered by the mark in the store */
};

extern const struct backend store_sqlite, store_postgres;

/* A job of this class runs between transactions, on the lane's thread: `in` is a struct store_outside. */
extern const struct store_class store_outside_class;
struct store_outside {
    bg_err (*run)(struct store_tx *tx, void *ctx);
    void *ctx;
};
/* Runs `run` on the first lane's thread between two batches, and waits. */
bg_err store_outside(struct store *store, bg_err (*run)(struct store_tx *tx, void *ctx), void *ctx);

bg_err store_lanes_start(struct store *store);
void store_lanes_stop(struct store *store); /* drains the queues; a late submit is refused, not lost */
void store_lanes_free(struct store *store);

/* ids.c: the mark is read when the store opens; before a commit it is raised when the ids have passed it, and noted when that is
 * durable. */
bg_err store_ids_load(struct store *store);
bg_err store_ids_keep(struct store_tx *tx, int64_t *ret_mark);
void store_ids_kept(struct store *store, int64_t mark);

/* Notes the first failure of a transaction. */
bg_err store_spoil(struct store_tx *tx, bg_err err);
/* A failed write to disk: nothing after it can be trusted. Logs and ends the process, or calls opts.halt, after which the store only
 * refuses. */
void store_halt(struct store *store, const char *what, const char *message);
void store_log(const struct store *store, enum bg_level level, const char *event, const char *what, const char *message);

/* Brings the schema up to the catalogue, all pending migrations in one transaction on `tx`; checks what was applied before. */
bg_err store_migrate(struct store_tx *tx);
/* The same without changing anything: BG_STORE_OLD when some are pending. */
bg_err store_migrate_check(struct store_tx *tx);
/* True when `table` may only grow. */
bool store_append_only(const struct sql_catalogue *catalogue, const char *table);

/* A monotonic deadline for pthread_cond_timedwait on a condition made by store_cond_init. */
void store_cond_init(pthread_cond_t *cond);
struct timespec store_deadline(int ms);

#endif
