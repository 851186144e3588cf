#!/bin/bash
# Tryton beside us: receive and issue in Tryton 6.0 of Debian's packages on a PostgreSQL of its own, CPU of its process a line, as JSON.
#   bench/tryton.sh            uses the packages if they are there; exit 3 when they are not
#   bench/tryton.sh --install  installs them first (apt-get, as root)
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --install ]; then
    apt-get install -y --no-install-recommends tryton-server tryton-modules-stock-lot python3-psycopg2 postgresql-15 >&2
fi
[ -d /usr/lib/python3/dist-packages/trytond/modules/stock_lot ] && [ -x /usr/bin/trytond-admin ] ||
    { echo "tryton-server and tryton-modules-stock-lot are not installed" >&2; exit 3; }
tmp=$(mktemp -d /tmp/baogong-tryton.XXXXXX)
chmod 755 "$tmp"
stop() { tools/pg.sh stop "$tmp/pg" >/dev/null 2>&1 || true; rm -rf "$tmp"; }
trap stop EXIT
tools/pg.sh start "$tmp/pg" >/dev/null
createdb -h "$tmp/pg" -U postgres -O baogong tryton
printf '[database]\nuri = postgresql://baogong@/?host=%s\n' "$tmp/pg" >"$tmp/trytond.conf"
printf 'bench' >"$tmp/pass"
TRYTONPASSFILE="$tmp/pass" /usr/bin/trytond-admin -c "$tmp/trytond.conf" -d tryton --email bench@example.com -u stock_lot --activate-dependencies >"$tmp/log" 2>&1 ||
    { tail -20 "$tmp/log" >&2; exit 1; }
/usr/bin/python3 bench/tryton.py "$tmp/trytond.conf" tryton "${TRYTON_RECEIPTS:-500}" "${TRYTON_ISSUES:-40}"
