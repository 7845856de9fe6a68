#include "gradient_check/case/file_access.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace gradient_check {
namespace {

constexpr std::uintmax_t maximum_bytes = 64U << 20U;

bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::string read_text_file(const std::filesystem::path& path, const Position& where,
                           const std::string& json_path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const auto fail = [&](const std::string& message) { throw CaseError(where, json_path, message); };
  if (!fs::exists(status)) fail(fmt::format("no such file: {}", path.string()));
  if (!fs::is_regular_file(status)) fail(fmt::format("not a regular file: {}", path.string()));
  if (fs::file_size(path, error) > maximum_bytes)
    fail(fmt::format("{} is larger than {} MiB", path.string(), maximum_bytes >> 20U));
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) {
    if (fs::file_size(path, error) == 0) return "";
    fail(fmt::format("cannot read {}", path.string()));
  }
  return text.str();
}

std::filesystem::path resolve_beside(const JsonCursor& name,
                                     const std::filesystem::path& case_file) {
  namespace fs = std::filesystem;
  const std::string& text = name.as_string("a file's name");
  if (text.empty()) name.fail("the file's name is empty");
  if (text.find('\0') != std::string::npos) name.fail("a file's name cannot hold a zero byte");
  const fs::path named(text);
  if (named.is_absolute())
    name.fail(fmt::format("'{}' is an absolute path; files stand beside the case file", text));
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(case_file).parent_path(), error);
  const fs::path resolved = fs::weakly_canonical(folder / named, error);
  if (error || !is_inside(resolved, folder))
    name.fail(fmt::format("'{}' leads outside the case's folder; files stand beside the case file",
                          text));
  if (!fs::exists(resolved, error))
    name.fail(fmt::format("no such file: '{}' beside the case file", text));
  return case_file.parent_path() / named;
}

}  // namespace gradient_check
