#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/subject/program/snippet.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// A part of an expression under a name of its own.
struct ExplodedPart {
  std::string temporary;
  std::string text;     ///< the part as the program writes it; for a use, the variable
  bool is_use = false;  ///< one occurrence of a variable, as a view of it
  std::string code;
};

/// A statement in which every part of the right side is a variable, so that autograd can be asked
/// for the adjoint of each, and for the share of each use of a variable.
struct ExplodedStatement {
  std::vector<ExplodedPart> parts;
  std::string result;    ///< the right side, in terms of the parts
  std::string assigned;  ///< "q, k, v = " or ""

  std::string body(const std::string& indent) const;
  /// `first`, then the parts.
  std::vector<std::string> outputs(std::vector<std::string> first) const;
};

/// nullopt where there is nothing to take apart.
std::optional<ExplodedStatement> explode(const Statement& statement, const std::string& text,
                                         const Environment& environment);
std::optional<ExplodedStatement> explode(const Expr& expression, const std::string& text,
                                         const Environment& environment);

}  // namespace gradient_check
