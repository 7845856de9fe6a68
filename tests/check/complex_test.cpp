#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "gradient_check/check.h"

namespace gradient_check {
namespace {

at::Tensor complex_normal(at::IntArrayRef sizes, at::ScalarType dtype = at::kComplexDouble) {
  return at::randn(sizes, at::TensorOptions(dtype));
}

const GradientResult& only(const CaseResult& result) { return result.gradients.at(0); }

// The conjugate Wirtinger derivative, twice: of |z|² it is 2z, of Re(z²) it is 2 z̄.
TEST(Complex, ClosedFormsOfRealFunctions) {
  const at::Tensor z = complex_normal({3, 2});
  const auto squared = [](const NamedTensors& t) { return at::real(t["z"] * t["z"].conj()).sum(); };
  const auto real_square = [](const NamedTensors& t) { return at::real(t["z"] * t["z"]).sum(); };
  EXPECT_EQ(check(squared,
                  [](const NamedTensors& t, const at::Tensor& g) {
                    return NamedTensors{{"z", 2 * g * t["z"]}};
                  },
                  {{"z", z}})
                .verdict,
            Verdict::pass);
  EXPECT_EQ(check(real_square,
                  [](const NamedTensors& t, const at::Tensor& g) {
                    return NamedTensors{{"z", 2 * g * t["z"].conj()}};
                  },
                  {{"z", z}})
                .verdict,
            Verdict::pass);
}

// Through a holomorphic y = z² a cotangent is multiplied by the conjugate of 2z.
TEST(Complex, AComplexOutputHasAComplexCotangent) {
  for (const at::ScalarType dtype : {at::kComplexDouble, at::kComplexFloat}) {
    const CaseResult result = check([](const NamedTensors& t) { return t["z"] * t["z"]; },
                                    [](const NamedTensors& t, const at::Tensor& g) {
                                      EXPECT_TRUE(g.is_complex());
                                      return NamedTensors{{"z", g * (2 * t["z"]).conj()}};
                                    },
                                    {{"z", complex_normal({4}, dtype)}});
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_TRUE(only(result).is_complex);
    EXPECT_EQ(only(result).shape, (std::vector<std::int64_t>{4, 2}));
    EXPECT_EQ(only(result).certificate.elements, 8);
  }
}

TEST(Complex, AConjugatedGradientIsCalledThat) {
  const CaseResult result = check([](const NamedTensors& t) { return t["z"] * t["z"]; },
                                  [](const NamedTensors& t, const at::Tensor& g) {
                                    return NamedTensors{{"z", (g * (2 * t["z"]).conj()).conj()}};
                                  },
                                  {{"z", complex_normal({4})}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].rule, "conjugated");
}

TEST(Complex, AWrongFactorOfTheImaginaryPartIsNotAConjugate) {
  const CaseResult result = check(
      [](const NamedTensors& t) { return at::real(t["z"] * t["z"].conj()).sum(); },
      [](const NamedTensors& t, const at::Tensor& g) {
        return NamedTensors{{"z", 2 * g * at::complex(at::real(t["z"]), -0.5 * at::imag(t["z"]))}};
      },
      {{"z", complex_normal({4})}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  for (const Finding& finding : result.findings) EXPECT_NE(finding.rule, "conjugated");
}

TEST(Complex, ARealGradientOfAComplexTensorLacksItsImaginaryPart) {
  const auto forward = [](const NamedTensors& t) { return at::real(t["z"]).square().sum(); };
  const auto right = [](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"z", 2 * g * at::real(t["z"])}};
  };
  EXPECT_EQ(check(forward, right, {{"z", complex_normal({4})}}).verdict, Verdict::pass);
  const auto squared = [](const NamedTensors& t) { return at::real(t["z"] * t["z"].conj()).sum(); };
  const CaseResult wrong = check(squared, right, {{"z", complex_normal({4})}});
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_EQ(only(wrong).mismatched, 4);
}

TEST(Complex, StandsBesideRealTensors) {
  const CaseResult result = check(
      [](const NamedTensors& t) { return at::real(t["s"] * t["z"]).sum(); },
      [](const NamedTensors& t, const at::Tensor& g) {
        const at::Tensor s = t["s"];
        return NamedTensors{{"z", (g * s).to(t["z"].scalar_type())}, {"s", g * at::real(t["z"])}};
      },
      {{"z", complex_normal({4})}, {"s", at::randn({4}, at::kDouble)}});
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_TRUE(result.gradients.at(0).is_complex);
  EXPECT_FALSE(result.gradients.at(1).is_complex);
}

TEST(Complex, HalfPrecisionIsRefusedInWords) {
  const CaseResult result =
      check([](const NamedTensors& t) { return at::real(t["z"]).sum(); }, nullptr,
            {{"z", at::zeros({2}, at::TensorOptions(at::kComplexHalf))}});
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_THAT(result.message, testing::HasSubstr("half precision"));
}

TEST(Complex, AForwardThatWritesIsThatAndNothingElse) {
  const CaseResult result = check(
      [](const NamedTensors& t) {
        t["z"].mul_(2);
        return t["z"] * t["z"];
      },
      [](const NamedTensors& t, const at::Tensor& g) {
        return NamedTensors{{"z", g * (4 * t["z"]).conj()}};
      },
      {{"z", complex_normal({4})}});
  std::vector<std::string> rules;
  for (const Finding& finding : result.findings) rules.push_back(finding.rule);
  EXPECT_THAT(rules, testing::Each("mutates-input"));
}

}  // namespace
}  // namespace gradient_check
