#include "gradient_check/subject/program/program_slice.h"

#include <algorithm>
#include <array>

#include "gradient_check/python/syntax/children.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// What functions of modules leave behind for those that are called later.
bool sets_up_module(const ast::Expression& call) {
  constexpr std::array settings{"seed", "manual_seed", "set_default_dtype",
                                "set_default_tensor_type", "setrecursionlimit"};
  const auto* called = call.as<ast::Call>();
  const auto* method = called ? called->func->as<ast::Attribute>() : nullptr;
  return method && std::find(settings.begin(), settings.end(), method->attr) != settings.end();
}

NameSet imported(const std::vector<ast::Alias>& aliases) {
  NameSet names;
  for (const ast::Alias& alias : aliases)
    names.insert(alias.asname.value_or(alias.name.substr(0, alias.name.find('.'))));
  return names;
}

bool is_definition(const ast::Statement& statement) {
  return statement.as<ast::FunctionDef>() || statement.as<ast::ClassDef>() ||
         statement.as<ast::Import>() || statement.as<ast::ImportFrom>();
}

/// The names that definitions and imports of the top level give.
NameSet defined_by(const ast::Statement& statement) {
  if (const auto* function = statement.as<ast::FunctionDef>()) return {function->name};
  if (const auto* klass = statement.as<ast::ClassDef>()) return {klass->name};
  if (const auto* import = statement.as<ast::Import>()) return imported(import->names);
  if (const auto* from = statement.as<ast::ImportFrom>()) return imported(from->names);
  return {};
}

bool is_main_guard(const ast::Statement& statement) {
  const auto* branch = statement.as<ast::If>();
  return branch && names_in(branch->test).contains("__name__");
}

class Slice {
 public:
  Slice(const ast::Module& module, NameSet names) : module_(module), needed_(std::move(names)) {
    for (const ast::StatementPtr& statement : module_.body)
      definitions_.merge(defined_by(*statement));
    kept_.resize(module_.body.size());
    while (keep_more()) {
    }
  }

  ast::Module module() const {
    ast::Module part = module_;
    part.body.clear();
    for (std::size_t i = 0; i < kept_.size(); ++i)
      if (kept_[i]) part.body.push_back(module_.body[i]);
    return part;
  }

 private:
  bool keep_more() {
    bool more = false;
    for (std::size_t i = kept_.size(); i-- > 0;) {
      const ast::StatementPtr& statement = module_.body[i];
      if (kept_[i] || !is_needed(statement)) continue;
      kept_[i] = more = true;
      needed_.merge(names_in(statement));
    }
    return more;
  }

  bool is_needed(const ast::StatementPtr& statement) const {
    if (is_main_guard(*statement) || is_of_python_itself(*statement)) return false;
    if (is_definition(*statement)) return meets(defined_by(*statement)) || takes_all(*statement);
    if (const auto* alone = statement->as<ast::Expr>()) {
      if (sets_up_module(*alone->value)) return meets(names_in(alone->value));
      NameSet variables;  // what a call may change, besides what modules keep
      for (const std::string& name : writes_of(statement))
        if (!definitions_.contains(name)) variables.insert(name);
      return !names_in(alone->value).contains("print") && meets(variables);
    }
    return meets(writes_of(statement)) && statement->as<ast::Delete>() == nullptr;
  }

  /// from builtins import range
  static bool is_of_python_itself(const ast::Statement& statement) {
    const auto* from = statement.as<ast::ImportFrom>();
    return from && from->module == "builtins";
  }

  /// from helpers import *
  static bool takes_all(const ast::Statement& statement) {
    const auto* from = statement.as<ast::ImportFrom>();
    return from && !from->names.empty() && from->names.front().name == "*";
  }

  bool meets(const NameSet& names) const {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return needed_.contains(name); });
  }

  const ast::Module& module_;
  NameSet needed_, definitions_;
  std::vector<bool> kept_;
};

}  // namespace

ast::Module slice_for(const ast::Module& module, NameSet names) {
  return Slice(module, std::move(names)).module();
}

}  // namespace gradient_check
