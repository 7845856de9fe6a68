#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/comparison/convention_judge.h"
#include "gradient_check/comparison/elements.h"
#include "gradient_check/comparison/kink_hull.h"
#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/gradient/element_rounding.h"
#include "gradient_check/gradient/finite_difference.h"
#include "gradient_check/gradient/objective.h"

namespace gradient_check {

/// What finite differences say of one element (the table of §6 of the design).
enum class ElementVerdict {
  agree,
  manual_wrong,
  autograd_wrong,
  both_wrong,
  kink,        ///< several slopes are right here, and manual's is one of them
  convention,  ///< right along the directions that an operator's derivative is defined along
  jump,        ///< the function jumps here, and manual's is autograd's or the slope of one side
  unresolved,  ///< manual is not autograd, and no difference is fine enough to tell which is right
  unreliable,  ///< manual is autograd, and no difference is fine enough to confirm it
  outside      ///< every step leaves the forward's domain: nothing can be said
};

/// A jump of the function at an element's value.
struct Jump {
  std::int64_t index = 0;  ///< of the element, flat
  double value = 0;        ///< the element
  double here = 0, left_limit = 0, right_limit = 0;
};

/// Judges the elements of one tensor's gradient, with costlier differences than the cheap central
/// one. All elements are flat indices.
///
/// A kink stands only where all of this holds, each at the element's own scale, down to 1e-13 of
/// it:
///  - the one-sided slopes are known and differ by more than four times their errors. Both come
///  from
///    extrapolation, which takes a smooth function's curvature off to any order: what is left of it
///    is in the errors, so a smooth curve has one slope;
///  - they do not both agree with autograd ten times better than the manual value does;
///  - the manual value lies between them, widened by their errors and by rounding, or, where
///  several
///    kinks meet, in the hull of the gradients around (see KinkHull).
class ElementJudge {
 public:
  /// `objective` may be null: then nothing but the hull is asked. `roundings` may be null: then no
  /// element is doubtful. `conventions` may be null: then none is known.
  ElementJudge(std::string name, const GradientSources& sources, const Tolerances& tolerances,
               Objective* objective, NearbyGradients nearby, ElementRoundings* roundings,
               Conventions* conventions);

  /// Of an element whose manual value is farther from autograd's than its tensor's tolerance.
  /// `differences`: whether some may be spent on it.
  ElementVerdict of_differing(std::int64_t index, bool differences);
  /// Of an element whose difference is within its tensor's tolerance, but large beside itself.
  ElementVerdict of_doubtful(std::int64_t index, bool differences);
  /// Whether autograd's gradient is all rounding: then no element of another can be told from it.
  bool is_nothing_but_rounding();
  /// Of an element where manual is autograd (or there is none) and a cheap difference was not.
  ElementVerdict of_agreeing(std::int64_t index);
  /// Whether both sources lie between two one-sided slopes that differ, or the function jumps
  /// there.
  ElementVerdict of_bending(std::int64_t index);
  bool chooses_jointly() { return hull_.chooses_jointly(); }
  /// Where the function was found to jump so far.
  const std::vector<Jump>& jumps() const { return jumps_; }
  /// The convention that elements were found right by, if any.
  const std::optional<Convention>& convention() const { return by_convention_.applied(); }

 private:
  double manual_tolerance(double reference) const;
  double reference_tolerance(double reference) const;
  double agreement_slack(double autograd) const;
  double manual_rounding(std::int64_t index) const;
  double autograd_rounding(std::int64_t index) const;
  bool is_smooth(std::int64_t index, double gap) const;
  bool is_soon_explained(std::int64_t index);
  std::optional<ElementVerdict> of_convention(std::int64_t index);
  std::optional<ElementVerdict> as_rounding(std::int64_t index);
  std::optional<ElementVerdict> of_recorded(std::int64_t index);
  bool is_seen_in_case(std::int64_t index, double jump);
  ToldApart tell(std::int64_t index, const Slope& slope);
  bool contradicts(std::int64_t index, const Slope& slope, ToldApart told);
  bool is_informative(const Slope& slope) const;
  bool is_rounding_only() const;
  bool may_be_rounding(std::int64_t index, const Slope& slope) const;
  double negligible() const;
  bool is_kink(std::int64_t index, const TwoSides& sides);
  bool is_slope_of_a_side(std::int64_t index, const TwoSides& sides) const;
  std::optional<ElementVerdict> at_a_singular_point(std::int64_t index,
                                                    std::optional<double> explained);
  double gap(std::int64_t index) const;

  std::string name_;
  const Tolerances& tolerances_;
  Objective* objective_;
  ElementRoundings* roundings_;
  Elements autograd_, judged_;
  bool has_double_ = false;
  double largest_ = 0;
  KinkHull hull_;
  ConventionJudge by_convention_;
  std::size_t cheap_left_ = 256;  ///< cheap differences that may still be spent on kinks
  std::vector<Jump> jumps_;
};

}  // namespace gradient_check
