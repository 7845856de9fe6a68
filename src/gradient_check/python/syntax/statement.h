#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "gradient_check/python/syntax/expression.h"
#include "gradient_check/python/syntax/pattern.h"

/// The forms of statements, named as in Python's `ast`; `async` ones have a flag instead of a form
/// of their own. See expression.h for `fields`.
namespace gradient_check::python::ast {

enum class TypeParameterKind : std::uint8_t { TypeVar, TypeVarTuple, ParamSpec };

/// T: bound, *Ts, **P of PEP 695.
struct TypeParameter : Node {
  TypeParameterKind kind = TypeParameterKind::TypeVar;
  std::string name;
  ExpressionPtr bound;  ///< or null
  static auto fields(auto& self) { return std::tie(self.kind, self.name, self.bound); }
};

struct FunctionDef {
  std::vector<ExpressionPtr> decorator_list;
  std::string name;
  Span name_span;
  std::vector<TypeParameter> type_params;
  std::vector<Parameter> parameters;
  ExpressionPtr returns;  ///< or null
  std::vector<StatementPtr> body;
  bool is_async = false;
  static auto fields(auto& self) {
    return std::tie(self.decorator_list, self.is_async, self.name, self.type_params,
                    self.parameters, self.returns, self.body);
  }
};

struct ClassDef {
  std::vector<ExpressionPtr> decorator_list;
  std::string name;
  Span name_span;
  std::vector<TypeParameter> type_params;
  std::vector<ExpressionPtr> bases;
  std::vector<Keyword> keywords;
  std::vector<StatementPtr> body;
  static auto fields(auto& self) {
    return std::tie(self.decorator_list, self.name, self.type_params, self.bases, self.keywords,
                    self.body);
  }
};

struct Return {
  ExpressionPtr value;  ///< or null
  static auto fields(auto& self) { return std::tie(self.value); }
};

struct Delete {
  std::vector<ExpressionPtr> targets;
  static auto fields(auto& self) { return std::tie(self.targets); }
};

/// targets[0] = targets[1] = value
struct Assign {
  std::vector<ExpressionPtr> targets;
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.targets, self.value); }
};

/// type name[type_params] = value
struct TypeAlias {
  ExpressionPtr name;
  std::vector<TypeParameter> type_params;
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.name, self.type_params, self.value); }
};

struct AugAssign {
  ExpressionPtr target;
  BinaryOperator op{};
  ExpressionPtr value;
  Span op_span;  ///< of "+="
  static auto fields(auto& self) { return std::tie(self.target, self.op, self.value); }
};

struct AnnAssign {
  ExpressionPtr target, annotation;
  ExpressionPtr value;  ///< or null
  static auto fields(auto& self) { return std::tie(self.target, self.annotation, self.value); }
};

struct For {
  ExpressionPtr target, iter;
  std::vector<StatementPtr> body, orelse;
  bool is_async = false;
  static auto fields(auto& self) {
    return std::tie(self.is_async, self.target, self.iter, self.body, self.orelse);
  }
};

struct While {
  ExpressionPtr test;
  std::vector<StatementPtr> body, orelse;
  static auto fields(auto& self) { return std::tie(self.test, self.body, self.orelse); }
};

/// `elif` is an If alone in orelse whose span begins at the word `elif`.
struct If {
  ExpressionPtr test;
  std::vector<StatementPtr> body, orelse;
  static auto fields(auto& self) { return std::tie(self.test, self.body, self.orelse); }
};

struct WithItem {
  ExpressionPtr context_expr;
  ExpressionPtr optional_vars;  ///< or null
  static auto fields(auto& self) { return std::tie(self.context_expr, self.optional_vars); }
};

struct With {
  std::vector<WithItem> items;
  std::vector<StatementPtr> body;
  bool is_async = false;
  static auto fields(auto& self) { return std::tie(self.is_async, self.items, self.body); }
};

struct MatchCase {
  PatternPtr pattern;
  ExpressionPtr guard;  ///< or null
  std::vector<StatementPtr> body;
  static auto fields(auto& self) { return std::tie(self.pattern, self.guard, self.body); }
};

struct Match {
  ExpressionPtr subject;
  std::vector<MatchCase> cases;
  static auto fields(auto& self) { return std::tie(self.subject, self.cases); }
};

struct Raise {
  ExpressionPtr exc, cause;  ///< each maybe null
  static auto fields(auto& self) { return std::tie(self.exc, self.cause); }
};

struct ExceptHandler : Node {
  ExpressionPtr type;  ///< or null
  std::optional<std::string> name;
  std::vector<StatementPtr> body;
  static auto fields(auto& self) { return std::tie(self.type, self.name, self.body); }
};

struct Try {
  std::vector<StatementPtr> body;
  std::vector<ExceptHandler> handlers;
  std::vector<StatementPtr> orelse, finalbody;
  bool is_star = false;  ///< except*
  static auto fields(auto& self) {
    return std::tie(self.is_star, self.body, self.handlers, self.orelse, self.finalbody);
  }
};

struct Assert {
  ExpressionPtr test;
  ExpressionPtr msg;  ///< or null
  static auto fields(auto& self) { return std::tie(self.test, self.msg); }
};

/// name as asname, of an import; name is "*" in `from m import *`.
struct Alias : Node {
  std::string name;
  std::optional<std::string> asname;
  static auto fields(auto& self) { return std::tie(self.name, self.asname); }
};

struct Import {
  std::vector<Alias> names;
  static auto fields(auto& self) { return std::tie(self.names); }
};

struct ImportFrom {
  std::optional<std::string> module;
  std::vector<Alias> names;
  int level = 0;  ///< dots before the module's name
  static auto fields(auto& self) { return std::tie(self.module, self.level, self.names); }
};

struct Global {
  std::vector<std::string> names;
  static auto fields(auto& self) { return std::tie(self.names); }
};

struct Nonlocal {
  std::vector<std::string> names;
  static auto fields(auto& self) { return std::tie(self.names); }
};

/// An expression as a statement.
struct Expr {
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.value); }
};

struct Pass {
  static auto fields(auto&) { return std::tie(); }
};
struct Break {
  static auto fields(auto&) { return std::tie(); }
};
struct Continue {
  static auto fields(auto&) { return std::tie(); }
};

/// Python 2's statement: print >>destination, values[0], values[1],
struct Print2 {
  ExpressionPtr destination;  ///< or null
  std::vector<ExpressionPtr> values;
  bool newline = true;  ///< false after a trailing comma
  static auto fields(auto& self) { return std::tie(self.destination, self.values, self.newline); }
};

/// Python 2's statement: exec body in globals, locals
struct Exec2 {
  ExpressionPtr body, globals, locals;  ///< the last two maybe null
  static auto fields(auto& self) { return std::tie(self.body, self.globals, self.locals); }
};

using StatementForm =
    std::variant<Expr, Assign, AugAssign, AnnAssign, For, While, If, With, FunctionDef, ClassDef,
                 Return, Delete, Raise, Try, Assert, Import, ImportFrom, Global, Nonlocal, Pass,
                 Break, Continue, Match, TypeAlias, Print2, Exec2>;

/// In the order of StatementForm, for switches.
enum class StatementKind : std::uint8_t {
  Expr,
  Assign,
  AugAssign,
  AnnAssign,
  For,
  While,
  If,
  With,
  FunctionDef,
  ClassDef,
  Return,
  Delete,
  Raise,
  Try,
  Assert,
  Import,
  ImportFrom,
  Global,
  Nonlocal,
  Pass,
  Break,
  Continue,
  Match,
  TypeAlias,
  Print2,
  Exec2
};

struct Statement : Node {
  std::uint16_t height = 1;  ///< as an Expression's
  StatementForm form;

  StatementKind kind() const { return static_cast<StatementKind>(form.index()); }
  template <typename Form>
  const Form* as() const {
    return std::get_if<Form>(&form);
  }
};

}  // namespace gradient_check::python::ast
