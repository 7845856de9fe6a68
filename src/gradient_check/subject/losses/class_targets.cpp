#include "gradient_check/subject/losses/class_targets.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/subject/layer.h"

namespace gradient_check {

std::int64_t class_dimension(const at::Tensor& input) { return input.dim() == 1 ? 0 : 1; }

void expect_class_indices(const at::Tensor& input, const at::Tensor& target,
                          std::int64_t ignore_index) {
  if (input.dim() == 0) throw LayerError("the input is a scalar; expected (C) or (N, C, *)");
  std::vector<std::int64_t> expected = input.sizes().vec();
  expected.erase(expected.begin() + class_dimension(input));
  if (target.sizes().vec() != expected)
    throw LayerError(fmt::format("the target has shape [{}]; expected class indices of shape [{}]",
                                 fmt::join(target.sizes(), ", "), fmt::join(expected, ", ")));
  const at::Tensor indices = target.to(at::kLong).reshape({-1});
  if (target.is_floating_point() &&
      !indices.to(at::kDouble).equal(target.to(at::kDouble).reshape({-1})))
    throw LayerError("the target holds fractions; expected class indices, of dtype int64");
  const std::int64_t classes = input.size(class_dimension(input));
  for (std::int64_t i = 0; i < indices.numel(); ++i) {
    const auto index = indices[i].item<std::int64_t>();
    if (index != ignore_index && (index < 0 || index >= classes))
      throw LayerError(
          fmt::format("the target holds class {}; expected 0 to {}", index, classes - 1));
  }
}

void expect_class_weight(const at::Tensor& input, const at::Tensor& weight) {
  const std::int64_t classes = input.size(class_dimension(input));
  if (weight.defined() && weight.sizes() != at::IntArrayRef({classes}))
    throw LayerError(fmt::format("weight has shape [{}]; expected one per class, [{}]",
                                 fmt::join(weight.sizes(), ", "), classes));
}

at::Tensor position_weights(const at::Tensor& input, const at::Tensor& target,
                            const at::Tensor& weight, std::int64_t ignore_index) {
  const at::Tensor indices = target.to(at::kLong);
  const at::Tensor kept = (indices != ignore_index).to(input.scalar_type());
  if (!weight.defined()) return kept;
  const at::Tensor safe = indices.masked_fill(indices == ignore_index, 0);
  return weight.to(input.options()).index_select(0, safe.reshape({-1})).reshape(safe.sizes()) *
         kept;
}

at::Tensor gather_indices(const at::Tensor& input, const at::Tensor& target,
                          std::int64_t ignore_index) {
  const at::Tensor indices = target.to(at::kLong);
  return indices.masked_fill(indices == ignore_index, 0).unsqueeze(class_dimension(input));
}

}  // namespace gradient_check
