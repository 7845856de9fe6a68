#!/usr/bin/env bash
# Installs what is missing, builds everything and runs the whole test suite.
#   bash cmake/test.sh [-DCMAKE_OPTION=VALUE...] [CTEST ARGUMENTS...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${GRADIENT_CHECK_BUILD:-$root/build}
tests=ON
cmake_arguments=()
while [ $# -gt 0 ] && [[ $1 == -D* ]]; do cmake_arguments+=("$1"); shift; done
source "$root/cmake/setup.sh"
install_packages "${required_packages[@]}" libgtest-dev libgmock-dev librapidcheck-dev \
  libpugixml-dev chromium chromium-driver python3-selenium python3 python3-jsonschema python3-torch \
  python3-numpy python3-setuptools parallel patch dpkg-dev file
build_project all
exec ctest --test-dir "$build" --output-on-failure -j "$(nproc)" "$@"
