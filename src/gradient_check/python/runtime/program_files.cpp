#include "gradient_check/python/runtime/program_files.h"

#include <fstream>

#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {
namespace fs = std::filesystem;
namespace {

bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

ProgramFiles::ProgramFiles(fs::path folder, fs::path root) {
  std::error_code error;
  if (root.empty()) root = ".";
  if (folder.empty()) folder = ".";
  root_ = fs::canonical(root, error);
  if (error) return;
  const fs::path own = fs::canonical(folder, error);
  if (error || !lies_in(own, root_)) return;
  fs::path at = own, shown = folder;
  while (true) {
    folders_.push_back(shown);
    if (at == root_) return;
    at = at.parent_path();
    shown = at;
  }
}

ProgramFiles ProgramFiles::beside(const std::string& label) {
  const bool is_file = label.ends_with(".py") || label.ends_with(".ipynb");
  if (!is_file && label.find(".json#") == std::string::npos) return {};
  const fs::path folder = fs::path(label.substr(0, label.find('#'))).parent_path();
  return {folder, folder};
}

bool ProgramFiles::is_inside(const fs::path& path) const {
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  return !error && !empty() && lies_in(resolved, root_);
}

bool ProgramFiles::has(const fs::path& path) const {
  std::error_code error;
  return is_inside(path) && fs::is_regular_file(path, error);
}

bool ProgramFiles::has_folder(const fs::path& path) const {
  std::error_code error;
  return is_inside(path) && fs::is_directory(path, error);
}

std::optional<fs::path> ProgramFiles::find(const std::string& name) const {
  if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
  for (const fs::path& folder : folders_)
    if (const fs::path path = folder / name; has(path)) return path;
  return std::nullopt;
}

std::string ProgramFiles::read(const fs::path& path, std::uintmax_t most) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) raise(ErrorKind::OSError, "cannot read '{}'", path.string());
  if (size > most)
    raise(ErrorKind::OSError, "'{}' is larger than {} MiB", path.string(), most >> 20U);
  std::string bytes(size, '\0');
  std::ifstream stream(path, std::ios::binary);
  if (size > 0 && !stream.read(bytes.data(), static_cast<std::streamsize>(size)))
    raise(ErrorKind::OSError, "cannot read '{}'", path.string());
  return bytes;
}

}  // namespace gradient_check::python
