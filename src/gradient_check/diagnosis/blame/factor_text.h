#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/culprit.h"
#include "gradient_check/subject/program/snippet.h"

namespace gradient_check {

/// What a factor (wrong = factor · right) is made of: sizes and numbers of the program, their
/// inverses, roots and doubles. `first` are the variables to look at first: those of the statement.
FactorText explain_factor(double factor, const Environment& environment,
                          const std::vector<std::string>& first);

/// The environment with the program's module-level numbers, and its literals under their own text.
Environment with_constants(Environment environment, const std::string& program);

/// A number as a person would write it: 4, 0.5, 1/30, √2; six digits otherwise.
std::string factor_name(double factor);

}  // namespace gradient_check
