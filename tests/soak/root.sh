#!/bin/bash
# The README in an empty Debian: a root made by debootstrap, a clean clone, `make run` (the city must answer at the printed address, with
# one-time links), then `make test`. Only for root with debootstrap and a network; says "skipped" otherwise. `root.sh run` leaves the
# tests out. The machine's own package sources, certificates and resolver are lent to the root.
set -u
cd "$(dirname "$0")/../.."
what=${1:-test}
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then echo "skipped: needs root and debootstrap"; exit 0; fi
root=$(mktemp -d "${BAOGONG_TEST_TMP:-/var/tmp}/root.XXXXXX")
inside=
leave() { kill -TERM -- "-$(cat "$root/run/group")" 2>/dev/null; wait "$inside" 2>/dev/null; inside=; }
finish() {
    [ -z "$inside" ] || leave
    umount -l "$root/proc" "$root/dev/shm" "$root/dev" 2>/dev/null
    mountpoint -q "$root/dev" || rm -rf --one-file-system "$root"
}
trap finish EXIT
fail() { echo "failed: $1"; [ ! -s "${2:-}" ] || tail -25 "$2" | sed 's/^/# /'; exit 1; }
port=$((20000 + RANDOM % 20000))

mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\(http[^ ]*\).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
# shellcheck disable=SC2086 # without a mirror debootstrap takes Debian's own
debootstrap --variant=minbase bookworm "$root" $mirror >"$root.log" 2>&1 || { fail debootstrap "$root.log"; }
rm -f "$root.log"
cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null
mkdir -p "$root/etc/ssl/certs" "$root/src" "$root/dev/shm"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null
cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null
for file in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/npmrc /root/.npmrc; do
    [ ! -e "$file" ] || cp -r "$file" "$root$(dirname "$file")/"
done
git clone -q . "$root/src/baogong" || fail "the clone"
mount --bind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/dev/shm" && mount -t proc proc "$root/proc" || fail "the mounts"
in_root() { # command: with nothing of this shell's own but where certificates lie; its process group is written down
    setsid chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
        NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt sh -c "echo \$\$ >/run/group && cd /src/baogong && $1"
}
# What the README asks for beforehand: git, make and a compiler.
in_root 'cd / && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends git make gcc libc6-dev' \
    >"$root/log" 2>&1 || fail "git, make and a compiler" "$root/log"

begun=$(date +%s)
in_root "exec make run PORT=$port" >"$root/said" 2>"$root/log" &
inside=$!
for _ in $(seq 3000); do
    grep -q '"ready":true' "$root/said" && break
    kill -0 "$inside" 2>/dev/null || fail "make run" "$root/log"
    sleep 1
done
page=$(curl -fsS "http://127.0.0.1:$port/" 2>/dev/null | head -c 300)
health=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/api/v1/me")
links=$(sed -n 's/.*one-time links[^:]*: *//p' "$root/log" | tail -1)
[ -n "$page" ] && [ "$health" = 401 ] || fail "the printed address does not answer" "$root/said"
[ -n "$links" ] && grep -q invite "$root/src/baogong/$links" || fail "no one-time link" "$root/log"
ran=$(($(date +%s) - begun))
leave
[ "$what" != run ] || { echo "make run serves the city after $ran s, $(grep -c invite "$root/src/baogong/$links") one-time links"; exit 0; }

begun=$(date +%s)
in_root "exec make test" >"$root/log" 2>&1 || fail "make test" "$root/log"
echo "make run serves the city after $ran s; make test passes after $(($(date +%s) - begun)) s: $(grep -E '^Files=' "$root/log")"
