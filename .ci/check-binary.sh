#!/usr/bin/env bash
# A released binary runs on a plain Debian 12: it needs only libc's own libraries and no newer glibc, and
# it stays small.
set -euo pipefail
binary=$1
needed=$(readelf -d "$binary" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
for library in $needed; do
  case $library in
    libc.so.6 | libm.so.6 | libgcc_s.so.1 | ld-linux*) ;;
    *) echo "$binary needs $library"; exit 1 ;;
  esac
done
newest=$(objdump -T "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
[ "$(printf '%s\nGLIBC_2.36\n' "$newest" | sort -V | tail -1)" = GLIBC_2.36 ] || { echo "$binary needs $newest"; exit 1; }
size=$(stat -c %s "$binary")
[ "$size" -le 9000000 ] || { echo "$binary has $size bytes, more than 9 MB (8 MB is the goal)"; exit 1; }
echo "$binary: $size bytes, newest symbol $newest, needs $(echo $needed)"
