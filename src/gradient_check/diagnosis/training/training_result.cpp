#include "gradient_check/diagnosis/training_result.h"

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/training/training.h"

namespace gradient_check {
namespace {

constexpr std::int64_t most_points = 50;

/// 1, 2, 5, 10, 20, …: so that at most `most_points` are left.
std::int64_t stride_for(std::int64_t count) {
  for (std::int64_t power = 1;; power *= 10)
    for (const std::int64_t factor : {1, 2, 5})
      if (count <= power * factor * most_points) return power * factor;
}

std::vector<std::pair<std::int64_t, double>> thinned(const std::vector<double>& losses) {
  const auto count = static_cast<std::int64_t>(losses.size());
  std::vector<std::pair<std::int64_t, double>> points;
  const std::int64_t stride = stride_for(count);
  for (std::int64_t step = 0; step < count; step += stride)
    points.emplace_back(step, losses[static_cast<std::size_t>(step)]);
  if (count > 0 && points.back().first != count - 1) points.emplace_back(count - 1, losses.back());
  return points;
}

/// Where the loss was lowest, where it did not end there.
std::optional<std::int64_t> turning_point(const std::vector<double>& losses) {
  if (losses.size() < 3) return std::nullopt;
  std::size_t lowest = 0;
  for (std::size_t i = 0; i < losses.size(); ++i)
    if (std::isfinite(losses[i]) && losses[i] < losses[lowest]) lowest = i;
  const double end = losses.back();
  if (std::isfinite(end) && end <= losses[lowest] + 0.01 * std::abs(losses[lowest]))
    return std::nullopt;
  return static_cast<std::int64_t>(lowest);
}

}  // namespace

TrainingResult training_result(const TrainingEvidence& evidence) {
  const TrainingRun& run = evidence.run;
  TrainingResult result;
  std::vector<double> losses = run.losses;
  if (run.first_non_finite)
    losses.resize(std::min(losses.size(), static_cast<std::size_t>(*run.first_non_finite) + 1));
  result.steps = static_cast<std::int64_t>(losses.size());
  result.first_non_finite_step = run.first_non_finite;
  if (run.first_nan && run.first_non_finite && *run.first_nan > *run.first_non_finite)
    result.first_nan_step = run.first_nan;
  result.non_finite = run.what;
  result.losses = thinned(losses);
  result.turned_step = turning_point(losses);
  for (const Counterfactual& other : evidence.counterfactuals)
    result.changed_runs.push_back(
        {other.text, static_cast<std::int64_t>(other.run.losses.size()), other.run.first_non_finite,
         other.run.losses.empty() ? std::nan("") : other.run.losses.back(), other.cures,
         other.run.out_of_time});
  result.gradients_before = evidence.verdicts;
  return result;
}

}  // namespace gradient_check
