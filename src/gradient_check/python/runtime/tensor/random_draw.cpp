#include "gradient_check/python/runtime/tensor/random_draw.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>

namespace gradient_check::python {

bool draws_numbers(const std::string& name) {
  for (const char* known : {"randn", "rand", "randn_like", "rand_like", "normal_", "uniform_"})
    if (name == known) return true;
  return false;
}

void draw_widened(const Overload& overload, torch::jit::Stack& stack) {
  const bool in_place = overload.handle.schema().name().back() == '_';
  if (in_place) {
    const at::Tensor self = stack.at(0).toTensor();
    if (self.scalar_type() != at::kDouble) return overload.handle.callBoxed(&stack);
    const at::Tensor narrow = at::empty_like(self, self.options().dtype(at::kFloat));
    stack[0] = narrow;
    overload.handle.callBoxed(&stack);
    const at::NoGradGuard no_grad;
    self.copy_(narrow);
    stack.at(0) = self;
    return;
  }
  const auto dtype = std::find_if(overload.parameters.begin(), overload.parameters.end(),
                                  [](const auto& parameter) { return parameter.name == "dtype"; });
  if (dtype == overload.parameters.end()) return overload.handle.callBoxed(&stack);
  c10::IValue& wanted = stack.at(static_cast<std::size_t>(dtype - overload.parameters.begin()));
  const bool is_wide =
      wanted.isNone() || static_cast<at::ScalarType>(wanted.toInt()) == at::kDouble;
  if (is_wide) wanted = static_cast<std::int64_t>(at::kFloat);
  overload.handle.callBoxed(&stack);
  if (is_wide) stack.at(0) = stack.at(0).toTensor().to(at::kDouble);
}

}  // namespace gradient_check::python
