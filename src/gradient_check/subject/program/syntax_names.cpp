#include <algorithm>
#include <set>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {
namespace {

using NameList = std::vector<std::string>;

void add_once(NameList& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void collect(const Expr& expression, NameList& names) {
  if (expression.is(ExprKind::name)) add_once(names, expression.text);
  for (const Expr& child : expression.children) collect(child, names);
}

void collect(const Statement& statement, NameList& names) {
  for (const Expr& target : statement.targets) collect(target, names);
  collect(statement.value, names);
  for (const Statement& inner : statement.body) collect(inner, names);
  for (const Statement& inner : statement.otherwise) collect(inner, names);
}

/// The variable at the root of a.b[c]; null where there is none.
const Expr* root_of(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(ExprKind::attribute) || at->is(ExprKind::subscript) || at->is(ExprKind::call) ||
         at->is(ExprKind::paren))
    at = &at->children[0];
  return at->is(ExprKind::name) ? at : nullptr;
}

bool is_module(const std::string& name) {
  return name == "torch" || name == "F" || name == "nn" || name == "math";
}

void add_root(const Expr& expression, NameList& names) {
  const Expr* root = root_of(expression);
  if (root != nullptr && !is_module(root->text)) add_once(names, root->text);
}

void collect_targets(const Expr& target, NameList& names) {
  if (target.is(ExprKind::tuple) || target.is(ExprKind::list) || target.is(ExprKind::paren) ||
      target.is(ExprKind::starred)) {
    for (const Expr& child : target.children) collect_targets(child, names);
  } else {
    add_root(target, names);
  }
}

/// What a call may change: the receiver of x.add_(…) and of a list's append, the argument of
/// torch.relu_(x) and of F.relu(x, inplace=True), and what is given as out.
void collect_changed_by(const Expr& call, NameList& names) {
  static const std::set<std::string> of_lists{"append", "insert", "extend", "pop",
                                              "clear",  "update", "reverse"};
  const Expr& callee = call.children[0];
  if (callee.is(ExprKind::attribute)) {
    const Expr& receiver = callee.children[0];
    const bool in_place = callee.text.size() > 1 && callee.text.back() == '_';
    if (!is_module(receiver)) {
      if (in_place || of_lists.count(callee.text) != 0) add_root(receiver, names);
    } else if (in_place && call.children.size() > 1) {
      add_root(call.children[1], names);
    }
  }
  for (const Expr& argument : call.children) {
    if (!argument.is(ExprKind::keyword)) continue;
    if (argument.text == "out") add_root(argument.children[0], names);
    if (argument.text == "inplace" && argument.children[0].text == "True")
      add_root(call.children[1], names);
  }
}

void collect_changed(const Expr& expression, NameList& names) {
  if (expression.is(ExprKind::call)) collect_changed_by(expression, names);
  for (const Expr& child : expression.children) collect_changed(child, names);
}

void collect_written(const Statement& statement, NameList& names) {
  for (const Expr& target : statement.targets) collect_targets(target, names);
  collect_changed(statement.value, names);
  for (const Statement& inner : statement.body) collect_written(inner, names);
  for (const Statement& inner : statement.otherwise) collect_written(inner, names);
}

}  // namespace

bool is_module(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(ExprKind::attribute)) at = &at->children[0];
  return at->is(ExprKind::name) && is_module(at->text);
}

const Expr& without_parens(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(ExprKind::paren)) at = &at->children[0];
  return *at;
}

std::vector<std::string> names_in(const Expr& expression) {
  NameList names;
  collect(expression, names);
  return names;
}

std::vector<std::string> names_in(const Statement& statement) {
  NameList names;
  collect(statement, names);
  return names;
}

std::vector<std::string> names_written(const Statement& statement) {
  NameList names;
  collect_written(statement, names);
  return names;
}

}  // namespace gradient_check
