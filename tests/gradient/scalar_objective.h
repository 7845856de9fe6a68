#pragma once

#include <ATen/ops/tensor.h>

#include "gradient_check/gradient/objective.h"
#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {

/// A function of one number as an objective.
struct ScalarObjective {
  ScalarObjective(std::function<at::Tensor(const at::Tensor&)> function, double x)
      : scope(at::kDouble),
        subject([function](const NamedTensors& t) { return function(t["x"]).sum(); }, nullptr,
                {{"x", at::tensor({x}, at::kDouble)}}, {}),
        objective(subject, {{"x", at::tensor({x}, at::kDouble)}}, {"x"},
                  at::tensor(1.0, at::kDouble), {}) {}
  EvaluationScope scope;
  FunctionSubject subject;
  Objective objective;
};

}  // namespace gradient_check
