#include <ATen/ops/imag.h>
#include <ATen/ops/real.h>

#include <map>

#include "gradient_check/python/modules/library.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/device.h"
#include "gradient_check/python/runtime/tensor/grad_function.h"
#include "gradient_check/python/runtime/tensor/operator_call.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/tensor/tensor_methods.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"

namespace gradient_check::python {
namespace {

using Getter = Value (*)(const at::Tensor&);

const std::map<std::string, Getter>& getters() {
  static const std::map<std::string, Getter> table{
      {"shape", [](const at::Tensor& x) { return make_size(x.sizes()); }},
      {"dtype",
       [](const at::Tensor& x) { return Value::dtype(static_cast<int>(x.scalar_type())); }},
      {"device", [](const at::Tensor&) -> Value { return make<DeviceValue>("cpu"); }},
      {"ndim", [](const at::Tensor& x) { return Value::integer(x.dim()); }},
      {"T", [](const at::Tensor& x) { return value_of(x.numpy_T()); }},
      {"mT", [](const at::Tensor& x) { return value_of(x.mT()); }},
      {"H", [](const at::Tensor& x) { return value_of(x.matrix_H()); }},
      {"mH", [](const at::Tensor& x) { return value_of(x.mH()); }},
      {"real", [](const at::Tensor& x) { return value_of(at::real(x)); }},
      {"imag", [](const at::Tensor& x) { return value_of(at::imag(x)); }},
      {"data", [](const at::Tensor& x) { return value_of(x.variable_data()); }},
      {"grad", [](const at::Tensor& x) { return value_of(x.grad()); }},
      {"requires_grad", [](const at::Tensor& x) { return Value::boolean(x.requires_grad()); }},
      {"is_leaf", [](const at::Tensor& x) { return Value::boolean(x.is_leaf()); }},
      {"grad_fn",
       [](const at::Tensor& x) -> Value {
         if (!x.requires_grad() || x.is_leaf()) return Value::none();
         return make<GradFunction>(x.grad_fn());
       }},
      {"is_cuda", [](const at::Tensor&) { return Value::boolean(false); }},
  };
  return table;
}

Dict* own_attributes(Interpreter& interpreter, const Value& tensor) {
  auto& all = interpreter.tensors->attributes;
  if (all.empty()) return nullptr;
  const auto found = all.find(tensor.as_tensor());
  if (found == all.end()) return nullptr;
  if (found->second.tensor.expired()) {
    all.erase(found);
    return nullptr;
  }
  return found->second.values.get();
}

void set_own_attribute(Interpreter& interpreter, const Value& tensor, const Text& name,
                       Value value) {
  if (Dict* own = own_attributes(interpreter, tensor)) return own->set(name, std::move(value));
  auto values = make<Dict>(interpreter.heap);
  values->set(name, std::move(value));
  interpreter.tensors->attributes.emplace(
      tensor.as_tensor(),
      TensorState::Attributes{c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>(
                                  tensor_of(tensor).getIntrusivePtr()),
                              values});
}

/// The method as a function of the tensor, made once; null if there is none.
const Value* find_method(Interpreter& interpreter, const Text& name) {
  auto& methods = interpreter.tensors->methods;
  const auto known = methods.find(name.text);
  if (known != methods.end()) return &known->second;
  if (const NativeFunction function = find_tensor_method(name.text))
    return &methods.emplace(name.text, make<Builtin>("method", function)).first->second;
  if (Value in_python = find_in_library(interpreter, "torch._functional", "tensor_" + name.text);
      in_python.is_set())
    return &methods.emplace(name.text, std::move(in_python)).first->second;
  if (const OperatorSet* operators = find_operator(name.text))
    return &methods.emplace(name.text, Value(new TensorFunction(*operators, true))).first->second;
  return nullptr;
}

}  // namespace

Value tensor_method(Interpreter& interpreter, const Value& tensor, const Text& name,
                    NodeCache& cache) {
  if (cache.key == &interpreter) return *static_cast<const Value*>(cache.found);
  if (Dict* own = own_attributes(interpreter, tensor))
    if (const Value* found = own->find(name)) {
      const Value attribute = *found;
      return attribute;
    }
  const Value* method = find_method(interpreter, name);
  if (!method) raise(ErrorKind::AttributeError, "'Tensor' object has no attribute '{}'", name.text);
  cache = {&interpreter, method, 0};
  return *method;
}

Value tensor_attribute(Interpreter& interpreter, const Value& tensor, const Text& name) {
  const auto getter = getters().find(name.text);
  if (getter != getters().end()) return guarded([&] { return getter->second(tensor_of(tensor)); });
  if (Dict* own = own_attributes(interpreter, tensor))
    if (const Value* found = own->find(name)) return *found;
  if (const Value* method = find_method(interpreter, name))
    return make<BoundMethod>(interpreter.heap, tensor, *method);
  return {};
}

void set_tensor_attribute(Interpreter& interpreter, const Value& tensor, const Text& name,
                          Value value) {
  at::Tensor self = tensor_of(tensor);
  guarded([&] {
    if (name.text == "requires_grad")
      self.requires_grad_(value.as_boolean());
    else if (name.text == "grad")
      self.mutable_grad() = value.is(Kind::tensor) ? tensor_of(value) : at::Tensor();
    else if (name.text == "data")
      self.set_data(tensor_of(value));
    else if (getters().count(name.text) != 0)
      raise(ErrorKind::AttributeError,
            "attribute '{}' of 'torch._C._TensorBase' objects is not writable", name.text);
    else
      set_own_attribute(interpreter, tensor, name, std::move(value));
  });
}

}  // namespace gradient_check::python
