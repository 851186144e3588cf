#!/bin/sh
# deps.sh build|test: installs the Debian packages and npm packages that building (or testing) needs and that are missing.
# SQLITE=system leaves npm's SQLite out, NO_WEB=1 the web tools, NO_COIN=1 the solver of linear programs; with both, npm is never called.
set -eu
cd "$(dirname "$0")/.."
what=${1:-build}

build="gcc libc6-dev make pkg-config ccache perl
  libmicrohttpd-dev libjansson-dev libpq-dev libsodium-dev libssl-dev zlib1g-dev libbrotli-dev
  libxlsxwriter-dev libzip-dev libexpat1-dev libutf8proc-dev libpango1.0-dev libcairo2-dev libzint-dev fonts-wqy-zenhei ca-certificates"
[ -n "${NO_COIN:-}" ] || build="$build coinor-libclp-dev coinor-libcbc-dev"
[ "${SQLITE:-npm}" = npm ] || build="$build libsqlite3-dev"
needs_npm=no
[ "${SQLITE:-npm}" != npm ] && [ -n "${NO_WEB:-}" ] || needs_npm=yes
test="postgresql-15 postgresql-client-15 curl clang libclang-rt-14-dev unzip zip procps poppler-utils zbar-tools glpk-utils"
[ -n "${NO_WEB:-}" ] || test="$test chromium fonts-noto-cjk"

packages=$build
[ "$what" = build ] || packages="$packages $test"
# Debian's npm pulls some 400 packages; where a newer Node with npm stands already, it is not wanted.
if [ $needs_npm = yes ] && ! command -v npm >/dev/null 2>&1; then packages="$packages nodejs npm"; fi

missing=
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "installing:$missing" >&2
  if [ "$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get -o DPkg::Lock::Timeout=600 update -qq
  # Debian's postgresql package would start a cluster of its own; the tests make theirs.
  $sudo mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing >build-deps.log 2>&1 ||
    { tail -20 build-deps.log >&2; exit 3; }
  rm -f build-deps.log
fi
[ $needs_npm = no ] || [ -d deps/node_modules/npm ] || tools/npm.sh deps
[ -n "${NO_WEB:-}" ] || [ ! -e web/package-lock.json ] || [ -d web/node_modules ] || tools/npm.sh web
