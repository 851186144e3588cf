#!/bin/bash
# Back-test and forecast on files: the form of the answer, repairs told, hostile series refused by name, same answer twice.
set -u
bin=${BAOGONG_BIN:-build/baogong}; top=${BAOGONG_TOP:-.}; tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
n=0; bad=0
check() { n=$((n + 1)); if [ "$2" = "$3" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; printf '# got  %s\n# want %s\n' "$2" "$3"; bad=1; fi; }
jhu=$top/data/outbreak/jhu_china_province_new.csv
back() { "$bin" epidemic backtest --series "$jhu" --column Hainan --from 2022-08-01 --to 2022-09-20 --paths 300 "$@"; }
back >"$tmp/a"; check "a back-test exits 0" "$?" 0
back >"$tmp/b"; check "and answers the same again" "$(cmp "$tmp/a" "$tmp/b" && echo same)" same
check "horizons" "$(grep -o '"horizon":[0-9]*' "$tmp/a" | tr '\n' ' ')" '"horizon":3 "horizon":7 "horizon":14 '
check "every baseline stands beside it" "$(grep -o '"flat":\|"burn_rate":\|"log_linear":\|"constant_r":' "$tmp/a" | wc -l)" 12
check "the scored province is left out" "$(grep -o '"left_out":[1-9]' "$tmp/a" | wc -l)" 1
check "late reports are told" "$(grep -o '"kind":"dump"' "$tmp/a" | wc -l)" 5
check "trained on a file instead" "$(back --train "$jhu" | grep -o '"calibrated":true' | wc -l)" 1
sed '1s/Hainan/Other/' "$jhu" >"$tmp/renamed.csv"
check "the same figures under another name are left out too" "$(back --train "$tmp/renamed.csv" | grep -o '"left_out":[1-9]' | wc -l)" 1
fan() { "$bin" epidemic forecast --series "$jhu" --column Tianjin --from 2022-01-01 --to 2022-01-12 --days 10 --paths 500 "$@"; }
check "a fan has two rows a day" "$(fan --csv | wc -l)" 21
mid() { fan --raw --csv --scenario "$1" | tail -n 1 | cut -d, -f6 | cut -d. -f1; }
check "controlled below delayed below fails" "$(a=$(mid controlled); b=$(mid delayed); c=$(mid fails); [ "$a" -lt "$b" ] && [ "$b" -lt "$c" ] && echo ordered)" ordered
refused() { printf '%b' "$2" >"$tmp/x.csv"; "$bin" epidemic backtest --series "$tmp/x.csv" --column x >"$tmp/out" 2>"$tmp/err"; check "$1: exit 1" "$?" 1; check "$1: named" "$(grep -c "$3" "$tmp/err")" 1; }
refused "a huge count" 'date,x\n2022-01-01,1\n2022-01-02,1e300\n' cases
refused "a word" 'date,x\n2022-01-01,1\n2022-01-02,many\n' column
refused "nan" 'date,x\n2022-01-01,1\n2022-01-02,nan\n' column
refused "a date twice" 'date,x\n2022-01-01,1\n2022-01-01,2\n' date
refused "a span of centuries" 'date,x\n1922-01-01,1\n2022-01-01,2\n' days
refused "no such column" 'date,y\n2022-01-01,1\n' column
{ echo date,x; seq 1 1000000 | sed 's/^/2022-01-01,/'; } >"$tmp/rows.csv"
"$bin" epidemic backtest --series "$tmp/rows.csv" --column x >/dev/null 2>"$tmp/err"; check "a million rows are refused" "$?" 1
printf '# a note\ndate,x\n2022-01-01,4\n2022-01-03,30\n2022-01-04,-2\n' >"$tmp/gap.csv"
check "a missing day and a negative one are told" "$("$bin" epidemic backtest --series "$tmp/gap.csv" --column x | grep -o '"kind":"[a-z]*"' | tr '\n' ' ')" '"kind":"gap" "kind":"gap" "kind":"negative" '
echo "1..$n"; exit $bad
