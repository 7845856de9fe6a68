#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/subject/program/snippet.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// What a change of a statement does.
enum class Change {
  none,  ///< no change of the statement is known that would make it right
  sign,
  scale,
  reduction,
  transpose,
  operand,  ///< another variable, another element of a list
  missing_factor,
  extra_factor,
  missing_term,
  extra_term,
  comparison,
  operation,  ///< another operator or function
  swap,       ///< two gradients under each other's names
  guard       ///< an epsilon taken out
};

/// How an edit's effect is computed without compiling its text: from the value of `node`.
enum class Recipe { compile, replace, multiply, divide, add, subtract };

/// One change of a program's text.
struct Edit {
  Span span;                ///< what is replaced
  std::string replacement;  ///< what stands there instead
  Change change = Change::none;
  double cost = 0;          ///< the lower, the simpler an explanation
  std::string before;       ///< the piece that is wrong, as written
  std::string after;        ///< what is right in its place, or what is missing
  std::string within;       ///< the expression around the piece
  double factor = 1;        ///< of a scale: wrong = factor · right
  bool everywhere = false;  ///< changes what earlier iterations of a loop give as well
  bool is_scaling = false;  ///< the replacement holds `__k`, a number yet to be found
  Recipe recipe = Recipe::compile;
  Span node;            ///< of a recipe: the expression whose value changes
  std::string operand;  ///< of a recipe: what it is replaced, multiplied … by
};

/// What a statement sees.
struct EditContext {
  const std::string& text;
  const Environment& environment;
  at::IntArrayRef shape;                            ///< of the value that is wrong
  const std::vector<std::string>& unary_functions;  ///< the program's own
  const std::vector<std::string>& reductions;       ///< arguments of reductions: "-1, keepdim=True"
  /// The value of an expression; undefined where it has none. May be empty.
  std::function<at::Tensor(const std::string&)> evaluate = nullptr;
  bool arrays = false;       ///< the program is NumPy's
  bool other_shape = false;  ///< the value that is wrong has not the shape that it should have
};

/// Every single change of `expression` that people make by mistake, undone, the cheapest first. Any
/// of them may fail to compile or to run.
std::vector<Edit> edits_of(const Expr& expression, const EditContext& context);

/// Expressions that often stand as a factor of a value of that shape: variables that broadcast to
/// it, vectors along one of its dimensions, and of its own shape a·(1-a), 1-a·a, a > 0, and the
/// program's own functions of one argument.
std::vector<std::string> factors_in(const EditContext& context);

/// Variables of the given shape, in the environment's order.
std::vector<std::string> tensors_of_shape(const Environment& environment, at::IntArrayRef shape);

/// Whether a tensor of one shape broadcasts to the other without changing it.
bool broadcasts(at::IntArrayRef from, at::IntArrayRef to);

/// The edits that take `+ 1e-7` and the like out of an expression.
std::vector<Edit> guards_in(const Expr& expression, const std::string& text);

/// The text with the edits made. They must not overlap.
std::string edited(const std::string& text, std::vector<Edit> edits);

}  // namespace gradient_check
