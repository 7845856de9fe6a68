// Gradients and outputs that have no storage of their own: zeros that LibTorch has only noted,
// sparse gradients.
#include <ATen/TensorOperators.h>
#include <ATen/ops/_efficientzerotensor.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/l1_loss.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sgn.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include "gradient_check/matchers.h"
#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

using testing::Not;

FunctionCheckOptions second_order() {
  FunctionCheckOptions options;
  options.check.order = 2;
  return options;
}

NamedTensors point_without_zeros() {
  at::Tensor x = at::randn({3, 4}, at::kDouble);
  return {{"x", x + 0.5 * at::sign(x)}};
}

TEST(Unstored, ResolvedIsPlainMemory) {
  const at::Tensor zero = at::_efficientzerotensor({2, 3}, at::TensorOptions(at::kDouble));
  EXPECT_FALSE(resolved(zero)._is_zerotensor());
  EXPECT_TRUE(resolved(zero).eq(0).all().item<bool>());
  EXPECT_EQ(resolved(zero).sizes(), zero.sizes());
  EXPECT_FALSE(resolved(at::Tensor()).defined());
  const at::Tensor dense = at::randn({2, 3});
  EXPECT_TRUE(resolved(dense.to_sparse()).equal(dense));
}

TEST(Unstored, AGradientThatIsZeroEverywhere) {
  const auto forward = [](const NamedTensors& t) { return at::sgn(t["x"]).sum(); };
  const auto zeros = [](const NamedTensors& t, const at::Tensor&) {
    return NamedTensors{{"x", at::zeros_like(t["x"])}};
  };
  const auto unmade = [](const NamedTensors& t, const at::Tensor&) {
    return NamedTensors{{"x", at::_efficientzerotensor(t["x"].sizes(), t["x"].options())}};
  };
  const auto ones = [](const NamedTensors& t, const at::Tensor&) {
    return NamedTensors{{"x", at::sgn(t["x"])}};
  };
  EXPECT_THAT((FunctionCheck{forward, zeros, point_without_zeros()}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{forward, unmade, point_without_zeros()}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{forward, ones, point_without_zeros()}), Not(GradientsMatch()));
  EXPECT_THAT((FunctionCheck{forward, nullptr, point_without_zeros()}), GradientsMatch());
}

TEST(Unstored, SecondDerivativesThatAreZero) {
  const std::vector<ForwardFunction> forwards{
      [](const NamedTensors& t) { return t["x"].abs().sum(); },
      [](const NamedTensors& t) { return at::l1_loss(t["x"], at::zeros_like(t["x"])); },
      [](const NamedTensors& t) { return at::norm(t["x"], INFINITY); },
      [](const NamedTensors& t) { return at::sgn(t["x"]) * t["x"]; },
      [](const NamedTensors& t) { return (at::sgn(t["x"]) + t["x"].square()).sum(); }};
  for (const ForwardFunction& forward : forwards)
    EXPECT_THAT((FunctionCheck{forward, nullptr, point_without_zeros()}),
                GradientsMatch(second_order()));
}

TEST(Unstored, ASparseGradient) {
  const auto forward = [](const NamedTensors& t) {
    return at::embedding(t["x"], at::arange(2), -1, false, true);
  };
  const auto backward = [](const NamedTensors& t, const at::Tensor& g) {
    at::Tensor gradient = at::zeros_like(t["x"]);
    gradient.slice(0, 0, 2).copy_(g);
    return NamedTensors{{"x", gradient}};
  };
  const auto sparse = [&](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"x", backward(t, g)["x"].to_sparse()}};
  };
  EXPECT_THAT((FunctionCheck{forward, backward, point_without_zeros()}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{forward, sparse, point_without_zeros()}), GradientsMatch());
}

}  // namespace
}  // namespace gradient_check
