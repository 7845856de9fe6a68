#include "gradient_check/case/rule_names.h"

namespace gradient_check {

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> names{
      // gradients
      "sign-flipped", "wrong-scale", "wrong-reduction", "missing-factor", "extra-factor",
      "wrong-operand", "transposed", "swapped-gradients", "missing-term", "broadcast-not-reduced",
      "wrong-elements", "shape-mismatch", "missing-gradient", "grad-output-ignored",
      "forward-mismatch", "guard-bias", "precision-loss", "kink", "discontinuity",
      "reference-wrong", "conjugated", "nondeterministic", "mutates-input", "uninitialised",
      "updated-too-early", "not-reset", "unexplained",
      // non-finite values
      "log-of-zero", "log-of-negative", "division-by-zero", "zero-over-zero", "zero-times-infinity",
      "infinity-minus-infinity", "infinity-over-infinity", "exp-overflow", "overflow",
      "sqrt-of-negative", "domain-error", "infinite-slope", "all-masked", "empty-reduction",
      "non-finite-input",
      // training
      "gradient-ascent", "learning-rate-too-large", "saturated", "vanishing-gradient",
      "exploding-gradient", "dead-relu"};
  return names;
}

const std::vector<std::string>& verdict_names() {
  static const std::vector<std::string> names{"pass", "fail", "inconclusive", "error"};
  return names;
}

const std::vector<std::string>& phase_names() {
  static const std::vector<std::string> names{"forward", "manual", "autograd", "update",
                                              "backward"};
  return names;
}

const std::vector<std::string>& finite_difference_mode_names() {
  static const std::vector<std::string> names{"auto", "every_element", "directional", "off"};
  return names;
}

}  // namespace gradient_check
