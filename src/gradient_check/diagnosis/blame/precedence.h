#pragma once

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// How tightly a piece of text binds, as Python's precedence: sums, products, signs, powers, atoms.
enum Strength { any = 0, sum = 9, product = 10, sign = 11, power = 12, atom = 14 };

int strength_of(const Expr& expr);

}  // namespace gradient_check
