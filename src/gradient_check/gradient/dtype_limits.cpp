#include "gradient_check/gradient/dtype_limits.h"

namespace gradient_check {

double epsilon_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
      return 0x1p-10;
    case at::kBFloat16:
      return 0x1p-7;
    case at::kFloat:
      return 0x1p-23;
    default:
      return 0x1p-52;
  }
}

double smallest_normal(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
      return 0x1p-14;
    case at::kBFloat16:
    case at::kFloat:
      return 0x1p-126;
    default:
      return 0x1p-1022;
  }
}

double detection_limit(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
    case at::kBFloat16:
      return 5e-2;
    case at::kFloat:
      return 1e-3;
    default:
      return 1e-8;
  }
}

}  // namespace gradient_check
