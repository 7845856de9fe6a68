#include "gradient_check/python/runtime/tensor/tensor_state.h"

#include <ATen/ops/scalar_tensor.h>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {

std::shared_ptr<TensorState> make_tensor_state() { return std::make_shared<TensorState>(); }

const at::Tensor& wrapped_number(Interpreter& interpreter, const Value& number) {
  const std::size_t bits = static_cast<std::size_t>(number.as_integer());
  auto& entry = interpreter.tensors->numbers[(bits * 0x9e3779b97f4a7c15u) >> 58];
  if (entry.value.same(number)) return entry.tensor;
  const at::Scalar scalar = *to_scalar(number);
  const at::ScalarType type = number.is(Kind::real)      ? at::kDouble
                              : number.is(Kind::boolean) ? at::kBool
                              : number.is(Kind::complex) ? at::kComplexDouble
                                                         : at::kLong;
  entry.tensor = at::scalar_tensor(scalar, type);
  entry.tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  entry.value = number;
  return entry.tensor;
}

}  // namespace gradient_check::python
