cmake_minimum_required(VERSION 3.24)
# cmake -DFOLDER=… -DOUTPUT=… -P embed_python.cmake
# Puts the modules that are written in Python into a C++ source (python/modules/library.h).
file(GLOB_RECURSE modules RELATIVE ${FOLDER} ${FOLDER}/*.py)
set(rows "")
foreach(module ${modules})
  file(READ ${FOLDER}/${module} text)
  string(REGEX REPLACE "\\.py$" "" name "${module}")
  string(REPLACE "/" "." name "${name}")
  string(APPEND rows "    {\"${name}\", R\"python_library(${text})python_library\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"gradient_check/python/modules/library.h\"

namespace gradient_check::python {

const std::vector<LibraryModule>& library_modules() {
  static const std::vector<LibraryModule> modules{
${rows}  };
  return modules;
}

}  // namespace gradient_check::python
")
