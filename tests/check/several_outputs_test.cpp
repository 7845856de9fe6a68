// C++ functions, modules and autograd functions that return several tensors.
#include <ATen/TensorOperators.h>
#include <ATen/ops/max.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>
#include <torch/nn/module.h>

#include "gradient_check/check_module.h"
#include "gradient_check/matchers.h"

namespace gradient_check {
namespace {

using testing::HasSubstr;
using testing::Not;
using SeveralTensors = std::vector<at::Tensor>;

NamedTensors two_tensors() { return {{"x", at::randn({4, 3})}, {"w", at::randn({3})}}; }

SeveralTensors forward_list(const NamedTensors& t) {
  return {(t["x"] * t["w"]).tanh(), t["x"] * t["x"] * t["w"]};
}
std::tuple<at::Tensor, at::Tensor> forward_tuple(const NamedTensors& t) {
  return {(t["x"] * t["w"]).tanh(), t["x"] * t["x"] * t["w"]};
}
NamedTensors scaled_backward(const NamedTensors& t, const SeveralTensors& g, double second) {
  const at::Tensor y = (t["x"] * t["w"]).tanh(), d = g.at(0) * (1 - y * y), e = g.at(1) * second;
  return {{"x", d * t["w"] + e * 2 * t["x"] * t["w"]},
          {"w", (d * t["x"] + e * t["x"] * t["x"]).sum(0)}};
}
NamedTensors both_backward(const NamedTensors& t, const SeveralTensors& g) {
  return scaled_backward(t, g, 1);
}

TEST(SeveralOutputs, OfAFunctionAreAllChecked) {
  EXPECT_THAT((FunctionCheck{forward_list, both_backward, two_tensors()}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{forward_tuple, both_backward, two_tensors()}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{forward_list, nullptr, two_tensors()}), GradientsMatch());
  for (const double factor : {0.0, 1.01, -1.0})
    EXPECT_THAT((FunctionCheck{forward_tuple,
                               [=](const NamedTensors& t, const SeveralTensors& g) {
                                 return scaled_backward(t, g, factor);
                               },
                               two_tensors()}),
                Not(GradientsMatch()))
        << factor;
  EXPECT_EQ(check(forward_list, both_backward, two_tensors()).verdict, Verdict::pass);
}

TEST(SeveralOutputs, OneTensorInAListIsOne) {
  const auto one = [](const NamedTensors& t) { return SeveralTensors{t["x"].square()}; };
  const auto of_list = [](const NamedTensors& t, const SeveralTensors& g) {
    return NamedTensors{{"x", 2 * t["x"] * g.at(0)}};
  };
  const auto of_one = [](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"x", 2 * t["x"] * g}};
  };
  const NamedTensors x{{"x", at::randn({3})}};
  EXPECT_THAT((FunctionCheck{one, of_list, x}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{one, of_one, x}), GradientsMatch());
  EXPECT_THAT((FunctionCheck{[](const NamedTensors& t) { return t["x"].square(); }, of_list, x}),
              GradientsMatch());
}

TEST(SeveralOutputs, ThoseWithoutAGradientHaveNoCotangent) {
  const auto largest = [](const NamedTensors& t) { return at::max(t["x"], 1); };
  const auto of_largest = [](const NamedTensors& t, const SeveralTensors& g) {
    return NamedTensors{{"x", at::zeros_like(t["x"]).scatter(
                                  1, std::get<1>(at::max(t["x"], 1, true)), g.at(0).unsqueeze(1))}};
  };
  EXPECT_THAT((FunctionCheck{largest, of_largest, {{"x", at::randn({4, 3})}}}), GradientsMatch());
}

TEST(SeveralOutputs, TheCotangentOfOneIsTooFew) {
  const auto of_one = [](const NamedTensors& t, const at::Tensor& g) {
    return NamedTensors{{"x", t["x"] * g}};
  };
  const CaseResult result = check(forward_list, of_one, two_tensors());
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_THAT(result.message, HasSubstr("2 outputs that can be differentiated"));
  const auto constant = [](const NamedTensors& t) { return SeveralTensors{t["x"].detach()}; };
  EXPECT_THAT(check(constant, both_backward, two_tensors()).message,
              HasSubstr("no output of the forward can be differentiated"));
}

struct TwoHeads : torch::nn::Module {
  TwoHeads() : weight(register_parameter("weight", at::randn({3}))) {}
  std::tuple<at::Tensor, at::Tensor> forward(const at::Tensor& x) {
    return {(x * weight).tanh(), x * x * weight};
  }
  at::Tensor weight;
};

TEST(SeveralOutputs, OfAModuleAreAllChecked) {
  const at::Tensor x = at::randn({4, 3});
  ModuleCall call{std::make_shared<TwoHeads>(), {{"input", x}}, {}};
  auto heads = std::static_pointer_cast<TwoHeads>(call.module);
  call.forward = [heads](const SeveralTensors& inputs) {
    return tensors_of(heads->forward(inputs[0]));
  };
  const auto scaled = [](double second) {
    return [=](const NamedTensors& t, const SeveralTensors& g) {
      const NamedTensors named{{"x", t["input"]}, {"w", t["weight"]}};
      return NamedTensors{{"weight", scaled_backward(named, g, second)["w"]}};
    };
  };
  EXPECT_EQ(check(call).verdict, Verdict::pass);
  EXPECT_EQ(check(call, scaled(1)).verdict, Verdict::pass);
  EXPECT_EQ(check(call, scaled(0.9)).verdict, Verdict::fail);
}

template <int Percent>
struct TwoOutputs : torch::autograd::Function<TwoOutputs<Percent>> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* ctx,
                                                const at::Tensor& x) {
    ctx->save_for_backward({x});
    return {x.sin(), x * x};
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 const torch::autograd::variable_list& g) {
    const at::Tensor x = ctx->get_saved_variables()[0];
    return {g[0] * x.cos() + g[1] * 2 * x * (Percent / 100.0)};
  }
};

TEST(SeveralOutputs, OfAnAutogradFunctionAreAllChecked) {
  const at::Tensor x = at::randn({4, 3}).requires_grad_();
  EXPECT_THAT(autograd_function<TwoOutputs<100>>(x), GradientsMatch());
  EXPECT_THAT(autograd_function<TwoOutputs<90>>(x), Not(GradientsMatch()));
  EXPECT_THAT(autograd_function<TwoOutputs<0>>(x), Not(GradientsMatch()));
}

}  // namespace
}  // namespace gradient_check
