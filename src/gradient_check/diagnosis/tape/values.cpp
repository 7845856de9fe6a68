#include "gradient_check/diagnosis/tape/values.h"

#include <ATen/core/grad_mode.h>
#include <ATen/record_function.h>

#include <cmath>

#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

/// The elements in row-major order, on the CPU, looked at without autograd or a recorder noticing.
at::Tensor laid_out(const at::Tensor& tensor) {
  const at::DisableRecordFunctionGuard unrecorded;
  const at::NoGradGuard no_grad;
  return resolved(tensor.detach()).to(at::kCPU).contiguous();
}

template <typename T, typename Visit>
void visit_as(const at::Tensor& flat, Visit visit) {
  const T* data = flat.data_ptr<T>();
  for (std::int64_t i = 0; i < flat.numel(); ++i)
    if (!visit(i, static_cast<double>(data[i]))) return;
}

/// Calls visit(flat index, value) until it returns false. Nothing for what is not floating.
template <typename Visit>
void visit(const at::Tensor& tensor, Visit visit) {
  if (!tensor.defined() || !tensor.is_floating_point() || tensor.numel() == 0) return;
  const bool plain = tensor.layout() == at::kStrided && !tensor._is_zerotensor() &&
                     !tensor.is_neg() && tensor.is_cpu() && tensor.is_contiguous();
  const at::Tensor flat = plain ? tensor : laid_out(tensor);
  switch (flat.scalar_type()) {
    case at::kDouble:
      return visit_as<double>(flat, visit);
    case at::kFloat:
      return visit_as<float>(flat, visit);
    case at::kHalf:
      return visit_as<at::Half>(flat, visit);
    case at::kBFloat16:
      return visit_as<at::BFloat16>(flat, visit);
    default:
      return;
  }
}

}  // namespace

std::int64_t first_non_finite(const at::Tensor& tensor) {
  std::int64_t found = -1;
  visit(tensor, [&](std::int64_t i, double value) {
    if (std::isfinite(value)) return true;
    found = i;
    return false;
  });
  return found;
}

bool has_non_finite(const at::Tensor& tensor) { return first_non_finite(tensor) >= 0; }

std::int64_t count_non_finite(const at::Tensor& tensor) {
  std::int64_t count = 0;
  visit(tensor, [&](std::int64_t, double value) {
    if (!std::isfinite(value)) ++count;
    return true;
  });
  return count;
}

double element(const at::Tensor& tensor, std::int64_t flat) {
  const at::DisableRecordFunctionGuard unrecorded;
  const at::NoGradGuard no_grad;
  at::Tensor at = tensor.detach();
  std::int64_t stride = tensor.numel();
  for (std::int64_t d = 0; d < tensor.dim(); ++d) {
    stride /= tensor.size(d);
    at = at.select(0, flat / stride);
    flat %= stride;
  }
  return at.item().toDouble();
}

std::vector<at::Tensor> tensors_of(const c10::IValue& argument) {
  std::vector<at::Tensor> tensors;
  const auto add = [&](const at::Tensor& tensor) {
    if (tensor.defined()) tensors.push_back(tensor);
  };
  if (argument.isTensor()) add(argument.toTensor());
  if (argument.isTensorList())
    for (const at::Tensor& tensor : argument.toTensorVector()) add(tensor);
  if (argument.isList() && !argument.isTensorList())
    for (const c10::IValue& member : argument.toListRef())
      if (member.isTensor()) add(member.toTensor());
  return tensors;
}

std::vector<at::Tensor> tensors_of(const std::vector<c10::IValue>& arguments) {
  std::vector<at::Tensor> tensors;
  for (const c10::IValue& argument : arguments)
    for (const at::Tensor& tensor : tensors_of(argument)) tensors.push_back(tensor);
  return tensors;
}

bool has_non_finite_number(const std::vector<c10::IValue>& arguments) {
  for (const c10::IValue& argument : arguments) {
    if (argument.isDouble() && !std::isfinite(argument.toDouble())) return true;
    if (argument.isTensor() && argument.toTensor().defined() && argument.toTensor().dim() == 0 &&
        argument.toTensor().unsafeGetTensorImpl()->is_wrapped_number() &&
        has_non_finite(argument.toTensor()))
      return true;
  }
  return false;
}

std::int64_t broadcast_index(const at::Tensor& operand, at::IntArrayRef sizes, std::int64_t flat) {
  const auto extra = static_cast<std::int64_t>(sizes.size()) - operand.dim();
  if (extra < 0) return -1;
  std::int64_t result = 0, stride = 1;
  for (auto d = static_cast<std::int64_t>(sizes.size()) - 1; d >= 0; --d) {
    const std::int64_t size = sizes[static_cast<std::size_t>(d)];
    const std::int64_t at = size > 0 ? flat % size : 0;
    if (size > 0) flat /= size;
    if (d < extra) continue;
    const std::int64_t own = operand.size(d - extra);
    if (own != size && own != 1) return -1;
    if (own != 1) result += at * stride;
    stride *= own;
  }
  return result;
}

}  // namespace gradient_check
