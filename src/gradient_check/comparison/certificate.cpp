#include "gradient_check/comparison/certificate.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace gradient_check {
namespace {

/// Few directions give a bound some ten times above what they show (38 times for 4, at 1e-6),
/// which is far below anything that matters, since each of them is known to nine digits.
constexpr std::size_t directions_asked = 4;
/// Elements that are searched for in one tensor, and halvings that the search may take.
constexpr std::size_t suspects_at_most = 16, halvings_at_most = 512;

/// Asks directions, and follows those that do not agree down to elements.
class Certifier {
 public:
  Certifier(Objective& objective, const NamedTensors& gradients,
            const std::map<std::string, double>& rounding, std::uint64_t seed)
      : gradients_(gradients), rounding_(rounding), directions_(objective, gradients, seed) {}

  DirectionalFindings run() {
    const Series joint = ask({});
    for (const std::string& name : directions_.names()) {
      if (joint.disagreeing) {
        follow(name);
      } else {
        findings_.certificates[name] = certificate_of(joint);
      }
    }
    return std::move(findings_);
  }

 private:
  /// What independent directions through the same tensors have shown.
  struct Series {
    std::vector<double> gaps;
    std::optional<Direction> disagreeing;
  };

  /// Directions through that tensor alone, or through all of them.
  Series ask(const std::optional<std::string>& tensor) {
    Series series;
    for (std::size_t k = 0; k < directions_asked; ++k) {
      const Direction direction{k, tensor, 0, tensor ? gradients_[*tensor].numel() : -1};
      const DirectionalDerivative found = directions_.along(direction);
      series.gaps.push_back(std::abs(found.gap()) + found.measured.error);
      if (!series.disagreeing && !agrees(direction, found)) series.disagreeing = direction;
    }
    return series;
  }

  static Certificate certificate_of(const Series& series) {
    Certificate certificate;
    certificate.kind = "directional";
    certificate.directions = static_cast<std::int64_t>(series.gaps.size());
    const double bound = norm_bound(series.gaps, certificate_risk);
    certificate.relative_error_bound =
        std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
    certificate.confidence = 1 - certificate_risk;
    return certificate;
  }

  /// Whether the gap is no more than the difference's error and rounding of the gradient can do.
  bool agrees(const Direction& direction, const DirectionalDerivative& found) const {
    double rounding = 0;
    for (const std::string& name : directions_.names()) {
      if (direction.tensor && *direction.tensor != name) continue;
      const auto elements =
          static_cast<double>(direction.count < 0 ? gradients_[name].numel() : direction.count);
      rounding += rounding_.at(name) * std::sqrt(elements) / directions_.norm(name);
    }
    return std::abs(found.gap()) <= 4 * (found.measured.error + rounding);
  }

  void follow(const std::string& name) {
    const Series alone = ask(name);
    findings_.certificates[name] = certificate_of(alone);
    halvings_ = 0;
    if (alone.disagreeing) halve(*alone.disagreeing);
  }

  /// `part` does not agree: its halves, the one with the larger gap first.
  void halve(const Direction& part) {
    std::vector<std::int64_t>& suspects = findings_.suspects[*part.tensor];
    if (part.count == 1) return suspects.push_back(part.first);
    Direction left = part, right = part;
    left.count = part.count / 2;
    right.first += left.count;
    right.count -= left.count;
    const DirectionalDerivative in_left = directions_.along(left),
                                in_right = directions_.along(right);
    halvings_ += 2;
    const bool left_first = std::abs(in_left.gap()) >= std::abs(in_right.gap());
    for (const bool is_left : {left_first, !left_first}) {
      if (suspects.size() >= suspects_at_most || halvings_ >= halvings_at_most) return;
      const Direction& half = is_left ? left : right;
      const DirectionalDerivative& here = is_left ? in_left : in_right;
      if (!agrees(half, here)) halve(half);
    }
  }

  const NamedTensors& gradients_;
  const std::map<std::string, double>& rounding_;
  DirectionalDerivatives directions_;
  DirectionalFindings findings_;
  std::size_t halvings_ = 0;
};

/// Whether every tensor has a bound, or elements to be looked at.
bool tells_something(const DirectionalFindings& findings) {
  return std::all_of(findings.certificates.begin(), findings.certificates.end(),
                     [&](const auto& entry) {
                       const auto suspects = findings.suspects.find(entry.first);
                       return entry.second.relative_error_bound.value_or(0) <= bound_of_use ||
                              (suspects != findings.suspects.end() && !suspects->second.empty());
                     });
}

}  // namespace

double norm_bound(const std::vector<double>& gaps, double risk) {
  double squares = 0;
  for (const double gap : gaps) squares += gap * gap;
  const auto m = static_cast<double>(gaps.size());
  const double radius = std::sqrt(2) * std::exp((std::log(risk) + std::lgamma(m / 2 + 1)) / m);
  return std::sqrt(squares) / radius;
}

DirectionalFindings certify(Objective& objective, const NamedTensors& gradients,
                            const std::map<std::string, double>& rounding, std::uint64_t seed) {
  return Certifier(objective, gradients, rounding, seed).run();
}

DirectionalFindings certify_nearest(const Evaluations& evaluations, Objective& objective,
                                    const std::map<std::string, double>& rounding) {
  constexpr double distance = 1e-4;
  DirectionalFindings here =
      certify(objective, evaluations.autograd.gradients, rounding, evaluations.seed);
  if (tells_something(here) || evaluations.forward_random) return here;
  std::mt19937_64 engine(evaluations.seed + 3);
  const PointNearby point = evaluations.nearby(engine, distance);
  Objective beside(evaluations.subject, point.values, evaluations.targets, evaluations.cotangent,
                   evaluations.manner);
  DirectionalFindings there = certify(beside, point.gradients, rounding, evaluations.seed);
  for (auto& [name, certificate] : there.certificates) certificate.distance = distance;
  return there;
}

}  // namespace gradient_check
