#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/diagnosis/blame/trial.h"
#include "gradient_check/diagnosis/culprit.h"

namespace gradient_check {

/// A change of the program that gives the goal its right value.
struct Repair {
  std::vector<Edit> edits;
  Change change = Change::none;
  double cost = 0;
  std::string before, after, within;
  double factor = 1;  ///< of a scale: wrong = factor · right
  FactorText factor_text;
  std::size_t missing_line = 0;  ///< of a missing term: the forward's line it comes from
  std::string missing_text;
  std::optional<std::size_t> write;  ///< whose statement is changed; absent: a helper's is
  bool keeps_all = false;            ///< the whole program loses nothing with it
  bool is_part = false;              ///< puts a part of the goal right: there is another mistake
};

/// What a search works on.
struct Suspects {
  const StepwiseProgram& program;
  const ManualRun& run;
  const Trace& manual;
  /// Writes that may be to blame, in execution order; the last is the goal, known to be wrong.
  std::vector<std::size_t> chain;
  const KnownValue& truth;  ///< the goal's right value
  const std::vector<KnownValue>& known;
  double tolerance = 1e-9;
  std::set<std::size_t> shared;  ///< those of the chain that other wrong values are made of too
  bool only_helpers = false;     ///< only changes of the program's own functions
};

/// How many gradients are wrong with a repair made; nullopt where something that was right is lost.
using RepairEffect = std::function<std::optional<std::size_t>(const Repair&)>;

/// The simplest single change of the suspects' statements, or of a helper function that they call,
/// that reproduces the goal's right value to rounding and loses nothing; of changes about as simple
/// as each other, the one that leaves fewest gradients wrong. Without one, the simplest that is
/// right for the goal alone, or whose text is not known, or the one that puts most of the goal's
/// elements right; nullopt where there is none.
std::optional<Repair> find_repair(const Suspects& suspects, const RepairEffect& effect);

/// Changes of the goal's value as a whole: its sign, a constant factor, its transpose, a sum over
/// what was broadcast, a factor or a term. The cheapest that fits, or nullopt.
std::optional<Repair> find_whole_repair(const Suspects& suspects, Trial& trial);

/// The expression whose value a write holds; null where there is none.
const Expr* expression_of(const Write& write);

}  // namespace gradient_check
