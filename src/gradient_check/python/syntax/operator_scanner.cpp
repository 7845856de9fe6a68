#include "gradient_check/python/syntax/operator_scanner.h"

#include <array>

namespace gradient_check::python {
namespace {

/// The operators that begin with a character, longest first, are found by trying them all: at
/// most 5.
struct OperatorsByCharacter {
  std::array<std::array<TokenType, 6>, 128> lists{};
};

OperatorsByCharacter sorted_operators() {
  OperatorsByCharacter result;
  for (std::uint32_t length = 3; length > 0; --length) {
    for (int i = static_cast<int>(TokenType::LeftParen);
         i <= static_cast<int>(TokenType::RightShiftEqual); ++i) {
      const auto type = static_cast<TokenType>(i);
      const std::string_view text = spelling(type);
      if (text.size() != length || type == TokenType::Exclamation) continue;
      auto& list = result.lists[static_cast<unsigned char>(text[0])];
      std::size_t end = 0;
      while (list[end] != TokenType::EndOfText) ++end;
      list[end] = type;
    }
  }
  return result;
}

}  // namespace

OperatorMatch match_operator(std::string_view text, std::uint32_t at) {
  static const OperatorsByCharacter operators = sorted_operators();
  const auto first = static_cast<unsigned char>(text[at]);
  if (first >= 128) return {};
  for (const TokenType type : operators.lists[first]) {
    if (type == TokenType::EndOfText) break;
    const std::string_view spelt = spelling(type);
    if (text.compare(at, spelt.size(), spelt) == 0)
      return {type, static_cast<std::uint32_t>(spelt.size())};
  }
  return {};
}

}  // namespace gradient_check::python
