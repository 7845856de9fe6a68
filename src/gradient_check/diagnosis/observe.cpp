#include "gradient_check/diagnosis/observe.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// Elements that finite differences may perturb in one case before they take a sample.
constexpr std::int64_t element_budget = 4096;

/// A cotangent of magnitude 0.5 to 1.5 and random sign, so that no element is hidden by a factor
/// near 0; rounded to the case's dtype, so that every source is given the same one. float64.
at::Tensor draw_cotangent(at::IntArrayRef sizes, at::ScalarType dtype, std::uint64_t seed) {
  at::Tensor cotangent = at::empty(sizes, at::kDouble);
  std::mt19937_64 engine(seed ^ 0x9e3779b97f4a7c15U);
  auto* data = cotangent.data_ptr<double>();
  for (std::int64_t i = 0; i < cotangent.numel(); ++i) {
    const std::uint64_t bits = engine();
    const double magnitude = 0.5 + static_cast<double>(bits >> 11U) * 0x1p-53;
    data[i] = (bits & 1U) != 0 ? magnitude : -magnitude;
  }
  return cotangent.to(dtype).to(at::kDouble);
}

double weighted_sum(const at::Tensor& output, const at::Tensor& cotangent) {
  if (output.sizes() != cotangent.sizes()) return std::nan("");
  return (output.to(at::kDouble) * cotangent).sum().item<double>();
}

/// Runs the evaluations of one subject, in the order in which they depend on one another.
class Observer {
 public:
  Observer(const Subject& subject, const CheckSettings& settings)
      : subject_(subject), settings_(settings), values_(values_in(subject, at::kDouble)) {
    evidence_.gradient_place = [&subject](const std::string& name) {
      return subject.gradient_place(name);
    };
    evidence_.forward_place = subject.forward_place();
    manner_.seed = settings.seed;
  }

  Observation run() {
    find_non_finite_inputs();
    observe_forward();
    if (subject_.has_manual()) observe_manual();
    choose_targets();
    observe_autograd();
    if (subject_.has_manual()) observe_shapes();
    compare_all();
    if (subject_.has_manual()) observe_second_cotangent();
    return {std::move(evidence_), loss_};
  }

 private:
  void find_non_finite_inputs() {
    for (const auto& [name, tensor] : values_) {
      if (!tensor.is_floating_point()) continue;
      const std::vector<double> elements = elements_of(tensor);
      const auto bad = std::find_if(elements.begin(), elements.end(),
                                    [](double x) { return !std::isfinite(x); });
      if (bad != elements.end())
        evidence_.non_finite_inputs.push_back(
            {name, unravel(bad - elements.begin(), tensor.sizes().vec()), *bad});
    }
  }

  void observe_forward() {
    const NamedTensors arguments = clone(values_);
    seed_generator(settings_.seed);
    const at::Tensor first = run_forward(subject_, arguments, at::kDouble).clone();
    if (!first.defined())
      throw SubjectError(evidence_.forward_place, "the forward returns nothing");
    evidence_.changed_by_forward = changed(values_, arguments);
    const at::Tensor second = run_forward(subject_, clone(values_), at::kDouble);
    evidence_.forward_random = !changed({{"output", first}}, {{"output", second}}).empty();
    manner_.reseed = evidence_.forward_random;
    manner_.copy = !evidence_.changed_by_forward.empty();
    evidence_.output_shape = first.sizes().vec();
    evidence_.output_is_scalar = first.numel() == 1;
    evidence_.takes_grad_output = !subject_.has_manual() || subject_.takes_grad_output();
    evidence_.narrow = find_narrow_operation(subject_, clone(values_));
    if (evidence_.narrow) manner_.unit = epsilon_of(evidence_.narrow->scalar_type);
    if (!first.is_floating_point())
      throw SubjectError(evidence_.forward_place,
                         fmt::format("the output has dtype {}, which has no gradient",
                                     at::toString(first.scalar_type())));
    cotangent_ = first.numel() == 1
                     ? at::ones(first.sizes(), at::kDouble)
                     : draw_cotangent(first.sizes(), settings_.dtype, settings_.seed);
  }

  Evaluation manual_in(at::ScalarType dtype, const at::Tensor& cotangent, NamedTensors& arguments) {
    seed_generator(settings_.seed);
    // A copy: the manual code may write into it.
    return run_manual(subject_, arguments, cotangent.to(dtype, false, true), dtype);
  }

  void observe_manual() {
    const NamedTensors before = values_in(subject_, settings_.dtype);
    NamedTensors arguments = clone(before);
    manual_ = manual_in(settings_.dtype, cotangent_, arguments);
    for (const std::string& name : changed(before, arguments))
      evidence_.changed_by_manual.push_back(name);
    observe_cotangent_changed(before);
    NamedTensors again = clone(before);
    const Evaluation second =
        run_manual(subject_, again, cotangent_.to(settings_.dtype, false, true), settings_.dtype);
    for (const auto& [name, gradient] : manual_.gradients) {
      const at::Tensor* other = second.gradients.find(name);
      if (gradient.defined() && other && other->defined() &&
          !changed({{name, gradient}}, {{name, *other}}).empty())
        evidence_.random_gradients.push_back(name);
    }
    if (settings_.dtype == at::kDouble) {
      manual_double_ = manual_;
      return;
    }
    try {
      NamedTensors wide = clone(values_);
      manual_double_ = manual_in(at::kDouble, cotangent_, wide);
    } catch (const std::exception&) {
      // Manual code bound to its dtype is judged in that dtype alone.
    }
  }

  /// A manual backward that writes into grad_output itself.
  void observe_cotangent_changed(const NamedTensors& before) {
    if (!subject_.takes_grad_output()) return;
    const at::Tensor given = cotangent_.to(settings_.dtype, false, true);
    run_manual(subject_, clone(before), given, settings_.dtype);
    if (!changed({{"grad_output", cotangent_.to(settings_.dtype)}}, {{"grad_output", given}})
             .empty())
      evidence_.changed_by_manual.emplace_back("grad_output");
  }

  void choose_targets() {
    for (const auto& [name, tensor] : subject_.parameters()) targets_.push_back(name);
    for (const auto& [name, tensor] : subject_.inputs()) {
      if (!tensor.is_floating_point()) continue;
      const bool wanted =
          subject_.has_manual() ? has_gradient(name) : subject_.parameters().empty();
      if (wanted) targets_.push_back(name);
    }
    if (!subject_.has_manual()) return;
    for (const auto& [name, tensor] : subject_.parameters())
      if (!has_gradient(name)) evidence_.missing.push_back(name);
    for (const auto& [name, gradient] : manual_.gradients)
      if (!subject_.parameters().contains(name) && !subject_.inputs().contains(name))
        evidence_.returned_unknown.push_back(name);
  }

  bool has_gradient(const std::string& name) const {
    const at::Tensor* gradient = manual_.gradients.find(name);
    return gradient && gradient->defined();
  }

  Evaluation autograd_in(at::ScalarType dtype, const at::Tensor& cotangent) {
    seed_generator(settings_.seed);
    return run_autograd(subject_, values_in(subject_, dtype), targets_, cotangent, dtype);
  }

  void observe_autograd() {
    autograd_ = autograd_in(at::kDouble, cotangent_);
    for (const auto& [dtype, evaluation] :
         {std::pair{at::kFloat, &autograd_float_}, std::pair{settings_.dtype, &autograd_case_}}) {
      try {
        *evaluation = dtype == at::kDouble ? autograd_ : autograd_in(dtype, cotangent_);
      } catch (const std::exception&) {
        // A forward bound to float64 leaves this rounding unmeasured.
      }
    }
    for (const auto& [name, gradient] : autograd_.gradients)
      overall_ = std::max(overall_, largest_magnitude(gradient));
    loss_.autograd = weighted_sum(autograd_.output, cotangent_);
    evidence_.loss = loss_.autograd;
    if (!subject_.has_manual()) return;
    loss_.manual = weighted_sum(manual_.output, cotangent_);
    compare_outputs();
  }

  void compare_outputs() {
    const at::Tensor& output =
        manual_double_.output.defined() ? manual_double_.output : manual_.output;
    const std::vector<double> manual = elements_of(output);
    const std::vector<double> reference = elements_of(autograd_.output);
    if (output.sizes() != autograd_.output.sizes()) {
      evidence_.forward = ForwardDifference{{}, std::nan(""), loss_.autograd};
      return;
    }
    const bool wide = output.scalar_type() == at::kDouble;
    const double largest = largest_magnitude(autograd_.output);
    double allowed = wide ? 1e-9 * largest : 64 * epsilon_of(settings_.dtype) * largest;
    for (const auto& [narrow, unit] : {std::pair{&autograd_float_, 0x1p-23},
                                       std::pair{&autograd_case_, epsilon_of(settings_.dtype)}})
      if (narrow->output.defined())
        allowed += 32 * largest_magnitude(narrow->output.to(at::kDouble) - autograd_.output) *
                   (wide ? 0x1p-52 / unit : 1.0);
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const bool both_nan = std::isnan(manual[i]) && std::isnan(reference[i]);
      if (both_nan || agrees(manual[i], reference[i], allowed, 0)) continue;
      evidence_.forward = ForwardDifference{
          unravel(static_cast<std::int64_t>(i), evidence_.output_shape), manual[i], reference[i]};
      return;
    }
  }

  /// Sorts out the manual gradients whose shape is wrong; they are compared no further.
  void observe_shapes() {
    for (const std::string& name : targets_) {
      const at::Tensor* gradient = manual_.gradients.find(name);
      const at::Tensor& truth = autograd_.gradients[name];
      if (!gradient || !gradient->defined() || gradient->sizes() == truth.sizes()) continue;
      ShapeDifference difference{name, gradient->sizes().vec(), truth.sizes().vec(), false};
      difference.sums_to_truth = sums_to(*gradient, truth);
      evidence_.shapes.push_back(std::move(difference));
    }
  }

  bool sums_to(const at::Tensor& gradient, const at::Tensor& truth) const {
    if (gradient.dim() < truth.dim() || gradient.numel() <= truth.numel()) return false;
    const auto extra = gradient.dim() - truth.dim();
    std::vector<std::int64_t> reduced;
    for (std::int64_t d = 0; d < gradient.dim(); ++d) {
      if (d < extra || (truth.size(d - extra) == 1 && gradient.size(d) != 1))
        reduced.push_back(d);
      else if (truth.size(d - extra) != gradient.size(d))
        return false;
    }
    const at::Tensor sum = gradient.to(at::kDouble).sum(reduced).reshape(truth.sizes());
    const double allowed = std::max(64 * epsilon_of(settings_.dtype), 1e-6) *
                           std::max(largest_magnitude(truth), largest_magnitude(gradient));
    return largest_magnitude(sum - truth) <= allowed;
  }

  bool shape_differs(const std::string& name) const {
    return std::any_of(evidence_.shapes.begin(), evidence_.shapes.end(),
                       [&](const ShapeDifference& shape) { return shape.name == name; });
  }

  /// The vjp at another cotangent: a backward may be right for one (usually 1) only.
  void observe_second_cotangent() {
    if (!subject_.takes_grad_output() || evidence_.forward_random) return;
    const bool wide = manual_double_.output.defined();
    const at::ScalarType dtype = wide ? at::kDouble : settings_.dtype;
    const at::Tensor other =
        draw_cotangent(evidence_.output_shape, settings_.dtype, settings_.seed + 1) * 1.75;
    const at::Tensor cotangent = other.to(settings_.dtype).to(at::kDouble);
    NamedTensors arguments = values_in(subject_, dtype);
    const Evaluation manual = manual_in(dtype, cotangent, arguments);
    const Evaluation truth = autograd_in(at::kDouble, cotangent);
    for (const std::string& name : targets_) {
      if (!has_gradient(name) || shape_differs(name) || chooses_at_kink(name)) continue;
      const at::Tensor* gradient = manual.gradients.find(name);
      if (!gradient || !gradient->defined()) continue;
      GradientSources sources = sources_of(name);
      const Tolerances tolerances = tolerances_of(sources);
      const bool unchanged =
          changed({{name, *gradient}}, {{name, (wide ? manual_double_ : manual_).gradients[name]}})
              .empty();
      sources.autograd = truth.gradients[name];
      sources.manual = *gradient;
      sources.manual_double = wide ? *gradient : at::Tensor();
      Tolerances wider = tolerances;
      for (double* bound : {&wider.formula, &wider.reference, &wider.rounding}) *bound *= 8;
      const bool finite = largest_magnitude(truth.gradients[name]) > 0;
      evidence_.cotangents.push_back(
          {name, unchanged && finite, differing_elements(sources, wider).empty()});
    }
  }

  /// Whether manual and autograd took different, valid slopes: they do so at every cotangent.
  bool chooses_at_kink(const std::string& name) const {
    return std::any_of(evidence_.tensors.begin(), evidence_.tensors.end(),
                       [&](const TensorComparison& tensor) {
                         return tensor.result.name == name && tensor.kink_choices_differ;
                       });
  }

  GradientSources sources_of(const std::string& name) const {
    const auto find = [&](const Evaluation& evaluation) {
      const at::Tensor* gradient = evaluation.gradients.find(name);
      return gradient ? *gradient : at::Tensor();
    };
    GradientSources sources{find(manual_), find(manual_double_), find(autograd_),
                            find(autograd_case_), find(autograd_float_)};
    // Code that ignores the dtype it is given says nothing in float64.
    if (sources.manual_double.defined() && sources.manual_double.scalar_type() != at::kDouble)
      sources.manual_double = at::Tensor();
    return sources;
  }

  Tolerances tolerances_of(const GradientSources& sources) const {
    return measure_tolerances(sources, settings_.dtype, manner_.unit, overall_, settings_.options);
  }

  void compare_all() {
    const EvaluationScope scope(at::kDouble);
    std::optional<Objective> objective;
    if (settings_.options.finite_difference != FiniteDifferenceMode::off &&
        std::isfinite(loss_.autograd))
      objective.emplace(subject_, clone(values_), targets_, cotangent_, manner_);
    for (const std::string& name : targets_) {
      GradientSources sources = sources_of(name);
      if (subject_.has_manual() && (!sources.manual.defined() || shape_differs(name))) {
        add_uncompared(name, sources);
        continue;
      }
      evidence_.tensors.push_back(compare_gradient(
          name, sources, tolerances_of(sources),
          {objective ? &*objective : nullptr, share_of(name), settings_.seed,
           [this](const std::string& wanted) { return gradients_nearby(wanted); }}));
    }
  }

  /// Autograd's gradients at points a millionth of each variable's size away.
  std::vector<at::Tensor> gradients_nearby(const std::string& name) {
    constexpr int points = 16;
    if (nearby_.empty() && !evidence_.forward_random) {
      std::mt19937_64 engine(settings_.seed + 2);
      std::normal_distribution<double> normal;
      for (int k = 0; k < points; ++k) {
        NamedTensors moved = clone(values_);
        for (const std::string& target : targets_) {
          const at::Tensor& tensor = moved[target];
          const double size = tensor.numel() > 0 ? tensor.square().mean().sqrt().item<double>() : 0;
          auto* data = tensor.data_ptr<double>();
          for (std::int64_t i = 0; i < tensor.numel(); ++i)
            data[i] += 1e-6 * (size > 0 ? size : 1.0) * normal(engine);
        }
        nearby_.push_back(
            run_autograd(subject_, moved, targets_, cotangent_, at::kDouble).gradients);
      }
    }
    std::vector<at::Tensor> gradients;
    for (const NamedTensors& all : nearby_) gradients.push_back(all[name]);
    return gradients;
  }

  /// The part of the budget that falls to a tensor: all of it shared alike.
  std::int64_t share_of(const std::string& name) const {
    if (settings_.options.finite_difference == FiniteDifferenceMode::every_element)
      return autograd_.gradients[name].numel();
    std::int64_t total = 0;
    for (const auto& [other, gradient] : autograd_.gradients) total += gradient.numel();
    if (total <= element_budget) return autograd_.gradients[name].numel();
    return std::max<std::int64_t>(1, element_budget / static_cast<std::int64_t>(targets_.size()));
  }

  void add_uncompared(const std::string& name, const GradientSources& sources) {
    TensorComparison comparison;
    comparison.sources = sources;
    comparison.result.name = name;
    comparison.result.shape = sources.autograd.sizes().vec();
    comparison.result.elements = sources.autograd.numel();
    comparison.result.mismatched = comparison.result.elements;
    comparison.shape_differs = sources.manual.defined();
    comparison.result.verdict =
        comparison.shape_differs ? TensorVerdict::mismatch : TensorVerdict::missing;
    comparison.result.wrong = Wrong::manual;
    evidence_.tensors.push_back(std::move(comparison));
  }

  const Subject& subject_;
  const CheckSettings& settings_;
  NamedTensors values_;
  EvaluationManner manner_;
  at::Tensor cotangent_;
  std::vector<std::string> targets_;
  Evaluation manual_, manual_double_, autograd_, autograd_float_, autograd_case_;
  std::vector<NamedTensors> nearby_;
  double overall_ = 0;
  Evidence evidence_;
  LossValues loss_;
};

}  // namespace

Observation observe(const Subject& subject, const CheckSettings& settings) {
  return Observer(subject, settings).run();
}

}  // namespace gradient_check
