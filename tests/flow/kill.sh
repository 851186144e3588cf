#!/bin/bash
# The real server, killed with kill -9 at random moments while clients post: every acknowledged operation is there exactly once, what was
# never answered is answered under the same id, verify finds nothing. Then 64 clients ask 5 each of 50 pieces, and 10,000 requests come
# again in random order. On SQLite and PostgreSQL. BAOGONG_KILLS: kills on SQLite (10); BAOGONG_KILLS_PG: on PostgreSQL (3);
# BAOGONG_REPLAYS: requests sent again (10000).
set -u
bin=${BAOGONG_BIN:-build/baogong}
load=${BAOGONG_LOAD:-$(dirname "$0")/../../build/release/tests/tools/load}
kills=${BAOGONG_KILLS:-10}
kills_pg=${BAOGONG_KILLS_PG:-3}
replays=${BAOGONG_REPLAYS:-10000}
if [ ! -x "$load" ]; then echo "1..0 # SKIP the load client is not built: make load-tool"; exit 0; fi
tmp=$(mktemp -d "${BAOGONG_TEST_TMP:-/tmp}/kill.XXXXXX")
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
n=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }
value() { sed -n "s/.*\"$1\":\"\{0,1\}\(-\{0,1\}[a-z0-9]*\).*/\1/p" <<<"$2" | tail -1; }

# Starts the server on $db; sets server and port.
start() {
    : >"$tmp/said" # the port of the server before must not be read
    "$bin" serve --db "$db" --listen 127.0.0.1:0 --rates off >"$tmp/said" 2>>"$tmp/log" &
    server=$!
    port=
    for _ in $(seq 600); do
        port=$(sed -n 's/.*"url":"http:..127.0.0.1:\([0-9]*\)".*/\1/p' "$tmp/said")
        [ -z "$port" ] || return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    echo "# the server did not start:"; tail -5 "$tmp/log" | sed 's/^/# /'
    return 1
}
stop() { kill -TERM "$server" 2>/dev/null; wait "$server" 2>/dev/null; server=; }

suite() { # name, kills
    local name=$1 times=$2 unknown=0 done_before=0 bad=0 i said
    rm -f "$tmp/ops" "$tmp/city"; : >"$tmp/log"
    "$load" setup "$db" "$tmp/city"; ok $? "$name: a city is made"
    for i in $(seq "$times"); do
        start || { bad=1; break; }
        "$load" resend "$tmp/city" "$tmp/ops" "$port" >"$tmp/resend" || { bad=1; echo "# kill $i: resend: $(cat "$tmp/resend")"; }
        said=$(cat "$tmp/resend")
        unknown=$((unknown + $(value unknown "$said"))) done_before=$((done_before + $(value had_been_done "$said")))
        "$load" run "$tmp/city" "$tmp/ops" "$port" 16 100000 >"$tmp/run" &
        local client=$!
        sleep "0.$((RANDOM % 8 + 1))$((RANDOM % 10))"
        kill -9 "$server"; wait "$server" 2>/dev/null; server=
        wait "$client" || { bad=1; echo "# kill $i: the client: $(cat "$tmp/run")"; }
        "$bin" verify --db "$db" >"$tmp/verify" 2>&1 || { bad=1; echo "# kill $i: verify: $(tail -3 "$tmp/verify" | cut -c1-400)"; }
    done
    ok $bad "$name: $times kills under load, verify clean after each, $unknown unknown outcomes sent again, $done_before of them had been done"
    start || { ok 1 "$name: starts once more"; return; }
    "$load" resend "$tmp/city" "$tmp/ops" "$port" >/dev/null; ok $? "$name: the last unknown outcomes are answered"
    said=$("$load" check "$tmp/city" "$tmp/ops" "$port"); ok $? "$name: nothing acknowledged is lost or doubled: $said"
    done_before=$(value done "$said")
    said=$("$load" crowd "$tmp/city" "$tmp/ops" "$port" 64); ok $? "$name: 64 clients ask 5 each of 50: $said"
    said=$("$load" replay "$tmp/city" "$tmp/ops" "$port" "$replays"); ok $? "$name: requests sent again in random order: $said"
    said=$("$load" check "$tmp/city" "$tmp/ops" "$port"); ok $? "$name: and nothing changed"
    stop
    said=$("$bin" verify --db "$db"); ok $? "$name: verify: $said"
    [ "$(value movements "$said")" = $((done_before + 11)) ]; ok $? "$name: as many movements as operations were done"
}

db="$tmp/city.db"
suite SQLite "$kills"
if [ -n "${BAOGONG_TEST_PG:-}" ]; then
    case $BAOGONG_TEST_PG in *\?*) sep='&' ;; *) sep='?' ;; esac
    db="$BAOGONG_TEST_PG${sep}options=-csearch_path%3Dkill_$$"
    suite PostgreSQL "$kills_pg"
else
    n=$((n + 1)); echo "ok $n # SKIP no PostgreSQL"
fi
echo "1..$n"
