#include "gradient_check/python/syntax/parameter_parser.h"

#include <fmt/format.h>

#include <utility>

#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

using ast::ParameterKind;

std::vector<ast::Parameter> ParameterParser::parse() {
  while (!context_.is(closing_)) {
    one();
    if (context_.accept(TokenType::Comma)) continue;
    if (context_.is(closing_)) break;
    context_.fail_expected(closing_ == TokenType::Colon
                               ? "',' or ':' behind a parameter of `lambda`"
                               : "',' or ')' behind a parameter");
  }
  if (bare_star_)
    context_.fail(context_.current().span, "no parameter stands behind `*`",
                  "write the keyword-only parameters behind it, or leave it out");
  return std::move(parameters_);
}

void ParameterParser::one() {
  const Span here = context_.current().span;
  if (double_star_) {
    context_.fail_if_explained();
    context_.fail(here, "a parameter behind `**`, which takes all that is left",
                  "write it before `**`");
  }
  switch (context_.current().type) {
    case TokenType::Star:
      return star();
    case TokenType::Slash:
      return slash();
    case TokenType::DoubleStar: {
      if (bare_star_)
        context_.fail(here, "no parameter stands between `*` and `**`", "leave out the `*`");
      context_.advance();
      ast::Parameter parameter = named(ParameterKind::var_keyword);
      parameters_.push_back(std::move(parameter));
      double_star_ = true;
      return;
    }
    default:
      return ordinary();
  }
}

void ParameterParser::star() {
  if (star_)
    context_.fail(context_.current().span, "a second `*` among the parameters", "leave it out");
  star_ = true;
  context_.advance();
  if (context_.is(TokenType::Comma) || context_.is(closing_)) {
    bare_star_ = true;
    return;
  }
  ast::Parameter parameter = named(ParameterKind::var_positional);
  parameters_.push_back(std::move(parameter));
}

void ParameterParser::slash() {
  const Span here = context_.current().span;
  if (slash_) context_.fail(here, "a second `/` among the parameters", "leave it out");
  if (star_) context_.fail(here, "`/` stands behind `*` among the parameters", "write `/` first");
  if (parameters_.empty()) context_.fail(here, "no parameter stands before `/`", "leave it out");
  slash_ = true;
  context_.advance();
  for (ast::Parameter& parameter : parameters_) parameter.kind = ParameterKind::positional_only;
}

void ParameterParser::ordinary() {
  if (context_.is(TokenType::LeftParen))
    context_.fail(context_.current().span, "Python 2's parameters in parentheses",
                  "write one name, and take it apart in the body");
  const ParameterKind kind =
      star_ ? ParameterKind::keyword_only : ParameterKind::positional_or_keyword;
  const std::uint32_t begin = context_.begin();
  ast::Parameter parameter = named(kind);
  bare_star_ = false;
  if (context_.accept(TokenType::Equal)) {
    if (context_.is(TokenType::Comma) || context_.is(closing_))
      context_.fail_expected(fmt::format("a default for the parameter {}", parameter.name));
    parameter.default_value = expressions_.expression();
    default_ = default_ || kind != ParameterKind::keyword_only;
  } else if (default_ && kind != ParameterKind::keyword_only) {
    context_.fail(
        context_.since(begin),
        fmt::format("the parameter {} has no default, but one before it has", parameter.name),
        "write parameters without a default first");
  }
  parameters_.push_back(std::move(parameter));
}

ast::Parameter ParameterParser::named(ParameterKind kind) {
  const std::uint32_t begin = context_.begin();
  if (!context_.is(TokenType::Name)) {
    const bool reserved = is_keyword(context_.current().type);
    context_.fail_expected("the name of a parameter", reserved ? "a keyword cannot be a name" : "");
  }
  ast::Parameter parameter;
  parameter.kind = kind;
  parameter.name = normalized_name(context_.text(context_.advance().span));
  if (closing_ == TokenType::RightParen && context_.accept(TokenType::Colon))
    parameter.annotation = annotation(kind);
  static_cast<ast::Node&>(parameter) = context_.node(context_.since(begin));
  const bool takes_all =
      kind == ParameterKind::var_positional || kind == ParameterKind::var_keyword;
  if (takes_all && context_.is(TokenType::Equal))
    context_.fail(context_.current().span,
                  fmt::format("{} takes all that is left and has no default", parameter.name),
                  "leave out the default");
  return parameter;
}

ast::ExpressionPtr ParameterParser::annotation(ParameterKind kind) {
  if (kind == ParameterKind::var_positional && context_.is(TokenType::Star))
    return expressions_.starred(&ExpressionParser::bitwise_or);
  return expressions_.expression();
}

}  // namespace gradient_check::python
