#!/usr/bin/env bash
# Builds everything with AddressSanitizer and UndefinedBehaviorSanitizer and runs the test suite.
#   bash cmake/sanitize.sh [CTEST ARGUMENTS...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/sanitizers.sh"
build_project all
exec ctest --test-dir "$build" --output-on-failure -j "$(nproc)" "$@"
