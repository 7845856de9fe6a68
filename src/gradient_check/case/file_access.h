#pragma once

#include <filesystem>
#include <string>

#include "gradient_check/case/json_value.h"

namespace gradient_check {

/// The text of a regular file of at most 64 MiB. Throws CaseError at `where`.
std::string read_text_file(const std::filesystem::path& path, const Position& where,
                           const std::string& json_path);

/// The file a case names, looked up beside the case and, symbolic links followed, inside the case's
/// folder. Throws CaseError otherwise, or where there is no such file.
std::filesystem::path resolve_beside(const JsonCursor& name,
                                     const std::filesystem::path& case_file);

}  // namespace gradient_check
