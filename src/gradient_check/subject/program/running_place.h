#pragma once

#include <optional>

#include "gradient_check/subject/program/python_source.h"

namespace gradient_check {

/// Where the operation that this thread's interpreter runs was written in that program; nothing
/// where no interpreter runs, or it is outside of the program.
std::optional<RunningPlace> running_place_in(const PythonSource& source);

}  // namespace gradient_check
