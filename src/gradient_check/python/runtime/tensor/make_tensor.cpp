#include "gradient_check/python/runtime/tensor/make_tensor.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/core/DefaultDtype.h>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

/// Nested sequences flattened into numbers, with their shape.
class NestedNumbers {
 public:
  explicit NestedNumbers(Interpreter& interpreter) : interpreter_(interpreter) {}

  void read(const Value& data, std::size_t depth = 0) {
    const bool is_sequence = data.is(Kind::list) || data.is(Kind::tuple) || data.is(Kind::range) ||
                             (data.is(Kind::tensor) && tensor_of(data).dim() > 0) ||
                             (as_array(data) && as_array(data)->tensor.dim() > 0);
    if (!is_sequence) return add(data, depth);
    if (depth > 128) value_error("too many dimensions");
    const std::vector<Value> elements = elements_of(interpreter_, data);
    const auto size = static_cast<std::int64_t>(elements.size());
    if (depth == shape.size() && numbers.empty() && !closed_)
      shape.push_back(size);
    else if (depth >= shape.size())
      type_error("must be real number, not {}", type_name(data));
    else if (shape[depth] != size)
      value_error("expected sequence of length {} at dim {} (got {})", shape[depth], depth, size);
    if (size == 0) closed_ = true;
    for (const Value& element : elements) read(element, depth + 1);
  }

  at::ScalarType type() const {
    if (array_type_) return *array_type_;
    if (has_complex_)
      return c10::get_default_dtype_as_scalartype() == at::kDouble ? at::kComplexDouble
                                                                   : at::kComplexFloat;
    if (has_real_ || numbers.empty()) return c10::get_default_dtype_as_scalartype();
    return has_integer_ ? at::kLong : at::kBool;
  }

  std::vector<Value> numbers;
  std::vector<std::int64_t> shape;

 private:
  void add(const Value& data, std::size_t depth) {
    const Value number = data.is(Kind::tensor) ? tensor_item(data) : plain_number(data);
    if (depth != shape.size()) {
      if (numbers.empty()) type_error("not a sequence");
      value_error("expected sequence of length {} at dim {}", shape[depth], depth);
    }
    if (const Array* array = as_array(data)) {
      const at::ScalarType found = array->tensor.scalar_type();
      array_type_ = array_type_ ? c10::promoteTypes(*array_type_, found) : found;
    }
    switch (number.kind()) {
      case Kind::boolean:
        break;
      case Kind::integer:
        has_integer_ = true;
        break;
      case Kind::real:
        has_real_ = true;
        break;
      case Kind::complex:
        has_complex_ = true;
        break;
      case Kind::string:
        if (depth > 0) value_error("too many dimensions 'str'");
        type_error("new(): invalid data type 'str'");
      default:
        raise(ErrorKind::RuntimeError, "Could not infer dtype of {}", type_name(number));
    }
    numbers.push_back(number);
  }

  Interpreter& interpreter_;
  std::optional<at::ScalarType> array_type_;  ///< of NumPy's scalars, which keep their own
  bool has_integer_ = false, has_real_ = false, has_complex_ = false, closed_ = false;
};

template <typename T, typename Get>
at::Tensor filled(const NestedNumbers& data, at::ScalarType type, const Get& get) {
  at::Tensor tensor = at::empty(data.shape, at::TensorOptions(type));
  T* elements = tensor.data_ptr<T>();
  for (const Value& number : data.numbers) *elements++ = get(number);
  return tensor;
}

at::Tensor filled(const NestedNumbers& data) {
  switch (data.type()) {
    case at::kBool:
      return filled<bool>(data, at::kBool, [](const Value& v) { return v.as_boolean(); });
    case at::kLong:
      return filled<std::int64_t>(data, at::kLong, [](const Value& v) { return v.as_integer(); });
    case at::kComplexDouble:
    case at::kComplexFloat:
      return filled<c10::complex<double>>(data, at::kComplexDouble, [](const Value& v) {
        const auto* number = v.get_if<ComplexNumber>();
        return number ? c10::complex<double>(number->number) : c10::complex<double>(v.as_real());
      });
    default:
      return filled<double>(data, at::kDouble, [](const Value& v) { return v.as_real(); });
  }
}

}  // namespace

at::Tensor make_tensor(Interpreter& interpreter, const Value& data,
                       std::optional<at::ScalarType> dtype) {
  if (data.is(Kind::tensor)) {
    const at::Tensor copy = tensor_of(data).detach().clone();
    return dtype ? copy.to(*dtype) : copy;
  }
  if (const Array* array = as_array(data))
    return dtype ? array->tensor.to(*dtype, false, true) : array->tensor.clone();
  NestedNumbers numbers(interpreter);
  numbers.read(data);
  return filled(numbers).to(dtype.value_or(numbers.type()));
}

}  // namespace gradient_check::python
