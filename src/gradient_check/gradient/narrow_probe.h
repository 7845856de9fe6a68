#pragma once

#include <optional>
#include <string>

#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {

/// An operation that was given float64 and computed in a narrower floating dtype.
struct NarrowOperation {
  std::string op;     ///< "torch.to"
  std::string dtype;  ///< "float32"
  at::ScalarType scalar_type = at::kFloat;
  std::string file;  ///< with line and column, where a program's interpreter ran it
  std::size_t line = 0, column = 0;
};

/// A forward's output, and the first of its operations that narrows.
struct ProbedForward {
  at::Tensor output;
  std::optional<NarrowOperation> narrow;
  bool reduced = false;  ///< some operation gave float16 or bfloat16
};

/// Runs the forward once in float64, autograd disabled.
ProbedForward probe_forward(const Subject& subject, const NamedTensors& values);

}  // namespace gradient_check
