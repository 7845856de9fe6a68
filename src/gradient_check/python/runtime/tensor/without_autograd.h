#pragma once

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <optional>

namespace gradient_check::python {

/// Whether autograd has to see what is computed from a tensor, backward or forward (a dual number).
inline bool records_gradient(const at::Tensor& tensor) {
  return (at::GradMode::is_enabled() && tensor.requires_grad()) || tensor._fw_grad(0).defined();
}

/// While it lives, autograd's kernels are passed over, if `allowed`. They do nothing for operators
/// that neither change nor share an argument, where no gradient is recorded.
class WithoutAutograd {
 public:
  explicit WithoutAutograd(bool allowed) {
    if (allowed) guard_.emplace();
  }

 private:
  std::optional<at::AutoDispatchBelowAutograd> guard_;
};

}  // namespace gradient_check::python
