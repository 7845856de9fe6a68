#include "gradient_check/subject/program/compiled_program.h"

#include <fmt/format.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/frontend/lexer.h>
#include <torch/csrc/jit/frontend/parser.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/common_subexpression_elimination.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/lower_tuples.h>

#include <algorithm>
#include <string_view>

#include "gradient_check/case/suggest.h"
#include "gradient_check/subject/program/confinement.h"
#include "gradient_check/subject/program/error_text.h"
#include "gradient_check/subject/program/name_resolver.h"
#include "gradient_check/subject/program/nesting.h"
#include "gradient_check/subject/program/purity.h"
#include "gradient_check/subject/program/scripted_operators.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {
namespace {

namespace jit = torch::jit;

/// LibTorch's parser and compiler recurse without bound: they would overflow the stack.
void refuse_deep_nesting(const PythonSource& source) {
  try {
    parse_functions(source.functions);
  } catch (const NestingError& error) {
    throw SubjectError(place_in(source, error.line(), 1, 1), error.what());
  } catch (const SyntaxError&) {
    return;  // LibTorch says better what is wrong
  }
}

std::vector<jit::Def> parse(const PythonSource& source) {
  refuse_deep_nesting(source);
  const auto text = std::make_shared<jit::Source>(source.functions, source.label, 1);
  jit::Parser parser(text);
  std::vector<jit::Def> definitions;
  while (parser.lexer().cur().kind != jit::TK_EOF)
    definitions.emplace_back(parser.parseFunction(false));
  return definitions;
}

void place_operators(const jit::CompilationUnit& unit, const PythonSource& source) {
  try {
    for (const FunctionSyntax& syntax : parse_functions(source.functions))
      if (jit::Function* function = unit.find_function(c10::QualifiedName(syntax.name)))
        place_scripted_operators(*jit::toGraphFunction(*function).graph(), syntax, source.functions,
                                 source.label);
  } catch (const SyntaxError&) {
    return;  // their places stay unknown
  }
}

std::shared_ptr<jit::Graph> inlined_graph(const jit::Function& function) {
  auto graph = jit::toGraphFunction(const_cast<jit::Function&>(function)).graph()->copy();
  jit::Inline(*graph);
  return graph;
}

/// Removes what follows the definition of `result`, the graph's only output, and does not write
/// into it.
void cut_after(const std::shared_ptr<jit::Graph>& graph, jit::Value* result) {
  const jit::AliasDb aliases(graph);
  std::vector<jit::Node*> later;
  for (jit::Node* node : graph->nodes().reverse()) {
    if (node == result->node()) break;
    later.push_back(node);
  }
  if (result->node()->owningBlock() != graph->block()) return;
  const auto writes = [&](jit::Node* node) { return aliases.writesToAlias(node, {result}); };
  if (std::any_of(later.begin(), later.end(), writes)) return;
  for (jit::Node* node : later) node->destroy();
}

}  // namespace

CompiledFunction::CompiledFunction(const PythonSource& source, const jit::Function& function,
                                   std::shared_ptr<jit::Graph> graph)
    : source_(source), name_(function.name()), graph_(std::move(graph)), code_(graph_, name_) {
  for (const c10::Argument& argument : function.getSchema().arguments()) {
    std::optional<c10::IValue> fallback;
    if (argument.default_value()) fallback = *argument.default_value();
    arguments_.push_back({argument.name(), argument.type(), fallback});
  }
}

CompiledFunction::CompiledFunction(const CompiledFunction& like, std::shared_ptr<jit::Graph> graph)
    : source_(like.source_),
      name_(like.name_),
      arguments_(like.arguments_),
      graph_(std::move(graph)),
      code_(graph_, name_) {}

CompiledFunction CompiledFunction::condensed() const {
  auto graph = graph_->copy();
  jit::EliminateCommonSubexpression(graph);
  jit::EliminateDeadCode(graph);
  return {*this, graph};
}

bool CompiledFunction::takes(const std::string& argument) const {
  return std::any_of(arguments_.begin(), arguments_.end(),
                     [&](const Argument& candidate) { return candidate.name == argument; });
}

const jit::Node* CompiledFunction::first_write_to(const std::string& argument) const {
  for (std::size_t i = 0; i < arguments_.size(); ++i)
    if (arguments_[i].name == argument)
      return first_write(*graph_, jit::AliasDb(graph_), *graph_->inputs().at(i));
  return nullptr;
}

bool CompiledFunction::pure() const { return is_pure(graph_); }

std::vector<std::string> CompiledFunction::required_arguments() const {
  std::vector<std::string> names;
  for (const Argument& argument : arguments_)
    if (!argument.fallback) names.push_back(argument.name);
  return names;
}

c10::TypePtr CompiledFunction::type_of(const std::string& argument) const {
  return std::find_if(arguments_.begin(), arguments_.end(),
                      [&](const Argument& candidate) { return candidate.name == argument; })
      ->type;
}

c10::IValue CompiledFunction::bind(const Argument& argument, const at::Tensor* value) const {
  if (!value) {
    if (argument.fallback) return *argument.fallback;
    throw SubjectError(std::nullopt,
                       fmt::format("argument '{}' of {} has no value", argument.name, name_));
  }
  const auto scalar = [&](std::string_view kind) {
    if (value->numel() == 1) return value->item();
    throw SubjectError(std::nullopt, fmt::format("argument '{}' of {} is declared {}, but the case "
                                                 "gives a tensor of {} elements",
                                                 argument.name, name_, kind, value->numel()));
  };
  switch (argument.type->kind()) {
    case c10::TypeKind::IntType:
      return scalar("int").toLong();
    case c10::TypeKind::FloatType:
      return scalar("float").toDouble();
    case c10::TypeKind::BoolType:
      return scalar("bool").toBool();
    case c10::TypeKind::TensorType:
    case c10::TypeKind::OptionalType:
      return *value;
    default:
      throw SubjectError(
          std::nullopt, fmt::format("argument '{}' of {} is declared {}; a case can give a Tensor, "
                                    "an int, a float or a bool",
                                    argument.name, name_, argument.type->annotation_str()));
  }
}

c10::IValue CompiledFunction::bind(const Argument& argument, const NamedTensors& values,
                                   const Values& others) const {
  const at::Tensor* value = values.find(argument.name);
  if (value) return bind(argument, value);
  const auto other = others.find(argument.name);
  return other == others.end() ? bind(argument, nullptr) : other->second;
}

CompiledFunction::Values CompiledFunction::bound(const NamedTensors& values,
                                                 const Values& others) const {
  Values arguments;
  for (const Argument& argument : arguments_)
    arguments[argument.name] = bind(argument, values, others);
  return arguments;
}

std::vector<c10::IValue> CompiledFunction::run(const NamedTensors& values,
                                               const Values& others) const {
  jit::Stack stack;
  stack.reserve(arguments_.size());
  for (const Argument& argument : arguments_) stack.push_back(bind(argument, values, others));
  try {
    jit::InterpreterState(code_).run(stack);
  } catch (const SubjectError&) {
    throw;
  } catch (const std::exception& error) {
    throw program_error(source_, error.what());
  }
  return stack;
}

CompiledProgram::CompiledProgram(PythonSource source)
    : source_(std::move(source)), unit_(std::make_unique<jit::CompilationUnit>()) {
  try {
    const std::vector<jit::Def> definitions = parse(source_);
    refuse_outside_reach(definitions);
    const auto resolver = std::make_shared<NameResolver>(source_.modules, source_.constants);
    const std::vector<jit::ResolverPtr> resolvers(definitions.size(), resolver);
    unit_->define({}, {}, {}, definitions, resolvers, nullptr);
    refuse_outside_reach(*unit_, [&](const jit::Node& node) { return place_of(node); });
    place_operators(*unit_, source_);
  } catch (const SubjectError&) {
    throw;
  } catch (const std::exception& error) {
    throw program_error(source_, error.what());
  }
}

CompiledProgram::~CompiledProgram() = default;

std::shared_ptr<jit::Resolver> CompiledProgram::resolver() const {
  return std::make_shared<NameResolver>(source_.modules, source_.constants, unit_.get());
}

bool CompiledProgram::has(const std::string& function) const {
  return unit_->find_function(c10::QualifiedName(function)) != nullptr;
}

std::vector<std::string> CompiledProgram::function_names() const {
  std::vector<std::string> names;
  for (const jit::Function* function : unit_->get_functions()) names.push_back(function->name());
  return names;
}

CompiledFunction CompiledProgram::function(const std::string& name) const {
  const jit::Function& function = unit_->get_function(c10::QualifiedName(name));
  return {source_, function, inlined_graph(function)};
}

CompiledFunction CompiledProgram::first_result_of(const std::string& name) const {
  const jit::Function& function = unit_->get_function(c10::QualifiedName(name));
  auto graph = inlined_graph(function);
  jit::Value* result = graph->outputs().at(0);
  if (result->type()->kind() == c10::TypeKind::TupleType) {
    jit::Node* unpack = graph->insertNode(graph->createTupleUnpack(result));
    graph->eraseOutput(0);
    graph->registerOutput(unpack->outputs().at(0));
    jit::LowerSimpleTuples(graph);
    cut_after(graph, graph->outputs().at(0));
    jit::EliminateDeadCode(graph);
  }
  return {source_, function, graph};
}

Place CompiledProgram::definition_place(const std::string& name) const {
  const std::string start = "def " + name;
  for (std::size_t i = 0; i < source_.lines.size(); ++i)
    if (source_.lines[i].rfind(start, 0) == 0 && source_.lines[i].size() > start.size() &&
        (source_.lines[i][start.size()] == '(' || source_.lines[i][start.size()] == ' '))
      return place_in(source_, i + 1, 5, name.size());
  return place_in(source_, 1, 1, 1);
}

std::optional<Place> CompiledProgram::place_of(const jit::Node& node) const {
  const auto in_program = [&](const jit::SourceRange& range) -> std::optional<Place> {
    const auto position = range.file_line_col();
    if (!position) return std::nullopt;
    const auto& [file, line, column] = *position;
    if (file != source_.label) return std::nullopt;
    return place_in(source_, line, column + 1, range.end() - range.start());
  };
  // A node that came from a helper of LibTorch's names the call in its call stack.
  if (const auto stack = node.callstack())
    for (const auto& entry : (*stack)->vec())
      if (auto place = in_program(std::get<1>(entry))) return place;
  return in_program(node.sourceRange());
}

}  // namespace gradient_check
