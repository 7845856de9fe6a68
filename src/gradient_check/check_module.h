#pragma once

#include "gradient_check/check.h"
#include "gradient_check/subject/cpp/module.h"

namespace gradient_check {

/// Checks the gradients of a module's parameters against finite differences of its forward, and a
/// manual backward of it where one is given: that returns gradients by the parameters' names.
CaseResult check(const ModuleCall& module, const BackwardFunction& backward = nullptr,
                 const FunctionCheckOptions& options = {});

inline CaseResult check(const ModuleCall& module, const FunctionCheckOptions& options) {
  return check(module, nullptr, options);
}

}  // namespace gradient_check
