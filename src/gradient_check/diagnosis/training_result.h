#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gradient_check {

/// The same training with one thing changed, as it is reported.
struct ChangedRun {
  std::string changed;     ///< "autograd's gradient"
  std::int64_t steps = 0;  ///< evaluations made
  std::optional<std::int64_t> first_non_finite_step;
  double loss = 0;     ///< the last one
  bool cures = false;  ///< the trouble does not come
  bool cut = false;    ///< ended by its time, all finite so far
};

/// A training run as it is reported. Steps count evaluations from 0.
struct TrainingResult {
  std::int64_t steps = 0;  ///< evaluations made up to the first that is not finite, or all
  std::optional<std::int64_t> first_non_finite_step, first_nan_step;
  std::string non_finite;  ///< what is not finite there: "the loss", "the gradient of w"
  std::vector<std::pair<std::int64_t, double>> losses;  ///< thinned out
  std::optional<std::int64_t> turned_step;  ///< of the lowest loss, where it is higher in the end
  std::vector<ChangedRun> changed_runs;
  /// The verdict on each gradient at the step before the first that is not finite.
  std::vector<std::pair<std::string, std::string>> gradients_before;
};

struct TrainingEvidence;
TrainingResult training_result(const TrainingEvidence& evidence);

}  // namespace gradient_check
