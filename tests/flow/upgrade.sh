#!/bin/bash
# Upgrade from every tagged release: its database is opened, migrated, verified, and still answers; a second start changes nothing more.
# Then the migrations of a new database are killed at random moments, on SQLite and PostgreSQL: the next start completes them.
# BAOGONG_UPGRADE_KILLS: how often, on each (20).
set -u
bin=${BAOGONG_BIN:-build/baogong}; top=${BAOGONG_TOP:-.}; tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
n=0; bad=0
check() { n=$((n + 1)); if [ "$2" = "$3" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; printf '# got  %s\n# want %s\n' "$2" "$3"; bad=1; fi; }
shopt -s nullglob
releases=("$top"/tests/upgrade/*.db.gz)
for release in "${releases[@]}"; do
  name=$(basename "$release" .db.gz); db=$tmp/$name.db
  gzip -dc "$release" >"$db"
  "$bin" export items --db "$db" --format csv >"$tmp/items.csv" 2>"$tmp/err"
  check "$name: opens and migrates" "$?" 0
  "$bin" verify --db "$db" >"$tmp/verify" 2>&1
  check "$name: verifies" "$?" 0
  "$bin" import items "$tmp/items.csv" --db "$db" >"$tmp/import" 2>&1
  check "$name: what it holds imports unchanged" "$(sed 's/.*"imported":\([0-9]*\).*/\1/' "$tmp/import")" 0
done
if [ ${#releases[@]} = 0 ]; then n=1; echo "ok 1 # SKIP no release has been tagged yet"; fi

# Starts the server on $1; it is ready (0) or ended or was killed after $2 milliseconds (1).
start() {
  : >"$tmp/said"
  "$bin" serve --db "$1" --listen 127.0.0.1:0 >"$tmp/said" 2>>"$tmp/log" &
  server=$!
  if [ -n "${2:-}" ]; then
    sleep "$(printf '0.%03d' "$2")"
    kill -9 "$server" 2>/dev/null; wait "$server" 2>/dev/null; server=
    [ -s "$tmp/said" ]; return
  fi
  for _ in $(seq 600); do
    [ ! -s "$tmp/said" ] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  return 1
}
killed_half_way() { # name, address of database number $i by the function `address`
  local kills=${BAOGONG_UPGRADE_KILLS:-20} early=0 bad=0 times
  for i in $(seq "$kills"); do
    db=$(address "$i"); : >"$tmp/log"
    for times in 1 2; do
      if ! start "$db" $((RANDOM % 100 + 1)); then early=$((early + 1)); fi
    done
    if start "$db"; then kill -TERM "$server"; wait "$server" || bad=$((bad + 1)); server=
    else bad=$((bad + 1)); echo "# $i: the next start did not complete:"; tail -3 "$tmp/log" | sed 's/^/# /'; kill -9 "$server" 2>/dev/null; server=; fi
    "$bin" verify --db "$db" >"$tmp/verify" 2>&1 || { bad=$((bad + 1)); echo "# $i: verify"; tail -3 "$tmp/verify" | cut -c1-300 | sed 's/^/# /'; }
    "$bin" doctor --db "$db" >"$tmp/doctor" 2>&1 || { bad=$((bad + 1)); echo "# $i: doctor"; tail -8 "$tmp/doctor" | sed 's/^/# /'; }
  done
  check "$1: of $((2 * kills)) starts of new databases $early were killed before they were ready; the next completes, verified" "$bad" 0
}
n=$((n > 0 ? n : 1))
address() { echo "$tmp/new$1.db"; }
killed_half_way SQLite
if [ -n "${BAOGONG_TEST_PG:-}" ]; then
  case $BAOGONG_TEST_PG in *\?*) sep='&' ;; *) sep='?' ;; esac
  address() { echo "$BAOGONG_TEST_PG${sep}options=-csearch_path%3Dupgrade_$$_$1"; }
  killed_half_way PostgreSQL
else
  n=$((n + 1)); echo "ok $n # SKIP no PostgreSQL"
fi
echo "1..$n"; exit $bad
