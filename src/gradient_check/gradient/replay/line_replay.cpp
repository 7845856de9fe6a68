#include "gradient_check/gradient/replay/line_replay.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "gradient_check/gradient/replay/moved_product.h"
#include "gradient_check/gradient/replay/replayed_stack.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {

LineReplay::LineReplay(const ForwardTape& tape, at::Tensor grad_output)
    : tape_(tape), grad_output_(std::move(grad_output)), released_(tape.calls.size()) {
  std::vector<std::size_t> last_use(tape.values.size(), tape.calls.size());
  for (std::size_t i = 0; i < tape.calls.size(); ++i) {
    possible_ = possible_ && !tape.calls[i].reads_numbers;
    for (const TensorSlot& slot : tape.calls[i].inputs) last_use[slot.value] = i;
  }
  for (std::size_t value = 0; value < last_use.size(); ++value)
    if (last_use[value] < tape.calls.size() && value != tape.output)
      released_[last_use[value]].push_back(value);
}

double LineReplay::at(const Line& line, double t) {
  t_ = t;
  steps_.assign(tape_.values.size(), nullptr);
  values_.assign(tape_.values.size(), {});
  differs_.assign(tape_.values.size(), false);
  for (const auto& [name, step] : line) {
    const std::size_t value = tape_.arguments.at(name);
    steps_[value] = &step;
    differs_[value] = true;
  }
  double f = std::numeric_limits<double>::quiet_NaN();
  try {
    for (std::size_t i = 0; i < tape_.calls.size(); ++i) {
      const RecordedCall& call = tape_.calls[i];
      if (!depends(call)) continue;
      if (!run_product(call)) run_whole(call);
      for (const TensorSlot& slot : call.outputs) differs_[slot.value] = true;
      for (const std::size_t value : released_[i]) values_[value].reset();
    }
    f = weighted_sum(value_of(tape_.output), grad_output_);
  } catch (const std::exception&) {
    // Outside the forward's domain.
  }
  values_.clear();
  return f;
}

bool LineReplay::depends(const RecordedCall& call) const {
  return std::any_of(call.inputs.begin(), call.inputs.end(),
                     [&](const TensorSlot& slot) { return differs_[slot.value]; });
}

const at::Tensor& LineReplay::value_of(std::size_t value) {
  if (!differs_[value]) return tape_.values[value];
  at::Tensor& known = values_[value];
  if (!known.defined() && steps_[value]) known = moved(tape_.values[value], *steps_[value], t_);
  return known;
}

bool LineReplay::run_product(const RecordedCall& call) {
  const auto product = product_of(call);
  if (!product || call.outputs.size() != 1) return false;
  const std::size_t matrix = call.inputs[product->right].value;
  if (!steps_[matrix] || values_[matrix].defined() || !moves_in_parts(tape_.values[matrix]))
    return false;
  const at::Tensor& left = value_of(call.inputs[product->left].value);
  if (left.scalar_type() != at::kDouble || left.numel() == 0) return false;
  at::Tensor result =
      moved_product(left, tape_.values[matrix], *steps_[matrix], t_, product->right_is_transposed);
  if (product->added) result.add_(value_of(call.inputs[*product->added].value));
  values_[call.outputs[0].value] = std::move(result);
  return true;
}

void LineReplay::run_whole(const RecordedCall& call) {
  torch::jit::Stack stack = call.arguments;
  for (const TensorSlot& slot : call.inputs)
    if (differs_[slot.value]) place_argument(stack, slot, value_of(slot.value));
  call.operation.callBoxed(&stack);
  for (const TensorSlot& slot : call.outputs) values_[slot.value] = result_at(stack, slot);
}

}  // namespace gradient_check
