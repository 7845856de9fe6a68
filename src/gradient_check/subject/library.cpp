#include "gradient_check/subject/library.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>

#include "gradient_check/layer_library.h"
#include "gradient_check/python/runtime/tensor/operator_table.h"

namespace gradient_check {
namespace {

/// What was loaded in this process. Libraries stay.
struct Loaded {
  std::vector<std::string> operators;
  std::deque<LayerLibrary> libraries;
  std::set<void*> handles;
};

Loaded& loaded_here() {
  static Loaded all;
  return all;
}

std::set<std::string> registered_operators() {
  std::set<std::string> names;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames())
    names.insert(name.name);
  return names;
}

/// A bare name is a file here, not one of the system's libraries.
std::string path_of(const std::string& library) {
  return library.find('/') == library.npos ? "./" + library : library;
}

void* open_library(const std::string& library) {
  try {
    if (void* handle = dlopen(path_of(library).c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  } catch (const std::exception& thrown) {
    // A registration that LibTorch refuses: an operator of that name exists.
    throw LibraryError(fmt::format("cannot load {}: {}", library, thrown.what()));
  }
  throw LibraryError(fmt::format("cannot load {}: {}", library, dlerror()));
}

/// Operators that `load` makes known, in alphabetical order.
template <typename Load>
std::vector<std::string> operators_of(const Load& load) {
  const std::set<std::string> before = registered_operators();
  load();
  const std::set<std::string> after = registered_operators();
  std::vector<std::string> added;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  return added;
}

/// Types that can be used: complete, and of a name that nothing else has.
template <typename Type>
void expect_usable(const std::deque<Type>& types, const std::vector<const Type*>& known,
                   const std::string& library, const char* what) {
  std::set<std::string> names;
  for (const Type* type : known) names.insert(type->name);
  for (const Type& type : types) {
    if (type.name.empty()) throw LibraryError(fmt::format("{}: a {} has no name", library, what));
    if (!type.make)
      throw LibraryError(fmt::format("{}: the {} '{}' has no make", library, what, type.name));
    if (!names.insert(type.name).second)
      throw LibraryError(
          fmt::format("{}: there is a {} named '{}' already; a prefix, 'my::{}', keeps them apart",
                      library, what, type.name, type.name));
  }
}

/// Whether a symbol was found in that very file.
bool is_of(void* symbol, const std::string& library) {
  Dl_info info{};
  std::error_code error;
  return dladdr(symbol, &info) != 0 && info.dli_fname &&
         std::filesystem::equivalent(info.dli_fname, path_of(library), error);
}

/// Whether the library registers layers or losses.
bool add_layers(void* handle, const std::string& library) {
  // dlsym also looks into the libraries that this one links.
  void* const symbol = dlsym(handle, "gradient_check_register_layers");
  if (!symbol || !is_of(symbol, library)) return false;
  const auto interface =
      reinterpret_cast<int (*)()>(dlsym(handle, "gradient_check_layer_interface"));
  const auto fill =
      reinterpret_cast<void (*)(LayerLibrary&)>(dlsym(handle, "gradient_check_register_layers"));
  if (!interface || !fill) return false;
  if (interface() != layer_interface)
    throw LibraryError(
        fmt::format("{} was built for layer interface {}, this is {}: build it again with this "
                    "gradient-check's "
                    "headers",
                    library, interface(), layer_interface));
  LayerLibrary registered;
  try {
    fill(registered);
  } catch (const std::exception& thrown) {
    throw LibraryError(fmt::format("{} fails to register: {}", library, thrown.what()));
  }
  const LayerTables known;
  expect_usable(registered.layers(), known.layers, library, "layer");
  expect_usable(registered.losses(), known.losses, library, "loss");
  if (registered.layers().empty() && registered.losses().empty()) return false;
  loaded_here().libraries.push_back(std::move(registered));
  return true;
}

}  // namespace

void load_library(const std::string& library) {
  // One that another library links is open already, and its operators are known.
  const bool was_open = dlopen(path_of(library).c_str(), RTLD_NOW | RTLD_NOLOAD) != nullptr;
  void* handle = nullptr;
  const std::vector<std::string> operators = operators_of([&] { handle = open_library(library); });
  if (!loaded_here().handles.insert(handle).second) return;  // named twice
  python::allow_operators(operators);
  loaded_here().operators.insert(loaded_here().operators.end(), operators.begin(), operators.end());
  if (!add_layers(handle, library) && operators.empty() && !was_open)
    throw LibraryError(
        fmt::format("{} registers no operator and no layer: define some with TORCH_LIBRARY(my, m) "
                    "{{ m.def(…); }} or GRADIENT_CHECK_LIBRARY(library) {{ library.add(…); }}",
                    library));
}

const std::vector<std::string>& loaded_operators() { return loaded_here().operators; }

std::vector<const LayerType*> LayerTables::all_layers() {
  std::vector<const LayerType*> types = layer_types();
  for (const LayerLibrary& library : loaded_here().libraries)
    for (const LayerType& type : library.layers()) types.push_back(&type);
  return types;
}

std::vector<const LossType*> LayerTables::all_losses() {
  std::vector<const LossType*> types = loss_types();
  for (const LayerLibrary& library : loaded_here().libraries)
    for (const LossType& type : library.losses()) types.push_back(&type);
  return types;
}

}  // namespace gradient_check
