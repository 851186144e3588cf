/* The store's entry points. No engine is built in yet: nothing opens, so that nothing else here can be reached with a store. */
#include "store/store.h"

#include <assert.h>

#include "store/catalogue.h"

bg_err store_open(const struct store_opts *opts, struct store **ret)
{
    (void)opts;
    (void)ret;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

void store_close(struct store *store)
{
    assert(store == NULL);
}

bool store_is_postgres(const struct store *store)
{
    (void)store;
    return false;
}

const char *store_engine(const struct store *store)
{
    (void)store;
    return "";
}

bg_err store_run(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int64_t *ret_changed)
{
    (void)tx;
    (void)sql;
    (void)args;
    (void)count;
    (void)ret_changed;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_run_many(struct store_tx *tx, enum sql_id sql, const struct store_val *values, size_t columns, size_t rows)
{
    (void)tx;
    (void)sql;
    (void)values;
    (void)columns;
    (void)rows;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_query(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, struct store_rows **ret)
{
    (void)tx;
    (void)sql;
    (void)args;
    (void)count;
    (void)ret;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_query_many(struct store_tx *tx, enum sql_id sql, const struct store_val *values, size_t columns, size_t keys, struct store_rows **ret)
{
    (void)tx;
    (void)sql;
    (void)values;
    (void)columns;
    (void)keys;
    (void)ret;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_next(struct store_rows *rows, bool *ret_more)
{
    (void)rows;
    (void)ret_more;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

size_t store_key(const struct store_rows *rows)
{
    (void)rows;
    return 0;
}

int64_t store_int(const struct store_rows *rows, int column)
{
    (void)rows;
    (void)column;
    return 0;
}

bg_str store_text(const struct store_rows *rows, int column)
{
    (void)rows;
    (void)column;
    return (bg_str){ "", 0 };
}

bool store_is_null(const struct store_rows *rows, int column)
{
    (void)rows;
    (void)column;
    return false;
}

void store_rows_done(struct store_rows *rows)
{
    (void)rows;
}

bg_err store_get_int(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int64_t *ret, bool *ret_found)
{
    (void)tx;
    (void)sql;
    (void)args;
    (void)count;
    (void)ret;
    (void)ret_found;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_query_text(struct store_tx *tx, const char *sql, const struct store_val *args, size_t count, struct store_rows **ret)
{
    (void)tx;
    (void)sql;
    (void)args;
    (void)count;
    (void)ret;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_run_text(struct store_tx *tx, const char *sql, const struct store_val *args, size_t count, int64_t *ret_changed)
{
    (void)tx;
    (void)sql;
    (void)args;
    (void)count;
    (void)ret_changed;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_read_begin(struct store *store, int budget_ms, struct store_tx **ret)
{
    (void)store;
    (void)budget_ms;
    (void)ret;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

void store_read_end(struct store_tx *tx)
{
    (void)tx;
}

struct store *store_of(const struct store_tx *tx)
{
    (void)tx;
    return NULL;
}

bg_err store_submit(struct store *store, struct store_job *job)
{
    (void)store;
    (void)job;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_write(struct store *store, const struct store_class *class, const void *in, void *ret, void *ctx)
{
    (void)store;
    (void)class;
    (void)in;
    (void)ret;
    (void)ctx;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_check(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok)
{
    (void)store;
    (void)thorough;
    (void)out;
    (void)ret_ok;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_backup(struct store *store, const char *path)
{
    (void)store;
    (void)path;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_upkeep(struct store *store)
{
    (void)store;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

bg_err store_schema(struct store *store, struct bg_buf *out)
{
    (void)store;
    (void)out;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

struct store_stats store_stats(struct store *store)
{
    (void)store;
    return (struct store_stats){ 0 };
}
