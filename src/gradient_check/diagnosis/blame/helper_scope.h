#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// One of the program's own functions as one call runs it: its arguments and variables, and what it
/// returns with its text edited. Only functions that run straight through to one return.
class HelperScope {
 public:
  /// `parent`: the helper whose body makes the call; null where a suspect's statement does.
  HelperScope(const StepwiseProgram& program, const FunctionSyntax& function, const Expr& call,
              const HelperScope* parent, Environment arguments);

  /// Whether it was run, and gives a tensor.
  bool is_known() const { return value_.defined(); }
  const FunctionSyntax& function() const { return function_; }
  const Environment& environment() const { return environment_; }
  const at::Tensor& value() const { return value_; }
  /// The call, in the program's text.
  const Span& call() const { return call_.span; }
  const HelperScope* parent() const { return parent_; }

  /// What it returns with `edits` made, `__k` and `__hole` as given. Throws where that fails.
  at::Tensor value_with(const std::vector<Edit>& edits, double k, const at::Tensor& hole) const;
  /// An expression where the function returns; undefined where it has no value.
  at::Tensor evaluate(const std::string& expression) const;

 private:
  std::string body(const std::vector<Edit>& edits) const;

  const StepwiseProgram& program_;
  const FunctionSyntax& function_;
  const Expr& call_;
  const HelperScope* parent_;
  Environment arguments_, environment_;
  at::Tensor value_;
};

/// The calls of the program's own functions in an expression, and those in their bodies, each
/// function once. `environment`: what the expression sees.
std::deque<HelperScope> helper_scopes(const StepwiseProgram& program, const Expr& expression,
                                      const Environment& environment);

/// The value of an expression over those variables, a number as a tensor without dimensions;
/// undefined where it has none.
at::Tensor evaluated(const StepwiseProgram& program, const std::string& expression,
                     const Environment& environment);

}  // namespace gradient_check
