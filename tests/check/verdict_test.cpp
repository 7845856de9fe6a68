// What passes is right and what fails is wrong: kinds of functions that differences are easily
// wrong about, each with its right gradient and with wrong ones.
#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/fake_quantize_per_tensor_affine.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/fmod.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/linalg_det.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/log.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/round.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include <cmath>

#include "gradient_check/check.h"

namespace gradient_check {
namespace {

using Function = std::function<at::Tensor(const at::Tensor&)>;

at::Tensor doubles(std::vector<double> values) { return at::tensor(values, at::kDouble); }

/// The check of f(x) with that gradient of its sum.
CaseResult checked_at(const Function& f, const Function& gradient, const at::Tensor& x) {
  return check([&](const NamedTensors& t) { return f(t["x"]).sum(); },
               [&](const NamedTensors& t, const at::Tensor& g) {
                 return NamedTensors{{"x", gradient(t["x"]) * g}};
               },
               {{"x", x}});
}

/// The gradient with one element changed: times `factor`.
Function spoiled(const Function& gradient, std::int64_t element, double factor) {
  return [=](const at::Tensor& x) {
    at::Tensor all = gradient(x).clone();
    all.view(-1)[element].mul_(factor);
    return all;
  };
}

bool has_finding(const CaseResult& result, const std::string& rule, Severity severity) {
  return std::any_of(result.findings.begin(), result.findings.end(), [&](const Finding& finding) {
    return finding.rule == rule && finding.severity == severity;
  });
}

struct SteepFunction {
  const char* name;
  Function f, gradient;
};

const SteepFunction steep_functions[] = {
    {"log", [](const at::Tensor& x) { return x.log(); },
     [](const at::Tensor& x) { return x.reciprocal(); }},
    {"sqrt", [](const at::Tensor& x) { return x.sqrt(); },
     [](const at::Tensor& x) { return 0.5 / x.sqrt(); }},
    {"reciprocal", [](const at::Tensor& x) { return x.reciprocal(); },
     [](const at::Tensor& x) { return -1 / (x * x); }},
    {"power", [](const at::Tensor& x) { return x.pow(0.3); },
     [](const at::Tensor& x) { return 0.3 * x.pow(-0.7); }},
    {"norm", [](const at::Tensor& x) { return (x * x + 1e-20).sqrt(); },
     [](const at::Tensor& x) { return x / (x * x + 1e-20).sqrt(); }}};

TEST(Verdict, ACurveOnItsElementsOwnScaleIsNoKink) {
  for (const SteepFunction& steep : steep_functions)
    for (const double least : {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8})
      for (const at::ScalarType dtype : {at::kDouble, at::kFloat}) {
        const at::Tensor x = doubles({least, 0.3, 0.5}).to(dtype);
        EXPECT_EQ(checked_at(steep.f, steep.gradient, x).verdict, Verdict::pass)
            << steep.name << ' ' << least;
        for (const double factor : {0.5, 1.001, 1.03, 2.0, 3.0, -1.0})
          EXPECT_EQ(checked_at(steep.f, spoiled(steep.gradient, 0, factor), x).verdict,
                    Verdict::fail)
              << steep.name << ' ' << least << " times " << factor;
      }
}

TEST(Verdict, AComparisonWithEqualsIsNoKink) {
  const Function f = [](const at::Tensor& x) { return at::where(x == 0.5, 2 * x + 1, 3 * x); };
  const Function gradient = [](const at::Tensor& x) {
    return at::where(x == 0.5, at::full_like(x, 2), at::full_like(x, 3));
  };
  const at::Tensor x = doubles({0.5, 0.3});
  EXPECT_EQ(checked_at(f, gradient, x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(f, spoiled(gradient, 0, 1.25), x).verdict, Verdict::fail);
  EXPECT_EQ(checked_at(f, spoiled(gradient, 1, 1.01), x).verdict, Verdict::fail);
}

TEST(Verdict, AKinkIsOneAsBefore) {
  const Function f = [](const at::Tensor& x) { return x.relu(); };
  const at::Tensor x = doubles({0.0, 0.7, -0.2});
  for (const double choice : {0.0, 0.5, 1.0})
    EXPECT_EQ(checked_at(
                  f,
                  [=](const at::Tensor& t) {
                    return at::where(t == 0, at::full_like(t, choice), (t > 0).to(t.scalar_type()));
                  },
                  x)
                  .verdict,
              Verdict::pass)
        << choice;
  for (const double choice : {-0.1, 1.1})
    EXPECT_EQ(checked_at(
                  f,
                  [=](const at::Tensor& t) {
                    return at::where(t == 0, at::full_like(t, choice), (t > 0).to(t.scalar_type()));
                  },
                  x)
                  .verdict,
              Verdict::fail)
        << choice;
}

TEST(Verdict, StepsFinerThanADifferenceAreSeen) {
  const at::Tensor x = doubles({0.1234, 0.77, -12.3456});
  for (const double stairs : {10.0, 1e3, 1e6}) {
    const Function flat = [](const at::Tensor& t) { return at::zeros_like(t); };
    const Function linear = [](const at::Tensor& t) { return at::ones_like(t); };
    const Function rounded = [=](const at::Tensor& t) { return (t * stairs).round() / stairs; };
    const Function divided = [=](const at::Tensor& t) { return (t * stairs).floor(); };
    const Function left = [=](const at::Tensor& t) { return t.fmod(1 / stairs); };
    EXPECT_EQ(checked_at(rounded, flat, x).verdict, Verdict::pass) << stairs;
    EXPECT_EQ(checked_at(divided, flat, x).verdict, Verdict::pass) << stairs;
    EXPECT_EQ(checked_at(left, linear, x).verdict, Verdict::pass) << stairs;
    // Straight through, without saying so.
    EXPECT_EQ(checked_at(rounded, linear, x).verdict, Verdict::fail) << stairs;
    EXPECT_EQ(checked_at(left, flat, x).verdict, Verdict::fail) << stairs;
  }
}

TEST(Verdict, AJumpIsNamedWithItsLimits) {
  const Function f = [](const at::Tensor& x) { return at::where(x > 2, x * x, 2 * x + 1); };
  const Function gradient = [](const at::Tensor& x) {
    return at::where(x > 2, 2 * x, at::full_like(x, 2));
  };
  const at::Tensor x = doubles({1.5, 2.0, 3.0});
  const CaseResult right = checked_at(f, gradient, x);
  EXPECT_EQ(right.verdict, Verdict::pass);
  ASSERT_TRUE(has_finding(right, "discontinuity", Severity::warning));
  const Finding& found = right.findings.at(0);
  EXPECT_EQ(found.evidence.at("index"), nlohmann::ordered_json({1}));
  EXPECT_NEAR(found.evidence.at("right_limit").get<double>(), 4 + 9 + 4, 1e-9);
  EXPECT_NEAR(found.evidence.at("left_limit").get<double>(), 4 + 9 + 5, 1e-9);
  EXPECT_EQ(found.evidence.at("here"), found.evidence.at("left_limit"));
  EXPECT_THAT(found.notes, testing::ElementsAre(testing::HasSubstr("torch.gt")));
  // The slope of the other side: 4.
  EXPECT_EQ(checked_at(f, spoiled(gradient, 1, 2), x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(f, spoiled(gradient, 1, 1.5), x).verdict, Verdict::fail);
  EXPECT_EQ(checked_at(f, spoiled(gradient, 0, 1.001), x).verdict, Verdict::fail);
  EXPECT_EQ(checked_at(f, spoiled(gradient, 2, 1.001), x).verdict, Verdict::fail);
}

TEST(Verdict, WholeNumbersUnderFloorAreJumps) {
  const Function flat = [](const at::Tensor& t) { return at::zeros_like(t); };
  const CaseResult result = checked_at([](const at::Tensor& t) { return t.floor(); }, flat,
                                       doubles({0.0, 1.0, -3.0, 0.5}));
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_TRUE(has_finding(result, "discontinuity", Severity::warning));
}

// 12 orders of magnitude in one gradient: the least of it is as much under test as the largest.
TEST(Verdict, TheSmallestElementDoubledIsNoMatch) {
  const at::Tensor x = doubles({1e-6, -1e-3, 1.0, 1e3, 1e6});
  const Function square = [](const at::Tensor& t) { return t * t; };
  const Function cube = [](const at::Tensor& t) { return t * t * t; };
  const Function of_square = [](const at::Tensor& t) { return 2 * t; };
  const Function of_cube = [](const at::Tensor& t) { return 3 * t * t; };
  EXPECT_EQ(checked_at(square, of_square, x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(cube, of_cube, x).verdict, Verdict::pass);
  const CaseResult doubled = checked_at(cube, spoiled(of_cube, 0, 2), x);
  EXPECT_EQ(doubled.verdict, Verdict::inconclusive);
  EXPECT_THAT(doubled.message, testing::HasSubstr("fine enough"));
  EXPECT_NE(checked_at(square, spoiled(of_square, 0, 2), x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(cube, spoiled(of_cube, 4, 1 + 2e-8), x).verdict, Verdict::fail);
}

// float32's autograd is far off where float64's is not: nothing is allowed for that in float64.
TEST(Verdict, TheDeterminantOfASingularMatrixIsHeldToItsPromise) {
  const at::Tensor x = doubles({1, 2, 3, 4, 5, 6, 7, 8, 9}).view({3, 3});
  const Function f = [](const at::Tensor& t) { return at::linalg_det(t); };
  const Function cofactors = [](const at::Tensor& t) {
    at::Tensor made = at::zeros_like(t);
    const auto a = [&](int i, int j) { return t[i % 3][j % 3]; };
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        made[i][j] = a(i + 1, j + 1) * a(i + 2, j + 2) - a(i + 1, j + 2) * a(i + 2, j + 1);
    return made;
  };
  // LibTorch 1.13's own is 0 everywhere: then that is said.
  const CaseResult right = checked_at(f, cofactors, x);
  EXPECT_TRUE(right.verdict == Verdict::pass || right.gradients.at(0).wrong == Wrong::autograd);
  for (const double factor : {1 + 1e-6, 1.001, 0.5, -1.0}) {
    const CaseResult wrong = checked_at(f, spoiled(cofactors, 4, factor), x);
    EXPECT_EQ(wrong.verdict, Verdict::fail) << factor;
    EXPECT_NE(wrong.gradients.at(0).wrong, Wrong::autograd) << factor;
  }
}

TEST(Verdict, OperationsInPlaceAreAsExactAsOthers) {
  const at::Tensor x = doubles({0.3, 1.5});
  const Function f = [](const at::Tensor& t) { return (t + 6).pow_(-5); };
  const Function gradient = [](const at::Tensor& t) { return -5 * (t + 6).pow(-6); };
  const CaseResult right = checked_at(f, gradient, x);
  EXPECT_EQ(right.verdict, Verdict::pass);
  const ElementValues& worst = *right.gradients.at(0).worst;
  const Function anew = [](const at::Tensor& t) { return (t + 6).pow(-5); };
  const CaseResult other = checked_at(anew, gradient, x);
  EXPECT_LE(*worst.finite_difference_error,
            1.01 * *other.gradients.at(0).worst->finite_difference_error);
  EXPECT_LE(*worst.finite_difference_error, 2e-8 * std::abs(*worst.autograd));
  EXPECT_EQ(checked_at(f, spoiled(gradient, 0, 1 + 1e-7), x).verdict, Verdict::fail);
}

TEST(Verdict, SymmetricAndTriangularConventionsAreNoted) {
  const at::Tensor x = doubles({4, 1, 0.5, 1, 5, 0.2, 0.5, 0.2, 3}).view({3, 3});
  const auto alone = [](const Function& f, const at::Tensor& at) {
    return check([&](const NamedTensors& t) { return f(t["x"]).sum(); }, nullptr, {{"x", at}});
  };
  for (const Function& f :
       {Function([](const at::Tensor& t) { return at::linalg_cholesky(t); }),
        Function([](const at::Tensor& t) { return at::linalg_eigvalsh(t).pow(3); })}) {
    const CaseResult result = alone(f, x);
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_TRUE(has_finding(result, "reference-wrong", Severity::note));
  }
  const Function solution = [](const at::Tensor& t) {
    return at::cholesky_solve(at::ones_like(t), t);
  };
  EXPECT_EQ(alone(solution, x.tril()).verdict, Verdict::pass);
  // d det / dA = det · A⁻ᵀ by way of the Cholesky factor: shared out, or all in the lower triangle.
  const Function log_det = [](const at::Tensor& t) {
    return 2 * at::linalg_cholesky(t).diagonal().log();
  };
  const Function shared = [](const at::Tensor& t) { return t.inverse().t(); };
  const Function lower = [](const at::Tensor& t) {
    const at::Tensor inverse = t.inverse();
    return 2 * inverse.tril() - inverse.diagonal().diag();
  };
  EXPECT_EQ(checked_at(log_det, shared, x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(log_det, lower, x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(log_det, spoiled(shared, 1, 1.001), x).verdict, Verdict::fail);
  EXPECT_EQ(checked_at(log_det, spoiled(shared, 4, 1.001), x).verdict, Verdict::fail);
}

TEST(Verdict, PaddingAndFakeQuantizationAreNoted) {
  const at::Tensor weight = doubles({0.1, 0.2, 0.3, 0.4, 0.5, 0.6}).view({3, 2});
  const at::Tensor indices = at::tensor({0, 2, 1, 2}, at::kLong);
  const CaseResult padded =
      check([&](const NamedTensors& t) { return at::embedding(t["x"], indices, 2).pow(2).sum(); },
            [&](const NamedTensors& t, const at::Tensor& g) {
              at::Tensor made = 2 * t["x"] * g;
              made[2].zero_();
              return NamedTensors{{"x", made}};
            },
            {{"x", weight}});
  EXPECT_EQ(padded.verdict, Verdict::pass);
  EXPECT_TRUE(has_finding(padded, "reference-wrong", Severity::note));
  const Function quantized = [](const at::Tensor& t) {
    return at::fake_quantize_per_tensor_affine(t.to(at::kFloat), 0.1, 0, -8, 7).to(t.scalar_type());
  };
  const Function mask = [](const at::Tensor& t) {
    return ((t > -0.85) & (t < 0.75)).to(t.scalar_type());
  };
  const at::Tensor x = at::tensor({0.13, -0.33, 2.0}, at::kFloat);
  EXPECT_EQ(checked_at(quantized, mask, x).verdict, Verdict::pass);
  EXPECT_EQ(checked_at(quantized, spoiled(mask, 0, 0.5), x).verdict, Verdict::fail);
}

}  // namespace
}  // namespace gradient_check
