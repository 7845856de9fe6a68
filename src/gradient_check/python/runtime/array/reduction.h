#pragma once

#include "gradient_check/python/runtime/array/ufunc.h"

namespace gradient_check::python {

/// An axis= argument as axes counted from the front: None stands for all of them.
std::vector<std::int64_t> to_axes(Interpreter& interpreter, const Value& axis,
                                  std::int64_t dimensions);

/// The sum, or product, over axes, which stay with size 1.
at::Tensor sum_over(const at::Tensor& tensor, const std::vector<std::int64_t>& axes);
at::Tensor product_over(at::Tensor tensor, const std::vector<std::int64_t>& axes);

/// The ufunc's reduce().
Value reduced(Interpreter& interpreter, const UfuncRow& row, const at::Tensor& tensor,
              const Value& axis, std::optional<at::ScalarType> type, bool keeps_dimensions);

/// A tensor without the axes, which have size 1.
at::Tensor without_axes(const at::Tensor& tensor, const std::vector<std::int64_t>& axes);

}  // namespace gradient_check::python
