#include "gradient_check/comparison/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/gradient/finite_difference.h"

namespace gradient_check {
namespace {

/// At most this many elements of a tensor are looked at one by one with the costlier differences.
constexpr std::size_t arbitrated_at_most = 256;

enum class Ruling { agree, manual_wrong, autograd_wrong, both_wrong, kink, unreliable };

/// Compares one tensor. See compare_gradient.
class Comparison {
 public:
  Comparison(const std::string& name, const GradientSources& sources, const Tolerances& tolerances,
             const ComparisonTools& tools)
      : objective_(tools.objective), tools_(tools) {
    out_.sources = sources;
    out_.tolerances = tolerances;
    out_.result.name = name;
    out_.result.shape = sources.autograd.sizes().vec();
    out_.result.elements = sources.autograd.numel();
    autograd_ = elements_of(sources.autograd);
    manual_ = elements_of(sources.manual);
    judged_ = sources.manual_double.defined() ? elements_of(sources.manual_double) : manual_;
    largest_ = largest_magnitude(sources.autograd);
  }

  TensorComparison run() {
    if (manual_.empty() && !autograd_.empty()) judged_ = manual_ = autograd_;  // autograd alone
    const std::vector<std::int64_t> differing =
        alone() ? std::vector<std::int64_t>{} : differing_elements(out_.sources, out_.tolerances);
    measure_errors();
    if (report_non_finite(differing)) return std::move(out_);
    arbitrate_differing(differing);
    cover(differing);
    conclude();
    return std::move(out_);
  }

 private:
  bool alone() const { return !out_.sources.manual.defined(); }

  void measure_errors() {
    double worst_score = -1;
    for (std::size_t i = 0; i < autograd_.size(); ++i) {
      const double error = std::abs(manual_[i] - autograd_[i]);
      const bool both_infinite = std::isinf(manual_[i]) && manual_[i] == autograd_[i];
      const double score = both_infinite       ? 0
                           : std::isnan(error) ? std::numeric_limits<double>::infinity()
                                               : error;
      if (score > worst_score) {
        worst_score = score;
        worst_ = i;
      }
      if (both_infinite) continue;
      note_maximum(out_.result.max_abs_error, error);
      if (error > 0 || std::isnan(error))
        note_maximum(out_.result.max_rel_error, error / std::abs(autograd_[i]));
    }
  }

  /// A maximum that NaN does not slip through.
  static void note_maximum(double& maximum, double value) {
    if (std::isnan(maximum)) return;
    if (std::isnan(value) || value > maximum) maximum = value;
  }

  bool report_non_finite(const std::vector<std::int64_t>& differing) {
    const auto finite = [](double x) { return std::isfinite(x); };
    const bool manual_finite = std::all_of(manual_.begin(), manual_.end(), finite);
    const bool autograd_finite = std::all_of(autograd_.begin(), autograd_.end(), finite);
    if (manual_finite && autograd_finite) return false;
    out_.result.verdict = TensorVerdict::non_finite;
    out_.mismatched = differing;
    out_.result.mismatched = static_cast<std::int64_t>(differing.size());
    out_.result.wrong = alone() || (!manual_finite && !autograd_finite) ? Wrong::unknown
                        : manual_finite                                 ? Wrong::autograd
                                                                        : Wrong::manual;
    for (std::size_t i = 0; i < autograd_.size(); ++i)
      if (!finite(manual_[i]) || !finite(autograd_[i])) {
        worst_ = i;
        break;
      }
    set_worst();
    return true;
  }

  double manual_tolerance(double reference) const {
    const Tolerances& t = out_.tolerances;
    return (out_.sources.manual_double.defined() ? t.formula : t.rounding) + t.atol +
           t.rtol * std::abs(reference);
  }
  double reference_tolerance(double reference) const {
    const Tolerances& t = out_.tolerances;
    return t.reference + t.atol + t.rtol * std::abs(reference);
  }

  /// Rules on an element where the cheap difference did not settle things.
  Ruling rule(std::int64_t index, bool manual_agrees) {
    const auto i = static_cast<std::size_t>(index);
    if (!manual_agrees && lies_in_hull(i)) return Ruling::kink;
    const Slope slope = ridders(*objective_, out_.result.name, index);
    const double from_autograd = std::abs(slope.value - autograd_[i]);
    const bool autograd_agrees =
        from_autograd <= slope.error + reference_tolerance(autograd_[i]) + negligible();
    // An error that is small beside this gradient, or next to nothing beside the case's others.
    const bool informative = slope.error <= 0.1 * std::max(largest_, std::abs(slope.value)) ||
                             slope.error <= 1e-6 * out_.tolerances.overall;
    if (manual_agrees) {
      if (autograd_agrees)
        return informative || is_rounding_only() ? Ruling::agree : Ruling::unreliable;
    } else if (autograd_agrees) {
      return Ruling::manual_wrong;
    } else if (std::abs(slope.value - judged_[i]) <= slope.error + manual_tolerance(slope.value)) {
      return Ruling::autograd_wrong;
    }
    if (is_kink(index, i) || lies_in_hull(i)) return Ruling::kink;
    return informative ? Ruling::both_wrong : Ruling::unreliable;
  }

  /// Whether autograd's gradient is nothing but rounding, so that no difference could confirm it.
  bool is_rounding_only() const { return largest_ <= out_.tolerances.reference - 1e-9 * largest_; }

  /// Next to nothing beside the case's other gradients.
  double negligible() const { return 1e-12 * out_.tolerances.overall; }

  /// Whether autograd's gradients close by differ widely and both sources lie between them: several
  /// kinks meet here (relu of many rows at 0), which the two one-sided slopes do not span.
  bool lies_in_hull(std::size_t i) {
    if (!tools_.nearby) return false;
    if (!nearby_) {
      nearby_.emplace();
      for (const at::Tensor& gradient : tools_.nearby(out_.result.name))
        nearby_->push_back(elements_of(gradient));
    }
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

  /// Whether both sources lie between two one-sided slopes that differ.
  bool is_kink(std::int64_t index, std::size_t i) {
    const OneSidedSlopes slopes = one_sided(*objective_, out_.result.name, index);
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

  void arbitrate_differing(const std::vector<std::int64_t>& differing) {
    std::vector<std::int64_t> order = differing;
    const auto error = [&](std::int64_t i) {
      return std::abs(judged_[static_cast<std::size_t>(i)] -
                      autograd_[static_cast<std::size_t>(i)]);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return error(a) > error(b); });
    for (std::size_t k = 0; k < order.size(); ++k) {
      const bool ask = objective_ && k < arbitrated_at_most / 4;
      const Ruling ruling = ask ? rule(order[k], false)
                            : lies_in_hull(static_cast<std::size_t>(order[k]))
                                ? Ruling::kink
                                : Ruling::manual_wrong;
      settled_.insert(order[k]);
      if (ruling == Ruling::kink) {
        out_.kinks.push_back(order[k]);
        out_.kink_choices_differ = true;
        continue;
      }
      out_.mismatched.push_back(order[k]);
      if (ask) count(ruling);
    }
    std::sort(out_.mismatched.begin(), out_.mismatched.end());
  }

  /// Finite differences against autograd where manual and autograd agree.
  void cover(const std::vector<std::int64_t>&) {
    Certificate& certificate = out_.result.certificate;
    if (!objective_ || autograd_.empty()) return;
    const std::vector<std::int64_t> chosen = choose_elements();
    certificate.kind = static_cast<std::int64_t>(chosen.size()) == out_.result.elements
                           ? "every_element"
                           : "sample";
    certificate.elements = static_cast<std::int64_t>(chosen.size());
    std::size_t costly = 0;
    for (const std::int64_t index : chosen) {
      if (settled_.count(index) || cheap_difference_agrees(index)) continue;
      if (++costly > arbitrated_at_most) break;
      const Ruling ruling = rule(index, true);
      if (ruling == Ruling::kink) out_.kinks.push_back(index);
      if (ruling == Ruling::both_wrong) out_.mismatched.push_back(index);
      count(ruling);
    }
  }

  bool cheap_difference_agrees(std::int64_t index) {
    const CentralDifference difference = central_difference(*objective_, out_.result.name, index);
    const Slope& slope = difference.slope;
    const double gap = std::abs(slope.value - autograd_[static_cast<std::size_t>(index)]);
    // A symmetric kink (abs at 0) agrees with the central difference and still bends.
    const double size = std::max(largest_, std::abs(slope.value));
    if (difference.bend > 1e-3 * size + 4 * slope.error && bends_checked_++ < arbitrated_at_most &&
        is_kink(index, static_cast<std::size_t>(index))) {
      out_.kinks.push_back(index);
      return true;
    }
    return slope.error <= 1e-4 * largest_ && gap <= slope.error + 1e-6 * largest_;
  }

  /// Every element where the share allows it, else a seeded sample in ascending order.
  std::vector<std::int64_t> choose_elements() const {
    std::vector<std::int64_t> all(static_cast<std::size_t>(out_.result.elements));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    if (out_.result.elements <= tools_.share) return all;
    std::vector<std::int64_t> sample;
    std::mt19937_64 engine(tools_.seed);
    std::sample(all.begin(), all.end(), std::back_inserter(sample), tools_.share, engine);
    return sample;
  }

  void count(Ruling ruling) { ++rulings_[static_cast<std::size_t>(ruling)]; }
  std::size_t counted(Ruling ruling) const { return rulings_[static_cast<std::size_t>(ruling)]; }

  void conclude() {
    GradientResult& result = out_.result;
    result.mismatched = static_cast<std::int64_t>(out_.mismatched.size());
    note_precision();
    if (!out_.mismatched.empty()) {
      result.verdict = TensorVerdict::mismatch;
      const bool manual = counted(Ruling::manual_wrong) > 0;
      const bool autograd = counted(Ruling::autograd_wrong) > 0;
      result.wrong = counted(Ruling::both_wrong) > 0 || (manual && autograd) ? Wrong::both
                     : autograd                                              ? Wrong::autograd
                     : manual || !objective_                                 ? Wrong::manual
                                                                             : Wrong::unknown;
      choose_worst();
    } else if (counted(Ruling::unreliable) > 0 &&
               counted(Ruling::unreliable) * 2 >
                   static_cast<std::size_t>(result.certificate.elements)) {
      result.verdict = TensorVerdict::inconclusive;
    }
    set_worst();
  }

  void choose_worst() {
    double most = -1;
    for (const std::int64_t index : out_.mismatched) {
      const auto i = static_cast<std::size_t>(index);
      if (std::abs(manual_[i] - autograd_[i]) > most) {
        most = std::abs(manual_[i] - autograd_[i]);
        worst_ = i;
      }
    }
  }

  /// Right as a formula, yet off by more than the dtype explains.
  void note_precision() {
    if (alone() || !out_.sources.manual_double.defined()) return;
    const double allowed = std::max(8 * out_.tolerances.rounding,
                                    detection_limit(out_.sources.manual.scalar_type()) * largest_);
    for (std::size_t i = 0; i < autograd_.size(); ++i)
      out_.loses_precision =
          out_.loses_precision ||
          (out_.mismatched.empty() && !(std::abs(manual_[i] - autograd_[i]) <= allowed));
  }

  void set_worst() {
    if (autograd_.empty()) return;
    ElementValues worst;
    worst.index = unravel(static_cast<std::int64_t>(worst_), out_.result.shape);
    if (!alone()) worst.manual = manual_[worst_];
    worst.autograd = autograd_[worst_];
    if (objective_) {
      const Slope slope = ridders(*objective_, out_.result.name, static_cast<std::int64_t>(worst_));
      worst.finite_difference = slope.value;
      worst.finite_difference_error = slope.error;
    }
    out_.result.worst = std::move(worst);
  }

  TensorComparison out_;
  Objective* objective_;
  const ComparisonTools& tools_;
  std::optional<std::vector<std::vector<double>>> nearby_;
  std::vector<double> autograd_, manual_, judged_;
  double largest_ = 0;
  std::size_t worst_ = 0, bends_checked_ = 0;
  std::set<std::int64_t> settled_;
  std::size_t rulings_[6] = {};
};

}  // namespace

std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

TensorComparison compare_gradient(const std::string& name, const GradientSources& sources,
                                  const Tolerances& tolerances, const ComparisonTools& tools) {
  return Comparison(name, sources, tolerances, tools).run();
}

const char* to_string(TensorVerdict verdict) {
  static constexpr const char* names[] = {"match", "mismatch", "inconclusive", "non_finite",
                                          "missing"};
  return names[static_cast<std::size_t>(verdict)];
}

const char* to_string(Wrong wrong) {
  static constexpr const char* names[] = {"none", "manual", "autograd", "both", "unknown"};
  return names[static_cast<std::size_t>(wrong)];
}

}  // namespace gradient_check
