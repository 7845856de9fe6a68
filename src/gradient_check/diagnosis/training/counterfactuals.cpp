#include "gradient_check/diagnosis/training/counterfactuals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gradient_check {
namespace {

/// Mean of the last tenth of the losses, at least one of them: batches differ.
double loss_in_the_end(const TrainingRun& run) {
  const auto count = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, run.losses.size() / 10));
  return std::accumulate(run.losses.end() - count, run.losses.end(), 0.0) /
         static_cast<double>(count);
}

double loss_at_the_start(const TrainingRun& run) {
  const auto count = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, run.losses.size() / 100));
  return std::accumulate(run.losses.begin(), run.losses.begin() + count, 0.0) /
         static_cast<double>(count);
}

/// Whether a run has come to where the given one is in trouble already: dead, or risen.
bool is_far_enough(const TrainingRun& run, const TrainingRun& given) {
  if (!run.out_of_time) return true;
  if (given.first_non_finite &&
      run.losses.size() > static_cast<std::size_t>(*given.first_non_finite))
    return true;
  TrainingRun beginning;
  beginning.losses = given.losses;
  beginning.losses.resize(std::min(given.losses.size(), run.losses.size()));
  return rises(beginning);
}

}  // namespace

bool rises(const TrainingRun& run) {
  if (!run.finite() || run.losses.size() < 2) return false;
  const double start = loss_at_the_start(run), end = loss_in_the_end(run);
  return end > start + 1e-3 * std::abs(start) + 1e-12;
}

bool stalls(const TrainingRun& run) {
  if (!run.finite() || run.losses.size() < 11 || rises(run)) return false;
  const double start = loss_at_the_start(run), end = loss_in_the_end(run);
  return start != 0 && std::abs(end - start) < 0.01 * std::abs(start);
}

bool levels_off(const TrainingRun& run) {
  if (!run.finite() || run.losses.size() < 21 || rises(run)) return false;
  const double start = loss_at_the_start(run), end = loss_in_the_end(run);
  const double middle = run.losses[run.losses.size() / 2];
  return std::abs(end) > 1e-6 * std::abs(start) && std::abs(end - middle) < 0.01 * std::abs(middle);
}

std::vector<Counterfactual> run_counterfactuals(const TrainingPoint& point,
                                                const TrainingEvidence& evidence,
                                                const Subject* repaired, double seconds) {
  std::vector<Counterfactual> all;
  RunLimits limits;
  limits.seconds = seconds;
  const auto add = [&](Counterfactual::Change change, std::string text, const TrainOptions& options,
                       at::ScalarType dtype, const Subject& subject) {
    Counterfactual counterfactual{change, std::move(text), {}, false, false, false};
    try {
      counterfactual.run = train({subject, dtype, point.seed}, options, limits);
    } catch (const std::exception&) {
      return;  // code bound to its dtype has no run in float64
    }
    const TrainingRun& run = counterfactual.run;
    counterfactual.undecided = !is_far_enough(run, evidence.run);
    counterfactual.cures =
        !counterfactual.undecided && run.finite() && !rises(run) && run.losses.size() > 1;
    const std::int64_t before = evidence.run.first_non_finite.value_or(0);
    counterfactual.delays = !counterfactual.undecided && !counterfactual.cures &&
                            (run.finite() || *run.first_non_finite > before);
    all.push_back(std::move(counterfactual));
  };
  const TrainOptions& given = evidence.options;
  if (given.gradient == TrainOptions::Gradient::manual) {
    TrainOptions options = given;
    options.gradient = TrainOptions::Gradient::autograd;
    add(Counterfactual::Change::autograd_gradient, "autograd's gradient", options, point.dtype,
        point.subject);
  }
  TrainOptions slower = given;
  slower.learning_rate /= 10;
  add(Counterfactual::Change::smaller_rate,
      fmt::format("a tenth of the learning rate, {:g}", slower.learning_rate), slower, point.dtype,
      point.subject);
  const bool helped = !all.empty() && all.back().cures;
  if (!helped && evidence.stable_rate && *evidence.stable_rate < given.learning_rate) {
    slower.learning_rate = *evidence.stable_rate / 2;
    add(Counterfactual::Change::stable_rate,
        fmt::format("the learning rate {:.2g}", slower.learning_rate), slower, point.dtype,
        point.subject);
  }
  if (point.dtype != at::kDouble && !evidence.run.finite())
    add(Counterfactual::Change::float64, "float64", given, at::kDouble, point.subject);
  if (repaired)
    add(Counterfactual::Change::stable_form, "the stable form of the expression", given,
        point.dtype, *repaired);
  return all;
}

}  // namespace gradient_check
