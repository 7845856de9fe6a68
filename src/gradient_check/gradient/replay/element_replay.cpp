#include "gradient_check/gradient/replay/element_replay.h"

#include <exception>
#include <limits>

#include "gradient_check/gradient/replay/replayed_stack.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {

ElementReplay::ElementReplay(const ForwardTape& tape, const std::string& name,
                             at::Tensor grad_output)
    : tape_(tape),
      grad_output_(std::move(grad_output)),
      moved_(tape.arguments.at(name)),
      values_(tape.values.size()) {
  std::vector<bool> depends(tape.values.size());
  depends[moved_] = true;
  std::vector<std::size_t> last_use(tape.values.size());
  for (const RecordedCall& call : tape.calls) {
    possible_ = possible_ && !call.reads_numbers;
    LaterCall later{&call, {}, {}};
    for (const TensorSlot& slot : call.inputs)
      if (depends[slot.value]) later.moved.push_back(slot);
    if (later.moved.empty()) continue;
    for (const TensorSlot& slot : later.moved) last_use[slot.value] = later_.size();
    for (const TensorSlot& slot : call.outputs) depends[slot.value] = true;
    later_.push_back(std::move(later));
  }
  depends_ = depends[tape.output];
  for (std::size_t value = 0; value < last_use.size(); ++value)
    if (depends[value] && value != tape.output && !later_.empty())
      later_[last_use[value]].released.push_back(value);
}

double ElementReplay::at(const at::Tensor& value) {
  double f = std::numeric_limits<double>::quiet_NaN();
  values_[moved_] = value;
  try {
    for (const LaterCall& later : later_) run(later);
    f = weighted_sum(depends_ ? values_[tape_.output] : tape_.values[tape_.output], grad_output_);
  } catch (const std::exception&) {
    // Outside the forward's domain.
  }
  values_.assign(values_.size(), {});
  stack_.clear();
  return f;
}

void ElementReplay::run(const LaterCall& later) {
  stack_.assign(later.call->arguments.begin(), later.call->arguments.end());
  for (const TensorSlot& slot : later.moved) place_argument(stack_, slot, values_[slot.value]);
  later.call->operation.callBoxed(&stack_);
  for (const TensorSlot& slot : later.call->outputs) values_[slot.value] = result_at(stack_, slot);
  for (const std::size_t value : later.released) values_[value].reset();
}

}  // namespace gradient_check
