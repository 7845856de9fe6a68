#include "gradient_check/python/runtime/yields.h"

#include <type_traits>

#include "gradient_check/python/syntax/children.h"

namespace gradient_check::python {

bool yields(const ast::ExpressionPtr& expression) {
  if (expression->as<ast::Yield>() || expression->as<ast::YieldFrom>()) return true;
  if (expression->as<ast::Lambda>() || expression->as<ast::GeneratorExp>()) return false;
  bool found = false;
  ast::for_each_child(*expression, [&](const auto& child) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(child)>, ast::PatternPtr>)
      found = found || yields(child);
  });
  return found;
}
bool yields(const ast::StatementPtr& statement) {
  if (statement->as<ast::FunctionDef>() || statement->as<ast::ClassDef>()) return false;
  bool found = false;
  ast::for_each_child(*statement, [&](const auto& child) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(child)>, ast::PatternPtr>)
      found = found || yields(child);
  });
  return found;
}

}  // namespace gradient_check::python
