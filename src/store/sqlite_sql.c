/* Statements on SQLite. Those of the catalogue are prepared once a connection and kept by enum; one that is still being read when it is
 * wanted again is prepared a second time for that use. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "store/sqlite.h"

struct lite_rows {
    struct store_rows base; /* first */
    sqlite3_stmt *statement;
    size_t id; /* of the connection's statement; SIZE_MAX: `statement` is ours to finalise */
    const char *what;
    /* keys to come (store_query_many): a copy, for the caller's values need not live so long */
    struct store_val *keys;
    char *bytes;
    size_t keys_room, bytes_room;
    size_t columns, key_count, key;
};

static struct lite_rows *rows_of(struct store_rows *rows)
{
    return (struct lite_rows *)(void *)rows;
}
static const struct lite_rows *rows_of_const(const struct store_rows *rows)
{
    return (const struct lite_rows *)(const void *)rows;
}

static int bind_one(sqlite3_stmt *statement, int at, const struct store_val *value, sqlite3_destructor_type life)
{
    switch (value->type) {
    case STORE_INT:
        return sqlite3_bind_int64(statement, at, value->i);
    case STORE_TEXT:
        return sqlite3_bind_text64(statement, at, value->s.at != NULL ? value->s.at : "", value->s.len, life, SQLITE_UTF8);
    case STORE_BYTES:
        return value->s.len == 0 ? sqlite3_bind_zeroblob(statement, at, 0)
                                 : sqlite3_bind_blob64(statement, at, value->s.at, value->s.len, life);
    case STORE_NULL:
    default:
        return sqlite3_bind_null(statement, at);
    }
}

static int bind_row(sqlite3_stmt *statement, const struct store_val *values, size_t columns, sqlite3_destructor_type life)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < columns && rc == SQLITE_OK; i++) {
        rc = bind_one(statement, (int)i + 1, &values[i], life);
    }
    return rc;
}

/* A statement that nobody is reading; *ret_id SIZE_MAX: the caller finalises it. */
static bg_err get_statement(struct lite *lite, const struct store_sql *sql, sqlite3_stmt **ret, size_t *ret_id)
{
    size_t id = sql->named != NULL ? (size_t)(sql->named - lite->tx.store->catalogue->statements) : SIZE_MAX;
    bool taken = id == SIZE_MAX || lite->slots[id].taken;
    if (!taken && lite->slots[id].statement != NULL) {
        *ret = lite->slots[id].statement;
        *ret_id = id;
        return BG_DONE;
    }
    const char *text = sql->named != NULL ? sql->named->sqlite : sql->text;
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v3(lite->db, text, -1, taken ? 0 : SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (rc != SQLITE_OK) {
        return lite_error(lite, rc, sql->named != NULL ? sql->named->name : text);
    }
    assert(sql->named == NULL || sqlite3_bind_parameter_count(statement) == sql->named->params);
    if (!taken) {
        lite->slots[id].statement = statement;
    }
    *ret = statement;
    *ret_id = taken ? SIZE_MAX : id;
    return BG_DONE;
}

/* REPLACE deletes rows without asking the authoriser. */
static bool replaces(const char *text)
{
    return strcasestr(text, "or replace") != NULL || strncasecmp(text, "replace", 7) == 0;
}

/* Text without parameters may hold several statements. */
static bg_err run_script(struct lite *lite, const char *text, int64_t *ret_changed)
{
    sqlite3_int64 before = sqlite3_total_changes64(lite->db);
    BG_TRY(lite_exec(lite, text));
    *ret_changed = sqlite3_total_changes64(lite->db) - before;
    return BG_DONE;
}

bg_err lite_run(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, int64_t *ret_changed)
{
    struct lite *lite = lite_of(tx);
    const char *what = sql->named != NULL ? sql->named->name : sql->text;
    if (sql->named == NULL && replaces(sql->text)) {
        return BG_FAIL(BG_STORE_CHECK);
    }
    if (sql->named == NULL && args->columns == 0) {
        return run_script(lite, sql->text, ret_changed);
    }
    sqlite3_stmt *statement;
    size_t id;
    BG_TRY(get_statement(lite, sql, &statement, &id));
    int rc = SQLITE_DONE;
    int64_t changed = 0;
    for (size_t i = 0; i < args->rows && rc == SQLITE_DONE; i++) {
        rc = bind_row(statement, args->values + i * args->columns, args->columns, SQLITE_STATIC);
        if (rc == SQLITE_OK) {
            do {
                rc = sqlite3_step(statement);
            } while (rc == SQLITE_ROW); /* RETURNING without a reader */
            changed += rc == SQLITE_DONE ? sqlite3_changes64(lite->db) : 0;
            (void)sqlite3_reset(statement); /* repeats the step's code */
        }
    }
    bg_err err = rc == SQLITE_DONE ? BG_DONE : lite_error(lite, rc, what);
    if (id == SIZE_MAX) {
        (void)sqlite3_finalize(statement);
    }
    *ret_changed = changed;
    return err;
}

/* --- results --- */

static struct lite_rows *get_rows(struct lite *lite)
{
    struct lite_rows *rows = rows_of(lite->tx.spare);
    if (rows != NULL) {
        lite->tx.spare = rows->base.next;
    } else {
        rows = bg_heap_get(sizeof *rows);
    }
    if (rows != NULL) {
        rows->base.tx = &lite->tx;
        rows->base.live = true;
        rows->base.next = lite->tx.open;
        lite->tx.open = &rows->base;
        rows->key = 0;
        rows->key_count = 1;
    }
    return rows;
}

void lite_done(struct store_rows *base)
{
    struct lite_rows *rows = rows_of(base);
    struct store_rows **link = &base->tx->open;
    while (*link != base) {
        link = &(*link)->next;
    }
    *link = base->next;
    if (rows->id == SIZE_MAX) {
        (void)sqlite3_finalize(rows->statement);
    } else {
        (void)sqlite3_reset(rows->statement);
        lite_of(base->tx)->slots[rows->id].taken = false;
    }
    rows->statement = NULL;
    base->live = false;
    base->next = base->tx->spare;
    base->tx->spare = base;
}

void lite_free_rows(struct lite *lite)
{
    while (lite->tx.open != NULL) {
        lite_done(lite->tx.open);
    }
    for (struct store_rows *rows = lite->tx.spare, *next; rows != NULL; rows = next) {
        next = rows->next;
        bg_heap_free(rows_of(rows)->keys);
        bg_heap_free(rows_of(rows)->bytes);
        bg_heap_free(rows);
    }
    lite->tx.spare = NULL;
}

/* Copies the keys with their texts. */
static bg_err keep_keys(struct lite_rows *rows, const struct store_args *args)
{
    size_t count = args->columns * args->rows, size = 0;
    for (size_t i = 0; i < count; i++) {
        size += args->values[i].type == STORE_TEXT || args->values[i].type == STORE_BYTES ? args->values[i].s.len : 0;
    }
    if (count > rows->keys_room) {
        void *more = bg_heap_resize(rows->keys, count * 2 * sizeof *rows->keys);
        BG_TRY(bg_need(more));
        rows->keys = more;
        rows->keys_room = count * 2;
    }
    if (size > rows->bytes_room) {
        void *more = bg_heap_resize(rows->bytes, size * 2);
        BG_TRY(bg_need(more));
        rows->bytes = more;
        rows->bytes_room = size * 2;
    }
    if (count > 0) {
        memcpy(rows->keys, args->values, count * sizeof *rows->keys);
    }
    char *at = rows->bytes;
    for (size_t i = 0; i < count; i++) {
        struct store_val *value = &rows->keys[i];
        if ((value->type == STORE_TEXT || value->type == STORE_BYTES) && value->s.len > 0) {
            memcpy(at, value->s.at, value->s.len);
            value->s.at = at;
            at += value->s.len;
        }
    }
    return BG_DONE;
}

bg_err lite_query(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, struct store_rows **ret)
{
    struct lite *lite = lite_of(tx);
    struct lite_rows *rows = get_rows(lite);
    BG_TRY(bg_need(rows));
    rows->what = sql->named != NULL ? sql->named->name : sql->text;
    rows->id = SIZE_MAX;
    rows->columns = args->columns;
    rows->key_count = args->rows;
    bg_err err = get_statement(lite, sql, &rows->statement, &rows->id);
    if (rows->id != SIZE_MAX) {
        lite->slots[rows->id].taken = true;
    }
    if (!bg_failed(err) && args->columns > 0 && args->rows > 0) {
        err = keep_keys(rows, args);
    }
    if (!bg_failed(err) && args->rows > 0) {
        int rc = bind_row(rows->statement, rows->keys, args->columns, SQLITE_STATIC);
        err = rc == SQLITE_OK ? BG_DONE : lite_error(lite, rc, rows->what);
    }
    if (bg_failed(err)) {
        lite_done(&rows->base);
        return err;
    }
    *ret = &rows->base;
    return BG_DONE;
}

bg_err lite_next(struct store_rows *base, bool *ret_more)
{
    struct lite_rows *rows = rows_of(base);
    struct lite *lite = lite_of(base->tx);
    while (rows->key < rows->key_count) {
        int rc = sqlite3_step(rows->statement);
        if (rc == SQLITE_ROW) {
            *ret_more = true;
            return BG_DONE;
        }
        (void)sqlite3_reset(rows->statement);
        if (rc == SQLITE_DONE) {
            rows->key++;
            rc = rows->key == rows->key_count
                     ? SQLITE_OK
                     : bind_row(rows->statement, rows->keys + rows->key * rows->columns, rows->columns, SQLITE_STATIC);
        }
        if (rc != SQLITE_OK) {
            rows->key = rows->key_count;
            return lite_error(lite, rc, rows->what);
        }
    }
    *ret_more = false;
    return BG_DONE;
}

size_t lite_key(const struct store_rows *rows)
{
    return rows_of_const(rows)->key;
}

int64_t lite_int(const struct store_rows *rows, int column)
{
    return sqlite3_column_int64(rows_of_const(rows)->statement, column);
}

bg_str lite_text(const struct store_rows *rows, int column)
{
    sqlite3_stmt *statement = rows_of_const(rows)->statement;
    const void *at = sqlite3_column_blob(statement, column); /* turns a number into its text */
    int len = sqlite3_column_bytes(statement, column);
    return at != NULL ? (bg_str){ at, (size_t)len } : BG_STR("");
}

bool lite_is_null(const struct store_rows *rows, int column)
{
    return sqlite3_column_type(rows_of_const(rows)->statement, column) == SQLITE_NULL;
}

int lite_prepare(struct store_tx *tx, const struct sql_statement *statement, const char **ret_message)
{
    struct lite *lite = lite_of(tx);
    sqlite3_stmt *prepared = NULL;
    if (sqlite3_prepare_v3(lite->db, statement->sqlite, -1, 0, &prepared, NULL) != SQLITE_OK) {
        *ret_message = sqlite3_errmsg(lite->db);
        return -1;
    }
    int params = sqlite3_bind_parameter_count(prepared);
    (void)sqlite3_finalize(prepared);
    return params;
}
