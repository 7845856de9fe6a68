#include "gradient_check/python/syntax/expression_parser.h"

#include <fmt/format.h>

#include <optional>

#include "gradient_check/python/syntax/atom_parser.h"
#include "gradient_check/python/syntax/parameter_parser.h"
#include "gradient_check/python/syntax/trailer_parser.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

namespace {

struct BinaryToken {
  ast::BinaryOperator op;
  int strength;
};

constexpr int weakest_binary = 1;

/// Which operator a token is and how strongly it binds; all of these bind to the left.
std::optional<BinaryToken> binary_token(TokenType type) {
  using ast::BinaryOperator;
  switch (type) {
    case TokenType::Pipe:
      return BinaryToken{BinaryOperator::BitOr, 1};
    case TokenType::Caret:
      return BinaryToken{BinaryOperator::BitXor, 2};
    case TokenType::Ampersand:
      return BinaryToken{BinaryOperator::BitAnd, 3};
    case TokenType::LeftShift:
      return BinaryToken{BinaryOperator::LShift, 4};
    case TokenType::RightShift:
      return BinaryToken{BinaryOperator::RShift, 4};
    case TokenType::Plus:
      return BinaryToken{BinaryOperator::Add, 5};
    case TokenType::Minus:
      return BinaryToken{BinaryOperator::Sub, 5};
    case TokenType::Star:
      return BinaryToken{BinaryOperator::Mult, 6};
    case TokenType::Slash:
      return BinaryToken{BinaryOperator::Div, 6};
    case TokenType::DoubleSlash:
      return BinaryToken{BinaryOperator::FloorDiv, 6};
    case TokenType::Percent:
      return BinaryToken{BinaryOperator::Mod, 6};
    case TokenType::At:
      return BinaryToken{BinaryOperator::MatMult, 6};
    default:
      return std::nullopt;
  }
}

/// The operator that a token, with the next one, is the beginning of.
std::optional<ast::ComparisonOperator> comparison_token(TokenType type, TokenType next) {
  using ast::ComparisonOperator;
  switch (type) {
    case TokenType::EqualEqual:
      return ComparisonOperator::Eq;
    case TokenType::NotEqual:
      return ComparisonOperator::NotEq;
    case TokenType::Less:
      return ComparisonOperator::Lt;
    case TokenType::LessEqual:
      return ComparisonOperator::LtE;
    case TokenType::Greater:
      return ComparisonOperator::Gt;
    case TokenType::GreaterEqual:
      return ComparisonOperator::GtE;
    case TokenType::In:
      return ComparisonOperator::In;
    case TokenType::Is:
      return next == TokenType::Not ? ComparisonOperator::IsNot : ComparisonOperator::Is;
    case TokenType::Not:
      if (next == TokenType::In) return ComparisonOperator::NotIn;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Span from_to(const ExpressionPtr& first, const ExpressionPtr& last) {
  return {first->outer.begin, last->outer.end};
}

}  // namespace

bool ExpressionParser::at_expression() const {
  switch (context_.current().type) {
    case TokenType::Name:
    case TokenType::Number:
    case TokenType::String:
    case TokenType::FStringStart:
    case TokenType::LeftParen:
    case TokenType::LeftBracket:
    case TokenType::LeftBrace:
    case TokenType::Ellipsis:
    case TokenType::Plus:
    case TokenType::Minus:
    case TokenType::Tilde:
    case TokenType::False:
    case TokenType::None:
    case TokenType::True:
    case TokenType::Await:
    case TokenType::Lambda:
    case TokenType::Not:
      return true;
    default:
      return false;
  }
}

ExpressionPtr ExpressionParser::star_expressions() {
  ExpressionPtr first = star_expression();
  if (!context_.is(TokenType::Comma)) return first;
  const std::uint32_t begin = first->outer.begin;
  ast::Tuple tuple;
  tuple.elts.push_back(std::move(first));
  while (context_.accept(TokenType::Comma)) {
    if (!at_expression() && !context_.is(TokenType::Star)) break;
    tuple.elts.push_back(star_expression());
  }
  return context_.make(context_.since(begin), std::move(tuple));
}

ExpressionPtr ExpressionParser::star_expression() {
  return context_.is(TokenType::Star) ? starred(&ExpressionParser::bitwise_or) : expression();
}

ExpressionPtr ExpressionParser::starred(ExpressionPtr (ExpressionParser::*value)()) {
  const std::uint32_t begin = context_.begin();
  context_.expect(TokenType::Star);
  ExpressionPtr operand = (this->*value)();
  return context_.make(context_.since(begin), ast::Starred{std::move(operand)});
}

ExpressionPtr ExpressionParser::yield_or_star_expressions() {
  return context_.is(TokenType::Yield) ? yield_expression() : star_expressions();
}

ExpressionPtr ExpressionParser::yield_expression() {
  const std::uint32_t begin = context_.begin();
  context_.expect(TokenType::Yield);
  if (context_.accept(TokenType::From)) {
    ExpressionPtr value = expression();
    return context_.make(context_.since(begin), ast::YieldFrom{std::move(value)});
  }
  ExpressionPtr value;
  if (at_expression() || context_.is(TokenType::Star)) value = star_expressions();
  return context_.make(context_.since(begin), ast::Yield{std::move(value)});
}

ExpressionPtr ExpressionParser::named_expression() {
  const bool named = context_.is(TokenType::Name) && context_.peek().type == TokenType::ColonEqual;
  if (!named) {
    ExpressionPtr value = expression();
    if (context_.is(TokenType::ColonEqual))
      context_.fail(value->outer, "`:=` assigns to a name only", "write an assignment of its own");
    return value;
  }
  const std::uint32_t begin = context_.begin();
  ExpressionPtr target = AtomParser(*this).name();
  const Span op = context_.advance().span;
  ExpressionPtr value = expression();
  return context_.make(context_.since(begin),
                       ast::NamedExpr{std::move(target), std::move(value), op});
}

ExpressionPtr ExpressionParser::star_named_expression() {
  return context_.is(TokenType::Star) ? starred(&ExpressionParser::bitwise_or) : named_expression();
}

ExpressionPtr ExpressionParser::expression() {
  const ParserContext::Level level(context_);
  if (context_.is(TokenType::Lambda)) return lambda();
  ExpressionPtr body = disjunction();
  if (!context_.is(TokenType::If)) return body;
  const std::uint32_t begin = body->outer.begin;
  context_.advance();
  ExpressionPtr test = disjunction();
  if (!context_.is(TokenType::Else))
    context_.fail_expected("`else` after `… if …`",
                           "write what the value is otherwise: a if b else c");
  context_.advance();
  ExpressionPtr orelse = expression();
  return context_.make(context_.since(begin),
                       ast::IfExp{std::move(body), std::move(test), std::move(orelse)});
}

ExpressionPtr ExpressionParser::lambda() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::Lambda lambda;
  lambda.parameters = ParameterParser(*this, TokenType::Colon).parse();
  context_.expect(TokenType::Colon, "behind the parameters of `lambda`");
  lambda.body = expression();
  return context_.make(context_.since(begin), std::move(lambda));
}

ExpressionPtr ExpressionParser::disjunction() { return boolean(ast::BooleanOperator::Or); }

ExpressionPtr ExpressionParser::boolean(ast::BooleanOperator op) {
  const bool is_or = op == ast::BooleanOperator::Or;
  const auto operand = [&] { return is_or ? boolean(ast::BooleanOperator::And) : inversion(); };
  const TokenType word = is_or ? TokenType::Or : TokenType::And;
  ExpressionPtr first = operand();
  if (!context_.is(word)) return first;
  const std::uint32_t begin = first->outer.begin;
  ast::BoolOp result{op, {std::move(first)}};
  while (context_.accept(word)) result.values.push_back(operand());
  return context_.make(context_.since(begin), std::move(result));
}

ExpressionPtr ExpressionParser::inversion() {
  if (!context_.is(TokenType::Not)) return comparison();
  const ParserContext::Level level(context_);
  const Span op = context_.advance().span;
  ExpressionPtr operand = inversion();
  return context_.make(context_.since(op.begin),
                       ast::UnaryOp{ast::UnaryOperator::Not, std::move(operand), op});
}

ExpressionPtr ExpressionParser::comparison() {
  ExpressionPtr left = bitwise_or();
  ast::Comparator next;
  if (!comparison_operator(next)) return left;
  const std::uint32_t begin = left->outer.begin;
  ast::Compare compare{std::move(left), {}};
  do {
    next.value = bitwise_or();
    compare.comparators.push_back(std::move(next));
  } while (comparison_operator(next));
  return context_.make(context_.since(begin), std::move(compare));
}

bool ExpressionParser::comparison_operator(ast::Comparator& comparator) {
  const Token& token = context_.current();
  if (token.type == TokenType::LessGreater)
    context_.fail(token.span, "`<>` is Python 2's sign for unequal", "write !=");
  const auto op = comparison_token(token.type, context_.peek().type);
  if (!op) return false;
  comparator.op = *op;
  comparator.op_span = context_.advance().span;
  const bool two_words =
      *op == ast::ComparisonOperator::IsNot || *op == ast::ComparisonOperator::NotIn;
  if (two_words) comparator.op_span.end = context_.advance().span.end;
  return true;
}

ExpressionPtr ExpressionParser::bitwise_or() { return binary(weakest_binary); }

ExpressionPtr ExpressionParser::binary(int least_strength) {
  ExpressionPtr left = unary();
  while (const auto found = binary_token(context_.current().type)) {
    if (found->strength < least_strength) break;
    const Span op = context_.advance().span;
    ExpressionPtr right = binary(found->strength + 1);
    const Span span = from_to(left, right);
    left = context_.make(span, ast::BinOp{std::move(left), found->op, std::move(right), op});
  }
  return left;
}

ExpressionPtr ExpressionParser::unary() {
  ast::UnaryOperator op{};
  switch (context_.current().type) {
    case TokenType::Plus:
      op = ast::UnaryOperator::UAdd;
      break;
    case TokenType::Minus:
      op = ast::UnaryOperator::USub;
      break;
    case TokenType::Tilde:
      op = ast::UnaryOperator::Invert;
      break;
    default:
      return power();
  }
  const ParserContext::Level level(context_);
  const Span sign = context_.advance().span;
  ExpressionPtr operand = unary();
  return context_.make(context_.since(sign.begin), ast::UnaryOp{op, std::move(operand), sign});
}

ExpressionPtr ExpressionParser::power() {
  ExpressionPtr base = await_or_primary();
  if (!context_.is(TokenType::DoubleStar)) return base;
  const ParserContext::Level level(context_);
  const Span op = context_.advance().span;
  // It binds to the right, and its exponent may carry a sign.
  ExpressionPtr exponent = unary();
  const Span span = from_to(base, exponent);
  return context_.make(
      span, ast::BinOp{std::move(base), ast::BinaryOperator::Pow, std::move(exponent), op});
}

ExpressionPtr ExpressionParser::await_or_primary() {
  if (!context_.is(TokenType::Await)) return primary();
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ExpressionPtr value = primary();
  return context_.make(context_.since(begin), ast::Await{std::move(value)});
}

ExpressionPtr ExpressionParser::primary() {
  ExpressionPtr value = AtomParser(*this).atom();
  while (true) {
    switch (context_.current().type) {
      case TokenType::Dot:
        value = attribute(std::move(value));
        break;
      case TokenType::LeftParen:
        value = TrailerParser(*this).call(std::move(value));
        break;
      case TokenType::LeftBracket:
        value = TrailerParser(*this).subscript(std::move(value));
        break;
      default:
        return value;
    }
  }
}

ExpressionPtr ExpressionParser::attribute(ExpressionPtr value) {
  context_.advance();
  if (!context_.is(TokenType::Name)) {
    const bool reserved = is_keyword(context_.current().type);
    context_.fail_expected("the name of an attribute behind '.'",
                           reserved ? "a keyword cannot be one" : "");
  }
  const Span name = context_.advance().span;
  const std::uint32_t begin = value->outer.begin;
  return context_.make(
      context_.since(begin),
      ast::Attribute{std::move(value), normalized_name(context_.text(name)), name});
}

ExpressionPtr ExpressionParser::target_list() {
  ExpressionPtr first = target();
  if (!context_.is(TokenType::Comma)) return first;
  const std::uint32_t begin = first->outer.begin;
  ast::Tuple tuple{{std::move(first)}};
  while (context_.accept(TokenType::Comma)) {
    if (!at_expression() && !context_.is(TokenType::Star)) break;
    tuple.elts.push_back(target());
  }
  return context_.make(context_.since(begin), std::move(tuple));
}

ExpressionPtr ExpressionParser::target() {
  // No target has an operator outside of brackets, and so none goes beyond the word `in`.
  return context_.is(TokenType::Star) ? starred(&ExpressionParser::bitwise_or) : bitwise_or();
}

}  // namespace gradient_check::python
