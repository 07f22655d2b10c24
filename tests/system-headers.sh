#!/bin/sh
# Reads every header below a folder as C, one by one, and counts what became of it:
#
#   read     laid out, though single records may be refused
#   refused  not read to its end; the error has a position
#   crashed  a signal, more than 2 s or more than 256 MB
#
# Where gcc is there, headers that it does not take by themselves either (they want another one first, or
# are C++) are counted apart. Fails if anything crashed, or if less than 97 % of what gcc takes is read.
#
# usage: tests/system-headers.sh [FOLDER [CWIRE]]       default: /usr/include target/release/cwire
set -u

folder=${1:-/usr/include}
cwire=${2:-target/release/cwire}
[ -x "$cwire" ] || { echo "$0: needs $cwire: cargo build --release -p cwire-cli" >&2; exit 2; }

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# The folders that gcc looks into, as -I.
set --
if command -v gcc >/dev/null; then
    LC_ALL=C gcc -E -v -x c /dev/null 2>&1 >/dev/null |
        sed -n '/^#include <\.\.\.>/,/^End of search/s/^ //p' >"$work/dirs"
    while read -r dir; do set -- "$@" -I "$dir"; done <"$work/dirs"
fi

find "$folder" -name '*.h' ! -path '*/c++/*' | sort >"$work/headers"
read=0 refused=0 crashed=0 foreign=0
while read -r header; do
    (
        ulimit -v 262144
        exec timeout 2 "$cwire" layout "$header" --lang c -q "$@"
    ) </dev/null >/dev/null 2>"$work/error"
    case $? in
    0 | 1) read=$((read + 1)) ;;
    2)
        if command -v gcc >/dev/null && ! gcc -fsyntax-only -w -x c "$header" >/dev/null 2>&1; then
            foreign=$((foreign + 1))
        else
            refused=$((refused + 1))
            echo "refused: $(grep -m 1 'error:' "$work/error" || head -n 1 "$work/error")"
        fi
        # Without a position nobody finds the mistake.
        grep -q '[0-9]: error:\|: error:\|^cwire: ' "$work/error" || {
            crashed=$((crashed + 1))
            echo "no position: $header"
        }
        ;;
    *)
        crashed=$((crashed + 1))
        echo "crashed: $header: $(head -n 1 "$work/error")"
        ;;
    esac
done <"$work/headers"

echo "read $read, refused $refused, refused as gcc does $foreign, crashed $crashed"
total=$((read + refused + crashed))
[ "$crashed" -eq 0 ] && [ $((read * 100)) -gt $((total * 97)) ]
