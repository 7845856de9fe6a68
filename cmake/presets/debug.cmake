# cmake -C cmake/presets/debug.cmake -S . -B build-debug
# Every file by itself, with LibTorch's and our own assertions as far as its headers allow.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(GRADIENT_CHECK_UNITY_BUILD OFF CACHE BOOL "")
