#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/interpreter.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/program/python_source.h"

namespace torch::jit {
struct CompilationUnit;
struct Function;
struct Resolver;
}  // namespace torch::jit

namespace gradient_check {

/// One function of a program, inlined, ready to run on tensors bound by name.
class CompiledFunction {
 public:
  /// `graph` is inlined; its inputs are the arguments of `function`.
  CompiledFunction(const PythonSource& source, const torch::jit::Function& function,
                   std::shared_ptr<torch::jit::Graph> graph);

  /// The same function, to be run many times: what it computes twice from the same values it then
  /// computes once. Gives the same results to the last bit.
  CompiledFunction condensed() const;

  /// Whether an argument of that name exists.
  bool takes(const std::string& argument) const;
  /// Names of the arguments that have no default.
  std::vector<std::string> required_arguments() const;
  /// The declared type of the argument of that name, which exists.
  c10::TypePtr type_of(const std::string& argument) const;
  const torch::jit::Graph& graph() const { return *graph_; }
  /// Whether it is known to be made of LibTorch's own operations, none of which writes into an
  /// argument or hands out memory that nothing was written to.
  bool pure() const;
  /// The first operation that may write into that argument or a view of it; null where none does.
  const torch::jit::Node* first_write_to(const std::string& argument) const;

  using Values = std::map<std::string, c10::IValue>;
  /// The arguments by name, as `run` passes them. Throws SubjectError.
  Values bound(const NamedTensors& values, const Values& others = {}) const;
  /// Runs on `values` and, for arguments that are none of them, `others`; arguments without a value
  /// take their default. Throws SubjectError.
  std::vector<c10::IValue> run(const NamedTensors& values, const Values& others = {}) const;

 private:
  struct Argument {
    std::string name;
    c10::TypePtr type;
    std::optional<c10::IValue> fallback;
  };
  CompiledFunction(const CompiledFunction& like, std::shared_ptr<torch::jit::Graph> graph);
  c10::IValue bind(const Argument& argument, const at::Tensor* value) const;
  c10::IValue bind(const Argument& argument, const NamedTensors& values,
                   const Values& others) const;

  const PythonSource& source_;
  std::string name_;
  std::vector<Argument> arguments_;
  std::shared_ptr<torch::jit::Graph> graph_;
  torch::jit::Code code_;
};

/// A program compiled by LibTorch. Throws SubjectError, with the place, where it does not compile.
class CompiledProgram {
 public:
  explicit CompiledProgram(PythonSource source);
  ~CompiledProgram();

  const PythonSource& source() const { return source_; }
  /// Resolves the program's own functions, imports and constants for other text.
  std::shared_ptr<torch::jit::Resolver> resolver() const;
  bool has(const std::string& function) const;
  std::vector<std::string> function_names() const;
  CompiledFunction function(const std::string& name) const;
  /// The part of a function that its first result needs: the forward of a `step`. Ends where that
  /// result is computed, so that later writes into what autograd has saved are left out.
  CompiledFunction first_result_of(const std::string& name) const;
  /// The place of `def NAME`.
  Place definition_place(const std::string& name) const;
  /// Where the program, not a helper of LibTorch, wrote a node.
  std::optional<Place> place_of(const torch::jit::Node& node) const;

 private:
  PythonSource source_;
  std::unique_ptr<torch::jit::CompilationUnit> unit_;
};

}  // namespace gradient_check
