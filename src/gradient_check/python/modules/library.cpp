#include "gradient_check/python/modules/library.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/parser.h"

namespace gradient_check::python {
namespace {

/// A statement of a module's top level, as a module of its own.
struct Piece {
  ast::Module tree;
  std::set<std::string> defines, uses;
};

/// Trees are immutable, and parsed once for all interpreters.
struct ParsedModule {
  ast::Module tree;
  std::vector<Piece> pieces;
};

std::set<std::string> names_defined(const ast::Statement& statement) {
  std::set<std::string> names;
  if (const auto* function = statement.as<ast::FunctionDef>()) names.insert(function->name);
  if (const auto* klass = statement.as<ast::ClassDef>()) names.insert(klass->name);
  if (const auto* assign = statement.as<ast::Assign>())
    for (const auto& target : assign->targets)
      if (const auto* name = target->as<ast::Name>()) names.insert(name->id);
  const auto add = [&](const ast::Alias& alias) {
    names.insert(alias.asname.value_or(alias.name.substr(0, alias.name.find('.'))));
  };
  if (const auto* import = statement.as<ast::Import>())
    for (const ast::Alias& alias : import->names) add(alias);
  if (const auto* from = statement.as<ast::ImportFrom>())
    for (const ast::Alias& alias : from->names) add(alias);
  return names;
}

std::set<std::string> names_used(const ast::StatementPtr& statement) {
  std::set<std::string> names;
  ast::for_each_node(statement, [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::ExpressionPtr>)
      if (const auto* name = node->template as<ast::Name>()) names.insert(name->id);
  });
  return names;
}

/// Places in a piece are those in its module.
Piece piece_of(const ast::Module& module, const ast::StatementPtr& statement) {
  const SourceText& source = *module.source;
  const std::string above(source.line_index(statement->span.begin), '\n');
  auto text = std::make_shared<SourceText>(
      source.label(), above + std::string(source.text(statement->span)) + "\n");
  return {parse(std::move(text)), names_defined(*statement), names_used(statement)};
}

const ParsedModule& parsed_module(const LibraryModule& module) {
  static std::mutex mutex;
  static std::map<std::string, ParsedModule> parsed;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = parsed.find(module.name);
  if (known != parsed.end()) return known->second;
  const std::string label = std::string("<") + module.name + ">";
  ParsedModule& made = parsed[module.name];
  made.tree = parse(std::make_shared<SourceText>(label, module.source));
  for (const ast::StatementPtr& statement : made.tree.body)
    made.pieces.push_back(piece_of(made.tree, statement));
  return made;
}

/// The pieces that a name needs, in their order.
std::vector<const Piece*> needed(const ParsedModule& module, const std::string& name) {
  std::set<std::string> open{name}, wanted;
  std::set<const Piece*> taken;
  while (!open.empty()) {
    const std::string next = *open.begin();
    open.erase(open.begin());
    if (!wanted.insert(next).second) continue;
    for (const Piece& piece : module.pieces)
      if (piece.defines.contains(next) && taken.insert(&piece).second)
        open.insert(piece.uses.begin(), piece.uses.end());
  }
  std::vector<const Piece*> pieces;
  for (const Piece& piece : module.pieces)
    if (taken.contains(&piece)) pieces.push_back(&piece);
  return pieces;
}

bool is_run(const Piece& piece, Module& module) {
  return std::all_of(piece.defines.begin(), piece.defines.end(), [&](const std::string& name) {
    return module.values[module.slot(name)].is_set();
  });
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
  if (!known) return {};
  const ParsedModule& parsed = parsed_module(*known);
  const bool exists = std::any_of(parsed.pieces.begin(), parsed.pieces.end(),
                                  [&](const Piece& piece) { return piece.defines.contains(name); });
  if (!exists) return {};
  const Ref<Module> target = interpreter.library_module(module);
  for (const Piece* piece : needed(parsed, name))
    if (!is_run(*piece, *target)) interpreter.run(*interpreter.prepare(piece->tree, *target));
  return target->get(interpreter, name);
}

}  // namespace gradient_check::python
