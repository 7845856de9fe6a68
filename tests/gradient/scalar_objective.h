#pragma once

#include <ATen/ops/tensor.h>

#include "gradient_check/gradient/objective.h"
#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {

/// A function of one tensor as an objective.
struct TensorObjective {
  TensorObjective(std::function<at::Tensor(const at::Tensor&)> function, const at::Tensor& x)
      : scope(at::kDouble),
        subject([function](const NamedTensors& t) { return function(t["x"]).sum(); }, nullptr,
                {{"x", x}}, {}),
        objective(subject, {{"x", x}}, {"x"}, at::tensor(1.0, at::kDouble), {}) {}
  EvaluationScope scope;
  FunctionSubject subject;
  Objective objective;
};

/// A function of one number as an objective.
struct ScalarObjective : TensorObjective {
  ScalarObjective(std::function<at::Tensor(const at::Tensor&)> function, double x)
      : TensorObjective(std::move(function), at::tensor({x}, at::kDouble)) {}
};

}  // namespace gradient_check
