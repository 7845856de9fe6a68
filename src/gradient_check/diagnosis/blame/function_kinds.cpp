#include "gradient_check/diagnosis/blame/function_kinds.h"

#include <set>

namespace gradient_check {

bool is_reduction(const std::string& name) { return name == "sum" || name == "mean"; }
bool is_transpose(const std::string& name) {
  return name == "t" || name == "transpose" || name == "T" || name == "mT" || name == "permute";
}
bool goes_along_dimension(const std::string& name) {
  static const std::set<std::string> names{"sum",  "mean",   "softmax", "log_softmax", "logsumexp",
                                           "amax", "amin",   "norm",    "std",         "var",
                                           "prod", "cumsum", "max",     "min",         "argmax"};
  return names.count(name) != 0;
}

}  // namespace gradient_check
