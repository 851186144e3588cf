#!/bin/sh
# run.sh PORT: loads the example city once and serves it on 127.0.0.1:PORT.
set -eu
cd "$(dirname "$0")/.."
db=build/example.db
[ -e "$db" ] || build/baogong demo --db "$db"
exec build/baogong serve --db "$db" --listen "127.0.0.1:${1:-8080}"
