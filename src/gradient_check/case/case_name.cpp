#include "gradient_check/case/case_name.h"

#include "gradient_check/case/file_access.h"

namespace gradient_check {

std::string case_name(const std::filesystem::path& path) {
  try {
    const JsonValue root =
        parse_json(read_text_file(path, {path.string(), 0, 0}, ""), path.string());
    if (const JsonValue* name = root.find("name"); name && name->is_string()) return name->string;
  } catch (const std::exception&) {
    // A file that cannot be read keeps its stem's name; running it reports why.
  }
  return path.stem().string();
}

}  // namespace gradient_check
