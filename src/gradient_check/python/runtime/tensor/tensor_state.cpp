#include "gradient_check/python/runtime/tensor/tensor_state.h"

#include <ATen/ops/scalar_tensor.h>
#include <ATen/record_function.h>

#include <cmath>
#include <limits>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {

std::shared_ptr<TensorState> make_tensor_state() { return std::make_shared<TensorState>(); }

namespace {

at::ScalarType own_type(const Value& number) {
  switch (number.kind()) {
    case Kind::real:
      return at::kDouble;
    case Kind::boolean:
      return at::kBool;
    case Kind::complex:
      return at::kComplexDouble;
    default:
      return at::kLong;
  }
}

/// Whether the number becomes a finite float32, or is none in float64 either.
bool fits_float(const Value& number) {
  const double value = number.as_real();
  return !std::isfinite(value) || std::fabs(value) <= std::numeric_limits<float>::max();
}

const at::Tensor& wrapped_in(Interpreter& interpreter, const Value& number, at::ScalarType type) {
  const std::size_t bits =
      static_cast<std::size_t>(number.as_integer()) * 2 + (type == at::kFloat ? 1 : 0);
  auto& entry = interpreter.tensors->numbers[(bits * 0x9e3779b97f4a7c15u) >> 58];
  if (entry.value.same(number) && entry.tensor.scalar_type() == type) return entry.tensor;
  const at::DisableRecordFunctionGuard unobserved;  // as the kept ones are
  entry.tensor = at::scalar_tensor(*to_scalar(number), type);
  entry.tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  entry.value = number;
  return entry.tensor;
}

}  // namespace

const at::Tensor& wrapped_number(Interpreter& interpreter, const Value& number) {
  return wrapped_in(interpreter, number, own_type(number));
}

const at::Tensor& wrapped_number(Interpreter& interpreter, const Value& number,
                                 at::ScalarType beside) {
  const bool converts =
      number.is_number() && (beside == at::kDouble || (beside == at::kFloat && fits_float(number)));
  return wrapped_in(interpreter, number, converts ? beside : own_type(number));
}

at::ScalarType named_type(const Interpreter& interpreter, at::ScalarType type) {
  if (interpreter.widened.bytes == 0) return type;
  if (!at::isFloatingType(type) && !at::isComplexType(type)) return type;
  const auto real = c10::toRealValueType(type);
  if (c10::elementSize(real) < interpreter.widened.bytes) return type;
  return at::isComplexType(type) ? at::kComplexDouble : at::kDouble;
}

}  // namespace gradient_check::python
