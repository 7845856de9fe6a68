#pragma once

#include <memory>
#include <string>

#include "gradient_check/python/runtime/code.h"
#include "gradient_check/python/syntax/operators.h"

/// What the rest of the runtime asks of tensors; the only part of it that is compiled with
/// LibTorch.
namespace gradient_check::python {

class Interpreter;
struct TensorState;
struct Text;

std::shared_ptr<TensorState> make_tensor_state();

/// The callable that tensor.name(…) calls, with the tensor as first argument. Raises
/// AttributeError.
Value tensor_method(Interpreter& interpreter, const Value& tensor, const Text& name,
                    NodeCache& cache);
/// tensor.name; unset if there is none. Methods come bound.
Value tensor_attribute(Interpreter& interpreter, const Value& tensor, const Text& name);
void set_tensor_attribute(Interpreter& interpreter, const Value& tensor, const Text& name,
                          Value value);

/// One of the two is a tensor; unset where the other is nothing that PyTorch takes.
Value tensor_binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
                    const Value& right, bool in_place);
Value tensor_compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
                     const Value& right);
Value tensor_unary(Interpreter& interpreter, ast::UnaryOperator op, const Value& tensor);

Value tensor_get_item(Interpreter& interpreter, const Value& tensor, const Value& index);
void tensor_set_item(Interpreter& interpreter, const Value& tensor, const Value& index,
                     const Value& value);

/// bool(tensor), float(tensor), len(tensor). Raise as PyTorch does.
bool tensor_truth(const Value& tensor);
/// The one element as bool, int, float or complex.
Value tensor_item(const Value& tensor);
/// Whether it has one element.
bool tensor_is_scalar(const Value& tensor);
/// Whether it is an integer tensor of one element, which may be an index.
bool tensor_is_index(const Value& tensor);
std::int64_t tensor_length(const Value& tensor);
/// tensor[i] along the first dimension.
Value tensor_element(const Value& tensor, std::int64_t index);
std::string tensor_repr(const Value& tensor);
const char* dtype_name(const Value& dtype);

}  // namespace gradient_check::python
