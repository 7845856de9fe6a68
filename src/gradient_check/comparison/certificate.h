#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gradient_check/comparison/gradient_result.h"
#include "gradient_check/gradient/directional.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// 1 - the confidence of a certificate.
constexpr double certificate_risk = 1e-6;
/// A certificate that lets half of a gradient be wrong certifies nothing.
constexpr double bound_of_use = 0.5;

/// A bound on ‖error‖ that fails with probability `risk` at most, from `gaps`: the products of that
/// error with independent standard normal directions (each with its own uncertainty added).
///
/// Σ gap² is ‖error‖² χ²_m, and the normal density is at most (2π)^(-m/2), so that
/// P(χ²_m ≤ r²) ≤ (2π)^(-m/2) vol(ball of radius r in m dimensions) = (r²/2)^(m/2) / Γ(m/2 + 1)
/// (the leading term of the incomplete gamma function, DLMF 8.7.1, which bounds it: 8.2.7).
/// Setting this to `risk` gives r, and ‖error‖ ≤ sqrt(Σ gap²) / r.
double norm_bound(const std::vector<double>& gaps, double risk);

/// What random directions say of every tensor's gradient.
struct DirectionalFindings {
  std::map<std::string, Certificate> certificates;
  /// Elements where a direction and the gradient part, flat indices, to be looked at one by one.
  std::map<std::string, std::vector<std::int64_t>> suspects;
};

/// Directions through all tensors jointly; where one does not agree, through each tensor, and
/// there, halving it, down to the elements. `gradients`: autograd's, float64. `rounding`: for each
/// tensor, how far an element of it may be off by rounding alone.
DirectionalFindings certify(Objective& objective, const NamedTensors& gradients,
                            const std::map<std::string, double>& rounding, std::uint64_t seed);

/// The same for autograd's gradients at the evaluations' point, where `objective` stands. Where
/// that lies on kinks (relu of zeros) no direction has a derivative that could tell anything, and
/// autograd is certified at a point nearby, where it has.
DirectionalFindings certify_nearest(const Evaluations& evaluations, Objective& objective,
                                    const std::map<std::string, double>& rounding);

}  // namespace gradient_check
