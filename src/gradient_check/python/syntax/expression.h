#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "gradient_check/python/syntax/constant.h"
#include "gradient_check/python/syntax/node.h"
#include "gradient_check/python/syntax/operators.h"

/// The forms of expressions, one struct each, named as in Python's `ast`. `fields` ties what a form
/// is made of in the order of writing: children.h walks it. Spans beside children are for carets.
namespace gradient_check::python::ast {

struct Name {
  std::string id;
  static auto fields(auto& self) { return std::tie(self.id); }
};

struct Constant {
  ConstantValue value;
  static auto fields(auto& self) { return std::tie(self.value); }
};

/// One {…} of an f-string.
struct FormattedValue {
  ExpressionPtr value;
  char conversion = 0;        ///< 's', 'r', 'a', or 0
  ExpressionPtr format_spec;  ///< a JoinedStr, or null
  static auto fields(auto& self) { return std::tie(self.value, self.conversion, self.format_spec); }
};

/// An f-string: Constants and FormattedValues.
struct JoinedStr {
  std::vector<ExpressionPtr> values;
  static auto fields(auto& self) { return std::tie(self.values); }
};

struct Attribute {
  ExpressionPtr value;
  std::string attr;
  Span attr_span;
  static auto fields(auto& self) { return std::tie(self.value, self.attr); }
};

struct Subscript {
  ExpressionPtr value;
  ExpressionPtr slice;  ///< an expression, a Slice, or a Tuple of those
  static auto fields(auto& self) { return std::tie(self.value, self.slice); }
};

/// lower:upper:step, each maybe null. Only inside a Subscript.
struct Slice {
  ExpressionPtr lower, upper, step;
  static auto fields(auto& self) { return std::tie(self.lower, self.upper, self.step); }
};

struct Starred {
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.value); }
};

/// name=value among arguments, or **value (no arg).
struct Keyword : Node {
  std::optional<std::string> arg;
  Span arg_span;
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.arg, self.value); }
};

struct Call {
  ExpressionPtr func;
  std::vector<ExpressionPtr> args;  ///< Starred among them
  std::vector<Keyword> keywords;
  Span parentheses;  ///< from ( to )
  static auto fields(auto& self) { return std::tie(self.func, self.args, self.keywords); }
};

struct BinOp {
  ExpressionPtr left;
  BinaryOperator op{};
  ExpressionPtr right;
  Span op_span;
  static auto fields(auto& self) { return std::tie(self.left, self.op, self.right); }
};

struct UnaryOp {
  UnaryOperator op{};
  ExpressionPtr operand;
  Span op_span;
  static auto fields(auto& self) { return std::tie(self.op, self.operand); }
};

/// a and b and c: two values or more.
struct BoolOp {
  BooleanOperator op{};
  std::vector<ExpressionPtr> values;
  static auto fields(auto& self) { return std::tie(self.op, self.values); }
};

/// One link of a chain of comparisons.
struct Comparator {
  ComparisonOperator op{};
  Span op_span;
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.op, self.value); }
};

struct Compare {
  ExpressionPtr left;
  std::vector<Comparator> comparators;
  static auto fields(auto& self) { return std::tie(self.left, self.comparators); }
};

/// body if test else orelse
struct IfExp {
  ExpressionPtr body, test, orelse;
  static auto fields(auto& self) { return std::tie(self.body, self.test, self.orelse); }
};

enum class ParameterKind : std::uint8_t {
  positional_only,
  positional_or_keyword,
  var_positional,  ///< *args
  keyword_only,
  var_keyword  ///< **kwargs
};

struct Parameter : Node {
  std::string name;
  ParameterKind kind = ParameterKind::positional_or_keyword;
  ExpressionPtr annotation;     ///< or null
  ExpressionPtr default_value;  ///< or null
  static auto fields(auto& self) {
    return std::tie(self.name, self.kind, self.annotation, self.default_value);
  }
};

struct Lambda {
  std::vector<Parameter> parameters;
  ExpressionPtr body;
  static auto fields(auto& self) { return std::tie(self.parameters, self.body); }
};

struct Tuple {
  std::vector<ExpressionPtr> elts;
  static auto fields(auto& self) { return std::tie(self.elts); }
};

struct List {
  std::vector<ExpressionPtr> elts;
  static auto fields(auto& self) { return std::tie(self.elts); }
};

struct Set {
  std::vector<ExpressionPtr> elts;
  static auto fields(auto& self) { return std::tie(self.elts); }
};

/// key: value, or **value (key null).
struct DictItem {
  ExpressionPtr key, value;
  static auto fields(auto& self) { return std::tie(self.key, self.value); }
};

struct Dict {
  std::vector<DictItem> items;
  static auto fields(auto& self) { return std::tie(self.items); }
};

/// for target in iter if ifs[0] if ifs[1] …
struct Comprehension {
  ExpressionPtr target, iter;
  std::vector<ExpressionPtr> ifs;
  bool is_async = false;
  static auto fields(auto& self) {
    return std::tie(self.target, self.iter, self.ifs, self.is_async);
  }
};

struct ListComp {
  ExpressionPtr elt;
  std::vector<Comprehension> generators;
  static auto fields(auto& self) { return std::tie(self.elt, self.generators); }
};

struct SetComp {
  ExpressionPtr elt;
  std::vector<Comprehension> generators;
  static auto fields(auto& self) { return std::tie(self.elt, self.generators); }
};

struct DictComp {
  ExpressionPtr key, value;
  std::vector<Comprehension> generators;
  static auto fields(auto& self) { return std::tie(self.key, self.value, self.generators); }
};

/// Its span has the parentheses, a call's where it is the only argument.
struct GeneratorExp {
  ExpressionPtr elt;
  std::vector<Comprehension> generators;
  static auto fields(auto& self) { return std::tie(self.elt, self.generators); }
};

/// target := value
struct NamedExpr {
  ExpressionPtr target, value;
  Span op_span;
  static auto fields(auto& self) { return std::tie(self.target, self.value); }
};

struct Await {
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.value); }
};

struct Yield {
  ExpressionPtr value;  ///< or null
  static auto fields(auto& self) { return std::tie(self.value); }
};

struct YieldFrom {
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.value); }
};

using ExpressionForm =
    std::variant<Name, Constant, Attribute, Call, BinOp, UnaryOp, Compare, Subscript, Slice, Tuple,
                 List, Starred, BoolOp, IfExp, Dict, Set, JoinedStr, FormattedValue, Lambda,
                 ListComp, SetComp, DictComp, GeneratorExp, NamedExpr, Await, Yield, YieldFrom>;

/// In the order of ExpressionForm, for switches.
enum class ExpressionKind : std::uint8_t {
  Name,
  Constant,
  Attribute,
  Call,
  BinOp,
  UnaryOp,
  Compare,
  Subscript,
  Slice,
  Tuple,
  List,
  Starred,
  BoolOp,
  IfExp,
  Dict,
  Set,
  JoinedStr,
  FormattedValue,
  Lambda,
  ListComp,
  SetComp,
  DictComp,
  GeneratorExp,
  NamedExpr,
  Await,
  Yield,
  YieldFrom
};

struct Expression : Node {
  Span outer;                ///< with the parentheses around it, however many; else span
  std::uint16_t height = 1;  ///< of the tree below it, itself included; bounded by most_height
  ExpressionForm form;

  ExpressionKind kind() const { return static_cast<ExpressionKind>(form.index()); }
  bool is_parenthesized() const { return !(outer == span); }
  /// The form, or null if it is another one.
  template <typename Form>
  const Form* as() const {
    return std::get_if<Form>(&form);
  }
};

}  // namespace gradient_check::python::ast
