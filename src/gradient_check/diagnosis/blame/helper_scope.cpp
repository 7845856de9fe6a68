#include "gradient_check/diagnosis/blame/helper_scope.h"

#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <set>

namespace gradient_check {
namespace {

constexpr const char* returned = "__returned";
constexpr std::size_t most_scopes = 8;

const FunctionSyntax* function_named(const StepwiseProgram& program, const std::string& name) {
  for (const FunctionSyntax& function : program.functions())
    if (function.name == name) return &function;
  return nullptr;
}

bool returns_early(const Statement& statement) {
  return statement.kind == StatementKind::result ||
         std::any_of(statement.body.begin(), statement.body.end(), returns_early) ||
         std::any_of(statement.otherwise.begin(), statement.otherwise.end(), returns_early);
}

bool runs_straight(const FunctionSyntax& function) {
  return !function.body.empty() && function.body.back().kind == StatementKind::result &&
         std::none_of(function.body.begin(), function.body.end() - 1, returns_early);
}

void collect_calls(const StepwiseProgram& program, const Expr& expression,
                   std::vector<const Expr*>& calls) {
  if (expression.is(ExprKind::call) && expression.children[0].is(ExprKind::name) &&
      function_named(program, expression.children[0].text))
    calls.push_back(&expression);
  for (const Expr& child : expression.children) collect_calls(program, child, calls);
}

void collect_calls(const StepwiseProgram& program, const Statement& statement,
                   std::vector<const Expr*>& calls) {
  collect_calls(program, statement.value, calls);
  for (const Statement& inner : statement.body) collect_calls(program, inner, calls);
  for (const Statement& inner : statement.otherwise) collect_calls(program, inner, calls);
}

/// The values that a call gives to a function's arguments; those that fail are left out.
Environment bound(const StepwiseProgram& program, const FunctionSyntax& function, const Expr& call,
                  const Environment& environment) {
  Environment arguments;
  for (std::size_t i = 1; i < call.children.size() && i <= function.arguments.size(); ++i) {
    const Expr& given = call.children[i];
    const bool keyword = given.is(ExprKind::keyword);
    const Expr& value = keyword ? given.children[0] : given;
    try {
      arguments[keyword ? given.text : function.arguments[i - 1]] = program.runner().evaluate(
          program.text().substr(value.span.begin, value.span.end - value.span.begin),
          names_in(value), environment);
    } catch (const std::exception&) {
    }
  }
  return arguments;
}

void add_scopes(const StepwiseProgram& program, const std::vector<const Expr*>& calls,
                const Environment& environment, const HelperScope* parent,
                std::set<std::string>& seen, std::deque<HelperScope>& scopes) {
  for (const Expr* call : calls) {
    const FunctionSyntax& function = *function_named(program, call->children[0].text);
    if (scopes.size() >= most_scopes || !seen.insert(function.name).second) continue;
    scopes.emplace_back(program, function, *call, parent,
                        bound(program, function, *call, environment));
    const HelperScope& scope = scopes.back();
    if (!scope.is_known()) continue;
    std::vector<const Expr*> inner;
    for (const Statement& statement : function.body) collect_calls(program, statement, inner);
    add_scopes(program, inner, scope.environment(), &scope, seen, scopes);
  }
}

/// Numbers as tensors without dimensions.
at::Tensor tensor_of(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor();
  if (value.isDouble()) return at::scalar_tensor(value.toDouble(), at::kDouble);
  if (value.isInt()) return at::scalar_tensor(value.toInt(), at::kDouble);
  return {};
}

}  // namespace

HelperScope::HelperScope(const StepwiseProgram& program, const FunctionSyntax& function,
                         const Expr& call, const HelperScope* parent, Environment arguments)
    : program_(program),
      function_(function),
      call_(call),
      parent_(parent),
      arguments_(std::move(arguments)),
      environment_(arguments_) {
  if (!runs_straight(function)) return;
  std::vector<std::string> written;
  for (const Statement& statement : function.body)
    for (const std::string& name : names_written(statement))
      if (std::find(written.begin(), written.end(), name) == written.end()) written.push_back(name);
  written.emplace_back(returned);
  try {
    const auto values =
        program.runner().run(body({}), "    ", function.arguments, written, arguments_);
    for (std::size_t i = 0; i + 1 < written.size(); ++i) environment_[written[i]] = values[i];
    if (values.back().isTensor()) value_ = values.back().toTensor();
  } catch (const std::exception&) {
  }
}

/// The body's lines, with what it returns as a variable.
std::string HelperScope::body(const std::vector<Edit>& edits) const {
  const Statement& result = function_.body.back();
  const std::size_t begin = function_.body.front().span.begin;
  std::vector<Edit> moved = edits;
  Edit opening, closing;
  opening.span = {result.span.begin, result.value.span.begin};
  opening.replacement = std::string(returned) + " = (";
  closing.span = {result.value.span.end, result.span.end};
  closing.replacement = ")";
  moved.insert(moved.begin(), closing);
  moved.push_back(opening);
  for (Edit& edit : moved) {
    edit.span.begin -= begin;
    edit.span.end -= begin;
  }
  return std::string(4, ' ').append(
      edited(program_.text().substr(begin, result.span.end - begin), moved));
}

at::Tensor HelperScope::value_with(const std::vector<Edit>& edits, double k,
                                   const at::Tensor& hole) const {
  Environment environment = arguments_;
  std::vector<std::string> names = function_.arguments;
  for (const Edit& edit : edits)
    if (edit.is_scaling) names.emplace_back("__k");
  environment["__k"] = k;
  if (hole.defined()) {
    names.emplace_back("__hole");
    environment["__hole"] = hole;
  }
  const c10::IValue value =
      program_.runner().run(body(edits), "    ", names, {returned}, environment).at(0);
  return value.isTensor() ? value.toTensor() : at::Tensor();
}

at::Tensor HelperScope::evaluate(const std::string& expression) const {
  return evaluated(program_, expression, environment_);
}

std::deque<HelperScope> helper_scopes(const StepwiseProgram& program, const Expr& expression,
                                      const Environment& environment) {
  std::deque<HelperScope> scopes;
  std::set<std::string> seen;
  std::vector<const Expr*> calls;
  collect_calls(program, expression, calls);
  add_scopes(program, calls, environment, nullptr, seen, scopes);
  return scopes;
}

at::Tensor evaluated(const StepwiseProgram& program, const std::string& expression,
                     const Environment& environment) {
  if (const auto found = environment.find(expression); found != environment.end())
    return tensor_of(found->second);
  std::vector<std::string> names;
  for (const auto& [name, value] : environment)
    if (expression.find(name) != std::string::npos) names.push_back(name);
  try {
    return tensor_of(program.runner().evaluate(expression, names, environment));
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace gradient_check
