#include <ATen/ops/div.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/round.h>
#include <c10/util/Exception.h>

#include <cmath>

#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/array/matrix_product.h"
#include "gradient_check/python/runtime/array/reduction.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

Value written_into(const Value& result, const Value& out) {
  if (!out.is_set() || out.is_none()) return result;
  as_array(out)->tensor.copy_(as_array(result)->tensor);
  return out;
}

Value numpy_dot(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("dot", "a, b, out=", arguments);
  return guarded([&] {
    return written_into(dot_product(interpreter, parameters[0], parameters[1]), parameters[2]);
  });
}
Value numpy_matmul(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("matmul", "x1, x2, out=", arguments);
  return guarded([&] {
    return written_into(matrix_product(interpreter, parameters[0], parameters[1]), parameters[2]);
  });
}

Value numpy_einsum(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.positional() < 2)
    type_error(
        "must specify the einstein sum subscripts string and at least one operand, or at least one "
        "operand and its corresponding subscripts list");
  return guarded([&] {
    std::vector<at::Tensor> operands;
    std::vector<PromotedOperand> types;
    for (std::size_t i = 1; i < arguments.positional(); ++i) {
      operands.push_back(to_array(interpreter, arguments[i]));
      types.push_back({operands.back().scalar_type(), true});
    }
    for (at::Tensor& operand : operands) operand = operand.to(result_dtype(types));
    try {
      return result_value(at::einsum(text_of(arguments[0]), operands));
    } catch (const c10::Error& error) {
      raise_text(ErrorKind::ValueError, error.what_without_backtrace());
    }
  });
}

/// Rounds as NumPy does: by scaling, to the even neighbour.
Value numpy_round(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("round", "a, decimals=, out=", arguments);
  return guarded([&] {
    const at::Tensor a = to_array(interpreter, parameters[0]);
    const std::int64_t places = parameters.integer(1, 0);
    if (category(a.scalar_type()) < 2 && places >= 0) return result_value(a.clone());
    const double power = std::pow(10.0, static_cast<double>(std::abs(places)));
    at::Tensor result = places == 0  ? at::round(a)
                        : places > 0 ? at::div(at::round(at::mul(a, power)), power)
                                     : at::mul(at::round(at::div(a, power)), power);
    return written_into(result_value(result.to(a.scalar_type())), parameters[2]);
  });
}

constexpr NativeRow product_rows[] = {
    {"dot", numpy_dot},     {"matmul", numpy_matmul}, {"einsum", numpy_einsum},
    {"round", numpy_round}, {"around", numpy_round},  {"round_", numpy_round},
};

}  // namespace

std::span<const NativeRow> numpy_products() { return product_rows; }

}  // namespace gradient_check::python
