#!/bin/bash
# The command demo: loads the example city once and no second time, hands out links and no passwords, verifies clean, writes its files.
bin=$(realpath "${BAOGONG_BIN:-build/baogong}")
dir=$(mktemp -d "${BAOGONG_TEST_TMP:-/tmp}/city.XXXXXX"); trap 'rm -rf "$dir"' EXIT; cd "$dir" || exit 1
n=0; bad=0
ok() { n=$((n + 1)); if [ "$1" = "$2" ]; then echo "ok $n - $3"; else echo "not ok $n - $3"; printf '# wanted %s\n# got    %s\n' "$2" "$1"; bad=1; fi; }
member() { sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$1"; }

"$bin" demo --db city.db --until 2022-01-20 --people people >answer 2>message
ok $? 0 'the city loads'
ok "$(member answer from) $(member answer until) $(member answer shift_days)" '2021-12-01 2022-01-20 0' 'with --until 2022-01-20 the dates are those of the source'
ok "$(wc -l <people) $(stat -c %a people)" '27 600' 'everybody has a link, in a file for its owner only'
ok "$(grep -c '"link":"/#/invite/bgl_' people)" 27 'each link is a one-time link'
"$bin" verify --db city.db >verified
ok "$? $(member verified differences) $(member verified journal)" '0 0 intact' 'verify is clean'
"$bin" demo --db city.db --people again >answer 2>message
ok "$? $(grep -c '"code"' message)" '3 0' 'a second city of the same code is refused'
ok "$(grep -c 'conflict\|409\|冲突\|已' message)" 1 'and says why'
"$bin" export items --db city.db >items.csv
ok "$(($(grep -c . items.csv) - 1))" 56 'the catalogue has 56 items'
"$bin" demo --files files
ok "$? $(wc -l <files/firms.csv) $(head -1 files/links.csv)" '0 1541 supplier,buyer,amount' 'files: 1,540 firms and their links'
ok "$(cut -d, -f5 files/firms.csv | grep -vc 示例)" 1 'every firm of the chains says that it is an example'
"$bin" solve cascade --firms files/firms.csv --links files/links.csv --essential files/essential.csv --function mixed >index.csv
ok "$? $(wc -l <index.csv)" '0 1541' 'solve cascade takes them'
"$bin" demo --files other --seed 9
ok "$(cmp -s files/links.csv other/links.csv; echo $?)" 1 'another seed, other links'
for bad_option in '--scale 0' '--until 2022-02-30' '--until 2999-01-01' '--use most' 'more'; do
  # shellcheck disable=SC2086
  "$bin" demo --db none.db $bad_option >/dev/null 2>&1
  ok "$? $(ls none.db 2>/dev/null)" '2 ' "demo $bad_option is a usage error"
done
echo "1..$n"
exit $bad
