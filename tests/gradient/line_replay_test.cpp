#include "gradient_check/gradient/replay/line_replay.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>

#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

using LineForward = std::function<at::Tensor(const NamedTensors&)>;

struct LineExample {
  const char* name;
  std::vector<std::int64_t> x, w, b;
  LineForward forward;
};
std::ostream& operator<<(std::ostream& out, const LineExample& example) {
  return out << example.name;
}

/// A forward at a random point and a line through it: of w only a run of elements moves.
struct Lined {
  explicit Lined(const LineExample& example)
      : scope(at::kDouble), subject(example.forward, nullptr, {}, {}) {
    at::manual_seed(11);
    values = {{"x", at::randn(example.x, at::kDouble)},
              {"w", at::randn(example.w, at::kDouble)},
              {"b", at::randn(example.b, at::kDouble)}};
    const std::int64_t elements = values["w"].numel(), first = elements / 5;
    line["w"] = {at::randn({elements - 2 * first}, at::kFloat), first, 0.3};
    line["b"] = {at::randn({values["b"].numel()}, at::kFloat), 0, 0.7};
    cotangent = draw_cotangent(run_forward(subject, values, at::kDouble).sizes(), at::kDouble, 3);
  }
  NamedTensors at_t(double t) const {
    NamedTensors there = values;
    for (const auto& [name, step] : line) {
      const at::Tensor direction = at::zeros({values[name].numel()}, at::kDouble);
      direction.narrow(0, step.first, step.direction.numel()).copy_(step.direction);
      there.set(name, values[name] + t * step.scale * direction.view(values[name].sizes()));
    }
    return there;
  }
  EvaluationScope scope;
  FunctionSubject subject;
  NamedTensors values;
  Line line;
  at::Tensor cotangent;
};

class LineReplayOf : public testing::TestWithParam<LineExample> {};

TEST_P(LineReplayOf, GivesWhatTheForwardGives) {
  const Lined lined(GetParam());
  const auto tape = record_forward(lined.subject, lined.values);
  ASSERT_NE(tape, nullptr);
  LineReplay replay(*tape, lined.cotangent);
  ASSERT_TRUE(replay.possible());
  for (const double t : {0.0, 0.5, -2.0}) {
    const at::Tensor output = run_forward(lined.subject, lined.at_t(t), at::kDouble);
    const double size = (output * lined.cotangent).abs().sum().item<double>();
    EXPECT_NEAR(replay.at(lined.line, t), weighted_sum(output, lined.cotangent), 1e-12 * size) << t;
  }
}

const at::Tensor& X(const NamedTensors& t) { return t["x"]; }
const at::Tensor& W(const NamedTensors& t) { return t["w"]; }
const at::Tensor& B(const NamedTensors& t) { return t["b"]; }

// Matrices of 66,000 elements and more are moved part by part; 300 and 513 are no multiples of it.
INSTANTIATE_TEST_SUITE_P(
    Products, LineReplayOf,
    testing::Values(
        LineExample{
            "mm", {3, 300}, {300, 513}, {513}, [](auto& t) { return mm(X(t), W(t)) + B(t); }},
        LineExample{"matmul of a batch",
                    {2, 4, 300},
                    {300, 513},
                    {513},
                    [](auto& t) { return matmul(X(t), W(t)) * B(t); }},
        LineExample{"matmul of a vector",
                    {300},
                    {300, 513},
                    {513},
                    [](auto& t) { return matmul(X(t), W(t)) * B(t); }},
        LineExample{
            "addmm", {5, 513}, {513, 300}, {300}, [](auto& t) { return addmm(B(t), X(t), W(t)); }},
        LineExample{"addmm scaled",
                    {5, 513},
                    {513, 300},
                    {300},
                    [](auto& t) { return addmm(B(t), X(t), W(t), 1, 2); }},
        LineExample{"linear",
                    {2, 5, 300},
                    {513, 300},
                    {513},
                    [](auto& t) { return at::linear(X(t), W(t), B(t)); }},
        LineExample{"linear without a bias",
                    {5, 300},
                    {513, 300},
                    {1},
                    [](auto& t) { return at::linear(X(t), W(t)) * B(t); }},
        LineExample{"transposed by hand",
                    {5, 300},
                    {513, 300},
                    {513},
                    [](auto& t) { return mm(X(t), W(t).t()) + B(t); }},
        LineExample{"twice the same matrix",
                    {4, 300},
                    {300, 300},
                    {300},
                    [](auto& t) { return matmul(matmul(X(t), W(t)).tanh() + B(t), W(t)); }},
        LineExample{"a product and its sum",
                    {4, 300},
                    {300, 300},
                    {300},
                    [](auto& t) { return matmul(X(t), W(t)) + W(t).sum() * B(t); }},
        LineExample{"left of the product",
                    {300, 4},
                    {513, 300},
                    {4},
                    [](auto& t) { return matmul(W(t), X(t)) + B(t); }},
        LineExample{"in a list",
                    {3, 300},
                    {300, 300},
                    {300},
                    [](auto& t) {
                      return at::cat({X(t), W(t), B(t).unsqueeze(0)}).tanh();
                    }},
        LineExample{"small", {3, 4}, {4, 5}, {5}, [](auto& t) { return mm(X(t), W(t)) + B(t); }},
        LineExample{"no rows", {0, 300}, {300, 300}, {300}, [](auto& t) {
                      return matmul(X(t), W(t)).sum() + B(t);
                    }}));

thread_local std::int64_t largest_made = 0;
std::unique_ptr<at::ObserverContext> at_call(const at::RecordFunction&) { return nullptr; }
void note_size(const at::RecordFunction& function, at::ObserverContext*) {
  for (const c10::IValue& output : function.outputs())
    if (output.isTensor()) largest_made = std::max(largest_made, output.toTensor().numel());
}

TEST(LineReplay, NeverMakesAWholeMatrixOfAProduct) {
  const Lined lined({"", {2, 400}, {400, 500}, {500}, [](auto& t) {
                       return at::addmm(B(t), X(t), W(t)).relu();
                     }});
  const auto tape = record_forward(lined.subject, lined.values);
  LineReplay replay(*tape, lined.cotangent);
  largest_made = 0;
  {
    const OperationCallback callback{
        at::RecordFunctionCallback(&at_call, &note_size).needsOutputs(true)};
    replay.at(lined.line, 1);
  }
  EXPECT_LT(largest_made, 400 * 500 / 4);
}

TEST(LineReplay, OutsideTheDomainIsNaN) {
  const Lined lined({"", {3}, {3}, {3}, [](auto& t) {
                       TORCH_CHECK(W(t).sum().template item<double>() < 1e9);
                       return X(t) * W(t);
                     }});
  const auto tape = record_forward(lined.subject, lined.values);
  EXPECT_FALSE(LineReplay(*tape, lined.cotangent).possible());
}

/// A forward that reads its numbers where no operation shows it.
at::Tensor hidden_product(const NamedTensors& t) {
  return t["x"] * static_cast<double>(*static_cast<const double*>(t["w"].data_ptr()));
}

TEST(Objective, DoesNotTrustARecordingThatMissesADependence) {
  const Lined lined({"", {3}, {3}, {3}, hidden_product});
  Objective objective(lined.subject, lined.values, {"w", "b"}, lined.cotangent, {});
  const Line line{{"w", {at::ones({3}, at::kFloat), 0, 1}}};
  const double expected = (lined.values["x"] * lined.cotangent).sum().item<double>();
  EXPECT_NEAR(objective.along(line, 1) - objective.here(), expected, 1e-12);
}

TEST(Objective, NeverWritesIntoTheValuesItIsGiven) {
  const Lined lined({"", {3}, {3}, {3}, [](auto& t) { return X(t) * W(t); }});
  Objective objective(lined.subject, lined.values, {"w"}, lined.cotangent, {});
  const at::Tensor before = lined.values["w"].clone();
  const double* const memory = lined.values["w"].data_ptr<double>();
  objective.at("w", 1, 5.0);
  EXPECT_TRUE(lined.values["w"].equal(before));
  EXPECT_NE(objective.value("w").data_ptr<double>(), memory);
  EXPECT_TRUE(objective.value("w").equal(before));
}

}  // namespace
}  // namespace gradient_check
