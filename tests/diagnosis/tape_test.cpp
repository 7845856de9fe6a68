#include <ATen/ops/cat.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "gradient_check/check.h"
#include "gradient_check/diagnosis/tape/births.h"
#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/dependencies.h"
#include "gradient_check/diagnosis/tape/expression_text.h"
#include "gradient_check/diagnosis/tape/recorder.h"
#include "gradient_check/diagnosis/tape/values.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double inf = std::numeric_limits<double>::infinity();
const double nan = std::nan("");

// IEEE 754-2019, §7.2 (invalid), §7.3 (division by zero), §7.4 (overflow).
TEST(Cause, OfElementwiseOperations) {
  EXPECT_EQ(cause_of_elementwise("log", {0}, -inf), Cause::log_of_zero);
  EXPECT_EQ(cause_of_elementwise("log", {-1}, nan), Cause::log_of_negative);
  EXPECT_EQ(cause_of_elementwise("log1p", {-1}, -inf), Cause::log_of_zero);
  EXPECT_EQ(cause_of_elementwise("div", {1, 0}, inf), Cause::division_by_zero);
  EXPECT_EQ(cause_of_elementwise("div", {0, 0}, nan), Cause::zero_over_zero);
  EXPECT_EQ(cause_of_elementwise("div", {inf, -inf}, nan), Cause::infinity_over_infinity);
  EXPECT_EQ(cause_of_elementwise("div", {1e30, 1e-30}, inf), Cause::overflow);
  EXPECT_EQ(cause_of_elementwise("mul", {0, inf}, nan), Cause::zero_times_infinity);
  EXPECT_EQ(cause_of_elementwise("mul", {1e30, 1e30}, inf), Cause::overflow);
  EXPECT_EQ(cause_of_elementwise("sub", {inf, inf}, nan), Cause::infinity_minus_infinity);
  EXPECT_EQ(cause_of_elementwise("exp", {100}, inf), Cause::exp_overflow);
  EXPECT_EQ(cause_of_elementwise("sqrt", {-1}, nan), Cause::sqrt_of_negative);
  EXPECT_EQ(cause_of_elementwise("pow", {-2, 0.5}, nan), Cause::sqrt_of_negative);
  EXPECT_EQ(cause_of_elementwise("pow", {0, -1}, inf), Cause::division_by_zero);
  EXPECT_EQ(cause_of_elementwise("acos", {2}, nan), Cause::domain_error);
}

TEST(Cause, OfReductions) {
  EXPECT_EQ(cause_of_many("mean", {}, nan), Cause::empty_reduction);
  EXPECT_EQ(cause_of_many("std", {1}, nan), Cause::empty_reduction);
  EXPECT_EQ(cause_of_many("softmax", {-inf, -inf}, nan), Cause::all_masked);
  EXPECT_EQ(cause_of_many("sum", {3e38, 3e38}, inf), Cause::overflow);
  EXPECT_EQ(cause_of_many("sum", {inf, -inf}, nan), Cause::infinity_minus_infinity);
  EXPECT_EQ(cause_of_many("matmul", {inf, 0}, nan), Cause::zero_times_infinity);
}

class NoSubject : public Subject {
 public:
  const NamedTensors& parameters() const override { return none_; }
  const NamedTensors& inputs() const override { return none_; }
  at::Tensor forward(const NamedTensors&) const override { return {}; }
  bool has_manual() const override { return false; }
  bool takes_grad_output() const override { return false; }
  ManualResult manual(const NamedTensors&, const at::Tensor&) const override { return {}; }

 private:
  NamedTensors none_;
};

/// The one operation that `body` asks for, with its values.
template <typename Body>
Operation record(Body body) {
  const NoSubject subject;
  Recorder recorder(subject, {}, {0});
  body();
  return recorder.tape().operations.at(0);
}

/// Elements of `tensor` that change element `flat` of f(tensor), found by moving each.
template <typename Function>
std::vector<std::int64_t> influences(const at::Tensor& tensor, std::int64_t flat, Function f) {
  std::vector<std::int64_t> found;
  const double before = element(f(tensor), flat);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    at::Tensor moved = tensor.clone().contiguous();
    moved.data_ptr<double>()[i] += 1;
    if (element(f(moved.reshape(tensor.sizes())), flat) != before) found.push_back(i);
  }
  return found;
}

std::vector<std::int64_t> dependencies_on(const Operation& operation, std::size_t operand,
                                          std::int64_t flat) {
  std::vector<std::int64_t> found;
  for (const Dependency& dependency : dependencies_of(operation, flat))
    if (dependency.operand == operand) found.push_back(dependency.element);
  std::sort(found.begin(), found.end());
  return found;
}

/// dependencies_of against what moving each element changes, for every element of the result.
template <typename Function>
void expect_dependencies(const at::Tensor& tensor, Function f) {
  const Operation operation = record([&] { f(tensor); });
  for (std::int64_t flat = 0; flat < operation.output.numel(); ++flat)
    EXPECT_EQ(dependencies_on(operation, 0, flat), influences(tensor, flat, f))
        << operation.name << " at " << flat;
}

TEST(Dependencies, AreTheElementsThatChangeTheResult) {
  const at::Tensor x = at::randn({3, 4}, at::kDouble), y = at::randn({4, 2}, at::kDouble);
  const at::Tensor row = at::randn({1, 4}, at::kDouble), batch = at::randn({2, 3, 4}, at::kDouble);
  expect_dependencies(x, [](const at::Tensor& t) { return t.sum(1); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.sum(at::IntArrayRef({0}), true); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.mean(); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.softmax(1); });
  expect_dependencies(batch, [](const at::Tensor& t) { return t.sum(at::IntArrayRef({0, 2})); });
  expect_dependencies(x, [&](const at::Tensor& t) { return at::matmul(t, y); });
  expect_dependencies(batch, [&](const at::Tensor& t) { return at::matmul(t, y); });
  expect_dependencies(x, [&](const at::Tensor& t) { return t.mul(row); });
  expect_dependencies(row, [&](const at::Tensor& t) { return t.add(x); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.t(); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.slice(1, 1, 4, 2); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.reshape({2, 6}); });
  expect_dependencies(row, [](const at::Tensor& t) { return t.expand({3, 4}); });
  expect_dependencies(x, [](const at::Tensor& t) { return t.flip({0}); });
  expect_dependencies(x, [&](const at::Tensor& t) { return at::cat({t, row}, 0); });
}

TEST(ExpressionText, OperandsAsWritten) {
  EXPECT_THAT(operand_texts("torch.log(1 - p)"), ElementsAre("1 - p"));
  EXPECT_THAT(operand_texts("x / (a + b)"), ElementsAre("x", "a + b"));
  EXPECT_THAT(operand_texts("scores.masked_fill(mask, 0.0)"), ElementsAre("scores", "mask", "0.0"));
  EXPECT_THAT(operand_texts("x.T.log()"), ElementsAre("x.T"));
  EXPECT_THAT(operand_texts("torch.nn.functional.softplus(x)"), ElementsAre("x"));
  EXPECT_THAT(operand_texts("x ** -0.5"), ElementsAre("x", "-0.5"));
}

/// The births of a program at its own point, by its forward and autograd.
std::vector<Birth> births_of(const std::string& source, const std::string& parameters,
                             const std::string& dtype = "float32") {
  const Case loaded = load_case_text(
      fmt::format(R"({{"dtype": "{}", "parameters": {}, "program": {{"source": "{}"}}}})", dtype,
                  parameters, source),
      "birth.json");
  const auto subject = make_program_subject(loaded);
  std::vector<std::string> targets;
  for (const auto& [name, tensor] : subject->parameters()) targets.push_back(name);
  return find_births({*subject, values_in(*subject, loaded.dtype), targets,
                      at::ones({}, at::kDouble), loaded.dtype, 0, false, true});
}

TEST(Births, NameElementOperandsAndOrigin) {
  const auto births =
      births_of("def forward(z):\\n    p = torch.sigmoid(z)\\n    return torch.log(1 - p).sum()",
                "{\"z\": [0.0, 17.0]}");
  ASSERT_EQ(births.size(), 1U);
  EXPECT_EQ(births[0].cause, Cause::log_of_zero);
  EXPECT_EQ(births[0].place->line, 3U);
  EXPECT_THAT(births[0].index, ElementsAre(1));
  EXPECT_EQ(births[0].text, "torch.log(1 - p)");
  ASSERT_EQ(births[0].operands.size(), 1U);
  EXPECT_EQ(births[0].operands[0].text, "1 - p");
  EXPECT_EQ(births[0].operands[0].value, 0);
  EXPECT_THAT(births[0].origin, testing::Contains(HasSubstr("rounds to 1 in float32")));
  EXPECT_THAT(births[0].reaches, testing::Contains("loss"));
  ASSERT_GE(births[0].chain.size(), 2U);
  EXPECT_EQ(births[0].chain[0].value, "-inf");
}

TEST(Births, AnInfinityThatVanishesIsNone) {
  EXPECT_THAT(
      births_of("def forward(x):\\n    return (x * (1 / (1 + torch.exp(-x))).detach()).sum()",
                "{\"x\": [-89.0, 1.0]}", "float16"),
      testing::IsEmpty());
}

TEST(Births, AreFoundDeepInTenThousandOperations) {
  const std::string source =
      "def forward(x, z):\\n    h = x\\n    for t in range(5000):\\n        h = h * 0.9999\\n"
      "        if t == 2500:\\n            h = h / z\\n        h = h + 0.0001\\n    return h.sum()";
  const auto start = std::chrono::steady_clock::now();
  const auto births = births_of(source, "{\"x\": [1, 2, 3, 4], \"z\": [1, 1, 0, 1]}");
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ASSERT_EQ(births.size(), 1U);
  EXPECT_EQ(births[0].cause, Cause::division_by_zero);
  EXPECT_EQ(births[0].place->line, 6U);
  EXPECT_THAT(births[0].index, ElementsAre(2));
  EXPECT_LE(births[0].chain.size(), 16U);
  EXPECT_LT(seconds, 5);
}

}  // namespace
}  // namespace gradient_check
