#pragma once

#include "gradient_check/python/runtime/array/array.h"

namespace gradient_check::python {

/// Which types a ufunc computes in.
enum class UfuncTypes : std::uint8_t {
  any,      ///< the operands' common type
  whole,    ///< the same, but no floats
  real,     ///< integers become floats
  bools,    ///< operands as bools, a bool result
  compared  ///< the common type, a bool result
};

/// One ufunc of one or two operands. The operands come in their common type, and broadcast.
struct UfuncRow {
  const char* name;
  UfuncTypes types;
  at::Tensor (*unary)(const at::Tensor&);
  at::Tensor (*binary)(const at::Tensor&, const at::Tensor&);
  /// What reduce() starts with and empty reductions give; NaN: there is none.
  double identity;
};

/// Null if there is none of that name, aliases included.
const UfuncRow* find_ufunc(const std::string& name);
const UfuncRow* find_unary_ufunc(const std::string& name);
const UfuncRow* find_binary_ufunc(const std::string& name);

/// Raises TypeError for what a ufunc takes for no number.
void check_ufunc_operand(const UfuncRow& row, const Value& value);

struct UfuncOperand {
  at::Tensor tensor;
  bool has_dimensions;
};
/// Raises TypeError for what is no array.
UfuncOperand ufunc_operand(Interpreter& interpreter, const Value& value);

at::Tensor apply_unary(const UfuncRow& row, const at::Tensor& operand,
                       std::optional<at::ScalarType> type = std::nullopt);
at::Tensor apply_binary(const UfuncRow& row, const UfuncOperand& left, const UfuncOperand& right,
                        std::optional<at::ScalarType> type = std::nullopt);
/// The result as a value, or written into `out` where that is set.
Value finish_ufunc(const UfuncRow& row, const at::Tensor& result, const Value& out);

/// The common shape; {-1} where there is none.
std::vector<std::int64_t> common_shape(at::IntArrayRef left, at::IntArrayRef right);
/// The same, but raises ValueError as NumPy does where shapes do not go together.
std::vector<std::int64_t> broadcast_shape(at::IntArrayRef left, at::IntArrayRef right);

/// np.add and the like: callable, with reduce, accumulate, outer and at.
struct Ufunc : Opaque {
  explicit Ufunc(const UfuncRow& its_row) : row(its_row) {}
  const char* type_name() const override { return "numpy.ufunc"; }
  std::string repr() const override { return std::string("<ufunc '") + row.name + "'>"; }
  Value call(Interpreter& interpreter, const Arguments& arguments) override;
  Value attribute(Interpreter& interpreter, const Text& name) override;
  const UfuncRow& row;
};

}  // namespace gradient_check::python
