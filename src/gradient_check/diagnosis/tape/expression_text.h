#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The operands of an expression as written: both sides of `a / b`, the receiver and the arguments
/// of a call. Empty where the text is no such expression.
std::vector<std::string> operand_texts(const std::string& expression);

/// The variable that the statement at `place` assigns, where `expression` is all that it assigns;
/// empty otherwise.
std::string assigned_variable(const Place& place, const std::string& expression);

/// An expression on one line, without the spaces of its indentation.
std::string on_one_line(const std::string& expression);

}  // namespace gradient_check
