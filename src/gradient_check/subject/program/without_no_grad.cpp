#include "gradient_check/subject/program/without_no_grad.h"

#include <algorithm>
#include <vector>

#include "gradient_check/python/syntax/replace.h"
#include "gradient_check/subject/program/forward_of_step.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using Body = std::vector<ast::StatementPtr>;

/// torch.no_grad, no_grad(), torch.inference_mode(), torch.set_grad_enabled(False)
bool switches_off(const ast::Expression& expression) {
  const auto* call = expression.as<ast::Call>();
  const ast::Expression& callee = call ? *call->func : expression;
  const auto* attribute = callee.as<ast::Attribute>();
  const auto* plain = callee.as<ast::Name>();
  const std::string name = attribute ? attribute->attr : plain ? plain->id : "";
  if (name == "no_grad" || name == "inference_mode") return true;
  if (name != "set_grad_enabled" || !call || call->args.size() != 1) return false;
  const auto* constant = call->args[0]->as<ast::Constant>();
  const auto* enabled = constant ? std::get_if<bool>(&constant->value) : nullptr;
  return enabled && !*enabled;
}

/// What computes nothing: a docstring, `return loss, grads`.
bool computes_nothing(const ast::StatementPtr& statement) {
  const auto* text = statement->as<ast::Expr>();
  return statement->as<ast::Return>() || statement->as<ast::Pass>() ||
         (text && text->value->as<ast::Constant>());
}

const ast::With* whole_switch(const Body& body) {
  const ast::With* found = nullptr;
  for (const ast::StatementPtr& statement : body) {
    if (computes_nothing(statement)) continue;
    const auto* with = statement->as<ast::With>();
    if (!with || found ||
        !std::all_of(with->items.begin(), with->items.end(),
                     [](const auto& item) { return switches_off(*item.context_expr); }))
      return nullptr;
    found = with;
  }
  return found;
}

Body opened(const Body& body) {
  const ast::With* whole = whole_switch(body);
  if (!whole) return body;
  Body result;
  for (const ast::StatementPtr& statement : body)
    if (statement->as<ast::With>() == whole)
      result.insert(result.end(), whole->body.begin(), whole->body.end());
    else
      result.push_back(statement);
  return result;
}

/// Functions that are differentiated or are manual code: forwards and backwards, and methods of
/// classes that have both.
std::vector<std::string> functions_opened(const ast::Module& module) {
  std::vector<std::string> names{"step", "forward", "backward"};
  for (const ast::StatementPtr& statement : module.body) {
    if (const auto* function = statement->as<ast::FunctionDef>())
      if (function->name.ends_with("_forward") || function->name.ends_with("_backward"))
        names.push_back(function->name);
    const auto* klass = statement->as<ast::ClassDef>();
    if (!klass || !function_named(module, klass->name + ".backward")) continue;
    for (const char* method : {".forward", ".__call__", ".backward"})
      names.push_back(klass->name + method);
  }
  return names;
}

}  // namespace

ast::Module without_no_grad(ast::Module module) {
  for (const std::string& name : functions_opened(module)) {
    const ast::StatementPtr statement = function_named(module, name);
    if (!statement) continue;
    ast::FunctionDef function = *statement->as<ast::FunctionDef>();
    std::erase_if(function.decorator_list, [](const auto& each) { return switches_off(*each); });
    function.body = opened(function.body);
    if (function.decorator_list.size() !=
            statement->as<ast::FunctionDef>()->decorator_list.size() ||
        function.body != statement->as<ast::FunctionDef>()->body)
      module = ast::replace(module, statement->id, ast::make_statement(std::move(function)));
  }
  return module;
}

}  // namespace gradient_check
