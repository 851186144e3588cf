#!/bin/bash
# Two servers on one PostgreSQL: both are sent the same operations at once, each takes effect once. Then the database is killed under load
# and started again: nothing is lost or doubled, and both servers work again within 30 s. Then one server of the two is killed.
# BAOGONG_OUTAGES: how often the database is killed (1).
set -u
bin=${BAOGONG_BIN:-build/baogong}
load=${BAOGONG_LOAD:-$(dirname "$0")/../../build/release/tests/tools/load}
pg=$(realpath "$(dirname "$0")/../../tools/pg.sh")
outages=${BAOGONG_OUTAGES:-1}
if [ ! -x "$load" ]; then echo "1..0 # SKIP the load client is not built: make load-tool"; exit 0; fi
tmp=$(mktemp -d "${BAOGONG_TEST_TMP:-/tmp}/outage.XXXXXX")
chmod 755 "$tmp"
servers=()
trap 'for s in "${servers[@]}"; do kill -9 "$s" 2>/dev/null; done; "$pg" stop "$tmp/pg" >/dev/null 2>&1; rm -rf "$tmp"' EXIT
n=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }
value() { sed -n "s/.*\"$1\":\"\{0,1\}\(-\{0,1\}[a-z0-9]*\).*/\1/p" <<<"$2" | tail -1; }
if ! db=$("$pg" start "$tmp/pg" fsync=on full_page_writes=on synchronous_commit=on); then echo "1..0 # SKIP no PostgreSQL"; exit 0; fi

ports=()
start() { # number of the server
    : >"$tmp/said$1"
    "$bin" serve --db "$db" --node "$1" --listen 127.0.0.1:0 --rates off >"$tmp/said$1" 2>>"$tmp/log$1" &
    servers[$1]=$!
    for _ in $(seq 600); do
        ports[$1]=$(sed -n 's/.*"url":"http:..127.0.0.1:\([0-9]*\)".*/\1/p' "$tmp/said$1")
        [ -z "${ports[$1]}" ] || return 0
        kill -0 "${servers[$1]}" 2>/dev/null || break
        sleep 0.05
    done
    echo "# server $1 did not start:"; tail -5 "$tmp/log$1" | sed 's/^/# /'
    return 1
}
# Both logs in one; no operation may have been answered in two ways.
merge() {
    sed '' "$tmp"/ops1 "$tmp"/ops2 >"$tmp/ops"
    [ "$(grep -h '^A' "$tmp/ops" | sort -u | cut -d' ' -f2 | uniq -d | head -3)" = "" ]
}
# Seconds until server $1 has done 50 operations, at most 60.
recovers() {
    local from said
    from=$(date +%s)
    while [ $(($(date +%s) - from)) -lt 60 ]; do
        said=$(timeout 30 "$load" run "$tmp/city" "$tmp/ops$1" "${ports[$1]}" 4 50 2>/dev/null)
        [ "$(value answered "$said")" -lt 50 ] 2>/dev/null || { echo $(($(date +%s) - from)); return 0; }
        sleep 0.2
    done
    echo "more than 60"; return 1
}
both() { # operations each
    "$load" run "$tmp/city" "$tmp/ops2" "${ports[2]}" 16 "$1" >"$tmp/run2" &
    local other=$!
    "$load" run "$tmp/city" "$tmp/ops1" "${ports[1]}" 16 "$1" >"$tmp/run1"; local one=$?
    wait $other; return $(($? + one))
}
holds() { # name
    merge; ok $? "$1: no operation is answered in two ways"
    "$load" resend "$tmp/city" "$tmp/ops" "${ports[1]}" >"$tmp/resend"; ok $? "$1: unknown outcomes are answered: $(cat "$tmp/resend")"
    sort -u "$tmp/ops" >"$tmp/ops1"; cp "$tmp/ops1" "$tmp/ops2"
    said=$("$load" check "$tmp/city" "$tmp/ops" "${ports[2]}"); ok $? "$1: nothing is lost or doubled: $said"
}

"$load" setup "$db" "$tmp/city"; ok $? "a city is made"
: >"$tmp/ops1"; : >"$tmp/ops2"
start 1 && start 2; ok $? "two servers on one PostgreSQL"
both 3000; ok $? "the same 3,000 operations to both at once: $(cat "$tmp/run1")"
holds "two servers"

for i in $(seq "$outages"); do
    both 1000000 &
    work=$!
    sleep "0.$((RANDOM % 8 + 1))"
    "$pg" kill "$tmp/pg"
    sleep 1
    "$pg" start "$tmp/pg" fsync=on full_page_writes=on synchronous_commit=on >/dev/null; ok $? "outage $i: the database is killed and starts again"
    one=$(recovers 1); a=$?
    two=$(recovers 2); b=$?
    pkill -P "$work" 2>/dev/null; kill "$work" 2>/dev/null; wait "$work" 2>/dev/null
    [ "$a$b" = 00 ] && [ "$one" -le 30 ] && [ "$two" -le 30 ]; ok $? "outage $i: the servers work again after $one and $two s"
    holds "outage $i"
done

both 1000000 &
work=$!
sleep 0.5
kill -9 "${servers[1]}"; wait "${servers[1]}" 2>/dev/null
took=$(recovers 2); ok $? "one of two servers is killed: the other goes on, $took s"
pkill -P "$work" 2>/dev/null; kill "$work" 2>/dev/null; wait "$work" 2>/dev/null
start 1; ok $? "and it comes back"
holds "a killed server"
for s in 1 2; do kill -TERM "${servers[$s]}"; wait "${servers[$s]}" 2>/dev/null; done
servers=()
said=$("$bin" verify --db "$db"); ok $? "verify: $said"
echo "1..$n"
