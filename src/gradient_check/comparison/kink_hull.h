#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/comparison/elements.h"

namespace gradient_check {

/// Autograd's gradients of one tensor at that many points, each element moved by that part of its
/// own size (see Evaluations::gradients_beside).
using NearbyGradients =
    std::function<std::vector<at::Tensor>(const std::string& name, int count, double distance)>;

/// The gradients around a kink. Where several meet (relu of many rows at 0) the valid choices are
/// the hull of the gradients close by (Clarke, Optimization and Nonsmooth Analysis, §2.5), which
/// the two one-sided slopes of an element do not span.
///
/// A smooth function's gradient differs close by as well. Two things tell it from a kink's:
/// elements are moved by 1e-6 of their own size, over which a function whose scale is the element's
/// changes its slope by 1e-6 of it; and at a thousandth of that distance a smooth function's
/// gradients lie a thousand times closer, a kink's as far apart as before.
class KinkHull {
 public:
  /// `judged`: the gradient whose choice is looked at. `nearby` may be null: then nothing is
  /// spanned.
  KinkHull(std::string name, Elements autograd, Elements judged, NearbyGradients nearby);

  /// Whether the gradients at that many points close by differ at that element, at all distances,
  /// and the judged one lies between them.
  bool spans(std::int64_t index, int points = 16);
  /// The same, where the kink is none that a gap of that size is a trifle beside: whoever chooses
  /// another slope at a kink is off by a part of it.
  bool explains(std::int64_t index, double gap);
  /// By how much the gradient jumps there at that element, as far as points close by show it; 0
  /// where it is continuous.
  double jump(std::int64_t index, int points = 16);
  /// Whether what was chosen at all kinks may be a subgradient as a whole: of two that tie for a
  /// maximum each may have the gradient, not both. To be asked where `spans` said yes.
  bool chooses_jointly();

 private:
  using Gradients = std::vector<std::vector<double>>;
  struct Interval {
    double low = 0, high = 0;
    bool finite = true;
    double width() const { return high - low; }
  };

  Gradients gradients(int count, double distance) const;
  const Gradients& around(double distance, int points);
  Interval interval(std::int64_t index, double distance, int points);
  std::vector<std::size_t> varying_elements();

  std::string name_;
  Elements autograd_, judged_;
  NearbyGradients nearby_;
  std::map<std::pair<double, int>, Gradients> around_;  ///< by distance and number
};

}  // namespace gradient_check
