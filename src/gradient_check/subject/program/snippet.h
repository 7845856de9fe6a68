#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/python/runtime/program.h"
#include "gradient_check/subject/program/environment.h"

namespace gradient_check {

class Entry;

/// A piece of program with its arguments at hand, to be run again and again. Lives no longer than
/// the runner that made it.
class PreparedSnippet {
 public:
  /// Runs it with some of the variables changed. Throws std::exception where it fails.
  std::vector<c10::IValue> run(const Environment& changed) const;

 private:
  friend class SnippetRunner;
  python::Program* program_ = nullptr;
  bool arrays_ = false;
  python::Value function_;
  std::vector<std::string> names_;
  std::vector<python::Value> values_;
};

/// Runs pieces of a program's text on given variables. A piece sees the program's own functions,
/// imports and constants, and changes none of them. What was parsed is kept.
class SnippetRunner {
 public:
  /// `arrays`: the program's tensors are arrays.
  SnippetRunner(const Entry& entry, bool arrays);
  ~SnippetRunner();

  /// Runs `body` (lines, indented by `indent`) with those variables of `names` that exist, and
  /// returns the values of `outputs`, expressions over its variables. Throws std::exception where
  /// it is no Python or fails. `prelude`: functions that the body may call beside the program's.
  std::vector<c10::IValue> run(const std::string& body, const std::string& indent,
                               const std::vector<std::string>& names,
                               const std::vector<std::string>& outputs,
                               const Environment& environment, const std::string& prelude = "");
  /// The same, but not run. Throws std::exception where it is no Python.
  PreparedSnippet prepare(const std::string& body, const std::string& indent,
                          const std::vector<std::string>& names,
                          const std::vector<std::string>& outputs, const Environment& environment,
                          const std::string& prelude = "");
  /// The value of one expression.
  c10::IValue evaluate(const std::string& expression, const std::vector<std::string>& names,
                       const Environment& environment);
  /// What a loop over an expression's value goes through.
  std::vector<c10::IValue> items(const std::string& iterable, const std::vector<std::string>& names,
                                 const Environment& environment);

 private:
  struct Parsed {
    python::Value function;
    std::string error;  ///< why it is no Python; empty where it is
  };
  Parsed parsed(python::Program& program, const std::string& source) const;

  const Entry& entry_;
  const bool arrays_;
  std::map<std::pair<const python::Program*, std::string>, Parsed> parsed_;
};

}  // namespace gradient_check
