/* The PostgreSQL engine: connections, roles, transactions. The address's user owns the tables and runs the migrations; everything else is
 * done as baogong_app, which may not change or delete rows of tables that only grow. */
#include "store/postgres.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define WIRE_MAX (256u << 20)

/* --- errors --- */

static bool in_class(const char *state, const char *class)
{
    return memcmp(state, class, 2) == 0;
}

static enum bg_code code_of(const char *state)
{
    static const struct {
        const char state[6];
        enum bg_code code;
    } known[] = {
        { "23505", BG_CONFLICT },   { "23514", BG_STORE_CHECK }, { "23502", BG_STORE_CHECK }, { "23503", BG_STORE_CHECK },
        { "42501", BG_STORE_CHECK }, /* a row of a table that may only grow */
        { "40001", BG_BUSY },       { "40P01", BG_BUSY },        { "57014", BG_STORE_SLOW },  { "53100", BG_STORE_FULL },
        { "53200", BG_NO_MEMORY },  { "54000", BG_TOO_LARGE },   { "22003", BG_QTY_RANGE },   { "22021", BG_BAD_UTF8 },
        { "XX001", BG_STORE_DAMAGED }, { "XX002", BG_STORE_DAMAGED },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strncmp(state, known[i].state, 5) == 0) {
            return known[i].code;
        }
    }
    return BG_STORE_FAILED;
}

bg_err pg_error(struct pg *pg, PGresult *result, const char *what)
{
    const char *field = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    char state[6] = "";
    enum bg_code code;
    if (field != NULL) {
        (void)snprintf(state, sizeof state, "%s", field);
    }
    /* A failure without a state was made by libpq, not told by the server: the link broke, though its status may not say so yet. */
    pg->dead |= PQstatus(pg->link) != CONNECTION_OK || field == NULL || in_class(state, "08") || strncmp(state, "57P", 3) == 0;
    bool standby = strcmp(state, "25006") == 0 && pg->who != PG_READER; /* the primary moved away from under us */
    if (pg->dead || standby || strcmp(state, "53300") == 0) {
        code = BG_BUSY;
        pg->tx.lost = true;
        if (standby) {
            pg_drop(pg);
        }
    } else {
        code = code_of(state);
        pg->tx.soft |= code == BG_BUSY;
    }
    if (code != BG_CONFLICT && code != BG_STORE_SLOW && !pg->tx.soft) {
        store_log(pg->tx.store, code == BG_STORE_CHECK ? BG_INFO : BG_WARN, "store.error", what,
                  result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(pg->link));
    }
    PQclear(result);
    return BG_FAIL(code);
}

bg_err pg_exec(struct pg *pg, const char *sql)
{
    PGresult *result = PQexec(pg->link, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        return pg_error(pg, result, sql);
    }
    PQclear(result);
    return BG_DONE;
}

/* First column of the first row as text; empty when there is no row or it is NULL. `room` is cut to its size. */
static bg_err ask_text(struct pg *pg, const char *sql, char *room, size_t size)
{
    PGresult *result = PQexec(pg->link, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        return pg_error(pg, result, sql);
    }
    (void)snprintf(room, size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return BG_DONE;
}

/* --- connections --- */

static void ignore_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static bg_err greet(struct pg *pg)
{
    if (PQserverVersion(pg->link) < 150000) {
        store_log(pg->tx.store, BG_ALERT, "store.open", "version", "PostgreSQL 15 or newer is needed");
        return BG_FAIL_AT(BG_STORE_UNSUPPORTED, "db");
    }
    const char *encoding = PQparameterStatus(pg->link, "server_encoding");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
        store_log(pg->tx.store, BG_ALERT, "store.open", "encoding", "the database is not in UTF8");
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    BG_TRY(pg_exec(pg, "SET client_min_messages = warning; SET timezone = 'UTC'"));
    if (pg->who != PG_OWNER && bg_failed(pg_exec(pg, "SET ROLE " PG_ROLE))) {
        store_log(pg->tx.store, BG_ALERT, "store.open", PG_ROLE,
                  "the address's user cannot take this role: CREATE ROLE " PG_ROLE " NOLOGIN; GRANT " PG_ROLE " TO the user");
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    return BG_DONE;
}

void pg_drop(struct pg *pg)
{
    PQfinish(pg->link);
    pg->link = NULL;
    pg->dead = false;
    pg_forget_statements(pg);
}

/* Connects anew. While the server is away a new try is made no more often than every quarter of a second. */
static bg_err connect_link(struct pg *pg)
{
    const struct bg_env *env = pg->tx.store->opts.env;
    int64_t now = env->monotonic_us(env->ctx);
    if (now < pg->away_until_us) {
        return BG_FAIL(BG_BUSY);
    }
    pg_drop(pg);
    /* what comes first can be set otherwise in the address, what comes last cannot */
    const char *keys[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
                           "fallback_application_name", "dbname", "client_encoding", NULL };
    const char *values[] = { "5", "10000", "5", "2", "3", "baogong", pg->tx.store->opts.address, "UTF8", NULL };
    pg->link = PQconnectdbParams(keys, values, 1);
    if (PQstatus(pg->link) != CONNECTION_OK) {
        store_log(pg->tx.store, BG_WARN, "store.connect", "postgresql", PQerrorMessage(pg->link));
        pg->away_until_us = env->monotonic_us(env->ctx) + PG_AWAY_US;
        return BG_FAIL(BG_BUSY);
    }
    (void)PQsetNoticeReceiver(pg->link, ignore_notice, NULL);
    bg_err err = greet(pg);
    if (bg_failed(err)) {
        pg_drop(pg);
    }
    return err;
}

static void pg_close(struct pg *pg)
{
    if (pg != NULL) {
        pg_free_rows(pg);
        pg_drop(pg);
        bg_buf_done(&pg->wire);
        bg_buf_done(&pg->text);
        bg_heap_free(pg->slots);
        bg_heap_free(pg);
    }
}

static bg_err pg_connect(struct store *store, enum pg_who who, struct pg **ret)
{
    struct pg *pg = bg_heap_get(sizeof *pg);
    BG_TRY(bg_need(pg));
    pg->tx.store = store;
    pg->who = who;
    pg->wire = bg_buf_init(WIRE_MAX);
    pg->text = bg_buf_init(1 << 20);
    pg->slots = bg_heap_get(sizeof *pg->slots * (store->catalogue->statement_count + 1));
    bg_err err = pg->slots == NULL ? BG_FAIL(BG_NO_MEMORY) : connect_link(pg);
    if (bg_failed(err)) {
        pg_close(pg);
        return err;
    }
    *ret = pg;
    return BG_DONE;
}

/* --- owner and application --- */

/* Makes the first schema of the search path when none of it is there yet. */
static bg_err make_schema(struct pg *pg)
{
    char words[256], path[128];
    BG_TRY(ask_text(pg, "SELECT current_schema()", path, sizeof path));
    if (*path != '\0') {
        return BG_DONE;
    }
    BG_TRY(ask_text(pg,
                    "SELECT quote_ident(CASE WHEN p LIKE '\"%' THEN trim(both '\"' from p) ELSE lower(p) END)"
                    " FROM trim(split_part(current_setting('search_path'), ',', 1)) AS p",
                    path, sizeof path));
    (void)snprintf(words, sizeof words, "CREATE SCHEMA IF NOT EXISTS %s", path);
    bg_ignore(pg_exec(pg, words)); /* another server may be making it at this moment */
    BG_TRY(ask_text(pg, "SELECT current_schema()", path, sizeof path));
    return *path != '\0' ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "db");
}

/* The role of the application, made by whoever comes first. */
static bg_err make_role(struct pg *pg)
{
    char found[8];
    static const char member[] = "SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = '" PG_ROLE "'";
    BG_TRY(ask_text(pg, member, found, sizeof found));
    if (*found == '\0') {
        bg_ignore(pg_exec(pg, "CREATE ROLE " PG_ROLE " NOLOGIN")); /* another server may be making it at this moment */
        BG_TRY(ask_text(pg, member, found, sizeof found));
    }
    if (*found == 'f') {
        bg_ignore(pg_exec(pg, "GRANT " PG_ROLE " TO CURRENT_USER"));
        BG_TRY(ask_text(pg, member, found, sizeof found));
    }
    if (*found != 't') {
        store_log(pg->tx.store, BG_ALERT, "store.open", PG_ROLE,
                  "the address's user may not make this role: CREATE ROLE " PG_ROLE " NOLOGIN; GRANT " PG_ROLE " TO the user");
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    return BG_DONE;
}

/* A later migration may have dropped it. */
static bg_err has_table(struct pg *pg, bg_str table, bool *ret)
{
    char words[256], found[8];
    (void)snprintf(words, sizeof words, "SELECT to_regclass('%.*s') IS NOT NULL", BG_STR_FMT(table));
    BG_TRY(ask_text(pg, words, found, sizeof found));
    *ret = *found == 't';
    return BG_DONE;
}

static bg_err postgres_migrated(struct store_tx *tx)
{
    struct pg *pg = pg_of(tx);
    const struct sql_catalogue *catalogue = tx->store->catalogue;
    char schema[128], words[512];
    BG_TRY(ask_text(pg, "SELECT quote_ident(current_schema())", schema, sizeof schema));
    (void)snprintf(words, sizeof words,
                   "GRANT USAGE ON SCHEMA %s TO " PG_ROLE "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO " PG_ROLE
                   "; REVOKE INSERT, UPDATE, DELETE ON schema_migration FROM " PG_ROLE,
                   schema, schema);
    BG_TRY(pg_exec(pg, words));
    for (size_t i = 0; i < catalogue->migration_count; i++) {
        for (const char *at = catalogue->migrations[i].append_only; *at != '\0'; at += *at == ' ') {
            bg_str table = { at, strcspn(at, " ") };
            bool found;
            BG_TRY(has_table(pg, table, &found));
            (void)snprintf(words, sizeof words, "REVOKE UPDATE, DELETE ON %.*s FROM " PG_ROLE, BG_STR_FMT(table));
            BG_TRY(found ? pg_exec(pg, words) : BG_DONE);
            at += table.len;
        }
    }
    return BG_DONE;
}

static bg_err prepare_schema(struct pg *pg)
{
    struct store *store = pg->tx.store;
    const char *version = PQparameterStatus(pg->link, "server_version");
    bg_str number = bg_str_of(version);
    number = bg_str_cut(number, 0, bg_str_find(number, ' '));
    (void)snprintf(store->engine, sizeof store->engine, "PostgreSQL %.*s", BG_STR_FMT(number));
    if (store->opts.read_only || store->opts.no_migrate) {
        return store_migrate_check(&pg->tx);
    }
    BG_TRY(make_schema(pg));
    BG_TRY(make_role(pg));
    return store_migrate(&pg->tx);
}

static bg_err postgres_open(struct store *store)
{
    struct pg *owner;
    bg_err err = pg_connect(store, PG_OWNER, &owner);
    if (bg_failed(err)) {
        return err.code == BG_BUSY ? BG_FAIL_AT(BG_STORE_OPEN, "db") : err;
    }
    err = prepare_schema(owner);
    pg_close(owner);
    return err;
}

static void postgres_close(struct store *store)
{
    (void)store;
}

static bg_err postgres_lane_open(struct store *store, struct store_tx **ret)
{
    struct pg *pg;
    BG_TRY(pg_connect(store, PG_WRITER, &pg));
    *ret = &pg->tx;
    return BG_DONE;
}

static bg_err postgres_reader_open(struct store *store, struct store_tx **ret)
{
    struct pg *pg;
    BG_TRY(pg_connect(store, PG_READER, &pg));
    *ret = &pg->tx;
    return BG_DONE;
}

static void postgres_tx_close(struct store_tx *tx)
{
    pg_close(pg_of(tx));
}

/* --- transactions --- */

/* Begins; a connection that turns out dead is made anew, once. */
static bg_err begin_on_live_link(struct pg *pg, const char *words)
{
    bg_err err = BG_FAIL(BG_BUSY);
    for (int attempt = 0; attempt < 2; attempt++) {
        if (pg->link == NULL || pg->dead || PQstatus(pg->link) != CONNECTION_OK) {
            BG_TRY(connect_link(pg));
        }
        pg->tx.lost = false;
        err = pg_exec(pg, words);
        if (!bg_failed(err) || !pg->tx.lost) {
            break;
        }
    }
    return err;
}

static bg_err postgres_begin(struct store_tx *tx, bool rare)
{
    struct pg *pg = pg_of(tx);
    bg_err err = begin_on_live_link(pg, rare ? "BEGIN ISOLATION LEVEL SERIALIZABLE" : "BEGIN ISOLATION LEVEL READ COMMITTED");
    tx->writes = !bg_failed(err);
    return err;
}

/* A connection that breaks while committing leaves it unknown whether the commit happened: the caller hears "busy" and asks again with the
 * same operation id. */
static bg_err postgres_commit(struct store_tx *tx)
{
    struct pg *pg = pg_of(tx);
    PGresult *result = PQexec(pg->link, "COMMIT");
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        return pg_error(pg, result, "COMMIT");
    }
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0; /* not "ROLLBACK" */
    PQclear(result);
    tx->writes = false;
    return committed ? BG_DONE : BG_FAIL(BG_STORE_FAILED);
}

static void postgres_rollback(struct store_tx *tx)
{
    struct pg *pg = pg_of(tx);
    tx->writes = false;
    if (pg->link != NULL && !pg->dead && PQstatus(pg->link) == CONNECTION_OK && PQtransactionStatus(pg->link) != PQTRANS_IDLE) {
        bg_ignore(pg_exec(pg, "ROLLBACK"));
    }
}

static bg_err postgres_mark(struct store_tx *tx)
{
    return pg_exec(pg_of(tx), "SAVEPOINT mark");
}

static bg_err postgres_unmark(struct store_tx *tx)
{
    return pg_exec(pg_of(tx), "RELEASE SAVEPOINT mark");
}

static bg_err postgres_undo(struct store_tx *tx)
{
    BG_TRY(pg_exec(pg_of(tx), "ROLLBACK TO SAVEPOINT mark; RELEASE SAVEPOINT mark"));
    tx->err = BG_DONE;
    return BG_DONE;
}

static bg_err postgres_read_begin(struct store_tx *tx, int budget_ms)
{
    char words[160] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    if (budget_ms > 0) {
        (void)snprintf(words, sizeof words, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = %d", budget_ms);
    }
    return begin_on_live_link(pg_of(tx), words);
}

static void postgres_boundary(struct store_tx *tx, bool idle)
{
    (void)tx;
    (void)idle;
}

/* --- upkeep --- */

static void report(struct bg_buf *out, const char *check, bg_str table, const char *detail)
{
    bg_json_object(out);
    bg_json_put_str(out, "check", bg_str_of(check));
    bg_json_put_str(out, "table", table);
    bg_json_put_str(out, "detail", bg_str_of(detail));
    bg_json_object_end(out);
}

/* The application may not change what only grows. */
static bg_err check_rights(struct pg *pg, struct bg_buf *out, bool *ok)
{
    const struct sql_catalogue *catalogue = pg->tx.store->catalogue;
    char words[512], answer[8];
    for (size_t i = 0; i < catalogue->migration_count; i++) {
        for (const char *at = catalogue->migrations[i].append_only; *at != '\0'; at += *at == ' ') {
            bg_str table = { at, strcspn(at, " ") };
            bool found;
            BG_TRY(has_table(pg, table, &found));
            (void)snprintf(words, sizeof words, "SELECT has_table_privilege('" PG_ROLE "', '%.*s', 'UPDATE, DELETE')", BG_STR_FMT(table));
            BG_TRY(found ? ask_text(pg, words, answer, sizeof answer) : BG_DONE);
            if (found && *answer == 't') {
                *ok = false;
                report(out, "append-only", table, "the application may change or delete its rows");
            }
            at += table.len;
        }
    }
    return BG_DONE;
}

static bg_err postgres_check(struct store *store, bool thorough, struct bg_buf *out, bool *ret_ok)
{
    (void)thorough; /* pages are PostgreSQL's own care: data checksums, pg_amcheck */
    struct pg *pg;
    bool ok = true;
    if (bg_failed(pg_connect(store, PG_READER, &pg))) {
        *ret_ok = false;
        report(out, "reachable", BG_STR(""), "the server does not answer");
        return bg_buf_check(out);
    }
    bg_err err = BG_DONE;
    if (bg_failed(store_migrate_check(&pg->tx))) {
        ok = false;
        report(out, "schema", BG_STR("schema_migration"), "the schema is not the one of this program");
    } else {
        err = check_rights(pg, out, &ok);
    }
    pg_close(pg);
    BG_TRY(err);
    *ret_ok = ok;
    return bg_buf_check(out);
}

static bg_err postgres_backup(struct store *store, const char *path, struct store_position *ret_place)
{
    (void)store;
    (void)path;
    (void)ret_place;
    return BG_FAIL(BG_STORE_UNSUPPORTED);
}

static bg_err postgres_upkeep(struct store *store)
{
    (void)store; /* autovacuum does it */
    return BG_DONE;
}

static void postgres_sizes(struct store *store, struct store_stats *stats)
{
    (void)store;
    (void)stats;
}

const struct backend store_postgres = {
    .rare_alone = true,
    .open = postgres_open,
    .close = postgres_close,
    .lane_open = postgres_lane_open,
    .reader_open = postgres_reader_open,
    .tx_close = postgres_tx_close,
    .migrated = postgres_migrated,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .mark = postgres_mark,
    .unmark = postgres_unmark,
    .undo = postgres_undo,
    .boundary = postgres_boundary,
    .read_begin = postgres_read_begin,
    .read_end = postgres_rollback,
    .run = pg_run,
    .query = pg_query,
    .next = pg_next,
    .key = pg_key,
    .as_int = pg_int,
    .as_text = pg_text,
    .is_null = pg_is_null,
    .done = pg_done,
    .prepare = pg_prepare,
    .check = postgres_check,
    .backup = postgres_backup,
    .upkeep = postgres_upkeep,
    .sizes = postgres_sizes,
};
