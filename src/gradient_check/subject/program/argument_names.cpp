#include "gradient_check/subject/program/argument_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether a name that resembles a tensor's is meant as it is: "dx", "grad_y", "g_w", not a slip.
bool is_cotangent_name(const std::string& name, const std::vector<std::string>& tensors) {
  if (name.find("grad") != std::string::npos || name.size() <= 2) return true;
  for (const char* prefix : {"d_", "g_", "d", "g"})
    if (name.rfind(prefix, 0) == 0 &&
        (prefix[1] == '_' || is_among(tensors, name.substr(std::string(prefix).size()))))
      return true;
  return false;
}

[[noreturn]] void refuse_unknown(const std::string& function, const std::string& argument,
                                 std::vector<std::string> known) {
  known.insert(known.begin(), cotangent_argument);
  throw std::invalid_argument(
      fmt::format("argument '{}' of {} is neither an input nor a parameter{}", argument, function,
                  suggest(argument, known)));
}

}  // namespace

void expect_given(const std::string& function, const std::vector<std::string>& needed,
                  const std::vector<std::string>& known) {
  for (const std::string& argument : needed)
    if (argument != cotangent_argument && !is_among(known, argument))
      refuse_unknown(function, argument, known);
}

std::vector<std::string> taking_cotangents(const std::string& function,
                                           const std::vector<std::string>& arguments,
                                           const std::vector<std::string>& known) {
  std::vector<std::string> taking;
  for (const std::string& argument : arguments) {
    if (is_among(known, argument)) continue;
    if (!is_cotangent_name(argument, known) &&
        suggest(argument, known).find("did you mean") != std::string::npos)
      refuse_unknown(function, argument, known);
    taking.push_back(argument);
  }
  return taking;
}

}  // namespace gradient_check
