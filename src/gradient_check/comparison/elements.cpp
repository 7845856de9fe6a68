#include "gradient_check/comparison/elements.h"

#include <cmath>

namespace gradient_check {

std::vector<double> elements_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
  const auto* data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
}

Elements::Elements(const at::Tensor& tensor) {
  if (!tensor.defined()) return;
  kept_ = tensor.detach().contiguous();
  size_ = static_cast<std::size_t>(kept_.numel());
  if (kept_.scalar_type() != at::kFloat && kept_.scalar_type() != at::kDouble)
    kept_ = kept_.to(at::kDouble);
  if (kept_.scalar_type() == at::kDouble)
    doubles_ = kept_.data_ptr<double>();
  else
    floats_ = kept_.data_ptr<float>();
}

std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

bool agrees(double a, double b, double absolute, double rtol) {
  if (std::isnan(a) || std::isnan(b)) return false;
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= absolute + rtol * std::abs(b);
}

std::vector<std::int64_t> differing_elements(const GradientSources& sources,
                                             const Tolerances& tolerances) {
  const Elements truth(sources.autograd), manual(sources.manual),
      manual_double(sources.manual_double);
  const bool has_double = manual_double.size() == truth.size();
  const Elements& judged = has_double ? manual_double : manual;
  const double absolute = tolerances.atol + (has_double ? tolerances.formula : tolerances.rounding);
  std::vector<std::int64_t> differing;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const bool became_infinite = !std::isfinite(manual[i]) && std::isfinite(truth[i]);
    if (became_infinite || !agrees(judged[i], truth[i], absolute, tolerances.rtol))
      differing.push_back(static_cast<std::int64_t>(i));
  }
  return differing;
}

}  // namespace gradient_check
