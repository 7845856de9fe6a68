#include "gradient_check/comparison/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/gradient/central_sweep.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/gradient/finite_difference.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// At most this many elements of a tensor are looked at one by one with the costlier differences,
/// of those that differ, and of those that are doubted.
constexpr std::size_t judged_at_most = 256, differences_of_differing = 16,
                      differences_of_doubtful = 64;
/// Of a larger tensor no element is doubted for its own size: its rounding costs evaluations.
constexpr std::int64_t doubted_at_most = 1 << 16;

/// Compares one tensor. See compare_gradient.
class Comparison {
 public:
  Comparison(const std::string& name, const GradientSources& sources, const Tolerances& tolerances,
             const ComparisonTools& tools)
      : objective_(tools.objective),
        tools_(tools),
        judge_(name, sources, tolerances, tools.objective, tools.nearby, tools.roundings,
               tools.conventions) {
    out_.sources = sources;
    out_.tolerances = tolerances;
    out_.result.name = name;
    out_.result.shape = sources.autograd.sizes().vec();
    out_.result.elements = sources.autograd.numel();
    autograd_ = Elements(sources.autograd);
    manual_ = Elements(sources.manual);
    judged_ = sources.manual_double.defined() ? Elements(sources.manual_double) : manual_;
    largest_ = sources.extent.largest;
  }

  TensorComparison run() {
    if (manual_.empty() && !autograd_.empty()) judged_ = manual_ = autograd_;  // autograd alone
    const std::vector<std::int64_t> differing =
        alone() ? std::vector<std::int64_t>{} : differing_elements(out_.sources, out_.tolerances);
    measure_errors();
    if (report_non_finite(differing)) return std::move(out_);
    judge_differing(differing);
    judge_doubtful();
    cover();
    conclude();
    return std::move(out_);
  }

 private:
  bool alone() const { return !out_.sources.manual.defined(); }

  void measure_errors() {
    const LargestErrors found = largest_errors(manual_, autograd_);
    worst_ = found.worst;
    out_.result.max_abs_error = found.absolute;
    out_.result.max_rel_error = found.relative;
  }

  bool report_non_finite(const std::vector<std::int64_t>& differing) {
    const auto finite = [](double x) { return std::isfinite(x); };
    const bool manual_finite = is_finite(out_.sources.manual);
    const bool autograd_finite = out_.sources.extent.finite;
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

  /// Sorted by how far manual is from autograd, the largest first.
  std::vector<std::int64_t> by_error(std::vector<std::int64_t> elements) const {
    const auto error = [&](std::int64_t i) {
      return std::abs(judged_[static_cast<std::size_t>(i)] -
                      autograd_[static_cast<std::size_t>(i)]);
    };
    std::stable_sort(elements.begin(), elements.end(),
                     [&](std::int64_t a, std::int64_t b) { return error(a) > error(b); });
    return elements;
  }

  void judge_differing(const std::vector<std::int64_t>& differing) {
    const std::vector<std::int64_t> order = by_error(differing);
    for (std::size_t k = 0; k < order.size(); ++k) {
      const bool asked = objective_ && k < differences_of_differing;
      settle(order[k], judge_.of_differing(order[k], asked), asked);
    }
    refuse_joint_choice();
    std::sort(out_.mismatched.begin(), out_.mismatched.end());
  }

  /// Elements whose difference is within the tensor's tolerance and yet too large for themselves.
  void judge_doubtful() {
    if (!objective_ || !tools_.roundings || alone() || out_.result.elements > doubted_at_most)
      return;
    const std::vector<std::int64_t> order =
        by_error(doubtful_elements(out_.sources, out_.tolerances));
    if (order.empty() || judge_.is_nothing_but_rounding()) return;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const ElementVerdict verdict = judge_.of_doubtful(order[k], k < differences_of_doubtful);
      if (verdict == ElementVerdict::agree) continue;  // still to be held against a difference
      settle(order[k], verdict, true);
    }
    std::sort(out_.mismatched.begin(), out_.mismatched.end());
  }

  /// Of an element where manual is not autograd. `asked`: whether a difference was.
  void settle(std::int64_t index, ElementVerdict verdict, bool asked) {
    settled_.insert(index);
    switch (verdict) {
      case ElementVerdict::kink:
        out_.kinks.push_back(index);
        out_.kink_choices_differ = true;
        return;
      case ElementVerdict::agree:
      case ElementVerdict::jump:
      case ElementVerdict::convention:
        out_.other_is_right = true;
        return;
      case ElementVerdict::unresolved:
        out_.unresolved.push_back(index);
        return;
      default:
        out_.mismatched.push_back(index);
        if (asked) count(verdict);
    }
  }

  /// Each element's choice is a slope there, and all together are none: the manual code is wrong.
  void refuse_joint_choice() {
    if (!out_.kink_choices_differ || judge_.chooses_jointly()) return;
    out_.mismatched.insert(out_.mismatched.end(), out_.kinks.begin(), out_.kinks.end());
    out_.kinks.clear();
    out_.kink_choices_differ = false;
    count(ElementVerdict::manual_wrong);
  }

  /// Finite differences against autograd where manual and autograd agree.
  void cover() {
    Certificate& certificate = out_.result.certificate;
    if (!objective_ || autograd_.empty()) return;
    const bool directional = tools_.certificate.has_value();
    if (directional) certificate = *tools_.certificate;
    const std::vector<std::int64_t> chosen = directional ? tools_.suspects : all_elements();
    if (!directional) certificate.kind = "every_element";
    certificate.elements = static_cast<std::int64_t>(chosen.size());
    const std::vector<std::int64_t> open = unsettled(chosen);
    const std::vector<CentralDifference> differences =
        central_differences(*objective_, out_.result.name, open);
    std::size_t costly = 0;
    for (std::size_t k = 0; k < open.size(); ++k) {
      const std::int64_t index = open[k];
      if (agrees_with(differences[k], index)) continue;
      if (++costly > judged_at_most) {
        certificate.kind = directional ? certificate.kind : "sample";
        certificate.elements -= static_cast<std::int64_t>(open.size() - k);
        break;
      }
      const ElementVerdict verdict = judge_.of_agreeing(index);
      if (verdict == ElementVerdict::kink) out_.kinks.push_back(index);
      if (verdict == ElementVerdict::outside) {
        if (!directional) certificate.kind = "sample";
        --certificate.elements;
      }
      if (verdict == ElementVerdict::both_wrong) out_.mismatched.push_back(index);
      count(verdict);
    }
  }

  std::vector<std::int64_t> unsettled(const std::vector<std::int64_t>& chosen) const {
    std::vector<std::int64_t> open;
    std::copy_if(chosen.begin(), chosen.end(), std::back_inserter(open),
                 [&](std::int64_t index) { return settled_.count(index) == 0; });
    return open;
  }

  bool agrees_with(const CentralDifference& difference, std::int64_t index) {
    const Slope& slope = difference.slope;
    const double gap = std::abs(slope.value - autograd_[static_cast<std::size_t>(index)]);
    // A symmetric kink (abs at 0) agrees with the central difference and still bends.
    const double size = std::max(largest_, std::abs(slope.value));
    if (difference.bend > 1e-3 * size + 4 * slope.error && bends_checked_++ < judged_at_most) {
      const ElementVerdict bending = judge_.of_bending(index);
      if (bending == ElementVerdict::kink) out_.kinks.push_back(index);
      if (bending != ElementVerdict::agree) return true;
    }
    return slope.error <= 1e-4 * largest_ && gap <= slope.error + 1e-6 * largest_;
  }

  std::vector<std::int64_t> all_elements() const {
    std::vector<std::int64_t> all(static_cast<std::size_t>(out_.result.elements));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
  }

  void count(ElementVerdict verdict) { ++counts_[static_cast<std::size_t>(verdict)]; }
  std::size_t counted(ElementVerdict verdict) const {
    return counts_[static_cast<std::size_t>(verdict)];
  }

  void conclude() {
    GradientResult& result = out_.result;
    note_precision();
    note_singular_points();
    result.mismatched = static_cast<std::int64_t>(out_.mismatched.size());
    if (!out_.mismatched.empty()) {
      result.verdict = TensorVerdict::mismatch;
      const bool manual = counted(ElementVerdict::manual_wrong) > 0;
      const bool autograd = counted(ElementVerdict::autograd_wrong) > 0;
      const bool both = counted(ElementVerdict::both_wrong) > 0 || (manual && autograd);
      result.wrong = both && !alone()        ? Wrong::both
                     : both || autograd      ? Wrong::autograd
                     : manual || !objective_ ? Wrong::manual
                                             : Wrong::unknown;
      choose_worst();
    } else if (!out_.unresolved.empty()) {
      result.verdict = TensorVerdict::inconclusive;
      worst_ = static_cast<std::size_t>(out_.unresolved.front());
    } else if (counted(ElementVerdict::unreliable) > 0 &&
               counted(ElementVerdict::unreliable) * 2 >
                   static_cast<std::size_t>(result.certificate.elements)) {
      result.verdict = TensorVerdict::inconclusive;
    } else if (result.certificate.relative_error_bound &&
               !(*result.certificate.relative_error_bound <= bound_of_use)) {
      result.verdict = TensorVerdict::inconclusive;
    }
    set_worst();
  }

  /// Each jump once, in the order of the elements.
  void note_singular_points() {
    out_.jumps = judge_.jumps();
    out_.convention = judge_.convention();
    std::sort(out_.jumps.begin(), out_.jumps.end(),
              [](const Jump& a, const Jump& b) { return a.index < b.index; });
    out_.jumps.erase(std::unique(out_.jumps.begin(), out_.jumps.end(),
                                 [](const Jump& a, const Jump& b) { return a.index == b.index; }),
                     out_.jumps.end());
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

  void note_precision() {
    if (alone() || !out_.mismatched.empty()) return;
    PrecisionLosses found = precision_losses(out_.sources, out_.tolerances, out_.kinks);
    out_.precision = found.loss;
    out_.mismatched = std::move(found.gross);
    if (out_.precision == PrecisionLoss::gross) count(ElementVerdict::manual_wrong);
  }

  void set_worst() {
    if (autograd_.empty()) return;
    ElementValues worst;
    worst.index = unravel(static_cast<std::int64_t>(worst_), out_.result.shape);
    if (!alone()) worst.manual = manual_[worst_];
    worst.autograd = autograd_[worst_];
    // Random directions have covered a tensor that matches: its elements need no differences.
    if (objective_ && !(tools_.certificate && out_.result.verdict == TensorVerdict::match)) {
      const Slope slope = ridders(*objective_, out_.result.name, static_cast<std::int64_t>(worst_));
      worst.finite_difference = slope.value;
      worst.finite_difference_error = slope.error;
    }
    out_.result.worst = std::move(worst);
  }

  TensorComparison out_;
  Objective* objective_;
  const ComparisonTools& tools_;
  ElementJudge judge_;
  Elements autograd_, manual_, judged_;
  double largest_ = 0;
  std::size_t worst_ = 0, bends_checked_ = 0;
  std::set<std::int64_t> settled_;
  std::size_t counts_[10] = {};
};

}  // namespace

TensorComparison compare_gradient(const std::string& name, const GradientSources& sources,
                                  const Tolerances& tolerances, const ComparisonTools& tools) {
  return Comparison(name, sources, tolerances, tools).run();
}

TensorComparison not_comparable(const std::string& name, const GradientSources& sources) {
  TensorComparison comparison;
  comparison.sources = sources;
  comparison.result.name = name;
  comparison.result.shape = sources.autograd.sizes().vec();
  comparison.result.elements = sources.autograd.numel();
  comparison.result.mismatched = comparison.result.elements;
  comparison.shape_differs = sources.manual.defined();
  comparison.result.verdict =
      comparison.shape_differs ? TensorVerdict::mismatch : TensorVerdict::missing;
  comparison.result.wrong = Wrong::manual;
  return comparison;
}

}  // namespace gradient_check
