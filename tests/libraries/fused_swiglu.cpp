// An operator as the author of a fused kernel writes it: forward and backward by hand, registered
// for autograd. fused_swiglu(x, w, v) = silu(x w) ⊙ (x v). Its twin forgets that silu's slope has a
// second term.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <bool right>
struct FusedSwiglu : torch::autograd::Function<FusedSwiglu<right>> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const at::Tensor& v) {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    const at::Tensor gate = at::matmul(x, w), value = at::matmul(x, v);
    context->save_for_backward({x, w, v, gate, value});
    return gate * at::sigmoid(gate) * value;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grad_outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &w = saved[1], &v = saved[2], &gate = saved[3],
                     &value = saved[4];
    const at::Tensor s = at::sigmoid(gate);
    const at::Tensor slope = right ? s * (1 + gate * (1 - s)) : s;
    const at::Tensor d_gate = grad_outputs[0] * value * slope;
    const at::Tensor d_value = grad_outputs[0] * gate * s;
    return {at::matmul(d_gate, w.t()) + at::matmul(d_value, v.t()), at::matmul(x.t(), d_gate),
            at::matmul(x.t(), d_value)};
  }
};

at::Tensor fused_swiglu(const at::Tensor& x, const at::Tensor& w, const at::Tensor& v) {
  return FusedSwiglu<true>::apply(x, w, v);
}
at::Tensor fused_swiglu_wrong(const at::Tensor& x, const at::Tensor& w, const at::Tensor& v) {
  return FusedSwiglu<false>::apply(x, w, v);
}

}  // namespace

TORCH_LIBRARY(my, m) {
  m.def("fused_swiglu(Tensor x, Tensor w, Tensor v) -> Tensor", &fused_swiglu);
  m.def("fused_swiglu_wrong(Tensor x, Tensor w, Tensor v) -> Tensor", &fused_swiglu_wrong);
}
