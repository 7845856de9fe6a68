#include "gradient_check/diagnosis/shapes.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// Whether the gradient, summed over the dimensions that were broadcast, is autograd's.
bool sums_to(const at::Tensor& gradient, const at::Tensor& truth, at::ScalarType dtype) {
  if (gradient.dim() < truth.dim() || gradient.numel() <= truth.numel()) return false;
  const auto extra = gradient.dim() - truth.dim();
  std::vector<std::int64_t> reduced;
  for (std::int64_t d = 0; d < gradient.dim(); ++d) {
    if (d < extra || (truth.size(d - extra) == 1 && gradient.size(d) != 1))
      reduced.push_back(d);
    else if (truth.size(d - extra) != gradient.size(d))
      return false;
  }
  const at::Tensor sum = gradient.to(at::kDouble).sum(reduced).reshape(truth.sizes());
  const double allowed = std::max(64 * epsilon_of(dtype), 1e-6) *
                         std::max(largest_magnitude(truth), largest_magnitude(gradient));
  return largest_magnitude(sum - truth) <= allowed;
}

}  // namespace

std::vector<ShapeDifference> shape_differences(const Evaluations& evaluations) {
  std::vector<ShapeDifference> found;
  for (const std::string& name : evaluations.targets) {
    const at::Tensor* gradient = evaluations.manual.gradients.find(name);
    const at::Tensor& truth = evaluations.autograd.gradients[name];
    if (!gradient || !gradient->defined() || gradient->sizes() == truth.sizes()) continue;
    ShapeDifference difference{name, gradient->sizes().vec(), truth.sizes().vec(), false};
    difference.sums_to_truth = sums_to(*gradient, truth, evaluations.dtype);
    found.push_back(std::move(difference));
  }
  return found;
}

}  // namespace gradient_check
