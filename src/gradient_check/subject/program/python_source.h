#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A program's text split into what TorchScript compiles (functions) and what Python files have
/// around them. `functions` has every line of the original, those around the functions blank, so
/// that positions are unchanged.
struct PythonSource {
  std::string label;
  std::vector<std::string> lines;  ///< of the original
  std::string functions;           ///< text for the compiler
  std::map<std::string, std::string>
      modules;  ///< local name to qualified name: F → torch.nn.functional
  std::map<std::string, std::variant<std::int64_t, double>>
      constants;  ///< module-level numbers: EPS = 1e-7
};

/// Reads imports of torch, math and typing, module-level numbers, decorators and docstrings. Throws
/// SubjectError at anything else that stands outside a function.
PythonSource read_python_source(const std::string& label, const std::string& text);

/// A place in that source. Column from 1.
Place place_in(const PythonSource& source, std::size_t line, std::size_t column, std::size_t width);

}  // namespace gradient_check
