#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/binary_cross_entropy.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

std::unique_ptr<Loss> bce(const at::Tensor& input, const at::Tensor& target) {
  Options options;
  options.set("reduction", std::string("none"));
  options.set("weight", at::Tensor());
  return bce_loss_type.make(options, input, target);
}

at::Tensor slope(const at::Tensor& output, const at::Tensor& input) {
  return torch::autograd::grad({output}, {input}, {at::ones(output.sizes(), output.options())})[0];
}

TEST(Bce, IsLibTorchsWhereThatDividesByNoConstant) {
  const at::Tensor x = at::tensor({1e-3, 0.2, 0.5, 0.9, 1 - 1e-3}, at::kDouble).requires_grad_();
  const at::Tensor t = at::tensor({0.0, 1.0, 0.3, 0.0, 1.0}, at::kDouble);
  const at::Tensor theirs = at::binary_cross_entropy(x, t, {}, 0);
  const at::Tensor ours = bce(x, t)->reference(x, t);
  EXPECT_TRUE(at::allclose(ours, theirs, 1e-12, 0));
  EXPECT_TRUE(at::allclose(slope(ours, x), slope(theirs, x), 1e-12, 0));
}

TEST(Bce, IsLibTorchsValueAtTheEdges) {
  const at::Tensor x = at::tensor({0.0, 0.0, 1.0, 1.0}, at::kDouble);
  const at::Tensor t = at::tensor({0.0, 1.0, 0.0, 1.0}, at::kDouble);
  EXPECT_TRUE(bce(x, t)->reference(x, t).equal(at::binary_cross_entropy(x, t, {}, 0)));
}

// ∂/∂x of -ln(1 - x) is 1 / (1 - x), of -ln x it is -1 / x; 0 where the logarithm is cut off.
TEST(Bce, IsTheSlopeOfItsForwardWhereASigmoidSaturates) {
  const at::Tensor x = at::tensor({1 - 0x1p-50, 1e-30, 1.0, 0.0, 1e-44}, at::kDouble);
  const at::Tensor t = at::tensor({0.0, 1.0, 0.0, 1.0, 1.0}, at::kDouble);
  const at::Tensor expected = at::tensor({0x1p50, -1e30, 0.0, 0.0, 0.0}, at::kDouble);
  const at::Tensor leaf = x.clone().requires_grad_();
  EXPECT_TRUE(at::allclose(slope(bce(x, t)->reference(leaf, t), leaf), expected, 1e-14, 0));
  const auto loss = bce(x, t);
  Tensors saved;
  loss->forward(x, t, saved);
  EXPECT_TRUE(at::allclose(loss->backward(at::ones({5}, at::kDouble), saved), expected, 1e-14, 0));
}

}  // namespace
}  // namespace gradient_check
