#include "gradient_check/subject/program/advice.h"

#include <regex>
#include <set>
#include <utility>
#include <vector>

#include "gradient_check/case/suggest.h"
#include "gradient_check/python/runtime/tensor/operator_table.h"
#include "gradient_check/python/syntax/children.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// Only a name that is near helps.
std::string near(const std::string& word, const std::set<std::string>& names) {
  const std::string found = suggest(word, {names.begin(), names.end()});
  return found.find("did you mean") == std::string::npos ? "" : found;
}

/// The names that a statement of the top level gives values to.
std::set<std::string> names_bound(const ast::StatementPtr& statement) {
  std::set<std::string> names;
  const auto visit = [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::StatementPtr>) {
      if (const auto* assign = node->template as<ast::Assign>())
        for (const auto& target : assign->targets)
          if (const auto* name = target->template as<ast::Name>()) names.insert(name->id);
      if (const auto* function = node->template as<ast::FunctionDef>())
        for (const ast::Parameter& parameter : function->parameters) names.insert(parameter.name);
    }
  };
  ast::for_each_node(statement, visit);
  return names;
}

/// What a statement at a place can name: the program's functions and variables, and those of the
/// function around it.
std::set<std::string> names_visible(const ast::Module& program, python::Span at) {
  std::set<std::string> names;
  for (const ast::StatementPtr& statement : program.body) {
    const auto* function = statement->as<ast::FunctionDef>();
    if (function) names.insert(function->name);
    if (!function || statement->span.contains(at)) names.merge(names_bound(statement));
  }
  return names;
}

}  // namespace

std::string advice_on(const std::string& message, const ast::Module& program, python::Span at) {
  static const std::regex exclusive_or(R"(bitwise_xor\w*" not implemented for '(Float|Double))");
  static const std::regex no_name(R"(NameError: name '(\w+)' is not defined$)");
  static const std::regex no_member(
      R"(AttributeError: (?:module 'torch'|'Tensor' object) has no attribute '(\w+)')");
  static const std::regex integer_target("expected scalar type Long but found (Float|Double)");
  std::smatch match;
  if (std::regex_search(message, match, integer_target))
    return "; labels are integers: in the case write {\"data\": [0, 1, 1, 0], \"dtype\": "
           "\"int64\"}";
  if (message.find("does not require grad and does not have a grad_fn") != std::string::npos)
    return "; the manual code runs with autograd switched off, and gradient-check runs it for you: "
           "delete this call and return your own gradients, or keep only forward";
  if (std::regex_search(message, match, exclusive_or))
    return "; ^ is exclusive or, which floating-point tensors do not have: a power is written **";
  if (std::regex_search(message, match, no_name)) {
    for (const auto& [name, import] :
         {std::pair{"np", "import numpy as np"}, std::pair{"nn", "import torch.nn as nn"},
          std::pair{"plt", "import matplotlib.pyplot as plt"}})
      if (match[1] == name) return std::string("; write ") + import + " at the top";
    std::set<std::string> names = names_visible(program, at);
    names.erase(match[1]);
    return near(match[1], names);
  }
  if (std::regex_search(message, match, no_member)) {
    const auto& listed = python::listed_operators();
    return near(match[1], {listed.begin(), listed.end()});
  }
  return "";
}

}  // namespace gradient_check
