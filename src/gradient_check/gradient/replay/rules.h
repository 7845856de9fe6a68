#pragma once

#include <ATen/core/stack.h>

#include <string_view>

#include "gradient_check/gradient/replay/forward_tape.h"

namespace gradient_check {

/// A recorded call with the patches of its arguments. What does not fit a rule is run whole.
class ReplayedCall {
 public:
  ReplayedCall(const ForwardTape& tape, const RecordedCall& call, const std::vector<Patch>& patches)
      : tape_(tape), call_(call), patches_(patches) {}

  const RecordedCall& call() const { return call_; }
  const c10::IValue& argument(std::size_t position) const { return call_.arguments[position]; }
  std::size_t arguments() const { return call_.arguments.size(); }
  /// The tensors among the arguments.
  const std::vector<TensorSlot>& slots() const { return call_.inputs; }
  const at::Tensor& recorded(const TensorSlot& slot) const { return tape_.values[slot.value]; }
  const Patch& patch(const TensorSlot& slot) const { return patches_[slot.value]; }

  /// The recorded tensor given as that argument.
  const at::Tensor& recorded(std::size_t position) const;
  /// Its patch; an unchanged one where the argument is no tensor.
  const Patch& patch(std::size_t position) const;
  /// Whether that argument is the only one that changed.
  bool only_changed(std::size_t position) const;
  /// The recorded first result.
  const at::Tensor& result() const { return tape_.values[call_.outputs.at(0).value]; }

  /// Runs the operation with `arguments` in place of the recorded ones.
  at::Tensor run(torch::jit::Stack arguments) const;

 private:
  const ForwardTape& tape_;
  const RecordedCall& call_;
  const std::vector<Patch>& patches_;
};

/// The rule for an operator, "aten::mm"; null where it is always run whole.
ReplayRule rule_for(std::string_view operator_name);

// One file each. Every rule may refuse by returning nothing.

/// An element of the result depends on the elements at its own place in the operands, broadcast.
std::optional<Patch> replay_pointwise(const ReplayedCall& call);
/// softmax, log_softmax, layer_norm: an element depends on those along some dimensions.
std::optional<Patch> replay_softmax(const ReplayedCall& call);
std::optional<Patch> replay_layer_norm(const ReplayedCall& call);
/// mm(a, b), matmul(a, b), linear(x, w, bias), addmm(bias, a, b): one column of b moves one column
/// of the product, one column of a moves it by an outer product.
std::optional<Patch> replay_matmul(const ReplayedCall& call);
std::optional<Patch> replay_linear(const ReplayedCall& call);
std::optional<Patch> replay_addmm(const ReplayedCall& call);
/// conv1d, conv2d, conv3d: a filter makes one channel of the output.
std::optional<Patch> replay_convolution(const ReplayedCall& call);
/// sum and mean, of everything or along dimensions: moved by the sum of the changes.
std::optional<Patch> replay_sum(const ReplayedCall& call);
std::optional<Patch> replay_mean(const ReplayedCall& call);
/// t, transpose, permute, unsqueeze, select, reshape: the same elements at other places.
std::optional<Patch> replay_t(const ReplayedCall& call);
std::optional<Patch> replay_transpose(const ReplayedCall& call);
std::optional<Patch> replay_permute(const ReplayedCall& call);
std::optional<Patch> replay_unsqueeze(const ReplayedCall& call);
std::optional<Patch> replay_select(const ReplayedCall& call);
std::optional<Patch> replay_reshape(const ReplayedCall& call);

}  // namespace gradient_check
