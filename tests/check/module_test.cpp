#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sigmoid.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include "gradient_check/check_module.h"
#include "gradient_check/matchers.h"

namespace gradient_check {
namespace {

using testing::Not;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

TEST(Module, ChecksItsParametersAndLeavesItAsItWas) {
  torch::nn::Linear linear(3, 2);
  const at::Tensor before = linear->weight.detach().clone();
  const CaseResult result = check(module(linear, at::randn({4, 3})));
  EXPECT_EQ(result.verdict, Verdict::pass) << result;
  ASSERT_EQ(result.gradients.size(), 2u);
  EXPECT_EQ(result.gradients[0].name, "weight");
  EXPECT_EQ(result.gradients[0].certificate.elements, 6);
  EXPECT_TRUE(linear->weight.equal(before));
  EXPECT_EQ(linear->weight.scalar_type(), at::kFloat);
  EXPECT_TRUE(linear->weight.requires_grad());
}

TEST(Module, PutsBuffersBackThatItsForwardMoves) {
  torch::nn::BatchNorm1d norm(3);
  EXPECT_THAT(module(norm, at::randn({8, 3})), GradientsMatch());
  EXPECT_TRUE(norm->running_mean.eq(0).all().item<bool>());
  EXPECT_EQ(norm->running_mean.scalar_type(), at::kFloat);
  EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 0);
}

TEST(Module, TakesTuplesAndInputsThatRequireAGradient) {
  torch::nn::LSTM lstm(torch::nn::LSTMOptions(3, 2));
  const CaseResult result = check(module(lstm, at::randn({4, 2, 3}).requires_grad_()));
  EXPECT_EQ(result.verdict, Verdict::pass) << result;
  EXPECT_EQ(result.gradients.size(), 5u);
}

/// Passes x on, and twice the gradient back.
struct Doubling : torch::autograd::Function<Doubling> {
  static at::Tensor forward(AutogradContext*, at::Tensor x) { return x * 1; }
  static variable_list backward(AutogradContext*, variable_list grad) { return {2 * grad[0]}; }
};
struct WrongLayerImpl : torch::nn::Module {
  at::Tensor weight = register_parameter("weight", at::randn({3, 2}));
  at::Tensor forward(const at::Tensor& x) { return Doubling::apply(x.matmul(weight)).tanh(); }
};
TORCH_MODULE(WrongLayer);

TEST(Module, CatchesAWrongCustomFunctionInside) {
  WrongLayer layer;
  EXPECT_THAT(module(layer, at::randn({4, 3})), Not(GradientsMatch()));
  const CaseResult result = check(module(layer, at::randn({4, 3})));
  ASSERT_EQ(result.gradients.size(), 1u);
  EXPECT_EQ(result.gradients[0].wrong, Wrong::autograd);
}

TEST(Module, HoldsAManualBackwardAgainstIt) {
  torch::nn::Linear linear(3, 2);
  const auto backward = [](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"weight", g.t().matmul(t["input"])}, {"bias", g.sum(0)}};
  };
  EXPECT_EQ(check(module(linear, at::randn({4, 3})), backward).verdict, Verdict::pass);
  const auto mean = [](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"weight", g.t().matmul(t["input"])}, {"bias", g.mean(0)}};
  };
  const CaseResult wrong = check(module(linear, at::randn({4, 3})), mean);
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_EQ(wrong.gradients[1].wrong, Wrong::manual);
}

struct TiedImpl : torch::nn::Module {
  torch::nn::Linear in = register_module("in", torch::nn::Linear(3, 3));
  torch::nn::Linear out = register_module("out", torch::nn::Linear(3, 3));
  TiedImpl() { out->weight = out->register_parameter("tied", in->weight); }
  at::Tensor forward(const at::Tensor& x) { return out(in(x).tanh()); }
};
TORCH_MODULE(Tied);

TEST(Module, ChecksTiedWeightsOnce) {
  Tied tied;
  const CaseResult result = check(module(tied, at::randn({4, 3})));
  EXPECT_EQ(result.verdict, Verdict::pass) << result;
  std::vector<std::string> names;
  for (const GradientResult& gradient : result.gradients) names.push_back(gradient.name);
  EXPECT_THAT(names, testing::Contains("in.weight"));
  EXPECT_THAT(names, Not(testing::Contains("out.tied")));
}

struct ThrowsLateImpl : torch::nn::Module {
  torch::nn::BatchNorm1d norm = register_module("norm", torch::nn::BatchNorm1d(3));
  at::Tensor forward(const at::Tensor& x) {
    norm(x);
    throw std::runtime_error("no such layer");
  }
};
TORCH_MODULE(ThrowsLate);
struct InPlaceImpl : torch::nn::Module {
  at::Tensor weight = register_parameter("weight", at::randn({4, 3}));
  at::Tensor forward(at::Tensor x) { return x.relu_() * weight; }
};
TORCH_MODULE(InPlace);

TEST(Module, TheUsersTensorsStayAsTheyWere) {
  ThrowsLate late;
  EXPECT_EQ(check(module(late, at::randn({8, 3}))).verdict, Verdict::error);
  EXPECT_TRUE(late->norm->running_mean.eq(0).all().item<bool>());

  InPlace layer;
  const at::Tensor storage = layer->weight.detach(), x = at::randn({4, 3}), before = x.clone();
  EXPECT_THAT(module(layer, x), GradientsMatch());
  EXPECT_TRUE(x.equal(before));
  EXPECT_THAT(module(layer, x.requires_grad_()), GradientsMatch());
  EXPECT_EQ(layer->weight.data_ptr(), storage.data_ptr()) << "views of it would be cut off";
}

/// Rounds with the slope 1.
struct RoundsImpl : torch::nn::Module {
  RoundsImpl() { weight = register_parameter("weight", at::randn({3}, at::kDouble)); }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor y = 4 * x * weight;
    return y + (y.round() - y).detach();
  }
  at::Tensor weight;
};
TORCH_MODULE(Rounds);

TEST(Module, MayPassGradientsStraightThrough) {
  const CaseResult result = check(module(Rounds(), at::randn({4, 3}, at::kDouble)));
  EXPECT_EQ(result.verdict, Verdict::pass) << result;
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].severity, Severity::note);
}

TEST(Module, SaysThatNothingRequiresAGradient) {
  torch::nn::Linear linear(3, 2);
  for (at::Tensor& parameter : linear->parameters()) parameter.requires_grad_(false);
  EXPECT_EQ(check(module(linear, at::randn({4, 3}))).verdict, Verdict::error);
}

}  // namespace
}  // namespace gradient_check
