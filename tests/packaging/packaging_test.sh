#!/usr/bin/env bash
# Each way of getting at gradient-check, as another project's author goes it.
#   packaging_test.sh SOURCE BUILD install|package|add_subdirectory
set -euo pipefail
source=$1 build=$2 way=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
configure() { cmake -S "$1" -B "$work/build" "${@:2}" >"$work/log" 2>&1 \
  || { cat "$work/log"; exit 1; }; }
build_and_test() {  # the number of tests that must be there
  cmake --build "$work/build" -j"$(nproc)" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  ctest --test-dir "$work/build" --output-on-failure | tee "$work/log"
  grep -q "100% tests passed, 0 tests failed out of $1" "$work/log"
}
case $way in
  install)
    cmake --install "$build" --prefix "$work/prefix" >/dev/null
    configure "$source/tests/packaging/find_package" -DCMAKE_PREFIX_PATH="$work/prefix"
    build_and_test 3
    # Another minor version is refused.
    ! cmake -S "$source/tests/packaging/find_package" -B "$work/other" \
      -Dgradient_check_DIR=/nowhere -DCMAKE_PREFIX_PATH=/nowhere >/dev/null 2>&1
    ;;
  package)
    (cd "$work" && cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1) \
      || { cat "$work/log"; exit 1; }
    package=$(ls "$work"/gradient-check_*.deb)
    dpkg-deb --field "$package" Depends | grep -q libtorch
    dpkg-deb --extract "$package" "$work/root"
    "$work/root/usr/bin/gradient-check" "$source/tests/packaging/square.json"
    configure "$source/tests/packaging/find_package" -DCMAKE_PREFIX_PATH="$work/root/usr"
    build_and_test 3
    ;;
  add_subdirectory)
    configure "$source/tests/packaging/add_subdirectory" -DGRADIENT_CHECK_SOURCE="$source" \
      -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0  # compiles soonest
    build_and_test 2
    ;;
esac
