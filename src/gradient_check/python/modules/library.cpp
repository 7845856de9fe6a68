#include "gradient_check/python/modules/library.h"

#include <map>
#include <memory>
#include <mutex>

#include "gradient_check/python/syntax/parser.h"

namespace gradient_check::python {
namespace {

/// Trees are immutable, and parsed once for all interpreters.
const ast::Module& library_tree(const LibraryModule& module) {
  static std::mutex mutex;
  static std::map<std::string, ast::Module> trees;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = trees.find(module.name);
  if (known != trees.end()) return known->second;
  const std::string label = std::string("<") + module.name + ">";
  return trees.emplace(module.name, parse(std::make_shared<SourceText>(label, module.source)))
      .first->second;
}

}  // namespace

bool run_library_module(Interpreter& interpreter, const std::string& name, Module& module) {
  for (const LibraryModule& known : library_modules()) {
    if (name != known.name) continue;
    const auto code = interpreter.prepare(library_tree(known), module);
    interpreter.run(*code);
    return true;
  }
  return false;
}

}  // namespace gradient_check::python
