#include <ATen/ExpandUtils.h>
#include <ATen/core/Reduction.h>
#include <fmt/ranges.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {

OptionSpec reduction_option() {
  return choice_option("reduction", {"mean", "sum", "none"}, "mean");
}

at::Tensor reduce(const at::Tensor& elementwise, const std::string& reduction) {
  if (reduction == "mean") return elementwise.mean();
  if (reduction == "sum") return elementwise.sum();
  return elementwise;
}

at::Tensor reduce_backward(const at::Tensor& grad_output, at::IntArrayRef elementwise_sizes,
                           const std::string& reduction) {
  if (reduction == "none") return grad_output;
  const at::Tensor spread = grad_output.expand(elementwise_sizes);
  return reduction == "mean" ? spread / static_cast<double>(spread.numel()) : spread;
}

std::int64_t reduction_code(const std::string& reduction) {
  if (reduction == "mean") return at::Reduction::Mean;
  return reduction == "sum" ? at::Reduction::Sum : at::Reduction::None;
}

void expect_same_shape(const at::Tensor& input, const at::Tensor& target) {
  if (input.sizes() == target.sizes()) return;
  throw LayerError(fmt::format("the target has shape [{}]; expected the input's shape [{}]",
                               fmt::join(target.sizes(), ", "), fmt::join(input.sizes(), ", ")));
}

void expect_broadcasts(const std::string& name, const at::Tensor& weight, const at::Tensor& input) {
  if (!weight.defined() || at::is_expandable_to(weight.sizes(), input.sizes())) return;
  throw LayerError(fmt::format("{} has shape [{}]; expected one that broadcasts to [{}]", name,
                               fmt::join(weight.sizes(), ", "), fmt::join(input.sizes(), ", ")));
}

}  // namespace gradient_check
