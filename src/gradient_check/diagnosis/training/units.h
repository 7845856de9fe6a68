#pragma once

#include <vector>

#include "gradient_check/diagnosis/tape/taped.h"
#include "gradient_check/diagnosis/training/training.h"

namespace gradient_check {

/// Rectifiers that give 0 for every element they are given, at that point.
std::vector<StuckUnits> dead_units(const TapePoint& point);
/// Sigmoids and hyperbolic tangents whose slope is below 1e-4 at 95% of their elements or more.
std::vector<StuckUnits> saturated_units(const TapePoint& point);

}  // namespace gradient_check
