#include "gradient_check/python/runtime/module_beside.h"

#include <algorithm>
#include <optional>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/source/source_error.h"
#include "gradient_check/python/source/source_reader.h"
#include "gradient_check/python/syntax/parser.h"

namespace gradient_check::python {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t largest_module = 4U << 20U;
constexpr std::size_t most_modules = 500;

/// What a module's name stands for in a folder: x.py, or the package x with its __init__.py if it
/// has one.
struct Found {
  fs::path file;    ///< empty for a package without __init__.py
  fs::path folder;  ///< where its relative imports and submodules stand
  bool is_package = false;
};

std::optional<Found> found_in(const ProgramFiles& files, const fs::path& folder,
                              const std::string& name) {
  const fs::path package = folder / name, file = folder / (name + ".py");
  if (files.has(package / "__init__.py")) return Found{package / "__init__.py", package, true};
  if (files.has(file)) return Found{file, folder, false};
  if (files.has_folder(package)) return Found{{}, package, true};
  return std::nullopt;
}

ast::Module parsed_file(const fs::path& file) {
  std::shared_ptr<const SourceText> source;
  const std::string label = file.lexically_normal().string();
  try {
    source = read_source(label, ProgramFiles::read(file, largest_module));
    return parse(source);
  } catch (const SourceError& error) {
    raise(ErrorKind::SyntaxError, "{}", error.what());
  } catch (const SyntaxError& error) {
    Raised raised(ErrorKind::SyntaxError, error.message());
    raised.trace.push_back({"<module>", source, error.span()});
    throw raised;
  }
}

Ref<Module> run_file(Interpreter& interpreter, const Found& found, const std::string& name) {
  auto& known = interpreter.modules_beside;
  const std::string key = (found.file.empty() ? found.folder : found.file).lexically_normal();
  if (const auto module = known.find(key); module != known.end()) return module->second;
  if (known.size() >= most_modules)
    raise(ErrorKind::ImportError, "a program of more than {} files is not taken", most_modules);
  auto module = make<Module>(interpreter.heap, name);
  module->folder = found.folder.string();
  module->is_package = found.is_package;
  module->has_file = !found.file.empty();
  module->set("__name__", Value::string(name));
  module->set("__file__", Value::string(found.file.filename().string()));
  known.emplace(key, module);  // before it runs: modules may import each other
  if (found.file.empty()) return module;
  try {
    interpreter.run(*interpreter.prepare(parsed_file(found.file), *module));
  } catch (...) {
    known.erase(key);
    throw;
  }
  return module;
}

}  // namespace

Ref<Module> import_beside(Interpreter& interpreter, const fs::path& folder,
                          const std::string& name) {
  Ref<Module> module;
  fs::path at = folder;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (module && !module->is_package) return nullptr;
    const auto found = found_in(interpreter.files, at, part);
    if (!found) return nullptr;
    Ref<Module> inner = run_file(interpreter, *found, name.substr(0, end));
    if (module) module->set(part, inner);
    module = std::move(inner);
    at = found->folder;
    begin = end + 1;
  }
  return module;
}

}  // namespace gradient_check::python
