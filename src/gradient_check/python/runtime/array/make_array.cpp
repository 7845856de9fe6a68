#include <ATen/ops/empty.h>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

bool is_nested(const Value& value) {
  if (value.is(Kind::list) || value.is(Kind::tuple) || value.is(Kind::range)) return true;
  if (value.is(Kind::tensor)) return tensor_of(value).dim() > 0;
  const Array* array = as_array(value);
  return array && array->tensor.dim() > 0;
}

/// Nested sequences as numbers in a row, with their shape and common type.
class ArrayReader {
 public:
  explicit ArrayReader(Interpreter& interpreter) : interpreter_(interpreter) {}

  void read(const Value& value, std::size_t depth = 0) {
    if (!is_nested(value)) return add(value, depth);
    const std::vector<Value> elements = elements_of(interpreter_, value);
    const auto size = static_cast<std::int64_t>(elements.size());
    if (depth == shape.size() && !closed_)
      shape.push_back(size);
    else if (depth >= shape.size() || shape[depth] != size)
      inhomogeneous(depth);
    if (size == 0) closed_ = true;
    note_empty_array(value);
    for (const Value& element : elements) read(element, depth + 1);
  }

  std::vector<std::int64_t> shape;
  std::vector<Value> numbers;
  std::optional<at::ScalarType> type;

 private:
  void add(const Value& value, std::size_t depth) {
    if (depth < shape.size()) inhomogeneous(depth);
    closed_ = true;
    note(type_of(value));
    numbers.push_back(as_array(value)          ? python_number(as_array(value)->tensor)
                      : value.is(Kind::tensor) ? python_number(tensor_of(value))
                                               : value);
  }
  void note(at::ScalarType found) { type = type ? promoted(*type, found) : found; }
  void note_empty_array(const Value& value) {
    if (const Array* array = as_array(value)) note(array->tensor.scalar_type());
  }
  at::ScalarType type_of(const Value& value) {
    if (const Array* array = as_array(value)) return array->tensor.scalar_type();
    switch (value.kind()) {
      case Kind::boolean:
        return at::kBool;
      case Kind::integer:
        return at::kLong;
      case Kind::real:
        return at::kDouble;
      case Kind::complex:
        return at::kComplexDouble;
      case Kind::tensor:
        return tensor_of(value).scalar_type();
      case Kind::none:
        type_error("float() argument must be a string or a real number, not 'NoneType'");
      default:
        raise(ErrorKind::NotImplementedError, "arrays of {} are not supported: numbers only",
              type_name(value));
    }
  }
  [[noreturn]] void inhomogeneous(std::size_t depth) {
    std::vector<std::int64_t> known(shape.begin(),
                                    shape.begin() + static_cast<std::ptrdiff_t>(depth));
    value_error(
        "setting an array element with a sequence. The requested array has an inhomogeneous shape "
        "after {} dimensions. The detected shape was {} + inhomogeneous part.",
        depth, spaced(known));
  }
  static std::string spaced(const std::vector<std::int64_t>& known) {
    std::string text = "(";
    for (std::size_t i = 0; i < known.size(); ++i)
      text += (i ? ", " : "") + std::to_string(known[i]);
    return text + (known.size() == 1 ? ",)" : ")");
  }

  Interpreter& interpreter_;
  bool closed_ = false;
};

template <typename T, typename Get>
at::Tensor filled_array(const ArrayReader& data, at::ScalarType type, const Get& get) {
  at::Tensor tensor = at::empty(data.shape, at::TensorOptions(type));
  T* elements = tensor.data_ptr<T>();
  for (const Value& number : data.numbers) *elements++ = static_cast<T>(get(number));
  return tensor;
}

at::Tensor filled_array(const ArrayReader& data) {
  switch (category(data.type.value_or(at::kDouble))) {
    case 0:
      return filled_array<bool>(data, at::kBool, [](const Value& v) { return v.as_boolean(); });
    case 1:
      return filled_array<std::int64_t>(data, at::kLong,
                                        [](const Value& v) { return v.as_integer(); });
    case 2:
      return filled_array<double>(data, at::kDouble, [](const Value& v) { return v.as_real(); });
    default:
      return filled_array<c10::complex<double>>(data, at::kComplexDouble, [](const Value& v) {
        const auto* number = v.get_if<ComplexNumber>();
        return number ? c10::complex<double>(number->number) : c10::complex<double>(v.as_real());
      });
  }
}

}  // namespace

bool is_array_like(const Value& value) {
  return value.is_number() || value.is(Kind::complex) || value.is(Kind::list) ||
         value.is(Kind::tuple) || value.is(Kind::range) || value.is(Kind::tensor) ||
         as_array(value) != nullptr;
}

at::Tensor to_array(Interpreter& interpreter, const Value& value,
                    std::optional<at::ScalarType> type) {
  if (const Array* array = as_array(value)) return type ? array->tensor.to(*type) : array->tensor;
  if (value.is(Kind::tensor)) {
    const at::Tensor tensor = tensor_of(value);
    if (tensor.requires_grad())
      raise(
          ErrorKind::RuntimeError,
          "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
    return type ? tensor.to(*type) : tensor;
  }
  if (value.is(Kind::iterator) || value.is(Kind::set) || value.is(Kind::dict))
    raise(ErrorKind::NotImplementedError, "an array of {} is not supported: make a list of it",
          type_name(value));
  ArrayReader reader(interpreter);
  reader.read(value);
  return filled_array(reader).to(type.value_or(reader.type.value_or(at::kDouble)));
}

}  // namespace gradient_check::python
