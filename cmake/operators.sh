#!/usr/bin/env bash
# Holds the verdict against PyTorch's own table of operators: each one's right gradients, and wrong
# ones, at values of several scales. Some ten minutes of two cores; a sample of it is in the suite.
#   bash cmake/operators.sh [--operators GLOB] [--samples N] [--seed S] [--report FILE] ...
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${GRADIENT_CHECK_BUILD:-$root/build}
tests=OFF
cmake_arguments=()
source "$root/cmake/setup.sh"
install_packages "${required_packages[@]}" python3 python3-torch python3-numpy \
  python3-setuptools
build_project gradient-check
exec /usr/bin/python3 "$root/tests/operators/operators_test.py" "$build/gradient-check" "$@"
