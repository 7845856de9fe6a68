#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <vector>

namespace gradient_check {

/// The last of the values: an operation that an interpreter calls is shown all of its stack.
template <typename Values>
std::vector<c10::IValue> topmost(const Values& values, std::size_t count) {
  return std::vector<c10::IValue>(values.end() - std::min(count, values.size()), values.end());
}

/// An operation's own arguments, in the order of its schema. Only in the start callback.
inline std::vector<c10::IValue> own_inputs(const at::RecordFunction& function) {
  const auto shown = function.inputs();
  return topmost(shown, function.operator_name() ? function.num_inputs() : shown.size());
}

/// An operation's own results. Only in the end callback.
inline std::vector<c10::IValue> own_outputs(const at::RecordFunction& function) {
  const std::vector<c10::IValue>& shown = function.outputs();
  return topmost(shown, function.operator_name() ? function.num_outputs() : shown.size());
}

/// While it lives, LibTorch calls back on every operation of the thread that made it.
class OperationCallback {
 public:
  explicit OperationCallback(const at::RecordFunctionCallback& callback)
      : handle_(at::addThreadLocalCallback(callback)) {}
  ~OperationCallback() { at::removeCallback(handle_); }
  OperationCallback(const OperationCallback&) = delete;
  OperationCallback& operator=(const OperationCallback&) = delete;

 private:
  at::CallbackHandle handle_;
};

}  // namespace gradient_check
