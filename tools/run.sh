#!/bin/sh
# run.sh PORT: loads the example city once and serves it on 127.0.0.1:PORT. A load that was interrupted starts afresh.
set -eu
cd "$(dirname "$0")/.."
db=build/example.db
if [ ! -e "$db" ]; then
    rm -f "$db".new*
    build/baogong demo --db "$db.new" --people "$db.people"
    rm -f "$db.new-shm" "$db.new.lock"
    for file in "$db".new?*; do mv "$file" "$db${file#"$db.new"}"; done # keys, and what the log may still hold
    mv "$db.new" "$db"
fi
[ ! -e "$db.people" ] || echo "one-time links of the example city's people (admin, commander, keeper …): $db.people" >&2
exec build/baogong serve --db "$db" --archive "$db.archive" --listen "127.0.0.1:${1:-8080}"
