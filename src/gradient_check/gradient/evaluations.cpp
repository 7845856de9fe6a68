#include "gradient_check/gradient/evaluations.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/where.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <random>

#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/memory.h"
#include "gradient_check/gradient/overwritten.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/gradient/sensitivity.h"

namespace gradient_check {

namespace {

/// Of a subject whose tensors are most of the memory in use.
constexpr std::int64_t many_elements = 1 << 20;

std::int64_t elements_in(const NamedTensors& tensors) {
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : tensors) elements += tensor.numel();
  return elements;
}

}  // namespace

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

at::Tensor case_cotangent(const at::Tensor& output, at::ScalarType dtype, std::uint64_t seed) {
  return output.numel() == 1 ? at::ones(output.sizes(), at::kDouble)
                             : draw_cotangent(output.sizes(), dtype, seed);
}

Evaluations::Evaluations(const Subject& under_test, at::ScalarType manual_dtype,
                         std::uint64_t generator_seed, bool watched)
    : subject(under_test),
      dtype(manual_dtype),
      seed(generator_seed),
      values(subject.pure() ? views_in(subject, at::kDouble) : values_in(subject, at::kDouble)) {
  manner.seed = seed;
  evaluate_forward();
  if (subject.has_manual()) evaluate_manual();
  choose_targets();
  evaluate_autograd(watched);
  if (elements_in(values) >= many_elements) give_back_freed_memory();
}

/// What one evaluation may be given: nobody else's tensors where it may write into them.
NamedTensors Evaluations::arguments_in(at::ScalarType evaluated_dtype) const {
  if (!subject.pure()) return values_in(subject, evaluated_dtype);
  return evaluated_dtype == at::kDouble ? values : views_in(subject, evaluated_dtype);
}

bool Evaluations::has_gradient(const std::string& name) const {
  const at::Tensor* gradient = manual.gradients.find(name);
  return gradient && gradient->defined();
}

template <typename Evaluate>
auto Evaluations::with_lacking_operators(const Evaluate& evaluate) const {
  if (reduced_) return evaluate();
  try {
    return evaluate();
  } catch (const std::exception&) {
    const std::exception_ptr first = std::current_exception();
    reduced_.emplace(true);
    try {
      return evaluate();
    } catch (const std::exception&) {
      reduced_.reset();
      std::rethrow_exception(first);
    }
  }
}

/// The forward's output, and whether it writes or draws numbers. A pure one repeats itself unless
/// it draws some, and need not be asked.
at::Tensor Evaluations::probe() {
  NamedTensors arguments;
  seed_generator(seed);
  const at::Tensor seeded = generator_state();
  const ProbedForward probed = with_lacking_operators([&] {
    arguments = subject.pure() ? values : clone(values);
    seed_generator(seed);
    return probe_forward(subject, arguments);
  });
  if (probed.reduced && !reduced_) reduced_.emplace(true);
  if (!probed.output.defined())
    throw SubjectError(subject.forward_place(), "the forward returns nothing");
  narrow = probed.narrow;
  if (subject.pure() && same_contents(seeded, generator_state())) return probed.output;
  const at::Tensor first = probed.output.clone();
  changed_by_forward = changed(values, arguments);
  const at::Tensor second = run_forward(subject, clone(values), at::kDouble);
  forward_random = !same_contents(first, second);
  return first;
}

void Evaluations::evaluate_forward() {
  const at::Tensor first = probe();
  manner.reseed = forward_random;
  manner.copy = !changed_by_forward.empty();
  if (narrow) manner.unit = epsilon_of(narrow->scalar_type);
  if (first.is_complex())
    throw SubjectError(subject.forward_place(),
                       "the output is complex and all tensors are real: return torch.abs, "
                       "torch.real or torch.view_as_real of it");
  if (!first.is_floating_point())
    throw SubjectError(subject.forward_place(),
                       fmt::format("the output has dtype {}, which has no gradient",
                                   at::toString(first.scalar_type())));
  cotangent = case_cotangent(first, dtype, seed);
}

Evaluation Evaluations::manual_at(const at::Tensor& other, at::ScalarType evaluated_dtype) const {
  return with_lacking_operators([&] {
    const NamedTensors arguments = arguments_in(evaluated_dtype);
    seed_generator(seed);
    // A copy: the manual code may write into it.
    return run_manual(subject, arguments, other.to(evaluated_dtype, false, true), evaluated_dtype);
  });
}

Evaluation Evaluations::autograd_at(const at::Tensor& other, at::ScalarType evaluated_dtype) const {
  seed_generator(seed);
  return run_autograd(subject, arguments_in(evaluated_dtype), targets, other, evaluated_dtype,
                      may_write());
}

void Evaluations::evaluate_manual() {
  NamedTensors arguments;
  seed_generator(seed);
  const at::Tensor seeded = generator_state();
  manual = with_lacking_operators([&] {
    arguments = arguments_in(dtype);
    seed_generator(seed);
    return run_manual(subject, arguments, cotangent.to(dtype, false, true), dtype);
  });
  if (!subject.pure()) {
    const NamedTensors before = values_in(subject, dtype);
    changed_by_manual = changed(before, arguments);
    note_cotangent_change(before);
  }
  if (!subject.pure() || !same_contents(seeded, generator_state())) note_random_gradients();
  if (dtype == at::kDouble) {
    manual_double = manual;
    return;
  }
  try {
    manual_double = manual_at(cotangent, at::kDouble);
  } catch (const std::exception&) {
    // Manual code bound to its dtype is judged in that dtype alone.
  }
}

void Evaluations::note_random_gradients() {
  const Evaluation second =
      run_manual(subject, values_in(subject, dtype), cotangent.to(dtype, false, true), dtype);
  for (const auto& [name, gradient] : manual.gradients) {
    const at::Tensor* other = second.gradients.find(name);
    if (gradient.defined() && other && other->defined() && !same_contents(gradient, *other))
      random_gradients.push_back(name);
  }
}

void Evaluations::note_cotangent_change(const NamedTensors& before) {
  if (!subject.takes_grad_output()) return;
  const at::Tensor given = cotangent.to(dtype, false, true);
  run_manual(subject, clone(before), given, dtype);
  if (!changed({{"grad_output", cotangent.to(dtype)}}, {{"grad_output", given}}).empty())
    changed_by_manual.emplace_back("grad_output");
}

void Evaluations::choose_targets() {
  for (const auto& [name, tensor] : subject.parameters()) targets.push_back(name);
  for (const auto& [name, tensor] : subject.inputs()) {
    if (!tensor.is_floating_point()) continue;
    const bool wanted = subject.has_manual() ? has_gradient(name) : subject.parameters().empty();
    if (wanted) targets.push_back(name);
  }
}

/// Without a gradient where the forward is bound to another dtype: its rounding stays unmeasured.
Evaluation Evaluations::autograd_in(at::ScalarType narrower) const {
  try {
    return autograd_at(cotangent, narrower);
  } catch (const std::exception&) {
    return {};
  }
}

/// Autograd in float64, whose gradients all others are held against.
void Evaluations::evaluate_reference(bool watched) {
  if (!watched) {
    autograd = autograd_at(cotangent, at::kDouble);
    return;
  }
  seed_generator(seed);
  WatchedGradients found =
      run_watched_autograd(subject, arguments_in(at::kDouble), targets, cotangent, may_write());
  autograd = std::move(found.evaluation);
  seen = seen_in(autograd.output, cotangent);
  seen->sensitivity = found.sensitivity;
}

void Evaluations::evaluate_autograd(bool watched) {
  const Evaluation as_float = autograd_in(at::kFloat);
  const Evaluation as_case = dtype == at::kDouble  ? Evaluation{}
                             : dtype == at::kFloat ? as_float
                                                   : autograd_in(dtype);
  // What the values in float32 took is needed for the gradients in float64.
  if (elements_in(values) >= many_elements) give_back_freed_memory();
  try {
    evaluate_reference(watched);
  } catch (const std::exception& error) {
    if (!is_about_overwriting(error.what())) throw;
    seed_generator(seed);
    const auto found =
        find_overwritten(subject, arguments_in(at::kDouble), targets, cotangent, may_write());
    if (!found) throw;
    throw error_of(*found);
  }
  manner.detaches = autograd.detaches;
  in_float = rounding_of(as_float, autograd);
  reference_is_finite_ = is_finite(autograd.output);
  for (const auto& [name, gradient] : autograd.gradients) {
    const Extent extent = extents[name] = extent_of(gradient);
    largest_gradient = std::max(largest_gradient, extent.largest);
    reference_is_finite_ = reference_is_finite_ && extent.finite;
  }
  if (dtype != at::kDouble) {
    in_case = rounding_of(as_case, autograd);
    return;
  }
  in_case = {autograd.output, reference_is_finite_, {}};
  for (const auto& [name, extent] : extents) in_case.gradients[name] = {0, extent.finite};
}

NamedTensors Evaluations::gradients_at(const NamedTensors& moved) const {
  return run_autograd(subject, moved, targets, cotangent, at::kDouble, may_write()).gradients;
}

PointNearby Evaluations::nearby(std::mt19937_64& engine, double distance) const {
  std::normal_distribution<double> normal;
  const NamedTensors moved = clone(values);
  for (const std::string& target : targets) {
    const at::Tensor& tensor = moved[target];
    const double size = tensor.numel() > 0 ? tensor.square().mean().sqrt().item<double>() : 0;
    auto* data = tensor.data_ptr<double>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i)
      data[i] += distance * (size > 0 ? size : 1.0) * normal(engine);
  }
  return {moved, gradients_at(moved)};
}

namespace {

/// The smallest |element| that is not 0; 1 where there is none.
double least_size(const double* data, std::int64_t count) {
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; i < count; ++i)
    if (data[i] != 0 && std::abs(data[i]) < least) least = std::abs(data[i]);
  return std::isfinite(least) ? least : 1.0;
}

}  // namespace

std::vector<NamedTensors> Evaluations::gradients_beside(int count, double distance) const {
  std::vector<NamedTensors> gradients;
  std::mt19937_64 engine(seed + 2);
  std::normal_distribution<double> normal;
  for (int k = 0; k < count && !forward_random; ++k) {
    const NamedTensors moved = clone(values);
    for (const std::string& target : targets) {
      const at::Tensor& tensor = moved[target];
      auto* data = tensor.data_ptr<double>();
      const double least = least_size(data, tensor.numel());
      for (std::int64_t i = 0; i < tensor.numel(); ++i)
        data[i] += distance * (data[i] != 0 ? std::abs(data[i]) : least) * normal(engine);
    }
    gradients.push_back(gradients_at(moved));
  }
  return gradients;
}

}  // namespace gradient_check
