#include "gradient_check/gradient/replay/replay.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "gradient_check/gradient/replay/replayed_stack.h"
#include "gradient_check/gradient/replay/rules.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {

bool same_value(double replayed, double evaluated, double allowed) {
  return std::isnan(evaluated) ? std::isnan(replayed) : std::abs(replayed - evaluated) <= allowed;
}

Replay::Replay(const ForwardTape& tape, const std::string& name, at::Tensor grad_output)
    : tape_(tape),
      grad_output_(std::move(grad_output)),
      moved_(tape.arguments.at(name)),
      patches_(tape.values.size()) {
  std::vector<bool> depends(tape.values.size());
  depends[moved_] = true;
  const auto moves = [&](const TensorSlot& slot) { return depends[slot.value]; };
  for (const RecordedCall& call : tape.calls) {
    if (std::none_of(call.inputs.begin(), call.inputs.end(), moves)) continue;
    possible_ = possible_ && !call.reads_numbers;
    for (const TensorSlot& slot : call.outputs) depends[slot.value] = true;
    later_.push_back(&call);
  }
  depends_ = depends[tape.output];
  here_ = weighted_sum(tape.values[tape.output], grad_output_);
  workspace_ = tape.values[moved_].clone();
  element_ = at::empty(std::vector<std::int64_t>(static_cast<std::size_t>(workspace_.dim()), 1),
                       at::kDouble);
}

double Replay::at(std::int64_t index, double element) {
  double* const place = workspace_.data_ptr<double>() + index;
  const double before = *place;
  *place = *element_.data_ptr<double>() = element;
  Patch& patch = patches_[moved_];
  patch = {element_, at::DimVector(static_cast<std::size_t>(workspace_.dim())), workspace_};
  for (std::int64_t d = workspace_.dim(); d-- > 0; index /= workspace_.size(d))
    patch.start[static_cast<std::size_t>(d)] = index % workspace_.size(d);
  const double value = run();
  *place = before;
  return value;
}

double Replay::at(const at::Tensor& value) {
  patches_[moved_] = whole_patch(value);
  return run();
}

double Replay::run() {
  double value = std::numeric_limits<double>::quiet_NaN();
  try {
    for (const RecordedCall* call : later_) apply(*call);
    value = total();
  } catch (const std::exception&) {
    // Outside the forward's domain.
  }
  for (const RecordedCall* call : later_)
    for (const TensorSlot& slot : call->outputs) patches_[slot.value] = {};
  patches_[moved_] = {};
  return value;
}

void Replay::apply(const RecordedCall& call) {
  const auto changed = [&](const TensorSlot& slot) { return patches_[slot.value].changed(); };
  if (std::none_of(call.inputs.begin(), call.inputs.end(), changed)) return;
  if (call.rule && call.outputs.size() == 1)
    if (auto patch = call.rule(ReplayedCall(tape_, call, patches_))) {
      patches_[call.outputs[0].value] = std::move(*patch);
      return;
    }
  run_whole(call);
}

void Replay::run_whole(const RecordedCall& call) {
  torch::jit::Stack stack = call.arguments;
  for (const TensorSlot& slot : call.inputs) {
    const Patch& patch = patches_[slot.value];
    if (patch.changed()) place_argument(stack, slot, completed(patch, tape_.values[slot.value]));
  }
  call.operation.callBoxed(&stack);
  for (const TensorSlot& slot : call.outputs)
    patches_[slot.value] = whole_patch(result_at(stack, slot));
}

double Replay::total() const {
  const Patch& patch = patches_[tape_.output];
  const at::Tensor& output = tape_.values[tape_.output];
  if (!patch.changed()) return here_;
  const Box box = patch.box();
  if (covers(box, output)) return weighted_sum(patch.content, grad_output_);
  return here_ + weighted_sum(patch.content - view_of(output, box), view_of(grad_output_, box));
}

}  // namespace gradient_check
