#include "gradient_check/gradient/replay/forward_tape.h"

#include <ATen/core/List.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/gradient/replay/rules.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

/// What these make of a tensor leaves the world of tensors, or its shape depends on the numbers.
bool hands_out_numbers(std::string_view name) {
  constexpr std::array names{"aten::item",
                             "aten::_local_scalar_dense",
                             "aten::is_nonzero",
                             "aten::equal",
                             "aten::allclose",
                             "aten::nonzero",
                             "aten::nonzero_numpy",
                             "aten::masked_select",
                             "aten::argwhere",
                             "aten::_unique2",
                             "aten::unique_dim",
                             "aten::unique_consecutive",
                             "aten::bincount",
                             "aten::histc",
                             "aten::repeat_interleave"};
  for (const std::string_view each : names)
    if (name == each) return true;
  return false;
}

/// Records the operations that the forward itself calls, not those that they call in turn.
class TapeRecorder {
 public:
  std::size_t id_of(const at::Tensor& tensor) {
    repeatable_ = repeatable_ && tensor.is_cpu();  // the rules read memory
    const auto [found, added] = ids_.try_emplace(tensor.unsafeGetTensorImpl(), tape_.values.size());
    if (added) tape_.values.push_back(tensor);
    return found->second;
  }

  void enter(const at::RecordFunction& function) {
    if (depth_++ > 0 || !repeatable_) return;
    pending_.reset();
    repeatable_ = false;
    const auto name = function.operator_name();
    if (!name) return;
    const auto operation = c10::Dispatcher::singleton().findSchema(*name);
    if (!operation || operation->schema().is_mutable()) return;
    repeatable_ = true;
    pending_.emplace(RecordedCall{*operation, own_inputs(function), {}, {}, nullptr, false});
    for (std::size_t i = 0; i < pending_->arguments.size(); ++i)
      note(pending_->arguments[i], i, pending_->inputs);
  }

  void leave(const at::RecordFunction& function) {
    if (--depth_ > 0 || !repeatable_ || !pending_) return;
    const std::vector<c10::IValue> results = own_outputs(function);
    if (is_held(*pending_, results)) return pending_.reset();
    for (std::size_t i = 0; i < results.size(); ++i) note(results[i], i, pending_->outputs);
    pending_->rule = rule_for(pending_->operation.operator_name().name);
    pending_->reads_numbers = hands_out_numbers(pending_->operation.operator_name().name);
    tape_.calls.push_back(std::move(*pending_));
    pending_.reset();
  }

  std::shared_ptr<const ForwardTape> finish(const at::Tensor& output, const NamedTensors& values) {
    if (!repeatable_) return nullptr;
    tape_.output = id_of(output);
    for (const auto& [name, tensor] : values) tape_.arguments[name] = id_of(tensor);
    return std::make_shared<const ForwardTape>(std::move(tape_));
  }

 private:
  /// A detached value that does not share its operand's memory is one that is held: a constant.
  bool is_held(const RecordedCall& call, const std::vector<c10::IValue>& results) const {
    if (call.operation.operator_name().name != "aten::detach") return false;
    const at::Tensor &given = results.at(0).toTensor(), &operand = call.arguments.at(0).toTensor();
    return given.has_storage() && operand.has_storage() && !given.is_alias_of(operand);
  }
  void note(const c10::IValue& given, std::size_t position, std::vector<TensorSlot>& slots) {
    if (given.isTensor()) {
      if (given.toTensor().defined()) slots.push_back({position, -1, id_of(given.toTensor())});
      return;
    }
    if (!given.isList()) return;
    const auto elements = given.toListRef();
    for (std::size_t k = 0; k < elements.size(); ++k)
      if (elements[k].isTensor() && elements[k].toTensor().defined())
        slots.push_back({position, static_cast<std::int64_t>(k), id_of(elements[k].toTensor())});
  }

  ForwardTape tape_;
  std::unordered_map<const c10::TensorImpl*, std::size_t> ids_;
  std::optional<RecordedCall> pending_;
  int depth_ = 0;
  bool repeatable_ = true;
};

thread_local TapeRecorder* recording_here = nullptr;  ///< null in autograd's own threads

std::unique_ptr<at::ObserverContext> enter_recorded(const at::RecordFunction& function) {
  const at::DisableRecordFunctionGuard unwatched;
  if (recording_here) recording_here->enter(function);
  return nullptr;
}

void leave_recorded(const at::RecordFunction& function, at::ObserverContext*) {
  const at::DisableRecordFunctionGuard unwatched;
  if (recording_here) recording_here->leave(function);
}

}  // namespace

std::shared_ptr<const ForwardTape> record_forward(const Subject& subject,
                                                  const NamedTensors& values,
                                                  const DetachedValues* held) {
  const EvaluationScope scope(at::kDouble);
  TapeRecorder recorder;
  for (const auto& [name, tensor] : values) recorder.id_of(tensor);
  recording_here = &recorder;
  at::Tensor output;
  {
    const OperationCallback callback(at::RecordFunctionCallback(&enter_recorded, &leave_recorded)
                                         .needsInputs(true)
                                         .needsOutputs(true)
                                         .scopes({at::RecordScope::FUNCTION}));
    std::optional<DetachHold> hold;
    if (held) hold.emplace(*held);
    output = subject.forward(values);
  }
  recording_here = nullptr;
  return recorder.finish(output, values);
}

}  // namespace gradient_check
