#include <gmock/gmock.h>
#include <torch/torch.h>

#include "gradient_check/matchers.h"

using namespace gradient_check;
using namespace torch::autograd;

struct ScaledTanh : Function<ScaledTanh> {  // y = tanh(β x)
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x, double beta) {
    const at::Tensor y = torch::tanh(beta * x);
    ctx->save_for_backward({y});
    ctx->saved_data["beta"] = beta;
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad_outputs) {
    const at::Tensor y = ctx->get_saved_variables()[0];
    return {grad_outputs[0] * (1 - y * y), at::Tensor()};  // β is forgotten
  }
};

TEST(ScaledTanh, Backward) {
  const at::Tensor x = torch::randn({4, 3}).requires_grad_();
  EXPECT_THAT(autograd_function<ScaledTanh>(x, 1.7).named({"x"}), GradientsMatch());
}
