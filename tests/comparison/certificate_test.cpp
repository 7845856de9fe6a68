#include "gradient_check/comparison/certificate.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gradient_check/check.h"

namespace gradient_check {
namespace {

// ‖error‖ is 1 here: its products with normal directions are normal numbers.
TEST(NormBound, FailsAsOftenAsItSaysAtMost) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  for (const std::size_t m : {1U, 2U, 4U, 8U}) {
    constexpr int trials = 200'000;
    constexpr double risk = 1e-2;
    int failed = 0;
    for (int i = 0; i < trials; ++i) {
      std::vector<double> gaps(m);
      for (double& gap : gaps) gap = normal(engine);
      failed += norm_bound(gaps, risk) < 1 ? 1 : 0;
    }
    EXPECT_LE(failed, trials * risk + 5 * std::sqrt(trials * risk)) << m;
    EXPECT_GE(failed, trials * risk / 2) << m;  // and is no wider than it must be
  }
}

// P(χ²₂ ≤ r²) = 1 - exp(-r²/2) in closed form.
TEST(NormBound, IsTheClosedFormForTwoDirections) {
  const double risk = 1e-6, radius = std::sqrt(-2 * std::log1p(-risk));
  EXPECT_NEAR(norm_bound({3, 4}, risk), 5 / radius, 1e-5 * 5 / radius);
}

struct Network {
  at::Tensor x, w1, w2;
  Network() {
    at::manual_seed(4);
    x = at::randn({16, 60}, at::kDouble);
    w1 = at::randn({60, 120}, at::kDouble) * 0.2;
    w2 = at::randn({120, 5}, at::kDouble) * 0.2;
  }
  /// `hidden` · one entry of w1 is a part of f that autograd does not see.
  CaseResult checked(double hidden) const {
    const at::Tensor data = x;
    FunctionCheckOptions options;
    options.check.finite_difference = FiniteDifferenceMode::directional;
    return check(
        [data, hidden](const NamedTensors& t) {
          const at::Tensor out =
              at::matmul(at::matmul(data.to(t["w1"].dtype()), t["w1"]).tanh(), t["w2"]);
          return out.square().mean() + hidden * t["w1"].select(0, 17).select(0, 100).data();
        },
        nullptr, {{"w1", w1}, {"w2", w2}}, options);
  }
};

TEST(Directional, CertifiesARightGradientClosely) {
  const CaseResult result = Network().checked(0);
  EXPECT_EQ(result.verdict, Verdict::pass);
  for (const GradientResult& gradient : result.gradients) {
    EXPECT_EQ(gradient.certificate.kind, "directional");
    EXPECT_GE(gradient.certificate.directions, 2);
    EXPECT_DOUBLE_EQ(gradient.certificate.confidence.value(), 1 - 1e-6);
    EXPECT_LT(gradient.certificate.relative_error_bound.value(), 1e-6);
  }
}

TEST(Directional, FindsTheOneElementThatAutogradGetsWrong) {
  const double largest = 0.02;  // of the gradient of w1, about
  for (const double hidden : {1e-4 * largest, 1e-2 * largest}) {
    const CaseResult result = Network().checked(hidden);
    EXPECT_EQ(result.verdict, Verdict::fail);
    const GradientResult& gradient = result.gradients.at(0);
    EXPECT_EQ(gradient.verdict, TensorVerdict::mismatch);
    EXPECT_EQ(gradient.mismatched, 1);
    ASSERT_TRUE(gradient.worst);
    EXPECT_EQ(gradient.worst->index, (std::vector<std::int64_t>{17, 100}));
    EXPECT_NEAR(*gradient.worst->finite_difference - *gradient.worst->autograd, hidden,
                1e-3 * hidden);
    EXPECT_EQ(result.gradients.at(1).verdict, TensorVerdict::match);
  }
}

// A tensor whose gradient is 1e-8 of the other's has scales of its own.
TEST(Directional, DoesNotLetASmallGradientHide) {
  at::manual_seed(5);
  const at::Tensor a = at::randn({50, 50}, at::kDouble), b = at::randn({50, 50}, at::kDouble);
  FunctionCheckOptions options;
  options.check.finite_difference = FiniteDifferenceMode::directional;
  const CaseResult result = check(
      [](const NamedTensors& t) {
        return t["a"].sin().sum() + 1e-3 * (t["b"].sin().sum() + t["b"].data().cos().sum());
      },
      nullptr, {{"a", a}, {"b", b}}, options);
  EXPECT_EQ(result.gradients.at(0).verdict, TensorVerdict::match);
  EXPECT_EQ(result.gradients.at(1).verdict, TensorVerdict::mismatch);
}

// Some ten thousand kinks, a few of them a millionth of the values away.
TEST(Certificate, OfANetworkFullOfKinksSuspectsNothing) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    at::manual_seed(seed);
    const at::Tensor x = at::randn({64, 80}, at::kDouble);
    FunctionCheckOptions options;
    options.check.finite_difference = FiniteDifferenceMode::directional;
    const CaseResult result = check(
        [x](const NamedTensors& t) {
          const at::Tensor hidden = at::matmul(x.to(t["w1"].dtype()), t["w1"]).relu();
          return at::matmul(at::matmul(hidden, t["w2"]).relu(), t["w3"]).square().mean();
        },
        nullptr,
        {{"w1", at::randn({80, 150}, at::kDouble) * 0.1},
         {"w2", at::randn({150, 100}, at::kDouble) * 0.1},
         {"w3", at::randn({100, 3}, at::kDouble) * 0.1}},
        options);
    EXPECT_EQ(result.verdict, Verdict::pass);
    for (const GradientResult& gradient : result.gradients) {
      EXPECT_EQ(gradient.certificate.elements, 0) << gradient.name;
      EXPECT_LT(gradient.certificate.relative_error_bound, 1e-3) << gradient.name;
    }
  }
}

/// 5,000 elements and more, all of them where `forward` has a kink.
CaseResult at_kinks(const ForwardFunction& forward, const at::Tensor& w) {
  FunctionCheckOptions options;
  options.check.finite_difference = FiniteDifferenceMode::directional;
  return check(forward, nullptr, {{"w", w}}, options);
}

TEST(Certificate, OfAPointThatLiesOnKinksIsTakenNearby) {
  at::manual_seed(6);
  const at::Tensor x = at::randn({16, 50}, at::kDouble), v = at::randn({100, 1}, at::kDouble);
  const ForwardFunction forwards[] = {
      [](const NamedTensors& t) { return t["w"].abs().sum(); },
      [=](const NamedTensors& t) {
        const auto dtype = t["w"].dtype();
        const at::Tensor hidden = at::matmul(x.to(dtype), t["w"]).relu();
        return (at::matmul(hidden, v.to(dtype)) - 1).square().mean();
      }};
  for (const ForwardFunction& forward : forwards) {
    const CaseResult result = at_kinks(forward, at::zeros({50, 100}, at::kDouble));
    EXPECT_EQ(result.verdict, Verdict::pass);
    const Certificate& certificate = result.gradients.at(0).certificate;
    EXPECT_EQ(certificate.distance, 1e-4);
    EXPECT_LT(certificate.relative_error_bound, 1e-3);
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].rule, "kink");
    EXPECT_EQ(result.findings[0].severity, Severity::note);
  }
}

TEST(Certificate, NearbyStillFindsWhatAutogradDoesNotSee) {
  const auto forward = [](const NamedTensors& t) {
    return t["w"].abs().sum() + (t["w"].data() * 3).select(0, 17).sum();
  };
  EXPECT_NE(at_kinks(forward, at::zeros({50, 100}, at::kDouble)).verdict, Verdict::pass);
}

}  // namespace
}  // namespace gradient_check
