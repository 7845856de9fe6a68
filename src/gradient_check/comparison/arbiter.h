#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/gradient/objective.h"

namespace gradient_check {

/// Autograd's gradients of one tensor at that many points close by. At a kink they differ, and
/// their hull holds the subgradients (Clarke, Optimization and Nonsmooth Analysis, §2.5).
using NearbyGradients = std::function<std::vector<at::Tensor>(const std::string& name, int count)>;

/// What finite differences say of one element (the table of §6 of the design). `outside`: every
/// step leaves the forward's domain, so that nothing can be said.
enum class Ruling { agree, manual_wrong, autograd_wrong, both_wrong, kink, unreliable, outside };

/// Rules on the elements of one tensor's gradient, with costlier differences than the cheap central
/// one. All elements are flat indices.
class Arbiter {
 public:
  /// `objective` may be null: then only lies_in_hull may be asked.
  Arbiter(std::string name, const GradientSources& sources, const Tolerances& tolerances,
          Objective* objective, NearbyGradients nearby);

  Ruling rule(std::int64_t index, bool manual_agrees);
  /// Whether autograd's gradients close by differ widely and both sources lie between them: several
  /// kinks meet here (relu of many rows at 0), which the two one-sided slopes do not span.
  bool lies_in_hull(std::int64_t index);
  /// Whether what manual chose at its kinks may be a subgradient as a whole: of two that tie for a
  /// maximum each may have the gradient, not both. To be asked where its elements lie in the hull.
  bool chooses_jointly();
  /// Whether both sources lie between two one-sided slopes that differ.
  bool is_kink(std::int64_t index);

 private:
  using Gradients = std::vector<std::vector<double>>;

  Gradients gradients_nearby(int count) const;
  std::vector<std::size_t> varying_elements() const;
  double manual_tolerance(double reference) const;
  double reference_tolerance(double reference) const;
  bool is_rounding_only() const;
  double negligible() const;

  std::string name_;
  const Tolerances& tolerances_;
  Objective* objective_;
  NearbyGradients nearby_gradients_;
  std::optional<Gradients> nearby_;
  Elements autograd_, judged_;
  bool has_double_ = false;
  double largest_ = 0;
};

}  // namespace gradient_check
