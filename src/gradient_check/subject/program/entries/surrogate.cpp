#include "gradient_check/subject/program/entries/surrogate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/subject/program/entries/find_entries.h"
#include "gradient_check/subject/program/forward_of_step.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// Operations whose own gradient is zero almost everywhere.
constexpr std::array flat_operations{
    "round",   "round_",    "floor",     "ceil", "sign",     "trunc", "sgn", "argmin", "argmax",
    "one_hot", "bernoulli", "heaviside", "gt",   "quantize", "ge",    "lt",  "le"};

std::string called_name(const ast::Expression& expression) {
  const auto* call = expression.as<ast::Call>();
  if (!call) return "";
  const auto* attribute = call->func->as<ast::Attribute>();
  const auto* name = call->func->as<ast::Name>();
  return attribute ? attribute->attr : name ? name->id : "";
}

/// "rounds", for a forward that calls round; empty where nothing like that is in it.
std::string flat_operation_in(const ast::StatementPtr& function) {
  std::string found;
  ast::for_each_node(function, [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::ExpressionPtr>) {
      const std::string name = called_name(*node);
      if (found.empty() &&
          std::find(flat_operations.begin(), flat_operations.end(), name) != flat_operations.end())
        found = name;
      if (found.empty() && node->template as<ast::Compare>()) found = "a comparison";
    }
  });
  return found;
}

/// Whether a forward only hands its argument on.
bool is_copy(const ast::StatementPtr& function) {
  const auto& body = function->as<ast::FunctionDef>()->body;
  const auto* returned = body.empty() ? nullptr : body.back()->as<ast::Return>();
  if (!returned || !returned->value) return false;
  if (returned->value->as<ast::Name>()) return body.size() <= 2;
  const std::string name = called_name(*returned->value);
  return name == "view_as" || name == "clone" || name == "detach";
}

}  // namespace

std::string surrogate_advice(const Case& loaded) {
  if (!loaded.program || !loaded.program->options.reference.empty()) return "";
  const EvaluatedProgram program(loaded.program->label, loaded.program->text, loaded.dtype);
  std::string name = loaded.program->options.entry;
  const auto found = find_entries(program.tree());
  if (name.empty() && found.size() == 1) name = found.front().name;
  const auto functions = function_class_entry.names(program.tree());
  if (std::find(functions.begin(), functions.end(), name) == functions.end()) return "";
  const ast::StatementPtr forward = function_named(program.tree(), name + ".forward");
  if (!forward) return "";
  const std::string flat = flat_operation_in(forward);
  if (flat.empty() && !is_copy(forward)) return "";
  return fmt::format(
      "where the gradient differs from that of the forward on purpose ({}), write a function whose "
      "gradient is meant, and name it: \"program\": {{…, \"reference\": \"NAME\"}}",
      flat.empty() ? "it hands its input on" : "it has " + flat);
}

}  // namespace gradient_check
