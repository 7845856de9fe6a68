#include "gradient_check/subject/outputs.h"

#include <ATen/core/TensorBody.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/real.h>
#include <ATen/ops/zeros.h>
#include <c10/util/accumulate.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gradient_check/subject/reduced_precision.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

Outputs::Outputs(const std::vector<at::Tensor>& given) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    all_.emplace_back();
    if (!given[i].defined()) continue;
    const bool floating = given[i].is_floating_point() || given[i].is_complex();
    all_.back() = {floating ? Kind::floating : Kind::other, given[i].sizes().vec()};
    if (!given[i].requires_grad()) continue;
    all_.back().kind = Kind::differentiable;
    positions_.push_back(i);
    shapes_.push_back(given[i].sizes().vec());
    complex_.push_back(given[i].is_complex());
  }
}

Outputs Outputs::learned(const std::function<std::vector<at::Tensor>(const NamedTensors&)>& forward,
                         const NamedTensors& tensors) {
  const at::AutoGradMode enabled(true);
  const ReducedPrecisionFallback with_lacking_operators(true);
  NamedTensors arguments;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor copy = tensor.detach().clone();
    const bool floating = tensor.is_floating_point() || tensor.is_complex();
    // No leaf: the forward may write to it.
    arguments.set(name, floating ? copy.requires_grad_().clone() : copy);
  }
  return Outputs(forward(arguments));
}

std::optional<std::string> Outputs::complaint() const {
  const std::lock_guard<std::mutex> lock(complaint_->mutex);
  return complaint_->text;
}

void Outputs::complain(std::string text) const {
  const std::lock_guard<std::mutex> lock(complaint_->mutex);
  if (!complaint_->text) complaint_->text = text;
  throw SubjectError(std::nullopt, text);
}

std::vector<at::Tensor> Outputs::differentiable(const std::vector<at::Tensor>& given) const {
  if (given.size() != all_.size())
    complain(
        fmt::format("the function returned {} outputs at the point and {} elsewhere: "
                    "their number may not depend on the values",
                    all_.size(), given.size()));
  std::vector<at::Tensor> kept;
  for (std::size_t k = 0; k < positions_.size(); ++k) {
    const at::Tensor& tensor = given[positions_[k]];
    if (!tensor.defined() || !(tensor.is_floating_point() || tensor.is_complex()))
      complain(fmt::format(
          "output {} is differentiable at the point, and {} elsewhere: the dtype of an "
          "output may not depend on the values",
          positions_[k], tensor.defined() ? toString(tensor.scalar_type()) : "undefined"));
    if (tensor.sizes() != at::IntArrayRef(shapes_[k]))
      complain(
          fmt::format("output {} has shape [{}] at the point and [{}] elsewhere: the "
                      "shape of an output may not depend on the values",
                      positions_[k], fmt::join(shapes_[k], ", "), fmt::join(tensor.sizes(), ", ")));
    kept.push_back(tensor);
  }
  return kept;
}

at::Tensor Outputs::joined(const std::vector<at::Tensor>& given) const {
  std::vector<at::Tensor> kept = differentiable(given);
  if (kept.size() == 1) return kept[0];
  for (at::Tensor& tensor : kept) tensor = tensor.reshape({-1});
  return at::cat(kept);
}

std::vector<at::Tensor> Outputs::cut(const at::Tensor& grad_output) const {
  if (shapes_.size() <= 1) return {grad_output};
  std::vector<at::Tensor> parts;
  std::int64_t first = 0;
  for (std::size_t k = 0; k < shapes_.size(); ++k) {
    const std::int64_t size = c10::multiply_integers(shapes_[k]);
    const at::Tensor part = grad_output.narrow(0, first, size).reshape(shapes_[k]);
    // Beside complex outputs the real ones are joined as complex.
    parts.push_back(part.is_complex() && !complex_[k] ? at::real(part) : part);
    first += size;
  }
  return parts;
}

bool Outputs::can_have(std::size_t cotangents) const {
  const auto floating = std::count_if(
      all_.begin(), all_.end(), [](const Whole& output) { return output.kind != Kind::other; });
  return cotangents == count() || cotangents == static_cast<std::size_t>(floating) ||
         cotangents == total();
}

std::vector<at::Tensor> Outputs::cotangents(const at::Tensor& grad_output,
                                            std::size_t wanted) const {
  const std::vector<at::Tensor> parts = cut(grad_output);
  if (wanted == count()) return parts;
  std::vector<at::Tensor> chosen;
  auto part = parts.begin();
  for (const Whole& output : all_) {
    if (output.kind == Kind::differentiable)
      chosen.push_back(*part++);
    else if (output.kind == Kind::floating || wanted == total())
      chosen.push_back(at::zeros(output.shape, grad_output.options()));
  }
  return chosen;
}

}  // namespace gradient_check
