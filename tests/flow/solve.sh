#!/bin/bash
# The engine commands on files: contract forms, exit codes, refusals that name row and field.
set -u
bin=${BAOGONG_BIN:-build/baogong}; top=${BAOGONG_TOP:-.}; tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
n=0; bad=0
check() { n=$((n + 1)); if [ "$2" = "$3" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; printf '# got  %s\n# want %s\n' "$2" "$3"; bad=1; fi; }
printf 'firm,sector\n1,1\n2,2\n3,1\n4,3\n5,4\n6,2\n7,4\n8,1\n9,2\n10,3\n11,5\n' >"$tmp/firms.csv"
printf 'supplier,buyer,amount\n2,1,1\n2,3,1\n3,7,1\n6,7,1\n7,4,1\n7,11,1\n8,11,1\n9,5,1\n9,10,1\n10,7,1\n' >"$tmp/links.csv"
round() { awk -F, 'NR > 1 { printf "%s%.6g", (NR > 2 ? " " : ""), $2 }'; }
cascade() { "$bin" solve cascade --firms "$tmp/firms.csv" --links "$tmp/links.csv" "$@"; }
check "cascade, linear, market on" "$(cascade | round)" "0.1 0.3 0.266667 0.35 0.1 0.116667 0.7 0.1 0.311111 0.266667 0.45"
check "cascade, linear, market off" "$(cascade --market off | round)" "0.1 0.366667 0.266667 0.35 0.1 0.166667 0.7 0.1 0.366667 0.266667 0.45"
check "cascade, Leontief" "$(cascade --function leontief --market on --eps 1e-2 | round)" "0.1 0.366667 0.4 0.35 0.1 0.15 0.7 0.1 0.4 0.4 0.45"
check "cascade, Leontief, market off" "$(cascade --function leontief --market off | round)" "0.1 0.5 0.4 0.35 0.1 0.3 0.7 0.1 0.5 0.4 0.45"
printf 'input,1,2,3,4,5\n1,1,1,1,1,1\n2,1,1,1,1,1\n3,1,1,1,1,1\n4,1,1,1,1,1\n5,1,1,1,1,1\n' >"$tmp/ess.csv"
check "cascade, a matrix of ones is linear" "$(cascade --essential "$tmp/ess.csv" | round)" "$(cascade | round)"
check "cascade, one firm" "$(cascade --firm 7 | tail -n 1 | cut -d, -f1,2)" "7,0.7"
cascade --firm nobody >/dev/null 2>"$tmp/err"; check "an unknown firm exits 1" "$?" 1
check "and is named" "$(grep -c nobody "$tmp/err")" 1
cascade --function cubic >/dev/null 2>&1; check "an unknown function is usage" "$?" 2
printf 'c toy\np min 4 5\nn 1 4\nn 4 -4\na 1 2 0 4 2\na 1 3 0 2 2\na 2 3 0 2 1\na 2 4 0 3 3\na 3 4 0 5 1\n' >"$tmp/toy.min"
check "flow, the DIMACS toy" "$("$bin" solve flow "$tmp/toy.min" | sed 's/.*"optimum":\([0-9]*\).*/\1/')" 14
printf 'p min 2 1\nn 1 4\nn 2 -4\na 1 2 0 3 1\n' >"$tmp/short.min"
"$bin" solve flow "$tmp/short.min" >/dev/null 2>&1; check "an infeasible flow exits 1" "$?" 1
sed -n '2,$p' "$top/tests/fuzz/corpus/solve/chain" >"$tmp/chain.json"
check "a document, the sealed chain" "$("$bin" solve chain "$tmp/chain.json" | sed 's/.*"loss":\([0-9.]*\).*/\1/')" 0.975
sed 's/"buffer_days":2}/"buffer_days":99999}/' "$tmp/chain.json" >"$tmp/wrong.json"
"$bin" solve chain "$tmp/wrong.json" >/dev/null 2>"$tmp/err"; check "a value out of bounds exits 1" "$?" 1
check "and the field is named by its path" "$(grep -c 'firms\[1\].buffer_days' "$tmp/err")" 1
cap=$top/../shared/data/location # published instances, not shipped
if [ -r "$cap/optimum.txt" ]; then
  while read -r name optimum; do
    check "location, $name: the published optimum, proved" \
      "$("$bin" solve location "$cap/$name.txt" | sed 's/.*"cost":\([0-9.]*\),"bound":\([0-9.]*\).*/\1 \2/' | awk -v o="$optimum" '{ print ($1 - o < 0.001 && o - $1 < 0.001 && $1 - $2 < 0.01) }')" 1
  done <"$cap/optimum.txt"
else
  n=$((n + 1)); echo "ok $n - location # SKIP the published instances are not here"
fi
v=$top/tests/vectors/outbreak
check "epidemic rt, a window that is not estimable" \
  "$("$bin" epidemic rt --incidence "$v/SARS2003_inc.csv" --si "$v/SARS2003_si.csv" --window 7 | sed -n 2p)" "2,8,NA,NA,NA,NA,NA"
check "epidemic rt, all windows" "$("$bin" epidemic rt --incidence "$v/Flu1918_inc.csv" --si "$v/Flu1918_si.csv" | wc -l)" 86
"$bin" epidemic rt --incidence /nonexistent --si "$v/Flu1918_si.csv" >/dev/null 2>&1; check "a missing file exits 3" "$?" 3
echo "1..$n"; exit $bad
