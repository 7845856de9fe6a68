// What excuses an element, and what does not: a jump of other elements, rounding at a shorter
// mantissa, a kink under an operator's convention.
#include "gradient_check/comparison/element_judge.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gradient_check/check.h"

namespace gradient_check {
namespace {

using Function = std::function<at::Tensor(const NamedTensors&)>;

/// Of a sum by "x", where the manual code gives that whatever dtype it is asked in.
CaseResult checked_recorded(const Function& forward, const NamedTensors& tensors,
                            const at::Tensor& gradient) {
  FunctionCheckOptions options;
  options.parameters = {"x"};
  return check([&](const NamedTensors& t) { return forward(t).sum(); },
               [&](const NamedTensors&, const at::Tensor& g) {
                 return NamedTensors{{"x", gradient * g.to(gradient.scalar_type())}};
               },
               tensors, options);
}

/// x² where 3 a is b or more, else 5 x².
at::Tensor branching(const NamedTensors& t) {
  const at::Tensor x = t["x"];
  return at::where(t["a"] * 3 >= t["b"], x * x, 5 * x * x);
}

// 3 a is b, so that points a rounding away fall to one side in float32 and to the other in float64:
// by x nothing jumps.
// Not held yet: 60 of the 64 elements are found where nothing but recorded gradients is known.
TEST(ElementJudge, DISABLED_AJumpByOtherElementsExcusesNone) {
  at::manual_seed(3);
  const at::Tensor a = (at::rand({64}, at::kFloat) * 512 + 512).round() / 512;
  const at::Tensor x = at::rand({64}, at::kFloat) + 1;
  const NamedTensors tensors{{"x", x}, {"a", a}, {"b", a * 3}};
  EXPECT_EQ(checked_recorded(branching, tensors, 2 * x).verdict, Verdict::pass);
  const CaseResult wrong = checked_recorded(branching, tensors, 2 * x + 5e-3);
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_EQ(wrong.gradients.at(0).mismatched, 64);
}

// b is 3 a in float32, where all is on one side; float64 sees that it is not.
// Not held yet: the right gradient of the dtype is called wrong.
TEST(ElementJudge, DISABLED_WhatTheDtypeDoesAtThePointItselfIsRightAndNothingBetween) {
  at::manual_seed(3);
  const at::Tensor a = at::rand({64}, at::kFloat) + 0.5, x = at::rand({64}, at::kFloat) + 1;
  const NamedTensors tensors{{"x", x}, {"a", a}, {"b", a * 3}};
  EXPECT_EQ(checked_recorded(branching, tensors, 2 * x).verdict, Verdict::pass);
  EXPECT_NE(checked_recorded(branching, tensors, 2 * x + 5e-2).verdict, Verdict::pass);
  EXPECT_NE(checked_recorded(branching, tensors, 6 * x).verdict, Verdict::pass);
}

// ∂y/∂x of two values whose difference is far above √eps: eps of it, which is 1e-16 and no rounding
// in float64, though shorter mantissas lose it altogether.
TEST(ElementJudge, WhatShorterMantissasLoseIsNotNothing) {
  const at::Tensor x = at::tensor({2062.96, 3.35202}, at::kDouble).view({1, 2});
  const at::Tensor weights = at::tensor({-0.875895, -1.01551}, at::kDouble);
  const Function forward = [&](const NamedTensors& t) {
    const auto type = t["x"].scalar_type();
    return std::get<0>(at::native_layer_norm(t["x"], {2}, {}, t["bias"], 1e-5)) * weights.to(type);
  };
  const NamedTensors tensors{{"x", x}, {"bias", at::tensor({49.2477, 245.382}, at::kDouble)}};
  const double half = (2062.96 - 3.35202) / 2;
  const double slope = 0.5 * (-0.875895 + 1.01551) * 1e-5 / std::pow(half * half + 1e-5, 1.5);
  const at::Tensor right = at::tensor({slope, -slope}, at::kDouble).view({1, 2});
  EXPECT_EQ(checked_recorded(forward, tensors, right).verdict, Verdict::pass);
  EXPECT_NE(checked_recorded(forward, tensors, 2 * right).verdict, Verdict::pass);
}

// |v| at v = 0, of an eigenvector: a kink that no single element's difference shows, since the
// operator reads one triangle.
TEST(ElementJudge, AKinkUnderAConventionIsOne) {
  const at::Tensor x = at::tensor({1.0, 0.0, 0.0, 3.0}, at::kDouble).view({2, 2});
  const Function forward = [](const NamedTensors& t) {
    return std::get<1>(at::linalg_eigh(t["x"])).abs();
  };
  // Both components beside the axes grow as |x01| / 2: ±1/2 for each of two elements, together ±1.
  for (const double slope : {-0.5, -0.2, 0.0, 0.3, 0.5})
    EXPECT_EQ(checked_recorded(forward, {{"x", x}},
                               at::tensor({0.0, slope, slope, 0.0}, at::kDouble).view({2, 2}))
                  .verdict,
              Verdict::pass)
        << slope;
  for (const double slope : {-0.6, 0.7})
    EXPECT_EQ(checked_recorded(forward, {{"x", x}},
                               at::tensor({0.0, slope, slope, 0.0}, at::kDouble).view({2, 2}))
                  .verdict,
              Verdict::fail)
        << slope;
}

}  // namespace
}  // namespace gradient_check
