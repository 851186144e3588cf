#!/bin/bash
# A short run of every fuzzer over its corpus: BAOGONG_FUZZ_SECONDS each (20 by default), one TAP line a fuzzer. The seed is fixed, so that
# a test is no lottery; the soak run draws its own.
cd "$(dirname "$0")/../.." || exit 1
n=0; bad=0
for source in tests/fuzz/fuzz_*.c; do
  [ -e "$source" ] || continue
  name=$(basename "$source" .c); n=$((n + 1))
  program=build/fuzz/tests/$name
  if [ ! -x "$program" ]; then echo "ok $n - $name # SKIP no clang with libFuzzer here"; continue; fi
  corpus=tests/fuzz/corpus/${name#fuzz_}; work=$(mktemp -d)
  mkdir -p "$corpus" "$work/new" "$work/found"
  if timeout 300 "$program" -seed="${BAOGONG_FUZZ_SEED:-20220108}" -max_total_time="${BAOGONG_FUZZ_SECONDS:-20}" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$work/found/" \
    "$work/new" "$corpus" >"$work/log" 2>&1; then
    echo "ok $n - $name: $(find "$corpus" -type f | wc -l) seeds, $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$work/log") runs"
  else
    echo "not ok $n - $name"; tail -30 "$work/log" | sed 's/^/# /'; bad=1
    mkdir -p build/fuzz/found; cp "$work"/found/* build/fuzz/found/ 2>/dev/null
  fi
  rm -rf "$work"
done
echo "1..$n"
exit $bad
