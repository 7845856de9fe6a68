#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/diagnosis/culprit.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// What blame needs to know of the comparison.
struct BlameQuestion {
  const StepwiseProgram& program;
  NamedTensors values;   ///< float64, or the case's dtype where the manual code is bound to it
  at::Tensor cotangent;  ///< of the same dtype
  at::ScalarType dtype = at::kDouble;
  /// For each gradient that was compared, how far from autograd's it may lie.
  std::map<std::string, double> allowed;
  /// Gradients that are not held against autograd's: another subgradient, or autograd is wrong.
  std::set<std::string> not_compared;
  /// Ask for guards alone: nothing is wrong by so much that it counts.
  bool guards_only = false;
  /// The whole check of an edited program: whether it passes.
  std::function<bool(const Subject&)> passes;
};

struct Blame {
  std::vector<Culprit> culprits;
  std::vector<std::string> unexplained;  ///< gradients still wrong with every culprit put right
  std::string why_not;  ///< why the program could not be followed; empty where it could
};

/// Names the statements that are wrong. In execution order, the first adjoint that is wrong while
/// all it is made of is right is a culprit; its true value (autograd's, float64) is put in its
/// place, and the search goes on until every gradient matches. A culprit without which all
/// gradients match as well is dropped. Each is then explained by the simplest change of its
/// statement that reproduces the true value.
Blame find_blame(const BlameQuestion& question);

}  // namespace gradient_check
