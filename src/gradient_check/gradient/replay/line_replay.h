#pragma once

#include <vector>

#include "gradient_check/gradient/line.h"
#include "gradient_check/gradient/replay/forward_tape.h"

namespace gradient_check {

/// The scalar under test, f = Σ forward · grad_output, along lines through many tensors at once,
/// from a recorded forward. A matrix of parameters that a product takes is moved part by part,
/// on all cores, where it is used: to write it to memory and read it back costs more than to
/// multiply by it, and takes as much room as the parameters.
class LineReplay {
 public:
  /// `tape` outlives this; `grad_output` has the shape of its output.
  LineReplay(const ForwardTape& tape, at::Tensor grad_output);

  /// Whether every operation can be repeated.
  bool possible() const { return possible_; }
  /// f at t on the line; NaN where an operation refuses the values.
  double at(const Line& line, double t);

 private:
  const LineStep* step_of(std::size_t value) const;
  const at::Tensor& value_of(std::size_t value);
  bool depends(const RecordedCall& call) const;
  bool run_product(const RecordedCall& call);
  void run_whole(const RecordedCall& call);

  const ForwardTape& tape_;
  at::Tensor grad_output_;
  std::vector<std::vector<std::size_t>> released_;  ///< by call: values that none after it needs
  std::vector<const LineStep*> steps_;              ///< by value: of those that move themselves
  std::vector<at::Tensor> values_;                  ///< by value: those that differ and are known
  std::vector<bool> differs_;
  double t_ = 0;
  bool possible_ = true;
};

}  // namespace gradient_check
