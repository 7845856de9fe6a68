#include "gradient_check/gradient/element_rounding.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <random>

#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/short_mantissa.h"

namespace gradient_check {
namespace {

constexpr int mantissas[] = {36, 38, 40, 42, 44, 46};
constexpr int double_mantissa = 53;
constexpr std::size_t points = 4;  ///< a rounding away

/// |other - full|, element by element; nothing where they cannot be compared.
std::vector<double> deviations(const at::Tensor& other, const at::Tensor& full) {
  if (!other.defined() || !full.defined() || other.sizes() != full.sizes() ||
      full.scalar_type() != at::kDouble || !other.is_floating_point())
    return {};
  const at::Tensor a = other.to(at::kDouble).contiguous(), b = full.contiguous();
  const double *from = a.data_ptr<double>(), *to = b.data_ptr<double>();
  std::vector<double> found(static_cast<std::size_t>(b.numel()));
  for (std::size_t i = 0; i < found.size(); ++i) found[i] = std::abs(from[i] - to[i]);
  return found;
}

/// Whether half of a gradient is gone.
bool is_another(const std::vector<double>& deviation, const at::Tensor& full) {
  return !deviation.empty() && *std::max_element(deviation.begin(), deviation.end()) >
                                   0.5 * full.abs().max().item<double>();
}

/// Raises each element to `unit` times that of `deviation`. What is not finite shows nothing.
void raise_to(std::vector<double>& raised, const std::vector<double>& deviation, double unit) {
  raised.resize(std::max(raised.size(), deviation.size()));
  for (std::size_t i = 0; i < deviation.size(); ++i)
    raised[i] = std::fmax(raised[i], std::isfinite(deviation[i]) ? deviation[i] * unit : 0);
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
  const double unit = std::ldexp(1.0, bits - double_mantissa);
  const auto raise = [&](const Evaluation& found, const Evaluation& full,
                         std::vector<double> ElementRounding::*where) {
    for (const auto& [name, gradient] : found.gradients)
      if (const at::Tensor* const wide = full.gradients.find(name)) {
        const std::vector<double> deviation = deviations(gradient, *wide);
        const bool another = is_another(deviation, *wide);
        const bool nothing = all.extents.at(name).largest <= 1e-9 * all.largest_gradient;
        // What another rank or another branch makes of it is no rounding, nor shrinks with it.
        if (!another || nothing) raise_to(roundings_[name].*where, deviation, unit);
      }
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

bool ElementRoundings::look_again() {
  const Evaluations& all = evaluations_;
  const std::size_t look = looks_++;
  if (look < std::size(mantissas)) {
    const int bits = mantissas[look];
    const NamedTensors values = shortened_values(all.values, bits);
    const at::Tensor cotangent = with_short_mantissa(all.cotangent, bits);
    const ShortMantissa shorter(bits);
    note(values, cotangent, bits);
  } else if (look < std::size(mantissas) + points) {
    note(moved_by_rounding(engine_, at::kDouble), all.cotangent, double_mantissa);
  } else if (look == std::size(mantissas) + points) {
    evaluate_in_case();
  } else {
    return false;
  }
  return true;
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

/// What that dtype itself does, which overflows and underflows sooner, here and a rounding away.
void ElementRoundings::evaluate_in_case() {
  const Evaluations& all = evaluations_;
  if (all.dtype == at::kDouble) return;
  const auto note = [&](const Evaluation& narrow, const Evaluation& wide) {
    for (auto& [name, rounding] : roundings_) {
      const at::Tensor *const found = narrow.gradients.find(name), *const full =
                                                                       wide.gradients.find(name);
      std::vector<double>& seen = rounding.seen_in_case.emplace_back();
      if (found && full) raise_to(seen, deviations(*found, *full), 1);
    }
  };
  note(if_possible([&] { return all.autograd_at(all.cotangent, all.dtype); }), all.autograd);
  std::mt19937_64 engine(all.seed + 5);
  for (int k = 0; k < 3; ++k) {
    const NamedTensors moved = moved_by_rounding(engine, all.dtype);
    NamedTensors wide;
    for (const auto& [name, tensor] : moved)
      wide.set(name, tensor.is_floating_point() ? tensor.to(at::kDouble) : tensor.clone());
    const auto at_point = [&](const NamedTensors& values, at::ScalarType dtype) {
      return if_possible([&] {
        seed_generator(all.seed);
        return run_autograd(all.subject, values, all.targets, all.cotangent, dtype);
      });
    };
    note(at_point(moved, all.dtype), at_point(wide, at::kDouble));
  }
  for (auto& [name, rounding] : roundings_) estimate_in_case(rounding);
}

/// What shorter mantissas show, in units of the case's dtype, as far as it is not of another size
/// altogether than what was seen.
void ElementRoundings::estimate_in_case(ElementRounding& rounding) const {
  const double units = epsilon_of(evaluations_.dtype) / epsilon_of(at::kDouble);
  for (const std::vector<double>& seen : rounding.seen_in_case) raise_to(rounding.in_case, seen, 1);
  std::vector<double>& in_case = rounding.in_case;
  if (in_case.size() != rounding.autograd.size() || in_case.empty()) return;
  const double most = 4 * *std::max_element(in_case.begin(), in_case.end());
  for (std::size_t i = 0; i < in_case.size(); ++i)
    in_case[i] = std::max(in_case[i], std::min(units * rounding.autograd[i], most));
}

const ElementRounding& ElementRoundings::of(const std::string& name) {
  while (look_again()) continue;
  return roundings_[name];
}

const ElementRounding& ElementRoundings::so_far(const std::string& name) {
  if (looks_ == 0) look_again();
  return roundings_[name];
}

}  // namespace gradient_check
