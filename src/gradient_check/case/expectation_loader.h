#pragma once

#include "gradient_check/case/expectation.h"
#include "gradient_check/case/json_value.h"

namespace gradient_check {

/// The `expect` section of a case. Throws CaseError.
Expectation load_expectation(const JsonCursor& expect);

}  // namespace gradient_check
