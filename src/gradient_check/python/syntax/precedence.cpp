#include "gradient_check/python/syntax/precedence.h"

#include <array>
#include <cmath>

namespace gradient_check::python {

using ast::ExpressionKind;

namespace {

/// A number made by an edit may be negative; none is parsed.
bool is_negative(const ast::ConstantValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer < 0;
  const auto* const number = std::get_if<double>(&value);
  return number != nullptr && std::signbit(*number);
}

}  // namespace

Precedence precedence(ast::BinaryOperator op) {
  static constexpr std::array<Precedence, 13> table{
      Precedence::Sum,     Precedence::Sum,     Precedence::Product, Precedence::Product,
      Precedence::Product, Precedence::Product, Precedence::Power,   Precedence::Shift,
      Precedence::Shift,   Precedence::BitOr,   Precedence::BitXor,  Precedence::BitAnd,
      Precedence::Product};
  return table[static_cast<std::size_t>(op)];
}

Precedence precedence(const ast::Expression& expression) {
  switch (expression.kind()) {
    case ExpressionKind::NamedExpr:
      return Precedence::NamedExpr;
    case ExpressionKind::Tuple:
      return expression.as<ast::Tuple>()->elts.empty() ? Precedence::Atom : Precedence::Tuple;
    case ExpressionKind::Yield:
    case ExpressionKind::YieldFrom:
      return Precedence::Yield;
    case ExpressionKind::Lambda:
    case ExpressionKind::IfExp:
      return Precedence::Test;
    case ExpressionKind::BoolOp:
      return expression.as<ast::BoolOp>()->op == ast::BooleanOperator::Or ? Precedence::Or
                                                                          : Precedence::And;
    case ExpressionKind::UnaryOp:
      return expression.as<ast::UnaryOp>()->op == ast::UnaryOperator::Not ? Precedence::Not
                                                                          : Precedence::Sign;
    case ExpressionKind::Compare:
      return Precedence::Comparison;
    case ExpressionKind::BinOp:
      return precedence(expression.as<ast::BinOp>()->op);
    case ExpressionKind::Await:
      return Precedence::Await;
    case ExpressionKind::Constant:
      return is_negative(expression.as<ast::Constant>()->value) ? Precedence::Sign
                                                                : Precedence::Atom;
    default:
      return Precedence::Atom;
  }
}

}  // namespace gradient_check::python
