#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// What the search for explanations may still spend, over all goals of one program.
struct SearchBudget {
  int programs = 40;    ///< whole programs compiled and run
  int snippets = 2000;  ///< pieces compiled
  int traces = 240;     ///< runs with a known value put in a suspect's place
};

/// One run of a manual function: where, and which values are put in place of what it computes.
struct ManualRun {
  const NamedTensors& values;
  const at::Tensor& cotangent;
  std::map<std::size_t, at::Tensor> overrides;  ///< by index of the write
  SearchBudget* budget = nullptr;
};

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
  /// The goal's value with `edits` made; undefined where that fails, or costs too much by now.
  at::Tensor value_with(const std::vector<Edit>& edits, double k = 1);
  /// The same for an edit with a recipe, without compiling its text.
  at::Tensor value_by_recipe(const Edit& edit);
  bool runs_alone() const { return runs_alone_; }
  /// The value of an expression where the goal is computed; undefined where there is none.
  at::Tensor evaluate(const std::string& expression) const;

 private:
  struct Piece {
    Span span;
    std::string indent;
    bool is_goal_expression = false;
  };
  void collect_pieces();
  std::string body(const std::vector<Edit>& edits) const;
  bool touches_chain(const Edit& edit) const;
  at::Tensor run_chain(SnippetRunner& runner, const std::vector<Edit>& edits, double k,
                       const at::Tensor& hole = {}) const;
  /// With an edit of a helper function that the chain calls.
  at::Tensor run_with_helper(const FunctionSyntax& helper, const std::vector<Edit>& edits) const;
  const FunctionSyntax* helper_of(const std::vector<Edit>& edits) const;
  at::Tensor cached(const std::string& expression);
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
};

}  // namespace gradient_check
