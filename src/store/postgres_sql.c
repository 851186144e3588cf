/* Statements on PostgreSQL: those of the catalogue are prepared by name once a connection; results come whole, in binary. */
#include <assert.h>

#include "store/postgres.h"

#define PIPELINE_MAX 256

struct pg_rows {
    struct store_rows base; /* first */
    PGresult *result;       /* NULL: nothing was asked */
    int row, count;
    int skip; /* 1: the first column is the key's number */
    char (*numbers)[24];
    int numbers_room;
};

static struct pg_rows *rows_of(struct store_rows *rows)
{
    return (struct pg_rows *)(void *)rows;
}
static const struct pg_rows *rows_of_const(const struct store_rows *rows)
{
    return (const struct pg_rows *)(const void *)rows;
}

static bool succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

static int64_t changed_by(PGresult *result)
{
    int64_t changed = 0;
    (void)bg_str_int(bg_str_of(PQcmdTuples(result)), &changed);
    return changed;
}

/* --- preparing --- */

void pg_forget_statements(struct pg *pg)
{
    for (size_t i = 0; pg->slots != NULL && i < pg->tx.store->catalogue->statement_count; i++) {
        bg_heap_free(pg->slots[i]);
        pg->slots[i] = NULL;
    }
}

/* Prepares `text` under `name` and asks which types the server found for its parameters. */
static bg_err prepare(struct pg *pg, const char *name, const char *text, struct pg_slot **ret)
{
    PGresult *result = PQprepare(pg->link, name, text, 0, NULL);
    if (!succeeded(result)) {
        return pg_error(pg, result, *name != '\0' ? name : text);
    }
    PQclear(result);
    result = PQdescribePrepared(pg->link, name);
    if (!succeeded(result)) {
        return pg_error(pg, result, *name != '\0' ? name : text);
    }
    int params = PQnparams(result);
    struct pg_slot *slot = bg_heap_get(sizeof *slot + sizeof(Oid) * (size_t)params);
    for (int i = 0; slot != NULL && i < params; i++) {
        slot->types[i] = PQparamtype(result, i);
    }
    PQclear(result);
    BG_TRY(bg_need(slot));
    slot->params = params;
    *ret = slot;
    return BG_DONE;
}

static bg_err get_slot(struct pg *pg, const struct sql_statement *statement, const struct pg_slot **ret)
{
    size_t id = (size_t)(statement - pg->tx.store->catalogue->statements);
    if (pg->slots[id] == NULL) {
        BG_TRY(prepare(pg, statement->name, statement->postgres, &pg->slots[id]));
        assert(pg->slots[id]->params == statement->params);
    }
    *ret = pg->slots[id];
    return BG_DONE;
}

int pg_prepare(struct store_tx *tx, const struct sql_statement *statement, const char **ret_message)
{
    struct pg *pg = pg_of(tx);
    struct pg_slot *slot = NULL;
    if (bg_failed(prepare(pg, "", statement->postgres, &slot))) {
        *ret_message = PQerrorMessage(pg->link);
        return -1;
    }
    int params = slot->params;
    bg_heap_free(slot);
    return params;
}

/* Text with ?n, as SQLite has it, into text with $n; quoted parts stay. */
static bg_err to_dollars(struct pg *pg, const char *sql)
{
    char quote = '\0';
    bg_buf_clear(&pg->text);
    for (; *sql != '\0'; sql++) {
        if (quote != '\0') {
            quote = *sql == quote ? '\0' : quote;
        } else if (*sql == '\'' || *sql == '"') {
            quote = *sql;
        } else if (*sql == '?') {
            bg_buf_byte(&pg->text, '$');
            continue;
        }
        bg_buf_byte(&pg->text, *sql);
    }
    bg_buf_byte(&pg->text, '\0');
    return bg_buf_check(&pg->text);
}

/* --- running --- */

static bg_err encode(struct pg *pg, const struct sql_statement *statement, const struct pg_slot *slot, const struct store_args *args)
{
    return statement != NULL && statement->arrays ? pg_encode_arrays(pg, slot->types, args)
                                                  : pg_encode_row(pg, slot->types, args->values, args->columns);
}

static PGresult *execute(struct pg *pg, const char *name, size_t columns)
{
    return PQexecPrepared(pg->link, name, (int)columns, columns > 0 ? pg->values : NULL, columns > 0 ? pg->lengths : NULL,
                          columns > 0 ? pg->formats : NULL, 1);
}

/* One statement of the catalogue or of text, with its parameters; the result is the caller's. */
static bg_err ask(struct pg *pg, const struct store_sql *sql, const struct store_args *args, PGresult **ret)
{
    bg_err err;
    PGresult *result = NULL;
    if (sql->named != NULL) {
        const struct pg_slot *slot;
        BG_TRY(get_slot(pg, sql->named, &slot));
        BG_TRY(encode(pg, sql->named, slot, args));
        result = execute(pg, sql->named->name, args->columns);
    } else {
        struct pg_slot *slot = NULL;
        BG_TRY(to_dollars(pg, sql->text));
        BG_TRY(prepare(pg, "", pg->text.at, &slot));
        err = encode(pg, NULL, slot, args);
        bg_heap_free(slot);
        BG_TRY(err);
        result = execute(pg, "", args->columns);
    }
    if (!succeeded(result)) {
        return pg_error(pg, result, sql->named != NULL ? sql->named->name : sql->text);
    }
    *ret = result;
    return BG_DONE;
}

/* Takes the results of a pipeline up to its sync; the first failure is the answer. */
static bg_err end_pipeline(struct pg *pg, const char *what, size_t sent, int64_t *changed)
{
    bg_err err = PQpipelineSync(pg->link) == 1 ? BG_DONE : pg_error(pg, NULL, what);
    for (size_t i = 0; i < sent && !pg->tx.lost; i++) {
        PGresult *result = PQgetResult(pg->link);
        if (result == NULL) {
            return pg_error(pg, NULL, what);
        }
        if (succeeded(result)) {
            *changed += changed_by(result);
            PQclear(result);
        } else if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED || bg_failed(err)) {
            PQclear(result);
        } else {
            err = pg_error(pg, result, what);
        }
        PQclear(PQgetResult(pg->link)); /* the NULL between two results */
    }
    for (PGresult *result; !pg->tx.lost && (result = PQgetResult(pg->link)) != NULL;) {
        bool sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
        if (sync) {
            break;
        }
    }
    return err;
}

/* Many rows of a statement that takes one: sent without waiting for each answer. */
static bg_err run_pipeline(struct pg *pg, const struct sql_statement *statement, const struct store_args *args, int64_t *ret_changed)
{
    const struct pg_slot *slot;
    bg_err err = BG_DONE;
    BG_TRY(get_slot(pg, statement, &slot));
    if (PQenterPipelineMode(pg->link) != 1) {
        return pg_error(pg, NULL, statement->name);
    }
    for (size_t row = 0; row < args->rows && !bg_failed(err);) {
        size_t sent = 0;
        for (; row < args->rows && sent < PIPELINE_MAX && !bg_failed(err); row++) {
            err = pg_encode_row(pg, slot->types, args->values + row * args->columns, args->columns);
            if (!bg_failed(err) && PQsendQueryPrepared(pg->link, statement->name, (int)args->columns, pg->values, pg->lengths, pg->formats,
                                                       1) != 1) {
                err = pg_error(pg, NULL, statement->name);
            }
            sent += !bg_failed(err);
        }
        bg_err ended = end_pipeline(pg, statement->name, sent, ret_changed);
        err = bg_failed(err) ? err : ended;
    }
    if (PQexitPipelineMode(pg->link) != 1 && !bg_failed(err)) {
        err = pg_error(pg, NULL, statement->name);
    }
    return err;
}

bg_err pg_run(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, int64_t *ret_changed)
{
    struct pg *pg = pg_of(tx);
    PGresult *result = NULL;
    if (sql->named != NULL && args->rows > 1 && !sql->named->arrays) {
        return run_pipeline(pg, sql->named, args, ret_changed);
    }
    if (sql->named == NULL && args->columns == 0) {
        result = PQexec(pg->link, sql->text); /* perhaps several statements */
        if (!succeeded(result)) {
            return pg_error(pg, result, sql->text);
        }
    } else {
        BG_TRY(ask(pg, sql, args, &result));
    }
    *ret_changed = changed_by(result);
    PQclear(result);
    return BG_DONE;
}

/* --- results --- */

void pg_done(struct store_rows *base)
{
    struct pg_rows *rows = rows_of(base);
    struct store_rows **link = &base->tx->open;
    while (*link != base) {
        link = &(*link)->next;
    }
    *link = base->next;
    PQclear(rows->result);
    rows->result = NULL;
    base->live = false;
    base->next = base->tx->spare;
    base->tx->spare = base;
}

void pg_free_rows(struct pg *pg)
{
    while (pg->tx.open != NULL) {
        pg_done(pg->tx.open);
    }
    for (struct store_rows *rows = pg->tx.spare, *next; rows != NULL; rows = next) {
        next = rows->next;
        bg_heap_free(rows_of(rows)->numbers);
        bg_heap_free(rows);
    }
    pg->tx.spare = NULL;
}

static struct pg_rows *get_rows(struct pg *pg)
{
    struct pg_rows *rows = rows_of(pg->tx.spare);
    if (rows != NULL) {
        pg->tx.spare = rows->base.next;
    } else {
        rows = bg_heap_get(sizeof *rows);
    }
    if (rows != NULL) {
        rows->base = (struct store_rows){ .tx = &pg->tx, .next = pg->tx.open, .live = true };
        pg->tx.open = &rows->base;
        rows->row = -1;
        rows->count = rows->skip = 0;
    }
    return rows;
}

static bg_err make_room(struct pg_rows *rows)
{
    int columns = PQnfields(rows->result);
    if (columns > rows->numbers_room) {
        void *more = bg_heap_resize(rows->numbers, (size_t)columns * sizeof *rows->numbers);
        BG_TRY(bg_need(more));
        rows->numbers = more;
        rows->numbers_room = columns;
    }
    return BG_DONE;
}

bg_err pg_query(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, struct store_rows **ret)
{
    struct pg *pg = pg_of(tx);
    struct pg_rows *rows = get_rows(pg);
    BG_TRY(bg_need(rows));
    bg_err err = args->rows > 0 ? ask(pg, sql, args, &rows->result) : BG_DONE;
    if (!bg_failed(err) && rows->result != NULL) {
        rows->skip = sql->named != NULL && sql->named->arrays;
        rows->count = PQntuples(rows->result);
        err = make_room(rows);
    }
    if (bg_failed(err)) {
        pg_done(&rows->base);
        return err;
    }
    *ret = &rows->base;
    return BG_DONE;
}

bg_err pg_next(struct store_rows *base, bool *ret_more)
{
    struct pg_rows *rows = rows_of(base);
    rows->row += rows->row < rows->count;
    *ret_more = rows->row < rows->count;
    return BG_DONE;
}

static int64_t int_at(const struct pg_rows *rows, int at)
{
    return pg_decode_int(PQftype(rows->result, at), PQgetvalue(rows->result, rows->row, at), PQgetlength(rows->result, rows->row, at));
}

size_t pg_key(const struct store_rows *base)
{
    const struct pg_rows *rows = rows_of_const(base);
    return rows->skip == 0 ? 0 : (size_t)int_at(rows, 0) - 1;
}

int64_t pg_int(const struct store_rows *base, int column)
{
    const struct pg_rows *rows = rows_of_const(base);
    int at = column + rows->skip;
    return PQgetisnull(rows->result, rows->row, at) ? 0 : int_at(rows, at);
}

bg_str pg_text(const struct store_rows *base, int column)
{
    const struct pg_rows *rows = rows_of_const(base);
    int at = column + rows->skip;
    return pg_decode_text(PQftype(rows->result, at), PQgetvalue(rows->result, rows->row, at), PQgetlength(rows->result, rows->row, at),
                          rows->numbers[at]);
}

bool pg_is_null(const struct store_rows *base, int column)
{
    const struct pg_rows *rows = rows_of_const(base);
    return PQgetisnull(rows->result, rows->row, column + rows->skip) == 1;
}
