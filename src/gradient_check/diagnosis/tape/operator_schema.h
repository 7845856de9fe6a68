#pragma once

#include <ATen/core/function_schema.h>

#include <string>

#include "gradient_check/diagnosis/tape/operation.h"

namespace gradient_check {

/// What LibTorch's dispatcher knows of an operation's arguments; null for an operator it does not
/// know.
const c10::FunctionSchema* schema_of(const Operation& operation);

/// The argument of that name, as the call had it; None where there is none.
c10::IValue argument_of(const Operation& operation, const std::string& name);

}  // namespace gradient_check
