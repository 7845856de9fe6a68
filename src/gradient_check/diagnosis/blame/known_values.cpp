#include "gradient_check/diagnosis/blame/known_values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

/// ∂loss/∂(each forward value), undefined where the loss does not depend on it.
std::vector<at::Tensor> adjoints_of(const Trace& forward, const at::Tensor& cotangent) {
  std::vector<at::Tensor> adjoints(forward.forward.size());
  const at::Tensor& output = forward.output.toTensor();
  if (!output.requires_grad()) return adjoints;
  std::vector<at::Tensor> wanted;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < forward.forward.size(); ++i) {
    if (!forward.forward[i].value.requires_grad()) continue;
    wanted.push_back(forward.forward[i].value);
    positions.push_back(i);
  }
  const auto gradients = torch::autograd::grad(
      {output}, wanted, {cotangent.to(output.scalar_type())}, false, false, true);
  for (std::size_t k = 0; k < positions.size(); ++k)
    if (gradients[k].defined()) adjoints[positions[k]] = resolved(gradients[k].detach());
  return adjoints;
}

/// Slopes of the part at `index` by the variables read inside it, where part and variable have one
/// shape: Σ shares / adjoint, which is ∂part/∂variable where the part is elementwise.
void add_slopes(const Trace& forward, const std::vector<at::Tensor>& adjoints, std::size_t index,
                std::vector<KnownValue>& known) {
  const ForwardValue& part = forward.forward[index];
  std::map<std::string, at::Tensor> shares;
  for (std::size_t i = index; i-- > 0;) {
    const ForwardValue& use = forward.forward[i];
    if (use.line != part.line || use.iteration != part.iteration) break;
    if (!adjoints[i].defined() || part.text.find(use.text) == std::string::npos ||
        adjoints[i].sizes() != adjoints[index].sizes())
      continue;
    if (!use.is_use && use.name.empty())
      known.push_back({ValueKind::slope, "", part.text, adjoints[i] / adjoints[index], part.line,
                       part.iteration, use.text, false});
    if (!use.is_use) continue;
    at::Tensor& total = shares[use.text];
    total = total.defined() ? total + adjoints[i] : adjoints[i];
  }
  for (const auto& [name, share] : shares)
    known.push_back({ValueKind::slope, "", part.text, share / adjoints[index], part.line,
                     part.iteration, name, false});
}

at::Tensor wide(const at::Tensor& tensor) { return tensor.to(at::kDouble).contiguous(); }

}  // namespace

std::vector<KnownValue> known_values(const Trace& forward, const at::Tensor& cotangent) {
  const std::vector<at::Tensor> adjoints = adjoints_of(forward, cotangent);
  std::vector<KnownValue> known;
  for (std::size_t i = 0; i < forward.forward.size(); ++i) {
    const ForwardValue& value = forward.forward[i];
    const ValueKind adjoint = value.is_use ? ValueKind::share : ValueKind::adjoint;
    if (!value.is_use)
      known.push_back({ValueKind::value, value.name, value.text, value.value.detach().clone(),
                       value.line, value.iteration, "", false, value.scope});
    if (!value.value.requires_grad()) continue;
    const at::Tensor truth =
        adjoints[i].defined() ? adjoints[i] : at::zeros_like(value.value.detach());
    known.push_back({adjoint, value.name, value.text, truth, value.line, value.iteration,
                     value.consumer, false, value.scope, value.is_argument});
    if (value.name.empty() && adjoints[i].defined()) add_slopes(forward, adjoints, i, known);
  }
  return known;
}

double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined() || a.sizes() != b.sizes()) return 2;
  // Called for every pair of values: without operators, which cost microseconds each.
  const at::Tensor left = wide(a), right = wide(b);
  const double *x = left.data_ptr<double>(), *y = right.data_ptr<double>();
  double scale = 0, difference = 0;
  for (std::int64_t i = 0; i < left.numel(); ++i) {
    const bool finite = std::isfinite(x[i]);
    if (finite != std::isfinite(y[i])) return 2;
    if (!finite) continue;
    scale = std::max({scale, std::abs(x[i]), std::abs(y[i])});
    difference = std::max(difference, std::abs(x[i] - y[i]));
  }
  return scale == 0 ? 0 : difference / scale;
}

double proportion(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  if (!a.defined() || !b.defined() || a.sizes() != b.sizes() || a.numel() == 0) return 0;
  const at::Tensor left = wide(a), right = wide(b);
  const double *x = left.data_ptr<double>(), *y = right.data_ptr<double>();
  double product = 0, square = 0;
  for (std::int64_t i = 0; i < left.numel(); ++i) {
    product += x[i] * y[i];
    square += y[i] * y[i];
  }
  if (!(square > 0) || !std::isfinite(square)) return 0;
  const double factor = product / square;
  if (!std::isfinite(factor) || factor == 0) return 0;
  return relative_difference(left, right * factor) <= tolerance ? factor : 0;
}

}  // namespace gradient_check
