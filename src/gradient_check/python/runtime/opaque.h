#pragma once

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {

class Interpreter;

/// A value that a module makes of its own: a torch function, a device, a context manager. It is
/// used through these.
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
  virtual bool equals(const Value& other) const {
    return other.is_object() && other.as_object() == this;
  }
  virtual void enter(Interpreter&) {
    raise_text(ErrorKind::TypeError, std::string("'") + type_name() +
                                         "' object does not support the context manager protocol");
  }
  virtual void exit(Interpreter&) {}
};

}  // namespace gradient_check::python
