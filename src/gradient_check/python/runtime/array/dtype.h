#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

class Interpreter;

/// NumPy's name of a type: "float64".
const char* array_dtype_name(at::ScalarType type);
/// The type of that name, also "float", "f4", "<i8" and the like.
std::optional<at::ScalarType> array_dtype_named(const std::string& name);
/// What a dtype= argument says: a dtype, a scalar class, float, int, bool or a name. Nothing for
/// None and for an argument not given. Raises TypeError for anything else.
std::optional<at::ScalarType> to_array_dtype(const Value& value);
Value dtype_value(at::ScalarType type);

/// NumPy's promote_types: int64 and float32 make float64.
at::ScalarType promoted(at::ScalarType left, at::ScalarType right);
/// 0 bool, 1 integers, 2 floats, 3 complex.
int category(at::ScalarType type);
/// The type of sqrt and the like of integers.
at::ScalarType float_beside(at::ScalarType type);

/// An operand as promotion sees it: those of no dimension do not decide within their category.
struct PromotedOperand {
  at::ScalarType type;
  bool has_dimensions;
};
at::ScalarType result_dtype(const std::vector<PromotedOperand>& operands);

/// np.dtype('float64'), which x.dtype gives.
struct DType : Opaque {
  explicit DType(at::ScalarType of) : type(of) {}
  const char* type_name() const override { return "numpy.dtype"; }
  std::string repr() const override {
    return std::string("dtype('") + array_dtype_name(type) + "')";
  }
  std::string str() const override { return array_dtype_name(type); }
  Value attribute(Interpreter& interpreter, const Text& name) override;
  bool has_operators() const override { return true; }
  Value compare(Interpreter&, ast::ComparisonOperator op, const Value& left,
                const Value& right) override;
  Value call(Interpreter& interpreter, const Arguments& arguments) override;
  const at::ScalarType type;
};

}  // namespace gradient_check::python
