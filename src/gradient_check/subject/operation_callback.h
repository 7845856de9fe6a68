#pragma once

#include <ATen/record_function.h>

namespace gradient_check {

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
