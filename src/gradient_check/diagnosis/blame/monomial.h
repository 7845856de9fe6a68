#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/known_values.h"

namespace gradient_check {

/// constant · a · b / c of variables, elementwise with broadcasting.
struct Monomial {
  std::string text;  ///< "a * b / c"; empty where it is the constant alone
  double constant = 1;
  std::size_t factors = 0;
};

/// The monomial with the fewest of at most `most` variables (each to the power 1 or -1) that equals
/// `target` up to a constant, everywhere and to within `tolerance` of its largest element. nullopt
/// where there is none, and for targets of fewer than three elements, which fit anything. Variables
/// must broadcast to the target's shape.
std::optional<Monomial> find_monomial(const at::Tensor& target,
                                      const std::vector<NamedValue>& variables, std::size_t most,
                                      double tolerance);

}  // namespace gradient_check
