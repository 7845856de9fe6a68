#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/gradient/objective.h"

namespace gradient_check {

/// Autograd's gradients of one tensor at points close by, computed when first asked for. At a kink
/// they differ, and their hull holds the subgradients (Clarke, Optimization and Nonsmooth Analysis,
/// §2.5).
using NearbyGradients = std::function<std::vector<at::Tensor>(const std::string& name)>;

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
  /// Whether both sources lie between two one-sided slopes that differ.
  bool is_kink(std::int64_t index);

 private:
  double manual_tolerance(double reference) const;
  double reference_tolerance(double reference) const;
  bool is_rounding_only() const;
  double negligible() const;

  std::string name_;
  const Tolerances& tolerances_;
  Objective* objective_;
  NearbyGradients nearby_gradients_;
  std::optional<std::vector<std::vector<double>>> nearby_;
  std::vector<double> autograd_, judged_;
  bool has_double_ = false;
  double largest_ = 0;
};

}  // namespace gradient_check
