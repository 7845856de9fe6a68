#pragma once

#include <cstdint>
#include <string_view>

#include "gradient_check/python/syntax/token.h"

namespace gradient_check::python {

struct OperatorMatch {
  TokenType type = TokenType::Error;
  std::uint32_t length = 0;  ///< 0: none
};

/// The longest operator at `at`.
OperatorMatch match_operator(std::string_view text, std::uint32_t at);

}  // namespace gradient_check::python
