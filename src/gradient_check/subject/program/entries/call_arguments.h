#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradient_check/case/case.h"
#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/subject/program/evaluated_program.h"

namespace gradient_check {

/// A call's values, those by keyword last.
struct BoundArguments {
  std::vector<python::Value> values, names;
  python::Arguments arguments() {
    return {values.data(), values.size(), names.data(), names.size()};
  }
};

/// Values by the name of the argument that takes them.
using ValuesByName = std::map<std::string, python::Value>;

/// How a function of a program is called: each argument is a tensor of the check of its name, or
/// what the case's "arguments" say, or its default.
class CallArguments {
 public:
  CallArguments() = default;
  /// `function`: of the program; of its parameters the first `skipped` are not looked at (self,
  /// ctx).
  CallArguments(const EvaluatedProgram& program, const Case& loaded, const python::Value& function,
                std::size_t skipped);

  /// All of them, in their order.
  const std::vector<std::string>& names() const { return names_; }
  /// Whether it has an argument of that name, and that has no default.
  bool has(const std::string& name) const;
  bool needs(const std::string& name) const;
  /// Whether the case's "arguments" have it.
  bool is_set(const std::string& name) const;
  /// Those without a default that `values` and the case say nothing of.
  std::vector<std::string> missing(const NamedTensors& values) const;
  /// Those that are tensors of the check, or dictionaries and lists of such.
  std::vector<std::string> tensors(const NamedTensors& values) const;

  /// The call for tensors, and other values for what they are not. `first`: before all others.
  BoundArguments bound(const NamedTensors& values, const ValuesByName& others = {},
                       std::vector<python::Value> first = {}) const;

 private:
  const JsonValue* said(const std::string& name) const;
  python::Value value_of(const python::ast::Parameter& parameter, const NamedTensors& values,
                         const ValuesByName& others) const;

  const EvaluatedProgram* program_ = nullptr;
  const Case* case_ = nullptr;
  std::vector<python::ast::Parameter> parameters_;
  std::vector<std::string> names_;
};

/// The function behind a method, staticmethod or function of the program; unset if it is none.
python::Value function_behind(const python::Value& callable);

}  // namespace gradient_check
