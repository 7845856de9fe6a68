#include "gradient_check/python/syntax/target_checker.h"

#include <fmt/format.h>

namespace gradient_check::python {

using ast::ExpressionKind;

const char* expression_noun(const ast::Expression& expression) {
  switch (expression.kind()) {
    case ExpressionKind::Name:
      return "a name";
    case ExpressionKind::Constant:
      return "a constant";
    case ExpressionKind::Attribute:
      return "an attribute";
    case ExpressionKind::Call:
      return "a call";
    case ExpressionKind::BinOp:
    case ExpressionKind::UnaryOp:
    case ExpressionKind::BoolOp:
      return "the result of an operator";
    case ExpressionKind::Compare:
      return "a comparison";
    case ExpressionKind::Subscript:
      return "an element";
    case ExpressionKind::Tuple:
      return "a tuple";
    case ExpressionKind::List:
      return "a list";
    case ExpressionKind::Starred:
      return "what `*` unpacks";
    case ExpressionKind::IfExp:
      return "a conditional expression";
    case ExpressionKind::Dict:
      return "a dictionary";
    case ExpressionKind::Set:
      return "a set";
    case ExpressionKind::JoinedStr:
    case ExpressionKind::FormattedValue:
      return "an f-string";
    case ExpressionKind::Lambda:
      return "a lambda";
    case ExpressionKind::GeneratorExp:
      return "a generator expression";
    case ExpressionKind::NamedExpr:
      return "an assignment with `:=`";
    case ExpressionKind::Await:
      return "what `await` gives";
    case ExpressionKind::Yield:
    case ExpressionKind::YieldFrom:
      return "what `yield` gives";
    default:
      return "a comprehension";
  }
}

void TargetChecker::check_assignment_target(const ast::Expression& target) const {
  check(target, "assign to", true);
}

void TargetChecker::check_loop_target(const ast::Expression& target) const {
  check(target, "loop with", true);
}

void TargetChecker::check_deletion_target(const ast::Expression& target) const {
  check(target, "delete", false);
}

void TargetChecker::check_single_target(const ast::Expression& target,
                                        const std::string& what) const {
  const ExpressionKind kind = target.kind();
  if (kind == ExpressionKind::Name || kind == ExpressionKind::Attribute ||
      kind == ExpressionKind::Subscript)
    return;
  if (kind == ExpressionKind::Tuple || kind == ExpressionKind::List)
    context_.fail(target.outer,
                  fmt::format("{} takes one target, not {}", what, expression_noun(target)),
                  "write a statement for each");
  fail(target, "assign to");
}

void TargetChecker::check(const ast::Expression& target, const char* verb, bool stars) const {
  if (const auto* tuple = target.as<ast::Tuple>()) {
    for (const auto& element : tuple->elts) check(*element, verb, stars);
  } else if (const auto* list = target.as<ast::List>()) {
    for (const auto& element : list->elts) check(*element, verb, stars);
  } else if (const auto* starred = target.as<ast::Starred>(); starred != nullptr && stars) {
    if (starred->value->as<ast::Starred>()) fail(*starred->value, verb);
    check(*starred->value, verb, stars);
  } else if (target.kind() != ExpressionKind::Name && target.kind() != ExpressionKind::Attribute &&
             target.kind() != ExpressionKind::Subscript) {
    fail(target, verb);
  }
}

void TargetChecker::fail(const ast::Expression& target, const char* verb) const {
  std::string help;
  if (context_.is(TokenType::Equal))
    help = "write == to compare; the target of = stands left of it";
  if (const auto* constant = target.as<ast::Constant>();
      constant != nullptr && context_.is(TokenType::Equal))
    help = "the target of = stands left of it, the value right of it; == compares";
  context_.fail(target.outer, fmt::format("cannot {} {}", verb, expression_noun(target)), help);
}

}  // namespace gradient_check::python
