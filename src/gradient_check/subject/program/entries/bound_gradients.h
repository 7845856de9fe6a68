#pragma once

#include <string>
#include <vector>

#include "gradient_check/case/program_options.h"
#include "gradient_check/subject/program/evaluated_program.h"

namespace gradient_check {

/// Whose gradients a function may return.
struct GradientTargets {
  std::vector<std::string> arguments;  ///< all of the forward's, in their order
  std::vector<std::string> tensors;    ///< what can have a gradient: of the arguments first
  std::vector<std::string> returned;   ///< what the variables are called that are returned
};

/// The gradients in what a function returned: a dictionary by name, a tuple or list by position,
/// or one tensor. None is no gradient. `said`: what the case says of it. Throws
/// std::invalid_argument, which says what it found and what to write.
NamedTensors bound_gradients(const python::Value& result, const GradientNames& said,
                             const GradientTargets& targets);

}  // namespace gradient_check
