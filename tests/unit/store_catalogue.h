/* Statements and migrations that the store's own tests bring: the product's schema holds nothing made for tests. */
#ifndef BG_TEST_STORE_CATALOGUE_H
#define BG_TEST_STORE_CATALOGUE_H

#include "store/catalogue.h"
#include "store/store.h"

enum test_sql { T_PUT, T_GET, T_FIND, T_ADD, T_ADD_MANY, T_SUM, T_LIST, T_ENTRY, T_UPSERT, T_SLOW, T_SAME, T_COUNT };
#define TSQL(id) ((enum sql_id)(id))

static const struct sql_statement test_statements[] = {
    [T_PUT] = { "put", "INSERT INTO thing (city, id, name, body, qty) VALUES (?1, ?2, ?3, ?4, ?5)",
                "INSERT INTO thing (city, id, name, body, qty)"
                " SELECT * FROM unnest($1::int8[], $2::int8[], $3::text[], $4::bytea[], $5::int8[])",
                5, true, true },
    [T_GET] = { "get", "SELECT name, body, qty, city FROM thing WHERE city = ?1 AND id = ?2",
                "SELECT name, body, qty, city FROM thing WHERE city = $1 AND id = $2", 2, false, false },
    [T_FIND] = { "find", "SELECT id, qty, name FROM thing WHERE city = ?1 AND (id = ?2 OR name = ?3) ORDER BY id",
                 "SELECT k.n, t.id, t.qty, t.name FROM unnest($1::int8[], $2::int8[], $3::text[]) WITH ORDINALITY AS k(city, id, name, n)"
                 " JOIN thing t ON t.city = k.city AND (t.id = k.id OR t.name = k.name) ORDER BY k.n, t.id",
                 3, true, true },
    [T_ADD] = { "add", "UPDATE thing SET qty = qty + ?3 WHERE city = ?1 AND id = ?2",
                "UPDATE thing SET qty = qty + $3 WHERE city = $1 AND id = $2", 3, false, false },
    [T_ADD_MANY] = { "add_many", "UPDATE thing SET qty = qty + ?3 WHERE city = ?1 AND id = ?2",
                     "UPDATE thing SET qty = qty + $3 WHERE city = $1 AND id = $2", 3, true, false },
    [T_SUM] = { "sum", "SELECT sum(qty), count(*), sum(qty) FROM thing WHERE city = ?1",
                "SELECT sum(qty), count(*), sum(qty) FROM thing WHERE city = $1", 1, false, false },
    [T_LIST] = { "list", "SELECT id, qty FROM thing WHERE city = ?1 ORDER BY id LIMIT ?2",
                 "SELECT id, qty FROM thing WHERE city = $1 ORDER BY id LIMIT $2", 2, false, false },
    [T_ENTRY] = { "entry", "INSERT INTO entry (city, id, words) VALUES (?1, ?2, ?3)",
                  "INSERT INTO entry (city, id, words) VALUES ($1, $2, $3)", 3, false, false },
    [T_UPSERT] = { "upsert",
                   "INSERT INTO thing (city, id, name, qty) VALUES (?1, ?2, ?3, ?4)"
                   " ON CONFLICT (city, id) DO UPDATE SET qty = thing.qty + excluded.qty RETURNING qty",
                   "INSERT INTO thing (city, id, name, qty) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (city, id) DO UPDATE SET qty = thing.qty + excluded.qty RETURNING qty",
                   4, false, false },
    [T_SLOW] = { "slow",
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT count(*) FROM n",
                 "WITH RECURSIVE n(i) AS (SELECT 1::int8 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT count(*) FROM n",
                 1, false, false },
    [T_SAME] = { "same", "SELECT CAST(?1 AS TEXT), CAST(?2 AS BIGINT)", "SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT)", 2, false, false },
};

static const struct sql_migration test_migrations[] = {
    { "base", 1, "things",
      "CREATE TABLE thing ( -- things\n city INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT UNIQUE, body BLOB,"
      " qty INTEGER NOT NULL CHECK (qty >= 0), PRIMARY KEY (city, id)) STRICT, WITHOUT ROWID;",
      "CREATE TABLE thing (city BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT COLLATE \"C\" UNIQUE, body BYTEA,"
      " qty BIGINT NOT NULL CHECK (qty >= 0), PRIMARY KEY (city, id)); COMMENT ON TABLE thing IS 'things';",
      "CREATE TABLE thing", "" },
    { "store", 1, "entries",
      "CREATE TABLE entry (city INTEGER NOT NULL, id INTEGER NOT NULL, words TEXT NOT NULL, PRIMARY KEY (city, id)) STRICT, WITHOUT ROWID;",
      "CREATE TABLE entry (city BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (city, id));",
      "CREATE TABLE entry", "other entry" },
    { "store", 2, "colour", "ALTER TABLE thing ADD COLUMN colour TEXT;", "ALTER TABLE thing ADD COLUMN colour TEXT;",
      "ALTER TABLE thing ADD COLUMN colour", "" },
    { "store", 3, "broken", "CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE half (a INTEGER) STRICT;",
      "CREATE TABLE half (a BIGINT); CREATE TABLE half (a BIGINT);", "CREATE TABLE half", "" },
};

static const struct sql_catalogue test_catalogue = { test_statements, T_COUNT, test_migrations, 2 };
static const struct sql_catalogue test_catalogue_next = { test_statements, T_COUNT, test_migrations, 3 };
static const struct sql_catalogue test_catalogue_broken = { test_statements, T_COUNT, test_migrations, 4 };

#endif
