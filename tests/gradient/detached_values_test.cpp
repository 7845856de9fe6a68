#include "gradient_check/gradient/detached_values.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/custom_function.h>

#include "gradient_check/case/case.h"
#include "gradient_check/gradient/central_sweep.h"
#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

using DetachForward = std::function<at::Tensor(const at::Tensor&)>;

constexpr std::int64_t elements = 8;

/// A function of x of 8 elements, as C++ or as a program, and its objective.
struct Detaching {
  explicit Detaching(const DetachForward& forward)
      : subject(std::make_unique<FunctionSubject>(
            [forward](const NamedTensors& t) { return forward(t["x"]); }, nullptr, point(),
            NamedTensors{})) {
    make_objective();
  }
  explicit Detaching(const std::string& lines)
      : subject(make_program_subject(load_case_text(
            R"({"dtype": "float64", "parameters": {"x": {"shape": [8], "init": "normal"}},
                "program": {"source": [)" +
                lines + "]}}",
            "detaching.json"))) {
    make_objective();
  }
  void make_objective() {
    evaluations = std::make_unique<Evaluations>(*subject, at::kDouble, 0);
    x = evaluations->values["x"];
    objective = std::make_unique<Objective>(*subject, evaluations->values, evaluations->targets,
                                            evaluations->cotangent, evaluations->manner);
  }
  static NamedTensors point() {
    at::manual_seed(3);
    return {{"x", at::randn({elements}, at::kDouble)}};
  }
  double at_x(std::int64_t i) const { return x[i].item<double>(); }

  EvaluationScope scope{at::kDouble};
  std::unique_ptr<Subject> subject;
  std::unique_ptr<Evaluations> evaluations;
  std::unique_ptr<Objective> objective;
  at::Tensor x;
};

/// Σ x · c², where c is x detached.
at::Tensor weighted_by_square(const at::Tensor& x) { return (x * x.detach() * x.detach()).sum(); }
constexpr const char* weighted_program =
    R"py("def forward(x):", "    return (x * x.detach() * torch.detach(x)).sum()")py";

std::vector<std::unique_ptr<Detaching>> both_kinds() {
  std::vector<std::unique_ptr<Detaching>> all;
  all.push_back(std::make_unique<Detaching>(DetachForward(weighted_by_square)));
  all.push_back(std::make_unique<Detaching>(std::string(weighted_program)));
  return all;
}

// ∂/∂x of Σ x c² is c² with c held, and 3 x² with c moving.
TEST(HeldDetach, InElementwiseDifferences) {
  for (const auto& given : both_kinds()) {
    Objective& objective = *given->objective;
    ASSERT_NE(objective.held(), nullptr);
    EXPECT_EQ(objective.held()->calls.size(), 2U);
    Objective moving = objective.holding(nullptr);
    for (std::int64_t i = 0; i < elements; ++i) {
      const double x = given->at_x(i);
      EXPECT_NEAR(ridders(objective, "x", i).value, x * x, 1e-9 * (1 + x * x));
      EXPECT_NEAR(central_difference(objective, "x", i).slope.value, x * x, 1e-7 * (1 + x * x));
      EXPECT_NEAR(ridders(moving, "x", i).value, 3 * x * x, 1e-8 * (1 + x * x));
    }
  }
}

TEST(HeldDetach, InOneSidedDifferences) {
  for (const auto& given : both_kinds()) {
    const double x = given->at_x(2);
    const OneSidedSlopes slopes = one_sided(*given->objective, "x", 2);
    EXPECT_NEAR(slopes.right.value, x * x, 1e-6 * (1 + x * x));
    EXPECT_NEAR(slopes.left.value, x * x, 1e-6 * (1 + x * x));
    EXPECT_FALSE(slopes.differ());
  }
}

TEST(HeldDetach, InReplayedDifferences) {
  for (const auto& given : both_kinds()) {
    ASSERT_NE(given->objective->tape(), nullptr);
    for (const RecordedCall& call : given->objective->tape()->calls)
      EXPECT_NE(call.operation.operator_name().name, "aten::detach");
    std::vector<std::int64_t> all{0, 1, 2, 3, 4, 5, 6, 7};
    const auto differences = central_differences(*given->objective, "x", all);
    for (const std::int64_t i : all) {
      const double x = given->at_x(i);
      EXPECT_NEAR(differences[static_cast<std::size_t>(i)].slope.value, x * x, 1e-7 * (1 + x * x));
    }
  }
}

// Along x + t d, f = Σ (x + t d) c²: f'(0) = Σ d c².
TEST(HeldDetach, AlongLines) {
  for (const auto& given : both_kinds()) {
    Objective& objective = *given->objective;
    at::manual_seed(9);
    const at::Tensor direction = at::randn({elements}, at::kFloat);
    const Line line{{"x", {direction, 0, 1}}};
    const double expected = (direction.to(at::kDouble) * given->x.square()).sum().item<double>();
    EXPECT_NEAR((objective.along(line, 0.5) - objective.here()) / 0.5, expected, 1e-11);
    EXPECT_NEAR((objective.along(line, -2) - objective.here()) / -2, expected, 1e-11);
  }
}

TEST(HeldDetach, NamesThePlaceInAProgram) {
  const Detaching given{std::string(weighted_program)};
  const DetachedValues& held = *given.objective->held();
  ASSERT_TRUE(held.calls[0].where && held.calls[1].where);
  EXPECT_EQ(held.calls[0].where->place.line, 2U);
  EXPECT_EQ(held.calls[0].where->place.column, 17U);
  EXPECT_EQ(held.calls[0].where->text, "x.detach()");
  EXPECT_EQ(held.calls[1].where->place.column, 30U);
  EXPECT_EQ(held.calls[1].where->text, "torch.detach(x)");
}

TEST(HeldDetach, IsThatOfTheObjectivesOwnPoint) {
  const Detaching given{DetachForward(weighted_by_square)};
  NamedTensors values = clone(given.evaluations->values);
  values.set("x", given.x + 1.5);
  Objective beside(*given.subject, values, {"x"}, given.evaluations->cotangent,
                   given.evaluations->manner);
  const double x = given.at_x(1) + 1.5;
  EXPECT_NEAR(ridders(beside, "x", 1).value, x * x, 1e-8 * (1 + x * x));
}

// h = tanh(c w), c the previous h: only the last factor moves, 3 times over.
TEST(HeldDetach, InALoop) {
  const Detaching given(DetachForward([](const at::Tensor& x) {
    at::Tensor h = at::ones_like(x), sum = at::zeros({}, x.options());
    for (int i = 0; i < 3; ++i) {
      h = (h.detach() * x).tanh();
      sum = sum + h.sum();
    }
    return sum;
  }));
  ASSERT_NE(given.objective->held(), nullptr);
  EXPECT_EQ(given.objective->held()->calls.size(), 3U);
  for (std::int64_t i = 0; i < elements; ++i) {
    double expected = 0, h = 1;
    for (int k = 0; k < 3; ++k) {
      const double c = h;
      h = std::tanh(c * given.at_x(i));
      expected += c * (1 - h * h);
    }
    EXPECT_NEAR(ridders(*given.objective, "x", i).value, expected, 1e-9);
  }
}

TEST(HeldDetach, WhereItIsInPlace) {
  const Detaching given(DetachForward([](const at::Tensor& x) {
    at::Tensor c = x * 2;
    c.detach_();
    return (x * c).sum();
  }));
  ASSERT_NE(given.objective->held(), nullptr);
  for (std::int64_t i = 0; i < elements; ++i)
    EXPECT_NEAR(ridders(*given.objective, "x", i).value, 2 * given.at_x(i), 1e-9);
}

// Both draws of one forward are the same at every point.
TEST(HeldDetach, OfAForwardThatDrawsNumbers) {
  const Detaching given(DetachForward([](const at::Tensor& x) {
    const at::Tensor c = (x * at::rand_like(x)).detach();
    return (x * c * at::rand_like(x)).sum();
  }));
  ASSERT_TRUE(given.evaluations->manner.reseed);
  ASSERT_NE(given.objective->held(), nullptr);
  for (std::int64_t i = 0; i < elements; ++i)
    EXPECT_NEAR(ridders(*given.objective, "x", i).value,
                given.evaluations->autograd.gradients["x"][i].item<double>(), 1e-9);
}

/// x³, whose forward computes it from what it detaches.
struct DetachedCube : torch::autograd::Function<DetachedCube> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x) {
    ctx->save_for_backward({x});
    return x.detach().pow(3);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grad) {
    return {3 * ctx->get_saved_variables()[0].square() * grad[0]};
  }
};

// The backward of a custom function stands for what its forward detaches.
TEST(HeldDetach, IsNotWhatACustomFunctionDetaches) {
  const Detaching given(DetachForward([](const at::Tensor& x) {
    const at::Tensor cube = DetachedCube::apply(x);
    return (cube * x.detach()).sum();
  }));
  ASSERT_NE(given.objective->held(), nullptr);
  EXPECT_FALSE(given.objective->held()->calls[0].held);
  EXPECT_TRUE(given.objective->held()->calls[1].held);
  const double x = given.at_x(4);
  EXPECT_NEAR(ridders(*given.objective, "x", 4).value, 3 * x * x * x, 1e-8 * (1 + x * x));
}

TEST(HeldDetach, IsNothingWhereNothingIsCut) {
  const Detaching plain(DetachForward([](const at::Tensor& x) { return (x * x).sum(); }));
  EXPECT_FALSE(plain.evaluations->manner.detaches);
  EXPECT_EQ(plain.objective->held(), nullptr);
  const Detaching constant(
      DetachForward([](const at::Tensor& x) { return (x * at::ones_like(x).detach()).sum(); }));
  EXPECT_FALSE(constant.evaluations->manner.detaches);
  const Detaching comparison(
      DetachForward([](const at::Tensor& x) { return (x * x.gt(0).detach()).sum(); }));
  EXPECT_FALSE(comparison.evaluations->manner.detaches);
}

// What is written into a detached tensor is written into the one it came from.
TEST(HeldDetach, IsNothingWhereTheForwardWritesIntoIt) {
  const Detaching given(DetachForward([](const at::Tensor& x) {
    const at::Tensor y = x * 2;
    y.detach().add_(1);
    return (y * y).sum();
  }));
  EXPECT_TRUE(given.evaluations->manner.detaches);
  EXPECT_EQ(given.objective->held(), nullptr);
  const double x = given.at_x(0);
  EXPECT_NEAR(ridders(*given.objective, "x", 0).value, 4 * (2 * x + 1), 1e-8);
}

TEST(HeldDetach, RefusesAPointWhereTheForwardDetachesSomethingElse) {
  const Detaching given(DetachForward([](const at::Tensor& x) {
    const at::Tensor c = x[0].item<double>() > 100    ? x.narrow(0, 0, 1).detach()
                         : x[0].item<double>() > 50   ? x.detach().detach() * x.detach()
                         : x[0].item<double>() < -100 ? at::ones_like(x)
                                                      : x.detach();
    return (x * c).sum();
  }));
  ASSERT_NE(given.objective->held(), nullptr);
  EXPECT_FALSE(std::isnan(given.objective->at("x", 0, 2)));
  EXPECT_TRUE(std::isnan(given.objective->at("x", 0, 200))) << "another shape";
  EXPECT_TRUE(std::isnan(given.objective->at("x", 0, 60))) << "more calls";
  EXPECT_TRUE(std::isnan(given.objective->at("x", 0, -200))) << "fewer calls";
  EXPECT_FALSE(std::isnan(given.objective->holding(nullptr).at("x", 0, 200)));
}

}  // namespace
}  // namespace gradient_check
