#pragma once

#include <optional>
#include <string>

#include "gradient_check/subject/program/python_source.h"

namespace gradient_check {

/// A LibTorch error about a program, less its overload lists and stacks: one sentence, and the
/// place in the program where it happened.
SubjectError program_error(const PythonSource& source, const std::string& libtorch_message);

/// The first line of a C++ or LibTorch error message, less backtraces and "Exception raised from".
std::string first_sentence(const std::string& message);

}  // namespace gradient_check
