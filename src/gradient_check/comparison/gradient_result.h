#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gradient_check {

enum class TensorVerdict { match, mismatch, inconclusive, non_finite, missing };
/// Which of the sources a mismatch is laid to.
enum class Wrong { none, manual, autograd, both, unknown };

/// One element as the three sources give it.
struct ElementValues {
  std::vector<std::int64_t> index;
  std::optional<double> manual, autograd, finite_difference, finite_difference_error;
};

/// One element as plots show it; every number rounded to 6 digits. Differences are from autograd.
struct SampledElement {
  enum class State { agrees, differs, kink };
  std::int64_t element = 0;  ///< flat, in row-major order
  double autograd = 0;
  std::optional<double> manual, manual_difference;
  std::optional<double> finite_difference_difference, finite_difference_error;
  State state = State::agrees;
};

/// manual - autograd of a tensor as a matrix: a row for each index of its first dimension (one row
/// of a vector), all others in the columns. A cell stands for `row_step` by `column_step` elements
/// and holds the difference of largest magnitude there, nan before all.
struct ErrorMap {
  std::int64_t row_step = 1, column_step = 1;
  std::int64_t columns = 0;   ///< cells in a row
  std::vector<double> cells;  ///< row by row, rounded to 3 digits
};

/// What plots of a gradient show; kept only where it is asked for.
struct GradientPlot {
  std::vector<SampledElement> sample;  ///< all elements where they are few
  std::optional<ErrorMap> error_map;   ///< where `sample` is not all of them
};

/// What finite differences covered.
struct Certificate {
  /// every_element; sample (the elements that could be differentiated, where some could not);
  /// directional (random directions); none (off, or nothing to perturb).
  std::string kind = "none";
  std::int64_t elements = 0;  ///< differentiated one by one
  std::int64_t directions = 0;
  /// directional: with probability `confidence`, ‖autograd - true gradient‖ is at most this times
  /// ‖autograd‖ (times 1e-4 of the case's largest such norm, where that is more).
  std::optional<double> relative_error_bound, confidence;
  /// Where the case's point lies on kinks, so that directions tell nothing there: how far from it,
  /// in units of each tensor's root mean square, they were taken.
  std::optional<double> distance;
};

/// The comparison of one tensor's gradient, as it is reported.
struct GradientResult {
  std::string name;
  std::vector<std::int64_t> shape;
  TensorVerdict verdict = TensorVerdict::match;
  Wrong wrong = Wrong::none;
  double max_abs_error = 0;  ///< of manual against autograd; NaN where one is not finite
  double max_rel_error = 0;  ///< the same over |autograd|
  std::int64_t mismatched = 0;
  std::int64_t elements = 0;
  bool is_complex = false;  ///< the last dimension holds real and imaginary parts
  std::optional<ElementValues> worst;
  Certificate certificate;
  std::optional<GradientPlot> plot;
};

/// The scalar under test as the manual code (where there is one) and autograd give it.
struct LossValues {
  std::optional<double> manual;
  double autograd = 0;
};

const char* to_string(TensorVerdict verdict);
const char* to_string(Wrong wrong);

}  // namespace gradient_check
