#pragma once

#include <string>

namespace gradient_check {

/// The unified diff (three lines of context, `a/` and `b/` before the path) that turns one text
/// into the other; empty where they are equal. Can be applied with `patch -p1`.
std::string unified_diff(const std::string& path, const std::string& before,
                         const std::string& after);

}  // namespace gradient_check
