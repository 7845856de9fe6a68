#!/usr/bin/env bash
# Installs what is missing, builds, and runs gradient-check.
#   bash cmake/run.sh [-DCMAKE_OPTION=VALUE...] [ARGUMENTS...]     default argument: cases
# Standard output and the exit status are the program's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${GRADIENT_CHECK_BUILD:-$root/build}
tests=OFF
cmake_arguments=()
while [ $# -gt 0 ] && [[ $1 == -D* ]]; do cmake_arguments+=("$1"); shift; done
source "$root/cmake/setup.sh"
install_packages "${required_packages[@]}"
build_project gradient-check
[ $# -gt 0 ] || set -- "$root/cases"
exec "$build/gradient-check" "$@"
