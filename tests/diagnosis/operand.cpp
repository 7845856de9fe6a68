#include "diagnosis/operand.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace gradient_check {
namespace {

using Kind = ExprKind;

const Expr& root_of(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(Kind::attribute)) at = &at->children[0];
  return *at;
}

bool is_comparison(const Expr& expression) {
  static const std::set<std::string> operators{"<", ">", "==", "!=", "<=", ">="};
  return expression.is(Kind::binary) && operators.count(expression.text);
}

Operand call_kind(const Expr& call) {
  const CallParts parts = call_parts(call);
  const Expr& callee = call.children[0];
  const bool is_math = callee.is(Kind::attribute) && root_of(callee).text == "math";
  if (is_math || parts.name == "size" || parts.name == "numel" || parts.name == "len")
    return Operand::number;
  if (parts.name == "float" && parts.operand) {
    const Expr* inner = parts.operand;
    while (inner->is(Kind::paren)) inner = &inner->children[0];
    if (is_comparison(*inner)) return Operand::mask;
  }
  return Operand::tensor;
}

}  // namespace

Operand operand_kind(const Expr& expression, const Shapes& visible, bool shapes_known) {
  switch (expression.kind) {
    case Kind::number:
      return Operand::number;
    case Kind::paren:
    case Kind::unary:
      return operand_kind(expression.children[0], visible, shapes_known);
    case Kind::name:
      return shapes_known && visible.count(expression.text) ? Operand::tensor : Operand::unknown;
    case Kind::call:
      return call_kind(expression);
    case Kind::binary: {
      if (is_comparison(expression)) return Operand::mask;
      const Operand left = operand_kind(expression.children[0], visible, shapes_known);
      const Operand right = operand_kind(expression.children[1], visible, shapes_known);
      if (left == right) return left;
      if (left == Operand::tensor || right == Operand::tensor) return Operand::tensor;
      return Operand::unknown;
    }
    default:
      return Operand::tensor;
  }
}

std::set<std::string> rules_of_missing(Operand operand) {
  switch (operand) {
    case Operand::tensor:
      return {"missing-factor"};
    case Operand::mask:
      return {"missing-factor", "wrong-elements"};
    default:  // 1/N that is missing is a sum where a mean belongs
      return {"wrong-scale", "missing-factor", "wrong-reduction"};
  }
}

std::set<std::string> rules_of_extra(Operand operand) {
  if (operand == Operand::tensor || operand == Operand::mask) return {"extra-factor"};
  return {"wrong-scale", "extra-factor", "wrong-reduction"};
}

bool is_guard(const Expr& expression) {
  if (expression.is(Kind::number)) return std::abs(std::atof(expression.text.c_str())) < 1e-3;
  return expression.is(Kind::name) &&
         std::all_of(expression.text.begin(), expression.text.end(),
                     [](unsigned char c) { return std::isupper(c) || c == '_'; });
}

CallParts call_parts(const Expr& call) {
  CallParts parts;
  const Expr& callee = call.children[0];
  parts.name = callee.text;
  std::size_t next = 1;
  if (callee.is(Kind::attribute) && !is_module(callee.children[0]))
    parts.operand = &callee.children[0];
  else if (call.children.size() > 1 && !call.children[1].is(Kind::keyword))
    parts.operand = &call.children[next++];
  for (; next < call.children.size(); ++next) {
    const Expr& argument = call.children[next];
    if (argument.is(Kind::keyword)) {
      if (argument.text == "dim") parts.dimension = &argument.children[0];
    } else {
      parts.others.push_back(&argument);
    }
  }
  if (!parts.dimension && !parts.others.empty()) parts.dimension = parts.others[0];
  return parts;
}

}  // namespace gradient_check
