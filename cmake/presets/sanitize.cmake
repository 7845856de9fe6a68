# cmake -C cmake/presets/sanitize.cmake -S . -B build-sanitize
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_CXX_FLAGS "-fsanitize=address,undefined -fno-omit-frame-pointer" CACHE STRING "")
