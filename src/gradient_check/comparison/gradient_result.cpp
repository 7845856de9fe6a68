#include "gradient_check/comparison/gradient_result.h"

namespace gradient_check {

const char* to_string(TensorVerdict verdict) {
  static constexpr const char* names[] = {"match", "mismatch", "inconclusive", "non_finite",
                                          "missing"};
  return names[static_cast<std::size_t>(verdict)];
}

const char* to_string(Wrong wrong) {
  static constexpr const char* names[] = {"none", "manual", "autograd", "both", "unknown"};
  return names[static_cast<std::size_t>(wrong)];
}

}  // namespace gradient_check
