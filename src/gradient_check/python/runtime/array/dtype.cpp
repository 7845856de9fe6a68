#include "gradient_check/python/runtime/array/dtype.h"

#include <algorithm>
#include <map>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {
namespace {

struct DTypeRow {
  at::ScalarType type;
  const char* name;
  const char* code;  ///< as in "<f8"
  int category, size;
};
constexpr DTypeRow dtype_rows[] = {
    {at::kBool, "bool", "b1", 0, 1},
    {at::kByte, "uint8", "u1", 1, 1},
    {at::kChar, "int8", "i1", 1, 1},
    {at::kShort, "int16", "i2", 1, 2},
    {at::kInt, "int32", "i4", 1, 4},
    {at::kLong, "int64", "i8", 1, 8},
    {at::kHalf, "float16", "f2", 2, 2},
    {at::kFloat, "float32", "f4", 2, 4},
    {at::kDouble, "float64", "f8", 2, 8},
    {at::kComplexFloat, "complex64", "c8", 3, 8},
    {at::kComplexDouble, "complex128", "c16", 3, 16},
};

const DTypeRow& dtype_row(at::ScalarType type) {
  for (const DTypeRow& row : dtype_rows)
    if (row.type == type) return row;
  type_error("torch's {} is no type of NumPy", c10::toString(type));
}

at::ScalarType promoted_integers(at::ScalarType left, at::ScalarType right) {
  if (left == at::kByte || right == at::kByte) {
    const at::ScalarType other = left == at::kByte ? right : left;
    return other == at::kByte ? at::kByte : other == at::kChar ? at::kShort : other;
  }
  return dtype_row(left).size >= dtype_row(right).size ? left : right;
}

/// The float that holds an integer type's values, as far as NumPy goes.
at::ScalarType float_for(at::ScalarType integer) {
  const int size = dtype_row(integer).size;
  return size == 1 ? at::kHalf : size == 2 ? at::kFloat : at::kDouble;
}

}  // namespace

const char* array_dtype_name(at::ScalarType type) { return dtype_row(type).name; }

std::optional<at::ScalarType> array_dtype_named(const std::string& name) {
  static const std::map<std::string, at::ScalarType> others{{"float", at::kDouble},
                                                            {"int", at::kLong},
                                                            {"bool_", at::kBool},
                                                            {"float_", at::kDouble},
                                                            {"int_", at::kLong},
                                                            {"d", at::kDouble},
                                                            {"f", at::kFloat},
                                                            {"i", at::kInt},
                                                            {"l", at::kLong},
                                                            {"?", at::kBool},
                                                            {"double", at::kDouble},
                                                            {"single", at::kFloat},
                                                            {"half", at::kHalf},
                                                            {"intc", at::kInt},
                                                            {"intp", at::kLong},
                                                            {"longlong", at::kLong},
                                                            {"e", at::kHalf},
                                                            {"B", at::kByte},
                                                            {"complex", at::kComplexDouble},
                                                            {"b", at::kChar},
                                                            {"ubyte", at::kByte},
                                                            {"complex_", at::kComplexDouble},
                                                            {"short", at::kShort},
                                                            {"byte", at::kChar},
                                                            {"long", at::kLong}};
  std::string plain = name;
  if (plain.starts_with('<') || plain.starts_with('=') || plain.starts_with('|')) plain.erase(0, 1);
  for (const DTypeRow& row : dtype_rows)
    if (plain == row.name || plain == row.code) return row.type;
  const auto found = others.find(plain);
  return found == others.end() ? std::nullopt : std::optional(found->second);
}

std::optional<at::ScalarType> to_array_dtype(const Value& value) {
  if (!value.is_set() || value.is_none()) return std::nullopt;
  if (const auto* dtype = dynamic_cast<const DType*>(value.get_if<Opaque>())) return dtype->type;
  if (const Text* text = value.get_if<Text>()) {
    if (const auto type = array_dtype_named(text->text)) return type;
    type_error("data type '{}' not understood", text->text);
  }
  if (const Class* type = value.get_if<Class>()) {
    if (type->instances == Kind::real) return at::kDouble;
    if (type->instances == Kind::integer) return at::kLong;
    if (type->instances == Kind::boolean) return at::kBool;
    if (type->instances == Kind::complex) return at::kComplexDouble;
    if (type->name.starts_with("numpy."))
      if (const auto named = array_dtype_named(type->name.substr(6))) return named;
    type_error("Cannot interpret '<class '{}'>' as a data type", type->name);
  }
  type_error("Cannot interpret '{}' as a data type",
             value.is(Kind::integer) ? std::to_string(value.as_integer()) : type_name(value));
}

Value dtype_value(at::ScalarType type) { return make<DType>(type); }

int category(at::ScalarType type) { return dtype_row(type).category; }

at::ScalarType float_beside(at::ScalarType type) {
  return category(type) < 2 ? float_for(type) : type;
}

at::ScalarType promoted(at::ScalarType left, at::ScalarType right) {
  if (left == right) return left;
  const int a = category(left), b = category(right);
  if (a == 1 && b == 1) return promoted_integers(left, right);
  if (a == 0) return right;
  if (b == 0) return left;
  if (a == 1) return promoted(float_for(left), right);
  if (b == 1) return promoted(left, float_for(right));
  if (a == b) return dtype_row(left).size >= dtype_row(right).size ? left : right;
  const bool is_double = left == at::kDouble || right == at::kDouble ||
                         left == at::kComplexDouble || right == at::kComplexDouble;
  return is_double ? at::kComplexDouble : at::kComplexFloat;
}

at::ScalarType result_dtype(const std::vector<PromotedOperand>& operands) {
  int of_arrays = -1, of_others = -1;
  for (const auto& operand : operands) {
    int& highest = operand.has_dimensions ? of_arrays : of_others;
    highest = std::max(highest, category(operand.type));
  }
  const bool arrays_decide = of_arrays >= 0 && of_arrays >= of_others;
  std::optional<at::ScalarType> result;
  for (const auto& operand : operands) {
    if (arrays_decide && !operand.has_dimensions) continue;
    result = result ? promoted(*result, operand.type) : operand.type;
  }
  return result.value_or(at::kDouble);
}

Value DType::attribute(Interpreter& interpreter, const Text& name) {
  const DTypeRow& row = dtype_row(type);
  if (name.text == "name") return Value::string(row.name);
  if (name.text == "itemsize") return Value::integer(row.size);
  if (name.text == "kind")
    return Value::string(type == at::kByte ? "u" : std::string(1, "bifc"[row.category]));
  if (name.text == "type")
    return interpreter.type(std::string("numpy.") + row.name + (type == at::kBool ? "_" : ""),
                            Kind::opaque);
  return {};
}

Value DType::compare(Interpreter&, ast::ComparisonOperator op, const Value& left,
                     const Value& right) {
  if (op != ast::ComparisonOperator::Eq && op != ast::ComparisonOperator::NotEq) return {};
  bool same = false;
  try {
    same = !left.is_none() && !right.is_none() && to_array_dtype(left) == to_array_dtype(right);
  } catch (const Raised&) {
    same = false;
  }
  return Value::boolean(same == (op == ast::ComparisonOperator::Eq));
}

Value DType::call(Interpreter&, const Arguments&) {
  type_error("'numpy.dtype[{}]' object is not callable", array_dtype_name(type));
}

}  // namespace gradient_check::python
