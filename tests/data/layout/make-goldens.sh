#!/bin/sh
# Asks the compilers (gcc with multilib, clang 19, MinGW gcc) and writes the golden files anew.
set -eu
cd "$(dirname "$0")/../../.."
BLESS=1 cargo test -p cwire-tests --test e2e goldens
