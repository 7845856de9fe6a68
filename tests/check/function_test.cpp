#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include "gradient_check/matchers.h"

namespace gradient_check {
namespace {

using testing::Not;

NamedTensors point(at::ScalarType dtype = at::kFloat) {
  return {{"x", at::randn({4, 3}, dtype)}, {"w", at::randn({3, 2}, dtype)}};
}
at::Tensor forward(const NamedTensors& t) { return t["x"].matmul(t["w"]).tanh(); }
NamedTensors right(const NamedTensors& t, const at::Tensor& g) {
  const at::Tensor y = forward(t);
  const at::Tensor d = g * (1 - y * y);
  return {{"x", d.matmul(t["w"].t())}, {"w", t["x"].t().matmul(d)}};
}

CaseResult run(const BackwardFunction& backward) { return check(forward, backward, point()); }
std::vector<std::string> rules_of(const CaseResult& result) {
  std::vector<std::string> names;
  for (const Finding& finding : result.findings) names.push_back(finding.rule);
  return names;
}

TEST(Check, PassesARightBackwardInEveryDtype) {
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16})
    EXPECT_THAT((FunctionCheck{forward, right, point(dtype)}), GradientsMatch()) << dtype;
}

TEST(Check, TakesViewsAndNonContiguousTensors) {
  EXPECT_THAT(
      (FunctionCheck{forward,
                     right,
                     {{"x", at::randn({3, 4}).t()}, {"w", at::randn({3, 4}).slice(1, 0, 4, 2)}}}),
      GradientsMatch());
}

TEST(Check, TakesEmptyAndScalarTensors) {
  const auto square = [](const NamedTensors& t) { return t["x"] * t["x"]; };
  const auto slope = [](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"x", 2 * t["x"] * g}};
  };
  EXPECT_THAT((FunctionCheck{square, slope, {{"x", at::randn({})}}}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{square, slope, {{"x", at::zeros({0, 3})}}}), GradientsMatch());
}

TEST(Check, CatchesAWrongBackward) {
  const auto wrong = [](const NamedTensors& t, const at::Tensor& g) {
    NamedTensors gradients = right(t, g);
    gradients.set("w", -gradients["w"]);
    return gradients;
  };
  EXPECT_THAT((FunctionCheck{forward, wrong, point()}), Not(GradientsMatch()));
  const CaseResult result = run(wrong);
  EXPECT_EQ(result.verdict, Verdict::fail);
  for (const GradientResult& gradient : result.gradients)
    EXPECT_EQ(gradient.wrong, gradient.name == "w" ? Wrong::manual : Wrong::none);
}

TEST(Check, AllowsAnAliasOfGradOutput) {
  EXPECT_THAT((FunctionCheck{[](const NamedTensors& t) { return t["x"] + 1; },
                             [](const NamedTensors&, const at::Tensor& g) {
                               return NamedTensors{{"x", g}};
                             },
                             {{"x", at::randn({3})}}}),
              GradientsMatch());
}

TEST(Check, CatchesAnAliasOfAnArgumentThatIsNotTheGradient) {
  EXPECT_THAT((FunctionCheck{[](const NamedTensors& t) { return t["x"] * 3; },
                             [](const NamedTensors& t, const at::Tensor&) {
                               return NamedTensors{{"x", t["x"]}};
                             },
                             {{"x", at::randn({3})}}}),
              Not(GradientsMatch()));
}

TEST(Check, SaysWhatIsWrongWithABackward) {
  EXPECT_THAT(rules_of(run([](const NamedTensors& t, const at::Tensor& g) {
                t["x"].add_(1);
                return right(t, g);
              })),
              testing::Contains("mutates-input"));
  EXPECT_THAT(rules_of(run([](const NamedTensors& t, const at::Tensor& g) {
                NamedTensors gradients = right(t, g);
                gradients.set("x", gradients["x"] + 0.1 * at::randn({4, 3}));
                return gradients;
              })),
              testing::Contains("nondeterministic"));
  EXPECT_THAT(rules_of(run([](const NamedTensors& t, const at::Tensor& g) {
                return right(t, at::zeros_like(g) + 1);
              })),
              testing::Contains("grad-output-ignored"));
  EXPECT_EQ(run([](const NamedTensors& t, const at::Tensor& g) {
              NamedTensors gradients = right(t, g);
              gradients.set("w", gradients["w"] * std::nan(""));
              return gradients;
            }).verdict,
            Verdict::fail);
  EXPECT_EQ(run([](const NamedTensors&, const at::Tensor&) -> NamedTensors {
              throw std::runtime_error("no");
            }).verdict,
            Verdict::error);
}

TEST(Check, IsInconclusiveWhereDifferencesSeeNothing) {
  const CaseResult result = check([](const NamedTensors& t) { return (t["x"] * 1e-6).sum() + 1e8; },
                                  [](const NamedTensors& t, const at::Tensor& g) {
                                    return NamedTensors{{"x", (at::zeros_like(t["x"]) + 1e-6) * g}};
                                  },
                                  {{"x", at::randn({3}, at::kDouble)}});
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
}

TEST(Check, ChecksAutogradAloneWithoutABackward) {
  EXPECT_EQ(check(forward, nullptr, point()).verdict, Verdict::pass);
  const CaseResult cut = check([](const NamedTensors& t) { return (t["x"] * t["x"].data()).sum(); },
                               nullptr, {{"x", at::randn({3})}});
  EXPECT_EQ(cut.verdict, Verdict::fail);
  EXPECT_THAT(rules_of(cut), testing::ElementsAre("reference-wrong"));
}

TEST(Check, SurvivesUnevenScales) {
  at::Tensor x = at::randn({3, 4});
  x.select(1, 0).mul_(2e4);
  for (const double scale : {1.0, 1e-6, 1e6})
    EXPECT_THAT((FunctionCheck{
                    [](const NamedTensors& t) { return (t["x"].matmul(t["w"]).tanh() * 3).sum(); },
                    [](const NamedTensors& t, const at::Tensor& g) {
                      const at::Tensor y = t["x"].matmul(t["w"]).tanh();
                      return NamedTensors{{"w", t["x"].t().matmul(3 * g * (1 - y * y))}};
                    },
                    {{"x", x}, {"w", at::randn({4, 2}) * scale * 1e-5}}}),
                GradientsMatch());
}

}  // namespace
}  // namespace gradient_check
