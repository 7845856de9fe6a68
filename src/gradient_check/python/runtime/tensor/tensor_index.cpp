#include <ATen/TensorIndexing.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/select.h>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/make_tensor.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"
#include "gradient_check/python/runtime/tensor/torch_optional.h"

namespace gradient_check::python {
namespace {

using at::indexing::TensorIndex;

TorchOptional<std::int64_t> bound(Interpreter& interpreter, const Value& value) {
  if (value.is_none()) return {};
  if (const auto index = as_index(interpreter, value)) return *index;
  type_error("slice indices must be integers or None or have an __index__ method");
}

TensorIndex index_of(Interpreter& interpreter, const Value& value) {
  switch (value.kind()) {
    case Kind::none:
      return TensorIndex(at::indexing::None);
    case Kind::ellipsis:
      return TensorIndex(at::indexing::Ellipsis);
    case Kind::boolean:
      return TensorIndex(value.as_boolean());
    case Kind::integer:
      return TensorIndex(value.as_integer());
    case Kind::tensor:
      return TensorIndex(tensor_of(value));
    case Kind::slice: {
      const Slice& slice = value.as<Slice>();
      return TensorIndex(at::indexing::Slice(bound(interpreter, slice.lower),
                                             bound(interpreter, slice.upper),
                                             bound(interpreter, slice.step)));
    }
    case Kind::list:
    case Kind::tuple:
    case Kind::range:
      return TensorIndex(make_tensor(interpreter, value, std::nullopt));
    default:
      break;
  }
  if (const auto index = as_index(interpreter, value)) return TensorIndex(*index);
  raise(ErrorKind::IndexError,
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
        "indices (got {})",
        type_name(value));
}

/// A list stands for a tuple only in old NumPy code; PyTorch takes it for a tensor, unless it holds
/// slices, tensors or lists (python_variable_indexing.cpp, treatSequenceAsTuple).
bool is_like_a_tuple(const Value& index) {
  if (index.is(Kind::tuple)) return true;
  const List* list = index.get_if<List>();
  if (!list || list->elements.size() >= 32) return false;
  for (const Value& element : list->elements) switch (element.kind()) {
      case Kind::tensor:
      case Kind::list:
      case Kind::tuple:
      case Kind::slice:
      case Kind::ellipsis:
      case Kind::none:
        return true;
      default:
        break;
    }
  return false;
}

std::vector<TensorIndex> indices_of(Interpreter& interpreter, const Value& index) {
  std::vector<TensorIndex> indices;
  if (!is_like_a_tuple(index)) return {index_of(interpreter, index)};
  const auto& elements =
      index.is(Kind::tuple) ? index.as<Tuple>().elements : index.as<List>().elements;
  for (const Value& element : elements) indices.push_back(index_of(interpreter, element));
  return indices;
}

}  // namespace

Value tensor_get_item(Interpreter& interpreter, const Value& tensor, const Value& index) {
  return guarded([&] {
    const at::Tensor self = tensor_of(tensor);
    if (index.is(Kind::integer) && self.dim() > 0)
      return value_of(at::select(self, 0, checked_index(self, index.as_integer())));
    return value_of(at::indexing::get_item(self, indices_of(interpreter, index)));
  });
}

void tensor_set_item(Interpreter& interpreter, const Value& tensor, const Value& index,
                     const Value& value) {
  guarded([&] {
    const at::Tensor self = tensor_of(tensor);
    const auto indices = indices_of(interpreter, index);
    if (value.is(Kind::tensor)) {
      at::indexing::set_item(self, indices, tensor_of(value));
      return;
    }
    const auto number = to_scalar(value);
    if (!number)
      type_error("can't assign a {} to a torch.{}Tensor", type_name(value),
                 c10::toString(self.scalar_type()));
    // As in PyTorch's valueToTensor: the number in the tensor's own type.
    at::Tensor filler = at::scalar_tensor(*number, self.options());
    at::indexing::set_item(self, indices, filler);
  });
}

std::int64_t checked_index(const at::Tensor& tensor, std::int64_t index) {
  const std::int64_t size = tensor.size(0);
  if (index < -size || index >= size)
    raise(ErrorKind::IndexError, "index {} is out of bounds for dimension 0 with size {}", index,
          size);
  return index;
}

Value tensor_element(const Value& tensor, std::int64_t index) {
  return guarded([&] { return value_of(at::select(tensor_of(tensor), 0, index)); });
}

}  // namespace gradient_check::python
