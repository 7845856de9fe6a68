#include "gradient_check/python/syntax/operators.h"

#include <array>

namespace gradient_check::python::ast {

std::string_view to_text(BinaryOperator op) {
  static constexpr std::array<std::string_view, 13> texts{"+",  "-",  "*", "@", "/", "%", "**",
                                                          "<<", ">>", "|", "^", "&", "//"};
  return texts[static_cast<std::size_t>(op)];
}

std::string_view to_text(UnaryOperator op) {
  static constexpr std::array<std::string_view, 4> texts{"~", "not", "+", "-"};
  return texts[static_cast<std::size_t>(op)];
}

std::string_view to_text(BooleanOperator op) { return op == BooleanOperator::And ? "and" : "or"; }

std::string_view to_text(ComparisonOperator op) {
  static constexpr std::array<std::string_view, 10> texts{"==", "!=", "<",      "<=", ">",
                                                          ">=", "is", "is not", "in", "not in"};
  return texts[static_cast<std::size_t>(op)];
}

}  // namespace gradient_check::python::ast
