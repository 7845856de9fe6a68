#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradient_check {

/// " (did you mean 'x'?)" for the candidate nearest to `word` in edit distance (transpositions
/// count as one), or, where none is near, " (expected one of a, b, c)".
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace gradient_check
