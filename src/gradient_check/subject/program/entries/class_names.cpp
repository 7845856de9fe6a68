#include "gradient_check/subject/program/entries/class_names.h"

#include <algorithm>

namespace gradient_check {
namespace {

namespace ast = python::ast;

bool is_text(const ast::Statement& statement) {
  const auto* alone = statement.as<ast::Expr>();
  return alone && alone->value->as<ast::Constant>();
}

/// A body that only raises, or does nothing.
bool is_abstract(const ast::FunctionDef& function) {
  return std::all_of(function.body.begin(), function.body.end(), [](const auto& statement) {
    return statement->template as<ast::Pass>() || statement->template as<ast::Raise>() ||
           is_text(*statement);
  });
}

std::string last_name(const ast::Expression& expression) {
  if (const auto* name = expression.as<ast::Name>()) return name->id;
  if (const auto* attribute = expression.as<ast::Attribute>()) return attribute->attr;
  return "";
}

/// What torch.autograd.Function is called here.
std::set<std::string> function_names(const ast::Module& program) {
  std::set<std::string> names{"Function"};
  for (const ast::StatementPtr& statement : program.body)
    if (const auto* from = statement->as<ast::ImportFrom>();
        from && from->module && from->module->starts_with("torch"))
      for (const ast::Alias& alias : from->names)
        if (alias.name == "Function" && alias.asname) names.insert(*alias.asname);
  return names;
}

}  // namespace

std::vector<ProgramClass> classes_of(const ast::Module& program) {
  std::vector<ProgramClass> classes;
  const std::set<std::string> functions = function_names(program);
  for (const ast::StatementPtr& statement : program.body) {
    const auto* definition = statement->as<ast::ClassDef>();
    if (!definition) continue;
    ProgramClass found{definition->name, false, {}, {}};
    for (const ast::ExpressionPtr& base : definition->bases) {
      const std::string name = last_name(*base);
      const auto known = std::find_if(classes.begin(), classes.end(),
                                      [&](const auto& other) { return other.name == name; });
      if (known == classes.end()) {
        found.is_function |= functions.contains(name);
        continue;
      }
      found.is_function |= known->is_function;
      found.methods.insert(known->methods.begin(), known->methods.end());
      found.abstract.insert(known->abstract.begin(), known->abstract.end());
    }
    for (const ast::StatementPtr& inner : definition->body)
      if (const auto* method = inner->as<ast::FunctionDef>()) {
        found.methods.insert(method->name);
        if (is_abstract(*method))
          found.abstract.insert(method->name);
        else
          found.abstract.erase(method->name);
      }
    classes.push_back(std::move(found));
  }
  return classes;
}

}  // namespace gradient_check
