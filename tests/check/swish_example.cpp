#include <gmock/gmock.h>
#include <torch/torch.h>

#include "gradient_check/matchers.h"

using namespace gradient_check;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Swish : torch::autograd::Function<Swish> {  // x σ(β x)
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x, double beta) {
    ctx->save_for_backward({x});
    ctx->saved_data["beta"] = beta;
    return x * torch::sigmoid(beta * x);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad_outputs) {
    const at::Tensor x = ctx->get_saved_variables()[0];
    const at::Tensor s = torch::sigmoid(ctx->saved_data["beta"].toDouble() * x);
    return {grad_outputs[0] * (s + x * s * (1 - s)), at::Tensor()};  // β is forgotten
  }
};

TEST(Swish, Backward) {
  EXPECT_THAT(autograd_function<Swish>(torch::randn({2, 3}).requires_grad_(), 1.5).named({"x"}), GradientsMatch());
}
