#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gradient_check::python {

/// The files that a program may read: those in the folder that it stands in and below, or in a
/// wider one that its case stands in. Symbolic links lead nowhere else. Without a folder there are
/// none.
class ProgramFiles {
 public:
  ProgramFiles() = default;
  /// `root` holds `folder`, the program's own.
  ProgramFiles(std::filesystem::path folder, std::filesystem::path root);
  /// Those of a program by its label: "cases/net.py", "cases/net.json#/program/source".
  static ProgramFiles beside(const std::string& label);

  bool empty() const { return folders_.empty(); }
  /// The program's folder and those around it up to the widest: where modules are looked for.
  const std::vector<std::filesystem::path>& folders() const { return folders_; }
  /// A regular file in the folders that may be read, by its path; nothing otherwise.
  bool has(const std::filesystem::path& path) const;
  bool has_folder(const std::filesystem::path& path) const;
  /// The file that a program names, beside it or in a folder around it; nothing where there is none
  /// that it may read.
  std::optional<std::filesystem::path> find(const std::string& name) const;
  /// The bytes of such a file, of at most `most` bytes. Raises OSError.
  static std::string read(const std::filesystem::path& path, std::uintmax_t most);

 private:
  bool is_inside(const std::filesystem::path& path) const;

  std::vector<std::filesystem::path> folders_;
  std::filesystem::path root_;  ///< symbolic links followed
};

}  // namespace gradient_check::python
