#include "gradient_check/comparison/elements.h"

#include <cmath>

namespace gradient_check {

std::vector<double> elements_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
  const auto* data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
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
  const std::vector<double> truth = elements_of(sources.autograd);
  const std::vector<double> manual = elements_of(sources.manual);
  const std::vector<double> manual_double = elements_of(sources.manual_double);
  const bool has_double = manual_double.size() == truth.size();
  const std::vector<double>& judged = has_double ? manual_double : manual;
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
