#pragma once

#include "gradient_check/case/case.h"

namespace gradient_check {

/// The `check` of a case. Throws CaseError.
CheckOptions load_check(const JsonCursor& check);

/// The `gradients` of a case: {"file": …} with all of them by name, or a tensor for each parameter;
/// the floating ones in `dtype`. Throws CaseError.
RecordedGradients load_gradients(const JsonCursor& gradients, at::ScalarType dtype);

}  // namespace gradient_check
