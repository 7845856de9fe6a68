#include "gradient_check/comparison/element_judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// The gradient that is held against autograd's: run in float64 where it can be.
Elements judged_of(const GradientSources& sources) {
  if (sources.manual_double.defined()) return Elements(sources.manual_double);
  return Elements(sources.manual.defined() ? sources.manual : sources.autograd);
}

}  // namespace

ElementJudge::ElementJudge(std::string name, const GradientSources& sources,
                           const Tolerances& tolerances, Objective* objective,
                           NearbyGradients nearby, ElementRoundings* roundings,
                           Conventions* conventions)
    : name_(name),
      tolerances_(tolerances),
      objective_(objective),
      roundings_(roundings),
      autograd_(sources.autograd),
      judged_(judged_of(sources)),
      has_double_(sources.manual_double.defined()),
      largest_(sources.extent.largest),
      hull_(name, autograd_, judged_, std::move(nearby)),
      by_convention_(std::move(name), sources, judged_, manual_tolerance(0), reference_tolerance(0),
                     objective, conventions) {}

double ElementJudge::manual_tolerance(double reference) const {
  const Tolerances& t = tolerances_;
  return (has_double_ ? t.formula : t.rounding) + t.atol + t.rtol * std::abs(reference);
}

double ElementJudge::reference_tolerance(double reference) const {
  const Tolerances& t = tolerances_;
  return t.reference + t.atol + t.rtol * std::abs(reference);
}

/// How far a difference may lie from a gradient that two sources agree on: f may have features that
/// no difference resolves, and a millionth is what the cheap one is held to.
double ElementJudge::agreement_slack(double autograd) const {
  return std::max(reference_tolerance(autograd), 1e-6 * largest_) + negligible();
}

double ElementJudge::gap(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  return std::abs(judged_[i] - autograd_[i]);
}

/// Whether the slope changes by little beside `gap` over the cheap difference's step. Where it does
/// not, there may be a kink, a jump, or a curve on a scale below that step.
bool ElementJudge::is_smooth(std::int64_t index, double gap) const {
  const CentralDifference found = central_difference(*objective_, name_, index);
  return std::isfinite(found.bend) && found.bend <= 1e-3 * gap + 4 * found.slope.error;
}

/// An error that is small beside this gradient, or next to nothing. A forward that computes in half
/// precision moves by so much that no more can be asked.
bool ElementJudge::is_informative(const Slope& slope) const {
  const double part = objective_->narrowed() ? 0.5 : 0.1;
  return slope.error <= part * std::max(largest_, std::abs(slope.value)) ||
         slope.error <= std::max(1e-6 * tolerances_.overall, 8 * negligible());
}

/// Whether autograd's gradient is nothing but rounding, so that no difference could confirm it.
bool ElementJudge::is_rounding_only() const {
  return largest_ <= tolerances_.reference - 1e-9 * largest_;
}

/// Next to nothing beside the case's other gradients, or beside what rounding leaves of values of
/// size 1: the loss of a confident classifier moves in steps of ε, and its differences with it.
double ElementJudge::negligible() const { return 1e-12 * tolerances_.overall + 1e-13; }

ElementVerdict ElementJudge::of_differing(std::int64_t index, bool differences) {
  if (roundings_ && !has_double_ && gap(index) <= manual_rounding(index))
    if (const auto recorded = of_recorded(index)) return *recorded;
  if (!differences || !objective_) {
    if (const auto by_convention = of_convention(index)) return *by_convention;
    if (!hull_.spans(index)) return ElementVerdict::manual_wrong;
    // What jumps by this element's move is a kink, and bends by a part of the jump.
    const double bend = std::max(gap(index), 30 * hull_.jump(index));
    const bool smooth = objective_ && cheap_left_ > 0 && is_smooth(index, bend);
    cheap_left_ -= cheap_left_ > 0 ? 1 : 0;
    return smooth ? ElementVerdict::manual_wrong : ElementVerdict::kink;
  }
  const auto i = static_cast<std::size_t>(index);
  const Slope slope = ridders(*objective_, name_, index);
  const bool is_near = std::abs(slope.value - autograd_[i]) <=
                       slope.error + reference_tolerance(autograd_[i]) + negligible();
  const ToldApart told = is_near ? ToldApart::not_told : tell(index, slope);
  const bool autograd_agrees = is_near || told == ToldApart::first;
  if (const auto by_convention = of_convention(index)) return *by_convention;
  if (!autograd_agrees || !is_smooth(index, gap(index)))
    if (const auto singular = at_a_singular_point(index, gap(index))) return *singular;
  const bool manual_agrees =
      std::abs(slope.value - judged_[i]) <= slope.error + manual_tolerance(slope.value);
  // A kink so near that rounding inside the forward decides the side is none that a step can see.
  if (autograd_agrees && manual_agrees && hull_.spans(index)) return ElementVerdict::kink;
  if (autograd_agrees && manual_agrees)
    if (const auto rounded = as_rounding(index)) return *rounded;
  if (autograd_agrees) return ElementVerdict::manual_wrong;
  if (manual_agrees) return ElementVerdict::autograd_wrong;
  return is_informative(slope) && contradicts(index, slope, told) ? ElementVerdict::both_wrong
                                                                  : ElementVerdict::unreliable;
}

/// Of an element that differs and that a convention speaks of: differences by itself tell nothing
/// of it, and of a kink only the gradients around do.
std::optional<ElementVerdict> ElementJudge::of_convention(std::int64_t index) {
  if (by_convention_.accepts(index)) return ElementVerdict::convention;
  if (!by_convention_.applies(index)) return std::nullopt;
  return hull_.explains(index, gap(index)) ? ElementVerdict::kink : ElementVerdict::manual_wrong;
}

/// Of an element whose difference cannot tell the manual value from autograd's, where rounding of
/// this very element may: float32 may show none of it for the tensor, by chance.
std::optional<ElementVerdict> ElementJudge::as_rounding(std::int64_t index) {
  if (!roundings_ || !has_double_) return std::nullopt;
  const double allowed = autograd_rounding(index) + manual_rounding(index);
  if (!std::isfinite(allowed) || gap(index) > allowed) return std::nullopt;
  return 8 * gap(index) <= allowed ? ElementVerdict::agree : ElementVerdict::unresolved;
}

/// Whether a difference that is not autograd's is f's own at the element's scale, and not of afar.
bool ElementJudge::contradicts(std::int64_t index, const Slope& slope, ToldApart told) {
  const double autograd = autograd_[static_cast<std::size_t>(index)];
  const double gap = std::abs(slope.value - autograd);
  return told != ToldApart::neither && gap > least_visible_gap(*objective_, name_, index) &&
         is_reproduced(*objective_, name_, index, slope.value, autograd);
}

/// Whether f is autograd's (first) or the difference's over the shortest steps.
ToldApart ElementJudge::tell(std::int64_t index, const Slope& slope) {
  return tell_apart(*objective_, name_, index, autograd_[static_cast<std::size_t>(index)],
                    slope.value);
}

namespace {

/// Of what rounding does to an element a multiple, since it was seen a few times only; less of it
/// for numbers that LibTorch computed itself, in the dtype that they are in.
constexpr double rounding_margin = 64, recorded_margin = 8;

}  // namespace

double ElementJudge::autograd_rounding(std::int64_t index) const {
  const std::vector<double>& seen = roundings_->of(name_).autograd;
  return seen.empty() ? std::numeric_limits<double>::infinity()
                      : rounding_margin * seen[static_cast<std::size_t>(index)];
}

/// That of its own code; of recorded numbers, of autograd's code in the dtype that they are in.
double ElementJudge::manual_rounding(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  const ElementRounding& seen = roundings_->of(name_);
  const std::vector<double>& own = has_double_ ? seen.manual : seen.in_case;
  return own.empty() ? 0 : (has_double_ ? rounding_margin : recorded_margin) * own[i];
}

/// A gradient is that where rounding in float64 moves it by all that it is, or where the formula
/// gives 0 and autograd next to nothing beside the others. That shorter mantissas lose it
/// altogether says nothing yet: what they lose is scaled to float64's.
bool ElementJudge::is_nothing_but_rounding() {
  if (largest_ == 0) return true;
  bool is_zero = largest_ <= negligible();
  for (std::size_t i = 0; is_zero && i < judged_.size(); ++i) is_zero = judged_[i] == 0;
  if (is_zero) return true;
  if (largest_ > std::max(4 * tolerances_.formula, negligible())) return false;
  for (std::size_t i = 0; i < autograd_.size(); ++i)
    if (autograd_rounding(static_cast<std::int64_t>(i)) >= largest_) return true;
  return false;
}

/// Whether the case's dtype was seen to do as much to an element. Where the gradient jumps, a look
/// at a point a rounding away may have fallen to the other side: a deviation of a jump's size is
/// one, and no rounding. Seen at the point itself it is the other side's value, and nothing
/// between.
bool ElementJudge::is_seen_in_case(std::int64_t index, double jump) {
  bool here = true;
  for (const std::vector<double>& seen : roundings_->of(name_).seen_in_case) {
    const double deviation = seen.empty() ? 0 : seen[static_cast<std::size_t>(index)];
    const bool is_jump = jump > 0 && deviation >= jump / 16;
    if (!is_jump && gap(index) <= recorded_margin * deviation) return true;
    if (is_jump && here && std::abs(gap(index) - deviation) <= 0.5 * tolerances_.promised)
      return true;
    here = false;
  }
  return false;
}

/// Of a recorded element that the dtype's rounding may explain. As much as must never be missed it
/// explains only where it was seen to do so; and where the gradient jumps there, differences are to
/// tell.
std::optional<ElementVerdict> ElementJudge::of_recorded(std::int64_t index) {
  if (gap(index) <= 0.5 * tolerances_.promised) return ElementVerdict::agree;
  const double jump = hull_.jump(index);
  if (is_seen_in_case(index, jump)) return ElementVerdict::agree;
  return jump > 0 ? std::nullopt : std::optional(ElementVerdict::unresolved);
}

/// Whether the first looks at rounding tell already what all of them would: that it explains the
/// gap, which is less than what must never be missed.
bool ElementJudge::is_soon_explained(std::int64_t index) {
  if (!has_double_ || gap(index) > 0.5 * tolerances_.promised) return false;
  const auto seen = [&](const std::vector<double>& all) {
    return all.empty() ? 0 : rounding_margin * all[static_cast<std::size_t>(index)];
  };
  do {
    const ElementRounding& found = roundings_->so_far(name_);
    if (gap(index) <= seen(found.autograd) + seen(found.manual)) return true;
  } while (roundings_->look_again());
  return false;
}

ElementVerdict ElementJudge::of_doubtful(std::int64_t index, bool differences) {
  if (is_soon_explained(index)) return ElementVerdict::agree;
  const auto i = static_cast<std::size_t>(index);
  const double of_autograd = autograd_rounding(index), of_manual = manual_rounding(index);
  const bool is_rounding = gap(index) <= of_autograd + of_manual;
  // What must never be missed is looked at, whatever rounding might do to the formula; what the
  // dtype does to numbers that are all there is of a gradient, no difference can tell from a
  // mistake.
  if (is_rounding && !has_double_)
    if (const auto recorded = of_recorded(index)) return *recorded;
  if (is_rounding && gap(index) <= 0.5 * tolerances_.promised) return ElementVerdict::agree;
  // Beyond what is promised rounding excuses less: a few times what was seen of it.
  const bool excused = has_double_ && 8 * gap(index) <= of_autograd + of_manual;
  const ElementVerdict untold = excused ? ElementVerdict::agree : ElementVerdict::unresolved;
  if (!differences) return untold;
  if (by_convention_.applies(index)) {
    // A factorization rounds to parts of the matrix as a whole: it may, here as well.
    const double distance = by_convention_.distance(index), rounding = of_autograd + of_manual;
    return distance <= rounding                        ? ElementVerdict::convention
           : hull_.explains(index, gap(index))         ? ElementVerdict::kink
           : distance <= rounding + 0x1p-50 * largest_ ? ElementVerdict::unresolved
                                                       : ElementVerdict::manual_wrong;
  }
  const Slope slope = ridders(*objective_, name_, index);
  const bool autograd_agrees =
      std::abs(slope.value - autograd_[i]) <= slope.error + std::min(of_autograd, gap(index) / 4);
  const bool manual_agrees =
      std::abs(slope.value - judged_[i]) <= slope.error + std::min(of_manual, gap(index) / 4);
  if (manual_agrees && !autograd_agrees) return ElementVerdict::agree;
  if (!autograd_agrees || !is_smooth(index, gap(index)))
    if (const auto singular = at_a_singular_point(index, gap(index))) return *singular;
  if (autograd_agrees && !manual_agrees) return ElementVerdict::manual_wrong;
  return untold;
}

ElementVerdict ElementJudge::of_agreeing(std::int64_t index) {
  const auto i = static_cast<std::size_t>(index);
  const Slope slope = ridders(*objective_, name_, index);
  // Every step leaves the forward's domain: nothing can be said, and nothing is.
  const bool is_near =
      std::abs(slope.value - autograd_[i]) <= slope.error + agreement_slack(autograd_[i]);
  const ToldApart told = is_near ? ToldApart::not_told : tell(index, slope);
  if (told == ToldApart::first) return ElementVerdict::agree;
  if (is_near && std::isfinite(slope.error))
    return is_informative(slope) || is_rounding_only() ? ElementVerdict::agree
                                                       : ElementVerdict::unreliable;
  if (by_convention_.accepts(index)) return ElementVerdict::convention;
  if (by_convention_.applies(index)) return ElementVerdict::unreliable;
  const ElementVerdict bending = of_bending(index);
  if (bending != ElementVerdict::agree) return bending;
  // Of three that tie for a median, the one that autograd chose may move either way and move
  // nothing.
  for (const int points : {16, 64, 512})
    if (hull_.spans(index, points)) return ElementVerdict::kink;
  if (std::isinf(slope.error)) return ElementVerdict::outside;
  const bool is_certain =
      is_informative(slope) && contradicts(index, slope, told) && !may_be_rounding(index, slope);
  return is_certain ? ElementVerdict::both_wrong : ElementVerdict::unreliable;
}

/// Whether rounding inside autograd's own computation may be what a difference sees, within reason.
bool ElementJudge::may_be_rounding(std::int64_t index, const Slope& slope) const {
  if (!roundings_) return false;
  const double autograd = autograd_[static_cast<std::size_t>(index)];
  const double allowed = std::min(autograd_rounding(index), 1e-2 * largest_);
  return std::abs(slope.value - autograd) <= slope.error + allowed;
}

ElementVerdict ElementJudge::of_bending(std::int64_t index) {
  const auto singular = at_a_singular_point(index, std::nullopt);
  return singular && *singular != ElementVerdict::manual_wrong ? *singular : ElementVerdict::agree;
}

/// What is said of an element at which the function jumps or has a kink; nothing where neither is
/// seen, or the manual value is none of the slopes there, or a kink cannot explain that gap.
std::optional<ElementVerdict> ElementJudge::at_a_singular_point(std::int64_t index,
                                                                std::optional<double> explained) {
  const TwoSides sides = two_sides(*objective_, name_, index);
  if (sides.jumps()) {
    jumps_.push_back({index, objective_->element(name_, index), sides.here, sides.left_limit,
                      sides.right_limit});
    const auto i = static_cast<std::size_t>(index);
    const bool is_autograds =
        judged_[i] == autograd_[i] || gap(index) <= manual_tolerance(autograd_[i]);
    return is_autograds || is_slope_of_a_side(index, sides) ? ElementVerdict::jump
                                                            : ElementVerdict::manual_wrong;
  }
  // Whoever takes another slope at a kink is off by a part of the kink, and not by a trifle.
  const double width = std::abs(sides.right.value - sides.left.value);
  if (is_kink(index, sides) && (!explained || *explained >= 1e-3 * width))
    return ElementVerdict::kink;
  return std::nullopt;
}

bool ElementJudge::is_slope_of_a_side(std::int64_t index, const TwoSides& sides) const {
  const double value = judged_[static_cast<std::size_t>(index)];
  const auto is = [&](const Slope& slope) {
    return slope.error <= 1e-3 * std::max(largest_, std::abs(slope.value)) &&
           std::abs(value - slope.value) <= slope.error + manual_tolerance(slope.value);
  };
  return is(sides.right) || is(sides.left);
}

bool ElementJudge::is_kink(std::int64_t index, const TwoSides& sides) {
  if (!sides.bends()) return false;
  const auto i = static_cast<std::size_t>(index);
  const double from_autograd = std::max(std::abs(sides.right.value - autograd_[i]),
                                        std::abs(sides.left.value - autograd_[i]));
  if (gap(index) > 0 && from_autograd <= 0.1 * gap(index)) return false;
  const double error = sides.right.error + sides.left.error;
  const double low = std::min(sides.right.value, sides.left.value) - error;
  const double high = std::max(sides.right.value, sides.left.value) + error;
  const auto between = [&](double value, double slack) {
    return value >= low - slack && value <= high + slack;
  };
  return (between(autograd_[i], reference_tolerance(autograd_[i])) &&
          between(judged_[i], manual_tolerance(autograd_[i]))) ||
         hull_.spans(index);
}

}  // namespace gradient_check
