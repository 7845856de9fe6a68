#include "gradient_check/gradient/objective.h"

#include <ATen/TensorOperators.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "gradient_check/gradient/sensitivity.h"

namespace gradient_check {
namespace {

/// Elements of each tensor that are moved to see what rounding does: more of them show no more.
constexpr std::int64_t moved_at_most = 4096;

}  // namespace

Objective::Objective(const Subject& subject, NamedTensors values,
                     std::vector<std::string> variables, at::Tensor grad_output,
                     EvaluationManner manner)
    : subject_(subject),
      values_(std::move(values)),
      variables_(std::move(variables)),
      grad_output_(std::move(grad_output)),
      manner_(manner) {}

double Objective::operator()() {
  if (manner_.reseed) seed_generator(manner_.seed);
  const at::Tensor output =
      manner_.copy ? subject_.forward(clone(values_)) : subject_.forward(values_);
  if (output.numel() == 1) {
    const double value = output.item<double>() * grad_output_.item<double>();
    magnitude_ = std::abs(value);
    return value;
  }
  const at::Tensor product = output.to(at::kDouble) * grad_output_;
  magnitude_ = product.abs().sum().item<double>();
  return product.sum().item<double>();
}

double Objective::here() {
  if (!here_) here_ = (*this)();
  return *here_;
}

double Objective::at(const std::string& name, std::int64_t index, double element) {
  double* data = values_[name].data_ptr<double>() + index;
  const double before = *data;
  *data = element;
  double value = std::numeric_limits<double>::quiet_NaN();
  try {
    value = (*this)();
  } catch (const std::exception&) {
  }
  *data = before;
  return value;
}

double Objective::at(const NamedTensors& replacements) {
  const NamedTensors before = values_;
  for (const auto& [name, value] : replacements) values_.set(name, value);
  double f = std::numeric_limits<double>::quiet_NaN();
  try {
    f = (*this)();
  } catch (const std::exception&) {
  }
  values_ = before;
  return f;
}

double Objective::along_direction(double t) {
  NamedTensors kept;
  std::mt19937_64 engine(12345);
  for (const std::string& name : variables_) {
    const at::Tensor part = values_[name].view(-1).slice(0, 0, moved_at_most);
    kept.set(name, part.clone());
    auto* data = part.data_ptr<double>();
    for (std::int64_t i = 0; i < part.numel(); ++i)
      data[i] += t * data[i] * (0.5 + static_cast<double>(engine() >> 11U) * 0x1p-53);
  }
  const double value = at(NamedTensors{});
  for (const std::string& name : variables_)
    values_[name].view(-1).slice(0, 0, moved_at_most).copy_(kept[name]);
  return value;
}

double Objective::element(const std::string& name, std::int64_t index) const {
  return values_[name].data_ptr<double>()[index];
}

double Objective::root_mean_square(const std::string& name) const {
  const auto [found, added] = root_mean_squares_.try_emplace(name, 0);
  const at::Tensor& tensor = values_[name];
  if (added && tensor.numel() > 0) found->second = std::sqrt(tensor.square().mean().item<double>());
  return found->second;
}

const ForwardTape* Objective::tape(std::size_t worker) {
  while (tapes_.size() <= worker)
    tapes_.push_back(manner_.reseed || manner_.copy ? nullptr
                                                    : record_forward(subject_, clone(values_)));
  return tapes_[worker].get();
}

double Objective::noise() {
  if (noise_ >= 0) return noise_;
  constexpr std::size_t points = 8;
  constexpr double spacing = 1e-9;
  (*this)();
  const double rounding = manner_.unit * magnitude_;
  std::array<double, points> table{};
  for (std::size_t i = 0; i < points; ++i)
    table[i] = along_direction(spacing * (static_cast<double>(i) - 3.5));
  // σ_k² = (k!)²/(2k)! · mean((Δᵏf)²); the least over k ≥ 3, where the smooth part has vanished.
  double factor = 1, least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 1; k < 7; ++k) {
    factor *= static_cast<double>(k) / (2.0 * (2.0 * static_cast<double>(k) - 1.0));
    double sum = 0;
    for (std::size_t i = 0; i + k < points; ++i) {
      table[i] = table[i + 1] - table[i];
      sum += table[i] * table[i];
    }
    if (k >= 3) least = std::min(least, std::sqrt(factor * sum / static_cast<double>(points - k)));
  }
  noise_ = std::isfinite(least) ? std::max(rounding, least) : rounding;
  if (!manner_.sensitivity)
    manner_.sensitivity =
        rounding_sensitivity(subject_, values_, variables_, grad_output_, manner_.copy);
  noise_ = std::max(noise_, 0.5 * manner_.unit * *manner_.sensitivity);
  return noise_;
}

}  // namespace gradient_check
