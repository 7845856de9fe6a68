#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>

#include "gradient_check/diagnosis/blame/edited_text.h"
#include "gradient_check/diagnosis/blame/factor_text.h"
#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/diagnosis/blame/naming.h"
#include "gradient_check/diagnosis/blame/numpy_spelling.h"
#include "gradient_check/diagnosis/blame/pairing.h"
#include "gradient_check/diagnosis/blame/progress.h"
#include "gradient_check/diagnosis/pattern.h"

namespace gradient_check {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(AdjointBases, ReadsTheNamesThatPeopleUse) {
  for (const char* name : {"d_l2", "dl2", "grad_l2", "l2_grad", "dL_dl2", "delta_l2", "dL_d_l2"})
    EXPECT_THAT(adjoint_bases(name), Contains("l2")) << name;
  EXPECT_THAT(adjoint_bases("dW"), Contains("w"));
  EXPECT_TRUE(adjoint_bases("x").empty());
}

TEST(AdjointBases, ReadsWhatObjectsAndDictionariesHold) {
  EXPECT_THAT(adjoint_bases("self.dW"), Contains("self.w"));
  EXPECT_THAT(adjoint_bases("self.grads[\"W1\"]"), Contains("self.params[\"W1\"]"));
  EXPECT_THAT(adjoint_bases("grads[\"dW1\"]"), Contains("W1"));
  EXPECT_TRUE(adjoint_bases("self.x").empty());
}

TEST(NumpySpelling, IsWhatArraysHave) {
  EXPECT_EQ(numpy_spelling("x.t() / x.size(0)"), "x.T / x.shape[0]");
  EXPECT_EQ(numpy_spelling("d.sum([0, 2], keepdim=True)"), "d.sum((0, 2), keepdims=True)");
  EXPECT_EQ(numpy_spelling("x.transpose(-2, -1) / y.numel()"), "x.swapaxes(-2, -1) / y.size");
}

Edit replace(std::size_t begin, std::size_t end, std::string text) {
  Edit edit;
  edit.span = {begin, end};
  edit.replacement = std::move(text);
  return edit;
}

TEST(EditedText, KeepsEditsInTermsOfTheOriginal) {
  EditedText text("a = b + c\n");
  const auto first = text.add({replace(4, 5, "(-b)")});
  EXPECT_EQ(text.current(), "a = (-b) + c\n");
  EXPECT_EQ(text.to_original(11), 8U);  // the c
  const auto second = text.add({replace(11, 12, "c * 2")});
  EXPECT_EQ(text.current(), "a = (-b) + c * 2\n");
  EXPECT_EQ(text.only(second), "a = b + c * 2\n");
  EXPECT_EQ(text.only(first), "a = (-b) + c\n");
  EXPECT_EQ(text.only({}), "a = b + c\n");
}

TEST(EditedText, InsertionsAroundAnExpressionStayAroundIt) {
  EditedText text("x = p - y\n");
  const auto edits = text.add({replace(4, 4, "("), replace(9, 9, ") / n")});
  EXPECT_EQ(text.current(), "x = (p - y) / n\n");
  const Fix fix = text.fix(edits, {0, 9});
  EXPECT_EQ(fix.original, "x = p - y");
  EXPECT_EQ(fix.replacement, "x = (p - y) / n");
  EXPECT_EQ(fix.line, 1U);
  EXPECT_EQ(fix.end_column, 10U);
}

TEST(FactorText, NamesWhatANumberIsMadeOf) {
  const Environment environment{{"X", at::ones({30, 50})}, {"heads", std::int64_t{7}}};
  EXPECT_EQ(explain_factor(30, environment, {"X"}).phrase, "30, the rows of X");
  EXPECT_EQ(explain_factor(30, environment, {"X"}).multiply, " / X.size(0)");
  EXPECT_EQ(explain_factor(-1.0 / 50, environment, {}).multiply, " * X.size(1)");
  EXPECT_EQ(explain_factor(2, environment, {}).multiply, " / 2");
  EXPECT_EQ(explain_factor(std::sqrt(7.0), environment, {}).multiply, " / (heads ** 0.5)");
  EXPECT_EQ(explain_factor(0.7316, environment, {}).multiply, "");
  EXPECT_EQ(factor_name(-4), "-4");
  EXPECT_EQ(factor_name(1.0 / 30), "1/30");
  EXPECT_EQ(factor_name(std::sqrt(2.0)), "√2");
}

TEST(Proportion, IsExactOrNothing) {
  const at::Tensor a = at::randn({4, 3}, at::kDouble);
  EXPECT_NEAR(proportion(a * -4, a, 1e-9), -4, 1e-12);
  EXPECT_EQ(proportion(a + 1e-3, a, 1e-9), 0);
  EXPECT_EQ(proportion(a, a * 0, 1e-9), 0);
  EXPECT_EQ(proportion(a * std::nan(""), a, 1e-9), 0);
}

TEST(RelativeDifference, NeverLetsNaNThrough) {
  const at::Tensor a = at::ones({2}, at::kDouble);
  at::Tensor b = a.clone();
  b[1] = std::nan("");
  EXPECT_EQ(relative_difference(a, b), 2);
  EXPECT_EQ(relative_difference(b, a), 2);
  EXPECT_EQ(relative_difference(a, at::ones({3}, at::kDouble)), 2);
  EXPECT_EQ(relative_difference(a, a), 0);
}

TEST(Pattern, SaysWhichElements) {
  const std::vector<std::int64_t> shape{3, 4};
  EXPECT_EQ(describe_elements({4, 5, 6, 7}, shape, {}), "all with index 1 in dimension 0");
  EXPECT_EQ(describe_elements({0, 1, 2, 3, 4, 7, 8, 9, 10, 11}, shape, {}), "the border");
  const at::Tensor x = at::arange(12, at::kDouble).reshape({3, 4}) - 9.5;
  EXPECT_EQ(describe_elements({10, 11}, shape, {{"x", x}}), "exactly where x > 0");
  EXPECT_THAT(describe_elements({0, 6}, shape, {}), HasSubstr("[0, 0], [1, 2]"));
}

TEST(Pattern, MostAreRightCountsWhatTells) {
  const at::Tensor truth = at::ones({10}, at::kDouble);
  at::Tensor value = truth.clone();
  value[3] = 2;
  EXPECT_TRUE(most_are_right(value, truth, differing(value, truth, 1e-9)));
  EXPECT_FALSE(most_are_right(truth, truth, differing(truth, truth, 1e-9)));
  EXPECT_FALSE(most_are_right(value * 2, truth, differing(value * 2, truth, 1e-9)));
}

TEST(ElementsRighted, CountsABlockThatBecameRightAndNothingThatWasLost) {
  const at::Tensor truth = at::arange(1, 13, at::kDouble);
  at::Tensor before = truth.clone(), after = truth.clone(), spoilt = truth.clone();
  before.slice(0, 0, 8).mul_(3).add_(1);
  after.slice(0, 0, 4).mul_(3).add_(1);
  spoilt.slice(0, 10, 12).add_(1);
  EXPECT_EQ(elements_righted(before, after, truth, 1e-9), 4);
  EXPECT_TRUE(is_telling(4, truth));
  EXPECT_FALSE(is_telling(2, truth));
  EXPECT_EQ(elements_righted(before, spoilt, truth, 1e-9), 0);
  EXPECT_EQ(elements_righted(before, at::ones({3, 4}, at::kDouble), truth, 1e-9), 0);
}

TEST(ElementsRighted, AMultipleIsRightButForItsFactorUnlessItIsAMask) {
  const at::Tensor truth = at::arange(1, 13, at::kDouble), mask = at::ones({12}, at::kDouble);
  const at::Tensor before = at::ones({12}, at::kDouble);
  EXPECT_EQ(elements_righted(before, 5 * truth, truth, 1e-9), 12);
  EXPECT_EQ(elements_righted(truth, 5 * mask, mask, 1e-9), 0);
}

TEST(RelativeDifference, SeesShapesAndWhatIsNotFinite) {
  const at::Tensor a = at::arange(4, at::kDouble), nan = a / 0;
  EXPECT_EQ(relative_difference(a, a), 0);
  EXPECT_NEAR(relative_difference(a, a * (1 + 1e-6)), 1e-6, 1e-9);
  EXPECT_EQ(relative_difference(a, a.reshape({2, 2})), 2);
  EXPECT_EQ(relative_difference(a, nan), 2);
}

}  // namespace
}  // namespace gradient_check
