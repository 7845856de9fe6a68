#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/diagnosis/blame/precedence.h"

namespace gradient_check {

/// Walks an expression and collects the edits of it. `least` is the strength that a replacement
/// needs to stand where the node stands without parentheses.
class Editor {
 public:
  explicit Editor(const EditContext& context) : context_(context) {}

  std::vector<Edit> run(const Expr& expression);

 private:
  // Bookkeeping, and what a node is replaced by: in editor.cpp.
  std::string spelled(const std::string& text) const;
  std::string raw(const Expr& expr) const;
  std::string raw(const Expr& expr, int least) const;
  void add(const Expr& node, int least, const std::string& replacement, int strength, Change change,
           double cost, std::string before = "", std::string after = "");
  void add_at(const Span& span, const std::string& replacement, Change change, double cost,
              std::string before, const std::string& after);
  /// Gives the edit added last a recipe.
  void use(Recipe recipe, const Expr& node, const std::string& operand);
  void visit(const Expr& expr, int least);
  /// A variable, or what an object or dictionary holds, under that name.
  void variable(const Expr& expr, const std::string& name, int least);
  bool holds_tensor(const std::string& name) const;
  bool interchangeable(const c10::IValue& a, const c10::IValue& b) const;
  void number(const Expr& expr);
  /// A variable read twice in `expr`, replaced in every place.
  void repeated_names(const Expr& expr);
  static void collect_uses(const Expr& expr, std::map<std::string, std::vector<Span>>& uses);

  // Operators: in operator_edits.cpp.
  void binary(const Expr& expr, int least);
  void sum_of_two(const Expr& expr, int least);
  void product_of_two(const Expr& expr, int least);
  void power_of(const Expr& expr, int least);
  void comparison(const Expr& expr);

  // Calls and subscripts: in call_edits.cpp.
  void call(const Expr& expr, int least);
  void argument(const Expr& expr, const std::string& function);
  /// The enclosing call with one piece replaced.
  std::string replaced(const Span& span, const std::string& piece) const;
  void subscript(const Expr& expr, int);
  void shift(const Expr& index);

  // What may be missing: in missing_parts.cpp.
  /// A term or a number, times a number yet to be found.
  void scaling(const Expr& expr);
  /// A value divided by its sum: a softmax without its denominator.
  void normalised(const Expr& expr);
  /// What stands between parentheses or as a whole.
  void group(const Expr& expr);
  void factors(const Expr& expr, int least);
  void numbers(const Expr& expr);
  /// Variables of a shape that a value of `shape` broadcasts to, dimension by dimension.
  std::vector<std::string> names_that_expand(const std::vector<std::int64_t>& shape) const;
  /// Factors of the wrong value's shape, and of the shape of what the piece itself is made of.
  const std::vector<std::string>& factors_for(const Expr& expr);
  /// The largest shape among the variables of an elementwise piece; that of the wrong value
  /// otherwise.
  std::vector<std::int64_t> shape_of(const Expr& expr) const;
  /// Terms that may be missing from a sum.
  void terms(const Expr& expr);

  const EditContext& context_;
  std::vector<Edit> edits_;
  std::vector<std::string> enclosing_, argument_of_;
  std::map<std::vector<std::int64_t>, std::vector<std::string>> factors_;  ///< by shape
  std::size_t terms_seen_ = 0, factors_seen_ = 0, reduced_ = 0;
};

}  // namespace gradient_check
