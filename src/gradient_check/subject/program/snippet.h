#pragma once

#include <ATen/core/ivalue.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace torch::jit {
struct Code;
}

namespace gradient_check {

class CompiledProgram;

/// Variables by name, as a program sees them at some statement.
using Environment = std::map<std::string, c10::IValue>;

/// A compiled piece with its arguments at hand, to be run again and again. Lives no longer than the
/// runner that made it.
class PreparedSnippet {
 public:
  /// Runs it with some of the variables changed. Throws std::exception where it fails.
  std::vector<c10::IValue> run(const Environment& changed) const;

 private:
  friend class SnippetRunner;
  const torch::jit::Code* code_ = nullptr;
  std::vector<std::string> names_;
  std::vector<c10::IValue> values_;
};

/// Compiles and runs pieces of a program's text on given variables. A piece sees the program's own
/// functions, imports and constants. Compiled pieces are kept: running one again is cheap.
class SnippetRunner {
 public:
  explicit SnippetRunner(const CompiledProgram& program);
  ~SnippetRunner();

  /// Runs `body` (lines, indented by `indent`) with those variables of `names` that exist, and
  /// returns the values of `outputs`, expressions over its variables. Throws std::exception where
  /// it does not compile or fails. `prelude`: functions that the body may call beside the
  /// program's.
  std::vector<c10::IValue> run(const std::string& body, const std::string& indent,
                               const std::vector<std::string>& names,
                               const std::vector<std::string>& outputs,
                               const Environment& environment, const std::string& prelude = "");
  /// The same, compiled but not run. Throws std::exception where it does not compile.
  PreparedSnippet prepare(const std::string& body, const std::string& indent,
                          const std::vector<std::string>& names,
                          const std::vector<std::string>& outputs, const Environment& environment,
                          const std::string& prelude = "");
  /// The value of one expression.
  c10::IValue evaluate(const std::string& expression, const std::vector<std::string>& names,
                       const Environment& environment);

 private:
  struct Compiled;
  const CompiledProgram& program_;
  std::map<std::string, std::unique_ptr<Compiled>> compiled_;
};

}  // namespace gradient_check
