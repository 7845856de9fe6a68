// Every difference states its error. Here 10,000 random functions at random points are held
// against their derivatives in long double: the true error is within the stated one in 99.9%.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
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

/// Piecewise constant or linear, with jumps at random points and on every scale.
/// Stairs are at least 1e-8 of the point wide; `height`: of one.
TwofoldFunction jumping(const TwofoldFunction& inner, double point, double& height,
                        std::mt19937_64& engine) {
  const Dual here = inner.dual({point, 1});
  const auto size = static_cast<double>(fabsl(here.value) + fabsl(here.slope * point)) + 1e-300;
  const double c = std::pow(10.0, std::uniform_real_distribution<double>(-2, 8)(engine)) / size;
  const auto of = [&](at::Tensor (*tensor)(const at::Tensor&, double), Real slope) {
    return TwofoldFunction{[=](const at::Tensor& x) { return tensor(inner.tensor(x), c); },
                           [=](Dual x) {
                             const Dual u = inner.dual(x);
                             const auto value = static_cast<double>(u.value);
                             const double made =
                                 tensor(at::tensor({value}, at::kDouble), c).item<double>();
                             return Dual{made, slope * u.slope};
                           }};
  };
  height = 1 / c;
  switch (engine() % 4) {
    case 0:
      return of([](const at::Tensor& x, double s) { return (x * s).round() / s; }, 0);
    case 1:
      height = 1;
      return of([](const at::Tensor& x, double s) { return (x * s).floor(); }, 0);
    case 2:
      return of([](const at::Tensor& x, double s) { return x.fmod(1 / s); }, 1);
    default:
      return of([](const at::Tensor& x, double s) { return x - (x * s).trunc() / s; }, 1);
  }
}

/// 1 / (x - a), a pole beside the point at a random distance.
TwofoldFunction pole(const TwofoldFunction& inner, double point, std::mt19937_64& engine) {
  const auto at_point = static_cast<double>(inner.dual({point, 1}).value);
  const double distance = std::pow(10.0, std::uniform_real_distribution<double>(-6, 0)(engine));
  const double a = at_point * (1 + (engine() % 2 ? distance : -distance));
  return {[=](const at::Tensor& x) { return (inner.tensor(x) - a).reciprocal(); },
          [=](Dual x) {
            const Dual u = inner.dual(x);
            const Real w = u.value - a;
            return Dual{1 / w, -u.slope / (w * w)};
          }};
}

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

/// Smooth but for kinks, and with jumps or a pole outside of that.
TwofoldFunction drawn(std::mt19937_64& engine, bool jumps, double x, double& height) {
  const TwofoldFunction smooth = random_function(engine, 1 + static_cast<int>(engine() % 3));
  if (!jumps) return smooth;
  const TwofoldFunction odd =
      engine() % 4 == 0 ? pole(smooth, x, engine) : jumping(smooth, x, height, engine);
  const TwofoldFunction beside = random_function(engine, 1);
  if (engine() % 2 == 0) return odd;
  return {[=](const at::Tensor& t) { return odd.tensor(t) + beside.tensor(t); },
          [=](Dual t) {
            const Dual u = odd.dual(t), v = beside.dual(t);
            return Dual{u.value + v.value, u.slope + v.slope};
          }};
}

template <typename Difference>
Tally tally(const Difference& difference, bool jumps, double scales) {
  std::mt19937_64 engine(20261126);
  std::uniform_real_distribution<double> exponent(-3, 2), others(-scales / 2, scales / 2);
  Tally tally;
  while (tally.judged < 10'000) {
    const double x =
        std::pow(10.0, scales > 0 ? others(engine) : exponent(engine)) * (engine() % 2 ? 1 : -1);
    double height = std::numeric_limits<double>::infinity();
    const TwofoldFunction function = drawn(engine, jumps, x, height);
    const auto truth = static_cast<double>(function.dual({x, 1}).slope);
    at::Tensor point = at::tensor({x}, at::kDouble);
    if (scales > 0)
      point = at::tensor({x, std::pow(10.0, others(engine)), -std::pow(10.0, others(engine))},
                         at::kDouble);
    TensorObjective scalar(function.tensor, point);
    if (!std::isfinite(truth) || !std::isfinite(scalar.objective.here())) continue;
    // Stairs that are lost in rounding are nobody's to see.
    const auto own = static_cast<double>(fabsl(function.dual({x, 1}).value));
    const double rounding = scalar.objective.origin().rounding;
    if (jumps && !(rounding <= std::min(1e-3 * height, 1e-6 * own))) continue;
    if (jumps && !(own > 1e-100 && own < 1e100)) continue;
    ++tally.judged;
    const Slope slope = difference(scalar.objective);
    if (std::isinf(slope.error)) continue;
    tally.dishonest += std::abs(slope.value - truth) <= slope.error ? 0 : 1;
    tally.informative += slope.error <= 1e-4 * std::abs(truth) + 1e-300 ? 1 : 0;
  }
  return tally;
}

Slope extrapolated(Objective& objective) { return ridders(objective, "x", 0); }

TEST(HonestError, OfAnExtrapolatedDifference) {
  const Tally found = tally(extrapolated, false, 0);
  EXPECT_LE(found.dishonest, 10);
  EXPECT_GE(found.informative, 9'000);  // an error that says nothing is no honesty
  RecordProperty("dishonest", found.dishonest);
  RecordProperty("informative", found.informative);
}

TEST(HonestError, BesideJumpsAndPoles) {
  const Tally found = tally(extrapolated, true, 0);
  EXPECT_LE(found.dishonest, 10);
  RecordProperty("dishonest", found.dishonest);
  RecordProperty("informative", found.informative);
}

TEST(HonestError, OfAnElementAmongOthersOfTwelveOrdersOfMagnitude) {
  const Tally found = tally(extrapolated, true, 12);
  EXPECT_LE(found.dishonest, 30);  // 99.7%: stairs may be narrower than the shortest step
  RecordProperty("dishonest", found.dishonest);
  RecordProperty("informative", found.informative);
}

}  // namespace
}  // namespace gradient_check
