#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/diagnosis/tape/operation.h"

namespace gradient_check {

/// What an evaluation starts from.
struct TapePoint {
  const Subject& subject;
  NamedTensors values;               ///< inputs and parameters, in `dtype`
  std::vector<std::string> targets;  ///< what autograd differentiates
  at::Tensor grad_output;
  at::ScalarType dtype = at::kFloat;
  std::uint64_t seed = 0;
  bool manual = true, autograd = true;  ///< which evaluations to look at
};

struct TapedEvaluation {
  Tape tape;
  Results results;                ///< "loss", and the gradients by name
  std::set<std::size_t> forward;  ///< the operations that the loss needs
  Phase backward_phase = Phase::manual;

  Phase phase_of(std::size_t operation) const {
    return forward.count(operation) != 0 ? Phase::forward : backward_phase;
  }
};

/// Whether two recordings are of the same operations, so that an index means the same in both.
bool same_operations(const Tape& a, const Tape& b);

/// The manual code, recorded; `keep` as for Recorder. Throws SubjectError.
TapedEvaluation tape_manual(const TapePoint& point, const std::set<std::size_t>& keep);
/// The forward and autograd's backward, recorded. Throws SubjectError.
TapedEvaluation tape_autograd(const TapePoint& point, const std::set<std::size_t>& keep);

}  // namespace gradient_check
