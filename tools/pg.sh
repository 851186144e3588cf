#!/bin/bash
# pg.sh start DIR [name=value…]   makes (once) and starts a PostgreSQL 15 cluster of Debian's package in DIR, prints its address
# pg.sh stop DIR                  stops it; DIR stays
# pg.sh kill DIR                  ends it as a crash would (immediate shutdown): the next start recovers from its log
# For tests: reached by a Unix socket in DIR only, so there is no port to collide on; by default without fsync (`fsync=on` for benches).
# Run by root it drops to an unprivileged user, since PostgreSQL refuses root. The address's user owns its database, may make roles and is
# no superuser: as an operator would set it up.
set -euo pipefail
usage() { echo "usage: pg.sh start DIR [name=value…] | pg.sh stop|kill DIR" >&2; exit 2; }
[ $# -ge 2 ] || usage
what=$1 dir=$2
shift 2
bin=
for at in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do [ ! -x "$at/initdb" ] || { bin=$at; break; }; done
[ -n "$bin" ] || { echo "pg.sh: the package postgresql-15 is not installed" >&2; exit 3; }

as=()
if [ "$(id -u)" = 0 ]; then
    user=postgres
    if ! id -u "$user" >/dev/null 2>&1; then
        user=baogong-test
        id -u "$user" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
    fi
    as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME=/nonexistent)
fi
run() { (cd / && "${as[@]}" "$@"); }

start() {
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    [ ${#dir} -le 80 ] || { echo "pg.sh: $dir is too long for a socket" >&2; exit 2; }
    [ ${#as[@]} = 0 ] || chown "$user" "$dir"
    local new=
    if [ ! -e "$dir/data/PG_VERSION" ]; then
        new=1
        run "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir.initdb" 2>&1 ||
            { cat "$dir.initdb" >&2; rm -f "$dir.initdb"; exit 3; }
        rm -f "$dir.initdb"
    fi
    local options="-c listen_addresses='' -c unix_socket_directories=$dir -c shared_buffers=64MB -c max_connections=100"
    options+=" -c fsync=off -c full_page_writes=off -c timezone=UTC -c log_statement=none"
    for setting in "$@"; do options+=" -c $setting"; done
    run "$bin/pg_ctl" -D "$dir/data" -w -t 60 -s -l "$dir/log" -o "$options" start >/dev/null || { tail -20 "$dir/log" >&2; exit 3; }
    if [ -n "$new" ]; then
        run "$bin/psql" -qX -h "$dir" -U postgres -d postgres -v ON_ERROR_STOP=1 \
            -c "CREATE ROLE baogong LOGIN CREATEROLE" -c "CREATE DATABASE baogong OWNER baogong" >/dev/null
    fi
    echo "postgresql:///baogong?host=$dir&user=baogong"
}

case $what in
start) start "$@" ;;
stop|kill)
    mode=fast
    [ "$what" = stop ] || mode=immediate
    [ ! -e "$dir/data/postmaster.pid" ] || run "$bin/pg_ctl" -D "$(cd "$dir" && pwd)/data" -w -t 30 -s -m "$mode" stop
    ;;
*) usage ;;
esac
