#include "gradient_check/python/runtime/tensor/tensor_methods.h"

#include <ATen/ops/item.h>
#include <torch/csrc/api/include/torch/version.h>

#include <map>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/make_tensor.h"
#include "gradient_check/python/runtime/tensor/operator_call.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"

namespace gradient_check::python {
namespace {

Value method_size(Interpreter&, const Arguments& arguments) {
  const at::Tensor self = tensor_of(arguments[0]);
  const Parameters parameters("size", "self, dim=", arguments);
  if (!parameters.has(1) || parameters[1].is_none()) return make_size(self.sizes());
  return guarded([&] { return Value::integer(self.size(parameters.integer(1))); });
}

Value method_dim(Interpreter&, const Arguments& arguments) {
  return Value::integer(tensor_of(arguments[0]).dim());
}
Value method_numel(Interpreter&, const Arguments& arguments) {
  return Value::integer(tensor_of(arguments[0]).numel());
}
Value method_item(Interpreter&, const Arguments& arguments) {
#if TORCH_VERSION_MAJOR < 2
  return tensor_item(arguments[0]);
#else  // which words it in another way than float() does
  return guarded([&] { return from_scalar(tensor_of(arguments[0]).item()); });
#endif
}

Value listed(Interpreter& interpreter, const at::Tensor& tensor) {
  if (tensor.dim() == 0) return tensor_item(value_of(tensor));
  auto list = make<List>(interpreter.heap);
  for (std::int64_t i = 0; i < tensor.size(0); ++i)
    list->elements.push_back(listed(interpreter, tensor.select(0, i)));
  return list;
}
Value method_tolist(Interpreter& interpreter, const Arguments& arguments) {
  return guarded([&] { return listed(interpreter, tensor_of(arguments[0]).detach()); });
}

/// The tensor's own storage as a NumPy array.
Value method_numpy(Interpreter& interpreter, const Arguments& arguments) {
  return array_value(to_array(interpreter, arguments[0]));
}

Value method_backward(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("backward",
                              "self, gradient=, retain_graph=, create_graph=, inputs=", arguments);
  const auto flag = [&](std::size_t i) { return parameters.has(i) && parameters[i].as_boolean(); };
  return guarded([&] {
    const at::Tensor gradient =
        parameters[1].is(Kind::tensor) ? tensor_of(parameters[1]) : at::Tensor();
    tensor_of(arguments[0]).backward(gradient, flag(2) || flag(3), flag(3));
    return Value::none();
  });
}

Value method_requires_grad_(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("requires_grad_", "self, requires_grad=", arguments);
  return guarded([&] {
    tensor_of(arguments[0]).requires_grad_(!parameters.has(1) || parameters[1].as_boolean());
    return arguments[0];
  });
}

/// x.register_hook(f): f sees the adjoint, and may give another. Not beyond the interpreter's life.
Value method_register_hook(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("register_hook", "self, hook", arguments);
  return guarded([&] {
    const std::weak_ptr<TensorState> alive = interpreter.tensors;
    tensor_of(arguments[0])
        .register_hook([&interpreter, alive, hook = parameters[1]](const at::Tensor& adjoint) {
          if (alive.expired()) return adjoint;
          Value values[] = {value_of(adjoint)};
          const Value other = call(interpreter, hook, {values, 1});
          return other.is(Kind::tensor) ? tensor_of(other) : adjoint;
        });
    return Value::none();
  });
}

Value method_retain_grad(Interpreter&, const Arguments& arguments) {
  return guarded([&] {
    tensor_of(arguments[0]).retain_grad();
    return Value::none();
  });
}

template <at::ScalarType type>
Value method_cast(Interpreter& interpreter, const Arguments& arguments) {
  return guarded(
      [&] { return value_of(tensor_of(arguments[0]).to(named_type(interpreter, type))); });
}

/// x.to("cpu"), x.to(device) and x.cuda() stay where they are; the rest is the operator's.
Value method_to(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.count == 2 && arguments.keywords == 0 &&
      (arguments[1].is(Kind::string) || arguments[1].is(Kind::opaque)))
    return arguments[0];
  static const OperatorSet* to = find_operator("to");
  return call_operator(interpreter, *to, true, arguments);
}
Value method_same(Interpreter&, const Arguments& arguments) { return arguments[0]; }

Value method_is_floating_point(Interpreter&, const Arguments& arguments) {
  return Value::boolean(tensor_of(arguments[0]).is_floating_point());
}
Value method_is_contiguous(Interpreter&, const Arguments& arguments) {
  return Value::boolean(tensor_of(arguments[0]).is_contiguous());
}
Value method_stride(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("stride", "self, dim=", arguments);
  const at::Tensor self = tensor_of(arguments[0]);
  if (parameters.has(1))
    return guarded([&] { return Value::integer(self.stride(parameters.integer(1))); });
  std::vector<Value> strides;
  for (const std::int64_t stride : self.strides()) strides.push_back(Value::integer(stride));
  return make<Tuple>(std::move(strides));
}

Value method_new_tensor(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("new_tensor", "self, data, *, dtype=, requires_grad=", arguments);
  return guarded([&] {
    const auto type = parameters[2].is(Kind::dtype)
                          ? static_cast<at::ScalarType>(parameters[2].as_integer())
                          : tensor_of(arguments[0]).scalar_type();
    at::Tensor made = make_tensor(interpreter, parameters[1], type);
    return value_of(made);
  });
}

const std::map<std::string, NativeFunction>& methods() {
  static const std::map<std::string, NativeFunction> table{
      {"size", method_size},
      {"dim", method_dim},
      {"ndimension", method_dim},
      {"numel", method_numel},
      {"nelement", method_numel},
      {"item", method_item},
      {"tolist", method_tolist},
      {"numpy", method_numpy},
      {"backward", method_backward},
      {"requires_grad_", method_requires_grad_},
      {"retain_grad", method_retain_grad},
      {"register_hook", method_register_hook},
      {"to", method_to},
      {"cpu", method_same},
      {"cuda", method_same},
      {"float", method_cast<at::kFloat>},
      {"double", method_cast<at::kDouble>},
      {"half", method_cast<at::kHalf>},
      {"bfloat16", method_cast<at::kBFloat16>},
      {"long", method_cast<at::kLong>},
      {"int", method_cast<at::kInt>},
      {"short", method_cast<at::kShort>},
      {"char", method_cast<at::kChar>},
      {"byte", method_cast<at::kByte>},
      {"bool", method_cast<at::kBool>},
      {"is_floating_point", method_is_floating_point},
      {"is_contiguous", method_is_contiguous},
      {"stride", method_stride},
      {"new_tensor", method_new_tensor},
  };
  return table;
}

}  // namespace

NativeFunction find_tensor_method(const std::string& name) {
  const auto found = methods().find(name);
  return found == methods().end() ? nullptr : found->second;
}

Value tensor_item(const Value& tensor) {
  if (tensor_of(tensor).numel() != 1)
    value_error("only one element tensors can be converted to Python scalars");
  return guarded([&] { return from_scalar(tensor_of(tensor).item()); });
}
bool tensor_truth(const Value& tensor) {
  return guarded([&] { return tensor_of(tensor).is_nonzero(); });
}
bool tensor_is_scalar(const Value& tensor) { return tensor_of(tensor).dim() == 0; }
bool tensor_is_index(const Value& tensor) {
  const at::Tensor self = tensor_of(tensor);
  return self.numel() == 1 && at::isIntegralType(self.scalar_type(), false);
}
std::int64_t tensor_length(const Value& tensor) {
  const at::Tensor self = tensor_of(tensor);
  if (self.dim() == 0) type_error("len() of a 0-d tensor");
  return self.size(0);
}

}  // namespace gradient_check::python
