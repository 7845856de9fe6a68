#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/diagnosis/blame/helper_scope.h"
#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// What the search for explanations may still spend, over all goals of one program.
struct SearchBudget {
  int programs = 200;   ///< whole programs compiled and run
  int snippets = 2000;  ///< pieces compiled
  int traces = 240;     ///< runs with a known value put in a suspect's place
  int pairs = 70000;    ///< statements run with two changes made
};

/// One run of a manual function: where, and which values are put in place of what it computes.
struct ManualRun {
  const NamedTensors& values;
  const at::Tensor& cotangent;
  std::map<std::size_t, at::Tensor> overrides;  ///< by index of the write
  SearchBudget* budget = nullptr;
};

/// The tensor that a variable holds; undefined where it holds something else.
inline at::Tensor tensor_or_none(const c10::IValue& value) {
  return value.isTensor() ? value.toTensor() : at::Tensor();
}

/// Re-runs a few statements of a manual function, with their text edited, for the value that the
/// last of them gives. Where they cannot be run alone the whole function is run.
class Trial {
 public:
  /// `chain`: indices of writes in execution order, the last being the goal. `manual` is the trace
  /// of `run`.
  Trial(const StepwiseProgram& program, const ManualRun& run, const Trace& manual,
        std::vector<std::size_t> chain);

  /// All variables before the goal is computed.
  const Environment& environment() const { return environment_; }
  /// Those of them that exist where the statement of another write stands.
  Environment visible_before(std::size_t index) const;
  /// The goal's value with `edits` made; undefined where that fails, or costs too much by now.
  at::Tensor value_with(const std::vector<Edit>& edits, double k = 1);
  /// The same for an edit with a recipe, without compiling its text.
  at::Tensor value_by_recipe(const Edit& edit);
  /// The same for an edit in a function that one of the statements calls.
  at::Tensor value_in_helper(const HelperScope& scope, const Edit& edit, double k = 1);
  /// The same with a variable's value, which none of the chain's statements gives, changed too. The
  /// edit, compiled once, is known by its address.
  at::Tensor value_with_variable(const Edit& edit, const NamedValue& variable, double k = 1);
  /// Whether the statements that may be to blame can be run without the others. Where some of the
  /// first cannot, they are left out: the variables that they gave are at hand.
  bool runs_alone() const { return runs_alone_; }
  /// Whether an edit lies in a statement that is run.
  bool touches_chain(const Edit& edit) const;
  /// The value of an expression where the goal is computed; undefined where there is none.
  at::Tensor evaluate(const std::string& expression);

 private:
  struct Piece {
    Span span;
    std::string indent;
    bool is_goal_expression = false;
  };
  void collect_pieces();
  bool reproduces() const;
  bool is_run_again(const std::vector<std::size_t>& all) const;
  at::Tensor filled(const Edit& edit, const at::Tensor& node, const at::Tensor& operand) const;
  std::string body(const std::vector<Edit>& edits) const;
  at::Tensor run_chain(SnippetRunner& runner, const std::vector<Edit>& edits, double k,
                       const Environment& also = {}) const;
  std::vector<std::string> names_with(const std::vector<Edit>& edits) const;
  Environment with_copies() const;
  /// With an edit of a helper function that the chain calls.
  at::Tensor run_with_helper(const FunctionSyntax& helper, const std::vector<Edit>& edits) const;
  const FunctionSyntax* helper_of(const std::vector<Edit>& edits) const;
  at::Tensor run_whole(const std::vector<Edit>& edits) const;

  const StepwiseProgram& program_;
  const ManualRun& run_;
  const Trace& manual_;
  std::vector<std::size_t> chain_;
  Environment environment_;
  std::vector<Piece> pieces_;
  std::vector<std::string> names_, written_;
  std::string goal_;
  bool runs_alone_ = false;
  std::map<std::string, at::Tensor> evaluated_;  ///< by text
  std::map<const Edit*, std::optional<PreparedSnippet>> prepared_;
  std::map<const HelperScope*, std::map<std::string, at::Tensor>> evaluated_in_;
};

}  // namespace gradient_check
