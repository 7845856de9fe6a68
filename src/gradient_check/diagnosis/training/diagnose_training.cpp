#include "gradient_check/diagnosis/training/diagnose_training.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/case/tensor_loader.h"
#include "gradient_check/diagnosis/tape/births.h"
#include "gradient_check/diagnosis/tape/repair.h"
#include "gradient_check/diagnosis/training/counterfactuals.h"
#include "gradient_check/diagnosis/training/curvature.h"
#include "gradient_check/diagnosis/training/units.h"
#include "gradient_check/diagnosis/wording.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/delegating_subject.h"

namespace gradient_check {
namespace {

/// A right gradient whose norms differ by more than that from layer to layer vanishes.
constexpr double vanishing_ratio = 1e-6;
/// Where no rate above this part of the given one is stable, it is the gradient that explodes.
constexpr double exploding_part = 1e-4;

/// The subject at other parameters.
class MovedSubject : public DelegatingSubject {
 public:
  MovedSubject(const Subject& subject, const NamedTensors& values) : DelegatingSubject(subject) {
    for (const auto& [name, tensor] : subject.parameters()) parameters_.set(name, values[name]);
    for (const auto& [name, tensor] : subject.inputs()) inputs_.set(name, values[name]);
  }
  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }

 private:
  NamedTensors parameters_, inputs_;
};

class TrainingExaminer {
 public:
  TrainingExaminer(const TrainingPoint& point, const TrainOptions& options,
                   const CheckGradients& check)
      : point_(point), options_(options), check_(check) {}

  TrainingDiagnosis run() {
    TrainingEvidence& e = out_.evidence;
    e.options = options_;
    e.dtype = dtype_name(point_.dtype);
    e.run = train(point_, options_, watch_to_nan());
    judge_losses();
    if (!e.run.next.empty()) find_next();
    if (!e.in_trouble()) return std::move(out_);
    compare_directions();
    if (!e.run.finite()) find_where_non_finite();
    if (e.stalls) find_stuck_units();
    if (!e.run.finite() || e.rises) {
      measure_curvature();
      e.counterfactuals =
          run_counterfactuals(point_, e, repaired(point_.subject, out_.births).get());
    }
    e.cause = decide();
    mark_symptoms();
    return std::move(out_);
  }

 private:
  static RunLimits watch_to_nan() {
    RunLimits limits;
    limits.to_nan = true;
    limits.look_ahead = true;
    return limits;
  }

  bool is_manual() const { return options_.gradient == TrainOptions::Gradient::manual; }

  void judge_losses() {
    TrainingEvidence& e = out_.evidence;
    e.rises = rises(e.run);
    e.stalls = stalls(e.run) || levels_off(e.run);
  }

  /// The manual gradient against autograd's, as one vector each.
  void compare_directions() {
    TrainingEvidence& e = out_.evidence;
    const NamedTensors values = values_in(point_.subject, at::kDouble);
    const NamedTensors truth = gradients_at(point_.subject, values, point_.seed);
    double squares = 0;
    for (const auto& [name, gradient] : truth) {
      const double square = gradient.square().sum().item<double>();
      e.gradient_norms.emplace_back(name, std::sqrt(square));
      squares += square;
    }
    e.gradient_norm = std::sqrt(squares);
    if (!is_manual()) return;
    seed_generator(point_.seed);
    const NamedTensors manual =
        run_manual(point_.subject, values, at::ones({}, at::kDouble), at::kDouble).gradients;
    double product = 0, manual_squares = 0;
    for (const auto& [name, gradient] : truth) {
      const at::Tensor* own = manual.find(name);
      if (!own || !own->defined() || own->sizes() != gradient.sizes()) continue;
      product += (*own * gradient).sum().item<double>();
      manual_squares += own->square().sum().item<double>();
    }
    const double norms = std::sqrt(squares * manual_squares);
    if (!(norms > 0)) return;
    e.cosine = product / norms;
    e.ratio = std::sqrt(manual_squares / squares);
  }

  TapePoint tape_point(const NamedTensors& values) const {
    std::vector<std::string> targets;
    for (const auto& [name, tensor] : point_.subject.parameters()) targets.push_back(name);
    return {point_.subject, values,      targets,     at::ones({}, at::kDouble),
            point_.dtype,   point_.seed, is_manual(), !is_manual()};
  }

  void find_where_non_finite() {
    TrainingEvidence& e = out_.evidence;
    const std::int64_t step = *e.run.first_non_finite;
    const NamedTensors values = values_at(point_, options_, e.run, step);
    if (e.run.of_update) {
      out_.births.push_back(birth_in_update(step, e.run.what));
    } else {
      out_.births = find_births(tape_point(values));
      repair_births(tape_point(values), out_.births);
      for (Birth& birth : out_.births) birth.step = step;
    }
    if (e.run.first_nan && *e.run.first_nan > step) find_nan(*e.run.first_nan);
    if (step > 0)
      e.verdicts =
          check_(MovedSubject(point_.subject, values_at(point_, options_, e.run, step - 1)));
  }

  /// What would not be finite one step after the last, which was.
  void find_next() {
    const TrainingRun& run = out_.evidence.run;
    const std::int64_t step = options_.steps + 1;
    if (run.next_of_update)
      out_.births.push_back(birth_in_update(step, run.next));
    else
      out_.births = find_births(tape_point(values_at(point_, options_, run, step)));
    for (Birth& birth : out_.births) {
      birth.step = step;
      birth.is_ahead = true;
    }
  }

  /// The parameters were finite, and so was the gradient: their sum was not.
  Birth birth_in_update(std::int64_t step, const std::string& parameter) const {
    Birth birth;
    birth.cause = Cause::overflow;
    birth.phase = Phase::update;
    birth.op = "update";
    birth.variable = parameter;
    birth.text = fmt::format("{0} - learning_rate * gradient of {0}", birth.variable);
    birth.value = HUGE_VAL;
    birth.dtype = out_.evidence.dtype;
    birth.reaches = {birth.variable};
    birth.step = step;
    return birth;
  }

  /// How an infinite loss turns into nan some steps later.
  void find_nan(std::int64_t step) {
    for (Birth& birth :
         find_births(tape_point(values_at(point_, options_, out_.evidence.run, step))))
      for (const ChainLink& link : birth.chain)
        if (link.value == "nan" && !out_.evidence.nan_birth) out_.evidence.nan_birth = birth;
  }

  void find_stuck_units() {
    const TapePoint point =
        tape_point(values_at(point_, options_, out_.evidence.run, options_.steps));
    out_.evidence.dead = dead_units(point);
    out_.evidence.saturated = saturated_units(point);
  }

  void measure_curvature() {
    TrainingEvidence& e = out_.evidence;
    e.curvature =
        largest_curvature(point_.subject, values_in(point_.subject, at::kDouble), point_.seed);
    // Gradient descent with momentum β is stable on a quadratic below 2 (1 + β) / λ (Goh 2017).
    if (e.curvature && *e.curvature > 0 && options_.optimizer == TrainOptions::Optimizer::sgd)
      e.stable_rate = 2 * (1 + options_.momentum) / *e.curvature;
  }

  bool cured_by(Counterfactual::Change change) const {
    const Counterfactual* found = out_.evidence.find(change);
    return found && found->cures;
  }

  TrainingCause decide() const {
    using Change = Counterfactual::Change;
    const TrainingEvidence& e = out_.evidence;
    if (!e.run.finite() || e.rises) {
      if (e.cosine && *e.cosine < 0) return TrainingCause::gradient_ascent;
      const bool expression = !e.run.finite() && !out_.births.empty() && !e.run.of_update;
      const bool right = !e.cosine || (*e.cosine > 0.999 && std::abs(*e.ratio - 1) < 0.1);
      if (cured_by(Change::autograd_gradient))
        return right && expression ? TrainingCause::expression : TrainingCause::wrong_gradient;
      if (cured_by(Change::stable_form) || (expression && *e.run.first_non_finite == 0))
        return TrainingCause::expression;
      if (cured_by(Change::smaller_rate) || cured_by(Change::stable_rate))
        return no_rate_suits() ? TrainingCause::exploding_gradient
                               : TrainingCause::learning_rate_too_large;
      if (explodes_from_the_start()) return TrainingCause::exploding_gradient;
      return e.run.finite() ? TrainingCause::none : TrainingCause::expression;
    }
    if (!e.dead.empty()) return TrainingCause::dead_relu;
    if (!e.saturated.empty() && stalls(e.run)) return TrainingCause::saturated;
    const bool far = std::abs(e.run.losses.back()) > 0.05 * std::abs(e.run.losses.front());
    return far && vanishes() ? TrainingCause::vanishing_gradient : TrainingCause::none;
  }

  /// Whether the rates that the curvature allows are out of all proportion to the one given.
  bool no_rate_suits() const {
    const TrainingEvidence& e = out_.evidence;
    if (cured_by(Counterfactual::Change::smaller_rate) || !e.stable_rate) return false;
    const double part = *e.stable_rate / options_.learning_rate;
    return part < 1e-6 || (part < exploding_part && e.gradient_norms.size() > 2);
  }

  bool explodes_from_the_start() const {
    double size = 0;
    for (const auto& [name, tensor] : point_.subject.parameters())
      size += tensor.to(at::kDouble).square().sum().item<double>();
    const double moved = out_.evidence.gradient_norm * options_.learning_rate;
    return std::isfinite(moved) && moved > 10 * std::sqrt(size) + 1;
  }

  bool vanishes() const {
    double least = HUGE_VAL, most = 0;
    for (const auto& [name, norm] : out_.evidence.gradient_norms) {
      least = std::min(least, norm);
      most = std::max(most, norm);
    }
    return out_.evidence.gradient_norms.size() > 1 && most > 0 && least < vanishing_ratio * most;
  }

  /// What follows from a cause that is known is no error of its own.
  void mark_symptoms() {
    const TrainingCause cause = out_.evidence.cause;
    if (cause == TrainingCause::none || cause == TrainingCause::expression) return;
    for (Birth& birth : out_.births) birth.is_symptom = true;
  }

  const TrainingPoint& point_;
  const TrainOptions& options_;
  const CheckGradients& check_;
  TrainingDiagnosis out_;
};

}  // namespace

const Counterfactual* TrainingEvidence::find(Counterfactual::Change change) const {
  for (const Counterfactual& counterfactual : counterfactuals)
    if (counterfactual.change == change) return &counterfactual;
  return nullptr;
}

TrainingDiagnosis diagnose_training(const TrainingPoint& point, const TrainOptions& options,
                                    const CheckGradients& check) {
  return TrainingExaminer(point, options, check).run();
}

}  // namespace gradient_check
