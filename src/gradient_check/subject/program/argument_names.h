#pragma once

#include <string>
#include <vector>

namespace gradient_check {

/// What takes the cotangent of a program's output by convention.
constexpr const char* cotangent_argument = "grad_output";

/// Throws std::invalid_argument, which names it, where an argument that a function needs is neither
/// in `known` nor the cotangent.
void expect_given(const std::string& function, const std::vector<std::string>& needed,
                  const std::vector<std::string>& known);

/// Those of the arguments that are not in `known`: they take cotangents. Throws
/// std::invalid_argument for one that looks like a slip of one of those.
std::vector<std::string> taking_cotangents(const std::string& function,
                                           const std::vector<std::string>& arguments,
                                           const std::vector<std::string>& known);

}  // namespace gradient_check
