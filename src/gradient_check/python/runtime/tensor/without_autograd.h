#pragma once

#include <ATen/core/LegacyTypeDispatch.h>

#include <optional>

namespace gradient_check::python {

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
