#pragma once

#include <ATen/core/grad_mode.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/ScalarType.h>
#include <c10/core/ScalarTypeToTypeMeta.h>
#include <c10/util/typeid.h>

#include "gradient_check/subject/quiet.h"
#include "gradient_check/subject/reduced_precision.h"

namespace gradient_check {

/// While it lives, code that names no dtype works in `dtype` (torch.zeros(3) inside a program),
/// autograd is as asked, and float16 and bfloat16 operators that LibTorch's CPU lacks are computed
/// in float32 and rounded.
class EvaluationScope {
 public:
  explicit EvaluationScope(at::ScalarType dtype, bool enable_grad = false)
      : previous_(c10::get_default_dtype()),
        grad_mode_(enable_grad),
        reduced_(dtype == at::kHalf || dtype == at::kBFloat16) {
    c10::set_default_dtype(c10::scalarTypeToTypeMeta(dtype));
  }
  ~EvaluationScope() { c10::set_default_dtype(previous_); }
  EvaluationScope(const EvaluationScope&) = delete;
  EvaluationScope& operator=(const EvaluationScope&) = delete;

 private:
  caffe2::TypeMeta previous_;
  at::AutoGradMode grad_mode_;
  ReducedPrecisionFallback reduced_;
  QuietWarnings quiet_;
};

}  // namespace gradient_check
