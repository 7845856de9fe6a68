#include "gradient_check/diagnosis/observe.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "gradient_check/comparison/certificate.h"
#include "gradient_check/comparison/elements.h"
#include "gradient_check/comparison/gradient_plot.h"
#include "gradient_check/diagnosis/blame/question.h"
#include "gradient_check/diagnosis/detach_inquiry.h"
#include "gradient_check/diagnosis/non_finite.h"
#include "gradient_check/diagnosis/rule.h"
#include "gradient_check/diagnosis/shapes.h"
#include "gradient_check/diagnosis/told_of_loop.h"
#include "gradient_check/diagnosis/training/diagnose_training.h"
#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// Elements of a case that finite differences perturb one by one; of more, random directions.
constexpr std::int64_t element_budget = 4096;

/// Draws evidence from the evaluations of one subject.
class Observer {
 public:
  Observer(const Subject& subject, const CheckSettings& settings)
      : subject_(subject),
        settings_(settings),
        evaluations_(subject, settings.dtype, settings.seed,
                     settings.options.finite_difference != FiniteDifferenceMode::off) {}

  Observation run(bool blame) {
    copy_facts();
    evidence_.non_finite_inputs = non_finite_inputs(evaluations_.values);
    if (subject_.has_manual()) {
      compare_outputs();
      evidence_.shapes = shape_differences(evaluations_);
    }
    compare_gradients();
    if (subject_.has_manual()) observe_second_cotangent();
    if (blame) find_where_non_finite(evaluations_, evidence_);
    if (blame && subject_.has_manual()) ask_blame();
    std::optional<TrainingResult> training;
    const std::optional<TrainOptions> train = training_asked_for();
    if (blame && train && can_train(*train)) training = observe_training(*train);
    const bool can_derive = evaluations_.reference_is_finite() && !evaluations_.forward_random;
    return {std::move(evidence_), loss_, std::move(training), can_derive,
            evaluations_.autograd.output};
  }

 private:
  void copy_facts() {
    const Subject& subject = subject_;
    evidence_.gradient_place = [&subject](const std::string& name) {
      return subject.gradient_place(name);
    };
    evidence_.write_place = [&subject](const std::string& name) {
      return subject.write_place(name);
    };
    evidence_.forward_place = subject_.forward_place();
    evidence_.loop = subject_.loop_facts();
    evidence_.changed_by_forward = evaluations_.changed_by_forward;
    evidence_.changed_by_manual = evaluations_.changed_by_manual;
    evidence_.forward_random = evaluations_.forward_random;
    evidence_.random_gradients = evaluations_.random_gradients;
    evidence_.narrow = evaluations_.narrow;
    evidence_.output_shape = evaluations_.cotangent.sizes().vec();
    evidence_.output_is_scalar = evaluations_.cotangent.numel() == 1;
    evidence_.takes_grad_output = !subject_.has_manual() || subject_.takes_grad_output();
    evidence_.loss = loss_.autograd =
        weighted_sum(evaluations_.autograd.output, evaluations_.cotangent);
    if (!subject_.has_manual()) return;
    evidence_.manual_loss = loss_.manual =
        weighted_sum(evaluations_.manual.output, evaluations_.cotangent);
    for (const auto& [name, tensor] : subject_.parameters())
      if (!evaluations_.has_gradient(name)) evidence_.missing.push_back(name);
    for (const auto& [name, gradient] : evaluations_.manual.gradients)
      if (!subject_.parameters().contains(name) && !subject_.inputs().contains(name))
        evidence_.returned_unknown.push_back(name);
  }

  void ask_blame() {
    for (const auto& [name, tensor] : evaluations_.values) evidence_.values[name] = tensor;
    if (!may_be_blamed()) return;
    Blame blame = blame_for(evaluations_, evidence_, [this](const Subject& edited) {
      Observation observation = compare_only(edited, settings_);
      const auto& tensors = observation.evidence.tensors;
      return diagnose(observation.evidence).empty() &&
             std::all_of(tensors.begin(), tensors.end(), [](const TensorComparison& tensor) {
               return tensor.result.verdict == TensorVerdict::match;
             });
    });
    evidence_.culprits = std::move(blame.culprits);
    drop_what_births_tell(evidence_);
    evidence_.why_no_blame = std::move(blame.why_not);
  }

  /// Without a finite truth the backward cannot be followed; where the manual code alone gives
  /// values that are not finite, what else is wrong in it can be told.
  bool may_be_blamed() const {
    const auto told = [this](const TensorComparison& tensor) {
      return tensor.result.verdict == TensorVerdict::match ||
             told_of_loop(evidence_, tensor.result.name);
    };
    if (evidence_.loop && std::all_of(evidence_.tensors.begin(), evidence_.tensors.end(), told))
      return false;
    return std::isfinite(loss_.autograd) && std::isfinite(loss_.manual.value_or(0)) &&
           (evidence_.births.empty() ||
            (evaluations_.reference_is_finite() &&
             std::all_of(evidence_.births.begin(), evidence_.births.end(),
                         [](const Birth& birth) { return birth.phase == Phase::manual; })));
  }

  /// A gradient that is missing, or has another shape, moves no parameter; that is found already.
  bool can_train(const TrainOptions& train) const {
    return train.gradient == TrainOptions::Gradient::autograd || !subject_.has_manual() ||
           (evidence_.missing.empty() && evidence_.shapes.empty());
  }

  /// The case's, or else the program's own loop.
  std::optional<TrainOptions> training_asked_for() const {
    if (settings_.train || settings_.derived || !evidence_.loop) return settings_.train;
    return evidence_.loop->training;
  }

  TrainingResult observe_training(TrainOptions options) {
    if (!evidence_.output_is_scalar)
      throw SubjectError(evidence_.forward_place,
                         fmt::format("training needs a loss of one element, found shape [{}]",
                                     fmt::join(evidence_.output_shape, ", ")));
    const auto check = [this](const Subject& moved) {
      std::vector<std::pair<std::string, std::string>> verdicts;
      for (const TensorComparison& tensor : compare_only(moved, settings_).evidence.tensors)
        verdicts.emplace_back(tensor.result.name, to_string(tensor.result.verdict));
      return verdicts;
    };
    if (!subject_.has_manual()) options.gradient = TrainOptions::Gradient::autograd;
    TrainingDiagnosis diagnosis =
        diagnose_training({subject_, settings_.dtype, settings_.seed}, options, check);
    // What is not finite at the start has been found there already.
    if (evidence_.births.empty()) evidence_.births = std::move(diagnosis.births);
    evidence_.training = std::make_shared<TrainingEvidence>(std::move(diagnosis.evidence));
    return training_result(*evidence_.training);
  }

  void compare_outputs() {
    const at::Tensor& output = evaluations_.manual_double.output.defined()
                                   ? evaluations_.manual_double.output
                                   : evaluations_.manual.output;
    const std::vector<double> manual = elements_of(output);
    const std::vector<double> reference = elements_of(evaluations_.autograd.output);
    if (output.sizes() != evaluations_.autograd.output.sizes()) {
      evidence_.forward = ForwardDifference{{}, std::nan(""), loss_.autograd};
      return;
    }
    const bool wide = output.scalar_type() == at::kDouble;
    const double largest = largest_magnitude(evaluations_.autograd.output);
    double allowed =
        wide ? 1e-9 * largest + 1e-16 : 64 * epsilon_of(settings_.dtype) * largest + 1e-16;
    for (const auto& [narrow, unit] :
         {std::pair{&evaluations_.in_float, 0x1p-23},
          std::pair{&evaluations_.in_case, epsilon_of(settings_.dtype)}})
      if (narrow->output.defined())
        allowed += 32 * largest_difference(narrow->output, evaluations_.autograd.output) *
                   (wide ? 0x1p-52 / unit : 1.0);
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const bool both_nan = std::isnan(manual[i]) && std::isnan(reference[i]);
      if (both_nan || agrees(manual[i], reference[i], allowed, 0)) continue;
      evidence_.forward = ForwardDifference{
          unravel(static_cast<std::int64_t>(i), evidence_.output_shape), manual[i], reference[i]};
      return;
    }
  }

  bool shape_differs(const std::string& name) const {
    return std::any_of(evidence_.shapes.begin(), evidence_.shapes.end(),
                       [&](const ShapeDifference& shape) { return shape.name == name; });
  }

  /// The vjp at another cotangent: a backward may be right for one (usually 1) only.
  void observe_second_cotangent() {
    if (!subject_.takes_grad_output() || evaluations_.forward_random) return;
    const bool wide = evaluations_.manual_double.output.defined();
    const at::ScalarType dtype = wide ? at::kDouble : settings_.dtype;
    const at::Tensor other =
        draw_cotangent(evidence_.output_shape, settings_.dtype, settings_.seed + 1) * 1.75;
    const at::Tensor cotangent = other.to(settings_.dtype).to(at::kDouble);
    const Evaluation manual = evaluations_.manual_at(cotangent, dtype);
    const Evaluation truth = evaluations_.autograd_at(cotangent, at::kDouble);
    for (const std::string& name : evaluations_.targets) {
      if (!evaluations_.has_gradient(name) || shape_differs(name)) continue;
      const at::Tensor* gradient = manual.gradients.find(name);
      if (!gradient || !gradient->defined() || !is_finite(*gradient)) continue;
      GradientSources sources = sources_of(evaluations_, name);
      const Tolerances tolerances = tolerances_of(evaluations_, sources, settings_.options);
      const bool unchanged =
          changed(
              {{name, *gradient}},
              {{name, (wide ? evaluations_.manual_double : evaluations_.manual).gradients[name]}})
              .empty();
      sources.autograd = truth.gradients[name];
      sources.manual = *gradient;
      sources.manual_double = wide ? *gradient : at::Tensor();
      Tolerances wider = tolerances;
      for (double* bound : {&wider.formula, &wider.reference, &wider.rounding}) *bound *= 8;
      const bool ignored = unchanged && largest_magnitude(truth.gradients[name]) > 0;
      const bool right =
          differs_rightly(name) ? !ignored : differing_elements(sources, wider).empty();
      evidence_.cotangents.push_back({name, ignored, right});
    }
  }

  /// Whether manual and autograd took different slopes that are both right: they do so at every
  /// cotangent.
  bool differs_rightly(const std::string& name) const {
    return std::any_of(evidence_.tensors.begin(), evidence_.tensors.end(),
                       [&](const TensorComparison& tensor) {
                         return tensor.result.name == name &&
                                (tensor.kink_choices_differ || tensor.other_is_right);
                       });
  }

  void add(TensorComparison tensor) {
    tensor.result.is_complex = subject_.is_complex(tensor.result.name);
    evidence_.tensors.push_back(std::move(tensor));
  }

  void compare_gradients() {
    const EvaluationScope scope(at::kDouble);
    std::optional<Objective> objective;
    if (settings_.options.finite_difference != FiniteDifferenceMode::off &&
        std::isfinite(loss_.autograd))
      objective.emplace(
          subject_, subject_.pure() ? evaluations_.values : clone(evaluations_.values),
          evaluations_.targets, evaluations_.cotangent, evaluations_.manner, evaluations_.seen);
    DirectionalFindings directional;
    if (objective && asks_directions() && evaluations_.reference_is_finite())
      directional = certify_nearest(evaluations_, *objective, reference_roundings());
    std::optional<DetachInquiry> detached = detach_inquiry(objective);
    for (const std::string& name : evaluations_.targets) {
      const GradientSources sources = sources_of(evaluations_, name);
      if (subject_.has_manual() && (!sources.manual.defined() || shape_differs(name))) {
        add(not_comparable(name, sources));
        continue;
      }
      ComparisonTools tools{objective ? &*objective : nullptr,
                            [this](const std::string& wanted, int count, double distance) {
                              return gradients_beside(wanted, count, distance);
                            },
                            &conventions_,
                            &roundings_,
                            {},
                            {}};
      if (const auto found = directional.certificates.find(name);
          found != directional.certificates.end()) {
        tools.certificate = found->second;
        tools.suspects = directional.suspects[name];
      }
      add(compared(name, tools, detached));
    }
    if (detached) evidence_.detached = detached->facts();
    leave_starved_open();
    evidence_.detached.not_held = objective && evaluations_.manner.detaches && !objective->held();
  }

  /// Against a gradient that autograd does not have no manual one is wrong.
  void leave_starved_open() {
    for (const StarvedParameter& starved : evidence_.detached.starved)
      for (TensorComparison& tensor : evidence_.tensors)
        if (tensor.result.name == starved.name && tensor.result.wrong == Wrong::manual)
          tensor.result.wrong = Wrong::unknown;
  }

  /// Where the forward detaches something that the differences hold.
  std::optional<DetachInquiry> detach_inquiry(std::optional<Objective>& objective) {
    const bool ask =
        objective && !settings_.derived && evaluations_.reference_is_finite() && objective->held();
    return ask ? std::optional<DetachInquiry>(std::in_place, evaluations_, *objective)
               : std::nullopt;
  }

  TensorComparison compared(const std::string& name, const ComparisonTools& tools,
                            std::optional<DetachInquiry>& detached) {
    const GradientSources sources = sources_of(evaluations_, name);
    TensorComparison tensor = compare_gradient(
        name, sources, tolerances_of(evaluations_, sources, settings_.options), tools);
    Objective* objective = tools.objective;
    const bool ask =
        detached && subject_.has_manual() && tensor.result.verdict == TensorVerdict::mismatch;
    std::optional<MovingComparison> moving =
        ask ? detached->confirming_manual(tensor, tools) : std::nullopt;
    if (moving) {
      tensor = std::move(moving->tensor);
      objective = &moving->objective;
    }
    if (!tensor.jumps.empty()) find_decision(tensor.result.name, tensor.jumps.front());
    if (settings_.options.plots) tensor.result.plot = plot_of(tensor, objective);
    return tensor;
  }

  /// What falls otherwise on the other side of a jump.
  void find_decision(const std::string& name, const Jump& jump) {
    const NamedTensors beside = clone(evaluations_.values);
    const bool above = jump.right_limit != jump.here;
    const double step = (jump.value != 0 ? std::abs(jump.value) : 1) * (above ? 0x1p-50 : -0x1p-50);
    beside[name].data_ptr<double>()[jump.index] = jump.value + step;
    if (auto decision = decision_between(evaluations_, evaluations_.values, beside))
      evidence_.decisions[name] = std::move(*decision);
  }

  /// How far autograd's float64 gradients may be off by rounding alone.
  std::map<std::string, double> reference_roundings() const {
    std::map<std::string, double> roundings;
    for (const auto& [name, gradient] : evaluations_.autograd.gradients)
      roundings[name] =
          tolerances_of(evaluations_, sources_of(evaluations_, name), settings_.options).reference;
    return roundings;
  }

  std::vector<at::Tensor> gradients_beside(const std::string& name, int count, double distance) {
    std::vector<NamedTensors>& beside = beside_[{count, distance}];
    if (beside.empty()) beside = evaluations_.gradients_beside(count, distance);
    std::vector<at::Tensor> gradients;
    for (const NamedTensors& all : beside) gradients.push_back(all[name]);
    return gradients;
  }

  bool asks_directions() const {
    if (settings_.options.finite_difference != FiniteDifferenceMode::automatic)
      return settings_.options.finite_difference == FiniteDifferenceMode::directional;
    std::int64_t total = 0;
    for (const auto& [name, gradient] : evaluations_.autograd.gradients) total += gradient.numel();
    return total > element_budget;
  }

  const Subject& subject_;
  const CheckSettings& settings_;
  const Evaluations evaluations_;
  ElementRoundings roundings_{evaluations_};
  Conventions conventions_{evaluations_};
  std::map<std::pair<int, double>, std::vector<NamedTensors>> beside_;  ///< by number and distance
  Evidence evidence_;
  LossValues loss_;
};

}  // namespace

Observation observe(const Subject& subject, const CheckSettings& settings) {
  return Observer(subject, settings).run(true);
}

Observation compare_only(const Subject& subject, const CheckSettings& settings) {
  CheckSettings without_differences = settings;
  without_differences.options.finite_difference = FiniteDifferenceMode::off;
  without_differences.options.plots = false;
  return Observer(subject, without_differences).run(false);
}

}  // namespace gradient_check
