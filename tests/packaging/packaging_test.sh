#!/usr/bin/env bash
# Each way of getting at gradient-check, as another project's author goes it.
#   packaging_test.sh SOURCE BUILD install|package|add_subdirectory
set -euo pipefail
source=$1 build=$2 way=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
configure() { cmake -S "$1" -B "$work/build" "${@:2}" >"$work/log" 2>&1 \
  || { cat "$work/log"; exit 1; }; }
# What find_package makes of the installed one, for a project that links the library alone.
find() {
  mkdir -p "$work/finds"
  printf '%s\n' 'cmake_minimum_required(VERSION 3.24)' 'project(finds CXX)' "find_package($1)" \
    'message(STATUS "found: ${gradient_check_FOUND}")' 'if(gradient_check_FOUND)' \
    'file(WRITE ${CMAKE_BINARY_DIR}/none.cpp "int main() {}")' \
    'add_executable(none ${CMAKE_BINARY_DIR}/none.cpp)' \
    'target_link_libraries(none PRIVATE gradient_check::gradient_check)' 'endif()' >"$work/finds/CMakeLists.txt"
  rm -rf "$work/found"
  cmake -S "$work/finds" -B "$work/found" -DCMAKE_PREFIX_PATH="$work/prefix" "${@:2}" 2>&1 || true
}
build_and_test() {  # the number of tests that must be there
  cmake --build "$work/build" -j"$(nproc)" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  ctest -j8 --test-dir "$work/build" --output-on-failure | tee "$work/log"
  grep -q "100% tests passed, 0 tests failed out of $1" "$work/log"
}
case $way in
  install)
    cmake --install "$build" --prefix "$work/prefix" >/dev/null
    configure "$source/tests/packaging/find_package" -DCMAKE_PREFIX_PATH="$work/prefix"
    build_and_test 4
    find 'gradient_check 0.2 QUIET' | grep -q 'found: 0'     # another minor version
    find 'gradient_check 0.1 QUIET' | grep -q 'found: 1'
    find gradient_check -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON | grep -q 'found: 1'
    find 'gradient_check QUIET' -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON | grep -q 'found: 0'
    # A case that is only found may not be a link out of its folder; one that is named may.
    mkdir "$work/discovers" "$work/linked"
    ln -s "$source/tests/packaging/square.json" "$work/linked/x.json"
    discovers() {
      printf '%s\n' 'cmake_minimum_required(VERSION 3.24)' 'project(discovers CXX)' \
        'find_package(gradient_check REQUIRED)' 'enable_testing()' \
        "gradient_check_discover_tests(FILES $1 PER_CASE)" >"$work/discovers/CMakeLists.txt"
      rm -rf "$work/discovered"
      cmake -S "$work/discovers" -B "$work/discovered" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1
    }
    discovers "$work/linked/x.json"
    ! discovers "$work/linked"
    tr -s ' \n' ' ' <"$work/log" | grep -q 'is a symbolic link that leads outside of'
    ;;
  package)
    (cd "$work" && cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1) \
      || { cat "$work/log"; exit 1; }
    package=$(ls "$work"/gradient-check_*.deb)
    dpkg-deb --field "$package" Depends | grep -q libtorch
    dpkg-deb --extract "$package" "$work/root"
    "$work/root/usr/bin/gradient-check" "$source/tests/packaging/square.json"
    configure "$source/tests/packaging/find_package" -DCMAKE_PREFIX_PATH="$work/root/usr"
    build_and_test 4
    ;;
  add_subdirectory)
    configure "$source/tests/packaging/add_subdirectory" -DGRADIENT_CHECK_SOURCE="$source" \
      -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0  # compiles soonest
    build_and_test 2
    ;;
esac
