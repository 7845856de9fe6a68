#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/comparison/compare.h"
#include "gradient_check/diagnosis/birth.h"
#include "gradient_check/diagnosis/culprit.h"
#include "gradient_check/diagnosis/decision.h"
#include "gradient_check/diagnosis/detachment.h"
#include "gradient_check/gradient/narrow_probe.h"
#include "gradient_check/subject/loop_facts.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

struct TrainingEvidence;

/// A manual gradient whose shape is not its tensor's.
struct ShapeDifference {
  std::string name;
  std::vector<std::int64_t> found, expected;
  /// Whether the found gradient, summed over the dimensions that were broadcast, is autograd's.
  bool sums_to_truth = false;
};

/// The manual forward's output against the reference's.
struct ForwardDifference {
  std::vector<std::int64_t> index;
  double manual = 0, reference = 0;
};

/// A value of the case that is not finite.
struct NonFiniteInput {
  std::string name;
  std::vector<std::int64_t> index;
  double value = 0;
  bool harmless = false;  ///< loss and gradients are finite all the same, or it is a mask's -inf
};

/// How the manual gradient answers to another cotangent.
struct CotangentResponse {
  std::string name;
  bool unchanged = false;  ///< the very same gradient for a different grad_output
  bool right = true;       ///< agrees with autograd for that grad_output too
};

/// All that was observed of one case. Rules are pure functions of it.
struct Evidence {
  std::vector<TensorComparison> tensors;
  std::map<std::string, Decision> decisions;  ///< what makes the loss jump, by tensor, where known
  std::vector<std::string> missing;           ///< parameters without a manual gradient
  std::vector<std::string> returned_unknown;  ///< keys the manual code returns that name no tensor
  std::vector<ShapeDifference> shapes;
  std::vector<std::int64_t> output_shape;
  bool takes_grad_output = true;
  bool output_is_scalar = true;
  std::vector<CotangentResponse> cotangents;
  bool forward_random = false;
  std::vector<std::string> random_gradients;
  std::vector<std::string> changed_by_forward, changed_by_manual;
  std::optional<ForwardDifference> forward;
  std::optional<NarrowOperation> narrow;
  std::vector<NonFiniteInput> non_finite_inputs;
  std::vector<Birth> births;      ///< of what is not finite in the loss and the gradients
  std::vector<Culprit> culprits;  ///< what is to blame for the wrong gradients, as far as is known
  DetachFacts detached;
  std::string why_no_blame;  ///< why the program could not be followed; empty where it could
  std::shared_ptr<const LoopFacts> loop;  ///< null where the subject is no turn of a training loop
  std::shared_ptr<const TrainingEvidence> training;  ///< null where the case does not train
  Environment values;                                ///< inputs and parameters by name
  double loss = 0;                                   ///< of autograd, in float64
  std::optional<double> manual_loss;
  std::function<std::optional<Place>(const std::string&)> gradient_place;
  std::function<std::optional<Place>(const std::string&)> write_place;
  std::optional<Place> forward_place;
};

}  // namespace gradient_check
