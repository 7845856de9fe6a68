#include "gradient_check/report/training_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

/// One bar for each loss, from the lowest to the highest finite one; x where it is not finite.
std::string sparkline(const TrainingResult& training) {
  static constexpr const char* bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const auto& [step, loss] : training.losses)
    if (std::isfinite(loss)) {
      low = std::min(low, loss);
      high = std::max(high, loss);
    }
  // A loss that grows by orders of magnitude is drawn by its logarithm.
  const bool logarithmic = low > 0 && high > 1000 * low;
  const auto height = [&](double loss) {
    if (!(high > low)) return 0.0;
    return logarithmic ? std::log(loss / low) / std::log(high / low) : (loss - low) / (high - low);
  };
  std::string line;
  for (const auto& [step, loss] : training.losses)
    line += std::isfinite(loss)
                ? bars[static_cast<std::size_t>(std::clamp(height(loss), 0.0, 1.0) * 7.99)]
                : "x";
  return line;
}

std::string course(const TrainingResult& training) {
  std::string text = fmt::format("training: {} evaluations", training.steps);
  if (training.first_non_finite_step)
    text += fmt::format(", {} is first not finite at step {}", training.non_finite,
                        *training.first_non_finite_step);
  if (training.first_nan_step) text += fmt::format(", nan from step {}", *training.first_nan_step);
  if (training.turned_step && *training.turned_step > 0)
    text += fmt::format(", the loss turned at step {}", *training.turned_step);
  return text;
}

}  // namespace

std::string training_text(const TrainingResult& training) {
  std::string text = course(training) + "\n";
  if (!training.losses.empty())
    text += fmt::format("  loss {} {} {}\n", number_text(training.losses.front().second),
                        sparkline(training), number_text(training.losses.back().second));
  for (const ChangedRun& run : training.changed_runs) {
    if (run.first_non_finite_step)
      text += fmt::format("  with {}: not finite at step {}\n", run.changed,
                          *run.first_non_finite_step);
    else
      text += fmt::format("  with {}: finite for {} steps, loss {}{}\n", run.changed, run.steps - 1,
                          number_text(run.loss),
                          run.cut     ? ", cut short by its time"
                          : run.cures ? ""
                                      : ", which is no better than at the start");
  }
  return text;
}

}  // namespace gradient_check
