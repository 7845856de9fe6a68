#pragma once

#include "gradient_check/case/expectation.h"
#include "gradient_check/report/case_result.h"

namespace gradient_check {

/// Holds a result against what its case expects: sets `as_expected`, and `unmet` where it is not.
/// The verdict must be the one stated, every finding listed must be there, and where findings are
/// listed no other error-level finding may be.
void apply_expectation(const Expectation& expectation, CaseResult& result);

}  // namespace gradient_check
