#include "gradient_check/comparison/kink_hull.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gradient_check/comparison/affine_hull.h"

namespace gradient_check {
namespace {

constexpr double near_distance = 1e-6, nearer_distance = 1e-9;
/// Gradients that differ by less than this part of the largest are one gradient.
constexpr double least_width = 1e-2;
/// Another choice at a kink differs by that part of it at least.
constexpr double least_choice = 1e-3;
constexpr int looked_at = 16;  ///< points, where a choice at all kinks is judged

}  // namespace

KinkHull::KinkHull(std::string name, Elements autograd, Elements judged, NearbyGradients nearby)
    : name_(std::move(name)),
      autograd_(std::move(autograd)),
      judged_(std::move(judged)),
      nearby_(std::move(nearby)) {}

KinkHull::Gradients KinkHull::gradients(int count, double distance) const {
  Gradients found;
  for (const at::Tensor& gradient : nearby_(name_, count, distance))
    found.push_back(elements_of(gradient));
  return found;
}

const KinkHull::Gradients& KinkHull::around(double distance, int points) {
  Gradients& found = around_[{distance, points}];
  if (found.empty()) found = gradients(points, distance);
  return found;
}

KinkHull::Interval KinkHull::interval(std::int64_t index, double distance, int points) {
  const auto i = static_cast<std::size_t>(index);
  Interval all{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const std::vector<double>& gradient : around(distance, points)) {
    all.finite = all.finite && std::isfinite(gradient[i]);
    all.low = std::min(all.low, gradient[i]);
    all.high = std::max(all.high, gradient[i]);
  }
  return all;
}

double KinkHull::jump(std::int64_t index, int points) {
  if (!nearby_) return 0;
  const Interval wide = interval(index, near_distance, points);
  const auto differs = [](const Interval& found) {
    return found.finite &&
           found.width() > least_width * std::max(std::abs(found.low), std::abs(found.high));
  };
  if (!differs(wide)) return 0;
  const Interval close = interval(index, nearer_distance, points);
  // A smooth f's are a thousand times closer; other kinks nearby may widen what is seen from afar.
  return differs(close) && close.width() >= 0.03 * wide.width() ? close.width() : 0;
}

bool KinkHull::spans(std::int64_t index, int points) {
  const double width = jump(index, points);
  if (!(width > 0)) return false;
  const Interval close = interval(index, nearer_distance, points);
  const double judged = judged_[static_cast<std::size_t>(index)];
  const double slack = 1e-3 * width;
  return judged >= close.low - slack && judged <= close.high + slack;
}

bool KinkHull::explains(std::int64_t index, double gap) {
  return gap >= least_choice * jump(index) && spans(index);
}

/// Those in which the gradients nearby differ, the first of them where they are many.
std::vector<std::size_t> KinkHull::varying_elements() {
  constexpr std::size_t most = 64;
  std::vector<std::size_t> varying;
  for (std::size_t i = 0; i < judged_.size() && varying.size() < most; ++i) {
    const Interval found = interval(static_cast<std::int64_t>(i), near_distance, looked_at);
    if (found.width() > least_width * std::max(std::abs(found.low), std::abs(found.high)))
      varying.push_back(i);
  }
  return varying;
}

bool KinkHull::chooses_jointly() {
  // Each sample is an evaluation: of a large subject some hundred take too long.
  constexpr std::size_t largest_examined = 100'000;
  if (!nearby_ || around(near_distance, looked_at).empty() || judged_.size() > largest_examined)
    return true;
  const std::vector<std::size_t> varying = varying_elements();
  const auto part = [&](const auto& gradient) {
    std::vector<double> picked;
    for (const std::size_t i : varying) picked.push_back(gradient[i]);
    return picked;
  };
  // Few samples tell that it may be; that it may not, only many.
  for (const int count : {64, 256}) {
    Gradients samples;
    for (const std::vector<double>& gradient : gradients(count, near_distance))
      samples.push_back(part(gradient));
    if (may_lie_in_affine_hull(part(judged_), samples, 1e-3)) return true;
  }
  return false;
}

}  // namespace gradient_check
