#include "gradient_check/subject/program/snippet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/passes/inliner.h>

#include "gradient_check/subject/program/compiled_program.h"
#include "gradient_check/subject/program/confinement.h"
#include "gradient_check/subject/program/name_resolver.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {
namespace {

namespace jit = torch::jit;

std::string type_of(const c10::IValue& value) {
  if (value.isTensor()) return "Tensor";
  if (value.isNone()) return "Optional[Tensor]";
  return value.type()->annotation_str();
}

}  // namespace

struct SnippetRunner::Compiled {
  jit::CompilationUnit unit;
  std::shared_ptr<jit::Graph> graph;
  std::unique_ptr<jit::Code> code;
  std::vector<std::string> arguments;
  std::string error;  ///< why it does not compile; empty where it does
};

SnippetRunner::SnippetRunner(const CompiledProgram& program) : program_(program) {}
SnippetRunner::~SnippetRunner() = default;

std::vector<c10::IValue> PreparedSnippet::run(const Environment& changed) const {
  jit::Stack stack = values_;
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (const auto found = changed.find(names_[i]); found != changed.end())
      stack[i] = found->second;
  jit::InterpreterState(*code_).run(stack);
  std::vector<c10::IValue> results = stack.at(0).toTupleRef().elements().vec();
  results.erase(results.begin());
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
  std::vector<std::string> arguments, declared;
  for (const std::string& name : names) {
    const auto value = environment.find(name);
    if (value == environment.end()) continue;
    arguments.push_back(name);
    declared.push_back(fmt::format("{}: {}", name, type_of(value->second)));
  }
  // A tuple of at least two, whatever the count of outputs.
  const std::string source =
      prelude + fmt::format("def snippet({}):\n{}\n{}return (0, {})\n", fmt::join(declared, ", "),
                            body, indent, fmt::join(outputs, ", "));
  std::unique_ptr<Compiled>& entry = compiled_[source];
  if (!entry) {
    entry = std::make_unique<Compiled>();
    entry->arguments = arguments;
    try {
      entry->unit.define({}, source, program_.resolver(), nullptr);
      refuse_outside_reach(entry->unit, [](const jit::Node&) { return std::nullopt; });
      entry->graph = jit::toGraphFunction(entry->unit.get_function(c10::QualifiedName("snippet")))
                         .graph()
                         ->copy();
      jit::Inline(*entry->graph);
      entry->code = std::make_unique<jit::Code>(entry->graph, "snippet");
    } catch (const std::exception& error) {
      entry->error = error.what();
    }
  }
  if (!entry->error.empty()) throw SyntaxError(entry->error);
  PreparedSnippet prepared;
  prepared.code_ = entry->code.get();
  prepared.names_ = entry->arguments;
  for (const std::string& name : entry->arguments) prepared.values_.push_back(environment.at(name));
  return prepared;
}

c10::IValue SnippetRunner::evaluate(const std::string& expression,
                                    const std::vector<std::string>& names,
                                    const Environment& environment) {
  return run("    pass", "    ", names, {"(" + expression + ")"}, environment).at(0);
}

}  // namespace gradient_check
