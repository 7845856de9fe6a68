#include "gradient_check/diagnosis/training/curvature.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/ones.h>

#include <cmath>
#include <random>

#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {
namespace {

constexpr int iterations = 40;

double inner_product(const NamedTensors& a, const NamedTensors& b) {
  double sum = 0;
  for (const auto& [name, tensor] : a) sum += (tensor * b[name]).sum().item<double>();
  return sum;
}

NamedTensors scaled(const NamedTensors& tensors, double factor) {
  NamedTensors result;
  for (const auto& [name, tensor] : tensors) result.set(name, tensor * factor);
  return result;
}

NamedTensors random_direction(const Subject& subject) {
  std::mt19937_64 engine(7);
  std::normal_distribution<double> normal;
  NamedTensors direction;
  for (const auto& [name, tensor] : subject.parameters()) {
    at::Tensor draw = at::ones(tensor.sizes(), at::kDouble);
    auto* data = draw.data_ptr<double>();
    for (std::int64_t i = 0; i < draw.numel(); ++i) data[i] = normal(engine);
    direction.set(name, draw);
  }
  return direction;
}

/// Central difference of the gradient along `direction`, of length 1.
NamedTensors hessian_product(const Subject& subject, const NamedTensors& values,
                             const NamedTensors& direction, std::uint64_t seed) {
  double size = 0;
  for (const auto& [name, tensor] : direction)
    size = std::max(size, values[name].abs().max().item<double>());
  const double step = 1e-5 * std::max(size, 1.0);
  const auto moved = [&](double along) {
    NamedTensors result = values;
    for (const auto& [name, tensor] : direction) result.set(name, values[name] + along * tensor);
    return gradients_at(subject, result, seed);
  };
  const NamedTensors ahead = moved(step), behind = moved(-step);
  NamedTensors product;
  for (const auto& [name, tensor] : ahead) product.set(name, (tensor - behind[name]) / (2 * step));
  return product;
}

}  // namespace

NamedTensors gradients_at(const Subject& subject, const NamedTensors& values, std::uint64_t seed) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : subject.parameters())
    if (tensor.numel() > 0) names.push_back(name);
  seed_generator(seed);
  return run_autograd(subject, values, names, at::ones({}, at::kDouble), at::kDouble).gradients;
}

std::optional<double> largest_curvature(const Subject& subject, const NamedTensors& values,
                                        std::uint64_t seed) {
  NamedTensors direction;
  for (const auto& [name, tensor] : random_direction(subject))
    if (tensor.numel() > 0) direction.set(name, tensor);
  if (direction.empty()) return std::nullopt;
  direction = scaled(direction, 1 / std::sqrt(inner_product(direction, direction)));
  double eigenvalue = 0;
  for (int i = 0; i < iterations; ++i) {
    const NamedTensors product = hessian_product(subject, values, direction, seed);
    const double length = std::sqrt(inner_product(product, product));
    if (!std::isfinite(length) || length == 0) return std::nullopt;
    const double next = inner_product(direction, product);
    direction = scaled(product, 1 / length);
    if (i > 4 && std::abs(next - eigenvalue) <= 1e-4 * std::abs(next)) return next;
    eigenvalue = next;
  }
  return eigenvalue;
}

}  // namespace gradient_check
