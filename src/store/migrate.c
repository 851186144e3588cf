/* The schema: which migrations were applied, each with a checksum, and applying those that are missing, all in one transaction, so that an
 * upgrade is there whole or not at all. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "store/backend.h"

#define HASH_TEXT 65

static const char schema_sqlite[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ( -- the migrations applied to this database\n"
    "    module TEXT NOT NULL, -- module of the program\n"
    "    number INTEGER NOT NULL, -- its number within the module\n"
    "    name TEXT NOT NULL, -- its name\n"
    "    sha256 TEXT NOT NULL, -- of its text without comments and blanks\n"
    "    applied_at INTEGER NOT NULL, -- milliseconds since 1970, UTC\n"
    "    PRIMARY KEY (module, number)\n"
    ") STRICT, WITHOUT ROWID";

static const char schema_postgres[] =
    "CREATE TABLE IF NOT EXISTS schema_migration (module TEXT COLLATE \"C\" NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL,"
    " sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (module, number));"
    "LOCK TABLE schema_migration IN EXCLUSIVE MODE;" /* several servers may start at once; the others wait here */
    "COMMENT ON TABLE schema_migration IS 'the migrations applied to this database';"
    "COMMENT ON COLUMN schema_migration.module IS 'module of the program';"
    "COMMENT ON COLUMN schema_migration.number IS 'its number within the module';"
    "COMMENT ON COLUMN schema_migration.name IS 'its name';"
    "COMMENT ON COLUMN schema_migration.sha256 IS 'of its text without comments and blanks';"
    "COMMENT ON COLUMN schema_migration.applied_at IS 'milliseconds since 1970, UTC'";

static bg_err hash_text(const char *text, char out[HASH_TEXT])
{
    unsigned char digest[32];
    bg_str s = bg_str_of(text);
    if (EVP_Digest(s.at, s.len, digest, NULL, EVP_sha256(), NULL) != 1) {
        return BG_FAIL(BG_INTERNAL);
    }
    for (size_t i = 0; i < sizeof digest; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
    return BG_DONE;
}

bool store_append_only(const struct sql_catalogue *catalogue, const char *table)
{
    size_t len = bg_str_of(table).len;
    for (size_t i = 0; i < catalogue->migration_count; i++) {
        for (const char *at = catalogue->migrations[i].append_only; *at != '\0'; at += *at == ' ') {
            size_t word = strcspn(at, " ");
            if (word == len && memcmp(at, table, len) == 0) {
                return true;
            }
            at += word;
        }
    }
    return false;
}

static const struct sql_migration *find_migration(const struct sql_catalogue *catalogue, bg_str module, int64_t number)
{
    for (size_t i = 0; i < catalogue->migration_count; i++) {
        if (catalogue->migrations[i].number == number && bg_str_is(module, catalogue->migrations[i].module)) {
            return &catalogue->migrations[i];
        }
    }
    return NULL;
}

/* Marks what is applied; BG_STORE_FUTURE for one we do not know, BG_STORE_FOREIGN for one that reads otherwise here. */
static bg_err read_applied(struct store_tx *tx, bool *applied)
{
    const struct sql_catalogue *catalogue = tx->store->catalogue;
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query_text(tx, "SELECT module, number, sha256 FROM schema_migration ORDER BY module, number", NO_ARGS, &rows));
    for (bool more;;) {
        char hash[HASH_TEXT];
        BG_TRY(store_next(rows, &more));
        if (!more) {
            return BG_DONE;
        }
        const struct sql_migration *migration = find_migration(catalogue, store_text(rows, 0), store_int(rows, 1));
        if (migration == NULL) {
            return BG_FAIL_AT(BG_STORE_FUTURE, "db");
        }
        BG_TRY(hash_text(migration->source, hash));
        if (!bg_str_is(store_text(rows, 2), hash)) {
            store_log(tx->store, BG_ALERT, "store.migration", migration->name, "an applied migration reads otherwise in this program");
            return BG_FAIL_AT(BG_STORE_FOREIGN, "db");
        }
        applied[migration - catalogue->migrations] = true;
    }
}

static bg_err apply(struct store_tx *tx, const struct sql_migration *migration)
{
    bool postgres = store_is_postgres(tx->store);
    char hash[HASH_TEXT];
    BG_TRY(hash_text(migration->source, hash));
    const char *text = postgres ? migration->postgres : migration->sqlite;
    if (*text != '\0') {
        bg_err err = store_run_text(tx, text, NO_ARGS, NULL);
        if (bg_failed(err)) {
            store_log(tx->store, BG_ALERT, "store.migration", migration->module, migration->name);
            return err;
        }
    }
    return store_run_text(tx, "INSERT INTO schema_migration (module, number, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                          ARGS(V_TEXT(bg_str_of(migration->module)), V_INT(migration->number), V_TEXT(bg_str_of(migration->name)),
                               V_TEXT(bg_str_of(hash)), V_INT(bg_now(tx->store->opts.env))),
                          NULL);
}

static bg_err migrate(struct store_tx *tx, bool *applied)
{
    const struct sql_catalogue *catalogue = tx->store->catalogue;
    BG_TRY(store_run_text(tx, store_is_postgres(tx->store) ? schema_postgres : schema_sqlite, NO_ARGS, NULL));
    BG_TRY(read_applied(tx, applied));
    for (size_t i = 0; i < catalogue->migration_count; i++) {
        if (!applied[i]) {
            BG_TRY(apply(tx, &catalogue->migrations[i]));
        }
    }
    return tx->store->backend->migrated(tx);
}

bg_err store_migrate(struct store_tx *tx)
{
    const struct backend *backend = tx->store->backend;
    bool *applied = bg_heap_get(tx->store->catalogue->migration_count + 1);
    BG_TRY(bg_need(applied));
    bg_err err = BG_DONE;
    for (int attempt = 0; attempt < STORE_RETRIES; attempt++) {
        tx->err = BG_DONE;
        tx->soft = tx->lost = false;
        err = backend->begin(tx, false);
        if (!bg_failed(err)) {
            err = migrate(tx, applied);
            err = bg_failed(err) ? err : backend->commit(tx);
            if (bg_failed(err)) {
                backend->rollback(tx);
            }
        }
        if (err.code != BG_CONFLICT || !store_is_postgres(tx->store)) {
            break; /* else another server has just made the first table: look again */
        }
    }
    bg_heap_free(applied);
    tx->err = BG_DONE;
    return err;
}

/* Whether anything was ever applied here. */
static bg_err find_table(struct store_tx *tx, bool *ret_found)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    const char *sql = store_is_postgres(tx->store)
                          ? "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migration'"
                          : "SELECT 1 FROM sqlite_schema WHERE name = 'schema_migration'";
    BG_TRY(store_query_text(tx, sql, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    *ret_found = more;
    return BG_DONE;
}

bg_err store_migrate_check(struct store_tx *tx)
{
    bool found;
    BG_TRY(find_table(tx, &found));
    if (!found) {
        return BG_FAIL_AT(BG_STORE_OLD, "db");
    }
    size_t count = tx->store->catalogue->migration_count;
    bool *applied = bg_heap_get(count + 1);
    BG_TRY(bg_need(applied));
    bg_err err = read_applied(tx, applied);
    for (size_t i = 0; i < count && !bg_failed(err); i++) {
        err = applied[i] ? err : BG_FAIL_AT(BG_STORE_OLD, "db");
    }
    bg_heap_free(applied);
    tx->err = BG_DONE;
    return err;
}
