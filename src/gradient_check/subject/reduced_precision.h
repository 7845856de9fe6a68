#pragma once

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <optional>

namespace gradient_check {

/// While it lives and is active, an operator that LibTorch's CPU does not implement for float16 or
/// bfloat16 is computed in float32 and its results are rounded back, which is how such an operator
/// is defined to behave. Operators that are implemented run as they are. Autograd sees the casts.
/// Complex results of float16 are rounded to pairs of float16, as on a GPU; those of bfloat16,
/// which has no complex dtype, stay complex64.
class ReducedPrecisionFallback {
 public:
  explicit ReducedPrecisionFallback(bool active);
  /// Whether one lives, and is active, on this thread.
  static bool is_active();

 private:
  std::optional<c10::impl::IncludeDispatchKeyGuard> guard_;
};

}  // namespace gradient_check
