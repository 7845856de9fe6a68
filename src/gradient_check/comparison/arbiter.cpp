#include "gradient_check/comparison/arbiter.h"

#include <algorithm>
#include <cmath>

#include "gradient_check/comparison/affine_hull.h"
#include "gradient_check/comparison/elements.h"
#include "gradient_check/gradient/finite_difference.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {

Arbiter::Arbiter(std::string name, const GradientSources& sources, const Tolerances& tolerances,
                 Objective* objective, NearbyGradients nearby)
    : name_(std::move(name)),
      tolerances_(tolerances),
      objective_(objective),
      nearby_gradients_(std::move(nearby)),
      autograd_(sources.autograd),
      has_double_(sources.manual_double.defined()),
      largest_(sources.extent.largest) {
  judged_ = has_double_                ? Elements(sources.manual_double)
            : sources.manual.defined() ? Elements(sources.manual)
                                       : autograd_;
}

double Arbiter::manual_tolerance(double reference) const {
  const Tolerances& t = tolerances_;
  return (has_double_ ? t.formula : t.rounding) + t.atol + t.rtol * std::abs(reference);
}

double Arbiter::reference_tolerance(double reference) const {
  const Tolerances& t = tolerances_;
  return t.reference + t.atol + t.rtol * std::abs(reference);
}

Ruling Arbiter::rule(std::int64_t index, bool manual_agrees) {
  const auto i = static_cast<std::size_t>(index);
  if (!manual_agrees && lies_in_hull(index)) return Ruling::kink;
  const Slope slope = ridders(*objective_, name_, index);
  const double from_autograd = std::abs(slope.value - autograd_[i]);
  const bool autograd_agrees =
      from_autograd <= slope.error + reference_tolerance(autograd_[i]) + negligible();
  // An error that is small beside this gradient, or next to nothing.
  const bool informative = slope.error <= 0.1 * std::max(largest_, std::abs(slope.value)) ||
                           slope.error <= std::max(1e-6 * tolerances_.overall, negligible());
  if (manual_agrees) {
    // Every step leaves the forward's domain: nothing can be said, and nothing is.
    if (std::isinf(slope.error)) return Ruling::outside;
    if (autograd_agrees)
      return informative || is_rounding_only() ? Ruling::agree : Ruling::unreliable;
  } else if (autograd_agrees) {
    return Ruling::manual_wrong;
  } else if (std::abs(slope.value - judged_[i]) <= slope.error + manual_tolerance(slope.value)) {
    return Ruling::autograd_wrong;
  }
  if (is_kink(index) || lies_in_hull(index)) return Ruling::kink;
  return informative ? Ruling::both_wrong : Ruling::unreliable;
}

/// Whether autograd's gradient is nothing but rounding, so that no difference could confirm it.
bool Arbiter::is_rounding_only() const {
  return largest_ <= tolerances_.reference - 1e-9 * largest_;
}

/// Next to nothing beside the case's other gradients, or beside what rounding leaves of values of
/// size 1: the loss of a confident classifier moves in steps of ε, and its differences with it.
double Arbiter::negligible() const { return 1e-12 * tolerances_.overall + 1e-13; }

bool Arbiter::lies_in_hull(std::int64_t index) {
  const auto i = static_cast<std::size_t>(index);
  if (!nearby_gradients_) return false;
  if (!nearby_) nearby_ = gradients_nearby(16);
  double low = autograd_[i], high = autograd_[i];
  for (const std::vector<double>& gradient : *nearby_) {
    if (!std::isfinite(gradient[i])) return false;
    low = std::min(low, gradient[i]);
    high = std::max(high, gradient[i]);
  }
  const double width = high - low;
  if (width <= 1e-2 * std::max(std::abs(low), std::abs(high))) return false;
  return judged_[i] >= low - 1e-3 * width && judged_[i] <= high + 1e-3 * width;
}

Arbiter::Gradients Arbiter::gradients_nearby(int count) const {
  Gradients gradients;
  for (const at::Tensor& gradient : nearby_gradients_(name_, count))
    gradients.push_back(elements_of(gradient));
  return gradients;
}

/// Those in which the gradients nearby differ, the first of them where they are many.
std::vector<std::size_t> Arbiter::varying_elements() const {
  constexpr std::size_t most = 64;
  std::vector<std::size_t> varying;
  for (std::size_t i = 0; i < judged_.size() && varying.size() < most; ++i) {
    double low = (*nearby_)[0][i], high = low;
    for (const std::vector<double>& gradient : *nearby_) {
      low = std::min(low, gradient[i]);
      high = std::max(high, gradient[i]);
    }
    if (high - low > 1e-2 * std::max(std::abs(low), std::abs(high))) varying.push_back(i);
  }
  return varying;
}

bool Arbiter::chooses_jointly() {
  // Each sample is an evaluation: of a large subject some hundred take too long.
  constexpr std::size_t largest_examined = 100'000;
  if (!nearby_ || nearby_->empty() || judged_.size() > largest_examined) return true;
  const std::vector<std::size_t> varying = varying_elements();
  const auto part = [&](const auto& gradient) {
    std::vector<double> picked;
    for (const std::size_t i : varying) picked.push_back(gradient[i]);
    return picked;
  };
  // Few samples tell that it may be; that it may not, only many.
  for (const int count : {64, 256}) {
    Gradients samples;
    for (const std::vector<double>& gradient : gradients_nearby(count))
      samples.push_back(part(gradient));
    if (may_lie_in_affine_hull(part(judged_), samples, 1e-3)) return true;
  }
  return false;
}

bool Arbiter::is_kink(std::int64_t index) {
  const auto i = static_cast<std::size_t>(index);
  const OneSidedSlopes slopes = one_sided(*objective_, name_, index);
  if (!slopes.differ()) return false;
  const double error = slopes.right.error + slopes.left.error;
  const double low = std::min(slopes.right.value, slopes.left.value) - error;
  const double high = std::max(slopes.right.value, slopes.left.value) + error;
  const auto between = [&](double value, double slack) {
    return value >= low - slack && value <= high + slack;
  };
  return between(autograd_[i], reference_tolerance(autograd_[i])) &&
         between(judged_[i], manual_tolerance(autograd_[i]));
}

}  // namespace gradient_check
