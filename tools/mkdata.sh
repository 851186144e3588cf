#!/bin/sh
# mkdata.sh OUT FILE…: makes OUT/city.S, which holds the files, and OUT/city.c, the table that names them (src/cli/demo.h).
set -eu
out=$1; shift
{
    echo '/* Made by tools/mkdata.sh. */'
    echo '    .section .rodata'
    i=0
    for file; do
        printf '    .globl city_file_%d, city_end_%d\ncity_file_%d:\n    .incbin "%s"\ncity_end_%d:\n    .byte 0\n' $i $i $i "$file" $i
        i=$((i + 1))
    done
    echo '    .section .note.GNU-stack,"",@progbits'
} >"$out/city.S.new"
{
    echo '/* Made by tools/mkdata.sh. */'
    echo '#include "cli/demo.h"'
    i=0
    for file; do
        echo "extern const char city_file_$i[], city_end_$i[];"
        i=$((i + 1))
    done
    echo 'const struct demo_file demo_files[] = {'
    i=0
    for file; do
        printf '    { "%s", city_file_%d, city_end_%d },\n' "$(basename "$file")" $i $i
        i=$((i + 1))
    done
    echo '    { 0 },'
    echo '};'
} >"$out/city.c"
mv "$out/city.S.new" "$out/city.S"
