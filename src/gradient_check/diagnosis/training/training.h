#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/diagnosis/birth.h"
#include "gradient_check/diagnosis/training/loop.h"

namespace gradient_check {

/// The same training with one thing changed.
struct Counterfactual {
  enum class Change { autograd_gradient, smaller_rate, stable_rate, float64, stable_form };
  Change change = Change::autograd_gradient;
  std::string text;  ///< what was changed, in words: "a tenth of the learning rate, 0.001"
  TrainingRun run;
  bool cures = false;      ///< the trouble does not come
  bool delays = false;     ///< it comes, but later
  bool undecided = false;  ///< its time was up before it was where the given run is in trouble
};

/// An activation whose slope is 0, or next to it, at nearly all of its elements.
struct StuckUnits {
  std::string op, text;  ///< "relu", "torch.relu(l1)"
  std::optional<Place> place;
  std::int64_t stuck = 0, elements = 0;
};

/// What is to blame for a run that goes wrong. One rule each, but for `none`, `wrong_gradient` and
/// `expression`, which the gradient rules and the rules of what is not finite speak of.
enum class TrainingCause {
  none,
  gradient_ascent,
  learning_rate_too_large,
  exploding_gradient,
  vanishing_gradient,
  saturated,
  dead_relu,
  wrong_gradient,
  expression
};

/// What became of a training run, and what it takes to make it go well.
struct TrainingEvidence {
  TrainOptions options;
  TrainingRun run;
  bool rises = false;   ///< finite, and the loss is higher in the end than at the start
  bool stalls = false;  ///< finite, and the loss hardly moves
  TrainingCause cause = TrainingCause::none;
  std::vector<Counterfactual> counterfactuals;
  std::optional<double> cosine;       ///< of the manual gradient and autograd's, at the start
  std::optional<double> ratio;        ///< of their norms
  double gradient_norm = 0;           ///< of autograd's gradient at the start
  std::optional<double> curvature;    ///< the Hessian's largest eigenvalue at the start
  std::optional<double> stable_rate;  ///< that curvature's bound on the learning rate
  std::vector<std::pair<std::string, double>> gradient_norms;  ///< by parameter, at the start
  std::vector<StuckUnits> dead, saturated;                     ///< in the end
  std::vector<std::pair<std::string, std::string>> verdicts;   ///< of gradients just before the end
  std::optional<Birth> nan_birth;                              ///< at first_nan, after an infinity
  std::string dtype;

  const Counterfactual* find(Counterfactual::Change change) const;
  bool in_trouble() const { return !run.finite() || rises || stalls; }
};

}  // namespace gradient_check
