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
};

const char* to_string(TensorVerdict verdict);
const char* to_string(Wrong wrong);

}  // namespace gradient_check
