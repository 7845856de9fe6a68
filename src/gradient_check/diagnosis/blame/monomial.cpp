#include "gradient_check/diagnosis/blame/monomial.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <cmath>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/blame/known_values.h"

namespace gradient_check {
namespace {

constexpr std::size_t most_samples = 24;
constexpr std::size_t most_variables = 64;

using Sample = std::vector<double>;

/// One variable or its inverse, at a few positions of the target.
struct Factor {
  std::size_t variable = 0;
  bool inverse = false;
  Sample values;
};

class Finder {
 public:
  Finder(const at::Tensor& target, const std::vector<NamedValue>& variables, double tolerance)
      : target_(target.to(at::kDouble)), variables_(variables), tolerance_(tolerance) {}

  std::optional<Monomial> run(std::size_t most) {
    const std::vector<double> all = elements_of(target_);
    if (all.size() < 3 || !choose_positions(all)) return std::nullopt;
    for (std::size_t v = 0; v < variables_.size() && v < most_variables; ++v) add_factors(v);
    for (std::size_t count = 1; count <= most; ++count)
      if (auto found = extend({}, target_sample_, 0, count)) return found;
    return std::nullopt;
  }

 private:
  /// Positions spread over the target where it is not 0; false where there are too few.
  bool choose_positions(const std::vector<double>& all) {
    double largest = 0;
    for (const double value : all) largest = std::max(largest, std::abs(value));
    const std::size_t stride = std::max<std::size_t>(1, all.size() / most_samples);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!std::isfinite(all[i])) return false;
      if (std::abs(all[i]) <= 1e-9 * largest || (i % stride != 0 && all.size() > 4 * most_samples))
        continue;
      if (positions_.size() == most_samples) break;
      positions_.push_back(i);
      target_sample_.push_back(all[i]);
    }
    return positions_.size() >= 3;
  }

  void add_factors(std::size_t v) {
    const at::Tensor& tensor = variables_[v].second;
    const std::vector<double> all =
        elements_of(tensor.to(at::kDouble).expand(target_.sizes()).contiguous());
    Factor factor{v, false, {}}, inverse{v, true, {}};
    for (const std::size_t position : positions_) {
      if (!std::isfinite(all[position]) || all[position] == 0) return;
      factor.values.push_back(all[position]);
      inverse.values.push_back(1 / all[position]);
    }
    factors_.push_back(std::move(factor));
    factors_.push_back(std::move(inverse));
  }

  /// Divides what is left of the target by `count` more factors, in order.
  std::optional<Monomial> extend(const std::vector<std::size_t>& chosen, const Sample& left,
                                 std::size_t from, std::size_t count) {
    for (std::size_t f = from; f < factors_.size(); ++f) {
      const bool cancels = !chosen.empty() &&
                           factors_[chosen.back()].variable == factors_[f].variable &&
                           factors_[chosen.back()].inverse != factors_[f].inverse;
      if (cancels) continue;
      Sample rest = left;
      for (std::size_t i = 0; i < rest.size(); ++i) rest[i] /= factors_[f].values[i];
      std::vector<std::size_t> now = chosen;
      now.push_back(f);
      if (count > 1) {
        if (auto found = extend(now, rest, f, count - 1)) return found;
      } else if (is_constant(rest)) {
        if (auto found = confirmed(now, rest[0])) return found;
      }
    }
    return std::nullopt;
  }

  static bool is_constant(const Sample& values) {
    for (const double value : values)
      if (!(std::abs(value - values[0]) <= 1e-6 * std::abs(values[0]))) return false;
    return true;
  }

  std::optional<Monomial> confirmed(const std::vector<std::size_t>& chosen, double) const {
    at::Tensor value;
    Monomial monomial;
    monomial.factors = chosen.size();
    std::string above, below;
    for (const std::size_t f : chosen) {
      const auto& [name, tensor] = variables_[factors_[f].variable];
      const at::Tensor wide = tensor.to(at::kDouble).expand(target_.sizes());
      if (factors_[f].inverse) {
        value = value.defined() ? value / wide : wide.reciprocal();
        below += " / " + name;
      } else {
        value = value.defined() ? value * wide : wide;
        above += (above.empty() ? "" : " * ") + name;
      }
    }
    monomial.constant = proportion(target_, value, tolerance_);
    if (monomial.constant == 0) return std::nullopt;
    monomial.text = (above.empty() ? "1" : above) + below;
    return monomial;
  }

  at::Tensor target_;
  const std::vector<NamedValue>& variables_;
  double tolerance_;
  std::vector<std::size_t> positions_;
  Sample target_sample_;
  std::vector<Factor> factors_;
};

}  // namespace

std::optional<Monomial> find_monomial(const at::Tensor& target,
                                      const std::vector<NamedValue>& variables, std::size_t most,
                                      double tolerance) {
  return Finder(target, variables, tolerance).run(most);
}

}  // namespace gradient_check
