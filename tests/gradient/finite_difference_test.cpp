#include <ATen/TensorOperators.h>
#include <ATen/ops/add.h>
#include <ATen/ops/cosh.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gradient/scalar_objective.h"
#include "gradient_check/gradient/finite_difference.h"
#include "gradient_check/gradient/sensitivity.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

using Scalar = ScalarObjective;

TEST(Ridders, StatesAnErrorThatHolds) {
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> draw(-2, 2);
  int outside = 0;
  constexpr int count = 2000;
  for (int i = 0; i < count; ++i) {
    const double a = draw(engine), b = draw(engine), x = draw(engine);
    Scalar scalar([=](const at::Tensor& t) { return (a * t).sin() * (b * t).exp() + t * t * t; },
                  x);
    const double truth =
        a * std::cos(a * x) * std::exp(b * x) + b * std::sin(a * x) * std::exp(b * x) + 3 * x * x;
    const Slope slope = ridders(scalar.objective, "x", 0);
    EXPECT_LT(slope.error, 1e-7 * (1 + std::abs(truth)));
    outside += std::abs(slope.value - truth) > slope.error ? 1 : 0;
  }
  EXPECT_LE(outside, count / 1000);
}

TEST(Ridders, SaysThatCancellationLeavesNothing) {
  Scalar scalar([](const at::Tensor& t) { return t * 1e-6 + 1e8; }, 1.0);
  const Slope slope = ridders(scalar.objective, "x", 0);
  EXPECT_LE(std::abs(slope.value - 1e-6), slope.error);
  EXPECT_GT(slope.error, 1e-8);
}

// 1 - σ(x) is a staircase of some 840 steps at x = 30, 42 at 33, 2 at 36; ln of it moves by jumps
// that no look at nearby points shows. Its slope is -σ(x).
TEST(Ridders, StatesAnErrorThatHoldsOnAStaircase) {
  for (const double x : {25.0, 30.0, 33.0, 35.0}) {
    Scalar scalar([](const at::Tensor& t) { return (1 - t.sigmoid()).log(); }, x);
    const Slope slope = ridders(scalar.objective, "x", 0);
    EXPECT_LE(std::abs(slope.value + 1), slope.error) << x;
    EXPECT_LE(slope.error, 2) << x;
  }
}

// Without a subtraction from 1 in sight: the loss of a confident classifier, ln σ(x), slope e^-x.
TEST(Ridders, StatesAnErrorThatHoldsBesideZeroLoss) {
  for (const double x : {28.0, 30.0, 33.0, 35.0}) {
    Scalar scalar([](const at::Tensor& t) { return t.sigmoid().log(); }, x);
    const Slope slope = ridders(scalar.objective, "x", 0);
    EXPECT_LE(std::abs(slope.value - std::exp(-x)), slope.error) << x;
  }
}

// f = ln(1 - p), p = σ(x): Σ (v ∂f/∂v)² over p, 1 - p, f and their sum, of which p / (1 - p) is
// all but everything.
TEST(RoundingSensitivity, IsTheRootOfTheSquaredShares) {
  const double x = 20, p = 1 / (1 + std::exp(-x));
  Scalar scalar([](const at::Tensor& t) { return (1 - t.sigmoid()).log(); }, x);
  const double measured = rounding_sensitivity(
      scalar.subject, {{"x", at::tensor({x}, at::kDouble)}}, {"x"}, at::tensor(1.0, at::kDouble));
  EXPECT_NEAR(measured, p / (1 - p), 1e-6 * p / (1 - p));
}

// While it computes the second term, an interpreter still has the first on its stack.
TEST(RoundingSensitivity, OfAProgramCountsEachValueOnce) {
  const Case loaded = load_case_text(
      R"json({"dtype": "float64", "parameters": {"x": [3]},
              "program": {"source": ["def forward(x):",
                                     "    return (torch.exp(x) + torch.log(torch.cosh(x))).sum()"]}})json",
      "sensitivity.json");
  const auto program = make_program_subject(loaded);
  Scalar function([](const at::Tensor& t) { return at::add(at::exp(t), at::log(at::cosh(t))); }, 3);
  const NamedTensors values{{"x", at::tensor({3.0}, at::kDouble)}};
  const at::Tensor one = at::tensor(1.0, at::kDouble);
  const double expected = rounding_sensitivity(function.subject, values, {"x"}, one);
  EXPECT_NEAR(rounding_sensitivity(*program, values, {"x"}, one), expected, 1e-12 * expected);
}

TEST(Ridders, ScalesItsStepToTheValue) {
  for (const double x : {1e-9, 1e-3, 1.0, 1e6}) {
    Scalar scalar([](const at::Tensor& t) { return t * t; }, x);
    EXPECT_NEAR(ridders(scalar.objective, "x", 0).value, 2 * x, 1e-9 * 2 * x) << x;
  }
}

TEST(TwoSides, FindsKinksAndOnlyKinks) {
  Scalar relu([](const at::Tensor& t) { return t.clamp_min(0); }, 0.0);
  const TwoSides sides = two_sides(relu.objective, "x", 0);
  EXPECT_TRUE(sides.bends());
  EXPECT_FALSE(sides.jumps());
  EXPECT_NEAR(sides.right.value, 1, 1e-9);
  EXPECT_NEAR(sides.left.value, 0, 1e-9);
  Scalar cube([](const at::Tensor& t) { return t * t * t; }, 0.0);
  EXPECT_FALSE(two_sides(cube.objective, "x", 0).bends());
  Scalar smooth([](const at::Tensor& t) { return t.exp(); }, 0.7);
  EXPECT_FALSE(two_sides(smooth.objective, "x", 0).bends());
}

// A smooth curve has one slope on whatever scale it bends.
TEST(TwoSides, SeesNoKinkInASteepCurve) {
  for (const double x : {1e-3, 1e-6, 1e-9, 1e-12}) {
    for (const auto& [f, slope] :
         {std::pair<std::function<at::Tensor(const at::Tensor&)>, double>{
              [](const at::Tensor& t) { return t.log(); }, 1 / x},
          {[](const at::Tensor& t) { return t.sqrt(); }, 0.5 / std::sqrt(x)},
          {[](const at::Tensor& t) { return t.pow(0.3); }, 0.3 * std::pow(x, -0.7)},
          {[](const at::Tensor& t) { return t.reciprocal(); }, -1 / (x * x)}}) {
      // Beside a large element, as in a tensor of probabilities.
      TensorObjective pair([&, f = f](const at::Tensor& t) { return f(t).sum(); },
                           at::tensor({x, 0.5}, at::kDouble));
      const TwoSides sides = two_sides(pair.objective, "x", 0);
      EXPECT_FALSE(sides.bends()) << x;
      EXPECT_LE(std::abs(sides.right.value - slope), sides.right.error) << x;
      EXPECT_LE(sides.right.error, 1e-3 * std::abs(slope)) << x;
      const Slope both = ridders(pair.objective, "x", 0);
      EXPECT_LE(std::abs(both.value - slope), both.error) << x;
      EXPECT_LE(both.error, 1e-6 * std::abs(slope)) << x;
    }
  }
}

TEST(TwoSides, FindsJumpsTheirLimitsAndSlopes) {
  const auto step = [](const at::Tensor& t) { return at::where(t > 2, t * t, 2 * t + 1); };
  Scalar at_it(step, 2.0);
  const TwoSides sides = two_sides(at_it.objective, "x", 0);
  EXPECT_TRUE(sides.jumps());
  EXPECT_EQ(sides.left_limit, sides.here);
  EXPECT_NEAR(sides.right_limit, 4, 1e-12);
  EXPECT_NEAR(sides.left_limit, 5, 1e-12);
  EXPECT_NEAR(sides.right.value, 4, 1e-6);
  EXPECT_NEAR(sides.left.value, 2, 1e-6);
  for (const double x : {1.9, 2.1, 2 + 1e-9}) {
    Scalar beside(step, x);
    EXPECT_FALSE(two_sides(beside.objective, "x", 0).jumps()) << x;
  }
  Scalar root([](const at::Tensor& t) { return t.abs().sqrt(); }, 0.0);
  EXPECT_FALSE(two_sides(root.objective, "x", 0).jumps());
  Scalar lone([](const at::Tensor& t) { return at::where(t == 0.5, t * 0 + 3, t); }, 0.5);
  const TwoSides both = two_sides(lone.objective, "x", 0);
  EXPECT_TRUE(both.jumps());
  EXPECT_NEAR(both.right.value, 1, 1e-6);
  EXPECT_NEAR(both.left.value, 1, 1e-6);
}

// The quotient over a stair and over a third of it is the same to the last bit.
TEST(Ridders, IsNotTakenInByAStaircase) {
  for (const double stairs : {10.0, 1e3, 1e6, 1e9})
    for (const double x : {0.1234567, 0.77, 1.4, 3.3e3}) {
      Scalar staircase([=](const at::Tensor& t) { return (t * stairs).round() / stairs; }, x);
      const Slope found = ridders(staircase.objective, "x", 0);
      EXPECT_LE(std::abs(found.value), found.error) << stairs << ' ' << x;
    }
}

TEST(Reproduced, IsASlopeThatShortStepsShow) {
  Scalar smooth([](const at::Tensor& t) { return (t * 3).sin(); }, 0.4);
  const double slope = 3 * std::cos(1.2);
  EXPECT_TRUE(is_reproduced(smooth.objective, "x", 0, slope, slope + 0.1));
  EXPECT_FALSE(is_reproduced(smooth.objective, "x", 0, slope + 0.1, slope));
}

TEST(Reproduced, IsNotWhatStairsShowFromAfar) {
  Scalar staircase([](const at::Tensor& t) { return (t * 1e3).floor() / 1e3; }, 0.7771);
  EXPECT_FALSE(is_reproduced(staircase.objective, "x", 0, 1, 0));
}

// 1e16 + x moves in steps of 2: no step of x's own size shows that, or anything else.
TEST(Reproduced, IsNothingThatRoundingHidesAtTheElementsOwnSize) {
  Scalar hidden([](const at::Tensor& t) { return t * 2.0 + 1e16; }, 1e-3);
  EXPECT_FALSE(is_reproduced(hidden.objective, "x", 0, 1, 2));
}

TEST(CentralDifference, BendsAtASymmetricKink) {
  Scalar absolute([](const at::Tensor& t) { return t.abs(); }, 0.0);
  EXPECT_NEAR(central_difference(absolute.objective, "x", 0).bend, 2, 1e-6);
  Scalar smooth([](const at::Tensor& t) { return t.sin(); }, 0.3);
  EXPECT_LT(central_difference(smooth.objective, "x", 0).bend, 1e-4);
}

TEST(Noise, IsNearRoundingForASmoothFunction) {
  Scalar wide([](const at::Tensor& t) { return (t * 3).sin(); }, 0.4);
  EXPECT_LT(wide.objective.noise(), 1e-14);
}

/// x plus kinks at `distance` · 1, 2, …, of both signs on both sides.
double kinked(double x, double distance) {
  double f = x + 0.3 * x * x;
  for (int k = 1; k <= 40; ++k)
    f += 1e-3 * std::abs(x - k * distance) * (k % 3 == 0 ? -1 : 1) +
         1e-3 * std::abs(x + k * distance) * (k % 2 == 0 ? -1 : 1);
  return f;
}

/// Of `kinked` at 0: the slopes of all of its kinks.
double kinked_slope() {
  double slope = 1;
  for (int k = 1; k <= 40; ++k) slope += 1e-3 * ((k % 3 == 0 ? 1 : -1) + (k % 2 == 0 ? -1 : 1));
  return slope;
}

TEST(Extrapolation, CountsTheKinksWithinItsStepsInItsError) {
  for (const double distance : {1e-5, 3e-4, 0.01, 0.2})
    for (const std::size_t levels : {2U, 4U, 7U, 12U}) {
      const auto f = [&](double x) { return kinked(x, distance); };
      const Slope found = derivative_at_0(f, {0.1, levels, 1}, {f(0), 1e-17});
      EXPECT_LE(std::abs(found.value - kinked_slope()), found.error) << distance << ' ' << levels;
      if (levels == 12) {
        EXPECT_LT(found.error, 1e-6) << distance;
      }
    }
}

TEST(ShortDifference, IsAsGoodAsItSaysWithAndWithoutKinks) {
  for (const double distance : {1e-5, 1e-3})
    for (double step = 0.05; step > 1e-9; step /= 7) {
      const auto f = [&](double x) { return kinked(x, distance); };
      const Slope found = short_difference_at_0(f, step, {f(0), 1e-17});
      EXPECT_LE(std::abs(found.value - kinked_slope()), found.error) << distance << ' ' << step;
      if (step < distance) {
        EXPECT_LE(found.error, 0.7 * step + 1e-15 / step);
      }
    }
}

}  // namespace
}  // namespace gradient_check
