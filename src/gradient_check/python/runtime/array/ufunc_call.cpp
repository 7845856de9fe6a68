#include <limits>

#include "gradient_check/python/runtime/array/reduction.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

/// A method of a ufunc, such as np.add.at.
struct UfuncMethod : Opaque {
  using Body = Value (*)(Interpreter&, const UfuncRow&, const Arguments&);
  UfuncMethod(const UfuncRow& its_row, Body its_body) : row(its_row), body(its_body) {}
  const char* type_name() const override { return "builtin_function_or_method"; }
  Value call(Interpreter& interpreter, const Arguments& arguments) override {
    return guarded([&] { return body(interpreter, row, arguments); });
  }
  const UfuncRow& row;
  const Body body;
};

Value ufunc_reduce(Interpreter& interpreter, const UfuncRow& row, const Arguments& arguments) {
  const Parameters parameters("reduce", "array, axis=, dtype=, out=, keepdims=", arguments);
  Value axis = parameters.has(1) ? parameters[1] : Value::integer(0);
  const bool keeps = parameters.has(4) && parameters[4].as_boolean();
  return reduced(interpreter, row, to_array(interpreter, parameters[0]), axis,
                 to_array_dtype(parameters[2]), keeps);
}

Value ufunc_accumulate(Interpreter& interpreter, const UfuncRow& row, const Arguments& arguments) {
  const Parameters parameters("accumulate", "array, axis=, dtype=, out=", arguments);
  const at::Tensor array = to_array(interpreter, parameters[0]);
  const std::int64_t axis = checked_axis(parameters.integer(1, 0), array.dim());
  at::Tensor result = array.clone();
  for (std::int64_t i = 1; i < array.size(axis); ++i)
    result.select(axis, i).copy_(row.binary(result.select(axis, i - 1), array.select(axis, i)));
  return result_value(result);
}

Value ufunc_outer(Interpreter& interpreter, const UfuncRow& row, const Arguments& arguments) {
  const Parameters parameters("outer", "A, B, /", arguments);
  UfuncOperand left = ufunc_operand(interpreter, parameters[0]);
  UfuncOperand right = ufunc_operand(interpreter, parameters[1]);
  std::vector<std::int64_t> shape = left.tensor.sizes().vec();
  shape.resize(shape.size() + static_cast<std::size_t>(right.tensor.dim()), 1);
  left.tensor = left.tensor.reshape(shape);
  return result_value(apply_binary(row, left, right));
}

/// a[indices] op= b, one after the other where an index comes twice.
Value ufunc_at(Interpreter& interpreter, const UfuncRow& row, const Arguments& arguments) {
  const Parameters parameters("at", "a, indices, b=, /", arguments);
  const Array* target = as_array(parameters[0]);
  if (!target || target->is_scalar) type_error("first operand must be array");
  const at::Tensor whole = target->tensor;
  // The places that the indices name, as positions in the array laid out flat.
  const at::Tensor places = numbered_like(whole);
  const at::Tensor chosen =
      as_array(array_get_item(interpreter, places, parameters[1]))->tensor.contiguous();
  at::Tensor flat = whole.contiguous().reshape({-1});
  at::Tensor values;
  if (row.binary) {
    if (!parameters.has(2)) value_error("second operand needed for ufunc");
    values = to_array(interpreter, parameters[2]).expand(chosen.sizes()).contiguous().reshape({-1});
  }
  const std::int64_t* place = chosen.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < chosen.numel(); ++i) {
    at::Tensor element = flat.select(0, place[i]);
    element.copy_(row.binary ? apply_binary(row, {element, false}, {values.select(0, i), false})
                             : apply_unary(row, element));
  }
  whole.copy_(flat.reshape(whole.sizes()));
  return Value::none();
}

/// out= may be a tuple of one.
Value output_of(const Value& out) {
  const Tuple* tuple = out.get_if<Tuple>();
  return tuple && tuple->elements.size() == 1 ? tuple->elements[0] : out;
}

/// Where `where` is false the output keeps what it had.
at::Tensor masked(Interpreter& interpreter, const at::Tensor& result, const Value& where,
                  const Value& out) {
  if (!where.is_set() || where.same(Value::boolean(true))) return result;
  const at::Tensor mask = to_array(interpreter, where, at::kBool).expand(result.sizes());
  const Array* target = as_array(out);
  const at::Tensor before = target ? target->tensor.to(result.scalar_type())
                                   : at::Tensor(result.new_zeros(result.sizes()));
  return result.where(mask, before);
}

}  // namespace

Value Ufunc::call(Interpreter& interpreter, const Arguments& arguments) {
  const char* signature = row.binary ? "x1, x2, out=, /, *, out_=, where=, dtype=, casting="
                                     : "x, out=, /, *, out_=, where=, dtype=, casting=";
  std::vector<Value> names(arguments.names, arguments.names + arguments.keywords);
  for (Value& name : names)
    if (text_of(name) == "out") name = Value::string("out_");
  Arguments renamed = arguments;
  renamed.names = names.data();
  const std::size_t operands = row.binary ? 2 : 1;
  if (arguments.positional() < operands || arguments.positional() > operands + 1)
    type_error("{}() takes from {} to {} positional arguments but {} were given", row.name,
               operands, operands + 1, arguments.positional());
  const Parameters parameters(row.name, signature, renamed);
  const Value out =
      output_of(parameters.has(operands) ? parameters[operands] : parameters[operands + 1]);
  const auto type = to_array_dtype(parameters[operands + 3]);
  for (std::size_t i = 0; i < operands; ++i) check_ufunc_operand(row, parameters[i]);
  return guarded([&] {
    at::Tensor result;
    if (row.binary)
      result = apply_binary(row, ufunc_operand(interpreter, parameters[0]),
                            ufunc_operand(interpreter, parameters[1]), type);
    else
      result = apply_unary(row, to_array(interpreter, parameters[0]), type);
    result = masked(interpreter, result, parameters[operands + 2], out);
    return finish_ufunc(row, result, out);
  });
}

Value Ufunc::attribute(Interpreter&, const Text& name) {
  if (name.text == "__name__") return Value::string(row.name);
  if (name.text == "at") return make<UfuncMethod>(row, ufunc_at);
  if (!row.binary) return {};
  if (name.text == "reduce") return make<UfuncMethod>(row, ufunc_reduce);
  if (name.text == "accumulate") return make<UfuncMethod>(row, ufunc_accumulate);
  if (name.text == "outer") return make<UfuncMethod>(row, ufunc_outer);
  return {};
}

}  // namespace gradient_check::python
