#!/usr/bin/env bash
# Installs what is missing, Python's torch as the peer among it, builds, and races gradient-check
# against torch.autograd.gradcheck on the same functions, data and LibTorch; then the inner pieces.
#   bash cmake/benchmark.sh [--rounds N] [--quick] [--json FILE]     default: 9 rounds, benchmark.json
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${GRADIENT_CHECK_BUILD:-$root/build}
tests=ON
cmake_arguments=()
source "$root/cmake/setup.sh"
install_packages "${required_packages[@]}" libgtest-dev libgmock-dev librapidcheck-dev \
  libpugixml-dev libbenchmark-dev python3 python3-torch
grep -qs '^benchmark_DIR:PATH=/' "$build/CMakeCache.txt" || rm -f "$build/CMakeCache.txt"
build_project gradient-check race startup pieces
/usr/bin/python3 "$root/tests/benchmarks/race.py" "$build" "$root" --json "$build/benchmark.json" "$@"
exec "$build/tests/pieces"
