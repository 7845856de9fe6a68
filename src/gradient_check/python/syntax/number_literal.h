#pragma once

#include <cstdint>
#include <string_view>

#include "gradient_check/python/syntax/constant.h"

namespace gradient_check::python {

/// The end of the number that begins at `begin` of `text`. Throws SyntaxError, with spans in
/// `text`, for what Python 3 does not write so: 0777, 10L, 1__0, 0b12, 3abc.
std::uint32_t number_end(std::string_view text, std::uint32_t begin);

/// The value of a number that number_end accepts.
ast::ConstantValue number_value(std::string_view text);

}  // namespace gradient_check::python
