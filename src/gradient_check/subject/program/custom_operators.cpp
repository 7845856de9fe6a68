#include "gradient_check/subject/program/custom_operators.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gradient_check {
namespace {

std::set<std::string> registered_operators() {
  std::set<std::string> names;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames())
    names.insert(name.name);
  return names;
}

std::vector<std::string>& operator_table() {
  static std::vector<std::string> table;
  return table;
}

}  // namespace

void load_operators(const std::string& library) {
  const std::set<std::string> before = registered_operators();
  // A bare name is a file here, not one of the system's libraries.
  const std::string path = library.find('/') == library.npos ? "./" + library : library;
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD)) return;  // named twice
  const char* error = nullptr;
  try {
    if (!dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) error = dlerror();
  } catch (const std::exception& thrown) {
    // A registration that LibTorch refuses: an operator of that name exists.
    throw LibraryError(fmt::format("cannot load {}: {}", library, thrown.what()));
  }
  if (error) throw LibraryError(fmt::format("cannot load {}: {}", library, error));
  const std::set<std::string> after = registered_operators();
  const std::size_t known = operator_table().size();
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(operator_table()));
  if (operator_table().size() == known)
    throw LibraryError(fmt::format(
        "{} registers no operator: define some with TORCH_LIBRARY(my, m) {{ m.def(…); }}",
        library));
}

const std::vector<std::string>& loaded_operators() { return operator_table(); }

}  // namespace gradient_check
