#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradient_check/subject/program/exploded.h"

namespace gradient_check {

/// Gives every part of an expression a name of its own. See ExplodedStatement.
class Exploder {
 public:
  Exploder(const std::string& text, const Environment& environment,
           const std::vector<FunctionSyntax>& functions)
      : text_(text), environment_(environment), functions_(functions) {}

  /// The expression in terms of `parts`, to which its own are added.
  std::string visit(const Expr& expr);

  std::vector<ExplodedPart> parts;

 private:
  /// What the variables of the function that is taken apart are called among the parts.
  using Scope = std::map<std::string, std::string>;

  // Expressions: in exploder.cpp.
  std::string text_of(const Expr& expr) const;
  /// As it is written, but for the names of variables.
  std::string raw(const Expr& expr) const { return renamed(text_of(expr)); }
  std::string renamed(const std::string& text) const;
  std::string part(const Expr& expr, std::string code);
  std::string part(std::string text, std::string code, bool is_inner = false);
  std::string use(const Expr& expr);
  std::string binary(const Expr& expr);
  bool is_variable(const Expr& expr) const;
  std::string call(const Expr& expr);
  std::string list(const Expr& expr);
  std::string subscript(const Expr& expr);

  // Calls of the program's own functions: in exploded_functions.cpp.
  /// The program's function that a call runs, where it can be taken apart: plain assignments, then
  /// one value returned.
  const FunctionSyntax* own_function(const Expr& call) const;
  /// The value of a call of one of the program's functions, by its statements.
  std::string inlined(const Expr& call, const FunctionSyntax& function);
  void assign(const Statement& statement, const FunctionSyntax& function, Scope& scope);
  /// What a function's variable is called: by its name, where its caller has none of that name.
  std::string local_name(const Expr& target, const FunctionSyntax& function) const;

  const std::string& text_;
  const Environment& environment_;
  const std::vector<FunctionSyntax>& functions_;
  const Scope* scope_ = nullptr;  ///< null in the statement itself
  int depth_ = 0;
};

}  // namespace gradient_check
