#include "gradient_check/gradient/element_rounding.h"

#include <ATen/TensorOperators.h>

#include <cmath>
#include <exception>
#include <random>

#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/short_mantissa.h"

namespace gradient_check {
namespace {

constexpr int mantissas[] = {36, 38, 40, 42, 44, 46};
constexpr int double_mantissa = 53;

/// Raises each element of `deviation` to |short - full| in units of float64's rounding. What is not
/// finite in the shorter mantissa shows nothing.
void raise_to(std::vector<double>& deviation, const at::Tensor& shorter, const at::Tensor& full,
              int bits) {
  if (!shorter.defined() || !full.defined() || shorter.sizes() != full.sizes() ||
      full.scalar_type() != at::kDouble || shorter.scalar_type() != at::kDouble)
    return;
  const at::Tensor a = shorter.contiguous(), b = full.contiguous();
  const auto* const from = a.data_ptr<double>();
  const auto* const to = b.data_ptr<double>();
  deviation.resize(static_cast<std::size_t>(b.numel()));
  const double unit = std::ldexp(1.0, bits - double_mantissa);
  for (std::size_t i = 0; i < deviation.size(); ++i) {
    const double gap = std::abs(from[i] - to[i]) * unit;
    if (gap > deviation[i]) deviation[i] = gap;
  }
}

NamedTensors shortened_values(const NamedTensors& values, int bits) {
  NamedTensors shortened;
  for (const auto& [name, tensor] : values)
    shortened.set(name,
                  tensor.is_floating_point() ? with_short_mantissa(tensor, bits) : tensor.clone());
  return shortened;
}

/// Nothing where the evaluation fails: a shorter mantissa may leave a domain.
template <typename Evaluate>
Evaluation if_possible(const Evaluate& evaluate) {
  try {
    return evaluate();
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

/// Both gradients at those values and that cotangent against float64's at the case's, times
/// 2^(bits - 53).
void ElementRoundings::note(const NamedTensors& values, const at::Tensor& cotangent, int bits) {
  const Evaluations& all = evaluations_;
  const auto raise = [&](const Evaluation& found, const Evaluation& full,
                         std::vector<double> ElementRounding::*where) {
    for (const auto& [name, gradient] : found.gradients)
      if (const at::Tensor* const wide = full.gradients.find(name))
        raise_to(roundings_[name].*where, gradient, *wide, bits);
  };
  raise(if_possible([&] {
          seed_generator(all.seed);
          return run_autograd(all.subject, clone(values), all.targets, cotangent, at::kDouble);
        }),
        all.autograd, &ElementRounding::autograd);
  if (!all.manual_double.output.defined()) return;
  raise(if_possible([&] {
          seed_generator(all.seed);
          return run_manual(all.subject, clone(values), cotangent.clone(), at::kDouble);
        }),
        all.manual_double, &ElementRounding::manual);
}

void ElementRoundings::evaluate() {
  const Evaluations& all = evaluations_;
  evaluated_ = true;
  for (const int bits : mantissas) {
    const NamedTensors values = shortened_values(all.values, bits);
    const at::Tensor cotangent = with_short_mantissa(all.cotangent, bits);
    const ShortMantissa shorter(bits);
    note(values, cotangent, bits);
  }
  std::mt19937_64 engine(all.seed + 4);
  for (int k = 0; k < 4; ++k)
    note(moved_by_rounding(engine, at::kDouble), all.cotangent, double_mantissa);
  evaluate_in_case();
}

/// The floating values, each moved by about its rounding in that dtype.
NamedTensors ElementRoundings::moved_by_rounding(std::mt19937_64& engine,
                                                 at::ScalarType dtype) const {
  const NamedTensors moved = clone(evaluations_.values);
  std::normal_distribution<double> normal;
  for (const auto& [name, tensor] : moved) {
    if (tensor.scalar_type() != at::kDouble) continue;
    auto* const data = tensor.data_ptr<double>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i)
      data[i] += 0.5 * epsilon_of(dtype) * data[i] * normal(engine);
  }
  NamedTensors narrow;
  for (const auto& [name, tensor] : moved)
    narrow.set(name, tensor.scalar_type() == at::kDouble ? tensor.to(dtype) : tensor);
  return narrow;
}

/// What shorter mantissas show, in units of the case's dtype, or what that dtype itself does, which
/// overflows and underflows sooner, here and a rounding away.
void ElementRoundings::evaluate_in_case() {
  const Evaluations& all = evaluations_;
  if (all.dtype == at::kDouble) return;
  const double units = epsilon_of(all.dtype) / epsilon_of(at::kDouble);
  for (auto& [name, rounding] : roundings_) {
    rounding.in_case = rounding.autograd;
    for (double& deviation : rounding.in_case) deviation *= units;
  }
  const auto note = [&](const Evaluation& narrow) {
    for (auto& [name, rounding] : roundings_)
      if (const at::Tensor* const found = narrow.gradients.find(name); found && found->defined())
        raise_to(rounding.in_case, found->to(at::kDouble), all.autograd.gradients[name],
                 double_mantissa);
  };
  note(if_possible([&] { return all.autograd_at(all.cotangent, all.dtype); }));
  std::mt19937_64 engine(all.seed + 5);
  for (int k = 0; k < 3; ++k)
    note(if_possible([&] {
      seed_generator(all.seed);
      return run_autograd(all.subject, moved_by_rounding(engine, all.dtype), all.targets,
                          all.cotangent, all.dtype);
    }));
}

const ElementRounding& ElementRoundings::of(const std::string& name) {
  if (!evaluated_) evaluate();
  return roundings_[name];
}

}  // namespace gradient_check
