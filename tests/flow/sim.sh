#!/bin/bash
# Random cities against the naive model: on a disk in memory with power cuts, full disks, failing syncs, clocks and restarts, on a real disk,
# and on PostgreSQL; each planted defect is caught; a seed goes the same way twice. BAOGONG_SIM_SEEDS sets how many (1000).
set -u
bin=${BAOGONG_BIN:-build/baogong}
seeds=${BAOGONG_SIM_SEEDS:-1000}
tmp=$(mktemp -d "${BAOGONG_TEST_TMP:-/tmp}/sim.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }
say() { sed 's/^/# /' "$1" | tail -5; }
sum() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2" | awk '{ s += $1 } END { print s + 0 }'; }

# half of the seeds in a process of its own, the other half here
half=$((seeds / 2))
"$bin" sim --seed $((half + 1)) --seeds $((seeds - half)) >"$tmp/b" 2>"$tmp/b.err" &
"$bin" sim --seed 1 --seeds "$half" >"$tmp/a" 2>"$tmp/a.err"; one=$?
wait $!; two=$?
cat "$tmp/a" "$tmp/b" >"$tmp/all"
ok $((one + two)) "$(wc -l <"$tmp/all") seeds, $(sum ops "$tmp/all") operations, $(sum refused "$tmp/all") refused, $(sum power_cuts "$tmp/all") power cuts: no invariant broken"
say "$tmp/a.err"; say "$tmp/b.err"

"$bin" sim --seed 7 --seeds 3 >"$tmp/again" 2>/dev/null
sed -n 7,9p "$tmp/a" | cmp -s - "$tmp/again"; ok $? "the same seeds give the same digests"

for plant in 1 2 3 4 5 6 7 8 9 10; do
    "$bin" sim --seed 1 --plant $plant >"$tmp/plant" 2>"$tmp/plant.err"; [ $? = 1 ]
    ok $? "planted defect $plant is caught: $(sed -n 's/.*"broken":"\([^"]*\)".*/\1/p' "$tmp/plant" | cut -c1-100)"
done
"$bin" sim --seed 1 --plant 11 >/dev/null 2>&1; [ $? = 2 ]; ok $? "there is no eleventh"

"$bin" sim --seed 1 --seeds 10 --db "$tmp/city" >"$tmp/disk" 2>"$tmp/disk.err"; ok $? "10 seeds on a real disk"
say "$tmp/disk.err"
[ -z "$(ls "$tmp" | grep '^city')" ]; ok $? "nothing is left behind"
if [ -n "${BAOGONG_TEST_PG:-}" ]; then
    "$bin" sim --seed 1 --seeds 20 --db "$BAOGONG_TEST_PG" >"$tmp/pg" 2>"$tmp/pg.err"; ok $? "20 seeds on PostgreSQL"
    say "$tmp/pg.err"
else
    n=$((n + 1)); echo "ok $n # SKIP no PostgreSQL"
fi
echo "1..$n"
