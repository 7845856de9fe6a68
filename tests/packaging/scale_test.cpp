#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>

#include "gradient_check/matchers.h"

using namespace gradient_check;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Scale : torch::autograd::Function<Scale> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x, double factor) {
    ctx->saved_data["factor"] = factor;
    return x * factor;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad_outputs) {
    return {grad_outputs[0] * ctx->saved_data["factor"].toDouble(), at::Tensor()};
  }
};

TEST(Scale, Backward) {
  EXPECT_THAT(autograd_function<Scale>(at::randn({3, 4}).requires_grad_(), 0.5), GradientsMatch());
}

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
