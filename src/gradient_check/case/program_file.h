#pragma once

#include <filesystem>
#include <string>

namespace gradient_check {

/// Whether a path that is to be checked names a program itself, and no case.
inline bool is_program_file(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".py" || extension == ".ipynb";
}

/// What the case of a program's entry is called: "net.py:Swish".
inline std::string program_case_name(const std::filesystem::path& path, const std::string& entry) {
  return path.filename().string() + (entry.empty() ? "" : ":" + entry);
}

}  // namespace gradient_check
