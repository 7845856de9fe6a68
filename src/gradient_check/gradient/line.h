#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

namespace gradient_check {

/// How one tensor x moves along a line: a run of its elements, in row-major order from `first` on,
/// is x + t · scale · direction; the others stay.
struct LineStep {
  at::Tensor direction;  ///< [elements of the run], float32
  std::int64_t first = 0;
  double scale = 1;
};

/// The tensors that move along a line, by name.
using Line = std::map<std::string, LineStep>;

/// Elements [first, first + count) of x, contiguous float64, at that t, into `to`.
void move_run(double* to, const at::Tensor& x, const LineStep& step, double t, std::int64_t first,
              std::int64_t count);
/// The whole tensor at t.
at::Tensor moved(const at::Tensor& x, const LineStep& step, double t);

}  // namespace gradient_check
