#!/usr/bin/env bash
# Fuzzes what takes bytes from strangers, with libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer, in build-fuzz/.
#   bash cmake/fuzz.sh SECONDS [TARGET...]       (all targets: SECONDS each, as many at once as cores)
# A finding is a file in build-fuzz/findings/; once it is understood it goes into
# tests/fuzz/regressions/TARGET/, which the test suite replays.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${GRADIENT_CHECK_FUZZ_BUILD:-$root/build-fuzz}
seconds=${1:?usage: fuzz.sh SECONDS [TARGET...]}
shift
tests=ON
source "$root/cmake/setup.sh"
install_packages "${required_packages[@]}" clang libclang-rt-dev libgtest-dev libgmock-dev \
  librapidcheck-dev libpugixml-dev python3
cmake_arguments=(-C "$root/cmake/presets/sanitize.cmake"
  "-DCMAKE_CXX_FLAGS=-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer"
  -DCMAKE_CXX_COMPILER=clang++ -DGRADIENT_CHECK_FUZZ=ON)
[ -e "$build/CMakeCache.txt" ] && cmake_arguments=()
build_project fuzzer
[ $# -gt 0 ] || set -- case npy npz safetensors torch_file filter report program
mkdir -p "$build/findings"
# LibTorch is not instrumented: what it hands out may be larger than its containers say, and it keeps
# what it has allocated.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0:alloc_dealloc_mismatch=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 OMP_NUM_THREADS=1
fuzz_one() {
  local target=$1 corpus=$build/corpus/$1
  mkdir -p "$corpus" "$root/tests/fuzz/regressions/$1"
  local seeds=("$root/tests/fuzz/regressions/$1")
  case $target in
    case) seeds+=("$root/cases" "$root/tests/malformed") ;;
    npy | npz | safetensors | torch_file) seeds+=("$root/tests/case/files") ;;
    filter) seeds+=("$root/tests/fuzz/filters") ;;
    report) seeds+=("$root/tests/fuzz/reports") ;;
    program) seeds+=("$root/tests/fuzz/programs") ;;
  esac
  if GRADIENT_CHECK_FUZZ=$target "$build/tests/fuzzer" -max_total_time="$seconds" -timeout=120 \
    -rss_limit_mb=4096 -max_len=20000 -artifact_prefix="$build/findings/$target-" \
    "$corpus" "${seeds[@]}" >"$build/findings/$target.log" 2>&1; then
    echo "$target: nothing found; $(grep -E '^Done' "$build/findings/$target.log" || true)"
  else
    echo "$target: FOUND something: $build/findings/$target.log"
    return 1
  fi
}
export -f fuzz_one
export root build seconds
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one {}'
