#!/usr/bin/env bash
# Builds everything with AddressSanitizer and UndefinedBehaviorSanitizer and runs the test suite.
#   bash cmake/sanitize.sh [CTEST ARGUMENTS...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/sanitizers.sh"
build_project all
# The packaging tests build other projects, against libraries that are not instrumented.
exec ctest --test-dir "$build" --output-on-failure -j "$(nproc)" -E '^packaging_' "$@"
