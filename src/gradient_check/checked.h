#pragma once

#include <functional>

#include "gradient_check/report/case_result.h"

namespace gradient_check {

/// The result of `body` with the time it took. What it throws is a result with verdict error.
CaseResult checked(const std::function<CaseResult()>& body);

}  // namespace gradient_check
