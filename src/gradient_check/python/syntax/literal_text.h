#pragma once

#include <string>
#include <string_view>

#include "gradient_check/python/syntax/constant.h"

namespace gradient_check::python {

/// A literal of that value, in Python. Strings get `quote`, or for 0 the one that needs no escapes.
std::string literal_text(const ast::ConstantValue& value, char quote = 0);

/// The shortest digits that are read back as the same double, with a point or exponent.
std::string double_text(double value);

/// Characters of an f-string between `quote`s: braces are doubled, or in a format specification,
/// which knows no doubling, written as escapes.
std::string f_string_literal_text(std::string_view text, char quote, bool in_format);

}  // namespace gradient_check::python
