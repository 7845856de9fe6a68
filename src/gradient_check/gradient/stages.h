#pragma once

#include <vector>

#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/stage.h"

namespace gradient_check {

/// A stage by itself: at the input that the stages before it give it, and the true cotangent of its
/// output. All in float64.
struct StageEvaluation {
  Stage stage;
  at::Tensor input, grad_output;
  Evaluation manual;          ///< gradients as Stage::manual gives them
  Evaluation autograd;        ///< of the same tensors
  Evaluation autograd_float;  ///< the same in float32, for its rounding
};

/// Every stage of a subject by itself, in the order of the forward; `values` and `cotangent` are
/// float64. Empty where the subject has none.
std::vector<StageEvaluation> evaluate_stages(const Subject& subject, const NamedTensors& values,
                                             const at::Tensor& cotangent);

/// The subject's gradients with the manual backward of stage `manual` alone, autograd's for all
/// others: the parameters' by name, the first input's as "input".
NamedTensors gradients_with_manual(const Subject& subject,
                                   const std::vector<StageEvaluation>& stages, std::size_t manual,
                                   const NamedTensors& values);

}  // namespace gradient_check
