#include "gradient_check/python/syntax/target_checker.h"

#include <fmt/format.h>

#include <iterator>
#include <variant>

namespace gradient_check::python {

using ast::ExpressionKind;

const char* expression_noun(const ast::Expression& expression) {
  // In the order of ExpressionKind.
  static constexpr const char* nouns[] = {
      "a name",
      "a constant",
      "an attribute",
      "a call",
      "the result of an operator",
      "the result of an operator",
      "a comparison",
      "an element",
      "a slice",
      "a tuple",
      "a list",
      "what `*` unpacks",
      "the result of an operator",
      "a conditional expression",
      "a dictionary",
      "a set",
      "an f-string",
      "an f-string",
      "a lambda",
      "a comprehension",
      "a comprehension",
      "a comprehension",
      "a generator expression",
      "an assignment with `:=`",
      "what `await` gives",
      "what `yield` gives",
      "what `yield` gives",
  };
  static_assert(std::size(nouns) == std::variant_size_v<ast::ExpressionForm>);
  return nouns[static_cast<std::size_t>(expression.kind())];
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
