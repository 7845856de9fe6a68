# Sourced by fuzz.sh and sanitize.sh: a build with clang, AddressSanitizer and UndefinedBehaviorSanitizer in
# build-sanitize/, and how they are to behave. Reads and sets what setup.sh does.
build=${GRADIENT_CHECK_SANITIZE_BUILD:-$root/build-sanitize}
tests=ON
source "$root/cmake/setup.sh"
install_packages "${required_packages[@]}" clang llvm libclang-rt-dev libgtest-dev libgmock-dev \
  librapidcheck-dev libpugixml-dev python3 python3-jsonschema parallel patch
# fuzzer-no-link: all of our code tells a fuzzer, where there is one, what it reaches.
cmake_arguments=(-C "$root/cmake/presets/sanitize.cmake"
  "-DCMAKE_CXX_FLAGS=-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer"
  -DCMAKE_CXX_COMPILER=clang++ -DGRADIENT_CHECK_FUZZ=ON)
[ -e "$build/CMakeCache.txt" ] && cmake_arguments=()
# LibTorch is not instrumented; what is not held against it has a name in sanitizers/.
# More memory than there is is refused, as without them.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export LSAN_OPTIONS=suppressions=$root/cmake/sanitizers/leaks:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
