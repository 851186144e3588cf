#!/bin/sh
# Fails when a module includes what tools/layers.txt does not let it include. Arrows run downwards only.
set -eu
cd "$(dirname "$0")/.."
awk '
  FILENAME ~ /layers.txt$/ {
    if ($0 ~ /^#/ || NF == 0) next
    module = $1; may[module, module] = 1; order[++n] = module
    for (i = 3; i <= NF; i++) {
      if (!($i in rank)) { printf "tools/layers.txt: %s names %s before its own line\n", module, $i; bad = 1 }
      may[module, $i] = 1
      for (j = 1; j < n; j++) if ((($i), order[j]) in may) may[module, order[j]] = 1
    }
    rank[module] = n; next
  }
  FNR == 1 { split(FILENAME, part, "/"); here = part[2] }
  match($0, /^#include "([a-z]+)\//) {
    there = substr($0, RSTART + 10, RLENGTH - 11)
    if (there == "gen" || !(there in rank)) next
    if (!((here, there) in may)) { printf "%s:%d: %s may not include %s\n", FILENAME, FNR, here, there; bad = 1 }
    header = $2; gsub(/"/, "", header); split(header, h, "/"); base = h[2]; sub(/\.h$/, "", base)
    if (here != there && there != "base" && there != "codec" && there != "engine" && base != there) {
      printf "%s:%d: %s is private to %s\n", FILENAME, FNR, header, there; bad = 1 }
  }
  END { exit bad }
' tools/layers.txt $(find src -mindepth 2 -name '*.[ch]' | sort)
