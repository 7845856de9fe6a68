#pragma once

#include <optional>

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/raised.h"
#include "gradient_check/python/syntax/operators.h"

namespace gradient_check::python {

class Interpreter;

/// A value that a module makes of its own: a torch function, a device, a context manager, an array.
/// It is used through these.
struct Opaque : Object {
  static constexpr Kind object_kind = Kind::opaque;
  Opaque() : Object(object_kind) {}
  virtual const char* type_name() const = 0;
  virtual std::string repr() const { return std::string("<") + type_name() + ">"; }
  virtual std::string str() const { return repr(); }
  virtual Value call(Interpreter&, const Arguments&) {
    type_error("'{}' object is not callable", type_name());
  }
  /// An attribute or method; unset if there is none.
  virtual Value attribute(Interpreter&, const Text&) { return {}; }
  /// Whether there is such an attribute to set.
  virtual bool set_attribute(Interpreter&, const Text&, const Value&) { return false; }
  virtual bool equals(const Value& other) const {
    return other.is_object() && other.as_object() == this;
  }
  virtual void enter(Interpreter&) {
    raise_text(ErrorKind::TypeError, std::string("'") + type_name() +
                                         "' object does not support the context manager protocol");
  }
  virtual void exit(Interpreter&) {}

  /// The Python number it stands for in float(), f"{x:.3f}" and the like; unset if for none.
  virtual Value number() const { return {}; }
  /// What it stands for where only an integer will do.
  virtual std::optional<std::int64_t> index() const { return std::nullopt; }
  virtual bool truth() const { return true; }

  /// Whether it stands for a value that is not here: see Unknown.
  virtual bool is_unknown() const { return false; }

  /// Whether it takes part in operators; then the following are asked, with this on either side.
  virtual bool has_operators() const { return false; }
  /// Unset where the other operand is nothing that it takes.
  virtual Value binary(Interpreter&, ast::BinaryOperator, const Value& /*left*/,
                       const Value& /*right*/, bool /*in_place*/) {
    return {};
  }
  virtual Value compare(Interpreter&, ast::ComparisonOperator, const Value& /*left*/,
                        const Value& /*right*/) {
    return {};
  }
  virtual Value unary(Interpreter&, ast::UnaryOperator) { return {}; }

  /// Whether it has a length and elements; then the following are asked.
  virtual bool is_sequence() const { return false; }
  virtual std::int64_t length() const { return 0; }
  /// Types give themselves: list[int], Optional[Tensor] say nothing here.
  virtual Value get_item(Interpreter&, const Value&) { return Value(this); }
  virtual void set_item(Interpreter&, const Value& /*index*/, const Value& /*value*/) {
    type_error("'{}' object does not support item assignment", type_name());
  }
};

/// The operand that is an Opaque with operators of its own, an unknown or else the left one first;
/// null if none is.
inline Opaque* operand_with_operators(const Value& left, const Value& right) {
  Opaque* found = nullptr;
  for (const Value* value : {&left, &right})
    if (Opaque* opaque = value->get_if<Opaque>(); opaque && opaque->has_operators())
      if (!found || opaque->is_unknown()) found = opaque;
  return found;
}

/// The Python number that an Opaque stands for; other values as they are.
inline Value plain_number(const Value& value) {
  const Opaque* opaque = value.get_if<Opaque>();
  Value number = opaque ? opaque->number() : Value();
  return number.is_set() ? number : value;
}

}  // namespace gradient_check::python
