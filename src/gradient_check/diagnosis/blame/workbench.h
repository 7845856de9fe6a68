#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/blame.h"
#include "gradient_check/diagnosis/blame/edited_text.h"
#include "gradient_check/diagnosis/blame/pairing.h"
#include "gradient_check/diagnosis/blame/trial.h"

namespace gradient_check {

/// Values put in place of what writes give, by index of the write.
using Overrides = std::map<std::size_t, at::Tensor>;

/// What autograd knows of the question's forward.
std::vector<KnownValue> known_of_forward(const BlameQuestion& question);

/// A manual function while it is put right: the edits made and the values put in place so far, how
/// it runs with them, and what is wrong then. Used inside an EvaluationScope of the question's
/// dtype.
class Workbench {
 public:
  /// `known`: what autograd knows of the forward. `distrusted`: variables whose names are not
  /// believed.
  Workbench(const BlameQuestion& question, const std::vector<KnownValue>& known,
            std::set<std::string> distrusted);

  /// Runs the program as it is by now.
  Trace traced(const Overrides& overrides) const { return traced(*program, overrides); }
  Trace traced(const StepwiseProgram& program, const Overrides& overrides) const;
  /// Runs it up to the write `last`.
  Trace traced_up_to(std::size_t last, const Overrides& overrides) const;
  /// Runs and judges it as it is by now: `manual` and `judgements`.
  void look_again();

  /// Autograd's value of an entry of the dictionary; null where it has none.
  const KnownValue* truth_of(const std::string& gradient) const;
  /// Gradients that differ from autograd's by more than the comparison allows.
  std::vector<std::string> wrong_gradients(const Trace& trace) const;
  /// Whether everything that is right but for `wrong_before` is right in `after` too.
  bool keeps_right(const std::vector<std::string>& wrong_before, const Trace& after) const;
  /// Whether two values are the same but for rounding.
  bool same(const at::Tensor& a, const at::Tensor& b) const;

  /// The program with another text; empty where that does not compile.
  std::unique_ptr<StepwiseProgram> compiled(const std::string& edited_text) const;
  /// Goes on with that program; its text must be the current one.
  void adopt(std::unique_ptr<StepwiseProgram> edited);

  const BlameQuestion& question;
  EditedText text;
  const StepwiseProgram* program;
  Overrides overrides;
  const std::vector<KnownValue>& known;
  PairingRules rules;
  Trace original;  ///< of the program as the user wrote it
  Trace manual;
  std::vector<Judgement> judgements;  ///< of `manual`
  std::set<std::size_t> parts;        ///< writes that were put right in part
  std::map<std::size_t, int>
      chosen;  ///< how often a write was blamed in place of one that was wrong
  mutable SearchBudget budget;

 private:
  std::vector<std::unique_ptr<StepwiseProgram>> adopted_;
};

}  // namespace gradient_check
