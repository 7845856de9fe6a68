#include "gradient_check/subject/program/snippet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/code.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/subject/program/entries/entry.h"
#include "gradient_check/subject/program/syntax.h"
#include "gradient_check/subject/saved_values.h"

namespace gradient_check {

SnippetRunner::SnippetRunner(const Entry& entry, bool arrays) : entry_(entry), arrays_(arrays) {}
SnippetRunner::~SnippetRunner() = default;

std::vector<c10::IValue> PreparedSnippet::run(const Environment& changed) const {
  python::Interpreter& interpreter = program_->interpreter();
  interpreter.steps = 0;
  std::vector<python::Value> values = values_;
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (const auto found = changed.find(names_[i]); found != changed.end())
      values[i] = from_environment(interpreter, found->second, arrays_);
  std::optional<SavedCopies> copies;
  if (arrays_) copies.emplace();
  const python::Value result = python::call(interpreter, function_, {values.data(), values.size()});
  std::vector<c10::IValue> results;
  const auto* tuple = result.get_if<python::Tuple>();
  if (!tuple) throw SyntaxError("a statement that returns cannot be run alone");
  for (const python::Value& element : tuple->elements)
    results.push_back(to_environment(element, arrays_));
  return results;
}

std::vector<c10::IValue> SnippetRunner::run(const std::string& body, const std::string& indent,
                                            const std::vector<std::string>& names,
                                            const std::vector<std::string>& outputs,
                                            const Environment& environment,
                                            const std::string& prelude) {
  return prepare(body, indent, names, outputs, environment, prelude).run({});
}

PreparedSnippet SnippetRunner::prepare(const std::string& body, const std::string& indent,
                                       const std::vector<std::string>& names,
                                       const std::vector<std::string>& outputs,
                                       const Environment& environment, const std::string& prelude) {
  PreparedSnippet prepared;
  prepared.program_ = &entry_.running();
  prepared.arrays_ = arrays_;
  for (const std::string& name : names) {
    const auto value = environment.find(name);
    if (value == environment.end() || name.find_first_of(".[") != std::string::npos) continue;
    prepared.names_.push_back(name);
    prepared.values_.push_back(
        from_environment(prepared.program_->interpreter(), value->second, prepared.arrays_));
  }
  const std::string source =
      prelude + fmt::format("def snippet({}):\n{}\n{}return ({}{})\n",
                            fmt::join(prepared.names_, ", "), body, indent,
                            fmt::join(outputs, ", "), outputs.empty() ? "" : ",");
  const std::pair<const python::Program*, std::string> key{prepared.program_, source};
  auto entry = parsed_.find(key);
  if (entry == parsed_.end())
    entry = parsed_.emplace(key, parsed(*prepared.program_, source)).first;
  if (!entry->second.error.empty()) throw SyntaxError(entry->second.error);
  prepared.function_ = entry->second.function;
  return prepared;
}

SnippetRunner::Parsed SnippetRunner::parsed(python::Program& program,
                                            const std::string& source) const {
  python::Interpreter& interpreter = program.interpreter();
  try {
    const auto tree = python::parse(std::make_shared<python::SourceText>("snippet", source));
    const auto module = python::make<python::Module>(interpreter.heap, "__main__");
    for (const auto& [name, slot] : program.module().slots)
      module->set(name, program.module().values[slot]);
    interpreter.run(*interpreter.prepare(tree, *module));
    return {module->get(interpreter, "snippet"), ""};
  } catch (const std::exception& error) {
    return {{}, error.what()};
  }
}

c10::IValue SnippetRunner::evaluate(const std::string& expression,
                                    const std::vector<std::string>& names,
                                    const Environment& environment) {
  return run("    pass", "    ", names, {"(" + expression + ")"}, environment).at(0);
}

std::vector<c10::IValue> SnippetRunner::items(const std::string& iterable,
                                              const std::vector<std::string>& names,
                                              const Environment& environment) {
  return evaluate("tuple(" + iterable + ")", names, environment).toTupleRef().elements().vec();
}

}  // namespace gradient_check
