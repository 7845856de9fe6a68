#pragma once

#include <ATen/core/Tensor.h>

#include "gradient_check/case/json_value.h"
#include "gradient_check/case/option_spec.h"

namespace gradient_check {

/// Validates the object of a layer or loss (or the bare string of its type) against what its type
/// accepts, and fills in defaults. `what` names the type in errors. Tensors become `dtype` unless
/// they say otherwise. Throws CaseError.
Options read_options(const JsonCursor& cursor, const std::vector<OptionSpec>& specs,
                     const std::string& what, at::ScalarType dtype);

}  // namespace gradient_check
