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
  bool is_inner = false;  ///< nothing the user wrote: an argument of a call taken apart, a tuple
};

/// A statement in which every part of the right side is a variable, so that autograd can be asked
/// for the adjoint of each, and for the share of each use of a variable. Calls of the program's own
/// functions are replaced by the function's statements, so that its variables are parts too.
struct ExplodedStatement {
  std::vector<ExplodedPart> parts;
  std::string result;    ///< the right side, in terms of the parts
  std::string assigned;  ///< "q, k, v = " or ""

  std::string body(const std::string& indent) const;
  /// `first`, then the parts.
  std::vector<std::string> outputs(std::vector<std::string> first) const;
};

/// nullopt where there is nothing to take apart. `functions`: the program's own, of which those
/// that run straight through to one return are taken apart where they are called.
std::optional<ExplodedStatement> explode(const Statement& statement, const std::string& text,
                                         const Environment& environment,
                                         const std::vector<FunctionSyntax>& functions);
std::optional<ExplodedStatement> explode(const Expr& expression, const std::string& text,
                                         const Environment& environment,
                                         const std::vector<FunctionSyntax>& functions);

}  // namespace gradient_check
