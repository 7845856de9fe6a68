#include "gradient_check/python/syntax/string_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gradient_check/python/syntax/string_literal.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

ExpressionPtr StringParser::strings() {
  const std::uint32_t begin = context_.begin();
  std::vector<Part> parts;
  bool bytes = false, text = false, formatted = false;
  while (context_.is(TokenType::String) || context_.is(TokenType::FStringStart)) {
    const Span span = context_.current().span;
    bool is_bytes = false;
    if (context_.is(TokenType::FStringStart)) {
      formatted = true;
      f_string(parts);
    } else {
      context_.advance();
      StringValue value = string_value(context_.code(), span.begin, span.end);
      is_bytes = value.is_bytes;
      parts.push_back({span, std::move(value.value), nullptr});
    }
    (is_bytes ? bytes : text) = true;
    if (bytes && text)
      context_.fail(context_.since(begin), "bytes and text stand side by side as one string",
                    "write b before all of them, or before none");
  }
  const Span span = context_.since(begin);
  if (formatted) return context_.make(span, ast::JoinedStr{values(std::move(parts))});
  std::string value;
  for (Part& part : parts) value += part.text;
  if (bytes) return context_.make(span, ast::Constant{ast::Bytes{std::move(value)}});
  return context_.make(span, ast::Constant{std::move(value)});
}

/// Neighbouring literals become one Constant; what is empty goes.
std::vector<ExpressionPtr> StringParser::values(std::vector<Part> parts) {
  std::vector<ExpressionPtr> result;
  for (std::size_t i = 0; i < parts.size();) {
    if (parts[i].field) {
      result.push_back(std::move(parts[i++].field));
      continue;
    }
    Span span = parts[i].span;
    std::string text;
    for (; i < parts.size() && !parts[i].field; ++i) {
      text += parts[i].text;
      span.end = parts[i].span.end;
    }
    if (!text.empty()) result.push_back(context_.make(span, ast::Constant{std::move(text)}));
  }
  return result;
}

void StringParser::f_string(std::vector<Part>& parts) {
  const std::string_view start = context_.text(context_.advance().span);
  const bool raw = start.find_first_of("rR") != std::string_view::npos;
  while (!context_.accept(TokenType::FStringEnd)) {
    const Span span = context_.current().span;
    if (context_.accept(TokenType::FStringMiddle)) {
      parts.push_back(
          {span, f_string_text(context_.code(), span.begin, span.end, raw, true), nullptr});
    } else if (context_.is(TokenType::LeftBrace)) {
      field(parts, raw);
    } else {
      context_.fail_expected("the end of the f-string");
    }
  }
}

void StringParser::field(std::vector<Part>& parts, bool raw) {
  const ParserContext::Level level(context_);
  const std::uint32_t begin = context_.begin();
  context_.advance();
  const std::size_t first_token = context_.index();
  const TokenType first = context_.current().type;
  if (first == TokenType::RightBrace || first == TokenType::Exclamation ||
      first == TokenType::Colon)
    context_.fail_expected("an expression in the `{…}` of the f-string", "write {{ for a brace");
  if (first == TokenType::Lambda)
    context_.fail(context_.current().span,
                  "the colon of a `lambda` ends the expression of an f-string",
                  "put the lambda in parentheses");
  ast::FormattedValue value;
  value.value = expressions_.yield_or_star_expressions();
  const bool shows_itself = context_.accept(TokenType::Equal);
  const Span itself{begin + 1, context_.begin()};
  if (context_.is(TokenType::Exclamation)) value.conversion = conversion();
  if (context_.is(TokenType::Colon)) value.format_spec = format_specification(raw);
  if (!context_.is(TokenType::RightBrace))
    context_.fail_expected("'}' behind the expression of the f-string");
  context_.advance();
  if (shows_itself) {
    parts.push_back({itself, text_between(first_token, itself), nullptr});
    if (!value.format_spec && value.conversion == 0) value.conversion = 'r';
  }
  const Span span = context_.since(begin);
  parts.push_back({span, "", context_.make(span, std::move(value))});
}

/// What {x = } shows of itself: the characters as written, but for comments.
std::string StringParser::text_between(std::size_t first_token, Span span) const {
  std::string result;
  std::uint32_t at = span.begin;
  const auto copy_until = [&](std::uint32_t end) {
    std::string_view gap = context_.text({at, std::max(at, end)});
    for (std::size_t hash = gap.find('#'); hash != std::string_view::npos; hash = gap.find('#')) {
      result += gap.substr(0, hash);
      gap.remove_prefix(std::min(gap.find('\n', hash), gap.size()));
    }
    result += gap;
    at = std::max(at, end);
  };
  // Comments stand between tokens only.
  for (std::size_t i = first_token; context_.token(i).span.begin < span.end; ++i) {
    const Span token = context_.token(i).span;
    copy_until(token.begin);
    result += context_.text({at, std::max(at, std::min(token.end, span.end))});
    at = std::max(at, token.end);
  }
  copy_until(span.end);
  return result;
}

char StringParser::conversion() {
  const Span mark = context_.advance().span;
  const Span span = context_.current().span;
  if (!context_.is(TokenType::Name))
    context_.fail_expected("s, r or a behind the `!` of the f-string");
  const std::string_view name = context_.text(context_.advance().span);
  if (span.begin != mark.end)
    context_.fail({mark.begin, span.end}, "a space between `!` and the letter of a conversion",
                  "delete it");
  if (name != "s" && name != "r" && name != "a")
    context_.fail(span, fmt::format("`!{}` is no conversion", name), "there are !s, !r and !a");
  return name[0];
}

ExpressionPtr StringParser::format_specification(bool raw) {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  std::vector<Part> parts;
  while (true) {
    const Span span = context_.current().span;
    if (context_.accept(TokenType::FStringMiddle)) {
      parts.push_back(
          {span, f_string_text(context_.code(), span.begin, span.end, raw, false), nullptr});
    } else if (context_.is(TokenType::LeftBrace)) {
      field(parts, raw);
    } else {
      break;
    }
  }
  const Span span = context_.since(begin);
  return context_.make(span, ast::JoinedStr{values(std::move(parts))});
}

}  // namespace gradient_check::python
