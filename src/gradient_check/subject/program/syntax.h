#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "gradient_check/python/syntax/node.h"

namespace gradient_check {

// A program's tree for those who look for mistakes in it: fewer forms than Python's, all of one
// type, with a node for every pair of parentheses. outline.h makes it of the parser's tree.

/// Characters [begin, end) of the program's text.
struct Span {
  std::size_t begin = 0, end = 0;
};

enum class ExprKind {
  name,
  number,
  string,
  literal,    ///< True, False, None
  attribute,  ///< children[0].text
  call,       ///< children[0](children[1], …)
  keyword,    ///< text=children[0], an argument of a call
  subscript,  ///< children[0][children[1], …]
  slice,      ///< children: start, stop, step, each maybe `absent`
  absent,
  unary,   ///< text children[0]
  binary,  ///< children[0] text children[1]; comparisons and and/or too
  ternary,
  tuple,  ///< without its parentheses
  list,
  dict,   ///< children: key, value, key, value, …
  paren,  ///< (children[0])
  starred,
  comprehension,  ///< children: element, target, iterable, condition…
  other           ///< children: whatever it is made of
};

struct Expr {
  ExprKind kind = ExprKind::absent;
  Span span;
  std::string text;  ///< the name, the literal, or the operator
  Span op;           ///< where the operator or the attribute's name stands
  std::vector<Expr> children;
  python::ast::NodeId id = python::ast::no_id;  ///< of the node that it was made of

  bool is(ExprKind wanted) const { return kind == wanted; }
};

enum class StatementKind {
  assign,    ///< targets = value; several targets for a = b = value
  augment,   ///< targets[0] op value
  annotate,  ///< targets[0]: annotation = value
  expression,
  result,  ///< return value
  condition,
  loop_for,  ///< for targets[0] in value
  loop_while,
  leave,  ///< break
  next,   ///< continue
  empty,  ///< pass, a docstring
  opaque  ///< anything else: with, assert, raise, nested def
};

struct Statement {
  StatementKind kind = StatementKind::opaque;
  Span span;  ///< all of it, without indentation or trailing newline
  std::size_t line = 0;
  python::ast::NodeId id = python::ast::no_id;
  std::string text;  ///< the operator of an augment: +=
  std::vector<Expr> targets;
  Expr value;
  std::vector<Statement> body, otherwise;
};

struct FunctionSyntax {
  std::string name;  ///< "Linear.backward" of a method
  Span span;
  std::vector<std::string> arguments;
  std::vector<Statement> body;
  const python::ast::Statement* first = nullptr;  ///< of the tree that `body` was made of

  bool is_method() const { return name.find('.') != std::string::npos; }
};

/// Text that is no Python, or a program that cannot be taken apart.
class SyntaxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The functions of a program, in order. Throws SyntaxError.
std::vector<FunctionSyntax> parse_functions(const std::string& text);

/// What stands inside an expression's parentheses.
const Expr& without_parens(const Expr& expression);
/// Whether an expression is a module: torch, F, math, torch.nn.functional, ….
bool is_module(const Expr& expression);
/// Names read or bound anywhere in an expression, each once, in order of appearance.
std::vector<std::string> names_in(const Expr& expression);
/// Names that a statement, with its body, reads or binds.
std::vector<std::string> names_in(const Statement& statement);
/// What a statement, with its body, assigns or may change, as written: its targets, and the
/// receivers and arguments of what works in place. Each has a variable at its root.
std::vector<const Expr*> places_written(const Statement& statement);
/// Names that a statement, with its body, assigns or may change: targets, subscripted targets, and
/// receivers of methods whose name ends in an underscore.
std::vector<std::string> names_written(const Statement& statement);

}  // namespace gradient_check
