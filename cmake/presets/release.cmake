# cmake -C cmake/presets/release.cmake -S . -B build
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(GRADIENT_CHECK_TESTS OFF CACHE BOOL "")
