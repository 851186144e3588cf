#!/bin/bash
# The long runs, each told in one line: FIGURE, whether it holds, seconds. `tests/soak.sh [PART…]` runs only those parts:
#   sim    10,000 random cities of 1,000 operations on a disk in memory, with power cuts, full disks, failing syncs, clocks and restarts
#   disk   100 of them on a real disk                pg     200 of them on PostgreSQL
#   kill   200 kill -9 under load on SQLite, 20 on PostgreSQL; crowds and 100,000 requests sent again
#   fuzz   every fuzzer for SOAK_FUZZ_SECONDS (60)
# All of it takes under an hour on two cores. SOAK_SHARE divides the counts (10: a tenth).
set -u
cd "$(dirname "$0")/.."
export BAOGONG_BIN="$PWD/build/baogong" BAOGONG_LOAD="$PWD/build/release/tests/tools/load" LANG=C.UTF-8 TZ=UTC
share=${SOAK_SHARE:-1}
parts=${*:-sim disk pg kill fuzz}
tmp=$(mktemp -d /tmp/baogong-soak.XXXXXX)
chmod 755 "$tmp"
trap '[ ! -d "$tmp/pg" ] || tools/pg.sh stop "$tmp/pg" >/dev/null 2>&1; rm -rf "$tmp"' EXIT
bad=0
tell() { # exit code, start, words
    if [ "$1" = 0 ]; then echo "holds   $3   ($(($(date +%s) - $2)) s)"; else echo "BROKEN  $3   ($(($(date +%s) - $2)) s)"; bad=1; fi
}
sum() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2" | awk '{ s += $1 } END { print s + 0 }'; }
part_of() { echo $(($1 / share > 0 ? $1 / share : 1)); }
want() { case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# Runs seeds from $2 on, half in each of two processes; further arguments go to sim.
cities() { # name, first seed, seeds, arguments
    local name=$1 first=$2 seeds=$3 begun half one two
    shift 3
    begun=$(date +%s) half=$((seeds / 2))
    "$BAOGONG_BIN" sim --seed $((first + half)) --seeds $((seeds - half)) "$@" >"$tmp/b" 2>"$tmp/b.err" &
    "$BAOGONG_BIN" sim --seed "$first" --seeds "$half" "$@" >"$tmp/a" 2>"$tmp/a.err"; one=$?
    wait $!; two=$?
    cat "$tmp/a" "$tmp/b" >"$tmp/all"
    tell $((one + two)) "$begun" "$name: $(wc -l <"$tmp/all") seeds, $(sum ops "$tmp/all") operations, $(sum refused "$tmp/all") refused, \
$(sum power_cuts "$tmp/all") power cuts, $(sum fsync "$tmp/all") failing syncs, $(sum full "$tmp/all") full disks"
    cat "$tmp/a.err" "$tmp/b.err" | head -5
}

if want pg || want kill; then
    if BAOGONG_TEST_PG=$(tools/pg.sh start "$tmp/pg"); then export BAOGONG_TEST_PG; else unset BAOGONG_TEST_PG; echo "no PostgreSQL"; fi
fi
want sim && cities "sim in memory" 100001 "$(part_of 10000)"
want disk && cities "sim on disk" 200001 "$(part_of 100)" --db "$tmp/city"
want pg && [ -n "${BAOGONG_TEST_PG:-}" ] && cities "sim on PostgreSQL" 300001 "$(part_of 200)" --db "$BAOGONG_TEST_PG"
if want kill; then
    begun=$(date +%s)
    make -s load-tool &&
        BAOGONG_KILLS=$(part_of 200) BAOGONG_KILLS_PG=$(part_of 20) BAOGONG_REPLAYS=$(part_of 100000) tests/flow/kill.sh >"$tmp/kill"
    grep -q '^not ok' "$tmp/kill"; [ $? = 1 ]
    tell $? "$begun" "kill -9: $(sed -n 's/^ok [0-9]* - \(.* kills under load.*\)/\1/p' "$tmp/kill" | paste -sd';')"
    grep -E '^not ok|lost or doubled|verify:' "$tmp/kill" | sed 's/^/        /'
fi
if want fuzz; then
    make -s -j2 fuzzers >/dev/null 2>&1
    for fuzzer in build/fuzz/tests/fuzz_*; do
        case $fuzzer in *.o | *.d) continue ;; esac
        name=${fuzzer##*/fuzz_} begun=$(date +%s)
        mkdir -p "$tmp/corpus/$name"
        corpus=("$tmp/corpus/$name")
        [ ! -d "tests/fuzz/corpus/$name" ] || corpus+=("tests/fuzz/corpus/$name")
        "$fuzzer" -max_total_time="$(part_of "${SOAK_FUZZ_SECONDS:-60}")" -artifact_prefix="$tmp/" "${corpus[@]}" >"$tmp/fuzz" 2>&1
        tell $? "$begun" "fuzz $name: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$tmp/fuzz")"
    done
fi
exit $bad
