#!/bin/bash
# Lines of each parser that the corpora of its fuzzers reach: `tests/fuzz/cover.sh [FOLDER]`, FOLDER holding further corpora by name.
# Builds in MODE=cov (build/cov), runs each fuzzer's entry over its corpus, asks gcov. One line a file: reached, lines, share.
set -eu
cd "$(dirname "$0")/../.."
more=${1:-}
make -s MODE=cov build/cov/libbaogong.a build/cov/sqlite3.o
flags="-D_GNU_SOURCE -Isrc -Ibuild/cov -Itests -Ideps/node_modules/better-sqlite3/deps/sqlite3"
libraries="libmicrohttpd jansson libpq libsodium openssl zlib libbrotlienc libbrotlidec xlsxwriter libzip expat libutf8proc"
find build/cov -name '*.gcda' -delete
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c) corpus=${source#tests/fuzz/fuzz_} program=build/cov/tests/$(basename "$source" .c)
    mkdir -p build/cov/tests
    # shellcheck disable=SC2046,SC2086 # lists of flags
    gcc -std=gnu2x -pthread -O0 -g --coverage -w $flags $(pkg-config --cflags $libraries) -o "$program" "$source" tests/fuzz/replay.c \
        build/cov/libbaogong.a build/cov/sqlite3.o $(pkg-config --libs $libraries) -lm
    find "tests/fuzz/corpus/${corpus%.c}" ${more:+"$more/${corpus%.c}"} -type f -print0 2>/dev/null |
        xargs -0 -r timeout 600 "$program" >/dev/null 2>&1 || echo "$name ends with $?" >&2
done
files="src/codec/json.c src/codec/csv.c src/codec/text.c src/codec/text_guess.c src/codec/input.c src/codec/xlsx.c src/codec/xlsx_part.c
  src/codec/xlsx_parts.c src/codec/xlsx_number.c src/codec/table.c src/codec/table_cell.c src/codec/table_rules.c src/codec/gs1_parse.c
  src/codec/gs1_check.c src/codec/gs1_rule.c src/codec/gs1_list.c src/codec/gs1_coupon.c src/codec/gs1_link.c src/codec/gs1_key.c
  src/codec/base45.c src/codec/chinese.c src/codec/chinese_division.c src/codec/chinese_plate.c src/api/input.c src/api/router.c
  src/http/head.c src/http/text.c src/http/request.c src/journal/head.c src/auth/secret.c src/record/media.c src/record/search.c
  src/record/pinyin.c src/engine/flow_dimacs.c src/engine/location_parse.c src/cli/series.c src/solve/read.c src/base/time.c"
for file in $files; do
    [ -e "$file" ] || continue
    object=build/cov/${file%.c}.o
    gcov -n -o "$object" "$file" 2>/dev/null | grep -A1 "^File '$file'" | sed -n "s|Lines executed:\([0-9.]*\)% of \([0-9]*\)|\1 \2 $file|p"
done | awk '{ printf "%6.1f %%  of %4d lines  %s\n", $1, $2, $3 }'
