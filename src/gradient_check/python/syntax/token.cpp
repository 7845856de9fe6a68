#include "gradient_check/python/syntax/token.h"

#include <array>
#include <unordered_map>

namespace gradient_check::python {
namespace {

constexpr auto first_spelt = static_cast<std::size_t>(TokenType::LeftParen);

// In the order of TokenType.
constexpr std::array<std::string_view, 84> spellings{
    "(",      ")",      "[",        "]",     "{",     "}",        ",",     ":",      ";",
    ".",      "...",    "->",       ":=",    "!",     "=",        "==",    "!=",     "<>",
    "<",      "<=",     ">",        ">=",    "+",     "-",        "*",     "/",      "//",
    "%",      "@",      "**",       "|",     "^",     "&",        "<<",    ">>",     "~",
    "+=",     "-=",     "*=",       "/=",    "//=",   "%=",       "@=",    "**=",    "|=",
    "^=",     "&=",     "<<=",      ">>=",   "False", "None",     "True",  "and",    "as",
    "assert", "async",  "await",    "break", "class", "continue", "def",   "del",    "elif",
    "else",   "except", "finally",  "for",   "from",  "global",   "if",    "import", "in",
    "is",     "lambda", "nonlocal", "not",   "or",    "pass",     "raise", "return", "try",
    "while",  "with",   "yield"};
static_assert(first_spelt + spellings.size() == static_cast<std::size_t>(TokenType::Yield) + 1);

}  // namespace

std::string_view spelling(TokenType type) {
  const auto index = static_cast<std::size_t>(type);
  return index < first_spelt ? std::string_view() : spellings[index - first_spelt];
}

TokenType keyword_type(std::string_view text) {
  static const auto* const keywords = [] {
    auto* map = new std::unordered_map<std::string_view, TokenType>;
    for (auto i = static_cast<std::size_t>(TokenType::False); i - first_spelt < spellings.size();
         ++i)
      map->emplace(spellings[i - first_spelt], static_cast<TokenType>(i));
    return map;
  }();
  if (text.size() < 2 || text.size() > 8) return TokenType::Name;
  const auto found = keywords->find(text);
  return found == keywords->end() ? TokenType::Name : found->second;
}

}  // namespace gradient_check::python
