#pragma once

#include <set>
#include <string>
#include <vector>

#include "diagnosis/mutations.h"

namespace gradient_check {

/// What an operand of a product is. `unknown` may be either; `mask` is a comparison.
enum class Operand { number, tensor, mask, unknown };

Operand operand_kind(const Expr& expression, const Shapes& visible, bool shapes_known);

/// The rules that say such a factor is missing, and that it stands there once too often.
std::set<std::string> rules_of_missing(Operand operand);
std::set<std::string> rules_of_extra(Operand operand);

/// Whether it keeps something from 0: 1e-7, EPS.
bool is_guard(const Expr& expression);

/// A call taken apart: x.sum(0), torch.sum(x, 0), helper(x, y).
struct CallParts {
  std::string name;                 ///< sum
  const Expr* operand = nullptr;    ///< x: the receiver or the first argument
  std::vector<const Expr*> others;  ///< the other arguments, without their keywords
  const Expr* dimension = nullptr;  ///< the first of the others, or the one called dim
};
CallParts call_parts(const Expr& call);

}  // namespace gradient_check
