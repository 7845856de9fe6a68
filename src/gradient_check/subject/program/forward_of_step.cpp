#include "gradient_check/subject/program/forward_of_step.h"

#include <algorithm>
#include <set>
#include <vector>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/replace.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using Names = std::set<std::string>;

/// Calls visit(const ast::Expression&) or (const ast::Statement&) for everything within.
template <typename Visit>
struct Within {
  Visit& visit;
  void operator()(const ast::ExpressionPtr& expression) { visit(*expression); }
  void operator()(const ast::StatementPtr& statement) { visit(*statement); }
  void operator()(const ast::PatternPtr&) {}
};
template <typename NodePtr, typename Visit>
void for_all_within(const NodePtr& node, Visit visit) {
  ast::for_each_node(node, Within<Visit>{visit});
}

template <typename NodePtr>
Names names_in(const NodePtr& node) {
  Names names;
  const auto add = [&](const auto& inner) {
    if constexpr (std::is_same_v<std::decay_t<decltype(inner)>, ast::Expression>)
      if (const auto* name = inner.template as<ast::Name>()) names.insert(name->id);
  };
  for_all_within(node, add);
  return names;
}

/// The variable that a target changes: x of x, x[0], x.y, (x, y) and x.add_(1).
void add_bases(const ast::Expression& target, Names& names) {
  if (const auto* name = target.as<ast::Name>()) names.insert(name->id);
  if (const auto* subscript = target.as<ast::Subscript>()) add_bases(*subscript->value, names);
  if (const auto* attribute = target.as<ast::Attribute>()) add_bases(*attribute->value, names);
  if (const auto* call = target.as<ast::Call>()) add_bases(*call->func, names);
  if (const auto* starred = target.as<ast::Starred>()) add_bases(*starred->value, names);
  if (const auto* tuple = target.as<ast::Tuple>())
    for (const auto& element : tuple->elts) add_bases(*element, names);
  if (const auto* list = target.as<ast::List>())
    for (const auto& element : list->elts) add_bases(*element, names);
}

/// What an expression changes besides having a value.
void add_writes(const ast::Expression& expression, Names& names) {
  if (const auto* named = expression.as<ast::NamedExpr>()) add_bases(*named->target, names);
  const auto* call = expression.as<ast::Call>();
  if (!call) return;
  for (const ast::Keyword& keyword : call->keywords)
    if (keyword.arg == "out") names.merge(names_in(keyword.value));
  const auto* method = call->func->as<ast::Attribute>();
  if (method && method->attr.ends_with('_') && !method->attr.ends_with("__"))
    add_bases(*method->value, names);
}

void add_writes(const ast::Statement& statement, Names& names) {
  if (const auto* assign = statement.as<ast::Assign>())
    for (const auto& target : assign->targets) add_bases(*target, names);
  if (const auto* augmented = statement.as<ast::AugAssign>()) add_bases(*augmented->target, names);
  if (const auto* annotated = statement.as<ast::AnnAssign>()) add_bases(*annotated->target, names);
  if (const auto* loop = statement.as<ast::For>()) add_bases(*loop->target, names);
  if (const auto* with = statement.as<ast::With>())
    for (const ast::WithItem& item : with->items)
      if (item.optional_vars) add_bases(*item.optional_vars, names);
  if (const auto* function = statement.as<ast::FunctionDef>()) names.insert(function->name);
  if (const auto* klass = statement.as<ast::ClassDef>()) names.insert(klass->name);
  // A call for its effect may change whatever it is given.
  if (const auto* alone = statement.as<ast::Expr>()) names.merge(names_in(alone->value));
}

Names writes_of(const ast::StatementPtr& statement) {
  Names names;
  for_all_within(statement, [&](const auto& node) { add_writes(node, names); });
  return names;
}

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

bool meet(const Names& a, const Names& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& name) { return b.contains(name); });
}

/// The statements among all but the last that what is `needed` depends on.
std::vector<ast::StatementPtr> needed_of(const std::vector<ast::StatementPtr>& body, Names needed) {
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
  for_all_within(function, [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::Statement>)
      count += node.template as<ast::Return>() ? 1 : 0;
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
