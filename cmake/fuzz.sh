#!/usr/bin/env bash
# Fuzzes what takes bytes from strangers, with libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer, in build-sanitize/.
#   bash cmake/fuzz.sh SECONDS [TARGET...]       (all targets: SECONDS each, as many at once as cores)
# A finding is a file in build-sanitize/findings/; once it is understood it goes into
# tests/fuzz/regressions/TARGET/, which the test suite replays.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:?usage: fuzz.sh SECONDS [TARGET...]}
shift
source "$root/cmake/sanitizers.sh"
build_project fuzzer
[ $# -gt 0 ] || set -- case npy npz safetensors torch_file filter report program
mkdir -p "$build/findings"
jobs=$(nproc)  # which heeds OMP_NUM_THREADS
# A process that fuzzes never ends well enough to look for leaks in; its memory is limited.
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 OMP_NUM_THREADS=1
fuzz_one() {
  local target=$1 corpus=$build/corpus/$1
  mkdir -p "$corpus" "$root/tests/fuzz/regressions/$1"
  local seeds=("$root/tests/fuzz/regressions/$1")
  case $target in
    case) seeds+=("$root/cases" "$root/tests/malformed") ;;
    npy | npz | safetensors | torch_file) seeds+=("$root/tests/case/files") ;;
    filter) seeds+=("$root/tests/fuzz/filters") ;;
    report) seeds+=("$root/tests/fuzz/reports") ;;
    program) ;;
  esac
  if GRADIENT_CHECK_FUZZ=$target "$build/tests/fuzzer" -max_total_time="$seconds" -timeout=120 \
    -rss_limit_mb=4096 -max_len=20000 -artifact_prefix="$build/findings/$target-" \
    "$corpus" "${seeds[@]}" >"$build/findings/$target.log" 2>&1; then
    times >"$build/findings/$target.times"  # its second line: of the children, the user's first
    echo "$target: nothing found; $(grep -E '^Done' "$build/findings/$target.log" || true);" \
      "processor time $(awk 'NR == 2 {print $1}' "$build/findings/$target.times")"
  else
    echo "$target: FOUND something: $build/findings/$target.log"
    return 1
  fi
}
export -f fuzz_one
export root build seconds
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}'
