#pragma once

#include <ATen/core/stack.h>

#include <string>
#include <vector>

#include "gradient_check/gradient/replay/forward_tape.h"

namespace gradient_check {

/// The scalar under test, f = Σ forward · grad_output, as a function of one recorded tensor, from
/// the same operations on the same whole tensors as the forward's own: to the last bit what it
/// gives, where all that it does shows in the recording. What does not depend on the tensor is not
/// computed again.
class ElementReplay {
 public:
  /// `tape` outlives this.
  ElementReplay(const ForwardTape& tape, const std::string& name, at::Tensor grad_output);

  /// Whether every operation can be repeated.
  bool possible() const { return possible_; }
  /// f with the tensor replaced; NaN where an operation refuses it.
  double at(const at::Tensor& value);

 private:
  /// A call that depends on the tensor, and what only it and those before it need.
  struct LaterCall {
    const RecordedCall* call;
    std::vector<TensorSlot> moved;
    std::vector<std::size_t> released;
  };
  void run(const LaterCall& later);

  const ForwardTape& tape_;
  at::Tensor grad_output_;
  std::size_t moved_;
  std::vector<LaterCall> later_;
  std::vector<at::Tensor> values_;  ///< by value: those that depend on the tensor and are known
  torch::jit::Stack stack_;         ///< of a call, whose memory the next one uses
  bool depends_ = false, possible_ = true;
};

}  // namespace gradient_check
