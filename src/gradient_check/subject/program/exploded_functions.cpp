#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/subject/program/exploder.h"

namespace gradient_check {
namespace {

bool is_tuple(const Expr& expr) { return without_parens(expr).is(ExprKind::tuple); }

bool binds_names(const Expr& target) {
  if (target.is(ExprKind::name)) return true;
  const Expr& tuple = without_parens(target);
  return tuple.is(ExprKind::tuple) &&
         std::all_of(tuple.children.begin(), tuple.children.end(),
                     [](const Expr& child) { return child.is(ExprKind::name); });
}

/// Plain assignments of names, then one value returned.
bool can_be_taken_apart(const FunctionSyntax& function) {
  for (const Statement& statement : function.body) {
    const bool last = &statement == &function.body.back();
    if (last) return statement.kind == StatementKind::result && !is_tuple(statement.value);
    const bool assigns = statement.kind == StatementKind::assign && statement.targets.size() == 1 &&
                         binds_names(statement.targets[0]);
    if (!assigns && statement.kind != StatementKind::empty) return false;
  }
  return false;
}

}  // namespace

const FunctionSyntax* Exploder::own_function(const Expr& call) const {
  if (!call.children[0].is(ExprKind::name) || depth_ > 8) return nullptr;
  for (const FunctionSyntax& function : functions_)
    if (function.name == call.children[0].text)
      return can_be_taken_apart(function) && function.arguments.size() + 1 == call.children.size()
                 ? &function
                 : nullptr;
  return nullptr;
}

std::string Exploder::inlined(const Expr& call, const FunctionSyntax& function) {
  Scope scope;
  for (std::size_t i = 0; i < function.arguments.size(); ++i) {
    const Expr& argument = call.children[i + 1];
    const bool keyword = argument.is(ExprKind::keyword);
    const std::string& name = keyword ? argument.text : function.arguments[i];
    scope[name] = part("", visit(keyword ? argument.children[0] : argument), true);
  }
  const Scope* caller = scope_;
  scope_ = &scope;
  ++depth_;
  std::string value;
  for (const Statement& statement : function.body)
    if (statement.kind == StatementKind::result)
      value = visit(statement.value);
    else if (statement.kind == StatementKind::assign)
      assign(statement, function, scope);
  --depth_;
  scope_ = caller;
  return part(call, value);
}

void Exploder::assign(const Statement& statement, const FunctionSyntax& function, Scope& scope) {
  const std::string value = visit(statement.value);
  const Expr& target = without_parens(statement.targets[0]);
  if (target.is(ExprKind::name)) {
    scope[target.text] = part(local_name(target, function), value);
    return;
  }
  const std::size_t first = parts.size();
  std::string names;
  for (std::size_t i = 0; i < target.children.size(); ++i)
    names += fmt::format("{}__t{}_{}", i > 0 ? ", " : "", first, i);
  parts.push_back({names, "", false, value, true});
  for (std::size_t i = 0; i < target.children.size(); ++i)
    scope[target.children[i].text] =
        part(local_name(target.children[i], function), fmt::format("__t{}_{}", first, i));
}

std::string Exploder::local_name(const Expr& target, const FunctionSyntax& function) const {
  return environment_.count(target.text) ? target.text + " in " + function.name : target.text;
}

}  // namespace gradient_check
