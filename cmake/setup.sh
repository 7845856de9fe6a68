# Sourced by run.sh and test.sh: installs what is missing, configures and builds. All its output goes
# to standard error, since standard output belongs to the program.
# Reads: root (the checkout), build (the build folder), tests (ON where the tests are to be built
# too; a program needs none of their packages), and any CMake arguments in cmake_arguments.

required_packages=(g++ cmake ninja-build ccache libtorch-dev libopenblas0-pthread nlohmann-json3-dev
                   libcli11-dev libfmt-dev libzip-dev libjs-d3)

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    local tool
    for tool in c++ cmake; do
      command -v "$tool" >/dev/null && continue
      cat >&2 <<TEXT
gradient-check: this is not Debian, and '$tool' is missing. Please install, then run again:
  a C++20 compiler, CMake 3.24 or newer, Ninja, ccache (optional),
  LibTorch (https://pytorch.org, or your distribution), nlohmann_json, CLI11, fmt, libzip, D3 3.5,
  and for the tests GoogleTest with GoogleMock, rapidcheck, pugixml, python3-jsonschema and GNU parallel.
Where they are outside the system's folders, set CMAKE_PREFIX_PATH or pass
-DCMAKE_PREFIX_PATH=FOLDERS as the first argument.
TEXT
      exit 2
    done
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "gradient-check: please install as root: apt-get install ${missing[*]}" >&2
      exit 2
    }
    sudo=(sudo)
  fi
  echo "gradient-check: installing ${missing[*]}" >&2
  "${sudo[@]}" apt-get update >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}" >&2
}

# Whether the build folder is configured, and with the tests where they are wanted.
is_configured() {
  [ -e "$build/CMakeCache.txt" ] && [ -e "$build/build.ninja" -o -e "$build/Makefile" ] || return 1
  [ "$tests" = OFF ] || grep -q '^GRADIENT_CHECK_TESTS:BOOL=ON' "$build/CMakeCache.txt"
}

build_project() {
  local log=$build/setup.log
  mkdir -p "$build"
  if ! is_configured || [ ${#cmake_arguments[@]} -gt 0 ]; then
    local generator=()
    if [ "$tests" = ON ] || [ ! -e "$build/CMakeCache.txt" ]; then
      cmake_arguments=("-DGRADIENT_CHECK_TESTS=$tests" "${cmake_arguments[@]}")
    fi
    command -v ninja >/dev/null && generator=(-G Ninja)
    command -v ccache >/dev/null && generator+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    cmake -S "$root" -B "$build" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release \
      "${cmake_arguments[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 2; }
  fi
  # Quiet where there is nothing to do; with the compiler's words where there is.
  cmake --build "$build" --target "$@" >&2 || exit 2
}
