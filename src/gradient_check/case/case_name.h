#pragma once

#include <filesystem>
#include <string>

namespace gradient_check {

/// The name that the case at `path` gives itself, or its file's stem; never throws.
std::string case_name(const std::filesystem::path& path);

}  // namespace gradient_check
