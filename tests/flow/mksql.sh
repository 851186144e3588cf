#!/bin/bash
# What tools/mksql makes of SQL files, and that it says where and why it does not take one.
set -u
top=${BAOGONG_TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
tmp=$(mktemp -d "${BAOGONG_TEST_TMP:-/tmp}/mksql.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi; }
cd "$tmp" || exit 1
mkdir -p src/base/migrate src/store/migrate gen
printf 'base ->\nstore -> base\n' >layers.txt
cc=$(command -v cc || command -v gcc || command -v clang)
"$cc" -std=gnu2x -o mksql "$top/tools/mksql.c" || { echo "1..0 # SKIP no compiler"; exit 0; }

table='-- Things: one a row.\nCREATE TABLE thing (\n    city INT NOT NULL, -- the city\n    name TEXT, -- its name\n    PRIMARY KEY (city)\n) STRICT, WITHOUT ROWID;\n'

# takes FILE TEXT NAME: mksql accepts it
takes() { printf '%b' "$2" >"$1"; ./mksql gen layers.txt "$1" >out 2>&1; ok $? "$3"; }
# refuses FILE TEXT WORDS: mksql refuses it, naming file and line and these words
refuses() {
    printf '%b' "$2" >"$1"
    if ./mksql gen layers.txt "$1" >out 2>&1; then ok 1 "refused: $3"; else grep -q "^$1:[0-9]*: .*$3" out; ok $? "refused: $(cat out)"; fi
}
holds() { grep -qF -- "$1" gen/sql.c; ok $? "sql.c holds $1"; }

./mksql gen layers.txt; ok $? "no files at all"
grep -q SQL_COUNT gen/sql.h; ok $? "the enum is there nevertheless"

takes src/base/base.sql "-- Words.\n\n-- name: thing_get  One thing.\nSELECT name FROM thing -- words\n WHERE city = ?1 AND name <> '?2 -- x';\n-- name: thing_put :many\nINSERT INTO thing VALUES (?1, ?2)\n-- name: thing_put @postgres\nINSERT INTO thing SELECT * FROM unnest(?1::int8[], ?2::text[])\n" "statements"
grep -q SQL_THING_GET gen/sql.h; ok $? "the enum"
holds "\"SELECT name FROM thing WHERE city = ?1 AND name <> '?2 -- x'\""
holds "\"SELECT name FROM thing WHERE city = \$1 AND name <> '?2 -- x'\""
holds "unnest(\$1::int8[], \$2::text[])"
holds "2, true, true }"
holds "1, false, false }"

m=src/store/migrate/0001_things.sql
takes $m "-- append-only\n${table}-- Serves a search.\nCREATE INDEX thing_name ON thing (city, name);\nALTER TABLE thing ADD COLUMN body BYTES; -- it's the body\n-- only: postgres\nALTER TABLE thing SET (fillfactor = 90);\n-- both\n" "a migration"
holds "city INTEGER NOT NULL, -- the city"
holds "CREATE TABLE thing ( -- Things: one a row."
holds "name TEXT COLLATE \\\"C\\\""
holds "ADD COLUMN body BLOB; -- it's the body"
holds "ADD COLUMN body BYTEA;"
holds "COMMENT ON COLUMN thing.body IS 'it''s the body';"
holds "COMMENT ON TABLE thing IS 'Things: one a row.';"
holds "COMMENT ON INDEX thing_name IS 'Serves a search.';"
grep -c "fillfactor" gen/sql.c | grep -qx 2; ok $? "a block for one engine is in its text and in the source, not in the other's"
sed -n '/migrations\[\]/,$p' gen/sql.c | grep -q "^ *\"thing\" }"; ok $? "the table may only grow"
cp gen/sql.c before.c
printf -- "\n-- append-only\n-- Things, in other words.\nCREATE   TABLE thing (city INT NOT NULL, -- other words\nname TEXT, -- others\n PRIMARY KEY(city)\n) STRICT, WITHOUT ROWID;" >$m
./mksql gen layers.txt $m; ok $? "the same table in other words"
source=$(grep -F '"CREATE TABLE thing ( city INT NOT NULL' gen/sql.c)
grep -qF "${source:8:100}" before.c; ok $? "comments and blanks do not count in what the checksum is of"

refuses $m "CREATE TABLE thing (\n city INT -- the city\n) STRICT;\n" "no comment above"
refuses $m "-- Old words.\n\nCREATE TABLE thing (\n city INT -- the city\n) STRICT;\n" "no comment above"
refuses $m "-- Things.\nCREATE TABLE thing (\n city INT,\n name TEXT -- the name\n) STRICT;\n" "thing.city has no comment"
refuses $m "-- Things.\nCREATE TABLE thing (\n city INT, -- the city\n name TEXT\n) STRICT;\n" "thing.name has no comment"
refuses $m "-- Things.\nCREATE TABLE thing (\n city INTEGER -- the city\n) STRICT;\n" "INT, TEXT and BYTES"
refuses $m "-- Things.\nCREATE TABLE thing (\n city INT -- the city\n);\n" "not STRICT"
refuses $m "${table}CREATE INDEX i ON thing (city);\n" "which query it serves"
refuses $m "ALTER TABLE thing ADD COLUMN a INT;\n" "no comment behind it"
refuses $m "-- T.\nCREATE TRIGGER t AFTER INSERT ON thing BEGIN SELECT 1; END;\n" "no triggers"
refuses $m "-- only: oracle\n${table}" "bad marker"
refuses $m "-- append-only\nALTER TABLE thing DROP COLUMN a;\n" "above a CREATE TABLE"
refuses $m "-- Things.\nCREATE TABLE thing (city INT -- the city\n) STRICT" "does not end in ;"
refuses $m "INSERT INTO thing VALUES ('a);\n" "not closed"
refuses $m "DELETE FROM thing WHERE city = ?1;\n" "no parameters"
refuses $m "-- nothing\n" "empty"
refuses src/store/migrate/1_things.sql "$table" "NNNN_words.sql"
mkdir -p src/other/migrate
refuses src/other/migrate/0001_things.sql "$table" "not in tools/layers.txt"
printf '%b' "$table" >$m; printf '%b' "$table" >src/store/migrate/0001_again.sql
./mksql gen layers.txt $m src/store/migrate/0001_again.sql >out 2>&1; grep -q "duplicate number" out; ok $? "refused: $(cat out)"
printf '%b' "$table" >src/base/migrate/0007_late.sql; printf '%b' "$table" >src/base/migrate/0002_early.sql
./mksql gen layers.txt $m src/base/migrate/0007_late.sql src/base/migrate/0002_early.sql
grep -o '{ "[a-z]*", [0-9]*' gen/sql.c | tr -d '\n' | grep -qF '{ "base", 2{ "base", 7{ "store", 1'; ok $? "in the order of the layers, then by number"

s=src/base/base.sql
refuses $s "SELECT 1;\n-- name: a\nSELECT 1;\n" "before the first"
refuses $s "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n" "duplicate name 'a'"
refuses $s "-- name: A\nSELECT 1;\n" "lower-case"
refuses $s "-- name: a :rows\nSELECT 1;\n" "bad marker ':rows'"
refuses $s "-- name: a @oracle\nSELECT 1;\n" "bad marker '@oracle'"
refuses $s "-- name: a\n-- name: b\nSELECT 1;\n" "has no SQL"
refuses $s "-- name: a\nSELECT ?;\n" "a parameter is"
refuses $s "-- name: a\nSELECT ?1, ?3;\n" "?2 is not used"
refuses $s "-- name: a\nSELECT 1; SELECT 2;\n" "one statement"
refuses $s "-- name: a\nINSERT OR REPLACE INTO thing VALUES (?1);\n" "ON CONFLICT"
refuses $s "-- name: a\nREPLACE INTO thing VALUES (?1);\n" "ON CONFLICT"
refuses $s "-- name: a @postgres\nSELECT 1;\n" "only a @postgres text"
refuses $s "-- name: a\nSELECT ?1;\n-- name: a @postgres\nSELECT ?1, ?2;\n" "1 parameters, its @postgres text 2"
refuses $s "-- name: a :many\nSELECT ?1;\n" "needs a @postgres text"
refuses $s "-- name: a\n/* words */ SELECT 1;\n" "write comments as --"
printf -- "-- name: a\nSELECT 1;\n" >src/base/one.sql; printf -- "-- name: a\nSELECT 1;\n" >src/store/two.sql
./mksql gen layers.txt src/base/one.sql src/store/two.sql >out 2>&1; grep -q "duplicate name 'a', first at src/base/one.sql:1" out; ok $? "refused: $(cat out)"
echo "1..$n"
exit $failed
