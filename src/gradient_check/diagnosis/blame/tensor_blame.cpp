#include "gradient_check/diagnosis/blame/tensor_blame.h"

#include <cmath>

#include "gradient_check/diagnosis/blame/factor_text.h"
#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/diagnosis/pattern.h"
#include "gradient_check/gradient/dtype_limits.h"

namespace gradient_check {
namespace {

const at::Tensor& judged(const TensorComparison& tensor) {
  return tensor.sources.manual_double.defined() ? tensor.sources.manual_double
                                                : tensor.sources.manual;
}

double tolerance_of(const TensorComparison& tensor) {
  const at::Tensor& value = judged(tensor);
  return value.scalar_type() == at::kDouble ? 1e-7 : 256 * epsilon_of(value.scalar_type());
}

bool is_mismatch(const TensorComparison& tensor) {
  return tensor.result.verdict == TensorVerdict::mismatch &&
         tensor.result.wrong != Wrong::autograd && judged(tensor).defined();
}

Culprit culprit_of(const TensorComparison& tensor, const Evidence& evidence, Change change) {
  Culprit culprit;
  culprit.subject = culprit.adjoint_of = tensor.result.name;
  culprit.truth_text = "∂loss/∂" + tensor.result.name;
  culprit.place = evidence.gradient_place(tensor.result.name);
  culprit.value = judged(tensor);
  culprit.truth = tensor.sources.autograd;
  culprit.largest_error = relative_difference(culprit.value, culprit.truth);
  culprit.gradients = {tensor.result.name};
  culprit.change = change;
  return culprit;
}

/// Two gradients of one shape, each of which has the other's value.
const TensorComparison* swapped_with(const TensorComparison& tensor, const Evidence& evidence) {
  for (const TensorComparison& other : evidence.tensors)
    if (&other != &tensor && is_mismatch(other) &&
        relative_difference(judged(tensor), other.sources.autograd) <= tolerance_of(tensor) &&
        relative_difference(judged(other), tensor.sources.autograd) <= tolerance_of(tensor))
      return &other;
  return nullptr;
}

void explain_one(const TensorComparison& tensor, const Evidence& evidence,
                 std::vector<Culprit>& culprits) {
  const at::Tensor& value = judged(tensor);
  const at::Tensor& truth = tensor.sources.autograd;
  const double tolerance = tolerance_of(tensor);
  // Where both agree and the differences do not, manual and autograd are wrong alike.
  if (relative_difference(value, truth) <= tolerance) return;
  if (const TensorComparison* other = swapped_with(tensor, evidence)) {
    if (other < &tensor) return;
    Culprit culprit = culprit_of(tensor, evidence, Change::swap);
    culprit.before = tensor.result.name;
    culprit.after = other->result.name;
    culprit.gradients.push_back(other->result.name);
    culprits.push_back(std::move(culprit));
    return;
  }
  Culprit culprit = culprit_of(tensor, evidence, Change::none);
  if (explain_whole(culprit, tolerance, evidence.values)) culprits.push_back(std::move(culprit));
}

}  // namespace

bool explain_whole(Culprit& culprit, double tolerance, const Environment& values) {
  const at::Tensor &value = culprit.value, &truth = culprit.truth;
  if (value.dim() != truth.dim()) return false;
  if (const double factor = proportion(value, truth, tolerance); factor != 0 && truth.numel() > 1) {
    const bool flipped = std::abs(factor + 1) <= tolerance;
    culprit.change = flipped ? Change::sign : Change::scale;
    culprit.factor = flipped ? -1 : factor;
    if (!flipped) culprit.factor_text = explain_factor(factor, values, {});
    return true;
  }
  if (value.dim() < 2 || relative_difference(value.transpose(-2, -1), truth) > tolerance)
    return false;
  culprit.change = Change::transpose;
  return true;
}

void note_wrong_elements(Culprit& culprit, double tolerance,
                         const std::vector<std::pair<std::string, at::Tensor>>& conditions) {
  culprit.largest_error = relative_difference(culprit.value, culprit.truth);
  std::vector<std::int64_t> wrong = differing(culprit.value, culprit.truth, tolerance);
  if (!most_are_right(culprit.value, culprit.truth, wrong)) return;
  culprit.pattern = describe_elements(wrong, culprit.truth.sizes().vec(), conditions);
  culprit.wrong_elements = std::move(wrong);
}

std::vector<Culprit> tensor_culprits(const Evidence& evidence) {
  std::vector<Culprit> culprits;
  for (const TensorComparison& tensor : evidence.tensors)
    if (is_mismatch(tensor)) explain_one(tensor, evidence, culprits);
  return culprits;
}

}  // namespace gradient_check
