#include "gradient_check/subject/program/purity.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/subject/equal_values.h"
#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// What a text has that bears on purity.
struct Traits {
  bool writes = false;      ///< may write into a tensor
  bool branches = false;    ///< runs some of its statements only for some values
  bool remembers = false;   ///< a call may leave something behind
  bool looks_past = false;  ///< takes numbers out of a tensor's memory without an operation
};

void look_at(const ast::Expression& expression, Traits& traits) {
  traits.branches |= expression.as<ast::IfExp>() || expression.as<ast::BoolOp>();
  const auto* attribute = expression.as<ast::Attribute>();
  if (attribute) {
    const std::string_view name = attribute->attr;
    traits.writes |= name.ends_with('_') && !name.ends_with("__");
    constexpr std::array passing_by{"numpy", "tolist", "data_ptr", "storage", "data"};
    traits.looks_past |= std::find(passing_by.begin(), passing_by.end(), name) != passing_by.end();
  }
  if (const auto* call = expression.as<ast::Call>())
    for (const ast::Keyword& keyword : call->keywords) traits.writes |= keyword.arg == "out";
}

void look_at(const ast::Statement& statement, Traits& traits) {
  traits.branches |= statement.as<ast::If>() || statement.as<ast::While>() ||
                     statement.as<ast::Try>() || statement.as<ast::Match>();
  traits.writes |= statement.as<ast::AugAssign>() != nullptr;
  if (const auto* assign = statement.as<ast::Assign>())
    for (const auto& target : assign->targets) {
      traits.writes |= target->as<ast::Subscript>() != nullptr;
      traits.remembers |= target->as<ast::Attribute>() != nullptr;
    }
  traits.remembers |=
      statement.as<ast::Global>() || statement.as<ast::Nonlocal>() || statement.as<ast::ClassDef>();
  if (const auto* function = statement.as<ast::FunctionDef>()) {
    traits.remembers |= !function->decorator_list.empty();
    for (const ast::Parameter& parameter : function->parameters)
      traits.remembers |= parameter.default_value && !parameter.default_value->as<ast::Constant>();
  }
}

bool is_known(const std::string& module) {
  const std::string root = module.substr(0, module.find('.'));
  return root == "torch" || root == "math" || root == "typing" || root == "__future__";
}

bool is_number(const ast::Expression& expression) {
  if (const auto* negative = expression.as<ast::UnaryOp>()) return is_number(*negative->operand);
  return expression.as<ast::Constant>() != nullptr;
}

bool is_plain_at_top(const ast::Statement& statement) {
  if (const auto* import = statement.as<ast::Import>())
    return std::all_of(import->names.begin(), import->names.end(),
                       [](const ast::Alias& alias) { return is_known(alias.name); });
  if (const auto* from = statement.as<ast::ImportFrom>())
    return from->module && is_known(*from->module);
  if (const auto* assign = statement.as<ast::Assign>()) return is_number(*assign->value);
  if (const auto* text = statement.as<ast::Expr>()) return is_number(*text->value);
  return statement.as<ast::FunctionDef>() != nullptr;
}

thread_local bool uninitialized_here = false;

std::unique_ptr<at::ObserverContext> note_memory(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  uninitialized_here |=
      name.find("empty") != std::string_view::npos || name.find("resize") != std::string_view::npos;
  return nullptr;
}

/// How deep operations are called by others: what those do is theirs.
thread_local int depth_here = 0;

}  // namespace

bool is_plain(const ast::Module& module) {
  Traits traits;
  for (const ast::StatementPtr& statement : module.body) {
    if (!is_plain_at_top(*statement)) return false;
    ast::for_each_node(statement, [&](const auto& node) {
      if constexpr (!std::is_same_v<std::decay_t<decltype(node)>, ast::PatternPtr>)
        look_at(*node, traits);
    });
  }
  return !traits.remembers && !traits.looks_past && !(traits.writes && traits.branches);
}

bool leaves_arguments(const NamedTensors& arguments, const std::function<void()>& call) {
  NamedTensors before;
  for (const auto& [name, tensor] : arguments) before.set(name, tensor.detach().clone());
  uninitialized_here = false;
  depth_here = 0;
  const OperationCallback callback(
      at::RecordFunctionCallback(
          [](const at::RecordFunction& function) {
            return depth_here++ == 0 ? note_memory(function) : nullptr;
          },
          [](const at::RecordFunction&, at::ObserverContext*) { --depth_here; })
          .scopes({at::RecordScope::FUNCTION}));
  try {
    call();
  } catch (const std::exception&) {
    return false;
  }
  return !uninitialized_here &&
         std::all_of(arguments.begin(), arguments.end(), [&](const auto& argument) {
           return equal_values(argument.second, before[argument.first]);
         });
}

}  // namespace gradient_check
