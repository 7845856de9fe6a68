// Every difference states its error. Here 10,000 random functions at random points are held
// against their derivatives in long double: the true error is within the stated one in 99.9%.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>

#include "gradient/scalar_objective.h"
#include "gradient_check/gradient/finite_difference.h"

namespace gradient_check {
namespace {

/// A value with its derivative (forward accumulation), in long double.
struct Dual {
  long double value = 0, slope = 0;
};

/// A function twice over: on tensors in float64, and on duals.
struct TwofoldFunction {
  std::function<at::Tensor(const at::Tensor&)> tensor;
  std::function<Dual(Dual)> dual;
};

using Real = long double;

TwofoldFunction unary(const TwofoldFunction& inner, at::Tensor (*tensor)(const at::Tensor&),
                      Real (*value)(Real), Real (*slope)(Real)) {
  return {[=](const at::Tensor& x) { return tensor(inner.tensor(x)); },
          [=](Dual x) {
            const Dual u = inner.dual(x);
            return Dual{value(u.value), slope(u.value) * u.slope};
          }};
}

struct Unary {
  at::Tensor (*tensor)(const at::Tensor&);
  Real (*value)(Real);
  Real (*slope)(Real);
};

constexpr Unary unaries[] = {
    {[](const at::Tensor& x) { return x.sin(); }, [](Real x) { return sinl(x); },
     [](Real x) { return cosl(x); }},
    {[](const at::Tensor& x) { return x.tanh(); }, [](Real x) { return tanhl(x); },
     [](Real x) { return 1 - tanhl(x) * tanhl(x); }},
    {[](const at::Tensor& x) { return (-x * x).exp(); }, [](Real x) { return expl(-x * x); },
     [](Real x) { return -2 * x * expl(-x * x); }},
    {[](const at::Tensor& x) { return (x * x + 1).log(); }, [](Real x) { return logl(x * x + 1); },
     [](Real x) { return 2 * x / (x * x + 1); }},
    {[](const at::Tensor& x) { return (x * x + 1e-4).sqrt(); },
     [](Real x) { return sqrtl(x * x + Real(1e-4)); },
     [](Real x) { return x / sqrtl(x * x + Real(1e-4)); }},
    {[](const at::Tensor& x) { return (x * x + 0.01).reciprocal(); },
     [](Real x) { return 1 / (x * x + Real(0.01)); },
     [](Real x) { return -2 * x / ((x * x + Real(0.01)) * (x * x + Real(0.01))); }},
    {[](const at::Tensor& x) { return x.sigmoid(); }, [](Real x) { return 1 / (1 + expl(-x)); },
     [](Real x) { return expl(-x) / ((1 + expl(-x)) * (1 + expl(-x))); }},
    {[](const at::Tensor& x) { return x.clamp_min(0); }, [](Real x) { return x > 0 ? x : 0; },
     [](Real x) { return x > 0 ? Real(1) : Real(0); }},
    {[](const at::Tensor& x) { return x.abs().log(); }, [](Real x) { return logl(fabsl(x)); },
     [](Real x) { return 1 / x; }},
};

/// A random expression of depth `depth` in one variable.
TwofoldFunction random_function(std::mt19937_64& engine, int depth) {
  const auto scaled = [&] {
    std::uniform_real_distribution<double> exponent(-2, 2);
    return std::pow(10.0, exponent(engine)) * (engine() % 2 ? 1 : -1);
  };
  if (depth == 0) {
    const double a = scaled(), b = scaled();
    return {[=](const at::Tensor& x) { return x * a + b; },
            [=](Dual x) {
              return Dual{x.value * a + b, x.slope * a};
            }};
  }
  const TwofoldFunction left = random_function(engine, depth - 1);
  switch (engine() % 4) {
    case 0: {
      const TwofoldFunction right = random_function(engine, depth - 1);
      return {[=](const at::Tensor& x) { return left.tensor(x) * right.tensor(x); },
              [=](Dual x) {
                const Dual u = left.dual(x), v = right.dual(x);
                return Dual{u.value * v.value, u.slope * v.value + u.value * v.slope};
              }};
    }
    case 1: {
      const double c = scaled() * scaled() * scaled();  // drowns, or is drowned by, the rest
      return {[=](const at::Tensor& x) { return left.tensor(x) + c; },
              [=](Dual x) {
                const Dual u = left.dual(x);
                return Dual{u.value + c, u.slope};
              }};
    }
    default: {
      const Unary& f = unaries[engine() % std::size(unaries)];
      return unary(left, f.tensor, f.value, f.slope);
    }
  }
}

struct Tally {
  int judged = 0, dishonest = 0, informative = 0;
};

template <typename Difference>
Tally tally(const Difference& difference) {
  std::mt19937_64 engine(20261126);
  std::uniform_real_distribution<double> exponent(-3, 2);
  Tally tally;
  while (tally.judged < 10'000) {
    const TwofoldFunction function = random_function(engine, 1 + static_cast<int>(engine() % 3));
    const double x = std::pow(10.0, exponent(engine)) * (engine() % 2 ? 1 : -1);
    const auto truth = static_cast<double>(function.dual({x, 1}).slope);
    ScalarObjective scalar(function.tensor, x);
    if (!std::isfinite(truth) || !std::isfinite(scalar.objective.here())) continue;
    ++tally.judged;
    const Slope slope = difference(scalar.objective);
    if (std::isinf(slope.error)) continue;
    if (!(std::abs(slope.value - truth) <= slope.error)) {
      ++tally.dishonest;
    }
    tally.informative += slope.error <= 1e-4 * std::abs(truth) + 1e-300 ? 1 : 0;
  }
  return tally;
}

TEST(HonestError, OfAnExtrapolatedDifference) {
  const Tally found = tally([](Objective& objective) { return ridders(objective, "x", 0); });
  EXPECT_LE(found.dishonest, 10);
  EXPECT_GE(found.informative, 9'000);  // an error that says nothing is no honesty
  RecordProperty("dishonest", found.dishonest);
  RecordProperty("informative", found.informative);
}

}  // namespace
}  // namespace gradient_check
