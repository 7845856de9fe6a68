# What the library links, for our own build and for a project that finds the installed one.
find_package(Torch REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
# Debian's libzip-config.cmake asks for programs that its own package is without.
find_path(LIBZIP_INCLUDE_DIR zip.h)
find_library(LIBZIP_LIBRARY zip)
if(NOT LIBZIP_LIBRARY)
  message(FATAL_ERROR "gradient_check: libzip was not found (Debian: apt install libzip-dev)")
endif()
if(NOT TARGET gradient_check::libzip)
  add_library(gradient_check::libzip UNKNOWN IMPORTED)
  set_target_properties(gradient_check::libzip PROPERTIES IMPORTED_LOCATION ${LIBZIP_LIBRARY})
endif()
