#pragma once

#include <string>

namespace gradient_check {

bool is_reduction(const std::string& function);
bool is_transpose(const std::string& function);
/// Whether a function's number is the dimension that it goes along.
bool goes_along_dimension(const std::string& function);

}  // namespace gradient_check
