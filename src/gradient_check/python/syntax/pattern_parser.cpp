#include "gradient_check/python/syntax/pattern_parser.h"

#include <fmt/format.h>

#include <utility>

#include "gradient_check/python/syntax/atom_parser.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

using ast::ExpressionPtr;
using ast::PatternPtr;

namespace {

const ast::ConstantValue* constant_of(const ast::Expression& expression) {
  if (const auto* negative = expression.as<ast::UnaryOp>()) return constant_of(*negative->operand);
  const auto* const constant = expression.as<ast::Constant>();
  return constant == nullptr ? nullptr : &constant->value;
}

}  // namespace

PatternPtr PatternParser::patterns() {
  const std::uint32_t begin = context_.begin();
  PatternPtr first = star_or_pattern();
  if (!context_.is(TokenType::Comma)) {
    if (first->as<ast::MatchStar>()) context_.fail_expected("',' behind a pattern with `*`");
    return first;
  }
  ast::MatchSequence sequence{{std::move(first)}};
  while (context_.accept(TokenType::Comma)) {
    if (context_.is(TokenType::Colon) || context_.is(TokenType::If)) break;
    sequence.patterns.push_back(star_or_pattern());
  }
  return context_.make(context_.since(begin), ast::PatternForm(std::move(sequence)));
}

PatternPtr PatternParser::star_or_pattern() {
  if (!context_.is(TokenType::Star)) return pattern();
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::MatchStar star;
  if (context_.is_name("_")) {
    context_.advance();
  } else {
    star.name = capture("behind `*`");
  }
  return context_.make(context_.since(begin), ast::PatternForm(std::move(star)));
}

PatternPtr PatternParser::pattern() {
  const ParserContext::Level level(context_);
  const std::uint32_t begin = context_.begin();
  PatternPtr inner = alternatives();
  if (!context_.accept(TokenType::As)) return inner;
  ast::MatchAs as{std::move(inner), capture("behind `as`")};
  return context_.make(context_.since(begin), ast::PatternForm(std::move(as)));
}

PatternPtr PatternParser::alternatives() {
  const std::uint32_t begin = context_.begin();
  PatternPtr first = closed();
  if (!context_.is(TokenType::Pipe)) return first;
  ast::MatchOr result{{std::move(first)}};
  while (context_.accept(TokenType::Pipe)) result.patterns.push_back(closed());
  return context_.make(context_.since(begin), ast::PatternForm(std::move(result)));
}

PatternPtr PatternParser::closed() {
  switch (context_.current().type) {
    case TokenType::Number:
    case TokenType::Minus:
    case TokenType::String:
    case TokenType::FStringStart:
      return literal();
    case TokenType::None:
      return singleton(std::nullopt);
    case TokenType::True:
      return singleton(true);
    case TokenType::False:
      return singleton(false);
    case TokenType::Name:
      return named();
    case TokenType::LeftParen:
      return parentheses();
    case TokenType::LeftBracket:
      return brackets();
    case TokenType::LeftBrace:
      return mapping();
    default:
      context_.fail_expected("a pattern");
  }
}

PatternPtr PatternParser::literal() {
  const std::uint32_t begin = context_.begin();
  const bool is_number = context_.is(TokenType::Number) || context_.is(TokenType::Minus);
  ExpressionPtr value = is_number ? number() : AtomParser(expressions_).atom();
  return context_.make(context_.since(begin), ast::PatternForm(ast::MatchValue{std::move(value)}));
}

PatternPtr PatternParser::singleton(std::optional<bool> value) {
  return context_.make(context_.advance().span, ast::PatternForm(ast::MatchSingleton{value}));
}

ExpressionPtr PatternParser::signed_number() {
  const std::uint32_t begin = context_.begin();
  if (!context_.is(TokenType::Minus)) return AtomParser(expressions_).atom();
  const Span sign = context_.advance().span;
  if (!context_.is(TokenType::Number)) context_.fail_expected("a number behind `-`");
  ExpressionPtr value = AtomParser(expressions_).atom();
  return context_.make(context_.since(begin),
                       ast::UnaryOp{ast::UnaryOperator::USub, std::move(value), sign});
}

ExpressionPtr PatternParser::number() {
  ExpressionPtr real = signed_number();
  const bool plus = context_.is(TokenType::Plus);
  if (!plus && !context_.is(TokenType::Minus)) return real;
  const Span op = context_.advance().span;
  if (!context_.is(TokenType::Number)) context_.fail_expected("an imaginary number");
  ExpressionPtr imaginary = AtomParser(expressions_).atom();
  if (std::holds_alternative<ast::Imaginary>(*constant_of(*real)))
    context_.fail(real->span, "the first part of a complex number is a real one");
  if (!std::holds_alternative<ast::Imaginary>(*constant_of(*imaginary)))
    context_.fail(imaginary->span, "the second part of a complex number is an imaginary one",
                  "write j behind it");
  const Span span{real->span.begin, imaginary->span.end};
  return context_.make(
      span, ast::BinOp{std::move(real), plus ? ast::BinaryOperator::Add : ast::BinaryOperator::Sub,
                       std::move(imaginary), op});
}

PatternPtr PatternParser::named() {
  const std::uint32_t begin = context_.begin();
  if (context_.peek().type == TokenType::Dot || context_.peek().type == TokenType::LeftParen) {
    ExpressionPtr name = dotted_name();
    if (context_.is(TokenType::LeftParen)) return class_pattern(begin, std::move(name));
    return context_.make(context_.since(begin), ast::PatternForm(ast::MatchValue{std::move(name)}));
  }
  ast::MatchAs as;
  const std::string_view name = context_.text(context_.advance().span);
  if (name != "_") as.name = normalized_name(name);
  return context_.make(context_.since(begin), ast::PatternForm(std::move(as)));
}

ExpressionPtr PatternParser::dotted_name() {
  ExpressionPtr result = AtomParser(expressions_).name();
  while (context_.accept(TokenType::Dot)) {
    if (!context_.is(TokenType::Name)) context_.fail_expected("a name behind '.'");
    const Span name = context_.advance().span;
    const std::uint32_t begin = result->span.begin;
    result = context_.make(
        context_.since(begin),
        ast::Attribute{std::move(result), normalized_name(context_.text(name)), name});
  }
  return result;
}

PatternPtr PatternParser::parentheses() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::MatchSequence sequence;
  if (!context_.is(TokenType::RightParen)) {
    PatternPtr first = star_or_pattern();
    if (!context_.is(TokenType::Comma)) {
      if (first->as<ast::MatchStar>()) context_.fail_expected("',' behind a pattern with `*`");
      context_.expect(TokenType::RightParen, "behind the pattern");
      return first;
    }
    sequence.patterns.push_back(std::move(first));
    while (context_.accept(TokenType::Comma)) {
      if (context_.is(TokenType::RightParen)) break;
      sequence.patterns.push_back(star_or_pattern());
    }
  }
  context_.expect(TokenType::RightParen, "behind the patterns");
  return context_.make(context_.since(begin), ast::PatternForm(std::move(sequence)));
}

PatternPtr PatternParser::brackets() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::MatchSequence sequence;
  while (!context_.is(TokenType::RightBracket)) {
    sequence.patterns.push_back(star_or_pattern());
    if (!context_.accept(TokenType::Comma)) break;
  }
  context_.expect(TokenType::RightBracket, "behind the patterns");
  return context_.make(context_.since(begin), ast::PatternForm(std::move(sequence)));
}

PatternPtr PatternParser::mapping() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::MatchMapping mapping;
  while (!context_.is(TokenType::RightBrace)) {
    mapping_item(mapping);
    if (!context_.accept(TokenType::Comma)) break;
  }
  context_.expect(TokenType::RightBrace, "behind the patterns");
  return context_.make(context_.since(begin), ast::PatternForm(std::move(mapping)));
}

void PatternParser::mapping_item(ast::MatchMapping& mapping) {
  if (mapping.rest)
    context_.fail(context_.current().span, "a pattern behind `**`, which takes all that is left",
                  "write it before `**`");
  if (context_.accept(TokenType::DoubleStar)) {
    mapping.rest = capture("behind `**`");
    return;
  }
  ExpressionPtr name = key();
  context_.expect(TokenType::Colon, "behind a key of the pattern");
  mapping.items.push_back({std::move(name), pattern()});
}

ExpressionPtr PatternParser::key() {
  switch (context_.current().type) {
    case TokenType::Number:
    case TokenType::Minus:
      return number();
    case TokenType::String:
    case TokenType::FStringStart:
    case TokenType::None:
    case TokenType::True:
    case TokenType::False:
      return AtomParser(expressions_).atom();
    case TokenType::Name:
      if (context_.peek().type == TokenType::Dot) return dotted_name();
      [[fallthrough]];
    default:
      context_.fail_expected("a constant or a name with a dot as the key of a pattern");
  }
}

PatternPtr PatternParser::class_pattern(std::uint32_t begin, ExpressionPtr cls) {
  context_.advance();
  ast::MatchClass result;
  result.cls = std::move(cls);
  while (!context_.is(TokenType::RightParen)) {
    class_argument(result);
    if (!context_.accept(TokenType::Comma)) break;
  }
  context_.expect(TokenType::RightParen, "behind the patterns");
  return context_.make(context_.since(begin), ast::PatternForm(std::move(result)));
}

void PatternParser::class_argument(ast::MatchClass& result) {
  if (context_.is(TokenType::Name) && context_.peek().type == TokenType::Equal) {
    std::string name = normalized_name(context_.text(context_.advance().span));
    context_.advance();
    result.keywords.push_back({std::move(name), pattern()});
    return;
  }
  const std::uint32_t begin = context_.begin();
  PatternPtr positional = pattern();
  if (!result.keywords.empty())
    context_.fail(context_.since(begin), "a positional pattern behind one with a keyword",
                  "write positional patterns first");
  result.patterns.push_back(std::move(positional));
}

std::string PatternParser::capture(const char* where) {
  if (!context_.is(TokenType::Name)) context_.fail_expected(fmt::format("a name {}", where));
  const Token& token = context_.current();
  if (context_.text(token.span) == "_")
    context_.fail(token.span, fmt::format("`_` {} binds nothing", where), "write a name");
  const TokenType next = context_.peek().type;
  if (next == TokenType::Dot || next == TokenType::LeftParen || next == TokenType::Equal)
    context_.fail(token.span, fmt::format("only a plain name may stand {}", where));
  return normalized_name(context_.text(context_.advance().span));
}

}  // namespace gradient_check::python
