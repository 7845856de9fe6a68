#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/helper_scope.h"
#include "gradient_check/diagnosis/blame/search.h"

namespace gradient_check {

/// An edit that may be the repair.
struct Candidate {
  Edit edit;
  std::optional<std::size_t> write;    ///< whose statement it changes; absent: a helper's is
  const HelperScope* scope = nullptr;  ///< of an edit in a helper function; owned by Candidates

  /// The repair that it is, if it is one; nothing is said of the whole program.
  Repair repair() const;
};

/// The single changes of the suspects' statements, and of the helper functions that they call.
class Candidates {
 public:
  Candidates(const Suspects& suspects, Trial& trial) : s_(suspects), trial_(trial) {}

  /// The cheapest first.
  std::vector<Candidate> all();

 private:
  /// `d_w = …` in a loop where `d_w = d_w + …` is meant.
  void add_accumulation(std::vector<Candidate>& all) const;
  /// Statements of the program's own functions that a suspect calls.
  void add_helpers(const Expr& expression, const std::vector<std::string>& reductions,
                   std::set<std::string>& in_scope, std::vector<Candidate>& all);

  const Suspects& s_;
  Trial& trial_;
  std::deque<std::deque<HelperScope>> scopes_;
};

}  // namespace gradient_check
