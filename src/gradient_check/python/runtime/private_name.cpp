#include "gradient_check/python/runtime/private_name.h"

namespace gradient_check::python {

std::string private_name(const std::string& class_name, const std::string& name) {
  if (!name.starts_with("__") || name.ends_with("__")) return name;
  if (name.find('.') != std::string::npos) return name;
  const std::size_t letters = class_name.find_first_not_of('_');
  if (letters == std::string::npos) return name;
  return "_" + class_name.substr(letters) + name;
}

}  // namespace gradient_check::python
