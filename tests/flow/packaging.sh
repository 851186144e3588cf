#!/bin/bash
# The systemd unit: its exposure by systemd's own measure, and that the options it gives are options we have.
cd "$(dirname "$0")/../.." || exit 1
bin=${BAOGONG_BIN:-build/baogong}
n=0; bad=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; fi; }
if command -v systemd-analyze >/dev/null 2>&1 && report=$(systemd-analyze security --offline=true --no-pager packaging/baogong.service 2>/dev/null); then
    exposure=$(sed -n 's/.*exposure level for baogong.service: \([0-9.]*\).*/\1/p' <<<"$report")
    awk -v e="${exposure:-9}" 'BEGIN { exit !(e <= 1.5) }'; ok $? "exposure ${exposure:-unknown} (at most 1.5)"
else
    n=$((n + 1)); echo "ok $n - exposure # SKIP no systemd-analyze that works offline"
fi
for option in $(sed -n 's/^\(Environment\|ExecStart\)=//p' packaging/baogong.service | grep -o -- '--[a-z-]*'); do
    "$bin" help serve | grep -q -- "^  $option "; ok $? "serve has the option $option"
done
page=$("$bin" help --man); grep -q '^.TH BAOGONG 1' <<<"$page" && [ "$(grep -c '^\.B baogong ' <<<"$page")" = "$("$bin" help | grep -c '^  [a-z]')" ]
ok $? "the manual page has every command"
echo "1..$n"
exit $bad
