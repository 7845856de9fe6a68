# What the library links, for our own build and for a project that finds the installed one.
find_package(Torch REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
# Upstream's LibTorch brings the headers of a fmt of its own, without its library: they are enough.
# Not so Debian's; compiling fmt's code into each file costs a third of the build.
set(GRADIENT_CHECK_FMT fmt::fmt)
get_target_property(fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
foreach(folder IN LISTS TORCH_INCLUDE_DIRS)
  get_filename_component(folder "${folder}" REALPATH)
  if(EXISTS "${folder}/fmt/core.h" AND NOT folder IN_LIST fmt_include)
    set(GRADIENT_CHECK_FMT fmt::fmt-header-only)
  endif()
endforeach()
# Debian's libzip-config.cmake asks for programs that its own package is without.
find_path(LIBZIP_INCLUDE_DIR zip.h)
find_library(LIBZIP_LIBRARY zip)
if(NOT LIBZIP_LIBRARY)
  message(FATAL_ERROR "gradient_check: libzip was not found (Debian: apt install libzip-dev)")
endif()
if(NOT TARGET gradient_check::libzip)
  add_library(gradient_check::libzip UNKNOWN IMPORTED GLOBAL)
  set_target_properties(gradient_check::libzip PROPERTIES IMPORTED_LOCATION ${LIBZIP_LIBRARY})
endif()
