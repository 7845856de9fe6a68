#include "gradient_check/subject/program/statement_names.h"

#include "gradient_check/python/syntax/children.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

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
NameSet all_names_in(const NodePtr& node) {
  NameSet names;
  const auto add = [&](const auto& inner) {
    if constexpr (std::is_same_v<std::decay_t<decltype(inner)>, ast::Expression>)
      if (const auto* name = inner.template as<ast::Name>()) names.insert(name->id);
  };
  for_all_within(node, add);
  return names;
}

/// The variable that a target changes: x of x, x[0], x.y, (x, y) and x.add_(1).
void add_bases(const ast::Expression& target, NameSet& names) {
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
void add_writes(const ast::Expression& expression, NameSet& names) {
  if (const auto* named = expression.as<ast::NamedExpr>()) add_bases(*named->target, names);
  const auto* call = expression.as<ast::Call>();
  if (!call) return;
  for (const ast::Keyword& keyword : call->keywords)
    if (keyword.arg == "out") names.merge(names_in(keyword.value));
  const auto* method = call->func->as<ast::Attribute>();
  if (method && method->attr.ends_with('_') && !method->attr.ends_with("__"))
    add_bases(*method->value, names);
}

void add_writes(const ast::Statement& statement, NameSet& names) {
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

}  // namespace

NameSet names_in(const ast::ExpressionPtr& expression) { return all_names_in(expression); }
NameSet names_in(const ast::StatementPtr& statement) { return all_names_in(statement); }

NameSet writes_of(const ast::StatementPtr& statement) {
  NameSet names;
  for_all_within(statement, [&](const auto& node) { add_writes(node, names); });
  return names;
}

}  // namespace gradient_check
