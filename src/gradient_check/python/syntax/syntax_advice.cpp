#include "gradient_check/python/syntax/syntax_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "gradient_check/python/syntax/parser_context.h"
#include "gradient_check/python/syntax/syntax_error.h"

namespace gradient_check::python {
namespace {

/// What other languages write for a keyword of Python's.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> foreign_words{{
    {"elseif", "elif"},
    {"elsif", "elif"},
    {"elsif", "elif"},
    {"function", "def"},
    {"func", "def"},
    {"fn", "def"},
    {"foreach", "for"},
    {"until", "while not"},
    {"unless", "if not"},
    {"catch", "except"},
    {"throw", "raise"},
    {"include", "import"},
}};

/// The keywords that begin a statement with something behind them.
constexpr std::array<std::string_view, 22> statement_keywords{
    "assert",  "async", "class", "def",    "del",   "elif",   "else",     "except",
    "finally", "for",   "from",  "global", "if",    "import", "nonlocal", "raise",
    "return",  "try",   "while", "with",   "yield", "lambda"};

/// Insertions, deletions, changes, and swaps of neighbours that make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

bool ends_operand(TokenType type) {
  return type == TokenType::Name || type == TokenType::Number || type == TokenType::String ||
         type == TokenType::FStringEnd || type == TokenType::RightParen ||
         type == TokenType::RightBracket || type == TokenType::RightBrace ||
         type == TokenType::None || type == TokenType::True || type == TokenType::False;
}

bool begins_operand(TokenType type) {
  return type == TokenType::Name || type == TokenType::Number || type == TokenType::String ||
         type == TokenType::FStringStart || type == TokenType::LeftBrace ||
         type == TokenType::None || type == TokenType::True || type == TokenType::False ||
         type == TokenType::Lambda;
}

}  // namespace

std::string description(const ParserContext& context, const Token& token) {
  std::string text(context.text(token.span));
  if (const std::size_t end = text.find('\n'); end != std::string::npos)
    text = text.substr(0, end) + "…";
  switch (token.type) {
    case TokenType::EndOfText:
      return "the end of the text";
    case TokenType::Newline:
      return "the end of the line";
    case TokenType::Indent:
      return "an indented line";
    case TokenType::Dedent:
      return "the end of the block";
    case TokenType::Number:
      return "the number " + text;
    case TokenType::String:
      return "the string " + text;
    case TokenType::FStringStart:
    case TokenType::FStringMiddle:
    case TokenType::FStringEnd:
      return "an f-string";
    default:
      return is_keyword(token.type) ? fmt::format("the keyword `{}`", text)
                                    : fmt::format("`{}`", text);
  }
}

void fail_never_closed(const Token& bracket) {
  const auto closing = static_cast<TokenType>(static_cast<int>(bracket.type) + 1);
  throw SyntaxError(bracket.span, fmt::format("this `{}` is never closed", spelling(bracket.type)),
                    fmt::format("write the `{}` that belongs to it", spelling(closing)));
}

std::string_view meant_keyword(std::string_view name) {
  for (const auto& [foreign, keyword] : foreign_words)
    if (name == foreign) return keyword;
  if (name.size() < 2 || name.size() > 9) return "";
  for (const std::string_view keyword : statement_keywords)
    if (edit_distance(name, keyword) == 1) return keyword;
  return "";
}

std::string help_for_rest_of_line(const ParserContext& context) {
  const TokenType found = context.current().type;
  const TokenType before = context.previous().type;
  if (found == TokenType::LeftBrace && before == TokenType::RightParen)
    return "Python has no braces around blocks: write ':' and indent the block";
  if (ends_operand(before) && begins_operand(found))
    return fmt::format("write an operator or a comma between `{}` and `{}`, or begin a new line",
                       context.text(context.previous().span), context.text(context.current().span));
  if (found == TokenType::RightParen || found == TokenType::RightBracket) return "leave it out";
  return "";
}

}  // namespace gradient_check::python
