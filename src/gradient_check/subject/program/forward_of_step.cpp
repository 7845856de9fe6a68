#include "gradient_check/subject/program/forward_of_step.h"

#include <algorithm>
#include <set>
#include <vector>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/replace.h"
#include "gradient_check/subject/program/statement_names.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// Whether a statement does something besides giving values to variables.
bool always_counts(const ast::Statement& statement) {
  using enum ast::StatementKind;
  switch (statement.kind()) {
    case Raise:
    case Assert:
    case Import:
    case ImportFrom:
    case Global:
    case Nonlocal:
    case Delete:
      return true;
    default:
      return false;
  }
}

bool meet(const NameSet& a, const NameSet& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& name) { return b.contains(name); });
}

/// The statements among all but the last that what is `needed` depends on.
std::vector<ast::StatementPtr> needed_of(const std::vector<ast::StatementPtr>& body,
                                         NameSet needed) {
  std::vector<ast::StatementPtr> kept;
  for (auto at = std::next(body.rbegin()); at != body.rend(); ++at) {
    const bool writes = meet(writes_of(*at), needed);
    if (!writes && !always_counts(**at)) continue;
    if (!writes && kept.empty()) continue;  // after the result is computed
    needed.merge(names_in(*at));
    kept.push_back(*at);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

ast::StatementPtr function_in(const std::vector<ast::StatementPtr>& body, const std::string& name) {
  ast::StatementPtr found;
  for (const ast::StatementPtr& statement : body)
    if (const auto* function = statement->as<ast::FunctionDef>())
      if (function->name == name) found = statement;
  return found;
}

int returns_in(const ast::StatementPtr& function) {
  int count = 0;
  ast::for_each_node(function, [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::StatementPtr>)
      count += node->template as<ast::Return>() ? 1 : 0;
  });
  return count;
}

}  // namespace

ast::StatementPtr function_named(const ast::Module& module, const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return function_in(module.body, name);
  const ast::StatementPtr klass = class_named(module, name.substr(0, dot));
  return klass ? function_in(klass->as<ast::ClassDef>()->body, name.substr(dot + 1)) : nullptr;
}

ast::StatementPtr class_named(const ast::Module& module, const std::string& name) {
  ast::StatementPtr found;
  for (const ast::StatementPtr& statement : module.body)
    if (const auto* klass = statement->as<ast::ClassDef>())
      if (klass->name == name) found = statement;
  return found;
}

std::optional<ast::Module> forward_of_step(const ast::Module& module, const std::string& name) {
  const ast::StatementPtr whole = function_named(module, name);
  if (!whole || returns_in(whole) != 1) return std::nullopt;
  ast::FunctionDef function = *whole->as<ast::FunctionDef>();
  const auto* last = function.body.back()->as<ast::Return>();
  const auto* results = last && last->value ? last->value->as<ast::Tuple>() : nullptr;
  if (!results || results->elts.empty()) return std::nullopt;
  const ast::ExpressionPtr output = results->elts.front();
  function.body = needed_of(function.body, names_in(output));
  function.body.push_back(ast::make_statement(ast::Return{output}));
  return ast::replace(module, whole->id, ast::make_statement(std::move(function)));
}

}  // namespace gradient_check
