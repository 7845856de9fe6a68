#pragma once

#include <ATen/core/Tensor.h>

#include "gradient_check/python/runtime/raised.h"
#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

/// The tensor that a Value of kind tensor is.
inline at::Tensor tensor_of(const Value& value) {
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(
      value.as_tensor()));
}
inline Value value_of(const at::Tensor& tensor) {
  return Value::tensor(tensor.unsafeGetTensorImpl());
}

/// The Python exception that PyTorch makes of the one being handled.
[[noreturn]] void rethrow_as_python();

/// Runs LibTorch code; what it throws becomes the exception that PyTorch raises.
template <typename Body>
auto guarded(const Body& body) {
  try {
    return body();
  } catch (const Raised&) {
    throw;
  } catch (const c10::Error&) {
    rethrow_as_python();
  } catch (const std::exception&) {
    rethrow_as_python();
  }
}

}  // namespace gradient_check::python
