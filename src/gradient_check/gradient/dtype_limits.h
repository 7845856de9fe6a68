#pragma once

#include <c10/core/ScalarType.h>

namespace gradient_check {

/// The dtype's unit of rounding, 2⁻ᵖ⁺¹.
double epsilon_of(at::ScalarType dtype);
/// The least positive number of full precision; smaller ones may be flushed to 0.
double smallest_normal(at::ScalarType dtype);
/// The difference, relative to a gradient's largest element, that §6 of the design promises to
/// catch in a dtype: 1e-8 (float64), 1e-3 (float32), 5e-2 (float16, bfloat16).
double detection_limit(at::ScalarType dtype);

}  // namespace gradient_check
