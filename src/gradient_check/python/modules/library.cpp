#include "gradient_check/python/modules/library.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "gradient_check/python/syntax/parser.h"

namespace gradient_check::python {
namespace {

struct ParsedModule {
  ast::Module tree;
  std::set<std::string> names;  ///< of its top level
};

std::set<std::string> top_level_names(const ast::Module& tree) {
  std::set<std::string> names;
  const auto add = [&](const ast::Expression& target) {
    if (const auto* name = target.as<ast::Name>()) names.insert(name->id);
  };
  for (const ast::StatementPtr& statement : tree.body) {
    if (const auto* function = statement->as<ast::FunctionDef>()) names.insert(function->name);
    if (const auto* klass = statement->as<ast::ClassDef>()) names.insert(klass->name);
    if (const auto* assign = statement->as<ast::Assign>())
      for (const auto& target : assign->targets) add(*target);
    if (const auto* from = statement->as<ast::ImportFrom>())
      for (const ast::Alias& alias : from->names) names.insert(alias.asname.value_or(alias.name));
  }
  return names;
}

/// Trees are immutable, and parsed once for all interpreters.
const ParsedModule& parsed_module(const LibraryModule& module) {
  static std::mutex mutex;
  static std::map<std::string, ParsedModule> parsed;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = parsed.find(module.name);
  if (known != parsed.end()) return known->second;
  const std::string label = std::string("<") + module.name + ">";
  ast::Module tree = parse(std::make_shared<SourceText>(label, module.source));
  std::set<std::string> names = top_level_names(tree);
  return parsed.emplace(module.name, ParsedModule{std::move(tree), std::move(names)}).first->second;
}

const LibraryModule* find_library_module(const std::string& name) {
  for (const LibraryModule& known : library_modules())
    if (name == known.name) return &known;
  return nullptr;
}

}  // namespace

bool run_library_module(Interpreter& interpreter, const std::string& name, Module& module) {
  const LibraryModule* known = find_library_module(name);
  if (!known) return false;
  interpreter.run(*interpreter.prepare(parsed_module(*known).tree, module));
  return true;
}

Value find_in_library(Interpreter& interpreter, const std::string& module,
                      const std::string& name) {
  const LibraryModule* known = find_library_module(module);
  if (!known || !parsed_module(*known).names.contains(name)) return {};
  return interpreter.import_module(module)->get(interpreter, name);
}

}  // namespace gradient_check::python
