// Forwards that compute a part in float16 or bfloat16, in runs of other dtypes.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_inv.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <gmock/gmock.h>

#include "gradient_check/check.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {
namespace {

using Narrowed = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& w)>;

/// Each is given float16 or bfloat16.
const std::vector<std::pair<std::string, Narrowed>>& narrowed() {
  static const std::vector<std::pair<std::string, Narrowed>> all{
      {"sum", [](auto& x, auto& w) { return x.sum() + w.sum(); }},
      {"matmul", [](auto& x, auto& w) { return at::matmul(x, w); }},
      {"softmax", [](auto& x, auto& w) { return at::softmax(at::matmul(x, w), 1) * x; }},
      {"inverse", [](auto& x, auto& w) { return at::linalg_inv(x) + w; }},
      {"spectrum", [](auto& x, auto& w) { return at::fft_rfft(x + w).abs(); }},
      {"constant", [](auto& x, auto& w) { return x * at::full({3}, 0.5, x.options()) * w; }},
      {"linspace", [](auto& x, auto& w) { return x * w + at::linspace(0, 1, 3, x.options()); }},
      {"in place", [](auto& x, auto& w) { return (x * w).lgamma_(); }}};
  return all;
}

NamedTensors mixed_point(at::ScalarType dtype) {
  const at::Tensor x = at::arange(9, at::TensorOptions(at::kDouble)).reshape({3, 3}) * 0.125 + 0.5;
  at::Tensor dominant = x.clone();
  dominant.diagonal().add_(3);
  return {{"x", dominant.to(dtype)}, {"w", x.flip(0).to(dtype)}};
}

ForwardFunction forward_in(const Narrowed& function, at::ScalarType inside) {
  return [=](const NamedTensors& t) {
    return function(t["x"].to(inside), t["w"].to(inside)).to(t["x"].scalar_type());
  };
}

TEST(MixedPrecision, IsEvaluatedInEveryDtype) {
  for (const auto& [name, function] : narrowed())
    for (const at::ScalarType inside : {at::kHalf, at::kBFloat16})
      for (const at::ScalarType dtype : {at::kFloat, at::kDouble, at::kHalf}) {
        const CaseResult result = check(forward_in(function, inside), nullptr, mixed_point(dtype));
        EXPECT_NE(result.verdict, Verdict::error)
            << name << " " << inside << " in " << dtype << ": " << result.message;
        EXPECT_NE(result.verdict, Verdict::fail) << name << " " << inside << " in " << dtype;
      }
}

TEST(MixedPrecision, IsToldWhereItNarrows) {
  const CaseResult result =
      check(forward_in(narrowed()[0].second, at::kHalf), nullptr, mixed_point(at::kFloat));
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].rule, "precision-loss");
  EXPECT_THAT(result.findings[0].message, testing::HasSubstr("computes in float16"));
}

TEST(MixedPrecision, GradientsAreThoseOfTheWideFunctionUpToRounding) {
  for (const auto& [name, function] : narrowed())
    for (const at::ScalarType inside : {at::kHalf, at::kBFloat16}) {
      const NamedTensors point = mixed_point(at::kDouble);
      const FunctionSubject wide(forward_in(function, at::kDouble), nullptr, point, {});
      const FunctionSubject narrow(forward_in(function, inside), nullptr, point, {});
      const Evaluations truth(wide, at::kDouble, 0), found(narrow, at::kDouble, 0);
      for (const char* parameter : {"x", "w"}) {
        const at::Tensor right = truth.autograd.gradients[parameter];
        const at::Tensor gap = found.autograd.gradients[parameter] - right;
        const double size = right.abs().max().item<double>();
        EXPECT_LE(gap.abs().max().item<double>(), size * (inside == at::kHalf ? 0.02 : 0.16))
            << name << " " << inside << " " << parameter;
      }
    }
}

TEST(MixedPrecision, OfTheManualCodeAlone) {
  const auto forward = [](const NamedTensors& t) { return at::matmul(t["x"], t["w"]); };
  const auto backward = [](double factor) {
    return [=](const NamedTensors& t, const at::Tensor& g) {
      const at::Tensor d = g.to(at::kBFloat16), x = t["x"].to(at::kBFloat16);
      return NamedTensors{{"x", at::matmul(g, t["w"].t())},
                          {"w", at::matmul(x.t(), d).to(g.scalar_type()) * factor}};
    };
  };
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    FunctionCheckOptions options;
    options.check.rtol = 0.05;
    EXPECT_EQ(check(forward, backward(1), mixed_point(dtype), options).verdict, Verdict::pass);
    EXPECT_EQ(check(forward, backward(1.5), mixed_point(dtype), options).verdict, Verdict::fail);
  }
}

}  // namespace
}  // namespace gradient_check
