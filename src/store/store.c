/* The store's entry points: choose the engine by the address, hand statements to it, lend readers. */
#include "store/store.h"

#include <assert.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "store/backend.h"

/* --- opening and closing --- */

static bool is_postgres(const char *address)
{
    bg_str s = bg_str_of(address);
    return bg_str_starts(s, BG_STR("postgresql:")) || bg_str_starts(s, BG_STR("postgres:"));
}

static char *own_text(const char *text)
{
    size_t size = bg_str_of(text).len + 1;
    char *copy = bg_heap_get(size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

static void free_store(struct store *store)
{
    store_lanes_free(store);
    pthread_cond_destroy(&store->pool_wake);
    pthread_mutex_destroy(&store->pool_mutex);
    bg_heap_free((void *)(uintptr_t)store->opts.address);
    bg_heap_free((void *)(uintptr_t)store->opts.vfs);
    bg_heap_free((void *)(uintptr_t)store->opts.archive);
    bg_heap_free(store);
}

static bg_err make_store(const struct store_opts *opts, struct store **ret)
{
    struct store *store = bg_heap_get(sizeof *store);
    BG_TRY(bg_need(store));
    pthread_mutex_init(&store->pool_mutex, NULL);
    store_cond_init(&store->pool_wake);
    store->opts = *opts;
    store->opts.readers = opts->readers > 0 ? opts->readers : 4;
    store->opts.queue_max = opts->queue_max > 0 ? opts->queue_max : 4096;
    store->opts.wal_max_bytes = opts->wal_max_bytes > 0 ? opts->wal_max_bytes : INT64_C(256) << 20;
    store->opts.address = own_text(opts->address);
    store->opts.archive = opts->archive != NULL ? own_text(opts->archive) : NULL;
    store->opts.vfs = opts->vfs != NULL ? own_text(opts->vfs) : NULL;
    store->catalogue = opts->catalogue != NULL ? opts->catalogue : &sql_catalogue;
    store->backend = is_postgres(opts->address) ? &store_postgres : &store_sqlite;
    store->lane_count = !is_postgres(opts->address) ? 1 : opts->lanes > 0 ? opts->lanes : 2;
    store->lane_count = store->lane_count > STORE_LANES_MAX ? STORE_LANES_MAX : store->lane_count;
    if (store->opts.address == NULL || (opts->vfs != NULL && store->opts.vfs == NULL) ||
        (opts->archive != NULL && store->opts.archive == NULL)) {
        free_store(store);
        return BG_FAIL(BG_NO_MEMORY);
    }
    *ret = store;
    return BG_DONE;
}

bg_err store_open(const struct store_opts *opts, struct store **ret)
{
    assert(opts->address != NULL && opts->env != NULL);
    struct store *store;
    BG_TRY(make_store(opts, &store));
    bg_err err = store->backend->open(store);
    if (!bg_failed(err) && !opts->read_only) {
        err = store_lanes_start(store);
    }
    if (!bg_failed(err) && !opts->read_only) {
        err = store_ids_load(store);
    }
    if (bg_failed(err)) {
        store_close(store);
        return err;
    }
    *ret = store;
    return BG_DONE;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    store_lanes_stop(store);
    /* Taken out of the pool first: whoever checkpoints looks into it. */
    pthread_mutex_lock(&store->pool_mutex);
    struct store_tx *idle = store->idle;
    store->idle = NULL;
    pthread_mutex_unlock(&store->pool_mutex);
    for (struct store_tx *tx = idle, *next; tx != NULL; tx = next) {
        next = tx->next;
        store->backend->tx_close(tx);
        store->readers--;
    }
    assert(store->readers == 0); /* a snapshot is still open */
    store->backend->close(store);
    free_store(store);
}

bool store_is_postgres(const struct store *store)
{
    return store->backend == &store_postgres;
}

const char *store_engine(const struct store *store)
{
    return store->engine;
}

/* --- failures --- */

bg_err store_spoil(struct store_tx *tx, bg_err err)
{
    if (!bg_failed(tx->err)) {
        tx->err = err;
    }
    return err;
}

void store_log(const struct store *store, enum bg_level level, const char *event, const char *what, const char *message)
{
    if (store->opts.log != NULL) {
        bg_log_line(store->opts.log, level, event, "what", what, "message", message, NULL);
    }
}

void store_halt(struct store *store, const char *what, const char *message)
{
    store_log(store, BG_ALERT, "store.halt", what, message);
    atomic_store(&store->halted, true);
    if (store->opts.halt == NULL) {
        _exit(EX_IOERR);
    }
    store->opts.halt(store->opts.halt_ctx);
}

/* --- statements --- */

static bg_err run(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, int64_t *ret_changed)
{
    if (bg_failed(tx->err)) {
        return tx->err;
    }
    int64_t changed = 0;
    bg_err err = tx->store->backend->run(tx, sql, args, &changed);
    if (bg_failed(err)) {
        return store_spoil(tx, err);
    }
    if (ret_changed != NULL) {
        *ret_changed = changed;
    }
    return BG_DONE;
}

static bg_err query(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, struct store_rows **ret)
{
    if (bg_failed(tx->err)) {
        return tx->err;
    }
    bg_err err = tx->store->backend->query(tx, sql, args, ret);
    return bg_failed(err) ? store_spoil(tx, err) : err;
}

static struct store_sql named(const struct store_tx *tx, enum sql_id sql, size_t columns)
{
    assert((size_t)sql < tx->store->catalogue->statement_count);
    const struct sql_statement *statement = &tx->store->catalogue->statements[sql];
    assert((size_t)statement->params == columns);
    (void)columns;
    return (struct store_sql){ .named = statement };
}

bg_err store_run(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int64_t *ret_changed)
{
    struct store_sql source = named(tx, sql, count);
    return run(tx, &source, &(struct store_args){ args, count, 1 }, ret_changed);
}

bg_err store_run_many(struct store_tx *tx, enum sql_id sql, const struct store_val *values, size_t columns, size_t rows)
{
    struct store_sql source = named(tx, sql, columns);
    assert(source.named->many);
    return rows == 0 ? tx->err : run(tx, &source, &(struct store_args){ values, columns, rows }, NULL);
}

bg_err store_query(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, struct store_rows **ret)
{
    struct store_sql source = named(tx, sql, count);
    return query(tx, &source, &(struct store_args){ args, count, 1 }, ret);
}

bg_err store_query_many(struct store_tx *tx, enum sql_id sql, const struct store_val *values, size_t columns, size_t keys,
                        struct store_rows **ret)
{
    struct store_sql source = named(tx, sql, columns);
    assert(source.named->many);
    return query(tx, &source, &(struct store_args){ values, columns, keys }, ret);
}

bg_err store_run_text(struct store_tx *tx, const char *sql, const struct store_val *args, size_t count, int64_t *ret_changed)
{
    return run(tx, &(struct store_sql){ .text = sql }, &(struct store_args){ args, count, 1 }, ret_changed);
}

bg_err store_query_text(struct store_tx *tx, const char *sql, const struct store_val *args, size_t count, struct store_rows **ret)
{
    return query(tx, &(struct store_sql){ .text = sql }, &(struct store_args){ args, count, 1 }, ret);
}

bg_err store_next(struct store_rows *rows, bool *ret_more)
{
    assert(rows->live);
    bg_err err = rows->tx->store->backend->next(rows, ret_more);
    return bg_failed(err) ? store_spoil(rows->tx, err) : err;
}

size_t store_key(const struct store_rows *rows)
{
    return rows->tx->store->backend->key(rows);
}

int64_t store_int(const struct store_rows *rows, int column)
{
    return rows->tx->store->backend->as_int(rows, column);
}

bg_str store_text(const struct store_rows *rows, int column)
{
    return rows->tx->store->backend->as_text(rows, column);
}

bool store_is_null(const struct store_rows *rows, int column)
{
    return rows->tx->store->backend->is_null(rows, column);
}

void store_rows_done(struct store_rows *rows)
{
    if (rows != NULL && rows->live) {
        rows->tx->store->backend->done(rows);
    }
}

bg_err store_get_int(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int64_t *ret, bool *ret_found)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, sql, args, count, &rows));
    BG_TRY(store_next(rows, &more));
    if (ret_found != NULL) {
        *ret_found = more;
    } else if (!more) {
        return BG_FAIL(BG_NOT_FOUND);
    }
    if (more) {
        *ret = store_int(rows, 0);
    }
    return BG_DONE;
}

bg_err store_attempt(struct store_tx *tx, bg_err (*attempt)(struct store_tx *tx, void *ctx), void *ctx)
{
    assert(tx->writes);
    if (bg_failed(tx->err)) {
        return tx->err;
    }
    bg_err err = tx->store->backend->mark(tx);
    if (bg_failed(err)) {
        return store_spoil(tx, err);
    }
    err = attempt(tx, ctx);
    if (!bg_failed(err)) {
        err = tx->err;
    }
    if (tx->soft || tx->lost) {
        return bg_failed(err) ? err : BG_FAIL(BG_BUSY); /* only the whole transaction can run again */
    }
    bg_err after = bg_failed(err) ? tx->store->backend->undo(tx) : tx->store->backend->unmark(tx);
    return bg_failed(after) ? store_spoil(tx, after) : err;
}

void store_again(struct store_tx *tx)
{
    assert(tx->writes);
    tx->soft = true;
}

/* --- reading --- */

void store_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

struct timespec store_deadline(int ms)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* An idle reader, or a new one while there may be more; BG_BUSY after a second. *ret is NULL when the caller is to open one. */
static bg_err borrow_reader(struct store *store, struct store_tx **ret)
{
    struct timespec until = store_deadline(STORE_READ_WAIT_MS);
    int waited = 0;
    pthread_mutex_lock(&store->pool_mutex);
    while (store->idle == NULL && store->readers >= store->opts.readers && waited == 0) {
        waited = pthread_cond_timedwait(&store->pool_wake, &store->pool_mutex, &until);
    }
    struct store_tx *tx = store->idle;
    bool full = tx == NULL && store->readers >= store->opts.readers;
    if (tx != NULL) {
        store->idle = tx->next;
    } else if (!full) {
        store->readers++;
    }
    pthread_mutex_unlock(&store->pool_mutex);
    *ret = tx;
    return full ? BG_FAIL(BG_BUSY) : BG_DONE;
}

static void return_reader(struct store *store, struct store_tx *tx)
{
    pthread_mutex_lock(&store->pool_mutex);
    if (tx != NULL) {
        tx->next = store->idle;
        store->idle = tx;
    } else {
        store->readers--;
    }
    pthread_cond_signal(&store->pool_wake);
    pthread_mutex_unlock(&store->pool_mutex);
}

bg_err store_read_begin(struct store *store, int budget_ms, struct store_tx **ret)
{
    struct store_tx *tx;
    if (atomic_load(&store->halted)) {
        return BG_FAIL(BG_STORE_CLOSED);
    }
    BG_TRY(borrow_reader(store, &tx));
    bg_err err = tx == NULL ? store->backend->reader_open(store, &tx) : BG_DONE;
    if (!bg_failed(err)) {
        tx->err = BG_DONE;
        tx->soft = tx->lost = false;
        err = store->backend->read_begin(tx, budget_ms);
    }
    if (bg_failed(err)) {
        return_reader(store, tx);
        return err;
    }
    *ret = tx;
    return BG_DONE;
}

static void close_rows(struct store_tx *tx)
{
    while (tx->open != NULL) {
        store_rows_done(tx->open);
    }
}

void store_read_end(struct store_tx *tx)
{
    if (tx != NULL) {
        close_rows(tx);
        tx->store->backend->read_end(tx);
        return_reader(tx->store, tx);
    }
}

struct store *store_of(const struct store_tx *tx)
{
    return tx->store;
}

/* --- upkeep --- */

struct store_stats store_stats(struct store *store)
{
    struct store_stats stats = { .jobs = atomic_load(&store->jobs), .commits = atomic_load(&store->commits) };
    for (int i = 0; store->lanes != NULL && i < store->lane_count; i++) {
        pthread_mutex_lock(&store->lanes[i].mutex);
        stats.waiting += store->lanes[i].waiting;
        pthread_mutex_unlock(&store->lanes[i].mutex);
    }
    store->backend->sizes(store, &stats);
    return stats;
}

static bg_err prepare_all(struct store_tx *tx, void *ctx)
{
    struct bg_buf *out = ctx;
    const struct sql_catalogue *catalogue = tx->store->catalogue;
    for (size_t i = 0; i < catalogue->statement_count; i++) {
        const struct sql_statement *statement = &catalogue->statements[i];
        const char *message = NULL;
        int params = tx->store->backend->prepare(tx, statement, &message);
        if (params != statement->params) {
            bg_json_object(out);
            bg_json_put_str(out, "statement", bg_str_of(statement->name));
            bg_json_put_int(out, "parameters", params);
            bg_json_put_str(out, "message", bg_str_of(message));
            bg_json_object_end(out);
        }
    }
    return bg_buf_check(out);
}

bg_err store_prepare_all(struct store *store, struct bg_buf *out, bool *ret_ok)
{
    size_t before = out->len;
    BG_TRY(store_outside(store, prepare_all, out));
    *ret_ok = out->len == before;
    return BG_DONE;
}

bg_err store_check(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok)
{
    return store->backend->check(store, thorough, out, ret_ok);
}

bg_err store_backup(struct store *store, const char *path, struct store_position *ret_place)
{
    struct store_position place = { 0 };
    BG_TRY(store->backend->backup(store, path, &place));
    if (ret_place != NULL) {
        *ret_place = place;
    }
    return BG_DONE;
}

bg_err store_upkeep(struct store *store)
{
    return store->backend->upkeep(store);
}

bg_err store_schema(struct store *store, struct bg_buf *out)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_read_begin(store, 0, &tx));
    BG_TRY(store_query_text(tx, "SELECT module, max(number) FROM schema_migration GROUP BY module ORDER BY module", NO_ARGS, &rows));
    bg_json_object(out);
    for (;;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        bg_json_key_str(out, store_text(rows, 0));
        bg_json_int(out, store_int(rows, 1));
    }
    bg_json_object_end(out);
    return bg_buf_check(out);
}
