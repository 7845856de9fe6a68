#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/subject/program/exploded.h"
#include "gradient_check/subject/program/trace.h"

namespace gradient_check {

bool is_floating_tensor(const c10::IValue& value);

/// Runs a function statement by statement and notes what each writes. See trace.
class Tracer {
 public:
  Tracer(const std::string& text, const std::vector<FunctionSyntax>& functions,
         SnippetRunner& runner, const TraceOptions& options)
      : text_(text), functions_(functions), runner_(runner), options_(options) {}

  Trace run(const FunctionSyntax& function, const Environment& arguments);

 private:
  enum class Flow { on, leave, next, done };

  // Running: in trace.cpp.
  std::string text_of(const Span& span) const;
  std::string indent_of(const Statement& statement) const;
  std::size_t add(Write write);
  Flow block(const std::vector<Statement>& body);
  Flow one(const Statement& statement);
  c10::IValue evaluate(const Expr& expression);
  bool truth(const Expr& condition);
  Flow loop(const Statement& statement);
  void bind(const Expr& target, const c10::IValue& item, const Statement& statement);
  std::vector<std::size_t> reads_of(const std::vector<std::string>& names) const;
  /// All variables before the statement whose write was asked for.
  Environment snapshot(std::size_t writes) const;
  /// All names in a statement, those of an opaque block by its tokens.
  std::vector<std::string> names_of(const Statement& statement) const;
  void plain(const Statement& statement);
  void execute(const Statement& statement, const std::vector<std::string>& names,
               const std::vector<std::string>& written);
  /// Takes something apart, with those of the program's functions that are given taken apart too.
  using Exploding =
      std::function<std::optional<ExplodedStatement>(const std::vector<FunctionSyntax>&)>;
  /// The values of `outputs`, of the whole where there are none, and the parts noted: with the
  /// program's own functions taken apart or, where that fails, without; nothing where it cannot be
  /// taken apart.
  std::vector<c10::IValue> followed(const Exploding& exploding, const Statement& statement,
                                    const std::string& indent,
                                    const std::vector<std::string>& names,
                                    const std::vector<std::string>& outputs);
  void note_parts(const ExplodedStatement& parts, const std::vector<c10::IValue>& values,
                  std::size_t offset, const Statement& statement);
  /// Takes the variable's value into the trace, or an override in its place.
  void record(Write write, const Statement& statement);

  // What is returned, the dictionary of gradients and the output: in traced_result.cpp.
  /// grads = {…} or grads["w"] = …, where the entries are gradients.
  static bool is_dictionary(const Statement& statement);
  void dictionary(const Statement& statement);
  /// grads["w"] += …
  bool changes_entry(const Statement& statement) const;
  void changed_entry(const Statement& statement);
  void literal(const Expr& dict, const Statement& statement);
  void entry(const std::string& key, const Expr& expression, const Statement& statement);
  void result(const Statement& statement);
  /// The output, whose own expression is taken apart where autograd follows it.
  void finish_output(const Expr& output, const Statement& statement);

  const std::string& text_;
  const std::vector<FunctionSyntax>& functions_;
  SnippetRunner& runner_;
  const TraceOptions& options_;
  Environment environment_;
  std::map<std::string, std::size_t> latest_;
  std::set<std::string> pending_;  ///< variables that hold the dictionary
  std::string iteration_;
  std::size_t steps_ = 0;
  Trace trace_;
};

}  // namespace gradient_check
