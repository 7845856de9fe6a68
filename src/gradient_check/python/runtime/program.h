#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// A program that does not run: what it raised, as a traceback has it.
class ProgramError : public std::runtime_error {
 public:
  ProgramError(const std::string& text, std::vector<TraceEntry> passed, std::string raised = "")
      : std::runtime_error(text), message(std::move(raised)), trace(std::move(passed)) {}
  std::string message;            ///< "ZeroDivisionError: division by zero"
  std::vector<TraceEntry> trace;  ///< innermost first
};

/// A program whose top level has run, ready to call its functions. One thread at a time.
class Program {
 public:
  using Tensors = std::vector<std::pair<std::string, at::Tensor>>;

  /// Programs in case files need not import torch, math and torch.nn.functional (as F). Throws
  /// SyntaxError, ProgramError.
  /// It may read `files`, by default those beside it.
  explicit Program(const ast::Module& tree, Observer* observer = nullptr, WidenedTypes widened = {},
                   std::optional<ProgramFiles> files = std::nullopt);

  /// A variable of the top level; unset if there is none.
  Value variable(const std::string& name);
  /// Calls a function with those of the tensors that its parameters name. Throws ProgramError.
  Value call(const std::string& function, const Tensors& tensors);

  /// Runs something with what the program raises made a ProgramError.
  template <typename Body>
  auto reported(const Body& body);

  Interpreter& interpreter() { return *interpreter_; }
  /// The variables of the top level.
  Module& module() { return *module_; }

 private:
  std::unique_ptr<Interpreter> interpreter_;
  Ref<Module> module_;
  std::shared_ptr<const Code> code_;
};

/// The tensors of a dictionary by name. Throws ProgramError for anything else.
Program::Tensors named_tensors(const Value& dictionary);

/// "ZeroDivisionError: division by zero"
std::string message_of(Interpreter& interpreter, const Raised& raised);
/// "net.py:3: ZeroDivisionError: division by zero", from the innermost place.
std::string describe(Interpreter& interpreter, const Raised& raised);

template <typename Body>
auto Program::reported(const Body& body) {
  try {
    return body();
  } catch (const Raised& raised) {
    throw ProgramError(describe(*interpreter_, raised), raised.trace,
                       message_of(*interpreter_, raised));
  } catch (const LimitReached& limit) {
    throw ProgramError(limit.message, limit.trace, limit.message);
  }
}

}  // namespace gradient_check::python
