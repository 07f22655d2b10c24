#!/bin/sh
# A real exchange: records from a C++ program to a Rust one, and from Rust to C++.
#
#   sh crates/demo/exchange.sh
#
# CXX names the C++ compiler (default: c++; one word), CARGO_TARGET_DIR where everything is built.
set -eu
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target}
mkdir -p "$target/cpp"

cargo build --quiet --release --package cwire-demo --target-dir "$target"
for program in sender receiver; do
  "${CXX:-c++}" -std=c++17 -O2 -o "$target/cpp/$program" "cpp/$program.cpp"
done

log=$target/cpp/listening
receiver=
# Whatever ends this script ends the receiver that it started.
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true' EXIT

# Starts a receiver in the background and finds the port that the system gave it.
listen() {
  : >"$log"
  "$@" 2>"$log" &
  receiver=$!
  port=
  while [ -z "$port" ]; do
    kill -0 "$receiver" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.1
    port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\)$/\1/p' "$log")
  done
}

echo "C++ sends, Rust receives:"
listen "$target/release/receiver" --listen 127.0.0.1:0 --count 3
"$target/cpp/sender" 127.0.0.1 "$port" --count 3 --garbage
wait "$receiver"
receiver=

echo "Rust sends, C++ receives:"
listen "$target/cpp/receiver" --port 0 --connections 1
"$target/release/sender" "127.0.0.1:$port" --a Z --b -1 --c 'fifteen letters' --count 3
wait "$receiver"
receiver=
tail -n 1 "$log"
