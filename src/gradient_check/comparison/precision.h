#pragma once

#include <cstdint>
#include <vector>

#include "gradient_check/comparison/tolerance.h"

namespace gradient_check {

/// A manual gradient that is right in float64 and yet off in the case's dtype.
enum class PrecisionLoss {
  none,
  noticeable,  ///< by more than autograd is in that dtype
  gross,       ///< by more than four times what must never be missed: as good as wrong
  of_dtype     ///< by half of the gradient or more, and autograd is so too: the dtype is too narrow
};

struct PrecisionLosses {
  PrecisionLoss loss = PrecisionLoss::none;
  std::vector<std::int64_t> gross;  ///< flat indices of the elements that are as good as wrong
};

/// What a manual gradient whose formula is right loses in the case's dtype. Nothing where it was
/// not run in float64, or the case's dtype is that. `kinks`: flat indices where another slope was
/// chosen, which is no error of rounding.
PrecisionLosses precision_losses(const GradientSources& sources, const Tolerances& tolerances,
                                 const std::vector<std::int64_t>& kinks);

}  // namespace gradient_check
