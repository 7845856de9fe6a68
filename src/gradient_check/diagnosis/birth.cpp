#include "gradient_check/diagnosis/birth.h"

namespace gradient_check {

const char* rule_of(Cause cause) {
  static constexpr const char* names[] = {"log-of-zero",
                                          "log-of-negative",
                                          "division-by-zero",
                                          "zero-over-zero",
                                          "zero-times-infinity",
                                          "infinity-minus-infinity",
                                          "infinity-over-infinity",
                                          "exp-overflow",
                                          "overflow",
                                          "sqrt-of-negative",
                                          "domain-error",
                                          "infinite-slope",
                                          "all-masked",
                                          "empty-reduction"};
  return names[static_cast<std::size_t>(cause)];
}

const char* to_string(Phase phase) {
  static constexpr const char* names[] = {"forward", "manual", "autograd", "update"};
  return names[static_cast<std::size_t>(phase)];
}

}  // namespace gradient_check
